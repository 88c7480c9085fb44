//! What files are: `stat` and its relatives, and their results.

use super::add_class;
use crate::host::{Or, check, flag, path, sys, zeroed};
use crate::prelude::{
    Args, GetSetDef, NativeDef, Owned, PyResult, Ref, Slots, TypeDef, TypeRef, ValueExt, Vm, base_value,
};
use hognose_vm::structseq::{self, METHODS, StructSeqDef, field};
use hognose_vm::{Layout, tuple_items};
use num_bigint::BigInt;

pub(super) const FUNCTIONS: &[NativeDef] = &[
    NativeDef::function("stat", "path, *, dir_fd=None, follow_symlinks=True", |vm, a| {
        let follow = flag(vm, a.opt(2), true)?;
        stat_path(vm, "stat", a, follow)
    }),
    NativeDef::function("lstat", "path, *, dir_fd=None", |vm, a| stat_path(vm, "lstat", a, false)),
    NativeDef::function("fstat", "fd", |vm, a| {
        let fd = vm.index_i32(a.get(0))?;
        let st = vm.retry(None, || {
            let mut st = zeroed!(libc::stat);
            check(sys!(fstat(fd, &raw mut st))).map(|_| st)
        })?;
        stat_result(vm, &st)
    }),
    NativeDef::function("statvfs", "path", |vm, a| statvfs(vm, "statvfs", a.get(0))),
    NativeDef::function("fstatvfs", "fd, /", |vm, a| statvfs(vm, "fstatvfs", a.get(0))),
    NativeDef::function(
        "access",
        "path, mode, *, dir_fd=None, effective_ids=False, follow_symlinks=True",
        access,
    ),
];

/// The classes of results.
#[derive(Default)]
struct Classes {
    stat: Option<TypeRef<'static>>,
    statvfs: Option<TypeRef<'static>>,
}

const STAT_FIELDS: &[&str] = &[
    "st_mode",
    "st_ino",
    "st_dev",
    "st_nlink",
    "st_uid",
    "st_gid",
    "st_size",
    "st_atime",
    "st_mtime",
    "st_ctime",
    "st_atime",
    "st_mtime",
    "st_ctime",
    "st_atime_ns",
    "st_mtime_ns",
    "st_ctime_ns",
    "st_blksize",
    "st_blocks",
    "st_rdev",
];

/// `os.stat_result`: ten items, of which the last three are whole seconds and have no name.
static STAT: StructSeqDef = StructSeqDef {
    class: TypeDef {
        name: "os.stat_result",
        layout: Layout::Wrapped,
        doc: "stat_result: Result from stat, fstat, or lstat.\n\nThis object may be accessed either as a tuple of\n  \
              (mode, ino, dev, nlink, uid, gid, size, atime, mtime, ctime)\nor via the attributes st_mode, st_ino, \
              st_dev, st_nlink, st_uid, and so on.\n\nPosix/windows: If your platform supports st_blksize, st_blocks, \
              st_rdev,\nor st_flags, they are available as attributes only.\n\nSee os.stat for more information.",
        slots: Slots {
            new: Some(new_stat),
            repr: Some(|vm, r| structseq::repr(vm, r, &STAT)),
            ..Slots::NONE
        },
        methods: METHODS,
        getset: &[
            field::<0, 10>("st_mode"),
            field::<1, 10>("st_ino"),
            field::<2, 10>("st_dev"),
            field::<3, 10>("st_nlink"),
            field::<4, 10>("st_uid"),
            field::<5, 10>("st_gid"),
            field::<6, 10>("st_size"),
            GetSetDef::read("st_atime", |vm, r| seconds(vm, r, "st_atime_ns", 7)),
            GetSetDef::read("st_mtime", |vm, r| seconds(vm, r, "st_mtime_ns", 8)),
            GetSetDef::read("st_ctime", |vm, r| seconds(vm, r, "st_ctime_ns", 9)),
            field::<13, 10>("st_atime_ns"),
            field::<14, 10>("st_mtime_ns"),
            field::<15, 10>("st_ctime_ns"),
            field::<16, 10>("st_blksize"),
            field::<17, 10>("st_blocks"),
            field::<18, 10>("st_rdev"),
        ],
        ..TypeDef::EMPTY
    },
    fields: STAT_FIELDS,
    visible: 10,
};

