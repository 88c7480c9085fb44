//! `FileIO`: a descriptor, without buffering.
//!
//! A standard stream of the machine has the descriptor's number but reads and writes through the machine, so that a host
//! can send it elsewhere.

mod access;
mod open;

pub(in crate::io) use access::{check_readable, position, read, read_all, seek, std_of, write};

use super::base::{Bases, STREAM, close as base_close};
use super::{DEFAULT_BUFFER, Io, add, closed_error, size_argument, unsupported};
use crate::host::{check, int64, sys};
use crate::prelude::{
    Args, Exc, GetSetDef, Layout, NativeDef, Owned, PyResult, Ref, Slots, TypeDef, TypeRef, ValueExt, Vm,
    owned_bool, payload, trace_fields,
};
use access::{is_seekable, is_terminal};
use hognose_vm::Stream;
use hognose_vm::object::bytes::bytes_of;
use std::cell::Cell;
use std::io;

/// A raw file.
pub(in crate::io) struct File {
    /// -1: closed.
    fd: Cell<i32>,
    created: Cell<bool>,
    readable: Cell<bool>,
    writable: Cell<bool>,
    appending: Cell<bool>,
    /// -1: not known yet.
    seekable: Cell<i32>,
    close_fd: Cell<bool>,
    finalizing: Cell<bool>,
    block: Cell<i64>,
    /// A stream of the machine: its number.
    std: Cell<i32>,
}
trace_fields!(File {});

static TYPE: TypeDef = TypeDef {
    name: "_io.FileIO",
    layout: Layout::Native,
    flags: STREAM,
    doc: "Open a file.\n\nThe mode can be 'r' (default), 'w', 'x' or 'a' for reading,\nwriting, exclusive creation or \
          appending.  The file will be created if it\ndoesn't exist when opened for writing or appending; it will be \
          truncated\nwhen opened for writing.  A FileExistsError will be raised if it already\nexists when opened for \
          creating. Opening a file for creating implies\nwriting so this mode behaves in a similar way to 'w'.Add a \
          '+' to the mode\nto allow simultaneous reading and writing. A custom opener can be used by\npassing a \
          callable as *opener*. The underlying file descriptor for the file\nobject is then obtained by calling opener \
          with (*name*, *flags*).\n*opener* must return an open file descriptor (passing os.open as *opener*\nresults \
          in functionality similar to passing None).",
    slots: Slots { new: Some(new), init: Some(open::init), repr: Some(repr), ..Slots::NONE },
    methods: &[
        NativeDef::method("read", "$self, size=-1, /", |vm, a| {
            let n = size_argument(vm, a.opt(1))?;
            let f = readable(vm, a.get(0))?;
            match n {
                Some(n) => read(vm, f, n),
                None => read_all(vm, f),
            }
        }),
        NativeDef::method("readall", "$self, /", |vm, a| {
            let f = readable(vm, a.get(0))?;
            read_all(vm, f)
        }),
        NativeDef::method("readinto", "$self, buffer, /", |vm, a| {
            let f = readable(vm, a.get(0))?;
            let room = vm.writable_len(a.get(1), "readinto() argument")?;
            let data = read(vm, f, room)?;
            let Some(b) = bytes_of(data.as_ref()) else { return Ok(data) };
            vm.store_bytes(a.get(1), 0, b)?;
            vm.new_int(b.len() as i64)
        }),
        NativeDef::method("write", "$self, b, /", |vm, a| {
            let f = opened(vm, a.get(0))?;
            if !f.writable.get() {
                return Err(unsupported(vm, "File not open for writing"));
            }
            let data = vm.bytes_like(a.get(1))?;
            match write(vm, f, bytes_of(data.as_ref()).unwrap_or(&[]))? {
                Some(n) => vm.new_int(n as i64),
                None => Ok(vm.none()),
            }
        }),
        NativeDef::method("seek", "$self, pos, whence=0, /", |vm, a| {
            let f = opened(vm, a.get(0))?;
            let at = position(vm, a.get(1))?;
            let whence = crate::host::int_or(vm, a.opt(2), 0)?;
            let at = seek(vm, f, at, whence)?;
            vm.new_int(at)
        }),
        NativeDef::method("tell", "$self, /", |vm, a| {
            let f = opened(vm, a.get(0))?;
            let at = seek(vm, f, 0, libc::SEEK_CUR)?;
            vm.new_int(at)
        }),
        NativeDef::method("truncate", "$self, size=None, /", truncate),
        NativeDef::method("close", "$self, /", close),
        NativeDef::method("seekable", "$self, /", |vm, a| {
            let f = opened(vm, a.get(0))?;
            Ok(owned_bool(is_seekable(f)))
        }),
        NativeDef::method("readable", "$self, /", |vm, a| {
            Ok(owned_bool(opened(vm, a.get(0))?.readable.get()))
        }),
        NativeDef::method("writable", "$self, /", |vm, a| {
            Ok(owned_bool(opened(vm, a.get(0))?.writable.get()))
        }),
        NativeDef::method("fileno", "$self, /", |vm, a| {
            let f = opened(vm, a.get(0))?;
            vm.new_int(i64::from(f.fd.get()))
        }),
        NativeDef::method("isatty", "$self, /", |vm, a| {
            let f = opened(vm, a.get(0))?;
            Ok(owned_bool(is_terminal(vm, f)))
        }),
        NativeDef::method("_isatty_open_only", "$self, /", |vm, a| {
            let f = opened(vm, a.get(0))?;
            Ok(owned_bool(is_terminal(vm, f)))
        }),
        NativeDef::method("_dealloc_warn", "$self, source, /", |vm, a| {
            if let Some(f) = payload::<File>(a.get(0))
                && f.fd.get() >= 0
                && f.close_fd.get()
            {
                warn_unclosed(vm, a.get(1));
            }
            Ok(vm.none())
        }),
        NativeDef::method("__getstate__", "$self, /", |vm, a| {
            let class = vm.type_name(a.get(0));
            Err(vm.type_error(&format!("cannot pickle '{class}' object")))
        }),
    ],
    getset: &[
        GetSetDef::read("closed", |_, r| Ok(owned_bool(payload::<File>(r).is_none_or(|f| f.fd.get() < 0)))),
        GetSetDef::read("closefd", |_, r| {
            Ok(owned_bool(payload::<File>(r).is_some_and(|f| f.close_fd.get())))
        }),
        GetSetDef::read("mode", |vm, r| vm.new_str(payload::<File>(r).map_or("", mode_text))),
        GetSetDef::write(
            "_blksize",
            |vm, r| vm.new_int(payload::<File>(r).map_or(0, |f| f.block.get())),
            |vm, r, v| {
                if let (Some(f), Some(v)) = (payload::<File>(r), v) {
                    f.block.set(int64(vm, v)?);
                }
                Ok(())
            },
        ),
        GetSetDef::write(
            "_finalizing",
            |_, r| Ok(owned_bool(payload::<File>(r).is_some_and(|f| f.finalizing.get()))),
            |vm, r, v| {
                if let (Some(f), Some(v)) = (payload::<File>(r), v) {
                    f.finalizing.set(vm.is_true(v)?);
                }
                Ok(())
            },
        ),
    ],
};

