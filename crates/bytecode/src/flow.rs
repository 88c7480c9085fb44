//! A check of the temporaries: every instruction finds and leaves the live set that `Code::depths` promises.
//!
//! For each instruction the consumed, kept and written temporaries are worked out from the operand letters and, for runs,
//! from the operation. Invariant checked: the live set at a pc is `0..depth_at(pc)` on every way there.

use crate::code::{Code, Insn};
use crate::opcodes::Op;

/// Temporaries an instruction touches, as register numbers.
#[derive(Default)]
struct Effect {
    consumed: Vec<u16>,
    kept: Vec<u16>,
    written: Vec<u16>,
}

fn run(from: u16, n: u16) -> Vec<u16> {
    (from..from + n).collect()
}

/// The runs of `B` rows and the pairs written by a few `W` rows: (consumed, written).
fn runs(op: Op, i: Insn, ext: u16, code: &Code) -> Option<(Vec<u16>, Vec<u16>)> {
    let pair = vec![i.a, i.a + 1];
    Some(match op {
        Op::Call | Op::CallKw => (run(i.a, i.b + 2), vec![i.a]),
        Op::CallEx => (run(i.a, 3 + i.b), vec![i.a]),
        Op::MakeFunction => (run(i.a, ext.count_ones() as u16), vec![i.a]),
        Op::Raise => (run(i.a, i.b), vec![]),
        Op::LoadSuperAttr => (run(i.b, 3), vec![i.a]),
        Op::LoadSuperMethod => (run(i.b, 3), pair),
        Op::BuildSlice | Op::BuildList | Op::BuildTuple | Op::BuildSet | Op::BuildString => {
            (run(i.b, i.c), vec![i.a])
        }
        Op::BuildMap => (run(i.b, 2 * i.c), vec![i.a]),
        Op::BuildInterpolation => (run(i.b, 2 + (i.c & 1)), vec![i.a]),
        Op::BuildTemplate | Op::ImportName | Op::Intrinsic2 => (run(i.b, 2), vec![i.a]),
        Op::UnpackSequence | Op::UnpackRev => (read(code, i.b), run(i.a, i.c)),
        Op::UnpackEx | Op::UnpackExRev => (read(code, i.b), run(i.a, (i.c & 0xff) + (i.c >> 8) + 1)),
        Op::LoadMethod => (read(code, i.b), pair),
        Op::LoadSpecialMethod => (vec![], pair),
        Op::CheckEgMatch => ([read(code, i.b), read(code, i.c)].concat(), pair),
        Op::MatchClass => (run(i.c, 2), vec![i.a]),
        Op::PushExcTriple => (vec![], run(i.a, 3)),
        Op::LoadWith => (vec![i.a], run(i.a, 4)),
        Op::PushExc => (vec![], vec![i.a + 1]),
        Op::PopExc => (run(i.a, 2), vec![]),
        Op::LoadFromDictOrDeref => (vec![i.a], vec![i.a]),
        _ => return None,
    })
}

fn read(code: &Code, r: u16) -> Vec<u16> {
    if r >= code.nlocals { vec![r] } else { vec![] }
}

fn effect(code: &Code, pc: usize) -> Effect {
    let i = code.insns[pc];
    let Some(op) = Op::from_u16(i.op) else { return Effect::default() };
    let ext = code.insns.get(pc + 1).map_or(0, |i| i.a);
    let mut e = Effect::default();
    let special = runs(op, i, ext, code);
    for (letter, field) in op.info().operands.chars().zip([i.a, i.b, i.c]) {
        match letter {
            'K' => e.kept.extend(read(code, field)),
            'R' if special.is_none() => e.consumed.extend(read(code, field)),
            'W' if special.is_none() => e.written.push(field),
            'X' => break,
            _ => {}
        }
    }
    if let Some((consumed, written)) = special {
        e.kept.retain(|r| !consumed.contains(r));
        e.consumed = consumed;
        e.written = written;
    }
    e
}

