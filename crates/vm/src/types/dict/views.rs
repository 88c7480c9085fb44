//! Views of dicts: `dict_keys`, `dict_values`, `dict_items`. The first and the last behave as sets.

use super::dict_of;
use super::iterators::{ITEM, KEY, VALUE, iter_view, reversed_view};
use crate::args::{Args, GetSetDef, NativeDef};
use crate::define::TypeDef;
use crate::type_slots::{BinOp, CmpOp, Slots};
use crate::types::{list, set};
use crate::{PyResult, Vm};
use hognose_object::dict::DictRef;
use hognose_object::list::new_list;
use hognose_object::native::{Trace, payload};
use hognose_object::set::new_set;
use hognose_object::tuple::TupleRef;
use hognose_object::types::TypeFlags;
use hognose_object::{Layout, NOT_IMPLEMENTED, Owned, Ref, Value, owned_bool};

/// A view of the keys, values or items of a dict.
pub struct DictView<const KIND: u8> {
    dict: Owned,
}

/// Payload of [`KEYS`].
pub type KeysView = DictView<KEY>;
/// Payload of [`VALUES`].
pub type ValuesView = DictView<VALUE>;
/// Payload of [`ITEMS`].
pub type ItemsView = DictView<ITEM>;

#[allow(unsafe_code, reason = "lists every field that owns references")]
// SAFETY: the dict is the only reference.
unsafe impl<const KIND: u8> Trace for DictView<KIND> {
    fn trace(&self, visit: &mut dyn FnMut(Value)) {
        self.dict.trace(visit);
    }
}

const OPS: u32 = BinOp::And.bit() | BinOp::Or.bit() | BinOp::Sub.bit() | BinOp::Xor.bit();

/// `dict_keys`
pub static KEYS: TypeDef = TypeDef {
    name: "dict_keys",
    layout: Layout::Native,
    flags: TypeFlags::DISALLOW_INSTANTIATION,
    slots: Slots {
        repr: Some(repr::<KEY>),
        iter: Some(|vm, r| iter_view::<KEY>(vm, dict_in(r))),
        len: Some(len),
        contains: Some(contains),
        richcompare: Some(richcompare),
        binary: Some(binary),
        binary_ops: OPS,
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("isdisjoint", "$self, object, /", isdisjoint),
        NativeDef::method("__reversed__", "$self, /", |vm, a| reversed_view(vm, KEY, dict_in(a.get(0)))),
    ],
    getset: &[GetSetDef::read("mapping", mapping)],
    ..TypeDef::EMPTY
};

/// `dict_values`
pub static VALUES: TypeDef = TypeDef {
    name: "dict_values",
    layout: Layout::Native,
    flags: TypeFlags::DISALLOW_INSTANTIATION,
    slots: Slots {
        repr: Some(repr::<VALUE>),
        iter: Some(|vm, r| iter_view::<VALUE>(vm, dict_in(r))),
        len: Some(len),
        ..Slots::NONE
    },
    methods: &[NativeDef::method("__reversed__", "$self, /", |vm, a| {
        reversed_view(vm, VALUE, dict_in(a.get(0)))
    })],
    getset: &[GetSetDef::read("mapping", mapping)],
    ..TypeDef::EMPTY
};

/// `dict_items`
pub static ITEMS: TypeDef = TypeDef {
    name: "dict_items",
    layout: Layout::Native,
    flags: TypeFlags::DISALLOW_INSTANTIATION,
    slots: Slots {
        repr: Some(repr::<ITEM>),
        iter: Some(|vm, r| iter_view::<ITEM>(vm, dict_in(r))),
        len: Some(len),
        contains: Some(contains),
        richcompare: Some(richcompare),
        binary: Some(binary),
        binary_ops: OPS,
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("isdisjoint", "$self, object, /", isdisjoint),
        NativeDef::method("__reversed__", "$self, /", |vm, a| reversed_view(vm, ITEM, dict_in(a.get(0)))),
    ],
    getset: &[GetSetDef::read("mapping", mapping)],
    ..TypeDef::EMPTY
};

/// `dict.keys()`
pub fn new_keys(vm: &mut Vm, dict: Ref<'_>) -> PyResult {
    vm.new_native(DictView::<KEY> { dict: dict.owned() })
}

/// `dict.values()`
pub fn new_values(vm: &mut Vm, dict: Ref<'_>) -> PyResult {
    vm.new_native(DictView::<VALUE> { dict: dict.owned() })
}

/// `dict.items()`
pub fn new_items(vm: &mut Vm, dict: Ref<'_>) -> PyResult {
    vm.new_native(DictView::<ITEM> { dict: dict.owned() })
}

/// What a view shows, and of which dict.
fn view_of(r: Ref<'_>) -> Option<(u8, Ref<'_>)> {
    if let Some(v) = payload::<DictView<KEY>>(r) {
        return Some((KEY, v.dict.as_ref()));
    }
    if let Some(v) = payload::<DictView<ITEM>>(r) {
        return Some((ITEM, v.dict.as_ref()));
    }
    payload::<DictView<VALUE>>(r).map(|v| (VALUE, v.dict.as_ref()))
}

