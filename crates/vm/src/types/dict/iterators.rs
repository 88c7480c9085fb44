//! Iterators over dicts: keys, values or items, in either direction.
//!
//! An iterator remembers the number of keys and stops with an error when it changes. Six types share one payload,
//! which is told apart by a number, since a payload type names its class.

use super::dict_of;
use crate::args::{Args, NativeDef};
use crate::define::TypeDef;
use crate::type_slots::Slots;
use crate::types::iterators::{iter_reduce, own_iter, payload_of};
use crate::{PyResult, Vm};
use hognose_object::dict::DictRef;
use hognose_object::list::new_list;
use hognose_object::native::Trace;
use hognose_object::tuple::new_pair;
use hognose_object::types::TypeFlags;
use hognose_object::{Layout, Owned, Ref, Value};
use std::cell::{Cell, RefCell};

/// What an iterator or view shows.
pub(super) const KEY: u8 = 0;
/// See [`KEY`].
pub(super) const VALUE: u8 = 1;
/// See [`KEY`].
pub(super) const ITEM: u8 = 2;
/// Added: from the end.
const REVERSE: u8 = 4;

/// State of an iterator; `KIND` is what it shows, and 4 when it runs backwards.
pub struct DictIter<const KIND: u8> {
    /// NULL when exhausted.
    dict: RefCell<Owned>,
    /// Next entry (backwards: the one behind it).
    at: Cell<usize>,
    /// Number of keys at the beginning; `usize::MAX` once it was found changed.
    used: Cell<usize>,
    /// Keys still expected.
    left: Cell<usize>,
}

#[allow(unsafe_code, reason = "lists every field that owns references")]
// SAFETY: the dict is the only reference.
unsafe impl<const KIND: u8> Trace for DictIter<KIND> {
    fn trace(&self, visit: &mut dyn FnMut(Value)) {
        self.dict.trace(visit);
    }
}

macro_rules! iterator_type {
    ($(#[$doc:meta])* $id:ident, $name:literal, $kind:expr) => {
        $(#[$doc])*
        pub static $id: TypeDef = TypeDef {
            name: $name,
            layout: Layout::Native,
            flags: TypeFlags::DISALLOW_INSTANTIATION,
            slots: Slots { iter: Some(own_iter), next: Some(next::<{ $kind }>), ..Slots::NONE },
            methods: &[
                NativeDef::method("__length_hint__", "$self, /", length_hint::<{ $kind }>),
                NativeDef::method("__reduce__", "$self, /", reduce::<{ $kind }>),
            ],
            ..TypeDef::EMPTY
        };
    };
}

iterator_type!(
    /// `dict_keyiterator`
    KEY_ITER, "dict_keyiterator", KEY
);
iterator_type!(
    /// `dict_valueiterator`
    VALUE_ITER, "dict_valueiterator", VALUE
);
iterator_type!(
    /// `dict_itemiterator`
    ITEM_ITER, "dict_itemiterator", ITEM
);
iterator_type!(
    /// `dict_reversekeyiterator`
    REVERSE_KEY_ITER, "dict_reversekeyiterator", KEY + REVERSE
);
iterator_type!(
    /// `dict_reversevalueiterator`
    REVERSE_VALUE_ITER, "dict_reversevalueiterator", VALUE + REVERSE
);
iterator_type!(
    /// `dict_reverseitemiterator`
    REVERSE_ITEM_ITER, "dict_reverseitemiterator", ITEM + REVERSE
);

fn make<const KIND: u8>(vm: &mut Vm, dict: Ref<'_>) -> PyResult {
    let d = dict_of(dict);
    vm.new_native(DictIter::<KIND> {
        dict: RefCell::new(dict.owned()),
        at: Cell::new(if KIND & REVERSE == 0 { 0 } else { d.entries_len() }),
        used: Cell::new(d.len()),
        left: Cell::new(d.len()),
    })
}

/// `iter(dict)`
pub(crate) fn iter_keys(vm: &mut Vm, dict: Ref<'_>) -> PyResult {
    make::<KEY>(vm, dict)
}

/// `reversed(dict)`
pub(crate) fn reversed_keys(vm: &mut Vm, dict: Ref<'_>) -> PyResult {
    make::<{ KEY + REVERSE }>(vm, dict)
}

/// An iterator over what a view shows.
pub(super) fn iter_view<const KIND: u8>(vm: &mut Vm, dict: Ref<'_>) -> PyResult {
    make::<KIND>(vm, dict)
}

/// The same from the end.
pub(super) fn reversed_view(vm: &mut Vm, kind: u8, dict: Ref<'_>) -> PyResult {
    match kind {
        KEY => reversed_keys(vm, dict),
        VALUE => make::<{ VALUE + REVERSE }>(vm, dict),
        _ => make::<{ ITEM + REVERSE }>(vm, dict),
    }
}

fn next<const KIND: u8>(vm: &mut Vm, r: Ref<'_>) -> PyResult<Option<Owned>> {
    let it = payload_of::<DictIter<KIND>>(vm, r)?;
    let dict = it.dict.borrow();
    let Some(d) = DictRef::new(dict.as_ref()) else { return Ok(None) };
    if it.used.get() != d.len() {
        it.used.set(usize::MAX);
        return Err(vm.runtime_error("dictionary changed size during iteration"));
    }
    let found = if KIND & REVERSE == 0 { d.next_used(it.at.get()) } else { d.prev_used(it.at.get()) };
    let Some(i) = found else {
        drop(dict);
        drop(it.dict.replace(Owned::null()));
        return Ok(None);
    };
    if it.left.get() == 0 {
        drop(dict);
        drop(it.dict.replace(Owned::null()));
        return Err(vm.runtime_error("dictionary keys changed during iteration"));
    }
    it.at.set(if KIND & REVERSE == 0 { i + 1 } else { i });
    it.left.set(it.left.get() - 1);
    shown::<KIND>(vm, d, i)
}

#[inline(always)]
fn shown<const KIND: u8>(vm: &Vm, d: DictRef<'_>, i: usize) -> PyResult<Option<Owned>> {
    Ok(match KIND & 3 {
        KEY => d.key_at(i),
        VALUE => d.value_at(i),
        _ => match d.entry(i) {
            Some((key, value)) => Some(new_pair(&vm.heap, key, value)?),
            None => None,
        },
    })
}

fn length_hint<const KIND: u8>(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let it = payload_of::<DictIter<KIND>>(vm, args.get(0))?;
    let dict = it.dict.borrow();
    let n = match DictRef::new(dict.as_ref()) {
        Some(d) if it.used.get() == d.len() => it.left.get(),
        _ => 0,
    };
    vm.new_int(n as i64)
}

/// The rest as a list; the iterator itself does not move.
fn reduce<const KIND: u8>(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let it = payload_of::<DictIter<KIND>>(vm, args.get(0))?;
    let copy = vm.new_native(DictIter::<KIND> {
        dict: RefCell::new(it.dict.borrow().clone()),
        at: it.at.clone(),
        used: it.used.clone(),
        left: it.left.clone(),
    })?;
    let rest = new_list(&vm.heap, 0)?;
    vm.extend_list(rest.as_ref(), copy.as_ref())?;
    iter_reduce(vm, rest, None)
}
