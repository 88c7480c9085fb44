//! The module `_weakref`.

mod proxy;
mod reference;

use crate::support;
use hognose_vm::{Args, NativeDef, PyResult, Vm};

const FUNCTIONS: &[NativeDef] = &[
    NativeDef::function("getweakrefcount", "object, /", getweakrefcount),
    NativeDef::function("getweakrefs", "object, /", getweakrefs),
    NativeDef::function("proxy", "object, callback=None, /", proxy::proxy),
    NativeDef::function("_remove_dead_weakref", "dct, key, /", remove_dead),
];

/// Makes the module `_weakref`.
pub fn make(vm: &mut Vm) -> PyResult {
    let module = support::module(vm, "_weakref", "Weak-reference support module.", FUNCTIONS)?;
    proxy::add_types(vm, &module)?;
    // Last: it is the class of the payload, which the proxies share.
    reference::add_type(vm, &module)?;
    Ok(module)
}

fn getweakrefcount(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let n = vm.weakrefs_of(args.get(0)).len();
    vm.new_int(n as i64)
}

fn getweakrefs(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let all = vm.weakrefs_of(args.get(0));
    vm.new_list(all)
}

/// Removes `dct[key]` if it is a dead reference.
fn remove_dead(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let (dict, key) = (args.get(0), args.get(1));
    if hognose_vm::DictRef::new(dict).is_none() {
        let class = vm.type_name(dict);
        return Err(vm.type_error(&format!("_remove_dead_weakref() argument 1 must be dict, not {class}")));
    }
    if let Some(r) = vm.dict_get(dict, key)?
        && vm.weakref_get(r.as_ref()).is_none()
    {
        vm.dict_del(dict, key)?;
    }
    Ok(vm.none())
}
