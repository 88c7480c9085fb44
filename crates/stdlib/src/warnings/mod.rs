//! The module `_warnings`: entry points for native code; the machinery is the library's `warnings`.
//!
//! It does not offer what `warnings` would take from it, so that there is one set of filters: that of the Python code.

use crate::prelude::{Args, NativeDef, PyResult, Ref, Vm, new_module};

const FUNCTIONS: &[NativeDef] = &[
    NativeDef::function("warn", "*args, **kwargs", |vm, a| forward(vm, a, "warn")),
    NativeDef::function("warn_explicit", "*args, **kwargs", |vm, a| forward(vm, a, "warn_explicit")),
];

/// Makes the module `_warnings`.
pub fn make(vm: &mut Vm) -> PyResult {
    new_module(
        vm,
        "_warnings",
        "_warnings provides basic warning filtering support.\nIt is a helper module to speed up interpreter start-up.",
        FUNCTIONS,
    )
}

fn forward(vm: &mut Vm, args: &Args<'_>, name: &str) -> PyResult {
    let warnings = vm.import_dotted("warnings")?;
    let function = vm.get_attr_name(warnings.as_ref(), name)?;
    let kw: Vec<(Ref<'_>, Ref<'_>)> =
        args.kwnames.iter().copied().zip(args.kwvalues.iter().copied()).collect();
    vm.call_kw(function.as_ref(), args.pos, &kw)
}
