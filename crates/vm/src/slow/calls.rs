//! Calls and returns that are not the simple case.
#![allow(unsafe_code, reason = "arguments are registers")]

use crate::args::{Args, Binding, NativeDef, NativeFn, prepended};
use crate::call::{ArgVec, tuple_items};
use crate::class::TypeRef;
use crate::frame::{Frame, Ret, frame_flags};
use crate::unwind::end_frame;
use crate::{PyResult, Raised, Vm};
use hognose_bytecode::{CodeFlags, Insn};
use hognose_object::code::{CodeObj, CodePtr};
use hognose_object::dict::DictRef;
use hognose_object::function::NativeFunctionObj;
use hognose_object::objects::{BoundMethodObj, FunctionObj};
use hognose_object::tuple::TupleObj;
use hognose_object::types::TypeFlags;
use hognose_object::{Layout, NONE, Owned, Ref, Value, ValueExt};

/// How a call went.
pub(crate) enum Called {
    /// Done; callee and arguments are released.
    Value(Value),
    /// The registers now hold another call: execute the instruction again.
    Again,
    /// A Python frame was pushed.
    Pushed,
}

#[cold]
pub(crate) fn stack_full(vm: &mut Vm) -> Raised {
    vm.recursion_error("")
}

/// Puts the cells of a closure into their registers.
#[inline(never)]
pub(crate) unsafe fn load_closure(func: *mut FunctionObj, base: *mut Value) {
    // SAFETY: the function is alive; its free variables have registers.
    unsafe {
        let code = (*func).code.header().cast::<CodeObj>();
        let cells = tuple_items(Ref::from_value((*func).closure));
        let at = base.add(usize::from((*code).first_free));
        for (i, c) in cells.iter().enumerate() {
            at.add(i).write(c.owned().into_value());
        }
    }
}

