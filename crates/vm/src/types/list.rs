//! The type `list`. Sorting is in sort.rs, iterators in iterators.rs, slices and indices in slicing.rs.
//!
//! Comparisons may run Python, which may change the list: items are counted while they are compared, and the length is
//! read again each time.

use super::iterators;
use crate::args::{Args, NativeDef};
use crate::class::TypeRef;
use crate::define::TypeDef;
use crate::slicing::{clamp_bound, place};
use crate::tables::quick_equal;
use crate::type_slots::{BinOp, CmpOp, Slots};
use crate::{PyResult, Vm};
use hognose_object::list::{ListRef, list_from_refs, list_from_stride, list_repeat, new_list};
use hognose_object::tuple::TupleRef;
use hognose_object::types::TypeFlags;
use hognose_object::{Layout, NOT_IMPLEMENTED, Owned, Ref, ValueExt, none, owned_bool};

/// `list`
pub static TYPE: TypeDef = TypeDef {
    name: "list",
    layout: Layout::List,
    doc: "Built-in mutable sequence.\n\nIf no argument is given, the constructor creates a new empty list.\n\
          The argument must be an iterable if specified.",
    flags: TypeFlags::BASE_TYPE | TypeFlags::SEQUENCE,
    slots: Slots {
        repr: Some(repr),
        iter: Some(iterators::list_iter),
        richcompare: Some(richcompare),
        len: Some(len),
        getitem: Some(getitem),
        setitem: Some(setitem),
        contains: Some(contains),
        binary: Some(binary),
        binary_ops: BinOp::Add.bit() | BinOp::Mul.bit(),
        inplace: Some(inplace),
        inplace_ops: BinOp::Add.bit() | BinOp::Mul.bit(),
        new: Some(new),
        init: Some(init),
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("append", "$self, object, /", append),
        NativeDef::method("clear", "$self, /", clear),
        NativeDef::method("copy", "$self, /", copy),
        NativeDef::method("count", "$self, value, /", count),
        NativeDef::method("extend", "$self, iterable, /", extend_method),
        NativeDef::method("index", "$self, value, start=0, stop=sys.maxsize, /", index),
        NativeDef::method("insert", "$self, index, object, /", insert),
        NativeDef::method("pop", "$self, index=-1, /", pop),
        NativeDef::method("remove", "$self, value, /", remove),
        NativeDef::method("reverse", "$self, /", reverse),
        NativeDef::method("sort", "$self, /, *, key=None, reverse=False", super::sort::sort_method),
        NativeDef::method("__reversed__", "$self, /", |vm, a| iterators::list_reversed(vm, a.get(0))),
        NativeDef::method("__sizeof__", "$self, /", sizeof),
        NativeDef::class_method("__class_getitem__", "$type, object, /", |vm, a| {
            vm.new_generic_alias(a.get(0), a.get(1))
        }),
    ],
    ..TypeDef::EMPTY
};

/// The receiver of a method or slot.
#[inline(always)]
pub(crate) fn list_of(r: Ref<'_>) -> ListRef<'_> {
    ListRef::new(r).expect("the machine checks receivers")
}

// ---- making

/// A class as first argument of a `new` slot.
pub(crate) fn class_arg<'a>(vm: &mut Vm, args: &Args<'a>) -> PyResult<TypeRef<'a>> {
    TypeRef::new(args.get(0)).ok_or_else(|| vm.type_error("__new__() needs a class"))
}

/// The one optional positional argument of a constructor.
pub(crate) fn one_optional<'a>(vm: &mut Vm, args: &Args<'a>, name: &str) -> PyResult<Option<Ref<'a>>> {
    if args.kwnames.is_empty() && args.pos.len() <= 2 {
        return Ok(args.opt(1));
    }
    Ok(vm.bind(args, name, "iterable=(), /")?.pos[0])
}

fn new(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let class = class_arg(vm, args)?;
    vm.alloc_for(class)
}

fn init(vm: &mut Vm, args: &Args<'_>) -> PyResult<()> {
    let items = one_optional(vm, args, "list")?;
    let l = list_of(args.get(0));
    if !l.is_empty() {
        l.clear(&mut vm.heap);
    }
    match items {
        Some(items) => extend(vm, l, items),
        None => Ok(()),
    }
}

