//! Built-in functions on iterables, and the iterator types they need.

use crate::args::{Args, NativeDef};
use crate::define::TypeDef;
use crate::exceptions::Exc;
use crate::type_slots::{CmpOp, Slots};
use crate::{PyResult, Vm};
use hognose_object::native::payload;
use hognose_object::{Owned, Ref, ValueExt, owned_bool, trace_fields};
use std::cell::RefCell;

pub(super) fn all(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let mut items = vm.iterate(args.get(0))?;
    while let Some(x) = items.next(vm)? {
        if !vm.is_true(x.as_ref())? {
            return Ok(owned_bool(false));
        }
    }
    Ok(owned_bool(true))
}

pub(super) fn any(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let mut items = vm.iterate(args.get(0))?;
    while let Some(x) = items.next(vm)? {
        if vm.is_true(x.as_ref())? {
            return Ok(owned_bool(true));
        }
    }
    Ok(owned_bool(false))
}

pub(super) fn len(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let n = vm.len(args.get(0))?;
    vm.new_int(n as i64)
}

pub(super) fn sorted(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    if args.pos.len() != 1 {
        let n = args.pos.len();
        return Err(vm.type_error(&format!("sorted expected 1 argument, got {n}")));
    }
    let list = vm.to_list(args.get(0))?;
    let sort = vm.get_attr_name(list.as_ref(), "sort")?;
    let kw: Vec<(Ref<'_>, Ref<'_>)> =
        args.kwnames.iter().copied().zip(args.kwvalues.iter().copied()).collect();
    vm.call_kw(sort.as_ref(), &[], &kw)?;
    Ok(list)
}

// ---- extremes

pub(super) fn max(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    extreme(vm, args, "max", CmpOp::Gt)
}

pub(super) fn min(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    extreme(vm, args, "min", CmpOp::Lt)
}

fn extreme(vm: &mut Vm, args: &Args<'_>, name: &str, better: CmpOp) -> PyResult {
    if args.pos.is_empty() {
        return Err(vm.type_error(&format!("{name} expected at least 1 argument, got 0")));
    }
    let (key, default) = (args.kw("key").filter(|k| !k.is_none()), args.kw("default"));
    if args.pos.len() > 1 {
        if default.is_some() {
            return Err(vm.type_error(&format!(
                "Cannot specify a default for {name}() with multiple positional arguments"
            )));
        }
        let mut best = Best { better, key, item: None };
        for &x in args.pos {
            best.offer(vm, x.owned())?;
        }
        return best.item.map_or_else(|| Ok(vm.none()), |(x, _)| Ok(x));
    }
    let mut best = Best { better, key, item: None };
    let mut items = vm.iterate(args.get(0))?;
    while let Some(x) = items.next(vm)? {
        best.offer(vm, x)?;
    }
    match (best.item, default) {
        (Some((x, _)), _) => Ok(x),
        (None, Some(d)) => Ok(d.owned()),
        (None, None) => Err(vm.value_error(&format!("{name}() iterable argument is empty"))),
    }
}

struct Best<'a> {
    better: CmpOp,
    key: Option<Ref<'a>>,
    /// The item and, with a key function, its key.
    item: Option<(Owned, Option<Owned>)>,
}

impl Best<'_> {
    fn offer(&mut self, vm: &mut Vm, x: Owned) -> PyResult<()> {
        let key = match self.key {
            Some(f) => Some(vm.call(f, &[x.as_ref()])?),
            None => None,
        };
        let replaces = match &self.item {
            None => true,
            Some((best, best_key)) => {
                let new = key.as_ref().unwrap_or(&x).as_ref();
                let old = best_key.as_ref().unwrap_or(best).as_ref();
                vm.compare_bool(self.better, new, old)?
            }
        };
        if replaces {
            self.item = Some((x, key));
        }
        Ok(())
    }
}

// ---- iter, next

pub(super) fn iter(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let Some(sentinel) = args.opt(1) else { return vm.iter(args.get(0)) };
    if vm.class_of(args.get(0)).slots().call.is_none() {
        return Err(vm.type_error("iter(v, w): v must be callable"));
    }
    crate::types::iterators::new_callable_iter(vm, args.get(0), sentinel)
}

