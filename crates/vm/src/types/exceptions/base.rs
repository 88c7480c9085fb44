//! `BaseException`: construction, text, the attributes every exception has, notes and pickling.

use super::fields::{self, Field};
use crate::args::{Args, GetSetDef, NativeDef};
use crate::class::TypeRef;
use crate::define::TypeDef;
use crate::type_slots::Slots;
use crate::{PyResult, Vm};
use hognose_object::dict::DictRef;
use hognose_object::list::ListRef;
use hognose_object::tuple::TupleRef;
use hognose_object::{Layout, Owned, Ref, ValueExt, none, owned_bool};

/// The definition of `BaseException`; the others inherit from it.
pub static BASE: TypeDef = TypeDef {
    name: "BaseException",
    layout: Layout::Exception,
    doc: "Common base class for all exceptions",
    slots: Slots { new: Some(new), init: Some(init), repr: Some(repr), str: Some(str), ..Slots::NONE },
    methods: &[
        NativeDef::method("with_traceback", "$self, tb, /", with_traceback),
        NativeDef::method("add_note", "$self, note, /", add_note),
        NativeDef::method("__setstate__", "$self, state, /", set_state),
        NativeDef::method("__reduce__", "$self, /", reduce),
    ],
    getset: &[
        GetSetDef::write("args", |vm, r| Ok(fields::args(vm, r)), set_args),
        GetSetDef::write("__traceback__", |_, r| Ok(get(r, Field::Traceback)), set_traceback),
        GetSetDef::write("__dict__", dict, set_dict),
        GetSetDef::write("__context__", |_, r| Ok(get(r, Field::Context)), set_context),
        GetSetDef::write("__cause__", |_, r| Ok(get(r, Field::Cause)), set_cause),
        GetSetDef::write(
            "__suppress_context__",
            |_, r| Ok(owned_bool(fields::suppress_context(r))),
            set_suppress_context,
        ),
    ],
    ..TypeDef::EMPTY
};

fn get(r: Ref<'_>, field: Field) -> Owned {
    fields::get(r, field).unwrap_or_else(none)
}

/// `BaseException.__new__`: keeps the positional arguments, ignores the others.
pub(super) fn new(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let Some(class) = args.opt(0).and_then(TypeRef::new) else {
        return Err(vm.type_error("BaseException.__new__(X): X is not a type object"));
    };
    if class.layout() != Layout::Exception {
        let name = class.name();
        let message = format!("BaseException.__new__({name}): {name} is not a subtype of BaseException");
        return Err(vm.type_error(&message));
    }
    let exc = fields::alloc(vm, class)?;
    fields::set_args(vm, exc.as_ref(), args.rest(1))?;
    Ok(exc)
}

/// `BaseException.__init__`: no keyword arguments.
pub(super) fn init(vm: &mut Vm, args: &Args<'_>) -> PyResult<()> {
    no_keywords(vm, args)?;
    fields::set_args(vm, args.get(0), args.rest(1))
}

/// Refuses keyword arguments in the name of the object's class.
pub(super) fn no_keywords(vm: &mut Vm, args: &Args<'_>) -> PyResult<()> {
    if args.kwnames.is_empty() {
        return Ok(());
    }
    let name = match TypeRef::new(args.get(0)) {
        Some(class) => class.name(),
        None => vm.type_name(args.get(0)),
    };
    Err(vm.type_error(&format!("{name}() takes no keyword arguments")))
}

fn repr(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let args = fields::args(vm, r);
    let name = vm.type_name(r);
    let text = match TupleRef::new(args.as_ref()).map_or(&[][..], |t| t.items()) {
        [one] => {
            let one = vm.repr(*one)?;
            [name.as_bytes(), b"(", crate::text::str_bytes(one.as_ref()), b")"].concat()
        }
        _ => {
            let all = vm.repr(args.as_ref())?;
            [name.as_bytes(), crate::text::str_bytes(all.as_ref())].concat()
        }
    };
    vm.new_str_bytes(&text)
}

/// `BaseException.__str__`
pub(super) fn str(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let args = fields::args(vm, r);
    match TupleRef::new(args.as_ref()).map_or(&[][..], |t| t.items()) {
        [] => vm.new_str(""),
        [one] => vm.str(*one),
        _ => vm.str(args.as_ref()),
    }
}

fn dict(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    match vm.instance_dict(r)? {
        Some(dict) => Ok(dict),
        None => vm.new_dict(),
    }
}

fn set_dict(vm: &mut Vm, r: Ref<'_>, value: Option<Ref<'_>>) -> PyResult<()> {
    match value {
        Some(value) if DictRef::new(value).is_some() => vm.set_instance_dict(r, value).map(drop),
        Some(value) => {
            let class = vm.type_name(value);
            Err(vm.type_error(&format!("__dict__ must be set to a dictionary, not a '{class}'")))
        }
        None => Err(vm.type_error("cannot delete __dict__")),
    }
}

