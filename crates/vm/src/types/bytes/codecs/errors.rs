//! Error handlers: strict, ignore, replace and the rest.

use crate::exceptions::Exc;
use crate::types::str::build::TextBuf;
use crate::types::str::repr::escape;
use crate::{PyResult, Raised, Vm};
use hognose_object::str::{StrRef, push_code_point};
use std::ops::Range;

/// Text that cannot be encoded.
pub struct EncodeError<'a> {
    /// The codec, for messages.
    pub codec: &'static str,
    /// All of the text.
    pub text: StrRef<'a>,
    /// Which characters.
    pub range: Range<usize>,
    /// Why.
    pub reason: &'static str,
}

/// What to write instead.
pub enum Replacement {
    /// Text, to be encoded.
    Text(Vec<u32>),
    /// Bytes for the first characters (`surrogateescape`, `surrogatepass`): how many characters they stand for.
    Bytes(Vec<u8>, usize),
}

impl EncodeError<'_> {
    /// UnicodeEncodeError
    #[cold]
    pub fn raise(&self, vm: &mut Vm) -> Raised {
        let args = (|| {
            let (start, end) = (self.range.start as i64, self.range.end as i64);
            Ok(vec![
                vm.new_str(self.codec)?,
                self.text.as_ref().owned(),
                vm.new_int(start)?,
                vm.new_int(end)?,
                vm.new_str(self.reason)?,
            ])
        })();
        match args {
            Ok(args) => vm.raise_with(Exc::UnicodeEncodeError, args),
            Err(r) => r,
        }
    }

    /// What the handler does with the characters `chars` of the range.
    #[cold]
    pub fn handle(&self, vm: &mut Vm, handler: &str, chars: &[u32]) -> PyResult<Replacement> {
        let text = |f: fn(u32) -> String| {
            Replacement::Text(chars.iter().flat_map(|&c| f(c).into_bytes()).map(u32::from).collect())
        };
        match handler {
            "strict" => Err(self.raise(vm)),
            "ignore" => Ok(Replacement::Text(Vec::new())),
            "replace" => Ok(Replacement::Text(vec![u32::from(b'?'); chars.len()])),
            "backslashreplace" => Ok(text(escape)),
            "xmlcharrefreplace" => Ok(text(|c| format!("&#{c};"))),
            "namereplace" => Ok(text(name_of)),
            "surrogateescape" => {
                let bytes: Vec<u8> = chars
                    .iter()
                    .take_while(|c| (0xdc80..0xdd00).contains(*c))
                    .map(|&c| (c & 0xff) as u8)
                    .collect();
                if bytes.is_empty() {
                    return Err(self.raise(vm));
                }
                let n = bytes.len();
                Ok(Replacement::Bytes(bytes, n))
            }
            "surrogatepass" => {
                let bytes = pass(self.codec, chars);
                if bytes.is_empty() {
                    Err(self.raise(vm))
                } else {
                    Ok(Replacement::Bytes(bytes, chars.len()))
                }
            }
            _ => Err(unknown(vm, handler)),
        }
    }
}

/// Surrogates as the codec would write other characters; nothing for codecs that cannot.
fn pass(codec: &str, chars: &[u32]) -> Vec<u8> {
    let mut out = Vec::new();
    if !chars.iter().all(|c| (0xd800..0xe000).contains(c)) {
        return out;
    }
    for &c in chars {
        match codec {
            "utf-8" => push_code_point(&mut out, c),
            "utf-16" | "utf-16-le" => out.extend((c as u16).to_le_bytes()),
            "utf-16-be" => out.extend((c as u16).to_be_bytes()),
            "utf-32" | "utf-32-le" => out.extend(c.to_le_bytes()),
            "utf-32-be" => out.extend(c.to_be_bytes()),
            _ => {}
        }
    }
    out
}

fn name_of(c: u32) -> String {
    match char::from_u32(c).and_then(unicode_names2::name) {
        Some(name) => format!("\\N{{{name}}}"),
        None => escape(c),
    }
}

#[cold]
fn unknown(vm: &mut Vm, handler: &str) -> Raised {
    vm.raise(Exc::LookupError, &format!("unknown error handler name '{handler}'"))
}

/// Bytes that cannot be decoded.
pub struct DecodeError<'a> {
    /// The codec, for messages.
    pub codec: &'static str,
    /// All of the bytes.
    pub bytes: &'a [u8],
    /// Which of them.
    pub range: Range<usize>,
    /// Why.
    pub reason: &'static str,
}

impl DecodeError<'_> {
    /// UnicodeDecodeError
    #[cold]
    pub fn raise(&self, vm: &mut Vm) -> Raised {
        let args = (|| {
            let (start, end) = (self.range.start as i64, self.range.end as i64);
            Ok(vec![
                vm.new_str(self.codec)?,
                vm.new_bytes(self.bytes)?,
                vm.new_int(start)?,
                vm.new_int(end)?,
                vm.new_str(self.reason)?,
            ])
        })();
        match args {
            Ok(args) => vm.raise_with(Exc::UnicodeDecodeError, args),
            Err(r) => r,
        }
    }

    /// Appends what the handler gives; returns where to go on.
    #[cold]
    pub fn handle(&self, vm: &mut Vm, handler: &str, out: &mut TextBuf) -> PyResult<usize> {
        let bad = &self.bytes[self.range.clone()];
        match handler {
            "strict" => return Err(self.raise(vm)),
            "ignore" => {}
            "replace" => out.push_char(vm, 0xfffd)?,
            "backslashreplace" => {
                for b in bad {
                    out.push(vm, format!("\\x{b:02x}").as_bytes())?;
                }
            }
            "surrogateescape" => {
                let n = bad.iter().take_while(|&&b| b >= 0x80).count();
                if n == 0 {
                    return Err(self.raise(vm));
                }
                for &b in &bad[..n] {
                    out.push_char(vm, 0xdc00 | u32::from(b))?;
                }
                return Ok(self.range.start + n);
            }
            "surrogatepass" => match self.surrogate() {
                Some((c, n)) => {
                    out.push_char(vm, c)?;
                    return Ok(self.range.start + n);
                }
                None => return Err(self.raise(vm)),
            },
            "xmlcharrefreplace" | "namereplace" => {
                return Err(vm.type_error("don't know how to handle UnicodeDecodeError in error callback"));
            }
            _ => return super::registry::handle_decode(vm, self, handler, out),
        }
        Ok(self.range.end)
    }

    /// The surrogate written at the start of the range, and its size.
    fn surrogate(&self) -> Option<(u32, usize)> {
        let rest = &self.bytes[self.range.start..];
        let (c, n) = match (self.codec, rest) {
            ("utf-8", &[a, b, c, ..]) if a & 0xf0 == 0xe0 && b & 0xc0 == 0x80 && c & 0xc0 == 0x80 => {
                (u32::from(a & 15) << 12 | u32::from(b & 63) << 6 | u32::from(c & 63), 3)
            }
            ("utf-16-le", &[a, b, ..]) => (u32::from(u16::from_le_bytes([a, b])), 2),
            ("utf-16-be", &[a, b, ..]) => (u32::from(u16::from_be_bytes([a, b])), 2),
            ("utf-32-le", &[a, b, c, d, ..]) => (u32::from_le_bytes([a, b, c, d]), 4),
            ("utf-32-be", &[a, b, c, d, ..]) => (u32::from_be_bytes([a, b, c, d]), 4),
            _ => return None,
        };
        (0xd800..0xe000).contains(&c).then_some((c, n))
    }
}
