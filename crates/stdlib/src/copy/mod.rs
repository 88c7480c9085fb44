//! The modules `copy` and `copyreg`, both in Python.

use crate::prelude::{PyResult, Vm};

/// Makes the module `copy`.
pub fn make(vm: &mut Vm) -> PyResult {
    vm.import_source("copy", "<embedded copy>", include_str!("copy.py"))
}

/// Makes the module `copyreg`.
pub fn make_copyreg(vm: &mut Vm) -> PyResult {
    vm.import_source("copyreg", "<embedded copyreg>", include_str!("copyreg.py"))
}
