//! What the registry of codecs adds to the machine's own: other encodings, and error handlers written in Python.
//!
//! The registry is the module `_codecs`. A machine without it knows only its own codecs and handlers.

use super::errors::DecodeError;
use super::{Codec, Order, encode_known};
use crate::class::base_value;
use crate::exceptions::Exc;
use crate::text::as_str;
use crate::types::str::build::TextBuf;
use crate::{PyResult, Raised, Vm};
use hognose_object::bytes::bytes_of;
use hognose_object::str::StrRef;
use hognose_object::tuple::TupleRef;
use hognose_object::{Owned, Ref, ValueExt};

/// Names of the machine's own error handlers.
pub(super) fn is_own(handler: &str) -> bool {
    matches!(
        handler,
        "strict"
            | "ignore"
            | "replace"
            | "backslashreplace"
            | "xmlcharrefreplace"
            | "namereplace"
            | "surrogateescape"
            | "surrogatepass"
    )
}

/// The module, if there is one.
fn module(vm: &mut Vm) -> Option<Owned> {
    match vm.import_dotted("_codecs") {
        Ok(m) => Some(m),
        Err(e) => {
            vm.discard(e);
            None
        }
    }
}

/// Calls the handler registered under a name with an exception: what to take instead, and where to go on.
fn call_handler(
    vm: &mut Vm,
    handler: &str,
    error: Raised,
    length: usize,
    decoding: bool,
) -> PyResult<(Owned, usize)> {
    let exc = vm.catch(error);
    let Some(codecs) = module(vm) else {
        return Err(vm.raise(Exc::LookupError, &format!("unknown error handler name '{handler}'")));
    };
    let name = vm.new_str(handler)?;
    let f = vm.call_method(codecs.as_ref(), "lookup_error", &[name.as_ref()])?;
    let result = vm.call(f.as_ref(), &[exc.as_ref()])?;
    let what = if decoding { "decoding" } else { "encoding" };
    let kind = if decoding { "str" } else { "str/bytes" };
    let wrong = |vm: &mut Vm| vm.type_error(&format!("{what} error handler must return ({kind}, int) tuple"));
    let items = TupleRef::new(base_value(result.as_ref())).map_or(&[][..], |t| t.items());
    let [text, at] = items else { return Err(wrong(vm)) };
    let fits = as_str(*text).is_some() || !decoding && bytes_of(base_value(*text)).is_some();
    if !fits || !hognose_object::int::is_int(base_value(*at)) {
        return Err(wrong(vm));
    }
    let at = vm.index_isize(*at, false)?;
    let place = if at < 0 { at + length as isize } else { at };
    match usize::try_from(place).ok().filter(|p| *p <= length) {
        Some(place) => Ok((text.owned(), place)),
        None => {
            let text = format!("position {at} from error handler out of bounds");
            Err(vm.index_error(&text))
        }
    }
}

/// Appends what a registered handler gives for bytes that cannot be decoded; where to go on.
pub(super) fn handle_decode(
    vm: &mut Vm,
    error: &DecodeError<'_>,
    handler: &str,
    out: &mut TextBuf,
) -> PyResult<usize> {
    let raised = error.raise(vm);
    let (text, at) = call_handler(vm, handler, raised, error.bytes.len(), true)?;
    out.push(vm, as_str(text.as_ref()).map_or(&[][..], |s| s.as_bytes()))?;
    Ok(at)
}

/// Can the codec write this character?
fn writes(codec: Codec, c: u32) -> bool {
    match codec {
        Codec::Ascii => c < 0x80,
        Codec::Latin1 => c < 0x100,
        Codec::UnicodeEscape | Codec::RawUnicodeEscape => true,
        _ => !(0xd800..0xe000).contains(&c),
    }
}

/// The codec without a mark at the start.
fn unmarked(codec: Codec) -> Codec {
    match codec {
        Codec::Utf8Sig => Codec::Utf8,
        Codec::Utf16(Order::Marked) => Codec::Utf16(Order::Little),
        Codec::Utf32(Order::Marked) => Codec::Utf32(Order::Little),
        other => other,
    }
}

