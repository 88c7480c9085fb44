//! Iterators over ranges: of numbers that are all small ints, and of any.

use super::{iter_reduce, iterator_type, own_iter, payload_of, state_index};
use crate::args::{Args, NativeDef};
use crate::define::TypeDef;
use crate::type_slots::Slots;
use crate::types::range::new_range;
use crate::{PyResult, Vm};
use hognose_object::objects::RangeIterObj;
use hognose_object::types::TypeFlags;
use hognose_object::{Layout, Owned, Ref, Value, ValueExt, int, none, trace_fields};
use num_bigint::BigInt;
use num_traits::{Signed, Zero};
use std::cell::RefCell;

iterator_type!(
    /// `range_iterator`
    RANGE_ITER, "range_iterator", Layout::RangeIter, range_next, [
        NativeDef::method("__length_hint__", "$self, /", range_hint),
        NativeDef::method("__reduce__", "$self, /", range_reduce),
        NativeDef::method("__setstate__", "$self, object, /", range_setstate),
    ]
);
iterator_type!(
    /// `longrange_iterator`
    LONG_RANGE_ITER, "longrange_iterator", Layout::Native, long_next, [
        NativeDef::method("__length_hint__", "$self, /", long_hint),
        NativeDef::method("__reduce__", "$self, /", long_reduce),
        NativeDef::method("__setstate__", "$self, object, /", long_setstate),
    ]
);

// ---- ranges of small ints

fn range_iter_obj(r: Ref<'_>) -> *mut RangeIterObj {
    assert!(r.has_layout(Layout::RangeIter), "the machine checks receivers");
    r.value().header().cast()
}

/// An iterator over `len` numbers, all of them small ints.
#[allow(unsafe_code, reason = "writes the fields of a fresh object")]
pub(crate) fn new_range_iter(vm: &mut Vm, start: i64, step: i64, len: u64) -> PyResult {
    let h = vm.heap.alloc_traced(Layout::RangeIter.kind(), size_of::<RangeIterObj>())?;
    // SAFETY: a fresh block of that size; every field is written.
    unsafe {
        let o = h.cast::<RangeIterObj>();
        (*o).next = start;
        (*o).left = len;
        (*o).step = step;
        Ok(Owned::from_value(Value::from_ptr(h)))
    }
}

#[allow(unsafe_code, reason = "changes the fields of an iterator")]
fn range_next(vm: &mut Vm, r: Ref<'_>) -> PyResult<Option<Owned>> {
    let o = range_iter_obj(r);
    // SAFETY: the layout was checked.
    unsafe {
        if (*o).left == 0 {
            return Ok(None);
        }
        (*o).left -= 1;
        let n = (*o).next;
        (*o).next = n.wrapping_add((*o).step);
        vm.new_int(n).map(Some)
    }
}

/// Next number, distance, numbers left.
#[allow(unsafe_code, reason = "reads the fields of an iterator")]
fn range_state(r: Ref<'_>) -> (i64, i64, u64) {
    let o = range_iter_obj(r);
    // SAFETY: the layout was checked.
    unsafe { ((*o).next, (*o).step, (*o).left) }
}

fn range_hint(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let (_, _, left) = range_state(args.get(0));
    Ok(int::new_bigint(&vm.heap, &BigInt::from(left))?)
}

fn range_reduce(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let (next, step, left) = range_state(args.get(0));
    rest_of_range(vm, BigInt::from(next), BigInt::from(step), &BigInt::from(left))
}

/// `(iter, (range(next, end, step),), None)`
fn rest_of_range(vm: &mut Vm, next: BigInt, step: BigInt, left: &BigInt) -> PyResult {
    let stop = &next + &step * left;
    let [next, stop, step] = [next, stop, step].map(|n| int::new_bigint(&vm.heap, &n));
    let range = new_range(vm, next?, stop?, step?)?;
    iter_reduce(vm, range, Some(none()))
}

#[allow(unsafe_code, reason = "changes the fields of an iterator")]
fn range_setstate(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let i = state_index(vm, args.get(1))?.max(0) as u64;
    let o = range_iter_obj(args.get(0));
    // SAFETY: the layout was checked; a step past the end is never given out.
    unsafe {
        let i = i.min((*o).left);
        (*o).next = (*o).next.wrapping_add((*o).step.wrapping_mul(i as i64));
        (*o).left -= i;
    }
    Ok(none())
}

// ---- ranges of large ints

/// Payload of [`LONG_RANGE_ITER`].
pub struct LongRangeIter {
    next: RefCell<BigInt>,
    left: RefCell<BigInt>,
    step: BigInt,
}
trace_fields!(LongRangeIter {});

/// An iterator over numbers of any size.
pub(crate) fn new_long_range_iter(vm: &mut Vm, start: BigInt, step: BigInt, len: BigInt) -> PyResult {
    vm.new_native(LongRangeIter { next: RefCell::new(start), left: RefCell::new(len), step })
}

fn long_next(vm: &mut Vm, r: Ref<'_>) -> PyResult<Option<Owned>> {
    let it = payload_of::<LongRangeIter>(vm, r)?;
    if it.left.borrow().is_zero() {
        return Ok(None);
    }
    let out = int::new_bigint(&vm.heap, &it.next.borrow())?;
    *it.next.borrow_mut() += &it.step;
    *it.left.borrow_mut() -= 1;
    Ok(Some(out))
}

fn long_hint(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let it = payload_of::<LongRangeIter>(vm, args.get(0))?;
    let left = int::new_bigint(&vm.heap, &it.left.borrow())?;
    Ok(left)
}

fn long_reduce(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let it = payload_of::<LongRangeIter>(vm, args.get(0))?;
    let (next, left) = (it.next.borrow().clone(), it.left.borrow().clone());
    rest_of_range(vm, next, it.step.clone(), &left)
}

fn long_setstate(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let i = vm.index(args.get(1))?;
    let i = int::bigint_of(i.as_ref()).unwrap_or_default();
    let it = payload_of::<LongRangeIter>(vm, args.get(0))?;
    if i.is_positive() {
        let i = i.min(it.left.borrow().clone());
        *it.next.borrow_mut() += &it.step * &i;
        *it.left.borrow_mut() -= i;
    }
    Ok(none())
}
