//! The matcher: runs a [`Program`] over bytes with a stack of its own.
//!
//!   stack   choice │ undo │ choice │ undo │ undo │ …        grows in the heap of the guest
//!
//! Failing takes entries off the stack: an undo puts a mark or a slot back, a choice says where to go on. There is no
//! recursion, and an interrupt is noticed every few thousand steps. Nothing needs undoing while the stack is empty.

use super::program::{Filter, High, Inst, Loop, Program, Test, accepts};
use hognose_vm::heap::HeapVec;
use hognose_vm::{PyResult, Vm};

/// An unset mark.
pub(super) const UNSET: usize = usize::MAX;

#[derive(Clone, Copy)]
pub(super) enum Kind {
    /// Go on at `pc` from `a`.
    Choice,
    /// Mark `pc` was `a`, the last group `b`.
    Mark,
    /// Slot `pc` was `(a, b)`.
    Slot,
    /// Loop `pc`: give a character back; from `a` down to `b`.
    Greedy,
    /// Loop `pc`: take another character at `a`, `b` were taken.
    Lazy,
    /// Loop `pc`: run the body again at `a`.
    Again,
    /// Branch instruction `pc`: try alternative `b` at `a`.
    Branch,
}

#[derive(Clone, Copy)]
pub(super) struct Entry {
    pub(super) kind: Kind,
    pc: u32,
    a: usize,
    b: usize,
}

/// How a match must end.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Finish {
    Anywhere,
    /// At the end of the subject.
    AtEnd,
    /// Not where it began.
    Advanced,
}

/// One subject being matched. `U`: characters are UTF-8, else single bytes.
pub(super) struct Machine<'a, const U: bool> {
    pub p: &'a Program,
    /// The subject up to where it ends for this match.
    pub s: &'a [u8],
    pub marks: HeapVec<usize>,
    pub(super) slots: HeapVec<(usize, usize)>,
    pub(super) stack: HeapVec<Entry>,
    /// Number of the group closed last; 0: none.
    pub last: usize,
    steps: u32,
}

impl<'a, const U: bool> Machine<'a, U> {
    pub fn new(vm: &Vm, p: &'a Program, s: &'a [u8], groups: usize) -> PyResult<Self> {
        let mut m = Machine {
            p,
            s,
            marks: HeapVec::new(),
            slots: HeapVec::new(),
            stack: HeapVec::new(),
            last: 0,
            steps: 0,
        };
        if groups > 0 {
            m.marks.reserve(vm.heap(), groups * 2)?;
            for _ in 0..groups * 2 {
                m.marks.push(vm.heap(), UNSET)?;
            }
        }
        if p.slots > 0 {
            m.slots.reserve(vm.heap(), p.slots as usize)?;
            for _ in 0..p.slots {
                m.slots.push(vm.heap(), (0, UNSET))?;
            }
        }
        Ok(m)
    }

    #[inline(always)]
    pub(super) fn push(&mut self, vm: &Vm, kind: Kind, pc: u32, a: usize, b: usize) -> PyResult<()> {
        Ok(self.stack.push(vm.heap(), Entry { kind, pc, a, b })?)
    }

    #[inline(always)]
    pub(super) fn set_slot(&mut self, vm: &Vm, slot: u32, to: (usize, usize)) -> PyResult<()> {
        let old = self.slots[slot as usize];
        if !self.stack.is_empty() {
            self.push(vm, Kind::Slot, slot, old.0, old.1)?;
        }
        self.slots[slot as usize] = to;
        Ok(())
    }

    /// The character at `i`, which is before the end, and where the next one is.
    #[inline(always)]
    pub fn char_at(&self, i: usize) -> (u32, usize) {
        let b = self.s[i];
        if !U || b < 0x80 { (u32::from(b), i + 1) } else { decode(self.s, i) }
    }

    /// The place one character before `i > 0`.
    #[inline(always)]
    pub fn back(&self, mut i: usize) -> usize {
        i -= 1;
        while U && i > 0 && self.s[i] & 0xC0 == 0x80 {
            i -= 1;
        }
        i
    }

