//! Processes: making them, waiting for them, ending them, and who they are.

use super::add_class;
use super::fd::done;
use super::fs::id;
use crate::host::{Or, c_text, check, errno, int_or, no_nul, path, sys, zeroed};
use crate::prelude::{Args, NativeDef, Owned, PyResult, Ref, TypeRef, ValueExt, Vm, as_str, owned_bool};
use hognose_vm::structseq;
use std::ffi::CString;

pub(super) const FUNCTIONS: &[NativeDef] = &[
    NativeDef::function("_exit", "status", |vm, a| {
        let status = vm.index_i32(a.get(0))?;
        sys!(_exit(status))
    }),
    NativeDef::function("abort", "", |vm, _| {
        let _ = vm.stdout().flush();
        sys!(abort())
    }),
    NativeDef::function("fork", "", fork),
    NativeDef::function("execv", "path, argv, /", |vm, a| exec(vm, "execv", a, None)),
    NativeDef::function("execve", "path, argv, env", |vm, a| exec(vm, "execve", a, Some(a.get(2)))),
    NativeDef::function(
        "posix_spawn",
        "path, argv, env, /, *, file_actions=(), setpgroup=<unrepresentable>, resetids=False, setsid=False, setsigmask=(), setsigdef=(), scheduler=<unrepresentable>",
        |vm, a| super::spawn::spawn(vm, "posix_spawn", a, false),
    ),
    NativeDef::function(
        "posix_spawnp",
        "path, argv, env, /, *, file_actions=(), setpgroup=<unrepresentable>, resetids=False, setsid=False, setsigmask=(), setsigdef=(), scheduler=<unrepresentable>",
        |vm, a| super::spawn::spawn(vm, "posix_spawnp", a, true),
    ),
    NativeDef::function("system", "command", system),
    NativeDef::function("wait", "", |vm, _| wait4(vm, -1, 0, false)),
    NativeDef::function("waitpid", "pid, options, /", |vm, a| {
        let (pid, options) = (vm.index_i32(a.get(0))?, vm.index_i32(a.get(1))?);
        wait4(vm, pid, options, false)
    }),
    NativeDef::function("wait3", "options", |vm, a| {
        let options = vm.index_i32(a.get(0))?;
        wait4(vm, -1, options, true)
    }),
    NativeDef::function("wait4", "pid, options", |vm, a| {
        let (pid, options) = (vm.index_i32(a.get(0))?, vm.index_i32(a.get(1))?);
        wait4(vm, pid, options, true)
    }),
    NativeDef::function("waitid", "idtype, id, options, /", waitid),
    NativeDef::function("kill", "pid, signal, /", |vm, a| {
        let (pid, signal) = (vm.index_i32(a.get(0))?, vm.index_i32(a.get(1))?);
        done(vm, || sys!(kill(pid, signal)))?;
        // A signal to oneself is there already: its handler runs now.
        vm.check_interrupt()?;
        Ok(vm.none())
    }),
    NativeDef::function("killpg", "pgid, signal, /", |vm, a| {
        let (pgid, signal) = (vm.index_i32(a.get(0))?, vm.index_i32(a.get(1))?);
        done(vm, || sys!(killpg(pgid, signal)))?;
        vm.check_interrupt()?;
        Ok(vm.none())
    }),
    NativeDef::function("pidfd_open", "pid, flags=0", |vm, a| {
        let (pid, flags) = (vm.index_i32(a.get(0))?, int_or(vm, a.opt(1), 0)?);
        let fd = vm.retry(None, || check(sys!(syscall(libc::SYS_pidfd_open, pid, flags))))?;
        vm.new_int(fd)
    }),
    NativeDef::function("nice", "increment, /", |vm, a| {
        let n = vm.index_i32(a.get(0))?;
        let now = sys!(getpriority(libc::PRIO_PROCESS, 0));
        if sys!(setpriority(libc::PRIO_PROCESS, 0, now + n)) == -1 {
            let e = std::io::Error::last_os_error();
            return Err(vm.os_error(&e, None));
        }
        vm.new_int(i64::from(sys!(getpriority(libc::PRIO_PROCESS, 0))))
    }),
    NativeDef::function("getpriority", "which, who", |vm, a| {
        let (which, who) = (vm.index_i32(a.get(0))?, vm.index_i32(a.get(1))?);
        vm.new_int(i64::from(sys!(getpriority(which as u32, who as u32))))
    }),
    NativeDef::function("setpriority", "which, who, priority", |vm, a| {
        let (which, who) = (vm.index_i32(a.get(0))?, vm.index_i32(a.get(1))?);
        let n = vm.index_i32(a.get(2))?;
        done(vm, || sys!(setpriority(which as u32, who as u32, n)))
    }),
    NativeDef::function("getpid", "", |vm, _| vm.new_int(i64::from(sys!(getpid())))),
    NativeDef::function("getppid", "", |vm, _| vm.new_int(i64::from(sys!(getppid())))),
    NativeDef::function("getuid", "", |vm, _| vm.new_int(i64::from(sys!(getuid())))),
    NativeDef::function("geteuid", "", |vm, _| vm.new_int(i64::from(sys!(geteuid())))),
    NativeDef::function("getgid", "", |vm, _| vm.new_int(i64::from(sys!(getgid())))),
    NativeDef::function("getegid", "", |vm, _| vm.new_int(i64::from(sys!(getegid())))),
    NativeDef::function("getpgrp", "", |vm, _| vm.new_int(i64::from(sys!(getpgrp())))),
    NativeDef::function("setpgrp", "", |vm, _| done(vm, || sys!(setpgid(0, 0)))),
    NativeDef::function("getpgid", "pid", |vm, a| {
        let pid = vm.index_i32(a.get(0))?;
        let n = vm.retry(None, || check(sys!(getpgid(pid))))?;
        vm.new_int(i64::from(n))
    }),
    NativeDef::function("setpgid", "pid, pgrp, /", |vm, a| {
        let (pid, group) = (vm.index_i32(a.get(0))?, vm.index_i32(a.get(1))?);
        done(vm, || sys!(setpgid(pid, group)))
    }),
    NativeDef::function("getsid", "pid, /", |vm, a| {
        let pid = vm.index_i32(a.get(0))?;
        let n = vm.retry(None, || check(sys!(getsid(pid))))?;
        vm.new_int(i64::from(n))
    }),
    NativeDef::function("setsid", "", |vm, _| done(vm, || sys!(setsid()))),
    NativeDef::function("setuid", "uid, /", |vm, a| {
        let uid = id(vm, a.get(0), "uid")?;
        done(vm, || sys!(setuid(uid)))
    }),
    NativeDef::function("seteuid", "euid, /", |vm, a| {
        let uid = id(vm, a.get(0), "uid")?;
        done(vm, || sys!(seteuid(uid)))
    }),
    NativeDef::function("setgid", "gid, /", |vm, a| {
        let gid = id(vm, a.get(0), "gid")?;
        done(vm, || sys!(setgid(gid)))
    }),
    NativeDef::function("setegid", "egid, /", |vm, a| {
        let gid = id(vm, a.get(0), "gid")?;
        done(vm, || sys!(setegid(gid)))
    }),
    NativeDef::function("setreuid", "ruid, euid, /", |vm, a| {
        let (r, e) = (id(vm, a.get(0), "uid")?, id(vm, a.get(1), "uid")?);
        done(vm, || sys!(setreuid(r, e)))
    }),
    NativeDef::function("setregid", "rgid, egid, /", |vm, a| {
        let (r, e) = (id(vm, a.get(0), "gid")?, id(vm, a.get(1), "gid")?);
        done(vm, || sys!(setregid(r, e)))
    }),
    NativeDef::function("setresuid", "ruid, euid, suid, /", |vm, a| {
        let (r, e, s) = (id(vm, a.get(0), "uid")?, id(vm, a.get(1), "uid")?, id(vm, a.get(2), "uid")?);
        done(vm, || sys!(setresuid(r, e, s)))
    }),
    NativeDef::function("setresgid", "rgid, egid, sgid, /", |vm, a| {
        let (r, e, s) = (id(vm, a.get(0), "gid")?, id(vm, a.get(1), "gid")?, id(vm, a.get(2), "gid")?);
        done(vm, || sys!(setresgid(r, e, s)))
    }),
    NativeDef::function("getresuid", "", |vm, _| {
        let mut ids = [0u32; 3];
        let [r, e, s] = &mut ids;
        sys!(getresuid(r, e, s));
        ints(vm, ids)
    }),
    NativeDef::function("getresgid", "", |vm, _| {
        let mut ids = [0u32; 3];
        let [r, e, s] = &mut ids;
        sys!(getresgid(r, e, s));
        ints(vm, ids)
    }),
    NativeDef::function("getgroups", "", |vm, _| {
        let mut groups = vec![0u32; 65536];
        let n = vm.retry(None, || check(sys!(getgroups(groups.len() as i32, groups.as_mut_ptr()))))?;
        group_list(vm, &groups[..n as usize])
    }),
    NativeDef::function("setgroups", "groups, /", |vm, a| {
        let groups = vm.collect(a.get(0))?;
        let groups = groups.iter().map(|g| id(vm, g.as_ref(), "gid")).collect::<PyResult<Vec<_>>>()?;
        done(vm, || sys!(setgroups(groups.len(), groups.as_ptr())))
    }),
    NativeDef::function("initgroups", "username, gid, /", |vm, a| {
        let name = user(vm, a.get(0))?;
        let gid = id(vm, a.get(1), "gid")?;
        done(vm, || sys!(initgroups(name.as_ptr(), gid)))
    }),
    NativeDef::function("getgrouplist", "user, group, /", |vm, a| {
        let name = user(vm, a.get(0))?;
        let gid = id(vm, a.get(1), "gid")?;
        let mut groups = vec![0u32; 65536];
        let mut n = groups.len() as i32;
        vm.retry(None, || check(sys!(getgrouplist(name.as_ptr(), gid, groups.as_mut_ptr(), &raw mut n))))?;
        group_list(vm, &groups[..n as usize])
    }),
    NativeDef::function("getlogin", "", |vm, _| {
        let mut room = [0u8; 256];
        let code = getlogin(&mut room);
        if code != 0 {
            return Err(vm.os_error(&errno(code), None));
        }
        let n = room.iter().position(|&b| b == 0).unwrap_or(0);
        vm.fs_str(&room[..n])
    }),
    NativeDef::function(
        "register_at_fork",
        "*, before=<unrepresentable>, after_in_child=<unrepresentable>, after_in_parent=<unrepresentable>",
        register_at_fork,
    ),
];

