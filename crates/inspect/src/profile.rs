//! Bytes by line and by call path, of the three measures that matter.
//!
//!   peak    alive when most was alive      live    alive at the end      total   all that was ever allocated

use crate::graph::{Frame, Graph, Use};
use std::collections::HashMap;

/// What to count.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "see the module's table")]
pub enum Measure {
    Peak,
    Live,
    Total,
}

impl Measure {
    /// All of them.
    pub const ALL: [Measure; 3] = [Measure::Peak, Measure::Live, Measure::Total];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Measure::Peak => "peak",
            Measure::Live => "live",
            Measure::Total => "total",
        }
    }

    /// Bytes of it.
    pub fn bytes(self, u: &Use) -> u64 {
        match self {
            Measure::Peak => u.peak_bytes,
            Measure::Live => u.live_bytes,
            Measure::Total => u.total_bytes,
        }
    }

    /// Blocks of it.
    pub fn blocks(self, u: &Use) -> u64 {
        match self {
            Measure::Peak => u.peak_blocks,
            Measure::Live => u.live_blocks,
            Measure::Total => u.total_blocks,
        }
    }
}

/// The watched allocations of a dump.
pub struct Profile<'a> {
    g: &'a Graph,
}

/// A function or line with the bytes of it and of what it called.
#[derive(Debug, Default)]
pub struct Node {
    /// Its line; `None` at the top.
    pub frame: Option<Frame>,
    /// Peak, live and total bytes of it and below.
    pub bytes: [u64; 3],
    /// Peak, live and total blocks.
    pub blocks: [u64; 3],
    /// What it called.
    pub children: Vec<Node>,
}

fn add(to: &mut Use, u: &Use) {
    to.live_bytes += u.live_bytes;
    to.live_blocks += u.live_blocks;
    to.total_bytes += u.total_bytes;
    to.total_blocks += u.total_blocks;
    to.peak_bytes += u.peak_bytes;
    to.peak_blocks += u.peak_blocks;
    to.most_bytes += u.most_bytes;
    to.heap_bytes = to.heap_bytes.max(u.heap_bytes);
}

impl<'a> Profile<'a> {
    /// Of a dump; empty unless the heap was watched.
    pub fn new(g: &'a Graph) -> Profile<'a> {
        Profile { g }
    }

    /// Everything together.
    pub fn sum(&self) -> Use {
        let mut sum = Use::default();
        self.g.uses.iter().for_each(|(_, u)| add(&mut sum, u));
        sum
    }

    /// By line, in no order.
    pub fn by_line(&self) -> Vec<(&'a Frame, Use)> {
        let mut lines: HashMap<u32, Use> = HashMap::new();
        for (site, u) in &self.g.uses {
            if let Some(s) = self.g.sites.get(site) {
                add(lines.entry(s.frame).or_default(), u);
            }
        }
        lines.into_iter().filter_map(|(f, u)| Some((self.g.frames.get(f as usize)?, u))).collect()
    }

    /// Frames of a site, the outermost first.
    pub fn stack(&self, site: u32) -> Vec<&'a Frame> {
        let mut out = Vec::new();
        let mut at = site;
        while let Some(s) = self.g.sites.get(&at) {
            out.extend(self.g.frames.get(s.frame as usize));
            if s.parent >= at {
                break;
            }
            at = s.parent;
        }
        out.reverse();
        out
    }

    /// The tree of calls.
    pub fn tree(&self) -> Node {
        let mut top = Node::default();
        for (site, u) in &self.g.uses {
            let mut at = &mut top;
            at.count(u);
            for frame in self.stack(*site) {
                let i = match at.children.iter().position(|c| c.frame.as_ref() == Some(frame)) {
                    Some(i) => i,
                    None => {
                        at.children.push(Node { frame: Some(frame.clone()), ..Node::default() });
                        at.children.len() - 1
                    }
                };
                at = &mut at.children[i];
                at.count(u);
            }
        }
        top
    }
}

impl Node {
    fn count(&mut self, u: &Use) {
        for (i, m) in Measure::ALL.into_iter().enumerate() {
            self.bytes[i] += m.bytes(u);
            self.blocks[i] += m.blocks(u);
        }
    }
}
