//! Values, headers, layouts, shapes and the storage of the built-in types. Nothing here can run Python code:
//! whatever may call `__eq__`, `__hash__` or `__del__` lives in the machine.
//!
//! Capabilities: `&Heap` may allocate and read mutable contents; `&mut Heap` may change objects.

pub mod bytes;
pub mod code;
pub mod dict;
pub mod dump;
pub mod float;
pub mod function;
pub mod generator;
pub mod hash;
pub mod int;
pub mod layouts;
pub mod list;
pub mod native;
pub mod objects;
pub mod set;
pub mod shape;
pub mod slots;
pub mod str;
pub mod tuple;
pub mod types;
pub mod value;
pub mod vtables;

pub use hognose_heap::{Header, Heap, HeapBox, OutOfMemory, Owned, Ref, Value};
pub use layouts::Layout;
pub use value::{ELLIPSIS, FALSE, NONE, NOT_IMPLEMENTED, TRUE, ValueExt, bool_value, none, owned_bool};
