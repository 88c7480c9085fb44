//! One object on its way out: what kind it is, and the atoms.
//!
//!   save ─► persistent id? ─► atom ─► in the memo? ─► string, container ─► reducer_override ─► class, function
//!        ─► dispatch table ─► __reduce_ex__                                       (CPython's order)

use super::memo::Memo;
use super::output::Output;
use super::{class_text, op, pickling_error, table};
use crate::prelude::{Layout, Owned, PyResult, Ref, ValueExt, Vm, as_str, buffer, is_int, small_int_of};
use hognose_vm::TextBuf;
use hognose_vm::object::float::{float_of, float_repr};
use hognose_vm::object::int::bigint_of;
use std::cell::RefCell;

/// One call of `dump`.
pub(super) struct Saver<'a> {
    pub(super) memo: &'a RefCell<Memo>,
    pub(super) out: Output,
    pub(super) proto: i64,
    pub(super) bin: bool,
    pub(super) fast: bool,
    pub(super) fix_imports: bool,
    pub(super) persistent_id: Option<Owned>,
    pub(super) reducer_override: Option<Owned>,
    pub(super) dispatch_table: Option<Owned>,
    pub(super) buffer_callback: Option<Owned>,
    /// `copyreg.dispatch_table`, once it is needed.
    pub(super) common_table: Option<Owned>,
    /// `copyreg._extension_registry`, once it is needed.
    pub(super) extensions: Option<Owned>,
    /// Depth of lists, dicts and instances in fast mode.
    pub(super) nesting: usize,
    /// Those that are being saved beyond [`FAST_NESTING_MAX`], by address.
    pub(super) inside: Vec<u64>,
}

/// From this depth on fast mode looks for cycles.
const FAST_NESTING_MAX: usize = 50;

