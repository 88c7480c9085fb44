//! `BufferedReader`, `BufferedWriter`, `BufferedRandom` and `BufferedRWPair`.
//!
//!   raw ──► ahead | read | waiting to be read |          what was read ahead
//!   raw ◄── pending | waiting to be written |            what was not written yet
//!
//! One payload serves the first three. At most one of the two buffers has contents: before writing, a random file goes back
//! to where the program is; before reading, it writes what is pending. The raw stream stands `ahead.rest` bytes after
//! the program, or `pending` bytes before it.

mod pair;
mod position;
mod read;
mod write;

use position::{seek, tell, truncate};

use super::base::{Bases, STREAM};
use super::{Io, add, ask, file, named_repr, truth, unsupported};
use crate::prelude::{
    Args, GetSetDef, Layout, NativeDef, Owned, PyResult, Ref, Slots, Trace, TypeDef, Vm, owned_bool, payload,
};
use hognose_vm::heap::HeapVec;
use std::cell::{Cell, RefCell};

/// State of a buffered stream.
pub(super) struct Buffered {
    /// NULL before `__init__`; None once detached.
    raw: RefCell<Owned>,
    detached: Cell<bool>,
    ready: Cell<bool>,
    readable: Cell<bool>,
    writable: Cell<bool>,
    finalizing: Cell<bool>,
    size: Cell<usize>,
    ahead: RefCell<HeapVec<u8>>,
    /// How much of `ahead` was read.
    taken: Cell<usize>,
    pending: RefCell<HeapVec<u8>>,
    /// An operation on the raw stream runs.
    busy: Cell<bool>,
}

// SAFETY: `raw` is the one reference.
#[allow(unsafe_code, reason = "says what it holds outside")]
unsafe impl Trace for Buffered {
    fn trace(&self, visit: &mut dyn FnMut(hognose_vm::Value)) {
        self.raw.trace(visit);
    }
    fn external_bytes(&self) -> usize {
        let one = |b: &RefCell<HeapVec<u8>>| b.try_borrow().map_or(0, |b| b.capacity());
        one(&self.ahead) + one(&self.pending)
    }
}

const COMMON: [NativeDef; 13] = [
    NativeDef::method("detach", "$self, /", detach),
    NativeDef::method("simple_flush", "$self, /", flush),
    NativeDef::method("close", "$self, /", close),
    NativeDef::method("seekable", "$self, /", |vm, a| forward(vm, a.get(0), "seekable")),
    NativeDef::method("fileno", "$self, /", |vm, a| forward(vm, a.get(0), "fileno")),
    NativeDef::method("isatty", "$self, /", |vm, a| forward(vm, a.get(0), "isatty")),
    NativeDef::method("_dealloc_warn", "$self, source, /", |vm, a| {
        if let Some(b) = payload::<Buffered>(a.get(0)).filter(|b| b.ready.get()) {
            let raw = b.raw.borrow().clone();
            if let Err(e) = vm.call_method(raw.as_ref(), "_dealloc_warn", &[a.get(1)]) {
                vm.discard(e);
            }
        }
        Ok(vm.none())
    }),
    NativeDef::method("tell", "$self, /", |vm, a| {
        let (b, raw) = opened_any(vm, a.get(0))?;
        let at = tell(vm, b, &raw)?;
        vm.new_int(at)
    }),
    NativeDef::method("seek", "$self, target, whence=0, /", seek),
    NativeDef::method("truncate", "$self, pos=None, /", truncate),
    NativeDef::method("__getstate__", "$self, /", |vm, a| {
        let class = vm.type_name(a.get(0));
        Err(vm.type_error(&format!("cannot pickle '{class}' instances")))
    }),
    NativeDef::method("__sizeof__", "$self, /", |vm, a| {
        let n = payload::<Buffered>(a.get(0)).map_or(0, |b| b.size.get());
        vm.new_int(128 + n as i64)
    }),
    NativeDef::method("flush", "$self, /", flush),
];

