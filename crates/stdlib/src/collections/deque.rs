//! `collections.deque`: the type and its methods, on top of the ring in ring.rs.

use super::ring::{Deque, empty};
use crate::prelude::{
    Args, BinOp, CLASS_GETITEM, CmpOp, Exc, GetSetDef, NativeDef, PyResult, Ref, Slots, TypeDef, TypeFlags,
    TypeRef, ValueExt, Vm, base_value, instance, is_int, none, not_implemented, owned_bool, payload,
    str_bytes,
};

pub(super) static TYPE: TypeDef = TypeDef {
    name: "collections.deque",
    doc: "A list-like sequence optimized for data accesses near its endpoints.",
    flags: TypeFlags::BASE_TYPE | TypeFlags::HAS_WEAKREF | TypeFlags::SEQUENCE,
    slots: Slots {
        new: Some(new),
        init: Some(init),
        repr: Some(repr),
        iter: Some(super::iter::forward),
        richcompare: Some(richcompare),
        len: Some(|vm, r| Ok(deque(vm, r)?.len.get())),
        bool: Some(|vm, r| Ok(deque(vm, r)?.len.get() != 0)),
        getitem: Some(getitem),
        setitem: Some(setitem),
        contains: Some(|vm, r, x| Ok(find(vm, r, x, 0, usize::MAX)?.is_some())),
        binary: Some(binary),
        binary_ops: BinOp::Add.bit() | BinOp::Mul.bit(),
        inplace: Some(inplace),
        inplace_ops: BinOp::Add.bit() | BinOp::Mul.bit(),
        ..Slots::NONE
    },
    methods: METHODS,
    getset: &[GetSetDef::read("maxlen", |vm, r| match deque(vm, r)?.maxlen.get() {
        Some(n) => vm.new_int(n as i64),
        None => Ok(none()),
    })],
    ..TypeDef::EMPTY
};

const METHODS: &[NativeDef] = &[
    NativeDef::method("append", "$self, item, /", |vm, a| {
        deque(vm, a.get(0))?.push_back(vm, a.get(1).owned()).map(|()| none())
    }),
    NativeDef::method("appendleft", "$self, item, /", |vm, a| {
        deque(vm, a.get(0))?.push_front(vm, a.get(1).owned()).map(|()| none())
    }),
    NativeDef::method("pop", "$self, /", |vm, a| match deque(vm, a.get(0))?.pop_back(vm) {
        Some(x) => Ok(x),
        None => Err(vm.index_error("pop from an empty deque")),
    }),
    NativeDef::method("popleft", "$self, /", |vm, a| match deque(vm, a.get(0))?.pop_front(vm) {
        Some(x) => Ok(x),
        None => Err(vm.index_error("pop from an empty deque")),
    }),
    NativeDef::method("extend", "$self, iterable, /", |vm, a| extend(vm, a.get(0), a.get(1), false)),
    NativeDef::method("extendleft", "$self, iterable, /", |vm, a| extend(vm, a.get(0), a.get(1), true)),
    NativeDef::method("clear", "$self, /", |vm, a| {
        let d = deque(vm, a.get(0))?;
        d.clear(vm).map(|()| none())
    }),
    NativeDef::method("copy", "$self, /", copy),
    NativeDef::method("__copy__", "$self, /", copy),
    NativeDef::method("count", "$self, value, /", count),
    NativeDef::method("index", "$self, value, start=0, stop=0, /", index),
    NativeDef::method("insert", "$self, index, value, /", insert),
    NativeDef::method("remove", "$self, value, /", remove),
    NativeDef::method("reverse", "$self, /", |vm, a| {
        let d = deque(vm, a.get(0))?;
        let n = d.len.get();
        for i in 0..n / 2 {
            d.swap(vm, i, n - 1 - i);
        }
        d.touch();
        Ok(none())
    }),
    NativeDef::method("rotate", "$self, n=1, /", |vm, a| {
        let n = match a.opt(1) {
            Some(n) => vm.index_isize(n, false)?,
            None => 1,
        };
        deque(vm, a.get(0))?.rotate(vm, n);
        Ok(none())
    }),
    NativeDef::method("__reversed__", "$self, /", |vm, a| super::iter::reverse(vm, a.get(0))),
    NativeDef::method("__reduce__", "$self, /", reduce),
    NativeDef::method("__sizeof__", "$self, /", |vm, a| {
        let d = deque(vm, a.get(0))?;
        vm.new_int(72 + 8 * d.capacity() as i64)
    }),
    CLASS_GETITEM,
];

