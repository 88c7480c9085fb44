//! What a socket does: waiting as its timeout says, connecting, receiving, sending, options.

use super::address::{Address, argument};
use super::object::{Socket, option, this};
use crate::host::{check, int_or, sys};
use crate::prelude::{Args, Exc, Owned, PyResult, Ref, ValueExt, Vm, base_value, is_int};
use crate::select::Deadline;
use hognose_vm::object::bytes::bytes_of;
use std::io;

/// Waits until the socket is ready; false when the time is over.
fn wait(vm: &mut Vm, fd: i32, events: i16, deadline: Deadline) -> PyResult<bool> {
    loop {
        let mut p = libc::pollfd { fd, events, revents: 0 };
        let ms = deadline.milliseconds();
        match vm.blocking(|| check(sys!(poll(&raw mut p, 1, ms)))) {
            Ok(n) => return Ok(n > 0),
            Err(e) if e.raw_os_error() == Some(libc::EINTR) => {
                vm.check_interrupt()?;
                if deadline.passed() {
                    return Ok(false);
                }
            }
            Err(e) => return Err(vm.os_error(&e, None)),
        }
    }
}

fn timed_out(vm: &mut Vm) -> hognose_vm::Raised {
    vm.raise(Exc::TimeoutError, "timed out")
}

/// A call that waits as the socket's timeout says.
pub(super) fn call<T>(
    vm: &mut Vm,
    s: &Socket,
    events: i16,
    mut f: impl FnMut(i32) -> io::Result<T>,
) -> PyResult<T> {
    let timeout = s.timeout.get();
    let deadline = Deadline::new(Some(timeout).filter(|t| *t > 0));
    loop {
        if timeout > 0 && !wait(vm, s.fd.get(), events, deadline)? {
            return Err(timed_out(vm));
        }
        let fd = s.fd.get();
        match vm.blocking(|| f(fd)) {
            Ok(x) => return Ok(x),
            Err(e) if e.raw_os_error() == Some(libc::EINTR) => vm.check_interrupt()?,
            Err(e) if timeout > 0 && e.raw_os_error() == Some(libc::EAGAIN) => {}
            Err(e) => return Err(vm.os_error(&e, None)),
        }
    }
}

pub(super) fn connect(vm: &mut Vm, args: &Args<'_>, number: bool) -> PyResult {
    let s = this(vm, args)?;
    let name = if number { "connect_ex" } else { "connect" };
    let to = argument(vm, s.family.get(), args.get(1), name)?;
    let fd = s.fd.get();
    let mut code = match vm.blocking(|| check(sys!(connect(fd, to.ptr(), to.len)))) {
        Ok(_) => 0,
        Err(e) => e.raw_os_error().unwrap_or(0),
    };
    let timeout = s.timeout.get();
    let waits = match code {
        libc::EINTR => {
            vm.check_interrupt()?;
            timeout != 0
        }
        libc::EINPROGRESS => timeout > 0,
        _ => false,
    };
    if waits {
        let deadline = Deadline::new(Some(timeout).filter(|t| *t > 0));
        code = if wait(vm, fd, libc::POLLOUT, deadline)? {
            option(fd, libc::SO_ERROR).unwrap_or(libc::EIO)
        } else if number {
            libc::EWOULDBLOCK
        } else {
            return Err(timed_out(vm));
        };
        if code == libc::EISCONN {
            code = 0;
        }
    }
    if number {
        return vm.new_int(i64::from(code));
    }
    if code != 0 {
        return Err(vm.os_error(&crate::host::errno(code), None));
    }
    Ok(vm.none())
}

pub(super) fn room(vm: &mut Vm, r: Ref<'_>, negative: &str) -> PyResult<usize> {
    let n = vm.index_isize(r, false)?;
    usize::try_from(n).map_err(|_| vm.value_error(negative))
}

