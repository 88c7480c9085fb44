//! Tuples: header, length, items in line.
#![allow(unsafe_code, reason = "items follow the header in the block")]

use crate::layouts::Layout;
use hognose_heap::{Header, Heap, OutOfMemory, Owned, Ref, Value};

/// A tuple object; `len` values follow.
#[repr(C)]
pub struct TupleObj {
    /// Count, kind, flags.
    pub header: Header,
    /// Number of items.
    pub len: usize,
}

const ITEMS: usize = size_of::<TupleObj>();

impl TupleObj {
    /// Address of the first item.
    ///
    /// # Safety
    /// `h` must be a live tuple.
    #[inline(always)]
    pub unsafe fn items(h: *mut Header) -> *mut Value {
        // SAFETY: the items follow the fixed part.
        unsafe { h.cast::<u8>().add(ITEMS).cast() }
    }

    /// Visits the items.
    ///
    /// # Safety
    /// `h` must be a live tuple.
    pub unsafe fn trace(h: *mut Header, visit: &mut dyn FnMut(Value)) {
        // SAFETY: by the caller.
        unsafe {
            let items = Self::items(h);
            for i in 0..(*h.cast::<TupleObj>()).len {
                let v = *items.add(i);
                if v.is_ptr() {
                    visit(v);
                }
            }
        }
    }

    /// Releases the items: the last dies first.
    ///
    /// # Safety
    /// `h` must be a live tuple, not used afterwards.
    pub unsafe fn drop(h: *mut Header, _heap: &Heap) {
        // SAFETY: by the caller.
        unsafe {
            let items = Self::items(h);
            for i in 0..(*h.cast::<TupleObj>()).len {
                (*items.add(i)).decref();
            }
        }
    }

    /// A tuple whose items the caller writes at once.
    pub fn alloc_raw(heap: &Heap, len: usize) -> Result<*mut Header, OutOfMemory> {
        let bytes = len.checked_mul(8).and_then(|n| n.checked_add(ITEMS)).ok_or(OutOfMemory::huge())?;
        let h = heap.alloc_traced(Layout::Tuple.kind(), bytes)?;
        // SAFETY: fresh block of that size.
        unsafe { (*h.cast::<TupleObj>()).len = len };
        Ok(h)
    }
}

/// A new tuple that takes the items.
pub fn new_tuple(heap: &Heap, items: Vec<Owned>) -> Result<Owned, OutOfMemory> {
    let h = TupleObj::alloc_raw(heap, items.len())?;
    for (i, item) in items.into_iter().enumerate() {
        // SAFETY: within the length.
        unsafe { TupleObj::items(h).add(i).write(item.into_value()) };
    }
    // SAFETY: the only reference to a fresh object.
    Ok(unsafe { Owned::from_value(Value::from_ptr(h)) })
}

/// A new tuple holding further references to the items.
pub fn tuple_from_refs(heap: &Heap, items: &[Ref<'_>]) -> Result<Owned, OutOfMemory> {
    let h = TupleObj::alloc_raw(heap, items.len())?;
    for (i, item) in items.iter().enumerate() {
        // SAFETY: within the length.
        unsafe { TupleObj::items(h).add(i).write(item.owned().into_value()) };
    }
    // SAFETY: the only reference to a fresh object.
    Ok(unsafe { Owned::from_value(Value::from_ptr(h)) })
}

/// A borrowed tuple.
#[derive(Clone, Copy)]
pub struct TupleRef<'a>(Ref<'a>);

impl<'a> TupleRef<'a> {
    /// `r` as an exact tuple.
    #[inline(always)]
    pub fn new(r: Ref<'a>) -> Option<Self> {
        use crate::value::ValueExt;
        r.is_exact(Layout::Tuple).then_some(TupleRef(r))
    }

    /// The tuple as an object.
    pub fn as_ref(self) -> Ref<'a> {
        self.0
    }

    /// Its items.
    #[inline(always)]
    pub fn items(self) -> &'a [Ref<'a>] {
        let h = self.0.value().header();
        // SAFETY:
        // - `new` checked the layout, and 'a keeps the tuple alive;
        // - tuples are immutable, and `Ref` is a transparent `Value`.
        unsafe { std::slice::from_raw_parts(TupleObj::items(h).cast(), (*h.cast::<TupleObj>()).len) }
    }
}