const GETSET: &[GetSetDef] = &[
    GetSetDef::read("closed", |vm, r| {
        let (_, raw) = this(vm, r)?;
        vm.get_attr_name(raw.as_ref(), "closed")
    }),
    GetSetDef::read("name", |vm, r| {
        let (_, raw) = this(vm, r)?;
        vm.get_attr_name(raw.as_ref(), "name")
    }),
    GetSetDef::read("mode", |vm, r| {
        let (_, raw) = this(vm, r)?;
        vm.get_attr_name(raw.as_ref(), "mode")
    }),
    GetSetDef::read("raw", |vm, r| match payload::<Buffered>(r).map(|b| b.raw.borrow().clone()) {
        Some(raw) if !raw.is_null() => Ok(raw),
        _ => Ok(vm.none()),
    }),
    GetSetDef::write(
        "_finalizing",
        |_, r| Ok(owned_bool(payload::<Buffered>(r).is_some_and(|b| b.finalizing.get()))),
        |vm, r, v| {
            if let (Some(b), Some(v)) = (payload::<Buffered>(r), v) {
                b.finalizing.set(vm.is_true(v)?);
            }
            Ok(())
        },
    ),
];

const READ: [NativeDef; 7] = [
    NativeDef::method("read", "$self, size=-1, /", read::read),
    NativeDef::method("peek", "$self, size=0, /", read::peek),
    NativeDef::method("read1", "$self, size=-1, /", read::read1),
    NativeDef::method("readinto", "$self, buffer, /", |vm, a| read::readinto(vm, a, false)),
    NativeDef::method("readinto1", "$self, buffer, /", |vm, a| read::readinto(vm, a, true)),
    NativeDef::method("readline", "$self, size=-1, /", read::readline),
    NativeDef::method("readable", "$self, /", |vm, a| forward(vm, a.get(0), "readable")),
];
const WRITE: [NativeDef; 2] = [
    NativeDef::method("write", "$self, buffer, /", write::write),
    NativeDef::method("writable", "$self, /", |vm, a| forward(vm, a.get(0), "writable")),
];

macro_rules! methods {
    ($($table:ident: $($i:literal)*);*) => { &[$($(copy(&$table[$i]),)*)*] };
}

const fn copy(d: &NativeDef) -> NativeDef {
    NativeDef { name: d.name, sig_text: d.sig_text, sig: d.sig, func: d.func, binding: d.binding }
}

static READER: TypeDef = TypeDef {
    name: "_io.BufferedReader",
    layout: Layout::Native,
    flags: STREAM,
    doc: "Create a new buffered reader using the given readable raw IO object.",
    slots: Slots {
        new: Some(new),
        init: Some(|vm, a| init(vm, a, "BufferedReader", true, false)),
        repr: Some(|vm, r| named_repr(vm, r, "")),
        next: Some(read::next),
        ..Slots::NONE
    },
    methods: methods!(COMMON: 0 2 3 4 5 6 7 8 9 10 11 12; READ: 0 1 2 3 4 5 6),
    getset: GETSET,
};

static WRITER: TypeDef = TypeDef {
    name: "_io.BufferedWriter",
    layout: Layout::Native,
    flags: STREAM,
    doc: "A buffer for a writeable sequential RawIO object.\n\nThe constructor creates a BufferedWriter for the given \
          writeable raw\nstream. If the buffer_size is not given, it defaults to\nDEFAULT_BUFFER_SIZE.",
    slots: Slots {
        new: Some(new),
        init: Some(|vm, a| init(vm, a, "BufferedWriter", false, true)),
        repr: Some(|vm, r| named_repr(vm, r, "")),
        ..Slots::NONE
    },
    methods: methods!(COMMON: 0 2 3 4 5 6 7 8 9 10 11 12; WRITE: 0 1),
    getset: GETSET,
};

static RANDOM: TypeDef = TypeDef {
    name: "_io.BufferedRandom",
    layout: Layout::Native,
    flags: STREAM,
    doc: "A buffered interface to random access streams.\n\nThe constructor creates a reader and writer for a seekable \
          stream,\nraw, given in the first argument. If the buffer_size is omitted it\ndefaults to \
          DEFAULT_BUFFER_SIZE.",
    slots: Slots {
        new: Some(new),
        init: Some(|vm, a| init(vm, a, "BufferedRandom", true, true)),
        repr: Some(|vm, r| named_repr(vm, r, "")),
        next: Some(read::next),
        ..Slots::NONE
    },
    methods: methods!(COMMON: 0 2 3 4 5 6 7 8 9 10 11 12; READ: 0 1 2 3 4 5 6; WRITE: 0 1),
    getset: GETSET,
};

