//! Classes, functions and instances on their way out: by name, or by what `__reduce_ex__` says.

use super::save::Saver;
use super::{because, class_text, follow, noted, op, pickling_error, table};
use crate::prelude::{
    Exc, Layout, Owned, PyResult, Raised, Ref, TupleRef, TypeRef, ValueExt, Vm, as_str, base_value,
    small_int_of, str_bytes,
};
use hognose_vm::DictRef;

/// The parts of a reduced value.
struct Reduced<'a> {
    callable: Ref<'a>,
    args: Ref<'a>,
    state: Option<Ref<'a>>,
    items: Option<Ref<'a>>,
    pairs: Option<Ref<'a>>,
    state_setter: Option<Ref<'a>>,
}

impl Saver<'_> {
    /// What reducing `obj` gave: a name or a tuple.
    pub(super) fn save_reduced(&mut self, vm: &mut Vm, obj: Ref<'_>, value: Ref<'_>) -> PyResult<()> {
        if as_str(value).is_some() {
            return self.save_global(vm, obj, Some(value));
        }
        let done = if TupleRef::new(base_value(value)).is_none() {
            let class = class_text(vm, value);
            Err(pickling_error(vm, &format!("__reduce__ must return a string or tuple, not {class}")))
        } else {
            self.save_reduce(vm, value, obj)
        };
        noted(vm, done, |vm| format!("when serializing {} object", class_text(vm, obj)))
    }

    /// A tuple as `__reduce__` gives it.
    pub(super) fn save_reduce(&mut self, vm: &mut Vm, value: Ref<'_>, obj: Ref<'_>) -> PyResult<()> {
        let r = parts(vm, value)?;
        if self.fast {
            self.fast_enter(vm, obj)?;
        }
        self.save_call(vm, &r, obj)?;
        let known = self.memo.borrow().get(obj);
        if let Some(number) = known {
            self.out.op(vm, op::POP)?;
            self.write_get(vm, number)?;
        } else {
            self.memoize(vm, obj)?;
        }
        if let Some(it) = r.items {
            self.append_items(vm, it, obj)?;
        }
        if let Some(it) = r.pairs {
            self.set_items(vm, it, obj)?;
        }
        if let Some(state) = r.state {
            self.save_state(vm, state, r.state_setter, obj)?;
        }
        if self.fast {
            self.fast_leave();
        }
        Ok(())
    }

    fn save_noted(&mut self, vm: &mut Vm, part: Ref<'_>, what: &str, obj: Ref<'_>) -> PyResult<()> {
        let done = self.save(vm, part, true);
        noted(vm, done, |vm| format!("when serializing {} {what}", class_text(vm, obj)))
    }

    /// What makes the object.
    fn save_call(&mut self, vm: &mut Vm, r: &Reduced<'_>, obj: Ref<'_>) -> PyResult<()> {
        let mut name = Vec::new();
        if self.proto >= 2 {
            let attr = vm.intern("__name__")?;
            if let Some(n) = vm.get_attr_opt(r.callable, attr.as_ref())? {
                name = str_bytes(n.as_ref()).to_vec();
            }
        }
        let args = hognose_vm::tuple_items(base_value(r.args));
        match name.as_slice() {
            b"__newobj_ex__" => self.save_newobj_ex(vm, args, obj),
            b"__newobj__" => {
                let Some((&class, _)) = args.split_first() else {
                    return Err(pickling_error(vm, "__newobj__ expected at least 1 argument, got 0"));
                };
                check_class(vm, class, "__newobj__")?;
                let own = vm.get_attr_name(obj, "__class__")?;
                if !own.as_ref().is(class) {
                    let (own, class) = (vm.repr_text(own.as_ref())?, vm.repr_text(class)?);
                    let message = format!("first argument to __newobj__() must be {own}, not {class}");
                    return Err(pickling_error(vm, &message));
                }
                self.save_noted(vm, class, "class", obj)?;
                let rest = vm.new_tuple(args[1..].iter().map(|r| r.owned()).collect())?;
                self.save_noted(vm, rest.as_ref(), "__new__ arguments", obj)?;
                Ok(self.out.op(vm, op::NEWOBJ)?)
            }
            _ => {
                self.save_noted(vm, r.callable, "reconstructor", obj)?;
                self.save_noted(vm, r.args, "reconstructor arguments", obj)?;
                Ok(self.out.op(vm, op::REDUCE)?)
            }
        }
    }

    fn save_newobj_ex(&mut self, vm: &mut Vm, args: &[Ref<'_>], obj: Ref<'_>) -> PyResult<()> {
        let &[class, args, kwargs] = args else {
            let n = args.len();
            return Err(pickling_error(vm, &format!("__newobj_ex__ expected 3 arguments, got {n}")));
        };
        check_class(vm, class, "__newobj_ex__")?;
        if TupleRef::new(base_value(args)).is_none() {
            let got = class_text(vm, args);
            let message = format!("second argument to __newobj_ex__() must be a tuple, not {got}");
            return Err(pickling_error(vm, &message));
        }
        if !kwargs.has_layout(Layout::Dict) {
            let got = class_text(vm, kwargs);
            let message = format!("third argument to __newobj_ex__() must be a dict, not {got}");
            return Err(pickling_error(vm, &message));
        }
        if self.proto >= 4 {
            self.save_noted(vm, class, "class", obj)?;
            self.save_noted(vm, args, "__new__ arguments", obj)?;
            self.save_noted(vm, kwargs, "__new__ arguments", obj)?;
            return Ok(self.out.op(vm, op::NEWOBJ_EX)?);
        }
        let partial = table(vm, "functools", "partial")?;
        let new = vm.get_attr_name(class, "__new__")?;
        let mut all = vec![new.as_ref(), class];
        all.extend_from_slice(hognose_vm::tuple_items(base_value(args)));
        let kw = DictRef::new(kwargs).map(|d| d.to_vec()).unwrap_or_default();
        let kw: Vec<_> = kw.iter().map(|(k, v)| (k.as_ref(), v.as_ref())).collect();
        let callable = vm.call_kw(partial.as_ref(), &all, &kw)?;
        self.save_noted(vm, callable.as_ref(), "reconstructor", obj)?;
        let empty = vm.empty_tuple();
        self.save_noted(vm, empty, "reconstructor arguments", obj)?;
        Ok(self.out.op(vm, op::REDUCE)?)
    }

    fn save_state(
        &mut self,
        vm: &mut Vm,
        state: Ref<'_>,
        setter: Option<Ref<'_>>,
        obj: Ref<'_>,
    ) -> PyResult<()> {
        let Some(setter) = setter else {
            self.save_noted(vm, state, "state", obj)?;
            return Ok(self.out.op(vm, op::BUILD)?);
        };
        self.save_noted(vm, setter, "state setter", obj)?;
        self.save(vm, obj, true)?;
        self.save_noted(vm, state, "state", obj)?;
        Ok(self.out.write(vm, &[op::TUPLE2, op::REDUCE, op::POP])?)
    }

    // ---- by name

    pub(super) fn save_type(&mut self, vm: &mut Vm, obj: Ref<'_>) -> PyResult<()> {
        for value in [hognose_vm::NONE, hognose_vm::ELLIPSIS, crate::prelude::NOT_IMPLEMENTED] {
            let value = Owned::from_immediate(value);
            if vm.class_of(value.as_ref()).as_ref().is(obj) {
                let args = vm.new_tuple(vec![value])?;
                let class = vm.types().type_.owned();
                let reduced = vm.new_pair(class, args)?;
                return self.save_reduce(vm, reduced.as_ref(), obj);
            }
        }
        self.save_global(vm, obj, None)
    }

    /// A class, function or whatever can be found under its name in a module.
    pub(super) fn save_global(&mut self, vm: &mut Vm, obj: Ref<'_>, name: Option<Ref<'_>>) -> PyResult<()> {
        let name = match name {
            Some(n) => base_value(n).owned(),
            None => {
                let qualname = vm.intern("__qualname__")?;
                match vm.get_attr_opt(obj, qualname.as_ref())? {
                    Some(n) => n,
                    None => vm.get_attr_name(obj, "__name__")?,
                }
            }
        };
        let module = module_of(vm, obj, name.as_ref())?;
        if self.proto >= 2 && self.save_extension(vm, module.as_ref(), name.as_ref())? {
            return Ok(());
        }
        if self.proto >= 4 {
            self.save(vm, module.as_ref(), true)?;
            self.save(vm, name.as_ref(), true)?;
            self.out.op(vm, op::STACK_GLOBAL)?;
            return self.memoize(vm, obj);
        }
        let path: Vec<&[u8]> = str_bytes(name.as_ref()).split(|&b| b == b'.').collect();
        let Some((first, rest)) = path.split_first() else { return Ok(()) };
        for _ in rest {
            let getattr = table(vm, "builtins", "getattr")?;
            self.save(vm, getattr.as_ref(), true)?;
            if self.proto < 2 {
                self.out.op(vm, op::MARK)?;
            }
        }
        let first = vm.new_str_bytes(first)?;
        self.save_toplevel(vm, module.as_ref(), first.as_ref())?;
        for part in rest {
            let part = vm.new_str_bytes(part)?;
            self.save(vm, part.as_ref(), true)?;
            self.out.op(vm, if self.proto < 2 { op::TUPLE } else { op::TUPLE2 })?;
            self.out.op(vm, op::REDUCE)?;
        }
        self.memoize(vm, obj)
    }

    /// As one of the numbers of `copyreg.add_extension`. `false`: it has none.
    fn save_extension(&mut self, vm: &mut Vm, module: Ref<'_>, name: Ref<'_>) -> PyResult<bool> {
        let registry = match &self.extensions {
            Some(r) => r.clone(),
            None => {
                let r = table(vm, "copyreg", "_extension_registry")?;
                self.extensions = Some(r.clone());
                r
            }
        };
        if DictRef::new(registry.as_ref()).is_some_and(|d| d.is_empty()) {
            return Ok(false);
        }
        let key = vm.new_pair(module.owned(), name.owned())?;
        let Some(code) = vm.dict_get(registry.as_ref(), key.as_ref())? else { return Ok(false) };
        let code = small_int_of(code.as_ref()).unwrap_or(0);
        let Some(n) = i32::try_from(code).ok().filter(|n| *n > 0) else {
            return Err(vm.runtime_error(&format!("extension code {code} is out of range")));
        };
        let [a, b, c, d] = n.to_le_bytes();
        match n {
            0..=0xff => self.out.write(vm, &[op::EXT1, a])?,
            0x100..=0xffff => self.out.write(vm, &[op::EXT2, a, b])?,
            _ => self.out.write(vm, &[op::EXT4, a, b, c, d])?,
        }
        Ok(true)
    }

    /// `GLOBAL module name` as text.
    fn save_toplevel(&mut self, vm: &mut Vm, module: Ref<'_>, name: Ref<'_>) -> PyResult<()> {
        let (mut module, mut name) = (module.owned(), name.owned());
        if self.fix_imports {
            (module, name) = old_names(vm, module, name)?;
        }
        self.out.op(vm, op::GLOBAL)?;
        for (part, what) in [(module, "module"), (name, "global")] {
            let encoding = if self.proto >= 3 { "utf-8" } else { "ascii" };
            let bytes = match vm.encode(part.as_ref(), encoding, "strict") {
                Ok(b) => b,
                Err(e) if vm.raised_is(&e, Exc::UnicodeEncodeError) => {
                    let first = vm.catch(e);
                    let (shown, proto) = (vm.repr_text(part.as_ref())?, self.proto);
                    let message =
                        format!("can't pickle {what} identifier {shown} using pickle protocol {proto}");
                    let e = pickling_error(vm, &message);
                    return Err(because(vm, e, first));
                }
                Err(e) => return Err(e),
            };
            self.out.write(vm, crate::prelude::buffer::exact(bytes.as_ref()))?;
            self.out.op(vm, b'\n')?;
        }
        Ok(())
    }
}

