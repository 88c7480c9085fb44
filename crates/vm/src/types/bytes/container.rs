//! Where bytes are: in a bytes object, a bytearray, or the part of either that a memoryview shows.
//!
//!   view     borrow the contents while nothing changes        copy_of   the contents as an exact bytes object
//!   make     a result of the receiver's own type              change    exclusive access to a bytearray
//!
//! A bytearray whose contents a memoryview shows must not be resized. The count of such views is not in the object but
//! in [`Exports`], by address: an entry outlives its array only while its count is 0.
#![allow(unsafe_code, reason = "reads and writes buffers of bytearrays")]

use crate::class::base_value;
use crate::exceptions::Exc;
use crate::types::memoryview::MemoryView;
use crate::{PyResult, Raised, Vm};
use hognose_heap::HeapVec;
use hognose_object::bytes::{ByteArrayObj, BytesObj, bytes_of};
use hognose_object::native::payload;
use hognose_object::{Heap, Layout, Owned, Ref, Value, ValueExt};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Contents of a bytes object or bytearray (or subclass), for as long as nothing can change the heap.
#[inline]
pub fn plain<'x>(_heap: &'x Heap, r: Ref<'x>) -> Option<&'x [u8]> {
    if let Some(b) = bytes_of(r) {
        return Some(b);
    }
    if r.has_layout(Layout::ByteArray) {
        // SAFETY:
        // - the layout says what it is, and 'x keeps it alive;
        // - arrays change only under `&mut Heap`, which the borrow excludes.
        return Some(unsafe { &(*r.value().header().cast::<ByteArrayObj>()).data });
    }
    if let Some(t) = payload::<TypedBuffer>(r) {
        return plain(_heap, t.bytes.as_ref());
    }
    bytes_of(base_value(r))
}

/// What an array of numbers is to the machine: a bytearray of its own, and what its items are. A native module that
/// makes this the payload of its type gets memoryviews and everything else bytes-like objects are good for.
pub struct TypedBuffer {
    /// The items, as an exact bytearray that only this object refers to.
    pub bytes: Owned,
    /// Format character of the items.
    pub code: u8,
}

hognose_object::trace_fields!(TypedBuffer { bytes });

/// As [`plain`], or the contiguous part a living memoryview shows.
pub fn view<'x>(heap: &'x Heap, r: Ref<'x>) -> Option<&'x [u8]> {
    match payload::<MemoryView>(r) {
        Some(m) => m.contiguous(heap),
        None => plain(heap, r),
    }
}

/// Contents of an exact bytes object, empty for anything else.
pub fn exact(r: Ref<'_>) -> &[u8] {
    bytes_of(r).unwrap_or(&[])
}

/// The contents of something bytes-like as an exact bytes object: itself if it is one. `None`: not bytes-like.
pub fn copy_of(vm: &mut Vm, r: Ref<'_>) -> PyResult<Option<Owned>> {
    if bytes_of(base_value(r)).is_some() {
        return Ok(Some(base_value(r).owned()));
    }
    if let Some(m) = payload::<MemoryView>(r) {
        m.check(vm)?;
        return m.copy(vm).map(Some);
    }
    if let Some(b) = plain(vm.heap(), r) {
        return vm.new_bytes(b).map(Some);
    }
    let Some(view) = buffer_method(vm, r)? else { return Ok(None) };
    match payload::<MemoryView>(view.as_ref()) {
        Some(m) => m.copy(vm).map(Some),
        None => Ok(None),
    }
}

/// The memoryview that `__buffer__` of an object gives; `None`: it has no such method.
pub fn buffer_method(vm: &mut Vm, r: Ref<'_>) -> PyResult<Option<Owned>> {
    let name = vm.intern("__buffer__")?;
    // Whatever is asked for, the view shows: readable, with shape and strides.
    const FULL_RO: i64 = 0x11c;
    let flags = vm.new_int(FULL_RO)?;
    let Some(view) = vm.call_special(r, name.as_ref(), &[flags.as_ref()])? else { return Ok(None) };
    let Some(m) = payload::<MemoryView>(view.as_ref()) else {
        return Err(vm.type_error("__buffer__ returned non-memoryview object"));
    };
    m.check(vm)?;
    Ok(Some(view))
}

