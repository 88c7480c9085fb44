//! Values to bytes. Every value is written in full: the format's references are only read.

use super::DEPTH_MAX;
use crate::prelude::{Layout, Owned, PyResult, Ref, ValueExt, Vm, as_str, base_value, small_int_of};
use hognose_vm::object::bytes::bytes_of;
use hognose_vm::object::int::bigint_of;
use num_bigint::Sign;

/// The bytes of a value.
pub(super) fn dump(vm: &mut Vm, value: Ref<'_>, version: i32, allow_code: bool) -> PyResult<Vec<u8>> {
    let mut w = Writer { out: Vec::new(), version, allow_code };
    w.value(vm, value, 0)?;
    Ok(w.out)
}

struct Writer {
    out: Vec<u8>,
    version: i32,
    allow_code: bool,
}

impl Writer {
    fn long(&mut self, n: usize) {
        self.out.extend((n as u32).to_le_bytes());
    }

    fn sized(&mut self, vm: &mut Vm, tag: u8, bytes: &[u8]) -> PyResult<()> {
        if u32::try_from(bytes.len()).is_err() {
            return Err(vm.value_error("object too large to marshal"));
        }
        // Twice what lies here already must fit: the bytes object comes next.
        super::check_room(vm, self.out.len().saturating_add(bytes.len()))?;
        self.out.push(tag);
        self.long(bytes.len());
        self.out.extend(bytes);
        Ok(())
    }

    fn float(&mut self, x: f64) {
        self.out.extend(x.to_le_bytes());
    }

    fn value(&mut self, vm: &mut Vm, v: Ref<'_>, depth: usize) -> PyResult<()> {
        vm.check_native_stack()?;
        if depth > DEPTH_MAX {
            return Err(vm.value_error("object too deeply nested to marshal"));
        }
        if let Some(tag) = singleton(vm, v) {
            self.out.push(tag);
            return Ok(());
        }
        if v.value().is_int() || v.is_exact(Layout::Int) {
            self.int(v);
            return Ok(());
        }
        if v.value().is_float() || v.is_exact(Layout::Float) {
            let x = vm.as_f64(v)?;
            self.out.push(b'g');
            self.float(x);
            return Ok(());
        }
        self.object(vm, v, depth)
    }

    fn object(&mut self, vm: &mut Vm, v: Ref<'_>, depth: usize) -> PyResult<()> {
        if v.is_exact(Layout::Str) {
            return self.text(vm, v);
        }
        if v.is_exact(Layout::Code) {
            if !self.allow_code {
                return Err(vm.value_error("marshalling code objects is disallowed"));
            }
            let bytes = vm.code_to_bytes(v).unwrap_or_default();
            return self.sized(vm, b'c', &bytes);
        }
        if v.is_exact(Layout::Complex) {
            let (re, im) = (vm.get_attr_name(v, "real")?, vm.get_attr_name(v, "imag")?);
            let (re, im) = (vm.as_f64(re.as_ref())?, vm.as_f64(im.as_ref())?);
            self.out.push(b'y');
            self.float(re);
            self.float(im);
            return Ok(());
        }
        if v.is_exact(Layout::Tuple) {
            let items = vm.items_of(v);
            match u8::try_from(items.len()) {
                Ok(n) => self.out.extend([b')', n]),
                Err(_) => self.head(vm, b'(', items.len())?,
            }
            return self.items(vm, items, depth);
        }
        if v.is_exact(Layout::List) {
            let items = vm.items_of(v);
            self.head(vm, b'[', items.len())?;
            return self.items(vm, items, depth);
        }
        if v.is_exact(Layout::Set) || v.is_exact(Layout::FrozenSet) {
            let items = vm.collect(v)?;
            self.head(vm, if v.is_exact(Layout::Set) { b'<' } else { b'>' }, items.len())?;
            return self.items(vm, items, depth);
        }
        if v.is_exact(Layout::Dict) {
            return self.dict(vm, v, depth);
        }
        if let Some(bytes) = bytes_of(v).filter(|_| v.is_exact(Layout::Bytes)) {
            return self.sized(vm, b's', bytes);
        }
        self.other(vm, v, depth)
    }

