//! UTF-8. Strings are WTF-8, so only surrogates need work.

use super::errors::{DecodeError, EncodeError, Replacement};
use crate::types::str::build::TextBuf;
use crate::types::str::index::char_from;
use crate::{PyResult, Vm};
use hognose_object::str::{StrRef, push_code_point};

/// The byte order mark in UTF-8.
pub const SIGNATURE: &[u8] = b"\xef\xbb\xbf";

/// Where the first surrogate from byte `at` on begins.
fn surrogate_from(bytes: &[u8], at: usize) -> Option<usize> {
    memchr::memchr_iter(0xed, &bytes[at..])
        .map(|i| at + i)
        .find(|&i| bytes.get(i + 1).is_some_and(|&b| b >= 0xa0))
}

/// Encodes, behind `prefix`.
pub fn encode(vm: &mut Vm, text: StrRef<'_>, errors: &str, prefix: &[u8]) -> PyResult {
    let bytes = text.as_bytes();
    if prefix.is_empty() && (text.is_ascii() || surrogate_from(bytes, 0).is_none()) {
        return vm.new_bytes(bytes);
    }
    let mut out = TextBuf::new();
    out.push(vm, prefix)?;
    let mut at = 0;
    while let Some(bad) = surrogate_from(bytes, at) {
        out.push(vm, &bytes[at..bad])?;
        let (mut chars, mut end) = (Vec::new(), bad);
        while let Some((c @ 0xd800..0xe000, next)) = char_from(bytes, end) {
            chars.push(c);
            end = next;
        }
        let first = text.char_index(bad);
        let mut done = 0;
        while done < chars.len() {
            let error = EncodeError {
                codec: "utf-8",
                text,
                range: first + done..first + chars.len(),
                reason: "surrogates not allowed",
            };
            match error.handle(vm, errors, &chars[done..])? {
                Replacement::Bytes(b, n) => {
                    out.push(vm, &b)?;
                    done += n;
                }
                Replacement::Text(t) => {
                    let mut utf8 = Vec::new();
                    t.iter().for_each(|&c| push_code_point(&mut utf8, c));
                    out.push(vm, &utf8)?;
                    done = chars.len();
                }
            }
        }
        at = end;
    }
    out.push(vm, &bytes[at..])?;
    out.to_bytes(vm)
}

/// Decodes.
pub fn decode(vm: &mut Vm, bytes: &[u8], errors: &str) -> PyResult {
    if std::str::from_utf8(bytes).is_ok() {
        return vm.new_str_bytes(bytes);
    }
    let mut out = TextBuf::new();
    let mut at = 0;
    while let Err(e) = std::str::from_utf8(&bytes[at..]) {
        let bad = at + e.valid_up_to();
        out.push(vm, &bytes[at..bad])?;
        let (end, reason) = match e.error_len() {
            None => (bytes.len(), "unexpected end of data"),
            Some(n) if matches!(bytes[bad], 0x80..0xc2 | 0xf5..) => (bad + n, "invalid start byte"),
            Some(n) => (bad + n, "invalid continuation byte"),
        };
        let error = DecodeError { codec: "utf-8", bytes, range: bad..end, reason };
        at = error.handle(vm, errors, &mut out)?;
    }
    out.push(vm, &bytes[at..])?;
    out.to_str(vm)
}
