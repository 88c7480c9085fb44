//! The class `socket`.

use super::address::{Address, argument};
use super::transfer::{call, connect, getsockopt, into_arguments, receive, room, send, setsockopt, store};
use super::{Sockets, timeout};
use crate::host::{check, int_or, sys};
use crate::prelude::{
    Args, GetSetDef, NativeDef, PyResult, Ref, Slots, TypeDef, TypeFlags, TypeRef, ValueExt, Vm, base_value,
    instance, is_int, owned_bool, payload, trace_fields,
};
use hognose_vm::object::bytes::bytes_of;
use std::cell::Cell;
use std::io;

/// A socket; -1 once closed.
pub(super) struct Socket {
    pub(super) fd: Cell<i32>,
    pub(super) family: Cell<i32>,
    kind: Cell<i32>,
    proto: Cell<i32>,
    /// Nanoseconds; negative: none.
    pub(super) timeout: Cell<i64>,
}
trace_fields!(Socket {});

impl Drop for Socket {
    fn drop(&mut self) {
        let fd = self.fd.get();
        if fd >= 0 {
            sys!(close(fd));
        }
    }
}

static TYPE: TypeDef = TypeDef {
    name: "_socket.socket",
    flags: TypeFlags::BASE_TYPE | TypeFlags::HAS_WEAKREF,
    doc: "socket(family=AF_INET, type=SOCK_STREAM, proto=0) -> socket object\nsocket(family=-1, type=-1, proto=-1, \
          fileno=None) -> socket object\n\nOpen a socket of the given type.",
    slots: Slots { new: Some(new), init: Some(init), repr: Some(repr), ..Slots::NONE },
    methods: &[
        NativeDef::method("fileno", "$self, /", |vm, a| {
            let fd = this(vm, a)?.fd.get();
            vm.new_int(i64::from(fd))
        }),
        NativeDef::method("close", "$self, /", |vm, a| {
            let fd = this(vm, a)?.fd.replace(-1);
            if fd >= 0 {
                let r = vm.blocking(|| check(sys!(close(fd))));
                if let Err(e) = r
                    && e.raw_os_error() != Some(libc::ECONNRESET)
                {
                    return Err(vm.os_error(&e, None));
                }
            }
            Ok(vm.none())
        }),
        NativeDef::method("detach", "$self, /", |vm, a| {
            let fd = this(vm, a)?.fd.replace(-1);
            vm.new_int(i64::from(fd))
        }),
        NativeDef::method("bind", "$self, address, /", |vm, a| {
            let s = this(vm, a)?;
            let to = argument(vm, s.family.get(), a.get(1), "bind")?;
            let fd = s.fd.get();
            vm.retry(None, || check(sys!(bind(fd, to.ptr(), to.len))))?;
            Ok(vm.none())
        }),
        NativeDef::method("listen", "$self, backlog=128, /", |vm, a| {
            let n = int_or(vm, a.opt(1), 128)?.max(0);
            let fd = this(vm, a)?.fd.get();
            vm.retry(None, || check(sys!(listen(fd, n))))?;
            Ok(vm.none())
        }),
        NativeDef::method("_accept", "$self, /", |vm, a| {
            let s = this(vm, a)?;
            let mut from = Address::empty();
            let fd = s.fd.get();
            let new = call(vm, s, libc::POLLIN, |_| {
                from = Address::empty();
                let (p, n) = (from.mut_ptr(), &raw mut from.len);
                check(sys!(accept4(fd, p, n, libc::SOCK_CLOEXEC)))
            })?;
            let (new, from) = (vm.new_int(i64::from(new))?, from.object(vm)?);
            vm.new_pair(new, from)
        }),
        NativeDef::method("connect", "$self, address, /", |vm, a| connect(vm, a, false)),
        NativeDef::method("connect_ex", "$self, address, /", |vm, a| connect(vm, a, true)),
        NativeDef::method("getsockname", "$self, /", |vm, a| {
            let fd = this(vm, a)?.fd.get();
            let mut at = Address::empty();
            vm.retry(None, || check(sys!(getsockname(fd, at.mut_ptr(), &raw mut at.len))))?;
            at.object(vm)
        }),
        NativeDef::method("getpeername", "$self, /", |vm, a| {
            let fd = this(vm, a)?.fd.get();
            let mut at = Address::empty();
            vm.retry(None, || check(sys!(getpeername(fd, at.mut_ptr(), &raw mut at.len))))?;
            at.object(vm)
        }),
        NativeDef::method("shutdown", "$self, how, /", |vm, a| {
            let how = vm.index_i32(a.get(1))?;
            let fd = this(vm, a)?.fd.get();
            vm.retry(None, || check(sys!(shutdown(fd, how))))?;
            Ok(vm.none())
        }),
        NativeDef::method("setblocking", "$self, flag, /", |vm, a| {
            let on = vm.is_true(a.get(1))?;
            let s = this(vm, a)?;
            set_timeout(vm, s, if on { None } else { Some(0) })
        }),
        NativeDef::method("getblocking", "$self, /", |vm, a| Ok(owned_bool(this(vm, a)?.timeout.get() != 0))),
        NativeDef::method("settimeout", "$self, timeout, /", |vm, a| {
            let t = timeout(vm, a.get(1))?;
            let s = this(vm, a)?;
            set_timeout(vm, s, t)
        }),
        NativeDef::method("gettimeout", "$self, /", |vm, a| timeout_object(vm, this_of(a.get(0)))),
        NativeDef::method(
            "setsockopt",
            "$self, level, option, value, optlen=<unrepresentable>, /",
            setsockopt,
        ),
        NativeDef::method("getsockopt", "$self, level, option, buflen=0, /", getsockopt),
        NativeDef::method("recv", "$self, bufsize, flags=0, /", |vm, a| {
            let n = room(vm, a.get(1), "negative buffersize in recv")?;
            let flags = int_or(vm, a.opt(2), 0)?;
            let s = this(vm, a)?;
            receive(vm, s, n, flags, None)
        }),
        NativeDef::method("recv_into", "$self, buffer, nbytes=0, flags=0", |vm, a| {
            let (n, flags) = into_arguments(vm, a, "recv_into")?;
            let s = this(vm, a)?;
            let data = receive(vm, s, n, flags, None)?;
            store(vm, a.get(1), &data)
        }),
        NativeDef::method("recvfrom", "$self, bufsize, flags=0, /", |vm, a| {
            let n = room(vm, a.get(1), "negative buffersize in recvfrom")?;
            let flags = int_or(vm, a.opt(2), 0)?;
            let s = this(vm, a)?;
            let mut from = Address::empty();
            let data = receive(vm, s, n, flags, Some(&mut from))?;
            let from = from.object(vm)?;
            vm.new_pair(data, from)
        }),
        NativeDef::method("recvfrom_into", "$self, buffer, nbytes=0, flags=0", |vm, a| {
            let (n, flags) = into_arguments(vm, a, "recvfrom_into")?;
            let s = this(vm, a)?;
            let mut from = Address::empty();
            let data = receive(vm, s, n, flags, Some(&mut from))?;
            let n = store(vm, a.get(1), &data)?;
            let from = from.object(vm)?;
            vm.new_pair(n, from)
        }),
        NativeDef::method("send", "$self, data, flags=0, /", |vm, a| {
            let data = vm.bytes_like(a.get(1))?;
            let flags = int_or(vm, a.opt(2), 0)?;
            let s = this(vm, a)?;
            let n = send(vm, s, bytes_of(data.as_ref()).unwrap_or(&[]), flags, None)?;
            vm.new_int(n as i64)
        }),
        NativeDef::method("sendall", "$self, data, flags=0, /", |vm, a| {
            let data = vm.bytes_like(a.get(1))?;
            let flags = int_or(vm, a.opt(2), 0)?;
            let s = this(vm, a)?;
            let mut rest = bytes_of(data.as_ref()).unwrap_or(&[]);
            while !rest.is_empty() {
                let n = send(vm, s, rest, flags, None)?;
                rest = &rest[n..];
                vm.check_interrupt()?;
            }
            Ok(vm.none())
        }),
        NativeDef::method(
            "sendto",
            "$self, data, flags_or_address, address=<unrepresentable>, /",
            |vm, a| {
                let data = vm.bytes_like(a.get(1))?;
                let (flags, to) = match a.opt(3) {
                    Some(to) => (vm.index_i32(a.get(2))?, to),
                    None => (0, a.get(2)),
                };
                let s = this(vm, a)?;
                let to = argument(vm, s.family.get(), to, "sendto")?;
                let n = send(vm, s, bytes_of(data.as_ref()).unwrap_or(&[]), flags, Some(&to))?;
                vm.new_int(n as i64)
            },
        ),
        NativeDef::method(
            "sendmsg",
            "$self, buffers, ancdata=(), flags=0, address=None, /",
            super::names::sendmsg,
        ),
        NativeDef::method("recvmsg", "$self, bufsize, ancbufsize=0, flags=0, /", super::names::recvmsg),
    ],
    getset: &[
        GetSetDef::read("family", |vm, r| vm.new_int(this_of(r).map_or(-1, |s| i64::from(s.family.get())))),
        GetSetDef::read("type", |vm, r| vm.new_int(this_of(r).map_or(-1, |s| i64::from(s.kind.get())))),
        GetSetDef::read("proto", |vm, r| vm.new_int(this_of(r).map_or(-1, |s| i64::from(s.proto.get())))),
        GetSetDef::read("timeout", |vm, r| timeout_object(vm, this_of(r))),
    ],
    ..TypeDef::EMPTY
};

