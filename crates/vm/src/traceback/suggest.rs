//! "Did you mean": the closest name by CPython's edit distance.
//!
//! Cost 2 for inserting, deleting or replacing a byte, 1 for changing its case. A name qualifies when at most a third
//! of the bytes involved change.

use crate::class::TypeRef;
use crate::exceptions::Exc;
use crate::text::{as_str, str_bytes};
use crate::types::exceptions::fields::{self, Field};
use crate::types::traceback as tb;
use crate::{PyResult, Vm};
use hognose_object::dict::DictRef;
use hognose_object::{Owned, Ref, ValueExt};

const MAX_CANDIDATES: usize = 750;
const MAX_STRING: usize = 40;
const MOVE: usize = 2;
const CASE: usize = 1;

/// The candidate closest to `wrong`, if one is close enough. A candidate equal to it is passed over.
pub fn closest<'a>(candidates: impl Iterator<Item = &'a str>, wrong: &str) -> Option<&'a str> {
    let mut best: Option<(&'a str, usize)> = None;
    for (i, name) in candidates.enumerate() {
        if i >= MAX_CANDIDATES {
            return None;
        }
        if name == wrong {
            continue;
        }
        let mut max = (name.len() + wrong.len() + 3) * MOVE / 6;
        if let Some((_, distance)) = best {
            if distance == 0 {
                break;
            }
            max = max.min(distance - 1);
        }
        let distance = edit_distance(wrong.as_bytes(), name.as_bytes(), max);
        if distance <= max {
            best = Some((name, distance));
        }
    }
    best.map(|b| b.0)
}

fn substitution(a: u8, b: u8) -> usize {
    if a == b {
        0
    } else if a.eq_ignore_ascii_case(&b) {
        CASE
    } else {
        MOVE
    }
}

/// The distance between two names, or something above `max` when it is larger.
fn edit_distance<'a>(mut a: &'a [u8], mut b: &'a [u8], max: usize) -> usize {
    while let (Some((x, rest_a)), Some((y, rest_b))) = (a.split_first(), b.split_first())
        && x == y
    {
        (a, b) = (rest_a, rest_b);
    }
    while let (Some((x, rest_a)), Some((y, rest_b))) = (a.split_last(), b.split_last())
        && x == y
    {
        (a, b) = (rest_a, rest_b);
    }
    if a.is_empty() || b.is_empty() {
        return MOVE * (a.len() + b.len());
    }
    if a.len() > MAX_STRING || b.len() > MAX_STRING {
        return max + 1;
    }
    if b.len() < a.len() {
        (a, b) = (b, a);
    }
    if (b.len() - a.len()) * MOVE > max {
        return max + 1;
    }
    // One row of the matrix, updated in place.
    let mut row: Vec<usize> = (1..=a.len()).map(|i| i * MOVE).collect();
    let mut result = 0;
    for (j, &y) in b.iter().enumerate() {
        let mut distance = j * MOVE;
        result = distance;
        let mut minimum = usize::MAX;
        for (i, &x) in a.iter().enumerate() {
            let substitute = distance + substitution(y, x);
            distance = row[i];
            result = (result.min(distance) + MOVE).min(substitute);
            row[i] = result;
            minimum = minimum.min(result);
        }
        if minimum > max {
            return max + 1;
        }
    }
    result
}

/// The hint for an uncaught NameError, AttributeError or ImportError. Whatever fails on the way gives none.
pub(super) fn for_exception(vm: &mut Vm, exc: Ref<'_>) -> Option<String> {
    match find(vm, exc) {
        Ok(hint) => hint,
        Err(e) => {
            vm.discard(e);
            None
        }
    }
}

