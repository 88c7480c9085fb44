//! The modules `string` and `string.templatelib`, both in Python.

use crate::prelude::{PyResult, Vm};

/// Makes the module `string`.
pub fn make(vm: &mut Vm) -> PyResult {
    vm.import_source("string", "<embedded string>", include_str!("string.py"))
}

/// Makes the module `string.templatelib`.
pub fn make_templatelib(vm: &mut Vm) -> PyResult {
    vm.import_source("string.templatelib", "<embedded string.templatelib>", include_str!("templatelib.py"))
}
