//! The [`Unit`]: one code object in the making.
//!
//! ```text
//! insns | op a b c | …          metas | range, depth, handler | … one per word
//! labels: pc, what is certainly bound there, jumps waiting for it
//! ```
//! Temporaries are a stack of `depth` registers above the locals. Code after an unconditional jump is not emitted: `emit`
//! does nothing until a label that was jumped to is bound. The set `bound` of certainly bound locals flows along
//! jumps by intersection.
//! Invariant: at a label all jumps agree on `depth`.

use super::lines::Lines;
use crate::error::{CompileError, ErrorKind};
use crate::symtable::ScopeId;
use hognose_bytecode::{Code, Const, Handler, Insn, Op};
use ruff_text_size::TextRange;
use std::collections::HashMap;
use std::rc::Rc;

/// A place in the code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Label(usize);

#[derive(Default)]
struct LabelState {
    pc: Option<u32>,
    depth: u16,
    /// Bound locals on every way here; None: no way yet.
    bound: Option<Bits>,
    jumped: bool,
}

/// A set of registers.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(super) struct Bits(Vec<u64>);

impl Bits {
    pub fn contains(&self, i: u16) -> bool {
        self.0.get(usize::from(i) / 64).is_some_and(|w| w >> (i % 64) & 1 == 1)
    }
    pub fn insert(&mut self, i: u16) {
        let word = usize::from(i) / 64;
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        self.0[word] |= 1 << (i % 64);
    }
    pub fn remove(&mut self, i: u16) {
        if let Some(w) = self.0.get_mut(usize::from(i) / 64) {
            *w &= !(1 << (i % 64));
        }
    }
    fn intersect(&mut self, other: &Bits) {
        for (i, w) in self.0.iter_mut().enumerate() {
            *w &= other.0.get(i).copied().unwrap_or(0);
        }
    }
    fn subtract(&mut self, other: &Bits) {
        for (i, w) in self.0.iter_mut().enumerate() {
            *w &= !other.0.get(i).copied().unwrap_or(0);
        }
    }
}

#[derive(Clone, Copy)]
struct Meta {
    range: TextRange,
    depth: u16,
    handler: Option<usize>,
}

struct Fixup {
    pc: usize,
    next: usize,
    label: Label,
    wide: bool,
}

/// A protected region's handler.
pub(super) struct HandlerState {
    pub label: Label,
    depth: u16,
    used: bool,
}

/// An operand: a register and whether it is a temporary to be consumed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Opd {
    pub reg: u16,
    pub temp: bool,
}

/// What surrounds a statement and must be undone when control leaves it. `handler` is the one outside.
#[derive(Clone)]
pub(super) enum Block<'a> {
    While {
        next: Label,
        end: Label,
    },
    /// One temporary: the iterator.
    For {
        next: Label,
        end: Label,
    },
    /// The protected part of a try with except clauses.
    Try {
        handler: Option<usize>,
    },
    /// try with a finally body still to run.
    Finally {
        body: &'a [ruff_python_ast::Stmt],
        handler: Option<usize>,
    },
    /// Inside an exception handler: two temporaries, maybe a name.
    Handler {
        name: Option<&'a ruff_python_ast::Identifier>,
        handler: Option<usize>,
    },
    /// Inside except*.
    Star,
    /// Two temporaries.
    With {
        is_async: bool,
        range: TextRange,
        handler: Option<usize>,
    },
    /// A pending value below an inlined finally body.
    Value,
}

/// One code object in the making.
pub(super) struct Unit<'a> {
    pub scope: ScopeId,
    pub code: Code,
    pub depth: u16,
    max_depth: u32,
    metas: Vec<Meta>,
    labels: Vec<LabelState>,
    fixups: Vec<Fixup>,
    handlers: Vec<HandlerState>,
    pub handler: Option<usize>,
    pub bound: Bits,
    pub deleted: Bits,
    pub reachable: bool,
    pub range: TextRange,
    consts: HashMap<String, usize>,
    names: HashMap<Rc<str>, usize>,
    /// Registers of local names and cells, by mangled name.
    pub locals: HashMap<String, u16>,
    /// Registers of free variables.
    pub free: HashMap<String, u16>,
    /// Inlined comprehensions around the current place and their registers.
    pub inlined: Vec<(ScopeId, HashMap<String, u16>)>,
    /// First hidden register not in use.
    pub hidden_next: u16,
    pub blocks: Vec<Block<'a>>,
    /// Exception handlers around the current place.
    pub handling: u16,
    /// A problem of size, reported at the end.
    pub too_large: bool,
    /// Numbers of the conditional annotations, by address of the statement.
    pub annotation_ids: HashMap<usize, u32>,
}

