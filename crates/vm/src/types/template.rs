//! `string.templatelib`: what t-strings give.
//!
//!   t"a {x!r:>5} b"  ─►  Template { strings: ("a ", " b"), interpolations: (Interpolation(x, 'x', 'r', '>5'),) }
//!
//! There is always one more string than there are interpolations.

use crate::args::{Args, GetSetDef, NativeDef};
use crate::class::TypeRef;
use crate::define::TypeDef;
use crate::text::{as_str, str_bytes};
use crate::type_slots::{BinOp, Slots};
use crate::{PyResult, Vm};
use hognose_object::native::payload;
use hognose_object::tuple::TupleRef;
use hognose_object::types::TypeFlags;
use hognose_object::{Layout, NOT_IMPLEMENTED, Owned, Ref, ValueExt, none, trace_fields};
use std::cell::Cell;

/// Payload of `string.templatelib.Interpolation`.
pub(crate) struct Interpolation {
    value: Owned,
    expression: Owned,
    conversion: Owned,
    format_spec: Owned,
}
trace_fields!(Interpolation { value, expression, conversion, format_spec });

/// Payload of `string.templatelib.Template`.
pub(crate) struct Template {
    /// Tuple of str.
    strings: Owned,
    /// Tuple of interpolations.
    interpolations: Owned,
}
trace_fields!(Template { strings, interpolations });

/// Payload of the iterator over the parts of a template.
pub(crate) struct TemplateIter {
    template: Owned,
    /// Twice the index; odd: the interpolation after that string.
    at: Cell<usize>,
}
trace_fields!(TemplateIter { template });

/// `string.templatelib.Interpolation`
pub static INTERPOLATION: TypeDef = TypeDef {
    name: "string.templatelib.Interpolation",
    layout: Layout::Native,
    doc: "Interpolation object",
    flags: TypeFlags::HAS_WEAKREF,
    slots: Slots { repr: Some(interpolation_repr), new: Some(interpolation_new), ..Slots::NONE },
    methods: &[
        NativeDef::method("__reduce__", "$self, /", |vm, a| {
            let i = interpolation(vm, a.get(0))?;
            let parts =
                vec![i.value.clone(), i.expression.clone(), i.conversion.clone(), i.format_spec.clone()];
            let (class, parts) = (vm.class_of(a.get(0)).owned(), vm.new_tuple(parts)?);
            vm.new_pair(class, parts)
        }),
        super::alias::CLASS_GETITEM,
    ],
    getset: &[
        GetSetDef::read("value", |vm, r| Ok(interpolation(vm, r)?.value.clone())),
        GetSetDef::read("expression", |vm, r| Ok(interpolation(vm, r)?.expression.clone())),
        GetSetDef::read("conversion", |vm, r| Ok(interpolation(vm, r)?.conversion.clone())),
        GetSetDef::read("format_spec", |vm, r| Ok(interpolation(vm, r)?.format_spec.clone())),
    ],
};

/// `string.templatelib.Template`
pub static TEMPLATE: TypeDef = TypeDef {
    name: "string.templatelib.Template",
    layout: Layout::Native,
    doc: "Template object",
    flags: TypeFlags::HAS_WEAKREF,
    slots: Slots {
        repr: Some(template_repr),
        iter: Some(|vm, r| vm.new_native(TemplateIter { template: r.owned(), at: Cell::new(0) })),
        binary: Some(add),
        binary_ops: BinOp::Add.bit(),
        new: Some(template_new),
        ..Slots::NONE
    },
    methods: &[NativeDef::method("__reduce__", "$self, /", template_reduce), super::alias::CLASS_GETITEM],
    getset: &[
        GetSetDef::read("strings", |vm, r| Ok(template(vm, r)?.strings.clone())),
        GetSetDef::read("interpolations", |vm, r| Ok(template(vm, r)?.interpolations.clone())),
        GetSetDef::read("values", values),
    ],
};

