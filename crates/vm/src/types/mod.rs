//! The built-in types: their definitions (one file each) and how they become classes at start-up.

pub mod alias;
pub mod bool;
pub mod bytes;
pub mod code;
mod code_replace;
pub mod complex;
pub mod dict;
pub mod exceptions;
pub mod file;
pub mod float;
pub mod frame;
pub mod function;
pub mod int;
pub mod iterators;
pub mod list;
pub mod locals_proxy;
pub mod mappingproxy;
pub mod memoryview;
pub mod method;
pub mod module;
pub mod namespace;
pub mod object;
pub mod property;
pub mod range;
mod rebase;
pub mod set;
mod signatures;
pub mod slice;
pub mod sort;
pub mod str;
pub mod structseq;
pub mod super_;
pub mod template;
pub mod traceback;
pub mod tuple;
pub mod type_;
pub mod typevars;

mod make;
mod natives;
mod registry;
mod singletons;
mod wrappers;

pub use registry::Types;
pub(crate) use registry::start;
