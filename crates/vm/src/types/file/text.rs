//! The type of text files: a binary file seen through an encoding and a convention for ends of lines.
//!
//! Encodings in which every ASCII byte is that character are decoded piece by piece from the bytes read ahead, so
//! `tell()` is a byte position. Others (UTF-16 …) are read whole on first use and put back as UTF-8.

use super::binary::{self, BinFile};
use super::{closed_file, size_argument, unsupported, write};
use crate::args::{Args, GetSetDef, NativeDef};
use crate::define::TypeDef;
use crate::stdio::Stream;
use crate::text::{as_str, str_bytes};
use crate::type_slots::Slots;
use crate::{PyResult, Vm};
use hognose_object::native::payload;
use hognose_object::str::StrRef;
use hognose_object::{Owned, Ref, none, owned_bool, trace_fields};
use std::cell::{Cell, RefCell};

/// What ends a line, and what becomes of it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Newline {
    /// Any of `\n`, `\r`, `\r\n`; read as `\n`.
    Universal,
    /// Any of them, left as it is.
    Any,
    /// `\n`
    Lf,
    /// `\r`; `\n` is written as it.
    Cr,
    /// `\r\n`; `\n` is written as it.
    CrLf,
}

/// How bytes make characters.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    /// UTF-8.
    Utf8,
    /// One byte each.
    Byte,
    /// Anything else.
    Other,
    /// What was [`Unit::Other`] and has been read whole.
    Transcoded,
}

/// A text file.
pub(crate) struct TextFile {
    /// The binary file.
    pub(super) buffer: Owned,
    pub(super) mode: String,
    pub(super) encoding: RefCell<String>,
    pub(super) errors: RefCell<String>,
    pub(super) unit: Cell<u8>,
    pub(super) newline: Newline,
    pub(super) by_line: Cell<bool>,
    pub(super) std: Option<Stream>,
    /// Ends of lines seen: 1 `\r`, 2 `\n`, 4 `\r\n`.
    seen: Cell<u8>,
}
trace_fields!(TextFile { buffer });

/// `_io.TextIOWrapper`
pub(crate) static TYPE: TypeDef = TypeDef {
    name: "_io.TextIOWrapper",
    slots: Slots { repr: Some(repr), iter: Some(iter), next: Some(next), ..Slots::NONE },
    methods: &[
        NativeDef::method("read", "$self, size=-1, /", read),
        NativeDef::method("readline", "$self, size=-1, /", readline),
        NativeDef::method("readlines", "$self, hint=-1, /", readlines),
        NativeDef::method("write", "$self, text, /", write::write),
        NativeDef::method("writelines", "$self, lines, /", write::writelines),
        NativeDef::method("flush", "$self, /", write::flush),
        NativeDef::method("close", "$self, /", write::close),
        NativeDef::method("seek", "$self, cookie, whence=0, /", write::seek),
        NativeDef::method("tell", "$self, /", write::tell),
        NativeDef::method("truncate", "$self, pos=None, /", write::truncate),
        NativeDef::method("fileno", "$self, /", |vm, a| forward(vm, a, "fileno")),
        NativeDef::method("isatty", "$self, /", |vm, a| forward(vm, a, "isatty")),
        NativeDef::method("readable", "$self, /", |vm, a| forward(vm, a, "readable")),
        NativeDef::method("writable", "$self, /", |vm, a| forward(vm, a, "writable")),
        NativeDef::method("seekable", "$self, /", |vm, a| forward(vm, a, "seekable")),
        NativeDef::method(
            "reconfigure",
            "$self, /, *, encoding=None, errors=None, newline=None, line_buffering=None, write_through=None",
            write::reconfigure,
        ),
        NativeDef::method("__enter__", "$self, /", enter),
        NativeDef::method("__exit__", "$self, /, *args", write::close),
    ],
    getset: &[
        GetSetDef::read("name", |_, r| {
            Ok(this(r).and_then(|f| f.bin().map(|b| b.name().owned())).unwrap_or_else(none))
        }),
        GetSetDef::read("mode", |vm, r| {
            let mode = this(r).map_or("", |f| f.mode.as_str());
            vm.new_str(mode)
        }),
        GetSetDef::read("closed", |_, r| Ok(owned_bool(this(r).is_none_or(TextFile::is_closed)))),
        GetSetDef::read("encoding", |vm, r| {
            let text = this(r).map_or_else(String::new, |f| f.encoding.borrow().clone());
            vm.new_str(&text)
        }),
        GetSetDef::read("errors", |vm, r| {
            let text = this(r).map_or_else(String::new, |f| f.errors.borrow().clone());
            vm.new_str(&text)
        }),
        GetSetDef::read("newlines", newlines),
        GetSetDef::read("line_buffering", |_, r| Ok(owned_bool(this(r).is_some_and(|f| f.by_line.get())))),
        GetSetDef::read("write_through", |_, r| {
            Ok(owned_bool(this(r).is_some_and(|f| f.std == Some(Stream::Err))))
        }),
        GetSetDef::read("buffer", |_, r| Ok(this(r).map_or_else(none, |f| f.buffer.as_ref().owned()))),
    ],
    ..TypeDef::EMPTY
};

