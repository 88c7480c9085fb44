//! The cycle detector: trial deletion over all traced pages, stop-the-world.
//!
//! For each live object count the references from other live objects (a side table, one word per slot). An object
//! with more references than that is held from outside; whatever is reachable from those is alive; the rest is
//! reachable only from itself. Registers and native handles need no list of roots: they show up as excess.
#![allow(unsafe_code, reason = "walks all objects")]

use crate::handle::Owned;
use crate::header::{Header, flags};
use crate::heap::{Family, Heap, OutOfMemory, PageState};
use crate::size_class::{PAGE, SIZES};
use crate::value::Value;

const REACHED: u32 = 1 << 31;

/// One word per slot of every traced page.
struct Counts {
    first_of_page: Vec<u32>,
    words: Vec<u32>,
}

impl Heap {
    fn new_counts(&self) -> Result<Counts, OutOfMemory> {
        let pages = (self.frontier.get() - self.first_page) as usize;
        let mut first_of_page = Vec::new();
        first_of_page.try_reserve_exact(pages).map_err(|_| OutOfMemory { requested: pages * 4 })?;
        let mut total = 0u32;
        for page in self.first_page..self.frontier.get() {
            // SAFETY: metadata below the frontier is initialised.
            let meta = unsafe { *self.meta(page) };
            let traced = meta.family == Family::Traced as u8;
            let here = matches!(meta.state, PageState::Small | PageState::RunStart);
            first_of_page.push(total);
            if traced && here {
                total += u32::from(meta.capacity);
            }
        }
        let mut words = Vec::new();
        words.try_reserve_exact(total as usize).map_err(|_| OutOfMemory { requested: total as usize * 4 })?;
        words.resize(total as usize, 0);
        Ok(Counts { first_of_page, words })
    }

    /// Slot of a traced object in the table; `None` for other values.
    #[inline(always)]
    fn slot(&self, counts: &Counts, v: Value) -> Option<usize> {
        if !v.is_ptr() {
            return None;
        }
        let p = v.header().cast::<u8>();
        let page = self.page_of(p);
        // SAFETY: objects lie on pages in use.
        let meta = unsafe { &*self.meta(page) };
        if meta.family != Family::Traced as u8 {
            return None;
        }
        let first = counts.first_of_page[(page - self.first_page) as usize] as usize;
        if meta.state == PageState::Small {
            let offset = (p.addr() & (PAGE - 1)) as u32;
            Some(first + (offset / u32::from(SIZES[usize::from(meta.class)])) as usize)
        } else {
            Some(first)
        }
    }

    fn for_each_traced(&self, visit: &mut dyn FnMut(Value)) {
        for page in self.first_page..self.frontier.get() {
            // SAFETY: metadata below the frontier is initialised.
            if unsafe { (*self.meta(page)).family } == Family::Traced as u8 {
                self.objects_on_page(page, &mut |v| {
                    // SAFETY: just found alive. Dead objects still hold their children, which so stay alive.
                    if !unsafe { (*v.header()).has_flag(flags::DEAD) } {
                        visit(v);
                    }
                });
            }
        }
    }

    /// Visits the children of an object.
    pub fn trace(&self, v: Value, visit: &mut dyn FnMut(Value)) {
        if v.is_ptr() {
            let h = v.header();
            // SAFETY: a value seen by safe code is alive.
            unsafe { (self.vtable((*h).kind()).trace)(h, visit) };
        }
    }

