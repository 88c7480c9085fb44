//! `object`: construction without arguments, identity, generic attributes.
#![allow(unsafe_code, reason = "changes the kind of an object when `__class__` is assigned")]

use super::wrappers::OBJECT_ATTRIBUTES;
use crate::args::{GetSetDef, NativeDef};
use crate::class::TypeRef;
use crate::define::TypeDef;
use crate::exceptions::Exc;
use crate::type_slots::{CmpOp, Slots};
use crate::{Args, PyResult, Raised, Vm};
use hognose_object::types::TypeFlags;
use hognose_object::{Layout, NOT_IMPLEMENTED, Owned, Ref, Value, ValueExt, none, owned_bool};

/// `object`
pub(crate) static TYPE: TypeDef = TypeDef {
    name: "object",
    layout: Layout::Instance,
    flags: TypeFlags::BASE_TYPE,
    doc: "The base class of the class hierarchy.",
    slots: Slots {
        repr: Some(|vm, r| vm.default_repr(r)),
        str: Some(str),
        hash: Some(|_, r| Ok(Vm::hash_identity(r))),
        richcompare: Some(richcompare),
        new: Some(new),
        init: Some(init),
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("__format__", "$self, format_spec, /", format),
        NativeDef::method("__dir__", "$self, /", dir),
        NativeDef::method("__sizeof__", "$self, /", sizeof),
        NativeDef::method("__reduce__", "$self, /", |vm, a| reduce(vm, a.get(0), 0)),
        NativeDef::method("__reduce_ex__", "$self, protocol, /", reduce_ex),
        NativeDef::method("__getstate__", "$self, /", getstate),
        NativeDef::class_method("__init_subclass__", "$type, *args, **kwargs", init_subclass),
        NativeDef::class_method("__subclasshook__", "$type, object, /", |_, _| {
            Ok(Owned::from_immediate(NOT_IMPLEMENTED))
        }),
    ],
    getset: &[GetSetDef::write("__class__", |vm, r| Ok(vm.class_of(r).owned()), set_class)],
};

/// `object.__getattribute__`, `__setattr__`, `__delattr__`: added at start-up, since the generic access has no slot.
pub(crate) fn attribute_methods() -> &'static [&'static NativeDef] {
    OBJECT_ATTRIBUTES
}

fn str(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    vm.repr(r)
}

fn richcompare(vm: &mut Vm, op: CmpOp, a: Ref<'_>, b: Ref<'_>) -> PyResult {
    match op {
        CmpOp::Eq if a.is(b) => Ok(owned_bool(true)),
        CmpOp::Ne => {
            // The inverse of whatever `==` says.
            let Some(f) = vm.class_of(a).slots().richcompare else {
                return Ok(Owned::from_immediate(NOT_IMPLEMENTED));
            };
            let r = f(vm, CmpOp::Eq, a, b)?;
            if r.value() == NOT_IMPLEMENTED {
                return Ok(r);
            }
            let t = vm.is_true(r.as_ref())?;
            Ok(owned_bool(!t))
        }
        _ => Ok(Owned::from_immediate(NOT_IMPLEMENTED)),
    }
}

fn same_new(a: Option<crate::type_slots::CallSlot>) -> bool {
    a.is_some_and(|f| std::ptr::fn_addr_eq(f, new as crate::type_slots::CallSlot))
}

