//! Packed code ([`crate::pack`]) as code again: whole, or function by function when each is first needed.
//!
//! Invariant: whatever the bytes are, reading gives code or nothing. Code that was read is not thereby safe to run:
//! [`Code::verify`] says that.

use crate::code::{Code, CodeFlags, Const, Handler, Insn, Position};
use crate::opcodes::OPS;
use crate::strings::Strings;
use std::collections::HashMap;
use std::rc::Rc;

/// Constants and functions nested deeper are not read (the compiler does not make them).
const DEPTH_MAX: usize = 400;

/// What all packed code of one module shares.
#[derive(Debug)]
pub struct Unit {
    strings: Strings<'static>,
    filename: Rc<str>,
    blank: Rc<Code>,
}

/// Code that was not yet read.
#[derive(Clone, Debug)]
pub struct Packed {
    bytes: &'static [u8],
    unit: Rc<Unit>,
}

/// What is known of a function's code without reading its body.
pub struct Head<'a> {
    /// `co_name`, in WTF-8.
    pub name: &'a [u8],
    /// `co_qualname`.
    pub qualname: &'a [u8],
    /// The docstring.
    pub doc: Option<&'a [u8]>,
    /// Number of free variables, which are the last locals.
    pub free: u16,
    /// Numbers, and nothing else.
    numbers: Numbers,
}

#[derive(Clone, Copy)]
struct Numbers {
    flags: u32,
    first_line: u32,
    argcount: u16,
    posonly: u16,
    kwonly: u16,
    nlocals: u16,
    nregs: u16,
}

/// A constant of code read by itself: the code inside it is still packed.
pub enum Item {
    /// Anything else.
    Const(Const),
    /// A nested function, class body or comprehension.
    Code(Packed),
}

impl Packed {
    /// Code at the start of `bytes`.
    pub fn new(bytes: &'static [u8], strings: Strings<'static>, filename: &str) -> Packed {
        let filename: Rc<str> = filename.into();
        let blank = Rc::new(Code { filename: filename.clone(), ..Code::default() });
        Packed { bytes, unit: Rc::new(Unit { strings, filename, blank }) }
    }

    fn reader(&self) -> Reader<'static> {
        let mut r = Reader::new(self.bytes, self.unit.strings);
        r.set_filename(self.unit.filename.clone());
        r
    }

    /// `co_filename`
    pub fn filename(&self) -> &Rc<str> {
        &self.unit.filename
    }

    /// Code without a body, for whoever has not read it yet.
    pub fn blank(&self) -> &Rc<Code> {
        &self.unit.blank
    }

    /// What comes before the body.
    pub fn head(&self) -> Option<Head<'static>> {
        self.reader().head()
    }

    /// The code and its constants, which `Code::consts` does not hold; positions stay packed.
    pub fn body(&self) -> Option<(Code, Vec<Item>)> {
        let mut r = self.reader();
        r.keep_packed = Some(self);
        let code = r.code()?;
        Some((code, r.items))
    }

    /// The code with everything in it.
    pub fn code(&self) -> Option<Rc<Code>> {
        self.reader().code().map(Rc::new)
    }
}

impl Head<'_> {
    /// CPython's flags.
    pub fn flags(&self) -> CodeFlags {
        CodeFlags(self.numbers.flags)
    }
    /// Positional parameters.
    pub fn argcount(&self) -> u16 {
        self.numbers.argcount
    }
    /// Keyword-only parameters.
    pub fn kwonlyargcount(&self) -> u16 {
        self.numbers.kwonly
    }
    /// Local registers.
    pub fn nlocals(&self) -> u16 {
        self.numbers.nlocals
    }
    /// All registers.
    pub fn nregs(&self) -> u16 {
        self.numbers.nregs
    }
}

/// Source position of the instruction at `pc`, found in packed positions.
pub(crate) fn position_in(packed: &[u8], pc: u32) -> Position {
    let mut found = Position::default();
    positions(packed, |p| {
        let before = p.pc <= pc;
        if before {
            found = p;
        }
        before
    });
    found
}

/// Gives packed positions one by one until `f` has enough. `None`: they are damaged.
fn positions(packed: &[u8], mut f: impl FnMut(Position) -> bool) -> Option<()> {
    let mut r = Bytes(packed);
    let (mut pc, mut line) = (0u32, 0i64);
    while !r.0.is_empty() {
        pc = pc.wrapping_add(r.u32()?);
        line = line.wrapping_add(unzigzag(r.n()?));
        let end = line.wrapping_add(unzigzag(r.n()?));
        let col = r.u32()?;
        let base = if end == line { i64::from(col) } else { 0 };
        let end_col = unzigzag(r.n()?).wrapping_add(base).try_into().ok()?;
        let p = Position { pc, line: line.try_into().ok()?, end_line: end.try_into().ok()?, col, end_col };
        if !f(p) {
            break;
        }
    }
    Some(())
}

