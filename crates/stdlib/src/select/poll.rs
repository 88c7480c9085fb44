//! `select.poll` objects.

use super::Deadline;
use crate::host::{check, descriptor, sys};
use crate::prelude::{Args, NativeDef, PyResult, Ref, TypeDef, ValueExt, Vm, payload, trace_fields};
use num_traits::ToPrimitive;
use std::cell::{Cell, RefCell};

/// Descriptors with the events waited for, in the order they were registered.
struct Poll {
    fds: RefCell<Vec<libc::pollfd>>,
    running: Cell<bool>,
}
trace_fields!(Poll {});

static TYPE: TypeDef = TypeDef {
    name: "select.poll",
    methods: &[
        NativeDef::method("register", "$self, fd, eventmask=7, /", |vm, a| {
            let (p, fd) = (this(vm, a)?, descriptor(vm, a.get(1))?);
            let events = match a.opt(2) {
                Some(e) => mask(vm, e)?,
                None => libc::POLLIN | libc::POLLPRI | libc::POLLOUT,
            };
            let mut fds = p.fds.borrow_mut();
            match fds.iter_mut().find(|f| f.fd == fd) {
                Some(f) => f.events = events,
                None => fds.push(libc::pollfd { fd, events, revents: 0 }),
            }
            Ok(vm.none())
        }),
        NativeDef::method("modify", "$self, fd, eventmask, /", |vm, a| {
            let (p, fd) = (this(vm, a)?, descriptor(vm, a.get(1))?);
            let events = mask(vm, a.get(2))?;
            let found = p.fds.borrow_mut().iter_mut().find(|f| f.fd == fd).map(|f| f.events = events);
            match found {
                Some(()) => Ok(vm.none()),
                None => Err(vm.os_error(&crate::host::errno(libc::ENOENT), None)),
            }
        }),
        NativeDef::method("unregister", "$self, fd, /", |vm, a| {
            let (p, fd) = (this(vm, a)?, descriptor(vm, a.get(1))?);
            let at = p.fds.borrow().iter().position(|f| f.fd == fd);
            match at {
                Some(i) => {
                    p.fds.borrow_mut().remove(i);
                    Ok(vm.none())
                }
                None => {
                    let fd = vm.new_int(i64::from(fd))?;
                    Err(vm.key_error(fd.as_ref()))
                }
            }
        }),
        NativeDef::method("poll", "$self, timeout=None, /", poll),
    ],
    ..TypeDef::EMPTY
};

pub(super) fn register(vm: &mut Vm) -> PyResult<()> {
    vm.add_native_type::<Poll>(&TYPE).map(drop)
}

pub(super) fn new(vm: &mut Vm, _args: &Args<'_>) -> PyResult {
    vm.new_native(Poll { fds: RefCell::new(Vec::new()), running: Cell::new(false) })
}

fn this<'a>(vm: &mut Vm, args: &Args<'a>) -> PyResult<&'a Poll> {
    payload::<Poll>(args.get(0)).ok_or_else(|| vm.type_error("a poll object is required"))
}

fn mask(vm: &mut Vm, r: Ref<'_>) -> PyResult<i16> {
    let n = vm.index_bigint(r)?;
    if n.sign() == num_bigint::Sign::Minus {
        return Err(vm.value_error("value must be positive"));
    }
    match n.to_u16() {
        Some(n) => Ok(n as i16),
        None => Err(vm.overflow_error("Python int too large for C unsigned short")),
    }
}

/// A timeout in milliseconds as nanoseconds; negative or None: for ever.
pub(super) fn milliseconds(vm: &mut Vm, r: Option<Ref<'_>>) -> PyResult<Option<i64>> {
    let Some(r) = r.filter(|r| !r.is_none()) else { return Ok(None) };
    let ms = match vm.float_of(r) {
        Some(x) if x.is_nan() => return Err(vm.value_error("Invalid value NaN (not a number)")),
        Some(x) => x.ceil(),
        None if vm.class_of(r).slots().index.is_none() => {
            return Err(vm.type_error("timeout must be an integer or None"));
        }
        None => vm.index_bigint(r)?.to_f64().unwrap_or(f64::INFINITY),
    };
    if ms > f64::from(i32::MAX) {
        return Err(vm.overflow_error("timeout is too large"));
    }
    Ok(if ms < 0.0 { None } else { Some(ms as i64 * 1_000_000) })
}

fn poll(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let p = this(vm, args)?;
    let deadline = Deadline::new(milliseconds(vm, args.opt(1))?);
    if p.running.replace(true) {
        return Err(vm.runtime_error("concurrent poll() invocation"));
    }
    let mut fds = p.fds.borrow().clone();
    let result = wait(vm, &mut fds, deadline);
    p.running.set(false);
    result?;
    let mut out = Vec::new();
    for f in fds.iter().filter(|f| f.revents != 0) {
        let (fd, events) = (vm.new_int(i64::from(f.fd))?, vm.new_int(i64::from(f.revents as u16))?);
        out.push(vm.new_pair(fd, events)?);
    }
    vm.new_list(out)
}

fn wait(vm: &mut Vm, fds: &mut [libc::pollfd], deadline: Deadline) -> PyResult<()> {
    loop {
        let n = fds.len() as libc::nfds_t;
        let ms = deadline.milliseconds();
        match vm.blocking(|| check(sys!(poll(fds.as_mut_ptr(), n, ms)))) {
            Ok(_) => return Ok(()),
            Err(e) if e.raw_os_error() == Some(libc::EINTR) => {
                vm.check_interrupt()?;
                if deadline.passed() {
                    fds.iter_mut().for_each(|f| f.revents = 0);
                    return Ok(());
                }
            }
            Err(e) => return Err(vm.os_error(&e, None)),
        }
    }
}
