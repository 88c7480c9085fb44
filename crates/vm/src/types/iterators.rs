//! Iterators over sequences.
//!
//!   this file     lists, tuples, and what all iterators share
//!   ranges.rs     ranges of small and of large ints
//!   protocol.rs   anything with `__getitem__`; calls until a sentinel
//!   adapters.rs   `enumerate`, `zip`, `map`, `filter`
//!   reversed.rs   `reversed`
//!
//! An exhausted iterator lets go of what it iterated over and stays exhausted.

use crate::args::{Args, NativeDef};
use crate::define::TypeDef;
use crate::exceptions::Exc;
use crate::type_slots::Slots;
use crate::{PyResult, Vm};
use hognose_object::list::{ListRef, new_list};
use hognose_object::native::{Trace, payload};
use hognose_object::objects::ListIterObj;
use hognose_object::tuple::TupleRef;
use hognose_object::types::TypeFlags;
use hognose_object::{Layout, Owned, Ref, Value, ValueExt, int, none, trace_fields};
use std::cell::{Cell, RefCell};

mod adapters;
mod protocol;
mod ranges;
mod reversed;

pub use adapters::{ENUMERATE, Enumerate, FILTER, Filter, MAP, Map, ZIP, Zip};
pub use protocol::{CALLABLE_ITER, CallableIter, SEQUENCE_ITER, SequenceIter, new_callable_iter};
pub use ranges::{LONG_RANGE_ITER, LongRangeIter, RANGE_ITER};
pub(crate) use ranges::{new_long_range_iter, new_range_iter};
pub use reversed::{REVERSED, Reversed};

/// `__iter__` of iterators.
pub(crate) fn own_iter(_vm: &mut Vm, r: Ref<'_>) -> PyResult {
    Ok(r.owned())
}

