//! Files: `open()`, and the three objects of `sys`.
//!
//!   TextFile ──buffer──► BinFile{read buffer, write buffer} ──► std::fs::File, or a standard stream of the machine
//!
//!   mod.rs     open(), modes, paths, errors, the standard streams
//!   raw.rs     bytes: buffering, positions
//!   binary.rs  the type of binary files
//!   text.rs    the type of text files: encodings, newlines, lines
//!   write.rs   their output and positions
//!
//! Invariant: no borrow of a file's state is held while Python code may run.

pub(crate) mod binary;
mod open;
pub(crate) mod raw;
pub(crate) mod text;
mod write;

pub(crate) use binary::BinFile;
pub(crate) use open::open;
pub(crate) use text::TextFile;
pub(crate) use write::write_std;

use crate::exceptions::Exc;
use crate::stdio::Stream;
use crate::{PyResult, Raised, Vm};
use hognose_object::str::{StrRef, code_points};
use hognose_object::{Owned, Ref};

/// Bytes of a path: what was not UTF-8 when it became a str (lone surrogates U+DC80…U+DCFF) is a byte again.
pub(crate) fn path_bytes(s: StrRef<'_>) -> Vec<u8> {
    if s.to_str().is_some() {
        return s.as_bytes().to_vec();
    }
    let mut out = Vec::with_capacity(s.as_bytes().len());
    for c in code_points(s.as_bytes()) {
        match c {
            0xDC80..0xDD00 => out.push((c & 0xFF) as u8),
            c => hognose_object::str::push_code_point(&mut out, c),
        }
    }
    out
}

/// OSError for a failed system call.
pub(crate) fn os_error(vm: &mut Vm, e: &std::io::Error, filename: Option<Ref<'_>>) -> Raised {
    let Some(code) = e.raw_os_error() else {
        return vm.raise(Exc::OSError, &e.to_string());
    };
    let text = e.to_string();
    let text = text.strip_suffix(&format!(" (os error {code})")).unwrap_or(&text).to_owned();
    let made = (|| -> PyResult<Vec<Owned>> { Ok(vec![vm.new_int(i64::from(code))?, vm.new_str(&text)?]) })();
    match made {
        Ok(mut args) => {
            args.extend(filename.map(|f| f.owned()));
            vm.raise_with(Exc::OSError, args)
        }
        Err(e) => e,
    }
}

/// `io.UnsupportedOperation`, which is an OSError.
pub(crate) fn unsupported(vm: &mut Vm, what: &str) -> Raised {
    vm.raise(Exc::OSError, what)
}

pub(crate) fn closed_file(vm: &mut Vm) -> Raised {
    vm.value_error("I/O operation on closed file.")
}

/// New objects for `sys.stdin`, `sys.stdout` and `sys.stderr`.
pub fn std_streams(vm: &mut Vm) -> PyResult<[Owned; 3]> {
    Ok([
        write::std_file(vm, Stream::In)?,
        write::std_file(vm, Stream::Out)?,
        write::std_file(vm, Stream::Err)?,
    ])
}

/// Arguments `(size=-1)`: `None` for negative numbers and None.
pub(crate) fn size_argument(vm: &mut Vm, size: Option<Ref<'_>>) -> PyResult<Option<usize>> {
    use hognose_object::ValueExt;
    match size.filter(|s| !s.is_none()) {
        Some(n) => Ok(usize::try_from(vm.index_isize(n, true)?).ok()),
        None => Ok(None),
    }
}
