//! Arithmetic, comparison, subscripts and truth where the operands are not small numbers.
#![allow(unsafe_code, reason = "operands are registers")]

use crate::type_slots::{BinOp, CmpOp, UnaryOp};
use crate::{PyResult, Vm};
use hognose_bytecode::{Insn, Op};
use hognose_object::str::{StrRef, append_in_place, concat_with_room};
use hognose_object::{Header, Layout, NONE, Ref, Value, ValueExt, float};

/// An object's count has reached zero.
#[inline(never)]
pub(crate) unsafe fn release(vm: &mut Vm, h: *mut Header) {
    // SAFETY: the caller took the last reference away.
    unsafe { vm.heap.release(h) };
    if vm.heap.has_pending() {
        vm.finish_deaths();
    }
}

/// Releases a register that is a temporary.
#[inline(always)]
pub(crate) unsafe fn consume(vm: &mut Vm, base: *mut Value, i: u16, nlocals: u16) {
    if i >= nlocals {
        // SAFETY: the register owns its value, which nobody reads again.
        unsafe {
            let v = *base.add(usize::from(i));
            if v.is_ptr() && (*v.header()).decref() {
                release(vm, v.header());
            }
        }
    }
}

/// Both operands as floats when both are numbers that convert exactly enough (ints beyond 2^53 go the long way).
#[inline(always)]
fn as_floats(a: Value, b: Value) -> Option<(f64, f64)> {
    let one = |v: Value| match v.as_int() {
        Some(n) if n.unsigned_abs() <= 1 << 53 => Some(n as f64),
        Some(_) => None,
        None => float::float_of(v),
    };
    if a.is_int() && b.is_int() {
        return None;
    }
    Some((one(a)?, one(b)?))
}

fn float_op(op: BinOp, x: f64, y: f64) -> Option<f64> {
    match op {
        BinOp::Add => Some(x + y),
        BinOp::Sub => Some(x - y),
        BinOp::Mul => Some(x * y),
        BinOp::TrueDiv if y != 0.0 => Some(x / y),
        _ => None,
    }
}

#[inline(never)]
pub(crate) unsafe fn binary(
    vm: &mut Vm,
    base: *mut Value,
    insn: Insn,
    op: BinOp,
    inplace: bool,
    local: bool,
    nlocals: u16,
) -> PyResult<Value> {
    // SAFETY: registers hold live values for the duration of the operation.
    unsafe {
        let (x, y) = (*base.add(usize::from(insn.b)), *base.add(usize::from(insn.c)));
        if let Some((a, b)) = as_floats(x, y)
            && let Some(r) = float_op(op, a, b)
        {
            let v = float::new_float(&vm.heap, r)?.into_value();
            consume(vm, base, insn.b, nlocals);
            consume(vm, base, insn.c, nlocals);
            return Ok(v);
        }
        let (a, b) = (Ref::from_value(x), Ref::from_value(y));
        if op == BinOp::Add
            && let (Some(s), Some(t)) = (StrRef::new(a), StrRef::new(b))
        {
            // `s = s + t` and `s += t` of a string nobody else has grow it where it lies.
            let place = base.add(usize::from(insn.b));
            let ours = insn.a == insn.b && (local || insn.b >= nlocals);
            if ours && append_in_place(&vm.heap, x, t.as_bytes(), t.char_len()) {
                consume(vm, base, insn.c, nlocals);
                if local {
                    // The loop stores the result and releases the old value: give it a reference of its own.
                    x.incref();
                } else {
                    place.write(Value::NULL);
                }
                return Ok(x);
            }
            let v = if s.as_bytes().is_empty() {
                b.owned()
            } else if t.as_bytes().is_empty() {
                a.owned()
            } else {
                concat_with_room(&vm.heap, s, t)?
            };
            consume(vm, base, insn.b, nlocals);
            consume(vm, base, insn.c, nlocals);
            return Ok(v.into_value());
        }
        let v = if inplace { vm.inplace_op(op, a, b)? } else { vm.binary_op(op, a, b)? };
        // The left operand dies first.
        consume(vm, base, insn.b, nlocals);
        consume(vm, base, insn.c, nlocals);
        Ok(v.into_value())
    }
}

