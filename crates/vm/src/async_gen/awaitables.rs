//! The awaitables of an async generator: `asend` and `__anext__` give an [`ASend`], `athrow` and `aclose` an
//! [`AThrow`]. Each can be driven once.

use super::{is_closed, is_running, set_closed, set_running, state_of, swallow, unwrapped};
use crate::args::{Args, NativeDef};
use crate::define::TypeDef;
use crate::exceptions::Exc;
use crate::generator::{Resume, thrown};
use crate::run::Outcome;
use crate::type_slots::Slots;
use crate::{PyResult, Raised, Vm};
use hognose_object::generator::GeneratorState;
use hognose_object::native::payload;
use hognose_object::{Layout, NONE, Owned, Ref, ValueExt, none, trace_fields};
use std::cell::{Cell, RefCell};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Init,
    Iter,
    Closed,
}

/// Payload of `async_generator_asend`.
pub(crate) struct ASend {
    generator: Owned,
    /// Sent when it is first driven.
    value: RefCell<Option<Owned>>,
    phase: Cell<Phase>,
}
trace_fields!(ASend { generator, value });

impl ASend {
    pub(super) fn new(generator: Ref<'_>, value: Option<Owned>) -> ASend {
        ASend { generator: generator.owned(), value: RefCell::new(value), phase: Cell::new(Phase::Init) }
    }
}

/// Payload of `async_generator_athrow`.
pub(crate) struct AThrow {
    generator: Owned,
    /// Exception class or object, and value; absent for `aclose`.
    exc: Option<(Owned, Owned)>,
    phase: Cell<Phase>,
}
trace_fields!(AThrow { generator, exc });

impl AThrow {
    pub(super) fn new(generator: Ref<'_>, exc: Option<(Owned, Owned)>) -> AThrow {
        AThrow { generator: generator.owned(), exc, phase: Cell::new(Phase::Init) }
    }
}

/// `async_generator_asend`
pub static ASEND_TYPE: TypeDef = TypeDef {
    name: "async_generator_asend",
    layout: Layout::Native,
    slots: Slots {
        iter: Some(|_, r| Ok(r.owned())),
        await_: Some(|_, r| Ok(r.owned())),
        next: Some(|vm, r| asend_send(vm, r, None).map(Some)),
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("send", "$self, value, /", |vm, a| asend_send(vm, a.get(0), Some(a.get(1)))),
        NativeDef::method("throw", "$self, typ, val=None, tb=None, /", |vm, a| {
            let e = exception_argument(vm, a)?;
            asend_throw(vm, a.get(0), e)
        }),
        NativeDef::method("close", "$self, /", asend_close),
    ],
    ..TypeDef::EMPTY
};

/// `async_generator_athrow`
pub static ATHROW_TYPE: TypeDef = TypeDef {
    name: "async_generator_athrow",
    layout: Layout::Native,
    slots: Slots {
        iter: Some(|_, r| Ok(r.owned())),
        await_: Some(|_, r| Ok(r.owned())),
        next: Some(|vm, r| athrow_send(vm, r, None).map(Some)),
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("send", "$self, value, /", |vm, a| athrow_send(vm, a.get(0), Some(a.get(1)))),
        NativeDef::method("throw", "$self, typ, val=None, tb=None, /", |vm, a| {
            let e = exception_argument(vm, a)?;
            athrow_throw(vm, a.get(0), e)
        }),
        NativeDef::method("close", "$self, /", athrow_close),
    ],
    ..TypeDef::EMPTY
};

fn exception_argument(vm: &mut Vm, args: &Args<'_>) -> PyResult<Raised> {
    let exc = thrown(vm, args.get(1), args.opt(2))?;
    Ok(vm.raise_again(exc))
}

