//! The module `mmap`: files and anonymous memory in the address space.
//!
//! A mapping is outside the heap; the bytes a program maps without a file are charged to it. Every access checks bounds
//! against the present size. A file that others truncate below the mapped part kills the process, as with CPython.

mod constants;
mod items;

use crate::host::{add_ints, check, int_or, int64, sys, zeroed};
use crate::prelude::{
    Args, Exc, GetSetDef, NativeDef, PyResult, Ref, Slots, Trace, TypeDef, TypeFlags, ValueExt, Vm, instance,
    new_module, owned_bool, payload,
};
use hognose_vm::object::bytes::bytes_of;
use std::cell::Cell;

/// A mapping; NULL once closed.
struct Map {
    data: Cell<usize>,
    size: Cell<usize>,
    at: Cell<usize>,
    fd: Cell<i32>,
    offset: Cell<i64>,
    access: Cell<i32>,
}

// SAFETY: holds no references to objects.
#[allow(unsafe_code, reason = "says what it holds outside")]
unsafe impl Trace for Map {
    fn trace(&self, _visit: &mut dyn FnMut(hognose_vm::Value)) {}
}

impl Map {
    fn release(&self) {
        let data = self.data.replace(0);
        if data != 0 {
            sys!(munmap(std::ptr::with_exposed_provenance_mut(data), self.size.get()));
        }
        let fd = self.fd.replace(-1);
        if fd >= 0 {
            sys!(close(fd));
        }
    }

    /// The mapped bytes.
    fn bytes(&self) -> &[u8] {
        if self.data.get() == 0 {
            return &[];
        }
        // SAFETY: mapped with this size until `release`, which only runs when nobody borrows the bytes.
        #[allow(unsafe_code, reason = "reads mapped memory")]
        unsafe {
            std::slice::from_raw_parts(std::ptr::with_exposed_provenance(self.data.get()), self.size.get())
        }
    }

    /// Stores bytes; the caller has checked the bounds and the access.
    fn store(&self, at: usize, bytes: &[u8]) {
        assert!(at + bytes.len() <= self.size.get(), "{} bytes at {at} of {}", bytes.len(), self.size.get());
        // SAFETY: mapped and writable, within the bounds; the source is memory of the heap.
        #[allow(unsafe_code, reason = "writes mapped memory")]
        unsafe {
            let to: *mut u8 = std::ptr::with_exposed_provenance_mut(self.data.get());
            std::ptr::copy(bytes.as_ptr(), to.add(at), bytes.len());
        }
    }
}

impl Drop for Map {
    fn drop(&mut self) {
        self.release();
    }
}

const READ: i32 = 1;
const COPY: i32 = 3;

