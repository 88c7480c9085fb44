//! `select.epoll` objects.

use super::Deadline;
use crate::host::{check, descriptor, int_or, nanoseconds, sys};
use crate::prelude::{
    Args, GetSetDef, NativeDef, Owned, PyResult, Ref, Slots, TypeDef, TypeFlags, ValueExt, Vm, instance,
    owned_bool, payload, trace_fields,
};
use std::cell::Cell;

/// The kernel's descriptor, -1 once closed; closed with the object.
struct Epoll {
    fd: Cell<i32>,
}
trace_fields!(Epoll {});

impl Drop for Epoll {
    fn drop(&mut self) {
        let fd = self.fd.get();
        if fd >= 0 {
            sys!(close(fd));
        }
    }
}

static TYPE: TypeDef = TypeDef {
    name: "select.epoll",
    doc: "select.epoll(sizehint=-1, flags=0)\n\nReturns an epolling object.",
    flags: TypeFlags::BASE_TYPE,
    slots: Slots { new: Some(new), ..Slots::NONE },
    methods: &[
        NativeDef::class_method("fromfd", "$type, fd, /", |vm, a| {
            let fd = vm.index_i32(a.get(1))?;
            instance(vm, a.get(0), Epoll { fd: Cell::new(fd) })
        }),
        NativeDef::method("close", "$self, /", close),
        NativeDef::method("fileno", "$self, /", |vm, a| {
            let fd = open(vm, a.get(0))?;
            vm.new_int(i64::from(fd))
        }),
        NativeDef::method("register", "$self, fd, eventmask=<unrepresentable>", |vm, a| {
            let events = int_or(vm, a.opt(2), libc::EPOLLIN | libc::EPOLLPRI | libc::EPOLLOUT)?;
            control(vm, a, libc::EPOLL_CTL_ADD, events)
        }),
        NativeDef::method("modify", "$self, fd, eventmask", |vm, a| {
            let events = unsigned(vm, a.get(2))?;
            control(vm, a, libc::EPOLL_CTL_MOD, events)
        }),
        NativeDef::method("unregister", "$self, fd", |vm, a| control(vm, a, libc::EPOLL_CTL_DEL, 0)),
        NativeDef::method("poll", "$self, timeout=None, maxevents=-1", poll),
        NativeDef::method("__enter__", "$self, /", |vm, a| {
            open(vm, a.get(0))?;
            Ok(a.get(0).owned())
        }),
        NativeDef::method("__exit__", "$self, exc_type=None, exc_value=None, exc_tb=None, /", close),
    ],
    getset: &[GetSetDef::read("closed", |_, r| {
        Ok(owned_bool(payload::<Epoll>(r).is_none_or(|e| e.fd.get() < 0)))
    })],
    ..TypeDef::EMPTY
};

pub(super) fn register(vm: &mut Vm, module: &Owned) -> PyResult<()> {
    let class = vm.add_native_type::<Epoll>(&TYPE)?;
    vm.module_set(module.as_ref(), "epoll", class.owned())
}

fn unsigned(vm: &mut Vm, r: Ref<'_>) -> PyResult<i32> {
    Ok(crate::host::int64(vm, r)? as i32)
}

fn new(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let bound = vm.bind(args, "epoll", "sizehint=-1, flags=0")?;
    if let Some(hint) = bound.pos[0] {
        let hint = vm.index_i32(hint)?;
        if hint == 0 || hint < -1 {
            return Err(vm.value_error("negative sizehint"));
        }
    }
    if let Some(flags) = bound.pos[1] {
        let flags = vm.index_i32(flags)?;
        if flags & !libc::EPOLL_CLOEXEC != 0 {
            return Err(vm.os_error(&crate::host::errno(libc::EINVAL), None));
        }
    }
    let fd = vm.retry(None, || check(sys!(epoll_create1(libc::EPOLL_CLOEXEC))))?;
    instance(vm, args.get(0), Epoll { fd: Cell::new(fd) })
}

fn close(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    if let Some(e) = payload::<Epoll>(args.get(0)) {
        let fd = e.fd.replace(-1);
        if fd >= 0 && sys!(close(fd)) == -1 {
            let e = std::io::Error::last_os_error();
            return Err(vm.os_error(&e, None));
        }
    }
    Ok(vm.none())
}

fn open(vm: &mut Vm, r: Ref<'_>) -> PyResult<i32> {
    match payload::<Epoll>(r).map(|e| e.fd.get()) {
        Some(fd) if fd >= 0 => Ok(fd),
        _ => Err(vm.value_error("I/O operation on closed epoll object")),
    }
}

fn control(vm: &mut Vm, args: &Args<'_>, op: i32, events: i32) -> PyResult {
    let ep = open(vm, args.get(0))?;
    let fd = descriptor(vm, args.get(1))?;
    let mut event = libc::epoll_event { events: events as u32, u64: fd as u64 };
    vm.retry(None, || check(sys!(epoll_ctl(ep, op, fd, &raw mut event))))?;
    Ok(vm.none())
}

fn poll(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let ep = open(vm, args.get(0))?;
    let timeout = match args.opt(1).filter(|t| !t.is_none()) {
        None => None,
        Some(t) => {
            if vm.float_of(t).is_none() && vm.class_of(t).slots().index.is_none() {
                return Err(vm.type_error("timeout must be an integer or None"));
            }
            Some(nanoseconds(vm, t, "timeout")?).filter(|ns| *ns >= 0)
        }
    };
    let most = match int_or(vm, args.opt(2), -1)? {
        -1 => 1024,
        n if n <= 0 => {
            return Err(vm.value_error(&format!("maxevents must be greater than 0, got {n}")));
        }
        n => n.min(1 << 16),
    };
    let deadline = Deadline::new(timeout);
    let mut events = vec![libc::epoll_event { events: 0, u64: 0 }; most as usize];
    let n = loop {
        let ms = deadline.milliseconds();
        match vm.blocking(|| check(sys!(epoll_wait(ep, events.as_mut_ptr(), most, ms)))) {
            Ok(n) => break n as usize,
            Err(e) if e.raw_os_error() == Some(libc::EINTR) => {
                vm.check_interrupt()?;
                if deadline.passed() {
                    break 0;
                }
            }
            Err(e) => return Err(vm.os_error(&e, None)),
        }
    };
    let mut out = Vec::new();
    for e in &events[..n] {
        let (fd, mask) = (e.u64 as i64, e.events);
        let (fd, mask) = (vm.new_int(fd)?, vm.new_int(i64::from(mask))?);
        out.push(vm.new_pair(fd, mask)?);
    }
    vm.new_list(out)
}