    /// The objects that only each other keep alive, each with an extra reference.
    ///
    /// # Errors
    /// When there is no memory for the side table.
    pub fn find_unreachable(&self) -> Result<Vec<Owned>, OutOfMemory> {
        self.collections.set(self.collections.get() + 1);
        let mut counts = self.new_counts()?;
        self.for_each_traced(&mut |v| {
            self.trace(v, &mut |child| {
                if let Some(i) = self.slot(&counts, child) {
                    counts.words[i] += 1;
                }
            });
        });
        let mut gray = Vec::new();
        self.for_each_traced(&mut |v| {
            // SAFETY: alive.
            let h = unsafe { &*v.header() };
            if let Some(i) = self.slot(&counts, v)
                && (h.is_immortal() || h.rc() != counts.words[i] & !REACHED)
                && counts.words[i] & REACHED == 0
            {
                counts.words[i] |= REACHED;
                gray.push(v);
            }
        });
        while let Some(v) = gray.pop() {
            self.trace(v, &mut |child| {
                if let Some(i) = self.slot(&counts, child)
                    && counts.words[i] & REACHED == 0
                {
                    counts.words[i] |= REACHED;
                    gray.push(child);
                }
            });
        }
        let mut garbage = Vec::new();
        self.for_each_traced(&mut |v| {
            if let Some(i) = self.slot(&counts, v)
                && counts.words[i] & REACHED == 0
            {
                // SAFETY: alive.
                garbage.push(unsafe { v.incref(); Owned::from_value(v) });
            }
        });
        self.pace_collector();
        Ok(garbage)
    }

    /// After finalizers ran: those of `set` that nothing outside of it holds. The set's own handles do not count.
    pub fn retest_unreachable(&self, set: Vec<Owned>) -> Vec<Owned> {
        let mut index = std::collections::HashMap::with_capacity(set.len());
        for (i, o) in set.iter().enumerate() {
            index.insert(o.value().bits(), i);
        }
        // One reference is the set's own.
        let mut inside = vec![1u32; set.len()];
        for o in &set {
            self.trace(o.value(), &mut |child| {
                if let Some(&i) = index.get(&child.bits()) {
                    inside[i] += 1;
                }
            });
        }
        let mut held = vec![false; set.len()];
        // SAFETY: the handles keep the objects alive.
        let mut gray: Vec<usize> =
            (0..set.len()).filter(|&i| unsafe { (*set[i].value().header()).rc() } != inside[i]).collect();
        gray.iter().for_each(|&i| held[i] = true);
        while let Some(i) = gray.pop() {
            self.trace(set[i].value(), &mut |child| {
                if let Some(&j) = index.get(&child.bits())
                    && !held[j]
                {
                    held[j] = true;
                    gray.push(j);
                }
            });
        }
        let mut i = 0;
        set.into_iter().filter(|_| { i += 1; !held[i - 1] }).collect()
    }

    /// Frees a set found unreachable: children are released first, then the blocks. Gives their number.
    pub fn reclaim(&self, set: Vec<Owned>) -> usize {
        let n = set.len();
        let was_draining = self.draining.replace(true);
        let headers: Vec<*mut Header> = set.into_iter().map(|o| o.into_value().header()).collect();
        for &h in &headers {
            // SAFETY: unreachable, and our reference keeps every member's block until all are dropped.
            unsafe {
                (*h).set_flag(flags::FINALIZED);
                (*h).clear_flag(flags::HAS_FINALIZER | flags::HAS_WEAKREF);
                (self.vtable((*h).kind()).drop)(h, self);
            }
        }
        for h in headers {
            // SAFETY: nothing refers to it any more.
            unsafe { self.free_object(h) };
        }
        self.draining.set(was_draining);
        if !was_draining && self.pending.get().is_null() {
            self.drain();
        }
        self.pace_collector();
        n
    }

    /// Should the embedder collect at its next safe point?
    #[inline(always)]
    pub fn gc_requested(&self) -> bool {
        self.gc_requested.get()
    }

    /// Switches requests on or off; [`Heap::find_unreachable`] works in any case.
    pub fn set_gc_enabled(&self, on: bool) {
        self.gc_enabled.set(on);
        if !on {
            self.gc_requested.set(false);
        }
    }

    /// Are requests on?
    pub fn gc_enabled(&self) -> bool {
        self.gc_enabled.get()
    }
}
