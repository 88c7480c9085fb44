//! `repr` of text: quotes chosen as CPython does, what cannot be printed escaped.

use super::build::TextBuf;
use super::index::char_from;
use super::{this, unicode};
use crate::{PyResult, Vm};
use hognose_object::Ref;

/// `repr(s)`
pub fn slot(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let s = this(vm, r)?;
    let bytes = s.as_bytes();
    let quote = quote_for(bytes);
    if bytes.iter().all(|&b| (0x20..0x7f).contains(&b) && b != b'\\' && b != quote) {
        let n = bytes.len() + 2;
        let mut w = super::build::StrWriter::new(vm, n, n)?;
        w.push(&[quote]);
        w.push(bytes);
        w.push(&[quote]);
        return w.finish(vm);
    }
    let mut out = TextBuf::new();
    push(vm, &mut out, bytes, quote)?;
    out.to_str(vm)
}

/// Double quotes when that saves escaping.
pub fn quote_for(bytes: &[u8]) -> u8 {
    if bytes.contains(&b'\'') && !bytes.contains(&b'"') { b'"' } else { b'\'' }
}

fn push(vm: &Vm, out: &mut TextBuf, bytes: &[u8], quote: u8) -> PyResult<()> {
    out.push_byte(vm, quote)?;
    let mut at = 0;
    while let Some((c, end)) = char_from(bytes, at) {
        match c {
            0x5c => out.push(vm, b"\\\\")?,
            _ if c == u32::from(quote) => out.push(vm, &[b'\\', quote])?,
            9 => out.push(vm, b"\\t")?,
            10 => out.push(vm, b"\\n")?,
            13 => out.push(vm, b"\\r")?,
            0x20..0x7f => out.push(vm, &bytes[at..end])?,
            _ if c >= 0x80 && unicode::has(c, unicode::PRINTABLE) => out.push(vm, &bytes[at..end])?,
            _ => out.push(vm, escape(c).as_bytes())?,
        }
        at = end;
    }
    out.push_byte(vm, quote)
}

/// `\xNN`, `\uNNNN` or `\UNNNNNNNN`
pub fn escape(c: u32) -> String {
    match c {
        0..0x100 => format!("\\x{c:02x}"),
        0x100..0x1_0000 => format!("\\u{c:04x}"),
        _ => format!("\\U{c:08x}"),
    }
}
