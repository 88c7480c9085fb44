//! Strings: truncated to a precision, filled up to a width.

use super::layout;
use super::spec::Spec;
use crate::text::{as_str, str_bytes};
use crate::types::str::build::StrWriter;
use crate::types::str::index::byte_offset;
use crate::types::str::unchanged;
use crate::{PyResult, Vm};
use hognose_object::Ref;
use hognose_object::str::count_chars;

/// `str.__format__(value, spec)`
pub fn format_str(vm: &mut Vm, value: Ref<'_>, spec: Ref<'_>) -> PyResult {
    let text = str_bytes(spec);
    if text.is_empty() {
        return Ok(unchanged(value));
    }
    let spec = Spec::parse(vm, text, value, b'<', b's')?;
    if spec.letter() != b's' {
        return Err(spec.unknown_kind(vm, value));
    }
    let wrong = match spec {
        Spec { sign: b' ', .. } => "Space not allowed in string format specifier",
        Spec { sign: 1.., .. } => "Sign not allowed in string format specifier",
        Spec { no_neg_zero: true, .. } => "Negative zero coercion (z) not allowed in string format specifier",
        Spec { alternate: true, .. } => "Alternate form (#) not allowed in string format specifier",
        Spec { align: b'=', .. } => "'=' alignment not allowed in string format specifier",
        _ => "",
    };
    if !wrong.is_empty() {
        return Err(vm.value_error(wrong));
    }
    let Some(s) = as_str(value) else { return Ok(unchanged(value)) };
    let chars = spec.precision.unwrap_or(usize::MAX).min(s.char_len());
    if chars == s.char_len() && spec.width.unwrap_or(0) <= chars {
        return Ok(unchanged(value));
    }
    pad(vm, &s.as_bytes()[..byte_offset(s, chars)], &spec)
}

/// Text filled up to the width of a specification.
pub fn pad(vm: &mut Vm, text: &[u8], spec: &Spec) -> PyResult {
    let chars = count_chars(text);
    let missing = spec.width.unwrap_or(0).saturating_sub(chars);
    let [left, inside, right] = layout::padding(spec.align, missing);
    let fill = layout::fill_bytes(spec.fill);
    let added = crate::types::str::index::repeated(fill.len(), missing)?;
    let mut w = StrWriter::new(vm, text.len().saturating_add(added), chars.saturating_add(missing))?;
    w.repeat(&fill, left + inside);
    w.push(text);
    w.repeat(&fill, right);
    w.finish(vm)
}
