//! The error handlers as functions: each takes an exception and gives what to take instead and where to go on.

use super::chars_of;
use crate::prelude::{Args, Exc, NativeDef, Owned, PyResult, Ref, Vm};
use hognose_vm::object::bytes::bytes_of;
use hognose_vm::object::str::push_code_point;

/// Names of the built-in handlers.
pub(super) const NAMES: [&str; 8] = [
    "strict",
    "ignore",
    "replace",
    "xmlcharrefreplace",
    "backslashreplace",
    "namereplace",
    "surrogateescape",
    "surrogatepass",
];

static FUNCTIONS: &[NativeDef] = &[
    NativeDef::function("strict_errors", "exc, /", |vm, a| {
        if !vm.is_instance(a.get(0), vm.exc_class(Exc::BaseException)) {
            return Err(vm.type_error("codec must pass exception instance"));
        }
        Err(vm.raise_object(a.get(0).owned()))
    }),
    NativeDef::function("ignore_errors", "exc, /", |vm, a| {
        let e = read(vm, a)?;
        give(vm, b"", e.end)
    }),
    NativeDef::function("replace_errors", "exc, /", |vm, a| {
        let e = read(vm, a)?;
        let n = e.end - e.start;
        match e.kind {
            Kind::Encode => give(vm, &vec![b'?'; n], e.end),
            Kind::Decode => give(vm, "\u{fffd}".as_bytes(), e.end),
            Kind::Translate => give(vm, "\u{fffd}".repeat(n).as_bytes(), e.end),
        }
    }),
    NativeDef::function("xmlcharrefreplace_errors", "exc, /", |vm, a| {
        let e = read(vm, a)?;
        if e.kind != Kind::Encode {
            return Err(unknown(vm, a.get(0)));
        }
        let text: String = e.chars.iter().map(|c| format!("&#{c};")).collect();
        give(vm, text.as_bytes(), e.end)
    }),
    NativeDef::function("backslashreplace_errors", "exc, /", |vm, a| {
        let e = read(vm, a)?;
        let text: String = match e.kind {
            Kind::Decode => e.chars.iter().map(|b| format!("\\x{b:02x}")).collect(),
            _ => e.chars.iter().map(|c| escape(*c)).collect(),
        };
        give(vm, text.as_bytes(), e.end)
    }),
    NativeDef::function("namereplace_errors", "exc, /", |vm, a| {
        let e = read(vm, a)?;
        if e.kind != Kind::Encode {
            return Err(unknown(vm, a.get(0)));
        }
        // The machine's own handler knows the names.
        let mut text = Vec::new();
        e.chars.iter().for_each(|c| push_code_point(&mut text, *c));
        let text = vm.new_str_bytes(&text)?;
        let bytes = vm.encode(text.as_ref(), "ascii", "namereplace")?;
        give(vm, bytes_of(bytes.as_ref()).unwrap_or(&[]), e.end)
    }),
    NativeDef::function("surrogateescape", "exc, /", surrogateescape),
    NativeDef::function("surrogatepass", "exc, /", surrogatepass),
];

/// A dict of the handlers by name.
pub(super) fn table(vm: &mut Vm) -> PyResult {
    let scratch = vm.new_module("_codecs")?;
    vm.add_functions(scratch.as_ref(), FUNCTIONS)?;
    let dict = vm.new_dict()?;
    for name in NAMES {
        let function = if name.starts_with("surrogate") { name.to_owned() } else { format!("{name}_errors") };
        let f = vm.get_attr_name(scratch.as_ref(), &function)?;
        vm.dict_set_name(dict.as_ref(), name, f)?;
    }
    Ok(dict)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Encode,
    Decode,
    Translate,
}

/// What an exception says.
struct Error {
    kind: Kind,
    encoding: String,
    /// What cannot be converted: characters, or bytes.
    chars: Vec<u32>,
    /// As `chars`, with everything behind.
    rest: Vec<u8>,
    start: usize,
    end: usize,
}

#[cold]
fn unknown(vm: &mut Vm, r: Ref<'_>) -> hognose_vm::Raised {
    let class = vm.type_name(r);
    vm.type_error(&format!("don't know how to handle {class} in error callback"))
}

