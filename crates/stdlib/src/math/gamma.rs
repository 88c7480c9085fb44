//! The gamma function and its logarithm by Lanczos' approximation (g = 6.0246…, 13 terms).
//!
//!   gamma(x) = lanczos(x) * y^(x - 1/2) / e^y   with y = x + g - 1/2, reflected for negative x
#![allow(clippy::excessive_precision, reason = "published coefficients")]

use super::unary::{domain_error, range_error};
use hognose_vm::{Args, PyResult, Vm};
use std::f64::consts::PI;

const G: f64 = 6.024_680_040_776_729_583_740_234_375;
const G_MINUS_HALF: f64 = 5.524_680_040_776_729_583_740_234_375;
const LOG_PI: f64 = 1.144_729_885_849_400_174_143_427_351_353_058_711_647;
const DOMAIN: &str = "expected a noninteger or positive integer";

#[rustfmt::skip]
const NUMERATOR: [f64; 13] = [
    23531376880.410759688572007674451636754734846804940, 42919803642.649098768957899047001988850926355848959,
    35711959237.355668049440185451547166705960488635843, 17921034426.037209699919755754458931112671403265390,
    6039542586.3520280050642916443072979210699388420708, 1439720407.3117216736632230727949123939715485786372,
    248874557.86205415651146038641322942321632125127801, 31426415.585400194380614231628318205362874684987640,
    2876370.6289353724412254090516208496135991145378768, 186056.26539522349504029498971604569928220784236328,
    8071.6720023658162106380029022722506138218516325024, 210.82427775157934587250973392071336271166969580291,
    2.5066282746310002701649081771338373386264310793408,
];

const DENOMINATOR: [f64; 13] = [
    0.0,
    39916800.0,
    120543840.0,
    150917976.0,
    105258076.0,
    45995730.0,
    13339535.0,
    2637558.0,
    357423.0,
    32670.0,
    1925.0,
    66.0,
    1.0,
];

/// The rational function at `x > 0`, evaluated from the end that stays in range.
fn lanczos(x: f64) -> f64 {
    let (mut n, mut d) = (0.0, 0.0);
    if x < 5.0 {
        for i in (0..13).rev() {
            n = n * x + NUMERATOR[i];
            d = d * x + DENOMINATOR[i];
        }
    } else {
        for i in 0..13 {
            n = n / x + NUMERATOR[i];
            d = d / x + DENOMINATOR[i];
        }
    }
    n / d
}

/// sin(pi x), exact at multiples of a half.
fn sin_pi(x: f64) -> f64 {
    let y = x.abs() % 2.0;
    let r = match (2.0 * y).round() as i32 {
        0 => (PI * y).sin(),
        1 => (PI * (y - 0.5)).cos(),
        2 => (PI * (1.0 - y)).sin(),
        3 => -(PI * (y - 1.5)).cos(),
        _ => (PI * (y - 2.0)).sin(),
    };
    1.0f64.copysign(x) * r
}

/// `None`: outside the domain.
fn gamma_of(x: f64) -> Option<f64> {
    if x.is_nan() || x == f64::INFINITY {
        return Some(x);
    }
    if x == 0.0 || x == f64::NEG_INFINITY {
        return None;
    }
    if x == x.floor() {
        if x < 0.0 {
            return None;
        }
        if x <= 23.0 {
            return Some((1..x as u64).map(|i| i as f64).product());
        }
    }
    let a = x.abs();
    if a < 1e-20 {
        return Some(1.0 / x);
    }
    if a > 200.0 {
        return Some(if x < 0.0 { 0.0 / sin_pi(x) } else { f64::INFINITY });
    }
    let y = a + G_MINUS_HALF;
    // What rounding `y` lost.
    let z = if a > G_MINUS_HALF { (y - a) - G_MINUS_HALF } else { (y - G_MINUS_HALF) - a };
    let z = z * G / y;
    Some(if x < 0.0 {
        let mut r = -PI / sin_pi(a) / a * y.exp() / lanczos(a);
        r -= z * r;
        if a < 140.0 {
            r / y.powf(a - 0.5)
        } else {
            let half = y.powf(a / 2.0 - 0.25);
            r / half / half
        }
    } else {
        let mut r = lanczos(a) / y.exp();
        r += z * r;
        if a < 140.0 {
            r * y.powf(a - 0.5)
        } else {
            let half = y.powf(a / 2.0 - 0.25);
            r * half * half
        }
    })
}

fn lgamma_of(x: f64) -> Option<f64> {
    if !x.is_finite() {
        return Some(x.abs());
    }
    if x == x.floor() && x <= 2.0 {
        return if x <= 0.0 { None } else { Some(0.0) };
    }
    let a = x.abs();
    if a < 1e-20 {
        return Some(-a.ln());
    }
    let r = (lanczos(a).ln() - G) + (a - 0.5) * ((a + G - 0.5).ln() - 1.0);
    Some(if x < 0.0 { LOG_PI - sin_pi(a).abs().ln() - a.ln() - r } else { r })
}

fn give(vm: &mut Vm, x: f64, y: Option<f64>) -> PyResult {
    match y {
        None => Err(domain_error(vm, DOMAIN, x)),
        Some(y) if y.is_infinite() && x.is_finite() => Err(range_error(vm)),
        Some(y) => vm.new_float(y),
    }
}

pub(super) fn gamma(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let x = vm.as_f64(args.get(0))?;
    give(vm, x, gamma_of(x))
}

pub(super) fn lgamma(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let x = vm.as_f64(args.get(0))?;
    give(vm, x, lgamma_of(x))
}

#[cfg(test)]
mod tests {
    use super::{gamma_of, lgamma_of};

    #[test]
    fn values() {
        assert_eq!(gamma_of(5.0), Some(24.0));
        assert_eq!(gamma_of(0.5), Some(1.7724538509055159));
        assert_eq!(gamma_of(-1.0), None);
        assert_eq!(lgamma_of(0.5), Some(0.5723649429247004));
        assert_eq!(lgamma_of(-1.5), Some(0.8600470153764812));
    }
}
