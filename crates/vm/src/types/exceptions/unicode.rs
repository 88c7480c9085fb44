//! `UnicodeDecodeError`, `UnicodeEncodeError`, `UnicodeTranslateError`.

use super::{base, fields};
use crate::args::Args;
use crate::class::base_value;
use crate::define::TypeDef;
use crate::text::as_str;
use crate::type_slots::Slots;
use crate::{PyResult, Vm};
use hognose_object::bytes::bytes_of;
use hognose_object::{Layout, Ref, int};

/// `UnicodeDecodeError`
pub static DECODE: TypeDef = TypeDef {
    name: "UnicodeDecodeError",
    layout: Layout::Exception,
    doc: "Unicode decoding error.",
    slots: Slots { init: Some(decode_init), str: Some(decode_str), ..Slots::NONE },
    ..TypeDef::EMPTY
};

/// `UnicodeEncodeError`
pub static ENCODE: TypeDef = TypeDef {
    name: "UnicodeEncodeError",
    layout: Layout::Exception,
    doc: "Unicode encoding error.",
    slots: Slots { init: Some(encode_init), str: Some(encode_str), ..Slots::NONE },
    ..TypeDef::EMPTY
};

/// `UnicodeTranslateError`
pub static TRANSLATE: TypeDef = TypeDef {
    name: "UnicodeTranslateError",
    layout: Layout::Exception,
    doc: "Unicode translation error.",
    slots: Slots { init: Some(translate_init), str: Some(translate_str), ..Slots::NONE },
    ..TypeDef::EMPTY
};

fn need_str(vm: &mut Vm, r: Ref<'_>, position: usize) -> PyResult<()> {
    if as_str(r).is_some() {
        return Ok(());
    }
    let class = vm.type_name(r);
    Err(vm.type_error(&format!("argument {position} must be str, not {class}")))
}

fn decode_init(vm: &mut Vm, args: &Args<'_>) -> PyResult<()> {
    fill(vm, args, &["encoding", "object", "start", "end", "reason"], true)
}

fn encode_init(vm: &mut Vm, args: &Args<'_>) -> PyResult<()> {
    fill(vm, args, &["encoding", "object", "start", "end", "reason"], false)
}

fn translate_init(vm: &mut Vm, args: &Args<'_>) -> PyResult<()> {
    fill(vm, args, &["object", "start", "end", "reason"], false)
}

fn fill(vm: &mut Vm, args: &Args<'_>, names: &[&str], of_bytes: bool) -> PyResult<()> {
    base::init(vm, args)?;
    let (exc, rest) = (args.get(0), args.rest(1));
    let (want, n) = (names.len(), rest.len());
    if n != want {
        return Err(vm.type_error(&format!("function takes exactly {want} arguments ({n} given)")));
    }
    for (i, (name, &value)) in names.iter().zip(rest).enumerate() {
        match *name {
            "start" | "end" => {
                let index = vm.index_isize(value, false)?;
                let index = vm.new_int(index as i64)?;
                fields::store(vm, exc, name, index.as_ref())?;
            }
            "object" if of_bytes => {
                let bytes = object_bytes(vm, value)?;
                fields::store(vm, exc, name, bytes.as_ref())?;
            }
            _ => {
                need_str(vm, value, i + 1)?;
                fields::store(vm, exc, name, value)?;
            }
        }
    }
    Ok(())
}

/// The bytes to show: bytes as they are, other buffers copied.
fn object_bytes(vm: &mut Vm, value: Ref<'_>) -> PyResult {
    if bytes_of(base_value(value)).is_some() {
        return Ok(value.owned());
    }
    let class = vm.class_of(value);
    let buffer =
        class.value_layout() == Layout::ByteArray || matches!(class.name().as_str(), "memoryview" | "array");
    if !buffer {
        let class = class.name();
        return Err(vm.type_error(&format!("a bytes-like object is required, not '{class}'")));
    }
    let bytes = vm.types().bytes;
    vm.call(bytes.as_ref(), &[value])
}

struct Place {
    start: i64,
    end: i64,
    encoding: String,
    reason: String,
}

fn load_place(vm: &mut Vm, r: Ref<'_>) -> PyResult<Place> {
    let mut number = |name: &str| -> PyResult<i64> {
        let v = fields::load(vm, r, name)?;
        Ok(v.and_then(|v| int::small_int_of(base_value(v.as_ref()))).unwrap_or(0))
    };
    let (start, end) = (number("start")?, number("end")?);
    let mut text = |name: &str| -> PyResult<String> {
        match fields::load(vm, r, name)? {
            Some(v) => Ok(vm.text_of(v.as_ref())),
            None => Ok("None".to_string()),
        }
    };
    let encoding = text("encoding")?;
    Ok(Place { start, end, encoding, reason: text("reason")? })
}

fn decode_str(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let Some(object) = fields::load(vm, r, "object")? else { return vm.new_str("") };
    let Place { start, end, encoding, reason } = load_place(vm, r)?;
    let byte = bytes_of(base_value(object.as_ref()))
        .filter(|b| start >= 0 && end <= b.len() as i64 && end == start + 1)
        .and_then(|b| b.get(start as usize).copied());
    let text = match byte {
        Some(byte) => {
            format!("'{encoding}' codec can't decode byte {byte:#04x} in position {start}: {reason}")
        }
        None => {
            let last = end - 1;
            format!("'{encoding}' codec can't decode bytes in position {start}-{last}: {reason}")
        }
    };
    vm.new_str(&text)
}

/// The single character between start and end, escaped.
fn bad_character(object: Ref<'_>, start: i64, end: i64) -> Option<String> {
    let s = as_str(object)?;
    if start < 0 || end != start + 1 || end > s.char_len() as i64 {
        return None;
    }
    let c = s.char_at(start as usize);
    Some(match c {
        0..0x100 => format!("\\x{c:02x}"),
        0x100..0x1_0000 => format!("\\u{c:04x}"),
        _ => format!("\\U{c:08x}"),
    })
}

fn encode_str(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let Some(object) = fields::load(vm, r, "object")? else { return vm.new_str("") };
    let Place { start, end, encoding, reason } = load_place(vm, r)?;
    let text = match bad_character(object.as_ref(), start, end) {
        Some(c) => format!("'{encoding}' codec can't encode character '{c}' in position {start}: {reason}"),
        None => {
            let last = end - 1;
            format!("'{encoding}' codec can't encode characters in position {start}-{last}: {reason}")
        }
    };
    vm.new_str(&text)
}

fn translate_str(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let Some(object) = fields::load(vm, r, "object")? else { return vm.new_str("") };
    let Place { start, end, reason, .. } = load_place(vm, r)?;
    let text = match bad_character(object.as_ref(), start, end) {
        Some(c) => format!("can't translate character '{c}' in position {start}: {reason}"),
        None => {
            let last = end - 1;
            format!("can't translate characters in position {start}-{last}: {reason}")
        }
    };
    vm.new_str(&text)
}
