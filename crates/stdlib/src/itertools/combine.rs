//! Combinatoric iterators: product, combinations (with replacement), permutations. Each keeps a vector of indices
//! into its pool and advances it in lexicographic order.

use super::indices;
use crate::prelude::{
    Args, BinOp, Exc, NativeDef, Owned, PyResult, Ref, Slots, TupleRef, TypeDef, TypeFlags, TypeRef,
    ValueExt, Vm, instance, payload, trace_fields,
};
use std::cell::{Cell, RefCell};

pub(super) fn register(vm: &mut Vm, out: &mut Vec<TypeRef<'static>>) -> PyResult<()> {
    out.push(vm.add_native_type::<Product>(&PRODUCT)?);
    out.push(vm.add_native_type::<Combinations>(&COMBINATIONS)?);
    out.push(vm.add_native_type::<WithReplacement>(&WITH_REPLACEMENT)?);
    out.push(vm.add_native_type::<Permutations>(&PERMUTATIONS)?);
    Ok(())
}

fn own(_vm: &mut Vm, r: Ref<'_>) -> PyResult {
    Ok(r.owned())
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Fresh,
    Running,
    Done,
}

const SIZEOF: NativeDef = NativeDef::method("__sizeof__", "$self, /", |vm, a| {
    let r = a.get(0);
    let n = payload::<Product>(r)
        .map(|p| p.at.borrow().len())
        .or_else(|| payload::<Combinations>(r).map(|p| p.at.borrow().len()))
        .or_else(|| payload::<WithReplacement>(r).map(|p| p.at.borrow().len()))
        .or_else(|| payload::<Permutations>(r).map(|p| p.at.borrow().len() + p.cycles.borrow().len()))
        .unwrap_or(0);
    vm.new_int(64 + 8 * n as i64)
});

fn pool_len(pool: &Owned) -> usize {
    TupleRef::new(pool.as_ref()).map_or(0, |t| t.items().len())
}

fn pick(vm: &mut Vm, pool: &Owned, at: &[usize]) -> PyResult<Option<Owned>> {
    let items = TupleRef::new(pool.as_ref()).map_or(&[][..], |t| t.items());
    let out = at.iter().filter_map(|&i| items.get(i)).map(|r| r.owned()).collect();
    vm.new_tuple(out).map(Some)
}

// ---- product

struct Product {
    /// A list of tuples.
    pools: Owned,
    at: RefCell<Vec<usize>>,
    phase: Cell<Phase>,
}
trace_fields!(Product { pools });

static PRODUCT: TypeDef = TypeDef {
    name: "itertools.product",
    doc: "Cartesian product of input iterables.  Equivalent to nested for-loops.",
    flags: TypeFlags::BASE_TYPE,
    slots: Slots { iter: Some(own), next: Some(product_next), new: Some(product_new), ..Slots::NONE },
    methods: &[SIZEOF],
    ..TypeDef::EMPTY
};

fn product_new(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let repeat = match (args.kw("repeat"), args.kwnames.len()) {
        (_, 0) => 1,
        (Some(r), 1) => vm.index_isize(r, false)?,
        _ => {
            let other = args.kwnames.iter().find(|n| crate::prelude::str_bytes(**n) != b"repeat");
            let name = other.map_or_else(String::new, |n| vm.text_of(*n));
            return Err(vm.type_error(&format!("product() got an unexpected keyword argument '{name}'")));
        }
    };
    if repeat < 0 {
        return Err(vm.value_error("repeat argument cannot be negative"));
    }
    let mut pools = Vec::new();
    if repeat > 0 {
        for &r in args.rest(1) {
            let items = vm.collect(r)?;
            pools.push(vm.new_tuple(items)?);
        }
    }
    if pools.len().checked_mul(repeat as usize).is_none_or(|n| n > isize::MAX as usize / 8) {
        return Err(vm.raise(Exc::OverflowError, "repeat argument too large"));
    }
    let n = pools.len() * repeat as usize;
    let once = vm.new_list(pools)?;
    let times = vm.new_int(repeat as i64)?;
    let pools = vm.binary_op(BinOp::Mul, once.as_ref(), times.as_ref())?;
    let at = indices(vm, n)?;
    instance(vm, args.get(0), Product { pools, at: RefCell::new(at), phase: Cell::new(Phase::Fresh) })
}

