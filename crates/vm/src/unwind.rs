//! Unwinding: from a raised exception to the handler that takes it, releasing registers on the way.
#![allow(unsafe_code, reason = "releases registers of frames")]

use crate::frame::{Frame, Ret, frame_flags};
use crate::{PyResult, Raised, Vm};
use hognose_bytecode::{Code, Handler};
use hognose_object::code::CodePtr;
use hognose_object::objects::{ExceptionObj, TracebackObj};
use hognose_object::{Layout, Owned, Ref, Value};

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
            let depth = data.depth_at(pc);
            if let Some(h) = handler_at(data, pc) {
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
    /// Puts a caught exception back in flight as it is.
    pub(crate) fn raise_again(&mut self, exc: Owned) -> Raised {
        let old = std::mem::replace(&mut self.raised, exc.into_value());
        // SAFETY: the slot owned it.
        drop(unsafe { Owned::from_value(old) });
        Raised::new()
    }
}
