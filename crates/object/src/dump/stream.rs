//! Variable-length integers in compressed blocks.
//!
//!   block: | raw length: u32 | compressed length: u32 | bytes |          0, 0 ends the stream
//!
//! A field never needs the block it is in to be larger than [`BLOCK`] plus its own bytes, so both ends work with
//! buffers of fixed size however long the stream is.

use std::io::{self, Read, Write};

/// Bytes collected before they are compressed.
const BLOCK: usize = 64 << 10;
/// Largest text in a record; longer ones are cut.
const TEXT_MAX: usize = 1 << 20;

/// Writes fields.
pub struct Writer<'a> {
    out: &'a mut dyn Write,
    block: Vec<u8>,
    packed: Vec<u8>,
    failed: Option<io::Error>,
    written: u64,
}

impl<'a> Writer<'a> {
    /// A stream into `out`.
    pub fn new(out: &'a mut dyn Write) -> Writer<'a> {
        let packed = vec![0; lz4_flex::block::get_maximum_output_size(2 * BLOCK)];
        Writer { out, block: Vec::with_capacity(2 * BLOCK), packed, failed: None, written: 0 }
    }

    /// An integer.
    #[inline]
    pub fn int(&mut self, mut n: u64) {
        while n >= 0x80 {
            self.block.push(n as u8 | 0x80);
            n >>= 7;
        }
        self.block.push(n as u8);
    }

    /// An integer near 0 on either side.
    #[inline]
    pub fn signed(&mut self, n: i64) {
        self.int((n << 1 ^ n >> 63) as u64);
    }

    /// Bytes with their length.
    pub fn bytes(&mut self, bytes: &[u8]) {
        let bytes = &bytes[..bytes.len().min(TEXT_MAX)];
        self.int(bytes.len() as u64);
        for part in bytes.chunks(BLOCK / 2) {
            self.block.extend_from_slice(part);
            self.end_record();
        }
    }

    /// A text with its length.
    pub fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    /// A place where a block may end.
    #[inline]
    pub fn end_record(&mut self) {
        if self.block.len() >= BLOCK {
            self.flush();
        }
    }

    fn flush(&mut self) {
        if self.failed.is_some() {
            self.block.clear();
            return;
        }
        let raw = self.block.len();
        if self.packed.len() < lz4_flex::block::get_maximum_output_size(raw) {
            self.packed.resize(lz4_flex::block::get_maximum_output_size(raw), 0);
        }
        let result = match lz4_flex::block::compress_into(&self.block, &mut self.packed) {
            Ok(n) => {
                self.written += n as u64 + 8;
                let mut head = [0; 8];
                head[..4].copy_from_slice(&(raw as u32).to_le_bytes());
                head[4..].copy_from_slice(&(n as u32).to_le_bytes());
                self.out.write_all(&head).and_then(|()| self.out.write_all(&self.packed[..n]))
            }
            Err(e) => Err(io::Error::other(e)),
        };
        self.block.clear();
        self.failed = result.err();
    }

    /// Ends the stream: bytes written.
    ///
    /// # Errors
    /// The first error the writer met.
    pub fn finish(mut self) -> io::Result<u64> {
        self.flush();
        if let Some(e) = self.failed {
            return Err(e);
        }
        self.out.write_all(&[0; 8])?;
        self.out.flush()?;
        Ok(self.written + 8)
    }
}

/// Reads fields.
pub struct Reader<R> {
    from: R,
    block: Vec<u8>,
    at: usize,
    packed: Vec<u8>,
}

fn bad(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

impl<R: Read> Reader<R> {
    /// A stream from `from`, behind the magic bytes.
    pub fn new(from: R) -> Reader<R> {
        Reader { from, block: Vec::new(), at: 0, packed: Vec::new() }
    }

    fn next_block(&mut self) -> io::Result<()> {
        let mut head = [0; 8];
        self.from.read_exact(&mut head)?;
        let word = |i: usize| u32::from_le_bytes([head[i], head[i + 1], head[i + 2], head[i + 3]]) as usize;
        let (raw, packed) = (word(0), word(4));
        if raw == 0 || raw > 4 * BLOCK || packed > 8 * BLOCK {
            return Err(bad("the dump ends early or is damaged"));
        }
        self.packed.resize(packed, 0);
        self.from.read_exact(&mut self.packed)?;
        self.block.resize(raw, 0);
        let n = lz4_flex::block::decompress_into(&self.packed, &mut self.block).map_err(io::Error::other)?;
        self.block.truncate(n);
        self.at = 0;
        Ok(())
    }

    #[inline]
    fn byte(&mut self) -> io::Result<u8> {
        if self.at == self.block.len() {
            self.next_block()?;
        }
        let b = *self.block.get(self.at).ok_or_else(|| bad("an empty block"))?;
        self.at += 1;
        Ok(b)
    }

    /// An integer.
    ///
    /// # Errors
    /// When the stream ends or is damaged.
    #[inline]
    pub fn int(&mut self) -> io::Result<u64> {
        let (mut n, mut shift) = (0u64, 0);
        loop {
            let b = self.byte()?;
            n |= u64::from(b & 0x7f) << shift;
            if b < 0x80 {
                return Ok(n);
            }
            shift += 7;
            if shift > 63 {
                return Err(bad("an integer without end"));
            }
        }
    }

    /// An integer near 0 on either side.
    ///
    /// # Errors
    /// As [`Reader::int`].
    #[inline]
    pub fn signed(&mut self) -> io::Result<i64> {
        let n = self.int()?;
        Ok((n >> 1) as i64 ^ -((n & 1) as i64))
    }

    /// Bytes with their length.
    ///
    /// # Errors
    /// As [`Reader::int`].
    pub fn bytes(&mut self) -> io::Result<Vec<u8>> {
        let n = self.int()? as usize;
        if n > TEXT_MAX {
            return Err(bad("a text of impossible length"));
        }
        let mut out = Vec::with_capacity(n);
        while out.len() < n {
            if self.at == self.block.len() {
                self.next_block()?;
            }
            let take = (n - out.len()).min(self.block.len() - self.at);
            out.extend_from_slice(&self.block[self.at..self.at + take]);
            self.at += take;
        }
        Ok(out)
    }

    /// A text with its length.
    ///
    /// # Errors
    /// As [`Reader::int`].
    pub fn text(&mut self) -> io::Result<String> {
        Ok(String::from_utf8_lossy(&self.bytes()?).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::{Reader, Writer};

    #[test]
    fn fields_survive() {
        let mut out = Vec::new();
        let mut w = Writer::new(&mut out);
        let long = vec![7u8; 300_000];
        for i in 0..100_000u64 {
            w.int(i * i);
            w.signed(-(i as i64) * 1000);
            w.end_record();
        }
        w.bytes(&long);
        w.text("end");
        w.finish().expect("a vector takes all");
        let mut r = Reader::new(out.as_slice());
        for i in 0..100_000u64 {
            assert_eq!(r.int().expect("there"), i * i);
            assert_eq!(r.signed().expect("there"), -(i as i64) * 1000);
        }
        assert_eq!(r.bytes().expect("there"), long);
        assert_eq!(r.text().expect("there"), "end");
        assert!(r.int().is_err());
    }
}
