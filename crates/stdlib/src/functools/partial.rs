//! `functools.partial` and the placeholder for positions to be given later.

use crate::prelude::{
    Args, CLASS_GETITEM, GetSetDef, NativeDef, Owned, PyResult, Ref, Slots, TupleRef, TypeDef, TypeFlags,
    ValueExt, Vm, as_str, instance, none, payload, str_bytes, trace_fields,
};
use hognose_vm::object::dict::DictRef;
use std::cell::RefCell;

/// Payload of `partial`.
pub(super) struct Partial {
    state: RefCell<State>,
    /// Attributes of the object itself.
    attributes: Owned,
}
trace_fields!(Partial { state, attributes });

#[derive(Clone)]
struct State {
    func: Owned,
    /// A tuple; placeholders among them.
    args: Owned,
    /// A dict.
    keywords: Owned,
}
trace_fields!(State { func, args, keywords });

struct Placeholder;
trace_fields!(Placeholder {});

static TYPE: TypeDef = TypeDef {
    name: "functools.partial",
    doc: "Create a new function with partial application of the given arguments and keywords.",
    flags: TypeFlags::BASE_TYPE,
    slots: Slots {
        new: Some(new),
        call: Some(call),
        repr: Some(repr),
        getattro: Some(getattro),
        setattro: Some(setattro),
        descr_get: Some(|vm, d, obj, _| {
            if obj.is_null() || obj.is_none() { Ok(d.owned()) } else { vm.new_bound_method(d, obj) }
        }),
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("__reduce__", "$self, /", reduce),
        NativeDef::method("__setstate__", "$self, state, /", setstate),
        CLASS_GETITEM,
    ],
    getset: &[
        GetSetDef::read("func", |vm, r| Ok(state(vm, r)?.func)),
        GetSetDef::read("args", |vm, r| Ok(state(vm, r)?.args)),
        GetSetDef::read("keywords", |vm, r| Ok(state(vm, r)?.keywords)),
    ],
    ..TypeDef::EMPTY
};

static PLACEHOLDER: TypeDef = TypeDef {
    name: "functools._PlaceholderType",
    doc: "The type of the Placeholder singleton.\n\nUsed as a placeholder for partial arguments.",
    flags: TypeFlags::DISALLOW_INSTANTIATION,
    slots: Slots { repr: Some(|vm, _| vm.new_str("Placeholder")), ..Slots::NONE },
    methods: &[NativeDef::method("__reduce__", "$self, /", |vm, _| vm.new_str("Placeholder"))],
    ..TypeDef::EMPTY
};

pub(super) fn register(vm: &mut Vm, module: Ref<'_>) -> PyResult<()> {
    let class = vm.add_native_type::<Partial>(&TYPE)?;
    vm.module_set(module, "partial", class.owned())?;
    vm.add_native_type::<Placeholder>(&PLACEHOLDER)?;
    let placeholder = vm.new_native(Placeholder)?;
    vm.module_set(module, "Placeholder", placeholder)
}

fn is_placeholder(r: Ref<'_>) -> bool {
    payload::<Placeholder>(r).is_some()
}

fn state(vm: &mut Vm, r: Ref<'_>) -> PyResult<State> {
    match payload::<Partial>(r) {
        Some(p) => Ok(p.state.borrow().clone()),
        None => Err(vm.type_error("a partial object is required")),
    }
}

