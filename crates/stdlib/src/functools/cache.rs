//! The callable behind `functools.lru_cache`: results by arguments, the least recently used dropped first.
//!
//! The dict keeps order of use: a hit moves its entry to the end. `first` is where the search for the oldest entry
//! begins; it returns to 0 whenever the table was compacted.

use super::partial::{own_attribute, set_own_attribute};
use crate::prelude::{
    Args, Exc, Layout, NativeDef, Owned, PyResult, Ref, Slots, TypeDef, TypeFlags, ValueExt, Vm, instance,
    none, payload, trace_fields,
};
use hognose_vm::object::dict::DictRef;
use std::cell::Cell;

/// Payload of `_lru_cache_wrapper`.
pub(super) struct LruCache {
    func: Owned,
    /// A dict: key → result.
    results: Owned,
    /// `None`: without bound.
    maxsize: Option<usize>,
    typed: bool,
    info_class: Owned,
    /// Stands between positional and keyword arguments in keys.
    mark: Owned,
    attributes: Owned,
    hits: Cell<u64>,
    misses: Cell<u64>,
    first: Cell<usize>,
    entries: Cell<usize>,
}
trace_fields!(LruCache { func, results, info_class, mark, attributes });

pub(super) static TYPE: TypeDef = TypeDef {
    name: "functools._lru_cache_wrapper",
    doc: "Create a cached callable that wraps another function.",
    flags: TypeFlags::BASE_TYPE | TypeFlags::HAS_WEAKREF,
    slots: Slots {
        new: Some(new),
        call: Some(call),
        getattro: Some(getattro),
        setattro: Some(setattro),
        descr_get: Some(|vm, d, obj, _| {
            if obj.is_null() || obj.is_none() { Ok(d.owned()) } else { vm.new_bound_method(d, obj) }
        }),
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("cache_info", "$self, /", info),
        NativeDef::method("cache_clear", "$self, /", clear),
        NativeDef::method("__reduce__", "$self, /", |vm, a| vm.get_attr_name(a.get(0), "__qualname__")),
        NativeDef::method("__copy__", "$self, /", |_, a| Ok(a.get(0).owned())),
        NativeDef::method("__deepcopy__", "$self, memo, /", |_, a| Ok(a.get(0).owned())),
    ],
    ..TypeDef::EMPTY
};

fn new(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let bound = vm.bind(args, "_lru_cache_wrapper", "user_function, maxsize, typed, cache_info_type")?;
    let at = |i: usize| bound.pos[i].unwrap_or(args.get(0));
    let maxsize = match at(1) {
        m if m.is_none() => None,
        m => Some(usize::try_from(vm.index_isize(m, true)?).unwrap_or(0)),
    };
    let typed = vm.is_true(at(2))?;
    let (results, attributes, mark) = (vm.new_dict()?, vm.new_dict()?, vm.new_list(Vec::new())?);
    // Keys are hashed, the mark by identity: a function object serves.
    let mark = vm.get_attr_name(mark.as_ref(), "append").unwrap_or_else(|e| {
        vm.discard(e);
        none()
    });
    let p = LruCache {
        func: at(0).owned(),
        results,
        maxsize,
        typed,
        info_class: at(3).owned(),
        mark,
        attributes,
        hits: Cell::new(0),
        misses: Cell::new(0),
        first: Cell::new(0),
        entries: Cell::new(0),
    };
    instance(vm, args.get(0), p)
}

fn cache<'a>(vm: &mut Vm, r: Ref<'a>) -> PyResult<&'a LruCache> {
    payload::<LruCache>(r).ok_or_else(|| vm.type_error("an lru_cache is required"))
}

fn run(vm: &mut Vm, c: &LruCache, args: &Args<'_>) -> PyResult {
    c.misses.set(c.misses.get() + 1);
    let kw: Vec<(Ref<'_>, Ref<'_>)> =
        args.kwnames.iter().copied().zip(args.kwvalues.iter().copied()).collect();
    vm.call_kw(c.func.as_ref(), args.rest(1), &kw)
}

fn make_key(vm: &mut Vm, c: &LruCache, args: &Args<'_>) -> PyResult {
    let pos = args.rest(1);
    if let ([x], true, false) = (pos, args.kwnames.is_empty(), c.typed)
        && (x.is_exact(Layout::Str) || x.value().is_int())
    {
        return Ok(x.owned());
    }
    let mut key: Vec<Owned> = pos.iter().map(|r| r.owned()).collect();
    if !args.kwnames.is_empty() {
        key.push(c.mark.clone());
        key.extend(args.kwnames.iter().zip(args.kwvalues).flat_map(|(k, v)| [k.owned(), v.owned()]));
    }
    if c.typed {
        key.extend(pos.iter().chain(args.kwvalues).map(|r| vm.class_of(*r).owned()));
    }
    vm.new_tuple(key)
}

