//! `attrgetter`, `itemgetter`, `methodcaller`: callables that fetch attributes, items, or call a method.

use crate::prelude::{
    Args, NativeDef, Owned, PyResult, Ref, Slots, TupleRef, TypeDef, TypeRef, Vm, as_str, instance, payload,
    str_bytes, trace_fields,
};

struct AttrGetter {
    /// The names as given, a tuple.
    names: Owned,
    /// For each name its parts between dots.
    paths: Vec<Vec<Owned>>,
}
trace_fields!(AttrGetter { names, paths });

struct ItemGetter {
    /// A tuple.
    keys: Owned,
}
trace_fields!(ItemGetter { keys });

struct MethodCaller {
    name: Owned,
    args: Vec<Owned>,
    kwargs: Vec<(Owned, Owned)>,
}
trace_fields!(MethodCaller { name, args, kwargs });

static ATTRGETTER: TypeDef = TypeDef {
    name: "operator.attrgetter",
    doc: "Return a callable object that fetches the given attribute(s) from its operand.",
    slots: Slots { new: Some(attr_new), call: Some(attr_call), repr: Some(attr_repr), ..Slots::NONE },
    methods: &[NativeDef::method("__reduce__", "$self, /", |vm, a| {
        let Some(g) = payload::<AttrGetter>(a.get(0)) else { return Ok(vm.none()) };
        let class = vm.class_of(a.get(0)).owned();
        vm.new_pair(class, g.names.clone())
    })],
    ..TypeDef::EMPTY
};

static ITEMGETTER: TypeDef = TypeDef {
    name: "operator.itemgetter",
    doc: "Return a callable object that fetches the given item(s) from its operand.",
    slots: Slots { new: Some(item_new), call: Some(item_call), repr: Some(item_repr), ..Slots::NONE },
    methods: &[NativeDef::method("__reduce__", "$self, /", |vm, a| {
        let Some(g) = payload::<ItemGetter>(a.get(0)) else { return Ok(vm.none()) };
        let class = vm.class_of(a.get(0)).owned();
        vm.new_pair(class, g.keys.clone())
    })],
    ..TypeDef::EMPTY
};

static METHODCALLER: TypeDef = TypeDef {
    name: "operator.methodcaller",
    doc: "Return a callable object that calls the given method on its operand.",
    slots: Slots { new: Some(method_new), call: Some(method_call), repr: Some(method_repr), ..Slots::NONE },
    ..TypeDef::EMPTY
};

/// The three classes, made once.
pub(super) fn classes(vm: &mut Vm) -> PyResult<[TypeRef<'static>; 3]> {
    let known =
        (vm.native_class::<AttrGetter>(), vm.native_class::<ItemGetter>(), vm.native_class::<MethodCaller>());
    if let (Some(a), Some(i), Some(m)) = known {
        return Ok([a, i, m]);
    }
    Ok([
        vm.add_native_type::<AttrGetter>(&ATTRGETTER)?,
        vm.add_native_type::<ItemGetter>(&ITEMGETTER)?,
        vm.add_native_type::<MethodCaller>(&METHODCALLER)?,
    ])
}

/// The one argument of a call.
fn operand<'a>(vm: &mut Vm, args: &Args<'a>, name: &str) -> PyResult<Ref<'a>> {
    if !args.kwnames.is_empty() {
        return Err(vm.type_error(&format!("{name}() takes no keyword arguments")));
    }
    match *args.rest(1) {
        [x] => Ok(x),
        ref rest => {
            let n = rest.len();
            Err(vm.type_error(&format!("{name} expected 1 argument, got {n}")))
        }
    }
}

fn no_keywords(vm: &mut Vm, args: &Args<'_>, name: &str) -> PyResult<()> {
    if !args.kwnames.is_empty() {
        return Err(vm.type_error(&format!("{name}() takes no keyword arguments")));
    }
    if args.rest(1).is_empty() {
        return Err(vm.type_error(&format!("{name} expected 1 argument, got 0")));
    }
    Ok(())
}

fn attr_new(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    no_keywords(vm, args, "attrgetter")?;
    let mut paths = Vec::new();
    for &name in args.rest(1) {
        if as_str(name).is_none() {
            return Err(vm.type_error("attribute name must be a string"));
        }
        let text = vm.text_of(name);
        let mut path = Vec::new();
        for part in text.split('.') {
            path.push(vm.intern(part)?);
        }
        paths.push(path);
    }
    let names = vm.new_tuple(args.rest(1).iter().map(|r| r.owned()).collect())?;
    instance(vm, args.get(0), AttrGetter { names, paths })
}

