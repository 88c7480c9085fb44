//! Decompressing.

use super::{Output, Wrap, crc32, error, length_arg, wrap_of};
use crate::prelude::{
    Args, Exc, GetSetDef, NativeDef, Owned, PyResult, Raised, Ref, Slots, TypeDef, TypeFlags, Vm, buffer,
    bytes_arg, owned_bool, payload, trace_fields,
};
use hognose_vm::heap::Charge;
use miniz_oxide::inflate::stream::{InflateState, inflate};
use miniz_oxide::{DataFormat, MZError, MZFlush, MZStatus};
use std::cell::{Cell, RefCell};

/// What a decompressor takes outside the heap, about.
const STATE_BYTES: usize = 48 << 10;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// The wrapping's header is not complete.
    Header,
    Body,
    /// gzip's checksum and size.
    Trailer,
    Done,
}

/// A stream being read.
struct Stream {
    state: Box<InflateState>,
    wrap: Wrap,
    phase: Phase,
    /// Header or trailer as far as it came.
    pending: Vec<u8>,
    crc: u32,
    size: u32,
    /// A full output buffer: more may come without input.
    full: bool,
    _charge: Charge,
}

impl Stream {
    fn new(vm: &mut Vm, wrap: Wrap) -> PyResult<Stream> {
        let charge = Charge::new(vm.heap(), STATE_BYTES)?;
        let format = if wrap == Wrap::Zlib { DataFormat::Zlib } else { DataFormat::Raw };
        let state = InflateState::new_boxed(format);
        let phase = if matches!(wrap, Wrap::Gzip | Wrap::Either) { Phase::Header } else { Phase::Body };
        Ok(Stream { state, wrap, phase, pending: Vec::new(), crc: 0, size: 0, full: false, _charge: charge })
    }

    fn copy(&self, vm: &mut Vm) -> PyResult<Stream> {
        let charge = Charge::new(vm.heap(), STATE_BYTES)?;
        let (state, pending) = (self.state.clone(), self.pending.clone());
        Ok(Stream { state, pending, _charge: charge, ..*self })
    }

    /// Reads from `data`, writing at most `most` bytes: how much was read.
    fn feed(&mut self, vm: &mut Vm, data: &[u8], most: usize, out: &mut Output) -> PyResult<usize> {
        let mut at = 0;
        let start = out.text.as_bytes().len();
        loop {
            match self.phase {
                Phase::Done => return Ok(at),
                Phase::Header => {
                    let Some(n) = self.header(vm, &data[at..])? else { return Ok(data.len()) };
                    at += n;
                }
                Phase::Trailer => {
                    let n = (8 - self.pending.len()).min(data.len() - at);
                    self.pending.extend_from_slice(&data[at..at + n]);
                    at += n;
                    if self.pending.len() < 8 {
                        return Ok(at);
                    }
                    self.check_trailer(vm)?;
                    self.phase = Phase::Done;
                }
                Phase::Body => {
                    let room = (most - (out.text.as_bytes().len() - start)).min(out.chunk.len());
                    if room == 0 {
                        self.full = true;
                        return Ok(at);
                    }
                    let r = inflate(&mut self.state, &data[at..], &mut out.chunk[..room], MZFlush::None);
                    at += r.bytes_consumed;
                    if self.wrap == Wrap::Gzip {
                        self.crc = crc32(self.crc, &out.chunk[..r.bytes_written]);
                        self.size = self.size.wrapping_add(r.bytes_written as u32);
                    }
                    out.take(vm, r.bytes_written)?;
                    self.full = r.bytes_written == room;
                    match r.status {
                        Ok(MZStatus::StreamEnd) => {
                            self.phase = if self.wrap == Wrap::Gzip { Phase::Trailer } else { Phase::Done };
                        }
                        Ok(_) | Err(MZError::Buf) => {
                            if !self.full && (at == data.len() || r.bytes_consumed + r.bytes_written == 0) {
                                return Ok(at);
                            }
                        }
                        Err(_) => return Err(self.broken(vm, &data[..at.min(2)])),
                    }
                    vm.check_interrupt()?;
                }
            }
        }
    }

