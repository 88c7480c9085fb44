//! Names of files as text, errors of the system, and text for the standard streams.

use crate::exceptions::Exc;
use crate::text::as_str;
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

/// Writes a str to standard output, which takes UTF-8 only.
pub(crate) fn write_std(vm: &mut Vm, text: Ref<'_>) -> PyResult<()> {
    let Some(s) = as_str(text) else { return Ok(()) };
    let result = if s.is_ascii() || s.to_str().is_some() {
        vm.stdout().write(s.as_bytes())
    } else {
        return print_by_method(vm, text);
    };
    result.map_err(|e| os_error(vm, &e, None))
}

/// Lone surrogates are a matter of the stream's error handler.
#[cold]
fn print_by_method(vm: &mut Vm, text: Ref<'_>) -> PyResult<()> {
    let sys = vm.sys_dict().owned();
    match vm.dict_get_name(sys.as_ref(), "stdout")? {
        Some(out) => vm.call_method(out.as_ref(), "write", &[text]).map(drop),
        None => Ok(()),
    }
}
