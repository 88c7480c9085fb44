//! Floats and complex numbers in all presentations.
//!
//! Digits come from the standard library, which rounds the exact binary value half to even; beyond what a double can
//! hold they are zeros, which are counted and not made.

use super::layout::{self, Number};
use super::quick;
use super::spec::Spec;
use crate::class::base_value;
use crate::text::str_bytes;
use crate::types::str::build::TextBuf;
use crate::{PyResult, Vm};
use hognose_object::Ref;
use hognose_object::float::{complex_of, float_of};

/// More digits than any double has, before or behind the point.
const DIGITS_MAX: usize = 1200;

/// A magnitude as text.
#[derive(Default)]
pub struct FloatText {
    digits: String,
    point: bool,
    fraction: String,
    zeros: usize,
    rest: String,
}

/// How to write a float: CPython's `PyOS_double_to_string`.
#[derive(Clone, Copy)]
pub struct Style {
    /// `e`, `f`, `g` or `r`, or the upper case letter.
    pub kind: u8,
    /// Digits behind the point, or significant ones; nothing for `r`.
    pub precision: usize,
    /// `#`
    pub alternate: bool,
    /// Does an integral value get `.0`?
    pub dot_zero: bool,
}

impl FloatText {
    /// The magnitude of `x`.
    pub fn new(x: f64, style: Style) -> FloatText {
        let mut text = if x.is_nan() {
            FloatText { rest: "nan".into(), ..FloatText::default() }
        } else if x.is_infinite() {
            FloatText { rest: "inf".into(), ..FloatText::default() }
        } else {
            finite(x.abs(), style)
        };
        if style.kind.is_ascii_uppercase() {
            text.rest.make_ascii_uppercase();
        }
        text
    }

    /// Only zeros?
    fn is_zero(&self) -> bool {
        let zero = |s: &str| s.bytes().all(|b| b == b'0');
        !self.digits.is_empty() && zero(&self.digits) && zero(&self.fraction)
    }

    /// As a number to lay out.
    pub fn number(&self, negative: bool) -> Number<'_> {
        Number {
            negative,
            prefix: "",
            digits: &self.digits,
            point: self.point,
            fraction: &self.fraction,
            zeros: self.zeros,
            rest: &self.rest,
        }
    }

    /// The whole as plain text, zeros that were not made left out.
    pub fn plain(&self) -> (String, usize) {
        let point = if self.point { "." } else { "" };
        (format!("{}{point}{}", self.digits, self.fraction), self.zeros)
    }

    /// What follows the digits.
    pub fn rest(&self) -> &str {
        &self.rest
    }

    fn set_fraction(&mut self, fraction: &str, alternate: bool) {
        self.fraction = fraction.into();
        self.point = !fraction.is_empty() || self.zeros > 0 || alternate;
    }
}

fn finite(x: f64, style: Style) -> FloatText {
    match style.kind.to_ascii_lowercase() {
        b'e' => scientific(x, style),
        b'f' => fixed(x, style.precision, style.alternate),
        b'g' => general(x, style),
        _ => shortest(x, style),
    }
}

/// `x` with `places` decimals where exact integer arithmetic gives them (see [`quick::scaled`]).
fn fixed_text(x: f64, places: usize) -> Option<String> {
    let n = quick::scaled(x, places)?;
    let unit = 10u128.pow(places as u32);
    let sign = if x.is_sign_negative() { "-" } else { "" };
    let (Ok(whole), Ok(part)) = (u64::try_from(n / unit), u64::try_from(n % unit)) else { return None };
    Some(if places == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part:0places$}") })
}

