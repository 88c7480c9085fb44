//! `_tuplegetter`: the attribute of a named tuple that is its item number so and so.

use crate::prelude::{
    Args, Exc, GetSetDef, NativeDef, Owned, PyResult, Ref, Slots, TupleRef, TypeDef, ValueExt, Vm,
    base_value, instance, none, payload, str_bytes, trace_fields,
};
use std::cell::RefCell;

/// Payload of `_tuplegetter`.
pub(super) struct TupleGetter {
    index: usize,
    doc: RefCell<Owned>,
}
trace_fields!(TupleGetter { doc });

pub(super) static TYPE: TypeDef = TypeDef {
    name: "collections._tuplegetter",
    slots: Slots {
        new: Some(new),
        repr: Some(repr),
        descr_get: Some(descr_get),
        descr_set: Some(|vm, _, _, value| {
            let what = if value.is_some() { "set" } else { "delete" };
            Err(vm.raise(Exc::AttributeError, &format!("can't {what} attribute")))
        }),
        ..Slots::NONE
    },
    methods: &[NativeDef::method("__reduce__", "$self, /", |vm, a| {
        let Some(g) = payload::<TupleGetter>(a.get(0)) else { return Ok(none()) };
        let (class, doc) = (vm.class_of(a.get(0)).owned(), g.doc.borrow().clone());
        let index = vm.new_int(g.index as i64)?;
        let arguments = vm.new_pair(index, doc)?;
        vm.new_pair(class, arguments)
    })],
    getset: &[GetSetDef::write(
        "__doc__",
        |_, r| Ok(payload::<TupleGetter>(r).map_or_else(none, |g| g.doc.borrow().clone())),
        |_, r, value| {
            if let Some(g) = payload::<TupleGetter>(r) {
                let old = g.doc.replace(value.map_or_else(none, |v| v.owned()));
                drop(old);
            }
            Ok(())
        },
    )],
    ..TypeDef::EMPTY
};

fn new(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let bound = vm.bind(args, "_tuplegetter", "index, doc, /")?;
    let index = vm.index_isize(bound.pos[0].unwrap_or(args.get(0)), false)?;
    let doc = RefCell::new(bound.pos[1].map_or_else(none, |d| d.owned()));
    let index = usize::try_from(index).unwrap_or(usize::MAX);
    instance(vm, args.get(0), TupleGetter { index, doc })
}

fn descr_get(vm: &mut Vm, d: Ref<'_>, obj: Ref<'_>, _class: Ref<'_>) -> PyResult {
    let Some(g) = payload::<TupleGetter>(d).filter(|_| !obj.is_null() && !obj.is_none()) else {
        return Ok(d.owned());
    };
    let Some(t) = TupleRef::new(base_value(obj)) else {
        let (i, class) = (g.index, vm.type_name(obj));
        return Err(vm.type_error(&format!(
            "descriptor for index '{i}' for tuple subclasses doesn't apply to '{class}' object"
        )));
    };
    match t.items().get(g.index) {
        Some(x) => Ok(x.owned()),
        None => Err(vm.index_error("tuple index out of range")),
    }
}

fn repr(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let Some(g) = payload::<TupleGetter>(r) else { return vm.default_repr(r) };
    let doc = g.doc.borrow().clone();
    let doc = vm.repr(doc.as_ref())?;
    let mut out = format!("{}({}, ", vm.class_of(r).name(), g.index).into_bytes();
    out.extend_from_slice(str_bytes(doc.as_ref()));
    out.push(b')');
    vm.new_str_bytes(&out)
}
