//! What the modules that talk to the system share: system calls, path and flag arguments, tables of constants.

use crate::prelude::{Owned, PyResult, Ref, ValueExt, Vm, as_str, base_value, is_int};
use std::ffi::CString;
use std::io;

/// Calls a function of the C library.
///
/// Arguments that are pointers must point to memory that is borrowed for the call and as large as the function
/// expects; strings end in NUL.
macro_rules! sys {
    ($name:ident($($arg:expr),* $(,)?)) => {{
        // SAFETY: the arguments are plain numbers, or pointers to memory borrowed for the call (see above).
        #[allow(unsafe_code, reason = "calls into the C library")]
        unsafe {
            libc::$name($($arg),*)
        }
    }};
}
pub(crate) use sys;

/// A zeroed struct of the C library.
macro_rules! zeroed {
    ($t:ty) => {{
        // SAFETY: the structs of the C library are plain data; all zero is a value of them.
        #[allow(unsafe_code, reason = "makes a struct of the C library")]
        let value: $t = unsafe { std::mem::zeroed() };
        value
    }};
}
pub(crate) use zeroed;

/// Names of integer constants with their values.
macro_rules! ints {
    ($($name:ident),* $(,)?) => { &[$((stringify!($name), libc::$name as i64)),*] };
}
pub(crate) use ints;

/// The result of a system call: -1 means that it failed.
pub(crate) trait SysResult: Copy {
    /// Did it fail?
    fn failed(self) -> bool;
}
macro_rules! sys_result {
    ($($t:ty),*) => { $(impl SysResult for $t { fn failed(self) -> bool { self == -1 } })* };
}
sys_result!(i32, i64, isize);

/// The result, or what the system says went wrong.
pub(crate) fn check<T: SysResult>(r: T) -> io::Result<T> {
    if r.failed() { Err(io::Error::last_os_error()) } else { Ok(r) }
}

/// An error by number.
pub(crate) fn errno(code: i32) -> io::Error {
    io::Error::from_raw_os_error(code)
}

/// Adds integer constants to a module.
pub(crate) fn add_ints(vm: &mut Vm, module: &Owned, tables: &[&[(&str, i64)]]) -> PyResult<()> {
    for (name, value) in tables.iter().copied().flatten() {
        let value = vm.new_int(*value)?;
        vm.module_set(module.as_ref(), name, value)?;
    }
    Ok(())
}

/// A path argument.
pub(crate) struct Path {
    /// As the system takes it.
    pub text: CString,
    /// As it was given, for errors; the str or bytes of a path object.
    pub object: Owned,
    /// A descriptor given in its place.
    pub fd: Option<i32>,
    /// Was it given as bytes?
    pub is_bytes: bool,
}

impl Path {
    /// For the system.
    pub fn ptr(&self) -> *const libc::c_char {
        self.text.as_ptr()
    }

    /// For errors: nothing when a descriptor was given.
    pub fn shown(&self) -> Option<Ref<'_>> {
        Some(self.object.as_ref())
    }

    /// A name the system gave, of the type of this path.
    pub fn name(&self, vm: &mut Vm, bytes: &[u8]) -> PyResult {
        if self.is_bytes { vm.new_bytes(bytes) } else { vm.fs_str(bytes) }
    }
}

/// What a path argument may be instead of a path.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Or {
    /// Nothing else.
    Nothing,
    /// A descriptor.
    Fd,
    /// A descriptor, or None: the current directory.
    FdOrNone,
}

/// Reads a path argument of the function `name`.
pub(crate) fn path(vm: &mut Vm, name: &str, r: Ref<'_>, or: Or) -> PyResult<Path> {
    path_named(vm, name, "path", r, or)
}

/// As [`path`], of an argument with another name.
pub(crate) fn path_named(vm: &mut Vm, name: &str, arg: &str, r: Ref<'_>, or: Or) -> PyResult<Path> {
    let none_too = or == Or::FdOrNone;
    let fd_too = matches!(or, Or::Fd | Or::FdOrNone);
    if r.is_none() && none_too {
        let text = CString::from(c".");
        return Ok(Path { text, object: vm.none(), fd: None, is_bytes: false });
    }
    if fd_too && vm.class_of(r).slots().index.is_some() && as_str(r).is_none() {
        let fd = vm.index_i32(r)?;
        return Ok(Path { text: CString::default(), object: r.owned(), fd: Some(fd), is_bytes: false });
    }
    let mut object = r.owned();
    if as_str(r).is_none() && vm.bytes_view(base_value(r)).is_none() {
        let special = vm.intern("__fspath__")?;
        let found = vm.call_special(r, special.as_ref(), &[])?;
        let Some(found) = found else {
            let what = match or {
                Or::Nothing => "string, bytes or os.PathLike",
                Or::Fd => "string, bytes, os.PathLike or integer",
                Or::FdOrNone => "string, bytes, os.PathLike, integer or None",
            };
            let class = vm.type_name(r);
            return Err(vm.type_error(&format!("{name}: {arg} should be {what}, not {class}")));
        };
        object = found;
        if as_str(object.as_ref()).is_none() && !is_bytes(object.as_ref()) {
            let (class, got) = (vm.type_name(r), vm.type_name(object.as_ref()));
            let text = format!("expected {class}.__fspath__() to return str or bytes, not {got}");
            return Err(vm.type_error(&text));
        }
    } else if as_str(r).is_none() && !is_bytes(r) {
        let class = vm.type_name(r);
        let what =
            if fd_too { "string, bytes, os.PathLike or integer" } else { "string, bytes or os.PathLike" };
        return Err(vm.type_error(&format!("{name}: {arg} should be {what}, not {class}")));
    }
    let is_bytes = as_str(object.as_ref()).is_none();
    let bytes = vm.fs_path(object.as_ref())?;
    match CString::new(bytes) {
        Ok(text) => Ok(Path { text, object, fd: None, is_bytes }),
        Err(_) => Err(vm.value_error(&format!("{name}: embedded null character in {arg}"))),
    }
}