static TYPE: TypeDef = TypeDef {
    name: "mmap.mmap",
    flags: TypeFlags::BASE_TYPE | TypeFlags::HAS_WEAKREF,
    doc: "mmap(fileno, length[, flags[, prot[, access[, offset[, trackfd]]]]])\n\nMaps length bytes from the file \
          specified by the file descriptor fileno,\nand returns a mmap object.",
    slots: Slots {
        new: Some(new),
        len: Some(|vm, r| Ok(this(vm, r)?.size.get())),
        getitem: Some(items::getitem),
        setitem: Some(items::setitem),
        repr: Some(repr),
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("close", "$self, /", |vm, a| {
            if let Some(m) = payload::<Map>(a.get(0)) {
                m.release();
            }
            Ok(vm.none())
        }),
        NativeDef::method("__enter__", "$self, /", |vm, a| {
            this(vm, a.get(0))?;
            Ok(a.get(0).owned())
        }),
        NativeDef::method("__exit__", "$self, /, *exc_info", |vm, a| vm.call_method(a.get(0), "close", &[])),
        NativeDef::method("read", "$self, n=None, /", |vm, a| {
            let m = this(vm, a.get(0))?;
            let n = match a.opt(1).filter(|n| !n.is_none()) {
                Some(n) => usize::try_from(vm.index_isize(n, false)?).unwrap_or(usize::MAX),
                None => usize::MAX,
            };
            take(vm, m, n)
        }),
        NativeDef::method("readline", "$self, /", |vm, a| {
            let m = this(vm, a.get(0))?;
            let rest = m.bytes().get(m.at.get()..).unwrap_or(&[]);
            let n = rest.iter().position(|b| *b == b'\n').map_or(rest.len(), |i| i + 1);
            take(vm, m, n)
        }),
        NativeDef::method("read_byte", "$self, /", |vm, a| {
            let m = this(vm, a.get(0))?;
            match m.bytes().get(m.at.get()) {
                Some(b) => {
                    m.at.set(m.at.get() + 1);
                    vm.new_int(i64::from(*b))
                }
                None => Err(vm.value_error("read byte out of range")),
            }
        }),
        NativeDef::method("write", "$self, bytes, /", |vm, a| {
            let m = writable(vm, a.get(0))?;
            let data = vm.bytes_like(a.get(1))?;
            let data = bytes_of(data.as_ref()).unwrap_or(&[]);
            if m.at.get() > m.size.get() || data.len() > m.size.get() - m.at.get() {
                return Err(vm.value_error("data out of range"));
            }
            m.store(m.at.get(), data);
            m.at.set(m.at.get() + data.len());
            vm.new_int(data.len() as i64)
        }),
        NativeDef::method("write_byte", "$self, byte, /", |vm, a| {
            let b = vm.index_i32(a.get(1))?;
            let Ok(b) = u8::try_from(b) else { return Err(vm.value_error("byte must be in range(0, 256)")) };
            let m = writable(vm, a.get(0))?;
            if m.at.get() >= m.size.get() {
                return Err(vm.value_error("write byte out of range"));
            }
            m.store(m.at.get(), &[b]);
            m.at.set(m.at.get() + 1);
            Ok(vm.none())
        }),
        NativeDef::method("tell", "$self, /", |vm, a| {
            let at = this(vm, a.get(0))?.at.get();
            vm.new_int(at as i64)
        }),
        NativeDef::method("seek", "$self, pos, whence=0, /", seek),
        NativeDef::method("seekable", "$self, /", |_, _| Ok(owned_bool(true))),
        NativeDef::method("size", "$self, /", size),
        NativeDef::method("find", "$self, view, start=None, end=None, /", |vm, a| find(vm, a, false)),
        NativeDef::method("rfind", "$self, view, start=None, end=None, /", |vm, a| find(vm, a, true)),
        NativeDef::method("flush", "$self, offset=0, size=-1, /", flush),
        NativeDef::method("move", "$self, dest, src, count, /", |vm, a| {
            let (to, from, n) = (
                vm.index_isize(a.get(1), false)?,
                vm.index_isize(a.get(2), false)?,
                vm.index_isize(a.get(3), false)?,
            );
            let m = writable(vm, a.get(0))?;
            let inside =
                |x: isize| x >= 0 && n >= 0 && x.checked_add(n).is_some_and(|e| e <= m.size.get() as isize);
            if !inside(to) || !inside(from) {
                return Err(vm.value_error("source, destination, or count out of range"));
            }
            let (from, n) = (from as usize, n as usize);
            let part = m.bytes()[from..from + n].as_ptr();
            // SAFETY: within the mapping; `store` copies as if through a buffer.
            #[allow(unsafe_code, reason = "source and destination may overlap")]
            let part = unsafe { std::slice::from_raw_parts(part, n) };
            m.store(to as usize, part);
            Ok(vm.none())
        }),
        NativeDef::method("resize", "$self, newsize, /", resize),
        NativeDef::method("madvise", "$self, option, start=0, length=None, /", |vm, a| {
            let option = vm.index_i32(a.get(1))?;
            let m = this(vm, a.get(0))?;
            let start = match a.opt(2) {
                Some(s) => vm.index_isize(s, false)?,
                None => 0,
            };
            if start < 0 || start as usize >= m.size.get() {
                return Err(vm.value_error("madvise start out of bounds"));
            }
            let most = m.size.get() - start as usize;
            let n = match a.opt(3).filter(|n| !n.is_none()) {
                Some(n) => vm.index_isize(n, false)?,
                None => most as isize,
            };
            let Ok(n) = usize::try_from(n) else { return Err(vm.value_error("madvise length invalid")) };
            let p = m.data.get() + start as usize;
            vm.retry(None, || {
                check(sys!(madvise(std::ptr::with_exposed_provenance_mut(p), n.min(most), option)))
            })?;
            Ok(vm.none())
        }),
    ],
    getset: &[GetSetDef::read("closed", |_, r| {
        Ok(owned_bool(payload::<Map>(r).is_none_or(|m| m.data.get() == 0)))
    })],
    ..TypeDef::EMPTY
};

/// Makes the module.
pub fn make(vm: &mut Vm) -> PyResult {
    let module = new_module(vm, "mmap", "", &[])?;
    let none = vm.none();
    vm.module_set(module.as_ref(), "__doc__", none)?;
    add_ints(vm, &module, &[constants::SYSTEM, constants::OTHER])?;
    let class = vm.add_native_type::<Map>(&TYPE)?;
    vm.module_set(module.as_ref(), "mmap", class.owned())?;
    let error = vm.exc_class(Exc::OSError).owned();
    vm.module_set(module.as_ref(), "error", error)?;
    Ok(module)
}

