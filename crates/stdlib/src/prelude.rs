//! What the modules of this crate use of the machine, in one place, and the making of a module.

pub(crate) use hognose_vm::object::int::{is_int, small_int_of};
pub(crate) use hognose_vm::object::list::ListRef;
pub(crate) use hognose_vm::object::native::{Trace, payload};
pub(crate) use hognose_vm::object::tuple::TupleRef;
pub(crate) use hognose_vm::object::types::TypeFlags;
pub(crate) use hognose_vm::object::{
    Layout, NOT_IMPLEMENTED, Owned, Ref, ValueExt, none, owned_bool, trace_fields,
};
pub(crate) use hognose_vm::{
    Args, BinOp, CmpOp, Exc, GetSetDef, NativeDef, PyResult, Slots, TypeDef, TypeRef, UnaryOp, Vm, as_str,
    base_value, str_bytes,
};

/// `__class_getitem__` of a class whose subscription means nothing at run time.
pub(crate) const CLASS_GETITEM: NativeDef =
    NativeDef::class_method("__class_getitem__", "$type, object, /", |vm, a| {
        vm.new_generic_alias(a.get(0), a.get(1))
    });

/// A new module with documentation and functions.
pub(crate) fn new_module(vm: &mut Vm, name: &str, doc: &str, functions: &'static [NativeDef]) -> PyResult {
    let module = vm.new_module(name)?;
    let doc = vm.new_str(doc)?;
    vm.module_set(module.as_ref(), "__doc__", doc)?;
    vm.add_functions(module.as_ref(), functions)?;
    Ok(module)
}

/// An instance of `class`: the native type of `T` or a subclass.
pub(crate) fn instance<T: Trace + 'static>(vm: &mut Vm, class: Ref<'_>, value: T) -> PyResult {
    match TypeRef::new(class) {
        Some(c) => vm.new_native_of(c, value),
        None => vm.new_native(value),
    }
}

/// `NotImplemented`
pub(crate) fn not_implemented() -> Owned {
    Owned::from_immediate(NOT_IMPLEMENTED)
}
