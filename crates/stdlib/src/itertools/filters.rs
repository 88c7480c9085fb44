//! Iterators over one iterable and a function: accumulate, batched, compress, dropwhile, filterfalse, pairwise,
//! starmap, takewhile.

use super::{Slot, peek, slot};
use crate::prelude::{
    Args, BinOp, ListRef, Owned, PyResult, Ref, Slots, TypeDef, TypeFlags, TypeRef, ValueExt, Vm, instance,
    payload, trace_fields,
};
use std::cell::Cell;

pub(super) fn register(vm: &mut Vm, out: &mut Vec<TypeRef<'static>>) -> PyResult<()> {
    out.push(vm.add_native_type::<Accumulate>(&ACCUMULATE)?);
    out.push(vm.add_native_type::<Batched>(&BATCHED)?);
    out.push(vm.add_native_type::<Compress>(&COMPRESS)?);
    out.push(vm.add_native_type::<DropWhile>(&DROPWHILE)?);
    out.push(vm.add_native_type::<FilterFalse>(&FILTERFALSE)?);
    out.push(vm.add_native_type::<Pairwise>(&PAIRWISE)?);
    out.push(vm.add_native_type::<StarMap>(&STARMAP)?);
    out.push(vm.add_native_type::<TakeWhile>(&TAKEWHILE)?);
    Ok(())
}

fn own(_vm: &mut Vm, r: Ref<'_>) -> PyResult {
    Ok(r.owned())
}

// ---- accumulate

struct Accumulate {
    source: Owned,
    func: Option<Owned>,
    total: Slot,
    initial: Slot,
}
trace_fields!(Accumulate { source, func, total, initial });

static ACCUMULATE: TypeDef = TypeDef {
    name: "itertools.accumulate",
    doc: "Return series of accumulated sums.",
    flags: TypeFlags::BASE_TYPE,
    slots: Slots { iter: Some(own), next: Some(accumulate_next), new: Some(accumulate_new), ..Slots::NONE },
    ..TypeDef::EMPTY
};

fn accumulate_new(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let bound = vm.bind(args, "accumulate", "iterable, func=None, *, initial=None")?;
    let source = vm.iter(bound.pos[0].unwrap_or(args.get(0)))?;
    let given = |i: usize| bound.pos[i].filter(|f| !f.is_none()).map(|f| f.owned());
    let p = Accumulate { source, func: given(1), total: Slot::default(), initial: Slot::new(given(2)) };
    instance(vm, args.get(0), p)
}

fn accumulate_next(vm: &mut Vm, r: Ref<'_>) -> PyResult<Option<Owned>> {
    let Some(p) = payload::<Accumulate>(r) else { return Ok(None) };
    if let Some(first) = p.initial.take() {
        p.total.replace(Some(first.clone()));
        return Ok(Some(first));
    }
    let Some(x) = vm.next(p.source.as_ref())? else { return Ok(None) };
    let total = match peek(&p.total) {
        None => x,
        Some(total) => match &p.func {
            None => vm.binary_op(BinOp::Add, total.as_ref(), x.as_ref())?,
            Some(f) => vm.call(f.as_ref(), &[total.as_ref(), x.as_ref()])?,
        },
    };
    p.total.replace(Some(total.clone()));
    Ok(Some(total))
}

// ---- batched

struct Batched {
    source: Slot,
    size: usize,
    strict: bool,
}
trace_fields!(Batched { source });

static BATCHED: TypeDef = TypeDef {
    name: "itertools.batched",
    doc: "Batch data into tuples of length n. The last batch may be shorter than n.",
    flags: TypeFlags::BASE_TYPE,
    slots: Slots { iter: Some(own), next: Some(batched_next), new: Some(batched_new), ..Slots::NONE },
    ..TypeDef::EMPTY
};

fn batched_new(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let bound = vm.bind(args, "batched", "iterable, n, *, strict=False")?;
    let n = vm.index_isize(bound.pos[1].unwrap_or(args.get(0)), false)?;
    let strict = match bound.pos[2] {
        Some(s) => vm.is_true(s)?,
        None => false,
    };
    let Some(size) = usize::try_from(n).ok().filter(|n| *n > 0) else {
        return Err(vm.value_error("n must be at least one"));
    };
    let source = vm.iter(bound.pos[0].unwrap_or(args.get(0)))?;
    instance(vm, args.get(0), Batched { source: slot(source), size, strict })
}

