//! Iterators over bytes and bytearrays.

use super::container::plain;
use crate::args::{Args, NativeDef};
use crate::define::TypeDef;
use crate::type_slots::Slots;
use crate::types::str::index::ssize;
use crate::{PyResult, Vm};
use hognose_object::native::payload;
use hognose_object::{Owned, Ref, trace_fields};
use std::cell::{Cell, RefCell};

/// Iterator over bytes.
pub struct BytesIter {
    state: State,
}
/// Iterator over a bytearray.
pub struct ArrayIter {
    state: State,
}

/// What is iterated until the end was reached, and the next index.
struct State {
    source: RefCell<Option<Owned>>,
    at: Cell<usize>,
}

trace_fields!(State { source });
trace_fields!(BytesIter { state });
trace_fields!(ArrayIter { state });

/// `bytes_iterator`
pub static BYTES_ITER: TypeDef = definition("bytes_iterator");
/// `bytearray_iterator`
pub static ARRAY_ITER: TypeDef = definition("bytearray_iterator");

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

fn fresh(r: Ref<'_>) -> State {
    State { source: RefCell::new(Some(r.owned())), at: Cell::new(0) }
}

/// `iter(b)`
pub fn iter_bytes(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    vm.new_native(BytesIter { state: fresh(r) })
}

/// `iter(a)`
pub fn iter_array(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    vm.new_native(ArrayIter { state: fresh(r) })
}

fn itself(_vm: &mut Vm, r: Ref<'_>) -> PyResult {
    Ok(r.owned())
}

fn state<'a>(vm: &mut Vm, r: Ref<'a>) -> PyResult<&'a State> {
    if let Some(it) = payload::<BytesIter>(r) {
        return Ok(&it.state);
    }
    match payload::<ArrayIter>(r) {
        Some(it) => Ok(&it.state),
        None => Err(vm.type_error("a bytes iterator is required")),
    }
}

fn next(vm: &mut Vm, r: Ref<'_>) -> PyResult<Option<Owned>> {
    let state = state(vm, r)?;
    let at = state.at.get();
    let byte = match &*state.source.borrow() {
        Some(s) => plain(vm.heap(), s.as_ref()).and_then(|b| b.get(at).copied()),
        None => return Ok(None),
    };
    if let Some(b) = byte {
        state.at.set(at + 1);
        return vm.new_int(i64::from(b)).map(Some);
    }
    let done = state.source.take();
    drop(done);
    Ok(None)
}

fn length_hint(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let state = state(vm, args.get(0))?;
    let len = match &*state.source.borrow() {
        Some(s) => plain(vm.heap(), s.as_ref()).map_or(0, <[u8]>::len),
        None => 0,
    };
    vm.new_int(len.saturating_sub(state.at.get()) as i64)
}

fn reduce(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let state = state(vm, args.get(0))?;
    let builtins = vm.builtins().owned();
    let Some(iter) = vm.dict_get_name(builtins.as_ref(), "iter")? else {
        return Err(vm.runtime_error("lost builtins.iter"));
    };
    let source = state.source.borrow().clone();
    match source {
        Some(source) => {
            let args = vm.new_tuple(vec![source])?;
            let i = vm.new_int(state.at.get() as i64)?;
            vm.new_tuple(vec![iter, args, i])
        }
        None => {
            let empty = vm.new_tuple(Vec::new())?;
            let args = vm.new_tuple(vec![empty])?;
            vm.new_pair(iter, args)
        }
    }
}

fn setstate(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let i = ssize(vm, args.get(1))?.max(0) as usize;
    let state = state(vm, args.get(0))?;
    let len = match &*state.source.borrow() {
        Some(s) => plain(vm.heap(), s.as_ref()).map_or(0, <[u8]>::len),
        None => 0,
    };
    state.at.set(i.min(len));
    Ok(vm.none())
}
