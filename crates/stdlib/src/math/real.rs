//! Functions on real numbers that take more than one, or give something else.

use super::unary::{domain_error, range_error};
use hognose_vm::{Args, Exc, PyResult, Raised, Ref, ValueExt, Vm, owned_bool};
use num_bigint::{BigInt, Sign};
use num_traits::ToPrimitive;

fn two(vm: &mut Vm, args: &Args<'_>) -> PyResult<(f64, f64)> {
    let x = vm.as_f64(args.get(0))?;
    Ok((x, vm.as_f64(args.get(1))?))
}

#[cold]
fn plain_domain_error(vm: &mut Vm) -> Raised {
    vm.value_error("math domain error")
}

// ---- to ints

/// Calls the special method `name`, if the class has it.
fn special(vm: &mut Vm, x: Ref<'_>, name: &str) -> PyResult<Option<hognose_vm::Owned>> {
    let name = vm.intern(name)?;
    vm.call_special(x, name.as_ref(), &[])
}

fn whole(vm: &mut Vm, x: Ref<'_>, name: &str, f: fn(f64) -> f64) -> PyResult {
    if x.value().is_float() {
        let x = vm.float_of(x).unwrap_or(0.0);
        return vm.int_from_f64(f(x));
    }
    if x.value().is_int() {
        return Ok(x.owned());
    }
    if let Some(n) = special(vm, x, name)? {
        return Ok(n);
    }
    let x = vm.as_f64(x)?;
    vm.int_from_f64(f(x))
}

pub(super) fn ceil(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    whole(vm, args.get(0), "__ceil__", f64::ceil)
}

pub(super) fn floor(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    whole(vm, args.get(0), "__floor__", f64::floor)
}

pub(super) fn trunc(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let x = args.get(0);
    if x.value().is_float() {
        let x = vm.float_of(x).unwrap_or(0.0);
        return vm.int_from_f64(x);
    }
    match special(vm, x, "__trunc__")? {
        Some(n) => Ok(n),
        None => {
            let class = vm.type_name(x);
            Err(vm.type_error(&format!("type {class} doesn't define __trunc__ method")))
        }
    }
}

// ---- two arguments

pub(super) fn atan2(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let (y, x) = two(vm, args)?;
    vm.new_float(y.atan2(x))
}

pub(super) fn copysign(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let (x, y) = two(vm, args)?;
    vm.new_float(x.copysign(y))
}

pub(super) fn fmod(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let (x, y) = two(vm, args)?;
    let r = x % y;
    if r.is_nan() && !x.is_nan() && !y.is_nan() {
        return Err(plain_domain_error(vm));
    }
    vm.new_float(r)
}

pub(super) fn remainder(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let (x, y) = two(vm, args)?;
    if x.is_nan() || y.is_nan() {
        return vm.new_float(x + y);
    }
    if x.is_infinite() || y == 0.0 {
        return Err(plain_domain_error(vm));
    }
    if y.is_infinite() {
        return vm.new_float(x);
    }
    let (a, b) = (x.abs(), y.abs());
    let m = a % b;
    let c = b - m;
    let r = if m < c {
        m
    } else if m > c {
        -c
    } else {
        // Half way: to the even multiple.
        m - 2.0 * ((0.5 * (a - m)) % b)
    };
    vm.new_float(1.0f64.copysign(x) * r)
}

pub(super) fn pow(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let (x, y) = two(vm, args)?;
    let r = x.powf(y);
    if x.is_finite() && y.is_finite() {
        if r.is_nan() {
            return Err(plain_domain_error(vm));
        }
        if r.is_infinite() {
            return Err(if x == 0.0 { plain_domain_error(vm) } else { range_error(vm) });
        }
    }
    vm.new_float(r)
}

pub(super) fn ldexp(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let x = vm.as_f64(args.get(0))?;
    let Some(e) = vm.int_of(args.get(1)) else {
        return Err(vm.type_error("Expected an int as second argument to ldexp."));
    };
    if x == 0.0 || !x.is_finite() {
        return vm.new_float(x);
    }
    let e = e.to_i32().unwrap_or(if e.sign() == Sign::Minus { i32::MIN } else { i32::MAX });
    let r = super::libm::ldexp(x, e);
    if r.is_infinite() {
        return Err(range_error(vm));
    }
    vm.new_float(r)
}

pub(super) fn fma(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let (x, y) = two(vm, args)?;
    let z = vm.as_f64(args.get(2))?;
    let r = x.mul_add(y, z);
    if r.is_nan() && !x.is_nan() && !y.is_nan() && !z.is_nan() {
        return Err(vm.value_error("invalid operation in fma"));
    }
    if r.is_infinite() && x.is_finite() && y.is_finite() && z.is_finite() {
        return Err(vm.overflow_error("overflow in fma"));
    }
    vm.new_float(r)
}

/// Floats in order as integers: -0.0 and 0.0 are both 0.
fn ordinal(x: f64) -> i64 {
    let bits = x.to_bits() as i64;
    if bits < 0 { -(bits & i64::MAX) } else { bits }
}