fn check_class(vm: &mut Vm, class: Ref<'_>, function: &str) -> PyResult<()> {
    if TypeRef::new(class).is_some() {
        return Ok(());
    }
    let got = class_text(vm, class);
    Err(pickling_error(vm, &format!("first argument to {function}() must be a class, not {got}")))
}

/// Takes a reduced value apart.
fn parts<'a>(vm: &mut Vm, value: Ref<'a>) -> PyResult<Reduced<'a>> {
    let all = hognose_vm::tuple_items(base_value(value));
    if !(2..=6).contains(&all.len()) {
        let message = "tuple returned by __reduce__ must contain 2 through 6 elements";
        return Err(pickling_error(vm, message));
    }
    let opt = |i: usize| all.get(i).copied().filter(|r| !r.is_none());
    let wrong = |vm: &mut Vm, nth: &str, what: &str, r: Ref<'_>| -> PyResult<Reduced<'a>> {
        let got = class_text(vm, r);
        let message = format!("{nth} item of the tuple returned by __reduce__ must be {what}, not {got}");
        Err(pickling_error(vm, &message))
    };
    if vm.class_of(all[0]).slots().call.is_none() && !is_callable(vm, all[0]) {
        return wrong(vm, "first", "callable", all[0]);
    }
    if TupleRef::new(base_value(all[1])).is_none() {
        return wrong(vm, "second", "a tuple", all[1]);
    }
    for (i, nth) in [(3, "fourth"), (4, "fifth")] {
        if let Some(r) = opt(i).filter(|r| vm.class_of(*r).slots().next.is_none()) {
            return wrong(vm, nth, "an iterator", r);
        }
    }
    if let Some(r) = opt(5).filter(|r| !is_callable(vm, *r)) {
        return wrong(vm, "sixth", "callable", r);
    }
    Ok(Reduced {
        callable: all[0],
        args: all[1],
        state: opt(2),
        items: opt(3),
        pairs: opt(4),
        state_setter: opt(5),
    })
}

