//! Sums that do not lose what rounding takes: fsum, sumprod, hypot and dist; and prod.
//!
//! A product `x * y` is the pair (rounded product, exact error); a sum likewise (`Pair`). Adding the errors up
//! separately gives results that are nearly always correctly rounded.

use super::real::split;
use hognose_vm::{Args, BinOp, Exc, Owned, PyResult, Ref, Vm};

/// A rounded result and what rounding took from it.
#[derive(Clone, Copy)]
struct Pair {
    high: f64,
    low: f64,
}

fn product(x: f64, y: f64) -> Pair {
    let high = x * y;
    Pair { high, low: x.mul_add(y, -high) }
}

fn sum(a: f64, b: f64) -> Pair {
    let high = a + b;
    let z = high - a;
    Pair { high, low: (a - (high - z)) + (b - z) }
}

/// [`sum`] for `|a| >= |b|`.
fn ordered_sum(a: f64, b: f64) -> Pair {
    let high = a + b;
    Pair { high, low: (a - high) + b }
}

// ---- fsum

/// Adds `x` to an exact sum kept as non-overlapping parts of increasing size.
fn add_exactly(parts: &mut Vec<f64>, mut x: f64) {
    let mut kept = 0;
    for i in 0..parts.len() {
        let mut y = parts[i];
        if x.abs() < y.abs() {
            std::mem::swap(&mut x, &mut y);
        }
        let s = ordered_sum(x, y);
        if s.low != 0.0 {
            parts[kept] = s.low;
            kept += 1;
        }
        x = s.high;
    }
    parts.truncate(kept);
    if x != 0.0 {
        parts.push(x);
    }
}

/// The parts as one float, ties to even.
fn rounded(parts: &[f64]) -> f64 {
    let mut rest = parts.iter().rev().copied();
    let Some(mut high) = rest.next() else { return 0.0 };
    let mut low = 0.0;
    let mut left = None;
    for y in rest.by_ref() {
        let s = ordered_sum(high, y);
        high = s.high;
        low = s.low;
        if low != 0.0 {
            left = Some(());
            break;
        }
    }
    // Half way between two floats: the next part decides.
    if left.is_some()
        && let Some(next) = rest.next()
        && ((low < 0.0 && next < 0.0) || (low > 0.0 && next > 0.0))
    {
        let y = low * 2.0;
        let x = high + y;
        if y == x - high {
            high = x;
        }
    }
    high
}

pub(super) fn fsum(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let mut parts: Vec<f64> = Vec::new();
    // Sums of the infinities and NaNs given.
    let (mut special, mut infinite) = (0.0f64, 0.0f64);
    let mut items = vm.iterate(args.get(0))?;
    while let Some(item) = items.next(vm)? {
        let x = vm.as_f64(item.as_ref())?;
        if !x.is_finite() {
            if x.is_infinite() {
                infinite += x;
            }
            special += x;
            parts.clear();
            continue;
        }
        add_exactly(&mut parts, x);
        if parts.last().is_some_and(|p| !p.is_finite()) {
            return Err(vm.raise(Exc::OverflowError, "intermediate overflow in fsum"));
        }
    }
    if special != 0.0 {
        if infinite.is_nan() {
            return Err(vm.value_error("-inf + inf in fsum"));
        }
        return vm.new_float(special);
    }
    vm.new_float(rounded(&parts))
}

// ---- hypot, dist

/// Square root of the sum of the squares.
fn norm(values: &mut [f64]) -> f64 {
    let mut max = 0.0f64;
    let mut nan = false;
    for x in values.iter_mut() {
        *x = x.abs();
        nan |= x.is_nan();
        max = max.max(*x);
    }
    if max.is_infinite() {
        return max;
    }
    if nan {
        return f64::NAN;
    }
    if max == 0.0 || values.len() <= 1 {
        return max;
    }
    let (_, exponent) = split(max);
    if exponent < -1023 {
        // Subnormal: the scale would not be a float.
        for x in values.iter_mut() {
            *x /= f64::MIN_POSITIVE;
        }
        return f64::MIN_POSITIVE * norm(values);
    }
    let scale = super::libm::ldexp(1.0, -exponent);
    let (mut total, mut errors, mut rounding) = (1.0, 0.0, 0.0);
    for x in values.iter() {
        let square = product(x * scale, x * scale);
        let s = ordered_sum(total, square.high);
        total = s.high;
        errors += square.low;
        rounding += s.low;
    }
    let mut h = (total - 1.0 + (errors + rounding)).sqrt();
    // One step of Newton's method with the exact square.
    let square = product(-h, h);
    let s = ordered_sum(total, square.high);
    let x = s.high - 1.0 + ((errors + square.low) + (rounding + s.low));
    h += x / (2.0 * h);
    h / scale
}

pub(super) fn hypot(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let mut values = Vec::with_capacity(args.pos.len());
    for &r in args.pos {
        values.push(vm.as_f64(r)?);
    }
    vm.new_float(norm(&mut values))
}

