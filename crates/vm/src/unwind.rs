//! Unwinding: from a raised exception to the handler that takes it, releasing registers on the way.
#![allow(unsafe_code, reason = "releases registers of frames")]

use crate::frame::{Frame, Ret, frame_flags};
use crate::{PyResult, Raised, Vm};
use hognose_bytecode::{Code, Handler};
use hognose_object::code::CodePtr;
use hognose_object::objects::{ExceptionObj, TracebackObj};
use hognose_object::{Layout, Owned, Ref, Value};
use std::rc::Rc;

/// Where exceptions raised lately were handled: the tables of a large function take a while to search.
#[derive(Default)]
pub(crate) struct UnwindCache(Vec<Option<(Rc<Code>, u32, Option<Handler>, u16)>>);

impl UnwindCache {
    const SIZE: usize = 32;

    /// The handler for an exception raised at `pc`, and the live temporaries there.
    fn find(&mut self, code: &Rc<Code>, pc: u32) -> (Option<Handler>, u16) {
        if self.0.is_empty() {
            self.0.resize(Self::SIZE, None);
        }
        let place = &mut self.0[(Rc::as_ptr(code).addr() >> 5 ^ pc as usize) % Self::SIZE];
        match place {
            Some((c, at, handler, depth)) if Rc::ptr_eq(c, code) && *at == pc => (*handler, *depth),
            _ => {
                let found = (handler_at(code, pc), code.depth_at(pc));
                *place = Some((code.clone(), pc, found.0, found.1));
                found
            }
        }
    }
}

fn handler_at(code: &Code, pc: u32) -> Option<Handler> {
    let after = code.handlers.partition_point(|h| h.start <= pc);
    let h = code.handlers[..after].last()?;
    (pc < h.end).then_some(*h)
}

/// Finds the handler of an exception raised at the topmost frame's saved instruction. `Ok`: the topmost frame goes on
/// at its saved pc. `Err`: the exception leaves the dispatch loop.
pub(crate) fn unwind(vm: &mut Vm, raised: Raised, mut reraise: bool) -> PyResult<()> {
    let exc = vm.catch(raised);
    loop {
        let fp = vm.frames.top();
        // SAFETY: the topmost frame is live; its depth table says which temporaries hold values.
        unsafe {
            let code = (*fp).code;
            let data = code.table();
            let pc = (*fp).pc.offset_from((*code).insns) as u32;
            if !reraise {
                add_traceback(vm, exc.as_ref(), fp, pc);
            }
            reraise = false;
            let temporaries = (*fp).base.add(usize::from((*code).nlocals));
            let (handler, depth) = vm.unwind_cache.find(data, pc);
            if let Some(h) = handler {
                release_down(temporaries, h.depth, depth.max(h.depth));
                temporaries.add(usize::from(h.depth)).write(exc.into_value());
                (*fp).pc = (*code).insns.add(h.target as usize);
                if vm.heap.has_pending() {
                    vm.finish_deaths();
                }
                return Ok(());
            }
            release_down(temporaries, 0, depth);
            if (*fp).flags & frame_flags::FRAME_OBJ != 0 {
                vm.detach_frame_object(fp);
            }
            release_down((*fp).base, 0, (*code).nlocals);
            let ret = (*fp).ret;
            end_frame(vm, fp);
            if vm.heap.has_pending() {
                vm.finish_deaths();
            }
            if ret == Ret::Native {
                return Err(vm.raise_again(exc));
            }
        }
    }
}

/// Releases registers from the top down and leaves NULL in them.
unsafe fn release_down(registers: *mut Value, from: u16, to: u16) {
    for i in (from..to).rev() {
        // SAFETY: by the caller; registers hold owned values or NULL.
        unsafe {
            let v = registers.add(usize::from(i)).replace(Value::NULL);
            drop(Owned::from_value(v));
        }
    }
}

/// Pops the topmost frame, whose registers are released.
///
/// # Safety
/// `fp` must be the topmost frame.
pub(crate) unsafe fn end_frame(vm: &mut Vm, fp: *mut Frame) {
    // SAFETY: by the caller.
    unsafe {
        let flags = (*fp).flags;
        if flags & frame_flags::GENERATOR != 0 {
            crate::generator::finish(vm, fp);
        }
        if flags & (frame_flags::NAMESPACE | frame_flags::OWNED) != 0 {
            vm.finish_frame(fp);
        }
        vm.frames.pop();
    }
}

/// Adds the frame to the exception's traceback. Failing to (no memory) loses the entry, not the exception.
unsafe fn add_traceback(vm: &mut Vm, exc: Ref<'_>, fp: *mut Frame, pc: u32) {
    use hognose_object::ValueExt;
    if !exc.has_layout(Layout::Exception) {
        return;
    }
    // SAFETY: the frame is live.
    let Ok(frame) = (unsafe { vm.frame_object(fp) }) else { return };
    let kind = Layout::Traceback.kind();
    let Ok(h) = vm.heap.alloc_traced(kind, size_of::<TracebackObj>()) else { return };
    // SAFETY: a fresh block; the exception's old traceback becomes the next entry.
    unsafe {
        let tb = h.cast::<TracebackObj>();
        let e = exc.value().header().cast::<ExceptionObj>();
        (*tb).next = (*e).traceback;
        (*tb).frame = frame.into_value();
        // Most tracebacks are never looked at: the line is found from the pc when somebody asks.
        (*tb).line = 0;
        (*tb).pc = pc;
        (*e).traceback = Value::from_ptr(h);
    }
}

impl Vm {
    /// Gives an exception that was raised outside of any Python frame the running one as its place.
    pub(crate) fn add_current_place(&mut self, exc: Ref<'_>) {
        use hognose_object::ValueExt;
        let Some(fp) = self.frame_at(0) else { return };
        if !exc.has_layout(Layout::Exception) {
            return;
        }
        // SAFETY: the layout was checked; the topmost frame is live.
        unsafe {
            if (*exc.value().header().cast::<ExceptionObj>()).traceback.is_null() {
                let pc = (*fp).pc.offset_from((*(*fp).code).insns) as u32;
                add_traceback(self, exc, fp, pc);
            }
        }
    }

    /// Puts a caught exception back in flight as it is.
    pub(crate) fn raise_again(&mut self, exc: Owned) -> Raised {
        let old = std::mem::replace(&mut self.raised, exc.into_value());
        // SAFETY: the slot owned it.
        drop(unsafe { Owned::from_value(old) });
        Raised::new()
    }
}
