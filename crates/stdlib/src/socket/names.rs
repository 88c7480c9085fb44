//! Names of hosts, services and interfaces, texts of addresses, and messages with ancillary data.

use super::address::{Address, argument, host_bytes, resolve, resolver_error};
use super::{Sockets, object, raise_own};
use crate::host::{c_text, check, int_or, sys, zeroed};
use crate::prelude::{Args, Exc, NativeDef, Owned, PyResult, Ref, ValueExt, Vm, as_str, base_value, is_int};
use hognose_vm::object::bytes::bytes_of;
use hognose_vm::tuple_items;
use std::ffi::{CStr, CString};
use std::net::{Ipv4Addr, Ipv6Addr};

pub(super) const FUNCTIONS: &[NativeDef] = &[
    NativeDef::function("getaddrinfo", "host, port, family=0, type=0, proto=0, flags=0", getaddrinfo),
    NativeDef::function("getnameinfo", "sockaddr, flags, /", getnameinfo),
    NativeDef::function("gethostname", "", |vm, _| {
        let mut room = [0u8; 1024];
        vm.retry(None, || check(sys!(gethostname(room.as_mut_ptr().cast(), room.len() - 1))))?;
        let n = room.iter().position(|b| *b == 0).unwrap_or(0);
        vm.fs_str(&room[..n])
    }),
    NativeDef::function("sethostname", "name, /", |vm, a| {
        let name = vm.fs_path(a.get(0))?;
        vm.retry(None, || check(sys!(sethostname(name.as_ptr().cast(), name.len()))))?;
        Ok(vm.none())
    }),
    NativeDef::function("gethostbyname", "host, /", |vm, a| {
        let host = host_bytes(vm, a.get(0), "")?;
        let at = resolve(vm, &host, libc::AF_INET)?;
        host_of(vm, &at)
    }),
    NativeDef::function("gethostbyname_ex", "host, /", |vm, a| {
        let host = host_bytes(vm, a.get(0), "")?;
        let at = resolve(vm, &host, libc::AF_INET)?;
        let name = vm.fs_str(host.as_bytes())?;
        named(vm, name, &at)
    }),
    NativeDef::function("gethostbyaddr", "host, /", |vm, a| {
        let host = host_bytes(vm, a.get(0), "")?;
        let at = resolve(vm, &host, libc::AF_UNSPEC)?;
        let (name, _) = name_info(vm, &at, libc::NI_NAMEREQD)?;
        named(vm, name, &at)
    }),
    NativeDef::function("getservbyname", "servicename, protocolname=<unrepresentable>, /", |vm, a| {
        let name = c_text(vm, a.get(0), "getservbyname() argument 1")?;
        let proto = protocol(vm, a.opt(1))?;
        let p = proto.as_ref().map_or(std::ptr::null(), |p| p.as_ptr());
        let found = sys!(getservbyname(name.as_ptr(), p));
        if found.is_null() {
            return Err(vm.raise(Exc::OSError, "service/proto not found"));
        }
        // SAFETY: an entry of the C library, valid until the next call.
        #[allow(unsafe_code, reason = "reads an entry of the C library")]
        let port = unsafe { (*found).s_port };
        vm.new_int(i64::from(u16::from_be(port as u16)))
    }),
    NativeDef::function("getservbyport", "port, protocolname=<unrepresentable>, /", |vm, a| {
        let port = vm.index_i32(a.get(0))?;
        let Ok(port) = u16::try_from(port) else {
            return Err(vm.overflow_error("getservbyport: port must be 0-65535."));
        };
        let proto = protocol(vm, a.opt(1))?;
        let p = proto.as_ref().map_or(std::ptr::null(), |p| p.as_ptr());
        let found = sys!(getservbyport(i32::from(port.to_be()), p));
        if found.is_null() {
            return Err(vm.raise(Exc::OSError, "port/proto not found"));
        }
        // SAFETY: as above.
        #[allow(unsafe_code, reason = "reads an entry of the C library")]
        let name = unsafe { CStr::from_ptr((*found).s_name) }.to_bytes().to_vec();
        vm.fs_str(&name)
    }),
    NativeDef::function("getprotobyname", "name, /", |vm, a| {
        let name = c_text(vm, a.get(0), "getprotobyname() argument")?;
        let found = sys!(getprotobyname(name.as_ptr()));
        if found.is_null() {
            return Err(vm.raise(Exc::OSError, "protocol not found"));
        }
        // SAFETY: as above.
        #[allow(unsafe_code, reason = "reads an entry of the C library")]
        let n = unsafe { (*found).p_proto };
        vm.new_int(i64::from(n))
    }),
    NativeDef::function("inet_aton", "ip_addr, /", |vm, a| {
        let text = c_text(vm, a.get(0), "inet_aton() argument")?;
        let mut at = zeroed!(libc::in_addr);
        if !aton(&text, &mut at) {
            return Err(vm.raise(Exc::OSError, "illegal IP address string passed to inet_aton"));
        }
        vm.new_bytes(&at.s_addr.to_ne_bytes())
    }),
    NativeDef::function("inet_ntoa", "packed_ip, /", |vm, a| {
        let b = vm.bytes_like(a.get(0))?;
        match bytes_of(b.as_ref()).and_then(|b| <[u8; 4]>::try_from(b).ok()) {
            Some(four) => vm.new_str(&Ipv4Addr::from(four).to_string()),
            None => Err(vm.raise(Exc::OSError, "packed IP wrong length")),
        }
    }),
    NativeDef::function("inet_pton", "address_family, ip_string, /", |vm, a| {
        let family = vm.index_i32(a.get(0))?;
        let text = c_text(vm, a.get(1), "inet_pton() argument 2")?;
        let text = text.to_string_lossy();
        let bytes = match family {
            libc::AF_INET => text.parse::<Ipv4Addr>().ok().map(|a| a.octets().to_vec()),
            libc::AF_INET6 => text.parse::<Ipv6Addr>().ok().map(|a| a.octets().to_vec()),
            _ => return Err(vm.os_error(&crate::host::errno(libc::EAFNOSUPPORT), None)),
        };
        match bytes {
            Some(b) => vm.new_bytes(&b),
            None => Err(vm.raise(Exc::OSError, "illegal IP address string passed to inet_pton")),
        }
    }),
    NativeDef::function("inet_ntop", "address_family, packed_ip, /", |vm, a| {
        let family = vm.index_i32(a.get(0))?;
        let b = vm.bytes_like(a.get(1))?;
        let b = bytes_of(b.as_ref()).unwrap_or(&[]);
        let text = match family {
            libc::AF_INET => <[u8; 4]>::try_from(b).ok().map(|a| Ipv4Addr::from(a).to_string()),
            libc::AF_INET6 => <[u8; 16]>::try_from(b).ok().map(|a| Ipv6Addr::from(a).to_string()),
            _ => return Err(vm.value_error(&format!("unknown address family {family}"))),
        };
        match text {
            Some(t) => vm.new_str(&t),
            None => Err(vm.value_error("invalid length of packed IP address string")),
        }
    }),
    NativeDef::function("if_nametoindex", "oname, /", |vm, a| {
        let name = vm.fs_path(a.get(0))?;
        let name = crate::host::no_nul(vm, name)?;
        match sys!(if_nametoindex(name.as_ptr())) {
            0 => {
                let e = std::io::Error::last_os_error();
                Err(vm.os_error(&e, None))
            }
            n => vm.new_int(i64::from(n)),
        }
    }),
    NativeDef::function("if_indextoname", "if_index, /", |vm, a| {
        let n = crate::host::int64(vm, a.get(0))?;
        let name = interface(u32::try_from(n).unwrap_or(0));
        match name {
            Some(name) => vm.fs_str(&name),
            None => Err(vm.os_error(&crate::host::errno(libc::ENXIO), None)),
        }
    }),
    NativeDef::function("if_nameindex", "", |vm, _| {
        let mut out = Vec::new();
        for n in 1..256u32 {
            if let Some(name) = interface(n) {
                let (n, name) = (vm.new_int(i64::from(n))?, vm.fs_str(&name)?);
                out.push(vm.new_pair(n, name)?);
            }
        }
        vm.new_list(out)
    }),
];

