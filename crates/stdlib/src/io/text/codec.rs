//! The two directions of an encoding: native for UTF-8, ASCII and Latin-1, objects of the codec registry for the rest.

use super::super::newline::Translator;
use crate::prelude::{Exc, Owned, PyResult, Ref, ValueExt, Vm, as_str};
use hognose_vm::object::bytes::bytes_of;
use num_traits::ToPrimitive;
use std::cell::RefCell;

/// Encodings the machine converts itself.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Native {
    Utf8,
    Ascii,
    Latin1,
}

impl Native {
    /// The native encoding with this name.
    pub fn find(name: &str) -> Option<Native> {
        let normal: String =
            name.chars().filter(|c| c.is_ascii_alphanumeric()).map(|c| c.to_ascii_lowercase()).collect();
        Some(match normal.as_str() {
            "utf8" | "u8" => Native::Utf8,
            "ascii" | "usascii" | "646" => Native::Ascii,
            "latin1" | "iso88591" | "l1" | "latin" => Native::Latin1,
            _ => return None,
        })
    }

    pub fn name(self) -> &'static str {
        match self {
            Native::Utf8 => "utf-8",
            Native::Ascii => "ascii",
            Native::Latin1 => "latin-1",
        }
    }
}

/// What turns bytes into text.
pub(super) enum Decoder {
    /// The stream cannot be read.
    None,
    /// With the start of a character that is not complete yet.
    Native(Native, RefCell<Vec<u8>>),
    Object(Owned),
}

/// What turns text into bytes.
#[derive(Clone)]
pub(super) enum Encoder {
    /// The stream cannot be written.
    None,
    Native(Native),
    Object(Owned),
}

/// Bytes at the end of `data` that are the beginning of a character.
fn incomplete_tail(data: &[u8]) -> usize {
    let n = data.len();
    for back in 1..=n.min(3) {
        let b = data[n - back];
        if b & 0xC0 == 0x80 {
            continue;
        }
        let starts = (0xC2..0xF5).contains(&b);
        let incomplete = starts
            && std::str::from_utf8(&data[n - back..])
                .is_err_and(|e| e.valid_up_to() == 0 && e.error_len().is_none());
        return if incomplete { back } else { 0 };
    }
    0
}

impl Decoder {
    pub fn is_none(&self) -> bool {
        matches!(self, Decoder::None)
    }

    /// Decodes the next piece.
    pub fn decode(&self, vm: &mut Vm, input: Ref<'_>, last: bool, errors: &str) -> PyResult {
        match self {
            Decoder::None => Err(super::super::unsupported(vm, "not readable")),
            Decoder::Object(d) => {
                let flag = hognose_vm::owned_bool(last);
                let text = vm.call_method(d.as_ref(), "decode", &[input, flag.as_ref()])?;
                if as_str(text.as_ref()).is_none() {
                    let class = vm.type_name(text.as_ref());
                    let text = format!("decoder should return a string result, not '{class}'");
                    return Err(vm.type_error(&text));
                }
                Ok(text)
            }
            Decoder::Native(native, held) => {
                let data = bytes_of(input).unwrap_or(&[]);
                if *native != Native::Utf8 {
                    return vm.decode(data, native.name(), errors);
                }
                let kept = std::mem::take(&mut *held.borrow_mut());
                let joined: Vec<u8>;
                let data = if kept.is_empty() {
                    data
                } else {
                    joined = [&kept[..], data].concat();
                    &joined
                };
                let tail = if last { 0 } else { incomplete_tail(data) };
                let (whole, rest) = data.split_at(data.len() - tail);
                *held.borrow_mut() = rest.to_vec();
                if std::str::from_utf8(whole).is_ok() {
                    return vm.new_str_bytes(whole);
                }
                let text = vm.decode(whole, "utf-8", errors);
                if text.is_err() {
                    held.borrow_mut().clear();
                }
                text
            }
        }
    }

    /// The bytes held back and the flags, with the translator's.
    pub fn state(&self, vm: &mut Vm, translator: Option<&Translator>) -> PyResult<(Owned, u64)> {
        let (held, flags) = match self {
            Decoder::None => (vm.new_bytes(b"")?, 0),
            Decoder::Native(_, held) => {
                let held = held.borrow().clone();
                (vm.new_bytes(&held)?, 0)
            }
            Decoder::Object(d) => {
                let state = vm.call_method(d.as_ref(), "getstate", &[])?;
                if !state.as_ref().is_exact(hognose_vm::Layout::Tuple) {
                    return Err(vm.type_error("illegal decoder state"));
                }
                let [held, flags] = hognose_vm::tuple_items(state.as_ref()) else {
                    return Err(vm.type_error("illegal decoder state"));
                };
                if bytes_of(*held).is_none() {
                    let class = vm.type_name(*held);
                    let text = format!(
                        "illegal decoder state: the first item should be a bytes object, not '{class}'"
                    );
                    return Err(vm.type_error(&text));
                }
                let flags = vm.index_bigint(*flags)?.to_u64().unwrap_or(0);
                (held.owned(), flags)
            }
        };
        Ok(match translator {
            Some(t) => (held, flags << 1 | u64::from(t.pending())),
            None => (held, flags),
        })
    }

