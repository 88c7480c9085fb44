//! The module `array`: numbers side by side.
//!
//!   array ─► TypedBuffer ─► bytearray │ item │ item │ …        item.rs: one item
//!
//! The bytes are an inner bytearray, so memoryviews work and hold off changes of size.

mod change;
mod item;
mod methods;

use crate::prelude::{
    Args, BinOp, CLASS_GETITEM, CmpOp, GetSetDef, ListRef, NativeDef, Owned, PyResult, Ref, Slots, TypeDef,
    TypeFlags, ValueExt, Vm, as_str, base_value, buffer, instance, is_int, new_module, none, not_implemented,
    owned_bool, payload, str_bytes, trace_fields,
};
use buffer::TypedBuffer;
use item::{is_text, load, width};
use std::cell::Cell;

static TYPE: TypeDef = TypeDef {
    name: "array.array",
    doc: "array(typecode [, initializer]) -> array\n\nReturn a new array whose items are restricted by typecode.",
    flags: TypeFlags::BASE_TYPE | TypeFlags::HAS_WEAKREF | TypeFlags::SEQUENCE,
    slots: Slots {
        new: Some(new),
        repr: Some(methods::repr),
        richcompare: Some(richcompare),
        iter: Some(|vm, r| vm.new_native(Items { array: r.owned(), at: Cell::new(0) })),
        len: Some(|vm, r| Ok(this(vm, r)?.len(vm))),
        getitem: Some(getitem),
        setitem: Some(change::setitem),
        contains: Some(|vm, r, x| Ok(methods::find(vm, r, x, 0, usize::MAX)?.is_some())),
        binary: Some(change::binary),
        binary_ops: BinOp::Add.bit() | BinOp::Mul.bit(),
        inplace: Some(change::inplace),
        inplace_ops: BinOp::Add.bit() | BinOp::Mul.bit(),
        ..Slots::NONE
    },
    methods: methods::METHODS,
    getset: &[
        GetSetDef::read("typecode", |vm, r| {
            let code = this(vm, r)?.code;
            vm.new_str_bytes(&[code])
        }),
        GetSetDef::read("itemsize", |vm, r| {
            let n = width(this(vm, r)?.code);
            vm.new_int(n as i64)
        }),
    ],
    ..TypeDef::EMPTY
};

/// Payload of the iterator.
struct Items {
    array: Owned,
    at: Cell<usize>,
}
trace_fields!(Items { array });

static ITEMS: TypeDef = TypeDef {
    name: "array.arrayiterator",
    flags: TypeFlags::DISALLOW_INSTANTIATION,
    slots: Slots {
        iter: Some(|_, r| Ok(r.owned())),
        next: Some(|vm, r| {
            let Some(it) = payload::<Items>(r) else { return Ok(None) };
            let i = it.at.get();
            let a = this(vm, it.array.as_ref())?;
            if i >= a.len(vm) {
                it.at.set(usize::MAX);
                return Ok(None);
            }
            it.at.set(i + 1);
            a.item(vm, i).map(Some)
        }),
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("__reduce__", "$self, /", |vm, a| {
            let Some(it) = payload::<Items>(a.get(0)) else { return Ok(none()) };
            let builtins = vm.import_dotted("builtins")?;
            let f = vm.get_attr_name(builtins.as_ref(), "iter")?;
            if it.at.get() == usize::MAX {
                let empty = vm.new_tuple(Vec::new())?;
                let args = vm.new_tuple(vec![empty])?;
                return vm.new_pair(f, args);
            }
            let args = vm.new_tuple(vec![it.array.clone()])?;
            let at = vm.new_int(it.at.get() as i64)?;
            vm.new_tuple(vec![f, args, at])
        }),
        NativeDef::method("__setstate__", "$self, state, /", |vm, a| {
            let n = usize::try_from(vm.ssize_arg(a.get(1))?).unwrap_or(0);
            if let Some(it) = payload::<Items>(a.get(0)) {
                let most = this(vm, it.array.as_ref())?.len(vm);
                it.at.set(n.min(most));
            }
            Ok(none())
        }),
    ],
    ..TypeDef::EMPTY
};

