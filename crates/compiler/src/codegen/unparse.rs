//! Text of annotations under `from __future__ import annotations`, in the form CPython gives it.
//!
//! The common forms are written out; anything else is the source text.

use ruff_python_ast::{Expr, Operator};
use ruff_text_size::Ranged;
use std::fmt::Write;

/// An annotation as text.
pub(super) fn expression(source: &str, e: &Expr) -> String {
    let mut out = String::new();
    write(source, e, &mut out, false);
    out
}

fn list(source: &str, elts: &[Expr], out: &mut String) {
    for (i, e) in elts.iter().enumerate() {
        if i > 0 {
            out.push_str(", ");
        }
        write(source, e, out, false);
    }
}

/// A string literal as `repr` shows it.
fn quoted(s: &str, out: &mut String) {
    let quote = if s.contains('\'') && !s.contains('"') { '"' } else { '\'' };
    out.push(quote);
    for c in s.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\\' => out.push_str("\\\\"),
            c if c == quote => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_control() => {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\x{:02x}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push(quote);
}

fn write(source: &str, e: &Expr, out: &mut String, operand: bool) {
    match e {
        Expr::Name(n) => out.push_str(&n.id),
        Expr::Attribute(a) => {
            write(source, &a.value, out, true);
            out.push('.');
            out.push_str(&a.attr);
        }
        Expr::Subscript(s) => {
            write(source, &s.value, out, true);
            out.push('[');
            match &*s.slice {
                Expr::Tuple(t) if t.elts.len() > 1 => list(source, &t.elts, out),
                other => write(source, other, out, false),
            }
            out.push(']');
        }
        Expr::StringLiteral(s) => quoted(s.value.to_str(), out),
        Expr::NoneLiteral(_) => out.push_str("None"),
        Expr::EllipsisLiteral(_) => out.push_str("..."),
        Expr::BooleanLiteral(b) => out.push_str(if b.value { "True" } else { "False" }),
        Expr::List(l) => {
            out.push('[');
            list(source, &l.elts, out);
            out.push(']');
        }
        Expr::Tuple(t) => {
            out.push('(');
            list(source, &t.elts, out);
            out.push_str(if t.elts.len() == 1 { ",)" } else { ")" });
        }
        Expr::Starred(s) => {
            out.push('*');
            write(source, &s.value, out, true);
        }
        Expr::BinOp(b) if b.op == Operator::BitOr => {
            if operand {
                out.push('(');
            }
            write(source, &b.left, out, false);
            out.push_str(" | ");
            write(source, &b.right, out, true);
            if operand {
                out.push(')');
            }
        }
        other => out.push_str(source.get(other.range().to_std_range()).unwrap_or("")),
    }
}
