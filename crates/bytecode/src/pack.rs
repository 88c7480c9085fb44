//! Code as bytes, compact and readable function by function: see [`crate::unpack`] for the other direction.
//!
//! ```text
//!  code: name, qualname, flags, first line, argcount, posonly, kwonly, nlocals, nregs, free variables, [doc], length, body
//!  body: local names, names, hidden, cells, free registers, constants, instructions, handlers, depths, positions
//! ```
//! Numbers are little-endian base 128, strings are numbers of a table ([`crate::strings`]). An instruction is its operation
//! and the operands its row of the table names; cache words, which are zero, are not written. `OPS.len()` as operation
//! marks four numbers that are the word as it is.
//! Invariant: whatever is written is read back equal.

use crate::code::{Code, CodeFlags, Const, Insn, Position};
use crate::opcodes::{OPS, Op};
use crate::strings::StringTable;

/// Writes code; its strings go to the table.
pub fn pack(code: &Code, strings: &mut StringTable) -> Vec<u8> {
    let mut w = Packer { out: Vec::new(), strings };
    w.code(code);
    w.out
}

pub(crate) fn number(out: &mut Vec<u8>, mut n: u64) {
    while n >= 0x80 {
        out.push(n as u8 | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
}

fn zigzag(n: i64) -> u64 {
    (n << 1 ^ n >> 63) as u64
}

/// The docstring of a function's code.
fn doc_of(c: &Code) -> Option<&[u8]> {
    match c.consts.first() {
        Some(Const::Str(s)) if c.flags.has(CodeFlags::HAS_DOCSTRING) => Some(s),
        _ => None,
    }
}

struct Packer<'a> {
    out: Vec<u8>,
    strings: &'a mut StringTable,
}

impl Packer<'_> {
    fn n(&mut self, n: impl Into<u64>) {
        number(&mut self.out, n.into());
    }

    fn string(&mut self, s: &[u8]) {
        let n = self.strings.number(s);
        self.n(n);
    }

    fn list<T>(&mut self, items: &[T], mut f: impl FnMut(&mut Self, &T)) {
        self.n(items.len() as u64);
        items.iter().for_each(|i| f(self, i));
    }

    fn code(&mut self, c: &Code) {
        for s in [&c.name, &c.qualname] {
            self.string(s.as_bytes());
        }
        self.n(c.flags.0);
        self.n(c.first_line);
        for n in [c.argcount, c.posonlyargcount, c.kwonlyargcount, c.nlocals, c.nregs] {
            self.n(n);
        }
        self.n(c.freevars.len() as u64);
        match doc_of(c) {
            Some(doc) => {
                self.n(1u64);
                self.string(doc);
            }
            None => self.n(0u64),
        }
        let head = std::mem::take(&mut self.out);
        self.body(c);
        let body = std::mem::replace(&mut self.out, head);
        self.n(body.len() as u64);
        self.out.extend(body);
    }

    fn body(&mut self, c: &Code) {
        self.list(&c.varnames, |w, s| w.string(s.as_bytes()));
        self.list(&c.names, |w, s| w.string(s.as_bytes()));
        for list in [&c.hidden, &c.cellvars, &c.freevars] {
            self.list(list, |w, n| w.n(*n));
        }
        self.list(&c.consts, Packer::constant);
        self.insns(&c.insns);
        self.list(&c.handlers, |w, h| {
            [h.start, h.end, h.target, u32::from(h.depth)].iter().for_each(|n| w.n(*n));
        });
        let mut pc = 0;
        self.list(&c.depths, |w, (at, depth)| {
            w.n(at.wrapping_sub(pc));
            w.n(*depth);
            pc = *at;
        });
        self.positions(&c.positions);
    }

    fn insns(&mut self, insns: &[Insn]) {
        self.n(insns.len() as u64);
        let mut pc = 0;
        while let Some(insn) = insns.get(pc) {
            pc += match Op::from_u16(insn.op).map(|op| op.info().caches) {
                Some(caches) if self.usual(*insn, insns.get(pc + 1..pc + 1 + caches)) => 1 + caches,
                _ => {
                    self.n(OPS.len() as u64);
                    [insn.op, insn.a, insn.b, insn.c].iter().for_each(|n| self.n(*n));
                    1
                }
            };
        }
    }

    /// Writes an instruction by its row of the table; `false`: it has what the table does not say.
    fn usual(&mut self, insn: Insn, caches: Option<&[Insn]>) -> bool {
        if caches.is_none_or(|c| c.iter().any(|w| *w != Insn::default())) {
            return false;
        }
        let letters = OPS[usize::from(insn.op)].operands.as_bytes();
        let fields = [insn.a, insn.b, insn.c];
        if letters.iter().zip(fields).any(|(l, f)| *l == b'_' && f != 0) {
            return false;
        }
        self.n(insn.op);
        for (letter, field) in letters.iter().zip(fields) {
            match letter {
                b'_' => {}
                b'X' => {
                    self.n(zigzag(i64::from(insn.bc())));
                    break;
                }
                b'I' | b'J' => self.n(zigzag(i64::from(field as i16))),
                _ => self.n(field),
            }
        }
        true
    }

    fn positions(&mut self, positions: &[Position]) {
        let (mut pc, mut line) = (0, 0);
        let head = std::mem::take(&mut self.out);
        for p in positions {
            self.n(p.pc.wrapping_sub(pc));
            self.n(zigzag(i64::from(p.line) - line));
            self.n(zigzag(i64::from(p.end_line) - i64::from(p.line)));
            self.n(p.col);
            // On one line the end comes after the start.
            let base = if p.line == p.end_line { i64::from(p.col) } else { 0 };
            self.n(zigzag(i64::from(p.end_col) - base));
            (pc, line) = (p.pc, i64::from(p.line));
        }
        let packed = std::mem::replace(&mut self.out, head);
        self.n(packed.len() as u64);
        self.out.extend(packed);
    }

    fn constant(&mut self, c: &Const) {
        let tag = |w: &mut Self, t: u8| w.out.push(t);
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
                self.out.extend(x.to_bits().to_le_bytes());
            }
            Const::Complex(re, im) => {
                tag(self, 7);
                self.out.extend(re.to_bits().to_le_bytes());
                self.out.extend(im.to_bits().to_le_bytes());
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
                self.list(items, Packer::constant);
            }
            Const::FrozenSet(items) => {
                tag(self, 11);
                self.list(items, Packer::constant);
            }
            Const::Code(code) => {
                tag(self, 12);
                self.code(code);
            }
        }
    }
}
