//! A dump in memory: objects as rows of compact arrays, references in one array beside them.
//!
//!   node:  | address | kind | bytes | site | count | text |          one entry each, in order of addresses
//!   edges: edge_at[node] .. edge_at[node + 1]  ─►  to[], label[]
//!
//! Besides the objects there is one more node, the last: the root above all named roots.

pub use hognose_heap::SiteUse as Use;
use hognose_object::dump::{MAGIC, Reader, tag};
use serde_json::Value as Json;
use std::collections::HashMap;
use std::io::{self, BufReader, Read};

/// An object's number.
pub type NodeId = u32;
/// No node.
pub(crate) const NONE: NodeId = u32::MAX;
/// Counts from here on belong to objects that never die.
const IMMORTAL: u32 = 1 << 31;

/// A class with one arrangement of attributes.
#[derive(Clone, Debug, Default)]
pub struct Kind {
    /// Name of the class.
    pub class: String,
    /// Layout number.
    pub layout: u32,
    /// Names of slots by offset in words.
    pub slots: HashMap<u32, String>,
}

/// A line of a program.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frame {
    /// File.
    pub file: String,
    /// Function.
    pub function: String,
    /// Line.
    pub line: u32,
    /// First line of the function.
    pub first_line: u32,
}

/// A place in the tree of calls.
#[derive(Clone, Copy, Debug, Default)]
pub struct Site {
    /// The site that called it; 0: none.
    pub parent: u32,
    /// Index of its line.
    pub frame: u32,
}

/// A page, or a block of several.
#[derive(Clone, Copy, Debug)]
pub struct Page {
    /// Number of the first.
    pub page: u32,
    /// How many.
    pub pages: u32,
    /// 0 free, 1 objects with references, 2 objects without, 3 buffers.
    pub family: u8,
    /// Bytes of a block; 0: one block.
    pub block_bytes: u32,
    /// Bytes alive.
    pub live_bytes: u32,
}

/// A named root.
#[derive(Clone, Debug)]
pub struct Root {
    /// What it is; see `hognose_object::dump::root`.
    pub what: u64,
    /// Its name.
    pub name: String,
    /// What it holds.
    pub node: NodeId,
}

/// A dump in memory.
#[derive(Default)]
#[allow(missing_docs, reason = "see the module's picture")]
pub struct Graph {
    pub info: Json,
    pub kinds: Vec<Kind>,
    pub frames: Vec<Frame>,
    pub sites: HashMap<u32, Site>,
    pub uses: Vec<(u32, Use)>,
    pub moments: Vec<(u64, u64)>,
    pub pages: Vec<Page>,
    pub roots: Vec<Root>,
    /// In units of 8 bytes.
    pub address: Vec<u64>,
    pub kind: Vec<u32>,
    pub bytes: Vec<u64>,
    pub site: Vec<u32>,
    pub count: Vec<u32>,
    pub(crate) texts: Vec<String>,
    pub(crate) blob: Vec<u8>,
    pub(crate) text_at: Vec<u64>,
    pub(crate) hashes: HashMap<NodeId, u64>,
    pub(crate) edge_at: Vec<u64>,
    pub(crate) to: Vec<NodeId>,
    pub(crate) label: Vec<u64>,
}