/// `string.templatelib.TemplateIter`
pub static ITER_TYPE: TypeDef = TypeDef {
    name: "string.templatelib.TemplateIter",
    layout: Layout::Native,
    doc: "Template iterator object",
    slots: Slots { iter: Some(|_, r| Ok(r.owned())), next: Some(iter_next), ..Slots::NONE },
    ..TypeDef::EMPTY
};

/// Stores `__match_args__` into the class `Interpolation`.
pub(crate) fn finish_interpolation(vm: &mut Vm, class: TypeRef<'_>) -> PyResult<()> {
    let mut names = Vec::new();
    for name in ["value", "expression", "conversion", "format_spec"] {
        names.push(vm.intern(name)?);
    }
    let names = vm.new_tuple(names)?;
    vm.dict_set_name(class.dict().as_ref(), "__match_args__", names)
}

fn interpolation<'a>(vm: &mut Vm, r: Ref<'a>) -> PyResult<&'a Interpolation> {
    payload::<Interpolation>(r).ok_or_else(|| vm.type_error("an Interpolation is required"))
}

fn template<'a>(vm: &mut Vm, r: Ref<'a>) -> PyResult<&'a Template> {
    payload::<Template>(r).ok_or_else(|| vm.type_error("a Template is required"))
}

fn items(t: &Owned) -> &[Ref<'_>] {
    TupleRef::new(t.as_ref()).map_or(&[], |t| t.items())
}

/// One interpolation of a t-string.
pub(crate) fn new_interpolation(
    vm: &mut Vm,
    value: Owned,
    expression: Owned,
    conversion: Owned,
    format_spec: Owned,
) -> PyResult {
    vm.new_native(Interpolation { value, expression, conversion, format_spec })
}

/// A template from its tuples, which fit together.
pub(crate) fn new_template(vm: &mut Vm, strings: Owned, interpolations: Owned) -> PyResult {
    vm.new_native(Template { strings, interpolations })
}

fn str_argument(vm: &mut Vm, r: Option<Ref<'_>>, name: &str, default: &str) -> PyResult {
    let Some(r) = r else { return vm.new_str(default) };
    if as_str(r).is_none() {
        let class = vm.type_name(r);
        return Err(vm.type_error(&format!("Interpolation() argument '{name}' must be str, not {class}")));
    }
    Ok(r.owned())
}

fn interpolation_new(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let bound = vm.bind(args, "Interpolation", "value, expression='', conversion=None, format_spec=''")?;
    let at = |i: usize| bound.pos.get(i).copied().flatten();
    let value = at(0).map_or_else(none, |v| v.owned());
    let expression = str_argument(vm, at(1), "expression", "")?;
    let conversion = match at(2).filter(|c| !c.is_none()) {
        None => none(),
        Some(c) => {
            if as_str(c).is_none() {
                let class = vm.type_name(c);
                return Err(
                    vm.type_error(&format!("Interpolation() argument 'conversion' must be str, not {class}"))
                );
            }
            if !matches!(str_bytes(c), b"s" | b"a" | b"r") {
                return Err(
                    vm.value_error("Interpolation() argument 'conversion' must be one of 's', 'a' or 'r'")
                );
            }
            c.owned()
        }
    };
    let format_spec = str_argument(vm, at(3), "format_spec", "")?;
    new_interpolation(vm, value, expression, conversion, format_spec)
}

fn interpolation_repr(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let i = interpolation(vm, r)?;
    let name = vm.type_name(r);
    let mut out = format!("{name}(").into_bytes();
    for (n, part) in [&i.value, &i.expression, &i.conversion, &i.format_spec].into_iter().enumerate() {
        if n > 0 {
            out.extend_from_slice(b", ");
        }
        let text = vm.repr(part.as_ref())?;
        out.extend_from_slice(str_bytes(text.as_ref()));
    }
    out.push(b')');
    vm.new_str_bytes(&out)
}

