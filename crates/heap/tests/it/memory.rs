//! Blocks, runs, limits, purging.
#![allow(unsafe_code, reason = "the heap is tested through raw blocks and headers")]

use crate::kit::*;
use hognose_heap::{Heap, Level, PAGE};

#[test]
fn blocks_of_all_sizes_live_beside_each_other() {
    let heap = heap(None);
    let mut rng = Rng(1);
    let mut live: Vec<(*mut u8, usize, u8)> = Vec::new();
    for step in 0..20_000u32 {
        if live.len() > 300 || (!live.is_empty() && rng.below(3) == 0) {
            let (p, size, fill) = live.swap_remove(rng.below(live.len()));
            // SAFETY: a live buffer of that size.
            unsafe {
                assert!((0..size).step_by(61).all(|i| *p.add(i) == fill), "step {step}");
                heap.free_buffer(p, size);
            }
        } else {
            let log = rng.below(18);
            let size = 1 + rng.below(1 << log);
            let p = heap.alloc_buffer(size).expect("room");
            assert!(heap.owns(p) && heap.block_size(p) >= size && p.addr().is_multiple_of(8));
            let fill = step as u8;
            // SAFETY: fresh, of that size.
            unsafe { p.write_bytes(fill, size) };
            live.push((p, size, fill));
        }
        if step % 1000 == 0 {
            heap.verify().expect("sound");
        }
    }
    for (p, size, _) in live {
        // SAFETY: live.
        unsafe { heap.free_buffer(p, size) };
    }
    heap.verify().expect("sound");
    assert!(heap.stats().classes.iter().all(|c| c.blocks_live == 0));
}

#[test]
fn buffers_keep_their_contents_when_resized() {
    let heap = heap(None);
    let mut rng = Rng(2);
    let bags: Vec<_> = (0..40).map(|i| bag(&heap, i, 100).expect("room")).collect();
    for step in 0..3000 {
        let log = 4 + rng.below(18);
        let size = 1 + rng.below(1 << log);
        resize_bag(&heap, &bags[rng.below(bags.len())], size).expect("room");
        if step % 100 == 0 {
            heap.verify().expect("sound");
        }
    }
}

#[test]
#[cfg_attr(feature = "plain", ignore = "needs more than 64 MiB")]
fn growing_one_large_buffer_does_not_copy_or_double() {
    let heap = heap(Some(64 << 20));
    let a = bag(&heap, 7, 1 << 20).expect("room");
    let _wall = bag(&heap, 8, 1 << 20).expect("room");
    // 40 MiB under a limit of 64: possible only if the old pages move.
    for mib in [2, 4, 8, 16, 30, 40] {
        resize_bag(&heap, &a, mib << 20).expect("pages move");
        heap.verify().expect("sound");
    }
    assert!(resize_bag(&heap, &a, 80 << 20).is_err());
    heap.verify().expect("sound");
}

fn fill(heap: &Heap) -> Vec<hognose_heap::Owned> {
    let mut all = Vec::new();
    while let Ok(o) = leaf(heap, 0, 1000) {
        all.push(o);
    }
    all
}

#[test]
fn limit_is_exact_to_a_page_and_recoverable() {
    let limit = 2 << 20;
    let heap = heap(Some(limit));
    for _ in 0..3 {
        let all = fill(&heap);
        assert!(heap.bytes_used() <= limit - (64 << 10));
        assert!(heap.bytes_used() > limit - (64 << 10) - PAGE);
        heap.release_reserve();
        let more = fill(&heap);
        assert!(!more.is_empty() && heap.bytes_used() > limit - PAGE && heap.bytes_used() <= limit);
        heap.restore_reserve();
        heap.verify().expect("sound");
        drop((all, more));
        assert!(heap.bytes_used() <= PAGE, "one active page may stay");
        assert!(heap.bytes_committed() <= limit);
    }
    assert!(heap.peak_bytes() <= limit);
}

