//! Slots of classes that define special methods in Python: each looks its method up and calls it.

use crate::exceptions::Exc;
use crate::type_slots::{BinOp, CmpOp, Slots, UnaryOp};
use crate::{Args, PyResult, Vm};
use hognose_object::{NONE, NOT_IMPLEMENTED, Owned, Ref, ValueExt, int};
use num_traits::ToPrimitive;

/// A native binary slot.
pub(crate) type BinaryFn = fn(&mut Vm, BinOp, Ref<'_>, Ref<'_>) -> PyResult;

fn not_implemented() -> Owned {
    Owned::from_immediate(NOT_IMPLEMENTED)
}

/// Calls a method the slot exists for.
fn call(vm: &mut Vm, r: Ref<'_>, name: Ref<'_>, args: &[Ref<'_>]) -> PyResult {
    match vm.call_special(r, name, args)? {
        Some(v) => Ok(v),
        None => Err(vm.attribute_error(r, name)),
    }
}

/// As `call`, where absence means NotImplemented.
fn call_maybe(vm: &mut Vm, r: Ref<'_>, name: Ref<'_>, args: &[Ref<'_>]) -> PyResult {
    Ok(vm.call_special(r, name, args)?.unwrap_or_else(not_implemented))
}

pub(crate) fn repr(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    call(vm, r, vm.names.__repr__, &[])
}

pub(crate) fn str(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    call(vm, r, vm.names.__str__, &[])
}

pub(crate) fn hash(vm: &mut Vm, r: Ref<'_>) -> PyResult<i64> {
    let class = vm.class_of(r);
    let name = vm.names.__hash__;
    if vm.lookup(class, name).is_none_or(|v| v.is_none()) {
        let class = class.name();
        return Err(vm.type_error(&format!("unhashable type: '{class}'")));
    }
    let h = call(vm, r, vm.names.__hash__, &[])?;
    let v = crate::class::base_value(h.as_ref());
    if let Some(n) = int::small_int_of(v) {
        return Ok(if n == -1 { -2 } else { n });
    }
    match int::bigint_of(v) {
        Some(n) => Ok(n.to_i64().map_or_else(|| int::hash_bigint(&n), |n| if n == -1 { -2 } else { n })),
        None => Err(vm.type_error("__hash__ method should return an integer")),
    }
}

pub(crate) fn call_slot(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let name = vm.names.__call__;
    let r = args.get(0);
    let Some((f, bound)) = vm.find_special(r, name)? else {
        let class = vm.type_name(r);
        return Err(vm.type_error(&format!("'{class}' object is not callable")));
    };
    let pos = if bound { args.rest(1) } else { args.pos };
    vm.call_vector(f.as_ref(), pos, args.kwnames, args.kwvalues)
}

pub(crate) fn getattro(vm: &mut Vm, r: Ref<'_>, name: Ref<'_>) -> PyResult {
    let class = vm.class_of(r);
    let key = vm.names.__getattribute__;
    let own = vm.lookup(class, key).map(|f| f.owned());
    let generic = own.as_ref().is_none_or(|f| f.as_ref().is(vm.types.object_getattribute));
    let result = if generic {
        match vm.generic_get_attr_opt(r, name) {
            Ok(Some(v)) => return Ok(v),
            Ok(None) => None,
            Err(e) => Some(e),
        }
    } else {
        match call(vm, r, vm.names.__getattribute__, &[name]) {
            Ok(v) => return Ok(v),
            Err(e) => Some(e),
        }
    };
    let hook = vm.names.__getattr__;
    let has_hook = vm.lookup(class, hook).is_some();
    match result {
        Some(e) if has_hook && vm.raised_is(&e, Exc::AttributeError) => {
            vm.discard(e);
            call(vm, r, vm.names.__getattr__, &[name])
        }
        Some(e) => Err(e),
        None if has_hook => call(vm, r, vm.names.__getattr__, &[name]),
        None => Err(vm.attribute_error(r, name)),
    }
}

pub(crate) fn setattro(vm: &mut Vm, r: Ref<'_>, name: Ref<'_>, value: Option<Ref<'_>>) -> PyResult<()> {
    match value {
        Some(v) => call(vm, r, vm.names.__setattr__, &[name, v]).map(drop),
        None => call(vm, r, vm.names.__delattr__, &[name]).map(drop),
    }
}

pub(crate) fn iter(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let class = vm.class_of(r);
    let name = vm.names.__iter__;
    if vm.lookup(class, name).is_some_and(|v| v.is_none()) {
        let class = class.name();
        return Err(vm.type_error(&format!("'{class}' object is not iterable")));
    }
    call(vm, r, vm.names.__iter__, &[])
}

pub(crate) fn next(vm: &mut Vm, r: Ref<'_>) -> PyResult<Option<Owned>> {
    match call(vm, r, vm.names.__next__, &[]) {
        Ok(v) => Ok(Some(v)),
        Err(e) if vm.raised_is(&e, Exc::StopIteration) => {
            let exc = vm.catch(e);
            let value = vm.stop_value(exc.as_ref());
            if value.as_ref().is_none() { Ok(None) } else { Err(vm.raise_again(exc)) }
        }
        Err(e) => Err(e),
    }
}

pub(crate) fn richcompare(vm: &mut Vm, op: CmpOp, a: Ref<'_>, b: Ref<'_>) -> PyResult {
    let class = vm.class_of(a);
    let name = vm.names.compare(op);
    let found = vm.lookup(class, name);
    if found.is_none() && op == CmpOp::Ne {
        // `!=` is the inverse of `==` unless defined.
        let r = call_maybe(vm, a, vm.names.__eq__, &[b])?;
        if r.value() == NOT_IMPLEMENTED {
            return Ok(r);
        }
        let t = vm.is_true(r.as_ref())?;
        return Ok(hognose_object::owned_bool(!t));
    }
    call_maybe(vm, a, name, &[b])
}

pub(crate) fn len(vm: &mut Vm, r: Ref<'_>) -> PyResult<usize> {
    let n = call(vm, r, vm.names.__len__, &[])?;
    let n = vm.index(n.as_ref())?;
    match int::bigint_of(n.as_ref()) {
        Some(n) if n.sign() == num_bigint::Sign::Minus => Err(vm.value_error("__len__() should return >= 0")),
        Some(n) => match n.to_isize() {
            Some(n) => Ok(n as usize),
            None => Err(vm.overflow_error("cannot fit 'int' into an index-sized integer")),
        },
        None => Ok(0),
    }
}

pub(crate) fn getitem(vm: &mut Vm, r: Ref<'_>, key: Ref<'_>) -> PyResult {
    call(vm, r, vm.names.__getitem__, &[key])
}

pub(crate) fn setitem(vm: &mut Vm, r: Ref<'_>, key: Ref<'_>, value: Option<Ref<'_>>) -> PyResult<()> {
    let (name, what) =
        if value.is_some() { ("__setitem__", "assignment") } else { ("__delitem__", "deletion") };
    let n = vm.intern(name)?;
    let mut args = vec![key];
    args.extend(value);
    if vm.call_special(r, n.as_ref(), &args)?.is_none() {
        let class = vm.type_name(r);
        return Err(vm.type_error(&format!("'{class}' object does not support item {what}")));
    }
    Ok(())
}

pub(crate) fn contains(vm: &mut Vm, r: Ref<'_>, x: Ref<'_>) -> PyResult<bool> {
    let class = vm.class_of(r);
    let name = vm.names.__contains__;
    if vm.lookup(class, name).is_some_and(|v| v.is_none()) {
        let class = class.name();
        return Err(vm.type_error(&format!("'{class}' object is not a container")));
    }
    let v = call(vm, r, vm.names.__contains__, &[x])?;
    vm.is_true(v.as_ref())
}

/// Marks a class whose operators are (partly) Python methods; also serves when both operands are of one class.
pub(crate) fn binary(vm: &mut Vm, op: BinOp, a: Ref<'_>, b: Ref<'_>) -> PyResult {
    let (fa, fb) = (Some(binary as BinaryFn), Some(binary as BinaryFn));
    binary_mixed(vm, op, a, b, fa, fb)
}

/// Binary operators where at least one side may be a Python method: CPython's order of attempts.
pub(crate) fn binary_mixed(
    vm: &mut Vm,
    op: BinOp,
    a: Ref<'_>,
    b: Ref<'_>,
    fa: Option<BinaryFn>,
    fb: Option<BinaryFn>,
) -> PyResult {
    let (ta, tb) = (vm.class_of(a), vm.class_of(b));
    let [plain, reflected, _] = vm.names.binary(op);
    let is_python = |f: BinaryFn| std::ptr::fn_addr_eq(f, binary as BinaryFn);
    let left = |vm: &mut Vm| match fa {
        Some(f) if is_python(f) => call_maybe(vm, a, plain, &[b]),
        Some(f) => f(vm, op, a, b),
        None => Ok(not_implemented()),
    };
    let right = |vm: &mut Vm| match fb {
        Some(f) if is_python(f) => call_maybe(vm, b, reflected, &[a]),
        Some(f) => f(vm, op, a, b),
        None => Ok(not_implemented()),
    };
    if ta == tb {
        // The reflected method of the same class is not tried.
        return left(vm);
    }
    if fb.is_some() && tb.is_subclass_of(ta) && overrides(vm, ta, tb, reflected)? {
        let r = right(vm)?;
        if r.value() != NOT_IMPLEMENTED {
            return Ok(r);
        }
        return left(vm);
    }
    let r = left(vm)?;
    if r.value() != NOT_IMPLEMENTED {
        return Ok(r);
    }
    right(vm)
}

/// Does the subclass provide another `name` than its base?
fn overrides(
    vm: &mut Vm,
    base: crate::TypeRef<'_>,
    sub: crate::TypeRef<'_>,
    name: Ref<'_>,
) -> PyResult<bool> {
    let (x, y) = (vm.lookup(base, name), vm.lookup(sub, name));
    Ok(match (x, y) {
        (_, None) => false,
        (None, Some(_)) => true,
        (Some(x), Some(y)) => !x.is(y),
    })
}

pub(crate) fn inplace(vm: &mut Vm, op: BinOp, a: Ref<'_>, b: Ref<'_>) -> PyResult {
    call_maybe(vm, a, vm.names.binary(op)[2], &[b])
}

pub(crate) fn unary(vm: &mut Vm, op: UnaryOp, a: Ref<'_>) -> PyResult {
    call_maybe(vm, a, vm.names.unary(op), &[])
}

pub(crate) fn bool(vm: &mut Vm, r: Ref<'_>) -> PyResult<bool> {
    let v = call(vm, r, vm.names.__bool__, &[])?;
    if v.as_ref().is_bool() {
        return Ok(v.value() == hognose_object::TRUE);
    }
    let class = vm.type_name(v.as_ref());
    Err(vm.type_error(&format!("__bool__ should return bool, returned {class}")))
}

pub(crate) fn int_slot(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    call(vm, r, vm.names.__int__, &[])
}

pub(crate) fn float(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    call(vm, r, vm.names.__float__, &[])
}

pub(crate) fn index(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    call(vm, r, vm.names.__index__, &[])
}

pub(crate) fn descr_get(vm: &mut Vm, d: Ref<'_>, obj: Ref<'_>, class: Ref<'_>) -> PyResult {
    let n = vm.names.__get__;
    let class_of = vm.class_of(d);
    if vm.lookup(class_of, n).is_none() {
        return Ok(d.owned());
    }
    let obj = if obj.is_null() { Ref::from_immediate(NONE) } else { obj };
    call(vm, d, vm.names.__get__, &[obj, class])
}

pub(crate) fn descr_set(vm: &mut Vm, d: Ref<'_>, obj: Ref<'_>, value: Option<Ref<'_>>) -> PyResult<()> {
    let n = vm.intern(if value.is_some() { "__set__" } else { "__delete__" })?;
    let mut args = vec![obj];
    args.extend(value);
    if vm.call_special(d, n.as_ref(), &args)?.is_none() {
        let text = vm.text_of(n.as_ref());
        return Err(vm.raise(Exc::AttributeError, &text));
    }
    Ok(())
}

pub(crate) fn new(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let name = vm.names.__new__;
    let class = crate::TypeRef::new(args.get(0)).expect("a new slot gets a class");
    let Some(f) = vm.lookup(class, name) else {
        return Err(vm.type_error("cannot create instances"));
    };
    let f = f.owned();
    // `__new__` is a static method, implicitly.
    let f = match vm.class_of(f.as_ref()).slots().descr_get {
        Some(get) if !f.as_ref().is_exact(hognose_object::Layout::Function) => {
            get(vm, f.as_ref(), Ref::from_immediate(hognose_object::Value::NULL), args.get(0))?
        }
        _ => f,
    };
    vm.call_vector(f.as_ref(), args.pos, args.kwnames, args.kwvalues)
}

pub(crate) fn init(vm: &mut Vm, args: &Args<'_>) -> PyResult<()> {
    let name = vm.names.__init__;
    let r = args.get(0);
    let Some((f, bound)) = vm.find_special(r, name)? else { return Ok(()) };
    let pos = if bound { args.rest(1) } else { args.pos };
    let v = vm.call_vector(f.as_ref(), pos, args.kwnames, args.kwvalues)?;
    if v.as_ref().is_none() {
        return Ok(());
    }
    let class = vm.type_name(v.as_ref());
    Err(vm.type_error(&format!("__init__() should return None, not '{class}'")))
}

pub(crate) fn await_(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    call(vm, r, vm.names.__await__, &[])
}

pub(crate) fn aiter(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    call(vm, r, vm.names.__aiter__, &[])
}

pub(crate) fn anext(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    call(vm, r, vm.names.__anext__, &[])
}

/// Copies the slots for the special method `name` from `from`, or installs the ones above when `from` is absent.
/// `false`: the name has no slot.
pub(crate) fn install(slots: &mut Slots, name: &str, from: Option<&Slots>) -> bool {
    macro_rules! slot {
        ($field:ident, $f:expr) => {{
            slots.$field = match from {
                Some(s) => s.$field,
                None => Some($f),
            };
            true
        }};
    }
    match name {
        "__repr__" => slot!(repr, repr),
        "__str__" => slot!(str, str),
        "__hash__" => slot!(hash, hash),
        "__call__" => slot!(call, call_slot),
        "__getattribute__" | "__getattr__" => slot!(getattro, getattro),
        "__setattr__" | "__delattr__" => slot!(setattro, setattro),
        "__iter__" => slot!(iter, iter),
        "__next__" => slot!(next, next),
        "__lt__" | "__le__" | "__eq__" | "__ne__" | "__gt__" | "__ge__" => slot!(richcompare, richcompare),
        "__len__" => slot!(len, len),
        "__getitem__" => slot!(getitem, getitem),
        "__setitem__" | "__delitem__" => slot!(setitem, setitem),
        "__contains__" => slot!(contains, contains),
        "__bool__" => slot!(bool, bool),
        "__int__" => slot!(int, int_slot),
        "__float__" => slot!(float, float),
        "__index__" => slot!(index, index),
        "__get__" => slot!(descr_get, descr_get),
        "__set__" | "__delete__" => slot!(descr_set, descr_set),
        "__new__" => slot!(new, new),
        "__init__" => slot!(init, init),
        "__await__" => slot!(await_, await_),
        "__aiter__" => slot!(aiter, aiter),
        "__anext__" => slot!(anext, anext),
        "__neg__" | "__pos__" | "__invert__" | "__abs__" => slot!(unary, unary),
        _ => install_operator(slots, name, from),
    }
}

fn install_operator(slots: &mut Slots, name: &str, from: Option<&Slots>) -> bool {
    for op in BinOp::ALL {
        let [plain, reflected, in_place] = op.methods();
        if name == plain || name == reflected {
            match from {
                Some(s) if s.binary_ops & op.bit() != 0 => {
                    slots.binary = slots.binary.or(s.binary);
                    slots.binary_ops |= op.bit();
                }
                Some(_) => {}
                None => {
                    slots.binary = Some(binary);
                    slots.binary_ops |= op.bit();
                }
            }
            return true;
        }
        if name == in_place {
            match from {
                Some(s) if s.inplace_ops & op.bit() != 0 => {
                    slots.inplace = slots.inplace.or(s.inplace);
                    slots.inplace_ops |= op.bit();
                }
                Some(_) => {}
                None => {
                    slots.inplace = Some(inplace);
                    slots.inplace_ops |= op.bit();
                }
            }
            return true;
        }
    }
    false
}

/// All names that have slots.
pub(crate) const SLOT_NAMES: &[&str] = &[
    "__repr__",
    "__str__",
    "__hash__",
    "__call__",
    "__getattribute__",
    "__getattr__",
    "__setattr__",
    "__delattr__",
    "__iter__",
    "__next__",
    "__lt__",
    "__le__",
    "__eq__",
    "__ne__",
    "__gt__",
    "__ge__",
    "__len__",
    "__getitem__",
    "__setitem__",
    "__delitem__",
    "__contains__",
    "__bool__",
    "__int__",
    "__float__",
    "__index__",
    "__get__",
    "__set__",
    "__delete__",
    "__new__",
    "__init__",
    "__await__",
    "__aiter__",
    "__anext__",
    "__neg__",
    "__pos__",
    "__invert__",
    "__abs__",
];
