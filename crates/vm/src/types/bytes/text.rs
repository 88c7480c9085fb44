//! Bytes as ASCII text: case, predicates, justification, `repr`, `hex`.

use super::container::{self, Maker, copy_of, exact, plain};
use crate::args::Args;
use crate::text::as_str;
use crate::types::str::build::TextBuf;
use crate::types::str::index::ssize;
use crate::types::str::repr::quote_for;
use crate::{PyResult, Vm};
use hognose_object::{Ref, owned_bool};

fn data<'x>(vm: &'x Vm, r: Ref<'x>) -> &'x [u8] {
    plain(vm.heap(), r).unwrap_or(&[])
}

/// A result of the receiver's type with each byte changed; `f` knows the byte before.
fn map(vm: &mut Vm, args: &Args<'_>, f: impl Fn(u8, Option<u8>) -> u8) -> PyResult {
    let r = args.get(0);
    let bytes = data(vm, r);
    let mut w = Maker::new(vm, r, bytes.len())?;
    let mut before = None;
    for &b in bytes {
        w.push(vm, &[f(b, before)])?;
        before = Some(b);
    }
    w.finish(vm)
}

/// `b.lower()`
pub fn lower(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    map(vm, args, |b, _| b.to_ascii_lowercase())
}

/// `b.upper()`
pub fn upper(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    map(vm, args, |b, _| b.to_ascii_uppercase())
}

/// `b.swapcase()`
pub fn swapcase(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    map(vm, args, |b, _| if b.is_ascii_alphabetic() { b ^ 0x20 } else { b })
}

/// `b.capitalize()`
pub fn capitalize(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    map(vm, args, |b, before| match before {
        None => b.to_ascii_uppercase(),
        Some(_) => b.to_ascii_lowercase(),
    })
}

/// `b.title()`
pub fn title(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    map(vm, args, |b, before| match before {
        Some(p) if p.is_ascii_alphabetic() => b.to_ascii_lowercase(),
        _ => b.to_ascii_uppercase(),
    })
}

fn all(vm: &mut Vm, args: &Args<'_>, f: fn(u8) -> bool) -> PyResult {
    let bytes = data(vm, args.get(0));
    Ok(owned_bool(!bytes.is_empty() && bytes.iter().all(|&b| f(b))))
}

/// `b.isalnum()`
pub fn isalnum(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    all(vm, args, |b| b.is_ascii_alphanumeric())
}

/// `b.isalpha()`
pub fn isalpha(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    all(vm, args, |b| b.is_ascii_alphabetic())
}

/// `b.isdigit()`
pub fn isdigit(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    all(vm, args, |b| b.is_ascii_digit())
}

/// `b.isspace()`
pub fn isspace(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    all(vm, args, |b| matches!(b, 9..=13 | b' '))
}

/// `b.isascii()`
pub fn isascii(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    Ok(owned_bool(data(vm, args.get(0)).is_ascii()))
}

/// `b.islower()`
pub fn islower(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let b = data(vm, args.get(0));
    Ok(owned_bool(b.iter().any(u8::is_ascii_lowercase) && !b.iter().any(u8::is_ascii_uppercase)))
}

/// `b.isupper()`
pub fn isupper(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let b = data(vm, args.get(0));
    Ok(owned_bool(b.iter().any(u8::is_ascii_uppercase) && !b.iter().any(u8::is_ascii_lowercase)))
}

/// `b.istitle()`
pub fn istitle(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let (mut seen, mut inside) = (false, false);
    for b in data(vm, args.get(0)) {
        if (b.is_ascii_uppercase() && inside) || (b.is_ascii_lowercase() && !inside) {
            return Ok(owned_bool(false));
        }
        inside = b.is_ascii_alphabetic();
        seen |= inside;
    }
    Ok(owned_bool(seen))
}

/// What is missing to the width.
fn margin(vm: &mut Vm, args: &Args<'_>) -> PyResult<usize> {
    let width = ssize(vm, args.get(1))?;
    Ok((width.max(0) as usize).saturating_sub(data(vm, args.get(0)).len()))
}

fn fill_byte(vm: &mut Vm, args: &Args<'_>, name: &str) -> PyResult<u8> {
    let Some(r) = args.opt(2) else { return Ok(b' ') };
    let is_plain = plain(vm.heap(), r).is_some();
    match (is_plain, data(vm, r)) {
        (true, &[b]) => Ok(b),
        (true, bytes) => {
            let n = bytes.len();
            let class = if r_is_array(r) { "bytearray" } else { "bytes" };
            Err(vm.type_error(&format!(
                "{name}(): argument 2 must be a byte string of length 1, not a {class} object of length {n}"
            )))
        }
        (false, _) => {
            let class = vm.type_name(r);
            Err(vm.type_error(&format!("{name}() argument 2 must be a byte string of length 1, not {class}")))
        }
    }
}

fn r_is_array(r: Ref<'_>) -> bool {
    use hognose_object::ValueExt;
    r.has_layout(hognose_object::Layout::ByteArray)
}

fn padded(vm: &mut Vm, r: Ref<'_>, left: usize, right: usize, fill: u8) -> PyResult {
    if left + right == 0 {
        return container::unchanged(vm, r);
    }
    let bytes = data(vm, r);
    let mut w = Maker::new(vm, r, bytes.len().saturating_add(left).saturating_add(right))?;
    w.repeat(vm, &[fill], left)?;
    w.push(vm, bytes)?;
    w.repeat(vm, &[fill], right)?;
    w.finish(vm)
}

