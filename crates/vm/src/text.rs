//! Strings as native code uses them.

use crate::class::{TypeRef, base_value};
use crate::{PyResult, Vm};
use hognose_object::str::{StrRef, new_str};
use hognose_object::{Owned, Ref};
use std::borrow::Cow;

/// WTF-8 bytes of a str (or subclass); empty for anything else.
pub fn str_bytes(r: Ref<'_>) -> &[u8] {
    StrRef::new(base_value(r)).map_or(&[], |s| s.as_bytes())
}

/// `r` as a str (or subclass).
#[inline]
pub fn as_str(r: Ref<'_>) -> Option<StrRef<'_>> {
    StrRef::new(base_value(r))
}

impl Vm {
    /// A new str.
    pub fn new_str(&self, text: &str) -> PyResult {
        self.new_str_bytes(text.as_bytes())
    }

    /// A new str from WTF-8; the empty string and single Latin-1 characters are shared.
    pub fn new_str_bytes(&self, bytes: &[u8]) -> PyResult {
        if bytes.len() <= 2
            && let Some(shared) = self.shared_str(bytes)
        {
            return Ok(shared);
        }
        Ok(new_str(&self.heap, bytes)?)
    }

    /// [`Vm::new_str_bytes`] of bytes known to be ASCII, like the digits of a number.
    #[inline]
    pub(crate) fn new_ascii(&self, bytes: &[u8]) -> PyResult {
        if bytes.len() < 2 {
            return self.new_str_bytes(bytes);
        }
        Ok(hognose_object::str::new_ascii(&self.heap, bytes)?)
    }

    fn shared_str(&self, bytes: &[u8]) -> Option<Owned> {
        let i = match *bytes {
            [] => 256,
            [b] if b < 0x80 => usize::from(b),
            [0xC2, b] => usize::from(b),
            [0xC3, b] => usize::from(b) + 0x40,
            _ => return None,
        };
        self.chars.get(i).map(|r| r.owned())
    }

    /// The text of `str(r)` for messages; never fails (what fails to be converted shows as its type).
    pub fn text_of(&mut self, r: Ref<'_>) -> String {
        match self.str(r) {
            Ok(s) => as_str(s.as_ref()).map_or_else(String::new, |s| s.to_lossy().into_owned()),
            Err(e) => {
                self.discard(e);
                format!("<{} object>", self.class_of(r).name())
            }
        }
    }

    /// The text of `repr(r)`.
    pub fn repr_text(&mut self, r: Ref<'_>) -> PyResult<String> {
        let s = self.repr(r)?;
        Ok(as_str(s.as_ref()).map_or_else(String::new, |s| s.to_lossy().into_owned()))
    }

    /// `r` as text of a str argument; TypeError `"{what} must be str, not int"` otherwise.
    pub fn expect_str<'a>(&mut self, r: Ref<'a>, what: &str) -> PyResult<Cow<'a, str>> {
        match as_str(r) {
            Some(s) => Ok(s.to_lossy()),
            None => {
                let class = self.class_of(r).name();
                Err(self.type_error(&format!("{what} must be str, not {class}")))
            }
        }
    }

    /// Class name of a value, for messages; native classes of other modules than `builtins` are named with theirs.
    pub fn type_name(&self, r: Ref<'_>) -> String {
        self.class_name(self.class_of(r))
    }

    /// [`Vm::type_name`] of the instances of a class.
    pub fn class_name(&self, class: TypeRef<'_>) -> String {
        if !class.is_heap_type()
            && let Some(module) = as_str(class.module_ref())
            && !matches!(module.as_bytes(), b"builtins" | b"types")
        {
            return format!("{}.{}", module.to_lossy(), class.name());
        }
        class.name()
    }
}
