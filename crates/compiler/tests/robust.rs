//! Deep, large and damaged sources give code or an error, never a panic or an overflow.

use hognose_bytecode::{Code, Const};
use hognose_compiler::{CompileError, Mode, Options, compile};
use std::rc::Rc;

fn run(source: &str) -> Result<Rc<Code>, CompileError> {
    let result = compile(source, &Options::default());
    if let Ok(code) = &result {
        check(code);
    }
    result
}

fn check(code: &Code) {
    code.verify().expect("valid");
    code.verify_temporaries().expect("temporaries");
    code.verify_bound().expect("bound");
    for c in &code.consts {
        if let Const::Code(inner) = c {
            check(inner);
        }
    }
}

#[test]
fn deep_sources() {
    let deep = [
        format!("x = {}1", "a + ".repeat(19_000)),
        format!("x = {}1", "a ** ".repeat(19_000)),
        format!("x = {}1", "not ".repeat(19_000)),
        format!("x = {}1", "-".repeat(19_000)),
        format!("x = a{}", ".b".repeat(19_000)),
        format!("x = a{}", "()".repeat(9_000)),
        format!("x = a{}", "[0]".repeat(9_000)),
        format!("x = {}1", "lambda: ".repeat(200)),
        format!("x = {}1{}", "(".repeat(190), ")".repeat(190)),
        format!("x = {}1{}", "[".repeat(190), "]".repeat(190)),
        format!("x = {}1{}", "(".repeat(5000), ")".repeat(5000)),
        format!("x = {}1", "a if b else ".repeat(5_000)),
        format!("x = {}1", "a and ".repeat(19_000)),
        format!("x = {}1", "a < ".repeat(19_000)),
        format!("x = {}1", "a == b or ".repeat(7_000)),
        format!("if a: pass\n{}", "elif b: x = 1\n".repeat(3_000)),
        format!("x = {}1", "a = ".repeat(3_000)),
        format!(
            "{}pass",
            (0..99).map(|i| format!("{}if a:\n", " ".repeat(i))).collect::<String>() + &" ".repeat(99)
        ),
        (0..95).map(|i| format!("{}def f():\n", " ".repeat(i))).collect::<String>()
            + &" ".repeat(95)
            + "return x",
        (0..60).map(|i| format!("{}class f:\n", " ".repeat(i))).collect::<String>()
            + &" ".repeat(60)
            + "x = 1",
        (0..30).map(|i| format!("{}while a:\n", " ".repeat(i))).collect::<String>()
            + &" ".repeat(30)
            + "x = 1",
        format!("x = {}1", "yield ".repeat(19_000)),
        format!("x = {}1", "await ".repeat(19_000)),
        format!("x = {}1", "*".repeat(19_000)),
        format!("x: {}int", "list | ".repeat(9_000)),
        format!("match a:\n case {}1: pass", "1 | ".repeat(5_000)),
        "f'{".repeat(100),
        "f'{f\"{".repeat(40),
    ];
    for source in &deep {
        let _ = run(source);
    }
}

#[test]
fn large_sources() {
    let names = (0..70_000).map(|i| format!("a{i} = {i}\n")).collect::<String>();
    assert!(run(&names).is_ok());
    let locals = (0..70_000).map(|i| format!(" a{i} = {i}\n")).collect::<String>();
    assert!(run(&format!("def f():\n{locals}")).is_err());
    assert!(run(&format!("x = [{}]", "a, ".repeat(100_000))).is_ok());
    assert!(run(&format!("x = ({})", "a, ".repeat(100_000))).is_ok());
    assert!(run(&format!("x = {{{}}}", "a: b, ".repeat(100_000))).is_ok());
    assert!(run(&format!("x = f({})", "a, ".repeat(2_000))).is_ok());
    assert!(run(&format!("x = f({})", (0..2_000).map(|i| format!("k{i}=1,")).collect::<String>())).is_ok());
    assert!(run(&format!("x = f'{}'", "{a}-".repeat(5_000))).is_ok());
    let many = "a, ".repeat(40_000);
    let names = (0..1_200).map(|i| format!("a{i}, ")).collect::<String>();
    let deep = format!("{}{many}{}", "f(a, [".repeat(90), "])".repeat(90));
    for source in [
        format!("{many} = x"),
        format!("{many}{many} = x"),
        format!("x = [x for {many} in y], [x for {many} in y]"),
        format!("match x:\n case [{names}]: pass\n case A({names}): pass"),
        format!("match x:\n case A({names}): pass"),
        format!("def f({names}): pass"),
        format!("def f[{names}](): pass"),
        format!("def f(*, {}): pass", names.replace(',', "=x,")),
        format!("class f({names}): pass"),
        format!("lambda {}: 1", names.replace(',', "=x,").trim_end_matches([',', ' '])),
        format!("f({deep})"),
        format!("del {many}"),
        format!("global {}", names.trim_end_matches([',', ' '])),
        format!("from a import ({names})"),
        format!("with ({}): pass", names),
    ] {
        let _ = run(&source);
    }
    assert!(run(&"x = 1\n".repeat(200_000)).is_ok());
}

#[test]
fn wide_jumps() {
    let body = "  x = x + f(x) if x < 3 else g(y)\n".repeat(9_000);
    let source = format!(
        "def f(x, y):\n while x < y:\n{body} for i in x:\n{body} for i.j in x:\n{body} \
         if x is None or y in x and not x == 3:\n{body} return [i for i in x if i > 3]\n\
         async def g(x):\n async for i in x:\n{body}"
    );
    run(&source).expect("compiles in wide form");
}

#[test]
fn damaged_sources() {
    let text = include_str!("samples/everything.py");
    let mut seed = 12345u64;
    let mut random = |n: usize| {
        seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (seed >> 33) as usize % n.max(1)
    };
    let lines: Vec<&str> = text.lines().collect();
    for _ in 0..3_000 {
        let mut copy: Vec<String> = lines.iter().map(|s| s.to_string()).collect();
        for _ in 0..=random(3) {
            let i = random(copy.len());
            match random(4) {
                0 => drop(copy.remove(i)),
                1 => copy.insert(i, lines[random(lines.len())].to_string()),
                2 => copy[i] = copy[i].chars().rev().collect(),
                _ => {
                    let cut = random(copy[i].chars().count());
                    copy[i] = copy[i].chars().take(cut).collect();
                }
            }
        }
        let _ = run(&copy.join("\n"));
    }
    for line in &lines {
        for mode in [Mode::Eval, Mode::Single] {
            let _ = compile(line.trim(), &Options { mode, namespace: true, ..Options::default() });
        }
    }
}
