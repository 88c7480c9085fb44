//! The constants of `sys`, and its struct sequences.

use hognose_vm::structseq::{self, StructSeqDef};
use hognose_vm::{NativeDef, Owned, PyResult, STDLIB_MODULE_NAMES, Vm, namespace, none, owned_bool};

hognose_vm::structseq! {
    VERSION_INFO = "sys.version_info", "sys.version_info\n\nVersion information as a named tuple.", 5;
    0 major, 1 minor, 2 micro, 3 releaselevel, 4 serial
}
hognose_vm::structseq! {
    FLAGS = "sys.flags",
    "sys.flags\n\nFlags provided through command line arguments or environment vars.", 18;
    0 debug, 1 inspect, 2 interactive, 3 optimize, 4 dont_write_bytecode, 5 no_user_site, 6 no_site,
    7 ignore_environment, 8 verbose, 9 bytes_warning, 10 quiet, 11 hash_randomization, 12 isolated, 13 dev_mode,
    14 utf8_mode, 15 warn_default_encoding, 16 safe_path, 17 int_max_str_digits, 18 gil,
    19 thread_inherit_context, 20 context_aware_warnings
}
hognose_vm::structseq! {
    FLOAT_INFO = "sys.float_info",
    "sys.float_info\n\nA named tuple holding information about the float type.", 11;
    0 max, 1 max_exp, 2 max_10_exp, 3 min, 4 min_exp, 5 min_10_exp, 6 dig, 7 mant_dig, 8 epsilon, 9 radix, 10 rounds
}
hognose_vm::structseq! {
    INT_INFO = "sys.int_info",
    "sys.int_info\n\nA named tuple that holds information about Python's\ninternal representation of integers.  \
     The attributes are read only.", 4;
    0 bits_per_digit, 1 sizeof_digit, 2 default_max_str_digits, 3 str_digits_check_threshold
}
hognose_vm::structseq! {
    HASH_INFO = "sys.hash_info",
    "hash_info\n\nA named tuple providing parameters used for computing\nhashes. The attributes are read only.", 9;
    0 width, 1 modulus, 2 inf, 3 nan, 4 imag, 5 algorithm, 6 hash_bits, 7 seed_bits, 8 cutoff
}
hognose_vm::structseq! {
    THREAD_INFO = "sys.thread_info",
    "sys.thread_info\n\nA named tuple holding information about the thread implementation.", 3;
    0 name, 1 lock, 2 version
}
hognose_vm::structseq! {
    pub(super) ASYNCGEN_HOOKS = "asyncgen_hooks",
    "asyncgen_hooks\n\nA named tuple providing information about asynchronous\ngenerators hooks.  \
     The attributes are read only.", 2;
    0 firstiter, 1 finalizer
}

const HEX_VERSION: i64 = 0x030E_0AF0;
const COPYRIGHT: &str = "Copyright (c) the Hognose authors. Licensed under MIT or Apache-2.0.";

/// An instance of a struct sequence whose class is made for it.
pub(super) fn make(vm: &mut Vm, def: &'static StructSeqDef, values: Vec<Owned>) -> PyResult {
    let class = structseq::make_class(vm, def)?;
    structseq::make(vm, class, def, values)
}

fn ints(vm: &Vm, values: &[i64]) -> PyResult<Vec<Owned>> {
    values.iter().map(|n| vm.new_int(*n)).collect()
}

fn version_info(vm: &mut Vm) -> PyResult {
    let mut values = ints(vm, &[3, 14, 10])?;
    values.push(vm.new_str("final")?);
    values.push(vm.new_int(0)?);
    make(vm, &VERSION_INFO, values)
}

fn flags(vm: &mut Vm) -> PyResult {
    let f = vm.config().flags;
    let digits = vm.int_max_str_digits();
    let random = vm.config().hash_seed != Some(0);
    let numbers = [
        i64::from(f.debug),
        i64::from(f.inspect),
        0,
        i64::from(f.optimize),
        i64::from(f.dont_write_bytecode),
        i64::from(f.no_user_site),
        i64::from(f.no_site),
        i64::from(f.ignore_environment),
        i64::from(f.verbose),
        i64::from(f.bytes_warning),
        i64::from(f.quiet),
        i64::from(random),
        i64::from(f.isolated),
        0,
        i64::from(f.utf8_mode),
        0,
        0,
        digits as i64,
        1,
        0,
        0,
    ];
    let mut values = ints(vm, &numbers)?;
    values[13] = owned_bool(f.dev_mode);
    values[16] = owned_bool(f.safe_path);
    make(vm, &FLAGS, values)
}

