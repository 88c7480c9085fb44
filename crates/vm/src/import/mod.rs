//! Import: what `import` statements and `__import__` do.
//!
//! ```text
//!  sys.modules ─► native modules, the library's files (quick.rs) ─► importlib (started by the first import that needs it)
//! ```
//! Until a program needs more, the machine imports by itself what it carries: a program that uses nothing else does not
//! pay for importlib. From the first other import on, everything goes through importlib's own code, which then knows
//! the modules loaded before.
//!
//! Invariant: the quick way is taken only while nobody has changed `sys.meta_path` and `sys.path_hooks`.

mod messages;
mod quick;
mod source;

use crate::exceptions::Exc;
use crate::{PyResult, Raised, Vm};
use hognose_object::{Owned, Ref, ValueExt};

impl Vm {
    /// `__import__(name, globals, fromlist, level)`
    pub fn import_name(
        &mut self,
        name: Ref<'_>,
        globals: Option<Ref<'_>>,
        fromlist: Ref<'_>,
        level: usize,
    ) -> PyResult {
        let text = self.expect_str(name, "module name")?.into_owned();
        let full = if level > 0 { self.resolve_relative(&text, globals, level)? } else { text.clone() };
        if full.is_empty() {
            return Err(self.value_error("Empty module name"));
        }
        let module = self.import_dotted(&full)?;
        if !fromlist.is_none() && self.is_true(fromlist)? {
            return self.import_listed(&full, module, fromlist);
        }
        if level == 0 {
            let first = full.split('.').next().unwrap_or(&full).to_string();
            return if first == full { Ok(module) } else { self.import_dotted(&first) };
        }
        // `import` statements are never relative; `__import__` gives the first part of what was asked.
        let cut = text.split('.').next().unwrap_or("").len();
        let top = full[..full.len() - (text.len() - cut)].trim_end_matches('.').to_string();
        self.import_dotted(&top)
    }

    /// The names of `from module import names` that may be submodules.
    fn import_listed(&mut self, full: &str, module: Owned, fromlist: Ref<'_>) -> PyResult {
        let path = self.names.__path__;
        if self.get_attr_opt(module.as_ref(), path)?.is_none() {
            return Ok(module);
        }
        if self.import_system.is_null() {
            self.import_submodules(full, module.as_ref(), fromlist)?;
            return Ok(module);
        }
        let system = self.import_system.clone();
        let import = self.import_function()?;
        let r = self.call_method(
            system.as_ref(),
            "_handle_fromlist",
            &[module.as_ref(), fromlist, import.as_ref()],
        );
        self.without_own_frames(r)
    }

    fn import_submodules(&mut self, full: &str, module: Ref<'_>, fromlist: Ref<'_>) -> PyResult<()> {
        for item in self.collect(fromlist)? {
            if crate::text::as_str(item.as_ref()).is_none() {
                let got = self.type_name(item.as_ref());
                return Err(self.type_error(&format!("Item in ``from list'' must be str, not {got}")));
            }
            let name = self.text_of(item.as_ref());
            if name == "*" {
                let all = self.names.__all__;
                if let Some(all) = self.get_attr_opt(module, all)? {
                    self.import_submodules(full, module, all.as_ref())?;
                }
                continue;
            }
            if self.get_attr_opt(module, item.as_ref())?.is_some() {
                continue;
            }
            let sub = format!("{full}.{name}");
            match self.import_dotted(&sub) {
                Ok(_) => {}
                Err(e) if self.raised_is(&e, Exc::ModuleNotFoundError) => {
                    let exc = self.catch(e);
                    let key = self.names.name;
                    let missing = self.get_attr_opt(exc.as_ref(), key)?;
                    let missing = missing.map(|m| self.text_of(m.as_ref()));
                    if missing.as_deref() != Some(sub.as_str()) {
                        return Err(self.raise_again(exc));
                    }
                }
                Err(e) => return Err(e),
            }
        }
        Ok(())
    }

    fn resolve_relative(&mut self, name: &str, globals: Option<Ref<'_>>, level: usize) -> PyResult<String> {
        let package = match globals {
            Some(g) => self.package_of(g)?,
            None => return Err(self.raise(Exc::KeyError, "'__name__' not in globals")),
        };
        if package.is_empty() {
            return Err(
                self.raise(Exc::ImportError, "attempted relative import with no known parent package")
            );
        }
        let mut base = package.as_str();
        for _ in 1..level {
            match base.rsplit_once('.') {
                Some((b, _)) => base = b,
                None => {
                    return Err(
                        self.raise(Exc::ImportError, "attempted relative import beyond top-level package")
                    );
                }
            }
        }
        Ok(if name.is_empty() { base.to_string() } else { format!("{base}.{name}") })
    }

