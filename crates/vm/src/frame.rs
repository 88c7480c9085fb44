//! Frames and the value stack.
//!
//!   frames: | f0 | f1 | f2 ► …            one record per Python call
//!   values: | callee, self?, args = registers of f0 …, temporaries | callee, self?, args = registers of f1 … |
//!
//! Both lie in one address range that never moves and takes memory as it is used. A callee's registers begin at its
//! first argument in the caller's temporaries, so arguments are not copied.
//! Invariant: while a frame runs, registers below `nlocals` are values or NULL; which temporaries hold values is
//! known from the compiler's depth table.
#![allow(unsafe_code, reason = "frames are reached through raw pointers from the dispatch loop")]

use crate::{PyResult, Vm};
use hognose_bytecode::Insn;
use hognose_object::code::{CodeObj, CodePtr};
use hognose_object::dict::DictObj;
use hognose_object::generator::GeneratorObj;
use hognose_object::objects::{FrameObj, FunctionObj};
use hognose_object::{Heap, OutOfMemory, Owned, Ref, Value};

/// Most frames there can ever be.
pub const MAX_FRAMES: usize = 200_000;
const STACK_BYTES: usize = 128 << 20;
const FRAMES_BYTES: usize = MAX_FRAMES * size_of::<Frame>();

/// What happens with a frame's result.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum Ret {
    /// It replaces the callee register.
    Call,
    /// `__init__`: must be None; the callee register holds the new object already.
    Init,
    /// It goes to the native code that started the loop.
    Native,
    /// A generator driven by the caller's `ForIter`.
    ForIter,
    /// A generator driven by the caller's `Send`.
    Send,
    /// The getter of a property that the caller's `LoadAttr` reads.
    Attr,
}

/// Bits of [`Frame::flags`]: which optional fields hold something.
pub(crate) mod frame_flags {
    pub const NAMESPACE: u8 = 1;
    pub const GENERATOR: u8 = 2;
    pub const FRAME_OBJ: u8 = 4;
    pub const OWNED: u8 = 8;
}

/// One Python call.
pub(crate) struct Frame {
    /// The instruction being executed, as of the last time it was saved.
    pub pc: *const Insn,
    pub base: *mut Value,
    pub code: *mut CodeObj,
    /// Kept alive by the callee register, the generator or `owned`.
    pub func: *mut FunctionObj,
    pub globals: *mut DictObj,
    /// Where the result goes (`Ret::Call`).
    pub dest: *mut Value,
    pub ret: Ret,
    pub flags: u8,
    /// Class body or exec namespace (owned).
    pub namespace: Value,
    /// The generator this is a frame of; whoever resumed it holds it.
    pub generator: *mut GeneratorObj,
    /// The frame object, once made (owned).
    pub frame_obj: *mut FrameObj,
    /// Something kept alive until the frame ends.
    pub owned: Value,
    /// For generators: exception that was handled when it was resumed (owned) or NULL.
    pub outer_handled: Value,
}

impl Frame {
    /// A call from the loop with nothing to clean up.
    #[inline(always)]
    pub fn is_plain(&self) -> bool {
        self.flags == 0 && self.ret == Ret::Call
    }
}

/// The frames and values of a machine.
pub(crate) struct FrameStack {
    frames: *mut Frame,
    /// The running frame; one place before `frames` when there is none.
    top: *mut Frame,
    /// Frames may not reach this place: the recursion limit.
    limit: *mut Frame,
    values: *mut Value,
    values_end: *mut Value,
}

// SAFETY: the ranges belong to the machine's heap and move with it.
unsafe impl Send for FrameStack {}

impl FrameStack {
    pub fn new(heap: &Heap) -> Result<FrameStack, OutOfMemory> {
        Self::with_values(heap, STACK_BYTES)
    }