pub(super) fn register(vm: &mut Vm, module: &Owned, bases: &Bases) -> PyResult<()> {
    let reader = vm.add_native_subtype::<Buffered>(&READER, bases.buffered)?;
    let writer = vm.add_native_subtype::<Buffered>(&WRITER, bases.buffered)?;
    let random = vm.add_native_subtype::<Buffered>(&RANDOM, bases.buffered)?;
    let io = vm.state::<Io>();
    (io.reader, io.writer, io.random) = (Some(reader), Some(writer), Some(random));
    for class in [reader, writer, random] {
        add(vm, module, class)?;
    }
    pair::register(vm, module, bases)
}

fn new(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let fresh = Buffered {
        raw: RefCell::new(Owned::null()),
        detached: Cell::new(false),
        ready: Cell::new(false),
        readable: Cell::new(false),
        writable: Cell::new(false),
        finalizing: Cell::new(false),
        size: Cell::new(super::DEFAULT_BUFFER),
        ahead: RefCell::new(HeapVec::new()),
        taken: Cell::new(0),
        pending: RefCell::new(HeapVec::new()),
        busy: Cell::new(false),
    };
    crate::prelude::instance(vm, args.get(0), fresh)
}

fn init(vm: &mut Vm, args: &Args<'_>, name: &str, reads: bool, writes: bool) -> PyResult<()> {
    let bound = vm.bind(args, name, "raw, buffer_size=131072")?;
    let Some(b) = payload::<Buffered>(args.get(0)) else { return Ok(()) };
    let Some(raw) = bound.pos[0] else {
        return Err(vm.type_error(&format!("{name}() missing required argument 'raw' (pos 1)")));
    };
    let size = match bound.pos.get(1).copied().flatten() {
        Some(n) => vm.index_isize(n, false)?,
        None => super::DEFAULT_BUFFER as isize,
    };
    b.ready.set(false);
    b.detached.set(false);
    if reads && writes && !ask(vm, raw, "seekable")? {
        return Err(unsupported(vm, "File or stream is not seekable."));
    }
    if reads {
        super::base::check_able(vm, raw, "readable", "File or stream is not readable.")?;
    }
    if writes {
        super::base::check_able(vm, raw, "writable", "File or stream is not writable.")?;
    }
    if size <= 0 {
        return Err(vm.value_error("buffer size must be strictly positive"));
    }
    let size = size as usize;
    // The size is the guest's choice: admitted before it is relied on.
    vm.heap().charge_external(size)?;
    vm.heap().discharge_external(size);
    b.raw.replace(raw.owned());
    b.size.set(size);
    b.readable.set(reads);
    b.writable.set(writes);
    drop((b.ahead.take(), b.pending.take()));
    b.taken.set(0);
    b.ready.set(true);
    Ok(())
}

/// A buffered stream of the machine's own, above a raw stream.
pub(super) fn make(vm: &mut Vm, raw: &Owned, reads: bool, writes: bool, size: usize) -> PyResult {
    let io = vm.state::<Io>();
    let class = match (reads, writes) {
        (true, true) => io.random,
        (false, true) => io.writer,
        _ => io.reader,
    };
    let Some(class) = class else { return Err(vm.runtime_error("the module _io is not complete")) };
    let size = vm.new_int(size as i64)?;
    vm.call(class.as_ref(), &[raw.as_ref(), size.as_ref()])
}

/// The exact buffered stream behind `r`, if it is open and of the machine's own class.
pub(super) fn exact<'a>(vm: &mut Vm, r: Ref<'a>) -> Option<&'a Buffered> {
    let b = payload::<Buffered>(r)?;
    let class = Some(vm.class_of(r));
    let io = vm.state::<Io>();
    let own = [io.reader, io.writer, io.random].contains(&class);
    (own && b.ready.get() && !b.detached.get()).then_some(b)
}

/// The stream and what lies below, initialised and not detached.
fn this<'a>(vm: &mut Vm, r: Ref<'a>) -> PyResult<(&'a Buffered, Owned)> {
    let Some(b) = payload::<Buffered>(r) else { return Err(vm.type_error("a buffered stream is required")) };
    if b.detached.get() {
        return Err(vm.value_error("raw stream has been detached"));
    }
    if !b.ready.get() {
        return Err(vm.value_error("I/O operation on uninitialized object"));
    }
    let raw = b.raw.borrow().clone();
    Ok((b, raw))
}

/// As [`this`], not closed; `what` is for the message.
fn opened<'a>(vm: &mut Vm, r: Ref<'a>, what: &str) -> PyResult<(&'a Buffered, Owned)> {
    let (b, raw) = this(vm, r)?;
    if is_closed(vm, &raw)? {
        return Err(vm.value_error(what));
    }
    Ok((b, raw))
}

