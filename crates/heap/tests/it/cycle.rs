//! The collection in slices: what it finds, what it leaves alone, how it is given up.

use crate::kit::*;
use hognose_heap::{Heap, Owned};

/// A ring of `n` nodes; gives one of them.
fn ring(heap: &Heap, n: u64) -> Owned {
    let first = node(heap, 0, 1).expect("room");
    let mut last = first.clone();
    for i in 1..n {
        let next = node(heap, i, 1).expect("room");
        store(next.value(), 0, Some(last));
        last = next;
    }
    store(first.value(), 0, Some(last));
    first
}

/// Runs a whole cycle in slices of `visits`, calling `between`; gives what was freed.
fn cycle(heap: &Heap, visits: usize, between: &mut dyn FnMut()) -> usize {
    let mut freed = 0;
    loop {
        freed += heap.reclaim_unseen(heap.find_unreachable_step(visits).expect("room"));
        if !heap.cycle_running() {
            heap.verify().expect("sound");
            return freed;
        }
        between();
    }
}

#[test]
fn old_rings_of_any_size_are_found() {
    let heap = heap(None);
    let kept = ring(&heap, 5000);
    let rings: Vec<Owned> = [1, 2, 3, 700, 9000].map(|n| ring(&heap, n)).into();
    heap.find_unreachable().expect("room");
    assert_eq!(cycle(&heap, 100, &mut || ()), 0);
    drop(rings);
    assert_eq!(cycle(&heap, 100, &mut || ()), 9706);
    assert_eq!(heap.objects_live(), 5000);
    drop(kept);
}

#[test]
fn what_moves_about_meanwhile_is_left_alone() {
    let heap = heap(None);
    let mut rng = Rng(3);
    let table = node(&heap, 0, 400).expect("room");
    for i in 0..400 {
        store(table.value(), i, Some(ring(&heap, 5)));
    }
    // Rings change places through a register, some are replaced.
    for _ in 0..20 {
        cycle(&heap, 37, &mut || {
            for _ in 0..5 {
                let (i, j) = (rng.below(400), rng.below(400));
                let held = owned(values(table.value())[i]);
                store(table.value(), i, None);
                let other = values(table.value())[j];
                let other = if other.is_ptr() { owned(other) } else { ring(&heap, 5) };
                store(table.value(), j, Some(held));
                let back = if rng.below(8) == 0 { ring(&heap, 5) } else { other };
                store(table.value(), i, Some(back));
            }
        });
    }
    collect(&heap);
    assert_eq!(heap.objects_live(), 1 + 400 * 5);
}

#[test]
fn a_collection_at_once_gives_the_slices_up() {
    let heap = heap(None);
    drop(ring(&heap, 4000));
    assert!(heap.find_unreachable_step(100).expect("room").is_empty());
    assert!(heap.cycle_running());
    assert_eq!(collect(&heap), 4000);
    assert!(!heap.cycle_running());
    drop(ring(&heap, 4000));
    assert!(heap.find_unreachable_step(100).expect("room").is_empty());
    heap.set_gc_enabled(false);
    assert!(!heap.cycle_running());
    assert_eq!(cycle(&heap, 1000, &mut || ()), 4000);
}

#[test]
fn safe_points_find_old_garbage_without_growth() {
    let heap = heap(None);
    let kept = ring(&heap, 50_000);
    let old = ring(&heap, 50_000);
    heap.find_unreachable().expect("room");
    drop(old);
    let mut slots: Vec<Option<Owned>> = (0..30_000).map(|_| None).collect();
    let mut rng = Rng(1);
    for _ in 0..8_000_000 {
        slots[rng.below(30_000)] = Some(node(&heap, 7, 1).expect("room"));
        safe_point(&heap);
        if heap.gc_counters().reclaimed > 0 {
            break;
        }
    }
    assert!(heap.gc_counters().cycles > 0, "{:?}", heap.gc_counters());
    assert_eq!(heap.gc_counters().reclaimed, 50_000);
    drop(kept);
}

#[test]
fn a_queue_of_dying_cycles_stays_bounded_in_slices() {
    let heap = heap(None);
    let live = 20_000;
    let mut queue = std::collections::VecDeque::new();
    let (mut full, mut peak) = (0, 0);
    for i in 0..400_000 {
        let b = bag(&heap, i, 100).expect("room");
        store(b.value(), 0, Some(b.clone()));
        queue.push_back(b);
        if queue.len() > live {
            queue.pop_front();
            peak = peak.max(heap.bytes_used());
        } else {
            full = heap.bytes_used();
        }
        safe_point(&heap);
    }
    // The law of pace.rs, whatever the clock says: after one good yield a collection begins at 42/16 of what the last one
    // left and 4 MiB at the latest, and is complete when memory has grown by an eighth. What the last one left is the
    // queue, and what died while it was freeing.
    let left = full * 7 / 5;
    let latest = left * 42 / 16 + (4 << 20);
    assert!(peak < latest * 9 / 8, "{full} grew to {peak}: {:?}", heap.gc_counters());
}
