//! The module `_posixsubprocess`: `fork_exec`, which starts a program in a child without running Python code there.
//!
//! Everything the child needs is made before the fork; the child makes system calls only, and tells the parent through
//! `errpipe_write` what failed, as `OSError:errno-in-hex:where`.

use crate::host::{no_nul, sys};
use crate::posix::{close_range, environment, pointers, run_fork_hooks};
use crate::prelude::{Args, NativeDef, PyResult, Ref, ValueExt, Vm, new_module};
use hognose_vm::tuple_items;
use num_traits::ToPrimitive;
use std::ffi::CString;

const FUNCTIONS: &[NativeDef] = &[NativeDef::function(
    "fork_exec",
    "args, executable_list, close_fds, pass_fds, cwd, env, p2cread, p2cwrite, c2pread, c2pwrite, errread, errwrite, errpipe_read, errpipe_write, restore_signals, call_setsid, pgid_to_set, gid, extra_groups, uid, child_umask, preexec_fn, /",
    fork_exec,
)];

/// Makes the module.
pub fn make(vm: &mut Vm) -> PyResult {
    new_module(vm, "_posixsubprocess", "A POSIX helper for the subprocess module.", FUNCTIONS)
}

/// What the child does, prepared.
struct Plan {
    argv: Option<Vec<CString>>,
    programs: Vec<CString>,
    env: Option<Vec<CString>>,
    cwd: Option<CString>,
    keep: Vec<i32>,
    close_fds: bool,
    /// p2cread p2cwrite c2pread c2pwrite errread errwrite errpipe_read errpipe_write
    pipes: [i32; 8],
    restore_signals: bool,
    setsid: bool,
    pgid: i32,
    gid: Option<u32>,
    groups: Option<Vec<u32>>,
    uid: Option<u32>,
    umask: i32,
}

fn fork_exec(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let preexec = Some(args.get(21)).filter(|p| !p.is_none());
    let plan = plan(vm, args)?;
    if preexec.is_some() {
        run_fork_hooks(vm, 0)?;
    }
    let _ = vm.stdout().flush();
    let argv = pointers(plan.argv.as_deref().unwrap_or(&[]));
    let env = plan.env.as_deref().map(pointers);
    let pid = sys!(fork());
    if pid == 0 {
        let failed = match prepare(vm, &plan, preexec) {
            Ok(()) => run(&plan, &argv, env.as_deref()),
            Err(failed) => failed,
        };
        report(&plan, &failed);
        sys!(_exit(255));
    }
    let e = std::io::Error::last_os_error();
    if preexec.is_some() {
        run_fork_hooks(vm, 2)?;
    }
    if pid == -1 {
        return Err(vm.os_error(&e, None));
    }
    vm.new_int(i64::from(pid))
}

fn plan(vm: &mut Vm, args: &Args<'_>) -> PyResult<Plan> {
    let close_fds = vm.is_true(args.get(2))?;
    let mut keep = Vec::new();
    for fd in tuple_items(args.get(3)) {
        let fd = vm.index_i32(*fd)?;
        if fd < 0 || keep.last().is_some_and(|&last| last >= fd) {
            return Err(vm.value_error("bad value(s) in fds_to_keep"));
        }
        keep.push(fd);
    }
    let mut pipes = [0; 8];
    for (i, p) in pipes.iter_mut().enumerate() {
        *p = vm.index_i32(args.get(6 + i))?;
    }
    if close_fds && pipes[7] < 3 {
        return Err(vm.value_error("errpipe_write must be >= 3"));
    }
    let list = |vm: &mut Vm, r: Ref<'_>| -> PyResult<Vec<CString>> {
        let mut out = Vec::new();
        for item in vm.collect(r)? {
            let bytes = vm.fs_path(item.as_ref())?;
            out.push(no_nul(vm, bytes)?);
        }
        Ok(out)
    };
    let argv = if args.get(0).is_none() { None } else { Some(list(vm, args.get(0))?) };
    let programs = list(vm, args.get(1))?;
    let cwd = if args.get(4).is_none() {
        None
    } else {
        let bytes = vm.fs_path(args.get(4))?;
        Some(no_nul(vm, bytes)?)
    };
    let env = match args.get(5) {
        e if e.is_none() => None,
        e if e.is_exact(hognose_vm::Layout::Dict) => Some(environment(vm, "fork_exec", e)?),
        e => Some(list(vm, e)?),
    };
    let groups = if args.get(18).is_none() {
        None
    } else {
        let items = vm.collect(args.get(18))?;
        let mut out = Vec::new();
        for g in items {
            out.push(id(vm, g.as_ref(), "invalid group id")?);
        }
        Some(out)
    };
    let optional = |vm: &mut Vm, r: Ref<'_>, text: &str| {
        if r.is_none() { Ok(None) } else { id(vm, r, text).map(Some) }
    };
    Ok(Plan {
        argv,
        programs,
        env,
        cwd,
        keep,
        close_fds,
        pipes,
        restore_signals: vm.is_true(args.get(14))?,
        setsid: vm.is_true(args.get(15))?,
        pgid: vm.index_i32(args.get(16))?,
        gid: optional(vm, args.get(17), "invalid group id")?,
        groups,
        uid: optional(vm, args.get(19), "invalid user id")?,
        umask: vm.index_i32(args.get(20))?,
    })
}