    pub(super) fn back_by(&self, mut i: usize, n: u32) -> Option<usize> {
        if !U {
            return i.checked_sub(n as usize);
        }
        for _ in 0..n {
            if i == 0 {
                return None;
            }
            i = self.back(i);
        }
        Some(i)
    }

    /// May what the filter describes begin at `i`?
    #[inline(always)]
    pub(super) fn can(&self, f: Option<&Filter>, i: usize) -> bool {
        match f {
            None => true,
            Some(f) => self.s.get(i).is_some_and(|&b| accepts(f, b)),
        }
    }

    /// Takes up to `most` characters that pass from `i` on: where they end, how many there were (the number is not
    /// to be relied on when there is no bound).
    #[inline]
    pub(super) fn take(&self, t: &Test, mut i: usize, most: u32) -> (usize, u32) {
        let s = self.s;
        if let High::Same(true) = t.high {
            let newline = !accepts(&t.low, 10);
            if most == u32::MAX {
                let to = if newline { memchr::memchr(10, &s[i..]).map(|n| i + n) } else { None };
                return (to.unwrap_or(s.len()), 0);
            }
            if !U && !newline {
                let n = (s.len() - i).min(most as usize);
                return (i + n, n as u32);
            }
        }
        let mut n = 0;
        while n < most && i < s.len() {
            let b = s[i];
            if !U || b < 0x80 {
                if !accepts(&t.low, b) {
                    break;
                }
                i += 1;
            } else {
                let (c, next) = decode(s, i);
                if !self.p.test(t, c) {
                    break;
                }
                i = next;
            }
            n = n.wrapping_add(1);
        }
        (i, n)
    }

    /// Matches from `start`; gives the end.
    pub fn run(&mut self, vm: &mut Vm, start: usize, finish: Finish) -> PyResult<Option<usize>> {
        self.stack.truncate(0);
        let (mut pc, mut pos) = (0u32, start);
        loop {
            let ok = match self.p.insts[pc as usize] {
                Inst::Byte(b) => {
                    let ok = self.s.get(pos) == Some(&b);
                    pos += 1;
                    pc += 1;
                    ok
                }
                Inst::Bytes(from, to) => {
                    let text = &self.p.text[from as usize..to as usize];
                    let ok = self.s[pos..].starts_with(text);
                    pos += text.len();
                    pc += 1;
                    ok
                }
                Inst::Test(t) => {
                    pc += 1;
                    if pos < self.s.len() {
                        let (c, next) = self.char_at(pos);
                        pos = next;
                        self.p.test(&self.p.tests[t as usize], c)
                    } else {
                        false
                    }
                }
                Inst::Greedy(n) => self.greedy(vm, n, &mut pc, &mut pos)?,
                Inst::Mark(m) => {
                    self.mark(vm, m, pos)?;
                    pc += 1;
                    true
                }
                Inst::Jump(t) => {
                    pc = t;
                    true
                }
                Inst::Branch(from, _) => self.branch(vm, &mut pc, pos, from)?,
                Inst::MaxUntil(n) => self.max_until(vm, n, &mut pc, pos)?,
                Inst::Accept => {
                    let ok = match finish {
                        Finish::Anywhere => true,
                        Finish::AtEnd => pos == self.s.len(),
                        Finish::Advanced => pos != start,
                    };
                    if ok {
                        return Ok(Some(pos));
                    }
                    false
                }
                other => self.rare(vm, other, &mut pc, &mut pos)?,
            };
            if !ok && !self.backtrack(vm, &mut pc, &mut pos)? {
                return Ok(None);
            }
        }
    }

    #[inline(always)]
    fn mark(&mut self, vm: &Vm, m: u32, pos: usize) -> PyResult<()> {
        if !self.stack.is_empty() {
            self.push(vm, Kind::Mark, m, self.marks[m as usize], self.last)?;
        }
        self.marks[m as usize] = pos;
        if m & 1 == 1 {
            self.last = m as usize / 2 + 1;
        }
        Ok(())
    }

