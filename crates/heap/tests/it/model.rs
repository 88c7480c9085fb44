//! Random operations into heap and model. The model holds ids and edges only, and knows what must be alive:
//! whatever roots reach, and (until a collection) cycles nothing reaches.
#![allow(unsafe_code, reason = "the heap is tested through raw blocks and headers")]

use crate::kit::*;
use hognose_heap::{Heap, Owned, Value, flags};
use std::collections::{HashMap, HashSet};

#[derive(Default)]
struct Model {
    edges: HashMap<u64, Vec<Option<u64>>>,
    roots: Vec<u64>,
    watched: HashSet<u64>,
    finalized: HashSet<u64>,
}

impl Model {
    fn reachable(&self) -> HashSet<u64> {
        let mut seen = HashSet::new();
        let mut stack = self.roots.clone();
        while let Some(id) = stack.pop() {
            if seen.insert(id) {
                stack.extend(self.edges[&id].iter().flatten());
            }
        }
        seen
    }
}

#[derive(Clone, Copy)]
enum How {
    All,
    Young,
    Auto,
    Slice,
}

struct Run {
    model: Model,
    roots: Vec<Owned>,
    rng: Rng,
    next: u64,
    resurrected: Vec<Owned>,
}

impl Run {
    fn new_object(&mut self, heap: &Heap) {
        let id = self.next;
        let kind = self.rng.below(8);
        let made = match kind {
            0..=3 => node(heap, id, self.rng.below(6)),
            4 => node(heap, id, self.rng.below(3000)),
            5 => leaf(heap, id, self.rng.below(300)),
            _ => bag(heap, id, self.rng.below(1 << (self.rng.0 % 15))),
        };
        let Ok(o) = made else { return };
        self.next += 1;
        let slots = match kind {
            0..=4 => values(o.value()).len(),
            5 => 0,
            _ => 1,
        };
        self.model.edges.insert(id, vec![None; slots]);
        if self.rng.below(10) == 0 {
            set_flag(o.value(), flags::HAS_FINALIZER);
            self.model.watched.insert(id);
        }
        if self.rng.below(10) == 0 {
            set_flag(o.value(), flags::HAS_WEAKREF);
        }
        self.model.roots.push(id);
        self.roots.push(o);
    }

    fn link(&mut self) {
        if self.roots.is_empty() {
            return;
        }
        let (i, j) = (self.rng.below(self.roots.len()), self.rng.below(self.roots.len()));
        let (a, b) = (self.model.roots[i], self.model.roots[j]);
        let slots = self.model.edges[&a].len();
        if slots > 0 {
            let slot = self.rng.below(slots);
            let clear = self.rng.below(5) == 0;
            self.model.edges.get_mut(&a).expect("known")[slot] = (!clear).then_some(b);
            store(self.roots[i].value(), slot, (!clear).then(|| self.roots[j].clone()));
        }
    }

    fn unroot(&mut self) {
        if !self.roots.is_empty() {
            let i = self.rng.below(self.roots.len());
            self.model.roots.swap_remove(i);
            drop(self.roots.swap_remove(i));
        }
    }

    /// Finalizers log, and now and then keep the object.
    fn finalizers(&mut self, heap: &Heap) {
        let Run { model, rng, resurrected, .. } = self;
        run_pending(heap, &mut |_, v| {
            assert!(model.watched.remove(&id(v)), "finalized twice or unasked");
            model.finalized.insert(id(v));
            if rng.below(4) == 0 {
                resurrected.push(owned(v));
            }
        });
        self.keep_resurrected();
    }

    fn keep_resurrected(&mut self) {
        for o in std::mem::take(&mut self.resurrected) {
            self.model.roots.push(id(o.value()));
            self.roots.push(o);
        }
    }

    fn collect(&mut self, heap: &Heap, how: How) {
        let found = match how {
            How::All => heap.find_unreachable(),
            How::Young => heap.find_unreachable_young(),
            How::Slice => heap.find_unreachable_step(1 + self.rng.below(300)),
            How::Auto => heap.find_unreachable_auto(),
        };
        let set = found.expect("room");
        let reachable = self.model.reachable();
        for o in &set {
            assert!(!reachable.contains(&id(o.value())), "condemned a live object");
            if self.model.watched.remove(&id(o.value())) {
                // SAFETY: alive.
                unsafe { (*o.value().header()).clear_flag(flags::HAS_FINALIZER) };
                if self.rng.below(4) == 0 {
                    self.resurrected.push(o.clone());
                }
            }
        }
        let set = heap.retest_unreachable(set);
        heap.reclaim(set);
        self.keep_resurrected();
        self.finalizers(heap);
    }

    /// What is reachable is alive with the right edges; after a full collection nothing else is.
    fn check(&self, heap: &Heap, exactly: bool) {
        let mut alive: HashMap<u64, Value> = HashMap::new();
        heap.for_each_object(&mut |v| assert!(alive.insert(id(v), v).is_none(), "an id twice"));
        let reachable = self.model.reachable();
        for id in &reachable {
            let mut found = Vec::new();
            heap.trace(alive[id], &mut |c| found.push(self::id(c)));
            let want: Vec<u64> = self.model.edges[id].iter().flatten().copied().collect();
            assert_eq!(found, want, "edges of {id}");
        }
        if exactly {
            assert_eq!(alive.len(), reachable.len(), "garbage left after a full collection");
        }
        heap.verify().expect("sound");
    }
}

fn run(seed: u64, steps: usize, limit: Option<usize>, stress: bool) {
    let heap = heap(limit);
    heap.set_gc_stress(stress);
    let mut run =
        Run { model: Model::default(), roots: Vec::new(), rng: Rng(seed), next: 0, resurrected: Vec::new() };
    for step in 0..steps {
        match run.rng.below(100) {
            0..40 => run.new_object(&heap),
            40..65 => run.link(),
            65..95 => run.unroot(),
            95..98 => run.collect(&heap, How::Slice),
            98 => run.collect(&heap, How::Young),
            _ => {
                run.collect(&heap, How::All);
                if run.rng.below(4) == 0 {
                    run.collect(&heap, How::All);
                }
            }
        }
        run.finalizers(&heap);
        if heap.gc_requested() {
            run.collect(&heap, How::Auto);
        }
        if step % 500 == 499 {
            run.check(&heap, false);
        }
    }
    // A finalizer may resurrect: repeat until nothing is found.
    loop {
        let before = heap.gc_counters().found;
        run.collect(&heap, How::All);
        if heap.gc_counters().found == before {
            break;
        }
    }
    run.check(&heap, true);
    run.roots.clear();
    run.model.roots.clear();
    run.finalizers(&heap);
    while !run.roots.is_empty() || heap.objects_live() > 0 {
        run.roots.clear();
        run.model.roots.clear();
        run.collect(&heap, How::All);
    }
    run.check(&heap, true);
    assert!(heap.stats().classes.iter().all(|c| c.blocks_live == 0));
}

#[test]
fn heap_agrees_with_the_model() {
    for seed in 0..40 {
        run(seed, 4000, None, false);
    }
}

#[test]
fn heap_agrees_with_the_model_at_its_limit() {
    for seed in 100..120 {
        run(seed, 4000, Some(400 << 10), false);
    }
}

#[test]
fn heap_agrees_with_the_model_under_stress() {
    for seed in 200..205 {
        run(seed, 2000, None, true);
    }
}