/// A time in seconds: what was given, the float of the nanoseconds, or the whole seconds.
fn seconds(vm: &mut Vm, r: Ref<'_>, nanoseconds: &str, whole: usize) -> PyResult {
    let own = vm.intern(&format!("_field{}", whole + 3))?;
    if let Some(dict) = vm.instance_dict(r)?
        && let Some(given) = vm.dict_get(dict.as_ref(), own.as_ref())?.filter(|v| !v.as_ref().is_none())
    {
        return Ok(given);
    }
    let ns = vm.get_attr_name(r, nanoseconds)?;
    if !ns.as_ref().is_none() {
        // As CPython: the fraction is added to the whole seconds.
        let ns = vm.index_bigint(ns.as_ref())?;
        let ns: i128 = num_traits::ToPrimitive::to_i128(&ns).unwrap_or(0);
        let (whole, part) = (ns.div_euclid(1_000_000_000), ns.rem_euclid(1_000_000_000));
        return vm.new_float(whole as f64 + 1e-9 * part as f64);
    }
    Ok(tuple_items(base_value(r)).get(whole).map_or_else(|| vm.none(), |i| i.owned()))
}

fn new_stat(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    structseq::new(vm, args, &STAT)
}

hognose_vm::structseq! {
    STATVFS = "os.statvfs_result", "statvfs_result: Result from statvfs or fstatvfs.\n\nThis object may be accessed either as a tuple of\n  (bsize, frsize, blocks, bfree, bavail, files, ffree, favail, flag, namemax),\nor via the attributes f_bsize, f_frsize, f_blocks, f_bfree, and so on.\n\nSee os.statvfs for more information.", 10;
    0 f_bsize, 1 f_frsize, 2 f_blocks, 3 f_bfree, 4 f_bavail, 5 f_files, 6 f_ffree, 7 f_favail, 8 f_flag,
    9 f_namemax, 10 f_fsid
}

pub(super) fn register(vm: &mut Vm, module: &Owned) -> PyResult<()> {
    let stat = add_class(vm, module, "stat_result", &STAT)?;
    let unnamed = vm.new_int(3)?;
    vm.dict_set_name(stat.dict().as_ref(), "n_unnamed_fields", unnamed)?;
    let names = STAT_FIELDS[..7].iter().map(|n| vm.intern(n)).collect::<PyResult<Vec<_>>>()?;
    let names = vm.new_tuple(names)?;
    vm.dict_set_name(stat.dict().as_ref(), "__match_args__", names)?;
    let statvfs = add_class(vm, module, "statvfs_result", &STATVFS)?;
    let classes = vm.state::<Classes>();
    (classes.stat, classes.statvfs) = (Some(stat), Some(statvfs));
    Ok(())
}

/// A `dir_fd` argument.
pub(super) fn dir_fd(vm: &mut Vm, r: Option<Ref<'_>>) -> PyResult<i32> {
    match r.filter(|r| !r.is_none()) {
        None => Ok(libc::AT_FDCWD),
        Some(r) if vm.class_of(r).slots().index.is_some() => vm.index_i32(r),
        Some(r) => {
            let class = vm.type_name(r);
            Err(vm.type_error(&format!("argument should be integer or None, not {class}")))
        }
    }
}

