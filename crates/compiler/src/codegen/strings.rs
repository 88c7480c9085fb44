//! String literals, f-strings and t-strings.
//!
//! The parser replaces surrogate escapes by U+FFFD; they are read again from the source here.

use super::call::text;
use super::{Dest, Gen, Res};
use hognose_bytecode::{Const, Op};
use ruff_python_ast::{self as ast, ConversionFlag, InterpolatedStringElement, StringLiteralValue};
use ruff_text_size::{Ranged, TextRange};
use std::borrow::Cow;

/// Pieces joined at a time.
const CHUNK: u16 = 100;

/// A piece of an f-string.
enum Piece<'a> {
    Text(Vec<u8>),
    Value(&'a ast::InterpolatedElement),
}

fn push_code_point(out: &mut Vec<u8>, c: u32) {
    match char::from_u32(c) {
        Some(c) => out.extend(c.encode_utf8(&mut [0; 4]).bytes()),
        // A surrogate.
        None => out.extend([0xe0 | (c >> 12) as u8, 0x80 | (c >> 6 & 0x3f) as u8, 0x80 | (c & 0x3f) as u8]),
    }
}

/// Puts the surrogates of `raw` (source text) into the parser's `decoded` value.
fn with_surrogates(raw: &str, decoded: &str, braces: bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(decoded.len());
    let mut values = decoded.chars();
    let mut rest = raw;
    while let Some(c) = rest.chars().next() {
        let mut width = c.len_utf8();
        let mut surrogate = None;
        let second = rest[width..].chars().next();
        match (c, second) {
            ('\\', Some('\n')) => {
                rest = &rest[2..];
                continue;
            }
            ('\\', Some('\r')) => {
                rest = rest[2..].strip_prefix('\n').unwrap_or(&rest[2..]);
                continue;
            }
            ('\\', Some(kind @ ('u' | 'U'))) => {
                let digits = if kind == 'u' { 4 } else { 8 };
                let n = rest.get(2..2 + digits).and_then(|d| u32::from_str_radix(d, 16).ok());
                surrogate = n.filter(|n| (0xd800..0xe000).contains(n));
                width = 2 + digits;
            }
            ('\\', Some('x')) => width = 4,
            ('\\', Some('N')) => width = rest.find('}').map_or(2, |i| i + 1),
            ('\\', Some('0'..='7')) => {
                width = 1 + rest[1..].bytes().take(3).take_while(|b| (b'0'..=b'7').contains(b)).count();
            }
            ('\\', Some('\\' | '\'' | '"' | 'a' | 'b' | 'f' | 'n' | 'r' | 't' | 'v')) => width = 2,
            ('\r', Some('\n')) => width = 2,
            ('{', Some('{')) | ('}', Some('}')) if braces => width = 2,
            _ => {}
        }
        let Some(value) = values.next() else { break };
        push_code_point(&mut out, surrogate.unwrap_or(value as u32));
        rest = rest.get(width..).unwrap_or("");
    }
    values.for_each(|v| push_code_point(&mut out, v as u32));
    out
}

/// What a text of the source means, escapes already replaced: surrogates are put back.
pub(crate) fn text_bytes(source: &str, value: &str, range: TextRange, braces: bool) -> Vec<u8> {
    let raw = source.get(range.to_std_range()).unwrap_or("");
    if value.contains('\u{fffd}') && (raw.contains("\\u") || raw.contains("\\U")) {
        return with_surrogates(raw, value, braces);
    }
    value.as_bytes().to_vec()
}

fn literal(source: &str, s: &ast::StringLiteral) -> Vec<u8> {
    if s.flags.prefix().is_raw() {
        return s.value.as_bytes().to_vec();
    }
    text_bytes(source, &s.value, s.content_range(), false)
}

/// The value of a string literal with all its parts.
pub(crate) fn string_bytes(source: &str, s: &StringLiteralValue) -> Vec<u8> {
    s.iter().flat_map(|part| literal(source, part)).collect()
}

/// The text after `{` up to the `=`, conversion, specification or `}`.
pub(crate) fn expression_text<'s>(source: &'s str, v: &ast::InterpolatedElement) -> Cow<'s, str> {
    let start = usize::from(v.range.start()) + 1;
    let end = usize::from(v.expression.end());
    let outside = source.get(end..usize::from(v.range.end())).unwrap_or("");
    let stop = outside.find(['!', ':', '}', '=']).unwrap_or(0);
    crate::scan::without_comments(source.get(start..end + stop).unwrap_or(""))
}

