//! Classes whose bases change: `C.__bases__ = …`, and metaclasses with an `mro` of their own.
//!
//! Invariant: a class is on the list of subclasses of exactly the classes in its `__bases__`; the mro of everything
//! below it follows from them.
#![allow(unsafe_code, reason = "writes fields of class objects")]

use super::make::defining_class;
use super::type_::compute_mro;
use crate::call::tuple_items;
use crate::class::TypeRef;
use crate::{PyResult, Vm};
use hognose_object::types::TypeFlags;
use hognose_object::{Layout, Owned, Ref, ValueExt};

/// `type.__bases__ = …`
pub(super) fn set_bases(vm: &mut Vm, r: Ref<'_>, v: Option<Ref<'_>>) -> PyResult<()> {
    let Some(class) = TypeRef::new(r) else { return Err(vm.type_error("a class is required")) };
    let name = class.name();
    if !class.is_heap_type() {
        let message = format!("cannot set '__bases__' attribute of immutable type '{name}'");
        return Err(vm.type_error(&message));
    }
    let Some(v) = v else {
        return Err(vm.type_error(&format!("cannot delete '__bases__' attribute of immutable type '{name}'")));
    };
    if !v.has_layout(Layout::Tuple) {
        let given = vm.type_name(v);
        return Err(vm.type_error(&format!("can only assign tuple to {name}.__bases__, not {given}")));
    }
    let bases = base_classes(vm, class, v)?;
    let base = vm.best_base(&bases)?;
    same_layout(vm, class, base)?;
    vm.check_native_stack()?;
    replace_bases(vm, class, v, base)
}

/// The classes of the tuple, checked.
fn base_classes<'a>(vm: &mut Vm, class: TypeRef<'_>, v: Ref<'a>) -> PyResult<Vec<TypeRef<'a>>> {
    let name = class.name();
    let items = tuple_items(v);
    if items.is_empty() {
        return Err(vm.type_error(&format!("can only assign non-empty tuple to {name}.__bases__, not ()")));
    }
    let mut bases = Vec::new();
    for item in items {
        let Some(b) = TypeRef::new(*item) else {
            let given = vm.type_name(*item);
            return Err(vm.type_error(&format!("{name}.__bases__ must be tuple of classes, not '{given}'")));
        };
        if b.is_subclass_of(class) {
            return Err(vm.type_error("a __bases__ item causes an inheritance cycle"));
        }
        bases.push(b);
    }
    Ok(bases)
}

/// Instances must look the same with the new base.
fn same_layout(vm: &mut Vm, class: TypeRef<'_>, new: TypeRef<'_>) -> PyResult<()> {
    let Some(old) = class.base() else { return Ok(()) };
    let shape = |c: TypeRef<'_>| {
        // SAFETY: the class is alive.
        let members = unsafe { (*c.ptr()).nmembers };
        (c.layout(), c.value_layout(), members, c.has(TypeFlags::HAS_DICT), c.has(TypeFlags::HAS_WEAKREF))
    };
    if shape(old) == shape(new) {
        return Ok(());
    }
    let (new, old) = (new.name(), old.name());
    Err(vm.type_error(&format!("__bases__ assignment: '{new}' object layout differs from '{old}'")))
}

fn replace_bases(vm: &mut Vm, class: TypeRef<'_>, bases: Ref<'_>, base: TypeRef<'_>) -> PyResult<()> {
    // SAFETY: the class is alive and owns its fields; what is replaced stays alive until the end.
    unsafe {
        let t = class.ptr();
        let old = std::mem::replace(&mut (*t).bases, bases.owned().into_value());
        let old = Owned::from_value(old);
        let old_base = std::mem::replace(&mut (*t).base, base.ptr());
        if let Err(e) = renew_mro(vm, class) {
            drop(Owned::from_value(std::mem::replace(&mut (*t).bases, old.into_value())));
            (*t).base = old_base;
            if let Err(second) = renew_mro(vm, class) {
                vm.discard(second);
            }
            return Err(e);
        }
        for b in tuple_items(old.as_ref()) {
            if let Some(b) = TypeRef::new(*b) {
                (*b.ptr()).remove_subclass(t);
            }
        }
        for b in tuple_items(bases) {
            if let Some(b) = TypeRef::new(*b) {
                (*b.ptr()).subclasses.push(&vm.heap, t)?;
            }
        }
    }
    vm.new_epoch();
    vm.update_tree(class)
}

/// Computes the mro of a class and of all below it.
fn renew_mro(vm: &mut Vm, class: TypeRef<'_>) -> PyResult<()> {
    vm.check_native_stack()?;
    let held = class.bases().owned();
    let bases: Vec<TypeRef<'_>> =
        tuple_items(held.as_ref()).iter().filter_map(|b| TypeRef::new(*b)).collect();
    let mro = compute_mro(vm, class, &bases)?;
    replace_mro(class, mro);
    vm.custom_mro(class)?;
    vm.new_epoch();
    for sub in vm.direct_subclasses(class) {
        if let Some(sub) = TypeRef::new(sub.as_ref()) {
            renew_mro(vm, sub)?;
        }
    }
    Ok(())
}

fn replace_mro(class: TypeRef<'_>, mro: Owned) {
    // SAFETY: the class is alive and owns its mro.
    unsafe { drop(Owned::from_value(std::mem::replace(&mut (*class.ptr()).mro, mro.into_value()))) };
}

impl Vm {
    /// Slots of a new class, by the order its metaclass wants.
    pub(crate) fn first_slots(&mut self, class: TypeRef<'_>) -> PyResult<()> {
        self.update_slots(class)?;
        if self.custom_mro(class)? { self.update_slots(class) } else { Ok(()) }
    }

    /// A metaclass with a method `mro` of its own decides the order; `true`: it did.
    pub(crate) fn custom_mro(&mut self, class: TypeRef<'_>) -> PyResult<bool> {
        let meta = self.class_of(class.as_ref());
        if meta == self.types.type_ {
            return Ok(false);
        }
        let name = self.intern("mro")?;
        if !defining_class(meta, name.as_ref()).is_some_and(TypeRef::is_heap_type) {
            return Ok(false);
        }
        let Some(order) = self.call_special(class.as_ref(), name.as_ref(), &[])? else { return Ok(false) };
        let items = self.collect(order.as_ref())?;
        for item in &items {
            let Some(c) = TypeRef::new(item.as_ref()) else {
                let given = self.type_name(item.as_ref());
                return Err(self.type_error(&format!("mro() returned a non-class ('{given}')")));
            };
            let fits = class.base().is_none_or(|b| b.layout() == c.layout() || b.is_subclass_of(c));
            if c != class && !fits && c.layout() != class.layout() {
                let name = c.name();
                return Err(
                    self.type_error(&format!("mro() returned base with unsuitable layout ('{name}')"))
                );
            }
        }
        if items.is_empty() {
            return Err(self.type_error("type MRO must not be empty"));
        }
        let mro = self.new_tuple(items)?;
        replace_mro(class, mro);
        Ok(true)
    }
}
