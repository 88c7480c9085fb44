//! Generators and coroutines: suspended frames.
//!
//! Between resumptions the registers lie in the generator's own buffer; running it copies them above the resumer's
//! frame. The same dispatch loop runs it when a `for` or `yield from` drives it.
#![allow(unsafe_code, reason = "moves registers between buffer and stack")]

use crate::args::{Args, GetSetDef, NativeDef};
use crate::class::TypeRef;
use crate::define::TypeDef;
use crate::exceptions::Exc;
use crate::frame::{Frame, Ret, frame_flags};
use crate::run::{Outcome, Start, run};
use crate::type_slots::Slots;
use crate::{PyResult, Raised, Vm};
use hognose_bytecode::{CodeFlags, Insn, Op};
use hognose_object::code::{CodeObj, CodePtr};
use hognose_object::generator::{GeneratorKind, GeneratorObj, GeneratorState};
use hognose_object::objects::FunctionObj;
use hognose_object::types::TypeFlags;
use hognose_object::{Layout, NONE, Owned, Ref, Value, ValueExt, none, owned_bool};

/// What to resume a generator with.
pub(crate) enum Resume {
    Send(Value),
    Throw(Raised),
}

/// A few words: a loop is quicker than a call of the library's copy.
#[inline(always)]
unsafe fn copy_registers(from: *const Value, to: *mut Value, n: usize) {
    for i in 0..n {
        // SAFETY: by the caller, both ranges have n places and do not overlap.
        unsafe { to.add(i).write(*from.add(i)) };
    }
}

/// Makes the generator object for a frame that has just begun, moving its registers.
pub(crate) unsafe fn make(vm: &mut Vm, fp: *mut Frame) -> PyResult<Value> {
    // SAFETY: the frame is live; ownership of registers moves into the buffer.
    unsafe {
        let (func, code) = ((*fp).func, (*fp).code);
        let (nregs, nlocals) = ((*code).nregs, (*code).nlocals);
        let flags = code.table().flags;
        let class = if flags.has(CodeFlags::ASYNC_GENERATOR) {
            vm.types.async_generator
        } else if flags.has(CodeFlags::COROUTINE) {
            vm.types.coroutine
        } else {
            vm.types.generator
        };
        let kind = vm.instance_kind(class)?;
        let buffer = vm.heap.alloc_buffer(usize::from(nregs) * 8)?.cast::<Value>();
        let h = match vm.heap.alloc_traced(kind, size_of::<GeneratorObj>()) {
            Ok(h) => h,
            Err(e) => {
                vm.heap.free_buffer(buffer.cast(), usize::from(nregs) * 8);
                return Err(e.into());
            }
        };
        let g = h.cast::<GeneratorObj>();
        (*g).func = Ref::from_value(Value::from_ptr(func.cast())).owned().into_value();
        (*g).name = Ref::from_value((*func).name).owned().into_value();
        (*g).qualname = Ref::from_value((*func).qualname).owned().into_value();
        (*g).handled = Value::NULL;
        (*g).frame = Value::NULL;
        (*g).extra = Value::NULL;
        (*g).registers = buffer;
        (*g).pc = (*fp).pc;
        (*g).nregs = nregs;
        (*g).live = nlocals;
        (*g).state = GeneratorState::Created;
        (*g).kind = if flags.has(CodeFlags::ASYNC_GENERATOR) {
            GeneratorKind::AsyncGenerator
        } else if flags.has(CodeFlags::COROUTINE) {
            GeneratorKind::Coroutine
        } else {
            GeneratorKind::Generator
        };
        (*g).closing = false;
        for i in 0..usize::from(nlocals) {
            buffer.add(i).write((*fp).base.add(i).replace(Value::NULL));
        }
        if (*code).has_handlers || (*g).kind != GeneratorKind::Generator {
            (*h).set_flag(hognose_heap::flags::HAS_FINALIZER);
        }
        Ok(Value::from_ptr(h))
    }
}

