//! The module `faulthandler`: tracebacks on request. Faults of the process itself are not caught: a machine that breaks its
//! own rules stops with a report of its own.

use crate::host::int_or;
use crate::prelude::{
    Args, NativeDef, PyResult, Ref, ValueExt, Vm, base_value, is_int, new_module, owned_bool,
};

const FUNCTIONS: &[NativeDef] = &[
    NativeDef::function("enable", "file=sys.stderr, all_threads=True", |vm, a| {
        target(vm, a.opt(0))?;
        vm.state::<Enabled>().0 = true;
        Ok(vm.none())
    }),
    NativeDef::function("disable", "", |vm, _| {
        let was = std::mem::replace(&mut vm.state::<Enabled>().0, false);
        Ok(owned_bool(was))
    }),
    NativeDef::function("is_enabled", "", |vm, _| Ok(owned_bool(vm.state::<Enabled>().0))),
    NativeDef::function("dump_traceback", "file=sys.stderr, all_threads=True", dump_traceback),
    NativeDef::function(
        "dump_traceback_later",
        "timeout, repeat=False, file=sys.stderr, exit=False",
        |vm, a| {
            let ns = crate::host::nanoseconds(vm, a.get(0), "timeout")?;
            if ns <= 0 {
                return Err(vm.value_error("timeout must be greater than 0"));
            }
            target(vm, a.opt(2))?;
            Ok(vm.none())
        },
    ),
    NativeDef::function("cancel_dump_traceback_later", "", |vm, _| Ok(vm.none())),
];

/// What `is_enabled` says.
#[derive(Default)]
struct Enabled(bool);

/// Makes the module.
pub fn make(vm: &mut Vm) -> PyResult {
    new_module(vm, "faulthandler", "faulthandler module.", FUNCTIONS)
}

/// The descriptor to write to.
fn target(vm: &mut Vm, r: Option<Ref<'_>>) -> PyResult<i32> {
    let file = match r.filter(|r| !r.is_none()) {
        Some(f) if is_int(base_value(f)) => {
            let fd = int_or(vm, Some(f), 2)?;
            if fd < 0 {
                return Err(vm.value_error("file is not a valid file descriptor"));
            }
            return Ok(fd);
        }
        Some(f) => f.owned(),
        None => {
            let sys = vm.sys_dict().owned();
            match vm.dict_get_name(sys.as_ref(), "stderr")? {
                Some(f) if !f.as_ref().is_none() => f,
                _ => return Err(vm.runtime_error("unable to get sys.stderr")),
            }
        }
    };
    let fd = vm.call_method(file.as_ref(), "fileno", &[])?;
    let fd = vm.index_i32(fd.as_ref())?;
    vm.call_method(file.as_ref(), "flush", &[])?;
    Ok(fd)
}

/// `Stack (most recent call first):` and a line for each frame.
fn dump_traceback(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let fd = target(vm, args.opt(0))?;
    let mut text = String::from("Stack (most recent call first):\n");
    let sys = vm.sys_dict().owned();
    let mut frame = match vm.dict_get_name(sys.as_ref(), "_getframe")? {
        Some(f) => vm.call(f.as_ref(), &[])?,
        None => vm.none(),
    };
    while !frame.as_ref().is_none() {
        let code = vm.get_attr_name(frame.as_ref(), "f_code")?;
        let (file, name) =
            (vm.get_attr_name(code.as_ref(), "co_filename")?, vm.get_attr_name(code.as_ref(), "co_name")?);
        let line = vm.get_attr_name(frame.as_ref(), "f_lineno")?;
        text.push_str(&format!(
            "  File \"{}\", line {} in {}\n",
            vm.text_of(file.as_ref()),
            vm.text_of(line.as_ref()),
            vm.text_of(name.as_ref())
        ));
        frame = vm.get_attr_name(frame.as_ref(), "f_back")?;
    }
    let bytes = text.as_bytes();
    crate::host::sys!(write(fd, bytes.as_ptr().cast(), bytes.len()));
    Ok(vm.none())
}
