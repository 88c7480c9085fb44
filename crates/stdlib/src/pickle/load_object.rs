//! Instructions that find classes, call things and give instances their state.

use super::load::Loader;
use super::unpickler::Unpickler;
use super::{because, class_text, follow, op, table, unpickling_error};
use crate::prelude::{
    Exc, Layout, Owned, PyResult, Ref, TupleRef, TypeRef, ValueExt, Vm, as_str, base_value, buffer,
};
use hognose_vm::DictRef;

impl Loader<'_> {
    pub(super) fn object_step(&mut self, vm: &mut Vm, code: u8) -> PyResult<()> {
        let v = match code {
            op::REDUCE => self.reduce(vm)?,
            op::BUILD => return self.build(vm),
            op::NEWOBJ => self.newobj(vm, false)?,
            op::NEWOBJ_EX => self.newobj(vm, true)?,
            op::GLOBAL => {
                let (module, name) = self.two_lines(vm, "utf-8")?;
                self.find(vm, module.as_ref(), name.as_ref())?
            }
            op::STACK_GLOBAL => {
                let name = self.stack.pop(vm)?;
                let module = self.stack.pop(vm)?;
                if !name.as_ref().is_exact(Layout::Str) || !module.as_ref().is_exact(Layout::Str) {
                    return Err(unpickling_error(vm, "STACK_GLOBAL requires str"));
                }
                self.find(vm, module.as_ref(), name.as_ref())?
            }
            op::INST => {
                let at = self.stack.unmark(vm)?;
                let (module, name) = self.two_lines(vm, "ascii")?;
                let class = self.find(vm, module.as_ref(), name.as_ref())?;
                let args = self.stack.take_from(vm, at)?;
                instantiate(vm, class.as_ref(), &args)?
            }
            op::OBJ => {
                let at = self.stack.unmark(vm)?;
                let all = self.stack.take_from(vm, at)?;
                let Some((class, args)) = all.split_first() else { return Err(self.stack.underflow(vm)) };
                instantiate(vm, class.as_ref(), args)?
            }
            op::EXT1 => self.extension(vm, 1)?,
            op::EXT2 => self.extension(vm, 2)?,
            op::EXT4 => self.extension(vm, 4)?,
            op::PERSID => {
                let line = self.input.line(vm)?;
                let text = buffer::exact(line.as_ref());
                let Some(text) = text.strip_suffix(b"\n").filter(|t| t.is_ascii()) else {
                    let message = "persistent IDs in protocol 0 must be ASCII strings";
                    return Err(unpickling_error(vm, message));
                };
                let id = vm.new_str_bytes(text)?;
                self.persistent(vm, id)?
            }
            op::BINPERSID => {
                let id = self.stack.pop(vm)?;
                self.persistent(vm, id)?
            }
            op::NEXT_BUFFER => self.next_buffer(vm)?,
            op::READONLY_BUFFER => {
                let object = self.stack.pop(vm)?;
                let view = vm.memoryview_of(object.as_ref())?;
                if vm.get_attr_name(view.as_ref(), "readonly")?.value() == hognose_vm::TRUE {
                    object
                } else {
                    vm.call_method(view.as_ref(), "toreadonly", &[])?
                }
            }
            _ => {
                let shown = match code {
                    0x20..=0x7e if code != b'\'' && code != b'\\' => char::from(code).to_string(),
                    _ => format!("\\x{code:02x}"),
                };
                return Err(unpickling_error(vm, &format!("invalid load key, '{shown}'.")));
            }
        };
        self.stack.push(vm, v)
    }

    fn reduce(&mut self, vm: &mut Vm) -> PyResult {
        let args = self.stack.pop(vm)?;
        let f = self.stack.pop(vm)?;
        if TupleRef::new(base_value(args.as_ref())).is_none() {
            return Err(vm.type_error("argument list must be a tuple"));
        }
        vm.call(f.as_ref(), hognose_vm::tuple_items(base_value(args.as_ref())))
    }

    fn two_lines(&mut self, vm: &mut Vm, encoding: &str) -> PyResult<(Owned, Owned)> {
        let mut line = |vm: &mut Vm| -> PyResult {
            let text = self.text_line(vm)?;
            let text = vm.decode(buffer::exact(text.as_ref()), encoding, "strict")?;
            Ok(vm.intern_object(text.as_ref()))
        };
        Ok((line(vm)?, line(vm)?))
    }

    fn find(&mut self, vm: &mut Vm, module: Ref<'_>, name: Ref<'_>) -> PyResult {
        match self.find_class.clone() {
            Some(f) => vm.call(f.as_ref(), &[module, name]),
            None => find_class(vm, self.u, module, name),
        }
    }

    fn persistent(&mut self, vm: &mut Vm, id: Owned) -> PyResult {
        match self.persistent_load.clone() {
            Some(f) => vm.call(f.as_ref(), &[id.as_ref()]),
            None => {
                let message = "A load persistent id instruction was encountered, but no persistent_load function was specified.";
                Err(unpickling_error(vm, message))
            }
        }
    }

    fn next_buffer(&mut self, vm: &mut Vm) -> PyResult {
        let Some(buffers) = self.u.buffers.borrow().clone() else {
            let message = "pickle stream refers to out-of-band data but no *buffers* argument was given";
            return Err(unpickling_error(vm, message));
        };
        match vm.next(buffers.as_ref())? {
            Some(b) => Ok(b),
            None => Err(unpickling_error(vm, "not enough out-of-band buffers")),
        }
    }

    fn newobj(&mut self, vm: &mut Vm, with_keywords: bool) -> PyResult {
        let name = if with_keywords { "NEWOBJ_EX" } else { "NEWOBJ" };
        let kwargs = if with_keywords { Some(self.stack.pop(vm)?) } else { None };
        let args = self.stack.pop(vm)?;
        let class = self.stack.pop(vm)?;
        if TypeRef::new(class.as_ref()).is_none() {
            let got = vm.type_name(class.as_ref());
            return Err(unpickling_error(vm, &format!("{name} class argument must be a type, not {got}")));
        }
        if TupleRef::new(base_value(args.as_ref())).is_none() {
            let got = vm.type_name(args.as_ref());
            return Err(unpickling_error(vm, &format!("{name} args argument must be a tuple, not {got}")));
        }
        let attr = vm.intern("__new__")?;
        let Some(new) = vm.get_attr_opt(class.as_ref(), attr.as_ref())? else {
            let got = TypeRef::new(class.as_ref()).map(|c| c.name()).unwrap_or_default();
            let message = format!("{name} class argument '{got}' doesn't have __new__");
            return Err(unpickling_error(vm, &message));
        };
        let mut all = vec![class.as_ref()];
        all.extend_from_slice(hognose_vm::tuple_items(base_value(args.as_ref())));
        let Some(kwargs) = kwargs else { return vm.call(new.as_ref(), &all) };
        let Some(kw) = DictRef::new(kwargs.as_ref()).filter(|d| !d.is_set()) else {
            let got = vm.type_name(kwargs.as_ref());
            return Err(unpickling_error(vm, &format!("{name} kwargs argument must be a dict, not {got}")));
        };
        let kw = kw.to_vec();
        let kw: Vec<_> = kw.iter().map(|(k, v)| (k.as_ref(), v.as_ref())).collect();
        if kw.iter().any(|(k, _)| as_str(*k).is_none()) {
            return Err(vm.type_error("keywords must be strings"));
        }
        vm.call_kw(new.as_ref(), &all, &kw)
    }

    fn extension(&mut self, vm: &mut Vm, n: usize) -> PyResult {
        let code = self.input.take(vm, n, |_, b| {
            let mut raw = [0; 4];
            raw[..n].copy_from_slice(b);
            Ok(i32::from_le_bytes(raw))
        })?;
        if code <= 0 {
            return Err(unpickling_error(vm, "EXT specifies code <= 0"));
        }
        let key = vm.new_int(i64::from(code))?;
        let cache = table(vm, "copyreg", "_extension_cache")?;
        if let Some(v) = vm.dict_get(cache.as_ref(), key.as_ref())? {
            return Ok(v);
        }
        let registry = table(vm, "copyreg", "_inverted_registry")?;
        let Some(pair) = vm.dict_get(registry.as_ref(), key.as_ref())? else {
            return Err(vm.value_error(&format!("unregistered extension code {code}")));
        };
        let v = match hognose_vm::tuple_items(pair.as_ref()) {
            &[module, name] if as_str(module).is_some() && as_str(name).is_some() => {
                self.find(vm, module, name)?
            }
            _ => {
                let message = format!("_inverted_registry[{code}] isn't a 2-tuple of strings");
                return Err(vm.value_error(&message));
            }
        };
        vm.dict_set(cache.as_ref(), key.as_ref(), v.as_ref())?;
        Ok(v)
    }

    /// Gives the instance below it a state.
    fn build(&mut self, vm: &mut Vm) -> PyResult<()> {
        let state = self.stack.pop(vm)?;
        let inst = self.stack.top(vm)?;
        let name = vm.intern("__setstate__")?;
        if let Some(f) = vm.get_attr_opt(inst.as_ref(), name.as_ref())? {
            return vm.call(f.as_ref(), &[state.as_ref()]).map(drop);
        }
        let (mut own, mut slots) = (state.as_ref(), None);
        if let &[a, b] = hognose_vm::tuple_items(base_value(state.as_ref())) {
            (own, slots) = (a, Some(b));
        }
        if !own.is_none() {
            let Some(d) = DictRef::new(own).filter(|d| !d.is_set()) else {
                return Err(unpickling_error(vm, "state is not a dictionary"));
            };
            let dict = vm.get_attr_name(inst.as_ref(), "__dict__")?;
            let mut at = 0;
            while let Some((i, key, value)) = d.next_entry(at) {
                at = i + 1;
                let key =
                    if key.as_ref().is_exact(Layout::Str) { vm.intern_object(key.as_ref()) } else { key };
                vm.set_item(dict.as_ref(), key.as_ref(), Some(value.as_ref()))?;
            }
        }
        if let Some(slots) = slots.filter(|s| !s.is_none()) {
            let Some(d) = DictRef::new(slots).filter(|d| !d.is_set()) else {
                return Err(unpickling_error(vm, "slot state is not a dictionary"));
            };
            let mut at = 0;
            while let Some((i, key, value)) = d.next_entry(at) {
                at = i + 1;
                vm.set_attr(inst.as_ref(), key.as_ref(), Some(value.as_ref()))?;
            }
        }
        Ok(())
    }
}