/// Reads an address in one of the forms with fewer dots, too.
fn aton(text: &CStr, at: &mut libc::in_addr) -> bool {
    // SAFETY: declared as the C library does.
    #[allow(unsafe_code, reason = "the crate of bindings lacks this function")]
    unsafe extern "C" {
        fn inet_aton(text: *const libc::c_char, to: *mut libc::in_addr) -> libc::c_int;
    }
    // SAFETY: the text ends in NUL, the address is borrowed for the call.
    #[allow(unsafe_code, reason = "calls into the C library")]
    unsafe {
        inet_aton(text.as_ptr(), at) != 0
    }
}

fn interface(n: u32) -> Option<Vec<u8>> {
    let mut room = [0u8; libc::IF_NAMESIZE + 1];
    let p = sys!(if_indextoname(n, room.as_mut_ptr().cast()));
    let end = room.iter().position(|b| *b == 0)?;
    (!p.is_null()).then(|| room[..end].to_vec())
}

fn protocol(vm: &mut Vm, r: Option<Ref<'_>>) -> PyResult<Option<CString>> {
    match r {
        Some(r) => c_text(vm, r, "argument 2").map(Some),
        None => Ok(None),
    }
}

/// The first item of an address.
fn host_of(vm: &mut Vm, at: &Address) -> PyResult {
    let pair = at.object(vm)?;
    Ok(tuple_items(pair.as_ref()).first().map_or_else(|| vm.none(), |h| h.owned()))
}

