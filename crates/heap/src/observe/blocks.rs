//! Walking every live block, buffers included, and accounting for every byte.
//!
//!   live + free in pages + free pages + metadata + external = committed + metadata       see [`Accounting::verify`]
#![allow(unsafe_code, reason = "reads page metadata and free lists")]

use super::SiteId;
use crate::heap::{Family, Heap};
use crate::size_class::{CLASS, CLASSES, INDEX_RUN, PAGE, block_number};
use crate::value::Value;

/// A live block.
#[derive(Clone, Copy, Debug)]
pub struct Block {
    /// Where it begins.
    pub address: usize,
    /// Its size.
    pub bytes: usize,
    /// What it holds; objects have a header.
    pub family: Family,
    /// Where it was allocated, if that was noted.
    pub site: SiteId,
}

impl Block {
    /// The object, if the block holds one.
    pub fn object(&self) -> Option<Value> {
        let p = std::ptr::with_exposed_provenance_mut(self.address);
        (self.family != Family::Buffer).then(|| Value::from_ptr(p))
    }
}

/// A page, or a block of several.
#[derive(Clone, Copy, Debug)]
pub struct PageUse {
    /// Number of the first page.
    pub page: u32,
    /// How many pages.
    pub pages: u32,
    /// What lies there; `None`: free.
    pub family: Option<Family>,
    /// Bytes of a block; 0: one block of whole pages.
    pub block_bytes: u32,
    /// Bytes of live blocks.
    pub live_bytes: u32,
}

/// Where the heap's bytes are.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub struct Accounting {
    /// Bytes of live blocks, in whole blocks.
    pub live: usize,
    /// Their number.
    pub blocks: usize,
    /// Bytes of free blocks and tails on pages in use that were touched.
    pub free_in_pages: usize,
    /// Bytes on pages in use that were never touched.
    pub untouched: usize,
    /// Bytes of free pages that still hold memory.
    pub free_pages: usize,
    /// Bytes of the record and of page metadata.
    pub metadata: usize,
    /// Bytes charged by libraries.
    pub external: usize,
    /// What the heap counts as committed; see [`Heap::bytes_committed`].
    pub committed: usize,
}

impl Accounting {
    /// The identity.
    ///
    /// # Errors
    /// A description, when bytes are missing or counted twice.
    pub fn verify(&self) -> Result<(), String> {
        let found = self.live + self.free_in_pages + self.untouched + self.free_pages + self.external;
        if found == self.committed {
            return Ok(());
        }
        Err(format!("{found} bytes are accounted for, {} are committed: {self:?}", self.committed))
    }

    /// Bytes of the reservation that should be resident.
    pub fn resident(&self) -> usize {
        self.live + self.free_in_pages + self.free_pages + self.metadata
    }
}

impl Heap {
    /// Addresses of the reservation.
    pub fn range(&self) -> std::ops::Range<usize> {
        self.base.addr()..self.base.addr() + self.size
    }

    /// Does the address lie in one of the embedder's stacks?
    pub fn is_stack(&self, address: usize) -> bool {
        self.stacks.borrow().iter().any(|&(p, bytes)| (p.addr()..p.addr() + bytes).contains(&address))
    }

    /// Visits every live block in order of addresses.
    pub fn for_each_block(&self, visit: &mut dyn FnMut(Block)) {
        for page in self.first_page..self.frontier.get() {
            self.blocks_on_page(page, visit);
        }
    }

    fn blocks_on_page(&self, page: u32, visit: &mut dyn FnMut(Block)) {
        let index = self.index_of(page);
        let at = usize::from(index);
        let start = self.page_address(page);
        if at >= CLASSES * 3 {
            if at < usize::from(INDEX_RUN) + 3 {
                let bytes = self.block_size(start);
                let family = Family::ALL[at - usize::from(INDEX_RUN)];
                visit(Block { address: start.addr(), bytes, family, site: self.site_of(start) });
            }
            return;
        }
        let (family, size) = (Family::ALL[at / CLASSES], usize::from(CLASS[at].size));
        let mut free = [0u64; 16];
        if family == Family::Buffer {
            self.mark_free(page, index, &mut free);
        }
        // SAFETY: the page is in use; an object slot with a zero count is free.
        unsafe {
            for n in 0..usize::from((*self.meta(page)).carved) {
                let p = start.add(n * size);
                let dead = match family {
                    Family::Buffer => free[n / 64] >> (n % 64) & 1 != 0,
                    _ => p.cast::<u32>().read() == 0,
                };
                if !dead {
                    visit(Block { address: p.addr(), bytes: size, family, site: self.site_of(p) });
                }
            }
        }
    }

    /// Sets a bit for each free block that was carved.
    fn mark_free(&self, page: u32, index: u8, free: &mut [u64; 16]) {
        let slot = &self.slots[usize::from(index)];
        // SAFETY: the page is in use; free blocks are linked through their second words.
        unsafe {
            let mut p = if slot.active.get() == page { slot.free.get() } else { (*self.meta(page)).free };
            while !p.is_null() {
                let n = block_number(index, p.addr() % PAGE);
                free[n / 64] |= 1 << (n % 64);
                p = p.cast::<*mut u8>().add(1).read();
            }
        }
    }

    /// Visits pages and runs of pages in order of addresses.
    pub fn for_each_page(&self, visit: &mut dyn FnMut(PageUse)) {
        let mut page = self.first_page;
        while page < self.frontier.get() {
            let index = usize::from(self.index_of(page));
            let mut use_ = PageUse { page, pages: 1, family: None, block_bytes: 0, live_bytes: 0 };
            if index < CLASSES * 3 {
                use_.family = Some(Family::ALL[index / CLASSES]);
                use_.block_bytes = u32::from(CLASS[index].size);
                self.blocks_on_page(page, &mut |b| use_.live_bytes += b.bytes as u32);
            } else if index < usize::from(INDEX_RUN) + 3 {
                use_.family = Some(Family::ALL[index - usize::from(INDEX_RUN)]);
                use_.pages = (self.block_size(self.page_address(page)) / PAGE) as u32;
                use_.live_bytes = use_.pages * PAGE as u32;
            }
            visit(use_);
            page += use_.pages;
        }
    }

    /// Walks all pages and accounts for every byte.
    pub fn accounting(&self) -> Accounting {
        let mut a = Accounting {
            free_pages: self.dirty_pages.get() * PAGE,
            metadata: self.stats_metadata(),
            external: self.external.get(),
            committed: self.bytes_committed(),
            ..Accounting::default()
        };
        self.for_each_block(&mut |b| {
            a.live += b.bytes;
            a.blocks += 1;
        });
        let mut used = 0;
        for page in self.first_page..self.frontier.get() {
            let index = usize::from(self.index_of(page));
            if index < CLASSES * 3 {
                used += PAGE;
                // SAFETY: the page is in use.
                let carved = usize::from(unsafe { (*self.meta(page)).carved });
                a.untouched += (PAGE - carved * usize::from(CLASS[index].size)) & !4095;
            } else if index < usize::from(INDEX_RUN) + 3 {
                used += self.block_size(self.page_address(page));
            }
        }
        a.free_in_pages = used - a.live - a.untouched;
        a
    }
}
