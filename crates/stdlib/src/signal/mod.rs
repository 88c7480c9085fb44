//! The module `_signal`: Python functions as handlers of signals.
//!
//!   signal ─► on_signal: PENDING[n], flag of the machine, wakeup descriptor ─► safe point ─► run_handlers ─► Python
//!
//! The handler the system calls may touch atomics and write to a descriptor, nothing else. Which machine handles signals
//! is a matter of the process: it is the one that imported the module last. Functions are kept in the module's state
//! as a dict, number → handler.

mod constants;
mod wait;

use crate::host::{add_ints, check, int_or, sys, zeroed};
use crate::posix::signal_set;
use crate::prelude::{
    Args, Exc, NativeDef, Owned, PyResult, Ref, ValueExt, Vm, base_value, is_int, new_module,
};
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicPtr, AtomicU32, Ordering};

/// Signals that came and were not handled yet.
static PENDING: [AtomicBool; 65] = [const { AtomicBool::new(false) }; 65];
/// The flag of the machine that handles them; leaked, so that it is valid for ever.
static FLAG: AtomicPtr<AtomicU32> = AtomicPtr::new(std::ptr::null_mut());
/// Descriptor to write their numbers to, or -1.
static WAKEUP: AtomicI32 = AtomicI32::new(-1);

const FUNCTIONS: &[NativeDef] = &[
    NativeDef::function("signal", "signalnum, handler, /", signal),
    NativeDef::function("getsignal", "signalnum, /", |vm, a| {
        let n = number(vm, a.get(0))?;
        handler_of(vm, n)
    }),
    NativeDef::function("default_int_handler", "signalnum, frame, /", |vm, a| {
        vm.index_i32(a.get(0))?;
        Err(vm.raise_with(Exc::KeyboardInterrupt, Vec::new()))
    }),
    NativeDef::function("raise_signal", "signalnum, /", |vm, a| {
        let n = vm.index_i32(a.get(0))?;
        vm.retry(None, || check(sys!(raise(n))))?;
        vm.check_interrupt()?;
        Ok(vm.none())
    }),
    NativeDef::function("set_wakeup_fd", "fd, /, *, warn_on_full_buffer=True", set_wakeup_fd),
    NativeDef::function("siginterrupt", "signalnum, flag, /", |vm, a| {
        let n = number(vm, a.get(0))?;
        let flag = vm.index_i32(a.get(1))?;
        vm.retry(None, || {
            let mut action = zeroed!(libc::sigaction);
            check(sys!(sigaction(n, std::ptr::null(), &raw mut action)))?;
            action.sa_flags = if flag != 0 {
                action.sa_flags & !libc::SA_RESTART
            } else {
                action.sa_flags | libc::SA_RESTART
            };
            check(sys!(sigaction(n, &raw const action, std::ptr::null_mut())))
        })?;
        Ok(vm.none())
    }),
    NativeDef::function("strsignal", "signalnum, /", |vm, a| {
        let n = number(vm, a.get(0))?;
        let p = sys!(strsignal(n));
        if p.is_null() {
            return Ok(vm.none());
        }
        // SAFETY: a string of the C library, valid until the next call.
        #[allow(unsafe_code, reason = "reads a string of the C library")]
        let text = unsafe { std::ffi::CStr::from_ptr(p) }.to_bytes().to_vec();
        if text.starts_with(b"Unknown signal") { Ok(vm.none()) } else { vm.fs_str(&text) }
    }),
    NativeDef::function("valid_signals", "", |vm, _| {
        let mut set = zeroed!(libc::sigset_t);
        sys!(sigfillset(&raw mut set));
        set_object(vm, &set)
    }),
    NativeDef::function("pthread_sigmask", "how, mask, /", |vm, a| {
        let how = vm.index_i32(a.get(0))?;
        let set = signal_set(vm, a.get(1))?;
        let mut old = zeroed!(libc::sigset_t);
        let code = sys!(pthread_sigmask(how, &raw const set, &raw mut old));
        if code != 0 {
            return Err(vm.os_error(&crate::host::errno(code), None));
        }
        vm.check_interrupt()?;
        set_object(vm, &old)
    }),
    NativeDef::function("sigpending", "", |vm, _| {
        let mut set = zeroed!(libc::sigset_t);
        vm.retry(None, || check(sys!(sigpending(&raw mut set))))?;
        set_object(vm, &set)
    }),
    NativeDef::function("pthread_kill", "thread_id, signalnum, /", |vm, a| {
        let thread = crate::host::int64(vm, a.get(0))? as libc::pthread_t;
        let n = vm.index_i32(a.get(1))?;
        let code = sys!(pthread_kill(thread, n));
        if code != 0 {
            return Err(vm.os_error(&crate::host::errno(code), None));
        }
        vm.check_interrupt()?;
        Ok(vm.none())
    }),
    NativeDef::function("pidfd_send_signal", "pidfd, signalnum, siginfo=None, flags=0, /", |vm, a| {
        let (fd, n) = (vm.index_i32(a.get(0))?, vm.index_i32(a.get(1))?);
        if a.opt(2).is_some_and(|i| !i.is_none()) {
            return Err(vm.type_error("siginfo must be None"));
        }
        let flags = int_or(vm, a.opt(3), 0)?;
        vm.retry(None, || {
            let none = std::ptr::null::<libc::siginfo_t>();
            check(sys!(syscall(libc::SYS_pidfd_send_signal, fd, n, none, flags)))
        })?;
        Ok(vm.none())
    }),
];

