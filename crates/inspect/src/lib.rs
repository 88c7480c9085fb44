//! Looks at dumps: what is alive, what keeps it alive, which lines made it, and how that changed.
//!
//! ```text
//!   dump ─► graph.rs ─┬─► dominators.rs  retained sizes      ─► views: report, lines, tree, why, leaks, dup, cycles, rss
//!                     ├─► paths.rs       shortest named paths ─►
//!                     └─► profile.rs     lines and call trees ─► exports: html, heapsnapshot, pprof, speedscope, folded
//! ```
//!
//! Nothing here changes a heap or needs an interpreter: a dump can be looked at anywhere.
//! Invariant: nodes are numbered in order of addresses, so neighbours in memory are neighbours in every array.

mod dominators;
mod export;
mod findings;
mod graph;
mod html;
mod paths;
mod pprof;
mod profile;
mod report;
mod text;

pub use dominators::Dominators;
pub use export::{Export, write_export};
pub use findings::{cycles, duplicates, leaks, tree, why};
pub use graph::{Frame, Graph, Kind, NodeId, Page, Root, Site, Use};
pub use html::{flame_page, report_page};
pub use paths::Paths;
pub use profile::{Measure, Profile};
pub use report::{lines, report, rss};
pub use text::{View, bytes_text};