fn fixed(x: f64, precision: usize, alternate: bool) -> FloatText {
    let made = precision.min(DIGITS_MAX);
    let text = fixed_text(x, made).unwrap_or_else(|| format!("{x:.made$}"));
    let (digits, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let mut out = FloatText { digits: digits.into(), zeros: precision - made, ..FloatText::default() };
    out.set_fraction(fraction, alternate);
    out
}

/// Digits and exponent.
fn exponential(x: f64, precision: usize) -> (String, i32) {
    let text = format!("{x:.precision$e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    (mantissa.replace('.', ""), exponent.parse().unwrap_or(0))
}

fn exponent_text(e: i32) -> String {
    format!("e{}{:02}", if e < 0 { '-' } else { '+' }, e.abs())
}

fn scientific(x: f64, style: Style) -> FloatText {
    let made = style.precision.min(DIGITS_MAX);
    let (digits, e) = exponential(x, made);
    let mut out = FloatText { digits: digits[..1].into(), ..FloatText::default() };
    out.zeros = style.precision - made;
    out.rest = exponent_text(e);
    out.set_fraction(&digits[1..], style.alternate);
    out
}

fn general(x: f64, style: Style) -> FloatText {
    let precision = style.precision.max(1);
    let made = precision.min(DIGITS_MAX);
    let (digits, e) = exponential(x, made - 1);
    let limit = precision as i64 - i64::from(style.dot_zero);
    let zeros = if style.alternate { precision - made } else { 0 };
    let kept = if style.alternate { &digits[..] } else { digits.trim_end_matches('0') };
    place_point(kept, e, i64::from(e) < -4 || i64::from(e) + 1 > limit, zeros, style)
}

fn shortest(x: f64, style: Style) -> FloatText {
    let text = format!("{x:e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let e: i32 = exponent.parse().unwrap_or(0);
    let digits = mantissa.replace('.', "");
    place_point(digits.trim_end_matches('0'), e, !(-4..16).contains(&e), 0, style)
}

/// Significant digits with their point: `d.ddde+XX`, or positional.
fn place_point(digits: &str, e: i32, scientific: bool, zeros: usize, style: Style) -> FloatText {
    let digits = if digits.is_empty() { "0" } else { digits };
    let mut out = FloatText { zeros, ..FloatText::default() };
    if scientific {
        out.digits = digits[..1].into();
        out.rest = exponent_text(e);
        out.set_fraction(&digits[1..], style.alternate);
        return out;
    }
    if e < 0 {
        out.digits = "0".into();
        let fraction = format!("{}{digits}", "0".repeat((-e - 1) as usize));
        out.set_fraction(&fraction, style.alternate);
        return out;
    }
    let whole = e as usize + 1;
    if digits.len() <= whole {
        out.digits = format!("{digits:0<whole$}");
        out.set_fraction(if style.dot_zero { "0" } else { "" }, style.alternate);
    } else {
        out.digits = digits[..whole].into();
        out.set_fraction(&digits[whole..], style.alternate);
    }
    out
}

/// `float.__format__(value, spec)`
pub fn format_float(vm: &mut Vm, value: Ref<'_>, spec: Ref<'_>) -> PyResult {
    let text = str_bytes(spec);
    if text.is_empty() {
        return vm.str(value);
    }
    let spec = Spec::parse(vm, text, value, b'>', 0)?;
    match spec.letter() {
        0 | b'e' | b'E' | b'f' | b'F' | b'g' | b'G' | b'n' | b'%' => {}
        _ => return Err(spec.unknown_kind(vm, value)),
    }
    let x = float_of(base_value(value)).unwrap_or(0.0);
    format_value(vm, x, &spec)
}

/// A float as a specification with a float type says.
pub fn format_value(vm: &mut Vm, x: f64, spec: &Spec) -> PyResult {
    let precision = checked_precision(vm, spec)?;
    if let (b'f', Some(p @ 0..=100), true) = (spec.letter(), precision, spec.is_bare() && x.is_finite()) {
        let text = fixed_text(x, p).unwrap_or_else(|| format!("{x:.p$}"));
        return vm.new_str(&text);
    }
    let (percent, x) = if spec.letter() == b'%' { (true, x * 100.0) } else { (false, x) };
    let style = match spec.letter() {
        0 => Style { kind: b'r', precision: 0, alternate: spec.alternate, dot_zero: true },
        b'n' => Style { kind: b'g', precision: 6, alternate: spec.alternate, dot_zero: false },
        b'%' => Style { kind: b'f', precision: 6, alternate: spec.alternate, dot_zero: false },
        kind => Style { kind, precision: 6, alternate: spec.alternate, dot_zero: false },
    };
    let mut text = FloatText::new(x, with_precision(style, precision));
    if percent {
        text.rest.push('%');
    }
    let negative = x.is_sign_negative() && !x.is_nan() && !(spec.no_neg_zero && text.is_zero());
    let mut out = TextBuf::new();
    layout::write(vm, &mut out, &text.number(negative), spec)?;
    out.to_str(vm)
}

fn with_precision(style: Style, precision: Option<usize>) -> Style {
    match precision {
        Some(precision) if style.kind == b'r' => Style { kind: b'g', precision, ..style },
        Some(precision) => Style { precision, ..style },
        None => style,
    }
}

fn checked_precision(vm: &mut Vm, spec: &Spec) -> PyResult<Option<usize>> {
    if spec.precision.is_some_and(|p| p > i32::MAX as usize) {
        return Err(vm.value_error("precision too big"));
    }
    Ok(spec.precision)
}

/// `complex.__format__(value, spec)`
pub fn format_complex(vm: &mut Vm, value: Ref<'_>, spec: Ref<'_>) -> PyResult {
    let text = str_bytes(spec);
    if text.is_empty() {
        return vm.str(value);
    }
    let spec = Spec::parse(vm, text, value, b'>', 0)?;
    match spec.letter() {
        0 | b'e' | b'E' | b'f' | b'F' | b'g' | b'G' | b'n' => {}
        _ => return Err(spec.unknown_kind(vm, value)),
    }
    let precision = checked_precision(vm, &spec)?;
    if spec.fill == u32::from(b'0') {
        return Err(vm.value_error("Zero padding is not allowed in complex format specifier"));
    }
    if spec.align == b'=' {
        return Err(vm.value_error("'=' alignment flag is not allowed in complex format specifier"));
    }
    let (re, im) = complex_of(base_value(value)).unwrap_or((0.0, 0.0));
    let bare = spec.letter() == 0;
    let kind = match spec.letter() {
        0 => b'r',
        b'n' => b'g',
        kind => kind,
    };
    let style =
        Style { kind, precision: if bare { 0 } else { 6 }, alternate: spec.alternate, dot_zero: false };
    let style = with_precision(style, precision);
    let skip_re = bare && re == 0.0 && re.is_sign_positive();
    let part_spec = Spec { width: None, fill: 32, align: b'<', ..spec.clone() };
    let mut out = TextBuf::new();
    if bare && !skip_re {
        out.push(vm, b"(")?;
    }
    let mut part = |vm: &mut Vm, x: f64, sign: u8| {
        let text = FloatText::new(x, style);
        let negative = x.is_sign_negative() && !x.is_nan() && !(spec.no_neg_zero && text.is_zero());
        let spec = Spec { sign, ..part_spec.clone() };
        layout::write(vm, &mut out, &text.number(negative), &spec)
    };
    if !skip_re {
        part(vm, re, spec.sign)?;
    }
    part(vm, im, if skip_re { spec.sign } else { b'+' })?;
    out.push(vm, if bare && !skip_re { b"j)" } else { b"j" })?;
    super::string::pad(vm, out.as_bytes(), &spec)
}