/// Makes the module `array`.
pub fn make(vm: &mut Vm) -> PyResult {
    const FUNCTIONS: &[NativeDef] = &[NativeDef::function(
        "_array_reconstructor",
        "arraytype, typecode, mformat_code, items, /",
        methods::reconstruct,
    )];
    let doc = "This module defines an object type which can efficiently represent\nan array of basic values: characters, integers, floating-point\nnumbers.";
    let module = new_module(vm, "array", doc, FUNCTIONS)?;
    let class = vm.add_native_type::<TypedBuffer>(&TYPE)?;
    vm.add_native_type::<Items>(&ITEMS)?;
    vm.module_set(module.as_ref(), "array", class.owned())?;
    vm.module_set(module.as_ref(), "ArrayType", class.owned())?;
    let codes = vm.new_str_bytes(item::CODES)?;
    vm.module_set(module.as_ref(), "typecodes", codes)?;
    Ok(module)
}

fn this<'a>(vm: &mut Vm, r: Ref<'a>) -> PyResult<&'a TypedBuffer> {
    payload::<TypedBuffer>(r).ok_or_else(|| vm.type_error("an array is required"))
}

/// What arrays are asked for.
trait Array {
    fn bytes_len(&self, vm: &Vm) -> usize;
    fn len(&self, vm: &Vm) -> usize;
    fn item(&self, vm: &mut Vm, i: usize) -> PyResult;
    fn copy_bytes(&self, vm: &Vm, from: usize, to: usize) -> PyResult;
}

impl Array for TypedBuffer {
    fn bytes_len(&self, vm: &Vm) -> usize {
        buffer::plain(vm.heap(), self.bytes.as_ref()).map_or(0, <[u8]>::len)
    }

    fn len(&self, vm: &Vm) -> usize {
        self.bytes_len(vm) / width(self.code)
    }

    /// Item `i`; IndexError when it is not there (any more).
    fn item(&self, vm: &mut Vm, i: usize) -> PyResult {
        let n = width(self.code);
        let mut raw = [0; 8];
        let found = i
            .checked_mul(n)
            .and_then(|at| buffer::plain(vm.heap(), self.bytes.as_ref()).and_then(|b| b.get(at..at + n)));
        match found {
            Some(b) => raw[..n].copy_from_slice(b),
            None => return Err(vm.index_error("array index out of range")),
        }
        load(vm, self.code, &raw[..n])
    }

    /// A part, by bytes, as an exact bytes object.
    fn copy_bytes(&self, vm: &Vm, from: usize, to: usize) -> PyResult {
        let all = buffer::plain(vm.heap(), self.bytes.as_ref()).unwrap_or(&[]);
        let to = to.min(all.len());
        vm.new_bytes(&all[from.min(to)..to])
    }
}

/// A new array of the plain type.
fn make_array(vm: &mut Vm, code: u8, bytes: &[u8]) -> PyResult {
    let bytes = buffer::new_array(vm, bytes)?;
    vm.new_native(TypedBuffer { bytes, code })
}

fn new(vm: &mut Vm, a: &Args<'_>) -> PyResult {
    let plain = vm.native_class::<TypedBuffer>().is_some_and(|c| c.as_ref().is(a.get(0)));
    if plain && !a.kwnames.is_empty() {
        return Err(vm.type_error("array.array() takes no keyword arguments"));
    }
    let (code, initial) = match a.rest(1) {
        [] => return Err(vm.type_error("array() takes at least 1 argument (0 given)")),
        [code] => (*code, None),
        [code, initial] => (*code, Some(*initial)),
        more => {
            let n = more.len();
            return Err(vm.type_error(&format!("array() takes at most 2 arguments ({n} given)")));
        }
    };
    let Some(text) = as_str(code) else {
        let class = vm.type_name(code);
        return Err(vm.type_error(&format!("array() argument 1 must be a unicode character, not {class}")));
    };
    if text.char_len() != 1 {
        let n = text.char_len();
        let message = format!("array() argument 1 must be a unicode character, not a string of length {n}");
        return Err(vm.type_error(&message));
    }
    let code = match text.as_bytes() {
        [c] if item::CODES.contains(c) => *c,
        _ => {
            let message = "bad typecode (must be b, B, u, w, h, H, i, I, l, L, q, Q, f or d)";
            return Err(vm.value_error(message));
        }
    };
    let bytes = buffer::new_array(vm, &[])?;
    let made = instance(vm, a.get(0), TypedBuffer { bytes, code })?;
    if let Some(initial) = initial {
        fill(vm, made.as_ref(), code, initial)?;
    }
    Ok(made)
}