fn opened_any<'a>(vm: &mut Vm, r: Ref<'a>) -> PyResult<(&'a Buffered, Owned)> {
    this(vm, r)
}

fn is_closed(vm: &mut Vm, raw: &Owned) -> PyResult<bool> {
    if file::exact(vm, raw.as_ref()).is_some() {
        return Ok(file::is_closed(raw.as_ref()));
    }
    truth(vm, raw.as_ref(), "closed")
}

fn forward(vm: &mut Vm, r: Ref<'_>, name: &str) -> PyResult {
    let (_, raw) = this(vm, r)?;
    vm.call_method(raw.as_ref(), name, &[])
}

impl Buffered {
    /// Bytes read ahead.
    pub(super) fn rest_len(&self) -> usize {
        self.ahead.borrow().len() - self.taken.get()
    }

    pub(super) fn pending_len(&self) -> usize {
        self.pending.borrow().len()
    }

    fn forget_ahead(&self) {
        self.ahead.borrow_mut().truncate(0);
        self.taken.set(0);
    }

    pub(super) fn raw(&self) -> Owned {
        self.raw.borrow().clone()
    }

    /// Runs an operation that may call the raw stream; one at a time.
    fn exclusively<T>(&self, vm: &mut Vm, r: Ref<'_>, f: impl FnOnce(&mut Vm) -> PyResult<T>) -> PyResult<T> {
        if self.busy.replace(true) {
            let text = vm.repr_text(r)?;
            return Err(vm.runtime_error(&format!("reentrant call inside {text}")));
        }
        let result = f(vm);
        self.busy.set(false);
        result
    }
}

pub(super) fn flush_stream(vm: &mut Vm, r: Ref<'_>, b: &Buffered) -> PyResult<()> {
    let raw = b.raw();
    b.exclusively(vm, r, |vm| {
        write::flush_pending(vm, b, &raw)?;
        if b.writable.get() {
            write::rewind(vm, b, &raw)?;
        }
        Ok(())
    })
}

fn flush(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let (b, raw) = this(vm, args.get(0))?;
    if !b.writable.get() {
        // A reader passes it on.
        return vm.call_method(raw.as_ref(), "flush", &[]);
    }
    if is_closed(vm, &raw)? {
        return Err(vm.value_error("flush of closed file"));
    }
    flush_stream(vm, args.get(0), b)?;
    Ok(vm.none())
}

fn detach(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let (b, _) = this(vm, args.get(0))?;
    vm.call_method(args.get(0), "flush", &[])?;
    let raw = b.raw.replace(vm.none());
    b.detached.set(true);
    b.ready.set(false);
    Ok(raw)
}

/// Flushes and closes the raw stream, also when flushing fails.
fn close(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let r = args.get(0);
    let (b, raw) = this(vm, r)?;
    if is_closed(vm, &raw)? {
        return Ok(vm.none());
    }
    if b.finalizing.get()
        && let Err(e) = vm.call_method(raw.as_ref(), "_dealloc_warn", &[r])
    {
        vm.discard(e);
    }
    let flushed = vm.call_method(r, "flush", &[]).map_err(|e| vm.catch(e));
    let closed = vm.call_method(raw.as_ref(), "close", &[]);
    drop((b.ahead.take(), b.pending.take()));
    b.taken.set(0);
    finish_close(vm, flushed, closed)
}

/// The error of closing wins, with that of flushing as its context.
pub(super) fn finish_close(vm: &mut Vm, flushed: Result<Owned, Owned>, closed: PyResult) -> PyResult {
    match (flushed, closed) {
        (Ok(_), closed) => closed,
        (Err(e), Ok(_)) => Err(vm.raise_object(e)),
        (Err(first), Err(second)) => {
            let second = vm.catch(second);
            let context = vm.intern("__context__")?;
            vm.set_attr(second.as_ref(), context.as_ref(), Some(first.as_ref()))?;
            Err(vm.raise_object(second))
        }
    }
}

pub(super) use read::read_once;
pub(super) use write::write_bytes;

/// Was it made for writing?
pub(super) fn can_write(b: &Buffered) -> bool {
    b.writable.get()
}

/// ValueError when the stream below is closed.
pub(super) fn check_open(vm: &mut Vm, b: &Buffered) -> PyResult<()> {
    let raw = b.raw();
    if is_closed(vm, &raw)? { Err(vm.value_error("write to closed file")) } else { Ok(()) }
}