    /// The package that relative imports start from: `__package__`, `__spec__.parent`, or what `__name__` says.
    fn package_of(&mut self, globals: Ref<'_>) -> PyResult<String> {
        if let Some(p) = self.dict_get_name(globals, "__package__")?.filter(|p| !p.as_ref().is_none()) {
            if crate::text::as_str(p.as_ref()).is_none() {
                return Err(self.type_error("package must be a string"));
            }
            return Ok(self.text_of(p.as_ref()));
        }
        if let Some(spec) = self.dict_get_name(globals, "__spec__")?.filter(|s| !s.as_ref().is_none()) {
            let parent = self.get_attr_name(spec.as_ref(), "parent")?;
            if crate::text::as_str(parent.as_ref()).is_none() {
                return Err(self.type_error("__spec__.parent must be a string"));
            }
            return Ok(self.text_of(parent.as_ref()));
        }
        let Some(name) = self.dict_get_name(globals, "__name__")? else {
            return Err(self.raise(Exc::KeyError, "'__name__' not in globals"));
        };
        if crate::text::as_str(name.as_ref()).is_none() {
            return Err(self.type_error("__name__ must be a string"));
        }
        let name = self.text_of(name.as_ref());
        if self.dict_get_name(globals, "__path__")?.is_some() {
            return Ok(name);
        }
        Ok(name.rsplit_once('.').map_or_else(String::new, |(p, _)| p.to_string()))
    }

    /// Imports a module by its full name, parents first; gives the module itself.
    pub fn import_dotted(&mut self, full: &str) -> PyResult {
        self.check_native_stack()?;
        if let Some(m) = self.loaded_module(full)? {
            return Ok(m);
        }
        if self.import_system.is_null() {
            if let Some(m) = self.import_quickly(full)? {
                return Ok(m);
            }
            if let Some(m) = self.loaded_module(full)? {
                return Ok(m);
            }
            if std::mem::replace(&mut self.import_starting, true) {
                return Err(self.module_not_found(&format!("No module named '{full}'"), full));
            }
            let started = self.import_dotted("_frozen_importlib");
            self.import_starting = false;
            started?;
            if self.import_system.is_null() {
                return Err(self.module_not_found(&format!("No module named '{full}'"), full));
            }
        }
        let system = self.import_system.clone();
        let (name, import) = (self.intern(full)?, self.import_function()?);
        let r = self.call_method(system.as_ref(), "_find_and_load", &[name.as_ref(), import.as_ref()]);
        self.without_own_frames(r)
    }

    /// `builtins.__import__`, with which importlib imports parents.
    fn import_function(&mut self) -> PyResult {
        let builtins = self.builtins.clone();
        Ok(self.dict_get_name(builtins.as_ref(), "__import__")?.unwrap_or_else(|| self.none()))
    }

    /// Makes `_frozen_importlib` the way of all further imports.
    pub fn set_import_system(&mut self, module: Owned) {
        self.import_system = module;
    }

    /// Frames of importlib itself are not shown in tracebacks of what it imports.
    fn without_own_frames(&mut self, r: PyResult) -> PyResult {
        let Err(e) = r else { return r };
        let exc = self.catch(e);
        let import_error = self.exc_class(Exc::ImportError);
        let all = self.is_instance(exc.as_ref(), import_error);
        crate::types::traceback::trim(exc.as_ref(), all);
        Err(self.raise_again(exc))
    }

    fn loaded_module(&mut self, full: &str) -> PyResult<Option<Owned>> {
        let modules = self.modules.clone();
        let Some(m) = self.dict_get_name(modules.as_ref(), full)? else { return Ok(None) };
        if m.as_ref().is_none() {
            let message = format!("import of {full} halted; None in sys.modules");
            return Err(self.module_not_found(&message, full));
        }
        if !self.import_system.is_null() && self.is_initializing(m.as_ref())? {
            // Another thread may be importing it.
            let (system, name) = (self.import_system.clone(), self.intern(full)?);
            let r = self.call_method(system.as_ref(), "_lock_unlock_module", &[name.as_ref()]);
            self.without_own_frames(r)?;
        }
        Ok(Some(m))
    }

    fn module_not_found(&mut self, message: &str, name: &str) -> Raised {
        let raised = self.raise(Exc::ModuleNotFoundError, message);
        let exc = self.catch(raised);
        let key = self.names.name;
        let set = self.new_str(name).and_then(|n| self.set_attr(exc.as_ref(), key, Some(n.as_ref())));
        match set {
            Ok(()) => self.raise_again(exc),
            Err(e) => e,
        }
    }
}
