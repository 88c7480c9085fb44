//! The type `bool`: ints with two immediate values.
//!
//! `&`, `|` and `^` of two bools give a bool; everything else is inherited from int.

use super::int::{BINARY_OPS, ops};
use crate::args::Args;
use crate::define::TypeDef;
use crate::type_slots::{BinOp, Slots};
use crate::{PyResult, Vm};
use hognose_object::{Layout, Ref, TRUE, ValueExt, owned_bool};

/// `bool`
pub static TYPE: TypeDef = TypeDef {
    name: "bool",
    layout: Layout::Int,
    doc: "Returns True when the argument is true, False otherwise.\n\
          The builtins True and False are the only two instances of the class bool.\n\
          The class bool is a subclass of the class int, and cannot be subclassed.",
    slots: Slots {
        repr: Some(repr),
        binary: Some(binary),
        binary_ops: BINARY_OPS,
        new: Some(new),
        ..Slots::NONE
    },
    ..TypeDef::EMPTY
};

fn repr(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    vm.new_str(if r.value() == TRUE { "True" } else { "False" })
}

fn binary(vm: &mut Vm, op: BinOp, a: Ref<'_>, b: Ref<'_>) -> PyResult {
    if a.is_bool() && b.is_bool() {
        let (x, y) = (a.value() == TRUE, b.value() == TRUE);
        match op {
            BinOp::And => return Ok(owned_bool(x & y)),
            BinOp::Or => return Ok(owned_bool(x | y)),
            BinOp::Xor => return Ok(owned_bool(x ^ y)),
            _ => {}
        }
    }
    ops::binary(vm, op, a, b)
}

fn new(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    if !args.kwnames.is_empty() {
        return Err(vm.type_error("bool() takes no keyword arguments"));
    }
    match args.rest(1) {
        [] => Ok(owned_bool(false)),
        [x] => Ok(owned_bool(vm.is_true(*x)?)),
        more => Err(vm.type_error(&format!("bool expected at most 1 argument, got {}", more.len()))),
    }
}