pub(super) fn register(vm: &mut Vm) -> PyResult<TypeRef<'static>> {
    vm.add_native_type::<Socket>(&TYPE)
}

fn this_of(r: Ref<'_>) -> Option<&Socket> {
    payload::<Socket>(r)
}

pub(super) fn this<'a>(vm: &mut Vm, args: &Args<'a>) -> PyResult<&'a Socket> {
    payload::<Socket>(args.get(0)).ok_or_else(|| vm.type_error("a socket is required"))
}

/// Descriptor, kind of waiting: for the message functions.
pub(super) fn parts(vm: &mut Vm, args: &Args<'_>) -> PyResult<(i32, i32)> {
    let s = this(vm, args)?;
    Ok((s.fd.get(), s.family.get()))
}

/// Runs a message call with the socket's timeout.
pub(super) fn message<T>(
    vm: &mut Vm,
    args: &Args<'_>,
    events: i16,
    f: impl FnMut(i32) -> io::Result<T>,
) -> PyResult<T> {
    let s = this(vm, args)?;
    call(vm, s, events, f)
}

fn timeout_object(vm: &mut Vm, s: Option<&Socket>) -> PyResult {
    match s.map(|s| s.timeout.get()) {
        Some(ns) if ns >= 0 => vm.new_float(ns as f64 / 1e9),
        _ => Ok(vm.none()),
    }
}