pub(super) fn this(r: Ref<'_>) -> Option<&TextFile> {
    payload::<TextFile>(r)
}

pub(super) fn unit_of(encoding: &str) -> Unit {
    match encoding.to_ascii_lowercase().replace('_', "-").as_str() {
        "utf-8" | "utf8" | "u8" | "cp65001" => Unit::Utf8,
        "ascii" | "us-ascii" | "latin-1" | "latin1" | "iso-8859-1" | "iso8859-1" | "l1" | "cp1252"
        | "cp437" | "cp850" | "iso-8859-15" | "koi8-r" => Unit::Byte,
        _ => Unit::Other,
    }
}

const UNITS: [Unit; 4] = [Unit::Utf8, Unit::Byte, Unit::Other, Unit::Transcoded];

impl TextFile {
    pub(crate) fn new(
        buffer: Owned,
        encoding: Option<String>,
        errors: Option<String>,
        newline: Newline,
        mode: String,
        by_line: bool,
    ) -> TextFile {
        let encoding = encoding.filter(|e| e != "locale").unwrap_or_else(|| "UTF-8".to_owned());
        TextFile {
            buffer,
            mode,
            unit: Cell::new(unit_of(&encoding) as u8),
            encoding: RefCell::new(encoding),
            errors: RefCell::new(errors.unwrap_or_else(|| "strict".to_owned())),
            newline,
            by_line: Cell::new(by_line),
            std: None,
            seen: Cell::new(0),
        }
    }

    pub(crate) fn bin(&self) -> Option<&BinFile> {
        payload::<BinFile>(self.buffer.as_ref())
    }

    /// The standard stream of the machine it is.
    pub(crate) fn std_stream(&self) -> Option<Stream> {
        self.std
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.bin().is_none_or(BinFile::is_closed)
    }

    pub(super) fn unit(&self) -> Unit {
        UNITS[usize::from(self.unit.get() & 3)]
    }

    /// Decodes bytes of whole characters into a str.
    fn decode(&self, vm: &mut Vm, bytes: &[u8]) -> PyResult {
        match self.unit() {
            Unit::Transcoded => return vm.new_str_bytes(bytes),
            Unit::Utf8 | Unit::Byte if bytes.is_ascii() => return vm.new_str_bytes(bytes),
            Unit::Utf8 if std::str::from_utf8(bytes).is_ok() => return vm.new_str_bytes(bytes),
            _ => {}
        }
        let bytes = vm.new_bytes(bytes)?;
        let (encoding, errors) = self.codec(vm)?;
        vm.call_method(bytes.as_ref(), "decode", &[encoding.as_ref(), errors.as_ref()])
    }

    pub(super) fn codec(&self, vm: &mut Vm) -> PyResult<(Owned, Owned)> {
        let (encoding, errors) = (self.encoding.borrow().clone(), self.errors.borrow().clone());
        Ok((vm.new_str(&encoding)?, vm.new_str(&errors)?))
    }

    /// Makes the bytes read ahead ones that can be decoded piece by piece.
    fn prepare(&self, vm: &mut Vm, bin: &BinFile) -> PyResult<()> {
        if self.unit() != Unit::Other {
            return Ok(());
        }
        let all = bin.with(vm, |raw, vm| raw.read(vm, None))?;
        let text = self.decode(vm, &all)?;
        bin.raw.borrow_mut().unread(str_bytes(text.as_ref()));
        self.unit.set(Unit::Transcoded as u8);
        Ok(())
    }

