//! The module `binascii`: hexadecimal, base 64, uuencoded and quoted-printable text; checksums.

mod base64;
mod lines;

use crate::prelude::{
    Args, Exc, NativeDef, Owned, PyResult, Raised, Ref, Vm, add_exception, as_str, buffer, bytes_arg,
    new_module, raise_of, str_bytes,
};
use hognose_vm::TextBuf;

const FUNCTIONS: &[NativeDef] = &[
    NativeDef::function("a2b_base64", "data, /, *, strict_mode=False", base64::decode),
    NativeDef::function("b2a_base64", "data, /, *, newline=True", base64::encode),
    NativeDef::function("a2b_hex", "hexstr, /", unhexlify),
    NativeDef::function("unhexlify", "hexstr, /", unhexlify),
    NativeDef::function("b2a_hex", "data, sep=<unrepresentable>, bytes_per_sep=1", hexlify),
    NativeDef::function("hexlify", "data, sep=<unrepresentable>, bytes_per_sep=1", hexlify),
    NativeDef::function("a2b_uu", "data, /", lines::uu_decode),
    NativeDef::function("b2a_uu", "data, /, *, backtick=False", lines::uu_encode),
    NativeDef::function("a2b_qp", "data, header=False", lines::qp_decode),
    NativeDef::function("b2a_qp", "data, quotetabs=False, istext=True, header=False", lines::qp_encode),
    NativeDef::function("crc32", "data, crc=0, /", |vm, a| {
        let start = crate::zlib::checksum_start(vm, a.opt(1), 0)?;
        let data = bytes_arg(vm, a.get(0))?;
        vm.new_int(i64::from(crate::zlib::crc32(start, buffer::exact(data.as_ref()))))
    }),
    NativeDef::function("crc_hqx", "data, crc, /", |vm, a| {
        let mut crc = crate::zlib::checksum_start(vm, a.opt(1), 0)? & 0xffff;
        let data = bytes_arg(vm, a.get(0))?;
        for &b in buffer::exact(data.as_ref()) {
            crc ^= u32::from(b) << 8;
            for _ in 0..8 {
                crc = if crc & 0x8000 != 0 { crc << 1 ^ 0x1021 } else { crc << 1 } & 0xffff;
            }
        }
        vm.new_int(i64::from(crc))
    }),
];

/// Makes the module `binascii`.
pub fn make(vm: &mut Vm) -> PyResult {
    let module = new_module(vm, "binascii", "Conversion between binary data and ASCII", FUNCTIONS)?;
    add_exception(vm, module.as_ref(), "Error", "binascii", Exc::ValueError)?;
    add_exception(vm, module.as_ref(), "Incomplete", "binascii", Exc::Exception)?;
    Ok(module)
}

/// `binascii.Error`
#[cold]
fn error(vm: &mut Vm, message: &str) -> Raised {
    raise_of(vm, "binascii", "Error", message)
}

/// Text to be decoded: a bytes-like object or a str of ASCII, as bytes.
fn ascii_arg(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    if as_str(r).is_some() {
        let text = str_bytes(r);
        if !text.is_ascii() {
            return Err(vm.value_error("string argument should contain only ASCII characters"));
        }
        return vm.new_bytes(text);
    }
    match buffer::copy_of(vm, r)? {
        Some(b) => Ok(b),
        None => {
            let class = vm.type_name(r);
            let message = format!("argument should be bytes, buffer or ASCII string, not '{class}'");
            Err(vm.type_error(&message))
        }
    }
}

fn flag(vm: &mut Vm, r: Option<Ref<'_>>, default: bool) -> PyResult<bool> {
    match r {
        Some(r) => vm.is_true(r),
        None => Ok(default),
    }
}

fn nibble(b: u8) -> Option<u8> {
    char::from(b).to_digit(16).map(|d| d as u8)
}

fn unhexlify(vm: &mut Vm, a: &Args<'_>) -> PyResult {
    let data = ascii_arg(vm, a.get(0))?;
    let text = buffer::exact(data.as_ref());
    if !text.len().is_multiple_of(2) {
        return Err(error(vm, "Odd-length string"));
    }
    let mut out = TextBuf::new();
    out.reserve(vm, text.len() / 2)?;
    for pair in text.chunks_exact(2) {
        match (nibble(pair[0]), nibble(pair[1])) {
            (Some(h), Some(l)) => out.push_byte(vm, h << 4 | l)?,
            _ => return Err(error(vm, "Non-hexadecimal digit found")),
        }
    }
    out.to_bytes(vm)
}

/// The method of bytes does it.
fn hexlify(vm: &mut Vm, a: &Args<'_>) -> PyResult {
    let data = bytes_arg(vm, a.get(0))?;
    let given: Vec<Ref<'_>> = (1..=2).filter_map(|i| a.opt(i)).collect();
    let mut text: Owned = vm.call_method(data.as_ref(), "hex", &given)?;
    if given.is_empty() || str_bytes(text.as_ref()).is_ascii() {
        return vm.new_bytes(str_bytes(text.as_ref()));
    }
    let latin = vm.new_str("latin-1")?;
    text = vm.call_method(text.as_ref(), "encode", &[latin.as_ref()])?;
    Ok(text)
}
