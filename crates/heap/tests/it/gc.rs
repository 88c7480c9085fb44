//! What collections find, and when they happen.

use crate::kit::*;
use hognose_heap::{Heap, Owned, flags};
use std::collections::VecDeque;

fn pair(heap: &Heap) -> (Owned, Owned) {
    let (a, b) = (node(heap, 1, 2).expect("room"), node(heap, 2, 2).expect("room"));
    store(a.value(), 0, Some(b.clone()));
    store(b.value(), 0, Some(a.clone()));
    (a, b)
}

#[test]
fn cycles_go_and_what_is_held_stays() {
    let heap = heap(None);
    let (a, b) = pair(&heap);
    let tail = node(&heap, 3, 0).expect("room");
    store(b.value(), 1, Some(tail.clone()));
    drop(b);
    assert_eq!(collect(&heap), 0);
    drop(a);
    assert_eq!(heap.objects_live(), 3);
    assert_eq!(collect(&heap), 2);
    assert_eq!(heap.objects_live(), 1);
    drop(tail);
    heap.verify().expect("sound");
}

#[test]
fn large_objects_and_old_ones_are_found() {
    let heap = heap(None);
    let big = node(&heap, 1, 5000).expect("room");
    store(big.value(), 4999, Some(big.clone()));
    for _ in 0..4 {
        let set = heap.find_unreachable_young().expect("room");
        assert_eq!(heap.reclaim(set), 0);
    }
    drop(big);
    assert_eq!(heap.reclaim(heap.find_unreachable_young().expect("room")), 0, "old now");
    assert_eq!(collect(&heap), 1);
    assert_eq!(heap.objects_live(), 0);
}

#[test]
fn a_minor_finds_young_cycles_only_held_by_themselves() {
    let heap = heap(None);
    let keep = node(&heap, 0, 1).expect("room");
    let (a, b) = pair(&heap);
    let (c, _) = pair(&heap);
    store(keep.value(), 0, Some(c));
    drop((a, b));
    assert_eq!(heap.reclaim(heap.find_unreachable_young().expect("room")), 2);
    assert_eq!(heap.objects_live(), 3);
    heap.verify().expect("sound");
}

#[test]
fn resurrected_subsets_survive_the_retest() {
    let heap = heap(None);
    let (a, b) = pair(&heap);
    let (c, d) = pair(&heap);
    drop((a, b, d));
    let weak = c.value();
    drop(c);
    let set = heap.find_unreachable().expect("room");
    assert_eq!(set.len(), 4);
    let saved = owned(weak);
    assert_eq!(heap.retest_unreachable(set).len(), 2);
    let set = heap.find_unreachable().expect("room");
    let set = set.into_iter().chain([owned(weak), owned(values(weak)[0])]).collect();
    assert_eq!(heap.reclaim(set), 2, "what is held is spared even so");
    assert_eq!(heap.objects_live(), 2);
    heap.verify().expect("sound");
    drop(saved);
    assert_eq!(collect(&heap), 2);
}

#[test]
fn objects_outside_a_set_die_in_order_after_it() {
    let heap = heap(None);
    let (a, b) = pair(&heap);
    let watched = node(&heap, 3, 0).expect("room");
    set_flag(watched.value(), flags::HAS_FINALIZER);
    let anchor = watched.value();
    store(a.value(), 1, Some(watched));
    drop((a, b));
    let set = heap.find_unreachable().expect("room");
    assert_eq!(set.len(), 3);
    let set = set.into_iter().filter(|o| o.value() != anchor).collect();
    heap.reclaim(set);
    assert!(heap.has_pending());
    run_pending(&heap, &mut |_, v| assert_eq!(id(v), 3));
    assert_eq!(heap.objects_live(), 0);
}

#[test]
#[cfg_attr(feature = "plain", ignore = "needs more than 64 MiB")]
fn building_without_garbage_costs_little() {
    let heap = heap(None);
    let n = 1_000_000;
    let mut list = Vec::with_capacity(n);
    for i in 0..n as u64 {
        let inner = bag(&heap, i, 0).expect("room");
        let t = node(&heap, i, 2).expect("room");
        store(t.value(), 0, Some(inner));
        list.push(t);
        assert_eq!(safe_point(&heap), 0);
    }
    let c = heap.gc_counters();
    // 2 n objects were made; looking at a few of them was enough.
    assert!(c.visited < n as u64 / 2, "{c:?}");
    assert!(c.minors > 3, "{c:?}");
}