fn is_callable(vm: &Vm, r: Ref<'_>) -> bool {
    let natural = [Layout::Function, Layout::NativeFunction, Layout::BoundMethod, Layout::Type];
    natural.iter().any(|l| r.has_layout(*l)) || vm.class_of(r).slots().call.is_some()
}

/// Module and name as Python 2 had them.
fn old_names(vm: &mut Vm, module: Owned, name: Owned) -> PyResult<(Owned, Owned)> {
    let names = table(vm, "_compat_pickle", "REVERSE_NAME_MAPPING")?;
    let key = vm.new_pair(module.clone(), name.clone())?;
    if let Some(pair) = vm.dict_get(names.as_ref(), key.as_ref())? {
        if let &[m, n] = hognose_vm::tuple_items(pair.as_ref()) {
            return Ok((m.owned(), n.owned()));
        }
        let class = vm.type_name(pair.as_ref());
        let message = format!("_compat_pickle.REVERSE_NAME_MAPPING values should be 2-tuples, not {class}");
        return Err(vm.runtime_error(&message));
    }
    let modules = table(vm, "_compat_pickle", "REVERSE_IMPORT_MAPPING")?;
    let module = vm.dict_get(modules.as_ref(), module.as_ref())?.unwrap_or(module);
    Ok((module, name))
}

