//! Type parameters: `TypeVar`, `ParamSpec`, `TypeVarTuple`, made by `def f[T]`, `class C[**P]` or called by name.
//!
//! Bound, constraints and default are computed when first asked for: a parameter holds the function and, later, the
//! value. What depends on the whole typing library asks the module `typing` if it is loaded.

mod alias_type;
mod construct;
mod generic;
mod spec_parts;

pub use alias_type::TYPE as TYPE_ALIAS_TYPE;
pub(crate) use alias_type::TypeAliasType;
pub(crate) use alias_type::new_type_alias;
pub(crate) use generic::{generic_class, subscript_generic};
pub use spec_parts::{ARGS_TYPE, CONST_EVALUATOR, KWARGS_TYPE, NO_DEFAULT_TYPE};
pub(crate) use spec_parts::{ConstEvaluator, NoDefault, ParamSpecArgs, ParamSpecKwargs, no_default};

use construct::{caller_module, new_param_spec, new_type_var, new_type_var_tuple};

use super::alias::union::make_union;
use crate::args::{Args, GetSetDef, NativeDef};
use crate::class::TypeRef;
use crate::define::TypeDef;
use crate::text::str_bytes;
use crate::type_slots::{BinOp, Slots};
use crate::{PyResult, Vm};
use hognose_object::dict::DictRef;
use hognose_object::native::payload;
use hognose_object::types::TypeFlags;
use hognose_object::{Layout, Owned, Ref, ValueExt, none, owned_bool, trace_fields};
use std::cell::RefCell;

/// A value that is computed on first use.
#[derive(Default)]
pub(crate) struct Lazy {
    evaluate: RefCell<Option<Owned>>,
    value: RefCell<Option<Owned>>,
}
trace_fields!(Lazy { evaluate, value });

impl Lazy {
    fn of_function(f: Ref<'_>) -> Lazy {
        Lazy { evaluate: RefCell::new(Some(f.owned())), value: RefCell::new(None) }
    }

    fn of_value(v: Owned) -> Lazy {
        Lazy { evaluate: RefCell::new(None), value: RefCell::new(Some(v)) }
    }

    /// The value, computed now if need be; `None`: there is none.
    pub(crate) fn get(&self, vm: &mut Vm) -> PyResult<Option<Owned>> {
        if let Some(v) = &*self.value.borrow() {
            return Ok(Some(v.clone()));
        }
        let Some(f) = self.evaluate.borrow().clone() else { return Ok(None) };
        let v = vm.call(f.as_ref(), &[])?;
        self.value.replace(Some(v.clone()));
        Ok(Some(v))
    }

    /// The function that computes it for a given format; `None`: there is no value.
    pub(crate) fn evaluator(&self, vm: &mut Vm) -> PyResult<Option<Owned>> {
        if let Some(f) = &*self.evaluate.borrow() {
            return Ok(Some(f.clone()));
        }
        let value = self.value.borrow().clone();
        match value {
            Some(value) => vm.new_native(ConstEvaluator { value }).map(Some),
            None => Ok(None),
        }
    }

    fn is_set(&self) -> bool {
        self.evaluate.borrow().is_some() || self.value.borrow().is_some()
    }
}

/// What all three kinds have.
pub(crate) struct Param {
    name: Owned,
    bound: Lazy,
    constraints: Lazy,
    default: Lazy,
    /// `__module__`; NULL: that of the class.
    module: Owned,
    covariant: bool,
    contravariant: bool,
    infer_variance: bool,
}
trace_fields!(Param { name, bound, constraints, default, module });

/// Payload of `typing.TypeVar`.
pub(crate) struct TypeVar {
    p: Param,
}
trace_fields!(TypeVar { p });

/// Payload of `typing.ParamSpec`.
pub(crate) struct ParamSpec {
    p: Param,
}
trace_fields!(ParamSpec { p });

/// Payload of `typing.TypeVarTuple`.
pub(crate) struct TypeVarTuple {
    p: Param,
}
trace_fields!(TypeVarTuple { p });

const FLAGS: u32 = TypeFlags::HAS_WEAKREF;