    /// Length of the first line within `bytes`.
    fn line_end(&self, bytes: &[u8], last: bool) -> Option<usize> {
        let universal = matches!(self.newline, Newline::Universal | Newline::Any);
        let at = match self.newline {
            Newline::Lf => bytes.iter().position(|&b| b == b'\n')?,
            Newline::Cr => bytes.iter().position(|&b| b == b'\r')?,
            Newline::CrLf => return bytes.windows(2).position(|w| w == b"\r\n").map(|i| i + 2),
            _ => bytes.iter().position(|&b| b == b'\n' || b == b'\r')?,
        };
        if !universal || bytes[at] == b'\n' {
            return Some(at + 1);
        }
        match bytes.get(at + 1) {
            Some(b'\n') => Some(at + 2),
            Some(_) => Some(at + 1),
            // What follows decides.
            None => last.then_some(at + 1),
        }
    }

    /// Notes and translates ends of lines.
    fn translate(&self, text: Vec<u8>) -> Vec<u8> {
        let translates = self.newline == Newline::Universal;
        if !translates && self.newline != Newline::Any {
            return text;
        }
        if !text.contains(&b'\r') {
            if text.contains(&b'\n') {
                self.seen.set(self.seen.get() | 2);
            }
            return text;
        }
        let mut out = Vec::with_capacity(text.len());
        let mut rest = text.iter().peekable();
        while let Some(&b) = rest.next() {
            let kind = match b {
                b'\r' if rest.peek() == Some(&&b'\n') => {
                    rest.next();
                    4
                }
                b'\r' => 1,
                b'\n' => 2,
                b => {
                    out.push(b);
                    continue;
                }
            };
            self.seen.set(self.seen.get() | kind);
            out.push(b'\n');
        }
        if translates { out } else { text }
    }

    /// Bytes of the first `n` characters read ahead, a pair `\r\n` counting as one where it is translated; the
    /// second value says how many characters these are.
    fn prefix(&self, bytes: &[u8], n: usize, last: bool) -> (usize, usize) {
        let (mut at, mut count) = (0, 0);
        while count < n && at < bytes.len() {
            let size = match (bytes[at], self.unit()) {
                (b'\r', _) if self.newline == Newline::Universal => match bytes.get(at + 1) {
                    Some(b'\n') => 2,
                    Some(_) => 1,
                    None if last => 1,
                    None => break,
                },
                (0..0x80, _) | (_, Unit::Byte) => 1,
                (0x80..0xE0, _) => 2,
                (0xE0..0xF0, _) => 3,
                _ => 4,
            };
            if at + size > bytes.len() {
                if !last {
                    break;
                }
                at = bytes.len();
            } else {
                at += size;
            }
            count += 1;
        }
        (at, count)
    }

    fn read_chars(&self, vm: &mut Vm, bin: &BinFile, n: usize) -> PyResult<Vec<u8>> {
        bin.with(vm, |raw, vm| {
            let (mut out, mut left, mut last) = (Vec::new(), n, false);
            while left > 0 {
                let (size, count) = self.prefix(raw.ahead(), left, last);
                out.extend_from_slice(&raw.ahead()[..size]);
                raw.consume(size);
                left -= count;
                if left == 0 || last && raw.ahead().is_empty() {
                    break;
                }
                last = !raw.fill(vm)?;
            }
            Ok(out)
        })
    }
}

/// The file behind `self`, if it is open.
pub(super) fn opened<'a>(vm: &mut Vm, r: Ref<'a>) -> PyResult<(&'a TextFile, &'a BinFile)> {
    match this(r).and_then(|f| Some((f, f.bin()?))) {
        Some((f, b)) if !b.is_closed() => Ok((f, b)),
        _ => Err(closed_file(vm)),
    }
}

fn readable<'a>(vm: &mut Vm, r: Ref<'a>) -> PyResult<(&'a TextFile, &'a BinFile)> {
    let (f, b) = opened(vm, r)?;
    if !b.readable {
        return Err(unsupported(vm, "not readable"));
    }
    f.prepare(vm, b)?;
    Ok((f, b))
}

/// Calls the method of the binary file.
fn forward(vm: &mut Vm, args: &Args<'_>, name: &str) -> PyResult {
    let (f, _) = opened(vm, args.get(0))?;
    vm.call_method(f.buffer.as_ref(), name, &[])
}