/// Is it a bytes object or an instance of a subclass?
pub(crate) fn is_bytes(r: Ref<'_>) -> bool {
    hognose_vm::object::bytes::bytes_of(base_value(r)).is_some()
}

/// A truth argument.
pub(crate) fn flag(vm: &mut Vm, r: Option<Ref<'_>>, default: bool) -> PyResult<bool> {
    match r {
        Some(r) => vm.is_true(r),
        None => Ok(default),
    }
}

/// An `int` argument, or the default when it is absent.
pub(crate) fn int_or(vm: &mut Vm, r: Option<Ref<'_>>, default: i32) -> PyResult<i32> {
    match r {
        Some(r) => vm.index_i32(r),
        None => Ok(default),
    }
}

/// A signed 64-bit argument.
pub(crate) fn int64(vm: &mut Vm, r: Ref<'_>) -> PyResult<i64> {
    use num_traits::ToPrimitive;
    let n = vm.index_bigint(r)?;
    match n.to_i64() {
        Some(n) => Ok(n),
        None => Err(vm.overflow_error("Python int too large to convert to C long")),
    }
}

/// An unsigned number, not negative.
pub(crate) fn size(vm: &mut Vm, r: Ref<'_>) -> PyResult<isize> {
    vm.index_isize(r, false)
}

/// Text without NUL, for the system.
pub(crate) fn c_text(vm: &mut Vm, r: Ref<'_>, what: &str) -> PyResult<CString> {
    let bytes = match as_str(r) {
        Some(s) => vm.fs_bytes(s),
        None => {
            let class = vm.type_name(r);
            return Err(vm.type_error(&format!("{what} must be str, not {class}")));
        }
    };
    no_nul(vm, bytes)
}

/// Bytes as text for the system.
pub(crate) fn no_nul(vm: &mut Vm, bytes: Vec<u8>) -> PyResult<CString> {
    CString::new(bytes).map_err(|_| vm.value_error("embedded null byte"))
}

/// A descriptor: an int, or an object with `fileno()`.
pub(crate) fn descriptor(vm: &mut Vm, r: Ref<'_>) -> PyResult<i32> {
    let fd = if is_int(base_value(r)) {
        vm.index_i32(r)?
    } else {
        let name = vm.intern("fileno")?;
        let Some(method) = vm.get_attr_opt(r, name.as_ref())? else {
            return Err(vm.type_error("argument must be an int, or have a fileno() method."));
        };
        let got = vm.call(method.as_ref(), &[])?;
        if !is_int(base_value(got.as_ref())) {
            return Err(vm.type_error("fileno() returned a non-integer"));
        }
        vm.index_i32(got.as_ref())?
    };
    if fd < 0 {
        return Err(vm.value_error(&format!("file descriptor cannot be a negative integer ({fd})")));
    }
    Ok(fd)
}

/// Seconds as a timeout: `None` for None; negative numbers are left to the caller.
pub(crate) fn nanoseconds(vm: &mut Vm, r: Ref<'_>, what: &str) -> PyResult<i64> {
    use num_traits::ToPrimitive;
    if let Some(x) = vm.float_of(r) {
        if x.is_nan() {
            return Err(vm.value_error("Invalid value NaN (not a number)"));
        }
        let ns = (x * 1e9).ceil();
        if ns.abs() < 9.2e18 {
            return Ok(ns as i64);
        }
        return Err(vm.overflow_error("timestamp too large to convert to C PyTime_t"));
    }
    if !is_int(base_value(r)) && vm.class_of(r).slots().index.is_none() {
        let _ = what;
        let class = vm.type_name(r);
        return Err(vm.type_error(&format!("'{class}' object cannot be interpreted as an integer")));
    }
    let n = vm.index_bigint(r)?;
    match n.to_i64().and_then(|n| n.checked_mul(1_000_000_000)) {
        Some(ns) => Ok(ns),
        None => Err(vm.overflow_error("timestamp too large to convert to C PyTime_t")),
    }
}
