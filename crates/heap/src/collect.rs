//! The cycle detector: trial deletion over the objects of a set of pages.
//!
//! For each object of the set count the references from other objects of the set (a side table, one word per slot).
//! An object with more references than that is held from outside; whatever the set reaches from those is alive; the
//! rest is reachable only from itself. Registers, native handles and objects outside the set need no list of roots
//! and no barrier: they show up as excess. This is right for *any* set, so one routine serves
//!   all traced pages (a full collection), pages with young objects (a minor), a sample of pages (a probe).
//!
//!   find_unreachable_auto ─► embedder: weak references, finalizers ─► retest_unreachable ─► reclaim
#![allow(unsafe_code, reason = "walks all objects")]

use crate::handle::Owned;
use crate::header::{Header, flags};
use crate::heap::{Heap, OutOfMemory};
use crate::meta::{AGED, NO_COUNTS, YOUNG};
use crate::pace::Request;
use crate::size_class::{CLASSES, INDEX_RUN, PAGE, block_number};
use crate::value::Value;

/// Bits of a count word.
const REACHED: u32 = 1 << 31;
const MEMBER: u32 = 1 << 30;
const COUNT: u32 = MEMBER - 1;
/// Pages a minor looks at, at most: its pause is bounded, whatever happened since the last safe point.
const MINOR_PAGES: usize = 64;
/// Pages of a probe's window: what was allocated together lies together.
const WINDOW: u32 = 16;
/// A probe looks at a thirty-second of the pages, and this many windows at most.
const WINDOWS: u32 = 6;
/// Objects of deferred drops freed at one safe point.
const DROPS: u32 = 512;

/// What a trial is about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    /// Every object of the pages.
    All,
    /// Without long objects: one of them takes longer than everything else.
    Sample,
    /// Without those that minors need not look at again; long ones become such.
    Young,
}

/// An object with more bytes than this is long.
const LONG: usize = 64 << 10;

/// Pages under trial and their counts.
struct Trial<'a> {
    heap: &'a Heap,
    pages: Vec<u32>,
    counts: Vec<u32>,
    gray: Vec<Value>,
    what: What,
    visited: usize,
}

fn push<T>(stack: &mut Vec<T>, x: T) -> Result<(), OutOfMemory> {
    if stack.len() == stack.capacity() {
        let more = stack.len().max(1024);
        stack.try_reserve(more).map_err(|_| OutOfMemory { requested: more * size_of::<T>() })?;
    }
    stack.push(x);
    Ok(())
}