/// What the generator did, as its awaiter sees it: a `yield` ends the await with StopIteration(value), the end of
/// the generator is StopAsyncIteration.
fn unwrap_outcome(vm: &mut Vm, g: Ref<'_>, outcome: PyResult<Outcome>) -> PyResult {
    let raised = match outcome {
        Ok(Outcome::Yield(v)) => match unwrapped(&v) {
            Some(value) => {
                set_running(g, false);
                return Err(vm.stop_iteration(Some(value)));
            }
            None => return Ok(v),
        },
        Ok(Outcome::Return(_)) => vm.raise_with(Exc::StopAsyncIteration, Vec::new()),
        Err(e) => e,
    };
    if vm.raised_is(&raised, Exc::StopAsyncIteration) || vm.raised_is(&raised, Exc::GeneratorExit) {
        set_closed(g);
    }
    set_running(g, false);
    Err(raised)
}

fn asend_of<'a>(vm: &mut Vm, r: Ref<'a>) -> PyResult<&'a ASend> {
    payload::<ASend>(r).ok_or_else(|| vm.type_error("an async_generator_asend is required"))
}

fn asend_begin(vm: &mut Vm, a: &ASend) -> PyResult<()> {
    let g = a.generator.as_ref();
    match a.phase.get() {
        Phase::Closed => Err(vm.runtime_error("cannot reuse already awaited __anext__()/asend()")),
        Phase::Init if is_running(g) => {
            a.phase.set(Phase::Closed);
            Err(vm.runtime_error("anext(): asynchronous generator is already running"))
        }
        _ => Ok(()),
    }
}

fn asend_send(vm: &mut Vm, r: Ref<'_>, arg: Option<Ref<'_>>) -> PyResult {
    let a = asend_of(vm, r)?;
    asend_begin(vm, a)?;
    let mut value = arg.map_or_else(none, |v| v.owned());
    if a.phase.replace(Phase::Iter) == Phase::Init
        && value.as_ref().is_none()
        && let Some(v) = a.value.take()
    {
        value = v;
    }
    let g = a.generator.as_ref();
    set_running(g, true);
    let outcome = vm.resume_generator(g, Resume::Send(value.into_value()));
    let result = unwrap_outcome(vm, g, outcome);
    if result.is_err() {
        a.phase.set(Phase::Closed);
    }
    result
}

fn asend_throw(vm: &mut Vm, r: Ref<'_>, e: Raised) -> PyResult {
    let a = asend_of(vm, r)?;
    let exc = vm.catch(e);
    asend_begin(vm, a)?;
    let g = a.generator.as_ref();
    if a.phase.replace(Phase::Iter) == Phase::Init {
        set_running(g, true);
    }
    let e = vm.raise_again(exc);
    let outcome = vm.generator_throw(g, e);
    let result = unwrap_outcome(vm, g, outcome);
    if result.is_err() {
        a.phase.set(Phase::Closed);
    }
    result
}

const ENDS: &[Exc] = &[Exc::StopIteration, Exc::StopAsyncIteration, Exc::GeneratorExit];

fn asend_close(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let r = args.get(0);
    if asend_of(vm, r)?.phase.get() == Phase::Closed {
        return Ok(none());
    }
    let e = vm.raise_with(Exc::GeneratorExit, Vec::new());
    match asend_throw(vm, r, e) {
        Ok(_) => Err(vm.runtime_error("coroutine ignored GeneratorExit")),
        Err(e) => swallow(vm, e, ENDS).map(|()| none()),
    }
}

fn athrow_of<'a>(vm: &mut Vm, r: Ref<'a>) -> PyResult<&'a AThrow> {
    payload::<AThrow>(r).ok_or_else(|| vm.type_error("an async_generator_athrow is required"))
}

fn athrow_begin(vm: &mut Vm, a: &AThrow) -> PyResult<()> {
    match a.phase.get() {
        Phase::Closed => Err(vm.runtime_error("cannot reuse already awaited aclose()/athrow()")),
        Phase::Init if is_running(a.generator.as_ref()) => {
            a.phase.set(Phase::Closed);
            let what = if a.exc.is_none() { "aclose" } else { "athrow" };
            Err(vm.runtime_error(&format!("{what}(): asynchronous generator is already running")))
        }
        _ => Ok(()),
    }
}

