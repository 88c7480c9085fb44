//! The machine: frames and dispatch, calls, exceptions, classes and attributes, built-in types and functions, generators,
//! import, and the driver of finalization and collection.
//!
//! ```text
//!  loader ─► run (dispatch) ─► slow paths ─► protocol (slots) ─► types/…
//!              │  frames          │              attr (classes, shapes, caches)
//!              └─ unwind          └─ call, generator, import, gc, weakref
//! ```
//! Native modules outside use what is re-exported here and nothing else.

mod args;
pub mod ast;
mod async_gen;
mod attr;
mod attr_in;
mod build_class;
mod builtins;
mod call;
mod class;
mod classinfo;
mod code_bytes;
mod code_object;
mod config;
mod define;
mod dump;
mod error;
mod exceptions;
mod format;
mod frame;
mod frame_locals;
mod gc;
mod generator;
mod host;
mod import;
mod introspect;
mod library;
mod lifetime;
mod limit_error;
mod loader;
mod modules;
mod names;
mod native_call;
mod new;
mod protocol;
mod run;
mod sites;
mod slicing;
mod slot_calls;
mod slow;
mod stdio;
mod stdlib_names;
mod tables;
mod text;
mod threads;
pub mod traceback;
mod type_slots;
mod types;
mod unwind;
mod vm;
mod warnings;
mod weakref;

pub use args::{Args, GetSetDef, NativeDef, NativeFn};
pub use call::{Bound, tuple_items};
pub use class::{TypeRef, base_value};
pub use config::{Interrupt, StartFlags, VmConfig};
pub use define::TypeDef;
pub use error::{PyResult, Raised};
pub use exceptions::Exc;
pub use hognose_bytecode::{Packed, Strings, is_sound as is_sound_code, pyc_magic};
pub use hognose_compiler as compiler;
pub use hognose_heap as heap;
pub use hognose_object as object;
pub use hognose_object::dict::DictRef;
pub use hognose_object::int::is_int;
pub use hognose_object::list::ListRef;
pub use hognose_object::native::{Trace, payload};
pub use hognose_object::str::StrRef;
pub use hognose_object::types::TypeFlags;
pub use hognose_object::{
    ELLIPSIS, FALSE, Layout, NONE, NOT_IMPLEMENTED, Owned, Ref, TRUE, Value, ValueExt, bool_value, none,
    owned_bool, trace_fields,
};
pub use library::Library;
pub use native_call::native_def;
pub use protocol::Iteration;
pub use sites::Place;
pub use stdio::Stream;
pub use stdlib_names::STDLIB_MODULE_NAMES;
pub use text::{as_str, str_bytes};
pub use threads::current_ident;
pub use type_slots::{BinOp, CmpOp, Slots, UnaryOp};
pub use types::bytes::container as buffer;
pub use types::str::build::{StrWriter, TextBuf};
pub use types::str::unicode;
pub use types::{Types, namespace, structseq};
pub use vm::Vm;
pub use weakref::WeakRef;
