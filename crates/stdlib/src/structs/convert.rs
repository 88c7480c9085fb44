//! Single values to bytes and back.

use super::error;
use super::format::{Field, Layout};
use crate::prelude::{Exc, Owned, PyResult, Ref, Vm, base_value, buffer};
use hognose_vm::object::float::{complex_of, new_complex};
use hognose_vm::object::int::{bigint_of, small_int_of};
use num_bigint::BigInt;
use num_traits::ToPrimitive;

/// Packs all values; `out` is zeros.
pub(super) fn pack_all(vm: &mut Vm, l: &Layout, values: &[Ref<'_>], out: &mut [u8]) -> PyResult<()> {
    let mut values = values.iter();
    for f in l.fields.iter() {
        if matches!(f.code, b's' | b'p') {
            let Some(&v) = values.next() else { break };
            pack_text(vm, f, v, &mut out[f.offset..f.offset + f.count])?;
            continue;
        }
        for i in 0..f.count {
            let Some(&v) = values.next() else { break };
            let at = f.offset + i * f.size;
            pack_one(vm, l, f, v, &mut out[at..at + f.size])?;
        }
    }
    Ok(())
}

fn pack_text(vm: &mut Vm, f: &Field, v: Ref<'_>, out: &mut [u8]) -> PyResult<()> {
    let data = match buffer::plain(vm.heap(), v) {
        Some(b) => vm.new_bytes(b)?,
        None => {
            let code = char::from(f.code);
            return Err(error(vm, &format!("argument for '{code}' must be a bytes object")));
        }
    };
    let bytes = buffer::exact(data.as_ref());
    if f.code == b's' {
        let n = bytes.len().min(out.len());
        out[..n].copy_from_slice(&bytes[..n]);
    } else if let Some((first, rest)) = out.split_first_mut() {
        let n = bytes.len().min(rest.len());
        rest[..n].copy_from_slice(&bytes[..n]);
        *first = n.min(255) as u8;
    }
    Ok(())
}

/// Lowest and highest value of an integer code.
fn range(code: u8, size: usize) -> (i128, i128) {
    let bits = size as u32 * 8;
    if code.is_ascii_uppercase() {
        (0, (1i128 << bits) - 1)
    } else {
        (-(1i128 << (bits - 1)), (1i128 << (bits - 1)) - 1)
    }
}

fn pack_one(vm: &mut Vm, l: &Layout, f: &Field, v: Ref<'_>, out: &mut [u8]) -> PyResult<()> {
    let mut raw = [0u8; 16];
    match f.code {
        b'c' => match buffer::plain(vm.heap(), v) {
            Some(&[b]) => {
                out[0] = b;
                return Ok(());
            }
            _ => return Err(error(vm, "char format requires a bytes object of length 1")),
        },
        b'?' => {
            out[0] = u8::from(vm.is_true(v)?);
            return Ok(());
        }
        b'e' | b'f' | b'd' => pack_float(vm, f.code, v, &mut raw)?,
        b'F' | b'D' => return pack_complex(vm, l, f, v, out),
        _ => {
            let n = integer(vm, f, v)?;
            raw = n.to_le_bytes();
        }
    }
    out.copy_from_slice(&raw[..f.size]);
    if l.big {
        out.reverse();
    }
    Ok(())
}

fn integer(vm: &mut Vm, f: &Field, v: Ref<'_>) -> PyResult<i128> {
    if !hognose_vm::is_int(base_value(v)) && vm.class_of(v).slots().index.is_none() {
        return Err(error(vm, "required argument is not an integer"));
    }
    let n = vm.index(v)?;
    let wide = match small_int_of(n.as_ref()) {
        Some(n) => Some(i128::from(n)),
        None => bigint_of(n.as_ref()).and_then(|n| n.to_i128()),
    };
    if f.code == b'P' {
        // An address of either sign.
        return match wide {
            Some(n) if n >= i128::from(i64::MIN) && n <= i128::from(u64::MAX) => Ok(n),
            _ => Err(vm.overflow_error("int too large to convert to C void *")),
        };
    }
    let (low, high) = range(f.code, f.size);
    match wide {
        Some(n) if low <= n && n <= high => Ok(n),
        _ => {
            let code = char::from(f.code);
            Err(error(vm, &format!("'{code}' format requires {low} <= number <= {high}")))
        }
    }
}

fn as_float(vm: &mut Vm, v: Ref<'_>) -> PyResult<f64> {
    match vm.as_f64(v) {
        Ok(x) => Ok(x),
        Err(e) => {
            vm.discard(e);
            Err(error(vm, "required argument is not a float"))
        }
    }
}

fn pack_float(vm: &mut Vm, code: u8, v: Ref<'_>, raw: &mut [u8; 16]) -> PyResult<()> {
    let x = as_float(vm, v)?;
    match code {
        b'd' => raw[..8].copy_from_slice(&x.to_le_bytes()),
        b'f' => {
            let y = x as f32;
            if y.is_infinite() && x.is_finite() {
                return Err(vm.raise(Exc::OverflowError, "float too large to pack with f format"));
            }
            raw[..4].copy_from_slice(&y.to_le_bytes());
        }
        _ => match half_of(x) {
            Some(h) => raw[..2].copy_from_slice(&h.to_le_bytes()),
            None => return Err(vm.raise(Exc::OverflowError, "float too large to pack with e format")),
        },
    }
    Ok(())
}

fn pack_complex(vm: &mut Vm, l: &Layout, f: &Field, v: Ref<'_>, out: &mut [u8]) -> PyResult<()> {
    let (re, im) = match complex_of(base_value(v)) {
        Some(z) => z,
        None => match vm.as_f64(v) {
            Ok(x) => (x, 0.0),
            Err(e) => {
                vm.discard(e);
                return Err(error(vm, "required argument is not a complex"));
            }
        },
    };
    let half = f.size / 2;
    for (part, x) in out.chunks_mut(half).zip([re, im]) {
        if half == 4 {
            part.copy_from_slice(&(x as f32).to_le_bytes());
        } else {
            part.copy_from_slice(&x.to_le_bytes());
        }
        if l.big {
            part.reverse();
        }
    }
    Ok(())
}

/// The nearest half-precision number, ties to even; `None`: too large.
fn half_of(x: f64) -> Option<u16> {
    let sign = if x.is_sign_negative() { 0x8000u16 } else { 0 };
    if x.is_nan() {
        return Some(sign | 0x7e00);
    }
    let a = x.abs();
    if a.is_infinite() {
        return Some(sign | 0x7c00);
    }
    // Subnormals and zero have units of 2^-24; others 11 significant bits.
    let e = if a < 2f64.powi(-14) { -14 } else { (a.to_bits() >> 52) as i32 - 1023 };
    let unit = 2f64.powi(e - 10);
    let n = (a / unit).round_ties_even();
    let value = n * unit;
    if value >= 65520.0 {
        return None;
    }
    if value < 2f64.powi(-14) {
        return Some(sign | n as u16);
    }
    let e = (value.to_bits() >> 52) as i32 - 1023;
    let m = (value / 2f64.powi(e - 10)) as u16 - 1024;
    if e > 15 {
        return None;
    }
    Some(sign | ((e + 15) as u16) << 10 | m)
}

fn half_to(h: u16) -> f64 {
    let sign = if h & 0x8000 != 0 { -1.0 } else { 1.0 };
    let (e, m) = (i32::from(h >> 10 & 31), f64::from(h & 1023));
    match e {
        31 if m == 0.0 => sign * f64::INFINITY,
        31 => f64::NAN,
        0 => sign * m * 2f64.powi(-24),
        _ => sign * (1024.0 + m) * 2f64.powi(e - 25),
    }
}

/// All values as a tuple.
pub(super) fn unpack_all(vm: &mut Vm, l: &Layout, bytes: &[u8]) -> PyResult {
    let mut out: Vec<Owned> = Vec::new();
    // The tuple takes as much again; a format with a large count must not get past the limit here.
    let room = l.values.saturating_mul(16);
    vm.heap().charge_external(room)?;
    let result = unpack_fields(vm, l, bytes, &mut out);
    vm.heap().discharge_external(room);
    result?;
    vm.new_tuple(out)
}

fn unpack_fields(vm: &mut Vm, l: &Layout, bytes: &[u8], out: &mut Vec<Owned>) -> PyResult<()> {
    for f in l.fields.iter() {
        if matches!(f.code, b's' | b'p') {
            let mut part = &bytes[f.offset..f.offset + f.count];
            if f.code == b'p' {
                part = match part.split_first() {
                    Some((&n, rest)) => &rest[..usize::from(n).min(rest.len())],
                    None => part,
                };
            }
            out.push(vm.new_bytes(part)?);
            continue;
        }
        for i in 0..f.count {
            let at = f.offset + i * f.size;
            let v = unpack_one(vm, l, f, &bytes[at..at + f.size])?;
            out.push(v);
        }
    }
    Ok(())
}

fn unpack_one(vm: &mut Vm, l: &Layout, f: &Field, bytes: &[u8]) -> PyResult {
    let mut raw = [0u8; 16];
    raw[..f.size].copy_from_slice(bytes);
    if l.big {
        if matches!(f.code, b'F' | b'D') {
            raw[..f.size].chunks_mut(f.size / 2).for_each(<[u8]>::reverse);
        } else {
            raw[..f.size].reverse();
        }
    }
    let low = |n: usize| <[u8; 8]>::try_from(&raw[n..n + 8]).unwrap_or_default();
    let single = |n: usize| f64::from(f32::from_le_bytes([raw[n], raw[n + 1], raw[n + 2], raw[n + 3]]));
    match f.code {
        b'c' => vm.new_bytes(&raw[..1]),
        b'?' => Ok(crate::prelude::owned_bool(raw[0] != 0)),
        b'e' => vm.new_float(half_to(u16::from_le_bytes([raw[0], raw[1]]))),
        b'f' => vm.new_float(single(0)),
        b'd' => vm.new_float(f64::from_le_bytes(low(0))),
        b'F' => Ok(new_complex(vm.heap(), single(0), single(4))?),
        b'D' => Ok(new_complex(vm.heap(), f64::from_le_bytes(low(0)), f64::from_le_bytes(low(8)))?),
        code => {
            let n = u64::from_le_bytes(low(0));
            if code.is_ascii_uppercase() {
                return match i64::try_from(n) {
                    Ok(n) => vm.new_int(n),
                    Err(_) => vm.new_bigint(&BigInt::from(n)),
                };
            }
            let shift = 64 - 8 * f.size as u32;
            vm.new_int((n << shift) as i64 >> shift)
        }
    }
}
