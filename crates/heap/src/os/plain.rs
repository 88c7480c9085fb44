//! Address ranges from Rust's allocator, for Miri and for systems without memory mapping.
//!
//! Nothing is given back before a range goes whole; what a purge would give back is overwritten with zeros.
#![allow(unsafe_code, reason = "allocates memory")]

use super::Moved;
use std::alloc::{Layout, alloc_zeroed, dealloc};
use std::ptr::null_mut;

/// Every reservation begins at a multiple of this; it is also the most memory a heap can have.
pub const ALIGN: usize = 64 << 20;

/// Ranges that are no reservation need no alignment beyond that of their words.
const RANGE_ALIGN: usize = 16;

/// A range of this size at a multiple of [`ALIGN`], all zero.
pub fn reserve_exactly(size: usize) -> Option<*mut u8> {
    let p = allocate(size, ALIGN);
    (!p.is_null()).then_some(p)
}

fn allocate(size: usize, align: usize) -> *mut u8 {
    match Layout::from_size_align(size, align) {
        // SAFETY: the size is not zero.
        Ok(layout) if size > 0 => unsafe { alloc_zeroed(layout) },
        _ => null_mut(),
    }
}

/// Gives a reservation back.
///
/// # Safety
/// The range must come from [`reserve_exactly`], whole, and not be used any more.
pub unsafe fn unmap(p: *mut u8, size: usize) {
    // SAFETY: by the caller; the layout is the one it was made with.
    unsafe { dealloc(p, Layout::from_size_align_unchecked(size, ALIGN)) }
}

/// Makes a range read as zero.
///
/// # Safety
/// Nothing in the range may be in use.
pub unsafe fn purge(p: *mut u8, size: usize) {
    // SAFETY: by the caller.
    unsafe { p.write_bytes(0, size) }
}

/// Copies a range to another and makes the old one zero.
///
/// # Safety
/// Both ranges must lie in the heap's reservation and not overlap; the target must not be in use.
pub unsafe fn move_pages(from: *mut u8, size: usize, to: *mut u8) -> Moved {
    // SAFETY: by the caller.
    unsafe {
        std::ptr::copy_nonoverlapping(from, to, size);
        purge(from, size);
    }
    Moved::Yes
}

/// Memory outside any heap, all zero, or null.
pub fn map_range(size: usize) -> *mut u8 {
    allocate(size, RANGE_ALIGN)
}

/// Gives such memory back.
///
/// # Safety
/// The range must come from [`map_range`], whole, and not be used any more.
pub unsafe fn unmap_range(p: *mut u8, size: usize) {
    // SAFETY: by the caller; the layout is the one it was made with.
    unsafe { dealloc(p, Layout::from_size_align_unchecked(size, RANGE_ALIGN)) }
}

/// Gives the end of such memory back; what is kept may be elsewhere afterwards.
///
/// # Safety
/// The range has `size` bytes and `keep` of them, not none, stay in use.
pub unsafe fn shrink_range(p: *mut u8, size: usize, keep: usize) -> *mut u8 {
    // SAFETY: by the caller; the layout is the one it was made with. A refusal leaves the range as it was, which is
    // only possible here for want of memory: the caller would have to know, so it ends.
    let kept = unsafe { std::alloc::realloc(p, Layout::from_size_align_unchecked(size, RANGE_ALIGN), keep) };
    assert!(!kept.is_null(), "an allocation of {size} bytes could not shrink to {keep}");
    kept
}

/// There are no huge pages here.
pub fn advise_huge(_p: *mut u8, _size: usize) {}
