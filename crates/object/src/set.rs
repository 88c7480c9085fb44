//! Sets are tables without values: see [`crate::dict`].

pub use crate::dict::DictObj as SetObj;
use crate::layouts::Layout;
use hognose_heap::{Heap, OutOfMemory, Owned};

/// A new empty set.
pub fn new_set(heap: &Heap) -> Result<Owned, OutOfMemory> {
    crate::dict::new_table(heap, Layout::Set.kind(), 0)
}

/// A new empty frozenset.
pub fn new_frozenset(heap: &Heap) -> Result<Owned, OutOfMemory> {
    crate::dict::new_table(heap, Layout::FrozenSet.kind(), 0)
}
