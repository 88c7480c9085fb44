use hognose_compiler::*;
fn main() {
    let text = std::fs::read_to_string("/tmp/h1_src.txt").unwrap();
    for s in text.split('\u{1e}') {
        let (m, s) = s.split_at(1);
        let mode = if m == "e" { Mode::Eval } else { Mode::Module };
        let o = Options { filename: "<s>".into(), mode, ..Options::default() };
        match compile(s, &o) {
            Ok(_) => print!("fine"),
            Err(e) => print!("{}\u{1f}{}\u{1f}({}, {}, {}, {})\u{1f}{}", match e.kind { ErrorKind::Indentation => "IndentationError", ErrorKind::Tab => "TabError", _ => "SyntaxError" }, e.message, e.line, e.col, e.end_line, e.end_col, e.text.map_or("None".into(), |t| format!("S{t}"))),
        }
        print!("\u{1e}");
    }
}
