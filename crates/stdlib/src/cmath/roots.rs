//! Square root, logarithm, and the inverse functions.
//!
//! Arguments near the ends of the range of floats are scaled so that no intermediate result overflows or vanishes.

use super::special::{self, ACOS, ACOSH, ASINH, ATANH, LOG, SQRT};
use super::{Answer, Complex, Trouble, fine};
use crate::math::libm::{asinh as real_asinh, ldexp};
use std::f64::consts::{FRAC_PI_2, LN_2, LN_10};

/// Above it, sums of two squares of halves overflow.
const LARGE: f64 = f64::MAX / 4.0;
/// The square root of [`LARGE`].
const SQRT_LARGE: f64 = 6.703903964971298e153;
/// The square root of the smallest normal float.
const SQRT_MIN: f64 = 1.4916681462400413e-154;
/// Bits of a float's mantissa.
const MANTISSA: i32 = f64::MANTISSA_DIGITS as i32;

fn is_large((re, im): Complex) -> bool {
    re.abs() > LARGE || im.abs() > LARGE
}

/// The logarithm of the size of a large number.
fn large_log((re, im): Complex) -> f64 {
    (re / 2.0).hypot(im / 2.0).ln() + LN_2 * 2.0
}

pub(super) fn sqrt(z: Complex) -> Complex {
    if let Some(z) = special::value(&SQRT, z) {
        return z;
    }
    let (re, im) = z;
    if re == 0.0 && im == 0.0 {
        return (0.0, im);
    }
    let (ax, ay) = (re.abs(), im.abs());
    let s = if ax < f64::MIN_POSITIVE && ay < f64::MIN_POSITIVE {
        // The size may be subnormal.
        let ax = ldexp(ax, MANTISSA / 2 * 2 + 1);
        ldexp((ax + ax.hypot(ldexp(ay, MANTISSA / 2 * 2 + 1))).sqrt(), -(MANTISSA / 2 * 2 + 2) / 2)
    } else {
        let ax = ax / 8.0;
        2.0 * (ax + ax.hypot(ay / 8.0)).sqrt()
    };
    let d = ay / (2.0 * s);
    if re >= 0.0 { (s, d.copysign(im)) } else { (d, s.copysign(im)) }
}

pub(super) fn sqrt_answer(z: Complex) -> Answer {
    fine(sqrt(z))
}

pub(super) fn log(z: Complex) -> Answer {
    if let Some(z) = special::value(&LOG, z) {
        return fine(z);
    }
    let (re, im) = z;
    let (ax, ay) = (re.abs(), im.abs());
    let angle = im.atan2(re);
    let size = if ax > LARGE || ay > LARGE {
        (ax / 2.0).hypot(ay / 2.0).ln() + LN_2
    } else if ax < f64::MIN_POSITIVE && ay < f64::MIN_POSITIVE {
        if ax == 0.0 && ay == 0.0 {
            return ((f64::NEG_INFINITY, angle), Trouble::Domain);
        }
        // The size may be subnormal.
        ldexp(ax, MANTISSA).hypot(ldexp(ay, MANTISSA)).ln() - f64::from(MANTISSA) * LN_2
    } else {
        let h = ax.hypot(ay);
        if (0.71..=1.73).contains(&h) {
            let (more, less) = if ax > ay { (ax, ay) } else { (ay, ax) };
            ((more - 1.0) * (more + 1.0) + less * less).ln_1p() / 2.0
        } else {
            h.ln()
        }
    };
    fine((size, angle))
}

pub(super) fn log10(z: Complex) -> Answer {
    let ((re, im), trouble) = log(z);
    ((re / LN_10, im / LN_10), trouble)
}

pub(super) fn acos(z: Complex) -> Answer {
    if let Some(z) = special::value(&ACOS, z) {
        return fine(z);
    }
    let (re, im) = z;
    if is_large(z) {
        let size = large_log(z);
        // Two cases, so that the branch cut is continuous from the right side.
        let imaginary = if re < 0.0 { -size.copysign(im) } else { size.copysign(-im) };
        return fine((im.abs().atan2(re), imaginary));
    }
    let (a, b) = (sqrt((1.0 - re, -im)), sqrt((1.0 + re, im)));
    fine((2.0 * a.0.atan2(b.0), real_asinh(b.0 * a.1 - b.1 * a.0)))
}

pub(super) fn acosh(z: Complex) -> Answer {
    if let Some(z) = special::value(&ACOSH, z) {
        return fine(z);
    }
    let (re, im) = z;
    if is_large(z) {
        return fine((large_log(z), im.atan2(re)));
    }
    let (a, b) = (sqrt((re - 1.0, im)), sqrt((re + 1.0, im)));
    fine((real_asinh(a.0 * b.0 + a.1 * b.1), 2.0 * a.1.atan2(b.0)))
}

pub(super) fn asinh(z: Complex) -> Answer {
    if let Some(z) = special::value(&ASINH, z) {
        return fine(z);
    }
    let (re, im) = z;
    if is_large(z) {
        let size = large_log(z);
        let real = if im >= 0.0 { size.copysign(re) } else { -size.copysign(-re) };
        return fine((real, im.atan2(re.abs())));
    }
    let (a, b) = (sqrt((1.0 + im, -re)), sqrt((1.0 - im, re)));
    fine((real_asinh(a.0 * b.1 - b.0 * a.1), im.atan2(a.0 * b.0 - a.1 * b.1)))
}

pub(super) fn asin((re, im): Complex) -> Answer {
    let (s, trouble) = asinh((-im, re));
    ((s.1, -s.0), trouble)
}

pub(super) fn atanh(z: Complex) -> Answer {
    if let Some(z) = special::value(&ATANH, z) {
        return fine(z);
    }
    let (re, im) = z;
    if re.is_sign_negative() {
        let ((re, im), trouble) = atanh((-re, -im));
        return ((-re, -im), trouble);
    }
    let ay = im.abs();
    if re > SQRT_LARGE || ay > SQRT_LARGE {
        let h = (re / 2.0).hypot(im / 2.0);
        return fine((re / 4.0 / h / h, -FRAC_PI_2.copysign(-im)));
    }
    if re == 1.0 && ay < SQRT_MIN {
        if ay == 0.0 {
            return ((f64::INFINITY, im), Trouble::Domain);
        }
        let real = -(ay.sqrt() / ay.hypot(2.0).sqrt()).ln();
        return fine((real, (2.0f64.atan2(-ay) / 2.0).copysign(im)));
    }
    let real = (4.0 * re / ((1.0 - re) * (1.0 - re) + ay * ay)).ln_1p() / 4.0;
    fine((real, -(-2.0 * im).atan2((1.0 - re) * (1.0 + re) - ay * ay) / 2.0))
}

pub(super) fn atan((re, im): Complex) -> Answer {
    let (s, trouble) = atanh((-im, re));
    ((s.1, -s.0), trouble)
}
