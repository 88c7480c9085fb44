//! Lists: a length, a capacity and a buffer of values in the heap.
//!
//!   | header | len | cap | buffer ─┼─► | v0 | v1 | … | unused |
//!
//! Growth is CPython's: `(n + n/8 + 6) & !3`, so appending is amortised O(1).
#![allow(unsafe_code, reason = "items live in an out-of-line buffer")]

mod edit;

use crate::layouts::Layout;
use crate::slots::{PART, drop_slots, trace_array_part, trace_slots};
use hognose_heap::{Header, Heap, OutOfMemory, Owned, Ref, Value};

/// A list object.
#[repr(C)]
pub struct ListObj {
    /// Count, kind, flags.
    pub header: Header,
    /// Items in use.
    pub len: usize,
    /// Items the buffer holds.
    pub cap: usize,
    /// The buffer; dangling when `cap` is 0.
    pub buf: *mut Value,
}

impl ListObj {
    /// Visits the items.
    ///
    /// # Safety
    /// `h` must be a live list.
    pub unsafe fn trace(h: *mut Header, visit: &mut dyn FnMut(Value)) {
        // SAFETY: by the caller.
        unsafe {
            let o = h.cast::<ListObj>();
            for i in 0..(*o).len {
                let v = *(*o).buf.add(i);
                if v.is_ptr() {
                    visit(v);
                }
            }
            trace_slots(h, size_of::<ListObj>(), visit);
        }
    }

    /// Visits a part of the items.
    ///
    /// # Safety
    /// `h` must be a live list.
    pub unsafe fn trace_part(h: *mut Header, from: usize, visit: &mut dyn FnMut(Value)) -> usize {
        // SAFETY: by the caller.
        unsafe {
            let o = h.cast::<ListObj>();
            if from == 0 {
                trace_slots(h, size_of::<ListObj>(), visit);
            }
            trace_array_part((*o).buf, (*o).len, from, visit)
        }
    }

    /// Releases the items (the last dies first) and the buffer; of a long list the last items only.
    ///
    /// # Safety
    /// `h` must be a live list, not used afterwards.
    pub unsafe fn drop(h: *mut Header, heap: &Heap) {
        // SAFETY: by the caller.
        unsafe {
            let o = h.cast::<ListObj>();
            // The slots of a subclass die before the items.
            if (*o).len > 2 * PART && (*h).kind() == Layout::List.kind() && heap.postpone(h) {
                let keep = (*o).len - PART;
                (*o).len = keep;
                for i in keep..keep + PART {
                    (*(*o).buf.add(i)).decref();
                }
                return;
            }
            for i in 0..(*o).len {
                (*(*o).buf.add(i)).decref();
            }
            if (*o).cap > 0 {
                heap.free_buffer((*o).buf.cast(), (*o).cap * 8);
            }
            drop_slots(h, size_of::<ListObj>());
        }
    }

    /// Bytes of the buffer.
    ///
    /// # Safety
    /// `h` must be a live list.
    pub unsafe fn buffers(h: *mut Header) -> usize {
        // SAFETY: by the caller.
        unsafe { (*h.cast::<ListObj>()).cap * 8 }
    }

    /// Makes room for `n` items in all.
    ///
    /// # Safety
    /// `o` must be a live list.
    #[cold]
    #[inline(never)]
    pub unsafe fn reserve(o: *mut ListObj, heap: &Heap, n: usize) -> Result<(), OutOfMemory> {
        // SAFETY: by the caller; the buffer's size is `cap * 8`.
        unsafe {
            if n > (*o).cap {
                let cap =
                    n.checked_add(n >> 3).and_then(|m| m.checked_add(6)).ok_or(OutOfMemory::huge())? & !3;
                Self::set_capacity(o, heap, cap)?;
            }
            Ok(())
        }
    }

