//! What is noted of a watched heap: the site of each block, and bytes and blocks by site.
//!
//! ```text
//!   tables:  page ─► | site of block 0 | site of block 1 | …      4 bytes a block, outside the heap
//!   rows:    site ─► | live | total | live at the peak |
//! ```
//!
//! The use at the moment of the peak is kept without copying all rows at every new peak: live bytes are *rising* while
//! each birth makes a new peak, and *falling* otherwise. A row that changes for the first time in a fall saves what it
//! was, which is what it was at the peak. See [`Sites::touch`].

use super::SiteId;
use crate::meta::NO_PAGE;
use crate::size_class::{CLASSES, FAMILIES};
use std::time::Instant;

/// Bytes and blocks of one site.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub struct SiteUse {
    /// Bytes of blocks that are alive.
    pub live_bytes: u64,
    /// Number of them.
    pub live_blocks: u64,
    /// Bytes of all blocks ever.
    pub total_bytes: u64,
    /// Number of them.
    pub total_blocks: u64,
    /// Bytes alive when most was alive.
    pub peak_bytes: u64,
    /// Number of blocks then.
    pub peak_blocks: u64,
    /// Bytes of this site when most of its own were alive.
    pub most_bytes: u64,
    /// Bytes of all sites alive when this one allocated last.
    pub heap_bytes: u64,
}

/// A point of the curve of live bytes.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Nanoseconds since watching began.
    pub nanos: u64,
    /// Bytes of watched blocks alive.
    pub bytes: u64,
}

#[derive(Clone, Copy, Default)]
struct Row {
    now: SiteUse,
    /// The fall in which the row changed last.
    fall: u64,
}

/// Most points kept of the curve.
const MOMENTS_MAX: usize = 2048;
/// Change of live bytes that makes a point at first.
const MOMENT_BYTES: u64 = 64 << 10;

pub(crate) struct Sites {
    /// By page index: the page blocks come from.
    pub current: [u32; CLASSES * FAMILIES],
    tables: Vec<Box<[SiteId]>>,
    rows: Vec<Row>,
    live: u64,
    peak: u64,
    rising: bool,
    /// Number of the fall that goes on, or of the last one.
    fall: u64,
    begin: Instant,
    peak_nanos: u64,
    peak_site: SiteId,
    moments: Vec<Moment>,
    next_up: u64,
    next_down: u64,
    moment_bytes: u64,
}

impl Sites {
    pub fn new() -> Sites {
        Sites {
            current: [NO_PAGE; CLASSES * FAMILIES],
            tables: Vec::new(),
            rows: Vec::new(),
            live: 0,
            peak: 0,
            rising: true,
            fall: 0,
            begin: Instant::now(),
            peak_nanos: 0,
            peak_site: 0,
            moments: Vec::new(),
            next_up: 0,
            next_down: 0,
            moment_bytes: MOMENT_BYTES,
        }
    }

    /// Site of a block; 0 when it is not known.
    pub fn get(&self, page: u32, block: usize) -> SiteId {
        self.tables.get(page as usize).and_then(|t| t.get(block)).copied().unwrap_or(0)
    }

    /// Notes a block. Without memory for the note the block counts as unknown.
    #[inline(always)]
    pub fn born(&mut self, page: u32, block: usize, capacity: usize, site: SiteId, bytes: usize) {
        if site == 0 {
            self.forget(page, block);
            return;
        }
        let known = self.tables.get(page as usize).is_some_and(|t| block < t.len());
        if (!known && !self.make_table(page, capacity))
            || (site as usize >= self.rows.len() && !self.make_row(site))
        {
            return;
        }
        self.tables[page as usize][block] = site;
        let bytes = bytes as u64;
        let row = Self::touch(&mut self.rows[site as usize], self.rising, self.fall);
        row.live_bytes += bytes;
        row.live_blocks += 1;
        row.total_bytes += bytes;
        row.total_blocks += 1;
        row.most_bytes = row.most_bytes.max(row.live_bytes);
        self.live += bytes;
        row.heap_bytes = self.live;
        if self.live > self.peak {
            self.peak = self.live;
            self.peak_site = site;
            self.rising = true;
        }
        if self.live >= self.next_up {
            self.note_moment();
        }
    }

    /// Takes a block off the notes.
    #[inline(always)]
    pub fn died(&mut self, page: u32, block: usize, bytes: usize) {
        let Some(entry) = self.tables.get_mut(page as usize).and_then(|t| t.get_mut(block)) else { return };
        let site = std::mem::take(entry) as usize;
        if site == 0 {
            return;
        }
        if self.rising {
            self.rising = false;
            self.fall += 1;
        }
        let bytes = bytes as u64;
        let row = Self::touch(&mut self.rows[site], false, self.fall);
        row.live_bytes = row.live_bytes.saturating_sub(bytes);
        row.live_blocks = row.live_blocks.saturating_sub(1);
        self.live = self.live.saturating_sub(bytes);
        if self.live <= self.next_down {
            self.note_moment();
        }
    }