fn empty(fd: i32) -> Socket {
    Socket {
        fd: Cell::new(fd),
        family: Cell::new(-1),
        kind: Cell::new(-1),
        proto: Cell::new(-1),
        timeout: Cell::new(-1),
    }
}

fn new(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    instance(vm, args.get(0), empty(-1))
}

/// A socket around a descriptor.
pub(super) fn adopt(vm: &mut Vm, fd: i32, family: i32, kind: i32, proto: i32) -> PyResult {
    let s = empty(fd);
    s.family.set(family);
    s.kind.set(kind & !(libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC));
    s.proto.set(proto);
    let object = vm.new_native(s)?;
    if let Some(s) = this_of(object.as_ref()) {
        start_timeout(vm, s, kind)?;
    }
    Ok(object)
}

fn start_timeout(vm: &mut Vm, s: &Socket, kind: i32) -> PyResult<()> {
    if kind >= 0 && kind & libc::SOCK_NONBLOCK != 0 {
        s.timeout.set(0);
        return Ok(());
    }
    if let Some(ns) = vm.state::<Sockets>().default_timeout {
        set_timeout(vm, s, Some(ns))?;
    }
    Ok(())
}

pub(super) fn option(fd: i32, name: i32) -> io::Result<i32> {
    let (mut value, mut n) = (0i32, 4 as libc::socklen_t);
    check(sys!(getsockopt(fd, libc::SOL_SOCKET, name, std::ptr::from_mut(&mut value).cast(), &raw mut n)))?;
    Ok(value)
}