/// `typing.TypeVar`
pub static TYPE_VAR: TypeDef = TypeDef {
    name: "typing.TypeVar",
    layout: Layout::Native,
    doc: "Type variable.",
    flags: FLAGS,
    slots: Slots {
        repr: Some(repr),
        binary: Some(either),
        binary_ops: BinOp::Or.bit(),
        new: Some(new_type_var),
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("__typing_subst__", "$self, arg, /", |vm, a| {
            subst(vm, a, "_typevar_subst", |vm, a| {
                Ok(if a.get(1).is_none() { vm.types().none_type.owned() } else { a.get(1).owned() })
            })
        }),
        NativeDef::method("__typing_prepare_subst__", "$self, alias, args, /", prepare_type_var),
        NativeDef::method("__mro_entries__", "$self, bases, /", |vm, _| {
            Err(vm.type_error("Cannot subclass an instance of TypeVar"))
        }),
        NativeDef::method("__reduce__", "$self, /", reduce),
        NativeDef::method("has_default", "$self, /", has_default),
    ],
    getset: &[
        GetSetDef::read("__name__", |vm, r| Ok(param(vm, r)?.name.clone())),
        GetSetDef::read("__module__", module),
        GetSetDef::read("__bound__", |vm, r| Ok(param(vm, r)?.bound.get(vm)?.unwrap_or_else(none))),
        GetSetDef::read("__constraints__", |vm, r| match param(vm, r)?.constraints.get(vm)? {
            Some(c) => Ok(c),
            None => Ok(vm.empty_tuple().owned()),
        }),
        GetSetDef::read("__default__", default),
        GetSetDef::read("evaluate_bound", |vm, r| {
            Ok(param(vm, r)?.bound.evaluator(vm)?.unwrap_or_else(none))
        }),
        GetSetDef::read("evaluate_constraints", |vm, r| {
            Ok(param(vm, r)?.constraints.evaluator(vm)?.unwrap_or_else(none))
        }),
        GetSetDef::read("evaluate_default", |vm, r| {
            Ok(param(vm, r)?.default.evaluator(vm)?.unwrap_or_else(none))
        }),
        GetSetDef::read("__covariant__", |vm, r| Ok(owned_bool(param(vm, r)?.covariant))),
        GetSetDef::read("__contravariant__", |vm, r| Ok(owned_bool(param(vm, r)?.contravariant))),
        GetSetDef::read("__infer_variance__", |vm, r| Ok(owned_bool(param(vm, r)?.infer_variance))),
    ],
};

/// `typing.ParamSpec`
pub static PARAM_SPEC: TypeDef = TypeDef {
    name: "typing.ParamSpec",
    layout: Layout::Native,
    doc: "Parameter specification variable.",
    flags: FLAGS,
    slots: Slots {
        repr: Some(repr),
        binary: Some(either),
        binary_ops: BinOp::Or.bit(),
        new: Some(new_param_spec),
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("__typing_subst__", "$self, arg, /", |vm, a| {
            subst(vm, a, "_paramspec_subst", |vm, a| list_as_tuple(vm, a.get(1)))
        }),
        NativeDef::method("__typing_prepare_subst__", "$self, alias, args, /", prepare_param_spec),
        NativeDef::method("__mro_entries__", "$self, bases, /", |vm, _| {
            Err(vm.type_error("Cannot subclass an instance of ParamSpec"))
        }),
        NativeDef::method("__reduce__", "$self, /", reduce),
        NativeDef::method("has_default", "$self, /", has_default),
    ],
    getset: &[
        GetSetDef::read("__name__", |vm, r| Ok(param(vm, r)?.name.clone())),
        GetSetDef::read("__module__", module),
        GetSetDef::read("__bound__", |vm, r| Ok(param(vm, r)?.bound.get(vm)?.unwrap_or_else(none))),
        GetSetDef::read("__default__", default),
        GetSetDef::read("evaluate_default", |vm, r| {
            Ok(param(vm, r)?.default.evaluator(vm)?.unwrap_or_else(none))
        }),
        GetSetDef::read("__covariant__", |vm, r| Ok(owned_bool(param(vm, r)?.covariant))),
        GetSetDef::read("__contravariant__", |vm, r| Ok(owned_bool(param(vm, r)?.contravariant))),
        GetSetDef::read("__infer_variance__", |vm, r| Ok(owned_bool(param(vm, r)?.infer_variance))),
        GetSetDef::read("args", |vm, r| vm.new_native(ParamSpecArgs { origin: r.owned() })),
        GetSetDef::read("kwargs", |vm, r| vm.new_native(ParamSpecKwargs { origin: r.owned() })),
    ],
};

