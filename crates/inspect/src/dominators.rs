//! Retained sizes: what would be freed if an object were gone. Exact, by dominators (semi-NCA).
//!
//! Everything happens in preorder numbers, which follow addresses closely when objects were made in order: arrays are
//! walked almost in sequence.
//! Invariant: `idom[i] < i` in preorder, so one backward sweep sums the sizes.

use crate::graph::{Graph, NodeId};

const NONE: u32 = u32::MAX;

/// The dominator tree of a graph, and the bytes each node retains.
pub struct Dominators {
    /// By node: the node without which it would be gone; the number of nodes stands for the root.
    pub idom: Vec<NodeId>,
    /// By node: bytes that would be freed with it. The last entry is the root's: everything reachable.
    pub retained: Vec<u64>,
    /// Nodes in preorder; the first is the root.
    pub order: Vec<NodeId>,
}

/// A walk in depth-first order.
struct Walk {
    order: Vec<NodeId>,
    /// By node: its preorder number.
    number: Vec<u32>,
    /// By preorder number: that of the node it was reached from.
    parent: Vec<u32>,
}

fn walk(g: &Graph, starts: &[NodeId]) -> Walk {
    let n = g.len();
    let mut w = Walk { order: vec![n as u32], number: vec![NONE; n + 1], parent: vec![0] };
    w.number[n] = 0;
    let mut stack: Vec<(u32, usize, usize)> = Vec::new();
    for &start in starts {
        if w.number[start as usize] != NONE {
            continue;
        }
        w.enter(g, start, 0, &mut stack);
        while let Some(top) = stack.last_mut() {
            if top.1 == top.2 {
                stack.pop();
                continue;
            }
            let (from, to) = (top.0, g.to[top.1]);
            top.1 += 1;
            if to != NONE && w.number[to as usize] == NONE {
                w.enter(g, to, from, &mut stack);
            }
        }
    }
    w
}

impl Walk {
    fn enter(&mut self, g: &Graph, node: NodeId, parent: u32, stack: &mut Vec<(u32, usize, usize)>) {
        let number = self.order.len() as u32;
        self.number[node as usize] = number;
        self.order.push(node);
        self.parent.push(parent);
        let edges = g.edges(node);
        stack.push((number, edges.start, edges.end));
    }
}

/// References reversed, in preorder numbers: `at[i]..at[i + 1]` of `from`.
fn reversed(g: &Graph, w: &Walk, starts: &[NodeId]) -> (Vec<u64>, Vec<u32>) {
    let n = w.order.len();
    let mut at = vec![0u64; n + 1];
    let each = |f: &mut dyn FnMut(u32, u32)| {
        for &s in starts {
            f(0, w.number[s as usize]);
        }
        for (i, &node) in w.order.iter().enumerate().skip(1) {
            for t in g.children(node) {
                f(i as u32, w.number[t as usize]);
            }
        }
    };
    each(&mut |_, to| at[to as usize + 1] += 1);
    for i in 0..n {
        at[i + 1] += at[i];
    }
    let mut next = at.clone();
    let mut from = vec![0u32; at[n] as usize];
    each(&mut |source, to| {
        from[next[to as usize] as usize] = source;
        next[to as usize] += 1;
    });
    (at, from)
}

/// Semidominators with path compression.
struct Forest {
    ancestor: Vec<u32>,
    label: Vec<u32>,
    semi: Vec<u32>,
    path: Vec<u32>,
}

impl Forest {
    /// The node with the smallest semidominator between `v` and the linked part's root.
    fn eval(&mut self, v: u32, linked: u32) -> u32 {
        if self.ancestor[v as usize] < linked {
            return self.label[v as usize];
        }
        let mut v = v;
        while self.ancestor[v as usize] >= linked {
            self.path.push(v);
            v = self.ancestor[v as usize];
        }
        let mut above = v;
        let mut best = self.label[v as usize];
        while let Some(v) = self.path.pop() {
            self.ancestor[v as usize] = self.ancestor[above as usize];
            if self.semi[best as usize] < self.semi[self.label[v as usize] as usize] {
                self.label[v as usize] = best;
            } else {
                best = self.label[v as usize];
            }
            above = v;
        }
        best
    }
}

impl Dominators {
    /// Computes the tree from the named roots and from what is held outside.
    pub fn new(g: &Graph) -> Dominators {
        let mut starts: Vec<NodeId> = g.roots.iter().map(|r| r.node).collect();
        starts.extend(g.held_outside());
        Dominators::from(g, &starts)
    }

