//! Reading ISO 8601: what `fromisoformat` accepts. Works on bytes; past the end everything reads as 0.

use super::calendar::{self, Day, IsoError, days_in_month};
use super::delta::Delta;
use super::{arguments, zone};
use crate::prelude::{Owned, PyResult, Raised, Ref, Vm, as_str, none};

/// A date as written; the fields may be out of range.
pub(super) struct Written {
    pub year: i64,
    pub month: i64,
    pub day: i64,
}

/// A time of day as written.
#[derive(Default)]
pub(super) struct WrittenTime {
    /// Hour, minute, second, microsecond.
    pub parts: [i64; 4],
    /// Offset in microseconds.
    pub offset: Option<i128>,
}

fn byte(text: &[u8], at: usize) -> u8 {
    text.get(at).copied().unwrap_or(0)
}

/// Exactly `n` digits.
fn digits(text: &[u8], at: usize, n: usize) -> Option<i64> {
    text.get(at..at.checked_add(n)?)?
        .iter()
        .try_fold(0, |sum, b| b.is_ascii_digit().then(|| sum * 10 + i64::from(b - b'0')))
}

/// ValueError: `text` is not ISO 8601.
#[cold]
pub(super) fn invalid(vm: &mut Vm, text: Ref<'_>) -> Raised {
    match vm.repr(text) {
        Ok(shown) => {
            let mut message = b"Invalid isoformat string: ".to_vec();
            message.extend_from_slice(crate::prelude::str_bytes(shown.as_ref()));
            match vm.new_str_bytes(&message) {
                Ok(message) => vm.raise_with(crate::prelude::Exc::ValueError, vec![message]),
                Err(e) => e,
            }
        }
        Err(e) => e,
    }
}

/// The text argument of a `fromisoformat`.
pub(super) fn argument<'a>(vm: &mut Vm, r: Ref<'a>) -> PyResult<&'a [u8]> {
    match as_str(r) {
        Some(s) => Ok(s.as_bytes()),
        None => Err(vm.type_error("fromisoformat: argument must be str")),
    }
}

/// `YYYY-MM-DD`, `YYYYMMDD`, `YYYY-Www-D` and the like, of 7, 8 or 10 bytes.
pub(super) fn date(text: &[u8]) -> Option<Written> {
    let year = digits(text, 0, 4)?;
    let separated = byte(text, 4) == b'-';
    let mut at = 4 + usize::from(separated);
    if byte(text, at) == b'W' {
        let week = digits(text, at + 1, 2)?;
        at += 3;
        let mut day = 1;
        if at < text.len() {
            if separated && byte(text, at) != b'-' {
                return None;
            }
            day = digits(text, at + usize::from(separated), 1)?;
        }
        let Day { year, month, day } = calendar::from_iso(year, week, day).ok()?;
        return Some(Written { year: year.into(), month: month.into(), day: day.into() });
    }
    let month = digits(text, at, 2)?;
    at += 2;
    if separated && byte(text, at) != b'-' {
        return None;
    }
    let day = digits(text, at + usize::from(separated), 2)?;
    Some(Written { year, month, day })
}

/// Where a text of at least 7 bytes that begins with a date goes on with a separator.
pub(super) fn separator(text: &[u8]) -> Option<usize> {
    let n = text.len();
    if n == 7 {
        return Some(7);
    }
    if byte(text, 4) == b'-' {
        if byte(text, 5) != b'W' {
            return Some(10);
        }
        if n > 8 && byte(text, 8) == b'-' {
            if n == 9 {
                return None;
            }
            // YYYY-Www-##: rather a hyphen as separator than a digit.
            let hyphen = n > 10 && byte(text, 10).is_ascii_digit();
            return Some(if hyphen { 8 } else { 10 });
        }
        return Some(8);
    }
    if byte(text, 4) != b'W' {
        return Some(8);
    }
    let end = (7..n).find(|&i| !text[i].is_ascii_digit()).unwrap_or(n);
    Some(match end {
        0..9 => end,
        _ if end % 2 == 0 => 7,
        _ => 8,
    })
}

