//! Encode and decode functions of the machine's codecs. Each gives the result and how much of the input it took: a decoder
//! that is not at the end leaves what may be the start of a character.

use super::with_count;
use crate::prelude::{Args, NativeDef, Owned, PyResult, Ref, ValueExt, Vm, as_str, base_value};
use hognose_vm::object::bytes::bytes_of;

macro_rules! pair {
    ($encode:literal, $decode:literal, $codec:literal, $tail:expr) => {
        [
            NativeDef::function($encode, "str, errors=None, /", |vm, a| encode(vm, a, $encode, $codec)),
            NativeDef::function($decode, "data, errors=None, final=False, /", |vm, a| {
                decode(vm, a, $codec, $tail)
            }),
        ]
    };
}

const UTF8: [NativeDef; 2] = pair!("utf_8_encode", "utf_8_decode", "utf-8", utf8_tail);
const UTF16LE: [NativeDef; 2] =
    pair!("utf_16_le_encode", "utf_16_le_decode", "utf-16-le", |b| wide_tail(b, false));
const UTF16BE: [NativeDef; 2] =
    pair!("utf_16_be_encode", "utf_16_be_decode", "utf-16-be", |b| wide_tail(b, true));
const UTF32LE: [NativeDef; 2] = pair!("utf_32_le_encode", "utf_32_le_decode", "utf-32-le", |b| b.len() % 4);
const UTF32BE: [NativeDef; 2] = pair!("utf_32_be_encode", "utf_32_be_decode", "utf-32-be", |b| b.len() % 4);

const fn copy(d: &NativeDef) -> NativeDef {
    NativeDef { name: d.name, sig_text: d.sig_text, sig: d.sig, func: d.func, binding: d.binding }
}

pub(super) const FUNCTIONS: &[NativeDef] = &[
    copy(&UTF8[0]),
    copy(&UTF8[1]),
    copy(&UTF16LE[0]),
    copy(&UTF16LE[1]),
    copy(&UTF16BE[0]),
    copy(&UTF16BE[1]),
    copy(&UTF32LE[0]),
    copy(&UTF32LE[1]),
    copy(&UTF32BE[0]),
    copy(&UTF32BE[1]),
    NativeDef::function("raw_unicode_escape_encode", "str, errors=None, /", |vm, a| {
        encode(vm, a, "raw_unicode_escape_encode", "raw_unicode_escape")
    }),
    NativeDef::function("raw_unicode_escape_decode", "data, errors=None, final=True, /", |vm, a| {
        decode_escapes(vm, a, "raw_unicode_escape", raw_tail)
    }),
    NativeDef::function("unicode_escape_encode", "str, errors=None, /", |vm, a| {
        encode(vm, a, "unicode_escape_encode", "unicode_escape")
    }),
    NativeDef::function("unicode_escape_decode", "data, errors=None, final=True, /", |vm, a| {
        decode_escapes(vm, a, "unicode_escape", escape_tail)
    }),
    NativeDef::function("ascii_encode", "str, errors=None, /", |vm, a| {
        encode(vm, a, "ascii_encode", "ascii")
    }),
    NativeDef::function("ascii_decode", "data, errors=None, /", |vm, a| decode(vm, a, "ascii", |_| 0)),
    NativeDef::function("latin_1_encode", "str, errors=None, /", |vm, a| {
        encode(vm, a, "latin_1_encode", "latin-1")
    }),
    NativeDef::function("latin_1_decode", "data, errors=None, /", |vm, a| decode(vm, a, "latin-1", |_| 0)),
    NativeDef::function("utf_16_encode", "str, errors=None, byteorder=0, /", |vm, a| {
        let codec = ordered(vm, a.opt(2), ["utf-16-le", "utf-16", "utf-16-be"])?;
        encode(vm, a, "utf_16_encode", codec)
    }),
    NativeDef::function("utf_32_encode", "str, errors=None, byteorder=0, /", |vm, a| {
        let codec = ordered(vm, a.opt(2), ["utf-32-le", "utf-32", "utf-32-be"])?;
        encode(vm, a, "utf_32_encode", codec)
    }),
    NativeDef::function("utf_16_decode", "data, errors=None, final=False, /", |vm, a| {
        let (text, n, _) = marked(vm, a, 2, a.opt(2), None)?;
        with_count(vm, text, n)
    }),
    NativeDef::function("utf_32_decode", "data, errors=None, final=False, /", |vm, a| {
        let (text, n, _) = marked(vm, a, 4, a.opt(2), None)?;
        with_count(vm, text, n)
    }),
    NativeDef::function("utf_16_ex_decode", "data, errors=None, byteorder=0, final=False, /", |vm, a| {
        ex(vm, a, 2)
    }),
    NativeDef::function("utf_32_ex_decode", "data, errors=None, byteorder=0, final=False, /", |vm, a| {
        ex(vm, a, 4)
    }),
    NativeDef::function("readbuffer_encode", "data, errors=None, /", |vm, a| {
        let data = match as_str(a.get(0)) {
            Some(s) => vm.new_bytes(s.as_bytes())?,
            None => vm.bytes_like(a.get(0))?,
        };
        let n = bytes_of(data.as_ref()).map_or(0, <[u8]>::len);
        with_count(vm, data, n)
    }),
];

