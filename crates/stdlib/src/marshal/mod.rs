//! The module `marshal`: values as bytes in CPython's format (version 5). Code is written in the format of this
//! machine, so only data goes between the two.
//!
//!   write.rs  dumps      read.rs  loads
//!
//! Invariant: whatever the bytes, `loads` gives a value or raises; nothing is allocated for more than the bytes hold.

mod read;
mod write;

use crate::prelude::{Args, NativeDef, PyResult, Vm, base_value, new_module};
use hognose_vm::object::bytes::bytes_of;

/// Values nested deeper raise.
const DEPTH_MAX: usize = 1000;
const VERSION: i64 = 5;

const FUNCTIONS: &[NativeDef] = &[
    NativeDef::function("dumps", "value, version=5, /, *, allow_code=True", |vm, a| {
        let bytes = dump_bytes(vm, a, 0)?;
        vm.new_bytes(&bytes)
    }),
    NativeDef::function("dump", "value, file, version=5, /, *, allow_code=True", |vm, a| {
        let bytes = dump_bytes(vm, a, 1)?;
        let bytes = vm.new_bytes(&bytes)?;
        vm.call_method(a.get(1), "write", &[bytes.as_ref()])
    }),
    NativeDef::function("loads", "bytes, /, *, allow_code=True", |vm, a| {
        let allow = allows_code(vm, a, 1)?;
        load_bytes(vm, a.get(0), allow)
    }),
    NativeDef::function("load", "file, /, *, allow_code=True", load),
];

/// Makes the module `marshal`.
pub fn make(vm: &mut Vm) -> PyResult {
    let doc = "This module contains functions that can read and write Python values in\na binary format.";
    let module = new_module(vm, "marshal", doc, FUNCTIONS)?;
    let version = vm.new_int(VERSION)?;
    vm.module_set(module.as_ref(), "version", version)?;
    Ok(module)
}

/// MemoryError unless the heap's limit leaves this many bytes for what is made outside of it.
fn check_room(vm: &mut Vm, bytes: usize) -> PyResult<()> {
    vm.heap().charge_external(bytes)?;
    vm.heap().discharge_external(bytes);
    Ok(())
}

fn allows_code(vm: &mut Vm, args: &Args<'_>, at: usize) -> PyResult<bool> {
    args.opt(at).map_or(Ok(true), |v| vm.is_true(v))
}

/// The version argument follows `skip` others.
fn dump_bytes(vm: &mut Vm, args: &Args<'_>, skip: usize) -> PyResult<Vec<u8>> {
    let version = match args.opt(skip + 1) {
        Some(v) => vm.index_i32(v)?,
        None => VERSION as i32,
    };
    let allow = allows_code(vm, args, skip + 2)?;
    write::dump(vm, args.get(0), version, allow)
}

fn load_bytes(vm: &mut Vm, data: hognose_vm::Ref<'_>, allow: bool) -> PyResult {
    if let Some(bytes) = bytes_of(base_value(data)) {
        return read::load(vm, bytes, allow).map(|(v, _)| v);
    }
    if hognose_vm::as_str(data).is_some() {
        return Err(vm.type_error("a bytes-like object is required, not 'str'"));
    }
    let class = vm.types().memoryview;
    let view = vm.call(class.as_ref(), &[data])?;
    let copy = vm.call_method(view.as_ref(), "tobytes", &[])?;
    read::load(vm, bytes_of(copy.as_ref()).unwrap_or(&[]), allow).map(|(v, _)| v)
}

/// Reads one value; what follows it stays in the file.
fn load(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let file = args.get(0);
    let allow = allows_code(vm, args, 1)?;
    let start = match vm.call_method(file, "tell", &[]) {
        Ok(p) => Some(p),
        Err(e) => {
            vm.discard(e);
            None
        }
    };
    let data = vm.call_method(file, "read", &[])?;
    let Some(bytes) = bytes_of(base_value(data.as_ref())) else {
        let class = vm.type_name(data.as_ref());
        return Err(vm.type_error(&format!("file.read() returned not bytes but {class}")));
    };
    let (value, used) = read::load(vm, bytes, allow)?;
    if let Some(start) = start {
        let used = vm.new_int(used as i64)?;
        let end = vm.binary_op(crate::prelude::BinOp::Add, start.as_ref(), used.as_ref())?;
        vm.call_method(file, "seek", &[end.as_ref()])?;
    }
    Ok(value)
}