    /// A stack with address space for this many bytes of values, or less when the system gives no more.
    pub fn with_values(heap: &Heap, mut bytes: usize) -> Result<FrameStack, OutOfMemory> {
        loop {
            match heap.reserve_stack(FRAMES_BYTES + bytes) {
                Ok(p) => {
                    let frames: *mut Frame = p.cast();
                    // SAFETY: inside the range just made.
                    let values: *mut Value = unsafe { p.cast::<u8>().add(FRAMES_BYTES).cast() };
                    // SAFETY: its end.
                    let values_end = unsafe { values.cast::<u8>().add(bytes).cast() };
                    let top = frames.wrapping_sub(1);
                    let limit = frames.wrapping_add(1000);
                    return Ok(FrameStack { frames, top, limit, values, values_end });
                }
                Err(e) if bytes < 1 << 20 => return Err(e),
                Err(_) => bytes /= 2,
            }
        }
    }

    /// A place holder: no frame fits.
    pub fn none() -> FrameStack {
        let frames = std::ptr::NonNull::<Frame>::dangling().as_ptr();
        let values = std::ptr::null_mut();
        FrameStack { frames, top: frames.wrapping_sub(1), limit: frames, values, values_end: values }
    }

    /// Gives the address range of an empty stack back.
    pub fn give_back(self, heap: &Heap) {
        debug_assert!(self.len() == 0, "frames left on a stack");
        heap.release_stack(self.frames.cast());
    }

    /// Is it a running frame of this stack?
    pub fn holds(&self, fp: *mut Frame) -> bool {
        fp >= self.frames && fp < self.frames.wrapping_add(self.len())
    }

    /// Place of a frame of this stack, the outermost first.
    fn index_of(&self, fp: *mut Frame) -> usize {
        (fp.addr() - self.frames.addr()) / size_of::<Frame>()
    }

    /// Number of frames.
    #[inline(always)]
    pub fn len(&self) -> usize {
        (self.top.addr().wrapping_add(size_of::<Frame>()) - self.frames.addr()) / size_of::<Frame>()
    }

    /// Takes the running frame off.
    #[inline(always)]
    pub fn pop(&mut self) {
        self.top = self.top.wrapping_sub(1);
    }

    /// Makes the place above the running frame the running one.
    #[inline(always)]
    fn push(&mut self) -> *mut Frame {
        self.top = self.top.wrapping_add(1);
        self.top
    }

    /// Lets `n` frames exist at a time.
    pub fn set_limit(&mut self, n: usize) {
        self.limit = self.frames.wrapping_add(n.min(MAX_FRAMES));
    }

    /// The running frame; null when there is none.
    #[inline(always)]
    pub fn top(&self) -> *mut Frame {
        if self.top < self.frames { std::ptr::null_mut() } else { self.top }
    }

    /// The running frame, when there is known to be one.
    #[inline(always)]
    pub fn running(&self) -> *mut Frame {
        self.top
    }

    #[inline(always)]
    pub fn get(&self, i: usize) -> *mut Frame {
        debug_assert!(i < self.len());
        self.frames.wrapping_add(i)
    }

    /// First value place above all frames.
    pub fn free_values(&self) -> *mut Value {
        let top = self.top();
        if top.is_null() {
            return self.values;
        }
        // SAFETY: a frame's registers lie in the range.
        unsafe { (*top).base.add(usize::from((*(*top).code).nregs)) }
    }
}

impl Vm {
    /// Is there room for another frame with registers up to `end`?
    #[inline(always)]
    pub(crate) fn frame_fits(&self, base: *mut Value, nregs: u16) -> bool {
        let end = base.wrapping_add(usize::from(nregs));
        self.frames.top.wrapping_add(1) < self.frames.limit && end < self.frames.values_end
    }

    /// Pushes a frame whose registers are in place. The caller checked that it fits.
    ///
    /// # Safety
    /// `func` must be a live function kept alive while the frame runs; its arguments must be in `base..`, all other
    /// locals NULL.
    #[inline(always)]
    pub(crate) unsafe fn push_frame(
        &mut self,
        func: *mut FunctionObj,
        base: *mut Value,
        dest: *mut Value,
        ret: Ret,
    ) -> *mut Frame {
        let fp = self.frames.push();
        // SAFETY: the place is in the range; the function is alive.
        unsafe {
            let code = (*func).code.header().cast::<CodeObj>();
            (*fp).pc = (*code).insns;
            (*fp).base = base;
            (*fp).code = code;
            (*fp).func = func;
            (*fp).globals = (*func).globals.header().cast();
            (*fp).dest = dest;
            (*fp).ret = ret;
            (*fp).flags = 0;
        }
        fp
    }

