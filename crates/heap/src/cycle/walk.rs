//! A walk over all traced objects that can stop anywhere: by page and slot.
#![allow(unsafe_code, reason = "reads headers of slots")]

use crate::header::{Header, flags};
use crate::heap::Heap;
use crate::size_class::CLASS;
use crate::value::Value;

/// Where the walk is.
pub(super) struct Walk {
    page: u32,
    slot: u32,
    end: u32,
    /// Slots and their size on the page; 0 slots: not looked at yet.
    slots: u32,
    size: u32,
}

impl Walk {
    pub fn new(heap: &Heap) -> Walk {
        Walk::until(heap, heap.frontier.get())
    }

    /// Over the pages below `end`.
    pub fn until(heap: &Heap, end: u32) -> Walk {
        Walk { page: heap.first_page, slot: 0, end, slots: 0, size: 0 }
    }

    /// After the program has run: the page must be looked at again.
    pub fn resume(&mut self, heap: &Heap) {
        self.slots = 0;
        self.end = self.end.min(heap.frontier.get());
    }

    /// The next object on a page that `wanted` lets through.
    #[inline]
    pub fn next(&mut self, heap: &Heap, mut wanted: impl FnMut(u32) -> bool) -> Option<Value> {
        loop {
            while self.slot < self.slots {
                let at = heap.page_address(self.page).wrapping_add((self.slot * self.size) as usize);
                self.slot += 1;
                let h = at.cast::<Header>();
                // SAFETY: a slot of a traced page; slots that were not carved are not walked.
                if unsafe { (*h).rc() != 0 && !(*h).has_flag(flags::DEAD) } {
                    return Some(Value::from_ptr(h));
                }
            }
            if self.slots != 0 {
                self.page += 1;
                self.slot = 0;
                self.slots = 0;
            }
            while self.page < self.end && !wanted(self.page) {
                self.page += 1;
                self.slot = 0;
            }
            if self.page >= self.end {
                return None;
            }
            let size = CLASS[usize::from(heap.index_of(self.page))].size;
            self.size = u32::from(size);
            // SAFETY: wanted pages are traced ones, in use.
            self.slots = if size == 0 { 1 } else { u32::from(unsafe { (*heap.meta(self.page)).carved }) };
            if self.slots == 0 {
                self.page += 1;
                self.slot = 0;
            }
        }
    }
}

impl Heap {
    /// Visits children of an object from number `from` on: all, or of a long object a part; gives the number to go on
    /// from, 0 when that was the end.
    #[inline]
    pub(super) fn trace_from(&self, v: Value, from: usize, visit: &mut dyn FnMut(Value)) -> usize {
        let h = v.header();
        // SAFETY: the caller's object is alive.
        unsafe {
            let vtable = self.vtable((*h).kind());
            match vtable.trace_part {
                Some(part) => part(h, from, visit),
                None => {
                    (vtable.trace)(h, visit);
                    0
                }
            }
        }
    }
}
