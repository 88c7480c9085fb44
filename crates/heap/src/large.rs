//! Blocks of whole pages, and changing the size of buffers.
//!
//!   | RunStart │ (unwritten metadata) │ RunRest |     index: INDEX_RUN + family on the first page, none on others
//!
//! A large buffer grows in place when the pages behind it are free; otherwise its pages move to another place in
//! the reservation by remapping, without copying and without needing the memory twice.
#![allow(unsafe_code, reason = "moves blocks")]

use crate::heap::{Family, Heap, OutOfMemory};
use crate::meta::{PageMeta, PageState, YOUNG};
use crate::os::{self, Moved};
use crate::runs::HUGE_PAGE;
use crate::size_class::{INDEX_RUN, MAX_SMALL, PAGE, class_of};

/// From this size on remapping is cheaper than copying.
const REMAP_BYTES: usize = 256 << 10;
/// From this size on a block waits for what is to be freed in slices.
const MUCH: usize = 1 << 20;
/// Pages from which on a moving run is aligned.
const ALIGN_FROM: u32 = ((1 << 20) / PAGE) as u32;

impl Heap {
    #[cold]
    #[inline(never)]
    pub(crate) fn alloc_run(&self, family: Family, size: usize) -> Result<*mut u8, OutOfMemory> {
        // Whoever asks for much waits for the system to clear it anyway: what was left to be freed in slices goes first,
        // in proportion, so that two large structures in a row do not stand beside each other.
        if size >= MUCH && self.has_deferred.get() {
            self.drain_deferred(u32::try_from(size / size_of::<usize>()).unwrap_or(u32::MAX));
        }
        let n = size.div_ceil(PAGE);
        if n >= self.end_page as usize {
            return Err(OutOfMemory { requested: size });
        }
        let n = n as u32;
        let page = self.take_pages(family, n)?;
        self.clear_indices(page, n);
        self.mark_run(page, n, family);
        let p = self.page_address(page);
        // SAFETY: at least one page; the header word of an object slot must not look alive before it is written.
        unsafe { p.cast::<u64>().write(0) };
        if family == Family::Traced {
            self.note_young(page, 0);
        }
        self.note_run(p, page, n, family);
        Ok(p)
    }

    /// Writes the metadata at both ends of a run.
    fn mark_run(&self, page: u32, n: u32, family: Family) {
        let mut meta = PageMeta::new(PageState::RunRest);
        // SAFETY: every page has an entry.
        unsafe {
            self.meta(page + n - 1).write(meta);
            meta.state = PageState::RunStart;
            meta.next = n;
            self.meta(page).write(meta);
        }
        self.set_index(page, INDEX_RUN + family as u8);
    }

    /// Frees the run that begins at `p`.
    #[cold]
    #[inline(never)]
    pub(crate) unsafe fn free_run(&self, p: *mut u8, page: u32) {
        let meta = self.meta(page);
        // SAFETY: read-only; the assertion guards the rest.
        let (state, n) = unsafe { ((*meta).state, (*meta).next) };
        assert!(
            state == PageState::RunStart && p == self.page_address(page),
            "freed {p:p} is on no page in use"
        );
        let family = Family::ALL[usize::from(self.index_of(page) - INDEX_RUN)];
        // SAFETY: the page is in use; forget what the collector noted.
        unsafe { (*meta).bits &= !YOUNG };
        self.clear_indices(page, 1);
        self.give_pages(family, page, n);
    }

    /// Gives a buffer another size, in place where possible; large ones move by remapping, not by copying.
    ///
    /// # Safety
    /// `p` must be a buffer of this heap of `old` bytes; on success only the result is valid.
    ///
    /// # Errors
    /// When the limit or the system refuses; the buffer is unchanged then.
    pub unsafe fn realloc_buffer(&self, p: *mut u8, old: usize, new: usize) -> Result<*mut u8, OutOfMemory> {
        let have = self.block_size(p);
        debug_assert!(old <= have, "a buffer of {have} bytes was said to have {old}");
        if have > MAX_SMALL && new > MAX_SMALL {
            // SAFETY: by the caller; larger blocks are runs.
            if let Some(q) = unsafe { self.resize_run(p, new)? } {
                if self.observe.watching() {
                    self.note_death(p, self.page_of(p), INDEX_RUN, have);
                    self.note_block(q, self.page_of(q), INDEX_RUN, self.block_size(q));
                }
                return Ok(q);
            }
        } else if have <= MAX_SMALL && new <= MAX_SMALL && class_of(have) == class_of(new) {
            return Ok(p);
        }
        let q = self.alloc_buffer(new)?;
        // SAFETY: two different blocks of at least these sizes.
        unsafe {
            std::ptr::copy_nonoverlapping(p, q, old.min(have).min(new));
            self.free_buffer(p, old);
        }
        Ok(q)
    }

