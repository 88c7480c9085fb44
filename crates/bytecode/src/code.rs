//! `Code`: what the compiler hands to the machine.
//!
//! Registers of a frame:
//!   | parameters … | other locals and cells … | free variables … | temporaries (a stack) … |
//!    0              ^argument_count()          ^first_free         ^nlocals                 ^nregs
//!
//! Parameter order: positional-only and positional parameters, keyword-only ones, `*args`, `**kwargs`.
//! Invariant: see [`Code::verify`].

use crate::opcodes::{OPS, Op};
use std::rc::Rc;

/// One instruction word. Words after an instruction may be its inline caches, all zero at first.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[repr(C, align(8))]
pub struct Insn {
    /// [`Op`] as a number.
    pub op: u16,
    /// First operand.
    pub a: u16,
    /// Second operand.
    pub b: u16,
    /// Third operand.
    pub c: u16,
}

const _: () = assert!(size_of::<Insn>() == 8);

impl Insn {
    /// An instruction with three 16-bit operands.
    pub fn new(op: Op, a: u16, b: u16, c: u16) -> Insn {
        Insn { op: op as u16, a, b, c }
    }

    /// An instruction whose fields b and c hold one 32-bit operand (low half in b).
    pub fn wide(op: Op, a: u16, bc: i32) -> Insn {
        let [b0, b1, c0, c1] = bc.to_le_bytes();
        Insn { op: op as u16, a, b: u16::from_le_bytes([b0, b1]), c: u16::from_le_bytes([c0, c1]) }
    }

    /// The 32-bit operand in fields b and c.
    pub fn bc(self) -> i32 {
        (u32::from(self.b) | u32::from(self.c) << 16) as i32
    }
}

/// A constant as plain data; the loader makes the object.
#[derive(Clone, Debug, PartialEq)]
pub enum Const {
    /// `None`
    None,
    /// `True` or `False`
    Bool(bool),
    /// `...`
    Ellipsis,
    /// An int that fits.
    Int(i64),
    /// A larger int: sign and magnitude in decimal or `0x` hexadecimal digits.
    BigInt(String),
    /// A float, compared by bits.
    Float(f64),
    /// A complex number.
    Complex(f64, f64),
    /// A string in WTF-8: surrogates are encoded as three bytes like any other code point.
    Str(Rc<[u8]>),
    /// Bytes.
    Bytes(Rc<[u8]>),
    /// A tuple.
    Tuple(Vec<Const>),
    /// A frozen set, of `x in {…}`.
    FrozenSet(Vec<Const>),
    /// A nested function, class body or comprehension.
    Code(Rc<Code>),
}

/// A region protected by a handler. Regions are sorted innermost first for a given pc.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Handler {
    /// First protected pc.
    pub start: u32,
    /// First pc after the region.
    pub end: u32,
    /// Where control goes.
    pub target: u32,
    /// Temporaries that stay alive; the exception is put into register `nlocals + depth`.
    pub depth: u16,
}

/// Source position of the instructions from `pc` on; lines from 1, columns in bytes from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Position {
    /// First pc it holds for.
    pub pc: u32,
    /// First line (0: no line).
    pub line: u32,
    /// Last line.
    pub end_line: u32,
    /// First column, in UTF-8 bytes.
    pub col: u32,
    /// Column after the last byte.
    pub end_col: u32,
}

/// Properties of a code object; the numbers are CPython's `co_flags`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct CodeFlags(pub u32);

impl CodeFlags {
    /// Locals live in registers.
    pub const OPTIMIZED: u32 = 0x1;
    /// A new local namespace per call.
    pub const NEWLOCALS: u32 = 0x2;
    /// Has `*args`.
    pub const VARARGS: u32 = 0x4;
    /// Has `**kwargs`.
    pub const VARKEYWORDS: u32 = 0x8;
    /// Nested in a function.
    pub const NESTED: u32 = 0x10;
    /// Generator function.
    pub const GENERATOR: u32 = 0x20;
    /// `async def`.
    pub const COROUTINE: u32 = 0x80;
    /// `types.coroutine`.
    pub const ITERABLE_COROUTINE: u32 = 0x100;
    /// `async def` with `yield`.
    pub const ASYNC_GENERATOR: u32 = 0x200;
    /// The first constant is the docstring.
    pub const HAS_DOCSTRING: u32 = 0x400_0000;
    /// Defined in a class body.
    pub const METHOD: u32 = 0x800_0000;

    /// Are all these bits set?
    pub fn has(self, bits: u32) -> bool {
        self.0 & bits == bits
    }
}

