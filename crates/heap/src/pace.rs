//! When to collect: what is young, how much of it, and whether looking has been worth it.
//!
//! Costs and gains are counted in *visits* (objects a collection looks at), a unit of some 10 ns.
//!   minor  wanted when 4,096 slots or 1 MiB (buffers and external bytes included) are net new;
//!          after one that found little, the next ones are skipped until the program has done 3, 7, 15, then 31 times
//!          that work (one visit's worth per new slot or 64 new bytes). What is skipped counts as old.
//!   major  wanted when memory has grown by a quarter and the work done meanwhile pays for it (few, large objects);
//!          else by half: then windows of pages are probed first, a full one follows if they hold garbage;
//!          else by a ratio that falls after good yields and rises after bad ones.
//!          Under a limit also when half of the room there was after the last one is used up, or it was hit.
//!
//! New slots are counted when their page is activated, never per allocation. Growth is net: freed pages count back.
#![allow(unsafe_code, reason = "reads page metadata")]

mod slices;
pub use slices::Due;

use crate::heap::{Family, Heap};
use crate::meta::{AGED, YOUNG};
use crate::size_class::{CLASS, CLASSES, INDEX_RUN, PAGE};
use std::cell::{Cell, RefCell};

/// Net new slots that make a minor collection worth while.
const MINOR_SLOTS: usize = 4096;
/// Net new bytes, likewise.
const MINOR_BYTES: usize = 1 << 20;
/// New bytes that count as one visit's worth of work.
const BYTES_PER_VISIT: usize = 64;
/// Growth below this is never worth a probe.
const MAJOR_MIN: usize = 4 << 20;
/// Growth below this is never worth a full collection without any sign of garbage.
const MAJOR_BLIND: usize = 96 << 20;
/// Traced bytes (and a quarter of those of buffers) below which all objects are looked at at once: a fraction of a millisecond.
const SMALL_HEAP: usize = 1 << 20;
/// New slots that are worth a slice.
const SLICE_SLOTS: usize = 2048;
/// Visits of a slice, roughly.
const SLICE_VISITS: usize = 8000;
/// Largest skip after fruitless minors.
const SKIP_MAX: usize = 31;
/// Bounds of the growth ratio, in sixteenths.
const RATIO_MIN: usize = 24;
const RATIO_MAX: usize = 64;

/// What a safe point should do.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Request {
    Nothing,
    /// Deferred drops, or a slice of the running cycle.
    Slice,
    Minor,
    Probe,
    /// All objects: in slices unless there are few.
    Major,
    /// All objects at once: memory is short.
    Full,
}

pub(crate) struct Pace {
    pub enabled: Cell<bool>,
    pub request: Cell<Request>,
    /// Bytes in use at which to look again.
    pub check_at: Cell<usize>,
    /// Traced pages that may hold young objects; an entry is valid if the page has its YOUNG bit.
    pub young: RefCell<Vec<u32>>,
    /// Slots filled since the last look, and when to look again.
    young_slots: Cell<usize>,
    young_at: Cell<usize>,
    /// Slots that the embedder wants a minor after; 0: none of its own.
    threshold: Cell<usize>,
    /// Slots filled since the last one, counted in that case.
    counted: Cell<usize>,
    /// Bytes in use after the last minor or skip.
    minor_base: Cell<usize>,
    skip: Cell<usize>,
    debt: Cell<usize>,
    /// Bytes in use after the last major, the growth ratio, where a probe is due.
    major_base: Cell<usize>,
    ratio: Cell<usize>,
    probe_at: Cell<usize>,
    /// Slots filled, ever; and at the last major with the pages then made.
    slots_made: Cell<u64>,
    major_work: Cell<u64>,
    /// Collect at every safe point.
    stress: Cell<bool>,
    /// Bytes in use when the running cycle began, and growth between two of its slices.
    pub cycle_base: Cell<usize>,
    slice_step: Cell<usize>,
    /// Bytes in use at which a running cycle is given up for a full collection at once.
    rescue_at: Cell<usize>,
    pub purge_at: Cell<usize>,
    pub counters: Cell<GcCounters>,
}

/// What the collector has done since the heap was made.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct GcCounters {
    /// Minor collections.
    pub minors: u64,
    /// Batches of young objects that were taken for alive without looking.
    pub skipped: u64,
    /// Probes of a sample of the pages.
    pub probes: u64,
    /// Full collections at once.
    pub majors: u64,
    /// Full collections in slices that were started, and slices.
    pub cycles: u64,
    /// See `cycles`.
    pub slices: u64,
    /// Objects looked at, all kinds together.
    pub visited: u64,
    /// Objects found unreachable.
    pub found: u64,
    /// Objects reclaimed.
    pub reclaimed: u64,
}