fn float_info(vm: &mut Vm) -> PyResult {
    let values = vec![
        vm.new_float(f64::MAX)?,
        vm.new_int(i64::from(f64::MAX_EXP))?,
        vm.new_int(i64::from(f64::MAX_10_EXP))?,
        vm.new_float(f64::MIN_POSITIVE)?,
        vm.new_int(i64::from(f64::MIN_EXP))?,
        vm.new_int(i64::from(f64::MIN_10_EXP))?,
        vm.new_int(i64::from(f64::DIGITS))?,
        vm.new_int(i64::from(f64::MANTISSA_DIGITS))?,
        vm.new_float(f64::EPSILON)?,
        vm.new_int(i64::from(f64::RADIX))?,
        vm.new_int(1)?,
    ];
    make(vm, &FLOAT_INFO, values)
}

fn hash_info(vm: &mut Vm) -> PyResult {
    let mut values = ints(vm, &[64, (1 << 61) - 1, 314_159, 0, 1_000_003])?;
    values.push(vm.new_str("siphash13")?);
    values.extend(ints(vm, &[64, 128, 0])?);
    make(vm, &HASH_INFO, values)
}

fn thread_info(vm: &mut Vm) -> PyResult {
    let values = vec![vm.new_str("pthread")?, vm.new_str("semaphore")?, none()];
    make(vm, &THREAD_INFO, values)
}

fn implementation(vm: &mut Vm, version: &Owned) -> PyResult {
    let name = vm.new_str("hognose")?;
    let tag = vm.new_str("hognose-314")?;
    let hex = vm.new_int(HEX_VERSION)?;
    let arch = vm.new_str(&format!("{}-linux-gnu", std::env::consts::ARCH))?;
    let class = vm.types().namespace;
    let attributes = vec![
        ("name", name),
        ("cache_tag", tag),
        ("version", version.clone()),
        ("hexversion", hex),
        ("_multiarch", arch),
        ("supports_isolated_interpreters", owned_bool(false)),
    ];
    namespace::make(vm, class, attributes)
}

fn module_names(vm: &mut Vm) -> PyResult {
    let list = STDLIB_MODULE_NAMES.iter().map(|n| vm.intern(n)).collect::<PyResult<Vec<_>>>()?;
    let list = vm.new_list(list)?;
    let frozenset = vm.types().frozenset;
    vm.call(frozenset.as_ref(), &[list.as_ref()])
}

fn builtin_names(vm: &mut Vm) -> PyResult {
    let mut names: Vec<&'static str> = vm.native_module_names();
    names.extend(["builtins", "sys"]);
    names.sort_unstable();
    names.dedup();
    let names = names.into_iter().map(|n| vm.intern(n)).collect::<PyResult<Vec<_>>>()?;
    vm.new_tuple(names)
}

/// Where the interpreter is installed: the directory above that of the executable.
fn prefix(executable: &str) -> String {
    let bin = std::path::Path::new(executable).parent();
    bin.and_then(|b| b.parent()).map_or_else(String::new, |p| p.to_string_lossy().into_owned())
}

/// There is no just-in-time compiler.
const JIT: &[NativeDef] = &[
    NativeDef::function("is_available", "", |_, _| Ok(owned_bool(false))),
    NativeDef::function("is_enabled", "", |_, _| Ok(owned_bool(false))),
    NativeDef::function("is_active", "", |_, _| Ok(owned_bool(false))),
];

