//! Sorting lists: what `list.sort` and `sorted` do.
//!
//!   items (and keys) leave the list ─► all ints, floats or strings: sorted by Rust, nothing runs Python
//!                                   └► else: merge sort (merge.rs), `<` may run Python
//!   the list is empty meanwhile; what Python puts into it is thrown away with a ValueError
//!
//! The order of merges is powersort's and runs are merged with galloping, as in CPython; both are stable. Whatever
//! happens, the buffer holds a permutation of its items. It belongs to no object while items move, so the collector
//! takes their counts for references from outside.
#![allow(unsafe_code, reason = "works on the buffer taken out of a list")]

mod merge;

use super::list::list_of;
use crate::args::Args;
use crate::tables::quick_equal;
use crate::type_slots::CmpOp;
use crate::{PyResult, Vm};
use hognose_heap::HeapVec;
use hognose_object::list::{ListRef, new_list};
use hognose_object::str::StrRef;
use hognose_object::tuple::TupleRef;
use hognose_object::{Layout, Owned, Ref, Value, ValueExt, float, none};
use std::cmp::Ordering;

/// What is sorted: an item, or a key that takes its item along.
trait Item: Copy {
    /// What is compared.
    fn key(self) -> Value;
}

impl Item for Value {
    #[inline(always)]
    fn key(self) -> Value {
        self
    }
}

/// A key and its item.
#[derive(Clone, Copy)]
struct Pair {
    key: Value,
    item: Value,
}

impl Item for Pair {
    #[inline(always)]
    fn key(self) -> Value {
        self.key
    }
}

/// `list.sort`
pub(crate) fn sort_method(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let key = args.opt(1).filter(|k| !k.is_none());
    let reverse = match args.opt(2) {
        Some(r) => vm.is_true(r)?,
        None => false,
    };
    sort(vm, list_of(args.get(0)), key, reverse)?;
    Ok(none())
}

/// The buffer of a list while it is sorted; goes back when dropped through [`Taken::give_back`].
struct Taken {
    buf: *mut Value,
    len: usize,
    cap: usize,
}

impl Taken {
    fn items(&mut self) -> &mut [Value] {
        // SAFETY: the buffer holds `len` values and is ours alone.
        unsafe { std::slice::from_raw_parts_mut(self.buf, self.len) }
    }
}

/// Sorts a list in place.
pub fn sort(vm: &mut Vm, l: ListRef<'_>, key: Option<Ref<'_>>, reverse: bool) -> PyResult<()> {
    let (buf, len, cap) = l.take_buffer(&mut vm.heap);
    let mut taken = Taken { buf, len, cap };
    let result = match key {
        None => {
            let items = taken.items();
            if reverse {
                items.reverse();
            }
            let r = sort_items(vm, items);
            if reverse {
                items.reverse();
            }
            r
        }
        Some(key) => sort_by_key(vm, taken.items(), key, reverse),
    };
    let modified = l.is_touched();
    // SAFETY: the buffer was taken from this very list.
    unsafe { l.give_buffer(&mut vm.heap, (taken.buf, taken.len, taken.cap)) };
    if result.is_ok() && modified {
        return Err(vm.value_error("list modified during sort"));
    }
    result
}

fn sort_by_key(vm: &mut Vm, items: &mut [Value], key: Ref<'_>, reverse: bool) -> PyResult<()> {
    let keys = new_list(&vm.heap, items.len())?;
    let keys = list_of(keys.as_ref());
    for &item in items.iter() {
        // SAFETY: the buffer owns the item.
        let k = vm.call(key, &[unsafe { Ref::from_value(item) }])?;
        keys.push(&mut vm.heap, k)?;
    }
    let mut pairs = HeapVec::<Pair>::new();
    pairs.reserve(&vm.heap, items.len())?;
    let (buf, len, cap) = keys.take_buffer(&mut vm.heap);
    for (i, &item) in items.iter().enumerate().take(len) {
        // SAFETY: as many keys as items; room was made.
        let pair = Pair { key: unsafe { *buf.add(i) }, item };
        let _ = pairs.push(&vm.heap, pair);
    }
    if reverse {
        pairs.reverse();
    }
    let result = sort_items(vm, &mut pairs);
    if reverse {
        pairs.reverse();
    }
    for (i, pair) in pairs.iter().enumerate() {
        items[i] = pair.item;
        // SAFETY: the keys are a permutation of what the buffer owned.
        unsafe { buf.add(i).write(pair.key) };
    }
    // SAFETY: the buffer was taken from this very list.
    unsafe { keys.give_buffer(&mut vm.heap, (buf, len, cap)) };
    result
}

