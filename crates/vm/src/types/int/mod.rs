//! The type `int`.
//!
//!   number.rs   operands, exact conversions to and from floats, the price of results
//!   ops.rs      operators and comparison
//!   parse.rs    the constructor; text to number and back
//!   methods.rs  everything called by name
//!
//! Invariant: a value that fits an immediate is one, so two equal immediates are identical words.

pub(crate) mod methods;
pub(crate) mod number;
pub(crate) mod ops;
pub(crate) mod parse;

pub use parse::IntMaxStrDigits;

use crate::define::TypeDef;
use crate::type_slots::{BinOp, Slots};
use crate::{PyResult, Vm};
use hognose_object::hash::hash_int;
use hognose_object::int::hash_bigint;
use hognose_object::{Layout, Ref};
use number::{Num, num_of};

/// The operators ints know.
pub(crate) const BINARY_OPS: u32 = BinOp::Add.bit()
    | BinOp::Sub.bit()
    | BinOp::Mul.bit()
    | BinOp::TrueDiv.bit()
    | BinOp::FloorDiv.bit()
    | BinOp::Mod.bit()
    | BinOp::And.bit()
    | BinOp::Or.bit()
    | BinOp::Xor.bit()
    | BinOp::LShift.bit()
    | BinOp::RShift.bit()
    | BinOp::Pow.bit()
    | BinOp::DivMod.bit();

/// `int`
pub static TYPE: TypeDef = TypeDef {
    name: "int",
    layout: Layout::Int,
    doc: "int([x]) -> integer\n\
          int(x, base=10) -> integer\n\n\
          Convert a number or string to an integer, or return 0 if no arguments\n\
          are given.  If x is a number, return x.__int__().  For floating-point\n\
          numbers, this truncates towards zero.\n\n\
          If x is not a number or if base is given, then x must be a string,\n\
          bytes, or bytearray instance representing an integer literal in the\n\
          given base.  The literal can be preceded by '+' or '-' and be surrounded\n\
          by whitespace.  The base defaults to 10.  Valid bases are 0 and 2-36.\n\
          Base 0 means to interpret the base from the string as an integer literal.\n\
          >>> int('0b100', base=0)\n4",
    slots: Slots {
        repr: Some(repr),
        hash: Some(hash),
        richcompare: Some(ops::richcompare),
        binary: Some(ops::binary),
        binary_ops: BINARY_OPS,
        unary: Some(ops::unary),
        bool: Some(is_true),
        int: Some(parse::plain),
        float: Some(to_float),
        index: Some(parse::plain),
        new: Some(parse::new),
        ..Slots::NONE
    },
    methods: methods::METHODS,
    getset: methods::GETSET,
    ..TypeDef::EMPTY
};

/// `repr(n)`
pub(crate) fn repr(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    match num_of(r) {
        Some(Num::Small(n)) => parse::small_repr(vm, n),
        Some(n) => {
            let text = parse::decimal(vm, &n)?;
            vm.new_str(&text)
        }
        None => vm.default_repr(r),
    }
}

/// `hash(n)`
pub(crate) fn hash(_vm: &mut Vm, r: Ref<'_>) -> PyResult<i64> {
    Ok(match num_of(r) {
        Some(Num::Small(n)) => hash_int(n),
        Some(Num::Big(n)) => hash_bigint(&n),
        None => Vm::hash_identity(r),
    })
}

fn is_true(_vm: &mut Vm, r: Ref<'_>) -> PyResult<bool> {
    // Zero is always an immediate.
    Ok(!matches!(num_of(r), Some(Num::Small(0))))
}

fn to_float(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let x = vm.as_f64(r)?;
    vm.new_float(x)
}
