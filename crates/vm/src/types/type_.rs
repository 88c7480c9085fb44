//! `type`: making classes, their attributes, the method resolution order.
#![allow(unsafe_code, reason = "reads and writes type objects")]

use super::make::NewClass;
use crate::args::{GetSetDef, NativeDef};
use crate::class::TypeRef;
use crate::classinfo::{Question, by_mro};
use crate::define::TypeDef;
use crate::exceptions::Exc;
use crate::type_slots::Slots;
use crate::{Args, PyResult, Vm};
use hognose_object::dict::DictRef;
use hognose_object::tuple::TupleRef;
use hognose_object::types::TypeFlags;
use hognose_object::{Layout, Owned, Ref, Value, ValueExt, none, owned_bool};

/// `type`
pub(crate) static TYPE: TypeDef = TypeDef {
    name: "type",
    layout: Layout::Type,
    flags: TypeFlags::BASE_TYPE | TypeFlags::IS_TYPE,
    doc: "type(object) -> the object's type\ntype(name, bases, dict, **kwds) -> a new type",
    slots: Slots {
        repr: Some(repr),
        call: Some(call),
        getattro: Some(getattro),
        setattro: Some(setattro),
        new: Some(new),
        init: Some(init),
        binary: Some(|vm, _, a, b| vm.new_union(a, b)),
        binary_ops: crate::type_slots::BinOp::Or.bit(),
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("mro", "$self, /", |vm, a| {
            let items = class(vm, a.get(0))?.mro_items().map(TypeRef::owned).collect();
            vm.new_list(items)
        }),
        NativeDef::method("__subclasses__", "$self, /", subclasses),
        NativeDef::class_method("__prepare__", "$type, *args, **kwargs", |vm, _| vm.new_dict()),
        NativeDef::method("__instancecheck__", "$self, instance, /", |vm, a| {
            by_mro(vm, a.get(1), a.get(0), Question::Instance).map(owned_bool)
        }),
        NativeDef::method("__subclasscheck__", "$self, subclass, /", |vm, a| {
            by_mro(vm, a.get(1), a.get(0), Question::Subclass).map(owned_bool)
        }),
        NativeDef::method("__dir__", "$self, /", dir),
        NativeDef::method("__sizeof__", "$self, /", |vm, a| {
            let n = vm.memory_of(a.get(0));
            vm.new_int(n as i64)
        }),
    ],
    getset: &[
        GetSetDef::write("__name__", |vm, r| Ok(class(vm, r)?.name_ref().owned()), set_name),
        GetSetDef::write("__qualname__", |vm, r| Ok(class(vm, r)?.qualname_ref().owned()), set_qualname),
        GetSetDef::write("__module__", module, set_module),
        GetSetDef::write("__bases__", |vm, r| Ok(class(vm, r)?.bases().owned()), super::rebase::set_bases),
        GetSetDef::read("__base__", |vm, r| Ok(class(vm, r)?.base().map_or_else(none, TypeRef::owned))),
        GetSetDef::read("__text_signature__", super::signatures::text_signature),
        GetSetDef::read("__mro__", |vm, r| Ok(class(vm, r)?.mro().owned())),
        GetSetDef::read("__dict__", |vm, r| {
            let d = class(vm, r)?.dict().as_ref().owned();
            vm.new_mappingproxy(d.as_ref())
        }),
        GetSetDef::write("__doc__", doc, |vm, r, v| set_in_dict(vm, r, "__doc__", v)),
        GetSetDef::write("__abstractmethods__", abstractmethods, set_abstractmethods),
        GetSetDef::write("__annotations__", annotations, |vm, r, v| {
            set_in_dict(vm, r, "__annotations_cache__", v)
        }),
        GetSetDef::write("__annotate__", annotate, |vm, r, v| set_in_dict(vm, r, "__annotate_func__", v)),
        GetSetDef::write("__type_params__", type_params, |vm, r, v| set_in_dict(vm, r, "__type_params__", v)),
        GetSetDef::read("__flags__", |vm, r| {
            let heap = if class(vm, r)?.is_heap_type() { 1 << 9 } else { 0 };
            vm.new_int(heap)
        }),
        GetSetDef::read("__basicsize__", |vm, r| {
            let c = class(vm, r)?;
            let n = vm.fixed_bytes(c);
            vm.new_int(n as i64)
        }),
        GetSetDef::read("__itemsize__", |vm, _| vm.new_int(0)),
        GetSetDef::read("__dictoffset__", |vm, r| {
            let has = class(vm, r)?.has(TypeFlags::HAS_DICT);
            vm.new_int(if has { -1 } else { 0 })
        }),
        GetSetDef::read("__weakrefoffset__", |vm, _| vm.new_int(0)),
    ],
};

