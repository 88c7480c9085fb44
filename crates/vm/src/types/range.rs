//! The type `range`: three ints of any size. What fits small ints is computed in machine words ([`Small`]).

use super::iterators::{new_long_range_iter, new_range_iter};
use super::list::class_arg;
use super::slice::read_only;
use crate::args::{Args, GetSetDef, NativeDef};
use crate::define::TypeDef;
use crate::exceptions::Exc;
use crate::type_slots::{CmpOp, Slots};
use crate::{PyResult, Vm};
use hognose_object::hash::TupleHasher;
use hognose_object::int::{bigint_of, new_bigint, small_int_of};
use hognose_object::list::ListRef;
use hognose_object::objects::RangeObj;
use hognose_object::types::TypeFlags;
use hognose_object::{Layout, NONE, NOT_IMPLEMENTED, Owned, Ref, Value, ValueExt, owned_bool};
use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Signed, ToPrimitive, Zero};

/// `range`
pub static TYPE: TypeDef = TypeDef {
    name: "range",
    layout: Layout::Range,
    doc: "range(stop) -> range object\nrange(start, stop[, step]) -> range object\n\n\
          Return an object that produces a sequence of integers from start (inclusive)\n\
          to stop (exclusive) by step.  range(i, j) produces i, i+1, i+2, ..., j-1.\n\
          start defaults to 0, and stop is omitted!  range(4) produces 0, 1, 2, 3.\n\
          These are exactly the valid indices for a list of 4 elements.\n\
          When step is given, it specifies the increment (or decrement).",
    flags: TypeFlags::SEQUENCE,
    slots: Slots {
        repr: Some(repr),
        hash: Some(hash),
        iter: Some(iter),
        richcompare: Some(richcompare),
        len: Some(len),
        getitem: Some(getitem),
        contains: Some(contains),
        bool: Some(|_, r| Ok(!length(r).is_zero())),
        new: Some(new),
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("__reversed__", "$self, /", |vm, a| reversed(vm, a.get(0))),
        NativeDef::method("__reduce__", "$self, /", reduce),
        NativeDef::method("count", "$self, object, /", count),
        NativeDef::method("index", "$self, object, /", index),
    ],
    getset: &[
        GetSetDef::write("start", |_, r| Ok(parts(r)[0].owned()), read_only),
        GetSetDef::write("stop", |_, r| Ok(parts(r)[1].owned()), read_only),
        GetSetDef::write("step", |_, r| Ok(parts(r)[2].owned()), read_only),
    ],
};

/// Start, stop, step.
#[allow(unsafe_code, reason = "reads the fields of a range object")]
fn parts(r: Ref<'_>) -> [Ref<'_>; 3] {
    if !r.is_exact(Layout::Range) {
        return [Ref::from_immediate(NONE); 3];
    }
    let o = r.value().header().cast::<RangeObj>();
    // SAFETY: the layout was checked; ranges are immutable and own their fields.
    unsafe { [(*o).start, (*o).stop, (*o).step].map(|v| Ref::from_value(v)) }
}

/// A new range of exact ints.
#[allow(unsafe_code, reason = "writes the fields of a fresh range object")]
pub fn new_range(vm: &Vm, start: Owned, stop: Owned, step: Owned) -> PyResult {
    let h = vm.heap.alloc_traced(Layout::Range.kind(), size_of::<RangeObj>())?;
    // SAFETY: a fresh block of that size; every field is written.
    unsafe {
        let o = h.cast::<RangeObj>();
        (*o).start = start.into_value();
        (*o).stop = stop.into_value();
        (*o).step = step.into_value();
        Ok(Owned::from_value(Value::from_ptr(h)))
    }
}

fn new(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    class_arg(vm, args)?;
    if !args.kwnames.is_empty() {
        return Err(vm.type_error("range() takes no keyword arguments"));
    }
    let int = |n: i64| Owned::from_immediate(Value::from_i32(n as i32));
    match *args.rest(1) {
        [stop] => {
            let stop = vm.index(stop)?;
            new_range(vm, int(0), stop, int(1))
        }
        [start, stop] => {
            let (start, stop) = (vm.index(start)?, vm.index(stop)?);
            new_range(vm, start, stop, int(1))
        }
        [start, stop, step] => {
            let (start, stop, step) = (vm.index(start)?, vm.index(stop)?, vm.index(step)?);
            if step.value().as_int() == Some(0) {
                return Err(vm.value_error("range() arg 3 must not be zero"));
            }
            new_range(vm, start, stop, step)
        }
        [] => Err(vm.type_error("range expected at least 1 argument, got 0")),
        ref more => Err(vm.type_error(&format!("range expected at most 3 arguments, got {}", more.len()))),
    }
}

