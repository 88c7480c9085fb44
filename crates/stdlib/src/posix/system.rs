//! The machine and the environment: names, limits, variables, randomness, terminals.

use super::add_class;
use super::conf_names::{CONFSTR_NAMES, PATHCONF_NAMES, SYSCONF_NAMES};
use crate::host::{Or, check, errno, int_or, no_nul, path, size, sys, zeroed};
use crate::prelude::{Args, Exc, NativeDef, Owned, PyResult, Ref, TypeRef, Vm, as_str};
use hognose_vm::structseq::{self, StructSeqDef};
use std::ffi::CString;
use std::os::unix::ffi::OsStrExt;

pub(super) const FUNCTIONS: &[NativeDef] = &[
    NativeDef::function("uname", "", uname),
    NativeDef::function("times", "", times),
    NativeDef::function("cpu_count", "", |vm, _| {
        let n = sys!(sysconf(libc::_SC_NPROCESSORS_ONLN));
        if n > 0 { vm.new_int(n) } else { Ok(vm.none()) }
    }),
    NativeDef::function("getloadavg", "", |vm, _| {
        let mut loads = [0f64; 3];
        if sys!(getloadavg(loads.as_mut_ptr(), 3)) != 3 {
            return Err(vm.raise(Exc::OSError, "Load averages are unobtainable"));
        }
        let loads = loads.into_iter().map(|x| vm.new_float(x)).collect::<PyResult<Vec<_>>>()?;
        vm.new_tuple(loads)
    }),
    NativeDef::function("sysconf", "name, /", |vm, a| {
        let name = conf_name(vm, a.get(0), SYSCONF_NAMES)?;
        limit(vm, None, || sys!(sysconf(name)))
    }),
    NativeDef::function("fpathconf", "fd, name, /", |vm, a| {
        let fd = crate::host::descriptor(vm, a.get(0))?;
        let name = conf_name(vm, a.get(1), PATHCONF_NAMES)?;
        limit(vm, None, || sys!(fpathconf(fd, name)))
    }),
    NativeDef::function("pathconf", "path, name", |vm, a| {
        let p = path(vm, "pathconf", a.get(0), Or::Fd)?;
        let name = conf_name(vm, a.get(1), PATHCONF_NAMES)?;
        limit(vm, p.shown(), || match p.fd {
            Some(fd) => sys!(fpathconf(fd, name)),
            None => sys!(pathconf(p.ptr(), name)),
        })
    }),
    NativeDef::function("confstr", "name, /", |vm, a| {
        let name = conf_name(vm, a.get(0), CONFSTR_NAMES)?;
        let mut room = [0u8; 4096];
        set_errno(0);
        let n = sys!(confstr(name, room.as_mut_ptr().cast(), room.len()));
        if n == 0 {
            let e = std::io::Error::last_os_error();
            return if e.raw_os_error() == Some(0) { Ok(vm.none()) } else { Err(vm.os_error(&e, None)) };
        }
        vm.fs_str(&room[..n.min(room.len()) - 1])
    }),
    NativeDef::function("strerror", "code, /", |vm, a| {
        let code = vm.index_i32(a.get(0))?;
        let text = error_text(code);
        vm.new_str(&text)
    }),
    NativeDef::function("urandom", "size, /", |vm, a| {
        let n = size(vm, a.get(0))?;
        random(vm, n, 0, "negative argument not allowed")
    }),
    NativeDef::function("getrandom", "size, flags=0", |vm, a| {
        let n = size(vm, a.get(0))?;
        let flags = int_or(vm, a.opt(1), 0)? as u32;
        random(vm, n, flags, "")
    }),
    NativeDef::function("putenv", "name, value, /", |vm, a| {
        let (name, value) = (vm.fs_path(a.get(0))?, vm.fs_path(a.get(1))?);
        if name.contains(&b'=') {
            return Err(vm.value_error("illegal environment variable name"));
        }
        let (name, value) = (no_nul(vm, name)?, no_nul(vm, value)?);
        super::fd::done(vm, || sys!(setenv(name.as_ptr(), value.as_ptr(), 1)))
    }),
    NativeDef::function("unsetenv", "name, /", |vm, a| {
        let name = vm.fs_path(a.get(0))?;
        let name = no_nul(vm, name)?;
        super::fd::done(vm, || sys!(unsetenv(name.as_ptr())))
    }),
    NativeDef::function("_create_environ", "", |vm, _| environ(vm)),
    NativeDef::function("ctermid", "", |vm, _| vm.new_str("/dev/tty")),
    NativeDef::function("get_terminal_size", "fd=<unrepresentable>, /", terminal_size),
    NativeDef::function("_inputhook", "", |vm, _| Ok(vm.none())),
    NativeDef::function("_is_inputhook_installed", "", |_, _| Ok(hognose_vm::owned_bool(false))),
];

hognose_vm::structseq! {
    UNAME = "posix.uname_result", "uname_result: Result from os.uname().\n\nThis object may be accessed either as a tuple of\n  (sysname, nodename, release, version, machine),\nor via the attributes sysname, nodename, release, version, and machine.\n\nSee os.uname for more information.", 5;
    0 sysname, 1 nodename, 2 release, 3 version, 4 machine
}
hognose_vm::structseq! {
    TIMES = "posix.times_result", "times_result: Result from os.times().\n\nThis object may be accessed either as a tuple of\n  (user, system, children_user, children_system, elapsed),\nor via the attributes user, system, children_user, children_system,\nand elapsed.\n\nSee os.times for more information.", 5;
    0 user, 1 system, 2 children_user, 3 children_system, 4 elapsed
}
hognose_vm::structseq! {
    TERMINAL = "os.terminal_size", "A tuple of (columns, lines) for holding terminal window size", 2;
    0 columns, 1 lines
}

