//! Iterators over the characters of a string, one type for ASCII and one for the rest, as in CPython.

use super::index;
use crate::args::{Args, NativeDef};
use crate::define::TypeDef;
use crate::text::as_str;
use crate::type_slots::Slots;
use crate::{PyResult, Vm};
use hognose_object::native::payload;
use hognose_object::str::{StrRef, count_chars};
use hognose_object::{Owned, Ref, trace_fields};
use std::cell::{Cell, RefCell};

/// Iterator over a string that has other characters than ASCII.
pub struct StrIter {
    state: State,
}
/// Iterator over an ASCII string.
pub struct AsciiIter {
    state: State,
}

/// The string until the end was reached, and the byte offset of the next character.
struct State {
    text: RefCell<Option<Owned>>,
    at: Cell<usize>,
}

trace_fields!(State { text });
trace_fields!(StrIter { state });
trace_fields!(AsciiIter { state });

/// `str_iterator`
pub static ITER: TypeDef = definition("str_iterator");
/// `str_ascii_iterator`
pub static ASCII_ITER: TypeDef = definition("str_ascii_iterator");

const fn definition(name: &'static str) -> TypeDef {
    TypeDef {
        name,
        slots: Slots { iter: Some(itself), next: Some(next), ..Slots::NONE },
        methods: METHODS,
        ..TypeDef::EMPTY
    }
}

static METHODS: &[NativeDef] = &[
    NativeDef::method("__length_hint__", "$self, /", length_hint),
    NativeDef::method("__reduce__", "$self, /", reduce),
    NativeDef::method("__setstate__", "$self, object, /", setstate),
];

/// `iter(s)`
pub fn iter(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let s = super::this(vm, r)?;
    let state = State { text: RefCell::new(Some(s.as_ref().owned())), at: Cell::new(0) };
    if s.is_ascii() { vm.new_native(AsciiIter { state }) } else { vm.new_native(StrIter { state }) }
}

fn itself(_vm: &mut Vm, r: Ref<'_>) -> PyResult {
    Ok(r.owned())
}

fn state<'a>(vm: &mut Vm, r: Ref<'a>) -> PyResult<&'a State> {
    if let Some(it) = payload::<AsciiIter>(r) {
        return Ok(&it.state);
    }
    match payload::<StrIter>(r) {
        Some(it) => Ok(&it.state),
        None => Err(vm.type_error("a string iterator is required")),
    }
}

fn next(vm: &mut Vm, r: Ref<'_>) -> PyResult<Option<Owned>> {
    let state = state(vm, r)?;
    let at = state.at.get();
    {
        let text = state.text.borrow();
        let Some(s) = text.as_ref().and_then(|t| StrRef::new(t.as_ref())) else { return Ok(None) };
        if let Some((_, end)) = index::char_from(s.as_bytes(), at) {
            state.at.set(end);
            return vm.new_str_bytes(&s.as_bytes()[at..end]).map(Some);
        }
    }
    let done = state.text.take();
    drop(done);
    Ok(None)
}

fn length_hint(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let state = state(vm, args.get(0))?;
    let left = state.text.borrow().as_ref().and_then(|t| as_str(t.as_ref()).map(|s| left(s, state.at.get())));
    vm.new_int(left.unwrap_or(0) as i64)
}

fn left(s: StrRef<'_>, at: usize) -> usize {
    s.as_bytes().get(at..).map_or(0, count_chars)
}

fn reduce(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let state = state(vm, args.get(0))?;
    let builtins = vm.builtins().owned();
    let Some(iter) = vm.dict_get_name(builtins.as_ref(), "iter")? else {
        return Err(vm.runtime_error("lost builtins.iter"));
    };
    let text = state.text.borrow().clone();
    match text {
        Some(text) => {
            let i = as_str(text.as_ref()).map_or(0, |s| s.char_index(state.at.get()));
            let args = vm.new_tuple(vec![text])?;
            let i = vm.new_int(i as i64)?;
            vm.new_tuple(vec![iter, args, i])
        }
        None => {
            let empty = vm.new_str_bytes(b"")?;
            let args = vm.new_tuple(vec![empty])?;
            vm.new_pair(iter, args)
        }
    }
}

fn setstate(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let i = index::ssize(vm, args.get(1))?;
    let state = state(vm, args.get(0))?;
    if let Some(s) = state.text.borrow().as_ref().and_then(|t| StrRef::new(t.as_ref())) {
        let i = (i.max(0) as usize).min(s.char_len());
        state.at.set(index::byte_offset(s, i));
    }
    Ok(vm.none())
}
