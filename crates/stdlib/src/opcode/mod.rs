//! The module `_opcode`: what CPython's own bytecode can do, as far as the library asks on import.
//!
//! Programs here are compiled to another instruction set (see the internals), so these tables only serve modules that
//! talk about CPython's.

use crate::prelude::{Args, NativeDef, PyResult, Vm, new_module, owned_bool};

const HAVE_ARGUMENT: i32 = 43;
const VALID_MAX: i32 = 266;
const HAS_CONST: &[i32] = &[82, 190, 191];
const HAS_NAME: &[i32] =
    &[61, 64, 65, 72, 73, 80, 91, 92, 93, 96, 110, 115, 116, 179, 189, 194, 195, 200, 249];
const HAS_JUMP: &[i32] =
    &[68, 70, 75, 76, 77, 100, 101, 102, 103, 106, 172, 173, 174, 175, 176, 237, 248, 257, 258, 259, 260];
const HAS_FREE: &[i32] = &[62, 90, 97, 111];
const HAS_LOCAL: &[i32] = &[3, 63, 83, 84, 85, 86, 87, 88, 89, 112, 113, 114, 261, 266];
const HAS_EXC: &[i32] = &[263, 264, 265];
/// Above `HAVE_ARGUMENT` and without an argument all the same.
const NO_ARGUMENT: &[i32] = &[
    129, 130, 131, 132, 133, 134, 135, 136, 137, 138, 139, 140, 141, 142, 154, 196, 198, 199, 201, 202, 203,
    204, 205, 206, 207, 208, 234, 235, 236, 238, 240, 246, 252, 254, 256, 262,
];

const INTRINSICS_1: &[&str] = &[
    "INTRINSIC_1_INVALID",
    "INTRINSIC_PRINT",
    "INTRINSIC_IMPORT_STAR",
    "INTRINSIC_STOPITERATION_ERROR",
    "INTRINSIC_ASYNC_GEN_WRAP",
    "INTRINSIC_UNARY_POSITIVE",
    "INTRINSIC_LIST_TO_TUPLE",
    "INTRINSIC_TYPEVAR",
    "INTRINSIC_PARAMSPEC",
    "INTRINSIC_TYPEVARTUPLE",
    "INTRINSIC_SUBSCRIPT_GENERIC",
    "INTRINSIC_TYPEALIAS",
];
const INTRINSICS_2: &[&str] = &[
    "INTRINSIC_2_INVALID",
    "INTRINSIC_PREP_RERAISE_STAR",
    "INTRINSIC_TYPEVAR_WITH_BOUND",
    "INTRINSIC_TYPEVAR_WITH_CONSTRAINTS",
    "INTRINSIC_SET_FUNCTION_TYPE_PARAMS",
    "INTRINSIC_SET_TYPEPARAM_DEFAULT",
];
const OPERATORS: &[(&str, &str)] = &[
    ("ADD", "+"),
    ("AND", "&"),
    ("FLOOR_DIVIDE", "//"),
    ("LSHIFT", "<<"),
    ("MATRIX_MULTIPLY", "@"),
    ("MULTIPLY", "*"),
    ("REMAINDER", "%"),
    ("OR", "|"),
    ("POWER", "**"),
    ("RSHIFT", ">>"),
    ("SUBTRACT", "-"),
    ("TRUE_DIVIDE", "/"),
    ("XOR", "^"),
];

macro_rules! listed {
    ($name:literal, $list:expr) => {
        NativeDef::function($name, "opcode", |vm, a| {
            let op = vm.index_i32(a.get(0))?;
            Ok(owned_bool($list.contains(&op)))
        })
    };
}

const FUNCTIONS: &[NativeDef] = &[
    NativeDef::function("stack_effect", "opcode, oparg=None, /, *, jump=None", stack_effect),
    NativeDef::function("is_valid", "opcode", |vm, a| {
        let op = vm.index_i32(a.get(0))?;
        Ok(owned_bool(is_valid(op)))
    }),
    NativeDef::function("has_arg", "opcode", |vm, a| {
        let op = vm.index_i32(a.get(0))?;
        Ok(owned_bool(op > HAVE_ARGUMENT && is_valid(op) && !NO_ARGUMENT.contains(&op)))
    }),
    listed!("has_const", HAS_CONST),
    listed!("has_name", HAS_NAME),
    listed!("has_jump", HAS_JUMP),
    listed!("has_free", HAS_FREE),
    listed!("has_local", HAS_LOCAL),
    listed!("has_exc", HAS_EXC),
    NativeDef::function("get_intrinsic1_descs", "", |vm, _| texts(vm, INTRINSICS_1)),
    NativeDef::function("get_intrinsic2_descs", "", |vm, _| texts(vm, INTRINSICS_2)),
    NativeDef::function("get_special_method_names", "", |vm, _| {
        texts(vm, &["__enter__", "__exit__", "__aenter__", "__aexit__"])
    }),
    NativeDef::function("get_nb_ops", "", operators),
    NativeDef::function("get_executor", "*, code, offset", |vm, _| {
        Err(vm.value_error("no executor exists at that offset"))
    }),
    NativeDef::function("get_specialization_stats", "", |vm, _| Ok(vm.none())),
];

/// Makes the module `_opcode`.
pub fn make(vm: &mut Vm) -> PyResult {
    let module = new_module(vm, "_opcode", "Opcode support module.", FUNCTIONS)?;
    for name in ["ENABLE_SPECIALIZATION", "ENABLE_SPECIALIZATION_FT"] {
        vm.module_set(module.as_ref(), name, owned_bool(false))?;
    }
    Ok(module)
}

fn is_valid(op: i32) -> bool {
    matches!(op, 0..=120 | 128..=211 | 234..=VALID_MAX)
}

fn texts(vm: &mut Vm, texts: &[&str]) -> PyResult {
    let items = texts.iter().map(|t| vm.new_str(t)).collect::<PyResult<Vec<_>>>()?;
    vm.new_list(items)
}

fn operators(vm: &mut Vm, _args: &Args<'_>) -> PyResult {
    let mut out = Vec::new();
    let mut add = |vm: &mut Vm, name: String, symbol: &str| -> PyResult<()> {
        let (name, symbol) = (vm.new_str(&name)?, vm.new_str(symbol)?);
        out.push(vm.new_pair(name, symbol)?);
        Ok(())
    };
    for (name, symbol) in OPERATORS {
        add(vm, format!("NB_{name}"), symbol)?;
    }
    for (name, symbol) in OPERATORS {
        add(vm, format!("NB_INPLACE_{name}"), &format!("{symbol}="))?;
    }
    add(vm, "NB_SUBSCR".into(), "[]")?;
    vm.new_list(out)
}

/// The machine has registers instead of a stack: no opcode has an effect on one.
fn stack_effect(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let op = vm.index_i32(args.get(0))?;
    if !is_valid(op) {
        return Err(vm.value_error("invalid opcode or oparg"));
    }
    vm.new_int(0)
}
