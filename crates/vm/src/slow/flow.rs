//! Exceptions, iteration, generators.
#![allow(unsafe_code, reason = "frames and registers are reached by address")]

use crate::class::{TypeRef, base_value};
use crate::exceptions::Exc;
use crate::frame::{Frame, Ret};
use crate::generator::{self, Resume};
use crate::run::Outcome;
use crate::{PyResult, Raised, Vm};
use hognose_bytecode::{CodeFlags, Insn};
use hognose_object::code::CodePtr;
use hognose_object::generator::{GeneratorKind, GeneratorObj, GeneratorState};
use hognose_object::list::ListObj;
use hognose_object::objects::{ExceptionObj, ListIterObj, RangeIterObj, RangeObj};
use hognose_object::tuple::{TupleObj, TupleRef};
use hognose_object::types::TypeFlags;
use hognose_object::{Layout, NONE, Owned, Ref, Value, ValueExt};

pub(crate) use crate::generator::suspend;

/// `iter()` with quick paths for lists and ranges.
#[inline(never)]
pub(crate) fn get_iter(vm: &mut Vm, r: Ref<'_>) -> PyResult<Value> {
    // A loop over a tuple uses the list's iterator: nobody sees it.
    if r.is_exact(Layout::List) || r.is_exact(Layout::Tuple) {
        return new_list_iter(vm, r);
    }
    if r.is_exact(Layout::Range)
        && let Some(v) = new_range_iter(vm, r)?
    {
        return Ok(v);
    }
    Ok(vm.iter(r)?.into_value())
}

/// The next item of a list iterator (which may run over a tuple), counted; NULL at the end.
#[inline]
pub(crate) unsafe fn list_iter_next(li: *mut ListIterObj) -> Value {
    // SAFETY: the caller's iterator is alive and owns its sequence.
    unsafe {
        if (*li).list.is_null() {
            return Value::NULL;
        }
        let h = (*li).list.header();
        let (items, len) = if (*h).kind() == Layout::Tuple.kind() {
            (TupleObj::items(h), (*h.cast::<TupleObj>()).len)
        } else {
            ((*h.cast::<ListObj>()).buf, (*h.cast::<ListObj>()).len)
        };
        let i = (*li).index;
        if i >= len {
            return Value::NULL;
        }
        (*li).index = i + 1;
        let v = *items.add(i);
        v.incref();
        v
    }
}

fn new_list_iter(vm: &mut Vm, r: Ref<'_>) -> PyResult<Value> {
    let h = vm.heap.alloc_traced(Layout::ListIter.kind(), size_of::<ListIterObj>())?;
    // SAFETY: a fresh block.
    unsafe {
        let it = h.cast::<ListIterObj>();
        (*it).list = r.owned().into_value();
        (*it).index = 0;
    }
    Ok(Value::from_ptr(h))
}

/// An iterator over a range all of whose values are small ints.
fn new_range_iter(vm: &mut Vm, r: Ref<'_>) -> PyResult<Option<Value>> {
    let o = r.value().header().cast::<RangeObj>();
    // SAFETY: the layout was checked by the caller.
    let (start, stop, step) = unsafe { ((*o).start, (*o).stop, (*o).step) };
    let (Some(a), Some(b), Some(s)) = (start.as_int(), stop.as_int(), step.as_int()) else { return Ok(None) };
    let left = match s {
        1.. if b > a => (b - a - 1) / s + 1,
        ..=-1 if a > b => (a - b - 1) / -s + 1,
        _ => 0,
    };
    let h = vm.heap.alloc_traced(Layout::RangeIter.kind(), size_of::<RangeIterObj>())?;
    // SAFETY: a fresh block.
    unsafe {
        let it = h.cast::<RangeIterObj>();
        (*it).next = a;
        (*it).left = left as u64;
        (*it).step = s;
    }
    Ok(Some(Value::from_ptr(h)))
}

// ---- generators

/// Can the loop itself run this generator to its next yield?
pub(crate) unsafe fn can_resume(g: *mut GeneratorObj) -> bool {
    // SAFETY: the caller's generator is alive.
    unsafe { matches!((*g).state, GeneratorState::Created | GeneratorState::Suspended) && plain_generator(g) }
}

