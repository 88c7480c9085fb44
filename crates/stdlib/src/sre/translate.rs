//! From the compiler's words to a [`Program`].
//!
//!   words ─► walk (recursive over groups, depth-limited) ─► insts ─► link: filters of what may follow, prefix
//!
//! The words come from Python and may be anything: every read is checked, and what makes no sense is refused.

use super::chars::{Fold, check_set, fold, in_set_folded};
use super::codes as op;
use super::program::{At, Filter, High, Inst, Loop, NONE, Not, Program, Test};
use hognose_vm::heap::{Heap, OutOfMemory};
use hognose_vm::object::str::push_code_point;

/// Why there is no program.
pub(super) enum Refused {
    /// The words make no sense.
    Invalid,
    Memory(OutOfMemory),
    /// Too deeply nested.
    Deep,
}

impl From<OutOfMemory> for Refused {
    fn from(e: OutOfMemory) -> Refused {
        Refused::Memory(e)
    }
}

type Walked<T = ()> = Result<T, Refused>;

/// Far more than the compiler, which recurses in Python, can produce.
const DEEPEST: usize = 2000;

struct Walker<'a> {
    heap: &'a Heap,
    words: &'a [u32],
    /// Characters are encoded as UTF-8, else as bytes.
    utf8: bool,
    groups: u32,
    depth: usize,
    out: Program,
}

/// Translates; `utf8`: for str.
pub(super) fn translate(heap: &Heap, words: &[u32], groups: u32, utf8: bool) -> Walked<Program> {
    let mut w = Walker { heap, words, utf8, groups, depth: 0, out: Program::default() };
    w.out.first = NONE;
    w.body(0, words.len())?;
    w.emit(Inst::Accept)?;
    super::link::link(&mut w.out, heap)?;
    Ok(w.out)
}

