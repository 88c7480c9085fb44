//! The type `float`.
//!
//!   mod.rs      the type, operators, comparison
//!   text.rs     the constructor, reading decimal and hexadecimal text, `hex()`
//!   methods.rs  everything else called by name
//!
//! Invariant: comparison and equality with ints are exact, never through a rounded conversion.

pub(crate) mod methods;
pub(crate) mod text;

use crate::class::base_value;
use crate::define::TypeDef;
use crate::exceptions::Exc;
use crate::type_slots::{BinOp, CmpOp, Slots, UnaryOp};
use crate::types::int::number::{Num, int_from_f64, num_of, to_f64};
use crate::types::int::ops::{cmp_real, not_implemented};
use crate::{PyResult, Raised, Vm};
use hognose_object::float::{float_of, float_repr};
use hognose_object::hash::hash_float;
use hognose_object::{Layout, Ref, owned_bool};

/// `float`
pub static TYPE: TypeDef = TypeDef {
    name: "float",
    layout: Layout::Float,
    doc: "Convert a string or number to a floating-point number, if possible.",
    slots: Slots {
        repr: Some(repr),
        hash: Some(hash),
        richcompare: Some(richcompare),
        binary: Some(binary),
        binary_ops: BinOp::Add.bit()
            | BinOp::Sub.bit()
            | BinOp::Mul.bit()
            | BinOp::TrueDiv.bit()
            | BinOp::FloorDiv.bit()
            | BinOp::Mod.bit()
            | BinOp::DivMod.bit()
            | BinOp::Pow.bit(),
        unary: Some(unary),
        bool: Some(|_, r| Ok(value(r) != 0.0)),
        int: Some(to_int),
        float: Some(plain),
        new: Some(text::new),
        ..Slots::NONE
    },
    methods: methods::METHODS,
    getset: methods::GETSET,
    ..TypeDef::EMPTY
};

/// The number behind a float or an instance of a subclass.
pub(crate) fn value(r: Ref<'_>) -> f64 {
    float_of(base_value(r)).unwrap_or(f64::NAN)
}

/// The exact float behind a float or an instance of a subclass.
pub(crate) fn plain(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    vm.new_float(value(r))
}

fn to_int(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    int_from_f64(vm, value(r))
}

pub(crate) fn repr(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    vm.new_str(&float_repr(value(r)))
}

fn hash(_vm: &mut Vm, r: Ref<'_>) -> PyResult<i64> {
    Ok(hash_float(value(r), r.value().bits()))
}

fn richcompare(_vm: &mut Vm, op: CmpOp, a: Ref<'_>, b: Ref<'_>) -> PyResult {
    match cmp_real(a, b) {
        Some(Some(order)) => Ok(owned_bool(op.holds(order))),
        Some(None) => Ok(owned_bool(op == CmpOp::Ne)),
        None => not_implemented(),
    }
}

/// A float or int operand; `None`: something else.
fn operand(vm: &mut Vm, r: Ref<'_>) -> PyResult<Option<f64>> {
    if let Some(x) = float_of(base_value(r)) {
        return Ok(Some(x));
    }
    match num_of(r) {
        Some(Num::Small(n)) => Ok(Some(n as f64)),
        Some(Num::Big(n)) => {
            let x = to_f64(&n);
            if x.is_infinite() {
                return Err(vm.overflow_error("int too large to convert to float"));
            }
            Ok(Some(x))
        }
        None => Ok(None),
    }
}

pub(crate) fn binary(vm: &mut Vm, op: BinOp, a: Ref<'_>, b: Ref<'_>) -> PyResult {
    let Some(x) = operand(vm, a)? else { return not_implemented() };
    let Some(y) = operand(vm, b)? else { return not_implemented() };
    let result = match op {
        BinOp::Add => x + y,
        BinOp::Sub => x - y,
        BinOp::Mul => x * y,
        BinOp::TrueDiv | BinOp::FloorDiv | BinOp::Mod | BinOp::DivMod if y == 0.0 => {
            return Err(division_by_zero(vm));
        }
        BinOp::TrueDiv => x / y,
        BinOp::FloorDiv => div_mod(x, y).0,
        BinOp::Mod => modulo(x, y),
        BinOp::DivMod => {
            let (q, r) = div_mod(x, y);
            let (q, r) = (vm.new_float(q)?, vm.new_float(r)?);
            return vm.new_pair(q, r);
        }
        BinOp::Pow => return pow(vm, x, y),
        _ => return not_implemented(),
    };
    vm.new_float(result)
}

