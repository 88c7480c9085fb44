//! The module `_struct`: values to bytes and back by a format.
//!
//! ```text
//!  "<2h4s" ─► format: fields with offsets ─► convert: one value ↔ its bytes
//! ```

mod convert;
mod format;

use crate::prelude::{
    Exc, GetSetDef, NativeDef, Owned, PyResult, Raised, Ref, Slots, TypeDef, TypeFlags, Vm, add_exception,
    as_str, base_value, buffer, bytes_arg, instance, new_module, payload, raise_of, str_bytes, trace_fields,
};
use format::Layout;
use hognose_vm::heap::HeapVec;
use std::cell::{Cell, OnceCell};

const FUNCTIONS: &[NativeDef] = &[
    NativeDef::function("_clearcache", "", |vm, _| Ok(vm.none())),
    NativeDef::function("calcsize", "format, /", |vm, a| {
        let n = parse(vm, a.get(0))?.0.size;
        vm.new_int(n as i64)
    }),
    NativeDef::function("pack", "*args", |vm, a| match a.pos {
        [] => Err(vm.type_error("missing format argument")),
        [f, values @ ..] => {
            let l = parse(vm, *f)?.0;
            let out = pack(vm, &l, "pack", values)?;
            vm.new_bytes(&out)
        }
    }),
    NativeDef::function("pack_into", "*args", |vm, a| match a.pos {
        [] => Err(vm.type_error("missing format argument")),
        [f, rest @ ..] => {
            let l = parse(vm, *f)?.0;
            pack_into(vm, &l, rest)
        }
    }),
    NativeDef::function("unpack", "format, buffer, /", |vm, a| {
        let l = parse(vm, a.get(0))?.0;
        unpack(vm, &l, a.get(1))
    }),
    NativeDef::function("unpack_from", "format, /, buffer, offset=0", |vm, a| {
        let l = parse(vm, a.get(0))?.0;
        unpack_from(vm, &l, a.get(1), a.opt(2))
    }),
    NativeDef::function("iter_unpack", "format, buffer, /", |vm, a| {
        let class = vm.native_class::<Struct>().map(|c| c.owned());
        let Some(class) = class else { return Err(vm.runtime_error("no such type")) };
        let s = vm.call(class.as_ref(), &[a.get(0)])?;
        iter_unpack(vm, s.as_ref(), a.get(1))
    }),
];

/// Payload of `Struct`.
struct Struct {
    /// Set by the first `__init__`.
    layout: OnceCell<(Layout, Owned)>,
}
// The format's text is the only reference.
trace_fields!(Struct { layout });
trace_fields!(Layout {});

static STRUCT: TypeDef = TypeDef {
    name: "_struct.Struct",
    doc: "Struct(fmt) --> compiled struct object",
    flags: TypeFlags::BASE_TYPE | TypeFlags::HAS_WEAKREF,
    slots: Slots {
        new: Some(|vm, a| instance(vm, a.get(0), Struct { layout: OnceCell::new() })),
        init: Some(|vm, a| {
            let bound = vm.bind(a, "Struct", "format")?;
            let parsed = parse(vm, bound.pos[0].unwrap_or(a.get(0)))?;
            if let Some(s) = payload::<Struct>(a.get(0)) {
                s.layout.get_or_init(|| parsed);
            }
            Ok(())
        }),
        repr: Some(|vm, r| {
            let text = with(vm, r, |_, _, text| Ok(text.clone()))?;
            let text = vm.repr_text(text.as_ref())?;
            let name = vm.type_name(r);
            let name = name.rsplit('.').next().unwrap_or_default();
            vm.new_str(&format!("{name}({text})"))
        }),
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("pack", "$self, /, *args", |vm, a| {
            let out = with(vm, a.get(0), |vm, l, _| pack(vm, l, "pack", a.rest(1)))?;
            vm.new_bytes(&out)
        }),
        NativeDef::method("pack_into", "$self, /, *args", |vm, a| {
            with(vm, a.get(0), |vm, l, _| pack_into(vm, l, a.rest(1)))
        }),
        NativeDef::method("unpack", "$self, buffer, /", |vm, a| {
            with(vm, a.get(0), |vm, l, _| unpack(vm, l, a.get(1)))
        }),
        NativeDef::method("unpack_from", "$self, /, buffer, offset=0", |vm, a| {
            with(vm, a.get(0), |vm, l, _| unpack_from(vm, l, a.get(1), a.opt(2)))
        }),
        NativeDef::method("iter_unpack", "$self, buffer, /", |vm, a| iter_unpack(vm, a.get(0), a.get(1))),
    ],
    getset: &[
        GetSetDef::read("format", |vm, r| with(vm, r, |_, _, text| Ok(text.clone()))),
        GetSetDef::read("size", |vm, r| with(vm, r, |vm, l, _| vm.new_int(l.size as i64))),
    ],
    ..TypeDef::EMPTY
};

