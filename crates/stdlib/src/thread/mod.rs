//! The module `_thread`: threads, locks and values of one thread.
//!
//!   signal.rs  what threads wait for      lock.rs    lock, RLock
//!   handle.rs  _ThreadHandle, starting    local.rs   _local
//!
//! The machine hands itself from thread to thread (`Vm::allow_threads`, `Vm::wait_for`); nothing here runs in parallel
//! with it but waiting.

mod handle;
mod local;
mod lock;
mod signal;

use crate::prelude::{
    Args, Exc, NativeDef, PyResult, Ref, TypeRef, ValueExt, Vm, new_module, none, owned_bool,
};
use crate::support;
use hognose_vm::{current_ident, structseq, traceback};
use std::time::Duration;

const DOC: &str = "This module provides primitive operations to write multi-threaded programs.\nThe 'threading' \
                   module provides a more convenient interface.";

/// Longest timeout in seconds.
const TIMEOUT_MAX: f64 = 9_223_372_036.0;
/// Longest name of a thread.
const NAME_MAX: usize = 15;
/// Smallest native stack in bytes.
const STACK_MIN: usize = 53_248;

const FUNCTIONS: &[NativeDef] = &[
    NativeDef::function("start_new_thread", "function, args, kwargs={}, /", handle::start_new_thread),
    NativeDef::function("start_new", "function, args, kwargs={}, /", handle::start_new_thread),
    NativeDef::function(
        "start_joinable_thread",
        "function, handle=None, daemon=True",
        handle::start_joinable_thread,
    ),
    NativeDef::function("_make_thread_handle", "ident, /", handle::make_thread_handle),
    NativeDef::function("_get_main_thread_ident", "", |vm, _| {
        let ident = vm.main_thread();
        vm.new_int(ident as i64)
    }),
    NativeDef::function("_shutdown", "", handle::shutdown),
    NativeDef::function("daemon_threads_allowed", "", |_, _| Ok(owned_bool(true))),
    NativeDef::function("allocate_lock", "", lock::allocate),
    NativeDef::function("allocate", "", lock::allocate),
    NativeDef::function("get_ident", "", |vm, _| vm.new_int(current_ident() as i64)),
    NativeDef::function("get_native_id", "", |vm, _| vm.new_int(signal::native_id())),
    NativeDef::function("_count", "", |vm, _| {
        let n = vm.thread_count();
        vm.new_int(n as i64)
    }),
    NativeDef::function("stack_size", "size=0, /", stack_size),
    NativeDef::function("interrupt_main", "signum=signal.SIGINT, /", interrupt_main),
    NativeDef::function("exit", "", exit),
    NativeDef::function("exit_thread", "", exit),
    NativeDef::function("_is_main_interpreter", "", |_, _| Ok(owned_bool(true))),
    NativeDef::function("set_name", "name", set_name),
    NativeDef::function("_get_name", "", |vm, _| vm.new_str(&signal::thread_name())),
    NativeDef::function("_excepthook", "args, /", excepthook),
];

structseq! {
    EXCEPT_HOOK_ARGS = "_thread._ExceptHookArgs",
    "ExceptHookArgs\n\nType used to pass arguments to threading.excepthook.", 4;
    0 exc_type, 1 exc_value, 2 exc_traceback, 3 thread
}

/// What the module remembers.
#[derive(Default)]
struct State {
    hook_args: Option<TypeRef<'static>>,
    lock: Option<TypeRef<'static>>,
}

/// Makes the module.
pub fn make(vm: &mut Vm) -> PyResult {
    let module = new_module(vm, "_thread", DOC, FUNCTIONS)?;
    let lock = vm.add_native_type::<lock::Lock>(&lock::LOCK)?;
    vm.state::<State>().lock = Some(lock);
    for name in ["lock", "LockType"] {
        support::set(vm, &module, name, lock.owned())?;
    }
    let rlock = vm.add_native_type::<lock::RLock>(&lock::RLOCK)?;
    support::set(vm, &module, "RLock", rlock.owned())?;
    let local = vm.add_native_type::<local::Local>(&local::LOCAL)?;
    support::set(vm, &module, "_local", local.owned())?;
    let handle = vm.add_native_type::<handle::Handle>(&handle::HANDLE)?;
    support::set(vm, &module, "_ThreadHandle", handle.owned())?;
    let args = structseq::make_class(vm, &EXCEPT_HOOK_ARGS)?;
    vm.state::<State>().hook_args = Some(args);
    support::set(vm, &module, "_ExceptHookArgs", args.owned())?;
    let error = vm.exc_class(Exc::RuntimeError).owned();
    support::set(vm, &module, "error", error)?;
    let max = vm.new_float(TIMEOUT_MAX)?;
    support::set(vm, &module, "TIMEOUT_MAX", max)?;
    let max = vm.new_int(NAME_MAX as i64)?;
    support::set(vm, &module, "_NAME_MAXLEN", max)?;
    vm.at_thread_end(local::forget_thread);
    Ok(module)
}