    /// Computes the tree from given starting nodes.
    pub fn from(g: &Graph, starts: &[NodeId]) -> Dominators {
        let w = walk(g, starts);
        let (at, from) = reversed(g, &w, starts);
        let n = w.order.len();
        let ids: Vec<u32> = (0..n as u32).collect();
        let mut f = Forest {
            ancestor: w.parent.clone(),
            label: ids,
            semi: (0..n as u32).collect(),
            path: Vec::new(),
        };
        for i in (1..n as u32).rev() {
            let mut semi = w.parent[i as usize];
            for &v in &from[at[i as usize] as usize..at[i as usize + 1] as usize] {
                let u = if v <= i { v } else { f.eval(v, i + 1) };
                let s = if v <= i { v } else { f.semi[u as usize] };
                semi = semi.min(s);
            }
            f.semi[i as usize] = semi;
        }
        let mut idom = w.parent.clone();
        for i in 1..n {
            let mut d = idom[i];
            while d > f.semi[i] {
                d = idom[d as usize];
            }
            idom[i] = d;
        }
        let mut sizes: Vec<u64> =
            w.order.iter().map(|&v| g.bytes.get(v as usize).copied().unwrap_or(0)).collect();
        for i in (1..n).rev() {
            sizes[idom[i] as usize] += sizes[i];
        }
        let mut d =
            Dominators { idom: vec![NONE; g.len() + 1], retained: vec![0; g.len() + 1], order: w.order };
        for (i, &node) in d.order.iter().enumerate() {
            d.idom[node as usize] = d.order[idom[i] as usize];
            d.retained[node as usize] = sizes[i];
        }
        d
    }

    /// Can it be reached?
    pub fn is_reachable(&self, node: NodeId) -> bool {
        self.idom[node as usize] != NONE
    }

    /// Nodes that each node alone keeps alive, as lists: `children[at[i]..at[i + 1]]`.
    pub fn children(&self) -> (Vec<u64>, Vec<NodeId>) {
        let n = self.idom.len();
        let mut at = vec![0u64; n + 1];
        for &v in self.order.iter().skip(1) {
            at[self.idom[v as usize] as usize + 1] += 1;
        }
        for i in 0..n {
            at[i + 1] += at[i];
        }
        let mut next = at.clone();
        let mut list = vec![0; at[n] as usize];
        for &v in self.order.iter().skip(1) {
            let d = self.idom[v as usize] as usize;
            list[next[d] as usize] = v;
            next[d] += 1;
        }
        (at, list)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn random_graph(n: u32, seed: u64) -> Graph {
        let mut s = seed;
        let mut next = |m: u32| {
            s = s.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            ((s >> 33) % u64::from(m)) as u32
        };
        let mut g = Graph { edge_at: vec![0], ..Graph::default() };
        for i in 0..n {
            g.address.push(u64::from(i) * 2);
            g.bytes.push(u64::from(1 + next(100)));
            g.count.push(1);
            for _ in 0..next(4) {
                g.to.push(next(n));
                g.label.push(0);
            }
            g.edge_at.push(g.to.len() as u64);
        }
        g
    }

    fn reachable(g: &Graph, starts: &[u32], without: u32) -> Vec<bool> {
        let mut seen = vec![false; g.len()];
        let mut todo: Vec<u32> = starts.iter().copied().filter(|&s| s != without).collect();
        while let Some(v) = todo.pop() {
            if !std::mem::replace(&mut seen[v as usize], true) {
                todo.extend(g.children(v).filter(|&t| t != without && !seen[t as usize]));
            }
        }
        seen
    }

    #[test]
    fn retained_is_what_would_be_lost() {
        for seed in 0..60 {
            let g = random_graph(40, seed);
            let starts = [0, 7];
            let d = Dominators::from(&g, &starts);
            let all = reachable(&g, &starts, NONE);
            for v in 0..40u32 {
                assert_eq!(d.is_reachable(v), all[v as usize], "seed {seed} node {v}");
                if !all[v as usize] {
                    continue;
                }
                let rest = reachable(&g, &starts, v);
                let lost: u64 = (0..40).filter(|&i| all[i] && !rest[i]).map(|i| g.bytes[i]).sum();
                assert_eq!(d.retained[v as usize], lost, "seed {seed} node {v}");
            }
        }
    }
}
