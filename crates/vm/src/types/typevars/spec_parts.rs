//! Small companions of type parameters: `P.args`, `P.kwargs`, `NoDefault`, evaluators of values known already.

use crate::args::{Args, GetSetDef, NativeDef};
use crate::define::TypeDef;
use crate::text::str_bytes;
use crate::type_slots::{CmpOp, Slots};
use crate::types::alias::type_repr;
use crate::{PyResult, Vm};
use hognose_object::native::payload;
use hognose_object::types::TypeFlags;
use hognose_object::{Layout, NOT_IMPLEMENTED, Owned, Ref, none, trace_fields};

/// Payload of `typing.ParamSpecArgs`.
pub(crate) struct ParamSpecArgs {
    pub origin: Owned,
}
trace_fields!(ParamSpecArgs { origin });

/// Payload of `typing.ParamSpecKwargs`.
pub(crate) struct ParamSpecKwargs {
    pub origin: Owned,
}
trace_fields!(ParamSpecKwargs { origin });

/// Payload of `typing.NoDefault`.
pub(crate) struct NoDefault;
trace_fields!(NoDefault {});

/// Payload of the function-like object that gives a known value for any annotation format.
pub(crate) struct ConstEvaluator {
    pub value: Owned,
}
trace_fields!(ConstEvaluator { value });

/// `typing.ParamSpecArgs`
pub static ARGS_TYPE: TypeDef = TypeDef {
    name: "typing.ParamSpecArgs",
    layout: Layout::Native,
    doc: "The args for a ParamSpec object.",
    flags: TypeFlags::HAS_WEAKREF,
    slots: Slots {
        repr: Some(repr),
        richcompare: Some(richcompare),
        hash: Some(hash),
        new: Some(new_args),
        ..Slots::NONE
    },
    methods: &[NativeDef::method("__mro_entries__", "$self, bases, /", |vm, _| {
        Err(vm.type_error("Cannot subclass an instance of ParamSpecArgs"))
    })],
    getset: &[GetSetDef::read("__origin__", |_, r| Ok(origin(r).map_or_else(none, |o| o.owned())))],
};

/// `typing.ParamSpecKwargs`
pub static KWARGS_TYPE: TypeDef = TypeDef {
    name: "typing.ParamSpecKwargs",
    layout: Layout::Native,
    doc: "The kwargs for a ParamSpec object.",
    flags: TypeFlags::HAS_WEAKREF,
    slots: Slots {
        repr: Some(repr),
        richcompare: Some(richcompare),
        hash: Some(hash),
        new: Some(new_kwargs),
        ..Slots::NONE
    },
    methods: &[NativeDef::method("__mro_entries__", "$self, bases, /", |vm, _| {
        Err(vm.type_error("Cannot subclass an instance of ParamSpecKwargs"))
    })],
    getset: &[GetSetDef::read("__origin__", |_, r| Ok(origin(r).map_or_else(none, |o| o.owned())))],
};

/// `NoDefaultType`
pub static NO_DEFAULT_TYPE: TypeDef = TypeDef {
    name: "NoDefaultType",
    layout: Layout::Native,
    doc: "The type of the NoDefault singleton.",
    slots: Slots {
        repr: Some(|vm, _| vm.new_str("typing.NoDefault")),
        new: Some(|vm, args| {
            if args.rest(1).is_empty() && args.kwnames.is_empty() {
                return no_default(vm);
            }
            Err(vm.type_error("NoDefaultType takes no arguments"))
        }),
        ..Slots::NONE
    },
    methods: &[NativeDef::method("__reduce__", "$self, /", |vm, _| vm.new_str("NoDefault"))],
    ..TypeDef::EMPTY
};

/// `constevaluator`
pub static CONST_EVALUATOR: TypeDef = TypeDef {
    name: "_typing._ConstEvaluator",
    layout: Layout::Native,
    flags: TypeFlags::DISALLOW_INSTANTIATION,
    slots: Slots { call: Some(evaluate), repr: Some(evaluator_repr), ..Slots::NONE },
    ..TypeDef::EMPTY
};

