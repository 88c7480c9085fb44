//! Displays, strings, unpacking, functions.
#![allow(unsafe_code, reason = "operands are registers")]

use super::ops::consume;
use crate::frame::Frame;
use crate::{PyResult, Vm};
use hognose_bytecode::{CodeFlags, Insn};
use hognose_object::code::CodeObj;
use hognose_object::list::{ListObj, new_list};
use hognose_object::objects::FunctionObj;
use hognose_object::str::{StrRef, alloc_str};
use hognose_object::{Layout, NONE, Owned, Ref, Value, ValueExt};

#[inline(never)]
pub(crate) unsafe fn build_list(vm: &mut Vm, base: *mut Value, insn: Insn) -> PyResult<Value> {
    let n = usize::from(insn.c);
    let list = new_list(&vm.heap, n)?;
    // SAFETY: the capacity is n; the temporaries move in.
    unsafe {
        let l = list.value().header().cast::<ListObj>();
        std::ptr::copy_nonoverlapping(base.add(usize::from(insn.b)), (*l).buf, n);
        (*l).len = n;
    }
    Ok(list.into_value())
}

#[inline(never)]
pub(crate) unsafe fn build_set(vm: &mut Vm, base: *mut Value, insn: Insn) -> PyResult<Value> {
    let set = hognose_object::set::new_set(&vm.heap)?;
    // SAFETY: the temporaries are live until released here.
    unsafe {
        let from = base.add(usize::from(insn.b));
        for i in 0..usize::from(insn.c) {
            vm.set_add(set.as_ref(), Ref::from_value(*from.add(i)))?;
        }
        for i in (0..usize::from(insn.c)).rev() {
            drop(Owned::from_value(*from.add(i)));
        }
    }
    Ok(set.into_value())
}

#[inline(never)]
pub(crate) unsafe fn build_map(vm: &mut Vm, base: *mut Value, insn: Insn) -> PyResult<Value> {
    let dict = vm.new_dict()?;
    // SAFETY: the temporaries are live until released here.
    unsafe {
        let from = base.add(usize::from(insn.b));
        for i in 0..usize::from(insn.c) {
            let (k, v) = (Ref::from_value(*from.add(2 * i)), Ref::from_value(*from.add(2 * i + 1)));
            vm.dict_set(dict.as_ref(), k, v)?;
        }
        for i in (0..2 * usize::from(insn.c)).rev() {
            drop(Owned::from_value(*from.add(i)));
        }
    }
    Ok(dict.into_value())
}

#[inline(never)]
pub(crate) unsafe fn build_string(vm: &mut Vm, base: *mut Value, insn: Insn) -> PyResult<Value> {
    // SAFETY: the temporaries are strings, live until released here.
    unsafe {
        let from = base.add(usize::from(insn.b));
        let n = usize::from(insn.c);
        let part = |i: usize| StrRef::new(crate::class::base_value(Ref::from_value(*from.add(i))));
        let (mut bytes, mut chars) = (0usize, 0usize);
        for i in 0..n {
            if let Some(s) = part(i) {
                bytes += s.as_bytes().len();
                chars += s.char_len();
            }
        }
        let v = if bytes < 2 {
            let text: Vec<u8> = (0..n).filter_map(part).flat_map(|s| s.as_bytes().to_vec()).collect();
            vm.new_str_bytes(&text)?.into_value()
        } else {
            let (h, mut out) = alloc_str(&vm.heap, bytes, chars)?;
            for s in (0..n).filter_map(part) {
                let b = s.as_bytes();
                std::ptr::copy_nonoverlapping(b.as_ptr(), out, b.len());
                out = out.add(b.len());
            }
            Value::from_ptr(h)
        };
        for i in (0..n).rev() {
            drop(Owned::from_value(*from.add(i)));
        }
        Ok(v)
    }
}

fn not_iterable(vm: &mut Vm, r: Ref<'_>) -> bool {
    let slots = vm.class_of(r).slots();
    slots.iter.is_none() && slots.getitem.is_none()
}

