//! The module `_functools`: reduce, partial, cmp_to_key, the cache behind `lru_cache`.

mod cache;
mod partial;

use crate::prelude::{
    Args, CmpOp, NativeDef, Owned, PyResult, Ref, Slots, TypeDef, Vm, new_module, not_implemented, payload,
    trace_fields,
};

const FUNCTIONS: &[NativeDef] = &[
    NativeDef::function("reduce", "function, iterable, /, initial=None", reduce),
    NativeDef::function("cmp_to_key", "mycmp", |vm, a| {
        vm.new_native(Key { cmp: a.get(0).owned(), object: None })
    }),
];

/// Makes the module `_functools`.
pub fn make_native(vm: &mut Vm) -> PyResult {
    let module = new_module(vm, "_functools", "Tools that operate on functions.", FUNCTIONS)?;
    vm.add_native_type::<Key>(&KEY)?;
    let cache = vm.add_native_type::<cache::LruCache>(&cache::TYPE)?;
    vm.module_set(module.as_ref(), "_lru_cache_wrapper", cache.owned())?;
    partial::register(vm, module.as_ref())?;
    Ok(module)
}

fn reduce(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let items = args.get(1);
    let slots = vm.class_of(items).slots();
    if slots.iter.is_none() && slots.getitem.is_none() {
        return Err(vm.type_error("reduce() arg 2 must support iteration"));
    }
    let it = vm.iter(items)?;
    let mut total = match args.opt(2) {
        Some(initial) => initial.owned(),
        None => match vm.next(it.as_ref())? {
            Some(x) => x,
            None => return Err(vm.type_error("reduce() of empty iterable with no initial value")),
        },
    };
    while let Some(x) = vm.next(it.as_ref())? {
        total = vm.call(args.get(0), &[total.as_ref(), x.as_ref()])?;
    }
    Ok(total)
}

/// `cmp_to_key(f)`; with an object: the key of that object.
struct Key {
    cmp: Owned,
    object: Option<Owned>,
}
trace_fields!(Key { cmp, object });

static KEY: TypeDef = TypeDef {
    name: "functools.KeyWrapper",
    slots: Slots {
        call: Some(key_call),
        richcompare: Some(key_compare),
        hash: Some(|vm, _| Err(vm.type_error("unhashable type: 'functools.KeyWrapper'"))),
        ..Slots::NONE
    },
    getset: &[crate::prelude::GetSetDef::read("obj", |vm, r| {
        Ok(payload::<Key>(r).and_then(|k| k.object.clone()).unwrap_or_else(|| vm.none()))
    })],
    ..TypeDef::EMPTY
};

fn key_call(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let bound = vm.bind(args, "K", "obj")?;
    let Some(k) = payload::<Key>(args.get(0)) else { return Ok(vm.none()) };
    let object = bound.pos[0].map(|o| o.owned());
    vm.new_native(Key { cmp: k.cmp.clone(), object })
}

fn key_compare(vm: &mut Vm, op: CmpOp, a: Ref<'_>, b: Ref<'_>) -> PyResult {
    let (Some(x), Some(y)) = (payload::<Key>(a), payload::<Key>(b)) else {
        return Err(vm.type_error("other argument must be K instance"));
    };
    let (Some(p), Some(q)) = (&x.object, &y.object) else { return Ok(not_implemented()) };
    let order = vm.call(x.cmp.as_ref(), &[p.as_ref(), q.as_ref()])?;
    let zero = vm.new_int(0)?;
    vm.compare(op, order.as_ref(), zero.as_ref())
}
