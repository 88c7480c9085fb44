//! Descriptors: property, classmethod, staticmethod, computed attributes of built-in types, `__slots__` members.
#![allow(unsafe_code, reason = "reads member descriptors")]

use crate::args::{GetSetDef, NativeDef};
use crate::class::TypeRef;
use crate::define::TypeDef;
use crate::exceptions::Exc;
use crate::type_slots::Slots;
use crate::{Args, PyResult, Vm};
use hognose_object::native::{Trace, payload};
use hognose_object::objects::MemberObj;
use hognose_object::types::TypeFlags;
use hognose_object::{Layout, Owned, Ref, Value, ValueExt, none, trace_fields};
use std::cell::RefCell;

fn this<'a, T: Trace + 'static>(vm: &mut Vm, r: Ref<'a>) -> PyResult<&'a T> {
    payload::<T>(r).ok_or_else(|| vm.type_error("descriptor of the wrong type"))
}

// ---- property

/// Payload of a property: each is NULL or None when absent.
pub(crate) struct Property {
    get: RefCell<Owned>,
    set: RefCell<Owned>,
    del: RefCell<Owned>,
    doc: RefCell<Owned>,
    name: RefCell<Owned>,
}
trace_fields!(Property { get, set, del, doc, name });

/// `property`
pub(crate) static PROPERTY: TypeDef = TypeDef {
    name: "property",
    flags: TypeFlags::BASE_TYPE,
    doc: "Property attribute.",
    slots: Slots {
        new: Some(property_new),
        init: Some(property_init),
        descr_get: Some(property_get),
        descr_set: Some(property_set),
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("getter", "$self, object, /", |vm, a| property_copy(vm, a, 0)),
        NativeDef::method("setter", "$self, object, /", |vm, a| property_copy(vm, a, 1)),
        NativeDef::method("deleter", "$self, object, /", |vm, a| property_copy(vm, a, 2)),
        NativeDef::method("__set_name__", "$self, owner, name, /", |vm, a| {
            *this::<Property>(vm, a.get(0))?.name.borrow_mut() = a.get(2).owned();
            Ok(none())
        }),
    ],
    getset: &[
        GetSetDef::write(
            "fget",
            |vm, r| Ok(or_none(&this::<Property>(vm, r)?.get)),
            crate::types::slice::read_only,
        ),
        GetSetDef::write(
            "fset",
            |vm, r| Ok(or_none(&this::<Property>(vm, r)?.set)),
            crate::types::slice::read_only,
        ),
        GetSetDef::write(
            "fdel",
            |vm, r| Ok(or_none(&this::<Property>(vm, r)?.del)),
            crate::types::slice::read_only,
        ),
        GetSetDef::write(
            "__doc__",
            |vm, r| Ok(or_none(&this::<Property>(vm, r)?.doc)),
            |vm, r, v| {
                *this::<Property>(vm, r)?.doc.borrow_mut() = v.map_or_else(none, |v| v.owned());
                Ok(())
            },
        ),
        GetSetDef::write("__name__", property_name, |vm, r, v| {
            *this::<Property>(vm, r)?.name.borrow_mut() = v.map_or_else(Owned::null, |v| v.owned());
            Ok(())
        }),
        GetSetDef::read("__isabstractmethod__", |vm, r| {
            let p = this::<Property>(vm, r)?;
            let parts = [p.get.borrow().clone(), p.set.borrow().clone(), p.del.borrow().clone()];
            for f in parts {
                if !f.is_null() && is_abstract(vm, f.as_ref())? {
                    return Ok(hognose_object::owned_bool(true));
                }
            }
            Ok(hognose_object::owned_bool(false))
        }),
    ],
    ..TypeDef::EMPTY
};

fn or_none(o: &RefCell<Owned>) -> Owned {
    let o = o.borrow();
    if o.is_null() { none() } else { o.clone() }
}

fn is_abstract(vm: &mut Vm, f: Ref<'_>) -> PyResult<bool> {
    let name = vm.intern("__isabstractmethod__")?;
    match vm.get_attr_opt(f, name.as_ref())? {
        Some(v) => vm.is_true(v.as_ref()),
        None => Ok(false),
    }
}

fn property_new(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let Some(class) = TypeRef::new(args.get(0)) else { return Err(vm.type_error("a class is required")) };
    let empty = || RefCell::new(Owned::null());
    let p = Property { get: empty(), set: empty(), del: empty(), doc: empty(), name: empty() };
    vm.new_native_of(class, p)
}

fn property_init(vm: &mut Vm, args: &Args<'_>) -> PyResult<()> {
    let bound = vm.bind(args, "property", "fget=None, fset=None, fdel=None, doc=None")?;
    let given = |i: usize| bound.pos[i].filter(|v| !v.is_none()).map_or_else(Owned::null, |v| v.owned());
    let p = this::<Property>(vm, args.get(0))?;
    *p.get.borrow_mut() = given(0);
    *p.set.borrow_mut() = given(1);
    *p.del.borrow_mut() = given(2);
    let mut doc = given(3);
    if doc.is_null() && !p.get.borrow().is_null() {
        let name = vm.names.__doc__;
        let get = p.get.borrow().clone();
        doc = vm.get_attr_opt(get.as_ref(), name)?.unwrap_or_else(none);
    }
    *p.doc.borrow_mut() = doc;
    Ok(())
}

fn property_copy(vm: &mut Vm, args: &Args<'_>, which: usize) -> PyResult {
    let p = this::<Property>(vm, args.get(0))?;
    let mut parts = [or_none(&p.get), or_none(&p.set), or_none(&p.del)];
    parts[which] = args.get(1).owned();
    let name = p.name.borrow().clone();
    let class = vm.class_of(args.get(0)).owned();
    let refs: Vec<Ref<'_>> = parts.iter().map(Owned::as_ref).collect();
    let new = vm.call(class.as_ref(), &refs)?;
    if !name.is_null()
        && let Some(q) = payload::<Property>(new.as_ref())
    {
        *q.name.borrow_mut() = name;
    }
    Ok(new)
}

fn property_name(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let p = this::<Property>(vm, r)?;
    let name = p.name.borrow().clone();
    if !name.is_null() {
        return Ok(name);
    }
    let get = or_none(&p.get);
    let key = vm.names.__name__;
    match vm.get_attr_opt(get.as_ref(), key)? {
        Some(v) => Ok(v),
        None => {
            let message = "'property' object has no attribute '__name__'";
            Err(vm.attribute_error_with(message, r, key))
        }
    }
}

fn missing(vm: &mut Vm, p: &Property, obj: Ref<'_>, what: &str) -> PyResult<()> {
    let class = vm.class_of(obj);
    let class = vm.text_of(class.qualname_ref());
    let name = p.name.borrow().clone();
    let message = if name.is_null() {
        format!("property of '{class}' object has no {what}")
    } else {
        let n = vm.repr_text(name.as_ref())?;
        format!("property {n} of '{class}' object has no {what}")
    };
    Err(vm.raise(Exc::AttributeError, &message))
}

/// The getter of a property object, if it is a Python function.
pub(crate) fn plain_getter(d: Ref<'_>) -> Option<Owned> {
    let p = payload::<Property>(d)?;
    let get = p.get.borrow();
    get.as_ref().is_exact(Layout::Function).then(|| get.clone())
}

fn property_get(vm: &mut Vm, d: Ref<'_>, obj: Ref<'_>, _class: Ref<'_>) -> PyResult {
    if obj.is_null() {
        return Ok(d.owned());
    }
    let p = this::<Property>(vm, d)?;
    let f = p.get.borrow().clone();
    if f.is_null() {
        missing(vm, p, obj, "getter")?;
    }
    vm.call(f.as_ref(), &[obj])
}

fn property_set(vm: &mut Vm, d: Ref<'_>, obj: Ref<'_>, value: Option<Ref<'_>>) -> PyResult<()> {
    let p = this::<Property>(vm, d)?;
    let f = if value.is_some() { p.set.borrow().clone() } else { p.del.borrow().clone() };
    if f.is_null() {
        return missing(vm, p, obj, if value.is_some() { "setter" } else { "deleter" });
    }
    match value {
        Some(v) => vm.call(f.as_ref(), &[obj, v]).map(drop),
        None => vm.call(f.as_ref(), &[obj]).map(drop),
    }
}

// ---- classmethod and staticmethod

/// Payload of a classmethod.
pub(crate) struct ClassMethod {
    f: RefCell<Owned>,
}
trace_fields!(ClassMethod { f });

impl ClassMethod {
    /// Around a callable.
    pub fn new(f: Owned) -> Self {
        ClassMethod { f: RefCell::new(f) }
    }
}

/// Payload of a staticmethod.
pub(crate) struct StaticMethod {
    f: RefCell<Owned>,
}
trace_fields!(StaticMethod { f });

impl StaticMethod {
    /// Around a callable.
    pub fn new(f: Owned) -> Self {
        StaticMethod { f: RefCell::new(f) }
    }
}

/// What both have in common.
trait Wrapper: Trace + 'static {
    fn make(f: Owned) -> Self;
    fn wrapped(&self) -> &RefCell<Owned>;
    const NAME: &'static str;
}