    fn check_trailer(&mut self, vm: &mut Vm) -> PyResult<()> {
        let word = |i: usize| u32::from_le_bytes(self.pending[i..i + 4].try_into().unwrap_or_default());
        if word(0) != self.crc {
            return Err(data_error(vm, "incorrect data check"));
        }
        if word(4) != self.size {
            return Err(data_error(vm, "incorrect length check"));
        }
        self.pending.clear();
        Ok(())
    }

    /// What is wrong: the header if nothing was written yet, the checksum in the end, or what is between.
    #[cold]
    fn broken(&self, vm: &mut Vm, first: &[u8]) -> Raised {
        let zlib = self.wrap == Wrap::Zlib;
        let bad_header = match first {
            [a, b] => u16::from_be_bytes([*a, *b]) % 31 != 0 || a & 15 != 8,
            _ => false,
        };
        let why = match self.state.last_status() {
            miniz_oxide::inflate::TINFLStatus::Adler32Mismatch => "incorrect data check",
            _ if zlib && bad_header => "incorrect header check",
            _ => "invalid block type",
        };
        data_error(vm, why)
    }

    /// Takes header bytes: how many, or nothing while it is not complete.
    fn header(&mut self, vm: &mut Vm, data: &[u8]) -> PyResult<Option<usize>> {
        let before = self.pending.len();
        if before + data.len() > 1 << 20 {
            // No header is that long; what follows it need not be copied.
            self.pending.extend_from_slice(&data[..(1 << 20) - before.min(1 << 20)]);
        } else {
            self.pending.extend_from_slice(data);
        }
        let h = &self.pending;
        if self.wrap == Wrap::Either {
            let Some(&first) = h.first() else { return Ok(None) };
            if first != 0x1f {
                self.wrap = Wrap::Zlib;
                self.state = InflateState::new_boxed(DataFormat::Zlib);
                self.phase = Phase::Body;
                self.pending.clear();
                return Ok(Some(0));
            }
        }
        if h.len() >= 2 && h[..2] != [0x1f, 0x8b] || h.len() == 1 && h[0] != 0x1f {
            return Err(data_error(vm, "incorrect header check"));
        }
        match header_len(h) {
            Header::Bad(why) => Err(data_error(vm, why)),
            Header::Short => Ok(None),
            Header::Ends(n) => {
                self.wrap = Wrap::Gzip;
                self.phase = Phase::Body;
                self.pending.clear();
                Ok(Some(n.saturating_sub(before)))
            }
        }
    }
}

