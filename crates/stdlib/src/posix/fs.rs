//! Names in the file system: making, removing, renaming, and the attributes of what they name.

use super::stat::dir_fd;
use crate::host::{Or, check, flag, int_or, int64, path, path_named, sys};
use crate::prelude::{Args, NativeDef, PyResult, Ref, ValueExt, Vm};
use hognose_vm::tuple_items;
use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::ToPrimitive;

pub(super) const FUNCTIONS: &[NativeDef] = &[
    NativeDef::function("chdir", "path", |vm, a| {
        let p = path(vm, "chdir", a.get(0), Or::Fd)?;
        vm.retry(p.shown(), || match p.fd {
            Some(fd) => check(sys!(fchdir(fd))),
            None => check(sys!(chdir(p.ptr()))),
        })?;
        Ok(vm.none())
    }),
    NativeDef::function("fchdir", "fd", |vm, a| {
        let fd = crate::host::descriptor(vm, a.get(0))?;
        vm.retry(None, || check(sys!(fchdir(fd))))?;
        Ok(vm.none())
    }),
    NativeDef::function("getcwd", "", |vm, _| {
        let dir = cwd(vm)?;
        vm.fs_str(&dir)
    }),
    NativeDef::function("getcwdb", "", |vm, _| {
        let dir = cwd(vm)?;
        vm.new_bytes(&dir)
    }),
    NativeDef::function("chroot", "path", |vm, a| {
        let p = path(vm, "chroot", a.get(0), Or::Nothing)?;
        vm.retry(p.shown(), || check(sys!(chroot(p.ptr()))))?;
        Ok(vm.none())
    }),
    NativeDef::function("mkdir", "path, mode=511, *, dir_fd=None", |vm, a| {
        let p = path(vm, "mkdir", a.get(0), Or::Nothing)?;
        let mode = int_or(vm, a.opt(1), 0o777)? as libc::mode_t;
        let dir = dir_fd(vm, a.opt(2))?;
        vm.retry(p.shown(), || check(sys!(mkdirat(dir, p.ptr(), mode))))?;
        Ok(vm.none())
    }),
    NativeDef::function("mkfifo", "path, mode=438, *, dir_fd=None", |vm, a| {
        let p = path(vm, "mkfifo", a.get(0), Or::Nothing)?;
        let mode = int_or(vm, a.opt(1), 0o666)? as libc::mode_t;
        let dir = dir_fd(vm, a.opt(2))?;
        vm.retry(p.shown(), || check(sys!(mkfifoat(dir, p.ptr(), mode))))?;
        Ok(vm.none())
    }),
    NativeDef::function("mknod", "path, mode=384, device=0, *, dir_fd=None", |vm, a| {
        let p = path(vm, "mknod", a.get(0), Or::Nothing)?;
        let mode = int_or(vm, a.opt(1), 0o600)? as libc::mode_t;
        let device = match a.opt(2) {
            Some(d) => int64(vm, d)? as libc::dev_t,
            None => 0,
        };
        let dir = dir_fd(vm, a.opt(3))?;
        vm.retry(p.shown(), || check(sys!(mknodat(dir, p.ptr(), mode, device))))?;
        Ok(vm.none())
    }),
    NativeDef::function("makedev", "major, minor, /", |vm, a| {
        let (major, minor) = (int64(vm, a.get(0))?, int64(vm, a.get(1))?);
        let (major, minor) = (major as u64, minor as u64);
        let dev = (major & 0xfff) << 8 | (major & !0xfff) << 32 | minor & 0xff | (minor & !0xff) << 12;
        super::stat::big(vm, i128::from(dev))
    }),
    NativeDef::function("major", "device, /", |vm, a| {
        let d = int64(vm, a.get(0))? as u64;
        vm.new_int(((d >> 8 & 0xfff) | (d >> 32 & !0xfff)) as u32 as i64)
    }),
    NativeDef::function("minor", "device, /", |vm, a| {
        let d = int64(vm, a.get(0))? as u64;
        vm.new_int(((d & 0xff) | (d >> 12 & !0xff)) as u32 as i64)
    }),
    NativeDef::function("unlink", "path, *, dir_fd=None", |vm, a| unlink(vm, "unlink", a, 0)),
    NativeDef::function("remove", "path, *, dir_fd=None", |vm, a| unlink(vm, "remove", a, 0)),
    NativeDef::function("rmdir", "path, *, dir_fd=None", |vm, a| unlink(vm, "rmdir", a, libc::AT_REMOVEDIR)),
    NativeDef::function("rename", "src, dst, *, src_dir_fd=None, dst_dir_fd=None", |vm, a| {
        rename(vm, "rename", a)
    }),
    NativeDef::function("replace", "src, dst, *, src_dir_fd=None, dst_dir_fd=None", |vm, a| {
        rename(vm, "replace", a)
    }),
    NativeDef::function("link", "src, dst, *, src_dir_fd=None, dst_dir_fd=None, follow_symlinks=True", link),
    NativeDef::function("symlink", "src, dst, target_is_directory=False, *, dir_fd=None", |vm, a| {
        let src = path_named(vm, "symlink", "src", a.get(0), Or::Nothing)?;
        let dst = path_named(vm, "symlink", "dst", a.get(1), Or::Nothing)?;
        let dir = dir_fd(vm, a.opt(3))?;
        let r = vm.blocking(|| check(sys!(symlinkat(src.ptr(), dir, dst.ptr()))));
        r.map_err(|e| vm.os_error2(&e, src.shown(), dst.shown()))?;
        Ok(vm.none())
    }),
    NativeDef::function("readlink", "path, *, dir_fd=None", |vm, a| {
        let p = path(vm, "readlink", a.get(0), Or::Nothing)?;
        let dir = dir_fd(vm, a.opt(1))?;
        let mut room = vec![0u8; libc::PATH_MAX as usize + 1];
        let n = vm.retry(p.shown(), || {
            check(sys!(readlinkat(dir, p.ptr(), room.as_mut_ptr().cast(), room.len())))
        })?;
        p.name(vm, &room[..n as usize])
    }),
    NativeDef::function("chmod", "path, mode, *, dir_fd=None, follow_symlinks=True", |vm, a| {
        let p = path(vm, "chmod", a.get(0), Or::Fd)?;
        let mode = vm.index_i32(a.get(1))? as libc::mode_t;
        let dir = dir_fd(vm, a.opt(2))?;
        let flags = if flag(vm, a.opt(3), true)? { 0 } else { libc::AT_SYMLINK_NOFOLLOW };
        vm.retry(p.shown(), || match p.fd {
            Some(fd) => check(sys!(fchmod(fd, mode))),
            None => check(sys!(fchmodat(dir, p.ptr(), mode, flags))),
        })?;
        Ok(vm.none())
    }),
    NativeDef::function("fchmod", "fd, mode", |vm, a| {
        let (fd, mode) = (vm.index_i32(a.get(0))?, vm.index_i32(a.get(1))? as libc::mode_t);
        vm.retry(None, || check(sys!(fchmod(fd, mode))))?;
        Ok(vm.none())
    }),
    NativeDef::function("chown", "path, uid, gid, *, dir_fd=None, follow_symlinks=True", |vm, a| {
        let p = path(vm, "chown", a.get(0), Or::Fd)?;
        let (uid, gid) = (id(vm, a.get(1), "uid")?, id(vm, a.get(2), "gid")?);
        let dir = dir_fd(vm, a.opt(3))?;
        let flags = if flag(vm, a.opt(4), true)? { 0 } else { libc::AT_SYMLINK_NOFOLLOW };
        vm.retry(p.shown(), || match p.fd {
            Some(fd) => check(sys!(fchown(fd, uid, gid))),
            None => check(sys!(fchownat(dir, p.ptr(), uid, gid, flags))),
        })?;
        Ok(vm.none())
    }),
    NativeDef::function("fchown", "fd, uid, gid", |vm, a| {
        let fd = vm.index_i32(a.get(0))?;
        let (uid, gid) = (id(vm, a.get(1), "uid")?, id(vm, a.get(2), "gid")?);
        vm.retry(None, || check(sys!(fchown(fd, uid, gid))))?;
        Ok(vm.none())
    }),
    NativeDef::function("lchown", "path, uid, gid", |vm, a| {
        let p = path(vm, "lchown", a.get(0), Or::Nothing)?;
        let (uid, gid) = (id(vm, a.get(1), "uid")?, id(vm, a.get(2), "gid")?);
        vm.retry(p.shown(), || check(sys!(lchown(p.ptr(), uid, gid))))?;
        Ok(vm.none())
    }),
    NativeDef::function("truncate", "path, length", |vm, a| {
        let p = path(vm, "truncate", a.get(0), Or::Fd)?;
        let length = int64(vm, a.get(1))?;
        vm.retry(p.shown(), || match p.fd {
            Some(fd) => check(sys!(ftruncate(fd, length))),
            None => check(sys!(truncate(p.ptr(), length))),
        })?;
        Ok(vm.none())
    }),
    NativeDef::function(
        "utime",
        "path, times=None, *, ns=<unrepresentable>, dir_fd=None, follow_symlinks=True",
        utime,
    ),
    NativeDef::function("umask", "mask, /", |vm, a| {
        let mask = vm.index_i32(a.get(0))? as libc::mode_t;
        vm.new_int(i64::from(sys!(umask(mask))))
    }),
    NativeDef::function("getxattr", "path, attribute, *, follow_symlinks=True", getxattr),
    NativeDef::function("setxattr", "path, attribute, value, flags=0, *, follow_symlinks=True", setxattr),
    NativeDef::function("removexattr", "path, attribute, *, follow_symlinks=True", removexattr),
    NativeDef::function("listxattr", "path=None, *, follow_symlinks=True", listxattr),
    NativeDef::function("sync", "", |vm, _| {
        vm.blocking(|| sys!(sync()));
        Ok(vm.none())
    }),
];

