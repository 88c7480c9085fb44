//! `FileIO`: a descriptor, without buffering.
//!
//! A standard stream of the machine has the descriptor's number but reads and writes through the machine, so that a host
//! can send it elsewhere.

use super::base::{Bases, STREAM, close as base_close};
use super::{Io, add, closed_error, size_argument, unsupported};
use crate::host::{check, int64, no_nul, sys, zeroed};
use crate::prelude::{
    Args, Exc, GetSetDef, Layout, NativeDef, Owned, PyResult, Ref, Slots, TypeDef, TypeRef, ValueExt, Vm,
    as_str, base_value, is_int, owned_bool, payload, trace_fields,
};
use hognose_vm::Stream;
use hognose_vm::object::bytes::bytes_of;
use std::cell::Cell;
use std::ffi::CString;
use std::io;

/// A raw file.
pub(super) struct File {
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
    slots: Slots { new: Some(new), init: Some(init), repr: Some(repr), ..Slots::NONE },
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
    ..TypeDef::EMPTY
};

pub(super) fn register(vm: &mut Vm, module: &Owned, bases: &Bases) -> PyResult<()> {
    let class = vm.add_native_subtype::<File>(&TYPE, bases.raw)?;
    vm.state::<Io>().file = Some(class);
    add(vm, module, class)
}

/// The file behind an exact FileIO.
pub(super) fn exact<'a>(vm: &mut Vm, r: Ref<'a>) -> Option<&'a File> {
    let f = payload::<File>(r)?;
    let own = vm.state::<Io>().file;
    (own == Some(vm.class_of(r))).then_some(f)
}

pub(super) fn set_finalizing(r: Ref<'_>) {
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
        block: Cell::new(super::DEFAULT_BUFFER as i64),
        std: Cell::new(-1),
    }
}

fn new(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    crate::prelude::instance(vm, args.get(0), empty())
}

