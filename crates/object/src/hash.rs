//! Hash functions: CPython's for numbers and tuples; SipHash-1-3 with a per-interpreter key for strings and bytes.

use siphasher::sip::SipHasher13;
use std::hash::Hasher;

/// Hash values are signed words; -1 is never one.
pub type Hash = i64;

/// Key of the string hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HashSecret(pub u64, pub u64);

const MODULUS: u64 = (1 << 61) - 1;

fn avoid_minus_one(h: i64) -> Hash {
    if h == -1 { -2 } else { h }
}

/// Hash of string or bytes contents.
pub fn hash_bytes(secret: HashSecret, bytes: &[u8]) -> Hash {
    if bytes.is_empty() {
        return 0;
    }
    let mut hasher = SipHasher13::new_with_keys(secret.0, secret.1);
    hasher.write(bytes);
    avoid_minus_one(hasher.finish() as i64)
}

/// Hash of a small int: its residue modulo 2^61 - 1.
#[inline]
pub fn hash_int(n: i64) -> Hash {
    let r = (n.unsigned_abs() % MODULUS) as i64;
    avoid_minus_one(if n < 0 { -r } else { r })
}

/// Hash of a float (CPython's `_Py_HashDouble`); `identity` stands in for NaN.
pub fn hash_float(x: f64, identity: u64) -> Hash {
    if x.is_infinite() {
        return if x > 0.0 { 314_159 } else { -314_159 };
    }
    if x.is_nan() {
        return avoid_minus_one(identity.rotate_right(4) as i64);
    }
    if x == x.trunc() && x.abs() < 1e18 {
        return hash_int(x as i64);
    }
    let bits = x.abs().to_bits();
    let exponent = (bits >> 52) as i32;
    let (mantissa, e) = if exponent == 0 {
        (bits & ((1 << 52) - 1), -1074)
    } else {
        (bits & ((1 << 52) - 1) | 1 << 52, exponent - 1075)
    };
    // mantissa * 2^e modulo 2^61 - 1: powers of two rotate.
    let r = rotate61(mantissa % MODULUS, e.rem_euclid(61) as u32);
    avoid_minus_one(if x < 0.0 { -(r as i64) } else { r as i64 })
}

fn rotate61(x: u64, by: u32) -> u64 {
    if by == 0 { x } else { (x << by & MODULUS) | x >> (61 - by) }
}

/// Accumulates a tuple hash (CPython's variant of xxHash).
pub struct TupleHasher(u64, u64);

impl TupleHasher {
    const P1: u64 = 11_400_714_785_074_694_791;
    const P2: u64 = 14_029_467_366_897_019_727;
    const P5: u64 = 2_870_177_450_012_600_261;

    /// Nothing yet.
    pub fn new() -> Self {
        TupleHasher(Self::P5, 0)
    }

    /// Adds the hash of an item.
    pub fn add(&mut self, h: Hash) {
        self.0 =
            self.0.wrapping_add((h as u64).wrapping_mul(Self::P2)).rotate_left(31).wrapping_mul(Self::P1);
        self.1 += 1;
    }

    /// The hash.
    pub fn finish(self) -> Hash {
        let h = self.0.wrapping_add(self.1 ^ (Self::P5 ^ 3_527_539)) as i64;
        if h == -1 { 1_546_275_796 } else { h }
    }
}

/// Hash of a frozen set from the hashes of its items, in any order.
pub fn hash_frozenset(items: impl ExactSizeIterator<Item = Hash>) -> Hash {
    let n = items.len() as u64;
    let mix = |h: u64| (h ^ 89_869_747 ^ (h << 16)).wrapping_mul(3_644_798_167);
    let mut acc = items.fold(0u64, |acc, h| acc ^ mix(h as u64));
    acc ^= (n + 1).wrapping_mul(1_927_868_237);
    acc ^= (acc >> 11) ^ (acc >> 25);
    acc = acc.wrapping_mul(69_069).wrapping_add(907_133_923);
    if acc as i64 == -1 { 590_923_713 } else { acc as i64 }
}
