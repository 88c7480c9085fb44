//! Codecs by tables: `charmap_encode`, `charmap_decode`, `charmap_build`.

use super::{chars_of, convert, lookup_error, with_count};
use crate::prelude::{
    Args, Exc, NativeDef, Owned, PyResult, Ref, TypeDef, TypeFlags, ValueExt, Vm, as_str, base_value, is_int,
    payload, trace_fields,
};
use hognose_vm::object::bytes::bytes_of;
use hognose_vm::object::str::push_code_point;
use hognose_vm::tuple_items;
use std::collections::HashMap;

pub(super) const FUNCTIONS: &[NativeDef] = &[
    NativeDef::function("charmap_decode", "data, errors=None, mapping=None, /", decode),
    NativeDef::function("charmap_encode", "str, errors=None, mapping=None, /", encode),
    NativeDef::function("charmap_build", "map, /", build),
];

/// What `charmap_build` makes: a table from characters to bytes.
struct EncodingMap(HashMap<u32, u8>);
trace_fields!(EncodingMap {});

static MAP: TypeDef = TypeDef {
    name: "EncodingMap",
    flags: TypeFlags::DISALLOW_INSTANTIATION,
    methods: &[NativeDef::method("size", "$self, /", |vm, a| {
        let n = payload::<EncodingMap>(a.get(0)).map_or(0, |m| m.0.len());
        vm.new_int(n as i64 + 16)
    })],
    ..TypeDef::EMPTY
};

pub(super) fn register(vm: &mut Vm) -> PyResult<()> {
    vm.add_native_type::<EncodingMap>(&MAP).map(drop)
}

fn build(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    if as_str(args.get(0)).is_none() {
        let class = vm.type_name(args.get(0));
        return Err(vm.type_error(&format!("charmap_build() argument must be str, not {class}")));
    }
    let chars = chars_of(args.get(0));
    if chars.is_empty() {
        return Err(vm.value_error("bad argument type for built-in operation"));
    }
    let table = chars.iter().take(256).enumerate().filter(|(_, c)| **c != 0xfffe);
    vm.new_native(EncodingMap(table.map(|(i, c)| (*c, i as u8)).collect()))
}

/// Calls an error handler: what it gives and where to go on.
fn handle(
    vm: &mut Vm,
    handler: &str,
    e: Exc,
    object: &Owned,
    range: (usize, usize),
    length: usize,
) -> PyResult<(Owned, usize)> {
    let args = vec![
        vm.new_str("charmap")?,
        object.clone(),
        vm.new_int(range.0 as i64)?,
        vm.new_int(range.1 as i64)?,
        vm.new_str("character maps to <undefined>")?,
    ];
    if handler == "strict" {
        return Err(vm.raise_with(e, args));
    }
    let exc = vm.new_exception(e, args)?;
    let f = lookup_error(vm, handler)?;
    let result = vm.call(f.as_ref(), &[exc.as_ref()])?;
    let decoding = e == Exc::UnicodeDecodeError;
    let [text, at] = tuple_items(base_value(result.as_ref())) else { return Err(wrong(vm, decoding)) };
    let fits = as_str(*text).is_some() || !decoding && bytes_of(base_value(*text)).is_some();
    if !fits || !is_int(base_value(*at)) {
        return Err(wrong(vm, decoding));
    }
    let at = vm.index_isize(*at, false)?;
    let place = if at < 0 { at + length as isize } else { at };
    match usize::try_from(place).ok().filter(|p| *p <= length) {
        Some(p) => Ok((text.owned(), p)),
        None => Err(vm.index_error(&format!("position {at} from error handler out of bounds"))),
    }
}

fn wrong(vm: &mut Vm, decoding: bool) -> hognose_vm::Raised {
    vm.type_error(if decoding {
        "decoding error handler must return (str, int) tuple"
    } else {
        "encoding error handler must return (str/bytes, int) tuple"
    })
}

/// An entry of a mapping, none when it has none.
fn entry(vm: &mut Vm, mapping: Ref<'_>, key: u32) -> PyResult<Option<Owned>> {
    let key = vm.new_int(i64::from(key))?;
    match vm.get_item(mapping, key.as_ref()) {
        Ok(v) => Ok(Some(v).filter(|v| !v.as_ref().is_none())),
        Err(e) if vm.raised_is(&e, Exc::LookupError) => {
            vm.discard(e);
            Ok(None)
        }
        Err(e) => Err(e),
    }
}

