//! The `class` statement: `__build_class__`.

use crate::args::{Args, NativeDef};
use crate::class::TypeRef;
use crate::{PyResult, Vm};
use hognose_object::tuple::TupleRef;
use hognose_object::{Layout, Owned, Ref, ValueExt};

/// `__build_class__(func, name, /, *bases, [metaclass], **kwds)`
pub(crate) static BUILD_CLASS: NativeDef =
    NativeDef::function("__build_class__", "func, name, /, *bases, **kwds", build_class);

fn build_class(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    if args.pos.len() < 2 {
        return Err(vm.type_error("__build_class__: not enough arguments"));
    }
    let (func, name, given) = (args.get(0), args.get(1), args.rest(2));
    if !func.is_exact(Layout::Function) {
        return Err(vm.type_error("__build_class__: func must be a function"));
    }
    if crate::text::as_str(name).is_none() {
        return Err(vm.type_error("__build_class__: name is not a string"));
    }
    let bases = resolve_bases(vm, given)?;
    let (metaclass, kwnames, kwvalues) = take_metaclass(args);
    let meta = choose_metaclass(vm, metaclass, bases.as_ref())?;
    let prepare = vm.names.__prepare__;
    let ns = match vm.get_attr_opt(meta.as_ref(), prepare)? {
        Some(f) => vm.call_vector(f.as_ref(), &[name, bases.as_ref()], &kwnames, &kwvalues)?,
        None => vm.new_dict()?,
    };
    let mapping = vm.class_of(ns.as_ref()).slots().getitem.is_some();
    if !mapping {
        let (m, got) = (meta_name(meta.as_ref()), vm.type_name(ns.as_ref()));
        return Err(vm.type_error(&format!("{m}.__prepare__() must return a mapping, not {got}")));
    }
    let cell = vm.run_class_body(func, ns.as_ref())?;
    let original = vm.new_tuple(given.iter().map(|b| b.owned()).collect())?;
    if !same_items(original.as_ref(), bases.as_ref()) {
        let key = vm.names.__orig_bases__;
        vm.set_item(ns.as_ref(), key, Some(original.as_ref()))?;
    }
    let class = vm.call_vector(meta.as_ref(), &[name, bases.as_ref(), ns.as_ref()], &kwnames, &kwvalues)?;
    check_cell(vm, cell.as_ref(), class.as_ref(), name)?;
    Ok(class)
}

fn same_items(a: Ref<'_>, b: Ref<'_>) -> bool {
    let items = |r| TupleRef::new(r).map_or(&[][..], |t| t.items());
    let (a, b): (&[Ref<'_>], &[Ref<'_>]) = (items(a), items(b));
    a.len() == b.len() && a.iter().zip(b).all(|(x, y)| x.is(*y))
}

fn meta_name(meta: Ref<'_>) -> String {
    TypeRef::new(meta).map_or_else(|| "<metaclass>".into(), TypeRef::name)
}

/// Bases with `__mro_entries__` applied.
fn resolve_bases(vm: &mut Vm, given: &[Ref<'_>]) -> PyResult {
    let name = vm.names.__mro_entries__;
    let original = vm.new_tuple(given.iter().map(|b| b.owned()).collect())?;
    let mut out: Vec<Owned> = Vec::new();
    for b in given {
        if TypeRef::new(*b).is_some() {
            out.push(b.owned());
            continue;
        }
        match vm.get_attr_opt(*b, name)? {
            Some(f) => {
                let entries = vm.call(f.as_ref(), &[original.as_ref()])?;
                if TupleRef::new(entries.as_ref()).is_none() {
                    return Err(vm.type_error("__mro_entries__ must return a tuple"));
                }
                out.extend(vm.items_of(entries.as_ref()));
            }
            None => out.push(b.owned()),
        }
    }
    vm.new_tuple(out)
}

type Keywords<'a> = (Option<Ref<'a>>, Vec<Ref<'a>>, Vec<Ref<'a>>);

fn take_metaclass<'a>(args: &Args<'a>) -> Keywords<'a> {
    let (mut meta, mut names, mut values) = (None, Vec::new(), Vec::new());
    for (n, v) in args.kwnames.iter().zip(args.kwvalues) {
        if crate::text::str_bytes(*n) == b"metaclass" {
            meta = Some(*v);
        } else {
            names.push(*n);
            values.push(*v);
        }
    }
    (meta, names, values)
}

fn choose_metaclass(vm: &mut Vm, given: Option<Ref<'_>>, bases: Ref<'_>) -> PyResult {
    let bases = vm.items_of(bases);
    let start = match (given, bases.first()) {
        (Some(m), _) => m.owned(),
        (None, Some(b)) => vm.class_of(b.as_ref()).owned(),
        (None, None) => vm.types.type_.owned(),
    };
    if TypeRef::new(start.as_ref()).is_none() {
        return Ok(start);
    }
    crate::types::type_::winner(vm, start.as_ref(), &bases)
}

/// The `__class__` cell must have been filled by `type.__new__`.
fn check_cell(vm: &mut Vm, cell: Ref<'_>, class: Ref<'_>, name: Ref<'_>) -> PyResult<()> {
    let Some(content) = crate::types::function::cell_content(cell) else { return Ok(()) };
    if TypeRef::new(class).is_none() {
        return Ok(());
    }
    let n = vm.repr_text(name)?;
    if content.is_null() {
        let want = vm.repr_text(class)?;
        return Err(vm.runtime_error(&format!(
            "__class__ not set defining {n} as {want}. Was __classcell__ propagated to type.__new__?"
        )));
    }
    if !content.as_ref().is(class) {
        let (got, want) = (vm.repr_text(content.as_ref())?, vm.repr_text(class)?);
        return Err(vm.type_error(&format!("__class__ set to {got} defining {n} as {want}")));
    }
    Ok(())
}
