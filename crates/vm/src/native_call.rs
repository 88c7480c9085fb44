//! Calling native functions: checks of receiver and count, binding of keywords, CPython's words for what is wrong.
#![allow(unsafe_code, reason = "reads native function objects")]

use crate::args::{Args, Binding, NativeDef, Parameter, prepended};
use crate::call::Bound;
use crate::class::TypeRef;
use crate::{PyResult, Vm};
use hognose_object::function::NativeFunctionObj;
use hognose_object::{Layout, Ref, Value, ValueExt};

/// The definition of a native function.
pub fn native_def(r: Ref<'_>) -> Option<&'static NativeDef> {
    if r.layout_of() != Some(Layout::NativeFunction) {
        return None;
    }
    let f = r.value().header().cast::<NativeFunctionObj>();
    // SAFETY: the layout was checked; definitions are static data.
    Some(unsafe { &*(*f).def.cast::<NativeDef>() })
}

impl Vm {
    // ---- native functions

    pub(crate) fn call_native_function(
        &mut self,
        callee: Ref<'_>,
        pos: &[Ref<'_>],
        kwnames: &[Ref<'_>],
        kwvalues: &[Ref<'_>],
    ) -> PyResult {
        let f = callee.value().header().cast::<NativeFunctionObj>();
        // SAFETY: the layout was checked by the caller; `def` is static data.
        let (def, receiver) = unsafe { (&*(*f).def.cast::<NativeDef>(), Ref::from_value((*f).receiver)) };
        if receiver.is_null() || def.binding == Binding::Function {
            return self.call_native(def, callee, pos, kwnames, kwvalues);
        }
        prepended(receiver, pos, |all| self.call_native(def, callee, all, kwnames, kwvalues))
    }

    /// Calls a native function whose receiver, if it has one, is the first argument.
    #[inline]
    pub(crate) fn call_native(
        &mut self,
        def: &'static NativeDef,
        callee: Ref<'_>,
        pos: &[Ref<'_>],
        kwnames: &[Ref<'_>],
        kwvalues: &[Ref<'_>],
    ) -> PyResult {
        if matches!(def.binding, Binding::Method | Binding::SlotWrapper) {
            self.check_receiver(def, callee, pos)?;
        }
        let sig = &def.sig;
        let n = pos.len();
        let r = if sig.varargs || sig.varkw {
            if n < usize::from(sig.min) {
                return Err(self.native_arity(def, callee, n));
            }
            if !sig.varargs && n > usize::from(sig.max) {
                return Err(self.native_arity(def, callee, n));
            }
            if !kwnames.is_empty() && !sig.varkw {
                self.check_native_keywords(def, callee, kwnames)?;
            }
            (def.func)(self, &Args { callee, pos, kwnames, kwvalues })
        } else if kwnames.is_empty() && n >= usize::from(sig.min) && n <= usize::from(sig.max) {
            (def.func)(self, &Args { callee, pos, kwnames, kwvalues })
        } else {
            let bound = self.bind_native(def, callee, pos, kwnames, kwvalues)?;
            (def.func)(self, &Args { callee, pos: &bound, kwnames: &[], kwvalues: &[] })
        };
        if self.heap.has_pending() { self.run_pending(r) } else { r }
    }

    fn check_receiver(&mut self, def: &'static NativeDef, callee: Ref<'_>, pos: &[Ref<'_>]) -> PyResult<()> {
        let f = callee.value().header().cast::<NativeFunctionObj>();
        // SAFETY: callees of native definitions are native functions, which own their class.
        let owner = unsafe { Ref::from_value((*f).owner) };
        let Some(owner) = TypeRef::new(owner) else { return Ok(()) };
        let Some(&receiver) = pos.first() else {
            let class = owner.name();
            let message = if def.binding == Binding::SlotWrapper {
                format!("descriptor '{}' of '{class}' object needs an argument", def.name)
            } else {
                format!("unbound method {class}.{}() needs an argument", def.name)
            };
            return Err(self.type_error(&message));
        };
        if self.is_instance(receiver, owner) {
            return Ok(());
        }
        let (class, given) = (owner.name(), self.type_name(receiver));
        let message = if def.binding == Binding::SlotWrapper {
            format!("descriptor '{}' requires a '{class}' object but received a '{given}'", def.name)
        } else {
            format!("descriptor '{}' for '{class}' objects doesn't apply to a '{given}' object", def.name)
        };
        Err(self.type_error(&message))
    }

    fn check_native_keywords(
        &mut self,
        def: &'static NativeDef,
        callee: Ref<'_>,
        names: &[Ref<'_>],
    ) -> PyResult<()> {
        let known = def.parameters();
        for n in names {
            let text = self.text_of(*n);
            if !known.iter().any(|p| p.name == text && !p.positional_only) {
                let f = self.native_name(def, callee);
                if known.iter().all(|p| p.positional_only) {
                    return Err(self.type_error(&format!("{f}() takes no keyword arguments")));
                }
                let names = known.iter().filter(|p| !p.positional_only).map(|p| p.name);
                return Err(self.unknown_keyword(def.name, &text, names));
            }
        }
        Ok(())
    }

    /// A keyword argument that a native function does not have, with the name it may have been meant to be.
    pub fn unknown_keyword<'n>(
        &mut self,
        function: &str,
        given: &str,
        known: impl Iterator<Item = &'n str>,
    ) -> crate::Raised {
        let mut message = format!("{function}() got an unexpected keyword argument '{given}'");
        if let Some(close) = crate::traceback::suggestion(given, known) {
            message.push_str(&format!(". Did you mean '{close}'?"));
        }
        self.type_error(&message)
    }

    /// `list.append`, `math.sin`, `len`: how errors name a native function.
    fn native_name(&mut self, def: &'static NativeDef, callee: Ref<'_>) -> String {
        if !callee.has_layout(Layout::NativeFunction) {
            return def.name.to_string();
        }
        let f = callee.value().header().cast::<NativeFunctionObj>();
        // SAFETY: the layout was checked; the function owns its class and its module's name.
        let (owner, module) = unsafe { (Ref::from_value((*f).owner), (*f).module) };
        if let Some(class) = TypeRef::new(owner) {
            return format!("{}.{}", class.name(), def.name);
        }
        // SAFETY: as above.
        match if module.is_null() { None } else { crate::text::as_str(unsafe { Ref::from_value(module) }) } {
            Some(m) if m.as_bytes() != b"builtins" => format!("{}.{}", m.to_lossy(), def.name),
            _ => def.name.to_string(),
        }
    }

    #[cold]
    fn native_arity(&mut self, def: &'static NativeDef, callee: Ref<'_>, n: usize) -> crate::Raised {
        // Plain functions count every argument; methods do not count the receiver.
        let own = usize::from(def.sig_text.starts_with('$'));
        let (min, max, n) =
            (usize::from(def.sig.min) - own, usize::from(def.sig.max) - own, n.saturating_sub(own));
        let full = self.native_name(def, callee);
        let plural = |k: usize| if k == 1 { "" } else { "s" };
        if def.sig.keywords {
            let params = def.parameters();
            if let Some(e) = self.keyword_arity(def.name, &def.sig, &params, (own, n, 0)) {
                return e;
            }
            let p = params.iter().filter(|p| p.required).nth(n + own).map_or("", |p| p.name);
            return self.type_error(&format!(
                "{}() missing required argument '{p}' (pos {})",
                def.name,
                n + 1
            ));
        }
        let message =
            if def.binding == Binding::SlotWrapper && matches!(def.name, "__setattr__" | "__setitem__") {
                format!("{} expected {min} arguments, got {n}", def.name)
            } else if def.binding == Binding::SlotWrapper && matches!(def.name, "__pow__" | "__rpow__") {
                format!("expected 1 or 2 arguments, got {n}")
            } else if def.binding == Binding::SlotWrapper && min == max {
                format!("expected {min} argument{}, got {n}", plural(min))
            } else if min == 1 && max == 1 {
                format!("{full}() takes exactly one argument ({n} given)")
            } else if max == 0 && !def.sig.varargs {
                format!("{full}() takes no arguments ({n} given)")
            } else {
                let (bound, k) = if min == max {
                    ("", min)
                } else if n < min {
                    ("at least ", min)
                } else {
                    ("at most ", max)
                };
                format!("{} expected {bound}{k} argument{}, got {n}", def.name, plural(k))
            };
        self.type_error(&message)
    }

    /// Wrong numbers of arguments of a function that takes keywords, in the order in which CPython's argument parser
    /// looks: all of them, positional ones, those that can be positional only. `counts` are the receiver (0 or 1),
    /// positional and keyword arguments.
    #[cold]
    fn keyword_arity(
        &mut self,
        name: &str,
        sig: &crate::args::Sig,
        params: &[Parameter],
        counts: (usize, usize, usize),
    ) -> Option<crate::Raised> {
        let (own, npos, nkw) = counts;
        let (min, max, total) =
            (usize::from(sig.min) - own, usize::from(sig.max) - own, usize::from(sig.total) - own);
        let only = params.iter().filter(|p| p.positional_only).count().saturating_sub(own).min(min);
        let plural = |k: usize| if k == 1 { "" } else { "s" };
        let message = if npos + nkw > total {
            let what = if npos == 0 { "keyword " } else { "" };
            format!("{name}() takes at most {total} {what}argument{} ({} given)", plural(total), npos + nkw)
        } else if npos > max && max == 0 {
            format!("{name}() takes no positional arguments")
        } else if npos > max {
            let most = if min == max { "exactly" } else { "at most" };
            format!("{name}() takes {most} {max} positional argument{} ({npos} given)", plural(max))
        } else if npos < only {
            let least = if min == max { "exactly" } else { "at least" };
            format!("{name}() takes {least} {only} positional argument{} ({npos} given)", plural(only))
        } else {
            return None;
        };
        Some(self.type_error(&message))
    }

    #[cold]
    fn bind_native<'a>(
        &mut self,
        def: &'static NativeDef,
        callee: Ref<'a>,
        pos: &[Ref<'a>],
        kwnames: &[Ref<'a>],
        kwvalues: &[Ref<'a>],
    ) -> PyResult<Vec<Ref<'a>>> {
        let params = def.parameters();
        if !def.sig.keywords {
            if !kwnames.is_empty() {
                let f = self.native_name(def, callee);
                return Err(self.type_error(&format!("{f}() takes no keyword arguments")));
            }
            return Err(self.native_arity(def, callee, pos.len()));
        }
        let own = usize::from(def.sig_text.starts_with('$'));
        if own > pos.len() {
            return Err(self.native_arity(def, callee, pos.len()));
        }
        if let Some(e) =
            self.keyword_arity(def.name, &def.sig, &params, (own, pos.len() - own, kwnames.len()))
        {
            return Err(e);
        }
        let mut out = self.place_arguments(def.name, &params, own, pos, (kwnames, kwvalues))?;
        while out.last().is_some_and(|r| r.is_null()) {
            out.pop();
        }
        Ok(out)
    }

    /// Puts each argument into its parameter's place; `own` of the parameters is the receiver. Complains about
    /// missing arguments first, then about unknown ones, as CPython does.
    fn place_arguments<'a>(
        &mut self,
        name: &str,
        params: &[Parameter],
        own: usize,
        pos: &[Ref<'a>],
        (kwnames, kwvalues): (&[Ref<'a>], &[Ref<'a>]),
    ) -> PyResult<Vec<Ref<'a>>> {
        let mut out: Vec<Ref<'a>> = pos.to_vec();
        out.resize(params.len().max(pos.len()), Ref::from_immediate(Value::NULL));
        let (mut twice, mut unknown) = (None, None);
        for (k, v) in kwnames.iter().zip(kwvalues) {
            let text = self.text_of(*k);
            match params.iter().position(|p| p.name == text && !p.positional_only) {
                Some(i) if out[i].is_null() => out[i] = *v,
                Some(i) => twice = twice.or(Some((text, i + 1 - own))),
                None => unknown = unknown.or(Some(text)),
            }
        }
        if let Some(i) = (0..params.len()).find(|&i| params[i].required && out[i].is_null()) {
            let p = params[i].name;
            let message = format!("{name}() missing required argument '{p}' (pos {})", i + 1 - own);
            return Err(self.type_error(&message));
        }
        if let Some((text, i)) = twice {
            let message = format!("argument for {name}() given by name ('{text}') and position ({i})");
            return Err(self.type_error(&message));
        }
        if let Some(text) = unknown {
            let known = params.iter().filter(|p| !p.positional_only).map(|p| p.name);
            return Err(self.unknown_keyword(name, &text, known));
        }
        Ok(out)
    }

    /// Binds the arguments of a `new`, `init` or `call` slot, `pos[0]` (class or object) left out, to a signature
    /// like `"object='', encoding='utf-8', errors='strict'"`.
    pub fn bind<'a>(&mut self, args: &Args<'a>, name: &str, sig_text: &'static str) -> PyResult<Bound<'a>> {
        let def = NativeDef::function("", sig_text, |vm, _| Ok(vm.none()));
        let params = def.parameters();
        let pos = args.rest(1);
        let (max, n) = (usize::from(def.sig.max), pos.len());
        let plural = |k: usize| if k == 1 { "" } else { "s" };
        if !def.sig.keywords && !args.kwnames.is_empty() {
            return Err(self.type_error(&format!("{name}() takes no keyword arguments")));
        }
        let min = usize::from(def.sig.min);
        if def.sig.keywords {
            if let Some(e) = self.keyword_arity(name, &def.sig, &params, (0, n, args.kwnames.len())) {
                return Err(e);
            }
        } else if n > max || n < min {
            let (bound, k) = if min == max {
                ("", min)
            } else if n < min {
                ("at least ", min)
            } else {
                ("at most ", max)
            };
            return Err(
                self.type_error(&format!("{name} expected {bound}{k} argument{}, got {n}", plural(k)))
            );
        }
        let out = self.place_arguments(name, &params, 0, pos, (args.kwnames, args.kwvalues))?;
        Ok(Bound { pos: out.into_iter().map(|r| (!r.is_null()).then_some(r)).collect() })
    }
}
