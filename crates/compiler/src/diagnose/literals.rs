//! Contents of string literals: escapes that cannot be read, and strings that cannot be joined.
//!
//! Invariant: checks only what the tokens of the strings leave open, in their order.

use super::token::{Kind, Token, range};
use crate::error::{CompileError, ErrorKind};

/// The first error in adjacent string literals; without a place: at the last token read.
pub(super) fn check(source: &str, tokens: &[Token]) -> Option<CompileError> {
    let text = |t: &Token| source.get(t.start..t.end).unwrap_or("");
    let prefix = |t: &Token| text(t).split(['"', '\'']).next().unwrap_or("").to_ascii_lowercase();
    let error = |message: &str, at| Some(CompileError::at(ErrorKind::Syntax, message, source, at));
    let (mut bytes, mut strings, mut raw, mut depth) = (false, false, false, 0usize);
    for t in tokens {
        match t.kind {
            Kind::String if depth == 0 => {
                let p = prefix(t);
                let body = text(t).get(p.len()..).unwrap_or("");
                let body = body.trim_matches(['"', '\'']);
                let is_bytes = p.contains('b');
                bytes |= is_bytes;
                strings |= !is_bytes;
                if is_bytes && !body.is_ascii() {
                    return error("bytes can only contain ASCII literal characters", range(t.start, t.end));
                }
                if !p.contains('r')
                    && let Some(message) = escapes(body, is_bytes)
                {
                    return error(&message, range(t.start, t.end));
                }
            }
            Kind::Start(_) => {
                if depth == 0 {
                    strings = true;
                    raw = prefix(t).contains('r');
                }
                depth += 1;
            }
            Kind::Stop(_) => depth = depth.saturating_sub(1),
            Kind::Middle(_) if !raw && depth == 1 => {
                if let Some(message) = escapes(text(t), false) {
                    return error(&message, range(t.start, t.end));
                }
            }
            _ => {}
        }
    }
    let mixed = || CompileError::new(ErrorKind::Syntax, "cannot mix bytes and nonbytes literals");
    (bytes && strings).then(mixed)
}

/// The first escape that cannot be read.
fn escapes(body: &str, is_bytes: bool) -> Option<String> {
    let b = body.as_bytes();
    let (mut i, mut at) = (0, 0);
    while i < b.len() {
        if b[i] != b'\\' {
            // Positions count in the text that is decoded: other characters are there as `\UXXXXXXXX`.
            let c = body[i..].chars().next().unwrap_or(' ');
            at += if c.is_ascii() { 1 } else { 10 };
            i += c.len_utf8();
            continue;
        }
        let kind = b.get(i + 1).copied().unwrap_or(b' ');
        let wanted = match kind {
            b'x' => 2,
            b'u' if !is_bytes => 4,
            b'U' if !is_bytes => 8,
            b'N' if !is_bytes => {
                if let Some(message) = named(&body[i..], at) {
                    return Some(message);
                }
                0
            }
            _ => 0,
        };
        let digits =
            b.get(i + 2..).unwrap_or_default().iter().take(wanted).take_while(|d| d.is_ascii_hexdigit());
        let digits = digits.count();
        if digits < wanted {
            if is_bytes {
                return Some(format!("(value error) invalid \\x escape at position {at}"));
            }
            let shape: String = std::iter::repeat_n('X', wanted).collect();
            let end = at + 1 + digits;
            let reason = format!("truncated \\{}{shape} escape", kind as char);
            return Some(unicode_error(at, end, &reason));
        }
        if wanted == 8 && u32::from_str_radix(&body[i + 2..i + 10], 16).is_ok_and(|c| c > 0x10_FFFF) {
            return Some(unicode_error(at, at + 9, "illegal Unicode character"));
        }
        let width = body[i + 1..].chars().next().map_or(0, char::len_utf8);
        i += 1 + width.max(1);
        at += 2;
    }
    None
}

fn named(rest: &str, at: usize) -> Option<String> {
    let Some(name) = rest.strip_prefix("\\N{") else {
        return Some(unicode_error(at, at + 1, "malformed \\N character escape"));
    };
    match name.find('}') {
        None => Some(unicode_error(at, at + rest.len() - 1, "malformed \\N character escape")),
        Some(0) => Some(unicode_error(at, at + 2, "malformed \\N character escape")),
        Some(n) => {
            let known = ruff_python_parser::parse_expression(&format!("'{}'", &rest[..n + 4])).is_ok();
            (!known).then(|| unicode_error(at, at + n + 3, "unknown Unicode character name"))
        }
    }
}

fn unicode_error(start: usize, end: usize, reason: &str) -> String {
    let place = if start == end { format!("position {start}") } else { format!("position {start}-{end}") };
    format!("(unicode error) 'unicodeescape' codec can't decode bytes in {place}: {reason}")
}
