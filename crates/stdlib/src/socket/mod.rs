//! The module `_socket`: sockets of the internet and of the system, name resolution, byte order.
//!
//!   object.rs   the class socket        transfer.rs  what it does
//!   address.rs  addresses as tuples and as the system has them
//!   names.rs    hosts, services, interfaces
//!
//! A socket with a timeout is non-blocking underneath; every call waits with poll() first, repeats when a signal came, and
//! counts the time that is left.

mod address;
mod constants;
mod names;
mod object;
mod transfer;

use crate::host::{add_ints, check, sys};
use crate::prelude::{Args, Exc, NativeDef, Owned, PyResult, Ref, TypeRef, ValueExt, Vm, new_module};
use num_traits::ToPrimitive;

const FUNCTIONS: &[NativeDef] = &[
    NativeDef::function("htons", "x, /", |vm, a| swap(vm, a, 16)),
    NativeDef::function("ntohs", "x, /", |vm, a| swap(vm, a, 16)),
    NativeDef::function("htonl", "x, /", |vm, a| swap(vm, a, 32)),
    NativeDef::function("ntohl", "x, /", |vm, a| swap(vm, a, 32)),
    NativeDef::function("getdefaulttimeout", "", |vm, _| match vm.state::<Sockets>().default_timeout {
        Some(ns) => vm.new_float(ns as f64 / 1e9),
        None => Ok(vm.none()),
    }),
    NativeDef::function("setdefaulttimeout", "timeout, /", |vm, a| {
        let timeout = timeout(vm, a.get(0))?;
        vm.state::<Sockets>().default_timeout = timeout;
        Ok(vm.none())
    }),
    NativeDef::function("close", "fd, /", |vm, a| {
        let fd = vm.index_i32(a.get(0))?;
        let r = vm.blocking(|| check(sys!(close(fd))));
        match r {
            Err(e) if e.raw_os_error() != Some(libc::ECONNRESET) => Err(vm.os_error(&e, None)),
            _ => Ok(vm.none()),
        }
    }),
    NativeDef::function("dup", "fd, /", |vm, a| {
        let fd = vm.index_i32(a.get(0))?;
        let new = vm.retry(None, || check(sys!(fcntl(fd, libc::F_DUPFD_CLOEXEC, 0))))?;
        vm.new_int(i64::from(new))
    }),
    NativeDef::function("socketpair", "family=1, type=1, proto=0, /", |vm, a| {
        let family = crate::host::int_or(vm, a.opt(0), libc::AF_UNIX)?;
        let kind = crate::host::int_or(vm, a.opt(1), libc::SOCK_STREAM)?;
        let proto = crate::host::int_or(vm, a.opt(2), 0)?;
        let mut ends = [0; 2];
        vm.retry(None, || {
            check(sys!(socketpair(family, kind | libc::SOCK_CLOEXEC, proto, ends.as_mut_ptr())))
        })?;
        let x = object::adopt(vm, ends[0], family, kind, proto)?;
        let y = object::adopt(vm, ends[1], family, kind, proto)?;
        vm.new_pair(x, y)
    }),
    NativeDef::function("CMSG_LEN", "length, /", |vm, a| {
        let n = vm.index_isize(a.get(0), false)?;
        if !(0..=i32::MAX as isize).contains(&n) {
            return Err(vm.overflow_error("CMSG_LEN() argument out of range"));
        }
        vm.new_int(i64::from(sys!(CMSG_LEN(n as u32))))
    }),
    NativeDef::function("CMSG_SPACE", "length, /", |vm, a| {
        let n = vm.index_isize(a.get(0), false)?;
        if !(0..=i32::MAX as isize).contains(&n) {
            return Err(vm.overflow_error("CMSG_SPACE() argument out of range"));
        }
        vm.new_int(i64::from(sys!(CMSG_SPACE(n as u32))))
    }),
];

/// What the module remembers.
#[derive(Default)]
pub(super) struct Sockets {
    default_timeout: Option<i64>,
    pub class: Option<TypeRef<'static>>,
    pub gaierror: Option<TypeRef<'static>>,
    pub herror: Option<TypeRef<'static>>,
}

/// Makes the module.
pub fn make(vm: &mut Vm) -> PyResult {
    let doc = "Implementation module for socket operations.\n\nSee the socket module for documentation.";
    let module = new_module(vm, "_socket", doc, FUNCTIONS)?;
    vm.add_functions(module.as_ref(), names::FUNCTIONS)?;
    add_ints(vm, &module, &[constants::SYSTEM, constants::OTHER])?;
    let os_error = vm.exc_class(Exc::OSError);
    vm.module_set(module.as_ref(), "error", os_error.owned())?;
    let timeout = vm.exc_class(Exc::TimeoutError).owned();
    vm.module_set(module.as_ref(), "timeout", timeout)?;
    let herror = vm.new_static_class("socket", "herror", &[os_error.as_ref()])?;
    vm.module_set(module.as_ref(), "herror", herror.owned())?;
    let gaierror = vm.new_static_class("socket", "gaierror", &[os_error.as_ref()])?;
    vm.module_set(module.as_ref(), "gaierror", gaierror.owned())?;
    let class = object::register(vm)?;
    vm.module_set(module.as_ref(), "SocketType", class.owned())?;
    vm.module_set(module.as_ref(), "socket", class.owned())?;
    vm.module_set(module.as_ref(), "has_ipv6", hognose_vm::owned_bool(true))?;
    let state = vm.state::<Sockets>();
    (state.class, state.gaierror, state.herror) = (Some(class), Some(gaierror), Some(herror));
    Ok(module)
}

/// A timeout argument in nanoseconds; None: wait for ever.
fn timeout(vm: &mut Vm, r: Ref<'_>) -> PyResult<Option<i64>> {
    if r.is_none() {
        return Ok(None);
    }
    let ns = crate::host::nanoseconds(vm, r, "timeout")?;
    if ns < 0 {
        return Err(vm.value_error("Timeout value out of range"));
    }
    Ok(Some(ns))
}

fn swap(vm: &mut Vm, args: &Args<'_>, bits: u32) -> PyResult {
    let n = vm.index_bigint(args.get(0))?;
    if n.sign() == num_bigint::Sign::Minus {
        return Err(vm.value_error("Cannot convert negative int"));
    }
    let Some(n) = n.to_u32().filter(|n| bits == 32 || *n <= 0xffff) else {
        return Err(vm.overflow_error(&format!("Python int too large for C uint{bits}_t")));
    };
    let swapped = if bits == 16 { u32::from((n as u16).to_be()) } else { n.to_be() };
    vm.new_int(i64::from(swapped))
}

/// An exception of the module with a number and a text.
pub(super) fn raise_own(
    vm: &mut Vm,
    class: Option<TypeRef<'static>>,
    code: i32,
    text: &str,
) -> hognose_vm::Raised {
    let made = (|| -> PyResult<Owned> {
        let (code, text) = (vm.new_int(i64::from(code))?, vm.new_str(text)?);
        match class {
            Some(class) => vm.call(class.as_ref(), &[code.as_ref(), text.as_ref()]),
            None => vm.new_exception(Exc::OSError, vec![code, text]),
        }
    })();
    match made {
        Ok(e) => vm.raise_object(e),
        Err(e) => e,
    }
}