/// What a status says.
pub(super) const STATUS: &[NativeDef] = &[
    NativeDef::function("WIFEXITED", "status", |vm, a| {
        status(vm, a, |s| i32::from(libc::WIFEXITED(s)), true)
    }),
    NativeDef::function("WIFSIGNALED", "status", |vm, a| {
        status(vm, a, |s| i32::from(libc::WIFSIGNALED(s)), true)
    }),
    NativeDef::function("WIFSTOPPED", "status", |vm, a| {
        status(vm, a, |s| i32::from(libc::WIFSTOPPED(s)), true)
    }),
    NativeDef::function("WIFCONTINUED", "status", |vm, a| {
        status(vm, a, |s| i32::from(libc::WIFCONTINUED(s)), true)
    }),
    NativeDef::function("WCOREDUMP", "status, /", |vm, a| {
        status(vm, a, |s| i32::from(libc::WCOREDUMP(s)), true)
    }),
    NativeDef::function("WEXITSTATUS", "status", |vm, a| status(vm, a, |s| libc::WEXITSTATUS(s), false)),
    NativeDef::function("WTERMSIG", "status", |vm, a| status(vm, a, |s| libc::WTERMSIG(s), false)),
    NativeDef::function("WSTOPSIG", "status", |vm, a| status(vm, a, |s| libc::WSTOPSIG(s), false)),
    NativeDef::function("waitstatus_to_exitcode", "status", |vm, a| {
        let s = vm.index_i32(a.get(0))?;
        if libc::WIFEXITED(s) {
            return vm.new_int(i64::from(libc::WEXITSTATUS(s)));
        }
        if libc::WIFSIGNALED(s) {
            return vm.new_int(-i64::from(libc::WTERMSIG(s)));
        }
        let text = if libc::WIFSTOPPED(s) {
            format!("process stopped by delivery of signal {}", libc::WSTOPSIG(s))
        } else {
            format!("invalid wait status: {s}")
        };
        Err(vm.value_error(&text))
    }),
];

