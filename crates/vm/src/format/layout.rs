//! Putting a number together:
//!
//!   | fill | sign | prefix | fill (=) | digits, grouped | . | fraction, grouped | rest | fill |

use super::spec::{Grouping, Spec};
use crate::types::str::build::TextBuf;
use crate::{PyResult, Vm};
use hognose_object::str::push_code_point;

/// A number taken apart.
#[derive(Default)]
pub struct Number<'a> {
    /// Is it negative?
    pub negative: bool,
    /// `0x` and the like.
    pub prefix: &'a str,
    /// Digits before the point.
    pub digits: &'a str,
    /// Is there a point?
    pub point: bool,
    /// Digits behind the point.
    pub fraction: &'a str,
    /// Zeros behind those.
    pub zeros: usize,
    /// Exponent, percent sign, or text that is no number.
    pub rest: &'a str,
}

/// WTF-8 of a fill character.
pub fn fill_bytes(c: u32) -> Vec<u8> {
    let mut out = Vec::with_capacity(4);
    push_code_point(&mut out, c);
    out
}

/// How padding is split: left, inside (`=`), right.
pub fn padding(align: u8, missing: usize) -> [usize; 3] {
    match align {
        b'<' => [0, 0, missing],
        b'^' => [missing / 2, 0, missing - missing / 2],
        b'=' => [0, missing, 0],
        _ => [missing, 0, 0],
    }
}

/// Appends the number as the specification says.
pub fn write(vm: &Vm, out: &mut TextBuf, n: &Number<'_>, spec: &Spec) -> PyResult<()> {
    let sign: &[u8] = match spec.sign {
        _ if n.negative => b"-",
        b'+' => b"+",
        b' ' => b" ",
        _ => b"",
    };
    let frac_digits = n.fraction.len().saturating_add(n.zeros);
    let frac_len = match spec.frac_grouping {
        Grouping::No => frac_digits,
        _ => frac_digits.saturating_add(frac_digits.saturating_sub(1) / 3),
    };
    let fixed = sign.len() + n.prefix.len() + usize::from(n.point) + n.rest.len();
    let fixed = fixed.saturating_add(frac_len);
    let width = spec.width.unwrap_or(0);
    let zero_filled = spec.fill == u32::from(b'0') && spec.align == b'=';
    let grouped = match spec.grouping.separator() {
        Some(separator) if !n.digits.is_empty() => {
            let least = if zero_filled { width.saturating_sub(fixed) } else { 0 };
            // The limit speaks before the work.
            out.reserve(vm, least)?;
            Some(group(n.digits, least, separator, spec.grouping.size()))
        }
        _ => None,
    };
    let digits = grouped.as_deref().unwrap_or(n.digits.as_bytes());
    let [left, inside, right] = padding(spec.align, width.saturating_sub(fixed.saturating_add(digits.len())));
    let fill = fill_bytes(spec.fill);
    out.repeat(vm, &fill, left)?;
    out.push(vm, sign)?;
    out.push(vm, n.prefix.as_bytes())?;
    out.repeat(vm, &fill, inside)?;
    out.push(vm, digits)?;
    if n.point {
        out.push(vm, b".")?;
    }
    match spec.frac_grouping.separator() {
        None => {
            out.push(vm, n.fraction.as_bytes())?;
            out.repeat(vm, b"0", n.zeros)?;
        }
        Some(separator) => {
            out.reserve(vm, frac_len)?;
            for i in 0..frac_digits {
                if i > 0 && i % 3 == 0 {
                    out.push_byte(vm, separator)?;
                }
                out.push_byte(vm, n.fraction.as_bytes().get(i).copied().unwrap_or(b'0'))?;
            }
        }
    }
    out.push(vm, n.rest.as_bytes())?;
    out.repeat(vm, &fill, right)
}

/// Digits in groups counted from the right, with zeros in front until `least` characters are reached.
fn group(digits: &str, least: usize, separator: u8, size: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(digits.len() + digits.len() / size + 1);
    let mut left = digits.bytes().rev();
    let mut in_group = 0;
    loop {
        let digit = match left.next() {
            Some(d) => d,
            // A separator that would come first is written only with a digit before it.
            None if out.len() < least => b'0',
            None => break,
        };
        if in_group == size {
            out.push(separator);
            in_group = 0;
        }
        out.push(digit);
        in_group += 1;
    }
    out.reverse();
    out
}

#[cfg(test)]
mod tests {
    use super::group;

    #[test]
    fn groups() {
        let s = |d, least| String::from_utf8(group(d, least, b',', 3)).unwrap_or_default();
        assert_eq!(s("1234567", 0), "1,234,567");
        assert_eq!(s("123", 0), "123");
        assert_eq!(s("1", 4), "0,001");
        assert_eq!(s("1234", 10), "00,001,234");
    }
}
