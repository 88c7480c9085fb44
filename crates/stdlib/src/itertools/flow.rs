//! Iterators that produce or pass on: chain, count, cycle, repeat, islice.

use super::{Slot, peek, slot};
use crate::prelude::{
    Args, BinOp, Layout, ListRef, NativeDef, Owned, PyResult, Ref, Slots, TypeDef, TypeFlags, TypeRef,
    ValueExt, Vm, instance, none, payload, small_int_of, str_bytes, trace_fields,
};
use std::cell::{Cell, RefCell};

pub(super) fn register(vm: &mut Vm, out: &mut Vec<TypeRef<'static>>) -> PyResult<()> {
    out.push(vm.add_native_type::<Chain>(&CHAIN)?);
    out.push(vm.add_native_type::<Count>(&COUNT)?);
    out.push(vm.add_native_type::<Cycle>(&CYCLE)?);
    out.push(vm.add_native_type::<Repeat>(&REPEAT)?);
    out.push(vm.add_native_type::<Islice>(&ISLICE)?);
    Ok(())
}

fn own(_vm: &mut Vm, r: Ref<'_>) -> PyResult {
    Ok(r.owned())
}

// ---- chain

struct Chain {
    /// Iterator over the iterables.
    sources: Slot,
    active: Slot,
}
trace_fields!(Chain { sources, active });

static CHAIN: TypeDef = TypeDef {
    name: "itertools.chain",
    doc: "Return a chain object whose .__next__() method returns elements from the\nfirst iterable until \
          it is exhausted, then elements from the next\niterable, until all of the iterables are exhausted.",
    flags: TypeFlags::BASE_TYPE,
    slots: Slots { iter: Some(own), next: Some(chain_next), new: Some(chain_new), ..Slots::NONE },
    methods: &[
        NativeDef::class_method("from_iterable", "$type, iterable, /", |vm, a| {
            let sources = vm.iter(a.get(1))?;
            instance(vm, a.get(0), Chain { sources: slot(sources), active: Slot::default() })
        }),
        crate::prelude::CLASS_GETITEM,
    ],
    ..TypeDef::EMPTY
};

fn chain_new(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    if !args.kwnames.is_empty() {
        return Err(vm.type_error("chain() takes no keyword arguments"));
    }
    let all = vm.new_tuple(args.rest(1).iter().map(|r| r.owned()).collect())?;
    let sources = vm.iter(all.as_ref())?;
    instance(vm, args.get(0), Chain { sources: slot(sources), active: Slot::default() })
}

fn chain_next(vm: &mut Vm, r: Ref<'_>) -> PyResult<Option<Owned>> {
    let Some(c) = payload::<Chain>(r) else { return Ok(None) };
    loop {
        if let Some(active) = peek(&c.active) {
            if let Some(x) = vm.next(active.as_ref())? {
                return Ok(Some(x));
            }
            c.active.replace(None);
        }
        let Some(sources) = peek(&c.sources) else { return Ok(None) };
        match vm.next(sources.as_ref()) {
            Ok(Some(next)) => match vm.iter(next.as_ref()) {
                Ok(it) => drop(c.active.replace(Some(it))),
                Err(e) => {
                    c.sources.replace(None);
                    return Err(e);
                }
            },
            other => {
                c.sources.replace(None);
                return other;
            }
        }
    }
}

// ---- count

struct Count {
    next: RefCell<Owned>,
    step: Owned,
}
trace_fields!(Count { next, step });

static COUNT: TypeDef = TypeDef {
    name: "itertools.count",
    doc: "Return a count object whose .__next__() method returns consecutive values.",
    flags: TypeFlags::BASE_TYPE,
    slots: Slots {
        iter: Some(own),
        next: Some(count_next),
        new: Some(count_new),
        repr: Some(count_repr),
        ..Slots::NONE
    },
    ..TypeDef::EMPTY
};

fn is_number(vm: &Vm, r: Ref<'_>) -> bool {
    let s = vm.class_of(r).slots();
    s.index.is_some() || s.int.is_some() || s.float.is_some() || r.has_layout(Layout::Complex)
}

fn count_new(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let bound = vm.bind(args, "count", "start=0, step=1")?;
    let at = |i: usize| bound.pos.get(i).copied().flatten();
    for r in [at(0), at(1)].into_iter().flatten() {
        if !is_number(vm, r) {
            return Err(vm.type_error("a number is required"));
        }
    }
    let next = match at(0) {
        Some(r) => r.owned(),
        None => vm.new_int(0)?,
    };
    let step = match at(1) {
        Some(r) => r.owned(),
        None => vm.new_int(1)?,
    };
    instance(vm, args.get(0), Count { next: RefCell::new(next), step })
}