/// Takes over what an array is made from.
fn fill(vm: &mut Vm, array: Ref<'_>, code: u8, initial: Ref<'_>) -> PyResult<()> {
    if as_str(initial).is_some() {
        if !is_text(code) {
            let code = char::from(code);
            let message = format!("cannot use a str to initialize an array with typecode '{code}'");
            return Err(vm.type_error(&message));
        }
        return change::add_text(vm, array, str_bytes(initial));
    }
    if let Some(other) = payload::<TypedBuffer>(initial) {
        if is_text(other.code) && !is_text(code) {
            let code = char::from(code);
            let message = format!("cannot use a unicode array to initialize an array with typecode '{code}'");
            return Err(vm.type_error(&message));
        }
        if other.code == code {
            let bytes = other.copy_bytes(vm, 0, usize::MAX)?;
            return change::add_bytes(vm, array, buffer::exact(bytes.as_ref()));
        }
    } else if let Some(bytes) = buffer::plain(vm.heap(), initial) {
        let bytes = vm.new_bytes(bytes)?;
        return change::add_whole_items(vm, array, bytes.as_ref());
    }
    change::add_items(vm, array, initial)
}

fn getitem(vm: &mut Vm, r: Ref<'_>, key: Ref<'_>) -> PyResult {
    if key.is_exact(crate::prelude::Layout::Slice) {
        let raw = vm.slice_unpack(key)?;
        let a = this(vm, r)?;
        let n = width(a.code);
        let b = raw.bounds(a.len(vm));
        let mut out = hognose_vm::TextBuf::new();
        out.reserve(vm, b.count * n)?;
        let mut at = b.start;
        for _ in 0..b.count {
            let all = buffer::plain(vm.heap(), a.bytes.as_ref()).unwrap_or(&[]);
            let part = usize::try_from(at).ok().and_then(|at| all.get(at * n..at * n + n)).unwrap_or(&[]);
            out.push(vm, part)?;
            // A step may be larger than any array.
            at = at.wrapping_add(b.step);
        }
        return make_array(vm, a.code, out.as_bytes());
    }
    let i = place(vm, r, key)?;
    match i {
        Some(i) => this(vm, r)?.item(vm, i),
        None => Err(vm.index_error("array index out of range")),
    }
}

/// A subscript as an index; `None`: out of range.
fn place(vm: &mut Vm, r: Ref<'_>, key: Ref<'_>) -> PyResult<Option<usize>> {
    if !is_int(base_value(key)) && vm.class_of(key).slots().index.is_none() {
        return Err(vm.type_error("array indices must be integers"));
    }
    let i = vm.subscript_slow(key, "array")?;
    let n = this(vm, r)?.len(vm) as isize;
    let i = if i < 0 { i + n } else { i };
    Ok((0..n).contains(&i).then_some(i as usize))
}

fn richcompare(vm: &mut Vm, op: CmpOp, a: Ref<'_>, b: Ref<'_>) -> PyResult {
    let (Some(x), Some(y)) = (payload::<TypedBuffer>(a), payload::<TypedBuffer>(b)) else {
        return Ok(not_implemented());
    };
    let (m, n) = (x.len(vm), y.len(vm));
    if m != n && matches!(op, CmpOp::Eq | CmpOp::Ne) {
        return Ok(owned_bool(op == CmpOp::Ne));
    }
    for i in 0..m.min(n) {
        let (p, q) = (x.item(vm, i)?, y.item(vm, i)?);
        if !vm.equal(p.as_ref(), q.as_ref())? {
            return match op {
                CmpOp::Eq | CmpOp::Ne => Ok(owned_bool(op == CmpOp::Ne)),
                _ => vm.compare(op, p.as_ref(), q.as_ref()),
            };
        }
    }
    Ok(owned_bool(op.holds(m.cmp(&n))))
}

/// All items as a list.
fn to_list(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let list = vm.new_list(Vec::new())?;
    let a = this(vm, r)?;
    for i in 0..a.len(vm) {
        let x = a.item(vm, i)?;
        if let Some(l) = ListRef::new(list.as_ref()) {
            l.push(vm.heap_mut(), x)?;
        }
    }
    Ok(list)
}
