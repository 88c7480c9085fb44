//! Where a heap's memory comes from: one aligned address range per heap, given back in pieces or whole.
//!
//! ```text
//! system.rs   the operating system          plain.rs   Rust's allocator (feature `plain`: Miri)
//! ```
#![allow(unsafe_code, reason = "prefetches")]

#[cfg(feature = "plain")]
mod plain;
#[cfg(not(feature = "plain"))]
mod system;

#[cfg(feature = "plain")]
pub use plain::*;
#[cfg(not(feature = "plain"))]
pub use system::*;

/// Reserves up to `want` bytes (halving on refusal, not below `least`) at an aligned address.
/// Pages are zero and take memory when they are first touched.
pub fn reserve(want: usize, least: usize) -> Option<(*mut u8, usize)> {
    let mut size = want.min(ALIGN);
    while size >= least {
        if let Some(p) = reserve_exactly(size) {
            return Some((p, size));
        }
        size /= 2;
    }
    None
}

/// What became of an attempt to move memory.
#[cfg_attr(feature = "plain", allow(dead_code, reason = "copying does not fail"))]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Moved {
    /// It is at the new place; the old range stays mapped and reads as zero.
    Yes,
    /// Nothing has happened.
    No,
    /// Nothing was moved, and the target must never be used again.
    TargetLost,
}

/// Starts to bring a cache line near; any address will do.
#[inline(always)]
pub fn prefetch(p: *const u8) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a prefetch never faults.
    unsafe {
        std::arch::x86_64::_mm_prefetch(p.cast(), std::arch::x86_64::_MM_HINT_T0);
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = p;
}