pub(super) fn deque<'a>(vm: &mut Vm, r: Ref<'a>) -> PyResult<&'a Deque> {
    payload::<Deque>(r).ok_or_else(|| vm.type_error("a deque is required"))
}

fn new(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let d = empty(vm, None)?;
    instance(vm, args.get(0), d)
}

fn init(vm: &mut Vm, args: &Args<'_>) -> PyResult<()> {
    let r = args.get(0);
    let bound = vm.bind(args, "deque", "iterable=None, maxlen=None")?;
    let maxlen = match bound.pos[1].filter(|m| !m.is_none()) {
        None => None,
        Some(m) if !is_int(base_value(m)) => return Err(vm.type_error("an integer is required")),
        Some(m) => match usize::try_from(vm.index_isize(m, false)?) {
            Ok(n) => Some(n),
            Err(_) => return Err(vm.value_error("maxlen must be non-negative")),
        },
    };
    let d = deque(vm, r)?;
    d.maxlen.set(maxlen);
    d.clear(vm)?;
    match bound.pos[0] {
        Some(items) => extend(vm, r, items, false).map(drop),
        None => Ok(()),
    }
}

pub(super) fn extend(vm: &mut Vm, r: Ref<'_>, items: Ref<'_>, left: bool) -> PyResult {
    let d = deque(vm, r)?;
    let source = if items.is(r) { vm.to_list(items)? } else { items.owned() };
    let mut it = vm.iterate(source.as_ref())?;
    while let Some(x) = it.next(vm)? {
        if left { d.push_front(vm, x)? } else { d.push_back(vm, x)? }
    }
    Ok(none())
}

/// A deque of the same class with the same items.
fn copy(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    same_class(vm, args.get(0))
}

fn same_class(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let class = vm.class_of(r);
    let d = deque(vm, r)?;
    if vm.native_class::<Deque>() == Some(class) {
        let new = empty(vm, d.maxlen.get())?;
        let new = vm.new_native(new)?;
        extend(vm, new.as_ref(), r, false)?;
        return Ok(new);
    }
    match d.maxlen.get() {
        None => vm.call(class.as_ref(), &[r]),
        Some(n) => {
            let n = vm.new_int(n as i64)?;
            vm.call(class.as_ref(), &[r, n.as_ref()])
        }
    }
}

fn mutated(vm: &mut Vm, d: &Deque, before: u64, error: Exc, message: &str) -> PyResult<()> {
    if d.changes.get() == before { Ok(()) } else { Err(vm.raise(error, message)) }
}

fn count(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let d = deque(vm, args.get(0))?;
    let (mut n, before) = (0, d.changes.get());
    for i in 0..d.len() {
        let Some(x) = d.get(i) else { break };
        n += i64::from(vm.equal(x.as_ref(), args.get(1))?);
        mutated(vm, d, before, Exc::RuntimeError, "deque mutated during iteration")?;
    }
    vm.new_int(n)
}

/// Index of the first item equal to `x` in a range.
fn find(vm: &mut Vm, r: Ref<'_>, x: Ref<'_>, start: usize, stop: usize) -> PyResult<Option<usize>> {
    let d = deque(vm, r)?;
    let before = d.changes.get();
    for i in start..d.len().min(stop) {
        let Some(y) = d.get(i) else { break };
        if vm.equal(y.as_ref(), x)? {
            return Ok(Some(i));
        }
        mutated(vm, d, before, Exc::RuntimeError, "deque mutated during iteration")?;
    }
    Ok(None)
}

