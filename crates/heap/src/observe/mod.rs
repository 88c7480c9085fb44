//! Watching allocation: which place in the guest's program asked for which block.
//!
//! ```text
//!            alloc_slow ──► sampling (always): every 512 KiB handed out, ask for the site once
//!                      └──► watching (on request): every block, because class lists are kept empty
//! ```
//!
//! The fast paths know nothing of this. While a heap is *watched* no page is active and every class list is empty, so
//! each allocation takes the slow path and each free the one for pages that are not active; both call in here. Blocks
//! come straight off the free list of the page that is *current* for their class.
//! Invariant: a current page never trips (its `trip` is out of reach), and pages that are not current obey the rules
//! of pages.rs. See sites.rs for what is noted, blocks.rs for walking all blocks.
#![allow(unsafe_code, reason = "moves free lists between pages and classes")]

mod blocks;
mod sites;
#[cfg(test)]
mod tests;

pub use blocks::{Accounting, Block, PageUse};
pub use sites::{Moment, SiteUse};

use crate::heap::{Family, Heap};
use crate::meta::NO_PAGE;
use crate::size_class::{CLASS, CLASSES, FAMILIES, INDEX_RUN, PAGE, block_number};
use sites::Sites;
use std::cell::{Cell, RefCell};
use std::ptr::null_mut;

/// A place in the guest's program, as the embedder numbers them. 0: not known, and not counted.
pub type SiteId = u32;

/// Tells the site of the allocation being made. Must not touch the heap.
pub type SiteHook = unsafe fn(*const ()) -> SiteId;

/// Bytes handed out between two samples.
pub const SAMPLE_BYTES: usize = 512 << 10;
/// Different sites that sampling keeps.
const SAMPLED_SITES_MAX: usize = 1 << 16;
/// A count no page reaches.
const NEVER: u16 = u16::MAX;

/// Part of the record.
pub(crate) struct Observe {
    hook: Cell<Option<(SiteHook, *const ())>>,
    /// Bytes asked for when the limit refused last.
    pub refused: Cell<usize>,
    /// Bytes left until the next sample.
    countdown: Cell<isize>,
    /// Sampled bytes by site.
    sampled: RefCell<Vec<u64>>,
    /// While watched: where blocks come from and what is noted of them; else null.
    sites: Cell<*mut Sites>,
}

impl Observe {
    pub fn new() -> Observe {
        Observe {
            hook: Cell::new(None),
            refused: Cell::new(0),
            countdown: Cell::new(SAMPLE_BYTES as isize),
            sampled: RefCell::new(Vec::new()),
            sites: Cell::new(null_mut()),
        }
    }

    /// Is every allocation noted?
    #[inline(always)]
    pub fn watching(&self) -> bool {
        !self.sites.get().is_null()
    }

    /// Is it the page blocks of its class come from while the heap is watched?
    pub fn is_current(&self, page: u32, index: u8) -> bool {
        // SAFETY: while not null the state is ours.
        index < INDEX_RUN
            && self.watching()
            && unsafe { (&(*self.sites.get()).current)[usize::from(index)] } == page
    }

    #[inline(always)]
    fn site(&self) -> SiteId {
        match self.hook.get() {
            // SAFETY: whoever set the hook keeps what it points to alive.
            Some((hook, data)) => unsafe { hook(data) },
            None => 0,
        }
    }

    /// Blocks worth this many bytes go to a class list.
    #[inline]
    pub fn hand_out(&self, bytes: usize) {
        let left = self.countdown.get() - bytes as isize;
        self.countdown.set(left);
        if left <= 0 {
            self.sample();
        }
    }

    #[cold]
    fn sample(&self) {
        let bytes = SAMPLE_BYTES as isize - self.countdown.get();
        self.countdown.set(SAMPLE_BYTES as isize);
        let site = self.site() as usize;
        let Ok(mut sampled) = self.sampled.try_borrow_mut() else { return };
        if site >= sampled.len() {
            let more = site + 1 - sampled.len();
            if site >= SAMPLED_SITES_MAX || sampled.try_reserve(more).is_err() {
                return;
            }
            sampled.resize(site + 1, 0);
        }
        sampled[site] += bytes as u64;
    }
}

