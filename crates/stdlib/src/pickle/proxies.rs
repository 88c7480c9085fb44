//! What the attributes `memo` of picklers and unpicklers give: views with `clear`, `copy` and `__reduce__`.

use super::{pickler, unpickler};
use crate::prelude::{NativeDef, Owned, PyResult, Ref, TypeDef, TypeFlags, Vm, none, payload, trace_fields};
use hognose_vm::object::int::new_bigint;
use num_bigint::BigInt;

/// Payload of `PicklerMemoProxy`.
pub(super) struct PicklerMemoProxy {
    pub(super) pickler: Owned,
}
trace_fields!(PicklerMemoProxy { pickler });

/// Payload of `UnpicklerMemoProxy`.
pub(super) struct UnpicklerMemoProxy {
    pub(super) unpickler: Owned,
}
trace_fields!(UnpicklerMemoProxy { unpickler });

static PICKLER: TypeDef = TypeDef {
    name: "_pickle.PicklerMemoProxy",
    flags: TypeFlags::DISALLOW_INSTANTIATION,
    methods: &[
        NativeDef::method("clear", "$self, /", |vm, a| {
            let owner = pickler_of(vm, a.get(0))?;
            let old = pickler::this(vm, owner.as_ref())?.memo.take();
            drop(old);
            Ok(none())
        }),
        NativeDef::method("copy", "$self, /", |vm, a| copy_pickler(vm, a.get(0))),
        NativeDef::method("__reduce__", "$self, /", |vm, a| {
            let copy = copy_pickler(vm, a.get(0))?;
            dict_of(vm, copy)
        }),
    ],
    ..TypeDef::EMPTY
};

static UNPICKLER: TypeDef = TypeDef {
    name: "_pickle.UnpicklerMemoProxy",
    flags: TypeFlags::DISALLOW_INSTANTIATION,
    methods: &[
        NativeDef::method("clear", "$self, /", |vm, a| {
            let owner = unpickler_of(vm, a.get(0))?;
            let old = unpickler::this(vm, owner.as_ref())?.memo.take();
            drop(old);
            Ok(none())
        }),
        NativeDef::method("copy", "$self, /", |vm, a| copy_unpickler(vm, a.get(0))),
        NativeDef::method("__reduce__", "$self, /", |vm, a| {
            let copy = copy_unpickler(vm, a.get(0))?;
            dict_of(vm, copy)
        }),
    ],
    ..TypeDef::EMPTY
};

pub(super) fn register(vm: &mut Vm) -> PyResult<()> {
    let first = vm.add_native_type::<PicklerMemoProxy>(&PICKLER)?;
    let second = vm.add_native_type::<UnpicklerMemoProxy>(&UNPICKLER)?;
    let key = vm.intern("__hash__")?;
    for class in [first, second] {
        class.dict().set_str(vm.heap_mut(), key.as_ref(), none())?;
    }
    Ok(())
}

fn pickler_of(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    match payload::<PicklerMemoProxy>(r) {
        Some(p) => Ok(p.pickler.clone()),
        None => Err(vm.type_error("a PicklerMemoProxy is required")),
    }
}

fn unpickler_of(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    match payload::<UnpicklerMemoProxy>(r) {
        Some(p) => Ok(p.unpickler.clone()),
        None => Err(vm.type_error("an UnpicklerMemoProxy is required")),
    }
}

/// `(dict, (copy,))`
fn dict_of(vm: &mut Vm, copy: Owned) -> PyResult {
    let args = vm.new_tuple(vec![copy])?;
    let class = vm.types().dict.owned();
    vm.new_pair(class, args)
}

/// `{id(object): (number, object)}`
fn copy_pickler(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let owner = pickler_of(vm, r)?;
    let p = pickler::this(vm, owner.as_ref())?;
    let made = vm.new_dict()?;
    let mut i = 0;
    loop {
        let Some((object, number)) = p.memo.borrow().entry(i) else { return Ok(made) };
        i += 1;
        let key = new_bigint(vm.heap(), &BigInt::from(object.value().bits()))?;
        let number = vm.new_int(number as i64)?;
        let pair = vm.new_pair(number, object)?;
        vm.dict_set(made.as_ref(), key.as_ref(), pair.as_ref())?;
    }
}

/// `{number: object}`
fn copy_unpickler(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let owner = unpickler_of(vm, r)?;
    let u = unpickler::this(vm, owner.as_ref())?;
    let made = vm.new_dict()?;
    let mut at = 0;
    loop {
        let Some((number, object)) = u.memo.borrow().next(at) else { return Ok(made) };
        at = number + 1;
        let key = vm.new_int(number as i64)?;
        vm.dict_set(made.as_ref(), key.as_ref(), object.as_ref())?;
    }
}
