//! Exceptions with a few attributes: StopIteration, SystemExit, KeyError, ImportError, NameError, AttributeError.

use super::base;
use super::fields;
use crate::args::{Args, NativeDef};
use crate::define::TypeDef;
use crate::type_slots::Slots;
use crate::{PyResult, Vm};
use hognose_object::str::StrRef;
use hognose_object::tuple::TupleRef;
use hognose_object::{Layout, Owned, Ref, ValueExt};

/// `StopIteration`
pub static STOP_ITERATION: TypeDef = TypeDef {
    name: "StopIteration",
    layout: Layout::Exception,
    doc: "Signal the end from iterator.__next__().",
    slots: Slots { init: Some(stop_iteration_init), ..Slots::NONE },
    ..TypeDef::EMPTY
};

/// `SystemExit`
pub static SYSTEM_EXIT: TypeDef = TypeDef {
    name: "SystemExit",
    layout: Layout::Exception,
    doc: "Request to exit from the interpreter.",
    slots: Slots { init: Some(system_exit_init), ..Slots::NONE },
    ..TypeDef::EMPTY
};

/// `KeyError`
pub static KEY_ERROR: TypeDef = TypeDef {
    name: "KeyError",
    layout: Layout::Exception,
    doc: "Mapping key not found.",
    slots: Slots { str: Some(key_error_str), ..Slots::NONE },
    ..TypeDef::EMPTY
};

/// `ImportError`
pub static IMPORT_ERROR: TypeDef = TypeDef {
    name: "ImportError",
    layout: Layout::Exception,
    doc: "Import can't find module, or can't find name in module.",
    slots: Slots { init: Some(import_error_init), str: Some(import_error_str), ..Slots::NONE },
    methods: &[NativeDef::method("__reduce__", "$self, /", import_error_reduce)],
    ..TypeDef::EMPTY
};

/// `NameError`
pub static NAME_ERROR: TypeDef = TypeDef {
    name: "NameError",
    layout: Layout::Exception,
    doc: "Name not found globally.",
    slots: Slots { init: Some(name_error_init), ..Slots::NONE },
    ..TypeDef::EMPTY
};

/// `AttributeError`
pub static ATTRIBUTE_ERROR: TypeDef = TypeDef {
    name: "AttributeError",
    layout: Layout::Exception,
    doc: "Attribute not found.",
    slots: Slots { init: Some(attribute_error_init), ..Slots::NONE },
    methods: &[
        NativeDef::method("__reduce__", "$self, /", attribute_error_reduce),
        NativeDef::method("__getstate__", "$self, /", attribute_error_state),
    ],
    ..TypeDef::EMPTY
};

fn stop_iteration_init(vm: &mut Vm, args: &Args<'_>) -> PyResult<()> {
    base::init(vm, args)?;
    match args.rest(1).first() {
        Some(value) => fields::store(vm, args.get(0), "value", *value),
        None => Ok(()),
    }
}

fn system_exit_init(vm: &mut Vm, args: &Args<'_>) -> PyResult<()> {
    base::init(vm, args)?;
    let exc = args.get(0);
    match args.rest(1) {
        [] => Ok(()),
        [one] => fields::store(vm, exc, "code", *one),
        _ => {
            let all = fields::args(vm, exc);
            fields::store(vm, exc, "code", all.as_ref())
        }
    }
}

fn key_error_str(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let args = fields::args(vm, r);
    match TupleRef::new(args.as_ref()).map_or(&[][..], |t| t.items()) {
        [key] => vm.repr(*key),
        _ => base::str(vm, r),
    }
}

/// Sets the arguments and the attributes given by keyword.
fn init_with_keywords(vm: &mut Vm, args: &Args<'_>, class: &str, known: &[&'static str]) -> PyResult<()> {
    let exc = args.get(0);
    fields::set_args(vm, exc, args.rest(1))?;
    for (name, value) in args.kwnames.iter().zip(args.kwvalues) {
        let text = vm.text_of(*name);
        let Some(attr) = known.iter().find(|k| **k == text) else {
            let hint = crate::traceback::suggest::closest(known.iter().copied(), &text)
                .map_or_else(String::new, |s| format!(". Did you mean '{s}'?"));
            let message = format!("{class}() got an unexpected keyword argument '{text}'{hint}");
            return Err(vm.type_error(&message));
        };
        fields::store(vm, exc, attr, *value)?;
    }
    Ok(())
}

fn import_error_init(vm: &mut Vm, args: &Args<'_>) -> PyResult<()> {
    init_with_keywords(vm, args, "ImportError", &["name", "path", "name_from"])?;
    match args.rest(1) {
        [message] => fields::store(vm, args.get(0), "msg", *message),
        _ => Ok(()),
    }
}

fn import_error_str(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    match fields::load(vm, r, "msg")? {
        Some(msg) if StrRef::new(msg.as_ref()).is_some() => Ok(msg),
        _ => base::str(vm, r),
    }
}

fn import_error_reduce(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let exc = args.get(0);
    let exc_args = fields::args(vm, exc);
    base::reduce_with(vm, exc, exc_args, &["name", "path", "name_from"])
}

fn name_error_init(vm: &mut Vm, args: &Args<'_>) -> PyResult<()> {
    init_with_keywords(vm, args, "NameError", &["name"])
}

fn attribute_error_init(vm: &mut Vm, args: &Args<'_>) -> PyResult<()> {
    init_with_keywords(vm, args, "AttributeError", &["name", "obj"])
}

/// The state of an AttributeError: `obj` is left out, since it can be anything.
fn attribute_state(vm: &mut Vm, exc: Ref<'_>) -> PyResult {
    let exc_args = fields::args(vm, exc);
    let reduced = base::reduce_with(vm, exc, exc_args, &["name"])?;
    let items = TupleRef::new(reduced.as_ref()).map_or(&[][..], |t| t.items());
    let state: Owned = match items.get(2) {
        Some(state) if !state.is_none() => state.owned(),
        _ => vm.new_dict()?,
    };
    let exc_args = fields::args(vm, exc);
    vm.dict_set_name(state.as_ref(), "args", exc_args)?;
    Ok(state)
}

fn attribute_error_reduce(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let exc = args.get(0);
    let state = attribute_state(vm, exc)?;
    let class = vm.class_of(exc).owned();
    let exc_args = fields::args(vm, exc);
    vm.new_tuple(vec![class, exc_args, state])
}

fn attribute_error_state(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    attribute_state(vm, args.get(0))
}
