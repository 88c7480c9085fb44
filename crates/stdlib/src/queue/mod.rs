//! The module `_queue`: `SimpleQueue`, an unbounded queue between threads.

use crate::prelude::{
    Args, CLASS_GETITEM, Exc, NativeDef, Owned, PyResult, Slots, TypeDef, TypeFlags, ValueExt, Vm, instance,
    new_module, owned_bool, payload, trace_fields,
};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Counts what was put, for threads that wait without the machine.
#[derive(Default)]
struct Signal {
    count: Mutex<u64>,
    changed: Condvar,
}

struct Queue {
    items: RefCell<VecDeque<Owned>>,
    signal: Arc<Signal>,
}
trace_fields!(Queue { items });

static TYPE: TypeDef = TypeDef {
    name: "_queue.SimpleQueue",
    flags: TypeFlags::BASE_TYPE | TypeFlags::HAS_WEAKREF,
    doc: "Simple, unbounded, reentrant FIFO queue.",
    slots: Slots {
        new: Some(|vm, a| {
            vm.bind(a, "SimpleQueue", "")?;
            instance(vm, a.get(0), Queue { items: RefCell::new(VecDeque::new()), signal: Arc::default() })
        }),
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("put", "$self, item, block=True, timeout=None", put),
        NativeDef::method("put_nowait", "$self, item", put),
        NativeDef::method("get", "$self, /, block=True, timeout=None", get),
        NativeDef::method("get_nowait", "$self, /", |vm, a| {
            let q = this(vm, a)?;
            take(q).map_or_else(|| Err(empty(vm)), Ok)
        }),
        NativeDef::method("empty", "$self, /", |vm, a| {
            Ok(owned_bool(this(vm, a)?.items.borrow().is_empty()))
        }),
        NativeDef::method("qsize", "$self, /", |vm, a| {
            let n = this(vm, a)?.items.borrow().len();
            vm.new_int(n as i64)
        }),
        CLASS_GETITEM,
    ],
    ..TypeDef::EMPTY
};

/// Makes the module.
pub fn make(vm: &mut Vm) -> PyResult {
    let doc = "C implementation of the Python queue module.\nThis module is an implementation detail, please do not use \
               it directly.";
    let module = new_module(vm, "_queue", doc, &[])?;
    let class = vm.add_native_type::<Queue>(&TYPE)?;
    vm.module_set(module.as_ref(), "SimpleQueue", class.owned())?;
    let base = vm.exc_class(Exc::Exception);
    let empty = vm.new_static_class("_queue", "Empty", &[base.as_ref()])?;
    vm.module_set(module.as_ref(), "Empty", empty.owned())?;
    Ok(module)
}

fn this<'a>(vm: &mut Vm, args: &Args<'a>) -> PyResult<&'a Queue> {
    payload::<Queue>(args.get(0)).ok_or_else(|| vm.type_error("a SimpleQueue is required"))
}

fn take(q: &Queue) -> Option<Owned> {
    q.items.borrow_mut().pop_front()
}

#[cold]
fn empty(vm: &mut Vm) -> hognose_vm::Raised {
    let made = (|| -> PyResult {
        let module = vm.import_dotted("_queue")?;
        let class = vm.get_attr_name(module.as_ref(), "Empty")?;
        vm.call(class.as_ref(), &[])
    })();
    match made {
        Ok(e) => vm.raise_object(e),
        Err(e) => e,
    }
}

fn put(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let q = this(vm, args)?;
    if q.items.borrow_mut().try_reserve(1).is_err() {
        return Err(vm.raise(Exc::MemoryError, ""));
    }
    q.items.borrow_mut().push_back(args.get(1).owned());
    *q.signal.count.lock().unwrap_or_else(PoisonError::into_inner) += 1;
    q.signal.changed.notify_one();
    Ok(vm.none())
}

fn get(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let q = this(vm, args)?;
    let block = crate::host::flag(vm, args.opt(1), true)?;
    let timeout = match args.opt(2).filter(|t| block && !t.is_none()) {
        Some(t) => {
            let ns = crate::host::nanoseconds(vm, t, "timeout")?;
            if ns < 0 {
                return Err(vm.value_error("'timeout' must be a non-negative number"));
            }
            Some(Duration::from_nanos(ns as u64))
        }
        None => None,
    };
    let deadline = timeout.and_then(|t| Instant::now().checked_add(t));
    loop {
        if let Some(item) = take(q) {
            return Ok(item);
        }
        if !block {
            return Err(empty(vm));
        }
        let signal = q.signal.clone();
        let seen = *signal.count.lock().unwrap_or_else(PoisonError::into_inner);
        let found = vm.wait_for(deadline, move |longest| {
            let count = signal.count.lock().unwrap_or_else(PoisonError::into_inner);
            if *count != seen {
                return Some(());
            }
            let (count, _) =
                signal.changed.wait_timeout(count, longest).unwrap_or_else(PoisonError::into_inner);
            (*count != seen).then_some(())
        })?;
        if found.is_none() {
            return take(q).map_or_else(|| Err(empty(vm)), Ok);
        }
    }
}
