//! Case conversions: full mappings of Unicode, with the final form of sigma.

use super::build::{StrWriter, TextBuf};
use super::index::{char_before, char_from};
use super::this;
use super::unicode as u;
use crate::args::Args;
use crate::{PyResult, Vm};
use hognose_object::str::StrRef;

/// A character in its text.
struct At<'a> {
    bytes: &'a [u8],
    start: usize,
    end: usize,
    c: u32,
}

/// Converts each character by `f`, which appends to the result.
fn convert(
    vm: &mut Vm,
    s: StrRef<'_>,
    mut f: impl FnMut(&Vm, &mut TextBuf, &At<'_>) -> PyResult<()>,
) -> PyResult {
    let (bytes, mut at) = (s.as_bytes(), 0);
    let mut out = TextBuf::new();
    while let Some((c, end)) = char_from(bytes, at) {
        f(vm, &mut out, &At { bytes, start: at, end, c })?;
        at = end;
    }
    out.to_str(vm)
}

fn push(vm: &Vm, out: &mut TextBuf, m: u::Mapped) -> PyResult<()> {
    m.as_slice().iter().try_for_each(|&c| out.push_char(vm, c))
}

const SIGMA: u32 = 0x3a3;

/// Lower case in context: capital sigma at the end of a word has a form of its own.
fn push_lower(vm: &Vm, out: &mut TextBuf, at: &At<'_>) -> PyResult<()> {
    if at.c != SIGMA {
        return push(vm, out, u::to_lower(at.c));
    }
    let mut before = at.start;
    let cased_before = loop {
        match char_before(at.bytes, before) {
            Some((c, start)) if u::has(c, u::CASE_IGNORABLE) => before = start,
            other => break other.is_some_and(|(c, _)| u::has(c, u::CASED)),
        }
    };
    let mut after = at.end;
    let cased_after = loop {
        match char_from(at.bytes, after) {
            Some((c, end)) if u::has(c, u::CASE_IGNORABLE) => after = end,
            other => break other.is_some_and(|(c, _)| u::has(c, u::CASED)),
        }
    };
    out.push_char(vm, if cased_before && !cased_after { 0x3c2 } else { 0x3c3 })
}

fn ascii(vm: &mut Vm, s: StrRef<'_>, f: impl Fn(u8) -> u8) -> PyResult {
    let mut w = StrWriter::new(vm, s.char_len(), s.char_len())?;
    w.map(s.as_bytes(), f);
    w.finish(vm)
}

/// `s.lower()`
pub fn lower(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let s = this(vm, args.get(0))?;
    if s.is_ascii() {
        return ascii(vm, s, |b| b.to_ascii_lowercase());
    }
    convert(vm, s, push_lower)
}

/// `s.upper()`
pub fn upper(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let s = this(vm, args.get(0))?;
    if s.is_ascii() {
        return ascii(vm, s, |b| b.to_ascii_uppercase());
    }
    convert(vm, s, |vm, out, at| push(vm, out, u::to_upper(at.c)))
}

/// `s.casefold()`
pub fn casefold(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let s = this(vm, args.get(0))?;
    if s.is_ascii() {
        return ascii(vm, s, |b| b.to_ascii_lowercase());
    }
    convert(vm, s, |vm, out, at| push(vm, out, u::to_fold(at.c)))
}

/// `s.swapcase()`
pub fn swapcase(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let s = this(vm, args.get(0))?;
    if s.is_ascii() {
        return ascii(vm, s, |b| if b.is_ascii_alphabetic() { b ^ 0x20 } else { b });
    }
    convert(vm, s, |vm, out, at| {
        if u::has(at.c, u::UPPERCASE) {
            push_lower(vm, out, at)
        } else if u::has(at.c, u::LOWERCASE) {
            push(vm, out, u::to_upper(at.c))
        } else {
            out.push_char(vm, at.c)
        }
    })
}

/// `s.capitalize()`
pub fn capitalize(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let s = this(vm, args.get(0))?;
    if s.is_ascii() {
        let mut w = StrWriter::new(vm, s.char_len(), s.char_len())?;
        if let Some((first, rest)) = s.as_bytes().split_first() {
            w.push(&[first.to_ascii_uppercase()]);
            w.map(rest, |b| b.to_ascii_lowercase());
        }
        return w.finish(vm);
    }
    convert(vm, s, |vm, out, at| match at.start {
        0 => push(vm, out, u::to_title(at.c)),
        _ => push_lower(vm, out, at),
    })
}

/// `s.title()`
pub fn title(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let s = this(vm, args.get(0))?;
    let mut inside = false;
    if s.is_ascii() {
        let mut w = StrWriter::new(vm, s.char_len(), s.char_len())?;
        for &b in s.as_bytes() {
            w.push(&[if inside { b.to_ascii_lowercase() } else { b.to_ascii_uppercase() }]);
            inside = b.is_ascii_alphabetic();
        }
        return w.finish(vm);
    }
    convert(vm, s, |vm, out, at| {
        let r = if inside { push_lower(vm, out, at) } else { push(vm, out, u::to_title(at.c)) };
        inside = u::has(at.c, u::CASED);
        r
    })
}
