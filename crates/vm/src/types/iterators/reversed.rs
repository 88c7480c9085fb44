//! `reversed`: what `__reversed__` gives, or an iterator that counts down through `__getitem__`.

use super::{own_iter, payload_of, state_index};
use crate::args::{Args, NativeDef};
use crate::define::TypeDef;
use crate::exceptions::Exc;
use crate::type_slots::Slots;
use crate::types::list::class_arg;
use crate::{PyResult, Vm};
use hognose_object::types::TypeFlags;
use hognose_object::{Layout, Owned, Ref, ValueExt, none, trace_fields};
use std::cell::{Cell, RefCell};

/// `reversed`
pub static REVERSED: TypeDef = TypeDef {
    name: "reversed",
    layout: Layout::Native,
    doc: "Return a reverse iterator over the values of the given sequence.",
    flags: TypeFlags::BASE_TYPE,
    slots: Slots { iter: Some(own_iter), next: Some(reversed_next), new: Some(reversed_new), ..Slots::NONE },
    methods: &[
        NativeDef::method("__length_hint__", "$self, /", reversed_hint),
        NativeDef::method("__reduce__", "$self, /", reversed_reduce),
        NativeDef::method("__setstate__", "$self, object, /", reversed_setstate),
    ],
    ..TypeDef::EMPTY
};

/// Payload of [`REVERSED`].
pub struct Reversed {
    /// NULL when exhausted.
    seq: RefCell<Owned>,
    /// Next index; below 0 at the end.
    index: Cell<isize>,
}
trace_fields!(Reversed { seq });

fn reversed_new(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let class = class_arg(vm, args)?;
    if !args.kwnames.is_empty() && Some(class) == vm.native_class::<Reversed>() {
        return Err(vm.type_error("reversed() takes no keyword arguments"));
    }
    let [seq] = *args.rest(1) else {
        let n = args.rest(1).len();
        return Err(vm.type_error(&format!("reversed expected 1 argument, got {n}")));
    };
    let name = vm.names.__reversed__;
    let method = vm.find_special(seq, name)?;
    let is_none = method.as_ref().is_some_and(|(f, _)| f.as_ref().is_none());
    if let Some((f, bound)) = method.filter(|_| !is_none) {
        return if bound { vm.call(f.as_ref(), &[]) } else { vm.call(f.as_ref(), &[seq]) };
    }
    if is_none || vm.class_of(seq).slots().getitem.is_none() || seq.has_layout(Layout::Dict) {
        let class = vm.type_name(seq);
        return Err(vm.type_error(&format!("'{class}' object is not reversible")));
    }
    let n = vm.len(seq)? as isize;
    vm.new_native_of(class, Reversed { seq: RefCell::new(seq.owned()), index: Cell::new(n - 1) })
}

fn reversed_next(vm: &mut Vm, r: Ref<'_>) -> PyResult<Option<Owned>> {
    let it = payload_of::<Reversed>(vm, r)?;
    let seq = it.seq.borrow().clone();
    let i = it.index.get();
    if i >= 0 && !seq.is_null() {
        let index = vm.new_int(i as i64)?;
        match vm.get_item(seq.as_ref(), index.as_ref()) {
            Ok(item) => {
                it.index.set(i - 1);
                return Ok(Some(item));
            }
            Err(e) if vm.raised_is(&e, Exc::IndexError) || vm.raised_is(&e, Exc::StopIteration) => {
                vm.discard(e);
            }
            Err(e) => return Err(e),
        }
    }
    it.index.set(-1);
    drop(it.seq.replace(Owned::null()));
    Ok(None)
}

fn reversed_hint(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let it = payload_of::<Reversed>(vm, args.get(0))?;
    let seq = it.seq.borrow().clone();
    if seq.is_null() {
        return vm.new_int(0);
    }
    let n = vm.len(seq.as_ref())? as isize;
    let left = it.index.get() + 1;
    vm.new_int(if n < left { 0 } else { left as i64 })
}

fn reversed_reduce(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let it = payload_of::<Reversed>(vm, args.get(0))?;
    let seq = it.seq.borrow().clone();
    let class = vm.class_of(args.get(0)).owned();
    if seq.is_null() {
        let empty = vm.empty_tuple.owned();
        let args = vm.new_tuple(vec![empty])?;
        return vm.new_pair(class, args);
    }
    let i = vm.new_int(it.index.get() as i64)?;
    let args = vm.new_tuple(vec![seq])?;
    vm.new_tuple(vec![class, args, i])
}

fn reversed_setstate(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let i = state_index(vm, args.get(1))?;
    let it = payload_of::<Reversed>(vm, args.get(0))?;
    let seq = it.seq.borrow().clone();
    if !seq.is_null() {
        let n = vm.len(seq.as_ref())? as isize;
        it.index.set(i.clamp(-1, n - 1));
    }
    Ok(none())
}
