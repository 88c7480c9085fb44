//! `TextIOWrapper`: text over a buffered binary stream.
//!
//!   bytes ─► decoder ─► newlines ─► decoded | read | waiting |        text ─► newlines ─► encoder ─► pending ─► buffer
//!
//!   codec.rs   decoders and encoders        read.rs   reading and lines       seek.rs   positions
//!   write.rs   writing, and the standard streams
//!
//! A position is where decoding can start again (see seek.rs); for that a snapshot keeps the decoder's state before the last
//! chunk and that chunk.

mod codec;
mod configure;
mod read;
mod seek;
mod write;

pub(super) use write::mark_std;

use super::base::{Bases, STREAM};
use super::buffered::finish_close;
use super::newline::{Lines, Translator, check};
use super::{Io, add, ask, closed_error, truth};
use crate::prelude::{
    Args, GetSetDef, Layout, NativeDef, Owned, PyResult, Ref, Slots, Trace, TypeDef, Vm, owned_bool, payload,
};
use codec::{Decoder, Encoder};
use hognose_vm::Stream;
use hognose_vm::heap::HeapVec;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// What a stream is made of; replaced as a whole by `__init__`.
struct State {
    buffer: Owned,
    encoding: Owned,
    errors: Owned,
    errors_text: Rc<str>,
    decoder: Rc<Decoder>,
    encoder: Encoder,
    translator: Option<Rc<Translator>>,
    lines: Lines,
    /// What `\n` becomes when written.
    write_newline: Option<&'static str>,
    /// Decoder flags and input of the last chunk.
    snapshot: Option<(u64, Owned)>,
}

// SAFETY: the fields named are all that hold references.
#[allow(unsafe_code, reason = "lists every field that owns references")]
unsafe impl Trace for State {
    fn trace(&self, visit: &mut dyn FnMut(hognose_vm::Value)) {
        self.buffer.trace(visit);
        self.encoding.trace(visit);
        self.errors.trace(visit);
        if let Decoder::Object(d) = &*self.decoder {
            d.trace(visit);
        }
        if let Encoder::Object(e) = &self.encoder {
            e.trace(visit);
        }
        if let Some((_, input)) = &self.snapshot {
            input.trace(visit);
        }
    }
}

/// A text stream.
pub(super) struct Wrapper {
    state: RefCell<Option<State>>,
    detached: Cell<bool>,
    line_buffering: Cell<bool>,
    write_through: Cell<bool>,
    seekable: Cell<bool>,
    telling: Cell<bool>,
    has_read1: Cell<bool>,
    finalizing: Cell<bool>,
    chunk: Cell<usize>,
    decoded: RefCell<HeapVec<u8>>,
    /// How much of `decoded` was read, in bytes.
    used: Cell<usize>,
    pending: RefCell<HeapVec<u8>>,
    /// A standard stream of the machine, written to directly while this is the case.
    std: Cell<Option<Stream>>,
    direct: Rc<Cell<bool>>,
}

// SAFETY: `state` holds all references.
#[allow(unsafe_code, reason = "says what it holds outside")]
unsafe impl Trace for Wrapper {
    fn trace(&self, visit: &mut dyn FnMut(hognose_vm::Value)) {
        self.state.trace(visit);
    }
    fn external_bytes(&self) -> usize {
        let one = |b: &RefCell<HeapVec<u8>>| b.try_borrow().map_or(0, |b| b.capacity());
        one(&self.decoded) + one(&self.pending)
    }
}

impl Drop for Wrapper {
    fn drop(&mut self) {
        self.direct.set(false);
    }
}