/// Live temporaries after the instruction if it goes on and if it jumps.
fn after(code: &Code, pc: usize, live: &[u16]) -> Result<(Vec<u16>, Vec<u16>), String> {
    let i = code.insns[pc];
    let op = Op::from_u16(i.op).ok_or("unknown operation")?;
    let e = effect(code, pc);
    let mut rest = live.to_vec();
    for r in e.consumed.iter().chain(&e.kept) {
        if !rest.contains(r) {
            return Err(format!("temporary {} is read but not live", r - code.nlocals));
        }
    }
    rest.retain(|r| !e.consumed.contains(r));
    let without =
        |live: &[u16], gone: &[u16]| live.iter().copied().filter(|r| !gone.contains(r)).collect::<Vec<_>>();
    match op {
        Op::ForIter => Ok((without(&rest, &[i.a]), [rest, vec![i.b]].concat())),
        Op::ForIterL => Ok((without(&rest, &[i.a]), rest)),
        Op::JTrueKeep | Op::JFalseKeep => Ok((without(&rest, &[i.a]), rest)),
        Op::EndAsyncFor => Ok((vec![], without(&rest, &[i.a, i.a - 1]))),
        _ => {
            for w in &e.written {
                // The Move after a Send fills the place of the sub-iterator, which is empty by then.
                if rest.contains(w) && op == Op::Move {
                    continue;
                }
                if rest.contains(w) {
                    return Err(format!("temporary {} is written while live", w - code.nlocals));
                }
                rest.push(*w);
            }
            Ok((rest.clone(), rest))
        }
    }
}

fn expect(code: &Code, pc: usize, live: &[u16]) -> Result<(), String> {
    let depth = code.depth_at(pc as u32);
    let mut sorted = live.to_vec();
    sorted.sort_unstable();
    if sorted == run(code.nlocals, depth) {
        return Ok(());
    }
    let shown: Vec<u16> = sorted.iter().map(|r| r - code.nlocals).collect();
    Err(format!("live temporaries {shown:?} go to {pc}, which has {depth}"))
}

impl Code {
    /// Checks the use of temporaries. Costs more than [`Code::verify`]: for tests.
    ///
    /// # Errors
    /// A text that names the first instruction that breaks the rules.
    pub fn verify_temporaries(&self) -> Result<(), String> {
        for pc in self.starts() {
            let i = self.insns[pc];
            let op = Op::from_u16(i.op).ok_or("unknown operation")?;
            let live = run(self.nlocals, self.depth_at(pc as u32));
            let wrong = |e: String| format!("{} at {pc} {op:?}: {e}", self.qualname);
            if op == Op::Ext {
                continue;
            }
            let (on, jumped) = after(self, pc, &live).map_err(wrong)?;
            let ends = matches!(op, Op::Return | Op::ReturnSpecial | Op::Raise | Op::Reraise | Op::Jump);
            let mut next = pc + 1 + op.info().caches;
            if matches!(op, Op::MakeFunction | Op::MatchClass) {
                next += 1;
            }
            if !ends && op != Op::EndAsyncFor && next < self.insns.len() {
                expect(self, next, &on).map_err(wrong)?;
            }
            let distance = match op.info().operands.as_bytes() {
                [_, _, b'J'] if op.info().operands.contains('X') => Some(i64::from(i.bc())),
                [_, _, b'J'] => Some(i64::from(i.c as i16)),
                _ => None,
            };
            if let Some(d) = distance {
                let at = (pc + 1 + op.info().caches) as i64 + d;
                // At the target of Send register a is empty until the Move there.
                expect(self, at as usize, &jumped).map_err(wrong)?;
            }
        }
        for h in &self.handlers {
            let low = (h.start..h.end).map(|pc| self.depth_at(pc)).min().unwrap_or(h.depth);
            if low < h.depth || self.depth_at(h.target) != h.depth + 1 {
                return Err(format!("{}: handler {h:?} does not fit the depths", self.qualname));
            }
        }
        Ok(())
    }
}
