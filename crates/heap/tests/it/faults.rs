//! Every allocation fails once: a clean error, a sound heap, nothing left behind.

use crate::kit::*;
use hognose_heap::{Heap, OutOfMemory};

/// Uses every way of allocating.
fn scenario(heap: &Heap) -> Result<(), OutOfMemory> {
    let mut all = Vec::new();
    for i in 0..60 {
        let n = node(heap, i, (i % 7) as usize * 40)?;
        let b = bag(heap, i, 1 << (i % 16))?;
        store(b.value(), 0, Some(leaf(heap, i, (i * 50) as usize)?));
        resize_bag(heap, &b, 3 << (i % 17))?;
        heap.charge_external(1000)?;
        heap.discharge_external(1000);
        if i % 7 > 0 {
            store(n.value(), 1, Some(b));
            store(n.value(), 0, Some(n.clone()));
        }
        all.push(n);
    }
    drop(all);
    heap.find_unreachable().map(|set| heap.reclaim(set)).map(drop)
}

#[test]
fn the_kth_allocation_fails() {
    for k in 1.. {
        let heap = heap(Some(8 << 20));
        heap.fail_allocation_after(k);
        let result = scenario(&heap);
        heap.verify().expect("sound after a failure");
        heap.fail_allocation_after(0);
        collect(&heap);
        assert_eq!(heap.objects_live(), 0, "after failure {k}");
        assert!(heap.stats().classes.iter().all(|c| c.blocks_live == 0) && heap.stats().runs == 0);
        scenario(&heap).expect("works afterwards");
        if result.is_ok() {
            assert!(k > 50);
            break;
        }
    }
}