/// `(name, aliases, addresses)`
fn named(vm: &mut Vm, name: Owned, at: &Address) -> PyResult {
    let host = host_of(vm, at)?;
    let (aliases, hosts) = (vm.new_list(Vec::new())?, vm.new_list(vec![host])?);
    vm.new_tuple(vec![name, aliases, hosts])
}

fn getaddrinfo(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let host = match args.get(0) {
        h if h.is_none() => None,
        h if as_str(h).is_some() || vm.is_bytes_like(h) => Some(host_bytes(vm, h, "getaddrinfo")?),
        _ => return Err(vm.type_error("getaddrinfo() argument 1 must be string or None")),
    };
    let port = args.get(1);
    let service = if port.is_none() {
        None
    } else if is_int(base_value(port)) {
        let n = crate::host::int64(vm, port)?;
        Some(CString::new(n.to_string()).unwrap_or_default())
    } else if as_str(port).is_some() || crate::host::is_bytes(port) {
        let bytes = vm.fs_path(port)?;
        Some(crate::host::no_nul(vm, bytes)?)
    } else {
        return Err(vm.raise(Exc::OSError, "Int or String expected"));
    };
    let mut hints = zeroed!(libc::addrinfo);
    hints.ai_family = int_or(vm, args.opt(2), 0)?;
    hints.ai_socktype = int_or(vm, args.opt(3), 0)?;
    hints.ai_protocol = int_or(vm, args.opt(4), 0)?;
    hints.ai_flags = int_or(vm, args.opt(5), 0)?;
    let mut list = std::ptr::null_mut();
    let code = vm.blocking(|| {
        let text = |t: &Option<CString>| t.as_ref().map_or(std::ptr::null(), |t| t.as_ptr());
        sys!(getaddrinfo(text(&host), text(&service), &raw const hints, &raw mut list))
    });
    if code != 0 {
        return Err(resolver_error(vm, code));
    }
    let result = entries(vm, list);
    sys!(freeaddrinfo(list));
    vm.new_list(result?)
}

