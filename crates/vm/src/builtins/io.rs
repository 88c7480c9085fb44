//! Built-in functions for input and output.

use crate::args::Args;
use crate::class::base_value;
use crate::text::{as_str, str_bytes};
use crate::types::file;
use crate::{PyResult, Vm};
use hognose_object::bytes::bytes_of;
use hognose_object::{Owned, Ref, ValueExt};

/// A file system path argument as bytes: str, bytes or an object with `__fspath__`.
pub(crate) fn fs_path(vm: &mut Vm, r: Ref<'_>) -> PyResult<Vec<u8>> {
    if let Some(s) = as_str(r) {
        return Ok(file::path_bytes(s));
    }
    if let Some(b) = bytes_of(base_value(r)) {
        return Ok(b.to_vec());
    }
    let name = vm.intern("__fspath__")?;
    let class = vm.type_name(r);
    let Some(path) = vm.call_special(r, name.as_ref(), &[])? else {
        return Err(vm.type_error(&format!("expected str, bytes or os.PathLike object, not {class}")));
    };
    if let Some(s) = as_str(path.as_ref()) {
        return Ok(file::path_bytes(s));
    }
    match bytes_of(base_value(path.as_ref())) {
        Some(b) => Ok(b.to_vec()),
        None => {
            let got = vm.type_name(path.as_ref());
            Err(vm.type_error(&format!("expected {class}.__fspath__() to return str or bytes, not {got}")))
        }
    }
}

/// A stream of `sys` by name.
fn sys_stream(vm: &mut Vm, name: &str) -> PyResult<Option<Owned>> {
    let sys = vm.sys_dict().owned();
    vm.dict_get_name(sys.as_ref(), name)
}

/// A `sep` or `end` argument.
fn separator<'a>(vm: &mut Vm, args: &Args<'a>, name: &str) -> PyResult<Option<Ref<'a>>> {
    match args.kw(name).filter(|s| !s.is_none()) {
        Some(s) if as_str(s).is_none() => {
            let class = vm.type_name(s);
            Err(vm.type_error(&format!("{name} must be None or a string, not {class}")))
        }
        s => Ok(s),
    }
}

pub(super) fn print(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let (sep, end) = if args.kwnames.is_empty() {
        (None, None)
    } else {
        (separator(vm, args, "sep")?, separator(vm, args, "end")?)
    };
    let file = match args.kw("file").filter(|f| !f.is_none()) {
        Some(f) => f.owned(),
        None => match sys_stream(vm, "stdout")? {
            Some(f) if f.as_ref().is_none() => return Ok(vm.none()),
            Some(f) => f,
            None => return Err(vm.runtime_error("lost sys.stdout")),
        },
    };
    if vm.is_own_stdout(file.as_ref()) {
        print_directly(vm, args.pos, sep, end)?;
    } else {
        let write = vm.get_attr_name(file.as_ref(), "write")?;
        let space = vm.new_str(" ")?;
        let newline = vm.new_str("\n")?;
        for (i, &x) in args.pos.iter().enumerate() {
            if i > 0 {
                vm.call(write.as_ref(), &[sep.unwrap_or(space.as_ref())])?;
            }
            let text = vm.str(x)?;
            vm.call(write.as_ref(), &[text.as_ref()])?;
        }
        vm.call(write.as_ref(), &[end.unwrap_or(newline.as_ref())])?;
    }
    if let Some(flush) = args.kw("flush")
        && vm.is_true(flush)?
    {
        vm.call_method(file.as_ref(), "flush", &[])?;
    }
    Ok(vm.none())
}

fn print_directly(
    vm: &mut Vm,
    items: &[Ref<'_>],
    sep: Option<Ref<'_>>,
    end: Option<Ref<'_>>,
) -> PyResult<()> {
    for (i, &x) in items.iter().enumerate() {
        if i > 0 {
            match sep {
                Some(s) => file::write_std(vm, s)?,
                None => write_plain(vm, b" ")?,
            }
        }
        let text = vm.str(x)?;
        file::write_std(vm, text.as_ref())?;
    }
    match end {
        Some(s) => file::write_std(vm, s),
        None => write_plain(vm, b"\n"),
    }
}

fn write_plain(vm: &mut Vm, text: &[u8]) -> PyResult<()> {
    let r = vm.stdout().write(text);
    r.map_err(|e| file::os_error(vm, &e, None))
}

pub(super) fn input(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let lost = |vm: &mut Vm, name: &str| vm.runtime_error(&format!("input(): lost sys.{name}"));
    let Some(stdin) = sys_stream(vm, "stdin")?.filter(|f| !f.as_ref().is_none()) else {
        return Err(lost(vm, "stdin"));
    };
    let Some(stdout) = sys_stream(vm, "stdout")?.filter(|f| !f.as_ref().is_none()) else {
        return Err(lost(vm, "stdout"));
    };
    if let Some(stderr) = sys_stream(vm, "stderr")?.filter(|f| !f.as_ref().is_none()) {
        vm.call_method(stderr.as_ref(), "flush", &[])?;
    } else {
        return Err(lost(vm, "stderr"));
    }
    if let Some(prompt) = args.opt(0) {
        let text = vm.str(prompt)?;
        vm.call_method(stdout.as_ref(), "write", &[text.as_ref()])?;
    }
    vm.call_method(stdout.as_ref(), "flush", &[])?;
    let line = vm.call_method(stdin.as_ref(), "readline", &[])?;
    if as_str(line.as_ref()).is_none() {
        return Err(vm.type_error("object.readline() returned non-string"));
    }
    let text = str_bytes(line.as_ref());
    if text.is_empty() {
        return Err(vm.raise(crate::exceptions::Exc::EOFError, "EOF when reading a line"));
    }
    vm.new_str_bytes(text.strip_suffix(b"\n").unwrap_or(text))
}