fn division_by_zero(vm: &mut Vm) -> Raised {
    vm.raise(Exc::ZeroDivisionError, "division by zero")
}

/// The remainder has the sign of the divisor.
pub(crate) fn modulo(x: f64, y: f64) -> f64 {
    let r = x % y;
    if r == 0.0 {
        0.0f64.copysign(y)
    } else if (y < 0.0) != (r < 0.0) {
        r + y
    } else {
        r
    }
}

/// Floor quotient and remainder.
pub(crate) fn div_mod(x: f64, y: f64) -> (f64, f64) {
    let mut r = x % y;
    let mut q = (x - r) / y;
    if r == 0.0 {
        r = 0.0f64.copysign(y);
    } else if (y < 0.0) != (r < 0.0) {
        r += y;
        q -= 1.0;
    }
    if q == 0.0 {
        return (0.0f64.copysign(x / y), r);
    }
    // `q` is a whole number but for rounding: take the nearest.
    let floor = q.floor();
    (if q - floor > 0.5 { floor + 1.0 } else { floor }, r)
}

/// `x ** y`; complex for a negative base with a fraction as exponent.
pub(crate) fn pow(vm: &mut Vm, x: f64, y: f64) -> PyResult {
    match real_pow(x, y) {
        Power::Real(p) => vm.new_float(p),
        Power::Complex => super::complex::pow(vm, (x, 0.0), (y, 0.0)),
        Power::ZeroToNegative => Err(vm.raise(Exc::ZeroDivisionError, "zero to a negative power")),
        Power::TooLarge => {
            let (code, text) = (vm.new_int(34)?, vm.new_str("Numerical result out of range")?);
            Err(vm.raise_with(Exc::OverflowError, vec![code, text]))
        }
    }
}

enum Power {
    Real(f64),
    Complex,
    ZeroToNegative,
    TooLarge,
}

fn real_pow(x: f64, y: f64) -> Power {
    let odd = y.abs() % 2.0 == 1.0;
    let p = if y == 0.0 {
        1.0
    } else if x.is_nan() {
        x
    } else if y.is_nan() {
        if x == 1.0 { 1.0 } else { y }
    } else if y.is_infinite() {
        match x.abs() {
            1.0 => 1.0,
            a if (y > 0.0) == (a > 1.0) => f64::INFINITY,
            _ => 0.0,
        }
    } else if x.is_infinite() {
        match (y > 0.0, odd) {
            (true, true) => x,
            (true, false) => x.abs(),
            (false, true) => 0.0f64.copysign(x),
            (false, false) => 0.0,
        }
    } else if x == 0.0 {
        match (y < 0.0, odd) {
            (true, _) => return Power::ZeroToNegative,
            (false, true) => x,
            (false, false) => 0.0,
        }
    } else if x < 0.0 && y != y.floor() {
        return Power::Complex;
    } else {
        let p = x.abs().powf(y);
        if p.is_infinite() {
            return Power::TooLarge;
        }
        if x < 0.0 && odd { -p } else { p }
    };
    Power::Real(p)
}

fn unary(vm: &mut Vm, op: UnaryOp, a: Ref<'_>) -> PyResult {
    let x = value(a);
    vm.new_float(match op {
        UnaryOp::Neg => -x,
        UnaryOp::Pos => x,
        UnaryOp::Abs => x.abs(),
        UnaryOp::Invert => return not_implemented(),
    })
}

#[cfg(test)]
mod tests {
    use super::{div_mod, modulo};

    #[test]
    fn floor_division() {
        assert_eq!(div_mod(7.0, -2.0), (-4.0, -1.0));
        assert_eq!(div_mod(-7.5, 2.0), (-4.0, 0.5));
        assert_eq!(modulo(5.0, -0.5).to_bits(), (-0.0f64).to_bits());
        assert_eq!(modulo(-3.0, f64::INFINITY), f64::INFINITY);
        assert_eq!(div_mod(3.0, f64::NEG_INFINITY).0, -1.0);
    }
}