/// `HH[[:]MM[[:]SS[.ffffff]]]` in `text[at..end]`, and whether something follows.
fn parts(text: &[u8], at: usize, end: usize) -> Option<([i64; 4], bool)> {
    let mut out = [0; 4];
    let (mut at, mut separated) = (at, true);
    for i in 0..3 {
        out[i] = digits(text, at, 2)?;
        let c = byte(text, at + 2);
        at += 3;
        if i == 0 {
            separated = c == b':';
        }
        if c == b'.' || c == b',' {
            if i < 2 {
                return None;
            }
            break;
        }
        if at >= end {
            return Some((out, c != 0));
        }
        if separated && c == b':' {
            if i == 2 {
                return None;
            }
        } else if !separated {
            at -= 1;
        } else {
            return None;
        }
    }
    let n = end.saturating_sub(at).min(6);
    out[3] = digits(text, at, n)? * 10i64.pow(6 - n as u32);
    if n == 0 {
        return None;
    }
    at += n;
    while byte(text, at).is_ascii_digit() {
        at += 1;
    }
    Some((out, byte(text, at) != 0))
}

/// A time of day with or without an offset.
pub(super) fn time(text: &[u8]) -> Option<WrittenTime> {
    let n = text.len();
    let sign = text.iter().position(|b| matches!(b, b'+' | b'-' | b'Z')).unwrap_or(n);
    let (parts_, more) = parts(text, 0, sign)?;
    if sign == n {
        return (!more).then_some(WrittenTime { parts: parts_, offset: None });
    }
    if text[sign] == b'Z' {
        return (sign + 1 == n).then_some(WrittenTime { parts: parts_, offset: Some(0) });
    }
    let ([h, m, s, us], more) = parts(text, sign + 1, n)?;
    let offset = i128::from((h * 3600 + m * 60 + s) * 1_000_000 + us);
    let offset = if text[sign] == b'-' { -offset } else { offset };
    (!more).then_some(WrittenTime { parts: parts_, offset: Some(offset) })
}

impl WrittenTime {
    /// The zone, or None.
    pub fn zone(&self, vm: &mut Vm) -> PyResult<Owned> {
        match self.offset {
            None => Ok(none()),
            Some(us) => {
                let d = Delta::from_us(vm, us)?;
                let offset = vm.new_native(d)?;
                zone::checked(vm, offset, None)
            }
        }
    }

    /// Makes 24:00 midnight; `true` when it was.
    pub fn wrap(&mut self, vm: &mut Vm) -> PyResult<bool> {
        if self.parts[0] != 24 {
            return Ok(false);
        }
        if self.parts[1..] != [0; 3] {
            return Err(vm.value_error("minute, second, and microsecond must be 0 when hour is 24"));
        }
        self.parts[0] = 0;
        Ok(true)
    }
}

impl Written {
    /// The day after it, if it is a day at all.
    pub fn next(self) -> Written {
        let Written { mut year, mut month, mut day } = self;
        if (1..=12).contains(&month) && day <= days_in_month(year, month) {
            day += 1;
            if day > days_in_month(year, month) {
                (month, day) = (month + 1, 1);
            }
            if month > 12 {
                (year, month) = (year + 1, 1);
            }
        }
        Written { year, month, day }
    }
}

/// `fromisocalendar`'s checks.
pub(super) fn from_calendar(vm: &mut Vm, parts: [Ref<'_>; 3]) -> PyResult<[i64; 3]> {
    let mut numbers = [0; 3];
    for (n, r) in numbers.iter_mut().zip(parts) {
        *n = match arguments::int_arg(vm, r) {
            Err(e) if vm.raised_is(&e, crate::prelude::Exc::OverflowError) => {
                vm.discard(e);
                return Err(vm.value_error("ISO calendar component out of range"));
            }
            n => n?,
        };
    }
    let [year, week, day] = numbers;
    match calendar::from_iso(year, week, day) {
        Ok(d) => Ok([d.year.into(), d.month.into(), d.day.into()]),
        Err(IsoError::Year) => Err(vm.value_error(&format!("year must be in 1..9999, not {year}"))),
        Err(IsoError::Week) => Err(vm.value_error(&format!("Invalid week: {week}"))),
        Err(IsoError::Day) => Err(vm.value_error(&format!("Invalid weekday: {day} (range is [1, 7])"))),
    }
}
