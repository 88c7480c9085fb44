//! Native functions: a Rust function, its signature, and what it is bound to.
#![allow(unsafe_code, reason = "objects are reached through raw headers")]

use hognose_heap::{Header, Heap, Value};

/// A built-in function, method or method descriptor.
#[repr(C)]
pub struct NativeFunctionObj {
    /// Count, kind, flags.
    pub header: Header,
    /// `__self__`: receiver or module, or NULL.
    pub receiver: Value,
    /// `__name__`.
    pub name: Value,
    /// For descriptors: the class it belongs to (owned), or NULL.
    pub owner: Value,
    /// `__module__`, or NULL.
    pub module: Value,
    /// The machine's definition (static data); opaque at this level.
    pub def: *const (),
    /// Kind of the last receiver that was seen to be an instance of exactly `owner`; `u32::MAX`: none yet.
    pub receiver_kind: u32,
}

impl NativeFunctionObj {
    /// Visits the owned children.
    ///
    /// # Safety
    /// `h` must be a live native function.
    pub unsafe fn trace(h: *mut Header, visit: &mut dyn FnMut(Value)) {
        let o = h.cast::<NativeFunctionObj>();
        // SAFETY: by the caller.
        unsafe {
            for v in [(*o).receiver, (*o).name, (*o).owner, (*o).module] {
                if v.is_ptr() {
                    visit(v);
                }
            }
        }
    }

    /// Releases the owned children.
    ///
    /// # Safety
    /// `h` must be a live native function, not used afterwards.
    pub unsafe fn drop(h: *mut Header, _heap: &Heap) {
        let o = h.cast::<NativeFunctionObj>();
        // SAFETY: by the caller.
        unsafe {
            for v in [(*o).module, (*o).owner, (*o).name, (*o).receiver] {
                v.decref();
            }
        }
    }
}
