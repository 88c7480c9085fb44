//! What the engine asks about single characters: categories, simple case mappings, and sets in the compiler's notation.
//!
//!   [NEGATE] (LITERAL c | RANGE a b | CATEGORY k | CHARSET 8 words | BIGCHARSET n map blocks)* FAILURE
//!
//! The C locale is taken for "the" locale: its letters are ASCII.

use hognose_vm::unicode;

/// Operations inside a set.
pub(super) mod set_op {
    pub const FAILURE: u32 = 0;
    pub const CATEGORY: u32 = 8;
    pub const CHARSET: u32 = 9;
    pub const BIGCHARSET: u32 = 10;
    pub const LITERAL: u32 = 16;
    pub const NEGATE: u32 = 21;
    pub const RANGE: u32 = 22;
    pub const RANGE_UNI_IGNORE: u32 = 42;
}

/// How case is ignored.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Fold {
    /// It is not.
    None,
    /// ASCII letters only.
    Ascii,
    /// By simple lower case.
    Unicode,
    /// Either case of the character may be meant.
    Locale,
}

/// Simple lower case.
pub(super) fn lower_unicode(c: u32) -> u32 {
    match *unicode::to_lower(c).as_slice() {
        [one] => one,
        // The only character whose full lower case is longer.
        _ if c == 0x130 => 0x69,
        _ => c,
    }
}

/// Simple upper case.
pub(super) fn upper_unicode(c: u32) -> u32 {
    // Of a longer full form the first character counts.
    unicode::to_upper(c).as_slice().first().copied().unwrap_or(c)
}

/// ASCII lower case.
pub(super) fn lower_ascii(c: u32) -> u32 {
    if c.wrapping_sub(65) < 26 { c + 32 } else { c }
}

fn upper_ascii(c: u32) -> u32 {
    if c.wrapping_sub(97) < 26 { c - 32 } else { c }
}

/// The character that stands for `c` when case is ignored.
#[inline]
pub(super) fn fold(kind: Fold, c: u32) -> u32 {
    match kind {
        Fold::None => c,
        Fold::Ascii | Fold::Locale => lower_ascii(c),
        Fold::Unicode if c < 0x80 => lower_ascii(c),
        Fold::Unicode => lower_unicode(c),
    }
}

/// `_` or an ASCII letter or digit.
#[inline]
pub(super) fn is_word_ascii(c: u32) -> bool {
    c < 0x80 && ((c as u8).is_ascii_alphanumeric() || c == 95)
}

/// `_` or alphanumeric.
#[inline]
pub(super) fn is_word_unicode(c: u32) -> bool {
    if c < 0x80 { is_word_ascii(c) } else { unicode::has(c, unicode::ALNUM) }
}

fn is_line_end(c: u32) -> bool {
    matches!(c, 10..=13 | 0x1c..=0x1e | 0x85 | 0x2028 | 0x2029)
}

/// Is `c` in category `k`? `None`: there is no such category.
pub(super) fn category(k: u32, c: u32) -> Option<bool> {
    let yes = match k / 2 {
        0 => c.wrapping_sub(48) < 10,
        1 => matches!(c, 9..=13 | 32),
        2 | 4 => is_word_ascii(c),
        3 => c == 10,
        5 => unicode::decimal_value(c).is_some(),
        6 => unicode::is_space(c),
        7 => is_word_unicode(c),
        8 => is_line_end(c),
        _ => return None,
    };
    Some(yes == (k.is_multiple_of(2)))
}

/// Is `c` in the set? Sets were checked by [`check_set`]; a cut-off one contains nothing further.
pub(super) fn in_set(mut set: &[u32], c: u32) -> bool {
    let mut ok = true;
    while let Some((&op, rest)) = set.split_first() {
        let args = match op {
            set_op::NEGATE => {
                ok = !ok;
                0
            }
            set_op::LITERAL => {
                if rest.first() == Some(&c) {
                    return ok;
                }
                1
            }
            set_op::RANGE | set_op::RANGE_UNI_IGNORE => {
                let &[low, high, ..] = rest else { break };
                let within = |c: u32| low <= c && c <= high;
                if within(c) || (op == set_op::RANGE_UNI_IGNORE && within(upper_unicode(c))) {
                    return ok;
                }
                2
            }
            set_op::CATEGORY => {
                if rest.first().and_then(|&k| category(k, c)) == Some(true) {
                    return ok;
                }
                1
            }
            set_op::CHARSET => {
                if c < 256 && rest.get(c as usize / 32).is_some_and(|w| w >> (c % 32) & 1 == 1) {
                    return ok;
                }
                8
            }
            set_op::BIGCHARSET => {
                if in_blocks(rest, c) {
                    return ok;
                }
                65 + 8 * rest.first().copied().unwrap_or(0) as usize
            }
            _ => break,
        };
        set = rest.get(args..).unwrap_or(&[]);
    }
    !ok
}

/// `n`, a map of 256 bytes from the high byte of a character to a block, `n` blocks of 256 bits.
fn in_blocks(words: &[u32], c: u32) -> bool {
    if c >= 0x1_0000 {
        return false;
    }
    let high = c as usize >> 8;
    let Some(map) = words.get(1 + high / 4) else { return false };
    let block = (map >> (high % 4 * 8) & 0xff) as usize;
    let at = 65 + block * 8 + (c as usize & 0xff) / 32;
    words.get(at).is_some_and(|w| w >> (c % 32) & 1 == 1)
}

/// Is this a well-formed set that ends exactly with its FAILURE?
pub(super) fn check_set(mut set: &[u32]) -> bool {
    while let Some((&op, rest)) = set.split_first() {
        let args = match op {
            set_op::FAILURE => return rest.is_empty(),
            set_op::NEGATE => 0,
            set_op::LITERAL => 1,
            set_op::RANGE | set_op::RANGE_UNI_IGNORE => 2,
            set_op::CATEGORY => match rest.first() {
                Some(&k) if category(k, 0).is_some() => 1,
                _ => return false,
            },
            set_op::CHARSET => 8,
            set_op::BIGCHARSET => match rest.first() {
                Some(&n) if n <= 256 => 65 + 8 * n as usize,
                _ => return false,
            },
            _ => return false,
        };
        match rest.get(args..) {
            Some(r) => set = r,
            None => return false,
        }
    }
    false
}

/// Is `c` in the set when case is ignored this way?
pub(super) fn in_set_folded(set: &[u32], kind: Fold, c: u32) -> bool {
    let low = fold(kind, c);
    let found = in_set(set, low);
    if kind != Fold::Locale {
        return found;
    }
    let up = upper_ascii(c);
    // A negated set must contain neither case of what it names.
    if set.first() == Some(&set_op::NEGATE) {
        return found && in_set(set, up);
    }
    found || (up != low && in_set(set, up))
}

/// Has `c` another case (what the compiler asks)?
pub(super) fn is_cased_unicode(c: u32) -> bool {
    lower_unicode(c) != c || upper_unicode(c) != c
}