impl<'a> Trial<'a> {
    /// Makes the table; forgets pages that hold no traced objects (any more), and duplicates.
    fn new(heap: &'a Heap, pages: Vec<u32>, what: What) -> Result<Trial<'a>, OutOfMemory> {
        let mut t = Trial { heap, pages, counts: Vec::new(), gray: Vec::new(), what, visited: 0 };
        let mut total = 0u32;
        t.pages.retain(|&page| {
            let traced = page < heap.frontier.get() && heap.is_traced_page(page);
            // SAFETY: traced pages are in use.
            unsafe {
                if !traced || (*heap.meta(page)).extra != NO_COUNTS {
                    return false;
                }
                (*heap.meta(page)).extra = total;
                total +=
                    if heap.index_of(page) == INDEX_RUN { 1 } else { u32::from((*heap.meta(page)).carved) };
            }
            true
        });
        let refused = |_| OutOfMemory { requested: total as usize * 4 };
        t.counts.try_reserve_exact(total as usize).map_err(refused)?;
        t.counts.resize(total as usize, 0);
        Ok(t)
    }

    fn is_member(&self, h: &Header) -> bool {
        // Dead objects still hold their children, which so stay alive.
        match self.what {
            What::All => !h.has_flag(flags::DEAD),
            What::Sample => !h.has_flag(flags::DEAD) && !self.heap.is_long(std::ptr::from_ref(h).cast_mut()),
            What::Young => !h.has_flag(flags::DEAD | flags::OLD),
        }
    }

    /// Place in the table of an object of the set; `None` for everything else.
    #[inline(always)]
    fn place(&self, v: Value) -> Option<usize> {
        if !v.is_ptr() {
            return None;
        }
        let p = v.header().cast::<u8>();
        let page = self.heap.page_of(p);
        let index = self.heap.index_of(page);
        if usize::from(index) >= CLASSES && index != INDEX_RUN {
            return None;
        }
        // SAFETY: the object is alive, so its page is in use.
        unsafe {
            let first = (*self.heap.meta(page)).extra;
            if first == NO_COUNTS
                || (self.what == What::Young && (*v.header()).has_flag(flags::OLD))
                || (self.what == What::Sample && self.heap.is_long(v.header()))
            {
                return None;
            }
            Some(first as usize + block_number(index, p.addr() & (PAGE - 1)))
        }
    }

    /// Calls for each object of the set with its place.
    fn for_each(
        &mut self,
        mut visit: impl FnMut(&mut Self, Value, usize) -> Result<(), OutOfMemory>,
    ) -> Result<(), OutOfMemory> {
        let pages = std::mem::take(&mut self.pages);
        let mut result = Ok(());
        for &page in &pages {
            let index = self.heap.index_of(page);
            // SAFETY: the page is in use.
            let first = unsafe { (*self.heap.meta(page)).extra } as usize;
            self.heap.objects_on_page(page, |v| {
                // SAFETY: found alive.
                if result.is_ok() && self.is_member(unsafe { &*v.header() }) {
                    let place = first + block_number(index, v.header().addr() & (PAGE - 1));
                    result = visit(self, v, place);
                }
            });
        }
        self.pages = pages;
        result
    }

    fn count_edges(&mut self) -> Result<(), OutOfMemory> {
        self.for_each(|t, v, _| {
            t.visited += 1;
            if t.what == What::Young && t.heap.is_long(v.header()) {
                // SAFETY: alive.
                unsafe { (*v.header()).set_flag(flags::OLD) };
                return Ok(());
            }
            t.heap.trace(v, &mut |child| {
                if let Some(i) = t.place(child) {
                    t.counts[i] += 1;
                }
            });
            Ok(())
        })
    }

    /// Marks what is reached from objects held from outside the set.
    fn mark_held(&mut self) -> Result<(), OutOfMemory> {
        self.for_each(|t, v, i| {
            // SAFETY: alive.
            let h = unsafe { &*v.header() };
            if t.counts[i] & REACHED == 0 && (h.is_immortal() || h.rc() != t.counts[i]) {
                t.counts[i] |= REACHED;
                t.scan(v)?;
                while let Some(v) = t.gray.pop() {
                    t.scan(v)?;
                }
            }
            Ok(())
        })
    }

    fn scan(&mut self, v: Value) -> Result<(), OutOfMemory> {
        let mut result = Ok(());
        self.heap.trace(v, &mut |child| {
            if let Some(i) = self.place(child)
                && self.counts[i] & REACHED == 0
            {
                self.counts[i] |= REACHED;
                if result.is_ok() {
                    result = push(&mut self.gray, child);
                }
            }
        });
        result
    }

    /// The objects of the set that nothing outside of it leads to, each with an extra reference.
    fn run(&mut self) -> Result<Vec<Owned>, OutOfMemory> {
        self.count_edges()?;
        self.mark_held()?;
        let mut garbage = Vec::new();
        self.for_each(|t, v, i| {
            if t.counts[i] & REACHED == 0 {
                // SAFETY: alive; the handle counts.
                let handle = unsafe {
                    v.incref();
                    Owned::from_value(v)
                };
                push(&mut garbage, handle)?;
            }
            Ok(())
        })?;
        let (visited, found) = (self.visited as u64, garbage.len() as u64);
        self.heap.pace.count(|c| {
            c.visited += visited;
            c.found += found;
        });
        Ok(garbage)
    }
}

impl Drop for Trial<'_> {
    fn drop(&mut self) {
        for &page in &self.pages {
            // SAFETY: the pages of a trial are in use until it ends.
            unsafe { (*self.heap.meta(page)).extra = NO_COUNTS };
        }
    }
}

impl Heap {
    /// Visits the children of an object.
    pub fn trace(&self, v: Value, visit: &mut dyn FnMut(Value)) {
        if v.is_ptr() {
            let h = v.header();
            // SAFETY: a value seen by safe code is alive.
            unsafe { (self.vtable((*h).kind()).trace)(h, visit) };
        }
    }

    /// Is it an object of a layout that may be long, and long?
    fn is_long(&self, h: *mut Header) -> bool {
        // SAFETY: callers have a live object.
        unsafe {
            let vtable = self.vtable((*h).kind());
            vtable.trace_part.is_some() && (vtable.buffers)(h) + self.block_size(h.cast()) > LONG
        }
    }