/// Adds the constants.
pub(super) fn fill(vm: &mut Vm, dict: &Owned) -> PyResult<()> {
    let put = |vm: &mut Vm, name: &str, value: Owned| vm.dict_set_name(dict.as_ref(), name, value);
    let version = version_info(vm)?;
    let implementation = implementation(vm, &version)?;
    put(vm, "implementation", implementation)?;
    put(vm, "version_info", version)?;
    let makers: [(&str, fn(&mut Vm) -> PyResult); 7] = [
        ("flags", flags),
        ("float_info", float_info),
        ("hash_info", hash_info),
        ("thread_info", thread_info),
        ("stdlib_module_names", module_names),
        ("builtin_module_names", builtin_names),
        ("int_info", |vm| {
            let values = ints(vm, &[30, 4, 4300, 640])?;
            make(vm, &INT_INFO, values)
        }),
    ];
    for (name, f) in makers {
        let value = f(vm)?;
        put(vm, name, value)?;
    }
    let numbers = [
        ("hexversion", HEX_VERSION),
        ("maxsize", i64::MAX),
        ("maxunicode", 0x10_FFFF),
        ("api_version", 1013),
    ];
    for (name, n) in numbers {
        let n = vm.new_int(n)?;
        put(vm, name, n)?;
    }
    fill_text(vm, dict)?;
    let writes = !vm.config().flags.dont_write_bytecode;
    put(vm, "dont_write_bytecode", owned_bool(!writes))?;
    command_line(vm, dict)?;
    let jit = vm.new_module("sys._jit")?;
    vm.add_functions(jit.as_ref(), JIT)?;
    put(vm, "_jit", jit)?;
    let monitoring = super::monitoring::make(vm)?;
    put(vm, "monitoring", monitoring)?;
    put(vm, "pycache_prefix", none())?;
    for name in ["warnoptions", "meta_path", "path_hooks", "orig_argv"] {
        if vm.dict_get_name(dict.as_ref(), name)?.is_none() {
            let list = vm.new_list(Vec::new())?;
            put(vm, name, list)?;
        }
    }
    for name in ["_xoptions", "path_importer_cache"] {
        if vm.dict_get_name(dict.as_ref(), name)?.is_none() {
            let d = vm.new_dict()?;
            put(vm, name, d)?;
        }
    }
    Ok(())
}

/// What the command line says: `warnoptions`, `_xoptions`, `orig_argv`.
fn command_line(vm: &mut Vm, dict: &Owned) -> PyResult<()> {
    let config = vm.config().clone();
    for (name, texts) in [("warnoptions", &config.warn_options), ("orig_argv", &config.orig_argv)] {
        let items = texts.iter().map(|t| vm.new_str(t)).collect::<PyResult<Vec<_>>>()?;
        let list = vm.new_list(items)?;
        vm.dict_set_name(dict.as_ref(), name, list)?;
    }
    let options = vm.new_dict()?;
    for (name, value) in &config.x_options {
        let value = match value {
            Some(v) => vm.new_str(v)?,
            None => owned_bool(true),
        };
        vm.dict_set_name(options.as_ref(), name, value)?;
    }
    vm.dict_set_name(dict.as_ref(), "_xoptions", options)
}

fn fill_text(vm: &mut Vm, dict: &Owned) -> PyResult<()> {
    let executable = vm.config().executable.clone();
    let base_executable = vm.config().base_executable.clone().unwrap_or_else(|| executable.clone());
    let own = || (prefix(&executable), prefix(&executable));
    let (prefix, base) = vm.config().prefix.clone().unwrap_or_else(own);
    let stdlib = vm.library().map_or_else(String::new, |l| l.root().to_owned());
    let version = format!("3.14.10 (hognose {}, Jan  1 2026, 00:00:00) [Rust]", env!("CARGO_PKG_VERSION"));
    let byteorder = if cfg!(target_endian = "big") { "big" } else { "little" };
    let texts = [
        ("version", version.as_str()),
        ("copyright", COPYRIGHT),
        ("platform", "linux"),
        ("platlibdir", "lib"),
        ("abiflags", ""),
        ("byteorder", byteorder),
        ("float_repr_style", "short"),
        ("executable", executable.as_str()),
        ("_base_executable", base_executable.as_str()),
        ("_framework", ""),
        ("prefix", prefix.as_str()),
        ("base_prefix", base.as_str()),
        ("exec_prefix", prefix.as_str()),
        ("base_exec_prefix", base.as_str()),
        ("_stdlib_dir", stdlib.as_str()),
    ];
    for (name, text) in texts {
        let text = vm.new_str(text)?;
        vm.dict_set_name(dict.as_ref(), name, text)?;
    }
    let git = ["hognose", "", ""].iter().map(|s| vm.new_str(s)).collect::<PyResult<Vec<_>>>()?;
    let git = vm.new_tuple(git)?;
    vm.dict_set_name(dict.as_ref(), "_git", git)
}
