//! The methods of `set` and `frozenset`; what they do is in the parent module.

use super::{
    copy_like, difference, difference_update, empty_like, intersect_with, intersection, is_subset, set_of,
    symmetric_difference_update, update,
};
use crate::args::{Args, NativeDef};
use crate::exceptions::Exc;
use crate::{PyResult, Vm};
use hognose_object::dict::DictRef;
use hognose_object::list::new_list;
use hognose_object::set::new_set;
use hognose_object::{Layout, Owned, Ref, ValueExt, none, owned_bool};

/// Methods both types have, then those given.
macro_rules! methods {
    ($($more:expr),* $(,)?) => {
        &[
            NativeDef::method("copy", "$self, /", copy),
            NativeDef::method("difference", "$self, /, *others", difference_method),
            NativeDef::method("intersection", "$self, /, *others", intersection_method),
            NativeDef::method("isdisjoint", "$self, other, /", isdisjoint),
            NativeDef::method("issubset", "$self, other, /", issubset),
            NativeDef::method("issuperset", "$self, other, /", issuperset),
            NativeDef::method("symmetric_difference", "$self, other, /", symmetric_difference),
            NativeDef::method("union", "$self, /, *others", union),
            NativeDef::method("__reduce__", "$self, /", reduce),
            NativeDef::method("__sizeof__", "$self, /", crate::types::dict::sizeof),
            NativeDef::class_method("__class_getitem__", "$type, object, /", |vm, a| {
                vm.new_generic_alias(a.get(0), a.get(1))
            }),
            $($more,)*
        ]
    };
}

/// Methods of `frozenset`.
pub(super) const FROZENSET_METHODS: &[NativeDef] = methods![];

/// Methods of `set`.
pub(super) const SET_METHODS: &[NativeDef] = methods![
    NativeDef::method("add", "$self, object, /", add),
    NativeDef::method("clear", "$self, /", clear),
    NativeDef::method("difference_update", "$self, /, *others", difference_update_method),
    NativeDef::method("discard", "$self, object, /", discard),
    NativeDef::method("intersection_update", "$self, /, *others", intersection_update),
    NativeDef::method("pop", "$self, /", pop),
    NativeDef::method("remove", "$self, object, /", remove),
    NativeDef::method("symmetric_difference_update", "$self, other, /", |vm, a| {
        symmetric_difference_update(vm, a.get(0), a.get(1))?;
        Ok(none())
    }),
    NativeDef::method("update", "$self, /, *others", update_method),
];

fn add(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    vm.set_add(args.get(0), args.get(1))?;
    Ok(none())
}

fn clear(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    set_of(args.get(0)).clear(&mut vm.heap);
    Ok(none())
}

fn copy(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let s = args.get(0);
    if s.is_exact(Layout::FrozenSet) {
        return Ok(s.owned());
    }
    copy_like(vm, s, s)
}

fn discard(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    vm.set_discard(args.get(0), args.get(1))?;
    Ok(none())
}

fn remove(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    if vm.set_discard(args.get(0), args.get(1))? { Ok(none()) } else { Err(vm.key_error(args.get(1))) }
}

/// Takes the item out that was added first.
fn pop(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    match set_of(args.get(0)).pop_first(&mut vm.heap) {
        Some(key) => Ok(key),
        None => Err(vm.raise(Exc::KeyError, "pop from an empty set")),
    }
}

fn update_method(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    for &other in args.rest(1) {
        update(vm, args.get(0), other)?;
    }
    Ok(none())
}

fn union(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let out = copy_like(vm, args.get(0), args.get(0))?;
    for &other in args.rest(1) {
        if !other.is(args.get(0)) {
            update(vm, out.as_ref(), other)?;
        }
    }
    Ok(out)
}

fn difference_method(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let Some((&first, rest)) = args.rest(1).split_first() else {
        return copy_like(vm, args.get(0), args.get(0));
    };
    let out = difference(vm, args.get(0), first)?;
    for &other in rest {
        difference_update(vm, out.as_ref(), other)?;
    }
    Ok(out)
}

