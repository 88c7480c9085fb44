//! Dictionaries and sets: entries in insertion order, and an open-addressing index over them, in one buffer.
//!
//!   entries: | key, value | key, value | hole | …      `cap` of them; a removed entry leaves a NULL key
//!   tags:    | u32 | u32 | …                           `cap` of them: the mixed hash of each key
//!   index:   | 0 | entry+1 | 0 | entry+1 | …           u8, u16 or u32 words, a power of two, load ≤ 2/3
//!
//! Tables of at most [`SMALL`] entries have no index: their tags are looked through. The index is probed linearly and
//! closed up after a removal, so it never holds anything but living entries and no sequence of operations degrades it.
//!
//! A set keeps the full hash of its key in place of a value. The table compares words, strings and tags by itself;
//! other candidates go to the caller's `eq`, which may run Python and change the very table: the probe then starts
//! over. `version` is set to 0 whenever a key is added or removed or entries move, so caches may remember entry indices.
#![allow(unsafe_code, reason = "entries and index are raw buffers")]

mod handle;
mod parts;
mod rebuild;
mod search;
#[cfg(test)]
mod tests;

pub use handle::DictRef;
pub use search::{Quick, known_equal};

use crate::hash::Hash;
use crate::layouts::Layout;
use crate::slots::{PART, drop_slots, trace_slots};
use hognose_heap::{Header, Heap, OutOfMemory, Owned, Value};

/// One key with its value (in sets: its hash).
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Entry {
    /// NULL: a hole.
    pub key: Value,
    /// The value; in sets the hash, which is no `Value`.
    pub value: Value,
}

/// A dict, set or frozenset object.
#[repr(C)]
pub struct DictObj {
    /// Count, kind, flags.
    pub header: Header,
    /// Entries that are not holes.
    pub used: u32,
    /// See the module documentation; never 0 once a cache asked. In sets: entries before it are holes.
    pub version: u32,
    /// The entries; tags and index follow them.
    pub entries: *mut Entry,
    /// Entries in use, holes included.
    pub entries_len: u32,
    entries_cap: u32,
}

/// Version bit: exactly one key was appended since the version without it. Removing that key restores the version, so
/// that `except … as e` at module level leaves caches valid.
pub const APPENDED: u32 = 1 << 31;

/// Largest capacity without an index.
const SMALL: u32 = 8;

/// Value of `used` in a table that dies in parts.
const DYING: u32 = u32::MAX;
/// Largest capacity: indices and masks fit 32 bits.
const MAX_CAP: usize = 1 << 30;
const EMPTY: Entry = Entry { key: Value::NULL, value: Value::NULL };