/// Payload of the iterator of `iter_unpack`.
struct Unpacker {
    of: Owned,
    data: Owned,
    at: Cell<usize>,
}
trace_fields!(Unpacker { of, data });

static UNPACKER: TypeDef = TypeDef {
    name: "_struct.unpack_iterator",
    flags: TypeFlags::DISALLOW_INSTANTIATION,
    slots: Slots {
        iter: Some(|_, r| Ok(r.owned())),
        next: Some(|vm, r| {
            let Some(u) = payload::<Unpacker>(r) else { return Ok(None) };
            let at = u.at.get();
            let (of, data) = (u.of.clone(), u.data.clone());
            with(vm, of.as_ref(), |vm, l, _| match buffer::exact(data.as_ref()).get(at..at + l.size) {
                Some(bytes) => {
                    u.at.set(at + l.size);
                    convert::unpack_all(vm, l, bytes).map(Some)
                }
                None => Ok(None),
            })
        }),
        ..Slots::NONE
    },
    methods: &[NativeDef::method("__length_hint__", "$self, /", |vm, a| {
        let Some(u) = payload::<Unpacker>(a.get(0)) else { return Ok(vm.none()) };
        let left = buffer::exact(u.data.as_ref()).len().saturating_sub(u.at.get());
        with(vm, u.of.as_ref(), |vm, l, _| vm.new_int((left / l.size.max(1)) as i64))
    })],
    ..TypeDef::EMPTY
};

/// Makes the module `_struct`.
pub fn make(vm: &mut Vm) -> PyResult {
    let module =
        new_module(vm, "_struct", "Functions to convert between Python values and C structs.", FUNCTIONS)?;
    let class = vm.add_native_type::<Struct>(&STRUCT)?;
    vm.module_set(module.as_ref(), "Struct", class.owned())?;
    vm.add_native_type::<Unpacker>(&UNPACKER)?;
    add_exception(vm, module.as_ref(), "error", "struct", Exc::Exception)?;
    Ok(module)
}

/// `struct.error`
#[cold]
fn error(vm: &mut Vm, message: &str) -> Raised {
    raise_of(vm, "_struct", "error", message)
}

/// Reads a format given as str or bytes; and its text.
fn parse(vm: &mut Vm, r: Ref<'_>) -> PyResult<(Layout, Owned)> {
    let text = if as_str(r).is_some() {
        if !str_bytes(r).is_ascii() {
            let ascii = vm.new_str("ascii")?;
            vm.call_method(r, "encode", &[ascii.as_ref()])?;
        }
        base_value(r).owned()
    } else {
        match buffer::copy_of(vm, r)? {
            Some(b) => {
                let text: String = buffer::exact(b.as_ref()).iter().map(|&b| char::from(b)).collect();
                vm.new_str(&text)?
            }
            None => {
                let class = vm.type_name(r);
                let message = format!("Struct() argument 1 must be a str or bytes object, not {class}");
                return Err(vm.type_error(&message));
            }
        }
    };
    match format::parse(vm.heap(), str_bytes(text.as_ref())) {
        Ok(l) => Ok((l, text)),
        Err(format::Bad::Memory(e)) => Err(e.into()),
        Err(format::Bad::Text(message)) => Err(error(vm, message)),
    }
}

/// Runs `f` with the layout of a `Struct`.
fn with<R>(vm: &mut Vm, r: Ref<'_>, f: impl FnOnce(&mut Vm, &Layout, &Owned) -> PyResult<R>) -> PyResult<R> {
    let Some(s) = payload::<Struct>(r) else { return Err(vm.type_error("a Struct is required")) };
    match s.layout.get() {
        Some((layout, text)) => f(vm, layout, text),
        None => Err(vm.runtime_error("Struct object is not initialized")),
    }
}

