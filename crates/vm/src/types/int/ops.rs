//! Arithmetic and comparison of ints.
//!
//!   both small: machine words, checked ─┬─► immediate
//!   otherwise: num_bigint, charged first ┘   or a new big int

use super::number::{Num, charged, cmp_int_float, give, give_i128, num_of, true_div};
use crate::exceptions::Exc;
use crate::type_slots::{BinOp, CmpOp, UnaryOp};
use crate::{PyResult, Raised, Vm};
use hognose_object::float::float_of;
use hognose_object::int::small_int_of;
use hognose_object::{NOT_IMPLEMENTED, OutOfMemory, Owned, Ref, owned_bool};
use num_bigint::{BigInt, Sign};
use num_integer::Integer;
use num_traits::{One, Signed, ToPrimitive, Zero};

/// `NotImplemented`.
pub(crate) fn not_implemented() -> PyResult {
    Ok(Owned::from_immediate(NOT_IMPLEMENTED))
}

/// The binary slot: either operand may be of another type.
pub(crate) fn binary(vm: &mut Vm, op: BinOp, a: Ref<'_>, b: Ref<'_>) -> PyResult {
    if let (Some(x), Some(y)) = (small_int_of(a), small_int_of(b)) {
        return small_binary(vm, op, x, y);
    }
    let (Some(x), Some(y)) = (num_of(a), num_of(b)) else { return not_implemented() };
    if let (Num::Small(x), Num::Small(y)) = (&x, &y) {
        return small_binary(vm, op, *x, *y);
    }
    big_binary(vm, op, &x.big(), &y.big())
}

fn division_by_zero(vm: &mut Vm) -> Raised {
    vm.raise(Exc::ZeroDivisionError, "division by zero")
}

fn small_binary(vm: &mut Vm, op: BinOp, a: i64, b: i64) -> PyResult {
    match op {
        // Operands have 62 bits: no overflow.
        BinOp::Add => vm.new_int(a + b),
        BinOp::Sub => vm.new_int(a - b),
        BinOp::Mul => match a.checked_mul(b) {
            Some(n) => vm.new_int(n),
            None => give_i128(vm, i128::from(a) * i128::from(b)),
        },
        BinOp::And => vm.new_int(a & b),
        BinOp::Or => vm.new_int(a | b),
        BinOp::Xor => vm.new_int(a ^ b),
        BinOp::FloorDiv | BinOp::Mod | BinOp::DivMod | BinOp::TrueDiv if b == 0 => Err(division_by_zero(vm)),
        BinOp::FloorDiv => vm.new_int(Integer::div_floor(&a, &b)),
        BinOp::Mod => vm.new_int(Integer::mod_floor(&a, &b)),
        BinOp::DivMod => {
            let (q, r) = Integer::div_mod_floor(&a, &b);
            let (q, r) = (vm.new_int(q)?, vm.new_int(r)?);
            vm.new_pair(q, r)
        }
        BinOp::TrueDiv => {
            const EXACT: u64 = 1 << 53;
            if a.unsigned_abs() <= EXACT && b.unsigned_abs() <= EXACT {
                return vm.new_float(a as f64 / b as f64);
            }
            vm.new_float(true_div(&BigInt::from(a), &BigInt::from(b)))
        }
        BinOp::LShift => {
            if (0..62).contains(&b) && (a << b) >> b == a {
                return vm.new_int(a << b);
            }
            shift_left(vm, &BigInt::from(a), &BigInt::from(b))
        }
        BinOp::RShift => {
            if b < 0 {
                return Err(vm.value_error("negative shift count"));
            }
            vm.new_int(a >> b.min(63))
        }
        BinOp::Pow => small_pow(vm, a, b),
        BinOp::MatMul => not_implemented(),
    }
}

fn small_pow(vm: &mut Vm, a: i64, b: i64) -> PyResult {
    if b < 0 {
        return negative_pow(vm, &BigInt::from(a), &BigInt::from(b));
    }
    let (mut base, mut left, mut acc) = (a, b, 1i64);
    loop {
        if left & 1 == 1 {
            match acc.checked_mul(base) {
                Some(n) => acc = n,
                None => break,
            }
        }
        left >>= 1;
        if left == 0 {
            return vm.new_int(acc);
        }
        match base.checked_mul(base) {
            Some(n) => base = n,
            None => break,
        }
    }
    big_pow(vm, &BigInt::from(a), &BigInt::from(b))
}