/// Appends all items of an iterable.
pub(crate) fn extend(vm: &mut Vm, l: ListRef<'_>, items: Ref<'_>) -> PyResult<()> {
    if items.is_exact(Layout::List) {
        return Ok(l.extend_list(&mut vm.heap, list_of(items))?);
    }
    if let Some(t) = TupleRef::new(items) {
        return Ok(l.extend_refs(&mut vm.heap, t.items())?);
    }
    if items.is_exact(Layout::Range) && super::range::extend_list(vm, l, items)? {
        return Ok(());
    }
    let it = vm.iter(items)?;
    let Some(next) = vm.class_of(it.as_ref()).slots().next else {
        return Err(vm.type_error("iter() returned non-iterator"));
    };
    while let Some(x) = next(vm, it.as_ref())? {
        l.push(&mut vm.heap, x)?;
    }
    Ok(())
}

// ---- slots

fn len(_vm: &mut Vm, r: Ref<'_>) -> PyResult<usize> {
    Ok(list_of(r).len())
}

fn repr(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let l = list_of(r);
    if l.is_empty() {
        return vm.new_str("[]");
    }
    if !vm.repr_enter(r) {
        return vm.new_str("[...]");
    }
    let text = repr_items(vm, l);
    vm.repr_leave(r);
    vm.new_str_bytes(&text?)
}

fn repr_items(vm: &mut Vm, l: ListRef<'_>) -> PyResult<Vec<u8>> {
    let mut out = vec![b'['];
    let mut i = 0;
    while let Some(item) = l.get(i) {
        if i > 0 {
            out.extend_from_slice(b", ");
        }
        let s = vm.repr(item.as_ref())?;
        out.extend_from_slice(crate::text::str_bytes(s.as_ref()));
        i += 1;
    }
    out.push(b']');
    Ok(out)
}

fn richcompare(vm: &mut Vm, op: CmpOp, a: Ref<'_>, b: Ref<'_>) -> PyResult {
    let (Some(x), Some(y)) = (ListRef::new(a), ListRef::new(b)) else {
        return Ok(Owned::from_immediate(NOT_IMPLEMENTED));
    };
    if x.len() != y.len() && matches!(op, CmpOp::Eq | CmpOp::Ne) {
        return Ok(owned_bool(op == CmpOp::Ne));
    }
    let mut i = 0;
    loop {
        if i >= x.len() || i >= y.len() {
            return Ok(owned_bool(op.holds(x.len().cmp(&y.len()))));
        }
        let quick = quick_equal(x.items(&vm.heap)[i], y.items(&vm.heap)[i]);
        if quick == Some(true) {
            i += 1;
            continue;
        }
        let (Some(p), Some(q)) = (x.get(i), y.get(i)) else { continue };
        if quick.is_none() && vm.equal(p.as_ref(), q.as_ref())? {
            i += 1;
            continue;
        }
        return match op {
            CmpOp::Eq => Ok(owned_bool(false)),
            CmpOp::Ne => Ok(owned_bool(true)),
            _ => vm.compare(op, p.as_ref(), q.as_ref()),
        };
    }
}

pub(crate) fn getitem(vm: &mut Vm, r: Ref<'_>, key: Ref<'_>) -> PyResult {
    let l = list_of(r);
    let i = match key.value().as_int() {
        Some(i) => i as isize,
        None if key.is_exact(Layout::Slice) => {
            let b = vm.slice_unpack(key)?.bounds(l.len());
            return Ok(list_from_stride(&vm.heap, l.items(&vm.heap), b.start, b.step, b.count)?);
        }
        None => vm.subscript_slow(key, "list")?,
    };
    match place(i, l.len()).and_then(|i| l.get(i)) {
        Some(item) => Ok(item),
        None => Err(vm.index_error("list index out of range")),
    }
}

