//! Starting threads, and `_thread._ThreadHandle` by which they are joined.
//!
//!   Handle ──► Arc<Running { stage, ident, running }> ◄── the thread's last act, `_shutdown`

use super::signal::Signal;
use crate::prelude::{
    Args, Exc, GetSetDef, NativeDef, Owned, PyResult, Ref, Slots, Trace, TypeDef, ValueExt, Vm, instance,
    none, owned_bool, payload,
};
use hognose_vm::{DictRef, Layout, Raised, Value, current_ident, tuple_items};
use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::time::Instant;

const NOT_STARTED: u8 = 0;
const STARTED: u8 = 1;
const DONE: u8 = 2;

/// What a handle and its thread share.
#[derive(Default)]
struct Running {
    stage: AtomicU8,
    ident: AtomicU64,
    /// Set while the thread runs.
    running: Signal,
}

impl Running {
    fn finish(&self) {
        self.stage.store(DONE, Ordering::Release);
        self.running.clear(true);
    }

    fn stage(&self) -> u8 {
        self.stage.load(Ordering::Acquire)
    }
}

/// A handle of a thread.
#[derive(Default)]
pub(super) struct Handle(Arc<Running>);

// SAFETY: no references inside.
#[allow(unsafe_code, reason = "an empty list of references")]
unsafe impl Trace for Handle {
    fn trace(&self, _visit: &mut dyn FnMut(Value)) {}
}

/// Threads that the end of the program waits for.
#[derive(Default)]
struct Awaited(Vec<Arc<Running>>);

pub(super) static HANDLE: TypeDef = TypeDef {
    name: "_thread._ThreadHandle",
    slots: Slots { new: Some(new), repr: Some(repr), ..Slots::NONE },
    methods: &[
        NativeDef::method("join", "$self, timeout=None, /", join),
        NativeDef::method("_set_done", "$self", set_done),
        NativeDef::method("is_done", "$self", |vm, a| Ok(owned_bool(running(vm, a.get(0))?.stage() == DONE))),
    ],
    getset: &[GetSetDef::read("ident", |vm, r| {
        let ident = running(vm, r)?.ident.load(Ordering::Relaxed);
        vm.new_int(ident as i64)
    })],
    ..TypeDef::EMPTY
};

fn new(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    instance(vm, args.get(0), Handle::default())
}

fn running(vm: &mut Vm, r: Ref<'_>) -> PyResult<Arc<Running>> {
    match payload::<Handle>(r) {
        Some(h) => Ok(h.0.clone()),
        None => Err(vm.type_error("'handle' must be a _ThreadHandle")),
    }
}

fn repr(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let ident = running(vm, r)?.ident.load(Ordering::Relaxed);
    vm.new_str(&format!("<_thread._ThreadHandle object: ident={ident}>"))
}

fn wait(vm: &mut Vm, thread: &Arc<Running>, deadline: Option<Instant>) -> PyResult<()> {
    let thread = thread.clone();
    vm.wait_for(deadline, move |longest| thread.running.is_clear_within(longest).then_some(())).map(drop)
}

fn join(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let thread = running(vm, args.get(0))?;
    let deadline = match args.opt(1).filter(|t| !t.is_none()) {
        // A timeout below zero waits for ever.
        Some(t) if vm.as_f64(t)? < 0.0 => None,
        Some(t) => super::timeout(vm, t)?.and_then(|t| Instant::now().checked_add(t)),
        None => None,
    };
    match thread.stage() {
        NOT_STARTED => return Err(vm.runtime_error("thread not started")),
        DONE => {}
        _ if thread.ident.load(Ordering::Relaxed) == current_ident() => {
            return Err(vm.runtime_error("Cannot join current thread"));
        }
        _ => wait(vm, &thread, deadline)?,
    }
    Ok(none())
}

fn set_done(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let thread = running(vm, args.get(0))?;
    if thread.stage() == NOT_STARTED {
        return Err(vm.runtime_error("thread not started"));
    }
    thread.finish();
    Ok(none())
}

