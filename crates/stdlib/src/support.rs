//! Small helpers the native modules share.

use hognose_vm::{NativeDef, Owned, PyResult, Vm};

/// A new module with these functions.
pub fn module(vm: &mut Vm, name: &str, doc: &str, functions: &'static [NativeDef]) -> PyResult {
    let module = vm.new_module(name)?;
    let doc = vm.new_str(doc)?;
    vm.module_set(module.as_ref(), "__doc__", doc)?;
    vm.add_functions(module.as_ref(), functions)?;
    Ok(module)
}

/// Stores a value into a module.
pub fn set(vm: &mut Vm, module: &Owned, name: &str, value: Owned) -> PyResult<()> {
    vm.module_set(module.as_ref(), name, value)
}
