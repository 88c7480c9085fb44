//! The slow paths: activating pages, returning blocks to pages that are not active, whole-page runs.
//!
//! A page of a class is *active* (its free blocks are on the class list), *listed* (at least an eighth free), full,
//! or free. A page becomes allocatable again only when an eighth of it is free, which bounds stranded memory.
#![allow(unsafe_code, reason = "carves blocks from pages")]

use crate::header::Header;
use crate::heap::{Family, GC_MIN_BYTES, Heap, NO_PAGE, OutOfMemory, PageMeta, PageState};
use crate::os;
use crate::size_class::{CLASSES, MAX_SMALL, PAGE, SIZES, class_of};
use std::ptr::null_mut;

/// Class number of pages that belong to a run.
pub(crate) const RUN_CLASS: u8 = CLASSES as u8;
/// Free runs of at least this many pages lose their memory at once.
const PURGE_PAGES: u32 = 4;

impl Heap {
    #[cold]
    #[inline(never)]
    pub(crate) fn alloc_slow(&self, family: Family, class: usize) -> Result<*mut u8, OutOfMemory> {
        let f = family as usize;
        let listed = self.partial[f][class].get();
        let page = if listed != NO_PAGE {
            self.unlist(listed);
            listed
        } else {
            self.new_small_page(family, class)?
        };
        let meta = self.meta(page);
        // SAFETY: the page is in use; its free list moves to the class list.
        unsafe {
            let list = (*meta).free;
            self.blocks_activated.set(self.blocks_activated.get() + u64::from((*meta).nfree));
            (*meta).free = null_mut();
            (*meta).nfree = 0;
            self.active[f][class].set(page);
            let next = list.cast::<*mut u8>().add(1).read();
            self.free[f][class].set(next);
            Ok(list)
        }
    }

    fn new_small_page(&self, family: Family, class: usize) -> Result<u32, OutOfMemory> {
        let page = self.take_pages(family, 1)?;
        let size = usize::from(SIZES[class]);
        let capacity = PAGE / size;
        let start = self.page_address(page);
        let mut next = null_mut();
        for i in (0..capacity).rev() {
            // SAFETY: inside the page. A zero first word marks an object slot as free.
            unsafe {
                let block = start.add(i * size);
                block.cast::<u64>().write(0);
                block.cast::<*mut u8>().add(1).write(next);
                next = block;
            }
        }
        let meta = PageMeta {
            free: next,
            nfree: capacity as u16,
            capacity: capacity as u16,
            class: class as u8,
            family: family as u8,
            state: PageState::Small,
            listed: false,
            next: NO_PAGE,
            prev: NO_PAGE,
            run_bytes: 0,
        };
        // SAFETY: every page has an entry.
        unsafe { self.meta(page).write(meta) };
        Ok(page)
    }

    /// Takes `n` consecutive pages and counts them.
    fn take_pages(&self, family: Family, n: u32) -> Result<u32, OutOfMemory> {
        let bytes = n as usize * PAGE;
        self.admit(bytes)?;
        let page = match self.runs.borrow_mut().take(n) {
            Some(page) => page,
            None => {
                let page = self.frontier.get();
                if page.checked_add(n).is_none_or(|end| end > self.end_page) {
                    return Err(OutOfMemory { requested: bytes });
                }
                self.frontier.set(page + n);
                page
            }
        };
        self.count_pages(family, bytes as isize);
        Ok(page)
    }

    fn count_pages(&self, family: Family, bytes: isize) {
        let cell = &self.page_bytes[family as usize];
        cell.set(cell.get().wrapping_add_signed(bytes));
        if bytes > 0 {
            self.pages_made.set(self.pages_made.get() + (bytes as usize / PAGE) as u64);
            let used = self.bytes_used();
            if used > self.peak.get() {
                self.peak.set(used);
            }
            if used > self.gc_next.get() && self.gc_enabled.get() {
                self.gc_requested.set(true);
            }
        }
    }

    /// After a collection: the next one when memory has doubled.
    pub(crate) fn pace_collector(&self) {
        let used = self.bytes_used();
        self.gc_next.set(used + used.max(GC_MIN_BYTES));
        self.gc_requested.set(false);
    }