/// `typing.TypeVarTuple`
pub static TYPE_VAR_TUPLE: TypeDef = TypeDef {
    name: "typing.TypeVarTuple",
    layout: Layout::Native,
    doc: "Type variable tuple. A specialized form of type variable that enables\nvariadic generics.",
    flags: FLAGS,
    slots: Slots {
        repr: Some(repr),
        iter: Some(iter_unpacked),
        new: Some(new_type_var_tuple),
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("__typing_subst__", "$self, arg, /", |vm, _| {
            Err(vm.type_error("Substitution of bare TypeVarTuple is not supported"))
        }),
        NativeDef::method("__typing_prepare_subst__", "$self, alias, args, /", |vm, a| {
            let f = import_typing(vm, "_typevartuple_prepare_subst")?;
            vm.call(f.as_ref(), &[a.get(0), a.get(1), a.get(2)])
        }),
        NativeDef::method("__mro_entries__", "$self, bases, /", |vm, _| {
            Err(vm.type_error("Cannot subclass an instance of TypeVarTuple"))
        }),
        NativeDef::method("__reduce__", "$self, /", reduce),
        NativeDef::method("has_default", "$self, /", has_default),
    ],
    getset: &[
        GetSetDef::read("__name__", |vm, r| Ok(param(vm, r)?.name.clone())),
        GetSetDef::read("__module__", module),
        GetSetDef::read("__default__", default),
        GetSetDef::read("evaluate_default", |vm, r| {
            Ok(param(vm, r)?.default.evaluator(vm)?.unwrap_or_else(none))
        }),
    ],
};

pub(crate) fn is_type_param(r: Ref<'_>) -> bool {
    find_param(r).is_some()
}

fn find_param(r: Ref<'_>) -> Option<&Param> {
    payload::<TypeVar>(r)
        .map(|t| &t.p)
        .or_else(|| payload::<ParamSpec>(r).map(|t| &t.p))
        .or_else(|| payload::<TypeVarTuple>(r).map(|t| &t.p))
}

fn param<'a>(vm: &mut Vm, r: Ref<'a>) -> PyResult<&'a Param> {
    find_param(r).ok_or_else(|| vm.type_error("a type parameter is required"))
}

// ---- what the compiler calls

/// Makes a type parameter: 0 `TypeVar`, 1 `ParamSpec`, 2 `TypeVarTuple`; 10 and 11 `TypeVar` whose bound or
/// constraints the function `lazy` computes.
pub(crate) fn new_type_param(vm: &mut Vm, which: u16, name: Ref<'_>, lazy: Option<Ref<'_>>) -> PyResult {
    let function = |on: bool| lazy.filter(|_| on).map(Lazy::of_function).unwrap_or_default();
    let p = Param {
        name: name.owned(),
        bound: function(which == 10),
        constraints: function(which == 11),
        default: Lazy::default(),
        module: Owned::null(),
        covariant: false,
        contravariant: false,
        infer_variance: true,
    };
    match which {
        1 => vm.new_native(ParamSpec { p }),
        2 => vm.new_native(TypeVarTuple { p }),
        _ => vm.new_native(TypeVar { p }),
    }
}

/// Gives a type parameter a default that `func` computes.
pub(crate) fn set_default(vm: &mut Vm, r: Ref<'_>, func: Ref<'_>) -> PyResult<()> {
    let p = param(vm, r)?;
    p.default.value.replace(None);
    p.default.evaluate.replace(Some(func.owned()));
    Ok(())
}

// ---- the typing library

/// `typing.name`, if that module is loaded (far enough).
pub(crate) fn loaded_typing(vm: &mut Vm, name: &str) -> PyResult<Option<Owned>> {
    let modules = vm.modules().owned();
    let key = vm.intern("typing")?;
    let Some(typing) = DictRef::new(modules.as_ref()).and_then(|d| d.get_str(key.as_ref())) else {
        return Ok(None);
    };
    let name = vm.intern(name)?;
    vm.get_attr_opt(typing.as_ref(), name.as_ref())
}

/// `typing.name`, importing the module.
pub(crate) fn import_typing(vm: &mut Vm, name: &str) -> PyResult {
    let module = vm.intern("typing")?;
    let empty = vm.empty_tuple();
    let module = vm.import_name(module.as_ref(), None, empty, 0)?;
    vm.get_attr_name(module.as_ref(), name)
}