impl Wrapper for ClassMethod {
    fn make(f: Owned) -> Self {
        Self::new(f)
    }
    fn wrapped(&self) -> &RefCell<Owned> {
        &self.f
    }
    const NAME: &'static str = "classmethod";
}

impl Wrapper for StaticMethod {
    fn make(f: Owned) -> Self {
        Self::new(f)
    }
    fn wrapped(&self) -> &RefCell<Owned> {
        &self.f
    }
    const NAME: &'static str = "staticmethod";
}

fn wrapper_new<T: Wrapper>(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let Some(class) = TypeRef::new(args.get(0)) else { return Err(vm.type_error("a class is required")) };
    vm.new_native_of(class, T::make(Owned::null()))
}

fn wrapper_init<T: Wrapper>(vm: &mut Vm, args: &Args<'_>) -> PyResult<()> {
    let bound = vm.bind(args, T::NAME, "function, /")?;
    let Some(f) = bound.pos[0] else { return Ok(()) };
    *this::<T>(vm, args.get(0))?.wrapped().borrow_mut() = f.owned();
    let keys = ["__module__", "__name__", "__qualname__", "__doc__"];
    for key in keys {
        let key = vm.intern(key)?;
        if let Some(v) = vm.get_attr_opt(f, key.as_ref())? {
            vm.instance_set(args.get(0), key.as_ref(), v.as_ref())?;
        }
    }
    Ok(())
}

