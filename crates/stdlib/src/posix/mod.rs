//! The module `posix`, on which `os` stands: system calls under their own names.
//!
//!   stat.rs     what files are          fs.rs       names: making, removing, renaming, attributes
//!   fd.rs       descriptors             dir.rs      listing: listdir, scandir
//!   process.rs  processes and their identity        system.rs  the machine, environment, limits
//!   sched.rs    scheduling              texts.rs    paths as text: fspath, normpath
//!   spawn.rs    posix_spawn
//!
//! Invariant: a call that the system interrupts runs Python's signal handlers and is repeated.

mod conf_names;
mod constants;
mod dir;
mod fd;
mod fs;
mod process;
mod sched;
mod spawn;
mod stat;
mod system;
mod texts;

use crate::host::add_ints;
use crate::prelude::{Exc, Owned, PyResult, TypeRef, Vm, new_module};
use hognose_vm::structseq::{self, StructSeqDef};

/// Makes the module.
pub fn make(vm: &mut Vm) -> PyResult {
    let doc = "This module provides access to operating system functionality that is\nstandardized by the C Standard \
               and the POSIX standard (a thinly\ndisguised Unix interface).  Refer to the library manual and\n\
               corresponding Unix manual entries for more information on calls.";
    let module = new_module(vm, "posix", doc, stat::FUNCTIONS)?;
    let tables = [fs::FUNCTIONS, fd::FUNCTIONS, dir::FUNCTIONS, process::FUNCTIONS, system::FUNCTIONS];
    for functions in tables.into_iter().chain([sched::FUNCTIONS, texts::FUNCTIONS, process::STATUS]) {
        vm.add_functions(module.as_ref(), functions)?;
    }
    add_ints(vm, &module, &[constants::SYSTEM, constants::OTHER])?;
    let error = vm.exc_class(Exc::OSError).owned();
    vm.module_set(module.as_ref(), "error", error)?;
    let environ = system::environ(vm)?;
    vm.module_set(module.as_ref(), "environ", environ)?;
    let have = HAVE.iter().map(|n| vm.new_str(n)).collect::<PyResult<Vec<_>>>()?;
    let have = vm.new_list(have)?;
    vm.module_set(module.as_ref(), "_have_functions", have)?;
    for (name, table) in [
        ("sysconf_names", conf_names::SYSCONF_NAMES),
        ("pathconf_names", conf_names::PATHCONF_NAMES),
        ("confstr_names", conf_names::CONFSTR_NAMES),
    ] {
        let dict = vm.new_dict()?;
        for (key, value) in table {
            let value = vm.new_int(i64::from(*value))?;
            vm.dict_set_name(dict.as_ref(), key, value)?;
        }
        vm.module_set(module.as_ref(), name, dict)?;
    }
    stat::register(vm, &module)?;
    system::register(vm, &module)?;
    process::register(vm, &module)?;
    sched::register(vm, &module)?;
    dir::register(vm, &module)?;
    Ok(module)
}

/// What `os` derives `supports_dir_fd` and its like from.
const HAVE: &[&str] = &[
    "HAVE_FACCESSAT",
    "HAVE_FCHDIR",
    "HAVE_FCHMOD",
    "HAVE_FCHMODAT",
    "HAVE_FCHOWN",
    "HAVE_FCHOWNAT",
    "HAVE_FDOPENDIR",
    "HAVE_FEXECVE",
    "HAVE_FPATHCONF",
    "HAVE_FSTATAT",
    "HAVE_FSTATVFS",
    "HAVE_FTRUNCATE",
    "HAVE_FUTIMENS",
    "HAVE_LINKAT",
    "HAVE_LCHOWN",
    "HAVE_LSTAT",
    "HAVE_LUTIMES",
    "HAVE_MEMFD_CREATE",
    "HAVE_MKDIRAT",
    "HAVE_MKFIFOAT",
    "HAVE_MKNODAT",
    "HAVE_OPENAT",
    "HAVE_READLINKAT",
    "HAVE_RENAMEAT",
    "HAVE_SYMLINKAT",
    "HAVE_UNLINKAT",
    "HAVE_UTIMENSAT",
];

/// Makes a struct sequence class and puts it into the module.
fn add_class(
    vm: &mut Vm,
    module: &Owned,
    name: &str,
    def: &'static StructSeqDef,
) -> PyResult<TypeRef<'static>> {
    let class = structseq::make_class(vm, def)?;
    vm.module_set(module.as_ref(), name, class.owned())?;
    Ok(class)
}

pub(crate) use fd::close_range;
pub(crate) use process::{environment, pointers, run_fork_hooks, signal_set};
pub(crate) use system::error_text;