static TYPE: TypeDef = TypeDef {
    name: "_io.TextIOWrapper",
    layout: Layout::Native,
    flags: STREAM,
    doc: "Character and line based layer over a BufferedIOBase object, buffer.\n\nencoding gives the name of the \
          encoding that the stream will be\ndecoded or encoded with. It defaults to locale.getencoding().\n\nerrors \
          determines the strictness of encoding and decoding (see\nhelp(codecs.Codec) or the documentation for \
          codecs.register) and\ndefaults to \"strict\".\n\nnewline controls how line endings are handled. It can be \
          None, '',\n'\\n', '\\r', and '\\r\\n'.",
    slots: Slots {
        new: Some(new),
        init: Some(init),
        repr: Some(repr),
        next: Some(read::next),
        iter: Some(read::iter),
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("detach", "$self, /", detach),
        NativeDef::method(
            "reconfigure",
            "$self, /, *, encoding=None, errors=None, newline=<unrepresentable>, line_buffering=None, write_through=None",
            configure::reconfigure,
        ),
        NativeDef::method("write", "$self, text, /", write::write),
        NativeDef::method("read", "$self, size=-1, /", read::read),
        NativeDef::method("readline", "$self, size=-1, /", read::readline),
        NativeDef::method("flush", "$self, /", |vm, a| {
            let w = opened(vm, a.get(0))?;
            w.telling.set(w.seekable.get());
            write::flush_pending(vm, w)?;
            let buffer = w.buffer();
            vm.call_method(buffer.as_ref(), "flush", &[])
        }),
        NativeDef::method("close", "$self, /", close),
        NativeDef::method("fileno", "$self, /", |vm, a| forward(vm, a.get(0), "fileno")),
        NativeDef::method("seekable", "$self, /", |vm, a| forward(vm, a.get(0), "seekable")),
        NativeDef::method("readable", "$self, /", |vm, a| forward(vm, a.get(0), "readable")),
        NativeDef::method("writable", "$self, /", |vm, a| forward(vm, a.get(0), "writable")),
        NativeDef::method("isatty", "$self, /", |vm, a| forward(vm, a.get(0), "isatty")),
        NativeDef::method("seek", "$self, cookie, whence=0, /", seek::seek),
        NativeDef::method("tell", "$self, /", seek::tell),
        NativeDef::method("truncate", "$self, pos=None, /", |vm, a| {
            let w = opened(vm, a.get(0))?;
            vm.call_method(a.get(0), "flush", &[])?;
            let buffer = w.buffer();
            let pos = a.opt(1).map_or_else(|| vm.none(), |p| p.owned());
            vm.call_method(buffer.as_ref(), "truncate", &[pos.as_ref()])
        }),
        NativeDef::method("__getstate__", "$self, /", |vm, a| {
            let class = vm.type_name(a.get(0));
            Err(vm.type_error(&format!("cannot pickle '{class}' instances")))
        }),
    ],
    getset: &[
        GetSetDef::read("encoding", |vm, r| Ok(this(vm, r)?.part(|s| s.encoding.clone()))),
        GetSetDef::read("errors", |vm, r| Ok(this(vm, r)?.part(|s| s.errors.clone()))),
        GetSetDef::read("buffer", |vm, r| Ok(this(vm, r)?.buffer())),
        GetSetDef::read("line_buffering", |vm, r| Ok(owned_bool(this(vm, r)?.line_buffering.get()))),
        GetSetDef::read("write_through", |vm, r| Ok(owned_bool(this(vm, r)?.write_through.get()))),
        GetSetDef::read("name", |vm, r| {
            let buffer = this(vm, r)?.buffer();
            vm.get_attr_name(buffer.as_ref(), "name")
        }),
        GetSetDef::read("closed", |vm, r| {
            let buffer = this(vm, r)?.buffer();
            vm.get_attr_name(buffer.as_ref(), "closed")
        }),
        GetSetDef::read("newlines", |vm, r| {
            let translator = this(vm, r)?.part(|s| s.translator.clone());
            match translator {
                Some(t) => t.newlines(vm),
                None => Ok(vm.none()),
            }
        }),
        GetSetDef::write(
            "_CHUNK_SIZE",
            |vm, r| {
                let n = this(vm, r)?.chunk.get();
                vm.new_int(n as i64)
            },
            |vm, r, v| {
                let w = this(vm, r)?;
                let Some(v) = v else {
                    return Err(vm.raise(crate::prelude::Exc::AttributeError, "cannot delete attribute"));
                };
                let n = vm.index_isize(v, false)?;
                if n <= 0 {
                    return Err(vm.value_error("a strictly positive integer is required"));
                }
                w.chunk.set(n as usize);
                Ok(())
            },
        ),
        GetSetDef::write(
            "_finalizing",
            |_, r| Ok(owned_bool(payload::<Wrapper>(r).is_some_and(|w| w.finalizing.get()))),
            |vm, r, v| {
                if let (Some(w), Some(v)) = (payload::<Wrapper>(r), v) {
                    w.finalizing.set(vm.is_true(v)?);
                }
                Ok(())
            },
        ),
    ],
};

