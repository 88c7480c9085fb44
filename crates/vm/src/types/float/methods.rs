//! Methods and attributes of floats.

use super::text::{fromhex, hex};
use super::{plain, value};
use crate::args::{Args, GetSetDef, NativeDef};
use crate::class::TypeRef;
use crate::text::{as_str, str_bytes};
use crate::types::int::number::{decompose, give, int_from_f64, to_f64, trunc_to_big};
use crate::{PyResult, Vm};
use hognose_object::{ValueExt, owned_bool};
use num_bigint::BigInt;
use num_integer::Integer;

pub(super) static METHODS: &[NativeDef] = &[
    NativeDef::method("conjugate", "$self, /", itself),
    NativeDef::method("as_integer_ratio", "$self, /", as_integer_ratio),
    NativeDef::method("is_integer", "$self, /", is_integer),
    NativeDef::method("hex", "$self, /", |vm, args| {
        let text = hex(value(args.get(0)));
        vm.new_str(&text)
    }),
    NativeDef::class_method("fromhex", "$type, string, /", fromhex),
    NativeDef::class_method("from_number", "$type, number, /", from_number),
    NativeDef::class_method("__getformat__", "$type, typestr, /", getformat),
    NativeDef::method("__trunc__", "$self, /", |vm, args| int_from_f64(vm, value(args.get(0)))),
    NativeDef::method("__floor__", "$self, /", |vm, args| int_from_f64(vm, value(args.get(0)).floor())),
    NativeDef::method("__ceil__", "$self, /", |vm, args| int_from_f64(vm, value(args.get(0)).ceil())),
    NativeDef::method("__round__", "$self, ndigits=None, /", round),
    NativeDef::method("__getnewargs__", "$self, /", getnewargs),
    NativeDef::method("__format__", "$self, format_spec, /", format),
    NativeDef::method("__sizeof__", "$self, /", |vm, _| vm.new_int(24)),
];

pub(super) static GETSET: &[GetSetDef] =
    &[GetSetDef::read("real", plain), GetSetDef::read("imag", |vm, _| vm.new_float(0.0))];

fn itself(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    plain(vm, args.get(0))
}

fn as_integer_ratio(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let x = value(args.get(0));
    if x.is_infinite() {
        return Err(vm.overflow_error("cannot convert Infinity to integer ratio"));
    }
    if x.is_nan() {
        return Err(vm.value_error("cannot convert NaN to integer ratio"));
    }
    let (mut m, mut e) = decompose(x);
    if m == 0 {
        e = 0;
    }
    while e < 0 && m & 1 == 0 {
        m >>= 1;
        e += 1;
    }
    let n = BigInt::from(if x < 0.0 { -(m as i64) } else { m as i64 });
    let one = BigInt::from(1);
    let (n, d) = if e >= 0 { (n << e, one) } else { (n, one << e.unsigned_abs()) };
    let (n, d) = (give(vm, &n)?, give(vm, &d)?);
    vm.new_pair(n, d)
}

fn is_integer(_vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let x = value(args.get(0));
    Ok(owned_bool(x.is_finite() && x == x.floor()))
}

fn from_number(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let x = vm.as_f64(args.get(1))?;
    let x = vm.new_float(x)?;
    match TypeRef::new(args.get(0)) {
        Some(class) if class != vm.types().float => vm.call(class.as_ref(), &[x.as_ref()]),
        _ => Ok(x),
    }
}

fn getformat(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    if as_str(args.get(1)).is_none() {
        let class = vm.type_name(args.get(1));
        return Err(vm.type_error(&format!("__getformat__() argument must be str, not {class}")));
    }
    match str_bytes(args.get(1)) {
        b"double" | b"float" => vm.new_str(if cfg!(target_endian = "little") {
            "IEEE, little-endian"
        } else {
            "IEEE, big-endian"
        }),
        _ => Err(vm.value_error("__getformat__() argument 1 must be 'double' or 'float'")),
    }
}

fn getnewargs(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let x = plain(vm, args.get(0))?;
    vm.new_tuple(vec![x])
}

fn format(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let (x, spec) = (args.get(0), args.get(1));
    if as_str(spec).is_none() {
        let class = vm.type_name(spec);
        return Err(vm.type_error(&format!("__format__() argument must be str, not {class}")));
    }
    if str_bytes(spec).is_empty() {
        return vm.str(x);
    }
    crate::format::format_float(vm, x, spec)
}

fn round(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let x = value(args.get(0));
    let Some(digits) = args.opt(1).filter(|d| !d.is_none()) else {
        return int_from_f64(vm, x.round_ties_even());
    };
    let digits = vm.index_isize(digits, true)?;
    // Outside of these no float is changed, or all of them become zero.
    if !x.is_finite() || digits > 323 {
        return vm.new_float(x);
    }
    if digits < -308 {
        return vm.new_float(0.0 * x);
    }
    let rounded = round_to(x, digits as i32);
    if rounded.is_infinite() {
        return Err(vm.overflow_error("rounded value too large to represent"));
    }
    vm.new_float(rounded)
}

/// The float nearest to the decimal number nearest to `x`, both with ties to even.
pub(crate) fn round_to(x: f64, digits: i32) -> f64 {
    if digits >= 0 {
        return format!("{x:.*}", digits as usize).parse().unwrap_or(x);
    }
    let unit = BigInt::from(10).pow(digits.unsigned_abs());
    let a = x.abs();
    let (mut q, r) = trunc_to_big(a).div_mod_floor(&unit);
    let twice: BigInt = r << 1;
    let above = twice > unit || (twice == unit && (a != a.trunc() || q.is_odd()));
    if above {
        q += 1;
    }
    to_f64(&(q * unit)).copysign(x)
}

#[cfg(test)]
mod tests {
    use super::round_to;

    #[test]
    fn rounding() {
        assert_eq!(round_to(2.675, 2), 2.67);
        assert_eq!(round_to(0.5, 0), 0.0);
        assert_eq!(round_to(2.5, 0), 2.0);
        assert_eq!(round_to(0.25, 1), 0.2);
        assert_eq!(round_to(0.125, 2), 0.12);
        assert_eq!(round_to(25.0, -1), 20.0);
        assert_eq!(round_to(25.5, -1), 30.0);
        assert_eq!(round_to(1e300, -299), 1e300);
        assert_eq!(round_to(-0.4, 0).to_bits(), (-0.0f64).to_bits());
    }
}
