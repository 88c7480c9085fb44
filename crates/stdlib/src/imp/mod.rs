//! The module `_imp`: what `importlib` asks of the machine. And `_frozen_importlib`, `_frozen_importlib_external`:
//! importlib's own files, run once as the machine's import system.
//!
//! The first import that neither a native module nor a library module satisfies, or the first look at `importlib`,
//! starts it: see `start.py`.

use crate::prelude::{
    Args, Exc, NativeDef, Owned, PyResult, Ref, Vm, as_str, base_value, new_module, none, owned_bool,
};
use hognose_vm::object::bytes::bytes_of;
use hognose_vm::pyc_magic;

const FUNCTIONS: &[NativeDef] = &[
    NativeDef::function("acquire_lock", "", |vm, _| {
        vm.state::<ImportLock>().0 += 1;
        Ok(none())
    }),
    NativeDef::function("release_lock", "", |vm, _| match vm.state::<ImportLock>().0.checked_sub(1) {
        Some(n) => {
            vm.state::<ImportLock>().0 = n;
            Ok(none())
        }
        None => Err(vm.runtime_error("not holding the import lock")),
    }),
    NativeDef::function("lock_held", "", |vm, _| Ok(owned_bool(vm.state::<ImportLock>().0 > 0))),
    NativeDef::function("extension_suffixes", "", |vm, _| vm.new_list(Vec::new())),
    NativeDef::function("is_builtin", "name, /", |vm, a| {
        let known = is_native(vm, a.get(0));
        vm.new_int(i64::from(known))
    }),
    NativeDef::function("create_builtin", "spec, /", create_builtin),
    NativeDef::function("exec_builtin", "mod, /", |vm, _| vm.new_int(0)),
    NativeDef::function("create_dynamic", "spec, file=None, /", no_extensions),
    NativeDef::function("exec_dynamic", "mod, /", |vm, _| vm.new_int(0)),
    NativeDef::function("is_frozen", "name, /", |_, _| Ok(owned_bool(false))),
    NativeDef::function("is_frozen_package", "name, /", not_frozen),
    NativeDef::function("find_frozen", "name, /, *, withdata=False", |_, _| Ok(none())),
    NativeDef::function("get_frozen_object", "name, data=None, /", not_frozen),
    NativeDef::function("init_frozen", "name, /", |_, _| Ok(none())),
    NativeDef::function("_frozen_module_names", "", |vm, _| vm.new_list(Vec::new())),
    NativeDef::function("_override_frozen_modules_for_tests", "override, /", |_, _| Ok(none())),
    NativeDef::function("_override_multi_interp_extensions_check", "override, /", |vm, _| vm.new_int(0)),
    NativeDef::function("_fix_co_filename", "code, path, /", |vm, a| {
        vm.set_code_filename(a.get(0), a.get(1))?;
        Ok(none())
    }),
    NativeDef::function("source_hash", "key, source", source_hash),
    NativeDef::function("_is_sound_code", "data, /", |_, a| {
        let sound = bytes_of(base_value(a.get(0))).is_some_and(|b| {
            // The type byte of `marshal` and the length come first.
            b.first() == Some(&b'c') && b.get(5..).is_some_and(hognose_vm::is_sound_code)
        });
        Ok(owned_bool(sound))
    }),
    NativeDef::function("_library_root", "", |vm, _| match vm.library() {
        Some(l) => vm.new_str(l.root()),
        None => Ok(none()),
    }),
    NativeDef::function("_library_exists", "path, /", |vm, a| {
        let path = vm.text_of(a.get(0));
        Ok(owned_bool(vm.library().is_some_and(|l| l.exists(&path))))
    }),
    NativeDef::function("_library_read", "path, /", |vm, a| {
        let path = vm.text_of(a.get(0));
        match vm.library().and_then(|l| l.read(&path)) {
            Some(bytes) => vm.new_bytes(&bytes),
            None => Ok(none()),
        }
    }),
    NativeDef::function("_library_list", "path, /", |vm, a| {
        let path = vm.text_of(a.get(0));
        let names = vm.library().map_or_else(Vec::new, |l| l.list(&path));
        let names = names.iter().map(|n| vm.new_str(n)).collect::<PyResult<Vec<_>>>()?;
        vm.new_list(names)
    }),
    NativeDef::function("_library_code", "path, filename, /", |vm, a| {
        let (path, filename) = (vm.text_of(a.get(0)), vm.text_of(a.get(1)));
        match vm.library_code(&path, &filename)? {
            Some(code) => Ok(code),
            None => Ok(none()),
        }
    }),
];