pub(super) fn register(vm: &mut Vm, module: &Owned, bases: &Bases) -> PyResult<()> {
    let class = vm.add_native_subtype::<Wrapper>(&TYPE, bases.text)?;
    vm.state::<Io>().text = Some(class);
    add(vm, module, class)
}

fn new(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let fresh = Wrapper {
        state: RefCell::new(None),
        detached: Cell::new(false),
        line_buffering: Cell::new(false),
        write_through: Cell::new(false),
        seekable: Cell::new(false),
        telling: Cell::new(false),
        has_read1: Cell::new(false),
        finalizing: Cell::new(false),
        chunk: Cell::new(8192),
        decoded: RefCell::new(HeapVec::new()),
        used: Cell::new(0),
        pending: RefCell::new(HeapVec::new()),
        std: Cell::new(None),
        direct: Rc::new(Cell::new(false)),
    };
    crate::prelude::instance(vm, args.get(0), fresh)
}

impl Wrapper {
    /// A part of the state, which is there.
    fn part<T>(&self, f: impl FnOnce(&State) -> T) -> T {
        f(self.state.borrow().as_ref().expect("`this` saw that the stream is initialised"))
    }

    fn buffer(&self) -> Owned {
        self.part(|s| s.buffer.clone())
    }

    fn set_snapshot(&self, snapshot: Option<(u64, Owned)>) {
        let old = match self.state.borrow_mut().as_mut() {
            Some(s) => std::mem::replace(&mut s.snapshot, snapshot),
            None => None,
        };
        drop(old);
    }

    /// Forgets text that was decoded and not read.
    fn forget_decoded(&self) {
        self.decoded.borrow_mut().truncate(0);
        self.used.set(0);
    }
}

/// The stream, initialised and not detached.
fn this<'a>(vm: &mut Vm, r: Ref<'a>) -> PyResult<&'a Wrapper> {
    let Some(w) = payload::<Wrapper>(r) else { return Err(vm.type_error("a TextIOWrapper is required")) };
    if w.detached.get() {
        return Err(vm.value_error("underlying buffer has been detached"));
    }
    if w.state.borrow().is_none() {
        return Err(vm.value_error("I/O operation on uninitialized object"));
    }
    Ok(w)
}

/// As [`this`], and not closed.
fn opened<'a>(vm: &mut Vm, r: Ref<'a>) -> PyResult<&'a Wrapper> {
    let w = this(vm, r)?;
    let closed = if vm.class_of(r).is_heap_type() {
        truth(vm, r, "closed")?
    } else {
        let buffer = w.buffer();
        truth(vm, buffer.as_ref(), "closed")?
    };
    if closed { Err(closed_error(vm)) } else { Ok(w) }
}

fn forward(vm: &mut Vm, r: Ref<'_>, name: &str) -> PyResult {
    let buffer = this(vm, r)?.buffer();
    vm.call_method(buffer.as_ref(), name, &[])
}

