//! Opening: modes, names and descriptors, openers.

use super::{DEFAULT_BUFFER, File};
use crate::host::{check, no_nul, sys, zeroed};
use crate::prelude::{Args, Exc, PyResult, Ref, ValueExt, Vm, as_str, base_value, is_int, payload};
use std::ffi::CString;
use std::io;

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

pub(super) fn init(vm: &mut Vm, args: &Args<'_>) -> PyResult<()> {
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
    settle(vm, f, name, fd.is_some())?;
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
        f.block.set(if st.st_blksize > 1 { st.st_blksize } else { DEFAULT_BUFFER as i64 });
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
