//! The module `_pickle`: object graphs to bytes and back, protocols 0 to 5.
//!
//! ```text
//!   pickler.rs    Pickler          ─► save.rs (atoms) ─► save_items.rs (containers), save_object.rs (the rest)
//!                                       │ memo.rs           output.rs: frames, the file
//!   unpickler.rs  Unpickler        ─► load.rs (loop)  ─► load_object.rs (classes, calls, states)
//!                                       │ stack.rs          input.rs: bytes or a file, read ahead
//!   buffer.rs     PickleBuffer     proxies.rs  what `memo` attributes give
//! ```
//! Invariant: whatever the bytes, `load` gives a value or raises; sizes found in them are compared with what is there
//! before anything is allocated, and what grows with them is charged to the heap.

mod buffer;
mod input;
mod load;
mod load_object;
mod memo;
mod op;
mod output;
mod pickler;
mod proxies;
mod save;
mod save_items;
mod save_object;
mod stack;
mod unpickler;

use crate::prelude::{
    Exc, NativeDef, Owned, PyResult, Raised, Ref, ValueExt, Vm, add_exception, new_module, raise_of,
    str_bytes,
};
use hognose_vm::StrRef;
use std::cell::RefCell;

/// The newest protocol.
const HIGHEST: i64 = 5;
/// What is written unless asked otherwise.
const DEFAULT: i64 = 5;

const FUNCTIONS: &[NativeDef] = &[
    NativeDef::function(
        "dump",
        "obj, file, protocol=None, *, fix_imports=True, buffer_callback=None",
        pickler::dump,
    ),
    NativeDef::function(
        "dumps",
        "obj, protocol=None, *, fix_imports=True, buffer_callback=None",
        pickler::dumps,
    ),
    NativeDef::function(
        "load",
        "file, *, fix_imports=True, encoding='ASCII', errors='strict', buffers=()",
        unpickler::load,
    ),
    NativeDef::function(
        "loads",
        "data, /, *, fix_imports=True, encoding='ASCII', errors='strict', buffers=()",
        unpickler::loads,
    ),
];

/// Makes the module `_pickle`.
pub fn make(vm: &mut Vm) -> PyResult {
    let doc = "Optimized C implementation for the Python pickle module.";
    let module = new_module(vm, "_pickle", doc, FUNCTIONS)?;
    add_exception(vm, module.as_ref(), "PickleError", "_pickle", Exc::Exception)?;
    let base = vm.get_attr_name(module.as_ref(), "PickleError")?;
    for name in ["PicklingError", "UnpicklingError"] {
        let class = vm.new_class("_pickle", name, &[base.as_ref()])?;
        vm.module_set(module.as_ref(), name, class)?;
    }
    pickler::register(vm, module.as_ref())?;
    unpickler::register(vm, module.as_ref())?;
    proxies::register(vm)?;
    buffer::register(vm, module.as_ref())?;
    Ok(module)
}

/// `PicklingError`
#[cold]
fn pickling_error(vm: &mut Vm, message: &str) -> Raised {
    raise_of(vm, "_pickle", "PicklingError", message)
}

/// `UnpicklingError`
#[cold]
fn unpickling_error(vm: &mut Vm, message: &str) -> Raised {
    raise_of(vm, "_pickle", "UnpicklingError", message)
}

/// The class of `r` as messages name it: with its module unless that goes without saying.
fn class_text(vm: &mut Vm, r: Ref<'_>) -> String {
    let class = vm.class_of(r);
    match vm.qualified_name(class) {
        Ok(name) => name.strip_prefix("__main__.").map(str::to_string).unwrap_or(name),
        Err(e) => {
            vm.discard(e);
            class.name()
        }
    }
}

