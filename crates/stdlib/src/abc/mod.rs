//! The module `_abc`: abstract base classes and their caches.
//!
//!   class ─ _abc_impl ─► Data ─┬ registry   classes registered with it
//!                              ├ cache      classes known to be subclasses
//!                              └ negative   classes known not to be, valid for one version of all registries
//!
//! Each is a dict from an address to a weak reference; an entry counts only while its reference is alive and refers to
//! the class asked for, since addresses are used again.

mod data;

use crate::prelude::{
    Args, Layout, NativeDef, Owned, PyResult, Ref, TypeFlags, TypeRef, ValueExt, Vm, new_module, none,
    owned_bool, small_int_of,
};
use data::WeakDict;

const FUNCTIONS: &[NativeDef] = &[
    NativeDef::function("get_cache_token", "", |vm, _| {
        let n = vm.state::<Version>().0;
        vm.new_int(n)
    }),
    NativeDef::function("_abc_init", "self, /", init),
    NativeDef::function("_abc_register", "self, subclass, /", register),
    NativeDef::function("_abc_instancecheck", "self, instance, /", instancecheck),
    NativeDef::function("_abc_subclasscheck", "self, subclass, /", |vm, a| {
        Ok(owned_bool(subclasscheck(vm, a.get(0), a.get(1))?))
    }),
    NativeDef::function("_get_dump", "self, /", dump),
    NativeDef::function("_reset_registry", "self, /", |vm, a| {
        let data = data_of(vm, a.get(0))?;
        data::of(data.as_ref()).map_or(Ok(none()), |d| d.registry.clear(vm).map(|()| none()))
    }),
    NativeDef::function("_reset_caches", "self, /", |vm, a| {
        let data = data_of(vm, a.get(0))?;
        let Some(d) = data::of(data.as_ref()) else { return Ok(none()) };
        d.cache.clear(vm)?;
        d.negative.clear(vm)?;
        Ok(none())
    }),
];

/// Counts registrations: negative caches of an older version are stale. Holds no objects.
#[derive(Default)]
struct Version(i64);

/// Makes the module `_abc`.
pub fn make(vm: &mut Vm) -> PyResult {
    let doc = "Module contains faster C implementation of abc.ABCMeta";
    let module = new_module(vm, "_abc", doc, FUNCTIONS)?;
    // The class of weak references is made with its module.
    vm.import_dotted("_weakref")?;
    data::add_type(vm)?;
    Ok(module)
}

fn data_of(vm: &mut Vm, class: Ref<'_>) -> PyResult {
    let data = vm.get_attr_name(class, "_abc_impl")?;
    if data::of(data.as_ref()).is_none() {
        return Err(vm.type_error("_abc_impl is set to a wrong type"));
    }
    Ok(data)
}

fn is_abstract(vm: &mut Vm, value: Ref<'_>) -> PyResult<bool> {
    let key = vm.intern("__isabstractmethod__")?;
    match vm.get_attr_opt(value, key.as_ref())? {
        Some(flag) => vm.is_true(flag.as_ref()),
        None => Ok(false),
    }
}

/// Names of the abstract methods of a new class.
fn abstract_methods(vm: &mut Vm, class: TypeRef<'_>) -> PyResult {
    let mut names = Vec::new();
    for (name, value) in class.dict().to_vec() {
        if value.value().is_ptr() && is_abstract(vm, value.as_ref())? {
            names.push(name);
        }
    }
    let key = vm.intern("__abstractmethods__")?;
    for base in vm.items_of(class.bases()) {
        let Some(inherited) = vm.get_attr_opt(base.as_ref(), key.as_ref())? else { continue };
        for name in vm.collect(inherited.as_ref())? {
            if let Some(value) = vm.get_attr_opt(class.as_ref(), name.as_ref())?
                && is_abstract(vm, value.as_ref())?
            {
                names.push(name);
            }
        }
    }
    let list = vm.new_list(names)?;
    let frozenset = vm.types().frozenset;
    vm.call(frozenset.as_ref(), &[list.as_ref()])
}

fn init(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let Some(class) = TypeRef::new(args.get(0)) else {
        return Err(vm.type_error("_abc_init() argument must be a class"));
    };
    let names = abstract_methods(vm, class)?;
    let key = vm.intern("__abstractmethods__")?;
    vm.set_attr(class.as_ref(), key.as_ref(), Some(names.as_ref()))?;
    let version = vm.state::<Version>().0;
    let data = data::new(vm, version)?;
    let key = vm.intern("_abc_impl")?;
    vm.set_attr(class.as_ref(), key.as_ref(), Some(data.as_ref()))?;
    // What `match` takes it for.
    let key = vm.intern("__abc_tpflags__")?;
    if let Some(flags) = class.dict().get_str(key.as_ref()) {
        let flags = small_int_of(flags.as_ref()).unwrap_or(0);
        let bits = [(1 << 5, TypeFlags::SEQUENCE), (1 << 6, TypeFlags::MAPPING)];
        let own =
            bits.iter().filter(|(cpython, _)| flags & cpython != 0).fold(0, |all, (_, ours)| all | ours);
        vm.add_class_flags(class, own);
        vm.set_attr(class.as_ref(), key.as_ref(), None)?;
    }
    Ok(none())
}

