//! The type `coroutine`, and the iterator that its `__await__` gives.

use crate::args::{Args, GetSetDef, NativeDef};
use crate::define::TypeDef;
use crate::generator::{self, Resume};
use crate::type_slots::Slots;
use crate::{PyResult, Vm};
use hognose_object::native::payload;
use hognose_object::{Layout, NONE, Owned, Ref, none, trace_fields};

/// `coroutine`
pub static COROUTINE: TypeDef = TypeDef {
    name: "coroutine",
    layout: Layout::Generator,
    slots: Slots {
        repr: Some(generator::repr),
        await_: Some(|vm, r| vm.new_native(CoroWrapper { coroutine: r.owned() })),
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("send", "$self, arg, /", generator::send),
        NativeDef::method("throw", "$self, typ, val=None, tb=None, /", generator::throw),
        NativeDef::method("close", "$self, /", |vm, a| vm.generator_close(a.get(0))),
        crate::types::alias::CLASS_GETITEM,
    ],
    getset: &[
        generator::NAME,
        generator::QUALNAME,
        GetSetDef::read("cr_await", |vm, r| Ok(vm.delegate_of(r).unwrap_or_else(none))),
        GetSetDef::read("cr_code", |_, r| generator::code(r)),
        GetSetDef::read("cr_frame", generator::frame),
        GetSetDef::read("cr_origin", |_, _| Ok(none())),
        GetSetDef::read("cr_running", |_, r| generator::running(r)),
        GetSetDef::read("cr_suspended", |_, r| generator::suspended(r)),
    ],
    ..TypeDef::EMPTY
};

/// Payload of `coroutine_wrapper`.
pub(crate) struct CoroWrapper {
    coroutine: Owned,
}
trace_fields!(CoroWrapper { coroutine });

/// `coroutine_wrapper`
pub static COROUTINE_WRAPPER: TypeDef = TypeDef {
    name: "coroutine_wrapper",
    layout: Layout::Native,
    doc: "A wrapper object implementing __await__ for coroutines.",
    slots: Slots { iter: Some(|_, r| Ok(r.owned())), next: Some(next), ..Slots::NONE },
    methods: &[
        NativeDef::method("send", "$self, arg, /", send),
        NativeDef::method("throw", "$self, typ, val=None, tb=None, /", throw),
        NativeDef::method("close", "$self, /", |vm, a| {
            let c = inner(vm, a.get(0))?;
            vm.generator_close(c)
        }),
    ],
    ..TypeDef::EMPTY
};

fn inner<'a>(vm: &mut Vm, r: Ref<'a>) -> PyResult<Ref<'a>> {
    match payload::<CoroWrapper>(r) {
        Some(w) => Ok(w.coroutine.as_ref()),
        None => Err(vm.type_error("a coroutine_wrapper is required")),
    }
}

fn next(vm: &mut Vm, r: Ref<'_>) -> PyResult<Option<Owned>> {
    let c = inner(vm, r)?;
    let outcome = vm.resume_generator(c, Resume::Send(NONE))?;
    vm.outcome_value(outcome).map(Some)
}

fn send(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let c = inner(vm, args.get(0))?;
    let outcome = vm.resume_generator(c, Resume::Send(args.get(1).owned().into_value()))?;
    vm.outcome_value(outcome)
}

fn throw(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let c = inner(vm, args.get(0))?;
    let exc = generator::thrown(vm, args.get(1), args.opt(2))?;
    let e = vm.raise_again(exc);
    let outcome = vm.generator_throw(c, e)?;
    vm.outcome_value(outcome)
}
