//! `Value`: one word that is a heap pointer, a small int, most floats, or one of a few special constants.
//!
//!   …000  pointer to an object, 8-aligned          …x01  int, 62-bit signed, `n << 2 | 1`
//!   …100  special constant, `n << 3 | 4`           …x1x  float, `rotl(bits, 4) - 1`
//!
//! A float is immediate when its magnitude is 0, subnormal, below 2^-767, in [2^-255, 2^257), at least 2^769, or it
//! is infinite or NaN; the embedder boxes the others. The heap itself only asks [`Value::is_ptr`].
#![allow(unsafe_code, reason = "reference counts are changed through raw headers")]

use crate::header::Header;
use crate::heap::Heap;
use std::ptr::without_provenance_mut;

/// One word, unowned and copyable: registers and heap slots hold these.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Value(*mut u8);

const _: () = assert!(size_of::<Value>() == 8);

impl std::fmt::Debug for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(i) = self.as_int() {
            write!(f, "int {i}")
        } else if let Some(x) = self.as_float() {
            write!(f, "float {x:?}")
        } else if self.is_ptr() {
            write!(f, "object {:p}", self.0)
        } else {
            write!(f, "special {}", self.bits() >> 3)
        }
    }
}

impl Value {
    /// Nothing: an unbound local, an empty slot.
    pub const NULL: Value = Value::special(0);
    /// Smallest immediate int.
    pub const INT_MIN: i64 = -(1 << 61);
    /// Largest immediate int.
    pub const INT_MAX: i64 = (1 << 61) - 1;

    /// The `n`-th special constant.
    pub const fn special(n: u32) -> Value {
        Value(without_provenance_mut((n as usize) << 3 | 4))
    }

    /// The raw word.
    #[inline(always)]
    pub fn bits(self) -> u64 {
        self.0.addr() as u64
    }

    #[inline(always)]
    fn from_bits(bits: u64) -> Value {
        Value(without_provenance_mut(bits as usize))
    }

    /// A word that is no pointer, from its bits.
    #[inline(always)]
    pub fn immediate_from_bits(bits: u64) -> Value {
        debug_assert!(bits & 7 != 0);
        Value::from_bits(bits)
    }

    /// Does it point to an object?
    #[inline(always)]
    pub fn is_ptr(self) -> bool {
        self.bits() & 7 == 0
    }

    /// Is it [`Value::NULL`]?
    #[inline(always)]
    pub fn is_null(self) -> bool {
        self == Value::NULL
    }

    /// Is it a special constant?
    #[inline(always)]
    pub fn is_special(self) -> bool {
        self.bits() & 7 == 4
    }

    /// Is it an immediate int?
    #[inline(always)]
    pub fn is_int(self) -> bool {
        self.bits() & 3 == 1
    }

    /// Is it an immediate float?
    #[inline(always)]
    pub fn is_float(self) -> bool {
        self.bits() & 2 != 0
    }

    /// An int, if it fits.
    #[inline(always)]
    pub fn from_int(n: i64) -> Option<Value> {
        ((n << 2) >> 2 == n).then(|| Value::from_bits((n << 2) as u64 | 1))
    }

    /// A 32-bit int always fits.
    #[inline(always)]
    pub fn from_i32(n: i32) -> Value {
        Value::from_bits((i64::from(n) << 2) as u64 | 1)
    }

    /// The int, if it is an immediate one.
    #[inline(always)]
    pub fn as_int(self) -> Option<i64> {
        self.is_int().then(|| self.int_unchecked())
    }

    /// The int; meaningless unless [`Value::is_int`].
    #[inline(always)]
    pub fn int_unchecked(self) -> i64 {
        self.bits() as i64 >> 2
    }

    /// A float, if it can be immediate.
    #[inline(always)]
    pub fn from_float(x: f64) -> Option<Value> {
        let v = x.to_bits().rotate_left(4).wrapping_sub(1);
        (v & 2 != 0).then(|| Value::from_bits(v))
    }

    /// The float, if it is an immediate one.
    #[inline(always)]
    pub fn as_float(self) -> Option<f64> {
        self.is_float().then(|| self.float_unchecked())
    }

    /// The float; meaningless unless [`Value::is_float`].
    #[inline(always)]
    pub fn float_unchecked(self) -> f64 {
        f64::from_bits(self.bits().wrapping_add(1).rotate_right(4))
    }

    /// The object with this header.
    #[inline(always)]
    pub fn from_ptr(h: *mut Header) -> Value {
        Value(h.cast())
    }

    /// The header; meaningful only if [`Value::is_ptr`].
    #[inline(always)]
    pub fn header(self) -> *mut Header {
        self.0.cast()
    }

    /// Adds a reference; immediates and immortal objects do not count.
    ///
    /// # Safety
    /// A pointer must be to a live object.
    #[inline(always)]
    pub unsafe fn incref(self) {
        if self.is_ptr() {
            // SAFETY: by the caller.
            unsafe { (*self.header()).incref() }
        }
    }

    /// Takes a reference away; at zero the object is released.
    ///
    /// # Safety
    /// A pointer must be to a live object of which the caller owns a reference, not used afterwards.
    #[inline(always)]
    pub unsafe fn decref(self) {
        if self.is_ptr() {
            // SAFETY: by the caller.
            unsafe {
                if (*self.header()).decref() {
                    Heap::of(self.0).release(self.header());
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Value;

    #[test]
    fn ints_and_floats_survive() {
        for n in [0, 1, -1, 255, Value::INT_MIN, Value::INT_MAX] {
            assert_eq!(Value::from_int(n).and_then(Value::as_int), Some(n));
        }
        assert_eq!(Value::from_int(Value::INT_MAX + 1), None);
        for x in [0.0, -0.0, 1.5, -2.75e30, 1e-40, f64::INFINITY, f64::MIN_POSITIVE / 4.0, 1e300] {
            let v = Value::from_float(x).expect("immediate");
            assert_eq!(v.float_unchecked().to_bits(), x.to_bits());
            assert!(!v.is_ptr() && !v.is_int() && !v.is_special());
        }
        assert!(Value::from_float(f64::NAN).is_some());
        assert_eq!(Value::from_float(1e-100), None);
        assert_eq!(Value::from_float(1e100), None);
    }
}