/// The text that `=` shows.
pub(crate) fn debug_text(d: &ast::DebugText) -> String {
    crate::scan::without_comments(d.as_str()).replace("\r\n", "\n")
}

impl<'a> Gen<'a> {
    fn decoded(&self, value: &str, range: TextRange, braces: bool) -> Vec<u8> {
        text_bytes(self.source, value, range, braces)
    }

    fn literal(&self, s: &ast::StringLiteral) -> Vec<u8> {
        literal(self.source, s)
    }

    /// The value of a string literal.
    pub(super) fn string_value(&self, s: &StringLiteralValue) -> Const {
        Const::Str(string_bytes(self.source, s).into())
    }

    /// A docstring with its indentation removed as `inspect.cleandoc` does, first line apart.
    pub(super) fn docstring(&self, s: &ast::ExprStringLiteral) -> Const {
        match self.string_value(&s.value) {
            Const::Str(bytes) => Const::Str(clean_doc(&bytes).into()),
            other => other,
        }
    }

    /// An f-string without values.
    pub(super) fn constant_fstring(&self, f: &ast::ExprFString) -> Option<Const> {
        let constant = f.value.elements().all(|e| matches!(e, InterpolatedStringElement::Literal(_)));
        if !constant {
            return None;
        }
        let mut out = Vec::new();
        for piece in self.fstring_pieces(f) {
            if let Piece::Text(t) = piece {
                out.extend(t);
            }
        }
        Some(Const::Str(out.into()))
    }

    fn fstring_pieces<'b>(&self, f: &'b ast::ExprFString) -> Vec<Piece<'b>> {
        let mut pieces = Vec::new();
        for part in &f.value {
            match part {
                ast::FStringPart::Literal(s) => add_text(&mut pieces, self.literal(s)),
                ast::FStringPart::FString(f) => self.element_pieces(&f.elements, &mut pieces, true),
            }
        }
        pieces
    }

    fn element_pieces<'b>(
        &self,
        elements: &'b [InterpolatedStringElement],
        pieces: &mut Vec<Piece<'b>>,
        braces: bool,
    ) {
        for e in elements {
            match e {
                InterpolatedStringElement::Literal(l) => {
                    add_text(pieces, self.decoded(&l.value, l.range, braces));
                }
                InterpolatedStringElement::Interpolation(v) => {
                    if let Some(d) = &v.debug_text {
                        add_text(pieces, debug_text(d).into_bytes());
                    }
                    pieces.push(Piece::Value(v));
                }
            }
        }
    }

    pub(super) fn fstring(&mut self, f: &'a ast::ExprFString) -> Res {
        let pieces = self.fstring_pieces(f);
        self.join(pieces)
    }

    fn join(&mut self, pieces: Vec<Piece<'a>>) -> Res {
        let range = self.u.range;
        let from = self.u.depth;
        let single = pieces.len() == 1;
        for piece in pieces {
            if self.u.depth - from == CHUNK {
                self.build(Op::BuildString, from, CHUNK);
            }
            match piece {
                Piece::Text(t) => self.load_const(&Const::Str(t.into()), Dest::Push),
                Piece::Value(v) => self.at(v.range, |g| g.format(v))?,
            }
        }
        self.u.range = range;
        match self.u.depth - from {
            0 => self.load_const(&text(""), Dest::Push),
            1 if single => {}
            n => self.build(Op::BuildString, from, n),
        }
        Ok(())
    }

    /// Pushes the text of one value.
    fn format(&mut self, v: &'a ast::InterpolatedElement) -> Res {
        let value = self.operand(&v.expression, &[])?;
        self.u.range = v.range;
        let mut value = value;
        if let Some(c) = conversion(v) {
            self.finish_op(Op::ConvertValue, value, None, c, Dest::Push);
            value = super::Opd { reg: self.u.top(), temp: true };
        }
        match &v.format_spec {
            None => self.finish_op(Op::FormatSimple, value, None, 0, Dest::Push),
            Some(spec) => {
                if !value.temp {
                    let t = self.u.next_temp();
                    self.u.emit(Op::Copy, t, value.reg, 0);
                    value = super::Opd { reg: self.u.push(), temp: true };
                }
                self.format_spec(spec)?;
                self.u.range = v.range;
                let spec = super::Opd { reg: self.u.top(), temp: true };
                self.finish_op(Op::FormatWithSpec, value, Some(spec), 0, Dest::Push);
            }
        }
        Ok(())
    }

    fn format_spec(&mut self, spec: &'a ast::InterpolatedStringFormatSpec) -> Res {
        let mut pieces = Vec::new();
        self.element_pieces(&spec.elements, &mut pieces, false);
        self.at(spec.range, |g| g.join(pieces))
    }

    pub(super) fn tstring(&mut self, t: &'a ast::ExprTString) -> Res {
        let mut pieces = Vec::new();
        for part in &t.value {
            self.element_pieces(&part.elements, &mut pieces, true);
        }
        let mut strings = vec![Vec::new()];
        let mut values = Vec::new();
        for piece in pieces {
            match piece {
                Piece::Text(t) => strings.last_mut().into_iter().for_each(|s: &mut Vec<u8>| s.extend(&t)),
                Piece::Value(v) => {
                    values.push(v);
                    strings.push(Vec::new());
                }
            }
        }
        let strings = strings.into_iter().map(|s| Const::Str(s.into())).collect();
        let from = self.u.depth;
        self.load_const(&Const::Tuple(strings), Dest::Push);
        for v in &values {
            self.at(v.range, |g| g.interpolation(v))?;
        }
        self.build(Op::BuildTuple, from + 1, values.len() as u16);
        self.build(Op::BuildTemplate, from, 0);
        Ok(())
    }

    fn interpolation(&mut self, v: &'a ast::InterpolatedElement) -> Res {
        let from = self.u.depth;
        self.push(&v.expression)?;
        self.u.range = v.range;
        self.load_const(&text(&expression_text(self.source, v)), Dest::Push);
        let mut flags = conversion(v).unwrap_or(0) << 2;
        if let Some(spec) = &v.format_spec {
            self.format_spec(spec)?;
            flags |= 1;
        }
        self.build(Op::BuildInterpolation, from, flags);
        Ok(())
    }
}

