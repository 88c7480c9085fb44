//! Sites: the places in the program that allocate, as the heap sees them.
//!
//! ```text
//!   heap's hook ─► running frame (code, pc) ─► place (code, line) ─► node (calling node, place) = SiteId
//!                        └────── cache by pc ──────┘
//! ```
//!
//! With a depth of 1 a site is one line; with more it is a node of the tree of calls, of the innermost `depth` frames.
//! Numbers are never reused: 0 is unknown, 1 the machine itself outside any frame, 2 everything beyond [`NODES_MAX`].
//! Invariant: nothing here touches the heap, for it runs inside of allocation. Code is held by its compiler's data,
//! whose address stays taken while it is in the table.
#![allow(unsafe_code, reason = "looks at the running frame from inside of an allocation")]

use crate::Vm;
use crate::frame::{Frame, FrameStack};
use hognose_bytecode::{Code, Insn};
use hognose_heap::SiteId;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

/// Most nodes of the tree.
const NODES_MAX: usize = 1 << 20;
/// Outside of any frame.
const MACHINE: SiteId = 1;
/// What found no place in the tree.
const OTHERS: SiteId = 2;
const CACHE: usize = 1024;

/// One line of a program.
#[derive(Clone)]
pub struct Place {
    code: Rc<Code>,
    /// Line number.
    pub line: u32,
}

impl Place {
    /// File name.
    pub fn filename(&self) -> &str {
        &self.code.filename
    }
    /// Qualified name of the function.
    pub fn function(&self) -> &str {
        &self.code.qualname
    }
    /// First line of the function.
    pub fn first_line(&self) -> u32 {
        self.code.first_line
    }
}

#[derive(Clone, Copy)]
struct Cached {
    pc: *const Insn,
    data: *const Code,
    place: u32,
    /// Node of the place without callers.
    node: SiteId,
}

const NOT_CACHED: Cached = Cached { pc: std::ptr::null(), data: std::ptr::null(), place: 0, node: 0 };

/// The table.
pub(crate) struct SiteTable {
    places: Vec<Place>,
    place_ids: HashMap<(*const Code, u32), u32>,
    /// Calling node and place, by id.
    nodes: Vec<(SiteId, u32)>,
    node_ids: HashMap<(SiteId, u32), SiteId>,
    cache: Box<[Cached]>,
    depth: usize,
    /// The frames seen last: what was running in each, and its node.
    stack: Vec<(*const Insn, *const Code, SiteId)>,
}

/// What the heap's hook is given.
pub(crate) struct SiteHook {
    frames: *const FrameStack,
    table: RefCell<SiteTable>,
}

impl SiteTable {
    fn new() -> SiteTable {
        SiteTable {
            places: Vec::new(),
            place_ids: HashMap::new(),
            nodes: vec![(0, u32::MAX); 3],
            node_ids: HashMap::new(),
            cache: vec![NOT_CACHED; CACHE].into_boxed_slice(),
            depth: 1,
            stack: Vec::new(),
        }
    }

    unsafe fn place(&mut self, fp: *const Frame) -> Cached {
        // SAFETY: by the caller: a running frame, whose code is alive.
        unsafe {
            let (pc, code) = ((*fp).pc, (*fp).code);
            let data: *const Code = Rc::as_ptr(&(*code).data);
            let at = (pc.addr() >> 3) % CACHE;
            let cached = self.cache[at];
            if cached.pc == pc && cached.data == data {
                return cached;
            }
            let rc = &(*code).data;
            let index = (pc.addr().wrapping_sub((*code).insns.addr()) / size_of::<Insn>()) as u32;
            let line = match rc.position_at(index).line {
                0 => rc.first_line,
                line => line,
            };
            let place = self.intern_place(rc, line);
            let node = self.intern_node(0, place);
            let fresh = Cached { pc, data, place, node };
            self.cache[at] = fresh;
            fresh
        }
    }

    #[cold]
    fn intern_place(&mut self, code: &Rc<Code>, line: u32) -> u32 {
        let key = (Rc::as_ptr(code), line);
        if let Some(&id) = self.place_ids.get(&key) {
            return id;
        }
        if self.places.len() >= NODES_MAX {
            return u32::MAX;
        }
        let id = self.places.len() as u32;
        self.places.push(Place { code: Rc::clone(code), line });
        self.place_ids.insert(key, id);
        id
    }

