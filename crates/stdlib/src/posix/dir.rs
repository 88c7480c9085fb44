//! Listing directories: `listdir`, and `scandir` with its entries.

use super::stat::stat_result;
use crate::host::{Or, Path, check, flag, path, sys, zeroed};
use crate::prelude::{
    Args, CLASS_GETITEM, GetSetDef, NativeDef, Owned, PyResult, Ref, Slots, TypeDef, Vm, owned_bool, payload,
    trace_fields,
};
use std::cell::{Cell, RefCell};
use std::ffi::CStr;
use std::io;

pub(super) const FUNCTIONS: &[NativeDef] = &[
    NativeDef::function("listdir", "path=None", listdir),
    NativeDef::function("scandir", "path=None", scandir),
];

/// An open directory stream; closed when dropped.
struct Stream(*mut libc::DIR);

impl Drop for Stream {
    fn drop(&mut self) {
        sys!(closedir(self.0));
    }
}

/// One entry as the system gives it.
struct Raw {
    name: Vec<u8>,
    kind: u8,
    inode: u64,
}

impl Stream {
    fn open(p: &Path) -> io::Result<Stream> {
        let dir = match p.fd {
            Some(fd) => {
                let fd = check(sys!(fcntl(fd, libc::F_DUPFD_CLOEXEC, 0)))?;
                let dir = sys!(fdopendir(fd));
                if dir.is_null() {
                    let e = io::Error::last_os_error();
                    sys!(close(fd));
                    return Err(e);
                }
                // The position is shared with the descriptor given.
                sys!(rewinddir(dir));
                dir
            }
            None => sys!(opendir(p.ptr())),
        };
        if dir.is_null() { Err(io::Error::last_os_error()) } else { Ok(Stream(dir)) }
    }

    /// The next entry other than `.` and `..`.
    fn next(&self) -> io::Result<Option<Raw>> {
        loop {
            // SAFETY: the C library's place for the number of the last error.
            #[allow(unsafe_code, reason = "readdir tells the end from an error by errno alone")]
            unsafe {
                *libc::__errno_location() = 0;
            }
            let entry = sys!(readdir(self.0));
            if entry.is_null() {
                let e = io::Error::last_os_error();
                return if e.raw_os_error() == Some(0) { Ok(None) } else { Err(e) };
            }
            // SAFETY: the entry is valid until the next call on this stream; its name ends in NUL.
            #[allow(unsafe_code, reason = "reads an entry of the C library")]
            let raw = unsafe {
                let name = CStr::from_ptr((*entry).d_name.as_ptr()).to_bytes();
                if name == b"." || name == b".." {
                    continue;
                }
                Raw { name: name.to_vec(), kind: (*entry).d_type, inode: (*entry).d_ino }
            };
            return Ok(Some(raw));
        }
    }
}

fn listdir(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let none = vm.none();
    let p = path(vm, "listdir", args.opt(0).unwrap_or(none.as_ref()), Or::FdOrNone)?;
    let stream = vm.retry(p.shown(), || Stream::open(&p))?;
    let list = vm.new_list(Vec::new())?;
    loop {
        match stream.next() {
            Ok(Some(raw)) => {
                let name = p.name(vm, &raw.name)?;
                if let Some(l) = hognose_vm::ListRef::new(list.as_ref()) {
                    l.push(vm.heap_mut(), name)?;
                }
            }
            Ok(None) => return Ok(list),
            Err(e) => return Err(vm.os_error(&e, p.shown())),
        }
    }
}

/// The iterator `scandir` gives.
struct ScanDir {
    stream: RefCell<Option<Stream>>,
    /// Prefix of the entries' paths.
    prefix: Vec<u8>,
    is_bytes: bool,
    dir_fd: Option<i32>,
    object: Owned,
}
trace_fields!(ScanDir { object });

static SCANDIR: TypeDef = TypeDef {
    name: "posix.ScandirIterator",
    slots: Slots { iter: Some(|_, r| Ok(r.owned())), next: Some(next_entry), ..Slots::NONE },
    methods: &[
        NativeDef::method("close", "$self, /", close),
        NativeDef::method("__enter__", "$self, /", |_, a| Ok(a.get(0).owned())),
        NativeDef::method("__exit__", "$self, /, *args", close),
    ],
    ..TypeDef::EMPTY
};