fn entries(vm: &mut Vm, mut p: *const libc::addrinfo) -> PyResult<Vec<Owned>> {
    let mut out = Vec::new();
    while !p.is_null() {
        // SAFETY: an entry of the resolver's list, which is freed after this.
        #[allow(unsafe_code, reason = "walks the resolver's list")]
        let (e, name) = unsafe {
            let e = *p;
            let name = if e.ai_canonname.is_null() {
                Vec::new()
            } else {
                CStr::from_ptr(e.ai_canonname).to_bytes().to_vec()
            };
            (e, name)
        };
        let at = Address::copy(e.ai_addr, e.ai_addrlen).object(vm)?;
        let values = vec![
            vm.new_int(i64::from(e.ai_family))?,
            vm.new_int(i64::from(e.ai_socktype))?,
            vm.new_int(i64::from(e.ai_protocol))?,
            vm.fs_str(&name)?,
            at,
        ];
        out.push(vm.new_tuple(values)?);
        p = e.ai_next;
    }
    Ok(out)
}

/// Name and service of an address.
fn name_info(vm: &mut Vm, at: &Address, flags: i32) -> PyResult<(Owned, Owned)> {
    let (mut host, mut service) = ([0u8; 1025], [0u8; 32]);
    let code = vm.blocking(|| {
        sys!(getnameinfo(
            at.ptr(),
            at.len,
            host.as_mut_ptr().cast(),
            host.len() as libc::socklen_t,
            service.as_mut_ptr().cast(),
            service.len() as libc::socklen_t,
            flags
        ))
    });
    if code != 0 {
        if flags & libc::NI_NAMEREQD != 0 && code == libc::EAI_NONAME {
            let class = vm.state::<Sockets>().herror;
            return Err(raise_own(vm, class, 1, "Unknown host"));
        }
        return Err(resolver_error(vm, code));
    }
    let text = |vm: &mut Vm, b: &[u8]| vm.fs_str(&b[..b.iter().position(|b| *b == 0).unwrap_or(0)]);
    Ok((text(vm, &host)?, text(vm, &service)?))
}

fn getnameinfo(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let flags = vm.index_i32(args.get(1))?;
    if !args.get(0).is_exact(hognose_vm::Layout::Tuple) {
        return Err(vm.type_error("getnameinfo() argument 1 must be a tuple"));
    }
    let items = tuple_items(args.get(0));
    let Some(host) = items.first().and_then(|h| as_str(*h)) else {
        return Err(vm.type_error("getnameinfo(): illegal sockaddr argument"));
    };
    let v6 = host.as_bytes().contains(&b':');
    let family = if v6 { libc::AF_INET6 } else { libc::AF_INET };
    let short = vm.new_tuple(items.iter().take(if v6 { 4 } else { 2 }).map(|i| i.owned()).collect())?;
    let at = argument(vm, family, short.as_ref(), "getnameinfo")?;
    let (host, service) = name_info(vm, &at, flags)?;
    vm.new_pair(host, service)
}

/// `sendmsg(buffers, ancdata, flags, address)`
pub(super) fn sendmsg(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let mut buffers = Vec::new();
    for b in vm.collect(args.get(1))? {
        buffers.push(vm.bytes_like(b.as_ref())?);
    }
    let flags = int_or(vm, args.opt(3), 0)?;
    let (_, family) = object::parts(vm, args)?;
    let to = match args.opt(4).filter(|a| !a.is_none()) {
        Some(a) => Some(argument(vm, family, a, "sendmsg")?),
        None => None,
    };
    let mut control = match args.opt(2) {
        Some(items) => ancillary(vm, items)?,
        None => Vec::new(),
    };
    let mut parts: Vec<libc::iovec> = buffers
        .iter()
        .map(|b| bytes_of(b.as_ref()).unwrap_or(&[]))
        .map(|b| libc::iovec { iov_base: b.as_ptr().cast_mut().cast(), iov_len: b.len() })
        .collect();
    let n = object::message(vm, args, libc::POLLOUT, |fd| {
        let mut m = zeroed!(libc::msghdr);
        (m.msg_iov, m.msg_iovlen) = (parts.as_mut_ptr(), parts.len());
        if let Some(to) = &to {
            (m.msg_name, m.msg_namelen) = (to.ptr().cast_mut().cast(), to.len);
        }
        if !control.is_empty() {
            (m.msg_control, m.msg_controllen) = (control.as_mut_ptr().cast(), control.len() * 8);
        }
        check(sys!(sendmsg(fd, &raw const m, flags)))
    })?;
    vm.new_int(n as i64)
}

