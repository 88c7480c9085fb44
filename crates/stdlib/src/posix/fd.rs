//! Descriptors: opening, reading, writing, copying, and what they are connected to.

use super::stat::dir_fd;
use crate::host::{Or, check, descriptor, errno, flag, int_or, int64, path, size, sys};
use crate::prelude::{Args, NativeDef, PyResult, Ref, ValueExt, Vm, owned_bool};
use hognose_vm::object::bytes::bytes_of;

pub(super) const FUNCTIONS: &[NativeDef] = &[
    NativeDef::function("open", "path, flags, mode=511, *, dir_fd=None", open),
    NativeDef::function("close", "fd", |vm, a| {
        let fd = vm.index_i32(a.get(0))?;
        let r = vm.blocking(|| check(sys!(close(fd))));
        r.map_err(|e| vm.os_error(&e, None))?;
        Ok(vm.none())
    }),
    NativeDef::function("closerange", "fd_low, fd_high, /", |vm, a| {
        let (low, high) = (vm.index_i32(a.get(0))?, vm.index_i32(a.get(1))?);
        if low.max(0) < high {
            close_range(low.max(0), high - 1);
        }
        Ok(vm.none())
    }),
    NativeDef::function("read", "fd, length, /", |vm, a| {
        let (fd, n) = (vm.index_i32(a.get(0))?, size(vm, a.get(1))?);
        read_some(vm, n, |to, n| sys!(read(fd, to, n)))
    }),
    NativeDef::function("pread", "fd, length, offset, /", |vm, a| {
        let (fd, n) = (vm.index_i32(a.get(0))?, size(vm, a.get(1))?);
        let at = int64(vm, a.get(2))?;
        read_some(vm, n, |to, n| sys!(pread(fd, to, n, at)))
    }),
    NativeDef::function("readinto", "fd, buffer, /", |vm, a| {
        let fd = vm.index_i32(a.get(0))?;
        let room = vm.writable_len(a.get(1), "readinto() argument 2")?;
        let bytes = read_some(vm, room as isize, |to, n| sys!(read(fd, to, n)))?;
        let bytes = bytes_of(bytes.as_ref()).unwrap_or(&[]);
        vm.store_bytes(a.get(1), 0, bytes)?;
        vm.new_int(bytes.len() as i64)
    }),
    NativeDef::function("write", "fd, data, /", |vm, a| {
        let fd = vm.index_i32(a.get(0))?;
        let data = vm.bytes_like(a.get(1))?;
        let data = bytes_of(data.as_ref()).unwrap_or(&[]);
        let n = vm.retry(None, || check(sys!(write(fd, data.as_ptr().cast(), data.len()))))?;
        vm.new_int(n as i64)
    }),
    NativeDef::function("pwrite", "fd, buffer, offset, /", |vm, a| {
        let fd = vm.index_i32(a.get(0))?;
        let data = vm.bytes_like(a.get(1))?;
        let at = int64(vm, a.get(2))?;
        let data = bytes_of(data.as_ref()).unwrap_or(&[]);
        let n = vm.retry(None, || check(sys!(pwrite(fd, data.as_ptr().cast(), data.len(), at))))?;
        vm.new_int(n as i64)
    }),
    NativeDef::function("readv", "fd, buffers, /", |vm, a| readv(vm, a, None)),
    NativeDef::function("preadv", "fd, buffers, offset, flags=0, /", |vm, a| {
        let at = int64(vm, a.get(2))?;
        readv(vm, a, Some(at))
    }),
    NativeDef::function("writev", "fd, buffers, /", |vm, a| writev(vm, a, None)),
    NativeDef::function("pwritev", "fd, buffers, offset, flags=0, /", |vm, a| {
        let at = int64(vm, a.get(2))?;
        writev(vm, a, Some(at))
    }),
    NativeDef::function("lseek", "fd, position, whence, /", |vm, a| {
        let (fd, at, whence) = (vm.index_i32(a.get(0))?, int64(vm, a.get(1))?, vm.index_i32(a.get(2))?);
        let at = vm.retry(None, || check(sys!(lseek(fd, at, whence))))?;
        vm.new_int(at)
    }),
    NativeDef::function("ftruncate", "fd, length, /", |vm, a| {
        let (fd, n) = (vm.index_i32(a.get(0))?, int64(vm, a.get(1))?);
        done(vm, || sys!(ftruncate(fd, n)))
    }),
    NativeDef::function("fsync", "fd", |vm, a| {
        let fd = descriptor(vm, a.get(0))?;
        done(vm, || sys!(fsync(fd)))
    }),
    NativeDef::function("fdatasync", "fd", |vm, a| {
        let fd = descriptor(vm, a.get(0))?;
        done(vm, || sys!(fdatasync(fd)))
    }),
    NativeDef::function("posix_fadvise", "fd, offset, length, advice, /", |vm, a| {
        let (fd, at, n) = (vm.index_i32(a.get(0))?, int64(vm, a.get(1))?, int64(vm, a.get(2))?);
        let advice = vm.index_i32(a.get(3))?;
        by_number(vm, sys!(posix_fadvise(fd, at, n, advice)))
    }),
    NativeDef::function("posix_fallocate", "fd, offset, length, /", |vm, a| {
        let (fd, at, n) = (vm.index_i32(a.get(0))?, int64(vm, a.get(1))?, int64(vm, a.get(2))?);
        by_number(vm, sys!(posix_fallocate(fd, at, n)))
    }),
    NativeDef::function("lockf", "fd, command, length, /", |vm, a| {
        let (fd, command, n) = (vm.index_i32(a.get(0))?, vm.index_i32(a.get(1))?, int64(vm, a.get(2))?);
        done(vm, || sys!(lockf(fd, command, n)))
    }),
    NativeDef::function("dup", "fd, /", |vm, a| {
        let fd = vm.index_i32(a.get(0))?;
        let new = vm.retry(None, || check(sys!(fcntl(fd, libc::F_DUPFD_CLOEXEC, 0))))?;
        vm.new_int(i64::from(new))
    }),
    NativeDef::function("dup2", "fd, fd2, inheritable=True", |vm, a| {
        let (fd, to) = (vm.index_i32(a.get(0))?, vm.index_i32(a.get(1))?);
        let inheritable = flag(vm, a.opt(2), true)?;
        let new = vm.retry(None, || {
            if inheritable || fd == to {
                check(sys!(dup2(fd, to)))
            } else {
                check(sys!(dup3(fd, to, libc::O_CLOEXEC)))
            }
        })?;
        vm.new_int(i64::from(new))
    }),
    NativeDef::function("pipe", "", |vm, _| pipe(vm, libc::O_CLOEXEC)),
    NativeDef::function("pipe2", "flags, /", |vm, a| {
        let flags = vm.index_i32(a.get(0))?;
        pipe(vm, flags)
    }),
    NativeDef::function("isatty", "fd, /", |vm, a| {
        let fd = vm.index_i32(a.get(0))?;
        Ok(owned_bool(sys!(isatty(fd)) == 1))
    }),
    NativeDef::function("ttyname", "fd, /", |vm, a| {
        let fd = vm.index_i32(a.get(0))?;
        let mut room = [0u8; 4096];
        let code = sys!(ttyname_r(fd, room.as_mut_ptr().cast(), room.len()));
        if code != 0 {
            return Err(vm.os_error(&errno(code), None));
        }
        let n = room.iter().position(|&b| b == 0).unwrap_or(0);
        vm.fs_str(&room[..n])
    }),
    NativeDef::function("openpty", "", openpty),
    NativeDef::function("tcgetpgrp", "fd, /", |vm, a| {
        let fd = vm.index_i32(a.get(0))?;
        let n = vm.retry(None, || check(sys!(tcgetpgrp(fd))))?;
        vm.new_int(i64::from(n))
    }),
    NativeDef::function("tcsetpgrp", "fd, pgid, /", |vm, a| {
        let (fd, pgid) = (vm.index_i32(a.get(0))?, vm.index_i32(a.get(1))?);
        done(vm, || sys!(tcsetpgrp(fd, pgid)))
    }),
    NativeDef::function("get_inheritable", "fd, /", |vm, a| {
        let fd = vm.index_i32(a.get(0))?;
        let flags = vm.retry(None, || check(sys!(fcntl(fd, libc::F_GETFD))))?;
        Ok(owned_bool(flags & libc::FD_CLOEXEC == 0))
    }),
    NativeDef::function("set_inheritable", "fd, inheritable, /", |vm, a| {
        let (fd, on) = (vm.index_i32(a.get(0))?, vm.index_i32(a.get(1))? != 0);
        set_flag(vm, fd, (libc::F_GETFD, libc::F_SETFD), libc::FD_CLOEXEC, !on)
    }),
    NativeDef::function("get_blocking", "fd, /", |vm, a| {
        let fd = vm.index_i32(a.get(0))?;
        let flags = vm.retry(None, || check(sys!(fcntl(fd, libc::F_GETFL))))?;
        Ok(owned_bool(flags & libc::O_NONBLOCK == 0))
    }),
    NativeDef::function("set_blocking", "fd, blocking, /", |vm, a| {
        let (fd, on) = (vm.index_i32(a.get(0))?, vm.is_true(a.get(1))?);
        set_flag(vm, fd, (libc::F_GETFL, libc::F_SETFL), libc::O_NONBLOCK, !on)
    }),
    NativeDef::function("device_encoding", "fd", |vm, a| {
        let fd = vm.index_i32(a.get(0))?;
        if sys!(isatty(fd)) == 1 { vm.new_str("utf-8") } else { Ok(vm.none()) }
    }),
    NativeDef::function("sendfile", "out_fd, in_fd, offset, count", |vm, a| {
        let (out, from) = (vm.index_i32(a.get(0))?, vm.index_i32(a.get(1))?);
        let mut at = if a.get(2).is_none() { None } else { Some(int64(vm, a.get(2))?) };
        let n = size(vm, a.get(3))?;
        let n = vm.retry(None, || {
            let at = at.as_mut().map_or(std::ptr::null_mut(), |x| &raw mut *x);
            check(sys!(sendfile(out, from, at, n as usize)))
        })?;
        vm.new_int(n as i64)
    }),
    NativeDef::function("copy_file_range", "src, dst, count, offset_src=None, offset_dst=None", |vm, a| {
        let (src, dst, n) = (vm.index_i32(a.get(0))?, vm.index_i32(a.get(1))?, size(vm, a.get(2))?);
        if n < 0 {
            return Err(vm.value_error("negative value for 'count' not allowed"));
        }
        let (mut from, mut to) = (offset(vm, a.opt(3))?, offset(vm, a.opt(4))?);
        let n = vm.retry(None, || {
            let place = |x: &mut Option<i64>| x.as_mut().map_or(std::ptr::null_mut(), |x| &raw mut *x);
            check(sys!(copy_file_range(src, place(&mut from), dst, place(&mut to), n as usize, 0)))
        })?;
        vm.new_int(n as i64)
    }),
    NativeDef::function("splice", "src, dst, count, offset_src=None, offset_dst=None, flags=0", |vm, a| {
        let (src, dst, n) = (vm.index_i32(a.get(0))?, vm.index_i32(a.get(1))?, size(vm, a.get(2))?);
        if n < 0 {
            return Err(vm.value_error("negative value for 'count' not allowed"));
        }
        let (mut from, mut to) = (offset(vm, a.opt(3))?, offset(vm, a.opt(4))?);
        let flags = int_or(vm, a.opt(5), 0)? as u32;
        let n = vm.retry(None, || {
            let place = |x: &mut Option<i64>| x.as_mut().map_or(std::ptr::null_mut(), |x| &raw mut *x);
            check(sys!(splice(src, place(&mut from), dst, place(&mut to), n as usize, flags)))
        })?;
        vm.new_int(n as i64)
    }),
    NativeDef::function("memfd_create", "name, flags=1", |vm, a| {
        let name = path(vm, "memfd_create", a.get(0), Or::Nothing)?;
        let flags = int_or(vm, a.opt(1), 1)? as u32;
        let fd = vm.retry(None, || check(sys!(memfd_create(name.ptr(), flags))))?;
        vm.new_int(i64::from(fd))
    }),
    NativeDef::function("eventfd", "initval, flags=524288", |vm, a| {
        let start = int64(vm, a.get(0))? as u32;
        let flags = int_or(vm, a.opt(1), libc::EFD_CLOEXEC)?;
        let fd = vm.retry(None, || check(sys!(eventfd(start, flags))))?;
        vm.new_int(i64::from(fd))
    }),
    NativeDef::function("eventfd_read", "fd", |vm, a| {
        let fd = vm.index_i32(a.get(0))?;
        let mut n = 0u64;
        vm.retry(None, || check(sys!(eventfd_read(fd, &raw mut n))))?;
        super::stat::big(vm, i128::from(n))
    }),
    NativeDef::function("eventfd_write", "fd, value", |vm, a| {
        let (fd, n) = (vm.index_i32(a.get(0))?, int64(vm, a.get(1))? as u64);
        vm.retry(None, || check(sys!(eventfd_write(fd, n))))?;
        Ok(vm.none())
    }),
];