pub(in crate::io) fn register(vm: &mut Vm, module: &Owned, bases: &Bases) -> PyResult<()> {
    let class = vm.add_native_subtype::<File>(&TYPE, bases.raw)?;
    vm.state::<Io>().file = Some(class);
    add(vm, module, class)
}

/// The file behind an exact FileIO.
pub(in crate::io) fn exact<'a>(vm: &mut Vm, r: Ref<'a>) -> Option<&'a File> {
    let f = payload::<File>(r)?;
    let own = vm.state::<Io>().file;
    (own == Some(vm.class_of(r))).then_some(f)
}

pub(in crate::io) fn set_finalizing(r: Ref<'_>) {
    if let Some(f) = payload::<File>(r) {
        f.finalizing.set(true);
    }
}

fn empty() -> File {
    File {
        fd: Cell::new(-1),
        created: Cell::new(false),
        readable: Cell::new(false),
        writable: Cell::new(false),
        appending: Cell::new(false),
        seekable: Cell::new(-1),
        close_fd: Cell::new(true),
        finalizing: Cell::new(false),
        block: Cell::new(DEFAULT_BUFFER as i64),
        std: Cell::new(-1),
    }
}

fn new(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    crate::prelude::instance(vm, args.get(0), empty())
}

/// A standard stream.
pub(in crate::io) fn std_file(vm: &mut Vm, stream: Stream) -> PyResult {
    let file = empty();
    file.fd.set(stream.fd());
    file.readable.set(stream == Stream::In);
    file.writable.set(stream != Stream::In);
    file.close_fd.set(false);
    file.std.set(stream.fd());
    let class: Option<TypeRef<'static>> = vm.state::<Io>().file;
    let object = match class {
        Some(class) => vm.new_native_of(class, file)?,
        None => vm.new_native(file)?,
    };
    let (name, value) = (vm.intern("name")?, vm.new_str(stream.name())?);
    vm.set_attr(object.as_ref(), name.as_ref(), Some(value.as_ref()))?;
    Ok(object)
}

