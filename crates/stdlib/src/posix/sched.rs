//! Scheduling of processes.

use super::add_class;
use super::fd::done;
use crate::host::{check, sys, zeroed};
use crate::prelude::{NativeDef, Owned, PyResult, Ref, TypeRef, Vm};
use hognose_vm::structseq;

pub(super) const FUNCTIONS: &[NativeDef] = &[
    NativeDef::function("sched_yield", "", |vm, _| {
        vm.blocking(std::thread::yield_now);
        Ok(vm.none())
    }),
    NativeDef::function("sched_get_priority_max", "policy", |vm, a| {
        let policy = vm.index_i32(a.get(0))?;
        let n = vm.retry(None, || check(sys!(sched_get_priority_max(policy))))?;
        vm.new_int(i64::from(n))
    }),
    NativeDef::function("sched_get_priority_min", "policy", |vm, a| {
        let policy = vm.index_i32(a.get(0))?;
        let n = vm.retry(None, || check(sys!(sched_get_priority_min(policy))))?;
        vm.new_int(i64::from(n))
    }),
    NativeDef::function("sched_getscheduler", "pid, /", |vm, a| {
        let pid = vm.index_i32(a.get(0))?;
        let n = vm.retry(None, || check(sys!(sched_getscheduler(pid))))?;
        vm.new_int(i64::from(n))
    }),
    NativeDef::function("sched_setscheduler", "pid, policy, param, /", |vm, a| {
        let (pid, policy) = (vm.index_i32(a.get(0))?, vm.index_i32(a.get(1))?);
        let param = parameter(vm, a.get(2))?;
        done(vm, || sys!(sched_setscheduler(pid, policy, &raw const param)))
    }),
    NativeDef::function("sched_getparam", "pid, /", |vm, a| {
        let pid = vm.index_i32(a.get(0))?;
        let mut param = zeroed!(libc::sched_param);
        vm.retry(None, || check(sys!(sched_getparam(pid, &raw mut param))))?;
        let values = vec![vm.new_int(i64::from(param.sched_priority))?];
        match vm.state::<Class>().0 {
            Some(class) => structseq::make(vm, class, &PARAM, values),
            None => vm.new_tuple(values),
        }
    }),
    NativeDef::function("sched_setparam", "pid, param, /", |vm, a| {
        let pid = vm.index_i32(a.get(0))?;
        let param = parameter(vm, a.get(1))?;
        done(vm, || sys!(sched_setparam(pid, &raw const param)))
    }),
    NativeDef::function("sched_rr_get_interval", "pid, /", |vm, a| {
        let pid = vm.index_i32(a.get(0))?;
        let mut t = zeroed!(libc::timespec);
        vm.retry(None, || check(sys!(sched_rr_get_interval(pid, &raw mut t))))?;
        vm.new_float(t.tv_sec as f64 + 1e-9 * t.tv_nsec as f64)
    }),
    NativeDef::function("sched_getaffinity", "pid, /", |vm, a| {
        let pid = vm.index_i32(a.get(0))?;
        let mut mask = [0u64; CPUS / 64];
        vm.retry(None, || {
            let size = std::mem::size_of_val(&mask);
            check(sys!(sched_getaffinity(pid, size, mask.as_mut_ptr().cast())))
        })?;
        let class = vm.types().set;
        let set = vm.call(class.as_ref(), &[])?;
        for cpu in (0..CPUS).filter(|c| mask[c / 64] >> (c % 64) & 1 == 1) {
            let n = vm.new_int(cpu as i64)?;
            vm.set_add(set.as_ref(), n.as_ref())?;
        }
        Ok(set)
    }),
    NativeDef::function("sched_setaffinity", "pid, mask, /", |vm, a| {
        let pid = vm.index_i32(a.get(0))?;
        let mut mask = [0u64; CPUS / 64];
        for item in vm.collect(a.get(1))? {
            let n = vm.index_i32(item.as_ref())?;
            if n < 0 {
                return Err(vm.value_error("negative CPU number"));
            }
            match mask.get_mut(n as usize / 64) {
                Some(word) => *word |= 1 << (n % 64),
                None => return Err(vm.overflow_error("CPU number too large")),
            }
        }
        let size = std::mem::size_of_val(&mask);
        done(vm, || sys!(sched_setaffinity(pid, size, mask.as_ptr().cast())))
    }),
];

/// Most processors a mask has room for.
const CPUS: usize = 1024;

hognose_vm::structseq! {
    PARAM = "posix.sched_param", "Currently has only one field: sched_priority", 1;
    0 sched_priority
}

#[derive(Default)]
struct Class(Option<TypeRef<'static>>);

pub(super) fn register(vm: &mut Vm, module: &Owned) -> PyResult<()> {
    let class = add_class(vm, module, "sched_param", &PARAM)?;
    vm.state::<Class>().0 = Some(class);
    Ok(())
}

/// A `sched_param` argument.
pub(super) fn parameter(vm: &mut Vm, r: Ref<'_>) -> PyResult<libc::sched_param> {
    let class = vm.state::<Class>().0;
    if !class.is_some_and(|c| vm.is_instance(r, c)) {
        return Err(vm.type_error("must have a sched_param object"));
    }
    let n = vm.get_attr_name(r, "sched_priority")?;
    let mut param = zeroed!(libc::sched_param);
    param.sched_priority = vm.index_i32(n.as_ref())?;
    Ok(param)
}
