//! Finding where a pattern matches: candidates by a literal or by first bytes, then the matcher.
//!
//!   Finder ─┬─ machine over bytes (ASCII str, bytes)
//!           └─ machine over UTF-8 (other str)
//!
//! Offsets are in bytes; what Python sees is converted by [`Subject`].

use super::link::few;
use super::machine::{Finish, Machine};
use super::program::{Program, accepts};
use hognose_vm::object::str::count_chars;
use hognose_vm::{Owned, PyResult, Ref, StrRef, Vm, base_value};

/// What is searched.
pub(super) struct Subject {
    /// As it was given.
    pub object: Owned,
    /// An exact str or bytes object with the same contents.
    pub data: Owned,
    pub is_str: bool,
    /// A str with characters beyond ASCII.
    pub utf8: bool,
}

impl Subject {
    /// `None`: neither str nor bytes-like.
    pub fn new(vm: &mut Vm, r: Ref<'_>) -> PyResult<Option<Subject>> {
        if let Some(s) = StrRef::new(base_value(r)) {
            let data = s.as_ref().owned();
            return Ok(Some(Subject { object: r.owned(), data, is_str: true, utf8: !s.is_ascii() }));
        }
        let data = hognose_vm::buffer::copy_of(vm, r)?;
        Ok(data.map(|data| Subject { object: r.owned(), data, is_str: false, utf8: false }))
    }

    /// The contents.
    pub fn bytes(&self) -> &[u8] {
        match StrRef::new(self.data.as_ref()) {
            Some(s) => s.as_bytes(),
            None => hognose_vm::buffer::exact(self.data.as_ref()),
        }
    }

    /// Length in characters.
    pub fn len(&self) -> usize {
        StrRef::new(self.data.as_ref()).map_or_else(|| self.bytes().len(), StrRef::char_len)
    }

    /// Byte offset of a character.
    pub fn offset(&self, i: usize) -> usize {
        match StrRef::new(self.data.as_ref()) {
            Some(s) if self.utf8 => s.byte_offset(i),
            _ => i,
        }
    }

    /// Character index of a byte offset, counted from a known pair.
    pub fn index(&self, byte: usize, known: (usize, usize)) -> usize {
        if !self.utf8 {
            return byte;
        }
        let s = self.bytes();
        if byte >= known.0 {
            known.1 + count_chars(&s[known.0..byte])
        } else {
            known.1 - count_chars(&s[byte..known.0])
        }
    }
}

enum Kind<'a> {
    Bytes(Machine<'a, false>),
    Utf8(Machine<'a, true>),
}

/// Runs `$body` with either machine.
macro_rules! with {
    ($kind:expr, $m:ident => $body:expr) => {
        match $kind {
            Kind::Bytes($m) => $body,
            Kind::Utf8($m) => $body,
        }
    };
}

/// How to look for candidates.
#[allow(clippy::large_enum_variant, reason = "one per search")]
enum Candidates<'a> {
    Literal(memchr::memmem::Finder<'a>),
    Few(Vec<u8>),
    Filter,
    Every,
}

/// A pattern over a subject, with the result of the last match.
pub(super) struct Finder<'a> {
    kind: Kind<'a>,
    p: &'a Program,
    s: &'a [u8],
    candidates: Option<Candidates<'a>>,
    used: bool,
    /// Where the last match began and ended.
    pub span: (usize, usize),
}

impl<'a> Finder<'a> {
    /// `s`: the subject up to where it ends for this search.
    pub fn new(vm: &Vm, p: &'a Program, s: &'a [u8], utf8: bool, groups: usize) -> PyResult<Finder<'a>> {
        let kind = if utf8 {
            Kind::Utf8(Machine::new(vm, p, s, groups)?)
        } else {
            Kind::Bytes(Machine::new(vm, p, s, groups)?)
        };
        Ok(Finder { kind, p, s, candidates: None, used: false, span: (0, 0) })
    }

    /// Matches at `start`.
    pub fn match_at(&mut self, vm: &mut Vm, start: usize, finish: Finish) -> PyResult<bool> {
        with!(&mut self.kind, m => {
            if self.used {
                m.reset();
            }
            self.used = true;
            let end = m.run(vm, start, finish)?;
            if let Some(end) = end {
                self.span = (start, end);
            }
            Ok(end.is_some())
        })
    }

    fn prepare(&mut self) {
        if self.candidates.is_some() {
            return;
        }
        let (from, to) = self.p.prefix;
        let c = if to > from {
            let text = &self.p.text[from as usize..to as usize];
            if let [b] = text {
                Candidates::Few(vec![*b])
            } else {
                Candidates::Literal(memchr::memmem::Finder::new(text))
            }
        } else {
            match self.p.filter(self.p.first) {
                None => Candidates::Every,
                Some(f) => match few(f) {
                    Some(bytes) if !bytes.is_empty() => Candidates::Few(bytes),
                    _ => Candidates::Filter,
                },
            }
        };
        self.candidates = Some(c);
    }

    /// The next place from `at` on where a match may begin.
    fn candidate(&self, at: usize) -> Option<usize> {
        let rest = self.s.get(at..)?;
        let found = match self.candidates.as_ref()? {
            Candidates::Every => Some(0),
            Candidates::Literal(f) => f.find(rest),
            Candidates::Few(b) => match b[..] {
                [a] => memchr::memchr(a, rest),
                [a, b] => memchr::memchr2(a, b, rest),
                [a, b, c] => memchr::memchr3(a, b, c, rest),
                _ => Some(0),
            },
            Candidates::Filter => {
                let f = self.p.filter(self.p.first)?;
                rest.iter().position(|&b| accepts(f, b))
            }
        };
        found.map(|n| at + n)
    }

    /// The first match from `start` on; `advance`: not an empty one right there.
    pub fn search(&mut self, vm: &mut Vm, start: usize, advance: bool) -> PyResult<bool> {
        self.prepare();
        let mut at = start;
        if self.s.len().saturating_sub(at) < self.p.min_width && !self.utf8() {
            return Ok(false);
        }
        loop {
            let Some(c) = self.candidate(at) else { return Ok(false) };
            at = c;
            let finish = if advance && at == start { Finish::Advanced } else { Finish::Anywhere };
            if self.match_at(vm, at, finish)? {
                return Ok(true);
            }
            if at >= self.s.len() || (self.p.anchored && at == start) {
                return Ok(false);
            }
            at += 1;
            while self.utf8() && at < self.s.len() && self.s[at] & 0xC0 == 0x80 {
                at += 1;
            }
        }
    }

    fn utf8(&self) -> bool {
        matches!(self.kind, Kind::Utf8(_))
    }

    /// Where a group of the last match lies.
    pub fn group(&self, g: usize) -> Option<(usize, usize)> {
        if g == 0 {
            return Some(self.span);
        }
        with!(&self.kind, m => m.group(g - 1))
    }

    /// Number of the group closed last; 0: none.
    pub fn last_group(&self) -> usize {
        with!(&self.kind, m => m.last)
    }
}
