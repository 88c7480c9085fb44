//! Free runs of pages, kept in the metadata of the free pages themselves: no memory of its own, every step O(1).
//!
//!   … used | first: len, dirty, links │ (stale) │ last: len | used …       bins by length, doubly linked
//!
//! Lengths 1–15 have a bin each, larger ones four per power of two. Neighbours merge through the length that the
//! first and the last page of every free run carry.
//! *Dirty* pages may hold memory. They are given back to the system only when there are many: steady churn reuses
//! warm pages, a peak does not stay in RSS. Invariant: [`Heap::verify`] walks all runs.
#![allow(unsafe_code, reason = "reads page metadata")]

use crate::heap::{Family, Heap, OutOfMemory};
use crate::meta::{NO_PAGE, PageMeta, PageState};
use crate::os;
use crate::size_class::{INDEX_NONE, PAGE};

/// Number of bins; a run of 2^21 pages (the largest reservation) is in bin 84.
pub(crate) const BINS: usize = 88;
/// Shorter runs are not worth a system call.
const PURGE_RUN: u32 = 4;
/// Free pages that may stay warm: this many bytes, or an eighth of what is used if that is more, up to a cap.
const WARM_MIN: usize = 4 << 20;
const WARM_MAX: usize = 64 << 20;
/// A heap this large has its further pages backed by huge ones, in steps; smaller ones stay exact in RSS.
pub(crate) const HUGE_FROM: u32 = ((32 << 20) / PAGE) as u32;
/// Pages in a huge page of the system.
pub(crate) const HUGE_PAGE: u32 = ((2 << 20) / PAGE) as u32;
const HUGE_STEP: u32 = ((32 << 20) / PAGE) as u32;
/// Bytes after which one purge stops, to keep it short.
const PURGE_SLICE: usize = 1 << 20;

fn bin_of(n: u32) -> usize {
    if n < 16 {
        return n as usize;
    }
    let log = n.ilog2();
    16 + (log as usize - 4) * 4 + (n >> (log - 2) & 3) as usize
}

impl Heap {
    /// Takes `n` consecutive pages into use. Their metadata is the caller's to write.
    pub(crate) fn take_pages(&self, family: Family, n: u32) -> Result<u32, OutOfMemory> {
        let bytes = n as usize * PAGE;
        self.admit(bytes)?;
        let page = self.find_pages(n).ok_or(OutOfMemory { requested: bytes })?;
        self.count_pages(family, bytes as isize);
        Ok(page)
    }

    /// `n` consecutive free pages, not counted yet.
    pub(crate) fn find_pages(&self, n: u32) -> Option<u32> {
        if let Some(page) = self.find_run(n) {
            self.take_at(page, n);
            return Some(page);
        }
        let mut page = self.frontier.get();
        // SAFETY: below the frontier: the last page of something.
        let last = if page > self.first_page { Some(unsafe { *self.meta(page - 1) }) } else { None };
        let tail = last.filter(|m| m.state == PageState::Free).map_or(0, |m| m.extra);
        page -= tail;
        let end = page.checked_add(n).filter(|&end| end <= self.end_page)?;
        if tail > 0 {
            // A free run at the end is too short, but its pages need not be left behind.
            self.remove_run(page);
        }
        self.advance_frontier(end);
        Some(page)
    }

    /// Pages up to `end` come into use for the first time.
    pub(crate) fn advance_frontier(&self, end: u32) {
        self.frontier.set(end);
        if end > self.huge_from.get() {
            let from = self.huge_from.get().next_multiple_of(HUGE_PAGE);
            let to = (end.next_multiple_of(HUGE_PAGE) + HUGE_STEP).min(self.end_page);
            if from < to {
                os::advise_huge(self.page_address(from), (to - from) as usize * PAGE);
            }
            self.huge_from.set(to);
        }
    }

    fn find_run(&self, n: u32) -> Option<u32> {
        let mut bin = bin_of(n);
        let mut page = self.bins[bin].get();
        // In its own bin a run may be too short: look at a few. Those in higher bins are all long enough.
        for _ in 0..8 {
            if page == NO_PAGE {
                break;
            }
            // SAFETY: pages in bins are first pages of free runs.
            let meta = unsafe { *self.meta(page) };
            if meta.extra >= n {
                return Some(page);
            }
            page = meta.next;
        }
        loop {
            bin += 1;
            let page = self.bins.get(bin)?.get();
            if page != NO_PAGE {
                return Some(page);
            }
        }
    }

