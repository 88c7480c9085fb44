//! Address ranges from the operating system: mapped at once, backed by memory as they are touched.
#![allow(unsafe_code, reason = "maps memory")]

use super::Moved;
use std::ptr::null_mut;

/// Every reservation begins at a multiple of this, so an object's heap is found by masking its address.
pub const ALIGN: usize = 32 << 30;
const FIRST: usize = 16 << 40;
const LAST: usize = 96 << 40;

/// A range of this size at a multiple of [`ALIGN`]; its pages are zero and take memory when they are first touched.
pub fn reserve_exactly(size: usize) -> Option<*mut u8> {
    // Start somewhere else in each process and for each heap: a clock is random enough to avoid collisions.
    let now =
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |d| d.subsec_nanos());
    let places = (LAST - FIRST) / ALIGN;
    let start = (now as usize / 64) % places;
    for i in 0..places.min(512) {
        let at = FIRST + (start + i) % places * ALIGN;
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE | libc::MAP_FIXED_NOREPLACE;
        // SAFETY: NOREPLACE never touches existing mappings.
        let p = unsafe {
            libc::mmap(at as *mut libc::c_void, size, libc::PROT_READ | libc::PROT_WRITE, flags, -1, 0)
        };
        if p == at as *mut libc::c_void {
            return Some(p.cast());
        }
        if p != libc::MAP_FAILED {
            // An old kernel took the address as a hint only.
            // SAFETY: the mapping just made.
            unsafe { libc::munmap(p, size) };
        } else if std::io::Error::last_os_error().raw_os_error() == Some(libc::ENOMEM) {
            return None;
        }
    }
    None
}

/// Gives the range back to the system.
///
/// # Safety
/// The range must be a reservation nobody uses any more.
pub unsafe fn unmap(p: *mut u8, size: usize) {
    // SAFETY: by the caller.
    unsafe { libc::munmap(p.cast(), size) };
}

/// Gives back the memory of a range but keeps the addresses; it reads as zero afterwards.
///
/// # Safety
/// Nothing in the range may be in use.
pub unsafe fn purge(p: *mut u8, size: usize) {
    // SAFETY: by the caller.
    unsafe { libc::madvise(p.cast(), size, libc::MADV_DONTNEED) };
}

/// Moves the memory of one range to another without copying. Refused by kernels before 5.7, and when the range
/// was assembled from several mappings.
///
/// # Safety
/// Both ranges must lie in the heap's reservation; the target must not be in use.
pub unsafe fn move_pages(from: *mut u8, size: usize, to: *mut u8) -> Moved {
    let flags = libc::MREMAP_MAYMOVE | libc::MREMAP_FIXED | libc::MREMAP_DONTUNMAP;
    // SAFETY: by the caller.
    let p = unsafe { libc::mremap(from.cast(), size, size, flags, to.cast::<libc::c_void>()) };
    if p == to.cast() {
        return Moved::Yes;
    }
    // A refusal can come after the target was unmapped.
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE | libc::MAP_FIXED;
    // SAFETY: the target is ours and unused.
    let p = unsafe { libc::mmap(to.cast(), size, libc::PROT_READ | libc::PROT_WRITE, flags, -1, 0) };
    if p == to.cast() { Moved::No } else { Moved::TargetLost }
}

/// An address range outside any heap, or null.
pub fn map_range(size: usize) -> *mut u8 {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
    // SAFETY: a new mapping.
    let p = unsafe { libc::mmap(null_mut(), size, libc::PROT_READ | libc::PROT_WRITE, flags, -1, 0) };
    if p == libc::MAP_FAILED { null_mut() } else { p.cast() }
}

/// Lets the system back the range with huge pages.
pub fn advise_huge(p: *mut u8, size: usize) {
    // SAFETY: changes no contents.
    unsafe { libc::madvise(p.cast(), size, libc::MADV_HUGEPAGE) };
}

/// Gives a range from [`map_range`] back whole.
///
/// # Safety
/// Nobody uses it any more.
pub unsafe fn unmap_range(p: *mut u8, size: usize) {
    // SAFETY: by the caller.
    unsafe { unmap(p, size) }
}

/// Gives the end of a range from [`map_range`] back; what is kept may be elsewhere afterwards.
///
/// # Safety
/// The range has `size` bytes and `keep` of them, not none, stay in use.
pub unsafe fn shrink_range(p: *mut u8, size: usize, keep: usize) -> *mut u8 {
    // SAFETY: by the caller.
    unsafe { unmap(p.add(keep), size - keep) }
    p
}
