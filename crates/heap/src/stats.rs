//! Counters, and the check of the accounting identity.
#![allow(unsafe_code, reason = "reads page metadata")]

use crate::header::flags;
use crate::heap::{Family, Heap, PageState};
use crate::size_class::{CLASSES, PAGE, SIZES};
use crate::value::Value;

/// Use of one size class of one family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClassStats {
    /// What the pages hold.
    pub family: Family,
    /// Bytes of a block.
    pub block_bytes: usize,
    /// Pages in use.
    pub pages: usize,
    /// Blocks in use.
    pub blocks_live: usize,
    /// Blocks free.
    pub blocks_free: usize,
}

/// A picture of the heap at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Classes that have pages.
    pub classes: Vec<ClassStats>,
    /// Runs of whole pages, and their bytes.
    pub runs: usize,
    /// Bytes of those runs.
    pub run_bytes: usize,
    /// Pages ready for any use.
    pub free_pages: usize,
    /// Objects alive.
    pub objects_live: usize,
    /// Bytes charged by libraries.
    pub external_bytes: usize,
    /// Pages taken into use since the start.
    pub pages_made: u64,
    /// Collections since the start.
    pub collections: u64,
}

impl Heap {
    /// Walks all pages and counts.
    pub fn stats(&self) -> Stats {
        let mut stats = Stats {
            external_bytes: self.external.get(),
            pages_made: self.pages_made.get(),
            collections: self.collections.get(),
            free_pages: self.runs.borrow().pages(),
            ..Stats::default()
        };
        let on_list = |family: Family, class: usize| {
            let (mut n, mut p) = (0, self.free[family as usize][class].get());
            while !p.is_null() {
                n += 1;
                // SAFETY: free blocks are linked through their second word.
                p = unsafe { p.cast::<*mut u8>().add(1).read() };
            }
            n
        };
        for family in [Family::Traced, Family::Leaf, Family::Buffer] {
            for class in 0..CLASSES {
                let mut row = ClassStats {
                    family,
                    block_bytes: usize::from(SIZES[class]),
                    pages: 0,
                    blocks_live: 0,
                    blocks_free: on_list(family, class),
                };
                let mut capacity = 0;
                for page in self.first_page..self.frontier.get() {
                    // SAFETY: metadata below the frontier is initialised.
                    let meta = unsafe { *self.meta(page) };
                    let here = meta.family == family as u8 && usize::from(meta.class) == class;
                    if meta.state == PageState::Small && here {
                        row.pages += 1;
                        capacity += usize::from(meta.capacity);
                        row.blocks_free += usize::from(meta.nfree);
                    }
                }
                row.blocks_live = capacity - row.blocks_free;
                if row.pages > 0 {
                    stats.classes.push(row);
                }
            }
        }
        for page in self.first_page..self.frontier.get() {
            // SAFETY: metadata below the frontier is initialised.
            let meta = unsafe { *self.meta(page) };
            if meta.state == PageState::RunStart {
                stats.runs += 1;
                stats.run_bytes += meta.next as usize * PAGE;
            }
        }
        self.for_each_object(&mut |_| stats.objects_live += 1);
        stats
    }

    /// Number of live objects.
    pub fn objects_live(&self) -> usize {
        let mut n = 0;
        self.for_each_object(&mut |_| n += 1);
        n
    }

    /// Checks page accounting, free lists, and that no object has fewer references than live objects hold to it.
    ///
    /// # Errors
    /// A description of the first thing found wrong.
    pub fn verify(&self) -> Result<(), String> {
        let stats = self.stats();
        let pages: usize = stats.classes.iter().map(|c| c.pages * PAGE).sum::<usize>() + stats.run_bytes;
        let used = self.bytes_used() - self.external.get();
        if pages != used {
            return Err(format!("pages hold {pages} bytes, {used} are counted"));
        }
        let used_pages = used / PAGE + stats.free_pages;
        let all = (self.frontier.get() - self.first_page) as usize;
        if used_pages != all {
            return Err(format!("{used_pages} pages used or free of {all}"));
        }
        self.verify_counts()
    }

    fn verify_counts(&self) -> Result<(), String> {
        let mut held = std::collections::HashMap::<u64, u32>::new();
        let mut objects = Vec::<Value>::new();
        self.for_each_object(&mut |v| objects.push(v));
        for &v in &objects {
            self.trace(v, &mut |child| *held.entry(child.bits()).or_default() += 1);
        }
        for v in objects {
            // SAFETY: found alive.
            let h = unsafe { &*v.header() };
            let edges = held.get(&v.bits()).copied().unwrap_or(0);
            if !h.is_immortal() && !h.has_flag(flags::DEAD) && h.rc() < edges {
                let name = self.vtable(h.kind()).name;
                return Err(format!("{name} {v:?} has count {} but {edges} references", h.rc()));
            }
            held.remove(&v.bits());
        }
        match held.keys().next() {
            Some(bits) => Err(format!("a live object refers to {bits:#x}, which is no live object")),
            None => Ok(()),
        }
    }
}
