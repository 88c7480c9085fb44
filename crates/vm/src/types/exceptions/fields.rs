//! Safe access to the fixed fields of exception objects, and to their other built-in attributes.
//!
//!   | header | args | traceback | context | cause | suppress_context | attribute slots … |
//!
//! Invariant: every `Value` field is owned by the object, NULL when absent. `OSError.errno` and its like are ordinary
//! instance attributes; their classes hold the default `None` (see [`super::finish`]).
#![allow(unsafe_code, reason = "exception fields are reached through raw headers")]

use crate::class::TypeRef;
use crate::{PyResult, Vm};
use hognose_object::objects::ExceptionObj;
use hognose_object::tuple::TupleRef;
use hognose_object::{Layout, Owned, Ref, Value, ValueExt};

/// A fixed field that holds an object.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Field {
    /// `args`
    Args,
    /// `__traceback__`
    Traceback,
    /// `__context__`
    Context,
    /// `__cause__`
    Cause,
}

/// Is it an exception instance?
#[inline]
pub fn is_exception(r: Ref<'_>) -> bool {
    r.has_layout(Layout::Exception)
}

fn place(exc: Ref<'_>, field: Field) -> Option<*mut Value> {
    if !is_exception(exc) {
        return None;
    }
    let o = exc.value().header().cast::<ExceptionObj>();
    // SAFETY: the layout was checked; only addresses are computed.
    unsafe {
        Some(match field {
            Field::Args => &raw mut (*o).args,
            Field::Traceback => &raw mut (*o).traceback,
            Field::Context => &raw mut (*o).context,
            Field::Cause => &raw mut (*o).cause,
        })
    }
}

/// Another reference to a field's object.
pub fn get(exc: Ref<'_>, field: Field) -> Option<Owned> {
    let p = place(exc, field)?;
    // SAFETY: the exception is alive and owns what the field holds.
    let v = unsafe { *p };
    if v.bits() == 0 || v.is_null() {
        return None;
    }
    // SAFETY: as above.
    Some(unsafe { Ref::from_value(v).owned() })
}

/// Stores into a field; what it held is released afterwards.
pub fn set(exc: Ref<'_>, field: Field, value: Option<Owned>) {
    let Some(p) = place(exc, field) else { return };
    let new = value.map_or(Value::NULL, Owned::into_value);
    // SAFETY: the exception is alive; the field owned the old value, and owns the new one from now on.
    let old = unsafe { std::mem::replace(&mut *p, new) };
    if old.bits() != 0 {
        // SAFETY: the field gave it up.
        drop(unsafe { Owned::from_value(old) });
    }
}

/// `__suppress_context__`
pub fn suppress_context(exc: Ref<'_>) -> bool {
    // SAFETY: the layout is checked first.
    is_exception(exc) && unsafe { (*exc.value().header().cast::<ExceptionObj>()).suppress_context != 0 }
}

/// Sets `__suppress_context__`.
pub fn set_suppress_context(exc: Ref<'_>, on: bool) {
    if is_exception(exc) {
        // SAFETY: the layout was checked; a plain word.
        unsafe { (*exc.value().header().cast::<ExceptionObj>()).suppress_context = u64::from(on) }
    }
}

/// A new exception of a class, its fields empty.
pub fn alloc(vm: &mut Vm, class: TypeRef<'_>) -> PyResult {
    let exc = vm.alloc_for(class)?;
    if !is_exception(exc.as_ref()) {
        let name = class.name();
        return Err(vm.type_error(&format!(
            "BaseException.__new__({name}): {name} is not a subtype of BaseException"
        )));
    }
    for field in [Field::Args, Field::Traceback, Field::Context, Field::Cause] {
        set(exc.as_ref(), field, None);
    }
    Ok(exc)
}

/// The argument tuple.
pub fn args(vm: &Vm, exc: Ref<'_>) -> Owned {
    get(exc, Field::Args).unwrap_or_else(|| vm.empty_tuple().owned())
}

/// Replaces the argument tuple, unless it holds these very objects already.
pub fn set_args(vm: &Vm, exc: Ref<'_>, items: &[Ref<'_>]) -> PyResult<()> {
    let old = args(vm, exc);
    let same = TupleRef::new(old.as_ref()).is_some_and(|t| {
        t.items().len() == items.len() && t.items().iter().zip(items).all(|(a, b)| a.is(*b))
    });
    if !same || get(exc, Field::Args).is_none() {
        let new = vm.new_tuple(items.iter().map(|r| r.owned()).collect())?;
        set(exc, Field::Args, Some(new));
    }
    Ok(())
}

/// Stores a built-in attribute such as `errno`, whatever the class says about the name.
pub fn store(vm: &mut Vm, exc: Ref<'_>, name: &str, value: Ref<'_>) -> PyResult<()> {
    let name = vm.intern(name)?;
    vm.instance_set(exc, name.as_ref(), value)?;
    Ok(())
}

/// Reads a built-in attribute; absent when it was never set, or `None`.
pub fn load(vm: &mut Vm, exc: Ref<'_>, name: &str) -> PyResult<Option<Owned>> {
    let name = vm.intern(name)?;
    Ok(vm.instance_get(exc, name.as_ref()).filter(|v| !v.as_ref().is_none()))
}

/// Gives `__context__`, refusing a cycle of one.
pub fn set_context(exc: Ref<'_>, context: Option<Owned>) {
    set(exc, Field::Context, context);
}

/// Gives `__cause__`, which hides the context.
pub fn set_cause(exc: Ref<'_>, cause: Option<Owned>) {
    set(exc, Field::Cause, cause);
    set_suppress_context(exc, true);
}
