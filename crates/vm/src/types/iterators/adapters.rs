//! `enumerate`, `zip`, `map`, `filter`: iterators made of other iterators.

use super::{own_iter, payload_of};
use crate::args::{Args, NativeDef};
use crate::class::TypeRef;
use crate::define::TypeDef;
use crate::text::str_bytes;
use crate::type_slots::Slots;
use crate::types::list::class_arg;
use crate::{PyResult, Raised, Vm};
use hognose_object::tuple::{TupleRef, new_pair};
use hognose_object::types::TypeFlags;
use hognose_object::{Layout, NONE, Owned, Ref, int, none, owned_bool, trace_fields};
use num_bigint::BigInt;
use std::cell::{Cell, RefCell};

/// `enumerate`
pub static ENUMERATE: TypeDef = TypeDef {
    name: "enumerate",
    layout: Layout::Native,
    doc: "Return an enumerate object.\n\n  iterable\n    an object supporting iteration\n\n\
          The enumerate object yields pairs containing a count (from start, which\n\
          defaults to zero) and a value yielded by the iterable argument.\n\n\
          enumerate is useful for obtaining an indexed list:\n    (0, seq[0]), (1, seq[1]), (2, seq[2]), ...",
    flags: TypeFlags::BASE_TYPE,
    slots: Slots {
        iter: Some(own_iter),
        next: Some(enumerate_next),
        new: Some(enumerate_new),
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("__reduce__", "$self, /", enumerate_reduce),
        NativeDef::class_method("__class_getitem__", "$type, object, /", |vm, a| {
            vm.new_generic_alias(a.get(0), a.get(1))
        }),
    ],
    ..TypeDef::EMPTY
};

/// `zip`
pub static ZIP: TypeDef = TypeDef {
    name: "zip",
    layout: Layout::Native,
    doc: "The zip object yields n-length tuples, where n is the number of\n\
          iterables passed as positional arguments to zip().  The i-th element\n\
          in every tuple comes from the i-th iterable argument to zip().  This\n\
          continues until the shortest argument is exhausted.\n\n\
          If strict is true and one of the arguments is exhausted before the\nothers, raise a ValueError.\n\n   \
          >>> list(zip('abcdefg', range(3), range(4)))\n   [('a', 0, 0), ('b', 1, 1), ('c', 2, 2)]",
    flags: TypeFlags::BASE_TYPE,
    slots: Slots { iter: Some(own_iter), next: Some(zip_next), new: Some(zip_new), ..Slots::NONE },
    methods: &[
        NativeDef::method("__reduce__", "$self, /", zip_reduce),
        NativeDef::method("__setstate__", "$self, object, /", zip_setstate),
    ],
    ..TypeDef::EMPTY
};

/// `map`
pub static MAP: TypeDef = TypeDef {
    name: "map",
    layout: Layout::Native,
    doc: "Make an iterator that computes the function using arguments from\n\
          each of the iterables.  Stops when the shortest iterable is exhausted.\n\n\
          If strict is true and one of the arguments is exhausted before the\nothers, raise a ValueError.",
    flags: TypeFlags::BASE_TYPE,
    slots: Slots { iter: Some(own_iter), next: Some(map_next), new: Some(map_new), ..Slots::NONE },
    methods: &[
        NativeDef::method("__reduce__", "$self, /", map_reduce),
        NativeDef::method("__setstate__", "$self, object, /", map_setstate),
    ],
    ..TypeDef::EMPTY
};

/// `filter`
pub static FILTER: TypeDef = TypeDef {
    name: "filter",
    layout: Layout::Native,
    doc: "Return an iterator yielding those items of iterable for which\n\
          function(item) is true.  If function is None, return the items that\nare true.",
    flags: TypeFlags::BASE_TYPE,
    slots: Slots { iter: Some(own_iter), next: Some(filter_next), new: Some(filter_new), ..Slots::NONE },
    methods: &[NativeDef::method("__reduce__", "$self, /", filter_reduce)],
    ..TypeDef::EMPTY
};

// ---- enumerate