/// The payload of a receiver.
#[inline(always)]
pub(crate) fn payload_of<'a, T: Trace + 'static>(vm: &mut Vm, r: Ref<'a>) -> PyResult<&'a T> {
    match payload::<T>(r) {
        Some(p) => Ok(p),
        None => Err(vm.type_error("an iterator of another type")),
    }
}

/// `(iter, (source,))` or `(iter, (source,), state)`.
pub(crate) fn iter_reduce(vm: &mut Vm, source: Owned, state: Option<Owned>) -> PyResult {
    reduce_with(vm, "iter", source, state)
}

/// The same with another builtin.
pub(super) fn reduce_with(vm: &mut Vm, name: &str, source: Owned, state: Option<Owned>) -> PyResult {
    let builtins = vm.builtins.as_ref().owned();
    let f = match vm.dict_get_name(builtins.as_ref(), name)? {
        Some(f) => f,
        None => return Err(vm.raise(Exc::AttributeError, name)),
    };
    let args = vm.new_tuple(vec![source])?;
    let mut out = vec![f, args];
    out.extend(state);
    vm.new_tuple(out)
}

/// The argument of `__setstate__`.
pub(super) fn state_index(vm: &mut Vm, r: Ref<'_>) -> PyResult<isize> {
    if !int::is_int(crate::class::base_value(r)) {
        return Err(vm.type_error("an integer is required"));
    }
    vm.ssize_arg(r)
}

/// An iterator type that only the machine makes.
macro_rules! iterator_type {
    ($(#[$doc:meta])* $id:ident, $name:literal, $layout:expr, $next:expr, [$($method:expr),* $(,)?]) => {
        $(#[$doc])*
        pub static $id: TypeDef = TypeDef {
            name: $name,
            layout: $layout,
            flags: TypeFlags::DISALLOW_INSTANTIATION,
            slots: Slots { iter: Some(own_iter), next: Some($next), ..Slots::NONE },
            methods: &[$($method),*],
            ..TypeDef::EMPTY
        };
    };
}
use iterator_type;

iterator_type!(
    /// `list_iterator`
    LIST_ITER, "list_iterator", Layout::ListIter, list_next, [
        NativeDef::method("__length_hint__", "$self, /", list_hint),
        NativeDef::method("__reduce__", "$self, /", list_reduce),
        NativeDef::method("__setstate__", "$self, object, /", list_setstate),
    ]
);
iterator_type!(
    /// `list_reverseiterator`
    LIST_REVERSE_ITER, "list_reverseiterator", Layout::Native, back_next, [
        NativeDef::method("__length_hint__", "$self, /", back_hint),
        NativeDef::method("__reduce__", "$self, /", back_reduce),
        NativeDef::method("__setstate__", "$self, object, /", back_setstate),
    ]
);
iterator_type!(
    /// `tuple_iterator`
    TUPLE_ITER, "tuple_iterator", Layout::Native, tuple_next, [
        NativeDef::method("__length_hint__", "$self, /", tuple_hint),
        NativeDef::method("__reduce__", "$self, /", tuple_reduce),
        NativeDef::method("__setstate__", "$self, object, /", tuple_setstate),
    ]
);

// ---- lists forwards

fn list_iter_obj(r: Ref<'_>) -> *mut ListIterObj {
    assert!(r.has_layout(Layout::ListIter), "the machine checks receivers");
    r.value().header().cast()
}

/// `iter(list)`
#[allow(unsafe_code, reason = "writes the fields of a fresh object")]
pub(crate) fn list_iter(vm: &mut Vm, list: Ref<'_>) -> PyResult {
    let h = vm.heap.alloc_traced(Layout::ListIter.kind(), size_of::<ListIterObj>())?;
    // SAFETY: a fresh block of that size; every field is written.
    unsafe {
        let o = h.cast::<ListIterObj>();
        (*o).list = list.owned().into_value();
        (*o).index = 0;
        Ok(Owned::from_value(Value::from_ptr(h)))
    }
}

/// The list an iterator is at, and where; `None`: exhausted.
#[allow(unsafe_code, reason = "reads the fields of an iterator")]
fn list_state(r: Ref<'_>) -> Option<(ListRef<'_>, usize)> {
    let o = list_iter_obj(r);
    // SAFETY: the layout was checked; the iterator owns the list.
    unsafe { ListRef::new(Ref::from_value((*o).list)).map(|l| (l, (*o).index)) }
}

#[allow(unsafe_code, reason = "changes the fields of an iterator")]
fn list_next(_vm: &mut Vm, r: Ref<'_>) -> PyResult<Option<Owned>> {
    let Some((l, i)) = list_state(r) else { return Ok(None) };
    let o = list_iter_obj(r);
    // SAFETY: the layout was checked; at the end the iterator gives its reference up.
    unsafe {
        match l.get(i) {
            Some(item) => {
                (*o).index = i + 1;
                Ok(Some(item))
            }
            None => {
                let list = std::mem::replace(&mut (*o).list, Value::NULL);
                drop(Owned::from_value(list));
                Ok(None)
            }
        }
    }
}

fn list_hint(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let n = list_state(args.get(0)).map_or(0, |(l, i)| l.len().saturating_sub(i));
    vm.new_int(n as i64)
}

fn list_reduce(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    match list_state(args.get(0)) {
        Some((l, i)) => {
            let i = vm.new_int(i as i64)?;
            iter_reduce(vm, l.as_ref().owned(), Some(i))
        }
        None => {
            let empty = new_list(&vm.heap, 0)?;
            iter_reduce(vm, empty, None)
        }
    }
}

#[allow(unsafe_code, reason = "changes the fields of an iterator")]
fn list_setstate(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let i = state_index(vm, args.get(1))?;
    if let Some((l, _)) = list_state(args.get(0)) {
        let i = i.clamp(0, l.len() as isize) as usize;
        // SAFETY: the layout was checked.
        unsafe { (*list_iter_obj(args.get(0))).index = i };
    }
    Ok(none())
}

// ---- lists backwards

/// Payload of [`LIST_REVERSE_ITER`].
pub struct ListReverseIter {
    list: RefCell<Owned>,
    /// Next index; below 0 at the end.
    index: Cell<isize>,
}
trace_fields!(ListReverseIter { list });

/// `reversed(list)`
pub(crate) fn list_reversed(vm: &mut Vm, list: Ref<'_>) -> PyResult {
    let index = ListRef::new(list).map_or(0, ListRef::len) as isize - 1;
    vm.new_native(ListReverseIter { list: RefCell::new(list.owned()), index: Cell::new(index) })
}

fn back_next(vm: &mut Vm, r: Ref<'_>) -> PyResult<Option<Owned>> {
    let it = payload_of::<ListReverseIter>(vm, r)?;
    let i = it.index.get();
    let item = ListRef::new(it.list.borrow().as_ref()).filter(|_| i >= 0).and_then(|l| l.get(i as usize));
    match item {
        Some(_) => it.index.set(i - 1),
        None => {
            it.index.set(-1);
            drop(it.list.replace(Owned::null()));
        }
    }
    Ok(item)
}

fn back_hint(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let it = payload_of::<ListReverseIter>(vm, args.get(0))?;
    let len = ListRef::new(it.list.borrow().as_ref()).map_or(0, ListRef::len) as isize;
    let n = it.index.get() + 1;
    vm.new_int(if n > len { 0 } else { n as i64 })
}

fn back_reduce(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let it = payload_of::<ListReverseIter>(vm, args.get(0))?;
    let list = it.list.borrow().clone();
    if list.is_null() {
        let empty = new_list(&vm.heap, 0)?;
        return reduce_with(vm, "reversed", empty, None);
    }
    let i = vm.new_int(it.index.get() as i64)?;
    reduce_with(vm, "reversed", list, Some(i))
}

fn back_setstate(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let i = state_index(vm, args.get(1))?;
    let it = payload_of::<ListReverseIter>(vm, args.get(0))?;
    if let Some(l) = ListRef::new(it.list.borrow().as_ref()) {
        it.index.set(i.clamp(-1, l.len() as isize - 1));
    }
    Ok(none())
}

// ---- tuples

/// Payload of [`TUPLE_ITER`].
pub struct TupleIter {
    /// The tuple (or subclass), NULL when exhausted.
    tuple: RefCell<Owned>,
    index: Cell<usize>,
}
trace_fields!(TupleIter { tuple });

/// `iter(tuple)`
pub(crate) fn tuple_iter(vm: &mut Vm, tuple: Ref<'_>) -> PyResult {
    vm.new_native(TupleIter { tuple: RefCell::new(tuple.owned()), index: Cell::new(0) })
}

fn tuple_next(vm: &mut Vm, r: Ref<'_>) -> PyResult<Option<Owned>> {
    let it = payload_of::<TupleIter>(vm, r)?;
    let i = it.index.get();
    let tuple = it.tuple.borrow();
    let items = super::tuple::tuple_of(tuple.as_ref()).map_or(&[][..], TupleRef::items);
    if let Some(item) = items.get(i) {
        it.index.set(i + 1);
        return Ok(Some(item.owned()));
    }
    drop(tuple);
    drop(it.tuple.replace(Owned::null()));
    Ok(None)
}

fn tuple_left(it: &TupleIter) -> usize {
    let tuple = it.tuple.borrow();
    let n = super::tuple::tuple_of(tuple.as_ref()).map_or(0, |t| t.items().len());
    n.saturating_sub(it.index.get())
}

fn tuple_hint(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let n = tuple_left(payload_of::<TupleIter>(vm, args.get(0))?);
    vm.new_int(n as i64)
}

fn tuple_reduce(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let it = payload_of::<TupleIter>(vm, args.get(0))?;
    let tuple = it.tuple.borrow().clone();
    if tuple.is_null() {
        let empty = vm.empty_tuple.owned();
        return iter_reduce(vm, empty, None);
    }
    let i = vm.new_int(it.index.get() as i64)?;
    iter_reduce(vm, tuple, Some(i))
}

fn tuple_setstate(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let i = state_index(vm, args.get(1))?;
    let it = payload_of::<TupleIter>(vm, args.get(0))?;
    if !it.tuple.borrow().is_null() {
        it.index.set(0);
        it.index.set(i.clamp(0, tuple_left(it) as isize) as usize);
    }
    Ok(none())
}