fn mode_text(f: &File) -> &'static str {
    let r = f.readable.get();
    match (f.created.get(), f.appending.get(), r, f.writable.get()) {
        (true, _, true, _) => "xb+",
        (true, ..) => "xb",
        (_, true, true, _) => "ab+",
        (_, true, ..) => "ab",
        (_, _, true, true) => "rb+",
        (_, _, true, false) => "rb",
        _ => "wb",
    }
}

pub(in crate::io) fn opened<'a>(vm: &mut Vm, r: Ref<'a>) -> PyResult<&'a File> {
    match payload::<File>(r) {
        Some(f) if f.fd.get() >= 0 => Ok(f),
        _ => Err(vm.value_error("I/O operation on closed file")),
    }
}

fn readable<'a>(vm: &mut Vm, r: Ref<'a>) -> PyResult<&'a File> {
    let f = opened(vm, r)?;
    if f.readable.get() { Ok(f) } else { Err(unsupported(vm, "File not open for reading")) }
}

fn truncate(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let f = opened(vm, args.get(0))?;
    if !f.writable.get() {
        return Err(unsupported(vm, "File not open for writing"));
    }
    let size = match args.opt(1).filter(|s| !s.is_none()) {
        Some(s) => s.owned(),
        None => vm.call_method(args.get(0), "tell", &[])?,
    };
    let n = position(vm, size.as_ref())?;
    let fd = f.fd.get();
    vm.retry(None, || check(sys!(ftruncate(fd, n))))?;
    Ok(size)
}

fn close(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let Some(f) = payload::<File>(args.get(0)) else { return Err(closed_error(vm)) };
    let marked = base_close(vm, args).map_err(|e| vm.catch(e));
    if !f.close_fd.get() {
        f.fd.set(-1);
    } else {
        if f.finalizing.get() && f.fd.get() >= 0 {
            warn_unclosed(vm, args.get(0));
        }
        let fd = f.fd.replace(-1);
        if fd >= 0 && sys!(close(fd)) == -1 {
            let e = io::Error::last_os_error();
            if marked.is_ok() {
                return Err(vm.os_error(&e, None));
            }
        }
    }
    match marked {
        Ok(_) => Ok(vm.none()),
        Err(e) => Err(vm.raise_object(e)),
    }
}

fn warn_unclosed(vm: &mut Vm, source: Ref<'_>) {
    let Ok(text) = vm.repr_text(source) else { return };
    if let Err(e) = vm.warn(Exc::ResourceWarning, &format!("unclosed file {text}")) {
        if vm.raised_is(&e, Exc::Warning) {
            vm.write_unraisable_in(e, "Exception ignored in", Some(source));
        } else {
            vm.discard(e);
        }
    }
}

fn repr(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let Some(f) = payload::<File>(r) else { return vm.default_repr(r) };
    let class = vm.class_of(r);
    let class = vm.qualified_name(class)?;
    if f.fd.get() < 0 {
        return vm.new_str(&format!("<{class} [closed]>"));
    }
    let attribute = vm.intern("name")?;
    let mode = mode_text(f);
    let close_fd = if f.close_fd.get() { "True" } else { "False" };
    let name = match vm.get_attr_opt(r, attribute.as_ref())? {
        None => format!("fd={}", f.fd.get()),
        Some(n) => {
            if !vm.repr_enter(r) {
                return Err(vm.runtime_error(&format!("reentrant call inside {class}.__repr__")));
            }
            let text = vm.repr_text(n.as_ref());
            vm.repr_leave(r);
            format!("name={}", text?)
        }
    };
    vm.new_str(&format!("<{class} {name} mode='{mode}' closefd={close_fd}>"))
}

/// Is the FileIO closed?
pub(in crate::io) fn is_closed(r: Ref<'_>) -> bool {
    payload::<File>(r).is_none_or(|f| f.fd.get() < 0)
}
