//! Dictionaries and sets: entries in insertion order, and an open-addressing index over them.
//!
//!   index:   | hash32, entry+1 | 0 | hash32, entry+1 | …      (power of two of words, linear probing, load ≤ 2/3)
//!   entries: | key, value | key, value | hole | …            (a removed entry leaves a NULL key)
//!
//! A set is a dict without values. The table compares words, strings and stored hashes by itself; other equal-hash
//! candidates go to the caller's `eq`, which may run Python and change the very dict: the probe then starts over.
//! `version` changes whenever a key is added or removed or entries move, so caches may remember entry indices.
#![allow(unsafe_code, reason = "entries and index are raw buffers")]

use crate::hash::Hash;
use crate::layouts::Layout;
use crate::slots::{drop_slots, trace_slots};
use crate::str::str_eq;
use crate::value::ValueExt;
use hognose_heap::{Header, Heap, OutOfMemory, Owned, Ref, Value};

/// One key with its value (NULL in sets).
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Entry {
    /// NULL: a hole.
    pub key: Value,
    /// The value.
    pub value: Value,
}

/// A dict, set or frozenset object.
#[repr(C)]
pub struct DictObj {
    /// Count, kind, flags.
    pub header: Header,
    /// Entries that are not holes.
    pub used: u32,
    /// See the module documentation; never 0 once a cache asked.
    pub version: u32,
    /// The entries.
    pub entries: *mut Entry,
    /// Entries in use, holes included.
    pub entries_len: u32,
    entries_cap: u32,
    index: *mut u64,
    index_mask: u32,
    /// Cached hash of a frozenset, 32 bits of it are not enough: unused here.
    _reserved: u32,
}

const EMPTY: u64 = 0;
const DELETED: u64 = 1 << 32 | 0xffff_ffff;

