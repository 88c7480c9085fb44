//! The module `_operator`: the operators as functions, and (in getters.rs) objects that fetch.

mod getters;

use crate::prelude::{
    Args, BinOp, CmpOp, Layout, NativeDef, Owned, PyResult, Ref, UnaryOp, ValueExt, Vm, as_str, base_value,
    new_module, owned_bool, small_int_of,
};

const DOC: &str = "Operator interface.\n\nThis module exports a set of functions implemented in Rust corresponding\n\
                   to the intrinsic operators of Python.  For example, operator.add(x, y)\n\
                   is equivalent to the expression x+y.";

macro_rules! binary {
    ($name:literal, $op:ident) => {
        NativeDef::function($name, "a, b, /", |vm, a| vm.binary_op(BinOp::$op, a.get(0), a.get(1)))
    };
}
macro_rules! inplace {
    ($name:literal, $op:ident) => {
        NativeDef::function($name, "a, b, /", |vm, a| vm.inplace_op(BinOp::$op, a.get(0), a.get(1)))
    };
}
macro_rules! compare {
    ($name:literal, $op:ident) => {
        NativeDef::function($name, "a, b, /", |vm, a| vm.compare(CmpOp::$op, a.get(0), a.get(1)))
    };
}
macro_rules! unary {
    ($name:literal, $op:ident) => {
        NativeDef::function($name, "a, /", |vm, a| vm.unary_op(UnaryOp::$op, a.get(0)))
    };
}

const FUNCTIONS: &[NativeDef] = &[
    binary!("add", Add),
    binary!("sub", Sub),
    binary!("mul", Mul),
    binary!("truediv", TrueDiv),
    binary!("floordiv", FloorDiv),
    binary!("mod", Mod),
    binary!("and_", And),
    binary!("or_", Or),
    binary!("xor", Xor),
    binary!("lshift", LShift),
    binary!("rshift", RShift),
    binary!("pow", Pow),
    binary!("matmul", MatMul),
    inplace!("iadd", Add),
    inplace!("isub", Sub),
    inplace!("imul", Mul),
    inplace!("itruediv", TrueDiv),
    inplace!("ifloordiv", FloorDiv),
    inplace!("imod", Mod),
    inplace!("iand", And),
    inplace!("ior", Or),
    inplace!("ixor", Xor),
    inplace!("ilshift", LShift),
    inplace!("irshift", RShift),
    inplace!("ipow", Pow),
    inplace!("imatmul", MatMul),
    compare!("lt", Lt),
    compare!("le", Le),
    compare!("eq", Eq),
    compare!("ne", Ne),
    compare!("gt", Gt),
    compare!("ge", Ge),
    unary!("neg", Neg),
    unary!("pos", Pos),
    unary!("inv", Invert),
    unary!("invert", Invert),
    unary!("abs", Abs),
    NativeDef::function("index", "a, /", |vm, a| vm.index(a.get(0))),
    NativeDef::function("not_", "a, /", |vm, a| Ok(owned_bool(!vm.is_true(a.get(0))?))),
    NativeDef::function("truth", "a, /", |vm, a| Ok(owned_bool(vm.is_true(a.get(0))?))),
    NativeDef::function("is_", "a, b, /", |_, a| Ok(owned_bool(a.get(0).is(a.get(1))))),
    NativeDef::function("is_not", "a, b, /", |_, a| Ok(owned_bool(!a.get(0).is(a.get(1))))),
    NativeDef::function("is_none", "a, /", |_, a| Ok(owned_bool(a.get(0).is_none()))),
    NativeDef::function("is_not_none", "a, /", |_, a| Ok(owned_bool(!a.get(0).is_none()))),
    NativeDef::function("concat", "a, b, /", |vm, a| {
        check_sequence(vm, a.get(0))?;
        vm.binary_op(BinOp::Add, a.get(0), a.get(1))
    }),
    NativeDef::function("iconcat", "a, b, /", |vm, a| {
        check_sequence(vm, a.get(0))?;
        vm.inplace_op(BinOp::Add, a.get(0), a.get(1))
    }),
    NativeDef::function("contains", "a, b, /", |vm, a| Ok(owned_bool(vm.contains(a.get(0), a.get(1))?))),
    NativeDef::function("countOf", "a, b, /", count_of),
    NativeDef::function("indexOf", "a, b, /", index_of),
    NativeDef::function("getitem", "a, b, /", |vm, a| vm.get_item(a.get(0), a.get(1))),
    NativeDef::function("setitem", "a, b, c, /", |vm, a| {
        vm.set_item(a.get(0), a.get(1), Some(a.get(2))).map(|()| vm.none())
    }),
    NativeDef::function("delitem", "a, b, /", |vm, a| {
        vm.set_item(a.get(0), a.get(1), None).map(|()| vm.none())
    }),
    NativeDef::function("length_hint", "obj, default=0, /", length_hint),
    NativeDef::function("call", "obj, /, *args, **kwargs", call),
    NativeDef::function("_compare_digest", "a, b, /", compare_digest),
];

/// Special names of functions whose own name ends in an underscore.
const ALIASES: &[(&str, &str)] = &[("__and__", "and_"), ("__or__", "or_"), ("__not__", "not_")];