impl Drop for Observe {
    fn drop(&mut self) {
        let sites = self.sites.replace(null_mut());
        if !sites.is_null() {
            // SAFETY: made by `Box::into_raw`, and dropped once.
            drop(unsafe { Box::from_raw(sites) });
        }
    }
}

impl Heap {
    /// Sets who tells the sites of allocations.
    ///
    /// # Safety
    /// `hook(data)` must be sound whenever the heap allocates, until another hook is set or the heap is dropped.
    pub unsafe fn set_site_hook(&self, hook: Option<(SiteHook, *const ())>) {
        self.observe.hook.set(hook);
    }

    /// Bytes asked for when the limit refused an allocation last; 0: it never did.
    pub fn last_refused(&self) -> usize {
        self.observe.refused.get()
    }

    /// Bytes allocated so far by site, estimated from samples: `(site, bytes)`.
    pub fn sampled_sites(&self) -> Vec<(SiteId, u64)> {
        let sampled = self.observe.sampled.borrow();
        sampled.iter().enumerate().filter(|(_, b)| **b > 0).map(|(i, b)| (i as SiteId, *b)).collect()
    }

    /// Is every allocation noted?
    pub fn is_watched(&self) -> bool {
        self.observe.watching()
    }

    /// Notes the site of every block from now on. What exists already has no site and is not counted.
    pub fn watch(&self) {
        if self.observe.watching() {
            return;
        }
        let mut sites = Box::new(Sites::new());
        for index in 0..CLASSES * FAMILIES {
            let slot = &self.slots[index];
            let page = slot.active.replace(NO_PAGE);
            sites.current[index] = page;
            if page == NO_PAGE {
                continue;
            }
            let meta = self.meta(page);
            // SAFETY: the page is in use; free blocks are linked through their second words.
            unsafe {
                (*meta).free = slot.free.replace(null_mut());
                let (mut p, mut n) = ((*meta).free, 0);
                while !p.is_null() {
                    n += 1;
                    p = p.cast::<*mut u8>().add(1).read();
                }
                (*meta).nfree = n;
                (*meta).trip = NEVER;
            }
        }
        self.observe.sites.set(Box::into_raw(sites));
    }

    /// Stops noting and forgets what was noted.
    pub fn unwatch(&self) {
        let sites = self.observe.sites.replace(null_mut());
        if sites.is_null() {
            return;
        }
        // SAFETY: made by `Box::into_raw` in `watch`, and taken out of the record.
        let sites = unsafe { Box::from_raw(sites) };
        for (index, &page) in sites.current.iter().enumerate() {
            if page == NO_PAGE {
                continue;
            }
            let (slot, meta) = (&self.slots[index], self.meta(page));
            // SAFETY: current pages are in use.
            unsafe {
                slot.free.set((*meta).free);
                (*meta).free = null_mut();
                (*meta).nfree = 0;
                (*meta).trip = CLASS[index].capacity / 8 + 1;
            }
            slot.active.set(page);
        }
    }

    /// The state of a watched heap.
    #[inline(always)]
    #[allow(clippy::mut_from_ref, reason = "the state hangs on a raw pointer")]
    fn sites(&self) -> Option<&mut Sites> {
        // SAFETY: only this module reaches the state, and no function that holds it calls another that asks for it.
        unsafe { self.observe.sites.get().as_mut() }
    }

    /// A block while the heap is watched; null when there is no memory.
    #[inline(never)]
    pub(crate) fn alloc_watched(&self, index: u8) -> *mut u8 {
        let at = usize::from(index);
        let mut page = self.sites().map_or(NO_PAGE, |s| s.current[at]);
        // SAFETY: current pages are in use; free blocks are linked through their second words.
        unsafe {
            if page == NO_PAGE || (*self.meta(page)).free.is_null() {
                page = self.refill_current(page, index);
                if page == NO_PAGE {
                    return null_mut();
                }
            }
            let meta = self.meta(page);
            let block = (*meta).free;
            (*meta).free = block.cast::<*mut u8>().add(1).read();
            (*meta).nfree -= 1;
            self.note_block(block, page, index, usize::from(CLASS[at].size));
            block
        }
    }

