//! Functions and cells.
#![allow(unsafe_code, reason = "reads and writes function objects")]

use crate::args::GetSetDef;
use crate::define::TypeDef;
use crate::type_slots::{CmpOp, Slots};
use crate::{Args, PyResult, Vm};
use hognose_object::code::CodeObj;
use hognose_object::dict::DictRef;
use hognose_object::objects::{CellObj, FunctionObj};
use hognose_object::tuple::TupleRef;
use hognose_object::{Layout, NONE, NOT_IMPLEMENTED, Owned, Ref, Value, ValueExt, none, owned_bool};

/// `function`
pub(crate) static FUNCTION: TypeDef = TypeDef {
    name: "function",
    layout: Layout::Function,
    slots: Slots {
        repr: Some(repr),
        descr_get: Some(descr_get),
        call: Some(|vm, a| vm.call_vector(a.get(0), a.rest(1), a.kwnames, a.kwvalues)),
        new: Some(new),
        ..Slots::NONE
    },
    getset: &[
        GetSetDef::write("__name__", |_, r| get(r, |f| f.name), |vm, r, v| set_text(vm, r, v, "__name__")),
        GetSetDef::write(
            "__qualname__",
            |_, r| get(r, |f| f.qualname),
            |vm, r, v| set_text(vm, r, v, "__qualname__"),
        ),
        GetSetDef::write("__doc__", doc, set_doc),
        GetSetDef::write("__module__", |_, r| get(r, |f| f.module), |_, r, v| set(r, v, |f| &mut f.module)),
        GetSetDef::write("__code__", |_, r| get(r, |f| f.code), set_code),
        GetSetDef::read("__globals__", |_, r| get(r, |f| f.globals)),
        GetSetDef::read("__builtins__", builtins),
        GetSetDef::read("__closure__", |_, r| get(r, |f| f.closure)),
        GetSetDef::write("__defaults__", |_, r| get(r, |f| f.defaults), set_defaults),
        GetSetDef::write("__kwdefaults__", |_, r| get(r, |f| f.kwdefaults), set_kwdefaults),
        GetSetDef::write("__annotations__", annotations, |_, r, v| {
            set(r, None, |f| &mut f.annotate)?;
            set(r, v, |f| &mut f.annotations)
        }),
        GetSetDef::write("__annotate__", |_, r| get(r, |f| f.annotate), set_annotate),
        GetSetDef::write("__type_params__", type_params, |_, r, v| set(r, v, |f| &mut f.type_params)),
        GetSetDef::write("__dict__", dict, set_dict),
    ],
    ..TypeDef::EMPTY
};

fn obj<'a>(r: Ref<'a>) -> &'a mut FunctionObj {
    // SAFETY: receivers of this file's functions are functions; the reference lives for one access.
    unsafe { &mut *r.value().header().cast() }
}

/// The mapping in which the function looks up built-in names.
fn builtins(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let globals = get(r, |f| f.globals)?;
    let own = match DictRef::new(globals.as_ref()) {
        Some(g) => crate::slow::own_builtins(vm, g)?,
        None => None,
    };
    Ok(own.unwrap_or_else(|| vm.builtins.clone()))
}

fn get(r: Ref<'_>, field: fn(&FunctionObj) -> Value) -> PyResult {
    let v = field(obj(r));
    // SAFETY: the function owns its fields.
    Ok(if v.is_null() { none() } else { unsafe { Ref::from_value(v) }.owned() })
}

fn set(r: Ref<'_>, v: Option<Ref<'_>>, field: fn(&mut FunctionObj) -> &mut Value) -> PyResult<()> {
    let new = v.filter(|v| !v.is_none()).map_or(Value::NULL, |v| v.owned().into_value());
    replace(field(obj(r)), new);
    Ok(())
}

fn replace(field: &mut Value, new: Value) {
    let old = std::mem::replace(field, new);
    // SAFETY: taken out of the field.
    drop(unsafe { Owned::from_value(old) });
}

fn doc(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    // NULL: nobody has asked for the docstring of the code before.
    if obj(r).doc.is_null() {
        // SAFETY: the function owns its code.
        let code = unsafe { Ref::from_value(obj(r).code) }.owned();
        let doc = vm.code_doc(code.as_ref())?;
        obj(r).doc = doc.into_value();
    }
    get(r, |f| f.doc)
}

fn set_doc(_vm: &mut Vm, r: Ref<'_>, v: Option<Ref<'_>>) -> PyResult<()> {
    // None, not NULL: the docstring of the code is not asked for again.
    replace(&mut obj(r).doc, v.map_or(NONE, |v| v.owned().into_value()));
    Ok(())
}

