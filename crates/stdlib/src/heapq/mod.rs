//! The modules `_heapq` and `_bisect`: sorted and heap-ordered lists.
//!
//! Comparisons may run Python code that changes the list: items are taken out counted, and the length is looked at
//! again after each comparison.

use crate::prelude::{Args, CmpOp, ListRef, NativeDef, Owned, PyResult, Ref, ValueExt, Vm, new_module, none};

const HEAP: &[NativeDef] = &[
    NativeDef::function("heappush", "heap, item, /", |vm, a| push(vm, a, "heappush", Order::Min)),
    NativeDef::function("heappop", "heap, /", |vm, a| pop(vm, a, "heappop", Order::Min)),
    NativeDef::function("heapreplace", "heap, item, /", |vm, a| replace(vm, a, "heapreplace", Order::Min)),
    NativeDef::function("heappushpop", "heap, item, /", |vm, a| push_pop(vm, a, "heappushpop", Order::Min)),
    NativeDef::function("heapify", "heap, /", |vm, a| heapify(vm, a, "heapify", Order::Min)),
    NativeDef::function("heappush_max", "heap, item, /", |vm, a| push(vm, a, "heappush_max", Order::Max)),
    NativeDef::function("heappop_max", "heap, /", |vm, a| pop(vm, a, "heappop_max", Order::Max)),
    NativeDef::function("heapreplace_max", "heap, item, /", |vm, a| {
        replace(vm, a, "heapreplace_max", Order::Max)
    }),
    NativeDef::function("heappushpop_max", "heap, item, /", |vm, a| {
        push_pop(vm, a, "heappushpop_max", Order::Max)
    }),
    NativeDef::function("heapify_max", "heap, /", |vm, a| heapify(vm, a, "heapify_max", Order::Max)),
];

const BISECT: &[NativeDef] = &[
    NativeDef::function("bisect_left", SEARCH, |vm, a| {
        let i = search(vm, a, true)?;
        vm.new_int(i as i64)
    }),
    NativeDef::function("bisect_right", SEARCH, |vm, a| {
        let i = search(vm, a, false)?;
        vm.new_int(i as i64)
    }),
    NativeDef::function("insort_left", SEARCH, |vm, a| insort(vm, a, true)),
    NativeDef::function("insort_right", SEARCH, |vm, a| insort(vm, a, false)),
];

const SEARCH: &str = "a, x, lo=0, hi=None, *, key=None";

/// Makes the module `_heapq`.
pub fn make(vm: &mut Vm) -> PyResult {
    let module = new_module(vm, "_heapq", "Heap queue algorithm (a.k.a. priority queue).", HEAP)?;
    let about = vm.new_str("Heap queues")?;
    vm.module_set(module.as_ref(), "__about__", about)?;
    Ok(module)
}

/// Makes the module `_bisect`.
pub fn make_bisect(vm: &mut Vm) -> PyResult {
    new_module(vm, "_bisect", "Bisection algorithms.", BISECT)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    Min,
    Max,
}

fn heap<'a>(vm: &mut Vm, a: &Args<'a>, name: &str) -> PyResult<ListRef<'a>> {
    match ListRef::new(a.get(0)) {
        Some(l) => Ok(l),
        None => {
            let class = vm.type_name(a.get(0));
            let which = if a.pos.len() > 1 { " 1" } else { "" };
            Err(vm.type_error(&format!("{name}() argument{which} must be list, not {class}")))
        }
    }
}

/// Does `x` come before `y`?
fn before(vm: &mut Vm, order: Order, x: Ref<'_>, y: Ref<'_>) -> PyResult<bool> {
    let (x, y) = if order == Order::Min { (x, y) } else { (y, x) };
    vm.compare_bool(CmpOp::Lt, x, y)
}

fn item(vm: &mut Vm, l: ListRef<'_>, i: usize) -> PyResult {
    l.get(i).ok_or_else(|| vm.runtime_error("list changed size during iteration"))
}

fn same_size(vm: &mut Vm, l: ListRef<'_>, n: usize) -> PyResult<()> {
    if l.len() == n { Ok(()) } else { Err(vm.runtime_error("list changed size during iteration")) }
}

/// Exchanges two places.
fn exchange(vm: &mut Vm, l: ListRef<'_>, i: usize, j: usize) {
    if let (Some(x), Some(y)) = (l.get(i), l.get(j)) {
        drop(l.replace(vm.heap_mut(), i, y));
        drop(l.replace(vm.heap_mut(), j, x));
    }
}

/// Moves the item at `at` up until its parent, not above `top`, comes before it.
fn up(vm: &mut Vm, l: ListRef<'_>, order: Order, top: usize, mut at: usize) -> PyResult<()> {
    let n = l.len();
    while at > top {
        let parent = (at - 1) / 2;
        let (x, y) = (item(vm, l, at)?, item(vm, l, parent)?);
        let first = before(vm, order, x.as_ref(), y.as_ref())?;
        same_size(vm, l, n)?;
        if !first {
            break;
        }
        exchange(vm, l, at, parent);
        at = parent;
    }
    Ok(())
}

