//! Making strings without a detour: of known size in their block, of unknown size in a growing buffer of the heap.
//!
//! Both count against the guest's limit before the first byte is written.
#![allow(unsafe_code, reason = "writes the bytes of a fresh string")]

use crate::{PyResult, Vm};
use hognose_heap::HeapVec;
use hognose_object::str::{alloc_str, push_code_point};
use hognose_object::{Owned, Value};

/// A string of known size being written. `at + left` is always the end of its text.
pub struct StrWriter {
    object: Owned,
    at: *mut u8,
    left: usize,
    size: usize,
}

impl StrWriter {
    /// Room for exactly `bytes` bytes, which will be `chars` characters.
    pub fn new(vm: &Vm, bytes: usize, chars: usize) -> PyResult<StrWriter> {
        let (h, at) = alloc_str(vm.heap(), bytes, chars)?;
        // SAFETY: the only reference to the fresh object.
        let object = unsafe { Owned::from_value(Value::from_ptr(h)) };
        Ok(StrWriter { object, at, left: bytes, size: bytes })
    }

    /// Appends text.
    #[inline]
    pub fn push(&mut self, bytes: &[u8]) {
        assert!(bytes.len() <= self.left, "{} bytes for {}", bytes.len(), self.left);
        // SAFETY: there is room, and a fresh block overlaps nothing.
        unsafe {
            std::ptr::copy_nonoverlapping(bytes.as_ptr(), self.at, bytes.len());
            self.at = self.at.add(bytes.len());
        }
        self.left -= bytes.len();
    }

    /// Appends text several times.
    pub fn repeat(&mut self, bytes: &[u8], times: usize) {
        if let [b] = *bytes {
            assert!(times <= self.left, "{times} bytes for {}", self.left);
            // SAFETY: there is room.
            unsafe {
                self.at.write_bytes(b, times);
                self.at = self.at.add(times);
            }
            self.left -= times;
            return;
        }
        for _ in 0..times {
            self.push(bytes);
        }
    }

    /// Appends each byte changed by `f`, which must keep ASCII ASCII.
    #[inline]
    pub fn map(&mut self, bytes: &[u8], f: impl Fn(u8) -> u8) {
        assert!(bytes.len() <= self.left, "{} bytes for {}", bytes.len(), self.left);
        for (i, &b) in bytes.iter().enumerate() {
            // SAFETY: there is room.
            unsafe { self.at.add(i).write(f(b)) };
        }
        // SAFETY: as written.
        self.at = unsafe { self.at.add(bytes.len()) };
        self.left -= bytes.len();
    }

    /// The string, complete.
    pub fn finish(self, vm: &Vm) -> PyResult {
        assert!(self.left == 0, "{} bytes of {} were not written", self.left, self.size);
        if self.size <= 2 {
            // Short ones are shared.
            return vm.new_str_bytes(crate::text::str_bytes(self.object.as_ref()));
        }
        Ok(self.object)
    }
}

/// Text of unknown size.
#[derive(Default)]
pub struct TextBuf(HeapVec<u8>);

impl TextBuf {
    /// Empty.
    pub fn new() -> TextBuf {
        TextBuf(HeapVec::new())
    }

    /// Appends WTF-8.
    #[inline]
    pub fn push(&mut self, vm: &Vm, bytes: &[u8]) -> PyResult<()> {
        Ok(self.0.extend_from_slice(vm.heap(), bytes)?)
    }

    /// Appends a byte.
    #[inline]
    pub fn push_byte(&mut self, vm: &Vm, b: u8) -> PyResult<()> {
        Ok(self.0.push(vm.heap(), b)?)
    }

    /// Appends a code point.
    #[inline]
    pub fn push_char(&mut self, vm: &Vm, c: u32) -> PyResult<()> {
        if c < 0x80 {
            return self.push_byte(vm, c as u8);
        }
        let mut small = Vec::with_capacity(4);
        push_code_point(&mut small, c);
        self.push(vm, &small)
    }

    /// Appends text several times.
    pub fn repeat(&mut self, vm: &Vm, bytes: &[u8], times: usize) -> PyResult<()> {
        let total = bytes.len().checked_mul(times).ok_or_else(hognose_object::OutOfMemory::huge)?;
        self.0.reserve(vm.heap(), total)?;
        if bytes.len() > 64 {
            return (0..times).try_for_each(|_| self.push(vm, bytes));
        }
        let start = self.0.len();
        if times > 0 {
            self.push(vm, bytes)?;
        }
        // What is there is doubled until it suffices.
        while self.0.len() - start < total {
            let mut block = [0; 256];
            let n = (self.0.len() - start).min(total - (self.0.len() - start)).min(block.len());
            let n = if n >= bytes.len() { n - n % bytes.len() } else { n };
            block[..n].copy_from_slice(&self.0[start..start + n]);
            self.push(vm, &block[..n])?;
        }
        Ok(())
    }

    /// Room for `n` further bytes.
    pub fn reserve(&mut self, vm: &Vm, n: usize) -> PyResult<()> {
        Ok(self.0.reserve(vm.heap(), n)?)
    }

    /// Keeps the first `n` bytes, which must end with a whole character.
    pub fn truncate(&mut self, n: usize) {
        self.0.truncate(n);
    }

    /// What was written.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// As a str.
    pub fn to_str(&self, vm: &Vm) -> PyResult {
        vm.new_str_bytes(&self.0)
    }

    /// As bytes.
    pub fn to_bytes(&self, vm: &Vm) -> PyResult {
        vm.new_bytes(&self.0)
    }
}
