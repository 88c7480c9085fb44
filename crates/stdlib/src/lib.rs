//! Native modules of the standard library, one folder each. They see the machine's public API only.

pub mod gc;
pub mod hognose;
pub mod math;
pub mod support;
pub mod sys;
pub mod time;
pub mod weakref;

use hognose_vm::Vm;

/// Makes all native modules importable.
pub fn register(vm: &mut Vm) {
    vm.add_native_module("math", math::make);
    vm.add_native_module("time", time::make);
    vm.add_native_module("gc", gc::make);
    vm.add_native_module("_weakref", weakref::make);
    vm.add_native_module("_weakrefset", weakref::make_set);
    vm.add_native_module("weakref", weakref::make_collections);
    vm.add_native_module("hognose", hognose::make);
    vm.add_native_module("hognose.memory", hognose::make_memory);
    if let Err(e) = sys::fill(vm) {
        // Out of memory at start: the program meets the limit by itself at once.
        vm.discard(e);
    }
}
