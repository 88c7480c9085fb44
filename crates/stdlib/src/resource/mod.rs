//! The module `resource`: what a process has used and may use.

mod constants;

use crate::host::{add_ints, check, sys, zeroed};
use crate::prelude::{Exc, NativeDef, Owned, PyResult, Ref, TypeRef, Vm, new_module};
use hognose_vm::structseq;
use num_traits::ToPrimitive;

const FUNCTIONS: &[NativeDef] = &[
    NativeDef::function("getrusage", "who, /", |vm, a| {
        let who = vm.index_i32(a.get(0))?;
        let mut used = zeroed!(libc::rusage);
        if sys!(getrusage(who, &raw mut used)) == -1 {
            let e = std::io::Error::last_os_error();
            if e.raw_os_error() == Some(libc::EINVAL) {
                return Err(vm.value_error("invalid who parameter"));
            }
            return Err(vm.os_error(&e, None));
        }
        usage(vm, &used)
    }),
    NativeDef::function("getrlimit", "resource, /", |vm, a| {
        let which = kind(vm, a.get(0))?;
        let mut limit = zeroed!(libc::rlimit);
        vm.retry(None, || check(sys!(getrlimit(which, &raw mut limit))))?;
        pair(vm, &limit)
    }),
    NativeDef::function("setrlimit", "resource, limits, /", |vm, a| {
        let which = kind(vm, a.get(0))?;
        let limit = limits(vm, a.get(1))?;
        if sys!(setrlimit(which, &raw const limit)) == -1 {
            return Err(refused(vm));
        }
        Ok(vm.none())
    }),
    NativeDef::function("prlimit", "pid, resource, limits=None, /", |vm, a| {
        let pid = vm.index_i32(a.get(0))?;
        let which = kind(vm, a.get(1))?;
        let new = match a.opt(2).filter(|l| !hognose_vm::ValueExt::is_none(*l)) {
            Some(l) => Some(limits(vm, l)?),
            None => None,
        };
        let mut old = zeroed!(libc::rlimit);
        let p = new.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
        if sys!(prlimit(pid, which, p, &raw mut old)) == -1 {
            return Err(refused(vm));
        }
        pair(vm, &old)
    }),
    NativeDef::function("getpagesize", "", |vm, _| vm.new_int(sys!(sysconf(libc::_SC_PAGESIZE)))),
];

hognose_vm::structseq! {
    USAGE = "resource.struct_rusage", "struct_rusage: Result from getrusage.\n\nThis object may be accessed either as a tuple of\n    (utime,stime,maxrss,ixrss,idrss,isrss,minflt,majflt,\n    nswap,inblock,oublock,msgsnd,msgrcv,nsignals,nvcsw,nivcsw)\nor via the attributes ru_utime, ru_stime, ru_maxrss, and so on.", 16;
    0 ru_utime, 1 ru_stime, 2 ru_maxrss, 3 ru_ixrss, 4 ru_idrss, 5 ru_isrss, 6 ru_minflt, 7 ru_majflt, 8 ru_nswap,
    9 ru_inblock, 10 ru_oublock, 11 ru_msgsnd, 12 ru_msgrcv, 13 ru_nsignals, 14 ru_nvcsw, 15 ru_nivcsw
}

#[derive(Default)]
struct Class(Option<TypeRef<'static>>);

fn class(vm: &mut Vm) -> PyResult<TypeRef<'static>> {
    if let Some(class) = vm.state::<Class>().0 {
        return Ok(class);
    }
    let class = structseq::make_class(vm, &USAGE)?;
    vm.state::<Class>().0 = Some(class);
    Ok(class)
}

/// Makes the module.
pub fn make(vm: &mut Vm) -> PyResult {
    let module = new_module(vm, "resource", "", FUNCTIONS)?;
    let none = vm.none();
    vm.module_set(module.as_ref(), "__doc__", none)?;
    add_ints(vm, &module, &[constants::SYSTEM, constants::OTHER])?;
    let infinity = vm.new_int(-1)?;
    vm.module_set(module.as_ref(), "RLIM_INFINITY", infinity)?;
    let class = class(vm)?;
    vm.module_set(module.as_ref(), "struct_rusage", class.owned())?;
    let error = vm.exc_class(Exc::OSError).owned();
    vm.module_set(module.as_ref(), "error", error)?;
    Ok(module)
}

/// The object for what was used.
pub(crate) fn usage(vm: &mut Vm, u: &libc::rusage) -> PyResult {
    let seconds = |t: &libc::timeval| t.tv_sec as f64 + t.tv_usec as f64 * 1e-6;
    let mut values: Vec<Owned> =
        vec![vm.new_float(seconds(&u.ru_utime))?, vm.new_float(seconds(&u.ru_stime))?];
    for n in [
        u.ru_maxrss,
        u.ru_ixrss,
        u.ru_idrss,
        u.ru_isrss,
        u.ru_minflt,
        u.ru_majflt,
        u.ru_nswap,
        u.ru_inblock,
        u.ru_oublock,
        u.ru_msgsnd,
        u.ru_msgrcv,
        u.ru_nsignals,
        u.ru_nvcsw,
        u.ru_nivcsw,
    ] {
        values.push(vm.new_int(n)?);
    }
    let class = class(vm)?;
    structseq::make(vm, class, &USAGE, values)
}

fn kind(vm: &mut Vm, r: Ref<'_>) -> PyResult<u32> {
    let n = vm.index_i32(r)?;
    if !(0..16).contains(&n) {
        return Err(vm.value_error("invalid resource specified"));
    }
    Ok(n as u32)
}

fn pair(vm: &mut Vm, l: &libc::rlimit) -> PyResult {
    let (a, b) = (vm.new_int(l.rlim_cur as i64)?, vm.new_int(l.rlim_max as i64)?);
    vm.new_pair(a, b)
}

fn limits(vm: &mut Vm, r: Ref<'_>) -> PyResult<libc::rlimit> {
    let items = vm.collect(r)?;
    let [soft, hard] = items.as_slice() else {
        return Err(vm.value_error("expected a tuple of 2 integers"));
    };
    let mut out = [0u64; 2];
    for (to, item) in out.iter_mut().zip([soft, hard]) {
        let n = vm.index_bigint(item.as_ref())?;
        *to = match (n.to_i64(), n.to_u64()) {
            (Some(-1), _) => u64::MAX,
            (Some(n), _) if n < 0 => {
                return Err(vm.value_error("Cannot convert negative int"));
            }
            (_, Some(n)) => n,
            _ => return Err(vm.overflow_error("Python int too large to convert to C rlim_t")),
        };
    }
    Ok(libc::rlimit { rlim_cur: out[0], rlim_max: out[1] })
}

fn refused(vm: &mut Vm) -> hognose_vm::Raised {
    let e = std::io::Error::last_os_error();
    match e.raw_os_error() {
        Some(libc::EINVAL) => vm.value_error("current limit exceeds maximum limit"),
        Some(libc::EPERM) => vm.value_error("not allowed to raise maximum limit"),
        _ => vm.os_error(&e, None),
    }
}
