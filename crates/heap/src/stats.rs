//! Counters: a picture of the heap at one moment.
#![allow(unsafe_code, reason = "reads page metadata")]

use crate::heap::{Family, Heap};
use crate::size_class::{CLASS, CLASSES, INDEX_RUN, PAGE};

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
    /// Blocks free, among them those the active page has not carved yet.
    pub blocks_free: usize,
}

/// A picture of the heap at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Classes that have pages.
    pub classes: Vec<ClassStats>,
    /// Blocks of whole pages.
    pub runs: usize,
    /// Bytes of those.
    pub run_bytes: usize,
    /// Pages ready for any use.
    pub free_pages: usize,
    /// Those of them that still hold memory.
    pub dirty_pages: usize,
    /// Objects alive.
    pub objects_live: usize,
    /// Bytes charged by libraries.
    pub external_bytes: usize,
    /// Pages taken into use since the start.
    pub pages_made: u64,
    /// Collections since the start, of any kind.
    pub collections: u64,
    /// Bytes of free pages given back to the system since the start.
    pub purged_bytes: u64,
    /// Bytes of the record and of metadata below the frontier.
    pub metadata_bytes: usize,
}

impl Heap {
    /// Walks all pages and counts.
    pub fn stats(&self) -> Stats {
        let gc = self.gc_counters();
        let mut stats = Stats {
            external_bytes: self.external.get(),
            pages_made: self.pages_made.get(),
            collections: gc.minors + gc.majors + gc.probes,
            free_pages: self.free_pages.get(),
            dirty_pages: self.dirty_pages.get(),
            purged_bytes: self.purged_bytes.get(),
            metadata_bytes: self.stats_metadata(),
            ..Stats::default()
        };
        let mut rows: Vec<ClassStats> = (0..CLASSES * 3).map(|i| self.empty_row(i)).collect();
        for page in self.first_page..self.frontier.get() {
            let index = self.index_of(page);
            if index < INDEX_RUN {
                // SAFETY: the page is in use.
                let free = usize::from(unsafe { (*self.meta(page)).nfree });
                let row = &mut rows[usize::from(index)];
                row.pages += 1;
                row.blocks_free += free;
                row.blocks_live += usize::from(CLASS[usize::from(index)].capacity) - free;
            } else if usize::from(index) < usize::from(INDEX_RUN) + 3 {
                stats.runs += 1;
                // SAFETY: as above.
                stats.run_bytes += unsafe { (*self.meta(page)).next } as usize * PAGE;
            }
        }
        for (index, mut row) in rows.into_iter().enumerate() {
            if row.pages > 0 {
                let unused = self.free_on_active(index as u8);
                row.blocks_free += unused;
                row.blocks_live -= unused;
                stats.classes.push(row);
            }
        }
        self.for_each_object(&mut |_| stats.objects_live += 1);
        stats
    }

    /// Bytes of the record and of metadata below the frontier.
    pub(crate) fn stats_metadata(&self) -> usize {
        crate::heap::RECORD_BYTES + (self.frontier.get() - self.first_page) as usize * 33
    }

    fn empty_row(&self, index: usize) -> ClassStats {
        let family = Family::ALL[index / CLASSES];
        let block_bytes = usize::from(CLASS[index].size);
        ClassStats { family, block_bytes, pages: 0, blocks_live: 0, blocks_free: 0 }
    }

    /// Blocks of the active page that are free or not carved yet.
    pub(crate) fn free_on_active(&self, index: u8) -> usize {
        let slot = &self.slots[usize::from(index)];
        if let Some(uncarved) = self.uncarved_current(index) {
            return uncarved;
        }
        if slot.active.get() == crate::meta::NO_PAGE {
            return 0;
        }
        // SAFETY: the page is in use; free blocks are linked through their second words.
        unsafe {
            let mut n =
                usize::from(CLASS[usize::from(index)].capacity - (*self.meta(slot.active.get())).carved);
            let mut p = slot.free.get();
            while !p.is_null() {
                n += 1;
                p = p.cast::<*mut u8>().add(1).read();
            }
            n
        }
    }

    /// Number of live objects.
    pub fn objects_live(&self) -> usize {
        let mut n = 0;
        self.for_each_object(&mut |_| n += 1);
        n
    }
}