fn product_next(vm: &mut Vm, r: Ref<'_>) -> PyResult<Option<Owned>> {
    let Some(p) = payload::<Product>(r) else { return Ok(None) };
    let pools = vm.items_of(p.pools.as_ref());
    let mut at = p.at.borrow_mut();
    match p.phase.get() {
        Phase::Done => return Ok(None),
        Phase::Fresh => {
            p.phase.set(if pools.iter().any(|q| pool_len(q) == 0) { Phase::Done } else { Phase::Running });
        }
        Phase::Running => {
            let mut done = true;
            for (i, pool) in at.iter_mut().zip(&pools).rev() {
                *i += 1;
                if *i < pool_len(pool) {
                    done = false;
                    break;
                }
                *i = 0;
            }
            if done {
                p.phase.set(Phase::Done);
            }
        }
    }
    if p.phase.get() == Phase::Done {
        return Ok(None);
    }
    let item = |(i, pool): (&usize, &Owned)| {
        TupleRef::new(pool.as_ref()).and_then(|t| t.items().get(*i).map(|r| r.owned()))
    };
    let out = at.iter().zip(&pools).filter_map(item).collect();
    vm.new_tuple(out).map(Some)
}

/// The pool and the optional length of combinations and permutations.
fn pool_and_length(vm: &mut Vm, args: &Args<'_>, name: &str, sig: &'static str) -> PyResult<(Owned, usize)> {
    let bound = vm.bind(args, name, sig)?;
    let items = vm.collect(bound.pos[0].unwrap_or(args.get(0)))?;
    let n = items.len();
    let pool = vm.new_tuple(items)?;
    let length = match bound.pos[1].filter(|r| name != "permutations" || !r.is_none()) {
        Some(r) if name == "permutations" && !crate::prelude::is_int(crate::prelude::base_value(r)) => {
            return Err(vm.type_error("Expected int as r"));
        }
        Some(r) => vm.index_isize(r, false)?,
        None => return Ok((pool, n)),
    };
    match usize::try_from(length) {
        Ok(r) => Ok((pool, r)),
        Err(_) => Err(vm.value_error("r must be non-negative")),
    }
}

// ---- combinations

struct Combinations {
    pool: Owned,
    at: RefCell<Vec<usize>>,
    phase: Cell<Phase>,
}
trace_fields!(Combinations { pool });

static COMBINATIONS: TypeDef = TypeDef {
    name: "itertools.combinations",
    doc: "Return successive r-length combinations of elements in the iterable.\n\n\
          combinations(range(4), 3) --> (0,1,2), (0,1,3), (0,2,3), (1,2,3)",
    flags: TypeFlags::BASE_TYPE,
    slots: Slots {
        iter: Some(own),
        next: Some(combinations_next),
        new: Some(combinations_new),
        ..Slots::NONE
    },
    methods: &[SIZEOF],
    ..TypeDef::EMPTY
};

fn combinations_new(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let (pool, r) = pool_and_length(vm, args, "combinations", "iterable, r")?;
    let fits = r <= pool_len(&pool);
    let at = if fits { (0..r).collect() } else { Vec::new() };
    let phase = if fits { Phase::Fresh } else { Phase::Done };
    instance(vm, args.get(0), Combinations { pool, at: RefCell::new(at), phase: Cell::new(phase) })
}

fn combinations_next(vm: &mut Vm, r: Ref<'_>) -> PyResult<Option<Owned>> {
    let Some(p) = payload::<Combinations>(r) else { return Ok(None) };
    let mut at = p.at.borrow_mut();
    let (n, r) = (pool_len(&p.pool), at.len());
    match p.phase.get() {
        Phase::Done => return Ok(None),
        Phase::Fresh => p.phase.set(Phase::Running),
        Phase::Running => {
            let Some(i) = (0..r).rev().find(|&i| at[i] != i + n - r) else {
                p.phase.set(Phase::Done);
                return Ok(None);
            };
            at[i] += 1;
            for j in i + 1..r {
                at[j] = at[j - 1] + 1;
            }
        }
    }
    pick(vm, &p.pool, &at)
}

