//! A private heap for a language runtime: size-class pages, reference counts, ordered non-recursive drops,
//! finalization handed to the embedder, a cycle detector, a hard byte limit.
//!
//! The heap knows no type of the language. It sees headers, and through a table of functions per layout how to
//! trace an object's children and how to release them.
//!
//! ```text
//!  Owned/Ref (handles) ─► Value (word) ─► Header ─► block ─► page ─► reservation of one Heap
//! ```
//!
//! Vocabulary: a *page* is 16 KiB of blocks of one size and family; a *run* is whole pages for one large block; a
//! *block* holds an object or a buffer; an *object* begins with a [`Header`].

//!
//! ## Example, from the readme
#![doc = include_str!("../README.md")]

mod alloc;
mod charge;
mod collect;
mod cycle;
mod drop;
mod handle;
mod header;
mod heap;
mod large;
mod limit;
mod meta;
mod observe;
mod os;
mod pace;
mod pages;
mod reclaim;
mod runs;
mod size_class;
mod size_class_table;
mod stats;
mod value;
mod vec;
mod verify;

pub use charge::Charge;
pub use drop::PendingDeath;
pub use handle::{Owned, Ref};
pub use header::{Header, IMMORTAL, flags};
pub use heap::{Config, Family, Heap, HeapBox, KindVTable, OutOfMemory};
pub use observe::{Accounting, Block, Moment, PageUse, SAMPLE_BYTES, SiteHook, SiteId, SiteUse};
pub use os::prefetch;
pub use pace::{Due, GcCounters};
pub use size_class::{MAX_SMALL, PAGE, SIZES};
pub use stats::{ClassStats, Stats};
pub use value::Value;
pub use vec::HeapVec;
pub use verify::Level;