fn scandir(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let none = vm.none();
    let p = path(vm, "scandir", args.opt(0).unwrap_or(none.as_ref()), Or::FdOrNone)?;
    let stream = vm.retry(p.shown(), || Stream::open(&p))?;
    let mut prefix = p.text.as_bytes().to_vec();
    if p.fd.is_none() && !prefix.ends_with(b"/") {
        prefix.push(b'/');
    }
    vm.new_native(ScanDir {
        stream: RefCell::new(Some(stream)),
        prefix: if hognose_vm::ValueExt::is_none(p.object.as_ref()) { b"./".to_vec() } else { prefix },
        is_bytes: p.is_bytes,
        dir_fd: p.fd,
        object: p.object,
    })
}

fn close(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    if let Some(it) = payload::<ScanDir>(args.get(0)) {
        it.stream.replace(None);
    }
    Ok(vm.none())
}

fn next_entry(vm: &mut Vm, r: Ref<'_>) -> PyResult<Option<Owned>> {
    let Some(it) = payload::<ScanDir>(r) else { return Ok(None) };
    let raw = match it.stream.borrow().as_ref() {
        Some(stream) => stream.next(),
        None => return Ok(None),
    };
    match raw {
        Ok(Some(raw)) => {
            let mut full = if it.dir_fd.is_some() { Vec::new() } else { it.prefix.clone() };
            full.extend_from_slice(&raw.name);
            let make = |vm: &mut Vm, b: &[u8]| if it.is_bytes { vm.new_bytes(b) } else { vm.fs_str(b) };
            let (name, path) = (make(vm, &raw.name)?, make(vm, &full)?);
            vm.new_native(DirEntry {
                name,
                path,
                kind: Cell::new(raw.kind),
                inode: raw.inode,
                dir_fd: it.dir_fd.unwrap_or(libc::AT_FDCWD),
                stats: RefCell::new([const { None }; 2]),
            })
            .map(Some)
        }
        Ok(None) => {
            it.stream.replace(None);
            Ok(None)
        }
        Err(e) => Err(vm.os_error(&e, Some(it.object.as_ref()))),
    }
}

/// `os.DirEntry`
struct DirEntry {
    name: Owned,
    path: Owned,
    kind: Cell<u8>,
    inode: u64,
    dir_fd: i32,
    /// Results of `stat()` and `stat(follow_symlinks=False)`.
    stats: RefCell<[Option<Owned>; 2]>,
}

// SAFETY: the fields named are all that hold references.
#[allow(unsafe_code, reason = "lists every field that owns references")]
unsafe impl crate::prelude::Trace for DirEntry {
    fn trace(&self, visit: &mut dyn FnMut(hognose_vm::Value)) {
        self.name.trace(visit);
        self.path.trace(visit);
        if let Ok(stats) = self.stats.try_borrow() {
            for s in stats.iter() {
                s.trace(visit);
            }
        }
    }
}

