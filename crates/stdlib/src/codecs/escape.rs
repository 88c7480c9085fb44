//! Bytes as in the source of a bytes literal: `escape_encode`, `escape_decode`.

use super::{convert, with_count};
use crate::prelude::{Args, NativeDef, PyResult, Vm};
use hognose_vm::object::bytes::bytes_of;

pub(super) const FUNCTIONS: &[NativeDef] = &[
    NativeDef::function("escape_encode", "data, errors=None, /", encode),
    NativeDef::function("escape_decode", "data, errors=None, /", decode),
];

fn encode(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    if !crate::host::is_bytes(args.get(0)) {
        let class = vm.type_name(args.get(0));
        return Err(vm.type_error(&format!("escape_encode() argument 1 must be bytes, not {class}")));
    }
    let data = vm.bytes_like(args.get(0))?;
    let data = bytes_of(data.as_ref()).unwrap_or(&[]);
    vm.heap().charge_external(data.len().saturating_mul(4))?;
    let mut out = Vec::with_capacity(data.len());
    for &b in data {
        match b {
            b'\\' | b'\'' => out.extend([b'\\', b]),
            b'\t' => out.extend(b"\\t"),
            b'\n' => out.extend(b"\\n"),
            b'\r' => out.extend(b"\\r"),
            0x20..0x7f => out.push(b),
            _ => out.extend(format!("\\x{b:02x}").bytes()),
        }
    }
    vm.heap().discharge_external(data.len().saturating_mul(4));
    let bytes = vm.new_bytes(&out)?;
    with_count(vm, bytes, data.len())
}

fn decode(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let data = convert::input(vm, args.get(0), true)?;
    let errors = convert::errors(vm, args.opt(1))?;
    let data = bytes_of(data.as_ref()).unwrap_or(&[]);
    let mut out = Vec::with_capacity(data.len());
    let mut i = 0;
    while i < data.len() {
        if data[i] != b'\\' {
            out.push(data[i]);
            i += 1;
            continue;
        }
        let Some(&b) = data.get(i + 1) else { return Err(vm.value_error("Trailing \\ in string")) };
        i += 2;
        match b {
            b'\n' => {}
            b'\\' | b'\'' | b'"' => out.push(b),
            b'b' => out.push(8),
            b'f' => out.push(12),
            b't' => out.push(9),
            b'n' => out.push(10),
            b'r' => out.push(13),
            b'v' => out.push(11),
            b'a' => out.push(7),
            b'0'..=b'7' => {
                let mut n = u32::from(b - b'0');
                let more = data[i..].iter().take(2).take_while(|b| matches!(b, b'0'..=b'7')).count();
                for d in &data[i..i + more] {
                    n = n << 3 | u32::from(d - b'0');
                }
                i += more;
                if n > 255 {
                    let text = format!(
                        "\"\\{n:o}\" is an invalid octal escape sequence. Such sequences will not work in the future. "
                    );
                    vm.warn(crate::prelude::Exc::DeprecationWarning, &text)?;
                }
                out.push(n as u8);
            }
            b'x' => hexadecimal(vm, data, &mut i, &errors, &mut out)?,
            _ => {
                let shown = (b as char).escape_default().to_string();
                let text = format!(
                    "\"\\{shown}\" is an invalid escape sequence. Such sequences will not work in the future. "
                );
                vm.warn(crate::prelude::Exc::DeprecationWarning, &text)?;
                out.extend([b'\\', b]);
            }
        }
    }
    let bytes = vm.new_bytes(&out)?;
    with_count(vm, bytes, data.len())
}

/// What follows `\x`.
fn hexadecimal(vm: &mut Vm, data: &[u8], at: &mut usize, errors: &str, out: &mut Vec<u8>) -> PyResult<()> {
    let digits = data.get(*at..*at + 2).and_then(|d| std::str::from_utf8(d).ok());
    let digits = digits.filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()));
    match digits.and_then(|d| u8::from_str_radix(d, 16).ok()) {
        Some(n) => {
            out.push(n);
            *at += 2;
        }
        None => {
            match errors {
                "replace" => out.push(b'?'),
                "ignore" => {}
                "strict" => {
                    return Err(vm.value_error(&format!("invalid \\x escape at position {}", *at - 2)));
                }
                other => {
                    let text = format!("decoding error; unknown error handling code: {other}");
                    return Err(vm.value_error(&text));
                }
            }
            if data.get(*at).is_some_and(u8::is_ascii_hexdigit) {
                *at += 1;
            }
        }
    }
    Ok(())
}