fn attr_call(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let x = operand(vm, args, "attrgetter")?;
    let Some(g) = payload::<AttrGetter>(args.get(0)) else { return Ok(vm.none()) };
    let mut out = Vec::new();
    for path in &g.paths {
        let mut v = x.owned();
        for part in path {
            v = vm.get_attr(v.as_ref(), part.as_ref())?;
        }
        out.push(v);
    }
    if out.len() == 1 { Ok(out.swap_remove(0)) } else { vm.new_tuple(out) }
}

fn items(t: &Owned) -> &[Ref<'_>] {
    TupleRef::new(t.as_ref()).map_or(&[], |t| t.items())
}

fn listing(vm: &mut Vm, name: &str, parts: &[Ref<'_>], kwargs: &[(Owned, Owned)]) -> PyResult {
    let mut out = format!("{name}(").into_bytes();
    for (i, &p) in parts.iter().enumerate() {
        if i > 0 {
            out.extend_from_slice(b", ");
        }
        let text = vm.repr(p)?;
        out.extend_from_slice(str_bytes(text.as_ref()));
    }
    for (k, v) in kwargs {
        out.extend_from_slice(b", ");
        out.extend_from_slice(str_bytes(k.as_ref()));
        out.push(b'=');
        let text = vm.repr(v.as_ref())?;
        out.extend_from_slice(str_bytes(text.as_ref()));
    }
    out.push(b')');
    vm.new_str_bytes(&out)
}

fn attr_repr(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    guarded(vm, r, |vm| match payload::<AttrGetter>(r) {
        Some(g) => listing(vm, "operator.attrgetter", items(&g.names), &[]),
        None => vm.default_repr(r),
    })
}

fn guarded(vm: &mut Vm, r: Ref<'_>, f: impl FnOnce(&mut Vm) -> PyResult) -> PyResult {
    if !vm.repr_enter(r) {
        let class = vm.type_name(r);
        return vm.new_str(&format!("operator.{class}(...)"));
    }
    let text = f(vm);
    vm.repr_leave(r);
    text
}

fn item_new(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    no_keywords(vm, args, "itemgetter")?;
    let keys = vm.new_tuple(args.rest(1).iter().map(|r| r.owned()).collect())?;
    instance(vm, args.get(0), ItemGetter { keys })
}

fn item_call(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let x = operand(vm, args, "itemgetter")?;
    let Some(g) = payload::<ItemGetter>(args.get(0)) else { return Ok(vm.none()) };
    let keys = items(&g.keys);
    if let [key] = *keys {
        return vm.get_item(x, key);
    }
    let mut out = Vec::with_capacity(keys.len());
    for &key in keys {
        out.push(vm.get_item(x, key)?);
    }
    vm.new_tuple(out)
}

fn item_repr(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    guarded(vm, r, |vm| match payload::<ItemGetter>(r) {
        Some(g) => listing(vm, "operator.itemgetter", items(&g.keys), &[]),
        None => vm.default_repr(r),
    })
}

fn method_new(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let Some(&name) = args.rest(1).first() else {
        return Err(vm.type_error("methodcaller needs at least one argument, the method name"));
    };
    if as_str(name).is_none() {
        return Err(vm.type_error("method name must be a string"));
    }
    let kwargs = args.kwnames.iter().zip(args.kwvalues).map(|(k, v)| (k.owned(), v.owned())).collect();
    let p =
        MethodCaller { name: name.owned(), args: args.rest(2).iter().map(|r| r.owned()).collect(), kwargs };
    instance(vm, args.get(0), p)
}

fn method_call(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let x = operand(vm, args, "methodcaller")?;
    let Some(m) = payload::<MethodCaller>(args.get(0)) else { return Ok(vm.none()) };
    let f = vm.get_attr(x, m.name.as_ref())?;
    let pos: Vec<Ref<'_>> = m.args.iter().map(Owned::as_ref).collect();
    let kw: Vec<(Ref<'_>, Ref<'_>)> = m.kwargs.iter().map(|(k, v)| (k.as_ref(), v.as_ref())).collect();
    vm.call_kw(f.as_ref(), &pos, &kw)
}

fn method_repr(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    guarded(vm, r, |vm| match payload::<MethodCaller>(r) {
        Some(m) => {
            let mut parts = vec![m.name.as_ref()];
            parts.extend(m.args.iter().map(Owned::as_ref));
            listing(vm, "operator.methodcaller", &parts, &m.kwargs)
        }
        None => vm.default_repr(r),
    })
}