fn init(vm: &mut Vm, args: &Args<'_>) -> PyResult<()> {
    let bound = vm.bind(args, "socket", "family=-1, type=-1, proto=-1, fileno=None")?;
    let Some(s) = this_of(args.get(0)) else { return Ok(()) };
    let given = |i: usize| bound.pos.get(i).copied().flatten();
    let (mut family, mut kind, mut proto) =
        (int_or(vm, given(0), -1)?, int_or(vm, given(1), -1)?, int_or(vm, given(2), -1)?);
    let fileno = given(3).filter(|f| !f.is_none());
    let fd = match fileno {
        Some(f) => {
            if vm.float_of(f).is_some() || !is_int(base_value(f)) && vm.class_of(f).slots().index.is_none() {
                let class = vm.type_name(f);
                return Err(vm.type_error(&format!("'{class}' object cannot be interpreted as an integer")));
            }
            let fd = vm.index_i32(f)?;
            if fd < 0 {
                return Err(vm.value_error("negative file descriptor"));
            }
            let mut at = Address::empty();
            let named = check(sys!(getsockname(fd, at.mut_ptr(), &raw mut at.len)));
            if let Err(e) = named
                && (family == -1 || matches!(e.raw_os_error(), Some(libc::EBADF | libc::ENOTSOCK)))
            {
                return Err(vm.os_error(&e, None));
            }
            let fill = |value: &mut i32, name: i32| -> io::Result<()> {
                if *value == -1 {
                    *value = option(fd, name)?;
                }
                Ok(())
            };
            let filled = fill(&mut family, libc::SO_DOMAIN)
                .and_then(|()| fill(&mut kind, libc::SO_TYPE))
                .and_then(|()| fill(&mut proto, libc::SO_PROTOCOL));
            if let Err(e) = filled {
                return Err(vm.os_error(&e, None));
            }
            fd
        }
        None => {
            let or = |n: i32, default: i32| if n == -1 { default } else { n };
            (family, kind, proto) = (or(family, libc::AF_INET), or(kind, libc::SOCK_STREAM), or(proto, 0));
            vm.retry(None, || check(sys!(socket(family, kind | libc::SOCK_CLOEXEC, proto))))?
        }
    };
    let old = s.fd.replace(fd);
    if old >= 0 {
        sys!(close(old));
    }
    s.family.set(family);
    s.kind.set(kind & !(libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC));
    s.proto.set(proto);
    s.timeout.set(-1);
    start_timeout(vm, s, kind)
}

fn repr(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let Some(s) = this_of(r) else { return vm.default_repr(r) };
    let text = format!(
        "<socket object, fd={}, family={}, type={}, proto={}>",
        s.fd.get(),
        s.family.get(),
        s.kind.get(),
        s.proto.get()
    );
    vm.new_str(&text)
}

fn set_timeout(vm: &mut Vm, s: &Socket, ns: Option<i64>) -> PyResult {
    s.timeout.set(ns.unwrap_or(-1));
    let fd = s.fd.get();
    let mut on = i32::from(ns.is_some());
    vm.retry(None, || check(sys!(ioctl(fd, libc::FIONBIO, &raw mut on))))?;
    Ok(vm.none())
}
