//! The archive that the build makes: see layout.rs.
//!
//! Invariant: whatever the bytes are, reading gives a file or nothing.

use super::layout::{HEADER, RECORD};
use flate2::read::DeflateDecoder;
use hognose_vm::{Packed, Strings};
use std::io::Read;

/// An archive in memory.
pub(super) struct Archive(pub(super) &'static [u8]);

/// Where a file is.
#[derive(Clone, Copy)]
pub(super) struct Record {
    name: (usize, usize),
    data: (usize, usize),
    len: usize,
    code: (usize, usize),
}

impl Archive {
    fn number(&self, at: usize) -> Option<usize> {
        let bytes = self.0.get(at..at.checked_add(4)?)?;
        Some(u32::from_le_bytes(bytes.try_into().ok()?) as usize)
    }

    /// Number of files; no more than there is room for.
    pub(super) fn len(&self) -> usize {
        self.number(8).unwrap_or(0).min(self.0.len() / RECORD)
    }

    /// File number `i`.
    pub(super) fn record(&self, i: usize) -> Option<Record> {
        let at = HEADER + i * RECORD;
        let n = |k: usize| self.number(at + 4 * k);
        Some(Record { name: (n(0)?, n(1)?), data: (n(2)?, n(3)?), len: n(4)?, code: (n(5)?, n(6)?) })
    }

    fn slice(&self, (at, len): (usize, usize)) -> &'static [u8] {
        self.0.get(at..at.saturating_add(len)).unwrap_or(&[])
    }

    fn name(&self, i: usize) -> &'static [u8] {
        self.record(i).map_or(&[], |r| self.slice(r.name))
    }

    /// Index of the first file whose name is not less.
    fn lower_bound(&self, name: &[u8]) -> usize {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let mid = low.midpoint(high);
            if self.name(mid) < name { low = mid + 1 } else { high = mid }
        }
        low
    }

    /// The file with this name.
    pub(super) fn find(&self, name: &str) -> Option<Record> {
        let i = self.lower_bound(name.as_bytes());
        (self.name(i) == name.as_bytes()).then(|| self.record(i))?
    }

    /// Its contents.
    pub(super) fn read(&self, r: Record) -> Option<Vec<u8>> {
        let mut out = Vec::with_capacity(r.len);
        DeflateDecoder::new(self.slice(r.data)).take(r.len as u64 + 1).read_to_end(&mut out).ok()?;
        (out.len() == r.len).then_some(out)
    }

    /// Its code, if there is any.
    pub(super) fn code(&self, r: Record, filename: &str) -> Option<Packed> {
        let (strings, _) = Strings::split(self.0.get(self.number(12)?..)?)?;
        let code = self.slice(r.code);
        (!code.is_empty()).then(|| Packed::new(code, strings, filename))
    }

    /// Names of files and folders in a folder (`""`: the root), each once.
    pub(super) fn children(&self, folder: &str) -> Vec<String> {
        let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let mut out: Vec<String> = Vec::new();
        for i in self.lower_bound(prefix.as_bytes())..self.len() {
            let Some(rest) = self.name(i).strip_prefix(prefix.as_bytes()) else { break };
            let first = rest.split(|&b| b == b'/').next().unwrap_or(rest);
            let first = String::from_utf8_lossy(first);
            if out.last().is_none_or(|l| *l != first) {
                out.push(first.into_owned());
            }
        }
        out.dedup();
        out
    }
}

#[cfg(test)]
mod tests {
    use super::Archive;

    #[test]
    fn damaged_bytes_are_no_files() {
        for bytes in
            [&b""[..], b"HOGLIB02", b"HOGLIB02\xff\xff\xff\xff", b"HOGLIB02\x01\0\0\0\x20\0\0\0\xff\xff"]
        {
            let archive = Archive(bytes);
            assert!(archive.find("x.py").is_none());
            assert!(archive.children("").iter().all(String::is_empty));
        }
    }
}