    fn intern_node(&mut self, parent: SiteId, place: u32) -> SiteId {
        if let Some(&id) = self.node_ids.get(&(parent, place)) {
            return id;
        }
        if place == u32::MAX || parent == OTHERS || self.nodes.len() >= NODES_MAX {
            return OTHERS;
        }
        let id = self.nodes.len() as SiteId;
        self.nodes.push((parent, place));
        self.node_ids.insert((parent, place), id);
        id
    }

    /// Node of the innermost frames; what has not changed since the last time is taken from there.
    unsafe fn walk(&mut self, frames: &FrameStack) -> SiteId {
        let n = frames.len();
        let first = n.saturating_sub(self.depth);
        let mut same = n <= self.depth;
        let mut parent = 0;
        for i in first..n {
            let fp = frames.get(i);
            // SAFETY: by the caller: frames below the length are running.
            unsafe {
                let key = ((*fp).pc, Rc::as_ptr(&(*(*fp).code).data));
                let level = i - first;
                if same && let Some(&(pc, data, node)) = self.stack.get(level) {
                    if (pc, data) == key {
                        parent = node;
                        continue;
                    }
                    self.stack.truncate(level);
                }
                same = same && self.stack.len() == level;
                let place = self.place(fp).place;
                parent = self.intern_node(parent, place);
                if same {
                    self.stack.push((key.0, key.1, parent));
                }
            }
        }
        parent
    }
}

/// The heap's hook.
unsafe fn current_site(data: *const ()) -> SiteId {
    // SAFETY: `data` is the machine's own record, alive as long as its heap; the frame stack is only read.
    unsafe {
        let hook = &*data.cast::<SiteHook>();
        let frames = &*hook.frames;
        let top = frames.top();
        if top.is_null() {
            return MACHINE;
        }
        // Nobody else holds the table here: whoever borrows it does not allocate in the heap meanwhile.
        let table = &mut *hook.table.as_ptr();
        if table.depth > 1 {
            return table.walk(frames);
        }
        let pc = (*top).pc;
        let cached = &table.cache[(pc.addr() >> 3) % CACHE];
        if cached.pc == pc && cached.data == Rc::as_ptr(&(*(*top).code).data) {
            return cached.node;
        }
        table.place(top).node
    }
}

impl Vm {
    /// Lets the heap ask for sites. The machine must stay where it is.
    pub(crate) fn install_site_hook(&mut self) {
        let hook =
            Box::new(SiteHook { frames: &raw const self.frames, table: RefCell::new(SiteTable::new()) });
        let data: *const SiteHook = &raw const *hook;
        self.sites = Some(hook);
        // SAFETY: the box lives in the machine beside the heap, which is not used after it.
        unsafe { self.heap.set_site_hook(Some((current_site, data.cast()))) };
    }

    /// Notes the site of every allocation from now on: a line, or the innermost `depth` calls.
    pub fn watch_allocations(&mut self, depth: usize) {
        if let Some(hook) = &self.sites {
            let mut table = hook.table.borrow_mut();
            table.depth = depth.clamp(1, crate::frame::MAX_FRAMES);
            table.stack.clear();
        }
        self.heap.watch();
    }

    /// Stops that, and forgets what was noted.
    pub fn unwatch_allocations(&mut self) {
        self.heap.unwatch();
        if let Some(hook) = &self.sites {
            let mut table = hook.table.borrow_mut();
            table.depth = 1;
            table.stack.clear();
        }
    }

    /// Calls kept of each site.
    pub fn watch_depth(&self) -> usize {
        self.sites.as_ref().map_or(1, |h| h.table.borrow().depth)
    }

    /// The line of a site, and the site that called it (0: none).
    pub fn site_place(&self, site: SiteId) -> Option<(Place, SiteId)> {
        let table = self.sites.as_ref()?.table.borrow();
        let &(parent, place) = table.nodes.get(site as usize)?;
        Some((table.places.get(place as usize)?.clone(), parent))
    }

    /// Number of sites there are; ids are below it.
    pub fn site_count(&self) -> usize {
        self.sites.as_ref().map_or(0, |h| h.table.borrow().nodes.len())
    }

    /// The place of the allocation that would be made now.
    pub fn current_place(&self) -> Option<(Place, SiteId)> {
        let hook = self.sites.as_ref()?;
        let top = self.frames.top();
        if top.is_null() {
            return None;
        }
        // SAFETY: the running frame.
        let node = unsafe { hook.table.try_borrow_mut().ok()?.place(top).node };
        self.site_place(node)
    }
}
