//! Ints as Rust numbers: operands of arithmetic, exact conversions between ints and floats, and the price of results.
//!
//!   Ref ──num_of──► Num::Small(i64) | Num::Big(BigInt) ──give──► Owned
//!
//! Invariant: no result is computed before its estimated size was admitted by the heap ([`charged`]).

use crate::class::base_value;
use crate::{PyResult, Vm};
use hognose_object::int::{bigint_of, new_bigint, small_int_of};
use hognose_object::{OutOfMemory, Owned, Ref};
use num_bigint::{BigInt, Sign};
use num_traits::{FromPrimitive, Signed, ToPrimitive, Zero};
use std::cmp::Ordering;

/// Results above this many bits are refused even without a heap limit.
const MAX_BITS: u64 = 1 << 33;
/// Results below this many bits are not worth an entry in the books while they are computed.
const FREE_BITS: u64 = 1 << 16;

/// An int operand.
pub(crate) enum Num {
    /// An immediate int or a bool.
    Small(i64),
    /// Any other.
    Big(BigInt),
}

impl Num {
    /// As a big integer.
    pub(crate) fn big(self) -> BigInt {
        match self {
            Num::Small(n) => BigInt::from(n),
            Num::Big(n) => n,
        }
    }
}

/// The number behind an int, a bool or an instance of a subclass of int.
#[inline]
pub(crate) fn num_of(r: Ref<'_>) -> Option<Num> {
    let v = base_value(r);
    match small_int_of(v) {
        Some(n) => Some(Num::Small(n)),
        None => bigint_of(v).map(Num::Big),
    }
}

/// A big integer as an object.
pub(crate) fn give(vm: &Vm, n: &BigInt) -> PyResult {
    Ok(new_bigint(vm.heap(), n)?)
}

/// A 128-bit integer as an object.
pub(crate) fn give_i128(vm: &Vm, n: i128) -> PyResult {
    match i64::try_from(n) {
        Ok(n) => vm.new_int(n),
        Err(_) => give(vm, &BigInt::from(n)),
    }
}

/// Runs `f`, whose result has about `bits` bits, with its memory in the books of the heap.
pub(crate) fn charged<T>(vm: &Vm, bits: u64, f: impl FnOnce() -> T) -> PyResult<T> {
    if bits < FREE_BITS {
        return Ok(f());
    }
    if bits > MAX_BITS {
        return Err(OutOfMemory { requested: usize::MAX }.into());
    }
    let bytes = usize::try_from(bits / 4).unwrap_or(usize::MAX);
    vm.heap().charge_external(bytes)?;
    let out = f();
    vm.heap().discharge_external(bytes);
    Ok(out)
}

/// `m * 2^e` rounded to the nearest float, ties to even; `sticky` says that something below `m` was cut off.
/// Exact when `m < 2^62` or `sticky` carries what was lost. Infinite when too large.
pub(crate) fn scale(m: u64, sticky: bool, e: i64) -> f64 {
    if m == 0 {
        return 0.0;
    }
    // m with its top bit at 63.
    let shift = i64::from(m.leading_zeros());
    let (m, e) = (m << shift, e - shift);
    let exponent = e + 63;
    if exponent > 1023 {
        return f64::INFINITY;
    }
    // How many low bits of `m` do not fit: 11 for normal numbers, more for subnormal ones.
    let drop = if exponent >= -1022 { 11 } else { 11 + (-1022 - exponent) };
    if drop > 64 {
        return 0.0;
    }
    let (kept, rest, half) =
        if drop == 64 { (0, m, 1u64 << 63) } else { (m >> drop, m & ((1 << drop) - 1), 1u64 << (drop - 1)) };
    let up = rest > half || (rest == half && (sticky || kept & 1 == 1));
    let mantissa = kept + u64::from(up);
    let biased = if exponent >= -1022 { (exponent + 1022) as u64 } else { 0 };
    // The carry of the mantissa runs into the exponent as it should, up to infinity.
    f64::from_bits((biased << 52) + mantissa)
}

/// Mantissa and exponent of a finite float: `x == m * 2^e`.
pub(crate) fn decompose(x: f64) -> (u64, i64) {
    let bits = x.abs().to_bits();
    let (e, m) = ((bits >> 52) as i64, bits & ((1 << 52) - 1));
    if e == 0 { (m, -1074) } else { (m | 1 << 52, e - 1075) }
}

/// The top 64 bits of a magnitude, the exponent of its lowest kept bit, and whether bits below were lost.
fn top_bits(n: &BigInt) -> (u64, u64, bool) {
    let n = n.magnitude();
    let bits = n.bits();
    if bits <= 64 {
        return (n.to_u64().unwrap_or(0), 0, false);
    }
    let cut = bits - 64;
    let top = (n >> cut).to_u64().unwrap_or(u64::MAX);
    (top, cut, n.trailing_zeros().is_some_and(|z| z < cut))
}

/// The nearest float, infinite when too large.
pub(crate) fn to_f64(n: &BigInt) -> f64 {
    let (top, cut, lost) = top_bits(n);
    let x = scale(top, lost, i64::try_from(cut).unwrap_or(i64::MAX / 2));
    if n.is_negative() { -x } else { x }
}

