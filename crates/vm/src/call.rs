//! Calls: argument binding for Python functions and native ones, and calling from native code.
//!
//! A Python function called from the dispatch loop runs in that loop. Called from here it gets a loop of its own
//! (`Ret::Native`), which is why native recursion is bounded by [`Vm::check_native_stack`].
#![allow(unsafe_code, reason = "places arguments on the value stack")]

use crate::args::{Args, prepended};
use crate::frame::{Frame, Ret, frame_flags};
use crate::run::{Outcome, Start, run};
use crate::{PyResult, Vm};
use hognose_bytecode::CodeFlags;
use hognose_object::code::{CodeObj, CodePtr};
use hognose_object::dict::DictRef;
use hognose_object::objects::{BoundMethodObj, FunctionObj};
use hognose_object::tuple::TupleRef;
use hognose_object::{Layout, Owned, Ref, Value, ValueExt};

/// Arguments on their way into a Python function: owned words, released when binding fails.
pub(crate) struct ArgVec(pub Vec<Value>);

impl Drop for ArgVec {
    fn drop(&mut self) {
        for &v in self.0.iter().rev() {
            // SAFETY: the vector owns what it holds.
            drop(unsafe { Owned::from_value(v) });
        }
    }
}

/// Arguments bound to the parameters of a signature by [`Vm::bind`].
pub struct Bound<'a> {
    /// One place for each parameter.
    pub pos: Vec<Option<Ref<'a>>>,
}