// ---- combinations_with_replacement

struct WithReplacement {
    pool: Owned,
    at: RefCell<Vec<usize>>,
    phase: Cell<Phase>,
}
trace_fields!(WithReplacement { pool });

static WITH_REPLACEMENT: TypeDef = TypeDef {
    name: "itertools.combinations_with_replacement",
    doc: "Return successive r-length combinations of elements in the iterable allowing individual elements to \
          have successive repeats.",
    flags: TypeFlags::BASE_TYPE,
    slots: Slots { iter: Some(own), next: Some(replacement_next), new: Some(replacement_new), ..Slots::NONE },
    methods: &[SIZEOF],
    ..TypeDef::EMPTY
};

fn replacement_new(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let (pool, r) = pool_and_length(vm, args, "combinations_with_replacement", "iterable, r")?;
    let phase = if pool_len(&pool) == 0 && r > 0 { Phase::Done } else { Phase::Fresh };
    let at = indices(vm, r)?;
    instance(vm, args.get(0), WithReplacement { pool, at: RefCell::new(at), phase: Cell::new(phase) })
}

fn replacement_next(vm: &mut Vm, r: Ref<'_>) -> PyResult<Option<Owned>> {
    let Some(p) = payload::<WithReplacement>(r) else { return Ok(None) };
    let mut at = p.at.borrow_mut();
    match p.phase.get() {
        Phase::Done => return Ok(None),
        Phase::Fresh => p.phase.set(Phase::Running),
        Phase::Running => {
            let last = pool_len(&p.pool).saturating_sub(1);
            let Some(i) = at.iter().rposition(|&k| k != last) else {
                p.phase.set(Phase::Done);
                return Ok(None);
            };
            let next = at[i] + 1;
            at[i..].fill(next);
        }
    }
    pick(vm, &p.pool, &at)
}

// ---- permutations

struct Permutations {
    pool: Owned,
    at: RefCell<Vec<usize>>,
    cycles: RefCell<Vec<usize>>,
    phase: Cell<Phase>,
}
trace_fields!(Permutations { pool });

static PERMUTATIONS: TypeDef = TypeDef {
    name: "itertools.permutations",
    doc: "Return successive r-length permutations of elements in the iterable.\n\n\
          permutations(range(3), 2) --> (0,1), (0,2), (1,0), (1,2), (2,0), (2,1)",
    flags: TypeFlags::BASE_TYPE,
    slots: Slots {
        iter: Some(own),
        next: Some(permutations_next),
        new: Some(permutations_new),
        ..Slots::NONE
    },
    methods: &[SIZEOF],
    ..TypeDef::EMPTY
};

fn permutations_new(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let (pool, r) = pool_and_length(vm, args, "permutations", "iterable, r=None")?;
    let n = pool_len(&pool);
    let fits = r <= n;
    let (at, cycles) =
        if fits { ((0..n).collect(), (0..r).map(|i| n - i).collect()) } else { Default::default() };
    let phase = Cell::new(if fits { Phase::Fresh } else { Phase::Done });
    instance(
        vm,
        args.get(0),
        Permutations { pool, at: RefCell::new(at), cycles: RefCell::new(cycles), phase },
    )
}

fn permutations_next(vm: &mut Vm, r: Ref<'_>) -> PyResult<Option<Owned>> {
    let Some(p) = payload::<Permutations>(r) else { return Ok(None) };
    let (mut at, mut cycles) = (p.at.borrow_mut(), p.cycles.borrow_mut());
    let (n, r) = (at.len(), cycles.len());
    match p.phase.get() {
        Phase::Done => return Ok(None),
        Phase::Fresh => p.phase.set(Phase::Running),
        Phase::Running => {
            let mut advanced = false;
            for i in (0..r).rev() {
                cycles[i] -= 1;
                if cycles[i] == 0 {
                    at[i..].rotate_left(1);
                    cycles[i] = n - i;
                } else {
                    let j = n - cycles[i];
                    at.swap(i, j);
                    advanced = true;
                    break;
                }
            }
            if !advanced {
                p.phase.set(Phase::Done);
                return Ok(None);
            }
        }
    }
    pick(vm, &p.pool, &at[..r])
}