    fn other(&mut self, vm: &mut Vm, v: Ref<'_>, depth: usize) -> PyResult<()> {
        let slice = vm.types().slice;
        if vm.class_of(v) == slice {
            if self.version < 5 {
                return Err(vm.value_error("unmarshallable object"));
            }
            self.out.push(b':');
            for name in ["start", "stop", "step"] {
                let part = vm.get_attr_name(v, name)?;
                self.value(vm, part.as_ref(), depth + 1)?;
            }
            return Ok(());
        }
        // Anything that offers its bytes.
        let class = vm.types().memoryview;
        let view = match vm.call(class.as_ref(), &[v]) {
            Ok(view) => view,
            Err(e) => {
                vm.discard(e);
                return Err(vm.value_error("unmarshallable object"));
            }
        };
        let bytes = vm.call_method(view.as_ref(), "tobytes", &[])?;
        self.sized(vm, b's', bytes_of(bytes.as_ref()).unwrap_or(&[]))
    }

    fn head(&mut self, vm: &mut Vm, tag: u8, n: usize) -> PyResult<()> {
        if u32::try_from(n).is_err() {
            return Err(vm.value_error("object too large to marshal"));
        }
        self.out.push(tag);
        self.long(n);
        Ok(())
    }

    fn items(&mut self, vm: &mut Vm, items: Vec<Owned>, depth: usize) -> PyResult<()> {
        items.iter().try_for_each(|i| self.value(vm, i.as_ref(), depth + 1))
    }

    fn dict(&mut self, vm: &mut Vm, v: Ref<'_>, depth: usize) -> PyResult<()> {
        self.out.push(b'{');
        let pairs = hognose_vm::DictRef::new(v).map_or_else(Vec::new, |d| d.to_vec());
        for (k, v) in pairs {
            self.value(vm, k.as_ref(), depth + 1)?;
            self.value(vm, v.as_ref(), depth + 1)?;
        }
        self.out.push(b'0');
        Ok(())
    }

    fn text(&mut self, vm: &mut Vm, v: Ref<'_>) -> PyResult<()> {
        let bytes = crate::prelude::str_bytes(v);
        let ascii = as_str(v).is_some_and(|s| s.is_ascii());
        let interned = vm.is_interned(v);
        let tag = match (ascii && self.version >= 4, bytes.len() < 256, interned && self.version >= 1) {
            (true, true, true) => b'Z',
            (true, true, false) => b'z',
            (true, false, true) => b'A',
            (true, false, false) => b'a',
            (false, _, true) => b't',
            (false, _, false) => b'u',
        };
        if matches!(tag, b'z' | b'Z') {
            self.out.extend([tag, bytes.len() as u8]);
            self.out.extend(bytes);
            return Ok(());
        }
        self.sized(vm, tag, bytes)
    }

    fn int(&mut self, v: Ref<'_>) {
        if let Some(n) = small_int_of(base_value(v)).and_then(|n| i32::try_from(n).ok()) {
            self.out.push(b'i');
            self.out.extend(n.to_le_bytes());
            return;
        }
        let (sign, mut words) = match bigint_of(base_value(v)) {
            Some(n) => (n.sign(), n.to_u32_digits().1),
            None => (Sign::NoSign, Vec::new()),
        };
        // Digits of 15 bits each.
        let bits = words.last().map_or(0, |w| words.len() * 32 - w.leading_zeros() as usize);
        let digits = bits.div_ceil(15);
        words.push(0);
        self.out.push(b'l');
        let count = digits as i32;
        self.out.extend((if sign == Sign::Minus { -count } else { count }).to_le_bytes());
        for i in 0..digits {
            let (word, shift) = (i * 15 / 32, i * 15 % 32);
            let pair = u64::from(words[word]) | u64::from(words.get(word + 1).copied().unwrap_or(0)) << 32;
            self.out.extend((((pair >> shift) & 0x7FFF) as u16).to_le_bytes());
        }
    }
}

fn singleton(vm: &Vm, v: Ref<'_>) -> Option<u8> {
    let value = v.value();
    let known = [
        (hognose_vm::NONE, b'N'),
        (hognose_vm::TRUE, b'T'),
        (hognose_vm::FALSE, b'F'),
        (hognose_vm::ELLIPSIS, b'.'),
    ];
    if let Some((_, tag)) = known.iter().find(|(k, _)| *k == value) {
        return Some(*tag);
    }
    vm.exc_class(hognose_vm::Exc::StopIteration).as_ref().is(v).then_some(b'S')
}
