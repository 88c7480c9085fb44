//! Changing lists: insertion, removal, slices.
//!
//! What is taken out is released only when the list is whole again. Releasing runs no Python (see the heap's `drop`).
#![allow(unsafe_code, reason = "moves items within the buffer")]

use super::{ListObj, ListRef, copy_counted, repeat_counted};
use hognose_heap::{Heap, OutOfMemory, Owned, Ref, Value};
use std::ops::Range;

/// Buffer of an empty list whose own one was taken; any change puts another pointer there.
const TAKEN: *mut Value = std::ptr::without_provenance_mut(16);

/// Items taken out of a list, to be released when the list is whole again.
struct OldItems {
    buf: *mut Value,
    len: usize,
}

impl OldItems {
    unsafe fn copy(heap: &Heap, from: *const Value, len: usize) -> Result<OldItems, OutOfMemory> {
        if len == 0 {
            return Ok(OldItems { buf: std::ptr::dangling_mut(), len });
        }
        let buf: *mut Value = heap.alloc_buffer(len * 8)?.cast();
        // SAFETY: the caller's items, a fresh buffer.
        unsafe { std::ptr::copy_nonoverlapping(from, buf, len) };
        Ok(OldItems { buf, len })
    }

    unsafe fn release(self, heap: &Heap) {
        // SAFETY: the caller's list no longer holds them; the last dies first.
        unsafe {
            for i in (0..self.len).rev() {
                (*self.buf.add(i)).decref();
            }
            if self.len > 0 {
                heap.free_buffer(self.buf.cast(), self.len * 8);
            }
        }
    }
}

