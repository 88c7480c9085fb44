//! `isinstance` and `issubclass`, with `__instancecheck__` and `__subclasscheck__`.

use crate::class::TypeRef;
use crate::{PyResult, Vm};
use hognose_object::tuple::TupleRef;
use hognose_object::{Ref, ValueExt};

/// Which of the two is asked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Question {
    Instance,
    Subclass,
}

/// Asks for a class, a tuple of them, a union, or anything with the hook.
pub(crate) fn check(vm: &mut Vm, r: Ref<'_>, class: Ref<'_>, q: Question) -> PyResult<bool> {
    if q == Question::Instance
        && let Some(t) = TypeRef::new(class)
        && vm.class_of(r) == t
    {
        return Ok(true);
    }
    vm.check_native_stack()?;
    if let Some(t) = TupleRef::new(crate::class::base_value(class)) {
        for c in t.items() {
            if check(vm, r, *c, q)? {
                return Ok(true);
            }
        }
        return Ok(false);
    }
    if let Some(args) = crate::types::alias::union_args(class) {
        return check(vm, r, args.as_ref(), q);
    }
    if class.is_none() {
        // `int | None` holds None for NoneType.
        let none = vm.types.none_type;
        return check(vm, r, none.as_ref(), q);
    }
    // `type` itself answers without calling anything.
    let meta = vm.class_of(class);
    if meta == vm.types.type_ {
        return by_mro(vm, r, class, q);
    }
    let name = match q {
        Question::Instance => vm.names.__instancecheck__,
        Question::Subclass => vm.names.__subclasscheck__,
    };
    match vm.call_special(class, name, &[r])? {
        Some(v) => vm.is_true(v.as_ref()),
        None => by_mro(vm, r, class, q),
    }
}

/// The answer by inheritance alone (`type.__instancecheck__`).
pub(crate) fn by_mro(vm: &mut Vm, r: Ref<'_>, class: Ref<'_>, q: Question) -> PyResult<bool> {
    let Some(t) = TypeRef::new(class) else {
        return Err(match q {
            Question::Instance => {
                vm.type_error("isinstance() arg 2 must be a type, a tuple of types, or a union")
            }
            Question::Subclass => {
                vm.type_error("issubclass() arg 2 must be a class, a tuple of classes, or a union")
            }
        });
    };
    match q {
        Question::Instance => {
            if vm.is_instance(r, t) {
                return Ok(true);
            }
            // Proxies say another class than they have.
            let name = vm.names.__class__;
            if vm.class_of(r).slots().getattro.is_none() && !has_class_property(vm, r) {
                return Ok(false);
            }
            let claimed = vm.get_attr_opt(r, name)?;
            Ok(claimed.as_ref().and_then(|c| TypeRef::new(c.as_ref())).is_some_and(|c| c.is_subclass_of(t)))
        }
        Question::Subclass => match TypeRef::new(r) {
            Some(c) => Ok(c.is_subclass_of(t)),
            None => Err(vm.type_error("issubclass() arg 1 must be a class")),
        },
    }
}

fn has_class_property(vm: &mut Vm, r: Ref<'_>) -> bool {
    let class = vm.class_of(r);
    let name = vm.names.__class__;
    let own = vm.lookup(class, name).map(|v| v.value());
    let object = vm.types.object;
    own != vm.lookup(object, name).map(|v| v.value())
}