fn id(vm: &mut Vm, r: Ref<'_>, text: &str) -> PyResult<u32> {
    let n = vm.index_bigint(r)?;
    match (n.to_u32(), n.to_i64()) {
        (Some(n), _) => Ok(n),
        (None, Some(-1)) => Ok(u32::MAX),
        _ => Err(vm.value_error(text)),
    }
}

/// What went wrong in the child: the name of an exception, an error number, and the place.
struct Failed(&'static str, i32, &'static str);

fn ok(r: i32, place: &'static str) -> Result<i32, Failed> {
    if r == -1 { Err(Failed("OSError", last(), place)) } else { Ok(r) }
}

fn last() -> i32 {
    std::io::Error::last_os_error().raw_os_error().unwrap_or(0)
}

/// In the child: descriptors, directory, identity.
fn prepare(vm: &mut Vm, plan: &Plan, preexec: Option<Ref<'_>>) -> Result<(), Failed> {
    let [p2cread, p2cwrite, c2pread, mut c2pwrite, errread, mut errwrite, errpipe_read, errpipe_write] =
        plan.pipes;
    for fd in &plan.keep {
        if *fd != errpipe_write {
            let flags = ok(sys!(fcntl(*fd, libc::F_GETFD)), "")?;
            ok(sys!(fcntl(*fd, libc::F_SETFD, flags & !libc::FD_CLOEXEC)), "")?;
        }
    }
    for fd in [p2cwrite, c2pread, errread, errpipe_read] {
        if fd != -1 {
            sys!(close(fd));
        }
    }
    // A low descriptor would be overwritten by the copies below.
    if c2pwrite == 0 {
        c2pwrite = ok(sys!(dup(c2pwrite)), "")?;
    }
    while errwrite == 0 || errwrite == 1 {
        errwrite = ok(sys!(dup(errwrite)), "")?;
    }
    for (from, to) in [(p2cread, 0), (c2pwrite, 1), (errwrite, 2)] {
        if from == to {
            let flags = ok(sys!(fcntl(from, libc::F_GETFD)), "")?;
            ok(sys!(fcntl(from, libc::F_SETFD, flags & !libc::FD_CLOEXEC)), "")?;
        } else if from != -1 {
            ok(sys!(dup2(from, to)), "")?;
        }
    }
    if let Some(cwd) = &plan.cwd {
        ok(sys!(chdir(cwd.as_ptr())), "noexec:chdir")?;
    }
    if plan.umask >= 0 {
        sys!(umask(plan.umask as libc::mode_t));
    }
    if plan.restore_signals {
        for signal in [libc::SIGPIPE, libc::SIGXFSZ] {
            sys!(signal(signal, libc::SIG_DFL));
        }
    }
    if plan.setsid {
        ok(sys!(setsid()), "")?;
    }
    if plan.pgid >= 0 {
        ok(sys!(setpgid(0, plan.pgid)), "")?;
    }
    if let Some(groups) = &plan.groups {
        ok(sys!(setgroups(groups.len(), groups.as_ptr())), "")?;
    }
    if let Some(gid) = plan.gid {
        ok(sys!(setregid(gid, gid)), "")?;
    }
    if let Some(uid) = plan.uid {
        ok(sys!(setreuid(uid, uid)), "")?;
    }
    if let Some(f) = preexec
        && let Err(e) = run_fork_hooks(vm, 1).and_then(|()| vm.call(f, &[]).map(drop))
    {
        vm.discard(e);
        return Err(Failed("SubprocessError", 0, "Exception occurred in preexec_fn."));
    }
    if plan.close_fds {
        close_others(&plan.keep);
    }
    Ok(())
}

/// Closes all descriptors but the standard ones and those to keep.
fn close_others(keep: &[i32]) {
    let mut from = 3;
    for &fd in keep.iter().filter(|&&fd| fd >= 3) {
        if fd > from {
            close_range(from, fd - 1);
        }
        from = fd + 1;
    }
    close_range(from, i32::MAX);
}

/// In the child: the first program that can be run.
fn run(plan: &Plan, argv: &[*const libc::c_char], env: Option<&[*const libc::c_char]>) -> Failed {
    let mut saved = 0;
    for program in &plan.programs {
        match env {
            Some(env) => sys!(execve(program.as_ptr(), argv.as_ptr(), env.as_ptr())),
            None => sys!(execv(program.as_ptr(), argv.as_ptr())),
        };
        let e = last();
        if e != libc::ENOENT && e != libc::ENOTDIR && saved == 0 {
            saved = e;
        }
    }
    Failed("OSError", if saved == 0 { last() } else { saved }, "")
}

/// In the child: tells the parent.
fn report(plan: &Plan, failed: &Failed) {
    let text = if failed.1 == 0 {
        format!("{}:0:{}", failed.0, failed.2)
    } else {
        format!("{}:{:X}:{}", failed.0, failed.1, failed.2)
    };
    sys!(write(plan.pipes[7], text.as_ptr().cast(), text.len()));
}