/// `a / b` as the nearest float; infinite when too large. `b` is not zero.
pub(crate) fn true_div(a: &BigInt, b: &BigInt) -> f64 {
    if a.is_zero() {
        return 0.0;
    }
    let negative = (a.sign() == Sign::Minus) != (b.sign() == Sign::Minus);
    let (x, y) = (a.magnitude(), b.magnitude());
    // Shift so that the quotient has 64 or 65 bits.
    let (xb, yb) = (x.bits() as i64, y.bits() as i64);
    let shift = xb - yb - 64;
    let q = if xb - yb > 1025 {
        f64::INFINITY
    } else if xb - yb < -1080 {
        0.0
    } else {
        let (num, den) = if shift >= 0 {
            (x.clone(), y << shift.unsigned_abs())
        } else {
            (x << shift.unsigned_abs(), y.clone())
        };
        let quotient = &num / &den;
        let exact = &quotient * &den == num;
        let (top, cut, lost) = top_bits(&BigInt::from(quotient));
        scale(top, lost || !exact, shift + cut as i64)
    };
    if negative { -q } else { q }
}

/// A finite float without its fraction.
pub(crate) fn trunc_to_big(x: f64) -> BigInt {
    BigInt::from_f64(x).unwrap_or_default()
}

/// Compares an int with a float exactly; `None` for NaN.
pub(crate) fn cmp_int_float(n: &Num, x: f64) -> Option<Ordering> {
    if x.is_nan() {
        return None;
    }
    if x.is_infinite() {
        return Some(if x > 0.0 { Ordering::Less } else { Ordering::Greater });
    }
    let whole = match n {
        Num::Small(n) if n.unsigned_abs() < 1 << 53 => return (*n as f64).partial_cmp(&x),
        Num::Small(n) => BigInt::from(*n).cmp(&trunc_to_big(x)),
        Num::Big(n) => n.cmp(&trunc_to_big(x)),
    };
    let fraction = x - x.trunc();
    Some(whole.then(if fraction > 0.0 {
        Ordering::Less
    } else if fraction < 0.0 {
        Ordering::Greater
    } else {
        Ordering::Equal
    }))
}

/// The int with the value of a float, without its fraction; errors for infinities and NaN.
pub(crate) fn int_from_f64(vm: &mut Vm, x: f64) -> PyResult<Owned> {
    if x.abs() < 9.0e18 {
        return vm.new_int(x as i64);
    }
    if x.is_nan() {
        return Err(vm.value_error("cannot convert float NaN to integer"));
    }
    if x.is_infinite() {
        return Err(vm.overflow_error("cannot convert float infinity to integer"));
    }
    give(vm, &trunc_to_big(x))
}

/// Numbers as native modules read and make them.
impl Vm {
    /// The number behind an int, bool or instance of a subclass of int.
    pub fn int_of(&self, r: Ref<'_>) -> Option<BigInt> {
        num_of(r).map(Num::big)
    }

    /// The same, when it fits an immediate.
    #[inline]
    pub fn small_int_of(&self, r: Ref<'_>) -> Option<i64> {
        small_int_of(base_value(r))
    }

    /// The number behind a float or instance of a subclass of float.
    #[inline]
    pub fn float_of(&self, r: Ref<'_>) -> Option<f64> {
        hognose_object::float::float_of(base_value(r))
    }

    /// `operator.index(r)` as a big integer.
    pub fn index_bigint(&mut self, r: Ref<'_>) -> PyResult<BigInt> {
        let n = self.index(r)?;
        Ok(num_of(n.as_ref()).map(Num::big).unwrap_or_default())
    }

    /// An int.
    pub fn new_bigint(&self, n: &BigInt) -> PyResult {
        give(self, n)
    }

    /// The int with the value of a float without its fraction; errors for infinities and NaN.
    pub fn int_from_f64(&mut self, x: f64) -> PyResult {
        int_from_f64(self, x)
    }

    /// Runs `f`, whose result has about `bits` bits, with its memory counted by the heap while it runs.
    pub fn charged_bits<T>(&self, bits: u64, f: impl FnOnce() -> T) -> PyResult<T> {
        charged(self, bits, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scaling_rounds_to_even() {
        assert_eq!(scale(1, false, -1074), 5e-324);
        assert_eq!(scale(1, false, -1075), 0.0);
        assert_eq!(scale(1, true, -1075), 5e-324);
        assert_eq!(scale(3, false, -1075), 1e-323);
        assert_eq!(scale((1 << 53) + 1, false, 0), 9_007_199_254_740_992.0);
        assert_eq!(scale((1 << 53) + 1, true, 0), 9_007_199_254_740_994.0);
        assert_eq!(scale(u64::MAX, false, 1023 - 63), f64::INFINITY);
        assert_eq!(scale(1, false, 1023), 2f64.powi(1023));
    }

    #[test]
    fn quotients() {
        let big = |n: u32| BigInt::from(10).pow(n);
        assert_eq!(true_div(&big(400), &big(399)), 10.0);
        assert_eq!(true_div(&big(1), &big(2)), 0.1);
        assert_eq!(true_div(&-big(300), &big(301)), -0.1);
        assert_eq!(true_div(&big(400), &big(1)), f64::INFINITY);
        assert_eq!(true_div(&BigInt::from(2), &BigInt::from(3)), 2.0 / 3.0);
    }
}