impl<'a> Unit<'a> {
    pub fn new(scope: ScopeId, code: Code) -> Unit<'a> {
        Unit {
            scope,
            code,
            depth: 0,
            max_depth: 0,
            metas: Vec::new(),
            labels: Vec::new(),
            fixups: Vec::new(),
            handlers: Vec::new(),
            handler: None,
            bound: Bits::default(),
            deleted: Bits::default(),
            reachable: true,
            range: TextRange::default(),
            consts: HashMap::new(),
            names: HashMap::new(),
            locals: HashMap::new(),
            free: HashMap::new(),
            inlined: Vec::new(),
            hidden_next: 0,
            blocks: Vec::new(),
            handling: 0,
            too_large: false,
            annotation_ids: HashMap::new(),
        }
    }

    /// The register of temporary number `i`.
    pub fn temp(&self, i: u16) -> u16 {
        self.code.nlocals.saturating_add(i)
    }

    /// The register the next temporary gets.
    pub fn next_temp(&self) -> u16 {
        self.temp(self.depth)
    }

    /// The topmost temporary.
    pub fn top(&self) -> u16 {
        self.temp(self.depth.saturating_sub(1))
    }

    /// Takes the next temporary.
    pub fn push(&mut self) -> u16 {
        let r = self.next_temp();
        self.grow(1);
        r
    }

    /// Counts `n` more live temporaries.
    pub fn grow(&mut self, n: u16) {
        self.depth = self.depth.saturating_add(n);
        self.max_depth = self.max_depth.max(u32::from(self.depth));
        if u32::from(self.code.nlocals) + self.max_depth + 8 > 0xffff {
            self.too_large = true;
        }
    }

    /// Counts `n` live temporaries less.
    pub fn drop_temps(&mut self, n: u16) {
        debug_assert!(self.depth >= n || self.too_large);
        self.depth = self.depth.saturating_sub(n);
    }

    fn word(&mut self, insn: Insn) {
        self.code.insns.push(insn);
        self.metas.push(Meta { range: self.range, depth: self.depth, handler: self.handler });
        if let Some(h) = self.handler {
            self.handlers[h].used = true;
        }
    }

    /// Emits an instruction; `depth` must still be the count before it. Gives whether it was emitted.
    fn insn(&mut self, insn: Insn, op: Op) -> bool {
        if !self.reachable {
            return false;
        }
        self.word(insn);
        for _ in 0..op.info().caches {
            self.word(Insn::default());
        }
        if matches!(op, Op::Return | Op::ReturnSpecial | Op::Raise | Op::Reraise) {
            self.reachable = false;
        }
        true
    }

    pub fn emit(&mut self, op: Op, a: u16, b: u16, c: u16) {
        self.insn(Insn::new(op, a, b, c), op);
    }

    pub fn emit_wide(&mut self, op: Op, a: u16, bc: i32) {
        self.insn(Insn::wide(op, a, bc), op);
    }

    pub fn label(&mut self) -> Label {
        self.labels.push(LabelState::default());
        Label(self.labels.len() - 1)
    }

    /// Emits a jump with a 16-bit (field c) or 32-bit (fields b and c) distance. `depth_there`: live temporaries at the target.
    pub fn jump(&mut self, op: Op, a: u16, b: u16, to: Label, depth_there: u16) {
        if !self.reachable {
            return;
        }
        let pc = self.code.insns.len();
        self.insn(Insn::new(op, a, b, 0), op);
        let next = self.code.insns.len();
        let wide = op.info().operands.contains('X');
        self.fixups.push(Fixup { pc, next, label: to, wide });
        self.reach(to, depth_there);
        if op == Op::Jump {
            self.reachable = false;
        }
    }

    fn reach(&mut self, to: Label, depth: u16) {
        let l = &mut self.labels[to.0];
        if l.pc.is_some() {
            return;
        }
        l.jumped = true;
        match &mut l.bound {
            Some(b) => {
                debug_assert_eq!(l.depth, depth, "depth at label");
                b.intersect(&self.bound);
            }
            none => {
                *none = Some(self.bound.clone());
                l.depth = depth;
            }
        }
    }

    pub fn goto(&mut self, to: Label) {
        let depth = self.depth;
        self.jump(Op::Jump, 0, 0, to, depth);
    }

    /// Puts the label here; code is reachable if it was or if something jumps here.
    pub fn bind(&mut self, label: Label) {
        let here = self.code.insns.len() as u32;
        let (reachable, depth) = (self.reachable, self.depth);
        let l = &mut self.labels[label.0];
        l.pc = Some(here);
        match &l.bound {
            None => {}
            Some(b) if reachable => {
                debug_assert_eq!(l.depth, depth, "depth at label");
                self.bound.intersect(b);
            }
            Some(b) => {
                self.bound.clone_from(b);
                self.depth = l.depth;
                self.reachable = true;
            }
        }
    }

    /// Puts the head of a loop here: jumps back come later, so deleted names are not certain.
    pub fn bind_loop_head(&mut self, label: Label) {
        let deleted = std::mem::take(&mut self.deleted);
        self.bound.subtract(&deleted);
        self.deleted = deleted;
        self.labels[label.0].pc = Some(self.code.insns.len() as u32);
    }

    /// A handler for code from here on: at its label `depth` temporaries and the exception are live.
    pub fn new_handler(&mut self) -> usize {
        let label = self.label();
        let mut bound = self.bound.clone();
        bound.subtract(&self.deleted);
        let state = &mut self.labels[label.0];
        state.bound = Some(bound);
        state.depth = self.depth + 1;
        self.handlers.push(HandlerState { label, depth: self.depth, used: false });
        self.handlers.len() - 1
    }

    /// The label of a handler, for code that goes there with an exception in the topmost temporary.
    pub fn handler_label(&self, h: usize) -> Label {
        self.handlers[h].label
    }

    /// Begins the code of handler `h`, which must not be active any more; nothing is emitted if nothing gets here.
    /// Control may fall in with the exception in the topmost temporary.
    pub fn bind_handler(&mut self, h: usize) {
        let HandlerState { label, depth, used } = self.handlers[h];
        let l = &mut self.labels[label.0];
        l.pc = Some(self.code.insns.len() as u32);
        if let Some(b) = &l.bound {
            if self.reachable {
                self.bound.intersect(b);
            } else {
                self.bound.clone_from(b);
            }
        }
        debug_assert!(!self.reachable || self.depth == depth + 1, "depth at handler");
        self.reachable |= used || l.jumped;
        self.depth = depth;
        self.grow(1);
    }

    pub fn name(&mut self, name: &str) -> u16 {
        let i = self.name_wide(name);
        if i > 0xffff {
            self.too_large = true;
        }
        i as u16
    }

    pub fn name_wide(&mut self, name: &str) -> i32 {
        if let Some(&i) = self.names.get(name) {
            return i as i32;
        }
        let rc: Rc<str> = name.into();
        self.code.names.push(Rc::clone(&rc));
        self.names.insert(rc, self.code.names.len() - 1);
        self.code.names.len() as i32 - 1
    }

    /// Index of a constant, shared with equal ones of the same type.
    pub fn constant(&mut self, c: Const) -> i32 {
        if matches!(c, Const::Code(_)) {
            self.code.consts.push(c);
            return self.code.consts.len() as i32 - 1;
        }
        let key = const_key(&c);
        if let Some(&i) = self.consts.get(&key) {
            return i as i32;
        }
        self.code.consts.push(c);
        self.consts.insert(key, self.code.consts.len() - 1);
        self.code.consts.len() as i32 - 1
    }

    /// Finishes: jumps, tables, register count.
    pub fn finish(mut self, lines: &Lines) -> Result<Code, CompileError> {
        for f in &self.fixups {
            let Some(pc) = self.labels[f.label.0].pc else {
                return Err(CompileError::new(ErrorKind::Syntax, "internal: a jump has no target"));
            };
            let distance = i64::from(pc) - f.next as i64;
            let insn = &mut self.code.insns[f.pc];
            if f.wide {
                *insn = Insn { op: insn.op, ..Insn::wide(Op::Jump, insn.a, distance as i32) };
            } else if let Ok(d) = i16::try_from(distance) {
                insn.c = d as u16;
            } else {
                return Err(CompileError::new(ErrorKind::TooLarge, "too large for short jumps"));
            }
        }
        // One spare word: targets at the end of unreachable code stay inside.
        if self.too_large || u32::from(self.code.nlocals) + self.max_depth + 8 > 0xffff {
            return Err(CompileError::new(
                ErrorKind::Syntax,
                "code is too large: more than 65535 registers or names",
            ));
        }
        self.code.nregs = self.code.nlocals + self.max_depth as u16 + 1;
        self.tables(lines);
        Ok(self.code)
    }

    fn tables(&mut self, lines: &Lines) {
        let mut range = None;
        let mut open: Option<(usize, u32)> = None;
        for pc in 0..=self.metas.len() {
            let meta = self.metas.get(pc);
            let handler = meta.and_then(|m| m.handler);
            if open.map(|(h, _)| h) != handler {
                if let Some((h, start)) = open {
                    let target = self.labels[self.handlers[h].label.0].pc.unwrap_or(0);
                    let depth = self.handlers[h].depth;
                    self.code.handlers.push(Handler { start, end: pc as u32, target, depth });
                }
                open = handler.map(|h| (h, pc as u32));
            }
            let Some(m) = meta else { break };
            if self.code.depths.last().map_or(0, |d| d.1) != m.depth {
                self.code.depths.push((pc as u32, m.depth));
            }
            if range != Some(m.range) {
                range = Some(m.range);
                self.code.positions.push(lines.position(pc as u32, m.range));
            }
        }
    }
}

fn const_key(c: &Const) -> String {
    match c {
        Const::Float(f) => format!("f{:x}", f.to_bits()),
        Const::Complex(a, b) => format!("c{:x},{:x}", a.to_bits(), b.to_bits()),
        Const::Tuple(v) => format!("t({})", v.iter().map(const_key).collect::<Vec<_>>().join(",")),
        Const::FrozenSet(v) => format!("s({})", v.iter().map(const_key).collect::<Vec<_>>().join(",")),
        Const::Str(s) => format!("u{s:?}"),
        Const::Bytes(s) => format!("b{s:?}"),
        other => format!("{other:?}"),
    }
}
