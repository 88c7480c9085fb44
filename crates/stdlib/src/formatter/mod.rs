//! The module `_string`: format strings taken apart, for `string.Formatter`.

use crate::prelude::{
    Args, NativeDef, Owned, PyResult, Ref, Slots, TypeDef, Vm, as_str, new_module, none, payload,
    trace_fields,
};
use std::cell::Cell;

const FUNCTIONS: &[NativeDef] = &[
    NativeDef::function("formatter_parser", "format, /", parser),
    NativeDef::function("formatter_field_name_split", "field_name, /", split_name),
];

/// Makes the module `_string`.
pub fn make(vm: &mut Vm) -> PyResult {
    let module = new_module(vm, "_string", "string helper module", FUNCTIONS)?;
    vm.add_native_type::<Parts>(&PARTS)?;
    vm.add_native_type::<Names>(&NAMES)?;
    Ok(module)
}

fn text_argument(vm: &mut Vm, r: Ref<'_>) -> PyResult<Owned> {
    if as_str(r).is_none() {
        let class = vm.type_name(r);
        return Err(vm.type_error(&format!("expected str, got {class}")));
    }
    Ok(r.owned())
}

/// Iterator over `(literal, field name, format spec, conversion)`.
struct Parts {
    text: Owned,
    at: Cell<usize>,
}
trace_fields!(Parts { text });

static PARTS: TypeDef = TypeDef {
    name: "formatteriterator",
    slots: Slots { iter: Some(|_, r| Ok(r.owned())), next: Some(next_part), ..Slots::NONE },
    ..TypeDef::EMPTY
};

fn parser(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let text = text_argument(vm, args.get(0))?;
    vm.new_native(Parts { text, at: Cell::new(0) })
}

/// Literal text from `at` on, and where what follows begins; an error's text.
fn literal(b: &[u8], mut at: usize) -> Result<(Vec<u8>, usize, bool), &'static str> {
    let mut out = Vec::new();
    while at < b.len() {
        let c = b[at];
        at += 1;
        if c != b'{' && c != b'}' {
            out.push(c);
            continue;
        }
        match b.get(at) {
            // A doubled brace ends the literal, too: the next part goes on after it.
            Some(&d) if d == c => {
                out.push(c);
                return Ok((out, at + 1, false));
            }
            _ if c == b'}' => return Err("Single '}' encountered in format string"),
            None => return Err("Single '{' encountered in format string"),
            Some(_) => return Ok((out, at, true)),
        }
    }
    Ok((out, at, false))
}

struct Field<'a> {
    name: &'a [u8],
    conversion: Option<&'a [u8]>,
    spec: &'a [u8],
    end: usize,
}

fn field(b: &[u8], start: usize) -> Result<Field<'_>, &'static str> {
    let (mut depth, mut at, mut bracket) = (1, start, false);
    // The name ends at `!` or `:` outside of brackets.
    let mut name_end = None;
    while at < b.len() {
        match b[at] {
            b'[' if name_end.is_none() => bracket = true,
            b']' if name_end.is_none() => bracket = false,
            b'{' if name_end.is_none() && !bracket => return Err("unexpected '{' in field name"),
            b'{' => depth += 1,
            b'}' if bracket && name_end.is_none() => {}
            b'}' => {
                depth -= 1;
                if depth == 0 {
                    break;
                }
            }
            b'!' | b':' if name_end.is_none() && !bracket => name_end = Some(at),
            _ => {}
        }
        at += 1;
    }
    if depth > 0 {
        return Err("expected '}' before end of string");
    }
    let end = at + 1;
    let Some(n) = name_end else {
        return Ok(Field { name: &b[start..at], conversion: None, spec: b"", end });
    };
    let name = &b[start..n];
    if b[n] == b':' {
        return Ok(Field { name, conversion: None, spec: &b[n + 1..at], end });
    }
    let rest = &b[n + 1..at];
    let width = rest.first().map_or(0, |c| match c {
        0xF0.. => 4,
        0xE0.. => 3,
        0xC0.. => 2,
        _ => 1,
    });
    if width == 0 || width > rest.len() {
        return Err("unmatched '{' in format spec");
    }
    let (conversion, rest) = rest.split_at(width);
    match rest.first() {
        None => Ok(Field { name, conversion: Some(conversion), spec: b"", end }),
        Some(b':') => Ok(Field { name, conversion: Some(conversion), spec: &rest[1..], end }),
        Some(_) => Err("expected ':' after conversion specifier"),
    }
}

