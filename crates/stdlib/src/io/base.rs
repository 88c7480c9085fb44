//! The abstract bases: `_IOBase`, `_RawIOBase`, `_BufferedIOBase`, `_TextIOBase`.
//!
//! Their instances have no state of their own: that a stream was closed is an attribute in its dict, as on CPython, so
//! any Python class can derive from them.

use super::{add, closed_error, truth, unsupported};
use crate::prelude::{
    Args, Exc, GetSetDef, Layout, ListRef, NativeDef, Owned, PyResult, Ref, Slots, TypeDef, TypeFlags,
    TypeRef, ValueExt, Vm, owned_bool,
};
use hognose_vm::object::bytes::bytes_of;

/// The four classes.
pub(super) struct Bases {
    pub raw: TypeRef<'static>,
    pub buffered: TypeRef<'static>,
    pub text: TypeRef<'static>,
}

const FLAGS: u32 = TypeFlags::BASE_TYPE | TypeFlags::HAS_DICT | TypeFlags::HAS_WEAKREF;
/// Flags of all classes of streams.
pub(super) const STREAM: u32 = FLAGS;

static IO_BASE: TypeDef = TypeDef {
    name: "_io._IOBase",
    layout: Layout::Instance,
    flags: FLAGS,
    doc: "The abstract base class for all I/O classes.\n\nThis class provides dummy implementations for many methods \
          that\nderived classes can override selectively; the default implementations\nrepresent a file that cannot be \
          read, written or seeked.\n\nEven though IOBase does not declare read, readinto, or write because\ntheir \
          signatures will vary, implementations and clients should\nconsider those methods part of the interface. \
          Also, implementations\nmay raise UnsupportedOperation when operations they do not support are\ncalled.",
    slots: Slots { iter: Some(iter), next: Some(next), ..Slots::NONE },
    methods: &[
        NativeDef::method("seek", "$self, offset, whence=0, /", |vm, _| Err(unsupported(vm, "seek"))),
        NativeDef::method("tell", "$self, /", |vm, a| {
            let (zero, one) = (vm.new_int(0)?, vm.new_int(1)?);
            vm.call_method(a.get(0), "seek", &[zero.as_ref(), one.as_ref()])
        }),
        NativeDef::method("truncate", "$self, size=None, /", |vm, _| Err(unsupported(vm, "truncate"))),
        NativeDef::method("flush", "$self, /", |vm, a| {
            if is_marked(vm, a.get(0))? { Err(closed_error(vm)) } else { Ok(vm.none()) }
        }),
        NativeDef::method("close", "$self, /", close),
        NativeDef::method("seekable", "$self, /", |_, _| Ok(owned_bool(false))),
        NativeDef::method("readable", "$self, /", |_, _| Ok(owned_bool(false))),
        NativeDef::method("writable", "$self, /", |_, _| Ok(owned_bool(false))),
        NativeDef::method("_checkClosed", "$self, msg=None, /", |vm, a| {
            check_closed(vm, a.get(0))?;
            Ok(vm.none())
        }),
        NativeDef::method("_checkSeekable", "$self, msg=None, /", |vm, a| {
            check_able(vm, a.get(0), "seekable", "File or stream is not seekable.")
        }),
        NativeDef::method("_checkReadable", "$self, msg=None, /", |vm, a| {
            check_able(vm, a.get(0), "readable", "File or stream is not readable.")
        }),
        NativeDef::method("_checkWritable", "$self, msg=None, /", |vm, a| {
            check_able(vm, a.get(0), "writable", "File or stream is not writable.")
        }),
        NativeDef::method("fileno", "$self, /", |vm, _| Err(unsupported(vm, "fileno"))),
        NativeDef::method("isatty", "$self, /", |vm, a| {
            check_closed(vm, a.get(0))?;
            Ok(owned_bool(false))
        }),
        NativeDef::method("__enter__", "$self, /", |vm, a| {
            check_closed(vm, a.get(0))?;
            Ok(a.get(0).owned())
        }),
        NativeDef::method("__exit__", "$self, /, *args", |vm, a| vm.call_method(a.get(0), "close", &[])),
        NativeDef::method("readline", "$self, size=-1, /", readline),
        NativeDef::method("readlines", "$self, hint=-1, /", readlines),
        NativeDef::method("writelines", "$self, lines, /", writelines),
        NativeDef::method("__del__", "$self, /", finalize),
    ],
    getset: &[
        GetSetDef::read("closed", |vm, r| Ok(owned_bool(is_marked(vm, r)?))),
        GetSetDef::read("__dict__", |vm, r| Ok(vm.instance_dict(r)?.unwrap_or_else(|| vm.none()))),
    ],
};