/// An instance for INST and OBJ: made by calling the class, or without `__init__` when there is nothing to say.
fn instantiate(vm: &mut Vm, class: Ref<'_>, args: &[Owned]) -> PyResult {
    if args.is_empty() && TypeRef::new(class).is_some() {
        let name = vm.intern("__getinitargs__")?;
        if vm.get_attr_opt(class, name.as_ref())?.is_none() {
            return vm.call_method(class, "__new__", &[class]);
        }
    }
    let args: Vec<Ref<'_>> = args.iter().map(Owned::as_ref).collect();
    vm.call(class, &args)
}

/// `Unpickler.find_class(module, name)`
pub(super) fn find_class(vm: &mut Vm, u: &Unpickler, module: Ref<'_>, name: Ref<'_>) -> PyResult {
    audit(vm, module, name)?;
    let (mut module, mut name) = (module.owned(), name.owned());
    if u.proto.get() < 3 && u.fix_imports.get() {
        (module, name) = new_names(vm, module, name)?;
    }
    let (Some(m), Some(path)) = (as_str(module.as_ref()), as_str(name.as_ref())) else {
        let wrong = if as_str(module.as_ref()).is_none() { module.as_ref() } else { name.as_ref() };
        let class = class_text(vm, wrong);
        return Err(vm.type_error(&format!("must be str, not {class}")));
    };
    let loaded = super::import(vm, m)?;
    if u.proto.get() < 4 || !path.as_bytes().contains(&b'.') {
        return vm.get_attr(loaded.as_ref(), name.as_ref());
    }
    match follow(vm, loaded.as_ref(), path.as_bytes()) {
        Err(e) if vm.raised_is(&e, Exc::AttributeError) => {
            let first = vm.catch(e);
            let (shown, of) = (vm.repr_text(name.as_ref())?, vm.repr_text(module.as_ref())?);
            let e = vm.raise(Exc::AttributeError, &format!("Can't resolve path {shown} on module {of}"));
            Err(because(vm, e, first))
        }
        found => found,
    }
}

