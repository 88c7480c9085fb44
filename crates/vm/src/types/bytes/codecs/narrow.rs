//! ASCII and Latin-1.

use super::errors::{DecodeError, EncodeError, Replacement};
use crate::types::bytes::container::BytesWriter;
use crate::types::str::build::{StrWriter, TextBuf};
use crate::types::str::index::char_from;
use crate::{PyResult, Vm};
use hognose_object::str::StrRef;

/// A code of one byte per character below a limit.
pub struct Narrow {
    name: &'static str,
    limit: u32,
    reason: &'static str,
}

/// ASCII
pub static ASCII: Narrow = Narrow { name: "ascii", limit: 0x80, reason: "ordinal not in range(128)" };
/// Latin-1
pub static LATIN1: Narrow = Narrow { name: "latin-1", limit: 0x100, reason: "ordinal not in range(256)" };

/// Encodes.
pub fn encode(vm: &mut Vm, text: StrRef<'_>, errors: &str, code: &Narrow) -> PyResult {
    let bytes = text.as_bytes();
    if text.is_ascii() {
        return vm.new_bytes(bytes);
    }
    if text.chars().all(|c| c < code.limit) {
        let mut w = BytesWriter::new(vm, text.char_len())?;
        text.chars().for_each(|c| w.push(&[c as u8]));
        return Ok(w.finish());
    }
    let mut out = TextBuf::new();
    let (mut at, mut index) = (0, 0);
    while let Some((c, end)) = char_from(bytes, at) {
        if c < code.limit {
            out.push_byte(vm, c as u8)?;
            (at, index) = (end, index + 1);
            continue;
        }
        let mut chars = Vec::new();
        while let Some((c, end)) = char_from(bytes, at)
            && c >= code.limit
        {
            chars.push(c);
            at = end;
        }
        replace(vm, text, errors, code, index, &chars, &mut out)?;
        index += chars.len();
    }
    out.to_bytes(vm)
}

fn replace(
    vm: &mut Vm,
    text: StrRef<'_>,
    errors: &str,
    code: &Narrow,
    first: usize,
    chars: &[u32],
    out: &mut TextBuf,
) -> PyResult<()> {
    let mut done = 0;
    while done < chars.len() {
        let range = first + done..first + chars.len();
        let error = EncodeError { codec: code.name, text, range, reason: code.reason };
        match error.handle(vm, errors, &chars[done..])? {
            Replacement::Bytes(b, n) => {
                out.push(vm, &b)?;
                done += n;
            }
            Replacement::Text(t) => {
                for c in t {
                    if c >= code.limit {
                        return Err(error.raise(vm));
                    }
                    out.push_byte(vm, c as u8)?;
                }
                done = chars.len();
            }
        }
    }
    Ok(())
}

/// Decodes.
pub fn decode(vm: &mut Vm, bytes: &[u8], errors: &str, code: &Narrow) -> PyResult {
    if bytes.is_ascii() {
        return vm.new_str_bytes(bytes);
    }
    if code.limit == 0x100 {
        let wide = bytes.iter().filter(|b| !b.is_ascii()).count();
        let mut w = StrWriter::new(vm, bytes.len() + wide, bytes.len())?;
        for &b in bytes {
            if b < 0x80 { w.push(&[b]) } else { w.push(&[0xc0 | b >> 6, 0x80 | b & 63]) }
        }
        return w.finish(vm);
    }
    let mut out = TextBuf::new();
    let mut at = 0;
    while let Some(&b) = bytes.get(at) {
        if b < 0x80 {
            out.push_byte(vm, b)?;
            at += 1;
        } else {
            let error = DecodeError { codec: code.name, bytes, range: at..at + 1, reason: code.reason };
            at = error.handle(vm, errors, &mut out)?;
        }
    }
    out.to_str(vm)
}