fn register(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let (own, subclass) = (args.get(0), args.get(1));
    let Some(added) = TypeRef::new(subclass) else {
        return Err(vm.type_error("Can only register classes"));
    };
    if vm.issubclass(subclass, own)? {
        return Ok(subclass.owned());
    }
    if vm.issubclass(own, subclass)? {
        return Err(vm.runtime_error("Refusing to create an inheritance cycle"));
    }
    let data = data_of(vm, own)?;
    if let Some(d) = data::of(data.as_ref()) {
        d.registry.add(vm, subclass)?;
    }
    vm.state::<Version>().0 += 1;
    if let Some(own) = TypeRef::new(own) {
        let inherited = [TypeFlags::SEQUENCE, TypeFlags::MAPPING].into_iter().filter(|f| own.has(*f));
        let flags = inherited.fold(0, |all, f| all | f);
        if flags != 0 {
            spread_flags(vm, added, flags)?;
        }
    }
    Ok(subclass.owned())
}

/// A class and those derived from it, but for built-in ones: a `str` is registered and yet no sequence to `match`.
fn spread_flags(vm: &mut Vm, class: TypeRef<'_>, flags: u32) -> PyResult<()> {
    let mut waiting = vec![class.owned()];
    while let Some(c) = waiting.pop() {
        if let Some(t) = TypeRef::new(c.as_ref()).filter(|t| t.is_heap_type()) {
            vm.add_class_flags(t, flags);
            let type_ = vm.types().type_;
            let list = vm.get_attr_name(type_.as_ref(), "__subclasses__")?;
            let list = vm.call(list.as_ref(), &[c.as_ref()])?;
            waiting.extend(vm.items_of(list.as_ref()));
        }
    }
    Ok(())
}

fn instancecheck(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let (own, instance) = (args.get(0), args.get(1));
    let data = data_of(vm, own)?;
    let Some(d) = data::of(data.as_ref()) else { return Ok(owned_bool(false)) };
    let key = vm.names().__class__;
    let actual = vm.class_of(instance).owned();
    let subclass = vm.get_attr_opt(instance, key)?.unwrap_or_else(|| actual.clone());
    if d.cache.has(vm, subclass.as_ref())? {
        return Ok(owned_bool(true));
    }
    let check = vm.get_attr_name(own, "__subclasscheck__")?;
    if subclass.as_ref().is(actual.as_ref()) {
        let version = vm.state::<Version>().0;
        if d.version.get() == version && d.negative.has(vm, subclass.as_ref())? {
            return Ok(owned_bool(false));
        }
        return vm.call(check.as_ref(), &[subclass.as_ref()]);
    }
    let first = vm.call(check.as_ref(), &[subclass.as_ref()])?;
    if vm.is_true(first.as_ref())? {
        return Ok(first);
    }
    vm.call(check.as_ref(), &[actual.as_ref()])
}

fn subclasscheck(vm: &mut Vm, own: Ref<'_>, subclass: Ref<'_>) -> PyResult<bool> {
    vm.check_native_stack()?;
    if TypeRef::new(subclass).is_none() {
        return Err(vm.type_error("issubclass() arg 1 must be a class"));
    }
    let data = data_of(vm, own)?;
    let Some(d) = data::of(data.as_ref()) else { return Ok(false) };
    if d.cache.has(vm, subclass)? {
        return Ok(true);
    }
    let version = vm.state::<Version>().0;
    if d.version.get() < version {
        d.negative.clear(vm)?;
        d.version.set(version);
    } else if d.negative.has(vm, subclass)? {
        return Ok(false);
    }
    let found = search(vm, own, subclass, &d.registry)?;
    if found {
        d.cache.add(vm, subclass)?
    } else {
        d.negative.add(vm, subclass)?
    }
    Ok(found)
}

/// The answer without the caches: the hook, the bases, the registered classes, the subclasses.
fn search(vm: &mut Vm, own: Ref<'_>, subclass: Ref<'_>, registry: &WeakDict) -> PyResult<bool> {
    let ok = vm.call_method(own, "__subclasshook__", &[subclass])?;
    if ok.value() == hognose_vm::TRUE || ok.value() == hognose_vm::FALSE {
        return Ok(ok.value() == hognose_vm::TRUE);
    }
    if ok.value() != hognose_vm::NOT_IMPLEMENTED {
        let message = "__subclasshook__ must return either False, True, or NotImplemented";
        return Err(vm.raise(crate::prelude::Exc::AssertionError, message));
    }
    if let (Some(c), Some(o)) = (TypeRef::new(subclass), TypeRef::new(own))
        && c.is_subclass_of(o)
    {
        return Ok(true);
    }
    for registered in registry.living(vm)? {
        if vm.issubclass(subclass, registered.as_ref())? {
            return Ok(true);
        }
    }
    let subclasses = vm.call_method(own, "__subclasses__", &[])?;
    if !subclasses.as_ref().has_layout(Layout::List) {
        return Err(vm.type_error("__subclasses__() must return a list"));
    }
    for c in vm.items_of(subclasses.as_ref()) {
        if vm.issubclass(subclass, c.as_ref())? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn dump(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let data = data_of(vm, args.get(0))?;
    let Some(d) = data::of(data.as_ref()) else { return Ok(none()) };
    let mut parts: Vec<Owned> = Vec::new();
    for dict in [&d.registry, &d.cache, &d.negative] {
        let refs = dict.references(vm)?;
        let list = vm.new_list(refs)?;
        let set = vm.types().set;
        parts.push(vm.call(set.as_ref(), &[list.as_ref()])?);
    }
    parts.push(vm.new_int(d.version.get())?);
    vm.new_tuple(parts)
}