    /// Gives the buffer exactly `cap` places.
    ///
    /// # Safety
    /// `o` must be a live list with `len <= cap`.
    pub unsafe fn set_capacity(o: *mut ListObj, heap: &Heap, cap: usize) -> Result<(), OutOfMemory> {
        // SAFETY: by the caller; the buffer's size is `cap * 8`.
        unsafe {
            let old = (*o).cap;
            if cap == old {
                return Ok(());
            }
            let bytes = cap.checked_mul(8).ok_or(OutOfMemory::huge())?;
            (*o).buf = if cap == 0 {
                heap.free_buffer((*o).buf.cast(), old * 8);
                std::ptr::dangling_mut()
            } else if old == 0 {
                heap.alloc_buffer(bytes)?.cast()
            } else {
                heap.realloc_buffer((*o).buf.cast(), old * 8, bytes)?.cast()
            };
            (*o).cap = cap;
            Ok(())
        }
    }

    /// Appends, taking the reference.
    ///
    /// # Safety
    /// `o` must be a live list; `v` is owned by the caller and given up only on success.
    #[inline(always)]
    pub unsafe fn push(o: *mut ListObj, heap: &Heap, v: Value) -> Result<(), OutOfMemory> {
        // SAFETY: by the caller; room was checked.
        unsafe {
            let len = (*o).len;
            if len == (*o).cap {
                Self::reserve(o, heap, len + 1)?;
            }
            (*o).buf.add(len).write(v);
            (*o).len = len + 1;
            Ok(())
        }
    }
}

/// A new list with exactly this capacity and no items.
pub fn new_list(heap: &Heap, capacity: usize) -> Result<Owned, OutOfMemory> {
    let h = heap.alloc_traced(Layout::List.kind(), size_of::<ListObj>())?;
    let o = h.cast::<ListObj>();
    // SAFETY: fresh block of that size.
    unsafe {
        (*o).len = 0;
        (*o).cap = 0;
        (*o).buf = std::ptr::dangling_mut();
        let list = Owned::from_value(Value::from_ptr(h));
        ListObj::set_capacity(o, heap, capacity)?;
        Ok(list)
    }
}

/// A new list that takes the items.
pub fn list_from(heap: &Heap, items: Vec<Owned>) -> Result<Owned, OutOfMemory> {
    let list = new_list(heap, items.len())?;
    let o = list.value().header().cast::<ListObj>();
    for item in items {
        // SAFETY: the capacity was made exactly large enough.
        unsafe {
            (*o).buf.add((*o).len).write(item.into_value());
            (*o).len += 1;
        }
    }
    Ok(list)
}

