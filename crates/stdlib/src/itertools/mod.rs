//! The module `itertools`: iterators in Rust, one payload type each.
//!
//!   flow.rs      chain count cycle repeat islice      filters.rs   compress dropwhile takewhile starmap accumulate …
//!   combine.rs   product combinations permutations    group.rs     groupby tee zip_longest
//!
//! No payload stays borrowed while Python code may run: it could drive the same iterator again.

mod combine;
mod filters;
mod flow;
mod group;

use crate::prelude::{NativeDef, Owned, PyResult, TypeRef, Vm, new_module};
use std::cell::RefCell;

const DOC: &str = "Functional tools for creating and using iterators.";

const FUNCTIONS: &[NativeDef] = &[NativeDef::function("tee", "iterable, n=2, /", group::tee)];

/// Makes the module.
pub fn make(vm: &mut Vm) -> PyResult {
    let module = new_module(vm, "itertools", DOC, FUNCTIONS)?;
    let mut classes: Vec<TypeRef<'static>> = Vec::new();
    flow::register(vm, &mut classes)?;
    filters::register(vm, &mut classes)?;
    combine::register(vm, &mut classes)?;
    group::register(vm, &mut classes)?;
    for class in classes {
        vm.module_set(module.as_ref(), &class.name(), class.owned())?;
    }
    Ok(module)
}

/// A reference that may go away: an iterator until it is exhausted, a saved value.
type Slot = RefCell<Option<Owned>>;

fn slot(v: Owned) -> Slot {
    RefCell::new(Some(v))
}

fn peek(s: &Slot) -> Option<Owned> {
    s.borrow().clone()
}

/// Room for `n` indices, checked against the limit of the heap first.
fn indices(vm: &mut Vm, n: usize) -> PyResult<Vec<usize>> {
    let size =
        i64::try_from(n).map_err(|_| vm.overflow_error("Python int too large to convert to C ssize_t"))?;
    let one = vm.new_tuple(vec![vm.none()])?;
    let size = vm.new_int(size)?;
    let ballast = vm.binary_op(crate::prelude::BinOp::Mul, one.as_ref(), size.as_ref())?;
    let mut out = Vec::new();
    if out.try_reserve_exact(n).is_err() {
        drop(ballast);
        return Err(vm.raise(crate::prelude::Exc::MemoryError, ""));
    }
    out.resize(n, 0);
    Ok(out)
}
