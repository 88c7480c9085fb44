//! `str.format` and `format_map`: `{field!conversion:spec}`.
//!
//! The text is read once, from left to right; a specification that has fields of its own is expanded one level deep.

use super::write;
use crate::args::Args;
use crate::exceptions::Exc;
use crate::text::str_bytes;
use crate::types::str::build::TextBuf;
use crate::types::str::index::char_from;
use crate::types::str::this;
use crate::types::str::unicode::decimal_value;
use crate::{PyResult, Vm};
use hognose_object::{Owned, Ref};

/// How fields without a name are numbered.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Numbering {
    Undecided,
    Automatic,
    Manual,
}

/// Where fields get their values.
struct Source<'a> {
    /// Positional arguments; nothing for `format_map`.
    args: Option<&'a [Ref<'a>]>,
    names: &'a [Ref<'a>],
    values: &'a [Ref<'a>],
    mapping: Option<Ref<'a>>,
    numbering: Numbering,
    next: usize,
}

/// `s.format(*args, **kwargs)`
pub fn format(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let s = this(vm, args.get(0))?;
    let mut source = Source {
        args: Some(args.rest(1)),
        names: args.kwnames,
        values: args.kwvalues,
        mapping: None,
        numbering: Numbering::Undecided,
        next: 0,
    };
    let mut out = TextBuf::new();
    build(vm, &mut out, s.as_bytes(), &mut source, 2)?;
    out.to_str(vm)
}

/// `s.format_map(mapping)`
pub fn format_map(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let s = this(vm, args.get(0))?;
    let mut source = Source {
        args: None,
        names: &[],
        values: &[],
        mapping: Some(args.get(1)),
        numbering: Numbering::Undecided,
        next: 0,
    };
    let mut out = TextBuf::new();
    build(vm, &mut out, s.as_bytes(), &mut source, 2)?;
    out.to_str(vm)
}

fn build(vm: &mut Vm, out: &mut TextBuf, text: &[u8], source: &mut Source<'_>, depth: u32) -> PyResult<()> {
    if depth == 0 {
        return Err(vm.value_error("Max string recursion exceeded"));
    }
    let mut at = 0;
    while at < text.len() {
        let Some(n) = memchr::memchr2(b'{', b'}', &text[at..]) else {
            return out.push(vm, &text[at..]);
        };
        out.push(vm, &text[at..at + n])?;
        let brace = text[at + n];
        at += n + 1;
        if text.get(at) == Some(&brace) {
            out.push_byte(vm, brace)?;
            at += 1;
        } else if brace == b'}' {
            return Err(vm.value_error("Single '}' encountered in format string"));
        } else if at == text.len() {
            return Err(vm.value_error("Single '{' encountered in format string"));
        } else {
            let field = Field::parse(vm, text, &mut at)?;
            field.render(vm, out, source, depth)?;
        }
    }
    Ok(())
}

/// One replacement field.
struct Field<'a> {
    name: &'a [u8],
    conversion: u32,
    spec: &'a [u8],
    nested: bool,
}