pub(crate) unsafe fn plain_generator(g: *mut GeneratorObj) -> bool {
    // SAFETY: the caller's generator is alive.
    unsafe { (*g).kind == GeneratorKind::Generator }
}

/// Pushes a generator's frame.
#[inline(never)]
pub(crate) unsafe fn resume(vm: &mut Vm, g: *mut GeneratorObj, value: Value, ret: Ret) -> PyResult<()> {
    // SAFETY: the caller checked `can_resume`.
    unsafe {
        if (*g).state == GeneratorState::Created && value != NONE {
            drop(Owned::from_value(value));
            return Err(vm.type_error("can't send non-None value to a just-started generator"));
        }
        generator::push(vm, g, value, ret)
    }
}

#[inline(never)]
pub(crate) unsafe fn return_generator(vm: &mut Vm, fp: *mut Frame) -> PyResult<Value> {
    // SAFETY: the frame has just begun.
    unsafe { generator::make(vm, fp) }
}

/// The value a `Yield` hands out, taken from its register.
pub(crate) unsafe fn yield_value(vm: &mut Vm, _fp: *mut Frame, insn: Insn, nlocals: u16) -> PyResult<Value> {
    // SAFETY: the register holds a live value.
    unsafe {
        let fp = vm.frames.top();
        let place = (*fp).base.add(usize::from(insn.b));
        let v = *place;
        if insn.b < nlocals {
            v.incref();
        }
        if insn.c & 2 != 0 {
            return Ok(crate::async_gen::wrap(vm, Owned::from_value(v))?.into_value());
        }
        Ok(v)
    }
}

/// What a sub-iterator did.
pub(crate) enum Sent {
    Yielded(Value),
    Returned(Value),
}

/// `Send` to anything.
#[inline(never)]
pub(crate) fn send(vm: &mut Vm, it: Ref<'_>, v: Ref<'_>) -> PyResult<Sent> {
    if it.has_layout(Layout::Generator) {
        let sent = v.owned().into_value();
        return Ok(match vm.resume_generator(it, Resume::Send(sent))? {
            Outcome::Yield(v) => Sent::Yielded(v.into_value()),
            Outcome::Return(v) => Sent::Returned(v.into_value()),
        });
    }
    let result = if v.is_none() {
        match vm.next_or_stop(it) {
            Ok(Some(v)) => Ok(v),
            Ok(None) => return Ok(Sent::Returned(NONE)),
            Err(e) => Err(e),
        }
    } else {
        let name = vm.names.send;
        let f = vm.get_attr(it, name)?;
        vm.call(f.as_ref(), &[v])
    };
    match result {
        Ok(v) => Ok(Sent::Yielded(v.into_value())),
        Err(e) if vm.raised_is(&e, Exc::StopIteration) => {
            let exc = vm.catch(e);
            Ok(Sent::Returned(vm.stop_value(exc.as_ref()).into_value()))
        }
        Err(e) => Err(e),
    }
}

pub(crate) unsafe fn yield_from_iter(vm: &mut Vm, fp: *mut Frame, r: Ref<'_>) -> PyResult<Value> {
    if r.has_layout(Layout::Generator) {
        let g = r.value().header().cast::<GeneratorObj>();
        // SAFETY: the layout was checked; the frame is live.
        let (kind, flags) = unsafe { ((*g).kind, (*fp).code.table().flags) };
        let allowed = flags.has(CodeFlags::COROUTINE) || flags.has(CodeFlags::ITERABLE_COROUTINE);
        if kind == GeneratorKind::Coroutine && !allowed {
            return Err(vm.type_error("cannot 'yield from' a coroutine object in a non-coroutine generator"));
        }
        if kind != GeneratorKind::AsyncGenerator {
            return Ok(r.owned().into_value());
        }
    }
    get_iter(vm, r)
}

pub(crate) fn get_awaitable(vm: &mut Vm, r: Ref<'_>, context: u16) -> PyResult<Value> {
    match crate::async_gen::awaitable(vm, r)? {
        Some(v) => Ok(v.into_value()),
        None => {
            let class = vm.type_name(r);
            let message = match context {
                1 => format!(
                    "'async with' received an object from __aenter__ that does not implement __await__: {class}"
                ),
                2 => format!(
                    "'async with' received an object from __aexit__ that does not implement __await__: {class}"
                ),
                _ => format!("'{class}' object can't be awaited"),
            };
            Err(vm.type_error(&message))
        }
    }
}