fn set_args(vm: &mut Vm, r: Ref<'_>, value: Option<Ref<'_>>) -> PyResult<()> {
    let Some(value) = value else { return Err(vm.type_error("args may not be deleted")) };
    let items = vm.collect(value)?;
    let tuple = vm.new_tuple(items)?;
    fields::set(r, Field::Args, Some(tuple));
    Ok(())
}

fn set_traceback(vm: &mut Vm, r: Ref<'_>, value: Option<Ref<'_>>) -> PyResult<()> {
    let Some(value) = value else { return Err(vm.type_error("__traceback__ may not be deleted")) };
    if !value.is_none() && !value.has_layout(Layout::Traceback) {
        return Err(vm.type_error("__traceback__ must be a traceback or None"));
    }
    fields::set(r, Field::Traceback, (!value.is_none()).then(|| value.owned()));
    Ok(())
}

fn chained(vm: &mut Vm, value: Option<Ref<'_>>, attr: &str, what: &str) -> PyResult<Option<Owned>> {
    let Some(value) = value else { return Err(vm.type_error(&format!("{attr} may not be deleted"))) };
    if value.is_none() {
        return Ok(None);
    }
    if !fields::is_exception(value) {
        return Err(vm.type_error(&format!("exception {what} must be None or derive from BaseException")));
    }
    Ok(Some(value.owned()))
}

fn set_context(vm: &mut Vm, r: Ref<'_>, value: Option<Ref<'_>>) -> PyResult<()> {
    let context = chained(vm, value, "__context__", "context")?;
    fields::set_context(r, context);
    Ok(())
}

fn set_cause(vm: &mut Vm, r: Ref<'_>, value: Option<Ref<'_>>) -> PyResult<()> {
    let cause = chained(vm, value, "__cause__", "cause")?;
    fields::set_cause(r, cause);
    Ok(())
}

fn set_suppress_context(vm: &mut Vm, r: Ref<'_>, value: Option<Ref<'_>>) -> PyResult<()> {
    match value {
        None => Err(vm.type_error("can't delete numeric/char attribute")),
        Some(v) if v.is_bool() => {
            fields::set_suppress_context(r, v.value() == hognose_object::TRUE);
            Ok(())
        }
        Some(_) => Err(vm.type_error("attribute value type must be bool")),
    }
}

fn with_traceback(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    set_traceback(vm, args.get(0), Some(args.get(1)))?;
    Ok(args.get(0).owned())
}

fn add_note(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let (exc, note) = (args.get(0), args.get(1));
    if crate::text::as_str(note).is_none() {
        let class = vm.type_name(note);
        return Err(vm.type_error(&format!("add_note() argument must be str, not {class}")));
    }
    let name = vm.names().__notes__;
    let notes = match vm.get_attr_opt(exc, name)? {
        Some(notes) => notes,
        None => {
            let notes = vm.new_list(Vec::new())?;
            vm.set_attr(exc, name, Some(notes.as_ref()))?;
            notes
        }
    };
    match ListRef::new(notes.as_ref()) {
        Some(list) => list.push(vm.heap_mut(), note.owned())?,
        None => return Err(vm.type_error("Cannot add note: __notes__ is not a list")),
    }
    Ok(none())
}

fn set_state(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let (exc, state) = (args.get(0), args.get(1));
    if state.is_none() {
        return Ok(none());
    }
    let Some(dict) = DictRef::new(state) else {
        return Err(vm.type_error("state is not a dictionary"));
    };
    for (key, value) in dict.to_vec() {
        vm.set_attr(exc, key.as_ref(), Some(value.as_ref()))?;
    }
    Ok(none())
}

fn reduce(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let exc = args.get(0);
    let exc_args = fields::args(vm, exc);
    reduce_with(vm, exc, exc_args, &[])
}

/// `(class, args)` or `(class, args, state)`; `keep` are built-in attributes that belong to the state.
pub(super) fn reduce_with(vm: &mut Vm, exc: Ref<'_>, exc_args: Owned, keep: &[&str]) -> PyResult {
    let class = vm.class_of(exc).owned();
    let state = vm.new_dict()?;
    if let Some(dict) = vm.instance_dict(exc)?
        && let Some(dict) = DictRef::new(dict.as_ref())
    {
        for (key, value) in dict.to_vec() {
            let text = crate::text::str_bytes(key.as_ref());
            let own = super::is_builtin_attribute(vm, exc, text);
            let kept = keep.iter().any(|k| k.as_bytes() == text) && !value.as_ref().is_none();
            if !own || kept {
                vm.dict_set(state.as_ref(), key.as_ref(), value.as_ref())?;
            }
        }
    }
    let empty = DictRef::new(state.as_ref()).is_none_or(|d| d.is_empty());
    vm.new_tuple(if empty { vec![class, exc_args] } else { vec![class, exc_args, state] })
}
