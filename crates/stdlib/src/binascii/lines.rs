//! Formats that work on lines: uuencoding and quoted-printable.

use super::{ascii_arg, error, flag};
use crate::prelude::{Args, PyResult, Vm, buffer, bytes_arg};
use hognose_vm::TextBuf;

/// `a2b_uu(data, /)`
pub(super) fn uu_decode(vm: &mut Vm, a: &Args<'_>) -> PyResult {
    let data = ascii_arg(vm, a.get(0))?;
    let text = buffer::exact(data.as_ref());
    let Some((&first, mut rest)) = text.split_first() else {
        return Err(error(vm, "Missing length byte"));
    };
    let mut want = usize::from(first.wrapping_sub(b' ') & 63);
    let mut out = TextBuf::new();
    let (mut bits, mut held) = (0u32, 0);
    while want > 0 {
        let c = match rest.split_first() {
            // Missing characters at the end of a line are blanks.
            None | Some((b'\n' | b'\r', _)) => 0,
            Some((&c, after)) => {
                rest = after;
                if !(b' '..=b' ' + 64).contains(&c) {
                    return Err(error(vm, "Illegal char"));
                }
                (c - b' ') & 63
            }
        };
        bits = bits << 6 | u32::from(c);
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push_byte(vm, (bits >> held) as u8)?;
            bits &= (1 << held) - 1;
            want -= 1;
        }
    }
    if rest.iter().any(|&c| c != b' ' && c != b' ' + 64 && c != b'\n' && c != b'\r') {
        return Err(error(vm, "Trailing garbage"));
    }
    out.to_bytes(vm)
}

/// `b2a_uu(data, /, *, backtick=False)`
pub(super) fn uu_encode(vm: &mut Vm, a: &Args<'_>) -> PyResult {
    let backtick = flag(vm, a.opt(1), false)?;
    let data = bytes_arg(vm, a.get(0))?;
    let bytes = buffer::exact(data.as_ref());
    if bytes.len() > 45 {
        return Err(error(vm, "At most 45 bytes at once"));
    }
    let char_of = |n: u32| if backtick && n == 0 { b'`' } else { b' ' + n as u8 };
    let mut out = vec![char_of(bytes.len() as u32)];
    for group in bytes.chunks(3) {
        let at = |i: usize| u32::from(group.get(i).copied().unwrap_or(0));
        let n = at(0) << 16 | at(1) << 8 | at(2);
        out.extend([18, 12, 6, 0].map(|shift| char_of(n >> shift & 63)));
    }
    out.push(b'\n');
    vm.new_bytes(&out)
}

fn digit(b: u8) -> Option<u8> {
    char::from(b).to_digit(16).map(|d| d as u8)
}

/// `a2b_qp(data, header=False)`
pub(super) fn qp_decode(vm: &mut Vm, a: &Args<'_>) -> PyResult {
    let header = flag(vm, a.opt(1), false)?;
    let data = ascii_arg(vm, a.get(0))?;
    let text = buffer::exact(data.as_ref());
    let mut out = TextBuf::new();
    let mut i = 0;
    while i < text.len() {
        let c = text[i];
        i += 1;
        if c != b'=' {
            out.push_byte(vm, if header && c == b'_' { b' ' } else { c })?;
            continue;
        }
        match text.get(i) {
            None => break,
            // A soft line break: all to the end of the line goes.
            Some(b'\n' | b'\r') => {
                i = text[i..].iter().position(|&b| b == b'\n').map_or(text.len(), |n| i + n + 1);
            }
            Some(b'=') => {
                out.push_byte(vm, b'=')?;
                i += 1;
            }
            Some(&h) => match (digit(h), text.get(i + 1).and_then(|&l| digit(l))) {
                (Some(h), Some(l)) => {
                    out.push_byte(vm, h << 4 | l)?;
                    i += 2;
                }
                _ => out.push_byte(vm, b'=')?,
            },
        }
    }
    out.to_bytes(vm)
}

/// `b2a_qp(data, quotetabs=False, istext=True, header=False)`
pub(super) fn qp_encode(vm: &mut Vm, a: &Args<'_>) -> PyResult {
    let (tabs, text, header) =
        (flag(vm, a.opt(1), false)?, flag(vm, a.opt(2), true)?, flag(vm, a.opt(3), false)?);
    let data = bytes_arg(vm, a.get(0))?;
    let s = buffer::exact(data.as_ref());
    // Line ends are written as the first one is.
    let crlf = s.iter().position(|&b| b == b'\n').is_some_and(|i| i > 0 && s[i - 1] == b'\r');
    let end: &[u8] = if crlf { b"\r\n" } else { b"\n" };
    let mut out = TextBuf::new();
    let (mut line, mut i) = (0, 0);
    while i < s.len() {
        let c = s[i];
        let next = s.get(i + 1).copied();
        let dot = c == b'.' && line == 0 && matches!(next, None | Some(b'\n' | b'\r' | 0));
        let blank_at_end = (c == b' ' || c == b'\t') && next.is_none();
        let quote = c > 126
            || c == b'='
            || (header && c == b'_')
            || dot
            || (!text && (c == b'\r' || c == b'\n'))
            || blank_at_end
            || (c < 33 && c != b'\r' && c != b'\n' && c != b'\t' && c != b' ')
            || (c < 33 && c != b'\r' && c != b'\n' && (tabs || (header && c != b' ' && c != b'\t')));
        if quote {
            if line + 3 >= 76 {
                out.push(vm, b"=")?;
                out.push(vm, end)?;
                line = 0;
            }
            out.push(vm, format!("={c:02X}").as_bytes())?;
            line += 3;
            i += 1;
        } else if text && (c == b'\n' || (c == b'\r' && next == Some(b'\n'))) {
            line = 0;
            // A blank before the end of the line must not be the last character.
            if let Some(&last @ (b' ' | b'\t')) = out.as_bytes().last() {
                let n = out.as_bytes().len() - 1;
                out.truncate(n);
                out.push(vm, format!("={last:02X}").as_bytes())?;
            }
            out.push(vm, end)?;
            i += if c == b'\r' { 2 } else { 1 };
        } else {
            if next.is_some() && next != Some(b'\n') && line + 1 >= 76 {
                out.push(vm, b"=")?;
                out.push(vm, end)?;
                line = 0;
            }
            line += 1;
            out.push_byte(vm, if header && c == b' ' { b'_' } else { c })?;
            i += 1;
        }
    }
    out.to_bytes(vm)
}
