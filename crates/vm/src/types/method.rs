//! Bound methods, native functions, and the descriptors of native methods.
#![allow(unsafe_code, reason = "reads method and native function objects")]

use crate::args::{Binding, GetSetDef, NativeDef};
use crate::class::TypeRef;
use crate::define::TypeDef;
use crate::type_slots::{CmpOp, Slots};
use crate::{Args, PyResult, Vm};
use hognose_object::function::NativeFunctionObj;
use hognose_object::objects::BoundMethodObj;
use hognose_object::{Layout, NOT_IMPLEMENTED, Owned, Ref, Value, ValueExt, none, owned_bool};

// ---- bound methods

/// `method`
pub(crate) static METHOD: TypeDef = TypeDef {
    name: "method",
    layout: Layout::BoundMethod,
    slots: Slots {
        repr: Some(method_repr),
        hash: Some(method_hash),
        richcompare: Some(method_compare),
        getattro: Some(method_getattr),
        call: Some(|vm, a| vm.call_vector(a.get(0), a.rest(1), a.kwnames, a.kwvalues)),
        new: Some(method_new),
        descr_get: Some(|_, m, _, _| Ok(m.owned())),
        ..Slots::NONE
    },
    getset: &[
        GetSetDef::read("__func__", |_, r| Ok(parts(r).0.owned())),
        GetSetDef::read("__self__", |_, r| Ok(parts(r).1.owned())),
    ],
    methods: &[NativeDef::method("__reduce__", "$self, /", |vm, a| {
        let (f, receiver) = parts(a.get(0));
        let key = vm.names.__name__;
        let name = vm.get_attr(f, key)?;
        reduced_to_getattr(vm, receiver, name)
    })],
    ..TypeDef::EMPTY
};

/// `(getattr, (object, name))`
fn reduced_to_getattr(vm: &mut Vm, object: Ref<'_>, name: Owned) -> PyResult {
    let args = vm.new_pair(object.owned(), name)?;
    let builtins = vm.builtins().owned();
    match vm.dict_get_name(builtins.as_ref(), "getattr")? {
        Some(f) => vm.new_pair(f, args),
        None => Err(vm.raise(crate::Exc::AttributeError, "getattr")),
    }
}

fn parts<'a>(r: Ref<'a>) -> (Ref<'a>, Ref<'a>) {
    let m = r.value().header().cast::<BoundMethodObj>();
    // SAFETY: callers pass bound methods, which own both.
    unsafe { (Ref::from_value((*m).func), Ref::from_value((*m).receiver)) }
}

fn method_new(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let bound = vm.bind(args, "method", "function, instance, /")?;
    let (Some(f), Some(r)) = (bound.pos[0], bound.pos[1]) else {
        return Err(vm.type_error("method expected 2 arguments"));
    };
    if vm.class_of(f).slots().call.is_none() {
        return Err(vm.type_error("first argument must be callable"));
    }
    if r.is_none() {
        return Err(vm.type_error("instance must not be None"));
    }
    vm.new_bound_method(f, r)
}

fn method_getattr(vm: &mut Vm, r: Ref<'_>, name: Ref<'_>) -> PyResult {
    if let Some(v) = vm.generic_get_attr_opt(r, name)? {
        return Ok(v);
    }
    let f = parts(r).0.owned();
    vm.get_attr_interned(f.as_ref(), name)
}

fn method_repr(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let (f, receiver) = parts(r);
    let key = vm.names.__qualname__;
    let name = match vm.get_attr_opt(f, key)? {
        Some(n) => vm.text_of(n.as_ref()),
        None => "?".into(),
    };
    let receiver = vm.repr_text(receiver)?;
    vm.new_str(&format!("<bound method {name} of {receiver}>"))
}

fn method_hash(vm: &mut Vm, r: Ref<'_>) -> PyResult<i64> {
    let (f, receiver) = parts(r);
    let h = vm.hash(f)? ^ Vm::hash_identity(receiver);
    Ok(if h == -1 { -2 } else { h })
}

fn method_compare(vm: &mut Vm, op: CmpOp, a: Ref<'_>, b: Ref<'_>) -> PyResult {
    if !a.is_exact(Layout::BoundMethod)
        || !b.is_exact(Layout::BoundMethod)
        || !matches!(op, CmpOp::Eq | CmpOp::Ne)
    {
        return Ok(Owned::from_immediate(NOT_IMPLEMENTED));
    }
    let ((f, x), (g, y)) = (parts(a), parts(b));
    let same = x.is(y) && vm.equal(f, g)?;
    Ok(owned_bool(same == (op == CmpOp::Eq)))
}

// ---- native functions

const COMMON: &[GetSetDef] = &[
    GetSetDef::read("__name__", |vm, r| {
        let name = def(r).name;
        vm.intern(name)
    }),
    GetSetDef::read("__qualname__", qualname),
    GetSetDef::read("__doc__", |_, _| Ok(none())),
    GetSetDef::read("__text_signature__", text_signature),
    GetSetDef::read("__self__", |_, r| Ok(or_none(receiver(r)))),
    GetSetDef::read("__module__", |_, r| Ok(or_none(obj(r).module))),
    GetSetDef::read("__objclass__", |_, r| Ok(or_none(obj(r).owner))),
];

/// Native functions are found again by name: in their module, their class or the object they belong to.
const REDUCE: &[NativeDef] = &[NativeDef::method("__reduce__", "$self, /", |vm, a| {
    let r = a.get(0);
    let name = vm.intern(def(r).name)?;
    let of = match receiver(r) {
        v if v.is_null() && def(r).binding == Binding::Class => return Err(not_picklable(vm, r)),
        v if v.is_null() => obj(r).owner,
        v => v,
    };
    // SAFETY: the function owns its fields.
    let of = unsafe { Ref::from_value(of) };
    if of.is_null() || of.has_layout(Layout::Module) {
        return Ok(name);
    }
    reduced_to_getattr(vm, of, name)
})];