/// Encodes with a registered error handler: piece by piece between what cannot be encoded.
pub(super) fn encode(vm: &mut Vm, text: Ref<'_>, codec: Codec, handler: &str) -> PyResult {
    let chars: Vec<u32> = as_str(text).map_or_else(Vec::new, |s| s.chars().collect());
    if chars.iter().all(|&c| writes(codec, c)) {
        return encode_known(vm, text, codec, "strict");
    }
    let mut out = TextBuf::new();
    let empty = vm.new_str("")?;
    let mark = encode_known(vm, empty.as_ref(), codec, "strict")?;
    out.push(vm, bytes_of(mark.as_ref()).unwrap_or(&[]))?;
    let plain = unmarked(codec);
    let mut at = 0;
    while at < chars.len() {
        let bad = chars[at..].iter().position(|&c| !writes(codec, c)).map_or(chars.len(), |i| at + i);
        push_encoded(vm, &mut out, &chars[at..bad], plain)?;
        if bad == chars.len() {
            break;
        }
        // Encoding the rest strictly says what is wrong, with the positions of the whole text.
        let rest = text_from(vm, &chars, bad)?;
        let error = match encode_known(vm, rest.as_ref(), plain, "strict") {
            Ok(_) => break,
            Err(e) => whole_error(vm, e, text, bad)?,
        };
        let (replacement, next) = call_handler(vm, handler, error, chars.len(), false)?;
        if let Some(b) = bytes_of(base_value(replacement.as_ref())) {
            out.push(vm, b)?;
        } else {
            let new: Vec<u32> =
                as_str(replacement.as_ref()).map_or_else(Vec::new, |s: StrRef<'_>| s.chars().collect());
            if !new.iter().all(|&c| writes(codec, c)) {
                return match encode_known(vm, rest.as_ref(), plain, "strict") {
                    Ok(b) => Ok(b),
                    Err(e) => Err(whole_error(vm, e, text, bad)?),
                };
            }
            push_encoded(vm, &mut out, &new, plain)?;
        }
        at = next;
    }
    out.to_bytes(vm)
}

fn text_from(vm: &mut Vm, chars: &[u32], at: usize) -> PyResult {
    let mut bytes = Vec::new();
    for &c in &chars[at..] {
        hognose_object::str::push_code_point(&mut bytes, c);
    }
    vm.new_str_bytes(&bytes)
}

fn push_encoded(vm: &mut Vm, out: &mut TextBuf, chars: &[u32], codec: Codec) -> PyResult<()> {
    let piece = text_from(vm, chars, 0)?;
    let bytes = encode_known(vm, piece.as_ref(), codec, "strict")?;
    out.push(vm, bytes_of(bytes.as_ref()).unwrap_or(&[]))
}

/// An error about the text from `offset` on becomes one about the whole text.
fn whole_error(vm: &mut Vm, error: Raised, text: Ref<'_>, offset: usize) -> PyResult<Raised> {
    let exc = vm.catch(error);
    for name in ["start", "end"] {
        let key = vm.intern(name)?;
        let n = vm.get_attr(exc.as_ref(), key.as_ref())?;
        let n = vm.index_isize(n.as_ref(), false)?;
        let n = vm.new_int(n as i64 + offset as i64)?;
        vm.set_attr(exc.as_ref(), key.as_ref(), Some(n.as_ref()))?;
    }
    let key = vm.intern("object")?;
    vm.set_attr(exc.as_ref(), key.as_ref(), Some(text))?;
    Ok(vm.raise_object(exc))
}

/// The entry of the registry for a text encoding.
fn text_codec(vm: &mut Vm, name: &str, alternative: &str) -> PyResult {
    let unknown = |vm: &mut Vm| vm.raise(Exc::LookupError, &format!("unknown encoding: {name}"));
    let Some(codecs) = module(vm) else { return Err(unknown(vm)) };
    let key = vm.new_str(name)?;
    let info = vm.call_method(codecs.as_ref(), "lookup", &[key.as_ref()])?;
    let is_text = vm.intern("_is_text_encoding")?;
    if let Some(is_text) = vm.get_attr_opt(info.as_ref(), is_text.as_ref())?
        && !vm.is_true(is_text.as_ref())?
    {
        let text = format!("'{name}' is not a text encoding; use {alternative} to handle arbitrary codecs");
        return Err(vm.raise(Exc::LookupError, &text));
    }
    Ok(info)
}

/// Calls part `i` of a codec: the result, and the first item of the pair it must be.
fn run(vm: &mut Vm, info: &Owned, i: usize, object: Ref<'_>, errors: &str) -> PyResult {
    let Some(f) = TupleRef::new(base_value(info.as_ref())).and_then(|t| t.items().get(i).map(|f| f.owned()))
    else {
        return Err(vm.type_error("codec search functions must return 4-tuples"));
    };
    let errors = vm.new_str(errors)?;
    let result = vm.call(f.as_ref(), &[object, errors.as_ref()])?;
    match TupleRef::new(base_value(result.as_ref())).map(|t| t.items()) {
        Some([value, _]) => Ok(value.owned()),
        _ => {
            let what = if i == 0 { "encoder" } else { "decoder" };
            Err(vm.type_error(&format!("{what} must return a tuple (object, integer)")))
        }
    }
}

/// `s.encode(name, errors)` with an encoding of the registry.
pub(super) fn encode_other(vm: &mut Vm, s: Ref<'_>, name: &str, errors: &str) -> PyResult {
    let info = text_codec(vm, name, "codecs.encode()")?;
    let bytes = run(vm, &info, 0, s, errors)?;
    if bytes_of(base_value(bytes.as_ref())).is_some() {
        return Ok(bytes);
    }
    if let Some(b) =
        crate::types::bytes::container::copy_of(vm, bytes.as_ref())?.filter(|_| !bytes.as_ref().is_none())
    {
        return Ok(b);
    }
    let class = vm.type_name(bytes.as_ref());
    let text = format!(
        "'{name}' encoder returned '{class}' instead of 'bytes'; use codecs.encode() to encode to arbitrary types"
    );
    Err(vm.type_error(&text))
}

/// `b.decode(name, errors)` with an encoding of the registry.
pub(super) fn decode_other(vm: &mut Vm, bytes: &[u8], name: &str, errors: &str) -> PyResult {
    let info = text_codec(vm, name, "codecs.decode()")?;
    let object = vm.new_bytes(bytes)?;
    let text = run(vm, &info, 1, object.as_ref(), errors)?;
    if as_str(text.as_ref()).is_some() {
        return Ok(text);
    }
    let class = vm.type_name(text.as_ref());
    let text = format!(
        "'{name}' decoder returned '{class}' instead of 'str'; use codecs.decode() to decode to arbitrary types"
    );
    Err(vm.type_error(&text))
}