fn unzigzag(n: u64) -> i64 {
    (n >> 1) as i64 ^ -((n & 1) as i64)
}

/// Numbers of a sequence of bytes.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let (head, tail) = self.0.split_at_checked(n)?;
        self.0 = tail;
        Some(head)
    }

    #[inline]
    fn n(&mut self) -> Option<u64> {
        let (&first, rest) = self.0.split_first()?;
        self.0 = rest;
        if first < 0x80 { Some(u64::from(first)) } else { self.long(first) }
    }

    fn long(&mut self, first: u8) -> Option<u64> {
        let mut n = u64::from(first & 0x7F);
        for shift in (7..64).step_by(7) {
            let (&b, rest) = self.0.split_first()?;
            self.0 = rest;
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

    /// A number of things, none of which is smaller than a byte.
    fn len(&mut self) -> Option<usize> {
        let n = usize::try_from(self.n()?).ok()?;
        (n <= self.0.len()).then_some(n)
    }

    fn f64(&mut self) -> Option<f64> {
        Some(f64::from_bits(u64::from_le_bytes(self.take(8)?.try_into().ok()?)))
    }
}

/// Reads code.
pub(crate) struct Reader<'a> {
    bytes: Bytes<'a>,
    strings: Strings<'a>,
    /// Texts made so far, shared by all who name them.
    texts: HashMap<usize, Rc<str>>,
    filename: Rc<str>,
    depth: usize,
    /// Read by itself: nested code and positions stay as they are.
    keep_packed: Option<&'a Packed>,
    items: Vec<Item>,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8], strings: Strings<'a>) -> Reader<'a> {
        Reader {
            bytes: Bytes(bytes),
            strings,
            texts: HashMap::new(),
            filename: "".into(),
            depth: 0,
            keep_packed: None,
            items: Vec::new(),
        }
    }

    /// `co_filename` of the code that is read from now on.
    pub(crate) fn set_filename(&mut self, filename: Rc<str>) {
        self.filename = filename;
    }

    /// Was everything read?
    pub(crate) fn is_at_end(&self) -> bool {
        self.bytes.0.is_empty()
    }

    fn string(&mut self) -> Option<&'a [u8]> {
        let i = usize::try_from(self.bytes.n()?).ok()?;
        self.strings.get(i)
    }

    pub(crate) fn text(&mut self) -> Option<Rc<str>> {
        let i = usize::try_from(self.bytes.n()?).ok()?;
        if let Some(text) = self.texts.get(&i) {
            return Some(text.clone());
        }
        let text: Rc<str> = std::str::from_utf8(self.strings.get(i)?).ok()?.into();
        self.texts.insert(i, text.clone());
        Some(text)
    }

    fn list<T>(&mut self, mut f: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let n = self.bytes.len()?;
        let mut out = Vec::with_capacity(n);
        for _ in 0..n {
            out.push(f(self)?);
        }
        Some(out)
    }

    fn head(&mut self) -> Option<Head<'a>> {
        let (name, qualname) = (self.string()?, self.string()?);
        let numbers = Numbers {
            flags: self.bytes.u32()?,
            first_line: self.bytes.u32()?,
            argcount: self.bytes.u16()?,
            posonly: self.bytes.u16()?,
            kwonly: self.bytes.u16()?,
            nlocals: self.bytes.u16()?,
            nregs: self.bytes.u16()?,
        };
        let free = self.bytes.u16()?;
        let doc = if self.bytes.n()? == 0 { None } else { Some(self.string()?) };
        Some(Head { name, qualname, doc, free, numbers })
    }

    /// Code and, unless it stays packed, all code inside it.
    pub(crate) fn code(&mut self) -> Option<Code> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return None;
        }
        let head = self.head()?;
        let text = |s: &[u8]| std::str::from_utf8(s).ok().map(Rc::from);
        let Numbers { flags, first_line, argcount, posonly, kwonly, nlocals, nregs } = head.numbers;
        let mut code = Code {
            name: text(head.name)?,
            qualname: text(head.qualname)?,
            filename: self.filename.clone(),
            first_line,
            argcount,
            posonlyargcount: posonly,
            kwonlyargcount: kwonly,
            flags: CodeFlags(flags),
            nlocals,
            nregs,
            ..Code::default()
        };
        let len = self.bytes.len()?;
        let body = self.bytes.take(len)?;
        let after = std::mem::replace(&mut self.bytes, Bytes(body));
        self.body(&mut code)?;
        let whole = self.bytes.0.is_empty() && code.freevars.len() == usize::from(head.free);
        self.bytes = after;
        self.depth -= 1;
        whole.then_some(code)
    }

    fn body(&mut self, code: &mut Code) -> Option<()> {
        code.varnames = self.list(Self::text)?;
        code.names = self.list(Self::text)?;
        for list in [&mut code.hidden, &mut code.cellvars, &mut code.freevars] {
            *list = self.list(|r| r.bytes.u16())?;
        }
        match self.keep_packed {
            Some(packed) if self.depth == 1 => self.items = self.list(|r| r.item(packed))?,
            _ => code.consts = self.list(Self::constant)?,
        }
        code.insns = self.insns()?;
        let u32 = |r: &mut Self| r.bytes.u32();
        code.handlers = self.list(|r| {
            Some(Handler { start: u32(r)?, end: u32(r)?, target: u32(r)?, depth: r.bytes.u16()? })
        })?;
        let mut pc = 0u32;
        code.depths = self.list(|r| {
            pc = pc.wrapping_add(u32(r)?);
            Some((pc, r.bytes.u16()?))
        })?;
        let len = self.bytes.len()?;
        let packed = self.bytes.take(len)?;
        match self.keep_packed {
            // The bytes are those of `Packed`, which live for ever.
            Some(p) => code.packed_positions = p.part(packed)?,
            None => positions(packed, |p| {
                code.positions.push(p);
                true
            })?,
        }
        Some(())
    }

    fn insns(&mut self) -> Option<Vec<Insn>> {
        let n = usize::try_from(self.bytes.n()?).ok()?;
        // Each word is written with a byte at least, but for the caches.
        let mut out = Vec::with_capacity(n.min(self.bytes.0.len().saturating_mul(2)));
        while out.len() < n {
            let op = usize::try_from(self.bytes.n()?).ok()?;
            if op == OPS.len() {
                let b = &mut self.bytes;
                out.push(Insn { op: b.u16()?, a: b.u16()?, b: b.u16()?, c: b.u16()? });
                continue;
            }
            let info = OPS.get(op)?;
            out.push(self.insn(op as u16, info.operands.as_bytes())?);
            out.resize(out.len() + info.caches, Insn::default());
        }
        (out.len() == n).then_some(out)
    }

    fn insn(&mut self, op: u16, letters: &[u8]) -> Option<Insn> {
        let mut fields = [0u16; 3];
        for (letter, field) in letters.iter().zip(&mut fields) {
            *field = match letter {
                b'_' => 0,
                b'X' => {
                    let [a, ..] = fields;
                    let bc = i32::try_from(unzigzag(self.bytes.n()?)).ok()? as u32;
                    return Some(Insn { op, a, b: bc as u16, c: (bc >> 16) as u16 });
                }
                b'I' | b'J' => i16::try_from(unzigzag(self.bytes.n()?)).ok()? as u16,
                _ => self.bytes.u16()?,
            };
        }
        let [a, b, c] = fields;
        Some(Insn { op, a, b, c })
    }

    /// A constant; code is stepped over.
    fn item(&mut self, packed: &Packed) -> Option<Item> {
        if self.bytes.0.first() != Some(&12) {
            return self.constant().map(Item::Const);
        }
        self.bytes.take(1)?;
        let start = self.bytes.0;
        self.head()?;
        let len = self.bytes.len()?;
        self.bytes.take(len)?;
        let bytes = packed.part(start.get(..start.len() - self.bytes.0.len())?)?;
        Some(Item::Code(Packed { bytes, unit: packed.unit.clone() }))
    }

    fn constant(&mut self) -> Option<Const> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return None;
        }
        let c = match self.bytes.take(1)?[0] {
            0 => Const::None,
            1 => Const::Bool(false),
            2 => Const::Bool(true),
            3 => Const::Ellipsis,
            4 => Const::Int(unzigzag(self.bytes.n()?)),
            5 => Const::BigInt(std::str::from_utf8(self.string()?).ok()?.to_owned()),
            6 => Const::Float(self.bytes.f64()?),
            7 => Const::Complex(self.bytes.f64()?, self.bytes.f64()?),
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

impl Packed {
    /// A part of the bytes, found again by its place.
    fn part(&self, part: &[u8]) -> Option<&'static [u8]> {
        let start = part.as_ptr().addr().checked_sub(self.bytes.as_ptr().addr())?;
        self.bytes.get(start..start.checked_add(part.len())?)
    }
}