impl Walker<'_> {
    fn require(&self, yes: bool) -> Walked {
        if yes { Ok(()) } else { Err(Refused::Invalid) }
    }

    fn word(&self, at: usize, end: usize) -> Walked<u32> {
        if at < end { Ok(self.words[at]) } else { Err(Refused::Invalid) }
    }

    /// Where a block that begins at `at` with its length ends.
    fn skip(&self, at: usize, end: usize) -> Walked<usize> {
        let to = at + self.word(at, end)? as usize;
        self.require(at < to && to <= end)?;
        Ok(to)
    }

    fn here(&self) -> u32 {
        self.out.insts.len() as u32
    }

    fn emit(&mut self, inst: Inst) -> Walked<u32> {
        let at = self.here();
        self.require(at < NONE - 1)?;
        self.out.insts.push(self.heap, inst)?;
        Ok(at)
    }

    fn patch(&mut self, at: u32, inst: Inst) {
        self.out.insts[at as usize] = inst;
    }

    fn slot(&mut self) -> u32 {
        self.out.slots += 1;
        self.out.slots - 1
    }

    /// Operations up to `end`, or up to a jump that ends there: gives its place then.
    fn sequence(&mut self, mut at: usize, end: usize) -> Walked<Option<usize>> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Refused::Deep);
        }
        let mut jump = None;
        while at < end {
            if self.words[at] == op::JUMP && at + 2 == end {
                jump = Some(at);
                break;
            }
            at = self.one(at, end)?;
        }
        self.depth -= 1;
        Ok(jump)
    }

    /// A block that must end with SUCCESS.
    fn body(&mut self, at: usize, end: usize) -> Walked {
        let last = end.checked_sub(1).filter(|&l| l >= at).ok_or(Refused::Invalid)?;
        self.require(self.words[last] == op::SUCCESS)?;
        let jump = self.sequence(at, last)?;
        self.require(jump.is_none())
    }

    /// Translates the operation at `at`; gives the next one's place.
    fn one(&mut self, at: usize, end: usize) -> Walked<usize> {
        let what = self.words[at];
        if what == op::LITERAL {
            let c = self.word(at + 1, end)?;
            self.literal(c)?;
            return Ok(at + 2);
        }
        if let Some((test, next)) = self.char_test(at, end)? {
            let n = self.add_test(test)?;
            self.emit(Inst::Test(n))?;
            return Ok(next);
        }
        match what {
            op::FAILURE => {
                self.emit(Inst::Fail)?;
                Ok(at + 1)
            }
            op::ASSERT => self.look(at, end),
            op::ASSERT_NOT => self.look_not(at, end),
            op::AT => {
                let place = at_code(self.word(at + 1, end)?).ok_or(Refused::Invalid)?;
                self.emit(Inst::At(place))?;
                Ok(at + 2)
            }
            op::BRANCH => self.branch(at, end),
            op::GROUPREF | op::GROUPREF_IGNORE | op::GROUPREF_LOC_IGNORE | op::GROUPREF_UNI_IGNORE => {
                let g = self.word(at + 1, end)?;
                self.require(g < self.groups)?;
                let fold = match what {
                    op::GROUPREF => Fold::None,
                    op::GROUPREF_IGNORE => Fold::Ascii,
                    op::GROUPREF_LOC_IGNORE => Fold::Locale,
                    _ => Fold::Unicode,
                };
                self.emit(Inst::GroupRef(g, fold))?;
                Ok(at + 2)
            }
            op::GROUPREF_EXISTS => self.group_exists(at, end),
            op::INFO => {
                // What else it says is found out anew.
                let to = self.skip(at + 1, end)?;
                self.out.min_width = self.word(at + 3, to)? as usize;
                Ok(to)
            }
            op::MARK => {
                let m = self.word(at + 1, end)?;
                self.require(m / 2 < self.groups)?;
                self.emit(Inst::Mark(m))?;
                Ok(at + 2)
            }
            op::REPEAT => self.repeat(at, end),
            op::REPEAT_ONE | op::MIN_REPEAT_ONE | op::POSSESSIVE_REPEAT_ONE => self.repeat_one(at, end),
            op::POSSESSIVE_REPEAT => self.possessive(at, end),
            op::ATOMIC_GROUP => {
                let to = self.skip(at + 1, end)?;
                let slot = self.slot();
                self.emit(Inst::AtomicStart(slot))?;
                self.body(at + 2, to)?;
                self.emit(Inst::AtomicEnd(slot))?;
                Ok(to)
            }
            _ => Err(Refused::Invalid),
        }
    }

    // ---- characters

    /// A literal: joined to a run before it.
    fn literal(&mut self, c: u32) -> Walked {
        let mut encoded = Vec::new();
        if self.utf8 {
            self.require(c < 0x11_0000)?;
            push_code_point(&mut encoded, c);
        } else if c < 256 {
            encoded.push(c as u8);
        } else {
            self.emit(Inst::Fail)?;
            return Ok(());
        }
        let from = self.out.text.len() as u32;
        self.out.text.extend_from_slice(self.heap, &encoded)?;
        self.emit(Inst::Bytes(from, from + encoded.len() as u32))?;
        Ok(())
    }

    fn add_test(&mut self, test: Test) -> Walked<u32> {
        let n = self.out.tests.len() as u32;
        self.out.tests.push(self.heap, test)?;
        Ok(n)
    }

    /// The test of one character at `at`, if it is one, and where the next operation is.
    fn char_test(&mut self, at: usize, end: usize) -> Walked<Option<(Test, usize)>> {
        let what = self.words[at];
        let (high, next) = match what {
            op::ANY | op::ANY_ALL => (High::Same(true), at + 1),
            op::LITERAL..=op::LITERAL | op::NOT_LITERAL => {
                (High::Literal(self.word(at + 1, end)?, what == op::NOT_LITERAL, Fold::None), at + 2)
            }
            op::LITERAL_IGNORE | op::NOT_LITERAL_IGNORE => {
                (High::Literal(self.word(at + 1, end)?, what == op::NOT_LITERAL_IGNORE, Fold::Ascii), at + 2)
            }
            op::LITERAL_UNI_IGNORE | op::NOT_LITERAL_UNI_IGNORE => {
                let not = what == op::NOT_LITERAL_UNI_IGNORE;
                (High::Literal(self.word(at + 1, end)?, not, Fold::Unicode), at + 2)
            }
            op::LITERAL_LOC_IGNORE | op::NOT_LITERAL_LOC_IGNORE => {
                // A literal may be given in either case.
                let c = fold(Fold::Ascii, self.word(at + 1, end)?);
                (High::Literal(c, what == op::NOT_LITERAL_LOC_IGNORE, Fold::Ascii), at + 2)
            }
            op::CATEGORY => {
                let k = self.word(at + 1, end)?;
                let set = [op::CATEGORY, k, op::FAILURE];
                self.require(check_set(&set))?;
                (self.add_set(&set, Fold::None)?, at + 2)
            }
            op::IN | op::IN_IGNORE | op::IN_LOC_IGNORE | op::IN_UNI_IGNORE => {
                let to = self.skip(at + 1, end)?;
                let fold = match what {
                    op::IN => Fold::None,
                    op::IN_IGNORE => Fold::Ascii,
                    op::IN_LOC_IGNORE => Fold::Locale,
                    _ => Fold::Unicode,
                };
                let words = self.words;
                let set = &words[at + 2..to];
                self.require(check_set(set))?;
                (self.add_set(set, fold)?, to)
            }
            _ => return Ok(None),
        };
        Ok(Some((self.test_of(what == op::ANY, high), next)))
    }

    fn add_set(&mut self, set: &[u32], fold: Fold) -> Walked<High> {
        let from = self.out.sets.len() as u32;
        self.out.sets.extend_from_slice(self.heap, set)?;
        Ok(High::Set(from, from + set.len() as u32, fold))
    }

    /// Answers for the low characters are computed once.
    fn test_of(&self, not_newline: bool, high: High) -> Test {
        let mut low: Filter = [0; 4];
        for c in 0..256u32 {
            let yes = match high {
                High::Same(yes) => yes && !(not_newline && c == 10),
                High::Literal(x, negated, f) => (fold(f, c) == x) != negated,
                High::Set(from, to, f) => in_set_folded(&self.out.sets[from as usize..to as usize], f, c),
            };
            if yes {
                low[c as usize / 64] |= 1 << (c % 64);
            }
        }
        let mut first = low;
        if self.utf8 {
            // Whether a character beyond ASCII is accepted its first byte does not tell.
            first[2..].fill(0);
            if low[2] | low[3] != 0 || high != High::Same(false) {
                first[3] = u64::MAX;
            }
            if let High::Literal(x, false, Fold::None) = high {
                first[3] = 0;
                let mut encoded = Vec::new();
                push_code_point(&mut encoded, x);
                let b = encoded[0];
                first[usize::from(b >> 6)] |= 1 << (b & 63);
            }
        }
        Test { low, high, first }
    }

    // ---- structure

    fn look(&mut self, at: usize, end: usize) -> Walked<usize> {
        let to = self.skip(at + 1, end)?;
        let back = self.word(at + 2, to)?;
        let slot = self.slot();
        self.emit(Inst::LookStart(slot, back))?;
        self.body(at + 3, to)?;
        self.emit(Inst::LookEnd(slot))?;
        Ok(to)
    }

    fn look_not(&mut self, at: usize, end: usize) -> Walked<usize> {
        let to = self.skip(at + 1, end)?;
        let back = self.word(at + 2, to)?;
        let slot = self.slot();
        let n = self.out.nots.len();
        self.out.nots.push(self.heap, Not { slot, back, next: 0 })?;
        self.emit(Inst::NotStart(n as u32))?;
        self.body(at + 3, to)?;
        self.emit(Inst::NotEnd(slot))?;
        self.out.nots[n].next = self.here();
        Ok(to)
    }

    /// `BRANCH (skip … JUMP to-end)* 0`
    fn branch(&mut self, at: usize, end: usize) -> Walked<usize> {
        let inst = self.emit(Inst::Fail)?;
        let (mut targets, mut jumps) = (hognose_vm::heap::HeapVec::new(), hognose_vm::heap::HeapVec::new());
        let (mut at, mut past) = (at + 1, None);
        while self.word(at, end)? != 0 {
            let to = self.skip(at, end)?;
            targets.push(self.heap, (self.here(), NONE))?;
            let jump = self.sequence(at + 1, to)?.ok_or(Refused::Invalid)?;
            let target = jump + 1 + self.words[jump + 1] as usize;
            self.require(target <= end && past.is_none_or(|p| p == target))?;
            past = Some(target);
            let j = self.emit(Inst::Fail)?;
            jumps.push(self.heap, j)?;
            at = to;
        }
        self.require(past.is_none_or(|p| p == at + 1))?;
        let from = self.out.branches.len() as u32;
        self.out.branches.extend_from_slice(self.heap, &targets)?;
        self.patch(inst, Inst::Branch(from, from + targets.len() as u32));
        let here = self.here();
        for &j in jumps.iter() {
            self.patch(j, Inst::Jump(here));
        }
        Ok(at + 1)
    }

    fn group_exists(&mut self, at: usize, end: usize) -> Walked<usize> {
        let g = self.word(at + 1, end)?;
        self.require(g < self.groups)?;
        let to = at + 1 + self.word(at + 2, end)? as usize;
        self.require(at + 3 <= to && to <= end)?;
        let inst = self.emit(Inst::Fail)?;
        let jump = self.sequence(at + 3, to)?;
        let Some(jump) = jump else {
            let here = self.here();
            self.patch(inst, Inst::GroupExists(g, here));
            return Ok(to);
        };
        let past = self.skip(jump + 1, end)?;
        let skip_no = self.emit(Inst::Fail)?;
        let here = self.here();
        self.patch(inst, Inst::GroupExists(g, here));
        let nested = self.sequence(to, past)?;
        self.require(nested.is_none())?;
        let here = self.here();
        self.patch(skip_no, Inst::Jump(here));
        Ok(past)
    }

    fn bounds(&self, at: usize, end: usize) -> Walked<(u32, u32)> {
        let (min, max) = (self.word(at, end)?, self.word(at + 1, end)?);
        self.require(min <= max)?;
        Ok((min, max))
    }

    fn add_loop(&mut self, min: u32, max: u32, what: u32) -> Walked<u32> {
        let n = self.out.loops.len() as u32;
        let l = Loop { min, max, what, body: 0, until: 0, next: NONE, enter: NONE, disjoint: false };
        self.out.loops.push(self.heap, l)?;
        Ok(n)
    }

    /// The general loop: `Repeat` jumps to the end, which jumps to the body.
    fn repeat(&mut self, at: usize, end: usize) -> Walked<usize> {
        let to = self.skip(at + 1, end)?;
        let (min, max) = self.bounds(at + 2, to)?;
        let until = self.word(to, end)?;
        self.require(until == op::MAX_UNTIL || until == op::MIN_UNTIL)?;
        let slot = self.slot();
        let n = self.add_loop(min, max, slot)?;
        self.emit(Inst::Repeat(n))?;
        let body = self.here();
        let jump = self.sequence(at + 4, to)?;
        self.require(jump.is_none())?;
        let place = self.emit(if until == op::MAX_UNTIL { Inst::MaxUntil(n) } else { Inst::MinUntil(n) })?;
        let l = &mut self.out.loops[n as usize];
        (l.body, l.until) = (body, place);
        Ok(to + 1)
    }

    /// As an atomic group around a greedy loop with an atomic body.
    fn possessive(&mut self, at: usize, end: usize) -> Walked<usize> {
        let to = self.skip(at + 1, end)?;
        let (min, max) = self.bounds(at + 2, to)?;
        let last = self.word(to, end)?;
        self.require(last == op::SUCCESS)?;
        let (outer, slot, inner) = (self.slot(), self.slot(), self.slot());
        let n = self.add_loop(min, max, slot)?;
        self.emit(Inst::AtomicStart(outer))?;
        self.emit(Inst::Repeat(n))?;
        let body = self.emit(Inst::AtomicStart(inner))?;
        let jump = self.sequence(at + 4, to)?;
        self.require(jump.is_none())?;
        self.emit(Inst::AtomicEnd(inner))?;
        let place = self.emit(Inst::MaxUntil(n))?;
        self.emit(Inst::AtomicEnd(outer))?;
        let l = &mut self.out.loops[n as usize];
        (l.body, l.until) = (body, place);
        Ok(to + 1)
    }

    fn repeat_one(&mut self, at: usize, end: usize) -> Walked<usize> {
        let to = self.skip(at + 1, end)?;
        let (min, max) = self.bounds(at + 2, to)?;
        let what = self.words[at];
        self.word(at + 4, to)?;
        let Some((test, next)) = self.char_test(at + 4, to)? else {
            return self.repeat_group(at, to, min, max);
        };
        self.require(next + 1 == to && self.words[next] == op::SUCCESS)?;
        let test = self.add_test(test)?;
        let n = self.add_loop(min, max, test)?;
        let place = self.emit(match what {
            op::REPEAT_ONE => Inst::Greedy(n),
            op::MIN_REPEAT_ONE => Inst::Lazy(n),
            _ => Inst::Possessive(n),
        })?;
        self.out.loops[n as usize].body = place + 1;
        Ok(to)
    }

    /// One character wrapped in a group: a general loop.
    fn repeat_group(&mut self, at: usize, to: usize, min: u32, max: u32) -> Walked<usize> {
        let what = self.words[at];
        let slot = self.slot();
        let n = self.add_loop(min, max, slot)?;
        let atomic = self.slot();
        if what == op::POSSESSIVE_REPEAT_ONE {
            self.emit(Inst::AtomicStart(atomic))?;
        }
        self.emit(Inst::Repeat(n))?;
        let body = self.here();
        self.body(at + 4, to)?;
        let lazy = what == op::MIN_REPEAT_ONE;
        let place = self.emit(if lazy { Inst::MinUntil(n) } else { Inst::MaxUntil(n) })?;
        if what == op::POSSESSIVE_REPEAT_ONE {
            self.emit(Inst::AtomicEnd(atomic))?;
        }
        let l = &mut self.out.loops[n as usize];
        (l.body, l.until) = (body, place);
        Ok(to)
    }
}

fn at_code(k: u32) -> Option<At> {
    Some(match k {
        0 | 2 => At::Beginning,
        1 => At::BeginningLine,
        3 | 8 => At::Boundary(false, false),
        4 | 9 => At::Boundary(false, true),
        5 => At::End,
        6 => At::EndLine,
        7 => At::EndString,
        10 => At::Boundary(true, false),
        11 => At::Boundary(true, true),
        _ => return None,
    })
}