impl Graph {
    /// Reads a dump.
    ///
    /// # Errors
    /// When it is none, or damaged.
    pub fn read(from: impl Read) -> io::Result<Graph> {
        let mut from = BufReader::with_capacity(1 << 20, from);
        let mut magic = [0; 8];
        from.read_exact(&mut magic)?;
        if magic != MAGIC {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "not a heap dump of this version"));
        }
        let mut r = Reader::new(from);
        let mut g = Graph::default();
        g.edge_at.push(0);
        g.text_at.push(0);
        let mut targets: Vec<u64> = Vec::new();
        let mut roots: Vec<(u64, String, u64)> = Vec::new();
        loop {
            match r.int()? {
                tag::END => break,
                tag::OBJECT => g.read_object(&mut r, &mut targets)?,
                tag::ROOT => roots.push((r.int()?, r.text()?, r.int()?)),
                other => g.read_other(other, &mut r)?,
            }
        }
        g.resolve(&targets, roots);
        Ok(g)
    }

    fn read_other(&mut self, what: u64, r: &mut Reader<impl Read>) -> io::Result<()> {
        match what {
            tag::INFO => self.info = serde_json::from_str(&r.text()?).unwrap_or(Json::Null),
            tag::STRING => self.texts.push(r.text()?),
            tag::KIND => {
                let mut kind = Kind { class: r.text()?, layout: r.int()? as u32, slots: HashMap::new() };
                for _ in 0..r.int()? {
                    let offset = r.int()? as u32;
                    kind.slots.insert(offset, r.text()?);
                }
                self.kinds.push(kind);
            }
            tag::FRAME => {
                let (file, function) = (r.text()?, r.text()?);
                let (line, first_line) = (r.int()? as u32, r.int()? as u32);
                self.frames.push(Frame { file, function, line, first_line });
            }
            tag::SITE => {
                let id = r.int()? as u32;
                self.sites.insert(id, Site { parent: r.int()? as u32, frame: r.int()? as u32 });
            }
            tag::USE => self.read_use(r)?,
            tag::MOMENT => {
                let last = self.moments.last().map_or(0, |m| m.0);
                self.moments.push((last + r.int()?, r.int()?));
            }
            tag::PAGE => {
                let next = self.pages.last().map_or(0, |p| p.page + p.pages);
                let (skip, pages, family) = (r.int()? as u32, r.int()? as u32, r.int()? as u8);
                let (block_bytes, live_bytes) = (r.int()? as u32, r.int()? as u32);
                self.pages.push(Page {
                    page: next.wrapping_add(skip),
                    pages,
                    family,
                    block_bytes,
                    live_bytes,
                });
            }
            other => {
                let what = format!("a record of unknown kind {other}");
                return Err(io::Error::new(io::ErrorKind::InvalidData, what));
            }
        }
        Ok(())
    }

    fn read_use(&mut self, r: &mut Reader<impl Read>) -> io::Result<()> {
        let site = r.int()? as u32;
        let mut field = || r.int();
        let u = Use {
            live_bytes: field()?,
            live_blocks: field()?,
            total_bytes: field()?,
            total_blocks: field()?,
            peak_bytes: field()?,
            peak_blocks: field()?,
            most_bytes: field()?,
            heap_bytes: field()?,
        };
        self.uses.push((site, u));
        Ok(())
    }

    fn read_object(&mut self, r: &mut Reader<impl Read>, targets: &mut Vec<u64>) -> io::Result<()> {
        let at = self.address.last().copied().unwrap_or(0).wrapping_add(r.int()?);
        self.address.push(at);
        self.kind.push(r.int()? as u32);
        self.bytes.push(r.int()?);
        self.site.push(r.int()? as u32);
        self.count.push(r.int()? as u32);
        self.blob.extend(r.bytes()?);
        self.text_at.push(self.blob.len() as u64);
        let hash = r.int()?;
        if hash != 0 {
            self.hashes.insert(self.address.len() as u32 - 1, hash);
        }
        for _ in 0..r.int()? {
            self.label.push(r.int()?);
            targets.push(at.wrapping_add_signed(r.signed()?));
        }
        self.edge_at.push(targets.len() as u64);
        Ok(())
    }

    /// Turns addresses into node numbers, through the first node of each page.
    fn resolve(&mut self, targets: &[u64], roots: Vec<(u64, String, u64)>) {
        const SHIFT: u32 = 11;
        let first = self.address.first().map_or(0, |a| a >> SHIFT);
        let pages = self.address.last().map_or(0, |a| (a >> SHIFT) - first + 1) as usize;
        let mut starts = vec![0u32; pages + 1];
        for (i, a) in self.address.iter().enumerate() {
            starts[((a >> SHIFT) - first) as usize + 1] = i as u32 + 1;
        }
        for i in 1..starts.len() {
            starts[i] = starts[i].max(starts[i - 1]);
        }
        let find = |a: u64| -> NodeId {
            let page = (a >> SHIFT).wrapping_sub(first) as usize;
            if page >= pages {
                return NONE;
            }
            let range = starts[page] as usize..starts[page + 1] as usize;
            self.address[range.clone()].binary_search(&a).map_or(NONE, |i| (range.start + i) as u32)
        };
        self.to = targets.iter().map(|&a| find(a)).collect();
        self.roots = roots
            .into_iter()
            .map(|(what, name, a)| Root { what, name, node: find(a) })
            .filter(|r| r.node != NONE)
            .collect();
    }

    /// Number of objects.
    pub fn len(&self) -> usize {
        self.address.len()
    }

    /// Has it none?
    pub fn is_empty(&self) -> bool {
        self.address.is_empty()
    }

    /// Edges of a node: positions in the edge arrays.
    pub(crate) fn edges(&self, node: NodeId) -> std::ops::Range<usize> {
        let i = node as usize;
        self.edge_at[i] as usize..self.edge_at[i + 1] as usize
    }

    /// What a node refers to.
    pub fn children(&self, node: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        self.to[self.edges(node)].iter().copied().filter(|&t| t != NONE)
    }

    /// Name of the class.
    pub fn class(&self, node: NodeId) -> &str {
        self.kinds.get(self.kind[node as usize] as usize).map_or("?", |k| &k.class)
    }

    /// Kept text: contents or a name.
    pub fn preview(&self, node: NodeId) -> String {
        String::from_utf8_lossy(self.raw_preview(node)).into_owned()
    }

    pub(crate) fn raw_preview(&self, node: NodeId) -> &[u8] {
        let i = node as usize;
        &self.blob[self.text_at[i] as usize..self.text_at[i + 1] as usize]
    }

    pub(crate) fn hash(&self, node: NodeId) -> u64 {
        self.hashes.get(&node).copied().unwrap_or(0)
    }

    /// Class and text, as a person would call the object.
    pub fn describe(&self, node: NodeId) -> String {
        let (class, text) = (self.class(node), self.preview(node));
        match class {
            _ if text.is_empty() => format!("{class}#{:x}", (self.address[node as usize] * 8) & 0xf_ffff),
            "str" | "bytes" => {
                let dots = if self.hash(node) != 0 { "…" } else { "" };
                format!("{class} {:?}{dots}", text)
            }
            _ => format!("{class} {text}"),
        }
    }

    /// `file:line in function()` of where a site is.
    pub fn place(&self, site: u32) -> Option<&Frame> {
        self.frames.get(self.sites.get(&site)?.frame as usize)
    }

    /// Never dies?
    pub fn is_immortal(&self, node: NodeId) -> bool {
        self.count[node as usize] >= IMMORTAL
    }

    /// What an edge is called, in the syntax of Python; `at` is its position, `from` its source.
    pub(crate) fn edge_name(&self, from: NodeId, at: usize) -> String {
        let label = self.label[at];
        let n = label >> 3;
        match label & 7 {
            1 => format!("[{n}]"),
            2 => {
                let slots = self.kinds.get(self.kind[from as usize] as usize).map(|k| &k.slots);
                slots
                    .and_then(|s| s.get(&(n as u32)))
                    .map_or_else(|| format!(".<slot {n}>"), |s| format!(".{s}"))
            }
            3 => format!(".{}", hognose_object::dump::FIELDS.get(n as usize).unwrap_or(&"?")),
            4 => ".<key>".into(),
            5 => match self.edges(from).contains(&(at.wrapping_sub(1))).then(|| self.to[at - 1]) {
                Some(key) if key != NONE => match self.class(key) {
                    "str" => format!("[{:?}]", self.preview(key)),
                    _ => format!("[{}]", self.describe(key)),
                },
                _ => "[?]".into(),
            },
            6 => format!("[{}]", (n >> 1) as i64 ^ -((n & 1) as i64)),
            7 => format!(".{}", self.texts.get(n as usize).map_or("?", String::as_str)),
            _ => " → ".into(),
        }
    }

    /// A number of the dump's general facts.
    pub fn fact(&self, name: &str) -> u64 {
        self.info.get(name).and_then(Json::as_u64).unwrap_or(0)
    }

    /// A fact that whoever made the dump added.
    pub fn about(&self, name: &str) -> &Json {
        self.info.get("about").and_then(|a| a.get(name)).unwrap_or(&Json::Null)
    }

    /// Nodes that something outside the graph holds beyond the named roots: `(node, immortal)`.
    pub fn held_outside(&self) -> Vec<NodeId> {
        let mut incoming = vec![0u32; self.len()];
        for &t in self.to.iter().filter(|&&t| t != NONE) {
            incoming[t as usize] = incoming[t as usize].saturating_add(1);
        }
        for r in self.roots.iter().filter(|r| r.what != hognose_object::dump::root::MODULE) {
            incoming[r.node as usize] = incoming[r.node as usize].saturating_add(1);
        }
        (0..self.len() as u32).filter(|&i| self.count[i as usize] > incoming[i as usize]).collect()
    }
}