    /// Takes `n` pages off the front of the free run that begins at `page`, if one does and is long enough.
    pub(crate) fn take_at(&self, page: u32, n: u32) -> bool {
        if page >= self.frontier.get() {
            return false;
        }
        // SAFETY: below the frontier, so the metadata was written; only first pages of free runs and stale middle
        // pages have state Free, and the caller's page follows a used one or comes from a bin.
        let meta = unsafe { *self.meta(page) };
        if meta.state != PageState::Free || meta.extra < n {
            return false;
        }
        self.remove_run(page);
        let dirty = u32::from(meta.dirty);
        if meta.extra > n {
            self.insert_run(page + n, meta.extra - n, dirty.saturating_sub(n));
        }
        true
    }

    /// Pages go out of use.
    pub(crate) fn give_pages(&self, family: Family, page: u32, n: u32) {
        self.count_pages(family, -((n as usize * PAGE) as isize));
        self.give_uncounted(page, n, n);
    }

    /// Pages become a free run, of which `dirty` may hold memory. Their indices must be [`INDEX_NONE`] already.
    pub(crate) fn give_uncounted(&self, mut page: u32, mut n: u32, mut dirty: u32) {
        // SAFETY: the page before is below the frontier: the last page of something.
        let before = if page > self.first_page { Some(unsafe { *self.meta(page - 1) }) } else { None };
        if let Some(before) = before.filter(|m| m.state == PageState::Free) {
            page -= before.extra;
            n += before.extra;
            dirty += self.remove_run(page);
        }
        if page + n < self.frontier.get() {
            // SAFETY: below the frontier: the first page of something.
            let after = unsafe { *self.meta(page + n) };
            if after.state == PageState::Free {
                dirty += self.remove_run(page + n);
                n += after.extra;
            }
        }
        self.insert_run(page, n, dirty);
        if self.dirty_pages.get() > self.pace.purge_at.get() {
            self.purge_some();
        }
    }

    fn insert_run(&self, page: u32, n: u32, dirty: u32) {
        let bin = &self.bins[bin_of(n)];
        let mut meta = PageMeta::new(PageState::Free);
        meta.extra = n;
        meta.dirty = dirty.min(u32::from(u16::MAX)) as u16;
        meta.next = bin.get();
        // SAFETY: the pages are free; the head of a bin is the first page of a free run.
        unsafe {
            if bin.get() != NO_PAGE {
                (*self.meta(bin.get())).prev = page;
            }
            self.meta(page + n - 1).write(meta);
            self.meta(page).write(meta);
        }
        bin.set(page);
        self.free_pages.set(self.free_pages.get() + n as usize);
        self.dirty_pages.set(self.dirty_pages.get() + usize::from(meta.dirty));
    }

    /// Takes a run out of its bin; gives its dirty pages.
    fn remove_run(&self, page: u32) -> u32 {
        // SAFETY: the first page of a free run, as are its neighbours in the bin.
        unsafe {
            let meta = *self.meta(page);
            if meta.prev == NO_PAGE {
                self.bins[bin_of(meta.extra)].set(meta.next);
            } else {
                (*self.meta(meta.prev)).next = meta.next;
            }
            if meta.next != NO_PAGE {
                (*self.meta(meta.next)).prev = meta.prev;
            }
            self.free_pages.set(self.free_pages.get() - meta.extra as usize);
            self.dirty_pages.set(self.dirty_pages.get() - usize::from(meta.dirty));
            u32::from(meta.dirty)
        }
    }

    /// Gives free pages back to the system until few are warm; a bounded amount at a time.
    #[cold]
    fn purge_some(&self) {
        let warm = (self.bytes_used() / 8).clamp(WARM_MIN, WARM_MAX) / PAGE;
        if self.dirty_pages.get() > warm {
            // Whole huge pages first: half of one cannot be given back without breaking it for good.
            let mut purged = self.purge_runs(warm / 2, HUGE_PAGE, true, PURGE_SLICE);
            if self.dirty_pages.get() > warm && purged < PURGE_SLICE {
                purged += self.purge_runs(warm / 2, PURGE_RUN, false, PURGE_SLICE - purged);
            }
            if self.dirty_pages.get() > warm && purged >= PURGE_SLICE {
                // More can be done, but not now.
                self.pace.purge_at.set(warm);
                return self.ask_slice();
            }
        }
        // What short runs hold cannot be helped now: look again when there is more.
        self.pace.purge_at.set(warm.max(self.dirty_pages.get() + warm / 4));
    }

    /// Goes on giving back where a slice stopped; true when that was it.
    pub(crate) fn purge_more(&self) -> bool {
        if self.dirty_pages.get() > self.pace.purge_at.get() {
            self.purge_some();
            return self.dirty_pages.get() <= self.pace.purge_at.get();
        }
        true
    }

    /// Gives all free pages back to the system.
    pub fn purge(&self) {
        self.purge_runs(0, 1, false, usize::MAX);
        self.pace.purge_at.set(WARM_MIN / PAGE);
    }

