//! Shows the code of a source file: `dis FILE`, or the error.

use hognose_bytecode::{Code, Const, disassemble};
use hognose_compiler::{Options, compile};

fn show(code: &Code) {
    print!("{}", disassemble(code));
    if let Err(e) = code.verify() {
        println!("  INVALID {e}");
    }
    for c in &code.consts {
        if let Const::Code(inner) = c {
            println!();
            show(inner);
        }
    }
}

fn main() {
    let Some(path) = std::env::args().nth(1) else { return };
    let Ok(source) = std::fs::read_to_string(&path) else { return };
    match compile(&source, &Options { filename: path, ..Options::default() }) {
        Ok(code) => show(&code),
        Err(e) => println!("{:?} {:?} {} {} {} {}", e.kind, e.message, e.line, e.col, e.end_line, e.end_col),
    }
}
