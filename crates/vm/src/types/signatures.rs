//! `__text_signature__` of native functions and built-in classes, as `inspect.signature` reads it.

use crate::args::{Binding, NativeDef};
use crate::class::TypeRef;
use crate::{PyResult, Vm};
use hognose_object::{Ref, none};

const SIGNATURES: &[(&str, &str)] = &[
    ("bool", "(object=False, /)"),
    ("classmethod", "(function, /)"),
    ("complex", "(real=0, imag=0)"),
    ("enumerate", "(iterable, start=0)"),
    ("filter", "(function, iterable, /)"),
    ("float", "(x=0, /)"),
    ("frozenset", "(iterable=(), /)"),
    ("list", "(iterable=(), /)"),
    ("map", "(function, iterable, /, *iterables, strict=False)"),
    ("memoryview", "(object)"),
    ("object", "()"),
    ("property", "(fget=None, fset=None, fdel=None, doc=None)"),
    ("reversed", "(sequence, /)"),
    ("set", "(iterable=(), /)"),
    ("staticmethod", "(function, /)"),
    ("tuple", "(iterable=(), /)"),
    ("zip", "(*iterables, strict=False)"),
];

/// The signature of a class; None when none is known.
pub(super) fn text_signature(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let Some(class) = TypeRef::new(r).filter(|c| !c.is_heap_type() && c.module_ref().is_null()) else {
        return Ok(none());
    };
    match SIGNATURES.iter().find(|s| s.0 == class.name()) {
        Some((_, text)) => vm.new_str(text),
        None => Ok(none()),
    }
}

/// The signature of a native function: its receiver or module comes first, marked by `$` and apart from the others.
pub(super) fn of_function(def: &NativeDef) -> String {
    let text = match (def.name, def.binding) {
        ("sorted", Binding::Function) => "iterable, /, *, key=None, reverse=False",
        _ => def.sig_text,
    };
    let (first, rest) = match def.binding {
        _ if text.starts_with('$') => text.split_once(',').map_or((text, ""), |(f, r)| (f, r.trim_start())),
        Binding::Static => return format!("({text})"),
        _ => ("$module", text),
    };
    let apart = rest.split(", ").any(|p| p == "/");
    match (rest, apart) {
        ("", _) => format!("({first}, /)"),
        (rest, true) => format!("({first}, {rest})"),
        (rest, false) => format!("({first}, /, {rest})"),
    }
}
