//! `typing.Generic`, the base of every class with type parameters.
//!
//! When the module `typing` is loaded it decides what `Generic[T]` and `C[int]` give; without it they are plain
//! `types.GenericAlias` objects, so that `class C[T]` needs no library.

use super::{TypeVarTuple, is_type_param, loaded_typing};
use crate::args::{Args, NativeDef};
use crate::class::TypeRef;
use crate::types::alias::collect_parameters;
use crate::{PyResult, Vm};
use hognose_object::native::payload;
use hognose_object::{Layout, Owned, Ref, ValueExt, none};

const DOC: &str = "Abstract base class for generic types.\n\n\
    On Python 3.12 and newer, generic classes implicitly inherit from\n\
    Generic when they declare a parameter list after the class's name.";

static CLASS_GETITEM: NativeDef =
    NativeDef::class_method("__class_getitem__", "$type, /, *args, **kwargs", class_getitem);
static INIT_SUBCLASS: NativeDef =
    NativeDef::class_method("__init_subclass__", "$type, /, *args, **kwargs", init_subclass);

#[derive(Default)]
struct GenericClass(Option<Ref<'static>>);

/// The class `typing.Generic`, made on first use.
pub(crate) fn generic_class(vm: &mut Vm) -> PyResult {
    if let Some(r) = vm.state::<GenericClass>().0 {
        return Ok(r.owned());
    }
    let dict = vm.new_dict()?;
    let module = vm.intern("typing")?;
    let entries = [
        ("__module__", module.clone()),
        ("__doc__", vm.new_str(DOC)?),
        ("__slots__", vm.empty_tuple().owned()),
        ("__class_getitem__", vm.new_native_function(&CLASS_GETITEM, None, None, Some(module.as_ref()))?),
        ("__init_subclass__", vm.new_native_function(&INIT_SUBCLASS, None, None, Some(module.as_ref()))?),
    ];
    for (name, value) in entries {
        vm.dict_set_name(dict.as_ref(), name, value)?;
    }
    let name = vm.intern("Generic")?;
    let (type_, empty) = (vm.types().type_, vm.empty_tuple());
    let class = vm.call(type_.as_ref(), &[name.as_ref(), empty, dict.as_ref()])?;
    let class = vm.make_immortal(class);
    vm.state::<GenericClass>().0 = Some(class);
    Ok(class.owned())
}

/// `Generic[params]` for a class statement with type parameters.
pub(crate) fn subscript_generic(vm: &mut Vm, params: Ref<'_>) -> PyResult {
    let class = generic_class(vm)?;
    let params = unpack_tuples(vm, params)?;
    if let Some(f) = loaded_typing(vm, "_generic_class_getitem")? {
        return vm.call(f.as_ref(), &[class.as_ref(), params.as_ref()]);
    }
    vm.new_generic_alias(class.as_ref(), params.as_ref())
}

/// Type parameters with each `TypeVarTuple` as `Unpack[…]`, where the typing library is loaded.
pub(super) fn unpack_tuples(vm: &mut Vm, params: Ref<'_>) -> PyResult {
    let items = vm.items_of(params);
    if !items.iter().any(|p| payload::<TypeVarTuple>(p.as_ref()).is_some()) {
        return Ok(params.owned());
    }
    let Some(unpack) = loaded_typing(vm, "Unpack")? else { return Ok(params.owned()) };
    let mut out = Vec::with_capacity(items.len());
    for p in items {
        out.push(match payload::<TypeVarTuple>(p.as_ref()) {
            Some(_) => vm.get_item(unpack.as_ref(), p.as_ref())?,
            None => p,
        });
    }
    vm.new_tuple(out)
}

fn class_getitem(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    if let Some(f) = loaded_typing(vm, "_generic_class_getitem")? {
        return vm.call_vector(f.as_ref(), args.pos, args.kwnames, args.kwvalues);
    }
    let class = args.get(0);
    let [item] = *args.rest(1) else {
        let n = args.rest(1).len();
        return Err(vm.type_error(&format!("__class_getitem__ expected 1 argument, got {n}")));
    };
    let items = if item.is_exact(Layout::Tuple) { vm.items_of(item) } else { vec![item.owned()] };
    if class.is(generic_class(vm)?.as_ref()) {
        check_type_params(vm, &items)?;
    } else {
        check_count(vm, class, &items)?;
    }
    vm.new_generic_alias(class, item)
}

fn check_type_params(vm: &mut Vm, items: &[Owned]) -> PyResult<()> {
    if items.is_empty() {
        return Err(vm.type_error("Parameter list to Generic[...] cannot be empty"));
    }
    for (i, p) in items.iter().enumerate() {
        if !is_type_param(p.as_ref()) {
            return Err(vm.type_error(
                "Parameters to Generic[...] must all be type variables or parameter specification variables.",
            ));
        }
        if items.iter().take(i).any(|q| q.as_ref().is(p.as_ref())) {
            return Err(vm.type_error("Parameters to Generic[...] must all be unique"));
        }
    }
    Ok(())
}

fn check_count(vm: &mut Vm, class: Ref<'_>, items: &[Owned]) -> PyResult<()> {
    let name = vm.intern("__parameters__")?;
    let params = match vm.get_attr_opt(class, name.as_ref())? {
        Some(p) => vm.items_of(p.as_ref()),
        None => Vec::new(),
    };
    if params.is_empty() {
        let text = vm.repr_text(class)?;
        return Err(vm.type_error(&format!("{text} is not a generic class")));
    }
    let variadic = params.iter().any(|p| payload::<super::TypeVar>(p.as_ref()).is_none());
    let needed =
        params.iter().filter(|p| !super::find_param(p.as_ref()).is_some_and(|p| p.default.is_set())).count();
    let (n, m) = (items.len(), params.len());
    if !variadic && (n > m || n < needed) {
        let text = vm.repr_text(class)?;
        let (many, least) =
            if n > m { ("many", "") } else { ("few", if needed < m { "at least " } else { "" }) };
        let expected = if n > m { m } else { needed };
        return Err(vm.type_error(&format!(
            "Too {many} arguments for {text}; actual {n}, expected {least}{expected}"
        )));
    }
    Ok(())
}

/// Sets `__parameters__` of a new generic class.
fn init_subclass(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    if let Some(f) = loaded_typing(vm, "_generic_init_subclass")? {
        return vm.call_vector(f.as_ref(), args.pos, args.kwnames, args.kwvalues);
    }
    let Some(class) = TypeRef::new(args.get(0)) else { return Ok(none()) };
    let generic = generic_class(vm)?;
    // The next `__init_subclass__` in line sees the keywords.
    let sup = vm.types().super_;
    let next = vm.call(sup.as_ref(), &[generic.as_ref(), class.as_ref()])?;
    let hook = vm.get_attr_name(next.as_ref(), "__init_subclass__")?;
    vm.call_vector(hook.as_ref(), args.rest(1), args.kwnames, args.kwvalues)?;

    let orig = vm.dict_get_name(class.dict().as_ref(), "__orig_bases__")?;
    let bases = vm.items_of(orig.as_ref().map_or(class.bases(), |o| o.as_ref()));
    if bases.iter().any(|b| b.as_ref().is(generic.as_ref())) {
        return Err(vm.type_error("Cannot inherit from plain Generic"));
    }
    let mut params = Vec::new();
    if let Some(orig) = &orig {
        let found = collect_parameters(vm, orig.as_ref())?;
        let found = vm.new_tuple(found)?;
        params = vm.items_of(found.as_ref());
        for base in &bases {
            let Some(alias) = payload::<crate::types::alias::GenericAlias>(base.as_ref()) else { continue };
            if alias.origin.as_ref().is(generic.as_ref()) {
                params = vm.items_of(alias.args.as_ref());
            }
        }
    }
    let params = vm.new_tuple(params)?;
    let name = vm.intern("__parameters__")?;
    vm.set_attr(class.as_ref(), name.as_ref(), Some(params.as_ref()))?;
    Ok(none())
}