impl ListRef<'_> {
    /// Replaces the items in `range` by others; gives the old ones in order.
    pub fn splice(
        self,
        heap: &mut Heap,
        range: Range<usize>,
        new: Vec<Owned>,
    ) -> Result<Vec<Owned>, OutOfMemory> {
        let (o, len) = (self.obj(), self.len());
        assert!(range.start <= range.end && range.end <= len, "list range {range:?} of {len}");
        let after = len - range.len() + new.len();
        // SAFETY: room for the new length is made first; moves stay within the buffer.
        unsafe {
            ListObj::reserve(o, heap, after)?;
            let buf = (*o).buf;
            let old = range.clone().map(|i| Owned::from_value(*buf.add(i))).collect();
            std::ptr::copy(buf.add(range.end), buf.add(range.start + new.len()), len - range.end);
            for (i, item) in new.into_iter().enumerate() {
                buf.add(range.start + i).write(item.into_value());
            }
            (*o).len = after;
            if after < (*o).cap / 2 {
                self.shrink(heap);
            }
            Ok(old)
        }
    }

    /// Inserts before `i <= len`.
    pub fn insert(self, heap: &mut Heap, i: usize, item: Owned) -> Result<(), OutOfMemory> {
        let (o, len) = (self.obj(), self.len());
        assert!(i <= len, "list index {i} of {len}");
        // SAFETY: room is made first; the move stays within the buffer.
        unsafe {
            ListObj::reserve(o, heap, len + 1)?;
            let place = (*o).buf.add(i);
            std::ptr::copy(place, place.add(1), len - i);
            place.write(item.into_value());
            (*o).len = len + 1;
        }
        Ok(())
    }

    /// Takes the last item off.
    #[inline]
    pub fn pop(self, heap: &mut Heap) -> Option<Owned> {
        let o = self.obj();
        // SAFETY: within the length; ownership moves out.
        unsafe {
            let n = (*o).len.checked_sub(1)?;
            (*o).len = n;
            let item = Owned::from_value(*(*o).buf.add(n));
            if n < (*o).cap / 2 {
                self.shrink(heap);
            }
            Some(item)
        }
    }

    /// Gives back memory when less than half of the buffer is in use.
    #[cold]
    #[inline(never)]
    fn shrink(self, heap: &Heap) {
        // SAFETY: the new capacity is not below the length. Failing to shrink is no failure.
        unsafe {
            let n = self.len();
            let cap = if n == 0 { 0 } else { (n + (n >> 3) + 6) & !3 };
            if cap < (*self.obj()).cap {
                let _ = ListObj::set_capacity(self.obj(), heap, cap);
            }
        }
    }

    /// Makes room for `n` items in all.
    pub fn reserve(self, heap: &mut Heap, n: usize) -> Result<(), OutOfMemory> {
        // SAFETY: alive for 'a.
        unsafe { ListObj::reserve(self.obj(), heap, n) }
    }

    /// Makes room for exactly `n` items, as far as it knows they are needed.
    pub fn reserve_exact(self, heap: &mut Heap, n: usize) -> Result<(), OutOfMemory> {
        // SAFETY: alive for 'a; never below the length.
        unsafe { if n > (*self.obj()).cap { ListObj::set_capacity(self.obj(), heap, n) } else { Ok(()) } }
    }

    /// Appends further references to all items of another list (or this one).
    pub fn extend_list(self, heap: &mut Heap, other: ListRef<'_>) -> Result<(), OutOfMemory> {
        let (o, from) = (self.obj(), other.obj());
        let (len, more) = (self.len(), other.len());
        // SAFETY: room is made first; the source is read behind that, for it may be this very buffer.
        unsafe {
            self.grow_to(heap, len + more)?;
            copy_counted((*from).buf, (*o).buf.add(len), more);
            (*o).len = len + more;
        }
        Ok(())
    }

    /// Appends further references to values outside any list (a tuple's items).
    pub fn extend_refs(self, heap: &mut Heap, items: &[Ref<'_>]) -> Result<(), OutOfMemory> {
        let (o, len) = (self.obj(), self.len());
        // SAFETY: room is made first.
        unsafe {
            self.grow_to(heap, len + items.len())?;
            copy_counted(items.as_ptr().cast(), (*o).buf.add(len), items.len());
            (*o).len = len + items.len();
        }
        Ok(())
    }

    unsafe fn grow_to(self, heap: &Heap, n: usize) -> Result<(), OutOfMemory> {
        // SAFETY: alive for 'a. An empty list gets what it needs, others are expected to grow on.
        unsafe {
            if n <= (*self.obj()).cap {
                Ok(())
            } else if self.is_empty() {
                ListObj::set_capacity(self.obj(), heap, n)
            } else {
                ListObj::reserve(self.obj(), heap, n)
            }
        }
    }

    /// Repeats the items in place, `times` in all.
    pub fn repeat(self, heap: &mut Heap, times: usize) -> Result<(), OutOfMemory> {
        let (o, len) = (self.obj(), self.len());
        if times == 0 {
            self.clear(heap);
            return Ok(());
        }
        let n = len.checked_mul(times).ok_or(OutOfMemory::huge())?;
        // SAFETY: room is made first; the copies lie behind the originals.
        unsafe {
            self.grow_to(heap, n)?;
            if len > 0 {
                repeat_counted((*o).buf, (*o).buf.add(len), len, times - 1);
            }
            (*o).len = n;
        }
        Ok(())
    }

    /// Removes all items; the last dies first, as CPython's list does it.
    pub fn clear(self, heap: &mut Heap) {
        let o = self.obj();
        // SAFETY: the detached buffer owns what is released; releasing runs no Python.
        unsafe {
            let (buf, len, cap) = ((*o).buf, (*o).len, (*o).cap);
            if cap == 0 {
                return;
            }
            (*o).buf = std::ptr::dangling_mut();
            (*o).len = 0;
            (*o).cap = 0;
            for i in (0..len).rev() {
                (*buf.add(i)).decref();
            }
            heap.free_buffer(buf.cast(), cap * 8);
        }
    }

    /// Replaces the items in `range` by all of another list, which loses them.
    pub fn replace_range(
        self,
        heap: &mut Heap,
        range: Range<usize>,
        new: ListRef<'_>,
    ) -> Result<(), OutOfMemory> {
        assert!(!self.0.is(new.0), "a list into itself");
        let (o, from) = (self.obj(), new.obj());
        let (len, more) = (self.len(), new.len());
        assert!(range.start <= range.end && range.end <= len, "list range {range:?} of {len}");
        let (gone, tail) = (range.len(), len - range.end);
        // SAFETY: room is made first. Old and new items change places through the other list's buffer, or the old ones
        // are released: nothing runs Python meanwhile.
        unsafe {
            ListObj::reserve(o, heap, len - gone + more)?;
            let old = OldItems::copy(heap, (*o).buf.add(range.start), gone)?;
            let at = (*o).buf.add(range.start);
            std::ptr::copy(at.add(gone), at.add(more), tail);
            std::ptr::copy_nonoverlapping((*from).buf, at, more);
            (*from).len = 0;
            (*o).len = len - gone + more;
            if (*o).len < (*o).cap / 2 {
                self.shrink(heap);
            }
            old.release(heap);
        }
        Ok(())
    }

    /// Removes the `count` items at `start`, `start + step`, … (`step > 0`).
    pub fn remove_stride(
        self,
        heap: &mut Heap,
        start: usize,
        step: usize,
        count: usize,
    ) -> Result<(), OutOfMemory> {
        let (o, len) = (self.obj(), self.len());
        if count == 0 {
            return Ok(());
        }
        let last = (count - 1).checked_mul(step).and_then(|n| n.checked_add(start));
        assert!(step > 0 && last.is_some_and(|l| l < len), "{count} items of {len}");
        // SAFETY: all indices are below the length; each gap is closed with the items up to the next.
        unsafe {
            let buf = (*o).buf;
            let old: *mut Value = heap.alloc_buffer(count * 8)?.cast();
            let mut to = start;
            for k in 0..count {
                let at = start + k * step;
                old.add(k).write(*buf.add(at));
                let end = if k + 1 == count { len } else { at + step };
                std::ptr::copy(buf.add(at + 1), buf.add(to), end - at - 1);
                to += end - at - 1;
            }
            (*o).len = to;
            if to < (*o).cap / 2 {
                self.shrink(heap);
            }
            OldItems { buf: old, len: count }.release(heap);
        }
        Ok(())
    }

    /// Exchanges the contents with another list.
    pub fn swap(self, _heap: &mut Heap, other: ListRef<'_>) {
        // SAFETY: both alive; everything but the header changes places.
        unsafe {
            let (a, b) = (self.obj(), other.obj());
            std::mem::swap(&mut (*a).len, &mut (*b).len);
            std::mem::swap(&mut (*a).cap, &mut (*b).cap);
            std::mem::swap(&mut (*a).buf, &mut (*b).buf);
        }
    }

    /// Takes the buffer away (items, length, capacity) and leaves the list empty; see [`ListRef::give_buffer`].
    pub fn take_buffer(self, _heap: &mut Heap) -> (*mut Value, usize, usize) {
        let o = self.obj();
        // SAFETY: alive for 'a; ownership of buffer and items goes to the caller.
        unsafe {
            let out = ((*o).buf, (*o).len, (*o).cap);
            (*o).buf = TAKEN;
            (*o).len = 0;
            (*o).cap = 0;
            out
        }
    }

    /// Did anything change the list since its buffer was taken?
    pub fn is_touched(self) -> bool {
        // SAFETY: alive for 'a.
        unsafe { (*self.obj()).buf != TAKEN }
    }

    /// Replaces the contents by a buffer from [`ListRef::take_buffer`].
    ///
    /// # Safety
    /// The buffer must come from a list of this heap and own its items.
    pub unsafe fn give_buffer(self, heap: &mut Heap, buffer: (*mut Value, usize, usize)) {
        self.clear(heap);
        let o = self.obj();
        // SAFETY: by the caller.
        unsafe {
            (*o).buf = buffer.0;
            (*o).len = buffer.1;
            (*o).cap = buffer.2;
        }
    }

    /// Removes item `i < len`.
    pub fn remove(self, heap: &mut Heap, i: usize) -> Owned {
        let len = self.len();
        assert!(i < len, "list index {i} of {len}");
        let o = self.obj();
        // SAFETY: within the length; the hole is closed at once.
        unsafe {
            let buf = (*o).buf;
            let old = Owned::from_value(*buf.add(i));
            std::ptr::copy(buf.add(i + 1), buf.add(i), len - i - 1);
            (*o).len = len - 1;
            if (*o).len < (*o).cap / 2 {
                self.shrink(heap);
            }
            old
        }
    }

    /// Takes all items out; the list is empty afterwards.
    pub fn take(self, heap: &mut Heap) -> Vec<Owned> {
        let len = self.len();
        self.splice(heap, 0..len, Vec::new()).unwrap_or_default()
    }

    /// Puts back items after [`ListRef::take`] (sorting); gives what the list held meanwhile.
    pub fn restore(self, heap: &mut Heap, items: Vec<Owned>) -> Result<Vec<Owned>, OutOfMemory> {
        let len = self.len();
        self.splice(heap, 0..len, items)
    }

    /// Reverses in place.
    pub fn reverse(self, _heap: &mut Heap) {
        // SAFETY: the whole list, exclusively.
        unsafe { std::slice::from_raw_parts_mut((*self.obj()).buf, self.len()).reverse() }
    }
}
