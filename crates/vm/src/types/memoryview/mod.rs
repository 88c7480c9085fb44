//! `memoryview`: a window, one-dimensional, onto bytes or a bytearray.
//!
//!   base   | · | · | item 0 | item 1 | … |        item i is at `start + i * stride`, `size of format` bytes
//!
//! The base is never cached as an address: every access looks it up and checks its bounds. While the view lives a
//! bytearray below cannot be resized (see `Export`). item.rs reads and writes items.

mod item;

use crate::args::{Args, GetSetDef, NativeDef};
use crate::define::TypeDef;
use crate::exceptions::Exc;
use crate::text::as_str;
use crate::type_slots::{CmpOp, Slots};
use crate::types::bytes::container::{self, Export, exact, plain};
use crate::types::str::build::TextBuf;
use crate::types::str::index::{self, Subscript, place};
use crate::{PyResult, Raised, Vm};
use hognose_object::native::payload;
use hognose_object::tuple::TupleRef;
use hognose_object::{Heap, Layout, NOT_IMPLEMENTED, Owned, Ref, ValueExt, none, owned_bool, trace_fields};
use item::Format;
use std::cell::RefCell;

/// A view.
pub struct MemoryView {
    /// What is viewed; nothing once released.
    base: RefCell<Option<Owned>>,
    export: RefCell<Option<Export>>,
    start: usize,
    len: usize,
    stride: isize,
    format: Format,
    readonly: bool,
}

trace_fields!(MemoryView { base });

/// `memoryview`
pub static TYPE: TypeDef = TypeDef {
    name: "memoryview",
    doc: "Create a new memoryview object which references the given object.",
    slots: Slots {
        repr: Some(repr),
        hash: Some(hash),
        richcompare: Some(richcompare),
        len: Some(len),
        getitem: Some(getitem),
        setitem: Some(setitem),
        new: Some(new),
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("release", "$self, /", release),
        NativeDef::method("tobytes", "$self, /, order='C'", tobytes),
        NativeDef::method("tolist", "$self, /", tolist),
        NativeDef::method(
            "hex",
            "$self, sep=<unrepresentable>, bytes_per_sep=1",
            crate::types::bytes::text::hex,
        ),
        NativeDef::method("cast", "$self, format, shape=<unrepresentable>", cast),
        NativeDef::method("toreadonly", "$self, /", toreadonly),
        NativeDef::method("count", "$self, value, /", count),
        NativeDef::method("index", "$self, value, start=0, stop=9223372036854775807, /", index_of),
        NativeDef::method("__enter__", "$self, /", enter),
        NativeDef::method("__exit__", "$self, /, *exc_info", release),
        NativeDef::class_method("__class_getitem__", "$type, item, /", class_getitem),
    ],
    getset: &[
        GetSetDef::read("obj", |vm, r| Ok(live(vm, r)?.1)),
        GetSetDef::read("nbytes", |vm, r| {
            let m = live(vm, r)?.0;
            vm.new_int((m.len * m.format.size()) as i64)
        }),
        GetSetDef::read("itemsize", |vm, r| {
            let m = live(vm, r)?.0;
            vm.new_int(m.format.size() as i64)
        }),
        GetSetDef::read("format", |vm, r| {
            let m = live(vm, r)?.0;
            vm.new_str(m.format.code())
        }),
        GetSetDef::read("ndim", |vm, r| {
            live(vm, r)?;
            vm.new_int(1)
        }),
        GetSetDef::read("shape", |vm, r| {
            let m = live(vm, r)?.0;
            one(vm, m.len as i64)
        }),
        GetSetDef::read("strides", |vm, r| {
            let m = live(vm, r)?.0;
            one(vm, m.stride as i64)
        }),
        GetSetDef::read("suboffsets", |vm, r| {
            live(vm, r)?;
            vm.new_tuple(Vec::new())
        }),
        GetSetDef::read("readonly", |vm, r| Ok(owned_bool(live(vm, r)?.0.readonly))),
        GetSetDef::read("c_contiguous", contiguous),
        GetSetDef::read("f_contiguous", contiguous),
        GetSetDef::read("contiguous", contiguous),
    ],
    ..TypeDef::EMPTY
};

fn one(vm: &mut Vm, n: i64) -> PyResult {
    let n = vm.new_int(n)?;
    vm.new_tuple(vec![n])
}

fn contiguous(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    Ok(owned_bool(live(vm, r)?.0.is_contiguous()))
}

impl MemoryView {
    fn is_contiguous(&self) -> bool {
        self.stride == self.format.size() as isize || self.len <= 1
    }