impl Pace {
    pub fn new() -> Pace {
        Pace {
            enabled: Cell::new(true),
            request: Cell::new(Request::Nothing),
            check_at: Cell::new(MINOR_BYTES),
            young: RefCell::new(Vec::new()),
            young_slots: Cell::new(0),
            young_at: Cell::new(MINOR_SLOTS),
            threshold: Cell::new(0),
            counted: Cell::new(0),
            minor_base: Cell::new(0),
            skip: Cell::new(0),
            debt: Cell::new(0),
            major_base: Cell::new(0),
            ratio: Cell::new(RATIO_MAX),
            probe_at: Cell::new(2 * MAJOR_MIN),
            slots_made: Cell::new(0),
            major_work: Cell::new(0),
            stress: Cell::new(false),
            cycle_base: Cell::new(0),
            slice_step: Cell::new(0),
            rescue_at: Cell::new(usize::MAX),
            purge_at: Cell::new(MAJOR_MIN / PAGE),
            counters: Cell::new(GcCounters::default()),
        }
    }

    pub fn count(&self, change: impl FnOnce(&mut GcCounters)) {
        let mut c = self.counters.get();
        change(&mut c);
        self.counters.set(c);
    }
}

impl Pace {
    #[inline]
    pub fn has_threshold(&self) -> bool {
        self.threshold.get() != 0
    }

    /// Blocks carved at a time, at most: with a threshold they are counted as they are carved.
    pub fn carve_most(&self) -> usize {
        if self.has_threshold() { self.threshold.get().max(8) / 4 } else { usize::MAX }
    }
}

impl Heap {
    /// Asks for a minor collection about every `slots` new traced blocks, if that is sooner than by itself; 0: never.
    pub fn set_minor_threshold(&self, slots: usize) {
        self.pace.threshold.set(if slots < MINOR_SLOTS { slots } else { 0 });
        self.pace.counted.set(0);
    }

    /// The list of a traced class was filled: its blocks are about to be used.
    #[cold]
    pub(crate) fn note_slots(&self, mut free: *mut u8) {
        let mut n = self.pace.counted.get();
        while !free.is_null() {
            n += 1;
            // SAFETY: free blocks are linked through their second words.
            free = unsafe { free.cast::<*mut u8>().add(1).read() };
        }
        if n >= self.pace.threshold.get() && self.pace.enabled.get() {
            n = 0;
            self.ask(Request::Minor);
        }
        self.pace.counted.set(n);
    }

    /// A traced page receives new objects beside `live` that it has.
    pub(crate) fn note_young(&self, page: u32, live: u16) {
        let (pace, meta) = (&self.pace, self.meta(page));
        let filled = usize::from(CLASS[usize::from(self.index_of(page))].capacity - live);
        // SAFETY: the page is in use.
        unsafe {
            if (*meta).bits & YOUNG == 0 {
                let mut young = pace.young.borrow_mut();
                // Without room for the note the page counts as old.
                if young.try_reserve(1).is_ok() {
                    young.push(page);
                    (*meta).bits |= YOUNG;
                    (*meta).base_live = live;
                }
            }
            (*meta).bits &= !AGED;
        }
        pace.slots_made.set(pace.slots_made.get() + filled as u64);
        pace.young_slots.set(pace.young_slots.get() + filled);
        if pace.young_slots.get() >= pace.young_at.get() {
            self.check_pace();
        }
    }

    /// Is the page one that new objects go to without its being activated again?
    pub(crate) fn is_active(&self, page: u32) -> bool {
        let index = self.index_of(page);
        self.slots[usize::from(index)].active.get() == page || self.observe.is_current(page, index)
    }

    pub(crate) fn is_traced_page(&self, page: u32) -> bool {
        let index = self.index_of(page);
        usize::from(index) < CLASSES || index == INDEX_RUN
    }

    /// Live slots of a traced page; blocks on the list of an active page count as live.
    pub(crate) fn live_on(&self, page: u32) -> u16 {
        // SAFETY: the page is in use.
        let meta = unsafe { *self.meta(page) };
        if self.index_of(page) == INDEX_RUN { 1 } else { meta.carved - meta.nfree }
    }

    /// Net new slots; forgets pages that are no longer young.
    fn count_young(&self) -> usize {
        let mut net = 0;
        let mut young = self.pace.young.borrow_mut();
        // A page that was freed and taken again may be noted twice; that only makes the estimate larger.
        young.retain(|&page| {
            // SAFETY: traced pages are in use.
            let keep = page < self.frontier.get()
                && self.is_traced_page(page)
                && unsafe { (*self.meta(page)).bits } & YOUNG != 0;
            if keep && (self.index_of(page) == INDEX_RUN || !self.is_active(page)) {
                // SAFETY: as above.
                let base = unsafe { (*self.meta(page)).base_live };
                net += usize::from(self.live_on(page).saturating_sub(base));
            }
            keep
        });
        net
    }

