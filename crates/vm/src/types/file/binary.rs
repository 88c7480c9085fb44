//! The type of binary files.

use super::raw::Raw;
use super::{os_error, size_argument, unsupported};
use crate::args::{Args, GetSetDef, NativeDef};
use crate::class::base_value;
use crate::define::TypeDef;
use crate::type_slots::Slots;
use crate::types::int::number::num_of;
use crate::{PyResult, Raised, Vm};
use hognose_object::bytes::bytes_of;
use hognose_object::native::payload;
use hognose_object::{Owned, Ref, ValueExt, none, owned_bool, trace_fields};
use num_traits::ToPrimitive;
use std::cell::RefCell;
use std::io::SeekFrom;

/// A binary file.
pub(crate) struct BinFile {
    pub(super) raw: RefCell<Raw>,
    name: Owned,
    mode: &'static str,
    pub(super) readable: bool,
    pub(super) writable: bool,
}
trace_fields!(BinFile { name });

/// The type of binary files.
pub(crate) static TYPE: TypeDef = TypeDef {
    name: "_io.BufferedRandom",
    slots: Slots { repr: Some(repr), iter: Some(iter), next: Some(next), ..Slots::NONE },
    methods: &[
        NativeDef::method("read", "$self, size=-1, /", read),
        NativeDef::method("read1", "$self, size=-1, /", read1),
        NativeDef::method("readline", "$self, size=-1, /", readline),
        NativeDef::method("readlines", "$self, hint=-1, /", readlines),
        NativeDef::method("readinto", "$self, buffer, /", readinto),
        NativeDef::method("peek", "$self, size=0, /", peek),
        NativeDef::method("write", "$self, buffer, /", write),
        NativeDef::method("writelines", "$self, lines, /", writelines),
        NativeDef::method("flush", "$self, /", flush),
        NativeDef::method("close", "$self, /", close),
        NativeDef::method("seek", "$self, target, whence=0, /", seek),
        NativeDef::method("tell", "$self, /", tell),
        NativeDef::method("truncate", "$self, pos=None, /", truncate),
        NativeDef::method("fileno", "$self, /", fileno),
        NativeDef::method("isatty", "$self, /", isatty),
        NativeDef::method("readable", "$self, /", |vm, a| open_flag(vm, a, |f| f.readable)),
        NativeDef::method("writable", "$self, /", |vm, a| open_flag(vm, a, |f| f.writable)),
        NativeDef::method("seekable", "$self, /", |vm, a| {
            open_flag(vm, a, |f| f.raw.borrow_mut().is_seekable())
        }),
        NativeDef::method("__enter__", "$self, /", enter),
        NativeDef::method("__exit__", "$self, /, *args", close),
    ],
    getset: &[
        GetSetDef::read("name", |_, r| Ok(this(r).map_or_else(none, |f| f.name.as_ref().owned()))),
        GetSetDef::read("mode", |vm, r| vm.new_str(this(r).map_or("", |f| f.mode))),
        GetSetDef::read("closed", |_, r| Ok(owned_bool(this(r).is_none_or(BinFile::is_closed)))),
    ],
    ..TypeDef::EMPTY
};

fn this(r: Ref<'_>) -> Option<&BinFile> {
    payload::<BinFile>(r)
}

impl BinFile {
    pub(crate) fn new(raw: Raw, name: Owned, mode: &'static str, readable: bool, writable: bool) -> BinFile {
        BinFile { raw: RefCell::new(raw), name, mode, readable, writable }
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.raw.borrow().is_closed()
    }

    pub(crate) fn is_terminal(&self, vm: &mut Vm) -> bool {
        self.raw.borrow().is_terminal(vm)
    }

    pub(super) fn name(&self) -> Ref<'_> {
        self.name.as_ref()
    }

    /// Runs an operation on the bytes; its errors become OSError.
    pub(super) fn with<T>(
        &self,
        vm: &mut Vm,
        f: impl FnOnce(&mut Raw, &mut Vm) -> std::io::Result<T>,
    ) -> PyResult<T> {
        let result = f(&mut self.raw.borrow_mut(), vm);
        result.map_err(|e| match e.kind() {
            std::io::ErrorKind::OutOfMemory => hognose_object::OutOfMemory { requested: usize::MAX }.into(),
            _ => os_error(vm, &e, None),
        })
    }
}

