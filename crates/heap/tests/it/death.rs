//! The order of deaths, finalizers, weak references, depth.
#![allow(unsafe_code, reason = "the heap is tested through raw blocks and headers")]

use crate::kit::*;
use hognose_heap::{Heap, Owned, flags};

fn logged(log: &Log) -> hognose_heap::HeapBox {
    let heap = heap(None);
    heap.set_user_data(std::ptr::from_ref(log).cast_mut().cast());
    heap
}

fn tree(heap: &Heap, next: &mut u64, depth: u32) -> Owned {
    let n = node(heap, *next, 3).expect("room");
    *next += 1;
    if depth > 0 {
        for i in 0..3 {
            store(n.value(), i, Some(tree(heap, next, depth - 1)));
        }
    }
    n
}

/// What a recursive drop that releases the last child first would do, written down naively.
fn recursive_order(o: &Owned, out: &mut Vec<u64>) {
    out.push(id(o.value()));
    for &v in values(o.value()).iter().rev() {
        if v.is_ptr() {
            recursive_order(&owned(v), out);
        }
    }
}

#[test]
fn last_released_dies_first_and_depth_first() {
    let log = Log::default();
    let heap = logged(&log);
    let t = tree(&heap, &mut 0, 4);
    let mut want = Vec::new();
    recursive_order(&t, &mut want);
    drop(t);
    assert_eq!(*log.deaths.borrow(), want);
    assert_eq!(heap.objects_live(), 0);
    heap.verify().expect("sound");
}

#[test]
fn finalizers_interrupt_and_keep_the_order() {
    let log = Log::default();
    let heap = logged(&log);
    let t = tree(&heap, &mut 0, 2);
    let mut want = Vec::new();
    recursive_order(&t, &mut want);
    set_flag(values(t.value())[1], flags::HAS_FINALIZER);
    set_flag(values(values(t.value())[2])[0], flags::HAS_FINALIZER);
    drop(t);
    assert!(heap.has_pending());
    let mut order = Vec::new();
    run_pending(&heap, &mut |heap, v| {
        // What dies in a finalizer dies before what waits.
        drop(node(heap, 1000 + id(v), 0));
        order.push(id(v));
    });
    assert_eq!(order, [12, 6].map(|i| if i == 12 { order[0] } else { order[1] }));
    let seen: Vec<u64> = log.deaths.borrow().iter().copied().filter(|&i| i < 1000).collect();
    assert_eq!(seen, want);
    assert_eq!(log.deaths.borrow().len(), want.len() + 2);
    assert_eq!(heap.objects_live(), 0);
}

#[test]
fn resurrection_keeps_the_object_and_its_children() {
    let log = Log::default();
    let heap = logged(&log);
    let t = tree(&heap, &mut 0, 1);
    set_flag(t.value(), flags::HAS_FINALIZER);
    drop(t);
    let mut kept = None;
    run_pending(&heap, &mut |_, v| kept = Some(owned(v)));
    assert!(log.deaths.borrow().is_empty());
    heap.verify().expect("sound");
    drop(kept);
    assert_eq!(log.deaths.borrow().len(), 4);
}

#[test]
fn a_weak_reference_saves_what_only_waits_to_die() {
    let log = Log::default();
    let heap = logged(&log);
    let t = tree(&heap, &mut 0, 1);
    let (first, last) = (values(t.value())[0], values(t.value())[2]);
    set_flag(first, flags::HAS_WEAKREF);
    set_flag(last, flags::HAS_FINALIZER);
    drop(t);
    let mut kept = None;
    run_pending(&heap, &mut |heap, _| {
        heap.verify().expect("sound in a finalizer");
        // SAFETY: its weak references are not cleared yet.
        kept = Some(unsafe { heap.upgrade_weak(first.header()) });
    });
    assert_eq!(*log.deaths.borrow(), [0, 3, 2]);
    drop(kept);
    run_pending(&heap, &mut |_, _| {});
    assert_eq!(*log.deaths.borrow(), [0, 3, 2, 1]);
    assert_eq!(heap.objects_live(), 0);
}

#[test]
fn an_only_child_that_is_watched_is_seen() {
    let log = Log::default();
    let heap = logged(&log);
    let mut outer = node(&heap, 0, 1).expect("room");
    for i in 1..50 {
        let n = node(&heap, i, 1).expect("room");
        if i % 3 == 0 {
            set_flag(outer.value(), flags::HAS_FINALIZER);
        }
        store(n.value(), 0, Some(outer));
        outer = n;
    }
    drop(outer);
    let mut seen = 0;
    run_pending(&heap, &mut |_, _| seen += 1);
    assert_eq!(seen, 16);
    assert_eq!(*log.deaths.borrow(), (0..50).rev().collect::<Vec<_>>());
    assert_eq!(heap.objects_live(), 0);
}

#[test]
fn a_plain_reference_taken_while_waiting_may_come_and_go() {
    let log = Log::default();
    let heap = logged(&log);
    let t = tree(&heap, &mut 0, 1);
    let (first, last) = (values(t.value())[0], values(t.value())[2]);
    set_flag(first, flags::HAS_WEAKREF);
    set_flag(last, flags::HAS_FINALIZER);
    drop(t);
    // A table of weak references that knows nothing of dying.
    run_pending(&heap, &mut |_, v| {
        if v == last {
            drop(owned(first));
            let again = owned(first);
            // SAFETY: alive. As when the last weak reference goes meanwhile.
            unsafe { (*first.header()).clear_flag(flags::HAS_WEAKREF) };
            drop(again);
        }
    });
    assert_eq!(*log.deaths.borrow(), [0, 3, 2, 1]);
    assert_eq!(heap.objects_live(), 0);
    heap.verify().expect("sound");
}

#[test]
fn a_pending_death_nobody_took_yet_is_not_lost() {
    let log = Log::default();
    let heap = logged(&log);
    let t = tree(&heap, &mut 0, 1);
    let other = node(&heap, 50, 0).expect("room");
    set_flag(other.value(), flags::HAS_FINALIZER);
    set_flag(t.value(), flags::HAS_FINALIZER);
    drop(t);
    let death = heap.next_pending().expect("waits");
    drop(other);
    // The embedder finishes the outer one first, against custom.
    heap.finish_pending(death);
    run_pending(&heap, &mut |_, _| {});
    assert_eq!(*log.deaths.borrow(), [50, 0, 3, 2, 1]);
    assert_eq!(heap.objects_live(), 0);
}

#[test]
#[cfg_attr(feature = "plain", ignore = "needs more than 64 MiB")]
fn a_chain_of_five_million_dies_on_a_small_stack() {
    let run = || {
        let heap = heap(None);
        let mut head = node(&heap, 0, 1).expect("room");
        for i in 1..5_000_000 {
            let n = node(&heap, i, 1).expect("room");
            store(n.value(), 0, Some(head));
            head = n;
        }
        drop(head);
        assert_eq!(heap.objects_live(), 5_000_000 - 1 - 20_000, "a part at once");
        assert!(heap.finish_drops());
        assert_eq!(heap.objects_live(), 0);
    };
    let thread = std::thread::Builder::new().stack_size(64 << 10).spawn(run).expect("a thread");
    thread.join().expect("no overflow");
}
