//! Bytes in line, and byte arrays with a buffer.
#![allow(unsafe_code, reason = "contents are raw memory")]

use crate::layouts::Layout;
use crate::slots::{drop_slots, trace_slots};
use crate::value::ValueExt;
use hognose_heap::{Header, Heap, HeapVec, OutOfMemory, Owned, Ref, Value};

/// A bytes object; `len` bytes follow.
#[repr(C)]
pub struct BytesObj {
    /// Count, kind, flags.
    pub header: Header,
    /// Length.
    pub len: usize,
}

const BYTES: usize = size_of::<BytesObj>();

/// A new bytes object.
pub fn new_bytes(heap: &Heap, bytes: &[u8]) -> Result<Owned, OutOfMemory> {
    let h = heap.alloc_leaf(Layout::Bytes.kind(), BYTES + bytes.len())?;
    // SAFETY: fresh block of that size.
    unsafe {
        (*h.cast::<BytesObj>()).len = bytes.len();
        std::ptr::copy_nonoverlapping(bytes.as_ptr(), h.cast::<u8>().add(BYTES), bytes.len());
        Ok(Owned::from_value(Value::from_ptr(h)))
    }
}

/// Contents of an exact bytes object.
pub fn bytes_of<'a>(r: Ref<'a>) -> Option<&'a [u8]> {
    if !r.is_exact(Layout::Bytes) {
        return None;
    }
    let h = r.value().header();
    // SAFETY: alive for 'a and immutable.
    unsafe { Some(std::slice::from_raw_parts(h.cast::<u8>().add(BYTES), (*h.cast::<BytesObj>()).len)) }
}

/// A bytearray object.
#[repr(C)]
pub struct ByteArrayObj {
    /// Count, kind, flags.
    pub header: Header,
    /// Contents.
    pub data: HeapVec<u8>,
}

impl ByteArrayObj {
    /// Visits the slots.
    ///
    /// # Safety
    /// `h` must be a live bytearray.
    pub unsafe fn trace(h: *mut Header, visit: &mut dyn FnMut(Value)) {
        // SAFETY: by the caller.
        unsafe { trace_slots(h, size_of::<ByteArrayObj>(), visit) }
    }

    /// Frees the buffer.
    ///
    /// # Safety
    /// `h` must be a live bytearray, not used afterwards.
    pub unsafe fn drop(h: *mut Header, _heap: &Heap) {
        // SAFETY: by the caller.
        unsafe {
            (&raw mut (*h.cast::<ByteArrayObj>()).data).drop_in_place();
            drop_slots(h, size_of::<ByteArrayObj>());
        }
    }

    /// Bytes of the buffer.
    ///
    /// # Safety
    /// `h` must be a live bytearray.
    pub unsafe fn buffers(h: *mut Header) -> usize {
        // SAFETY: by the caller.
        unsafe { (*h.cast::<ByteArrayObj>()).data.capacity() }
    }
}
