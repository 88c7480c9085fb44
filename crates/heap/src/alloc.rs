//! The fast paths: pop a block off the active page of its class, push it back.
//!
//!   alloc: free = slot.free; slot.free = free.link; write header         2 loads, 1 store, the header
//!          the next free block is prefetched: on an aged heap it is far away, and the allocation after will want it
//!   free:  slot = slots[index_of(page)]; same page as slot.active? push
//!
//! Occupancy is not counted here: activating a page detaches its whole free list, and a page is full when its list
//! is exhausted. Everything else hangs on the slow path (pages.rs).
//! Freeing needs no size: one byte per page says which slot a block goes to, 1 MiB of heap to a cache line.
#![allow(unsafe_code, reason = "free lists are threaded through free blocks")]

use crate::header::Header;
use crate::heap::{Family, Heap, OutOfMemory};
use crate::os;
use crate::size_class::{CLASS, CLASSES, INDEX_RUN, MAX_SMALL, class_of};

impl Heap {
    #[inline(always)]
    fn alloc_block(&self, family: Family, size: usize) -> Result<*mut u8, OutOfMemory> {
        #[cfg(feature = "torture")]
        if self.fails_on_purpose() {
            return Err(OutOfMemory { requested: size });
        }
        if size > MAX_SMALL {
            return self.alloc_run(family, size);
        }
        let index = family as usize * CLASSES + class_of(size);
        let slot = &self.slots[index];
        let block = slot.free.get();
        if block.is_null() {
            let block = self.alloc_slow(index as u8);
            return if block.is_null() { Err(OutOfMemory { requested: size }) } else { Ok(block) };
        }
        // SAFETY: a free block holds its link in the second word.
        let next = unsafe { block.cast::<*mut u8>().add(1).read() };
        slot.free.set(next);
        os::prefetch(next);
        Ok(block)
    }

    /// A new object that may hold references: one reference, payload uninitialised.
    ///
    /// # Errors
    /// When the limit or the system refuses.
    #[inline(always)]
    pub fn alloc_traced(&self, kind: u32, size: usize) -> Result<*mut Header, OutOfMemory> {
        let h = self.alloc_block(Family::Traced, size)?.cast::<Header>();
        // SAFETY: a fresh block of at least 16 bytes.
        unsafe { h.write(Header::new(kind)) };
        Ok(h)
    }

    /// A new object without references; its layout must not be a traced one.
    ///
    /// # Errors
    /// When the limit or the system refuses.
    #[inline(always)]
    pub fn alloc_leaf(&self, kind: u32, size: usize) -> Result<*mut Header, OutOfMemory> {
        debug_assert!(!self.vtable(kind).traced, "{} on a leaf page", self.vtable(kind).name);
        let h = self.alloc_block(Family::Leaf, size)?.cast::<Header>();
        // SAFETY: a fresh block of at least 16 bytes.
        unsafe { h.write(Header::new(kind)) };
        Ok(h)
    }

    /// A buffer of `size` bytes, uninitialised, 8-aligned.
    ///
    /// # Errors
    /// When the limit or the system refuses.
    #[inline(always)]
    pub fn alloc_buffer(&self, size: usize) -> Result<*mut u8, OutOfMemory> {
        self.alloc_block(Family::Buffer, size)
    }

    /// Frees the block of an object whose count is 0 and whose children are released.
    ///
    /// # Safety
    /// `h` must be such an object of this heap, not used afterwards.
    #[inline(always)]
    pub unsafe fn free_object(&self, h: *mut Header) {
        // SAFETY: by the caller; a zero count marks the slot free.
        unsafe {
            (*h).set_rc(0);
            self.free_block(h.cast());
        }
    }

    /// Frees a buffer; its size is for the reader, the heap knows it.
    ///
    /// # Safety
    /// `p` must come from [`Heap::alloc_buffer`] of this heap and not be used afterwards.
    #[inline(always)]
    pub unsafe fn free_buffer(&self, p: *mut u8, _size: usize) {
        // SAFETY: by the caller.
        unsafe { self.free_block(p) }
    }

    #[inline(always)]
    unsafe fn free_block(&self, p: *mut u8) {
        #[cfg(feature = "torture")]
        self.poison(p);
        let page = self.page_of(p);
        let index = self.index_of(page);
        let slot = &self.slots[usize::from(index)];
        // SAFETY: the block is the caller's to free; its second word becomes the link.
        unsafe {
            if slot.active.get() == page {
                p.cast::<*mut u8>().add(1).write(slot.free.get());
                slot.free.set(p);
            } else {
                self.free_elsewhere(p, page, index);
            }
        }
    }

    /// Frees a block of a page that is not active.
    #[inline(never)]
    unsafe fn free_elsewhere(&self, p: *mut u8, page: u32, index: u8) {
        let meta = self.meta(page);
        // SAFETY: the page is in use and the block is the caller's to free.
        unsafe {
            if self.observe.watching() {
                let bytes = if index < INDEX_RUN {
                    usize::from(CLASS[usize::from(index)].size)
                } else {
                    self.block_size(p)
                };
                self.note_death(p, page, index, bytes);
            }
            if index < INDEX_RUN {
                p.cast::<*mut u8>().add(1).write((*meta).free);
                (*meta).free = p;
                (*meta).nfree += 1;
                if (*meta).nfree == (*meta).trip {
                    self.page_tripped(page);
                }
            } else {
                self.free_run(p, page);
            }
        }
    }

    /// Overwrites a freed block so that its further use shows.
    #[cfg(feature = "torture")]
    fn poison(&self, p: *mut u8) {
        // SAFETY: the block is free; the first two words are the heap's own.
        unsafe { p.add(16).write_bytes(0x5f, self.block_size(p).saturating_sub(16).min(MAX_SMALL)) };
    }
}
