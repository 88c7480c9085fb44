//! The fast paths: pop a block off the active page of its class, push it back.
//!
//! Occupancy is not counted here: activating a page detaches its whole free list, and a page is full when its list
//! is exhausted. Everything else hangs on the slow path (pages.rs).
#![allow(unsafe_code, reason = "free lists are threaded through free blocks")]

use crate::header::Header;
use crate::heap::{Family, Heap, OutOfMemory};
use crate::size_class::{MAX_SMALL, class_of};

impl Heap {
    #[inline(always)]
    fn alloc_block(&self, family: Family, size: usize) -> Result<*mut u8, OutOfMemory> {
        if size > MAX_SMALL {
            return self.alloc_run(family, size);
        }
        let class = class_of(size);
        let list = &self.free[family as usize][class];
        let block = list.get();
        if block.is_null() {
            return self.alloc_slow(family, class);
        }
        // SAFETY: a free block holds its link in the second word.
        unsafe { list.set(block.cast::<*mut u8>().add(1).read()) };
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

    /// A new object without references.
    ///
    /// # Errors
    /// When the limit or the system refuses.
    #[inline(always)]
    pub fn alloc_leaf(&self, kind: u32, size: usize) -> Result<*mut Header, OutOfMemory> {
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

    /// Frees a buffer of `size` bytes.
    ///
    /// # Safety
    /// `p` must come from [`Heap::alloc_buffer`] of this heap with this size.
    #[inline(always)]
    pub unsafe fn free_buffer(&self, p: *mut u8, _size: usize) {
        // SAFETY: by the caller.
        unsafe { self.free_block(p) }
    }

    #[inline(always)]
    unsafe fn free_block(&self, p: *mut u8) {
        let page = self.page_of(p);
        let meta = self.meta(page);
        // SAFETY: the page is in use, so its metadata is initialised; the block's second word becomes the link.
        unsafe {
            let (family, class) = (usize::from((*meta).family), usize::from((*meta).class));
            if family < self.free.len() && class < self.free[0].len() && self.active[family][class].get() == page {
                let list = &self.free[family][class];
                p.cast::<*mut u8>().add(1).write(list.get());
                list.set(p);
            } else {
                self.free_slow(p, page);
            }
        }
    }
}