pub(crate) fn get_aiter(vm: &mut Vm, r: Ref<'_>) -> PyResult<Value> {
    let class = vm.class_of(r);
    let Some(f) = class.slots().aiter else {
        let name = class.name();
        return Err(
            vm.type_error(&format!("'async for' requires an object with __aiter__ method, got {name}"))
        );
    };
    let it = f(vm, r)?;
    if vm.class_of(it.as_ref()).slots().anext.is_none() {
        let name = vm.type_name(it.as_ref());
        return Err(vm.type_error(&format!(
            "'async for' received an object from __aiter__ that does not implement __anext__: {name}"
        )));
    }
    Ok(it.into_value())
}

pub(crate) fn get_anext(vm: &mut Vm, r: Ref<'_>) -> PyResult<Value> {
    let class = vm.class_of(r);
    let Some(f) = class.slots().anext else {
        let name = class.name();
        return Err(
            vm.type_error(&format!("'async for' requires an iterator with __anext__ method, got {name}"))
        );
    };
    let v = f(vm, r)?;
    match crate::async_gen::awaitable(vm, v.as_ref())? {
        Some(a) => Ok(a.into_value()),
        None => {
            let name = vm.type_name(v.as_ref());
            Err(vm.type_error(&format!("'async for' received an invalid object from __anext__: {name}")))
        }
    }
}

/// Is the exception in a StopAsyncIteration? Then it and the iterator below are released.
pub(crate) unsafe fn end_async_for(vm: &mut Vm, base: *mut Value, insn: Insn) -> PyResult<bool> {
    // SAFETY: a holds the exception, a-1 the iterator.
    unsafe {
        let a = base.add(usize::from(insn.a));
        let stop = vm.exc_class(Exc::StopAsyncIteration);
        if !vm.is_instance(Ref::from_value(*a), stop) {
            return Ok(false);
        }
        drop(Owned::from_value(a.replace(Value::NULL)));
        drop(Owned::from_value(a.sub(1).replace(Value::NULL)));
        Ok(true)
    }
}

// ---- exceptions

/// Raises an exception that was caught, its traceback as it is.
pub(crate) unsafe fn reraise(vm: &mut Vm, exc: Value) -> Raised {
    // SAFETY: the caller gives its reference up.
    vm.raise_again(unsafe { Owned::from_value(exc) })
}

/// The `raise` statement.
#[inline(never)]
pub(crate) unsafe fn raise(vm: &mut Vm, base: *mut Value, insn: Insn) -> Raised {
    // SAFETY: operands are live; they stay in place for the unwinder.
    unsafe {
        if insn.b == 0 {
            let handled = vm.handled;
            if handled.is_null() {
                return vm.runtime_error("No active exception to reraise");
            }
            let exc = Ref::from_value(handled).owned();
            return vm.raise_again(exc);
        }
        let a = base.add(usize::from(insn.a));
        let exc = match vm.instantiate_exception(Ref::from_value(*a), None) {
            Ok(exc) => exc,
            Err(e) => return e,
        };
        if insn.b == 2 {
            let cause = Ref::from_value(*a.add(1));
            let cause = if cause.is_none() {
                None
            } else if TypeRef::new(cause).is_some_and(|t| t.has(TypeFlags::IS_EXCEPTION)) {
                match vm.call(cause, &[]) {
                    Ok(c) => Some(c),
                    Err(e) => return e,
                }
            } else if cause.has_layout(Layout::Exception) {
                Some(cause.owned())
            } else {
                return vm.type_error("exception causes must derive from BaseException");
            };
            let e = exc.value().header().cast::<ExceptionObj>();
            let new = cause.map_or(Value::NULL, Owned::into_value);
            drop(Owned::from_value(std::mem::replace(&mut (*e).cause, new)));
            (*e).suppress_context = 1;
        }
        vm.raise_object(exc)
    }
}

