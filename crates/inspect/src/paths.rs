//! Shortest paths from named roots, written as a programmer would: `app.state.CACHE["k"].owner[3]`.
//!
//! Module variables and variables of running functions are better names than "held by the interpreter", so what is held
//! outside the graph counts as a root only for what the named ones do not reach.

use crate::graph::{Graph, NONE, NodeId};
use hognose_object::dump::root;
use std::collections::VecDeque;

/// How each node is reached.
pub struct Paths {
    /// By node: the edge it was reached by, and from where; a root has its own number there.
    from: Vec<(NodeId, u32)>,
    edge: Vec<u64>,
}

/// One step of a path.
pub struct Step {
    /// What is reached.
    pub node: NodeId,
    /// By which name, or the root's.
    pub name: String,
}

impl Paths {
    /// Looks from all roots at once.
    pub fn new(g: &Graph) -> Paths {
        let mut p = Paths { from: vec![(NONE, NONE); g.len()], edge: vec![0; g.len()] };
        let mut queue = VecDeque::new();
        for what in [root::MODULE, root::LOCAL, root::MACHINE] {
            for (i, r) in g.roots.iter().enumerate().filter(|(_, r)| r.what == what) {
                p.start(r.node, i as u32, &mut queue);
            }
            p.spread(g, &mut queue);
        }
        for node in g.held_outside() {
            p.start(node, NONE, &mut queue);
        }
        p.spread(g, &mut queue);
        p
    }

    fn start(&mut self, node: NodeId, root: u32, queue: &mut VecDeque<NodeId>) {
        if self.from[node as usize].0 == NONE {
            self.from[node as usize] = (node, root);
            queue.push_back(node);
        }
    }

    fn spread(&mut self, g: &Graph, queue: &mut VecDeque<NodeId>) {
        while let Some(v) = queue.pop_front() {
            for at in g.edges(v) {
                let t = g.to[at];
                if t != NONE && self.from[t as usize].0 == NONE {
                    self.from[t as usize] = (v, NONE);
                    self.edge[t as usize] = at as u64;
                    queue.push_back(t);
                }
            }
        }
    }

    /// The steps from a root to a node; empty when nothing reaches it.
    pub fn steps(&self, g: &Graph, node: NodeId) -> Vec<Step> {
        let mut out = Vec::new();
        let mut v = node;
        loop {
            let (from, root) = self.from[v as usize];
            if from == NONE {
                return Vec::new();
            }
            if from == v {
                let name = match g.roots.get(root as usize) {
                    Some(r) if r.what == root::MODULE => format!("module {}", r.name),
                    Some(r) if r.what == root::LOCAL => format!("local {}", r.name),
                    Some(r) => r.name.clone(),
                    None if g.is_immortal(v) => "immortal".into(),
                    None => "held by the interpreter".into(),
                };
                out.push(Step { node: v, name });
                break;
            }
            out.push(Step { node: v, name: g.edge_name(from, self.edge[v as usize] as usize) });
            v = from;
        }
        out.reverse();
        out
    }

    /// The whole path in one line.
    pub fn expression(&self, g: &Graph, node: NodeId) -> String {
        let steps = self.steps(g, node);
        let Some((first, rest)) = steps.split_first() else { return "unreachable".into() };
        let mut out = String::new();
        let mut names = rest.iter();
        match first.name.strip_prefix("module ") {
            Some(module) => {
                out.push_str(module);
                if let Some(step) = names.next() {
                    match step.name.strip_prefix("[\"").and_then(|n| n.strip_suffix("\"]")) {
                        Some(variable) => {
                            out.push('.');
                            out.push_str(variable);
                        }
                        None => out.push_str(&step.name),
                    }
                }
            }
            None => out.push_str(first.name.strip_prefix("local ").unwrap_or(&first.name)),
        }
        names.for_each(|step| out.push_str(&step.name));
        out
    }
}
