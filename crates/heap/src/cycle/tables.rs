//! One word per slot of the pages a cycle looks at, found by page and block number.
//!
//! ```text
//! address ─► page ─► first[page]: place of its first slot ─► words[place + block]: REACHED | count
//! ```
//!
//! Pages get their places when they are first met, so the words of neighbours lie together. A page is *known* while it
//! carries `IN_CYCLE`: freed and taken again it does not, and is no longer looked at. Both tables are address space that
//! takes memory as it is used; they go back piece by piece, as unmapping takes time, too.
#![allow(unsafe_code, reason = "tables are mapped memory; reads page metadata")]

use super::Budget;
use crate::header::flags;
use crate::heap::{Family, Heap, OutOfMemory};
use crate::meta::IN_CYCLE;
use crate::os;
use crate::size_class::{CLASS, CLASSES, INDEX_RUN, PAGE, block_number};
use crate::value::Value;

const REACHED: u32 = 1 << 31;
const COUNT: u32 = REACHED - 1;
/// Bytes given back at a time.
const PIECE: usize = 512 << 10;
/// Pages forgotten between looks at the clock.
const PAGES: usize = 1024;

/// Appends, growing by half.
pub(super) fn push<T>(stack: &mut Vec<T>, x: T) -> Result<(), OutOfMemory> {
    if stack.len() == stack.capacity() {
        let more = (stack.len() / 2).max(1024);
        stack.try_reserve_exact(more).map_err(|_| OutOfMemory { requested: more * size_of::<T>() })?;
    }
    stack.push(x);
    Ok(())
}

/// Zeroed words from the system.
struct Words {
    base: *mut u32,
    len: usize,
}

impl Words {
    fn new(len: usize) -> Result<Words, OutOfMemory> {
        let len = (len * 4).next_multiple_of(PAGE) / 4;
        let base = os::map_range(len * 4);
        if base.is_null() {
            Err(OutOfMemory { requested: len * 4 })
        } else {
            Ok(Words { base: base.cast(), len })
        }
    }

    #[inline(always)]
    fn at(&self, i: usize) -> *mut u32 {
        debug_assert!(i < self.len);
        // SAFETY: places are given out below `len`.
        unsafe { self.base.add(i) }
    }

    /// Gives back the end of it; true when nothing is left.
    fn shrink(&mut self) -> bool {
        let keep = (self.len * 4).saturating_sub(PIECE);
        if self.len > 0 {
            let (base, size) = (self.base.cast::<u8>(), self.len * 4);
            // SAFETY: the end of the mapping, or all of it; nobody looks at it any more.
            unsafe {
                match keep {
                    0 => os::unmap_range(base, size),
                    _ => self.base = os::shrink_range(base, size, keep).cast(),
                }
            }
            self.len = keep / 4;
        }
        self.len == 0
    }
}

impl Drop for Words {
    fn drop(&mut self) {
        while !self.shrink() {}
    }
}

/// See the module.
pub(super) struct SlotTable {
    /// By page number from the heap's first: 1 + place, or 0.
    first: Words,
    words: Words,
    first_page: u32,
    end: u32,
    next: usize,
    /// Pages forgotten so far, see [`SlotTable::clean`].
    cleaned: u32,
}

impl SlotTable {
    pub fn new(heap: &Heap) -> Result<SlotTable, OutOfMemory> {
        let (first_page, end) = (heap.first_page, heap.frontier.get());
        // No object is smaller than 16 bytes; pages may become traced ones meanwhile.
        let slots = (heap.family_bytes(Family::Traced) / 16 + (64 << 10)).min(REACHED as usize - 2);
        Ok(SlotTable {
            first: Words::new((end - first_page) as usize + 1)?,
            words: Words::new(slots)?,
            first_page,
            end,
            next: 0,
            cleaned: first_page,
        })
    }

    /// The frontier when the cycle began.
    pub fn end(&self) -> u32 {
        self.end
    }

    /// Does the page still hold what it held when it was adopted?
    #[inline(always)]
    pub fn knows(&self, heap: &Heap, page: u32) -> bool {
        // SAFETY: traced pages are in use.
        page < self.end && heap.is_traced_page(page) && unsafe { (*heap.meta(page)).bits } & IN_CYCLE != 0
    }

