//! Timers, and waiting for signals.

use crate::host::{check, nanoseconds, sys, zeroed};
use crate::posix::signal_set;
use crate::prelude::{NativeDef, Owned, PyResult, Ref, TypeRef, Vm};
use hognose_vm::structseq;

pub(super) const FUNCTIONS: &[NativeDef] = &[
    NativeDef::function("alarm", "seconds, /", |vm, a| {
        let n = vm.index_i32(a.get(0))?;
        vm.new_int(i64::from(sys!(alarm(n as u32))))
    }),
    NativeDef::function("pause", "", |vm, _| {
        vm.blocking(|| sys!(pause()));
        vm.check_interrupt()?;
        Ok(vm.none())
    }),
    NativeDef::function("setitimer", "which, seconds, interval=0.0, /", |vm, a| {
        let which = vm.index_i32(a.get(0))?;
        let mut new = zeroed!(libc::itimerval);
        new.it_value = interval(vm, Some(a.get(1)))?;
        new.it_interval = interval(vm, a.opt(2))?;
        let mut old = zeroed!(libc::itimerval);
        if sys!(setitimer(which as _, &raw const new, &raw mut old)) == -1 {
            return Err(timer_error(vm));
        }
        timer_object(vm, &old)
    }),
    NativeDef::function("getitimer", "which, /", |vm, a| {
        let which = vm.index_i32(a.get(0))?;
        let mut now = zeroed!(libc::itimerval);
        if sys!(getitimer(which as _, &raw mut now)) == -1 {
            return Err(timer_error(vm));
        }
        timer_object(vm, &now)
    }),
    NativeDef::function("sigwait", "sigset, /", |vm, a| {
        let set = signal_set(vm, a.get(0))?;
        let mut n = 0;
        loop {
            match vm.blocking(|| sys!(sigwait(&raw const set, &raw mut n))) {
                0 => return vm.new_int(i64::from(n)),
                libc::EINTR => vm.check_interrupt()?,
                code => return Err(vm.os_error(&crate::host::errno(code), None)),
            }
        }
    }),
    NativeDef::function("sigwaitinfo", "sigset, /", |vm, a| {
        let set = signal_set(vm, a.get(0))?;
        let mut info = zeroed!(libc::siginfo_t);
        vm.retry(None, || check(sys!(sigwaitinfo(&raw const set, &raw mut info))))?;
        info_object(vm, &info)
    }),
    NativeDef::function("sigtimedwait", "sigset, timeout, /", |vm, a| {
        let set = signal_set(vm, a.get(0))?;
        let ns = nanoseconds(vm, a.get(1), "timeout")?;
        if ns < 0 {
            return Err(vm.value_error("timeout must be non-negative"));
        }
        let end = std::time::Instant::now() + std::time::Duration::from_nanos(ns as u64);
        let mut info = zeroed!(libc::siginfo_t);
        loop {
            let left = end.saturating_duration_since(std::time::Instant::now());
            let t = libc::timespec { tv_sec: left.as_secs() as i64, tv_nsec: i64::from(left.subsec_nanos()) };
            match vm.blocking(|| check(sys!(sigtimedwait(&raw const set, &raw mut info, &raw const t)))) {
                Ok(_) => return info_object(vm, &info),
                Err(e) if e.raw_os_error() == Some(libc::EAGAIN) => return Ok(vm.none()),
                Err(e) if e.raw_os_error() == Some(libc::EINTR) => vm.check_interrupt()?,
                Err(e) => return Err(vm.os_error(&e, None)),
            }
        }
    }),
];

hognose_vm::structseq! {
    INFO = "signal.struct_siginfo", "struct_siginfo: Result from sigwaitinfo or sigtimedwait.\n\nThis object may be accessed either as a tuple of\n(si_signo, si_code, si_errno, si_pid, si_uid, si_status, si_band),\nor via the attributes si_signo, si_code, and so on.", 7;
    0 si_signo, 1 si_code, 2 si_errno, 3 si_pid, 4 si_uid, 5 si_status, 6 si_band
}

#[derive(Default)]
struct Class(Option<TypeRef<'static>>);

pub(super) fn register(vm: &mut Vm, module: &Owned) -> PyResult<()> {
    let class = structseq::make_class(vm, &INFO)?;
    vm.state::<Class>().0 = Some(class);
    vm.module_set(module.as_ref(), "struct_siginfo", class.owned())
}

fn info_object(vm: &mut Vm, info: &libc::siginfo_t) -> PyResult {
    // SAFETY: the fields of all variants are plain numbers within the union.
    #[allow(unsafe_code, reason = "siginfo_t is a union")]
    let (pid, uid, status) = unsafe { (info.si_pid(), info.si_uid(), info.si_status()) };
    let numbers = [
        i64::from(info.si_signo),
        i64::from(info.si_code),
        i64::from(info.si_errno),
        i64::from(pid),
        i64::from(uid),
        i64::from(status),
        0,
    ];
    let values = numbers.into_iter().map(|n| vm.new_int(n)).collect::<PyResult<Vec<_>>>()?;
    match vm.state::<Class>().0 {
        Some(class) => structseq::make(vm, class, &INFO, values),
        None => vm.new_tuple(values),
    }
}

fn interval(vm: &mut Vm, r: Option<Ref<'_>>) -> PyResult<libc::timeval> {
    let ns = match r {
        Some(r) => nanoseconds(vm, r, "seconds")?,
        None => 0,
    };
    let us = (ns + 999).div_euclid(1000);
    Ok(libc::timeval { tv_sec: us.div_euclid(1_000_000), tv_usec: us.rem_euclid(1_000_000) })
}

fn timer_object(vm: &mut Vm, t: &libc::itimerval) -> PyResult {
    let seconds = |t: &libc::timeval| t.tv_sec as f64 + t.tv_usec as f64 * 1e-6;
    let (a, b) = (vm.new_float(seconds(&t.it_value))?, vm.new_float(seconds(&t.it_interval))?);
    vm.new_pair(a, b)
}

fn timer_error(vm: &mut Vm) -> hognose_vm::Raised {
    let e = std::io::Error::last_os_error();
    let code = e.raw_os_error().unwrap_or(0);
    let made = (|| -> PyResult {
        let modules = vm.modules().owned();
        let module = vm.dict_get_name(modules.as_ref(), "_signal")?.unwrap_or_else(|| vm.none());
        let class = vm.get_attr_name(module.as_ref(), "ItimerError")?;
        let (code, text) = (vm.new_int(i64::from(code))?, vm.new_str(&crate::posix::error_text(code))?);
        vm.call(class.as_ref(), &[code.as_ref(), text.as_ref()])
    })();
    match made {
        Ok(e) => vm.raise_object(e),
        Err(e) => e,
    }
}