    fn give_pages(&self, family: Family, page: u32, n: u32) {
        self.count_pages(family, -((n as usize * PAGE) as isize));
        for i in 0..n {
            // SAFETY: every page has an entry.
            unsafe { (*self.meta(page + i)).state = PageState::Free };
        }
        let (start, len) = self.runs.borrow_mut().give(page, n);
        if n >= PURGE_PAGES {
            // SAFETY: the pages are free.
            unsafe { os::purge(self.page_address(page), n as usize * PAGE) };
        } else if len >= PURGE_PAGES && len.is_power_of_two() {
            // Small pages trickle in: purge a merged run each time it has doubled, not at every page.
            // SAFETY: the pages are free.
            unsafe { os::purge(self.page_address(start), len as usize * PAGE) };
        }
        if start + len == self.frontier.get() {
            self.runs.borrow_mut().forget(start);
            self.frontier.set(start);
            // SAFETY: the pages are free.
            unsafe { os::purge(self.page_address(start), len as usize * PAGE) };
        }
    }

    #[cold]
    #[inline(never)]
    pub(crate) fn alloc_run(&self, family: Family, size: usize) -> Result<*mut u8, OutOfMemory> {
        let n = size.div_ceil(PAGE);
        if n >= self.end_page as usize {
            return Err(OutOfMemory { requested: size });
        }
        let page = self.take_pages(family, n as u32)?;
        self.mark_run(page, n as u32, family, size);
        let p = self.page_address(page);
        // SAFETY: at least one page; the header word of an object slot must not look alive before it is written.
        unsafe { p.cast::<u64>().write(0) };
        Ok(p)
    }

    fn mark_run(&self, page: u32, n: u32, family: Family, size: usize) {
        for i in 0..n {
            let state = if i == 0 { PageState::RunStart } else { PageState::RunRest };
            let meta = PageMeta {
                free: null_mut(),
                nfree: 0,
                capacity: 1,
                class: RUN_CLASS,
                family: family as u8,
                state,
                listed: false,
                next: n,
                prev: NO_PAGE,
                run_bytes: size as u64,
            };
            // SAFETY: every page has an entry.
            unsafe { self.meta(page + i).write(meta) };
        }
    }

    #[cold]
    #[inline(never)]
    pub(crate) unsafe fn free_slow(&self, p: *mut u8, page: u32) {
        let meta = self.meta(page);
        // SAFETY: the page is in use and the block is the caller's to free.
        unsafe {
            if (*meta).state == PageState::RunStart {
                let family = if (*meta).family == 0 {
                    Family::Traced
                } else if (*meta).family == 1 {
                    Family::Leaf
                } else {
                    Family::Buffer
                };
                self.give_pages(family, page, (*meta).next);
                return;
            }
            assert!((*meta).state == PageState::Small, "freed block {p:p} is on no page in use");
            p.cast::<*mut u8>().add(1).write((*meta).free);
            (*meta).free = p;
            (*meta).nfree += 1;
            if (*meta).nfree == (*meta).capacity {
                if (*meta).listed {
                    self.unlist(page);
                }
                let family = [Family::Traced, Family::Leaf, Family::Buffer][usize::from((*meta).family)];
                self.give_pages(family, page, 1);
            } else if !(*meta).listed && (*meta).nfree > (*meta).capacity / 8 {
                self.list(page);
            }
        }
    }

    fn list(&self, page: u32) {
        let meta = self.meta(page);
        // SAFETY: listed pages are in use; neighbours in the list, too.
        unsafe {
            let head = &self.partial[usize::from((*meta).family)][usize::from((*meta).class)];
            (*meta).listed = true;
            (*meta).prev = NO_PAGE;
            (*meta).next = head.get();
            if head.get() != NO_PAGE {
                (*self.meta(head.get())).prev = page;
            }
            head.set(page);
        }
    }