fn read(vm: &mut Vm, args: &Args<'_>) -> PyResult<Error> {
    let r = args.get(0);
    let is = |vm: &mut Vm, e: Exc| vm.is_instance(r, vm.exc_class(e));
    let kind = if is(vm, Exc::UnicodeEncodeError) {
        Kind::Encode
    } else if is(vm, Exc::UnicodeDecodeError) {
        Kind::Decode
    } else if is(vm, Exc::UnicodeTranslateError) {
        Kind::Translate
    } else {
        return Err(unknown(vm, r));
    };
    let encoding = if kind == Kind::Translate {
        String::new()
    } else {
        let e = vm.get_attr_name(r, "encoding")?;
        vm.text_of(e.as_ref())
    };
    let object = vm.get_attr_name(r, "object")?;
    let start = vm.get_attr_name(r, "start")?;
    let start = vm.index_isize(start.as_ref(), false)?;
    let end = vm.get_attr_name(r, "end")?;
    let end = vm.index_isize(end.as_ref(), false)?;
    let (mut all, mut bytes) = (Vec::new(), &[][..]);
    if kind == Kind::Decode {
        bytes = bytes_of(object.as_ref()).unwrap_or(&[]);
        all.extend(bytes.iter().map(|b| u32::from(*b)));
    } else {
        all = chars_of(object.as_ref());
    }
    // As CPython: both are brought into the object.
    let n = all.len() as isize;
    let start = start.clamp(0, (n - 1).max(0)) as usize;
    let end = end.clamp(1, n.max(1)).min(n).max(start as isize) as usize;
    let rest = bytes.get(start..).unwrap_or(&[]).to_vec();
    Ok(Error { kind, encoding, chars: all[start..end].to_vec(), rest, start, end })
}

fn give(vm: &mut Vm, text: &[u8], at: usize) -> PyResult {
    let text = vm.new_str_bytes(text)?;
    super::with_count(vm, text, at)
}

fn give_bytes(vm: &mut Vm, bytes: &[u8], at: usize) -> PyResult {
    let bytes: Owned = vm.new_bytes(bytes)?;
    super::with_count(vm, bytes, at)
}

fn escape(c: u32) -> String {
    match c {
        0..0x100 => format!("\\x{c:02x}"),
        0x100..0x1_0000 => format!("\\u{c:04x}"),
        _ => format!("\\U{c:08x}"),
    }
}

fn surrogateescape(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let e = read(vm, args)?;
    let raise = |vm: &mut Vm| Err(vm.raise_object(args.get(0).owned()));
    match e.kind {
        Kind::Encode => {
            if !e.chars.iter().all(|c| (0xdc80..0xdd00).contains(c)) {
                return raise(vm);
            }
            let bytes: Vec<u8> = e.chars.iter().map(|c| (*c & 0xff) as u8).collect();
            give_bytes(vm, &bytes, e.end)
        }
        Kind::Decode => {
            let good: Vec<u32> = e.chars.iter().copied().take(4).take_while(|b| *b >= 0x80).collect();
            if good.is_empty() {
                return raise(vm);
            }
            let mut text = Vec::new();
            good.iter().for_each(|b| push_code_point(&mut text, 0xdc00 | b));
            give(vm, &text, e.start + good.len())
        }
        Kind::Translate => Err(unknown(vm, args.get(0))),
    }
}

/// The encodings that can hold surrogates: bytes of a unit and whether it is big-endian.
fn unit_of(encoding: &str) -> Option<(usize, bool)> {
    let name: String =
        encoding.chars().filter(|c| c.is_ascii_alphanumeric()).map(|c| c.to_ascii_lowercase()).collect();
    Some(match name.as_str() {
        "utf8" | "cp65001" => (3, false),
        "utf16" | "utf16le" => (2, false),
        "utf16be" => (2, true),
        "utf32" | "utf32le" => (4, false),
        "utf32be" => (4, true),
        _ => return None,
    })
}

fn surrogatepass(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let e = read(vm, args)?;
    let raise = |vm: &mut Vm| Err(vm.raise_object(args.get(0).owned()));
    if e.kind == Kind::Translate {
        return Err(unknown(vm, args.get(0)));
    }
    let Some((size, big)) = unit_of(&e.encoding) else { return raise(vm) };
    if e.kind == Kind::Encode {
        let mut out = Vec::new();
        for &c in &e.chars {
            if !(0xd800..0xe000).contains(&c) {
                return raise(vm);
            }
            match (size, big) {
                (3, _) => push_code_point(&mut out, c),
                (2, false) => out.extend((c as u16).to_le_bytes()),
                (2, true) => out.extend((c as u16).to_be_bytes()),
                (_, false) => out.extend(c.to_le_bytes()),
                _ => out.extend(c.to_be_bytes()),
            }
        }
        return give_bytes(vm, &out, e.end);
    }
    let c = match (size, big, e.rest.as_slice()) {
        (3, _, &[a, b, c, ..]) if a & 0xf0 == 0xe0 && b & 0xc0 == 0x80 && c & 0xc0 == 0x80 => {
            u32::from(a & 15) << 12 | u32::from(b & 63) << 6 | u32::from(c & 63)
        }
        (2, false, &[a, b, ..]) => u32::from(u16::from_le_bytes([a, b])),
        (2, true, &[a, b, ..]) => u32::from(u16::from_be_bytes([a, b])),
        (4, false, &[a, b, c, d, ..]) => u32::from_le_bytes([a, b, c, d]),
        (4, true, &[a, b, c, d, ..]) => u32::from_be_bytes([a, b, c, d]),
        _ => 0,
    };
    if !(0xd800..0xe000).contains(&c) {
        return raise(vm);
    }
    let mut text = Vec::new();
    push_code_point(&mut text, c);
    give(vm, &text, e.start + size)
}