pub(super) fn dist(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let p = vm.collect(args.get(0))?;
    let q = vm.collect(args.get(1))?;
    if p.len() != q.len() {
        return Err(vm.value_error("both points must have the same number of dimensions"));
    }
    let mut values = Vec::with_capacity(p.len());
    for (a, b) in p.iter().zip(&q) {
        let a = vm.as_f64(a.as_ref())?;
        let b = vm.as_f64(b.as_ref())?;
        values.push((a - b).abs());
    }
    vm.new_float(norm(&mut values))
}

// ---- prod

pub(super) fn prod(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let mut total = match args.opt(1) {
        Some(start) => start.owned(),
        None => vm.new_int(1)?,
    };
    let mut items = vm.iterate(args.get(0))?;
    while let Some(item) = items.next(vm)? {
        let (a, b) = (total.as_ref(), item.as_ref());
        total = if let (Some(x), Some(y)) = (a.value().as_float(), b.value().as_float()) {
            vm.new_float(x * y)?
        } else {
            vm.binary_op(BinOp::Mul, a, b)?
        };
    }
    Ok(total)
}

// ---- sumprod

/// A sum of products in three parts.
#[derive(Clone, Copy, Default)]
struct Triple {
    high: f64,
    low: f64,
    tiny: f64,
}

impl Triple {
    fn add_product(self, x: f64, y: f64) -> Triple {
        let p = product(x, y);
        let s = sum(self.high, p.high);
        let r1 = sum(self.low, p.low);
        let r2 = sum(r1.high, s.low);
        Triple { high: s.high, low: r2.high, tiny: self.tiny + r1.low + r2.low }
    }

    fn value(self) -> f64 {
        let last = sum(self.low, self.high);
        self.tiny + last.low + last.high
    }
}

/// Both as floats, when at least one is a float and the other a float or int.
fn float_factors(vm: &mut Vm, p: Ref<'_>, q: Ref<'_>) -> PyResult<Option<(f64, f64)>> {
    let as_float = |vm: &mut Vm, r: Ref<'_>| -> PyResult<Option<f64>> {
        if vm.small_int_of(r).is_some() || vm.int_of(r).is_some() { vm.as_f64(r).map(Some) } else { Ok(None) }
    };
    Ok(match (vm.float_of(p), vm.float_of(q)) {
        (Some(x), Some(y)) => Some((x, y)),
        (Some(x), None) => as_float(vm, q)?.map(|y| (x, y)),
        (None, Some(y)) => as_float(vm, p)?.map(|x| (x, y)),
        (None, None) => None,
    })
}

pub(super) fn sumprod(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let mut p = vm.iterate(args.get(0))?;
    let mut q = vm.iterate(args.get(1))?;
    let mut total: Owned = vm.new_int(0)?;
    let mut floats: Option<Triple> = None;
    let mut all_finite = true;
    loop {
        let (a, b) = match (p.next(vm)?, q.next(vm)?) {
            (Some(a), Some(b)) => (a, b),
            (None, None) => break,
            _ => return Err(vm.value_error("Inputs are not the same length")),
        };
        if all_finite && let Some((x, y)) = float_factors(vm, a.as_ref(), b.as_ref())? {
            let next = floats.unwrap_or_default().add_product(x, y);
            if next.high.is_finite() {
                floats = Some(next);
                continue;
            }
            all_finite = false;
        }
        if let Some(sum) = floats.take() {
            total = add_float(vm, total, sum.value())?;
        }
        let term = vm.binary_op(BinOp::Mul, a.as_ref(), b.as_ref())?;
        total = vm.binary_op(BinOp::Add, total.as_ref(), term.as_ref())?;
    }
    match floats {
        Some(sum) => add_float(vm, total, sum.value()),
        None => Ok(total),
    }
}

fn add_float(vm: &mut Vm, total: Owned, x: f64) -> PyResult {
    let x = vm.new_float(x)?;
    vm.binary_op(BinOp::Add, total.as_ref(), x.as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exact_sums() {
        let total = |xs: &[f64]| {
            let mut parts = Vec::new();
            xs.iter().for_each(|&x| add_exactly(&mut parts, x));
            rounded(&parts)
        };
        assert_eq!(total(&[0.1; 10]), 1.0);
        assert_eq!(total(&[1e100, 1.0, -1e100]), 1.0);
        assert_eq!(total(&[]), 0.0);
        assert_eq!(total(&[1e16, 1.0, 1e-16]), 10000000000000002.0);
    }

    #[test]
    fn norms() {
        assert_eq!(norm(&mut [3.0, -4.0]), 5.0);
        assert_eq!(norm(&mut [5e-324, 5e-324]), 5e-324);
        assert_eq!(norm(&mut [1e308, 1e308]), 1.4142135623730951e308);
        assert_eq!(norm(&mut [f64::INFINITY, f64::NAN]), f64::INFINITY);
    }
}
