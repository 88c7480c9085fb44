//! Code as bytes, for what is compiled ahead and for cache files.
//!
//!   | magic | fingerprint of the opcodes u64 | checksum of the rest u64 | strings | code … |
//!
//! Numbers are little-endian base 128; strings are written once and named by number; instructions are raw words.
//! Invariant: [`decode`] gives what [`encode`] was given, or nothing: bytes that were damaged, cut, or written by another
//! version are not code.

use crate::code::{Code, CodeFlags, Const, Handler, Insn, Position};
use crate::opcodes::OPS;
use std::collections::HashMap;
use std::rc::Rc;

const MAGIC: &[u8; 4] = b"HGC1";
const HEADER: usize = 20;
/// Constants and functions nested deeper are not written (the compiler does not make them).
const DEPTH_MAX: usize = 400;

/// Of the opcode table: other tables cannot read the code.
fn fingerprint() -> u64 {
    let mut h = Fnv::new();
    for row in OPS {
        h.add(row.name.as_bytes());
        h.add(row.operands.as_bytes());
        h.add(&[row.caches as u8]);
    }
    h.0
}

/// A number for the first bytes of cache files; it changes with the format and with the opcodes.
pub fn pyc_magic() -> u32 {
    let f = fingerprint();
    0x0A0D_0000 | ((f ^ f >> 16 ^ f >> 32 ^ u64::from(MAGIC[3])) as u32 & 0xFFFF)
}

struct Fnv(u64);

