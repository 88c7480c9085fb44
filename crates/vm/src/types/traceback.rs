//! The type `traceback`, and walking tracebacks from Rust.
//!
//!   tb ─next─► tb ─next─► NULL        each with its frame, line and pc; the innermost level is the last
#![allow(unsafe_code, reason = "fields are reached through raw headers")]

use crate::args::{Args, GetSetDef, NativeDef};
use crate::define::TypeDef;
use crate::type_slots::Slots;
use crate::types::exceptions::fields::{self, Field};
use crate::{PyResult, Vm};
use hognose_bytecode::Code;
use hognose_object::code::{CodeObj, CodePtr};
use hognose_object::objects::{FrameObj, TracebackObj};
use hognose_object::slots::alloc_with_slots;
use hognose_object::{Layout, Owned, Ref, Value, ValueExt, none};
use std::rc::Rc;

/// `traceback`
pub static TYPE: TypeDef = TypeDef {
    name: "traceback",
    layout: Layout::Traceback,
    doc: "Create a new traceback object.",
    slots: Slots { new: Some(new), ..Slots::NONE },
    methods: &[NativeDef::method("__dir__", "$self, /", dir)],
    getset: &[
        GetSetDef::write("tb_next", |_, r| Ok(next_of(r).unwrap_or_else(none)), set_next),
        GetSetDef::read("tb_frame", |_, r| Ok(frame_of(r).unwrap_or_else(none))),
        GetSetDef::read("tb_lasti", |vm, r| vm.new_int(i64::from(place_of(r).1) * 2)),
        GetSetDef::read("tb_lineno", |vm, r| vm.new_int(i64::from(place_of(r).0))),
    ],
    ..TypeDef::EMPTY
};

fn obj(tb: Ref<'_>) -> Option<*mut TracebackObj> {
    tb.has_layout(Layout::Traceback).then(|| tb.value().header().cast())
}

fn field(v: Value) -> Option<Owned> {
    // SAFETY: read from a live object, which owns it.
    (v.bits() != 0 && !v.is_null()).then(|| unsafe { Ref::from_value(v).owned() })
}

fn next_of(tb: Ref<'_>) -> Option<Owned> {
    // SAFETY: the layout was checked.
    obj(tb).and_then(|o| field(unsafe { (*o).next }))
}

fn frame_of(tb: Ref<'_>) -> Option<Owned> {
    // SAFETY: the layout was checked.
    obj(tb).and_then(|o| field(unsafe { (*o).frame }))
}

/// Line and pc.
fn place_of(tb: Ref<'_>) -> (u32, u32) {
    // SAFETY: the layout was checked.
    let (line, pc) = obj(tb).map_or((0, 0), |o| unsafe { ((*o).line, (*o).pc) });
    if line != 0 {
        return (line, pc);
    }
    // The machine leaves the line to be found from the pc.
    let frame = frame_of(tb);
    let line = frame.as_ref().and_then(|f| code_info(f.as_ref())).map_or(0, |c| c.data.position_at(pc).line);
    (line, pc)
}

/// One level of a traceback.
pub struct Level {
    /// Its frame object.
    pub frame: Owned,
    /// Line recorded when the exception passed.
    pub line: u32,
    /// pc of the instruction.
    pub pc: u32,
}

/// The levels of a traceback, outermost first.
pub fn levels(tb: Option<Owned>) -> impl Iterator<Item = Level> {
    let mut next = tb;
    std::iter::from_fn(move || {
        let tb = next.take()?;
        next = next_of(tb.as_ref());
        let (line, pc) = place_of(tb.as_ref());
        Some(Level { frame: frame_of(tb.as_ref())?, line, pc })
    })
}

/// What a traceback shows of a frame's code.
pub struct CodeInfo {
    /// `co_filename`
    pub filename: String,
    /// `co_name`
    pub name: String,
    /// The compiler's tables.
    pub data: Rc<Code>,
}

fn frame_obj(frame: Ref<'_>) -> Option<*mut FrameObj> {
    frame.has_layout(Layout::Frame).then(|| frame.value().header().cast())
}

/// The code behind a frame object.
pub fn code_info(frame: Ref<'_>) -> Option<CodeInfo> {
    let f = frame_obj(frame)?;
    // SAFETY: the layout was checked; a frame owns its code, which owns its names.
    unsafe {
        let code = (*f).code;
        if !code.has_layout(Layout::Code) {
            return None;
        }
        let code = code.header().cast::<CodeObj>();
        let text =
            |v: Value| String::from_utf8_lossy(crate::text::str_bytes(Ref::from_value(v))).into_owned();
        Some(CodeInfo {
            filename: text((*code).filename),
            name: text((*code).name),
            data: code.table().clone(),
        })
    }
}

/// `f_globals` of a frame object.
pub fn frame_globals(frame: Ref<'_>) -> Option<Owned> {
    // SAFETY: the layout was checked.
    frame_obj(frame).and_then(|f| field(unsafe { (*f).globals }))
}

