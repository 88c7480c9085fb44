//! Bytes to values.

use super::DEPTH_MAX;
use crate::prelude::{Exc, Owned, PyResult, Vm, none, owned_bool};
use hognose_vm::Raised;
use hognose_vm::object::int::new_bigint;
use num_bigint::{BigInt, Sign};

const FLAG_REF: u8 = 0x80;

/// The first value in some bytes, and how many of them it takes.
pub(super) fn load(vm: &mut Vm, bytes: &[u8], allow_code: bool) -> PyResult<(Owned, usize)> {
    let mut r = Reader { bytes, at: 0, refs: Vec::new(), allow_code };
    match r.value(vm, 0)? {
        Some(v) => Ok((v, r.at)),
        None => Err(vm.type_error("NULL object in marshal data for object")),
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Values that later bytes may refer to; `None` while one is being read.
    refs: Vec<Option<Owned>>,
    allow_code: bool,
}

fn bad(vm: &mut Vm, what: &str) -> Raised {
    vm.value_error(&format!("bad marshal data ({what})"))
}

fn short(vm: &mut Vm) -> Raised {
    vm.raise(Exc::EOFError, "marshal data too short")
}

impl<'a> Reader<'a> {
    fn take(&mut self, vm: &mut Vm, n: usize) -> PyResult<&'a [u8]> {
        match self.bytes.get(self.at..self.at.saturating_add(n)) {
            Some(b) => {
                self.at += n;
                Ok(b)
            }
            None => Err(short(vm)),
        }
    }

    fn long(&mut self, vm: &mut Vm) -> PyResult<i32> {
        let b = self.take(vm, 4)?;
        Ok(i32::from_le_bytes([b[0], b[1], b[2], b[3]]))
    }

    fn size(&mut self, vm: &mut Vm, what: &str) -> PyResult<usize> {
        let n = self.long(vm)?;
        usize::try_from(n).map_err(|_| bad(vm, &format!("{what} size out of range")))
    }

    fn byte(&mut self, vm: &mut Vm) -> PyResult<usize> {
        match self.bytes.get(self.at) {
            Some(b) => {
                self.at += 1;
                Ok(usize::from(*b))
            }
            None => Err(vm.raise(Exc::EOFError, "EOF read where not expected")),
        }
    }

    fn float(&mut self, vm: &mut Vm) -> PyResult<f64> {
        let b = self.take(vm, 8)?;
        Ok(f64::from_le_bytes(b.try_into().unwrap_or_default()))
    }

    /// `None`: the mark that ends a dict.
    fn value(&mut self, vm: &mut Vm, depth: usize) -> PyResult<Option<Owned>> {
        vm.check_native_stack()?;
        let Some(&code) = self.bytes.get(self.at) else {
            return Err(vm.raise(Exc::EOFError, "EOF read where object expected"));
        };
        self.at += 1;
        if depth > DEPTH_MAX {
            return Err(bad(vm, "recursion limit exceeded"));
        }
        let (tag, keep) = (code & !FLAG_REF, code & FLAG_REF != 0);
        // The number of a value is given out before those inside it.
        let place = (keep && !matches!(tag, b'0' | b'N' | b'S' | b'.' | b'F' | b'T' | b'r')).then(|| {
            self.refs.push(None);
            self.refs.len() - 1
        });
        let v = match tag {
            b'0' => return Ok(None),
            b'r' => {
                let n = self.long(vm)?;
                let found = usize::try_from(n).ok().and_then(|n| self.refs.get(n).cloned().flatten());
                found.ok_or_else(|| bad(vm, "invalid reference"))?
            }
            b'[' | b'{' => self.mutable(vm, tag, place, depth)?,
            _ => self.plain(vm, tag, depth)?,
        };
        if let Some(i) = place {
            self.refs[i] = Some(v.clone());
        }
        Ok(Some(v))
    }

    fn plain(&mut self, vm: &mut Vm, tag: u8, depth: usize) -> PyResult {
        match tag {
            b'N' => Ok(none()),
            b'S' => Ok(vm.exc_class(Exc::StopIteration).owned()),
            b'.' => Ok(Owned::from_immediate(hognose_vm::ELLIPSIS)),
            b'F' => Ok(owned_bool(false)),
            b'T' => Ok(owned_bool(true)),
            b'i' => {
                let n = self.long(vm)?;
                vm.new_int(i64::from(n))
            }
            b'I' => {
                let b = self.take(vm, 8)?;
                vm.new_int(i64::from_le_bytes(b.try_into().unwrap_or_default()))
            }
            b'l' => self.big_int(vm),
            b'f' => {
                let x = self.float_text(vm)?;
                vm.new_float(x)
            }
            b'g' => {
                let x = self.float(vm)?;
                vm.new_float(x)
            }
            b'x' | b'y' => {
                let (re, im) = if tag == b'y' {
                    (self.float(vm)?, self.float(vm)?)
                } else {
                    (self.float_text(vm)?, self.float_text(vm)?)
                };
                let (re, im) = (vm.new_float(re)?, vm.new_float(im)?);
                let class = vm.types().complex;
                vm.call(class.as_ref(), &[re.as_ref(), im.as_ref()])
            }
            b's' => {
                let n = self.size(vm, "bytes object")?;
                let b = self.take(vm, n)?;
                vm.new_bytes(b)
            }
            b'c' => self.code(vm),
            b'a' | b'A' | b'z' | b'Z' | b'u' | b't' => self.text(vm, tag),
            b'(' | b')' | b'<' | b'>' | b':' => self.items(vm, tag, depth),
            _ => Err(bad(vm, "unknown type code")),
        }
    }

    fn code(&mut self, vm: &mut Vm) -> PyResult {
        if !self.allow_code {
            return Err(vm.value_error("unmarshalling code objects is disallowed"));
        }
        let n = self.size(vm, "code object")?;
        let b = self.take(vm, n)?;
        match vm.code_from_bytes(b)? {
            Some(code) => Ok(code),
            None => Err(bad(vm, "code of another version")),
        }
    }

    fn float_text(&mut self, vm: &mut Vm) -> PyResult<f64> {
        let n = self.byte(vm)?;
        let b = self.take(vm, n)?;
        let x = std::str::from_utf8(b).ok().and_then(|s| s.trim().parse().ok());
        x.ok_or_else(|| vm.value_error("could not convert string to float"))
    }

    fn text(&mut self, vm: &mut Vm, tag: u8) -> PyResult {
        let n = match tag {
            b'z' | b'Z' => self.byte(vm)?,
            _ => self.size(vm, "string")?,
        };
        let b = self.take(vm, n)?;
        let s = match tag {
            b'u' | b't' => {
                let raw = vm.new_bytes(b)?;
                let (encoding, errors) = (vm.new_str("utf-8")?, vm.new_str("surrogatepass")?);
                vm.call_method(raw.as_ref(), "decode", &[encoding.as_ref(), errors.as_ref()])?
            }
            // Written as ASCII; other bytes are read as Latin-1 as CPython does.
            _ if b.is_ascii() => vm.new_str_bytes(b)?,
            _ => vm.new_str(&b.iter().map(|&b| b as char).collect::<String>())?,
        };
        Ok(if matches!(tag, b'A' | b'Z' | b't') { vm.intern_object(s.as_ref()) } else { s })
    }

    fn big_int(&mut self, vm: &mut Vm) -> PyResult {
        let n = self.long(vm)?;
        let digits = n.unsigned_abs() as usize;
        if n == i32::MIN {
            return Err(bad(vm, "long size out of range"));
        }
        let bytes = self.take(vm, digits.saturating_mul(2))?;
        super::check_room(vm, bytes.len())?;
        let mut words = vec![0u32; (digits * 15).div_ceil(32) + 1];
        for (i, pair) in bytes.chunks_exact(2).enumerate() {
            let digit = u16::from_le_bytes([pair[0], pair[1]]);
            if digit >= 1 << 15 {
                return Err(bad(vm, "digit out of range in long"));
            }
            if i + 1 == digits && digit == 0 {
                return Err(bad(vm, "unnormalized long data"));
            }
            let (word, shift) = (i * 15 / 32, i * 15 % 32);
            let wide = u64::from(digit) << shift;
            words[word] |= wide as u32;
            if let Some(next) = words.get_mut(word + 1) {
                *next |= (wide >> 32) as u32;
            }
        }
        let n = BigInt::from_slice(if n < 0 { Sign::Minus } else { Sign::Plus }, &words);
        Ok(new_bigint(vm.heap(), &n)?)
    }

    /// A value that must be there.
    fn item(&mut self, vm: &mut Vm, what: &str, depth: usize) -> PyResult {
        match self.value(vm, depth + 1)? {
            Some(v) => Ok(v),
            None => Err(vm.type_error(&format!("NULL object in marshal data for {what}"))),
        }
    }

    fn items(&mut self, vm: &mut Vm, tag: u8, depth: usize) -> PyResult {
        let (n, what) = match tag {
            b')' => (self.byte(vm)?, "tuple"),
            b'(' => (self.size(vm, "tuple")?, "tuple"),
            b':' => (3, "slice"),
            _ => (self.size(vm, "set")?, "set"),
        };
        let mut items = Vec::new();
        for _ in 0..n {
            items.push(self.item(vm, what, depth)?);
        }
        match tag {
            b'(' | b')' => vm.new_tuple(items),
            b':' => {
                let class = vm.types().slice;
                vm.call(class.as_ref(), &[items[0].as_ref(), items[1].as_ref(), items[2].as_ref()])
            }
            _ => {
                let list = vm.new_list(items)?;
                let class = if tag == b'<' { vm.types().set } else { vm.types().frozenset };
                vm.call(class.as_ref(), &[list.as_ref()])
            }
        }
    }

    /// Lists and dicts may contain themselves: they can be referred to from the beginning.
    fn mutable(&mut self, vm: &mut Vm, tag: u8, place: Option<usize>, depth: usize) -> PyResult {
        let v = if tag == b'[' { vm.new_list(Vec::new())? } else { vm.new_dict()? };
        if let Some(i) = place {
            self.refs[i] = Some(v.clone());
        }
        if tag == b'[' {
            let n = self.size(vm, "list")?;
            for _ in 0..n {
                let item = self.item(vm, "list", depth)?;
                vm.call_method(v.as_ref(), "append", &[item.as_ref()])?;
            }
            return Ok(v);
        }
        while let Some(key) = self.value(vm, depth + 1)? {
            let Some(item) = self.value(vm, depth + 1)? else { break };
            vm.dict_set(v.as_ref(), key.as_ref(), item.as_ref())?;
        }
        Ok(v)
    }
}
