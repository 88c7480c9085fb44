//! The module `gc`: control of the cycle collector, and questions about the object graph.
//!
//! The heap has one generation; thresholds and counts are kept as CPython's interface wants them, and a collection of
//! any generation looks at every object.

mod graph;

use crate::support;
use hognose_vm::{Args, Exc, NativeDef, PyResult, Ref, Vm, none, owned_bool};

/// What the functions remember. Holds no objects.
struct GcModule {
    enabled: bool,
    thresholds: [i64; 3],
}

impl Default for GcModule {
    fn default() -> GcModule {
        GcModule { enabled: true, thresholds: [2000, 10, 10] }
    }
}

const CONSTANTS: &[(&str, i64)] = &[
    ("DEBUG_STATS", 1),
    ("DEBUG_COLLECTABLE", 2),
    ("DEBUG_UNCOLLECTABLE", 4),
    ("DEBUG_SAVEALL", 32),
    ("DEBUG_LEAK", 38),
];

const FUNCTIONS: &[NativeDef] = &[
    NativeDef::function("enable", "", enable),
    NativeDef::function("disable", "", disable),
    NativeDef::function("isenabled", "", isenabled),
    NativeDef::function("collect", "generation=2", collect),
    NativeDef::function("get_count", "", get_count),
    NativeDef::function("get_threshold", "", get_threshold),
    NativeDef::function("set_threshold", "*args", set_threshold),
    NativeDef::function("get_stats", "", get_stats),
    NativeDef::function("set_debug", "flags, /", set_debug),
    NativeDef::function("get_debug", "", get_debug),
    NativeDef::function("get_objects", "generation=None", graph::get_objects),
    NativeDef::function("get_referrers", "*objs", graph::get_referrers),
    NativeDef::function("get_referents", "*objs", graph::get_referents),
    NativeDef::function("is_tracked", "obj, /", graph::is_tracked),
    NativeDef::function("is_finalized", "obj, /", graph::is_finalized),
    NativeDef::function("freeze", "", freeze),
    NativeDef::function("unfreeze", "", unfreeze),
    NativeDef::function("get_freeze_count", "", get_freeze_count),
];

/// Makes the module.
pub fn make(vm: &mut Vm) -> PyResult {
    let doc = "This module provides access to the garbage collector for reference cycles.";
    let module = support::module(vm, "gc", doc, FUNCTIONS)?;
    for &(name, value) in CONSTANTS {
        let value = vm.new_int(value)?;
        support::set(vm, &module, name, value)?;
    }
    let garbage = vm.new_list(Vec::new())?;
    vm.gc_state().garbage = Some(garbage.clone());
    support::set(vm, &module, "garbage", garbage)?;
    let callbacks = vm.new_list(Vec::new())?;
    vm.gc_state().callbacks = Some(callbacks.clone());
    support::set(vm, &module, "callbacks", callbacks)?;
    Ok(module)
}

/// The heap asks for collections while the collector is enabled and the first threshold is not 0.
fn apply(vm: &mut Vm) {
    let state = vm.state::<GcModule>();
    let on = state.enabled && state.thresholds[0] != 0;
    // The default is the heap's own rhythm.
    let threshold = match state.thresholds[0] {
        2000 => 0,
        t => usize::try_from(t).unwrap_or(0),
    };
    vm.heap().set_gc_enabled(on);
    vm.heap().set_minor_threshold(threshold);
}

fn enable(vm: &mut Vm, _args: &Args<'_>) -> PyResult {
    vm.state::<GcModule>().enabled = true;
    apply(vm);
    Ok(none())
}

fn disable(vm: &mut Vm, _args: &Args<'_>) -> PyResult {
    vm.state::<GcModule>().enabled = false;
    apply(vm);
    Ok(none())
}

fn isenabled(vm: &mut Vm, _args: &Args<'_>) -> PyResult {
    Ok(owned_bool(vm.state::<GcModule>().enabled))
}

fn collect(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let generation = match args.opt(0) {
        Some(g) => vm.index_i32(g)?,
        None => 2,
    };
    let Some(generation) = usize::try_from(generation).ok().filter(|g| *g <= 2) else {
        return Err(vm.value_error("invalid generation"));
    };
    let n = vm.collect_garbage(generation)?;
    vm.new_int(n as i64)
}

fn ints(vm: &mut Vm, values: &[i64]) -> PyResult {
    let items = values.iter().map(|n| vm.new_int(*n)).collect::<PyResult<Vec<_>>>()?;
    vm.new_tuple(items)
}

fn get_count(vm: &mut Vm, _args: &Args<'_>) -> PyResult {
    let young = vm.heap().young_slots();
    ints(vm, &[i64::try_from(young).unwrap_or(i64::MAX), 0, 0])
}

fn get_threshold(vm: &mut Vm, _args: &Args<'_>) -> PyResult {
    let t = vm.state::<GcModule>().thresholds;
    ints(vm, &t)
}

fn set_threshold(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    if args.pos.is_empty() || args.pos.len() > 3 || !args.kwnames.is_empty() {
        return Err(vm.type_error("gc.set_threshold requires 1 to 3 arguments"));
    }
    let mut t = vm.state::<GcModule>().thresholds;
    for (place, value) in t.iter_mut().zip(args.pos) {
        *place = i64::from(vm.index_i32(*value)?);
    }
    vm.state::<GcModule>().thresholds = t;
    apply(vm);
    Ok(none())
}

fn get_stats(vm: &mut Vm, _args: &Args<'_>) -> PyResult {
    let stats = vm.gc_state().stats;
    let mut rows = Vec::new();
    for row in stats {
        let dict = vm.new_dict()?;
        for (name, n) in ["collections", "collected", "uncollectable"].iter().zip(row) {
            let n = vm.new_int(n as i64)?;
            vm.dict_set_name(dict.as_ref(), name, n)?;
        }
        rows.push(dict);
    }
    vm.new_list(rows)
}

fn set_debug(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let flags = vm.index_i32(args.get(0))?;
    vm.gc_state().debug = i64::from(flags);
    Ok(none())
}

fn get_debug(vm: &mut Vm, _args: &Args<'_>) -> PyResult {
    let flags = vm.gc_state().debug;
    vm.new_int(flags)
}

fn freeze(vm: &mut Vm, _args: &Args<'_>) -> PyResult {
    let n = graph::tracked_count(vm);
    vm.gc_state().frozen = n;
    Ok(none())
}

fn unfreeze(vm: &mut Vm, _args: &Args<'_>) -> PyResult {
    vm.gc_state().frozen = 0;
    Ok(none())
}

fn get_freeze_count(vm: &mut Vm, _args: &Args<'_>) -> PyResult {
    let n = vm.gc_state().frozen;
    vm.new_int(n as i64)
}

/// A generation argument; absent for None. Wrong ones raise what CPython raises.
fn generation_argument(vm: &mut Vm, value: Option<Ref<'_>>) -> PyResult<Option<i64>> {
    let Some(n) = crate::support::integer_or_none(vm, value)? else { return Ok(None) };
    if n >= 3 {
        let text = "generation parameter must be less than the number of available generations (3)";
        return Err(vm.raise(Exc::ValueError, text));
    }
    if n < -1 {
        return Err(vm.value_error("generation parameter cannot be negative"));
    }
    Ok((n != -1).then_some(n as i64))
}