fn this<'a>(vm: &mut Vm, r: Ref<'a>) -> PyResult<&'a Map> {
    match payload::<Map>(r) {
        Some(m) if m.data.get() != 0 => Ok(m),
        _ => Err(vm.value_error("mmap closed or invalid")),
    }
}

fn writable<'a>(vm: &mut Vm, r: Ref<'a>) -> PyResult<&'a Map> {
    let m = this(vm, r)?;
    if m.access.get() == READ {
        return Err(vm.type_error("mmap can't modify a readonly memory map."));
    }
    Ok(m)
}

fn take(vm: &mut Vm, m: &Map, n: usize) -> PyResult {
    let rest = m.bytes().get(m.at.get()..).unwrap_or(&[]);
    let n = n.min(rest.len());
    let out = vm.new_bytes(&rest[..n])?;
    m.at.set(m.at.get() + n);
    Ok(out)
}

fn new(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let bound =
        vm.bind(args, "mmap", "fileno, length, flags=1, prot=3, access=0, offset=0, *, trackfd=True")?;
    let given = |i: usize| bound.pos.get(i).copied().flatten();
    let (Some(fd), Some(length)) = (given(0), given(1)) else {
        return Err(vm.type_error("mmap() missing required arguments"));
    };
    let (fd, length) = (vm.index_i32(fd)?, vm.index_isize(length, false)?);
    let mut flags = int_or(vm, given(2), libc::MAP_SHARED)?;
    let mut prot = int_or(vm, given(3), libc::PROT_READ | libc::PROT_WRITE)?;
    let access = int_or(vm, given(4), 0)?;
    let offset = match given(5) {
        Some(o) => int64(vm, o)?,
        None => 0,
    };
    let track = crate::host::flag(vm, given(6), true)?;
    let Ok(mut length) = usize::try_from(length) else {
        return Err(vm.overflow_error("memory mapped length must be positive"));
    };
    if offset < 0 {
        return Err(vm.overflow_error("memory mapped offset must be positive"));
    }
    if access != 0 && (given(2).is_some() || given(3).is_some()) {
        return Err(vm.value_error("mmap can't specify both access and flags, prot."));
    }
    match access {
        0 | 2 => {}
        READ => (flags, prot) = (libc::MAP_SHARED, libc::PROT_READ),
        COPY => (flags, prot) = (libc::MAP_PRIVATE, libc::PROT_READ | libc::PROT_WRITE),
        _ => return Err(vm.value_error("mmap invalid access parameter.")),
    }
    let access = match (access, prot & libc::PROT_WRITE != 0) {
        (0, false) => READ,
        (a, _) => a,
    };
    if fd != -1 {
        length = file_length(vm, fd, length, offset)?;
    } else {
        flags |= libc::MAP_ANONYMOUS;
        vm.heap().charge_external(length)?;
        vm.heap().discharge_external(length);
    }
    let own = if fd != -1 && track {
        vm.retry(None, || check(sys!(fcntl(fd, libc::F_DUPFD_CLOEXEC, 0))))?
    } else {
        -1
    };
    let p = sys!(mmap(std::ptr::null_mut(), length, prot, flags, fd, offset));
    if p == libc::MAP_FAILED {
        let e = std::io::Error::last_os_error();
        if own >= 0 {
            sys!(close(own));
        }
        return Err(vm.os_error(&e, None));
    }
    let map = Map {
        data: Cell::new(p.expose_provenance()),
        size: Cell::new(length),
        at: Cell::new(0),
        fd: Cell::new(own),
        offset: Cell::new(offset),
        access: Cell::new(access),
    };
    instance(vm, args.get(0), map)
}

/// The length to map, which a file must have.
fn file_length(vm: &mut Vm, fd: i32, length: usize, offset: i64) -> PyResult<usize> {
    let mut st = zeroed!(libc::stat);
    vm.retry(None, || check(sys!(fstat(fd, &raw mut st))))?;
    if st.st_mode & libc::S_IFMT != libc::S_IFREG {
        return Ok(length);
    }
    if length == 0 {
        if st.st_size == 0 {
            return Err(vm.value_error("cannot mmap an empty file"));
        }
        if offset >= st.st_size {
            return Err(vm.value_error("mmap offset is greater than file size"));
        }
        return Ok((st.st_size - offset) as usize);
    }
    if offset > st.st_size || ((st.st_size - offset) as usize) < length {
        return Err(vm.value_error("mmap length is greater than file size"));
    }
    Ok(length)
}