/// Payload of [`ENUMERATE`].
pub struct Enumerate {
    iter: Owned,
    count: Cell<i64>,
    /// The count when it no longer fits.
    large: RefCell<Option<BigInt>>,
}
trace_fields!(Enumerate { iter });

fn enumerate_new(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let class = class_arg(vm, args)?;
    let (iterable, start) = enumerate_args(vm, args)?;
    let start = match start {
        Some(n) => Some(vm.index(n)?),
        None => None,
    };
    let iter = vm.iter(iterable)?;
    let (mut count, mut large) = (0, None);
    if let Some(n) = start {
        match int::small_int_of(n.as_ref()) {
            Some(n) => count = n,
            None => {
                let n = int::bigint_of(n.as_ref()).unwrap_or_default();
                match i64::try_from(&n) {
                    Ok(n) => count = n,
                    Err(_) => large = Some(n),
                }
            }
        }
    }
    vm.new_native_of(class, Enumerate { iter, count: Cell::new(count), large: RefCell::new(large) })
}

fn enumerate_args<'a>(vm: &mut Vm, args: &Args<'a>) -> PyResult<(Ref<'a>, Option<Ref<'a>>)> {
    let name = |i: usize| str_bytes(args.kwnames[i]);
    match (args.rest(1), args.kwvalues) {
        (&[iterable], &[]) => Ok((iterable, None)),
        (&[iterable, start], &[]) => Ok((iterable, Some(start))),
        (&[iterable], &[start]) if name(0) == b"start" => Ok((iterable, Some(start))),
        (&[], &[iterable]) if name(0) == b"iterable" => Ok((iterable, None)),
        (&[], &[a, b]) if name(0) == b"iterable" && name(1) == b"start" => Ok((a, Some(b))),
        (&[], &[a, b]) if name(0) == b"start" && name(1) == b"iterable" => Ok((b, Some(a))),
        (pos, kw) if pos.len() + kw.len() == 0 => {
            Err(vm.type_error("enumerate() missing required argument 'iterable'"))
        }
        (pos, kw) if pos.len() + kw.len() <= 2 && !kw.is_empty() => {
            let known: &[&[u8]] = if pos.is_empty() { &[b"iterable"] } else { &[b"start"] };
            let wrong = args.kwnames.iter().find(|n| !known.contains(&str_bytes(**n)));
            let wrong = vm.text_of(*wrong.unwrap_or(&args.kwnames[0]));
            if TypeRef::new(args.get(0)) != vm.native_class::<Enumerate>() {
                let message = format!("enumerate() got an unexpected keyword argument '{wrong}'");
                return Err(vm.type_error(&message));
            }
            Err(vm.type_error(&format!("'{wrong}' is an invalid keyword argument for enumerate()")))
        }
        (pos, kw) => {
            let n = pos.len() + kw.len();
            Err(vm.type_error(&format!("enumerate() takes at most 2 arguments ({n} given)")))
        }
    }
}

impl Enumerate {
    fn number(&self, vm: &Vm) -> PyResult {
        match &*self.large.borrow() {
            Some(n) => Ok(int::new_bigint(&vm.heap, n)?),
            None => vm.new_int(self.count.get()),
        }
    }

    fn advance(&self) {
        let mut large = self.large.borrow_mut();
        match (&mut *large, self.count.get().checked_add(1)) {
            (Some(n), _) => *n += 1,
            (None, Some(n)) => self.count.set(n),
            (None, None) => *large = Some(BigInt::from(i64::MAX) + 1),
        }
    }
}

fn enumerate_next(vm: &mut Vm, r: Ref<'_>) -> PyResult<Option<Owned>> {
    let it = payload_of::<Enumerate>(vm, r)?;
    let Some(item) = vm.next(it.iter.as_ref())? else { return Ok(None) };
    let n = it.number(vm)?;
    it.advance();
    Ok(Some(new_pair(&vm.heap, n, item)?))
}

fn enumerate_reduce(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let it = payload_of::<Enumerate>(vm, args.get(0))?;
    let n = it.number(vm)?;
    let state = vm.new_pair(it.iter.clone(), n)?;
    let class = vm.class_of(args.get(0)).owned();
    vm.new_pair(class, state)
}

