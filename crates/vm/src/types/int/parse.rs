//! `int(x, base)`: the constructor, reading digits in any base, and text of ints in any base.
//!
//! Digits: one `_` may stand between two digits (and after a prefix), Unicode decimal digits count as ASCII ones.
//! Bases that are not powers of two are limited by `sys.set_int_max_str_digits`, since they cost more than linear time.

use super::number::{Num, charged, give, num_of};
use crate::args::Args;
use crate::class::{TypeRef, base_value};
use crate::text::as_str;
use crate::{PyResult, Raised, Vm};
use hognose_object::bytes::bytes_of;
use hognose_object::str::StrRef;
use hognose_object::{Layout, Owned, Ref, ValueExt};
use num_bigint::BigInt;

/// `sys.get_int_max_str_digits()`; 0: no limit.
pub struct IntMaxStrDigits(pub usize);

impl Default for IntMaxStrDigits {
    fn default() -> Self {
        IntMaxStrDigits(4300)
    }
}

/// Numbers with fewer digits are never refused.
const ALWAYS_ALLOWED: usize = 640;

/// The `__new__` slot.
pub(crate) fn new(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let class =
        TypeRef::new(args.get(0)).ok_or_else(|| vm.type_error("int.__new__(X): X is not a type object"))?;
    if class == vm.types().bool {
        return Err(vm.type_error("int.__new__(bool) is not safe, use bool.__new__()"));
    }
    let given = args.rest(1);
    if given.len() > 2 {
        if args.kwnames.is_empty() {
            let n = given.len();
            return Err(vm.type_error(&format!("int expected at most 2 arguments, got {n}")));
        }
        let n = given.len() + args.kwnames.len();
        return Err(vm.type_error(&format!("int() takes at most 2 arguments ({n} given)")));
    }
    for name in args.kwnames {
        if crate::text::str_bytes(*name) != b"base" {
            let name = vm.text_of(*name);
            return Err(vm.unknown_keyword("int", &name, ["base"].into_iter()));
        }
    }
    let base = given.get(1).copied().or_else(|| args.kw("base"));
    let value = match (given.first(), base) {
        (None, None) => vm.new_int(0)?,
        (None, Some(_)) => return Err(vm.type_error("int() missing string argument")),
        (Some(x), None) => to_int(vm, *x)?,
        (Some(x), Some(base)) => {
            let base = vm.index_isize(base, true)?;
            if base != 0 && !(2..=36).contains(&base) {
                return Err(vm.value_error("int() base must be >= 2 and <= 36, or 0"));
            }
            match text_argument(vm, *x)? {
                Some(text) => parse_text(vm, *x, &text, base as u32)?,
                None => return Err(vm.type_error("int() can't convert non-string with explicit base")),
            }
        }
    };
    vm.wrap_new(class, value)
}

/// `int(x)`
pub(crate) fn to_int(vm: &mut Vm, x: Ref<'_>) -> PyResult {
    let class = vm.class_of(x);
    if class == vm.types().int {
        return Ok(x.owned());
    }
    if let Some(f) = class.slots().int {
        let n = f(vm, x)?;
        if num_of(n.as_ref()).is_none() {
            let got = vm.type_name(n.as_ref());
            return Err(vm.type_error(&format!("__int__ returned non-int (type {got})")));
        }
        return plain(vm, n.as_ref());
    }
    if class.slots().index.is_some() {
        return vm.index(x);
    }
    if let Some(text) = text_argument(vm, x)? {
        return parse_text(vm, x, &text, 10);
    }
    let name = class.name();
    Err(vm.type_error(&format!(
        "int() argument must be a string, a bytes-like object or a real number, not '{name}'"
    )))
}

/// The exact int behind an int, bool or instance of a subclass.
pub(crate) fn plain(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    match num_of(r) {
        Some(Num::Small(n)) => vm.new_int(n),
        Some(Num::Big(_)) => Ok(base_value(r).owned()),
        None => vm.index(r),
    }
}

