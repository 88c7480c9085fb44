//! `typing.TypeAliasType`: what `type Name[T] = value` makes. The value is computed when first asked for.

use super::Lazy;
use crate::args::{Args, GetSetDef, NativeDef};
use crate::define::TypeDef;
use crate::text::as_str;
use crate::type_slots::{BinOp, Slots};
use crate::{PyResult, Vm};
use hognose_object::native::payload;
use hognose_object::tuple::TupleRef;
use hognose_object::types::TypeFlags;
use hognose_object::{Layout, Owned, Ref, ValueExt, none, trace_fields};

/// Payload of `typing.TypeAliasType`.
pub(crate) struct TypeAliasType {
    name: Owned,
    /// A tuple, or None when there are none.
    params: Owned,
    value: Lazy,
    /// Its module's name, or None.
    module: Owned,
}
trace_fields!(TypeAliasType { name, params, value, module });

/// `typing.TypeAliasType`
pub static TYPE: TypeDef = TypeDef {
    name: "typing.TypeAliasType",
    layout: Layout::Native,
    doc: "Type alias.\n\nType aliases are created through the type statement::\n\n    type Alias = int",
    flags: TypeFlags::HAS_WEAKREF,
    slots: Slots {
        repr: Some(|vm, r| Ok(of(vm, r)?.name.clone())),
        getitem: Some(getitem),
        iter: Some(super::iter_unpacked),
        binary: Some(|vm, _, a, b| vm.new_union(a, b)),
        binary_ops: BinOp::Or.bit(),
        new: Some(new),
        ..Slots::NONE
    },
    methods: &[NativeDef::method("__reduce__", "$self, /", |vm, a| Ok(of(vm, a.get(0))?.name.clone()))],
    getset: &[
        GetSetDef::read("__name__", |vm, r| Ok(of(vm, r)?.name.clone())),
        GetSetDef::read("__value__", |vm, r| Ok(of(vm, r)?.value.get(vm)?.unwrap_or_else(none))),
        GetSetDef::read("__type_params__", |vm, r| {
            let params = of(vm, r)?.params.clone();
            Ok(if params.as_ref().is_none() { vm.empty_tuple().owned() } else { params })
        }),
        GetSetDef::read("__parameters__", parameters),
        GetSetDef::read("evaluate_value", |vm, r| Ok(of(vm, r)?.value.evaluator(vm)?.unwrap_or_else(none))),
        GetSetDef::read("__module__", |vm, r| Ok(of(vm, r)?.module.clone())),
    ],
};

fn of<'a>(vm: &mut Vm, r: Ref<'a>) -> PyResult<&'a TypeAliasType> {
    payload::<TypeAliasType>(r).ok_or_else(|| vm.type_error("a TypeAliasType is required"))
}

/// The alias of a `type` statement: `parts` are name, type parameters or None, and the function of the value.
pub(crate) fn new_type_alias(vm: &mut Vm, parts: Ref<'_>) -> PyResult {
    let Some([name, params, value]) = TupleRef::new(parts).map(|t| t.items()) else {
        return Err(vm.type_error("a type alias has a name, parameters and a value"));
    };
    let key = vm.names().__module__;
    let module = vm.get_attr_opt(*value, key)?.unwrap_or_else(none);
    vm.new_native(TypeAliasType {
        name: name.owned(),
        params: params.owned(),
        value: Lazy::of_function(*value),
        module,
    })
}

fn new(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let bound = vm.bind(args, "typealias", "name, value, *, type_params=()")?;
    let at = |i: usize| bound.pos.get(i).copied().flatten();
    let (Some(name), Some(value)) = (at(0), at(1)) else {
        return Err(vm.type_error("typealias() needs a name and a value"));
    };
    if as_str(name).is_none() {
        let class = vm.type_name(name);
        return Err(vm.type_error(&format!("typealias() argument 'name' must be str, not {class}")));
    }
    let params = match at(2) {
        Some(p) if !p.is_exact(Layout::Tuple) => return Err(vm.type_error("type_params must be a tuple")),
        Some(p) => {
            check_params(vm, p)?;
            if vm.items_of(p).is_empty() { none() } else { p.owned() }
        }
        None => none(),
    };
    let module = super::caller_module(vm)?.unwrap_or_else(none);
    vm.new_native(TypeAliasType { name: name.owned(), params, value: Lazy::of_value(value.owned()), module })
}

fn check_params(vm: &mut Vm, params: Ref<'_>) -> PyResult<()> {
    let mut seen_default = false;
    for p in vm.items_of(params) {
        let p = p.as_ref();
        let Some(found) = super::find_param(p) else {
            let text = vm.repr_text(p)?;
            return Err(vm.type_error(&format!("Expected a type param, got {text}")));
        };
        let has = found.default.is_set();
        if seen_default && !has {
            let text = vm.repr_text(p)?;
            return Err(
                vm.type_error(&format!("non-default type parameter '{text}' follows default type parameter"))
            );
        }
        seen_default |= has;
    }
    Ok(())
}

/// Type parameters as a generic alias counts them: `TypeVarTuple`s unpacked.
fn parameters(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let params = of(vm, r)?.params.clone();
    if params.as_ref().is_none() {
        return Ok(vm.empty_tuple().owned());
    }
    super::generic::unpack_tuples(vm, params.as_ref())
}

fn getitem(vm: &mut Vm, r: Ref<'_>, item: Ref<'_>) -> PyResult {
    if of(vm, r)?.params.as_ref().is_none() {
        return Err(vm.type_error("Only generic type aliases are subscriptable"));
    }
    vm.new_generic_alias(r, item)
}
