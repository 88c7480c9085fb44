//! The module `cmath`: functions of complex numbers.
//!
//!   roots.rs    sqrt, log, and the inverse functions built on them
//!   waves.rs    exp and the functions built on it
//!   special.rs  what they give for infinities and NaN
//!
//! Branch cuts and signs of zero are C99's. A function gives its value and what is wrong with it, if anything.

mod roots;
mod special;
mod waves;

use crate::prelude::{Args, Exc, NativeDef, PyResult, Ref, Vm, new_module, owned_bool};
use hognose_vm::object::float::new_complex;

/// Real and imaginary part.
type Complex = (f64, f64);

/// What can be wrong with a result.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Trouble {
    None,
    Domain,
    Range,
}

/// A value and what is wrong with it.
type Answer = (Complex, Trouble);

/// A value without trouble.
fn fine(z: Complex) -> Answer {
    (z, Trouble::None)
}

macro_rules! functions {
    ($($name:literal = $f:path;)*) => {
        &[
            $(NativeDef::function($name, "z, /", |vm, a| {
                let z = argument(vm, a.get(0))?;
                answer(vm, $f(z))
            }),)*
            NativeDef::function("log", "z, base=<unrepresentable>, /", log),
            NativeDef::function("phase", "z, /", |vm, a| {
                let (re, im) = argument(vm, a.get(0))?;
                let angle = im.atan2(re);
                // Too small an angle for a float, as the C library reports it.
                let vanished = angle == 0.0 && im != 0.0 && re.is_finite();
                check(vm, if vanished { Trouble::Range } else { Trouble::None })?;
                vm.new_float(angle)
            }),
            NativeDef::function("polar", "z, /", polar),
            NativeDef::function("rect", "r, phi, /", rect),
            NativeDef::function("isfinite", "z, /", |vm, a| {
                let (re, im) = argument(vm, a.get(0))?;
                Ok(owned_bool(re.is_finite() && im.is_finite()))
            }),
            NativeDef::function("isinf", "z, /", |vm, a| {
                let (re, im) = argument(vm, a.get(0))?;
                Ok(owned_bool(re.is_infinite() || im.is_infinite()))
            }),
            NativeDef::function("isnan", "z, /", |vm, a| {
                let (re, im) = argument(vm, a.get(0))?;
                Ok(owned_bool(re.is_nan() || im.is_nan()))
            }),
            NativeDef::function("isclose", "a, b, *, rel_tol=1e-09, abs_tol=0.0", isclose),
        ]
    };
}

static FUNCTIONS: &[NativeDef] = functions! {
    "acos" = roots::acos;
    "acosh" = roots::acosh;
    "asin" = roots::asin;
    "asinh" = roots::asinh;
    "atan" = roots::atan;
    "atanh" = roots::atanh;
    "cos" = waves::cos;
    "cosh" = waves::cosh;
    "exp" = waves::exp;
    "log10" = roots::log10;
    "sin" = waves::sin;
    "sinh" = waves::sinh;
    "sqrt" = roots::sqrt_answer;
    "tan" = waves::tan;
    "tanh" = waves::tanh;
};

/// Makes the module.
pub fn make(vm: &mut Vm) -> PyResult {
    let doc = "This module provides access to mathematical functions for complex\nnumbers.";
    let module = new_module(vm, "cmath", doc, FUNCTIONS)?;
    let reals = [
        ("pi", std::f64::consts::PI),
        ("e", std::f64::consts::E),
        ("tau", std::f64::consts::TAU),
        ("inf", f64::INFINITY),
        ("nan", f64::NAN),
    ];
    for (name, x) in reals {
        let x = vm.new_float(x)?;
        vm.module_set(module.as_ref(), name, x)?;
    }
    for (name, im) in [("infj", f64::INFINITY), ("nanj", f64::NAN)] {
        let z = give(vm, (0.0, im))?;
        vm.module_set(module.as_ref(), name, z)?;
    }
    Ok(module)
}

