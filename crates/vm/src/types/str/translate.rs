//! `translate` and `maketrans`.

use super::build::TextBuf;
use super::index::char_from;
use super::{str_arg, this};
use crate::args::Args;
use crate::class::base_value;
use crate::exceptions::Exc;
use crate::text::as_str;
use crate::{PyResult, Vm};
use hognose_object::dict::DictRef;
use hognose_object::{Owned, Ref, ValueExt, int, none};
use num_traits::ToPrimitive;

/// What a table says of one character.
enum Entry {
    /// Stays.
    Same,
    /// Becomes this text (maybe empty).
    Text(Vec<u8>),
}

/// `s.translate(table)`
pub fn translate(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let s = this(vm, args.get(0))?;
    let (bytes, table) = (s.as_bytes(), args.get(1));
    let mut known: Vec<Option<Entry>> = Vec::new();
    known.resize_with(128, || None);
    let mut out = TextBuf::new();
    let mut at = 0;
    while let Some((c, end)) = char_from(bytes, at) {
        let fresh;
        let entry = match known.get_mut(c as usize) {
            Some(Some(entry)) => &*entry,
            Some(place) => {
                let entry = lookup(vm, table, c)?;
                place.insert(entry)
            }
            None => {
                fresh = lookup(vm, table, c)?;
                &fresh
            }
        };
        match entry {
            Entry::Same => out.push(vm, &bytes[at..end])?,
            Entry::Text(t) => out.push(vm, t)?,
        }
        at = end;
    }
    out.to_str(vm)
}

fn lookup(vm: &mut Vm, table: Ref<'_>, c: u32) -> PyResult<Entry> {
    let key = vm.new_int(i64::from(c))?;
    let value = match vm.get_item(table, key.as_ref()) {
        Ok(value) => value,
        Err(e) if vm.raised_is(&e, Exc::LookupError) => {
            vm.discard(e);
            return Ok(Entry::Same);
        }
        Err(e) => return Err(e),
    };
    let r = base_value(value.as_ref());
    if r.is_none() {
        return Ok(Entry::Text(Vec::new()));
    }
    if let Some(s) = as_str(r) {
        return Ok(Entry::Text(s.as_bytes().to_vec()));
    }
    if !int::is_int(r) {
        return Err(vm.type_error("character mapping must return integer, None or str"));
    }
    match int::bigint_of(r).and_then(|n| n.to_u32()).filter(|&c| c < 0x11_0000) {
        Some(c) => {
            let mut text = Vec::new();
            hognose_object::str::push_code_point(&mut text, c);
            Ok(Entry::Text(text))
        }
        None => Err(vm.value_error("character mapping must be in range(0x110000)")),
    }
}

/// `str.maketrans(x, y, z)`: static methods are given the class first.
pub fn maketrans(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let table = vm.new_dict()?;
    let Some(y) = args.opt(2) else {
        copy_dict(vm, args.get(1), table.as_ref())?;
        return Ok(table);
    };
    let y = str_arg(vm, y, "maketrans() argument 2")?;
    let z = match args.opt(3) {
        Some(z) => Some(str_arg(vm, z, "maketrans() argument 3")?),
        None => None,
    };
    let Some(x) = as_str(args.get(1)) else {
        return Err(vm.type_error("first maketrans argument must be a string if there is a second argument"));
    };
    if x.char_len() != y.char_len() {
        return Err(vm.value_error("the first two maketrans arguments must have equal length"));
    }
    for (a, b) in x.chars().zip(y.chars()) {
        let b = vm.new_int(i64::from(b))?;
        put(vm, table.as_ref(), a, b)?;
    }
    for c in z.into_iter().flat_map(|z| z.chars()) {
        put(vm, table.as_ref(), c, none())?;
    }
    Ok(table)
}

fn put(vm: &mut Vm, table: Ref<'_>, c: u32, value: Owned) -> PyResult<()> {
    let key = vm.new_int(i64::from(c))?;
    vm.dict_set(table, key.as_ref(), value.as_ref())
}

fn copy_dict(vm: &mut Vm, source: Ref<'_>, table: Ref<'_>) -> PyResult<()> {
    // Only an exact dict will do, as in CPython.
    let source = match DictRef::new(source) {
        Some(d) if source.is_exact(hognose_object::Layout::Dict) => d,
        _ => return Err(vm.type_error("if you give only one argument to maketrans it must be a dict")),
    };
    for (key, value) in source.to_vec() {
        let k = key.as_ref();
        if let Some(s) = as_str(k) {
            let mut chars = s.chars();
            let (Some(c), None) = (chars.next(), chars.next()) else {
                return Err(vm.value_error("string keys in translatetable must be of length 1"));
            };
            put(vm, table, c, value)?;
        } else if int::is_int(base_value(k)) {
            vm.dict_set(table, k, value.as_ref())?;
        } else {
            return Err(vm.type_error("keys in translate table mustbe strings or integers"));
        }
    }
    Ok(())
}