    /// The collection that is due: what a safe point calls when [`Heap::gc_requested`].
    /// Gives objects that only each other keep alive, each with an extra reference.
    ///
    /// # Errors
    /// When there is no memory for the side table.
    pub fn find_unreachable_auto(&self) -> Result<Vec<Owned>, OutOfMemory> {
        match self.pace.request.get() {
            Request::Nothing => Ok(Vec::new()),
            Request::Slice => self.slice(),
            Request::Minor if self.stress_wants_all() => self.find_unreachable(),
            Request::Minor if self.stress_wants_slice() => self.find_unreachable_step(self.stress_visits()),
            Request::Minor => self.find_unreachable_young(),
            Request::Probe => self.probe(),
            Request::Major if self.is_small() => self.find_unreachable(),
            Request::Major => {
                self.begin_cycle()?;
                self.slice()
            }
            Request::Full => self.find_unreachable(),
        }
    }

    /// Some of the work that is left for safe points: deferred drops first, then the collection in slices.
    fn slice(&self) -> Result<Vec<Owned>, OutOfMemory> {
        self.settle_slice();
        if self.has_deferred.get() {
            self.drain_deferred(DROPS);
            if self.has_deferred.get() {
                self.ask_slice();
                return Ok(Vec::new());
            }
        }
        if !self.purge_more() {
            self.ask_slice();
        }
        self.cycle_slice()
    }

    /// As [`Heap::find_unreachable_auto`], among all objects, at once.
    ///
    /// # Errors
    /// When there is no memory for the side table.
    pub fn find_unreachable(&self) -> Result<Vec<Owned>, OutOfMemory> {
        self.pace.count(|c| c.majors += 1);
        self.abandon_cycle();
        self.finish_drops();
        self.settle();
        let garbage = Trial::new(self, self.traced_pages()?, What::All)?.run()?;
        self.promote_young();
        self.major_done(self.bytes_of(&garbage));
        Ok(garbage)
    }

    fn traced_pages(&self) -> Result<Vec<u32>, OutOfMemory> {
        let mut pages = Vec::new();
        for page in self.first_page..self.frontier.get() {
            if self.is_traced_page(page) {
                push(&mut pages, page)?;
            }
        }
        Ok(pages)
    }

    /// By trial deletion over everything: what is unreachable when the handles of `set` do not count. For checks;
    /// without memory for it, `set` itself.
    pub(crate) fn unreachable_but_for(&self, set: &[Owned]) -> Vec<Value> {
        let given = || set.iter().map(Owned::value).collect();
        let Ok(mut t) = self.traced_pages().and_then(|pages| Trial::new(self, pages, What::All)) else {
            return given();
        };
        for o in set {
            if let Some(i) = t.place(o.value()) {
                t.counts[i] += 1;
            }
        }
        let mut found = Vec::new();
        let walked = t.count_edges().and_then(|()| t.mark_held()).and_then(|()| {
            t.for_each(|t, v, i| {
                if t.counts[i] & REACHED == 0 {
                    push(&mut found, v)?;
                }
                Ok(())
            })
        });
        if walked.is_ok() { found } else { given() }
    }

    /// As [`Heap::find_unreachable_auto`], among the young objects.
    ///
    /// # Errors
    /// When there is no memory for the side table.
    pub fn find_unreachable_young(&self) -> Result<Vec<Owned>, OutOfMemory> {
        self.pace.count(|c| c.minors += 1);
        self.promote_all_but(MINOR_PAGES);
        let pages = self.pace.young.take();
        self.settle_request();
        let result = Trial::new(self, pages, What::Young).and_then(|mut trial| Ok((trial.run()?, trial)));
        let (garbage, mut trial) = match result {
            Ok(both) => both,
            Err(e) => {
                self.forget_young();
                return Err(e);
            }
        };
        let visited = trial.visited;
        let pages = std::mem::take(&mut trial.pages);
        drop(trial);
        for &page in &pages {
            // SAFETY: as in the trial.
            unsafe { (*self.meta(page)).extra = NO_COUNTS };
        }
        self.age(pages);
        self.minor_done(visited, self.bytes_of(&garbage));
        Ok(garbage)
    }

