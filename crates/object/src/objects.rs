//! The small fixed-size objects: cells, functions, methods, ranges, slices, modules, exceptions, tracebacks,
//! iterators, frames. Each is a `#[repr(C)]` struct of words; [`object!`] writes its trace and drop.
//!
//! A field of type `Value` is owned by the object and NULL when absent.
#![allow(unsafe_code, reason = "objects are reached through raw headers")]

use crate::slots::{drop_slots, trace_slots};
use hognose_heap::{Header, Heap, Value};

/// Declares an object struct with its owned children in the order in which they die, and its trace and drop.
macro_rules! object {
    ($(#[$doc:meta])* $name:ident { $($(#[$fdoc:meta])* $child:ident),* $(,)? } plain { $($(#[$pdoc:meta])* $plain:ident : $ty:ty),* $(,)? }) => {
        $(#[$doc])*
        #[repr(C)]
        pub struct $name {
            /// Count, kind, flags.
            pub header: Header,
            $($(#[$fdoc])* pub $child: Value,)*
            $($(#[$pdoc])* pub $plain: $ty,)*
        }
        impl $name {
            /// Visits the owned children.
            ///
            /// # Safety
            /// `h` must be a live object of this struct.
            pub unsafe fn trace(h: *mut Header, visit: &mut dyn FnMut(Value)) {
                let _o = h.cast::<$name>();
                // SAFETY: by the caller.
                unsafe {
                    $(if (*_o).$child.is_ptr() { visit((*_o).$child) })*
                    trace_slots(h, size_of::<$name>(), visit);
                }
            }
            /// Releases the owned children.
            ///
            /// # Safety
            /// `h` must be a live object of this struct, not used afterwards.
            pub unsafe fn drop(h: *mut Header, _heap: &Heap) {
                let _o = h.cast::<$name>();
                // SAFETY: by the caller. The last released dies first, hence the reversed order.
                unsafe {
                    drop_slots(h, size_of::<$name>());
                    let children: &[Value] = &[$((*_o).$child),*];
                    for v in children.iter().rev() {
                        v.decref();
                    }
                }
            }
        }
    };
}

object! {
    /// A variable shared between scopes.
    CellObj { /** What the variable is bound to. */ content } plain {}
}
object! {
    /// A Python function.
    FunctionObj {
        /** Its code object. */ code,
        /** Module dictionary. */ globals,
        /** Tuple of positional defaults, or NULL. */ defaults,
        /** Dict of keyword-only defaults, or NULL. */ kwdefaults,
        /** Tuple of cells, or NULL. */ closure,
        /** `__name__`. */ name,
        /** `__qualname__`. */ qualname,
        /** `__doc__`, or NULL: first constant of the code. */ doc,
        /** `__dict__`, or NULL until something is stored. */ dict,
        /** `__annotations__` once computed, or NULL. */ annotations,
        /** `__annotate__`, or NULL. */ annotate,
        /** `__module__`, or NULL. */ module,
        /** `__type_params__`, or NULL. */ type_params,
    } plain {}
}
object! {
    /// A function bound to its first argument.
    BoundMethodObj { /** The callable. */ func, /** `__self__`. */ receiver } plain {}
}
object! {
    /// An arithmetic progression.
    RangeObj { /** First. */ start, /** End. */ stop, /** Step. */ step } plain {}
}
object! {
    /// `start:stop:step`.
    SliceObj { /** Last to die. */ step, /** End. */ stop, /** Start. */ start } plain {}
}
object! {
    /// A module: its namespace.
    ModuleObj { /** The dict. */ dict, /** Name at creation. */ name } plain {}
}
object! {
    /// An exception.
    ExceptionObj {
        /** Argument tuple. */ args,
        /** `__traceback__`, or NULL. */ traceback,
        /** `__context__`, or NULL. */ context,
        /** `__cause__`, or NULL. */ cause,
    } plain { /** `__suppress_context__` (0 or 1). */ suppress_context: u64 }
}
object! {
    /// One level of a traceback.
    TracebackObj { /** Next inner level, or NULL. */ next, /** The frame. */ frame } plain { /** Line. */ line: u32, /** pc of the instruction. */ pc: u32 }
}
object! {
    /// Iterator over a list.
    ListIterObj { /** The list, NULL when exhausted. */ list } plain { /** Next index. */ index: usize }
}
object! {
    /// Iterator over a range of small ints.
    RangeIterObj {} plain { /** Next value. */ next: i64, /** Values left. */ left: u64, /** Distance. */ step: i64 }
}
object! {
    /// Descriptor of a fixed slot (`__slots__`, attributes of built-in exceptions).
    MemberObj { /** Name. */ name, /** The class it belongs to (not owned by cycle: a plain reference). */ owner, /** Doc or NULL. */ doc } plain { /** Byte offset of the slot. */ offset: u32, /** Bit 0: read-only; bit 1: absent reads as None. */ flags: u32 }
}
object! {
    /// A frame seen from Python: while it runs its registers are on the stack, afterwards they live here.
    FrameObj {
        /** Code. */ code,
        /** Function, or NULL for module code. */ func,
        /** Module dictionary. */ globals,
        /** Namespace mapping, or NULL. */ namespace,
        /** Frame that called it, or NULL. */ back,
        /** Tuple of the locals' final values after the frame ended, else NULL. */ locals,
        /** Extra locals set through `f_locals` and trace function state, or NULL. */ extra,
    } plain {
        /** Index in the frame stack while it runs, else `u32::MAX`. */ depth: u32,
        /** pc of the current or last instruction. */ pc: u32,
    }
}