    /// Work the program has done, in visits' worth.
    fn work(&self) -> u64 {
        self.pace.slots_made.get() + self.pages_made.get() * (PAGE / BYTES_PER_VISIT) as u64
    }

    /// Looks whether a collection is due. Called on slow paths only; the next look comes after some growth.
    #[cold]
    pub(crate) fn check_pace(&self) {
        let (pace, used) = (&self.pace, self.bytes_used());
        self.rebase(used);
        if !pace.enabled.get() || pace.request.get() != Request::Nothing {
            // Nobody listens yet: look seldom.
            if pace.enabled.get() {
                self.check_major(used);
            } else {
                self.promote_young();
            }
            pace.young_slots.set(0);
            pace.young_at.set(pace.young_at.get().saturating_mul(2).clamp(MINOR_SLOTS, 1 << 20));
            pace.check_at.set(used + (used / 16).max(MINOR_BYTES / 4));
            return;
        }
        if self.cycle_running() {
            // Growth, or as much new in place of old, is worth a slice.
            self.ask_slice();
        }
        let grown = used - pace.minor_base.get();
        let mut net = self.count_young();
        if net >= MINOR_SLOTS || grown >= MINOR_BYTES {
            let paid = net + grown / BYTES_PER_VISIT;
            if paid < pace.debt.get() {
                pace.debt.set(pace.debt.get() - paid);
                pace.count(|c| c.skipped += 1);
                self.promote_young();
                net = 0;
            } else {
                pace.debt.set(0);
                self.ask(Request::Minor);
            }
        }
        self.check_major(used);
        pace.young_slots.set(net);
        // Looking costs a step per young page: the more there are, the more new slots must come first.
        let pause = (MINOR_SLOTS / 4).max(pace.young.borrow().len() * 4);
        pace.young_at.set((net + pause).max(MINOR_SLOTS));
        pace.check_at.set(used + self.stride());
        if self.cycle_running() {
            pace.young_at.set(net + SLICE_SLOTS.max(pause));
        }
    }

    /// Memory has shrunk: growth counts from here.
    fn rebase(&self, used: usize) {
        let pace = &self.pace;
        pace.minor_base.set(pace.minor_base.get().min(used));
        if used < pace.major_base.get() {
            let probe_at = pace.probe_at.get();
            self.set_major_base(used);
            pace.probe_at.set(pace.probe_at.get().min(probe_at));
        }
    }

    /// Pages went out of use: the next look must not wait until memory is as large as before.
    #[inline]
    pub(crate) fn note_shrinking(&self) {
        let soon = self.bytes_used() + MINOR_BYTES / 2;
        if soon < self.pace.check_at.get() {
            self.pace.check_at.set(soon);
            self.rebase(soon - MINOR_BYTES / 2);
        }
    }

    fn ask(&self, request: Request) {
        self.pace.request.set(self.pace.request.get().max(request));
    }

    fn check_major(&self, used: usize) {
        let (pace, base) = (&self.pace, self.pace.major_base.get());
        let objects = (self.family_bytes(Family::Traced) / 48) as u64;
        let worked = self.work() - pace.major_work.get();
        let paid = worked >= 4 * objects;
        // In slices a look costs time but no pause: old garbage is found without growth, too.
        let patient = worked >= (pace.ratio.get() as u64 / 2) * objects.max(SMALL_HEAP as u64 / 48);
        let blind = pace.ratio.get() == RATIO_MAX;
        let growth = if blind { MAJOR_BLIND } else { MAJOR_MIN };
        if self.cycle_running() {
            if used >= pace.rescue_at.get() {
                self.ask(Request::Full);
            }
            return;
        }
        if self.headroom_shrinks(used)
            || patient
            || (paid && used >= base + base / 4 + MINOR_BYTES * 2)
            || used >= base / 16 * pace.ratio.get() + growth
        {
            self.ask(Request::Major);
        } else if used >= pace.probe_at.get() {
            self.ask(Request::Probe);
        }
    }

    /// Under a limit: has half of the room there was after the last major been used up?
    fn headroom_shrinks(&self, used: usize) -> bool {
        let (base, limit) = (self.pace.major_base.get(), self.limit.get());
        let room = limit.saturating_sub(base) / 2;
        limit != usize::MAX && used >= base + room.max(limit / 128)
    }

