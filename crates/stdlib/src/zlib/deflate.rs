//! Compressing.

use super::{Output, Wrap, crc32, error, wrap_of};
use crate::prelude::{
    Args, Exc, NativeDef, PyResult, Ref, TypeDef, TypeFlags, Vm, buffer, bytes_arg, payload,
};
use hognose_vm::Trace;
use hognose_vm::heap::Charge;
use hognose_vm::object::Value;
use miniz_oxide::deflate::core::CompressorOxide;
use miniz_oxide::deflate::stream::deflate;
use miniz_oxide::{DataFormat, MZError, MZFlush, MZStatus};
use std::cell::RefCell;

/// What a compressor takes outside the heap, about.
const STATE_BYTES: usize = 320 << 10;

/// A stream being written.
struct Stream {
    state: Box<CompressorOxide>,
    wrap: Wrap,
    /// gzip's header is out.
    begun: bool,
    crc: u32,
    size: u32,
    _charge: Charge,
}

/// Payload of `zlib.Compress`; nothing once the stream was finished.
struct Compress {
    stream: RefCell<Option<Stream>>,
}

// SAFETY: no references.
#[allow(unsafe_code, reason = "no references to list")]
unsafe impl Trace for Compress {
    fn trace(&self, _visit: &mut dyn FnMut(Value)) {}
}

static TYPE: TypeDef = TypeDef {
    name: "zlib.Compress",
    flags: TypeFlags::DISALLOW_INSTANTIATION,
    methods: &[
        NativeDef::method("compress", "$self, data, /", |vm, a| {
            let data = bytes_arg(vm, a.get(1))?;
            let mut out = Output::new();
            with(vm, a.get(0), "while compressing data", |vm, s| {
                s.feed(vm, buffer::exact(data.as_ref()), MZFlush::None, &mut out)
            })?;
            out.text.to_bytes(vm)
        }),
        NativeDef::method("flush", "$self, mode=zlib.Z_FINISH, /", flush),
        NativeDef::method("copy", "$self, /", |vm, a| copy(vm, a.get(0))),
        NativeDef::method("__copy__", "$self, /", |vm, a| copy(vm, a.get(0))),
        NativeDef::method("__deepcopy__", "$self, memo, /", |vm, a| copy(vm, a.get(0))),
    ],
    ..TypeDef::EMPTY
};

pub(super) fn register(vm: &mut Vm) -> PyResult<()> {
    vm.add_native_type::<Compress>(&TYPE)?;
    Ok(())
}

impl Stream {
    fn new(vm: &mut Vm, level: i32, wrap: Wrap) -> PyResult<Stream> {
        let charge = Charge::new(vm.heap(), STATE_BYTES)?;
        let mut state = Box::<CompressorOxide>::default();
        let format = if wrap == Wrap::Zlib { DataFormat::Zlib } else { DataFormat::Raw };
        state.set_format_and_level(format, if level < 0 { 6 } else { level as u8 });
        Ok(Stream { state, wrap, begun: false, crc: 0, size: 0, _charge: charge })
    }

    fn feed(&mut self, vm: &mut Vm, mut data: &[u8], flush: MZFlush, out: &mut Output) -> PyResult<()> {
        if self.wrap == Wrap::Gzip {
            if !self.begun {
                out.text.push(vm, &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3])?;
                self.begun = true;
            }
            self.crc = crc32(self.crc, data);
            self.size = self.size.wrapping_add(data.len() as u32);
        }
        loop {
            let r = deflate(&mut self.state, data, &mut out.chunk, flush);
            data = &data[r.bytes_consumed..];
            out.take(vm, r.bytes_written)?;
            match r.status {
                Ok(MZStatus::StreamEnd) => break,
                Ok(_) if r.bytes_written == out.chunk.len() || !data.is_empty() => {}
                // Nothing to do is no error.
                Ok(_) | Err(MZError::Buf) if flush != MZFlush::Finish => break,
                Ok(_) => {}
                Err(_) => {
                    return Err(error(vm, "Error -2 while compressing data: inconsistent stream state"));
                }
            }
            vm.check_interrupt()?;
        }
        if flush == MZFlush::Finish && self.wrap == Wrap::Gzip {
            out.text.push(vm, &self.crc.to_le_bytes())?;
            out.text.push(vm, &self.size.to_le_bytes())?;
        }
        Ok(())
    }
}

