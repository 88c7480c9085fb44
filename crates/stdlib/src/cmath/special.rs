//! Results for arguments that are infinite or not a number, as C99's annex G and its like have them.
//!
//! Rows go by the real part (for `rect`: the radius), columns by the imaginary part, in the order of [`kind`].
//! Finite pairs are computed, and so are those whose signs depend on more than this.

use super::Complex;

/// Results by kind of real and imaginary part.
pub(super) type Table = [[Complex; 7]; 7];

const PI: f64 = std::f64::consts::PI;
const PI_14: f64 = std::f64::consts::FRAC_PI_4;
const PI_12: f64 = std::f64::consts::FRAC_PI_2;
const PI_34: f64 = 0.75 * PI;
const INF: f64 = f64::INFINITY;
const N: f64 = f64::NAN;
const UNUSED: Complex = (N, N);

/// Minus infinity, negative, -0, 0, positive, infinity, not a number.
fn kind(x: f64) -> usize {
    if x.is_nan() {
        6
    } else if x.is_infinite() {
        if x > 0.0 { 5 } else { 0 }
    } else if x == 0.0 {
        if x.is_sign_negative() { 2 } else { 3 }
    } else if x > 0.0 {
        4
    } else {
        1
    }
}

/// What the table says; `None` for finite arguments.
pub(super) fn value(table: &Table, (re, im): Complex) -> Option<Complex> {
    (!re.is_finite() || !im.is_finite()).then(|| table[kind(re)][kind(im)])
}

