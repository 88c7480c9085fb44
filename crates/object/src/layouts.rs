//! Layouts: the physical shapes an object can have, and the table that tells the heap how to trace and drop each.
//!
//! A *kind* (24 bits of the header) is `serial << 6 | layout`. The layout says which `#[repr(C)]` struct lies
//! there; the serial is a row of the [`Shapes`](crate::shape::Shapes) table, which names class and attributes.
//! Exact built-in types use their layout number as serial, so "is this exactly a list" is one compare.
//!
//! Subclasses of fixed-size layouts (list, dict, exceptions …) append attribute slots to the struct; subclasses of
//! inline variable-size or leaf types (int, float, complex, str, bytes, tuple, frozenset) use [`Layout::Wrapped`]:
//! an instance whose first slot holds the base value.

/// Which struct lies behind a header.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, PartialOrd, Ord)]
#[repr(u8)]
#[allow(missing_docs, reason = "the names are the types' own")]
pub enum Layout {
    Instance = 0,
    Wrapped,
    Int,
    Float,
    Complex,
    Str,
    Bytes,
    ByteArray,
    List,
    Tuple,
    Dict,
    Set,
    FrozenSet,
    Range,
    Slice,
    Function,
    BoundMethod,
    Native,
    Type,
    Module,
    Cell,
    Code,
    Frame,
    Generator,
    Exception,
    Traceback,
    NativeFunction,
    ListIter,
    RangeIter,
    Member,
}

/// How many layouts there are.
pub const LAYOUTS: usize = Layout::Member as usize + 1;

impl Layout {
    /// Kind of the exact built-in type with this layout.
    pub const fn kind(self) -> u32 {
        (self as u32) << 6 | self as u32
    }

    /// The layout in a kind.
    pub fn of_kind(kind: u32) -> Layout {
        LAYOUT_BY_NUMBER[(kind & 63) as usize]
    }

    /// Do subclasses hold a value of this layout in their first slot instead of extending it?
    pub const fn is_wrapped_by_subclasses(self) -> bool {
        matches!(
            self,
            Layout::Int | Layout::Float | Layout::Complex | Layout::Str | Layout::Bytes | Layout::Tuple
        )
    }
}

use Layout as L;
/// ORDER: Layout. Unused numbers map to `Instance`; no kind carries them.
static LAYOUT_BY_NUMBER: [Layout; 64] = {
    let all = [
        L::Instance,
        L::Wrapped,
        L::Int,
        L::Float,
        L::Complex,
        L::Str,
        L::Bytes,
        L::ByteArray,
        L::List,
        L::Tuple,
        L::Dict,
        L::Set,
        L::FrozenSet,
        L::Range,
        L::Slice,
        L::Function,
        L::BoundMethod,
        L::Native,
        L::Type,
        L::Module,
        L::Cell,
        L::Code,
        L::Frame,
        L::Generator,
        L::Exception,
        L::Traceback,
        L::NativeFunction,
        L::ListIter,
        L::RangeIter,
        L::Member,
    ];
    let mut table = [L::Instance; 64];
    let mut i = 0;
    while i < all.len() {
        assert!(all[i] as usize == i);
        table[i] = all[i];
        i += 1;
    }
    assert!(all.len() == LAYOUTS);
    table
};
