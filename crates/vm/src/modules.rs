//! The modules every interpreter begins with: `builtins` and the skeleton of `sys`.

use crate::{PyResult, Vm};
use hognose_object::Owned;

/// Makes `builtins` and `sys`; what else belongs into `sys` is added by the library.
pub(crate) fn start(vm: &mut Vm) -> PyResult<()> {
    vm.modules = vm.new_dict()?;
    let builtins = vm.new_module("builtins")?;
    let own = vm.builtins.clone();
    vm.adopt_dict(builtins.as_ref(), own)?;
    vm.add_functions(builtins.as_ref(), crate::builtins::FUNCTIONS)?;
    let build_class = std::slice::from_ref(&crate::build_class::BUILD_CLASS);
    vm.add_functions(builtins.as_ref(), build_class)?;
    let constants = [
        ("None", hognose_object::NONE),
        ("True", hognose_object::TRUE),
        ("False", hognose_object::FALSE),
        ("Ellipsis", hognose_object::ELLIPSIS),
        ("NotImplemented", hognose_object::NOT_IMPLEMENTED),
        ("__debug__", hognose_object::TRUE),
    ];
    for (name, v) in constants {
        vm.module_set(builtins.as_ref(), name, Owned::from_immediate(v))?;
    }
    let sys = vm.new_module("sys")?;
    vm.sys = vm.module_dict(sys.as_ref()).unwrap_or_else(|| vm.none());
    let modules = vm.modules.clone();
    vm.module_set(sys.as_ref(), "modules", modules.clone())?;
    vm.dict_set_name(modules.as_ref(), "builtins", builtins)?;
    vm.dict_set_name(modules.as_ref(), "sys", sys.clone())?;
    let argv = vm.config.argv.clone();
    let argv: PyResult<Vec<Owned>> = argv.iter().map(|a| vm.new_str(a)).collect();
    let argv = vm.new_list(argv?)?;
    vm.module_set(sys.as_ref(), "argv", argv)?;
    let path = vm.new_list(Vec::new())?;
    vm.module_set(sys.as_ref(), "path", path)?;
    let executable = vm.config.executable.clone();
    let executable = vm.new_str(&executable)?;
    vm.module_set(sys.as_ref(), "executable", executable)?;
    Ok(())
}