fn index(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let n = deque(vm, args.get(0))?.len();
    let mut bounds = [0, n];
    for (i, b) in bounds.iter_mut().enumerate() {
        if let Some(r) = args.opt(2 + i) {
            let k = vm.index_isize(r, true)?;
            let k = if k < 0 { k.saturating_add(n as isize).max(0) } else { k };
            *b = (k as usize).min(n);
        }
    }
    match find(vm, args.get(0), args.get(1), bounds[0], bounds[1])? {
        Some(i) => vm.new_int(i as i64),
        None => Err(vm.value_error("deque.index(x): x not in deque")),
    }
}

fn insert(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let d = deque(vm, args.get(0))?;
    let i = vm.index_isize(args.get(1), false)?;
    let n = d.len();
    if d.maxlen.get() == Some(n) {
        return Err(vm.index_error("deque already at its maximum size"));
    }
    let i = if i < 0 { i.saturating_add(n as isize).max(0) as usize } else { (i as usize).min(n) };
    d.push_back(vm, args.get(2).owned())?;
    let mut at = d.len().saturating_sub(1);
    while at > i {
        d.swap(vm, at, at - 1);
        at -= 1;
    }
    Ok(none())
}

fn delete(vm: &mut Vm, d: &Deque, i: usize) {
    for at in i..d.len().saturating_sub(1) {
        d.swap(vm, at, at + 1);
    }
    drop(d.pop_back(vm));
}

fn remove(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let d = deque(vm, args.get(0))?;
    let before = d.changes.get();
    for i in 0..d.len() {
        let Some(x) = d.get(i) else { break };
        let same = vm.equal(x.as_ref(), args.get(1))?;
        mutated(vm, d, before, Exc::IndexError, "deque mutated during remove().")?;
        if same {
            delete(vm, d, i);
            return Ok(none());
        }
    }
    Err(vm.value_error("deque.remove(x): x not in deque"))
}

fn position(vm: &mut Vm, d: &Deque, key: Ref<'_>) -> PyResult<usize> {
    if vm.class_of(key).slots().index.is_none() && !is_int(base_value(key)) {
        let class = vm.type_name(key);
        return Err(vm.type_error(&format!("sequence index must be integer, not '{class}'")));
    }
    let i = vm.index_isize(key, false)?;
    let n = d.len() as isize;
    let i = if i < 0 { i.saturating_add(n) } else { i };
    if (0..n).contains(&i) { Ok(i as usize) } else { Err(vm.index_error("deque index out of range")) }
}

fn getitem(vm: &mut Vm, r: Ref<'_>, key: Ref<'_>) -> PyResult {
    let d = deque(vm, r)?;
    let i = position(vm, d, key)?;
    Ok(d.get(i).unwrap_or_else(none))
}

fn setitem(vm: &mut Vm, r: Ref<'_>, key: Ref<'_>, value: Option<Ref<'_>>) -> PyResult<()> {
    let d = deque(vm, r)?;
    let i = position(vm, d, key)?;
    match value {
        Some(v) => drop(d.put(vm, i, v.owned())),
        None => delete(vm, d, i),
    }
    Ok(())
}

fn repeat(vm: &mut Vm, r: Ref<'_>, times: Ref<'_>) -> PyResult<()> {
    let d = deque(vm, r)?;
    let n = vm.index_isize(times, false)?;
    if n <= 0 {
        return d.clear(vm);
    }
    let len = d.len();
    if d.maxlen.get().is_none() && len.checked_mul(n as usize).is_none_or(|k| k > isize::MAX as usize / 8) {
        return Err(vm.raise(Exc::MemoryError, ""));
    }
    // With a bound only the last rounds leave anything behind.
    let rounds = match d.maxlen.get() {
        Some(m) if len > 0 => (n as usize).min(m / len + 2),
        _ => n as usize,
    };
    let items = vm.to_list(r)?;
    for _ in 1..rounds {
        if len == 0 {
            break;
        }
        extend(vm, r, items.as_ref(), false)?;
    }
    Ok(())
}

