//! Dying without recursion.
//!
//! Objects whose count reached zero wait on the dead list, threaded through their own count words (a 32-bit
//! offset in units of 8 bytes), last in first out: the child that a drop function releases last dies first.
//! An object with a finalizer or weak references stops the drain and becomes *pending*: the embedder handles it at its
//! next safe point, then the drain goes on, so everything happens in the order of a recursive drop.
//!
//!   release ─► leaf: free at once
//!           ─► nothing else dying: drop, free, then whatever that put on the dead list
//!           ─► otherwise: dead list ─► drain ─► pending ─► next_pending … finish_pending ─► drain
//!
//! *Watched* objects (finalizer, weak references) can be found while they wait: a weak reference may hand out another
//! reference, as in a recursive drop their holder would not have let go of them yet. So their count stays a count, and
//! they wait on a second stack, each with the head of the dead list at the time: it is its turn when that is the head
//! again. One whose count is not zero by then lives on.
//!
//! After 20,000 deaths in one go the rest of the list is *deferred*: it goes on at safe points and on the slow path of
//! allocation, some objects at a time, in the same order. What is deferred counts as used until it is freed.
#![allow(unsafe_code, reason = "frees objects")]

use crate::handle::Owned;
use crate::header::{Header, IMMORTAL, flags};
use crate::heap::Heap;
use crate::value::Value;
use std::ptr::null_mut;

/// Deaths of such objects go through the embedder.
const WATCHED: u32 = flags::HAS_FINALIZER | flags::HAS_WEAKREF;
/// Link of the last dead object: not 0, which would make it look free. No object lies so near the base.
const END: u32 = 1;
/// What a part of a long object counts for, in objects freed.
const PART_COST: u32 = 2048;
/// Objects freed in one go.
const AT_ONCE: u32 = 20_000;
/// No object has this address.
pub(crate) const NO_TURN: *mut Header = std::ptr::without_provenance_mut(8);

impl Heap {
    /// An object's count has reached zero: frees it and whatever dies with it.
    ///
    /// # Safety
    /// `h` must be an object of this heap with count 0, not used afterwards.
    #[inline(never)]
    pub unsafe fn release(&self, h: *mut Header) {
        // SAFETY: by the caller.
        unsafe {
            if !(*h).has_flag(WATCHED | flags::DEAD) {
                let vtable = self.vtable((*h).kind());
                if !vtable.traced {
                    self.free_object(h);
                    return;
                }
                if !self.draining.get() {
                    self.draining.set(true);
                    (vtable.drop)(h, self);
                    if !(*h).has_flag(flags::DEAD) {
                        self.free_object(h);
                    }
                    if self.dead.get().is_null() && !self.watched_turn.get().is_null() {
                        self.draining.set(false);
                    } else {
                        self.drain();
                    }
                    return;
                }
                self.push_dead(h);
            } else {
                self.push_watched(h);
            }
        }
        if !self.draining.get() {
            self.drain();
        }
    }

    #[cold]
    unsafe fn push_watched(&self, h: *mut Header) {
        let mut watched = self.watched.borrow_mut();
        // SAFETY: by the caller: the object's count is 0.
        unsafe {
            if (*h).has_flag(flags::DEAD) {
                // It was handed out while it waited, and given back: it still waits.
                return;
            }
            if watched.stack.try_reserve(1).is_err() {
                // Not even a word for it: better never freed than freed in silence.
                (*h).set_rc(IMMORTAL);
                return;
            }
            (*h).set_flag(flags::DEAD);
        }
        watched.stack.push((h, self.dead.get()));
        self.watched_turn.set(self.dead.get());
    }

    /// The watched object whose turn it is.
    #[inline(always)]
    fn pop_watched(&self) -> Option<*mut Header> {
        if self.watched_turn.get() == self.dead.get() { self.take_watched() } else { None }
    }

    #[cold]
    fn take_watched(&self) -> Option<*mut Header> {
        let mut watched = self.watched.borrow_mut();
        let (h, _) = watched.stack.pop()?;
        self.watched_turn.set(watched.turn());
        // SAFETY: it waited, so it was not freed.
        unsafe { (*h).clear_flag(flags::DEAD) };
        Some(h)
    }

    fn link_to(&self, h: *mut Header) -> u32 {
        // Offsets fit: reservations are at most 32 GiB.
        if h.is_null() { END } else { ((h.addr() - self.base.addr()) / 8) as u32 }
    }

    unsafe fn linked_from(&self, h: *mut Header) -> *mut Header {
        // SAFETY: the caller's object is on a dead list, so its count word is the offset of the next, in the heap.
        unsafe {
            match (*h).rc() {
                END => null_mut(),
                link => self.base.add(link as usize * 8).cast(),
            }
        }
    }

    unsafe fn push_dead(&self, h: *mut Header) {
        // SAFETY: the object is dead, its count word is ours.
        unsafe {
            (*h).set_flag(flags::DEAD);
            (*h).set_rc(self.link_to(self.dead.get()));
        }
        self.dead.set(h);
    }

    /// For drop functions of objects with very many children: the object dies again after the children that are released
    /// next. False: it must go whole.
    ///
    /// # Safety
    /// `h` must be the object whose drop function is running, and be complete but for what it has released.
    pub unsafe fn postpone(&self, h: *mut Header) -> bool {
        // SAFETY: by the caller. One that is reclaimed as part of a set still has a count.
        unsafe {
            let alone = (*h).rc() == 0 && self.draining.get();
            if alone {
                self.push_dead(h);
            }
            alone
        }
    }

