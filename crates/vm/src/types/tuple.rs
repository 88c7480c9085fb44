//! The type `tuple`. Tuples never change, so items stay borrowed while Python runs: the operand keeps the tuple alive.
//!
//! Subclasses hold their tuple in a slot (`Layout::Wrapped`): [`tuple_of`] sees through that.

use super::iterators;
use super::list::{class_arg, one_optional, repeat_count};
use crate::args::{Args, NativeDef};
use crate::class::base_value;
use crate::define::TypeDef;
use crate::slicing::{clamp_bound, place};
use crate::tables::quick_equal;
use crate::type_slots::{BinOp, CmpOp, Slots};
use crate::{PyResult, Vm};
use hognose_object::hash::TupleHasher;
use hognose_object::list::{ListRef, new_list};
use hognose_object::tuple::{TupleRef, tuple_concat, tuple_from_refs, tuple_from_stride, tuple_repeat};
use hognose_object::types::TypeFlags;
use hognose_object::{Layout, NOT_IMPLEMENTED, Owned, Ref, ValueExt, owned_bool};

/// `tuple`
pub static TYPE: TypeDef = TypeDef {
    name: "tuple",
    layout: Layout::Tuple,
    doc: "Built-in immutable sequence.\n\nIf no argument is given, the constructor returns an empty tuple.\n\
          If iterable is specified the tuple is initialized from iterable's items.\n\n\
          If the argument is a tuple, the return value is the same object.",
    flags: TypeFlags::BASE_TYPE | TypeFlags::SEQUENCE,
    slots: Slots {
        repr: Some(repr),
        hash: Some(hash),
        iter: Some(iterators::tuple_iter),
        richcompare: Some(richcompare),
        len: Some(|_, r| Ok(items_of(r).len())),
        getitem: Some(getitem),
        contains: Some(|vm, r, item| Ok(find(vm, items_of(r), item)?.is_some())),
        binary: Some(binary),
        binary_ops: BinOp::Add.bit() | BinOp::Mul.bit(),
        new: Some(new),
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("count", "$self, value, /", count),
        NativeDef::method("index", "$self, value, start=0, stop=sys.maxsize, /", index),
        NativeDef::method("__getnewargs__", "$self, /", getnewargs),
        NativeDef::class_method("__class_getitem__", "$type, object, /", |vm, a| {
            vm.new_generic_alias(a.get(0), a.get(1))
        }),
    ],
    ..TypeDef::EMPTY
};

/// `r` as a tuple, if it is one or of a subclass.
#[inline(always)]
pub(crate) fn tuple_of(r: Ref<'_>) -> Option<TupleRef<'_>> {
    TupleRef::new(base_value(r))
}

/// The items of a receiver.
#[inline(always)]
fn items_of<'a>(r: Ref<'a>) -> &'a [Ref<'a>] {
    tuple_of(r).map_or(&[], TupleRef::items)
}

/// A new tuple of all items of an iterable; an exact tuple itself.
pub(crate) fn from_iterable(vm: &mut Vm, items: Ref<'_>) -> PyResult {
    if TupleRef::new(items).is_some() {
        return Ok(items.owned());
    }
    if items.is_exact(Layout::List) {
        return from_list(vm, items);
    }
    let list = new_list(&vm.heap, 0)?;
    super::list::extend(vm, super::list::list_of(list.as_ref()), items)?;
    from_list(vm, list.as_ref())
}

fn from_list(vm: &mut Vm, list: Ref<'_>) -> PyResult {
    match ListRef::new(list) {
        Some(l) if !l.is_empty() => Ok(tuple_from_refs(&vm.heap, l.items(&vm.heap))?),
        _ => Ok(vm.empty_tuple.owned()),
    }
}

fn new(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let class = class_arg(vm, args)?;
    let items = if class == vm.types.tuple {
        one_optional(vm, args, "tuple")?
    } else {
        // A subclass may take more in its `__init__`.
        args.opt(1)
    };
    let value = match items {
        Some(items) => from_iterable(vm, items)?,
        None => vm.empty_tuple.owned(),
    };
    vm.wrap_new(class, value)
}

fn repr(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let items = items_of(r);
    if items.is_empty() {
        return vm.new_str("()");
    }
    if !vm.repr_enter(r) {
        return vm.new_str("(...)");
    }
    let text = repr_items(vm, items);
    vm.repr_leave(r);
    vm.new_str_bytes(&text?)
}