    /// The function of the running frame `back` frames down, if there is one.
    pub(crate) fn frame_at(&self, back: usize) -> Option<*mut Frame> {
        let n = self.frames.len();
        (back < n).then(|| self.frames.get(n - 1 - back))
    }

    /// Globals of the running frame.
    pub fn current_globals(&self) -> Option<Owned> {
        let fp = self.frame_at(0)?;
        // SAFETY: a running frame's function is alive.
        Some(unsafe { Ref::from_value((*(*fp).func).globals).owned() })
    }

    /// `locals()` of the running frame.
    pub fn current_locals(&mut self) -> PyResult<Option<Owned>> {
        let Some(fp) = self.frame_at(0) else { return Ok(None) };
        // SAFETY: the topmost frame is live.
        unsafe { self.locals_of(fp).map(Some) }
    }

    /// The namespace of a frame: its own mapping, the globals for module code, a new dict for functions.
    pub(crate) unsafe fn locals_of(&mut self, fp: *mut Frame) -> PyResult {
        // SAFETY: the caller's frame is live; every value is counted before anything else runs.
        unsafe {
            if (*fp).flags & frame_flags::NAMESPACE != 0 {
                return Ok(Ref::from_value((*fp).namespace).owned());
            }
            let code = (*fp).code;
            if !code.table().flags.has(hognose_bytecode::CodeFlags::OPTIMIZED) {
                // Inside an inlined comprehension only its own variables are locals.
                let hidden = &code.table().hidden;
                if hidden.iter().any(|&i| !(*(*fp).base.add(usize::from(i))).is_null()) {
                    return self.snapshot_locals(code, (*fp).base);
                }
                return Ok(Ref::from_value((*(*fp).func).globals).owned());
            }
            self.snapshot_locals(code, (*fp).base)
        }
    }

    /// A dict of the bound variables among `registers`.
    pub(crate) unsafe fn snapshot_locals(&mut self, code: *mut CodeObj, registers: *mut Value) -> PyResult {
        use hognose_object::ValueExt;
        let dict = self.new_dict()?;
        // SAFETY: by the caller, `registers` holds the code's locals.
        unsafe {
            let names = Ref::from_value((*code).varnames).owned();
            let data = code.table().clone();
            let names = hognose_object::tuple::TupleRef::new(names.as_ref()).map_or(&[][..], |t| t.items());
            for (i, name) in names.iter().enumerate() {
                if crate::text::str_bytes(*name).starts_with(b".") {
                    continue;
                }
                let mut v = *registers.add(i);
                if v.is_null() {
                    continue;
                }
                let is_cell = data.cellvars.contains(&(i as u16)) || data.freevars.contains(&(i as u16));
                if is_cell && v.is_exact(hognose_object::Layout::Cell) {
                    v = (*v.header().cast::<hognose_object::objects::CellObj>()).content;
                    if v.is_null() {
                        continue;
                    }
                }
                let v = Ref::from_value(v).owned();
                self.dict_set(dict.as_ref(), *name, v.as_ref())?;
            }
        }
        Ok(dict)
    }

    /// The frame object of a running frame, made on first use.
    pub(crate) unsafe fn frame_object(&mut self, fp: *mut Frame) -> PyResult {
        // SAFETY: the caller's frame is live; fields are counted as they are copied.
        unsafe {
            if (*fp).flags & frame_flags::FRAME_OBJ == 0 {
                let kind = hognose_object::Layout::Frame.kind();
                let o = hognose_object::slots::alloc_with_slots(&self.heap, kind, size_of::<FrameObj>(), 0)?;
                let f = o.value().header().cast::<FrameObj>();
                let func = Value::from_ptr((*fp).func.cast());
                (*f).code = Ref::from_value((*(*fp).func).code).owned().into_value();
                (*f).func = Ref::from_value(func).owned().into_value();
                (*f).globals = Ref::from_value((*(*fp).func).globals).owned().into_value();
                (*f).namespace = if (*fp).flags & frame_flags::NAMESPACE != 0 {
                    Ref::from_value((*fp).namespace).owned().into_value()
                } else {
                    Value::NULL
                };
                for slot in [&raw mut (*f).back, &raw mut (*f).locals, &raw mut (*f).extra] {
                    slot.write(Value::NULL);
                }
                (*f).depth = self.stack_of_frame(fp).index_of(fp) as u32;
                (*f).pc = (*fp).pc.offset_from((*(*fp).code).insns) as u32;
                (*fp).frame_obj = o.into_value().header().cast();
                (*fp).flags |= frame_flags::FRAME_OBJ;
            }
            Ok(Ref::from_value(Value::from_ptr((*fp).frame_obj.cast())).owned())
        }
    }

