//! Built-in functions on numbers.

use crate::args::Args;
use crate::class::base_value;
use crate::exceptions::Exc;
use crate::type_slots::{BinOp, UnaryOp};
use crate::types::int::number::num_of;
use crate::types::int::{ops, parse};
use crate::{PyResult, Raised, Vm};
use hognose_object::float::{complex_of, float_of, new_complex};
use hognose_object::int::{is_int, small_int_of};
use hognose_object::{Layout, NOT_IMPLEMENTED, Owned, Ref, ValueExt};

pub(super) fn abs(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    vm.unary_op(UnaryOp::Abs, args.get(0))
}

pub(super) fn bin(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    parse::prefixed(vm, args.get(0), "0b", 2)
}

pub(super) fn oct(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    parse::prefixed(vm, args.get(0), "0o", 8)
}

pub(super) fn hex(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    parse::prefixed(vm, args.get(0), "0x", 16)
}

pub(super) fn divmod(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    vm.binary_op(BinOp::DivMod, args.get(0), args.get(1))
}

pub(super) fn pow(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let (base, exp) = (args.get(0), args.get(1));
    match args.opt(2).filter(|m| !m.is_none()) {
        None => vm.binary_op(BinOp::Pow, base, exp),
        Some(modulus) => ternary_pow(vm, base, exp, modulus),
    }
}

fn ternary_pow(vm: &mut Vm, base: Ref<'_>, exp: Ref<'_>, modulus: Ref<'_>) -> PyResult {
    let operands = [base, exp, modulus];
    let own = |vm: &Vm, r: Ref<'_>| vm.class_of(r).is_heap_type();
    if operands.iter().all(|r| num_of(*r).is_some()) && !own(vm, base) && !own(vm, exp) {
        return ops::pow_mod(vm, base, exp, modulus);
    }
    // Classes may define it: the base first, then the exponent.
    for (r, name, other) in [(base, "__pow__", exp), (exp, "__rpow__", base)] {
        let class = vm.class_of(r);
        if !class.is_heap_type() {
            continue;
        }
        let name = vm.intern(name)?;
        if let Some(result) = vm.call_special(r, name.as_ref(), &[other, modulus])?
            && result.value() != NOT_IMPLEMENTED
        {
            return Ok(result);
        }
    }
    if operands.iter().all(|r| num_of(*r).is_some()) {
        return ops::pow_mod(vm, base, exp, modulus);
    }
    let number = |r: &Ref<'_>| num_of(*r).is_some() || float_of(base_value(*r)).is_some();
    if operands.iter().any(|r| complex_of(base_value(*r)).is_some()) {
        if operands.iter().all(|r| number(r) || complex_of(base_value(*r)).is_some()) {
            return Err(vm.value_error("complex modulo"));
        }
    } else if operands.iter().all(number) {
        return Err(vm.type_error("pow() 3rd argument not allowed unless all arguments are integers"));
    }
    Err(unsupported_pow(vm, base, exp, modulus))
}

fn unsupported_pow(vm: &mut Vm, a: Ref<'_>, b: Ref<'_>, c: Ref<'_>) -> Raised {
    let (a, b, c) = (vm.type_name(a), vm.type_name(b), vm.type_name(c));
    vm.type_error(&format!("unsupported operand type(s) for ** or pow(): '{a}', '{b}', '{c}'"))
}

pub(super) fn round(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let x = args.get(0);
    let digits = args.opt(1).filter(|d| !d.is_none());
    if x.value().is_int() && digits.is_none() {
        return Ok(x.owned());
    }
    let name = vm.names().__round__;
    let result = match digits {
        Some(d) => vm.call_special(x, name, &[d])?,
        None => vm.call_special(x, name, &[])?,
    };
    match result {
        Some(r) => Ok(r),
        None => {
            let class = vm.type_name(x);
            Err(vm.type_error(&format!("type {class} doesn't define __round__ method")))
        }
    }
}

// ---- sum

/// A sum of floats and what rounding took from it.
#[derive(Clone, Copy, Default)]
struct Compensated {
    high: f64,
    low: f64,
}

impl Compensated {
    fn add(&mut self, x: f64) {
        let t = self.high + x;
        self.low += if self.high.abs() >= x.abs() { (self.high - t) + x } else { (x - t) + self.high };
        self.high = t;
    }

    fn value(self) -> f64 {
        if self.low != 0.0 && self.low.is_finite() { self.high + self.low } else { self.high }
    }
}

/// What has been summed up so far.
enum Total {
    Int(i64),
    Float(Compensated),
    Complex(Compensated, Compensated),
    Other(Owned),
}

impl Total {
    fn of(start: Owned) -> Total {
        let r = start.as_ref();
        if let Some(n) = r.value().as_int() {
            return Total::Int(n);
        }
        if let Some(x) = float_of(r) {
            return Total::Float(Compensated { high: x, low: 0.0 });
        }
        if let Some((re, im)) = complex_of(r) {
            let part = |high| Compensated { high, low: 0.0 };
            return Total::Complex(part(re), part(im));
        }
        Total::Other(start)
    }

    fn give(self, vm: &Vm) -> PyResult {
        match self {
            Total::Int(n) => vm.new_int(n),
            Total::Float(x) => vm.new_float(x.value()),
            Total::Complex(re, im) => Ok(new_complex(vm.heap(), re.value(), im.value())?),
            Total::Other(o) => Ok(o),
        }
    }

    /// Adds a number of a known kind; `false` when it takes the general way.
    fn add_fast(&mut self, vm: &mut Vm, item: Ref<'_>) -> PyResult<bool> {
        match self {
            Total::Int(n) => {
                if let Some(sum) = small_int_of(item).and_then(|x| n.checked_add(x)) {
                    *n = sum;
                    return Ok(true);
                }
            }
            Total::Float(sum) => {
                if let Some(x) = float_of(item) {
                    sum.add(x);
                    return Ok(true);
                }
                if is_int(item) {
                    let x = vm.as_f64(item)?;
                    sum.add(x);
                    return Ok(true);
                }
            }
            Total::Complex(re, im) => {
                if let Some((x, y)) = complex_of(item) {
                    re.add(x);
                    im.add(y);
                    return Ok(true);
                }
                if float_of(item).is_some() || is_int(item) {
                    let x = vm.as_f64(item)?;
                    re.add(x);
                    return Ok(true);
                }
            }
            Total::Other(_) => {}
        }
        Ok(false)
    }
}

pub(super) fn sum(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let start = match args.opt(1) {
        Some(start) => {
            refuse_text(vm, start)?;
            start.owned()
        }
        None => vm.new_int(0)?,
    };
    let mut total = Total::of(start);
    let mut items = vm.iterate(args.get(0))?;
    while let Some(item) = items.next(vm)? {
        if total.add_fast(vm, item.as_ref())? {
            continue;
        }
        let so_far = total.give(vm)?;
        total = Total::of(vm.binary_op(BinOp::Add, so_far.as_ref(), item.as_ref())?);
    }
    total.give(vm)
}

fn refuse_text(vm: &mut Vm, start: Ref<'_>) -> PyResult<()> {
    let message = match base_value(start).layout_of() {
        Some(Layout::Str) => "sum() can't sum strings [use ''.join(seq) instead]",
        Some(Layout::Bytes) => "sum() can't sum bytes [use b''.join(seq) instead]",
        Some(Layout::ByteArray) => "sum() can't sum bytearray [use b''.join(seq) instead]",
        _ => return Ok(()),
    };
    Err(vm.raise(Exc::TypeError, message))
}