fn count_next(vm: &mut Vm, r: Ref<'_>) -> PyResult<Option<Owned>> {
    let Some(c) = payload::<Count>(r) else { return Ok(None) };
    let now = c.next.borrow().clone();
    let sum = match (now.value().as_int(), c.step.value().as_int()) {
        (Some(a), Some(b)) => match a.checked_add(b) {
            Some(n) => vm.new_int(n)?,
            None => vm.binary_op(BinOp::Add, now.as_ref(), c.step.as_ref())?,
        },
        _ => vm.binary_op(BinOp::Add, now.as_ref(), c.step.as_ref())?,
    };
    c.next.replace(sum);
    Ok(Some(now))
}

fn count_repr(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let Some(c) = payload::<Count>(r) else { return vm.default_repr(r) };
    let (class, next) = (vm.class_of(r).name(), c.next.borrow().clone());
    let next = vm.repr(next.as_ref())?;
    let mut out = format!("{class}(").into_bytes();
    out.extend_from_slice(str_bytes(next.as_ref()));
    if c.step.value().as_int() != Some(1) {
        let step = vm.repr(c.step.as_ref())?;
        out.extend_from_slice(b", ");
        out.extend_from_slice(str_bytes(step.as_ref()));
    }
    out.push(b')');
    vm.new_str_bytes(&out)
}

// ---- cycle

struct Cycle {
    source: Slot,
    /// A list of what was seen.
    saved: Owned,
    at: Cell<usize>,
}
trace_fields!(Cycle { source, saved });

static CYCLE: TypeDef = TypeDef {
    name: "itertools.cycle",
    doc: "Return elements from the iterable until it is exhausted. Then repeat the sequence indefinitely.",
    flags: TypeFlags::BASE_TYPE,
    slots: Slots { iter: Some(own), next: Some(cycle_next), new: Some(cycle_new), ..Slots::NONE },
    ..TypeDef::EMPTY
};

fn cycle_new(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let bound = vm.bind(args, "cycle", "iterable, /")?;
    let source = vm.iter(bound.pos[0].unwrap_or(args.get(0)))?;
    let saved = vm.new_list(Vec::new())?;
    instance(vm, args.get(0), Cycle { source: slot(source), saved, at: Cell::new(0) })
}

fn cycle_next(vm: &mut Vm, r: Ref<'_>) -> PyResult<Option<Owned>> {
    let Some(c) = payload::<Cycle>(r) else { return Ok(None) };
    let Some(saved) = ListRef::new(c.saved.as_ref()) else { return Ok(None) };
    if let Some(source) = peek(&c.source) {
        if let Some(x) = vm.next(source.as_ref())? {
            saved.push(vm.heap_mut(), x.clone())?;
            return Ok(Some(x));
        }
        c.source.replace(None);
    }
    let i = if c.at.get() < saved.len() { c.at.get() } else { 0 };
    c.at.set(i + 1);
    Ok(saved.get(i))
}

// ---- repeat

struct Repeat {
    object: Owned,
    /// How often still; `None`: for ever.
    left: Cell<Option<usize>>,
}
trace_fields!(Repeat { object });

static REPEAT: TypeDef = TypeDef {
    name: "itertools.repeat",
    doc: "repeat(object [,times]) -> create an iterator which returns the object\nfor the specified number \
          of times.  If not specified, returns the object\nendlessly.",
    flags: TypeFlags::BASE_TYPE,
    slots: Slots {
        iter: Some(own),
        next: Some(repeat_next),
        new: Some(repeat_new),
        repr: Some(repeat_repr),
        ..Slots::NONE
    },
    methods: &[NativeDef::method("__length_hint__", "$self, /", |vm, a| {
        match payload::<Repeat>(a.get(0)).and_then(|p| p.left.get()) {
            Some(n) => vm.new_int(n as i64),
            None => Err(vm.type_error("len() of unsized object")),
        }
    })],
    ..TypeDef::EMPTY
};

fn repeat_new(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let bound = vm.bind(args, "repeat", "object, times=None")?;
    let left = match bound.pos[1] {
        Some(n) => Some(usize::try_from(vm.index_isize(n, false)?).unwrap_or(0)),
        None => None,
    };
    let object = bound.pos[0].map_or_else(none, |o| o.owned());
    instance(vm, args.get(0), Repeat { object, left: Cell::new(left) })
}