    /// Finds free blocks for a class: gives the page that is current now, or `NO_PAGE`.
    #[cold]
    fn refill_current(&self, page: u32, index: u8) -> u32 {
        if page != NO_PAGE {
            if self.carve_current(page, index) {
                return page;
            }
            // SAFETY: in use; nothing on it is free, so no trip was missed.
            unsafe { (*self.meta(page)).trip = CLASS[usize::from(index)].capacity / 8 + 1 };
            self.set_current(index, NO_PAGE);
        }
        let listed = self.slots[usize::from(index)].partial.get();
        let page = if listed != NO_PAGE {
            self.unlist(listed, index);
            listed
        } else {
            match self.new_small_page(index) {
                Ok(page) => page,
                Err(_) => return NO_PAGE,
            }
        };
        let meta = self.meta(page);
        // SAFETY: in use.
        let live = unsafe {
            (*meta).trip = NEVER;
            (*meta).carved - (*meta).nfree
        };
        if usize::from(index) < CLASSES {
            self.note_young(page, live);
        }
        self.set_current(index, page);
        // SAFETY: as above.
        if unsafe { (*meta).free.is_null() } {
            self.carve_current(page, index);
        }
        page
    }

    /// Blocks of the current page of a class that were not carved yet.
    pub(crate) fn uncarved_current(&self, index: u8) -> Option<usize> {
        let page = self.sites()?.current[usize::from(index)];
        // SAFETY: current pages are in use.
        (page != NO_PAGE)
            .then(|| usize::from(CLASS[usize::from(index)].capacity - unsafe { (*self.meta(page)).carved }))
    }

    fn set_current(&self, index: u8, page: u32) {
        if let Some(sites) = self.sites() {
            sites.current[usize::from(index)] = page;
        }
    }

    /// Carves more of a current page onto its own free list.
    fn carve_current(&self, page: u32, index: u8) -> bool {
        let (slot, meta) = (&self.slots[usize::from(index)], self.meta(page));
        // SAFETY: the page is in use; `carve` puts what it carves on the class list, which is empty otherwise.
        unsafe {
            let before = (*meta).carved;
            if !self.carve(page, index) {
                return false;
            }
            (*meta).free = slot.free.replace(null_mut());
            (*meta).nfree += (*meta).carved - before;
        }
        true
    }

    /// A block was handed out.
    #[inline(always)]
    pub(crate) fn note_block(&self, p: *mut u8, page: u32, index: u8, bytes: usize) {
        let site = self.observe.site();
        let n = block_number(index, p.addr() % PAGE);
        if let Some(sites) = self.sites() {
            sites.born(page, n, usize::from(CLASS[usize::from(index)].capacity), site, bytes);
        }
    }

    /// A block is given back.
    #[inline(always)]
    pub(crate) fn note_death(&self, p: *mut u8, page: u32, index: u8, bytes: usize) {
        let n = block_number(index, p.addr() % PAGE);
        if let Some(sites) = self.sites() {
            sites.died(page, n, bytes);
        }
    }

    /// A run of whole pages was handed out, while the heap is watched or not.
    pub(crate) fn note_run(&self, p: *mut u8, page: u32, pages: u32, family: Family) {
        let bytes = pages as usize * PAGE;
        self.observe.hand_out(bytes);
        if self.observe.watching() {
            self.note_block(p, page, INDEX_RUN + family as u8, bytes);
        }
    }

    /// Site of the live block that begins at `p`; 0 when it is not known.
    pub fn site_of(&self, p: *const u8) -> SiteId {
        let page = self.page_of(p);
        let n = block_number(self.index_of(page), p.addr() % PAGE);
        self.sites().map_or(0, |s| s.get(page, n))
    }
}