impl Vm {
    /// `callable(*args)`
    pub fn call(&mut self, callable: Ref<'_>, args: &[Ref<'_>]) -> PyResult {
        self.call_vector(callable, args, &[], &[])
    }

    /// `callable(*pos, **kw)`
    pub fn call_kw(&mut self, callable: Ref<'_>, pos: &[Ref<'_>], kw: &[(Ref<'_>, Ref<'_>)]) -> PyResult {
        let names: Vec<Ref<'_>> = kw.iter().map(|k| k.0).collect();
        let values: Vec<Ref<'_>> = kw.iter().map(|k| k.1).collect();
        self.call_vector(callable, pos, &names, &values)
    }

    /// Calls anything.
    pub(crate) fn call_vector(
        &mut self,
        callable: Ref<'_>,
        pos: &[Ref<'_>],
        kwnames: &[Ref<'_>],
        kwvalues: &[Ref<'_>],
    ) -> PyResult {
        match callable.layout_of() {
            Some(Layout::Function) => self.call_function(callable, pos, kwnames, kwvalues),
            Some(Layout::NativeFunction) => self.call_native_function(callable, pos, kwnames, kwvalues),
            Some(Layout::BoundMethod) => {
                let m = callable.value().header().cast::<BoundMethodObj>();
                // SAFETY: the layout was checked; the method keeps both alive during the call.
                let (func, receiver) =
                    unsafe { (Ref::from_value((*m).func), Ref::from_value((*m).receiver)) };
                if func.layout_of() == Some(Layout::BoundMethod) {
                    return self.call_nested_methods(callable, pos, kwnames, kwvalues);
                }
                self.call_prepended(func, receiver, pos, kwnames, kwvalues)
            }
            _ => {
                let class = self.class_of(callable);
                let Some(f) = class.slots().call else {
                    let name = class.name();
                    return Err(self.type_error(&format!("'{name}' object is not callable")));
                };
                self.check_native_stack()?;
                prepended(callable, pos, |pos| f(self, &Args { callee: callable, pos, kwnames, kwvalues }))
            }
        }
    }

    /// Calls a method of a method of a method …: one list of arguments, however deep the nest.
    fn call_nested_methods(
        &mut self,
        callable: Ref<'_>,
        pos: &[Ref<'_>],
        kwnames: &[Ref<'_>],
        kwvalues: &[Ref<'_>],
    ) -> PyResult {
        let (mut f, mut all) = (callable, Vec::new());
        while f.layout_of() == Some(Layout::BoundMethod) {
            let m = f.value().header().cast::<BoundMethodObj>();
            // SAFETY: the layout was checked; methods do not change, so the outermost keeps all others alive.
            unsafe {
                all.push(Ref::from_value((*m).receiver));
                f = Ref::from_value((*m).func);
            }
        }
        all.reverse();
        all.extend_from_slice(pos);
        self.call_vector(f, &all, kwnames, kwvalues)
    }

    /// `f(first, *pos, **kw)`, without allocating for the usual numbers of arguments.
    pub(crate) fn call_prepended(
        &mut self,
        f: Ref<'_>,
        first: Ref<'_>,
        pos: &[Ref<'_>],
        kwnames: &[Ref<'_>],
        kwvalues: &[Ref<'_>],
    ) -> PyResult {
        prepended(first, pos, |all| self.call_vector(f, all, kwnames, kwvalues))
    }

    // ---- Python functions

    fn call_function(
        &mut self,
        func: Ref<'_>,
        pos: &[Ref<'_>],
        kwnames: &[Ref<'_>],
        kwvalues: &[Ref<'_>],
    ) -> PyResult {
        self.check_native_stack()?;
        let base = self.frames.free_values();
        // SAFETY: `base` is above everything in use; the function is held by `owned` while the frame runs.
        unsafe {
            let f = func.value().header().cast::<FunctionObj>();
            let code = (*f).code.header().cast::<CodeObj>();
            let simple =
                (*code).is_simple && usize::from((*code).argcount) == pos.len() && kwnames.is_empty();
            if simple && self.frame_fits(base, (*code).nregs) {
                for (i, r) in pos.iter().enumerate() {
                    base.add(i).write(r.owned().into_value());
                }
                for i in pos.len()..usize::from((*code).nlocals) {
                    base.add(i).write(Value::NULL);
                }
                if !(*f).closure.is_null() {
                    crate::slow::load_closure(f, base);
                }
            } else {
                let own = |r: &Ref<'_>| r.owned().into_value();
                let mut args = ArgVec(pos.iter().chain(kwvalues).map(own).collect());
                self.bind_function(f, base, &mut args, kwnames)?;
            }
            let fp = self.push_frame(f, base, std::ptr::null_mut(), Ret::Native);
            (*fp).owned = func.owned().into_value();
            (*fp).flags = frame_flags::OWNED;
        }
        self.run_to_value()
    }

    /// Runs the frame just pushed to its end.
    pub(crate) fn run_to_value(&mut self) -> PyResult {
        match run(self, Start::Normal)? {
            Outcome::Return(v) | Outcome::Yield(v) => Ok(v),
        }
    }

    /// Runs a function's code with a namespace of its own (class bodies, `exec`).
    pub(crate) fn run_with_namespace(&mut self, func: Ref<'_>, namespace: Option<Ref<'_>>) -> PyResult {
        self.check_native_stack()?;
        let base = self.frames.free_values();
        // SAFETY: as in `call_function`.
        unsafe {
            let f = func.value().header().cast::<FunctionObj>();
            self.bind_function(f, base, &mut ArgVec(Vec::new()), &[])?;
            let fp = self.push_frame(f, base, std::ptr::null_mut(), Ret::Native);
            (*fp).owned = func.owned().into_value();
            (*fp).flags = frame_flags::OWNED;
            if let Some(ns) = namespace {
                (*fp).namespace = ns.owned().into_value();
                (*fp).flags |= frame_flags::NAMESPACE;
            }
        }
        self.run_to_value()
    }

    /// Puts arguments into the registers of a function about to run; all other locals become NULL.
    /// The last `kwnames.len()` of `args` are keyword arguments.
    ///
    /// # Safety
    /// `func` must be alive, and nothing above `base` in use.
    pub(crate) unsafe fn bind_function(
        &mut self,
        func: *mut FunctionObj,
        base: *mut Value,
        args: &mut ArgVec,
        kwnames: &[Ref<'_>],
    ) -> PyResult<()> {
        // SAFETY: the function is alive; registers up to nregs are in range once `frame_fits` said so.
        unsafe {
            let code = (*func).code.header().cast::<CodeObj>();
            self.load_body(code)?;
            if !self.frame_fits(base, (*code).nregs) {
                return Err(self.recursion_error(""));
            }
            let nlocals = usize::from((*code).nlocals);
            for i in 0..nlocals {
                base.add(i).write(Value::NULL);
            }
            let first_free = usize::from((*code).first_free);
            if !(*func).closure.is_null()
                && let Some(cells) = TupleRef::new(Ref::from_value((*func).closure))
            {
                for (i, c) in cells.items().iter().enumerate() {
                    base.add(first_free + i).write(c.owned().into_value());
                }
            }
            let r = self.bind_parameters(func, code, base, args, kwnames);
            if r.is_err() {
                for i in (0..nlocals).rev() {
                    drop(Owned::from_value(base.add(i).replace(Value::NULL)));
                }
            }
            r
        }
    }

    unsafe fn bind_parameters(
        &mut self,
        func: *mut FunctionObj,
        code: *mut CodeObj,
        base: *mut Value,
        args: &mut ArgVec,
        kwnames: &[Ref<'_>],
    ) -> PyResult<()> {
        // SAFETY: as the caller says; each argument moves into exactly one register.
        unsafe {
            let (argcount, kwonly) = (usize::from((*code).argcount), usize::from((*code).kwonlyargcount));
            let flags = code.table().flags;
            let npos = args.0.len() - kwnames.len();
            let taken = npos.min(argcount);
            let kwvalues = args.0.split_off(npos);
            let mut kwvalues = ArgVec(kwvalues);
            let extra = args.0.split_off(taken);
            let extra = ArgVec(extra);
            for (i, v) in args.0.drain(..).enumerate() {
                base.add(i).write(v);
            }
            let mut next = argcount + kwonly;
            if flags.has(CodeFlags::VARARGS) {
                let items = take_all(extra);
                base.add(next).write(self.new_tuple(items)?.into_value());
                next += 1;
            }
            let varkw = flags.has(CodeFlags::VARKEYWORDS);
            if varkw {
                base.add(next).write(self.new_dict()?.into_value());
            }
            self.bind_keywords(func, code, base, &mut kwvalues, kwnames, varkw.then_some(next))?;
            if npos > argcount && !flags.has(CodeFlags::VARARGS) {
                return Err(self.too_many_positional(func, code, base, npos));
            }
            self.fill_defaults(func, code, base, taken)
        }
    }

    unsafe fn bind_keywords(
        &mut self,
        func: *mut FunctionObj,
        code: *mut CodeObj,
        base: *mut Value,
        values: &mut ArgVec,
        names: &[Ref<'_>],
        varkw: Option<usize>,
    ) -> PyResult<()> {
        if names.is_empty() {
            return Ok(());
        }
        // SAFETY: as the caller says.
        unsafe {
            let params = Ref::from_value((*code).varnames).owned();
            let params = TupleRef::new(params.as_ref()).map_or(&[][..], |t| t.items());
            let posonly = usize::from(code.table().posonlyargcount);
            let total = usize::from((*code).argcount) + usize::from((*code).kwonlyargcount);
            for (i, name) in names.iter().enumerate() {
                let same =
                    |p: &Ref<'_>| p.is(*name) || crate::text::str_bytes(*p) == crate::text::str_bytes(*name);
                let at = (posonly..total).find(|&k| same(&params[k]));
                let value = std::mem::replace(&mut values.0[i], Value::NULL);
                let value = Owned::from_value(value);
                match (at, varkw) {
                    (Some(k), _) if (*base.add(k)).is_null() => base.add(k).write(value.into_value()),
                    (Some(_), _) => {
                        let (f, n) = (self.function_name(func), self.text_of(*name));
                        return Err(self.type_error(&format!("{f}() got multiple values for argument '{n}'")));
                    }
                    (None, Some(k)) => {
                        let dict = Ref::from_value(*base.add(k)).owned();
                        self.dict_set(dict.as_ref(), *name, value.as_ref())?;
                    }
                    (None, None) => return Err(self.unexpected_keyword(func, code, params, names, *name)),
                }
            }
        }
        Ok(())
    }

    unsafe fn unexpected_keyword(
        &mut self,
        func: *mut FunctionObj,
        code: *mut CodeObj,
        params: &[Ref<'_>],
        names: &[Ref<'_>],
        name: Ref<'_>,
    ) -> crate::Raised {
        // SAFETY: as the caller says.
        let (f, posonly) = unsafe { (self.function_name(func), usize::from(code.table().posonlyargcount)) };
        let bytes = crate::text::str_bytes;
        let is_posonly = |n: &Ref<'_>| params[..posonly].iter().any(|p| bytes(*p) == bytes(*n));
        let wrong: Vec<String> = names.iter().filter(|n| is_posonly(n)).map(|n| self.text_of(*n)).collect();
        if !wrong.is_empty() {
            let list = wrong.join(", ");
            return self.type_error(&format!(
                "{f}() got some positional-only arguments passed as keyword arguments: '{list}'"
            ));
        }
        let name = self.text_of(name);
        // SAFETY: as the caller says.
        let total = unsafe { usize::from((*code).argcount) + usize::from((*code).kwonlyargcount) };
        let candidates: Vec<String> = params[posonly..total].iter().map(|p| self.text_of(*p)).collect();
        let hint = crate::traceback::suggestion(&name, candidates.iter().map(String::as_str));
        let hint = hint.map_or_else(String::new, |h| format!(". Did you mean '{h}'?"));
        self.type_error(&format!("{f}() got an unexpected keyword argument '{name}'{hint}"))
    }

    unsafe fn fill_defaults(
        &mut self,
        func: *mut FunctionObj,
        code: *mut CodeObj,
        base: *mut Value,
        given: usize,
    ) -> PyResult<()> {
        // SAFETY: as the caller says.
        unsafe {
            let argcount = usize::from((*code).argcount);
            let kwonly = usize::from((*code).kwonlyargcount);
            if given < argcount {
                let defaults = Ref::from_value((*func).defaults);
                let defaults = if defaults.is_null() { &[][..] } else { tuple_items(defaults) };
                let first = argcount - defaults.len().min(argcount);
                for i in given.max(first)..argcount {
                    if (*base.add(i)).is_null() {
                        base.add(i).write(defaults[i - first].owned().into_value());
                    }
                }
                if (given..first.max(given)).any(|i| (*base.add(i)).is_null()) {
                    let missing: Vec<usize> = (given..first).filter(|&i| (*base.add(i)).is_null()).collect();
                    return Err(self.missing_arguments(func, code, "positional", &missing));
                }
            }
            let mut missing = Vec::new();
            for i in argcount..argcount + kwonly {
                if (*base.add(i)).is_null() {
                    let kw = (*func).kwdefaults;
                    let name = tuple_items(Ref::from_value((*code).varnames))[i];
                    let found = if kw.is_null() {
                        None
                    } else {
                        DictRef::new(Ref::from_value(kw)).and_then(|d| d.get_str(name))
                    };
                    match found {
                        Some(v) => base.add(i).write(v.into_value()),
                        None => missing.push(i),
                    }
                }
            }
            if missing.is_empty() {
                return Ok(());
            }
            Err(self.missing_arguments(func, code, "keyword-only", &missing))
        }
    }

    #[cold]
    unsafe fn missing_arguments(
        &mut self,
        func: *mut FunctionObj,
        code: *mut CodeObj,
        kind: &str,
        missing: &[usize],
    ) -> crate::Raised {
        // SAFETY: as the caller says.
        let (f, names) =
            unsafe { (self.function_name(func), tuple_items(Ref::from_value((*code).varnames))) };
        let names: Vec<String> = missing.iter().map(|&i| format!("'{}'", self.text_of(names[i]))).collect();
        let list = match names.as_slice() {
            [one] => one.clone(),
            [a, b] => format!("{a} and {b}"),
            [init @ .., last] => format!("{}, and {last}", init.join(", ")),
            [] => String::new(),
        };
        let (n, s) = (names.len(), if names.len() == 1 { "" } else { "s" });
        self.type_error(&format!("{f}() missing {n} required {kind} argument{s}: {list}"))
    }

    #[cold]
    unsafe fn too_many_positional(
        &mut self,
        func: *mut FunctionObj,
        code: *mut CodeObj,
        base: *mut Value,
        given: usize,
    ) -> crate::Raised {
        // SAFETY: as the caller says.
        unsafe {
            let f = self.function_name(func);
            let argcount = usize::from((*code).argcount);
            let ndefaults = if (*func).defaults.is_null() {
                0
            } else {
                tuple_items(Ref::from_value((*func).defaults)).len()
            };
            let takes = if ndefaults > 0 {
                format!("from {} to {argcount}", argcount - ndefaults.min(argcount))
            } else {
                argcount.to_string()
            };
            let plural = if argcount == 1 && ndefaults == 0 { "" } else { "s" };
            let kwonly = usize::from((*code).kwonlyargcount);
            let kw_given = (argcount..argcount + kwonly).filter(|&i| !(*base.add(i)).is_null()).count();
            let given_text = if kw_given > 0 {
                let s = if kw_given == 1 { "" } else { "s" };
                let ps = if given == 1 { "" } else { "s" };
                format!("{given} positional argument{ps} (and {kw_given} keyword-only argument{s}) were")
            } else {
                format!("{given} {}", if given == 1 { "was" } else { "were" })
            };
            self.type_error(&format!(
                "{f}() takes {takes} positional argument{plural} but {given_text} given"
            ))
        }
    }

    /// `__qualname__` of a function, for messages.
    pub(crate) unsafe fn function_name(&mut self, func: *mut FunctionObj) -> String {
        // SAFETY: the caller's function is alive.
        self.text_of(unsafe { Ref::from_value((*func).qualname) })
    }

    // ---- frames ending

    /// Releases what a frame holds beyond its registers.
    ///
    /// # Safety
    /// `fp` must be the topmost frame, about to be popped.
    #[cold]
    pub(crate) unsafe fn finish_frame(&mut self, fp: *mut Frame) {
        // SAFETY: the flags say which fields are valid; each is owned by the frame.
        unsafe {
            let flags = (*fp).flags;
            (*fp).flags &= !(frame_flags::NAMESPACE | frame_flags::OWNED);
            if flags & frame_flags::NAMESPACE != 0 {
                drop(Owned::from_value((*fp).namespace));
            }
            if flags & frame_flags::OWNED != 0 {
                drop(Owned::from_value((*fp).owned));
            }
        }
    }

    /// Hands a frame's locals to its frame object, if somebody else holds that; called before they are released.
    ///
    /// # Safety
    /// `fp` must be the topmost frame with a frame object.
    #[cold]
    pub(crate) unsafe fn detach_frame_object(&mut self, fp: *mut Frame) {
        // SAFETY: the flags say that the frame object is valid.
        unsafe {
            let f = (*fp).frame_obj;
            let o = Owned::from_value(Value::from_ptr(f.cast()));
            (*fp).flags &= !frame_flags::FRAME_OBJ;
            (*f).depth = u32::MAX;
            (*f).pc = (*fp).pc.offset_from((*(*fp).code).insns) as u32;
            let shared = (*f).header.rc() > 1;
            if shared && (*fp).code.table().flags.has(CodeFlags::OPTIMIZED) {
                let n = usize::from((*(*fp).code).nlocals);
                if let Ok(h) = hognose_object::tuple::TupleObj::alloc_raw(&self.heap, n) {
                    for i in 0..n {
                        let v = (*fp).base.add(i).replace(Value::NULL);
                        hognose_object::tuple::TupleObj::items(h).add(i).write(v);
                    }
                    // Not an object of the program: the collector does not count it.
                    (*h).set_flag(hognose_heap::flags::USER1);
                    (*f).locals = Value::from_ptr(h);
                }
            }
            drop(o);
        }
    }
}

fn take_all(mut args: ArgVec) -> Vec<Owned> {
    // SAFETY: ownership moves from the vector to the handles.
    args.0.drain(..).map(|v| unsafe { Owned::from_value(v) }).collect()
}

/// Items of an exact tuple.
pub fn tuple_items(r: Ref<'_>) -> &[Ref<'_>] {
    TupleRef::new(r).map_or(&[], |t| t.items())
}
