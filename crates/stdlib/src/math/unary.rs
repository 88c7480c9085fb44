//! Functions of one real number.

use super::libm;
use hognose_vm::{Args, Exc, PyResult, Raised, Vm};

/// How CPython writes a float in these messages.
pub(super) fn shown(vm: &mut Vm, x: f64) -> PyResult<String> {
    let x = vm.new_float(x)?;
    vm.repr_text(x.as_ref())
}

/// ValueError `"{expected}, got {x}"`.
#[cold]
pub(super) fn domain_error(vm: &mut Vm, expected: &str, x: f64) -> Raised {
    match shown(vm, x) {
        Ok(text) => vm.value_error(&format!("{expected}, got {text}")),
        Err(e) => e,
    }
}

/// OverflowError
#[cold]
pub(super) fn range_error(vm: &mut Vm) -> Raised {
    vm.raise(Exc::OverflowError, "math range error")
}

/// `f(x)`; arguments for which it is not a number are outside its domain.
fn apply(vm: &mut Vm, args: &Args<'_>, expected: &str, f: fn(f64) -> f64) -> PyResult {
    let x = vm.as_f64(args.get(0))?;
    let y = f(x);
    if y.is_finite() {
        return vm.new_float(y);
    }
    if y.is_nan() && !x.is_nan() {
        return Err(domain_error(vm, expected, x));
    }
    if y.is_infinite() && x.is_finite() {
        if expected.is_empty() {
            return Err(range_error(vm));
        }
        // A pole.
        return Err(domain_error(vm, expected, x));
    }
    vm.new_float(y)
}

macro_rules! functions {
    ($($name:ident = $f:expr, $expected:literal;)*) => { $(
        pub(super) fn $name(vm: &mut Vm, args: &Args<'_>) -> PyResult {
            apply(vm, args, $expected, $f)
        }
    )* };
}

functions! {
    acos = f64::acos, "expected a number in range from -1 up to 1";
    acosh = |x| libm::acosh(x), "expected argument value not less than 1";
    asin = f64::asin, "expected a number in range from -1 up to 1";
    asinh = |x| libm::asinh(x), "";
    atan = f64::atan, "";
    atanh = |x| libm::atanh(x), "expected a number between -1 and 1";
    cbrt = f64::cbrt, "";
    cos = f64::cos, "expected a finite input";
    cosh = f64::cosh, "";
    erf = |x| libm::erf(x), "";
    erfc = |x| libm::erfc(x), "";
    exp = f64::exp, "";
    exp2 = f64::exp2, "";
    expm1 = f64::exp_m1, "";
    fabs = f64::abs, "";
    log1p = log1p_checked, "expected argument value > -1";
    sin = f64::sin, "expected a finite input";
    sinh = f64::sinh, "";
    sqrt = f64::sqrt, "expected a nonnegative input";
    tan = f64::tan, "expected a finite input";
    tanh = f64::tanh, "";
}

fn log1p_checked(x: f64) -> f64 {
    // The sign of zero is kept on every platform.
    if x == 0.0 { x } else { x.ln_1p() }
}

pub(super) fn degrees(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let x = vm.as_f64(args.get(0))?;
    vm.new_float(x * (180.0 / std::f64::consts::PI))
}

pub(super) fn radians(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let x = vm.as_f64(args.get(0))?;
    vm.new_float(x * (std::f64::consts::PI / 180.0))
}

pub(super) fn ulp(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let x = vm.as_f64(args.get(0))?.abs();
    let above = x.next_up();
    vm.new_float(if !x.is_finite() {
        x
    } else if above.is_infinite() {
        x - x.next_down()
    } else {
        above - x
    })
}