/// Runs a call whose result says only whether it succeeded.
pub(super) fn done(vm: &mut Vm, mut f: impl FnMut() -> i32) -> PyResult {
    vm.retry(None, || check(f()))?;
    Ok(vm.none())
}

/// A call that returns the number of the error.
pub(super) fn by_number(vm: &mut Vm, code: i32) -> PyResult {
    if code == 0 { Ok(vm.none()) } else { Err(vm.os_error(&errno(code), None)) }
}

fn offset(vm: &mut Vm, r: Option<Ref<'_>>) -> PyResult<Option<i64>> {
    match r.filter(|r| !r.is_none()) {
        Some(r) => int64(vm, r).map(Some),
        None => Ok(None),
    }
}

fn open(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let p = path(vm, "open", args.get(0), Or::Nothing)?;
    let flags = vm.index_i32(args.get(1))? | libc::O_CLOEXEC;
    let mode = int_or(vm, args.opt(2), 0o777)? as libc::mode_t;
    let dir = dir_fd(vm, args.opt(3))?;
    let fd = vm.retry(p.shown(), || check(sys!(openat(dir, p.ptr(), flags, mode))))?;
    vm.new_int(i64::from(fd))
}

/// Closes descriptors, both ends included; errors do not matter.
pub(crate) fn close_range(low: i32, high: i32) {
    if sys!(syscall(libc::SYS_close_range, low as u32, high as u32, 0u32)) != 0 {
        for fd in low..=high.min(1 << 20) {
            sys!(close(fd));
        }
    }
}

