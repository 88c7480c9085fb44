//! The module `_contextvars`: `Context`, `ContextVar`, `Token`, `copy_context`.
//!
//!   machine ─► current Context ─ vars: dict ContextVar → value
//!                              └ previous: the Context that `run` will return to
//!
//! Invariant: a context that is entered is the current one or reachable from it through `previous`. A copy shares
//! nothing, so that copying costs as much as there are variables.

mod var;

use crate::prelude::{
    Args, CmpOp, Exc, NativeDef, Owned, PyResult, Ref, Slots, TypeDef, Vm, new_module, not_implemented,
    owned_bool, payload,
};
use std::cell::{Cell, RefCell};

const FUNCTIONS: &[NativeDef] = &[NativeDef::function("copy_context", "", |vm, _| {
    let current = current(vm)?;
    copy(vm, current.as_ref())
})];

/// Makes the module `_contextvars`.
pub fn make(vm: &mut Vm) -> PyResult {
    let module = new_module(vm, "_contextvars", "Context Variables", FUNCTIONS)?;
    let class = vm.add_native_type::<Context>(&CONTEXT)?;
    vm.module_set(module.as_ref(), "Context", class.owned())?;
    var::add_types(vm, &module)?;
    Ok(module)
}

/// A context.
pub(super) struct Context {
    pub(super) vars: Owned,
    previous: RefCell<Option<Owned>>,
    entered: Cell<bool>,
}

#[allow(unsafe_code, reason = "names the fields that own references")]
mod tracing {
    use super::Context;
    use crate::prelude::Trace;

    // SAFETY: these two fields are all that hold references.
    unsafe impl Trace for Context {
        fn trace(&self, visit: &mut dyn FnMut(hognose_vm::object::Value)) {
            self.vars.trace(visit);
            if let Ok(previous) = self.previous.try_borrow()
                && let Some(p) = &*previous
            {
                p.trace(visit);
            }
        }
    }
}

static CONTEXT: TypeDef = TypeDef {
    name: "_contextvars.Context",
    slots: Slots {
        new: Some(new),
        len: Some(|vm, r| {
            let vars = vars(vm, r)?;
            vm.len(vars.as_ref())
        }),
        iter: Some(|vm, r| {
            let vars = vars(vm, r)?;
            vm.iter(vars.as_ref())
        }),
        getitem: Some(|vm, r, key| {
            var::check(vm, key)?;
            let vars = vars(vm, r)?;
            match vm.dict_get(vars.as_ref(), key)? {
                Some(v) => Ok(v),
                None => Err(vm.key_error(key)),
            }
        }),
        contains: Some(|vm, r, key| {
            var::check(vm, key)?;
            let vars = vars(vm, r)?;
            vm.dict_contains(vars.as_ref(), key)
        }),
        richcompare: Some(compare),
        hash: Some(|vm, _| Err(vm.type_error("unhashable type: '_contextvars.Context'"))),
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("run", "$self, /, *args, **kwargs", run),
        NativeDef::method("copy", "$self, /", |vm, a| copy(vm, a.get(0))),
        NativeDef::method("get", "$self, key, default=None, /", |vm, a| {
            var::check(vm, a.get(1))?;
            let vars = vars(vm, a.get(0))?;
            let found = vm.dict_get(vars.as_ref(), a.get(1))?;
            Ok(found.unwrap_or_else(|| a.opt(2).map_or_else(|| vm.none(), |d| d.owned())))
        }),
        NativeDef::method("keys", "$self, /", |vm, a| view(vm, a, "keys")),
        NativeDef::method("values", "$self, /", |vm, a| view(vm, a, "values")),
        NativeDef::method("items", "$self, /", |vm, a| view(vm, a, "items")),
    ],
    ..TypeDef::EMPTY
};

fn context<'a>(vm: &mut Vm, r: Ref<'a>) -> PyResult<&'a Context> {
    payload::<Context>(r).ok_or_else(|| vm.type_error("a Context object is required"))
}

fn vars(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    Ok(context(vm, r)?.vars.clone())
}

fn view(vm: &mut Vm, args: &Args<'_>, which: &str) -> PyResult {
    let vars = vars(vm, args.get(0))?;
    vm.call_method(vars.as_ref(), which, &[])
}

fn make_context(vm: &mut Vm, vars: Owned) -> PyResult {
    vm.new_native(Context { vars, previous: RefCell::new(None), entered: Cell::new(false) })
}

fn new(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    if args.pos.len() > 1 || !args.kwnames.is_empty() {
        return Err(vm.type_error("Context() does not accept any arguments"));
    }
    let vars = vm.new_dict()?;
    make_context(vm, vars)
}

fn copy(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let vars = vars(vm, r)?;
    let copied = vm.call_method(vars.as_ref(), "copy", &[])?;
    make_context(vm, copied)
}

fn compare(vm: &mut Vm, op: CmpOp, a: Ref<'_>, b: Ref<'_>) -> PyResult {
    let (Some(x), Some(y)) = (payload::<Context>(a), payload::<Context>(b)) else {
        return Ok(not_implemented());
    };
    if !matches!(op, CmpOp::Eq | CmpOp::Ne) {
        return Ok(not_implemented());
    }
    let (x, y) = (x.vars.clone(), y.vars.clone());
    let same = vm.equal(x.as_ref(), y.as_ref())?;
    Ok(owned_bool(same == (op == CmpOp::Eq)))
}

/// The current context, made when there is none yet.
pub(super) fn current(vm: &mut Vm) -> PyResult {
    if !vm.current_context().is_null() {
        return Ok(vm.current_context().owned());
    }
    let vars = vm.new_dict()?;
    let made = make_context(vm, vars)?;
    vm.replace_context(made.clone());
    Ok(made)
}

fn run(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let Some(&callable) = args.rest(1).first() else {
        return Err(vm.type_error("run() missing 1 required positional argument"));
    };
    let own = args.get(0);
    let c = context(vm, own)?;
    if c.entered.get() {
        let shown = vm.repr_text(own)?;
        return Err(vm.runtime_error(&format!("cannot enter context: {shown} is already entered")));
    }
    // There is a context to return to.
    current(vm)?;
    c.entered.set(true);
    let previous = vm.replace_context(own.owned());
    *c.previous.borrow_mut() = Some(previous);
    let kw: Vec<(Ref<'_>, Ref<'_>)> =
        args.kwnames.iter().copied().zip(args.kwvalues.iter().copied()).collect();
    let result = vm.call_kw(callable, args.rest(2), &kw);
    let previous = c.previous.borrow_mut().take();
    if let Some(p) = previous {
        vm.replace_context(p);
    }
    c.entered.set(false);
    result
}

/// ValueError and its kin read better in one place.
fn wrong_token(vm: &mut Vm, token: Ref<'_>, why: &str) -> PyResult {
    let shown = vm.repr_text(token)?;
    Err(vm.raise(Exc::ValueError, &format!("{shown} {why}")))
}
