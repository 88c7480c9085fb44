//! Pattern matching.

use crate::class::TypeRef;
use crate::{PyResult, Vm};
use hognose_object::tuple::TupleRef;
use hognose_object::types::TypeFlags;
use hognose_object::{Layout, NONE, Owned, Ref, Value, ValueExt};

/// A sequence in the sense of `match`: not str, bytes, bytearray.
pub(crate) fn match_sequence(vm: &mut Vm, r: Ref<'_>) -> bool {
    vm.class_of(r).has(TypeFlags::SEQUENCE)
}

pub(crate) fn match_mapping(vm: &mut Vm, r: Ref<'_>) -> bool {
    vm.class_of(r).has(TypeFlags::MAPPING)
}

/// Values of a mapping for keys, or None when one is missing.
pub(crate) fn match_keys(vm: &mut Vm, r: Ref<'_>, keys: Ref<'_>) -> PyResult<Value> {
    let keys = TupleRef::new(keys).map_or(&[][..], |t| t.items());
    for (i, k) in keys.iter().enumerate() {
        for earlier in &keys[..i] {
            if vm.equal(*k, *earlier)? {
                let key = vm.repr_text(*k)?;
                return Err(vm.value_error(&format!("mapping pattern checks duplicate key ({key})")));
            }
        }
    }
    let mut values = Vec::with_capacity(keys.len());
    let marker = vm.new_list(Vec::new())?;
    for k in keys {
        let found = if r.is_exact(Layout::Dict) {
            vm.dict_get(r, *k)?
        } else {
            let v = vm.call_method(r, "get", &[*k, marker.as_ref()])?;
            (!v.as_ref().is(marker.as_ref())).then_some(v)
        };
        match found {
            Some(v) => values.push(v),
            None => return Ok(NONE),
        }
    }
    Ok(vm.new_tuple(values)?.into_value())
}

/// Attributes of an instance for a class pattern, or None when it does not match.
pub(crate) fn match_class(
    vm: &mut Vm,
    subject: Ref<'_>,
    class: Ref<'_>,
    names: Ref<'_>,
    npos: usize,
) -> PyResult<Value> {
    let Some(t) = TypeRef::new(class) else {
        return Err(vm.type_error("called match pattern must be a class"));
    };
    if !vm.isinstance(subject, class)? {
        return Ok(NONE);
    }
    let names = TupleRef::new(names).map_or(&[][..], |t| t.items());
    let mut values = Vec::new();
    let mut seen: Vec<String> = Vec::new();
    if npos > 0 {
        let match_args = vm.names.__match_args__;
        match vm.get_attr_opt(class, match_args)? {
            Some(list) => {
                if !positional(vm, subject, t, list.as_ref(), npos, &mut seen, &mut values)? {
                    return Ok(NONE);
                }
            }
            None if matches_itself(t) => {
                if npos > 1 {
                    return Err(too_many(vm, t, 1, npos));
                }
                values.push(subject.owned());
            }
            None => return Err(too_many(vm, t, 0, npos)),
        }
    }
    for n in names {
        let text = vm.text_of(*n);
        if seen.contains(&text) {
            let class = t.name();
            return Err(vm.type_error(&format!("{class}() got multiple sub-patterns for attribute '{text}'")));
        }
        match vm.get_attr_opt(subject, *n)? {
            Some(v) => values.push(v),
            None => return Ok(NONE),
        }
    }
    Ok(vm.new_tuple(values)?.into_value())
}

/// Attributes named by `__match_args__`; `false`: one is missing.
fn positional(
    vm: &mut Vm,
    subject: Ref<'_>,
    t: TypeRef<'_>,
    list: Ref<'_>,
    npos: usize,
    seen: &mut Vec<String>,
    values: &mut Vec<Owned>,
) -> PyResult<bool> {
    let Some(args) = TupleRef::new(list) else {
        let (class, got) = (t.name(), vm.type_name(list));
        return Err(vm.type_error(&format!("{class}.__match_args__ must be a tuple (got {got})")));
    };
    let args = args.items();
    if args.len() < npos {
        return Err(too_many(vm, t, args.len(), npos));
    }
    for name in &args[..npos] {
        if crate::text::as_str(*name).is_none() {
            let got = vm.type_name(*name);
            return Err(vm.type_error(&format!("__match_args__ elements must be strings (got {got})")));
        }
        let text = vm.text_of(*name);
        if seen.contains(&text) {
            let class = t.name();
            return Err(vm.type_error(&format!("{class}() got multiple sub-patterns for attribute '{text}'")));
        }
        seen.push(text);
        match vm.get_attr_opt(subject, *name)? {
            Some(v) => values.push(v),
            None => return Ok(false),
        }
    }
    Ok(true)
}

fn too_many(vm: &mut Vm, t: TypeRef<'_>, allowed: usize, given: usize) -> crate::Raised {
    let (class, s) = (t.name(), if allowed == 1 { "" } else { "s" });
    vm.type_error(&format!("{class}() accepts {allowed} positional sub-pattern{s} ({given} given)"))
}

/// Built-in types whose one positional pattern is the value itself.
fn matches_itself(t: TypeRef<'_>) -> bool {
    matches!(
        t.value_layout(),
        Layout::Int
            | Layout::Float
            | Layout::Str
            | Layout::Bytes
            | Layout::ByteArray
            | Layout::List
            | Layout::Tuple
            | Layout::Dict
            | Layout::Set
            | Layout::FrozenSet
    )
}
