//! pprof's `profile.proto`, gzip-compressed: stacks with objects and bytes, allocated and in use.
//!
//! The message is small enough to be written by hand: varints and length-delimited fields.

use crate::graph::Graph;
use std::collections::HashMap;
use std::io::{self, Write};

#[derive(Default)]
struct Message(Vec<u8>);

impl Message {
    fn varint(&mut self, mut n: u64) {
        while n >= 0x80 {
            self.0.push(n as u8 | 0x80);
            n >>= 7;
        }
        self.0.push(n as u8);
    }

    fn int(&mut self, field: u64, n: u64) {
        self.varint(field << 3);
        self.varint(n);
    }

    fn bytes(&mut self, field: u64, bytes: &[u8]) {
        self.varint(field << 3 | 2);
        self.varint(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }

    fn packed(&mut self, field: u64, numbers: &[u64]) {
        let mut inner = Message::default();
        numbers.iter().for_each(|&n| inner.varint(n));
        self.bytes(field, &inner.0);
    }
}

#[derive(Default)]
struct Strings(HashMap<String, u64>, Vec<String>);

impl Strings {
    fn id(&mut self, text: &str) -> u64 {
        if let Some(&i) = self.0.get(text) {
            return i;
        }
        let i = self.1.len() as u64;
        self.1.push(text.to_string());
        self.0.insert(text.to_string(), i);
        i
    }
}

/// Writes the watched allocations of a dump.
pub(crate) fn write(g: &Graph, out: &mut dyn Write) -> io::Result<()> {
    let mut strings = Strings::default();
    strings.id("");
    let mut top = Message::default();
    let types = [
        ("alloc_objects", "count"),
        ("alloc_space", "bytes"),
        ("inuse_objects", "count"),
        ("inuse_space", "bytes"),
        ("peak_space", "bytes"),
    ];
    for (name, unit) in types {
        let mut m = Message::default();
        m.int(1, strings.id(name));
        m.int(2, strings.id(unit));
        top.bytes(1, &m.0);
    }
    for (site, u) in &g.uses {
        let mut stack = Vec::new();
        let mut at = *site;
        // The innermost first; locations are numbered from 1.
        while let Some(s) = g.sites.get(&at) {
            stack.push(u64::from(s.frame) + 1);
            if s.parent >= at {
                break;
            }
            at = s.parent;
        }
        let mut m = Message::default();
        m.packed(1, &stack);
        m.packed(2, &[u.total_blocks, u.total_bytes, u.live_blocks, u.live_bytes, u.peak_bytes]);
        top.bytes(2, &m.0);
    }
    let mut functions: HashMap<(&str, &str, u32), u64> = HashMap::new();
    for (i, f) in g.frames.iter().enumerate() {
        let next = functions.len() as u64 + 1;
        let function = *functions.entry((&f.file, &f.function, f.first_line)).or_insert(next);
        let mut line = Message::default();
        line.int(1, function);
        line.int(2, u64::from(f.line));
        let mut m = Message::default();
        m.int(1, i as u64 + 1);
        m.bytes(4, &line.0);
        top.bytes(4, &m.0);
    }
    for ((file, name, first_line), id) in functions {
        let mut m = Message::default();
        m.int(1, id);
        m.int(2, strings.id(name));
        m.int(3, strings.id(name));
        m.int(4, strings.id(file));
        m.int(5, u64::from(first_line));
        top.bytes(5, &m.0);
    }
    let in_use = strings.id("inuse_space");
    for text in &strings.1 {
        top.bytes(6, text.as_bytes());
    }
    top.int(14, in_use);
    let mut gz = flate2::write::GzEncoder::new(out, flate2::Compression::fast());
    gz.write_all(&top.0)?;
    gz.finish().map(drop)
}