fn big_binary(vm: &mut Vm, op: BinOp, a: &BigInt, b: &BigInt) -> PyResult {
    let (abits, bbits) = (a.bits(), b.bits());
    let widest = abits.max(bbits) + 1;
    let result = match op {
        BinOp::Add => charged(vm, widest, || a + b)?,
        BinOp::Sub => charged(vm, widest, || a - b)?,
        BinOp::Mul => charged(vm, abits + bbits, || a * b)?,
        BinOp::And => charged(vm, widest, || a & b)?,
        BinOp::Or => charged(vm, widest, || a | b)?,
        BinOp::Xor => charged(vm, widest, || a ^ b)?,
        BinOp::FloorDiv | BinOp::Mod | BinOp::DivMod | BinOp::TrueDiv if b.is_zero() => {
            return Err(division_by_zero(vm));
        }
        BinOp::FloorDiv => charged(vm, widest, || a.div_floor(b))?,
        BinOp::Mod => charged(vm, widest, || a.mod_floor(b))?,
        BinOp::DivMod => {
            let (q, r) = charged(vm, widest, || a.div_mod_floor(b))?;
            let (q, r) = (give(vm, &q)?, give(vm, &r)?);
            return vm.new_pair(q, r);
        }
        BinOp::TrueDiv => {
            let q = charged(vm, widest, || true_div(a, b))?;
            if q.is_infinite() {
                return Err(vm.overflow_error("integer division result too large for a float"));
            }
            return vm.new_float(q);
        }
        BinOp::LShift => return shift_left(vm, a, b),
        BinOp::RShift => return shift_right(vm, a, b),
        BinOp::Pow => return if b.is_negative() { negative_pow(vm, a, b) } else { big_pow(vm, a, b) },
        BinOp::MatMul => return not_implemented(),
    };
    give(vm, &result)
}

fn shift_left(vm: &mut Vm, a: &BigInt, b: &BigInt) -> PyResult {
    if b.is_negative() {
        return Err(vm.value_error("negative shift count"));
    }
    if a.is_zero() {
        return vm.new_int(0);
    }
    let Some(by) = b.to_i64() else { return Err(vm.overflow_error("too many digits in integer")) };
    let by = by.unsigned_abs();
    let n = charged(vm, a.bits().saturating_add(by), || a << by)?;
    give(vm, &n)
}

fn shift_right(vm: &mut Vm, a: &BigInt, b: &BigInt) -> PyResult {
    if b.is_negative() {
        return Err(vm.value_error("negative shift count"));
    }
    match b.to_u64().filter(|&by| by < a.bits()) {
        Some(by) => {
            let n = charged(vm, a.bits(), || a >> by)?;
            give(vm, &n)
        }
        None => vm.new_int(if a.is_negative() { -1 } else { 0 }),
    }
}

/// Bits of `|a| ** b`, rounded up a little; saturates.
fn pow_bits(a: &BigInt, b: u64) -> u64 {
    let bits = a.bits();
    let top = if bits > 53 { (a.magnitude() >> (bits - 53)).to_f64() } else { a.magnitude().to_f64() };
    let log2 = top.unwrap_or(1.0).log2() + bits.saturating_sub(53) as f64;
    (log2 * b as f64) as u64 + 2
}

fn big_pow(vm: &mut Vm, a: &BigInt, b: &BigInt) -> PyResult {
    if a.is_zero() || a.magnitude().is_one() {
        let odd = b.is_odd();
        let one = i64::from(!a.is_zero() || b.is_zero());
        return vm.new_int(if a.is_negative() && odd { -1 } else { one });
    }
    let Some(exponent) = b.to_u32() else { return Err(OutOfMemory { requested: usize::MAX }.into()) };
    let bits = pow_bits(a, u64::from(exponent));
    // Powers of two shift.
    let zeros = a.trailing_zeros().unwrap_or(0);
    let n = charged(vm, bits, || {
        let odd = a >> zeros;
        if odd.magnitude().is_one() {
            let sign = if a.is_negative() && exponent % 2 == 1 { -1 } else { 1 };
            BigInt::from(sign) << (zeros * u64::from(exponent))
        } else {
            odd.pow(exponent) << (zeros * u64::from(exponent))
        }
    })?;
    give(vm, &n)
}