static RAW: TypeDef = TypeDef {
    name: "_io._RawIOBase",
    layout: Layout::Instance,
    flags: FLAGS,
    doc: "Base class for raw binary I/O.",
    methods: &[
        NativeDef::method("read", "$self, size=-1, /", raw_read),
        NativeDef::method("readall", "$self, /", raw_readall),
        NativeDef::method("readinto", "$self, /, *args", |vm, _| {
            Err(vm.raise_with(Exc::NotImplementedError, Vec::new()))
        }),
        NativeDef::method("write", "$self, /, *args", |vm, _| {
            Err(vm.raise_with(Exc::NotImplementedError, Vec::new()))
        }),
    ],
    ..TypeDef::EMPTY
};

static BUFFERED: TypeDef = TypeDef {
    name: "_io._BufferedIOBase",
    layout: Layout::Instance,
    flags: FLAGS,
    doc: "Base class for buffered IO objects.\n\nThe main difference with RawIOBase is that the read() method\nsupports \
          omitting the size argument, and does not have a default\nimplementation that defers to readinto().\n\nIn \
          addition, read(), readinto() and write() may raise\nBlockingIOError if the underlying raw stream is in \
          non-blocking\nmode and not ready; unlike their raw counterparts, they will never\nreturn None.\n\nA typical \
          implementation should not inherit from a RawIOBase\nimplementation, but wrap one.",
    methods: &[
        NativeDef::method("detach", "$self, /", |vm, _| Err(unsupported(vm, "detach"))),
        NativeDef::method("read", "$self, size=-1, /", |vm, _| Err(unsupported(vm, "read"))),
        NativeDef::method("read1", "$self, size=-1, /", |vm, _| Err(unsupported(vm, "read1"))),
        NativeDef::method("readinto", "$self, buffer, /", |vm, a| buffered_readinto(vm, a, "read")),
        NativeDef::method("readinto1", "$self, buffer, /", |vm, a| buffered_readinto(vm, a, "read1")),
        NativeDef::method("write", "$self, b, /", |vm, _| Err(unsupported(vm, "write"))),
    ],
    ..TypeDef::EMPTY
};

static TEXT: TypeDef = TypeDef {
    name: "_io._TextIOBase",
    layout: Layout::Instance,
    flags: FLAGS,
    doc: "Base class for text I/O.\n\nThis class provides a character and line based interface to stream\nI/O. There is \
          no readinto method because Python's character strings\nare immutable.",
    methods: &[
        NativeDef::method("detach", "$self, /", |vm, _| Err(unsupported(vm, "detach"))),
        NativeDef::method("read", "$self, size=-1, /", |vm, _| Err(unsupported(vm, "read"))),
        NativeDef::method("readline", "$self, size=-1, /", |vm, _| Err(unsupported(vm, "readline"))),
        NativeDef::method("write", "$self, s, /", |vm, _| Err(unsupported(vm, "write"))),
    ],
    getset: &[
        GetSetDef::read("encoding", |vm, _| Ok(vm.none())),
        GetSetDef::read("newlines", |vm, _| Ok(vm.none())),
        GetSetDef::read("errors", |vm, _| Ok(vm.none())),
    ],
    ..TypeDef::EMPTY
};

pub(super) fn register(vm: &mut Vm, module: &Owned) -> PyResult<Bases> {
    let object = vm.types().object;
    let io = vm.add_subtype(&IO_BASE, object)?;
    let raw = vm.add_subtype(&RAW, io)?;
    let buffered = vm.add_subtype(&BUFFERED, io)?;
    let text = vm.add_subtype(&TEXT, io)?;
    for class in [io, raw, buffered, text] {
        add(vm, module, class)?;
    }
    Ok(Bases { raw, buffered, text })
}

/// Attribute that says that a stream was closed.
const MARK: &str = "__IOBase_closed";

fn is_marked(vm: &mut Vm, r: Ref<'_>) -> PyResult<bool> {
    let mark = vm.intern(MARK)?;
    Ok(vm.get_attr_opt(r, mark.as_ref())?.is_some())
}

