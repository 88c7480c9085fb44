//! The loop over instructions, and those that make plain values.
//!
//! Invariant: an instruction takes nothing from below the last mark (`Stack`), and no size is believed before the bytes
//! are there (`Input`).

use super::input::Input;
use super::stack::Stack;
use super::unpickler::Unpickler;
use super::{op, unpickling_error};
use crate::prelude::{
    Exc, Layout, ListRef, Owned, PyResult, Raised, Ref, ValueExt, Vm, buffer, none, owned_bool,
};
use hognose_vm::DictRef;
use hognose_vm::object::int::new_bigint;
use num_bigint::BigInt;

/// One call of `load`.
pub(super) struct Loader<'a> {
    pub(super) u: &'a Unpickler,
    pub(super) input: Input,
    pub(super) stack: Stack,
    pub(super) persistent_load: Option<Owned>,
    /// The method of a subclass.
    pub(super) find_class: Option<Owned>,
}

#[cold]
pub(super) fn truncated(vm: &mut Vm) -> Raised {
    unpickling_error(vm, "pickle data was truncated")
}

impl Loader<'_> {
    pub(super) fn run(&mut self, vm: &mut Vm) -> PyResult {
        loop {
            let Some(code) = self.input.byte_or_end(vm)? else {
                return Err(vm.raise(Exc::EOFError, "Ran out of input"));
            };
            if code == op::STOP {
                break;
            }
            self.step(vm, code)?;
        }
        self.input.skip_consumed(vm)?;
        self.stack.pop(vm)
    }

    #[inline]
    fn push(&mut self, vm: &Vm, v: Owned) -> PyResult<()> {
        self.stack.push(vm, v)
    }

    fn step(&mut self, vm: &mut Vm, code: u8) -> PyResult<()> {
        match code {
            op::NONE => self.push(vm, none()),
            op::NEWTRUE => self.push(vm, owned_bool(true)),
            op::NEWFALSE => self.push(vm, owned_bool(false)),
            op::BININT1 => self.binint(vm, 1),
            op::BININT2 => self.binint(vm, 2),
            op::BININT => self.binint(vm, 4),
            op::SHORT_BINUNICODE => self.binunicode(vm, 1),
            op::BINUNICODE => self.binunicode(vm, 4),
            op::BINUNICODE8 => self.binunicode(vm, 8),
            op::MARK => self.stack.mark(vm),
            op::MEMOIZE => {
                let n = self.u.memo.borrow().len();
                self.memoize(vm, n)
            }
            op::BINPUT | op::LONG_BINPUT => {
                let n = self.size(vm, if code == op::BINPUT { 1 } else { 4 })?;
                self.memoize(vm, n as usize)
            }
            op::BINGET | op::LONG_BINGET => {
                let n = self.size(vm, if code == op::BINGET { 1 } else { 4 })?;
                self.fetch(vm, n as usize)
            }
            op::EMPTY_TUPLE => {
                let v = vm.empty_tuple().owned();
                self.push(vm, v)
            }
            op::EMPTY_LIST => {
                let v = vm.new_list(Vec::new())?;
                self.push(vm, v)
            }
            op::EMPTY_DICT => {
                let v = vm.new_dict()?;
                self.push(vm, v)
            }
            op::TUPLE1..=op::TUPLE3 | op::TUPLE | op::APPEND | op::APPENDS | op::SETITEM | op::SETITEMS => {
                self.collect(vm, code)
            }
            op::BINFLOAT => {
                let x = self
                    .input
                    .take(vm, 8, |_, b| Ok(f64::from_be_bytes(b.try_into().unwrap_or_default())))?;
                let x = vm.new_float(x)?;
                self.push(vm, x)
            }
            op::BUILD | op::REDUCE | op::NEWOBJ | op::NEWOBJ_EX | op::STACK_GLOBAL | op::GLOBAL => {
                self.object_step(vm, code)
            }
            _ => self.rare_step(vm, code),
        }
    }

    /// Instructions that take values from the stack into a container.
    fn collect(&mut self, vm: &mut Vm, code: u8) -> PyResult<()> {
        match code {
            op::TUPLE1..=op::TUPLE3 => {
                let n = usize::from(code - op::TUPLE1) + 1;
                let Some(at) = self.stack.len().checked_sub(n) else { return Err(self.stack.underflow(vm)) };
                self.tuple_from(vm, at)
            }
            op::TUPLE => {
                let at = self.stack.unmark(vm)?;
                self.tuple_from(vm, at)
            }
            op::APPEND => match self.stack.len().checked_sub(1) {
                Some(n) => self.append_from(vm, n),
                None => Err(self.stack.underflow(vm)),
            },
            op::APPENDS => {
                let at = self.stack.unmark(vm)?;
                self.append_from(vm, at)
            }
            op::SETITEM => match self.stack.len().checked_sub(2) {
                Some(n) => self.set_items_from(vm, n),
                None => Err(self.stack.underflow(vm)),
            },
            op::SETITEMS => {
                let at = self.stack.unmark(vm)?;
                self.set_items_from(vm, at)
            }
            _ => Ok(()),
        }
    }

    /// As [`Loader::collect`], of old protocols and for sets.
    fn collect_rare(&mut self, vm: &mut Vm, code: u8) -> PyResult<()> {
        match code {
            op::LIST => {
                let at = self.stack.unmark(vm)?;
                let items = self.stack.take_from(vm, at)?;
                let v = vm.new_list(items)?;
                self.push(vm, v)
            }
            op::DICT => self.dict(vm),
            op::EMPTY_SET => {
                let class = vm.types().set;
                let v = vm.call(class.as_ref(), &[])?;
                self.push(vm, v)
            }
            op::FROZENSET => {
                let at = self.stack.unmark(vm)?;
                let items = self.stack.take_from(vm, at)?;
                let items = vm.new_tuple(items)?;
                let class = vm.types().frozenset;
                let v = vm.call(class.as_ref(), &[items.as_ref()])?;
                self.push(vm, v)
            }
            op::ADDITEMS => self.add_items(vm),
            _ => Ok(()),
        }
    }

    fn rare_step(&mut self, vm: &mut Vm, code: u8) -> PyResult<()> {
        match code {
            op::PROTO => {
                let n = self.size(vm, 1)? as u8;
                if i64::from(n) > super::HIGHEST {
                    return Err(vm.value_error(&format!("unsupported pickle protocol: {n}")));
                }
                self.u.proto.set(n);
                Ok(())
            }
            op::FRAME => {
                let n = self.sized(vm, 8, "FRAME length")?;
                self.input.open_frame(vm, n)
            }
            op::SHORT_BINBYTES => self.binbytes(vm, 1),
            op::BINBYTES => self.binbytes(vm, 4),
            op::BINBYTES8 => self.binbytes(vm, 8),
            op::BYTEARRAY8 => {
                let n = self.sized(vm, 8, "BYTEARRAY8")?;
                let v = self.input.take_bytearray(vm, n)?;
                self.push(vm, v)
            }
            op::LONG1 => self.binlong(vm, 1),
            op::LONG4 => self.binlong(vm, 4),
            op::INT => self.int_line(vm),
            op::LONG => self.long_line(vm),
            op::FLOAT => self.float_line(vm),
            op::STRING => self.string_line(vm),
            op::BINSTRING => self.binstring(vm, 4),
            op::SHORT_BINSTRING => self.binstring(vm, 1),
            op::UNICODE => {
                let line = self.input.line(vm)?;
                let text = buffer::exact(line.as_ref());
                let v = vm.decode(&text[..text.len() - 1], "raw-unicode-escape", "strict")?;
                self.push(vm, v)
            }
            op::LIST | op::DICT | op::EMPTY_SET | op::FROZENSET | op::ADDITEMS => self.collect_rare(vm, code),
            op::POP => {
                if self.stack.mark_on_top() {
                    self.stack.unmark(vm)?;
                    return Ok(());
                }
                self.stack.pop(vm).map(drop)
            }
            op::POP_MARK => {
                let at = self.stack.unmark(vm)?;
                self.stack.take_from(vm, at).map(drop)
            }
            op::DUP => {
                let v = self.stack.top(vm)?;
                self.push(vm, v)
            }
            op::GET | op::PUT => self.memo_line(vm, code),
            _ => self.object_step(vm, code),
        }
    }

    // ---- sizes and numbers

    /// An unsigned number of `n` bytes.
    fn size(&mut self, vm: &mut Vm, n: usize) -> PyResult<u64> {
        self.input.take(vm, n, |_, b| {
            let mut raw = [0; 8];
            raw[..n].copy_from_slice(b);
            Ok(u64::from_le_bytes(raw))
        })
    }

    /// A size that memory could have.
    fn sized(&mut self, vm: &mut Vm, n: usize, what: &str) -> PyResult<usize> {
        let size = self.size(vm, n)?;
        match isize::try_from(size) {
            Ok(size) => Ok(size as usize),
            Err(_) if what.starts_with("FRAME") => {
                let message = format!("{what} exceeds system's maximum of {} bytes", isize::MAX);
                Err(vm.overflow_error(&message))
            }
            Err(_) => {
                let message = format!("{what} exceeds system's maximum size of {} bytes", isize::MAX);
                Err(vm.overflow_error(&message))
            }
        }
    }

    fn binint(&mut self, vm: &mut Vm, n: usize) -> PyResult<()> {
        let x = self.size(vm, n)?;
        let v = vm.new_int(if n == 4 { i64::from(x as u32 as i32) } else { x as i64 })?;
        self.push(vm, v)
    }

    fn binlong(&mut self, vm: &mut Vm, n: usize) -> PyResult<()> {
        let size = self.size(vm, n)?;
        if n == 4 && (size as u32 as i32) < 0 {
            return Err(unpickling_error(vm, "LONG pickle has negative byte count"));
        }
        let bytes = self.input.take_bytes(vm, size as usize)?;
        let b = buffer::exact(bytes.as_ref());
        let v = if b.len() <= 8 {
            let fill = if b.last().is_some_and(|b| *b >= 0x80) { 0xff } else { 0 };
            let mut raw = [fill; 8];
            raw[..b.len()].copy_from_slice(b);
            vm.new_int(i64::from_le_bytes(raw))?
        } else {
            let _room = hognose_vm::heap::Charge::new(vm.heap(), b.len() * 2)?;
            new_bigint(vm.heap(), &BigInt::from_signed_bytes_le(b))?
        };
        self.push(vm, v)
    }

    fn binunicode(&mut self, vm: &mut Vm, n: usize) -> PyResult<()> {
        let size = if n == 8 { self.sized(vm, 8, "BINUNICODE")? } else { self.size(vm, n)? as usize };
        let v = self.input.take(vm, size, |vm, b| {
            if b.is_ascii() { vm.new_str_bytes(b) } else { vm.decode(b, "utf-8", "surrogatepass") }
        })?;
        self.push(vm, v)
    }

    fn binbytes(&mut self, vm: &mut Vm, n: usize) -> PyResult<()> {
        let size = if n == 8 { self.sized(vm, 8, "BINBYTES")? } else { self.size(vm, n)? as usize };
        let v = self.input.take_bytes(vm, size)?;
        self.push(vm, v)
    }

    // ---- lines of text (protocol 0)

    /// A line without its end, which must not be empty.
    pub(super) fn text_line(&mut self, vm: &mut Vm) -> PyResult {
        let line = self.input.line(vm)?;
        match buffer::exact(line.as_ref()) {
            [text @ .., _] if !text.is_empty() => vm.new_bytes(text),
            _ => Err(truncated(vm)),
        }
    }

    /// `int(line)`
    fn parse_int(&mut self, vm: &mut Vm, text: &[u8]) -> PyResult {
        let text = vm.decode(text, "latin-1", "strict")?;
        let newline = vm.new_str("\n")?;
        let line = vm.binary_op(crate::prelude::BinOp::Add, text.as_ref(), newline.as_ref())?;
        let class = vm.types().int;
        vm.call(class.as_ref(), &[line.as_ref()])
    }

    fn int_line(&mut self, vm: &mut Vm) -> PyResult<()> {
        let line = self.text_line(vm)?;
        let v = match buffer::exact(line.as_ref()) {
            b"00" => owned_bool(false),
            b"01" => owned_bool(true),
            text => match self.parse_int(vm, text) {
                Err(e) if vm.raised_is(&e, Exc::ValueError) => {
                    vm.discard(e);
                    return Err(vm.value_error("could not convert string to int"));
                }
                v => v?,
            },
        };
        self.push(vm, v)
    }

    fn long_line(&mut self, vm: &mut Vm) -> PyResult<()> {
        let line = self.text_line(vm)?;
        let text = buffer::exact(line.as_ref());
        let text = text.strip_suffix(b"L").unwrap_or(text);
        let v = self.parse_int(vm, text)?;
        self.push(vm, v)
    }

    fn float_line(&mut self, vm: &mut Vm) -> PyResult<()> {
        let line = self.text_line(vm)?;
        let text = buffer::exact(line.as_ref());
        let strange = text.iter().any(|b| b.is_ascii_whitespace() || *b == b'_');
        let class = vm.types().float;
        let v = match vm.call(class.as_ref(), &[line.as_ref()]) {
            Ok(_) if strange => return Err(vm.value_error("could not convert string to float")),
            Err(e) if vm.raised_is(&e, Exc::ValueError) => {
                vm.discard(e);
                return Err(vm.value_error("could not convert string to float"));
            }
            v => v?,
        };
        self.push(vm, v)
    }

    /// Text of Python 2 in the encoding asked for.
    fn old_text(&mut self, vm: &mut Vm, bytes: Owned) -> PyResult<()> {
        let v = if *self.u.encoding.borrow() == "bytes" {
            bytes
        } else {
            let (encoding, errors) = (self.u.encoding.borrow().clone(), self.u.errors.borrow().clone());
            let (encoding, errors) = (vm.new_str(&encoding)?, vm.new_str(&errors)?);
            vm.call_method(bytes.as_ref(), "decode", &[encoding.as_ref(), errors.as_ref()])?
        };
        self.push(vm, v)
    }

    fn string_line(&mut self, vm: &mut Vm) -> PyResult<()> {
        let line = self.input.line(vm)?;
        let text = match buffer::exact(line.as_ref()) {
            [a @ (b'\'' | b'"'), text @ .., b, b'\n'] if a == b => text,
            _ => return Err(unpickling_error(vm, "the STRING opcode argument must be quoted")),
        };
        let text = vm.new_bytes(text)?;
        let decode = super::table(vm, "_codecs", "escape_decode")?;
        let pair = vm.call(decode.as_ref(), &[text.as_ref()])?;
        match hognose_vm::tuple_items(pair.as_ref()) {
            [bytes, ..] => self.old_text(vm, bytes.owned()),
            [] => Ok(()),
        }
    }

    fn binstring(&mut self, vm: &mut Vm, n: usize) -> PyResult<()> {
        let size = self.size(vm, n)?;
        if n == 4 && (size as u32 as i32) < 0 {
            return Err(unpickling_error(vm, "BINSTRING pickle has negative byte count"));
        }
        let bytes = self.input.take_bytes(vm, size as usize)?;
        self.old_text(vm, bytes)
    }

    // ---- the memo

    fn memoize(&mut self, vm: &mut Vm, n: usize) -> PyResult<()> {
        let v = self.stack.top(vm)?;
        let old = self.u.memo.borrow_mut().set(vm, n, v)?;
        drop(old);
        Ok(())
    }

    fn fetch(&mut self, vm: &mut Vm, n: usize) -> PyResult<()> {
        let found = self.u.memo.borrow().get(vm, n)?;
        match found {
            Some(v) => self.push(vm, v),
            None => Err(unpickling_error(vm, &format!("Memo value not found at index {n}"))),
        }
    }

    fn memo_line(&mut self, vm: &mut Vm, code: u8) -> PyResult<()> {
        let line = self.text_line(vm)?;
        if code == op::PUT {
            self.stack.top(vm)?;
        }
        let n = self.parse_int(vm, buffer::exact(line.as_ref()))?;
        let n = vm.index_isize(n.as_ref(), false)?;
        match (usize::try_from(n), code) {
            (Ok(n), op::PUT) => self.memoize(vm, n),
            (Err(_), op::PUT) => Err(vm.value_error("negative PUT argument")),
            (Ok(n), _) => self.fetch(vm, n),
            (Err(_), _) => Err(unpickling_error(vm, &format!("Memo value not found at index {n}"))),
        }
    }

    // ---- containers

    fn tuple_from(&mut self, vm: &mut Vm, at: usize) -> PyResult<()> {
        let items = self.stack.take_from(vm, at)?;
        let v = vm.new_tuple(items)?;
        self.push(vm, v)
    }

    fn dict(&mut self, vm: &mut Vm) -> PyResult<()> {
        let at = self.stack.unmark(vm)?;
        let items = self.stack.take_from(vm, at)?;
        if items.len() % 2 != 0 {
            return Err(unpickling_error(vm, "odd number of items for DICT"));
        }
        let d = vm.new_dict()?;
        for pair in items.chunks_exact(2) {
            vm.dict_set(d.as_ref(), pair[0].as_ref(), pair[1].as_ref())?;
        }
        self.push(vm, d)
    }

    fn append_from(&mut self, vm: &mut Vm, at: usize) -> PyResult<()> {
        let list = self.stack.at(vm, at)?;
        let items = self.stack.take_from(vm, at)?;
        if items.is_empty() {
            return Ok(());
        }
        if list.as_ref().is_exact(Layout::List)
            && let Some(l) = ListRef::new(list.as_ref())
        {
            for item in items {
                l.push(vm.heap_mut(), item)?;
            }
            return Ok(());
        }
        let name = vm.intern("extend")?;
        if let Some(extend) = vm.get_attr_opt(list.as_ref(), name.as_ref())? {
            let items = vm.new_list(items)?;
            return vm.call(extend.as_ref(), &[items.as_ref()]).map(drop);
        }
        let append = vm.get_attr_name(list.as_ref(), "append")?;
        for item in items {
            vm.call(append.as_ref(), &[item.as_ref()])?;
        }
        Ok(())
    }

    fn set_items_from(&mut self, vm: &mut Vm, at: usize) -> PyResult<()> {
        let dict = self.stack.at(vm, at)?;
        let items = self.stack.take_from(vm, at)?;
        if items.len() % 2 != 0 {
            return Err(unpickling_error(vm, "odd number of items for SETITEMS"));
        }
        let plain = dict.as_ref().is_exact(Layout::Dict) && DictRef::new(dict.as_ref()).is_some();
        for pair in items.chunks_exact(2) {
            let (key, value): (Ref<'_>, Ref<'_>) = (pair[0].as_ref(), pair[1].as_ref());
            if plain {
                vm.dict_set(dict.as_ref(), key, value)?;
            } else {
                vm.set_item(dict.as_ref(), key, Some(value))?;
            }
        }
        Ok(())
    }

    fn add_items(&mut self, vm: &mut Vm) -> PyResult<()> {
        let at = self.stack.unmark(vm)?;
        let set = self.stack.at(vm, at)?;
        let items = self.stack.take_from(vm, at)?;
        if items.is_empty() {
            return Ok(());
        }
        if set.as_ref().has_layout(Layout::Set) {
            for item in items {
                vm.set_add(set.as_ref(), item.as_ref())?;
            }
            return Ok(());
        }
        let add = vm.get_attr_name(set.as_ref(), "add")?;
        for item in items {
            vm.call(add.as_ref(), &[item.as_ref()])?;
        }
        Ok(())
    }
}
