//! The type `dict`.
//!
//!   mod.rs        construction, subscripts, methods
//!   views.rs      what `keys`, `values` and `items` give
//!   iterators.rs  iterators over dicts and views
//!
//! Key look-ups are in tables.rs; anything read from a dict is counted before Python may run.

pub mod iterators;
pub mod views;

use super::list::class_arg;
use crate::args::{Args, NativeDef};
use crate::define::TypeDef;
use crate::exceptions::Exc;
use crate::type_slots::{BinOp, CmpOp, Slots};
use crate::{PyResult, Vm};
use hognose_object::dict::{DictObj, DictRef, new_dict};
use hognose_object::tuple::TupleRef;
use hognose_object::types::TypeFlags;
use hognose_object::{Layout, NOT_IMPLEMENTED, Owned, Ref, ValueExt, none, owned_bool};

/// `dict`
pub static DICT: TypeDef = TypeDef {
    name: "dict",
    layout: Layout::Dict,
    doc: "dict() -> new empty dictionary\n\
          dict(mapping) -> new dictionary initialized from a mapping object's\n    (key, value) pairs\n\
          dict(iterable) -> new dictionary initialized as if via:\n    d = {}\n    for k, v in iterable:\n\
          \x20       d[k] = v\n\
          dict(**kwargs) -> new dictionary initialized with the name=value pairs\n    \
          in the keyword argument list.  For example:  dict(one=1, two=2)",
    flags: TypeFlags::BASE_TYPE | TypeFlags::MAPPING,
    slots: Slots {
        repr: Some(repr),
        iter: Some(iterators::iter_keys),
        richcompare: Some(richcompare),
        len: Some(|_, r| Ok(dict_of(r).len())),
        getitem: Some(getitem),
        setitem: Some(setitem),
        contains: Some(|vm, r, key| vm.dict_contains(r, key)),
        binary: Some(binary),
        binary_ops: BinOp::Or.bit(),
        inplace: Some(inplace),
        inplace_ops: BinOp::Or.bit(),
        new: Some(new),
        init: Some(init),
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("clear", "$self, /", clear),
        NativeDef::method("copy", "$self, /", |vm, a| copy(vm, a.get(0))),
        NativeDef::class_method("fromkeys", "$type, iterable, value=None, /", fromkeys),
        NativeDef::method("get", "$self, key, default=None, /", get),
        NativeDef::method("items", "$self, /", |vm, a| views::new_items(vm, a.get(0))),
        NativeDef::method("keys", "$self, /", |vm, a| views::new_keys(vm, a.get(0))),
        NativeDef::method("pop", "$self, key, default=<unrepresentable>, /", pop),
        NativeDef::method("popitem", "$self, /", popitem),
        NativeDef::method("setdefault", "$self, key, default=None, /", setdefault),
        NativeDef::method("update", "$self, /, *args, **kwargs", update_method),
        NativeDef::method("values", "$self, /", |vm, a| views::new_values(vm, a.get(0))),
        NativeDef::method("__reversed__", "$self, /", |vm, a| iterators::reversed_keys(vm, a.get(0))),
        NativeDef::method("__sizeof__", "$self, /", sizeof),
        NativeDef::class_method("__class_getitem__", "$type, object, /", |vm, a| {
            vm.new_generic_alias(a.get(0), a.get(1))
        }),
    ],
    ..TypeDef::EMPTY
};