fn athrow_send(vm: &mut Vm, r: Ref<'_>, arg: Option<Ref<'_>>) -> PyResult {
    let a = athrow_of(vm, r)?;
    let g = a.generator.as_ref();
    if a.phase.get() == Phase::Closed {
        athrow_begin(vm, a)?;
    }
    if state_of(g) == GeneratorState::Finished {
        a.phase.set(Phase::Closed);
        return Err(vm.stop_iteration(None));
    }
    athrow_begin(vm, a)?;
    if a.phase.get() == Phase::Iter {
        let v = arg.map_or(NONE, |v| v.owned().into_value());
        let outcome = vm.resume_generator(g, Resume::Send(v));
        return athrow_result(vm, a, outcome);
    }
    if is_closed(g) {
        a.phase.set(Phase::Closed);
        return Err(vm.raise_with(Exc::StopAsyncIteration, Vec::new()));
    }
    if arg.is_some_and(|v| !v.is_none()) {
        return Err(vm.runtime_error("can't send non-None value to a just-started coroutine"));
    }
    a.phase.set(Phase::Iter);
    set_running(g, true);
    let raised = match &a.exc {
        None => {
            set_closed(g);
            Ok(vm.raise_with(Exc::GeneratorExit, Vec::new()))
        }
        Some((class, value)) => {
            let value = Some(value.as_ref()).filter(|v| !v.is_none());
            thrown(vm, class.as_ref(), value).map(|exc| vm.raise_again(exc))
        }
    };
    let outcome = match raised {
        Ok(e) => vm.generator_throw(g, e),
        Err(e) => Err(e),
    };
    athrow_result(vm, a, outcome)
}

/// What comes out of `athrow()` and `aclose()`.
fn athrow_result(vm: &mut Vm, a: &AThrow, outcome: PyResult<Outcome>) -> PyResult {
    let g = a.generator.as_ref();
    if a.exc.is_some() {
        let result = unwrap_outcome(vm, g, outcome);
        if result.is_err() {
            a.phase.set(Phase::Closed);
        }
        return result;
    }
    let ended = match outcome {
        Ok(Outcome::Yield(v)) if unwrapped(&v).is_none() => return Ok(v),
        Ok(Outcome::Yield(_)) => Err(vm.runtime_error("async generator ignored GeneratorExit")),
        Ok(Outcome::Return(_)) => Ok(()),
        Err(e) => swallow(vm, e, &[Exc::StopAsyncIteration, Exc::GeneratorExit]),
    };
    set_running(g, false);
    a.phase.set(Phase::Closed);
    match ended {
        Ok(()) => Err(vm.stop_iteration(None)),
        Err(e) => Err(e),
    }
}

fn athrow_throw(vm: &mut Vm, r: Ref<'_>, e: Raised) -> PyResult {
    let a = athrow_of(vm, r)?;
    let exc = vm.catch(e);
    athrow_begin(vm, a)?;
    let g = a.generator.as_ref();
    if a.phase.replace(Phase::Iter) == Phase::Init {
        set_running(g, true);
    }
    let e = vm.raise_again(exc);
    let outcome = vm.generator_throw(g, e);
    athrow_result(vm, a, outcome)
}

fn athrow_close(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let r = args.get(0);
    if athrow_of(vm, r)?.phase.get() == Phase::Closed {
        return Ok(none());
    }
    let e = vm.raise_with(Exc::GeneratorExit, Vec::new());
    match athrow_throw(vm, r, e) {
        Ok(_) => Err(vm.runtime_error("coroutine ignored GeneratorExit")),
        Err(e) => swallow(vm, e, ENDS).map(|()| none()),
    }
}