/// A negative exponent makes it a power of floats.
fn negative_pow(vm: &mut Vm, a: &BigInt, b: &BigInt) -> PyResult {
    let (x, y) = (vm.bigint_to_f64(a)?, vm.bigint_to_f64(b)?);
    crate::types::float::pow(vm, x, y)
}

/// `pow(a, b, m)` of ints; NotImplemented when one of them is not an int.
pub(crate) fn pow_mod(vm: &mut Vm, a: Ref<'_>, b: Ref<'_>, m: Ref<'_>) -> PyResult {
    let (Some(a), Some(b), Some(m)) = (num_of(a), num_of(b), num_of(m)) else { return not_implemented() };
    let (mut a, mut b, m) = (a.big(), b.big(), m.big());
    if m.is_zero() {
        return Err(vm.value_error("pow() 3rd argument cannot be 0"));
    }
    let size = m.abs();
    if size.is_one() {
        return vm.new_int(0);
    }
    if b.is_negative() {
        match a.modinv(&size) {
            Some(inverse) => a = inverse,
            None => return Err(vm.value_error("base is not invertible for the given modulus")),
        }
        b = -b;
    }
    let bits = size.bits().saturating_mul(4);
    // `modpow` gives a result with the sign of the modulus, as Python has it.
    let n = charged(vm, bits, || a.modpow(&b, &m))?;
    give(vm, &n)
}

/// The unary slot.
pub(crate) fn unary(vm: &mut Vm, op: UnaryOp, a: Ref<'_>) -> PyResult {
    match num_of(a) {
        Some(Num::Small(n)) => vm.new_int(match op {
            UnaryOp::Neg => -n,
            UnaryOp::Pos => n,
            UnaryOp::Invert => !n,
            UnaryOp::Abs => n.abs(),
        }),
        Some(Num::Big(n)) => match op {
            UnaryOp::Pos => Ok(crate::class::base_value(a).owned()),
            UnaryOp::Abs if n.sign() != Sign::Minus => Ok(crate::class::base_value(a).owned()),
            UnaryOp::Neg => give(vm, &-n),
            UnaryOp::Invert => give(vm, &!n),
            UnaryOp::Abs => give(vm, &n.abs()),
        },
        None => not_implemented(),
    }
}

/// The comparison slot.
pub(crate) fn richcompare(vm: &mut Vm, op: CmpOp, a: Ref<'_>, b: Ref<'_>) -> PyResult {
    let _ = vm;
    let order = match (num_of(a), num_of(b)) {
        (Some(Num::Small(x)), Some(Num::Small(y))) => x.cmp(&y),
        (Some(x), Some(y)) => x.big().cmp(&y.big()),
        _ => return not_implemented(),
    };
    Ok(owned_bool(op.holds(order)))
}

/// Compares an int or float with an int or float exactly; `None`: neither, or unordered (then `Some(None)`).
pub(crate) fn cmp_real(a: Ref<'_>, b: Ref<'_>) -> Option<Option<std::cmp::Ordering>> {
    let (a, b) = (crate::class::base_value(a), crate::class::base_value(b));
    match (float_of(a), float_of(b)) {
        (Some(x), Some(y)) => Some(x.partial_cmp(&y)),
        (Some(x), None) => num_of(b).map(|n| cmp_int_float(&n, x).map(std::cmp::Ordering::reverse)),
        (None, Some(y)) => num_of(a).map(|n| cmp_int_float(&n, y)),
        (None, None) => match (num_of(a)?, num_of(b)?) {
            (Num::Small(x), Num::Small(y)) => Some(Some(x.cmp(&y))),
            (x, y) => Some(Some(x.big().cmp(&y.big()))),
        },
    }
}
