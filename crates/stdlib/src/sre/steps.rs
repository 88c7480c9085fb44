//! The matcher's less frequent steps: look-around, atomic groups, lazy and possessive repeats, references, positions.
//!
//! A look-around or atomic group remembers the height of the stack in its slot; at its end the choices above are
//! forgotten, while what they would undo stays to be undone.

use super::chars::{self, Fold};
use super::machine::{Kind, Machine, UNSET};
use super::program::{At, Inst};
use hognose_vm::{PyResult, Vm};

impl<const U: bool> Machine<'_, U> {
    /// The instructions that are not in the first line.
    pub(super) fn rare(&mut self, vm: &mut Vm, inst: Inst, pc: &mut u32, pos: &mut usize) -> PyResult<bool> {
        let p = self.p;
        let ok = match inst {
            Inst::At(at) => self.is_at(at, *pos),
            Inst::Lazy(n) => {
                let l = &p.loops[n as usize];
                let (from, count) = self.take(&p.tests[l.what as usize], *pos, l.min);
                if count < l.min {
                    return Ok(false);
                }
                let Some(to) = self.lazy(vm, n, from, l.min)? else { return Ok(false) };
                (*pc, *pos) = (l.body, to);
                return Ok(true);
            }
            Inst::Possessive(n) => {
                let l = &p.loops[n as usize];
                let t = &p.tests[l.what as usize];
                let (from, count) = self.take(t, *pos, l.min);
                if count < l.min {
                    return Ok(false);
                }
                let most = if l.max == u32::MAX { u32::MAX } else { l.max - l.min };
                (*pc, *pos) = (l.body, self.take(t, from, most).0);
                return Ok(true);
            }
            Inst::Repeat(n) => {
                let l = &p.loops[n as usize];
                self.set_slot(vm, l.what, (0, UNSET))?;
                *pc = l.until;
                return Ok(true);
            }
            Inst::MinUntil(n) => return self.min_until(vm, n, pc, *pos),
            Inst::GroupRef(g, fold) => match self.same_as_group(g, fold, *pos) {
                Some(to) => {
                    *pos = to;
                    true
                }
                None => false,
            },
            Inst::GroupExists(g, no) => {
                if self.group(g as usize).is_none() {
                    *pc = no;
                    return Ok(true);
                }
                true
            }
            other => return self.enclosed(vm, other, pc, pos),
        };
        *pc += 1;
        Ok(ok)
    }

    /// Beginnings and ends of atomic groups and look-arounds.
    fn enclosed(&mut self, vm: &mut Vm, inst: Inst, pc: &mut u32, pos: &mut usize) -> PyResult<bool> {
        let p = self.p;
        let ok = match inst {
            Inst::AtomicStart(slot) => {
                self.open(vm, slot, *pos)?;
                true
            }
            Inst::AtomicEnd(slot) => {
                self.forget(self.slots[slot as usize].0);
                true
            }
            Inst::LookStart(slot, back) => {
                let Some(from) = self.back_by(*pos, back) else { return Ok(false) };
                self.open(vm, slot, *pos)?;
                *pos = from;
                true
            }
            Inst::LookEnd(slot) => {
                let (height, at) = self.slots[slot as usize];
                self.forget(height);
                *pos = at;
                true
            }
            Inst::NotStart(n) => {
                let not = p.nots[n as usize];
                let Some(from) = self.back_by(*pos, not.back) else {
                    *pc = not.next;
                    return Ok(true);
                };
                self.open(vm, not.slot, *pos)?;
                self.push(vm, Kind::Choice, not.next, *pos, 0)?;
                *pos = from;
                true
            }
            Inst::NotEnd(slot) => {
                let height = self.slots[slot as usize].0;
                while self.stack.len() > height {
                    self.undo();
                }
                false
            }
            _ => false,
        };
        *pc += 1;
        Ok(ok)
    }

    /// Remembers how high the stack is.
    fn open(&mut self, vm: &Vm, slot: u32, pos: usize) -> PyResult<()> {
        self.set_slot(vm, slot, (0, pos))?;
        self.slots[slot as usize].0 = self.stack.len();
        Ok(())
    }

    /// Drops the choices above `height`; what they would undo stays to be undone.
    fn forget(&mut self, height: usize) {
        let mut to = height;
        if height > 0 {
            for i in height..self.stack.len() {
                let e = self.stack[i];
                if matches!(e.kind, Kind::Mark | Kind::Slot) {
                    self.stack[to] = e;
                    to += 1;
                }
            }
        }
        self.stack.truncate(to);
    }

    fn min_until(&mut self, vm: &mut Vm, n: u32, pc: &mut u32, pos: usize) -> PyResult<bool> {
        let l = &self.p.loops[n as usize];
        let (count, last) = self.slots[l.what as usize];
        self.breathe(vm)?;
        if count < l.min as usize {
            self.set_slot(vm, l.what, (count + 1, last))?;
            *pc = l.body;
            return Ok(true);
        }
        if (count < l.max as usize || l.max == u32::MAX) && pos != last {
            self.push(vm, Kind::Again, n, pos, 0)?;
        }
        *pc += 1;
        Ok(true)
    }

    fn same_as_group(&self, g: u32, fold: Fold, pos: usize) -> Option<usize> {
        let (mut from, to) = self.group(g as usize)?;
        if fold == Fold::None {
            let text = &self.s[from..to];
            return self.s[pos..].starts_with(text).then(|| pos + text.len());
        }
        let mut at = pos;
        while from < to {
            if at >= self.s.len() {
                return None;
            }
            let ((x, next_from), (y, next_at)) = (self.char_at(from), self.char_at(at));
            if chars::fold(fold, x) != chars::fold(fold, y) {
                return None;
            }
            (from, at) = (next_from, next_at);
        }
        Some(at)
    }

    fn is_at(&self, at: At, pos: usize) -> bool {
        let s = self.s;
        match at {
            At::Beginning => pos == 0,
            At::BeginningLine => pos == 0 || s[pos - 1] == 10,
            At::End => pos == s.len() || (pos + 1 == s.len() && s[pos] == 10),
            At::EndLine => pos == s.len() || s[pos] == 10,
            At::EndString => pos == s.len(),
            At::Boundary(unicode, negated) => {
                let word = |c| if unicode { chars::is_word_unicode(c) } else { chars::is_word_ascii(c) };
                let before = pos > 0 && word(self.char_at(self.back(pos)).0);
                let after = pos < s.len() && word(self.char_at(pos).0);
                (before != after) != negated
            }
        }
    }
}