fn batched_next(vm: &mut Vm, r: Ref<'_>) -> PyResult<Option<Owned>> {
    let Some(p) = payload::<Batched>(r) else { return Ok(None) };
    let Some(source) = peek(&p.source) else { return Ok(None) };
    let batch = vm.new_list(Vec::new())?;
    let Some(list) = ListRef::new(batch.as_ref()) else { return Ok(None) };
    while list.len() < p.size {
        match vm.next(source.as_ref()) {
            Ok(Some(x)) => list.push(vm.heap_mut(), x)?,
            Ok(None) => {
                p.source.replace(None);
                break;
            }
            Err(e) => {
                p.source.replace(None);
                return Err(e);
            }
        }
    }
    if list.is_empty() {
        return Ok(None);
    }
    if p.strict && list.len() < p.size {
        return Err(vm.value_error("batched(): incomplete batch"));
    }
    let items = vm.items_of(batch.as_ref());
    vm.new_tuple(items).map(Some)
}

// ---- compress

struct Compress {
    data: Owned,
    selectors: Owned,
}
trace_fields!(Compress { data, selectors });

static COMPRESS: TypeDef = TypeDef {
    name: "itertools.compress",
    doc: "Return data elements corresponding to true selector elements.",
    flags: TypeFlags::BASE_TYPE,
    slots: Slots { iter: Some(own), next: Some(compress_next), new: Some(compress_new), ..Slots::NONE },
    ..TypeDef::EMPTY
};

fn compress_new(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let bound = vm.bind(args, "compress", "data, selectors")?;
    let data = vm.iter(bound.pos[0].unwrap_or(args.get(0)))?;
    let selectors = vm.iter(bound.pos[1].unwrap_or(args.get(0)))?;
    instance(vm, args.get(0), Compress { data, selectors })
}

fn compress_next(vm: &mut Vm, r: Ref<'_>) -> PyResult<Option<Owned>> {
    let Some(p) = payload::<Compress>(r) else { return Ok(None) };
    loop {
        let Some(x) = vm.next(p.data.as_ref())? else { return Ok(None) };
        let Some(s) = vm.next(p.selectors.as_ref())? else { return Ok(None) };
        if vm.is_true(s.as_ref())? {
            return Ok(Some(x));
        }
    }
}

// ---- dropwhile, takewhile, filterfalse, starmap: a function and an iterable

struct DropWhile {
    func: Owned,
    source: Owned,
    started: Cell<bool>,
}
trace_fields!(DropWhile { func, source });

struct TakeWhile {
    func: Owned,
    source: Owned,
    stopped: Cell<bool>,
}
trace_fields!(TakeWhile { func, source });

struct FilterFalse {
    func: Owned,
    source: Owned,
}
trace_fields!(FilterFalse { func, source });

struct StarMap {
    func: Owned,
    source: Owned,
}
trace_fields!(StarMap { func, source });

/// The two positional arguments: function, iterator over the second.
fn function_and_iterator(vm: &mut Vm, args: &Args<'_>, name: &str) -> PyResult<(Owned, Owned)> {
    let bound = vm.bind(args, name, "function, iterable, /")?;
    let source = vm.iter(bound.pos[1].unwrap_or(args.get(0)))?;
    Ok((bound.pos[0].unwrap_or(args.get(0)).owned(), source))
}

static DROPWHILE: TypeDef = TypeDef {
    name: "itertools.dropwhile",
    doc: "Drop items from the iterable while predicate(item) is true.",
    flags: TypeFlags::BASE_TYPE,
    slots: Slots {
        iter: Some(own),
        next: Some(dropwhile_next),
        new: Some(|vm, args| {
            let (func, source) = function_and_iterator(vm, args, "dropwhile")?;
            instance(vm, args.get(0), DropWhile { func, source, started: Cell::new(false) })
        }),
        ..Slots::NONE
    },
    ..TypeDef::EMPTY
};

fn dropwhile_next(vm: &mut Vm, r: Ref<'_>) -> PyResult<Option<Owned>> {
    let Some(p) = payload::<DropWhile>(r) else { return Ok(None) };
    loop {
        let Some(x) = vm.next(p.source.as_ref())? else { return Ok(None) };
        if p.started.get() {
            return Ok(Some(x));
        }
        let drop = vm.call(p.func.as_ref(), &[x.as_ref()])?;
        if !vm.is_true(drop.as_ref())? {
            p.started.set(true);
            return Ok(Some(x));
        }
    }
}

static TAKEWHILE: TypeDef = TypeDef {
    name: "itertools.takewhile",
    doc: "Return successive entries from an iterable as long as the predicate evaluates to true for each entry.",
    flags: TypeFlags::BASE_TYPE,
    slots: Slots {
        iter: Some(own),
        next: Some(takewhile_next),
        new: Some(|vm, args| {
            let (func, source) = function_and_iterator(vm, args, "takewhile")?;
            instance(vm, args.get(0), TakeWhile { func, source, stopped: Cell::new(false) })
        }),
        ..Slots::NONE
    },
    ..TypeDef::EMPTY
};

