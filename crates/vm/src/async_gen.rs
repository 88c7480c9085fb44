//! Coroutines and async generators: `await`, and the objects that drive an async generator.
//!
//!   asend(v) ─► ASend ──send──► generator ──► AsyncGenValue(x)   a `yield`: StopIteration(x) for the awaiter
//!                                         ──► anything else      an `await` inside: handed on
//!
//! A generator's `extra` holds its [`AgenState`]. At any time at most one of its awaitables is running.
#![allow(unsafe_code, reason = "reads generator objects through their header")]

mod awaitables;
mod coroutine;

pub use awaitables::{ASEND_TYPE, ATHROW_TYPE};
pub(crate) use awaitables::{ASend, AThrow};
pub(crate) use coroutine::CoroWrapper;
pub use coroutine::{COROUTINE, COROUTINE_WRAPPER};

use crate::args::{Args, GetSetDef, NativeDef};
use crate::define::TypeDef;
use crate::exceptions::Exc;
use crate::generator;
use crate::type_slots::Slots;
use crate::{PyResult, Vm};
use hognose_bytecode::CodeFlags;
use hognose_object::code::{CodeObj, CodePtr};
use hognose_object::generator::{GeneratorKind, GeneratorObj, GeneratorState};
use hognose_object::native::payload;
use hognose_object::objects::FunctionObj;
use hognose_object::{Layout, Owned, Ref, ValueExt, none, owned_bool, trace_fields};
use std::cell::{Cell, RefCell};

/// What an async generator yielded, so that its driver can tell it from what an `await` inside hands out.
pub(crate) struct AsyncGenValue {
    value: Owned,
}
trace_fields!(AsyncGenValue { value });

/// `async_generator_wrapped_value`
pub static WRAPPED_TYPE: TypeDef =
    TypeDef { name: "async_generator_wrapped_value", layout: Layout::Native, ..TypeDef::EMPTY };

/// What an async generator needs beyond a generator.
pub(crate) struct AgenState {
    hooked: Cell<bool>,
    closed: Cell<bool>,
    running: Cell<bool>,
    finalizer: RefCell<Option<Owned>>,
}
trace_fields!(AgenState { finalizer });

/// `async_generator_state`, never seen by programs.
pub static STATE_TYPE: TypeDef =
    TypeDef { name: "async_generator_state", layout: Layout::Native, ..TypeDef::EMPTY };

/// Wraps a value yielded by an async generator.
pub(crate) fn wrap(vm: &mut Vm, v: Owned) -> PyResult {
    vm.new_native(AsyncGenValue { value: v })
}

fn obj(r: Ref<'_>) -> Option<*mut GeneratorObj> {
    r.has_layout(Layout::Generator).then(|| r.value().header().cast())
}

/// The kind of a generator object.
pub(crate) fn kind_of(r: Ref<'_>) -> Option<GeneratorKind> {
    // SAFETY: the layout was checked.
    obj(r).map(|g| unsafe { (*g).kind })
}

fn state_of(r: Ref<'_>) -> GeneratorState {
    // SAFETY: the layout was checked.
    obj(r).map_or(GeneratorState::Finished, |g| unsafe { (*g).state })
}

/// Is it a generator that `types.coroutine` made awaitable?
fn is_iterable_coroutine(r: Ref<'_>) -> bool {
    let Some(g) = obj(r) else { return false };
    // SAFETY: the generator keeps its function and that its code alive.
    unsafe {
        let func = (*g).func.header().cast::<FunctionObj>();
        let code = (*func).code.header().cast::<CodeObj>();
        code.table().flags.has(CodeFlags::ITERABLE_COROUTINE)
    }
}

/// The iterator to drive for `await r`; `None`: it cannot be awaited.
pub(crate) fn awaitable(vm: &mut Vm, r: Ref<'_>) -> PyResult<Option<Owned>> {
    if kind_of(r) == Some(GeneratorKind::Coroutine) {
        if vm.delegate_of(r).is_some() {
            return Err(vm.runtime_error("coroutine is being awaited already"));
        }
        return Ok(Some(r.owned()));
    }
    if is_iterable_coroutine(r) {
        return Ok(Some(r.owned()));
    }
    let Some(f) = vm.class_of(r).slots().await_.filter(|_| obj(r).is_none()) else { return Ok(None) };
    let it = f(vm, r)?;
    if kind_of(it.as_ref()) == Some(GeneratorKind::Coroutine) || is_iterable_coroutine(it.as_ref()) {
        return Err(vm.type_error("__await__() returned a coroutine"));
    }
    if vm.class_of(it.as_ref()).slots().next.is_none() {
        let class = vm.type_name(it.as_ref());
        return Err(vm.type_error(&format!("__await__() returned non-iterator of type '{class}'")));
    }
    Ok(Some(it))
}

// ---- async generators

