//! Reading, writing and positions of a raw file.

use super::File;
use crate::host::{check, int64, sys, zeroed};
use crate::io::{base, closed_error, unsupported};
use crate::prelude::{Owned, PyResult, Ref, Vm};
use hognose_vm::Stream;
use hognose_vm::object::bytes::bytes_of;
use std::io;

/// Can the file be read (used by what lies above)?
pub(in crate::io) fn check_readable(vm: &mut Vm, f: &File) -> PyResult<()> {
    if f.fd.get() < 0 {
        return Err(closed_error(vm));
    }
    if f.readable.get() { Ok(()) } else { Err(unsupported(vm, "File not open for reading")) }
}

/// Reads up to `n` bytes; None when that would block.
pub(in crate::io) fn read(vm: &mut Vm, f: &File, n: usize) -> PyResult {
    let n = n.min(isize::MAX as usize);
    let result = vm.read_bytes(n, |vm, room| read_into(vm, f, room))?;
    match result {
        Ok(bytes) => Ok(bytes),
        Err(Some(e)) => Err(e),
        Err(None) => Ok(vm.none()),
    }
}

/// Reads into memory; `Err(None)`: it would block.
pub(in crate::io) fn read_into(
    vm: &mut Vm,
    f: &File,
    room: &mut [u8],
) -> Result<usize, Option<hognose_vm::Raised>> {
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
pub(in crate::io) fn read_all(vm: &mut Vm, f: &File) -> PyResult {
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
                return base::join(vm, &parts);
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
pub(in crate::io) fn write(vm: &mut Vm, f: &File, bytes: &[u8]) -> PyResult<Option<usize>> {
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
pub(in crate::io) fn std_of(f: &File) -> Option<i32> {
    Some(f.std.get()).filter(|s| *s > 0)
}

/// A position argument: an int.
pub(in crate::io) fn position(vm: &mut Vm, r: Ref<'_>) -> PyResult<i64> {
    if vm.float_of(r).is_some() {
        return Err(vm.type_error("an integer is required"));
    }
    int64(vm, r)
}

pub(in crate::io) fn seek(vm: &mut Vm, f: &File, at: i64, whence: i32) -> PyResult<i64> {
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

pub(in crate::io) fn is_seekable(f: &File) -> bool {
    if f.seekable.get() < 0 {
        let at = sys!(lseek(f.fd.get(), 0, libc::SEEK_CUR));
        f.seekable.set(i32::from(at >= 0));
    }
    f.seekable.get() == 1
}

pub(in crate::io) fn is_terminal(vm: &mut Vm, f: &File) -> bool {
    match f.std.get() {
        0 => vm.stdio().is_terminal(Stream::In),
        1 => vm.stdio().is_terminal(Stream::Out),
        2 => vm.stdio().is_terminal(Stream::Err),
        _ => sys!(isatty(f.fd.get())) == 1,
    }
}
