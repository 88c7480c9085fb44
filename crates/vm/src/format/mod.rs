//! Formatting: `format(x, spec)`, `%`, `str.format`.
//!
//!   spec      the format mini-language, parsed once          percent    `%` for str and bytes
//!   layout    sign, prefix, digits, fill put together        template   `str.format`, `format_map`
//!   int, float, string   what each type does with a spec
//!
//! All results grow in a buffer of the guest's heap, so absurd widths run into its limit and not into ours.

mod float;
pub(crate) mod int;
mod layout;
mod percent;
mod quick;
mod spec;
mod string;
pub mod template;

pub use float::{format_complex, format_float};
pub use int::format_int;
pub use percent::percent;
pub use string::format_str;

use crate::types::str::build::TextBuf;
use crate::{PyResult, Vm};
use hognose_object::str::StrRef;
use hognose_object::{Owned, Ref};

/// `format(value, spec)` of an exact int, float or str, without the detour over `__format__`.
#[inline]
pub fn exact(vm: &mut Vm, value: Ref<'_>, spec: Ref<'_>) -> PyResult<Option<Owned>> {
    if StrRef::new(value).is_some() {
        return format_str(vm, value, spec).map(Some);
    }
    if let Some(n) = value.value().as_int() {
        if let Some(text) = quick::int(n, crate::text::str_bytes(spec)) {
            return vm.new_ascii(text.as_bytes()).map(Some);
        }
        return format_int(vm, value, spec).map(Some);
    }
    if let Some(x) = value.value().as_float() {
        if let Some(text) = quick::fixed(x, crate::text::str_bytes(spec)) {
            return vm.new_ascii(text.as_bytes()).map(Some);
        }
        return format_float(vm, value, spec).map(Some);
    }
    Ok(None)
}

/// Appends `format(value, spec)`; frequent exact types take no detour.
pub fn write(vm: &mut Vm, out: &mut TextBuf, value: Ref<'_>, spec: &[u8]) -> PyResult<()> {
    if spec.is_empty() {
        if let Some(s) = StrRef::new(value) {
            return out.push(vm, s.as_bytes());
        }
        if let Some(n) = value.value().as_int() {
            return out.push(vm, int::Decimal::new(n).as_bytes());
        }
    }
    let spec = vm.new_str_bytes(spec)?;
    let text = match exact(vm, value, spec.as_ref())? {
        Some(text) => text,
        None => vm.format(value, spec.as_ref())?,
    };
    out.push(vm, crate::text::str_bytes(text.as_ref()))
}
