//! Import statements and the functions that only the compiler calls.
#![allow(unsafe_code, reason = "frames and registers are reached by address")]

use super::names::name_at;
use crate::exceptions::Exc;
use crate::frame::Frame;
use crate::{PyResult, Vm};
use hognose_bytecode::Insn;
use hognose_object::code::CodePtr;
use hognose_object::dict::DictRef;
use hognose_object::objects::FunctionObj;
use hognose_object::{Layout, NONE, Owned, Ref, Value, ValueExt, int};

/// a = import names[c]; b level, b+1 fromlist.
pub(crate) unsafe fn import_name(
    vm: &mut Vm,
    fp: *mut Frame,
    base: *mut Value,
    insn: Insn,
) -> PyResult<Value> {
    // SAFETY: the frame is live; the temporaries are released here.
    unsafe {
        let name = name_at(fp, usize::from(insn.c));
        let at = base.add(usize::from(insn.b));
        let (level, fromlist) = (Ref::from_value(*at), Ref::from_value(*at.add(1)));
        let globals = Ref::from_value((*(*fp).func).globals).owned();
        let key = vm.names.__import__;
        let own = match DictRef::new(globals.as_ref()) {
            Some(g) => super::own_builtins(vm, g)?,
            None => None,
        };
        let hook = match own {
            Some(own) => match vm.dict_get(own.as_ref(), key)? {
                Some(f) => Some(f),
                None => return Err(vm.raise(Exc::ImportError, "__import__ not found")),
            },
            None => DictRef::new(vm.builtins.as_ref()).and_then(|d| d.get_str(key)),
        };
        let v = match hook {
            Some(f) if !f.as_ref().has_layout(Layout::NativeFunction) => {
                let locals = vm.locals_of(fp)?;
                vm.call(f.as_ref(), &[name, globals.as_ref(), locals.as_ref(), fromlist, level])?
            }
            _ => {
                let level = int::small_int_of(level).unwrap_or(0);
                vm.import_name(name, Some(globals.as_ref()), fromlist, level as usize)?
            }
        };
        drop(Owned::from_value(*at.add(1)));
        drop(Owned::from_value(*at));
        Ok(v.into_value())
    }
}

pub(crate) unsafe fn import_from(vm: &mut Vm, fp: *mut Frame, module: Ref<'_>, name: u16) -> PyResult<Value> {
    // SAFETY: the frame is live.
    let name = unsafe { name_at(fp, usize::from(name)) };
    if let Some(v) = vm.get_attr_opt(module, name)? {
        return Ok(v.into_value());
    }
    let own = vm.names.__name__;
    let module_name = vm.get_attr_opt(module, own)?;
    let (m, n) = (module_name.as_ref().map(|m| vm.text_of(m.as_ref())), vm.text_of(name));
    if let Some(m) = &m {
        let full = vm.intern(&format!("{m}.{n}"))?;
        let modules = vm.modules.as_ref().owned();
        if let Some(sub) = DictRef::new(modules.as_ref()).and_then(|d| d.get_str(full.as_ref())) {
            return Ok(sub.into_value());
        }
    }
    Err(vm.cannot_import(module, name))
}

/// `from module import *`
pub(crate) unsafe fn import_star(vm: &mut Vm, fp: *mut Frame, module: Ref<'_>) -> PyResult<()> {
    // SAFETY: the frame is live.
    let ns = unsafe { vm.locals_of(fp)? };
    let (all_key, dict_key) = (vm.names.__all__, vm.names.__dict__);
    let listed = vm.get_attr_opt(module, all_key)?;
    let names = match &listed {
        Some(all) => vm.collect(all.as_ref())?,
        None => {
            let dict = vm.get_attr(module, dict_key)?;
            vm.collect(dict.as_ref())?
        }
    };
    for n in names {
        if crate::text::as_str(n.as_ref()).is_none() {
            let class = vm.type_name(n.as_ref());
            return Err(vm.type_error(&format!("Item in __all__ must be str, not {class}")));
        }
        if listed.is_none() && crate::text::str_bytes(n.as_ref()).starts_with(b"_") {
            continue;
        }
        let v = vm.get_attr(module, n.as_ref())?;
        vm.set_item(ns.as_ref(), n.as_ref(), Some(v.as_ref()))?;
    }
    Ok(())
}

pub(crate) unsafe fn intrinsic1(vm: &mut Vm, fp: *mut Frame, r: Ref<'_>, which: u16) -> PyResult<Value> {
    let v = match which {
        0..=2 => crate::types::typevars::new_type_param(vm, which, r, None)?,
        3 => crate::types::typevars::subscript_generic(vm, r)?,
        4 => crate::types::typevars::new_type_alias(vm, r)?,
        5 => crate::async_gen::wrap(vm, r.owned())?,
        // SAFETY: the frame is live.
        6 => unsafe { stop_iteration_error(vm, fp, r)? },
        _ => {
            let items = vm.items_of(r);
            vm.new_tuple(items)?
        }
    };
    Ok(v.into_value())
}

/// StopIteration must not leave a generator: it becomes RuntimeError; other exceptions pass.
unsafe fn stop_iteration_error(vm: &mut Vm, fp: *mut Frame, exc: Ref<'_>) -> PyResult {
    use hognose_bytecode::CodeFlags;
    // SAFETY: the frame is live.
    let flags = unsafe { (*fp).code.table().flags };
    let stop = vm.exc_class(Exc::StopIteration);
    let stop_async = vm.exc_class(Exc::StopAsyncIteration);
    let message = if vm.is_instance(exc, stop) {
        if flags.has(CodeFlags::ASYNC_GENERATOR) {
            "async generator raised StopIteration"
        } else if flags.has(CodeFlags::COROUTINE) {
            "coroutine raised StopIteration"
        } else {
            "generator raised StopIteration"
        }
    } else if flags.has(CodeFlags::ASYNC_GENERATOR) && vm.is_instance(exc, stop_async) {
        "async generator raised StopAsyncIteration"
    } else {
        return Ok(exc.owned());
    };
    let raised = vm.runtime_error(message);
    let new = vm.catch(raised);
    let (cause, context) = (vm.names.__cause__, vm.names.__context__);
    vm.set_attr(new.as_ref(), cause, Some(exc))?;
    vm.set_attr(new.as_ref(), context, Some(exc))?;
    Ok(new)
}

pub(crate) fn intrinsic2(vm: &mut Vm, a: Ref<'_>, b: Ref<'_>, which: u16) -> PyResult<Value> {
    match which {
        0 | 1 => Ok(crate::types::typevars::new_type_param(vm, which + 10, a, Some(b))?.into_value()),
        2 => {
            if a.is_exact(Layout::Function) {
                let f = a.value().header().cast::<FunctionObj>();
                // SAFETY: the layout was checked; the function owns the field.
                unsafe {
                    let old = std::mem::replace(&mut (*f).type_params, b.owned().into_value());
                    drop(Owned::from_value(old));
                }
            }
            Ok(a.owned().into_value())
        }
        3 => {
            crate::types::typevars::set_default(vm, a, b)?;
            Ok(a.owned().into_value())
        }
        _ => Ok(NONE),
    }
}
