//! Constructors of type parameters: `TypeVar(name, *constraints, bound=…)` and its siblings, called by name.

use super::{Lazy, NoDefault, Param, ParamSpec, TypeVar, TypeVarTuple, loaded_typing};
use crate::args::Args;
use crate::text::{as_str, str_bytes};
use crate::{PyResult, Vm};
use hognose_object::native::payload;
use hognose_object::{Owned, Ref, ValueExt};

/// Keyword arguments of a constructor, each taken once.
struct Keywords<'a, 'b> {
    args: &'b Args<'a>,
    what: &'static str,
    allowed: &'static [&'static str],
}

impl<'a> Keywords<'a, '_> {
    fn check(&self, vm: &mut Vm) -> PyResult<()> {
        for &n in self.args.kwnames {
            if !self.allowed.iter().any(|a| a.as_bytes() == str_bytes(n)) {
                let (what, text) = (self.what, vm.text_of(n));
                return Err(vm.type_error(&format!("{what}() got an unexpected keyword argument '{text}'")));
            }
        }
        Ok(())
    }

    /// The first argument, `name`.
    fn name(&self, vm: &mut Vm) -> PyResult {
        let what = self.what;
        let Some(name) = self.args.opt(1).or_else(|| self.args.kw("name")) else {
            return Err(vm.type_error(&format!("{what}() missing required argument 'name' (pos 1)")));
        };
        if as_str(name).is_none() {
            let class = vm.type_name(name);
            return Err(vm.type_error(&format!("{what}() argument 'name' must be str, not {class}")));
        }
        Ok(name.owned())
    }

    fn flag(&self, vm: &mut Vm, name: &str) -> PyResult<bool> {
        match self.args.kw(name) {
            Some(v) => vm.is_true(v),
            None => Ok(false),
        }
    }

    fn value(&self, name: &str) -> Option<Ref<'a>> {
        self.args.kw(name)
    }

    fn no_more_positions(&self, vm: &mut Vm) -> PyResult<()> {
        let n = self.args.rest(1).len();
        if n > 1 {
            let what = self.what;
            return Err(vm.type_error(&format!("{what}() takes exactly 1 positional argument ({n} given)")));
        }
        Ok(())
    }

    fn param(&self, vm: &mut Vm) -> PyResult<Param> {
        self.check(vm)?;
        let name = self.name(vm)?;
        let covariant = self.flag(vm, "covariant")?;
        let contravariant = self.flag(vm, "contravariant")?;
        let infer_variance = self.flag(vm, "infer_variance")?;
        if covariant && contravariant {
            return Err(vm.value_error("Bivariant types are not supported."));
        }
        if infer_variance && (covariant || contravariant) {
            return Err(vm.value_error("Variance cannot be specified with infer_variance."));
        }
        let bound = match self.value("bound").filter(|b| !b.is_none()) {
            Some(b) => Lazy::of_value(type_check(vm, b, "Bound must be a type.")?),
            None => Lazy::default(),
        };
        let default = match self.value("default") {
            Some(d) if payload::<NoDefault>(d).is_none() => Lazy::of_value(d.owned()),
            _ => Lazy::default(),
        };
        let (constraints, module) = (Lazy::default(), caller_module(vm)?.unwrap_or_else(Owned::null));
        Ok(Param { name, bound, constraints, default, module, covariant, contravariant, infer_variance })
    }
}

fn type_check(vm: &mut Vm, r: Ref<'_>, message: &str) -> PyResult {
    match loaded_typing(vm, "_type_check")? {
        Some(f) => {
            let message = vm.new_str(message)?;
            vm.call(f.as_ref(), &[r, message.as_ref()])
        }
        None => Ok(r.owned()),
    }
}

/// `__name__` of the module whose code runs.
pub(super) fn caller_module(vm: &mut Vm) -> PyResult<Option<Owned>> {
    let Some(globals) = vm.current_globals() else { return Ok(None) };
    vm.dict_get_name(globals.as_ref(), "__name__")
}

pub(super) fn new_type_var(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let allowed = &["name", "bound", "default", "covariant", "contravariant", "infer_variance"];
    let kw = Keywords { args, what: "typevar", allowed };
    let mut p = kw.param(vm)?;
    let constraints = args.rest(2);
    if constraints.len() == 1 {
        return Err(vm.type_error("A single constraint is not allowed"));
    }
    if !constraints.is_empty() {
        if p.bound.is_set() {
            return Err(vm.type_error("Constraints cannot be combined with bound=..."));
        }
        let mut checked = Vec::new();
        for &c in constraints {
            checked.push(type_check(vm, c, "TypeVar(name, constraint, ...): constraints must be types.")?);
        }
        p.constraints = Lazy::of_value(vm.new_tuple(checked)?);
    }
    vm.new_native(TypeVar { p })
}

pub(super) fn new_param_spec(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let allowed = &["name", "bound", "default", "covariant", "contravariant", "infer_variance"];
    let kw = Keywords { args, what: "paramspec", allowed };
    kw.no_more_positions(vm)?;
    let p = kw.param(vm)?;
    vm.new_native(ParamSpec { p })
}

pub(super) fn new_type_var_tuple(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let kw = Keywords { args, what: "typevartuple", allowed: &["name", "default"] };
    kw.no_more_positions(vm)?;
    let p = kw.param(vm)?;
    vm.new_native(TypeVarTuple { p })
}
