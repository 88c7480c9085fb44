//! The modules `pwd` and `grp`: users and groups.

use crate::host::{errno, sys, zeroed};
use crate::prelude::{NativeDef, Owned, PyResult, Ref, TypeRef, Vm, new_module};
use hognose_vm::structseq;
use num_traits::ToPrimitive;
use std::ffi::CStr;

hognose_vm::structseq! {
    PASSWD = "pwd.struct_passwd", "pwd.struct_passwd: Results from getpw*() routines.\n\nThis object may be accessed either as a tuple of\n  (pw_name,pw_passwd,pw_uid,pw_gid,pw_gecos,pw_dir,pw_shell)\nor via the object attributes as named in the above tuple.", 7;
    0 pw_name, 1 pw_passwd, 2 pw_uid, 3 pw_gid, 4 pw_gecos, 5 pw_dir, 6 pw_shell
}
hognose_vm::structseq! {
    GROUP = "grp.struct_group", "grp.struct_group: Results from getgr*() routines.\n\nThis object may be accessed either as a tuple of\n  (gr_name,gr_passwd,gr_gid,gr_mem)\nor via the object attributes as named in the above tuple.\n", 4;
    0 gr_name, 1 gr_passwd, 2 gr_gid, 3 gr_mem
}

#[derive(Default)]
struct Classes {
    user: Option<TypeRef<'static>>,
    group: Option<TypeRef<'static>>,
}

const USERS: &[NativeDef] = &[
    NativeDef::function("getpwuid", "uidobj, /", |vm, a| {
        if let Some(uid) = id(vm, a.get(0))?
            && let Some(found) = user(vm, |p, b, n, r| sys!(getpwuid_r(uid, p, b, n, r)))?
        {
            return Ok(found);
        }
        missing(vm, "getpwuid(): uid not found", a.get(0), true)
    }),
    NativeDef::function("getpwnam", "name, /", |vm, a| {
        let name = crate::host::c_text(vm, a.get(0), "getpwnam() argument")?;
        match user(vm, |p, b, n, r| sys!(getpwnam_r(name.as_ptr(), p, b, n, r)))? {
            Some(found) => Ok(found),
            None => missing(vm, "getpwnam(): name not found", a.get(0), false),
        }
    }),
    NativeDef::function("getpwall", "", |vm, _| {
        let mut out = Vec::new();
        sys!(setpwent());
        loop {
            let p = sys!(getpwent());
            if p.is_null() {
                break;
            }
            // SAFETY: valid until the next call.
            #[allow(unsafe_code, reason = "reads an entry of the C library")]
            let entry = unsafe { *p };
            out.push(user_object(vm, &entry)?);
        }
        sys!(endpwent());
        vm.new_list(out)
    }),
];

const GROUPS: &[NativeDef] = &[
    NativeDef::function("getgrgid", "id", |vm, a| {
        if let Some(gid) = id(vm, a.get(0))?
            && let Some(found) = group(vm, |p, b, n, r| sys!(getgrgid_r(gid, p, b, n, r)))?
        {
            return Ok(found);
        }
        missing(vm, "getgrgid(): gid not found", a.get(0), true)
    }),
    NativeDef::function("getgrnam", "name", |vm, a| {
        let name = crate::host::c_text(vm, a.get(0), "getgrnam() argument 'name'")?;
        match group(vm, |p, b, n, r| sys!(getgrnam_r(name.as_ptr(), p, b, n, r)))? {
            Some(found) => Ok(found),
            None => missing(vm, "getgrnam(): name not found", a.get(0), false),
        }
    }),
    NativeDef::function("getgrall", "", |vm, _| {
        let mut out = Vec::new();
        sys!(setgrent());
        loop {
            let p = sys!(getgrent());
            if p.is_null() {
                break;
            }
            // SAFETY: valid until the next call.
            #[allow(unsafe_code, reason = "reads an entry of the C library")]
            let entry = unsafe { *p };
            out.push(group_object(vm, &entry)?);
        }
        sys!(endgrent());
        vm.new_list(out)
    }),
];

/// Makes the module `pwd`.
pub fn make(vm: &mut Vm) -> PyResult {
    let doc = "This module provides access to the Unix password database.\nIt is available on all Unix \
               versions.\n\nPassword database entries are reported as 7-tuples containing the following\nitems from \
               the password database (see `<pwd.h>'), in order:\npw_name, pw_passwd, pw_uid, pw_gid, pw_gecos, pw_dir, \
               pw_shell.\nThe uid and gid items are integers, all others are strings. An\nexception is raised if the \
               entry asked for cannot be found.";
    let module = new_module(vm, "pwd", doc, USERS)?;
    let class = structseq::make_class(vm, &PASSWD)?;
    vm.state::<Classes>().user = Some(class);
    vm.module_set(module.as_ref(), "struct_passwd", class.owned())?;
    Ok(module)
}

