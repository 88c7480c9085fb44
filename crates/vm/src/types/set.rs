//! The types `set` and `frozenset`. Both iterate in the order in which items were added.
//!
//! Tables keep the full hash of each item, so combining sets hashes nothing anew. `==` on items may run Python and
//! change any of the tables: an entry index is used only until the next comparison, and looping by index survives it.
//! Methods are in methods.rs.

mod methods;

use super::iterators::{iter_reduce, own_iter, payload_of};
use super::list::{class_arg, one_optional};
use crate::args::{Args, NativeDef};
use crate::define::TypeDef;
use crate::type_slots::{BinOp, CmpOp, Slots};
use crate::{PyResult, Vm};
use hognose_object::dict::DictRef;
use hognose_object::hash::{Hash, hash_frozenset};
use hognose_object::list::new_list;
use hognose_object::set::{new_frozenset, new_set};
use hognose_object::types::TypeFlags;
use hognose_object::{Layout, NOT_IMPLEMENTED, Owned, Ref, ValueExt, owned_bool, trace_fields};
use std::cell::{Cell, RefCell};

const OPS: u32 = BinOp::And.bit() | BinOp::Or.bit() | BinOp::Sub.bit() | BinOp::Xor.bit();

/// The slots both have.
const COMMON: Slots = Slots {
    repr: Some(repr),
    iter: Some(iter),
    richcompare: Some(richcompare),
    len: Some(|_, r| Ok(set_of(r).len())),
    contains: Some(|vm, r, item| vm.set_contains(r, item)),
    binary: Some(binary),
    binary_ops: OPS,
    ..Slots::NONE
};

/// `set`
pub static SET: TypeDef = TypeDef {
    name: "set",
    layout: Layout::Set,
    doc: "Build an unordered collection of unique elements.",
    flags: TypeFlags::BASE_TYPE,
    slots: Slots {
        inplace: Some(inplace),
        inplace_ops: OPS,
        new: Some(new_mutable),
        init: Some(init),
        ..COMMON
    },
    methods: methods::SET_METHODS,
    ..TypeDef::EMPTY
};

/// `frozenset`
pub static FROZENSET: TypeDef = TypeDef {
    name: "frozenset",
    layout: Layout::FrozenSet,
    doc: "Build an immutable unordered collection of unique elements.",
    flags: TypeFlags::BASE_TYPE,
    slots: Slots { hash: Some(|_, r| Ok(content_hash(set_of(r)))), new: Some(new_frozen), ..COMMON },
    methods: methods::FROZENSET_METHODS,
    ..TypeDef::EMPTY
};

/// Iterator over a set: payload of [`SET_ITER`].
pub struct SetIter {
    /// NULL when exhausted.
    set: RefCell<Owned>,
    at: Cell<usize>,
    /// Number of items at the beginning; `usize::MAX` once it was found changed.
    used: Cell<usize>,
    left: Cell<usize>,
}
trace_fields!(SetIter { set });

/// `set_iterator`
pub static SET_ITER: TypeDef = TypeDef {
    name: "set_iterator",
    layout: Layout::Native,
    flags: TypeFlags::DISALLOW_INSTANTIATION,
    slots: Slots { iter: Some(own_iter), next: Some(next), ..Slots::NONE },
    methods: &[
        NativeDef::method("__length_hint__", "$self, /", length_hint),
        NativeDef::method("__reduce__", "$self, /", iter_rest),
    ],
    ..TypeDef::EMPTY
};

/// The receiver of a method or slot.
#[inline(always)]
pub(crate) fn set_of(r: Ref<'_>) -> DictRef<'_> {
    DictRef::new_set(r).expect("the machine checks receivers")
}

/// Hash of a frozenset with these items.
pub(crate) fn content_hash(s: DictRef<'_>) -> Hash {
    hash_frozenset(Hashes { set: s, at: 0, left: s.len() })
}

/// The hashes of a set's items.
struct Hashes<'a> {
    set: DictRef<'a>,
    at: usize,
    left: usize,
}

