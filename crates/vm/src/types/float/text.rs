//! Floats and text: the constructor, decimal and hexadecimal notation.

use super::plain;
use crate::args::Args;
use crate::class::TypeRef;
use crate::text::as_str;
use crate::types::int::number::{decompose, scale};
use crate::types::int::parse::{text_argument, trim};
use crate::{PyResult, Raised, Vm};
use hognose_object::Ref;
use hognose_object::float::{float_of, float_repr};

/// The `__new__` slot.
pub(super) fn new(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let class =
        TypeRef::new(args.get(0)).ok_or_else(|| vm.type_error("float.__new__(X): X is not a type object"))?;
    if !args.kwnames.is_empty() {
        return Err(vm.type_error("float() takes no keyword arguments"));
    }
    let value = match args.rest(1) {
        [] => vm.new_float(0.0)?,
        [x] => to_float(vm, *x)?,
        more => return Err(vm.type_error(&format!("float expected at most 1 argument, got {}", more.len()))),
    };
    vm.wrap_new(class, value)
}

/// `float(x)`
pub(crate) fn to_float(vm: &mut Vm, x: Ref<'_>) -> PyResult {
    let class = vm.class_of(x);
    if class == vm.types().float {
        return Ok(x.owned());
    }
    if class.slots().float.is_none() && class.slots().index.is_none() {
        if let Some(text) = text_argument(vm, x)? {
            return match parse_decimal(&text) {
                Some(n) => vm.new_float(n),
                None => {
                    let shown = vm.repr_text(x)?;
                    Err(vm.value_error(&format!("could not convert string to float: {shown}")))
                }
            };
        }
        let name = class.name();
        return Err(
            vm.type_error(&format!("float() argument must be a string or a real number, not '{name}'"))
        );
    }
    if float_of(crate::class::base_value(x)).is_some() && !class.is_heap_type() {
        return plain(vm, x);
    }
    let n = vm.as_f64(x)?;
    vm.new_float(n)
}

/// Decimal text with spaces around it; `None` when malformed. An underscore must stand between two digits.
pub(crate) fn parse_decimal(text: &[u8]) -> Option<f64> {
    let text = trim(text);
    if !text.contains(&b'_') {
        return std::str::from_utf8(text).ok()?.parse().ok();
    }
    let mut plain = String::with_capacity(text.len());
    for (i, &b) in text.iter().enumerate() {
        if b != b'_' {
            plain.push(b as char);
            continue;
        }
        let digit = |at: Option<usize>| at.and_then(|at| text.get(at)).is_some_and(u8::is_ascii_digit);
        if !digit(i.checked_sub(1)) || !digit(Some(i + 1)) {
            return None;
        }
    }
    plain.parse().ok()
}

/// `x.hex()`
pub(super) fn hex(x: f64) -> String {
    if !x.is_finite() {
        return float_repr(x);
    }
    let sign = if x.is_sign_negative() { "-" } else { "" };
    if x == 0.0 {
        return format!("{sign}0x0.0p+0");
    }
    let (m, e) = decompose(x);
    format!("{sign}0x{}.{:013x}p{:+}", m >> 52, m & ((1 << 52) - 1), e + 52)
}

/// `float.fromhex(text)`
pub(super) fn fromhex(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let Some(text) = as_str(args.get(1)) else {
        return Err(vm.type_error("bad argument type for built-in operation"));
    };
    let x = match parse_hex(text.as_bytes()) {
        Some(x) => x,
        None => return Err(vm.value_error("invalid hexadecimal floating-point string")),
    };
    let Some(x) = x else { return Err(too_large(vm)) };
    let x = vm.new_float(x)?;
    match TypeRef::new(args.get(0)) {
        Some(class) if class != vm.types().float => vm.call(class.as_ref(), &[x.as_ref()]),
        _ => Ok(x),
    }
}

fn too_large(vm: &mut Vm) -> Raised {
    vm.overflow_error("hexadecimal value too large to represent as a float")
}

/// Hexadecimal text: `None` malformed, `Some(None)` too large.
fn parse_hex(text: &[u8]) -> Option<Option<f64>> {
    let mut text = trim(text);
    let negative = text.first() == Some(&b'-');
    if matches!(text.first(), Some(b'+' | b'-')) {
        text = &text[1..];
    }
    let signed = |x: f64| Some(Some(if negative { -x } else { x }));
    match text.to_ascii_lowercase().as_slice() {
        b"inf" | b"infinity" => return signed(f64::INFINITY),
        b"nan" => return signed(f64::NAN),
        _ => {}
    }
    if matches!(text, [b'0', b'x' | b'X', ..]) {
        text = &text[2..];
    }
    let (digits, exponent) = match text.iter().position(|b| matches!(b, b'p' | b'P')) {
        Some(at) => (&text[..at], parse_exponent(&text[at + 1..])?),
        None => (text, 0),
    };
    let (mut m, mut sticky, mut e, mut seen, mut point) = (0u64, false, exponent, false, false);
    for &b in digits {
        if b == b'.' && !point {
            point = true;
            continue;
        }
        let d = u64::from((b as char).to_digit(16)?);
        seen = true;
        if m < 1 << 59 {
            m = m << 4 | d;
        } else {
            sticky |= d != 0;
            e = e.saturating_add(4);
        }
        if point {
            e = e.saturating_sub(4);
        }
    }
    if !seen {
        return None;
    }
    let x = scale(m, sticky, e);
    if x.is_infinite() { Some(None) } else { signed(x) }
}

fn parse_exponent(text: &[u8]) -> Option<i64> {
    let negative = text.first() == Some(&b'-');
    let digits = if matches!(text.first(), Some(b'+' | b'-')) { &text[1..] } else { text };
    if digits.is_empty() {
        return None;
    }
    let mut e = 0i64;
    for &b in digits {
        e = (e * 10 + i64::from((b as char).to_digit(10)?)).min(1 << 50);
    }
    Some(if negative { -e } else { e })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimal() {
        assert_eq!(parse_decimal(b"  1_0.5e3 "), Some(10500.0));
        assert_eq!(parse_decimal(b"1__0"), None);
        assert_eq!(parse_decimal(b"1._5"), None);
        assert_eq!(parse_decimal(b"-Infinity"), Some(f64::NEG_INFINITY));
        assert_eq!(parse_decimal(b""), None);
    }

    #[test]
    fn hexadecimal() {
        assert_eq!(hex(1.5), "0x1.8000000000000p+0");
        assert_eq!(hex(5e-324), "0x0.0000000000001p-1022");
        assert_eq!(parse_hex(b" 0x1.8p3 "), Some(Some(12.0)));
        assert_eq!(parse_hex(b"0x1p5000"), Some(None));
        assert_eq!(parse_hex(b"0x.8"), Some(Some(0.5)));
        assert_eq!(parse_hex(b"0xp3"), None);
    }
}
