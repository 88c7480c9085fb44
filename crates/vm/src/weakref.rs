//! Weak references: the table from referents to references, clearing, callbacks.
//!
//! A reference object does not count; the referent's header says that the table has an entry for it, so its death passes
//! through the machine (gc.rs), which clears the references first.
#![allow(unsafe_code, reason = "the table maps addresses of objects that cannot die unnoticed")]

use crate::class::TypeRef;
use crate::{PyResult, Vm};
use hognose_heap::flags;
use hognose_object::native::payload;
use hognose_object::types::TypeFlags;
use hognose_object::{Layout, Owned, Ref, Value, ValueExt, trace_fields};
use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};

/// Payload of a weak reference or proxy.
pub struct WeakRef {
    /// The referent's word; 0 when it is gone.
    target: Cell<u64>,
    /// NULL: none.
    callback: RefCell<Owned>,
    /// Hash of the referent once asked for; -1 before.
    pub hash: Cell<i64>,
}
trace_fields!(WeakRef { callback });

/// References by referent: addresses of reference objects, oldest first. A dying reference takes itself out.
#[derive(Default)]
pub(crate) struct WeakTable(HashMap<u64, Vec<u64>>);

impl Vm {
    /// A weak reference of `class` (a type with payload [`WeakRef`]) to `target`; without a callback an existing one of
    /// the exact class is shared.
    pub fn weakref_new(
        &mut self,
        class: TypeRef<'_>,
        target: Ref<'_>,
        callback: Option<Ref<'_>>,
    ) -> PyResult {
        if !self.can_be_weakly_referenced(target) {
            let name = self.type_name(target);
            return Err(self.type_error(&format!("cannot create weak reference to '{name}' object")));
        }
        let callback = callback.filter(|c| !c.is_none());
        if callback.is_none() && !class.is_heap_type() {
            for r in self.weakrefs_of(target) {
                let plain = payload::<WeakRef>(r.as_ref()).is_some_and(|w| w.callback.borrow().is_null());
                if plain && self.class_of(r.as_ref()) == class {
                    return Ok(r);
                }
            }
        }
        let w = WeakRef {
            target: Cell::new(target.value().bits()),
            callback: RefCell::new(callback.map_or_else(Owned::null, |c| c.owned())),
            hash: Cell::new(-1),
        };
        let o = self.new_native_of(class, w)?;
        self.weakrefs.0.entry(target.value().bits()).or_default().push(o.value().bits());
        // SAFETY: both are alive; their deaths now pass through the machine.
        unsafe {
            (*target.value().header()).set_flag(flags::HAS_WEAKREF);
            (*o.value().header()).set_flag(flags::HAS_WEAKREF);
        }
        Ok(o)
    }

    fn can_be_weakly_referenced(&self, r: Ref<'_>) -> bool {
        let class = self.class_of(r);
        if class.has(TypeFlags::HAS_WEAKREF) {
            return true;
        }
        match r.layout_of() {
            Some(Layout::Set | Layout::FrozenSet | Layout::Function | Layout::Type | Layout::Generator) => {
                true
            }
            Some(Layout::NativeFunction | Layout::Module | Layout::BoundMethod | Layout::Code) => true,
            Some(Layout::Native) => !class.is_heap_type(),
            _ => false,
        }
    }

    /// The referent, if it lives. NULL when `r` is no weak reference.
    pub fn weakref_get(&self, r: Ref<'_>) -> Option<Owned> {
        let w = payload::<WeakRef>(r)?;
        let bits = w.target.get();
        if bits == 0 {
            return None;
        }
        // SAFETY: the referent's death clears this first, so it is alive.
        Some(unsafe { Ref::from_value(value_at(bits)) }.owned())
    }

    /// Its callback, if it has one.
    pub fn weakref_callback(&self, r: Ref<'_>) -> Option<Owned> {
        let w = payload::<WeakRef>(r)?;
        let c = w.callback.borrow();
        (!c.is_null()).then(|| c.clone())
    }

    /// All living references to an object, oldest first.
    pub fn weakrefs_of(&self, target: Ref<'_>) -> Vec<Owned> {
        let Some(list) = self.weakrefs.0.get(&target.value().bits()) else { return Vec::new() };
        // SAFETY: the table holds living references only: a dying one takes itself out.
        list.iter().map(|&b| unsafe { Ref::from_value(value_at(b)) }.owned()).collect()
    }

    /// A dying object: its references are cleared, then callbacks called, the most recent first. If it is itself a
    /// reference, it leaves the table.
    pub(crate) fn clear_weakrefs(&mut self, target: Ref<'_>) {
        self.forget_reference(target);
        let cleared = self.take_references(target);
        self.call_callbacks(cleared);
    }

    /// The same for garbage found by the collector: callbacks of references that are garbage themselves are not called.
    pub(crate) fn clear_weakrefs_of_garbage(&mut self, target: Ref<'_>, doomed: &HashSet<u64>) {
        self.forget_reference(target);
        let mut cleared = self.take_references(target);
        cleared.retain(|(r, _)| !doomed.contains(&r.value().bits()));
        self.call_callbacks(cleared);
        // SAFETY: the garbage is kept alive by the collector's handles.
        unsafe { (*target.value().header()).clear_flag(flags::HAS_WEAKREF) };
    }

    fn forget_reference(&mut self, r: Ref<'_>) {
        let Some(w) = payload::<WeakRef>(r) else { return };
        let target = w.target.replace(0);
        if let Some(list) = self.weakrefs.0.get_mut(&target) {
            list.retain(|&b| b != r.value().bits());
            if list.is_empty() {
                self.weakrefs.0.remove(&target);
            }
        }
    }

    /// Clears all references to an object; gives those with callbacks.
    fn take_references(&mut self, target: Ref<'_>) -> Vec<(Owned, Owned)> {
        let list = self.weakrefs.0.remove(&target.value().bits()).unwrap_or_default();
        let mut out = Vec::new();
        for bits in list {
            // SAFETY: the table holds living references only.
            let r = unsafe { Ref::from_value(value_at(bits)) }.owned();
            let Some(w) = payload::<WeakRef>(r.as_ref()) else { continue };
            w.target.set(0);
            let callback = w.callback.replace(Owned::null());
            if !callback.is_null() {
                out.push((r, callback));
            }
        }
        out
    }

    fn call_callbacks(&mut self, cleared: Vec<(Owned, Owned)>) {
        if cleared.is_empty() {
            return;
        }
        let in_flight = std::mem::replace(&mut self.raised, Value::NULL);
        for (r, callback) in cleared.into_iter().rev() {
            if let Err(e) = self.call(callback.as_ref(), &[r.as_ref()]) {
                let what = "Exception ignored while calling weakref callback ";
                self.write_unraisable_in(e, what, Some(callback.as_ref()));
            }
        }
        // SAFETY: what was raised meanwhile was reported; the slot is given back what it held.
        unsafe { drop(Owned::from_value(std::mem::replace(&mut self.raised, in_flight))) };
    }
}

/// The value with these bits, an object's address.
fn value_at(bits: u64) -> Value {
    Value::from_ptr(std::ptr::with_exposed_provenance_mut(bits as usize))
}