fn give(vm: &Vm, (re, im): Complex) -> PyResult {
    Ok(new_complex(vm.heap(), re, im)?)
}

/// An argument: a complex number, or something that becomes one.
fn argument(vm: &mut Vm, r: Ref<'_>) -> PyResult<Complex> {
    match vm.special_complex(r)? {
        Some(z) => Ok(z),
        None => Ok((vm.as_f64(r)?, 0.0)),
    }
}

fn check(vm: &mut Vm, trouble: Trouble) -> PyResult<()> {
    match trouble {
        Trouble::None => Ok(()),
        Trouble::Domain => Err(vm.value_error("math domain error")),
        Trouble::Range => Err(vm.raise(Exc::OverflowError, "math range error")),
    }
}

fn answer(vm: &mut Vm, (z, trouble): Answer) -> PyResult {
    check(vm, trouble)?;
    give(vm, z)
}

/// `a / b`, scaled by the larger part of `b`.
fn quotient((a, b): Complex, (c, d): Complex) -> Answer {
    if c.abs() >= d.abs() {
        if c == 0.0 {
            return ((0.0, 0.0), Trouble::Domain);
        }
        let ratio = d / c;
        let bottom = c + d * ratio;
        return fine(((a + b * ratio) / bottom, (b - a * ratio) / bottom));
    }
    if d.abs() >= c.abs() {
        let ratio = c / d;
        let bottom = c * ratio + d;
        return fine(((a * ratio + b) / bottom, (b * ratio - a) / bottom));
    }
    // At least one part of the divisor is NaN.
    fine((f64::NAN, f64::NAN))
}

fn log(vm: &mut Vm, a: &Args<'_>) -> PyResult {
    let z = argument(vm, a.get(0))?;
    let base = a.opt(1).map(|b| argument(vm, b)).transpose()?;
    let (value, trouble) = roots::log(z);
    let Some(base) = base else { return answer(vm, (value, trouble)) };
    let (bottom, other) = roots::log(base);
    let (value, division) = quotient(value, bottom);
    let trouble = [trouble, other, division].into_iter().find(|t| *t != Trouble::None);
    answer(vm, (value, trouble.unwrap_or(Trouble::None)))
}

/// The distance of a number from 0.
fn size((re, im): Complex) -> (f64, Trouble) {
    let size = re.hypot(im);
    let overflow = size.is_infinite() && re.is_finite() && im.is_finite();
    (size, if overflow { Trouble::Range } else { Trouble::None })
}

fn polar(vm: &mut Vm, a: &Args<'_>) -> PyResult {
    let z = argument(vm, a.get(0))?;
    let (r, trouble) = size(z);
    check(vm, trouble)?;
    let (r, phi) = (vm.new_float(r)?, vm.new_float(z.1.atan2(z.0))?);
    vm.new_pair(r, phi)
}

fn rect(vm: &mut Vm, a: &Args<'_>) -> PyResult {
    let (r, phi) = (vm.as_f64(a.get(0))?, vm.as_f64(a.get(1))?);
    answer(vm, waves::rect(r, phi))
}

fn isclose(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let (a, b) = (argument(vm, args.get(0))?, argument(vm, args.get(1))?);
    let relative = args.opt(2).map_or(Ok(1e-9), |r| vm.as_f64(r))?;
    let absolute = args.opt(3).map_or(Ok(0.0), |r| vm.as_f64(r))?;
    if relative < 0.0 || absolute < 0.0 {
        return Err(vm.value_error("tolerances must be non-negative"));
    }
    if a == b {
        return Ok(owned_bool(true));
    }
    let infinite = |z: Complex| z.0.is_infinite() || z.1.is_infinite();
    if infinite(a) || infinite(b) {
        return Ok(owned_bool(false));
    }
    let distance = size((a.0 - b.0, a.1 - b.1)).0;
    let close = distance <= relative * size(b).0 || distance <= relative * size(a).0 || distance <= absolute;
    Ok(owned_bool(close))
}