impl Vm {
    /// An exception object from what follows `raise`: an instance as it is, a class called.
    pub(crate) fn instantiate_exception(&mut self, r: Ref<'_>, value: Option<Ref<'_>>) -> PyResult {
        if r.has_layout(Layout::Exception) {
            return Ok(r.owned());
        }
        if let Some(class) = TypeRef::new(r).filter(|t| t.has(TypeFlags::IS_EXCEPTION)) {
            let exc = match value {
                Some(v) if v.has_layout(Layout::Exception) => return Ok(v.owned()),
                Some(v) if !v.is_none() => self.call(r, &[v])?,
                _ if self.is_plain_exception(class) => {
                    return self.plain_exception(class, &[]);
                }
                _ => self.call(r, &[])?,
            };
            if exc.as_ref().has_layout(Layout::Exception) {
                return Ok(exc);
            }
            let (name, got) = (class.name(), self.type_name(exc.as_ref()));
            return Err(self.type_error(&format!(
                "calling <class '{name}'> should have returned an instance of BaseException, not <class '{got}'>"
            )));
        }
        Err(self.type_error("exceptions must derive from BaseException"))
    }
}

/// What follows `except` must be an exception class.
fn exception_class<'a>(vm: &mut Vm, c: Ref<'a>) -> PyResult<TypeRef<'a>> {
    match TypeRef::new(c) {
        Some(t) if t.has(TypeFlags::IS_EXCEPTION) => Ok(t),
        _ => Err(vm.type_error("catching classes that do not inherit from BaseException is not allowed")),
    }
}

/// Does an `except` clause take the exception?
#[inline(never)]
pub(crate) fn exc_match(vm: &mut Vm, exc: Ref<'_>, class: Ref<'_>) -> PyResult<bool> {
    if let Some(t) = TupleRef::new(base_value(class)) {
        for c in t.items() {
            exception_class(vm, *c)?;
        }
        return Ok(t.items().iter().any(|c| TypeRef::new(*c).is_some_and(|t| vm.is_instance(exc, t))));
    }
    let t = exception_class(vm, class)?;
    Ok(vm.is_instance(exc, t))
}

/// `except*`: a = matching part, a+1 = rest of exception b for type c.
pub(crate) unsafe fn eg_match(vm: &mut Vm, base: *mut Value, insn: Insn, nlocals: u16) -> PyResult<()> {
    // SAFETY: operands are live; results replace them.
    unsafe {
        let b = Ref::from_value(*base.add(usize::from(insn.b)));
        let c = Ref::from_value(*base.add(usize::from(insn.c)));
        let (matched, rest) = crate::types::exceptions::group::check_eg_match(vm, b, c)?;
        super::consume(vm, base, insn.c, nlocals);
        super::consume(vm, base, insn.b, nlocals);
        if !matched.as_ref().is_none() {
            let old = std::mem::replace(&mut vm.handled, matched.as_ref().owned().into_value());
            drop(Owned::from_value(old));
        }
        base.add(usize::from(insn.a)).write(matched.into_value());
        base.add(usize::from(insn.a) + 1).write(rest.into_value());
        Ok(())
    }
}

/// The three arguments of `__exit__`.
pub(crate) unsafe fn exc_triple(vm: &mut Vm, base: *mut Value, insn: Insn) {
    // SAFETY: b holds the exception; the three from a are free temporaries.
    unsafe {
        let exc = Ref::from_value(*base.add(usize::from(insn.b)));
        let at = base.add(usize::from(insn.a));
        let tb = if exc.has_layout(Layout::Exception) {
            (*exc.value().header().cast::<ExceptionObj>()).traceback
        } else {
            Value::NULL
        };
        at.write(vm.class_of(exc).owned().into_value());
        at.add(1).write(exc.owned().into_value());
        at.add(2).write(if tb.is_null() { NONE } else { Ref::from_value(tb).owned().into_value() });
    }
}

pub(crate) fn print_expr(vm: &mut Vm, r: Ref<'_>) -> PyResult<()> {
    let sys = vm.sys.as_ref().owned();
    match vm.dict_get_name(sys.as_ref(), "displayhook")? {
        Some(f) => vm.call(f.as_ref(), &[r]).map(drop),
        None => Err(vm.runtime_error("lost sys.displayhook")),
    }
}
