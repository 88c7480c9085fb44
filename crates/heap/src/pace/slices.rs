//! The rhythm of a collection in slices, and of stress mode.
//!
//! A cycle must be complete when memory has grown by an eighth; it takes some three visits to each object. Growth divided
//! by the slices this will need is the step between two of them.

use super::{MINOR_BYTES, RATIO_MAX, RATIO_MIN, Request, SLICE_SLOTS, SLICE_VISITS, SMALL_HEAP};
use crate::heap::{Family, Heap};
use crate::size_class::PAGE;

/// What [`Heap::find_unreachable_auto`] would do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Due {
    /// Nothing.
    Nothing,
    /// A collection among some objects.
    Some,
    /// The first slice of a collection among all objects, or another one.
    Slice,
    /// A collection among all objects at once.
    All,
}

impl Heap {
    /// Bytes until the next look.
    pub(super) fn stride(&self) -> usize {
        if self.cycle_running() { self.pace.slice_step.get() } else { MINOR_BYTES / 4 }
    }

    /// A cycle was started or has done a slice: it must be complete when memory has grown by an eighth. Three walks over
    /// the objects, some thousands of visits to a slice.
    pub(crate) fn pace_cycle(&self) {
        let used = self.bytes_used();
        let slices = 1 + self.family_bytes(Family::Traced) / 48 * 3 / SLICE_VISITS;
        self.pace.slice_step.set((used / 8 / slices).clamp(2 * PAGE, MINOR_BYTES / 4));
        let base = self.pace.cycle_base.get();
        if used >= base + (base / 8).max(MINOR_BYTES) {
            // Late: a slice at every safe point.
            self.ask_slice();
        }
        let limit = self.limit.get();
        let rescue = if limit == usize::MAX { usize::MAX } else { limit - (limit / 16).min(limit) };
        self.pace.rescue_at.set(rescue);
        let soon = used + self.pace.slice_step.get();
        self.pace.check_at.set(self.pace.check_at.get().min(soon));
        let slots = self.pace.young_slots.get() + SLICE_SLOTS;
        self.pace.young_at.set(self.pace.young_at.get().min(slots));
    }

    /// A cycle is complete (or failed).
    pub(crate) fn cycle_done(&self, garbage_bytes: usize) {
        // What it found is freed already, but for the last batch.
        let used = self.bytes_used();
        let ratio = self.pace.ratio.get();
        let ratio = if garbage_bytes >= used / 16 { ratio * 2 / 3 } else { ratio * 3 / 2 };
        self.pace.ratio.set(ratio.clamp(RATIO_MIN, RATIO_MAX));
        self.pace.major_work.set(self.work());
        self.set_major_base(used);
    }

    pub(crate) fn ask_slice(&self) {
        self.ask(Request::Slice);
    }

    /// A slice is being done.
    pub(crate) fn settle_slice(&self) {
        self.pace.request.set(self.idle());
    }

    /// Is a collection at once no longer than a slice?
    pub(crate) fn is_small(&self) -> bool {
        let buffers = self.family_bytes(Family::Buffer) / 4;
        !self.cycle_running() && self.family_bytes(Family::Traced) + buffers < SMALL_HEAP
    }

    /// What would [`Heap::find_unreachable_auto`] do?
    pub fn gc_due(&self) -> Due {
        match self.pace.request.get() {
            Request::Nothing => Due::Nothing,
            Request::Slice => Due::Slice,
            Request::Minor if self.stress_wants_all() => Due::All,
            Request::Minor if self.stress_wants_slice() => Due::Slice,
            Request::Minor | Request::Probe => Due::Some,
            Request::Major if self.is_small() => Due::All,
            Request::Major => Due::Slice,
            Request::Full => Due::All,
        }
    }

    /// For tests of the embedder: every safe point collects, every other time a slice, now and then among all objects
    /// (both the more rarely the more there are: a test on a large heap must come to its end).
    pub fn set_gc_stress(&self, on: bool) {
        self.pace.stress.set(on);
        self.pace.request.set(self.idle());
    }

    pub(crate) fn stress_wants_all(&self) -> bool {
        self.pace.stress.get() && self.stress_turn(32)
    }

    pub(crate) fn stress_wants_slice(&self) -> bool {
        self.pace.stress.get() && self.stress_turn(2)
    }

    /// Whether this collection is the last of `n`, of many more in a heap with more than 64 KiB.
    fn stress_turn(&self, n: u64) -> bool {
        let c = self.gc_counters();
        let every = n * (self.family_bytes(Family::Traced) as u64 >> 16).max(1);
        (c.minors + c.majors + c.slices) % every == every - 1
    }

    /// Visits of a slice in stress mode: a cycle must come to its end between collections at once.
    pub(crate) fn stress_visits(&self) -> usize {
        (self.family_bytes(Family::Traced) / 48 / 3).max(50)
    }
}
