//! Handles: [`Owned`] counts, [`Ref`] borrows. Native code holds these; only registers and slots hold bare values.
//!
//! What must not compile:
//!
//! A borrow that outlives its lender:
//! ```compile_fail,E0597
//! # use hognose_heap::{Owned, Ref};
//! let r: Ref<'_>;
//! {
//!     let o = Owned::null();
//!     r = o.as_ref();
//! }
//! r.value();
//! ```
//! A handle used after its reference was given away:
//! ```compile_fail,E0382
//! # use hognose_heap::Owned;
//! let o = Owned::null();
//! let word = o.into_value();
//! o.value();
//! ```
//! A borrow across the death of its lender:
//! ```compile_fail,E0505
//! # use hognose_heap::Owned;
//! let o = Owned::null();
//! let r = o.as_ref();
//! drop(o);
//! r.value();
//! ```
//! Handles and heaps in another thread (a whole [`HeapBox`](crate::HeapBox) may move):
//! ```compile_fail,E0277
//! fn send<T: Send>() {}
//! send::<hognose_heap::Owned>();
//! ```
//! ```compile_fail,E0277
//! fn shared<T: Sync>() {}
//! shared::<hognose_heap::Heap>();
//! ```
//! A heap taken out of its box, and a death that is finished twice:
//! ```compile_fail,E0507
//! fn take(b: hognose_heap::HeapBox) -> hognose_heap::Heap {
//!     *b
//! }
//! ```
//! ```compile_fail,E0382
//! fn twice(heap: &hognose_heap::Heap, death: hognose_heap::PendingDeath) {
//!     heap.finish_pending(death);
//!     heap.finish_pending(death);
//! }
//! ```
#![allow(unsafe_code, reason = "handles change reference counts")]

use crate::value::Value;
use std::marker::PhantomData;

/// A borrowed value: whoever lent it keeps it alive for `'a`.
#[repr(transparent)]
#[derive(Clone, Copy)]
pub struct Ref<'a>(Value, PhantomData<&'a ()>);

impl<'a> Ref<'a> {
    /// Borrows a value.
    ///
    /// # Safety
    /// Something must keep the object alive for `'a`.
    #[inline(always)]
    pub unsafe fn from_value(v: Value) -> Ref<'a> {
        Ref(v, PhantomData)
    }

    /// A value that is no pointer needs no lender.
    #[inline(always)]
    pub fn from_immediate(v: Value) -> Ref<'static> {
        assert!(!v.is_ptr(), "{v:?} is an object");
        Ref(v, PhantomData)
    }

    /// The word.
    #[inline(always)]
    pub fn value(self) -> Value {
        self.0
    }

    /// Is it NULL (an absent argument)?
    #[inline(always)]
    pub fn is_null(self) -> bool {
        self.0.is_null()
    }

    /// Another reference, counted.
    #[inline(always)]
    pub fn owned(self) -> Owned {
        // SAFETY: the object is alive for 'a.
        unsafe { self.0.incref() };
        Owned(self.0)
    }

    /// Same object (or same immediate)?
    #[inline(always)]
    pub fn is(self, other: Ref<'_>) -> bool {
        self.0 == other.0
    }
}

impl std::fmt::Debug for Ref<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// An owned reference: cloning counts up, dropping counts down and may free the object.
#[repr(transparent)]
pub struct Owned(Value);

impl Owned {
    /// Takes over a reference.
    ///
    /// # Safety
    /// The caller must own one reference to the object and give it up.
    #[inline(always)]
    pub unsafe fn from_value(v: Value) -> Owned {
        Owned(v)
    }

    /// A value that is no pointer needs no count.
    #[inline(always)]
    pub fn from_immediate(v: Value) -> Owned {
        assert!(!v.is_ptr(), "{v:?} is an object");
        Owned(v)
    }

    /// Nothing.
    #[inline(always)]
    pub fn null() -> Owned {
        Owned(Value::NULL)
    }

    /// Is it nothing?
    #[inline(always)]
    pub fn is_null(&self) -> bool {
        self.0.is_null()
    }

    /// Borrows.
    #[inline(always)]
    #[allow(clippy::should_implement_trait, reason = "the trait cannot name the lifetime")]
    pub fn as_ref(&self) -> Ref<'_> {
        Ref(self.0, PhantomData)
    }

    /// The word, still owned by this handle.
    #[inline(always)]
    pub fn value(&self) -> Value {
        self.0
    }

    /// The word; the caller owns the reference now.
    #[inline(always)]
    pub fn into_value(self) -> Value {
        let v = self.0;
        std::mem::forget(self);
        v
    }
}

impl Clone for Owned {
    #[inline(always)]
    fn clone(&self) -> Owned {
        self.as_ref().owned()
    }
}

impl Drop for Owned {
    #[inline(always)]
    fn drop(&mut self) {
        // SAFETY: the handle owns one reference.
        unsafe { self.0.decref() }
    }
}

impl std::fmt::Debug for Owned {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}