/// A standard stream.
pub(super) fn std_file(vm: &mut Vm, stream: Stream) -> PyResult {
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

/// What a mode asks for.
fn parse_mode(vm: &mut Vm, f: &File, mode: &str) -> PyResult<i32> {
    let (mut flags, mut kind, mut plus) = (0, false, false);
    for (f_, v) in [(&f.created, false), (&f.readable, false), (&f.writable, false), (&f.appending, false)] {
        f_.set(v);
    }
    for c in mode.chars() {
        match c {
            'x' | 'r' | 'w' | 'a' if kind => {
                return Err(vm.value_error(
                    "Must have exactly one of create/read/write/append mode and at most one plus",
                ));
            }
            'x' => {
                f.created.set(true);
                f.writable.set(true);
                flags |= libc::O_EXCL | libc::O_CREAT;
                kind = true;
            }
            'r' => {
                f.readable.set(true);
                kind = true;
            }
            'w' => {
                f.writable.set(true);
                flags |= libc::O_CREAT | libc::O_TRUNC;
                kind = true;
            }
            'a' => {
                f.writable.set(true);
                f.appending.set(true);
                flags |= libc::O_APPEND | libc::O_CREAT;
                kind = true;
            }
            'b' => {}
            '+' if !plus => {
                f.readable.set(true);
                f.writable.set(true);
                plus = true;
            }
            '+' => {
                return Err(vm.value_error(
                    "Must have exactly one of create/read/write/append mode and at most one plus",
                ));
            }
            _ => return Err(vm.value_error(&format!("invalid mode: {mode}"))),
        }
    }
    if !kind {
        return Err(
            vm.value_error("Must have exactly one of create/read/write/append mode and at most one plus")
        );
    }
    flags |= match (f.readable.get(), f.writable.get()) {
        (true, true) => libc::O_RDWR,
        (true, false) => libc::O_RDONLY,
        _ => libc::O_WRONLY,
    };
    Ok(flags | libc::O_CLOEXEC)
}

fn init(vm: &mut Vm, args: &Args<'_>) -> PyResult<()> {
    let bound = vm.bind(args, "FileIO", "file, mode='r', closefd=True, opener=None")?;
    let r = args.get(0);
    let Some(f) = payload::<File>(r) else { return Err(vm.type_error("a FileIO is required")) };
    let Some(name) = bound.pos[0] else {
        return Err(vm.type_error("FileIO() missing required argument 'file' (pos 1)"));
    };
    let mode = match bound.pos.get(1).copied().flatten() {
        Some(m) => vm.expect_str(m, "FileIO() argument 'mode'")?.into_owned(),
        None => "r".to_owned(),
    };
    let close_fd = match bound.pos.get(2).copied().flatten() {
        Some(c) => vm.is_true(c)?,
        None => true,
    };
    let opener = bound.pos.get(3).copied().flatten().filter(|o| !o.is_none());
    release(vm, f)?;
    if vm.class_of(name) == vm.types().bool {
        let text = "bool is used as a file descriptor";
        vm.warn(Exc::RuntimeWarning, text)?;
    }
    let fd = if is_int(base_value(name)) { Some(vm.index_i32(name)?) } else { None };
    if fd.is_some_and(|fd| fd < 0) {
        return Err(vm.value_error("negative file descriptor"));
    }
    let path = match fd {
        Some(_) => CString::default(),
        None => file_name(vm, name)?,
    };
    let flags = parse_mode(vm, f, &mode)?;
    f.seekable.set(-1);
    f.close_fd.set(close_fd);
    f.std.set(-1);
    match (fd, opener) {
        (Some(fd), _) => {
            f.close_fd.set(close_fd);
            f.fd.set(fd);
        }
        (None, _) if !close_fd => {
            f.close_fd.set(true);
            return Err(vm.value_error("Cannot use closefd=False with file name"));
        }
        (None, Some(opener)) => f.fd.set(open_by(vm, opener, name, flags)?),
        (None, None) => {
            let fd = vm.retry(Some(name), || check(sys!(open(path.as_ptr(), flags, 0o666))))?;
            f.fd.set(fd);
        }
    }
    if let Err(e) = settle(vm, f, name, fd.is_some()) {
        return Err(e);
    }
    let attribute = vm.intern("name")?;
    vm.set_attr(r, attribute.as_ref(), Some(name))?;
    if f.appending.get() {
        let at = sys!(lseek(f.fd.get(), 0, libc::SEEK_END));
        if at == -1 && fd.is_none() {
            let e = io::Error::last_os_error();
            if e.raw_os_error() != Some(libc::ESPIPE) {
                return Err(vm.os_error(&e, None));
            }
        }
    }
    Ok(())
}

fn file_name(vm: &mut Vm, name: Ref<'_>) -> PyResult<CString> {
    let bytes = vm.fs_path(name)?;
    if bytes.contains(&0) {
        let what = if as_str(name).is_some() { "embedded null character" } else { "embedded null byte" };
        return Err(vm.value_error(what));
    }
    no_nul(vm, bytes)
}

fn open_by(vm: &mut Vm, opener: Ref<'_>, name: Ref<'_>, flags: i32) -> PyResult<i32> {
    let flags = vm.new_int(i64::from(flags))?;
    let fd = vm.call(opener, &[name, flags.as_ref()])?;
    if !is_int(base_value(fd.as_ref())) && vm.class_of(fd.as_ref()).slots().index.is_none() {
        return Err(vm.type_error("expected integer from opener"));
    }
    let fd = vm.index_i32(fd.as_ref())?;
    if fd < 0 {
        return Err(vm.value_error(&format!("opener returned {fd}")));
    }
    sys!(fcntl(fd, libc::F_SETFD, libc::FD_CLOEXEC));
    Ok(fd)
}

/// Refuses directories and learns the block size.
fn settle(vm: &mut Vm, f: &File, name: Ref<'_>, given: bool) -> PyResult<()> {
    let mut st = zeroed!(libc::stat);
    let failed = if sys!(fstat(f.fd.get(), &raw mut st)) == -1 {
        let e = io::Error::last_os_error();
        (e.raw_os_error() == Some(libc::EBADF)).then_some(e)
    } else if st.st_mode & libc::S_IFMT == libc::S_IFDIR {
        Some(crate::host::errno(libc::EISDIR))
    } else {
        f.block.set(if st.st_blksize > 1 { st.st_blksize } else { super::DEFAULT_BUFFER as i64 });
        if !given && st.st_mode & libc::S_IFMT == libc::S_IFREG {
            f.seekable.set(1);
        }
        None
    };
    if let Some(e) = failed {
        if given {
            f.fd.set(-1);
        } else {
            sys!(close(f.fd.replace(-1)));
        }
        return Err(vm.os_error(&e, Some(name)));
    }
    Ok(())
}

/// Closes a descriptor left from an earlier `__init__`.
fn release(vm: &mut Vm, f: &File) -> PyResult<()> {
    let fd = f.fd.replace(-1);
    if fd >= 0 && f.close_fd.get() && sys!(close(fd)) == -1 {
        let e = io::Error::last_os_error();
        return Err(vm.os_error(&e, None));
    }
    Ok(())
}

pub(super) fn opened<'a>(vm: &mut Vm, r: Ref<'a>) -> PyResult<&'a File> {
    match payload::<File>(r) {
        Some(f) if f.fd.get() >= 0 => Ok(f),
        _ => Err(vm.value_error("I/O operation on closed file")),
    }
}

