//! `typing.Union`, alias `types.UnionType`: `int | str`.
//!
//! Alternatives are flattened and appear once, in the order written. Equality ignores order: hashable alternatives
//! are compared as sets.

use super::{collect_parameters, substitute, type_repr};
use crate::args::{Args, GetSetDef, NativeDef};
use crate::class::TypeRef;
use crate::define::TypeDef;
use crate::exceptions::Exc;
use crate::type_slots::{BinOp, CmpOp, Slots};
use crate::{PyResult, Vm};
use hognose_object::native::payload;
use hognose_object::types::TypeFlags;
use hognose_object::{Layout, NOT_IMPLEMENTED, Owned, Ref, ValueExt, owned_bool, trace_fields};
use std::cell::RefCell;

/// Payload of `typing.Union`.
pub(crate) struct UnionType {
    /// A tuple.
    args: Owned,
    /// A set of those that can be hashed.
    hashable: Owned,
    unhashable: Vec<Owned>,
    parameters: RefCell<Option<Owned>>,
}
trace_fields!(UnionType { args, hashable, unhashable, parameters });

/// `typing.Union`
pub static TYPE: TypeDef = TypeDef {
    name: "typing.Union",
    layout: Layout::Native,
    doc: "Represent a union type\n\nE.g. for int | str",
    flags: TypeFlags::HAS_WEAKREF | TypeFlags::DISALLOW_INSTANTIATION,
    slots: Slots {
        repr: Some(repr),
        hash: Some(hash),
        richcompare: Some(richcompare),
        getitem: Some(getitem),
        binary: Some(|vm, _, a, b| vm.new_union(a, b)),
        binary_ops: BinOp::Or.bit(),
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("__mro_entries__", "$self, bases, /", |vm, a| {
            let text = vm.repr_text(a.get(0))?;
            Err(vm.type_error(&format!("Cannot subclass {text}")))
        }),
        NativeDef::class_method("__class_getitem__", "$type, object, /", class_getitem),
    ],
    getset: &[
        GetSetDef::read("__name__", |vm, _| vm.new_str("Union")),
        GetSetDef::read("__qualname__", |vm, _| vm.new_str("Union")),
        GetSetDef::read("__origin__", |vm, r| Ok(vm.class_of(r).owned())),
        GetSetDef::read("__args__", |vm, r| Ok(of(vm, r)?.args.clone())),
        GetSetDef::read("__parameters__", parameters),
    ],
};

fn of<'a>(vm: &mut Vm, r: Ref<'a>) -> PyResult<&'a UnionType> {
    payload::<UnionType>(r).ok_or_else(|| vm.type_error("a union is required"))
}

/// The alternatives of a union, a tuple; `None` for anything else.
pub fn union_args(r: Ref<'_>) -> Option<Owned> {
    payload::<UnionType>(r).map(|u| u.args.clone())
}

fn is_unionable(r: Ref<'_>) -> bool {
    r.is_none()
        || TypeRef::new(r).is_some()
        || payload::<super::GenericAlias>(r).is_some()
        || payload::<crate::types::typevars::TypeAliasType>(r).is_some()
        || payload::<UnionType>(r).is_some()
}

impl Vm {
    /// `a | b` for types; NotImplemented when one of them is none.
    pub fn new_union(&mut self, a: Ref<'_>, b: Ref<'_>) -> PyResult {
        if !is_unionable(a) || !is_unionable(b) {
            return Ok(Owned::from_immediate(NOT_IMPLEMENTED));
        }
        make_union(self, &[a, b])
    }
}

