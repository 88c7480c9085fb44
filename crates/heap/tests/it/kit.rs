//! Three layouts and an embedder that runs "finalizers" (a log entry, perhaps a resurrection).
//!
//!   node  | header | id | len | values …        leaf  | header | id | bytes …
//!   bag   | header | id | buffer of `cap` bytes | cap | one value
#![allow(unsafe_code, reason = "the heap is tested through raw blocks and headers")]

use hognose_heap::{Config, Header, Heap, HeapBox, KindVTable, OutOfMemory, Owned, Value, flags};
use std::cell::RefCell;

pub const NODE: u32 = 0;
pub const LEAF: u32 = 1;
pub const BAG: u32 = 2;

#[repr(C)]
struct Node {
    header: Header,
    id: u64,
    len: usize,
}

#[repr(C)]
struct Bag {
    header: Header,
    id: u64,
    buf: *mut u8,
    cap: usize,
    value: Value,
}

/// What the test sees of deaths.
#[derive(Default)]
pub struct Log {
    pub deaths: RefCell<Vec<u64>>,
}

unsafe fn log(heap: &Heap, id: u64) {
    let log = heap.user_data().cast::<Log>();
    if !log.is_null() {
        // SAFETY: the test keeps the log alive as long as the heap.
        unsafe { (*log).deaths.borrow_mut().push(id) };
    }
}

pub fn values<'a>(v: Value) -> &'a mut [Value] {
    // SAFETY: only called with live nodes, whose slots the test uses one at a time.
    unsafe {
        let n = v.header().cast::<Node>();
        std::slice::from_raw_parts_mut(n.add(1).cast(), (*n).len)
    }
}

pub fn id(v: Value) -> u64 {
    // SAFETY: all layouts begin alike.
    unsafe { (*v.header().cast::<Node>()).id }
}

unsafe fn node_trace(h: *mut Header, visit: &mut dyn FnMut(Value)) {
    values(Value::from_ptr(h)).iter().filter(|v| v.is_ptr()).for_each(|&v| visit(v));
}
unsafe fn node_drop(h: *mut Header, heap: &Heap) {
    // SAFETY: dying; owns its values.
    unsafe {
        log(heap, id(Value::from_ptr(h)));
        for &v in values(Value::from_ptr(h)).iter() {
            v.decref();
        }
    }
}
unsafe fn bag_trace(h: *mut Header, visit: &mut dyn FnMut(Value)) {
    // SAFETY: a live bag.
    let v = unsafe { (*h.cast::<Bag>()).value };
    if v.is_ptr() {
        visit(v);
    }
}
unsafe fn bag_drop(h: *mut Header, heap: &Heap) {
    // SAFETY: a dying bag owns buffer and value.
    unsafe {
        let b = h.cast::<Bag>();
        log(heap, (*b).id);
        if (*b).cap > 0 {
            heap.free_buffer((*b).buf, (*b).cap);
        }
        (*b).value.decref();
    }
}
unsafe fn bag_buffers(h: *mut Header) -> usize {
    // SAFETY: a live bag.
    unsafe { (*h.cast::<Bag>()).cap }
}
unsafe fn nothing_trace(_: *mut Header, _: &mut dyn FnMut(Value)) {}
unsafe fn nothing_drop(_: *mut Header, _: &Heap) {}
unsafe fn nothing_buffers(_: *mut Header) -> usize {
    0
}

static VTABLES: [KindVTable; 3] = [
    KindVTable {
        name: "node",
        traced: true,
        trace: node_trace,
        trace_part: None,
        drop: node_drop,
        buffers: nothing_buffers,
    },
    KindVTable {
        name: "leaf",
        traced: false,
        trace: nothing_trace,
        trace_part: None,
        drop: nothing_drop,
        buffers: nothing_buffers,
    },
    KindVTable {
        name: "bag",
        traced: true,
        trace: bag_trace,
        trace_part: None,
        drop: bag_drop,
        buffers: bag_buffers,
    },
];

pub fn heap(limit: Option<usize>) -> HeapBox {
    HeapBox::new(Config { limit, reserve: 64 << 10, vtables: &VTABLES }).expect("address space")
}

