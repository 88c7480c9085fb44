//! The hooks of `sys`: what shows values and exceptions, and what watches execution.

use hognose_vm::traceback;
use hognose_vm::{Args, Exc, NativeDef, Owned, PyResult, Ref, ValueExt, Vm, as_str, none};

pub(super) const FUNCTIONS: &[NativeDef] = &[
    NativeDef::function("displayhook", "object, /", displayhook),
    NativeDef::function("excepthook", "exctype, value, traceback, /", excepthook),
    NativeDef::function("unraisablehook", "unraisable, /", unraisablehook),
    NativeDef::function("breakpointhook", "*args, **kwargs", breakpointhook),
    NativeDef::function("settrace", "function, /", settrace),
    NativeDef::function("setprofile", "function, /", setprofile),
    NativeDef::function("gettrace", "", |_, _| Ok(none())),
    NativeDef::function("getprofile", "", |_, _| Ok(none())),
    NativeDef::function("_settraceallthreads", "function, /", settrace),
    NativeDef::function("_setprofileallthreads", "function, /", setprofile),
    NativeDef::function("call_tracing", "func, args, /", call_tracing),
    NativeDef::function("audit", "event, /, *args", audit),
    NativeDef::function("addaudithook", "hook", |_, _| Ok(none())),
    NativeDef::function("get_asyncgen_hooks", "", get_asyncgen_hooks),
    NativeDef::function("set_asyncgen_hooks", "firstiter=None, finalizer=None", set_asyncgen_hooks),
    NativeDef::function("get_coroutine_origin_tracking_depth", "", get_origin_depth),
    NativeDef::function("set_coroutine_origin_tracking_depth", "depth", set_origin_depth),
];

/// `sys.__displayhook__` and its like.
pub(super) fn keep_originals(vm: &mut Vm, dict: &Owned) -> PyResult<()> {
    for name in ["displayhook", "excepthook", "unraisablehook", "breakpointhook"] {
        if let Some(f) = vm.dict_get_name(dict.as_ref(), name)? {
            vm.dict_set_name(dict.as_ref(), &format!("__{name}__"), f)?;
        }
    }
    Ok(())
}

fn displayhook(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let value = args.get(0);
    if value.is_none() {
        return Ok(none());
    }
    let builtins = vm.builtins().owned();
    vm.dict_set_name(builtins.as_ref(), "_", none())?;
    let sys = vm.sys_dict().owned();
    let stdout = vm.dict_get_name(sys.as_ref(), "stdout")?.filter(|s| !s.as_ref().is_none());
    let Some(stdout) = stdout else { return Err(vm.runtime_error("lost sys.stdout")) };
    let text = vm.repr(value)?;
    vm.call_method(stdout.as_ref(), "write", &[text.as_ref()])?;
    let newline = vm.new_str("\n")?;
    vm.call_method(stdout.as_ref(), "write", &[newline.as_ref()])?;
    vm.dict_set_name(builtins.as_ref(), "_", value.owned())?;
    Ok(none())
}

fn is_exception(vm: &Vm, r: Ref<'_>) -> bool {
    vm.is_instance(r, vm.exc_class(Exc::BaseException))
}

fn excepthook(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let (value, tb) = (args.get(1), args.get(2));
    if !is_exception(vm, value) {
        let class = vm.type_name(value);
        let text = format!("TypeError: print_exception(): Exception expected for value, {class} found\n");
        traceback::write_stderr(vm, text.as_bytes());
        return Ok(none());
    }
    let name = vm.names().__traceback__;
    let own = vm.get_attr(value, name)?;
    if own.as_ref().is_none() && !tb.is_none() {
        vm.set_attr(value, name, Some(tb))?;
    }
    traceback::print_exception(vm, value);
    Ok(none())
}

fn unraisablehook(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let unraisable = args.get(0);
    if vm.class_of(unraisable).name() != "UnraisableHookArgs" {
        return Err(vm.type_error("sys.unraisablehook argument type must be UnraisableHookArgs"));
    }
    let exc = vm.get_attr_name(unraisable, "exc_value")?;
    let message = vm.get_attr_name(unraisable, "err_msg")?;
    let object = vm.get_attr_name(unraisable, "object")?;
    if !is_exception(vm, exc.as_ref()) {
        return Ok(none());
    }
    let message = as_str(message.as_ref()).map(|m| m.to_lossy().into_owned());
    traceback::print_unraisable(vm, exc.as_ref(), message.as_deref(), Some(object.as_ref()));
    Ok(none())
}

fn breakpointhook(vm: &mut Vm, _args: &Args<'_>) -> PyResult {
    Err(vm.runtime_error("there is no debugger"))
}

fn no_tracing(vm: &mut Vm, args: &Args<'_>, what: &str) -> PyResult {
    if args.get(0).is_none() {
        return Ok(none());
    }
    Err(vm.runtime_error(&format!("{what}() is not supported: this interpreter does not trace Python code")))
}

fn settrace(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    no_tracing(vm, args, "sys.settrace")
}

fn setprofile(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    no_tracing(vm, args, "sys.setprofile")
}

fn call_tracing(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let items = vm.items_of(args.get(1));
    let refs: Vec<Ref<'_>> = items.iter().map(Owned::as_ref).collect();
    vm.call(args.get(0), &refs)
}

fn audit(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let Some(event) = args.pos.first() else {
        return Err(vm.type_error("audit expected at least 1 argument, got 0"));
    };
    if as_str(*event).is_none() {
        let class = vm.type_name(*event);
        return Err(vm.type_error(&format!("audit() argument 1 must be str, not {class}")));
    }
    Ok(none())
}

// The hooks live in the namespace of `sys`, where generators find them.
const ASYNCGEN: [(&str, &str); 2] =
    [("firstiter", "_asyncgen_firstiter"), ("finalizer", "_asyncgen_finalizer")];

fn get_asyncgen_hooks(vm: &mut Vm, _args: &Args<'_>) -> PyResult {
    let sys = vm.sys_dict().owned();
    let mut values = Vec::new();
    for (_, key) in ASYNCGEN {
        values.push(vm.dict_get_name(sys.as_ref(), key)?.unwrap_or_else(none));
    }
    super::info::make(vm, &super::info::ASYNCGEN_HOOKS, values)
}

fn set_asyncgen_hooks(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let sys = vm.sys_dict().owned();
    for (i, (name, _)) in ASYNCGEN.iter().enumerate() {
        if let Some(f) = args.opt(i).filter(|f| !f.is_none() && vm.class_of(*f).slots().call.is_none()) {
            let class = vm.type_name(f);
            return Err(vm.type_error(&format!("callable {name} expected, got {class}")));
        }
    }
    for (i, (_, key)) in ASYNCGEN.iter().enumerate() {
        if let Some(f) = args.opt(i) {
            vm.dict_set_name(sys.as_ref(), key, f.owned())?;
        }
    }
    Ok(none())
}

fn get_origin_depth(vm: &mut Vm, _args: &Args<'_>) -> PyResult {
    let n = vm.state::<super::SysState>().coroutine_depth;
    vm.new_int(i64::from(n))
}

fn set_origin_depth(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let n = vm.index_i32(args.get(0))?;
    if n < 0 {
        return Err(vm.value_error("depth must be >= 0"));
    }
    vm.state::<super::SysState>().coroutine_depth = n;
    Ok(none())
}
