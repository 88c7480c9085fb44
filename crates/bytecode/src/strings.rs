//! Tables of strings, which packed code names by number.
//!
//!   | count u32 | end of each string u32 … | bytes |        little-endian
//!
//! Invariant: whatever the bytes are, a number gives a string or nothing.

use std::collections::HashMap;

/// A table in memory.
#[derive(Clone, Copy, Debug)]
pub struct Strings<'a> {
    ends: &'a [u8],
    bytes: &'a [u8],
}

fn number(bytes: &[u8], at: usize) -> Option<usize> {
    let word = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_le_bytes(word.try_into().ok()?) as usize)
}

impl<'a> Strings<'a> {
    /// The table at the start of `bytes`, and what follows it.
    pub fn split(bytes: &'a [u8]) -> Option<(Strings<'a>, &'a [u8])> {
        let count = number(bytes, 0)?;
        let (ends, rest) = bytes[4..].split_at_checked(count.checked_mul(4)?)?;
        let len = if count == 0 { 0 } else { number(ends, ends.len() - 4)? };
        let (bytes, rest) = rest.split_at_checked(len)?;
        Some((Strings { ends, bytes }, rest))
    }

    /// String number `i`.
    pub fn get(self, i: usize) -> Option<&'a [u8]> {
        let at = i.checked_mul(4)?;
        let start = if i == 0 { 0 } else { number(self.ends, at - 4)? };
        self.bytes.get(start..number(self.ends, at)?)
    }
}

/// Bytes of a long string.
const LONG: usize = 120;
/// Uses of a frequent one.
const OFTEN: u32 = 12;

/// A table being made.
#[derive(Default)]
pub struct StringTable {
    list: Vec<(Vec<u8>, u32)>,
    numbers: HashMap<Vec<u8>, usize>,
}

impl StringTable {
    /// The number of a string, which is added if it is new.
    pub fn number(&mut self, s: &[u8]) -> u64 {
        let i = match self.numbers.get(s) {
            Some(&i) => i,
            None => {
                self.numbers.insert(s.to_vec(), self.list.len());
                self.list.push((s.to_vec(), 0));
                self.list.len() - 1
            }
        };
        self.list[i].1 += 1;
        i as u64
    }

    /// A table of the same strings in which those that were asked for often have the lowest (shortest) numbers. The others
    /// stay in the order in which they came, so that what belongs together lies together; long ones (documentation,
    /// which few programs look at) come last.
    pub fn by_use(mut self) -> StringTable {
        self.list.sort_by_key(|(s, uses)| match (s.len() > LONG, *uses >= OFTEN) {
            (true, _) => (2, 0),
            (false, true) => (0, u32::MAX - uses),
            (false, false) => (1, 0),
        });
        let numbers = self.list.iter().enumerate().map(|(i, (s, _))| (s.clone(), i)).collect();
        StringTable { list: self.list, numbers }
    }

    /// Its bytes.
    pub fn finish(&self) -> Vec<u8> {
        let mut out = (self.list.len() as u32).to_le_bytes().to_vec();
        let mut end = 0;
        for (s, _) in &self.list {
            end += s.len() as u32;
            out.extend(end.to_le_bytes());
        }
        self.list.iter().for_each(|(s, _)| out.extend(s));
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_found_by_number() {
        let mut table = StringTable::default();
        table.number(b"b");
        for _ in 0..OFTEN {
            table.number(b"a");
        }
        table.number(b"");
        let mut table = table.by_use();
        assert_eq!(table.number(b"a"), 0);
        let mut bytes = table.finish();
        bytes.extend(b"rest");
        let (strings, rest) = Strings::split(&bytes).unwrap();
        assert_eq!(rest, b"rest");
        assert_eq!((strings.get(0), strings.get(1)), (Some(&b"a"[..]), Some(&b"b"[..])));
        assert_eq!((strings.get(2), strings.get(3)), (Some(&b""[..]), None));
        assert!(Strings::split(&[9, 0, 0, 0, 1]).is_none());
    }
}