fn call(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let c = cache(vm, args.get(0))?;
    if c.maxsize == Some(0) {
        return run(vm, c, args);
    }
    let key = make_key(vm, c, args)?;
    if let Some(v) = find(vm, c, key.as_ref())? {
        c.hits.set(c.hits.get() + 1);
        if c.maxsize.is_some()
            && !is_newest(c, key.as_ref())
            && vm.dict_del(c.results.as_ref(), key.as_ref())?.is_some()
        {
            store(vm, c, key.as_ref(), v.as_ref())?;
        }
        return Ok(v);
    }
    let v = run(vm, c, args)?;
    if vm.dict_contains(c.results.as_ref(), key.as_ref())? {
        // The call itself cached it.
        return Ok(v);
    }
    let full = |c: &LruCache| {
        let n = DictRef::new(c.results.as_ref()).map_or(0, |d| d.len());
        c.maxsize.is_some_and(|m| n >= m)
    };
    if full(c) {
        drop_oldest(vm, c)?;
    }
    store(vm, c, key.as_ref(), v.as_ref())?;
    Ok(v)
}

/// Looks a result up. Arguments that cannot be hashed are reported as `hash()` does it.
fn find(vm: &mut Vm, c: &LruCache, key: Ref<'_>) -> PyResult<Option<Owned>> {
    match vm.dict_get(c.results.as_ref(), key) {
        Err(e) if vm.raised_is(&e, Exc::TypeError) => {
            let exc = vm.catch(e);
            vm.hash(key)?;
            Err(vm.raise_object(exc))
        }
        other => other,
    }
}

fn is_newest(c: &LruCache, key: Ref<'_>) -> bool {
    let Some(d) = DictRef::new(c.results.as_ref()) else { return false };
    let last = d.entries_len();
    last > 0 && d.key_at(last - 1).is_some_and(|k| k.as_ref().is(key))
}

fn store(vm: &mut Vm, c: &LruCache, key: Ref<'_>, v: Ref<'_>) -> PyResult<()> {
    vm.dict_set(c.results.as_ref(), key, v)?;
    let n = DictRef::new(c.results.as_ref()).map_or(0, |d| d.entries_len());
    if n != c.entries.get() + 1 {
        c.first.set(0);
    }
    c.entries.set(n);
    Ok(())
}

fn drop_oldest(vm: &mut Vm, c: &LruCache) -> PyResult<()> {
    let Some(d) = DictRef::new(c.results.as_ref()) else { return Ok(()) };
    let i = d.next_used(c.first.get()).or_else(|| d.next_used(0));
    if let Some((i, key)) = i.and_then(|i| d.key_at(i).map(|k| (i, k))) {
        c.first.set(i + 1);
        vm.dict_del(c.results.as_ref(), key.as_ref())?;
    }
    Ok(())
}

fn info(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let c = cache(vm, args.get(0))?;
    let n = DictRef::new(c.results.as_ref()).map_or(0, |d| d.len());
    let maxsize = match c.maxsize {
        Some(m) => vm.new_int(m as i64)?,
        None => none(),
    };
    let (hits, misses) = (vm.new_int(c.hits.get() as i64)?, vm.new_int(c.misses.get() as i64)?);
    let n = vm.new_int(n as i64)?;
    vm.call(c.info_class.as_ref(), &[hits.as_ref(), misses.as_ref(), maxsize.as_ref(), n.as_ref()])
}

fn clear(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let c = cache(vm, args.get(0))?;
    for cell in [&c.hits, &c.misses] {
        cell.set(0);
    }
    c.first.set(0);
    c.entries.set(0);
    if let Some(d) = DictRef::new(c.results.as_ref()) {
        d.clear(vm.heap_mut());
    }
    Ok(none())
}

fn getattro(vm: &mut Vm, r: Ref<'_>, name: Ref<'_>) -> PyResult {
    if let Some(c) = payload::<LruCache>(r)
        && let Some(v) = own_attribute(vm, &c.attributes, name)?
    {
        return Ok(v);
    }
    vm.generic_get_attr(r, name)
}

fn setattro(vm: &mut Vm, r: Ref<'_>, name: Ref<'_>, value: Option<Ref<'_>>) -> PyResult<()> {
    match payload::<LruCache>(r) {
        Some(c) => set_own_attribute(vm, r, &c.attributes, name, value),
        None => vm.generic_set_attr(r, name, value),
    }
}
