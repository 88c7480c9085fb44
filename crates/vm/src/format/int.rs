//! Ints in all presentations.

use super::float;
use super::layout::{self, Number};
use super::spec::Spec;
use crate::class::base_value;
use crate::text::str_bytes;
use crate::types::str::build::TextBuf;
use crate::{PyResult, Vm};
use hognose_object::{Ref, int};
use num_traits::ToPrimitive;

/// Decimal text of a machine word.
pub struct Decimal {
    buffer: [u8; 20],
    at: usize,
}

impl Decimal {
    /// Converts.
    pub fn new(n: i64) -> Decimal {
        let mut d = Decimal { buffer: [0; 20], at: 20 };
        let mut left = n.unsigned_abs();
        // Two digits a division.
        while left >= 100 {
            d.push_pair((left % 100) as u8);
            left /= 100;
        }
        if left >= 10 {
            d.push_pair(left as u8);
        } else {
            d.push(b'0' + left as u8);
        }
        if n < 0 {
            d.push(b'-');
        }
        d
    }

    #[inline(always)]
    fn push(&mut self, b: u8) {
        self.at -= 1;
        self.buffer[self.at] = b;
    }

    #[inline(always)]
    fn push_pair(&mut self, pair: u8) {
        self.push(b'0' + pair % 10);
        self.push(b'0' + pair / 10);
    }

    /// The text.
    pub fn as_bytes(&self) -> &[u8] {
        &self.buffer[self.at..]
    }
}

/// `int.__format__(value, spec)`
pub fn format_int(vm: &mut Vm, value: Ref<'_>, spec: Ref<'_>) -> PyResult {
    let text = str_bytes(spec);
    if text.is_empty() {
        return vm.str(value);
    }
    let spec = Spec::parse(vm, text, value, b'>', b'd')?;
    match spec.letter() {
        b'd' | b'n' | b'b' | b'o' | b'x' | b'X' | b'c' => {}
        b'e' | b'E' | b'f' | b'F' | b'g' | b'G' | b'%' => {
            let x = vm.as_f64(value)?;
            return float::format_value(vm, x, &spec);
        }
        _ => return Err(spec.unknown_kind(vm, value)),
    }
    if spec.precision.is_some() {
        return Err(vm.value_error("Precision not allowed in integer format specifier"));
    }
    if spec.no_neg_zero {
        return Err(vm.value_error("Negative zero coercion (z) not allowed in integer format specifier"));
    }
    let mut out = TextBuf::new();
    if spec.letter() == b'c' {
        write_char(vm, &mut out, value, &spec)?;
    } else {
        let digits = Digits::new(vm, value, spec.letter())?;
        let prefix = if spec.alternate { digits.prefix } else { "" };
        let number = Number { negative: digits.negative, prefix, digits: &digits.text, ..Number::default() };
        layout::write(vm, &mut out, &number, &spec)?;
    }
    out.to_str(vm)
}

/// The digits of an int in the base of a presentation type.
pub struct Digits {
    /// Below zero?
    pub negative: bool,
    /// What `#` puts before them.
    pub prefix: &'static str,
    /// The magnitude.
    pub text: String,
}

impl Digits {
    /// Converts an int (or subclass).
    pub fn new(vm: &mut Vm, value: Ref<'_>, kind: u8) -> PyResult<Digits> {
        let (base, prefix) = match kind {
            b'b' => (2, "0b"),
            b'o' => (8, "0o"),
            b'x' => (16, "0x"),
            b'X' => (16, "0X"),
            _ => (10, ""),
        };
        let value = base_value(value);
        let mut text = match int::small_int_of(value) {
            Some(n) => {
                let (negative, n) = (n < 0, n.unsigned_abs());
                let text = match base {
                    2 => format!("{n:b}"),
                    8 => format!("{n:o}"),
                    16 => format!("{n:x}"),
                    _ => n.to_string(),
                };
                return Ok(Digits { negative, prefix, text: Self::cased(text, kind) });
            }
            // The conversion to decimal is limited; its owner knows how.
            None if base == 10 => {
                let text = vm.repr(value)?;
                String::from_utf8_lossy(str_bytes(text.as_ref())).into_owned()
            }
            None => int::bigint_of(value).unwrap_or_default().to_str_radix(base),
        };
        let negative = text.starts_with('-');
        if negative {
            text.remove(0);
        }
        Ok(Digits { negative, prefix, text: Self::cased(text, kind) })
    }

    fn cased(text: String, kind: u8) -> String {
        if kind == b'X' { text.to_uppercase() } else { text }
    }
}

fn write_char(vm: &mut Vm, out: &mut TextBuf, value: Ref<'_>, spec: &Spec) -> PyResult<()> {
    if spec.sign != 0 {
        return Err(vm.value_error("Sign not allowed with integer format specifier 'c'"));
    }
    if spec.alternate {
        return Err(vm.value_error("Alternate form (#) not allowed with integer format specifier 'c'"));
    }
    let n = int::bigint_of(base_value(value)).unwrap_or_default();
    let Some(n) = n.to_i64() else {
        return Err(vm.overflow_error("Python int too large to convert to C long"));
    };
    if !(0..0x11_0000).contains(&n) {
        return Err(vm.overflow_error("%c arg not in range(0x110000)"));
    }
    let missing = spec.width.unwrap_or(0).saturating_sub(1);
    let [left, inside, right] = layout::padding(spec.align, missing);
    let fill = layout::fill_bytes(spec.fill);
    out.repeat(vm, &fill, left + inside)?;
    out.push_char(vm, n as u32)?;
    out.repeat(vm, &fill, right)
}