fn next_part(vm: &mut Vm, r: Ref<'_>) -> PyResult<Option<Owned>> {
    let Some(parts) = payload::<Parts>(r) else { return Ok(None) };
    let text = parts.text.clone();
    let bytes = crate::prelude::str_bytes(text.as_ref());
    if parts.at.get() >= bytes.len() {
        return Ok(None);
    }
    let (before, at, has_field) = literal(bytes, parts.at.get()).map_err(|e| vm.value_error(e))?;
    let before = vm.new_str_bytes(&before)?;
    if !has_field {
        parts.at.set(at);
        return vm.new_tuple(vec![before, none(), none(), none()]).map(Some);
    }
    let f = field(bytes, at).map_err(|e| vm.value_error(e))?;
    parts.at.set(f.end);
    let conversion = match f.conversion {
        Some(c) => vm.new_str_bytes(c)?,
        None => none(),
    };
    let (name, spec) = (vm.new_str_bytes(f.name)?, vm.new_str_bytes(f.spec)?);
    vm.new_tuple(vec![before, name, spec, conversion]).map(Some)
}

/// Iterator over `(is attribute, name or index)`.
struct Names {
    text: Owned,
    at: Cell<usize>,
}
trace_fields!(Names { text });

static NAMES: TypeDef = TypeDef {
    name: "fieldnameiterator",
    slots: Slots { iter: Some(|_, r| Ok(r.owned())), next: Some(next_name), ..Slots::NONE },
    ..TypeDef::EMPTY
};

/// Digits are an int, everything else is a str.
fn key(vm: &mut Vm, bytes: &[u8]) -> PyResult {
    if bytes.is_empty() || !bytes.iter().all(u8::is_ascii_digit) {
        return vm.new_str_bytes(bytes);
    }
    let n = bytes.iter().try_fold(0i64, |n, d| n.checked_mul(10)?.checked_add(i64::from(d - b'0')));
    match n {
        Some(n) => vm.new_int(n),
        None => Err(vm.value_error("Too many decimal digits in format string")),
    }
}

fn split_name(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let text = text_argument(vm, args.get(0))?;
    let bytes = crate::prelude::str_bytes(text.as_ref());
    let end = bytes.iter().position(|c| matches!(c, b'.' | b'[')).unwrap_or(bytes.len());
    let first = key(vm, &bytes[..end])?;
    let rest = vm.new_native(Names { text: text.clone(), at: Cell::new(end) })?;
    vm.new_pair(first, rest)
}

fn next_name(vm: &mut Vm, r: Ref<'_>) -> PyResult<Option<Owned>> {
    let Some(names) = payload::<Names>(r) else { return Ok(None) };
    let text = names.text.clone();
    let bytes = crate::prelude::str_bytes(text.as_ref());
    let at = names.at.get();
    let Some(&c) = bytes.get(at) else { return Ok(None) };
    let rest = &bytes[at + 1..];
    let (len, skip) = match c {
        b'.' => (rest.iter().position(|c| matches!(c, b'.' | b'[')).unwrap_or(rest.len()), 0),
        b'[' => match rest.iter().position(|c| *c == b']') {
            Some(n) => (n, 1),
            None => return Err(vm.value_error("Missing ']' in format string")),
        },
        _ => return Err(vm.value_error("Only '.' or '[' may follow ']' in format field specifier")),
    };
    if len == 0 {
        return Err(vm.value_error("Empty attribute in format string"));
    }
    names.at.set(at + 1 + len + skip);
    let is_attribute = c == b'.';
    let name = if is_attribute { vm.new_str_bytes(&rest[..len])? } else { key(vm, &rest[..len])? };
    vm.new_pair(crate::prelude::owned_bool(is_attribute), name).map(Some)
}