static ENTRY: TypeDef = TypeDef {
    name: "posix.DirEntry",
    slots: Slots { repr: Some(entry_repr), ..Slots::NONE },
    methods: &[
        NativeDef::method("is_dir", "$self, /, *, follow_symlinks=True", |vm, a| test(vm, a, libc::S_IFDIR)),
        NativeDef::method("is_file", "$self, /, *, follow_symlinks=True", |vm, a| test(vm, a, libc::S_IFREG)),
        NativeDef::method("is_symlink", "$self, /", |vm, a| {
            let e = entry(vm, a.get(0))?;
            let kind = e.kind.get();
            if kind != libc::DT_UNKNOWN {
                return Ok(owned_bool(kind == libc::DT_LNK));
            }
            let st = match entry_stat(vm, e, false) {
                Ok(st) => st,
                Err(e) => return missing_is_false(vm, e),
            };
            mode_is(vm, st, libc::S_IFLNK)
        }),
        NativeDef::method("is_junction", "$self, /", |_, _| Ok(owned_bool(false))),
        NativeDef::method("stat", "$self, /, *, follow_symlinks=True", |vm, a| {
            let follow = flag(vm, a.opt(1), true)?;
            let e = entry(vm, a.get(0))?;
            entry_stat(vm, e, follow)
        }),
        NativeDef::method("inode", "$self, /", |vm, a| {
            let e = entry(vm, a.get(0))?;
            super::stat::big(vm, i128::from(e.inode))
        }),
        NativeDef::method("__fspath__", "$self, /", |vm, a| Ok(entry(vm, a.get(0))?.path.clone())),
        CLASS_GETITEM,
    ],
    getset: &[
        GetSetDef::read("name", |vm, r| Ok(entry(vm, r)?.name.clone())),
        GetSetDef::read("path", |vm, r| Ok(entry(vm, r)?.path.clone())),
    ],
    ..TypeDef::EMPTY
};

fn entry<'a>(vm: &mut Vm, r: Ref<'a>) -> PyResult<&'a DirEntry> {
    payload::<DirEntry>(r).ok_or_else(|| vm.type_error("a DirEntry is required"))
}

fn entry_repr(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let e = entry(vm, r)?;
    let name = vm.repr_text(e.name.as_ref())?;
    vm.new_str(&format!("<DirEntry {name}>"))
}

fn entry_stat(vm: &mut Vm, e: &DirEntry, follow: bool) -> PyResult {
    // Only a link differs from what it names.
    let kind = e.kind.get();
    let follow = follow && (kind == libc::DT_LNK || kind == libc::DT_UNKNOWN);
    let slot = usize::from(!follow);
    if let Some(st) = &e.stats.borrow()[slot] {
        return Ok(st.clone());
    }
    let name = if e.dir_fd == libc::AT_FDCWD { &e.path } else { &e.name };
    let p = path(vm, "stat", name.as_ref(), Or::Nothing)?;
    let flags = if follow { 0 } else { libc::AT_SYMLINK_NOFOLLOW };
    let st = vm.retry(Some(e.path.as_ref()), || {
        let mut st = zeroed!(libc::stat);
        check(sys!(fstatat(e.dir_fd, p.ptr(), &raw mut st, flags))).map(|_| st)
    })?;
    let object = stat_result(vm, &st)?;
    e.stats.borrow_mut()[slot] = Some(object.clone());
    Ok(object)
}

fn mode_is(vm: &mut Vm, st: Owned, wanted: u32) -> PyResult {
    let mode = vm.get_attr_name(st.as_ref(), "st_mode")?;
    let mode = vm.index_i32(mode.as_ref())? as u32;
    Ok(owned_bool(mode & libc::S_IFMT == wanted))
}

fn missing_is_false(vm: &mut Vm, e: hognose_vm::Raised) -> PyResult {
    if vm.raised_is(&e, hognose_vm::Exc::FileNotFoundError) {
        vm.discard(e);
        return Ok(owned_bool(false));
    }
    Err(e)
}

fn test(vm: &mut Vm, args: &Args<'_>, wanted: u32) -> PyResult {
    let follow = flag(vm, args.opt(1), true)?;
    let e = entry(vm, args.get(0))?;
    let kind = e.kind.get();
    if kind != libc::DT_UNKNOWN && !(follow && kind == libc::DT_LNK) {
        let expected = if wanted == libc::S_IFDIR { libc::DT_DIR } else { libc::DT_REG };
        return Ok(owned_bool(kind == expected));
    }
    match entry_stat(vm, e, follow) {
        Ok(st) => mode_is(vm, st, wanted),
        Err(e) => missing_is_false(vm, e),
    }
}

pub(super) fn register(vm: &mut Vm, module: &Owned) -> PyResult<()> {
    vm.add_native_type::<ScanDir>(&SCANDIR)?;
    let entry = vm.add_native_type::<DirEntry>(&ENTRY)?;
    vm.module_set(module.as_ref(), "DirEntry", entry.owned())
}
