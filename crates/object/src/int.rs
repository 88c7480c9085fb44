//! Ints: 62-bit immediates, and big ones as sign and magnitude in line.
//!
//! Arithmetic on big ints converts to `num_bigint` and back; results that fit become immediates again.
#![allow(unsafe_code, reason = "digits follow the header in the block")]

use crate::layouts::Layout;
use crate::value::ValueExt;
use hognose_heap::{Header, Heap, OutOfMemory, Owned, Value};
use num_bigint::{BigInt, Sign};

#[repr(C)]
struct IntObj {
    header: Header,
    /// Number of 32-bit digits, negative for negative numbers.
    len: i64,
}

const DIGITS: usize = size_of::<IntObj>();

/// An int from a machine word.
#[inline(always)]
pub fn new_int(heap: &Heap, n: i64) -> Result<Owned, OutOfMemory> {
    match Value::from_int(n) {
        Some(v) => Ok(Owned::from_immediate(v)),
        None => new_bigint(heap, &BigInt::from(n)),
    }
}

/// An int from a big integer.
pub fn new_bigint(heap: &Heap, n: &BigInt) -> Result<Owned, OutOfMemory> {
    if let Ok(small) = i64::try_from(n)
        && let Some(v) = Value::from_int(small)
    {
        return Ok(Owned::from_immediate(v));
    }
    let count = n.iter_u32_digits().len();
    let h = heap.alloc_leaf(Layout::Int.kind(), DIGITS + count * 4)?;
    // SAFETY: fresh block of that size.
    unsafe {
        let o = h.cast::<IntObj>();
        (*o).len = if n.sign() == Sign::Minus { -(count as i64) } else { count as i64 };
        let out = h.cast::<u8>().add(DIGITS).cast::<u32>();
        for (i, digit) in n.iter_u32_digits().enumerate() {
            out.add(i).write(digit);
        }
        Ok(Owned::from_value(Value::from_ptr(h)))
    }
}

/// The number, if `v` is exactly an int or a bool.
pub fn bigint_of(v: impl ValueExt) -> Option<BigInt> {
    let v = v.word();
    if let Some(n) = small_int_of(v) {
        return Some(BigInt::from(n));
    }
    if !v.is_exact(Layout::Int) {
        return None;
    }
    // SAFETY: the layout says what it is; digits are immutable.
    unsafe {
        let o = v.header().cast::<IntObj>();
        let count = (*o).len.unsigned_abs() as usize;
        let digits = std::slice::from_raw_parts(o.cast::<u8>().add(DIGITS).cast::<u32>(), count);
        let sign = if (*o).len < 0 { Sign::Minus } else { Sign::Plus };
        Some(BigInt::from_slice(sign, digits))
    }
}

/// The number, if `v` is an immediate int or a bool.
#[inline(always)]
pub fn small_int_of(v: impl ValueExt) -> Option<i64> {
    let v = v.word();
    if v.is_int() {
        Some(v.int_unchecked())
    } else if v.is_bool() {
        Some(i64::from(v == crate::value::TRUE))
    } else {
        None
    }
}

/// Is `v` exactly an int (small or big) or a bool?
#[inline(always)]
pub fn is_int(v: impl ValueExt) -> bool {
    v.word().is_int() || v.is_bool() || v.is_exact(Layout::Int)
}

/// Hash of a big int: its residue modulo 2^61 - 1.
pub fn hash_bigint(n: &BigInt) -> i64 {
    let modulus = BigInt::from((1i64 << 61) - 1);
    let r = i64::try_from(n % modulus).unwrap_or(0);
    if r == -1 { -2 } else { r }
}