// ---- small ranges

/// A range whose start, stop and step are small ints.
#[derive(Clone, Copy)]
struct Small {
    start: i64,
    step: i64,
    len: u64,
}

fn small(r: Ref<'_>) -> Option<Small> {
    let [start, stop, step] = parts(r).map(|p| p.value().as_int());
    let (start, stop, step) = (start?, stop?, step?);
    // Small ints have 62 bits: differences fit.
    let len = match step {
        1 => (stop - start).max(0) as u64,
        0 => 0,
        s if s > 0 => {
            if stop > start {
                (stop - start - 1) as u64 / s as u64 + 1
            } else {
                0
            }
        }
        s => {
            if stop < start {
                (start - stop - 1) as u64 / s.unsigned_abs() + 1
            } else {
                0
            }
        }
    };
    Some(Small { start, step, len })
}

/// Appends all numbers of a range to a list, if it is a small one.
pub(crate) fn extend_list(vm: &mut Vm, l: ListRef<'_>, r: Ref<'_>) -> PyResult<bool> {
    let Some(s) = small(r) else { return Ok(false) };
    let n = usize::try_from(s.len).ok().and_then(|n| n.checked_add(l.len()));
    let n = n.ok_or(hognose_object::OutOfMemory::huge())?;
    l.reserve_exact(&mut vm.heap, n)?;
    let mut x = s.start;
    for _ in 0..s.len {
        let item = vm.new_int(x)?;
        l.push(&mut vm.heap, item)?;
        x = x.wrapping_add(s.step);
    }
    Ok(true)
}

// ---- ranges of any size

fn big(r: Ref<'_>) -> [BigInt; 3] {
    parts(r).map(|p| bigint_of(p).unwrap_or_default())
}

/// Number of items.
fn length(r: Ref<'_>) -> BigInt {
    if let Some(s) = small(r) {
        return BigInt::from(s.len);
    }
    let [start, stop, step] = big(r);
    length_of(&start, &stop, &step)
}

fn length_of(start: &BigInt, stop: &BigInt, step: &BigInt) -> BigInt {
    let distance = if step.is_negative() { start - stop } else { stop - start };
    if distance.is_positive() && !step.is_zero() {
        (distance - BigInt::one()) / step.abs() + BigInt::one()
    } else {
        BigInt::zero()
    }
}

fn len(vm: &mut Vm, r: Ref<'_>) -> PyResult<usize> {
    match length(r).to_isize() {
        Some(n) => Ok(n as usize),
        None => Err(vm.overflow_error("Python int too large to convert to C ssize_t")),
    }
}

fn repr(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let [start, stop, step] = parts(r);
    let (start, stop) = (vm.repr_text(start)?, vm.repr_text(stop)?);
    if step.value().as_int() == Some(1) {
        return vm.new_str(&format!("range({start}, {stop})"));
    }
    let step = vm.repr_text(step)?;
    vm.new_str(&format!("range({start}, {stop}, {step})"))
}

/// What decides about equality: the length, the first item unless empty, the step if there are several.
fn essence(vm: &Vm, r: Ref<'_>) -> PyResult<[Owned; 3]> {
    let n = length(r);
    let none = || Owned::from_immediate(NONE);
    let [start, _, step] = parts(r);
    let start = if n.is_zero() { none() } else { start.owned() };
    let step = if n > BigInt::one() { step.owned() } else { none() };
    Ok([new_bigint(&vm.heap, &n)?, start, step])
}

fn hash(vm: &mut Vm, r: Ref<'_>) -> PyResult<i64> {
    let mut h = TupleHasher::new();
    for part in essence(vm, r)? {
        h.add(vm.hash(part.as_ref())?);
    }
    Ok(h.finish())
}

fn richcompare(vm: &mut Vm, op: CmpOp, a: Ref<'_>, b: Ref<'_>) -> PyResult {
    let both = a.is_exact(Layout::Range) && b.is_exact(Layout::Range);
    if !both || !matches!(op, CmpOp::Eq | CmpOp::Ne) {
        return Ok(Owned::from_immediate(NOT_IMPLEMENTED));
    }
    let (x, y) = (essence(vm, a)?, essence(vm, b)?);
    let mut equal = true;
    for (p, q) in x.iter().zip(&y) {
        equal = equal && vm.equal(p.as_ref(), q.as_ref())?;
    }
    Ok(owned_bool(equal == (op == CmpOp::Eq)))
}

