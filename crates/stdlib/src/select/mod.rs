//! The module `select`: waiting for descriptors.
//!
//!   select   three lists        poll   objects with a table of descriptors        epoll  the same, in the kernel

mod constants;
mod epoll;
mod poll;

use crate::host::{add_ints, descriptor, nanoseconds, sys, zeroed};
use crate::prelude::{Args, Exc, NativeDef, Owned, PyResult, Ref, ValueExt, Vm, new_module};
use std::time::{Duration, Instant};

const FUNCTIONS: &[NativeDef] = &[
    NativeDef::function("select", "rlist, wlist, xlist, timeout=None, /", select),
    NativeDef::function("poll", "", poll::new),
];

/// Makes the module.
pub fn make(vm: &mut Vm) -> PyResult {
    let doc = "This module supports asynchronous I/O on multiple file descriptors.\n\n*** IMPORTANT NOTICE ***\nOn \
               Windows, only sockets are supported; on Unix, all file descriptors.";
    let module = new_module(vm, "select", doc, FUNCTIONS)?;
    add_ints(vm, &module, &[constants::SYSTEM, constants::OTHER])?;
    let error = vm.exc_class(Exc::OSError).owned();
    vm.module_set(module.as_ref(), "error", error)?;
    poll::register(vm)?;
    epoll::register(vm, &module)?;
    Ok(module)
}

/// When a wait ends.
#[derive(Clone, Copy)]
pub(crate) struct Deadline(pub Option<Instant>);

impl Deadline {
    /// From now on; `None`: never.
    pub fn new(ns: Option<i64>) -> Deadline {
        let at = ns.and_then(|ns| Instant::now().checked_add(Duration::from_nanos(ns.max(0) as u64)));
        Deadline(at)
    }

    /// What is left in milliseconds, rounded up; -1: for ever.
    pub fn milliseconds(self) -> i32 {
        match self.0 {
            None => -1,
            Some(end) => {
                let left = end.saturating_duration_since(Instant::now());
                i32::try_from(left.as_nanos().div_ceil(1_000_000)).unwrap_or(i32::MAX)
            }
        }
    }

    /// Is it over?
    pub fn passed(self) -> bool {
        self.0.is_some_and(|end| Instant::now() >= end)
    }
}

/// Descriptors of one list, with the objects they came from.
fn descriptors(vm: &mut Vm, r: Ref<'_>) -> PyResult<Vec<(i32, Owned)>> {
    if vm.class_of(r).slots().iter.is_none() && vm.class_of(r).slots().getitem.is_none() {
        return Err(vm.type_error("arguments 1-3 must be sequences"));
    }
    let mut out = Vec::new();
    for item in vm.collect(r)? {
        let fd = descriptor(vm, item.as_ref())?;
        if fd as usize >= libc::FD_SETSIZE {
            return Err(vm.value_error("filedescriptor out of range in select()"));
        }
        out.push((fd, item));
    }
    Ok(out)
}

fn select(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let timeout = match args.opt(3).filter(|t| !t.is_none()) {
        None => None,
        Some(t) => {
            if vm.float_of(t).is_none() && vm.class_of(t).slots().index.is_none() {
                return Err(vm.type_error("timeout must be a float or None"));
            }
            let ns = nanoseconds(vm, t, "timeout")?;
            if ns < 0 {
                return Err(vm.value_error("timeout must be non-negative"));
            }
            Some(ns)
        }
    };
    let lists = [descriptors(vm, args.get(0))?, descriptors(vm, args.get(1))?, descriptors(vm, args.get(2))?];
    let most = lists.iter().flatten().map(|(fd, _)| *fd).max().unwrap_or(-1);
    let deadline = Deadline::new(timeout);
    let sets = loop {
        let mut sets = [zeroed!(libc::fd_set); 3];
        for (set, list) in sets.iter_mut().zip(&lists) {
            for (fd, _) in list {
                sys!(FD_SET(*fd, std::ptr::from_mut(set)));
            }
        }
        let mut left = libc::timeval { tv_sec: 0, tv_usec: 0 };
        if let Some(end) = deadline.0 {
            let d = end.saturating_duration_since(Instant::now());
            let us = d.as_nanos().div_ceil(1000) as i64;
            left = libc::timeval { tv_sec: us / 1_000_000, tv_usec: us % 1_000_000 };
        }
        let wait = if deadline.0.is_some() { &raw mut left } else { std::ptr::null_mut() };
        let [r, w, x] = &mut sets;
        match vm.blocking(|| crate::host::check(sys!(select(most + 1, r, w, x, wait)))) {
            Ok(0) => break [zeroed!(libc::fd_set); 3],
            Ok(_) => break sets,
            Err(e) if e.raw_os_error() == Some(libc::EINTR) => {
                vm.check_interrupt()?;
                if deadline.passed() {
                    break [zeroed!(libc::fd_set); 3];
                }
            }
            Err(e) => return Err(vm.os_error(&e, None)),
        }
    };
    let mut out = Vec::new();
    for (set, list) in sets.iter().zip(lists) {
        let ready = list.into_iter().filter(|(fd, _)| sys!(FD_ISSET(*fd, std::ptr::from_ref(set))));
        out.push(vm.new_list(ready.map(|(_, o)| o).collect())?);
    }
    vm.new_tuple(out)
}