// ---- zip and map

/// The keyword argument `strict` of `zip` and `map`.
fn strict_arg(vm: &mut Vm, args: &Args<'_>, name: &str) -> PyResult<bool> {
    match (args.kwnames, args.kwvalues) {
        (&[], _) => Ok(false),
        (&[n], &[value]) if str_bytes(n) == b"strict" => vm.is_true(value),
        (&[n], _) => {
            let n = vm.text_of(n);
            Err(vm.unknown_keyword(name, &n, ["strict"].into_iter()))
        }
        (names, _) => {
            let n = names.len();
            Err(vm.type_error(&format!("{name}() takes at most 1 keyword argument ({n} given)")))
        }
    }
}

fn iterators_of(vm: &mut Vm, iterables: &[Ref<'_>]) -> PyResult {
    let mut iters = Vec::with_capacity(iterables.len());
    for &iterable in iterables {
        iters.push(vm.iter(iterable)?);
    }
    vm.new_tuple(iters)
}

/// Iterator `ended` is exhausted: with `strict` the others must be, too.
fn check_strict(vm: &mut Vm, name: &str, iters: &[Ref<'_>], ended: usize) -> PyResult<()> {
    if ended > 0 {
        return Err(uneven(vm, name, ended, "shorter"));
    }
    for (i, &it) in iters.iter().enumerate().skip(1) {
        if vm.next(it)?.is_some() {
            return Err(uneven(vm, name, i, "longer"));
        }
    }
    Ok(())
}

#[cold]
fn uneven(vm: &mut Vm, name: &str, i: usize, what: &str) -> Raised {
    let others = if i == 1 { "argument 1".to_string() } else { format!("arguments 1-{i}") };
    vm.value_error(&format!("{name}() argument {} is {what} than {others}", i + 1))
}

/// One item of each iterator; `None` when one is exhausted.
fn next_of_all(vm: &mut Vm, name: &str, iters: &[Ref<'_>], strict: bool) -> PyResult<Option<Vec<Owned>>> {
    let mut items = Vec::with_capacity(iters.len());
    for (i, &it) in iters.iter().enumerate() {
        match vm.next(it)? {
            Some(item) => items.push(item),
            None => {
                if strict {
                    check_strict(vm, name, iters, i)?;
                }
                return Ok(None);
            }
        }
    }
    Ok(Some(items))
}

/// Payload of [`ZIP`].
pub struct Zip {
    iters: Owned,
    strict: Cell<bool>,
}
trace_fields!(Zip { iters });

fn zip_new(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let class = class_arg(vm, args)?;
    let strict = strict_arg(vm, args, "zip")?;
    let iters = iterators_of(vm, args.rest(1))?;
    vm.new_native_of(class, Zip { iters, strict: Cell::new(strict) })
}

fn items_of(tuple: &Owned) -> &[Ref<'_>] {
    TupleRef::new(tuple.as_ref()).map_or(&[], TupleRef::items)
}

fn zip_next(vm: &mut Vm, r: Ref<'_>) -> PyResult<Option<Owned>> {
    let it = payload_of::<Zip>(vm, r)?;
    let iters = items_of(&it.iters);
    if let [a, b] = *iters {
        let Some(x) = vm.next(a)? else {
            if it.strict.get() {
                check_strict(vm, "zip", iters, 0)?;
            }
            return Ok(None);
        };
        let Some(y) = vm.next(b)? else {
            if it.strict.get() {
                check_strict(vm, "zip", iters, 1)?;
            }
            return Ok(None);
        };
        return Ok(Some(new_pair(&vm.heap, x, y)?));
    }
    if iters.is_empty() {
        return Ok(None);
    }
    match next_of_all(vm, "zip", iters, it.strict.get())? {
        Some(items) => vm.new_tuple(items).map(Some),
        None => Ok(None),
    }
}

fn zip_reduce(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let it = payload_of::<Zip>(vm, args.get(0))?;
    let (iters, strict) = (it.iters.clone(), it.strict.get());
    reduce(vm, args.get(0), iters, strict)
}

/// `(class, args)` or `(class, args, True)`
fn reduce(vm: &mut Vm, r: Ref<'_>, args: Owned, strict: bool) -> PyResult {
    let mut out = vec![vm.class_of(r).owned(), args];
    if strict {
        out.push(owned_bool(true));
    }
    vm.new_tuple(out)
}

fn zip_setstate(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let strict = vm.is_true(args.get(1))?;
    payload_of::<Zip>(vm, args.get(0))?.strict.set(strict);
    Ok(none())
}

/// Payload of [`MAP`].
pub struct Map {
    function: Owned,
    iters: Owned,
    strict: Cell<bool>,
}
trace_fields!(Map { function, iters });

fn map_new(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let class = class_arg(vm, args)?;
    let strict = strict_arg(vm, args, "map")?;
    let (function, iterables) = match args.rest(1) {
        [function, iterables @ ..] if !iterables.is_empty() => (*function, iterables),
        _ => return Err(vm.type_error("map() must have at least two arguments.")),
    };
    let iters = iterators_of(vm, iterables)?;
    vm.new_native_of(class, Map { function: function.owned(), iters, strict: Cell::new(strict) })
}

fn map_next(vm: &mut Vm, r: Ref<'_>) -> PyResult<Option<Owned>> {
    let it = payload_of::<Map>(vm, r)?;
    let iters = items_of(&it.iters);
    if let [only] = *iters {
        return match vm.next(only)? {
            Some(x) => vm.call(it.function.as_ref(), &[x.as_ref()]).map(Some),
            None => Ok(None),
        };
    }
    match next_of_all(vm, "map", iters, it.strict.get())? {
        Some(items) => {
            let refs: Vec<Ref<'_>> = items.iter().map(Owned::as_ref).collect();
            vm.call(it.function.as_ref(), &refs).map(Some)
        }
        None => Ok(None),
    }
}

fn map_reduce(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let it = payload_of::<Map>(vm, args.get(0))?;
    let mut all = vec![it.function.clone()];
    all.extend(items_of(&it.iters).iter().map(|i| i.owned()));
    let all = vm.new_tuple(all)?;
    reduce(vm, args.get(0), all, it.strict.get())
}

fn map_setstate(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let strict = vm.is_true(args.get(1))?;
    payload_of::<Map>(vm, args.get(0))?.strict.set(strict);
    Ok(none())
}

// ---- filter

/// Payload of [`FILTER`].
pub struct Filter {
    function: Owned,
    iter: Owned,
}
trace_fields!(Filter { function, iter });

fn filter_new(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let class = class_arg(vm, args)?;
    if !args.kwnames.is_empty() && Some(class) == vm.native_class::<Filter>() {
        return Err(vm.type_error("filter() takes no keyword arguments"));
    }
    let [function, iterable] = *args.rest(1) else {
        let n = args.rest(1).len();
        return Err(vm.type_error(&format!("filter expected 2 arguments, got {n}")));
    };
    let iter = vm.iter(iterable)?;
    vm.new_native_of(class, Filter { function: function.owned(), iter })
}

fn filter_next(vm: &mut Vm, r: Ref<'_>) -> PyResult<Option<Owned>> {
    let it = payload_of::<Filter>(vm, r)?;
    let function = it.function.as_ref();
    let truth = function.value() == NONE || function.is(vm.types.bool.as_ref());
    while let Some(item) = vm.next(it.iter.as_ref())? {
        let keep = if truth {
            vm.is_true(item.as_ref())?
        } else {
            let r = vm.call(function, &[item.as_ref()])?;
            vm.is_true(r.as_ref())?
        };
        if keep {
            return Ok(Some(item));
        }
    }
    Ok(None)
}

fn filter_reduce(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let it = payload_of::<Filter>(vm, args.get(0))?;
    let state = vm.new_pair(it.function.clone(), it.iter.clone())?;
    let class = vm.class_of(args.get(0)).owned();
    vm.new_pair(class, state)
}
