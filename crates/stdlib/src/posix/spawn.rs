//! `posix_spawn`: a new process from a description of what it is to have.

use super::process::{arguments, environment, pointers, signal_set};
use crate::host::{Or, errno, path, sys, zeroed};
use crate::prelude::{Args, PyResult, Ref, ValueExt, Vm};
/// Attributes and file actions of a new process; destroyed when dropped.
struct SpawnParts {
    attributes: libc::posix_spawnattr_t,
    actions: libc::posix_spawn_file_actions_t,
}

impl Drop for SpawnParts {
    fn drop(&mut self) {
        sys!(posix_spawnattr_destroy(&raw mut self.attributes));
        sys!(posix_spawn_file_actions_destroy(&raw mut self.actions));
    }
}

pub(super) fn spawn(vm: &mut Vm, name: &str, args: &Args<'_>, search: bool) -> PyResult {
    let p = path(vm, name, args.get(0), Or::Nothing)?;
    let argv = arguments(vm, name, args.get(1))?;
    let env =
        if args.get(2).is_none() { super::system::inherited() } else { environment(vm, name, args.get(2))? };
    let mut parts = SpawnParts {
        attributes: zeroed!(libc::posix_spawnattr_t),
        actions: zeroed!(libc::posix_spawn_file_actions_t),
    };
    sys!(posix_spawnattr_init(&raw mut parts.attributes));
    sys!(posix_spawn_file_actions_init(&raw mut parts.actions));
    spawn_attributes(vm, args, &mut parts)?;
    if let Some(actions) = args.opt(3).filter(|a| !a.is_none()) {
        for action in vm.collect(actions)? {
            spawn_action(vm, action.as_ref(), &mut parts)?;
        }
    }
    let _ = vm.stdout().flush();
    let (argv, env) = (pointers(&argv), pointers(&env));
    let mut pid = 0;
    let (a, e) = (argv.as_ptr().cast(), env.as_ptr().cast());
    let code = if search {
        sys!(posix_spawnp(&raw mut pid, p.ptr(), &raw const parts.actions, &raw const parts.attributes, a, e))
    } else {
        sys!(posix_spawn(&raw mut pid, p.ptr(), &raw const parts.actions, &raw const parts.attributes, a, e))
    };
    if code != 0 {
        return Err(vm.os_error(&errno(code), p.shown()));
    }
    vm.new_int(i64::from(pid))
}

fn spawn_attributes(vm: &mut Vm, args: &Args<'_>, parts: &mut SpawnParts) -> PyResult<()> {
    let at = &raw mut parts.attributes;
    let mut flags = 0;
    if let Some(group) = args.opt(4) {
        let group = vm.index_i32(group)?;
        sys!(posix_spawnattr_setpgroup(at, group));
        flags |= libc::POSIX_SPAWN_SETPGROUP;
    }
    if crate::host::flag(vm, args.opt(5), false)? {
        flags |= libc::POSIX_SPAWN_RESETIDS;
    }
    if crate::host::flag(vm, args.opt(6), false)? {
        flags |= i32::from(libc::POSIX_SPAWN_SETSID);
    }
    if let Some(mask) = args.opt(7) {
        let set = signal_set(vm, mask)?;
        sys!(posix_spawnattr_setsigmask(at, &raw const set));
        flags |= libc::POSIX_SPAWN_SETSIGMASK;
    }
    if let Some(defaults) = args.opt(8) {
        let set = signal_set(vm, defaults)?;
        sys!(posix_spawnattr_setsigdefault(at, &raw const set));
        flags |= libc::POSIX_SPAWN_SETSIGDEF;
    }
    if let Some(scheduler) = args.opt(9) {
        let items = vm.collect(scheduler)?;
        let [policy, param] = items.as_slice() else {
            return Err(vm.type_error("A scheduler tuple must have two elements"));
        };
        if !policy.as_ref().is_none() {
            let policy = vm.index_i32(policy.as_ref())?;
            sys!(posix_spawnattr_setschedpolicy(at, policy));
            flags |= libc::POSIX_SPAWN_SETSCHEDULER;
        }
        let param = super::sched::parameter(vm, param.as_ref())?;
        sys!(posix_spawnattr_setschedparam(at, &raw const param));
        flags |= libc::POSIX_SPAWN_SETSCHEDPARAM;
    }
    sys!(posix_spawnattr_setflags(at, flags as libc::c_short));
    Ok(())
}

fn spawn_action(vm: &mut Vm, action: Ref<'_>, parts: &mut SpawnParts) -> PyResult<()> {
    let items = hognose_vm::tuple_items(action);
    let Some(kind) = items.first() else {
        return Err(vm.type_error("Each file_actions element must be a non-empty tuple"));
    };
    let kind = vm.index_i32(*kind)?;
    let to = &raw mut parts.actions;
    let code = match (kind, &items[1..]) {
        (0, [fd, p, flags, mode]) => {
            let fd = vm.index_i32(*fd)?;
            let p = path(vm, "posix_spawn", *p, Or::Nothing)?;
            let (flags, mode) = (vm.index_i32(*flags)?, vm.index_i32(*mode)? as libc::mode_t);
            sys!(posix_spawn_file_actions_addopen(to, fd, p.ptr(), flags, mode))
        }
        (1, [fd]) => {
            let fd = vm.index_i32(*fd)?;
            sys!(posix_spawn_file_actions_addclose(to, fd))
        }
        (2, [from, fd]) => {
            let (from, fd) = (vm.index_i32(*from)?, vm.index_i32(*fd)?);
            sys!(posix_spawn_file_actions_adddup2(to, from, fd))
        }
        (3, [fd]) => {
            let fd = vm.index_i32(*fd)?;
            sys!(posix_spawn_file_actions_addclosefrom_np(to, fd))
        }
        (0..=3, _) => return Err(vm.type_error("A file action tuple has the wrong number of elements")),
        _ => return Err(vm.type_error("Unknown file_actions identifier")),
    };
    if code == 0 { Ok(()) } else { Err(vm.os_error(&errno(code), None)) }
}
