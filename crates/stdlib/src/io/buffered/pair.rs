//! `BufferedRWPair`: a reader and a writer side by side.

use super::super::base::{Bases, STREAM, check_able};
use super::{add, finish_close};
use crate::io::Io;
use crate::prelude::{
    Args, GetSetDef, Layout, NativeDef, Owned, PyResult, Ref, Slots, TypeDef, Vm, payload, trace_fields,
};
use std::cell::RefCell;

struct Pair {
    /// Reader and writer, once made.
    parts: RefCell<Option<(Owned, Owned)>>,
}
trace_fields!(Pair { parts });

/// A method of one of the parts.
macro_rules! to {
    ($name:literal, $sig:literal, $which:tt) => {
        NativeDef::method($name, $sig, |vm, a| {
            let parts = parts(vm, a.get(0))?;
            let given: Vec<Ref<'_>> = a.rest(1).iter().copied().filter(|r| !r.is_null()).collect();
            vm.call_method(parts.$which.as_ref(), $name, &given)
        })
    };
}

static TYPE: TypeDef = TypeDef {
    name: "_io.BufferedRWPair",
    layout: Layout::Native,
    flags: STREAM,
    doc: "A buffered reader and writer object together.\n\nA buffered reader object and buffered writer object put \
          together to\nform a sequential IO object that can read and write. This is typically\nused with a socket or \
          two-way pipe.\n\nreader and writer are RawIOBase objects that are readable and\nwriteable respectively. If \
          the buffer_size is omitted it defaults to\nDEFAULT_BUFFER_SIZE.",
    slots: Slots { new: Some(new), init: Some(init), ..Slots::NONE },
    methods: &[
        to!("read", "$self, size=-1, /", 0),
        to!("peek", "$self, size=0, /", 0),
        to!("read1", "$self, size=-1, /", 0),
        to!("readinto", "$self, buffer, /", 0),
        to!("readinto1", "$self, buffer, /", 0),
        to!("readable", "$self, /", 0),
        to!("write", "$self, buffer, /", 1),
        to!("flush", "$self, /", 1),
        to!("writable", "$self, /", 1),
        NativeDef::method("isatty", "$self, /", |vm, a| {
            let (reader, writer) = parts(vm, a.get(0))?;
            let on = vm.call_method(writer.as_ref(), "isatty", &[])?;
            if vm.is_true(on.as_ref())? { Ok(on) } else { vm.call_method(reader.as_ref(), "isatty", &[]) }
        }),
        NativeDef::method("close", "$self, /", |vm, a| {
            let (reader, writer) = parts(vm, a.get(0))?;
            let first = vm.call_method(writer.as_ref(), "close", &[]).map_err(|e| vm.catch(e));
            let second = vm.call_method(reader.as_ref(), "close", &[]);
            finish_close(vm, first, second)
        }),
    ],
    getset: &[GetSetDef::read("closed", |vm, r| {
        let parts = payload::<Pair>(r).and_then(|p| p.parts.borrow().clone());
        match parts {
            Some((_, writer)) => vm.get_attr_name(writer.as_ref(), "closed"),
            None => Err(vm.runtime_error("the BufferedRWPair object is being garbage-collected")),
        }
    })],
};

pub(super) fn register(vm: &mut Vm, module: &Owned, bases: &Bases) -> PyResult<()> {
    let class = vm.add_native_subtype::<Pair>(&TYPE, bases.buffered)?;
    add(vm, module, class)
}

fn parts(vm: &mut Vm, r: Ref<'_>) -> PyResult<(Owned, Owned)> {
    let parts = payload::<Pair>(r).and_then(|p| p.parts.borrow().clone());
    parts.ok_or_else(|| vm.value_error("I/O operation on uninitialized object"))
}

fn new(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    crate::prelude::instance(vm, args.get(0), Pair { parts: RefCell::new(None) })
}

fn init(vm: &mut Vm, args: &Args<'_>) -> PyResult<()> {
    let bound = vm.bind(args, "BufferedRWPair", "reader, writer, buffer_size=131072, /")?;
    let (Some(reader), Some(writer)) = (bound.pos[0], bound.pos[1]) else { return Ok(()) };
    check_able(vm, reader, "readable", "File or stream is not readable.")?;
    check_able(vm, writer, "writable", "File or stream is not writable.")?;
    let size = match bound.pos.get(2).copied().flatten() {
        Some(n) => n.owned(),
        None => vm.new_int(super::super::DEFAULT_BUFFER as i64)?,
    };
    let io = vm.state::<Io>();
    let (Some(r), Some(w)) = (io.reader, io.writer) else { return Ok(()) };
    let reader = vm.call(r.as_ref(), &[reader, size.as_ref()])?;
    let writer = vm.call(w.as_ref(), &[writer, size.as_ref()])?;
    if let Some(p) = payload::<Pair>(args.get(0)) {
        p.parts.replace(Some((reader, writer)));
    }
    Ok(())
}