#[test]
fn dying_self_cycles_with_buffers_stay_bounded() {
    for (size, live) in [(10_000, 1000), (200, 3000)] {
        let heap = heap(None);
        let mut queue = VecDeque::new();
        let mut full = 0;
        for i in 0..40_000 {
            let b = bag(&heap, i, size).expect("room");
            store(b.value(), 0, Some(b.clone()));
            queue.push_back(b);
            if queue.len() > live {
                queue.pop_front();
                if full == 0 {
                    full = heap.bytes_used();
                    heap.reset_peak();
                }
            }
            safe_point(&heap);
        }
        let c = heap.gc_counters();
        let (peak, allowed) = (heap.peak_bytes(), full * 7 / 4 + (if size < 1000 { 4 << 20 } else { 0 }));
        println!("{size} B x {live}: peak {peak}, live {full}, {c:?}");
        assert!(peak <= allowed, "peak {peak}, live {full}, {c:?}");
        heap.verify().expect("sound");
    }
}

#[test]
fn short_lived_cycles_with_payload_stay_small() {
    let heap = heap(None);
    for i in 0..20_000 {
        let b = bag(&heap, i, 10_000).expect("room");
        store(b.value(), 0, Some(b.clone()));
        drop(b);
        safe_point(&heap);
    }
    assert!(heap.peak_bytes() < 4 << 20, "{}", heap.peak_bytes());
}

#[test]
fn a_large_graph_that_becomes_garbage_is_found() {
    let heap = heap(None);
    for round in 0..6 {
        // Nodes scattered over the heap refer to random others: no window of pages holds a whole cycle.
        let mut rng = Rng(round);
        let all: Vec<_> = (0..100_000).map(|i| node(&heap, i, 4).expect("room")).collect();
        for n in &all {
            for i in 0..4 {
                store(n.value(), i, Some(all[rng.below(all.len())].clone()));
            }
            safe_point(&heap);
        }
        drop(all);
    }
    // 6 × 5.6 MB would be held without majors; without signs of garbage 96 MiB may be.
    assert!(heap.peak_bytes() < 100 << 20);
    let found = collect(&heap);
    assert_eq!(heap.objects_live(), 0);
    assert!(found > 0);
}

#[test]
fn requests_can_be_switched_off() {
    let heap = heap(None);
    heap.set_gc_enabled(false);
    let all: Vec<_> = (0..200_000).map(|i| node(&heap, i, 2).expect("room")).collect();
    assert!(!heap.gc_requested() && !heap.gc_enabled());
    heap.set_gc_enabled(true);
    let more: Vec<_> = (0..200_000).map(|i| node(&heap, i, 2).expect("room")).collect();
    assert!(heap.gc_requested());
    drop((all, more));
}

#[test]
fn cyclic_garbage_does_not_reach_the_limit() {
    for limit in [1 << 20, 16 << 20] {
        let heap = heap(Some(limit));
        let keep: Vec<_> = (0..5000).map(|i| node(&heap, i, 2).expect("room")).collect();
        for i in 0..200_000 {
            let (a, _) = pair(&heap);
            if i % 64 == 0 {
                store(a.value(), 1, Some(bag(&heap, i, 3000).expect("garbage is found in time")));
            }
            safe_point(&heap);
        }
        drop(keep);
    }
}

#[test]
fn steady_replacement_in_a_large_heap_is_left_alone() {
    let heap = heap(None);
    let mut rng = Rng(9);
    let mut all: Vec<_> = (0..300_000).map(|i| node(&heap, i, 2).expect("room")).collect();
    collect(&heap);
    let before = heap.gc_counters();
    for i in 0..2_000_000 {
        let at = rng.below(all.len());
        all[at] = node(&heap, i, 2).expect("room");
        safe_point(&heap);
    }
    let visited = heap.gc_counters().visited - before.visited;
    assert!(visited < 1_000_000, "{:?} after {before:?}", heap.gc_counters());
}
