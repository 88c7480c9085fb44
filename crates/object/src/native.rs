//! Objects whose payload is a Rust type: iterators, descriptors, files and whatever native modules define.
//!
//!   | header | &'static NativeVTable | payload: T |
//!
//! The payload owns children through [`Owned`] fields and drops them as Rust does; the heap's drop is
//! non-recursive, so deep structures are fine. Implement [`Trace`] with [`trace_fields!`].
#![allow(unsafe_code, reason = "a payload is reached through the vtable stored beside it")]

use crate::slots::{drop_slots, trace_slots};
use hognose_heap::{Header, Heap, OutOfMemory, Owned, Ref, Value};
use std::any::TypeId;

/// Shows the children of a payload to the collector.
///
/// # Safety
/// 1. Visit every owned reference the payload holds exactly once. 2. Do not allocate. 3. Do not change anything.
///
/// A missed child is a leak at worst for acyclic data, but an extra one frees live objects.
pub unsafe trait Trace {
    /// Visits each owned reference.
    fn trace(&self, visit: &mut dyn FnMut(Value));
    /// Bytes held outside the block, for accounting.
    fn external_bytes(&self) -> usize {
        0
    }
}

macro_rules! trace_leaf {
    ($($t:ty),*) => { $(
        // SAFETY: holds no references.
        unsafe impl Trace for $t { fn trace(&self, _visit: &mut dyn FnMut(Value)) {} }
    )* };
}
trace_leaf!((), bool, u8, u16, u32, u64, usize, i8, i16, i32, i64, isize, f64, char, String);

macro_rules! trace_cell {
    ($($t:ty),*) => { $(
        // SAFETY: holds no references.
        unsafe impl Trace for std::cell::Cell<$t> { fn trace(&self, _visit: &mut dyn FnMut(Value)) {} }
    )* };
}
trace_cell!(bool, u8, u16, u32, u64, usize, i8, i16, i32, i64, isize, f64, char);

// SAFETY: forwards to what is inside, whether or not it is borrowed: tracing only reads.
unsafe impl<T: Trace> Trace for std::cell::RefCell<T> {
    fn trace(&self, visit: &mut dyn FnMut(Value)) {
        // SAFETY: the collector runs only at points where nobody changes the payload.
        unsafe { (*self.as_ptr()).trace(visit) }
    }
}

// SAFETY: forwards to what is inside.
unsafe impl<T: Trace> Trace for std::cell::OnceCell<T> {
    fn trace(&self, visit: &mut dyn FnMut(Value)) {
        if let Some(x) = self.get() {
            x.trace(visit);
        }
    }
}

// SAFETY: the one reference.
unsafe impl Trace for Owned {
    fn trace(&self, visit: &mut dyn FnMut(Value)) {
        if self.value().is_ptr() {
            visit(self.value());
        }
    }
}
// SAFETY: forwards to each part.
unsafe impl<T: Trace> Trace for Option<T> {
    fn trace(&self, visit: &mut dyn FnMut(Value)) {
        if let Some(x) = self {
            x.trace(visit);
        }
    }
}
// SAFETY: forwards to each part.
unsafe impl<T: Trace> Trace for Vec<T> {
    fn trace(&self, visit: &mut dyn FnMut(Value)) {
        self.iter().for_each(|x| x.trace(visit));
    }
}
// SAFETY: forwards to each part.
unsafe impl<T: Trace> Trace for std::collections::VecDeque<T> {
    fn trace(&self, visit: &mut dyn FnMut(Value)) {
        self.iter().for_each(|x| x.trace(visit));
    }
}
// SAFETY: forwards to each part.
unsafe impl<A: Trace, B: Trace> Trace for (A, B) {
    fn trace(&self, visit: &mut dyn FnMut(Value)) {
        self.0.trace(visit);
        self.1.trace(visit);
    }
}

/// Implements [`Trace`] for a struct by naming all its fields that can hold references.
#[macro_export]
macro_rules! trace_fields {
    ($t:ty { $($field:ident),* $(,)? }) => {
        // SAFETY: the fields named are all those that hold references.
        #[allow(unsafe_code, reason = "lists every field that owns references")]
        unsafe impl $crate::native::Trace for $t {
            fn trace(&self, visit: &mut dyn FnMut($crate::Value)) {
                let _ = &visit;
                $( $crate::native::Trace::trace(&self.$field, visit); )*
            }
        }
    };
}

/// What the heap must know of one payload type.
pub struct NativeVTable {
    type_id: fn() -> TypeId,
    size: usize,
    trace: unsafe fn(*mut u8, &mut dyn FnMut(Value)),
    drop: unsafe fn(*mut u8),
    external: unsafe fn(*mut u8) -> usize,
}

