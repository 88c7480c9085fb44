//! `types.GenericAlias`, what `list[int]` gives, and (in union.rs) `int | str`.
//!
//!   GenericAlias { origin: list, args: (int,), parameters: (), starred }
//!
//! An alias passes nearly every attribute on to its origin. Parameters (type variables among the arguments) are
//! collected when somebody asks for them; params.rs replaces them on subscription.

mod params;
pub(crate) mod union;

pub(crate) use params::{collect_parameters, substitute};
pub use union::union_args;

use crate::args::{Args, GetSetDef, NativeDef};
use crate::class::TypeRef;
use crate::define::TypeDef;
use crate::exceptions::Exc;
use crate::text::str_bytes;
use crate::type_slots::{BinOp, CmpOp, Slots};
use crate::{PyResult, Vm};
use hognose_object::native::payload;
use hognose_object::tuple::TupleRef;
use hognose_object::types::TypeFlags;
use hognose_object::{
    ELLIPSIS, Layout, NOT_IMPLEMENTED, Owned, Ref, ValueExt, none, owned_bool, trace_fields,
};
use std::cell::RefCell;

/// Payload of `types.GenericAlias`.
pub(crate) struct GenericAlias {
    pub origin: Owned,
    /// A tuple.
    pub args: Owned,
    parameters: RefCell<Option<Owned>>,
    /// Made by `*alias`.
    pub starred: bool,
}
trace_fields!(GenericAlias { origin, args, parameters });

/// Payload of the iterator that `*alias` uses.
pub(crate) struct GenericAliasIter {
    alias: RefCell<Option<Owned>>,
}
trace_fields!(GenericAliasIter { alias });

/// `__class_getitem__` of a generic built-in class.
pub const CLASS_GETITEM: NativeDef =
    NativeDef::class_method("__class_getitem__", "$type, object, /", |vm, a| {
        vm.new_generic_alias(a.get(0), a.get(1))
    });

/// `types.GenericAlias`
pub static TYPE: TypeDef = TypeDef {
    name: "types.GenericAlias",
    layout: Layout::Native,
    doc: "Represent a PEP 585 generic type\n\nE.g. for t = list[int], t.__origin__ is list and t.__args__ is (int,).",
    flags: TypeFlags::BASE_TYPE | TypeFlags::HAS_WEAKREF,
    slots: Slots {
        repr: Some(repr),
        hash: Some(hash),
        call: Some(call),
        getattro: Some(getattro),
        iter: Some(iter),
        richcompare: Some(richcompare),
        getitem: Some(getitem),
        binary: Some(binary_or),
        binary_ops: BinOp::Or.bit(),
        new: Some(new),
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("__mro_entries__", "$self, bases, /", |vm, a| {
            let origin = alias(vm, a.get(0))?.origin.clone();
            vm.new_tuple(vec![origin])
        }),
        NativeDef::method("__instancecheck__", "$self, object, /", |vm, _| {
            Err(vm.type_error("isinstance() argument 2 cannot be a parameterized generic"))
        }),
        NativeDef::method("__subclasscheck__", "$self, object, /", |vm, _| {
            Err(vm.type_error("issubclass() argument 2 cannot be a parameterized generic"))
        }),
        NativeDef::method("__reduce__", "$self, /", reduce),
        NativeDef::method("__dir__", "$self, /", dir),
    ],
    getset: &[
        GetSetDef::read("__origin__", |vm, r| Ok(alias(vm, r)?.origin.clone())),
        GetSetDef::read("__args__", |vm, r| Ok(alias(vm, r)?.args.clone())),
        GetSetDef::read("__unpacked__", |vm, r| Ok(owned_bool(alias(vm, r)?.starred))),
        GetSetDef::read("__parameters__", parameters),
        GetSetDef::read("__typing_unpacked_tuple_args__", |vm, r| {
            let tuple = vm.types().tuple;
            let a = alias(vm, r)?;
            Ok(if a.starred && a.origin.as_ref().is(tuple.as_ref()) { a.args.clone() } else { none() })
        }),
    ],
};

/// `generic_alias_iterator`
pub static ITER_TYPE: TypeDef = TypeDef {
    name: "generic_alias_iterator",
    layout: Layout::Native,
    slots: Slots { iter: Some(|_, r| Ok(r.owned())), next: Some(iter_next), ..Slots::NONE },
    methods: &[NativeDef::method("__reduce__", "$self, /", iter_reduce)],
    ..TypeDef::EMPTY
};

fn alias<'a>(vm: &mut Vm, r: Ref<'a>) -> PyResult<&'a GenericAlias> {
    payload::<GenericAlias>(r).ok_or_else(|| vm.type_error("a types.GenericAlias is required"))
}

impl Vm {
    /// `origin[args]` for a built-in generic class.
    pub fn new_generic_alias(&mut self, origin: Ref<'_>, args: Ref<'_>) -> PyResult {
        let made = make(self, origin, args, false)?;
        self.new_native(made)
    }
}