/// Pushes the frame of a generator that can be resumed; `value` is what its `yield` gives. Takes the value.
pub(crate) unsafe fn push(vm: &mut Vm, g: *mut GeneratorObj, value: Value, ret: Ret) -> PyResult<()> {
    // SAFETY: the generator is alive and suspended; the free part of the stack is unused.
    unsafe {
        let func = (*g).func.header().cast::<FunctionObj>();
        let code = (*func).code.header().cast::<CodeObj>();
        let base = vm.frames.free_values();
        if !vm.frame_fits(base, (*code).nregs) {
            drop(Owned::from_value(value));
            return Err(vm.recursion_error(""));
        }
        let live = usize::from((*g).live);
        copy_registers((*g).registers, base, live);
        let started = (*g).state == GeneratorState::Suspended;
        (*g).live = 0;
        (*g).state = GeneratorState::Running;
        let fp = vm.push_frame(func, base, std::ptr::null_mut(), ret);
        (*fp).flags = frame_flags::GENERATOR;
        // Whoever resumes it holds it: a loop's register, or the native caller.
        (*fp).generator = g;
        (*fp).pc = (*g).pc;
        vm.handled.incref();
        (*fp).outer_handled = vm.handled;
        if !(*g).handled.is_null() {
            let own = std::mem::replace(&mut (*g).handled, Value::NULL);
            let outer = std::mem::replace(&mut vm.handled, own);
            drop(Owned::from_value(outer));
        }
        if !(*g).frame.is_null() {
            (*fp).frame_obj = std::mem::replace(&mut (*g).frame, Value::NULL).header().cast();
            (*fp).flags |= frame_flags::FRAME_OBJ;
            (*(*fp).frame_obj).depth = (vm.frames.len() - 1) as u32;
        }
        if started {
            // The destination of the `yield` it stands at.
            let at = (*(*g).pc).a;
            base.add(usize::from(at)).write(value);
        } else {
            drop(Owned::from_value(value));
        }
        Ok(())
    }
}

/// Takes the topmost frame, a generator at a `Yield`, off the stack.
pub(crate) unsafe fn suspend(vm: &mut Vm, fp: *mut Frame, insn: Insn) {
    // SAFETY: the frame is live; registers below the destination hold its values.
    unsafe {
        let g = (*fp).generator;
        let live = usize::from(insn.a);
        copy_registers((*fp).base, (*g).registers, live);
        (*g).live = insn.a;
        (*g).pc = (*fp).pc;
        (*g).state = GeneratorState::Suspended;
        let outer = (*fp).outer_handled;
        if insn.c & 1 != 0 {
            (*g).handled = std::mem::replace(&mut vm.handled, outer);
        } else {
            drop(Owned::from_value(std::mem::replace(&mut vm.handled, outer)));
        }
        if (*fp).flags & frame_flags::FRAME_OBJ != 0 {
            let f = (*fp).frame_obj;
            (*f).depth = u32::MAX;
            (*f).pc = (*fp).pc.offset_from((*(*fp).code).insns) as u32;
            (*g).frame = Value::from_ptr(f.cast());
        }
        vm.frames.pop();
    }
}

/// A generator's frame has ended: its registers are released already.
pub(crate) unsafe fn finish(vm: &mut Vm, fp: *mut Frame) {
    // SAFETY: the frame is live and belongs to a generator.
    unsafe {
        let g = (*fp).generator;
        (*g).state = GeneratorState::Finished;
        (*g).header.clear_flag(hognose_heap::flags::HAS_FINALIZER);
        let buffer = std::mem::replace(&mut (*g).registers, std::ptr::null_mut());
        if !buffer.is_null() {
            vm.heap.free_buffer(buffer.cast(), usize::from((*g).nregs) * 8);
        }
        let outer = std::mem::replace(&mut vm.handled, (*fp).outer_handled);
        drop(Owned::from_value(outer));
        (*fp).flags &= !frame_flags::GENERATOR;
    }
}

fn obj(r: Ref<'_>) -> *mut GeneratorObj {
    r.value().header().cast()
}

impl Vm {
    /// Runs a generator to its next yield (`Some`) or its end.
    pub(crate) fn resume_generator(&mut self, r: Ref<'_>, how: Resume) -> PyResult<Outcome> {
        let g = obj(r);
        // SAFETY: callers pass generators; its state says what may be done.
        unsafe {
            match (*g).state {
                GeneratorState::Running => {
                    self.drop_resume(how);
                    let what = kind_text((*g).kind);
                    return Err(self.value_error(&format!("{what} already executing")));
                }
                GeneratorState::Finished => return self.resume_finished(g, how),
                GeneratorState::Created => {
                    if let Resume::Send(v) = how
                        && v != NONE
                    {
                        drop(Owned::from_value(v));
                        let what = kind_text((*g).kind);
                        return Err(
                            self.type_error(&format!("can't send non-None value to a just-started {what}"))
                        );
                    }
                    if let Resume::Throw(e) = how {
                        return self.throw_unstarted(g, e);
                    }
                }
                GeneratorState::Suspended => {}
            }
            self.check_native_stack()?;
            match how {
                Resume::Send(v) => {
                    push(self, g, v, Ret::Native)?;
                    run(self, Start::After)
                }
                Resume::Throw(e) => {
                    let exc = self.catch(e);
                    push(self, g, NONE, Ret::Native)?;
                    let e = self.raise_object(exc);
                    run(self, Start::Raise(e))
                }
            }
        }
    }