#[inline(always)]
fn hash32(hash: Hash) -> u32 {
    ((hash as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32) as u32
}

impl DictObj {
    /// Visits keys and values.
    ///
    /// # Safety
    /// `h` must be a live dict.
    pub unsafe fn trace(h: *mut Header, visit: &mut dyn FnMut(Value)) {
        // SAFETY: by the caller.
        unsafe {
            let o = h.cast::<DictObj>();
            for i in 0..(*o).entries_len as usize {
                let e = *(*o).entries.add(i);
                if e.key.is_ptr() {
                    visit(e.key);
                }
                if e.value.is_ptr() {
                    visit(e.value);
                }
            }
            trace_slots(h, size_of::<DictObj>(), visit);
        }
    }

    /// Releases keys, values and buffers; the first entry dies first.
    ///
    /// # Safety
    /// `h` must be a live dict, not used afterwards.
    pub unsafe fn drop(h: *mut Header, heap: &Heap) {
        // SAFETY: by the caller.
        unsafe {
            drop_slots(h, size_of::<DictObj>());
            let (entries, len) = Self::detach(h.cast(), heap);
            for i in (0..len as usize).rev() {
                let e = *entries.add(i);
                e.value.decref();
                e.key.decref();
            }
            if !entries.is_null() {
                heap.free_buffer(entries.cast(), 0);
            }
        }
    }

    /// Bytes of the buffers.
    ///
    /// # Safety
    /// `h` must be a live dict.
    pub unsafe fn buffers(h: *mut Header) -> usize {
        // SAFETY: by the caller.
        unsafe {
            let o = h.cast::<DictObj>();
            let index = if (*o).index.is_null() { 0 } else { ((*o).index_mask as usize + 1) * 8 };
            (*o).entries_cap as usize * 16 + index
        }
    }

    /// Makes the dict empty and frees its index; the entries go to the caller.
    unsafe fn detach(o: *mut DictObj, heap: &Heap) -> (*mut Entry, u32) {
        // SAFETY: the caller's dict is alive.
        unsafe {
            let old = ((*o).entries, (*o).entries_len);
            if !(*o).index.is_null() {
                heap.free_buffer((*o).index.cast(), 0);
            }
            (*o).entries = std::ptr::null_mut();
            (*o).index = std::ptr::null_mut();
            (*o).entries_len = 0;
            (*o).entries_cap = 0;
            (*o).index_mask = 0;
            (*o).used = 0;
            (*o).version = 0;
            old
        }
    }

    /// Finds `key`: `Ok(Some(entry index))`. `eq` compares candidates the table cannot.
    ///
    /// # Safety
    /// `o` must be a dict that stays alive during the call.
    #[inline(always)]
    pub unsafe fn find<E>(
        o: *mut DictObj,
        hash: Hash,
        key: Value,
        mut eq: impl FnMut(Value) -> Result<bool, E>,
    ) -> Result<Option<usize>, E> {
        let tag = u64::from(hash32(hash));
        // SAFETY: indices in the table are below `entries_len`; after `eq` everything is read afresh.
        unsafe {
            'restart: loop {
                if (*o).used == 0 {
                    return Ok(None);
                }
                let mask = (*o).index_mask as usize;
                let index = (*o).index;
                let mut at = tag as usize & mask;
                loop {
                    let word = *index.add(at);
                    if word == EMPTY {
                        return Ok(None);
                    }
                    if word >> 32 == tag && word != DELETED {
                        let i = (word as u32 - 1) as usize;
                        let candidate = (*(*o).entries.add(i)).key;
                        if candidate == key {
                            return Ok(Some(i));
                        }
                        match known_equal(candidate, key) {
                            Some(true) => return Ok(Some(i)),
                            Some(false) => {}
                            None => {
                                let before = ((*o).entries, (*o).entries_len, (*o).used);
                                let held = Ref::from_value(candidate).owned();
                                let equal = eq(held.value())?;
                                let same = before == ((*o).entries, (*o).entries_len, (*o).used)
                                    && (*(*o).entries.add(i)).key == held.value();
                                if !same {
                                    continue 'restart;
                                }
                                if equal {
                                    return Ok(Some(i));
                                }
                            }
                        }
                    }
                    at = (at + 1) & mask;
                }
            }
        }
    }

    /// Adds a key known to be absent, taking both references.
    ///
    /// # Safety
    /// `o` must be alive; on failure the caller still owns both.
    #[inline]
    pub unsafe fn insert_new(
        o: *mut DictObj,
        heap: &Heap,
        hash: Hash,
        key: Value,
        value: Value,
    ) -> Result<(), OutOfMemory> {
        // SAFETY: there is room after `grow`.
        unsafe {
            if (*o).entries_len == (*o).entries_cap {
                Self::grow(o, heap)?;
            }
            let i = (*o).entries_len;
            (*o).entries.add(i as usize).write(Entry { key, value });
            Self::put_index(o, hash32(hash), i);
            (*o).entries_len = i + 1;
            (*o).used += 1;
            (*o).version = 0;
            Ok(())
        }
    }

    #[inline(always)]
    unsafe fn put_index(o: *mut DictObj, tag: u32, i: u32) {
        // SAFETY: the index has a free word: its load stays below 2/3.
        unsafe {
            let mask = (*o).index_mask as usize;
            let mut at = tag as usize & mask;
            while *(*o).index.add(at) != EMPTY {
                at = (at + 1) & mask;
            }
            *(*o).index.add(at) = u64::from(tag) << 32 | u64::from(i + 1);
        }
    }

    /// Makes room for at least one entry: drops holes, grows by CPython's factor.
    #[cold]
    #[inline(never)]
    unsafe fn grow(o: *mut DictObj, heap: &Heap) -> Result<(), OutOfMemory> {
        // SAFETY: by the caller.
        unsafe {
            let used = (*o).used as usize;
            let want = if used * 2 < (*o).entries_len as usize { used + used / 2 } else { used * 2 };
            Self::resize(o, heap, want.max(5))
        }
    }

    /// Rebuilds with room for `want` entries (at least those in use).
    ///
    /// # Safety
    /// `o` must be alive.
    pub unsafe fn resize(o: *mut DictObj, heap: &Heap, want: usize) -> Result<(), OutOfMemory> {
        // SAFETY: fresh buffers of the sizes computed; tags of live entries are in the old index.
        unsafe {
            let want = want.max((*o).used as usize);
            let slots = (want * 3 / 2 + 1).next_power_of_two().max(8);
            if slots > 1 << 31 {
                return Err(OutOfMemory::huge());
            }
            let cap = want.max(5).min(slots * 2 / 3);
            let index: *mut u64 = heap.alloc_buffer(slots * 8)?.cast();
            let entries: *mut Entry = match heap.alloc_buffer(cap * 16) {
                Ok(p) => p.cast(),
                Err(e) => {
                    heap.free_buffer(index.cast(), slots * 8);
                    return Err(e);
                }
            };
            index.write_bytes(0, slots);
            let (old_index, old_entries, old_len) = ((*o).index, (*o).entries, (*o).entries_len as usize);
            // Entry i's tag, read back from the old index.
            let mut tags = vec![0u32; old_len];
            if !old_index.is_null() {
                for at in 0..=(*o).index_mask as usize {
                    let word = *old_index.add(at);
                    if word != EMPTY && word != DELETED {
                        tags[word as u32 as usize - 1] = (word >> 32) as u32;
                    }
                }
            }
            (*o).index = index;
            (*o).index_mask = (slots - 1) as u32;
            (*o).entries = entries;
            (*o).entries_cap = cap as u32;
            let mut n = 0;
            for (i, &tag) in tags.iter().enumerate() {
                let e = *old_entries.add(i);
                if !e.key.is_null() {
                    entries.add(n as usize).write(e);
                    Self::put_index(o, tag, n);
                    n += 1;
                }
            }
            (*o).entries_len = n;
            (*o).version = 0;
            if !old_index.is_null() {
                heap.free_buffer(old_index.cast(), 0);
                heap.free_buffer(old_entries.cast(), 0);
            }
            Ok(())
        }
    }

    /// Removes entry `i`, whose key has this hash, giving key and value.
    ///
    /// # Safety
    /// `i` must be an entry in use of the live dict `o`; `hash` must be the key's.
    pub unsafe fn remove_hashed(o: *mut DictObj, i: usize, hash: Hash) -> (Value, Value) {
        // SAFETY: by the caller.
        unsafe {
            let e = (*o).entries.add(i);
            let out = ((*e).key, (*e).value);
            let mask = (*o).index_mask as usize;
            let mut at = hash32(hash) as usize & mask;
            while *(*o).index.add(at) as u32 as usize != i + 1 || *(*o).index.add(at) == DELETED {
                at = (at + 1) & mask;
            }
            *e = Entry { key: Value::NULL, value: Value::NULL };
            *(*o).index.add(at) = DELETED;
            (*o).used -= 1;
            (*o).version = 0;
            if (*o).used == 0 {
                (*o).entries_len = 0;
                (*o).index.write_bytes(0, mask + 1);
            }
            out
        }
    }
}

