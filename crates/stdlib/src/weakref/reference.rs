//! The type `weakref.ReferenceType`.

use crate::support;
use hognose_vm::{
    Args, CmpOp, GetSetDef, Layout, NOT_IMPLEMENTED, NativeDef, Owned, PyResult, Ref, Slots, TypeDef,
    TypeFlags, TypeRef, Vm, WeakRef, as_str, none, owned_bool, payload,
};

static REFERENCE: TypeDef = TypeDef {
    name: "weakref.ReferenceType",
    layout: Layout::Native,
    flags: TypeFlags::BASE_TYPE,
    slots: Slots {
        new: Some(new),
        init: Some(init),
        call: Some(call),
        repr: Some(repr),
        hash: Some(hash),
        richcompare: Some(compare),
        ..Slots::NONE
    },
    methods: &[NativeDef::class_method("__class_getitem__", "$type, item, /", |vm, a| {
        vm.new_generic_alias(a.get(0), a.get(1))
    })],
    getset: &[GetSetDef::read("__callback__", |vm, r| Ok(vm.weakref_callback(r).unwrap_or_else(none)))],
    ..TypeDef::EMPTY
};

/// Makes the class and puts it into the module.
pub(super) fn add_type(vm: &mut Vm, module: &Owned) -> PyResult<()> {
    let class = vm.add_native_type::<WeakRef>(&REFERENCE)?;
    support::set(vm, module, "ref", class.owned())?;
    support::set(vm, module, "ReferenceType", class.owned())
}

fn new(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let Some(class) = args.opt(0).and_then(TypeRef::new).filter(|c| c.layout() == Layout::Native) else {
        return Err(vm.type_error("weakref.__new__(X): X is not a subtype of weakref.ReferenceType"));
    };
    match args.rest(1) {
        [target] => vm.weakref_new(class, *target, None),
        [target, callback] => vm.weakref_new(class, *target, Some(*callback)),
        [] => Err(vm.type_error("__new__ expected at least 1 argument, got 0")),
        more => {
            let n = more.len();
            Err(vm.type_error(&format!("__new__ expected at most 2 arguments, got {n}")))
        }
    }
}

fn init(vm: &mut Vm, args: &Args<'_>) -> PyResult<()> {
    if !args.kwnames.is_empty() {
        return Err(vm.type_error("ref() takes no keyword arguments"));
    }
    match args.rest(1).len() {
        0 => Err(vm.type_error("__init__ expected at least 1 argument, got 0")),
        1 | 2 => Ok(()),
        n => Err(vm.type_error(&format!("__init__ expected at most 2 arguments, got {n}"))),
    }
}

fn call(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    if args.pos.len() > 1 || !args.kwnames.is_empty() {
        let n = args.pos.len() - 1 + args.kwnames.len();
        return Err(vm.type_error(&format!("weakref expected 0 arguments, got {n}")));
    }
    Ok(vm.weakref_get(args.get(0)).unwrap_or_else(none))
}

fn repr(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let at = r.value().bits();
    let Some(object) = vm.weakref_get(r) else { return vm.new_str(&format!("<weakref at {at:#x}; dead>")) };
    let class = vm.type_name(object.as_ref());
    let to = object.value().bits();
    let key = vm.names().__name__;
    let name = vm.get_attr_opt(object.as_ref(), key)?;
    let name = name.as_ref().and_then(|n| as_str(n.as_ref())).map(|n| n.to_lossy().into_owned());
    let suffix = name.map_or_else(String::new, |n| format!(" ({n})"));
    vm.new_str(&format!("<weakref at {at:#x}; to '{class}' at {to:#x}{suffix}>"))
}

fn hash(vm: &mut Vm, r: Ref<'_>) -> PyResult<i64> {
    let known = payload::<WeakRef>(r).map_or(-1, |w| w.hash.get());
    if known != -1 {
        return Ok(known);
    }
    let Some(object) = vm.weakref_get(r) else { return Err(vm.type_error("weak object has gone away")) };
    let h = vm.hash(object.as_ref())?;
    if let Some(w) = payload::<WeakRef>(r) {
        w.hash.set(h);
    }
    Ok(h)
}

fn compare(vm: &mut Vm, op: CmpOp, a: Ref<'_>, b: Ref<'_>) -> PyResult {
    let both = payload::<WeakRef>(a).is_some() && payload::<WeakRef>(b).is_some();
    if !both || !matches!(op, CmpOp::Eq | CmpOp::Ne) {
        return Ok(Owned::from_immediate(NOT_IMPLEMENTED));
    }
    match (vm.weakref_get(a), vm.weakref_get(b)) {
        (Some(x), Some(y)) => vm.compare(op, x.as_ref(), y.as_ref()),
        _ => Ok(owned_bool(a.is(b) == (op == CmpOp::Eq))),
    }
}