    /// The bytes shown, if they lie together and the view is not released.
    pub fn contiguous<'x>(&'x self, heap: &'x Heap) -> Option<&'x [u8]> {
        if !self.is_contiguous() {
            return None;
        }
        let base = self.base.borrow();
        let value = base.as_ref()?.value();
        #[allow(unsafe_code, reason = "the base outlives the borrow of the cell")]
        // SAFETY: only `release` empties the cell, which needs the machine that 'x borrows; until then it owns the base.
        let base = unsafe { Ref::from_value(value) };
        plain(heap, base)?.get(self.start..)?.get(..self.len * self.format.size())
    }

    /// Can items not be assigned?
    pub fn is_readonly(&self) -> bool {
        self.readonly
    }

    /// Bytes shown.
    pub fn byte_len(&self) -> usize {
        self.len * self.format.size()
    }

    /// Where the bytes shown begin in the base, if they lie together.
    pub fn contiguous_start(&self) -> Option<usize> {
        self.is_contiguous().then_some(self.start)
    }

    /// ValueError once the view was released.
    pub fn check(&self, vm: &mut Vm) -> PyResult<Owned> {
        let base = self.base.borrow().clone();
        base.ok_or_else(|| vm.value_error("operation forbidden on released memoryview object"))
    }

    /// The bytes shown, copied.
    pub fn copy(&self, vm: &mut Vm) -> PyResult {
        let base = self.check(vm)?;
        if let Some(b) = self.contiguous(vm.heap()) {
            return vm.new_bytes(b);
        }
        let mut out = TextBuf::new();
        let data = plain(vm.heap(), base.as_ref()).unwrap_or(&[]);
        for i in 0..self.len {
            out.push(vm, self.item_bytes(data, i).unwrap_or(&[]))?;
        }
        out.to_bytes(vm)
    }

    fn offset(&self, i: usize) -> usize {
        self.start.wrapping_add_signed(self.stride.wrapping_mul(i as isize))
    }

    fn item_bytes<'b>(&self, data: &'b [u8], i: usize) -> Option<&'b [u8]> {
        data.get(self.offset(i)..)?.get(..self.format.size())
    }

    fn item(&self, vm: &mut Vm, base: Ref<'_>, i: usize) -> PyResult {
        let mut raw = [0; 8];
        let size = self.format.size();
        match plain(vm.heap(), base).and_then(|data| self.item_bytes(data, i)) {
            Some(b) => raw[..size].copy_from_slice(b),
            None => return Err(vm.index_error("index out of bounds on dimension 1")),
        }
        self.format.unpack(vm, raw)
    }

    /// A further view of the same base.
    fn derive(&self, vm: &mut Vm, base: Owned, change: impl FnOnce(&mut MemoryView)) -> PyResult {
        let export = Export::new(vm, base.as_ref());
        let mut m = MemoryView {
            base: RefCell::new(Some(base)),
            export: RefCell::new(export),
            start: self.start,
            len: self.len,
            stride: self.stride,
            format: self.format,
            readonly: self.readonly,
        };
        change(&mut m);
        vm.new_native(m)
    }
}

/// The view behind `r` and its base.
fn live<'a>(vm: &mut Vm, r: Ref<'a>) -> PyResult<(&'a MemoryView, Owned)> {
    let Some(m) = payload::<MemoryView>(r) else { return Err(vm.type_error("a memoryview is required")) };
    let base = m.check(vm)?;
    Ok((m, base))
}

/// `memoryview(object)`
pub fn of(vm: &mut Vm, object: Ref<'_>) -> PyResult {
    if payload::<MemoryView>(object).is_some() {
        let (m, base) = live(vm, object)?;
        return m.derive(vm, base, |_| {});
    }
    if let Some(t) = payload::<container::TypedBuffer>(object) {
        let format = Format::parse(&[t.code]).unwrap_or(Format::CHARS);
        let view = of(vm, t.bytes.as_ref())?;
        let (m, base) = live(vm, view.as_ref())?;
        return m.derive(vm, base, |v| {
            v.format = format;
            v.len /= format.size();
            v.stride = format.size() as isize;
        });
    }
    let Some(len) = plain(vm.heap(), object).map(<[u8]>::len) else {
        if let Some(view) = container::buffer_method(vm, object)? {
            let (m, base) = live(vm, view.as_ref())?;
            return m.derive(vm, base, |_| {});
        }
        let class = vm.type_name(object);
        return Err(vm.type_error(&format!("memoryview: a bytes-like object is required, not '{class}'")));
    };
    let export = Export::new(vm, object);
    vm.new_native(MemoryView {
        base: RefCell::new(Some(object.owned())),
        export: RefCell::new(export),
        start: 0,
        len,
        stride: 1,
        format: Format::BYTES,
        readonly: !object.has_layout(Layout::ByteArray),
    })
}

