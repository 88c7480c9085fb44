//! The module `sys`: the machine makes its namespace with streams, modules and arguments; [`fill`] adds the rest.
//!
//!   info.rs    constants and struct sequences      memory.rs  sizes, counts, the allocator's table
//!   hooks.rs   displayhook, excepthook, unraisablehook, tracing and audit

mod hooks;
mod info;
pub(crate) mod memory;
mod monitoring;

use hognose_vm::{Args, Exc, NativeDef, PyResult, Ref, StrRef, ValueExt, Vm, none, owned_bool};

/// What `sys._debugmallocstats()` prints.
pub fn malloc_stats(vm: &Vm) -> String {
    memory::malloc_stats(vm)
}

const FUNCTIONS: &[NativeDef] = &[
    NativeDef::function("exit", "status=None, /", exit),
    NativeDef::function("exc_info", "", exc_info),
    NativeDef::function("exception", "", exception),
    NativeDef::function("_getframe", "depth=0, /", getframe),
    NativeDef::function("_getframemodulename", "depth=0", getframemodulename),
    NativeDef::function("_current_frames", "", current_frames),
    NativeDef::function("_current_exceptions", "", current_exceptions),
    NativeDef::function("intern", "string, /", intern),
    NativeDef::function("_is_interned", "string, /", is_interned),
    NativeDef::function("getrecursionlimit", "", getrecursionlimit),
    NativeDef::function("setrecursionlimit", "limit, /", setrecursionlimit),
    NativeDef::function("getdefaultencoding", "", |vm, _| vm.new_str("utf-8")),
    NativeDef::function("getfilesystemencoding", "", |vm, _| vm.new_str("utf-8")),
    NativeDef::function("getfilesystemencodeerrors", "", |vm, _| vm.new_str("surrogateescape")),
    NativeDef::function("getdlopenflags", "", |vm, _| vm.new_int(2)),
    NativeDef::function("setdlopenflags", "flags, /", nothing),
    NativeDef::function("getswitchinterval", "", getswitchinterval),
    NativeDef::function("setswitchinterval", "interval, /", setswitchinterval),
    NativeDef::function("get_int_max_str_digits", "", get_int_max_str_digits),
    NativeDef::function("set_int_max_str_digits", "maxdigits", set_int_max_str_digits),
    NativeDef::function("is_finalizing", "", |vm, _| Ok(owned_bool(vm.is_finalizing()))),
    NativeDef::function("_is_gil_enabled", "", |_, _| Ok(owned_bool(true))),
    NativeDef::function("is_stack_trampoline_active", "", |_, _| Ok(owned_bool(false))),
    NativeDef::function("is_remote_debug_enabled", "", |_, _| Ok(owned_bool(false))),
    NativeDef::function("_get_cpu_count_config", "", |vm, _| vm.new_int(-1)),
    NativeDef::function("_clear_type_descriptors", "type, /", clear_type_descriptors),
    NativeDef::function("_clear_type_cache", "", |_, _| Ok(none())),
    NativeDef::function("_clear_internal_caches", "", |_, _| Ok(none())),
];

/// What the functions remember. Holds no objects.
struct SysState {
    switch_interval: f64,
    coroutine_depth: i32,
}

impl Default for SysState {
    fn default() -> SysState {
        SysState { switch_interval: 0.005, coroutine_depth: 0 }
    }
}

/// Adds what is missing to the namespace of `sys`.
pub fn fill(vm: &mut Vm) -> PyResult<()> {
    let dict = vm.sys_dict().owned();
    let modules = vm.modules().owned();
    let Some(module) = vm.dict_get_name(modules.as_ref(), "sys")? else { return Ok(()) };
    for functions in [FUNCTIONS, memory::FUNCTIONS, hooks::FUNCTIONS] {
        vm.add_functions(module.as_ref(), functions)?;
    }
    hooks::keep_originals(vm, &dict)?;
    info::fill(vm, &dict)
}

/// Takes the descriptors of `__dict__` and `__weakref__` out of a class: `dataclasses` replaces a class by a copy with
/// slots, and these would keep the first one alive.
fn clear_type_descriptors(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let Some(t) = hognose_vm::TypeRef::new(args.get(0)) else {
        return Err(vm.type_error("argument must be a type"));
    };
    if !t.is_heap_type() {
        return Err(vm.type_error("argument is immutable"));
    }
    let dict = t.dict().as_ref().owned();
    for name in ["__dict__", "__weakref__"] {
        let key = vm.intern(name)?;
        vm.dict_del(dict.as_ref(), key.as_ref())?;
    }
    Ok(none())
}

fn nothing(_vm: &mut Vm, _args: &Args<'_>) -> PyResult {
    Ok(none())
}

fn exit(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let status = match args.opt(0) {
        None => Vec::new(),
        Some(s) if s.is_none() => Vec::new(),
        Some(s) if s.is_exact(hognose_vm::Layout::Tuple) => vm.items_of(s),
        Some(s) => vec![s.owned()],
    };
    Err(vm.raise_with(Exc::SystemExit, status))
}

fn exception(vm: &mut Vm, _args: &Args<'_>) -> PyResult {
    Ok(vm.handled_exception().unwrap_or_else(none))
}

