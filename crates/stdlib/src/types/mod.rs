//! The module `_types`: names for built-in types that `types` exports.

use crate::prelude::{PyResult, Vm, new_module};
use hognose_vm::compiler::Mode;

/// Makes the module `_types`.
pub fn make(vm: &mut Vm) -> PyResult {
    let module = new_module(vm, "_types", "Define names for built-in types.", &[])?;
    let t = vm.types();
    let known = [
        ("AsyncGeneratorType", t.async_generator),
        ("BuiltinFunctionType", t.builtin_function),
        ("BuiltinMethodType", t.builtin_function),
        ("CellType", t.cell),
        ("CodeType", t.code),
        ("CoroutineType", t.coroutine),
        ("EllipsisType", t.ellipsis),
        ("FrameType", t.frame),
        ("FunctionType", t.function),
        ("GeneratorType", t.generator),
        ("GetSetDescriptorType", t.getset_descriptor),
        ("LambdaType", t.function),
        ("MappingProxyType", t.mappingproxy),
        ("MemberDescriptorType", t.member_descriptor),
        ("MethodDescriptorType", t.method_descriptor),
        ("MethodType", t.method),
        ("MethodWrapperType", t.method_wrapper),
        ("ModuleType", t.module),
        ("NoneType", t.none_type),
        ("NotImplementedType", t.not_implemented),
        ("SimpleNamespace", t.namespace),
        ("TracebackType", t.traceback),
        ("WrapperDescriptorType", t.wrapper_descriptor),
    ];
    for (name, class) in known {
        vm.module_set(module.as_ref(), name, class.owned())?;
    }
    // Types that only have an expression for a name.
    let made = [
        ("ClassMethodDescriptorType", "type(dict.__dict__['fromkeys'])"),
        ("GenericAlias", "type(list[int])"),
        ("UnionType", "type(int | str)"),
    ];
    let globals = vm.new_dict()?;
    for (name, source) in made {
        let code = vm.compile_source(source, "<embedded _types>", Mode::Eval)?;
        let class = vm.eval_code(code.as_ref(), globals.as_ref(), None)?;
        vm.module_set(module.as_ref(), name, class)?;
    }
    Ok(module)
}