fn class<'a>(vm: &mut Vm, r: Ref<'a>) -> PyResult<TypeRef<'a>> {
    TypeRef::new(r).ok_or_else(|| vm.type_error("a type object is required"))
}

fn repr(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let c = class(vm, r)?;
    let name = vm.qualified_name(c)?;
    vm.new_str(&format!("<class '{name}'>"))
}

impl Vm {
    /// `C.__module__`, when it is known.
    pub(crate) fn class_module(&mut self, class: TypeRef<'_>) -> PyResult<Option<Owned>> {
        let name = self.names.__module__;
        if class.is_heap_type() {
            return Ok(class.dict().get_str(name));
        }
        let m = class.module_ref();
        Ok(if m.is_null() { Some(self.names.builtins.owned()) } else { Some(m.owned()) })
    }
}

fn call(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let c = class(vm, args.get(0))?;
    if c == vm.types.type_ && args.kwnames.is_empty() {
        match args.pos.len() {
            2 => return Ok(vm.class_of(args.get(1)).owned()),
            4 => {}
            _ => return Err(vm.type_error("type() takes 1 or 3 arguments")),
        }
    }
    if c.has(TypeFlags::DISALLOW_INSTANTIATION) {
        let name = vm.qualified_name(c)?;
        return Err(vm.type_error(&format!("cannot create '{name}' instances")));
    }
    vm.construct(c, args)
}

// ---- attributes

fn getattro(vm: &mut Vm, r: Ref<'_>, name: Ref<'_>) -> PyResult {
    let c = class(vm, r)?;
    let meta = vm.class_of(r);
    let in_meta = vm.lookup(meta, name).map(|v| v.owned());
    if let Some(v) = &in_meta {
        let slots = vm.class_of(v.as_ref()).slots();
        if let (Some(get), Some(_)) = (slots.descr_get, slots.descr_set) {
            return get(vm, v.as_ref(), r, meta.as_ref());
        }
    }
    let null = Ref::from_immediate(Value::NULL);
    if let Some(v) = vm.lookup(c, name).map(|v| v.owned()) {
        return match v.as_ref().layout_of() {
            Some(Layout::Function | Layout::Member) | None => Ok(v),
            _ => match vm.class_of(v.as_ref()).slots().descr_get {
                Some(get) => get(vm, v.as_ref(), null, r),
                None => Ok(v),
            },
        };
    }
    if let Some(v) = vm.metaclass_attribute(r, name) {
        return Ok(v);
    }
    match in_meta {
        Some(v) => match vm.class_of(v.as_ref()).slots().descr_get {
            Some(get) => get(vm, v.as_ref(), r, meta.as_ref()),
            None => Ok(v),
        },
        None => Err(vm.attribute_error(r, name)),
    }
}

fn setattro(vm: &mut Vm, r: Ref<'_>, name: Ref<'_>, value: Option<Ref<'_>>) -> PyResult<()> {
    let c = class(vm, r)?;
    if !c.is_heap_type() {
        let (n, t) = (vm.text_of(name), vm.qualified_name(c)?);
        return Err(vm.type_error(&format!("cannot set '{n}' attribute of immutable type '{t}'")));
    }
    let meta = vm.class_of(r);
    if let Some(d) = vm.lookup(meta, name).map(|v| v.owned())
        && let Some(set) = vm.class_of(d.as_ref()).slots().descr_set
    {
        set(vm, d.as_ref(), r, value)?;
        return Ok(());
    }
    match value {
        Some(v) => vm.dict_set(c.dict().as_ref(), name, v)?,
        None => {
            if vm.dict_del(c.dict().as_ref(), name)?.is_none() {
                return Err(vm.attribute_error(r, name));
            }
        }
    }
    vm.class_changed(c, name)
}

