//! Trailing attribute slots: the values behind the fixed part of an object whose class has attributes.
//!
//!   | header | fixed fields of the layout | slot 0 | slot 1 | … | to the end of the block |
//!
//! Every word from the end of the fixed part to the end of the block is a `Value`, NULL where nothing is stored,
//! so tracing needs no shape. Exact built-in types have no slots (their blocks may end in unused bytes).
#![allow(unsafe_code, reason = "slots are found by address arithmetic inside a block")]

use crate::layouts::Layout;
use hognose_heap::{Header, Heap, OutOfMemory, Owned, Value};

/// The slots of an object with a fixed part of `fixed` bytes.
///
/// # Safety
/// `h` must be a live object whose block has slots behind `fixed` bytes.
unsafe fn slots<'a>(h: *mut Header, fixed: usize) -> &'a mut [Value] {
    // SAFETY: the caller's object is in its heap, and its block is at least `fixed` bytes.
    unsafe {
        let size = Heap::of(h.cast()).block_size(h.cast());
        std::slice::from_raw_parts_mut(h.cast::<u8>().add(fixed).cast(), (size - fixed) / 8)
    }
}

/// Children that a long object shows, or releases, at a time.
pub(crate) const PART: usize = 4096;

/// Visits a part of the values at `items`: those from number `from` on. Gives the number to go on from; 0 at the end.
///
/// # Safety
/// `items` must have `len` values of a live object.
pub(crate) unsafe fn trace_array_part(
    items: *const Value,
    len: usize,
    from: usize,
    visit: &mut dyn FnMut(Value),
) -> usize {
    let end = len.min(from.saturating_add(PART));
    for i in from..end {
        // SAFETY: below `len`.
        let v = unsafe { *items.add(i) };
        if v.is_ptr() {
            visit(v);
        }
    }
    if end < len { end } else { 0 }
}

/// Has this object slots? Only classes made by `class` statements (and a few built-in exceptions) do.
///
/// # Safety
/// `h` must be a live object.
unsafe fn has_slots(h: *mut Header) -> bool {
    // SAFETY: by the caller.
    unsafe { (*h).kind() >> 6 >= 64 }
}

/// Visits the slots.
///
/// # Safety
/// `h` must be a live object of a layout with a fixed part of `fixed` bytes.
pub unsafe fn trace_slots(h: *mut Header, fixed: usize, visit: &mut dyn FnMut(Value)) {
    // SAFETY: by the caller.
    unsafe {
        if has_slots(h) {
            for &v in slots(h, fixed).iter() {
                if v.is_ptr() {
                    visit(v);
                }
            }
        }
    }
}

/// Releases the slots, so that the first dies first.
///
/// # Safety
/// As [`trace_slots`]; the slots must not be used afterwards.
pub unsafe fn drop_slots(h: *mut Header, fixed: usize) {
    // SAFETY: by the caller.
    unsafe {
        if has_slots(h) {
            for &v in slots(h, fixed).iter().rev() {
                v.decref();
            }
        }
    }
}

/// Allocates an object of `kind` with `fixed` bytes and `nslots` empty slots; the fixed fields behind the header
/// are zero.
pub fn alloc_with_slots(heap: &Heap, kind: u32, fixed: usize, nslots: usize) -> Result<Owned, OutOfMemory> {
    let h = heap.alloc_traced(kind, fixed + nslots * 8)?;
    // SAFETY: the block is fresh and at least as large as asked for; every word of it is initialised here.
    unsafe {
        let words = heap.block_size(h.cast()) / 8;
        let base = h.cast::<Value>();
        for i in 1..fixed / 8 {
            base.cast::<u64>().add(i).write(0);
        }
        for i in fixed / 8..words {
            base.add(i).write(Value::NULL);
        }
        Ok(Owned::from_value(Value::from_ptr(h)))
    }
}

/// Bytes of the fixed part of a layout, where its subclasses' slots begin.
pub fn fixed_size(layout: Layout) -> usize {
    use crate::objects as o;
    match layout {
        Layout::Instance => 8,
        Layout::Wrapped => 16,
        Layout::List => size_of::<crate::list::ListObj>(),
        Layout::Dict => size_of::<crate::dict::DictObj>(),
        Layout::Set | Layout::FrozenSet => size_of::<crate::set::SetObj>(),
        Layout::ByteArray => size_of::<crate::bytes::ByteArrayObj>(),
        Layout::Module => size_of::<o::ModuleObj>(),
        Layout::Exception => size_of::<o::ExceptionObj>(),
        Layout::Type => size_of::<crate::types::TypeObj>(),
        Layout::Native => size_of::<crate::native::NativeHeader>(),
        _ => 8,
    }
}