fn binary(vm: &mut Vm, op: BinOp, a: Ref<'_>, b: Ref<'_>) -> PyResult {
    if op == BinOp::Add {
        let Some(_) = payload::<Deque>(a) else { return Ok(not_implemented()) };
        if payload::<Deque>(b).is_none() {
            let class = vm.type_name(b);
            return Err(vm.type_error(&format!("can only concatenate deque (not \"{class}\") to deque")));
        }
        let new = same_class(vm, a)?;
        extend(vm, new.as_ref(), b, false)?;
        return Ok(new);
    }
    let (d, n) = if payload::<Deque>(a).is_some() { (a, b) } else { (b, a) };
    if !is_int(base_value(n)) && vm.class_of(n).slots().index.is_none() {
        if d.is(a) && vm.class_of(n).slots().getitem.is_some() && !vm.class_of(n).is_heap_type() {
            let class = vm.type_name(n);
            return Err(vm.type_error(&format!("can't multiply sequence by non-int of type '{class}'")));
        }
        return Ok(not_implemented());
    }
    let new = same_class(vm, d)?;
    repeat(vm, new.as_ref(), n)?;
    Ok(new)
}

fn inplace(vm: &mut Vm, op: BinOp, a: Ref<'_>, b: Ref<'_>) -> PyResult {
    if op == BinOp::Add {
        extend(vm, a, b, false)?;
        return Ok(a.owned());
    }
    if !is_int(base_value(b)) && vm.class_of(b).slots().index.is_none() {
        return Ok(not_implemented());
    }
    repeat(vm, a, b)?;
    Ok(a.owned())
}

fn richcompare(vm: &mut Vm, op: CmpOp, a: Ref<'_>, b: Ref<'_>) -> PyResult {
    let (Some(x), Some(y)) = (payload::<Deque>(a), payload::<Deque>(b)) else { return Ok(not_implemented()) };
    let differ = x.len() != y.len();
    if differ && matches!(op, CmpOp::Eq | CmpOp::Ne) {
        return Ok(owned_bool(op == CmpOp::Ne));
    }
    let mut i = 0;
    while let (Some(p), Some(q)) = (x.get(i), y.get(i)) {
        if !vm.equal(p.as_ref(), q.as_ref())? {
            return match op {
                CmpOp::Eq | CmpOp::Ne => Ok(owned_bool(op == CmpOp::Ne)),
                _ => vm.compare(op, p.as_ref(), q.as_ref()),
            };
        }
        i += 1;
    }
    Ok(owned_bool(op.holds(x.len().cmp(&y.len()))))
}

fn repr(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    if !vm.repr_enter(r) {
        return vm.new_str("[...]");
    }
    let text = repr_text(vm, r);
    vm.repr_leave(r);
    vm.new_str_bytes(&text?)
}

fn repr_text(vm: &mut Vm, r: Ref<'_>) -> PyResult<Vec<u8>> {
    let d = deque(vm, r)?;
    let mut out = format!("{}(", vm.class_of(r).name()).into_bytes();
    let list = vm.to_list(r)?;
    let text = vm.repr(list.as_ref())?;
    out.extend_from_slice(str_bytes(text.as_ref()));
    if let Some(n) = d.maxlen.get() {
        out.extend_from_slice(format!(", maxlen={n}").as_bytes());
    }
    out.push(b')');
    Ok(out)
}

fn reduce(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let r = args.get(0);
    let d = deque(vm, r)?;
    let class: TypeRef<'_> = vm.class_of(r);
    let arguments = match d.maxlen.get() {
        None => vm.empty_tuple().owned(),
        Some(n) => {
            let n = vm.new_int(n as i64)?;
            let empty = vm.empty_tuple().owned();
            vm.new_pair(empty, n)?
        }
    };
    let state = match vm.instance_dict(r)? {
        Some(s) if vm.len(s.as_ref())? > 0 => s,
        _ => none(),
    };
    let it = vm.iter(r)?;
    vm.new_tuple(vec![class.owned(), arguments, state, it])
}
