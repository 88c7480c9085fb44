//! `types.SimpleNamespace`: attributes and a readable text.
#![allow(unsafe_code, reason = "completes a fresh type object")]

use crate::args::{Args, NativeDef};
use crate::class::TypeRef;
use crate::define::TypeDef;
use crate::text::{as_str, str_bytes};
use crate::type_slots::{CmpOp, Slots};
use crate::{PyResult, Vm};
use hognose_object::dict::DictRef;
use hognose_object::types::TypeFlags;
use hognose_object::{Layout, NOT_IMPLEMENTED, Owned, Ref};

/// `types.SimpleNamespace`
pub static TYPE: TypeDef = TypeDef {
    name: "types.SimpleNamespace",
    layout: Layout::Instance,
    doc: "A simple attribute-based namespace.",
    flags: TypeFlags::HAS_DICT | TypeFlags::BASE_TYPE,
    slots: Slots { init: Some(init), repr: Some(repr), richcompare: Some(compare), ..Slots::NONE },
    methods: &[
        NativeDef::method("__reduce__", "$self, /", reduce),
        NativeDef::method("__replace__", "$self, /, **changes", replace),
    ],
    ..TypeDef::EMPTY
};

/// Makes the class.
pub fn make_class(vm: &mut Vm) -> PyResult<TypeRef<'static>> {
    let class = vm.add_type(&TYPE, None)?;
    // SAFETY: the class lives as long as the machine; the kind of its instances is made with the first of them.
    unsafe { (*class.ptr()).root_kind = 0 };
    Ok(class)
}

/// A new namespace with these attributes.
pub fn make(vm: &mut Vm, class: TypeRef<'_>, attributes: Vec<(&str, Owned)>) -> PyResult {
    let o = vm.call(class.as_ref(), &[])?;
    for (name, value) in attributes {
        let name = vm.intern(name)?;
        vm.set_attr(o.as_ref(), name.as_ref(), Some(value.as_ref()))?;
    }
    Ok(o)
}

fn dict(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    match vm.instance_dict(r)? {
        Some(d) => Ok(d),
        None => vm.new_dict(),
    }
}

fn init(vm: &mut Vm, args: &Args<'_>) -> PyResult<()> {
    let (r, rest) = (args.get(0), args.rest(1));
    if rest.len() > 1 {
        let n = rest.len();
        let class = vm.type_name(r);
        return Err(vm.type_error(&format!("{class} expected at most 1 argument, got {n}")));
    }
    let target = dict(vm, r)?;
    if let Some(&given) = rest.first() {
        let source = if DictRef::new(given).is_some() {
            given.owned()
        } else {
            let dict_class = vm.types().dict;
            vm.call(dict_class.as_ref(), &[given])?
        };
        let entries = DictRef::new(source.as_ref()).map_or_else(Vec::new, |d| d.to_vec());
        if entries.iter().any(|(k, _)| as_str(k.as_ref()).is_none()) {
            return Err(vm.type_error("keywords must be strings"));
        }
        for (key, value) in entries {
            vm.dict_set(target.as_ref(), key.as_ref(), value.as_ref())?;
        }
    }
    for (name, value) in args.kwnames.iter().zip(args.kwvalues) {
        vm.dict_set(target.as_ref(), *name, *value)?;
    }
    Ok(())
}

fn repr(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let class = vm.class_of(r);
    let name = if class.is_heap_type() { class.name() } else { "namespace".to_owned() };
    if !vm.repr_enter(r) {
        return vm.new_str(&format!("{name}(...)"));
    }
    let text = repr_items(vm, r, &name);
    vm.repr_leave(r);
    vm.new_str_bytes(&text?)
}

fn repr_items(vm: &mut Vm, r: Ref<'_>, name: &str) -> PyResult<Vec<u8>> {
    let dict = dict(vm, r)?;
    let mut out = format!("{name}(").into_bytes();
    let mut first = true;
    for (key, value) in DictRef::new(dict.as_ref()).map_or_else(Vec::new, |d| d.to_vec()) {
        if as_str(key.as_ref()).is_none_or(|k| k.as_bytes().is_empty()) {
            continue;
        }
        if !std::mem::take(&mut first) {
            out.extend_from_slice(b", ");
        }
        out.extend_from_slice(str_bytes(key.as_ref()));
        out.push(b'=');
        let text = vm.repr(value.as_ref())?;
        out.extend_from_slice(str_bytes(text.as_ref()));
    }
    out.push(b')');
    Ok(out)
}

fn is_namespace(vm: &Vm, r: Ref<'_>) -> bool {
    vm.class_of(r)
        .slots()
        .repr
        .is_some_and(|f| std::ptr::fn_addr_eq(f, repr as fn(&mut Vm, Ref<'_>) -> PyResult))
}

fn compare(vm: &mut Vm, op: CmpOp, a: Ref<'_>, b: Ref<'_>) -> PyResult {
    if !is_namespace(vm, a) || !is_namespace(vm, b) {
        return Ok(Owned::from_immediate(NOT_IMPLEMENTED));
    }
    let (x, y) = (dict(vm, a)?, dict(vm, b)?);
    vm.compare(op, x.as_ref(), y.as_ref())
}

fn reduce(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let r = args.get(0);
    let dict = dict(vm, r)?;
    let (class, empty) = (vm.class_of(r).owned(), vm.empty_tuple().owned());
    vm.new_tuple(vec![class, empty, dict])
}

fn replace(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let r = args.get(0);
    let class = vm.class_of(r);
    let new = vm.call(class.as_ref(), &[])?;
    let (from, to) = (dict(vm, r)?, dict(vm, new.as_ref())?);
    vm.dict_merge(to.as_ref(), from.as_ref(), false)?;
    for (name, value) in args.kwnames.iter().zip(args.kwvalues) {
        vm.dict_set(to.as_ref(), *name, *value)?;
    }
    Ok(new)
}
