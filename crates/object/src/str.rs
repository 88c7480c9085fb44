//! Strings: WTF-8 in line (surrogates are encoded like any code point), length in characters, hash on demand.
//!
//!   | header | byte_len: u32 | char_len: u32 | hash | bytes … |       ASCII ⇔ char_len == byte_len
#![allow(unsafe_code, reason = "bytes follow the header in the block")]

use crate::hash::{Hash, HashSecret, hash_bytes};
use crate::layouts::Layout;
use crate::value::ValueExt;
use hognose_heap::{Header, Heap, OutOfMemory, Owned, Ref, Value};

/// A string object.
#[repr(C)]
pub struct StrObj {
    /// Count, kind, flags.
    pub header: Header,
    /// Bytes.
    pub byte_len: u32,
    /// Code points.
    pub char_len: u32,
    /// Hash, -1 when not computed.
    pub hash: Hash,
}

const BYTES: usize = size_of::<StrObj>();

/// A new string from WTF-8 bytes.
pub fn new_str(heap: &Heap, bytes: &[u8]) -> Result<Owned, OutOfMemory> {
    new_counted(heap, bytes, count_chars(bytes))
}

/// A new string from bytes known to be ASCII: they need not be read to be counted.
pub fn new_ascii(heap: &Heap, bytes: &[u8]) -> Result<Owned, OutOfMemory> {
    debug_assert!(bytes.is_ascii());
    new_counted(heap, bytes, bytes.len())
}

#[inline(always)]
fn new_counted(heap: &Heap, bytes: &[u8], chars: usize) -> Result<Owned, OutOfMemory> {
    let (h, out) = alloc_str(heap, bytes.len(), chars)?;
    // SAFETY: `out` has room for exactly these bytes.
    unsafe {
        std::ptr::copy_nonoverlapping(bytes.as_ptr(), out, bytes.len());
        Ok(Owned::from_value(Value::from_ptr(h)))
    }
}

/// A string whose bytes the caller writes at once.
pub fn alloc_str(heap: &Heap, bytes: usize, chars: usize) -> Result<(*mut Header, *mut u8), OutOfMemory> {
    if bytes > u32::MAX as usize {
        return Err(OutOfMemory { requested: bytes });
    }
    let h = heap.alloc_leaf(Layout::Str.kind(), BYTES + bytes)?;
    // SAFETY: fresh block of that size.
    unsafe {
        let s = h.cast::<StrObj>();
        (*s).byte_len = bytes as u32;
        (*s).char_len = chars as u32;
        (*s).hash = -1;
        Ok((h, h.cast::<u8>().add(BYTES)))
    }
}

/// Code points in WTF-8 bytes.
pub fn count_chars(bytes: &[u8]) -> usize {
    bytes.iter().filter(|&&b| b & 0xC0 != 0x80).count()
}

/// Equality of two exact strings.
#[inline(always)]
pub fn str_eq(a: Value, b: Value) -> bool {
    if a == b {
        return true;
    }
    // SAFETY: both are live exact strings, as the callers checked.
    unsafe {
        let (x, y) = (a.header().cast::<StrObj>(), b.header().cast::<StrObj>());
        if (*x).byte_len != (*y).byte_len || ((*x).hash != (*y).hash && (*x).hash != -1 && (*y).hash != -1) {
            return false;
        }
        let n = (*x).byte_len as usize;
        let p = std::slice::from_raw_parts(x.cast::<u8>().add(BYTES), n);
        p == std::slice::from_raw_parts(y.cast::<u8>().add(BYTES), n)
    }
}

/// A borrowed exact string.
#[derive(Clone, Copy)]
pub struct StrRef<'a>(Ref<'a>);

impl<'a> StrRef<'a> {
    /// `r` as an exact string.
    #[inline(always)]
    pub fn new(r: Ref<'a>) -> Option<Self> {
        r.is_exact(Layout::Str).then_some(StrRef(r))
    }

    /// As an object.
    pub fn as_ref(self) -> Ref<'a> {
        self.0
    }

    fn obj(self) -> *mut StrObj {
        self.0.value().header().cast()
    }

    /// The WTF-8 bytes.
    #[inline(always)]
    pub fn as_bytes(self) -> &'a [u8] {
        // SAFETY: alive for 'a and immutable.
        unsafe {
            std::slice::from_raw_parts(self.obj().cast::<u8>().add(BYTES), (*self.obj()).byte_len as usize)
        }
    }

    /// As UTF-8; `None` when it holds surrogates.
    pub fn to_str(self) -> Option<&'a str> {
        std::str::from_utf8(self.as_bytes()).ok()
    }

    /// As text for messages; surrogates become U+FFFD.
    pub fn to_lossy(self) -> std::borrow::Cow<'a, str> {
        match self.to_str() {
            Some(s) => s.into(),
            None => code_points(self.as_bytes())
                .map(|c| char::from_u32(c).unwrap_or('\u{FFFD}'))
                .collect::<String>()
                .into(),
        }
    }

    /// Code points.
    #[inline(always)]
    pub fn char_len(self) -> usize {
        // SAFETY: alive for 'a.
        unsafe { (*self.obj()).char_len as usize }
    }

    /// Only ASCII?
    #[inline(always)]
    pub fn is_ascii(self) -> bool {
        // SAFETY: alive for 'a.
        unsafe { (*self.obj()).char_len == (*self.obj()).byte_len }
    }

    /// Hash, computed by the first caller.
    #[inline(always)]
    pub fn hash(self, secret: HashSecret) -> Hash {
        // SAFETY: alive for 'a; the cached hash is not part of the value.
        unsafe {
            if (*self.obj()).hash == -1 {
                (*self.obj()).hash = hash_bytes(secret, self.as_bytes());
            }
            (*self.obj()).hash
        }
    }

    /// The hash of a string that was hashed before (interned names are).
    #[inline(always)]
    pub fn cached_hash(self) -> Hash {
        // SAFETY: alive for 'a.
        let hash = unsafe { (*self.obj()).hash };
        debug_assert!(hash != -1, "string was never hashed");
        hash
    }

    /// The code points.
    pub fn chars(self) -> CodePoints<'a> {
        code_points(self.as_bytes())
    }

    /// Byte offset of character `i` (`i <= char_len`).
    pub fn byte_offset(self, i: usize) -> usize {
        if self.is_ascii() {
            return i;
        }
        let bytes = self.as_bytes();
        let mut seen = 0;
        for (at, b) in bytes.iter().enumerate() {
            if b & 0xC0 != 0x80 {
                if seen == i {
                    return at;
                }
                seen += 1;
            }
        }
        bytes.len()
    }

    /// Character index of a byte offset.
    pub fn char_index(self, byte: usize) -> usize {
        if self.is_ascii() { byte } else { count_chars(&self.as_bytes()[..byte]) }
    }

    /// The code point at `i < char_len`.
    pub fn char_at(self, i: usize) -> u32 {
        let bytes = self.as_bytes();
        if self.is_ascii() {
            return u32::from(bytes[i]);
        }
        code_points(&bytes[self.byte_offset(i)..]).next().unwrap_or(0)
    }

    /// Bytes of the characters `start..end`.
    pub fn slice_bytes(self, start: usize, end: usize) -> &'a [u8] {
        let bytes = self.as_bytes();
        if start >= end {
            return &[];
        }
        &bytes[self.byte_offset(start)..self.byte_offset(end)]
    }
}