#[cold]
fn not_picklable(vm: &mut Vm, r: Ref<'_>) -> crate::Raised {
    let class = vm.type_name(r);
    vm.type_error(&format!("cannot pickle '{class}' object"))
}

const CALL: Slots = Slots {
    call: Some(|vm, a| vm.call_vector(a.get(0), a.rest(1), a.kwnames, a.kwvalues)),
    repr: Some(repr),
    hash: Some(hash),
    richcompare: Some(compare),
    descr_get: Some(descr_get),
    ..Slots::NONE
};

/// `builtin_function_or_method`
pub(crate) static BUILTIN_FUNCTION: TypeDef = TypeDef {
    name: "builtin_function_or_method",
    layout: Layout::NativeFunction,
    slots: CALL,
    methods: REDUCE,
    getset: COMMON,
    ..TypeDef::EMPTY
};

/// `method-wrapper`
pub(crate) static METHOD_WRAPPER: TypeDef = TypeDef {
    name: "method-wrapper",
    layout: Layout::NativeFunction,
    slots: CALL,
    methods: REDUCE,
    getset: COMMON,
    ..TypeDef::EMPTY
};

/// `method_descriptor`
pub(crate) static METHOD_DESCRIPTOR: TypeDef = TypeDef {
    name: "method_descriptor",
    layout: Layout::NativeFunction,
    slots: CALL,
    methods: REDUCE,
    getset: COMMON,
    ..TypeDef::EMPTY
};

/// `wrapper_descriptor`
pub(crate) static WRAPPER_DESCRIPTOR: TypeDef = TypeDef {
    name: "wrapper_descriptor",
    layout: Layout::NativeFunction,
    slots: CALL,
    methods: REDUCE,
    getset: COMMON,
    ..TypeDef::EMPTY
};

fn obj<'a>(r: Ref<'a>) -> &'a NativeFunctionObj {
    // SAFETY: receivers are native functions, whose fields do not change.
    unsafe { &*r.value().header().cast() }
}

fn def(r: Ref<'_>) -> &'static NativeDef {
    // SAFETY: definitions are static data.
    unsafe { &*obj(r).def.cast::<NativeDef>() }
}

/// What `__self__` is: the receiver, or the class whose `__new__` this is.
fn receiver(r: Ref<'_>) -> Value {
    let (f, d) = (obj(r), def(r));
    if f.receiver.is_null() && d.binding == Binding::Static && d.name == "__new__" {
        f.owner
    } else {
        f.receiver
    }
}

fn or_none(v: Value) -> Owned {
    // SAFETY: the function owns its fields.
    if v.is_null() { none() } else { unsafe { Ref::from_value(v) }.owned() }
}

fn owner<'a>(r: Ref<'a>) -> Option<TypeRef<'a>> {
    // SAFETY: the function owns its class.
    TypeRef::new(unsafe { Ref::from_value(obj(r).owner) })
}

fn qualname(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let name = match owner(r) {
        Some(c) => format!("{}.{}", c.name(), def(r).name),
        None => def(r).name.to_string(),
    };
    vm.new_str(&name)
}

fn text_signature(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let text = super::signatures::of_function(def(r));
    vm.new_str(&text)
}

fn repr(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let name = def(r).name;
    let class = vm.class_of(r);
    let of = owner(r).map_or_else(String::new, TypeRef::name);
    let receiver = receiver(r);
    let text = if class == vm.types.method_descriptor {
        format!("<method '{name}' of '{of}' objects>")
    } else if class == vm.types.wrapper_descriptor {
        format!("<slot wrapper '{name}' of '{of}' objects>")
    } else if receiver.is_null() || receiver.has_layout(Layout::Module) {
        // Module functions have their module as `__self__`, but are functions to the reader.
        format!("<built-in function {name}>")
    } else {
        // SAFETY: the function owns its receiver.
        let receiver = unsafe { Ref::from_value(receiver) };
        let c = match TypeRef::new(receiver) {
            Some(_) => "type".to_string(),
            None => vm.type_name(receiver),
        };
        if class == vm.types.method_wrapper {
            let text = format!("<method-wrapper '{name}' of {c} object at {:#x}>", receiver.value().bits());
            return vm.new_str(&text);
        }
        format!("<built-in method {name} of {c} object at {:#x}>", receiver.value().bits())
    };
    vm.new_str(&text)
}

fn hash(_: &mut Vm, r: Ref<'_>) -> PyResult<i64> {
    let f = obj(r);
    let h = (f.receiver.bits().rotate_right(4) ^ f.def.addr() as u64) as i64;
    Ok(if h == -1 { -2 } else { h })
}

fn compare(_: &mut Vm, op: CmpOp, a: Ref<'_>, b: Ref<'_>) -> PyResult {
    let natives = a.has_layout(Layout::NativeFunction) && b.has_layout(Layout::NativeFunction);
    if !natives || !matches!(op, CmpOp::Eq | CmpOp::Ne) {
        return Ok(Owned::from_immediate(NOT_IMPLEMENTED));
    }
    let (f, g) = (obj(a), obj(b));
    let same = f.receiver == g.receiver && std::ptr::eq(f.def, g.def) && f.owner == g.owner;
    Ok(owned_bool(same == (op == CmpOp::Eq)))
}

fn descr_get(vm: &mut Vm, f: Ref<'_>, r: Ref<'_>, class: Ref<'_>) -> PyResult {
    let class = match TypeRef::new(class) {
        Some(c) => c,
        None => vm.class_of(r),
    };
    vm.bind_native_function(f.owned(), r, class)
}
