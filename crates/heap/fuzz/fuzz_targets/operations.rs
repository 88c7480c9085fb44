//! Any bytes as a program for the heap: make, link, drop, collect at once and in slices, fail, verify.
//!
//! ```text
//! | operation | argument | argument |   three bytes each; roots are numbered modulo their count
//! ```
//! Invariant: the heap verifies after every program, and nothing is left when all roots are gone.
#![no_main]
#![allow(unsafe_code, reason = "reads headers of live objects")]

#[path = "../../tests/it/kit.rs"]
#[allow(dead_code)]
mod kit;

use hognose_heap::{Heap, Owned, flags};
use kit::*;
use libfuzzer_sys::fuzz_target;

fn step(heap: &Heap, roots: &mut Vec<Owned>, id: u64, op: [u8; 3]) {
    let (a, b) = (usize::from(op[1]), usize::from(op[2]));
    let root = |n: usize| n % roots.len().max(1);
    let made = match op[0] % 16 {
        0..=2 => node(heap, id, a % 8),
        3 => node(heap, id, a * 40),
        4 => leaf(heap, id, a),
        5 => bag(heap, id, a << (b % 8)),
        6..=9 if !roots.is_empty() => {
            let (from, to) = (roots[root(a)].value(), roots[root(b)].clone());
            // SAFETY: a live object.
            let kind = unsafe { (*from.header()).kind() };
            if kind == BAG {
                store(from, 0, Some(to));
            } else if kind == NODE && !values(from).is_empty() {
                let slot = b % values(from).len();
                store(from, slot, Some(to));
            }
            return;
        }
        10 | 11 if !roots.is_empty() => return drop(roots.swap_remove(root(a))),
        12 => {
            if let Ok(set) = heap.find_unreachable_step(1 + a) {
                heap.reclaim_unseen(set);
            }
            return;
        }
        13 => {
            if let Ok(set) = if a % 4 == 0 { heap.find_unreachable() } else { heap.find_unreachable_young() } {
                heap.reclaim(set);
            }
            return;
        }
        14 if !roots.is_empty() => {
            let flag = if b % 2 == 0 { flags::HAS_FINALIZER } else { flags::HAS_WEAKREF };
            return set_flag(roots[root(a)].value(), flag);
        }
        15 => return heap.fail_allocation_after(b as u64 % 32),
        _ => return,
    };
    if let Ok(o) = made {
        roots.push(o);
    }
}

fuzz_target!(|data: &[u8]| {
    let heap = heap(Some(4 << 20));
    let mut roots = Vec::new();
    for (id, op) in data.chunks_exact(3).enumerate() {
        step(&heap, &mut roots, id as u64, [op[0], op[1], op[2]]);
        run_pending(&heap, &mut |_, _| {});
    }
    heap.fail_allocation_after(0);
    heap.verify().expect("sound");
    roots.clear();
    while heap.objects_live() > 0 {
        run_pending(&heap, &mut |_, _| {});
        let set = heap.find_unreachable().expect("memory");
        heap.reclaim(set);
    }
    heap.verify().expect("sound");
});
