//! The module `atexit`: functions to be called when the program ends, the last registered first.
//!
//! The machine calls `_run_exitfuncs` before it finalizes anything.
//! Invariant: the list of callbacks is never borrowed while Python code runs; callbacks may register and unregister.

use crate::prelude::{Args, Exc, NativeDef, Owned, PyResult, Ref, Vm, new_module, none};

/// One registered call.
#[derive(Clone)]
struct Callback {
    function: Owned,
    pos: Vec<Owned>,
    kw: Vec<(Owned, Owned)>,
}

/// Registered calls, oldest first. Empty when the machine is gone: it runs them at its end.
#[derive(Default)]
struct Callbacks(Vec<Callback>);

const DOC: &str = "allow programmer to define multiple exit functions to be executed\nupon normal program \
                   termination.\n\nTwo public functions, register and unregister, are defined.\n";

const FUNCTIONS: &[NativeDef] = &[
    NativeDef::function("register", "*args, **kwargs", register),
    NativeDef::function("_clear", "", clear),
    NativeDef::function("unregister", "func, /", unregister),
    NativeDef::function("_run_exitfuncs", "", run_exit_functions),
    NativeDef::function("_ncallbacks", "", count),
];

/// Makes the module.
pub fn make(vm: &mut Vm) -> PyResult {
    new_module(vm, "atexit", DOC, FUNCTIONS)
}

fn register(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let Some(&function) = args.pos.first() else {
        return Err(vm.type_error("register() takes at least 1 argument (0 given)"));
    };
    if vm.class_of(function).slots().call.is_none() {
        return Err(vm.type_error("the first argument must be callable"));
    }
    let callback = Callback {
        function: function.owned(),
        pos: args.rest(1).iter().map(|a| a.owned()).collect(),
        kw: args.kwnames.iter().zip(args.kwvalues).map(|(n, v)| (n.owned(), v.owned())).collect(),
    };
    let list = &mut vm.state::<Callbacks>().0;
    if list.try_reserve(1).is_err() {
        return Err(vm.raise(Exc::MemoryError, ""));
    }
    list.push(callback);
    Ok(function.owned())
}

fn take_all(vm: &mut Vm) -> Vec<Callback> {
    std::mem::take(&mut vm.state::<Callbacks>().0)
}

fn clear(vm: &mut Vm, _args: &Args<'_>) -> PyResult {
    drop(take_all(vm));
    Ok(none())
}

fn unregister(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let mut i = 0;
    while let Some(function) = vm.state::<Callbacks>().0.get(i).map(|c| c.function.clone()) {
        let same = function.as_ref().is(args.get(0)) || vm.equal(function.as_ref(), args.get(0))?;
        // The comparison may have changed the list.
        let list = &mut vm.state::<Callbacks>().0;
        let unmoved = list.get(i).is_some_and(|c| c.function.as_ref().is(function.as_ref()));
        if same && unmoved {
            drop(list.remove(i));
        } else {
            i += 1;
        }
    }
    Ok(none())
}

/// Calls what is registered now; what the callbacks register themselves is forgotten, as all the rest.
fn run_exit_functions(vm: &mut Vm, _args: &Args<'_>) -> PyResult {
    let callbacks = vm.state::<Callbacks>().0.clone();
    for c in callbacks.iter().rev() {
        let pos: Vec<Ref<'_>> = c.pos.iter().map(Owned::as_ref).collect();
        let kw: Vec<(Ref<'_>, Ref<'_>)> = c.kw.iter().map(|(n, v)| (n.as_ref(), v.as_ref())).collect();
        if let Err(e) = vm.call_kw(c.function.as_ref(), &pos, &kw) {
            vm.write_unraisable_in(e, "Exception ignored in atexit callback ", Some(c.function.as_ref()));
        }
    }
    clear(vm, _args)
}

fn count(vm: &mut Vm, _args: &Args<'_>) -> PyResult {
    let n = vm.state::<Callbacks>().0.len();
    vm.new_int(n as i64)
}