/// Makes the module `grp`.
pub fn make_groups(vm: &mut Vm) -> PyResult {
    let module = new_module(vm, "grp", "Access to the Unix group database.", GROUPS)?;
    let class = structseq::make_class(vm, &GROUP)?;
    vm.state::<Classes>().group = Some(class);
    vm.module_set(module.as_ref(), "struct_group", class.owned())?;
    Ok(module)
}

/// An id; none when no such number can be one.
fn id(vm: &mut Vm, r: Ref<'_>) -> PyResult<Option<u32>> {
    let n = vm.index_bigint(r)?;
    Ok(match n.to_i64() {
        Some(-1) => Some(u32::MAX),
        _ => n.to_u32(),
    })
}

fn missing(vm: &mut Vm, text: &str, key: Ref<'_>, number: bool) -> PyResult {
    let shown = if number { vm.text_of(key) } else { vm.repr_text(key)? };
    let text = vm.new_str(&format!("{text}: {shown}"))?;
    Err(vm.key_error(text.as_ref()))
}

fn text(vm: &mut Vm, p: *const libc::c_char) -> PyResult {
    if p.is_null() {
        return Ok(vm.none());
    }
    // SAFETY: strings of an entry of the C library end in NUL and live as long as its buffer.
    #[allow(unsafe_code, reason = "reads a string of the C library")]
    let bytes = unsafe { CStr::from_ptr(p) }.to_bytes().to_vec();
    vm.fs_str(&bytes)
}

fn id_object(vm: &mut Vm, n: u32) -> PyResult {
    vm.new_int(if n == u32::MAX { -1 } else { i64::from(n) })
}

fn user_object(vm: &mut Vm, e: &libc::passwd) -> PyResult {
    let values: Vec<Owned> = vec![
        text(vm, e.pw_name)?,
        text(vm, e.pw_passwd)?,
        id_object(vm, e.pw_uid)?,
        id_object(vm, e.pw_gid)?,
        text(vm, e.pw_gecos)?,
        text(vm, e.pw_dir)?,
        text(vm, e.pw_shell)?,
    ];
    match vm.state::<Classes>().user {
        Some(class) => structseq::make(vm, class, &PASSWD, values),
        None => vm.new_tuple(values),
    }
}

fn group_object(vm: &mut Vm, e: &libc::group) -> PyResult {
    let mut members = Vec::new();
    let mut p = e.gr_mem;
    while !p.is_null() {
        // SAFETY: a list of strings that ends with NULL.
        #[allow(unsafe_code, reason = "walks a list of the C library")]
        let member = unsafe { *p };
        if member.is_null() {
            break;
        }
        members.push(text(vm, member)?);
        p = p.wrapping_add(1);
    }
    let values =
        vec![text(vm, e.gr_name)?, text(vm, e.gr_passwd)?, id_object(vm, e.gr_gid)?, vm.new_list(members)?];
    match vm.state::<Classes>().group {
        Some(class) => structseq::make(vm, class, &GROUP, values),
        None => vm.new_tuple(values),
    }
}

/// Asks for an entry with a buffer that grows as far as needed.
fn lookup<T: Copy>(
    vm: &mut Vm,
    empty: T,
    f: impl Fn(*mut T, *mut libc::c_char, usize, *mut *mut T) -> i32,
    make: fn(&mut Vm, &T) -> PyResult,
) -> PyResult<Option<Owned>> {
    let mut size = 1024;
    loop {
        let (mut entry, mut room, mut found) = (empty, vec![0u8; size], std::ptr::null_mut());
        let code = f(&raw mut entry, room.as_mut_ptr().cast(), room.len(), &raw mut found);
        match code {
            libc::ERANGE if size < 1 << 24 => size *= 4,
            libc::EINTR => vm.check_interrupt()?,
            _ if !found.is_null() => return make(vm, &entry).map(Some),
            0 | libc::ENOENT | libc::ESRCH | libc::EBADF | libc::EPERM => return Ok(None),
            code => return Err(vm.os_error(&errno(code), None)),
        }
    }
}

fn user(
    vm: &mut Vm,
    f: impl Fn(*mut libc::passwd, *mut libc::c_char, usize, *mut *mut libc::passwd) -> i32,
) -> PyResult<Option<Owned>> {
    lookup(vm, zeroed!(libc::passwd), f, user_object)
}

fn group(
    vm: &mut Vm,
    f: impl Fn(*mut libc::group, *mut libc::c_char, usize, *mut *mut libc::group) -> i32,
) -> PyResult<Option<Owned>> {
    lookup(vm, zeroed!(libc::group), f, group_object)
}
