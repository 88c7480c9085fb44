//! `FrameLocalsProxy`: `frame.f_locals` of a function, through which its variables are read and written.
//!
//! What only reads works on a snapshot; see frame_locals.rs for what is behind.

use crate::args::{Args, NativeDef};
use crate::define::TypeDef;
use crate::type_slots::{BinOp, CmpOp, Slots};
use crate::{Exc, PyResult, Vm};
use hognose_object::native::payload;
use hognose_object::types::TypeFlags;
use hognose_object::{Layout, NOT_IMPLEMENTED, Owned, Ref, ValueExt, none, trace_fields};

/// Payload: the frame.
pub(crate) struct FrameLocalsProxy {
    frame: Owned,
}
trace_fields!(FrameLocalsProxy { frame });

/// `FrameLocalsProxy`
pub static TYPE: TypeDef = TypeDef {
    name: "FrameLocalsProxy",
    layout: Layout::Native,
    flags: TypeFlags::MAPPING,
    slots: Slots {
        new: Some(new),
        repr: Some(repr),
        hash: Some(|vm, _| Err(vm.type_error("unhashable type: 'FrameLocalsProxy'"))),
        iter: Some(|vm, r| {
            let keys = keys(vm, r)?;
            vm.iter(keys.as_ref())
        }),
        len: Some(|vm, r| {
            let all = snapshot(vm, r)?;
            vm.len(all.as_ref())
        }),
        getitem: Some(getitem),
        setitem: Some(setitem),
        contains: Some(|vm, r, key| {
            let frame = frame(vm, r)?;
            Ok(vm.frame_local(frame, key)?.is_some())
        }),
        richcompare: Some(richcompare),
        binary: Some(union),
        binary_ops: BinOp::Or.bit(),
        inplace: Some(|vm, _, a, b| {
            update_from(vm, a, b)?;
            Ok(a.owned())
        }),
        inplace_ops: BinOp::Or.bit(),
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("keys", "$self, /", |vm, a| keys(vm, a.get(0))),
        NativeDef::method("values", "$self, /", |vm, a| as_list(vm, a.get(0), "values")),
        NativeDef::method("items", "$self, /", |vm, a| as_list(vm, a.get(0), "items")),
        NativeDef::method("copy", "$self, /", |vm, a| snapshot(vm, a.get(0))),
        NativeDef::method("get", "$self, key, default=None, /", |vm, a| {
            let frame = frame(vm, a.get(0))?;
            let default = |v: Option<Ref<'_>>| v.map_or_else(none, |d| d.owned());
            Ok(vm.frame_local(frame, a.get(1))?.unwrap_or_else(|| default(a.opt(2))))
        }),
        NativeDef::method("setdefault", "$self, key, default=None, /", setdefault),
        NativeDef::method("pop", "$self, key, default=None, /", pop),
        NativeDef::method("update", "$self, object, /", |vm, a| {
            update_from(vm, a.get(0), a.get(1))?;
            Ok(none())
        }),
        NativeDef::method("__reversed__", "$self, /", |vm, a| {
            let keys = keys(vm, a.get(0))?;
            vm.call_method(keys.as_ref(), "reverse", &[])?;
            vm.iter(keys.as_ref())
        }),
    ],
    ..TypeDef::EMPTY
};

/// The proxy of a frame.
pub(crate) fn proxy_of(vm: &mut Vm, frame: Ref<'_>) -> PyResult {
    vm.new_native(FrameLocalsProxy { frame: frame.owned() })
}

fn new(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    match args.rest(1) {
        [frame] if args.kwnames.is_empty() && frame.is_exact(Layout::Frame) => proxy_of(vm, *frame),
        [other] if args.kwnames.is_empty() => {
            let class = vm.type_name(*other);
            Err(vm.type_error(&format!("expect frame, not {class}")))
        }
        more => {
            let n = more.len();
            Err(vm.type_error(&format!("FrameLocalsProxy expected 1 argument, got {n}")))
        }
    }
}

fn frame<'a>(vm: &mut Vm, r: Ref<'a>) -> PyResult<Ref<'a>> {
    match payload::<FrameLocalsProxy>(r) {
        Some(p) => Ok(p.frame.as_ref()),
        None => Err(vm.type_error("a FrameLocalsProxy is required")),
    }
}

fn snapshot(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let frame = frame(vm, r)?;
    vm.frame_snapshot(frame)
}

fn as_list(vm: &mut Vm, r: Ref<'_>, method: &str) -> PyResult {
    let all = snapshot(vm, r)?;
    let view = vm.call_method(all.as_ref(), method, &[])?;
    vm.to_list(view.as_ref())
}

