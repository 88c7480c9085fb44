//! Disassembly as a reader sees it: `golden/NAME.py` gives `golden/NAME.txt`. `UPDATE_GOLDEN=1` writes the texts anew.

use hognose_bytecode::{Code, Const, disassemble};
use hognose_compiler::{Options, compile};
use std::path::Path;

fn show(code: &Code, out: &mut String) {
    out.push_str(&disassemble(code));
    for c in &code.consts {
        if let Const::Code(inner) = c {
            out.push('\n');
            show(inner, out);
        }
    }
}

#[test]
fn disassembly_matches() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let update = std::env::var("UPDATE_GOLDEN").is_ok();
    let mut wrong = Vec::new();
    for entry in std::fs::read_dir(&dir).expect("the folder of golden files").flatten() {
        let path = entry.path();
        if path.extension().is_none_or(|x| x != "py") {
            continue;
        }
        let source = std::fs::read_to_string(&path).expect("a source");
        let options = Options { filename: "golden.py".into(), ..Options::default() };
        let code = compile(&source, &options).expect("compiles");
        let mut text = String::new();
        show(&code, &mut text);
        let golden = path.with_extension("txt");
        if update {
            std::fs::write(&golden, &text).expect("writes the golden file");
        } else if std::fs::read_to_string(&golden).unwrap_or_default() != text {
            wrong.push(format!("{}:\n{text}", golden.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