/// `_make_thread_handle(ident)`: a handle of a thread that runs already.
pub(super) fn make_thread_handle(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    if !hognose_vm::is_int(args.get(0)) {
        return Err(vm.type_error("ident must be an integer"));
    }
    let ident = vm.index_isize(args.get(0), false)?;
    let handle = Handle::default();
    handle.0.ident.store(ident as u64, Ordering::Relaxed);
    handle.0.stage.store(STARTED, Ordering::Release);
    handle.0.running.try_set();
    vm.new_native(handle)
}

/// An exception that ends a thread: SystemExit is silent.
fn report(vm: &mut Vm, raised: Raised, function: Ref<'_>) {
    if vm.raised_is(&raised, Exc::SystemExit) {
        return vm.discard(raised);
    }
    vm.write_unraisable_in(raised, "Exception ignored in thread started by ", Some(function));
}

fn is_callable(vm: &Vm, r: Ref<'_>) -> bool {
    vm.class_of(r).slots().call.is_some()
}

/// `start_new_thread(function, args, kwargs={})`: its identity.
pub(super) fn start_new_thread(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    if !is_callable(vm, args.get(0)) {
        return Err(vm.type_error("first arg must be callable"));
    }
    if !args.get(1).has_layout(Layout::Tuple) {
        return Err(vm.type_error("2nd arg must be a tuple"));
    }
    let mut keywords = Vec::new();
    if let Some(kw) = args.opt(2) {
        let Some(dict) = DictRef::new(kw) else {
            return Err(vm.type_error("optional 3rd arg must be a dictionary"));
        };
        keywords = dict.to_vec();
    }
    let (function, pos) = (args.get(0).owned(), args.get(1).owned());
    let body = move |vm: &mut Vm| {
        let kw: Vec<(Ref<'_>, Ref<'_>)> = keywords.iter().map(|(k, v)| (k.as_ref(), v.as_ref())).collect();
        if let Err(e) = vm.call_kw(function.as_ref(), tuple_items(pos.as_ref()), &kw) {
            report(vm, e, function.as_ref());
        }
    };
    let ident = vm.start_thread(Box::new(body), Box::new(|| ()))?;
    vm.new_int(ident as i64)
}

/// `start_joinable_thread(function, handle=None, daemon=True)`: the handle.
pub(super) fn start_joinable_thread(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    if !is_callable(vm, args.get(0)) {
        return Err(vm.type_error("thread function must be callable"));
    }
    let handle = match args.opt(1).filter(|h| !h.is_none()) {
        Some(h) => h.owned(),
        None => vm.new_native(Handle::default())?,
    };
    let thread = running(vm, handle.as_ref())?;
    let daemon = match args.opt(2) {
        Some(d) => vm.is_true(d)?,
        None => true,
    };
    if thread.stage() != NOT_STARTED {
        return Err(vm.runtime_error("thread already started"));
    }
    // Cleared when the thread has started and let go of what it was started with.
    let function = RefCell::new(Some(args.get(0).owned()));
    let own = thread.clone();
    let body = move |vm: &mut Vm| {
        own.ident.store(current_ident(), Ordering::Relaxed);
        let Some(function) = function.take() else { return };
        let r: PyResult<Owned> = vm.call(function.as_ref(), &[]);
        if let Err(e) = r {
            report(vm, e, function.as_ref());
        }
    };
    let last = thread.clone();
    thread.stage.store(STARTED, Ordering::Release);
    thread.running.try_set();
    match vm.start_thread(Box::new(body), Box::new(move || last.finish())) {
        Ok(ident) => thread.ident.store(ident, Ordering::Relaxed),
        Err(e) => {
            thread.stage.store(NOT_STARTED, Ordering::Release);
            thread.running.clear(true);
            return Err(e);
        }
    }
    if !daemon {
        let awaited = &mut vm.state::<Awaited>().0;
        awaited.retain(|t| t.stage() != DONE);
        awaited.push(thread);
    }
    Ok(handle)
}

/// Waits for all threads that are not daemons.
pub(super) fn shutdown(vm: &mut Vm, _args: &Args<'_>) -> PyResult {
    let me = current_ident();
    loop {
        let next = vm.state::<Awaited>().0.pop();
        let Some(thread) = next else { return Ok(none()) };
        if thread.stage() == STARTED && thread.ident.load(Ordering::Relaxed) != me {
            wait(vm, &thread, None)?;
        }
    }
}
