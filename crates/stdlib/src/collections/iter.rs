//! Iterators over a deque, in both directions.

use super::deque::deque;
use super::ring::Deque;
use crate::prelude::{NativeDef, Owned, PyResult, Ref, Slots, Trace, TypeDef, Vm, payload};
use std::cell::Cell;

/// Payload of both iterators; `BACK`: from the end.
pub(super) struct DequeIter<const BACK: bool> {
    source: Owned,
    at: Cell<usize>,
    changes: u64,
}

#[allow(unsafe_code, reason = "names the field that owns a reference")]
// SAFETY: `source` is the only field that holds a reference.
unsafe impl<const BACK: bool> Trace for DequeIter<BACK> {
    fn trace(&self, visit: &mut dyn FnMut(hognose_vm::object::Value)) {
        self.source.trace(visit);
    }
}

pub(super) static FORWARD: TypeDef = TypeDef {
    name: "collections._deque_iterator",
    slots: Slots { iter: Some(|_, r| Ok(r.owned())), next: Some(next::<false>), ..Slots::NONE },
    methods: &[NativeDef::method("__length_hint__", "$self, /", |vm, a| hint::<false>(vm, a.get(0)))],
    ..TypeDef::EMPTY
};

pub(super) static REVERSE: TypeDef = TypeDef {
    name: "collections._deque_reverse_iterator",
    slots: Slots { iter: Some(|_, r| Ok(r.owned())), next: Some(next::<true>), ..Slots::NONE },
    methods: &[NativeDef::method("__length_hint__", "$self, /", |vm, a| hint::<true>(vm, a.get(0)))],
    ..TypeDef::EMPTY
};

pub(super) fn forward(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let changes = deque(vm, r)?.changes.get();
    vm.new_native(DequeIter::<false> { source: r.owned(), at: Cell::new(0), changes })
}

pub(super) fn reverse(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let changes = deque(vm, r)?.changes.get();
    vm.new_native(DequeIter::<true> { source: r.owned(), at: Cell::new(0), changes })
}

fn hint<const BACK: bool>(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let left = payload::<DequeIter<BACK>>(r)
        .and_then(|it| payload::<Deque>(it.source.as_ref()).map(|d| d.len().saturating_sub(it.at.get())));
    vm.new_int(left.unwrap_or(0) as i64)
}

fn next<const BACK: bool>(vm: &mut Vm, r: Ref<'_>) -> PyResult<Option<Owned>> {
    let Some(it) = payload::<DequeIter<BACK>>(r) else { return Ok(None) };
    let d = deque(vm, it.source.as_ref())?;
    let at = it.at.get();
    if at >= d.len() {
        return Ok(None);
    }
    if d.changes.get() != it.changes {
        it.at.set(usize::MAX);
        return Err(vm.runtime_error("deque mutated during iteration"));
    }
    it.at.set(at + 1);
    Ok(d.get(if BACK { d.len() - 1 - at } else { at }))
}
