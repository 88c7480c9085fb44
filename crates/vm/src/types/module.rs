//! Modules.
#![allow(unsafe_code, reason = "writes fields of module objects")]

use crate::args::{GetSetDef, NativeDef};
use crate::define::TypeDef;
use crate::type_slots::Slots;
use crate::{Args, PyResult, Vm};
use hognose_object::dict::DictRef;
use hognose_object::objects::ModuleObj;
use hognose_object::types::TypeFlags;
use hognose_object::{Layout, Owned, Ref, none};

/// `module`
pub(crate) static TYPE: TypeDef = TypeDef {
    name: "module",
    layout: Layout::Module,
    flags: TypeFlags::BASE_TYPE,
    doc: "Create a module object.",
    slots: Slots {
        repr: Some(repr),
        getattro: Some(getattro),
        new: Some(new),
        init: Some(init),
        ..Slots::NONE
    },
    methods: &[NativeDef::method("__dir__", "$self, /", dir)],
    getset: &[GetSetDef::read("__dict__", |vm, r| Ok(vm.module_dict(r).unwrap_or_else(none)))],
};

fn new(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let Some(class) = crate::TypeRef::new(args.get(0)) else {
        return Err(vm.type_error("a class is required"));
    };
    let m = vm.alloc_for(class)?;
    let dict = vm.new_dict()?;
    // SAFETY: a fresh module.
    unsafe { (*m.value().header().cast::<ModuleObj>()).dict = dict.into_value() };
    Ok(m)
}

fn init(vm: &mut Vm, args: &Args<'_>) -> PyResult<()> {
    let bound = vm.bind(args, "module", "name, doc=None")?;
    let (Some(name), doc) = (bound.pos[0], bound.pos[1]) else { return Ok(()) };
    if crate::text::as_str(name).is_none() {
        let got = vm.type_name(name);
        return Err(vm.type_error(&format!("module() argument 'name' must be str, not {got}")));
    }
    let Some(dict) = vm.module_dict(args.get(0)) else { return Ok(()) };
    let none = none();
    vm.init_module_dict(dict.as_ref(), name, doc.unwrap_or(none.as_ref()))
}

impl Vm {
    fn init_module_dict(&mut self, dict: Ref<'_>, name: Ref<'_>, doc: Ref<'_>) -> PyResult<()> {
        let n = &self.names;
        let keys = [n.__name__, n.__doc__, n.__package__, n.__loader__, n.__spec__];
        let none = none();
        for (key, v) in keys.into_iter().zip([name, doc, none.as_ref(), none.as_ref(), none.as_ref()]) {
            self.dict_set(dict, key, v)?;
        }
        Ok(())
    }

    /// A new module with the usual names in its dict.
    pub fn new_module(&mut self, name: &str) -> PyResult {
        let class = self.types.module;
        let m = self.alloc_for(class)?;
        let dict = self.new_dict()?;
        let name = self.intern(name)?;
        let none = none();
        self.init_module_dict(dict.as_ref(), name.as_ref(), none.as_ref())?;
        // SAFETY: a fresh module.
        unsafe {
            let o = m.value().header().cast::<ModuleObj>();
            (*o).dict = dict.into_value();
            (*o).name = name.into_value();
        }
        Ok(m)
    }

    /// Makes an existing dict the namespace of a module (the names of the new module are added).
    pub(crate) fn adopt_dict(&mut self, module: Ref<'_>, dict: Owned) -> PyResult<()> {
        if let Some(old) = self.module_dict(module)
            && let (Some(from), Some(to)) = (DictRef::new(old.as_ref()), DictRef::new(dict.as_ref()))
        {
            for (k, v) in from.to_vec() {
                to.set_str(&mut self.heap, k.as_ref(), v)?;
            }
        }
        let m = module.value().header().cast::<ModuleObj>();
        // SAFETY: callers pass modules, which own their dict.
        unsafe { drop(Owned::from_value(std::mem::replace(&mut (*m).dict, dict.into_value()))) };
        Ok(())
    }

    /// Adds functions to a module.
    pub fn add_functions(&mut self, module: Ref<'_>, defs: &'static [NativeDef]) -> PyResult<()> {
        let key = self.names.__name__;
        let Some(dict) = self.module_dict(module) else { return Ok(()) };
        let name = DictRef::new(dict.as_ref()).and_then(|d| d.get_str(key)).unwrap_or_else(none);
        for def in defs {
            let f = self.new_native_function(def, Some(module), None, Some(name.as_ref()))?;
            self.dict_set_name(dict.as_ref(), def.name, f)?;
        }
        Ok(())
    }

    /// Adds a value to a module.
    pub fn module_set(&mut self, module: Ref<'_>, name: &str, value: Owned) -> PyResult<()> {
        match self.module_dict(module) {
            Some(dict) => self.dict_set_name(dict.as_ref(), name, value),
            None => Err(self.type_error("a module is required")),
        }
    }
}

fn text(vm: &mut Vm, dict: Ref<'_>, name: &str) -> PyResult<Option<String>> {
    let v = vm.dict_get_name(dict, name)?;
    Ok(v.filter(|v| crate::text::as_str(v.as_ref()).is_some()).map(|v| vm.text_of(v.as_ref())))
}

fn repr(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let Some(dict) = vm.module_dict(r) else { return vm.new_str("<module '?'>") };
    if let Some(text) = vm.module_repr_by_spec(r)? {
        return Ok(text);
    }
    let name = text(vm, dict.as_ref(), "__name__")?.unwrap_or_else(|| "?".into());
    let s = match text(vm, dict.as_ref(), "__file__")? {
        Some(f) => format!("<module '{name}' from '{f}'>"),
        None if vm.native_modules.contains_key(name.as_str()) || name == "builtins" || name == "sys" => {
            format!("<module '{name}' (built-in)>")
        }
        None => format!("<module '{name}'>"),
    };
    vm.new_str(&s)
}

fn getattro(vm: &mut Vm, r: Ref<'_>, name: Ref<'_>) -> PyResult {
    if let Some(v) = vm.generic_get_attr_opt(r, name)? {
        return Ok(v);
    }
    let Some(dict) = vm.module_dict(r) else { return Err(vm.attribute_error(r, name)) };
    if let Some(hook) = vm.dict_get_name(dict.as_ref(), "__getattr__")? {
        return vm.call(hook.as_ref(), &[name]);
    }
    let n = vm.text_of(name);
    let message = match text(vm, dict.as_ref(), "__name__")? {
        Some(m) => vm.module_lacks(r, &m, &n)?,
        None => format!("module has no attribute '{n}'"),
    };
    Err(vm.attribute_error_with(&message, r, name))
}

fn dir(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let Some(dict) = vm.module_dict(args.get(0)) else { return vm.new_list(Vec::new()) };
    if let Some(hook) = vm.dict_get_name(dict.as_ref(), "__dir__")? {
        return vm.call(hook.as_ref(), &[]);
    }
    vm.to_list(dict.as_ref())
}
