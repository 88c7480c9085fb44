//! One stream of operations on one allocator: this heap, mimalloc, jemalloc, or the system's malloc.
//!
//! ```text
//! alloc_bench            lists allocators and streams
//! alloc_bench mimalloc fifo     runs one: prints a figure and its unit
//! ```
//! Every block carries a count that is written after allocation and read before it is freed, as in real use.
//! `cargo xtask bench heap` runs all of them, a process each, in turns.
#![allow(unsafe_code, reason = "measures raw allocation")]

use hognose_heap::{Config, Header, Heap, HeapBox, KindVTable, Value};
use std::ffi::c_void;
use std::hint::black_box;
use std::time::Instant;

unsafe fn trace(_: *mut Header, _: &mut dyn FnMut(Value)) {}
unsafe fn drop_nothing(_: *mut Header, _: &Heap) {}
unsafe fn buffers(_: *mut Header) -> usize {
    0
}
static VTABLES: [KindVTable; 1] =
    [KindVTable { name: "object", traced: true, trace, trace_part: None, drop: drop_nothing, buffers }];

const SIZE: usize = 48;

trait Allocator {
    const NAME: &'static str;
    unsafe fn alloc(&self, size: usize) -> *mut u8;
    unsafe fn free(&self, p: *mut u8);
    /// Grows a buffer without a header.
    unsafe fn grow(&self, p: *mut u8, old: usize, new: usize) -> *mut u8;
    unsafe fn free_buffer(&self, p: *mut u8, size: usize);
}

struct Ours<'a>(&'a Heap);
struct Mi;
struct Je;
struct Sys;

impl Allocator for Ours<'_> {
    const NAME: &'static str = "hognose";
    #[inline(always)]
    unsafe fn alloc(&self, size: usize) -> *mut u8 {
        self.0.alloc_traced(0, size).expect("no limit").cast()
    }
    #[inline(always)]
    unsafe fn free(&self, p: *mut u8) {
        // SAFETY: allocated above, dead.
        unsafe {
            if p.cast::<u32>().read() == 1 {
                self.0.free_object(p.cast());
            }
        }
    }
    unsafe fn grow(&self, p: *mut u8, old: usize, new: usize) -> *mut u8 {
        let room = "no limit";
        // SAFETY: a buffer of `old` bytes, or none.
        unsafe {
            if old == 0 {
                self.0.alloc_buffer(new).expect(room)
            } else {
                self.0.realloc_buffer(p, old, new).expect(room)
            }
        }
    }
    unsafe fn free_buffer(&self, p: *mut u8, size: usize) {
        // SAFETY: from `grow`.
        unsafe { self.0.free_buffer(p, size) };
    }
}
macro_rules! foreign {
    ($t:ty, $name:literal, $alloc:path, $free:path, $realloc:path) => {
        impl Allocator for $t {
            const NAME: &'static str = $name;
            #[inline(always)]
            unsafe fn alloc(&self, size: usize) -> *mut u8 {
                // SAFETY: plain malloc; the header is written as ours writes it.
                unsafe {
                    let p: *mut u8 = $alloc(size).cast();
                    p.cast::<u64>().write(1);
                    p
                }
            }
            #[inline(always)]
            unsafe fn free(&self, p: *mut u8) {
                // SAFETY: from the matching malloc.
                unsafe {
                    if p.cast::<u32>().read() == 1 {
                        $free(p.cast::<c_void>());
                    }
                }
            }
            unsafe fn grow(&self, p: *mut u8, _old: usize, new: usize) -> *mut u8 {
                // SAFETY: null, or from here.
                unsafe { $realloc(p.cast::<c_void>(), new).cast() }
            }
            unsafe fn free_buffer(&self, p: *mut u8, _size: usize) {
                // SAFETY: from `grow`.
                unsafe { $free(p.cast::<c_void>()) };
            }
        }
    };
}
foreign!(Mi, "mimalloc", libmimalloc_sys::mi_malloc, libmimalloc_sys::mi_free, libmimalloc_sys::mi_realloc);
foreign!(Je, "jemalloc", tikv_jemalloc_sys::malloc, tikv_jemalloc_sys::free, tikv_jemalloc_sys::realloc);
foreign!(Sys, "system", libc::malloc, libc::free, libc::realloc);

