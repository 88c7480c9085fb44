//! What Python does for the command line before the program: installed packages, and names for people at a prompt.
//!
//! Invariant: a start that finds nothing to do for the library's module `site` does not import it; the names it would add
//! to `builtins` are there all the same.

use hognose_vm::object::{Owned, Ref};
use hognose_vm::{PyResult, Vm};

/// What has to be done at start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Site {
    /// `exit`, `quit`, `help`, `copyright`, `credits` and `license`.
    Names,
    /// Everything: the module `site` is imported.
    Module,
}

const CREDITS: &str = "\
Hognose is the work of its authors. The pure-Python part of its standard library, and the language, are the work of the
Python Software Foundation and of many contributors: see www.python.org.";
const LICENSE: &str = "\
Hognose: MIT or Apache-2.0, at your choice. The pure-Python part of the standard library: PSF license version 2, see
https://docs.python.org/3/license.html";

/// Does it.
pub(crate) fn start(vm: &mut Vm, what: Site) -> PyResult<()> {
    match what {
        Site::Module => vm.import_dotted("site").map(drop),
        Site::Names => names(vm),
    }
}

fn names(vm: &mut Vm) -> PyResult<()> {
    let module = vm.import_dotted("_sitebuiltins")?;
    let builtins = vm.builtins().owned();
    let end = vm.new_str("Ctrl-D (i.e. EOF)")?;
    for name in ["quit", "exit"] {
        let text = vm.new_str(name)?;
        let quitter = vm.call_method(module.as_ref(), "Quitter", &[text.as_ref(), end.as_ref()])?;
        vm.dict_set_name(builtins.as_ref(), name, quitter)?;
    }
    let copyright = vm.sys_dict().owned();
    let copyright = vm.dict_get_name(copyright.as_ref(), "copyright")?.unwrap_or_else(|| end.clone());
    let (credits, license) = (vm.new_str(CREDITS)?, vm.new_str(LICENSE)?);
    for (name, text) in [("copyright", copyright), ("credits", credits), ("license", license)] {
        let printer = printer(vm, module.as_ref(), name, text)?;
        vm.dict_set_name(builtins.as_ref(), name, printer)?;
    }
    let helper = vm.call_method(module.as_ref(), "_Helper", &[])?;
    vm.dict_set_name(builtins.as_ref(), "help", helper)
}

/// A `_Printer` that shows a text. Its own `__init__` imports `os`, which most programs do not need.
fn printer(vm: &mut Vm, module: Ref<'_>, name: &str, text: Owned) -> PyResult {
    let class = vm.get_attr_name(module, "_Printer")?;
    let object = vm.types().object.owned();
    let made = vm.call_method(object.as_ref(), "__new__", &[class.as_ref()])?;
    let (name, files) = (vm.new_str(name)?, vm.new_list(Vec::new())?);
    let fields = [
        ("_Printer__name", name),
        ("_Printer__data", text),
        ("_Printer__lines", vm.none()),
        ("_Printer__filenames", files),
    ];
    for (key, value) in fields {
        let key = vm.intern(key)?;
        vm.set_attr(made.as_ref(), key.as_ref(), Some(value.as_ref()))?;
    }
    Ok(made)
}
