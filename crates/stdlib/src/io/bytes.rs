//! `BytesIO`: a binary stream over a bytearray of its own.
//!
//! `getbuffer()` gives a memoryview of that bytearray, so the rule that it must not be resized meanwhile is the
//! bytearray's. The position may be past the end; writing there fills the gap with zeros.

use super::base::{Bases, STREAM, push};
use super::{add, closed_error, size_argument};
use crate::prelude::{
    Args, GetSetDef, Layout, NativeDef, Owned, PyResult, Ref, Slots, TypeDef, ValueExt, Vm, owned_bool,
    payload, trace_fields,
};
use crate::support::integer_or_none;
use hognose_vm::object::bytes::bytes_of;
use std::cell::{Cell, RefCell};

/// The stream; no buffer once closed.
struct Bytes {
    buffer: RefCell<Option<Owned>>,
    at: Cell<usize>,
}
trace_fields!(Bytes { buffer });

static TYPE: TypeDef = TypeDef {
    name: "_io.BytesIO",
    layout: Layout::Native,
    flags: STREAM,
    doc: "Buffered I/O implementation using an in-memory bytes buffer.",
    slots: Slots { new: Some(new), init: Some(init), iter: Some(iter), next: Some(next), ..Slots::NONE },
    methods: &[
        NativeDef::method("readable", "$self, /", yes),
        NativeDef::method("writable", "$self, /", yes),
        NativeDef::method("seekable", "$self, /", yes),
        NativeDef::method("flush", "$self, /", |vm, a| {
            open(vm, a.get(0))?;
            Ok(vm.none())
        }),
        NativeDef::method("isatty", "$self, /", |vm, a| {
            open(vm, a.get(0))?;
            Ok(owned_bool(false))
        }),
        NativeDef::method("tell", "$self, /", |vm, a| {
            let (b, _) = open(vm, a.get(0))?;
            vm.new_int(b.at.get() as i64)
        }),
        NativeDef::method("getvalue", "$self, /", |vm, a| {
            let (_, buffer) = open(vm, a.get(0))?;
            vm.bytes_like(buffer.as_ref())
        }),
        NativeDef::method("getbuffer", "$self, /", |vm, a| {
            let (_, buffer) = open(vm, a.get(0))?;
            vm.memoryview_of(buffer.as_ref())
        }),
        NativeDef::method("read", "$self, size=-1, /", read),
        NativeDef::method("read1", "$self, size=-1, /", read),
        NativeDef::method("peek", "$self, size=1, /", |vm, a| {
            let (b, buffer) = open(vm, a.get(0))?;
            let n = match a.opt(1) {
                Some(n) => vm.index_isize(n, false)?,
                None => 1,
            };
            let rest = rest(vm, b, &buffer);
            let n = usize::try_from(n).ok().filter(|n| *n > 0).unwrap_or(rest.len()).min(rest.len());
            vm.new_bytes(&rest[..n])
        }),
        NativeDef::method("readline", "$self, size=-1, /", |vm, a| {
            let limit = size_argument(vm, a.opt(1))?;
            let (b, buffer) = open(vm, a.get(0))?;
            line(vm, b, &buffer, limit)
        }),
        NativeDef::method("readlines", "$self, size=None, /", readlines),
        NativeDef::method("readinto", "$self, buffer, /", |vm, a| {
            let (b, buffer) = open(vm, a.get(0))?;
            let room = vm.writable_len(a.get(1), "readinto() argument")?;
            let n = room.min(rest(vm, b, &buffer).len());
            let data = take(vm, b, &buffer, n)?;
            vm.store_bytes(a.get(1), 0, bytes_of(data.as_ref()).unwrap_or(&[]))?;
            vm.new_int(n as i64)
        }),
        NativeDef::method("write", "$self, b, /", |vm, a| {
            let (b, buffer) = open(vm, a.get(0))?;
            let n = write(vm, b, &buffer, a.get(1))?;
            vm.new_int(n as i64)
        }),
        NativeDef::method("writelines", "$self, lines, /", |vm, a| {
            open(vm, a.get(0))?;
            let mut lines = vm.iterate(a.get(1))?;
            while let Some(l) = lines.next(vm)? {
                let (b, buffer) = open(vm, a.get(0))?;
                write(vm, b, &buffer, l.as_ref())?;
            }
            Ok(vm.none())
        }),
        NativeDef::method("seek", "$self, pos, whence=0, /", seek),
        NativeDef::method("truncate", "$self, size=None, /", truncate),
        NativeDef::method("close", "$self, /", |vm, a| {
            if let Some(b) = payload::<Bytes>(a.get(0)) {
                if let Some(buffer) = b.buffer.borrow().clone() {
                    vm.check_resizable(buffer.as_ref())?;
                }
                b.buffer.replace(None);
            }
            Ok(vm.none())
        }),
        NativeDef::method("__getstate__", "$self, /", getstate),
        NativeDef::method("__setstate__", "$self, state, /", setstate),
        NativeDef::method("__sizeof__", "$self, /", |vm, a| {
            let n = payload::<Bytes>(a.get(0)).and_then(|b| b.buffer.borrow().clone());
            let n = n.map_or(0, |b| vm.bytes_view(b.as_ref()).map_or(0, <[u8]>::len));
            vm.new_int(88 + n as i64)
        }),
    ],
    getset: &[GetSetDef::read("closed", |_, r| {
        Ok(owned_bool(payload::<Bytes>(r).is_none_or(|b| b.buffer.borrow().is_none())))
    })],
};