/// The receiver of a method or slot.
#[inline(always)]
pub(crate) fn dict_of(r: Ref<'_>) -> DictRef<'_> {
    DictRef::new(r).expect("the machine checks receivers")
}

// ---- making

fn new(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let class = class_arg(vm, args)?;
    vm.alloc_for(class)
}

fn init(vm: &mut Vm, args: &Args<'_>) -> PyResult<()> {
    update_from(vm, args, "dict")
}

/// The common part of `dict()` and `update()`.
fn update_from(vm: &mut Vm, args: &Args<'_>, name: &str) -> PyResult<()> {
    let d = args.get(0);
    match *args.rest(1) {
        [] => {}
        [from] => update(vm, d, from)?,
        ref more => {
            let n = more.len();
            return Err(vm.type_error(&format!("{name} expected at most 1 argument, got {n}")));
        }
    }
    for (&key, &value) in args.kwnames.iter().zip(args.kwvalues) {
        vm.dict_set(d, key, value)?;
    }
    Ok(())
}

/// Is it a dict that iterates as `dict` does, so that its table may be read directly?
fn is_plain(vm: &Vm, r: Ref<'_>) -> bool {
    r.is_exact(Layout::Dict)
        || (DictRef::new(r).is_some()
            && vm.class_of(r).slots().iter.is_some_and(|f| {
                std::ptr::fn_addr_eq(f, iterators::iter_keys as fn(&mut Vm, Ref<'_>) -> PyResult)
            }))
}

/// `d.update(from)`: a mapping with `keys()`, or pairs.
pub(crate) fn update(vm: &mut Vm, d: Ref<'_>, from: Ref<'_>) -> PyResult<()> {
    if from.is_exact(Layout::Dict) {
        return vm.dict_merge(d, from, false);
    }
    let name = vm.names.keys;
    match vm.get_attr_opt(from, name)? {
        Some(keys) => merge_mapping(vm, d, from, keys.as_ref()),
        None => merge_pairs(vm, d, from),
    }
}

fn merge_mapping(vm: &mut Vm, d: Ref<'_>, from: Ref<'_>, keys: Ref<'_>) -> PyResult<()> {
    if is_plain(vm, from) {
        return vm.dict_merge(d, from, false);
    }
    let keys = vm.call(keys, &[])?;
    let mut it = vm.iterate(keys.as_ref())?;
    while let Some(key) = it.next(vm)? {
        let value = vm.get_item(from, key.as_ref())?;
        vm.dict_set(d, key.as_ref(), value.as_ref())?;
    }
    Ok(())
}

fn merge_pairs(vm: &mut Vm, d: Ref<'_>, from: Ref<'_>) -> PyResult<()> {
    let mut it = vm.iterate(from)?;
    let mut n = 0usize;
    while let Some(pair) = it.next(vm)? {
        if let Some(t) = TupleRef::new(pair.as_ref())
            && let [key, value] = *t.items()
        {
            vm.dict_set(d, key, value)?;
            n += 1;
            continue;
        }
        let items = match vm.collect(pair.as_ref()) {
            Ok(items) => items,
            Err(e) if vm.raised_is(&e, Exc::TypeError) => {
                vm.discard(e);
                return Err(not_a_pair(vm, n));
            }
            Err(e) => return Err(e),
        };
        let [key, value] = &items[..] else {
            let len = items.len();
            return Err(vm.value_error(&format!(
                "dictionary update sequence element #{n} has length {len}; 2 is required"
            )));
        };
        vm.dict_set(d, key.as_ref(), value.as_ref())?;
        n += 1;
    }
    Ok(())
}

#[cold]
fn not_a_pair(vm: &mut Vm, n: usize) -> crate::Raised {
    let e = vm.type_error("object is not iterable");
    let exc = vm.catch(e);
    let note = vm.new_str(&format!("Cannot convert dictionary update sequence element #{n} to a sequence"));
    let noted = note.and_then(|note| vm.call_method(exc.as_ref(), "add_note", &[note.as_ref()]));
    match noted {
        Ok(_) => vm.raise_object(exc),
        Err(e) => e,
    }
}

fn fromkeys(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let (class, items) = (args.get(0), args.get(1));
    let none = none();
    let value = args.opt(2).unwrap_or(none.as_ref());
    let out = vm.call(class, &[])?;
    let exact = out.as_ref().is_exact(Layout::Dict);
    let mut it = vm.iterate(items)?;
    while let Some(key) = it.next(vm)? {
        if exact {
            vm.dict_set(out.as_ref(), key.as_ref(), value)?;
        } else {
            vm.set_item(out.as_ref(), key.as_ref(), Some(value))?;
        }
    }
    Ok(out)
}

/// A new exact dict with the same entries.
pub(crate) fn copy(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let out = new_dict(&vm.heap)?;
    if is_plain(vm, r) {
        dict_of(r).copy_into(&mut vm.heap, dict_of(out.as_ref()))?;
    } else {
        update(vm, out.as_ref(), r)?;
    }
    Ok(out)
}

// ---- slots

fn repr(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let d = dict_of(r);
    if d.is_empty() {
        return vm.new_str("{}");
    }
    if !vm.repr_enter(r) {
        return vm.new_str("{...}");
    }
    let text = repr_entries(vm, d);
    vm.repr_leave(r);
    vm.new_str_bytes(&text?)
}

fn repr_entries(vm: &mut Vm, d: DictRef<'_>) -> PyResult<Vec<u8>> {
    let mut out = vec![b'{'];
    let mut at = 0;
    while let Some((i, key, value)) = d.next_entry(at) {
        if out.len() > 1 {
            out.extend_from_slice(b", ");
        }
        let k = vm.repr(key.as_ref())?;
        out.extend_from_slice(crate::text::str_bytes(k.as_ref()));
        out.extend_from_slice(b": ");
        let v = vm.repr(value.as_ref())?;
        out.extend_from_slice(crate::text::str_bytes(v.as_ref()));
        at = i + 1;
    }
    out.push(b'}');
    Ok(out)
}

fn richcompare(vm: &mut Vm, op: CmpOp, a: Ref<'_>, b: Ref<'_>) -> PyResult {
    let (Some(x), Some(y), CmpOp::Eq | CmpOp::Ne) = (DictRef::new(a), DictRef::new(b), op) else {
        return Ok(Owned::from_immediate(NOT_IMPLEMENTED));
    };
    let equal = same_entries(vm, x, y)?;
    Ok(owned_bool(equal == (op == CmpOp::Eq)))
}

fn same_entries(vm: &mut Vm, x: DictRef<'_>, y: DictRef<'_>) -> PyResult<bool> {
    if x.len() != y.len() {
        return Ok(false);
    }
    let mut at = 0;
    while let Some((i, key, value)) = x.next_entry(at) {
        let found = y.find_tag(x.tag_at(i), key.as_ref(), |c| vm.equal(c, key.as_ref()))?;
        let Some(other) = found.and_then(|i| y.value_at(i)) else { return Ok(false) };
        if !vm.equal(value.as_ref(), other.as_ref())? {
            return Ok(false);
        }
        at = i + 1;
    }
    Ok(true)
}

pub(crate) fn getitem(vm: &mut Vm, r: Ref<'_>, key: Ref<'_>) -> PyResult {
    match vm.dict_get(r, key)? {
        Some(value) => Ok(value),
        None => missing(vm, r, key),
    }
}

#[cold]
fn missing(vm: &mut Vm, r: Ref<'_>, key: Ref<'_>) -> PyResult {
    if !r.is_exact(Layout::Dict) {
        let name = vm.names.__missing__;
        if let Some(value) = vm.call_special(r, name, &[key])? {
            return Ok(value);
        }
    }
    Err(vm.key_error(key))
}

pub(crate) fn setitem(vm: &mut Vm, r: Ref<'_>, key: Ref<'_>, value: Option<Ref<'_>>) -> PyResult<()> {
    match value {
        Some(value) => vm.dict_set(r, key, value),
        None => match vm.dict_del(r, key)? {
            Some(_) => Ok(()),
            None => Err(vm.key_error(key)),
        },
    }
}

fn binary(vm: &mut Vm, _op: BinOp, a: Ref<'_>, b: Ref<'_>) -> PyResult {
    if DictRef::new(a).is_none() || DictRef::new(b).is_none() {
        return Ok(Owned::from_immediate(NOT_IMPLEMENTED));
    }
    let out = copy(vm, a)?;
    update(vm, out.as_ref(), b)?;
    Ok(out)
}

fn inplace(vm: &mut Vm, _op: BinOp, a: Ref<'_>, b: Ref<'_>) -> PyResult {
    update(vm, a, b)?;
    Ok(a.owned())
}

// ---- methods

fn clear(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    dict_of(args.get(0)).clear(&mut vm.heap);
    Ok(none())
}

fn get(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let found = vm.dict_get(args.get(0), args.get(1))?;
    Ok(found.unwrap_or_else(|| args.opt(2).map_or_else(none, |d| d.owned())))
}

fn pop(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let (d, key) = (args.get(0), args.get(1));
    // An empty dict does not ask for the hash.
    let found = if dict_of(d).is_empty() { None } else { vm.dict_del(d, key)? };
    match (found, args.opt(2)) {
        (Some(value), _) => Ok(value),
        (None, Some(default)) => Ok(default.owned()),
        (None, None) => Err(vm.key_error(key)),
    }
}

fn popitem(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let d = dict_of(args.get(0));
    let Some(i) = d.prev_used(usize::MAX) else {
        return Err(vm.raise(Exc::KeyError, "popitem(): dictionary is empty"));
    };
    let (key, value) = d.remove_at(&mut vm.heap, i, 0);
    vm.new_pair(key, value)
}

fn setdefault(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let d = dict_of(args.get(0));
    let key = args.get(1);
    let (found, hash) = vm.find_key(d, key)?;
    if let Some(value) = found.and_then(|i| d.value_at(i)) {
        return Ok(value);
    }
    let value = args.opt(2).map_or_else(none, |v| v.owned());
    d.insert_new(&mut vm.heap, hash, key.owned(), value.clone())?;
    Ok(value)
}

fn update_method(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    update_from(vm, args, "update")?;
    Ok(none())
}

#[allow(unsafe_code, reason = "asks a live table for its buffer's size")]
pub(crate) fn sizeof(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    // SAFETY: the receiver is a live dict or set.
    let buffer = unsafe { DictObj::buffers(args.get(0).value().header()) };
    vm.new_int((size_of::<DictObj>() + buffer) as i64)
}