fn wrapped<T: Wrapper>(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let f = this::<T>(vm, r)?.wrapped().borrow().clone();
    if f.is_null() {
        return Err(vm.runtime_error(&format!("uninitialized {} object", T::NAME)));
    }
    Ok(f)
}

fn wrapper_repr<T: Wrapper>(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let f = wrapped::<T>(vm, r)?;
    let f = vm.repr_text(f.as_ref())?;
    vm.new_str(&format!("<{}({f})>", T::NAME))
}

fn class_method_get(vm: &mut Vm, d: Ref<'_>, obj: Ref<'_>, class: Ref<'_>) -> PyResult {
    let f = wrapped::<ClassMethod>(vm, d)?;
    let own;
    let class = if class.is_null() {
        own = vm.class_of(obj).owned();
        own.as_ref()
    } else {
        class
    };
    vm.new_bound_method(f.as_ref(), class)
}

macro_rules! wrapper_getset {
    ($t:ty) => {
        &[
            GetSetDef::read("__func__", |vm, r| wrapped::<$t>(vm, r)),
            GetSetDef::read("__wrapped__", |vm, r| wrapped::<$t>(vm, r)),
            GetSetDef::read("__isabstractmethod__", |vm, r| {
                let f = wrapped::<$t>(vm, r)?;
                is_abstract(vm, f.as_ref()).map(hognose_object::owned_bool)
            }),
        ]
    };
}