impl Fnv {
    fn new() -> Fnv {
        Fnv(0xcbf2_9ce4_8422_2325)
    }
    fn add(&mut self, bytes: &[u8]) {
        for &b in bytes {
            self.0 = (self.0 ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

fn checksum(bytes: &[u8]) -> u64 {
    let mut h = Fnv::new();
    let words = bytes.chunks_exact(8);
    h.add(words.remainder());
    for w in words {
        let w = w.iter().rev().fold(0u64, |n, &b| n << 8 | u64::from(b));
        h.0 = (h.0 ^ w).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
    }
    h.0 ^ bytes.len() as u64
}

/// Writes code.
pub fn encode(code: &Code) -> Vec<u8> {
    let mut w = Writer { body: Vec::new(), strings: Vec::new(), numbers: HashMap::new() };
    w.code(code);
    let mut rest = Vec::with_capacity(w.body.len() + 1024);
    number(&mut rest, w.strings.len() as u64);
    for s in &w.strings {
        number(&mut rest, s.len() as u64);
        rest.extend(s);
    }
    rest.extend(&w.body);
    let mut out = MAGIC.to_vec();
    out.extend(fingerprint().to_le_bytes());
    out.extend(checksum(&rest).to_le_bytes());
    out.extend(rest);
    out
}

fn number(out: &mut Vec<u8>, mut n: u64) {
    while n >= 0x80 {
        out.push(n as u8 | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
}

struct Writer {
    body: Vec<u8>,
    strings: Vec<Vec<u8>>,
    numbers: HashMap<Vec<u8>, u64>,
}

impl Writer {
    fn n(&mut self, n: u64) {
        number(&mut self.body, n);
    }

    fn string(&mut self, s: &[u8]) {
        let n = match self.numbers.get(s) {
            Some(&n) => n,
            None => {
                let n = self.strings.len() as u64;
                self.strings.push(s.to_vec());
                self.numbers.insert(s.to_vec(), n);
                n
            }
        };
        self.n(n);
    }

    fn list<T>(&mut self, items: &[T], mut f: impl FnMut(&mut Writer, &T)) {
        self.n(items.len() as u64);
        items.iter().for_each(|i| f(self, i));
    }

    fn code(&mut self, c: &Code) {
        for s in [&c.name, &c.qualname, &c.filename] {
            self.string(s.as_bytes());
        }
        for n in [c.argcount, c.posonlyargcount, c.kwonlyargcount, c.nlocals, c.nregs] {
            self.n(u64::from(n));
        }
        self.n(u64::from(c.first_line));
        self.n(u64::from(c.flags.0));
        self.list(&c.varnames, |w, s| w.string(s.as_bytes()));
        self.list(&c.names, |w, s| w.string(s.as_bytes()));
        for list in [&c.hidden, &c.cellvars, &c.freevars] {
            self.list(list, |w, n| w.n(u64::from(*n)));
        }
        self.list(&c.consts, Writer::constant);
        self.n(c.insns.len() as u64);
        for i in &c.insns {
            for half in [i.op, i.a, i.b, i.c] {
                self.body.extend(half.to_le_bytes());
            }
        }
        self.list(&c.handlers, |w, h| {
            [h.start, h.end, h.target, u32::from(h.depth)].iter().for_each(|n| w.n(u64::from(*n)));
        });
        self.list(&c.depths, |w, (pc, depth)| {
            w.n(u64::from(*pc));
            w.n(u64::from(*depth));
        });
        let (mut pc, mut line) = (0, 0);
        self.list(&c.positions, |w, p| {
            w.n(u64::from(p.pc.wrapping_sub(pc)));
            w.n(zigzag(i64::from(p.line) - line));
            w.n(zigzag(i64::from(p.end_line) - i64::from(p.line)));
            w.n(u64::from(p.col));
            w.n(u64::from(p.end_col));
            (pc, line) = (p.pc, i64::from(p.line));
        });
    }

    fn constant(&mut self, c: &Const) {
        let tag = |w: &mut Writer, t: u8| w.body.push(t);
        match c {
            Const::None => tag(self, 0),
            Const::Bool(b) => tag(self, 1 + u8::from(*b)),
            Const::Ellipsis => tag(self, 3),
            Const::Int(n) => {
                tag(self, 4);
                self.n(zigzag(*n));
            }
            Const::BigInt(s) => {
                tag(self, 5);
                self.string(s.as_bytes());
            }
            Const::Float(x) => {
                tag(self, 6);
                self.body.extend(x.to_bits().to_le_bytes());
            }
            Const::Complex(re, im) => {
                tag(self, 7);
                self.body.extend(re.to_bits().to_le_bytes());
                self.body.extend(im.to_bits().to_le_bytes());
            }
            Const::Str(s) => {
                tag(self, 8);
                self.string(s);
            }
            Const::Bytes(s) => {
                tag(self, 9);
                self.string(s);
            }
            Const::Tuple(items) => {
                tag(self, 10);
                self.list(items, Writer::constant);
            }
            Const::FrozenSet(items) => {
                tag(self, 11);
                self.list(items, Writer::constant);
            }
            Const::Code(code) => {
                tag(self, 12);
                self.code(code);
            }
        }
    }
}

fn zigzag(n: i64) -> u64 {
    (n << 1 ^ n >> 63) as u64
}

fn unzigzag(n: u64) -> i64 {
    (n >> 1) as i64 ^ -((n & 1) as i64)
}

/// Are these the unharmed bytes of code of this version?
pub fn is_sound(bytes: &[u8]) -> bool {
    let word =
        |at: usize| bytes.get(at..at + 8).map(|b| u64::from_le_bytes(b.try_into().unwrap_or_default()));
    bytes.starts_with(MAGIC)
        && word(4) == Some(fingerprint())
        && bytes.len() >= HEADER
        && word(12) == Some(checksum(&bytes[HEADER..]))
}

/// Reads code; with `filename` it and all code inside it get that `co_filename`.
pub fn decode(bytes: &[u8], filename: Option<&str>) -> Option<Rc<Code>> {
    if !is_sound(bytes) {
        return None;
    }
    let mut r =
        Reader { rest: &bytes[HEADER..], bytes: Vec::new(), texts: Vec::new(), filename: None, depth: 0 };
    let n = r.len()?;
    for _ in 0..n {
        let len = r.len()?;
        let s = r.take(len)?;
        r.bytes.push(s);
        r.texts.push(None);
    }
    r.filename = filename.map(Rc::from);
    let code = r.code()?;
    r.rest.is_empty().then(|| Rc::new(code))
}

struct Reader<'a> {
    rest: &'a [u8],
    bytes: Vec<&'a [u8]>,
    /// Texts made so far, shared by all who name them.
    texts: Vec<Option<Rc<str>>>,
    filename: Option<Rc<str>>,
    depth: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let (head, tail) = self.rest.split_at_checked(n)?;
        self.rest = tail;
        Some(head)
    }

    fn n(&mut self) -> Option<u64> {
        let mut n = 0;
        for shift in (0..64).step_by(7) {
            let b = *self.rest.first()?;
            self.rest = &self.rest[1..];
            n |= u64::from(b & 0x7F) << shift;
            if b < 0x80 {
                return Some(n);
            }
        }
        None
    }

    fn u16(&mut self) -> Option<u16> {
        self.n()?.try_into().ok()
    }

    fn u32(&mut self) -> Option<u32> {
        self.n()?.try_into().ok()
    }

    /// A number of things of at least one byte each.
    fn len(&mut self) -> Option<usize> {
        let n = usize::try_from(self.n()?).ok()?;
        (n <= self.rest.len()).then_some(n)
    }

    fn string(&mut self) -> Option<&'a [u8]> {
        let i = usize::try_from(self.n()?).ok()?;
        self.bytes.get(i).copied()
    }

    fn text(&mut self) -> Option<Rc<str>> {
        let i = usize::try_from(self.n()?).ok()?;
        let place = self.texts.get_mut(i)?;
        if place.is_none() {
            *place = Some(Rc::from(std::str::from_utf8(self.bytes[i]).ok()?));
        }
        place.clone()
    }

    fn list<T>(&mut self, mut f: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let n = self.len()?;
        let mut out = Vec::with_capacity(n);
        for _ in 0..n {
            out.push(f(self)?);
        }
        Some(out)
    }

    fn code(&mut self) -> Option<Code> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return None;
        }
        let (name, qualname, filename) = (self.text()?, self.text()?, self.text()?);
        let mut code = Code {
            name,
            qualname,
            filename: self.filename.clone().unwrap_or(filename),
            argcount: self.u16()?,
            posonlyargcount: self.u16()?,
            kwonlyargcount: self.u16()?,
            nlocals: self.u16()?,
            nregs: self.u16()?,
            first_line: self.u32()?,
            flags: CodeFlags(self.u32()?),
            varnames: self.list(Self::text)?,
            names: self.list(Self::text)?,
            hidden: self.list(Self::u16)?,
            cellvars: self.list(Self::u16)?,
            freevars: self.list(Self::u16)?,
            consts: self.list(Self::constant)?,
            ..Code::default()
        };
        code.insns = self.insns()?;
        code.handlers = self
            .list(|r| Some(Handler { start: r.u32()?, end: r.u32()?, target: r.u32()?, depth: r.u16()? }))?;
        code.depths = self.list(|r| Some((r.u32()?, r.u16()?)))?;
        code.positions = self.positions()?;
        self.depth -= 1;
        let registers_fit = code.argument_count() <= usize::from(code.nlocals)
            && code.freevars.iter().chain(&code.cellvars).chain(&code.hidden).all(|r| *r < code.nlocals)
            && code
                .depths
                .iter()
                .all(|(_, d)| u32::from(*d) + u32::from(code.nlocals) <= u32::from(code.nregs));
        (registers_fit && code.verify().is_ok()).then_some(code)
    }

    fn insns(&mut self) -> Option<Vec<Insn>> {
        let n = self.len()?;
        let words = self.take(n.checked_mul(8)?)?;
        let half = |w: &[u8], i: usize| u16::from_le_bytes([w[2 * i], w[2 * i + 1]]);
        Some(
            words
                .chunks_exact(8)
                .map(|w| Insn { op: half(w, 0), a: half(w, 1), b: half(w, 2), c: half(w, 3) })
                .collect(),
        )
    }

    fn positions(&mut self) -> Option<Vec<Position>> {
        let (mut pc, mut line) = (0u32, 0i64);
        self.list(|r| {
            pc = pc.wrapping_add(r.u32()?);
            line += unzigzag(r.n()?);
            let end = line + unzigzag(r.n()?);
            let (col, end_col) = (r.u32()?, r.u32()?);
            Some(Position { pc, line: line.try_into().ok()?, end_line: end.try_into().ok()?, col, end_col })
        })
    }

    fn f64(&mut self) -> Option<f64> {
        Some(f64::from_bits(u64::from_le_bytes(self.take(8)?.try_into().ok()?)))
    }

    fn constant(&mut self) -> Option<Const> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return None;
        }
        let c = match self.take(1)?[0] {
            0 => Const::None,
            1 => Const::Bool(false),
            2 => Const::Bool(true),
            3 => Const::Ellipsis,
            4 => Const::Int(unzigzag(self.n()?)),
            5 => Const::BigInt(std::str::from_utf8(self.string()?).ok()?.to_owned()),
            6 => Const::Float(self.f64()?),
            7 => Const::Complex(self.f64()?, self.f64()?),
            8 => Const::Str(self.string()?.into()),
            9 => Const::Bytes(self.string()?.into()),
            10 => Const::Tuple(self.list(Self::constant)?),
            11 => Const::FrozenSet(self.list(Self::constant)?),
            12 => Const::Code(Rc::new(self.code()?)),
            _ => return None,
        };
        self.depth -= 1;
        Some(c)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::opcodes::Op;

