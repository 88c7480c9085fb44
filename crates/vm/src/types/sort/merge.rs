//! The merge sort behind sort.rs, for keys whose comparison may run Python and fail.
//!
//!   runs: found or made by insertion ─► merged by powers (powersort) ─► neighbours merged with galloping
//!
//! Every function leaves `items` a permutation of what it was, errors included: a merge copies one run aside and keeps
//! a gap of just that many places, which it fills on every way out.

use super::{Item, less};
use crate::{PyResult, Vm};
use hognose_heap::HeapVec;

/// Galloping begins after so many wins in a row.
const MIN_GALLOP: usize = 7;

struct Run {
    start: usize,
    len: usize,
    power: u32,
}

/// State of one sort.
pub(super) struct Merger<T: Item> {
    aside: HeapVec<T>,
    min_gallop: usize,
    runs: Vec<Run>,
}

impl<T: Item> Merger<T> {
    pub(super) fn new() -> Self {
        Merger { aside: HeapVec::new(), min_gallop: MIN_GALLOP, runs: Vec::with_capacity(64) }
    }

    /// Sorts stably.
    pub(super) fn sort(&mut self, vm: &mut Vm, items: &mut [T]) -> PyResult<()> {
        let n = items.len();
        let min_run = min_run(n);
        let mut start = 0;
        while start < n {
            let rest = &mut items[start..];
            let mut len = count_run(vm, rest)?;
            if len < min_run {
                let forced = rest.len().min(min_run);
                insertion(vm, &mut rest[..forced], len)?;
                len = forced;
            }
            self.found_run(vm, items, start, len)?;
            start += len;
        }
        while self.runs.len() > 1 {
            self.merge_last(vm, items)?;
        }
        Ok(())
    }

    fn found_run(&mut self, vm: &mut Vm, items: &mut [T], start: usize, len: usize) -> PyResult<()> {
        if let Some(last) = self.runs.last() {
            let power = power(last.start, last.len, len, items.len());
            while self.runs.len() > 1 && self.runs[self.runs.len() - 2].power > power {
                self.merge_last(vm, items)?;
            }
            if let Some(last) = self.runs.last_mut() {
                last.power = power;
            }
        }
        self.runs.push(Run { start, len, power: 0 });
        Ok(())
    }

    /// Merges the last two runs.
    fn merge_last(&mut self, vm: &mut Vm, items: &mut [T]) -> PyResult<()> {
        let (Some(b), Some(a)) = (self.runs.pop(), self.runs.last_mut()) else { return Ok(()) };
        let (start, na) = (a.start, a.len);
        a.len += b.len;
        let both = &mut items[start..start + na + b.len];
        // What is already in place at both ends stays there.
        let skip = gallop_right(vm, both[na], &both[..na], 0)?;
        if skip == na {
            return Ok(());
        }
        let end = na + gallop_left(vm, both[na - 1], &both[na..], b.len - 1)?;
        let part = &mut both[skip..end];
        let na = na - skip;
        if part.len() == na {
            return Ok(());
        }
        let mut gap = std::mem::take(&mut self.aside);
        gap.truncate(0);
        let r = if na <= part.len() - na {
            gap.extend_from_slice(&vm.heap, &part[..na])?;
            self.merge_low(vm, part, &gap)
        } else {
            gap.extend_from_slice(&vm.heap, &part[na..])?;
            self.merge_high(vm, part, &gap)
        };
        self.aside = gap;
        r
    }

    /// Merges left to right; `left` is a copy of the beginning of `items`.
    fn merge_low(&mut self, vm: &mut Vm, items: &mut [T], left: &[T]) -> PyResult<()> {
        // left[i..] and items[j..] are to be merged to `to`; the gap is items[to..j], as large as left[i..].
        let (mut i, mut j, mut to) = (0, left.len(), 0);
        let r = self.low_loop(vm, items, left, &mut i, &mut j, &mut to);
        items[to..j].copy_from_slice(&left[i..]);
        r
    }