fn with(
    vm: &mut Vm,
    r: Ref<'_>,
    doing: &str,
    f: impl FnOnce(&mut Vm, &mut Stream) -> PyResult<()>,
) -> PyResult<()> {
    let Some(c) = payload::<Compress>(r) else { return Err(vm.type_error("a Compress object is required")) };
    let Some(mut s) = c.stream.take() else {
        return Err(error(vm, &format!("Error -2 {doing}: inconsistent stream state")));
    };
    let result = f(vm, &mut s);
    c.stream.replace(Some(s));
    result
}

fn flush(vm: &mut Vm, a: &Args<'_>) -> PyResult {
    let mode = match a.opt(1) {
        Some(r) => vm.index_i32(r)?,
        None => 4,
    };
    let how = match mode {
        0 => return vm.new_bytes(b""),
        1 | 5 => MZFlush::Partial,
        2 => MZFlush::Sync,
        3 => MZFlush::Full,
        4 => MZFlush::Finish,
        _ => return Err(error(vm, "Error -2 while flushing: inconsistent stream state")),
    };
    let mut out = Output::new();
    with(vm, a.get(0), "while flushing", |vm, s| s.feed(vm, &[], how, &mut out))?;
    if how == MZFlush::Finish
        && let Some(c) = payload::<Compress>(a.get(0))
    {
        c.stream.replace(None);
    }
    out.text.to_bytes(vm)
}

fn copy(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let mut made = None;
    with(vm, r, "while copying compression object", |vm, s| {
        let charge = Charge::new(vm.heap(), STATE_BYTES)?;
        let state = s.state.clone();
        made =
            Some(Stream { state, wrap: s.wrap, begun: s.begun, crc: s.crc, size: s.size, _charge: charge });
        Ok(())
    })?;
    vm.new_native(Compress { stream: RefCell::new(made) })
}

fn level_of(vm: &mut Vm, r: Option<Ref<'_>>) -> PyResult<Option<i32>> {
    let n = match r {
        Some(r) => vm.index_i32(r)?,
        None => -1,
    };
    Ok((-1..=9).contains(&n).then_some(n))
}

/// `zlib.compress(data, /, level, wbits)`
pub(super) fn compress(vm: &mut Vm, a: &Args<'_>) -> PyResult {
    let data = bytes_arg(vm, a.get(0))?;
    let level = level_of(vm, a.opt(1))?;
    let (Some(level), Some(wrap)) = (level, wrap_of(vm, a.opt(2), false)?) else {
        return Err(error(vm, "Bad compression level"));
    };
    let mut s = Stream::new(vm, level, wrap)?;
    let mut out = Output::new();
    s.feed(vm, buffer::exact(data.as_ref()), MZFlush::Finish, &mut out)?;
    out.text.to_bytes(vm)
}

/// `zlib.compressobj(level, method, wbits, memLevel, strategy[, zdict])`
pub(super) fn compressobj(vm: &mut Vm, a: &Args<'_>) -> PyResult {
    let level = level_of(vm, a.opt(0))?;
    let method = match a.opt(1) {
        Some(r) => vm.index_i32(r)?,
        None => 8,
    };
    let wrap = wrap_of(vm, a.opt(2), false)?;
    let memory = match a.opt(3) {
        Some(r) => vm.index_i32(r)?,
        None => 8,
    };
    let strategy = match a.opt(4) {
        Some(r) => vm.index_i32(r)?,
        None => 0,
    };
    let (Some(level), Some(wrap)) = (level, wrap) else {
        return Err(vm.value_error("Invalid initialization option"));
    };
    if method != 8 || !(1..=9).contains(&memory) || !(0..=4).contains(&strategy) {
        return Err(vm.value_error("Invalid initialization option"));
    }
    if a.opt(5).is_some() {
        return Err(vm.raise(Exc::NotImplementedError, "zdict is not supported"));
    }
    let s = Stream::new(vm, level, wrap)?;
    vm.new_native(Compress { stream: RefCell::new(Some(s)) })
}
