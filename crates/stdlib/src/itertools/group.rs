//! Iterators over several consumers or sources: groupby, tee, zip_longest.

use super::{Slot, peek, slot};
use crate::prelude::{
    Args, Exc, NativeDef, Owned, PyResult, Ref, Slots, TypeDef, TypeFlags, TypeRef, ValueExt, Vm, instance,
    none, payload, str_bytes, trace_fields,
};
use std::cell::{Cell, RefCell};

pub(super) fn register(vm: &mut Vm, out: &mut Vec<TypeRef<'static>>) -> PyResult<()> {
    out.push(vm.add_native_type::<GroupBy>(&GROUPBY)?);
    out.push(vm.add_native_type::<Grouper>(&GROUPER)?);
    out.push(vm.add_native_type::<Tee>(&TEE)?);
    vm.add_native_type::<TeeNode>(&TEE_NODE)?;
    out.push(vm.add_native_type::<ZipLongest>(&ZIP_LONGEST)?);
    Ok(())
}

fn own(_vm: &mut Vm, r: Ref<'_>) -> PyResult {
    Ok(r.owned())
}

// ---- groupby

struct GroupBy {
    source: Owned,
    key: Option<Owned>,
    target: Slot,
    current_key: Slot,
    current_value: Slot,
    /// Number of the group whose items are being given out.
    group: Cell<u64>,
}
trace_fields!(GroupBy { source, key, target, current_key, current_value });

struct Grouper {
    parent: Owned,
    key: Owned,
    group: u64,
}
trace_fields!(Grouper { parent, key });

static GROUPBY: TypeDef = TypeDef {
    name: "itertools.groupby",
    doc: "make an iterator that returns consecutive keys and groups from the iterable",
    flags: TypeFlags::BASE_TYPE,
    slots: Slots { iter: Some(own), next: Some(groupby_next), new: Some(groupby_new), ..Slots::NONE },
    ..TypeDef::EMPTY
};

static GROUPER: TypeDef = TypeDef {
    name: "itertools._grouper",
    slots: Slots { iter: Some(own), next: Some(grouper_next), ..Slots::NONE },
    ..TypeDef::EMPTY
};

fn groupby_new(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let bound = vm.bind(args, "groupby", "iterable, key=None")?;
    let source = vm.iter(bound.pos[0].unwrap_or(args.get(0)))?;
    let p = GroupBy {
        source,
        key: bound.pos[1].filter(|k| !k.is_none()).map(|k| k.owned()),
        target: Slot::default(),
        current_key: Slot::default(),
        current_value: Slot::default(),
        group: Cell::new(0),
    };
    instance(vm, args.get(0), p)
}

/// Takes the next item; `false` at the end.
fn groupby_step(vm: &mut Vm, g: &GroupBy) -> PyResult<bool> {
    let Some(x) = vm.next(g.source.as_ref())? else { return Ok(false) };
    let key = match &g.key {
        Some(f) => vm.call(f.as_ref(), &[x.as_ref()])?,
        None => x.clone(),
    };
    g.current_value.replace(Some(x));
    g.current_key.replace(Some(key));
    Ok(true)
}

fn groupby_next(vm: &mut Vm, r: Ref<'_>) -> PyResult<Option<Owned>> {
    let Some(g) = payload::<GroupBy>(r) else { return Ok(None) };
    // The group given out before ends here.
    g.group.set(g.group.get() + 1);
    let key = loop {
        if let Some(key) = peek(&g.current_key) {
            match peek(&g.target) {
                None => break key,
                Some(target) if !vm.equal(target.as_ref(), key.as_ref())? => break key,
                Some(_) => {}
            }
        }
        if !groupby_step(vm, g)? {
            return Ok(None);
        }
    };
    g.target.replace(Some(key.clone()));
    let group = vm.new_native(Grouper { parent: r.owned(), key: key.clone(), group: g.group.get() })?;
    vm.new_pair(key, group).map(Some)
}

fn grouper_next(vm: &mut Vm, r: Ref<'_>) -> PyResult<Option<Owned>> {
    let Some(p) = payload::<Grouper>(r) else { return Ok(None) };
    let Some(g) = payload::<GroupBy>(p.parent.as_ref()) else { return Ok(None) };
    if g.group.get() != p.group {
        return Ok(None);
    }
    let missing = g.current_value.borrow().is_none();
    if missing && !groupby_step(vm, g)? {
        return Ok(None);
    }
    let Some(key) = peek(&g.current_key) else { return Ok(None) };
    if !vm.equal(p.key.as_ref(), key.as_ref())? {
        return Ok(None);
    }
    Ok(g.current_value.take())
}

// ---- tee

/// One item of the chain that the iterators of one `tee` walk along. The last node has no item yet.
struct TeeNode {
    source: Owned,
    item: Slot,
    next: Slot,
    running: Cell<bool>,
}
trace_fields!(TeeNode { source, item, next });

struct Tee {
    node: RefCell<Owned>,
}
trace_fields!(Tee { node });

static TEE_NODE: TypeDef = TypeDef { name: "itertools._tee_dataobject", ..TypeDef::EMPTY };