    /// Survivors of two minors become old; of one, while minors find little.
    fn age(&self, mut pages: Vec<u32>) {
        let patient = self.minors_pay();
        pages.retain(|&page| {
            // SAFETY: the pages of a trial are in use.
            unsafe {
                let meta = self.meta(page);
                (*meta).base_live = self.live_on(page);
                if patient && (*meta).bits & AGED == 0 {
                    (*meta).bits |= AGED;
                    return true;
                }
                self.objects_on_page(page, |v| (*v.header()).set_flag(flags::OLD));
                let active = self.is_active(page);
                (*meta).bits &= !(AGED | YOUNG);
                if active {
                    (*meta).bits |= YOUNG;
                }
                active
            }
        });
        self.pace.young.replace(pages);
    }

    /// The list of young pages was lost: all pages are old now, except those that go on receiving.
    #[cold]
    fn forget_young(&self) {
        let mut young = Vec::new();
        for page in self.first_page..self.frontier.get() {
            if self.is_traced_page(page) {
                let keep = self.is_active(page) && young.try_reserve(1).is_ok();
                // SAFETY: traced pages are in use.
                unsafe { (*self.meta(page)).bits &= !(YOUNG | AGED) };
                if keep {
                    young.push(page);
                    // SAFETY: as above.
                    unsafe { (*self.meta(page)).bits |= YOUNG };
                }
            }
        }
        self.pace.young.replace(young);
    }

    /// Looks at a sample of all pages; if it holds garbage worth speaking of, at all of them.
    fn probe(&self) -> Result<Vec<Owned>, OutOfMemory> {
        self.pace.count(|c| c.probes += 1);
        let all = (self.frontier.get() - self.first_page).max(1);
        let windows = (all / (WINDOW * 32)).clamp(2, WINDOWS);
        let shift = self.gc_counters().probes * 7919;
        let mut pages = Vec::new();
        let mut bytes = 0;
        for w in 0..windows {
            let at = u64::from(all) * u64::from(w) / u64::from(windows) + shift;
            let start = self.first_page + (at % u64::from(all)) as u32;
            for page in start..(start + WINDOW).min(self.frontier.get()) {
                if self.is_traced_page(page) {
                    push(&mut pages, page)?;
                    bytes += PAGE;
                }
            }
        }
        self.probe_done();
        let garbage = Trial::new(self, pages, What::Sample)?.run()?;
        if self.bytes_of(&garbage) * 32 < bytes {
            return Ok(garbage);
        }
        drop(garbage);
        if self.is_small() {
            return self.find_unreachable();
        }
        self.begin_cycle()?;
        self.slice()
    }

    /// Bytes of these objects and their buffers.
    pub(crate) fn bytes_of(&self, objects: &[Owned]) -> usize {
        let bytes = |o: &Owned| {
            let h = o.value().header();
            // SAFETY: the handle keeps the object alive.
            self.block_size(h.cast()) + unsafe { (self.vtable((*h).kind()).buffers)(h) }
        };
        objects.iter().map(bytes).sum()
    }

    /// After finalizers ran: those of `set` that nothing outside of it holds. The set's own handles do not count.
    /// Without memory for the test none are given: they stay for the next collection.
    pub fn retest_unreachable(&self, set: Vec<Owned>) -> Vec<Owned> {
        let mut pages = Vec::new();
        for o in &set {
            if push(&mut pages, self.page_of(o.value().header().cast())).is_err() {
                return Vec::new();
            }
        }
        let Ok(mut t) = Trial::new(self, pages, What::All) else { return Vec::new() };
        for o in &set {
            if let Some(i) = t.place(o.value()) {
                t.counts[i] = MEMBER | 1;
            }
        }
        for o in &set {
            self.trace(o.value(), &mut |child| {
                if let Some(i) = t.place(child)
                    && t.counts[i] & MEMBER != 0
                {
                    t.counts[i] += 1;
                }
            });
        }
        for count in &mut t.counts {
            // What is not of the set is nothing to scan.
            if *count & MEMBER == 0 {
                *count = REACHED;
            }
        }
        for o in &set {
            let v = o.value();
            let Some(i) = t.place(v) else { continue };
            // SAFETY: the handle keeps the object alive.
            let rc = unsafe { (*v.header()).rc() };
            if t.counts[i] & REACHED == 0 && rc != t.counts[i] & COUNT {
                t.counts[i] |= REACHED;
                let mut next = Some(v);
                while let Some(v) = next {
                    if t.scan(v).is_err() {
                        return Vec::new();
                    }
                    next = t.gray.pop();
                }
            }
        }
        set.into_iter().filter(|o| t.place(o.value()).is_some_and(|i| t.counts[i] & REACHED == 0)).collect()
    }
}