/// The `errors` argument.
pub(super) fn errors(vm: &mut Vm, r: Option<Ref<'_>>) -> PyResult<String> {
    match r.filter(|r| !r.is_none()) {
        Some(r) => Ok(vm.expect_str(r, "argument 2")?.into_owned()),
        None => Ok("strict".to_owned()),
    }
}

fn ordered(vm: &mut Vm, r: Option<Ref<'_>>, names: [&'static str; 3]) -> PyResult<&'static str> {
    let order = crate::host::int_or(vm, r, 0)?;
    Ok(names[(order.signum() + 1) as usize])
}

fn encode(vm: &mut Vm, args: &Args<'_>, function: &str, codec: &str) -> PyResult {
    let Some(s) = as_str(args.get(0)) else {
        let class = vm.type_name(args.get(0));
        return Err(vm.type_error(&format!("{function}() argument 1 must be str, not {class}")));
    };
    let errors = errors(vm, args.opt(1))?;
    let bytes = vm.encode(base_value(args.get(0)), codec, &errors)?;
    with_count(vm, bytes, s.char_len())
}

/// The bytes of the argument as an exact object; escapes also come in a str.
pub(super) fn input(vm: &mut Vm, r: Ref<'_>, text_too: bool) -> PyResult {
    match as_str(r).filter(|_| text_too) {
        Some(s) => vm.new_bytes(s.as_bytes()),
        None => vm.bytes_like(r),
    }
}

fn decode(vm: &mut Vm, args: &Args<'_>, codec: &str, tail: fn(&[u8]) -> usize) -> PyResult {
    let data = input(vm, args.get(0), false)?;
    let errors = errors(vm, args.opt(1))?;
    let last = crate::host::flag(vm, args.opt(2), false)?;
    let data = bytes_of(data.as_ref()).unwrap_or(&[]);
    let n = data.len() - if last { 0 } else { tail(data) };
    let text = vm.decode(&data[..n], codec, &errors)?;
    with_count(vm, text, n)
}

fn decode_escapes(vm: &mut Vm, args: &Args<'_>, codec: &str, tail: fn(&[u8]) -> usize) -> PyResult {
    let data = input(vm, args.get(0), true)?;
    let errors = errors(vm, args.opt(1))?;
    let last = crate::host::flag(vm, args.opt(2), true)?;
    let data = bytes_of(data.as_ref()).unwrap_or(&[]);
    let n = data.len() - if last { 0 } else { tail(data) };
    let text = vm.decode(&data[..n], codec, &errors)?;
    with_count(vm, text, n)
}

/// Bytes at the end that may be the start of a UTF-8 character.
fn utf8_tail(data: &[u8]) -> usize {
    let n = data.len();
    for back in 1..=n.min(3) {
        let b = data[n - back];
        if b & 0xC0 != 0x80 {
            let rest = &data[n - back..];
            let open = (0xC2..0xF5).contains(&b)
                && std::str::from_utf8(rest).is_err_and(|e| e.valid_up_to() == 0 && e.error_len().is_none());
            return if open { back } else { 0 };
        }
    }
    0
}