fn make(vm: &mut Vm, origin: Ref<'_>, args: Ref<'_>, starred: bool) -> PyResult<GenericAlias> {
    let args = if args.is_exact(Layout::Tuple) { args.owned() } else { vm.new_tuple(vec![args.owned()])? };
    Ok(GenericAlias { origin: origin.owned(), args, parameters: RefCell::new(None), starred })
}

fn new(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let bound = vm.bind(args, "GenericAlias", "origin, args, /")?;
    let (Some(Some(origin)), Some(Some(params))) = (bound.pos.first(), bound.pos.get(1)) else {
        return Err(vm.type_error("GenericAlias expected 2 arguments"));
    };
    let made = make(vm, *origin, *params, false)?;
    match TypeRef::new(args.get(0)) {
        Some(class) => vm.new_native_of(class, made),
        None => vm.new_native(made),
    }
}

fn parameters(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let a = alias(vm, r)?;
    if let Some(p) = &*a.parameters.borrow() {
        return Ok(p.clone());
    }
    let found = collect_parameters(vm, a.args.as_ref())?;
    let found = vm.new_tuple(found)?;
    a.parameters.replace(Some(found.clone()));
    Ok(found)
}

/// Names looked up on the alias itself; all others belong to the origin.
const OWN_NAMES: [&[u8]; 12] = [
    b"__class__",
    b"__origin__",
    b"__args__",
    b"__unpacked__",
    b"__parameters__",
    b"__typing_unpacked_tuple_args__",
    b"__mro_entries__",
    b"__reduce_ex__",
    b"__reduce__",
    b"__bases__",
    b"__copy__",
    b"__deepcopy__",
];

fn getattro(vm: &mut Vm, r: Ref<'_>, name: Ref<'_>) -> PyResult {
    let text = str_bytes(name);
    if OWN_NAMES.contains(&text) {
        return vm.generic_get_attr(r, name);
    }
    let a = alias(vm, r)?;
    vm.get_attr(a.origin.as_ref(), name)
}

fn dir(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let a = alias(vm, args.get(0))?;
    let list = {
        let key = vm.names().__dir__;
        match vm.call_special(a.origin.as_ref(), key, &[])? {
            Some(l) => vm.to_list(l.as_ref())?,
            None => vm.new_list(Vec::new())?,
        }
    };
    for name in OWN_NAMES.iter().take(9) {
        let name = vm.new_str_bytes(name)?;
        if !vm.contains(list.as_ref(), name.as_ref())? {
            let one = vm.new_list(vec![name])?;
            vm.extend_list(list.as_ref(), one.as_ref())?;
        }
    }
    Ok(list)
}

fn call(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let me = args.get(0);
    let a = alias(vm, me)?;
    let made = vm.call_vector(a.origin.as_ref(), args.rest(1), args.kwnames, args.kwvalues)?;
    let name = vm.intern("__orig_class__")?;
    match vm.set_attr(made.as_ref(), name.as_ref(), Some(me)) {
        Ok(()) => {}
        Err(e) if vm.raised_is(&e, Exc::AttributeError) || vm.raised_is(&e, Exc::TypeError) => vm.discard(e),
        Err(e) => return Err(e),
    }
    Ok(made)
}

fn getitem(vm: &mut Vm, r: Ref<'_>, item: Ref<'_>) -> PyResult {
    let a = alias(vm, r)?;
    let params = parameters(vm, r)?;
    let args = substitute(vm, r, a.args.as_ref(), params.as_ref(), item)?;
    let args = vm.new_tuple(args)?;
    let made = make(vm, a.origin.as_ref(), args.as_ref(), a.starred)?;
    vm.new_native(made)
}

fn iter(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    vm.new_native(GenericAliasIter { alias: RefCell::new(Some(r.owned())) })
}

fn iter_next(vm: &mut Vm, r: Ref<'_>) -> PyResult<Option<Owned>> {
    let Some(it) = payload::<GenericAliasIter>(r) else { return Ok(None) };
    let Some(source) = it.alias.take() else { return Ok(None) };
    let a = alias(vm, source.as_ref())?;
    let made = make(vm, a.origin.as_ref(), a.args.as_ref(), true)?;
    vm.new_native(made).map(Some)
}

fn iter_reduce(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let source = payload::<GenericAliasIter>(args.get(0)).and_then(|it| it.alias.borrow().clone());
    let builtins = vm.builtins().owned();
    let iter = vm.dict_get_name(builtins.as_ref(), "iter")?.unwrap_or_else(none);
    let source = match source {
        Some(s) => s,
        None => vm.empty_tuple().owned(),
    };
    let arguments = vm.new_tuple(vec![source])?;
    vm.new_pair(iter, arguments)
}

