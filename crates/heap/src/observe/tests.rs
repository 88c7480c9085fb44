//! Watching, walking and accounting agree with a list kept beside them.
#![allow(unsafe_code, reason = "frees blocks it was given")]

use crate::{Config, Heap, HeapBox, KindVTable};

unsafe fn no_trace(_: *mut crate::Header, _: &mut dyn FnMut(crate::Value)) {}
unsafe fn no_drop(_: *mut crate::Header, _: &Heap) {}
unsafe fn no_buffers(_: *mut crate::Header) -> usize {
    0
}

static LEAF: [KindVTable; 1] = [KindVTable {
    name: "leaf",
    traced: false,
    trace: no_trace,
    trace_part: None,
    drop: no_drop,
    buffers: no_buffers,
}];

fn heap() -> HeapBox {
    HeapBox::new(Config { limit: Some(64 << 20), reserve: 0, vtables: &LEAF }).expect("memory to start")
}

unsafe fn site_in_cell(data: *const ()) -> u32 {
    // SAFETY: the test's cell outlives the heap's use of it.
    unsafe { (*data.cast::<std::cell::Cell<u32>>()).get() }
}

/// A small deterministic generator.
fn next(state: &mut u64) -> usize {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*state >> 33) as usize
}

#[test]
fn notes_agree_with_a_list() {
    let site = std::cell::Cell::new(1u32);
    let heap = heap();
    // SAFETY: `site` outlives `heap`'s last allocation.
    unsafe { heap.set_site_hook(Some((site_in_cell, (&raw const site).cast()))) };
    let mut seed = 7;
    let mut list: Vec<(*mut u8, usize, u32)> = Vec::new();
    for round in 0..6 {
        if round == 1 || round == 4 {
            heap.watch();
        }
        for _ in 0..4000 {
            let watched = heap.is_watched();
            if next(&mut seed).is_multiple_of(3) && !list.is_empty() {
                let (p, bytes, _) = list.swap_remove(next(&mut seed) % list.len());
                // SAFETY: allocated below, and taken off the list.
                unsafe { heap.free_buffer(p, bytes) };
            } else {
                let bytes =
                    16 + next(&mut seed) % if next(&mut seed).is_multiple_of(50) { 60_000 } else { 300 };
                site.set(1 + (next(&mut seed) % 5) as u32);
                let p = heap.alloc_buffer(bytes).expect("room");
                list.push((p, bytes, if watched { site.get() } else { 0 }));
            }
        }
        check(&heap, &list);
        if round == 2 {
            heap.unwatch();
            list.iter_mut().for_each(|b| b.2 = 0);
            check(&heap, &list);
        }
    }
    for (p, bytes, _) in list.drain(..) {
        // SAFETY: each is on the list once.
        unsafe { heap.free_buffer(p, bytes) };
    }
    assert_eq!(heap.watched_totals().expect("watched").0, 0);
    assert!(heap.site_uses().iter().all(|(_, u)| u.live_bytes == 0 && u.live_blocks == 0));
    heap.unwatch();
    heap.verify().expect("sound");
    assert!(!heap.sampled_sites().is_empty());
}

fn check(heap: &Heap, list: &[(*mut u8, usize, u32)]) {
    heap.verify().expect("sound");
    heap.accounting().verify().expect("all bytes are found");
    let mut found = std::collections::HashMap::new();
    heap.for_each_block(&mut |b| {
        found.insert(b.address, (b.bytes, b.site));
    });
    assert_eq!(found.len(), list.len());
    let mut by_site = [0u64; 8];
    for &(p, bytes, site) in list {
        let (block, noted) = found[&p.addr()];
        assert!(block >= bytes && noted == site, "{bytes} in {block}, site {noted} for {site}");
        by_site[site as usize] += block as u64;
    }
    for (site, u) in heap.site_uses() {
        assert_eq!(u.live_bytes, by_site[site as usize], "site {site}");
    }
}

#[test]
fn the_peak_is_remembered_by_site() {
    let site = std::cell::Cell::new(1u32);
    let heap = heap();
    // SAFETY: as above.
    unsafe { heap.set_site_hook(Some((site_in_cell, (&raw const site).cast()))) };
    heap.watch();
    let a: Vec<_> = (0..100).map(|_| heap.alloc_buffer(64).expect("room")).collect();
    site.set(2);
    let b: Vec<_> = (0..50).map(|_| heap.alloc_buffer(64).expect("room")).collect();
    for p in a {
        // SAFETY: allocated above.
        unsafe { heap.free_buffer(p, 64) };
    }
    site.set(3);
    let _c = heap.alloc_buffer(64).expect("room");
    let uses = heap.site_uses();
    let of = |n: u32| uses.iter().find(|u| u.0 == n).expect("used").1;
    assert_eq!((of(1).peak_bytes, of(1).live_bytes, of(1).total_blocks), (6400, 0, 100));
    assert_eq!((of(2).peak_bytes, of(2).live_bytes), (3200, 3200));
    assert_eq!((of(3).peak_bytes, of(3).live_bytes), (0, 64));
    assert_eq!(heap.watched_totals().expect("watched").1, 9600);
    for p in b {
        // SAFETY: allocated above.
        unsafe { heap.free_buffer(p, 64) };
    }
}