/// A timeout in seconds: `None` for -1 (for ever).
fn timeout(vm: &mut Vm, r: Ref<'_>) -> PyResult<Option<Duration>> {
    let class = vm.class_of(r);
    if class.slots().float.is_none() && class.slots().index.is_none() {
        let given = vm.type_name(r);
        let message = format!("'{given}' object cannot be interpreted as an integer or float");
        return Err(vm.type_error(&message));
    }
    let seconds = vm.as_f64(r)?;
    if seconds == -1.0 {
        return Ok(None);
    }
    if seconds.is_nan() {
        return Err(vm.value_error("Invalid value NaN (not a number)"));
    }
    if seconds < 0.0 {
        return Err(vm.value_error("timeout value must be a non-negative number"));
    }
    if seconds > TIMEOUT_MAX {
        let message = "timestamp out of range for C PyTime_t";
        let too_long = if seconds < 9.3e9 { "timeout value is too large" } else { message };
        return Err(vm.overflow_error(too_long));
    }
    Ok(Some(Duration::from_secs_f64(seconds)))
}

fn stack_size(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let old = vm.thread_stack_size();
    if let Some(size) = args.opt(0) {
        let size = vm.index_isize(size, false)?;
        if size != 0 {
            let size = usize::try_from(size).unwrap_or(0);
            if !(STACK_MIN..=1 << 40).contains(&size) {
                let message = format!("size must be at least {STACK_MIN} bytes");
                return Err(vm.value_error(&message));
            }
            vm.set_thread_stack_size(size);
        } else {
            vm.set_thread_stack_size(0);
        }
    }
    vm.new_int(old as i64)
}

fn interrupt_main(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let number = match args.opt(0) {
        Some(n) => vm.index_i32(n)?,
        None => 2,
    };
    if !(1..=64).contains(&number) {
        return Err(vm.value_error("signal number out of range"));
    }
    // Other signals do nothing unless the program handles them.
    if number == 2 {
        vm.interrupt_handle().interrupt();
    }
    Ok(none())
}

fn exit(vm: &mut Vm, _args: &Args<'_>) -> PyResult {
    Err(vm.raise_with(Exc::SystemExit, Vec::new()))
}

fn set_name(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let name = vm.expect_str(args.get(0), "set_name() argument 'name'")?;
    signal::set_thread_name(&name);
    Ok(none())
}

/// `threading.excepthook` as it is unless the program changes it.
fn excepthook(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let r = args.get(0);
    let class = vm.state::<State>().hook_args;
    if !class.is_some_and(|c| vm.is_instance(r, c)) {
        return Err(vm.type_error("_thread.excepthook argument type must be ExceptHookArgs"));
    }
    let value = vm.get_attr_name(r, "exc_value")?;
    let class = vm.get_attr_name(r, "exc_type")?;
    if class.as_ref().is(vm.exc_class(Exc::SystemExit).as_ref()) {
        return Ok(none());
    }
    let thread = vm.get_attr_name(r, "thread")?;
    let mut name = None;
    if !thread.as_ref().is_none() {
        let key = vm.intern("name")?;
        if let Some(n) = vm.get_attr_opt(thread.as_ref(), key.as_ref())? {
            name = Some(vm.text_of(n.as_ref()));
        }
    }
    let name = name.unwrap_or_else(|| current_ident().to_string());
    let mut text = format!("Exception in thread {name}:\n").into_bytes();
    text.extend(traceback::format_exception(vm, value.as_ref()));
    traceback::write_stderr(vm, &text);
    Ok(none())
}