static TEE: TypeDef = TypeDef {
    name: "itertools._tee",
    doc: "Iterator wrapped to make it copyable.",
    flags: TypeFlags::HAS_WEAKREF,
    slots: Slots {
        iter: Some(own),
        next: Some(tee_next),
        new: Some(|vm, args| {
            let bound = vm.bind(args, "_tee", "iterable, /")?;
            tee_of(vm, bound.pos[0].unwrap_or(args.get(0)))
        }),
        ..Slots::NONE
    },
    methods: &[NativeDef::method("__copy__", "$self, /", |vm, a| tee_copy(vm, a.get(0)))],
    ..TypeDef::EMPTY
};

fn tee_copy(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let Some(t) = payload::<Tee>(r) else { return Err(vm.type_error("a _tee is required")) };
    let node = t.node.borrow().clone();
    vm.new_native(Tee { node: RefCell::new(node) })
}

fn tee_of(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let source = vm.iter(r)?;
    if payload::<Tee>(source.as_ref()).is_some() {
        return tee_copy(vm, source.as_ref());
    }
    let node = new_node(vm, source)?;
    vm.new_native(Tee { node: RefCell::new(node) })
}

fn new_node(vm: &mut Vm, source: Owned) -> PyResult {
    vm.new_native(TeeNode { source, item: Slot::default(), next: Slot::default(), running: Cell::new(false) })
}

fn tee_next(vm: &mut Vm, r: Ref<'_>) -> PyResult<Option<Owned>> {
    let Some(t) = payload::<Tee>(r) else { return Ok(None) };
    let node = t.node.borrow().clone();
    let Some(n) = payload::<TeeNode>(node.as_ref()) else { return Ok(None) };
    if let (Some(x), Some(next)) = (peek(&n.item), peek(&n.next)) {
        t.node.replace(next);
        return Ok(Some(x));
    }
    if n.running.replace(true) {
        return Err(vm.raise(Exc::RuntimeError, "cannot re-enter the tee iterator"));
    }
    let got = vm.next(n.source.as_ref());
    n.running.set(false);
    let Some(x) = got? else { return Ok(None) };
    let next = new_node(vm, n.source.clone())?;
    n.item.replace(Some(x.clone()));
    n.next.replace(Some(next.clone()));
    t.node.replace(next);
    Ok(Some(x))
}

/// `itertools.tee`
pub(super) fn tee(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let n = match args.opt(1) {
        Some(n) => vm.index_isize(n, false)?,
        None => 2,
    };
    if n < 0 {
        return Err(vm.value_error("n must be >= 0"));
    }
    if n == 0 {
        return Ok(vm.empty_tuple().owned());
    }
    let first = tee_of(vm, args.get(0))?;
    let list = vm.new_list(vec![first.clone()])?;
    for _ in 1..n {
        let copy = tee_copy(vm, first.as_ref())?;
        if let Some(l) = crate::prelude::ListRef::new(list.as_ref()) {
            l.push(vm.heap_mut(), copy)?;
        }
    }
    let items = vm.items_of(list.as_ref());
    vm.new_tuple(items)
}

// ---- zip_longest

struct ZipLongest {
    sources: Vec<Slot>,
    active: Cell<usize>,
    fill: Owned,
}
trace_fields!(ZipLongest { sources, fill });

static ZIP_LONGEST: TypeDef = TypeDef {
    name: "itertools.zip_longest",
    doc: "Return a zip_longest object whose .__next__() method returns a tuple where\nthe i-th element comes \
          from the i-th iterable argument.",
    flags: TypeFlags::BASE_TYPE,
    slots: Slots { iter: Some(own), next: Some(longest_next), new: Some(longest_new), ..Slots::NONE },
    ..TypeDef::EMPTY
};

fn longest_new(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    if args.kwnames.iter().any(|n| str_bytes(*n) != b"fillvalue") {
        return Err(vm.type_error("zip_longest() got an unexpected keyword argument"));
    }
    let mut sources = Vec::new();
    for &r in args.rest(1) {
        sources.push(slot(vm.iter(r)?));
    }
    let fill = args.kw("fillvalue").map_or_else(none, |f| f.owned());
    let active = Cell::new(sources.len());
    instance(vm, args.get(0), ZipLongest { sources, active, fill })
}

fn longest_next(vm: &mut Vm, r: Ref<'_>) -> PyResult<Option<Owned>> {
    let Some(p) = payload::<ZipLongest>(r) else { return Ok(None) };
    if p.sources.is_empty() || p.active.get() == 0 {
        return Ok(None);
    }
    let mut out = Vec::with_capacity(p.sources.len());
    for s in &p.sources {
        let Some(it) = peek(s) else {
            out.push(p.fill.clone());
            continue;
        };
        match vm.next(it.as_ref()) {
            Ok(Some(x)) => out.push(x),
            Ok(None) => {
                if s.replace(None).is_some() {
                    p.active.set(p.active.get().saturating_sub(1));
                }
                if p.active.get() == 0 {
                    return Ok(None);
                }
                out.push(p.fill.clone());
            }
            Err(e) => {
                p.active.set(0);
                return Err(e);
            }
        }
    }
    vm.new_tuple(out).map(Some)
}