    /// Frees what is on the dead list, down to the first object that the embedder must see; after very many the rest is
    /// left for slices.
    pub(crate) fn drain(&self) {
        self.drain_some(AT_ONCE);
    }

    /// Gives what is left of `budget`.
    fn drain_some(&self, mut budget: u32) -> u32 {
        self.draining.set(true);
        loop {
            while let Some(h) = self.pop_watched() {
                // SAFETY: it waited, so it was not freed.
                unsafe {
                    if (*h).rc() == 0 {
                        (*h).set_rc(1);
                        self.pending.set(h);
                        // Stays in the draining state: others only join the list until this one is taken.
                        return budget;
                    }
                }
            }
            let h = self.dead.get();
            if h.is_null() || (budget == 0 && self.defer()) {
                break;
            }
            budget = budget.saturating_sub(1);
            // SAFETY: dead objects are ours alone.
            unsafe {
                self.dead.set(self.linked_from(h));
                (*h).clear_flag(flags::DEAD);
                (*h).set_rc(0);
                (self.vtable((*h).kind()).drop)(h, self);
                if (*h).has_flag(flags::DEAD) {
                    // A part of very many children: those without children of their own are gone already.
                    budget = budget.saturating_sub(PART_COST);
                } else {
                    self.free_object(h);
                }
            }
        }
        self.draining.set(false);
        budget
    }

    /// Leaves the dead list for later. Not while a watched object waits for its turn on it.
    #[cold]
    fn defer(&self) -> bool {
        let watched = self.watched.borrow();
        let mut deferred = self.deferred.borrow_mut();
        if watched.depth > 0 || !watched.stack.is_empty() || deferred.try_reserve(1).is_err() {
            return false;
        }
        deferred.push(self.dead.replace(null_mut()));
        self.has_deferred.set(true);
        self.ask_slice();
        true
    }

    /// Frees up to `n` objects of what was deferred, the last first.
    #[cold]
    #[inline(never)]
    pub(crate) fn drain_deferred(&self, mut n: u32) {
        while n > 0 && !self.draining.get() && self.watched.borrow().depth == 0 {
            let mut deferred = self.deferred.borrow_mut();
            let Some(head) = deferred.pop() else { break };
            self.has_deferred.set(!deferred.is_empty());
            drop(deferred);
            debug_assert!(self.dead.get().is_null());
            self.dead.set(head);
            n = self.drain_some(n);
        }
    }

    /// Frees everything whose freeing was left for slices, as far as no death waits for the embedder.
    /// True when nothing is left and no death waits.
    pub fn finish_drops(&self) -> bool {
        self.drain_deferred(u32::MAX);
        !self.has_deferred.get() && !self.has_pending()
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
        let mut watched = self.watched.borrow_mut();
        let rest = Rest { dead: self.dead.replace(null_mut()), base: watched.base };
        watched.base = watched.stack.len();
        self.watched_turn.set(NO_TURN);
        watched.depth += 1;
        self.draining.set(false);
        // SAFETY: the pending object has one reference, handed over here.
        let object = unsafe { Owned::from_value(Value::from_ptr(h)) };
        Some(PendingDeath { object, rest, depth: watched.depth })
    }

    /// Goes on after [`Heap::next_pending`]: frees the object unless somebody holds it again.
    /// Pending deaths are finished innermost first; those not taken yet keep their place before this one.
    pub fn finish_pending(&self, death: PendingDeath) {
        let earlier = self.dead.replace(death.rest.dead);
        let h = death.object.into_value().header();
        // SAFETY: the reference was ours.
        unsafe {
            if (*h).decref() {
                (*h).clear_flag(WATCHED);
                self.push_dead(h);
            }
        }
        let mut watched = self.watched.borrow_mut();
        assert!(watched.depth == death.depth, "pending deaths are finished innermost first");
        watched.depth -= 1;
        let (base, after) = (watched.base, self.dead.get());
        for (_, head) in &mut watched.stack[base..] {
            if head.is_null() {
                *head = after;
            }
        }
        watched.base = death.rest.base;
        self.watched_turn.set(watched.turn());
        drop(watched);
        if !earlier.is_null() {
            self.dead.set(earlier);
            let mut last = earlier;
            // SAFETY: both are dead lists.
            unsafe {
                loop {
                    let next = self.linked_from(last);
                    if next.is_null() {
                        break;
                    }
                    last = next;
                }
                (*last).set_rc(self.link_to(after));
            }
        }
        if !self.draining.get() {
            self.drain();
        }
    }

    /// A reference through a weak one; also right for an object that waits to die.
    ///
    /// # Safety
    /// `h` must be an object of this heap whose weak references are not cleared yet.
    pub unsafe fn upgrade_weak(&self, h: *mut Header) -> Owned {
        // SAFETY: by the caller; the count of a watched object is always a count.
        unsafe {
            (*h).incref();
            Owned::from_value(Value::from_ptr(h))
        }
    }
}

/// Dead objects that the embedder must see.
#[derive(Default)]
pub(crate) struct Watched {
    /// Each with the head of the dead list when it died.
    stack: Vec<(*mut Header, *mut Header)>,
    /// Those below wait behind a pending death that was taken.
    base: usize,
    /// Pending deaths taken and not finished.
    depth: usize,
}

impl Watched {
    fn turn(&self) -> *mut Header {
        if self.stack.len() > self.base { self.stack[self.stack.len() - 1].1 } else { NO_TURN }
    }
}

/// What waits behind a pending death.
struct Rest {
    dead: *mut Header,
    base: usize,
}

/// An object between death and freeing, and what dies after it.
pub struct PendingDeath {
    /// The object.
    pub object: Owned,
    rest: Rest,
    depth: usize,
}