/// The event `pickle.find_class`.
fn audit(vm: &mut Vm, module: Ref<'_>, name: Ref<'_>) -> PyResult<()> {
    let sys = vm.sys_dict().owned();
    if let Some(f) = vm.dict_get_name(sys.as_ref(), "audit")? {
        let event = vm.intern("pickle.find_class")?;
        vm.call(f.as_ref(), &[event.as_ref(), module, name])?;
    }
    Ok(())
}

/// Module and name of Python 2 as they are now.
fn new_names(vm: &mut Vm, module: Owned, name: Owned) -> PyResult<(Owned, Owned)> {
    let names = table(vm, "_compat_pickle", "NAME_MAPPING")?;
    let key = vm.new_pair(module.clone(), name.clone())?;
    if let Some(pair) = vm.dict_get(names.as_ref(), key.as_ref())? {
        return match hognose_vm::tuple_items(pair.as_ref()) {
            &[m, n] => Ok((m.owned(), n.owned())),
            _ => {
                let class = vm.type_name(pair.as_ref());
                let message = format!("_compat_pickle.NAME_MAPPING values should be 2-tuples, not {class}");
                Err(vm.runtime_error(&message))
            }
        };
    }
    let modules = table(vm, "_compat_pickle", "IMPORT_MAPPING")?;
    let module = vm.dict_get(modules.as_ref(), module.as_ref())?.unwrap_or(module);
    Ok((module, name))
}
