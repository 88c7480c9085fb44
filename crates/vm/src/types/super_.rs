//! `super`: attribute lookup that starts behind a class in the mro of another.

use crate::args::GetSetDef;
use crate::class::TypeRef;
use crate::define::TypeDef;
use crate::frame::Frame;
use crate::type_slots::Slots;
use crate::types::function::cell_content;
use crate::{Args, PyResult, Vm};
use hognose_object::native::payload;
use hognose_object::types::TypeFlags;
use hognose_object::{Layout, Owned, Ref, Value, ValueExt, none, trace_fields};

/// Payload of a super object.
pub(crate) struct Super {
    class: Owned,
    /// NULL when unbound.
    obj: Owned,
    /// Class whose mro is searched; NULL when unbound.
    obj_type: Owned,
}
trace_fields!(Super { class, obj, obj_type });

/// `super`
pub(crate) static TYPE: TypeDef = TypeDef {
    name: "super",
    flags: TypeFlags::BASE_TYPE,
    doc: "super() -> same as super(__class__, <first argument>)\nsuper(type) -> unbound super object",
    slots: Slots {
        new: Some(new),
        getattro: Some(getattro),
        repr: Some(repr),
        descr_get: Some(descr_get),
        ..Slots::NONE
    },
    getset: &[
        GetSetDef::read("__thisclass__", |vm, r| Ok(this(vm, r)?.class.clone())),
        GetSetDef::read("__self__", |vm, r| Ok(or_none(&this(vm, r)?.obj))),
        GetSetDef::read("__self_class__", |vm, r| Ok(or_none(&this(vm, r)?.obj_type))),
    ],
    ..TypeDef::EMPTY
};

fn this<'a>(vm: &mut Vm, r: Ref<'a>) -> PyResult<&'a Super> {
    payload::<Super>(r).ok_or_else(|| vm.type_error("a super object is required"))
}

fn or_none(o: &Owned) -> Owned {
    if o.is_null() { none() } else { o.clone() }
}

/// The class whose mro is searched for `obj`; TypeError when it does not go with `class`.
fn check(vm: &mut Vm, class: TypeRef<'_>, obj: Ref<'_>) -> PyResult {
    if let Some(t) = TypeRef::new(obj)
        && t.is_subclass_of(class)
    {
        return Ok(obj.owned());
    }
    let own = vm.class_of(obj);
    if own.is_subclass_of(class) {
        return Ok(own.owned());
    }
    let name = vm.names.__class__;
    if let Some(claimed) = vm.get_attr_opt(obj, name)?
        && TypeRef::new(claimed.as_ref()).is_some_and(|t| t.is_subclass_of(class))
    {
        return Ok(claimed);
    }
    let what = if let Some(t) = TypeRef::new(obj) { t.name() } else { own.name() };
    let c = class.name();
    Err(vm.type_error(&format!(
        "super(type, obj): obj ({} {what}) is not an instance or subtype of type ({c}).",
        if obj.has_layout(Layout::Type) { "type" } else { "instance of" }
    )))
}

fn new(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let cls = TypeRef::new(args.get(0)).expect("a new slot gets a class");
    if !args.kwnames.is_empty() {
        return Err(vm.type_error("super() takes no keyword arguments"));
    }
    let (class, obj) = match args.rest(1) {
        [] => implicit(vm)?,
        [class] => (class.owned(), Owned::null()),
        [class, obj] => (class.owned(), if obj.is_none() { Owned::null() } else { obj.owned() }),
        more => {
            let n = more.len();
            return Err(vm.type_error(&format!("super() expected at most 2 arguments, got {n}")));
        }
    };
    let Some(c) = TypeRef::new(class.as_ref()) else {
        let got = vm.type_name(class.as_ref());
        return Err(vm.type_error(&format!("super() argument 1 must be a type, not {got}")));
    };
    let obj_type = if obj.is_null() { Owned::null() } else { check(vm, c, obj.as_ref())? };
    vm.new_native_of(cls, Super { class, obj, obj_type })
}

/// `super()` in a method: `__class__` and the first argument of the calling frame.
fn implicit(vm: &mut Vm) -> PyResult<(Owned, Owned)> {
    let Some(fp) = vm.frame_at(0) else { return Err(vm.runtime_error("super(): no current frame")) };
    let (class, first) = frame_class(vm, fp);
    let Some(first) = first else { return Err(vm.runtime_error("super(): no arguments")) };
    let Some(class) = class else { return Err(vm.runtime_error("super(): __class__ cell not found")) };
    if class.is_null() {
        return Err(vm.runtime_error("super(): empty __class__ cell"));
    }
    Ok((class, first))
}

