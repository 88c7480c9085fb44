//! Small helpers the native modules share.

use hognose_vm::{NativeDef, Owned, PyResult, Ref, ValueExt, Vm};

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

/// An argument that may be an integer or None (or left out).
///
/// # Errors
/// TypeError for anything else, OverflowError past a machine word.
pub fn integer_or_none(vm: &mut Vm, r: Option<Ref<'_>>) -> PyResult<Option<isize>> {
    let Some(r) = r.filter(|r| !r.is_none()) else { return Ok(None) };
    if vm.class_of(r).slots().index.is_none() {
        let class = vm.type_name(r);
        return Err(vm.type_error(&format!("argument should be integer or None, not '{class}'")));
    }
    vm.index_isize(r, false).map(Some)
}