fn new(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let bound = vm.bind(args, "memoryview", "object")?;
    match bound.pos[0] {
        Some(object) => of(vm, object),
        None => Err(vm.type_error("memoryview() missing required argument 'object' (pos 1)")),
    }
}

fn repr(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let released = payload::<MemoryView>(r).is_none_or(|m| m.base.borrow().is_none());
    let what = if released { "released memory" } else { "memory" };
    vm.new_str(&format!("<{what} at {:#x}>", r.value().bits()))
}

fn hash(vm: &mut Vm, r: Ref<'_>) -> PyResult<i64> {
    let (m, _) = live(vm, r)?;
    if !m.readonly {
        return Err(vm.value_error("cannot hash writable memoryview object"));
    }
    if m.format.size() != 1 {
        return Err(vm.value_error("memoryview: hashing is restricted to formats 'B', 'b' or 'c'"));
    }
    let bytes = m.copy(vm)?;
    vm.hash(bytes.as_ref())
}

fn len(vm: &mut Vm, r: Ref<'_>) -> PyResult<usize> {
    Ok(live(vm, r)?.0.len)
}

fn richcompare(vm: &mut Vm, op: CmpOp, a: Ref<'_>, b: Ref<'_>) -> PyResult {
    let not_implemented = Owned::from_immediate(NOT_IMPLEMENTED);
    if !matches!(op, CmpOp::Eq | CmpOp::Ne) {
        return Ok(not_implemented);
    }
    let equal = if a.is(b) {
        true
    } else {
        let (x, y) = (payload::<MemoryView>(a), payload::<MemoryView>(b));
        let released = |m: Option<&MemoryView>| m.is_some_and(|m| m.base.borrow().is_none());
        if released(x) || released(y) {
            false
        } else if let (Some(x), Some(y)) = (x, y)
            && x.format != y.format
        {
            equal_items(vm, a, b)?
        } else {
            let (Some(x), Some(y)) = (container::copy_of(vm, a)?, container::copy_of(vm, b)?) else {
                return Ok(not_implemented);
            };
            let other = |m: Option<&MemoryView>| m.is_none_or(|m| m.format == Format::BYTES);
            let same =
                payload::<MemoryView>(a).map(|m| m.format) == payload::<MemoryView>(b).map(|m| m.format);
            if same || (other(payload(a)) && other(payload(b))) {
                exact(x.as_ref()) == exact(y.as_ref())
            } else {
                let (x, y) = (of(vm, a)?, of(vm, b)?);
                equal_items(vm, x.as_ref(), y.as_ref())?
            }
        }
    };
    Ok(owned_bool(equal == (op == CmpOp::Eq)))
}

fn equal_items(vm: &mut Vm, a: Ref<'_>, b: Ref<'_>) -> PyResult<bool> {
    let (x, y) = (list(vm, a)?, list(vm, b)?);
    vm.equal(x.as_ref(), y.as_ref())
}

fn bad_key(vm: &mut Vm, key: Ref<'_>) -> Raised {
    match TupleRef::new(key).map(|t| t.items().len()) {
        Some(0) => vm.raise(Exc::NotImplementedError, "sub-views are not implemented"),
        Some(n) => vm.type_error(&format!("cannot index 1-dimension view with {n}-element tuple")),
        None => vm.type_error("memoryview: invalid slice key"),
    }
}

fn getitem(vm: &mut Vm, r: Ref<'_>, key: Ref<'_>) -> PyResult {
    live(vm, r)?;
    let sub = index::subscript(vm, key)?;
    let (m, base) = live(vm, r)?;
    match sub {
        Subscript::At(i) => match place(i, m.len) {
            Some(i) => m.item(vm, base.as_ref(), i),
            None => Err(vm.index_error("index out of bounds on dimension 1")),
        },
        Subscript::Slice(slice) => {
            let f = slice.fit(m.len);
            m.derive(vm, base, |v| {
                v.start = if f.count == 0 { m.start } else { m.offset(f.start) };
                v.len = f.count;
                v.stride = m.stride.wrapping_mul(f.step);
            })
        }
        Subscript::Other => Err(bad_key(vm, key)),
    }
}

