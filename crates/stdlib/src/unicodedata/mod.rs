//! `unicodedata`: properties, names and normal forms of characters.
//!
//!   tables.rs   categories, bidirectional classes, widths, combining classes, values
//! Names come from `unicode_names2`, normal forms from `unicode-normalization`. Code points that are surrogates have
//! properties but no name, and stand for themselves in every normal form.

mod tables;

use crate::prelude::*;
use hognose_vm::heap::Charge;
use hognose_vm::unicode;
use tables::{BIDIRECTIONAL, CATEGORIES, NUMBERS, RECORDS, RUNS, WIDTHS};
use unicode_normalization::UnicodeNormalization;

const FUNCTIONS: &[NativeDef] = &[
    NativeDef::function("category", "chr, /", |vm, a| {
        property(vm, a, "category", |r| CATEGORIES[usize::from(r.0)])
    }),
    NativeDef::function("bidirectional", "chr, /", |vm, a| {
        property(vm, a, "bidirectional", |r| BIDIRECTIONAL[usize::from(r.1)])
    }),
    NativeDef::function("east_asian_width", "chr, /", |vm, a| {
        property(vm, a, "east_asian_width", |r| WIDTHS[usize::from(r.2)])
    }),
    NativeDef::function("mirrored", "chr, /", |vm, a| number(vm, a, "mirrored", |r| r.3)),
    NativeDef::function("combining", "chr, /", |vm, a| number(vm, a, "combining", |r| r.4)),
    NativeDef::function("decimal", "chr, default=<unrepresentable>, /", decimal),
    NativeDef::function("digit", "chr, default=<unrepresentable>, /", digit),
    NativeDef::function("numeric", "chr, default=<unrepresentable>, /", numeric),
    NativeDef::function("name", "chr, default=<unrepresentable>, /", name),
    NativeDef::function("lookup", "name, /", lookup),
    NativeDef::function("normalize", "form, unistr, /", normalize),
    NativeDef::function("is_normalized", "form, unistr, /", is_normalized),
];

type Record = (u8, u8, u8, u8, u8);

/// Makes the module.
pub fn make(vm: &mut Vm) -> PyResult {
    let module =
        new_module(vm, "unicodedata", "Properties, names and normal forms of characters.", FUNCTIONS)?;
    let version = vm.new_str("16.0.0")?;
    vm.module_set(module.as_ref(), "unidata_version", version)?;
    Ok(module)
}

fn record(c: u32) -> Record {
    let at = RUNS.partition_point(|run| run >> 11 <= c);
    RECORDS[(RUNS[at - 1] & 0x7FF) as usize]
}

fn character(vm: &mut Vm, args: &Args<'_>, function: &str) -> PyResult<u32> {
    let r = args.get(0);
    let Some(s) = as_str(r) else {
        let got = vm.type_name(r);
        let place = if args.pos.len() > 1 { "argument 1" } else { "argument" };
        return Err(vm.type_error(&format!("{function}() {place} must be a unicode character, not {got}")));
    };
    if s.char_len() != 1 {
        let (place, n) = (if args.pos.len() > 1 { "argument 1" } else { "argument" }, s.char_len());
        return Err(vm.type_error(&format!(
            "{function}(): {place} must be a unicode character, not a string of length {n}"
        )));
    }
    Ok(s.char_at(0))
}

fn property(vm: &mut Vm, args: &Args<'_>, function: &str, of: fn(Record) -> &'static str) -> PyResult {
    let c = character(vm, args, function)?;
    vm.new_str(of(record(c)))
}

fn number(vm: &mut Vm, args: &Args<'_>, function: &str, of: fn(Record) -> u8) -> PyResult {
    let c = character(vm, args, function)?;
    vm.new_int(i64::from(of(record(c))))
}

fn or_default(vm: &mut Vm, args: &Args<'_>, found: Option<Owned>, message: &str) -> PyResult {
    match (found, args.opt(1)) {
        (Some(v), _) => Ok(v),
        (None, Some(default)) => Ok(default.owned()),
        (None, None) => Err(vm.value_error(message)),
    }
}

fn decimal(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let c = character(vm, args, "decimal")?;
    let v = unicode::decimal_value(c).map(|n| vm.new_int(i64::from(n))).transpose()?;
    or_default(vm, args, v, "not a decimal")
}

fn digit(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let c = character(vm, args, "digit")?;
    let v = unicode::digit_value(c).map(|n| vm.new_int(i64::from(n))).transpose()?;
    or_default(vm, args, v, "not a digit")
}

fn value_of(c: u32) -> Option<f64> {
    if let Some(n) = unicode::decimal_value(c) {
        return Some(f64::from(n));
    }
    let at = NUMBERS.partition_point(|run| run.0 <= c);
    let (first, count, numerator, denominator, step) = *NUMBERS.get(at.checked_sub(1)?)?;
    let i = c - first;
    (i < count).then(|| (numerator + step * i64::from(i)) as f64 / denominator as f64)
}

fn numeric(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let c = character(vm, args, "numeric")?;
    let v = value_of(c).map(|x| vm.new_float(x)).transpose()?;
    or_default(vm, args, v, "not a numeric character")
}

fn name(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let c = character(vm, args, "name")?;
    let found =
        char::from_u32(c).and_then(unicode_names2::name).map(|n| vm.new_str(&n.to_string())).transpose()?;
    or_default(vm, args, found, "no such name")
}

fn lookup(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let text = vm.expect_str(args.get(0), "lookup() argument")?.into_owned();
    match unicode_names2::character(&text) {
        Some(c) => vm.new_str(c.encode_utf8(&mut [0; 4])),
        None => {
            let message = vm.new_str(&format!("undefined character name '{text}'"))?;
            Err(vm.raise_with(Exc::KeyError, vec![message]))
        }
    }
}

/// Appends a text in the normal form of this name.
fn normal_form(name: &str) -> Option<fn(&str, &mut String)> {
    Some(match name {
        "NFC" => |s, out| out.extend(s.nfc()),
        "NFD" => |s, out| out.extend(s.nfd()),
        "NFKC" => |s, out| out.extend(s.nfkc()),
        "NFKD" => |s, out| out.extend(s.nfkd()),
        _ => return None,
    })
}

/// The second argument in the normal form that the first names; surrogates are left where they are.
fn normalized(vm: &mut Vm, args: &Args<'_>) -> PyResult<Vec<u8>> {
    let form = vm.expect_str(args.get(0), "normalization form")?.into_owned();
    let Some(s) = as_str(args.get(1)) else {
        let got = vm.type_name(args.get(1));
        return Err(vm.type_error(&format!("argument 2 must be str, not {got}")));
    };
    let Some(append) = normal_form(&form) else {
        return Err(vm.value_error("invalid normalization form"));
    };
    let bytes = s.as_bytes();
    // A character gives at most eighteen.
    let _charge = Charge::new(vm.heap(), bytes.len().saturating_mul(18))?;
    if s.is_ascii() {
        return Ok(bytes.to_vec());
    }
    let (mut out, mut part) = (Vec::with_capacity(bytes.len()), String::new());
    for chunk in bytes.utf8_chunks() {
        part.clear();
        append(chunk.valid(), &mut part);
        out.extend_from_slice(part.as_bytes());
        out.extend_from_slice(chunk.invalid());
    }
    Ok(out)
}

fn normalize(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let out = normalized(vm, args)?;
    vm.new_str_bytes(&out)
}

fn is_normalized(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let out = normalized(vm, args)?;
    Ok(owned_bool(out == str_bytes(args.get(1))))
}