/// Number of free variables, which are the last local registers.
///
/// # Safety
/// `c` must be a live code object.
pub(crate) unsafe fn free_count(c: *mut CodeObj) -> usize {
    // SAFETY: by the caller.
    unsafe { usize::from((*c).nlocals.saturating_sub((*c).first_free)) }
}

fn set_text(vm: &mut Vm, r: Ref<'_>, v: Option<Ref<'_>>, what: &str) -> PyResult<()> {
    if v.is_none_or(|v| crate::text::as_str(v).is_none()) {
        return Err(vm.type_error(&format!("{what} must be set to a string object")));
    }
    if what == "__name__" { set(r, v, |f| &mut f.name) } else { set(r, v, |f| &mut f.qualname) }
}

fn set_code(vm: &mut Vm, r: Ref<'_>, v: Option<Ref<'_>>) -> PyResult<()> {
    let Some(v) = v.filter(|v| v.is_exact(Layout::Code)) else {
        return Err(vm.type_error("__code__ must be set to a code object"));
    };
    let free = |c: Value| {
        // SAFETY: both are code objects.
        unsafe { free_count(c.header().cast()) }
    };
    // What the docstring was stays what it is.
    doc(vm, r)?;
    let (have, want) = (free(obj(r).code), free(v.value()));
    if have != want {
        let name = vm.text_of(
            // SAFETY: the function owns its name.
            unsafe { Ref::from_value(obj(r).name) },
        );
        return Err(
            vm.value_error(&format!("{name}() requires a code object with {have} free vars, not {want}"))
        );
    }
    set(r, Some(v), |f| &mut f.code)
}

fn set_defaults(vm: &mut Vm, r: Ref<'_>, v: Option<Ref<'_>>) -> PyResult<()> {
    if v.is_some_and(|v| !v.is_none() && TupleRef::new(v).is_none()) {
        return Err(vm.type_error("__defaults__ must be set to a tuple object"));
    }
    set(r, v, |f| &mut f.defaults)
}

fn set_kwdefaults(vm: &mut Vm, r: Ref<'_>, v: Option<Ref<'_>>) -> PyResult<()> {
    if v.is_some_and(|v| !v.is_none() && !v.has_layout(Layout::Dict)) {
        return Err(vm.type_error("__kwdefaults__ must be set to a dict object"));
    }
    set(r, v, |f| &mut f.kwdefaults)
}

fn set_annotate(vm: &mut Vm, r: Ref<'_>, v: Option<Ref<'_>>) -> PyResult<()> {
    if v.is_none() {
        return Err(vm.type_error("__annotate__ cannot be deleted"));
    }
    set(r, None, |f| &mut f.annotations)?;
    set(r, v, |f| &mut f.annotate)
}

fn annotations(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let cached = obj(r).annotations;
    if !cached.is_null() {
        // SAFETY: the function owns it.
        return Ok(unsafe { Ref::from_value(cached) }.owned());
    }
    let f = get(r, |f| f.annotate)?;
    let dict = if f.as_ref().is_none() {
        vm.new_dict()?
    } else {
        let one = vm.new_int(1)?;
        vm.call(f.as_ref(), &[one.as_ref()])?
    };
    set(r, Some(dict.as_ref()), |f| &mut f.annotations)?;
    Ok(dict)
}

fn type_params(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    if obj(r).type_params.is_null() { vm.new_tuple(Vec::new()) } else { get(r, |f| f.type_params) }
}

fn dict(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    Ok(vm.instance_dict(r)?.unwrap_or_else(none))
}

fn set_dict(vm: &mut Vm, r: Ref<'_>, v: Option<Ref<'_>>) -> PyResult<()> {
    let Some(v) = v.filter(|v| v.has_layout(Layout::Dict)) else {
        return Err(vm.type_error("__dict__ must be set to a dictionary"));
    };
    vm.set_instance_dict(r, v).map(drop)
}

fn repr(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let name = get(r, |f| f.qualname)?;
    let name = vm.text_of(name.as_ref());
    vm.new_str(&format!("<function {name} at {:#x}>", r.value().bits()))
}

fn descr_get(vm: &mut Vm, f: Ref<'_>, r: Ref<'_>, _class: Ref<'_>) -> PyResult {
    if r.is_null() { Ok(f.owned()) } else { vm.new_bound_method(f, r) }
}