    /// About to change a row: saves its use if this is its first change in the fall.
    #[inline(always)]
    fn touch(row: &mut Row, rising: bool, fall: u64) -> &mut SiteUse {
        if !rising && row.fall != fall {
            row.now.peak_bytes = row.now.live_bytes;
            row.now.peak_blocks = row.now.live_blocks;
            row.fall = fall;
        }
        &mut row.now
    }

    fn forget(&mut self, page: u32, block: usize) {
        if let Some(entry) = self.tables.get_mut(page as usize).and_then(|t| t.get_mut(block)) {
            *entry = 0;
        }
    }

    #[cold]
    fn make_table(&mut self, page: u32, capacity: usize) -> bool {
        let page = page as usize;
        if page >= self.tables.len() {
            let more = page + 1 - self.tables.len();
            if self.tables.try_reserve(more).is_err() {
                return false;
            }
            self.tables.resize_with(page + 1, Box::default);
        }
        let mut table = Vec::new();
        if table.try_reserve_exact(capacity.max(self.tables[page].len())).is_err() {
            return false;
        }
        // A page that lives a second life in smaller blocks: what is noted of it already stays.
        table.extend_from_slice(&self.tables[page]);
        table.resize(capacity, 0);
        self.tables[page] = table.into_boxed_slice();
        true
    }

    #[cold]
    fn make_row(&mut self, site: SiteId) -> bool {
        let more = site as usize + 1 - self.rows.len();
        if self.rows.try_reserve(more).is_err() {
            return false;
        }
        self.rows.resize(site as usize + 1, Row::default());
        true
    }

    /// Adds a point to the curve; a curve that is full keeps every other point and takes larger steps.
    #[cold]
    fn note_moment(&mut self) {
        let nanos = self.begin.elapsed().as_nanos() as u64;
        if self.moments.len() >= MOMENTS_MAX {
            let mut i = 0;
            self.moments.retain(|_| {
                i += 1;
                i % 2 == 0
            });
            self.moment_bytes *= 2;
        }
        if self.moments.try_reserve(1).is_ok() {
            self.moments.push(Moment { nanos, bytes: self.live });
        }
        if self.live == self.peak {
            self.peak_nanos = nanos;
        }
        self.next_up = self.live + self.moment_bytes;
        self.next_down = self.live.saturating_sub(self.moment_bytes).min(self.live.saturating_sub(1));
    }

    /// Use by site, without the rows that were never used.
    pub fn all(&self) -> Vec<(SiteId, SiteUse)> {
        let used = self.rows.iter().enumerate().filter(|(_, r)| r.now.total_blocks > 0);
        used.map(|(i, r)| {
            let mut u = r.now;
            if self.rising || r.fall != self.fall {
                (u.peak_bytes, u.peak_blocks) = (u.live_bytes, u.live_blocks);
            }
            (i as SiteId, u)
        })
        .collect()
    }

    /// Live bytes now and at most, nanoseconds until about the peak, and the site that made it.
    pub fn totals(&self) -> (u64, u64, u64, SiteId) {
        (self.live, self.peak, self.peak_nanos, self.peak_site)
    }

    pub fn moments(&self) -> &[Moment] {
        &self.moments
    }

    /// A new peak begins here.
    pub fn reset_peak(&mut self) {
        self.peak = self.live;
        self.rising = true;
    }

    /// Forgets all blocks; what they are is not known any more.
    pub fn clear(&mut self) {
        for table in &mut self.tables {
            table.fill(0);
        }
        self.rows.clear();
        (self.live, self.peak, self.next_up, self.next_down) = (0, 0, 0, 0);
        self.rising = true;
    }

    /// Bytes the notes themselves take.
    pub fn own_bytes(&self) -> usize {
        let tables: usize = self.tables.iter().map(|t| t.len() * size_of::<SiteId>()).sum();
        tables
            + self.tables.capacity() * size_of::<Box<[SiteId]>>()
            + self.rows.capacity() * size_of::<Row>()
            + self.moments.capacity() * size_of::<Moment>()
    }
}

impl crate::Heap {
    /// Use by site while the heap is watched; else empty.
    pub fn site_uses(&self) -> Vec<(SiteId, SiteUse)> {
        self.sites().map_or_else(Vec::new, |s| s.all())
    }

    /// Watched blocks: bytes alive now, bytes when most was alive, nanoseconds until then, the site that reached it.
    pub fn watched_totals(&self) -> Option<(u64, u64, u64, SiteId)> {
        self.sites().map(|s| s.totals())
    }

    /// The curve of live watched bytes.
    pub fn watched_moments(&self) -> Vec<Moment> {
        self.sites().map_or_else(Vec::new, |s| s.moments().to_vec())
    }

    /// The peak of watched bytes starts anew.
    pub fn reset_watched_peak(&self) {
        if let Some(s) = self.sites() {
            s.reset_peak();
        }
    }

    /// Forgets the sites of all blocks there are.
    pub fn clear_watched(&self) {
        if let Some(s) = self.sites() {
            s.clear();
        }
    }

    /// Bytes that watching takes itself, outside of the heap.
    pub fn watching_bytes(&self) -> usize {
        self.sites().map_or(0, |s| s.own_bytes())
    }
}
