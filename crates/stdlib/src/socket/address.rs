//! Addresses: tuples and paths of Python, and what the system has.

use super::{Sockets, raise_own};
use crate::host::{is_bytes, sys, zeroed};
use crate::prelude::{PyResult, Ref, Vm, as_str, base_value, is_int};
use hognose_vm::{Layout, ValueExt, tuple_items};
use std::ffi::{CStr, CString};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// An address as the system has it.
#[derive(Clone, Copy)]
pub(super) struct Address {
    pub storage: libc::sockaddr_storage,
    pub len: libc::socklen_t,
}

impl Address {
    pub fn empty() -> Address {
        Address {
            storage: zeroed!(libc::sockaddr_storage),
            len: size_of::<libc::sockaddr_storage>() as libc::socklen_t,
        }
    }

    pub fn ptr(&self) -> *const libc::sockaddr {
        std::ptr::from_ref(&self.storage).cast()
    }

    pub fn mut_ptr(&mut self) -> *mut libc::sockaddr {
        std::ptr::from_mut(&mut self.storage).cast()
    }

    fn of<T: Copy>(value: T, len: usize) -> Address {
        let mut a = Address::empty();
        assert!(size_of::<T>() <= size_of::<libc::sockaddr_storage>());
        // SAFETY: the storage is large enough and aligned for every kind of address; checked above.
        #[allow(unsafe_code, reason = "addresses are views of one storage")]
        unsafe {
            std::ptr::from_mut(&mut a.storage).cast::<T>().write(value);
        }
        a.len = len as libc::socklen_t;
        a
    }

    fn view<T: Copy>(&self) -> T {
        assert!(size_of::<T>() <= size_of::<libc::sockaddr_storage>());
        // SAFETY: as above; all bytes of the storage are initialised and the kinds of addresses are plain data.
        #[allow(unsafe_code, reason = "addresses are views of one storage")]
        unsafe {
            std::ptr::from_ref(&self.storage).cast::<T>().read()
        }
    }

    /// From an entry of the resolver.
    pub fn copy(p: *const libc::sockaddr, len: libc::socklen_t) -> Address {
        let mut a = Address::empty();
        let n = (len as usize).min(size_of::<libc::sockaddr_storage>());
        // SAFETY: the resolver's entry has `len` bytes, the storage as many.
        #[allow(unsafe_code, reason = "copies an address of the C library")]
        unsafe {
            std::ptr::copy_nonoverlapping(p.cast::<u8>(), a.mut_ptr().cast::<u8>(), n);
        }
        a.len = n as libc::socklen_t;
        a
    }

    /// As Python has it.
    pub fn object(&self, vm: &mut Vm) -> PyResult {
        if self.len == 0 {
            return Ok(vm.none());
        }
        match i32::from(self.storage.ss_family) {
            libc::AF_INET => {
                let a: libc::sockaddr_in = self.view();
                let host = Ipv4Addr::from(u32::from_be(a.sin_addr.s_addr)).to_string();
                let (host, port) = (vm.new_str(&host)?, vm.new_int(i64::from(u16::from_be(a.sin_port)))?);
                vm.new_pair(host, port)
            }
            libc::AF_INET6 => {
                let a: libc::sockaddr_in6 = self.view();
                let host =
                    self.host_text().unwrap_or_else(|| Ipv6Addr::from(a.sin6_addr.s6_addr).to_string());
                let values = vec![
                    vm.new_str(&host)?,
                    vm.new_int(i64::from(u16::from_be(a.sin6_port)))?,
                    vm.new_int(i64::from(u32::from_be(a.sin6_flowinfo)))?,
                    vm.new_int(i64::from(a.sin6_scope_id))?,
                ];
                vm.new_tuple(values)
            }
            libc::AF_UNIX => {
                let a: libc::sockaddr_un = self.view();
                let offset = std::mem::offset_of!(libc::sockaddr_un, sun_path);
                let n = (self.len as usize).saturating_sub(offset).min(a.sun_path.len());
                let path: Vec<u8> = a.sun_path[..n].iter().map(|c| *c as u8).collect();
                if path.first() == Some(&0) {
                    return vm.new_bytes(&path);
                }
                let end = path.iter().position(|b| *b == 0).unwrap_or(path.len());
                vm.fs_str(&path[..end])
            }
            family => {
                let a: libc::sockaddr = self.view();
                let data: Vec<u8> = a.sa_data.iter().map(|c| *c as u8).collect();
                let (family, data) = (vm.new_int(i64::from(family))?, vm.new_bytes(&data)?);
                vm.new_pair(family, data)
            }
        }
    }

