//! Code as bytes, for what is compiled ahead and for cache files.
//!
//!   | magic | fingerprint of the opcodes u64 | checksum of the rest u64 | strings | file name | code |
//!
//! The last three are what [`crate::pack`] writes.
//! Invariant: [`decode`] gives what [`encode`] was given, or nothing: bytes that were damaged, cut, or written by another
//! version are not code.

use crate::code::{Code, Const};
use crate::opcodes::OPS;
use crate::pack::{number, pack};
use crate::strings::{StringTable, Strings};
use crate::unpack::Reader;
use std::rc::Rc;

const MAGIC: &[u8; 4] = b"HGC2";
const HEADER: usize = 20;

/// Of the opcode table: other tables cannot read the code.
fn fingerprint() -> u64 {
    let mut h = Fnv::new();
    for row in OPS {
        h.add(row.name.as_bytes());
        h.add(row.operands.as_bytes());
        h.add(&[row.caches as u8]);
    }
    h.0
}

/// A number for the first bytes of cache files; it changes with the format and with the opcodes.
pub fn pyc_magic() -> u32 {
    let f = fingerprint();
    0x0A0D_0000 | ((f ^ f >> 16 ^ f >> 32 ^ u64::from(MAGIC[3])) as u32 & 0xFFFF)
}

struct Fnv(u64);

impl Fnv {
    fn new() -> Fnv {
        Fnv(0xcbf2_9ce4_8422_2325)
    }
    fn add(&mut self, bytes: &[u8]) {
        for &b in bytes {
            self.0 = (self.0 ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

fn checksum(bytes: &[u8]) -> u64 {
    let mut h = Fnv::new();
    let words = bytes.chunks_exact(8);
    h.add(words.remainder());
    for w in words {
        let w = w.iter().rev().fold(0u64, |n, &b| n << 8 | u64::from(b));
        h.0 = (h.0 ^ w).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
    }
    h.0 ^ bytes.len() as u64
}

/// Writes code.
pub fn encode(code: &Code) -> Vec<u8> {
    let mut strings = StringTable::default();
    let mut body = Vec::new();
    number(&mut body, strings.number(code.filename.as_bytes()));
    body.extend(pack(code, &mut strings));
    let mut rest = strings.finish();
    rest.extend(body);
    let mut out = MAGIC.to_vec();
    out.extend(fingerprint().to_le_bytes());
    out.extend(checksum(&rest).to_le_bytes());
    out.extend(rest);
    out
}

/// Are these the unharmed bytes of code of this version?
pub fn is_sound(bytes: &[u8]) -> bool {
    let word =
        |at: usize| bytes.get(at..at + 8).map(|b| u64::from_le_bytes(b.try_into().unwrap_or_default()));
    bytes.starts_with(MAGIC)
        && word(4) == Some(fingerprint())
        && bytes.len() >= HEADER
        && word(12) == Some(checksum(&bytes[HEADER..]))
}

/// Reads code; with `filename` it and all code inside it get that `co_filename`.
pub fn decode(bytes: &[u8], filename: Option<&str>) -> Option<Rc<Code>> {
    if !is_sound(bytes) {
        return None;
    }
    let (strings, rest) = Strings::split(&bytes[HEADER..])?;
    let mut r = Reader::new(rest, strings);
    let own = r.text()?;
    r.set_filename(filename.map_or(own, Rc::from));
    let code = r.code()?;
    (r.is_at_end() && is_safe(&code)).then(|| Rc::new(code))
}

/// Does the machine find what it relies on, here and in all code inside?
fn is_safe(code: &Code) -> bool {
    let registers_fit = code.argument_count() <= usize::from(code.nlocals)
        && code.freevars.iter().chain(&code.cellvars).chain(&code.hidden).all(|r| *r < code.nlocals)
        && code.depths.iter().all(|(_, d)| u32::from(*d) + u32::from(code.nlocals) <= u32::from(code.nregs));
    let inner = |c: &Const| if let Const::Code(c) = c { is_safe(c) } else { true };
    registers_fit && code.verify().is_ok() && code.consts.iter().all(inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::{Insn, Position};
    use crate::opcodes::Op;

    fn sample() -> Code {
        let inner = Code { name: "g".into(), filename: "a.py".into(), nregs: 1, ..Code::default() };
        Code {
            name: "f".into(),
            qualname: "f".into(),
            filename: "a.py".into(),
            first_line: 7,
            nregs: 3,
            consts: vec![
                Const::Int(-5),
                Const::Float(-0.0),
                Const::Str(b"\xed\xa0\x80".as_slice().into()),
                Const::Tuple(vec![Const::None, Const::BigInt("123456789012345678901234567890".into())]),
                Const::Code(Rc::new(inner)),
            ],
            insns: vec![Insn::new(Op::ReturnSpecial, 0, 0, 0)],
            positions: vec![Position { pc: 0, line: 7, end_line: 9, col: 4, end_col: 2 }],
            ..Code::default()
        }
    }

    #[test]
    fn what_was_written_is_read() {
        let code = sample();
        let bytes = encode(&code);
        assert_eq!(*decode(&bytes, None).unwrap(), code);
        assert_eq!(&*decode(&bytes, Some("b.py")).unwrap().filename, "b.py");
    }

    #[test]
    fn damaged_bytes_are_not_code() {
        let bytes = encode(&sample());
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x41;
            assert!(decode(&damaged, None).is_none(), "byte {at}");
            assert!(decode(&bytes[..at], None).is_none(), "cut at {at}");
        }
    }
}