    fn unlist(&self, page: u32) {
        let meta = self.meta(page);
        // SAFETY: as in `list`.
        unsafe {
            let (prev, next) = ((*meta).prev, (*meta).next);
            let head = &self.partial[usize::from((*meta).family)][usize::from((*meta).class)];
            (*meta).listed = false;
            if prev == NO_PAGE {
                head.set(next);
            } else {
                (*self.meta(prev)).next = next;
            }
            if next != NO_PAGE {
                (*self.meta(next)).prev = prev;
            }
        }
    }

    /// Bytes of the block at `p`.
    #[inline(always)]
    pub fn block_size(&self, p: *const u8) -> usize {
        let meta = self.meta(self.page_of(p));
        // SAFETY: the page is in use.
        unsafe {
            let class = usize::from((*meta).class);
            if class < CLASSES { usize::from(SIZES[class]) } else { (*meta).next as usize * PAGE }
        }
    }

    /// Gives a buffer another size, in place where possible; large ones move by remapping, not by copying.
    ///
    /// # Safety
    /// `p` must be a buffer of this heap of `old` bytes; on success only the result is valid.
    ///
    /// # Errors
    /// When the limit or the system refuses; the buffer is unchanged then.
    pub unsafe fn realloc_buffer(&self, p: *mut u8, old: usize, new: usize) -> Result<*mut u8, OutOfMemory> {
        if old > MAX_SMALL && new > MAX_SMALL {
            // SAFETY: by the caller.
            if let Some(q) = unsafe { self.resize_run(p, new)? } {
                return Ok(q);
            }
        } else if old <= MAX_SMALL && new <= MAX_SMALL && class_of(old) == class_of(new) {
            return Ok(p);
        }
        let q = self.alloc_buffer(new)?;
        // SAFETY: two different blocks of at least these sizes.
        unsafe {
            std::ptr::copy_nonoverlapping(p, q, old.min(new));
            self.free_buffer(p, old);
        }
        Ok(q)
    }

    /// Grows or shrinks a run; `None`: the caller must copy.
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
                self.mark_run(page, want, Family::Buffer, new);
                self.give_pages(Family::Buffer, page + want, have - want);
            }
            return Ok(Some(p));
        }
        let more = want - have;
        self.admit(more as usize * PAGE)?;
        let after = page + have;
        let grown = if after == self.frontier.get() && after + more <= self.end_page {
            self.frontier.set(after + more);
            true
        } else {
            self.runs.borrow_mut().take_at(after, more)
        };
        if grown {
            self.count_pages(Family::Buffer, (more as usize * PAGE) as isize);
            self.mark_run(page, want, Family::Buffer, new);
            return Ok(Some(p));
        }
        if (have as usize) * PAGE < (128 << 10) {
            return Ok(None);
        }
        let to = self.take_pages(Family::Buffer, want)?;
        let q = self.page_address(to);
        self.mark_run(to, want, Family::Buffer, new);
        // SAFETY: both runs are ours, the target is unused.
        let moved = unsafe { os::move_pages(p, have as usize * PAGE, q, want as usize * PAGE) };
        if !moved {
            self.give_pages(Family::Buffer, to, want);
            return Ok(None);
        }
        self.give_pages(Family::Buffer, page, have);
        Ok(Some(q))
    }

    /// Visits every live object (not buffers).
    pub fn for_each_object(&self, visit: &mut dyn FnMut(Value)) {
        for page in self.first_page..self.frontier.get() {
            self.objects_on_page(page, visit);
        }
    }

    pub(crate) fn objects_on_page(&self, page: u32, visit: &mut dyn FnMut(Value)) {
        // SAFETY: metadata of pages below the frontier is initialised; slots with a zero count are free.
        unsafe {
            let meta = *self.meta(page);
            if meta.family > Family::Leaf as u8 {
                return;
            }
            let start = self.page_address(page);
            let (size, count) = match meta.state {
                PageState::Small => (usize::from(SIZES[usize::from(meta.class)]), usize::from(meta.capacity)),
                PageState::RunStart => (0, 1),
                _ => return,
            };
            for i in 0..count {
                let h = start.add(i * size).cast::<Header>();
                if (*h).rc() != 0 {
                    visit(Value::from_ptr(h));
                }
            }
        }
    }
}

use crate::value::Value;
