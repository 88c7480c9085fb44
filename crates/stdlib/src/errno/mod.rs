//! The module `errno`: numbers of errors, and `errorcode`, which leads back to their names.

mod constants;

use crate::host::add_ints;
use crate::prelude::{PyResult, Vm, new_module};

/// Makes the module.
pub fn make(vm: &mut Vm) -> PyResult {
    let doc = "This module makes available standard errno system symbols.\n\nThe value of each symbol is the \
               corresponding integer value,\ne.g., on most systems, errno.ENOENT equals the integer 2.\n\nThe \
               dictionary errno.errorcode maps numeric codes to symbol names,\ne.g., errno.errorcode[2] could be the \
               string 'ENOENT'.\n\nSymbols that are not relevant to the underlying system are not defined.\n\nTo map \
               error codes to error messages, use the function os.strerror(),\ne.g. os.strerror(2) could return 'No \
               such file or directory'.";
    let module = new_module(vm, "errno", doc, &[])?;
    add_ints(vm, &module, &[constants::SYSTEM, constants::OTHER])?;
    let codes = vm.new_dict()?;
    // Where two names share a number, the usual one is kept.
    let usual = |name: &&(&str, i64)| !matches!(name.0, "EWOULDBLOCK" | "EDEADLOCK" | "ENOTSUP");
    for (name, value) in constants::SYSTEM.iter().chain(constants::OTHER).filter(usual) {
        let (name, value) = (vm.intern(name)?, vm.new_int(*value)?);
        vm.dict_set(codes.as_ref(), value.as_ref(), name.as_ref())?;
    }
    vm.module_set(module.as_ref(), "errorcode", codes)?;
    Ok(module)
}
