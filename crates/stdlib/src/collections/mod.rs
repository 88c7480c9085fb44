//! The module `_collections`: deque, counting, the getters of named tuples.

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
    let class = vm.add_native_type::<iter::DequeIter<false>>(&iter::FORWARD)?;
    vm.module_set(module.as_ref(), "_deque_iterator", class.owned())?;
    let class = vm.add_native_type::<iter::DequeIter<true>>(&iter::REVERSE)?;
    vm.module_set(module.as_ref(), "_deque_reverse_iterator", class.owned())?;
    let globals = vm.new_dict()?;
    let name = vm.new_str("collections")?;
    vm.dict_set_name(globals.as_ref(), "__name__", name)?;
    vm.run_source(include_str!("defaultdict.py"), "<embedded _collections>", globals.as_ref())?;
    if let Some(class) = vm.dict_get_name(globals.as_ref(), "defaultdict")? {
        vm.module_set(module.as_ref(), "defaultdict", class)?;
    }
    Ok(module)
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
