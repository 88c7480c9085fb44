//! Native functions as the machine sees them: a definition with a signature in CPython's notation, and the arguments
//! of one call.
//!
//! A signature is text like `"$self, key, default=None, /"`. It is parsed at compile time into bounds (the fast path
//! compares two numbers) and read again only when keywords are given or something is wrong.

use crate::{PyResult, Vm};
use hognose_object::Ref;

/// The Rust function behind a native function.
pub type NativeFn = fn(&mut Vm, &Args<'_>) -> PyResult;

/// Arguments of one call, borrowed from the caller's registers.
pub struct Args<'a> {
    /// The function object called (its owner and receiver are reachable from it).
    pub callee: Ref<'a>,
    /// Positional arguments, the receiver first. For functions without `*args` every parameter has its place here,
    /// NULL or past the end when it was not given.
    pub pos: &'a [Ref<'a>],
    /// Names of keyword arguments (functions with `**kwargs` or `*args` only).
    pub kwnames: &'a [Ref<'a>],
    /// Their values.
    pub kwvalues: &'a [Ref<'a>],
}

impl<'a> Args<'a> {
    /// Parameter `i`, which the signature requires.
    #[inline(always)]
    pub fn get(&self, i: usize) -> Ref<'a> {
        self.pos[i]
    }

    /// Parameter `i`, if it was given.
    #[inline(always)]
    pub fn opt(&self, i: usize) -> Option<Ref<'a>> {
        self.pos.get(i).copied().filter(|r| !r.is_null())
    }

    /// Positional arguments from `i` on.
    pub fn rest(&self, i: usize) -> &'a [Ref<'a>] {
        self.pos.get(i..).unwrap_or(&[])
    }

    /// The keyword argument `name` (functions with `**kwargs` or `*args` only).
    pub fn kw(&self, name: &str) -> Option<Ref<'a>> {
        let at = self.kwnames.iter().position(|n| crate::text::str_bytes(*n) == name.as_bytes())?;
        Some(self.kwvalues[at])
    }
}

/// Calls `f` with `first` before `rest`, without allocating for the usual numbers of arguments.
#[inline]
pub(crate) fn prepended<'a, R>(first: Ref<'a>, rest: &[Ref<'a>], f: impl FnOnce(&[Ref<'a>]) -> R) -> R {
    match rest {
        [] => f(&[first]),
        [a] => f(&[first, *a]),
        [a, b] => f(&[first, *a, *b]),
        _ => {
            let mut all = Vec::with_capacity(rest.len() + 1);
            all.push(first);
            all.extend_from_slice(rest);
            f(&all)
        }
    }
}

/// What a signature allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sig {
    /// Fewest arguments, the receiver included.
    pub min: u16,
    /// Most positional arguments.
    pub max: u16,
    /// All parameters, keyword-only ones included.
    pub total: u16,
    /// Takes `*args`: the function looks at positions by itself.
    pub varargs: bool,
    /// Takes `**kwargs`.
    pub varkw: bool,
    /// Can any parameter be given by keyword?
    pub keywords: bool,
}

impl Sig {
    /// Reads a signature.
    pub const fn parse(text: &str) -> Sig {
        let b = text.as_bytes();
        let mut sig = Sig { min: 0, max: 0, total: 0, varargs: false, varkw: false, keywords: false };
        let (mut i, mut kwonly, mut since_slash) = (0, false, 0u16);
        while i < b.len() {
            while i < b.len() && (b[i] == b' ' || b[i] == b',') {
                i += 1;
            }
            let start = i;
            let (mut has_default, mut depth) = (false, 0);
            while i < b.len() && (b[i] != b',' || depth > 0) {
                match b[i] {
                    b'=' => has_default = true,
                    b'(' | b'[' => depth += 1,
                    b')' | b']' => depth -= 1,
                    _ => {}
                }
                i += 1;
            }
            if start == i {
                continue;
            }
            if b[start] == b'/' {
                since_slash = 0;
            } else if b[start] == b'*' && i == start + 1 {
                kwonly = true;
            } else if b[start] == b'*' && b[start + 1] == b'*' {
                sig.varkw = true;
            } else if b[start] == b'*' {
                sig.varargs = true;
                kwonly = true;
            } else {
                sig.total += 1;
                if kwonly {
                    sig.keywords = true;
                } else {
                    sig.max += 1;
                    since_slash += 1;
                    if !has_default {
                        sig.min = sig.max;
                    }
                }
            }
        }
        if since_slash > 0 {
            sig.keywords = true;
        }
        sig
    }
}

/// Definition of a native function: static data.
pub struct NativeDef {
    /// `__name__`.
    pub name: &'static str,
    /// Signature text without parentheses.
    pub sig_text: &'static str,
    /// The same, parsed.
    pub sig: Sig,
    /// What runs.
    pub func: NativeFn,
    /// How it binds when it is found in a class.
    pub binding: Binding,
}

