//! Questions about the object graph: which objects there are, what they refer to, what refers to them.
#![allow(unsafe_code, reason = "turns words found by walking the heap into references")]

use super::generation_argument;
use hognose_vm::heap::flags;
use hognose_vm::object::tuple::TupleRef;
use hognose_vm::{Args, Layout, Owned, PyResult, Ref, Value, ValueExt, Vm, owned_bool};

/// May `v` hold references, and so take part in a cycle, as CPython tracks objects?
fn tracked(vm: &Vm, v: Value) -> bool {
    let Some(kind) = v.object_kind() else { return false };
    if !vm.heap().vtable(kind).traced {
        return false;
    }
    match v.layout_of() {
        // A tuple of untracked items is not tracked.
        Some(Layout::Tuple) if v.is_exact(Layout::Tuple) => {
            // SAFETY: the caller's word is a live object.
            let r = unsafe { Ref::from_value(v) };
            TupleRef::new(r).is_some_and(|t| t.items().iter().any(|i| shallow_tracked(vm, i.value())))
        }
        Some(Layout::Range | Layout::RangeIter | Layout::Code) => false,
        Some(Layout::Instance) => {
            // SAFETY: as above.
            let class = vm.class_of(unsafe { Ref::from_value(v) });
            class.base().is_some()
        }
        _ => true,
    }
}

fn shallow_tracked(vm: &Vm, v: Value) -> bool {
    v.object_kind().is_some_and(|k| vm.heap().vtable(k).traced)
        && !matches!(v.layout_of(), Some(Layout::Range | Layout::RangeIter | Layout::Code))
}

fn all_tracked(vm: &Vm) -> Vec<Owned> {
    let mut out = Vec::new();
    let mut words = Vec::new();
    vm.heap().for_each_object(&mut |v| words.push(v));
    for v in words {
        // SAFETY: found alive, and nothing was freed since; dead ones are skipped.
        unsafe {
            if !(*v.header()).has_flag(flags::DEAD) && tracked(vm, v) {
                out.push(Ref::from_value(v).owned());
            }
        }
    }
    out
}

/// How many objects are tracked.
pub(super) fn tracked_count(vm: &Vm) -> usize {
    all_tracked(vm).len()
}

pub(super) fn get_objects(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    generation_argument(vm, args.opt(0))?;
    let all = all_tracked(vm);
    vm.new_list(all)
}

pub(super) fn get_referents(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let mut out = Vec::new();
    for object in args.pos {
        if !tracked(vm, object.value()) {
            continue;
        }
        let start = out.len();
        vm.heap().trace(object.value(), &mut |child| out.push(child));
        if object.layout_of() == Some(Layout::List) || object.layout_of() == Some(Layout::Tuple) {
            out.truncate(start);
            out.extend(vm.items_of(*object).iter().rev().map(Owned::value));
        } else if let Some(dict) = hognose_vm::DictRef::new(*object) {
            out.truncate(start);
            out.extend(dict.to_vec().iter().flat_map(|(k, v)| [v.value(), k.value()]));
        }
    }
    // SAFETY: children of the arguments, which are alive and unchanged since.
    let items = out.into_iter().map(|v| unsafe { Ref::from_value(v).owned() }).collect();
    vm.new_list(items)
}

pub(super) fn get_referrers(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let wanted: Vec<Value> = args.pos.iter().map(|r| r.value()).filter(|v| v.is_ptr()).collect();
    let mut out = Vec::new();
    for object in all_tracked(vm) {
        let mut refers = false;
        vm.heap().trace(object.value(), &mut |child| refers |= wanted.contains(&child));
        if refers {
            out.push(object);
        }
    }
    vm.new_list(out)
}

pub(super) fn is_tracked(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    Ok(owned_bool(tracked(vm, args.get(0).value())))
}

pub(super) fn is_finalized(_vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let v = args.get(0).value();
    // SAFETY: an argument is alive.
    Ok(owned_bool(v.is_ptr() && unsafe { (*v.header()).has_flag(flags::FINALIZED) }))
}
