//! Where things are in a string: characters and bytes, subscripts, slices, the bounds methods take.
#![allow(unsafe_code, reason = "reads the fields of slice objects")]

use crate::class::base_value;
use crate::exceptions::Exc;
use crate::{PyResult, Vm};
use hognose_object::objects::SliceObj;
use hognose_object::str::StrRef;
use hognose_object::{Layout, Ref, ValueExt, int};
use num_traits::ToPrimitive;
use std::ops::Range;

fn is_start(b: u8) -> bool {
    b & 0xC0 != 0x80
}

/// Byte offset of character `i <= char_len`, counted from the nearer end in blocks the compiler vectorises.
pub fn byte_offset(s: StrRef<'_>, i: usize) -> usize {
    if s.is_ascii() {
        return i;
    }
    let (bytes, chars) = (s.as_bytes(), s.char_len());
    if i >= chars {
        return bytes.len();
    }
    if i <= chars / 2 { offset_forward(bytes, i) } else { offset_backward(bytes, chars - i) }
}

fn offset_forward(bytes: &[u8], mut n: usize) -> usize {
    let mut at = 0;
    for chunk in bytes.chunks(64) {
        let starts = chunk.iter().filter(|&&b| is_start(b)).count();
        if starts > n {
            break;
        }
        n -= starts;
        at += chunk.len();
    }
    for (k, &b) in bytes[at..].iter().enumerate() {
        if is_start(b) {
            if n == 0 {
                return at + k;
            }
            n -= 1;
        }
    }
    bytes.len()
}

/// Offset of the `n`th character from the end, `n >= 1`.
fn offset_backward(bytes: &[u8], mut n: usize) -> usize {
    let mut end = bytes.len();
    for chunk in bytes.rchunks(64) {
        let starts = chunk.iter().filter(|&&b| is_start(b)).count();
        if starts >= n {
            break;
        }
        n -= starts;
        end -= chunk.len();
    }
    for (k, &b) in bytes[..end].iter().enumerate().rev() {
        if is_start(b) {
            n -= 1;
            if n == 0 {
                return k;
            }
        }
    }
    0
}

/// The code point at byte `at` and where the next begins.
#[inline]
pub fn char_from(bytes: &[u8], at: usize) -> Option<(u32, usize)> {
    let c = hognose_object::str::code_points(bytes.get(at..)?).next()?;
    Some((c, at + utf8_len(c)))
}

/// The code point that ends at byte `end`, and where it begins.
pub fn char_before(bytes: &[u8], end: usize) -> Option<(u32, usize)> {
    let start = bytes.get(..end)?.iter().rposition(|&b| is_start(b))?;
    char_from(bytes, start).map(|(c, _)| (c, start))
}

/// Bytes of a code point in WTF-8.
#[inline]
pub fn utf8_len(c: u32) -> usize {
    match c {
        0..0x80 => 1,
        0x80..0x800 => 2,
        0x800..0x1_0000 => 3,
        _ => 4,
    }
}

/// `start:stop:step` as numbers, not yet fitted to a length.
#[derive(Clone, Copy)]
pub struct Slice {
    start: isize,
    stop: isize,
    step: isize,
}

/// A slice fitted to a length.
#[derive(Clone, Copy)]
pub struct Fitted {
    /// First index.
    pub start: usize,
    /// Distance.
    pub step: isize,
    /// How many items.
    pub count: usize,
}

impl Fitted {
    /// The indices.
    pub fn indices(self) -> impl DoubleEndedIterator<Item = usize> {
        (0..self.count).map(move |k| self.start.wrapping_add_signed(self.step.wrapping_mul(k as isize)))
    }
}

impl Slice {
    /// Reads a slice object: `__index__` methods run here.
    pub fn unpack(vm: &mut Vm, slice: Ref<'_>) -> PyResult<Slice> {
        let o = slice.value().header().cast::<SliceObj>();
        // SAFETY: the caller saw that it is a slice; slices are immutable and this one is borrowed.
        let (start, stop, step) =
            unsafe { (Ref::from_value((*o).start), Ref::from_value((*o).stop), Ref::from_value((*o).step)) };
        let step = if step.is_none() { 1 } else { slice_index(vm, step)? };
        if step == 0 {
            return Err(vm.value_error("slice step cannot be zero"));
        }
        let step = step.max(-isize::MAX);
        let start = match start.is_none() {
            true if step < 0 => isize::MAX,
            true => 0,
            false => slice_index(vm, start)?,
        };
        let stop = match stop.is_none() {
            true if step < 0 => isize::MIN,
            true => isize::MAX,
            false => slice_index(vm, stop)?,
        };
        Ok(Slice { start, stop, step })
    }

