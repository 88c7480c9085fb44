//! What a cycle could not reach: counted again among themselves, sorted into connected pieces, proven piece by piece.
//!
//! ```text
//! Recount  edges between suspects                          count
//! Spare    what is held otherwise, and what it reaches     parent = SPARED
//! Link     union-find over the edges of the rest           parent
//! Group    a list per piece                                head (at its root), next
//! Prove    batches of whole pieces, at one safe point      count again; the verdict
//! ```
#![allow(unsafe_code, reason = "reads headers")]

use super::tables::{SlotTable, push};
use super::{BATCH, Budget};
use crate::handle::Owned;
use crate::header::Header;
use crate::heap::{Heap, OutOfMemory};
use crate::value::Value;

const SPARED: u32 = u32::MAX;
const END: u32 = u32::MAX;
/// Suspects looked through for a batch at one safe point.
const LOOK_THROUGH: usize = 1 << 14;
/// Value of `head` for members of the batch under trial that are not spared.
const MEMBER: u32 = END - 1;

struct Suspect {
    h: *mut Header,
    /// Edges from suspects; in Group and later: members of the piece, at its root.
    count: u32,
    /// Union-find; roots are their own.
    parent: u32,
    head: u32,
    next: u32,
}

/// See the module.
#[derive(Default)]
pub(super) struct Suspects {
    all: Vec<Suspect>,
    at: usize,
    part: Option<(u32, usize)>,
    gray: Vec<u32>,
}

impl Suspects {
    pub fn len(&self) -> usize {
        self.all.len()
    }

    pub fn push(&mut self, h: *mut Header) -> Result<(), OutOfMemory> {
        let i = self.all.len() as u32;
        push(&mut self.all, Suspect { h, count: 0, parent: i, head: END, next: END })
    }

    /// The next phase begins with the first.
    pub fn rewind(&mut self) {
        self.at = 0;
        self.part = None;
    }

    fn value(&self, i: u32) -> Value {
        Value::from_ptr(self.all[i as usize].h)
    }

    /// Number of an object among the suspects.
    #[inline(always)]
    fn number(all: &[Suspect], heap: &Heap, slots: &SlotTable, v: Value) -> Option<u32> {
        let place = slots.place(heap, v)?;
        if slots.is_reached(place) {
            return None;
        }
        let i = slots.count(place);
        // Slots that were free have a stale count.
        all.get(i as usize).is_some_and(|s| s.h == v.header()).then_some(i)
    }

    /// The next suspect that is still there, with the child to go on from.
    fn next(&mut self, heap: &Heap) -> Option<(u32, usize)> {
        if let Some((i, from)) = self.part.take()
            && heap.still_there(self.value(i))
        {
            return Some((i, from));
        }
        while self.at < self.all.len() {
            let i = self.at as u32;
            self.at += 1;
            if self.all[i as usize].parent != SPARED && heap.still_there(self.value(i)) {
                return Some((i, 0));
            }
        }
        None
    }

    pub fn recount(&mut self, heap: &Heap, slots: &SlotTable, budget: &mut Budget) -> bool {
        while let Some((i, from)) = self.next(heap) {
            let (v, mut n) = (self.value(i), 1);
            let all = &mut self.all;
            let next = heap.trace_from(v, from, &mut |child| {
                n += 1;
                if let Some(c) = Self::number(all, heap, slots, child) {
                    all[c as usize].count += 1;
                }
            });
            if next != 0 {
                self.part = Some((i, next));
            }
            if budget.spend(n) {
                return false;
            }
        }
        true
    }

    pub fn spare(
        &mut self,
        heap: &Heap,
        slots: &SlotTable,
        budget: &mut Budget,
    ) -> Result<bool, OutOfMemory> {
        loop {
            let (i, from) = match self.part.take().or_else(|| self.gray.pop().map(|i| (i, 0))) {
                Some((i, from)) if heap.still_there(self.value(i)) => (i, from),
                Some(_) => continue,
                None => {
                    let Some((i, _)) = self.next(heap) else { return Ok(true) };
                    let s = &mut self.all[i as usize];
                    // SAFETY: still there.
                    if unsafe { (*s.h).rc() } == s.count {
                        if budget.spend(1) {
                            return Ok(false);
                        }
                        continue;
                    }
                    s.parent = SPARED;
                    (i, 0)
                }
            };
            let (v, mut n, mut result) = (self.value(i), 1, Ok(()));
            let Suspects { all, gray, .. } = self;
            let next = heap.trace_from(v, from, &mut |child| {
                n += 1;
                if let Some(c) = Self::number(all, heap, slots, child)
                    && all[c as usize].parent != SPARED
                {
                    all[c as usize].parent = SPARED;
                    if result.is_ok() {
                        result = push(gray, c);
                    }
                }
            });
            result?;
            if next != 0 {
                self.part = Some((i, next));
            }
            if budget.spend(n) {
                return Ok(false);
            }
        }
    }