/// The fixed part of a native object.
#[repr(C)]
pub struct NativeHeader {
    /// Count, kind, flags.
    pub header: Header,
    vtable: &'static NativeVTable,
}

const PAYLOAD: usize = size_of::<NativeHeader>();

struct VTableOf<T>(std::marker::PhantomData<T>);

impl<T: Trace + 'static> VTableOf<T> {
    const VTABLE: NativeVTable = NativeVTable {
        type_id: TypeId::of::<T>,
        size: (size_of::<T>() + 7) & !7,
        // SAFETY: called with the address of a payload of this very type.
        trace: |p, visit| unsafe { (*p.cast::<T>()).trace(visit) },
        // SAFETY: as above; not used afterwards.
        drop: |p| unsafe { p.cast::<T>().drop_in_place() },
        // SAFETY: as above.
        external: |p| unsafe { (*p.cast::<T>()).external_bytes() },
    };
}

/// Allocates a native object of `kind` (layout `Native`) with `nslots` attribute slots.
pub fn alloc_native<T: Trace + 'static>(
    heap: &Heap,
    kind: u32,
    nslots: usize,
    payload: T,
) -> Result<Owned, OutOfMemory> {
    const { assert!(align_of::<T>() <= 8) };
    let vtable: &'static NativeVTable = const { &VTableOf::<T>::VTABLE };
    let fixed = PAYLOAD + vtable.size;
    let h = heap.alloc_traced(kind, fixed + nslots * 8)?;
    // SAFETY: fresh block, large enough; slots to its end are initialised when the class has any.
    unsafe {
        (&raw mut (*h.cast::<NativeHeader>()).vtable).write(vtable);
        h.cast::<u8>().add(PAYLOAD).cast::<T>().write(payload);
        if kind >> 6 >= 64 {
            let words = heap.block_size(h.cast()) / 8;
            for i in fixed / 8..words {
                h.cast::<Value>().add(i).write(Value::NULL);
            }
        }
        Ok(Owned::from_value(Value::from_ptr(h)))
    }
}

/// Where the slots of a native object begin.
///
/// # Safety
/// `h` must be a live native object.
pub unsafe fn native_fixed_size(h: *mut Header) -> usize {
    // SAFETY: by the caller.
    unsafe { PAYLOAD + (*h.cast::<NativeHeader>()).vtable.size }
}

/// The payload of `r`, if it is a native object of that Rust type.
///
/// The borrow is shared: payloads that change use `Cell`/`RefCell` inside.
pub fn payload<'a, T: Trace + 'static>(r: Ref<'a>) -> Option<&'a T> {
    use crate::value::ValueExt;
    if !r.has_layout(crate::layouts::Layout::Native) {
        return None;
    }
    let h = r.value().header();
    // SAFETY: the layout was checked, 'a keeps the object alive, the type is compared.
    unsafe {
        let vtable = (*h.cast::<NativeHeader>()).vtable;
        ((vtable.type_id)() == TypeId::of::<T>()).then(|| &*h.cast::<u8>().add(PAYLOAD).cast::<T>())
    }
}

impl NativeHeader {
    /// Visits the payload's children and the slots.
    ///
    /// # Safety
    /// `h` must be a live native object.
    pub unsafe fn trace(h: *mut Header, visit: &mut dyn FnMut(Value)) {
        // SAFETY: by the caller.
        unsafe {
            ((*h.cast::<NativeHeader>()).vtable.trace)(h.cast::<u8>().add(PAYLOAD), visit);
            trace_slots(h, native_fixed_size(h), visit);
        }
    }

    /// Drops the payload and releases the slots.
    ///
    /// # Safety
    /// `h` must be a live native object, not used afterwards.
    pub unsafe fn drop(h: *mut Header, _heap: &Heap) {
        // SAFETY: by the caller.
        unsafe {
            ((*h.cast::<NativeHeader>()).vtable.drop)(h.cast::<u8>().add(PAYLOAD));
            drop_slots(h, native_fixed_size(h));
        }
    }

    /// Drops the payload alone, at the end of a heap.
    ///
    /// # Safety
    /// `h` must be a native object whose payload was not dropped and is not used afterwards.
    pub unsafe fn drop_payload(h: *mut Header) {
        // SAFETY: by the caller.
        unsafe { ((*h.cast::<NativeHeader>()).vtable.drop)(h.cast::<u8>().add(PAYLOAD)) }
    }

    /// Bytes the payload holds elsewhere.
    ///
    /// # Safety
    /// `h` must be a live native object.
    pub unsafe fn buffers(h: *mut Header) -> usize {
        // SAFETY: by the caller.
        unsafe { ((*h.cast::<NativeHeader>()).vtable.external)(h.cast::<u8>().add(PAYLOAD)) }
    }
}