/// `async_generator`
pub static ASYNC_GENERATOR: TypeDef = TypeDef {
    name: "async_generator",
    layout: Layout::Generator,
    slots: Slots {
        repr: Some(generator::repr),
        aiter: Some(|_, r| Ok(r.owned())),
        anext: Some(|vm, r| {
            init_hooks(vm, r)?;
            vm.new_native(ASend::new(r, None))
        }),
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("asend", "$self, value, /", asend),
        NativeDef::method("athrow", "$self, typ, val=None, tb=None, /", athrow),
        NativeDef::method("aclose", "$self, /", aclose),
        crate::types::alias::CLASS_GETITEM,
    ],
    getset: &[
        generator::NAME,
        generator::QUALNAME,
        GetSetDef::read("ag_await", |vm, r| Ok(vm.delegate_of(r).unwrap_or_else(none))),
        GetSetDef::read("ag_code", |_, r| generator::code(r)),
        GetSetDef::read("ag_frame", generator::frame),
        GetSetDef::read("ag_running", |_, r| {
            Ok(owned_bool(with_state(r, |s| s.running.get()).unwrap_or(false)))
        }),
        GetSetDef::read("ag_suspended", |_, r| generator::suspended(r)),
    ],
    ..TypeDef::EMPTY
};

fn asend(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    init_hooks(vm, args.get(0))?;
    vm.new_native(ASend::new(args.get(0), Some(args.get(1).owned())))
}

fn athrow(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    init_hooks(vm, args.get(0))?;
    let exc = (args.get(1).owned(), args.opt(2).map_or_else(none, |v| v.owned()));
    vm.new_native(AThrow::new(args.get(0), Some(exc)))
}

fn aclose(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    init_hooks(vm, args.get(0))?;
    vm.new_native(AThrow::new(args.get(0), None))
}

/// Looks at the state of an async generator that has one.
fn with_state<T>(r: Ref<'_>, f: impl FnOnce(&AgenState) -> T) -> Option<T> {
    // SAFETY: the layout was checked; the generator owns `extra`, and `f` cannot run Python code.
    unsafe {
        let extra = (*obj(r)?).extra;
        if extra.is_null() {
            return None;
        }
        payload::<AgenState>(Ref::from_value(extra)).map(f)
    }
}

/// Makes the state; calls the `firstiter` hook and remembers the `finalizer`, once.
fn init_hooks(vm: &mut Vm, r: Ref<'_>) -> PyResult<()> {
    let Some(g) = obj(r) else { return Ok(()) };
    if with_state(r, |s| s.hooked.replace(true)) == Some(true) {
        return Ok(());
    }
    let sys = vm.sys_dict().owned();
    let hook = |vm: &mut Vm, key: &str| -> PyResult<Option<Owned>> {
        if sys.is_null() {
            return Ok(None);
        }
        Ok(vm.dict_get_name(sys.as_ref(), key)?.filter(|f| !f.as_ref().is_none()))
    };
    let finalizer = hook(vm, "_asyncgen_finalizer")?;
    let state = vm.new_native(AgenState {
        hooked: Cell::new(true),
        closed: Cell::new(false),
        running: Cell::new(false),
        finalizer: RefCell::new(finalizer),
    })?;
    // SAFETY: the generator is alive; it takes the reference.
    unsafe {
        let old = std::mem::replace(&mut (*g).extra, state.into_value());
        drop(Owned::from_value(old));
    }
    if let Some(f) = hook(vm, "_asyncgen_firstiter")? {
        vm.call(f.as_ref(), &[r])?;
    }
    Ok(())
}

fn is_running(r: Ref<'_>) -> bool {
    with_state(r, |s| s.running.get()).unwrap_or(false)
}

fn set_running(r: Ref<'_>, on: bool) {
    with_state(r, |s| s.running.set(on));
}

fn is_closed(r: Ref<'_>) -> bool {
    with_state(r, |s| s.closed.get()).unwrap_or(false)
}

fn set_closed(r: Ref<'_>) {
    with_state(r, |s| s.closed.set(true));
}

/// The value of a wrapped `yield`; `None`: it came from an `await`.
fn unwrapped(v: &Owned) -> Option<Owned> {
    payload::<AsyncGenValue>(v.as_ref()).map(|w| w.value.clone())
}

/// A dying async generator is handed to the event loop's finalizer; `false`: nobody wants it.
pub(crate) fn finalize(vm: &mut Vm, r: Ref<'_>) -> bool {
    if kind_of(r) != Some(GeneratorKind::AsyncGenerator) || is_closed(r) {
        return false;
    }
    let Some(f) = with_state(r, |s| s.finalizer.borrow().clone()).flatten() else { return false };
    if let Err(e) = vm.call(f.as_ref(), &[r]) {
        vm.write_unraisable_in(e, "Exception ignored while calling async generator finalizer ", Some(r));
    }
    true
}

/// Drops the exception in flight if it is one of these.
fn swallow(vm: &mut Vm, e: crate::Raised, classes: &[Exc]) -> PyResult<()> {
    for &c in classes {
        if vm.raised_is(&e, c) {
            vm.discard(e);
            return Ok(());
        }
    }
    Err(e)
}