impl Vm {
    /// After a class attribute was stored or deleted: caches, and slots of the class and those below it.
    pub(crate) fn class_changed(&mut self, class: TypeRef<'_>, name: Ref<'_>) -> PyResult<()> {
        self.type_modified(class, name);
        let text = crate::text::str_bytes(name);
        if text.starts_with(b"__") && text.ends_with(b"__") {
            self.new_epoch();
            self.update_tree(class)?;
        }
        Ok(())
    }

    pub(crate) fn update_tree(&mut self, class: TypeRef<'_>) -> PyResult<()> {
        self.check_native_stack()?;
        self.update_slots(class)?;
        for sub in self.direct_subclasses(class) {
            if let Some(sub) = TypeRef::new(sub.as_ref()) {
                self.update_tree(sub)?;
            }
        }
        Ok(())
    }

    /// Living direct subclasses.
    pub(crate) fn direct_subclasses(&self, class: TypeRef<'_>) -> Vec<Owned> {
        // SAFETY: a dying subclass takes itself off the list, so all on it are alive.
        unsafe { (*class.ptr()).subclasses.iter().map(|&c| TypeRef::from_ptr(c).owned()).collect() }
    }

    /// Attributes of a class that a metaclass's methods stored on it lie in the class dict: none elsewhere.
    fn metaclass_attribute(&mut self, _r: Ref<'_>, _name: Ref<'_>) -> Option<Owned> {
        None
    }
}

fn set_in_dict(vm: &mut Vm, r: Ref<'_>, name: &str, value: Option<Ref<'_>>) -> PyResult<()> {
    let c = class(vm, r)?;
    if !c.is_heap_type() {
        let t = vm.qualified_name(c)?;
        return Err(vm.type_error(&format!("cannot set '{name}' attribute of immutable type '{t}'")));
    }
    let key = vm.intern(name)?;
    match value {
        Some(v) => vm.dict_set(c.dict().as_ref(), key.as_ref(), v)?,
        None => {
            vm.dict_del(c.dict().as_ref(), key.as_ref())?;
        }
    }
    vm.type_modified(c, key.as_ref());
    Ok(())
}

fn text_value<'a>(vm: &mut Vm, c: TypeRef<'_>, v: Option<Ref<'a>>, what: &str) -> PyResult<Ref<'a>> {
    let name = c.name();
    let Some(v) = v else {
        return Err(vm.type_error(&format!("cannot delete '{what}' attribute of immutable type '{name}'")));
    };
    if crate::text::as_str(v).is_none() {
        let got = vm.type_name(v);
        return Err(vm.type_error(&format!("can only assign string to {name}.{what}, not '{got}'")));
    }
    Ok(v)
}

/// Names of classes are C strings in CPython: no NUL, no lone surrogates.
fn check_type_name(vm: &mut Vm, name: Ref<'_>) -> PyResult<()> {
    let Some(text) = crate::text::as_str(name) else { return Ok(()) };
    if text.to_str().is_none() {
        let utf8 = vm.new_str("utf-8")?;
        vm.call_method(name, "encode", &[utf8.as_ref()])?;
    }
    if text.as_bytes().contains(&0) {
        return Err(vm.value_error("type name must not contain null characters"));
    }
    Ok(())
}

fn set_name(vm: &mut Vm, r: Ref<'_>, v: Option<Ref<'_>>) -> PyResult<()> {
    let c = class(vm, r)?;
    let v = text_value(vm, c, v, "__name__")?;
    check_type_name(vm, v)?;
    // SAFETY: the class owns its name.
    unsafe { drop(Owned::from_value(std::mem::replace(&mut (*c.ptr()).name, v.owned().into_value()))) };
    Ok(())
}