    fn low_loop(
        &mut self,
        vm: &mut Vm,
        items: &mut [T],
        left: &[T],
        i: &mut usize,
        j: &mut usize,
        to: &mut usize,
    ) -> PyResult<()> {
        let (na, n) = (left.len(), items.len());
        loop {
            let (mut wins_a, mut wins_b) = (0, 0);
            while wins_a < self.min_gallop && wins_b < self.min_gallop {
                if *j == n || *i == na {
                    return Ok(());
                }
                if *i + 1 == na {
                    // The last of the left run is greater than all that is left of the right one.
                    items.copy_within(*j..n, *to);
                    *to += n - *j;
                    *j = n;
                    return Ok(());
                }
                if less(vm, items[*j].key(), left[*i].key())? {
                    items[*to] = items[*j];
                    *j += 1;
                    (wins_b, wins_a) = (wins_b + 1, 0);
                } else {
                    items[*to] = left[*i];
                    *i += 1;
                    (wins_a, wins_b) = (wins_a + 1, 0);
                }
                *to += 1;
            }
            self.min_gallop += 1;
            loop {
                self.min_gallop = (self.min_gallop - 1).max(1);
                if *j == n || *i == na {
                    return Ok(());
                }
                let a = gallop_right(vm, items[*j], &left[*i..], 0)?;
                items[*to..*to + a].copy_from_slice(&left[*i..*i + a]);
                (*i, *to) = (*i + a, *to + a);
                if *i == na {
                    return Ok(());
                }
                items[*to] = items[*j];
                (*j, *to) = (*j + 1, *to + 1);
                if *j == n {
                    return Ok(());
                }
                let b = gallop_left(vm, left[*i], &items[*j..], 0)?;
                items.copy_within(*j..*j + b, *to);
                (*j, *to) = (*j + b, *to + b);
                items[*to] = left[*i];
                (*i, *to) = (*i + 1, *to + 1);
                if a < MIN_GALLOP && b < MIN_GALLOP {
                    break;
                }
            }
            self.min_gallop += 1;
        }
    }

    /// Merges right to left; `right` is a copy of the end of `items`.
    fn merge_high(&mut self, vm: &mut Vm, items: &mut [T], right: &[T]) -> PyResult<()> {
        // items[..i] and right[..j] are to be merged to end at i + j; the gap is items[i..i + j].
        let (mut i, mut j) = (items.len() - right.len(), right.len());
        let r = self.high_loop(vm, items, right, &mut i, &mut j);
        items[i..i + j].copy_from_slice(&right[..j]);
        r
    }

    fn high_loop(
        &mut self,
        vm: &mut Vm,
        items: &mut [T],
        right: &[T],
        i: &mut usize,
        j: &mut usize,
    ) -> PyResult<()> {
        loop {
            let (mut wins_a, mut wins_b) = (0, 0);
            while wins_a < self.min_gallop && wins_b < self.min_gallop {
                if *i == 0 || *j == 0 {
                    return Ok(());
                }
                if *j == 1 {
                    // The first of the right run is less than all that is left of the left one.
                    items.copy_within(..*i, 1);
                    items[0] = right[0];
                    (*i, *j) = (0, 0);
                    return Ok(());
                }
                if less(vm, right[*j - 1].key(), items[*i - 1].key())? {
                    items[*i + *j - 1] = items[*i - 1];
                    *i -= 1;
                    (wins_a, wins_b) = (wins_a + 1, 0);
                } else {
                    items[*i + *j - 1] = right[*j - 1];
                    *j -= 1;
                    (wins_b, wins_a) = (wins_b + 1, 0);
                }
            }
            self.min_gallop += 1;
            loop {
                self.min_gallop = (self.min_gallop - 1).max(1);
                if *i == 0 || *j == 0 {
                    return Ok(());
                }
                let k = gallop_right(vm, right[*j - 1], &items[..*i], *i - 1)?;
                let a = *i - k;
                items.copy_within(k..*i, k + *j);
                *i = k;
                if *i == 0 {
                    return Ok(());
                }
                items[*i + *j - 1] = right[*j - 1];
                *j -= 1;
                if *j == 0 {
                    return Ok(());
                }
                let k = gallop_left(vm, items[*i - 1], &right[..*j], *j - 1)?;
                let b = *j - k;
                items[*i + k..*i + *j].copy_from_slice(&right[k..*j]);
                *j = k;
                if *j == 0 {
                    return Ok(());
                }
                items[*i + *j - 1] = items[*i - 1];
                *i -= 1;
                if a < MIN_GALLOP && b < MIN_GALLOP {
                    break;
                }
            }
            self.min_gallop += 1;
        }
    }
}

