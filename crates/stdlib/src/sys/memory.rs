//! Sizes, reference counts, blocks: what `sys` tells of the heap.
#![allow(unsafe_code, reason = "reads the header of an argument")]

use crate::hognose::{family_name, pages_used};
use hognose_vm::{Args, Exc, NativeDef, PyResult, Ref, Vm, none, owned_bool};

pub(super) const FUNCTIONS: &[NativeDef] = &[
    NativeDef::function("getrefcount", "object, /", getrefcount),
    NativeDef::function("getsizeof", "object, default=", getsizeof),
    NativeDef::function("getallocatedblocks", "", getallocatedblocks),
    NativeDef::function("getunicodeinternedsize", "*, _only_immortal=False", getunicodeinternedsize),
    NativeDef::function("_is_immortal", "op, /", is_immortal),
    NativeDef::function("_debugmallocstats", "", debugmallocstats),
];

/// What CPython reports for objects that never die.
const IMMORTAL_COUNT: i64 = 3_221_225_472;

fn getrefcount(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let v = args.get(0).value();
    if !v.is_ptr() {
        return vm.new_int(IMMORTAL_COUNT);
    }
    // SAFETY: an argument is alive.
    let (immortal, n) = unsafe { ((*v.header()).is_immortal(), (*v.header()).rc()) };
    // The machine notes the exception being handled once more than CPython does.
    let noted = vm.handled_exception().is_some_and(|e| e.value() == v);
    // Instances hold their class without counting (see docs/internals/gc.md); CPython counts them.
    let held =
        hognose_vm::TypeRef::new(args.get(0)).filter(|t| t.is_heap_type()).map_or(0, |t| vm.instances_of(t));
    vm.new_int(if immortal { IMMORTAL_COUNT } else { i64::from(n) + held as i64 - i64::from(noted) })
}

fn is_immortal(_vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let v = args.get(0).value();
    // SAFETY: an argument is alive.
    Ok(owned_bool(!v.is_ptr() || unsafe { (*v.header()).is_immortal() }))
}

/// Bytes of an object in this heap: its block and its buffers. Numbers in the value word take a word.
pub(crate) fn object_bytes(vm: &Vm, r: Ref<'_>) -> usize {
    let v = r.value();
    if !v.is_ptr() {
        return 8;
    }
    let h = v.header();
    let heap = vm.heap();
    // SAFETY: a live object of this heap; the vtable belongs to its kind.
    unsafe { heap.block_size(h.cast()) + (heap.vtable((*h).kind()).buffers)(h) }
}

fn getsizeof(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let r = args.get(0);
    let name = vm.names().__sizeof__;
    let size = match vm.call_special(r, name, &[]) {
        Ok(Some(size)) => size,
        Ok(None) => {
            if let Some(default) = args.opt(1) {
                return Ok(default.owned());
            }
            let class = vm.type_name(r);
            return Err(vm.type_error(&format!("Type {class} doesn't define __sizeof__")));
        }
        Err(e) => return or_default(vm, args, e),
    };
    if !hognose_vm::is_int(size.as_ref()) {
        let e = vm.type_error("an integer is required");
        return or_default(vm, args, e);
    }
    let n = match vm.index_isize(size.as_ref(), false) {
        Ok(n) => n,
        Err(e) => return or_default(vm, args, e),
    };
    if n < 0 {
        return Err(vm.value_error("__sizeof__() should return >= 0"));
    }
    vm.new_int(n as i64)
}

/// The default in place of a TypeError.
fn or_default(vm: &mut Vm, args: &Args<'_>, e: hognose_vm::Raised) -> PyResult {
    match args.opt(1) {
        Some(default) if vm.raised_is(&e, Exc::TypeError) => {
            vm.discard(e);
            Ok(default.owned())
        }
        _ => Err(e),
    }
}

fn getallocatedblocks(vm: &mut Vm, _args: &Args<'_>) -> PyResult {
    let stats = vm.heap().stats();
    let n = stats.classes.iter().map(|c| c.blocks_live).sum::<usize>() + stats.runs;
    vm.new_int(n as i64)
}

fn getunicodeinternedsize(vm: &mut Vm, _args: &Args<'_>) -> PyResult {
    let n = vm.interned_count();
    vm.new_int(n as i64)
}

fn debugmallocstats(vm: &mut Vm, _args: &Args<'_>) -> PyResult {
    let text = malloc_stats(vm);
    // Only a report: a closed error stream is no reason to fail.
    let _ = vm.stdio().write_err(text.as_bytes());
    Ok(none())
}

/// Use of the heap by size class, as a text.
pub(crate) fn malloc_stats(vm: &Vm) -> String {
    let stats = vm.heap().stats();
    let mut out = String::from("family   block bytes    pages   blocks live   blocks free\n");
    for c in &stats.classes {
        let family = family_name(c.family);
        out.push_str(&format!(
            "{family:<8} {:>11} {:>8} {:>13} {:>13}\n",
            c.block_bytes, c.pages, c.blocks_live, c.blocks_free
        ));
    }
    let (pages, used, peak) = (pages_used(&stats), vm.heap().bytes_used(), vm.heap().peak_bytes());
    out.push_str(&format!("large blocks: {} in {} bytes\n", stats.runs, stats.run_bytes));
    out.push_str(&format!("{pages} pages of {} bytes, {} free\n", hognose_vm::heap::PAGE, stats.free_pages));
    out.push_str(&format!("{used} bytes in use, {peak} at most so far, {} objects\n", stats.objects_live));
    out
}