fn same_init(a: Option<fn(&mut Vm, &Args<'_>) -> PyResult<()>>) -> bool {
    a.is_some_and(|f| std::ptr::fn_addr_eq(f, init as fn(&mut Vm, &Args<'_>) -> PyResult<()>))
}

/// `object.__new__`
pub(crate) fn new(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let Some(class) = TypeRef::new(args.get(0)) else {
        return Err(vm.type_error("object.__new__(X): X is not a type object"));
    };
    let extra = args.pos.len() > 1 || !args.kwnames.is_empty();
    if extra {
        if !same_new(class.slots().new) {
            return Err(
                vm.type_error("object.__new__() takes exactly one argument (the type to instantiate)")
            );
        }
        if same_init(class.slots().init) {
            let name = class.name();
            return Err(vm.type_error(&format!("{name}() takes no arguments")));
        }
    }
    if class.has(TypeFlags::ABSTRACT) {
        return Err(abstract_error(vm, class));
    }
    if class.has(TypeFlags::DISALLOW_INSTANTIATION) {
        let name = vm.qualified_name(class)?;
        return Err(vm.type_error(&format!("cannot create '{name}' instances")));
    }
    let mut builtin = class;
    while builtin.is_heap_type() {
        match builtin.base() {
            Some(b) => builtin = b,
            None => break,
        }
    }
    if !same_new(builtin.slots().new) {
        let (name, base) = (class.name(), builtin.name());
        return Err(vm.type_error(&format!("object.__new__({name}) is not safe, use {base}.__new__()")));
    }
    match class.layout() {
        Layout::Instance => vm.new_instance(class),
        _ => {
            let (name, base) = (class.name(), class.base().map_or_else(String::new, TypeRef::name));
            Err(vm.type_error(&format!("object.__new__({name}) is not safe, use {base}.__new__()")))
        }
    }
}

fn abstract_error(vm: &mut Vm, class: TypeRef<'_>) -> Raised {
    let name = class.name();
    let methods = match vm.get_attr_name(class.as_ref(), "__abstractmethods__") {
        Ok(m) => m,
        Err(e) => return e,
    };
    let items = match vm.collect(methods.as_ref()) {
        Ok(items) => items,
        Err(e) => return e,
    };
    let mut names: Vec<String> = items.iter().map(|m| vm.text_of(m.as_ref())).collect();
    names.sort();
    let s = if names.len() == 1 { "" } else { "s" };
    let list = names.iter().map(|n| format!("'{n}'")).collect::<Vec<_>>().join(", ");
    vm.type_error(&format!(
        "Can't instantiate abstract class {name} without an implementation for abstract method{s} {list}"
    ))
}

fn init(vm: &mut Vm, args: &Args<'_>) -> PyResult<()> {
    if args.pos.len() <= 1 && args.kwnames.is_empty() {
        return Ok(());
    }
    let class = vm.class_of(args.get(0));
    if !same_init(class.slots().init) {
        return Err(
            vm.type_error("object.__init__() takes exactly one argument (the instance to initialize)")
        );
    }
    if same_new(class.slots().new) {
        let name = class.name();
        return Err(vm.type_error(&format!("{name}() takes no arguments")));
    }
    Ok(())
}

fn format(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    if !crate::text::str_bytes(args.get(1)).is_empty() {
        let class = vm.type_name(args.get(0));
        return Err(vm.type_error(&format!("unsupported format string passed to {class}.__format__")));
    }
    vm.str(args.get(0))
}

fn dir(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let r = args.get(0);
    let names = vm.new_dict()?;
    if let Some(own) = vm.instance_dict_view(r)? {
        for k in vm.collect(own.as_ref())? {
            vm.dict_set(names.as_ref(), k.as_ref(), k.as_ref())?;
        }
    }
    let class = vm.class_of(r).owned();
    let mro: Vec<Owned> =
        TypeRef::new(class.as_ref()).into_iter().flat_map(TypeRef::mro_items).map(TypeRef::owned).collect();
    for c in mro {
        let pairs = TypeRef::new(c.as_ref()).map_or_else(Vec::new, |c| c.dict().to_vec());
        for (k, _) in pairs {
            vm.dict_set(names.as_ref(), k.as_ref(), k.as_ref())?;
        }
    }
    vm.to_list(names.as_ref())
}

fn sizeof(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let n = vm.memory_of(args.get(0));
    vm.new_int(n as i64)
}

fn init_subclass(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    if args.pos.len() > 1 || !args.kwnames.is_empty() {
        let name = TypeRef::new(args.get(0)).map_or_else(String::new, TypeRef::name);
        return Err(vm.type_error(&format!("{name}.__init_subclass__() takes no keyword arguments")));
    }
    Ok(none())
}

fn reduce_ex(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let protocol = vm.index_i32(args.get(1))?;
    let r = args.get(0);
    // A class that defines `__reduce__` means that.
    let (name, class, object) = (vm.intern("__reduce__")?, vm.class_of(r), vm.types.object);
    let own = vm.lookup(class, name.as_ref()).map(|f| f.value());
    if own != vm.lookup(object, name.as_ref()).map(|f| f.value()) {
        return vm.call_method(r, "__reduce__", &[]);
    }
    reduce(vm, r, protocol)
}

/// Pickling goes through `copyreg`, as CPython's does.
fn reduce(vm: &mut Vm, r: Ref<'_>, protocol: i32) -> PyResult {
    let name = vm.new_str("copyreg")?;
    let fromlist = none();
    let m = vm.import_name(name.as_ref(), None, fromlist.as_ref(), 0)?;
    if protocol < 2 {
        let p = vm.new_int(i64::from(protocol))?;
        return vm.call_method(m.as_ref(), "_reduce_ex", &[r, p.as_ref()]);
    }
    let class = vm.class_of(r);
    let (maker, arguments) = match new_arguments(vm, r)? {
        Some((args, Some(kwargs))) => ("__newobj_ex__", vec![class.owned(), args, kwargs]),
        Some((args, None)) => {
            let mut all = vec![class.owned()];
            all.extend(vm.items_of(args.as_ref()));
            ("__newobj__", all)
        }
        None if matches!(r.layout_of(), Some(Layout::Instance | Layout::List | Layout::Dict)) => {
            ("__newobj__", vec![class.owned()])
        }
        None => {
            let class = class.name();
            return Err(vm.type_error(&format!("cannot pickle '{class}' object")));
        }
    };
    let maker = vm.get_attr_name(m.as_ref(), maker)?;
    let arguments = vm.new_tuple(arguments)?;
    let state = vm.call_method(r, "__getstate__", &[])?;
    let list_items = if r.has_layout(Layout::List) { vm.iter(r)? } else { none() };
    let dict_items = if r.has_layout(Layout::Dict) {
        let items = vm.call_method(r, "items", &[])?;
        vm.iter(items.as_ref())?
    } else {
        none()
    };
    vm.new_tuple(vec![maker, arguments, state, list_items, dict_items])
}

/// What `__getnewargs_ex__` or `__getnewargs__` gives: arguments, and keyword arguments if there are some.
fn new_arguments(vm: &mut Vm, r: Ref<'_>) -> PyResult<Option<(Owned, Option<Owned>)>> {
    let (ex, plain) = (vm.intern("__getnewargs_ex__")?, vm.intern("__getnewargs__")?);
    let is_tuple = |r: Ref<'_>| crate::class::base_value(r).is_exact(Layout::Tuple);
    if let Some(pair) = vm.call_special(r, ex.as_ref(), &[])? {
        let class = vm.class_of(pair.as_ref()).name();
        if !is_tuple(pair.as_ref()) {
            return Err(vm.type_error(&format!("__getnewargs_ex__ should return a tuple, not '{class}'")));
        }
        let items = vm.items_of(pair.as_ref());
        let [args, kwargs] = items.as_slice() else {
            let n = items.len();
            let message = format!("__getnewargs_ex__ should return a tuple of length 2, not {n}");
            return Err(vm.value_error(&message));
        };
        let wrong = |vm: &mut Vm, nth: &str, what: &str, r: Ref<'_>| {
            let class = vm.class_of(r).name();
            let message = format!(
                "{nth} item of the tuple returned by __getnewargs_ex__ must be a {what}, not '{class}'"
            );
            vm.type_error(&message)
        };
        if !is_tuple(args.as_ref()) {
            return Err(wrong(vm, "first", "tuple", args.as_ref()));
        }
        if !kwargs.as_ref().has_layout(Layout::Dict) {
            return Err(wrong(vm, "second", "dict", kwargs.as_ref()));
        }
        let some = vm.len(kwargs.as_ref())? > 0;
        return Ok(Some((args.clone(), some.then(|| kwargs.clone()))));
    }
    let Some(args) = vm.call_special(r, plain.as_ref(), &[])? else { return Ok(None) };
    if !is_tuple(args.as_ref()) {
        let class = vm.class_of(args.as_ref()).name();
        return Err(vm.type_error(&format!("__getnewargs__ should return a tuple, not '{class}'")));
    }
    Ok(Some((args, None)))
}

/// The attributes of an object: its dict, or a pair of it and the values of its slots.
fn getstate(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let r = args.get(0);
    let dict = match vm.instance_dict_view(r)? {
        Some(d) if vm.len(d.as_ref())? > 0 => d,
        _ => none(),
    };
    let class = vm.class_of(r);
    let key = vm.names.__slots__;
    if !class.is_heap_type() || vm.lookup(class, key).is_none() {
        return Ok(dict);
    }
    let (name, fromlist) = (vm.new_str("copyreg")?, none());
    let m = vm.import_name(name.as_ref(), None, fromlist.as_ref(), 0)?;
    let names = vm.call_method(m.as_ref(), "_slotnames", &[class.as_ref()])?;
    let slots = vm.new_dict()?;
    for name in vm.items_of(names.as_ref()) {
        if let Some(v) = vm.get_attr_opt(r, name.as_ref())? {
            vm.dict_set(slots.as_ref(), name.as_ref(), v.as_ref())?;
        }
    }
    if vm.len(slots.as_ref())? == 0 { Ok(dict) } else { vm.new_pair(dict, slots) }
}

/// `x.__class__ = C`: both classes must lay their instances out alike.
fn set_class(vm: &mut Vm, r: Ref<'_>, value: Option<Ref<'_>>) -> PyResult<()> {
    let Some(value) = value else { return Err(vm.type_error("can't delete __class__ attribute")) };
    let Some(new) = TypeRef::new(value) else {
        let class = vm.type_name(value);
        return Err(vm.type_error(&format!("__class__ must be set to a class, not '{class}' object")));
    };
    let old = vm.class_of(r);
    if old == new {
        return Ok(());
    }
    if !(old.is_heap_type() && new.is_heap_type()) {
        return Err(
            vm.type_error("__class__ assignment only supported for mutable types or ModuleType subclasses")
        );
    }
    // SAFETY: both classes are alive.
    let same = unsafe { (*old.ptr()).nmembers == (*new.ptr()).nmembers }
        && old.layout() == new.layout()
        && vm.fixed_bytes(old) == vm.fixed_bytes(new)
        && old.has(TypeFlags::HAS_DICT) == new.has(TypeFlags::HAS_DICT);
    if !same {
        let (a, b) = (new.name(), old.name());
        return Err(vm.type_error(&format!("__class__ assignment: '{a}' object layout differs from '{b}'")));
    }
    if !new.has(TypeFlags::HAS_DICT) {
        let kind = vm.instance_kind(new)?;
        // SAFETY: the layouts agree.
        unsafe { (*r.value().header()).set_kind(kind) };
        return Ok(());
    }
    vm.instance_dict(r)?;
    let kind = vm.adopted_kind(r, new)?;
    // SAFETY: the attributes are in a dict in the first slot, where the new class expects them.
    unsafe { (*r.value().header()).set_kind(kind) };
    Ok(())
}

impl Vm {
    /// A dict of an object's own attributes for reading: its `__dict__` where it has one.
    pub(crate) fn instance_dict_view(&mut self, r: Ref<'_>) -> PyResult<Option<Owned>> {
        if r.has_layout(Layout::Type) {
            return Ok(None);
        }
        self.instance_dict(r)
    }

    /// Kind for an object with a dict whose class becomes `class`.
    fn adopted_kind(&mut self, r: Ref<'_>, class: TypeRef<'_>) -> PyResult<u32> {
        let from = r.object_kind().unwrap_or(0);
        let s = self.shapes.get(from);
        let (offset, capacity) = (s.attrs_offset, s.capacity);
        let layout = Layout::of_kind(from);
        match self.shapes.add(class.ptr(), layout, offset, capacity, true, Vec::new()) {
            Some(kind) => Ok(kind),
            None => Err(self.raise(Exc::MemoryError, "too many classes")),
        }
    }

    /// Bytes an object occupies: its block and its buffers.
    pub fn memory_of(&self, r: Ref<'_>) -> usize {
        let v: Value = r.value();
        if !v.is_ptr() {
            return 0;
        }
        // SAFETY: a live object of this heap.
        unsafe {
            let h = v.header();
            let buffers = (self.heap.vtable((*h).kind()).buffers)(h);
            self.heap.block_size(h.cast()) + buffers
        }
    }
}
