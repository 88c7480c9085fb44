//! `_thread.lock` and `_thread.RLock`.
//!
//! Invariant: an RLock's owner and count change only by the thread that has its signal set.

use super::signal::Signal;
use crate::prelude::{
    Args, Exc, NativeDef, Owned, PyResult, Ref, Slots, Trace, TupleRef, TypeDef, TypeFlags, Vm, instance,
    none, owned_bool, payload,
};
use hognose_vm::{Value, current_ident};
use std::cell::Cell;
use std::sync::Arc;
use std::time::Instant;

/// A lock.
#[derive(Default)]
pub(super) struct Lock(Arc<Signal>);

/// A lock that its owner can take again.
#[derive(Default)]
pub(super) struct RLock {
    taken: Arc<Signal>,
    owner: Cell<u64>,
    count: Cell<u64>,
}

// SAFETY: no references inside.
#[allow(unsafe_code, reason = "an empty list of references")]
unsafe impl Trace for Lock {
    fn trace(&self, _visit: &mut dyn FnMut(Value)) {}
}

// SAFETY: no references inside.
#[allow(unsafe_code, reason = "an empty list of references")]
unsafe impl Trace for RLock {
    fn trace(&self, _visit: &mut dyn FnMut(Value)) {}
}

const ACQUIRE: &str = "$self, blocking=True, timeout=-1";

pub(super) static LOCK: TypeDef = TypeDef {
    name: "_thread.lock",
    doc: "A lock object is a synchronization primitive.  To create a lock,\ncall threading.Lock().  Methods \
          are:\n\nacquire() -- lock the lock, possibly blocking until it can be obtained\nrelease() -- unlock of \
          the lock\nlocked() -- test whether the lock is currently locked\n\nA lock is not owned by the thread \
          that locked it; another thread may\nunlock it.  A thread attempting to lock a lock that it has already \
          locked\nwill block until another thread unlocks it.  Deadlocks may ensue.",
    flags: TypeFlags::HAS_WEAKREF,
    slots: Slots { new: Some(new_lock), repr: Some(repr_lock), ..Slots::NONE },
    methods: &[
        NativeDef::method("acquire", ACQUIRE, acquire),
        NativeDef::method("acquire_lock", ACQUIRE, acquire),
        NativeDef::method("release", "$self", release),
        NativeDef::method("release_lock", "$self", release),
        NativeDef::method("locked", "$self", locked),
        NativeDef::method("locked_lock", "$self", locked),
        NativeDef::method("__enter__", "$self", acquire),
        NativeDef::method("__exit__", "$self, *exc_info", release),
        NativeDef::method("_at_fork_reinit", "$self", |vm, a| {
            signal(vm, a.get(0))?.clear(true);
            Ok(none())
        }),
    ],
    ..TypeDef::EMPTY
};

pub(super) static RLOCK: TypeDef = TypeDef {
    name: "_thread.RLock",
    flags: TypeFlags::BASE_TYPE | TypeFlags::HAS_WEAKREF,
    slots: Slots { new: Some(new_rlock), repr: Some(repr_rlock), ..Slots::NONE },
    methods: &[
        NativeDef::method("acquire", ACQUIRE, acquire_again),
        NativeDef::method("release", "$self", release_again),
        NativeDef::method("locked", "$self", |vm, a| Ok(owned_bool(rlock(vm, a.get(0))?.count.get() > 0))),
        NativeDef::method("__enter__", "$self", acquire_again),
        NativeDef::method("__exit__", "$self, *exc_info", release_again),
        NativeDef::method("_is_owned", "$self", |vm, a| Ok(owned_bool(is_owned(rlock(vm, a.get(0))?)))),
        NativeDef::method("_recursion_count", "$self", |vm, a| {
            let lock = rlock(vm, a.get(0))?;
            let n = if is_owned(lock) { lock.count.get() } else { 0 };
            vm.new_int(n as i64)
        }),
        NativeDef::method("_release_save", "$self", release_save),
        NativeDef::method("_acquire_restore", "$self, state, /", acquire_restore),
        NativeDef::method("_at_fork_reinit", "$self", |vm, a| {
            let lock = rlock(vm, a.get(0))?;
            lock.taken.clear(true);
            lock.owner.set(0);
            lock.count.set(0);
            Ok(none())
        }),
    ],
    ..TypeDef::EMPTY
};

fn signal(vm: &mut Vm, r: Ref<'_>) -> PyResult<Arc<Signal>> {
    match payload::<Lock>(r) {
        Some(lock) => Ok(lock.0.clone()),
        None => Err(vm.type_error("a lock is required")),
    }
}

fn rlock<'a>(vm: &mut Vm, r: Ref<'a>) -> PyResult<&'a RLock> {
    payload::<RLock>(r).ok_or_else(|| vm.type_error("an RLock is required"))
}

fn is_owned(lock: &RLock) -> bool {
    lock.count.get() > 0 && lock.owner.get() == current_ident()
}