fn readable<'a>(vm: &mut Vm, r: Ref<'a>) -> PyResult<&'a File> {
    let f = opened(vm, r)?;
    if f.readable.get() { Ok(f) } else { Err(unsupported(vm, "File not open for reading")) }
}

/// Can the file be read (used by what lies above)?
pub(super) fn check_readable(vm: &mut Vm, f: &File) -> PyResult<()> {
    if f.fd.get() < 0 {
        return Err(closed_error(vm));
    }
    if f.readable.get() { Ok(()) } else { Err(unsupported(vm, "File not open for reading")) }
}

/// Reads up to `n` bytes; None when that would block.
pub(super) fn read(vm: &mut Vm, f: &File, n: usize) -> PyResult {
    let n = n.min(isize::MAX as usize);
    let result = vm.read_bytes(n, |vm, room| read_into(vm, f, room))?;
    match result {
        Ok(bytes) => Ok(bytes),
        Err(Some(e)) => Err(e),
        Err(None) => Ok(vm.none()),
    }
}

/// Reads into memory; `Err(None)`: it would block.
pub(super) fn read_into(vm: &mut Vm, f: &File, room: &mut [u8]) -> Result<usize, Option<hognose_vm::Raised>> {
    if f.std.get() == 0 {
        return loop {
            match vm.stdio().read(room) {
                Ok(n) => break Ok(n),
                Err(e) if e.kind() == io::ErrorKind::Interrupted => vm.check_interrupt().map_err(Some)?,
                Err(e) => break Err(Some(vm.os_error(&e, None))),
            }
        };
    }
    let fd = f.fd.get();
    loop {
        let (to, n) = (room.as_mut_ptr().cast(), room.len());
        match vm.blocking(|| check(sys!(read(fd, to, n)))) {
            Ok(n) => return Ok(n as usize),
            Err(e) if e.raw_os_error() == Some(libc::EINTR) => vm.check_interrupt().map_err(Some)?,
            Err(e) if e.raw_os_error() == Some(libc::EAGAIN) => return Err(None),
            Err(e) => return Err(Some(vm.os_error(&e, None))),
        }
    }
}

