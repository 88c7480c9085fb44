//! Free runs of pages: which page ranges below the frontier are unused.
//!
//! Kept as two ordered maps over the same runs, so that neighbours merge and the smallest fitting run is found.
//! Invariant: runs do not touch each other; both maps hold the same runs.

use std::collections::{BTreeMap, BTreeSet};

/// The free page runs of a heap.
#[derive(Default)]
pub(crate) struct Runs {
    by_start: BTreeMap<u32, u32>,
    by_len: BTreeSet<(u32, u32)>,
}

impl Runs {
    /// Takes `n` pages from the smallest run that has them.
    pub fn take(&mut self, n: u32) -> Option<u32> {
        let &(len, start) = self.by_len.range((n, 0)..).next()?;
        self.remove(start, len);
        if len > n {
            self.insert(start + n, len - n);
        }
        Some(start)
    }

    /// Takes exactly the `n` pages at `start`, if they are free.
    pub fn take_at(&mut self, start: u32, n: u32) -> bool {
        match self.by_start.get(&start) {
            Some(&len) if len >= n => {
                self.remove(start, len);
                if len > n {
                    self.insert(start + n, len - n);
                }
                true
            }
            _ => false,
        }
    }

    /// Gives pages back; returns the merged run.
    pub fn give(&mut self, mut start: u32, mut n: u32) -> (u32, u32) {
        if let Some((&before, &len)) = self.by_start.range(..start).next_back()
            && before + len == start
        {
            self.remove(before, len);
            start = before;
            n += len;
        }
        if let Some(&len) = self.by_start.get(&(start + n)) {
            self.remove(start + n, len);
            n += len;
        }
        self.insert(start, n);
        (start, n)
    }

    /// Takes a run out (the frontier moves back over it).
    pub fn forget(&mut self, start: u32) {
        if let Some(&len) = self.by_start.get(&start) {
            self.remove(start, len);
        }
    }

    /// Pages in all runs.
    pub fn pages(&self) -> usize {
        self.by_start.values().map(|&n| n as usize).sum()
    }

    fn insert(&mut self, start: u32, len: u32) {
        self.by_start.insert(start, len);
        self.by_len.insert((len, start));
    }

    fn remove(&mut self, start: u32, len: u32) {
        self.by_start.remove(&start);
        self.by_len.remove(&(len, start));
    }
}