    /// The numeric host with its scope.
    fn host_text(&self) -> Option<String> {
        let mut room = [0u8; 128];
        let code = sys!(getnameinfo(
            self.ptr(),
            self.len,
            room.as_mut_ptr().cast(),
            room.len() as libc::socklen_t,
            std::ptr::null_mut(),
            0,
            libc::NI_NUMERICHOST
        ));
        let text = CStr::from_bytes_until_nul(&room).ok()?;
        (code == 0).then(|| text.to_string_lossy().into_owned())
    }
}

/// A host as bytes: str (in IDNA when it is not ASCII), bytes or bytearray.
pub(super) fn host_bytes(vm: &mut Vm, r: Ref<'_>, function: &str) -> PyResult<CString> {
    let bytes = if let Some(s) = as_str(r) {
        if s.is_ascii() {
            s.as_bytes().to_vec()
        } else {
            let encoded = vm.encode(base_value(r), "idna", "strict")?;
            vm.bytes_view(encoded.as_ref()).unwrap_or(&[]).to_vec()
        }
    } else if is_bytes(r) || r.has_layout(Layout::ByteArray) {
        vm.bytes_view(r).unwrap_or(&[]).to_vec()
    } else {
        let class = vm.type_name(r);
        let text = format!("{function}: str, bytes or bytearray expected, not {class}");
        return Err(vm.type_error(text.trim_start_matches(": ")));
    };
    CString::new(bytes).map_err(|_| vm.type_error("host name must not contain null character"))
}

/// Finds the first address of a host for a family.
pub(super) fn resolve(vm: &mut Vm, host: &CStr, family: i32) -> PyResult<Address> {
    let text = host.to_bytes();
    let v4 = |a: Ipv4Addr| inet(a, 0);
    if text.is_empty() {
        return Ok(match family {
            libc::AF_INET6 => inet6(Ipv6Addr::UNSPECIFIED, 0, 0, 0),
            _ => v4(Ipv4Addr::UNSPECIFIED),
        });
    }
    if text == b"<broadcast>" || text == b"255.255.255.255" {
        if family == libc::AF_INET6 {
            return Err(vm.raise(crate::prelude::Exc::OSError, "address family mismatched"));
        }
        return Ok(v4(Ipv4Addr::BROADCAST));
    }
    match std::str::from_utf8(text).ok().and_then(|t| t.parse::<IpAddr>().ok()) {
        Some(IpAddr::V4(a)) if family != libc::AF_INET6 => return Ok(v4(a)),
        Some(IpAddr::V6(a)) if family != libc::AF_INET => return Ok(inet6(a, 0, 0, 0)),
        _ => {}
    }
    let mut hints = zeroed!(libc::addrinfo);
    hints.ai_family = family;
    let mut list = std::ptr::null_mut();
    let code =
        vm.blocking(|| sys!(getaddrinfo(host.as_ptr(), std::ptr::null(), &raw const hints, &raw mut list)));
    if code != 0 {
        return Err(resolver_error(vm, code));
    }
    // SAFETY: success gives at least one entry, which lives until the list is freed.
    #[allow(unsafe_code, reason = "reads the resolver's list")]
    let address = unsafe { Address::copy((*list).ai_addr, (*list).ai_addrlen) };
    sys!(freeaddrinfo(list));
    Ok(address)
}

/// `socket.gaierror`
pub(super) fn resolver_error(vm: &mut Vm, code: i32) -> hognose_vm::Raised {
    if code == libc::EAI_SYSTEM {
        let e = std::io::Error::last_os_error();
        return vm.os_error(&e, None);
    }
    let p = sys!(gai_strerror(code));
    // SAFETY: a constant string of the C library.
    #[allow(unsafe_code, reason = "reads a string of the C library")]
    let text = unsafe { CStr::from_ptr(p) }.to_string_lossy().into_owned();
    let class = vm.state::<Sockets>().gaierror;
    raise_own(vm, class, code, &text)
}

fn inet(host: Ipv4Addr, port: u16) -> Address {
    let mut a = zeroed!(libc::sockaddr_in);
    a.sin_family = libc::AF_INET as u16;
    a.sin_port = port.to_be();
    a.sin_addr.s_addr = u32::from(host).to_be();
    Address::of(a, size_of::<libc::sockaddr_in>())
}