/// An argument that must be bytes-like, as something [`plain`] can look into.
pub fn operand(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    if plain(vm.heap(), r).is_some() {
        return Ok(r.owned());
    }
    match copy_of(vm, r)? {
        Some(b) => Ok(b),
        None => Err(not_bytes(vm, r)),
    }
}

/// TypeError: a bytes-like object is required.
#[cold]
pub fn not_bytes(vm: &mut Vm, r: Ref<'_>) -> Raised {
    let class = vm.type_name(r);
    vm.type_error(&format!("a bytes-like object is required, not '{class}'"))
}

/// A result of the type of `like`: bytearray for bytearrays, else bytes.
pub fn make(vm: &Vm, like: Ref<'_>, bytes: &[u8]) -> PyResult {
    if like.has_layout(Layout::ByteArray) { new_array(vm, bytes) } else { vm.new_bytes(bytes) }
}

/// The receiver when a method has nothing to change: bytes themselves, but a copy of a bytearray.
pub fn unchanged(vm: &Vm, r: Ref<'_>) -> PyResult {
    match plain(vm.heap(), r) {
        Some(b) if r.has_layout(Layout::ByteArray) => new_array(vm, b),
        _ => Ok(base_value(r).owned()),
    }
}

/// A new bytearray.
pub fn new_array(vm: &Vm, bytes: &[u8]) -> PyResult {
    let mut data = HeapVec::new();
    data.extend_from_slice(vm.heap(), bytes)?;
    array_from(vm, data)
}

/// A new bytearray with this buffer.
pub fn array_from(vm: &Vm, data: HeapVec<u8>) -> PyResult {
    let h = vm.heap().alloc_traced(Layout::ByteArray.kind(), size_of::<ByteArrayObj>())?;
    // SAFETY: a fresh block of that size; the only reference to it.
    unsafe {
        (&raw mut (*h.cast::<ByteArrayObj>()).data).write(data);
        Ok(Owned::from_value(Value::from_ptr(h)))
    }
}

/// Changes a bytearray. `f` must not look at bytes through the heap it is given.
pub fn change<R>(vm: &mut Vm, r: Ref<'_>, f: impl FnOnce(&mut HeapVec<u8>, &Heap) -> R) -> PyResult<R> {
    if !r.has_layout(Layout::ByteArray) {
        let class = vm.type_name(r);
        return Err(vm.type_error(&format!("a bytearray is required, not '{class}'")));
    }
    let heap = vm.heap_mut();
    // SAFETY:
    // - the layout says what it is, and the caller keeps it alive;
    // - `&mut Vm` excludes every other view of it, and `f` can run no Python code.
    Ok(f(unsafe { &mut (*r.value().header().cast::<ByteArrayObj>()).data }, heap))
}

/// How many memoryviews show each bytearray, by address.
#[derive(Default)]
pub struct Exports(HashMap<u64, Arc<AtomicUsize>>);

/// One memoryview's share in a count.
pub struct Export(Arc<AtomicUsize>);

impl Export {
    /// Counts a new view of `r`, which the caller keeps alive at least as long.
    pub fn new(vm: &mut Vm, r: Ref<'_>) -> Option<Export> {
        if !r.has_layout(Layout::ByteArray) {
            return None;
        }
        let exports = &mut vm.state::<Exports>().0;
        exports.retain(|_, n| n.load(Ordering::Relaxed) > 0);
        let n = exports.entry(r.value().bits()).or_default();
        n.fetch_add(1, Ordering::Relaxed);
        Some(Export(n.clone()))
    }
}