fn set_qualname(vm: &mut Vm, r: Ref<'_>, v: Option<Ref<'_>>) -> PyResult<()> {
    let c = class(vm, r)?;
    let v = text_value(vm, c, v, "__qualname__")?;
    // SAFETY: the class owns its name.
    unsafe { drop(Owned::from_value(std::mem::replace(&mut (*c.ptr()).qualname, v.owned().into_value()))) };
    Ok(())
}

fn module(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let c = class(vm, r)?;
    match vm.class_module(c)? {
        Some(m) => Ok(m),
        None => {
            let name = vm.names.__module__;
            Err(vm.attribute_error(r, name))
        }
    }
}

fn set_module(vm: &mut Vm, r: Ref<'_>, v: Option<Ref<'_>>) -> PyResult<()> {
    set_in_dict(vm, r, "__module__", v)
}

fn own(vm: &mut Vm, r: Ref<'_>, name: &str) -> PyResult<Option<Owned>> {
    let c = class(vm, r)?;
    let key = vm.intern(name)?;
    Ok(c.dict().get_str(key.as_ref()))
}

fn doc(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let Some(v) = own(vm, r, "__doc__")? else { return Ok(none()) };
    match vm.class_of(v.as_ref()).slots().descr_get {
        Some(get) => get(vm, v.as_ref(), Ref::from_immediate(Value::NULL), r),
        None => Ok(v),
    }
}

fn abstractmethods(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    match own(vm, r, "__abstractmethods__")? {
        Some(v) => Ok(v),
        None => {
            let name = vm.intern("__abstractmethods__")?;
            Err(vm.attribute_error(r, name.as_ref()))
        }
    }
}

fn set_abstractmethods(vm: &mut Vm, r: Ref<'_>, v: Option<Ref<'_>>) -> PyResult<()> {
    let c = class(vm, r)?;
    let abstract_ = match v {
        Some(v) => vm.is_true(v)?,
        None => false,
    };
    set_in_dict(vm, r, "__abstractmethods__", v)?;
    // SAFETY: the class is alive.
    unsafe {
        if abstract_ {
            (*c.ptr()).flags |= TypeFlags::ABSTRACT;
        } else {
            (*c.ptr()).flags &= !TypeFlags::ABSTRACT;
        }
    }
    vm.update_slots(c)
}

fn annotations(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    for name in ["__annotations__", "__annotations_cache__"] {
        if let Some(v) = own(vm, r, name)? {
            return Ok(v);
        }
    }
    let f = annotate(vm, r)?;
    let dict = if f.as_ref().is_none() {
        vm.new_dict()?
    } else {
        let one = vm.new_int(1)?;
        vm.call(f.as_ref(), &[one.as_ref()])?
    };
    set_in_dict(vm, r, "__annotations_cache__", Some(dict.as_ref()))?;
    Ok(dict)
}

fn annotate(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    Ok(own(vm, r, "__annotate_func__")?.unwrap_or_else(none))
}

fn type_params(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    match own(vm, r, "__type_params__")? {
        Some(v) => Ok(v),
        None => vm.new_tuple(Vec::new()),
    }
}

fn subclasses(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let c = class(vm, args.get(0))?;
    vm.new_list(vm.direct_subclasses(c))
}

fn dir(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let c = class(vm, args.get(0))?;
    let names = vm.new_dict()?;
    for base in c.mro_items() {
        for (k, _) in base.dict().to_vec() {
            vm.dict_set(names.as_ref(), k.as_ref(), k.as_ref())?;
        }
    }
    vm.to_list(names.as_ref())
}

// ---- making

const METACLASS_CONFLICT: &str = "metaclass conflict: the metaclass of a derived class must be a (non-strict) \
     subclass of the metaclasses of all its bases";

/// The most derived metaclass of the bases.
pub(crate) fn winner(vm: &mut Vm, meta: Ref<'_>, bases: &[Owned]) -> PyResult {
    let Some(mut best) = TypeRef::new(meta) else { return Ok(meta.owned()) };
    for b in bases {
        let m = vm.class_of(b.as_ref());
        if best.is_subclass_of(m) {
            continue;
        }
        if m.is_subclass_of(best) {
            best = m;
            continue;
        }
        return Err(vm.type_error(METACLASS_CONFLICT));
    }
    Ok(best.owned())
}

