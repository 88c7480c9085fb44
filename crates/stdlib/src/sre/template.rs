//! Replacement templates: literals with groups between them, `_sre.SRE_Template`.

use super::found::part;
use super::pattern::this as pattern_of;
use super::search::Subject;
use crate::prelude::{
    Args, Exc, Owned, PyResult, Ref, TypeDef, TypeFlags, Vm, as_str, payload, str_bytes, trace_fields,
};
use hognose_vm::{ListRef, TextBuf, buffer};

/// Payload of `SRE_Template`: `head`, then groups each with the literal behind it.
pub(super) struct Template {
    head: Owned,
    parts: Vec<Part>,
}
trace_fields!(Template { head, parts });

struct Part {
    group: usize,
    literal: Owned,
}
trace_fields!(Part { literal });

static TYPE: TypeDef =
    TypeDef { name: "_sre.SRE_Template", flags: TypeFlags::DISALLOW_INSTANTIATION, ..TypeDef::EMPTY };

pub(super) fn register(vm: &mut Vm) -> PyResult<()> {
    vm.add_native_type::<Template>(&TYPE)?;
    Ok(())
}

/// `_sre.template(pattern, [literal, group, literal, …])`
pub(super) fn make(vm: &mut Vm, a: &Args<'_>) -> PyResult {
    let groups = pattern_of(vm, a.get(0))?.groups;
    let Some(list) = ListRef::new(a.get(1)) else {
        return Err(vm.type_error("invalid template"));
    };
    if list.len().is_multiple_of(2) {
        return Err(vm.type_error("invalid template"));
    }
    let items = list.to_vec(vm.heap());
    let mut items = items.into_iter();
    let Some(head) = items.next() else { return Err(vm.type_error("invalid template")) };
    let mut parts = Vec::new();
    while let (Some(g), Some(literal)) = (items.next(), items.next()) {
        let g = vm.index_isize(g.as_ref(), true)?;
        let group = match usize::try_from(g) {
            Ok(g) if g <= groups => g,
            Ok(_) => return Err(vm.index_error(&format!("invalid group reference {g}"))),
            Err(_) => return Err(vm.type_error("invalid template")),
        };
        parts.push(Part { group, literal });
    }
    vm.new_native(Template { head, parts })
}

/// The template of a replacement: a `SRE_Template`, or the literal it is.
pub(super) fn compile(vm: &mut Vm, pattern: Ref<'_>, text: Ref<'_>) -> PyResult {
    let module = vm.import_dotted("re")?;
    let f = vm.get_attr_name(module.as_ref(), "_compile_template")?;
    match vm.call(f.as_ref(), &[pattern, text]) {
        Err(e) if vm.raised_is(&e, Exc::TypeError) && as_str(text).is_none() => {
            // What cannot be hashed is taken as bytes.
            let exc = vm.catch(e);
            match buffer::copy_of(vm, text)? {
                Some(copy) if !copy.as_ref().is(text) => vm.call(f.as_ref(), &[pattern, copy.as_ref()]),
                _ => Err(vm.raise_object(exc)),
            }
        }
        r => r,
    }
}

/// Is there anything to replace in it?
pub(super) fn literal_of(t: Ref<'_>) -> Option<Owned> {
    let t = payload::<Template>(t)?;
    t.parts.is_empty().then(|| t.head.clone())
}

/// Appends the text of a str or bytes-like object.
pub(super) fn push_text(vm: &mut Vm, out: &mut TextBuf, r: Ref<'_>) -> PyResult<()> {
    if as_str(r).is_some() {
        return out.push(vm, str_bytes(r));
    }
    match buffer::copy_of(vm, r)? {
        Some(b) => out.push(vm, buffer::exact(b.as_ref())),
        None => Ok(()),
    }
}

/// Appends the template with the groups of a match.
pub(super) fn expand_into(
    vm: &mut Vm,
    out: &mut TextBuf,
    t: Ref<'_>,
    s: &Subject,
    group: &dyn Fn(usize) -> Option<(usize, usize)>,
) -> PyResult<()> {
    let Some(t) = payload::<Template>(t) else { return push_text(vm, out, t) };
    push_text(vm, out, t.head.as_ref())?;
    for p in &t.parts {
        if let Some((from, to)) = group(p.group) {
            if s.is_str || s.object.as_ref().is(s.data.as_ref()) {
                out.push(vm, &s.bytes()[from..to])?;
            } else {
                let text = part(vm, s, Some((from, to)))?;
                push_text(vm, out, text.as_ref())?;
            }
        }
        push_text(vm, out, p.literal.as_ref())?;
    }
    Ok(())
}

/// `match.expand(template)`
pub(super) fn expand(
    vm: &mut Vm,
    t: Ref<'_>,
    s: &Subject,
    group: &dyn Fn(usize) -> Option<(usize, usize)>,
) -> PyResult {
    if payload::<Template>(t).is_none() {
        return Ok(t.owned());
    }
    let mut out = TextBuf::new();
    expand_into(vm, &mut out, t, s, group)?;
    if s.is_str { out.to_str(vm) } else { out.to_bytes(vm) }
}
