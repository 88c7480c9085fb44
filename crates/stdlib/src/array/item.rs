//! Items of arrays by their code: bytes to values and back, with CPython's words for what does not fit.

use crate::prelude::{Exc, PyResult, Raised, Ref, Vm, as_str};
use hognose_vm::object::int::{bigint_of, small_int_of};
use hognose_vm::object::str::push_code_point;
use num_bigint::BigInt;
use num_traits::ToPrimitive;

/// The codes there are.
pub(super) const CODES: &[u8] = b"bBuwhHiIlLqQfd";

/// Bytes of an item.
pub(super) fn width(code: u8) -> usize {
    match code {
        b'b' | b'B' => 1,
        b'h' | b'H' => 2,
        b'i' | b'I' | b'f' | b'u' | b'w' => 4,
        _ => 8,
    }
}

/// Does it hold characters?
pub(super) fn is_text(code: u8) -> bool {
    code == b'u' || code == b'w'
}

/// The value of an item.
pub(super) fn load(vm: &mut Vm, code: u8, bytes: &[u8]) -> PyResult {
    let mut raw = [0; 8];
    raw[..bytes.len()].copy_from_slice(bytes);
    let n = u64::from_le_bytes(raw);
    let unused = 64 - 8 * bytes.len() as u32;
    match code {
        b'f' => vm.new_float(f64::from(f32::from_bits(n as u32))),
        b'd' => vm.new_float(f64::from_bits(n)),
        b'u' | b'w' => {
            if n >= 0x11_0000 {
                let message = format!("character U+{n:x} is not in range [U+0000; U+10ffff]");
                return Err(vm.value_error(&message));
            }
            let mut text = Vec::new();
            push_code_point(&mut text, n as u32);
            vm.new_str_bytes(&text)
        }
        _ if code.is_ascii_lowercase() => vm.new_int((n << unused) as i64 >> unused),
        _ => match i64::try_from(n) {
            Ok(n) => vm.new_int(n),
            Err(_) => vm.new_bigint(&BigInt::from(n)),
        },
    }
}

#[cold]
fn overflow(vm: &mut Vm, message: &str) -> Raised {
    vm.raise(Exc::OverflowError, message)
}

/// The bytes of a value, in the first places.
pub(super) fn store(vm: &mut Vm, code: u8, value: Ref<'_>) -> PyResult<[u8; 8]> {
    let mut raw = [0; 8];
    match code {
        b'f' => raw[..4].copy_from_slice(&(vm.as_f64(value)? as f32).to_le_bytes()),
        b'd' => raw = vm.as_f64(value)?.to_le_bytes(),
        b'u' | b'w' => {
            let Some(s) = as_str(value) else {
                let class = vm.type_name(value);
                let message = format!("array item must be a unicode character, not {class}");
                return Err(vm.type_error(&message));
            };
            if s.char_len() != 1 {
                let n = s.char_len();
                let message = format!("array item must be a unicode character, not a string of length {n}");
                return Err(vm.type_error(&message));
            }
            raw[..4].copy_from_slice(&s.char_at(0).to_le_bytes());
        }
        _ => raw = integer(vm, code, value)?.to_le_bytes(),
    }
    Ok(raw)
}

fn integer(vm: &mut Vm, code: u8, value: Ref<'_>) -> PyResult<u64> {
    let n = vm.index(value)?;
    let wide = match small_int_of(n.as_ref()) {
        Some(n) => Some(i128::from(n)),
        None => bigint_of(n.as_ref()).and_then(|n| n.to_i128()),
    };
    let wide = wide.unwrap_or(if bigint_of(n.as_ref()).is_some_and(|n| n < BigInt::from(0)) {
        i128::MIN
    } else {
        i128::MAX
    });
    let bits = 8 * width(code) as u32;
    let (low, high) = if code.is_ascii_uppercase() {
        (0, (1i128 << bits) - 1)
    } else {
        (-(1i128 << (bits - 1)), (1i128 << (bits - 1)) - 1)
    };
    if low <= wide && wide <= high {
        return Ok(wide as u64);
    }
    let below = wide < low;
    let side = if below { "less than minimum" } else { "greater than maximum" };
    let message = match code {
        b'b' => format!("signed char is {side}"),
        b'B' => format!("unsigned byte integer is {side}"),
        b'h' => format!("signed short integer is {side}"),
        b'H' => format!("unsigned short is {side}"),
        b'i' => format!("signed integer is {side}"),
        b'I' | b'L' if below => "can't convert negative value to unsigned int".into(),
        b'I' => format!("unsigned int is {side}"),
        b'L' => "Python int too large to convert to C unsigned long".into(),
        b'l' => "Python int too large to convert to C long".into(),
        b'Q' if below => "can't convert negative int to unsigned".into(),
        _ => "int too big to convert".into(),
    };
    Err(overflow(vm, &message))
}
