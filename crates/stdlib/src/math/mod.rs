//! The module `math`.
//!
//!   unary.rs    functions of one real number, by a table of their domains
//!   real.rs     everything else on real numbers
//!   sums.rs     exact and compensated sums: fsum sumprod prod hypot dist
//!   integer.rs  number theory on big integers
//!   gamma.rs    the gamma function and its logarithm
//!   libm.rs     the C library
//!
//! Invariant: a result that is not a number, or infinite, for arguments that are neither, is an exception.

mod gamma;
mod integer;
pub(crate) mod libm;
mod real;
mod sums;
mod unary;

use crate::support;
use hognose_vm::{NativeDef, PyResult, Vm};

static FUNCTIONS: &[NativeDef] = &[
    NativeDef::function("acos", "x, /", unary::acos),
    NativeDef::function("acosh", "x, /", unary::acosh),
    NativeDef::function("asin", "x, /", unary::asin),
    NativeDef::function("asinh", "x, /", unary::asinh),
    NativeDef::function("atan", "x, /", unary::atan),
    NativeDef::function("atan2", "y, x, /", real::atan2),
    NativeDef::function("atanh", "x, /", unary::atanh),
    NativeDef::function("cbrt", "x, /", unary::cbrt),
    NativeDef::function("ceil", "x, /", real::ceil),
    NativeDef::function("comb", "n, k, /", integer::comb),
    NativeDef::function("copysign", "x, y, /", real::copysign),
    NativeDef::function("cos", "x, /", unary::cos),
    NativeDef::function("cosh", "x, /", unary::cosh),
    NativeDef::function("degrees", "x, /", unary::degrees),
    NativeDef::function("dist", "p, q, /", sums::dist),
    NativeDef::function("erf", "x, /", unary::erf),
    NativeDef::function("erfc", "x, /", unary::erfc),
    NativeDef::function("exp", "x, /", unary::exp),
    NativeDef::function("exp2", "x, /", unary::exp2),
    NativeDef::function("expm1", "x, /", unary::expm1),
    NativeDef::function("fabs", "x, /", unary::fabs),
    NativeDef::function("factorial", "n, /", integer::factorial),
    NativeDef::function("floor", "x, /", real::floor),
    NativeDef::function("fma", "x, y, z, /", real::fma),
    NativeDef::function("fmod", "x, y, /", real::fmod),
    NativeDef::function("frexp", "x, /", real::frexp),
    NativeDef::function("fsum", "seq, /", sums::fsum),
    NativeDef::function("gamma", "x, /", gamma::gamma),
    NativeDef::function("gcd", "*integers", integer::gcd),
    NativeDef::function("hypot", "*coordinates", sums::hypot),
    NativeDef::function("isclose", "a, b, *, rel_tol=1e-09, abs_tol=0.0", real::isclose),
    NativeDef::function("isfinite", "x, /", real::isfinite),
    NativeDef::function("isinf", "x, /", real::isinf),
    NativeDef::function("isnan", "x, /", real::isnan),
    NativeDef::function("isqrt", "n, /", integer::isqrt),
    NativeDef::function("lcm", "*integers", integer::lcm),
    NativeDef::function("ldexp", "x, i, /", real::ldexp),
    NativeDef::function("lgamma", "x, /", gamma::lgamma),
    NativeDef::function("log", "x, base=<unrepresentable>, /", real::log),
    NativeDef::function("log10", "x, /", real::log10),
    NativeDef::function("log1p", "x, /", unary::log1p),
    NativeDef::function("log2", "x, /", real::log2),
    NativeDef::function("modf", "x, /", real::modf),
    NativeDef::function("nextafter", "x, y, /, *, steps=None", real::nextafter),
    NativeDef::function("perm", "n, k=None, /", integer::perm),
    NativeDef::function("pow", "x, y, /", real::pow),
    NativeDef::function("prod", "iterable, /, *, start=1", sums::prod),
    NativeDef::function("radians", "x, /", unary::radians),
    NativeDef::function("remainder", "x, y, /", real::remainder),
    NativeDef::function("sin", "x, /", unary::sin),
    NativeDef::function("sinh", "x, /", unary::sinh),
    NativeDef::function("sqrt", "x, /", unary::sqrt),
    NativeDef::function("sumprod", "p, q, /", sums::sumprod),
    NativeDef::function("tan", "x, /", unary::tan),
    NativeDef::function("tanh", "x, /", unary::tanh),
    NativeDef::function("trunc", "x, /", real::trunc),
    NativeDef::function("ulp", "x, /", unary::ulp),
];

/// Makes the module.
pub fn make(vm: &mut Vm) -> PyResult {
    let doc = "This module provides access to the mathematical functions\ndefined by the C standard.";
    let module = support::module(vm, "math", doc, FUNCTIONS)?;
    let constants = [
        ("pi", std::f64::consts::PI),
        ("e", std::f64::consts::E),
        ("tau", std::f64::consts::TAU),
        ("inf", f64::INFINITY),
        ("nan", f64::NAN),
    ];
    for (name, value) in constants {
        let value = vm.new_float(value)?;
        support::set(vm, &module, name, value)?;
    }
    Ok(module)
}
