//! A full collection in slices, between which the program runs: trial deletion over all traced pages, without barriers.
//!
//! ```text
//! Count ─► Mark ─► Gather ─► Recount ─► Spare ─► Link ─► Group ─► Prove ─► Clean
//! all objects:     all:      what was not marked:        pieces   batches  tables
//! edges to each    from rc   candidates                  that     freed at
//!                  ≠ edges                               hang     safe points
//!                  on                                    together
//! ```
//!
//! The program changes edges and counts all the while, so everything up to Group is a *guess*: it may miss garbage, which
//! the next cycle finds, and it may suspect the living. Nothing is freed on a guess. A candidate dies only when Prove has
//! counted, at one safe point, that every reference to each member of its batch comes from a member (the argument of
//! `collect.rs`, for the set of the batch). So stores need no barrier, and a forgotten one cannot exist.
//! Batches are whole connected pieces: garbage that hangs together is proven together, whatever its size; others share.
//!
//! Between slices objects die and pages change hands. Addresses kept here are looked at only after [`Heap::still_there`].
#![allow(unsafe_code, reason = "walks all objects")]

mod suspects;
mod tables;
mod walk;

use crate::handle::Owned;
use crate::heap::{Heap, OutOfMemory};
use crate::value::Value;
use std::time::{Duration, Instant};
use suspects::Suspects;
use tables::SlotTable;
use walk::Walk;

/// Time for one slice.
const SLICE: Duration = Duration::from_micros(200);
/// Visits of a slice even if the clock runs away: on a busy machine it goes on while the thread does not.
const LEAST: usize = 4096;
/// Visits between looks at the clock.
const LOOK: usize = 128;
/// Members of a batch that is proven and freed at one safe point, unless one piece is larger.
const BATCH: usize = 1024;

/// What a cycle is doing; in this order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Phase {
    Count,
    Mark,
    Gather,
    Recount,
    Spare,
    Link,
    Group,
    Prove,
    Clean,
}

/// How far a slice may go.
pub(crate) struct Budget {
    until: Option<Instant>,
    visits: usize,
}

impl Budget {
    /// By the clock.
    fn time() -> Budget {
        Budget { until: Some(Instant::now() + SLICE), visits: LEAST }
    }

    /// By visits, for tests that must repeat.
    fn visits(n: usize) -> Budget {
        Budget { until: None, visits: n.max(1) }
    }

    /// Takes `n` visits; is it over?
    #[inline(always)]
    fn spend(&mut self, n: usize) -> bool {
        self.visits = self.visits.saturating_sub(n);
        self.visits == 0 && self.is_over()
    }

    #[cold]
    fn is_over(&mut self) -> bool {
        match self.until {
            Some(until) if Instant::now() < until => {
                self.visits = LOOK;
                false
            }
            _ => true,
        }
    }
}

/// The state of a collection in slices.
pub(crate) struct Cycle {
    phase: Phase,
    slots: SlotTable,
    walk: Walk,
    /// A long object of which some children were visited, and the next.
    part: Option<(Value, usize)>,
    gray: Vec<Value>,
    suspects: Suspects,
    visited: usize,
    garbage_bytes: usize,
    freed: usize,
}

impl Cycle {
    fn new(heap: &Heap) -> Result<Cycle, OutOfMemory> {
        Ok(Cycle {
            phase: Phase::Count,
            slots: SlotTable::new(heap)?,
            walk: Walk::new(heap),
            part: None,
            gray: Vec::new(),
            suspects: Suspects::default(),
            visited: 0,
            garbage_bytes: 0,
            freed: 0,
        })
    }