fn repr(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let Some(f) = this(r) else { return vm.default_repr(r) };
    let name = match f.bin() {
        Some(b) => vm.repr_text(b.name())?,
        None => String::new(),
    };
    let (mode, encoding) = (&f.mode, f.encoding.borrow().clone());
    vm.new_str(&format!("<_io.TextIOWrapper name={name} mode='{mode}' encoding='{encoding}'>"))
}

fn newlines(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let seen = this(r).map_or(0, |f| f.seen.get());
    let mut kinds = Vec::new();
    for (bit, text) in [(1, "\r"), (2, "\n"), (4, "\r\n")] {
        if seen & bit != 0 {
            kinds.push(vm.new_str(text)?);
        }
    }
    match kinds.len() {
        0 => Ok(none()),
        1 => Ok(kinds.remove(0)),
        _ => vm.new_tuple(kinds),
    }
}

fn iter(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    opened(vm, r)?;
    Ok(r.owned())
}

fn enter(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    iter(vm, args.get(0))
}

fn line(vm: &mut Vm, r: Ref<'_>) -> PyResult<Option<Owned>> {
    let (f, b) = readable(vm, r)?;
    let line = b.with(vm, |raw, vm| raw.read_line(vm, usize::MAX, |bytes, last| f.line_end(bytes, last)))?;
    if line.is_empty() {
        return Ok(None);
    }
    let line = f.translate(line);
    f.decode(vm, &line).map(Some)
}

fn next(vm: &mut Vm, r: Ref<'_>) -> PyResult<Option<Owned>> {
    line(vm, r)
}

fn readline(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let limit = size_argument(vm, args.opt(1))?;
    let Some(limit) = limit else {
        return match line(vm, args.get(0))? {
            Some(line) => Ok(line),
            None => vm.new_str(""),
        };
    };
    let (f, b) = readable(vm, args.get(0))?;
    let line = b.with(vm, |raw, vm| {
        let line = raw.read_line(vm, usize::MAX, |bytes, last| f.line_end(bytes, last))?;
        let (size, _) = f.prefix(&line, limit, true);
        raw.unread(&line[size..]);
        Ok(line[..size].to_vec())
    })?;
    let line = f.translate(line);
    f.decode(vm, &line)
}

fn readlines(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let hint = size_argument(vm, args.opt(1))?.filter(|&h| h > 0).unwrap_or(usize::MAX);
    let list = vm.new_list(Vec::new())?;
    let mut total = 0usize;
    while total < hint {
        let Some(text) = line(vm, args.get(0))? else { break };
        total += as_str(text.as_ref()).map_or(0, StrRef::char_len);
        binary::push(vm, &list, text)?;
    }
    Ok(list)
}

fn read(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let n = size_argument(vm, args.opt(1))?;
    let (f, b) = readable(vm, args.get(0))?;
    let bytes = match n {
        None => b.with(vm, |raw, vm| raw.read(vm, None))?,
        Some(n) => f.read_chars(vm, b, n)?,
    };
    let bytes = f.translate(bytes);
    f.decode(vm, &bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(newline: Newline) -> TextFile {
        TextFile::new(Owned::null(), None, None, newline, "r".into(), false)
    }

    #[test]
    fn lines() {
        let f = file(Newline::Universal);
        assert_eq!(f.line_end(b"ab\r\ncd", false), Some(4));
        assert_eq!(f.line_end(b"ab\r", false), None);
        assert_eq!(f.line_end(b"ab\r", true), Some(3));
        assert_eq!(file(Newline::CrLf).line_end(b"a\nb\r\n", false), Some(5));
        assert_eq!(f.translate(b"a\r\nb\rc\n".to_vec()), b"a\nb\nc\n");
        assert_eq!(f.seen.get(), 7);
    }

    #[test]
    fn characters() {
        let f = file(Newline::Universal);
        assert_eq!(f.prefix("aé€x".as_bytes(), 3, false), (6, 3));
        assert_eq!(f.prefix(b"a\r\nb", 2, false), (3, 2));
        assert_eq!(f.prefix(b"a\xe2\x82", 5, false), (1, 1));
        assert_eq!(f.prefix(b"a\xe2\x82", 5, true), (3, 2));
    }
}