/// Bytes at the end that may be the start of a UTF-16 character.
fn wide_tail(data: &[u8], big: bool) -> usize {
    let odd = data.len() % 2;
    let whole = &data[..data.len() - odd];
    let high = whole.last_chunk::<2>().is_some_and(|u| {
        let u = if big { u16::from_be_bytes(*u) } else { u16::from_le_bytes(*u) };
        (0xD800..0xDC00).contains(&u)
    });
    odd + if high { 2 } else { 0 }
}

/// Length of an escape at the end for which `is_open` says so of what follows its backslash.
fn open_escape(data: &[u8], is_open: impl Fn(&[u8]) -> bool) -> usize {
    let mut i = 0;
    while i < data.len() {
        if data[i] != b'\\' {
            i += 1;
        } else if is_open(&data[i + 1..]) {
            return data.len() - i;
        } else {
            i += 2;
        }
    }
    0
}

/// Does `rest`, a letter and `n` hexadecimal digits, end before the last of them?
fn wants_digits(rest: &[u8], n: usize) -> bool {
    let found = rest[1..].iter().take(n).take_while(|b| b.is_ascii_hexdigit()).count();
    found < n && rest.len() <= found + 1
}

/// Length of an escape at the end that is not complete.
fn escape_tail(data: &[u8]) -> usize {
    open_escape(data, |rest| match rest.first() {
        None => true,
        Some(b'x') => wants_digits(rest, 2),
        Some(b'u') => wants_digits(rest, 4),
        Some(b'U') => wants_digits(rest, 8),
        Some(b'N') => match rest.get(1) {
            None => true,
            Some(b'{') => !rest.contains(&b'}'),
            _ => false,
        },
        Some(b'0'..=b'7') => rest.len() < 3 && rest.iter().all(|b| matches!(b, b'0'..=b'7')),
        _ => false,
    })
}

fn raw_tail(data: &[u8]) -> usize {
    open_escape(data, |rest| match rest.first() {
        None => true,
        Some(b'u') => wants_digits(rest, 4),
        Some(b'U') => wants_digits(rest, 8),
        _ => false,
    })
}

/// Decodes UTF-16 or UTF-32 whose order a mark may say: text, bytes taken, order (-1 little, 0 unknown, 1 big).
fn marked(
    vm: &mut Vm,
    args: &Args<'_>,
    unit: usize,
    last: Option<Ref<'_>>,
    order: Option<i32>,
) -> PyResult<(Owned, usize, i32)> {
    let data = input(vm, args.get(0), false)?;
    let errors = errors(vm, args.opt(1))?;
    let last = crate::host::flag(vm, last, false)?;
    let data = bytes_of(data.as_ref()).unwrap_or(&[]);
    let mut order = order.unwrap_or(0).signum();
    let (little, big): (&[u8], &[u8]) =
        if unit == 2 { (b"\xff\xfe", b"\xfe\xff") } else { (b"\xff\xfe\0\0", b"\0\0\xfe\xff") };
    let mut skip = 0;
    if order == 0 {
        if data.starts_with(little) {
            (order, skip) = (-1, unit);
        } else if data.starts_with(big) {
            (order, skip) = (1, unit);
        } else if data.len() < unit && !last {
            let empty = vm.new_str("")?;
            return Ok((empty, 0, 0));
        }
    }
    let codec = match (unit, order > 0) {
        (2, false) => "utf-16-le",
        (2, true) => "utf-16-be",
        (_, false) => "utf-32-le",
        _ => "utf-32-be",
    };
    let body = &data[skip..];
    let tail = match (last, unit) {
        (true, _) => 0,
        (false, 2) => wide_tail(body, order > 0),
        _ => body.len() % 4,
    };
    let text = vm.decode(&body[..body.len() - tail], codec, &errors)?;
    // Without a mark the order stays open only as long as nothing was read.
    Ok((text, data.len() - tail, order))
}

fn ex(vm: &mut Vm, args: &Args<'_>, unit: usize) -> PyResult {
    let order = crate::host::int_or(vm, args.opt(2), 0)?;
    let (text, n, order) = marked(vm, args, unit, args.opt(3), Some(order))?;
    let (n, order) = (vm.new_int(n as i64)?, vm.new_int(i64::from(order))?);
    vm.new_tuple(vec![text, n, order])
}
