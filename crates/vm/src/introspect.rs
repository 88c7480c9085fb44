//! What `sys` asks the machine about itself.
#![allow(unsafe_code, reason = "reads the raw slot of the handled exception")]

use crate::Vm;
use crate::types::int::IntMaxStrDigits;
use hognose_object::{Owned, Ref, ValueExt};

impl Vm {
    /// The exception being handled (`sys.exception()`).
    pub fn handled_exception(&self) -> Option<Owned> {
        if self.handled.is_null() || self.handled.is_none() {
            return None;
        }
        // SAFETY: the slot owns what it holds.
        Some(unsafe { Ref::from_value(self.handled).owned() })
    }

    /// Python calls that run now.
    pub fn frame_depth(&self) -> usize {
        self.frames.len()
    }

    /// Number of interned strings.
    pub fn interned_count(&self) -> usize {
        self.interned.len()
    }

    /// Names of the native modules, in no order.
    pub fn native_module_names(&self) -> Vec<&'static str> {
        self.native_modules.keys().copied().collect()
    }

    /// `sys.get_int_max_str_digits()`; 0: no limit.
    pub fn int_max_str_digits(&mut self) -> usize {
        self.state::<IntMaxStrDigits>().0
    }

    /// Sets it.
    pub fn set_int_max_str_digits(&mut self, n: usize) {
        self.state::<IntMaxStrDigits>().0 = n;
    }
}

impl Vm {
    /// Makes a class one of those that `match` takes for a sequence or a mapping (`TypeFlags::SEQUENCE`, `MAPPING`).
    pub fn add_class_flags(&mut self, class: crate::TypeRef<'_>, flags: u32) {
        let allowed = hognose_object::types::TypeFlags::SEQUENCE | hognose_object::types::TypeFlags::MAPPING;
        // SAFETY: the class is alive.
        unsafe { (*class.ptr()).flags |= flags & allowed };
    }
}
