//! Dying without recursion.
//!
//! Objects whose count reached zero wait on the dead list, threaded through their own count words (a 32-bit
//! offset in units of 8 bytes), last in first out: the child that a drop function releases last dies first.
//! An object with a finalizer or weak references stops the drain and becomes *pending*: the embedder handles it at its
//! next safe point, then the drain goes on, so everything happens in the order of a recursive drop.
#![allow(unsafe_code, reason = "frees objects")]

use crate::handle::Owned;
use crate::header::{Header, flags};
use crate::heap::Heap;
use crate::value::Value;
use std::ptr::null_mut;

impl Heap {
    /// An object's count has reached zero: frees it and whatever dies with it.
    ///
    /// # Safety
    /// `h` must be an object of this heap with count 0, not used afterwards.
    #[cold]
    #[inline(never)]
    pub unsafe fn release(&self, h: *mut Header) {
        // SAFETY: by the caller.
        unsafe {
            if !(*h).has_flag(flags::HAS_FINALIZER | flags::HAS_WEAKREF) && !self.vtable((*h).kind()).traced {
                self.free_object(h);
                return;
            }
            self.push_dead(h);
        }
        if !self.draining.get() && self.pending.get().is_null() {
            self.drain();
        }
    }

    unsafe fn push_dead(&self, h: *mut Header) {
        let last = self.dead.get();
        let link = if last.is_null() { 0 } else { (last.addr() - self.base.addr()) / 8 };
        // SAFETY: the object is dead, its count word is ours. Offsets fit: reservations are at most 32 GiB.
        unsafe {
            (*h).set_flag(flags::DEAD);
            (*h).set_rc(link as u32);
        }
        self.dead.set(h);
    }

    fn pop_dead(&self) -> *mut Header {
        let h = self.dead.get();
        if !h.is_null() {
            // SAFETY: on the list, so alive as memory; its count word is the link.
            unsafe {
                let link = (*h).rc() as usize * 8;
                self.dead.set(if link == 0 { null_mut() } else { self.base.add(link).cast() });
                (*h).clear_flag(flags::DEAD);
                (*h).set_rc(0);
            }
        }
        h
    }

    pub(crate) fn drain(&self) {
        self.draining.set(true);
        loop {
            let h = self.pop_dead();
            if h.is_null() {
                break;
            }
            // SAFETY: dead objects are ours alone.
            unsafe {
                if (*h).has_flag(flags::HAS_FINALIZER | flags::HAS_WEAKREF) {
                    (*h).set_rc(1);
                    self.pending.set(h);
                    break;
                }
                (self.vtable((*h).kind()).drop)(h, self);
                self.free_object(h);
            }
        }
        self.draining.set(false);
    }

    /// Does an object wait for its finalizer or weak references?
    #[inline(always)]
    pub fn has_pending(&self) -> bool {
        !self.pending.get().is_null()
    }

    /// The object that waits, alive again with one reference. Run its finalizer and clear its flags
    /// (`HAS_FINALIZER`, `HAS_WEAKREF`), then call [`Heap::finish_pending`].
    /// What dies meanwhile is handled depth first, before what waited already.
    pub fn next_pending(&self) -> Option<PendingDeath> {
        let h = self.pending.replace(null_mut());
        if h.is_null() {
            return None;
        }
        // What waits behind it stays out of reach until it is finished.
        let rest = self.dead.replace(null_mut());
        // SAFETY: the pending object has one reference, handed over here.
        let object = unsafe { Owned::from_value(Value::from_ptr(h)) };
        Some(PendingDeath { object, rest })
    }

    /// Goes on after [`Heap::next_pending`]: frees the object unless somebody holds it again.
    pub fn finish_pending(&self, death: PendingDeath) {
        assert!(self.dead.get().is_null(), "pending deaths are finished innermost first");
        self.dead.set(death.rest);
        let h = death.object.into_value().header();
        // SAFETY: the reference was ours.
        unsafe {
            if (*h).decref() {
                (*h).clear_flag(flags::HAS_FINALIZER | flags::HAS_WEAKREF);
                self.push_dead(h);
            }
        }
        if !self.draining.get() && self.pending.get().is_null() {
            self.drain();
        }
    }
}

/// An object between death and freeing, and what dies after it.
pub struct PendingDeath {
    /// The object.
    pub object: Owned,
    rest: *mut Header,
}
