//! Items of a memoryview: the native formats of one character.

use crate::exceptions::Exc;
use crate::{PyResult, Raised, Vm};
use hognose_object::{Ref, bytes::bytes_of, int, owned_bool};
use num_traits::ToPrimitive;

/// A format character.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Format {
    code: &'static str,
    size: usize,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Signed,
    Unsigned,
    Float,
    Char,
    Bool,
}

const fn format(code: &'static str, size: usize, kind: Kind) -> Format {
    Format { code, size, kind }
}

static FORMATS: [Format; 15] = [
    Format::BYTES,
    format("b", 1, Kind::Signed),
    format("c", 1, Kind::Char),
    format("?", 1, Kind::Bool),
    format("h", 2, Kind::Signed),
    format("H", 2, Kind::Unsigned),
    format("i", 4, Kind::Signed),
    format("I", 4, Kind::Unsigned),
    format("l", 8, Kind::Signed),
    format("L", 8, Kind::Unsigned),
    format("q", 8, Kind::Signed),
    format("Q", 8, Kind::Unsigned),
    format("n", 8, Kind::Signed),
    format("f", 4, Kind::Float),
    format("d", 8, Kind::Float),
];

impl Format {
    /// `B`
    pub const BYTES: Format = format("B", 1, Kind::Unsigned);

    /// Characters of arrays; not a format that `cast` knows.
    pub const CHARS: Format = format("w", 4, Kind::Unsigned);

    /// Reads a format.
    pub fn parse(text: &[u8]) -> Option<Format> {
        let text = text.strip_prefix(b"@").unwrap_or(text);
        FORMATS.iter().find(|f| f.code.as_bytes() == text).copied()
    }

    /// As written.
    pub fn code(self) -> &'static str {
        self.code
    }

    /// Bytes of an item.
    pub fn size(self) -> usize {
        self.size
    }

    /// The value of an item, whose bytes come first.
    pub fn unpack(self, vm: &mut Vm, raw: [u8; 8]) -> PyResult {
        let n = u64::from_le_bytes(raw);
        let unused = 64 - 8 * self.size as u32;
        match self.kind {
            Kind::Unsigned => match i64::try_from(n) {
                Ok(n) => vm.new_int(n),
                Err(_) => Ok(int::new_bigint(vm.heap(), &num_bigint::BigInt::from(n))?),
            },
            Kind::Signed => vm.new_int((n << unused) as i64 >> unused),
            Kind::Float if self.size == 4 => vm.new_float(f64::from(f32::from_bits(n as u32))),
            Kind::Float => vm.new_float(f64::from_bits(n)),
            Kind::Char => vm.new_bytes(&raw[..1]),
            Kind::Bool => Ok(owned_bool(n != 0)),
        }
    }

    /// The bytes of a value.
    pub fn pack(self, vm: &mut Vm, value: Ref<'_>) -> PyResult<[u8; 8]> {
        match self.kind {
            Kind::Bool => Ok(u64::from(vm.is_true(value)?).to_le_bytes()),
            Kind::Char => match bytes_of(crate::class::base_value(value)) {
                Some(&[b]) => Ok(u64::from(b).to_le_bytes()),
                Some(_) => Err(self.invalid(vm, "value", Exc::ValueError)),
                None => Err(self.invalid(vm, "type", Exc::TypeError)),
            },
            Kind::Float => {
                let x = match vm.as_f64(value) {
                    Ok(x) => x,
                    Err(e) => return Err(self.explain(vm, e)),
                };
                let bits = if self.size == 4 { u64::from((x as f32).to_bits()) } else { x.to_bits() };
                Ok(bits.to_le_bytes())
            }
            Kind::Signed | Kind::Unsigned => {
                let n = match vm.index(value) {
                    Ok(n) => n,
                    Err(e) => return Err(self.explain(vm, e)),
                };
                let n = int::bigint_of(n.as_ref()).unwrap_or_default();
                let bits = 8 * self.size as u32;
                let fits = match self.kind {
                    Kind::Signed => {
                        n.to_i64().filter(|n| bits == 64 || (n >> (bits - 1)) == n >> 63).map(|n| n as u64)
                    }
                    _ => n.to_u64().filter(|n| bits == 64 || n >> bits == 0),
                };
                match fits {
                    Some(n) => Ok(n.to_le_bytes()),
                    None => Err(self.invalid(vm, "value", Exc::ValueError)),
                }
            }
        }
    }

    fn invalid(self, vm: &mut Vm, what: &str, e: Exc) -> Raised {
        vm.raise(e, &format!("memoryview: invalid {what} for format '{}'", self.code))
    }

    fn explain(self, vm: &mut Vm, e: Raised) -> Raised {
        if vm.raised_is(&e, Exc::TypeError) {
            vm.discard(e);
            return self.invalid(vm, "type", Exc::TypeError);
        }
        e
    }
}
