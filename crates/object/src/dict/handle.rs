//! Borrowed dicts and sets: the safe face of the tables.
#![allow(unsafe_code, reason = "reaches the table through a raw header")]

use super::{DictObj, Entry, Quick, hash_tag};
use crate::hash::Hash;
use crate::layouts::Layout;
use crate::value::ValueExt;
use hognose_heap::{Heap, OutOfMemory, Owned, Ref, Value};

/// A borrowed dict or set.
#[derive(Clone, Copy)]
pub struct DictRef<'a>(Ref<'a>);

impl<'a> DictRef<'a> {
    /// `r` as a dict (or subclass).
    #[inline(always)]
    pub fn new(r: Ref<'a>) -> Option<Self> {
        r.has_layout(Layout::Dict).then_some(DictRef(r))
    }

    /// `r` as a set or frozenset (or subclass).
    #[inline(always)]
    pub fn new_set(r: Ref<'a>) -> Option<Self> {
        (r.has_layout(Layout::Set) || r.has_layout(Layout::FrozenSet)).then_some(DictRef(r))
    }

    /// As an object.
    pub fn as_ref(self) -> Ref<'a> {
        self.0
    }

    /// The object itself, for the machine.
    #[inline(always)]
    pub fn obj(self) -> *mut DictObj {
        self.0.value().header().cast()
    }

    /// Number of keys.
    #[inline]
    pub fn len(self) -> usize {
        // SAFETY: 'a keeps it alive.
        unsafe { (*self.obj()).used as usize }
    }

    /// No keys?
    #[inline]
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// End of the entries, holes included.
    #[inline]
    pub fn entries_len(self) -> usize {
        // SAFETY: 'a keeps it alive.
        unsafe { (*self.obj()).entries_len as usize }
    }

    /// Is it a set or frozenset?
    #[inline(always)]
    pub fn is_set(self) -> bool {
        !self.0.has_layout(Layout::Dict)
    }

    // ---- search

    /// Finds a key; see [`DictObj::find`].
    #[inline]
    pub fn find<E>(
        self,
        hash: Hash,
        key: Ref<'_>,
        eq: impl FnMut(Ref<'_>) -> Result<bool, E>,
    ) -> Result<Option<usize>, E> {
        self.find_tag(hash_tag(hash), key, eq)
    }

    /// Finds a key by its tag in another table.
    #[inline]
    pub fn find_tag<E>(
        self,
        tag: u32,
        key: Ref<'_>,
        mut eq: impl FnMut(Ref<'_>) -> Result<bool, E>,
    ) -> Result<Option<usize>, E> {
        // SAFETY: alive for 'a; the candidate is held by the probe.
        unsafe { DictObj::find_tag(self.obj(), tag, key.value(), |c| eq(Ref::from_value(c))) }
    }

    /// Finds a key without running Python.
    #[inline]
    pub fn find_quick(self, hash: Hash, key: Ref<'_>) -> Quick {
        // SAFETY: alive for 'a.
        unsafe { DictObj::find_quick(self.obj(), hash_tag(hash), key.value()) }
    }

    /// Finds an exact string; keys that only Python could find equal are not equal here.
    #[inline]
    fn find_str(self, key: Ref<'_>) -> Option<usize> {
        let hash = crate::str::StrRef::new(key)?.cached_hash();
        match self.find_quick(hash, key) {
            Quick::Found(i) => Some(i),
            Quick::Absent => None,
            Quick::Unsure => self.find(hash, key, |_| Ok::<bool, ()>(false)).ok()?,
        }
    }

    /// The value under an exact string, without running Python. Keys that are no strings are not equal to one here.
    #[inline]
    pub fn get_str(self, key: Ref<'_>) -> Option<Owned> {
        self.find_str(key).and_then(|i| self.value_at(i))
    }

    // ---- entries

    /// Key and value of entry `i`; `None` for holes. The value is NULL in sets.
    #[inline]
    pub fn entry(self, i: usize) -> Option<(Owned, Owned)> {
        let e = self.entry_raw(i)?;
        // SAFETY: the table owns both; counted at once.
        unsafe {
            let value = if self.is_set() { Value::NULL } else { e.value };
            Some((Ref::from_value(e.key).owned(), Ref::from_value(value).owned()))
        }
    }

    #[inline]
    fn entry_raw(self, i: usize) -> Option<Entry> {
        if i >= self.entries_len() {
            return None;
        }
        // SAFETY: in range.
        let e = unsafe { *(*self.obj()).entries.add(i) };
        (!e.key.is_null()).then_some(e)
    }

    /// The key of entry `i`; `None` for holes.
    #[inline]
    pub fn key_at(self, i: usize) -> Option<Owned> {
        // SAFETY: the table owns it; counted at once.
        self.entry_raw(i).map(|e| unsafe { Ref::from_value(e.key) }.owned())
    }

    /// The value of entry `i` of a dict; `None` for holes.
    #[inline]
    pub fn value_at(self, i: usize) -> Option<Owned> {
        debug_assert!(!self.is_set());
        // SAFETY: the table owns it; counted at once.
        self.entry_raw(i).map(|e| unsafe { Ref::from_value(e.value) }.owned())
    }

    /// The tag of entry `i` in use.
    #[inline]
    pub fn tag_at(self, i: usize) -> u32 {
        assert!(i < self.entries_len(), "entry {i}");
        // SAFETY: in range.
        unsafe { *DictObj::tags(self.obj()).add(i) }
    }

    /// The hash of entry `i` in use of a set.
    #[inline]
    pub fn hash_at(self, i: usize) -> Hash {
        assert!(i < self.entries_len() && self.is_set(), "entry {i}");
        // SAFETY: in range; sets store the hash there.
        unsafe { (*(*self.obj()).entries.add(i)).value.header().addr() as Hash }
    }

    /// Index of the first entry in use at or after `i`.
    #[inline]
    pub fn next_used(self, mut i: usize) -> Option<usize> {
        let n = self.entries_len();
        while i < n {
            // SAFETY: in range.
            if unsafe { !(*(*self.obj()).entries.add(i)).key.is_null() } {
                return Some(i);
            }
            i += 1;
        }
        None
    }

    /// Index of the last entry in use before `i`.
    pub fn prev_used(self, i: usize) -> Option<usize> {
        let mut i = i.min(self.entries_len());
        while i > 0 {
            i -= 1;
            if self.entry_raw(i).is_some() {
                return Some(i);
            }
        }
        None
    }

    /// The first entry at or after `i`: its index, key, value.
    #[inline]
    pub fn next_entry(self, i: usize) -> Option<(usize, Owned, Owned)> {
        let i = self.next_used(i)?;
        self.entry(i).map(|(k, v)| (i, k, v))
    }

    /// The last entry before `i`.
    pub fn prev_entry(self, i: usize) -> Option<(usize, Owned, Owned)> {
        let i = self.prev_used(i)?;
        self.entry(i).map(|(k, v)| (i, k, v))
    }

    /// All keys and values.
    pub fn to_vec(self) -> Vec<(Owned, Owned)> {
        (0..self.entries_len()).filter_map(|i| self.entry(i)).collect()
    }

    // ---- change

    /// Makes room for `n` keys in all.
    pub fn reserve(self, heap: &mut Heap, n: usize) -> Result<(), OutOfMemory> {
        // SAFETY: alive for 'a.
        unsafe {
            if n > (*self.obj()).entries_cap as usize {
                DictObj::resize(self.obj(), heap, n)?;
            }
        }
        Ok(())
    }

    /// Stores under an exact string.
    #[inline]
    pub fn set_str(self, heap: &mut Heap, key: Ref<'_>, value: Owned) -> Result<(), OutOfMemory> {
        if let Some(i) = self.find_str(key) {
            drop(self.replace_at(heap, i, value));
            return Ok(());
        }
        let hash = crate::str::StrRef::new(key).map_or(0, |s| s.cached_hash());
        self.insert_new(heap, hash, key.owned(), value)
    }

    /// Removes an exact string key; gives the value.
    pub fn del_str(self, heap: &mut Heap, key: Ref<'_>) -> Option<Owned> {
        let i = self.find_str(key)?;
        Some(self.remove_at(heap, i, 0).1)
    }

    /// Adds a key known to be absent. In a set the value is not used.
    #[inline]
    pub fn insert_new(
        self,
        heap: &mut Heap,
        hash: Hash,
        key: Owned,
        value: Owned,
    ) -> Result<(), OutOfMemory> {
        // SAFETY: alive for 'a; ownership moves in on success.
        unsafe {
            DictObj::insert_new(self.obj(), heap, hash, key.value(), value.value())?;
        }
        std::mem::forget(key);
        if !self.is_set() {
            std::mem::forget(value);
        }
        Ok(())
    }

    /// Adds a key known to be absent to a dict, by its tag in another table.
    pub fn insert_tagged(
        self,
        heap: &mut Heap,
        tag: u32,
        key: Owned,
        value: Owned,
    ) -> Result<(), OutOfMemory> {
        assert!(!self.is_set(), "sets need the hash");
        // SAFETY: alive for 'a; ownership moves in on success.
        unsafe {
            DictObj::insert_tagged(self.obj(), heap, tag, key.value(), value.value())?;
        }
        std::mem::forget((key, value));
        Ok(())
    }

    /// Replaces the value of entry `i` of a dict.
    #[inline]
    pub fn replace_at(self, _heap: &mut Heap, i: usize, value: Owned) -> Owned {
        assert!(i < self.entries_len() && !self.is_set(), "entry {i}");
        // SAFETY: in range; ownership of the old value moves out.
        unsafe {
            let place = &raw mut (*(*self.obj()).entries.add(i)).value;
            let old = Owned::from_value(*place);
            place.write(value.into_value());
            old
        }
    }

    /// Removes entry `i`, giving key and value (NULL in sets). The table knows the key's hash.
    pub fn remove_at(self, _heap: &mut Heap, i: usize, _hash: Hash) -> (Owned, Owned) {
        assert!(self.entry_raw(i).is_some(), "entry {i}");
        // SAFETY: in range and in use; ownership moves out.
        unsafe {
            let (k, v) = DictObj::remove(self.obj(), i);
            let v = if self.is_set() { Value::NULL } else { v };
            (Owned::from_value(k), Owned::from_value(v))
        }
    }

    /// Takes the first key out of a set. Repeated calls do not look at the same holes again.
    pub fn pop_first(self, _heap: &mut Heap) -> Option<Owned> {
        assert!(self.is_set(), "dicts are not popped from the front");
        // SAFETY: alive for 'a; a set's version is the place before which there are only holes.
        unsafe {
            let o = self.obj();
            let i = self.next_used((*o).version as usize)?;
            let (key, _) = DictObj::remove(o, i);
            (*o).version = (i as u32 + 1).min((*o).entries_len);
            Some(Owned::from_value(key))
        }
    }

    /// Empties it; the first entry dies first.
    pub fn clear(self, heap: &mut Heap) {
        let values = !self.is_set();
        // SAFETY: alive for 'a; the detached entries own what is released here, and releasing runs no Python.
        unsafe {
            let (entries, len) = DictObj::detach(self.obj());
            for i in 0..len as usize {
                let e = *entries.add(i);
                e.key.decref();
                if values {
                    e.value.decref();
                }
            }
            if !entries.is_null() {
                heap.free_buffer(entries.cast(), 0);
            }
        }
    }

    /// Replaces the contents of `other` (a dict as this one, or both sets) by these; no hashing, no Python.
    pub fn copy_into(self, heap: &mut Heap, other: DictRef<'_>) -> Result<(), OutOfMemory> {
        assert!(self.is_set() == other.is_set(), "a set and a dict");
        if self.0.is(other.0) {
            return Ok(());
        }
        let used = self.len();
        other.clear(heap);
        if used == 0 {
            return Ok(());
        }
        let values = !self.is_set();
        // SAFETY: both alive; the copy has room for all entries, and owns what it counts.
        unsafe {
            let (from, to) = (self.obj(), other.obj());
            let (entries, cap) = DictObj::alloc_table(heap, used)?;
            (*to).entries = entries;
            (*to).entries_cap = cap;
            let (tags, from_tags) = (DictObj::tags(to), DictObj::tags(from));
            let mut n = 0;
            for i in 0..(*from).entries_len as usize {
                let e = *(*from).entries.add(i);
                if e.key.is_null() {
                    continue;
                }
                e.key.incref();
                if values {
                    e.value.incref();
                }
                entries.add(n).write(e);
                tags.add(n).write(*from_tags.add(i));
                n += 1;
            }
            (*to).entries_len = n as u32;
            (*to).used = n as u32;
            (*to).version = 0;
            DictObj::build_index(to);
            Ok(())
        }
    }

    /// Exchanges the contents of two tables of the same sort.
    pub fn swap(self, _heap: &mut Heap, other: DictRef<'_>) {
        assert!(self.is_set() == other.is_set(), "a set and a dict");
        // SAFETY: both alive; everything but the header changes places.
        unsafe {
            let (a, b) = (self.obj(), other.obj());
            std::mem::swap(&mut (*a).used, &mut (*b).used);
            std::mem::swap(&mut (*a).entries, &mut (*b).entries);
            std::mem::swap(&mut (*a).entries_len, &mut (*b).entries_len);
            std::mem::swap(&mut (*a).entries_cap, &mut (*b).entries_cap);
            (*a).version = 0;
            (*b).version = 0;
        }
    }
}
