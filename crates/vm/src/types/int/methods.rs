//! Methods and attributes of ints.

use super::number::{Num, charged, give, num_of};
use super::parse::plain;
use crate::args::{Args, GetSetDef, NativeDef};
use crate::class::{TypeRef, base_value};
use crate::text::{as_str, str_bytes};
use crate::{PyResult, Vm};
use hognose_object::bytes::bytes_of;
use hognose_object::{Ref, ValueExt};
use num_bigint::{BigInt, Sign};
use num_integer::Integer;
use num_traits::{Signed, Zero};

pub(super) static METHODS: &[NativeDef] = &[
    NativeDef::method("conjugate", "$self, /", itself),
    NativeDef::method("bit_length", "$self, /", bit_length),
    NativeDef::method("bit_count", "$self, /", bit_count),
    NativeDef::method("to_bytes", "$self, /, length=1, byteorder='big', *, signed=False", to_bytes),
    NativeDef::class_method("from_bytes", "$type, /, bytes, byteorder='big', *, signed=False", from_bytes),
    NativeDef::method("as_integer_ratio", "$self, /", as_integer_ratio),
    NativeDef::method("is_integer", "$self, /", is_integer),
    NativeDef::method("__trunc__", "$self, /", itself),
    NativeDef::method("__floor__", "$self, /", itself),
    NativeDef::method("__ceil__", "$self, /", itself),
    NativeDef::method("__round__", "$self, ndigits=None, /", round),
    NativeDef::method("__getnewargs__", "$self, /", getnewargs),
    NativeDef::method("__format__", "$self, format_spec, /", format),
    NativeDef::method("__sizeof__", "$self, /", sizeof),
];

pub(super) static GETSET: &[GetSetDef] = &[
    GetSetDef::read("real", plain),
    GetSetDef::read("imag", |vm, _| vm.new_int(0)),
    GetSetDef::read("numerator", plain),
    GetSetDef::read("denominator", |vm, _| vm.new_int(1)),
];

fn number(r: Ref<'_>) -> Num {
    num_of(r).unwrap_or(Num::Small(0))
}

fn itself(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    plain(vm, args.get(0))
}

fn bit_length(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let bits = match number(args.get(0)) {
        Num::Small(n) => u64::from(64 - n.unsigned_abs().leading_zeros()),
        Num::Big(n) => n.bits(),
    };
    vm.new_int(bits as i64)
}

fn bit_count(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let bits = match number(args.get(0)) {
        Num::Small(n) => u64::from(n.unsigned_abs().count_ones()),
        Num::Big(n) => n.magnitude().count_ones(),
    };
    vm.new_int(bits as i64)
}

/// Is the byte order little-endian?
fn byte_order(vm: &mut Vm, method: &str, order: Option<Ref<'_>>) -> PyResult<bool> {
    let Some(order) = order else { return Ok(false) };
    if as_str(order).is_none() {
        let class = vm.type_name(order);
        return Err(vm.type_error(&format!("{method}() argument 'byteorder' must be str, not {class}")));
    }
    match str_bytes(order) {
        b"little" => Ok(true),
        b"big" => Ok(false),
        _ => Err(vm.value_error("byteorder must be either 'little' or 'big'")),
    }
}

fn to_bytes(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let length = match args.opt(1) {
        Some(n) => vm.index_isize(n, false)?,
        None => 1,
    };
    let little = byte_order(vm, "to_bytes", args.opt(2))?;
    let signed = match args.opt(3) {
        Some(s) => vm.is_true(s)?,
        None => false,
    };
    let Ok(length) = usize::try_from(length) else {
        return Err(vm.value_error("length argument must be non-negative"));
    };
    let n = number(args.get(0)).big();
    if n.is_negative() && !signed {
        return Err(vm.overflow_error("can't convert negative int to unsigned"));
    }
    let digits = match (signed, n.is_zero()) {
        (_, true) => Vec::new(),
        (true, _) => n.to_signed_bytes_le(),
        (false, _) => n.to_bytes_le().1,
    };
    if digits.len() > length {
        return Err(vm.overflow_error("int too big to convert"));
    }
    let fill = if n.is_negative() { 0xff } else { 0 };
    let mut out = charged(vm, (length as u64).saturating_mul(8), || {
        let mut out = digits;
        out.resize(length, fill);
        out
    })?;
    if !little {
        out.reverse();
    }
    vm.new_bytes(&out)
}

