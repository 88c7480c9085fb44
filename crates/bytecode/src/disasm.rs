//! Text of a code object, one line an instruction: `  pc  line  Name  operands`.

use crate::code::{Code, Const};
use crate::opcodes::Op;
use std::fmt::Write;

/// The instructions of `code` as text, registers as `x` (a local's name) or `t0` (a temporary).
pub fn disassemble(code: &Code) -> String {
    let mut out = format!("{} ({} locals, {} registers)\n", code.qualname, code.nlocals, code.nregs);
    let mut last_line = 0;
    for pc in code.starts() {
        let line = code.position_at(pc as u32).line;
        let shown = if line == last_line { String::new() } else { line.to_string() };
        last_line = line;
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{pc:5} {shown:>5}  {}", instruction(code, pc));
    }
    for h in &code.handlers {
        let _ = writeln!(out, "  handler {}..{} -> {} depth {}", h.start, h.end, h.target, h.depth);
    }
    out
}

fn instruction(code: &Code, pc: usize) -> String {
    let insn = code.insns[pc];
    let Some(op) = Op::from_u16(insn.op) else { return format!("? {insn:?}") };
    let info = op.info();
    let next = (pc + 1 + info.caches) as i64;
    let mut out = format!("{:18}", info.name);
    let mut letters = info.operands.chars();
    for field in [insn.a, insn.b, insn.c] {
        let text = match letters.next() {
            Some('W' | 'L' | 'R' | 'K' | 'B') => register(code, field),
            Some('N') => name(code, i64::from(field)),
            Some('C') => constant(code, i64::from(field)),
            Some('I') => (field as i16).to_string(),
            Some('U') => field.to_string(),
            Some('J') => format!("-> {}", next + i64::from(field as i16)),
            Some('X') => {
                let bc = i64::from(insn.bc());
                let text = match letters.next() {
                    Some('N') => name(code, bc),
                    Some('C') => constant(code, bc),
                    Some('J') => format!("-> {}", next + bc),
                    _ => bc.to_string(),
                };
                let _ = write!(out, " {text}");
                break;
            }
            _ => continue,
        };
        let _ = write!(out, " {text}");
    }
    out.trim_end().to_string()
}

fn register(code: &Code, r: u16) -> String {
    match code.varnames.get(usize::from(r)) {
        Some(name) => name.to_string(),
        None => format!("t{}", i32::from(r) - i32::from(code.nlocals)),
    }
}

fn name(code: &Code, n: i64) -> String {
    code.names.get(n as usize).map_or_else(|| format!("name {n}?"), |s| format!("'{s}'"))
}

fn constant(code: &Code, n: i64) -> String {
    code.consts.get(n as usize).map_or_else(|| format!("const {n}?"), shown)
}

/// A constant about as Python writes it.
fn shown(c: &Const) -> String {
    let list = |v: &[Const]| v.iter().map(shown).collect::<Vec<_>>().join(", ");
    match c {
        Const::None => "None".into(),
        Const::Bool(b) => if *b { "True" } else { "False" }.into(),
        Const::Ellipsis => "...".into(),
        Const::Int(i) => i.to_string(),
        Const::BigInt(s) => s.clone(),
        Const::Float(f) => format!("{f:?}"),
        Const::Complex(a, b) => format!("{a:?}+{b:?}j"),
        Const::Str(s) => format!("{:?}", String::from_utf8_lossy(s)),
        Const::Bytes(s) => format!("b{:?}", String::from_utf8_lossy(s)),
        Const::Tuple(v) => format!("({})", list(v)),
        Const::FrozenSet(v) => format!("frozenset({})", list(v)),
        Const::Code(c) => format!("<code {}>", c.qualname),
    }
}