#[derive(Default)]
struct Singleton(Option<Ref<'static>>);

/// `typing.NoDefault`
pub(crate) fn no_default(vm: &mut Vm) -> PyResult {
    if let Some(r) = vm.state::<Singleton>().0 {
        return Ok(r.owned());
    }
    let made = vm.new_native(NoDefault)?;
    let made = vm.make_immortal(made);
    vm.state::<Singleton>().0 = Some(made);
    Ok(made.owned())
}

fn origin(r: Ref<'_>) -> Option<Ref<'_>> {
    payload::<ParamSpecArgs>(r)
        .map(|p| p.origin.as_ref())
        .or_else(|| payload::<ParamSpecKwargs>(r).map(|p| p.origin.as_ref()))
}

fn new_args(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let bound = vm.bind(args, "paramspecargs", "origin")?;
    let origin = bound.pos.first().copied().flatten().map_or_else(none, |o| o.owned());
    vm.new_native(ParamSpecArgs { origin })
}

fn new_kwargs(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let bound = vm.bind(args, "paramspeckwargs", "origin")?;
    let origin = bound.pos.first().copied().flatten().map_or_else(none, |o| o.owned());
    vm.new_native(ParamSpecKwargs { origin })
}

fn repr(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let part = if payload::<ParamSpecArgs>(r).is_some() { "args" } else { "kwargs" };
    let Some(o) = origin(r) else { return vm.default_repr(r) };
    let mut text = if super::is_type_param(o) {
        let key = vm.names().__name__;
        let name = vm.get_attr(o, key)?;
        str_bytes(name.as_ref()).to_vec()
    } else {
        let text = vm.repr(o)?;
        str_bytes(text.as_ref()).to_vec()
    };
    text.push(b'.');
    text.extend_from_slice(part.as_bytes());
    vm.new_str_bytes(&text)
}

fn richcompare(vm: &mut Vm, op: CmpOp, a: Ref<'_>, b: Ref<'_>) -> PyResult {
    let same_class = vm.class_of(a) == vm.class_of(b);
    match (origin(a), origin(b)) {
        (Some(x), Some(y)) if same_class && matches!(op, CmpOp::Eq | CmpOp::Ne) => vm.compare(op, x, y),
        _ => Ok(Owned::from_immediate(NOT_IMPLEMENTED)),
    }
}

fn hash(vm: &mut Vm, r: Ref<'_>) -> PyResult<i64> {
    let class = vm.type_name(r);
    Err(vm.type_error(&format!("unhashable type: '{class}'")))
}

fn evaluate(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let bound = vm.bind(args, "constevaluator.__call__", "format, /")?;
    let format = match bound.pos.first().copied().flatten() {
        Some(f) => vm.index_i32(f)?,
        None => 1,
    };
    let Some(e) = payload::<ConstEvaluator>(args.get(0)) else { return Ok(none()) };
    if format != 4 {
        return Ok(e.value.clone());
    }
    // The text of the value.
    let mut out = Vec::new();
    match hognose_object::tuple::TupleRef::new(e.value.as_ref()) {
        Some(t) => {
            out.push(b'(');
            for (i, &x) in t.items().iter().enumerate() {
                if i > 0 {
                    out.extend_from_slice(b", ");
                }
                type_repr(vm, x, &mut out)?;
            }
            out.push(b')');
        }
        None => type_repr(vm, e.value.as_ref(), &mut out)?,
    }
    vm.new_str_bytes(&out)
}

fn evaluator_repr(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let Some(e) = payload::<ConstEvaluator>(r) else { return vm.default_repr(r) };
    let text = vm.repr(e.value.as_ref())?;
    vm.new_str_bytes(&[b"<constevaluator ", str_bytes(text.as_ref()), b">"].concat())
}