/// What the table keeps of a hash.
#[inline(always)]
pub fn hash_tag(hash: Hash) -> u32 {
    ((hash as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32) as u32
}

/// Number of index words less one for a capacity above [`SMALL`].
#[inline(always)]
fn mask_for(cap: u32) -> usize {
    (u32::MAX >> (cap + (cap >> 1)).leading_zeros()) as usize
}

fn word_bytes(cap: u32) -> usize {
    match cap {
        0..=SMALL => 0,
        9..255 => 1,
        255..65535 => 2,
        _ => 4,
    }
}

fn table_bytes(cap: u32) -> usize {
    let index = if cap <= SMALL { 0 } else { (mask_for(cap) + 1) * word_bytes(cap) };
    cap as usize * 20 + index
}

/// A word of the index.
trait Word: Copy {
    fn get(self) -> usize;
    fn of(n: usize) -> Self;
}
macro_rules! words {
    ($($t:ty),*) => { $(
        impl Word for $t {
            #[inline(always)]
            fn get(self) -> usize { self as usize }
            #[inline(always)]
            fn of(n: usize) -> $t { n as $t }
        }
    )* };
}
words!(u8, u16, u32);

/// Calls `$f::<W>($args)` for the word type of a capacity above [`SMALL`].
macro_rules! by_width {
    ($cap:expr, $f:ident $(<$e:ident>)? ( $($arg:expr),* )) => {
        if $cap < 255 {
            Self::$f::<u8 $(, $e)?>($($arg),*)
        } else if $cap < 65535 {
            Self::$f::<u16 $(, $e)?>($($arg),*)
        } else {
            Self::$f::<u32 $(, $e)?>($($arg),*)
        }
    };
}
use by_width;

impl DictObj {
    /// Is it a dict (not a set)?
    #[inline(always)]
    unsafe fn has_values(o: *mut DictObj) -> bool {
        // SAFETY: the caller's object is alive.
        unsafe { (*o).header.kind() & 63 == Layout::Dict as u32 }
    }

    /// Visits keys and values.
    ///
    /// # Safety
    /// `h` must be a live dict or set.
    pub unsafe fn trace(h: *mut Header, visit: &mut dyn FnMut(Value)) {
        // SAFETY: by the caller.
        unsafe {
            let o = h.cast::<DictObj>();
            let values = Self::has_values(o);
            for i in 0..(*o).entries_len as usize {
                let e = *(*o).entries.add(i);
                if e.key.is_ptr() {
                    visit(e.key);
                }
                if values && e.value.is_ptr() {
                    visit(e.value);
                }
            }
            trace_slots(h, size_of::<DictObj>(), visit);
        }
    }

    /// Releases keys, values and the buffer; the first entry dies first. Of a long table the first entries only.
    ///
    /// # Safety
    /// `h` must be a live dict or set, not used afterwards.
    pub unsafe fn drop(h: *mut Header, heap: &Heap) {
        // SAFETY: by the caller.
        unsafe {
            let o = h.cast::<DictObj>();
            let gone = if (*o).used == DYING { (*o).version as usize } else { 0 };
            let len = (*o).entries_len as usize;
            if len > 2 * PART && len - gone > PART && heap.postpone(h) {
                return Self::drop_part(o);
            }
            drop_slots(h, size_of::<DictObj>());
            let o = h.cast::<DictObj>();
            let values = Self::has_values(o);
            let (entries, len) = Self::detach(o);
            for i in (gone..len as usize).rev() {
                let e = *entries.add(i);
                if values {
                    e.value.decref();
                }
                e.key.decref();
            }
            if !entries.is_null() {
                heap.free_buffer(entries.cast(), 0);
            }
        }
    }

    /// Bytes of the buffer.
    ///
    /// # Safety
    /// `h` must be a live dict or set.
    pub unsafe fn buffers(h: *mut Header) -> usize {
        // SAFETY: by the caller.
        unsafe { table_bytes((*h.cast::<DictObj>()).entries_cap) }
    }

    /// Makes the table empty; its buffer and what the entries own go to the caller.
    unsafe fn detach(o: *mut DictObj) -> (*mut Entry, u32) {
        // SAFETY: the caller's table is alive.
        unsafe {
            let old = ((*o).entries, (*o).entries_len);
            (*o).entries = std::ptr::null_mut();
            (*o).entries_len = 0;
            (*o).entries_cap = 0;
            (*o).used = 0;
            (*o).version = 0;
            old
        }
    }

    #[inline(always)]
    unsafe fn tags(o: *mut DictObj) -> *mut u32 {
        // SAFETY: the tags follow the entries in the buffer.
        unsafe { (*o).entries.add((*o).entries_cap as usize).cast() }
    }

    #[inline(always)]
    unsafe fn index<W: Word>(o: *mut DictObj) -> *mut W {
        // SAFETY: the index follows the tags in the buffer.
        unsafe { Self::tags(o).add((*o).entries_cap as usize).cast() }
    }

    // ---- change

    /// Adds a key known to be absent, taking both references (sets: of the key; the value is not used).
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
        // SAFETY: by the caller.
        unsafe {
            let word = if Self::has_values(o) { value } else { hash_word(hash) };
            Self::insert_tagged(o, heap, hash_tag(hash), key, word)
        }
    }

    /// [`DictObj::insert_new`] by tag, with the word to store beside the key.
    ///
    /// # Safety
    /// As [`DictObj::insert_new`].
    #[inline]
    pub(crate) unsafe fn insert_tagged(
        o: *mut DictObj,
        heap: &Heap,
        tag: u32,
        key: Value,
        word: Value,
    ) -> Result<(), OutOfMemory> {
        // SAFETY: there is room after `grow`.
        unsafe {
            if (*o).entries_len == (*o).entries_cap {
                Self::grow(o, heap)?;
            }
            let i = (*o).entries_len;
            (*o).entries.add(i as usize).write(Entry { key, value: word });
            Self::tags(o).add(i as usize).write(tag);
            if (*o).entries_cap > SMALL {
                by_width!((*o).entries_cap, put_index(o, tag, i as usize));
            }
            (*o).entries_len = i + 1;
            (*o).used += 1;
            if Self::has_values(o) {
                let v = (*o).version;
                (*o).version = if v != 0 && v & APPENDED == 0 { v | APPENDED } else { 0 };
            }
            Ok(())
        }
    }

    #[inline(always)]
    unsafe fn put_index<W: Word>(o: *mut DictObj, tag: u32, i: usize) {
        // SAFETY: the index has a free word: its load stays below 2/3.
        unsafe {
            let (index, mask) = (Self::index::<W>(o), mask_for((*o).entries_cap));
            let mut at = tag as usize & mask;
            while (*index.add(at)).get() != 0 {
                at = (at + 1) & mask;
            }
            *index.add(at) = W::of(i + 1);
        }
    }

    /// Takes entry `i` out of the index and closes the gap, so that every word stays reachable from its home.
    unsafe fn close_index<W: Word>(o: *mut DictObj, i: usize) {
        // SAFETY: the entry is in the index; words lead to living entries.
        unsafe {
            let (tags, index, mask) = (Self::tags(o), Self::index::<W>(o), mask_for((*o).entries_cap));
            let mut hole = *tags.add(i) as usize & mask;
            while (*index.add(hole)).get() != i + 1 {
                hole = (hole + 1) & mask;
            }
            let mut at = hole;
            loop {
                at = (at + 1) & mask;
                let word = *index.add(at);
                if word.get() == 0 {
                    break;
                }
                let home = *tags.add(word.get() - 1) as usize & mask;
                if at.wrapping_sub(home) & mask >= at.wrapping_sub(hole) & mask {
                    *index.add(hole) = word;
                    hole = at;
                }
            }
            *index.add(hole) = W::of(0);
        }
    }

    /// Removes entry `i`, giving key and value (in sets: the hash).
    ///
    /// # Safety
    /// `i` must be an entry in use of the live table `o`.
    pub unsafe fn remove(o: *mut DictObj, i: usize) -> (Value, Value) {
        // SAFETY: by the caller.
        unsafe {
            if (*o).entries_cap > SMALL {
                by_width!((*o).entries_cap, close_index(o, i));
            }
            let e = (*o).entries.add(i);
            let out = ((*e).key, (*e).value);
            *e = EMPTY;
            (*o).used -= 1;
            let version = (*o).version;
            let was_appended = version & APPENDED != 0 && i + 1 == (*o).entries_len as usize;
            let mut len = (*o).entries_len as usize;
            while len > 0 && (*(*o).entries.add(len - 1)).key.is_null() {
                len -= 1;
            }
            (*o).entries_len = len as u32;
            (*o).version = match (Self::has_values(o), was_appended && len == i) {
                (true, true) => version & !APPENDED,
                (true, false) => 0,
                _ => version.min(len as u32),
            };
            out
        }
    }
}

/// A hash as the word a set stores; not a `Value`.
#[inline(always)]
fn hash_word(hash: Hash) -> Value {
    Value::from_ptr(std::ptr::without_provenance_mut(hash as usize))
}

/// A new empty dict, set or frozenset of this kind.
pub fn new_table(heap: &Heap, kind: u32, nslots: usize) -> Result<Owned, OutOfMemory> {
    crate::slots::alloc_with_slots(heap, kind, size_of::<DictObj>(), nslots)
}

/// A new empty dict.
pub fn new_dict(heap: &Heap) -> Result<Owned, OutOfMemory> {
    let h = heap.alloc_traced(Layout::Dict.kind(), size_of::<DictObj>())?;
    // SAFETY: a fresh block of that size; every field is written.
    unsafe {
        let o = h.cast::<DictObj>();
        (*o).used = 0;
        (*o).version = 0;
        (*o).entries = std::ptr::null_mut();
        (*o).entries_len = 0;
        (*o).entries_cap = 0;
        Ok(Owned::from_value(Value::from_ptr(h)))
    }
}