pub(crate) fn setitem(vm: &mut Vm, r: Ref<'_>, key: Ref<'_>, value: Option<Ref<'_>>) -> PyResult<()> {
    let l = list_of(r);
    let i = match key.value().as_int() {
        Some(i) => i as isize,
        None if key.is_exact(Layout::Slice) => return set_slice(vm, l, key, value),
        None => vm.subscript_slow(key, "list")?,
    };
    let Some(i) = place(i, l.len()) else {
        return Err(vm.index_error("list assignment index out of range"));
    };
    match value {
        Some(value) => drop(l.replace(&mut vm.heap, i, value.owned())),
        None => drop(l.remove(&mut vm.heap, i)),
    }
    Ok(())
}

fn set_slice(vm: &mut Vm, l: ListRef<'_>, key: Ref<'_>, value: Option<Ref<'_>>) -> PyResult<()> {
    let raw = vm.slice_unpack(key)?;
    let Some(value) = value else {
        let b = raw.bounds(l.len());
        let (start, step) = b.ascending();
        return Ok(l.remove_stride(&mut vm.heap, start, step, b.count)?);
    };
    let new = if ListRef::new(value).is_some() || TupleRef::new(value).is_some() {
        copy_of(vm, value)?
    } else {
        let list = new_list(&vm.heap, 0)?;
        let it = match vm.iter(value) {
            Err(e) if vm.raised_is(&e, crate::exceptions::Exc::TypeError) => {
                vm.discard(e);
                return Err(vm.type_error("must assign iterable to extended slice"));
            }
            it => it?,
        };
        extend(vm, list_of(list.as_ref()), it.as_ref())?;
        list
    };
    // Making the items may have changed the length.
    let b = raw.bounds(l.len());
    let n = list_of(new.as_ref());
    if b.step == 1 {
        let start = b.start as usize;
        return Ok(l.replace_range(&mut vm.heap, start..start + b.count, n)?);
    }
    if n.len() != b.count {
        let message =
            format!("attempt to assign sequence of size {} to extended slice of size {}", n.len(), b.count);
        return Err(vm.value_error(&message));
    }
    let mut at = b.start;
    for i in 0..b.count {
        if let Some(item) = n.get(i) {
            drop(l.replace(&mut vm.heap, at as usize, item));
        }
        at += b.step;
    }
    Ok(())
}

/// A new exact list of the items of a list (or subclass) or exact tuple.
fn copy_of(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    match (ListRef::new(r), TupleRef::new(r)) {
        (Some(l), _) => Ok(list_from_refs(&vm.heap, l.items(&vm.heap))?),
        (_, Some(t)) => Ok(list_from_refs(&vm.heap, t.items())?),
        _ => Ok(new_list(&vm.heap, 0)?),
    }
}

/// Index of the first item equal to `needle` from `start` on and before `stop`.
fn find(vm: &mut Vm, l: ListRef<'_>, needle: Ref<'_>, start: usize, stop: usize) -> PyResult<Option<usize>> {
    let mut i = start;
    while i < stop && i < l.len() {
        let equal = match quick_equal(l.items(&vm.heap)[i], needle) {
            Some(equal) => equal,
            None => match l.get(i) {
                Some(item) => vm.equal(item.as_ref(), needle)?,
                None => false,
            },
        };
        if equal {
            return Ok(Some(i));
        }
        i += 1;
    }
    Ok(None)
}

fn contains(vm: &mut Vm, r: Ref<'_>, item: Ref<'_>) -> PyResult<bool> {
    Ok(find(vm, list_of(r), item, 0, usize::MAX)?.is_some())
}

/// A repeat count: negative ones are 0; `None` when `r` is no number.
pub(crate) fn repeat_count(vm: &mut Vm, r: Ref<'_>) -> PyResult<Option<usize>> {
    if let Some(n) = r.value().as_int() {
        return Ok(Some(n.max(0) as usize));
    }
    if !hognose_object::int::is_int(crate::class::base_value(r)) && vm.class_of(r).slots().index.is_none() {
        return Ok(None);
    }
    Ok(Some(vm.index_isize(r, false)?.max(0) as usize))
}