    /// What it selects of `len` items.
    pub fn fit(self, len: usize) -> Fitted {
        let n = len as isize;
        let low = if self.step < 0 { -1 } else { 0 };
        let high = if self.step < 0 { n - 1 } else { n };
        let clamp = |i: isize| {
            if i < 0 {
                let i = i.saturating_add(n);
                if i < 0 { low } else { i }
            } else if i >= n {
                high
            } else {
                i
            }
        };
        let (start, stop) = (clamp(self.start), clamp(self.stop));
        let count = if self.step < 0 {
            if stop < start { (start - stop - 1) / -self.step + 1 } else { 0 }
        } else if start < stop {
            (stop - start - 1) / self.step + 1
        } else {
            0
        };
        Fitted { start: start.max(0) as usize, step: self.step, count: count as usize }
    }
}

/// A bound of a slice or of `find` and the like.
pub fn slice_index(vm: &mut Vm, r: Ref<'_>) -> PyResult<isize> {
    if let Some(n) = r.value().as_int() {
        return Ok(n as isize);
    }
    if !is_index(vm, r) {
        return Err(vm.type_error("slice indices must be integers or None or have an __index__ method"));
    }
    vm.index_isize(r, true)
}

/// Can it be an index at all?
pub fn is_index(vm: &Vm, r: Ref<'_>) -> bool {
    int::is_int(base_value(r)) || vm.class_of(r).slots().index.is_some()
}

/// A subscript.
pub enum Subscript {
    /// One item.
    At(isize),
    /// Several.
    Slice(Slice),
    /// Neither an index nor a slice.
    Other,
}

/// Reads a subscript.
pub fn subscript(vm: &mut Vm, key: Ref<'_>) -> PyResult<Subscript> {
    if let Some(n) = key.value().as_int() {
        return Ok(Subscript::At(n as isize));
    }
    if key.is_exact(Layout::Slice) {
        return Slice::unpack(vm, key).map(Subscript::Slice);
    }
    if !is_index(vm, key) {
        return Ok(Subscript::Other);
    }
    let n = vm.index(key)?;
    match int::bigint_of(n.as_ref()).and_then(|n| n.to_isize()) {
        Some(n) => Ok(Subscript::At(n)),
        None => {
            let class = vm.type_name(key);
            Err(vm.raise(Exc::IndexError, &format!("cannot fit '{class}' into an index-sized integer")))
        }
    }
}

/// Index `i` of `len` items, negative ones counted from the end.
#[inline]
pub fn place(i: isize, len: usize) -> Option<usize> {
    let i = if i < 0 { i.checked_add_unsigned(len)? } else { i };
    (i >= 0 && (i as usize) < len).then_some(i as usize)
}

/// The optional `start` and `end` of `find` and the like, as given.
#[derive(Clone, Copy)]
pub struct Bounds(isize, isize);

impl Bounds {
    /// Reads them.
    pub fn read(vm: &mut Vm, start: Option<Ref<'_>>, end: Option<Ref<'_>>) -> PyResult<Bounds> {
        let start = match start.filter(|r| !r.is_none()) {
            Some(r) => slice_index(vm, r)?,
            None => 0,
        };
        let end = match end.filter(|r| !r.is_none()) {
            Some(r) => slice_index(vm, r)?,
            None => isize::MAX,
        };
        Ok(Bounds(start, end))
    }

    /// Fitted to a length; `None` when they select nothing, not even the empty part at one place.
    pub fn fit(self, len: usize) -> Option<Range<usize>> {
        let n = len as isize;
        let from_end = |i: isize| if i < 0 { i.saturating_add(n).max(0) } else { i };
        let (start, end) = (from_end(self.0), from_end(self.1.min(n)));
        (start <= end).then_some(start as usize..end as usize)
    }
}

/// Repeat count and size of `text * n`: MemoryError when it cannot be.
pub fn repeated(len: usize, n: usize) -> PyResult<usize> {
    Ok(len
        .checked_mul(n)
        .filter(|&n| n <= isize::MAX as usize)
        .ok_or_else(hognose_object::OutOfMemory::huge)?)
}

/// An argument that must fit into a `Py_ssize_t` (`width`, `maxsplit`, `count`).
pub fn ssize(vm: &mut Vm, r: Ref<'_>) -> PyResult<isize> {
    if let Some(n) = r.value().as_int() {
        return Ok(n as isize);
    }
    let n = vm.index(r)?;
    match int::bigint_of(n.as_ref()).and_then(|n| n.to_isize()) {
        Some(n) => Ok(n),
        None => Err(vm.overflow_error("Python int too large to convert to C ssize_t")),
    }
}