    fn root(all: &mut [Suspect], mut i: u32) -> u32 {
        while all[i as usize].parent != i {
            let parent = all[i as usize].parent;
            all[i as usize].parent = all[parent as usize].parent;
            i = parent;
        }
        i
    }

    pub fn link(&mut self, heap: &Heap, slots: &SlotTable, budget: &mut Budget) -> bool {
        while let Some((i, from)) = self.next(heap) {
            let (v, mut n) = (self.value(i), 1);
            let all = &mut self.all;
            let mut mine = Self::root(all, i);
            let next = heap.trace_from(v, from, &mut |child| {
                n += 1;
                if let Some(c) = Self::number(all, heap, slots, child)
                    && all[c as usize].parent != SPARED
                {
                    let other = Self::root(all, c);
                    // The earlier one becomes the root: pieces are proven in the order of their first members.
                    let (low, high) = (mine.min(other), mine.max(other));
                    all[high as usize].parent = low;
                    mine = low;
                }
            });
            if next != 0 {
                self.part = Some((i, next));
            }
            if budget.spend(n) {
                return false;
            }
        }
        true
    }

    /// Lists in the order of the members: built from behind.
    pub fn group(&mut self, budget: &mut Budget) -> bool {
        while self.at < self.all.len() {
            let i = (self.all.len() - 1 - self.at) as u32;
            self.at += 1;
            if self.all[i as usize].parent != SPARED {
                let root = Self::root(&mut self.all, i) as usize;
                let first = self.all[root].head;
                self.all[root].count = if first == END { 1 } else { self.all[root].count + 1 };
                self.all[root].head = i;
                self.all[i as usize].next = first;
            }
            if budget.spend(1) {
                return false;
            }
        }
        true
    }

    /// Proves the next batch; true when there are no more.
    pub fn prove(
        &mut self,
        heap: &Heap,
        slots: &SlotTable,
        garbage: &mut Vec<Owned>,
    ) -> Result<bool, OutOfMemory> {
        let mut batch: Vec<u32> = Vec::new();
        let stop = self.all.len().min(self.at + LOOK_THROUGH);
        while self.at < stop && batch.len() < BATCH {
            let i = self.at;
            let s = &self.all[i];
            if s.parent == i as u32 && s.head != END {
                if !batch.is_empty() && batch.len() + s.count as usize > BATCH {
                    break;
                }
                batch
                    .try_reserve(s.count as usize)
                    .map_err(|_| OutOfMemory { requested: s.count as usize * 4 })?;
                let mut member = s.head;
                while member != END {
                    batch.push(member);
                    member = self.all[member as usize].next;
                }
            }
            self.at += 1;
        }
        self.verdict(heap, slots, &mut batch, garbage)?;
        Ok(self.at == self.all.len() && garbage.is_empty())
    }

    /// At one safe point: the members of the batch that only members lead to. `parent` tells members from others, and
    /// the spared from the rest.
    fn verdict(
        &mut self,
        heap: &Heap,
        slots: &SlotTable,
        batch: &mut Vec<u32>,
        garbage: &mut Vec<Owned>,
    ) -> Result<(), OutOfMemory> {
        batch.retain(|&i| heap.still_there(self.value(i)));
        garbage
            .try_reserve_exact(batch.len())
            .map_err(|_| OutOfMemory { requested: batch.len() * size_of::<Owned>() })?;
        self.gray.try_reserve(batch.len()).map_err(|_| OutOfMemory { requested: batch.len() * 4 })?;
        let all = &mut self.all;
        for &i in &*batch {
            let s = &mut all[i as usize];
            (s.count, s.head) = (0, MEMBER);
        }
        for &i in &*batch {
            heap.trace(Value::from_ptr(all[i as usize].h), &mut |child| {
                if let Some(c) = Self::number(all, heap, slots, child)
                    && all[c as usize].head == MEMBER
                {
                    all[c as usize].count += 1;
                }
            });
        }
        let gray = &mut self.gray;
        for &i in &*batch {
            let s = &mut all[i as usize];
            // SAFETY: still there.
            if s.head == MEMBER && unsafe { (*s.h).rc() } != s.count {
                s.head = END;
                gray.push(i);
                while let Some(i) = gray.pop() {
                    heap.trace(Value::from_ptr(all[i as usize].h), &mut |child| {
                        if let Some(c) = Self::number(all, heap, slots, child)
                            && all[c as usize].head == MEMBER
                        {
                            all[c as usize].head = END;
                            gray.push(c);
                        }
                    });
                }
            }
        }
        for &i in &*batch {
            let s = &mut all[i as usize];
            if s.head == MEMBER {
                let v = Value::from_ptr(s.h);
                // SAFETY: alive; the handle counts.
                garbage.push(unsafe {
                    v.incref();
                    Owned::from_value(v)
                });
            }
            s.head = END;
        }
        Ok(())
    }
}