    #[inline(always)]
    fn greedy(&mut self, vm: &Vm, n: u32, pc: &mut u32, pos: &mut usize) -> PyResult<bool> {
        let p = self.p;
        let l = &p.loops[n as usize];
        let t = &p.tests[l.what as usize];
        let mut least = *pos;
        if l.min > 0 {
            let (to, count) = self.take(t, least, l.min);
            if count < l.min {
                return Ok(false);
            }
            least = to;
        }
        let most = if l.max == u32::MAX { u32::MAX } else { l.max - l.min };
        let end = self.take(t, least, most).0;
        let next = p.filter(l.next);
        let Some(at) = self.last_place(l, next, end, least) else { return Ok(false) };
        if at > least && !(l.disjoint && next.is_some()) {
            self.push(vm, Kind::Greedy, n, at, least)?;
        }
        (*pc, *pos) = (l.body, at);
        Ok(true)
    }

    /// The last place between `least` and `end` where what follows can begin.
    #[inline(always)]
    fn last_place(&self, l: &Loop, next: Option<&Filter>, end: usize, least: usize) -> Option<usize> {
        let mut at = end;
        loop {
            if self.can(next, at) {
                return Some(at);
            }
            if at <= least || l.disjoint {
                return None;
            }
            at = self.back(at);
        }
    }

    pub(super) fn lazy(
        &mut self,
        vm: &mut Vm,
        n: u32,
        mut at: usize,
        mut count: u32,
    ) -> PyResult<Option<usize>> {
        let p = self.p;
        let l = &p.loops[n as usize];
        let (t, next) = (&p.tests[l.what as usize], p.filter(l.next));
        loop {
            if self.can(next, at) {
                if count < l.max {
                    self.push(vm, Kind::Lazy, n, at, count as usize)?;
                }
                return Ok(Some(at));
            }
            if count >= l.max || at >= self.s.len() {
                return Ok(None);
            }
            let (c, to) = self.char_at(at);
            if !p.test(t, c) {
                return Ok(None);
            }
            at = to;
            // Without a bound the number only has to stay below it.
            count = if l.max == u32::MAX { 0 } else { count + 1 };
        }
    }

    #[inline(always)]
    fn branch(&mut self, vm: &Vm, pc: &mut u32, pos: usize, mut i: u32) -> PyResult<bool> {
        let p = self.p;
        let Inst::Branch(_, to) = p.insts[*pc as usize] else { return Ok(false) };
        while i < to {
            let (target, f) = p.branches[i as usize];
            i += 1;
            if !self.can(p.filter(f), pos) {
                continue;
            }
            while i < to && !self.can(p.filter(p.branches[i as usize].1), pos) {
                i += 1;
            }
            if i < to {
                self.push(vm, Kind::Branch, *pc, pos, i as usize)?;
            }
            *pc = target;
            return Ok(true);
        }
        Ok(false)
    }

    #[inline(always)]
    fn max_until(&mut self, vm: &mut Vm, n: u32, pc: &mut u32, pos: usize) -> PyResult<bool> {
        let p = self.p;
        let l = &p.loops[n as usize];
        let (count, last) = self.slots[l.what as usize];
        self.breathe(vm)?;
        if count < l.min as usize {
            self.set_slot(vm, l.what, (count + 1, last))?;
            *pc = l.body;
            return Ok(true);
        }
        let more = (count < l.max as usize || l.max == u32::MAX) && pos != last;
        if !more || !self.can(p.filter(l.enter), pos) {
            *pc += 1;
            return Ok(true);
        }
        if self.can(p.filter(l.next), pos) {
            self.push(vm, Kind::Choice, *pc + 1, pos, 0)?;
        }
        self.set_slot(vm, l.what, (count + 1, pos))?;
        *pc = l.body;
        Ok(true)
    }

