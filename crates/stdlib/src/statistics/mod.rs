//! The module `_statistics`: the inverse of the normal distribution.
//!
//! Rational approximations of M. J. Wichura's algorithm AS 241 in three ranges; coefficients from the highest power down.

use crate::prelude::{Args, NativeDef, PyResult, Vm, new_module};

const CENTRE_TOP: [f64; 8] = [
    2509.0809287301227,
    33430.57558358813,
    67265.7709270087,
    45921.95393154987,
    13731.69376550946,
    1971.5909503065513,
    133.14166789178438,
    3.3871328727963665,
];
const CENTRE_BOTTOM: [f64; 8] = [
    5226.495278852854,
    28729.085735721943,
    39307.89580009271,
    21213.794301586597,
    5394.196021424751,
    687.1870074920579,
    42.31333070160091,
    1.0,
];
const MIDDLE_TOP: [f64; 8] = [
    0.0007745450142783414,
    0.022723844989269184,
    0.2417807251774506,
    1.2704582524523684,
    3.6478483247632045,
    5.769497221460691,
    4.630337846156546,
    1.4234371107496835,
];
const MIDDLE_BOTTOM: [f64; 8] = [
    1.0507500716444169e-09,
    0.0005475938084995345,
    0.015198666563616457,
    0.14810397642748008,
    0.6897673349851,
    1.6763848301838038,
    2.053191626637759,
    1.0,
];
const TAIL_TOP: [f64; 8] = [
    2.0103343992922881e-07,
    2.7115555687434876e-05,
    0.0012426609473880784,
    0.026532189526576124,
    0.29656057182850487,
    1.7848265399172913,
    5.463784911164114,
    6.657904643501103,
];
const TAIL_BOTTOM: [f64; 8] = [
    2.0442631033899397e-15,
    1.421511758316446e-07,
    1.8463183175100548e-05,
    0.0007868691311456133,
    0.014875361290850615,
    0.1369298809227358,
    0.599832206555888,
    1.0,
];

/// Makes the module.
pub fn make(vm: &mut Vm) -> PyResult {
    const FUNCTIONS: &[NativeDef] =
        &[NativeDef::function("_normal_dist_inv_cdf", "p, mu, sigma, /", inverse)];
    new_module(vm, "_statistics", "Accelerators for the statistics module.\n", FUNCTIONS)
}

/// A polynomial's value.
fn value(coefficients: &[f64], x: f64) -> f64 {
    coefficients.iter().copied().reduce(|sum, c| sum * x + c).unwrap_or(0.0)
}

fn inverse(vm: &mut Vm, a: &Args<'_>) -> PyResult {
    let (p, mu, sigma) = (vm.as_f64(a.get(0))?, vm.as_f64(a.get(1))?, vm.as_f64(a.get(2))?);
    if p <= 0.0 || p >= 1.0 {
        return Err(vm.value_error("inv_cdf undefined for these parameters"));
    }
    vm.new_float(mu + standard(p) * sigma)
}

/// The inverse of the standard normal distribution.
fn standard(p: f64) -> f64 {
    let q = p - 0.5;
    if q.abs() <= 0.425 {
        let r = 0.180625 - q * q;
        return value(&CENTRE_TOP, r) * q / value(&CENTRE_BOTTOM, r);
    }
    let r = if q <= 0.0 { p } else { 1.0 - p };
    let r = (-r.ln()).sqrt();
    let x = if r <= 5.0 {
        value(&MIDDLE_TOP, r - 1.6) / value(&MIDDLE_BOTTOM, r - 1.6)
    } else {
        value(&TAIL_TOP, r - 5.0) / value(&TAIL_BOTTOM, r - 5.0)
    };
    if q < 0.0 { -x } else { x }
}