/// A new list holding further references to the items.
pub fn list_from_refs(heap: &Heap, items: &[Ref<'_>]) -> Result<Owned, OutOfMemory> {
    let list = new_list(heap, items.len())?;
    // SAFETY: the capacity was made exactly large enough.
    unsafe {
        let o = list.value().header().cast::<ListObj>();
        copy_counted(items.as_ptr().cast(), (*o).buf, items.len());
        (*o).len = items.len();
    }
    Ok(list)
}

/// A new list of `count` items: those at `start`, `start + step`, …
///
/// # Panics
/// When one of them lies outside.
pub fn list_from_stride(
    heap: &Heap,
    items: &[Ref<'_>],
    start: isize,
    step: isize,
    count: usize,
) -> Result<Owned, OutOfMemory> {
    if step == 1 && count > 0 {
        return list_from_refs(heap, &items[start as usize..start as usize + count]);
    }
    let list = new_list(heap, count)?;
    let o = list.value().header().cast::<ListObj>();
    let mut at = start;
    for _ in 0..count {
        let item = items[at as usize].owned();
        // SAFETY: the capacity was made exactly large enough.
        unsafe {
            (*o).buf.add((*o).len).write(item.into_value());
            (*o).len += 1;
        }
        at = at.wrapping_add(step);
    }
    Ok(list)
}

/// A new list: the items `times` over.
pub fn list_repeat(heap: &Heap, items: &[Ref<'_>], times: usize) -> Result<Owned, OutOfMemory> {
    let n = items.len().checked_mul(times).ok_or(OutOfMemory::huge())?;
    let list = new_list(heap, n)?;
    if n > 0 {
        // SAFETY: room for n items.
        unsafe {
            let o = list.value().header().cast::<ListObj>();
            repeat_counted(items.as_ptr().cast(), (*o).buf, items.len(), times);
            (*o).len = n;
        }
    }
    Ok(list)
}

/// Copies values, counting each.
///
/// # Safety
/// Both ranges must be valid and not overlap.
pub(crate) unsafe fn copy_counted(from: *const Value, to: *mut Value, n: usize) {
    // SAFETY: by the caller.
    unsafe {
        for i in 0..n {
            let v = *from.add(i);
            v.incref();
            to.add(i).write(v);
        }
    }
}

/// Writes `n` values `times` over, counting each.
///
/// # Safety
/// As [`copy_counted`].
pub(crate) unsafe fn repeat_counted(from: *const Value, to: *mut Value, n: usize, times: usize) {
    // SAFETY: by the caller.
    unsafe {
        if n == 1 && !(*from).is_ptr() {
            std::slice::from_raw_parts_mut(to, times).fill(*from);
            return;
        }
        for k in 0..times {
            copy_counted(from, to.add(k * n), n);
        }
    }
}

/// A borrowed list (exact or a subclass).
#[derive(Clone, Copy)]
pub struct ListRef<'a>(Ref<'a>);

impl<'a> ListRef<'a> {
    /// `r` as a list.
    #[inline(always)]
    pub fn new(r: Ref<'a>) -> Option<Self> {
        use crate::value::ValueExt;
        r.has_layout(Layout::List).then_some(ListRef(r))
    }

    /// The list as an object.
    pub fn as_ref(self) -> Ref<'a> {
        self.0
    }

    #[inline(always)]
    fn obj(self) -> *mut ListObj {
        self.0.value().header().cast()
    }

    /// Number of items.
    #[inline(always)]
    pub fn len(self) -> usize {
        // SAFETY: 'a keeps the list alive.
        unsafe { (*self.obj()).len }
    }

    /// Has it no items?
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// Another reference to item `i`.
    #[inline(always)]
    pub fn get(self, i: usize) -> Option<Owned> {
        // SAFETY: within the length; the list owns the item.
        (i < self.len()).then(|| unsafe { Ref::from_value(*(*self.obj()).buf.add(i)).owned() })
    }

    /// The items, for as long as nothing can change the list.
    #[inline(always)]
    pub fn items<'x>(self, _heap: &'x Heap) -> &'x [Ref<'x>]
    where
        'a: 'x,
    {
        // SAFETY: lists change only under `&mut Heap`, which the borrow excludes.
        unsafe { std::slice::from_raw_parts((*self.obj()).buf.cast(), self.len()) }
    }

    /// References to all items, independent of the list.
    pub fn to_vec(self, heap: &Heap) -> Vec<Owned> {
        self.items(heap).iter().map(|r| r.owned()).collect()
    }

    /// Appends.
    #[inline]
    pub fn push(self, heap: &mut Heap, item: Owned) -> Result<(), OutOfMemory> {
        // SAFETY: the list is alive; on failure `item` is dropped here.
        unsafe {
            ListObj::push(self.obj(), heap, item.value())?;
            std::mem::forget(item);
        }
        Ok(())
    }

    /// Stores at `i < len`, giving the old item.
    #[inline]
    pub fn replace(self, _heap: &mut Heap, i: usize, item: Owned) -> Owned {
        assert!(i < self.len(), "list index {i} of {}", self.len());
        // SAFETY: within the length; ownership of the old item moves out.
        unsafe {
            let place = (*self.obj()).buf.add(i);
            let old = Owned::from_value(*place);
            place.write(item.into_value());
            old
        }
    }
}