    /// Goes on until the budget is spent or something was proven; true: the cycle is complete.
    fn go(
        &mut self,
        heap: &Heap,
        budget: &mut Budget,
        garbage: &mut Vec<Owned>,
    ) -> Result<bool, OutOfMemory> {
        self.walk.resume(heap);
        loop {
            let done = match self.phase {
                Phase::Count => self.count(heap, budget),
                Phase::Mark => self.mark(heap, budget)?,
                Phase::Gather => self.gather(heap, budget)?,
                Phase::Recount => self.suspects.recount(heap, &self.slots, budget),
                Phase::Spare => self.suspects.spare(heap, &self.slots, budget)?,
                Phase::Link => self.suspects.link(heap, &self.slots, budget),
                Phase::Group => self.suspects.group(budget),
                Phase::Prove => {
                    let done = self.suspects.prove(heap, &self.slots, garbage)?;
                    if !done && !garbage.is_empty() {
                        return Ok(false);
                    }
                    // Proving nothing costs as much.
                    if !done && budget.spend(BATCH * 4) {
                        return Ok(false);
                    }
                    done
                }
                Phase::Clean => self.slots.clean(heap, budget),
            };
            if !done {
                if self.phase != Phase::Prove {
                    return Ok(false);
                }
                continue;
            }
            if self.phase == Phase::Clean {
                return Ok(true);
            }
            self.next_phase(heap);
        }
    }

    fn next_phase(&mut self, heap: &Heap) {
        self.phase = match self.phase {
            Phase::Count => Phase::Mark,
            Phase::Mark => Phase::Gather,
            Phase::Gather => Phase::Recount,
            Phase::Recount => Phase::Spare,
            Phase::Spare => Phase::Link,
            Phase::Link => Phase::Group,
            Phase::Group => Phase::Prove,
            Phase::Prove | Phase::Clean => Phase::Clean,
        };
        self.part = None;
        self.suspects.rewind();
        self.walk = Walk::until(heap, self.slots.end());
    }

    /// One count in the table for each edge.
    fn count(&mut self, heap: &Heap, budget: &mut Budget) -> bool {
        let Cycle { slots, walk, part, visited, .. } = self;
        loop {
            let (v, from) = match part.take() {
                Some((v, from)) if heap.still_there(v) => (v, from),
                _ => match walk.next(heap, |page| slots.adopt(heap, page)) {
                    Some(v) => (v, 0),
                    None => return true,
                },
            };
            let mut n = 1;
            let next = heap.trace_from(v, from, &mut |child| {
                n += 1;
                if let Some(i) = slots.place_or_adopt(heap, child) {
                    slots.add(i);
                }
            });
            *visited += 1;
            if next != 0 {
                *part = Some((v, next));
            }
            if budget.spend(n) {
                return false;
            }
        }
    }

    /// Marks what is reached from objects with another count than edges.
    fn mark(&mut self, heap: &Heap, budget: &mut Budget) -> Result<bool, OutOfMemory> {
        let Cycle { slots, walk, part, gray, .. } = self;
        loop {
            let (v, from) = match part.take().or_else(|| gray.pop().map(|v| (v, 0))) {
                Some((v, from)) => {
                    if !heap.still_there(v) {
                        continue;
                    }
                    (v, from)
                }
                None => {
                    let Some(v) = walk.next(heap, |page| slots.knows(heap, page)) else { return Ok(true) };
                    // SAFETY: found alive.
                    let h = unsafe { &*v.header() };
                    let Some(i) = slots.place(heap, v) else { continue };
                    if slots.is_reached(i) || (!h.is_immortal() && h.rc() == slots.count(i)) {
                        if budget.spend(1) {
                            return Ok(false);
                        }
                        continue;
                    }
                    slots.set_reached(i);
                    (v, 0)
                }
            };
            let (mut n, mut result) = (1, Ok(()));
            let next = heap.trace_from(v, from, &mut |child| {
                n += 1;
                if let Some(i) = slots.place(heap, child)
                    && !slots.is_reached(i)
                {
                    slots.set_reached(i);
                    if result.is_ok() {
                        result = tables::push(gray, child);
                    }
                }
            });
            result?;
            if next != 0 {
                *part = Some((v, next));
            }
            if budget.spend(n) {
                return Ok(false);
            }
        }
    }

