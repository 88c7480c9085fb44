//! The slow paths of small blocks: activating pages, and what happens when blocks return to one that is not active.
//!
//! ```text
//!            alloc_slow                list exhausted            1/8 free             alloc_slow
//!   new page ──────────► active (carved) ───────────► full ────────────────► listed ────────────► active
//!                                                       └── all free ──► free run ◄── all free ──┘
//! ```
//!
//! A page becomes allocatable again only when an eighth of it is free, which bounds stranded memory and the number
//! of activations. The active page is carved 4 KiB at a time, so what was never needed is never touched.
#![allow(unsafe_code, reason = "carves blocks from pages")]

use crate::header::Header;
use crate::heap::{Family, Heap, OutOfMemory};
use crate::meta::{LISTED, NO_PAGE, PageMeta, PageState};
use crate::size_class::{CLASS, CLASSES, INDEX_NONE, PAGE};
use crate::value::Value;
use std::ptr::null_mut;

/// Objects of large structures that are freed when a class list is empty: more than the list had, so that they go faster
/// than others come.
const DROPS: u32 = 128;
/// Bytes carved at a time.
const CARVE_BYTES: usize = 4096;

impl Heap {
    /// The class list is empty: refills it and takes its first block; null when there is no memory.
    #[cold]
    #[inline(never)]
    pub(crate) fn alloc_slow(&self, index: u8) -> *mut u8 {
        if self.observe.watching() {
            return self.alloc_watched(index);
        }
        let slot = &self.slots[usize::from(index)];
        if self.has_deferred.get() {
            self.drain_deferred(DROPS);
        }
        let active = slot.active.get();
        if !slot.free.get().is_null() {
            // A block came back meanwhile.
        } else if active == NO_PAGE || !self.carve(active, index) {
            let listed = slot.partial.get();
            if listed != NO_PAGE {
                self.unlist(listed, index);
                self.activate(listed, index);
            } else {
                let Ok(page) = self.new_small_page(index) else { return null_mut() };
                self.activate(page, index);
                self.carve(page, index);
            }
        }
        if usize::from(index) < CLASSES && self.pace.has_threshold() {
            self.note_slots(slot.free.get());
        }
        let block = slot.free.get();
        // SAFETY: an activated page has free blocks, linked through their second words.
        unsafe { slot.free.set(block.cast::<*mut u8>().add(1).read()) };
        block
    }

    /// Makes the page the active one of its class; its free blocks move to the class list.
    fn activate(&self, page: u32, index: u8) {
        let slot = &self.slots[usize::from(index)];
        let meta = self.meta(page);
        // SAFETY: the page is in use.
        unsafe {
            let live = (*meta).carved - (*meta).nfree;
            self.observe.hand_out(usize::from((*meta).nfree) * usize::from(CLASS[usize::from(index)].size));
            slot.free.set((*meta).free);
            (*meta).free = null_mut();
            (*meta).nfree = 0;
            (*meta).trip = CLASS[usize::from(index)].capacity / 8 + 1;
            slot.active.set(page);
            if usize::from(index) < CLASSES {
                self.note_young(page, live);
            }
        }
    }

    /// Carves more blocks from the active page onto its class list, if it is not carved to the end.
    pub(crate) fn carve(&self, page: u32, index: u8) -> bool {
        let (slot, class) = (&self.slots[usize::from(index)], &CLASS[usize::from(index)]);
        let meta = self.meta(page);
        let size = usize::from(class.size);
        // SAFETY: inside the page. A zero first word marks an object slot as free.
        unsafe {
            let from = usize::from((*meta).carved);
            let step = (CARVE_BYTES / size).max(1).min(self.pace.carve_most());
            let to = (from + step).min(usize::from(class.capacity));
            if from == to {
                return false;
            }
            debug_assert!(slot.free.get().is_null());
            let start = self.page_address(page);
            let mut next = null_mut();
            for i in (from..to).rev() {
                let block = start.add(i * size);
                block.cast::<u64>().write(0);
                block.cast::<*mut u8>().add(1).write(next);
                next = block;
            }
            slot.free.set(next);
            (*meta).carved = to as u16;
            self.observe.hand_out((to - from) * size);
        }
        true
    }

    pub(crate) fn new_small_page(&self, index: u8) -> Result<u32, OutOfMemory> {
        let page = self.take_pages(Family::ALL[usize::from(index) / CLASSES], 1)?;
        // SAFETY: every page has an entry.
        unsafe { self.meta(page).write(PageMeta::new(PageState::Small)) };
        self.set_index(page, index);
        Ok(page)
    }

    /// A page that is not active has reached the number of free blocks it was waiting for.
    #[cold]
    #[inline(never)]
    pub(crate) fn page_tripped(&self, page: u32) {
        let (meta, index) = (self.meta(page), self.index_of(page));
        // SAFETY: the page is in use. A page is carved to the end before another becomes active.
        unsafe {
            debug_assert!((*meta).carved == CLASS[usize::from(index)].capacity);
            if (*meta).nfree < (*meta).carved {
                (*meta).trip = (*meta).carved;
                self.list(page, index);
                return;
            }
            if (*meta).bits & LISTED != 0 {
                self.unlist(page, index);
            }
        }
        self.set_index(page, INDEX_NONE);
        self.give_pages(Family::ALL[usize::from(index) / CLASSES], page, 1);
    }

    fn list(&self, page: u32, index: u8) {
        let (meta, head) = (self.meta(page), &self.slots[usize::from(index)].partial);
        // SAFETY: listed pages are in use; neighbours in the list, too.
        unsafe {
            (*meta).bits |= LISTED;
            (*meta).prev = NO_PAGE;
            (*meta).next = head.get();
            if head.get() != NO_PAGE {
                (*self.meta(head.get())).prev = page;
            }
        }
        head.set(page);
    }

    pub(crate) fn unlist(&self, page: u32, index: u8) {
        let (meta, head) = (self.meta(page), &self.slots[usize::from(index)].partial);
        // SAFETY: as in `list`.
        unsafe {
            let (prev, next) = ((*meta).prev, (*meta).next);
            (*meta).bits &= !LISTED;
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

    /// Visits every live object (not buffers), also those that wait to be freed.
    pub fn for_each_object(&self, visit: &mut dyn FnMut(Value)) {
        for page in self.first_page..self.frontier.get() {
            self.objects_on_page(page, &mut *visit);
        }
    }

    pub(crate) fn objects_on_page(&self, page: u32, mut visit: impl FnMut(Value)) {
        let index = usize::from(self.index_of(page));
        let family = if index < CLASSES * 3 { index / CLASSES } else { index - CLASSES * 3 };
        if family > Family::Leaf as usize {
            return;
        }
        let size = usize::from(CLASS[index].size);
        let start = self.page_address(page);
        // SAFETY: a block begins on the page, so its metadata is initialised; slots with a zero count are free.
        unsafe {
            let count = if size == 0 { 1 } else { usize::from((*self.meta(page)).carved) };
            for i in 0..count {
                let h = start.add(i * size).cast::<Header>();
                if (*h).rc() != 0 {
                    visit(Value::from_ptr(h));
                }
            }
        }
    }

    /// Bytes of the block at `p`.
    #[inline(always)]
    pub fn block_size(&self, p: *const u8) -> usize {
        let page = self.page_of(p);
        match CLASS[usize::from(self.index_of(page))].size {
            // SAFETY: a run begins on the page.
            0 => unsafe { (*self.meta(page)).next as usize * PAGE },
            size => usize::from(size),
        }
    }
}