/// Ancillary data as the system lays it out, in words so that it is aligned.
fn ancillary(vm: &mut Vm, items: Ref<'_>) -> PyResult<Vec<u64>> {
    let mut out: Vec<u8> = Vec::new();
    for item in vm.collect(items)? {
        let [level, kind, data] = tuple_items(base_value(item.as_ref())) else {
            return Err(vm.type_error("[sendmsg() ancillary data items must be 3-tuples"));
        };
        let (level, kind) = (vm.index_i32(*level)?, vm.index_i32(*kind)?);
        let data = vm.bytes_like(*data)?;
        let data = bytes_of(data.as_ref()).unwrap_or(&[]);
        // | length: 8 | level: 4 | kind: 4 | data, padded to 8 |
        out.extend((16 + data.len()).to_ne_bytes());
        out.extend(level.to_ne_bytes());
        out.extend(kind.to_ne_bytes());
        out.extend(data);
        out.resize(out.len().next_multiple_of(8), 0);
    }
    Ok(out.chunks_exact(8).map(|c| u64::from_ne_bytes(c.try_into().unwrap_or_default())).collect())
}

/// `recvmsg(bufsize, ancbufsize, flags)`
pub(super) fn recvmsg(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let n = vm.index_isize(args.get(1), false)?;
    let Ok(n) = usize::try_from(n) else { return Err(vm.value_error("negative buffer size in recvmsg()")) };
    let extra = int_or(vm, args.opt(2), 0)?;
    if !(0..=1 << 20).contains(&extra) {
        return Err(vm.value_error("invalid ancillary data buffer length"));
    }
    let flags = int_or(vm, args.opt(3), 0)?;
    let mut control = vec![0u64; (extra as usize).div_ceil(8)];
    let (mut from, mut got_flags, mut got_control, mut named) = (Address::empty(), 0, 0usize, 0);
    let data = vm.read_bytes(n, |vm, room| {
        object::message(vm, args, libc::POLLIN, |fd| {
            let mut part = libc::iovec { iov_base: room.as_mut_ptr().cast(), iov_len: room.len() };
            let mut m = zeroed!(libc::msghdr);
            (m.msg_iov, m.msg_iovlen) = (&raw mut part, 1);
            (m.msg_name, m.msg_namelen) =
                (from.mut_ptr().cast(), size_of::<libc::sockaddr_storage>() as libc::socklen_t);
            (m.msg_control, m.msg_controllen) = (control.as_mut_ptr().cast(), extra as usize);
            let n = check(sys!(recvmsg(fd, &raw mut m, flags | libc::MSG_CMSG_CLOEXEC)))?;
            (got_flags, got_control, named) = (m.msg_flags, m.msg_controllen, m.msg_namelen);
            Ok(n as usize)
        })
    })??;
    from.len = named;
    let bytes: Vec<u8> = control.iter().flat_map(|w| w.to_ne_bytes()).take(got_control).collect();
    let mut list = Vec::new();
    let mut at = 0;
    while let Some(head) = bytes.get(at..at + 16) {
        let number = |i: usize| i32::from_ne_bytes(head[i..i + 4].try_into().unwrap_or_default());
        let len = usize::from_ne_bytes(head[..8].try_into().unwrap_or_default());
        if len < 16 {
            break;
        }
        let data = &bytes[at + 16..(at + len).min(bytes.len())];
        let values =
            vec![vm.new_int(i64::from(number(8)))?, vm.new_int(i64::from(number(12)))?, vm.new_bytes(data)?];
        list.push(vm.new_tuple(values)?);
        at += len.next_multiple_of(8);
    }
    let values = vec![
        data,
        vm.new_list(list)?,
        vm.new_int(i64::from(got_flags & !libc::MSG_CMSG_CLOEXEC))?,
        from.object(vm)?,
    ];
    vm.new_tuple(values)
}