/// `AddI` and `SubI` with an operand that is no small number or overflows.
#[inline(never)]
pub(crate) unsafe fn binary_int(
    vm: &mut Vm,
    base: *mut Value,
    insn: Insn,
    op: Op,
    nlocals: u16,
) -> PyResult<Value> {
    // SAFETY: the register holds a live value.
    unsafe {
        let a = Ref::from_value(*base.add(usize::from(insn.b)));
        let b = Ref::from_immediate(Value::from_i32(i32::from(insn.c as i16)));
        let sub = matches!(op, Op::SubI | Op::SubIL | Op::ISubI | Op::ISubIL);
        let inplace = matches!(op, Op::IAddI | Op::IAddIL | Op::ISubI | Op::ISubIL);
        let op = if sub { BinOp::Sub } else { BinOp::Add };
        let v = if inplace { vm.inplace_op(op, a, b)? } else { vm.binary_op(op, a, b)? };
        consume(vm, base, insn.b, nlocals);
        Ok(v.into_value())
    }
}

#[inline(never)]
pub(crate) unsafe fn unary(
    vm: &mut Vm,
    base: *mut Value,
    insn: Insn,
    op: UnaryOp,
    nlocals: u16,
) -> PyResult<Value> {
    // SAFETY: the register holds a live value.
    unsafe {
        let v = vm.unary_op(op, Ref::from_value(*base.add(usize::from(insn.b))))?;
        consume(vm, base, insn.b, nlocals);
        Ok(v.into_value())
    }
}

/// Comparisons that need no slot: strings for equality, mixed numbers.
#[inline(always)]
fn quick_compare(op: CmpOp, a: Ref<'_>, b: Ref<'_>) -> Option<bool> {
    if let Some((x, y)) = as_floats(a.value(), b.value()) {
        return Some(match op {
            CmpOp::Lt => x < y,
            CmpOp::Le => x <= y,
            CmpOp::Eq => x == y,
            CmpOp::Ne => x != y,
            CmpOp::Gt => x > y,
            CmpOp::Ge => x >= y,
        });
    }
    if matches!(op, CmpOp::Eq | CmpOp::Ne) && StrRef::new(a).is_some() && StrRef::new(b).is_some() {
        return Some(hognose_object::str::str_eq(a.value(), b.value()) == (op == CmpOp::Eq));
    }
    None
}

#[inline(never)]
pub(crate) unsafe fn compare(
    vm: &mut Vm,
    base: *mut Value,
    i: u16,
    j: u16,
    op: CmpOp,
    nlocals: u16,
) -> PyResult<Value> {
    // SAFETY: registers hold live values.
    unsafe {
        let (a, b) = (Ref::from_value(*base.add(usize::from(i))), Ref::from_value(*base.add(usize::from(j))));
        let v = match quick_compare(op, a, b) {
            Some(t) => hognose_object::bool_value(t),
            None => vm.compare(op, a, b)?.into_value(),
        };
        consume(vm, base, i, nlocals);
        consume(vm, base, j, nlocals);
        Ok(v)
    }
}

#[inline(never)]
pub(crate) unsafe fn compare_bool(
    vm: &mut Vm,
    base: *mut Value,
    i: u16,
    j: u16,
    op: CmpOp,
    nlocals: u16,
) -> PyResult<bool> {
    // SAFETY: registers hold live values.
    unsafe {
        let (a, b) = (Ref::from_value(*base.add(usize::from(i))), Ref::from_value(*base.add(usize::from(j))));
        let t = match quick_compare(op, a, b) {
            Some(t) => t,
            None => {
                let v = vm.compare(op, a, b)?;
                vm.is_true(v.as_ref())?
            }
        };
        consume(vm, base, i, nlocals);
        consume(vm, base, j, nlocals);
        Ok(t)
    }
}

/// Comparison with a small int constant.
#[inline(never)]
pub(crate) unsafe fn compare_int(
    vm: &mut Vm,
    base: *mut Value,
    i: u16,
    n: Value,
    op: CmpOp,
    nlocals: u16,
) -> PyResult<bool> {
    // SAFETY: the register holds a live value.
    unsafe {
        let (a, b) = (Ref::from_value(*base.add(usize::from(i))), Ref::from_immediate(n));
        let t = match quick_compare(op, a, b) {
            Some(t) => t,
            None => {
                let v = vm.compare(op, a, b)?;
                vm.is_true(v.as_ref())?
            }
        };
        consume(vm, base, i, nlocals);
        Ok(t)
    }
}

#[inline(never)]
pub(crate) fn truth(vm: &mut Vm, r: Ref<'_>) -> PyResult<bool> {
    vm.is_true(r)
}