    /// Takes a traced page into the table.
    pub fn adopt(&mut self, heap: &Heap, page: u32) -> bool {
        if page >= self.end || !heap.is_traced_page(page) {
            return false;
        }
        let (meta, first) = (heap.meta(page), self.first.at((page - self.first_page) as usize));
        // SAFETY: traced pages are in use; the entry is ours.
        unsafe {
            if (*meta).bits & IN_CYCLE != 0 {
                return true;
            }
            let capacity = usize::from(CLASS[usize::from(heap.index_of(page))].capacity);
            if *first != 0 || self.next + capacity > self.words.len {
                // Used for something else meanwhile.
                return false;
            }
            *first = self.next as u32 + 1;
            self.next += capacity;
            (*meta).bits |= IN_CYCLE;
        }
        true
    }

    /// Place of an object on a known page.
    #[inline(always)]
    pub fn place(&self, heap: &Heap, v: Value) -> Option<usize> {
        if !v.is_ptr() {
            return None;
        }
        let p = v.header().cast::<u8>();
        let page = heap.page_of(p);
        let index = heap.index_of(page);
        if usize::from(index) >= CLASSES && index != INDEX_RUN || page >= self.end {
            return None;
        }
        // SAFETY: a live object's page is in use; the table has an entry for each page below `end`.
        unsafe {
            if (*heap.meta(page)).bits & IN_CYCLE == 0 {
                return None;
            }
            let first = *self.first.at((page - self.first_page) as usize);
            debug_assert!(first != 0);
            Some(first as usize - 1 + block_number(index, p.addr() & (PAGE - 1)))
        }
    }

    /// As [`SlotTable::place`], taking the page in first.
    #[inline(always)]
    pub fn place_or_adopt(&mut self, heap: &Heap, v: Value) -> Option<usize> {
        self.place(heap, v).or_else(|| self.adopt_for(heap, v))
    }

    #[cold]
    fn adopt_for(&mut self, heap: &Heap, v: Value) -> Option<usize> {
        if v.is_ptr() && self.adopt(heap, heap.page_of(v.header().cast())) {
            self.place(heap, v)
        } else {
            None
        }
    }

    #[inline(always)]
    pub fn add(&mut self, i: usize) {
        // SAFETY: as in `at`; the word is ours.
        unsafe { *self.words.at(i) += 1 }
    }

    #[inline(always)]
    pub fn count(&self, i: usize) -> u32 {
        // SAFETY: as in `at`.
        unsafe { *self.words.at(i) & COUNT }
    }

    pub fn set_count(&mut self, i: usize, n: u32) {
        // SAFETY: as in `at`; the word is ours.
        unsafe { *self.words.at(i) = n }
    }

    #[inline(always)]
    pub fn is_reached(&self, i: usize) -> bool {
        // SAFETY: as in `at`.
        unsafe { *self.words.at(i) & REACHED != 0 }
    }

    #[inline(always)]
    pub fn set_reached(&mut self, i: usize) {
        // SAFETY: as in `at`; the word is ours.
        unsafe { *self.words.at(i) |= REACHED }
    }

    /// Forgets pages and gives the tables back, as far as the budget goes; true when nothing is left.
    pub fn clean(&mut self, heap: &Heap, budget: &mut Budget) -> bool {
        while self.cleaned < self.end {
            let to = (self.cleaned + PAGES as u32).min(self.end);
            self.forget_pages(heap, to);
            if budget.spend(PAGES / 8) {
                return false;
            }
        }
        while !(self.words.shrink() && self.first.shrink()) {
            if budget.spend(PIECE / 128) {
                return false;
            }
        }
        true
    }

    fn forget_pages(&mut self, heap: &Heap, to: u32) {
        for page in self.cleaned..to {
            if heap.is_traced_page(page) {
                // SAFETY: traced pages are in use.
                unsafe { (*heap.meta(page)).bits &= !IN_CYCLE };
            }
        }
        self.cleaned = to;
    }

    /// Forgets all pages at once.
    pub fn forget(&mut self, heap: &Heap) {
        self.forget_pages(heap, self.end.min(heap.frontier.get()));
    }
}

impl Heap {
    /// Is there still an object at an address that a cycle has kept, on a page it knows? Perhaps another one.
    #[inline(always)]
    pub(super) fn still_there(&self, v: Value) -> bool {
        let page = self.page_of(v.header().cast());
        // SAFETY: the address was an object's, so the page lies below the frontier or was given back;
        // slots of traced pages have headers.
        unsafe {
            page < self.frontier.get()
                && self.is_traced_page(page)
                && (*self.meta(page)).bits & IN_CYCLE != 0
                && (*v.header()).rc() != 0
                && !(*v.header()).has_flag(flags::DEAD)
        }
    }
}