impl Drop for Export {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// BufferError while a memoryview shows the bytearray.
pub fn check_resizable(vm: &mut Vm, r: Ref<'_>) -> PyResult<()> {
    let exports = &vm.state::<Exports>().0;
    if !exports.is_empty() && exports.get(&r.value().bits()).is_some_and(|n| n.load(Ordering::Relaxed) > 0) {
        return Err(vm.raise(Exc::BufferError, "Existing exports of data: object cannot be re-sized"));
    }
    Ok(())
}

/// A bytes object of known size being written.
pub struct BytesWriter {
    object: Owned,
    at: *mut u8,
    left: usize,
}

impl BytesWriter {
    /// Room for exactly `size` bytes.
    pub fn new(vm: &Vm, size: usize) -> PyResult<BytesWriter> {
        let fixed = size_of::<BytesObj>();
        let all = size.checked_add(fixed).filter(|&n| n <= isize::MAX as usize);
        let all = all.ok_or_else(hognose_object::OutOfMemory::huge)?;
        let h = vm.heap().alloc_leaf(Layout::Bytes.kind(), all)?;
        // SAFETY: a fresh block of that size; the only reference to it.
        unsafe {
            (*h.cast::<BytesObj>()).len = size;
            let at = h.cast::<u8>().add(fixed);
            Ok(BytesWriter { object: Owned::from_value(Value::from_ptr(h)), at, left: size })
        }
    }

    /// Appends bytes.
    #[inline]
    pub fn push(&mut self, bytes: &[u8]) {
        assert!(bytes.len() <= self.left, "{} bytes for {}", bytes.len(), self.left);
        // SAFETY: there is room, and a fresh block overlaps nothing.
        unsafe {
            std::ptr::copy_nonoverlapping(bytes.as_ptr(), self.at, bytes.len());
            self.at = self.at.add(bytes.len());
        }
        self.left -= bytes.len();
    }

    /// Appends one byte several times.
    pub fn fill(&mut self, b: u8, times: usize) {
        assert!(times <= self.left, "{times} bytes for {}", self.left);
        // SAFETY: there is room.
        unsafe {
            self.at.write_bytes(b, times);
            self.at = self.at.add(times);
        }
        self.left -= times;
    }

    /// The object, complete.
    pub fn finish(self) -> Owned {
        assert!(self.left == 0, "{} bytes were not written", self.left);
        self.object
    }
}

/// A result of known size, of the type of its model.
pub enum Maker {
    /// For bytes.
    Bytes(BytesWriter),
    /// For bytearrays.
    Array(HeapVec<u8>),
}

impl Maker {
    /// Room for exactly `size` bytes.
    pub fn new(vm: &Vm, like: Ref<'_>, size: usize) -> PyResult<Maker> {
        if !like.has_layout(Layout::ByteArray) {
            return BytesWriter::new(vm, size).map(Maker::Bytes);
        }
        let mut data = HeapVec::new();
        data.reserve(vm.heap(), size)?;
        Ok(Maker::Array(data))
    }

    /// Appends bytes.
    #[inline]
    pub fn push(&mut self, vm: &Vm, bytes: &[u8]) -> PyResult<()> {
        match self {
            Maker::Bytes(w) => w.push(bytes),
            Maker::Array(data) => data.extend_from_slice(vm.heap(), bytes)?,
        }
        Ok(())
    }

    /// Appends bytes several times.
    pub fn repeat(&mut self, vm: &Vm, bytes: &[u8], times: usize) -> PyResult<()> {
        if let (Maker::Bytes(w), [b]) = (&mut *self, bytes) {
            w.fill(*b, times);
            return Ok(());
        }
        for _ in 0..times {
            self.push(vm, bytes)?;
        }
        Ok(())
    }

    /// The object, complete.
    pub fn finish(self, vm: &Vm) -> PyResult {
        match self {
            Maker::Bytes(w) if exact(w.object.as_ref()).is_empty() => vm.new_bytes(b""),
            Maker::Bytes(w) => Ok(w.finish()),
            Maker::Array(data) => array_from(vm, data),
        }
    }
}