/// The union of these, whatever they are: the one alternative itself if there is just one.
pub(crate) fn make_union(vm: &mut Vm, items: &[Ref<'_>]) -> PyResult {
    let mut b = Builder {
        args: Vec::new(),
        hashable: hognose_object::set::new_set(vm.heap())?,
        unhashable: Vec::new(),
    };
    for &x in items {
        b.add(vm, x)?;
    }
    if b.args.len() == 1 {
        return Ok(b.args.swap_remove(0));
    }
    let args = vm.new_tuple(b.args)?;
    vm.new_native(UnionType {
        args,
        hashable: b.hashable,
        unhashable: b.unhashable,
        parameters: RefCell::new(None),
    })
}

struct Builder {
    args: Vec<Owned>,
    hashable: Owned,
    unhashable: Vec<Owned>,
}

impl Builder {
    fn add(&mut self, vm: &mut Vm, x: Ref<'_>) -> PyResult<()> {
        if let Some(inner) = union_args(x) {
            for y in vm.items_of(inner.as_ref()) {
                self.add(vm, y.as_ref())?;
            }
            return Ok(());
        }
        let x = if x.is_none() {
            vm.types().none_type.owned()
        } else if crate::text::as_str(x).is_some() {
            forward_reference(vm, x)?
        } else {
            x.owned()
        };
        match vm.set_add(self.hashable.as_ref(), x.as_ref()) {
            Ok(true) => self.args.push(x),
            Ok(false) => {}
            Err(e) if vm.raised_is(&e, Exc::TypeError) => {
                vm.discard(e);
                for known in &self.unhashable {
                    if vm.equal(known.as_ref(), x.as_ref())? {
                        return Ok(());
                    }
                }
                self.unhashable.push(x.clone());
                self.args.push(x);
            }
            Err(e) => return Err(e),
        }
        Ok(())
    }
}

/// A string among the alternatives names a type that is looked up later.
fn forward_reference(vm: &mut Vm, text: Ref<'_>) -> PyResult {
    let module = vm.intern("annotationlib")?;
    let empty = vm.empty_tuple();
    let module = vm.import_name(module.as_ref(), None, empty, 0)?;
    vm.call_method(module.as_ref(), "ForwardRef", &[text])
}

fn class_getitem(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let item = args.get(1);
    let items = if item.is_exact(Layout::Tuple) { vm.items_of(item) } else { vec![item.owned()] };
    if items.is_empty() {
        return Err(vm.type_error("Cannot take a Union of no types."));
    }
    let refs: Vec<Ref<'_>> = items.iter().map(Owned::as_ref).collect();
    make_union(vm, &refs)
}

fn parameters(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let u = of(vm, r)?;
    if let Some(p) = &*u.parameters.borrow() {
        return Ok(p.clone());
    }
    let found = collect_parameters(vm, u.args.as_ref())?;
    let found = vm.new_tuple(found)?;
    u.parameters.replace(Some(found.clone()));
    Ok(found)
}

fn getitem(vm: &mut Vm, r: Ref<'_>, item: Ref<'_>) -> PyResult {
    let u = of(vm, r)?;
    let params = parameters(vm, r)?;
    let new = substitute(vm, r, u.args.as_ref(), params.as_ref(), item)?;
    let refs: Vec<Ref<'_>> = new.iter().map(Owned::as_ref).collect();
    make_union(vm, &refs)
}

fn hash(vm: &mut Vm, r: Ref<'_>) -> PyResult<i64> {
    let u = of(vm, r)?;
    for x in &u.unhashable {
        vm.hash(x.as_ref())?;
    }
    if !u.unhashable.is_empty() {
        let n = u.unhashable.len();
        return Err(vm.type_error(&format!("union contains {n} unhashable elements")));
    }
    let mut hashes = Vec::new();
    for x in vm.items_of(u.args.as_ref()) {
        hashes.push(vm.hash(x.as_ref())?);
    }
    Ok(hognose_object::hash::hash_frozenset(hashes.into_iter()))
}

fn richcompare(vm: &mut Vm, op: CmpOp, a: Ref<'_>, b: Ref<'_>) -> PyResult {
    let (Some(x), Some(y)) = (payload::<UnionType>(a), payload::<UnionType>(b)) else {
        return Ok(Owned::from_immediate(NOT_IMPLEMENTED));
    };
    if !matches!(op, CmpOp::Eq | CmpOp::Ne) {
        return Ok(Owned::from_immediate(NOT_IMPLEMENTED));
    }
    let mut same = x.unhashable.len() == y.unhashable.len()
        && vm.compare_bool(CmpOp::Eq, x.hashable.as_ref(), y.hashable.as_ref())?;
    if same {
        same = includes(vm, &x.unhashable, &y.unhashable)? && includes(vm, &y.unhashable, &x.unhashable)?;
    }
    Ok(owned_bool(same == (op == CmpOp::Eq)))
}

fn includes(vm: &mut Vm, all: &[Owned], some: &[Owned]) -> PyResult<bool> {
    for s in some {
        let mut found = false;
        for a in all {
            found = found || vm.equal(a.as_ref(), s.as_ref())?;
        }
        if !found {
            return Ok(false);
        }
    }
    Ok(true)
}

fn repr(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let u = of(vm, r)?;
    let mut out = Vec::new();
    for (i, arg) in vm.items_of(u.args.as_ref()).iter().enumerate() {
        if i > 0 {
            out.extend_from_slice(b" | ");
        }
        type_repr(vm, arg.as_ref(), &mut out)?;
    }
    vm.new_str_bytes(&out)
}
