//! The module `_stat`: what the bits of a file's mode say.

mod constants;

use crate::host::add_ints;
use crate::prelude::{Args, NativeDef, PyResult, Vm, new_module, owned_bool};
use num_traits::ToPrimitive;

const FUNCTIONS: &[NativeDef] = &[
    NativeDef::function("S_ISDIR", "mode, /", |vm, a| is(vm, a, libc::S_IFDIR)),
    NativeDef::function("S_ISCHR", "mode, /", |vm, a| is(vm, a, libc::S_IFCHR)),
    NativeDef::function("S_ISBLK", "mode, /", |vm, a| is(vm, a, libc::S_IFBLK)),
    NativeDef::function("S_ISREG", "mode, /", |vm, a| is(vm, a, libc::S_IFREG)),
    NativeDef::function("S_ISFIFO", "mode, /", |vm, a| is(vm, a, libc::S_IFIFO)),
    NativeDef::function("S_ISLNK", "mode, /", |vm, a| is(vm, a, libc::S_IFLNK)),
    NativeDef::function("S_ISSOCK", "mode, /", |vm, a| is(vm, a, libc::S_IFSOCK)),
    NativeDef::function("S_ISDOOR", "mode, /", never),
    NativeDef::function("S_ISPORT", "mode, /", never),
    NativeDef::function("S_ISWHT", "mode, /", never),
    NativeDef::function("S_IMODE", "object, /", |vm, a| {
        let m = mode(vm, a)?;
        vm.new_int(i64::from(m & 0o7777))
    }),
    NativeDef::function("S_IFMT", "object, /", |vm, a| {
        let m = mode(vm, a)?;
        vm.new_int(i64::from(m & libc::S_IFMT))
    }),
    NativeDef::function("filemode", "object, /", |vm, a| {
        let m = mode(vm, a)?;
        let text = file_mode(m);
        vm.new_str(&text)
    }),
];

/// Makes the module.
pub fn make(vm: &mut Vm) -> PyResult {
    let module = new_module(
        vm,
        "_stat",
        "S_IFMT_: file type bits, and constants of file modes and flags.",
        FUNCTIONS,
    )?;
    add_ints(vm, &module, &[constants::SYSTEM, constants::OTHER])?;
    Ok(module)
}

fn mode(vm: &mut Vm, args: &Args<'_>) -> PyResult<u32> {
    let n = vm.index_bigint(args.get(0))?;
    if n.sign() == num_bigint::Sign::Minus {
        return Err(vm.overflow_error("can't convert negative value to unsigned int"));
    }
    match (n.to_u32(), n.to_u64()) {
        (Some(n), _) => Ok(n),
        (None, Some(_)) => Err(vm.overflow_error("mode out of range")),
        _ => Err(vm.overflow_error("Python int too large to convert to C unsigned long")),
    }
}

fn is(vm: &mut Vm, args: &Args<'_>, kind: u32) -> PyResult {
    let m = mode(vm, args)?;
    Ok(owned_bool(m & libc::S_IFMT == kind))
}

fn never(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    mode(vm, args)?;
    Ok(owned_bool(false))
}

/// `-rwxr-xr-x`
fn file_mode(m: u32) -> String {
    let kind = match m & libc::S_IFMT {
        libc::S_IFREG => '-',
        libc::S_IFDIR => 'd',
        libc::S_IFLNK => 'l',
        libc::S_IFBLK => 'b',
        libc::S_IFCHR => 'c',
        libc::S_IFIFO => 'p',
        libc::S_IFSOCK => 's',
        _ => '?',
    };
    let mut out = String::from(kind);
    for (shift, special, letters) in
        [(6, libc::S_ISUID, "sS"), (3, libc::S_ISGID, "sS"), (0, libc::S_ISVTX, "tT")]
    {
        out.push(if m >> shift & 4 != 0 { 'r' } else { '-' });
        out.push(if m >> shift & 2 != 0 { 'w' } else { '-' });
        let run = m >> shift & 1 != 0;
        out.push(match (m & special != 0, run) {
            (true, true) => letters.as_bytes()[0] as char,
            (true, false) => letters.as_bytes()[1] as char,
            (false, true) => 'x',
            (false, false) => '-',
        });
    }
    out
}