pub(super) fn nextafter(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let (x, y) = two(vm, args)?;
    let steps = match args.opt(2).filter(|s| !s.is_none()) {
        None => 1,
        Some(s) => {
            let n = vm.index_bigint(s)?;
            if n.sign() == Sign::Minus {
                return Err(vm.value_error("steps must be a non-negative integer"));
            }
            n.to_u64().unwrap_or(u64::MAX)
        }
    };
    if steps == 0 || x.is_nan() {
        return vm.new_float(x);
    }
    if y.is_nan() || x == y {
        return vm.new_float(y);
    }
    let (from, to) = (ordinal(x), ordinal(y));
    if steps >= from.abs_diff(to) {
        return vm.new_float(y);
    }
    let at = if from < to { from.wrapping_add_unsigned(steps) } else { from.wrapping_sub_unsigned(steps) };
    let sign_bit =
        if at < 0 || (at == 0 && (x < 0.0 || (x == 0.0 && x.is_sign_negative()))) { 1u64 << 63 } else { 0 };
    vm.new_float(f64::from_bits(at.unsigned_abs() | sign_bit))
}

pub(super) fn isclose(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let (a, b) = two(vm, args)?;
    let relative = match args.opt(2) {
        Some(r) => vm.as_f64(r)?,
        None => 1e-9,
    };
    let absolute = match args.opt(3) {
        Some(r) => vm.as_f64(r)?,
        None => 0.0,
    };
    if relative < 0.0 || absolute < 0.0 {
        return Err(vm.value_error("tolerances must be non-negative"));
    }
    let difference = (b - a).abs();
    let close = a == b
        || (a.is_finite()
            && b.is_finite()
            && (difference <= (relative * b).abs()
                || difference <= (relative * a).abs()
                || difference <= absolute));
    Ok(owned_bool(close))
}

// ---- questions and parts

pub(super) fn isfinite(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    Ok(owned_bool(vm.as_f64(args.get(0))?.is_finite()))
}

pub(super) fn isinf(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    Ok(owned_bool(vm.as_f64(args.get(0))?.is_infinite()))
}

pub(super) fn isnan(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    Ok(owned_bool(vm.as_f64(args.get(0))?.is_nan()))
}

/// Mantissa in [0.5, 1) and exponent of a finite float other than zero.
pub(super) fn split(x: f64) -> (f64, i32) {
    const FIELD: u64 = 0x7FF << 52;
    let (scaled, shift) = if x.abs() < f64::MIN_POSITIVE { (x * 2f64.powi(54), -54) } else { (x, 0) };
    let bits = scaled.to_bits();
    let exponent = ((bits & FIELD) >> 52) as i32 - 1022;
    (f64::from_bits((bits & !FIELD) | 1022 << 52), exponent + shift)
}

pub(super) fn frexp(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let x = vm.as_f64(args.get(0))?;
    let (m, e) = if x == 0.0 || !x.is_finite() { (x, 0) } else { split(x) };
    let (m, e) = (vm.new_float(m)?, vm.new_int(i64::from(e))?);
    vm.new_pair(m, e)
}

pub(super) fn modf(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let x = vm.as_f64(args.get(0))?;
    let (fraction, whole) =
        if x.is_infinite() { (0.0f64.copysign(x), x) } else { ((x - x.trunc()).copysign(x), x.trunc()) };
    let (fraction, whole) = (vm.new_float(fraction)?, vm.new_float(whole)?);
    vm.new_pair(fraction, whole)
}

// ---- logarithms

/// The logarithm of a number; ints may be larger than any float.
fn logarithm(vm: &mut Vm, x: Ref<'_>, f: fn(f64) -> f64) -> PyResult<f64> {
    if let Some(n) = vm.int_of(x) {
        if n.sign() != Sign::Plus {
            return Err(vm.value_error("expected a positive input"));
        }
        return Ok(log_of_big(&n, f));
    }
    let x = vm.as_f64(x)?;
    if x > 0.0 || x.is_nan() { Ok(f(x)) } else { Err(domain_error(vm, "expected a positive input", x)) }
}

fn log_of_big(n: &BigInt, f: fn(f64) -> f64) -> f64 {
    match n.to_f64().filter(|x| x.is_finite()) {
        Some(x) => f(x),
        None => {
            // Mantissa in [0.5, 1) and exponent; 64 bits are more than enough.
            let bits = n.bits();
            let m = (n >> (bits - 64)).to_f64().unwrap_or(0.0) / 2f64.powi(64);
            f(m) + f(2.0) * bits as f64
        }
    }
}

pub(super) fn log(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let x = logarithm(vm, args.get(0), f64::ln)?;
    let Some(base) = args.opt(1) else { return vm.new_float(x) };
    let base = logarithm(vm, base, f64::ln)?;
    if base == 0.0 {
        return Err(vm.raise(Exc::ZeroDivisionError, "division by zero"));
    }
    vm.new_float(x / base)
}

pub(super) fn log2(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let x = logarithm(vm, args.get(0), f64::log2)?;
    vm.new_float(x)
}

pub(super) fn log10(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let x = logarithm(vm, args.get(0), f64::log10)?;
    vm.new_float(x)
}

#[cfg(test)]
mod tests {
    use super::{ordinal, split};

    #[test]
    fn parts() {
        assert_eq!(split(10.0), (0.625, 4));
        assert_eq!(split(5e-324), (0.5, -1073));
        assert_eq!(split(-1.0), (-0.5, 1));
        assert_eq!(ordinal(-5e-324), -1);
        assert_eq!(ordinal(-0.0), 0);
    }
}