fn new(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let (meta, pos) = (args.get(0), args.rest(1));
    let [name, bases, dict] = pos else {
        return Err(vm.type_error(&format!("type.__new__() takes exactly 3 arguments ({} given)", pos.len())));
    };
    if crate::text::as_str(*name).is_none() {
        let got = vm.type_name(*name);
        return Err(vm.type_error(&format!("type.__new__() argument 1 must be str, not {got}")));
    }
    if TupleRef::new(*bases).is_none() {
        let got = vm.type_name(*bases);
        return Err(vm.type_error(&format!("type.__new__() argument 2 must be tuple, not {got}")));
    }
    let Some(source) = DictRef::new(*dict) else {
        let got = vm.type_name(*dict);
        return Err(vm.type_error(&format!("type.__new__() argument 3 must be dict, not {got}")));
    };
    let mut bases = vm.items_of(*bases);
    for b in &bases {
        if TypeRef::new(b.as_ref()).is_none() {
            return Err(vm.type_error(METACLASS_CONFLICT));
        }
    }
    let best = winner(vm, meta, &bases)?;
    if !best.as_ref().is(meta)
        && let Some(best_new) = TypeRef::new(best.as_ref()).and_then(|t| t.slots().new)
        && !std::ptr::fn_addr_eq(best_new, new as crate::type_slots::CallSlot)
    {
        let mut all = vec![best.as_ref()];
        all.extend_from_slice(pos);
        return best_new(vm, &Args { pos: &all, ..*args });
    }
    check_type_name(vm, *name)?;
    if bases.is_empty() {
        bases.push(vm.types.object.owned());
    }
    let ns = vm.new_dict()?;
    if let Some(d) = DictRef::new(ns.as_ref()) {
        source.copy_into(&mut vm.heap, d)?;
    }
    build(vm, best, name.owned(), bases, ns, args)
}

fn build(vm: &mut Vm, meta: Owned, name: Owned, bases: Vec<Owned>, ns: Owned, args: &Args<'_>) -> PyResult {
    let exact_name = crate::class::base_value(name.as_ref()).owned();
    let qualname = take_name(vm, ns.as_ref(), "__qualname__")?;
    if let Some(q) = &qualname
        && crate::text::as_str(q.as_ref()).is_none()
    {
        let got = vm.type_name(q.as_ref());
        return Err(vm.type_error(&format!("type __qualname__ must be a str, not {got}")));
    }
    let cell = take_name(vm, ns.as_ref(), "__classcell__")?;
    let dict_cell = take_name(vm, ns.as_ref(), "__classdictcell__")?;
    // Before the defaults of `__doc__` and `__hash__`, which are no conflict with a slot of that name.
    let (slots, flags) = slots_of_class(vm, ns.as_ref(), &bases, exact_name.as_ref())?;
    prepare_namespace(vm, ns.as_ref())?;
    let class = vm.make_class(NewClass {
        name: exact_name.clone(),
        bases,
        dict: ns.clone(),
        metaclass: meta,
        slots,
        flags: flags | TypeFlags::BASE_TYPE,
    })?;
    let t = TypeRef::new(class.as_ref()).expect("just made");
    if let Some(q) = qualname {
        // SAFETY: the class owns its names.
        unsafe { drop(Owned::from_value(std::mem::replace(&mut (*t.ptr()).qualname, q.into_value()))) };
    }
    super::property::add_dict_descriptors(vm, t)?;
    for (cell, content) in [(cell, class.as_ref()), (dict_cell, ns.as_ref())] {
        if let Some(c) = cell {
            super::function::set_cell(vm, c.as_ref(), content)?;
        }
    }
    set_names(vm, class.as_ref(), ns.as_ref())?;
    init_subclass(vm, class.as_ref(), args)?;
    Ok(class)
}