pub(crate) fn list_extend(vm: &mut Vm, list: Ref<'_>, items: Ref<'_>) -> PyResult<()> {
    if not_iterable(vm, items) {
        let class = vm.type_name(items);
        return Err(vm.type_error(&format!("Value after * must be an iterable, not {class}")));
    }
    vm.extend_list(list, items)
}

pub(crate) fn set_update(vm: &mut Vm, set: Ref<'_>, items: Ref<'_>) -> PyResult<()> {
    let mut it = vm.iterate(items)?;
    while let Some(x) = it.next(vm)? {
        vm.set_add(set, x.as_ref())?;
    }
    Ok(())
}

/// `{**mapping}`
pub(crate) fn dict_update(vm: &mut Vm, dict: Ref<'_>, mapping: Ref<'_>) -> PyResult<()> {
    let Some(pairs) = mapping_items(vm, mapping)? else {
        let class = vm.type_name(mapping);
        return Err(vm.type_error(&format!("'{class}' object is not a mapping")));
    };
    for (k, v) in pairs {
        vm.dict_set(dict, k.as_ref(), v.as_ref())?;
    }
    Ok(())
}

/// Keys and values of a mapping, `None` when it has no `keys`.
pub(crate) fn mapping_items(vm: &mut Vm, mapping: Ref<'_>) -> PyResult<Option<Vec<(Owned, Owned)>>> {
    if mapping.is_exact(Layout::Dict) {
        return Ok(hognose_object::dict::DictRef::new(mapping).map(|d| d.to_vec()));
    }
    let name = vm.names.keys;
    let Some(keys) = vm.get_attr_opt(mapping, name)? else { return Ok(None) };
    let keys = vm.call(keys.as_ref(), &[])?;
    let mut out = Vec::new();
    for k in vm.collect(keys.as_ref())? {
        let v = vm.get_item(mapping, k.as_ref())?;
        out.push((k, v));
    }
    Ok(Some(out))
}

/// Keyword arguments `**mapping` of a call.
pub(crate) fn dict_merge(vm: &mut Vm, dict: Ref<'_>, mapping: Ref<'_>, callee: Ref<'_>) -> PyResult<()> {
    let Some(pairs) = mapping_items(vm, mapping)? else {
        let (f, class) = (super::callee_text(vm, callee)?, vm.type_name(mapping));
        return Err(vm.type_error(&format!("{f} argument after ** must be a mapping, not {class}")));
    };
    for (k, v) in pairs {
        if crate::text::as_str(k.as_ref()).is_none() {
            return Err(vm.type_error("keywords must be strings"));
        }
        if vm.dict_contains(dict, k.as_ref())? {
            let (f, name) = (super::callee_text(vm, callee)?, vm.text_of(k.as_ref()));
            return Err(vm.type_error(&format!("{f} got multiple values for keyword argument '{name}'")));
        }
        vm.dict_set(dict, k.as_ref(), v.as_ref())?;
    }
    Ok(())
}

pub(crate) fn list_to_tuple(vm: &mut Vm, list: Ref<'_>) -> PyResult<Value> {
    let items = vm.items_of(list);
    Ok(vm.new_tuple(items)?.into_value())
}

// ---- unpacking

/// Items of a sequence to unpack into `n` names (at least, when `star`).
fn unpack_items(vm: &mut Vm, r: Ref<'_>, n: usize, star: bool) -> PyResult<Vec<Owned>> {
    if r.is_exact(Layout::Tuple) || r.is_exact(Layout::List) {
        let items = vm.items_of(r);
        if items.len() < n || !star && items.len() > n {
            return Err(wrong_count(vm, n, items.len(), star, true));
        }
        return Ok(items);
    }
    if not_iterable(vm, r) {
        let class = vm.type_name(r);
        return Err(vm.type_error(&format!("cannot unpack non-iterable {class} object")));
    }
    if star {
        // Through a list, which the heap's limit bounds.
        let list = vm.to_list(r)?;
        let items = vm.items_of(list.as_ref());
        if items.len() < n {
            return Err(wrong_count(vm, n, items.len(), star, false));
        }
        return Ok(items);
    }
    let mut it = vm.iterate(r)?;
    let mut items = Vec::new();
    while items.len() < n {
        match it.next(vm)? {
            Some(x) => items.push(x),
            None if items.len() < n => return Err(wrong_count(vm, n, items.len(), star, false)),
            None => return Ok(items),
        }
    }
    if it.next(vm)?.is_some() {
        let sized = r.has_layout(Layout::Dict) || r.has_layout(Layout::List);
        let got = if sized { vm.len(r)? } else { n + 1 };
        return Err(wrong_count(vm, n, got, false, sized));
    }
    Ok(items)
}