fn seek(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let to = vm.index_isize(args.get(1), false)?;
    let whence = int_or(vm, args.opt(2), 0)?;
    let m = this(vm, args.get(0))?;
    let base = match whence {
        0 => 0,
        1 => m.at.get() as isize,
        2 => m.size.get() as isize,
        _ => return Err(vm.value_error("unknown seek type")),
    };
    match base.checked_add(to).and_then(|at| usize::try_from(at).ok()).filter(|at| *at <= m.size.get()) {
        Some(at) => {
            m.at.set(at);
            vm.new_int(at as i64)
        }
        None => Err(vm.value_error("seek out of range")),
    }
}

fn size(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let m = this(vm, args.get(0))?;
    let fd = m.fd.get();
    let mut st = zeroed!(libc::stat);
    vm.retry(None, || check(sys!(fstat(fd, &raw mut st))))?;
    vm.new_int(st.st_size)
}

fn find(vm: &mut Vm, args: &Args<'_>, last: bool) -> PyResult {
    let m = this(vm, args.get(0))?;
    let data = vm.bytes_like(args.get(1))?;
    let needle = bytes_of(data.as_ref()).unwrap_or(&[]);
    let place = |vm: &mut Vm, r: Option<Ref<'_>>, default: usize| -> PyResult<usize> {
        let Some(r) = r.filter(|r| !r.is_none()) else { return Ok(default) };
        let n = vm.index_isize(r, true)?;
        let n = if n < 0 { n + m.size.get() as isize } else { n };
        Ok(n.clamp(0, m.size.get() as isize) as usize)
    };
    let start = place(vm, args.opt(2), if last { 0 } else { m.at.get() })?;
    let end = place(vm, args.opt(3), m.size.get())?;
    let start = if args.opt(2).is_none() { m.at.get().min(m.size.get()) } else { start };
    let area = m.bytes().get(start..end).unwrap_or(&[]);
    let found = if needle.is_empty() {
        (start <= end).then_some(if last { area.len() } else { 0 })
    } else if last {
        area.windows(needle.len()).rposition(|w| w == needle)
    } else {
        area.windows(needle.len()).position(|w| w == needle)
    };
    vm.new_int(found.map_or(-1, |i| (start + i) as i64))
}

fn flush(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let m = this(vm, args.get(0))?;
    let start = match args.opt(1) {
        Some(s) => vm.index_isize(s, false)?,
        None => 0,
    };
    let n = match args.opt(2) {
        Some(n) => vm.index_isize(n, false)?,
        None => -1,
    };
    let n = if n == -1 { m.size.get() as isize - start } else { n };
    if start < 0 || n < 0 || start.checked_add(n).is_none_or(|e| e > m.size.get() as isize) {
        return Err(vm.value_error("flush values out of range"));
    }
    if matches!(m.access.get(), READ | COPY) {
        return Ok(vm.none());
    }
    let p = m.data.get() + start as usize;
    vm.retry(None, || {
        check(sys!(msync(std::ptr::with_exposed_provenance_mut(p), n as usize, libc::MS_SYNC)))
    })?;
    Ok(vm.none())
}

fn resize(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let n = vm.index_isize(args.get(1), false)?;
    let m = this(vm, args.get(0))?;
    if matches!(m.access.get(), READ | COPY) {
        return Err(vm.type_error("mmap can't resize a readonly or copy-on-write memory map."));
    }
    let Some(n) = usize::try_from(n).ok().filter(|n| *n > 0) else {
        return Err(vm.value_error("new size out of range"));
    };
    let (fd, end) = (m.fd.get(), m.offset.get() + n as i64);
    if fd >= 0 {
        vm.retry(None, || check(sys!(ftruncate(fd, end))))?;
    } else {
        vm.heap().charge_external(n)?;
        vm.heap().discharge_external(n);
    }
    let old = std::ptr::with_exposed_provenance_mut(m.data.get());
    let p = sys!(mremap(old, m.size.get(), n, libc::MREMAP_MAYMOVE));
    if p == libc::MAP_FAILED {
        let e = std::io::Error::last_os_error();
        return Err(vm.os_error(&e, None));
    }
    m.data.set(p.expose_provenance());
    m.size.set(n);
    Ok(vm.none())
}

fn repr(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let Some(m) = payload::<Map>(r) else { return vm.default_repr(r) };
    if m.data.get() == 0 {
        return vm.new_str("<mmap.mmap closed=True>");
    }
    let access =
        ["ACCESS_DEFAULT", "ACCESS_READ", "ACCESS_WRITE", "ACCESS_COPY"][m.access.get().clamp(0, 3) as usize];
    let text = format!(
        "<mmap.mmap closed=False, access={access}, length={}, pos={}, offset={}>",
        m.size.get(),
        m.at.get(),
        m.offset.get()
    );
    vm.new_str(&text)
}
