//! Attributes beyond the inline caches: loading, storing, methods, `super`, special methods of `with`.
#![allow(unsafe_code, reason = "registers and caches are reached by address")]

use super::names::name_at;
use super::ops::consume;
use crate::attr::How;
use crate::frame::{Frame, Ret, frame_flags};
use crate::run::{cache_hi, cache_lo, cache_value};
use crate::{PyResult, Vm};
use hognose_bytecode::Insn;
use hognose_object::code::CodeObj;
use hognose_object::objects::FunctionObj;
use hognose_object::{Owned, Ref, Value};

#[inline(never)]
pub(crate) unsafe fn load_attr(
    vm: &mut Vm,
    fp: *mut Frame,
    o: Value,
    name: u16,
    cache: *mut Insn,
) -> PyResult<Option<Value>> {
    // SAFETY: the frame is live, the operand too.
    unsafe {
        let (r, name) = (Ref::from_value(o), name_at(fp, usize::from(name)));
        if let Some([c0, c1]) = vm.known_site(r, name)
            && cache_lo(c0) >> 24 == How::Slot as u32
        {
            cache.write(c0);
            cache.add(1).write(c1);
            let v = *o.header().cast::<u8>().add(cache_lo(c1) as usize).cast::<Value>();
            if !v.is_null() {
                v.incref();
                return Ok(Some(v));
            }
        }
        if enter_property(vm, r, name)? {
            return Ok(None);
        }
        vm.cache_load(r, name, cache);
        Ok(Some(vm.get_attr_interned(r, name)?.into_value()))
    }
}

/// If the attribute is a property with a plain Python getter, pushes the getter's frame.
unsafe fn enter_property(vm: &mut Vm, r: Ref<'_>, name: Ref<'_>) -> PyResult<bool> {
    let class = vm.class_of(r);
    if class.slots().getattro.is_some() {
        return Ok(false);
    }
    let Some(getter) = vm.lookup(class, name).and_then(crate::types::property::plain_getter) else {
        return Ok(false);
    };
    // SAFETY: the getter is a function held by the frame while it runs; the free part of the stack is unused.
    unsafe {
        let func = getter.value().header().cast::<FunctionObj>();
        let code = (*func).code.header().cast::<CodeObj>();
        let base = vm.frames.free_values();
        if !(*code).is_simple || (*code).argcount != 1 || !vm.frame_fits(base, (*code).nregs) {
            return Ok(false);
        }
        base.write(r.owned().into_value());
        for i in 1..usize::from((*code).nlocals) {
            base.add(i).write(Value::NULL);
        }
        if !(*func).closure.is_null() {
            super::load_closure(func, base);
        }
        let fp = vm.push_frame(func, base, std::ptr::null_mut(), Ret::Attr);
        (*fp).owned = getter.into_value();
        (*fp).flags = frame_flags::OWNED;
    }
    Ok(true)
}

#[inline(never)]
pub(crate) unsafe fn store_attr(
    vm: &mut Vm,
    fp: *mut Frame,
    insn: Insn,
    base: *mut Value,
    cache: *mut Insn,
    nlocals: u16,
) -> PyResult<()> {
    // SAFETY: the frame is live, the operands too.
    unsafe {
        let o = Ref::from_value(*base.add(usize::from(insn.a)));
        let v = Ref::from_value(*base.add(usize::from(insn.b)));
        let name = name_at(fp, usize::from(insn.c));
        if let Some([c0, c1]) = vm.known_store(o, name) {
            cache.write(c0);
            cache.add(1).write(c1);
            let h = o.value().header();
            if insn.b < nlocals {
                v.value().incref();
            }
            let place = h.cast::<u8>().add(cache_lo(c1) as usize).cast::<Value>();
            let old = Owned::from_value(place.replace(v.value()));
            if cache_hi(c1) != 0 {
                (*h).set_kind(cache_hi(c1));
            }
            drop(old);
            consume(vm, base, insn.a, nlocals);
            if vm.heap.has_pending() {
                vm.finish_deaths();
            }
            return Ok(());
        }
        vm.cache_store(o, name, cache);
        match vm.class_of(o).slots().setattro {
            Some(f) => f(vm, o, name, Some(v))?,
            None => vm.generic_set_attr(o, name, Some(v))?,
        }
        consume(vm, base, insn.b, nlocals);
        consume(vm, base, insn.a, nlocals);
        if vm.heap.has_pending() {
            vm.finish_deaths();
        }
        Ok(())
    }
}

pub(crate) unsafe fn del_attr(vm: &mut Vm, fp: *mut Frame, o: Ref<'_>, name: u16) -> PyResult<()> {
    // SAFETY: the frame is live.
    let name = unsafe { name_at(fp, usize::from(name)) };
    vm.set_attr(o, name, None)?;
    vm.finish_deaths();
    Ok(())
}

