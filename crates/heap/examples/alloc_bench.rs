//! Allocation speed against mimalloc, jemalloc and the system's malloc, as plain functions in one process.
//! Every block carries a count that is written after allocation and read before it is freed, as in real use.
//! Rounds are interleaved, medians printed: `cargo run --release -p hognose-heap --example alloc_bench`.
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
    [KindVTable { name: "object", traced: true, trace, drop: drop_nothing, buffers }];

const SIZE: usize = 48;

trait Allocator {
    const NAME: &'static str;
    unsafe fn alloc(&self, size: usize) -> *mut u8;
    unsafe fn free(&self, p: *mut u8);
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
}
macro_rules! foreign {
    ($t:ty, $name:literal, $alloc:path, $free:path) => {
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
        }
    };
}
foreign!(Mi, "mimalloc", libmimalloc_sys::mi_malloc, libmimalloc_sys::mi_free);
foreign!(Je, "jemalloc", tikv_jemalloc_sys::malloc, tikv_jemalloc_sys::free);
foreign!(Sys, "system", libc::malloc, libc::free);

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

fn median(mut xs: Vec<f64>) -> f64 {
    xs.sort_by(f64::total_cmp);
    xs[xs.len() / 2]
}

fn main() {
    let heap = HeapBox::new(Config { limit: None, reserve: 0, vtables: &VTABLES }).expect("address space");
    heap.set_gc_enabled(false);
    let ours = Ours(&heap);
    let only_ours = std::env::args().any(|a| a == "--ours");
    println!("{:<12}{:>10}{:>10}{:>10}{:>10}   ns/op, median", "", Ours::NAME, Mi::NAME, Je::NAME, Sys::NAME);
    macro_rules! row {
        ($rounds:literal, $f:ident) => {{
            let mut times: [Vec<f64>; 4] = Default::default();
            for _ in 0..$rounds {
                times[0].push($f(&ours));
                if !only_ours {
                    times[1].push($f(&Mi));
                    times[2].push($f(&Je));
                    times[3].push($f(&Sys));
                } else {
                    (1..4).for_each(|i| times[i].push(0.0));
                }
            }
            let [a, b, c, d] = times.map(median);
            println!("{:<12}{a:>10.2}{b:>10.2}{c:>10.2}{d:>10.2}", stringify!($f));
        }};
    }
    row!(9, hot_pair);
    row!(9, lifo);
    row!(9, fifo);
    row!(9, random_20k);
    row!(3, random_2m);
    row!(5, bulk_free);
}
