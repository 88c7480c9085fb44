//! Freeing a set of objects that only each other keep alive.
//!
//!   every member: children released (a reference of ours keeps the blocks) ─► every block freed ─► what died besides
//!
//! Invariant: when a block is freed, nothing refers to it; one that is still referred to was traced wrongly.
#![allow(unsafe_code, reason = "frees objects")]

use crate::handle::Owned;
use crate::header::flags;
use crate::heap::Heap;

impl Heap {
    /// Frees a set found unreachable: children are released first, then the blocks. Gives their number.
    /// Members that something outside refers to again (a callback may have seen them) are spared.
    pub fn reclaim(&self, set: Vec<Owned>) -> usize {
        self.reclaim_unseen(self.retest_unreachable(set))
    }

    /// As [`Heap::reclaim`], when nothing has run since the set was found or tested again.
    pub fn reclaim_unseen(&self, set: Vec<Owned>) -> usize {
        let n = set.len();
        let was_draining = self.draining.replace(true);
        for o in &set {
            let h = o.value().header();
            // SAFETY: unreachable, and our reference keeps every member's block until all are dropped.
            unsafe {
                (*h).set_flag(flags::FINALIZED);
                (*h).clear_flag(flags::HAS_FINALIZER | flags::HAS_WEAKREF);
                (self.vtable((*h).kind()).drop)(h, self);
            }
        }
        for o in set {
            let h = o.into_value().header();
            // SAFETY: nothing but our reference is left, as is checked.
            unsafe {
                let (rc, name) = ((*h).rc(), self.vtable((*h).kind()).name);
                assert!(rc == 1, "a {name} at {h:p} was condemned, but {} references to it remain", rc - 1);
                self.free_object(h);
            }
        }
        self.pace.count(|c| c.reclaimed += n as u64);
        self.draining.set(was_draining);
        if !was_draining {
            self.drain();
        }
        n
    }
}
