//! Writing strings: escapes, f-strings and t-strings.

use super::{Res, Writer, field, node_of};
use crate::tree::{Node, Tree};
use hognose_bytecode::Const;
use std::fmt::Write;

/// Code points of WTF-8.
fn code_points(bytes: &[u8]) -> impl Iterator<Item = u32> + '_ {
    let mut i = 0;
    std::iter::from_fn(move || {
        let first = u32::from(*bytes.get(i)?);
        let (len, mask) = match first {
            0..0x80 => (1, 0x7f),
            0x80..0xe0 => (2, 0x1f),
            0xe0..0xf0 => (3, 0x0f),
            _ => (4, 0x07),
        };
        let rest = bytes.get(i + 1..i + len).unwrap_or(&[]);
        i += len;
        Some(rest.iter().fold(first & mask, |n, b| n << 6 | u32::from(b & 0x3f)))
    })
}

/// Text between single quotes; in f-strings braces are doubled.
pub(super) fn escape(out: &mut String, bytes: &[u8], braces: bool) {
    for n in code_points(bytes) {
        match char::from_u32(n) {
            Some(c @ ('{' | '}')) if braces => {
                out.push(c);
                out.push(c);
            }
            Some(c @ ('\'' | '\\')) => {
                out.push('\\');
                out.push(c);
            }
            Some(c) if (' '..='~').contains(&c) => out.push(c),
            _ if n <= 0xff => _ = write!(out, "\\x{n:02x}"),
            _ if n <= 0xffff => _ = write!(out, "\\u{n:04x}"),
            _ => _ = write!(out, "\\U{n:08x}"),
        }
    }
}

impl Writer {
    pub(super) fn fstring(&mut self, n: &Node, open: &str) -> Res {
        self.fstring_of(field(n, 0).items(), open)
    }

    pub(super) fn fstring_of(&mut self, values: &[Tree], open: &str) -> Res {
        self.put(open);
        self.pieces(values, true)?;
        self.put("'");
        Ok(())
    }

    fn pieces(&mut self, values: &[Tree], outside: bool) -> Res {
        for v in values {
            let v = node_of(v)?;
            match (v.class, field(v, 0)) {
                ("Constant", Tree::Const(Const::Str(text))) => {
                    self.begin(v.place);
                    if outside || !text.iter().any(|b| matches!(b, b'{' | b'}')) {
                        escape(&mut self.out, text, true);
                    } else {
                        self.put("{");
                        self.literal(&Const::Str(text.clone()))?;
                        self.put("}");
                    }
                    self.end(v.place);
                }
                ("FormattedValue" | "Interpolation", _) => self.value(v)?,
                ("JoinedStr", inner) => self.pieces(inner.items(), outside)?,
                ("Constant", _) => return Err("unexpected constant inside of JoinedStr".into()),
                _ => {
                    self.put("{");
                    self.expr(&Tree::Node(Box::new(v.clone())))?;
                    self.put("}");
                }
            }
        }
        Ok(())
    }

    fn value(&mut self, v: &Node) -> Res {
        self.begin(v.place);
        self.put("{");
        let (conversion, spec) = match (v.class, field(v, 1)) {
            // The text of the expression is part of the value: it must be what is compiled.
            ("Interpolation", Tree::Const(Const::Str(text))) => {
                self.put(&String::from_utf8_lossy(text));
                (field(v, 2), field(v, 3))
            }
            _ => {
                self.expr(field(v, 0))?;
                (field(v, 1), field(v, 2))
            }
        };
        match conversion {
            Tree::Int(115) => self.put("!s"),
            Tree::Int(114) => self.put("!r"),
            Tree::Int(97) => self.put("!a"),
            _ => {}
        }
        if let Tree::Node(spec) = spec {
            self.put(":");
            if spec.class == "JoinedStr" {
                self.pieces(field(spec, 0).items(), false)?;
            } else {
                self.pieces(std::slice::from_ref(&Tree::Node(spec.clone())), false)?;
            }
        }
        self.put("}");
        self.end(v.place);
        Ok(())
    }
}