/// ValueError when `r.closed` is true.
pub(super) fn check_closed(vm: &mut Vm, r: Ref<'_>) -> PyResult<()> {
    if truth(vm, r, "closed")? { Err(closed_error(vm)) } else { Ok(()) }
}

/// UnsupportedOperation unless the method `name` gives True.
pub(super) fn check_able(vm: &mut Vm, r: Ref<'_>, name: &str, text: &str) -> PyResult {
    let able = vm.call_method(r, name, &[])?;
    if able.value() != hognose_vm::TRUE {
        return Err(unsupported(vm, text));
    }
    Ok(able)
}

/// Flushes and marks; marks even when flushing fails.
pub(super) fn close(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let r = args.get(0);
    if is_marked(vm, r)? {
        return Ok(vm.none());
    }
    let flushed = vm.call_method(r, "flush", &[]);
    let saved = flushed.map_err(|e| vm.catch(e));
    let mark = vm.intern(MARK)?;
    let yes = owned_bool(true);
    let marked = vm.set_attr(r, mark.as_ref(), Some(yes.as_ref()));
    match (saved, marked) {
        (Err(e), _) => Err(vm.raise_object(e)),
        (Ok(_), Err(e)) => Err(e),
        _ => Ok(vm.none()),
    }
}

/// `__del__`: closes what was not closed; there is nobody to tell when that fails.
fn finalize(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let r = args.get(0);
    if !vm.class_of(r).is_heap_type() && super::bytes::is_bytes_io(r) {
        // Nothing to write anywhere; what looks at its memory keeps that alive.
        return Ok(vm.none());
    }
    let closed = match truth(vm, r, "closed") {
        Ok(closed) => closed,
        Err(e) => {
            vm.discard(e);
            return Ok(vm.none());
        }
    };
    if closed {
        return Ok(vm.none());
    }
    super::file::set_finalizing(r);
    if let Err(e) = vm.call_method(r, "close", &[]) {
        vm.write_unraisable_in(e, "Exception ignored while closing file", Some(r));
    }
    Ok(vm.none())
}

fn iter(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    check_closed(vm, r)?;
    Ok(r.owned())
}

fn next(vm: &mut Vm, r: Ref<'_>) -> PyResult<Option<Owned>> {
    let line = vm.call_method(r, "readline", &[])?;
    let empty = vm.len(line.as_ref())? == 0;
    Ok((!empty).then_some(line))
}

/// Through `peek` where there is one, else byte by byte.
fn readline(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let r = args.get(0);
    let limit = super::size_argument(vm, args.opt(1))?;
    let peek = vm.intern("peek")?;
    let peek = vm.get_attr_opt(r, peek.as_ref())?;
    let mut out: Vec<u8> = Vec::new();
    let mut charged = 0;
    let result = loop {
        if limit.is_some_and(|l| out.len() >= l) {
            break Ok(());
        }
        match line_part(vm, r, peek.as_ref(), limit.map(|l| l - out.len())) {
            Ok(part) => {
                if let Err(e) = vm.heap().charge_external(part.len()) {
                    break Err(e.into());
                }
                charged += part.len();
                out.extend_from_slice(&part);
                if part.is_empty() || out.ends_with(b"\n") {
                    break Ok(());
                }
            }
            Err(e) => break Err(e),
        }
    };
    vm.heap().discharge_external(charged);
    result?;
    vm.new_bytes(&out)
}

fn line_part(vm: &mut Vm, r: Ref<'_>, peek: Option<&Owned>, left: Option<usize>) -> PyResult<Vec<u8>> {
    let mut wanted = 1;
    if let Some(peek) = peek {
        let one = vm.new_int(1)?;
        let ahead = vm.call(peek.as_ref(), &[one.as_ref()])?;
        let Some(ahead) = bytes_of(ahead.as_ref()) else {
            let class = vm.type_name(ahead.as_ref());
            let text = format!("peek() should have returned a bytes object, not '{class}'");
            return Err(vm.raise(Exc::OSError, &text));
        };
        if !ahead.is_empty() {
            wanted = ahead.iter().position(|&b| b == b'\n').map_or(ahead.len(), |i| i + 1);
            wanted = wanted.min(left.unwrap_or(wanted));
        }
    }
    let n = vm.new_int(wanted as i64)?;
    let part = vm.call_method(r, "read", &[n.as_ref()])?;
    match bytes_of(part.as_ref()) {
        Some(b) => Ok(b.to_vec()),
        None => {
            let class = vm.type_name(part.as_ref());
            let text = format!("read() should have returned a bytes object, not '{class}'");
            Err(vm.raise(Exc::OSError, &text))
        }
    }
}

