//! Random operations against the standard map.
#![allow(unsafe_code, reason = "drives the tables through raw objects")]

use super::*;
use crate::hash::hash_int;
use hognose_heap::{Config, HeapBox};
use std::collections::BTreeMap;

fn heap() -> HeapBox {
    HeapBox::new(Config { limit: None, reserve: 0, vtables: &crate::vtables::VTABLES }).expect("memory")
}

fn int(n: i64) -> Owned {
    Owned::from_immediate(Value::from_int(n).expect("small"))
}

fn find(d: DictRef<'_>, n: i64) -> Option<usize> {
    match d.find_quick(hash_int(n), int(n).as_ref()) {
        Quick::Found(i) => Some(i),
        Quick::Absent => None,
        Quick::Unsure => panic!("ints are compared by the table"),
    }
}

#[test]
fn behaves_as_a_map() {
    let mut heap = heap();
    for range in [6, 20, 300, 3000, 60_000] {
        let owner = new_dict(&heap).expect("memory");
        let d = DictRef::new(owner.as_ref()).expect("a dict");
        let mut model = BTreeMap::new();
        let mut seed = 12345u64;
        for step in 0..range.max(40_000) * 3 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let (key, op) = ((seed >> 33) as i64 % range, seed >> 60);
            match (find(d, key), op < 9) {
                (Some(i), true) => drop(d.replace_at(&mut heap, i, int(step))),
                (None, true) => d.insert_new(&mut heap, hash_int(key), int(key), int(step)).expect("memory"),
                (Some(i), false) => drop(d.remove_at(&mut heap, i, 0)),
                (None, false) => {}
            }
            if op < 9 {
                model.insert(key, step)
            } else {
                model.remove(&key)
            };
            assert_eq!(d.len(), model.len());
        }
        for key in 0..range {
            let value = find(d, key).and_then(|i| d.value_at(i)).and_then(|v| v.value().as_int());
            assert_eq!(value, model.get(&key).copied(), "key {key}");
        }
    }
}

#[test]
fn large_tables_grow_where_they_are() {
    let mut heap = heap();
    for hole_every in [2, 3, 7, i64::MAX] {
        let owner = new_dict(&heap).expect("memory");
        let d = DictRef::new(owner.as_ref()).expect("a dict");
        let holds = |n: i64| n % hole_every != 0 || n == 0;
        for n in 0..200_000 {
            d.insert_new(&mut heap, hash_int(n), int(n), int(-n)).expect("memory");
            if !holds(n) {
                let i = find(d, n).expect("present");
                d.remove_at(&mut heap, i, 0);
            }
        }
        for n in 0..200_000 {
            let value = find(d, n).and_then(|i| d.value_at(i)).and_then(|v| v.value().as_int());
            assert_eq!(value, holds(n).then_some(-n), "a hole every {hole_every}");
        }
    }
}

#[test]
fn a_refused_growth_loses_nothing() {
    let config = Config { limit: Some(4 << 20), reserve: 0, vtables: &crate::vtables::VTABLES };
    let mut heap = HeapBox::new(config).expect("memory");
    let owner = new_dict(&heap).expect("memory");
    let d = DictRef::new(owner.as_ref()).expect("a dict");
    let mut n = 0;
    while d.insert_new(&mut heap, hash_int(n), int(n), int(-n)).is_ok() {
        n += 1;
        if n % 5 == 0 {
            let i = find(d, n - 1).expect("present");
            d.remove_at(&mut heap, i, 0);
        }
    }
    assert!(n > 50_000, "refused after {n}");
    for key in 0..n {
        assert_eq!(find(d, key).is_some(), key % 5 != 4, "key {key} of {n}");
    }
    heap.verify().expect("sound");
}

#[test]
fn churn_does_not_grow() {
    let mut heap = heap();
    let owner = new_dict(&heap).expect("memory");
    let d = DictRef::new(owner.as_ref()).expect("a dict");
    for n in 0..100_000 {
        d.insert_new(&mut heap, hash_int(n), int(n), int(n)).expect("memory");
        if n >= 10 {
            let i = find(d, n - 10).expect("present");
            d.remove_at(&mut heap, i, 0);
        }
    }
    assert_eq!(d.len(), 10);
    // SAFETY: a live dict.
    assert!(unsafe { DictObj::buffers(d.as_ref().value().header()) } < 1200);
}

#[test]
fn copies_and_sets() {
    let mut heap = heap();
    let a = new_table(&heap, Layout::Set.kind(), 0).expect("memory");
    let b = new_table(&heap, Layout::FrozenSet.kind(), 0).expect("memory");
    let (s, t) = (DictRef::new_set(a.as_ref()).expect("a set"), DictRef::new_set(b.as_ref()).expect("a set"));
    for n in 0..1000 {
        s.insert_new(&mut heap, hash_int(n), int(n), Owned::null()).expect("memory");
    }
    for n in (0..1000).step_by(2) {
        let i = find(s, n).expect("present");
        s.remove_at(&mut heap, i, 0);
    }
    s.copy_into(&mut heap, t).expect("memory");
    assert_eq!((t.len(), t.entries_len()), (500, 500));
    for n in 0..1000 {
        assert_eq!(find(t, n).is_some(), n % 2 == 1, "{n}");
    }
    assert_eq!(t.hash_at(0), hash_int(1));
}