/// Text to be parsed as a number: of a str with digits and spaces of other scripts made ASCII, or of bytes.
pub(crate) fn text_argument(vm: &mut Vm, x: Ref<'_>) -> PyResult<Option<Vec<u8>>> {
    if let Some(s) = as_str(x) {
        return Ok(Some(ascii_number_text(s)));
    }
    let v = base_value(x);
    if let Some(b) = bytes_of(v) {
        return Ok(Some(b.to_vec()));
    }
    if x.has_layout(Layout::ByteArray) || vm.class_of(x).name() == "memoryview" {
        let bytes = vm.types().bytes;
        let copy = vm.call(bytes.as_ref(), &[x])?;
        return Ok(bytes_of(copy.as_ref()).map(<[u8]>::to_vec));
    }
    Ok(None)
}

fn ascii_number_text(s: StrRef<'_>) -> Vec<u8> {
    if s.is_ascii() {
        return s.as_bytes().to_vec();
    }
    s.chars()
        .map(|c| match c {
            0..0x80 => c as u8,
            _ => match decimal_digit(c) {
                Some(d) => b'0' + d,
                None if char::from_u32(c).is_some_and(char::is_whitespace) => b' ',
                None => b'?',
            },
        })
        .collect()
}

/// The value of a Unicode decimal digit outside ASCII. Decimal digits come in runs of ten from zero to nine.
pub(crate) fn decimal_digit(c: u32) -> Option<u8> {
    /// First code points of the runs.
    const ZEROS: &[u32] = &[
        0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50,
        0xed0, 0xf20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0, 0x1c40,
        0x1c50, 0xa620, 0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10, 0x104a0, 0x10d30, 0x10d40,
        0x11066, 0x110f0, 0x11136, 0x111d0, 0x112f0, 0x11450, 0x114d0, 0x11650, 0x116c0, 0x116d0, 0x116da,
        0x11730, 0x118e0, 0x11950, 0x11bf0, 0x11c50, 0x11d50, 0x11da0, 0x11f50, 0x16130, 0x16a60, 0x16ac0,
        0x16b50, 0x16d70, 0x1ccf0, 0x1d7ce, 0x1d7d8, 0x1d7e2, 0x1d7ec, 0x1d7f6, 0x1e140, 0x1e2f0, 0x1e4f0,
        0x1e5f1, 0x1e950, 0x1fbf0,
    ];
    let at = ZEROS.partition_point(|&z| z <= c);
    let zero = *ZEROS.get(at.checked_sub(1)?)?;
    (c - zero < 10).then_some((c - zero) as u8)
}

fn is_space(b: &u8) -> bool {
    matches!(b, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c)
}

/// Without white space around it.
pub(crate) fn trim(text: &[u8]) -> &[u8] {
    let start = text.iter().position(|b| !is_space(b)).unwrap_or(text.len());
    let end = text.iter().rposition(|b| !is_space(b)).map_or(start, |i| i + 1);
    &text[start..end]
}

fn parse_text(vm: &mut Vm, source: Ref<'_>, text: &[u8], base: u32) -> PyResult {
    match digits_of(text, base) {
        Some((negative, digits, base)) => from_digits(vm, negative, digits, base),
        None => {
            let shown = vm.repr_text(source)?;
            // CPython shows at most 200 characters.
            let shown: String = shown.chars().take(200).collect();
            Err(vm.value_error(&format!("invalid literal for int() with base {base}: {shown}")))
        }
    }
}

/// Sign, digit values (high to low, without underscores) and base; `None` when malformed.
fn digits_of(text: &[u8], base: u32) -> Option<(bool, Vec<u8>, u32)> {
    let mut text = trim(text);
    let negative = text.first() == Some(&b'-');
    if matches!(text.first(), Some(b'+' | b'-')) {
        text = &text[1..];
    }
    let prefix = match text {
        [b'0', b'x' | b'X', ..] => 16,
        [b'0', b'o' | b'O', ..] => 8,
        [b'0', b'b' | b'B', ..] => 2,
        _ => 0,
    };
    let mut base = base;
    let mut zero_only = false;
    if base == 0 {
        base = if prefix == 0 { 10 } else { prefix };
        zero_only = prefix == 0 && text.first() == Some(&b'0');
    }
    if prefix == base {
        text = &text[2..];
        if text.first() == Some(&b'_') {
            text = &text[1..];
        }
    }
    let mut digits = Vec::with_capacity(text.len());
    let mut after_digit = false;
    for &b in text {
        if b == b'_' && after_digit {
            after_digit = false;
            continue;
        }
        digits.push((b as char).to_digit(base)? as u8);
        after_digit = true;
    }
    let bad_zero = zero_only && digits.iter().any(|&d| d != 0);
    (after_digit && !bad_zero).then_some((negative, digits, base))
}

