//! Why a name cannot be imported, in CPython's words; they depend on the module's spec and on what shadows what.

use crate::exceptions::Exc;
use crate::{PyResult, Raised, Vm};
use hognose_object::{Owned, Ref, ValueExt};
use std::path::Path;

impl Vm {
    /// An entry of a module's namespace. Not looked up as an attribute: these functions say why there is none.
    fn own(&mut self, module: Ref<'_>, name: &str) -> PyResult<Option<Owned>> {
        match self.module_dict(module) {
            Some(dict) => self.dict_get_name(dict.as_ref(), name),
            None => {
                let key = self.intern(name)?;
                self.get_attr_opt(module, key.as_ref())
            }
        }
    }

    /// `repr()` of a module that importlib has given a spec.
    pub(crate) fn module_repr_by_spec(&mut self, module: Ref<'_>) -> PyResult<Option<Owned>> {
        if self.import_system.is_null() || self.own(module, "__spec__")?.is_none_or(|s| s.as_ref().is_none())
        {
            return Ok(None);
        }
        let system = self.import_system.clone();
        self.call_method(system.as_ref(), "_module_repr", &[module]).map(Some)
    }

    /// Is a module's `__spec__._initializing` true?
    pub(crate) fn is_initializing(&mut self, module: Ref<'_>) -> PyResult<bool> {
        let Some(spec) = self.own(module, "__spec__")?.filter(|s| !s.as_ref().is_none()) else {
            return Ok(false);
        };
        let key = self.intern("_initializing")?;
        match self.get_attr_opt(spec.as_ref(), key.as_ref())? {
            Some(v) => self.is_true(v.as_ref()),
            None => Ok(false),
        }
    }

    /// File a module comes from: `__spec__.origin` where it is a file; for modules without a spec `__file__`.
    fn origin(&mut self, module: Ref<'_>) -> PyResult<Option<Owned>> {
        let is_text = |o: &Owned| crate::text::as_str(o.as_ref()).is_some();
        let Some(spec) = self.own(module, "__spec__")?.filter(|s| !s.as_ref().is_none()) else {
            return Ok(self.own(module, "__file__")?.filter(is_text));
        };
        for (name, last) in [("has_location", false), ("origin", true)] {
            let key = self.intern(name)?;
            let Some(v) = self.get_attr_opt(spec.as_ref(), key.as_ref())? else { return Ok(None) };
            if last {
                return Ok(Some(v).filter(is_text));
            }
            if !self.is_true(v.as_ref())? {
                return Ok(None);
            }
        }
        Ok(None)
    }

    /// Could a file have been meant to be another module: is it beside the program?
    fn may_shadow(&self, origin: &str) -> bool {
        let Some(first) = self.config.path0.as_deref().filter(|_| !self.config.flags.safe_path) else {
            return false;
        };
        let mut folder = Path::new(origin).parent();
        if origin.ends_with("/__init__.py") {
            folder = folder.and_then(Path::parent);
        }
        let Some(folder) = folder else { return false };
        if first.is_empty() {
            std::env::current_dir().is_ok_and(|d| d == folder)
        } else {
            Path::new(first) == folder
        }
    }

    /// The text about a module's file when it may hide a library module; first: surely (one of the standard library's).
    fn shadow_hint(&mut self, name: &str, origin: Option<&str>) -> Option<String> {
        let origin = origin.filter(|o| self.may_shadow(o))?;
        if crate::stdlib_names::STDLIB_MODULE_NAMES.binary_search(&name).is_ok() {
            return Some(format!(
                "(consider renaming '{origin}' since it has the same name as the standard library module named \
                 '{name}' and prevents importing that standard library module)"
            ));
        }
        None
    }

    /// ImportError of `from module import name`.
    pub(crate) fn cannot_import(&mut self, module: Ref<'_>, name: Ref<'_>) -> Raised {
        match self.cannot_import_error(module, name) {
            Ok(exc) => self.raise_object(exc),
            Err(e) => e,
        }
    }

    fn cannot_import_error(&mut self, module: Ref<'_>, name: Ref<'_>) -> PyResult {
        let key = self.names.__name__;
        let module_name = self.get_attr_opt(module, key)?;
        let module_name = module_name.filter(|m| crate::text::as_str(m.as_ref()).is_some());
        let m = module_name.map_or_else(|| "<unknown module name>".into(), |m| self.text_of(m.as_ref()));
        let n = self.text_of(name);
        let file = self.origin(module)?;
        let place = file.as_ref().map(|f| self.text_of(f.as_ref()));
        let starting = self.is_initializing(module)?;
        let message = if let Some(hint) = self.shadow_hint(&m, place.as_deref()) {
            format!("cannot import name '{n}' from '{m}' {hint}")
        } else if let (true, Some(p)) = (starting, place.as_deref().filter(|p| self.may_shadow(p))) {
            format!(
                "cannot import name '{n}' from '{m}' (consider renaming '{p}' if it has the same name as a library \
                 you intended to import)"
            )
        } else if starting {
            let place = place.as_ref().map_or_else(String::new, |p| format!(" ({p})"));
            format!(
                "cannot import name '{n}' from partially initialized module '{m}' (most likely due to a circular \
                 import){place}"
            )
        } else {
            let place = place.as_deref().unwrap_or("unknown location");
            format!("cannot import name '{n}' from '{m}' ({place})")
        };
        let message = self.new_str(&message)?;
        let exc = self.new_exception(Exc::ImportError, vec![message])?;
        let module_value = self.new_str(&m)?;
        let (name_key, path_key, from_key) = (self.names.name, self.names.path, self.names.name_from);
        self.set_attr(exc.as_ref(), name_key, Some(module_value.as_ref()))?;
        if let Some(f) = &file {
            self.set_attr(exc.as_ref(), path_key, Some(f.as_ref()))?;
        }
        self.set_attr(exc.as_ref(), from_key, Some(name))?;
        Ok(exc)
    }

    /// Message of AttributeError for a module without the attribute.
    pub(crate) fn module_lacks(&mut self, module: Ref<'_>, name: &str, attribute: &str) -> PyResult<String> {
        let file = self.origin(module)?;
        let place = file.as_ref().map(|f| self.text_of(f.as_ref()));
        if let Some(hint) = self.shadow_hint(name, place.as_deref()) {
            return Ok(format!("module '{name}' has no attribute '{attribute}' {hint}"));
        }
        let starting = self.is_initializing(module)?;
        if starting && let Some(p) = place.as_deref() {
            if self.may_shadow(p) {
                return Ok(format!(
                    "module '{name}' has no attribute '{attribute}' (consider renaming '{p}' if it has the same name \
                     as a library you intended to import)"
                ));
            }
            return Ok(format!(
                "partially initialized module '{name}' from '{p}' has no attribute '{attribute}' (most likely due to \
                 a circular import)"
            ));
        }
        if starting {
            return Ok(format!(
                "partially initialized module '{name}' has no attribute '{attribute}' (most likely due to a circular \
                 import)"
            ));
        }
        let modules = self.modules.clone();
        if let Some(sub) = self.dict_get_name(modules.as_ref(), &format!("{name}.{attribute}"))?
            && self.is_initializing(sub.as_ref())?
        {
            return Ok(format!(
                "cannot access submodule '{attribute}' of module '{name}' (most likely due to a circular import)"
            ));
        }
        Ok(format!("module '{name}' has no attribute '{attribute}'"))
    }
}
