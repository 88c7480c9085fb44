//! The exponential function and what is made of it.

use super::special::{self, COSH, EXP, RECT, SINH, TANH};
use super::{Answer, Complex, Trouble, fine};
use std::f64::consts::E;

/// Above it, the real exponential function is near its end: one factor e is multiplied in last.
const LOG_LARGE: f64 = 708.3964185322641;

/// Is the real part infinite, and the imaginary one a number with a sine?
fn turns((re, im): Complex) -> bool {
    re.is_infinite() && im.is_finite() && im != 0.0
}

fn infinite(cos: f64, sin: f64) -> Complex {
    (f64::INFINITY.copysign(cos), f64::INFINITY.copysign(sin))
}

fn domain_if(wrong: bool, z: Complex) -> Answer {
    (z, if wrong { Trouble::Domain } else { Trouble::None })
}

/// A finite argument gave an infinite result.
fn checked(z: Complex) -> Answer {
    let overflow = z.0.is_infinite() || z.1.is_infinite();
    (z, if overflow { Trouble::Range } else { Trouble::None })
}

pub(super) fn exp(z: Complex) -> Answer {
    let (re, im) = z;
    if let Some(found) = special::value(&EXP, z) {
        let found = match () {
            () if !turns(z) => found,
            () if re > 0.0 => infinite(im.cos(), im.sin()),
            () => (0f64.copysign(im.cos()), 0f64.copysign(im.sin())),
        };
        return domain_if(im.is_infinite() && (re.is_finite() || re == f64::INFINITY), found);
    }
    if re > LOG_LARGE {
        let l = (re - 1.0).exp();
        return checked((l * im.cos() * E, l * im.sin() * E));
    }
    let l = re.exp();
    checked((l * im.cos(), l * im.sin()))
}

pub(super) fn cosh(z: Complex) -> Answer {
    let (re, im) = z;
    if let Some(found) = special::value(&COSH, z) {
        let found = match () {
            () if !turns(z) => found,
            () if re > 0.0 => infinite(im.cos(), im.sin()),
            () => infinite(im.cos(), -im.sin()),
        };
        return domain_if(im.is_infinite() && !re.is_nan(), found);
    }
    if re.abs() > LOG_LARGE {
        let less = re - 1f64.copysign(re);
        return checked((im.cos() * less.cosh() * E, im.sin() * less.sinh() * E));
    }
    checked((im.cos() * re.cosh(), im.sin() * re.sinh()))
}

pub(super) fn sinh(z: Complex) -> Answer {
    let (re, im) = z;
    if let Some(found) = special::value(&SINH, z) {
        let found = match () {
            () if !turns(z) => found,
            () if re > 0.0 => infinite(im.cos(), im.sin()),
            () => infinite(-im.cos(), im.sin()),
        };
        return domain_if(im.is_infinite() && !re.is_nan(), found);
    }
    if re.abs() > LOG_LARGE {
        let less = re - 1f64.copysign(re);
        return checked((im.cos() * less.sinh() * E, im.sin() * less.cosh() * E));
    }
    checked((im.cos() * re.sinh(), im.sin() * re.cosh()))
}

pub(super) fn tanh(z: Complex) -> Answer {
    let (re, im) = z;
    if let Some(found) = special::value(&TANH, z) {
        let found = match turns(z) {
            true => (1f64.copysign(re), 0f64.copysign(2.0 * im.sin() * im.cos())),
            false => found,
        };
        return domain_if(im.is_infinite() && re.is_finite(), found);
    }
    if re.abs() > LOG_LARGE {
        return fine((1f64.copysign(re), 4.0 * im.sin() * im.cos() * (-2.0 * re.abs()).exp()));
    }
    let (tx, ty, cx) = (re.tanh(), im.tan(), 1.0 / re.cosh());
    let txty = tx * ty;
    let bottom = 1.0 + txty * txty;
    fine((tx * (1.0 + ty * ty) / bottom, ((ty / bottom) * cx) * cx))
}

pub(super) fn cos((re, im): Complex) -> Answer {
    cosh((-im, re))
}

pub(super) fn sin((re, im): Complex) -> Answer {
    let (s, trouble) = sinh((-im, re));
    ((s.1, -s.0), trouble)
}

pub(super) fn tan((re, im): Complex) -> Answer {
    let (s, trouble) = tanh((-im, re));
    ((s.1, -s.0), trouble)
}

/// The number with this size and angle.
pub(super) fn rect(r: f64, phi: f64) -> Answer {
    if let Some(found) = special::value(&RECT, (r, phi)) {
        let found = match () {
            () if !turns((r, phi)) => found,
            () if r > 0.0 => infinite(phi.cos(), phi.sin()),
            () => infinite(-phi.cos(), -phi.sin()),
        };
        return domain_if(r != 0.0 && !r.is_nan() && phi.is_infinite(), found);
    }
    if phi == 0.0 {
        return fine((r, r * phi));
    }
    fine((r * phi.cos(), r * phi.sin()))
}
