//! A pattern as the matcher runs it.
//!
//!   insts   one instruction per step; jumps are absolute        tests     single characters: literal or set
//!   text    literal runs, encoded as the subject is             sets      words of sets, for characters ≥ 256
//!   loops   bounds and bodies of repeats                        branches  (target, filter) per alternative
//!   filters sets of bytes a match may begin with
//!
//! Invariant: every index in an instruction is in range; translate.rs, the only writer, sees to it. All of it is in the
//! heap of the guest.

use super::chars::{Fold, in_set_folded};
use hognose_vm::heap::HeapVec;

/// A set of bytes.
pub(super) type Filter = [u64; 4];

/// Every byte.
pub(super) const ALL: Filter = [u64::MAX; 4];

/// Is `b` in the filter?
#[inline(always)]
pub(super) fn accepts(f: &Filter, b: u8) -> bool {
    f[usize::from(b >> 6)] >> (b & 63) & 1 == 1
}

/// No filter.
pub(super) const NONE: u32 = u32::MAX;

/// A position.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum At {
    Beginning,
    BeginningLine,
    End,
    EndLine,
    EndString,
    /// At the edge of a word; the flags: Unicode words, negated.
    Boundary(bool, bool),
}

/// One instruction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Inst {
    Fail,
    Accept,
    Byte(u8),
    /// A run in `text`.
    Bytes(u32, u32),
    Test(u32),
    At(At),
    Mark(u32),
    Jump(u32),
    /// Alternatives from the first of `branches` to before the second.
    Branch(u32, u32),
    /// One character repeated, by number of its loop.
    Greedy(u32),
    Lazy(u32),
    Possessive(u32),
    /// Begins a loop: goes to its end.
    Repeat(u32),
    MaxUntil(u32),
    MinUntil(u32),
    GroupRef(u32, Fold),
    /// Goes on if the group matched, else to the target.
    GroupExists(u32, u32),
    /// Remembers in a slot where choices and subject are.
    AtomicStart(u32),
    /// Forgets the choices made since.
    AtomicEnd(u32),
    /// As atomic, and so many characters back.
    LookStart(u32, u32),
    /// Forgets choices and returns.
    LookEnd(u32),
    /// Slot, and what follows if the body fails: see `nots`.
    NotStart(u32),
    NotEnd(u32),
}

/// A negative look-around.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Not {
    pub slot: u32,
    pub back: u32,
    pub next: u32,
}

/// A test of one character.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Test {
    /// Answers for characters below 256.
    pub low: Filter,
    pub high: High,
    /// Bytes such a character can begin with in the subject's encoding.
    pub first: Filter,
}

/// Answers for the other characters.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum High {
    /// All alike.
    Same(bool),
    /// `(character, negated, fold)`
    Literal(u32, bool, Fold),
    /// A set: words from, to.
    Set(u32, u32, Fold),
}

/// A repeat.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Loop {
    pub min: u32,
    /// `u32::MAX`: without end.
    pub max: u32,
    /// The test of a single character, or the slot of a general loop.
    pub what: u32,
    /// First instruction of the body; for a single character the one that follows the loop.
    pub body: u32,
    /// Where the loop's end is.
    pub until: u32,
    /// What must follow the repeat, or NONE.
    pub next: u32,
    /// What the body of a general loop begins with, or NONE.
    pub enter: u32,
    /// No character of the test can be what follows: giving back is useless.
    pub disjoint: bool,
}

/// All of it.
#[derive(Default)]
pub(super) struct Program {
    pub insts: HeapVec<Inst>,
    pub tests: HeapVec<Test>,
    pub text: HeapVec<u8>,
    pub sets: HeapVec<u32>,
    pub loops: HeapVec<Loop>,
    pub branches: HeapVec<(u32, u32)>,
    pub filters: HeapVec<Filter>,
    pub nots: HeapVec<Not>,
    /// Registers for loops and atomic groups.
    pub slots: u32,
    /// Fewest characters of a match.
    pub min_width: usize,
    /// The subject must begin with this run of `text`.
    pub prefix: (u32, u32),
    /// Bytes a match begins with, or NONE.
    pub first: u32,
    /// Matches at the beginning of the subject or not at all.
    pub anchored: bool,
}

impl Program {
    /// Does the test accept `c`?
    #[inline(always)]
    pub fn test(&self, t: &Test, c: u32) -> bool {
        if c < 256 {
            return accepts(&t.low, c as u8);
        }
        self.test_high(t, c)
    }

    #[inline(never)]
    fn test_high(&self, t: &Test, c: u32) -> bool {
        match t.high {
            High::Same(yes) => yes,
            High::Literal(x, negated, fold) => (super::chars::fold(fold, c) == x) != negated,
            High::Set(from, to, fold) => in_set_folded(&self.sets[from as usize..to as usize], fold, c),
        }
    }

    /// The filter with this number, or all bytes.
    #[inline(always)]
    pub fn filter(&self, n: u32) -> Option<&Filter> {
        if n == NONE { None } else { Some(&self.filters[n as usize]) }
    }
}