impl Iterator for Hashes<'_> {
    type Item = Hash;

    fn next(&mut self) -> Option<Hash> {
        let i = self.set.next_used(self.at)?;
        self.at = i + 1;
        self.left = self.left.saturating_sub(1);
        Some(self.set.hash_at(i))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for Hashes<'_> {}

// ---- making

fn new_mutable(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let class = class_arg(vm, args)?;
    vm.alloc_for(class)
}

fn init(vm: &mut Vm, args: &Args<'_>) -> PyResult<()> {
    let items = one_optional(vm, args, "set")?;
    let s = set_of(args.get(0));
    if !s.is_empty() {
        s.clear(&mut vm.heap);
    }
    match items {
        Some(items) => update(vm, args.get(0), items),
        None => Ok(()),
    }
}

fn new_frozen(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let class = class_arg(vm, args)?;
    let exact = class == vm.types.frozenset;
    let items = if exact { one_optional(vm, args, "frozenset")? } else { args.opt(1) };
    if let Some(items) = items
        && exact
        && items.is_exact(Layout::FrozenSet)
    {
        return Ok(items.owned());
    }
    let out = vm.alloc_for(class)?;
    if let Some(items) = items {
        update(vm, out.as_ref(), items)?;
    }
    Ok(out)
}

/// A new exact set or frozenset, as `like` is one, with the items of `from`.
pub(super) fn copy_like(vm: &mut Vm, like: Ref<'_>, from: Ref<'_>) -> PyResult {
    let out = empty_like(vm, like)?;
    update(vm, out.as_ref(), from)?;
    Ok(out)
}

/// A new empty exact set or frozenset, as `like` is one.
pub(super) fn empty_like(vm: &Vm, like: Ref<'_>) -> PyResult {
    Ok(if like.has_layout(Layout::FrozenSet) { new_frozenset(&vm.heap)? } else { new_set(&vm.heap)? })
}

// ---- combining; the first argument is changed

/// Adds all items of an iterable.
pub(crate) fn update(vm: &mut Vm, set: Ref<'_>, items: Ref<'_>) -> PyResult<()> {
    let s = set_of(set);
    if let Some(from) = DictRef::new_set(items) {
        if s.is_empty() {
            return Ok(from.copy_into(&mut vm.heap, s)?);
        }
        let mut at = 0;
        while let Some(i) = from.next_used(at) {
            at = i + 1;
            let (Some(key), hash) = (from.key_at(i), from.hash_at(i)) else { continue };
            vm.set_add_hashed(s, hash, key.as_ref())?;
        }
        return Ok(());
    }
    let mut it = vm.iterate(items)?;
    while let Some(x) = it.next(vm)? {
        let hash = vm.key_hash(x.as_ref(), true)?;
        vm.set_add_hashed(s, hash, x.as_ref())?;
    }
    Ok(())
}

/// Removes all items of an iterable.
pub(crate) fn difference_update(vm: &mut Vm, set: Ref<'_>, items: Ref<'_>) -> PyResult<()> {
    let s = set_of(set);
    if set.is(items) {
        s.clear(&mut vm.heap);
        return Ok(());
    }
    if let Some(from) = DictRef::new_set(items) {
        let mut at = 0;
        while let Some(i) = from.next_used(at) {
            at = i + 1;
            let (Some(key), hash) = (from.key_at(i), from.hash_at(i)) else { continue };
            discard_hashed(vm, s, hash, key.as_ref())?;
        }
        return Ok(());
    }
    let mut it = vm.iterate(items)?;
    while let Some(x) = it.next(vm)? {
        let hash = vm.key_hash(x.as_ref(), true)?;
        discard_hashed(vm, s, hash, x.as_ref())?;
    }
    Ok(())
}

fn discard_hashed(vm: &mut Vm, s: DictRef<'_>, hash: Hash, key: Ref<'_>) -> PyResult<bool> {
    match vm.find_hashed(s, hash, key)? {
        Some(i) => {
            drop(s.remove_at(&mut vm.heap, i, hash));
            Ok(true)
        }
        None => Ok(false),
    }
}

/// Keeps what is in just one of both.
pub(crate) fn symmetric_difference_update(vm: &mut Vm, set: Ref<'_>, items: Ref<'_>) -> PyResult<()> {
    let s = set_of(set);
    if set.is(items) {
        s.clear(&mut vm.heap);
        return Ok(());
    }
    // Duplicates in an iterable must count once.
    let other = if DictRef::new_set(items).is_some() {
        items.owned()
    } else {
        let other = new_set(&vm.heap)?;
        update(vm, other.as_ref(), items)?;
        other
    };
    let from = set_of(other.as_ref());
    let mut at = 0;
    while let Some(i) = from.next_used(at) {
        at = i + 1;
        let (Some(key), hash) = (from.key_at(i), from.hash_at(i)) else { continue };
        if !discard_hashed(vm, s, hash, key.as_ref())? {
            vm.set_add_hashed(s, hash, key.as_ref())?;
        }
    }
    Ok(())
}

/// A new exact set of what both have.
pub(super) fn intersection(vm: &mut Vm, set: Ref<'_>, items: Ref<'_>) -> PyResult {
    let out = empty_like(vm, set)?;
    let o = set_of(out.as_ref());
    let (mut s, from) = (set_of(set), DictRef::new_set(items));
    if let Some(mut from) = from {
        if from.len() > s.len() {
            std::mem::swap(&mut s, &mut from);
        }
        let mut at = 0;
        while let Some(i) = from.next_used(at) {
            at = i + 1;
            let (Some(key), hash) = (from.key_at(i), from.hash_at(i)) else { continue };
            if vm.find_hashed(s, hash, key.as_ref())?.is_some() {
                vm.set_add_hashed(o, hash, key.as_ref())?;
            }
        }
        return Ok(out);
    }
    let mut it = vm.iterate(items)?;
    while let Some(x) = it.next(vm)? {
        let hash = vm.hash(x.as_ref())?;
        if vm.find_hashed(s, hash, x.as_ref())?.is_some() {
            vm.set_add_hashed(o, hash, x.as_ref())?;
        }
    }
    Ok(out)
}

/// A new exact set of the items of `set` that are not in `items`.
pub(super) fn difference(vm: &mut Vm, set: Ref<'_>, items: Ref<'_>) -> PyResult {
    let s = set_of(set);
    let Some(other) = DictRef::new_set(items).filter(|o| o.len() >= s.len() / 4) else {
        let out = copy_like(vm, set, set)?;
        difference_update(vm, out.as_ref(), items)?;
        return Ok(out);
    };
    let out = empty_like(vm, set)?;
    let mut at = 0;
    while let Some(i) = s.next_used(at) {
        at = i + 1;
        let (Some(key), hash) = (s.key_at(i), s.hash_at(i)) else { continue };
        if vm.find_hashed(other, hash, key.as_ref())?.is_none() {
            vm.set_add_hashed(set_of(out.as_ref()), hash, key.as_ref())?;
        }
    }
    Ok(out)
}

/// Is every item of `a` in `b`?
pub(super) fn is_subset(vm: &mut Vm, a: DictRef<'_>, b: DictRef<'_>) -> PyResult<bool> {
    if a.len() > b.len() {
        return Ok(false);
    }
    let mut at = 0;
    while let Some(i) = a.next_used(at) {
        at = i + 1;
        let (Some(key), hash) = (a.key_at(i), a.hash_at(i)) else { continue };
        if vm.find_hashed(b, hash, key.as_ref())?.is_none() {
            return Ok(false);
        }
    }
    Ok(true)
}

// ---- slots

fn repr(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let s = set_of(r);
    let class = vm.class_of(r).name();
    if s.is_empty() {
        return vm.new_str(&format!("{class}()"));
    }
    if !vm.repr_enter(r) {
        return vm.new_str(&format!("{class}(...)"));
    }
    let braces = repr_items(vm, s);
    vm.repr_leave(r);
    let braces = braces?;
    if r.is_exact(Layout::Set) {
        return vm.new_str_bytes(&braces);
    }
    let mut out = class.into_bytes();
    out.push(b'(');
    out.extend_from_slice(&braces);
    out.push(b')');
    vm.new_str_bytes(&out)
}

fn repr_items(vm: &mut Vm, s: DictRef<'_>) -> PyResult<Vec<u8>> {
    let mut out = vec![b'{'];
    let mut at = 0;
    while let Some((i, key, _)) = s.next_entry(at) {
        if out.len() > 1 {
            out.extend_from_slice(b", ");
        }
        let shown = vm.repr(key.as_ref())?;
        out.extend_from_slice(crate::text::str_bytes(shown.as_ref()));
        at = i + 1;
    }
    out.push(b'}');
    Ok(out)
}

fn richcompare(vm: &mut Vm, op: CmpOp, a: Ref<'_>, b: Ref<'_>) -> PyResult {
    let (Some(x), Some(y)) = (DictRef::new_set(a), DictRef::new_set(b)) else {
        return Ok(Owned::from_immediate(NOT_IMPLEMENTED));
    };
    let (m, n) = (x.len(), y.len());
    let holds = match op {
        CmpOp::Eq => m == n && is_subset(vm, x, y)?,
        CmpOp::Ne => !(m == n && is_subset(vm, x, y)?),
        CmpOp::Lt => m < n && is_subset(vm, x, y)?,
        CmpOp::Le => is_subset(vm, x, y)?,
        CmpOp::Gt => m > n && is_subset(vm, y, x)?,
        CmpOp::Ge => is_subset(vm, y, x)?,
    };
    Ok(owned_bool(holds))
}

fn binary(vm: &mut Vm, op: BinOp, a: Ref<'_>, b: Ref<'_>) -> PyResult {
    if DictRef::new_set(a).is_none() || DictRef::new_set(b).is_none() {
        return Ok(Owned::from_immediate(NOT_IMPLEMENTED));
    }
    match op {
        BinOp::And => intersection(vm, a, b),
        BinOp::Sub => difference(vm, a, b),
        BinOp::Or => {
            let out = copy_like(vm, a, a)?;
            update(vm, out.as_ref(), b)?;
            Ok(out)
        }
        _ => {
            let out = copy_like(vm, a, a)?;
            symmetric_difference_update(vm, out.as_ref(), b)?;
            Ok(out)
        }
    }
}

fn inplace(vm: &mut Vm, op: BinOp, a: Ref<'_>, b: Ref<'_>) -> PyResult {
    if DictRef::new_set(b).is_none() {
        return Ok(Owned::from_immediate(NOT_IMPLEMENTED));
    }
    match op {
        BinOp::And => intersect_with(vm, a, b)?,
        BinOp::Sub => difference_update(vm, a, b)?,
        BinOp::Or => update(vm, a, b)?,
        _ => symmetric_difference_update(vm, a, b)?,
    }
    Ok(a.owned())
}

/// Keeps what an iterable has, too.
pub(super) fn intersect_with(vm: &mut Vm, set: Ref<'_>, items: Ref<'_>) -> PyResult<()> {
    let both = intersection(vm, set, items)?;
    set_of(set).swap(&mut vm.heap, set_of(both.as_ref()));
    Ok(())
}

// ---- iteration

fn iter(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let n = set_of(r).len();
    vm.new_native(SetIter {
        set: RefCell::new(r.owned()),
        at: Cell::new(0),
        used: Cell::new(n),
        left: Cell::new(n),
    })
}

fn next(vm: &mut Vm, r: Ref<'_>) -> PyResult<Option<Owned>> {
    let it = payload_of::<SetIter>(vm, r)?;
    let set = it.set.borrow();
    let Some(s) = DictRef::new_set(set.as_ref()) else { return Ok(None) };
    if it.used.get() != s.len() {
        it.used.set(usize::MAX);
        return Err(vm.runtime_error("Set changed size during iteration"));
    }
    match s.next_used(it.at.get()) {
        Some(i) => {
            it.at.set(i + 1);
            it.left.set(it.left.get().saturating_sub(1));
            Ok(s.key_at(i))
        }
        None => {
            drop(set);
            drop(it.set.replace(Owned::null()));
            Ok(None)
        }
    }
}

fn length_hint(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let it = payload_of::<SetIter>(vm, args.get(0))?;
    let set = it.set.borrow();
    let n = match DictRef::new_set(set.as_ref()) {
        Some(s) if s.len() == it.used.get() => it.left.get(),
        _ => 0,
    };
    vm.new_int(n as i64)
}

fn iter_rest(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let it = payload_of::<SetIter>(vm, args.get(0))?;
    let copy = vm.new_native(SetIter {
        set: RefCell::new(it.set.borrow().clone()),
        at: it.at.clone(),
        used: it.used.clone(),
        left: it.left.clone(),
    })?;
    let rest = new_list(&vm.heap, 0)?;
    vm.extend_list(rest.as_ref(), copy.as_ref())?;
    iter_reduce(vm, rest, None)
}
