//! Generators, coroutines and async generators: a suspended frame with its own copy of the registers.
//!
//!   | header | code, function, … | registers ─┼─► | r0 | r1 | … |     (buffer of `nregs` words)
//!
//! While it runs its registers are on the machine's stack and the buffer holds nothing.
#![allow(unsafe_code, reason = "registers live in an out-of-line buffer")]

use hognose_bytecode::Insn;
use hognose_heap::{Header, Heap, Value};

/// Where a generator is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum GeneratorState {
    /// Not started.
    Created,
    /// At a yield.
    Suspended,
    /// On the frame stack.
    Running,
    /// Returned, raised or closed.
    Finished,
}

/// What makes it different from its siblings.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum GeneratorKind {
    /// `def` with `yield`.
    Generator,
    /// `async def`.
    Coroutine,
    /// `async def` with `yield`.
    AsyncGenerator,
}

/// A generator object.
#[repr(C)]
pub struct GeneratorObj {
    /// Count, kind, flags.
    pub header: Header,
    /// Function it came from (keeps code and globals alive).
    pub func: Value,
    /// `__name__`.
    pub name: Value,
    /// `__qualname__`.
    pub qualname: Value,
    /// Exception handled at the yield, or NULL.
    pub handled: Value,
    /// Frame object once somebody asked for it, or NULL.
    pub frame: Value,
    /// For async generators: the hooks and the running asend, or NULL.
    pub extra: Value,
    /// Registers while suspended; null otherwise.
    pub registers: *mut Value,
    /// Where to go on.
    pub pc: *const Insn,
    /// Registers in the buffer.
    pub nregs: u16,
    /// How many of them hold values: locals, then live temporaries.
    pub live: u16,
    /// See [`GeneratorState`].
    pub state: GeneratorState,
    /// See [`GeneratorKind`].
    pub kind: GeneratorKind,
    /// Was an async generator's aclose begun.
    pub closing: bool,
}

impl GeneratorObj {
    fn registers<'a>(o: *mut GeneratorObj) -> &'a [Value] {
        // SAFETY: `live` words are initialised while the buffer exists.
        unsafe {
            if (*o).registers.is_null() {
                &[]
            } else {
                std::slice::from_raw_parts((*o).registers, usize::from((*o).live))
            }
        }
    }

    /// Visits the owned children.
    ///
    /// # Safety
    /// `h` must be a live generator.
    pub unsafe fn trace(h: *mut Header, visit: &mut dyn FnMut(Value)) {
        let o = h.cast::<GeneratorObj>();
        // SAFETY: by the caller.
        unsafe {
            let fixed = [(*o).func, (*o).name, (*o).qualname, (*o).handled, (*o).frame, (*o).extra];
            for &v in fixed.iter().chain(Self::registers(o)) {
                if v.is_ptr() {
                    visit(v);
                }
            }
        }
    }

    /// Releases the owned children; registers die like locals at a return, the last first.
    ///
    /// # Safety
    /// `h` must be a live generator, not used afterwards.
    pub unsafe fn drop(h: *mut Header, heap: &Heap) {
        let o = h.cast::<GeneratorObj>();
        // SAFETY: by the caller.
        unsafe {
            for v in [(*o).extra, (*o).frame, (*o).handled, (*o).qualname, (*o).name, (*o).func] {
                v.decref();
            }
            for &v in Self::registers(o) {
                v.decref();
            }
            if !(*o).registers.is_null() {
                heap.free_buffer((*o).registers.cast(), usize::from((*o).nregs) * 8);
            }
        }
    }

    /// Bytes of the register buffer.
    ///
    /// # Safety
    /// `h` must be a live generator.
    pub unsafe fn buffers(h: *mut Header) -> usize {
        let o = h.cast::<GeneratorObj>();
        // SAFETY: by the caller.
        unsafe { if (*o).registers.is_null() { 0 } else { usize::from((*o).nregs) * 8 } }
    }
}