fn sort_items<T: Item>(vm: &mut Vm, items: &mut [T]) -> PyResult<()> {
    if items.len() < 2 {
        return Ok(());
    }
    if items.iter().all(|x| x.key().is_int()) {
        return natively(vm, items, |a, b| (a.bits() as i64).cmp(&(b.bits() as i64)));
    }
    if items.iter().all(|x| x.key().is_exact(Layout::Str)) {
        return natively(vm, items, str_order);
    }
    if items.iter().all(|x| float::float_of(x.key()).is_some_and(|f| !f.is_nan())) {
        return natively(vm, items, |a, b| {
            let (x, y) = (float::float_of(a), float::float_of(b));
            x.partial_cmp(&y).unwrap_or(Ordering::Equal)
        });
    }
    let mut scratch = merge::Merger::new();
    scratch.sort(vm, items)
}

/// Keys that compare without Python. Rust's sort keeps up to as many items again aside, which counts against the limit.
fn natively<T: Item>(vm: &mut Vm, items: &mut [T], order: impl Fn(Value, Value) -> Ordering) -> PyResult<()> {
    let aside = size_of_val(items);
    vm.heap.charge_external(aside)?;
    items.sort_by(|a, b| order(a.key(), b.key()));
    vm.heap.discharge_external(aside);
    Ok(())
}

#[inline(always)]
fn str_order(a: Value, b: Value) -> Ordering {
    // SAFETY: the values are items of a buffer that owns them.
    let (a, b) = unsafe { (Ref::from_value(a), Ref::from_value(b)) };
    match (StrRef::new(a), StrRef::new(b)) {
        (Some(x), Some(y)) => x.as_bytes().cmp(y.as_bytes()),
        _ => Ordering::Equal,
    }
}

/// `a < b`, quickly for what is frequent.
#[inline]
fn less(vm: &mut Vm, a: Value, b: Value) -> PyResult<bool> {
    if a.is_int() && b.is_int() {
        return Ok((a.bits() as i64) < (b.bits() as i64));
    }
    // SAFETY: items of a buffer that owns them and that nobody else can reach.
    let (a, b) = unsafe { (Ref::from_value(a), Ref::from_value(b)) };
    less_slow(vm, a, b)
}

#[inline(never)]
fn less_slow(vm: &mut Vm, a: Ref<'_>, b: Ref<'_>) -> PyResult<bool> {
    if let (Some(x), Some(y)) = (StrRef::new(a), StrRef::new(b)) {
        return Ok(x.as_bytes() < y.as_bytes());
    }
    if let (Some(x), Some(y)) = (a.value().as_float(), b.value().as_float()) {
        return Ok(x < y);
    }
    if let (Some(x), Some(y)) = (TupleRef::new(a), TupleRef::new(b)) {
        vm.check_native_stack()?;
        for (&p, &q) in x.items().iter().zip(y.items()) {
            let equal = match quick_equal(p, q) {
                Some(equal) => equal,
                None => vm.equal(p, q)?,
            };
            if !equal {
                return less(vm, p.value(), q.value());
            }
        }
        return Ok(x.items().len() < y.items().len());
    }
    let r: Owned = vm.compare(CmpOp::Lt, a, b)?;
    vm.is_true(r.as_ref())
}