pub(super) fn register(vm: &mut Vm, module: &Owned, bases: &Bases) -> PyResult<()> {
    let class = vm.add_native_subtype::<Bytes>(&TYPE, bases.buffered)?;
    add(vm, module, class)
}

fn new(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let buffer = vm.new_bytearray_zeroed(0)?;
    crate::prelude::instance(vm, args.get(0), Bytes { buffer: RefCell::new(Some(buffer)), at: Cell::new(0) })
}

fn init(vm: &mut Vm, args: &Args<'_>) -> PyResult<()> {
    let bound = vm.bind(args, "BytesIO", "initial_bytes=b''")?;
    let Some(b) = payload::<Bytes>(args.get(0)) else { return Ok(()) };
    let old = b.buffer.borrow().clone();
    if let Some(old) = old {
        vm.check_resizable(old.as_ref())?;
    }
    let buffer = vm.new_bytearray_zeroed(0)?;
    if let Some(initial) = bound.pos[0].filter(|i| !i.is_none()) {
        let data = vm.bytes_like(initial)?;
        let data = bytes_of(data.as_ref()).unwrap_or(&[]);
        vm.bytearray_edit(buffer.as_ref(), |v, heap| v.extend_from_slice(heap, data))??;
    }
    b.buffer.replace(Some(buffer));
    b.at.set(0);
    Ok(())
}

/// Is it a BytesIO (or subclass)?
pub(super) fn is_bytes_io(r: Ref<'_>) -> bool {
    payload::<Bytes>(r).is_some()
}

/// The stream and its bytearray.
fn open<'a>(vm: &mut Vm, r: Ref<'a>) -> PyResult<(&'a Bytes, Owned)> {
    let Some(b) = payload::<Bytes>(r) else { return Err(vm.type_error("a BytesIO is required")) };
    let buffer = b.buffer.borrow().clone();
    match buffer {
        Some(buffer) => Ok((b, buffer)),
        None => Err(closed_error(vm)),
    }
}

fn yes(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    open(vm, args.get(0))?;
    Ok(owned_bool(true))
}

/// What lies behind the position.
fn rest<'x>(vm: &'x Vm, b: &Bytes, buffer: &'x Owned) -> &'x [u8] {
    vm.bytes_view(buffer.as_ref()).and_then(|v| v.get(b.at.get()..)).unwrap_or(&[])
}

/// Reads `n` bytes, which are there.
fn take(vm: &mut Vm, b: &Bytes, buffer: &Owned, n: usize) -> PyResult {
    let data = rest(vm, b, buffer).get(..n).unwrap_or(&[]);
    let n = data.len();
    let out = vm.new_bytes(data)?;
    b.at.set(b.at.get() + n);
    Ok(out)
}

fn read(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let n = size_argument(vm, args.opt(1))?;
    let (b, buffer) = open(vm, args.get(0))?;
    let all = rest(vm, b, &buffer).len();
    take(vm, b, &buffer, n.unwrap_or(all).min(all))
}

fn line(vm: &mut Vm, b: &Bytes, buffer: &Owned, limit: Option<usize>) -> PyResult {
    let data = rest(vm, b, buffer);
    let n = data.iter().position(|&c| c == b'\n').map_or(data.len(), |i| i + 1);
    take(vm, b, buffer, n.min(limit.unwrap_or(n)))
}

fn readlines(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let most = size_argument(vm, args.opt(1))?.filter(|&n| n > 0);
    let list = vm.new_list(Vec::new())?;
    let (b, buffer) = open(vm, args.get(0))?;
    let mut total = 0;
    loop {
        let l = line(vm, b, &buffer, None)?;
        let n = bytes_of(l.as_ref()).map_or(0, <[u8]>::len);
        if n == 0 {
            return Ok(list);
        }
        push(vm, &list, l)?;
        total += n;
        if most.is_some_and(|m| total >= m) {
            return Ok(list);
        }
    }
}

fn iter(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    open(vm, r)?;
    Ok(r.owned())
}

fn next(vm: &mut Vm, r: Ref<'_>) -> PyResult<Option<Owned>> {
    let (b, buffer) = open(vm, r)?;
    let l = line(vm, b, &buffer, None)?;
    Ok(bytes_of(l.as_ref()).is_some_and(|l| !l.is_empty()).then_some(l))
}

