//! Questions about characters: class, case, digit value; Unicode 16.0, as tables.rs has it.
//!
//! ASCII is answered without the tables. A class is found by binary search among 4000 runs.

use super::tables::{
    CLASSES, DIGITS, FOLD, FOLD_MANY, LOWER, LOWER_MANY, RUNS, TITLE, TITLE_MANY, UPPER, UPPER_MANY,
};

/// Letter (`isalpha`).
pub const ALPHA: u16 = 1;
/// Decimal digit (`isdecimal`).
pub const DECIMAL: u16 = 1 << 1;
/// Digit (`isdigit`).
pub const DIGIT: u16 = 1 << 2;
/// Has a numeric value (`isnumeric`).
pub const NUMERIC: u16 = 1 << 3;
/// Shown as itself by `repr` (`isprintable`).
pub const PRINTABLE: u16 = 1 << 4;
/// May begin an identifier.
pub const ID_START: u16 = 1 << 5;
/// May continue an identifier.
pub const ID_CONTINUE: u16 = 1 << 6;
/// Lower case.
pub const LOWERCASE: u16 = 1 << 7;
/// Upper case.
pub const UPPERCASE: u16 = 1 << 8;
/// Title case.
pub const TITLECASE: u16 = 1 << 9;
/// Has case.
pub const CASED: u16 = 1 << 10;
/// Looked through when the final form of sigma is chosen.
pub const CASE_IGNORABLE: u16 = 1 << 11;
/// White space.
pub const SPACE: u16 = 1 << 12;

/// Any of the properties of `isalnum`.
pub const ALNUM: u16 = ALPHA | DECIMAL | DIGIT | NUMERIC;

/// Classes of the ASCII characters.
static ASCII: [u16; 128] = {
    let mut table = [0; 128];
    let mut c = 0;
    while c < 128 {
        table[c] = search(c as u32);
        c += 1;
    }
    table
};

const fn search(c: u32) -> u16 {
    let (mut low, mut high) = (0, RUNS.len());
    while high - low > 1 {
        let middle = (low + high) / 2;
        if RUNS[middle] >> 8 <= c {
            low = middle;
        } else {
            high = middle;
        }
    }
    CLASSES[(RUNS[low] & 0xff) as usize]
}

/// The properties of a code point.
#[inline]
pub fn class(c: u32) -> u16 {
    match ASCII.get(c as usize) {
        Some(&f) => f,
        None => search(c),
    }
}

/// Has it one of these properties?
#[inline]
pub fn has(c: u32, flags: u16) -> bool {
    class(c) & flags != 0
}

/// White space?
#[inline]
pub fn is_space(c: u32) -> bool {
    if c < 0x80 { matches!(c, 9..=13 | 28..=32) } else { has(c, SPACE) }
}

/// Value of a decimal digit, as numbers are read.
pub fn decimal_value(c: u32) -> Option<u32> {
    if c < 0x80 {
        return (c.wrapping_sub(48) < 10).then(|| c - 48);
    }
    if has(c, DECIMAL) { digit_value(c) } else { None }
}

/// Value of a digit, superscripts and the like included.
pub fn digit_value(c: u32) -> Option<u32> {
    let i = DIGITS.partition_point(|d| d.0 <= c).checked_sub(1)?;
    let (first, count, value) = DIGITS[i];
    (c - first < u32::from(count)).then(|| c - first + u32::from(value))
}

type Runs = [(u32, u16, u8, i32)];
type Many = [(u32, [u32; 3])];

/// What a character becomes: up to three others.
#[derive(Clone, Copy)]
pub struct Mapped {
    chars: [u32; 3],
    len: u8,
}

impl Mapped {
    fn one(c: u32) -> Mapped {
        Mapped { chars: [c, 0, 0], len: 1 }
    }

    /// The characters.
    #[inline]
    pub fn as_slice(&self) -> &[u32] {
        &self.chars[..usize::from(self.len)]
    }
}

fn lookup(c: u32, runs: &Runs, many: &Many) -> Option<Mapped> {
    if let Ok(i) = many.binary_search_by_key(&c, |m| m.0) {
        let chars = many[i].1;
        return Some(Mapped { chars, len: if chars[2] == 0 { 2 } else { 3 } });
    }
    // Runs of step 2 may enclose a shorter one, so the run before is looked at, too.
    let end = runs.partition_point(|r| r.0 <= c);
    for &(first, count, step, distance) in runs[end.saturating_sub(2)..end].iter().rev() {
        let (off, step) = (c - first, u32::from(step));
        if off < u32::from(count) * step && off.is_multiple_of(step) {
            return Some(Mapped::one(c.wrapping_add_signed(distance)));
        }
    }
    None
}

/// Full lower case.
pub fn to_lower(c: u32) -> Mapped {
    if c < 0x80 {
        return Mapped::one(u32::from((c as u8).to_ascii_lowercase()));
    }
    lookup(c, &LOWER, &LOWER_MANY).unwrap_or(Mapped::one(c))
}

/// Full upper case.
pub fn to_upper(c: u32) -> Mapped {
    if c < 0x80 {
        return Mapped::one(u32::from((c as u8).to_ascii_uppercase()));
    }
    lookup(c, &UPPER, &UPPER_MANY).unwrap_or(Mapped::one(c))
}

/// Full title case.
pub fn to_title(c: u32) -> Mapped {
    if c < 0x80 { to_upper(c) } else { lookup(c, &TITLE, &TITLE_MANY).unwrap_or_else(|| to_upper(c)) }
}

/// Full case folding.
pub fn to_fold(c: u32) -> Mapped {
    if c < 0x80 { to_lower(c) } else { lookup(c, &FOLD, &FOLD_MANY).unwrap_or_else(|| to_lower(c)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_agree_with_ascii() {
        for c in 0..128u8 {
            let f = class(u32::from(c));
            assert_eq!(f & ALPHA != 0, c.is_ascii_alphabetic());
            assert_eq!(f & DECIMAL != 0, c.is_ascii_digit());
            assert_eq!(f & PRINTABLE != 0, c == b' ' || c.is_ascii_graphic());
            assert_eq!(f & SPACE != 0, is_space(u32::from(c)));
        }
    }

    #[test]
    fn case_maps() {
        assert_eq!(to_upper(0xdf).as_slice(), [0x53, 0x53]);
        assert_eq!(to_title(0x1c6).as_slice(), [0x1c5]);
        assert_eq!(to_fold(0x13a0).as_slice(), [0x13a0]);
        assert_eq!(to_lower(0x130).as_slice(), [0x69, 0x307]);
        assert_eq!(decimal_value(0x663), Some(3));
        assert_eq!(digit_value(0xb2), Some(2));
        for c in (0..0x11_0000).filter_map(char::from_u32) {
            let std: Vec<u32> = c.to_lowercase().map(u32::from).collect();
            // Where this Unicode version knows the character, its mapping is the one of later versions.
            if has(u32::from(c), CASED) && has(u32::from(c), UPPERCASE) {
                assert_eq!(to_lower(u32::from(c)).as_slice(), std, "{c:?}");
            }
        }
    }
}