    /// An allocation was refused: the next safe point should look for garbage.
    pub(crate) fn note_refusal(&self) {
        if self.pace.enabled.get() {
            self.ask(Request::Full);
        }
    }

    /// Takes all young objects for alive, except those on pages that go on receiving.
    pub(crate) fn promote_young(&self) {
        self.promote_all_but(0);
        self.pace.minor_base.set(self.bytes_used());
    }

    /// As [`Heap::promote_young`], sparing the pages noted last.
    pub(crate) fn promote_all_but(&self, last: usize) {
        let mut young = self.pace.young.borrow_mut();
        let mut excess = young.len().saturating_sub(last);
        if excess == 0 {
            return;
        }
        young.retain(|&page| {
            if excess == 0 {
                return true;
            }
            excess -= 1;
            if page >= self.frontier.get() || !self.is_traced_page(page) {
                return false;
            }
            let keep = self.is_active(page);
            // SAFETY: traced pages are in use.
            unsafe {
                let meta = self.meta(page);
                (*meta).bits &= !(YOUNG | AGED);
                if keep {
                    (*meta).bits |= YOUNG;
                    (*meta).base_live = self.live_on(page);
                }
            }
            keep
        });
    }

    /// After a minor that looked at `visited` objects and found garbage of so many bytes.
    pub(crate) fn minor_done(&self, visited: usize, garbage_bytes: usize) {
        let pace = &self.pace;
        let grown = self.bytes_used().saturating_sub(pace.minor_base.get());
        let skip = if garbage_bytes * 16 >= grown.max(visited * 48) {
            0
        } else {
            (pace.skip.get() * 2 + 1).min(SKIP_MAX)
        };
        pace.skip.set(skip);
        pace.debt.set(visited * skip);
        self.settle();
    }

    /// The request is being served; a failure must not repeat it at once.
    pub(crate) fn settle_request(&self) {
        self.pace.request.set(self.idle());
        self.pace.young_slots.set(0);
        self.pace.young_at.set(MINOR_SLOTS);
    }

    fn idle(&self) -> Request {
        if self.pace.stress.get() { Request::Minor } else { Request::Nothing }
    }

    /// Are minors paying off?
    pub(crate) fn minors_pay(&self) -> bool {
        self.pace.skip.get() == 0
    }

    /// After a probe that found too little for a full collection.
    pub(crate) fn probe_done(&self) {
        let used = self.bytes_used();
        self.pace.probe_at.set(used + used / 2 + MAJOR_MIN);
        self.settle();
    }

    /// After a full collection that found garbage of so many bytes (still counted as used).
    pub(crate) fn major_done(&self, garbage_bytes: usize) {
        let (pace, used) = (&self.pace, self.bytes_used());
        let ratio = pace.ratio.get();
        let ratio = if garbage_bytes >= used / 16 { ratio * 2 / 3 } else { ratio * 3 / 2 };
        pace.ratio.set(ratio.clamp(RATIO_MIN, RATIO_MAX));
        pace.major_work.set(self.work());
        self.set_major_base(used - garbage_bytes.min(used));
        self.settle();
    }

    fn set_major_base(&self, base: usize) {
        self.pace.major_base.set(base);
        self.pace.probe_at.set(base + base / 2 + MAJOR_MIN);
    }

    /// Nothing is wanted until memory has grown again.
    pub(crate) fn settle(&self) {
        let (pace, used) = (&self.pace, self.bytes_used());
        pace.request.set(self.idle());
        pace.minor_base.set(used);
        pace.young_slots.set(0);
        pace.young_at.set(MINOR_SLOTS);
        pace.check_at.set(used + self.stride());
        if self.cycle_running() {
            pace.young_at.set(SLICE_SLOTS);
        }
        // What was asked for besides comes next.
        if self.has_deferred.get() || self.cycle_running() {
            self.ask_slice();
        }
    }

    /// Should the embedder collect at its next safe point?
    #[inline(always)]
    pub fn gc_requested(&self) -> bool {
        self.pace.request.get() != Request::Nothing
    }

    /// Switches requests on or off; [`Heap::find_unreachable`] works in any case.
    pub fn set_gc_enabled(&self, on: bool) {
        self.pace.enabled.set(on);
        if !on {
            self.pace.request.set(Request::Nothing);
            self.abandon_cycle();
        }
    }

    /// Are requests on?
    pub fn gc_enabled(&self) -> bool {
        self.pace.enabled.get()
    }

    /// Counts of collections so far.
    pub fn gc_counters(&self) -> GcCounters {
        self.pace.counters.get()
    }

    /// Estimate of new traced slots since the last minor collection.
    pub fn young_slots(&self) -> usize {
        self.count_young()
    }
}
