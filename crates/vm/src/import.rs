//! Import: native modules, and source files found along `sys.path`.
//!
//! `import a.b` imports `a`, then `a.b`; each goes through `sys.modules`, the native modules, then for every directory of
//! the path (or the package's `__path__`) `name/__init__.py` and `name.py`.

use crate::exceptions::Exc;
use crate::{PyResult, Raised, Vm};
use hognose_compiler::Mode;
use hognose_object::{Owned, Ref, ValueExt};
use std::path::{Path, PathBuf};

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
        let has_list = !fromlist.is_none() && self.is_true(fromlist)?;
        if has_list {
            self.import_submodules(&full, module.as_ref(), fromlist)?;
            return Ok(module);
        }
        if level == 0 {
            let first = full.split('.').next().unwrap_or(&full).to_string();
            return self.import_dotted(&first);
        }
        // `import` statements are never relative; `__import__` gives the first part of what was asked.
        let cut = text.split('.').next().unwrap_or("").len();
        let top = full[..full.len() - (text.len() - cut)].trim_end_matches('.').to_string();
        self.import_dotted(&top)
    }

    fn resolve_relative(&mut self, name: &str, globals: Option<Ref<'_>>, level: usize) -> PyResult<String> {
        let package = match globals {
            Some(g) => self.package_of(g)?,
            None => String::new(),
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

    fn package_of(&mut self, globals: Ref<'_>) -> PyResult<String> {
        if let Some(p) = self.dict_get_name(globals, "__package__")?.filter(|p| !p.as_ref().is_none()) {
            return Ok(self.text_of(p.as_ref()));
        }
        let Some(name) = self.dict_get_name(globals, "__name__")? else { return Ok(String::new()) };
        let name = self.text_of(name.as_ref());
        if self.dict_get_name(globals, "__path__")?.is_some() {
            return Ok(name);
        }
        Ok(name.rsplit_once('.').map_or_else(String::new, |(p, _)| p.to_string()))
    }

    fn import_submodules(&mut self, full: &str, module: Ref<'_>, fromlist: Ref<'_>) -> PyResult<()> {
        let path = self.names.__path__;
        if self.get_attr_opt(module, path)?.is_none() {
            return Ok(());
        }
        for item in self.collect(fromlist)? {
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

    /// Imports a module by its full name, parents first.
    pub fn import_dotted(&mut self, full: &str) -> PyResult {
        self.check_native_stack()?;
        if let Some(m) = self.loaded_module(full)? {
            return Ok(m);
        }
        let mut parent: Option<Owned> = None;
        let mut directories = None;
        if let Some((p, _)) = full.rsplit_once('.') {
            let m = self.import_dotted(p)?;
            if let Some(found) = self.loaded_module(full)? {
                return Ok(found);
            }
            let path = self.names.__path__;
            let Some(dirs) = self.get_attr_opt(m.as_ref(), path)? else {
                let message = format!("No module named '{full}'; '{p}' is not a package");
                return Err(self.module_not_found(&message, full));
            };
            directories = Some(dirs);
            parent = Some(m);
        }
        let module = self.find_and_load(full, directories)?;
        if let Some(p) = parent {
            let last = full.rsplit('.').next().unwrap_or(full);
            let key = self.intern(last)?;
            self.set_attr(p.as_ref(), key.as_ref(), Some(module.as_ref()))?;
        }
        Ok(module)
    }

    fn loaded_module(&mut self, full: &str) -> PyResult<Option<Owned>> {
        let modules = self.modules.clone();
        let Some(m) = self.dict_get_name(modules.as_ref(), full)? else { return Ok(None) };
        if m.as_ref().is_none() {
            let message = format!("import of {full} halted; None in sys.modules");
            return Err(self.module_not_found(&message, full));
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

    fn find_and_load(&mut self, full: &str, directories: Option<Owned>) -> PyResult {
        if let Some((&name, &make)) = self.native_modules.get_key_value(full) {
            let m = make(self)?;
            let modules = self.modules.clone();
            self.dict_set_name(modules.as_ref(), name, m.clone())?;
            return Ok(m);
        }
        let directories = match directories {
            Some(d) => d,
            None => {
                let sys = self.sys.clone();
                self.dict_get_name(sys.as_ref(), "path")?.unwrap_or_else(|| self.none())
            }
        };
        if !directories.as_ref().is_none() {
            let last = full.rsplit('.').next().unwrap_or(full);
            for d in self.collect(directories.as_ref())? {
                let dir = self.text_of(d.as_ref());
                if let Some(m) = self.load_from_library(full, &dir, last)? {
                    return Ok(m);
                }
                let dir = PathBuf::from(dir);
                let package = dir.join(last).join("__init__.py");
                if package.is_file() {
                    return self.load_file(full, &package, Some(dir.join(last)));
                }
                let plain = dir.join(format!("{last}.py"));
                if plain.is_file() {
                    return self.load_file(full, &plain, None);
                }
            }
        }
        Err(self.module_not_found(&format!("No module named '{full}'"), full))
    }

    /// Loads a module from the library if `dir` is one of its folders and has it.
    fn load_from_library(&mut self, full: &str, dir: &str, last: &str) -> PyResult<Option<Owned>> {
        let Some(library) = self.library else { return Ok(None) };
        let Some(folder) = crate::library::relative(library, dir) else { return Ok(None) };
        let stem = if folder.is_empty() { last.to_string() } else { format!("{folder}/{last}") };
        let package = format!("{stem}/__init__.py");
        let (file, package) = if library.exists(&package) {
            (package, Some(PathBuf::from(format!("{dir}/{last}"))))
        } else {
            (format!("{stem}.py"), None)
        };
        let Some(source) = library.read(&file) else { return Ok(None) };
        let shown = format!("{}/{file}", library.root());
        let source = self.decode_source(source, &shown)?;
        self.load_source(full, &shown, &source, package).map(Some)
    }

    fn load_file(&mut self, full: &str, file: &Path, package: Option<PathBuf>) -> PyResult {
        let shown = file.to_string_lossy().into_owned();
        let source = match std::fs::read(file) {
            Ok(bytes) => bytes,
            Err(e) => return Err(self.raise(Exc::ImportError, &format!("cannot read '{shown}': {e}"))),
        };
        let source = self.decode_source(source, &shown)?;
        self.load_source(full, &shown, &source, package)
    }

    /// Source bytes as text; SyntaxError when they are not UTF-8.
    pub fn decode_source(&mut self, bytes: Vec<u8>, filename: &str) -> PyResult<String> {
        match String::from_utf8(bytes) {
            Ok(s) => Ok(s.strip_prefix('\u{FEFF}').map(str::to_string).unwrap_or(s)),
            Err(e) => {
                let at = e.utf8_error().valid_up_to();
                let bytes = e.into_bytes();
                let line = bytes[..at].iter().filter(|&&b| b == b'\n').count() + 1;
                let bad = bytes[at];
                Err(self.raise(
                    Exc::SyntaxError,
                    &format!(
                        "Non-UTF-8 code starting with '\\x{bad:02x}' on line {line}, but no encoding declared; \
                         see https://peps.python.org/pep-0263/ for details ({filename}, line {line})"
                    ),
                ))
            }
        }
    }

    /// Imports a module from source text that the runtime itself carries.
    pub fn import_source(&mut self, name: &str, filename: &str, source: &str) -> PyResult {
        self.load_source(name, filename, source, None)
    }

    fn load_source(&mut self, full: &str, file: &str, source: &str, package: Option<PathBuf>) -> PyResult {
        let code = self.compile_source(source, file, Mode::Module)?;
        let module = self.new_module(full)?;
        let shown = self.new_str(file)?;
        self.module_set(module.as_ref(), "__file__", shown)?;
        let parent = match &package {
            Some(_) => full,
            None => full.rsplit_once('.').map_or("", |(p, _)| p),
        };
        let parent = self.new_str(parent)?;
        self.module_set(module.as_ref(), "__package__", parent)?;
        if let Some(dir) = package {
            let dir = self.new_str(&dir.to_string_lossy())?;
            let list = self.new_list(vec![dir])?;
            self.module_set(module.as_ref(), "__path__", list)?;
        }
        let modules = self.modules.clone();
        self.dict_set_name(modules.as_ref(), full, module.clone())?;
        let dict = self.module_dict(module.as_ref()).unwrap_or_else(|| self.none());
        if let Err(e) = self.eval_code(code.as_ref(), dict.as_ref(), None) {
            let exc = self.catch(e);
            let key = self.intern(full)?;
            self.dict_del(modules.as_ref(), key.as_ref())?;
            return Err(self.raise_again(exc));
        }
        // The module may have replaced itself.
        match self.dict_get_name(modules.as_ref(), full)? {
            Some(m) => Ok(m),
            None => Ok(module),
        }
    }
}
