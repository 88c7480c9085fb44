//! `ContextVar` and `Token`.

use super::{Context, current, wrong_token};
use crate::prelude::{
    Args, CLASS_GETITEM, GetSetDef, NativeDef, Owned, PyResult, Ref, Slots, TypeDef, Vm, none, payload,
    trace_fields,
};
use std::cell::Cell;

struct Var {
    name: Owned,
    default: Option<Owned>,
}
trace_fields!(Var { name, default });

struct Token {
    var: Owned,
    context: Owned,
    old: Option<Owned>,
    used: Cell<bool>,
}
trace_fields!(Token { var, context, old });

struct Missing;
trace_fields!(Missing {});

static VAR: TypeDef = TypeDef {
    name: "_contextvars.ContextVar",
    slots: Slots { new: Some(new), repr: Some(var_repr), ..Slots::NONE },
    methods: &[
        NativeDef::method("get", "$self, default=None, /", get),
        NativeDef::method("set", "$self, value, /", set),
        NativeDef::method("reset", "$self, token, /", reset),
        CLASS_GETITEM,
    ],
    getset: &[GetSetDef::read("name", |vm, r| Ok(var(vm, r)?.name.clone()))],
    ..TypeDef::EMPTY
};

static TOKEN: TypeDef = TypeDef {
    name: "_contextvars.Token",
    slots: Slots {
        new: Some(|vm, _| Err(vm.runtime_error("Tokens can only be created by ContextVars"))),
        repr: Some(token_repr),
        hash: Some(|vm, _| Err(vm.type_error("unhashable type: '_contextvars.Token'"))),
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("__enter__", "$self, /", |_, a| Ok(a.get(0).owned())),
        NativeDef::method("__exit__", "$self, type, value, traceback, /", |vm, a| {
            let var = token(vm, a.get(0))?.var.clone();
            restore(vm, var.as_ref(), a.get(0))
        }),
        CLASS_GETITEM,
    ],
    getset: &[
        GetSetDef::read("var", |vm, r| Ok(token(vm, r)?.var.clone())),
        GetSetDef::read("old_value", |vm, r| match token(vm, r)?.old.clone() {
            Some(v) => Ok(v),
            None => missing(vm),
        }),
    ],
    ..TypeDef::EMPTY
};

static MISSING: TypeDef = TypeDef {
    name: "Token.MISSING",
    slots: Slots { repr: Some(|vm, _| vm.new_str("<Token.MISSING>")), ..Slots::NONE },
    ..TypeDef::EMPTY
};

/// Makes the classes and puts them into the module.
pub(super) fn add_types(vm: &mut Vm, module: &Owned) -> PyResult<()> {
    let class = vm.add_native_type::<Var>(&VAR)?;
    vm.module_set(module.as_ref(), "ContextVar", class.owned())?;
    let class = vm.add_native_type::<Token>(&TOKEN)?;
    vm.module_set(module.as_ref(), "Token", class.owned())?;
    vm.add_native_type::<Missing>(&MISSING)?;
    let missing = vm.new_native(Missing)?;
    let key = vm.intern("MISSING")?;
    vm.dict_set(class.dict().as_ref(), key.as_ref(), missing.as_ref())
}

fn missing(vm: &mut Vm) -> PyResult {
    match vm.native_class::<Token>() {
        Some(class) => vm.get_attr_name(class.as_ref(), "MISSING"),
        None => Ok(none()),
    }
}

fn var<'a>(vm: &mut Vm, r: Ref<'a>) -> PyResult<&'a Var> {
    payload::<Var>(r).ok_or_else(|| vm.type_error("a ContextVar object is required"))
}

fn token<'a>(vm: &mut Vm, r: Ref<'a>) -> PyResult<&'a Token> {
    payload::<Token>(r).ok_or_else(|| vm.type_error("a Token object is required"))
}

/// TypeError unless it is a variable.
pub(super) fn check(vm: &mut Vm, key: Ref<'_>) -> PyResult<()> {
    if payload::<Var>(key).is_some() {
        return Ok(());
    }
    let shown = vm.repr_text(key)?;
    Err(vm.type_error(&format!("a ContextVar key was expected, got {shown}")))
}

fn new(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let bound = vm.bind(args, "ContextVar", "name, /, *, default=None")?;
    let Some(name) = bound.pos[0] else { return Ok(none()) };
    if crate::prelude::as_str(name).is_none() {
        return Err(vm.type_error("context variable name must be a str"));
    }
    vm.new_native(Var { name: name.owned(), default: bound.pos[1].map(|d| d.owned()) })
}

fn current_vars(vm: &mut Vm) -> PyResult {
    let context = current(vm)?;
    Ok(payload::<Context>(context.as_ref()).map_or_else(none, |c| c.vars.clone()))
}

fn get(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let r = args.get(0);
    let v = var(vm, r)?;
    if !vm.current_context().is_null() {
        let vars = current_vars(vm)?;
        if let Some(found) = vm.dict_get(vars.as_ref(), r)? {
            return Ok(found);
        }
    }
    if let Some(d) = args.opt(1) {
        return Ok(d.owned());
    }
    match v.default.clone() {
        Some(d) => Ok(d),
        None => Err(vm.raise_with(crate::prelude::Exc::LookupError, vec![r.owned()])),
    }
}

fn set(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let r = args.get(0);
    var(vm, r)?;
    let context = current(vm)?;
    let vars = current_vars(vm)?;
    let old = vm.dict_get(vars.as_ref(), r)?;
    vm.dict_set(vars.as_ref(), r, args.get(1))?;
    vm.new_native(Token { var: r.owned(), context, old, used: Cell::new(false) })
}

fn reset(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    if payload::<Token>(args.get(1)).is_none() {
        let shown = vm.repr_text(args.get(1))?;
        return Err(vm.type_error(&format!("expected an instance of Token, got {shown}")));
    }
    restore(vm, args.get(0), args.get(1))
}

fn restore(vm: &mut Vm, r: Ref<'_>, given: Ref<'_>) -> PyResult {
    let t = token(vm, given)?;
    if t.used.get() {
        let shown = vm.repr_text(given)?;
        return Err(vm.runtime_error(&format!("{shown} has already been used once")));
    }
    if !t.var.as_ref().is(r) {
        return wrong_token(vm, given, "was created by a different ContextVar");
    }
    let context = current(vm)?;
    if !t.context.as_ref().is(context.as_ref()) {
        return wrong_token(vm, given, "was created in a different Context");
    }
    t.used.set(true);
    let vars = current_vars(vm)?;
    match t.old.clone() {
        Some(old) => vm.dict_set(vars.as_ref(), r, old.as_ref())?,
        None => drop(vm.dict_del(vars.as_ref(), r)?),
    }
    Ok(none())
}

fn var_repr(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let v = var(vm, r)?;
    let (name, default) = (v.name.clone(), v.default.clone());
    let name = vm.repr_text(name.as_ref())?;
    let default = match default {
        Some(d) => format!(" default={}", vm.repr_text(d.as_ref())?),
        None => String::new(),
    };
    let at = r.value().bits();
    vm.new_str(&format!("<ContextVar name={name}{default} at {at:#x}>"))
}

fn token_repr(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let t = token(vm, r)?;
    let (var, used) = (t.var.clone(), if t.used.get() { " used" } else { "" });
    let var = vm.repr_text(var.as_ref())?;
    let at = r.value().bits();
    vm.new_str(&format!("<Token{used} var={var} at {at:#x}>"))
}
