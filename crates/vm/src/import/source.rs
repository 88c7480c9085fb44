//! Running code as a module, and source bytes as text.

use crate::exceptions::Exc;
use crate::{PyResult, Vm};
use hognose_compiler::Mode;
use hognose_object::{Owned, Ref};

impl Vm {
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
        let code = self.compile_source(source, filename, Mode::Module)?;
        self.run_module(name, None, code.as_ref(), None)
    }

    /// Imports a module from its code; it has no `__file__`.
    pub fn import_code(&mut self, name: &str, code: Owned) -> PyResult {
        self.run_module(name, None, code.as_ref(), None)
    }

    /// Runs code in a new module, which is in `sys.modules` from the beginning, and only stays there when it succeeds.
    pub(super) fn run_module(
        &mut self,
        full: &str,
        file: Option<&str>,
        code: Ref<'_>,
        package: Option<&str>,
    ) -> PyResult {
        let module = self.new_module(full)?;
        if let Some(file) = file {
            let shown = self.new_str(file)?;
            self.module_set(module.as_ref(), "__file__", shown)?;
        }
        let parent = match package {
            Some(_) => full,
            None => full.rsplit_once('.').map_or("", |(p, _)| p),
        };
        let parent = self.new_str(parent)?;
        self.module_set(module.as_ref(), "__package__", parent)?;
        if let Some(dir) = package {
            let dir = self.new_str(dir)?;
            let list = self.new_list(vec![dir])?;
            self.module_set(module.as_ref(), "__path__", list)?;
        }
        let modules = self.modules.clone();
        self.dict_set_name(modules.as_ref(), full, module.clone())?;
        let dict = self.module_dict(module.as_ref()).unwrap_or_else(|| self.none());
        if let Err(e) = self.eval_code(code, dict.as_ref(), None) {
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