    /// Frame object of the caller `back` frames up (`sys._getframe`).
    pub fn frame_object_at(&mut self, back: usize) -> PyResult<Option<Owned>> {
        match self.frame_at(back) {
            // SAFETY: running frames are live.
            Some(fp) => unsafe { self.frame_object(fp).map(Some) },
            None => Ok(None),
        }
    }

    /// The running frame behind a frame object, if it still runs.
    pub(crate) fn running_frame(&self, frame: Ref<'_>) -> Option<*mut Frame> {
        use hognose_object::ValueExt;
        if !frame.is_exact(hognose_object::Layout::Frame) {
            return None;
        }
        let f = frame.value().header().cast::<FrameObj>();
        // SAFETY: the layout was checked.
        let depth = unsafe { (*f).depth } as usize;
        let on = |stack: &FrameStack| {
            if depth >= stack.len() {
                return None;
            }
            let fp = stack.get(depth);
            // SAFETY: a frame below the length is live.
            let same =
                unsafe { (*fp).flags & frame_flags::FRAME_OBJ != 0 && std::ptr::eq((*fp).frame_obj, f) };
            same.then_some(fp)
        };
        on(&self.frames).or_else(|| self.threads.parked.values().find_map(|s| on(s.frames())))
    }

    /// pc of the instruction a frame object is at.
    pub fn frame_pc(&self, frame: Ref<'_>) -> u32 {
        match self.running_frame(frame) {
            // SAFETY: the frame is live.
            Some(fp) => unsafe { (*fp).pc.offset_from((*(*fp).code).insns) as u32 },
            // SAFETY: callers pass frame objects.
            None => unsafe { (*frame.value().header().cast::<FrameObj>()).pc },
        }
    }

    /// `f_back` of a frame object.
    pub fn frame_back(&mut self, frame: Ref<'_>) -> PyResult<Option<Owned>> {
        let Some(fp) = self.running_frame(frame) else {
            // SAFETY: callers pass frame objects.
            let back = unsafe { (*frame.value().header().cast::<FrameObj>()).back };
            // SAFETY: the frame object owns it.
            return Ok((!back.is_null()).then(|| unsafe { Ref::from_value(back).owned() }));
        };
        if self.stack_of_frame(fp).index_of(fp) == 0 {
            return Ok(None);
        }
        // SAFETY: frames below a running one are running, too.
        unsafe { self.frame_object(fp.sub(1)).map(Some) }
    }

    /// `f_locals` of a frame object: a new dict for functions, the namespace itself otherwise.
    pub fn frame_locals(&mut self, frame: Ref<'_>) -> PyResult {
        if let Some(fp) = self.running_frame(frame) {
            // SAFETY: the frame is live.
            return unsafe { self.locals_of(fp) };
        }
        let f = frame.value().header().cast::<FrameObj>();
        // SAFETY: callers pass frame objects, which own their fields.
        unsafe {
            if !(*f).namespace.is_null() {
                return Ok(Ref::from_value((*f).namespace).owned());
            }
            let code = (*f).code.header().cast::<CodeObj>();
            if !code.table().flags.has(hognose_bytecode::CodeFlags::OPTIMIZED) {
                return Ok(Ref::from_value((*f).globals).owned());
            }
            if (*f).locals.is_null() {
                return self.new_dict();
            }
            let saved = Ref::from_value((*f).locals).owned();
            let items = hognose_object::tuple::TupleObj::items(saved.value().header());
            self.snapshot_locals(code, items)
        }
    }
}