#[derive(Default)]
struct Classes([Option<TypeRef<'static>>; 3]);

pub(super) fn register(vm: &mut Vm, module: &Owned) -> PyResult<()> {
    let classes = [
        Some(add_class(vm, module, "uname_result", &UNAME)?),
        Some(add_class(vm, module, "times_result", &TIMES)?),
        Some(add_class(vm, module, "terminal_size", &TERMINAL)?),
    ];
    vm.state::<Classes>().0 = classes;
    Ok(())
}

fn make(vm: &mut Vm, which: usize, def: &'static StructSeqDef, values: Vec<Owned>) -> PyResult {
    match vm.state::<Classes>().0[which] {
        Some(class) => structseq::make(vm, class, def, values),
        None => vm.new_tuple(values),
    }
}

/// The variables of the process, as the system keeps them.
pub(super) fn inherited() -> Vec<CString> {
    std::env::vars_os()
        .filter_map(|(k, v)| CString::new([k.as_bytes(), b"=", v.as_bytes()].concat()).ok())
        .collect()
}

/// The variables as a dict of bytes.
pub(super) fn environ(vm: &mut Vm) -> PyResult {
    let dict = vm.new_dict()?;
    for (k, v) in std::env::vars_os() {
        let (k, v) = (vm.new_bytes(k.as_bytes())?, vm.new_bytes(v.as_bytes())?);
        vm.dict_set(dict.as_ref(), k.as_ref(), v.as_ref())?;
    }
    Ok(dict)
}

fn uname(vm: &mut Vm, _args: &Args<'_>) -> PyResult {
    let mut u = zeroed!(libc::utsname);
    vm.retry(None, || check(sys!(uname(&raw mut u))))?;
    let parts = [&u.sysname, &u.nodename, &u.release, &u.version, &u.machine];
    let mut values = Vec::new();
    for part in parts {
        let bytes: Vec<u8> = part.iter().take_while(|&&c| c != 0).map(|&c| c as u8).collect();
        values.push(vm.fs_str(&bytes)?);
    }
    make(vm, 0, &UNAME, values)
}

fn times(vm: &mut Vm, _args: &Args<'_>) -> PyResult {
    let mut t = zeroed!(libc::tms);
    let elapsed = sys!(times(&raw mut t));
    let per_second = sys!(sysconf(libc::_SC_CLK_TCK)) as f64;
    let ticks = [t.tms_utime, t.tms_stime, t.tms_cutime, t.tms_cstime, elapsed];
    let values =
        ticks.into_iter().map(|n| vm.new_float(n as f64 / per_second)).collect::<PyResult<Vec<_>>>()?;
    make(vm, 1, &TIMES, values)
}

fn terminal_size(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let fd = int_or(vm, args.opt(0), 1)?;
    let mut w = zeroed!(libc::winsize);
    vm.retry(None, || check(sys!(ioctl(fd, libc::TIOCGWINSZ, &raw mut w))))?;
    let values = vec![vm.new_int(i64::from(w.ws_col))?, vm.new_int(i64::from(w.ws_row))?];
    make(vm, 2, &TERMINAL, values)
}

/// A name of the tables, or its number.
fn conf_name(vm: &mut Vm, r: Ref<'_>, table: &[(&str, i32)]) -> PyResult<i32> {
    if let Some(s) = as_str(r) {
        let name = s.to_lossy();
        return match table.iter().find(|(n, _)| *n == name) {
            Some((_, n)) => Ok(*n),
            None => Err(vm.value_error("unrecognized configuration name")),
        };
    }
    if vm.class_of(r).slots().index.is_none() {
        return Err(vm.type_error("configuration names must be strings or integers"));
    }
    vm.index_i32(r)
}

fn set_errno(n: i32) {
    // SAFETY: the C library's place for the number of the last error of this thread.
    #[allow(unsafe_code, reason = "some calls tell an error by errno alone")]
    unsafe {
        *libc::__errno_location() = n;
    }
}

/// A limit; -1 without an error number: there is none.
fn limit(vm: &mut Vm, shown: Option<Ref<'_>>, f: impl FnOnce() -> i64) -> PyResult {
    set_errno(0);
    let n = f();
    let e = std::io::Error::last_os_error();
    if n == -1 && e.raw_os_error() != Some(0) {
        return Err(vm.os_error(&e, shown));
    }
    vm.new_int(n)
}

/// The C library's text for an error number.
pub(crate) fn error_text(code: i32) -> String {
    let text = errno(code).to_string();
    text.strip_suffix(&format!(" (os error {code})")).unwrap_or(&text).to_owned()
}

fn random(vm: &mut Vm, n: isize, flags: u32, negative: &str) -> PyResult {
    let Ok(n) = usize::try_from(n) else {
        if negative.is_empty() {
            return Err(vm.os_error(&errno(libc::EINVAL), None));
        }
        return Err(vm.value_error(negative));
    };
    let all = !negative.is_empty();
    vm.read_bytes(n, |vm, room| {
        let mut at = 0;
        while at < room.len() {
            let rest = &mut room[at..];
            let got =
                vm.retry(None, || check(sys!(getrandom(rest.as_mut_ptr().cast(), rest.len(), flags))))?;
            at += got as usize;
            if !all {
                break;
            }
        }
        Ok(at)
    })?
}
