//! `unicode_escape` and `raw_unicode_escape`: text as in source code.

use super::errors::DecodeError;
use crate::types::str::build::TextBuf;
use crate::types::str::repr::escape;
use crate::{PyResult, Vm};
use hognose_object::str::StrRef;

/// Encodes with `\t`, `\n`, `\r`, `\\`, `\x…`, `\u…` and `\U…`.
pub fn encode(vm: &mut Vm, text: StrRef<'_>) -> PyResult {
    let mut out = TextBuf::new();
    for c in text.chars() {
        match c {
            0x5c => out.push(vm, b"\\\\")?,
            9 => out.push(vm, b"\\t")?,
            10 => out.push(vm, b"\\n")?,
            13 => out.push(vm, b"\\r")?,
            0x20..0x7f => out.push_byte(vm, c as u8)?,
            _ => out.push(vm, escape(c).as_bytes())?,
        }
    }
    out.to_bytes(vm)
}

/// Encodes as Latin-1, with `\u…` and `\U…` for the rest.
pub fn encode_raw(vm: &mut Vm, text: StrRef<'_>) -> PyResult {
    let mut out = TextBuf::new();
    for c in text.chars() {
        if c < 0x100 { out.push_byte(vm, c as u8)? } else { out.push(vm, escape(c).as_bytes())? }
    }
    out.to_bytes(vm)
}

/// Hexadecimal digits from `at` on: how many of `most` there are, and their value.
fn hex(bytes: &[u8], at: usize, most: usize) -> (usize, u32) {
    let digits = bytes.get(at..).unwrap_or(&[]).iter().take(most);
    let digits = digits.map_while(|&b| (b as char).to_digit(16));
    digits.fold((0, 0), |(n, value), d| (n + 1, value << 4 | d))
}

/// What follows a backslash: the character (`None`: nothing) and the end; or the end of what is wrong and why.
type Escape = Result<(Option<u32>, usize), (usize, &'static str)>;

fn numeric(bytes: &[u8], at: usize, digits: usize, truncated: &'static str) -> Escape {
    match hex(bytes, at, digits) {
        (n, c) if n == digits && c < 0x11_0000 => Ok((Some(c), at + n)),
        (n, _) if n == digits => Err((at + n, "illegal Unicode character")),
        (n, _) => Err((at + n, truncated)),
    }
}

fn named(bytes: &[u8], at: usize) -> Escape {
    let malformed = "malformed \\N character escape";
    if bytes.get(at) != Some(&b'{') {
        return Err((at, malformed));
    }
    let Some(n) = bytes[at..].iter().position(|&b| b == b'}') else { return Err((bytes.len(), malformed)) };
    let (name, end) = (&bytes[at + 1..at + n], at + n + 1);
    if name.is_empty() {
        return Err((end, malformed));
    }
    match std::str::from_utf8(name).ok().and_then(unicode_names2::character) {
        Some(c) => Ok((Some(u32::from(c)), end)),
        None => Err((end, "unknown Unicode character name")),
    }
}

fn escaped(bytes: &[u8], at: usize) -> Escape {
    let Some(&b) = bytes.get(at) else { return Err((at, "\\ at end of string")) };
    let plain = |c: u8| Ok((Some(u32::from(c)), at + 1));
    match b {
        b'\n' => Ok((None, at + 1)),
        b'\\' | b'\'' | b'"' => plain(b),
        b'b' => plain(8),
        b't' => plain(9),
        b'n' => plain(10),
        b'v' => plain(11),
        b'f' => plain(12),
        b'r' => plain(13),
        b'a' => plain(7),
        b'0'..=b'7' => {
            let digits = bytes[at..].iter().take(3).take_while(|b| matches!(b, b'0'..=b'7'));
            let (n, c) = digits.fold((0, 0), |(n, c), b| (n + 1, c << 3 | u32::from(b - b'0')));
            Ok((Some(c), at + n))
        }
        b'x' => numeric(bytes, at + 1, 2, "truncated \\xXX escape"),
        b'u' => numeric(bytes, at + 1, 4, "truncated \\uXXXX escape"),
        b'U' => numeric(bytes, at + 1, 8, "truncated \\UXXXXXXXX escape"),
        b'N' => named(bytes, at + 1),
        // An unknown escape keeps its backslash.
        _ => Ok((Some(0x5c), at)),
    }
}

fn decode_with(vm: &mut Vm, bytes: &[u8], errors: &str, raw: bool) -> PyResult {
    let codec = if raw { "rawunicodeescape" } else { "unicodeescape" };
    let mut out = TextBuf::new();
    let mut at = 0;
    while let Some(&b) = bytes.get(at) {
        if b != b'\\' {
            out.push_char(vm, u32::from(b))?;
            at += 1;
            continue;
        }
        if raw && !matches!(bytes.get(at + 1), Some(b'u' | b'U')) {
            // Any other pair of bytes stands for itself.
            for &b in bytes[at..].iter().take(2) {
                out.push_char(vm, u32::from(b))?;
            }
            at += 2;
            continue;
        }
        match escaped(bytes, at + 1) {
            Ok((c, end)) => {
                if let Some(c) = c {
                    out.push_char(vm, c)?;
                }
                at = end;
            }
            Err((end, reason)) => {
                let error = DecodeError { codec, bytes, range: at..end, reason };
                at = error.handle(vm, errors, &mut out)?;
            }
        }
    }
    out.to_str(vm)
}

/// Decodes escapes; other bytes are Latin-1.
pub fn decode(vm: &mut Vm, bytes: &[u8], errors: &str) -> PyResult {
    decode_with(vm, bytes, errors, false)
}

/// Decodes only `\u…` and `\U…`.
pub fn decode_raw(vm: &mut Vm, bytes: &[u8], errors: &str) -> PyResult {
    decode_with(vm, bytes, errors, true)
}