fn difference_update_method(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    for &other in args.rest(1) {
        difference_update(vm, args.get(0), other)?;
    }
    Ok(none())
}

fn intersect_all(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let Some((&first, rest)) = args.rest(1).split_first() else {
        return copy_like(vm, args.get(0), args.get(0));
    };
    let mut out: Owned = intersection(vm, args.get(0), first)?;
    for &other in rest {
        out = intersection(vm, out.as_ref(), other)?;
    }
    Ok(out)
}

fn intersection_method(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    intersect_all(vm, args)
}

fn intersection_update(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    if let [other] = *args.rest(1) {
        intersect_with(vm, args.get(0), other)?;
        return Ok(none());
    }
    let both = intersect_all(vm, args)?;
    set_of(args.get(0)).swap(&mut vm.heap, set_of(both.as_ref()));
    Ok(none())
}

fn symmetric_difference(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let out = empty_like(vm, args.get(0))?;
    update(vm, out.as_ref(), args.get(1))?;
    symmetric_difference_update(vm, out.as_ref(), args.get(0))?;
    Ok(out)
}

fn isdisjoint(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let (mut s, other) = (set_of(args.get(0)), args.get(1));
    if let Some(mut o) = DictRef::new_set(other) {
        if args.get(0).is(other) {
            return Ok(owned_bool(s.is_empty()));
        }
        if o.len() > s.len() {
            std::mem::swap(&mut s, &mut o);
        }
        let mut at = 0;
        while let Some(i) = o.next_used(at) {
            at = i + 1;
            let (Some(key), hash) = (o.key_at(i), o.hash_at(i)) else { continue };
            if vm.find_hashed(s, hash, key.as_ref())?.is_some() {
                return Ok(owned_bool(false));
            }
        }
        return Ok(owned_bool(true));
    }
    let mut it = vm.iterate(other)?;
    while let Some(x) = it.next(vm)? {
        let hash = vm.key_hash(x.as_ref(), true)?;
        if vm.find_hashed(s, hash, x.as_ref())?.is_some() {
            return Ok(owned_bool(false));
        }
    }
    Ok(owned_bool(true))
}

fn issubset(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let (s, other) = (args.get(0), args.get(1));
    if let Some(o) = DictRef::new_set(other) {
        return is_subset(vm, set_of(s), o).map(owned_bool);
    }
    let other = set_from(vm, other)?;
    is_subset(vm, set_of(s), set_of(other.as_ref())).map(owned_bool)
}

fn issuperset(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let (s, other) = (set_of(args.get(0)), args.get(1));
    if let Some(o) = DictRef::new_set(other) {
        return is_subset(vm, o, s).map(owned_bool);
    }
    let mut it = vm.iterate(other)?;
    while let Some(x) = it.next(vm)? {
        let hash = vm.key_hash(x.as_ref(), true)?;
        if vm.find_hashed(s, hash, x.as_ref())?.is_none() {
            return Ok(owned_bool(false));
        }
    }
    Ok(owned_bool(true))
}

/// `(type, ([items],), state)`
fn reduce(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let r: Ref<'_> = args.get(0);
    let items = new_list(&vm.heap, 0)?;
    vm.extend_list(items.as_ref(), r)?;
    let items = vm.new_tuple(vec![items])?;
    let exact = r.is_exact(Layout::Set) || r.is_exact(Layout::FrozenSet);
    let state = if exact { none() } else { vm.call_method(r, "__getstate__", &[])? };
    let class = vm.class_of(r).owned();
    vm.new_tuple(vec![class, items, state])
}

/// A new set of all items of an iterable.
fn set_from(vm: &mut Vm, items: Ref<'_>) -> PyResult {
    let out = new_set(&vm.heap)?;
    update(vm, out.as_ref(), items)?;
    Ok(out)
}
