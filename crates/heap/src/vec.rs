//! A growable array of plain data in the heap, so that what a guest can grow counts against its limit.
#![allow(unsafe_code, reason = "manages a raw buffer")]

use crate::heap::{Heap, OutOfMemory};

/// Like `Vec`, but every growth can fail, and elements need no drop.
pub struct HeapVec<T: Copy> {
    buf: *mut T,
    len: usize,
    cap: usize,
}

impl<T: Copy> HeapVec<T> {
    /// Empty, without a buffer.
    pub const fn new() -> Self {
        const { assert!(align_of::<T>() <= 8) };
        HeapVec { buf: std::ptr::dangling_mut(), len: 0, cap: 0 }
    }

    /// Room for `more` further elements.
    ///
    /// # Errors
    /// When the heap refuses; nothing has changed then.
    pub fn reserve(&mut self, heap: &Heap, more: usize) -> Result<(), OutOfMemory> {
        let need = self.len.checked_add(more).ok_or(OutOfMemory::huge())?;
        if need <= self.cap {
            return Ok(());
        }
        let cap = need.max(self.cap.saturating_mul(2)).max(16 / size_of::<T>().max(1));
        let bytes = cap.checked_mul(size_of::<T>()).ok_or(OutOfMemory::huge())?;
        // SAFETY: the buffer has `cap * size` bytes unless it is empty.
        unsafe {
            self.buf = if self.cap == 0 {
                heap.alloc_buffer(bytes)?.cast()
            } else {
                heap.realloc_buffer(self.buf.cast(), self.cap * size_of::<T>(), bytes)?.cast()
            };
        }
        self.cap = cap;
        Ok(())
    }

    /// Appends one.
    ///
    /// # Errors
    /// When the heap refuses.
    pub fn push(&mut self, heap: &Heap, x: T) -> Result<(), OutOfMemory> {
        if self.len == self.cap {
            self.reserve(heap, 1)?;
        }
        // SAFETY: there is room.
        unsafe { self.buf.add(self.len).write(x) };
        self.len += 1;
        Ok(())
    }

    /// Appends several.
    ///
    /// # Errors
    /// When the heap refuses.
    pub fn extend_from_slice(&mut self, heap: &Heap, xs: &[T]) -> Result<(), OutOfMemory> {
        self.reserve(heap, xs.len())?;
        // SAFETY: there is room, and `xs` cannot lie in our unborrowed tail.
        unsafe { std::ptr::copy_nonoverlapping(xs.as_ptr(), self.buf.add(self.len), xs.len()) };
        self.len += xs.len();
        Ok(())
    }

    /// Takes the last one off.
    pub fn pop(&mut self) -> Option<T> {
        self.len = self.len.checked_sub(1)?;
        // SAFETY: was in use.
        Some(unsafe { self.buf.add(self.len).read() })
    }

    /// Keeps the first `n`.
    pub fn truncate(&mut self, n: usize) {
        self.len = self.len.min(n);
    }

    /// Elements the buffer has room for.
    pub fn capacity(&self) -> usize {
        self.cap
    }
}

impl<T: Copy> Default for HeapVec<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Copy> std::ops::Deref for HeapVec<T> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        // SAFETY: the first `len` are initialised.
        unsafe { std::slice::from_raw_parts(self.buf, self.len) }
    }
}

impl<T: Copy> std::ops::DerefMut for HeapVec<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        // SAFETY: the first `len` are initialised.
        unsafe { std::slice::from_raw_parts_mut(self.buf, self.len) }
    }
}

impl<T: Copy> Drop for HeapVec<T> {
    fn drop(&mut self) {
        if self.cap > 0 {
            // SAFETY: the buffer came from the heap its address leads to.
            unsafe { Heap::of(self.buf.cast()).free_buffer(self.buf.cast(), self.cap * size_of::<T>()) }
        }
    }
}
