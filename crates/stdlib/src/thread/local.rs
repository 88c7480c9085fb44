//! `_thread._local`: an object with a namespace for each thread.
//!
//!   Local ──► Rc<Spaces> { (thread, dict) … } ◄── weak ── the list that the end of a thread goes through
//!
//! Invariant: the list of namespaces is not borrowed while Python code runs.

use crate::prelude::{
    Args, Owned, PyResult, Ref, Slots, Trace, TypeDef, TypeFlags, TypeRef, Vm, instance, payload, str_bytes,
};
use hognose_vm::{Value, current_ident};
use std::cell::RefCell;
use std::rc::{Rc, Weak};

struct Spaces {
    dicts: RefCell<Vec<(u64, Owned)>>,
    pos: Vec<Owned>,
    kw: Vec<(Owned, Owned)>,
}

/// The object.
pub(super) struct Local(Rc<Spaces>);

// SAFETY: visits the namespaces and the arguments, all that it owns; the list of weak references owns nothing.
#[allow(unsafe_code, reason = "lists every field that owns references")]
unsafe impl Trace for Local {
    fn trace(&self, visit: &mut dyn FnMut(Value)) {
        if let Ok(dicts) = self.0.dicts.try_borrow() {
            dicts.iter().for_each(|(_, d)| d.trace(visit));
        }
        self.0.pos.trace(visit);
        self.0.kw.trace(visit);
    }
}

/// All objects of the type that live.
#[derive(Default)]
struct All(Vec<Weak<Spaces>>);

pub(super) static LOCAL: TypeDef = TypeDef {
    name: "_thread._local",
    doc: "Thread-local data",
    flags: TypeFlags::BASE_TYPE | TypeFlags::HAS_WEAKREF,
    slots: Slots { new: Some(new), getattro: Some(getattr), setattro: Some(setattr), ..Slots::NONE },
    ..TypeDef::EMPTY
};

/// Does the class have an `__init__` of its own?
fn has_init(vm: &mut Vm, class: TypeRef<'_>) -> PyResult<bool> {
    let object = vm.types().object;
    let own = vm.get_attr_name(class.as_ref(), "__init__")?;
    let plain = vm.get_attr_name(object.as_ref(), "__init__")?;
    Ok(!own.as_ref().is(plain.as_ref()))
}

fn new(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let pos: Vec<Owned> = args.rest(1).iter().map(|a| a.owned()).collect();
    let kw: Vec<(Owned, Owned)> =
        args.kwnames.iter().zip(args.kwvalues).map(|(n, v)| (n.owned(), v.owned())).collect();
    if (!pos.is_empty() || !kw.is_empty())
        && let Some(class) = TypeRef::new(args.get(0))
        && !has_init(vm, class)?
    {
        return Err(vm.type_error("Initialization arguments are not supported"));
    }
    let dict = vm.new_dict()?;
    let spaces = Rc::new(Spaces { dicts: RefCell::new(vec![(current_ident(), dict)]), pos, kw });
    let all = &mut vm.state::<All>().0;
    if all.len() == all.capacity() {
        all.retain(|w| w.strong_count() > 0);
    }
    all.push(Rc::downgrade(&spaces));
    instance(vm, args.get(0), Local(spaces))
}

/// The namespace of the calling thread; a thread's first access runs `__init__` again.
fn namespace(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let Some(local) = payload::<Local>(r) else { return Err(vm.type_error("a local is required")) };
    let me = current_ident();
    let known = local.0.dicts.borrow().iter().find(|(t, _)| *t == me).map(|(_, d)| d.clone());
    if let Some(dict) = known {
        return Ok(dict);
    }
    let dict = vm.new_dict()?;
    local.0.dicts.borrow_mut().push((me, dict.clone()));
    let class = vm.class_of(r);
    if has_init(vm, class)? {
        let init = vm.get_attr_name(class.as_ref(), "__init__")?;
        let spaces = local.0.clone();
        let mut pos = vec![r];
        pos.extend(spaces.pos.iter().map(Owned::as_ref));
        let kw: Vec<(Ref<'_>, Ref<'_>)> = spaces.kw.iter().map(|(n, v)| (n.as_ref(), v.as_ref())).collect();
        if let Err(e) = vm.call_kw(init.as_ref(), &pos, &kw) {
            let mine = take(&spaces, me);
            drop(mine);
            return Err(e);
        }
    }
    Ok(dict)
}

fn take(spaces: &Spaces, thread: u64) -> Option<Owned> {
    let mut dicts = spaces.dicts.borrow_mut();
    let i = dicts.iter().position(|(t, _)| *t == thread)?;
    Some(dicts.swap_remove(i).1)
}

fn getattr(vm: &mut Vm, r: Ref<'_>, name: Ref<'_>) -> PyResult {
    let dict = namespace(vm, r)?;
    if str_bytes(name) == b"__dict__" {
        return Ok(dict);
    }
    vm.generic_get_attr_in(r, dict.as_ref(), name)
}

fn setattr(vm: &mut Vm, r: Ref<'_>, name: Ref<'_>, value: Option<Ref<'_>>) -> PyResult<()> {
    let dict = namespace(vm, r)?;
    if str_bytes(name) == b"__dict__" {
        let class = vm.type_name(r);
        let message = format!("'{class}' object attribute '__dict__' is read-only");
        return Err(vm.attribute_error_with(&message, r, name));
    }
    vm.generic_set_attr_in(r, dict.as_ref(), name, value)
}

/// A thread has ended: what it kept goes.
pub(super) fn forget_thread(vm: &mut Vm, thread: u64) {
    let all: Vec<Rc<Spaces>> = vm.state::<All>().0.iter().filter_map(Weak::upgrade).collect();
    for spaces in all {
        let mine = take(&spaces, thread);
        drop(mine);
    }
}
