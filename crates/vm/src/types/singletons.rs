//! `None`, `Ellipsis` and `NotImplemented`.

use crate::args::NativeDef;
use crate::define::TypeDef;
use crate::type_slots::Slots;
use crate::{Args, PyResult, Vm};
use hognose_object as o;
use hognose_object::{Layout, Owned, Ref, Value};

fn no_arguments(vm: &mut Vm, args: &Args<'_>, name: &str, value: Value) -> PyResult {
    if args.pos.len() > 1 || !args.kwnames.is_empty() {
        return Err(vm.type_error(&format!("{name} takes no arguments")));
    }
    Ok(Owned::from_immediate(value))
}

fn by_identity(_: &mut Vm, r: Ref<'_>) -> PyResult<i64> {
    Ok(Vm::hash_identity(r))
}

/// `NoneType`
pub(crate) static NONE_TYPE: TypeDef = TypeDef {
    name: "NoneType",
    layout: Layout::Instance,
    doc: "The type of the None singleton.",
    slots: Slots {
        repr: Some(|vm, _| vm.new_str("None")),
        hash: Some(|_, _| Ok(0xfca8_6420)),
        bool: Some(|_, _| Ok(false)),
        new: Some(|vm, a| no_arguments(vm, a, "NoneType", o::NONE)),
        ..Slots::NONE
    },
    ..TypeDef::EMPTY
};

/// `ellipsis`
pub(crate) static ELLIPSIS: TypeDef = TypeDef {
    name: "ellipsis",
    layout: Layout::Instance,
    doc: "The type of the Ellipsis singleton.",
    slots: Slots {
        repr: Some(|vm, _| vm.new_str("Ellipsis")),
        hash: Some(by_identity),
        new: Some(|vm, a| no_arguments(vm, a, "EllipsisType", o::ELLIPSIS)),
        ..Slots::NONE
    },
    methods: &[NativeDef::method("__reduce__", "$self, /", |vm, _| vm.new_str("Ellipsis"))],
    ..TypeDef::EMPTY
};

/// `NotImplementedType`
pub(crate) static NOT_IMPLEMENTED: TypeDef = TypeDef {
    name: "NotImplementedType",
    layout: Layout::Instance,
    doc: "The type of the NotImplemented singleton.",
    slots: Slots {
        repr: Some(|vm, _| vm.new_str("NotImplemented")),
        hash: Some(by_identity),
        bool: Some(|vm, _| Err(vm.type_error("NotImplemented should not be used in a boolean context"))),
        new: Some(|vm, a| no_arguments(vm, a, "NotImplementedType", o::NOT_IMPLEMENTED)),
        ..Slots::NONE
    },
    methods: &[NativeDef::method("__reduce__", "$self, /", |vm, _| vm.new_str("NotImplemented"))],
    ..TypeDef::EMPTY
};