#[cold]
fn wrong_count(vm: &mut Vm, n: usize, got: usize, star: bool, sized: bool) -> crate::Raised {
    let least = if star { "at least " } else { "" };
    if got > n {
        let got = if sized { format!(", got {got}") } else { String::new() };
        return vm.value_error(&format!("too many values to unpack (expected {n}{got})"));
    }
    vm.value_error(&format!("not enough values to unpack (expected {least}{n}, got {got})"))
}

unsafe fn place(base: *mut Value, first: u16, reversed: bool, items: Vec<Owned>) {
    let n = items.len();
    for (i, item) in items.into_iter().enumerate() {
        let at = if reversed { n - 1 - i } else { i };
        // SAFETY: the compiler gives room for all items.
        unsafe { base.add(usize::from(first) + at).write(item.into_value()) };
    }
}

#[inline(never)]
pub(crate) unsafe fn unpack(
    vm: &mut Vm,
    base: *mut Value,
    insn: Insn,
    reversed: bool,
    nlocals: u16,
) -> PyResult<()> {
    // SAFETY: the operand is live; results are written after it is released.
    unsafe {
        let r = Ref::from_value(*base.add(usize::from(insn.b)));
        let items = unpack_items(vm, r, usize::from(insn.c), false)?;
        consume(vm, base, insn.b, nlocals);
        place(base, insn.a, reversed, items);
        Ok(())
    }
}

#[inline(never)]
pub(crate) unsafe fn unpack_ex(
    vm: &mut Vm,
    base: *mut Value,
    insn: Insn,
    reversed: bool,
    nlocals: u16,
) -> PyResult<()> {
    // SAFETY: as in `unpack`.
    unsafe {
        let r = Ref::from_value(*base.add(usize::from(insn.b)));
        let (before, after) = (usize::from(insn.c & 0xff), usize::from(insn.c >> 8));
        let mut items = unpack_items(vm, r, before + after, true)?;
        let tail = items.split_off(items.len() - after);
        let middle = items.split_off(before);
        items.push(vm.new_list(middle)?);
        items.extend(tail);
        consume(vm, base, insn.b, nlocals);
        place(base, insn.a, reversed, items);
        Ok(())
    }
}

// ---- functions

/// `def` and `lambda`: `at` holds, by the flags, defaults, keyword defaults, annotate function, closure.
#[inline(never)]
pub(crate) unsafe fn make_function(
    vm: &mut Vm,
    fp: *mut Frame,
    at: *mut Value,
    code: Value,
    flags: u16,
) -> PyResult<Value> {
    // SAFETY: the frame is live; the temporaries move into the function.
    unsafe {
        let globals = Ref::from_value((*(*fp).func).globals);
        let f = vm.new_function(Ref::from_value(code), globals)?;
        let o = f.value().header().cast::<FunctionObj>();
        let mut at = at;
        let places =
            [&raw mut (*o).defaults, &raw mut (*o).kwdefaults, &raw mut (*o).annotate, &raw mut (*o).closure];
        for (bit, place) in places.into_iter().enumerate() {
            if flags & 1 << bit != 0 {
                place.write(*at);
                at = at.add(1);
            }
        }
        Ok(f.into_value())
    }
}

