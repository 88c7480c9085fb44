//! `_tracemalloc`: what the library's `tracemalloc` is made from, on the heap's own watching of allocations.
//!
//! A trace is a live block; its frames are those of its site (vm: sites.rs). Blocks that existed before `start()` have
//! none. Sizes are those of whole blocks.
#![allow(unsafe_code, reason = "asks for the site of an argument's block")]

use crate::support;
use hognose_vm::heap::SiteId;
use hognose_vm::{Args, NativeDef, Owned, PyResult, Vm, none, owned_bool};
use std::collections::HashMap;

const FUNCTIONS: &[NativeDef] = &[
    NativeDef::function("is_tracing", "", is_tracing),
    NativeDef::function("clear_traces", "", clear_traces),
    NativeDef::function("_get_traces", "", get_traces),
    NativeDef::function("_get_object_traceback", "obj, /", get_object_traceback),
    NativeDef::function("start", "nframe=1, /", start),
    NativeDef::function("stop", "", stop),
    NativeDef::function("get_traceback_limit", "", get_traceback_limit),
    NativeDef::function("get_tracemalloc_memory", "", get_tracemalloc_memory),
    NativeDef::function("get_traced_memory", "", get_traced_memory),
    NativeDef::function("reset_peak", "", reset_peak),
];

/// Most frames of a trace.
pub const FRAMES_MAX: usize = 65535;

/// The limit set last; it outlives `stop()`.
struct Limit(usize);

impl Default for Limit {
    fn default() -> Limit {
        Limit(1)
    }
}

/// Makes the module.
pub fn make(vm: &mut Vm) -> PyResult {
    support::module(vm, "_tracemalloc", "Debug module to trace memory blocks allocated by Python.", FUNCTIONS)
}

/// Starts tracing with this many frames, as `-X tracemalloc=N` does.
pub fn start_tracing(vm: &mut Vm, frames: usize) {
    vm.state::<Limit>().0 = frames;
    vm.watch_allocations(frames);
}

fn is_tracing(vm: &mut Vm, _args: &Args<'_>) -> PyResult {
    Ok(owned_bool(vm.heap().is_watched()))
}

fn clear_traces(vm: &mut Vm, _args: &Args<'_>) -> PyResult {
    vm.heap().clear_watched();
    Ok(none())
}

fn start(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let n = match args.opt(0) {
        Some(n) => vm.index_isize(n, false)?,
        None => 1,
    };
    match usize::try_from(n) {
        Ok(n) if (1..=FRAMES_MAX).contains(&n) => {
            if !vm.heap().is_watched() {
                start_tracing(vm, n);
            }
            Ok(none())
        }
        _ => Err(vm.value_error("the number of frames must be in range [1; 65535]")),
    }
}

fn stop(vm: &mut Vm, _args: &Args<'_>) -> PyResult {
    vm.unwatch_allocations();
    Ok(none())
}

fn get_traceback_limit(vm: &mut Vm, _args: &Args<'_>) -> PyResult {
    let n = vm.state::<Limit>().0;
    vm.new_int(n as i64)
}

fn get_tracemalloc_memory(vm: &mut Vm, _args: &Args<'_>) -> PyResult {
    let n = vm.heap().watching_bytes();
    vm.new_int(n as i64)
}

fn get_traced_memory(vm: &mut Vm, _args: &Args<'_>) -> PyResult {
    let (live, peak, ..) = vm.heap().watched_totals().unwrap_or_default();
    let (live, peak) = (vm.new_int(live as i64)?, vm.new_int(peak as i64)?);
    vm.new_pair(live, peak)
}

fn reset_peak(vm: &mut Vm, _args: &Args<'_>) -> PyResult {
    vm.heap().reset_watched_peak();
    Ok(none())
}

/// Frames of a site as a tuple of `(filename, lineno)`, the innermost first.
fn traceback(vm: &mut Vm, site: SiteId) -> PyResult {
    let limit = vm.state::<Limit>().0;
    let mut frames = Vec::new();
    let mut at = site;
    while let Some((place, parent)) = vm.site_place(at) {
        if frames.len() == limit {
            break;
        }
        let file = vm.intern(place.filename())?;
        let line = vm.new_int(i64::from(place.line))?;
        frames.push(vm.new_pair(file, line)?);
        at = parent;
    }
    if frames.is_empty() {
        let (file, line) = (vm.intern("<unknown>")?, vm.new_int(0)?);
        frames.push(vm.new_pair(file, line)?);
    }
    vm.new_tuple(frames)
}

fn get_object_traceback(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let v = args.get(0).value();
    let site = if v.is_ptr() { vm.heap().site_of(v.header().cast()) } else { 0 };
    if site == 0 { Ok(none()) } else { traceback(vm, site) }
}

/// Every trace: `(domain, size, frames, number of frames)`.
fn get_traces(vm: &mut Vm, _args: &Args<'_>) -> PyResult {
    if !vm.heap().is_watched() {
        return vm.new_list(Vec::new());
    }
    let mut count = 0usize;
    vm.heap().for_each_block(&mut |b| count += usize::from(b.site != 0));
    // The walk's notes and the handles of the list are the program's own doing: they count.
    let bytes = count * (size_of::<(SiteId, usize)>() + size_of::<Owned>());
    vm.heap().charge_external(bytes)?;
    let list = list_of_traces(vm, count);
    vm.heap().discharge_external(bytes);
    list
}

fn list_of_traces(vm: &mut Vm, count: usize) -> PyResult {
    let mut blocks: Vec<(SiteId, usize)> = Vec::with_capacity(count);
    vm.heap().for_each_block(&mut |b| {
        if b.site != 0 {
            blocks.push((b.site, b.bytes));
        }
    });
    let mut known: HashMap<SiteId, Owned> = HashMap::new();
    let mut traces = Vec::with_capacity(blocks.len());
    for (site, bytes) in blocks {
        let frames = match known.get(&site) {
            Some(frames) => frames.clone(),
            None => {
                let frames = traceback(vm, site)?;
                known.insert(site, frames.clone());
                frames
            }
        };
        let n = hognose_vm::tuple_items(frames.as_ref()).len();
        let fields = vec![vm.new_int(0)?, vm.new_int(bytes as i64)?, frames, vm.new_int(n as i64)?];
        traces.push(vm.new_tuple(fields)?);
    }
    vm.new_list(traces)
}