/// How a native function found in a class becomes something to call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u64)]
pub enum Binding {
    /// A plain function (module functions); binds like CPython's builtin functions: not at all.
    Function = 0,
    /// A method: the instance becomes the first argument.
    Method = 1,
    /// A class method: the class becomes the first argument.
    Class = 2,
    /// A static method (`__new__`).
    Static = 3,
    /// A method that calls a type slot (`__len__` of a built-in type).
    SlotWrapper = 4,
}

impl NativeDef {
    const fn with(name: &'static str, sig: &'static str, func: NativeFn, binding: Binding) -> NativeDef {
        NativeDef { name, sig_text: sig, sig: Sig::parse(sig), func, binding }
    }

    /// A module function.
    pub const fn function(name: &'static str, sig: &'static str, func: NativeFn) -> NativeDef {
        Self::with(name, sig, func, Binding::Function)
    }

    /// A method; the signature begins with `$self`.
    pub const fn method(name: &'static str, sig: &'static str, func: NativeFn) -> NativeDef {
        Self::with(name, sig, func, Binding::Method)
    }

    /// A class method; the signature begins with `$type`.
    pub const fn class_method(name: &'static str, sig: &'static str, func: NativeFn) -> NativeDef {
        Self::with(name, sig, func, Binding::Class)
    }

    /// A static method.
    pub const fn static_method(name: &'static str, sig: &'static str, func: NativeFn) -> NativeDef {
        Self::with(name, sig, func, Binding::Static)
    }

    /// A method that calls a slot.
    pub(crate) const fn wrapper(name: &'static str, sig: &'static str, func: NativeFn) -> NativeDef {
        Self::with(name, sig, func, Binding::SlotWrapper)
    }

    /// Names of the parameters and whether each can be given by keyword.
    pub fn parameters(&self) -> Vec<Parameter> {
        let mut out: Vec<Parameter> = Vec::new();
        let mut kwonly = false;
        for part in split_top(self.sig_text) {
            match part.split_once('=').map_or(part, |(n, _)| n) {
                "/" => out.iter_mut().for_each(|p| p.positional_only = true),
                "*" => kwonly = true,
                name if name.starts_with('*') => kwonly = true,
                name => out.push(Parameter {
                    name: name.trim_start_matches('$'),
                    required: !part.contains('='),
                    positional_only: name.starts_with('$'),
                    keyword_only: kwonly,
                }),
            }
        }
        out
    }
}

/// One parameter of a signature.
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// Must it be given?
    pub required: bool,
    /// Before `/`.
    pub positional_only: bool,
    /// After `*`.
    pub keyword_only: bool,
}

fn split_top(text: &'static str) -> impl Iterator<Item = &'static str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches([' ', ',']);
        if rest.is_empty() {
            return None;
        }
        let mut depth = 0;
        let end = rest
            .bytes()
            .position(|b| {
                match b {
                    b'(' | b'[' => depth += 1,
                    b')' | b']' => depth -= 1,
                    _ => {}
                }
                b == b',' && depth == 0
            })
            .unwrap_or(rest.len());
        let part = &rest[..end];
        rest = &rest[end..];
        Some(part.trim())
    })
}

/// A computed attribute of a built-in type.
pub struct GetSetDef {
    /// Its name.
    pub name: &'static str,
    /// Reads it.
    pub get: fn(&mut Vm, Ref<'_>) -> PyResult,
    /// Stores it, or deletes it when the value is `None`; absent: read-only.
    pub set: Option<fn(&mut Vm, Ref<'_>, Option<Ref<'_>>) -> PyResult<()>>,
}

impl GetSetDef {
    /// A read-only attribute.
    pub const fn read(name: &'static str, get: fn(&mut Vm, Ref<'_>) -> PyResult) -> GetSetDef {
        GetSetDef { name, get, set: None }
    }

    /// An attribute that can be assigned.
    pub const fn write(
        name: &'static str,
        get: fn(&mut Vm, Ref<'_>) -> PyResult,
        set: fn(&mut Vm, Ref<'_>, Option<Ref<'_>>) -> PyResult<()>,
    ) -> GetSetDef {
        GetSetDef { name, get, set: Some(set) }
    }
}

#[cfg(test)]
mod tests {
    use super::Sig;

    #[test]
    fn signatures() {
        let s = Sig::parse("$self, key, default=None, /");
        assert_eq!((s.min, s.max, s.total, s.keywords, s.varargs), (2, 3, 3, false, false));
        let s = Sig::parse("iterable, /, *, key=None, reverse=False");
        assert_eq!((s.min, s.max, s.total, s.keywords), (1, 1, 3, true));
        let s = Sig::parse("*args, sep=' ', **kw");
        assert_eq!((s.min, s.max, s.varargs, s.varkw), (0, 0, true, true));
        assert_eq!(Sig::parse("").max, 0);
        assert!(Sig::parse("$self, x=(1, 2)").keywords);
    }
}