    fn sample() -> Code {
        let inner = Code { name: "g".into(), filename: "a.py".into(), nregs: 1, ..Code::default() };
        Code {
            name: "f".into(),
            qualname: "f".into(),
            filename: "a.py".into(),
            first_line: 7,
            nregs: 3,
            consts: vec![
                Const::Int(-5),
                Const::Float(-0.0),
                Const::Str(b"\xed\xa0\x80".as_slice().into()),
                Const::Tuple(vec![Const::None, Const::BigInt("123456789012345678901234567890".into())]),
                Const::Code(Rc::new(inner)),
            ],
            insns: vec![Insn::new(Op::ReturnSpecial, 0, 0, 0)],
            positions: vec![Position { pc: 0, line: 7, end_line: 9, col: 4, end_col: 2 }],
            ..Code::default()
        }
    }

    #[test]
    fn what_was_written_is_read() {
        let code = sample();
        let bytes = encode(&code);
        assert_eq!(*decode(&bytes, None).unwrap(), code);
        assert_eq!(&*decode(&bytes, Some("b.py")).unwrap().filename, "b.py");
    }

    #[test]
    fn damaged_bytes_are_not_code() {
        let bytes = encode(&sample());
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x41;
            assert!(decode(&damaged, None).is_none(), "byte {at}");
            assert!(decode(&bytes[..at], None).is_none(), "cut at {at}");
        }
    }
}