fn status(vm: &mut Vm, args: &Args<'_>, f: fn(i32) -> i32, is_bool: bool) -> PyResult {
    let s = f(vm.index_i32(args.get(0))?);
    if is_bool { Ok(owned_bool(s != 0)) } else { vm.new_int(i64::from(s)) }
}

fn ints(vm: &mut Vm, ids: [u32; 3]) -> PyResult {
    let ids = ids.into_iter().map(|n| vm.new_int(i64::from(n))).collect::<PyResult<Vec<_>>>()?;
    vm.new_tuple(ids)
}

fn group_list(vm: &mut Vm, groups: &[u32]) -> PyResult {
    let groups = groups.iter().map(|&g| vm.new_int(i64::from(g))).collect::<PyResult<Vec<_>>>()?;
    vm.new_list(groups)
}

fn getlogin(room: &mut [u8]) -> i32 {
    // SAFETY: declared as the C library does.
    #[allow(unsafe_code, reason = "the crate of bindings lacks this function")]
    unsafe extern "C" {
        fn getlogin_r(buf: *mut libc::c_char, size: libc::size_t) -> libc::c_int;
    }
    // SAFETY: the buffer is as large as said.
    #[allow(unsafe_code, reason = "calls into the C library")]
    unsafe {
        getlogin_r(room.as_mut_ptr().cast(), room.len())
    }
}

