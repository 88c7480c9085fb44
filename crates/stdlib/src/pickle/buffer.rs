//! `PickleBuffer`: a buffer that may travel beside the pickle.
//!
//! It holds a memoryview of the object until it is released; `raw()` is that memory as plain contiguous bytes.

use crate::prelude::{
    Args, Exc, NativeDef, Owned, PyResult, Ref, Slots, TypeDef, TypeFlags, Vm, instance, none, payload,
    trace_fields,
};
use std::cell::RefCell;

/// Payload of `PickleBuffer`.
pub(super) struct PickleBuffer {
    view: RefCell<Option<Owned>>,
}
trace_fields!(PickleBuffer { view });

static TYPE: TypeDef = TypeDef {
    name: "pickle.PickleBuffer",
    doc: "Wrapper for potentially out-of-band buffers",
    flags: TypeFlags::BASE_TYPE | TypeFlags::HAS_WEAKREF,
    slots: Slots { new: Some(new), ..Slots::NONE },
    methods: &[
        NativeDef::method("raw", "$self, /", |vm, a| {
            let view = this(vm, a.get(0))?.view(vm)?;
            raw(vm, view.as_ref())
        }),
        NativeDef::method("release", "$self, /", |vm, a| {
            if let Some(view) = this(vm, a.get(0))?.view.take() {
                vm.call_method(view.as_ref(), "release", &[])?;
            }
            Ok(none())
        }),
        NativeDef::method("__buffer__", "$self, flags, /", |vm, a| {
            let view = this(vm, a.get(0))?.view(vm)?;
            vm.memoryview_of(view.as_ref())
        }),
    ],
    ..TypeDef::EMPTY
};

pub(super) fn register(vm: &mut Vm, module: Ref<'_>) -> PyResult<()> {
    let class = vm.add_native_type::<PickleBuffer>(&TYPE)?;
    vm.module_set(module, "PickleBuffer", class.owned())
}

pub(super) fn is_buffer(r: Ref<'_>) -> bool {
    payload::<PickleBuffer>(r).is_some()
}

fn this<'a>(vm: &mut Vm, r: Ref<'a>) -> PyResult<&'a PickleBuffer> {
    payload::<PickleBuffer>(r).ok_or_else(|| vm.type_error("a PickleBuffer is required"))
}

impl PickleBuffer {
    /// The memory; ValueError once it was released.
    pub(super) fn view(&self, vm: &mut Vm) -> PyResult {
        let view = self.view.borrow().clone();
        view.ok_or_else(|| vm.value_error("operation forbidden on released PickleBuffer object"))
    }
}

fn new(vm: &mut Vm, a: &Args<'_>) -> PyResult {
    let b = vm.bind(a, "PickleBuffer", "object, /")?;
    let Some(object) = b.pos[0] else { return Err(vm.type_error("PickleBuffer expected 1 argument, got 0")) };
    let view = match vm.memoryview_of(object) {
        Ok(v) => v,
        Err(e) if vm.raised_is(&e, Exc::TypeError) => {
            vm.discard(e);
            let class = vm.type_name(object);
            return Err(vm.type_error(&format!("a bytes-like object is required, not '{class}'")));
        }
        Err(e) => return Err(e),
    };
    instance(vm, a.get(0), PickleBuffer { view: RefCell::new(Some(view)) })
}

/// Do the bytes lie side by side, in whichever order of dimensions?
pub(super) fn is_contiguous(vm: &mut Vm, view: Ref<'_>) -> PyResult<bool> {
    Ok(vm.get_attr_name(view, "contiguous")?.value() == hognose_vm::TRUE)
}

/// A memoryview as bytes in one dimension.
pub(super) fn raw(vm: &mut Vm, view: Ref<'_>) -> PyResult {
    if !is_contiguous(vm, view)? {
        return Err(vm.raise(Exc::BufferError, "cannot extract raw buffer from non-contiguous buffer"));
    }
    let format = vm.new_str("B")?;
    vm.call_method(view, "cast", &[format.as_ref()])
}
