//! Imports that need no importlib: native modules, and files of the library.

use crate::library::relative;
use crate::{PyResult, Vm};
use hognose_object::Owned;
use hognose_object::list::ListRef;
use std::path::Path;

impl Vm {
    /// Imports a native or library module; `None`: it is neither, or the program has its own ways to import.
    pub(super) fn import_quickly(&mut self, full: &str) -> PyResult<Option<Owned>> {
        if !self.has_no_hooks()? {
            return if self.import_starting || full.starts_with("_frozen_importlib") {
                self.import_native(full)
            } else {
                Ok(None)
            };
        }
        let mut parent = None;
        let mut directories = None;
        if let Some((p, _)) = full.rsplit_once('.') {
            let m = self.import_dotted(p)?;
            if !self.import_system.is_null() {
                return Ok(None);
            }
            if let Some(found) = self.loaded_module(full)? {
                return Ok(Some(found));
            }
            let path = self.names.__path__;
            let Some(dirs) = self.get_attr_opt(m.as_ref(), path)? else { return Ok(None) };
            directories = Some(dirs);
            parent = Some(m);
        }
        let module = match self.import_native(full)? {
            Some(m) => m,
            None => match self.import_from_library(full, directories)? {
                Some(m) => m,
                None => return Ok(None),
            },
        };
        if let Some(p) = parent {
            let last = full.rsplit('.').next().unwrap_or(full);
            let key = self.intern(last)?;
            self.set_attr(p.as_ref(), key.as_ref(), Some(module.as_ref()))?;
        }
        Ok(Some(module))
    }

    fn has_no_hooks(&mut self) -> PyResult<bool> {
        let sys = self.sys.clone();
        for name in ["meta_path", "path_hooks"] {
            let list = self.dict_get_name(sys.as_ref(), name)?;
            let empty = list.as_ref().and_then(|l| ListRef::new(l.as_ref())).is_none_or(|l| l.is_empty());
            if !empty {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Makes a native module and enters it into `sys.modules`.
    pub fn import_native(&mut self, full: &str) -> PyResult<Option<Owned>> {
        let Some((&name, &make)) = self.native_modules.get_key_value(full) else { return Ok(None) };
        let was = self.import_starting;
        self.import_starting |= full == "_frozen_importlib";
        let made = make(self);
        self.import_starting = was;
        let m = made?;
        let modules = self.modules.clone();
        self.dict_set_name(modules.as_ref(), name, m.clone())?;
        Ok(Some(m))
    }

    fn import_from_library(&mut self, full: &str, directories: Option<Owned>) -> PyResult<Option<Owned>> {
        let directories = match directories {
            Some(d) => d,
            None => {
                let sys = self.sys.clone();
                match self.dict_get_name(sys.as_ref(), "path")? {
                    Some(path) => path,
                    None => return Ok(None),
                }
            }
        };
        if ListRef::new(directories.as_ref()).is_none() {
            return Ok(None);
        }
        let last = full.rsplit('.').next().unwrap_or(full);
        for d in self.items_of(directories.as_ref()) {
            if crate::text::as_str(d.as_ref()).is_none() {
                return Ok(None);
            }
            let dir = self.text_of(d.as_ref());
            if self.library.is_some_and(|l| relative(l, &dir).is_some()) {
                if let Some(m) = self.load_from_library(full, &dir, last)? {
                    return Ok(Some(m));
                }
            } else if may_have(&dir, last) {
                return Ok(None);
            }
        }
        // Nowhere: importlib would not find it either.
        Err(self.module_not_found(&format!("No module named '{full}'"), full))
    }

    /// Loads a module from the library if `dir` is one of its folders and has it.
    fn load_from_library(&mut self, full: &str, dir: &str, last: &str) -> PyResult<Option<Owned>> {
        let Some(library) = self.library else { return Ok(None) };
        let Some(folder) = relative(library, dir) else { return Ok(None) };
        let stem = if folder.is_empty() { last.to_string() } else { format!("{folder}/{last}") };
        let package = format!("{stem}/__init__.py");
        let (file, package) = if library.exists(&package) {
            (package, Some(format!("{dir}/{last}")))
        } else {
            (format!("{stem}.py"), None)
        };
        let shown = format!("{}/{file}", library.root());
        let Some(code) = self.library_code(&file, &shown)? else { return Ok(None) };
        self.run_module(full, Some(&shown), code.as_ref(), package.as_deref()).map(Some)
    }

    /// The code of a library file, compiled ahead where possible.
    pub fn library_code(&mut self, path: &str, filename: &str) -> PyResult<Option<Owned>> {
        let Some(library) = self.library else { return Ok(None) };
        if self.config.flags.optimize == 0
            && let Some(code) = library.code(path, filename)
        {
            return self.load_packed(code).map(Some);
        }
        let Some(source) = library.read(path) else { return Ok(None) };
        let source = self.decode_source(source, filename)?;
        self.compile_source(&source, filename, hognose_compiler::Mode::Module).map(Some)
    }
}

/// Might a directory or a file of `sys.path` hold this module, so that importlib must look?
fn may_have(dir: &str, name: &str) -> bool {
    let dir = if dir.is_empty() { Path::new(".") } else { Path::new(dir) };
    if dir.is_file() {
        return true;
    }
    ["", ".py", ".pyc"].iter().any(|suffix| dir.join(format!("{name}{suffix}")).exists())
}