fn read_some(vm: &mut Vm, n: isize, mut f: impl FnMut(*mut libc::c_void, usize) -> isize) -> PyResult {
    let Ok(n) = usize::try_from(n) else {
        return Err(vm.os_error(&errno(libc::EINVAL), None));
    };
    vm.read_bytes(n, |vm, room| {
        let (to, n) = (room.as_mut_ptr().cast(), room.len());
        vm.retry(None, || check(f(to, n))).map(|n| n as usize)
    })?
}

fn readv(vm: &mut Vm, args: &Args<'_>, at: Option<i64>) -> PyResult {
    let fd = vm.index_i32(args.get(0))?;
    let buffers = vm.collect(args.get(1))?;
    let mut room = 0usize;
    for b in &buffers {
        room = room.saturating_add(vm.writable_len(b.as_ref(), "readv() buffers")?);
    }
    let bytes = read_some(vm, room as isize, |to, n| match at {
        Some(at) => sys!(pread(fd, to, n, at)),
        None => sys!(read(fd, to, n)),
    })?;
    let bytes = bytes_of(bytes.as_ref()).unwrap_or(&[]);
    let mut left = bytes;
    for b in &buffers {
        let n = vm.writable_len(b.as_ref(), "readv() buffers")?.min(left.len());
        vm.store_bytes(b.as_ref(), 0, &left[..n])?;
        left = &left[n..];
    }
    vm.new_int(bytes.len() as i64)
}