fn take_name(vm: &mut Vm, ns: Ref<'_>, name: &str) -> PyResult<Option<Owned>> {
    let key = vm.intern(name)?;
    vm.dict_del(ns, key.as_ref())
}

/// Implicit static and class methods, `__module__`, `__doc__`, `__hash__`.
fn prepare_namespace(vm: &mut Vm, ns: Ref<'_>) -> PyResult<()> {
    let module_key = vm.names.__module__;
    if vm.dict_get(ns, module_key)?.is_none()
        && let Some(globals) = vm.current_globals()
    {
        let name = vm.names.__name__;
        if let Some(m) = vm.dict_get(globals.as_ref(), name)? {
            vm.dict_set(ns, module_key, m.as_ref())?;
        }
    }
    for (name, is_static) in [("__new__", true), ("__init_subclass__", false), ("__class_getitem__", false)] {
        let key = vm.intern(name)?;
        let Some(f) = vm.dict_get(ns, key.as_ref())?.filter(|f| f.as_ref().is_exact(Layout::Function)) else {
            continue;
        };
        let wrapped = if is_static {
            vm.new_native(super::property::StaticMethod::new(f))?
        } else {
            vm.new_native(super::property::ClassMethod::new(f))?
        };
        vm.dict_set(ns, key.as_ref(), wrapped.as_ref())?;
    }
    let doc = vm.names.__doc__;
    if vm.dict_get(ns, doc)?.is_none() {
        let none = none();
        vm.dict_set(ns, doc, none.as_ref())?;
    }
    let (eq, hash) = (vm.names.__eq__, vm.names.__hash__);
    if vm.dict_get(ns, eq)?.is_some() && vm.dict_get(ns, hash)?.is_none() {
        let none = none();
        vm.dict_set(ns, hash, none.as_ref())?;
    }
    Ok(())
}

/// Names in `__slots__`, mangled, and whether instances get a `__dict__`.
fn slots_of_class(
    vm: &mut Vm,
    ns: Ref<'_>,
    bases: &[Owned],
    class_name: Ref<'_>,
) -> PyResult<(Option<Vec<Owned>>, u32)> {
    let key = vm.names.__slots__;
    let Some(value) = vm.dict_get(ns, key)? else {
        return Ok((None, TypeFlags::HAS_DICT | TypeFlags::HAS_WEAKREF));
    };
    let listed = if crate::text::as_str(value.as_ref()).is_some() {
        vec![value.clone()]
    } else {
        vm.collect(value.as_ref())?
    };
    let wrapped = bases.iter().filter_map(|b| TypeRef::new(b.as_ref())).find(|b| {
        matches!(b.value_layout(), Layout::Int | Layout::Bytes | Layout::Tuple)
            && b.value_layout() != Layout::Instance
    });
    let mut flags = 0;
    let mut names = Vec::new();
    let class_text = vm.text_of(class_name);
    for s in listed {
        if crate::text::as_str(s.as_ref()).is_none() {
            let got = vm.type_name(s.as_ref());
            return Err(vm.type_error(&format!("__slots__ items must be strings, not '{got}'")));
        }
        let text = vm.text_of(s.as_ref());
        match text.as_str() {
            "__dict__" => {
                flags |= TypeFlags::HAS_DICT;
                continue;
            }
            "__weakref__" => {
                flags |= TypeFlags::HAS_WEAKREF;
                continue;
            }
            _ => {}
        }
        if let Some(b) = wrapped {
            let name = b.name();
            return Err(vm.type_error(&format!("nonempty __slots__ not supported for subtype of '{name}'")));
        }
        if !is_identifier(&text) {
            return Err(vm.type_error("__slots__ must be identifiers"));
        }
        let stripped = class_text.trim_start_matches('_');
        let mangled = if text.starts_with("__") && !text.ends_with("__") && !stripped.is_empty() {
            format!("_{stripped}{text}")
        } else {
            text
        };
        let name = vm.immortal_name(&mangled)?.owned();
        if vm.dict_get(ns, name.as_ref())?.is_some() {
            return Err(vm.value_error(&format!("'{mangled}' in __slots__ conflicts with class variable")));
        }
        names.push(name);
    }
    names.sort_by(|a, b| crate::text::str_bytes(a.as_ref()).cmp(crate::text::str_bytes(b.as_ref())));
    Ok((Some(names), flags))
}

