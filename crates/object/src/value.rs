//! Named immediates of Python, and the word-level questions every layer asks.

use crate::layouts::Layout;
use hognose_heap::{Owned, Ref, Value};

/// `None`.
pub const NONE: Value = Value::special(1);
/// `False`.
pub const FALSE: Value = Value::special(2);
/// `True`.
pub const TRUE: Value = Value::special(3);
/// `...`.
pub const ELLIPSIS: Value = Value::special(4);
/// `NotImplemented`.
pub const NOT_IMPLEMENTED: Value = Value::special(5);

/// `True` or `False`.
#[inline(always)]
pub fn bool_value(b: bool) -> Value {
    if b { TRUE } else { FALSE }
}

/// Questions about a word that need no heap.
pub trait ValueExt: Copy {
    /// The word itself.
    fn word(self) -> Value;

    /// Is it `None`?
    #[inline(always)]
    fn is_none(self) -> bool {
        self.word() == NONE
    }

    /// Is it `True` or `False`?
    #[inline(always)]
    fn is_bool(self) -> bool {
        self.word() == TRUE || self.word() == FALSE
    }

    /// Its kind, if it is an object.
    #[inline(always)]
    fn object_kind(self) -> Option<u32> {
        let v = self.word();
        if v.is_ptr() {
            #[allow(unsafe_code, reason = "reads the header of an object")]
            // SAFETY: a word seen by safe code is alive: handles own or borrow it.
            Some(unsafe { (*v.header()).kind() })
        } else {
            None
        }
    }

    /// Is it an object of exactly this built-in type?
    #[inline(always)]
    fn is_exact(self, layout: Layout) -> bool {
        self.object_kind() == Some(layout.kind())
    }

    /// Is it an object with this layout (the type or a subclass that extends it)?
    #[inline(always)]
    fn has_layout(self, layout: Layout) -> bool {
        self.object_kind().is_some_and(|k| k & 63 == layout as u32)
    }

    /// Its layout, if it is an object.
    #[inline(always)]
    fn layout_of(self) -> Option<Layout> {
        self.object_kind().map(Layout::of_kind)
    }
}

impl ValueExt for Value {
    #[inline(always)]
    fn word(self) -> Value {
        self
    }
}

impl ValueExt for Ref<'_> {
    #[inline(always)]
    fn word(self) -> Value {
        self.value()
    }
}

/// An owned `None`.
#[inline(always)]
pub fn none() -> Owned {
    Owned::from_immediate(NONE)
}

/// An owned `True` or `False`.
#[inline(always)]
pub fn owned_bool(b: bool) -> Owned {
    Owned::from_immediate(bool_value(b))
}