/// Moves `n` arguments out of registers and binds them to the parameters at the same place.
#[inline(never)]
pub(crate) unsafe fn bind_call(
    vm: &mut Vm,
    func: *mut FunctionObj,
    argbase: *mut Value,
    n: u16,
    kwnames: &[Ref<'_>],
) -> PyResult<()> {
    // SAFETY: the registers hold owned values, which move.
    unsafe {
        vm.load_body((*func).code.header().cast())?;
        if bind_quickly(vm, func, argbase, usize::from(n), kwnames) {
            return Ok(());
        }
        let mut args = ArgVec((0..usize::from(n)).map(|i| argbase.add(i).replace(Value::NULL)).collect());
        let r = vm.bind_function(func, argbase, &mut args, kwnames);
        if r.is_err() {
            // What was bound is released; the caller's registers must not be released again.
            for i in 0..usize::from(n) {
                argbase.add(i).write(Value::NULL);
            }
        }
        r
    }
}

/// Most arguments a call can have that is bound without allocating.
const QUICK_ARGS: usize = 12;

/// Binds the usual calls: positional and keyword arguments and defaults for positional parameters, `*args` without
/// keywords. `false`: nothing was changed, the long way has to be taken.
unsafe fn bind_quickly(
    vm: &mut Vm,
    func: *mut FunctionObj,
    argbase: *mut Value,
    n: usize,
    kwnames: &[Ref<'_>],
) -> bool {
    // SAFETY: the function is alive; registers up to nregs are in range once `frame_fits` said so.
    unsafe {
        let code = (*func).code.header().cast::<CodeObj>();
        let flags = code.table().flags;
        let (argcount, star) = (usize::from((*code).argcount), flags.has(CodeFlags::VARARGS));
        let npos = n - kwnames.len();
        let unusual = n > QUICK_ARGS
            || argcount > QUICK_ARGS
            || (*code).kwonlyargcount > 0
            || flags.has(CodeFlags::VARKEYWORDS)
            || star && !kwnames.is_empty()
            || npos > argcount && !star;
        if unusual || !vm.frame_fits(argbase, (*code).nregs) {
            return false;
        }
        let mut values = [Value::NULL; QUICK_ARGS];
        let taken = npos.min(argcount);
        values[..taken].copy_from_slice(std::slice::from_raw_parts(argbase, taken));
        if !kwnames.is_empty() {
            let params = tuple_items(Ref::from_value((*code).varnames));
            let posonly = usize::from(code.table().posonlyargcount);
            for (k, name) in kwnames.iter().enumerate() {
                let Some(at) = (posonly..argcount).find(|&i| params[i].is(*name)) else { return false };
                if !values[at].is_null() {
                    return false;
                }
                values[at] = *argbase.add(npos + k);
            }
        }
        let defaults = Ref::from_value((*func).defaults);
        let defaults = if defaults.is_null() { &[][..] } else { tuple_items(defaults) };
        let first = argcount - defaults.len().min(argcount);
        let mut given = [false; QUICK_ARGS];
        for i in taken..argcount {
            given[i] = !values[i].is_null();
            if !given[i] {
                if i < first {
                    return false;
                }
                values[i] = defaults[i - first].value();
            }
        }
        if star {
            let extra = npos - taken;
            let rest = if extra == 0 {
                vm.empty_tuple.value()
            } else {
                let Ok(h) = TupleObj::alloc_raw(&vm.heap, extra) else { return false };
                for i in 0..extra {
                    TupleObj::items(h).add(i).write(*argbase.add(taken + i));
                }
                Value::from_ptr(h)
            };
            argbase.add(argcount).write(rest);
        }
        for (i, v) in values.iter().enumerate().take(argcount) {
            if i >= taken && !given[i] {
                v.incref();
            }
            argbase.add(i).write(*v);
        }
        for i in argcount + usize::from(star)..usize::from((*code).nlocals) {
            argbase.add(i).write(Value::NULL);
        }
        if !(*func).closure.is_null() {
            load_closure(func, argbase);
        }
        true
    }
}

/// Calls a native function with arguments in registers; releases callee and arguments.
#[inline(never)]
pub(crate) unsafe fn call_native(
    vm: &mut Vm,
    f: *mut NativeFunctionObj,
    a: *mut Value,
    argbase: *mut Value,
    n: u16,
) -> PyResult<Value> {
    // SAFETY: registers hold live values; they are released after the call.
    unsafe {
        let def = &*(*f).def.cast::<NativeDef>();
        let receiver = (*f).receiver;
        let (mut argbase, mut n) = (argbase, usize::from(n));
        if !receiver.is_null() && def.binding != Binding::Function {
            // A bound built-in method: its receiver goes where a method call has its own.
            if std::ptr::eq(argbase, a.add(2)) {
                receiver.incref();
                a.add(1).write(receiver);
                argbase = a.add(1);
                n += 1;
            } else {
                let pos = std::slice::from_raw_parts(argbase.cast::<Ref<'_>>(), n);
                let callee = Ref::from_value(Value::from_ptr(f.cast()));
                let v = vm.call(callee, pos)?;
                release_args(vm, a, argbase, n);
                return Ok(v.into_value());
            }
        }
        let pos = std::slice::from_raw_parts(argbase.cast::<Ref<'_>>(), n);
        let callee = Ref::from_value(Value::from_ptr(f.cast()));
        let sig = &def.sig;
        let fits = n >= usize::from(sig.min) && n <= usize::from(sig.max) && !sig.varargs && !sig.varkw;
        let v = if fits && (!checks_receiver(def) || n > 0 && is_own_receiver(vm, f, pos[0])) {
            let r = (def.func)(vm, &Args { callee, pos, kwnames: &[], kwvalues: &[] });
            if vm.heap.has_pending() { vm.run_pending(r)? } else { r? }
        } else {
            vm.call_native(def, callee, pos, &[], &[])?
        };
        release_args(vm, a, argbase, n);
        Ok(v.into_value())
    }
}

/// Is `r` an instance of exactly the class that owns the method? The kind that was last is remembered: a class keeps its
/// kinds as long as it lives, and the method keeps its class alive.
#[inline(always)]
unsafe fn is_own_receiver(vm: &Vm, f: *mut NativeFunctionObj, r: Ref<'_>) -> bool {
    let kind = r.object_kind();
    // SAFETY: the caller's function is alive.
    unsafe {
        if kind == Some((*f).receiver_kind) {
            return true;
        }
        let own = vm.class_of(r).as_ref().value() == (*f).owner;
        if let (true, Some(kind)) = (own, kind) {
            (*f).receiver_kind = kind;
        }
        own
    }
}

#[inline(always)]
fn checks_receiver(def: &NativeDef) -> bool {
    matches!(def.binding, Binding::Method | Binding::SlotWrapper)
}

/// Releases the arguments from the last on, then the callee.
#[inline(always)]
unsafe fn release_args(vm: &mut Vm, a: *mut Value, argbase: *mut Value, n: usize) {
    // SAFETY: the registers own their values, which nobody reads again.
    unsafe {
        for i in (0..n).rev() {
            let v = *argbase.add(i);
            if v.is_ptr() && (*v.header()).decref() {
                argbase.add(i).write(Value::NULL);
                super::release(vm, v.header());
            }
        }
        let v = *a;
        if v.is_ptr() && (*v.header()).decref() {
            a.write(Value::NULL);
            super::release(vm, v.header());
        }
    }
}

/// A callee that is no plain function: bound methods and classes become other calls, the rest is called here.
#[inline(never)]
pub(crate) unsafe fn call_other(vm: &mut Vm, a: *mut Value, n: u16) -> PyResult<Called> {
    // SAFETY: registers hold live values.
    unsafe {
        let callee = *a;
        let has_self = !(*a.add(1)).is_null();
        if callee.is_exact(Layout::BoundMethod) && !has_self {
            let m = callee.header().cast::<BoundMethodObj>();
            let (func, receiver) = ((*m).func, (*m).receiver);
            func.incref();
            receiver.incref();
            a.write(func);
            a.add(1).write(receiver);
            drop(Owned::from_value(callee));
            return Ok(Called::Again);
        }
        let argbase = a.add(2 - usize::from(has_self));
        let nargs = usize::from(n) + usize::from(has_self);
        if nargs == 1
            && !has_self
            && let Some(v) = convert_quickly(vm, callee, Ref::from_value(*argbase))?
        {
            release_args(vm, a, argbase, nargs);
            return Ok(Called::Value(v));
        }
        if callee.has_layout(Layout::Type)
            && !has_self
            && let Some(called) = construct(vm, a, nargs)?
        {
            return Ok(called);
        }
        if callee.has_layout(Layout::Type)
            && !has_self
            && let Some(new) = native_new(vm, Ref::from_value(callee))
        {
            callee.incref();
            a.add(1).write(callee);
            let pos = std::slice::from_raw_parts(a.add(1).cast::<Ref<'_>>(), nargs + 1);
            let v = new(vm, &Args { callee: pos[0], pos, kwnames: &[], kwvalues: &[] })?;
            release_args(vm, a, a.add(1), nargs + 1);
            return Ok(Called::Value(v.into_value()));
        }
        let pos = std::slice::from_raw_parts(argbase.cast::<Ref<'_>>(), nargs);
        let v = vm.call(Ref::from_value(callee), pos)?;
        release_args(vm, a, argbase, nargs);
        Ok(Called::Value(v.into_value()))
    }
}

/// `__new__` of a built-in class whose instances need no more than that: `range`, `zip`, `tuple`, `float` …
fn native_new(vm: &Vm, class: Ref<'_>) -> Option<NativeFn> {
    let class = TypeRef::new(class)?;
    if class.has(TypeFlags::HEAP_TYPE)
        || class == vm.types.type_
        || vm.class_of(class.as_ref()) != vm.types.type_
    {
        return None;
    }
    let (slots, object) = (class.slots(), vm.types.object.slots());
    let (Some(new), Some(init)) = (slots.new, slots.init) else { return None };
    let plain_init = object.init.is_some_and(|i| std::ptr::fn_addr_eq(i, init));
    let own_new = !object.new.is_some_and(|n| std::ptr::fn_addr_eq(n, new));
    (plain_init && own_new && !class.has(TypeFlags::DISALLOW_INSTANTIATION)).then_some(new)
}

/// `str(x)`, `int(x)`, `float(x)`, `type(x)` of values whose conversion needs no method.
fn convert_quickly(vm: &mut Vm, class: Value, x: Ref<'_>) -> PyResult<Option<Value>> {
    let t = &vm.types;
    let is = |t: TypeRef<'_>| t.as_ref().value() == class;
    if is(t.str) {
        let simple = x.value().is_int() || x.value().is_float() || x.is_exact(Layout::Str);
        return if simple { Ok(Some(vm.str(x)?.into_value())) } else { Ok(None) };
    }
    if is(t.int) {
        return Ok(x.value().is_int().then(|| x.value()));
    }
    if is(t.float) {
        let n = x.value().as_int().filter(|n| n.unsigned_abs() < 1 << 53);
        return Ok(n.and_then(|n| Value::from_float(n as f64)));
    }
    if is(t.type_) {
        return Ok(Some(vm.class_of(x).owned().into_value()));
    }
    Ok(None)
}

/// `C(…)` of a class with plain `__new__` and an `__init__` in Python: makes the instance and enters `__init__` in the
/// same loop. `None`: not such a class.
unsafe fn construct(vm: &mut Vm, a: *mut Value, n: usize) -> PyResult<Option<Called>> {
    // SAFETY: registers hold live values; a and a+1 are callee and an empty place.
    unsafe {
        let class = TypeRef::new(Ref::from_value(*a)).expect("checked by the caller");
        let exception = class.has(TypeFlags::IS_EXCEPTION) && vm.makes_plain_exceptions(class);
        if !class.has(TypeFlags::PLAIN_NEW) && !exception {
            return Ok(None);
        }
        let name = vm.names.__init__;
        let init = match vm.lookup(class, name) {
            Some(f) if f.is_exact(Layout::Function) => f.value(),
            Some(f) if (n == 0 || exception) && f.has_layout(Layout::NativeFunction) => Value::NULL,
            _ => return Ok(None),
        };
        if exception && init.is_null() && !vm.inits_plain_exceptions(class) {
            return Ok(None);
        }
        let args = a.add(2);
        let instance = if exception {
            let refs = std::slice::from_raw_parts(args.cast::<Ref<'_>>(), n);
            vm.plain_exception(class, refs)?.into_value()
        } else {
            vm.new_instance(class)?.into_value()
        };
        if init.is_null() {
            release_args(vm, a, args, n);
            return Ok(Some(Called::Value(instance)));
        }
        let func = init.header().cast::<FunctionObj>();
        init.incref();
        instance.incref();
        a.add(1).write(instance);
        let class = a.replace(instance);
        drop(Owned::from_value(class));
        let argbase = a.add(1);
        let code = (*func).code.header().cast::<CodeObj>();
        let nargs = (n + 1) as u16;
        let simple = (*code).is_simple && (*code).argcount == nargs && (*func).closure.is_null();
        if simple && vm.frame_fits(argbase, (*code).nregs) {
            for i in usize::from(nargs)..usize::from((*code).nlocals) {
                argbase.add(i).write(Value::NULL);
            }
        } else if let Err(e) = bind_call(vm, func, argbase, nargs, &[]) {
            drop(Owned::from_value(init));
            return Err(e);
        }
        let fp = vm.push_frame(func, argbase, a, Ret::Init);
        (*fp).owned = init;
        (*fp).flags = frame_flags::OWNED;
        Ok(Some(Called::Pushed))
    }
}

/// `CallKw`: b arguments in all, the last ones named.
#[inline(never)]
pub(crate) unsafe fn call_kw(vm: &mut Vm, base: *mut Value, insn: Insn, names: Ref<'_>) -> PyResult<Called> {
    // SAFETY: registers hold live values.
    unsafe {
        let a = base.add(usize::from(insn.a));
        let callee = *a;
        let has_self = !(*a.add(1)).is_null();
        let argbase = a.add(2 - usize::from(has_self));
        let n = usize::from(insn.b) + usize::from(has_self);
        let names = tuple_items(names);
        if callee.is_exact(Layout::Function) {
            let func = callee.header().cast::<FunctionObj>();
            bind_call(vm, func, argbase, n as u16, names)?;
            vm.push_frame(func, argbase, a, Ret::Call);
            return Ok(Called::Pushed);
        }
        if callee.is_exact(Layout::BoundMethod) && !has_self {
            let m = callee.header().cast::<BoundMethodObj>();
            let (func, receiver) = ((*m).func, (*m).receiver);
            func.incref();
            receiver.incref();
            a.write(func);
            a.add(1).write(receiver);
            drop(Owned::from_value(callee));
            return Ok(Called::Again);
        }
        let all = std::slice::from_raw_parts(argbase.cast::<Ref<'_>>(), n);
        let (pos, kw) = all.split_at(n - names.len());
        let v = vm.call_vector(Ref::from_value(callee), pos, names, kw)?;
        release_args(vm, a, argbase, n);
        Ok(Called::Value(v.into_value()))
    }
}

/// `CallEx`: a+2 positionals, a+3 keywords when b is 1.
#[inline(never)]
pub(crate) unsafe fn call_ex(vm: &mut Vm, base: *mut Value, insn: Insn) -> PyResult<Called> {
    // SAFETY: registers hold live values.
    unsafe {
        let a = base.add(usize::from(insn.a));
        let callee = Ref::from_value(*a);
        let own = *a.add(1);
        let pos = Ref::from_value(*a.add(2));
        // The tuple made from an iterable lives until the call ends.
        let keep = star_arguments(vm, callee, pos)?;
        let items = tuple_items(keep.as_ref());
        let mut all = Vec::with_capacity(items.len() + 1);
        if !own.is_null() {
            all.push(Ref::from_value(own));
        }
        all.extend_from_slice(items);
        let kw = if insn.b & 1 != 0 { Some(Ref::from_value(*a.add(3)).owned()) } else { None };
        let pairs = kw.as_ref().and_then(|k| DictRef::new(k.as_ref())).map_or_else(Vec::new, |d| d.to_vec());
        let names: Vec<Ref<'_>> = pairs.iter().map(|p| p.0.as_ref()).collect();
        let values: Vec<Ref<'_>> = pairs.iter().map(|p| p.1.as_ref()).collect();
        if names.iter().any(|n| crate::text::as_str(*n).is_none()) {
            return Err(vm.type_error("keywords must be strings"));
        }
        let v = vm.call_vector(callee, &all, &names, &values)?;
        drop((all, names, values));
        drop((pairs, kw, keep));
        release_args(vm, a, a.add(1), 2 + usize::from(insn.b & 1));
        Ok(Called::Value(v.into_value()))
    }
}

fn star_arguments(vm: &mut Vm, callee: Ref<'_>, pos: Ref<'_>) -> PyResult {
    if pos.is_exact(Layout::Tuple) {
        return Ok(pos.owned());
    }
    let class = vm.class_of(pos);
    if class.slots().iter.is_none() && class.slots().getitem.is_none() {
        let f = callee_text(vm, callee)?;
        let given = class.name();
        return Err(vm.type_error(&format!("{f} argument after * must be an iterable, not {given}")));
    }
    let list = vm.to_list(pos)?;
    let items = vm.items_of(list.as_ref());
    vm.new_tuple(items)
}

/// `module.f()` as errors of star arguments name a callee.
pub(crate) fn callee_text(vm: &mut Vm, callee: Ref<'_>) -> PyResult<String> {
    let (qualname, module) = (vm.names.__qualname__, vm.names.__module__);
    let Some(q) = vm.get_attr_opt(callee, qualname)? else {
        return Ok(vm.text_of(callee));
    };
    let q = vm.text_of(q.as_ref());
    let m = vm.get_attr_opt(callee, module)?;
    let m = m.filter(|m| !m.as_ref().is_none()).map(|m| vm.text_of(m.as_ref()));
    Ok(match m {
        Some(m) if m != "builtins" => format!("{m}.{q}()"),
        _ => format!("{q}()"),
    })
}

/// Where control goes after a frame has left.
pub(crate) enum Left {
    /// Behind the caller's instruction.
    Continue,
    /// To the target of the caller's `Send`.
    Jump,
    /// Out of the loop.
    Out(Owned),
    /// The caller's instruction fails.
    Failed(Raised),
}

/// A frame whose registers are released returns `v`: ends it and delivers the value.
#[inline(never)]
pub(crate) unsafe fn leave(vm: &mut Vm, fp: *mut Frame, v: Value) -> Left {
    // SAFETY: `fp` is the topmost frame; ownership of `v` moves to where it goes.
    unsafe {
        let (ret, dest, base) = ((*fp).ret, (*fp).dest, (*fp).base);
        let nlocals = usize::from((*(*fp).code).nlocals);
        end_frame(vm, fp);
        match ret {
            Ret::Native => Left::Out(Owned::from_value(v)),
            Ret::Call => {
                drop(Owned::from_value(dest.replace(v)));
                if vm.heap.has_pending() {
                    vm.finish_deaths();
                }
                Left::Continue
            }
            Ret::Init => {
                if v == NONE {
                    return Left::Continue;
                }
                let class = vm.type_name(Ref::from_value(v));
                for i in 0..nlocals {
                    base.add(i).write(Value::NULL);
                }
                drop(Owned::from_value(v));
                Left::Failed(vm.type_error(&format!("__init__() should return None, not '{class}'")))
            }
            Ret::ForIter => {
                drop(Owned::from_value(v));
                let caller = vm.frames.top();
                let insn = *(*caller).pc;
                let it = (*caller).base.add(usize::from(insn.a)).replace(Value::NULL);
                drop(Owned::from_value(it));
                if vm.heap.has_pending() {
                    vm.finish_deaths();
                }
                Left::Continue
            }
            Ret::Attr => {
                let caller = vm.frames.running();
                let insn = *(*caller).pc;
                let (registers, nlocals) = ((*caller).base, (*(*caller).code).nlocals);
                if insn.b >= nlocals {
                    drop(Owned::from_value(*registers.add(usize::from(insn.b))));
                }
                let place = registers.add(usize::from(insn.a));
                if insn.a < nlocals {
                    drop(Owned::from_value(place.replace(v)));
                } else {
                    place.write(v);
                }
                if vm.heap.has_pending() {
                    vm.finish_deaths();
                }
                Left::Continue
            }
            Ret::Send => {
                let caller = vm.frames.top();
                let insn = *(*caller).pc;
                let registers = (*caller).base;
                drop(Owned::from_value(registers.add(usize::from(insn.b)).replace(v)));
                let it = registers.add(usize::from(insn.a)).replace(Value::NULL);
                drop(Owned::from_value(it));
                Left::Jump
            }
        }
    }
}

impl Vm {
    /// `class(*args)` by `__new__` and `__init__`: what calling a class does unless its metaclass says otherwise.
    pub(crate) fn construct(&mut self, class: TypeRef<'_>, args: &Args<'_>) -> PyResult {
        let Some(new) = class.slots().new else {
            let name = class.name();
            return Err(self.type_error(&format!("cannot create '{name}' instances")));
        };
        let obj = new(self, args)?;
        if !self.is_instance(obj.as_ref(), class) {
            return Ok(obj);
        }
        let actual = self.class_of(obj.as_ref());
        if let Some(init) = actual.slots().init {
            let Args { callee, kwnames, kwvalues, .. } = *args;
            prepended(obj.as_ref(), args.rest(1), |pos| {
                init(self, &Args { callee, pos, kwnames, kwvalues })
            })?;
        }
        Ok(obj)
    }
}
