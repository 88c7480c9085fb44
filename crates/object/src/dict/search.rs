//! Finding keys: a scan of the tags of a small table, or linear probing of the index.
//!
//! The table decides what it can: identical words, strings, small ints. Other candidates with the same tag go to `eq`.
#![allow(unsafe_code, reason = "reads entries, tags and index")]

use super::{DictObj, SMALL, Word, by_width, hash_tag, mask_for};
use crate::hash::Hash;
use crate::layouts::Layout;
use crate::str::str_eq;
use crate::tuple::TupleRef;
use crate::value::ValueExt;
use hognose_heap::{Ref, Value};

/// What a probe ended with.
enum Probe {
    Found(usize),
    Absent,
    /// `eq` changed the table.
    Changed,
}

/// What a search without Python ended with, see [`DictObj::find_quick`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Quick {
    /// Index of the entry.
    Found(usize),
    /// It is not there.
    Absent,
    /// Only a comparison that may run Python can tell.
    Unsure,
}

impl DictObj {
    /// Finds `key`: `Ok(Some(entry index))`. `eq` compares candidates the table cannot.
    ///
    /// # Safety
    /// `o` must be a table that stays alive during the call.
    #[inline]
    pub unsafe fn find<E>(
        o: *mut DictObj,
        hash: Hash,
        key: Value,
        eq: impl FnMut(Value) -> Result<bool, E>,
    ) -> Result<Option<usize>, E> {
        // SAFETY: by the caller.
        unsafe { Self::find_tag(o, hash_tag(hash), key, eq) }
    }

    /// [`DictObj::find`] by the tag another table keeps.
    ///
    /// # Safety
    /// As [`DictObj::find`].
    #[inline]
    pub unsafe fn find_tag<E>(
        o: *mut DictObj,
        tag: u32,
        key: Value,
        mut eq: impl FnMut(Value) -> Result<bool, E>,
    ) -> Result<Option<usize>, E> {
        // SAFETY: by the caller.
        unsafe {
            loop {
                if (*o).used == 0 {
                    return Ok(None);
                }
                let cap = (*o).entries_cap;
                let probe = if cap <= SMALL {
                    Self::scan(o, tag, key, &mut eq)?
                } else {
                    by_width!(cap, probe<E>(o, tag, key, &mut eq))?
                };
                match probe {
                    Probe::Found(i) => return Ok(Some(i)),
                    Probe::Absent => return Ok(None),
                    Probe::Changed => {}
                }
            }
        }
    }

    /// Finds `key` without running Python.
    ///
    /// # Safety
    /// `o` must be alive.
    pub unsafe fn find_quick(o: *mut DictObj, tag: u32, key: Value) -> Quick {
        // SAFETY: by the caller.
        match unsafe { Self::find_tag(o, tag, key, |_| Err(())) } {
            Ok(Some(i)) => Quick::Found(i),
            Ok(None) => Quick::Absent,
            Err(()) => Quick::Unsure,
        }
    }

    #[inline(always)]
    unsafe fn scan<E>(
        o: *mut DictObj,
        tag: u32,
        key: Value,
        eq: &mut impl FnMut(Value) -> Result<bool, E>,
    ) -> Result<Probe, E> {
        // SAFETY: entries and tags are read below `entries_len`; after a change the caller starts over.
        unsafe {
            let tags = Self::tags(o);
            for i in 0..(*o).entries_len as usize {
                if *tags.add(i) == tag
                    && let Some(end) = Self::check(o, i, key, eq)?
                {
                    return Ok(end);
                }
            }
            Ok(Probe::Absent)
        }
    }

    #[inline(always)]
    unsafe fn probe<W: Word, E>(
        o: *mut DictObj,
        tag: u32,
        key: Value,
        eq: &mut impl FnMut(Value) -> Result<bool, E>,
    ) -> Result<Probe, E> {
        // SAFETY: words of the index lead to living entries; after a change the caller starts over.
        unsafe {
            let (tags, index, mask) = (Self::tags(o), Self::index::<W>(o), mask_for((*o).entries_cap));
            let mut at = tag as usize & mask;
            loop {
                let word = (*index.add(at)).get();
                if word == 0 {
                    return Ok(Probe::Absent);
                }
                if *tags.add(word - 1) == tag
                    && let Some(end) = Self::check(o, word - 1, key, eq)?
                {
                    return Ok(end);
                }
                at = (at + 1) & mask;
            }
        }
    }

    /// Compares entry `i`, whose tag fits; `None`: it is another key.
    #[inline(always)]
    unsafe fn check<E>(
        o: *mut DictObj,
        i: usize,
        key: Value,
        eq: &mut impl FnMut(Value) -> Result<bool, E>,
    ) -> Result<Option<Probe>, E> {
        // SAFETY: the entry is in use (or a hole, which equals nothing); the candidate is held during `eq`.
        unsafe {
            let candidate = (*(*o).entries.add(i)).key;
            if let Some(equal) = known_equal(candidate, key) {
                return Ok(equal.then_some(Probe::Found(i)));
            }
            let before = ((*o).entries, (*o).entries_len, (*o).used);
            let held = Ref::from_value(candidate).owned();
            let equal = eq(held.value())?;
            let same = before == ((*o).entries, (*o).entries_len, (*o).used)
                && (*(*o).entries.add(i)).key == held.value();
            if !same {
                return Ok(Some(Probe::Changed));
            }
            Ok(equal.then_some(Probe::Found(i)))
        }
    }
}

/// Equality that needs no Python: `None` when the caller must decide. Identical words are equal.
#[inline(always)]
pub fn known_equal(a: Value, b: Value) -> Option<bool> {
    if a == b {
        return Some(true);
    }
    if a.is_exact(Layout::Str) {
        if b.is_exact(Layout::Str) {
            return Some(str_eq(a, b));
        }
        return if b.is_ptr() { None } else { Some(false) };
    }
    if (a.is_int() && b.is_int()) || a.is_null() {
        return Some(false);
    }
    if !a.is_ptr() && b.is_exact(Layout::Str) {
        return Some(false);
    }
    if a.is_exact(Layout::Tuple) && b.is_exact(Layout::Tuple) {
        return known_equal_tuples(a, b);
    }
    None
}

/// The same for tuples of words and strings; `None` as soon as two items are anything else.
#[inline(never)]
fn known_equal_tuples(a: Value, b: Value) -> Option<bool> {
    // SAFETY: the callers hold both; tuples are immutable.
    let (a, b) = unsafe { (Ref::from_value(a), Ref::from_value(b)) };
    let (x, y) = (TupleRef::new(a)?.items(), TupleRef::new(b)?.items());
    for (p, q) in x.iter().zip(y) {
        let (p, q) = (p.value(), q.value());
        if p == q {
            continue;
        }
        let strings = p.is_exact(Layout::Str) && q.is_exact(Layout::Str);
        if (p.is_int() && q.is_int()) || (strings && !str_eq(p, q)) {
            return Some(false);
        }
        if !strings {
            return None;
        }
    }
    Some(x.len() == y.len())
}
