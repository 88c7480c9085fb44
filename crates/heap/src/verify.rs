//! Checks, graded by price.
//!
//!   Cheap  O(pages): the accounting identity, free runs, page lists
//!   Full   O(bytes): free blocks lie where they should, every count is at least the number of edges found
#![allow(unsafe_code, reason = "reads page metadata")]

use crate::header::flags;
use crate::heap::{Family, Heap};
use crate::meta::{LISTED, NO_COUNTS, NO_PAGE, PageState};
use crate::size_class::{CLASS, CLASSES, INDEX_NONE, INDEX_RUN, PAGE};
use crate::value::Value;
use std::collections::HashMap;

/// How much to check.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Level {
    /// Page by page.
    Cheap,
    /// Block by block and object by object.
    Full,
}

impl Heap {
    /// Checks everything: [`Level::Full`].
    ///
    /// # Errors
    /// A description of the first thing found wrong.
    pub fn verify(&self) -> Result<(), String> {
        self.verify_at(Level::Full)
    }

    /// Checks the heap's structure.
    ///
    /// # Errors
    /// A description of the first thing found wrong.
    pub fn verify_at(&self, level: Level) -> Result<(), String> {
        self.verify_accounting()?;
        self.verify_runs()?;
        self.verify_lists()?;
        if level >= Level::Full {
            for page in self.first_page..self.frontier.get() {
                self.verify_free_blocks(page)?;
            }
            self.verify_counts()?;
        }
        Ok(())
    }

    /// The accounting identity: pages with blocks + free pages = all pages below the frontier, and the bytes counted
    /// for each family are those of its pages.
    fn verify_accounting(&self) -> Result<(), String> {
        let (mut bytes, mut pages) = ([0; 3], self.free_pages.get());
        for page in self.first_page..self.frontier.get() {
            let index = usize::from(self.index_of(page));
            if index == usize::from(INDEX_NONE) {
                continue;
            }
            // SAFETY: a block begins on the page, so it has metadata.
            let meta = unsafe { *self.meta(page) };
            let (family, n, state) = if index < CLASSES * 3 {
                (index / CLASSES, 1, PageState::Small)
            } else {
                (index - usize::from(INDEX_RUN), meta.next as usize, PageState::RunStart)
            };
            if family >= 3 || meta.state != state || (meta.extra != NO_COUNTS) {
                return Err(format!("page {page} of index {index} is in state {:?}", meta.state));
            }
            bytes[family] += n * PAGE;
            pages += n;
        }
        for family in Family::ALL {
            let (found, counted) = (bytes[family as usize], self.family_bytes(family));
            if found != counted {
                return Err(format!("{family:?} pages hold {found} bytes, {counted} are counted"));
            }
        }
        let all = (self.frontier.get() - self.first_page) as usize;
        if pages == all { Ok(()) } else { Err(format!("{pages} pages used or free of {all}")) }
    }

    /// Partial lists hold exactly the listed pages, and those have blocks to give.
    fn verify_lists(&self) -> Result<(), String> {
        let mut on_lists = 0;
        for (index, slot) in self.slots.iter().enumerate() {
            let (mut page, mut prev) = (slot.partial.get(), NO_PAGE);
            while page != NO_PAGE {
                // SAFETY: listed pages are in use.
                let meta = unsafe { *self.meta(page) };
                let right =
                    usize::from(self.index_of(page)) == index && meta.prev == prev && meta.bits & LISTED != 0;
                if !right || meta.nfree <= CLASS[index].capacity / 8 || meta.nfree >= meta.carved {
                    return Err(format!("page {page} should not be listed with {} blocks free", meta.nfree));
                }
                on_lists += 1;
                (prev, page) = (page, meta.next);
            }
        }
        let mut listed = 0;
        for page in self.first_page..self.frontier.get() {
            if self.index_of(page) < INDEX_RUN {
                // SAFETY: in use.
                let meta = unsafe { *self.meta(page) };
                listed += usize::from(meta.bits & LISTED != 0);
                if meta.carved < CLASS[usize::from(self.index_of(page))].capacity && !self.is_active(page) {
                    return Err(format!("page {page} was left half carved"));
                }
            }
        }
        if listed == on_lists { Ok(()) } else { Err(format!("{listed} pages listed, {on_lists} on lists")) }
    }

    /// The free list of a page stays on it, has the length noted, and object slots on it look free.
    fn verify_free_blocks(&self, page: u32) -> Result<(), String> {
        let index = self.index_of(page);
        if index >= INDEX_RUN {
            return Ok(());
        }
        // SAFETY: the page is in use; free blocks are linked through their second words.
        unsafe {
            let meta = *self.meta(page);
            let active = self.slots[usize::from(index)].active.get() == page;
            let mut p = if active { self.slots[usize::from(index)].free.get() } else { meta.free };
            let (mut n, most) = (0u16, meta.carved);
            while !p.is_null() {
                let offset = p.addr().wrapping_sub(self.page_address(page).addr());
                n += 1;
                if offset >= PAGE || offset % usize::from(CLASS[usize::from(index)].size) != 0 || n > most {
                    return Err(format!("free list of page {page} leads to {p:p} after {n} blocks"));
                }
                if usize::from(index) < CLASSES * 2 && p.cast::<u32>().read() != 0 {
                    return Err(format!("free object {p:p} on page {page} has a count"));
                }
                p = p.cast::<*mut u8>().add(1).read();
            }
            if !active && n != meta.nfree {
                return Err(format!("page {page} has {n} free blocks, {} are noted", meta.nfree));
            }
        }
        Ok(())
    }

    fn verify_counts(&self) -> Result<(), String> {
        let mut held = HashMap::<u64, u32>::new();
        let mut objects = Vec::<Value>::new();
        self.for_each_object(&mut |v| objects.push(v));
        for &v in &objects {
            self.trace(v, &mut |child| *held.entry(child.bits()).or_default() += 1);
        }
        for v in objects {
            // SAFETY: found alive.
            let h = unsafe { &*v.header() };
            let edges = held.remove(&v.bits()).unwrap_or(0);
            let name = self.vtable(h.kind()).name;
            if h.has_flag(flags::DEAD) {
                if edges > 0 {
                    return Err(format!("{name} {v:?} is dead but has {edges} references"));
                }
            } else if !h.is_immortal() && h.rc() < edges {
                return Err(format!("{name} {v:?} has count {} but {edges} references", h.rc()));
            }
        }
        match held.keys().next() {
            Some(bits) => Err(format!("a live object refers to {bits:#x}, which is no live object")),
            None => Ok(()),
        }
    }
}
