//! Number theory on integers of any size.
//!
//! Products over ranges are computed by halves, so that factors stay of equal size and multiplication is fast; the
//! size of a result is estimated and admitted by the heap first.

use hognose_vm::{Args, Exc, PyResult, Vm};
use num_bigint::{BigInt, BigUint, Sign};
use num_integer::Integer;
use num_traits::{One, Signed, ToPrimitive, Zero};

pub(super) fn gcd(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let mut small: Option<u64> = Some(0);
    let mut acc = BigInt::zero();
    for &r in args.pos {
        if let (Some(a), Some(b)) = (small, vm.small_int_of(r)) {
            small = Some(a.gcd(&b.unsigned_abs()));
            continue;
        }
        if let Some(a) = small.take() {
            acc = BigInt::from(a);
        }
        let n = vm.index_bigint(r)?;
        acc = acc.gcd(&n);
    }
    match small {
        Some(n) => vm.new_bigint(&BigInt::from(n)),
        None => vm.new_bigint(&acc),
    }
}

pub(super) fn lcm(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let mut acc = BigInt::one();
    for &r in args.pos {
        let n = vm.index_bigint(r)?.abs();
        acc = if n.is_zero() || acc.is_zero() {
            BigInt::zero()
        } else {
            let bits = acc.bits() + n.bits();
            vm.charged_bits(bits, || acc.lcm(&n))?
        };
    }
    vm.new_bigint(&acc)
}

pub(super) fn isqrt(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let n = vm.index_bigint(args.get(0))?;
    if n.is_negative() {
        return Err(vm.value_error("isqrt() argument must be nonnegative"));
    }
    let root = vm.charged_bits(n.bits(), || n.sqrt())?;
    vm.new_bigint(&root)
}

/// Product of `low..=high`.
fn product(low: u64, high: u64) -> BigUint {
    if low > high {
        return BigUint::one();
    }
    if high - low < 16 {
        let mut acc = BigUint::one();
        let mut word = 1u64;
        for i in low..=high {
            match word.checked_mul(i) {
                Some(w) => word = w,
                None => {
                    acc *= word;
                    word = i;
                }
            }
        }
        return acc * word;
    }
    let middle = low + (high - low) / 2;
    product(low, middle) * product(middle + 1, high)
}

/// Product of `count` integers down from `n`.
fn falling(n: &BigUint, count: u64) -> BigUint {
    if let Some(n) = n.to_u64() {
        return product(n - count + 1, n);
    }
    match count {
        0 => BigUint::one(),
        1 => n.clone(),
        _ => {
            let half = count / 2;
            falling(n, half) * falling(&(n - half), count - half)
        }
    }
}

/// Bits of a product of `count` factors of the size of `n`.
fn product_bits(n: &BigUint, count: u64) -> u64 {
    n.bits().saturating_mul(count)
}

fn factorial_of(vm: &mut Vm, n: &BigInt) -> PyResult {
    if n.is_negative() {
        return Err(vm.value_error("factorial() not defined for negative values"));
    }
    let Some(n) = n.to_i64() else {
        return Err(
            vm.raise(Exc::OverflowError, &format!("factorial() argument should not exceed {}", i64::MAX))
        );
    };
    let n = n.unsigned_abs();
    // Stirling: log2(n!) < n log2(n/2) for n > 5.
    let bits = n as f64 * (n as f64 / 2.0).max(2.0).log2();
    let result = vm.charged_bits(bits as u64, || BigInt::from_biguint(Sign::Plus, product(1, n)))?;
    vm.new_bigint(&result)
}

pub(super) fn factorial(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let n = vm.index_bigint(args.get(0))?;
    factorial_of(vm, &n)
}

pub(super) fn perm(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    use hognose_vm::ValueExt;
    let n = vm.index_bigint(args.get(0))?;
    let Some(k) = args.opt(1).filter(|k| !k.is_none()) else { return factorial_of(vm, &n) };
    let k = vm.index_bigint(k)?;
    if n.is_negative() {
        return Err(vm.value_error("n must be a non-negative integer"));
    }
    if k.is_negative() {
        return Err(vm.value_error("k must be a non-negative integer"));
    }
    if k > n {
        return vm.new_int(0);
    }
    let Some(count) = k.to_i64() else {
        return Err(vm.raise(Exc::OverflowError, &format!("k must not exceed {}", i64::MAX)));
    };
    let (n, count) = (n.magnitude(), count.unsigned_abs());
    let result = vm.charged_bits(product_bits(n, count), || falling(n, count))?;
    vm.new_bigint(&BigInt::from_biguint(Sign::Plus, result))
}

pub(super) fn comb(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let n = vm.index_bigint(args.get(0))?;
    let k = vm.index_bigint(args.get(1))?;
    if n.is_negative() {
        return Err(vm.value_error("n must be a non-negative integer"));
    }
    if k.is_negative() {
        return Err(vm.value_error("k must be a non-negative integer"));
    }
    if k > n {
        return vm.new_int(0);
    }
    let rest = &n - &k;
    let k = k.min(rest);
    let Some(count) = k.to_i64() else {
        return Err(vm.raise(Exc::OverflowError, &format!("min(n - k, k) must not exceed {}", i64::MAX)));
    };
    let (n, count) = (n.magnitude(), count.unsigned_abs());
    if let Some(c) = n.to_u64().and_then(|n| small_comb(n, count)) {
        return vm.new_bigint(&BigInt::from(c));
    }
    let result = vm.charged_bits(product_bits(n, count), || falling(n, count) / product(1, count))?;
    vm.new_bigint(&BigInt::from_biguint(Sign::Plus, result))
}

/// The binomial coefficient, while all products fit a word.
fn small_comb(n: u64, k: u64) -> Option<u64> {
    let mut c = 1u64;
    for i in 0..k.min(64) {
        c = c.checked_mul(n - i)? / (i + 1);
    }
    (k <= 64).then_some(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products() {
        assert_eq!(product(1, 20).to_u64(), Some(2_432_902_008_176_640_000));
        assert_eq!(product(1, 30).to_string(), "265252859812191058636308480000000");
        assert_eq!(falling(&BigUint::from(5u32), 2).to_u64(), Some(20));
        assert_eq!(small_comb(5, 2), Some(10));
        assert_eq!(small_comb(60, 30), Some(118_264_581_564_861_424));
        assert_eq!(small_comb(70, 35), None);
    }
}