    fn drop_resume(&mut self, how: Resume) {
        match how {
            // SAFETY: the value was owned by the request.
            Resume::Send(v) => drop(unsafe { Owned::from_value(v) }),
            Resume::Throw(e) => self.discard(e),
        }
    }

    unsafe fn resume_finished(&mut self, g: *mut GeneratorObj, how: Resume) -> PyResult<Outcome> {
        // SAFETY: the generator is alive.
        let coroutine = unsafe { (*g).kind } == GeneratorKind::Coroutine;
        if coroutine {
            self.drop_resume(how);
            return Err(self.runtime_error("cannot reuse already awaited coroutine"));
        }
        match how {
            Resume::Throw(e) => Err(e),
            how => {
                self.drop_resume(how);
                Ok(Outcome::Return(none()))
            }
        }
    }

    unsafe fn throw_unstarted(&mut self, g: *mut GeneratorObj, e: Raised) -> PyResult<Outcome> {
        // SAFETY: the generator is alive and has not begun.
        unsafe {
            let exc = self.catch(e);
            push(self, g, NONE, Ret::Native)?;
            let e = self.raise_object(exc);
            // Nothing protects the first instruction: the frame ends at once.
            run(self, Start::Raise(e))
        }
    }

    /// `next()` of a generator.
    pub(crate) fn generator_next(&mut self, r: Ref<'_>) -> PyResult<Option<Owned>> {
        match self.resume_generator(r, Resume::Send(NONE))? {
            Outcome::Yield(v) => Ok(Some(v)),
            Outcome::Return(v) if v.as_ref().is_none() => Ok(None),
            Outcome::Return(v) => Err(self.stop_iteration(Some(v))),
        }
    }

    /// `g.send(v)` and the like: a yielded value, or StopIteration.
    pub(crate) fn outcome_value(&mut self, outcome: Outcome) -> PyResult {
        match outcome {
            Outcome::Yield(v) => Ok(v),
            Outcome::Return(v) if v.as_ref().is_none() => Err(self.stop_iteration(None)),
            Outcome::Return(v) => Err(self.stop_iteration(Some(v))),
        }
    }

    /// The sub-iterator a generator suspended in `yield from` or `await` delegates to.
    pub(crate) fn delegate_of(&self, r: Ref<'_>) -> Option<Owned> {
        let g = obj(r);
        // SAFETY: callers pass generators; a suspended one stands at a `Yield`.
        unsafe {
            if (*g).state != GeneratorState::Suspended || (*(*g).pc).c & 4 == 0 {
                return None;
            }
            let send = self.send_of(g)?;
            let v = *(*g).registers.add(usize::from((*send).a));
            (!v.is_null()).then(|| Ref::from_value(v).owned())
        }
    }

    /// The `Send` that the `Yield` a generator stands at belongs to.
    unsafe fn send_of(&self, g: *mut GeneratorObj) -> Option<*const Insn> {
        // SAFETY: a delegating `Yield` is followed by a `Jump` to its `Send`.
        unsafe {
            let jump = (*g).pc.add(1);
            let send = jump.add(1).offset((*jump).bc() as isize);
            ((*jump).op == Op::Jump as u16 && (*send).op == Op::Send as u16).then_some(send)
        }
    }