fn find(vm: &mut Vm, exc: Ref<'_>) -> PyResult<Option<String>> {
    let is = |vm: &Vm, e: Exc| vm.is_instance(exc, vm.exc_class(e));
    let key = if is(vm, Exc::ImportError) { "name_from" } else { "name" };
    let Some(wrong) = fields::load(vm, exc, key)? else { return Ok(None) };
    let Some(text) = as_str(wrong.as_ref()).and_then(|s| s.to_str()).map(str::to_owned) else {
        return Ok(None);
    };
    if is(vm, Exc::AttributeError) {
        let obj = fields::load(vm, exc, "obj")?.unwrap_or_else(hognose_object::none);
        let mut names = dir(vm, obj.as_ref())?;
        if !text.starts_with('_') && !is_self(vm, exc, obj.as_ref())? {
            names.retain(|n| !n.starts_with('_'));
        }
        return Ok(closest(names.iter().map(String::as_str), &text).map(str::to_owned));
    }
    if is(vm, Exc::ImportError) {
        let Some(name) = fields::load(vm, exc, "name")? else { return Ok(None) };
        let modules = vm.modules().owned();
        let Some(module) = vm.dict_get(modules.as_ref(), name.as_ref())? else { return Ok(None) };
        let mut names = dir(vm, module.as_ref())?;
        if !text.starts_with('_') {
            names.retain(|n| !n.starts_with('_'));
        }
        return Ok(closest(names.iter().map(String::as_str), &text).map(str::to_owned));
    }
    if is(vm, Exc::NameError) {
        return name_error(vm, exc, wrong.as_ref(), &text);
    }
    Ok(None)
}

fn name_error(vm: &mut Vm, exc: Ref<'_>, wrong: Ref<'_>, text: &str) -> PyResult<Option<String>> {
    let Some(frame) = last_frame(exc) else { return Ok(None) };
    let locals = vm.frame_locals(frame.as_ref())?;
    let mut names = Vec::new();
    keys(locals.as_ref(), &mut names);
    if let Some(globals) = tb::frame_globals(frame.as_ref()) {
        keys(globals.as_ref(), &mut names);
    }
    keys(vm.builtins(), &mut names);
    if DictRef::new(locals.as_ref()).is_some()
        && let Some(me) = vm.dict_get_name(locals.as_ref(), "self")?
        && vm.get_attr_opt(me.as_ref(), wrong)?.is_some()
    {
        return Ok(Some(format!("self.{text}")));
    }
    Ok(closest(names.iter().map(String::as_str), text).map(str::to_owned))
}

/// Is `obj` the `self` of the innermost frame?
fn is_self(vm: &mut Vm, exc: Ref<'_>, obj: Ref<'_>) -> PyResult<bool> {
    let Some(frame) = last_frame(exc) else { return Ok(false) };
    let locals = vm.frame_locals(frame.as_ref())?;
    if DictRef::new(locals.as_ref()).is_none() {
        return Ok(false);
    }
    let me = vm.dict_get_name(locals.as_ref(), "self")?;
    Ok(me.is_some_and(|me| me.as_ref().is(obj)))
}

fn last_frame(exc: Ref<'_>) -> Option<Owned> {
    tb::levels(fields::get(exc, Field::Traceback)).last().map(|l| l.frame)
}

fn keys(dict: Ref<'_>, out: &mut Vec<String>) {
    let Some(dict) = DictRef::new(dict) else { return };
    out.extend(
        dict.to_vec()
            .iter()
            .filter_map(|(k, _)| as_str(k.as_ref()).and_then(|s| s.to_str()).map(str::to_owned)),
    );
}

/// `dir(obj)` as text, sorted.
fn dir(vm: &mut Vm, obj: Ref<'_>) -> PyResult<Vec<String>> {
    let names = match TypeRef::new(obj) {
        Some(_) => {
            let class = vm.class_of(obj);
            let f = vm.get_attr_name(class.as_ref(), "__dir__")?;
            vm.call(f.as_ref(), &[obj])?
        }
        None => vm.call_method(obj, "__dir__", &[])?,
    };
    let items = vm.collect(names.as_ref())?;
    let mut out: Vec<String> = items
        .iter()
        .filter(|i| !i.as_ref().is_none() && as_str(i.as_ref()).is_some())
        .map(|i| String::from_utf8_lossy(str_bytes(i.as_ref())).into_owned())
        .collect();
    out.sort();
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::closest;

    #[test]
    fn closest_names() {
        let names = ["append", "extend", "insert", "Index"];
        assert_eq!(closest(names.into_iter(), "apend"), Some("append"));
        assert_eq!(closest(names.into_iter(), "index"), Some("Index"));
        assert_eq!(closest(names.into_iter(), "xyz"), None);
        assert_eq!(closest(["abc"].into_iter(), "abc"), None);
    }
}