fn subst(
    vm: &mut Vm,
    args: &Args<'_>,
    function: &str,
    fallback: fn(&mut Vm, &Args<'_>) -> PyResult,
) -> PyResult {
    match loaded_typing(vm, function)? {
        Some(f) => vm.call(f.as_ref(), &[args.get(0), args.get(1)]),
        None => fallback(vm, args),
    }
}

fn list_as_tuple(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    if r.is_exact(Layout::List) { vm.new_tuple(vm.items_of(r)) } else { Ok(r.owned()) }
}

fn prepare_param_spec(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    match loaded_typing(vm, "_paramspec_prepare_subst")? {
        Some(f) => vm.call(f.as_ref(), &[args.get(0), args.get(1), args.get(2)]),
        None => prepare_type_var(vm, args),
    }
}

/// Fills the default in when the arguments end before this parameter.
fn prepare_type_var(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let (me, alias, given) = (args.get(0), args.get(1), args.get(2));
    let params = vm.get_attr_name(alias, "__parameters__")?;
    let index = vm.items_of(params.as_ref()).iter().position(|p| p.as_ref().is(me));
    let mut items = vm.items_of(given);
    match index {
        Some(i) if i < items.len() => Ok(given.owned()),
        Some(i) if i == items.len() && param(vm, me)?.default.is_set() => {
            items.push(default(vm, me)?);
            vm.new_tuple(items)
        }
        Some(_) => {
            let text = vm.text_of(alias);
            Err(vm.type_error(&format!("Too few arguments for {text}")))
        }
        None => Err(vm.value_error("tuple.index(x): x not in tuple")),
    }
}

fn iter_unpacked(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let unpack = import_typing(vm, "Unpack")?;
    let item = vm.get_item(unpack.as_ref(), r)?;
    let one = vm.new_tuple(vec![item])?;
    vm.iter(one.as_ref())
}

fn either(vm: &mut Vm, _op: BinOp, a: Ref<'_>, b: Ref<'_>) -> PyResult {
    make_union(vm, &[a, b])
}

// ---- attributes

fn repr(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let p = param(vm, r)?;
    let sign: &[u8] = match p {
        _ if p.infer_variance || payload::<TypeVarTuple>(r).is_some() => b"",
        Param { covariant: true, .. } => b"+",
        Param { contravariant: true, .. } => b"-",
        _ => b"~",
    };
    vm.new_str_bytes(&[sign, str_bytes(p.name.as_ref())].concat())
}

fn module(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let p = param(vm, r)?;
    if p.module.is_null() { vm.new_str("typing") } else { Ok(p.module.clone()) }
}

fn reduce(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    Ok(param(vm, args.get(0))?.name.clone())
}

fn has_default(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    Ok(owned_bool(param(vm, args.get(0))?.default.is_set()))
}

fn default(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    match param(vm, r)?.default.get(vm)? {
        Some(v) => Ok(v),
        None => no_default(vm),
    }
}

/// The native module `_typing`, from which `typing` takes these classes.
pub fn typing_module(vm: &mut Vm) -> PyResult {
    let module = vm.new_module("_typing")?;
    let generic = generic_class(vm)?;
    let no_default = no_default(vm)?;
    let mut named = vec![("Generic", generic), ("NoDefault", no_default)];
    let classes: [(&str, Option<TypeRef<'static>>); 7] = [
        ("TypeVar", vm.native_class::<TypeVar>()),
        ("ParamSpec", vm.native_class::<ParamSpec>()),
        ("TypeVarTuple", vm.native_class::<TypeVarTuple>()),
        ("ParamSpecArgs", vm.native_class::<ParamSpecArgs>()),
        ("ParamSpecKwargs", vm.native_class::<ParamSpecKwargs>()),
        ("TypeAliasType", vm.native_class::<TypeAliasType>()),
        ("Union", vm.native_class::<super::alias::union::UnionType>()),
    ];
    named.extend(classes.into_iter().filter_map(|(n, c)| c.map(|c| (n, c.owned()))));
    const IDFUNC: NativeDef = NativeDef::function("_idfunc", "x, /", |_, a| Ok(a.get(0).owned()));
    static DEF: NativeDef = IDFUNC;
    let own_name = vm.intern("_typing")?;
    let f = vm.new_native_function(&DEF, None, None, Some(own_name.as_ref()))?;
    named.push(("_idfunc", f));
    let dict = vm.module_dict(module.as_ref()).unwrap_or_else(none);
    for (name, value) in named {
        vm.dict_set_name(dict.as_ref(), name, value)?;
    }
    Ok(module)
}