fn getitem(vm: &mut Vm, r: Ref<'_>, key: Ref<'_>) -> PyResult {
    if let (Some(s), Some(i)) = (small(r), key.value().as_int()) {
        let at = if i < 0 { i64::try_from(s.len).ok().and_then(|n| i.checked_add(n)) } else { Some(i) };
        return match at {
            Some(at) if at >= 0 && (at as u64) < s.len => vm.new_int(s.start + at * s.step),
            _ => Err(vm.index_error("range object index out of range")),
        };
    }
    if key.is_exact(Layout::Slice) {
        return slice(vm, r, key);
    }
    if !hognose_object::int::is_int(crate::class::base_value(key)) && vm.class_of(key).slots().index.is_none()
    {
        let class = vm.type_name(key);
        return Err(vm.type_error(&format!("range indices must be integers or slices, not {class}")));
    }
    let i = vm.index(key)?;
    let mut i = bigint_of(i.as_ref()).unwrap_or_default();
    let n = length(r);
    if i.is_negative() {
        i += &n;
    }
    if i.is_negative() || i >= n {
        return Err(vm.index_error("range object index out of range"));
    }
    let [start, _, step] = big(r);
    Ok(new_bigint(&vm.heap, &(start + i * step))?)
}

fn slice(vm: &mut Vm, r: Ref<'_>, key: Ref<'_>) -> PyResult {
    let [from, to, by] = super::slice::long_indices(vm, key, &length(r))?;
    let [start, _, step] = big(r);
    let first = new_bigint(&vm.heap, &(&start + from * &step))?;
    let end = new_bigint(&vm.heap, &(&start + to * &step))?;
    let step = new_bigint(&vm.heap, &(step * by))?;
    new_range(vm, first, end, step)
}

/// Index of an exact int or bool; `None`: not in the range.
fn position(r: Ref<'_>, n: Ref<'_>) -> Option<BigInt> {
    if let (Some(s), Some(n)) = (small(r), small_int_of(n)) {
        let distance = n.checked_sub(s.start)?;
        if s.len == 0 || distance % s.step != 0 {
            return None;
        }
        let at = distance / s.step;
        return (at >= 0 && (at as u64) < s.len).then(|| BigInt::from(at));
    }
    let [start, _, step] = big(r);
    let (at, rest) = (bigint_of(n)? - start).div_mod_floor(&step);
    (rest.is_zero() && !at.is_negative() && at < length(r)).then_some(at)
}

fn is_plain_int(r: Ref<'_>) -> bool {
    r.value().is_int() || r.is_bool() || r.is_exact(Layout::Int)
}

fn contains(vm: &mut Vm, r: Ref<'_>, item: Ref<'_>) -> PyResult<bool> {
    if is_plain_int(item) {
        return Ok(position(r, item).is_some());
    }
    let it = iter(vm, r)?;
    while let Some(x) = vm.next(it.as_ref())? {
        if vm.equal(x.as_ref(), item)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn count(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let (r, item) = (args.get(0), args.get(1));
    if is_plain_int(item) {
        return vm.new_int(i64::from(position(r, item).is_some()));
    }
    let it = iter(vm, r)?;
    let mut n = 0;
    while let Some(x) = vm.next(it.as_ref())? {
        n += i64::from(vm.equal(x.as_ref(), item)?);
    }
    vm.new_int(n)
}

fn index(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let (r, item) = (args.get(0), args.get(1));
    if is_plain_int(item) {
        return match position(r, item) {
            Some(i) => Ok(new_bigint(&vm.heap, &i)?),
            None => Err(vm.raise(Exc::ValueError, "range.index(x): x not in range")),
        };
    }
    let it = iter(vm, r)?;
    let mut i = 0;
    while let Some(x) = vm.next(it.as_ref())? {
        if vm.equal(x.as_ref(), item)? {
            return vm.new_int(i);
        }
        i += 1;
    }
    Err(vm.value_error("sequence.index(x): x not in sequence"))
}

fn reduce(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let fields = parts(args.get(0)).map(|p| p.owned()).into();
    let fields = vm.new_tuple(fields)?;
    let class = vm.class_of(args.get(0)).owned();
    vm.new_pair(class, fields)
}

// ---- iteration

fn iter(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    match small(r) {
        // All numbers an iterator gives must be small; its next one after the last need not.
        Some(s) => new_range_iter(vm, s.start, s.step, s.len),
        None => {
            let [start, _, step] = big(r);
            new_long_range_iter(vm, start, step, length(r))
        }
    }
}

fn reversed(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    match small(r) {
        Some(Small { len: 0, start, step }) => new_range_iter(vm, start, step, 0),
        Some(s) if s.step != i64::MIN => {
            new_range_iter(vm, s.start + s.step * (s.len - 1) as i64, -s.step, s.len)
        }
        _ => {
            let [start, _, step] = big(r);
            let n = length(r);
            let last = start + &step * (&n - BigInt::one());
            new_long_range_iter(vm, last, -step, n)
        }
    }
}
