//! Code objects as bytes, for `marshal` and cache files.
#![allow(unsafe_code, reason = "writes the file name of code objects")]

use crate::{PyResult, Vm};
use hognose_object::code::CodeObj;
use hognose_object::{Layout, Owned, Ref, Value, ValueExt};

impl Vm {
    /// The bytes of a code object; `None`: it is not one.
    pub fn code_to_bytes(&self, code: Ref<'_>) -> Option<Vec<u8>> {
        crate::types::code::data_of(code).map(|data| hognose_bytecode::encode(&data))
    }

    /// The code object of these bytes; `None`: they are damaged, or of another version.
    pub fn code_from_bytes(&mut self, bytes: &[u8]) -> PyResult<Option<Owned>> {
        match hognose_bytecode::decode(bytes, None) {
            Some(code) => self.load_code(&code).map(Some),
            None => Ok(None),
        }
    }

    /// Gives code and all code among its constants another `co_filename`.
    pub fn set_code_filename(&mut self, code: Ref<'_>, filename: Ref<'_>) -> PyResult<()> {
        self.check_native_stack()?;
        if !code.has_layout(Layout::Code) {
            let class = self.type_name(code);
            return Err(self.type_error(&format!("_fix_co_filename() argument 1 must be code, not {class}")));
        }
        let o = code.value().header().cast::<CodeObj>();
        self.load_body(o)?;
        // SAFETY: the layout was checked; the code owns what its fields hold, and stays alive meanwhile.
        let inner: Vec<Owned> = unsafe {
            let old = std::mem::replace(&mut (*o).filename, filename.owned().into_value());
            drop(Owned::from_value(old));
            let consts: &[Value] = std::slice::from_raw_parts((*o).consts, (*o).consts_len as usize);
            let code = consts.iter().filter(|v| v.is_ptr() && v.has_layout(Layout::Code));
            code.map(|v| Ref::from_value(*v).owned()).collect()
        };
        for c in inner {
            self.set_code_filename(c.as_ref(), filename)?;
        }
        Ok(())
    }
}