fn init(vm: &mut Vm, args: &Args<'_>) -> PyResult<()> {
    let sig = "buffer, encoding=None, errors=None, newline=None, line_buffering=False, write_through=False";
    let bound = vm.bind(args, "TextIOWrapper", sig)?;
    let r = args.get(0);
    let Some(w) = payload::<Wrapper>(r) else { return Ok(()) };
    let given = |i: usize| bound.pos.get(i).copied().flatten();
    let Some(buffer) = given(0) else {
        return Err(vm.type_error("TextIOWrapper() missing required argument 'buffer' (pos 1)"));
    };
    w.state.replace(None);
    w.detached.set(false);
    let newline = check(vm, given(3), "TextIOWrapper")?;
    let encoding = match super::text_or_none(vm, given(1), "TextIOWrapper", "'encoding'")? {
        Some(e) if e == "locale" => "UTF-8".to_owned(),
        Some(e) => e,
        None => "UTF-8".to_owned(),
    };
    let errors = super::text_or_none(vm, given(2), "TextIOWrapper", "'errors'")?;
    let errors_text: Rc<str> = errors.as_deref().unwrap_or("strict").into();
    let errors = vm.new_str(&errors_text)?;
    let line_buffering = crate::host::flag(vm, given(4), false)?;
    let write_through = crate::host::flag(vm, given(5), false)?;
    let reads = ask(vm, buffer, "readable")?;
    let writes = ask(vm, buffer, "writable")?;
    let (decoder, encoder) = codec::make(vm, &encoding, &errors, reads, writes)?;
    let seekable = ask(vm, buffer, "seekable")?;
    let read1 = vm.intern("read1")?;
    w.has_read1.set(vm.get_attr_opt(buffer, read1.as_ref())?.is_some());
    if seekable && writes {
        let at = vm.call_method(buffer, "tell", &[])?;
        if vm.index_bigint(at.as_ref())? != num_bigint::BigInt::ZERO {
            encoder.set_start(vm, false)?;
        }
    }
    let (lines, translate) = Lines::of(newline.as_deref());
    let universal = reads && (translate || lines == Lines::Universal);
    let encoding = vm.new_str(&encoding)?;
    let state = State {
        buffer: buffer.owned(),
        encoding,
        errors,
        errors_text,
        decoder: Rc::new(decoder),
        encoder,
        translator: universal.then(|| Rc::new(Translator::new(translate))),
        lines,
        write_newline: write_newline(newline.as_deref()),
        snapshot: None,
    };
    w.line_buffering.set(line_buffering);
    w.write_through.set(write_through);
    w.seekable.set(seekable);
    w.telling.set(seekable);
    w.forget_decoded();
    w.pending.borrow_mut().truncate(0);
    w.state.replace(Some(state));
    Ok(())
}

fn write_newline(newline: Option<&str>) -> Option<&'static str> {
    match newline {
        Some("\r") => Some("\r"),
        Some("\r\n") => Some("\r\n"),
        _ => None,
    }
}

fn repr(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let w = this(vm, r)?;
    let class = vm.class_of(r);
    let class = vm.qualified_name(class)?;
    if !vm.repr_enter(r) {
        return Err(vm.runtime_error(&format!("reentrant call inside {class}.__repr__")));
    }
    let mut out = format!("<{class}");
    let result = (|| -> PyResult<()> {
        for name in ["name", "mode"] {
            let key = vm.intern(name)?;
            match vm.get_attr_opt(r, key.as_ref()) {
                Ok(Some(v)) => out.push_str(&format!(" {name}={}", vm.repr_text(v.as_ref())?)),
                Ok(None) => {}
                Err(e) if vm.raised_is(&e, crate::prelude::Exc::ValueError) => vm.discard(e),
                Err(e) => return Err(e),
            }
        }
        let encoding = w.part(|s| s.encoding.clone());
        out.push_str(&format!(" encoding={}>", vm.repr_text(encoding.as_ref())?));
        Ok(())
    })();
    vm.repr_leave(r);
    result?;
    vm.new_str(&out)
}

fn detach(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let w = this(vm, args.get(0))?;
    vm.call_method(args.get(0), "flush", &[])?;
    let buffer = w.buffer();
    w.detached.set(true);
    w.direct.set(false);
    w.state.replace(None);
    Ok(buffer)
}

fn close(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let r = args.get(0);
    let w = this(vm, r)?;
    let buffer = w.buffer();
    if truth(vm, buffer.as_ref(), "closed")? {
        return Ok(vm.none());
    }
    if w.finalizing.get()
        && let Err(e) = vm.call_method(buffer.as_ref(), "_dealloc_warn", &[r])
    {
        vm.discard(e);
    }
    let flushed = vm.call_method(r, "flush", &[]).map_err(|e| vm.catch(e));
    w.direct.set(false);
    let closed = vm.call_method(buffer.as_ref(), "close", &[]);
    finish_close(vm, flushed, closed)
}
