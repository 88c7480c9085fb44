//! What the modules of this crate use of the machine, in one place, and the making of a module.

pub(crate) use crate::support::module as new_module;
pub(crate) use hognose_vm::object::int::{is_int, small_int_of};
pub(crate) use hognose_vm::object::list::ListRef;
pub(crate) use hognose_vm::object::native::{Trace, payload};
pub(crate) use hognose_vm::object::tuple::TupleRef;
pub(crate) use hognose_vm::object::types::TypeFlags;
pub(crate) use hognose_vm::object::{
    Layout, NOT_IMPLEMENTED, Owned, Ref, ValueExt, none, owned_bool, trace_fields,
};
pub(crate) use hognose_vm::{
    Args, BinOp, CmpOp, Exc, GetSetDef, NativeDef, PyResult, Raised, Slots, TypeDef, TypeRef, UnaryOp, Vm,
    as_str, base_value, buffer, str_bytes,
};

/// `__class_getitem__` of a class whose subscription means nothing at run time.
pub(crate) const CLASS_GETITEM: NativeDef =
    NativeDef::class_method("__class_getitem__", "$type, object, /", |vm, a| {
        vm.new_generic_alias(a.get(0), a.get(1))
    });

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

/// A new exception class with `Exception` (or another built-in one) as its base, stored in the module under `attr`.
pub(crate) fn add_exception(
    vm: &mut Vm,
    module: Ref<'_>,
    attr: &str,
    in_module: &str,
    base: Exc,
) -> PyResult<()> {
    let (name, dict) = (vm.new_str(attr)?, vm.new_dict()?);
    let of = vm.new_str(in_module)?;
    vm.dict_set_name(dict.as_ref(), "__module__", of)?;
    let base = vm.exc_class(base).owned();
    let bases = vm.new_tuple(vec![base])?;
    let meta = vm.types().type_;
    let class = vm.call(meta.as_ref(), &[name.as_ref(), bases.as_ref(), dict.as_ref()])?;
    vm.module_set(module, attr, class)
}

/// Raises an exception class that a native module holds.
#[cold]
pub(crate) fn raise_of(vm: &mut Vm, module: &str, attr: &str, message: &str) -> Raised {
    let made = vm.import_dotted(module).and_then(|m| {
        let class = vm.get_attr_name(m.as_ref(), attr)?;
        let text = vm.new_str(message)?;
        vm.call(class.as_ref(), &[text.as_ref()])
    });
    match made {
        Ok(exc) => vm.raise_object(exc),
        Err(e) => e,
    }
}

/// The contents of a bytes-like argument as an exact bytes object.
pub(crate) fn bytes_arg(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    match buffer::copy_of(vm, r)? {
        Some(b) => Ok(b),
        None => Err(buffer::not_bytes(vm, r)),
    }
}