impl Vm {
    /// A function of a code object.
    pub(crate) fn new_function(&mut self, code: Ref<'_>, globals: Ref<'_>) -> PyResult {
        let name_key = self.names.__name__;
        let module = hognose_object::dict::DictRef::new(globals).and_then(|d| d.get_str(name_key));
        let o = hognose_object::slots::alloc_with_slots(
            &self.heap,
            Layout::Function.kind(),
            size_of::<FunctionObj>(),
            0,
        )?;
        let f = o.value().header().cast::<FunctionObj>();
        let c = code.value().header().cast::<CodeObj>();
        // SAFETY: a fresh block of that size, every field of which is written; the code object is alive.
        unsafe {
            let own = |v: Value| Ref::from_value(v).owned().into_value();
            (*f).code = code.owned().into_value();
            (*f).globals = globals.owned().into_value();
            (*f).name = own((*c).name);
            (*f).qualname = own((*c).qualname);
            // NULL: the docstring of the code, which is made when somebody asks.
            (*f).doc = if (*c).flags & CodeFlags::HAS_DOCSTRING == 0 { NONE } else { Value::NULL };
            (*f).module = module.map_or(Value::NULL, Owned::into_value);
            let empty = [
                &raw mut (*f).defaults,
                &raw mut (*f).kwdefaults,
                &raw mut (*f).closure,
                &raw mut (*f).dict,
                &raw mut (*f).annotations,
                &raw mut (*f).annotate,
                &raw mut (*f).type_params,
            ];
            for place in empty {
                place.write(Value::NULL);
            }
        }
        Ok(o)
    }
}

// ---- formatting

#[inline(never)]
pub(crate) fn format_simple(vm: &mut Vm, r: Ref<'_>) -> PyResult<Value> {
    if StrRef::new(r).is_some() {
        return Ok(r.owned().into_value());
    }
    if r.value().is_int() || r.value().is_float() {
        return Ok(vm.str(r)?.into_value());
    }
    let empty = vm.new_str("")?;
    Ok(vm.format(r, empty.as_ref())?.into_value())
}

pub(crate) fn convert(vm: &mut Vm, r: Ref<'_>, how: u16) -> PyResult<Value> {
    let s = match how {
        1 => vm.str(r)?,
        2 => vm.repr(r)?,
        _ => {
            let text = vm.ascii(r)?;
            vm.new_str(&text)?
        }
    };
    Ok(s.into_value())
}

/// t-strings: value, expression text and (c & 1) format spec; c >> 2 is the conversion.
pub(crate) unsafe fn build_interpolation(vm: &mut Vm, base: *mut Value, insn: Insn) -> PyResult<Value> {
    // SAFETY: the temporaries are live until released here.
    unsafe {
        let at = base.add(usize::from(insn.b));
        let n = 2 + usize::from(insn.c & 1);
        let part = |i: usize| Ref::from_value(*at.add(i)).owned();
        let conversion = match insn.c >> 2 {
            0 => None,
            1 => Some("s"),
            2 => Some("r"),
            _ => Some("a"),
        };
        let conversion = match conversion {
            Some(c) => vm.new_str(c)?,
            None => vm.none(),
        };
        let spec = if n == 3 { part(2) } else { vm.new_str("")? };
        let v = crate::types::template::new_interpolation(vm, part(0), part(1), conversion, spec)?;
        for i in (0..n).rev() {
            drop(Owned::from_value(*at.add(i)));
        }
        Ok(v.into_value())
    }
}

pub(crate) unsafe fn build_template(vm: &mut Vm, base: *mut Value, insn: Insn) -> PyResult<Value> {
    // SAFETY: the temporaries are live until released here.
    unsafe {
        let at = base.add(usize::from(insn.b));
        let (strings, parts) = (Ref::from_value(*at).owned(), Ref::from_value(*at.add(1)).owned());
        let v = crate::types::template::new_template(vm, strings, parts)?;
        drop(Owned::from_value(*at.add(1)));
        drop(Owned::from_value(*at));
        Ok(v.into_value())
    }
}