fn is_identifier(s: &str) -> bool {
    let mut chars = s.chars();
    chars.next().is_some_and(|c| c == '_' || c.is_alphabetic())
        && chars.all(|c| c == '_' || c.is_alphanumeric())
}

/// Calls `__set_name__` of what the class body left.
fn set_names(vm: &mut Vm, class: Ref<'_>, ns: Ref<'_>) -> PyResult<()> {
    let hook = vm.names.__set_name__;
    let pairs = DictRef::new(ns).map_or_else(Vec::new, |d| d.to_vec());
    for (k, v) in pairs {
        if v.as_ref().is_exact(Layout::Function) || !v.value().is_ptr() {
            continue;
        }
        let value_class = vm.class_of(v.as_ref());
        if vm.lookup(value_class, hook).is_none() {
            continue;
        }
        if let Err(e) = vm.call_special(v.as_ref(), hook, &[class, k.as_ref()]) {
            let exc = vm.catch(e);
            let (attr, kind, owner) = {
                let attr = vm.repr_text(k.as_ref())?;
                let kind = vm.type_name(v.as_ref());
                let owner = TypeRef::new(class).map_or_else(String::new, TypeRef::name);
                (attr, kind, owner)
            };
            let note =
                vm.new_str(&format!("Error calling __set_name__ on '{kind}' instance {attr} in '{owner}'"))?;
            vm.call_method(exc.as_ref(), "add_note", &[note.as_ref()])?;
            return Err(vm.raise_again(exc));
        }
    }
    Ok(())
}

/// `super(C, C).__init_subclass__(**kwargs)`
fn init_subclass(vm: &mut Vm, class: Ref<'_>, args: &Args<'_>) -> PyResult<()> {
    let name = vm.names.__init_subclass__;
    let (f, bound) = super::super_::load(vm, class, class, name, false)?;
    let pos: &[Ref<'_>] = if bound { &[] } else { &[class] };
    vm.call_vector(f.as_ref(), pos, args.kwnames, args.kwvalues)?;
    Ok(())
}

fn init(vm: &mut Vm, args: &Args<'_>) -> PyResult<()> {
    if !matches!(args.pos.len(), 2 | 4) {
        return Err(vm.type_error("type.__init__() takes 1 or 3 arguments"));
    }
    Ok(())
}

/// C3 linearization; TypeError when there is none. Source: Barrett et al., "A monotonic superclass linearization for
/// Dylan" (1996).
pub(crate) fn compute_mro(vm: &mut Vm, class: TypeRef<'_>, bases: &[TypeRef<'_>]) -> PyResult {
    for (i, b) in bases.iter().enumerate() {
        if bases[..i].contains(b) {
            let name = b.name();
            return Err(vm.type_error(&format!("duplicate base class {name}")));
        }
    }
    let mut lists: Vec<Vec<TypeRef<'_>>> = bases.iter().map(|b| b.mro_items().collect()).collect();
    lists.push(bases.to_vec());
    let mut out = vec![class.owned()];
    loop {
        lists.retain(|l| !l.is_empty());
        if lists.is_empty() {
            return vm.new_tuple(out);
        }
        let in_tail = |c: TypeRef<'_>| lists.iter().any(|l| l[1..].contains(&c));
        let Some(next) = lists.iter().map(|l| l[0]).find(|&c| !in_tail(c)) else {
            let mut names: Vec<String> = Vec::new();
            for l in &lists {
                let n = l[0].name();
                if !names.contains(&n) {
                    names.push(n);
                }
            }
            let list = names.join(", ");
            return Err(vm.raise(
                Exc::TypeError,
                &format!("Cannot create a consistent method resolution order (MRO) for bases {list}"),
            ));
        };
        out.push(next.owned());
        for l in &mut lists {
            if l[0] == next {
                l.remove(0);
            }
        }
    }
}
