//! Code objects: the loader's copy of a [`hognose_bytecode::Code`], with constants and names as objects and
//! instructions that may be rewritten (inline caches, specialised forms).
#![allow(unsafe_code, reason = "objects are reached through raw headers")]

use hognose_bytecode::{Code, Insn, Packed};
use hognose_heap::{Header, Heap, Value};
use std::rc::Rc;

/// A code object.
#[repr(C)]
pub struct CodeObj {
    /// Count, kind, flags.
    pub header: Header,
    /// Instructions and caches of this interpreter.
    pub insns: *mut Insn,
    /// Constants, owned.
    pub consts: *mut Value,
    /// Names, interned and owned.
    pub names: *mut Value,
    /// Number of instruction words.
    pub insns_len: u32,
    /// Number of constants.
    pub consts_len: u32,
    /// Number of names.
    pub names_len: u32,
    /// CPython's flags.
    pub flags: u32,
    /// Local registers.
    pub nlocals: u16,
    /// All registers.
    pub nregs: u16,
    /// Positional parameters.
    pub argcount: u16,
    /// Keyword-only parameters.
    pub kwonlyargcount: u16,
    /// Register of the first free variable.
    pub first_free: u16,
    /// Is a call with exactly `argcount` positional arguments all it takes (no `*`, no keyword-only)?
    pub is_simple: bool,
    /// Must an unfinished generator of it be finalized (it has handlers)?
    pub has_handlers: bool,
    /// `co_name`, owned.
    pub name: Value,
    /// `co_qualname`, owned.
    pub qualname: Value,
    /// `co_filename`, owned.
    pub filename: Value,
    /// Names of the local registers, interned and owned: a tuple.
    pub varnames: Value,
    /// The compiler's data: tables needed for unwinding, tracebacks and inspection.
    pub data: Rc<Code>,
    /// Where the body is, of code that was compiled ahead; until it is read there are no instructions.
    pub origin: Option<Packed>,
}

impl CodeObj {
    /// Visits the owned children.
    ///
    /// # Safety
    /// `h` must be a live code object.
    pub unsafe fn trace(h: *mut Header, visit: &mut dyn FnMut(Value)) {
        let o = h.cast::<CodeObj>();
        // SAFETY: by the caller.
        unsafe {
            let arrays = [((*o).consts, (*o).consts_len), ((*o).names, (*o).names_len)];
            for (base, len) in arrays {
                for i in 0..len as usize {
                    let v = *base.add(i);
                    if v.is_ptr() {
                        visit(v);
                    }
                }
            }
            for v in [(*o).name, (*o).qualname, (*o).filename, (*o).varnames] {
                if v.is_ptr() {
                    visit(v);
                }
            }
        }
    }

    /// Releases the owned children and buffers.
    ///
    /// # Safety
    /// `h` must be a live code object, not used afterwards.
    pub unsafe fn drop(h: *mut Header, heap: &Heap) {
        let o = h.cast::<CodeObj>();
        // SAFETY: by the caller; sizes are those of the allocations.
        unsafe {
            let arrays = [((*o).consts, (*o).consts_len as usize), ((*o).names, (*o).names_len as usize)];
            for (base, len) in arrays {
                for i in 0..len {
                    (*base.add(i)).decref();
                }
                if len > 0 {
                    heap.free_buffer(base.cast(), len * 8);
                }
            }
            for v in [(*o).name, (*o).qualname, (*o).filename, (*o).varnames] {
                v.decref();
            }
            if !(*o).insns.is_null() {
                heap.free_buffer((*o).insns.cast(), ((*o).insns_len as usize).max(1) * 8);
            }
            CodeObj::drop_tables(o);
        }
    }

    /// Drops what lies outside of the heap.
    ///
    /// # Safety
    /// `o` must be a live code object, not used afterwards.
    pub unsafe fn drop_tables(o: *mut CodeObj) {
        // SAFETY: by the caller.
        unsafe {
            (&raw mut (*o).data).drop_in_place();
            (&raw mut (*o).origin).drop_in_place();
        }
    }

    /// Bytes of the buffers.
    ///
    /// # Safety
    /// `h` must be a live code object.
    pub unsafe fn buffers(h: *mut Header) -> usize {
        let o = h.cast::<CodeObj>();
        // SAFETY: by the caller.
        unsafe { ((*o).insns_len + (*o).consts_len + (*o).names_len) as usize * 8 }
    }
}

/// Reaching the compiler's data through a raw pointer.
pub trait CodePtr {
    /// The tables of a code object.
    ///
    /// # Safety
    /// The pointer must be to a live code object, and stay so while the result is used.
    unsafe fn table<'a>(self) -> &'a Rc<Code>;
}

impl CodePtr for *mut CodeObj {
    #[inline(always)]
    unsafe fn table<'a>(self) -> &'a Rc<Code> {
        // SAFETY: by the caller.
        unsafe { &(*self).data }
    }
}