    /// Throws into a generator, delegating to a sub-iterator first.
    pub(crate) fn generator_throw(&mut self, r: Ref<'_>, e: Raised) -> PyResult<Outcome> {
        let Some(sub) = self.delegate_of(r) else { return self.resume_generator(r, Resume::Throw(e)) };
        let g = obj(r);
        if self.raised_is(&e, Exc::GeneratorExit) {
            let exc = self.catch(e);
            // SAFETY: alive; marked running so that the delegate cannot re-enter.
            unsafe { (*g).state = GeneratorState::Running };
            let closed = self.close_iterator(sub.as_ref());
            // SAFETY: alive.
            unsafe { (*g).state = GeneratorState::Suspended };
            let e = match closed {
                Ok(()) => self.raise_object(exc),
                Err(e) => e,
            };
            return self.resume_generator(r, Resume::Throw(e));
        }
        let exc = self.catch(e);
        // SAFETY: alive; marked running so that the delegate cannot re-enter.
        unsafe { (*g).state = GeneratorState::Running };
        let result = self.throw_into(sub.as_ref(), exc);
        // SAFETY: alive.
        unsafe { (*g).state = GeneratorState::Suspended };
        match result {
            Ok(None) => Err(self.runtime_error("generator delegate vanished")),
            Ok(Some(Outcome::Yield(v))) => Ok(Outcome::Yield(v)),
            Ok(Some(Outcome::Return(v))) => self.finish_delegation(r, v),
            Err(e) if self.raised_is(&e, Exc::StopIteration) => {
                let exc = self.catch(e);
                let value = self.stop_value(exc.as_ref());
                self.finish_delegation(r, value)
            }
            Err(e) => self.resume_generator(r, Resume::Throw(e)),
        }
    }

    /// `value` of a StopIteration.
    pub(crate) fn stop_value(&mut self, exc: Ref<'_>) -> Owned {
        let name = self.names.value;
        match self.get_attr(exc, name) {
            Ok(v) => v,
            Err(e) => {
                self.discard(e);
                none()
            }
        }
    }

    fn throw_into(&mut self, sub: Ref<'_>, exc: Owned) -> PyResult<Option<Outcome>> {
        if sub.has_layout(Layout::Generator) {
            let e = self.raise_again(exc);
            return self.generator_throw(sub, e).map(Some);
        }
        let throw = self.names.throw;
        match self.get_attr_opt(sub, throw)? {
            Some(f) => {
                let v = self.call(f.as_ref(), &[exc.as_ref()])?;
                Ok(Some(Outcome::Yield(v)))
            }
            None => Err(self.raise_again(exc)),
        }
    }

    /// The delegate returned `value`: the `yield from` is over.
    fn finish_delegation(&mut self, r: Ref<'_>, value: Owned) -> PyResult<Outcome> {
        let g = obj(r);
        // SAFETY: the generator is suspended at a delegating `Yield`; the `Send` says where to go on and which
        // registers hold iterator and value.
        unsafe {
            let Some(send) = self.send_of(g) else { return Err(self.runtime_error("no delegation")) };
            let (a, b) = (usize::from((*send).a), usize::from((*send).b));
            let target = send.add(1).offset(isize::from((*send).c as i16));
            push(self, g, NONE, Ret::Native)?;
            let base = (*self.frames.top()).base;
            drop(Owned::from_value(base.add(a).replace(Value::NULL)));
            drop(Owned::from_value(base.add(b).replace(value.into_value())));
            (*self.frames.top()).pc = target;
            run(self, Start::Normal)
        }
    }

    /// `close()` of any iterator (generators quickly, others by method when they have one).
    fn close_iterator(&mut self, sub: Ref<'_>) -> PyResult<()> {
        if sub.has_layout(Layout::Generator) {
            return self.generator_close(sub).map(drop);
        }
        let close = self.names.close;
        match self.get_attr_opt(sub, close)? {
            Some(f) => self.call(f.as_ref(), &[]).map(drop),
            None => Ok(()),
        }
    }

    /// `g.close()`
    pub(crate) fn generator_close(&mut self, r: Ref<'_>) -> PyResult {
        let g = obj(r);
        // SAFETY: callers pass generators.
        unsafe {
            match (*g).state {
                GeneratorState::Finished => return Ok(none()),
                GeneratorState::Created => {
                    self.abandon(g);
                    return Ok(none());
                }
                _ => {}
            }
        }
        let e = self.raise_with(Exc::GeneratorExit, Vec::new());
        match self.generator_throw(r, e) {
            Ok(Outcome::Yield(_)) => {
                // SAFETY: as above.
                let what = kind_text(unsafe { (*g).kind });
                Err(self.runtime_error(&format!("{what} ignored GeneratorExit")))
            }
            Ok(Outcome::Return(v)) => Ok(v),
            Err(e) if self.raised_is(&e, Exc::GeneratorExit) || self.raised_is(&e, Exc::StopIteration) => {
                self.discard(e);
                Ok(none())
            }
            Err(e) => Err(e),
        }
    }