/// Appends what a byte maps to; false: nothing.
fn decode_one(
    vm: &mut Vm,
    mapping: Ref<'_>,
    table: Option<&[u32]>,
    b: u8,
    out: &mut Vec<u8>,
) -> PyResult<bool> {
    if let Some(table) = table {
        return Ok(match table.get(usize::from(b)) {
            Some(&c) if c != 0xfffe => {
                push_code_point(out, c);
                true
            }
            _ => false,
        });
    }
    let Some(v) = entry(vm, mapping, u32::from(b))? else { return Ok(false) };
    if is_int(base_value(v.as_ref())) {
        let n = vm.index_isize(v.as_ref(), true)?;
        if n == 0xfffe {
            return Ok(false);
        }
        if !(0..0x11_0000).contains(&n) {
            return Err(vm.type_error("character mapping must be in range(0x110000)"));
        }
        push_code_point(out, n as u32);
        return Ok(true);
    }
    match as_str(v.as_ref()) {
        Some(s) if s.as_bytes() == "\u{fffe}".as_bytes() => Ok(false),
        Some(s) => {
            out.extend_from_slice(s.as_bytes());
            Ok(true)
        }
        None => Err(vm.type_error("character mapping must return integer, None or str")),
    }
}

fn decode(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let object = convert::input(vm, args.get(0), false)?;
    let handler = convert::errors(vm, args.opt(1))?;
    let data = bytes_of(object.as_ref()).unwrap_or(&[]);
    let Some(mapping) = args.opt(2).filter(|m| !m.is_none()) else {
        let text = vm.decode(data, "latin-1", &handler)?;
        return with_count(vm, text, data.len());
    };
    let chars = as_str(mapping).map(|_| chars_of(mapping));
    vm.heap().charge_external(data.len())?;
    let mut out = Vec::with_capacity(data.len());
    vm.heap().discharge_external(data.len());
    let mut at = 0;
    while at < data.len() {
        if decode_one(vm, mapping, chars.as_deref(), data[at], &mut out)? {
            at += 1;
            continue;
        }
        let (text, next) = handle(vm, &handler, Exc::UnicodeDecodeError, &object, (at, at + 1), data.len())?;
        out.extend_from_slice(as_str(text.as_ref()).map_or(&[][..], |s| s.as_bytes()));
        at = next;
    }
    let text = vm.new_str_bytes(&out)?;
    with_count(vm, text, data.len())
}

/// Appends what a character maps to; false: nothing.
fn encode_one(vm: &mut Vm, mapping: Ref<'_>, c: u32, out: &mut Vec<u8>) -> PyResult<bool> {
    if let Some(map) = payload::<EncodingMap>(mapping) {
        return Ok(map.0.get(&c).map(|b| out.push(*b)).is_some());
    }
    let Some(v) = entry(vm, mapping, c)? else { return Ok(false) };
    if is_int(base_value(v.as_ref())) {
        let n = vm.index_isize(v.as_ref(), true)?;
        if !(0..256).contains(&n) {
            return Err(vm.type_error("character mapping must be in range(256)"));
        }
        out.push(n as u8);
        return Ok(true);
    }
    match bytes_of(base_value(v.as_ref())) {
        Some(b) => {
            out.extend_from_slice(b);
            Ok(true)
        }
        None => {
            let class = vm.type_name(v.as_ref());
            let text = format!("character mapping must return integer, bytes or None, not {class}");
            Err(vm.type_error(&text))
        }
    }
}

fn encode(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    if as_str(args.get(0)).is_none() {
        let class = vm.type_name(args.get(0));
        return Err(vm.type_error(&format!("charmap_encode() argument 1 must be str, not {class}")));
    }
    let handler = convert::errors(vm, args.opt(1))?;
    let object = base_value(args.get(0)).owned();
    let Some(mapping) = args.opt(2).filter(|m| !m.is_none()) else {
        let n = chars_of(args.get(0)).len();
        let bytes = vm.encode(object.as_ref(), "latin-1", &handler)?;
        return with_count(vm, bytes, n);
    };
    let chars = chars_of(args.get(0));
    let mut out = Vec::with_capacity(chars.len());
    let mut at = 0;
    while at < chars.len() {
        if encode_one(vm, mapping, chars[at], &mut out)? {
            at += 1;
            continue;
        }
        // All that follow and have no place either are one error.
        let (mut end, mut scratch) = (at + 1, Vec::new());
        while end < chars.len() && !encode_one(vm, mapping, chars[end], &mut scratch)? {
            end += 1;
        }
        let (text, next) = handle(vm, &handler, Exc::UnicodeEncodeError, &object, (at, end), chars.len())?;
        match bytes_of(base_value(text.as_ref())) {
            Some(b) => out.extend_from_slice(b),
            None => {
                for c in chars_of(text.as_ref()) {
                    if !encode_one(vm, mapping, c, &mut out)? {
                        handle(vm, "strict", Exc::UnicodeEncodeError, &object, (at, end), chars.len())?;
                    }
                }
            }
        }
        at = next;
    }
    let bytes = vm.new_bytes(&out)?;
    with_count(vm, bytes, chars.len())
}