/// Makes the module.
pub fn make(vm: &mut Vm) -> PyResult {
    let module = new_module(
        vm,
        "_signal",
        "This module provides mechanisms to use signal handlers in Python.",
        FUNCTIONS,
    )?;
    vm.add_functions(module.as_ref(), wait::FUNCTIONS)?;
    add_ints(vm, &module, &[constants::SYSTEM, constants::OTHER])?;
    for (name, value) in [("SIG_DFL", 0), ("SIG_IGN", 1)] {
        let value = vm.new_int(value)?;
        vm.module_set(module.as_ref(), name, value)?;
    }
    let base = vm.exc_class(Exc::OSError);
    let error = vm.new_class("signal", "itimer_error", &[base.as_ref()])?;
    vm.module_set(module.as_ref(), "ItimerError", error)?;
    wait::register(vm, &module)?;
    let handlers = vm.new_dict()?;
    let default = vm.get_attr_name(module.as_ref(), "default_int_handler")?;
    for n in 1..65 {
        let mut action = zeroed!(libc::sigaction);
        sys!(sigaction(n, std::ptr::null(), &raw mut action));
        let value = match action.sa_sigaction {
            libc::SIG_DFL => vm.new_int(0)?,
            libc::SIG_IGN => vm.new_int(1)?,
            _ if n == libc::SIGINT => default.clone(),
            _ => vm.none(),
        };
        let n = vm.new_int(i64::from(n))?;
        vm.dict_set(handlers.as_ref(), n.as_ref(), value.as_ref())?;
    }
    vm.module_set(module.as_ref(), HANDLERS, handlers)?;
    let flag = std::sync::Arc::into_raw(vm.interrupt_handle().flag());
    FLAG.store(flag.cast_mut(), Ordering::Release);
    vm.set_signal_hook(run_handlers);
    Ok(module)
}

/// Where the module keeps its handlers; not an identifier, so that no program meets it.
const HANDLERS: &str = "signal handlers";

fn handlers(vm: &mut Vm) -> PyResult<Option<Owned>> {
    let modules = vm.modules().owned();
    let Some(module) = vm.dict_get_name(modules.as_ref(), "_signal")? else { return Ok(None) };
    let Some(dict) = vm.module_dict(module.as_ref()) else { return Ok(None) };
    vm.dict_get_name(dict.as_ref(), HANDLERS)
}

fn handler_of(vm: &mut Vm, n: i32) -> PyResult {
    let Some(handlers) = handlers(vm)? else { return Ok(vm.none()) };
    let n = vm.new_int(i64::from(n))?;
    Ok(vm.dict_get(handlers.as_ref(), n.as_ref())?.unwrap_or_else(|| vm.none()))
}

fn number(vm: &mut Vm, r: Ref<'_>) -> PyResult<i32> {
    let n = vm.index_i32(r)?;
    if (1..65).contains(&n) { Ok(n) } else { Err(vm.value_error("signal number out of range")) }
}

/// A set of numbers.
fn set_object(vm: &mut Vm, set: &libc::sigset_t) -> PyResult {
    let class = vm.types().set;
    let out = vm.call(class.as_ref(), &[])?;
    for n in 1..65 {
        if sys!(sigismember(std::ptr::from_ref(set), n)) == 1 {
            let n = vm.new_int(i64::from(n))?;
            vm.set_add(out.as_ref(), n.as_ref())?;
        }
    }
    Ok(out)
}