fn keys(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    as_list(vm, r, "keys")
}

fn repr(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    if !vm.repr_enter(r) {
        return vm.new_str("{...}");
    }
    let text = snapshot(vm, r).and_then(|all| vm.repr(all.as_ref()));
    vm.repr_leave(r);
    text
}

fn getitem(vm: &mut Vm, r: Ref<'_>, key: Ref<'_>) -> PyResult {
    let frame = frame(vm, r)?;
    match vm.frame_local(frame, key)? {
        Some(v) => Ok(v),
        None => {
            let text = vm.repr_text(key)?;
            Err(vm.raise(Exc::KeyError, &format!("local variable '{text}' is not defined")))
        }
    }
}

fn setitem(vm: &mut Vm, r: Ref<'_>, key: Ref<'_>, value: Option<Ref<'_>>) -> PyResult<()> {
    let frame = frame(vm, r)?;
    match value {
        Some(v) => vm.set_frame_local(frame, key, v),
        None => remove(vm, frame, key)?.map(drop).ok_or_else(|| vm.key_error(key)),
    }
}

/// Takes a name out that is not a variable of the code.
fn remove(vm: &mut Vm, frame: Ref<'_>, key: Ref<'_>) -> PyResult<Option<Owned>> {
    if vm.is_frame_local(frame, key)? {
        return Err(vm.value_error("cannot remove local variables from FrameLocalsProxy"));
    }
    match vm.frame_extra(frame, false)? {
        Some(extra) => vm.dict_del(extra.as_ref(), key),
        None => Ok(None),
    }
}

fn pop(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let frame = frame(vm, args.get(0))?;
    match (remove(vm, frame, args.get(1))?, args.opt(2)) {
        (Some(v), _) => Ok(v),
        (None, Some(default)) => Ok(default.owned()),
        (None, None) => Err(vm.key_error(args.get(1))),
    }
}

fn setdefault(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let frame = frame(vm, args.get(0))?;
    if let Some(v) = vm.frame_local(frame, args.get(1))? {
        return Ok(v);
    }
    let default = args.opt(2).map_or_else(none, |d| d.owned());
    vm.set_frame_local(frame, args.get(1), default.as_ref())?;
    Ok(default)
}

fn update_from(vm: &mut Vm, r: Ref<'_>, other: Ref<'_>) -> PyResult<()> {
    let frame = frame(vm, r)?;
    let key = vm.intern("keys")?;
    if vm.get_attr_opt(other, key.as_ref())?.is_none() {
        return Err(vm.type_error("update() argument must be dict or another FrameLocalsProxy"));
    }
    let keys = vm.call_method(other, "keys", &[])?;
    for k in vm.collect(keys.as_ref())? {
        let v = vm.get_item(other, k.as_ref())?;
        vm.set_frame_local(frame, k.as_ref(), v.as_ref())?;
    }
    Ok(())
}

fn richcompare(vm: &mut Vm, op: CmpOp, a: Ref<'_>, b: Ref<'_>) -> PyResult {
    let not_implemented = Owned::from_immediate(NOT_IMPLEMENTED);
    if !matches!(op, CmpOp::Eq | CmpOp::Ne) {
        return Ok(not_implemented);
    }
    if let (Some(x), Some(y)) = (payload::<FrameLocalsProxy>(a), payload::<FrameLocalsProxy>(b)) {
        let same = x.frame.as_ref().is(y.frame.as_ref());
        return Ok(hognose_object::owned_bool(same == (op == CmpOp::Eq)));
    }
    if !b.has_layout(Layout::Dict) {
        return Ok(not_implemented);
    }
    let all = snapshot(vm, a)?;
    vm.compare(op, all.as_ref(), b)
}

/// `proxy | mapping`, `mapping | proxy`: a dict.
fn union(vm: &mut Vm, _op: BinOp, a: Ref<'_>, b: Ref<'_>) -> PyResult {
    let dict = vm.new_dict()?;
    for side in [a, b] {
        if payload::<FrameLocalsProxy>(side).is_some() {
            let all = snapshot(vm, side)?;
            vm.dict_merge(dict.as_ref(), all.as_ref(), false)?;
        } else if side.has_layout(Layout::Dict) {
            vm.dict_merge(dict.as_ref(), side, false)?;
        } else {
            return Ok(Owned::from_immediate(NOT_IMPLEMENTED));
        }
    }
    Ok(dict)
}