fn conversion(v: &ast::InterpolatedElement) -> Option<u16> {
    match v.conversion {
        ConversionFlag::Str => Some(1),
        ConversionFlag::Repr => Some(2),
        ConversionFlag::Ascii => Some(3),
        ConversionFlag::None if v.debug_text.is_some() && v.format_spec.is_none() => Some(2),
        ConversionFlag::None => None,
    }
}

fn add_text(pieces: &mut Vec<Piece<'_>>, t: Vec<u8>) {
    match pieces.last_mut() {
        _ if t.is_empty() => {}
        Some(Piece::Text(last)) => last.extend(t),
        _ => pieces.push(Piece::Text(t)),
    }
}

/// Expands tabs, removes the common indentation of all lines but the first and leading blanks of the first.
fn clean_doc(doc: &[u8]) -> Vec<u8> {
    let mut expanded = Vec::with_capacity(doc.len());
    let mut column = 0;
    for &b in doc {
        match b {
            b'\t' => {
                let n = 8 - column % 8;
                expanded.resize(expanded.len() + n, b' ');
                column += n;
            }
            b'\n' => {
                expanded.push(b);
                column = 0;
            }
            _ => {
                expanded.push(b);
                column += usize::from(b & 0xc0 != 0x80);
            }
        }
    }
    let indent = |l: &[u8]| l.iter().take_while(|&&b| b == b' ').count();
    let lines: Vec<&[u8]> = expanded.split(|&b| b == b'\n').collect();
    let margin = lines.iter().skip(1).filter(|l| indent(l) < l.len()).map(|l| indent(l)).min().unwrap_or(0);
    let mut out = Vec::with_capacity(expanded.len());
    for (i, l) in lines.iter().enumerate() {
        if i > 0 {
            out.push(b'\n');
        }
        let cut = if i == 0 { indent(l) } else { margin.min(indent(l)) };
        out.extend_from_slice(&l[cut..]);
    }
    out
}