extern "C" fn on_signal(n: libc::c_int) {
    let Some(pending) = usize::try_from(n).ok().and_then(|n| PENDING.get(n)) else { return };
    pending.store(true, Ordering::SeqCst);
    let flag = FLAG.load(Ordering::Acquire);
    if !flag.is_null() {
        // SAFETY: the flag was leaked for this.
        #[allow(unsafe_code, reason = "a signal handler reaches its machine through a pointer")]
        unsafe {
            (*flag).fetch_or(hognose_vm::Interrupt::signal_bit(), Ordering::SeqCst);
        }
    }
    let fd = WAKEUP.load(Ordering::Relaxed);
    if fd >= 0 {
        let byte = n as u8;
        let kept = std::io::Error::last_os_error().raw_os_error().unwrap_or(0);
        sys!(write(fd, std::ptr::from_ref(&byte).cast(), 1));
        // SAFETY: the C library's place for the number of the last error of this thread.
        #[allow(unsafe_code, reason = "what was interrupted keeps its error number")]
        unsafe {
            *libc::__errno_location() = kept;
        }
    }
}

/// Calls the functions of all signals that came.
fn run_handlers(vm: &mut Vm) -> PyResult<()> {
    for (n, pending) in PENDING.iter().enumerate() {
        if !pending.swap(false, Ordering::SeqCst) {
            continue;
        }
        let f = handler_of(vm, n as i32)?;
        if f.as_ref().is_none() || is_int(base_value(f.as_ref())) {
            continue;
        }
        let n = vm.new_int(n as i64)?;
        let frame = current_frame(vm)?;
        if let Err(e) = vm.call(f.as_ref(), &[n.as_ref(), frame.as_ref()]) {
            // The others wait for the next safe point.
            vm.interrupt_handle().flag().fetch_or(hognose_vm::Interrupt::signal_bit(), Ordering::SeqCst);
            return Err(e);
        }
    }
    Ok(())
}

fn current_frame(vm: &mut Vm) -> PyResult {
    let sys = vm.sys_dict().owned();
    let Some(f) = vm.dict_get_name(sys.as_ref(), "_getframe")? else { return Ok(vm.none()) };
    match vm.call(f.as_ref(), &[]) {
        Ok(frame) => Ok(frame),
        Err(e) => {
            vm.discard(e);
            Ok(vm.none())
        }
    }
}

fn signal(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let n = vm.index_i32(args.get(0))?;
    let f = args.get(1);
    let special = if is_int(base_value(f)) { Some(vm.index_i32(f)?) } else { None };
    let callable = vm.class_of(f).slots().call.is_some()
        || f.has_layout(hognose_vm::Layout::Function)
        || f.has_layout(hognose_vm::Layout::NativeFunction)
        || f.has_layout(hognose_vm::Layout::BoundMethod);
    let how = match special {
        Some(0) => libc::SIG_DFL,
        Some(1) => libc::SIG_IGN,
        None if callable => on_signal as *const () as usize,
        _ => {
            let text = "signal handler must be signal.SIG_IGN, signal.SIG_DFL, or a callable object";
            return Err(vm.type_error(text));
        }
    };
    if !(1..65).contains(&n) {
        return Err(vm.value_error("signal number out of range"));
    }
    vm.check_interrupt()?;
    let old = handler_of(vm, n)?;
    let mut action = zeroed!(libc::sigaction);
    action.sa_sigaction = how;
    vm.retry(None, || check(sys!(sigaction(n, &raw const action, std::ptr::null_mut()))))?;
    if let Some(handlers) = handlers(vm)? {
        let n = vm.new_int(i64::from(n))?;
        vm.dict_set(handlers.as_ref(), n.as_ref(), f)?;
    }
    Ok(old)
}

fn set_wakeup_fd(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let fd = vm.index_i32(args.get(0))?;
    crate::host::flag(vm, args.opt(1), true)?;
    if fd != -1 {
        let mut st = zeroed!(libc::stat);
        if sys!(fstat(fd, &raw mut st)) == -1 {
            let e = std::io::Error::last_os_error();
            if e.raw_os_error() == Some(libc::EBADF) {
                return Err(vm.value_error("invalid fd"));
            }
            return Err(vm.os_error(&e, None));
        }
        if sys!(fcntl(fd, libc::F_GETFL)) & libc::O_NONBLOCK == 0 {
            return Err(vm.value_error(&format!("the fd {fd} must be in non-blocking mode")));
        }
    }
    vm.new_int(i64::from(WAKEUP.swap(fd, Ordering::SeqCst)))
}
