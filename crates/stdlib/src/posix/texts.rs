//! Paths as text: `fspath`, and the parts of `posixpath` that are native.

use crate::host::is_bytes;
use crate::prelude::{Args, NativeDef, PyResult, Vm, as_str};

pub(super) const FUNCTIONS: &[NativeDef] = &[
    NativeDef::function("fspath", "path", fspath),
    NativeDef::function("_path_normpath", "path", normpath),
    NativeDef::function("_path_splitroot_ex", "path", splitroot),
];

fn fspath(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let r = args.get(0);
    if as_str(r).is_some() || is_bytes(r) {
        return Ok(r.owned());
    }
    let name = vm.intern("__fspath__")?;
    let class = vm.type_name(r);
    let Some(path) = vm.call_special(r, name.as_ref(), &[])? else {
        return Err(vm.type_error(&format!("expected str, bytes or os.PathLike object, not {class}")));
    };
    if as_str(path.as_ref()).is_some() || is_bytes(path.as_ref()) {
        return Ok(path);
    }
    let got = vm.type_name(path.as_ref());
    Err(vm.type_error(&format!("expected {class}.__fspath__() to return str or bytes, not {got}")))
}

/// Text of a path and whether it is bytes.
fn text(vm: &mut Vm, args: &Args<'_>) -> PyResult<(Vec<u8>, bool)> {
    let path = fspath(vm, args)?;
    match as_str(path.as_ref()) {
        Some(s) => Ok((s.as_bytes().to_vec(), false)),
        None => Ok((vm.bytes_view(path.as_ref()).unwrap_or(&[]).to_vec(), true)),
    }
}

fn give(vm: &mut Vm, bytes: &[u8], is_bytes: bool) -> PyResult {
    if is_bytes { vm.new_bytes(bytes) } else { vm.new_str_bytes(bytes) }
}

/// Slashes a path begins with that mean something: one, or exactly two.
fn root_len(path: &[u8]) -> usize {
    match path {
        [b'/', b'/', b'/', ..] => 1,
        [b'/', b'/', ..] => 2,
        [b'/', ..] => 1,
        _ => 0,
    }
}

fn normpath(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let (path, is_bytes) = text(vm, args)?;
    let root = root_len(&path);
    let mut parts: Vec<&[u8]> = Vec::new();
    for part in path.split(|&b| b == b'/') {
        match part {
            b"" | b"." => {}
            b".." if root > 0 && parts.is_empty() => {}
            b".." if parts.last().is_some_and(|p| *p != b"..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let mut out = vec![b'/'; root];
    out.extend_from_slice(&parts.join(&b'/'));
    if out.is_empty() {
        out.push(b'.');
    }
    give(vm, &out, is_bytes)
}

fn splitroot(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let (path, is_bytes) = text(vm, args)?;
    let root = root_len(&path);
    let parts: [&[u8]; 3] = [b"", &path[..root], &path[root..]];
    let parts = parts.iter().map(|p| give(vm, p, is_bytes)).collect::<PyResult<Vec<_>>>()?;
    vm.new_tuple(parts)
}