fn takewhile_next(vm: &mut Vm, r: Ref<'_>) -> PyResult<Option<Owned>> {
    let Some(p) = payload::<TakeWhile>(r) else { return Ok(None) };
    if p.stopped.get() {
        return Ok(None);
    }
    let Some(x) = vm.next(p.source.as_ref())? else { return Ok(None) };
    let take = vm.call(p.func.as_ref(), &[x.as_ref()])?;
    if vm.is_true(take.as_ref())? {
        return Ok(Some(x));
    }
    p.stopped.set(true);
    Ok(None)
}

static FILTERFALSE: TypeDef = TypeDef {
    name: "itertools.filterfalse",
    doc: "Return those items of iterable for which function(item) is false.\n\n\
          If function is None, return the items that are false.",
    flags: TypeFlags::BASE_TYPE,
    slots: Slots {
        iter: Some(own),
        next: Some(filterfalse_next),
        new: Some(|vm, args| {
            let (func, source) = function_and_iterator(vm, args, "filterfalse")?;
            instance(vm, args.get(0), FilterFalse { func, source })
        }),
        ..Slots::NONE
    },
    ..TypeDef::EMPTY
};

fn filterfalse_next(vm: &mut Vm, r: Ref<'_>) -> PyResult<Option<Owned>> {
    let Some(p) = payload::<FilterFalse>(r) else { return Ok(None) };
    let plain = p.func.as_ref().is_none() || p.func.as_ref().is(vm.types().bool.as_ref());
    loop {
        let Some(x) = vm.next(p.source.as_ref())? else { return Ok(None) };
        let truth = if plain {
            vm.is_true(x.as_ref())?
        } else {
            let v = vm.call(p.func.as_ref(), &[x.as_ref()])?;
            vm.is_true(v.as_ref())?
        };
        if !truth {
            return Ok(Some(x));
        }
    }
}

static STARMAP: TypeDef = TypeDef {
    name: "itertools.starmap",
    doc: "Return an iterator whose values are returned from the function evaluated with an argument tuple \
          taken from the given sequence.",
    flags: TypeFlags::BASE_TYPE,
    slots: Slots {
        iter: Some(own),
        next: Some(starmap_next),
        new: Some(|vm, args| {
            let (func, source) = function_and_iterator(vm, args, "starmap")?;
            instance(vm, args.get(0), StarMap { func, source })
        }),
        ..Slots::NONE
    },
    ..TypeDef::EMPTY
};

fn starmap_next(vm: &mut Vm, r: Ref<'_>) -> PyResult<Option<Owned>> {
    let Some(p) = payload::<StarMap>(r) else { return Ok(None) };
    let Some(x) = vm.next(p.source.as_ref())? else { return Ok(None) };
    let items = vm.collect(x.as_ref())?;
    let refs: Vec<Ref<'_>> = items.iter().map(Owned::as_ref).collect();
    vm.call(p.func.as_ref(), &refs).map(Some)
}

// ---- pairwise

struct Pairwise {
    source: Slot,
    old: Slot,
}
trace_fields!(Pairwise { source, old });

static PAIRWISE: TypeDef = TypeDef {
    name: "itertools.pairwise",
    doc: "Return an iterator of overlapping pairs taken from the input iterator.\n\n    \
          s -> (s0,s1), (s1,s2), (s2, s3), ...",
    flags: TypeFlags::BASE_TYPE,
    slots: Slots { iter: Some(own), next: Some(pairwise_next), new: Some(pairwise_new), ..Slots::NONE },
    ..TypeDef::EMPTY
};

fn pairwise_new(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let bound = vm.bind(args, "pairwise", "iterable, /")?;
    let source = vm.iter(bound.pos[0].unwrap_or(args.get(0)))?;
    instance(vm, args.get(0), Pairwise { source: slot(source), old: Slot::default() })
}

fn pairwise_next(vm: &mut Vm, r: Ref<'_>) -> PyResult<Option<Owned>> {
    let Some(p) = payload::<Pairwise>(r) else { return Ok(None) };
    let step = |vm: &mut Vm| match peek(&p.source) {
        Some(it) => vm.next(it.as_ref()),
        None => Ok(None),
    };
    let mut old = peek(&p.old);
    if old.is_none() {
        old = step(vm)?;
        p.old.replace(old.clone());
    }
    let new = match old {
        Some(_) => step(vm)?,
        None => None,
    };
    let (Some(old), Some(new)) = (old, new) else {
        p.source.replace(None);
        p.old.replace(None);
        return Ok(None);
    };
    p.old.replace(Some(new.clone()));
    vm.new_pair(old, new).map(Some)
}
