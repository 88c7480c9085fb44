//! `code.replace()`: a code object like another but for some attributes.
//!
//! Names, places, flags and constants can be changed. What describes the registers and the instructions cannot: the
//! new value must be the old one.

use super::code::data_of;
use crate::args::Args;
use crate::ast::constant_of;
use crate::call::tuple_items;
use crate::text::{as_str, str_bytes};
use crate::{PyResult, Vm};
use hognose_bytecode::{Code, CodeFlags, Const};
use hognose_object::{Layout, Owned, Ref, ValueExt};
use std::rc::Rc;

/// Attributes that must stay as they are, and the classes of their values.
const FIXED: [(&str, &str); 12] = [
    ("co_argcount", "int"),
    ("co_posonlyargcount", "int"),
    ("co_kwonlyargcount", "int"),
    ("co_nlocals", "int"),
    ("co_stacksize", "int"),
    ("co_code", "bytes"),
    ("co_names", "tuple"),
    ("co_varnames", "tuple"),
    ("co_freevars", "tuple"),
    ("co_cellvars", "tuple"),
    ("co_linetable", "bytes"),
    ("co_exceptiontable", "bytes"),
];

/// `code.replace(**changes)`
pub(super) fn replace(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let r = args.get(0);
    if args.pos.len() > 1 {
        return Err(vm.type_error("replace() takes no positional arguments"));
    }
    let mut code = data_of(r).map_or_else(Code::default, |old| Code::clone(&old));
    for (name, value) in args.kwnames.iter().zip(args.kwvalues) {
        change(vm, r, &mut code, *name, *value)?;
    }
    vm.load_code(&Rc::new(code))
}

fn wrong(vm: &mut Vm, name: &str, wanted: &str, value: Ref<'_>) -> crate::Raised {
    let given = vm.type_name(value);
    vm.type_error(&format!("replace() argument '{name}' must be {wanted}, not {given}"))
}

fn change(vm: &mut Vm, r: Ref<'_>, code: &mut Code, key: Ref<'_>, value: Ref<'_>) -> PyResult<()> {
    let name = String::from_utf8_lossy(str_bytes(key)).into_owned();
    match name.as_str() {
        "co_name" | "co_qualname" | "co_filename" => {
            let Some(text) = as_str(value) else { return Err(wrong(vm, &name, "str", value)) };
            let text: Rc<str> = text.to_lossy().as_ref().into();
            match name.as_str() {
                "co_name" => code.name = text,
                "co_qualname" => code.qualname = text,
                _ => code.filename = text,
            }
        }
        "co_firstlineno" => {
            let n = vm.index_i32(value)?;
            code.first_line = u32::try_from(n).unwrap_or(0);
        }
        "co_flags" => {
            // How arguments are bound follows from the registers.
            let shape = CodeFlags::OPTIMIZED | CodeFlags::VARARGS | CodeFlags::VARKEYWORDS;
            let kind = CodeFlags::GENERATOR | CodeFlags::COROUTINE | CodeFlags::ASYNC_GENERATOR;
            let new = vm.index_i32(value)? as u32;
            if (new ^ code.flags.0) & (shape | kind) != 0 {
                return Err(vm.value_error("code: these flags cannot be changed"));
            }
            code.flags = CodeFlags(new);
        }
        "co_consts" => code.consts = constants(vm, code, value)?,
        other => {
            let Some((_, class)) = FIXED.iter().find(|f| f.0 == other) else {
                let message = format!("replace() got an unexpected keyword argument '{other}'");
                return Err(vm.type_error(&message));
            };
            let class_fits = vm.class_of(value).name() == *class;
            if *class == "int" {
                vm.index_i32(value)?;
            } else if !class_fits {
                return Err(wrong(vm, other, class, value));
            }
            let current = vm.get_attr(r, key)?;
            if !vm.equal(current.as_ref(), value)? {
                return Err(vm.value_error(&format!("code: {other} cannot be changed")));
            }
        }
    }
    Ok(())
}

/// Constants given as objects; there must be as many as before.
fn constants(vm: &mut Vm, code: &Code, value: Ref<'_>) -> PyResult<Vec<Const>> {
    if !value.has_layout(Layout::Tuple) {
        return Err(wrong(vm, "co_consts", "tuple", value));
    }
    let items: Vec<Owned> = tuple_items(value).iter().map(|i| i.owned()).collect();
    if items.len() < code.consts.len() {
        return Err(vm.value_error("code: co_consts is too small"));
    }
    let mut out = Vec::with_capacity(items.len());
    for (i, item) in items.iter().enumerate() {
        let r = item.as_ref();
        if let Some(inner) = data_of(r) {
            out.push(Const::Code(inner));
            continue;
        }
        if matches!(code.consts.get(i), Some(Const::Code(_))) {
            return Err(vm.value_error("code: a constant that is code must stay code"));
        }
        match code.consts.get(i) {
            Some(old @ Const::FrozenSet(_)) => out.push(old.clone()),
            _ => out.push(constant_of(vm, r)?),
        }
    }
    Ok(out)
}