fn reduce(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let r = args.get(0);
    let a = alias(vm, r)?;
    if a.starred {
        let plain = make(vm, a.origin.as_ref(), a.args.as_ref(), false)?;
        let plain = vm.new_native(plain)?;
        let it = vm.iter(plain.as_ref())?;
        let builtins = vm.builtins().owned();
        let next = vm.dict_get_name(builtins.as_ref(), "next")?.unwrap_or_else(none);
        let arguments = vm.new_tuple(vec![it])?;
        return vm.new_pair(next, arguments);
    }
    let arguments = vm.new_pair(a.origin.clone(), a.args.clone())?;
    let class = vm.class_of(r).owned();
    vm.new_pair(class, arguments)
}

fn hash(vm: &mut Vm, r: Ref<'_>) -> PyResult<i64> {
    let a = alias(vm, r)?;
    let h = vm.hash(a.origin.as_ref())? ^ vm.hash(a.args.as_ref())?;
    Ok(if h == -1 { -2 } else { h })
}

fn richcompare(vm: &mut Vm, op: CmpOp, a: Ref<'_>, b: Ref<'_>) -> PyResult {
    let (Some(x), Some(y)) = (payload::<GenericAlias>(a), payload::<GenericAlias>(b)) else {
        return Ok(Owned::from_immediate(NOT_IMPLEMENTED));
    };
    if !matches!(op, CmpOp::Eq | CmpOp::Ne) {
        return Ok(Owned::from_immediate(NOT_IMPLEMENTED));
    }
    let same = x.starred == y.starred
        && vm.equal(x.origin.as_ref(), y.origin.as_ref())?
        && vm.equal(x.args.as_ref(), y.args.as_ref())?;
    Ok(owned_bool(same == (op == CmpOp::Eq)))
}

fn binary_or(vm: &mut Vm, _op: BinOp, a: Ref<'_>, b: Ref<'_>) -> PyResult {
    vm.new_union(a, b)
}

fn repr(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let a = alias(vm, r)?;
    let mut out = Vec::new();
    if a.starred {
        out.push(b'*');
    }
    type_repr(vm, a.origin.as_ref(), &mut out)?;
    out.push(b'[');
    let args = TupleRef::new(a.args.as_ref()).map_or(&[][..], |t| t.items());
    for (i, &arg) in args.iter().enumerate() {
        if i > 0 {
            out.extend_from_slice(b", ");
        }
        if arg.is_exact(Layout::List) {
            list_repr(vm, arg, &mut out)?;
        } else {
            type_repr(vm, arg, &mut out)?;
        }
    }
    if args.is_empty() {
        out.extend_from_slice(b"()");
    }
    out.push(b']');
    vm.new_str_bytes(&out)
}

fn list_repr(vm: &mut Vm, list: Ref<'_>, out: &mut Vec<u8>) -> PyResult<()> {
    out.push(b'[');
    for (i, item) in vm.items_of(list).iter().enumerate() {
        if i > 0 {
            out.extend_from_slice(b", ");
        }
        type_repr(vm, item.as_ref(), out)?;
    }
    out.push(b']');
    Ok(())
}

/// A type as annotations show it: classes by name, everything else by its repr.
pub(crate) fn type_repr(vm: &mut Vm, r: Ref<'_>, out: &mut Vec<u8>) -> PyResult<()> {
    if r.value() == ELLIPSIS {
        out.extend_from_slice(b"...");
        return Ok(());
    }
    if r.is(vm.types().none_type.as_ref()) {
        out.extend_from_slice(b"None");
        return Ok(());
    }
    if let Some(text) = class_text(vm, r)? {
        out.extend_from_slice(&text);
        return Ok(());
    }
    let text = vm.repr(r)?;
    out.extend_from_slice(str_bytes(text.as_ref()));
    Ok(())
}

fn class_text(vm: &mut Vm, r: Ref<'_>) -> PyResult<Option<Vec<u8>>> {
    let (origin, args) = (vm.intern("__origin__")?, vm.names().__args__);
    if vm.get_attr_opt(r, origin.as_ref())?.is_some() && vm.get_attr_opt(r, args)?.is_some() {
        return Ok(None);
    }
    let (qualname, module) = (vm.names().__qualname__, vm.names().__module__);
    let Some(qualname) = vm.get_attr_opt(r, qualname)? else { return Ok(None) };
    let Some(module) = vm.get_attr_opt(r, module)?.filter(|m| !m.as_ref().is_none()) else { return Ok(None) };
    let (qualname, module) = (vm.str(qualname.as_ref())?, vm.str(module.as_ref())?);
    let mut out = Vec::new();
    if str_bytes(module.as_ref()) != b"builtins" {
        out.extend_from_slice(str_bytes(module.as_ref()));
        out.push(b'.');
    }
    out.extend_from_slice(str_bytes(qualname.as_ref()));
    Ok(Some(out))
}