pub(super) fn next(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let it = args.get(0);
    let default = args.opt(1);
    match vm.next_or_stop(it) {
        Ok(Some(x)) => Ok(x),
        Ok(None) => match default {
            Some(d) => Ok(d.owned()),
            None => Err(vm.stop_iteration(None)),
        },
        Err(e) => match default {
            Some(d) if vm.raised_is(&e, Exc::StopIteration) => {
                vm.discard(e);
                Ok(d.owned())
            }
            _ => Err(e),
        },
    }
}

// ---- asynchronous iteration

pub(super) fn aiter(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let x = args.get(0);
    let class = vm.class_of(x);
    let Some(f) = class.slots().aiter else {
        let name = class.name();
        return Err(vm.type_error(&format!("'{name}' object is not an async iterable")));
    };
    let it = f(vm, x)?;
    if vm.class_of(it.as_ref()).slots().anext.is_none() {
        let name = vm.type_name(it.as_ref());
        return Err(vm.type_error(&format!("aiter() returned not an async iterator of type '{name}'")));
    }
    Ok(it)
}

pub(super) fn anext(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let x = args.get(0);
    let class = vm.class_of(x);
    let Some(f) = class.slots().anext else {
        let name = class.name();
        return Err(vm.type_error(&format!("'{name}' object is not an async iterator")));
    };
    let awaitable = f(vm, x)?;
    match args.opt(1) {
        Some(d) => {
            vm.new_native(AnextAwaitable { awaitable, default: d.owned(), iterator: RefCell::new(None) })
        }
        None => Ok(awaitable),
    }
}

/// `anext(iterator, default)`
pub(crate) struct AnextAwaitable {
    awaitable: Owned,
    default: Owned,
    /// What `__await__` of the awaitable gave.
    iterator: RefCell<Option<Owned>>,
}
trace_fields!(AnextAwaitable { awaitable, default, iterator });

/// `anext_awaitable`
pub(crate) static ANEXT_TYPE: TypeDef = TypeDef {
    name: "anext_awaitable",
    slots: Slots {
        iter: Some(|_, r| Ok(r.owned())),
        next: Some(|vm, r| {
            anext_forward(vm, r, "send", &[Ref::from_immediate(hognose_object::NONE)]).map(Some)
        }),
        await_: Some(|_, r| Ok(r.owned())),
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("send", "$self, value, /", |vm, args| {
            anext_forward(vm, args.get(0), "send", args.rest(1))
        }),
        NativeDef::method("throw", "$self, /, *args", |vm, args| {
            anext_forward(vm, args.get(0), "throw", args.rest(1))
        }),
        NativeDef::method("close", "$self, /", |vm, args| anext_forward(vm, args.get(0), "close", &[])),
    ],
    ..TypeDef::EMPTY
};

/// Calls a method of the iterator inside; its StopAsyncIteration becomes the default as result.
fn anext_forward(vm: &mut Vm, r: Ref<'_>, method: &str, args: &[Ref<'_>]) -> PyResult {
    let Some(a) = payload::<AnextAwaitable>(r) else { return Ok(vm.none()) };
    let known = a.iterator.borrow().as_ref().map(|i| i.as_ref().owned());
    let iterator = match known {
        Some(it) => it,
        None => {
            let inner = a.awaitable.as_ref();
            let it = match vm.class_of(inner).slots().await_ {
                Some(f) => f(vm, inner)?,
                None => inner.owned(),
            };
            *a.iterator.borrow_mut() = Some(it.as_ref().owned());
            it
        }
    };
    let name = vm.intern(method)?;
    let result = match vm.get_attr_opt(iterator.as_ref(), name.as_ref())? {
        Some(f) => vm.call(f.as_ref(), args),
        None => match vm.next(iterator.as_ref()) {
            Ok(Some(x)) => Ok(x),
            Ok(None) => Err(vm.stop_iteration(None)),
            Err(e) => Err(e),
        },
    };
    match result {
        Err(e) if vm.raised_is(&e, Exc::StopAsyncIteration) => {
            vm.discard(e);
            Err(vm.stop_iteration(Some(a.default.as_ref().owned())))
        }
        other => other,
    }
}