/// Those without a special name.
const PLAIN: &[&str] = &[
    "and_",
    "or_",
    "not_",
    "truth",
    "is_",
    "is_not",
    "is_none",
    "is_not_none",
    "countOf",
    "indexOf",
    "length_hint",
    "_compare_digest",
];

/// Makes the module `_operator`.
pub fn make_private(vm: &mut Vm) -> PyResult {
    make_named(vm, "_operator")
}

fn make_named(vm: &mut Vm, name: &str) -> PyResult {
    let module = new_module(vm, name, DOC, FUNCTIONS)?;
    let dict = vm.module_dict(module.as_ref()).unwrap_or_else(|| vm.none());
    for def in FUNCTIONS.iter().filter(|d| !PLAIN.contains(&d.name)) {
        if let Some(f) = vm.dict_get_name(dict.as_ref(), def.name)? {
            vm.dict_set_name(dict.as_ref(), &format!("__{}__", def.name), f)?;
        }
    }
    for &(alias, of) in ALIASES {
        if let Some(f) = vm.dict_get_name(dict.as_ref(), of)? {
            vm.dict_set_name(dict.as_ref(), alias, f)?;
        }
    }
    let mut names = Vec::new();
    for def in FUNCTIONS.iter().filter(|d| !d.name.starts_with('_')) {
        names.push(vm.new_str(def.name)?);
    }
    for class in getters::classes(vm)? {
        names.push(vm.new_str(&class.name())?);
        vm.module_set(module.as_ref(), &class.name(), class.owned())?;
    }
    let all = vm.new_list(names)?;
    vm.module_set(module.as_ref(), "__all__", all)?;
    Ok(module)
}

fn check_sequence(vm: &mut Vm, r: Ref<'_>) -> PyResult<()> {
    let slots = vm.class_of(r).slots();
    if slots.getitem.is_some() && !r.has_layout(Layout::Dict) {
        return Ok(());
    }
    let class = vm.type_name(r);
    Err(vm.type_error(&format!("'{class}' object can't be concatenated")))
}

fn count_of(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let mut n = 0;
    let mut it = vm.iterate(args.get(0))?;
    while let Some(x) = it.next(vm)? {
        n += i64::from(vm.equal(x.as_ref(), args.get(1))?);
    }
    vm.new_int(n)
}

fn index_of(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let mut n = 0;
    let mut it = vm.iterate(args.get(0))?;
    while let Some(x) = it.next(vm)? {
        if vm.equal(x.as_ref(), args.get(1))? {
            return vm.new_int(n);
        }
        n += 1;
    }
    Err(vm.value_error("sequence.index(x): x not in sequence"))
}

fn length_hint(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let default = match args.opt(1) {
        None => 0,
        Some(d) => match small_int_of(base_value(d)) {
            Some(n) => n,
            None => {
                let class = vm.type_name(d);
                return Err(vm.type_error(&format!("'{class}' object cannot be interpreted as an integer")));
            }
        },
    };
    match usize::try_from(default) {
        Ok(d) => {
            let n = vm.length_hint(args.get(0), d)?;
            vm.new_int(n as i64)
        }
        Err(_) => {
            // A negative default comes back as it is.
            let n = vm.length_hint(args.get(0), usize::MAX)?;
            vm.new_int(if n == usize::MAX { default } else { n as i64 })
        }
    }
}

fn call(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let kw: Vec<(Ref<'_>, Ref<'_>)> =
        args.kwnames.iter().copied().zip(args.kwvalues.iter().copied()).collect();
    vm.call_kw(args.get(0), args.rest(1), &kw)
}

fn digest_bytes(vm: &mut Vm, r: Ref<'_>) -> PyResult<Option<Vec<u8>>> {
    if let Some(s) = as_str(r) {
        if !s.is_ascii() {
            return Err(vm.type_error("comparing strings with non-ASCII characters is not supported"));
        }
        return Ok(None);
    }
    let class = vm.types().bytes;
    let copy: Owned = vm.call(class.as_ref(), &[r])?;
    Ok(hognose_vm::object::bytes::bytes_of(base_value(copy.as_ref())).map(<[u8]>::to_vec))
}

/// Compares without stopping at the first difference.
fn compare_digest(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let (a, b) = (args.get(0), args.get(1));
    let (x, y) = match (as_str(a), as_str(b)) {
        (Some(s), Some(t)) => {
            digest_bytes(vm, a)?;
            digest_bytes(vm, b)?;
            (s.as_bytes().to_vec(), t.as_bytes().to_vec())
        }
        (None, None) => {
            let (x, y) = (digest_bytes(vm, a)?, digest_bytes(vm, b)?);
            (x.unwrap_or_default(), y.unwrap_or_default())
        }
        _ => {
            let (x, y) = (vm.type_name(a), vm.type_name(b));
            return Err(vm.type_error(&format!(
                "unsupported operand types(s) or combination of types: '{x}' and '{y}'"
            )));
        }
    };
    let differ = x.iter().zip(&y).fold(u8::from(x.len() != y.len()), |acc, (p, q)| acc | (p ^ q));
    Ok(owned_bool(std::hint::black_box(differ) == 0))
}
