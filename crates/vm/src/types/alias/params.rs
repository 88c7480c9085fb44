//! Type variables among the arguments of an alias: finding them, and putting arguments in their place.
//!
//! A type variable is anything whose class has `__typing_subst__`; an alias inside says which it has by
//! `__parameters__`.

use crate::class::TypeRef;
use crate::{PyResult, Vm};
use hognose_object::tuple::TupleRef;
use hognose_object::{Layout, Owned, Ref, ValueExt};

/// The type variables among `args`, each once, in order.
pub(crate) fn collect_parameters(vm: &mut Vm, args: Ref<'_>) -> PyResult<Vec<Owned>> {
    let mut found = Vec::new();
    collect_into(vm, args, &mut found)?;
    Ok(found)
}

fn collect_into(vm: &mut Vm, args: Ref<'_>, found: &mut Vec<Owned>) -> PyResult<()> {
    vm.check_native_stack()?;
    for arg in vm.items_of(args) {
        let arg = arg.as_ref();
        if TypeRef::new(arg).is_some() {
            continue;
        }
        if attribute(vm, arg, "__typing_subst__")?.is_some() {
            add_once(found, arg);
        } else if arg.is_exact(Layout::Tuple) || arg.is_exact(Layout::List) {
            collect_into(vm, arg, found)?;
        } else if let Some(inner) = attribute(vm, arg, "__parameters__")?
            && inner.as_ref().is_exact(Layout::Tuple)
        {
            vm.items_of(inner.as_ref()).iter().for_each(|p| add_once(found, p.as_ref()));
        }
    }
    Ok(())
}

fn add_once(found: &mut Vec<Owned>, p: Ref<'_>) {
    if !found.iter().any(|f| f.as_ref().is(p)) {
        found.push(p.owned());
    }
}

fn attribute(vm: &mut Vm, r: Ref<'_>, name: &str) -> PyResult<Option<Owned>> {
    let name = vm.intern(name)?;
    vm.get_attr_opt(r, name.as_ref())
}

/// Arguments of a subscription with `*tuple[…]` among them spread out.
fn unpack_arguments(vm: &mut Vm, item: Ref<'_>) -> PyResult<Owned> {
    let items = if item.is_exact(Layout::Tuple) { vm.items_of(item) } else { vec![item.owned()] };
    let mut out = Vec::with_capacity(items.len());
    for x in items {
        let inner = match TypeRef::new(x.as_ref()) {
            Some(_) => None,
            None => attribute(vm, x.as_ref(), "__typing_unpacked_tuple_args__")?,
        };
        match inner.filter(|i| i.as_ref().is_exact(Layout::Tuple)) {
            Some(inner) => {
                let parts = vm.items_of(inner.as_ref());
                let endless = parts.last().is_some_and(|p| p.as_ref().value() == hognose_object::ELLIPSIS);
                if endless { out.push(x) } else { out.extend(parts) }
            }
            None => out.push(x),
        }
    }
    vm.new_tuple(out)
}

/// The new arguments of `alias[item]`: `args` with `item` in the places of `params`.
pub(crate) fn substitute(
    vm: &mut Vm,
    alias: Ref<'_>,
    args: Ref<'_>,
    params: Ref<'_>,
    item: Ref<'_>,
) -> PyResult<Vec<Owned>> {
    let params = vm.items_of(params);
    if params.is_empty() {
        let text = vm.repr_text(alias)?;
        return Err(vm.type_error(&format!("{text} is not a generic class")));
    }
    let mut item = unpack_arguments(vm, item)?;
    for p in &params {
        if let Some(prepare) =
            attribute(vm, p.as_ref(), "__typing_prepare_subst__")?.filter(|f| !f.as_ref().is_none())
        {
            let arguments =
                if item.as_ref().is_exact(Layout::Tuple) { item } else { vm.new_tuple(vec![item])? };
            item = vm.call(prepare.as_ref(), &[alias, arguments.as_ref()])?;
        }
    }
    let given = if item.as_ref().is_exact(Layout::Tuple) { vm.items_of(item.as_ref()) } else { vec![item] };
    if given.len() != params.len() {
        let text = vm.repr_text(alias)?;
        let (many, n, m) =
            (if given.len() > params.len() { "many" } else { "few" }, given.len(), params.len());
        return Err(vm.type_error(&format!("Too {many} arguments for {text}; actual {n}, expected {m}")));
    }
    replace_all(vm, args, &params, &given)
}

fn replace_all(vm: &mut Vm, args: Ref<'_>, params: &[Owned], given: &[Owned]) -> PyResult<Vec<Owned>> {
    vm.check_native_stack()?;
    let mut out = Vec::new();
    for arg in vm.items_of(args) {
        if TypeRef::new(arg.as_ref()).is_some() {
            out.push(arg);
            continue;
        }
        if arg.as_ref().is_exact(Layout::Tuple) || arg.as_ref().is_exact(Layout::List) {
            let inner = replace_all(vm, arg.as_ref(), params, given)?;
            out.push(if arg.as_ref().is_exact(Layout::Tuple) {
                vm.new_tuple(inner)?
            } else {
                vm.new_list(inner)?
            });
            continue;
        }
        let spread = match attribute(vm, arg.as_ref(), "__typing_is_unpacked_typevartuple__")? {
            Some(v) => vm.is_true(v.as_ref())?,
            None => false,
        };
        let new = match attribute(vm, arg.as_ref(), "__typing_subst__")? {
            Some(subst) => match params.iter().position(|p| p.as_ref().is(arg.as_ref())) {
                Some(i) => vm.call(subst.as_ref(), &[given[i].as_ref()])?,
                None => arg,
            },
            None => replace_inside(vm, arg, params, given)?,
        };
        match TupleRef::new(new.as_ref()).filter(|_| spread) {
            Some(t) => out.extend(t.items().iter().map(|x| x.owned())),
            None => out.push(new),
        }
    }
    Ok(out)
}

/// An argument that is an alias with parameters of its own.
fn replace_inside(vm: &mut Vm, arg: Owned, params: &[Owned], given: &[Owned]) -> PyResult {
    let Some(own) = attribute(vm, arg.as_ref(), "__parameters__")? else { return Ok(arg) };
    let own = if own.as_ref().is_exact(Layout::Tuple) { vm.items_of(own.as_ref()) } else { Vec::new() };
    if own.is_empty() {
        return Ok(arg);
    }
    let mut sub = Vec::new();
    for p in own {
        match params.iter().position(|q| q.as_ref().is(p.as_ref())) {
            Some(i) => match TupleRef::new(given[i].as_ref()) {
                Some(t) if is_variadic(vm, p.as_ref())? => sub.extend(t.items().iter().map(|x| x.owned())),
                _ => sub.push(given[i].clone()),
            },
            None => sub.push(p),
        }
    }
    let sub = vm.new_tuple(sub)?;
    vm.get_item(arg.as_ref(), sub.as_ref())
}

/// Does this parameter stand for several arguments (`TypeVarTuple`)?
fn is_variadic(vm: &mut Vm, p: Ref<'_>) -> PyResult<bool> {
    Ok(vm.class_of(p).slots().iter.is_some())
}