fn binary(vm: &mut Vm, op: BinOp, a: Ref<'_>, b: Ref<'_>) -> PyResult {
    let not_implemented = || Ok(Owned::from_immediate(NOT_IMPLEMENTED));
    if op == BinOp::Add {
        let (Some(x), Some(y)) = (ListRef::new(a), ListRef::new(b)) else { return not_implemented() };
        let out = new_list(&vm.heap, x.len() + y.len())?;
        let l = list_of(out.as_ref());
        l.extend_list(&mut vm.heap, x)?;
        l.extend_list(&mut vm.heap, y)?;
        return Ok(out);
    }
    let (l, count) = match (ListRef::new(a), ListRef::new(b)) {
        (Some(l), _) => (l, b),
        (_, Some(l)) => (l, a),
        _ => return not_implemented(),
    };
    match repeat_count(vm, count)? {
        Some(n) => Ok(list_repeat(&vm.heap, l.items(&vm.heap), n)?),
        None => not_implemented(),
    }
}

fn inplace(vm: &mut Vm, op: BinOp, a: Ref<'_>, b: Ref<'_>) -> PyResult {
    let l = list_of(a);
    if op == BinOp::Add {
        extend(vm, l, b)?;
        return Ok(a.owned());
    }
    match repeat_count(vm, b)? {
        Some(n) => l.repeat(&mut vm.heap, n)?,
        None => return Ok(Owned::from_immediate(NOT_IMPLEMENTED)),
    }
    Ok(a.owned())
}

// ---- methods

fn append(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    list_of(args.get(0)).push(&mut vm.heap, args.get(1).owned())?;
    Ok(none())
}

fn clear(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    list_of(args.get(0)).clear(&mut vm.heap);
    Ok(none())
}

fn copy(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    copy_of(vm, args.get(0))
}

fn count(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let l = list_of(args.get(0));
    let (mut n, mut from) = (0, 0);
    while let Some(i) = find(vm, l, args.get(1), from, usize::MAX)? {
        n += 1;
        from = i + 1;
    }
    vm.new_int(n)
}

fn extend_method(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    extend(vm, list_of(args.get(0)), args.get(1))?;
    Ok(none())
}

fn index(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let l = list_of(args.get(0));
    let start = vm.search_bound(args.opt(2), 0)?;
    let stop = vm.search_bound(args.opt(3), isize::MAX)?;
    let (start, stop) = (clamp_bound(start, l.len()), clamp_bound(stop, l.len()));
    match find(vm, l, args.get(1), start, stop)? {
        Some(i) => vm.new_int(i as i64),
        None => Err(vm.value_error("list.index(x): x not in list")),
    }
}

fn insert(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let i = vm.ssize_arg(args.get(1))?;
    let l = list_of(args.get(0));
    let i = clamp_bound(i, l.len()).min(l.len());
    l.insert(&mut vm.heap, i, args.get(2).owned())?;
    Ok(none())
}

fn pop(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let l = list_of(args.get(0));
    let i = match args.opt(1) {
        None => -1,
        Some(i) => vm.ssize_arg(i)?,
    };
    if i == -1
        && let Some(item) = l.pop(&mut vm.heap)
    {
        return Ok(item);
    }
    if l.is_empty() {
        return Err(vm.index_error("pop from empty list"));
    }
    match place(i, l.len()) {
        Some(i) => Ok(l.remove(&mut vm.heap, i)),
        None => Err(vm.index_error("pop index out of range")),
    }
}

fn remove(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let l = list_of(args.get(0));
    match find(vm, l, args.get(1), 0, usize::MAX)? {
        Some(i) if i < l.len() => {
            drop(l.remove(&mut vm.heap, i));
            Ok(none())
        }
        Some(_) => Ok(none()),
        None => Err(vm.value_error("list.remove(x): x not in list")),
    }
}

fn reverse(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    list_of(args.get(0)).reverse(&mut vm.heap);
    Ok(none())
}

#[allow(unsafe_code, reason = "asks a live list for its buffer's size")]
fn sizeof(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    // SAFETY: the receiver is a live list.
    let buffer = unsafe { hognose_object::list::ListObj::buffers(args.get(0).value().header()) };
    vm.new_int((size_of::<hognose_object::list::ListObj>() + buffer) as i64)
}