/// `Template(*parts)`: neighbouring strings are joined, empty ones put between interpolations.
fn template_new(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    if !args.kwnames.is_empty() {
        return Err(vm.type_error("Template.__new__ only accepts *args arguments"));
    }
    let (mut strings, mut parts) = (Vec::new(), Vec::new());
    let mut text: Vec<u8> = Vec::new();
    for &arg in args.rest(1) {
        if as_str(arg).is_some() {
            text.extend_from_slice(str_bytes(arg));
        } else if payload::<Interpolation>(arg).is_some() {
            strings.push(vm.new_str_bytes(&text)?);
            text.clear();
            parts.push(arg.owned());
        } else {
            let class = vm.type_name(arg);
            return Err(vm.type_error(&format!(
                "Template.__new__ *args need to be of type 'str' or 'Interpolation', got {class}"
            )));
        }
    }
    strings.push(vm.new_str_bytes(&text)?);
    let (strings, parts) = (vm.new_tuple(strings)?, vm.new_tuple(parts)?);
    new_template(vm, strings, parts)
}

fn template_repr(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let t = template(vm, r)?;
    let name = vm.type_name(r);
    let strings = vm.repr(t.strings.as_ref())?;
    let parts = vm.repr(t.interpolations.as_ref())?;
    let mut out = format!("{name}(strings=").into_bytes();
    out.extend_from_slice(str_bytes(strings.as_ref()));
    out.extend_from_slice(b", interpolations=");
    out.extend_from_slice(str_bytes(parts.as_ref()));
    out.push(b')');
    vm.new_str_bytes(&out)
}

fn values(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let t = template(vm, r)?;
    let mut out = Vec::new();
    for &i in items(&t.interpolations) {
        out.push(interpolation(vm, i)?.value.clone());
    }
    vm.new_tuple(out)
}

fn template_reduce(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let t = template(vm, args.get(0))?;
    let module = vm.intern("string.templatelib")?;
    let from = vm.intern("_template_unpickle")?;
    let list = vm.new_tuple(vec![from])?;
    let module = vm.import_name(module.as_ref(), None, list.as_ref(), 0)?;
    let f = vm.get_attr_name(module.as_ref(), "_template_unpickle")?;
    let parts = vm.new_pair(t.strings.clone(), t.interpolations.clone())?;
    vm.new_pair(f, parts)
}

fn add(vm: &mut Vm, _op: BinOp, a: Ref<'_>, b: Ref<'_>) -> PyResult {
    let (Some(x), Some(y)) = (payload::<Template>(a), payload::<Template>(b)) else {
        if payload::<Template>(a).is_none() {
            return Ok(Owned::from_immediate(NOT_IMPLEMENTED));
        }
        let (own, other) = ("string.templatelib.Template", vm.type_name(b));
        let message = format!("can only concatenate {own} (not \"{other}\") to {own}");
        return Err(vm.type_error(&message));
    };
    let (left, right) = (items(&x.strings), items(&y.strings));
    let (Some((last, left)), Some((first, right))) = (left.split_last(), right.split_first()) else {
        return new_template(vm, x.strings.clone(), x.interpolations.clone());
    };
    let joined = vm.new_str_bytes(&[str_bytes(*last), str_bytes(*first)].concat())?;
    let mut strings: Vec<Owned> = left.iter().map(|s| s.owned()).collect();
    strings.push(joined);
    strings.extend(right.iter().map(|s| s.owned()));
    let parts = items(&x.interpolations).iter().chain(items(&y.interpolations)).map(|i| i.owned()).collect();
    let (strings, parts) = (vm.new_tuple(strings)?, vm.new_tuple(parts)?);
    new_template(vm, strings, parts)
}

/// Strings that are not empty and interpolations, in turn.
fn iter_next(vm: &mut Vm, r: Ref<'_>) -> PyResult<Option<Owned>> {
    let Some(it) = payload::<TemplateIter>(r) else { return Ok(None) };
    let t = template(vm, it.template.as_ref())?;
    loop {
        let at = it.at.get();
        let (i, is_part) = (at / 2, at % 2 == 1);
        let source = if is_part { &t.interpolations } else { &t.strings };
        let Some(x) = items(source).get(i) else { return Ok(None) };
        it.at.set(at + 1);
        if is_part || !str_bytes(*x).is_empty() {
            return Ok(Some(x.owned()));
        }
    }
}
