//! The type `slice`. How slices select from sequences is in slicing.rs.

use super::list::class_arg;
use crate::args::{Args, GetSetDef, NativeDef};
use crate::define::TypeDef;
use crate::slicing::slice_parts;
use crate::type_slots::{CmpOp, Slots};
use crate::{PyResult, Vm};
use hognose_object::objects::SliceObj;
use hognose_object::{Layout, NONE, NOT_IMPLEMENTED, Owned, Ref, Value, ValueExt, none, owned_bool};
use num_bigint::{BigInt, Sign};
use num_traits::{One, Signed, Zero};

/// `slice`
pub static TYPE: TypeDef = TypeDef {
    name: "slice",
    layout: Layout::Slice,
    doc: "slice(stop)\nslice(start, stop[, step])\n\nCreate a slice object.\n\n\
          This is used for extended slicing (e.g. a[0:10:2]).",
    slots: Slots {
        repr: Some(repr),
        hash: Some(hash),
        richcompare: Some(richcompare),
        new: Some(new),
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("indices", "$self, object, /", indices),
        NativeDef::method("__reduce__", "$self, /", reduce),
    ],
    getset: &[
        GetSetDef::write("start", |_, r| Ok(parts(r)[0].owned()), read_only),
        GetSetDef::write("stop", |_, r| Ok(parts(r)[1].owned()), read_only),
        GetSetDef::write("step", |_, r| Ok(parts(r)[2].owned()), read_only),
    ],
    ..TypeDef::EMPTY
};

/// Assigning or deleting a field.
pub(crate) fn read_only(vm: &mut Vm, _r: Ref<'_>, _value: Option<Ref<'_>>) -> PyResult<()> {
    Err(vm.raise(crate::exceptions::Exc::AttributeError, "readonly attribute"))
}

fn parts(r: Ref<'_>) -> [Ref<'_>; 3] {
    slice_parts(r).unwrap_or([Ref::from_immediate(NONE); 3])
}

/// A new slice object.
#[allow(unsafe_code, reason = "writes the fields of a fresh slice object")]
pub fn new_slice(vm: &Vm, start: Owned, stop: Owned, step: Owned) -> PyResult {
    let h = vm.heap.alloc_traced(Layout::Slice.kind(), size_of::<SliceObj>())?;
    // SAFETY: a fresh block of that size; every field is written.
    unsafe {
        let o = h.cast::<SliceObj>();
        (*o).start = start.into_value();
        (*o).stop = stop.into_value();
        (*o).step = step.into_value();
        Ok(Owned::from_value(Value::from_ptr(h)))
    }
}

fn new(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    class_arg(vm, args)?;
    if !args.kwnames.is_empty() {
        return Err(vm.type_error("slice() takes no keyword arguments"));
    }
    match *args.rest(1) {
        [stop] => new_slice(vm, none(), stop.owned(), none()),
        [start, stop] => new_slice(vm, start.owned(), stop.owned(), none()),
        [start, stop, step] => new_slice(vm, start.owned(), stop.owned(), step.owned()),
        [] => Err(vm.type_error("slice expected at least 1 argument, got 0")),
        ref more => Err(vm.type_error(&format!("slice expected at most 3 arguments, got {}", more.len()))),
    }
}

fn repr(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let mut out = b"slice(".to_vec();
    for (i, part) in parts(r).into_iter().enumerate() {
        if i > 0 {
            out.extend_from_slice(b", ");
        }
        let s = vm.repr(part)?;
        out.extend_from_slice(crate::text::str_bytes(s.as_ref()));
    }
    out.push(b')');
    vm.new_str_bytes(&out)
}

/// The tuple hash of the three parts without their number, as CPython has it.
fn hash(vm: &mut Vm, r: Ref<'_>) -> PyResult<i64> {
    const P1: u64 = 11_400_714_785_074_694_791;
    const P2: u64 = 14_029_467_366_897_019_727;
    let mut acc: u64 = 2_870_177_450_012_600_261;
    vm.check_native_stack()?;
    for part in parts(r) {
        let h = vm.hash(part)? as u64;
        acc = acc.wrapping_add(h.wrapping_mul(P2)).rotate_left(31).wrapping_mul(P1);
    }
    Ok(if acc as i64 == -1 { 1_546_275_796 } else { acc as i64 })
}

fn richcompare(vm: &mut Vm, op: CmpOp, a: Ref<'_>, b: Ref<'_>) -> PyResult {
    if !a.is_exact(Layout::Slice) || !b.is_exact(Layout::Slice) {
        return Ok(Owned::from_immediate(NOT_IMPLEMENTED));
    }
    if a.is(b) {
        return Ok(owned_bool(matches!(op, CmpOp::Eq | CmpOp::Le | CmpOp::Ge)));
    }
    for (p, q) in parts(a).into_iter().zip(parts(b)) {
        if !vm.equal(p, q)? {
            return match op {
                CmpOp::Eq => Ok(owned_bool(false)),
                CmpOp::Ne => Ok(owned_bool(true)),
                _ => vm.compare(op, p, q),
            };
        }
    }
    Ok(owned_bool(matches!(op, CmpOp::Eq | CmpOp::Le | CmpOp::Ge)))
}

fn reduce(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let [start, stop, step] = parts(args.get(0)).map(|p| p.owned());
    let fields = vm.new_tuple(vec![start, stop, step])?;
    let class = vm.class_of(args.get(0)).owned();
    vm.new_pair(class, fields)
}

// ---- indices of sequences of any length

/// A slice on numbers of any size: start, stop, step, clipped to a length.
pub(crate) fn long_indices(vm: &mut Vm, slice: Ref<'_>, length: &BigInt) -> PyResult<[BigInt; 3]> {
    let [start, stop, step] = parts(slice);
    let step = match part(vm, step)? {
        None => BigInt::one(),
        Some(n) if n.is_zero() => return Err(vm.value_error("slice step cannot be zero")),
        Some(n) => n,
    };
    let (low, high) =
        if step.is_negative() { (BigInt::from(-1), length - 1) } else { (BigInt::zero(), length.clone()) };
    let clip = |n: BigInt| {
        let n = if n.sign() == Sign::Minus { n + length } else { n };
        n.max(low.clone()).min(high.clone())
    };
    let start = part(vm, start)?.map(&clip);
    let stop = part(vm, stop)?.map(&clip);
    let (first, end) =
        if step.is_negative() { (high.clone(), low.clone()) } else { (low.clone(), high.clone()) };
    Ok([start.unwrap_or(first), stop.unwrap_or(end), step])
}

fn part(vm: &mut Vm, r: Ref<'_>) -> PyResult<Option<BigInt>> {
    if r.is_none() {
        return Ok(None);
    }
    if !hognose_object::int::is_int(crate::class::base_value(r)) && vm.class_of(r).slots().index.is_none() {
        return Err(vm.type_error("slice indices must be integers or None or have an __index__ method"));
    }
    let n = vm.index(r)?;
    Ok(hognose_object::int::bigint_of(n.as_ref()))
}

fn indices(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let length = vm.index(args.get(1))?;
    let length = hognose_object::int::bigint_of(length.as_ref()).unwrap_or_default();
    if length.is_negative() {
        return Err(vm.value_error("length should not be negative"));
    }
    let [start, stop, step] = long_indices(vm, args.get(0), &length)?;
    let mut out = Vec::with_capacity(3);
    for n in [start, stop, step] {
        out.push(hognose_object::int::new_bigint(&vm.heap, &n)?);
    }
    vm.new_tuple(out)
}