#[inline(never)]
pub(crate) unsafe fn contains(
    vm: &mut Vm,
    base: *mut Value,
    item: u16,
    container: u16,
    nlocals: u16,
) -> PyResult<bool> {
    // SAFETY: registers hold live values.
    unsafe {
        let x = Ref::from_value(*base.add(usize::from(item)));
        let c = Ref::from_value(*base.add(usize::from(container)));
        let found = if c.is_exact(Layout::Dict) { vm.dict_contains(c, x)? } else { vm.contains(c, x)? };
        consume(vm, base, container, nlocals);
        consume(vm, base, item, nlocals);
        Ok(found)
    }
}

#[inline(never)]
pub(crate) unsafe fn get_item(vm: &mut Vm, base: *mut Value, insn: Insn, nlocals: u16) -> PyResult<Value> {
    // SAFETY: registers hold live values.
    unsafe {
        let o = Ref::from_value(*base.add(usize::from(insn.b)));
        let k = Ref::from_value(*base.add(usize::from(insn.c)));
        let v = if o.is_exact(Layout::Dict) {
            match vm.dict_get(o, k)? {
                Some(v) => v,
                None => return Err(vm.key_error(k)),
            }
        } else {
            vm.get_item(o, k)?
        };
        consume(vm, base, insn.c, nlocals);
        consume(vm, base, insn.b, nlocals);
        Ok(v.into_value())
    }
}

#[inline(never)]
pub(crate) unsafe fn set_item(vm: &mut Vm, base: *mut Value, insn: Insn, nlocals: u16) -> PyResult<()> {
    // SAFETY: registers hold live values.
    unsafe {
        let o = Ref::from_value(*base.add(usize::from(insn.a)));
        let k = Ref::from_value(*base.add(usize::from(insn.b)));
        let v = Ref::from_value(*base.add(usize::from(insn.c)));
        if o.is_exact(Layout::Dict) {
            vm.dict_set(o, k, v)?;
        } else {
            vm.set_item(o, k, Some(v))?;
        }
        consume(vm, base, insn.c, nlocals);
        consume(vm, base, insn.b, nlocals);
        consume(vm, base, insn.a, nlocals);
        Ok(())
    }
}

/// `o[start:stop]` of an exact str, list or tuple with bounds that are small ints or None. The bounds are immediates, so
/// nothing is consumed.
#[inline(never)]
pub(crate) unsafe fn quick_slice(
    vm: &mut Vm,
    o: Ref<'_>,
    base: *mut Value,
    insn: Insn,
) -> PyResult<Option<Value>> {
    if insn.c != 2 {
        return Ok(None);
    }
    // SAFETY: the temporaries hold the bounds.
    let (start, stop) = unsafe { (*base.add(usize::from(insn.b)), *base.add(usize::from(insn.b) + 1)) };
    let bound = |v: Value| match v.as_int() {
        Some(n) => Some(Some(n as isize)),
        None if v == NONE => Some(None),
        None => None,
    };
    let (Some(start), Some(stop)) = (bound(start), bound(stop)) else { return Ok(None) };
    let clip = |len: usize| {
        let n = len as isize;
        let at = |i: isize| (if i < 0 { i.saturating_add(n) } else { i }).clamp(0, n) as usize;
        let (a, b) = (start.map_or(0, at), stop.map_or(len, at));
        (a, b.max(a))
    };
    if let Some(s) = StrRef::new(o) {
        let (a, b) = clip(s.char_len());
        if a == 0 && b == s.char_len() {
            return Ok(Some(o.owned().into_value()));
        }
        let bytes = if s.is_ascii() { &s.as_bytes()[a..b] } else { s.slice_bytes(a, b) };
        return Ok(Some(vm.new_str_bytes(bytes)?.into_value()));
    }
    if let Some(l) = hognose_object::list::ListRef::new(o).filter(|_| o.is_exact(Layout::List)) {
        let (a, b) = clip(l.len());
        let items = l.items(&vm.heap)[a..b].iter().map(|r| r.owned()).collect();
        return Ok(Some(vm.new_list(items)?.into_value()));
    }
    Ok(None)
}

#[inline(never)]
pub(crate) unsafe fn build_slice(vm: &mut Vm, base: *mut Value, insn: Insn) -> PyResult<Value> {
    use hognose_object::objects::SliceObj;
    let h = vm.heap.alloc_traced(Layout::Slice.kind(), size_of::<SliceObj>())?;
    // SAFETY: a fresh block; the temporaries move in.
    unsafe {
        let s = h.cast::<SliceObj>();
        let at = base.add(usize::from(insn.b));
        (*s).start = *at;
        (*s).stop = *at.add(1);
        (*s).step = if insn.c == 3 { *at.add(2) } else { NONE };
    }
    Ok(Value::from_ptr(h))
}