/// Reads to the end.
pub(super) fn read_all(vm: &mut Vm, f: &File) -> PyResult {
    let mut guess = 8192usize;
    if f.std.get() < 0 {
        let mut st = zeroed!(libc::stat);
        if sys!(fstat(f.fd.get(), &raw mut st)) == 0 {
            let at = sys!(lseek(f.fd.get(), 0, libc::SEEK_CUR)).max(0);
            guess = usize::try_from(st.st_size.saturating_sub(at)).unwrap_or(0).saturating_add(1).max(1024);
        }
    }
    let mut parts: Vec<Owned> = Vec::new();
    loop {
        let part = read(vm, f, guess)?;
        match bytes_of(part.as_ref()).map(<[u8]>::len) {
            None if parts.is_empty() => return Ok(part),
            None | Some(0) => {
                let parts = parts_or_empty(vm, parts)?;
                return super::base::join(vm, &parts);
            }
            Some(n) if n == guess => guess = guess.saturating_mul(2).min(16 << 20),
            Some(_) => guess = guess.clamp(1024, 64 << 10),
        }
        parts.push(part);
    }
}

fn parts_or_empty(vm: &mut Vm, parts: Vec<Owned>) -> PyResult<Vec<Owned>> {
    if parts.is_empty() { Ok(vec![vm.new_bytes(b"")?]) } else { Ok(parts) }
}

/// Writes some of the bytes; none when that would block.
pub(super) fn write(vm: &mut Vm, f: &File, bytes: &[u8]) -> PyResult<Option<usize>> {
    let done = match f.std.get() {
        1 => Some(vm.stdout().write(bytes)),
        2 => Some(vm.stdio().write_err(bytes)),
        _ => None,
    };
    if let Some(done) = done {
        return match done {
            Ok(()) => Ok(Some(bytes.len())),
            Err(e) => Err(vm.os_error(&e, None)),
        };
    }
    let fd = f.fd.get();
    loop {
        match vm.blocking(|| check(sys!(write(fd, bytes.as_ptr().cast(), bytes.len())))) {
            Ok(n) => return Ok(Some(n as usize)),
            Err(e) if e.raw_os_error() == Some(libc::EINTR) => vm.check_interrupt()?,
            Err(e) if e.raw_os_error() == Some(libc::EAGAIN) => return Ok(None),
            Err(e) => return Err(vm.os_error(&e, None)),
        }
    }
}

/// Does it write to a stream of the machine, which has a buffer of its own?
pub(super) fn std_of(f: &File) -> Option<i32> {
    Some(f.std.get()).filter(|s| *s > 0)
}

/// A position argument: an int.
pub(super) fn position(vm: &mut Vm, r: Ref<'_>) -> PyResult<i64> {
    if vm.float_of(r).is_some() {
        return Err(vm.type_error("an integer is required"));
    }
    int64(vm, r)
}

pub(super) fn seek(vm: &mut Vm, f: &File, at: i64, whence: i32) -> PyResult<i64> {
    let fd = f.fd.get();
    let r = sys!(lseek(fd, at, whence));
    if f.seekable.get() < 0 {
        f.seekable.set(i32::from(r >= 0));
    }
    if r < 0 {
        let e = io::Error::last_os_error();
        return Err(vm.os_error(&e, None));
    }
    Ok(r)
}

fn is_seekable(f: &File) -> bool {
    if f.seekable.get() < 0 {
        let at = sys!(lseek(f.fd.get(), 0, libc::SEEK_CUR));
        f.seekable.set(i32::from(at >= 0));
    }
    f.seekable.get() == 1
}

fn is_terminal(vm: &mut Vm, f: &File) -> bool {
    match f.std.get() {
        0 => vm.stdio().is_terminal(Stream::In),
        1 => vm.stdio().is_terminal(Stream::Out),
        2 => vm.stdio().is_terminal(Stream::Err),
        _ => sys!(isatty(f.fd.get())) == 1,
    }
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
pub(super) fn is_closed(r: Ref<'_>) -> bool {
    payload::<File>(r).is_none_or(|f| f.fd.get() < 0)
}