/// The module an object can be found in under a name; PicklingError when it cannot.
fn module_of(vm: &mut Vm, obj: Ref<'_>, name: Ref<'_>) -> PyResult {
    let Some(path) = as_str(name) else {
        let class = vm.type_name(name);
        return Err(vm.type_error(&format!("must be str, not {class}")));
    };
    let path = path.as_bytes();
    let attr = vm.intern("__module__")?;
    let module = vm.get_attr_opt(obj, attr.as_ref())?.filter(|m| !m.as_ref().is_none());
    if path.split(|&b| b == b'.').any(|part| part == b"<locals>") {
        let shown = vm.repr_text(obj)?;
        return Err(pickling_error(vm, &format!("Can't pickle local object {shown}")));
    }
    let module = match module {
        Some(m) => m,
        None => search_modules(vm, obj, path)?,
    };
    let Some(text) = as_str(module.as_ref()) else {
        let class = vm.type_name(module.as_ref());
        return Err(vm.type_error(&format!("module name must be a string, not {class}")));
    };
    let module_text = text.to_lossy().into_owned();
    let loaded = match super::import(vm, text) {
        Ok(m) => m,
        Err(e) => return Err(not_importable(vm, e, obj)),
    };
    let shown_path = String::from_utf8_lossy(path).into_owned();
    let found = match follow(vm, loaded.as_ref(), path) {
        Ok(f) => f,
        Err(e) if vm.raised_is(&e, Exc::AttributeError) => {
            let first = vm.catch(e);
            let shown = vm.repr_text(obj)?;
            let message = format!("Can't pickle {shown}: it's not found as {module_text}.{shown_path}");
            let e = pickling_error(vm, &message);
            return Err(because(vm, e, first));
        }
        Err(e) => return Err(e),
    };
    if !found.as_ref().is(obj) {
        let shown = vm.repr_text(obj)?;
        let message = format!("Can't pickle {shown}: it's not the same object as {module_text}.{shown_path}");
        return Err(pickling_error(vm, &message));
    }
    Ok(module)
}

fn not_importable(vm: &mut Vm, e: Raised, obj: Ref<'_>) -> Raised {
    if ![Exc::ImportError, Exc::ValueError, Exc::KeyError].into_iter().any(|k| vm.raised_is(&e, k)) {
        return e;
    }
    let exc = vm.catch(e);
    let why = vm.text_of(exc.as_ref());
    match vm.repr_text(obj) {
        Ok(shown) => {
            let e = pickling_error(vm, &format!("Can't pickle {shown}: {why}"));
            because(vm, e, exc)
        }
        Err(e) => e,
    }
}

/// The name of the first module that has the object under this path, or `__main__`.
fn search_modules(vm: &mut Vm, obj: Ref<'_>, path: &[u8]) -> PyResult {
    let modules = vm.modules().owned();
    let modules = vm.call_method(modules.as_ref(), "copy", &[])?;
    let all = DictRef::new(modules.as_ref()).map(|d| d.to_vec()).unwrap_or_default();
    for (name, module) in all {
        if matches!(str_bytes(name.as_ref()), b"__main__" | b"__mp_main__") || module.as_ref().is_none() {
            continue;
        }
        match follow(vm, module.as_ref(), path) {
            Ok(found) if found.as_ref().is(obj) => return Ok(name),
            Ok(_) => {}
            Err(e) if vm.raised_is(&e, Exc::AttributeError) => vm.discard(e),
            Err(e) => return Err(e),
        }
    }
    vm.new_str("__main__")
}