/// Takes the frames of importlib out of an exception's traceback: all of them, or those that only lead from one
/// imported module to the next (each such run ends with `_call_with_frames_removed`).
pub fn trim(exc: Ref<'_>, all: bool) {
    let mut chain = Vec::new();
    let mut next = fields::get(exc, Field::Traceback);
    while let Some(tb) = next {
        next = next_of(tb.as_ref());
        chain.push(tb);
    }
    let mut kept: Vec<usize> = Vec::new();
    let mut run: Vec<usize> = Vec::new();
    for (i, tb) in chain.iter().enumerate() {
        let info = frame_of(tb.as_ref()).and_then(|f| code_info(f.as_ref()));
        let own = info.as_ref().is_some_and(|c| c.filename.starts_with("<frozen importlib."));
        if !own {
            kept.append(&mut run);
            kept.push(i);
        } else if all || info.is_some_and(|c| c.name == "_call_with_frames_removed") {
            run.clear();
        } else {
            run.push(i);
        }
    }
    kept.append(&mut run);
    if kept.len() == chain.len() {
        return;
    }
    for pair in kept.windows(2) {
        link(chain[pair[0]].as_ref(), Some(chain[pair[1]].clone()));
    }
    if let Some(&last) = kept.last() {
        link(chain[last].as_ref(), None);
    }
    fields::set(exc, Field::Traceback, kept.first().map(|&i| chain[i].clone()));
}

fn link(tb: Ref<'_>, next: Option<Owned>) {
    if let Some(o) = obj(tb) {
        // SAFETY: the field owned the old value and owns the new one; then it has given up the old one.
        unsafe {
            let old = std::mem::replace(&mut (*o).next, next.map_or(Value::NULL, Owned::into_value));
            drop(Owned::from_value(old));
        }
    }
}

fn new(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let names = ["tb_next", "tb_frame", "tb_lasti", "tb_lineno"];
    let mut given = [None; 4];
    let pos = args.rest(1);
    if pos.len() > 4 {
        let n = pos.len();
        return Err(vm.type_error(&format!("TracebackType() takes at most 4 arguments ({n} given)")));
    }
    for (place, value) in given.iter_mut().zip(pos) {
        *place = Some(*value);
    }
    for (i, name) in names.iter().enumerate() {
        given[i] = given[i].or(args.kw(name));
        if given[i].is_none() {
            let at = i + 1;
            let message = format!("traceback() missing required argument '{name}' (pos {at})");
            return Err(vm.type_error(&message));
        }
    }
    let [Some(next), Some(frame), Some(lasti), Some(lineno)] = given else { return Ok(none()) };
    if !frame.has_layout(Layout::Frame) {
        let class = vm.type_name(frame);
        let message = format!("traceback() argument 'tb_frame' must be frame, not {class}");
        return Err(vm.type_error(&message));
    }
    let next = checked_next(vm, next)?;
    let lasti = vm.index_i32(lasti)?;
    let line = vm.index_i32(lineno)?;
    let kind = Layout::Traceback.kind();
    let tb = alloc_with_slots(vm.heap(), kind, size_of::<TracebackObj>(), 0)?;
    let o = tb.value().header().cast::<TracebackObj>();
    // SAFETY: fresh object of that struct.
    unsafe {
        (*o).next = next.map_or(Value::NULL, Owned::into_value);
        (*o).frame = frame.owned().into_value();
        (*o).line = u32::try_from(line).unwrap_or(0);
        (*o).pc = u32::try_from(lasti / 2).unwrap_or(0);
    }
    Ok(tb)
}

fn checked_next(vm: &mut Vm, next: Ref<'_>) -> PyResult<Option<Owned>> {
    if next.is_none() {
        return Ok(None);
    }
    if obj(next).is_none() {
        let class = vm.type_name(next);
        return Err(vm.type_error(&format!("expected traceback object or None, got '{class}'")));
    }
    Ok(Some(next.owned()))
}

fn set_next(vm: &mut Vm, r: Ref<'_>, value: Option<Ref<'_>>) -> PyResult<()> {
    let Some(value) = value else { return Err(vm.type_error("can't delete tb_next attribute")) };
    let next = checked_next(vm, value)?;
    let mut cursor = next.clone();
    while let Some(tb) = cursor {
        if tb.as_ref().is(r) {
            return Err(vm.value_error("traceback loop detected"));
        }
        cursor = next_of(tb.as_ref());
    }
    link(r, next);
    Ok(())
}

fn dir(vm: &mut Vm, _args: &Args<'_>) -> PyResult {
    let names = ["tb_frame", "tb_next", "tb_lasti", "tb_lineno"];
    let items = names.iter().map(|n| vm.new_str(n)).collect::<PyResult<Vec<_>>>()?;
    vm.new_list(items)
}
