//! A table that becomes larger or loses its holes.
//!
//! ```text
//! enough holes        entries move over them, in the buffer that is there
//! small               a new buffer; entries and tags are copied
//! large               the buffer grows by remapping its pages, tags move behind the new room
//!                     └─► index built anew
//! ```
//! Invariant: whether it succeeds or not, every entry has its word in the index afterwards.
#![allow(unsafe_code, reason = "entries, tags and index are raw buffers")]

use super::{DictObj, Entry, MAX_CAP, SMALL, Word, by_width, mask_for, table_bytes, word_bytes};
use hognose_heap::{Heap, OutOfMemory, prefetch};

/// How many entries ahead of the one being put into an index its word is asked for.
const AHEAD: usize = 16;
/// From this capacity on a buffer grows where it is: copying costs more than remapping, and needs both at once.
const LARGE: u32 = 16_384;

impl DictObj {
    /// Makes room for at least one entry: drops holes, or doubles.
    ///
    /// # Safety
    /// `o` must be alive.
    #[cold]
    #[inline(never)]
    pub(super) unsafe fn grow(o: *mut DictObj, heap: &Heap) -> Result<(), OutOfMemory> {
        // SAFETY: by the caller.
        unsafe {
            let used = (*o).used as usize;
            let want = if used < 8 {
                (used + used / 2 + 1).max(3)
            } else if used * 3 / 2 < (*o).entries_len as usize {
                used + used / 2
            } else {
                used * 2
            };
            if used < (*o).entries_len as usize && (want..want * 2).contains(&((*o).entries_cap as usize)) {
                Self::close_holes(o);
                Self::build_index(o);
                return Ok(());
            }
            Self::resize(o, heap, want)
        }
    }

    /// Rebuilds with room for `want` entries (at least those in use) and without holes.
    ///
    /// # Safety
    /// `o` must be alive.
    pub unsafe fn resize(o: *mut DictObj, heap: &Heap, want: usize) -> Result<(), OutOfMemory> {
        // SAFETY: by the caller.
        unsafe {
            let want = want.max((*o).used as usize).max(1);
            if (*o).entries_cap >= LARGE && want > (*o).entries_cap as usize {
                let result = Self::grow_buffer(o, heap, want);
                Self::build_index(o);
                return result;
            }
            Self::close_holes(o);
            let (old, old_tags, len) = ((*o).entries, Self::tags(o), (*o).entries_len as usize);
            let (entries, cap) = match Self::alloc_table(heap, want) {
                Ok(new) => new,
                Err(refused) => {
                    Self::build_index(o);
                    return Err(refused);
                }
            };
            ((*o).entries, (*o).entries_cap) = (entries, cap);
            if len > 0 {
                std::ptr::copy_nonoverlapping(old, entries, len);
                std::ptr::copy_nonoverlapping(old_tags, Self::tags(o), len);
            }
            Self::build_index(o);
            if !old.is_null() {
                heap.free_buffer(old.cast(), 0);
            }
            Ok(())
        }
    }

    /// Makes the buffer of a large table longer; holes are gone afterwards, and the index is rubbish.
    unsafe fn grow_buffer(o: *mut DictObj, heap: &Heap, want: usize) -> Result<(), OutOfMemory> {
        // SAFETY: entries and tags are the part of the buffer that is kept; the tags move to a place within the longer one.
        unsafe {
            Self::close_holes(o);
            if want > MAX_CAP {
                return Err(OutOfMemory::huge());
            }
            let old_cap = (*o).entries_cap as usize;
            let entries: *mut Entry =
                heap.realloc_buffer((*o).entries.cast(), old_cap * 20, table_bytes(want as u32))?.cast();
            ((*o).entries, (*o).entries_cap) =
                (entries, Self::fill(want as u32, heap.block_size(entries.cast())));
            let old_tags: *mut u32 = entries.add(old_cap).cast();
            std::ptr::copy(old_tags, Self::tags(o), (*o).entries_len as usize);
            Ok(())
        }
    }

    /// Moves the entries over the holes, in the buffer that is there: no memory is needed and none is touched anew. The
    /// index is not changed.
    unsafe fn close_holes(o: *mut DictObj) {
        // SAFETY: an entry moves to a place before it that has been read.
        unsafe {
            (*o).version = 0;
            let len = (*o).entries_len as usize;
            if (*o).used as usize == len {
                return;
            }
            let (entries, tags) = ((*o).entries, Self::tags(o));
            let mut n = 0;
            for i in 0..len {
                let e = *entries.add(i);
                if !e.key.is_null() {
                    *entries.add(n) = e;
                    *tags.add(n) = *tags.add(i);
                    n += 1;
                }
            }
            (*o).entries_len = n as u32;
        }
    }

    /// A buffer for at least `want` entries, with the capacity that fills its block.
    pub(super) fn alloc_table(heap: &Heap, want: usize) -> Result<(*mut Entry, u32), OutOfMemory> {
        if want > MAX_CAP {
            return Err(OutOfMemory::huge());
        }
        let p = heap.alloc_buffer(table_bytes(want as u32))?;
        Ok((p.cast(), Self::fill(want as u32, heap.block_size(p))))
    }

    /// The capacity that a block of `room` bytes, which has room for `cap` entries, is used for.
    fn fill(cap: u32, room: usize) -> u32 {
        let more = cap + ((room - table_bytes(cap)) / 20) as u32;
        let same_index = mask_for(more) == mask_for(cap) && word_bytes(more) == word_bytes(cap);
        let cap = match cap <= SMALL {
            true => more.min(SMALL),
            false if same_index => more,
            false => cap,
        };
        debug_assert!(table_bytes(cap) <= room);
        cap
    }

    /// Writes the index of a table without holes.
    ///
    /// # Safety
    /// `o` must be alive.
    pub(super) unsafe fn build_index(o: *mut DictObj) {
        // SAFETY: the buffer has room for the index of its capacity.
        unsafe {
            let cap = (*o).entries_cap;
            if cap > SMALL {
                by_width!(cap, build_index_of(o));
            }
        }
    }

    unsafe fn build_index_of<W: Word>(o: *mut DictObj) {
        // SAFETY: as above; there are no holes.
        unsafe {
            let (tags, index, mask) = (Self::tags(o), Self::index::<W>(o), mask_for((*o).entries_cap));
            index.write_bytes(0, mask + 1);
            let len = (*o).entries_len as usize;
            for i in 0..len {
                // In a large index each word is a cache miss: ask for some at a time.
                let soon = *tags.add((i + AHEAD).min(len - 1)) as usize & mask;
                prefetch(index.add(soon).cast());
                Self::put_index::<W>(o, *tags.add(i), i);
            }
        }
    }
}