fn inet6(host: Ipv6Addr, port: u16, flow: u32, scope: u32) -> Address {
    let mut a = zeroed!(libc::sockaddr_in6);
    a.sin6_family = libc::AF_INET6 as u16;
    a.sin6_port = port.to_be();
    a.sin6_flowinfo = flow.to_be();
    a.sin6_scope_id = scope;
    a.sin6_addr.s6_addr = host.octets();
    Address::of(a, size_of::<libc::sockaddr_in6>())
}

/// The address argument of a method for a socket of this family.
pub(super) fn argument(vm: &mut Vm, family: i32, r: Ref<'_>, function: &str) -> PyResult<Address> {
    match family {
        libc::AF_UNIX => unix(vm, r),
        libc::AF_INET | libc::AF_INET6 => internet(vm, family, r, function),
        _ => Err(vm.raise(crate::prelude::Exc::OSError, &format!("{function}(): bad family"))),
    }
}

fn unix(vm: &mut Vm, r: Ref<'_>) -> PyResult<Address> {
    let path = if as_str(r).is_some() {
        vm.fs_path(r)?
    } else if vm.is_bytes_like(r) {
        let b = vm.bytes_like(r)?;
        vm.bytes_view(b.as_ref()).unwrap_or(&[]).to_vec()
    } else {
        let class = vm.type_name(r);
        return Err(vm.type_error(&format!("a bytes-like object is required, not '{class}'")));
    };
    let mut a = zeroed!(libc::sockaddr_un);
    let abstract_ = path.first() == Some(&0);
    let room = a.sun_path.len() - usize::from(!abstract_);
    if path.len() > room {
        return Err(vm.raise(crate::prelude::Exc::OSError, "AF_UNIX path too long"));
    }
    a.sun_family = libc::AF_UNIX as u16;
    for (to, b) in a.sun_path.iter_mut().zip(&path) {
        *to = *b as libc::c_char;
    }
    let offset = std::mem::offset_of!(libc::sockaddr_un, sun_path);
    Ok(Address::of(a, offset + path.len() + usize::from(!abstract_)))
}

fn internet(vm: &mut Vm, family: i32, r: Ref<'_>, function: &str) -> PyResult<Address> {
    let v6 = family == libc::AF_INET6;
    let name = if v6 { "AF_INET6" } else { "AF_INET" };
    if !base_value(r).is_exact(Layout::Tuple) {
        let class = vm.type_name(r);
        return Err(vm.type_error(&format!("{function}(): {name} address must be tuple, not {class}")));
    }
    let items = tuple_items(base_value(r));
    let right = if v6 { (2..=4).contains(&items.len()) } else { items.len() == 2 };
    if !right {
        let want = if v6 {
            "AF_INET6 address must be a tuple (host, port[, flowinfo[, scopeid]])"
        } else {
            "AF_INET address must be a pair (host, port)"
        };
        return Err(vm.type_error(&format!("{function}(): {want}")));
    }
    let host = host_bytes(vm, items[0], "")?;
    if !is_int(base_value(items[1])) && vm.class_of(items[1]).slots().index.is_none() {
        let class = vm.type_name(items[1]);
        return Err(vm.type_error(&format!("'{class}' object cannot be interpreted as an integer")));
    }
    let port = vm.index_i32(items[1])?;
    let mut more = [0u32; 2];
    for (to, item) in more.iter_mut().zip(items.iter().skip(2)) {
        *to = crate::host::int64(vm, *item)? as u32;
    }
    let mut a = resolve(vm, &host, family)?;
    let Ok(port) = u16::try_from(port) else {
        return Err(vm.overflow_error(&format!("{function}(): port must be 0-65535.")));
    };
    if v6 {
        if more[0] > 0xf_ffff {
            return Err(vm.overflow_error(&format!("{function}(): flowinfo must be 0-1048575.")));
        }
        let mut s: libc::sockaddr_in6 = a.view();
        s.sin6_port = port.to_be();
        s.sin6_flowinfo = more[0].to_be();
        if items.len() > 3 {
            s.sin6_scope_id = more[1];
        }
        a = Address::of(s, size_of::<libc::sockaddr_in6>());
    } else {
        let mut s: libc::sockaddr_in = a.view();
        s.sin_port = port.to_be();
        a = Address::of(s, size_of::<libc::sockaddr_in>());
    }
    Ok(a)
}