enum Header {
    Bad(&'static str),
    Short,
    Ends(usize),
}

/// Length of a gzip header.
fn header_len(h: &[u8]) -> Header {
    let (Some(&method), Some(&flags)) = (h.get(2), h.get(3)) else { return Header::Short };
    if method != 8 {
        return Header::Bad("unknown compression method");
    }
    if flags & 0xe0 != 0 {
        return Header::Bad("unknown header flags set");
    }
    let mut at = 10;
    if flags & 4 != 0 {
        let (Some(&a), Some(&b)) = (h.get(10), h.get(11)) else { return Header::Short };
        at += 2 + usize::from(u16::from_le_bytes([a, b]));
    }
    for bit in [8, 16] {
        if flags & bit != 0 {
            match h.get(at..).and_then(|rest| rest.iter().position(|&b| b == 0)) {
                Some(n) => at += n + 1,
                None => return Header::Short,
            }
        }
    }
    if flags & 2 != 0 {
        at += 2;
    }
    if at <= h.len() { Header::Ends(at) } else { Header::Short }
}

#[cold]
fn data_error(vm: &mut Vm, why: &str) -> Raised {
    error(vm, &format!("Error -3 while decompressing data: {why}"))
}

/// `zlib.decompress(data, /, wbits, bufsize)`
pub(super) fn decompress(vm: &mut Vm, a: &Args<'_>) -> PyResult {
    let data = bytes_arg(vm, a.get(0))?;
    let Some(wrap) = wrap_of(vm, a.opt(1), true)? else {
        return Err(error(vm, "Error -2 while preparing to decompress data: inconsistent stream state"));
    };
    if length_arg(vm, a, 2, 1)? < 0 {
        return Err(vm.value_error("bufsize must be non-negative"));
    }
    let mut s = Stream::new(vm, wrap)?;
    let mut out = Output::new();
    s.feed(vm, buffer::exact(data.as_ref()), usize::MAX, &mut out)?;
    if s.phase != Phase::Done {
        return Err(error(vm, "Error -5 while decompressing data: incomplete or truncated stream"));
    }
    out.text.to_bytes(vm)
}

/// Payload of `zlib.Decompress` and `zlib._ZlibDecompressor`.
struct Decompress {
    stream: RefCell<Option<Stream>>,
    unused: RefCell<Owned>,
    tail: RefCell<Owned>,
    eof: Cell<bool>,
}
trace_fields!(Decompress { unused, tail });

/// The simpler interface, as an object of its own type.
struct Decompressor {
    inner: Decompress,
}
trace_fields!(Decompressor { inner });

static TYPE: TypeDef = TypeDef {
    name: "zlib.Decompress",
    flags: TypeFlags::DISALLOW_INSTANTIATION,
    methods: &[
        NativeDef::method("decompress", "$self, data, /, max_length=0", |vm, a| {
            let data = bytes_arg(vm, a.get(1))?;
            let most = length_arg(vm, a, 2, 0)?;
            if most < 0 {
                return Err(vm.value_error("max_length must be non-negative"));
            }
            let most = if most == 0 { usize::MAX } else { most as usize };
            let d = this(vm, a.get(0))?;
            d.read(vm, data, most)
        }),
        NativeDef::method("flush", "$self, length=zlib.DEF_BUF_SIZE, /", |vm, a| {
            if length_arg(vm, a, 1, 1)? <= 0 {
                return Err(vm.value_error("length must be greater than zero"));
            }
            let d = this(vm, a.get(0))?;
            let tail = d.tail.borrow().clone();
            if d.eof.get() {
                return vm.new_bytes(b"");
            }
            d.read(vm, tail, usize::MAX)
        }),
        NativeDef::method("copy", "$self, /", |vm, a| copy(vm, a.get(0))),
        NativeDef::method("__copy__", "$self, /", |vm, a| copy(vm, a.get(0))),
        NativeDef::method("__deepcopy__", "$self, memo, /", |vm, a| copy(vm, a.get(0))),
    ],
    getset: &[
        GetSetDef::read("unused_data", |vm, r| Ok(this(vm, r)?.unused.borrow().clone())),
        GetSetDef::read("unconsumed_tail", |vm, r| Ok(this(vm, r)?.tail.borrow().clone())),
        GetSetDef::read("eof", |vm, r| Ok(owned_bool(this(vm, r)?.eof.get()))),
    ],
    ..TypeDef::EMPTY
};

static DECOMPRESSOR: TypeDef = TypeDef {
    name: "zlib._ZlibDecompressor",
    slots: Slots {
        new: Some(|vm, a| {
            let b = vm.bind(a, "_ZlibDecompressor", "wbits=15, zdict=b''")?;
            let inner = new(vm, b.pos[0], b.pos[1])?;
            vm.new_native(Decompressor { inner })
        }),
        ..Slots::NONE
    },
    methods: &[NativeDef::method("decompress", "$self, /, data, max_length=-1", |vm, a| {
        let data = bytes_arg(vm, a.get(1))?;
        let most = usize::try_from(length_arg(vm, a, 2, -1)?).unwrap_or(usize::MAX);
        let Some(d) = payload::<Decompressor>(a.get(0)) else { return Ok(vm.none()) };
        if d.inner.eof.get() {
            return Err(vm.raise(Exc::EOFError, "End of stream already reached"));
        }
        // What was not read waits here, before the new data.
        let waiting = d.inner.tail.borrow().clone();
        let data = if buffer::exact(waiting.as_ref()).is_empty() {
            data
        } else {
            let mut all = hognose_vm::TextBuf::new();
            all.push(vm, buffer::exact(waiting.as_ref()))?;
            all.push(vm, buffer::exact(data.as_ref()))?;
            all.to_bytes(vm)?
        };
        d.inner.read(vm, data, most)
    })],
    getset: &[
        GetSetDef::read("unused_data", |vm, r| match payload::<Decompressor>(r) {
            Some(d) => Ok(d.inner.unused.borrow().clone()),
            None => Ok(vm.none()),
        }),
        GetSetDef::read("eof", |_, r| {
            Ok(owned_bool(payload::<Decompressor>(r).is_some_and(|d| d.inner.eof.get())))
        }),
        GetSetDef::read("needs_input", |_, r| {
            Ok(owned_bool(payload::<Decompressor>(r).is_some_and(|d| d.inner.needs_input())))
        }),
    ],
    ..TypeDef::EMPTY
};

pub(super) fn register(vm: &mut Vm, module: Ref<'_>) -> PyResult<()> {
    vm.add_native_type::<Decompress>(&TYPE)?;
    let class = vm.add_native_type::<Decompressor>(&DECOMPRESSOR)?;
    vm.module_set(module, "_ZlibDecompressor", class.owned())
}

fn this<'a>(vm: &mut Vm, r: Ref<'a>) -> PyResult<&'a Decompress> {
    payload::<Decompress>(r).ok_or_else(|| vm.type_error("a Decompress object is required"))
}