/// Special values of `acos`.
pub(super) const ACOS: Table = [
    [(PI_34, INF), (PI, INF), (PI, INF), (PI, -INF), (PI, -INF), (PI_34, -INF), (N, INF)],
    [(PI_12, INF), UNUSED, UNUSED, UNUSED, UNUSED, (PI_12, -INF), (N, N)],
    [(PI_12, INF), UNUSED, UNUSED, UNUSED, UNUSED, (PI_12, -INF), (PI_12, N)],
    [(PI_12, INF), UNUSED, UNUSED, UNUSED, UNUSED, (PI_12, -INF), (PI_12, N)],
    [(PI_12, INF), UNUSED, UNUSED, UNUSED, UNUSED, (PI_12, -INF), (N, N)],
    [(PI_14, INF), (0.0, INF), (0.0, INF), (0.0, -INF), (0.0, -INF), (PI_14, -INF), (N, INF)],
    [(N, INF), (N, N), (N, N), (N, N), (N, N), (N, -INF), (N, N)],
];
/// Special values of `acosh`.
pub(super) const ACOSH: Table = [
    [(INF, -PI_34), (INF, -PI), (INF, -PI), (INF, PI), (INF, PI), (INF, PI_34), (INF, N)],
    [(INF, -PI_12), UNUSED, UNUSED, UNUSED, UNUSED, (INF, PI_12), (N, N)],
    [(INF, -PI_12), UNUSED, UNUSED, UNUSED, UNUSED, (INF, PI_12), (N, PI_12)],
    [(INF, -PI_12), UNUSED, UNUSED, UNUSED, UNUSED, (INF, PI_12), (N, PI_12)],
    [(INF, -PI_12), UNUSED, UNUSED, UNUSED, UNUSED, (INF, PI_12), (N, N)],
    [(INF, -PI_14), (INF, -0.0), (INF, -0.0), (INF, 0.0), (INF, 0.0), (INF, PI_14), (INF, N)],
    [(INF, N), (N, N), (N, N), (N, N), (N, N), (INF, N), (N, N)],
];
/// Special values of `asinh`.
pub(super) const ASINH: Table = [
    [(-INF, -PI_14), (-INF, -0.0), (-INF, -0.0), (-INF, 0.0), (-INF, 0.0), (-INF, PI_14), (-INF, N)],
    [(-INF, -PI_12), UNUSED, UNUSED, UNUSED, UNUSED, (-INF, PI_12), (N, N)],
    [(-INF, -PI_12), UNUSED, UNUSED, UNUSED, UNUSED, (-INF, PI_12), (N, N)],
    [(INF, -PI_12), UNUSED, UNUSED, UNUSED, UNUSED, (INF, PI_12), (N, N)],
    [(INF, -PI_12), UNUSED, UNUSED, UNUSED, UNUSED, (INF, PI_12), (N, N)],
    [(INF, -PI_14), (INF, -0.0), (INF, -0.0), (INF, 0.0), (INF, 0.0), (INF, PI_14), (INF, N)],
    [(INF, N), (N, N), (N, -0.0), (N, 0.0), (N, N), (INF, N), (N, N)],
];
/// Special values of `atanh`.
pub(super) const ATANH: Table = [
    [(-0.0, -PI_12), (-0.0, -PI_12), (-0.0, -PI_12), (-0.0, PI_12), (-0.0, PI_12), (-0.0, PI_12), (-0.0, N)],
    [(-0.0, -PI_12), UNUSED, UNUSED, UNUSED, UNUSED, (-0.0, PI_12), (N, N)],
    [(-0.0, -PI_12), UNUSED, UNUSED, UNUSED, UNUSED, (-0.0, PI_12), (-0.0, N)],
    [(0.0, -PI_12), UNUSED, UNUSED, UNUSED, UNUSED, (0.0, PI_12), (0.0, N)],
    [(0.0, -PI_12), UNUSED, UNUSED, UNUSED, UNUSED, (0.0, PI_12), (N, N)],
    [(0.0, -PI_12), (0.0, -PI_12), (0.0, -PI_12), (0.0, PI_12), (0.0, PI_12), (0.0, PI_12), (0.0, N)],
    [(0.0, -PI_12), (N, N), (N, N), (N, N), (N, N), (0.0, PI_12), (N, N)],
];
/// Special values of `cosh`.
pub(super) const COSH: Table = [
    [UNUSED, (-INF, INF), (INF, 0.0), (INF, -0.0), (-INF, -INF), UNUSED, (INF, N)],
    [UNUSED, UNUSED, UNUSED, UNUSED, UNUSED, UNUSED, (N, N)],
    [UNUSED, UNUSED, UNUSED, UNUSED, UNUSED, UNUSED, (N, 0.0)],
    [UNUSED, UNUSED, UNUSED, UNUSED, UNUSED, UNUSED, (N, 0.0)],
    [UNUSED, UNUSED, UNUSED, UNUSED, UNUSED, UNUSED, (N, N)],
    [UNUSED, (-INF, -INF), (INF, -0.0), (INF, 0.0), (-INF, INF), UNUSED, (INF, N)],
    [(N, N), (N, N), (N, 0.0), (N, 0.0), (N, N), (N, N), (N, N)],
];
/// Special values of `exp`.
pub(super) const EXP: Table = [
    [(0.0, 0.0), (-0.0, -0.0), (0.0, -0.0), (0.0, 0.0), (-0.0, 0.0), (0.0, 0.0), (0.0, 0.0)],
    [UNUSED, UNUSED, UNUSED, UNUSED, UNUSED, UNUSED, (N, N)],
    [UNUSED, UNUSED, UNUSED, UNUSED, UNUSED, UNUSED, (N, N)],
    [UNUSED, UNUSED, UNUSED, UNUSED, UNUSED, UNUSED, (N, N)],
    [UNUSED, UNUSED, UNUSED, UNUSED, UNUSED, UNUSED, (N, N)],
    [UNUSED, (-INF, -INF), (INF, -0.0), (INF, 0.0), (-INF, INF), UNUSED, (INF, N)],
    [(N, N), (N, N), (N, -0.0), (N, 0.0), (N, N), (N, N), (N, N)],
];
/// Special values of `log`.
pub(super) const LOG: Table = [
    [(INF, -PI_34), (INF, -PI), (INF, -PI), (INF, PI), (INF, PI), (INF, PI_34), (INF, N)],
    [(INF, -PI_12), UNUSED, UNUSED, UNUSED, UNUSED, (INF, PI_12), (N, N)],
    [(INF, -PI_12), UNUSED, UNUSED, UNUSED, UNUSED, (INF, PI_12), (N, N)],
    [(INF, -PI_12), UNUSED, UNUSED, UNUSED, UNUSED, (INF, PI_12), (N, N)],
    [(INF, -PI_12), UNUSED, UNUSED, UNUSED, UNUSED, (INF, PI_12), (N, N)],
    [(INF, -PI_14), (INF, -0.0), (INF, -0.0), (INF, 0.0), (INF, 0.0), (INF, PI_14), (INF, N)],
    [(INF, N), (N, N), (N, N), (N, N), (N, N), (INF, N), (N, N)],
];
/// Special values of `sinh`.
pub(super) const SINH: Table = [
    [UNUSED, (INF, -INF), (-INF, -0.0), (-INF, 0.0), (INF, INF), UNUSED, (INF, N)],
    [UNUSED, UNUSED, UNUSED, UNUSED, UNUSED, UNUSED, (N, N)],
    [UNUSED, UNUSED, UNUSED, UNUSED, UNUSED, UNUSED, (0.0, N)],
    [UNUSED, UNUSED, UNUSED, UNUSED, UNUSED, UNUSED, (0.0, N)],
    [UNUSED, UNUSED, UNUSED, UNUSED, UNUSED, UNUSED, (N, N)],
    [UNUSED, (-INF, -INF), (INF, -0.0), (INF, 0.0), (-INF, INF), UNUSED, (INF, N)],
    [(N, N), (N, N), (N, -0.0), (N, 0.0), (N, N), (N, N), (N, N)],
];
/// Special values of `sqrt`.
pub(super) const SQRT: Table = [
    [(INF, -INF), (0.0, -INF), (0.0, -INF), (0.0, INF), (0.0, INF), (INF, INF), (N, INF)],
    [(INF, -INF), UNUSED, UNUSED, UNUSED, UNUSED, (INF, INF), (N, N)],
    [(INF, -INF), UNUSED, UNUSED, UNUSED, UNUSED, (INF, INF), (N, N)],
    [(INF, -INF), UNUSED, UNUSED, UNUSED, UNUSED, (INF, INF), (N, N)],
    [(INF, -INF), UNUSED, UNUSED, UNUSED, UNUSED, (INF, INF), (N, N)],
    [(INF, -INF), (INF, -0.0), (INF, -0.0), (INF, 0.0), (INF, 0.0), (INF, INF), (INF, N)],
    [(INF, -INF), (N, N), (N, N), (N, N), (N, N), (INF, INF), (N, N)],
];
/// Special values of `tanh`.
pub(super) const TANH: Table = [
    [(-1.0, 0.0), (-1.0, 0.0), (-1.0, -0.0), (-1.0, 0.0), (-1.0, -0.0), (-1.0, 0.0), (-1.0, 0.0)],
    [UNUSED, UNUSED, UNUSED, UNUSED, UNUSED, UNUSED, (N, N)],
    [UNUSED, UNUSED, UNUSED, UNUSED, UNUSED, UNUSED, (-0.0, N)],
    [UNUSED, UNUSED, UNUSED, UNUSED, UNUSED, UNUSED, (0.0, N)],
    [UNUSED, UNUSED, UNUSED, UNUSED, UNUSED, UNUSED, (N, N)],
    [(1.0, 0.0), (1.0, 0.0), (1.0, -0.0), (1.0, 0.0), (1.0, -0.0), (1.0, 0.0), (1.0, 0.0)],
    [(N, N), (N, N), (N, -0.0), (N, 0.0), (N, N), (N, N), (N, N)],
];
/// Special values of `rect`.
pub(super) const RECT: Table = [
    [UNUSED, (INF, INF), (-INF, 0.0), (-INF, -0.0), (INF, -INF), UNUSED, (INF, N)],
    [UNUSED, UNUSED, UNUSED, UNUSED, UNUSED, UNUSED, (N, N)],
    [(0.0, 0.0), UNUSED, UNUSED, UNUSED, UNUSED, (0.0, 0.0), (0.0, 0.0)],
    [(0.0, 0.0), UNUSED, UNUSED, UNUSED, UNUSED, (0.0, 0.0), (0.0, 0.0)],
    [UNUSED, UNUSED, UNUSED, UNUSED, UNUSED, UNUSED, (N, N)],
    [UNUSED, (-INF, -INF), (INF, -0.0), (INF, 0.0), (-INF, INF), UNUSED, (INF, N)],
    [(N, N), (N, N), (N, 0.0), (N, 0.0), (N, N), (N, N), (N, N)],
];