    /// Ends a generator that has not begun: its arguments are released.
    unsafe fn abandon(&mut self, g: *mut GeneratorObj) {
        // SAFETY: the generator is alive and not running; its registers are owned by it.
        unsafe {
            (*g).state = GeneratorState::Finished;
            let live = usize::from(std::mem::replace(&mut (*g).live, 0));
            let buffer = std::mem::replace(&mut (*g).registers, std::ptr::null_mut());
            for i in (0..live).rev() {
                drop(Owned::from_value(*buffer.add(i)));
            }
            if !buffer.is_null() {
                self.heap.free_buffer(buffer.cast(), usize::from((*g).nregs) * 8);
            }
        }
    }

    /// A dying generator's last chance: runs its `finally` blocks.
    pub(crate) fn finalize_generator(&mut self, r: Ref<'_>) {
        let g = obj(r);
        // SAFETY: callers pass generators.
        let (state, kind) = unsafe { ((*g).state, (*g).kind) };
        if kind == GeneratorKind::Coroutine && state == GeneratorState::Created {
            let name = self.text_of(unsafe_name(g));
            self.warn_runtime(&format!("coroutine '{name}' was never awaited"));
            return;
        }
        if state != GeneratorState::Suspended || crate::async_gen::finalize(self, r) {
            return;
        }
        if let Err(e) = self.generator_close(r) {
            self.write_unraisable_in(e, "Exception ignored while closing generator ", Some(r));
        }
    }
}

fn unsafe_name<'a>(g: *mut GeneratorObj) -> Ref<'a> {
    // SAFETY: the generator owns its names.
    unsafe { Ref::from_value((*g).qualname) }
}

fn kind_text(kind: GeneratorKind) -> &'static str {
    match kind {
        GeneratorKind::Generator => "generator",
        GeneratorKind::Coroutine => "coroutine",
        GeneratorKind::AsyncGenerator => "async generator",
    }
}

// ---- the type

/// `__name__` of generators, coroutines and async generators.
pub(crate) const NAME: GetSetDef = GetSetDef::write(
    "__name__",
    // SAFETY: the receiver is a generator, which owns its name.
    |_, r| Ok(unsafe { Ref::from_value((*obj(r)).name) }.owned()),
    // SAFETY: only the address of a field is taken.
    |vm, r, v| set_name(vm, r, v, "__name__", |g| unsafe { &raw mut (*g).name }),
);

/// `__qualname__` of the same.
pub(crate) const QUALNAME: GetSetDef = GetSetDef::write(
    "__qualname__",
    // SAFETY: as above.
    |_, r| Ok(unsafe { Ref::from_value((*obj(r)).qualname) }.owned()),
    // SAFETY: as above.
    |vm, r, v| set_name(vm, r, v, "__qualname__", |g| unsafe { &raw mut (*g).qualname }),
);

/// `generator`
pub static TYPE: TypeDef = TypeDef {
    name: "generator",
    layout: Layout::Generator,
    slots: Slots { iter: Some(iter), next: Some(next), repr: Some(repr), ..Slots::NONE },
    methods: &[
        NativeDef::method("send", "$self, arg, /", send),
        NativeDef::method("throw", "$self, typ, val=None, tb=None, /", throw),
        NativeDef::method("close", "$self, /", |vm, a| vm.generator_close(a.get(0))),
        crate::types::alias::CLASS_GETITEM,
    ],
    getset: &[
        NAME,
        QUALNAME,
        GetSetDef::read("gi_running", |_, r| running(r)),
        GetSetDef::read("gi_suspended", |_, r| suspended(r)),
        GetSetDef::read("gi_code", |_, r| code(r)),
        GetSetDef::read("gi_frame", frame),
        GetSetDef::read("gi_yieldfrom", |vm, r| Ok(vm.delegate_of(r).unwrap_or_else(none))),
    ],
    ..TypeDef::EMPTY
};

fn iter(_vm: &mut Vm, r: Ref<'_>) -> PyResult {
    Ok(r.owned())
}

fn next(vm: &mut Vm, r: Ref<'_>) -> PyResult<Option<Owned>> {
    vm.generator_next(r)
}

pub(crate) fn send(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let v = args.get(1).owned().into_value();
    let outcome = vm.resume_generator(args.get(0), Resume::Send(v))?;
    vm.outcome_value(outcome)
}