fn new(vm: &mut Vm, wbits: Option<Ref<'_>>, zdict: Option<Ref<'_>>) -> PyResult<Decompress> {
    if let Some(z) = zdict {
        let z = bytes_arg(vm, z)?;
        if !buffer::exact(z.as_ref()).is_empty() {
            return Err(vm.raise(Exc::NotImplementedError, "zdict is not supported"));
        }
    }
    let Some(wrap) = wrap_of(vm, wbits, true)? else {
        return Err(vm.value_error("Invalid initialization option"));
    };
    let s = Stream::new(vm, wrap)?;
    let (unused, tail) = (vm.new_bytes(b"")?, vm.new_bytes(b"")?);
    Ok(Decompress {
        stream: RefCell::new(Some(s)),
        unused: RefCell::new(unused),
        tail: RefCell::new(tail),
        eof: Cell::new(false),
    })
}

/// `zlib.decompressobj(wbits, zdict)`
pub(super) fn decompressobj(vm: &mut Vm, a: &Args<'_>) -> PyResult {
    let d = new(vm, a.opt(0), a.opt(1))?;
    vm.new_native(d)
}

impl Decompress {
    fn needs_input(&self) -> bool {
        let full = self.stream.borrow().as_ref().is_some_and(|s| s.full);
        !self.eof.get() && !full && buffer::exact(self.tail.borrow().as_ref()).is_empty()
    }

    fn read(&self, vm: &mut Vm, data: Owned, most: usize) -> PyResult {
        let bytes = buffer::exact(data.as_ref());
        if self.eof.get() {
            // What comes behind the end is kept.
            return Err(error(vm, "Error -2 while decompressing data: inconsistent stream state"));
        }
        let Some(mut s) = self.stream.take() else {
            return Err(error(vm, "Error -2 while decompressing data: inconsistent stream state"));
        };
        let mut out = Output::new();
        let r = s.feed(vm, bytes, most, &mut out);
        let done = s.phase == Phase::Done;
        self.stream.replace(Some(s));
        let rest = &bytes[r?.min(bytes.len())..];
        let rest = vm.new_bytes(rest)?;
        let empty = vm.new_bytes(b"")?;
        if done {
            self.eof.set(true);
            drop(self.unused.replace(rest));
            drop(self.tail.replace(empty));
        } else {
            drop(self.tail.replace(rest));
        }
        out.text.to_bytes(vm)
    }
}

fn copy(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let d = this(vm, r)?;
    let Some(s) = d.stream.take() else {
        return Err(error(vm, "Error -2 while copying decompression object: inconsistent stream state"));
    };
    let copied = s.copy(vm);
    d.stream.replace(Some(s));
    let (unused, tail) = (d.unused.borrow().clone(), d.tail.borrow().clone());
    let copied = Decompress {
        stream: RefCell::new(Some(copied?)),
        unused: RefCell::new(unused),
        tail: RefCell::new(tail),
        eof: Cell::new(d.eof.get()),
    };
    vm.new_native(copied)
}