fn pack(vm: &mut Vm, l: &Layout, name: &str, values: &[Ref<'_>]) -> PyResult<HeapVec<u8>> {
    if values.len() != l.values {
        let (want, got) = (l.values, values.len());
        return Err(error(vm, &format!("{name} expected {want} items for packing (got {got})")));
    }
    let mut out = HeapVec::new();
    out.reserve(vm.heap(), l.size)?;
    for _ in 0..l.size {
        out.push(vm.heap(), 0)?;
    }
    convert::pack_all(vm, l, values, &mut out)?;
    Ok(out)
}

fn pack_into(vm: &mut Vm, l: &Layout, args: &[Ref<'_>]) -> PyResult {
    let [target, offset, values @ ..] = args else {
        let what = if args.is_empty() { "buffer" } else { "offset" };
        return Err(error(vm, &format!("pack_into expected {what} argument")));
    };
    if values.len() != l.values {
        let (want, got) = (l.values, values.len());
        return Err(error(vm, &format!("pack_into expected {want} items for packing (got {got})")));
    }
    let class = vm.type_name(*target);
    let memory = vm.types().memoryview;
    let len = match vm.call(memory.as_ref(), &[*target]) {
        Ok(view) => {
            let readonly = vm.get_attr_name(view.as_ref(), "readonly")?;
            if vm.is_true(readonly.as_ref())? {
                let message = format!("argument must be read-write bytes-like object, not {class}");
                return Err(vm.type_error(&message));
            }
            let n = vm.get_attr_name(view.as_ref(), "nbytes")?;
            vm.index_isize(n.as_ref(), true)?
        }
        Err(e) => {
            vm.discard(e);
            let message = format!("argument must be read-write bytes-like object, not {class}");
            return Err(vm.type_error(&message));
        }
    };
    let given = vm.ssize_arg(*offset)?;
    let at = place(vm, l, given, len, &PACK_INTO)?;
    let out = pack(vm, l, "pack_into", values)?;
    store(vm, *target, at, &out)?;
    Ok(vm.none())
}

/// What `pack_into` and `unpack_from` say of offsets that do not fit.
struct Direction {
    name: &'static str,
    verb: &'static str,
    /// A negative offset leaves too little before the end.
    short: &'static str,
}

const PACK_INTO: Direction = Direction { name: "pack_into", verb: "packing", short: "no space to pack" };
const UNPACK_FROM: Direction =
    Direction { name: "unpack_from", verb: "unpacking", short: "not enough data to unpack" };

/// Where in a buffer of `len` bytes a struct at the offset given begins; it fits there.
fn place(vm: &mut Vm, l: &Layout, given: isize, len: isize, direction: &Direction) -> PyResult<usize> {
    let (size, Direction { name, verb, short }) = (l.size as isize, direction);
    let mut at = given;
    if given < 0 {
        if given + size > 0 {
            return Err(error(vm, &format!("{short} {size} bytes at offset {given}")));
        }
        if given + len < 0 {
            return Err(error(vm, &format!("offset {given} out of range for {len}-byte buffer")));
        }
        at += len;
    }
    if len - at < size {
        let need = (at as usize).saturating_add(l.size);
        return Err(error(
            vm,
            &format!(
                "{name} requires a buffer of at least {need} bytes for {verb} {size} bytes at offset {at} \
                 (actual buffer size is {len})"
            ),
        ));
    }
    Ok(at as usize)
}

/// Writes bytes into a bytearray or a writable view.
fn store(vm: &mut Vm, target: Ref<'_>, at: usize, bytes: &[u8]) -> PyResult<()> {
    if target.has_layout_of_bytearray() {
        return buffer::change(vm, target, |data, _| {
            if let Some(to) = data.get_mut(at..at + bytes.len()) {
                to.copy_from_slice(bytes);
            }
        });
    }
    let memory = vm.types().memoryview;
    let view = vm.call(memory.as_ref(), &[target])?;
    let format = vm.new_str("B")?;
    let view = vm.call_method(view.as_ref(), "cast", &[format.as_ref()])?;
    for (i, &b) in bytes.iter().enumerate() {
        let (i, b) = (vm.new_int((at + i) as i64)?, vm.new_int(i64::from(b))?);
        vm.set_item(view.as_ref(), i.as_ref(), Some(b.as_ref()))?;
    }
    Ok(())
}

trait IsByteArray {
    fn has_layout_of_bytearray(&self) -> bool;
}

impl IsByteArray for Ref<'_> {
    fn has_layout_of_bytearray(&self) -> bool {
        use crate::prelude::{Layout, ValueExt};
        self.has_layout(Layout::ByteArray)
    }
}

fn unpack(vm: &mut Vm, l: &Layout, r: Ref<'_>) -> PyResult {
    let data = bytes_arg(vm, r)?;
    let bytes = buffer::exact(data.as_ref());
    if bytes.len() != l.size {
        return Err(error(vm, &format!("unpack requires a buffer of {} bytes", l.size)));
    }
    convert::unpack_all(vm, l, bytes)
}

fn unpack_from(vm: &mut Vm, l: &Layout, r: Ref<'_>, offset: Option<Ref<'_>>) -> PyResult {
    let data = bytes_arg(vm, r)?;
    let bytes = buffer::exact(data.as_ref());
    let given = match offset {
        Some(o) => vm.ssize_arg(o)?,
        None => 0,
    };
    let at = place(vm, l, given, bytes.len() as isize, &UNPACK_FROM)?;
    convert::unpack_all(vm, l, &bytes[at..at + l.size])
}

fn iter_unpack(vm: &mut Vm, of: Ref<'_>, r: Ref<'_>) -> PyResult {
    let data = bytes_arg(vm, r)?;
    let len = buffer::exact(data.as_ref()).len();
    let size = with(vm, of, |_, l, _| Ok(l.size))?;
    if size == 0 {
        return Err(error(vm, "cannot iteratively unpack with a struct of length 0"));
    }
    if !len.is_multiple_of(size) {
        return Err(error(
            vm,
            &format!("iterative unpacking requires a buffer of a multiple of {size} bytes"),
        ));
    }
    vm.new_native(Unpacker { of: of.owned(), data, at: Cell::new(0) })
}
