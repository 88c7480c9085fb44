//! Bytes in use, their limit, and the reserve that lets handlers run when it is reached.
//!
//!   used      = pages in use + external charges            what the guest holds
//!   committed = used + free pages that still have memory   never above the limit either: admit() purges first
//!
//! Checked whenever pages are taken, so the limit is exact to a page and costs nothing on the fast path.

use crate::heap::{Family, Heap, OutOfMemory};
use crate::size_class::PAGE;

impl Heap {
    /// Bytes the guest holds: pages in use, large blocks, external charges.
    pub fn bytes_used(&self) -> usize {
        self.page_bytes.iter().map(std::cell::Cell::get).sum::<usize>() + self.external.get()
    }

    /// Bytes in use, and those of free pages that were not given back to the system yet.
    pub fn bytes_committed(&self) -> usize {
        self.bytes_used() + self.dirty_pages.get() * PAGE
    }

    /// Bytes of pages that hold blocks of one family.
    pub fn family_bytes(&self, family: Family) -> usize {
        self.page_bytes[family as usize].get()
    }

    /// Largest value of [`Heap::bytes_used`] so far.
    pub fn peak_bytes(&self) -> usize {
        self.peak.get().max(self.bytes_used())
    }

    /// Starts a new peak.
    pub fn reset_peak(&self) {
        self.peak.set(self.bytes_used());
    }

    /// The byte limit.
    pub fn limit(&self) -> Option<usize> {
        (self.limit.get() != usize::MAX).then(|| self.limit.get())
    }

    /// Changes the byte limit; a limit below the bytes in use only refuses new memory.
    pub fn set_limit(&self, limit: Option<usize>) {
        self.limit.set(limit.unwrap_or(usize::MAX));
        if let (Some(limit), 0) = (limit, self.reserve.get()) {
            self.reserve.set((limit / 64).clamp(64 << 10, 1 << 20));
        }
    }

    /// Lets the reserve be used: call when the limit was reached, while the error is handled.
    pub fn release_reserve(&self) {
        self.reserve_released.set(true);
    }

    /// Keeps the reserve back again.
    pub fn restore_reserve(&self) {
        self.reserve_released.set(false);
    }

    /// Would `bytes` more go over the limit?
    pub(crate) fn admit(&self, bytes: usize) -> Result<(), OutOfMemory> {
        let refused = Err(OutOfMemory { requested: bytes });
        if self.fails_on_purpose() {
            return refused;
        }
        let limit = self.limit.get();
        if limit == usize::MAX {
            return Ok(());
        }
        // A reserve larger than a quarter of the limit would starve the guest.
        let kept = if self.reserve_released.get() { 0 } else { self.reserve.get().min(limit / 4) };
        let mut after = self.bytes_used().saturating_add(bytes);
        if after > limit - kept && self.has_deferred.get() {
            self.finish_drops();
            after = self.bytes_used().saturating_add(bytes);
        }
        if after > limit - kept {
            self.note_refusal();
            self.observe.refused.set(bytes);
            return refused;
        }
        if self.reserve_released.get() && after < limit - 2 * self.reserve.get().min(limit / 4) {
            // There is room again: the next time the limit is reached finds the reserve whole.
            self.restore_reserve();
        }
        if after.saturating_add(self.dirty_pages.get() * PAGE) > limit {
            self.purge();
        }
        Ok(())
    }

    /// Makes the `k`-th allocation from now on fail, once; 0 cancels. For tests.
    /// Counted are requests for pages and external charges; with feature `torture` every allocation.
    pub fn fail_allocation_after(&self, k: u64) {
        self.fail_after.set(k);
    }

    pub(crate) fn fails_on_purpose(&self) -> bool {
        match self.fail_after.get() {
            0 => false,
            k => {
                self.fail_after.set(k - 1);
                k == 1
            }
        }
    }

    /// Counts pages that come into use (or, negative, go out of it).
    pub(crate) fn count_pages(&self, family: Family, bytes: isize) {
        let cell = &self.page_bytes[family as usize];
        cell.set(cell.get().wrapping_add_signed(bytes));
        if bytes > 0 {
            self.pages_made.set(self.pages_made.get() + (bytes as usize / PAGE) as u64);
            self.note_growth();
        } else {
            self.note_shrinking();
        }
    }

    fn note_growth(&self) {
        let used = self.bytes_used();
        if used > self.peak.get() {
            self.peak.set(used);
        }
        if used > self.pace.check_at.get() {
            self.check_pace();
        }
    }

    /// Counts memory that a library allocates elsewhere on the guest's behalf; call before allocating it.
    ///
    /// # Errors
    /// When it would go over the limit.
    pub fn charge_external(&self, bytes: usize) -> Result<(), OutOfMemory> {
        self.admit(bytes)?;
        self.external.set(self.external.get() + bytes);
        self.note_growth();
        Ok(())
    }

    /// Takes back a charge.
    pub fn discharge_external(&self, bytes: usize) {
        debug_assert!(bytes <= self.external.get(), "more discharged than charged");
        self.external.set(self.external.get().saturating_sub(bytes));
        self.note_shrinking();
    }
}