impl Saver<'_> {
    /// Writes an object; `ask`: its persistent id counts.
    pub(super) fn save(&mut self, vm: &mut Vm, obj: Ref<'_>, ask: bool) -> PyResult<()> {
        self.out.boundary(vm)?;
        if ask
            && let Some(f) = self.persistent_id.clone()
            && self.save_persistent(vm, f.as_ref(), obj)?
        {
            return Ok(());
        }
        if self.save_atom(vm, obj)? {
            return Ok(());
        }
        let known = self.memo.borrow().get(obj);
        if let Some(n) = known {
            return self.write_get(vm, n);
        }
        match obj.layout_of() {
            Some(Layout::Str) if obj.is_exact(Layout::Str) => return self.save_str(vm, obj),
            Some(Layout::Bytes) if obj.is_exact(Layout::Bytes) => return self.save_bytes(vm, obj),
            _ => {}
        }
        if let Err(e) = vm.check_native_stack() {
            vm.discard(e);
            return Err(vm.recursion_error(" while pickling an object"));
        }
        match obj.layout_of() {
            Some(Layout::Tuple) if obj.is_exact(Layout::Tuple) => self.save_tuple(vm, obj),
            Some(Layout::List) if obj.is_exact(Layout::List) => self.save_list(vm, obj),
            Some(Layout::Dict) if obj.is_exact(Layout::Dict) => self.save_dict(vm, obj),
            Some(Layout::Set) if obj.is_exact(Layout::Set) => self.save_set(vm, obj),
            Some(Layout::FrozenSet) if obj.is_exact(Layout::FrozenSet) => self.save_frozenset(vm, obj),
            Some(Layout::ByteArray) if obj.is_exact(Layout::ByteArray) => self.save_bytearray(vm, obj),
            _ => self.save_other(vm, obj),
        }
    }

    fn save_other(&mut self, vm: &mut Vm, obj: Ref<'_>) -> PyResult<()> {
        if super::buffer::is_buffer(obj) {
            return self.save_picklebuffer(vm, obj);
        }
        if let Some(f) = self.reducer_override.clone() {
            let value = vm.call(f.as_ref(), &[obj])?;
            if value.value() != crate::prelude::NOT_IMPLEMENTED {
                return self.save_reduced(vm, obj, value.as_ref());
            }
        }
        let class = vm.class_of(obj);
        if class == vm.types().type_ {
            return self.save_type(vm, obj);
        }
        if obj.has_layout(Layout::Function) {
            return self.save_global(vm, obj, None);
        }
        match self.reducer_of(vm, class.as_ref())? {
            Some(f) => {
                let value = vm.call(f.as_ref(), &[obj])?;
                self.save_reduced(vm, obj, value.as_ref())
            }
            None if class.is_subclass_of(vm.types().type_) => self.save_global(vm, obj, None),
            None => {
                let value = self.reduce(vm, obj)?;
                self.save_reduced(vm, obj, value.as_ref())
            }
        }
    }

    /// What the dispatch table has for a class.
    fn reducer_of(&mut self, vm: &mut Vm, class: Ref<'_>) -> PyResult<Option<Owned>> {
        if let Some(t) = self.dispatch_table.clone() {
            if t.as_ref().is_exact(Layout::Dict) {
                return vm.dict_get(t.as_ref(), class);
            }
            return match vm.get_item(t.as_ref(), class) {
                Ok(f) => Ok(Some(f)),
                Err(e) if vm.raised_is(&e, crate::prelude::Exc::KeyError) => {
                    vm.discard(e);
                    Ok(None)
                }
                Err(e) => Err(e),
            };
        }
        let t = match &self.common_table {
            Some(t) => t.clone(),
            None => {
                let t = table(vm, "copyreg", "dispatch_table")?;
                self.common_table = Some(t.clone());
                t
            }
        };
        vm.dict_get(t.as_ref(), class)
    }

    /// `obj.__reduce_ex__(protocol)`, or what stands for it.
    fn reduce(&mut self, vm: &mut Vm, obj: Ref<'_>) -> PyResult {
        let name = vm.intern("__reduce_ex__")?;
        if let Some(f) = vm.get_attr_opt(obj, name.as_ref())? {
            let proto = vm.new_int(self.proto)?;
            return vm.call(f.as_ref(), &[proto.as_ref()]);
        }
        let name = vm.intern("__reduce__")?;
        if let Some(f) = vm.get_attr_opt(obj, name.as_ref())? {
            return vm.call(f.as_ref(), &[]);
        }
        let class = class_text(vm, obj);
        Err(pickling_error(vm, &format!("Can't pickle {class} object")))
    }

    // ---- the memo

    /// Numbers an object and says so.
    pub(super) fn memoize(&mut self, vm: &mut Vm, obj: Ref<'_>) -> PyResult<()> {
        if self.fast {
            return Ok(());
        }
        let n = {
            let mut memo = self.memo.borrow_mut();
            let n = memo.len();
            memo.set(vm, obj, n)?;
            n
        };
        if self.proto >= 4 {
            return Ok(self.out.op(vm, op::MEMOIZE)?);
        }
        self.write_numbered(vm, n, [op::PUT, op::BINPUT, op::LONG_BINPUT], "LONG_BINPUT")
    }

    /// Fetches what the memo has.
    pub(super) fn write_get(&mut self, vm: &mut Vm, n: usize) -> PyResult<()> {
        self.write_numbered(vm, n, [op::GET, op::BINGET, op::LONG_BINGET], "LONG_BINGET")
    }

    fn write_numbered(&mut self, vm: &mut Vm, n: usize, ops: [u8; 3], name: &str) -> PyResult<()> {
        if !self.bin {
            self.out.write(vm, &[ops[0]])?;
            return Ok(self.out.write(vm, format!("{n}\n").as_bytes())?);
        }
        if let Ok(n) = u8::try_from(n) {
            return Ok(self.out.write(vm, &[ops[1], n])?);
        }
        let Ok(n) = u32::try_from(n) else {
            return Err(pickling_error(vm, &format!("memo id too large for {name}")));
        };
        let [a, b, c, d] = n.to_le_bytes();
        Ok(self.out.write(vm, &[ops[2], a, b, c, d])?)
    }

    /// In fast mode: ValueError when a container is inside itself.
    pub(super) fn fast_enter(&mut self, vm: &mut Vm, obj: Ref<'_>) -> PyResult<()> {
        self.nesting += 1;
        if self.nesting < FAST_NESTING_MAX {
            return Ok(());
        }
        let bits = obj.value().bits();
        if self.inside.contains(&bits) {
            let class = vm.type_name(obj);
            let message =
                format!("fast mode: can't pickle cyclic objects including object type {class} at {bits:#x}");
            return Err(vm.value_error(&message));
        }
        self.inside.push(bits);
        Ok(())
    }

    pub(super) fn fast_leave(&mut self) {
        if self.nesting >= FAST_NESTING_MAX {
            self.inside.pop();
        }
        self.nesting -= 1;
    }

    // ---- atoms

    /// Objects the memo never has. `false`: it is none.
    fn save_atom(&mut self, vm: &mut Vm, obj: Ref<'_>) -> PyResult<bool> {
        if obj.is_none() {
            self.out.op(vm, op::NONE)?;
        } else if obj.is_bool() {
            let yes = obj.value() == hognose_vm::TRUE;
            if self.proto >= 2 {
                self.out.op(vm, if yes { op::NEWTRUE } else { op::NEWFALSE })?;
            } else {
                self.out.write(vm, if yes { b"I01\n" } else { b"I00\n" })?;
            }
        } else if is_int(obj) {
            match small_int_of(obj) {
                Some(n) => self.save_small_int(vm, obj, n)?,
                None => self.save_long(vm, obj)?,
            }
        } else if let Some(x) = float_of(obj) {
            if self.bin {
                let mut b = [op::BINFLOAT; 9];
                b[1..].copy_from_slice(&x.to_be_bytes());
                self.out.write(vm, &b)?;
            } else {
                self.out.write(vm, format!("F{}\n", float_repr(x)).as_bytes())?;
            }
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    fn save_small_int(&mut self, vm: &mut Vm, obj: Ref<'_>, n: i64) -> PyResult<()> {
        let Ok(n) = i32::try_from(n) else { return self.save_long(vm, obj) };
        if !self.bin {
            return Ok(self.out.write(vm, format!("I{n}\n").as_bytes())?);
        }
        let [a, b, c, d] = n.to_le_bytes();
        Ok(match (c | d, b) {
            (0, 0) => self.out.write(vm, &[op::BININT1, a]),
            (0, _) => self.out.write(vm, &[op::BININT2, a, b]),
            _ => self.out.write(vm, &[op::BININT, a, b, c, d]),
        }?)
    }

    fn save_long(&mut self, vm: &mut Vm, obj: Ref<'_>) -> PyResult<()> {
        if self.proto < 2 {
            let text = vm.repr(obj)?;
            self.out.op(vm, op::LONG)?;
            self.out.write(vm, crate::prelude::str_bytes(text.as_ref()))?;
            return Ok(self.out.write(vm, b"L\n")?);
        }
        let bytes = bigint_of(obj).unwrap_or_default().to_signed_bytes_le();
        let Ok(n) = i32::try_from(bytes.len()) else {
            return Err(vm.overflow_error("int too large to pickle"));
        };
        match u8::try_from(n) {
            Ok(n) => self.out.write(vm, &[op::LONG1, n])?,
            Err(_) => {
                self.out.op(vm, op::LONG4)?;
                self.out.write(vm, &n.to_le_bytes())?;
            }
        }
        Ok(self.out.write(vm, &bytes)?)
    }

    pub(super) fn save_str(&mut self, vm: &mut Vm, obj: Ref<'_>) -> PyResult<()> {
        let Some(text) = as_str(obj) else { return Ok(()) };
        if self.bin {
            let b = text.as_bytes();
            let (mut header, n) = ([0; 9], b.len());
            let used = match u32::try_from(n) {
                Ok(n) if n <= 0xff && self.proto >= 4 => put(&mut header, op::SHORT_BINUNICODE, &[n as u8]),
                Ok(n) => put(&mut header, op::BINUNICODE, &n.to_le_bytes()),
                Err(_) if self.proto >= 4 => put(&mut header, op::BINUNICODE8, &n.to_le_bytes()),
                Err(_) => {
                    let message =
                        "serializing a string larger than 4 GiB requires pickle protocol 4 or higher";
                    return Err(vm.overflow_error(message));
                }
            };
            self.out.long_bytes(vm, &header[..used], b, |vm| vm.new_bytes(b))?;
        } else {
            let mut line = TextBuf::new();
            line.push_byte(vm, op::UNICODE)?;
            for c in text.chars() {
                match c {
                    0 | 10 | 13 | 0x1a | 0x5c | 0x100..=0xffff => {
                        line.push(vm, format!("\\u{c:04x}").as_bytes())?;
                    }
                    0x10000.. => line.push(vm, format!("\\U{c:08x}").as_bytes())?,
                    _ => line.push_byte(vm, c as u8)?,
                }
            }
            line.push_byte(vm, b'\n')?;
            self.out.write(vm, line.as_bytes())?;
        }
        self.memoize(vm, obj)
    }

    fn save_bytes(&mut self, vm: &mut Vm, obj: Ref<'_>) -> PyResult<()> {
        let b = buffer::exact(obj);
        if self.proto >= 3 {
            return self.save_bytes_data(vm, b, obj);
        }
        let value = if b.is_empty() {
            let args = vm.empty_tuple().owned();
            let class = vm.types().bytes.owned();
            vm.new_pair(class, args)?
        } else {
            let text = vm.decode(b, "latin-1", "strict")?;
            let name = vm.intern("latin1")?;
            let args = vm.new_pair(text, name)?;
            let encode = table(vm, "codecs", "encode")?;
            vm.new_pair(encode, args)?
        };
        self.save_reduce(vm, value.as_ref(), obj)
    }

    /// Bytes that `obj` stands for in the memo.
    pub(super) fn save_bytes_data(&mut self, vm: &mut Vm, b: &[u8], obj: Ref<'_>) -> PyResult<()> {
        let (mut header, n) = ([0; 9], b.len());
        let used = match u32::try_from(n) {
            Ok(n) if n <= 0xff => put(&mut header, op::SHORT_BINBYTES, &[n as u8]),
            Ok(n) => put(&mut header, op::BINBYTES, &n.to_le_bytes()),
            Err(_) if self.proto >= 4 => put(&mut header, op::BINBYTES8, &n.to_le_bytes()),
            Err(_) => {
                let message =
                    "serializing a bytes object larger than 4 GiB requires pickle protocol 4 or higher";
                return Err(vm.overflow_error(message));
            }
        };
        self.out.long_bytes(vm, &header[..used], b, |vm| vm.new_bytes(b))?;
        self.memoize(vm, obj)
    }

    pub(super) fn save_bytearray_data(&mut self, vm: &mut Vm, b: &[u8], obj: Ref<'_>) -> PyResult<()> {
        let mut header = [0; 9];
        put(&mut header, op::BYTEARRAY8, &b.len().to_le_bytes());
        self.out.long_bytes(vm, &header, b, |vm| vm.new_bytes(b))?;
        self.memoize(vm, obj)
    }

    fn save_bytearray(&mut self, vm: &mut Vm, obj: Ref<'_>) -> PyResult<()> {
        let copy = crate::prelude::bytes_arg(vm, obj)?;
        let b = buffer::exact(copy.as_ref());
        if self.proto >= 5 {
            return self.save_bytearray_data(vm, b, obj);
        }
        let args = if b.is_empty() { vm.empty_tuple().owned() } else { vm.new_tuple(vec![copy.clone()])? };
        let class = vm.types().bytearray.owned();
        let value = vm.new_pair(class, args)?;
        self.save_reduce(vm, value.as_ref(), obj)
    }

    /// A persistent id, if the object has one.
    fn save_persistent(&mut self, vm: &mut Vm, f: Ref<'_>, obj: Ref<'_>) -> PyResult<bool> {
        let id = vm.call(f, &[obj])?;
        if id.as_ref().is_none() {
            return Ok(false);
        }
        if self.bin {
            self.save(vm, id.as_ref(), false)?;
            self.out.op(vm, op::BINPERSID)?;
            return Ok(true);
        }
        let text = vm.str(id.as_ref())?;
        let Some(s) = as_str(text.as_ref()).filter(|s| s.is_ascii()) else {
            return Err(pickling_error(vm, "persistent IDs in protocol 0 must be ASCII strings"));
        };
        self.out.op(vm, op::PERSID)?;
        self.out.write(vm, s.as_bytes())?;
        self.out.op(vm, b'\n')?;
        Ok(true)
    }
}

/// An instruction and its argument at the beginning of `header`; gives their length.
fn put(header: &mut [u8; 9], op: u8, arg: &[u8]) -> usize {
    header[0] = op;
    header[1..=arg.len()].copy_from_slice(arg);
    arg.len() + 1
}
