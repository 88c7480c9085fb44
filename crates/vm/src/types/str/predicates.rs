//! `isalpha` and its kin.

use super::{this, unicode as u};
use crate::args::Args;
use crate::{PyResult, Vm};
use hognose_object::owned_bool;
use hognose_object::str::{StrRef, code_points};

/// Not empty, and all characters have one of the properties; ASCII is asked by byte.
fn all(vm: &mut Vm, args: &Args<'_>, ascii: fn(u8) -> bool, flags: u16) -> PyResult {
    let s = this(vm, args.get(0))?;
    let bytes = s.as_bytes();
    let yes =
        if s.is_ascii() { bytes.iter().all(|&b| ascii(b)) } else { s.chars().all(|c| u::has(c, flags)) };
    Ok(owned_bool(yes && !bytes.is_empty()))
}

/// `s.isascii()`
pub fn isascii(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    Ok(owned_bool(this(vm, args.get(0))?.is_ascii()))
}

/// `s.isspace()`
pub fn isspace(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    all(vm, args, |b| u::is_space(u32::from(b)), u::SPACE)
}

/// `s.isdecimal()`
pub fn isdecimal(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    all(vm, args, |b| b.is_ascii_digit(), u::DECIMAL)
}

/// `s.isdigit()`
pub fn isdigit(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    all(vm, args, |b| b.is_ascii_digit(), u::DIGIT)
}

/// `s.isnumeric()`
pub fn isnumeric(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    all(vm, args, |b| b.is_ascii_digit(), u::NUMERIC)
}

/// `s.isalpha()`
pub fn isalpha(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    all(vm, args, |b| b.is_ascii_alphabetic(), u::ALPHA)
}

/// `s.isalnum()`
pub fn isalnum(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    all(vm, args, |b| b.is_ascii_alphanumeric(), u::ALNUM)
}

/// Has it characters of `case` and none of `others`?
fn only_case(s: StrRef<'_>, case: u16, others: u16) -> bool {
    let mut seen = false;
    for c in s.chars() {
        let f = u::class(c);
        if f & others != 0 {
            return false;
        }
        seen |= f & case != 0;
    }
    seen
}

/// `s.islower()`
pub fn islower(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let s = this(vm, args.get(0))?;
    Ok(owned_bool(only_case(s, u::LOWERCASE, u::UPPERCASE | u::TITLECASE)))
}

/// `s.isupper()`
pub fn isupper(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let s = this(vm, args.get(0))?;
    Ok(owned_bool(only_case(s, u::UPPERCASE, u::LOWERCASE | u::TITLECASE)))
}

/// `s.istitle()`
pub fn istitle(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let s = this(vm, args.get(0))?;
    let (mut seen, mut inside) = (false, false);
    for c in s.chars() {
        let f = u::class(c);
        if f & (u::UPPERCASE | u::TITLECASE) != 0 {
            if inside {
                return Ok(owned_bool(false));
            }
            (seen, inside) = (true, true);
        } else if f & u::LOWERCASE != 0 {
            if !inside {
                return Ok(owned_bool(false));
            }
            seen = true;
        } else {
            inside = false;
        }
    }
    Ok(owned_bool(seen))
}

/// `s.isidentifier()`
pub fn isidentifier(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    Ok(owned_bool(is_identifier(this(vm, args.get(0))?.as_bytes())))
}

/// Could this be a name?
pub fn is_identifier(text: &[u8]) -> bool {
    let mut chars = code_points(text);
    let first = chars.next();
    first.is_some_and(|c| c == u32::from(b'_') || u::has(c, u::ID_START))
        && chars.all(|c| u::has(c, u::ID_CONTINUE))
}

/// `s.isprintable()`
pub fn isprintable(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let s = this(vm, args.get(0))?;
    Ok(owned_bool(s.chars().all(|c| u::has(c, u::PRINTABLE))))
}