fn writev(vm: &mut Vm, args: &Args<'_>, at: Option<i64>) -> PyResult {
    let fd = vm.index_i32(args.get(0))?;
    let buffers = vm.collect(args.get(1))?;
    let buffers = buffers.iter().map(|b| vm.bytes_like(b.as_ref())).collect::<PyResult<Vec<_>>>()?;
    let parts: Vec<libc::iovec> = buffers
        .iter()
        .map(|b| bytes_of(b.as_ref()).unwrap_or(&[]))
        .map(|b| libc::iovec { iov_base: b.as_ptr().cast_mut().cast(), iov_len: b.len() })
        .collect();
    let n = vm.retry(None, || {
        let (p, n) = (parts.as_ptr(), parts.len() as i32);
        check(match at {
            Some(at) => sys!(pwritev(fd, p, n, at)),
            None => sys!(writev(fd, p, n)),
        })
    })?;
    vm.new_int(n as i64)
}

fn pipe(vm: &mut Vm, flags: i32) -> PyResult {
    let mut ends = [0i32; 2];
    vm.retry(None, || check(sys!(pipe2(ends.as_mut_ptr(), flags))))?;
    pair(vm, ends)
}

fn pair(vm: &mut Vm, ends: [i32; 2]) -> PyResult {
    let (a, b) = (vm.new_int(i64::from(ends[0]))?, vm.new_int(i64::from(ends[1]))?);
    vm.new_pair(a, b)
}

fn openpty(vm: &mut Vm, _args: &Args<'_>) -> PyResult {
    let mut ends = [0i32; 2];
    let null = std::ptr::null_mut;
    vm.retry(None, || {
        check(sys!(openpty(&raw mut ends[0], &raw mut ends[1], null(), std::ptr::null(), std::ptr::null())))
    })?;
    for fd in ends {
        sys!(fcntl(fd, libc::F_SETFD, libc::FD_CLOEXEC));
    }
    pair(vm, ends)
}

fn set_flag(vm: &mut Vm, fd: i32, (get, set): (i32, i32), bit: i32, on: bool) -> PyResult {
    let flags = vm.retry(None, || check(sys!(fcntl(fd, get))))?;
    let new = if on { flags | bit } else { flags & !bit };
    if new != flags {
        vm.retry(None, || check(sys!(fcntl(fd, set, new))))?;
    }
    Ok(vm.none())
}