    fn purge_runs(&self, dirty_wanted: usize, shortest: u32, whole_huge: bool, most_bytes: usize) -> usize {
        let mut purged = 0;
        for bin in (bin_of(shortest)..BINS).rev() {
            let mut page = self.bins[bin].get();
            while page != NO_PAGE && self.dirty_pages.get() > dirty_wanted && purged < most_bytes {
                // SAFETY: pages in bins are first pages of free runs.
                let next = unsafe { (*self.meta(page)).next };
                purged += self.purge_run(page, whole_huge, most_bytes - purged);
                page = next;
            }
        }
        self.purged_bytes.set(self.purged_bytes.get() + purged as u64);
        purged
    }

    /// Gives back one free run, from behind, as far as `most` allows (or only the whole huge pages in it); a clean one at
    /// the end becomes never used.
    fn purge_run(&self, page: u32, whole_huge: bool, most: usize) -> usize {
        // SAFETY: the first page of a free run.
        let meta = unsafe { *self.meta(page) };
        let run_end = page + meta.extra;
        let (mut start, mut end) = (page, run_end);
        let whole_huge = whole_huge || meta.extra as usize * PAGE > most;
        if whole_huge {
            (start, end) = (start.next_multiple_of(HUGE_PAGE), end / HUGE_PAGE * HUGE_PAGE);
        }
        // A slice takes whole huge pages from behind, and goes on where the last one stopped.
        let whole_end = end;
        if whole_huge && start < end {
            end -= (u32::from(meta.carved) * HUGE_PAGE).min(end - start);
            let most = (most / PAGE).min(end as usize) as u32 / HUGE_PAGE * HUGE_PAGE;
            start = start.max(end - most.max(HUGE_PAGE).min(end - start));
        }
        let left = meta.extra - whole_end.saturating_sub(start);
        let mut bytes = 0;
        if start < end && u32::from(meta.dirty) > left {
            bytes = (end - start) as usize * PAGE;
            // SAFETY: nobody uses the memory of free pages.
            unsafe {
                os::purge(self.page_address(start), bytes);
                (*self.meta(page)).dirty = left.min(u32::from(u16::MAX)) as u16;
                (*self.meta(page)).carved = ((whole_end - start) / HUGE_PAGE) as u16;
            }
            self.dirty_pages.set(self.dirty_pages.get() - usize::from(meta.dirty) + left as usize);
        }
        // SAFETY: as above.
        if run_end == self.frontier.get() && unsafe { (*self.meta(page)).dirty } == 0 {
            self.remove_run(page);
            self.frontier.set(page);
        }
        bytes
    }

    /// Marks pages as holding no block.
    pub(crate) fn clear_indices(&self, page: u32, n: u32) {
        for p in page..page + n {
            self.set_index(p, INDEX_NONE);
        }
    }

    /// Checks bins, lengths and totals of the free runs, and that no two of them touch.
    pub(crate) fn verify_runs(&self) -> Result<(), String> {
        let (mut pages, mut dirty, mut runs) = (0, 0, 0);
        for (bin, head) in self.bins.iter().enumerate() {
            let (mut page, mut prev) = (head.get(), NO_PAGE);
            while page != NO_PAGE {
                // SAFETY: pages in bins have metadata, and so do the last pages of their runs.
                let (meta, last) = unsafe {
                    let meta = *self.meta(page);
                    (meta, *self.meta(page + meta.extra - 1))
                };
                let fits = meta.state == PageState::Free
                    && last.state == PageState::Free
                    && last.extra == meta.extra;
                if !fits || bin_of(meta.extra) != bin || meta.prev != prev {
                    return Err(format!("free run at page {page} is damaged"));
                }
                let end = page + meta.extra;
                // SAFETY: below the frontier.
                if end < self.frontier.get() && unsafe { (*self.meta(end)).state } == PageState::Free {
                    return Err(format!("free runs touch at page {end}"));
                }
                if (page..end).any(|p| self.index_of(p) != INDEX_NONE) {
                    return Err(format!("a free page after {page} claims to hold blocks"));
                }
                pages += meta.extra as usize;
                dirty += usize::from(meta.dirty);
                runs += 1;
                (prev, page) = (page, meta.next);
            }
        }
        if (pages, dirty) != (self.free_pages.get(), self.dirty_pages.get()) {
            return Err(format!("{runs} free runs have {pages} pages, {dirty} dirty; counted otherwise"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_are_ordered() {
        let mut last = 0;
        for n in 1..1 << 21 {
            let bin = bin_of(n);
            assert!(bin == last || bin == last + 1, "{n}");
            last = bin;
        }
        assert!(last < BINS);
        // A run from a higher bin is always long enough.
        for n in 1..10_000 {
            assert!((n + 1..20_000).all(|m| bin_of(m) >= bin_of(n)));
        }
    }
}