/// The exception that `throw(type, value, traceback)` means.
pub(crate) fn thrown(vm: &mut Vm, exc: Ref<'_>, value: Option<Ref<'_>>) -> PyResult {
    let value = value.filter(|v| !v.is_none());
    if exc.has_layout(Layout::Exception) && value.is_some() {
        return Err(vm.type_error("instance exception may not have a separate value"));
    }
    let class = TypeRef::new(exc).is_some_and(|t| t.has(TypeFlags::IS_EXCEPTION));
    if !class && !exc.has_layout(Layout::Exception) {
        let got = vm.type_name(exc);
        return Err(vm.type_error(&format!(
            "exceptions must be classes or instances deriving from BaseException, not {got}"
        )));
    }
    vm.instantiate_exception(exc, value)
}

pub(crate) fn throw(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let exc = thrown(vm, args.get(1), args.opt(2))?;
    let e = vm.raise_again(exc);
    let outcome = vm.generator_throw(args.get(0), e)?;
    vm.outcome_value(outcome)
}

pub(crate) fn repr(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    // SAFETY: the receiver is a generator.
    let (name, what) = unsafe { (Ref::from_value((*obj(r)).qualname), kind_text((*obj(r)).kind)) };
    let name = vm.text_of(name);
    let what = what.replace(' ', "_");
    vm.new_str(&format!("<{what} object {name} at {:#x}>", r.value().bits()))
}

pub(crate) fn running(r: Ref<'_>) -> PyResult {
    // SAFETY: the receiver is a generator.
    Ok(owned_bool(unsafe { (*obj(r)).state } == GeneratorState::Running))
}

pub(crate) fn suspended(r: Ref<'_>) -> PyResult {
    // SAFETY: the receiver is a generator.
    Ok(owned_bool(unsafe { (*obj(r)).state } == GeneratorState::Suspended))
}

pub(crate) fn code(r: Ref<'_>) -> PyResult {
    // SAFETY: the receiver is a generator, which keeps its function and that its code alive.
    unsafe {
        let func = (*obj(r)).func.header().cast::<FunctionObj>();
        Ok(Ref::from_value((*func).code).owned())
    }
}

pub(crate) fn frame(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let g = obj(r);
    // SAFETY: the receiver is a generator; a running one has a frame on the stack.
    unsafe {
        match (*g).state {
            GeneratorState::Finished => Ok(none()),
            GeneratorState::Running => {
                for i in (0..vm.frames.len()).rev() {
                    let fp = vm.frames.get(i);
                    if (*fp).flags & frame_flags::GENERATOR != 0 && std::ptr::eq((*fp).generator, g) {
                        return vm.frame_object(fp);
                    }
                }
                Ok(none())
            }
            _ => vm.suspended_frame(g),
        }
    }
}

fn set_name(
    vm: &mut Vm,
    r: Ref<'_>,
    v: Option<Ref<'_>>,
    what: &str,
    place: fn(*mut GeneratorObj) -> *mut Value,
) -> PyResult<()> {
    let Some(v) = v.filter(|v| crate::text::as_str(*v).is_some()) else {
        return Err(vm.type_error(&format!("{what} must be set to a string object")));
    };
    // SAFETY: the receiver is a generator, which owns the field.
    unsafe { drop(Owned::from_value(place(obj(r)).replace(v.owned().into_value()))) };
    Ok(())
}

impl Vm {
    /// The frame object of a generator that is not running.
    unsafe fn suspended_frame(&mut self, g: *mut GeneratorObj) -> PyResult {
        use hognose_object::objects::FrameObj;
        // SAFETY: the generator is alive; fields are counted as they are copied.
        unsafe {
            if (*g).frame.is_null() {
                let kind = Layout::Frame.kind();
                let o = hognose_object::slots::alloc_with_slots(&self.heap, kind, size_of::<FrameObj>(), 0)?;
                let f = o.value().header().cast::<FrameObj>();
                let func = (*g).func.header().cast::<FunctionObj>();
                (*f).code = Ref::from_value((*func).code).owned().into_value();
                (*f).func = Ref::from_value((*g).func).owned().into_value();
                (*f).globals = Ref::from_value((*func).globals).owned().into_value();
                let empty =
                    [&raw mut (*f).namespace, &raw mut (*f).back, &raw mut (*f).locals, &raw mut (*f).extra];
                for slot in empty {
                    slot.write(Value::NULL);
                }
                (*f).depth = u32::MAX;
                let code = (*func).code.header().cast::<CodeObj>();
                (*f).pc = (*g).pc.offset_from((*code).insns) as u32;
                (*g).frame = o.into_value();
            }
            Ok(Ref::from_value((*g).frame).owned())
        }
    }
}