fn exc_info(vm: &mut Vm, _args: &Args<'_>) -> PyResult {
    let Some(exc) = vm.handled_exception() else {
        return vm.new_tuple(vec![none(), none(), none()]);
    };
    let class = vm.class_of(exc.as_ref()).owned();
    let name = vm.names().__traceback__;
    let tb = vm.get_attr(exc.as_ref(), name)?;
    vm.new_tuple(vec![class, exc, tb])
}

fn frame_at(vm: &mut Vm, depth: i32) -> PyResult {
    let depth = usize::try_from(depth).unwrap_or(0);
    match vm.frame_object_at(depth)? {
        Some(frame) => Ok(frame),
        None => Err(vm.value_error("call stack is not deep enough")),
    }
}

fn getframe(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let depth = match args.opt(0) {
        Some(d) => vm.index_i32(d)?,
        None => 0,
    };
    frame_at(vm, depth)
}

fn getframemodulename(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let depth = match args.opt(0) {
        Some(d) => vm.index_i32(d)?,
        None => 0,
    };
    let Some(frame) = vm.frame_object_at(usize::try_from(depth).unwrap_or(0))? else { return Ok(none()) };
    let globals = vm.get_attr_name(frame.as_ref(), "f_globals")?;
    Ok(vm.dict_get_name(globals.as_ref(), "__name__")?.unwrap_or_else(none))
}

fn current_frames(vm: &mut Vm, _args: &Args<'_>) -> PyResult {
    let dict = vm.new_dict()?;
    if let Some(frame) = vm.frame_object_at(0)? {
        let id = vm.new_int(hognose_vm::current_ident() as i64)?;
        vm.dict_set(dict.as_ref(), id.as_ref(), frame.as_ref())?;
    }
    for thread in vm.parked_threads() {
        if let Some(frame) = vm.parked_frame(thread)? {
            let id = vm.new_int(thread as i64)?;
            vm.dict_set(dict.as_ref(), id.as_ref(), frame.as_ref())?;
        }
    }
    Ok(dict)
}

fn current_exceptions(vm: &mut Vm, _args: &Args<'_>) -> PyResult {
    let dict = vm.new_dict()?;
    let exc = vm.handled_exception().unwrap_or_else(none);
    let id = vm.new_int(hognose_vm::current_ident() as i64)?;
    vm.dict_set(dict.as_ref(), id.as_ref(), exc.as_ref())?;
    for thread in vm.parked_threads() {
        let exc = vm.parked_exception(thread).unwrap_or_else(none);
        let id = vm.new_int(thread as i64)?;
        vm.dict_set(dict.as_ref(), id.as_ref(), exc.as_ref())?;
    }
    Ok(dict)
}

fn str_argument(vm: &mut Vm, function: &str, r: Ref<'_>) -> PyResult<()> {
    if hognose_vm::as_str(r).is_some() {
        return Ok(());
    }
    let class = vm.type_name(r);
    Err(vm.type_error(&format!("{function}() argument must be str, not {class}")))
}

fn intern(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let s = args.get(0);
    str_argument(vm, "intern", s)?;
    if StrRef::new(s).is_none() {
        let class = vm.type_name(s);
        return Err(vm.type_error(&format!("can't intern {class}")));
    }
    Ok(vm.intern_object(s))
}

fn is_interned(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    str_argument(vm, "_is_interned", args.get(0))?;
    Ok(owned_bool(vm.is_interned(args.get(0))))
}

fn getrecursionlimit(vm: &mut Vm, _args: &Args<'_>) -> PyResult {
    let n = vm.recursion_limit();
    vm.new_int(n as i64)
}

fn setrecursionlimit(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let n = vm.index_i32(args.get(0))?;
    let Some(n) = usize::try_from(n).ok().filter(|n| *n >= 1) else {
        return Err(vm.value_error("recursion limit must be greater or equal than 1"));
    };
    if vm.set_recursion_limit(n) {
        return Ok(none());
    }
    let depth = vm.frame_depth();
    let text =
        format!("cannot set the recursion limit to {n} at the recursion depth {depth}: the limit is too low");
    Err(vm.raise(Exc::RecursionError, &text))
}

fn getswitchinterval(vm: &mut Vm, _args: &Args<'_>) -> PyResult {
    let x = vm.state::<SysState>().switch_interval;
    vm.new_float(x)
}

fn setswitchinterval(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let x = vm.as_f64(args.get(0))?;
    if x <= 0.0 {
        return Err(vm.value_error("switch interval must be strictly positive"));
    }
    vm.state::<SysState>().switch_interval = x;
    vm.set_switch_interval(std::time::Duration::from_secs_f64(x.min(1e6)));
    Ok(none())
}

fn get_int_max_str_digits(vm: &mut Vm, _args: &Args<'_>) -> PyResult {
    let n = vm.int_max_str_digits();
    vm.new_int(n as i64)
}

fn set_int_max_str_digits(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let n = vm.index_i32(args.get(0))?;
    match usize::try_from(n) {
        Ok(n) if n == 0 || n >= 640 => {
            vm.set_int_max_str_digits(n);
            Ok(none())
        }
        _ => Err(vm.value_error("maxdigits must be >= 640 or 0 for unlimited")),
    }
}