/// Moves the item at `start` to a leaf, smaller children up, then back to its place.
fn down(vm: &mut Vm, l: ListRef<'_>, order: Order, start: usize) -> PyResult<()> {
    let n = l.len();
    let mut at = start;
    while at < n / 2 {
        let mut child = 2 * at + 1;
        if child + 1 < n {
            let (x, y) = (item(vm, l, child)?, item(vm, l, child + 1)?);
            let first = before(vm, order, x.as_ref(), y.as_ref())?;
            same_size(vm, l, n)?;
            if !first {
                child += 1;
            }
        }
        exchange(vm, l, at, child);
        at = child;
    }
    up(vm, l, order, start, at)
}

fn push(vm: &mut Vm, a: &Args<'_>, name: &str, order: Order) -> PyResult {
    let l = heap(vm, a, name)?;
    l.push(vm.heap_mut(), a.get(1).owned())?;
    up(vm, l, order, 0, l.len() - 1)?;
    Ok(none())
}

fn pop(vm: &mut Vm, a: &Args<'_>, name: &str, order: Order) -> PyResult {
    let l = heap(vm, a, name)?;
    let Some(last) = l.pop(vm.heap_mut()) else { return Err(vm.index_error("index out of range")) };
    if l.is_empty() {
        return Ok(last);
    }
    let first = l.replace(vm.heap_mut(), 0, last);
    down(vm, l, order, 0)?;
    Ok(first)
}

fn replace(vm: &mut Vm, a: &Args<'_>, name: &str, order: Order) -> PyResult {
    let l = heap(vm, a, name)?;
    if l.is_empty() {
        return Err(vm.index_error("index out of range"));
    }
    let first = l.replace(vm.heap_mut(), 0, a.get(1).owned());
    down(vm, l, order, 0)?;
    Ok(first)
}

fn push_pop(vm: &mut Vm, a: &Args<'_>, name: &str, order: Order) -> PyResult {
    let l = heap(vm, a, name)?;
    let Some(top) = l.get(0) else { return Ok(a.get(1).owned()) };
    if !before(vm, order, top.as_ref(), a.get(1))? {
        return Ok(a.get(1).owned());
    }
    if l.is_empty() {
        return Err(vm.index_error("index out of range"));
    }
    let first = l.replace(vm.heap_mut(), 0, a.get(1).owned());
    down(vm, l, order, 0)?;
    Ok(first)
}

fn heapify(vm: &mut Vm, a: &Args<'_>, name: &str, order: Order) -> PyResult {
    let l = heap(vm, a, name)?;
    for i in (0..l.len() / 2).rev() {
        down(vm, l, order, i)?;
    }
    Ok(none())
}

/// Where `x` belongs in a sorted sequence.
fn search(vm: &mut Vm, a: &Args<'_>, left: bool) -> PyResult<usize> {
    let key = a.opt(4).filter(|k| !k.is_none());
    search_for(vm, a, a.get(1), key, left)
}

fn search_for(vm: &mut Vm, a: &Args<'_>, x: Ref<'_>, key: Option<Ref<'_>>, left: bool) -> PyResult<usize> {
    let lo = match a.opt(2) {
        Some(r) => vm.ssize_arg(r)?,
        None => 0,
    };
    let Ok(mut low) = usize::try_from(lo) else { return Err(vm.value_error("lo must be non-negative")) };
    let mut high = match a.opt(3).filter(|h| !h.is_none()) {
        Some(r) => match vm.ssize_arg(r)? {
            -1 => vm.len(a.get(0))?,
            n => usize::try_from(n).unwrap_or(0),
        },
        None => vm.len(a.get(0))?,
    };
    while low < high {
        let middle = low + (high - low) / 2;
        let mut y = at(vm, a.get(0), middle)?;
        if let Some(k) = key {
            y = vm.call(k, &[y.as_ref()])?;
        }
        let right = if left {
            vm.compare_bool(CmpOp::Lt, y.as_ref(), x)?
        } else {
            !vm.compare_bool(CmpOp::Lt, x, y.as_ref())?
        };
        if right {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Ok(low)
}

fn at(vm: &mut Vm, r: Ref<'_>, i: usize) -> PyResult {
    if r.is_exact(crate::prelude::Layout::List)
        && let Some(x) = ListRef::new(r).and_then(|l| l.get(i))
    {
        return Ok(x);
    }
    let i = vm.new_int(i as i64)?;
    vm.get_item(r, i.as_ref())
}

fn insort(vm: &mut Vm, a: &Args<'_>, left: bool) -> PyResult {
    let key = a.opt(4).filter(|k| !k.is_none());
    let x: Owned = match key {
        Some(k) => vm.call(k, &[a.get(1)])?,
        None => a.get(1).owned(),
    };
    let i = search_for(vm, a, x.as_ref(), key, left)?;
    if a.get(0).is_exact(crate::prelude::Layout::List)
        && let Some(l) = ListRef::new(a.get(0))
    {
        let i = i.min(l.len());
        l.insert(vm.heap_mut(), i, a.get(1).owned())?;
        return Ok(none());
    }
    let i = vm.new_int(i as i64)?;
    vm.call_method(a.get(0), "insert", &[i.as_ref(), a.get(1)])?;
    Ok(none())
}
