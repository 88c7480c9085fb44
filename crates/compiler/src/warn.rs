//! SyntaxWarnings: code that compiles and is probably wrong.
//!
//! ```text
//! AST ─► text (escapes, numbers) + flow (leaving finally) + use (literals called, compared …) ─► [CompileWarning]
//! ```
//! Invariant: warnings never change the code; they come in the order in which the reference's passes find them.

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{
    BytesLiteral, CmpOp, Expr, ExprContext, FString, InterpolatedStringElement, Number, Stmt, StringLiteral,
};
use ruff_text_size::{Ranged, TextRange};

/// A SyntaxWarning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompileWarning {
    /// Its text.
    pub message: String,
    /// Line, from 1.
    pub line: u32,
    /// The line itself without the space around it; none for source that is not from a file.
    pub text: Option<String>,
}

/// Finds the warnings of a module or expression.
pub(crate) struct Warner<'a> {
    source: &'a str,
    from_file: bool,
    escapes: bool,
    in_finally: bool,
    in_loop: bool,
    text: Vec<CompileWarning>,
    flow: Vec<CompileWarning>,
    usage: Vec<CompileWarning>,
}

impl<'a> Warner<'a> {
    pub(crate) fn new(source: &'a str, filename: &str) -> Warner<'a> {
        Warner {
            source,
            from_file: !filename.starts_with('<'),
            escapes: source.contains('\\'),
            in_finally: false,
            in_loop: false,
            text: Vec::new(),
            flow: Vec::new(),
            usage: Vec::new(),
        }
    }

    pub(crate) fn body(mut self, body: &'a [Stmt]) -> Vec<CompileWarning> {
        self.visit_body(body);
        self.finish()
    }

    pub(crate) fn expression(mut self, e: &'a Expr) -> Vec<CompileWarning> {
        self.visit_expr(e);
        self.finish()
    }

    fn finish(mut self) -> Vec<CompileWarning> {
        self.text.append(&mut self.flow);
        self.text.append(&mut self.usage);
        self.text
    }

    fn make(&self, message: String, at: usize) -> CompileWarning {
        let (line, _, text) = crate::error::place(self.source, u32::try_from(at).unwrap_or(0).into());
        CompileWarning { message, line, text: self.from_file.then(|| text.trim().to_string()) }
    }

    fn misuse(&mut self, message: String, range: TextRange) {
        let w = self.make(message, range.start().to_usize());
        self.usage.push(w);
    }

    fn leaves_finally(&mut self, word: &str, range: TextRange) {
        let w = self.make(format!("'{word}' in a 'finally' block"), range.start().to_usize());
        self.flow.push(w);
    }

    /// Visits with another state of the flow.
    fn within(&mut self, in_finally: bool, in_loop: bool, visit: impl FnOnce(&mut Self)) {
        let before = (self.in_finally, self.in_loop);
        (self.in_finally, self.in_loop) = (in_finally, in_loop);
        visit(self);
        (self.in_finally, self.in_loop) = before;
    }

    /// The first escape of a literal that means nothing.
    fn escape(&mut self, range: TextRange, prefix: usize, bytes: bool) {
        let start = range.start().to_usize() + prefix;
        let Some(text) = self.source.get(start..range.end().to_usize()) else { return };
        let b = text.as_bytes();
        let mut i = 0;
        while let Some(n) = b[i..].iter().position(|&c| c == b'\\') {
            i += n + 1;
            let Some(&c) = b.get(i) else { return };
            let octal = b.get(i..i + 3).filter(|d| c >= b'4' && d.iter().all(|d| matches!(d, b'0'..=b'7')));
            let wrong = match c {
                b'0'..=b'7' => octal.is_some(),
                b'N' | b'u' | b'U' => bytes,
                b'\n' | b'\r' | b'\\' | b'\'' | b'"' | b'a' | b'b' | b'f' | b'n' | b'r' | b't' | b'v'
                | b'x' => false,
                _ => c.is_ascii(),
            };
            if wrong {
                let end = if octal.is_some() { i + 3 } else { i + 1 };
                let (shown, kind) = (&text[i..end], if octal.is_some() { "octal " } else { "" });
                let message = format!(
                    "\"\\{shown}\" is an invalid {kind}escape sequence. Such sequences will not work in the future. \
                     Did you mean \"\\\\{shown}\"? A raw string is also an option."
                );
                let w = self.make(message, start + i);
                self.text.push(w);
                return;
            }
            i += 1;
        }
    }

    fn number(&mut self, range: TextRange, value: &Number) {
        let end = range.end().to_usize();
        if !self.source.as_bytes().get(end).is_some_and(u8::is_ascii_alphabetic) {
            return;
        }
        let text = self.source.get(range.start().to_usize()..end).unwrap_or("").to_ascii_lowercase();
        let kind = match text.get(..2) {
            _ if matches!(value, Number::Complex { .. }) => "imaginary",
            Some("0x") => "hexadecimal",
            Some("0o") => "octal",
            Some("0b") => "binary",
            _ => "decimal",
        };
        let w = self.make(format!("invalid {kind} literal"), end);
        self.text.push(w);
    }

    fn subscript(&mut self, value: &Expr, index: &Expr, range: TextRange) {
        let Some(of) = type_name(value) else { return };
        match value {
            Expr::Dict(_) | Expr::DictComp(_) => {}
            Expr::StringLiteral(_)
            | Expr::BytesLiteral(_)
            | Expr::FString(_)
            | Expr::Tuple(_)
            | Expr::List(_)
            | Expr::ListComp(_) => {
                let wrong = type_name(index).filter(|i| !matches!(*i, "int" | "bool"));
                if let Some(i) = wrong {
                    let rest = "perhaps you missed a comma?";
                    self.misuse(format!("{of} indices must be integers or slices, not {i}; {rest}"), range);
                }
            }
            _ => {
                let message = format!("'{of}' object is not subscriptable; perhaps you missed a comma?");
                self.misuse(message, value.range());
            }
        }
    }

    fn comparison(&mut self, left: &Expr, ops: &[CmpOp], rights: &[Expr], range: TextRange) {
        let mut left = left;
        for (op, right) in ops.iter().zip(rights) {
            if matches!(op, CmpOp::Is | CmpOp::IsNot)
                && let Some(literal) = [left, right].into_iter().find(|e| is_value(e))
                && let Some(name) = type_name(literal)
            {
                let (word, better) = if *op == CmpOp::Is { ("is", "==") } else { ("is not", "!=") };
                let message = format!("\"{word}\" with '{name}' literal. Did you mean \"{better}\"?");
                self.misuse(message, range);
            }
            left = right;
        }
    }
}

impl<'a> Visitor<'a> for Warner<'a> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::FunctionDef(_) | Stmt::ClassDef(_) => {
                self.within(false, false, |w| visitor::walk_stmt(w, stmt));
                return;
            }
            Stmt::Try(t) => {
                self.visit_body(&t.body);
                t.handlers.iter().for_each(|h| self.visit_except_handler(h));
                self.visit_body(&t.orelse);
                let inside = self.in_finally || !t.finalbody.is_empty();
                let in_loop = self.in_loop && t.finalbody.is_empty();
                self.within(inside, in_loop, |w| w.visit_body(&t.finalbody));
                return;
            }
            Stmt::For(f) => {
                self.visit_expr(&f.iter);
                self.visit_expr(&f.target);
                self.within(self.in_finally, true, |w| w.visit_body(&f.body));
                self.visit_body(&f.orelse);
                return;
            }
            Stmt::While(l) => {
                self.visit_expr(&l.test);
                self.within(self.in_finally, true, |w| w.visit_body(&l.body));
                self.visit_body(&l.orelse);
                return;
            }
            Stmt::Return(r) if self.in_finally => self.leaves_finally("return", r.range),
            Stmt::Break(b) if self.in_finally && !self.in_loop => self.leaves_finally("break", b.range),
            Stmt::Continue(c) if self.in_finally && !self.in_loop => self.leaves_finally("continue", c.range),
            Stmt::Assert(a) if a.test.as_tuple_expr().is_some_and(|t| !t.elts.is_empty()) => {
                self.misuse("assertion is always true, perhaps remove parentheses?".into(), a.range);
            }
            _ => {}
        }
        visitor::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, e: &'a Expr) {
        match e {
            Expr::Name(_) | Expr::NoneLiteral(_) | Expr::BooleanLiteral(_) | Expr::EllipsisLiteral(_) => {
                return;
            }
            Expr::NumberLiteral(n) => return self.number(n.range, &n.value),
            Expr::Compare(c) => self.comparison(&c.left, &c.ops, &c.comparators, c.range),
            Expr::Call(c) => {
                let called = type_name(&c.func).filter(|n| *n != "function");
                if let Some(name) = called {
                    let message = format!("'{name}' object is not callable; perhaps you missed a comma?");
                    self.misuse(message, c.func.range());
                }
            }
            Expr::Subscript(s) if s.ctx == ExprContext::Load => self.subscript(&s.value, &s.slice, s.range),
            _ => {}
        }
        visitor::walk_expr(self, e);
    }

    fn visit_string_literal(&mut self, s: &'a StringLiteral) {
        if self.escapes && !s.flags.prefix().is_raw() {
            self.escape(s.range, 0, false);
        }
    }

    fn visit_bytes_literal(&mut self, s: &'a BytesLiteral) {
        if self.escapes && !s.flags.prefix().is_raw() {
            self.escape(s.range, 1, true);
        }
    }

    fn visit_f_string(&mut self, f: &'a FString) {
        if self.escapes && !f.flags.prefix().is_raw() {
            for part in &f.elements {
                if let InterpolatedStringElement::Literal(l) = part {
                    self.escape(l.range, 0, false);
                }
            }
        }
        visitor::walk_f_string(self, f);
    }
}