/// `classmethod`
pub(crate) static CLASSMETHOD: TypeDef = TypeDef {
    name: "classmethod",
    flags: TypeFlags::BASE_TYPE,
    doc: "Convert a function to be a class method.",
    slots: Slots {
        new: Some(wrapper_new::<ClassMethod>),
        init: Some(wrapper_init::<ClassMethod>),
        descr_get: Some(class_method_get),
        repr: Some(wrapper_repr::<ClassMethod>),
        ..Slots::NONE
    },
    getset: wrapper_getset!(ClassMethod),
    ..TypeDef::EMPTY
};

/// `staticmethod`
pub(crate) static STATICMETHOD: TypeDef = TypeDef {
    name: "staticmethod",
    flags: TypeFlags::BASE_TYPE,
    doc: "Convert a function to be a static method.",
    slots: Slots {
        new: Some(wrapper_new::<StaticMethod>),
        init: Some(wrapper_init::<StaticMethod>),
        descr_get: Some(|vm, d, _, _| wrapped::<StaticMethod>(vm, d)),
        call: Some(|vm, a| {
            let f = wrapped::<StaticMethod>(vm, a.get(0))?;
            vm.call_vector(f.as_ref(), a.rest(1), a.kwnames, a.kwvalues)
        }),
        repr: Some(wrapper_repr::<StaticMethod>),
        ..Slots::NONE
    },
    getset: wrapper_getset!(StaticMethod),
    ..TypeDef::EMPTY
};

// ---- computed attributes

/// Payload of a getset descriptor.
pub(crate) struct GetSet {
    pub owner: Owned,
    pub def: &'static GetSetDef,
}
trace_fields!(GetSet { owner });

/// `getset_descriptor`
pub(crate) static GETSET: TypeDef = TypeDef {
    name: "getset_descriptor",
    slots: Slots {
        descr_get: Some(getset_get),
        descr_set: Some(getset_set),
        repr: Some(getset_repr),
        ..Slots::NONE
    },
    getset: &[
        GetSetDef::read("__name__", |vm, r| {
            let name = this::<GetSet>(vm, r)?.def.name;
            vm.intern(name)
        }),
        GetSetDef::read("__qualname__", |vm, r| {
            let g = this::<GetSet>(vm, r)?;
            let class = TypeRef::new(g.owner.as_ref()).map_or_else(String::new, TypeRef::name);
            vm.new_str(&format!("{class}.{}", g.def.name))
        }),
        GetSetDef::read("__objclass__", |vm, r| Ok(this::<GetSet>(vm, r)?.owner.clone())),
        GetSetDef::read("__doc__", |_, _| Ok(none())),
    ],
    ..TypeDef::EMPTY
};

fn check_owner(vm: &mut Vm, g: &GetSet, obj: Ref<'_>) -> PyResult<()> {
    let Some(owner) = TypeRef::new(g.owner.as_ref()) else { return Ok(()) };
    if vm.is_instance(obj, owner) {
        return Ok(());
    }
    let (name, class, got) = (g.def.name, owner.name(), vm.type_name(obj));
    Err(vm
        .type_error(&format!("descriptor '{name}' for '{class}' objects doesn't apply to a '{got}' object")))
}

fn getset_get(vm: &mut Vm, d: Ref<'_>, obj: Ref<'_>, _class: Ref<'_>) -> PyResult {
    let g = this::<GetSet>(vm, d)?;
    if obj.is_null() {
        return Ok(d.owned());
    }
    check_owner(vm, g, obj)?;
    (g.def.get)(vm, obj)
}

fn getset_set(vm: &mut Vm, d: Ref<'_>, obj: Ref<'_>, value: Option<Ref<'_>>) -> PyResult<()> {
    let g = this::<GetSet>(vm, d)?;
    check_owner(vm, g, obj)?;
    match g.def.set {
        Some(f) => f(vm, obj, value),
        None => {
            let class = vm.type_name(obj);
            let name = g.def.name;
            Err(vm.raise(
                Exc::AttributeError,
                &format!("attribute '{name}' of '{class}' objects is not writable"),
            ))
        }
    }
}