/// Equality that needs no Python: `None` when the caller must decide.
#[inline(always)]
fn known_equal(a: Value, b: Value) -> Option<bool> {
    if a.is_exact(Layout::Str) && b.is_exact(Layout::Str) {
        return Some(str_eq(a, b));
    }
    if a.is_int() && b.is_int() {
        return Some(false);
    }
    None
}

/// A new empty dict, set or frozenset of this kind.
pub fn new_table(heap: &Heap, kind: u32, nslots: usize) -> Result<Owned, OutOfMemory> {
    crate::slots::alloc_with_slots(heap, kind, size_of::<DictObj>(), nslots)
}

/// A new empty dict.
pub fn new_dict(heap: &Heap) -> Result<Owned, OutOfMemory> {
    new_table(heap, Layout::Dict.kind(), 0)
}

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
    pub fn len(self) -> usize {
        // SAFETY: 'a keeps it alive.
        unsafe { (*self.obj()).used as usize }
    }

    /// No keys?
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// Something that changes when the set of keys changes in size or place: for "changed during iteration".
    pub fn entries_len(self) -> usize {
        // SAFETY: 'a keeps it alive.
        unsafe { (*self.obj()).entries_len as usize }
    }

    /// Finds a key; see [`DictObj::find`].
    pub fn find<E>(
        self,
        hash: Hash,
        key: Ref<'_>,
        mut eq: impl FnMut(Ref<'_>) -> Result<bool, E>,
    ) -> Result<Option<usize>, E> {
        // SAFETY: alive for 'a; the candidate is held by the probe.
        unsafe { DictObj::find(self.obj(), hash, key.value(), |c| eq(Ref::from_value(c))) }
    }

    /// The value under an exact string, without running Python. Keys that are no strings are not equal to one here.
    pub fn get_str(self, key: Ref<'_>) -> Option<Owned> {
        let hash = crate::str::StrRef::new(key)?.cached_hash();
        // SAFETY: alive for 'a; the value is counted at once.
        unsafe {
            let found = DictObj::find(self.obj(), hash, key.value(), |_| Ok::<bool, ()>(false)).ok()??;
            Some(Ref::from_value((*(*self.obj()).entries.add(found)).value).owned())
        }
    }

    /// Stores under an exact string.
    pub fn set_str(self, heap: &mut Heap, key: Ref<'_>, value: Owned) -> Result<(), OutOfMemory> {
        let hash = crate::str::StrRef::new(key).map_or(0, |s| s.cached_hash());
        // SAFETY: alive for 'a.
        unsafe {
            let o = self.obj();
            let found = DictObj::find(o, hash, key.value(), |_| Ok::<bool, ()>(false)).unwrap_or(None);
            match found {
                Some(i) => {
                    drop(self.replace_at(heap, i, value));
                    Ok(())
                }
                None => self.insert_new(heap, hash, key.owned(), value),
            }
        }
    }

    /// Removes an exact string key; gives the value.
    pub fn del_str(self, heap: &mut Heap, key: Ref<'_>) -> Option<Owned> {
        let hash = crate::str::StrRef::new(key)?.cached_hash();
        // SAFETY: alive for 'a.
        let i = unsafe { DictObj::find(self.obj(), hash, key.value(), |_| Ok::<bool, ()>(false)).ok()?? };
        Some(self.remove_at(heap, i, hash).1)
    }

    /// Adds a key known to be absent.
    pub fn insert_new(self, heap: &mut Heap, hash: Hash, key: Owned, value: Owned) -> Result<(), OutOfMemory> {
        // SAFETY: alive for 'a; ownership moves in on success.
        unsafe {
            DictObj::insert_new(self.obj(), heap, hash, key.value(), value.value())?;
        }
        std::mem::forget((key, value));
        Ok(())
    }

    /// Key and value of entry `i`; `None` for holes.
    pub fn entry(self, i: usize) -> Option<(Owned, Owned)> {
        // SAFETY: checked; counted at once.
        unsafe {
            if i >= (*self.obj()).entries_len as usize {
                return None;
            }
            let e = *(*self.obj()).entries.add(i);
            (!e.key.is_null())
                .then(|| (Ref::from_value(e.key).owned(), Ref::from_value(e.value).owned()))
        }
    }

    /// The first entry at or after `i`: its index, key, value.
    pub fn next_entry(self, mut i: usize) -> Option<(usize, Owned, Owned)> {
        while i < self.entries_len() {
            if let Some((k, v)) = self.entry(i) {
                return Some((i, k, v));
            }
            i += 1;
        }
        None
    }

    /// The last entry before `i`.
    pub fn prev_entry(self, i: usize) -> Option<(usize, Owned, Owned)> {
        let mut i = i.min(self.entries_len());
        while i > 0 {
            i -= 1;
            if let Some((k, v)) = self.entry(i) {
                return Some((i, k, v));
            }
        }
        None
    }

    /// All keys and values.
    pub fn to_vec(self) -> Vec<(Owned, Owned)> {
        (0..self.entries_len()).filter_map(|i| self.entry(i)).collect()
    }

    /// Replaces the value of entry `i`.
    pub fn replace_at(self, _heap: &mut Heap, i: usize, value: Owned) -> Owned {
        assert!(i < self.entries_len(), "entry {i}");
        // SAFETY: in range; ownership of the old value moves out.
        unsafe {
            let place = &raw mut (*(*self.obj()).entries.add(i)).value;
            let old = Owned::from_value(*place);
            place.write(value.into_value());
            old
        }
    }

    /// Removes entry `i`, whose key has this hash.
    pub fn remove_at(self, _heap: &mut Heap, i: usize, hash: Hash) -> (Owned, Owned) {
        assert!(i < self.entries_len(), "entry {i}");
        // SAFETY: in range and in use; ownership moves out.
        unsafe {
            let (k, v) = DictObj::remove_hashed(self.obj(), i, hash);
            (Owned::from_value(k), Owned::from_value(v))
        }
    }

    /// Empties it.
    pub fn clear(self, heap: &mut Heap) {
        let old = self.to_vec();
        // SAFETY: alive; the table's own references die with the detached entries, `old` keeps order.
        unsafe {
            let (entries, len) = DictObj::detach(self.obj(), heap);
            for i in 0..len as usize {
                let e = *entries.add(i);
                e.key.decref();
                e.value.decref();
            }
            if !entries.is_null() {
                heap.free_buffer(entries.cast(), 0);
            }
        }
        drop(old);
    }

    /// Copies the entries into an empty table of the other object; no hashing, no Python.
    pub fn copy_into(self, heap: &mut Heap, other: DictRef<'_>) -> Result<(), OutOfMemory> {
        // SAFETY: both alive; holes are dropped by `resize`.
        unsafe {
            let (from, to) = (self.obj(), other.obj());
            if (*from).used == 0 {
                return Ok(());
            }
            if (*from).used != (*from).entries_len {
                DictObj::resize(from, heap, (*from).used as usize)?;
            }
            let slots = (*from).index_mask as usize + 1;
            let index = heap.alloc_buffer(slots * 8)?.cast::<u64>();
            let cap = (*from).entries_cap as usize;
            let entries = match heap.alloc_buffer(cap * 16) {
                Ok(p) => p.cast::<Entry>(),
                Err(e) => {
                    heap.free_buffer(index.cast(), slots * 8);
                    return Err(e);
                }
            };
            std::ptr::copy_nonoverlapping((*from).index, index, slots);
            let n = (*from).entries_len as usize;
            for i in 0..n {
                let e = *(*from).entries.add(i);
                e.key.incref();
                e.value.incref();
                entries.add(i).write(e);
            }
            DictRef(other.0).clear(heap);
            (*to).index = index;
            (*to).index_mask = (slots - 1) as u32;
            (*to).entries = entries;
            (*to).entries_cap = cap as u32;
            (*to).entries_len = n as u32;
            (*to).used = n as u32;
            (*to).version = 0;
            Ok(())
        }
    }
}