fn cwd(vm: &mut Vm) -> PyResult<Vec<u8>> {
    match std::env::current_dir() {
        Ok(dir) => Ok(std::os::unix::ffi::OsStringExt::into_vec(dir.into_os_string())),
        Err(e) => Err(vm.os_error(&e, None)),
    }
}

/// A user or group id; -1 is "leave as it is".
pub(super) fn id(vm: &mut Vm, r: Ref<'_>, what: &str) -> PyResult<u32> {
    if vm.class_of(r).slots().index.is_none() {
        let class = vm.type_name(r);
        return Err(vm.type_error(&format!("{what} should be integer, not {class}")));
    }
    let n = vm.index_bigint(r)?;
    if n == BigInt::from(-1) {
        return Ok(u32::MAX);
    }
    match n.to_u32() {
        Some(n) => Ok(n),
        None if n.sign() == num_bigint::Sign::Minus => {
            Err(vm.overflow_error(&format!("{what} is less than minimum")))
        }
        None => Err(vm.overflow_error(&format!("{what} is greater than maximum"))),
    }
}

fn unlink(vm: &mut Vm, name: &str, args: &Args<'_>, flags: i32) -> PyResult {
    let p = path(vm, name, args.get(0), Or::Nothing)?;
    let dir = dir_fd(vm, args.opt(1))?;
    vm.retry(p.shown(), || check(sys!(unlinkat(dir, p.ptr(), flags))))?;
    Ok(vm.none())
}