fn getset_repr(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let g = this::<GetSet>(vm, r)?;
    let class = TypeRef::new(g.owner.as_ref()).map_or_else(String::new, TypeRef::name);
    vm.new_str(&format!("<attribute '{}' of '{class}' objects>", g.def.name))
}

// ---- `__dict__` and `__weakref__` of classes

static DICT: GetSetDef = GetSetDef::write(
    "__dict__",
    |vm, r| match vm.instance_dict(r)? {
        Some(d) => Ok(d),
        None => {
            let name = vm.names.__dict__;
            Err(vm.attribute_error(r, name))
        }
    },
    |vm, r, v| {
        let Some(v) = v.filter(|v| v.has_layout(Layout::Dict)) else {
            let got = v.map_or_else(|| "NoneType".into(), |v| vm.type_name(v));
            return Err(vm.type_error(&format!("__dict__ must be set to a dictionary, not a '{got}'")));
        };
        vm.set_instance_dict(r, v).map(drop)
    },
);
static WEAKREF: GetSetDef =
    GetSetDef::read("__weakref__", |vm, r| Ok(vm.weakrefs_of(r).into_iter().next().unwrap_or_else(none)));

/// Gives a new class the descriptors `__dict__` and `__weakref__` where it introduces them.
pub(crate) fn add_dict_descriptors(vm: &mut Vm, class: TypeRef<'_>) -> PyResult<()> {
    let base_has = |flag| class.base().is_some_and(|b| b.has(flag));
    let dict_name = vm.names.__dict__;
    // Classes, modules and functions have a `__dict__` of their own kind.
    let base_dict = class.base().is_some_and(|b| vm.lookup(b, dict_name).is_some());
    for (flag, def) in [(TypeFlags::HAS_DICT, &DICT), (TypeFlags::HAS_WEAKREF, &WEAKREF)] {
        if class.has(flag) && !base_has(flag) && !(flag == TypeFlags::HAS_DICT && base_dict) {
            let d = vm.new_native(GetSet { owner: class.owned(), def })?;
            let name = vm.immortal_name(def.name)?;
            if class.dict().get_str(name).is_none() {
                class.dict().set_str(&mut vm.heap, name, d)?;
            }
        }
    }
    Ok(())
}

// ---- members

/// `member_descriptor`
pub(crate) static MEMBER: TypeDef = TypeDef {
    name: "member_descriptor",
    layout: Layout::Member,
    slots: Slots {
        descr_get: Some(member_get),
        descr_set: Some(member_set),
        repr: Some(member_repr),
        ..Slots::NONE
    },
    getset: &[
        GetSetDef::read("__name__", |_, r| Ok(member_field(r, |m| m.name))),
        GetSetDef::read("__objclass__", |_, r| Ok(member_field(r, |m| m.owner))),
        GetSetDef::read("__doc__", |_, _| Ok(none())),
    ],
    ..TypeDef::EMPTY
};

fn member_field(r: Ref<'_>, f: fn(&MemberObj) -> Value) -> Owned {
    // SAFETY: receivers are member descriptors, which own their fields.
    unsafe { Ref::from_value(f(&*r.value().header().cast::<MemberObj>())).owned() }
}

fn member_get(vm: &mut Vm, d: Ref<'_>, obj: Ref<'_>, _class: Ref<'_>) -> PyResult {
    vm.member_get(d, obj)
}

fn member_set(vm: &mut Vm, d: Ref<'_>, obj: Ref<'_>, value: Option<Ref<'_>>) -> PyResult<()> {
    vm.member_set(d, obj, value)
}

fn member_repr(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let (name, owner) = (member_field(r, |m| m.name), member_field(r, |m| m.owner));
    let class = TypeRef::new(owner.as_ref()).map_or_else(String::new, TypeRef::name);
    let name = vm.text_of(name.as_ref());
    vm.new_str(&format!("<member '{name}' of '{class}' objects>"))
}