/// `types.FunctionType(code, globals, name=None, argdefs=None, closure=None, kwdefaults=None)`
fn new(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let sig = "code, globals, name=None, argdefs=None, closure=None, kwdefaults=None";
    let bound = vm.bind(args, "function", sig)?;
    let [Some(code), Some(globals), name, defaults, closure, kwdefaults] = bound.pos[..] else {
        return Err(vm.type_error("function() missing required arguments"));
    };
    if !code.is_exact(Layout::Code) {
        let got = vm.type_name(code);
        return Err(vm.type_error(&format!("function() argument 'code' must be code, not {got}")));
    }
    if !globals.has_layout(Layout::Dict) {
        let got = vm.type_name(globals);
        return Err(vm.type_error(&format!("function() argument 'globals' must be dict, not {got}")));
    }
    // SAFETY: the layout was checked.
    let nfree = unsafe { free_count(code.value().header().cast()) };
    let closure = closure.filter(|c| !c.is_none());
    let cells = closure.and_then(TupleRef::new).map_or(&[][..], |t| t.items());
    if cells.len() != nfree || cells.iter().any(|c| !c.is_exact(Layout::Cell)) {
        let got = cells.len();
        let name = vm.repr_text(code)?;
        return Err(vm.value_error(&format!("{name} requires closure of length {nfree}, not {got}")));
    }
    let f = vm.new_function(code, globals)?;
    if let Some(n) = name.filter(|n| !n.is_none()) {
        set_text(vm, f.as_ref(), Some(n), "__name__")?;
    }
    set_defaults(vm, f.as_ref(), defaults)?;
    set_kwdefaults(vm, f.as_ref(), kwdefaults)?;
    set(f.as_ref(), closure, |f| &mut f.closure)?;
    Ok(f)
}

// ---- cells

/// `cell`
pub(crate) static CELL: TypeDef = TypeDef {
    name: "cell",
    layout: Layout::Cell,
    slots: Slots {
        new: Some(new_cell),
        richcompare: Some(compare_cells),
        repr: Some(cell_repr),
        ..Slots::NONE
    },
    getset: &[GetSetDef::write("cell_contents", contents, set_contents)],
    ..TypeDef::EMPTY
};

/// Content of a cell (NULL handle when empty); `None`: no cell.
pub(crate) fn cell_content(r: Ref<'_>) -> Option<Owned> {
    if !r.is_exact(Layout::Cell) {
        return None;
    }
    // SAFETY: the layout was checked; the cell owns its content.
    Some(unsafe { Ref::from_value((*r.value().header().cast::<CellObj>()).content) }.owned())
}

/// Fills a cell (`__classcell__`).
pub(crate) fn set_cell(vm: &mut Vm, cell: Ref<'_>, v: Ref<'_>) -> PyResult<()> {
    if !cell.is_exact(Layout::Cell) {
        let got = vm.type_name(cell);
        return Err(vm.type_error(&format!(
            "type.__new__() argument __classcell__ must be a nonlocal cell, not <class '{got}'>"
        )));
    }
    let c = cell.value().header().cast::<CellObj>();
    // SAFETY: the layout was checked; the cell owns its content.
    unsafe { drop(Owned::from_value(std::mem::replace(&mut (*c).content, v.owned().into_value()))) };
    Ok(())
}

fn new_cell(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let bound = vm.bind(args, "cell", "contents=None, /")?;
    let content = bound.pos[0].map_or(Value::NULL, |v| v.owned().into_value());
    // SAFETY: the content is owned and moves in.
    unsafe { Ok(Owned::from_value(crate::slow::new_cell(vm, content)?)) }
}

fn contents(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    match cell_content(r) {
        Some(v) if !v.is_null() => Ok(v),
        _ => Err(vm.value_error("cell is empty")),
    }
}

fn set_contents(_vm: &mut Vm, r: Ref<'_>, v: Option<Ref<'_>>) -> PyResult<()> {
    let c = r.value().header().cast::<CellObj>();
    let new = v.map_or(Value::NULL, |v| v.owned().into_value());
    // SAFETY: the receiver is a cell, which owns its content.
    unsafe { drop(Owned::from_value(std::mem::replace(&mut (*c).content, new))) };
    Ok(())
}

fn compare_cells(vm: &mut Vm, op: CmpOp, a: Ref<'_>, b: Ref<'_>) -> PyResult {
    let (Some(x), Some(y)) = (cell_content(a), cell_content(b)) else {
        return Ok(Owned::from_immediate(NOT_IMPLEMENTED));
    };
    if x.is_null() || y.is_null() {
        return Ok(owned_bool(op.holds((!x.is_null()).cmp(&!y.is_null()))));
    }
    vm.compare(op, x.as_ref(), y.as_ref())
}

fn cell_repr(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let at = r.value().bits();
    let text = match cell_content(r) {
        Some(v) if !v.is_null() => {
            let class = vm.type_name(v.as_ref());
            format!("<cell at {at:#x}: {class} object at {:#x}>", v.value().bits())
        }
        _ => format!("<cell at {at:#x}: empty>"),
    };
    vm.new_str(&text)
}