/// Runs are made at least so long.
fn min_run(mut n: usize) -> usize {
    let mut low = 0;
    while n >= 64 {
        low |= n & 1;
        n >>= 1;
    }
    n + low
}

/// Depth of the boundary between two runs in a nearly optimal merge tree.
fn power(start: usize, n1: usize, n2: usize, n: usize) -> u32 {
    let (mut a, mut b) = (2 * start + n1, 2 * start + 2 * n1 + n2);
    let mut power = 0;
    loop {
        power += 1;
        if a >= n {
            a -= n;
            b -= n;
        } else if b >= n {
            return power;
        }
        a <<= 1;
        b <<= 1;
    }
}

/// Length of the run at the beginning; a strictly falling one is reversed.
fn count_run<T: Item>(vm: &mut Vm, items: &mut [T]) -> PyResult<usize> {
    if items.len() < 2 {
        return Ok(items.len());
    }
    let falling = less(vm, items[1].key(), items[0].key())?;
    let mut n = 2;
    while n < items.len() && less(vm, items[n].key(), items[n - 1].key())? == falling {
        n += 1;
    }
    if falling {
        items[..n].reverse();
    }
    Ok(n)
}

/// Sorts by binary insertion; the first `sorted` are in order.
fn insertion<T: Item>(vm: &mut Vm, items: &mut [T], sorted: usize) -> PyResult<()> {
    for at in sorted..items.len() {
        let x = items[at];
        let (mut low, mut high) = (0, at);
        while low < high {
            let mid = low + (high - low) / 2;
            if less(vm, x.key(), items[mid].key())? {
                high = mid;
            } else {
                low = mid + 1;
            }
        }
        items.copy_within(low..at, low + 1);
        items[low] = x;
    }
    Ok(())
}

/// Where `key` belongs in sorted `a`, before its equals: `a[k-1] < key <= a[k]`. The search begins at `hint`.
fn gallop_left<T: Item>(vm: &mut Vm, key: T, a: &[T], hint: usize) -> PyResult<usize> {
    gallop(a.len(), hint, |i| less(vm, a[i].key(), key.key()))
}

/// Where `key` belongs in sorted `a`, behind its equals: `a[k-1] <= key < a[k]`.
fn gallop_right<T: Item>(vm: &mut Vm, key: T, a: &[T], hint: usize) -> PyResult<usize> {
    gallop(a.len(), hint, |i| Ok(!less(vm, key.key(), a[i].key())?))
}

/// The first index below `n` at which `before` no longer holds, searched for from `hint` in doubling steps.
fn gallop(n: usize, hint: usize, mut before: impl FnMut(usize) -> PyResult<bool>) -> PyResult<usize> {
    let (mut low, mut high);
    let mut step = 1;
    if before(hint)? {
        (low, high) = (hint + 1, n);
        while low < n {
            let at = hint.saturating_add(step);
            if at >= n {
                break;
            }
            if !before(at)? {
                high = at;
                break;
            }
            low = at + 1;
            step = step.saturating_mul(2) + 1;
        }
    } else {
        (low, high) = (0, hint);
        while high > 0 && step <= hint {
            let at = hint - step;
            if before(at)? {
                low = at + 1;
                break;
            }
            high = at;
            step = step.saturating_mul(2) + 1;
        }
    }
    while low < high {
        let mid = low + (high - low) / 2;
        if before(mid)? {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    Ok(low)
}