    /// Grows or shrinks a run of buffer pages; `None`: the caller must copy.
    unsafe fn resize_run(&self, p: *mut u8, new: usize) -> Result<Option<*mut u8>, OutOfMemory> {
        let page = self.page_of(p);
        // SAFETY: `p` starts a run.
        let have = unsafe { (*self.meta(page)).next };
        let want = new.div_ceil(PAGE);
        if want >= self.end_page as usize {
            return Err(OutOfMemory { requested: new });
        }
        let want = want as u32;
        if want <= have {
            if want < have {
                self.mark_run(page, want, Family::Buffer);
                self.give_pages(Family::Buffer, page + want, have - want);
            }
            return Ok(Some(p));
        }
        let more = want - have;
        let (old_bytes, more_bytes) = (have as usize * PAGE, more as usize * PAGE);
        if old_bytes < REMAP_BYTES && !self.is_free_at(page + have, more) {
            return Ok(None);
        }
        self.admit(more_bytes)?;
        // The check above may have purged, which moves the frontier: look again.
        let after = page + have;
        let at_end = after == self.frontier.get() && after + more <= self.end_page;
        if at_end || self.take_at(after, more) {
            if at_end {
                self.advance_frontier(after + more);
            }
            self.clear_indices(after, more);
            self.mark_run(page, want, Family::Buffer);
            self.count_pages(Family::Buffer, more_bytes as isize);
            return Ok(Some(p));
        }
        let Some(to) = self.find_aligned_pages(want) else { return Ok(None) };
        self.clear_indices(to, want);
        let q = self.page_address(to);
        // SAFETY: both ranges are ours, the target is unused.
        match unsafe { os::move_pages(p, old_bytes, q) } {
            Moved::Yes => {}
            Moved::No => {
                self.give_uncounted(to, want, 0);
                return Ok(None);
            }
            Moved::TargetLost => {
                // A hole without blocks, never used again.
                self.mark_run(to, want, Family::Buffer);
                self.clear_indices(to, 1);
                return Ok(None);
            }
        }
        self.mark_run(to, want, Family::Buffer);
        self.count_pages(Family::Buffer, more_bytes as isize);
        self.clear_indices(page, 1);
        self.give_uncounted(page, have, 0);
        Ok(Some(q))
    }

    /// As [`Heap::find_pages`]; large ranges begin at a huge page, so that they move by whole page tables.
    fn find_aligned_pages(&self, n: u32) -> Option<u32> {
        if n < ALIGN_FROM {
            return self.find_pages(n);
        }
        let frontier = self.frontier.get();
        let Some(page) = self.find_pages(n + HUGE_PAGE - 1) else { return self.find_pages(n) };
        let start = page.next_multiple_of(HUGE_PAGE);
        let end = page + n + HUGE_PAGE - 1;
        self.clear_indices(page, end - page);
        // Pages below the old frontier may hold memory.
        let dirty = |from: u32, to: u32| frontier.clamp(from, to) - from;
        if start + n < end {
            self.end_run_at(start, n);
            self.give_uncounted(start + n, end - start - n, dirty(start + n, end));
        }
        if page < start {
            self.end_run_at(start, n);
            self.give_uncounted(page, start - page, dirty(page, start));
        }
        Some(start)
    }

    /// Pages about to be used must not look free to their neighbours.
    fn end_run_at(&self, page: u32, n: u32) {
        let meta = PageMeta::new(PageState::RunRest);
        // SAFETY: every page has an entry, and these are ours.
        unsafe {
            self.meta(page).write(meta);
            self.meta(page + n - 1).write(meta);
        }
    }

    /// Could the `n` pages from `page` on be taken?
    fn is_free_at(&self, page: u32, n: u32) -> bool {
        if page >= self.frontier.get() {
            return page + n <= self.end_page;
        }
        // SAFETY: below the frontier: the first page of something.
        let meta = unsafe { *self.meta(page) };
        meta.state == PageState::Free && meta.extra >= n
    }
}