pub(super) fn receive(
    vm: &mut Vm,
    s: &Socket,
    n: usize,
    flags: i32,
    mut from: Option<&mut Address>,
) -> PyResult {
    vm.read_bytes(n, |vm, to| {
        let got = call(vm, s, libc::POLLIN, |fd| {
            let (p, n) = (to.as_mut_ptr().cast(), to.len());
            match &mut from {
                Some(a) => {
                    a.len = size_of::<libc::sockaddr_storage>() as libc::socklen_t;
                    let len = &raw mut a.len;
                    check(sys!(recvfrom(fd, p, n, flags, a.mut_ptr(), len)))
                }
                None => check(sys!(recv(fd, p, n, flags))),
            }
        });
        got.map(|n| n as usize)
    })?
}

pub(super) fn into_arguments(vm: &mut Vm, args: &Args<'_>, name: &str) -> PyResult<(usize, i32)> {
    let all = vm.writable_len(args.get(1), &format!("{name}() argument 1"))?;
    let n = match args.opt(2) {
        Some(n) => room(vm, n, &format!("negative buffersize in {name}"))?,
        None => 0,
    };
    if n > all {
        let text = if name == "recv_into" {
            "buffer too small for requested bytes"
        } else {
            "nbytes is greater than the length of the buffer"
        };
        return Err(vm.value_error(text));
    }
    Ok((if n == 0 { all } else { n }, int_or(vm, args.opt(3), 0)?))
}

pub(super) fn store(vm: &mut Vm, to: Ref<'_>, data: &Owned) -> PyResult {
    let bytes = bytes_of(data.as_ref()).unwrap_or(&[]);
    vm.store_bytes(to, 0, bytes)?;
    vm.new_int(bytes.len() as i64)
}

pub(super) fn send(
    vm: &mut Vm,
    s: &Socket,
    data: &[u8],
    flags: i32,
    to: Option<&Address>,
) -> PyResult<usize> {
    let n = call(vm, s, libc::POLLOUT, |fd| {
        let (p, n) = (data.as_ptr().cast(), data.len());
        check(match to {
            Some(a) => sys!(sendto(fd, p, n, flags, a.ptr(), a.len)),
            None => sys!(send(fd, p, n, flags)),
        })
    })?;
    Ok(n as usize)
}

pub(super) fn setsockopt(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let (level, name) = (vm.index_i32(args.get(1))?, vm.index_i32(args.get(2))?);
    let fd = this(vm, args)?.fd.get();
    let value = args.get(3);
    if let Some(n) = args.opt(4) {
        if !value.is_none() {
            return Err(vm.type_error("socket option should be None when optlen is given"));
        }
        let n = vm.index_i32(n)? as libc::socklen_t;
        vm.retry(None, || check(sys!(setsockopt(fd, level, name, std::ptr::null(), n))))?;
        return Ok(vm.none());
    }
    let data = if is_int(base_value(value)) {
        vm.index_i32(value)?.to_ne_bytes().to_vec()
    } else {
        let b = vm.bytes_like(value)?;
        bytes_of(b.as_ref()).unwrap_or(&[]).to_vec()
    };
    vm.retry(None, || {
        check(sys!(setsockopt(fd, level, name, data.as_ptr().cast(), data.len() as libc::socklen_t)))
    })?;
    Ok(vm.none())
}

pub(super) fn getsockopt(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let (level, name) = (vm.index_i32(args.get(1))?, vm.index_i32(args.get(2))?);
    let size = int_or(vm, args.opt(3), 0)?;
    let fd = this(vm, args)?.fd.get();
    if size == 0 {
        let (mut value, mut n) = (0i32, 4 as libc::socklen_t);
        vm.retry(None, || {
            check(sys!(getsockopt(fd, level, name, std::ptr::from_mut(&mut value).cast(), &raw mut n)))
        })?;
        return vm.new_int(i64::from(value));
    }
    if !(1..=1024).contains(&size) {
        return Err(vm.raise(Exc::OSError, "getsockopt buflen out of range"));
    }
    let (mut data, mut n) = (vec![0u8; size as usize], size as libc::socklen_t);
    vm.retry(None, || check(sys!(getsockopt(fd, level, name, data.as_mut_ptr().cast(), &raw mut n))))?;
    vm.new_bytes(&data[..n as usize])
}
