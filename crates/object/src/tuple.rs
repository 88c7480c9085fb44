//! Tuples: header, length, items in line.
#![allow(unsafe_code, reason = "items follow the header in the block")]

use crate::layouts::Layout;
use crate::slots::{PART, trace_array_part};
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

    /// Visits a part of the items.
    ///
    /// # Safety
    /// `h` must be a live tuple.
    pub unsafe fn trace_part(h: *mut Header, from: usize, visit: &mut dyn FnMut(Value)) -> usize {
        // SAFETY: by the caller.
        unsafe { trace_array_part(Self::items(h), (*h.cast::<TupleObj>()).len, from, visit) }
    }

    /// Releases the items: the last dies first. Of a long tuple the last items only.
    ///
    /// # Safety
    /// `h` must be a live tuple, not used afterwards.
    pub unsafe fn drop(h: *mut Header, heap: &Heap) {
        // SAFETY: by the caller.
        unsafe {
            let items = Self::items(h);
            let len = (*h.cast::<TupleObj>()).len;
            if len > 2 * PART && heap.postpone(h) {
                (*h.cast::<TupleObj>()).len = len - PART;
                for i in len - PART..len {
                    (*items.add(i)).decref();
                }
                return;
            }
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

/// A new tuple: the items of `a`, then those of `b`.
pub fn tuple_concat(heap: &Heap, a: &[Ref<'_>], b: &[Ref<'_>]) -> Result<Owned, OutOfMemory> {
    let h = TupleObj::alloc_raw(heap, a.len() + b.len())?;
    // SAFETY: room for both.
    unsafe {
        let out = TupleObj::items(h);
        crate::list::copy_counted(a.as_ptr().cast(), out, a.len());
        crate::list::copy_counted(b.as_ptr().cast(), out.add(a.len()), b.len());
        Ok(Owned::from_value(Value::from_ptr(h)))
    }
}

/// A new tuple: the items `times` over.
pub fn tuple_repeat(heap: &Heap, items: &[Ref<'_>], times: usize) -> Result<Owned, OutOfMemory> {
    let n = items.len().checked_mul(times).ok_or(OutOfMemory::huge())?;
    let h = TupleObj::alloc_raw(heap, n)?;
    // SAFETY: room for all.
    unsafe {
        if n > 0 {
            crate::list::repeat_counted(items.as_ptr().cast(), TupleObj::items(h), items.len(), times);
        }
        Ok(Owned::from_value(Value::from_ptr(h)))
    }
}

/// A new tuple of `count` items: those at `start`, `start + step`, …
///
/// # Panics
/// When one of them lies outside.
pub fn tuple_from_stride(
    heap: &Heap,
    items: &[Ref<'_>],
    start: isize,
    step: isize,
    count: usize,
) -> Result<Owned, OutOfMemory> {
    if step == 1 && count > 0 {
        return tuple_from_refs(heap, &items[start as usize..start as usize + count]);
    }
    let last = (count as isize - 1).checked_mul(step).and_then(|n| n.checked_add(start));
    let n = items.len() as isize;
    assert!(count == 0 || ((0..n).contains(&start) && last.is_some_and(|l| (0..n).contains(&l))), "stride");
    let h = TupleObj::alloc_raw(heap, count)?;
    for i in 0..count {
        let item = items[(start + i as isize * step) as usize].owned();
        // SAFETY: within the length.
        unsafe { TupleObj::items(h).add(i).write(item.into_value()) };
    }
    // SAFETY: the only reference to a fresh object.
    Ok(unsafe { Owned::from_value(Value::from_ptr(h)) })
}

/// A new tuple of two.
pub fn new_pair(heap: &Heap, a: Owned, b: Owned) -> Result<Owned, OutOfMemory> {
    let h = TupleObj::alloc_raw(heap, 2)?;
    // SAFETY: room for two.
    unsafe {
        TupleObj::items(h).write(a.into_value());
        TupleObj::items(h).add(1).write(b.into_value());
        Ok(Owned::from_value(Value::from_ptr(h)))
    }
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