/// Type of a literal or display.
fn type_name(e: &Expr) -> Option<&'static str> {
    Some(match e {
        Expr::Tuple(_) => "tuple",
        Expr::List(_) | Expr::ListComp(_) => "list",
        Expr::Dict(_) | Expr::DictComp(_) => "dict",
        Expr::Set(_) | Expr::SetComp(_) => "set",
        Expr::Generator(_) => "generator",
        Expr::Lambda(_) => "function",
        Expr::TString(_) => "string.templatelib.Template",
        Expr::FString(_) | Expr::StringLiteral(_) => "str",
        Expr::BytesLiteral(_) => "bytes",
        Expr::NoneLiteral(_) => "NoneType",
        Expr::BooleanLiteral(_) => "bool",
        Expr::EllipsisLiteral(_) => "ellipsis",
        Expr::NumberLiteral(n) => match n.value {
            Number::Int(_) => "int",
            Number::Float(_) => "float",
            Number::Complex { .. } => "complex",
        },
        _ => return None,
    })
}

/// A constant whose identity says nothing.
fn is_value(e: &Expr) -> bool {
    match e {
        Expr::NumberLiteral(_) | Expr::StringLiteral(_) | Expr::BytesLiteral(_) => true,
        Expr::Tuple(t) => t.elts.iter().all(|e| is_value(e) || e.is_literal_expr()),
        _ => false,
    }
}