/// A compiled function, class body, comprehension or module.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Code {
    /// `co_name`.
    pub name: Rc<str>,
    /// `co_qualname`.
    pub qualname: Rc<str>,
    /// `co_filename`.
    pub filename: Rc<str>,
    /// `co_firstlineno`.
    pub first_line: u32,
    /// Positional parameters, positional-only ones included.
    pub argcount: u16,
    /// Positional-only parameters.
    pub posonlyargcount: u16,
    /// Keyword-only parameters.
    pub kwonlyargcount: u16,
    /// CPython's flags.
    pub flags: CodeFlags,
    /// Registers that are locals (parameters, locals, cells, free variables).
    pub nlocals: u16,
    /// All registers.
    pub nregs: u16,
    /// Name of each local register (`nlocals` entries).
    pub varnames: Vec<Rc<str>>,
    /// Local registers that are hidden from `locals()` (inlined comprehension variables).
    pub hidden: Vec<u16>,
    /// Registers that hold cells made here (parameters included); `MakeCell` instructions make them.
    pub cellvars: Vec<u16>,
    /// Registers that receive the cells of the closure tuple, in its order: the last `freevars.len()` locals.
    pub freevars: Vec<u16>,
    /// Constants.
    pub consts: Vec<Const>,
    /// Attribute and global names.
    pub names: Vec<Rc<str>>,
    /// Instructions and their caches.
    pub insns: Vec<Insn>,
    /// Exception handlers, innermost first.
    pub handlers: Vec<Handler>,
    /// `(pc, depth)`: from pc on, `depth` temporaries are live *before* the instruction runs.
    pub depths: Vec<(u32, u16)>,
    /// Source positions, by pc.
    pub positions: Vec<Position>,
    /// Positions of code that was compiled ahead, still packed: `positions` is empty then.
    pub packed_positions: &'static [u8],
}

impl Code {
    /// Registers filled by the caller.
    pub fn argument_count(&self) -> usize {
        usize::from(self.argcount)
            + usize::from(self.kwonlyargcount)
            + usize::from(self.flags.has(CodeFlags::VARARGS))
            + usize::from(self.flags.has(CodeFlags::VARKEYWORDS))
    }

    /// The pcs at which instructions start, caches skipped.
    pub fn starts(&self) -> impl Iterator<Item = usize> + '_ {
        let mut pc = 0;
        std::iter::from_fn(move || {
            let at = pc;
            let insn = self.insns.get(at)?;
            pc += 1 + Op::from_u16(insn.op).map_or(0, |op| op.info().caches);
            Some(at)
        })
    }

    /// Number of live temporaries before the instruction at `pc`.
    pub fn depth_at(&self, pc: u32) -> u16 {
        let after = self.depths.partition_point(|&(at, _)| at <= pc);
        if after == 0 { 0 } else { self.depths[after - 1].1 }
    }

    /// Source position of the instruction at `pc`.
    pub fn position_at(&self, pc: u32) -> Position {
        if !self.packed_positions.is_empty() {
            return crate::unpack::position_in(self.packed_positions, pc);
        }
        let after = self.positions.partition_point(|p| p.pc <= pc);
        if after == 0 { Position::default() } else { self.positions[after - 1] }
    }

    /// Checks what the machine relies on: known operations, registers, constants, names and jump
    /// targets in range, temporaries written where a temporary is due.
    pub fn verify(&self) -> Result<(), String> {
        if self.nlocals > self.nregs || self.varnames.len() != usize::from(self.nlocals) {
            return Err(format!("{}: register counts disagree", self.qualname));
        }
        let starts: Vec<usize> = self.starts().collect();
        for &pc in &starts {
            self.verify_insn(pc, &starts).map_err(|e| format!("{} at {pc}: {e}", self.qualname))?;
        }
        for h in &self.handlers {
            let inside = starts.binary_search(&(h.target as usize)).is_ok();
            if !inside || h.start > h.end || self.nlocals + h.depth >= self.nregs {
                return Err(format!("{}: bad handler {h:?}", self.qualname));
            }
        }
        Ok(())
    }

    fn verify_insn(&self, pc: usize, starts: &[usize]) -> Result<(), String> {
        let insn = self.insns[pc];
        let op = Op::from_u16(insn.op).ok_or("unknown operation")?;
        let info = &OPS[op as usize];
        let next = (pc + 1 + info.caches) as i64;
        let mut letters = info.operands.chars();
        let mut fields = [insn.a, insn.b, insn.c].into_iter();
        while let (Some(letter), Some(field)) = (letters.next(), fields.next()) {
            let register = |low: u16, high: u16| {
                if (low..high).contains(&field) { Ok(()) } else { Err(format!("{op:?}: register {field}")) }
            };
            let index = |n: i64, len: usize| {
                if n >= 0 && (n as usize) < len { Ok(()) } else { Err(format!("{op:?}: index {n}")) }
            };
            let jump = |n: i64| {
                let ok = starts.binary_search(&((next + n) as usize)).is_ok();
                if ok { Ok(()) } else { Err(format!("{op:?}: jump {n}")) }
            };
            match letter {
                'W' | 'B' => register(self.nlocals, self.nregs + u16::from(letter == 'B'))?,
                'L' => register(0, self.nlocals)?,
                'R' | 'K' => register(0, self.nregs)?,
                'N' => index(i64::from(field), self.names.len())?,
                'C' => index(i64::from(field), self.consts.len())?,
                'J' => jump(i64::from(field as i16))?,
                'X' => {
                    let bc = i64::from(insn.bc());
                    match letters.next() {
                        Some('N') => index(bc, self.names.len())?,
                        Some('C') => index(bc, self.consts.len())?,
                        Some('J') => jump(bc)?,
                        _ => {}
                    }
                    break;
                }
                _ => {}
            }
        }
        Ok(())
    }
}