fn setitem(vm: &mut Vm, r: Ref<'_>, key: Ref<'_>, value: Option<Ref<'_>>) -> PyResult<()> {
    let (m, base) = live(vm, r)?;
    if m.readonly {
        return Err(vm.type_error("cannot modify read-only memory"));
    }
    let Some(value) = value else { return Err(vm.type_error("cannot delete memory")) };
    match index::subscript(vm, key)? {
        Subscript::At(i) => {
            let Some(i) = place(i, m.len) else {
                return Err(vm.index_error("index out of bounds on dimension 1"));
            };
            let raw = m.format.pack(vm, value)?;
            m.check(vm)?;
            store(vm, m, base.as_ref(), i, &raw[..m.format.size()])
        }
        Subscript::Slice(slice) => {
            let f = slice.fit(m.len);
            let size = m.format.size();
            let Some(new) = container::copy_of(vm, value)? else {
                return Err(container::not_bytes(vm, value));
            };
            let new = exact(new.as_ref());
            let format = payload::<MemoryView>(value).map_or(Format::BYTES, |v| v.format);
            if new.len() != f.count * size || format != m.format {
                let message = "memoryview assignment: lvalue and rvalue have different structures";
                return Err(vm.value_error(message));
            }
            for (k, i) in f.indices().enumerate() {
                store(vm, m, base.as_ref(), i, &new[k * size..(k + 1) * size])?;
            }
            Ok(())
        }
        Subscript::Other => Err(bad_key(vm, key)),
    }
}

fn store(vm: &mut Vm, m: &MemoryView, base: Ref<'_>, i: usize, raw: &[u8]) -> PyResult<()> {
    let at = m.offset(i);
    container::change(vm, base, |data, _| {
        if let Some(place) = data.get_mut(at..at + raw.len()) {
            place.copy_from_slice(raw);
        }
    })
}

fn list(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let (m, base) = live(vm, r)?;
    let items = vm.new_list(Vec::new())?;
    for i in 0..m.len {
        let x = m.item(vm, base.as_ref(), i)?;
        if let Some(l) = hognose_object::list::ListRef::new(items.as_ref()) {
            l.push(vm.heap_mut(), x)?;
        }
    }
    Ok(items)
}

fn release(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let Some(m) = payload::<MemoryView>(args.get(0)) else {
        return Err(vm.type_error("a memoryview is required"));
    };
    m.export.take();
    let base = m.base.take();
    drop(base);
    Ok(none())
}

fn enter(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    live(vm, args.get(0))?;
    Ok(args.get(0).owned())
}

fn tobytes(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    live(vm, args.get(0))?.0.copy(vm)
}

fn tolist(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    list(vm, args.get(0))
}

fn toreadonly(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let (m, base) = live(vm, args.get(0))?;
    m.derive(vm, base, |v| v.readonly = true)
}

fn cast(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let (m, base) = live(vm, args.get(0))?;
    let Some(format) = as_str(args.get(1)) else {
        let class = vm.type_name(args.get(1));
        return Err(vm.type_error(&format!("cast() argument 'format' must be str, not {class}")));
    };
    let Some(format) = Format::parse(format.as_bytes()) else {
        return Err(vm.value_error(
            "memoryview: destination format must be a native single character format prefixed with an optional '@'",
        ));
    };
    if args.opt(2).is_some() {
        return Err(
            vm.raise(Exc::NotImplementedError, "memoryview: only one-dimensional views are supported")
        );
    }
    if !m.is_contiguous() {
        return Err(vm.type_error("memoryview: casts are restricted to C-contiguous views"));
    }
    if m.format.size() != 1 && format.size() != 1 {
        return Err(vm.type_error("memoryview: cannot cast between two non-byte formats"));
    }
    let bytes = m.len * m.format.size();
    if !bytes.is_multiple_of(format.size()) {
        return Err(vm.type_error("memoryview: length is not a multiple of itemsize"));
    }
    m.derive(vm, base, |v| {
        v.format = format;
        v.len = bytes / format.size();
        v.stride = format.size() as isize;
    })
}

fn count(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let items = list(vm, args.get(0))?;
    vm.call_method(items.as_ref(), "count", &[args.get(1)])
}

fn index_of(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let (m, base) = live(vm, args.get(0))?;
    let bounds = index::Bounds::read(vm, args.opt(2), args.opt(3))?;
    for i in bounds.fit(m.len).unwrap_or(0..0) {
        let x = m.item(vm, base.as_ref(), i)?;
        if vm.equal(x.as_ref(), args.get(1))? {
            return vm.new_int(i as i64);
        }
    }
    Err(vm.value_error("memoryview.index(x): x not found"))
}

fn class_getitem(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    vm.new_generic_alias(args.get(0), args.get(1))
}
