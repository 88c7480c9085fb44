//! The module `_sysconfigdata_…`: what `sysconfig` says about the build. Nothing here is compiled by a C compiler, so
//! there is little to say.

use crate::prelude::{PyResult, Vm, new_module};

/// Name of the module, as `sysconfig` makes it of `sys.abiflags`, `sys.platform` and `sys.implementation._multiarch`.
pub const NAME: &str = if cfg!(target_arch = "aarch64") {
    "_sysconfigdata__linux_aarch64-linux-gnu"
} else {
    "_sysconfigdata__linux_x86_64-linux-gnu"
};

const NUMBERS: &[(&str, i64)] =
    &[("Py_DEBUG", 0), ("Py_ENABLE_SHARED", 0), ("Py_GIL_DISABLED", 0), ("WITH_DOC_STRINGS", 1)];
const TEXTS: &[(&str, &str)] = &[
    ("EXT_SUFFIX", ".hognose-314.so"),
    ("SHLIB_SUFFIX", ".so"),
    ("SOABI", "hognose-314"),
    ("TEST_MODULES", "no"),
    ("VERSION", "3.14"),
];

/// Makes the module.
pub fn make(vm: &mut Vm) -> PyResult {
    let module = new_module(vm, NAME, "", &[])?;
    let vars = vm.new_dict()?;
    for (name, n) in NUMBERS {
        let n = vm.new_int(*n)?;
        vm.dict_set_name(vars.as_ref(), name, n)?;
    }
    for (name, text) in TEXTS {
        let text = vm.new_str(text)?;
        vm.dict_set_name(vars.as_ref(), name, text)?;
    }
    vm.module_set(module.as_ref(), "build_time_vars", vars)?;
    Ok(module)
}