fn repr_items(vm: &mut Vm, items: &[Ref<'_>]) -> PyResult<Vec<u8>> {
    let mut out = vec![b'('];
    for (i, &item) in items.iter().enumerate() {
        if i > 0 {
            out.extend_from_slice(b", ");
        }
        let s = vm.repr(item)?;
        out.extend_from_slice(crate::text::str_bytes(s.as_ref()));
    }
    out.extend_from_slice(if items.len() == 1 { b",)" } else { b")" });
    Ok(out)
}

pub(crate) fn hash(vm: &mut Vm, r: Ref<'_>) -> PyResult<i64> {
    vm.check_native_stack()?;
    let mut h = TupleHasher::new();
    for &item in items_of(r) {
        h.add(vm.hash(item)?);
    }
    Ok(h.finish())
}

pub(crate) fn richcompare(vm: &mut Vm, op: CmpOp, a: Ref<'_>, b: Ref<'_>) -> PyResult {
    let (Some(x), Some(y)) = (tuple_of(a), tuple_of(b)) else {
        return Ok(Owned::from_immediate(NOT_IMPLEMENTED));
    };
    let (x, y) = (x.items(), y.items());
    for (&p, &q) in x.iter().zip(y) {
        let equal = match quick_equal(p, q) {
            Some(equal) => equal,
            None => vm.equal(p, q)?,
        };
        if !equal {
            return match op {
                CmpOp::Eq => Ok(owned_bool(false)),
                CmpOp::Ne => Ok(owned_bool(true)),
                _ => vm.compare(op, p, q),
            };
        }
    }
    Ok(owned_bool(op.holds(x.len().cmp(&y.len()))))
}

pub(crate) fn getitem(vm: &mut Vm, r: Ref<'_>, key: Ref<'_>) -> PyResult {
    let items = items_of(r);
    let i = match key.value().as_int() {
        Some(i) => i as isize,
        None if key.is_exact(Layout::Slice) => {
            let b = vm.slice_bounds(key, items.len())?;
            return slice(vm, r, b);
        }
        None => vm.subscript_slow(key, "tuple")?,
    };
    match place(i, items.len()) {
        Some(i) => Ok(items[i].owned()),
        None => Err(vm.index_error("tuple index out of range")),
    }
}

fn slice(vm: &mut Vm, r: Ref<'_>, b: crate::slicing::SliceBounds) -> PyResult {
    let items = items_of(r);
    if b.count == 0 {
        return Ok(vm.empty_tuple.owned());
    }
    if b.count == items.len() && b.step == 1 && TupleRef::new(r).is_some() {
        return Ok(r.owned());
    }
    Ok(tuple_from_stride(&vm.heap, items, b.start, b.step, b.count)?)
}

fn find(vm: &mut Vm, items: &[Ref<'_>], needle: Ref<'_>) -> PyResult<Option<usize>> {
    for (i, &item) in items.iter().enumerate() {
        let equal = match quick_equal(item, needle) {
            Some(equal) => equal,
            None => vm.equal(item, needle)?,
        };
        if equal {
            return Ok(Some(i));
        }
    }
    Ok(None)
}

fn binary(vm: &mut Vm, op: BinOp, a: Ref<'_>, b: Ref<'_>) -> PyResult {
    let not_implemented = || Ok(Owned::from_immediate(NOT_IMPLEMENTED));
    if op == BinOp::Add {
        let (Some(x), Some(y)) = (tuple_of(a), tuple_of(b)) else { return not_implemented() };
        return match (x.items().is_empty(), y.items().is_empty()) {
            (true, _) if TupleRef::new(b).is_some() => Ok(b.owned()),
            (_, true) if TupleRef::new(a).is_some() => Ok(a.owned()),
            _ => Ok(tuple_concat(&vm.heap, x.items(), y.items())?),
        };
    }
    let (t, count) = match (tuple_of(a), tuple_of(b)) {
        (Some(_), _) => (a, b),
        (_, Some(_)) => (b, a),
        _ => return not_implemented(),
    };
    let items = items_of(t);
    match repeat_count(vm, count)? {
        None => not_implemented(),
        Some(1) if TupleRef::new(t).is_some() => Ok(t.owned()),
        Some(n) if n == 0 || items.is_empty() => Ok(vm.empty_tuple.owned()),
        Some(n) => Ok(tuple_repeat(&vm.heap, items, n)?),
    }
}

fn count(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let (mut rest, mut n) = (items_of(args.get(0)), 0);
    while let Some(i) = find(vm, rest, args.get(1))? {
        n += 1;
        rest = &rest[i + 1..];
    }
    vm.new_int(n)
}

fn index(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let items = items_of(args.get(0));
    let start = vm.search_bound(args.opt(2), 0)?;
    let stop = vm.search_bound(args.opt(3), isize::MAX)?;
    let start = clamp_bound(start, items.len());
    let stop = clamp_bound(stop, items.len()).min(items.len());
    if start < stop
        && let Some(i) = find(vm, &items[start..stop], args.get(1))?
    {
        return vm.new_int((start + i) as i64);
    }
    Err(vm.value_error("tuple.index(x): x not in tuple"))
}

fn getnewargs(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let items = items_of(args.get(0));
    let copy = if items.is_empty() { vm.empty_tuple.owned() } else { tuple_from_refs(&vm.heap, items)? };
    vm.new_tuple(vec![copy])
}