fn rename(vm: &mut Vm, name: &str, args: &Args<'_>) -> PyResult {
    let src = path_named(vm, name, "src", args.get(0), Or::Nothing)?;
    let dst = path_named(vm, name, "dst", args.get(1), Or::Nothing)?;
    let (from, to) = (dir_fd(vm, args.opt(2))?, dir_fd(vm, args.opt(3))?);
    let r = vm.blocking(|| check(sys!(renameat(from, src.ptr(), to, dst.ptr()))));
    r.map_err(|e| vm.os_error2(&e, src.shown(), dst.shown()))?;
    Ok(vm.none())
}

fn link(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let src = path_named(vm, "link", "src", args.get(0), Or::Nothing)?;
    let dst = path_named(vm, "link", "dst", args.get(1), Or::Nothing)?;
    let (from, to) = (dir_fd(vm, args.opt(2))?, dir_fd(vm, args.opt(3))?);
    let flags =
        if args.opt(4).is_some() && flag(vm, args.opt(4), true)? { libc::AT_SYMLINK_FOLLOW } else { 0 };
    let r = vm.blocking(|| check(sys!(linkat(from, src.ptr(), to, dst.ptr(), flags))));
    r.map_err(|e| vm.os_error2(&e, src.shown(), dst.shown()))?;
    Ok(vm.none())
}

/// Seconds, a number, as the system's pair.
fn from_seconds(vm: &mut Vm, r: Ref<'_>) -> PyResult<libc::timespec> {
    let (s, ns) = match vm.float_of(r) {
        Some(x) if x.is_nan() => return Err(vm.value_error("Invalid value NaN (not a number)")),
        Some(x) => {
            let whole = x.floor();
            if whole.abs() > 9.2e18 {
                return Err(vm.overflow_error("timestamp out of range for platform time_t"));
            }
            (whole as i64, ((x - whole) * 1e9).floor() as i64)
        }
        None => (int64(vm, r)?, 0),
    };
    Ok(libc::timespec { tv_sec: s, tv_nsec: ns })
}

fn from_nanoseconds(vm: &mut Vm, r: Ref<'_>) -> PyResult<libc::timespec> {
    let n = vm.index_bigint(r)?;
    let (s, ns) = n.div_mod_floor(&BigInt::from(1_000_000_000));
    match (s.to_i64(), ns.to_i64()) {
        (Some(s), Some(ns)) => Ok(libc::timespec { tv_sec: s, tv_nsec: ns }),
        _ => Err(vm.overflow_error("timestamp out of range for platform time_t")),
    }
}