#[inline(never)]
pub(crate) unsafe fn load_method(
    vm: &mut Vm,
    fp: *mut Frame,
    insn: Insn,
    base: *mut Value,
    cache: *mut Insn,
    nlocals: u16,
) -> PyResult<()> {
    // SAFETY: the frame is live; a and a+1 are temporaries, of which a may be the operand.
    unsafe {
        let o = *base.add(usize::from(insn.b));
        let (r, name) = (Ref::from_value(o), name_at(fp, usize::from(insn.c)));
        let at = base.add(usize::from(insn.a));
        if let Some([c0, c1]) = vm.known_site(r, name)
            && cache_lo(c0) >> 24 == How::Method as u32
        {
            cache.write(c0);
            cache.add(1).write(c1);
            let f = cache_value(c1);
            f.incref();
            if insn.b < nlocals {
                o.incref();
            }
            at.write(f);
            at.add(1).write(o);
            return Ok(());
        }
        match vm.find_method(r, name, cache)? {
            Some(f) => {
                if insn.b < nlocals {
                    o.incref();
                }
                at.write(f.into_value());
                at.add(1).write(o);
            }
            None => {
                let v = vm.get_attr_interned(r, name)?.into_value();
                consume(vm, base, insn.b, nlocals);
                at.write(v);
                at.add(1).write(Value::NULL);
            }
        }
        Ok(())
    }
}

/// `super(…).name`: operands b (what `super` names), b+1 (`__class__`), b+2 (the first argument) are consumed.
#[inline(never)]
pub(crate) unsafe fn load_super(
    vm: &mut Vm,
    fp: *mut Frame,
    base: *mut Value,
    insn: Insn,
    method: bool,
) -> PyResult<()> {
    // SAFETY: the frame is live; the three operands are temporaries.
    unsafe {
        let from = base.add(usize::from(insn.b));
        let name = name_at(fp, usize::from(insn.c));
        let (sup, class, obj) =
            (Ref::from_value(*from), Ref::from_value(*from.add(1)), Ref::from_value(*from.add(2)));
        let (value, bound) = if sup.is(vm.types.super_.as_ref()) {
            crate::types::super_::load(vm, class, obj, name, method)?
        } else {
            let s = vm.call(sup, &[class, obj])?;
            (vm.get_attr(s.as_ref(), name)?, true)
        };
        let (class, obj) = (*from.add(1), *from.add(2));
        let sup = *from;
        let at = base.add(usize::from(insn.a));
        at.write(value.into_value());
        if method {
            at.add(1).write(if bound { Value::NULL } else { obj });
        }
        drop(Owned::from_value(class));
        drop(Owned::from_value(sup));
        if !method || bound {
            drop(Owned::from_value(obj));
        }
        if vm.heap.has_pending() {
            vm.finish_deaths();
        }
        Ok(())
    }
}

const SPECIAL: [&str; 4] = ["__enter__", "__exit__", "__aenter__", "__aexit__"];

fn special_name(vm: &Vm, i: usize) -> Ref<'static> {
    let n = &vm.names;
    [n.__enter__, n.__exit__, n.__aenter__, n.__aexit__][i & 3]
}

/// Looks a special method of a context manager up; TypeError in CPython's words when it is missing.
fn manager_method(vm: &mut Vm, r: Ref<'_>, i: usize) -> PyResult<(Owned, bool)> {
    let name = special_name(vm, i);
    if let Some(found) = vm.find_special(r, name)? {
        return Ok(found);
    }
    let class = vm.type_name(r);
    let is_async = i >= 2;
    let protocol = if is_async { "asynchronous context manager" } else { "context manager" };
    let other = if is_async { ["__enter__", "__exit__"] } else { ["__aenter__", "__aexit__"] };
    let mut message = format!(
        "'{class}' object does not support the {protocol} protocol (missed {} method)",
        SPECIAL[i & 3]
    );
    let mut has_other = true;
    for o in other {
        let n = vm.intern(o)?;
        let c = vm.class_of(r);
        has_other &= vm.lookup(c, n.as_ref()).is_some();
    }
    if has_other {
        message.push_str(if is_async {
            " but it supports the context manager protocol. Did you mean to use 'with'?"
        } else {
            " but it supports the asynchronous context manager protocol. Did you mean to use 'async with'?"
        });
    }
    Err(vm.type_error(&message))
}

pub(crate) unsafe fn load_special(vm: &mut Vm, base: *mut Value, insn: Insn) -> PyResult<()> {
    // SAFETY: register b holds a live value; a and a+1 are free temporaries.
    unsafe {
        let r = Ref::from_value(*base.add(usize::from(insn.b)));
        let (f, bound) = manager_method(vm, r, usize::from(insn.c))?;
        let at = base.add(usize::from(insn.a));
        let own = if bound { Value::NULL } else { r.owned().into_value() };
        at.write(f.into_value());
        at.add(1).write(own);
        Ok(())
    }
}

/// The manager in a becomes `__exit__`, self, `__enter__`, self.
pub(crate) unsafe fn load_with(vm: &mut Vm, base: *mut Value, insn: Insn) -> PyResult<()> {
    // SAFETY: register a holds the manager; the three above are free temporaries.
    unsafe {
        let at = base.add(usize::from(insn.a));
        let manager = Ref::from_value(*at).owned();
        let first = if insn.b == 1 { 2 } else { 0 };
        let (exit, exit_bound) = manager_method(vm, manager.as_ref(), first + 1)?;
        let (enter, enter_bound) = manager_method(vm, manager.as_ref(), first)?;
        let own = |bound: bool| if bound { Value::NULL } else { manager.clone().into_value() };
        drop(Owned::from_value(at.replace(exit.into_value())));
        at.add(1).write(own(exit_bound));
        at.add(2).write(enter.into_value());
        at.add(3).write(own(enter_bound));
        Ok(())
    }
}
