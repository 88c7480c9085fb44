//! The measurable promises of the heap, one line each: `cargo run --release -p hognose-heap --example gates`.
#![allow(unsafe_code, reason = "makes objects")]

use hognose_heap::{Config, Header, Heap, HeapBox, KindVTable, Owned, Value};
use std::time::Instant;

#[repr(C)]
struct Pair {
    header: Header,
    a: Value,
    b: Value,
}

unsafe fn trace(h: *mut Header, visit: &mut dyn FnMut(Value)) {
    // SAFETY: a live pair.
    unsafe {
        let p = h.cast::<Pair>();
        for v in [(*p).a, (*p).b] {
            if v.is_ptr() {
                visit(v);
            }
        }
    }
}
unsafe fn drop_pair(h: *mut Header, _: &Heap) {
    // SAFETY: a dying pair.
    unsafe {
        (*h.cast::<Pair>()).a.decref();
        (*h.cast::<Pair>()).b.decref();
    }
}
unsafe fn buffers(_: *mut Header) -> usize {
    0
}
static VTABLES: [KindVTable; 1] =
    [KindVTable { name: "pair", traced: true, trace, trace_part: None, drop: drop_pair, buffers }];

fn new_heap() -> HeapBox {
    HeapBox::new(Config { limit: None, reserve: 0, vtables: &VTABLES }).expect("address space")
}

fn pair(heap: &Heap, a: Value, b: Value) -> Owned {
    let h = heap.alloc_traced(0, 32).expect("no limit");
    // SAFETY: fresh; takes the references.
    unsafe {
        (*h.cast::<Pair>()).a = a;
        (*h.cast::<Pair>()).b = b;
        Owned::from_value(Value::from_ptr(h))
    }
}

fn status(field: &str) -> usize {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find(|l| l.starts_with(field)).unwrap_or("");
    line.split_whitespace().nth(1).and_then(|n| n.parse().ok()).unwrap_or(0)
}

fn empty_heaps() {
    let before = status("VmRSS");
    let t = Instant::now();
    let heaps: Vec<_> = (0..100).map(|_| new_heap()).collect();
    let objects: Vec<_> = heaps.iter().map(|h| pair(h, Value::NULL, Value::NULL)).collect();
    let rss = status("VmRSS") - before;
    drop(objects);
    drop(heaps);
    println!("heap with one object, made and dropped: {:?}, {} KiB", t.elapsed() / 100, rss / 100);
}

/// 10^6 tuples that hold an empty list each; gives seconds.
fn build(gc: bool) -> f64 {
    let heap = new_heap();
    heap.set_gc_enabled(gc);
    let t = Instant::now();
    let mut all = Vec::with_capacity(1_000_000);
    for i in 0..1_000_000 {
        let inner = pair(&heap, Value::NULL, Value::NULL);
        all.push(pair(&heap, Value::from_i32(i), inner.into_value()));
        if heap.gc_requested() {
            let set = heap.find_unreachable_auto().expect("memory");
            heap.reclaim(set);
        }
    }
    let s = t.elapsed().as_secs_f64();
    if gc {
        println!("  {:?}", heap.gc_counters());
    }
    s
}

fn full_collection() {
    let heap = new_heap();
    heap.set_gc_enabled(false);
    let mut all = Vec::new();
    for i in 0..1_000_000 {
        let inner = pair(&heap, Value::NULL, Value::NULL);
        all.push(pair(&heap, Value::from_i32(i), inner.into_value()));
    }
    let t = Instant::now();
    heap.find_unreachable().expect("memory");
    let s = t.elapsed();
    println!("full collection of 2 M objects in order: {s:?}, {:.1} ns each", s.as_secs_f64() * 1e9 / 2e6);
}

fn release_tree() {
    fn tree(heap: &Heap, depth: u32) -> Owned {
        let (mut a, mut b) = (Value::NULL, Value::NULL);
        if depth > 0 {
            a = tree(heap, depth - 1).into_value();
            b = tree(heap, depth - 1).into_value();
        }
        pair(heap, a, b)
    }
    let heap = new_heap();
    let t = Instant::now();
    let root = tree(&heap, 20);
    let built = t.elapsed();
    let t = Instant::now();
    drop(root);
    println!("tree of 2 M pairs: built in {built:?}, dropped in {:?}", t.elapsed());
    let t = Instant::now();
    for _ in 0..5_000_000 {
        drop(std::hint::black_box(pair(&heap, Value::NULL, Value::NULL)));
    }
    println!("pair made and released: {:.2} ns", t.elapsed().as_secs_f64() * 1e9 / 5e6);
}

fn random_delete() {
    let heap = new_heap();
    let before = status("VmRSS");
    let mut all: Vec<_> = (0..2_000_000).map(|_| Some(pair(&heap, Value::NULL, Value::NULL))).collect();
    let peak = status("VmRSS") - before;
    let mut x = 1u64;
    for o in &mut all {
        x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        if x >> 33 & 127 != 0 {
            *o = None;
        }
    }
    println!("99 % of 2 M objects deleted at random: RSS {} -> {} KiB", peak, status("VmRSS") - before);
    all.truncate(1000);
    println!(
        "  and nearly all: {} KiB, {} committed",
        status("VmRSS") - before,
        heap.bytes_committed() >> 10
    );
    drop(all);
}

fn main() {
    empty_heaps();
    let mut rounds: Vec<(f64, f64)> = (0..5).map(|_| (build(false), build(true))).collect();
    rounds.sort_by(|a, b| (a.1 / a.0).total_cmp(&(b.1 / b.0)));
    let (without, with) = rounds[2];
    println!("10^6 (i, []): {:.1} ms without collector, {:.1} with", without * 1e3, with * 1e3);
    full_collection();
    release_tree();
    random_delete();
}