#[allow(unsafe_code, reason = "reads registers of the calling frame")]
fn frame_class(vm: &Vm, fp: *mut Frame) -> (Option<Owned>, Option<Owned>) {
    // SAFETY: the frame is live; its locals are values or NULL.
    unsafe {
        let code = (*fp).code;
        let names = Ref::from_value((*code).varnames).owned();
        let names = crate::call::tuple_items(names.as_ref());
        let mut class = None;
        for (i, n) in names.iter().enumerate() {
            if crate::text::str_bytes(*n) == b"__class__" {
                class = cell_content(Ref::from_value(*(*fp).base.add(i)));
            }
        }
        let first = if (*code).argcount == 0 || names.is_empty() {
            None
        } else {
            let v = *(*fp).base;
            let r = Ref::from_value(v);
            if v.is_null() {
                None
            } else if v.is_exact(Layout::Cell) {
                cell_content(r).filter(|c| !c.is_null())
            } else {
                Some(r.owned())
            }
        };
        let _ = vm;
        (class, first)
    }
}

/// `super(class, obj).name`; for a method call (`method`) a plain function comes unbound: the flag says whether the
/// value is bound already.
pub(crate) fn load(
    vm: &mut Vm,
    class: Ref<'_>,
    obj: Ref<'_>,
    name: Ref<'_>,
    method: bool,
) -> PyResult<(Owned, bool)> {
    let Some(c) = TypeRef::new(class) else {
        let got = vm.type_name(class);
        return Err(vm.type_error(&format!("super() argument 1 must be a type, not {got}")));
    };
    let obj_type = check(vm, c, obj)?;
    match find(vm, c, obj, obj_type.as_ref(), name, method)? {
        Some(found) => Ok(found),
        None => {
            let s = vm.new_native(Super { class: class.owned(), obj: obj.owned(), obj_type })?;
            vm.generic_get_attr_super(s.as_ref(), name).map(|v| (v, true))
        }
    }
}

fn find(
    vm: &mut Vm,
    class: TypeRef<'_>,
    obj: Ref<'_>,
    obj_type: Ref<'_>,
    name: Ref<'_>,
    method: bool,
) -> PyResult<Option<(Owned, bool)>> {
    if crate::text::str_bytes(name) == b"__class__" {
        return Ok(None);
    }
    let Some(start) = TypeRef::new(obj_type) else { return Ok(None) };
    let mut found = None;
    let mut behind = false;
    for c in start.mro_items() {
        if behind {
            found = c.dict().get_str(name);
            if found.is_some() {
                break;
            }
        } else if c == class {
            behind = true;
        }
    }
    let Some(v) = found else { return Ok(None) };
    if method && v.as_ref().is_exact(Layout::Function) && !obj.is(obj_type) {
        return Ok(Some((v, false)));
    }
    let Some(get) = vm.class_of(v.as_ref()).slots().descr_get else { return Ok(Some((v, true))) };
    let null = Ref::from_immediate(Value::NULL);
    let receiver = if obj.is(obj_type) { null } else { obj };
    get(vm, v.as_ref(), receiver, obj_type).map(|v| Some((v, true)))
}

fn getattro(vm: &mut Vm, r: Ref<'_>, name: Ref<'_>) -> PyResult {
    let s = this(vm, r)?;
    if !s.obj.is_null()
        && let Some(c) = TypeRef::new(s.class.as_ref())
        && let Some((v, _)) = find(vm, c, s.obj.as_ref(), s.obj_type.as_ref(), name, false)?
    {
        return Ok(v);
    }
    vm.generic_get_attr_super(r, name)
}

impl Vm {
    fn generic_get_attr_super(&mut self, r: Ref<'_>, name: Ref<'_>) -> PyResult {
        match self.generic_get_attr_opt(r, name)? {
            Some(v) => Ok(v),
            None => {
                let n = self.text_of(name);
                Err(self.attribute_error_with(&format!("'super' object has no attribute '{n}'"), r, name))
            }
        }
    }
}

fn repr(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let s = this(vm, r)?;
    let class = TypeRef::new(s.class.as_ref()).map_or_else(String::new, TypeRef::name);
    let text = match TypeRef::new(s.obj_type.as_ref()) {
        Some(t) if !s.obj_type.is_null() => format!("<super: <class '{class}'>, <{} object>>", t.name()),
        _ => format!("<super: <class '{class}'>, NULL>"),
    };
    vm.new_str(&text)
}

fn descr_get(vm: &mut Vm, d: Ref<'_>, obj: Ref<'_>, _class: Ref<'_>) -> PyResult {
    let s = this(vm, d)?;
    if obj.is_null() || !s.obj.is_null() {
        return Ok(d.owned());
    }
    let Some(c) = TypeRef::new(s.class.as_ref()) else { return Ok(d.owned()) };
    let obj_type = check(vm, c, obj)?;
    vm.new_native(Super { class: s.class.clone(), obj: obj.owned(), obj_type })
}
