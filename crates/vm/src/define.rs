//! Definitions of built-in types as static data; see types/ for how they become classes.

use crate::args::{GetSetDef, NativeDef};
use crate::type_slots::Slots;
use hognose_object::Layout;

/// A built-in type.
pub struct TypeDef {
    /// `__name__`; `"module.name"` sets `__module__`, too.
    pub name: &'static str,
    /// Struct of its instances.
    pub layout: Layout,
    /// `__doc__`; empty: None.
    pub doc: &'static str,
    /// Flags in addition to the usual ones, see `TypeFlags`.
    pub flags: u32,
    /// Slots; inherited where absent.
    pub slots: Slots,
    /// Methods.
    pub methods: &'static [NativeDef],
    /// Computed attributes.
    pub getset: &'static [GetSetDef],
}

impl TypeDef {
    /// A definition to be completed with struct update syntax.
    pub const EMPTY: TypeDef = TypeDef {
        name: "",
        layout: Layout::Native,
        doc: "",
        flags: 0,
        slots: Slots::NONE,
        methods: &[],
        getset: &[],
    };
}