#[test]
fn external_charges_count() {
    let heap = heap(Some(1 << 20));
    heap.charge_external(900 << 10).expect("fits");
    assert!(heap.charge_external(200 << 10).is_err());
    assert!(heap.alloc_buffer(200 << 10).is_err());
    heap.discharge_external(900 << 10);
    let p = heap.alloc_buffer(200 << 10).expect("fits");
    // SAFETY: as allocated.
    unsafe { heap.free_buffer(p, 200 << 10) };
    assert_eq!(heap.bytes_used(), 0);
    assert!(heap.alloc_buffer(usize::MAX / 2).is_err() && heap.charge_external(usize::MAX).is_err());
}

#[test]
fn a_peak_is_given_back() {
    let heap = heap(None);
    let all: Vec<_> = (0..200_000).map(|i| node(&heap, i, 2).expect("room")).collect();
    let used = heap.bytes_used();
    assert!(used > 7 << 20);
    drop(all);
    assert!(heap.bytes_committed() < 6 << 20, "{} of {used}", heap.bytes_committed());
    assert!(heap.stats().purged_bytes > 0);
    heap.purge();
    assert!(heap.bytes_committed() <= PAGE);
    heap.verify_at(Level::Full).expect("sound");
}

#[test]
fn churn_keeps_pages_warm() {
    let heap = heap(None);
    for round in 0..1000 {
        let all: Vec<_> = (0..5000).map(|i| leaf(&heap, i, 100).expect("room")).collect();
        drop(all);
        if round == 10 {
            heap.reset_peak();
        }
    }
    assert_eq!(heap.stats().purged_bytes, 0);
}

#[test]
fn many_heaps_share_a_process() {
    let heaps: Vec<_> = (0..100).map(|_| heap(Some(16 << 20))).collect();
    for h in &heaps {
        let o = node(h, 1, 3).expect("room");
        // SAFETY: the object is in that heap.
        let found = unsafe { Heap::of(o.value().header().cast()) };
        assert!(std::ptr::eq(found, &**h));
    }
}

#[test]
fn vectors_grow_fail_and_return_their_buffers() {
    let heap = heap(Some(1 << 20));
    let mut v = hognose_heap::HeapVec::new();
    let mut n = 0u32;
    while v.push(&heap, n).is_ok() {
        n += 1;
    }
    // The last growth failed: everything before it is still there.
    assert!(n > 50_000 && v.len() == n as usize && v.iter().copied().eq(0..n));
    assert_eq!(v.pop(), Some(n - 1));
    v.truncate(10);
    v.extend_from_slice(&heap, &[7, 8]).expect("room");
    assert_eq!(v[9..], [9, 7, 8]);
    drop(v);
    assert!(heap.bytes_used() <= 16 * PAGE, "small buffers leave active pages only");
    heap.verify().expect("sound");
}

#[test]
fn a_limit_lowered_below_use_only_refuses() {
    let heap = heap(None);
    let all: Vec<_> = (0..1000).map(|i| leaf(&heap, i, 1000).expect("room")).collect();
    heap.set_limit(Some(64 << 10));
    assert!(heap.alloc_buffer(PAGE).is_err() && heap.gc_requested());
    assert_eq!(all.iter().map(|o| id(o.value())).sum::<u64>(), 499_500);
    heap.set_limit(None);
    let p = heap.alloc_buffer(PAGE).expect("room again");
    // SAFETY: as allocated.
    unsafe { heap.free_buffer(p, PAGE) };
}

/// What the next test runs in a process of its own.
#[test]
#[ignore = "needs a process with little address space"]
fn with_little_address_space() {
    let heap = heap(None);
    let mut all = Vec::new();
    while let Ok(b) = bag(&heap, 1, 1 << 20) {
        all.push(b);
    }
    assert!(all.len() > 20, "{} MiB", all.len());
    heap.verify().expect("sound");
    drop(all);
    assert!(bag(&heap, 1, 10 << 20).is_ok());
}

#[test]
fn a_small_address_space_is_made_do_with() {
    let exe = std::env::current_exe().expect("a path");
    let run = format!(
        "ulimit -v 700000; exec '{}' --ignored --exact memory::with_little_address_space",
        exe.display()
    );
    let status =
        std::process::Command::new("sh").args(["-c", &run]).stdout(std::process::Stdio::null()).status();
    assert!(status.expect("a shell").success());
}
