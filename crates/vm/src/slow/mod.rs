//! The slow paths of the dispatch loop, one function an operation, never inlined into it.
//!
//! | file | operations |
//! |---|---|
//! | ops.rs | arithmetic, comparison, subscripts, truth |
//! | names.rs | globals, namespaces, cells |
//! | attrs.rs | attributes, methods, special methods |
//! | calls.rs | calls that are not simple, returns that are not |
//! | build.rs | displays, strings, unpacking, functions |
//! | flow.rs | exceptions, iteration, generators |
//! | patterns.rs | match |
//! | imports.rs | import statements, intrinsics |
//!
//! A function that consumes operands releases those that are temporaries only when it succeeds; what fails is left to
//! the unwinder.

mod attrs;
mod build;
mod calls;
mod flow;
mod imports;
mod names;
mod ops;
mod patterns;

pub(crate) use attrs::*;
pub(crate) use build::*;
pub(crate) use calls::*;
pub(crate) use flow::*;
pub(crate) use imports::*;
pub(crate) use names::*;
pub(crate) use ops::*;
pub(crate) use patterns::*;