impl<'a> Field<'a> {
    /// Parses from behind `{` to behind `}`.
    fn parse(vm: &mut Vm, text: &'a [u8], at: &mut usize) -> PyResult<Field<'a>> {
        let start = *at;
        let mut end = None;
        while let Some(&b) = text.get(*at) {
            *at += 1;
            match b {
                b'{' => return Err(vm.value_error("unexpected '{' in field name")),
                b'[' => {
                    *at += memchr::memchr(b']', &text[*at..]).unwrap_or(text.len() - *at);
                }
                b'}' | b':' | b'!' => {
                    end = Some(b);
                    break;
                }
                _ => {}
            }
        }
        let Some(end) = end else { return Err(vm.value_error("expected '}' before end of string")) };
        let mut field = Field { name: &text[start..*at - 1], conversion: 0, spec: b"", nested: false };
        if end == b'}' {
            return Ok(field);
        }
        if end == b'!' {
            let Some((c, next)) = char_from(text, *at) else {
                return Err(vm.value_error("end of string while looking for conversion specifier"));
            };
            field.conversion = c;
            *at = next;
            if let Some(&b) = text.get(*at) {
                *at += 1;
                match b {
                    b'}' => return Ok(field),
                    b':' => {}
                    _ => return Err(vm.value_error("expected ':' after conversion specifier")),
                }
            }
        }
        let (start, mut open) = (*at, 1);
        while let Some(&b) = text.get(*at) {
            *at += 1;
            match b {
                b'{' => {
                    field.nested = true;
                    open += 1;
                }
                b'}' => {
                    open -= 1;
                    if open == 0 {
                        field.spec = &text[start..*at - 1];
                        return Ok(field);
                    }
                }
                _ => {}
            }
        }
        Err(vm.value_error("unmatched '{' in format spec"))
    }

    fn render(&self, vm: &mut Vm, out: &mut TextBuf, source: &mut Source<'_>, depth: u32) -> PyResult<()> {
        let mut value = source.value(vm, self.name)?;
        match self.conversion {
            0 => {}
            0x72 => value = vm.repr(value.as_ref())?,
            0x73 => value = vm.str(value.as_ref())?,
            0x61 => {
                let text = vm.ascii(value.as_ref())?;
                value = vm.new_str(&text)?;
            }
            c => {
                let shown = if (33..127).contains(&c) {
                    char::from(c as u8).to_string()
                } else {
                    format!("\\x{c:x}")
                };
                return Err(vm.value_error(&format!("Unknown conversion specifier {shown}")));
            }
        }
        if !self.nested {
            return write(vm, out, value.as_ref(), self.spec);
        }
        let mut spec = TextBuf::new();
        build(vm, &mut spec, self.spec, source, depth - 1)?;
        write(vm, out, value.as_ref(), spec.as_bytes())
    }
}

/// A decimal number, if it is nothing else.
fn integer(vm: &mut Vm, text: &[u8]) -> PyResult<Option<usize>> {
    let mut n: Option<isize> = None;
    for c in hognose_object::str::code_points(text) {
        let Some(d) = decimal_value(c) else { return Ok(None) };
        n = n.unwrap_or(0).checked_mul(10).and_then(|n| n.checked_add(d as isize));
        if n.is_none() {
            return Err(vm.value_error("Too many decimal digits in format string"));
        }
    }
    Ok(n.map(|n| n as usize))
}

impl Source<'_> {
    fn value(&mut self, vm: &mut Vm, name: &[u8]) -> PyResult {
        let end = name.iter().position(|&b| b == b'.' || b == b'[').unwrap_or(name.len());
        let value = self.first(vm, &name[..end])?;
        follow(vm, value, &name[end..])
    }

    fn first(&mut self, vm: &mut Vm, name: &[u8]) -> PyResult {
        let number = integer(vm, name)?;
        if !name.is_empty() && number.is_none() {
            return self.named(vm, name);
        }
        let wanted = if name.is_empty() { Numbering::Automatic } else { Numbering::Manual };
        if self.numbering == Numbering::Undecided {
            self.numbering = wanted;
        }
        if self.numbering != wanted {
            return Err(vm.value_error(match wanted {
                Numbering::Automatic => {
                    "cannot switch from manual field specification to automatic field numbering"
                }
                _ => "cannot switch from automatic field numbering to manual field specification",
            }));
        }
        let i = number.unwrap_or(self.next);
        self.next += usize::from(number.is_none());
        let Some(args) = self.args else {
            return Err(vm.value_error("Format string contains positional fields"));
        };
        match args.get(i) {
            Some(r) => Ok(r.owned()),
            None => {
                let message = format!("Replacement index {i} out of range for positional args tuple");
                Err(vm.raise(Exc::IndexError, &message))
            }
        }
    }

    fn named(&self, vm: &mut Vm, name: &[u8]) -> PyResult {
        if let Some(i) = self.names.iter().position(|n| str_bytes(*n) == name) {
            return Ok(self.values[i].owned());
        }
        let key = vm.new_str_bytes(name)?;
        match self.mapping {
            Some(mapping) => vm.get_item(mapping, key.as_ref()),
            None => Err(vm.key_error(key.as_ref())),
        }
    }
}

/// Follows `.attribute` and `[index]`.
fn follow(vm: &mut Vm, mut value: Owned, path: &[u8]) -> PyResult {
    let mut at = 0;
    while at < path.len() {
        let is_attribute = path[at] == b'.';
        let rest = &path[at + 1..];
        let n = if is_attribute {
            rest.iter().position(|&b| b == b'.' || b == b'[').unwrap_or(rest.len())
        } else {
            match memchr::memchr(b']', rest) {
                Some(n) => n,
                None => return Err(vm.value_error("Missing ']' in format string")),
            }
        };
        let name = &rest[..n];
        at += 1 + n + usize::from(!is_attribute);
        if name.is_empty() {
            return Err(vm.value_error("Empty attribute in format string"));
        }
        if is_attribute {
            let key = vm.new_str_bytes(name)?;
            value = vm.get_attr(value.as_ref(), key.as_ref())?;
            continue;
        }
        let key = match integer(vm, name)? {
            Some(n) => vm.new_int(n as i64)?,
            None => vm.new_str_bytes(name)?,
        };
        value = vm.get_item(value.as_ref(), key.as_ref())?;
        if !matches!(path.get(at), None | Some(b'.' | b'[')) {
            let message = "Only '.' or '[' may follow ']' in format field specifier";
            return Err(vm.value_error(message));
        }
    }
    Ok(value)
}