pub fn node(heap: &Heap, id: u64, len: usize) -> Result<Owned, OutOfMemory> {
    let h = heap.alloc_traced(NODE, size_of::<Node>() + len * 8)?;
    // SAFETY: fresh, of that size.
    unsafe {
        (*h.cast::<Node>()).id = id;
        (*h.cast::<Node>()).len = len;
        let v = Value::from_ptr(h);
        values(v).fill(Value::NULL);
        Ok(Owned::from_value(v))
    }
}

pub fn leaf(heap: &Heap, id: u64, bytes: usize) -> Result<Owned, OutOfMemory> {
    let h = heap.alloc_leaf(LEAF, 16 + bytes)?;
    // SAFETY: fresh, of that size.
    unsafe {
        (*h.cast::<Node>()).id = id;
        Ok(Owned::from_value(Value::from_ptr(h)))
    }
}

pub fn bag(heap: &Heap, id: u64, cap: usize) -> Result<Owned, OutOfMemory> {
    let h = heap.alloc_traced(BAG, size_of::<Bag>())?;
    // SAFETY: fresh, of that size; complete before anything can fail.
    unsafe {
        let b = h.cast::<Bag>();
        (*b).id = id;
        (*b).cap = 0;
        (*b).value = Value::NULL;
        let o = Owned::from_value(Value::from_ptr(h));
        if cap > 0 {
            (*b).buf = heap.alloc_buffer(cap)?;
            (*b).buf.write_bytes(id as u8, cap);
            (*b).cap = cap;
        }
        Ok(o)
    }
}

pub fn resize_bag(heap: &Heap, bag: &Owned, cap: usize) -> Result<(), OutOfMemory> {
    // SAFETY: a live bag with a buffer.
    unsafe {
        let b = bag.value().header().cast::<Bag>();
        (*b).buf = heap.realloc_buffer((*b).buf, (*b).cap, cap)?;
        let common = (*b).cap.min(cap);
        assert!((0..common).step_by(97).all(|i| *(*b).buf.add(i) == (*b).id as u8), "contents survive");
        (*b).buf.write_bytes((*b).id as u8, cap);
        (*b).cap = cap;
    }
    Ok(())
}

/// Stores `v` in slot `i` of a node, or in a bag.
pub fn store(at: Value, i: usize, v: Option<Owned>) {
    let new = v.map_or(Value::NULL, Owned::into_value);
    // SAFETY: live; the old value's reference moves out.
    unsafe {
        let place = match (*at.header()).kind() {
            BAG => &mut (*at.header().cast::<Bag>()).value,
            _ => &mut values(at)[i],
        };
        drop(Owned::from_value(std::mem::replace(place, new)));
    }
}

pub fn set_flag(v: Value, flag: u32) {
    // SAFETY: live.
    unsafe { (*v.header()).set_flag(flag) };
}

pub fn owned(v: Value) -> Owned {
    // SAFETY: live.
    unsafe {
        v.incref();
        Owned::from_value(v)
    }
}

/// Handles pending deaths as an embedder does; `finalizer` may keep the object.
pub fn run_pending(heap: &Heap, finalizer: &mut dyn FnMut(&Heap, Value)) {
    while let Some(death) = heap.next_pending() {
        let v = death.object.value();
        // SAFETY: alive.
        unsafe {
            let had = (*v.header()).has_flag(flags::HAS_FINALIZER);
            (*v.header()).clear_flag(flags::HAS_FINALIZER);
            if had {
                finalizer(heap, v);
                run_pending(heap, finalizer);
            }
            (*v.header()).clear_flag(flags::HAS_WEAKREF);
        }
        heap.finish_pending(death);
    }
}

/// A safe point.
pub fn safe_point(heap: &Heap) -> usize {
    if heap.gc_requested() { heap.find_unreachable_auto().map_or(0, |set| heap.reclaim(set)) } else { 0 }
}

pub fn collect(heap: &Heap) -> usize {
    let set = heap.find_unreachable().expect("memory for the table");
    heap.reclaim(set)
}

/// A small generator of pseudo-random numbers (splitmix64).
pub struct Rng(pub u64);

impl Rng {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }
    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }
}
