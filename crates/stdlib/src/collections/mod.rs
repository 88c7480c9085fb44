//! The modules `_collections` (native: deque, counting) and `collections` (Python on top of it).

mod deque;
mod iter;
mod ring;
mod tuplegetter;

use crate::prelude::{Args, BinOp, Layout, NativeDef, PyResult, ValueExt, Vm, new_module, none};

const FUNCTIONS: &[NativeDef] =
    &[NativeDef::function("_count_elements", "mapping, iterable, /", count_elements)];

/// Makes the module `_collections`.
pub fn make_native(vm: &mut Vm) -> PyResult {
    let module = new_module(vm, "_collections", "High performance data structures.", FUNCTIONS)?;
    let class = vm.add_native_type::<ring::Deque>(&deque::TYPE)?;
    vm.module_set(module.as_ref(), "deque", class.owned())?;
    let class = vm.add_native_type::<tuplegetter::TupleGetter>(&tuplegetter::TYPE)?;
    vm.module_set(module.as_ref(), "_tuplegetter", class.owned())?;
    vm.add_native_type::<iter::DequeIter<false>>(&iter::FORWARD)?;
    vm.add_native_type::<iter::DequeIter<true>>(&iter::REVERSE)?;
    Ok(module)
}

/// Makes the module `collections`.
pub fn make(vm: &mut Vm) -> PyResult {
    vm.import_source("collections", "<embedded collections>", include_str!("collections.py"))
}

/// Makes the module `collections.abc`: another name of `_collections_abc`.
pub fn make_abc(vm: &mut Vm) -> PyResult {
    let (name, empty) = (vm.intern("_collections_abc")?, vm.empty_tuple());
    vm.import_name(name.as_ref(), None, empty, 0)
}

/// Adds one to `mapping[x]` for each item.
fn count_elements(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let mapping = args.get(0);
    let mut it = vm.iterate(args.get(1))?;
    let one = vm.new_int(1)?;
    let zero = vm.new_int(0)?;
    let plain = mapping.has_layout(Layout::Dict);
    while let Some(x) = it.next(vm)? {
        let old = if plain {
            vm.dict_get(mapping, x.as_ref())?.unwrap_or_else(|| zero.clone())
        } else {
            vm.call_method(mapping, "get", &[x.as_ref(), zero.as_ref()])?
        };
        let new = vm.binary_op(BinOp::Add, old.as_ref(), one.as_ref())?;
        if plain {
            vm.dict_set(mapping, x.as_ref(), new.as_ref())?;
        } else {
            vm.set_item(mapping, x.as_ref(), Some(new.as_ref()))?;
        }
    }
    Ok(none())
}