fn utime(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let p = path(vm, "utime", args.get(0), Or::Fd)?;
    let times = args.opt(1).filter(|t| !t.is_none());
    let ns = args.opt(2);
    if times.is_some() && ns.is_some() {
        let text = "utime: you may specify either 'times' or 'ns' but not both";
        return Err(vm.value_error(text));
    }
    let mut spec = [libc::timespec { tv_sec: 0, tv_nsec: libc::UTIME_NOW }; 2];
    if let Some(pair) = times.or(ns) {
        let [a, b] = tuple_items(pair) else {
            let which =
                if times.is_some() { "either a tuple of two ints or None" } else { "a tuple of two ints" };
            let name = if times.is_some() { "times" } else { "ns" };
            return Err(vm.type_error(&format!("utime: '{name}' must be {which}")));
        };
        let read = if times.is_some() { from_seconds } else { from_nanoseconds };
        spec = [read(vm, *a)?, read(vm, *b)?];
    }
    let dir = dir_fd(vm, args.opt(3))?;
    let flags = if flag(vm, args.opt(4), true)? { 0 } else { libc::AT_SYMLINK_NOFOLLOW };
    vm.retry(p.shown(), || match p.fd {
        Some(fd) => check(sys!(futimens(fd, spec.as_ptr()))),
        None => check(sys!(utimensat(dir, p.ptr(), spec.as_ptr(), flags))),
    })?;
    Ok(vm.none())
}

fn getxattr(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let p = path(vm, "getxattr", args.get(0), Or::Fd)?;
    let name = path_named(vm, "getxattr", "attribute", args.get(1), Or::Nothing)?;
    let follow = flag(vm, args.opt(2), true)?;
    let mut room = vec![0u8; 65536];
    let n = vm.retry(p.shown(), || {
        let (to, size) = (room.as_mut_ptr().cast(), room.len());
        check(match p.fd {
            Some(fd) => sys!(fgetxattr(fd, name.ptr(), to, size)),
            None if follow => sys!(getxattr(p.ptr(), name.ptr(), to, size)),
            None => sys!(lgetxattr(p.ptr(), name.ptr(), to, size)),
        })
    })?;
    vm.new_bytes(&room[..n as usize])
}

fn setxattr(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let p = path(vm, "setxattr", args.get(0), Or::Fd)?;
    let name = path_named(vm, "setxattr", "attribute", args.get(1), Or::Nothing)?;
    let value = vm.bytes_like(args.get(2))?;
    let flags = int_or(vm, args.opt(3), 0)?;
    let follow = flag(vm, args.opt(4), true)?;
    let value = hognose_vm::object::bytes::bytes_of(value.as_ref()).unwrap_or(&[]).to_vec();
    vm.retry(p.shown(), || {
        let (from, size) = (value.as_ptr().cast(), value.len());
        check(match p.fd {
            Some(fd) => sys!(fsetxattr(fd, name.ptr(), from, size, flags)),
            None if follow => sys!(setxattr(p.ptr(), name.ptr(), from, size, flags)),
            None => sys!(lsetxattr(p.ptr(), name.ptr(), from, size, flags)),
        })
    })?;
    Ok(vm.none())
}

fn removexattr(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let p = path(vm, "removexattr", args.get(0), Or::Fd)?;
    let name = path_named(vm, "removexattr", "attribute", args.get(1), Or::Nothing)?;
    let follow = flag(vm, args.opt(2), true)?;
    vm.retry(p.shown(), || {
        check(match p.fd {
            Some(fd) => sys!(fremovexattr(fd, name.ptr())),
            None if follow => sys!(removexattr(p.ptr(), name.ptr())),
            None => sys!(lremovexattr(p.ptr(), name.ptr())),
        })
    })?;
    Ok(vm.none())
}

fn listxattr(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let none = vm.none();
    let p = path(vm, "listxattr", args.opt(0).unwrap_or(none.as_ref()), Or::FdOrNone)?;
    let follow = flag(vm, args.opt(1), true)?;
    let mut room = vec![0u8; 65536];
    let n = vm.retry(p.shown(), || {
        let (to, size) = (room.as_mut_ptr().cast(), room.len());
        check(match p.fd {
            Some(fd) => sys!(flistxattr(fd, to, size)),
            None if follow => sys!(listxattr(p.ptr(), to, size)),
            None => sys!(llistxattr(p.ptr(), to, size)),
        })
    })?;
    let names = room[..n as usize].split(|&b| b == 0).filter(|n| !n.is_empty());
    let names = names.map(|n| vm.fs_str(n)).collect::<PyResult<Vec<_>>>()?;
    vm.new_list(names)
}