fn user(vm: &mut Vm, r: Ref<'_>) -> PyResult<CString> {
    if as_str(r).is_some() {
        return c_text(vm, r, "argument 1");
    }
    let bytes = vm.fs_path(r)?;
    no_nul(vm, bytes)
}

hognose_vm::structseq! {
    WAITID = "posix.waitid_result", "waitid_result: Result from waitid.\n\nThis object may be accessed either as a tuple of\n  (si_pid, si_uid, si_signo, si_status, si_code),\nor via the attributes si_pid, si_uid, and so on.\n\nSee os.waitid for more information.", 5;
    0 si_pid, 1 si_uid, 2 si_signo, 3 si_status, 4 si_code
}

#[derive(Default)]
struct Classes(Option<TypeRef<'static>>);

/// Functions to call around `fork`, in a list of the module's.
const AT_FORK: [&str; 3] = ["_before_fork", "_after_fork_in_child", "_after_fork_in_parent"];

pub(super) fn register(vm: &mut Vm, module: &Owned) -> PyResult<()> {
    let class = add_class(vm, module, "waitid_result", &WAITID)?;
    vm.state::<Classes>().0 = Some(class);
    Ok(())
}

fn at_fork_list(vm: &mut Vm, which: usize) -> PyResult {
    let sys = vm.sys_dict().owned();
    let name = format!("{} hooks", AT_FORK[which]);
    if let Some(list) = vm.dict_get_name(sys.as_ref(), &name)? {
        return Ok(list);
    }
    let list = vm.new_list(Vec::new())?;
    vm.dict_set_name(sys.as_ref(), &name, list.clone())?;
    Ok(list)
}

fn register_at_fork(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    if (0..3).all(|i| args.opt(i).is_none()) {
        return Err(vm.type_error("At least one argument is required."));
    }
    for (i, name) in ["before", "after_in_child", "after_in_parent"].into_iter().enumerate() {
        if let Some(f) = args.opt(i)
            && vm.class_of(f).slots().call.is_none()
            && vm.get_attr_name(f, "__call__").is_err()
        {
            let class = vm.type_name(f);
            return Err(vm.type_error(&format!("'{name}' must be callable, not {class}")));
        }
    }
    for i in 0..3 {
        if let Some(f) = args.opt(i) {
            let list = at_fork_list(vm, i)?;
            vm.call_method(list.as_ref(), "append", &[f])?;
        }
    }
    Ok(vm.none())
}

pub(crate) fn run_fork_hooks(vm: &mut Vm, which: usize) -> PyResult<()> {
    let list = at_fork_list(vm, which)?;
    let mut functions = vm.collect(list.as_ref())?;
    if which == 0 {
        functions.reverse();
    }
    for f in functions {
        if let Err(e) = vm.call(f.as_ref(), &[]) {
            vm.write_unraisable_in(e, "Exception ignored in", Some(f.as_ref()));
        }
    }
    Ok(())
}

fn fork(vm: &mut Vm, _args: &Args<'_>) -> PyResult {
    run_fork_hooks(vm, 0)?;
    // What waits in the buffer would be written twice.
    let _ = vm.stdout().flush();
    let pid = sys!(fork());
    let failed = std::io::Error::last_os_error();
    if pid == 0 {
        vm.forget_other_threads();
    }
    run_fork_hooks(vm, if pid == 0 { 1 } else { 2 })?;
    if pid == -1 {
        return Err(vm.os_error(&failed, None));
    }
    vm.new_int(i64::from(pid))
}

/// A sequence of arguments.
pub(crate) fn arguments(vm: &mut Vm, name: &str, r: Ref<'_>) -> PyResult<Vec<CString>> {
    let ok = r.is_exact(hognose_vm::Layout::Tuple)
        || r.is_exact(hognose_vm::Layout::List)
        || vm.isinstance(r, vm.types().list.as_ref())?
        || vm.isinstance(r, vm.types().tuple.as_ref())?;
    if !ok {
        return Err(vm.type_error(&format!("{name}() arg 2 must be a tuple or list")));
    }
    let items = vm.collect(r)?;
    if items.is_empty() {
        return Err(vm.value_error(&format!("{name}() arg 2 must not be empty")));
    }
    let mut out = Vec::new();
    for item in items {
        let bytes = vm.fs_path(item.as_ref())?;
        out.push(no_nul(vm, bytes)?);
    }
    if name != "fork_exec" && out[0].is_empty() {
        return Err(vm.value_error(&format!("{name}() arg 2 first element cannot be empty")));
    }
    Ok(out)
}

/// `NAME=value` for each entry of a mapping.
pub(crate) fn environment(vm: &mut Vm, name: &str, r: Ref<'_>) -> PyResult<Vec<CString>> {
    let slots = vm.class_of(r).slots();
    if slots.getitem.is_none() || as_str(r).is_some() {
        return Err(vm.type_error(&format!("{name}: environment must be a mapping object")));
    }
    let keys = vm.call_method(r, "keys", &[])?;
    let values = vm.call_method(r, "values", &[])?;
    let (keys, values) = (vm.collect(keys.as_ref())?, vm.collect(values.as_ref())?);
    let mut out = Vec::new();
    for (k, v) in keys.iter().zip(&values) {
        let (k, v) = (vm.fs_path(k.as_ref())?, vm.fs_path(v.as_ref())?);
        if k.is_empty() || k[1..].contains(&b'=') {
            return Err(vm.value_error("illegal environment variable name"));
        }
        out.push(no_nul(vm, [&k[..], b"=", &v[..]].concat())?);
    }
    Ok(out)
}

/// Pointers to texts, with NULL at the end.
pub(crate) fn pointers(texts: &[CString]) -> Vec<*const libc::c_char> {
    texts.iter().map(|t| t.as_ptr()).chain([std::ptr::null()]).collect()
}

fn exec(vm: &mut Vm, name: &str, args: &Args<'_>, env: Option<Ref<'_>>) -> PyResult {
    let or = if env.is_some() { Or::Fd } else { Or::Nothing };
    let p = path(vm, name, args.get(0), or)?;
    let argv = arguments(vm, name, args.get(1))?;
    let env = match env {
        Some(env) => Some(environment(vm, name, env)?),
        None => None,
    };
    let _ = vm.stdout().flush();
    let argv = pointers(&argv);
    let r = match (&env, p.fd) {
        (Some(env), Some(fd)) => sys!(fexecve(fd, argv.as_ptr(), pointers(env).as_ptr())),
        (Some(env), None) => sys!(execve(p.ptr(), argv.as_ptr(), pointers(env).as_ptr())),
        (None, _) => sys!(execv(p.ptr(), argv.as_ptr())),
    };
    debug_assert!(r == -1);
    let e = std::io::Error::last_os_error();
    Err(vm.os_error(&e, p.shown()))
}

fn system(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let command = vm.fs_path(args.get(0))?;
    let command = no_nul(vm, command)?;
    let _ = vm.stdout().flush();
    let status = vm.blocking(|| sys!(system(command.as_ptr())));
    vm.new_int(i64::from(status))
}

fn wait4(vm: &mut Vm, pid: i32, options: i32, usage: bool) -> PyResult {
    let mut status = 0;
    let mut used = zeroed!(libc::rusage);
    let pid = vm.retry(None, || check(sys!(wait4(pid, &raw mut status, options, &raw mut used))))?;
    let mut out = vec![vm.new_int(i64::from(pid))?, vm.new_int(i64::from(status))?];
    if usage {
        out.push(crate::resource::usage(vm, &used)?);
    }
    vm.new_tuple(out)
}

fn waitid(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let kind = vm.index_i32(args.get(0))?;
    let who = vm.index_i32(args.get(1))?;
    let options = vm.index_i32(args.get(2))?;
    let mut info = zeroed!(libc::siginfo_t);
    vm.retry(None, || check(sys!(waitid(kind as libc::idtype_t, who as u32, &raw mut info, options))))?;
    // SAFETY: waitid fills in the variant for children.
    #[allow(unsafe_code, reason = "siginfo_t is a union")]
    let (pid, uid, status) = unsafe { (info.si_pid(), info.si_uid(), info.si_status()) };
    if pid == 0 {
        return Ok(vm.none());
    }
    let numbers = [
        i64::from(pid),
        i64::from(uid),
        i64::from(info.si_signo),
        i64::from(status),
        i64::from(info.si_code),
    ];
    let values = numbers.into_iter().map(|n| vm.new_int(n)).collect::<PyResult<Vec<_>>>()?;
    match vm.state::<Classes>().0 {
        Some(class) => structseq::make(vm, class, &WAITID, values),
        None => vm.new_tuple(values),
    }
}

/// A set of signals from an iterable of numbers.
pub(crate) fn signal_set(vm: &mut Vm, r: Ref<'_>) -> PyResult<libc::sigset_t> {
    let mut set = zeroed!(libc::sigset_t);
    sys!(sigemptyset(&raw mut set));
    for item in vm.collect(r)? {
        let n = vm.index_i32(item.as_ref())?;
        if !(1..65).contains(&n) {
            return Err(vm.value_error(&format!("signal number {n} out of range [1; 64]")));
        }
        // The C library keeps two signals to itself.
        sys!(sigaddset(&raw mut set, n));
    }
    Ok(set)
}
