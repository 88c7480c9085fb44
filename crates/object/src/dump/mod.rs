//! Dumps: a heap written down, for tools that look at it later.
//!
//! ```text
//!   machine ─► records (here) ─► varints ─► blocks of 64 KiB, compressed ─► any writer          stream.rs
//!                 │ edges with labels: edges.rs
//! ```
//!
//! A dump is `MAGIC`, then blocks of records. Each record begins with one of the tags in [`tag`]; its fields are
//! variable-length integers and texts. What a record refers to by number was written before, but for objects, which
//! refer to each other by distance and come in order of their addresses.
//!
//! | tag | fields |
//! |---|---|
//! | INFO | JSON text: bytes, limits, accounting of the whole heap |
//! | STRING | text; numbers count up from 0 |
//! | KIND | class name, layout number, slots: (offset / 8, name)…; numbers count up from 0 |
//! | FRAME | file, function, line, first line; numbers count up from 0 |
//! | SITE | number, number of the site that called it (0: none), frame |
//! | USE | site, the fields of `SiteUse` |
//! | MOMENT | nanoseconds since the last one, live bytes |
//! | PAGE | pages skipped since the last one, pages, family + 1 or 0, bytes of a block, live bytes |
//! | ROOT | what it is, name, address / 8 |
//! | OBJECT | address / 8 less the last one's, kind, bytes, site, count, preview, hash if the preview is cut, edges: (label, zigzag of (address − own address) / 8)… |
//!
//! Invariant: nothing here allocates in the heap or changes it; extra memory is bounded by the buffers of a stream.

mod edges;
mod stream;

pub use edges::{FIELDS, Label, for_each_edge, preview};
pub use stream::{Reader, Writer};

/// First bytes of a dump; the last one is the version.
pub const MAGIC: [u8; 8] = *b"HOGHEAP\x01";
/// Bytes of an object's text that are kept.
pub const PREVIEW: usize = 40;

/// What a record is.
#[allow(missing_docs, reason = "see the module's table")]
pub mod tag {
    pub const END: u64 = 0;
    pub const INFO: u64 = 1;
    pub const STRING: u64 = 2;
    pub const KIND: u64 = 3;
    pub const FRAME: u64 = 4;
    pub const SITE: u64 = 5;
    pub const USE: u64 = 6;
    pub const MOMENT: u64 = 7;
    pub const PAGE: u64 = 8;
    pub const ROOT: u64 = 9;
    pub const OBJECT: u64 = 10;
}

/// What keeps an object alive from outside of the graph.
#[allow(missing_docs, reason = "the names say it")]
pub mod root {
    pub const MODULE: u64 = 0;
    pub const LOCAL: u64 = 1;
    pub const MACHINE: u64 = 2;
}