    /// Takes one entry off that only undoes.
    pub(super) fn undo(&mut self) {
        let Some(e) = self.stack.pop() else { return };
        match e.kind {
            Kind::Mark => {
                self.marks[e.pc as usize] = e.a;
                self.last = e.b;
            }
            Kind::Slot => self.slots[e.pc as usize] = (e.a, e.b),
            _ => {}
        }
    }

    /// Goes back to the last choice; `false`: there is none.
    fn backtrack(&mut self, vm: &mut Vm, pc: &mut u32, pos: &mut usize) -> PyResult<bool> {
        let p = self.p;
        self.breathe(vm)?;
        while let Some(e) = self.stack.pop() {
            match e.kind {
                Kind::Mark => {
                    self.marks[e.pc as usize] = e.a;
                    self.last = e.b;
                }
                Kind::Slot => self.slots[e.pc as usize] = (e.a, e.b),
                Kind::Choice => {
                    (*pc, *pos) = (e.pc, e.a);
                    return Ok(true);
                }
                Kind::Greedy => {
                    let l = &p.loops[e.pc as usize];
                    let end = self.back(e.a);
                    let Some(at) = self.last_place(l, p.filter(l.next), end, e.b) else { continue };
                    if at > e.b {
                        self.push(vm, Kind::Greedy, e.pc, at, e.b)?;
                    }
                    (*pc, *pos) = (l.body, at);
                    return Ok(true);
                }
                Kind::Lazy => {
                    let l = &p.loops[e.pc as usize];
                    if e.a >= self.s.len() {
                        continue;
                    }
                    let (c, next) = self.char_at(e.a);
                    if !p.test(&p.tests[l.what as usize], c) {
                        continue;
                    }
                    let count = if l.max == u32::MAX { 0 } else { e.b as u32 + 1 };
                    let Some(at) = self.lazy(vm, e.pc, next, count)? else { continue };
                    (*pc, *pos) = (l.body, at);
                    return Ok(true);
                }
                Kind::Again => {
                    let l = &p.loops[e.pc as usize];
                    let count = self.slots[l.what as usize].0;
                    self.set_slot(vm, l.what, (count + 1, e.a))?;
                    (*pc, *pos) = (l.body, e.a);
                    return Ok(true);
                }
                Kind::Branch => {
                    *pc = e.pc;
                    *pos = e.a;
                    if self.branch(vm, pc, e.a, e.b as u32)? {
                        return Ok(true);
                    }
                }
            }
        }
        Ok(false)
    }

    /// Looks for an interrupt now and then.
    #[inline(always)]
    pub(super) fn breathe(&mut self, vm: &mut Vm) -> PyResult<()> {
        self.steps = self.steps.wrapping_add(1);
        if self.steps & 0xfff == 0 { vm.check_interrupt() } else { Ok(()) }
    }

    /// Where a group lies.
    pub fn group(&self, g: usize) -> Option<(usize, usize)> {
        let (from, to) = (self.marks[g * 2], self.marks[g * 2 + 1]);
        (from != UNSET && to != UNSET && from <= to).then_some((from, to))
    }

    /// Unsets all groups.
    pub fn reset(&mut self) {
        self.last = 0;
        self.marks.fill(UNSET);
    }
}

/// The character beyond ASCII at `i`, and where the next one is.
#[inline]
fn decode(s: &[u8], i: usize) -> (u32, usize) {
    let at = |k: usize| u32::from(s.get(i + k).copied().unwrap_or(0) & 0x3F);
    let b = u32::from(s[i]);
    match b {
        0..0x80 => (b, i + 1),
        0x80..0xE0 => ((b & 0x1F) << 6 | at(1), i + 2),
        0xE0..0xF0 => ((b & 0x0F) << 12 | at(1) << 6 | at(2), i + 3),
        _ => ((b & 7) << 18 | at(1) << 12 | at(2) << 6 | at(3), i + 4),
    }
}