fn stat_path(vm: &mut Vm, name: &str, args: &Args<'_>, follow: bool) -> PyResult {
    let or = if name == "stat" { Or::Fd } else { Or::Nothing };
    let p = path(vm, name, args.get(0), or)?;
    let dir = dir_fd(vm, args.opt(1))?;
    if p.fd.is_some() && dir != libc::AT_FDCWD {
        return Err(vm.value_error(&format!("{name}: can't specify dir_fd without matching path")));
    }
    if p.fd.is_some() && !follow {
        return Err(vm.value_error(&format!("{name}: cannot use fd and follow_symlinks together")));
    }
    let st = vm.retry(p.shown(), || {
        let mut st = zeroed!(libc::stat);
        let flags = if follow { 0 } else { libc::AT_SYMLINK_NOFOLLOW };
        let r = match p.fd {
            Some(fd) => sys!(fstat(fd, &raw mut st)),
            None => sys!(fstatat(dir, p.ptr(), &raw mut st, flags)),
        };
        check(r).map(|_| st)
    })?;
    stat_result(vm, &st)
}

/// The object for what the system says of a file.
pub(super) fn stat_result(vm: &mut Vm, st: &libc::stat) -> PyResult {
    let numbers = [
        u64::from(st.st_mode),
        st.st_ino,
        st.st_dev,
        st.st_nlink,
        u64::from(st.st_uid),
        u64::from(st.st_gid),
    ];
    let times =
        [(st.st_atime, st.st_atime_nsec), (st.st_mtime, st.st_mtime_nsec), (st.st_ctime, st.st_ctime_nsec)];
    let mut values = Vec::with_capacity(STAT_FIELDS.len());
    for n in numbers {
        values.push(big(vm, i128::from(n))?);
    }
    values.push(vm.new_int(st.st_size)?);
    for (s, _) in times {
        values.push(vm.new_int(s)?);
    }
    for _ in times {
        values.push(vm.none());
    }
    for (s, ns) in times {
        values.push(big(vm, i128::from(s) * 1_000_000_000 + i128::from(ns))?);
    }
    for n in [st.st_blksize, st.st_blocks] {
        values.push(vm.new_int(n)?);
    }
    values.push(big(vm, i128::from(st.st_rdev))?);
    match vm.state::<Classes>().stat {
        Some(class) => structseq::make(vm, class, &STAT, values),
        None => vm.new_tuple(values),
    }
}

pub(super) fn big(vm: &mut Vm, n: i128) -> PyResult {
    match i64::try_from(n) {
        Ok(n) => vm.new_int(n),
        Err(_) => vm.new_bigint(&BigInt::from(n)),
    }
}

fn statvfs(vm: &mut Vm, name: &str, r: Ref<'_>) -> PyResult {
    let p = path(vm, name, r, Or::Fd)?;
    let st = vm.retry(p.shown(), || {
        let mut st = zeroed!(libc::statvfs);
        let r = match p.fd {
            Some(fd) => sys!(fstatvfs(fd, &raw mut st)),
            None => sys!(statvfs(p.ptr(), &raw mut st)),
        };
        check(r).map(|_| st)
    })?;
    let numbers = [
        st.f_bsize,
        st.f_frsize,
        st.f_blocks,
        st.f_bfree,
        st.f_bavail,
        st.f_files,
        st.f_ffree,
        st.f_favail,
        st.f_flag,
        st.f_namemax,
        st.f_fsid,
    ];
    let values = numbers.into_iter().map(|n| big(vm, i128::from(n))).collect::<PyResult<Vec<_>>>()?;
    match vm.state::<Classes>().statvfs {
        Some(class) => structseq::make(vm, class, &STATVFS, values),
        None => vm.new_tuple(values),
    }
}

fn access(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let p = path(vm, "access", args.get(0), Or::Nothing)?;
    let mode = vm.index_i32(args.get(1))?;
    let dir = dir_fd(vm, args.opt(2))?;
    let effective = flag(vm, args.opt(3), false)?;
    let follow = flag(vm, args.opt(4), true)?;
    let flags =
        if effective { libc::AT_EACCESS } else { 0 } | if follow { 0 } else { libc::AT_SYMLINK_NOFOLLOW };
    let r = vm.blocking(|| sys!(faccessat(dir, p.ptr(), mode, flags)));
    Ok(hognose_vm::owned_bool(r == 0))
}