/// The file, if it is open and can be read.
fn readable<'a>(vm: &mut Vm, r: Ref<'a>, what: &str) -> PyResult<&'a BinFile> {
    match this(r) {
        Some(f) if f.is_closed() => Err(vm.value_error(&format!("{what} of closed file"))),
        Some(f) if f.readable => Ok(f),
        _ => Err(unsupported(vm, "read")),
    }
}

fn writable<'a>(vm: &mut Vm, r: Ref<'a>) -> PyResult<&'a BinFile> {
    match this(r) {
        Some(f) if f.is_closed() => Err(vm.value_error("write to closed file")),
        Some(f) if f.writable => Ok(f),
        _ => Err(unsupported(vm, "write")),
    }
}

fn opened<'a>(vm: &mut Vm, r: Ref<'a>) -> PyResult<&'a BinFile> {
    match this(r) {
        Some(f) if !f.is_closed() => Ok(f),
        _ => Err(vm.value_error("I/O operation on closed file.")),
    }
}

fn open_flag(vm: &mut Vm, args: &Args<'_>, f: fn(&BinFile) -> bool) -> PyResult {
    let file = opened(vm, args.get(0))?;
    Ok(owned_bool(f(file)))
}

fn repr(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let Some(f) = this(r) else { return vm.default_repr(r) };
    let class = match (f.readable, f.writable) {
        (true, false) => "BufferedReader",
        (false, true) => "BufferedWriter",
        _ => "BufferedRandom",
    };
    let name = vm.repr_text(f.name.as_ref())?;
    vm.new_str(&format!("<_io.{class} name={name}>"))
}

fn iter(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    opened(vm, r)?;
    Ok(r.owned())
}

fn enter(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    iter(vm, args.get(0))
}

/// Length of the first line.
fn line_end(bytes: &[u8], _last: bool) -> Option<usize> {
    bytes.iter().position(|&b| b == b'\n').map(|i| i + 1)
}

fn next(vm: &mut Vm, r: Ref<'_>) -> PyResult<Option<Owned>> {
    let f = readable(vm, r, "readline")?;
    let line = f.with(vm, |raw, vm| raw.read_line(vm, usize::MAX, line_end))?;
    if line.is_empty() { Ok(None) } else { vm.new_bytes(&line).map(Some) }
}

fn read(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let f = readable(vm, args.get(0), "read")?;
    let n = size_argument(vm, args.opt(1))?;
    let bytes = f.with(vm, |raw, vm| raw.read(vm, n))?;
    vm.new_bytes(&bytes)
}

fn read1(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let f = readable(vm, args.get(0), "read")?;
    let n = size_argument(vm, args.opt(1))?;
    let bytes = f.with(vm, |raw, vm| {
        if raw.ahead().is_empty() {
            raw.fill(vm)?;
        }
        let n = n.unwrap_or(usize::MAX).min(raw.ahead().len());
        raw.read(vm, Some(n))
    })?;
    vm.new_bytes(&bytes)
}

fn peek(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let f = readable(vm, args.get(0), "peek")?;
    let bytes = f.with(vm, |raw, vm| {
        if raw.ahead().is_empty() {
            raw.fill(vm)?;
        }
        Ok(raw.ahead().to_vec())
    })?;
    vm.new_bytes(&bytes)
}

fn readline(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let f = readable(vm, args.get(0), "readline")?;
    let limit = size_argument(vm, args.opt(1))?.unwrap_or(usize::MAX);
    let line = f.with(vm, |raw, vm| raw.read_line(vm, limit, line_end))?;
    vm.new_bytes(&line)
}

fn readlines(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let hint = size_argument(vm, args.opt(1))?.filter(|&h| h > 0).unwrap_or(usize::MAX);
    let list = vm.new_list(Vec::new())?;
    let mut total = 0usize;
    while total < hint {
        let Some(line) = next(vm, args.get(0))? else { break };
        total += bytes_of(line.as_ref()).map_or(0, <[u8]>::len);
        push(vm, &list, line)?;
    }
    Ok(list)
}

/// Appends to a list just made.
pub(super) fn push(vm: &mut Vm, list: &Owned, item: Owned) -> PyResult<()> {
    if let Some(l) = hognose_object::list::ListRef::new(list.as_ref()) {
        l.push(vm.heap_mut(), item)?;
    }
    Ok(())
}

