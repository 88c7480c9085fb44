//! A charge that takes itself back: for what a library allocates elsewhere on the guest's behalf, as long as it lives.
#![allow(unsafe_code, reason = "finds the heap by an address in it")]

use crate::heap::{Heap, OutOfMemory};
use crate::vec::HeapVec;

/// Bytes counted against the limit until this is dropped.
pub struct Charge {
    /// Lies in the heap charged.
    anchor: HeapVec<u8>,
    bytes: usize,
}

impl Charge {
    /// Charges; call before allocating.
    ///
    /// # Errors
    /// When it would go over the limit.
    pub fn new(heap: &Heap, bytes: usize) -> Result<Charge, OutOfMemory> {
        let mut anchor = HeapVec::new();
        anchor.push(heap, 0)?;
        heap.charge_external(bytes)?;
        Ok(Charge { anchor, bytes })
    }

    /// How many bytes.
    pub fn bytes(&self) -> usize {
        self.bytes
    }
}

impl Drop for Charge {
    fn drop(&mut self) {
        // SAFETY: the anchor has a buffer in the heap, which is alive as long as what it holds.
        unsafe { Heap::of(self.anchor.as_ptr()).discharge_external(self.bytes) }
    }
}
