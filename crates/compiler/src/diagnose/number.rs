//! Number literals, and what is wrong with them.
//!
//! Invariant: on success the lexer stands behind the longest literal, and a name does not follow directly.

use super::token::{Lex, Lexer};

/// Keywords that may follow a number without a space.
const AFTER: [&str; 5] = ["and", "else", "for", "not", "or"];
/// The same for those that are recognised by their beginning.
const BEGIN: [&str; 3] = ["if", "in", "is"];

/// Reads a number.
pub(super) fn number(l: &mut Lexer<'_>) -> Lex<()> {
    let start = l.pos;
    if l.peek(0) == b'0' {
        let radix = match l.peek(1).to_ascii_lowercase() {
            b'x' => Some((16, "hexadecimal")),
            b'o' => Some((8, "octal")),
            b'b' => Some((2, "binary")),
            _ => None,
        };
        if let Some((radix, name)) = radix {
            return prefixed(l, radix, name);
        }
    }
    if l.peek(0) != b'.' {
        digits(l)?;
    }
    let integer = l.pos;
    let mut is_float = false;
    if l.peek(0) == b'.' {
        is_float = true;
        l.pos += 1;
        if l.peek(0).is_ascii_digit() {
            digits(l)?;
        }
    }
    if matches!(l.peek(0), b'e' | b'E') {
        let sign = matches!(l.peek(1), b'+' | b'-');
        if l.peek(1 + usize::from(sign)).is_ascii_digit() {
            is_float = true;
            l.pos += 1 + usize::from(sign);
            digits(l)?;
        } else if sign {
            l.pos += 2;
            return Err(l.error("invalid decimal literal"));
        } else {
            return end(l, "decimal");
        }
    }
    if matches!(l.peek(0), b'j' | b'J') {
        l.pos += 1;
        return end(l, "imaginary");
    }
    let text = &l.source[start..integer];
    if !is_float && text.starts_with('0') && text.contains(|c: char| matches!(c, '1'..='9')) {
        let zeros = text.len() - text.trim_start_matches(['0', '_']).len();
        let message = "leading zeros in decimal integer literals are not permitted; \
                       use an 0o prefix for octal integers";
        return Err(l.error_range(start, start + zeros, message));
    }
    end(l, "decimal")
}

/// Digits, one underscore at a time between them.
fn digits(l: &mut Lexer<'_>) -> Lex<()> {
    loop {
        while l.peek(0).is_ascii_digit() {
            l.pos += 1;
        }
        if l.peek(0) != b'_' {
            return Ok(());
        }
        l.pos += 1;
        if !l.peek(0).is_ascii_digit() {
            return Err(l.error("invalid decimal literal"));
        }
    }
}

fn prefixed(l: &mut Lexer<'_>, radix: u32, name: &str) -> Lex<()> {
    l.pos += 2;
    let is_digit = |b: u8| (b as char).is_digit(radix);
    loop {
        if l.peek(0) == b'_' {
            l.pos += 1;
        }
        if !is_digit(l.peek(0)) {
            return Err(wrong_digit(l, name));
        }
        while is_digit(l.peek(0)) {
            l.pos += 1;
        }
        if l.peek(0) != b'_' {
            break;
        }
    }
    if l.peek(0).is_ascii_digit() {
        return Err(wrong_digit(l, name));
    }
    end(l, name)
}

fn wrong_digit(l: &mut Lexer<'_>, name: &str) -> super::token::Stop {
    let c = l.peek(0);
    if c.is_ascii_digit() {
        l.pos += 1;
        return l.error(&format!("invalid digit '{}' in {name} literal", c as char));
    }
    l.error(&format!("invalid {name} literal"))
}

fn is_word(c: char) -> bool {
    c == '_' || c.is_ascii_alphanumeric() || !c.is_ascii()
}

/// No name may follow, except the keywords people do write there.
fn end(l: &mut Lexer<'_>, name: &str) -> Lex<()> {
    let rest = &l.source[l.pos..];
    let next = rest.chars().next().unwrap_or(' ');
    if !is_word(next)
        || BEGIN.iter().any(|k| rest.starts_with(k))
        || AFTER.iter().any(|k| rest.strip_prefix(k).is_some_and(|r| !r.starts_with(is_word)))
    {
        return Ok(());
    }
    if !next.is_ascii() && !crate::scan::starts_name(next) {
        return Ok(());
    }
    Err(l.error_before(l.pos, &format!("invalid {name} literal")))
}