/// Stores what was read into a writable buffer: `buffer[:n] = bytes`.
fn readinto(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let f = readable(vm, args.get(0), "readinto")?;
    let room = vm.len(args.get(1))?;
    let bytes = f.with(vm, |raw, vm| raw.read(vm, Some(room)))?;
    let count = vm.new_int(bytes.len() as i64)?;
    let bytes = vm.new_bytes(&bytes)?;
    let class = vm.types().slice;
    let slice = vm.call(class.as_ref(), &[none().as_ref(), count.as_ref()])?;
    vm.set_item(args.get(1), slice.as_ref(), Some(bytes.as_ref()))?;
    Ok(count)
}

/// Contents of a bytes-like argument.
fn bytes_argument(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    if bytes_of(base_value(r)).is_some() {
        return Ok(base_value(r).owned());
    }
    let class = vm.type_name(r);
    if r.has_layout(hognose_object::Layout::ByteArray) || matches!(class.as_str(), "memoryview" | "array") {
        let bytes = vm.types().bytes;
        return vm.call(bytes.as_ref(), &[r]);
    }
    Err(vm.type_error(&format!("a bytes-like object is required, not '{class}'")))
}

fn write(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    write_bytes(vm, args.get(0), args.get(1))
}

fn write_bytes(vm: &mut Vm, r: Ref<'_>, bytes: Ref<'_>) -> PyResult {
    let f = writable(vm, r)?;
    let bytes = bytes_argument(vm, bytes)?;
    let bytes = bytes_of(bytes.as_ref()).unwrap_or(&[]);
    f.with(vm, |raw, vm| raw.write(vm, bytes))?;
    vm.new_int(bytes.len() as i64)
}

fn writelines(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let mut lines = vm.iterate(args.get(1))?;
    while let Some(line) = lines.next(vm)? {
        write_bytes(vm, args.get(0), line.as_ref())?;
    }
    Ok(vm.none())
}

fn flush(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let f = opened(vm, args.get(0))?;
    f.with(vm, |raw, vm| raw.flush(vm))?;
    Ok(vm.none())
}

pub(super) fn close(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    if let Some(f) = this(args.get(0)).filter(|f| !f.is_closed()) {
        f.with(vm, |raw, vm| raw.close(vm))?;
    }
    Ok(vm.none())
}

/// A position argument.
pub(super) fn position(vm: &mut Vm, r: Ref<'_>) -> PyResult<i64> {
    let n = vm.index(r)?;
    match num_of(n.as_ref()).and_then(|n| n.big().to_i64()) {
        Some(n) => Ok(n),
        None => Err(vm.overflow_error("Python int too large to convert to C long")),
    }
}

fn bad_whence(vm: &mut Vm, whence: i32) -> Raised {
    vm.value_error(&format!("whence value {whence} unsupported"))
}

fn seek(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let f = opened(vm, args.get(0))?;
    let target = position(vm, args.get(1))?;
    let whence = match args.opt(2) {
        Some(w) => vm.index_i32(w)?,
        None => 0,
    };
    let to = match whence {
        0 if target < 0 => {
            let e = std::io::Error::from_raw_os_error(libc::EINVAL);
            return Err(os_error(vm, &e, None));
        }
        0 => SeekFrom::Start(target.unsigned_abs()),
        1 => SeekFrom::Current(target),
        2 => SeekFrom::End(target),
        _ => return Err(bad_whence(vm, whence)),
    };
    let at = f.with(vm, |raw, vm| raw.seek(vm, to))?;
    vm.new_int(at as i64)
}

fn tell(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let f = opened(vm, args.get(0))?;
    let at = f.with(vm, |raw, _| raw.tell())?;
    vm.new_int(at as i64)
}

pub(super) fn truncate_file(vm: &mut Vm, f: &BinFile, size: Option<Ref<'_>>) -> PyResult {
    if !f.writable {
        return Err(unsupported(vm, "truncate"));
    }
    let size = match size.filter(|s| !s.is_none()) {
        Some(s) => position(vm, s)?,
        None => f.with(vm, |raw, _| raw.tell())? as i64,
    };
    let Ok(length) = u64::try_from(size) else {
        let e = std::io::Error::from_raw_os_error(libc::EINVAL);
        return Err(os_error(vm, &e, None));
    };
    f.with(vm, |raw, vm| raw.truncate(vm, length))?;
    vm.new_int(size)
}

fn truncate(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let f = opened(vm, args.get(0))?;
    truncate_file(vm, f, args.opt(1))
}

fn fileno(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let f = opened(vm, args.get(0))?;
    let fd = f.raw.borrow().fd().unwrap_or(-1);
    vm.new_int(i64::from(fd))
}

fn isatty(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let f = opened(vm, args.get(0))?;
    Ok(owned_bool(f.is_terminal(vm)))
}
