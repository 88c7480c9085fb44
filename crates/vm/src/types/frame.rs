//! The type `frame`: what Python sees of a call that runs or has ended.
//!
//! While the call runs its registers are on the value stack; afterwards the frame object holds their last values.
#![allow(unsafe_code, reason = "fields are reached through raw headers")]

use super::traceback::code_info;
use crate::args::{Args, GetSetDef, NativeDef};
use crate::define::TypeDef;
use crate::type_slots::Slots;
use crate::{PyResult, Vm};
use hognose_object::objects::FrameObj;
use hognose_object::{Layout, Owned, Ref, Value, ValueExt, none, owned_bool};

/// `frame`
pub static TYPE: TypeDef = TypeDef {
    name: "frame",
    layout: Layout::Frame,
    slots: Slots { repr: Some(repr), ..Slots::NONE },
    methods: &[NativeDef::method("clear", "$self, /", clear)],
    getset: &[
        GetSetDef::read("f_back", |vm, r| Ok(vm.frame_back(r)?.unwrap_or_else(none))),
        GetSetDef::read("f_code", |_, r| Ok(child(r, |f| f.code))),
        GetSetDef::read("f_globals", |_, r| Ok(child(r, |f| f.globals))),
        GetSetDef::read("f_builtins", |vm, _| Ok(vm.builtins().owned())),
        GetSetDef::read("f_locals", |vm, r| {
            if vm.frame_is_optimized(r) { super::locals_proxy::proxy_of(vm, r) } else { vm.frame_locals(r) }
        }),
        GetSetDef::read("f_lineno", lineno),
        GetSetDef::read("f_lasti", |vm, r| vm.new_int(i64::from(vm.frame_pc(r)) * 2)),
        GetSetDef::write("f_trace", |_, _| Ok(none()), set_trace),
        GetSetDef::write("f_trace_lines", |_, _| Ok(owned_bool(true)), set_flag),
        GetSetDef::write("f_trace_opcodes", |_, _| Ok(owned_bool(false)), set_flag),
    ],
    ..TypeDef::EMPTY
};

fn obj(r: Ref<'_>) -> Option<*mut FrameObj> {
    r.has_layout(Layout::Frame).then(|| r.value().header().cast())
}

fn child(r: Ref<'_>, field: fn(&FrameObj) -> Value) -> Owned {
    let Some(f) = obj(r) else { return none() };
    // SAFETY: the layout was checked; the frame owns what its fields hold.
    unsafe {
        let v = field(&*f);
        if v.is_null() { none() } else { Ref::from_value(v).owned() }
    }
}

/// The line a frame is at, 0 when it has none.
pub fn line_of(vm: &Vm, frame: Ref<'_>) -> u32 {
    let pc = vm.frame_pc(frame);
    code_info(frame).map_or(0, |c| c.data.position_at(pc).line)
}

fn lineno(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    match line_of(vm, r) {
        0 => Ok(none()),
        line => vm.new_int(i64::from(line)),
    }
}

fn set_trace(vm: &mut Vm, _r: Ref<'_>, value: Option<Ref<'_>>) -> PyResult<()> {
    match value {
        Some(v) if !v.is_none() => Err(vm.runtime_error("tracing is not supported")),
        _ => Ok(()),
    }
}

fn set_flag(vm: &mut Vm, _r: Ref<'_>, value: Option<Ref<'_>>) -> PyResult<()> {
    match value {
        None => Err(vm.type_error("can't delete numeric/char attribute")),
        Some(v) if v.is_bool() => Ok(()),
        Some(_) => Err(vm.type_error("attribute value type must be bool")),
    }
}

fn repr(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let line = line_of(vm, r);
    let (name, filename) = code_info(r).map_or_else(Default::default, |c| (c.name, c.filename));
    let filename = vm.new_str(&filename)?;
    let filename = vm.repr_text(filename.as_ref())?;
    let at = r.value().bits();
    vm.new_str(&format!("<frame at {at:#x}, file {filename}, line {line}, code {name}>"))
}

/// `frame.clear()`: lets go of the locals of a call that has ended.
fn clear(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let Some(f) = obj(args.get(0)) else { return Ok(none()) };
    // SAFETY: the layout was checked; a plain word.
    let running = unsafe { (*f).depth } != u32::MAX;
    if running {
        return Err(vm.runtime_error("cannot clear an executing frame"));
    }
    // SAFETY: the field owned the old value.
    let old = unsafe { std::mem::replace(&mut (*f).locals, Value::NULL) };
    // SAFETY: the field gave it up.
    drop(unsafe { Owned::from_value(old) });
    Ok(none())
}