fn ns(ops: usize, f: impl FnOnce()) -> f64 {
    let t = Instant::now();
    f();
    t.elapsed().as_nanos() as f64 / ops as f64
}

#[inline(never)]
fn hot_pair<A: Allocator>(a: &A) -> f64 {
    const N: usize = 4_000_000;
    // SAFETY: each block is freed once.
    ns(N, || (0..N).for_each(|_| unsafe { a.free(black_box(a.alloc(SIZE))) }))
}

#[inline(never)]
fn lifo<A: Allocator>(a: &A) -> f64 {
    const N: usize = 100_000;
    let mut blocks = [std::ptr::null_mut(); 32];
    // SAFETY: each block is freed once.
    ns(N * 32, || unsafe {
        for _ in 0..N {
            for b in &mut blocks {
                *b = a.alloc(SIZE);
            }
            black_box(&mut blocks);
            for b in blocks.iter().rev() {
                a.free(*b);
            }
        }
    })
}

#[inline(never)]
fn fifo<A: Allocator>(a: &A) -> f64 {
    const N: usize = 2_000_000;
    // SAFETY: each block is freed once.
    unsafe {
        let mut ring: Vec<_> = (0..2000).map(|_| a.alloc(SIZE)).collect();
        let t = ns(N, || {
            for i in 0..N {
                let place = &mut ring[i % 2000];
                a.free(*place);
                *place = a.alloc(SIZE);
            }
        });
        ring.into_iter().for_each(|p| a.free(p));
        t
    }
}

fn random<A: Allocator>(a: &A, live: usize, ops: usize) -> f64 {
    let mut x = 1u64;
    let mut next = move || {
        x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (x >> 33) as usize
    };
    // SAFETY: each block is freed once.
    unsafe {
        let mut all: Vec<_> = (0..live).map(|i| a.alloc(24 + i % 4 * 16)).collect();
        // Age it first: fresh blocks in order flatter everybody.
        for i in 0..live {
            let place = &mut all[next() % live];
            a.free(*place);
            *place = a.alloc(24 + i % 4 * 16);
        }
        let t = ns(ops, || {
            for i in 0..ops {
                let place = &mut all[next() % live];
                a.free(*place);
                *place = a.alloc(24 + i % 4 * 16);
            }
        });
        all.into_iter().for_each(|p| a.free(p));
        t
    }
}

#[inline(never)]
fn random_20k<A: Allocator>(a: &A) -> f64 {
    random(a, 20_000, 1_000_000)
}
#[inline(never)]
fn random_2m<A: Allocator>(a: &A) -> f64 {
    random(a, 2_000_000, 2_000_000)
}

#[inline(never)]
fn bulk_free<A: Allocator>(a: &A) -> f64 {
    const N: usize = 1_000_000;
    // SAFETY: each block is freed once.
    unsafe {
        let all: Vec<_> = (0..N).map(|_| a.alloc(SIZE)).collect();
        ns(N, || all.into_iter().for_each(|p| a.free(p)))
    }
}

/// Blocks of mixed sizes of which all but one in a hundred die at random: what stays in memory, of the peak.
fn fragmentation<A: Allocator>(a: &A) -> f64 {
    const N: usize = 2_000_000;
    let before = resident();
    let mut x = 1u64;
    // SAFETY: each block is freed once.
    unsafe {
        let mut all: Vec<_> = (0..N).map(|i| a.alloc(24 + i % 4 * 16)).collect();
        let table = N * 8 / 1024;
        let peak = resident().saturating_sub(before + table);
        for p in &mut all {
            x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            if !(x >> 33).is_multiple_of(100) {
                a.free(*p);
                *p = std::ptr::null_mut();
            }
        }
        let left = resident().saturating_sub(before + table);
        all.into_iter().filter(|p| !p.is_null()).for_each(|p| a.free(p));
        left as f64 / peak as f64 * 100.0
    }
}