    /// Goes back to a state.
    pub fn set_state(
        &self,
        vm: &mut Vm,
        translator: Option<&Translator>,
        held: &Owned,
        flags: u64,
    ) -> PyResult<()> {
        let flags = match translator {
            Some(t) => {
                t.set_pending(flags & 1 == 1);
                flags >> 1
            }
            None => flags,
        };
        match self {
            Decoder::None => {}
            Decoder::Native(_, place) => {
                *place.borrow_mut() = bytes_of(held.as_ref()).unwrap_or(&[]).to_vec()
            }
            Decoder::Object(d) => {
                let flags = vm.new_bigint(&num_bigint::BigInt::from(flags))?;
                let state = vm.new_pair(held.clone(), flags)?;
                vm.call_method(d.as_ref(), "setstate", &[state.as_ref()])?;
            }
        }
        Ok(())
    }

    /// Back to the beginning.
    pub fn reset(&self, vm: &mut Vm, translator: Option<&Translator>) -> PyResult<()> {
        if let Some(t) = translator {
            t.reset();
        }
        match self {
            Decoder::None => {}
            Decoder::Native(_, held) => held.borrow_mut().clear(),
            Decoder::Object(d) => {
                vm.call_method(d.as_ref(), "reset", &[])?;
            }
        }
        Ok(())
    }
}

impl Encoder {
    /// Bytes of a text.
    pub fn encode(&self, vm: &mut Vm, text: Ref<'_>, errors: &str) -> PyResult {
        match self {
            Encoder::None => Err(super::super::unsupported(vm, "not writable")),
            Encoder::Native(native) => {
                let s = as_str(text).ok_or_else(|| vm.type_error("a str is required"))?;
                if s.is_ascii() || (*native == Native::Utf8 && s.to_str().is_some()) {
                    return vm.new_bytes(s.as_bytes());
                }
                vm.encode(text, native.name(), errors)
            }
            Encoder::Object(e) => {
                let bytes = vm.call_method(e.as_ref(), "encode", &[text])?;
                if bytes_of(bytes.as_ref()).is_none() {
                    let class = vm.type_name(bytes.as_ref());
                    let text = format!("encoder should return a bytes object, not '{class}'");
                    return Err(vm.type_error(&text));
                }
                Ok(bytes)
            }
        }
    }

    /// Says whether the next text stands at the beginning of the stream, where a mark belongs.
    pub fn set_start(&self, vm: &mut Vm, at_start: bool) -> PyResult<()> {
        if let Encoder::Object(e) = self {
            if at_start {
                vm.call_method(e.as_ref(), "reset", &[])?;
            } else {
                let zero = vm.new_int(0)?;
                vm.call_method(e.as_ref(), "setstate", &[zero.as_ref()])?;
            }
        }
        Ok(())
    }
}

/// Decoder and encoder for an encoding, as far as they are wanted.
pub(super) fn make(
    vm: &mut Vm,
    encoding: &str,
    errors: &Owned,
    reads: bool,
    writes: bool,
) -> PyResult<(Decoder, Encoder)> {
    if let Some(native) = Native::find(encoding) {
        let decoder = if reads { Decoder::Native(native, RefCell::new(Vec::new())) } else { Decoder::None };
        return Ok((decoder, if writes { Encoder::Native(native) } else { Encoder::None }));
    }
    let codecs = vm.import_dotted("_codecs")?;
    let name = vm.new_str(encoding)?;
    let info = vm.call_method(codecs.as_ref(), "lookup", &[name.as_ref()])?;
    let is_text = vm.intern("_is_text_encoding")?;
    if let Some(is_text) = vm.get_attr_opt(info.as_ref(), is_text.as_ref())?
        && !vm.is_true(is_text.as_ref())?
    {
        let text =
            format!("'{encoding}' is not a text encoding; use codecs.open() to handle arbitrary codecs");
        return Err(vm.raise(Exc::LookupError, &text));
    }
    let decoder = if reads {
        Decoder::Object(vm.call_method(info.as_ref(), "incrementaldecoder", &[errors.as_ref()])?)
    } else {
        Decoder::None
    };
    let encoder = if writes {
        Encoder::Object(vm.call_method(info.as_ref(), "incrementalencoder", &[errors.as_ref()])?)
    } else {
        Encoder::None
    };
    Ok((decoder, encoder))
}
