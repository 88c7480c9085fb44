//! Weak proxies: objects that do whatever their target does while it lives, and raise ReferenceError afterwards.

use crate::support;
use hognose_vm::{
    Args, BinOp, CmpOp, Exc, Layout, NativeDef, Owned, PyResult, Ref, Slots, TypeDef, TypeRef, UnaryOp, Vm,
    WeakRef, payload,
};

/// Operators are passed on to the targets, whatever they are.
const ALL_OPS: u32 = (1 << BinOp::ALL.len()) - 1;

const SLOTS: Slots = Slots {
    repr: Some(repr),
    str: Some(str),
    hash: Some(hash),
    getattro: Some(getattro),
    setattro: Some(setattro),
    iter: Some(iter),
    next: Some(next),
    richcompare: Some(richcompare),
    len: Some(len),
    getitem: Some(getitem),
    setitem: Some(setitem),
    contains: Some(contains),
    binary: Some(binary),
    binary_ops: ALL_OPS,
    inplace: Some(inplace),
    inplace_ops: ALL_OPS,
    unary: Some(unary),
    bool: Some(is_true),
    int: Some(int),
    float: Some(float),
    index: Some(index),
    ..Slots::NONE
};

const METHODS: &[NativeDef] = &[
    NativeDef::method("__bytes__", "$self, /", bytes),
    NativeDef::method("__reversed__", "$self, /", reversed),
];

static PROXY: TypeDef = TypeDef {
    name: "weakref.ProxyType",
    layout: Layout::Native,
    slots: SLOTS,
    methods: METHODS,
    ..TypeDef::EMPTY
};

static CALLABLE_PROXY: TypeDef = TypeDef {
    name: "weakref.CallableProxyType",
    layout: Layout::Native,
    slots: Slots { call: Some(call), ..SLOTS },
    methods: METHODS,
    ..TypeDef::EMPTY
};

/// Makes the two classes and puts them into the module. Their payload is that of weak references.
pub(super) fn add_types(vm: &mut Vm, module: &Owned) -> PyResult<()> {
    for (name, def) in [("ProxyType", &PROXY), ("CallableProxyType", &CALLABLE_PROXY)] {
        let class = vm.add_native_type::<WeakRef>(def)?.owned();
        support::set(vm, module, name, class)?;
    }
    Ok(())
}

/// `weakref.proxy(object, callback=None)`
pub(super) fn proxy(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let target = args.get(0);
    let callable = vm.class_of(target).slots().call.is_some();
    let name = if callable { "CallableProxyType" } else { "ProxyType" };
    let modules = vm.modules().owned();
    let module = vm.dict_get_name(modules.as_ref(), "_weakref")?;
    let class = match module.and_then(|m| vm.module_dict(m.as_ref())) {
        Some(dict) => vm.dict_get_name(dict.as_ref(), name)?,
        None => None,
    };
    match class.as_ref().and_then(|c| TypeRef::new(c.as_ref())) {
        Some(class) if class.layout() == Layout::Native => vm.weakref_new(class, target, args.opt(1)),
        _ => Err(vm.runtime_error("module _weakref was changed")),
    }
}

/// The target of a proxy; anything else is itself.
fn target(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    if payload::<WeakRef>(r).is_none() || vm.class_of(r).slots().getattro.is_none() {
        return Ok(r.owned());
    }
    match vm.weakref_get(r) {
        Some(object) => Ok(object),
        None => Err(vm.raise(Exc::ReferenceError, "weakly-referenced object no longer exists")),
    }
}

fn repr(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let at = r.value().bits();
    let text = match vm.weakref_get(r) {
        Some(object) => {
            let class = vm.type_name(object.as_ref());
            format!("<weakproxy at {at:#x}; to '{class}' at {:#x}>", object.value().bits())
        }
        None => format!("<weakproxy at {at:#x}; dead>"),
    };
    vm.new_str(&text)
}

fn str(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let o = target(vm, r)?;
    vm.str(o.as_ref())
}

