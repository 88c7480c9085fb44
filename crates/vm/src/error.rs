//! How a Python exception travels through Rust: `Err(Raised)` says that one is in flight, the object itself waits in
//! [`Vm::raised`](crate::Vm). `Raised` without a waiting object is a MemoryError whose object is made when it is caught,
//! so running out of memory needs no memory.

use hognose_object::{OutOfMemory, Owned};

/// An exception is in flight.
#[derive(Debug)]
pub struct Raised(());

/// What nearly every operation gives.
pub type PyResult<T = Owned> = Result<T, Raised>;

impl Raised {
    /// For the machine, which has just stored the exception object.
    pub(crate) fn new() -> Raised {
        Raised(())
    }
}

impl From<OutOfMemory> for Raised {
    fn from(_: OutOfMemory) -> Raised {
        Raised(())
    }
}