/// A failure with a note that says what was being done.
fn noted<T>(vm: &mut Vm, result: PyResult<T>, note: impl FnOnce(&mut Vm) -> String) -> PyResult<T> {
    match result {
        Ok(x) => Ok(x),
        Err(e) => {
            let exc = vm.catch(e);
            let text = note(vm);
            let added =
                vm.new_str(&text).and_then(|text| vm.call_method(exc.as_ref(), "add_note", &[text.as_ref()]));
            if let Err(e) = added {
                vm.discard(e);
            }
            Err(vm.raise_object(exc))
        }
    }
}

/// The exception in flight came of trying to deal with another one.
fn because(vm: &mut Vm, e: Raised, first: Owned) -> Raised {
    let exc = vm.catch(e);
    let e = vm.raise_object(exc.clone());
    let set = vm
        .intern("__context__")
        .and_then(|name| vm.set_attr(exc.as_ref(), name.as_ref(), Some(first.as_ref())));
    match set {
        Ok(()) => e,
        Err(other) => other,
    }
}

/// The module of this name, imported if need be.
fn import(vm: &mut Vm, name: StrRef<'_>) -> PyResult {
    if name.as_bytes().is_empty() {
        return Err(vm.value_error("Empty module name"));
    }
    if name.to_str().is_none() {
        let modules = vm.modules().owned();
        if let Some(m) = vm.dict_get(modules.as_ref(), name.as_ref())? {
            return Ok(m);
        }
    }
    vm.import_dotted(&name.to_lossy())
}

/// The protocol asked for.
fn protocol(vm: &mut Vm, r: Option<Ref<'_>>) -> PyResult<i64> {
    let Some(r) = r.filter(|r| !r.is_none()) else { return Ok(DEFAULT) };
    let n = vm.index_isize(r, true)? as i64;
    if n > HIGHEST {
        return Err(vm.value_error(&format!("pickle protocol must be <= {HIGHEST}")));
    }
    Ok(if n < 0 { HIGHEST } else { n })
}

/// An entry of a dict in a module of the library, like `copyreg.dispatch_table`.
fn table(vm: &mut Vm, module: &str, name: &str) -> PyResult {
    let module = vm.import_dotted(module)?;
    vm.get_attr_name(module.as_ref(), name)
}

/// The object a dotted path leads to.
fn follow(vm: &mut Vm, start: Ref<'_>, path: &[u8]) -> PyResult {
    let mut at = start.owned();
    for part in path.split(|&b| b == b'.') {
        let name = vm.new_str_bytes(part)?;
        let name = vm.intern_object(name.as_ref());
        at = vm.get_attr(at.as_ref(), name.as_ref())?;
    }
    Ok(at)
}

/// An attribute: what was assigned to `own`, a place of the object's payload, else what the class has.
fn get_assigned(
    vm: &mut Vm,
    r: Ref<'_>,
    name: Ref<'_>,
    own: &[u8],
    assigned: &RefCell<Option<Owned>>,
) -> PyResult {
    let found = if str_bytes(name) == own { assigned.borrow().clone() } else { None };
    found.map_or_else(|| vm.generic_get_attr(r, name), Ok)
}

/// Sets an attribute, or the place of `own`; deleting that one always succeeds.
fn set_assigned(
    vm: &mut Vm,
    r: Ref<'_>,
    (name, value): (Ref<'_>, Option<Ref<'_>>),
    own: &[u8],
    assigned: &RefCell<Option<Owned>>,
) -> PyResult<()> {
    if str_bytes(name) != own {
        return vm.generic_set_attr(r, name, value);
    }
    drop(assigned.replace(value.map(Ref::owned)));
    Ok(())
}

/// Says that the attribute `memo` cannot be what was assigned.
#[cold]
fn bad_memo(vm: &mut Vm, proxy: &str, value: Option<Ref<'_>>) -> Raised {
    let Some(value) = value else { return vm.type_error("attribute deletion is not supported") };
    let class = vm.class_of(value).name();
    vm.type_error(&format!("'memo' attribute must be {proxy} object or dict, not {class}"))
}
