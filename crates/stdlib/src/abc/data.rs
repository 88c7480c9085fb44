//! `_abc._abc_data`: what an abstract base class remembers.

use crate::prelude::{Owned, PyResult, Ref, TypeDef, Vm, payload};
use hognose_vm::{DictRef, WeakRef};
use std::cell::Cell;

/// Dead entries are looked for when a dict has grown to this many.
const SWEEP_MIN: usize = 64;

/// Address → weak reference.
pub(super) struct WeakDict {
    dict: Owned,
    sweep_at: Cell<usize>,
}

/// The three dicts of a class.
pub(super) struct Data {
    pub(super) registry: WeakDict,
    pub(super) cache: WeakDict,
    pub(super) negative: WeakDict,
    pub(super) version: Cell<i64>,
}

#[allow(unsafe_code, reason = "names the fields that own references")]
mod tracing {
    use super::Data;
    use crate::prelude::Trace;

    // SAFETY: the dicts are all that hold references.
    unsafe impl Trace for Data {
        fn trace(&self, visit: &mut dyn FnMut(hognose_vm::object::Value)) {
            for d in [&self.registry, &self.cache, &self.negative] {
                d.dict.trace(visit);
            }
        }
    }
}

static TYPE: TypeDef =
    TypeDef { name: "_abc._abc_data", doc: "Internal state held by ABC machinery.", ..TypeDef::EMPTY };

pub(super) fn add_type(vm: &mut Vm) -> PyResult<()> {
    vm.add_native_type::<Data>(&TYPE).map(drop)
}

pub(super) fn of(r: Ref<'_>) -> Option<&Data> {
    payload::<Data>(r)
}

/// Empty data.
pub(super) fn new(vm: &mut Vm, version: i64) -> PyResult {
    let dict =
        || -> PyResult<WeakDict> { Ok(WeakDict { dict: vm.new_dict()?, sweep_at: Cell::new(SWEEP_MIN) }) };
    let (registry, cache, negative) = (dict()?, dict()?, dict()?);
    vm.new_native(Data { registry, cache, negative, version: Cell::new(version) })
}

impl WeakDict {
    fn key(vm: &Vm, class: Ref<'_>) -> PyResult {
        // Even addresses, divided so that they are small ints.
        vm.new_int((class.value().bits() >> 3) as i64)
    }

    /// Is this class in it?
    pub(super) fn has(&self, vm: &mut Vm, class: Ref<'_>) -> PyResult<bool> {
        let key = Self::key(vm, class)?;
        let Some(r) = vm.dict_get(self.dict.as_ref(), key.as_ref())? else { return Ok(false) };
        Ok(vm.weakref_get(r.as_ref()).is_some_and(|c| c.as_ref().is(class)))
    }

    /// Adds a class.
    pub(super) fn add(&self, vm: &mut Vm, class: Ref<'_>) -> PyResult<()> {
        let Some(kind) = vm.native_class::<WeakRef>() else { return Ok(()) };
        let (key, reference) = (Self::key(vm, class)?, vm.weakref_new(kind, class, None)?);
        vm.dict_set(self.dict.as_ref(), key.as_ref(), reference.as_ref())?;
        if self.entries().len() >= self.sweep_at.get() {
            self.sweep(vm)?;
        }
        Ok(())
    }

    fn entries(&self) -> Vec<(Owned, Owned)> {
        DictRef::new(self.dict.as_ref()).map_or_else(Vec::new, |d| d.to_vec())
    }

    fn sweep(&self, vm: &mut Vm) -> PyResult<()> {
        let mut left = 0;
        for (k, r) in self.entries() {
            if vm.weakref_get(r.as_ref()).is_none() {
                vm.dict_del(self.dict.as_ref(), k.as_ref())?;
            } else {
                left += 1;
            }
        }
        self.sweep_at.set((2 * left).max(SWEEP_MIN));
        Ok(())
    }

    /// Forgets all.
    pub(super) fn clear(&self, vm: &mut Vm) -> PyResult<()> {
        vm.call_method(self.dict.as_ref(), "clear", &[]).map(drop)
    }

    /// The classes that are alive.
    pub(super) fn living(&self, vm: &mut Vm) -> PyResult<Vec<Owned>> {
        Ok(self.entries().iter().filter_map(|(_, r)| vm.weakref_get(r.as_ref())).collect())
    }

    /// The weak references to those.
    pub(super) fn references(&self, vm: &mut Vm) -> PyResult<Vec<Owned>> {
        let mut entries = self.entries();
        entries.retain(|(_, r)| vm.weakref_get(r.as_ref()).is_some());
        Ok(entries.into_iter().map(|(_, r)| r).collect())
    }
}