fn repeat_next(_vm: &mut Vm, r: Ref<'_>) -> PyResult<Option<Owned>> {
    let Some(p) = payload::<Repeat>(r) else { return Ok(None) };
    match p.left.get() {
        Some(0) => return Ok(None),
        Some(n) => p.left.set(Some(n - 1)),
        None => {}
    }
    Ok(Some(p.object.clone()))
}

fn repeat_repr(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let Some(p) = payload::<Repeat>(r) else { return vm.default_repr(r) };
    let (class, object) = (vm.class_of(r).name(), vm.repr(p.object.as_ref())?);
    let mut out = format!("{class}(").into_bytes();
    out.extend_from_slice(str_bytes(object.as_ref()));
    if let Some(n) = p.left.get() {
        out.extend_from_slice(format!(", {n}").as_bytes());
    }
    out.push(b')');
    vm.new_str_bytes(&out)
}

// ---- islice

struct Islice {
    source: Slot,
    /// Items taken from the source so far.
    taken: Cell<usize>,
    /// Position of the next item to give.
    next: Cell<usize>,
    stop: Option<usize>,
    step: usize,
}
trace_fields!(Islice { source });

static ISLICE: TypeDef = TypeDef {
    name: "itertools.islice",
    doc: "islice(iterable, stop) --> islice object\nislice(iterable, start, stop[, step]) --> islice object\n\n\
          Return an iterator whose next() method returns selected values from an\niterable.",
    flags: TypeFlags::BASE_TYPE,
    slots: Slots { iter: Some(own), next: Some(islice_next), new: Some(islice_new), ..Slots::NONE },
    ..TypeDef::EMPTY
};

const STOP: &str = "Stop argument for islice() must be None or an integer: 0 <= x <= sys.maxsize.";
const INDICES: &str = "Indices for islice() must be None or an integer: 0 <= x <= sys.maxsize.";
const STEP: &str = "Step for islice() must be a positive integer or None.";

fn position(vm: &mut Vm, r: Ref<'_>, message: &str) -> PyResult<Option<usize>> {
    if r.is_none() {
        return Ok(None);
    }
    let n = match vm.index(r) {
        Ok(n) => small_int_of(n.as_ref()),
        Err(e) => {
            vm.discard(e);
            None
        }
    };
    match n.and_then(|n| usize::try_from(n).ok()) {
        Some(n) => Ok(Some(n)),
        None => Err(vm.value_error(message)),
    }
}

fn islice_new(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    if !args.kwnames.is_empty() {
        return Err(vm.type_error("islice() takes no keyword arguments"));
    }
    let rest = args.rest(1);
    let (start, stop, step) = match *rest {
        [_, stop] => (Some(0), position(vm, stop, STOP)?, Some(1)),
        [_, start, stop] => (position(vm, start, INDICES)?, position(vm, stop, STOP)?, Some(1)),
        [_, start, stop, step] => {
            let (start, stop) = (position(vm, start, INDICES)?, position(vm, stop, STOP)?);
            (start, stop, position(vm, step, STEP)?)
        }
        _ => {
            let n = rest.len();
            let (bound, k) = if n < 2 { ("at least", 2) } else { ("at most", 4) };
            return Err(vm.type_error(&format!("islice expected {bound} {k} arguments, got {n}")));
        }
    };
    let (start, step) = (start.unwrap_or(0), step.unwrap_or(1));
    if step == 0 {
        return Err(vm.value_error(STEP));
    }
    let source = vm.iter(rest[0])?;
    instance(
        vm,
        args.get(0),
        Islice { source: slot(source), taken: Cell::new(0), next: Cell::new(start), stop, step },
    )
}

fn islice_next(vm: &mut Vm, r: Ref<'_>) -> PyResult<Option<Owned>> {
    let Some(p) = payload::<Islice>(r) else { return Ok(None) };
    let Some(source) = peek(&p.source) else { return Ok(None) };
    let next = p.next.get();
    while p.taken.get() < next {
        match vm.next(source.as_ref()) {
            Ok(Some(_)) => p.taken.set(p.taken.get() + 1),
            other => {
                p.source.replace(None);
                return other;
            }
        }
    }
    if p.stop.is_some_and(|s| p.taken.get() >= s) {
        p.source.replace(None);
        return Ok(None);
    }
    match vm.next(source.as_ref()) {
        Ok(Some(x)) => {
            p.taken.set(p.taken.get() + 1);
            let after = next.saturating_add(p.step);
            p.next.set(p.stop.map_or(after, |s| after.min(s)));
            Ok(Some(x))
        }
        other => {
            p.source.replace(None);
            other
        }
    }
}
