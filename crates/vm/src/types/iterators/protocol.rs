//! Iterators that only use protocols: over anything with `__getitem__`, and over calls until a sentinel.

use super::{iter_reduce, iterator_type, own_iter, payload_of, state_index};
use crate::args::{Args, NativeDef};
use crate::define::TypeDef;
use crate::exceptions::Exc;
use crate::type_slots::Slots;
use crate::{PyResult, Vm};
use hognose_object::tuple::TupleRef;
use hognose_object::types::TypeFlags;
use hognose_object::{Layout, Owned, Ref, none, trace_fields};
use num_traits::ToPrimitive;
use std::cell::{Cell, RefCell};

iterator_type!(
    /// `iterator`, over anything with `__getitem__`
    SEQUENCE_ITER, "iterator", Layout::Native, seq_next, [
        NativeDef::method("__length_hint__", "$self, /", seq_hint),
        NativeDef::method("__reduce__", "$self, /", seq_reduce),
        NativeDef::method("__setstate__", "$self, object, /", seq_setstate),
    ]
);
iterator_type!(
    /// `callable_iterator`
    CALLABLE_ITER, "callable_iterator", Layout::Native, call_next, [
        NativeDef::method("__reduce__", "$self, /", call_reduce),
    ]
);

// ---- anything with __getitem__

/// Payload of [`SEQUENCE_ITER`].
pub struct SequenceIter {
    /// NULL when exhausted.
    seq: RefCell<Owned>,
    index: Cell<i64>,
}
trace_fields!(SequenceIter { seq });

impl Vm {
    /// An iterator that calls `r[0]`, `r[1]`, … until IndexError.
    pub fn new_sequence_iter(&mut self, r: Ref<'_>) -> PyResult {
        self.new_native(SequenceIter { seq: RefCell::new(r.owned()), index: Cell::new(0) })
    }
}

fn seq_next(vm: &mut Vm, r: Ref<'_>) -> PyResult<Option<Owned>> {
    let it = payload_of::<SequenceIter>(vm, r)?;
    let seq = it.seq.borrow().clone();
    if seq.is_null() {
        return Ok(None);
    }
    let i = it.index.get();
    if i == i64::MAX {
        return Err(vm.overflow_error("iter index too large"));
    }
    let index = vm.new_int(i)?;
    match vm.get_item(seq.as_ref(), index.as_ref()) {
        Ok(item) => {
            it.index.set(it.index.get().saturating_add(1));
            Ok(Some(item))
        }
        Err(e) if vm.raised_is(&e, Exc::IndexError) || vm.raised_is(&e, Exc::StopIteration) => {
            vm.discard(e);
            drop(it.seq.replace(Owned::null()));
            Ok(None)
        }
        Err(e) => Err(e),
    }
}

fn seq_hint(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let it = payload_of::<SequenceIter>(vm, args.get(0))?;
    let seq = it.seq.borrow().clone();
    if seq.is_null() {
        return vm.new_int(0);
    }
    if vm.class_of(seq.as_ref()).slots().len.is_none() {
        return Ok(Owned::from_immediate(hognose_object::NOT_IMPLEMENTED));
    }
    let n = vm.len(seq.as_ref())?.to_i64().unwrap_or(i64::MAX);
    vm.new_int((n - it.index.get()).max(0))
}

fn seq_reduce(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let it = payload_of::<SequenceIter>(vm, args.get(0))?;
    let seq = it.seq.borrow().clone();
    if seq.is_null() {
        let empty = vm.empty_tuple.owned();
        return iter_reduce(vm, empty, None);
    }
    let i = vm.new_int(it.index.get())?;
    iter_reduce(vm, seq, Some(i))
}

fn seq_setstate(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let i = state_index(vm, args.get(1))?;
    let it = payload_of::<SequenceIter>(vm, args.get(0))?;
    if !it.seq.borrow().is_null() {
        it.index.set(i.max(0) as i64);
    }
    Ok(none())
}

// ---- calls until a sentinel

/// Payload of [`CALLABLE_ITER`].
pub struct CallableIter {
    /// NULL when exhausted.
    callable: RefCell<Owned>,
    sentinel: RefCell<Owned>,
}
trace_fields!(CallableIter { callable, sentinel });

/// `iter(callable, sentinel)`
pub fn new_callable_iter(vm: &mut Vm, callable: Ref<'_>, sentinel: Ref<'_>) -> PyResult {
    vm.new_native(CallableIter {
        callable: RefCell::new(callable.owned()),
        sentinel: RefCell::new(sentinel.owned()),
    })
}

impl CallableIter {
    fn end(&self) {
        drop(self.callable.replace(Owned::null()));
        drop(self.sentinel.replace(Owned::null()));
    }
}

fn call_next(vm: &mut Vm, r: Ref<'_>) -> PyResult<Option<Owned>> {
    let it = payload_of::<CallableIter>(vm, r)?;
    let callable = it.callable.borrow().clone();
    if callable.is_null() {
        return Ok(None);
    }
    let item = match vm.call(callable.as_ref(), &[]) {
        Ok(item) => item,
        Err(e) if vm.raised_is(&e, Exc::StopIteration) => {
            vm.discard(e);
            it.end();
            return Ok(None);
        }
        Err(e) => return Err(e),
    };
    // The call may have exhausted this very iterator.
    let sentinel = it.sentinel.borrow().clone();
    if sentinel.is_null() {
        return Ok(None);
    }
    if vm.equal(sentinel.as_ref(), item.as_ref())? {
        it.end();
        return Ok(None);
    }
    Ok(Some(item))
}

fn call_reduce(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let it = payload_of::<CallableIter>(vm, args.get(0))?;
    let (callable, sentinel) = (it.callable.borrow().clone(), it.sentinel.borrow().clone());
    if callable.is_null() {
        let empty = vm.empty_tuple.owned();
        return iter_reduce(vm, empty, None);
    }
    let pair = iter_reduce(vm, callable.clone(), None)?;
    let function = TupleRef::new(pair.as_ref()).map_or_else(none, |t| t.items()[0].owned());
    let args = vm.new_pair(callable, sentinel)?;
    vm.new_pair(function, args)
}