fn readlines(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let hint = super::size_argument(vm, args.opt(1))?.filter(|&h| h > 0);
    let list = vm.new_list(Vec::new())?;
    let it = vm.iter(args.get(0))?;
    let mut total = 0usize;
    while let Some(line) = vm.next(it.as_ref())? {
        if hint.is_some() {
            total = total.saturating_add(vm.len(line.as_ref())?);
        }
        push(vm, &list, line)?;
        if hint.is_some_and(|h| total > h) {
            break;
        }
    }
    Ok(list)
}

/// Appends to a list just made.
pub(super) fn push(vm: &mut Vm, list: &Owned, item: Owned) -> PyResult<()> {
    if let Some(l) = ListRef::new(list.as_ref()) {
        l.push(vm.heap_mut(), item)?;
    }
    Ok(())
}

fn writelines(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    check_closed(vm, args.get(0))?;
    let mut lines = vm.iterate(args.get(1))?;
    while let Some(line) = lines.next(vm)? {
        vm.call_method(args.get(0), "write", &[line.as_ref()])?;
    }
    Ok(vm.none())
}

fn raw_read(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let r = args.get(0);
    let size = match args.opt(1).filter(|s| !s.is_none()) {
        Some(s) => vm.index_isize(s, false)?,
        None => -1,
    };
    let Ok(size) = usize::try_from(size) else { return vm.call_method(r, "readall", &[]) };
    let buffer = vm.new_bytearray_zeroed(size)?;
    let n = vm.call_method(r, "readinto", &[buffer.as_ref()])?;
    if n.as_ref().is_none() {
        return Ok(n);
    }
    let n = vm.index_isize(n.as_ref(), false)?;
    let all = vm.bytes_view(buffer.as_ref()).unwrap_or(&[]);
    match usize::try_from(n).ok().and_then(|n| all.get(..n)) {
        Some(b) => vm.new_bytes(b),
        None => Err(vm.value_error(&format!("readinto returned {n} outside buffer size {size}"))),
    }
}

fn raw_readall(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let r = args.get(0);
    let mut parts: Vec<Owned> = Vec::new();
    loop {
        let n = vm.new_int(super::DEFAULT_BUFFER as i64)?;
        let part = vm.call_method(r, "read", &[n.as_ref()])?;
        if part.as_ref().is_none() {
            if parts.is_empty() {
                return Ok(part);
            }
            break;
        }
        let Some(b) = bytes_of(part.as_ref()) else {
            return Err(vm.type_error("read() should return bytes"));
        };
        if b.is_empty() {
            break;
        }
        parts.push(part);
    }
    join(vm, &parts)
}

/// Bytes objects as one.
pub(super) fn join(vm: &mut Vm, parts: &[Owned]) -> PyResult {
    let total: usize = parts.iter().map(|p| bytes_of(p.as_ref()).map_or(0, <[u8]>::len)).sum();
    if let [one] = parts {
        return Ok(one.clone());
    }
    vm.read_bytes(total, |_, room| {
        let mut at = 0;
        for p in parts {
            let b = bytes_of(p.as_ref()).unwrap_or(&[]);
            room[at..at + b.len()].copy_from_slice(b);
            at += b.len();
        }
        Ok::<usize, hognose_vm::Raised>(at)
    })?
}

fn buffered_readinto(vm: &mut Vm, args: &Args<'_>, read: &str) -> PyResult {
    let room = vm.writable_len(
        args.get(1),
        &format!("{}() argument", if read == "read" { "readinto" } else { "readinto1" }),
    )?;
    let n = vm.new_int(room as i64)?;
    let data = vm.call_method(args.get(0), read, &[n.as_ref()])?;
    let Some(b) = bytes_of(data.as_ref()) else {
        return Err(vm.type_error("read() should return bytes"));
    };
    if b.len() > room {
        let text = format!("read() returned too much data: {room} bytes requested, {} returned", b.len());
        return Err(vm.value_error(&text));
    }
    vm.store_bytes(args.get(1), 0, b)?;
    vm.new_int(b.len() as i64)
}