/// Decodes WTF-8.
pub fn code_points(bytes: &[u8]) -> CodePoints<'_> {
    CodePoints(bytes)
}

/// Iterator over code points of WTF-8 bytes.
#[derive(Clone)]
pub struct CodePoints<'a>(&'a [u8]);

impl Iterator for CodePoints<'_> {
    type Item = u32;
    #[inline]
    fn next(&mut self) -> Option<u32> {
        let (&b0, rest) = self.0.split_first()?;
        let n = match b0 {
            0..0x80 => {
                self.0 = rest;
                return Some(u32::from(b0));
            }
            0x80..0xE0 => 1,
            0xE0..0xF0 => 2,
            _ => 3,
        };
        let mut c = u32::from(b0) & (0x3F >> n);
        for &b in &rest[..n.min(rest.len())] {
            c = c << 6 | u32::from(b & 0x3F);
        }
        self.0 = &rest[n.min(rest.len())..];
        Some(c)
    }
}

/// Appends a code point (surrogates allowed) as WTF-8.
pub fn push_code_point(out: &mut Vec<u8>, c: u32) {
    match c {
        0..0x80 => out.push(c as u8),
        0x80..0x800 => out.extend([0xC0 | (c >> 6) as u8, 0x80 | (c & 0x3F) as u8]),
        0x800..0x1_0000 => {
            out.extend([0xE0 | (c >> 12) as u8, 0x80 | (c >> 6 & 0x3F) as u8, 0x80 | (c & 0x3F) as u8]);
        }
        _ => out.extend([
            0xF0 | (c >> 18) as u8,
            0x80 | (c >> 12 & 0x3F) as u8,
            0x80 | (c >> 6 & 0x3F) as u8,
            0x80 | (c & 0x3F) as u8,
        ]),
    }
}

/// `a + b` for exact strings. When `reuse` and `a` is only ours with room in its block, it grows in place.
///
/// # Safety
/// `a` must be a live exact string; with `reuse` the caller owns its only reference and gives it up on success.
pub unsafe fn append_in_place(heap: &Heap, a: Value, b: &[u8], b_chars: usize) -> bool {
    // SAFETY: by the caller; the block's size bounds the write.
    unsafe {
        let s = a.header().cast::<StrObj>();
        let old = (*s).byte_len as usize;
        let room = heap.block_size(a.header().cast()) - BYTES;
        // An interned string is known to others by its text although they hold no reference.
        let interned = (*a.header()).has_flag(hognose_heap::flags::HAS_WEAKREF);
        if (*a.header()).rc() != 1 || interned || old + b.len() > room {
            return false;
        }
        std::ptr::copy_nonoverlapping(b.as_ptr(), s.cast::<u8>().add(BYTES + old), b.len());
        (*s).byte_len = (old + b.len()) as u32;
        (*s).char_len += b_chars as u32;
        (*s).hash = -1;
        true
    }
}

/// Concatenation with spare room behind, so that repeated appending is linear in all.
pub fn concat_with_room(heap: &Heap, a: StrRef<'_>, b: StrRef<'_>) -> Result<Owned, OutOfMemory> {
    let (x, y) = (a.as_bytes(), b.as_bytes());
    let n = x.len() + y.len();
    let (h, out) = if n > 256 {
        let (h, out) = alloc_str(heap, n + n / 4, 0)?;
        // SAFETY: just allocated.
        unsafe { (*h.cast::<StrObj>()).byte_len = n as u32 };
        (h, out)
    } else {
        alloc_str(heap, n, 0)?
    };
    // SAFETY: room for n bytes.
    unsafe {
        (*h.cast::<StrObj>()).char_len = (a.char_len() + b.char_len()) as u32;
        std::ptr::copy_nonoverlapping(x.as_ptr(), out, x.len());
        std::ptr::copy_nonoverlapping(y.as_ptr(), out.add(x.len()), y.len());
        Ok(Owned::from_value(Value::from_ptr(h)))
    }
}