fn write(vm: &mut Vm, b: &Bytes, buffer: &Owned, data: Ref<'_>) -> PyResult<usize> {
    if crate::prelude::as_str(data).is_some() {
        let class = vm.type_name(data);
        return Err(vm.type_error(&format!("a bytes-like object is required, not '{class}'")));
    }
    let data = vm.bytes_like(data)?;
    let data = bytes_of(data.as_ref()).unwrap_or(&[]);
    vm.check_resizable(buffer.as_ref())?;
    if b.buffer.borrow().is_none() {
        return Err(closed_error(vm));
    }
    if data.is_empty() {
        return Ok(0);
    }
    let at = b.at.get();
    let Some(end) = at.checked_add(data.len()).filter(|e| *e <= isize::MAX as usize) else {
        return Err(vm.overflow_error("new position too large"));
    };
    vm.bytearray_edit(buffer.as_ref(), |v, heap| {
        if at > v.len() {
            zeros(v, heap, at - v.len())?;
        }
        let inside = (v.len() - at).min(data.len());
        v[at..at + inside].copy_from_slice(&data[..inside]);
        v.extend_from_slice(heap, &data[inside..])
    })??;
    b.at.set(end);
    Ok(data.len())
}

/// Appends zeros.
fn zeros(
    v: &mut hognose_vm::heap::HeapVec<u8>,
    heap: &hognose_vm::heap::Heap,
    mut n: usize,
) -> Result<(), hognose_vm::heap::OutOfMemory> {
    v.reserve(heap, n)?;
    const BLOCK: [u8; 4096] = [0; 4096];
    while n > 0 {
        let k = n.min(BLOCK.len());
        v.extend_from_slice(heap, &BLOCK[..k])?;
        n -= k;
    }
    Ok(())
}

fn seek(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let to = vm.index_isize(args.get(1), false)?;
    let whence = crate::host::int_or(vm, args.opt(2), 0)?;
    let (b, buffer) = open(vm, args.get(0))?;
    let base = match whence {
        0 if to < 0 => return Err(vm.value_error(&format!("negative seek value {to}"))),
        0 => 0,
        1 => b.at.get(),
        2 => vm.bytes_view(buffer.as_ref()).map_or(0, <[u8]>::len),
        _ => return Err(vm.value_error(&format!("invalid whence ({whence}, should be 0, 1 or 2)"))),
    };
    let Some(at) = (base as isize).checked_add(to) else {
        return Err(vm.overflow_error("new position too large"));
    };
    b.at.set(at.max(0) as usize);
    vm.new_int(at.max(0) as i64)
}

fn truncate(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let (b, buffer) = open(vm, args.get(0))?;
    let size = integer_or_none(vm, args.opt(1))?.unwrap_or(b.at.get() as isize);
    vm.check_resizable(buffer.as_ref())?;
    let Ok(size) = usize::try_from(size) else {
        return Err(vm.value_error(&format!("negative size value {size}")));
    };
    vm.bytearray_edit(buffer.as_ref(), |v, _| v.truncate(size))?;
    vm.new_int(size as i64)
}

fn getstate(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let (b, buffer) = open(vm, args.get(0))?;
    let value = vm.bytes_like(buffer.as_ref())?;
    let at = vm.new_int(b.at.get() as i64)?;
    let dict = match vm.instance_dict(args.get(0))? {
        Some(d) if vm.len(d.as_ref())? > 0 => vm.call_method(d.as_ref(), "copy", &[])?,
        _ => vm.none(),
    };
    vm.new_tuple(vec![value, at, dict])
}

fn setstate(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let (r, state) = (args.get(0), args.get(1));
    let items = hognose_vm::tuple_items(state);
    let [value, at, dict, ..] = items else {
        let (class, got) = (vm.type_name(r), vm.type_name(state));
        let text = format!("{class}.__setstate__ argument should be 3-tuple, got {got}");
        return Err(vm.type_error(&text));
    };
    let (b, old) = open(vm, r)?;
    vm.check_resizable(old.as_ref())?;
    let data = vm.bytes_like(*value)?;
    if !hognose_vm::is_int(crate::prelude::base_value(*at)) {
        let got = vm.type_name(*at);
        return Err(vm.type_error(&format!("second item of state must be an integer, not {got}")));
    }
    let at = vm.index_isize(*at, false)?;
    let Ok(at) = usize::try_from(at) else {
        return Err(vm.value_error("position value cannot be negative"));
    };
    let buffer = vm.new_bytearray_zeroed(0)?;
    let data = bytes_of(data.as_ref()).unwrap_or(&[]);
    vm.bytearray_edit(buffer.as_ref(), |v, heap| v.extend_from_slice(heap, data))??;
    b.buffer.replace(Some(buffer));
    b.at.set(at);
    set_dict(vm, r, *dict, "third")?;
    Ok(vm.none())
}

/// Attributes from a pickled state.
pub(super) fn set_dict(vm: &mut Vm, r: Ref<'_>, dict: Ref<'_>, place: &str) -> PyResult<()> {
    if dict.is_none() {
        return Ok(());
    }
    if !dict.has_layout(Layout::Dict) {
        let got = vm.type_name(dict);
        return Err(vm.type_error(&format!("{place} item of state should be a dict, got a {got}")));
    }
    let items = vm.call_method(dict, "items", &[])?;
    for pair in vm.collect(items.as_ref())? {
        if let [k, v] = hognose_vm::tuple_items(pair.as_ref()) {
            vm.set_attr(r, *k, Some(*v))?;
        }
    }
    Ok(())
}
