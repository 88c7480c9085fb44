//! The built-in codecs: from text to bytes and back, with error handlers.
//!
//!   utf8     UTF-8, with and without signature     wide      UTF-16 and UTF-32
//!   narrow   ASCII and Latin-1                     escape    unicode_escape, raw_unicode_escape
//!   errors   what is done with what cannot be converted      registry  codecs and handlers of the module `_codecs`
//!
//! Each codec walks its input and hands what it cannot convert to [`errors`], which gives text (encoded or taken in
//! turn), bytes, or raises.

mod errors;
mod escape;
mod narrow;
mod registry;
mod utf8;
mod wide;

use crate::types::str::this;
use crate::{PyResult, Vm};
use hognose_object::Ref;

/// Byte order of wide encodings.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    Little,
    Big,
    /// Little when written, behind a mark; as the mark says when read.
    Marked,
}

/// A built-in encoding.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Codec {
    Utf8,
    Utf8Sig,
    Ascii,
    Latin1,
    Utf16(Order),
    Utf32(Order),
    UnicodeEscape,
    RawUnicodeEscape,
}

/// The codec with this name, spelt in any of the usual ways.
fn find(name: &str) -> Option<Codec> {
    use Codec::*;
    let mut normal = String::new();
    for c in name.chars() {
        let c = if c.is_ascii_alphanumeric() || c == '.' { c.to_ascii_lowercase() } else { '_' };
        if c != '_' || !normal.ends_with('_') {
            normal.push(c);
        }
    }
    Some(match normal.as_str() {
        "utf_8" | "utf8" | "u8" | "utf" | "cp65001" | "utf8_ucs2" | "utf8_ucs4" => Utf8,
        "utf_8_sig" => Utf8Sig,
        "ascii" | "us_ascii" | "646" | "us" | "cp367" | "ibm367" | "csascii" | "iso646_us"
        | "iso_646.irv_1991" | "iso_ir_6" | "ansi_x3.4_1968" | "ansi_x3.4_1986" | "ansi_x3_4_1968" => Ascii,
        "latin_1" | "latin1" | "latin" | "l1" | "iso_8859_1" | "iso8859_1" | "iso8859" | "8859" | "cp819"
        | "ibm819" | "iso_8859_1_1987" | "iso_ir_100" | "csisolatin1" => Latin1,
        "utf_16" | "utf16" | "u16" => Utf16(Order::Marked),
        "utf_16_le" | "utf_16le" | "unicodelittleunmarked" => Utf16(Order::Little),
        "utf_16_be" | "utf_16be" | "unicodebigunmarked" => Utf16(Order::Big),
        "utf_32" | "utf32" | "u32" => Utf32(Order::Marked),
        "utf_32_le" | "utf_32le" => Utf32(Order::Little),
        "utf_32_be" | "utf_32be" => Utf32(Order::Big),
        "unicode_escape" | "unicodeescape" => UnicodeEscape,
        "raw_unicode_escape" | "rawunicodeescape" => RawUnicodeEscape,
        _ => return None,
    })
}

fn lookup(vm: &mut Vm, name: &str) -> PyResult<Option<Codec>> {
    if name.contains('\0') {
        return Err(vm.value_error("embedded null character"));
    }
    Ok(find(name))
}

/// `s.encode(encoding, errors)`
pub fn encode(vm: &mut Vm, s: Ref<'_>, encoding: &str, errors: &str) -> PyResult {
    match lookup(vm, encoding)? {
        Some(codec) if registry::is_own(errors) => encode_known(vm, s, codec, errors),
        Some(codec) => registry::encode(vm, s, codec, errors),
        None => registry::encode_other(vm, s, encoding, errors),
    }
}

/// With a codec and an error handler of the machine's own.
fn encode_known(vm: &mut Vm, s: Ref<'_>, codec: Codec, errors: &str) -> PyResult {
    let text = this(vm, s)?;
    match codec {
        Codec::Utf8 => utf8::encode(vm, text, errors, b""),
        Codec::Utf8Sig => utf8::encode(vm, text, errors, utf8::SIGNATURE),
        Codec::Ascii => narrow::encode(vm, text, errors, &narrow::ASCII),
        Codec::Latin1 => narrow::encode(vm, text, errors, &narrow::LATIN1),
        Codec::Utf16(order) => wide::encode(vm, text, errors, wide::Unit::Two, order),
        Codec::Utf32(order) => wide::encode(vm, text, errors, wide::Unit::Four, order),
        Codec::UnicodeEscape => escape::encode(vm, text),
        Codec::RawUnicodeEscape => escape::encode_raw(vm, text),
    }
}

/// `b.decode(encoding, errors)`
///
/// The bytes must not be those of a bytearray: error handlers may run Python code.
pub fn decode(vm: &mut Vm, bytes: &[u8], encoding: &str, errors: &str) -> PyResult {
    let Some(codec) = lookup(vm, encoding)? else {
        return registry::decode_other(vm, bytes, encoding, errors);
    };
    match codec {
        Codec::Utf8 => utf8::decode(vm, bytes, errors),
        Codec::Utf8Sig => utf8::decode(vm, bytes.strip_prefix(utf8::SIGNATURE).unwrap_or(bytes), errors),
        Codec::Ascii => narrow::decode(vm, bytes, errors, &narrow::ASCII),
        Codec::Latin1 => narrow::decode(vm, bytes, errors, &narrow::LATIN1),
        Codec::Utf16(order) => wide::decode(vm, bytes, errors, wide::Unit::Two, order),
        Codec::Utf32(order) => wide::decode(vm, bytes, errors, wide::Unit::Four, order),
        Codec::UnicodeEscape => escape::decode(vm, bytes, errors),
        Codec::RawUnicodeEscape => escape::decode_raw(vm, bytes, errors),
    }
}
