//! The 8-byte object header: a reference count, and a tag of kind and flags.
//!
//!   | rc: u32 | kind: 24 bits | flags: 8 bits |
//!
//! `rc == 0` means the slot is free. A count with bit 31 set never changes again: the object is immortal.
//! A dead object that waits to be freed carries [`flags::DEAD`] and uses `rc` as its link, which is never 0; but one
//! that weak references can still reach keeps its count (drop.rs).

/// Flag bits of a header, shifted into the top byte of the tag.
pub mod flags {
    /// The finalizer ran.
    pub const FINALIZED: u32 = 1 << 24;
    /// A weak reference to the object exists: its death goes through the embedder.
    pub const HAS_WEAKREF: u32 = 1 << 25;
    /// The object has a finalizer: its death goes through the embedder.
    pub const HAS_FINALIZER: u32 = 1 << 26;
    /// Count is zero, the object waits on the dead list.
    pub const DEAD: u32 = 1 << 27;
    /// For the embedder: being shown by a recursive repr and the like.
    pub const SCANNING: u32 = 1 << 28;
    /// For the embedder.
    pub const USER0: u32 = 1 << 29;
    /// For the embedder.
    pub const USER1: u32 = 1 << 30;
    /// Survived minor collections, which do not look at it again.
    pub const OLD: u32 = 1 << 31;
}

/// Count of an object that never dies.
pub const IMMORTAL: u32 = 1 << 31;
const KIND: u32 = (1 << 24) - 1;

/// First word of every object.
#[repr(C, align(8))]
pub struct Header {
    rc: u32,
    tag: u32,
}

const _: () = assert!(size_of::<Header>() == 8);

impl Header {
    /// The header of a new object: one reference, no flags.
    #[inline(always)]
    pub(crate) fn new(kind: u32) -> Header {
        Header { rc: 1, tag: kind }
    }

    /// Reference count; see [`IMMORTAL`].
    #[inline(always)]
    pub fn rc(&self) -> u32 {
        self.rc
    }

    /// Sets the count. For the heap and for making objects immortal.
    #[inline(always)]
    pub fn set_rc(&mut self, rc: u32) {
        self.rc = rc;
    }

    /// Does it never die?
    #[inline(always)]
    pub fn is_immortal(&self) -> bool {
        self.rc >= IMMORTAL
    }

    /// The embedder's number for what the object is; the low 6 bits choose the vtable.
    #[inline(always)]
    pub fn kind(&self) -> u32 {
        self.tag & KIND
    }

    /// Changes the kind; the new one must describe the same block.
    #[inline(always)]
    pub fn set_kind(&mut self, kind: u32) {
        self.tag = self.tag & !KIND | kind;
    }

    /// Is any of these flags set?
    #[inline(always)]
    pub fn has_flag(&self, flag: u32) -> bool {
        self.tag & flag != 0
    }

    /// Sets flags.
    #[inline(always)]
    pub fn set_flag(&mut self, flag: u32) {
        self.tag |= flag;
    }

    /// Clears flags.
    #[inline(always)]
    pub fn clear_flag(&mut self, flag: u32) {
        self.tag &= !flag;
    }

    /// One more reference. A count that reaches 2^31 sticks.
    #[inline(always)]
    pub fn incref(&mut self) {
        if (self.rc as i32) >= 0 {
            self.rc += 1;
        }
    }

    /// One reference less; true when it was the last.
    #[inline(always)]
    #[must_use]
    pub fn decref(&mut self) -> bool {
        if (self.rc as i32) > 0 {
            self.rc -= 1;
            self.rc == 0
        } else {
            false
        }
    }
}
