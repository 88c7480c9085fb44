//! A check of the locals: none is read where it may be unbound.
//!
//! Forward data flow over the instructions: the set of certainly bound locals, intersected where ways meet; a handler starts
//! with what holds everywhere in its region. Invariant checked: every local read in place is in the set.

use crate::code::Code;
use crate::opcodes::Op;

type Set = Vec<bool>;

fn meet(into: &mut Option<Set>, from: &Set) -> bool {
    match into {
        None => {
            *into = Some(from.clone());
            true
        }
        Some(set) => {
            let mut changed = false;
            for (a, b) in set.iter_mut().zip(from) {
                changed |= *a && !b;
                *a &= b;
            }
            changed
        }
    }
}

struct Checker<'c> {
    code: &'c Code,
    states: Vec<Option<Set>>,
    work: Vec<usize>,
}

impl Checker<'_> {
    fn flow(&mut self, to: usize, state: &Set) {
        if to < self.states.len() && meet(&mut self.states[to], state) {
            self.work.push(to);
        }
    }

    /// Applies the instruction at `pc`; gives an error if it reads an unbound local.
    fn step(&mut self, pc: usize) -> Result<(), String> {
        let Some(mut state) = self.states[pc].clone() else { return Ok(()) };
        let i = self.code.insns[pc];
        let op = Op::from_u16(i.op).ok_or("unknown operation")?;
        let handler = self.code.handlers.iter().find(|h| (h.start..h.end).contains(&(pc as u32)));
        let target = handler.map(|h| h.target as usize);
        if let Some(t) = target {
            self.flow(t, &state);
        }
        let mut jump = None;
        let exempt = matches!(op, Op::CheckLocal | Op::DelLocal | Op::ClearLocal | Op::MakeCell | Op::JNull);
        for (n, (letter, field)) in op.info().operands.chars().zip([i.a, i.b, i.c]).enumerate() {
            let local = usize::from(field);
            let cell = |r: &u16| usize::from(*r) == local;
            let known = state.get(local).copied().unwrap_or(true)
                || self.code.cellvars.iter().chain(&self.code.freevars).any(cell);
            match letter {
                'R' | 'K' if !known && !exempt => {
                    return Err(format!(
                        "{} at {pc} {op:?}: local {field} may be unbound",
                        self.code.qualname
                    ));
                }
                'J' => jump = Some(i64::from(i.c as i16)),
                'X' => {
                    let is_jump = op.info().operands.as_bytes().get(n + 1) == Some(&b'J');
                    jump = is_jump.then(|| i64::from(i.bc()));
                    break;
                }
                _ => {}
            }
        }
        let next = pc + 1 + op.info().caches;
        if let Some(bound) = state.get_mut(usize::from(i.a)) {
            match op {
                Op::CheckLocal | Op::MakeCell => *bound = true,
                Op::DelLocal | Op::ClearLocal => *bound = false,
                _ if op.info().operands.starts_with('L') => *bound = true,
                _ => {}
            }
        }
        let iterates = op == Op::ForIterL;
        if let Some(d) = jump {
            let mut there = state.clone();
            if iterates && let Some(b) = there.get_mut(usize::from(i.b)) {
                *b = true;
            }
            self.flow((next as i64 + d) as usize, &there);
        }
        if let (Some(t), true) = (target, matches!(op, Op::DelLocal | Op::ClearLocal)) {
            self.flow(t, &state);
        }
        let ends = matches!(
            op,
            Op::Return | Op::ReturnSpecial | Op::Raise | Op::Reraise | Op::Jump | Op::EndAsyncFor
        );
        if !ends {
            self.flow(next, &state);
        }
        Ok(())
    }
}

impl Code {
    /// Checks that no local is read where it may be unbound. Costs more than [`Code::verify`]: for tests.
    ///
    /// # Errors
    /// A text that names the first such instruction.
    pub fn verify_bound(&self) -> Result<(), String> {
        let mut first = vec![false; usize::from(self.nlocals)];
        first.iter_mut().take(self.argument_count()).for_each(|b| *b = true);
        let mut checker = Checker { code: self, states: vec![None; self.insns.len()], work: Vec::new() };
        checker.flow(0, &first);
        while let Some(pc) = checker.work.pop() {
            checker.step(pc)?;
        }
        Ok(())
    }
}