fn from_bytes(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let little = byte_order(vm, "from_bytes", args.opt(2))?;
    let signed = match args.opt(3) {
        Some(s) => vm.is_true(s)?,
        None => false,
    };
    let source = args.get(1);
    let bytes = match bytes_of(base_value(source)) {
        Some(_) => base_value(source).owned(),
        None => {
            if as_str(source).is_some() || num_of(source).is_some() {
                let class = vm.type_name(source);
                return Err(vm.type_error(&format!("cannot convert '{class}' object to bytes")));
            }
            let class = vm.types().bytes;
            vm.call(class.as_ref(), &[source])?
        }
    };
    let digits = bytes_of(base_value(bytes.as_ref())).unwrap_or(&[]);
    let n = charged(vm, digits.len() as u64 * 8, || match (signed, little) {
        (false, false) => BigInt::from_bytes_be(Sign::Plus, digits),
        (false, true) => BigInt::from_bytes_le(Sign::Plus, digits),
        (true, false) => BigInt::from_signed_bytes_be(digits),
        (true, true) => BigInt::from_signed_bytes_le(digits),
    })?;
    let n = give(vm, &n)?;
    match TypeRef::new(args.get(0)) {
        Some(class) if class != vm.types().int => vm.call(class.as_ref(), &[n.as_ref()]),
        _ => Ok(n),
    }
}

fn as_integer_ratio(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let (n, one) = (plain(vm, args.get(0))?, vm.new_int(1)?);
    vm.new_pair(n, one)
}

fn is_integer(_vm: &mut Vm, _args: &Args<'_>) -> PyResult {
    Ok(hognose_object::owned_bool(true))
}

fn getnewargs(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let n = plain(vm, args.get(0))?;
    vm.new_tuple(vec![n])
}

/// Rounds to a multiple of a power of ten, halves to even.
fn round(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let Some(digits) = args.opt(1).filter(|d| !d.is_none()) else { return plain(vm, args.get(0)) };
    let digits = vm.index_isize(digits, true)?;
    if digits >= 0 {
        return plain(vm, args.get(0));
    }
    let n = number(args.get(0)).big();
    // 10**k with k above the number of digits is more than twice the number.
    let Some(power) = u32::try_from(digits.unsigned_abs()).ok().filter(|&k| u64::from(k) <= n.bits() / 3 + 1)
    else {
        return vm.new_int(0);
    };
    let unit = charged(vm, u64::from(power) * 4, || BigInt::from(10).pow(power))?;
    let (mut q, r) = n.div_mod_floor(&unit);
    let twice: BigInt = &r << 1;
    if twice > unit || (twice == unit && q.is_odd()) {
        q += 1;
    }
    give(vm, &(q * unit))
}

fn format(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let (n, spec) = (args.get(0), args.get(1));
    if as_str(spec).is_none() {
        let class = vm.type_name(spec);
        return Err(vm.type_error(&format!("__format__() argument must be str, not {class}")));
    }
    if str_bytes(spec).is_empty() {
        return vm.str(n);
    }
    crate::format::format_int(vm, n, spec)
}

/// As CPython counts it: an object of 24 bytes and 30-bit digits, at least one.
fn sizeof(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let bits = match number(args.get(0)) {
        Num::Small(n) => u64::from(64 - n.unsigned_abs().leading_zeros()),
        Num::Big(n) => n.bits(),
    };
    vm.new_int(24 + 4 * (bits.div_ceil(30).max(1) as i64))
}
