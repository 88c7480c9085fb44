//! Native modules of the standard library, one folder each. They see the machine's public API only.

pub mod array;
pub mod atexit;
pub mod binascii;
pub mod errno;
pub mod faulthandler;
pub mod fcntl;
pub mod gc;
pub mod hognose;
mod host;
pub mod io;
pub mod library;
pub mod locale;
pub mod math;
pub mod posix;
pub mod posixsubprocess;
pub mod pwd;
pub mod resource;
pub mod select;
pub mod signal;
pub mod socket;
pub mod stat;
pub mod support;
pub mod sys;
pub mod sysconfigdata;
pub mod thread;
pub mod time;
pub mod tokenize;
pub mod unicodedata;
pub mod weakref;

pub mod abc;
pub mod cmath;
pub mod codecs;
pub mod collections;
pub mod contextvars;
pub mod csv;
pub mod datetime;
pub mod formatter;
pub mod functools;
pub mod hashes;
pub mod heapq;
pub mod imp;
pub mod itertools;
pub mod json;
pub mod marshal;
pub mod mmap;
pub mod opcode;
pub mod operator;
pub mod pickle;
mod prelude;
pub mod queue;
pub mod random;
pub mod sre;
pub mod statistics;
pub mod structs;
pub mod tracemalloc;
pub mod types;
pub mod warnings;
pub mod zlib;

use hognose_vm::Vm;

/// Makes all native modules importable.
pub fn register(vm: &mut Vm) {
    vm.add_native_module("_ast", hognose_vm::ast::make);
    vm.add_native_module("atexit", atexit::make);
    vm.add_native_module("_tracemalloc", tracemalloc::make);
    vm.add_native_module("math", math::make);
    vm.add_native_module("cmath", cmath::make);
    vm.add_native_module("_statistics", statistics::make);
    vm.add_native_module("time", time::make);
    vm.add_native_module("_thread", thread::make);
    vm.add_native_module("gc", gc::make);
    vm.add_native_module("_weakref", weakref::make);
    vm.add_native_module("hognose", hognose::make);
    vm.add_native_module("hognose.memory", hognose::make_memory);
    vm.add_native_module("itertools", itertools::make);
    vm.add_native_module("_operator", operator::make_private);
    vm.add_native_module("_functools", functools::make_native);
    vm.add_native_module("_collections", collections::make_native);
    vm.add_native_module("_random", random::make_native);
    vm.add_native_module("_sre", sre::make);
    vm.add_native_module("_csv", csv::make);
    vm.add_native_module("_json", json::make);
    vm.add_native_module("_datetime", datetime::make);
    vm.add_native_module("_pickle", pickle::make);
    vm.add_native_module("array", array::make);
    vm.add_native_module("zlib", zlib::make);
    vm.add_native_module("binascii", binascii::make);
    vm.add_native_module("_struct", structs::make);
    vm.add_native_module("_md5", hashes::make_md5);
    vm.add_native_module("_sha1", hashes::make_sha1);
    vm.add_native_module("_sha2", hashes::make_sha2);
    vm.add_native_module("_sha3", hashes::make_sha3);
    vm.add_native_module("_blake2", hashes::make_blake2);
    vm.add_native_module("_heapq", heapq::make);
    vm.add_native_module("_bisect", heapq::make_bisect);
    register_system(vm);
    vm.add_native_module("_abc", abc::make);
    vm.add_native_module("_types", types::make);
    vm.add_native_module("_contextvars", contextvars::make);
    vm.add_native_module("_string", formatter::make);
    vm.add_native_module("_imp", imp::make);
    vm.add_native_module("_frozen_importlib", imp::make_importlib);
    vm.add_native_module("_frozen_importlib_external", imp::make_external);
    vm.add_native_module("marshal", marshal::make);
    vm.add_native_module("_opcode", opcode::make);
    vm.add_native_module(sysconfigdata::NAME, sysconfigdata::make);
    vm.add_native_module("_tokenize", tokenize::make);
    vm.add_native_module("unicodedata", unicodedata::make);
    vm.add_native_module("_warnings", warnings::make);
    if let Err(e) = sys::fill(vm).and_then(|()| io::start(vm)) {
        // Out of memory at start: the program meets the limit by itself at once.
        vm.discard(e);
    }
}

/// Modules that talk to the operating system.
fn register_system(vm: &mut Vm) {
    vm.add_native_module("_io", io::make);
    vm.add_native_module("_codecs", codecs::make);
    vm.add_native_module("_socket", socket::make);
    vm.add_native_module("_queue", queue::make);
    vm.add_native_module("faulthandler", faulthandler::make);
    vm.add_native_module("mmap", mmap::make);
    vm.add_native_module("posix", posix::make);
    vm.add_native_module("errno", errno::make);
    vm.add_native_module("_stat", stat::make);
    vm.add_native_module("_signal", signal::make);
    vm.add_native_module("_locale", locale::make);
    vm.add_native_module("_posixsubprocess", posixsubprocess::make);
    vm.add_native_module("select", select::make);
    vm.add_native_module("fcntl", fcntl::make);
    vm.add_native_module("resource", resource::make);
    vm.add_native_module("pwd", pwd::make);
    vm.add_native_module("grp", pwd::make_groups);
}