/// `b.center(width, fillchar)`
pub fn center(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let fill = fill_byte(vm, args, "center")?;
    let n = margin(vm, args)?;
    let left = n / 2 + (n & (n + data(vm, args.get(0)).len()) & 1);
    padded(vm, args.get(0), left, n - left, fill)
}

/// `b.ljust(width, fillchar)`
pub fn ljust(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let fill = fill_byte(vm, args, "ljust")?;
    let n = margin(vm, args)?;
    padded(vm, args.get(0), 0, n, fill)
}

/// `b.rjust(width, fillchar)`
pub fn rjust(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let fill = fill_byte(vm, args, "rjust")?;
    let n = margin(vm, args)?;
    padded(vm, args.get(0), n, 0, fill)
}

/// `b.zfill(width)`
pub fn zfill(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let zeros = margin(vm, args)?;
    let r = args.get(0);
    if zeros == 0 {
        return container::unchanged(vm, r);
    }
    let bytes = data(vm, r);
    let sign = usize::from(matches!(bytes.first(), Some(b'+' | b'-')));
    let mut w = Maker::new(vm, r, bytes.len().saturating_add(zeros))?;
    w.push(vm, &bytes[..sign])?;
    w.repeat(vm, b"0", zeros)?;
    w.push(vm, &bytes[sign..])?;
    w.finish(vm)
}

/// `b.expandtabs(tabsize)`
pub fn expandtabs(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let size = match args.opt(1) {
        Some(r) => vm.index_i32(r)?,
        None => 8,
    };
    let size = size.max(0) as usize;
    let r = args.get(0);
    let mut out = TextBuf::new();
    let mut column = 0;
    for &b in data(vm, r) {
        match b {
            b'\t' if size == 0 => {}
            b'\t' => {
                let n = size - column % size;
                out.repeat(vm, b" ", n)?;
                column += n;
            }
            _ => {
                out.push_byte(vm, b)?;
                column = if matches!(b, b'\n' | b'\r') { 0 } else { column + 1 };
            }
        }
    }
    container::make(vm, r, out.as_bytes())
}

/// Appends the `repr` of bytes: quotes chosen as for text, everything but printable ASCII escaped.
pub fn push_repr(vm: &Vm, out: &mut TextBuf, bytes: &[u8], quote: u8) -> PyResult<()> {
    out.push_byte(vm, quote)?;
    for &b in bytes {
        match b {
            b'\\' => out.push(vm, b"\\\\")?,
            _ if b == quote => out.push(vm, &[b'\\', quote])?,
            b'\t' => out.push(vm, b"\\t")?,
            b'\n' => out.push(vm, b"\\n")?,
            b'\r' => out.push(vm, b"\\r")?,
            0x20..0x7f => out.push_byte(vm, b)?,
            _ => out.push(vm, format!("\\x{b:02x}").as_bytes())?,
        }
    }
    out.push_byte(vm, quote)
}

/// `repr(b)`
pub fn repr_bytes(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let mut out = TextBuf::new();
    out.push(vm, b"b")?;
    let bytes = data(vm, r);
    push_repr(vm, &mut out, bytes, quote_for(bytes))?;
    out.to_str(vm)
}

/// `repr(a)`
pub fn repr_array(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let mut out = TextBuf::new();
    out.push(vm, vm.class_of(r).name().as_bytes())?;
    out.push(vm, b"(b")?;
    let bytes = data(vm, r);
    push_repr(vm, &mut out, bytes, quote_for(bytes))?;
    out.push(vm, b")")?;
    out.to_str(vm)
}

/// `b.hex(sep, bytes_per_sep)`
pub fn hex(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let sep = match args.opt(1) {
        Some(r) => Some(separator(vm, r)?),
        None => None,
    };
    let group = match args.opt(2) {
        Some(r) => vm.index_i32(r)?,
        None => 1,
    };
    let Some(bytes) = copy_of(vm, args.get(0))? else { return Err(container::not_bytes(vm, args.get(0))) };
    let bytes = exact(bytes.as_ref());
    let mut out = TextBuf::new();
    let (n, size) = (bytes.len(), group.unsigned_abs() as usize);
    for (i, &b) in bytes.iter().enumerate() {
        // Positive group sizes count from the right.
        let at = if group > 0 { n - i } else { i };
        if let Some(sep) = sep
            && i > 0
            && size > 0
            && at.is_multiple_of(size)
        {
            out.push_byte(vm, sep)?;
        }
        let digit = |d: u8| b"0123456789abcdef"[usize::from(d)];
        out.push(vm, &[digit(b >> 4), digit(b & 15)])?;
    }
    out.to_str(vm)
}

fn separator(vm: &mut Vm, r: Ref<'_>) -> PyResult<u8> {
    if vm.len(r)? != 1 {
        return Err(vm.value_error("sep must be length 1."));
    }
    let byte = match as_str(r) {
        Some(s) => s.as_bytes()[0],
        None => match copy_of(vm, r)? {
            Some(b) => exact(b.as_ref()).first().copied().unwrap_or(0x80),
            None => return Err(vm.type_error("sep must be str or bytes.")),
        },
    };
    if byte < 0x80 { Ok(byte) } else { Err(vm.value_error("sep must be ASCII.")) }
}
