//! UTF-16 and UTF-32 in either byte order.

use super::Order;
use super::errors::{DecodeError, EncodeError, Replacement};
use crate::types::str::build::TextBuf;
use crate::{PyResult, Vm};
use hognose_object::str::StrRef;

/// Size of a code unit.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// UTF-16
    Two,
    /// UTF-32
    Four,
}

fn name(unit: Unit, order: Order) -> &'static str {
    match (unit, order) {
        (Unit::Two, Order::Marked) => "utf-16",
        (Unit::Two, Order::Little) => "utf-16-le",
        (Unit::Two, Order::Big) => "utf-16-be",
        (Unit::Four, Order::Marked) => "utf-32",
        (Unit::Four, Order::Little) => "utf-32-le",
        (Unit::Four, Order::Big) => "utf-32-be",
    }
}

fn put(vm: &Vm, out: &mut TextBuf, unit: Unit, order: Order, c: u32) -> PyResult<()> {
    let big = order == Order::Big;
    if unit == Unit::Four {
        return out.push(vm, &if big { c.to_be_bytes() } else { c.to_le_bytes() });
    }
    let mut put16 = |n: u32| {
        let n = n as u16;
        out.push(vm, &if big { n.to_be_bytes() } else { n.to_le_bytes() })
    };
    if c < 0x1_0000 {
        return put16(c);
    }
    put16(0xd800 + ((c - 0x1_0000) >> 10))?;
    put16(0xdc00 + (c & 0x3ff))
}

/// Encodes.
pub fn encode(vm: &mut Vm, text: StrRef<'_>, errors: &str, unit: Unit, order: Order) -> PyResult {
    let mut out = TextBuf::new();
    if order == Order::Marked {
        put(vm, &mut out, unit, order, 0xfeff)?;
    }
    for (i, c) in text.chars().enumerate() {
        if !(0xd800..0xe000).contains(&c) {
            put(vm, &mut out, unit, order, c)?;
            continue;
        }
        let (codec, range) = (name(unit, order), i..i + 1);
        let error = EncodeError { codec, text, range, reason: "surrogates not allowed" };
        match error.handle(vm, errors, &[c])? {
            Replacement::Bytes(b, _) => {
                let size = if unit == Unit::Two { 2 } else { 4 };
                if b.len() % size != 0 {
                    return Err(error.raise(vm));
                }
                out.push(vm, &b)?;
            }
            Replacement::Text(t) => {
                for c in t {
                    put(vm, &mut out, unit, order, c)?;
                }
            }
        }
    }
    out.to_bytes(vm)
}

/// Decodes; a mark decides the order where none is given, little endian is assumed without.
pub fn decode(vm: &mut Vm, bytes: &[u8], errors: &str, unit: Unit, order: Order) -> PyResult {
    let mut at = 0;
    let mut actual = order;
    if order == Order::Marked {
        let (little, big): (&[u8], &[u8]) = match unit {
            Unit::Two => (b"\xff\xfe", b"\xfe\xff"),
            Unit::Four => (b"\xff\xfe\0\0", b"\0\0\xfe\xff"),
        };
        actual = if bytes.starts_with(big) { Order::Big } else { Order::Little };
        if bytes.starts_with(little) || bytes.starts_with(big) {
            at = little.len();
        }
    }
    let mut out = TextBuf::new();
    while at < bytes.len() {
        match next(bytes, at, unit, actual == Order::Big) {
            Ok((c, n)) => {
                out.push_char(vm, c)?;
                at += n;
            }
            Err((n, reason)) => {
                let error = DecodeError { codec: name(unit, actual), bytes, range: at..at + n, reason };
                at = error.handle(vm, errors, &mut out)?;
            }
        }
    }
    out.to_str(vm)
}

type Next = Result<(u32, usize), (usize, &'static str)>;

/// The code point at `at` and its size, or how many bytes are wrong and why.
fn next(bytes: &[u8], at: usize, unit: Unit, big: bool) -> Next {
    let rest = &bytes[at..];
    if unit == Unit::Four {
        let Some(&four) = rest.first_chunk::<4>() else { return Err((rest.len(), "truncated data")) };
        let c = if big { u32::from_be_bytes(four) } else { u32::from_le_bytes(four) };
        return match c {
            0xd800..0xe000 => Err((4, "code point in surrogate code point range(0xd800, 0xe000)")),
            0..0x11_0000 => Ok((c, 4)),
            _ => Err((4, "code point not in range(0x110000)")),
        };
    }
    let read = |i: usize| {
        let two = *rest.get(i..)?.first_chunk::<2>()?;
        Some(u32::from(if big { u16::from_be_bytes(two) } else { u16::from_le_bytes(two) }))
    };
    match read(0) {
        None => Err((rest.len(), "truncated data")),
        Some(high @ 0xd800..0xdc00) => match read(2) {
            Some(low @ 0xdc00..0xe000) => Ok((0x1_0000 + ((high & 0x3ff) << 10) + (low & 0x3ff), 4)),
            Some(_) => Err((2, "illegal UTF-16 surrogate")),
            None => Err((rest.len(), "unexpected end of data")),
        },
        Some(0xdc00..0xe000) => Err((2, "illegal encoding")),
        Some(c) => Ok((c, 2)),
    }
}