fn from_digits(vm: &mut Vm, negative: bool, digits: Vec<u8>, base: u32) -> PyResult {
    if digits.len() <= 18 && base <= 10 || digits.len() <= 11 {
        let n = digits.iter().fold(0i64, |n, &d| n * i64::from(base) + i64::from(d));
        return vm.new_int(if negative { -n } else { n });
    }
    if !base.is_power_of_two() {
        let limit = vm.state::<IntMaxStrDigits>().0;
        if limit > 0 && digits.len() > limit && digits.len() > ALWAYS_ALLOWED {
            let n = digits.len();
            return Err(vm.value_error(&format!(
                "Exceeds the limit ({limit} digits) for integer string conversion: value has {n} digits; \
                 use sys.set_int_max_str_digits() to increase the limit"
            )));
        }
    }
    let bits = (digits.len() as f64 * f64::from(base).log2()) as u64 + 1;
    let n = charged(vm, bits, || {
        let sign = if negative { num_bigint::Sign::Minus } else { num_bigint::Sign::Plus };
        from_radix(&digits, base).map(|n| BigInt::from_biguint(sign, n))
    })?;
    give(vm, &n.unwrap_or_default())
}

/// Digits as a number, by halves so that long numbers take less than quadratic time.
fn from_radix(digits: &[u8], base: u32) -> Option<num_bigint::BigUint> {
    if digits.len() <= 2000 || base.is_power_of_two() {
        return num_bigint::BigUint::from_radix_be(digits, base);
    }
    let (high, low) = digits.split_at(digits.len() / 2);
    let scale = num_bigint::BigUint::from(base).pow(u32::try_from(low.len()).ok()?);
    Some(from_radix(high, base)? * scale + from_radix(low, base)?)
}

/// Decimal text; ValueError when it is longer than allowed.
pub(crate) fn decimal(vm: &mut Vm, n: &Num) -> PyResult<String> {
    let n = match n {
        Num::Small(n) => return Ok(n.to_string()),
        Num::Big(n) => n,
    };
    let limit = vm.state::<IntMaxStrDigits>().0;
    // 3 bits are less than a digit: a cheap test first, then the exact one.
    if limit > 0 && n.bits() > 3 * limit.max(ALWAYS_ALLOWED) as u64 {
        let least = (n.bits() - 1) as f64 * std::f64::consts::LOG10_2;
        if least > limit as f64 + 1.0 {
            return Err(too_long(vm, limit));
        }
    }
    let text = charged(vm, n.bits().saturating_mul(3), || n.to_str_radix(10))?;
    let digits = text.trim_start_matches('-').len();
    if limit > 0 && digits > limit && digits > ALWAYS_ALLOWED {
        return Err(too_long(vm, limit));
    }
    Ok(text)
}

fn too_long(vm: &mut Vm, limit: usize) -> Raised {
    vm.value_error(&format!(
        "Exceeds the limit ({limit} digits) for integer string conversion; \
         use sys.set_int_max_str_digits() to increase the limit"
    ))
}

/// `hex()`, `oct()` and `bin()`: text with a prefix.
pub(crate) fn prefixed(vm: &mut Vm, r: Ref<'_>, prefix: &str, base: u32) -> PyResult {
    let n = vm.index(r)?;
    let n = num_of(n.as_ref()).unwrap_or(Num::Small(0)).big();
    let bits = n.bits().saturating_mul(8);
    let digits = charged(vm, bits, || n.magnitude().to_str_radix(base))?;
    let sign = if n.sign() == num_bigint::Sign::Minus { "-" } else { "" };
    vm.new_str(&format!("{sign}{prefix}{digits}"))
}

/// Text of an immediate int.
pub(crate) fn small_repr(vm: &Vm, n: i64) -> PyResult<Owned> {
    vm.new_ascii(crate::format::int::Decimal::new(n).as_bytes())
}
