//! Strings of JSON: taking them apart and writing them.

use super::{decode_error, found, str_arg};
use crate::prelude::{Args, Owned, PyResult, Ref, Vm};
use hognose_vm::TextBuf;
use hognose_vm::object::str::code_points;

/// `encode_basestring(string)`, `encode_basestring_ascii(string)`
pub(super) fn encode(vm: &mut Vm, a: &Args<'_>, ascii: bool) -> PyResult {
    let s = str_arg(vm, a.get(0))?;
    let mut out = TextBuf::new();
    quote(vm, &mut out, s.as_bytes(), ascii)?;
    out.to_str(vm)
}

/// Does a byte stand for itself?
fn is_plain(b: u8, ascii: bool) -> bool {
    match b {
        b'"' | b'\\' | 0..0x20 => false,
        0x7f.. => !ascii,
        _ => true,
    }
}

/// Appends text in quotes, with escapes where needed (`ascii`: for everything that is not ASCII, too).
pub(super) fn quote(vm: &Vm, out: &mut TextBuf, text: &[u8], ascii: bool) -> PyResult<()> {
    out.push_byte(vm, b'"')?;
    let mut rest = text;
    while !rest.is_empty() {
        let plain = rest.iter().position(|&b| !is_plain(b, ascii)).unwrap_or(rest.len());
        out.push(vm, &rest[..plain])?;
        rest = &rest[plain..];
        let Some(c) = code_points(rest).next() else { break };
        escape(vm, out, c)?;
        let width = match c {
            0..0x80 => 1,
            0x80..0x800 => 2,
            0x800..0x1_0000 => 3,
            _ => 4,
        };
        rest = rest.get(width..).unwrap_or(&[]);
    }
    out.push_byte(vm, b'"')
}

fn escape(vm: &Vm, out: &mut TextBuf, c: u32) -> PyResult<()> {
    let short: &[u8] = match c {
        0x22 => b"\\\"",
        0x5c => b"\\\\",
        0x08 => b"\\b",
        0x09 => b"\\t",
        0x0a => b"\\n",
        0x0c => b"\\f",
        0x0d => b"\\r",
        _ => b"",
    };
    if !short.is_empty() {
        return out.push(vm, short);
    }
    let unit = |out: &mut TextBuf, u: u32| {
        let hex = |shift: u32| b"0123456789abcdef"[(u >> shift & 15) as usize];
        out.push(vm, &[b'\\', b'u', hex(12), hex(8), hex(4), hex(0)])
    };
    if c < 0x1_0000 {
        return unit(out, c);
    }
    let c = c - 0x1_0000;
    unit(out, 0xd800 | c >> 10)?;
    unit(out, 0xdc00 | c & 0x3ff)
}

/// `scanstring(string, end, strict=True)`
pub(super) fn scanstring(vm: &mut Vm, a: &Args<'_>) -> PyResult {
    if !a.kwnames.is_empty() {
        return Err(vm.type_error("_json.scanstring() takes no keyword arguments"));
    }
    let n = a.pos.len();
    if !(2..=3).contains(&n) {
        let (least, bound) = if n < 2 { ("at least", 2) } else { ("at most", 3) };
        return Err(vm.type_error(&format!("scanstring() takes {least} {bound} arguments ({n} given)")));
    }
    let end = vm.index_isize(a.get(1), false)?;
    let strict = match a.opt(2) {
        Some(s) => vm.is_true(s)?,
        None => true,
    };
    let s = str_arg(vm, a.get(0))?;
    let Some(at) = usize::try_from(end).ok().filter(|&at| at <= s.char_len()) else {
        return Err(vm.value_error("end is out of bounds"));
    };
    let (value, next) = scan(vm, a.get(0), s.as_bytes(), s.byte_offset(at), strict)?;
    found(vm, s, value, next)
}

/// The string whose opening quote is before byte `at`, and where it is over.
pub(super) fn scan(
    vm: &mut Vm,
    doc: Ref<'_>,
    text: &[u8],
    at: usize,
    strict: bool,
) -> PyResult<(Owned, usize)> {
    let begin = at as isize - 1;
    let mut out = TextBuf::new();
    let mut from = at;
    loop {
        let rest = text.get(from..).unwrap_or(&[]);
        let stop = rest.iter().position(|&b| b == b'"' || b == b'\\' || (strict && b < 0x20));
        let Some(stop) = stop else {
            return Err(decode_error(vm, "Unterminated string starting at", doc, begin));
        };
        let (part, here) = (&rest[..stop], from + stop);
        match rest[stop] {
            b'"' if from == at => return Ok((vm.new_str_bytes(part)?, here + 1)),
            b'"' => {
                out.push(vm, part)?;
                return Ok((out.to_str(vm)?, here + 1));
            }
            b'\\' => {
                out.push(vm, part)?;
                from = unescape(vm, doc, text, here + 1, begin, &mut out)?;
            }
            _ => return Err(decode_error(vm, "Invalid control character at", doc, here as isize)),
        }
    }
}

/// Appends what the escape after the backslash before byte `at` stands for; gives where it is over.
fn unescape(
    vm: &mut Vm,
    doc: Ref<'_>,
    text: &[u8],
    at: usize,
    begin: isize,
    out: &mut TextBuf,
) -> PyResult<usize> {
    let c = match text.get(at) {
        None => return Err(decode_error(vm, "Unterminated string starting at", doc, begin)),
        Some(b'u') => return unicode_escape(vm, doc, text, at, out),
        Some(&c @ (b'"' | b'\\' | b'/')) => c,
        Some(b'b') => 0x08,
        Some(b'f') => 0x0c,
        Some(b'n') => b'\n',
        Some(b'r') => b'\r',
        Some(b't') => b'\t',
        Some(_) => return Err(decode_error(vm, "Invalid \\escape", doc, at as isize - 1)),
    };
    out.push_byte(vm, c)?;
    Ok(at + 1)
}

/// Four hexadecimal digits.
fn hex4(text: &[u8], at: usize) -> Option<u32> {
    text.get(at..at + 4)?.iter().try_fold(0, |n, &b| Some(n << 4 | char::from(b).to_digit(16)?))
}

/// An escape whose `u` is at byte `at`; two of them may make one character.
fn unicode_escape(vm: &mut Vm, doc: Ref<'_>, text: &[u8], at: usize, out: &mut TextBuf) -> PyResult<usize> {
    const WRONG: &str = "Invalid \\uXXXX escape";
    let Some(c) = hex4(text, at + 1) else { return Err(decode_error(vm, WRONG, doc, at as isize)) };
    let end = at + 5;
    if (0xd800..0xdc00).contains(&c) && text.len() >= end + 6 && text[end..].starts_with(b"\\u") {
        let Some(low) = hex4(text, end + 2) else {
            return Err(decode_error(vm, WRONG, doc, end as isize + 1));
        };
        if (0xdc00..0xe000).contains(&low) {
            out.push_char(vm, 0x1_0000 + ((c & 0x3ff) << 10 | low & 0x3ff))?;
            return Ok(end + 6);
        }
    }
    out.push_char(vm, c)?;
    Ok(end)
}