/// Bound arguments with `given` in the places of placeholders, the rest behind. With fewer than there are places the
/// result still has placeholders if `keep`, else it is an error.
fn merge(vm: &mut Vm, bound: &Owned, given: &[Ref<'_>], keep: bool) -> PyResult<Vec<Owned>> {
    let items = TupleRef::new(bound.as_ref()).map_or(&[][..], |t| t.items());
    let places = items.iter().filter(|r| is_placeholder(**r)).count();
    if !keep && given.len() < places {
        let n = given.len();
        return Err(vm.type_error(&format!(
            "missing positional arguments in 'partial' call; expected at least {places}, got {n}"
        )));
    }
    let mut rest = given.iter();
    let mut out = Vec::with_capacity(items.len() + given.len());
    for &x in items {
        let y = if is_placeholder(x) { rest.next().copied().unwrap_or(x) } else { x };
        out.push(y.owned());
    }
    out.extend(rest.map(|r| r.owned()));
    Ok(out)
}

fn new(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let Some((&func, given)) = args.rest(1).split_first() else {
        return Err(vm.type_error("type 'partial' takes at least one argument"));
    };
    if vm.class_of(func).slots().call.is_none() && !callable(func) {
        return Err(vm.type_error("the first argument must be callable"));
    }
    if given.last().is_some_and(|r| is_placeholder(*r)) {
        return Err(vm.type_error("trailing Placeholders are not allowed"));
    }
    if args.kwvalues.iter().any(|r| is_placeholder(*r)) {
        return Err(vm.type_error("Placeholder cannot be passed as a keyword argument"));
    }
    let keywords = vm.new_dict()?;
    let inner = payload::<Partial>(func).filter(|_| vm.native_class::<Partial>() == Some(vm.class_of(func)));
    let (func, bound) = match inner {
        Some(p) => {
            let s = p.state.borrow().clone();
            vm.dict_merge(keywords.as_ref(), s.keywords.as_ref(), false)?;
            let merged = merge(vm, &s.args, given, true)?;
            (s.func, merged)
        }
        None => (func.owned(), given.iter().map(|r| r.owned()).collect()),
    };
    for (k, v) in args.kwnames.iter().zip(args.kwvalues) {
        vm.dict_set(keywords.as_ref(), *k, *v)?;
    }
    let bound = vm.new_tuple(bound)?;
    let attributes = vm.new_dict()?;
    let p = Partial { state: RefCell::new(State { func, args: bound, keywords }), attributes };
    instance(vm, args.get(0), p)
}

/// Functions and methods are called without a slot.
fn callable(r: Ref<'_>) -> bool {
    use crate::prelude::Layout;
    matches!(
        r.layout_of(),
        Some(Layout::Function | Layout::NativeFunction | Layout::BoundMethod | Layout::Type)
    )
}

fn call(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let s = state(vm, args.get(0))?;
    let pos = merge(vm, &s.args, args.rest(1), false)?;
    let mut keywords = DictRef::new(s.keywords.as_ref()).map_or_else(Vec::new, |d| d.to_vec());
    for (k, v) in args.kwnames.iter().zip(args.kwvalues) {
        match keywords.iter_mut().find(|(n, _)| str_bytes(n.as_ref()) == str_bytes(*k)) {
            Some(known) => known.1 = v.owned(),
            None => keywords.push((k.owned(), v.owned())),
        }
    }
    let pos: Vec<Ref<'_>> = pos.iter().map(Owned::as_ref).collect();
    let kw: Vec<(Ref<'_>, Ref<'_>)> = keywords.iter().map(|(k, v)| (k.as_ref(), v.as_ref())).collect();
    vm.call_kw(s.func.as_ref(), &pos, &kw)
}

fn repr(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    if !vm.repr_enter(r) {
        return vm.new_str("...");
    }
    let text = repr_text(vm, r);
    vm.repr_leave(r);
    vm.new_str_bytes(&text?)
}

fn repr_text(vm: &mut Vm, r: Ref<'_>) -> PyResult<Vec<u8>> {
    let s = state(vm, r)?;
    let class = vm.class_of(r);
    let mut out = format!("{}(", vm.qualified_name(class)?).into_bytes();
    let text = vm.repr(s.func.as_ref())?;
    out.extend_from_slice(str_bytes(text.as_ref()));
    for x in vm.items_of(s.args.as_ref()) {
        let text = vm.repr(x.as_ref())?;
        out.extend_from_slice(b", ");
        out.extend_from_slice(str_bytes(text.as_ref()));
    }
    for (k, v) in DictRef::new(s.keywords.as_ref()).map_or_else(Vec::new, |d| d.to_vec()) {
        let (k, v) = (vm.str(k.as_ref())?, vm.repr(v.as_ref())?);
        out.extend_from_slice(b", ");
        out.extend_from_slice(str_bytes(k.as_ref()));
        out.push(b'=');
        out.extend_from_slice(str_bytes(v.as_ref()));
    }
    out.push(b')');
    Ok(out)
}

fn reduce(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let r = args.get(0);
    let s = state(vm, r)?;
    let class = vm.class_of(r).owned();
    let dict = payload::<Partial>(r)
        .map(|p| p.attributes.clone())
        .filter(|d| DictRef::new(d.as_ref()).is_some_and(|d| !d.is_empty()))
        .unwrap_or_else(none);
    let func = vm.new_tuple(vec![s.func.clone()])?;
    let state = vm.new_tuple(vec![s.func, s.args, s.keywords, dict])?;
    vm.new_tuple(vec![class, func, state])
}

fn setstate(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let parts = vm.items_of(args.get(1));
    let (Some(p), [func, bound, keywords, dict]) = (payload::<Partial>(args.get(0)), &parts[..]) else {
        return Err(vm.type_error("invalid partial state"));
    };
    let valid = TupleRef::new(bound.as_ref()).is_some()
        && (keywords.as_ref().is_none() || DictRef::new(keywords.as_ref()).is_some())
        && (dict.as_ref().is_none() || DictRef::new(dict.as_ref()).is_some());
    if !valid {
        return Err(vm.type_error("invalid partial state"));
    }
    let keywords = if keywords.as_ref().is_none() { vm.new_dict()? } else { keywords.clone() };
    let old = p.state.replace(State { func: func.clone(), args: bound.clone(), keywords });
    drop(old);
    if DictRef::new(dict.as_ref()).is_some() {
        vm.dict_merge(p.attributes.as_ref(), dict.as_ref(), false)?;
    }
    Ok(none())
}

fn getattro(vm: &mut Vm, r: Ref<'_>, name: Ref<'_>) -> PyResult {
    if let Some(p) = payload::<Partial>(r)
        && let Some(v) = own_attribute(vm, &p.attributes, name)?
    {
        return Ok(v);
    }
    vm.generic_get_attr(r, name)
}

fn setattro(vm: &mut Vm, r: Ref<'_>, name: Ref<'_>, value: Option<Ref<'_>>) -> PyResult<()> {
    if matches!(str_bytes(name), b"func" | b"args" | b"keywords") {
        return Err(vm.raise(crate::prelude::Exc::AttributeError, "readonly attribute"));
    }
    match payload::<Partial>(r) {
        Some(p) => set_own_attribute(vm, r, &p.attributes, name, value),
        None => vm.generic_set_attr(r, name, value),
    }
}

/// Attributes in a dict that the payload holds: `__dict__` itself, or what was stored.
pub(super) fn own_attribute(vm: &mut Vm, dict: &Owned, name: Ref<'_>) -> PyResult<Option<Owned>> {
    if str_bytes(name) == b"__dict__" {
        return Ok(Some(dict.clone()));
    }
    if as_str(name).is_none() || DictRef::new(dict.as_ref()).is_none_or(|d| d.is_empty()) {
        return Ok(None);
    }
    vm.dict_get(dict.as_ref(), name)
}

/// Stores or deletes one of them.
pub(super) fn set_own_attribute(
    vm: &mut Vm,
    r: Ref<'_>,
    dict: &Owned,
    name: Ref<'_>,
    value: Option<Ref<'_>>,
) -> PyResult<()> {
    match value {
        Some(v) => vm.dict_set(dict.as_ref(), name, v),
        None => match vm.dict_del(dict.as_ref(), name)? {
            Some(_) => Ok(()),
            None => Err(vm.attribute_error(r, name)),
        },
    }
}
