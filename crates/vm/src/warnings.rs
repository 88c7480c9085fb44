//! Warnings from native code: they go through the library's `warnings`, so that filters hold for them.
//!
//! Before anybody has asked for the library's machinery, warnings that its default filters ignore are dropped without
//! loading it.

use crate::exceptions::Exc;
use crate::{PyResult, Vm};
use hognose_object::{Ref, ValueExt};

impl Vm {
    /// `warnings.warn(message, category)`; an error when a filter says so.
    pub fn warn(&mut self, category: Exc, message: &str) -> PyResult<()> {
        self.warn_at(category, message, 1)
    }

    /// `warnings.warn(message, category, stacklevel)`
    pub fn warn_at(&mut self, category: Exc, message: &str, stacklevel: i64) -> PyResult<()> {
        let ignored =
            matches!(category, Exc::PendingDeprecationWarning | Exc::ImportWarning | Exc::ResourceWarning)
                || category == Exc::DeprecationWarning && !self.is_in_main();
        if ignored && !self.warnings_are_used()? {
            return Ok(());
        }
        let warnings = self.import_dotted("warnings")?;
        let (text, level) = (self.new_str(message)?, self.new_int(stacklevel)?);
        let class = self.exc_class(category);
        self.call_method(warnings.as_ref(), "warn", &[text.as_ref(), class.as_ref(), level.as_ref()])?;
        Ok(())
    }

    /// `warnings.warn_explicit(message, category, filename, line)`
    pub(crate) fn warn_explicit(
        &mut self,
        category: Exc,
        message: &str,
        filename: Ref<'_>,
        line: u32,
    ) -> PyResult<()> {
        let warnings = self.import_dotted("warnings")?;
        let (text, line) = (self.new_str(message)?, self.new_int(i64::from(line))?);
        let class = self.exc_class(category);
        let args = [text.as_ref(), class.as_ref(), filename, line.as_ref()];
        self.call_method(warnings.as_ref(), "warn_explicit", &args)?;
        Ok(())
    }

    /// Has the program loaded `warnings`, or asked for filters on its command line?
    pub(crate) fn warnings_are_used(&mut self) -> PyResult<bool> {
        if !self.config.warn_options.is_empty() {
            return Ok(true);
        }
        let modules = self.modules.clone();
        Ok(self.dict_get_name(modules.as_ref(), "warnings")?.is_some())
    }

    fn is_in_main(&mut self) -> bool {
        let Some(globals) = self.current_globals() else { return false };
        match self.dict_get_name(globals.as_ref(), "__name__") {
            Ok(Some(name)) => !name.as_ref().is_none() && self.text_of(name.as_ref()) == "__main__",
            _ => false,
        }
    }
}