fn new_lock(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let n = args.rest(1).len() + args.kwnames.len();
    if n > 0 {
        return Err(vm.type_error(&format!("lock expected 0 arguments, got {n}")));
    }
    instance(vm, args.get(0), Lock::default())
}

fn new_rlock(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    instance(vm, args.get(0), RLock::default())
}

/// `allocate_lock()`
pub(super) fn allocate(vm: &mut Vm, _args: &Args<'_>) -> PyResult {
    vm.new_native(Lock::default())
}

fn repr_lock(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let state = if signal(vm, r)?.is_set() { "locked" } else { "unlocked" };
    let class = vm.class_of(r);
    let class = vm.qualified_name(class)?;
    vm.new_str(&format!("<{state} {class} object at {:#x}>", r.value().bits()))
}

fn repr_rlock(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let lock = rlock(vm, r)?;
    let (owner, count) = (lock.owner.get(), lock.count.get());
    let state = if count > 0 { "locked" } else { "unlocked" };
    let class = vm.class_of(r);
    let class = vm.qualified_name(class)?;
    let at = r.value().bits();
    vm.new_str(&format!("<{state} {class} object owner={owner} count={count} at {at:#x}>"))
}

/// The arguments of `acquire`: `None` for a single try, else the deadline if there is one.
fn wish(vm: &mut Vm, args: &Args<'_>) -> PyResult<Option<Option<Instant>>> {
    let blocking = match args.opt(1) {
        Some(b) => vm.is_true(b)?,
        None => true,
    };
    let timeout = match args.opt(2) {
        Some(t) => super::timeout(vm, t)?,
        None => None,
    };
    match (blocking, timeout) {
        (false, Some(_)) => Err(vm.value_error("can't specify a timeout for a non-blocking call")),
        (false, None) => Ok(None),
        (true, t) => Ok(Some(t.and_then(|t| Instant::now().checked_add(t)))),
    }
}

fn take(vm: &mut Vm, signal: &Arc<Signal>, wish: Option<Option<Instant>>) -> PyResult<bool> {
    if signal.try_set() {
        return Ok(true);
    }
    let Some(deadline) = wish else { return Ok(false) };
    let signal = signal.clone();
    Ok(vm.wait_for(deadline, move |longest| signal.set_within(longest).then_some(()))?.is_some())
}

fn acquire(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let signal = signal(vm, args.get(0))?;
    if args.opt(1).is_none() && args.opt(2).is_none() && signal.try_set() {
        return Ok(owned_bool(true));
    }
    let wish = wish(vm, args)?;
    take(vm, &signal, wish).map(owned_bool)
}

fn release(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    if !signal(vm, args.get(0))?.clear(false) {
        return Err(vm.runtime_error("release unlocked lock"));
    }
    Ok(none())
}

fn locked(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    Ok(owned_bool(signal(vm, args.get(0))?.is_set()))
}

fn acquire_again(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let lock = rlock(vm, args.get(0))?;
    let wish = wish(vm, args)?;
    if is_owned(lock) {
        lock.count.set(lock.count.get() + 1);
        return Ok(owned_bool(true));
    }
    let taken = take(vm, &lock.taken, wish)?;
    if taken {
        lock.owner.set(current_ident());
        lock.count.set(1);
    }
    Ok(owned_bool(taken))
}

fn unowned(vm: &mut Vm) -> hognose_vm::Raised {
    vm.raise(Exc::RuntimeError, "cannot release un-acquired lock")
}

fn release_again(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let lock = rlock(vm, args.get(0))?;
    if !is_owned(lock) {
        return Err(unowned(vm));
    }
    lock.count.set(lock.count.get() - 1);
    if lock.count.get() == 0 {
        lock.owner.set(0);
        lock.taken.clear(false);
    }
    Ok(none())
}

fn release_save(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let lock = rlock(vm, args.get(0))?;
    if lock.count.get() == 0 {
        return Err(unowned(vm));
    }
    let (count, owner) = (lock.count.replace(0), lock.owner.replace(0));
    lock.taken.clear(false);
    let (count, owner) = (vm.new_int(count as i64)?, vm.new_int(owner as i64)?);
    vm.new_pair(count, owner)
}

fn acquire_restore(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let lock = rlock(vm, args.get(0))?;
    let state: Vec<Owned> =
        TupleRef::new(args.get(1)).map_or(Vec::new(), |t| t.items().iter().map(|i| i.owned()).collect());
    let [count, owner] = &state[..] else {
        let given = vm.type_name(args.get(1));
        let message = format!("_acquire_restore() argument 1 must be 2-item tuple, not {given}");
        return Err(vm.type_error(&message));
    };
    let count = vm.index_isize(count.as_ref(), false)?;
    let owner = vm.index_isize(owner.as_ref(), false)?;
    take(vm, &lock.taken, Some(None))?;
    lock.owner.set(owner as u64);
    lock.count.set(count.max(0) as u64);
    Ok(none())
}