/// How often the import lock is held. Holds no objects.
#[derive(Default)]
struct ImportLock(usize);

/// Makes the module `_imp`.
pub fn make(vm: &mut Vm) -> PyResult {
    let module = new_module(
        vm,
        "_imp",
        "(Extremely) low-level import machinery bits as used by importlib.",
        FUNCTIONS,
    )?;
    let mode = vm.new_str("default")?;
    vm.module_set(module.as_ref(), "check_hash_based_pycs", mode)?;
    let magic = vm.new_int(i64::from(pyc_magic()))?;
    vm.module_set(module.as_ref(), "pyc_magic_number_token", magic)?;
    Ok(module)
}

/// Makes the module `_frozen_importlib` and makes it the machine's import system.
pub fn make_importlib(vm: &mut Vm) -> PyResult {
    let module = run(vm, "_frozen_importlib", "importlib/_bootstrap.py", "<frozen importlib._bootstrap>")?;
    let (sys, imp) = (vm.import_dotted("sys")?, vm.import_dotted("_imp")?);
    vm.call_method(module.as_ref(), "_install", &[sys.as_ref(), imp.as_ref()])?;
    vm.call_method(module.as_ref(), "_install_external_importers", &[])?;
    let start = vm.compile_source(
        include_str!("start.py"),
        "<frozen importlib._start>",
        hognose_vm::compiler::Mode::Module,
    )?;
    let globals = vm.new_dict()?;
    vm.eval_code(start.as_ref(), globals.as_ref(), None)?;
    vm.set_import_system(module.clone());
    Ok(module)
}

/// Makes the module `_frozen_importlib_external`.
pub fn make_external(vm: &mut Vm) -> PyResult {
    let file = "importlib/_bootstrap_external.py";
    run(vm, "_frozen_importlib_external", file, "<frozen importlib._bootstrap_external>")
}

/// Runs a file of the library as a module of another name.
fn run(vm: &mut Vm, name: &str, file: &str, shown: &str) -> PyResult {
    let Some(code) = vm.library_code(file, shown)? else {
        return Err(vm.raise(Exc::ImportError, &format!("the library has no {file}")));
    };
    vm.import_code(name, code)
}

fn is_native(vm: &mut Vm, name: Ref<'_>) -> bool {
    let name = vm.text_of(name);
    name == "builtins" || name == "sys" || vm.native_module_names().iter().any(|n| *n == name)
}

fn create_builtin(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let name = vm.get_attr_name(args.get(0), "name")?;
    if as_str(name.as_ref()).is_none() {
        let class = vm.type_name(name.as_ref());
        return Err(vm.type_error(&format!("name must be string, not {class}")));
    }
    let text = vm.text_of(name.as_ref());
    vm.import_native(&text).map(|m: Option<Owned>| m.unwrap_or_else(none))
}

fn no_extensions(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let name = vm.get_attr_name(args.get(0), "name")?;
    let name = vm.text_of(name.as_ref());
    Err(vm.raise(Exc::ImportError, &format!("{name}: modules compiled for CPython cannot be loaded")))
}

fn not_frozen(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let name = vm.repr_text(args.get(0))?;
    Err(vm.raise(Exc::ImportError, &format!("No such frozen object named {name}")))
}

/// Eight bytes that depend on the key and on every byte of the source (FNV-1a, finished by a multiplication).
fn source_hash(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let key = vm.index_isize(args.get(0), true)?;
    let class = vm.types().bytes;
    let source = vm.call(class.as_ref(), &[args.get(1)])?;
    let bytes = bytes_of(source.as_ref()).unwrap_or(&[]);
    let mut h = 0xcbf2_9ce4_8422_2325_u64 ^ (key as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    for &b in bytes {
        h = (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3);
    }
    h = (h ^ h >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    vm.new_bytes(&(h ^ h >> 32).to_le_bytes())
}
