//! Functions of the C library that std does not offer, or computes differently.
#![allow(unsafe_code, reason = "declares functions of the C library")]

// SAFETY: pure functions of C's <math.h> with these signatures, defined for every argument.
unsafe extern "C" {
    /// Error function.
    pub(super) safe fn erf(x: f64) -> f64;
    /// Complementary error function.
    pub(super) safe fn erfc(x: f64) -> f64;
    /// Inverse hyperbolic sine.
    pub(crate) safe fn asinh(x: f64) -> f64;
    /// Inverse hyperbolic cosine.
    pub(super) safe fn acosh(x: f64) -> f64;
    /// Inverse hyperbolic tangent.
    pub(super) safe fn atanh(x: f64) -> f64;
    /// `x * 2^e`
    pub(crate) safe fn ldexp(x: f64, e: i32) -> f64;
}
