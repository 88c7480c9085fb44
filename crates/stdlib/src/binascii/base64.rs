//! Base 64.

use super::{ascii_arg, error, flag};
use crate::prelude::{Args, PyResult, Raised, Vm, buffer, bytes_arg};
use hognose_vm::TextBuf;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Values of characters; 64: none.
static VALUES: [u8; 256] = {
    let mut t = [64; 256];
    let mut i = 0;
    while i < 64 {
        t[ALPHABET[i] as usize] = i as u8;
        i += 1;
    }
    t
};

/// `b2a_base64(data, /, *, newline=True)`
pub(super) fn encode(vm: &mut Vm, a: &Args<'_>) -> PyResult {
    let newline = flag(vm, a.opt(1), true)?;
    let data = bytes_arg(vm, a.get(0))?;
    let bytes = buffer::exact(data.as_ref());
    let mut out = TextBuf::new();
    out.reserve(vm, bytes.len() / 3 * 4 + 5)?;
    for group in bytes.chunks(3) {
        let at = |i: usize| u32::from(group.get(i).copied().unwrap_or(0));
        let n = at(0) << 16 | at(1) << 8 | at(2);
        let mut four = [b'='; 4];
        for (i, c) in four.iter_mut().enumerate().take(group.len() + 1) {
            *c = ALPHABET[(n >> (18 - 6 * i) & 63) as usize];
        }
        out.push(vm, &four)?;
    }
    if newline {
        out.push(vm, b"\n")?;
    }
    out.to_bytes(vm)
}

/// `a2b_base64(data, /, *, strict_mode=False)`
pub(super) fn decode(vm: &mut Vm, a: &Args<'_>) -> PyResult {
    let strict = flag(vm, a.opt(1), false)?;
    let data = ascii_arg(vm, a.get(0))?;
    let text = buffer::exact(data.as_ref());
    let mut out = TextBuf::new();
    out.reserve(vm, text.len() / 4 * 3 + 3)?;
    if strict && text.first() == Some(&b'=') {
        return Err(error(vm, "Leading padding not allowed"));
    }
    let (mut quad, mut left, mut pads, mut padded) = (0, 0u8, 0, false);
    for (i, &c) in text.iter().enumerate() {
        if c == b'=' {
            padded = true;
            pads += 1;
            if quad >= 2 && quad + pads >= 4 {
                // A complete quad: strictly nothing may follow.
                if strict && i + 1 < text.len() {
                    return Err(error(vm, "Excess data after padding"));
                }
                continue;
            }
            if strict && quad == 0 {
                return Err(error(vm, "Excess padding not allowed"));
            }
            if strict && quad == 1 {
                return Err(misfit(vm, out.as_bytes().len()));
            }
            continue;
        }
        let v = VALUES[usize::from(c)];
        if v >= 64 {
            if strict {
                return Err(error(vm, "Only base64 data is allowed"));
            }
            continue;
        }
        if strict && padded {
            return Err(error(vm, "Discontinuous padding not allowed"));
        }
        pads = 0;
        match quad {
            0 => {}
            1 => out.push_byte(vm, left << 2 | v >> 4)?,
            2 => out.push_byte(vm, (left & 15) << 4 | v >> 2)?,
            _ => out.push_byte(vm, (left & 3) << 6 | v)?,
        }
        left = v;
        quad = (quad + 1) % 4;
    }
    match quad {
        0 => out.to_bytes(vm),
        2.. if quad + pads >= 4 => out.to_bytes(vm),
        1 => Err(misfit(vm, out.as_bytes().len())),
        _ => Err(error(vm, "Incorrect padding")),
    }
}

#[cold]
fn misfit(vm: &mut Vm, written: usize) -> Raised {
    let n = written / 3 * 4 + 1;
    error(
        vm,
        &format!(
            "Invalid base64-encoded string: number of data characters ({n}) cannot be 1 more than a multiple of 4"
        ),
    )
}