    /// Lists what was not marked.
    fn gather(&mut self, heap: &Heap, budget: &mut Budget) -> Result<bool, OutOfMemory> {
        let Cycle { slots, walk, suspects, .. } = self;
        loop {
            let Some(v) = walk.next(heap, |page| slots.knows(heap, page)) else { return Ok(true) };
            // SAFETY: found alive.
            let rc = unsafe { (*v.header()).rc() };
            if let Some(i) = slots.place(heap, v)
                && !slots.is_reached(i)
            {
                // Those with another count were made, or found, since.
                if rc == slots.count(i) {
                    slots.set_count(i, suspects.len() as u32);
                    suspects.push(v.header())?;
                } else {
                    slots.set_reached(i);
                }
            }
            if budget.spend(1) {
                return Ok(false);
            }
        }
    }
}

impl Heap {
    /// Is a collection in slices under way?
    pub fn cycle_running(&self) -> bool {
        self.cycle.borrow().is_some()
    }

    /// Starts one unless one runs.
    pub(crate) fn begin_cycle(&self) -> Result<(), OutOfMemory> {
        let mut cycle = self.cycle.borrow_mut();
        if cycle.is_none() {
            self.pace.count(|c| c.cycles += 1);
            *cycle = Some(Box::new(Cycle::new(self)?));
            self.pace.cycle_base.set(self.bytes_used());
            drop(cycle);
            self.pace_cycle();
        }
        Ok(())
    }

    /// Gives a running cycle up: nothing has changed.
    pub(crate) fn abandon_cycle(&self) {
        if let Some(mut cycle) = self.cycle.borrow_mut().take() {
            cycle.slots.forget(self);
        }
    }

    /// A slice of the running cycle, by the clock.
    pub(crate) fn cycle_slice(&self) -> Result<Vec<Owned>, OutOfMemory> {
        self.cycle_go(Budget::time())
    }

    /// A slice of some `visits` of a collection in slices, which is started if none runs: for tests, and for embedders
    /// with their own idea of time. Gives garbage as [`Heap::find_unreachable_auto`].
    ///
    /// # Errors
    /// When there is no memory for the tables; the cycle is given up then.
    pub fn find_unreachable_step(&self, visits: usize) -> Result<Vec<Owned>, OutOfMemory> {
        self.begin_cycle()?;
        self.cycle_go(Budget::visits(visits))
    }

    fn cycle_go(&self, mut budget: Budget) -> Result<Vec<Owned>, OutOfMemory> {
        let Some(mut cycle) = self.cycle.borrow_mut().take() else { return Ok(Vec::new()) };
        let mut garbage = Vec::new();
        let before = cycle.visited;
        self.pace.count(|c| c.slices += 1);
        let result = cycle.go(self, &mut budget, &mut garbage);
        let (visited, found) = ((cycle.visited - before) as u64, garbage.len());
        self.pace.count(|c| {
            c.visited += visited;
            c.found += found as u64;
        });
        cycle.garbage_bytes += self.bytes_of(&garbage);
        cycle.freed += found;
        match result {
            Ok(true) => self.cycle_done(cycle.garbage_bytes),
            Ok(false) => {
                let freeing = cycle.phase == Phase::Prove;
                *self.cycle.borrow_mut() = Some(cycle);
                self.pace_cycle();
                if freeing {
                    // What is freed is taken again: freeing at the pace of allocation would never get ahead.
                    self.ask_slice();
                }
            }
            Err(e) => {
                cycle.slots.forget(self);
                self.cycle_done(cycle.garbage_bytes);
                return Err(e);
            }
        }
        self.check_proof(&garbage);
        Ok(garbage)
    }

    /// With feature `torture`: what was proven in a batch must be garbage by trial deletion over everything, too.
    fn check_proof(&self, garbage: &[Owned]) {
        if cfg!(feature = "torture") && !garbage.is_empty() {
            let all: std::collections::HashSet<u64> =
                self.unreachable_but_for(garbage).iter().map(|v| v.bits()).collect();
            for o in garbage {
                assert!(
                    all.contains(&o.value().bits()),
                    "{:?} was proven garbage but is reachable",
                    o.value()
                );
            }
        }
    }
}