fn resident() -> usize {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find(|l| l.starts_with("VmRSS")).unwrap_or("");
    line.split_whitespace().nth(1).and_then(|n| n.parse().ok()).unwrap_or(0)
}

/// A buffer that grows by an eighth to 256 MB, written as it grows, with small blocks made in between.
fn growth<A: Allocator>(a: &A) -> f64 {
    let (mut p, mut have, mut steps) = (std::ptr::null_mut::<u8>(), 0, 0);
    let mut small = Vec::new();
    // SAFETY: the buffer has `have` bytes; each block is freed once.
    unsafe {
        let t = Instant::now();
        let mut want = 1024;
        while want < 256 << 20 {
            p = a.grow(p, have, want);
            p.add(have).write_bytes(1, want - have);
            have = want;
            want += want / 8;
            steps += 1;
            small.push(a.alloc(SIZE));
        }
        let t = t.elapsed().as_secs_f64() * 1e3;
        a.free_buffer(p, have);
        small.into_iter().for_each(|p| a.free(p));
        black_box(steps);
        t
    }
}

fn new_heap() -> HeapBox {
    let heap = HeapBox::new(Config { limit: None, reserve: 0, vtables: &VTABLES }).expect("address space");
    heap.set_gc_enabled(false);
    heap
}

/// A heap with one object, made and dropped.
fn heaps_ours() -> f64 {
    const N: usize = 500;
    ns(N, || {
        for _ in 0..N {
            let heap = new_heap();
            black_box(heap.alloc_traced(0, SIZE).expect("no limit"));
        }
    }) / 1e3
}

fn heaps_mimalloc() -> f64 {
    const N: usize = 500;
    ns(N, || {
        for _ in 0..N {
            // SAFETY: the heap is made and destroyed here, the block with it.
            unsafe {
                let heap = libmimalloc_sys::mi_heap_new();
                black_box(libmimalloc_sys::mi_heap_malloc(heap, SIZE)).cast::<u8>().write(1);
                libmimalloc_sys::mi_heap_destroy(heap);
            }
        }
    }) / 1e3
}

const STREAMS: [&str; 9] =
    ["hot_pair", "lifo", "fifo", "random_20k", "random_2m", "bulk_free", "fragmentation", "growth", "heap"];

fn run<A: Allocator>(a: &A, stream: &str) -> Option<String> {
    let per_operation = |f: fn(&A) -> f64| Some(format!("{:.2} ns", f(a)));
    match stream {
        "hot_pair" => per_operation(hot_pair),
        "lifo" => per_operation(lifo),
        "fifo" => per_operation(fifo),
        "random_20k" => per_operation(random_20k),
        "random_2m" => per_operation(random_2m),
        "bulk_free" => per_operation(bulk_free),
        "fragmentation" => Some(format!("{:.1} %", fragmentation(a))),
        "growth" => Some(format!("{:.1} ms", growth(a))),
        "heap" if A::NAME == Ours::NAME => Some(format!("{:.2} us", heaps_ours())),
        "heap" if A::NAME == Mi::NAME => Some(format!("{:.2} us", heaps_mimalloc())),
        "heap" => Some("- us".to_owned()),
        _ => None,
    }
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [allocator, stream] = args.as_slice() else {
        println!("{} {} {} {}\n{}", Ours::NAME, Mi::NAME, Je::NAME, Sys::NAME, STREAMS.join(" "));
        return;
    };
    let result = match allocator.as_str() {
        "hognose" => run(&Ours(&new_heap()), stream),
        "mimalloc" => run(&Mi, stream),
        "jemalloc" => run(&Je, stream),
        "system" => run(&Sys, stream),
        _ => None,
    };
    match result {
        Some(figure) => println!("{figure}"),
        None => {
            eprintln!("there is no stream {stream} on {allocator}");
            std::process::exit(2);
        }
    }
}