/// The dict behind a receiver.
fn dict_in(r: Ref<'_>) -> Ref<'_> {
    view_of(r).expect("the machine checks receivers").1
}

fn len(_vm: &mut Vm, r: Ref<'_>) -> PyResult<usize> {
    Ok(dict_of(dict_in(r)).len())
}

fn mapping(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    crate::types::mappingproxy::new_proxy(vm, dict_in(r))
}

fn repr<const KIND: u8>(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    if !vm.repr_enter(r) {
        return vm.new_str("...");
    }
    let text = repr_text(vm, r);
    vm.repr_leave(r);
    vm.new_str_bytes(&text?)
}

fn repr_text(vm: &mut Vm, r: Ref<'_>) -> PyResult<Vec<u8>> {
    let items = new_list(&vm.heap, 0)?;
    list::extend(vm, list::list_of(items.as_ref()), r)?;
    let shown = vm.repr(items.as_ref())?;
    let mut out = vm.type_name(r).into_bytes();
    out.push(b'(');
    out.extend_from_slice(crate::text::str_bytes(shown.as_ref()));
    out.push(b')');
    Ok(out)
}

// ---- as sets

fn contains(vm: &mut Vm, r: Ref<'_>, item: Ref<'_>) -> PyResult<bool> {
    match view_of(r) {
        Some((KEY, d)) => vm.dict_contains(d, item),
        Some((_, d)) => {
            let Some(pair) = crate::types::tuple::tuple_of(item).map(TupleRef::items) else {
                return Ok(false);
            };
            let [key, value] = *pair else { return Ok(false) };
            match vm.dict_get(d, key)? {
                Some(found) => vm.equal(found.as_ref(), value),
                None => Ok(false),
            }
        }
        None => Ok(false),
    }
}

/// Is it a set, or a view that behaves as one?
fn is_set_like(r: Ref<'_>) -> bool {
    DictRef::new_set(r).is_some() || matches!(view_of(r), Some((KEY | ITEM, _)))
}

/// Is every item of `a` in `b`?
fn all_in(vm: &mut Vm, a: Ref<'_>, b: Ref<'_>) -> PyResult<bool> {
    let mut it = vm.iterate(a)?;
    while let Some(x) = it.next(vm)? {
        if !vm.contains(b, x.as_ref())? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn richcompare(vm: &mut Vm, op: CmpOp, a: Ref<'_>, b: Ref<'_>) -> PyResult {
    if !is_set_like(a) || !is_set_like(b) {
        return Ok(Owned::from_immediate(NOT_IMPLEMENTED));
    }
    let (m, n) = (vm.len(a)?, vm.len(b)?);
    let holds = match op {
        CmpOp::Eq => m == n && all_in(vm, a, b)?,
        CmpOp::Ne => !(m == n && all_in(vm, a, b)?),
        CmpOp::Lt => m < n && all_in(vm, a, b)?,
        CmpOp::Le => m <= n && all_in(vm, a, b)?,
        CmpOp::Gt => m > n && all_in(vm, b, a)?,
        CmpOp::Ge => m >= n && all_in(vm, b, a)?,
    };
    Ok(owned_bool(holds))
}

fn binary(vm: &mut Vm, op: BinOp, a: Ref<'_>, b: Ref<'_>) -> PyResult {
    if op == BinOp::And {
        let (view, other) = if view_of(a).is_some() { (a, b) } else { (b, a) };
        return intersect(vm, view, other);
    }
    if let (BinOp::Xor, Some((ITEM, _)), Some((ITEM, _))) = (op, view_of(a), view_of(b)) {
        return differing_items(vm, a, b);
    }
    let out = new_set(&vm.heap)?;
    set::update(vm, out.as_ref(), a)?;
    match op {
        BinOp::Or => set::update(vm, out.as_ref(), b)?,
        BinOp::Sub => set::difference_update(vm, out.as_ref(), b)?,
        _ => set::symmetric_difference_update(vm, out.as_ref(), b)?,
    }
    Ok(out)
}

/// What both have; the larger side is asked about the items of the smaller when both know their length.
fn intersect(vm: &mut Vm, view: Ref<'_>, other: Ref<'_>) -> PyResult {
    let (mut asked, mut shown) = (view, other);
    if is_set_like(other) && vm.len(other)? > vm.len(view)? {
        (asked, shown) = (other, view);
    }
    let out = new_set(&vm.heap)?;
    let mut it = vm.iterate(shown)?;
    while let Some(x) = it.next(vm)? {
        if vm.contains(asked, x.as_ref())? {
            vm.set_add(out.as_ref(), x.as_ref())?;
        }
    }
    Ok(out)
}

/// Items of one view only; those in both need not be hashable.
fn differing_items(vm: &mut Vm, a: Ref<'_>, b: Ref<'_>) -> PyResult {
    let out = new_set(&vm.heap)?;
    for (from, other) in [(a, b), (b, a)] {
        let mut it = vm.iterate(from)?;
        while let Some(x) = it.next(vm)? {
            if !vm.contains(other, x.as_ref())? {
                vm.set_add(out.as_ref(), x.as_ref())?;
            }
        }
    }
    Ok(out)
}

fn isdisjoint(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let (mut view, mut other) = (args.get(0), args.get(1));
    if view.is(other) {
        return Ok(owned_bool(len(vm, view)? == 0));
    }
    if is_set_like(other) && vm.len(other)? > vm.len(view)? {
        std::mem::swap(&mut view, &mut other);
    }
    let mut it = vm.iterate(other)?;
    while let Some(x) = it.next(vm)? {
        if vm.contains(view, x.as_ref())? {
            return Ok(owned_bool(false));
        }
    }
    Ok(owned_bool(true))
}
