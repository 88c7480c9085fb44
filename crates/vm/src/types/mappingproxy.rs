//! `types.MappingProxyType`: a read-only view of a mapping. Classes show their namespace through one.

use crate::args::{Args, GetSetDef, NativeDef};
use crate::class::base_value;
use crate::define::TypeDef;
use crate::text::str_bytes;
use crate::type_slots::{BinOp, CmpOp, Slots};
use crate::{PyResult, Vm};
use hognose_object::native::payload;
use hognose_object::types::TypeFlags;
use hognose_object::{Layout, NOT_IMPLEMENTED, Owned, Ref, ValueExt, none, trace_fields};

/// Payload of `mappingproxy`.
pub(crate) struct MappingProxy {
    mapping: Owned,
}
trace_fields!(MappingProxy { mapping });

/// `mappingproxy`
pub static TYPE: TypeDef = TypeDef {
    name: "mappingproxy",
    layout: Layout::Native,
    doc: "Read-only proxy of a mapping.",
    flags: TypeFlags::MAPPING,
    slots: Slots {
        repr: Some(repr),
        str: Some(|vm, r| {
            let m = inner(vm, r)?;
            vm.str(m)
        }),
        hash: Some(|vm, r| {
            let m = inner(vm, r)?;
            vm.hash(m)
        }),
        iter: Some(|vm, r| {
            let m = inner(vm, r)?;
            vm.iter(m)
        }),
        richcompare: Some(richcompare),
        len: Some(|vm, r| {
            let m = inner(vm, r)?;
            vm.len(m)
        }),
        getitem: Some(|vm, r, key| {
            let m = inner(vm, r)?;
            vm.get_item(m, key)
        }),
        contains: Some(|vm, r, key| {
            let m = inner(vm, r)?;
            vm.contains(m, key)
        }),
        binary: Some(union),
        binary_ops: BinOp::Or.bit(),
        inplace: Some(|vm, _, a, b| {
            let class = vm.type_name(a);
            let _ = b;
            Err(vm.type_error(&format!("'|=' is not supported by {class}; use '|' instead")))
        }),
        inplace_ops: BinOp::Or.bit(),
        new: Some(new),
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("get", "$self, key, default=None, /", |vm, a| {
            let m = inner(vm, a.get(0))?;
            let default = a.opt(2).map_or_else(none, |d| d.owned());
            vm.call_method(m, "get", &[a.get(1), default.as_ref()])
        }),
        NativeDef::method("keys", "$self, /", |vm, a| forward(vm, a, "keys")),
        NativeDef::method("values", "$self, /", |vm, a| forward(vm, a, "values")),
        NativeDef::method("items", "$self, /", |vm, a| forward(vm, a, "items")),
        NativeDef::method("copy", "$self, /", |vm, a| forward(vm, a, "copy")),
        NativeDef::method("__reversed__", "$self, /", |vm, a| forward(vm, a, "__reversed__")),
        super::alias::CLASS_GETITEM,
    ],
    getset: NO_GETSET,
};

const NO_GETSET: &[GetSetDef] = &[];

/// A read-only view of `mapping`.
pub(crate) fn new_proxy(vm: &mut Vm, mapping: Ref<'_>) -> PyResult {
    vm.new_native(MappingProxy { mapping: mapping.owned() })
}

impl Vm {
    /// A read-only view of a mapping.
    pub fn new_mappingproxy(&mut self, mapping: Ref<'_>) -> PyResult {
        new_proxy(self, mapping)
    }
}

/// The mapping behind a proxy; `None` for anything else.
pub(crate) fn proxied(r: Ref<'_>) -> Option<Ref<'_>> {
    payload::<MappingProxy>(r).map(|p| p.mapping.as_ref())
}

fn inner<'a>(vm: &mut Vm, r: Ref<'a>) -> PyResult<Ref<'a>> {
    proxied(r).ok_or_else(|| vm.type_error("a mappingproxy is required"))
}

fn new(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let bound = vm.bind(args, "mappingproxy", "mapping")?;
    let Some(m) = bound.pos.first().copied().flatten() else {
        return Err(vm.type_error("mappingproxy() missing required argument 'mapping' (pos 1)"));
    };
    let sequence = matches!(base_value(m).layout_of(), Some(Layout::List | Layout::Tuple));
    if sequence || vm.class_of(m).slots().getitem.is_none() {
        let class = vm.type_name(m);
        return Err(vm.type_error(&format!("mappingproxy() argument must be a mapping, not {class}")));
    }
    new_proxy(vm, m)
}

fn forward(vm: &mut Vm, args: &Args<'_>, name: &str) -> PyResult {
    let m = inner(vm, args.get(0))?;
    vm.call_method(m, name, &[])
}

fn repr(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let m = inner(vm, r)?;
    let text = vm.repr(m)?;
    vm.new_str_bytes(&[b"mappingproxy(", str_bytes(text.as_ref()), b")"].concat())
}

fn richcompare(vm: &mut Vm, op: CmpOp, a: Ref<'_>, b: Ref<'_>) -> PyResult {
    if !matches!(op, CmpOp::Eq | CmpOp::Ne) {
        let (Some(m), None) = (proxied(a), proxied(b)) else {
            return Ok(Owned::from_immediate(NOT_IMPLEMENTED));
        };
        return vm.compare(op, m, b);
    }
    let m = inner(vm, a)?;
    vm.compare(op, m, b)
}

fn union(vm: &mut Vm, op: BinOp, a: Ref<'_>, b: Ref<'_>) -> PyResult {
    let (x, y) = (proxied(a).unwrap_or(a), proxied(b).unwrap_or(b));
    vm.binary_op_maybe(op, x, y)
}