fn hash(vm: &mut Vm, r: Ref<'_>) -> PyResult<i64> {
    let class = vm.type_name(r);
    Err(vm.type_error(&format!("unhashable type: '{class}'")))
}

fn getattro(vm: &mut Vm, r: Ref<'_>, name: Ref<'_>) -> PyResult {
    let o = target(vm, r)?;
    vm.get_attr(o.as_ref(), name)
}

fn setattro(vm: &mut Vm, r: Ref<'_>, name: Ref<'_>, value: Option<Ref<'_>>) -> PyResult<()> {
    let o = target(vm, r)?;
    vm.set_attr(o.as_ref(), name, value)
}

fn iter(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let o = target(vm, r)?;
    vm.iter(o.as_ref())
}

fn next(vm: &mut Vm, r: Ref<'_>) -> PyResult<Option<Owned>> {
    let o = target(vm, r)?;
    if vm.class_of(o.as_ref()).slots().next.is_none() {
        let class = vm.type_name(o.as_ref());
        return Err(vm.type_error(&format!("Weakref proxy referenced a non-iterator '{class}' object")));
    }
    vm.next(o.as_ref())
}

fn richcompare(vm: &mut Vm, op: CmpOp, a: Ref<'_>, b: Ref<'_>) -> PyResult {
    let (x, y) = (target(vm, a)?, target(vm, b)?);
    vm.compare(op, x.as_ref(), y.as_ref())
}

fn len(vm: &mut Vm, r: Ref<'_>) -> PyResult<usize> {
    let o = target(vm, r)?;
    vm.len(o.as_ref())
}

fn getitem(vm: &mut Vm, r: Ref<'_>, key: Ref<'_>) -> PyResult {
    let o = target(vm, r)?;
    vm.get_item(o.as_ref(), key)
}

fn setitem(vm: &mut Vm, r: Ref<'_>, key: Ref<'_>, value: Option<Ref<'_>>) -> PyResult<()> {
    let o = target(vm, r)?;
    vm.set_item(o.as_ref(), key, value)
}

fn contains(vm: &mut Vm, r: Ref<'_>, item: Ref<'_>) -> PyResult<bool> {
    let o = target(vm, r)?;
    vm.contains(o.as_ref(), item)
}

fn binary(vm: &mut Vm, op: BinOp, a: Ref<'_>, b: Ref<'_>) -> PyResult {
    let (x, y) = (target(vm, a)?, target(vm, b)?);
    vm.binary_op(op, x.as_ref(), y.as_ref())
}

fn inplace(vm: &mut Vm, op: BinOp, a: Ref<'_>, b: Ref<'_>) -> PyResult {
    let (x, y) = (target(vm, a)?, target(vm, b)?);
    vm.inplace_op(op, x.as_ref(), y.as_ref())
}

fn unary(vm: &mut Vm, op: UnaryOp, r: Ref<'_>) -> PyResult {
    let o = target(vm, r)?;
    vm.unary_op(op, o.as_ref())
}

fn is_true(vm: &mut Vm, r: Ref<'_>) -> PyResult<bool> {
    let o = target(vm, r)?;
    vm.is_true(o.as_ref())
}

fn int(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let o = target(vm, r)?;
    let class = vm.types().int;
    vm.call(class.as_ref(), &[o.as_ref()])
}

fn float(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let o = target(vm, r)?;
    let x = vm.as_f64(o.as_ref())?;
    vm.new_float(x)
}

fn index(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let o = target(vm, r)?;
    vm.index(o.as_ref())
}

fn call(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let o = target(vm, args.get(0))?;
    let kw: Vec<(Ref<'_>, Ref<'_>)> =
        args.kwnames.iter().copied().zip(args.kwvalues.iter().copied()).collect();
    vm.call_kw(o.as_ref(), args.rest(1), &kw)
}

fn bytes(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let o = target(vm, args.get(0))?;
    let class = vm.types().bytes;
    vm.call(class.as_ref(), &[o.as_ref()])
}

fn reversed(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let o = target(vm, args.get(0))?;
    vm.call_method(o.as_ref(), "__reversed__", &[])
}
