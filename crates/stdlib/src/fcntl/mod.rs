//! The module `fcntl`: control of descriptors and devices, and file locks.

mod constants;

use crate::host::{add_ints, check, descriptor, flag, int_or, sys, zeroed};
use crate::prelude::{Args, NativeDef, Owned, PyResult, Ref, Vm, as_str, base_value, is_int, new_module};
use hognose_vm::object::bytes::bytes_of;
use num_traits::ToPrimitive;

const FUNCTIONS: &[NativeDef] = &[
    NativeDef::function("fcntl", "fd, cmd, arg=0, /", fcntl),
    NativeDef::function("ioctl", "fd, request, arg=0, mutate_flag=True, /", ioctl),
    NativeDef::function("flock", "fd, operation, /", |vm, a| {
        let (fd, op) = (descriptor(vm, a.get(0))?, vm.index_i32(a.get(1))?);
        vm.retry(None, || check(sys!(flock(fd, op))))?;
        Ok(vm.none())
    }),
    NativeDef::function("lockf", "fd, cmd, len=0, start=0, whence=0, /", lockf),
];

/// Most bytes an argument that is a buffer may have.
const ROOM: usize = 1024;

/// Makes the module.
pub fn make(vm: &mut Vm) -> PyResult {
    let doc = "This module performs file control and I/O control on file\ndescriptors.  It is an interface to the \
               fcntl() and ioctl() Unix\nroutines.  File descriptors can be obtained with the fileno() method of\na \
               file or socket object.";
    let module = new_module(vm, "fcntl", doc, FUNCTIONS)?;
    add_ints(vm, &module, &[constants::SYSTEM, constants::OTHER])?;
    Ok(module)
}

/// The bytes of a buffer argument.
fn buffer(vm: &mut Vm, r: Ref<'_>, name: &str) -> PyResult<Vec<u8>> {
    let bytes: Owned = match as_str(r) {
        Some(s) => vm.new_bytes(s.as_bytes())?,
        None => vm.bytes_like(r)?,
    };
    let bytes = bytes_of(bytes.as_ref()).unwrap_or(&[]);
    if bytes.len() > ROOM {
        return Err(vm.value_error(&format!("{name} argument 3 is too long")));
    }
    Ok(bytes.to_vec())
}

fn number(vm: &mut Vm, r: Ref<'_>) -> PyResult<i64> {
    let n = vm.index_bigint(r)?;
    match (n.to_i32(), n.to_u32()) {
        (Some(n), _) => Ok(i64::from(n)),
        (None, Some(n)) => Ok(i64::from(n)),
        _ => match n.to_i64() {
            Some(n) => Ok(n),
            None => Err(vm.overflow_error("Python int too large to convert to C int")),
        },
    }
}

fn fcntl(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let (fd, command) = (descriptor(vm, args.get(0))?, vm.index_i32(args.get(1))?);
    match args.opt(2) {
        Some(arg) if as_str(arg).is_some() || vm.is_bytes_like(arg) => {
            let bytes = buffer(vm, arg, "fcntl")?;
            let mut room = [0u8; ROOM + 8];
            room[..bytes.len()].copy_from_slice(&bytes);
            vm.retry(None, || check(sys!(fcntl(fd, command, room.as_mut_ptr()))))?;
            vm.new_bytes(&room[..bytes.len()])
        }
        arg => {
            let n = match arg {
                Some(r) if is_int(base_value(r)) || vm.class_of(r).slots().index.is_some() => number(vm, r)?,
                Some(r) => {
                    let class = vm.type_name(r);
                    return Err(vm.type_error(&format!(
                        "fcntl() argument 3 must be an integer, a bytes-like object, or a string, not {class}"
                    )));
                }
                None => 0,
            };
            let r = vm.retry(None, || check(sys!(fcntl(fd, command, n))))?;
            vm.new_int(i64::from(r))
        }
    }
}

fn ioctl(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let fd = descriptor(vm, args.get(0))?;
    let request = number(vm, args.get(1))? as libc::c_ulong;
    let Some(arg) = args.opt(2) else {
        let r = vm.retry(None, || check(sys!(ioctl(fd, request, 0))))?;
        return vm.new_int(i64::from(r));
    };
    if as_str(arg).is_none() && !vm.is_bytes_like(arg) {
        let n = number(vm, arg)?;
        let r = vm.retry(None, || check(sys!(ioctl(fd, request, n))))?;
        return vm.new_int(i64::from(r));
    }
    let mutate = flag(vm, args.opt(3), true)?;
    let bytes = buffer(vm, arg, "ioctl")?;
    let mut room = [0u8; ROOM + 8];
    room[..bytes.len()].copy_from_slice(&bytes);
    let r = vm.retry(None, || check(sys!(ioctl(fd, request, room.as_mut_ptr()))))?;
    let writable = as_str(arg).is_none() && !crate::host::is_bytes(arg);
    if mutate && writable {
        vm.store_bytes(arg, 0, &room[..bytes.len()])?;
        return vm.new_int(i64::from(r));
    }
    vm.new_bytes(&room[..bytes.len()])
}

fn lockf(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let (fd, command) = (descriptor(vm, args.get(0))?, vm.index_i32(args.get(1))?);
    let mut lock = zeroed!(libc::flock);
    lock.l_type = if command == libc::LOCK_UN {
        libc::F_UNLCK as i16
    } else if command & libc::LOCK_SH != 0 {
        libc::F_RDLCK as i16
    } else if command & libc::LOCK_EX != 0 {
        libc::F_WRLCK as i16
    } else {
        return Err(vm.value_error("unrecognized lockf argument"));
    };
    if let Some(n) = args.opt(2) {
        lock.l_len = crate::host::int64(vm, n)?;
    }
    if let Some(n) = args.opt(3) {
        lock.l_start = crate::host::int64(vm, n)?;
    }
    lock.l_whence = int_or(vm, args.opt(4), 0)? as i16;
    let how = if command & libc::LOCK_NB != 0 { libc::F_SETLK } else { libc::F_SETLKW };
    vm.retry(None, || check(sys!(fcntl(fd, how, &raw const lock))))?;
    Ok(vm.none())
}
