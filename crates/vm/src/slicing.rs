//! Indices and slices of sequences, as all of them understand them.

use crate::class::base_value;
use crate::exceptions::Exc;
use crate::{PyResult, Vm};
use hognose_object::objects::SliceObj;
use hognose_object::{Layout, Ref, ValueExt, int};

/// A slice applied to a sequence: `count` items at `start`, `start + step`, …
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SliceBounds {
    /// Index of the first item; with `count` 0 where one would be inserted.
    pub start: isize,
    /// First index not reached, clipped like `start`.
    pub stop: isize,
    /// Distance, not 0.
    pub step: isize,
    /// Number of items.
    pub count: usize,
}

/// `start`, `stop` and `step` of a slice before its length is known.
#[derive(Clone, Copy, Debug)]
pub struct RawSlice {
    start: Option<isize>,
    stop: Option<isize>,
    step: isize,
}

/// The fields of a slice object: start, stop, step.
#[allow(unsafe_code, reason = "reads the fields of a slice object")]
pub fn slice_parts(slice: Ref<'_>) -> Option<[Ref<'_>; 3]> {
    if !slice.is_exact(Layout::Slice) {
        return None;
    }
    let o = slice.value().header().cast::<SliceObj>();
    // SAFETY: the layout was checked; slices are immutable and own their fields.
    unsafe { Some([(*o).start, (*o).stop, (*o).step].map(|v| Ref::from_value(v))) }
}

impl RawSlice {
    /// For a sequence of this length.
    pub fn bounds(self, len: usize) -> SliceBounds {
        let n = len as isize;
        let step = self.step;
        let (low, high) = if step > 0 { (0, n) } else { (-1, n - 1) };
        let clip = |i: isize| {
            let i = if i < 0 { i.saturating_add(n) } else { i };
            i.clamp(low, high)
        };
        let (first, end) = if step > 0 { (low, high) } else { (high, low) };
        let start = self.start.map_or(first, clip);
        let stop = self.stop.map_or(end, clip);
        let count = if step > 0 {
            if start < stop { (stop - start - 1) as usize / step as usize + 1 } else { 0 }
        } else if stop < start {
            (start - stop - 1) as usize / step.unsigned_abs() + 1
        } else {
            0
        };
        SliceBounds { start, stop, step, count }
    }
}

impl SliceBounds {
    /// The items' indices as a rising stride: first index and distance. For removing them.
    pub fn ascending(self) -> (usize, usize) {
        if self.step > 0 || self.count == 0 {
            (self.start.max(0) as usize, self.step.unsigned_abs())
        } else {
            let last = self.start + self.step * (self.count as isize - 1);
            (last as usize, self.step.unsigned_abs())
        }
    }
}

impl Vm {
    /// One of the numbers in a slice; `None` stays what it is.
    fn slice_index(&mut self, r: Ref<'_>) -> PyResult<Option<isize>> {
        if let Some(n) = r.value().as_int() {
            return Ok(Some(n as isize));
        }
        if r.is_none() {
            return Ok(None);
        }
        if !int::is_int(base_value(r)) && self.class_of(r).slots().index.is_none() {
            return Err(self.type_error("slice indices must be integers or None or have an __index__ method"));
        }
        self.index_isize(r, true).map(Some)
    }

    /// Reads a slice object. This may run Python; apply it to the length afterwards.
    #[inline]
    pub fn slice_unpack(&mut self, slice: Ref<'_>) -> PyResult<RawSlice> {
        let Some([start, stop, step]) = slice_parts(slice) else {
            return Err(self.type_error("a slice is required"));
        };
        let step = match self.slice_index(step)? {
            None => 1,
            Some(0) => return Err(self.value_error("slice step cannot be zero")),
            // So that it can be negated.
            Some(n) => n.max(-isize::MAX),
        };
        let start = self.slice_index(start)?;
        let stop = self.slice_index(stop)?;
        Ok(RawSlice { start, stop, step })
    }

    /// A slice object applied to a sequence that cannot change.
    #[inline]
    pub fn slice_bounds(&mut self, slice: Ref<'_>, len: usize) -> PyResult<SliceBounds> {
        Ok(self.slice_unpack(slice)?.bounds(len))
    }

    /// A subscript as an index, negative ones counted from the end; `None`: out of range. `what` names the sequence in
    /// `"{what} indices must be integers or slices, not str"`.
    #[inline]
    pub fn index_of(&mut self, key: Ref<'_>, len: usize, what: &str) -> PyResult<Option<usize>> {
        let i = match key.value().as_int() {
            Some(i) => i as isize,
            None => self.subscript_slow(key, what)?,
        };
        Ok(place(i, len))
    }

    /// A subscript as a number: IndexError when it fits no index, TypeError when it is none.
    #[cold]
    pub fn subscript_slow(&mut self, key: Ref<'_>, what: &str) -> PyResult<isize> {
        if !int::is_int(base_value(key)) && self.class_of(key).slots().index.is_none() {
            let class = self.type_name(key);
            return Err(self.type_error(&format!("{what} indices must be integers or slices, not {class}")));
        }
        match self.index_isize(key, false) {
            Err(e) if self.raised_is(&e, Exc::OverflowError) => {
                self.discard(e);
                let class = self.type_name(key);
                Err(self.index_error(&format!("cannot fit '{class}' into an index-sized integer")))
            }
            r => r,
        }
    }

    /// An argument that is a C `Py_ssize_t`.
    pub fn ssize_arg(&mut self, r: Ref<'_>) -> PyResult<isize> {
        if let Some(n) = r.value().as_int() {
            return Ok(n as isize);
        }
        match self.index_isize(r, false) {
            Err(e) if self.raised_is(&e, Exc::OverflowError) => {
                self.discard(e);
                Err(self.overflow_error("Python int too large to convert to C ssize_t"))
            }
            r => r,
        }
    }

    /// `start` or `stop` of `index()` methods.
    pub fn search_bound(&mut self, r: Option<Ref<'_>>, default: isize) -> PyResult<isize> {
        let Some(r) = r else { return Ok(default) };
        if !int::is_int(base_value(r)) && self.class_of(r).slots().index.is_none() {
            return Err(self.type_error("slice indices must be integers or have an __index__ method"));
        }
        self.index_isize(r, true)
    }
}

/// An index counted from the end when negative; `None`: outside.
#[inline(always)]
pub fn place(i: isize, len: usize) -> Option<usize> {
    let i = if i < 0 { i.wrapping_add(len as isize) } else { i };
    ((i as usize) < len).then_some(i as usize)
}

/// Negative bounds count from the end, and stop at the beginning.
pub fn clamp_bound(i: isize, len: usize) -> usize {
    if i < 0 { i.saturating_add(len as isize).max(0) as usize } else { i as usize }
}

#[cfg(test)]
mod tests {
    use super::RawSlice;

    #[test]
    fn bounds_are_cpythons() {
        let b = |start, stop, step, len| {
            let b = RawSlice { start, stop, step }.bounds(len);
            (b.start, b.stop, b.count)
        };
        assert_eq!(b(None, None, -1, 5), (4, -1, 5));
        assert_eq!(b(Some(-10), None, -2, 3), (-1, -1, 0));
        assert_eq!(b(Some(0), Some(2), 2, 3), (0, 2, 1));
        assert_eq!(b(Some(5), Some(1), 1, 3), (3, 1, 0));
        assert_eq!(b(None, None, isize::MAX, 7), (0, 7, 1));
        assert_eq!(b(Some(isize::MAX), Some(isize::MIN), -isize::MAX, 7), (6, -1, 1));
    }
}
