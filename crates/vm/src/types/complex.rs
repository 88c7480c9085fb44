//! The type `complex`: arithmetic of C99's Annex G as CPython has it, mixed operations of reals with complex numbers
//! touching only the part they must (so signs of zeros survive), text in both directions.

use crate::args::{Args, GetSetDef, NativeDef};
use crate::class::{TypeRef, base_value};
use crate::define::TypeDef;
use crate::exceptions::Exc;
use crate::text::{as_str, str_bytes};
use crate::type_slots::{BinOp, CmpOp, Slots, UnaryOp};
use crate::types::float::text::parse_decimal;
use crate::types::int::number::{Num, cmp_int_float, num_of, to_f64};
use crate::types::int::ops::not_implemented;
use crate::types::int::parse::{text_argument, trim};
use crate::{PyResult, Vm};
use hognose_object::float::{complex_of, float_of, float_repr, new_complex};
use hognose_object::hash::hash_float;
use hognose_object::{Layout, Owned, Ref, ValueExt, owned_bool};

/// Real and imaginary part.
pub(crate) type Complex = (f64, f64);

/// `complex`
pub static TYPE: TypeDef = TypeDef {
    name: "complex",
    layout: Layout::Complex,
    doc: "Create a complex number from a string or numbers.\n\n\
          If a string is given, parse it as a complex number.\n\
          If a single number is given, convert it to a complex number.\n\
          If the 'real' or 'imag' arguments are given, create a complex number\n\
          with the specified real and imaginary components.",
    slots: Slots {
        repr: Some(repr),
        hash: Some(hash),
        richcompare: Some(richcompare),
        binary: Some(binary),
        binary_ops: BinOp::Add.bit()
            | BinOp::Sub.bit()
            | BinOp::Mul.bit()
            | BinOp::TrueDiv.bit()
            | BinOp::Pow.bit(),
        unary: Some(unary),
        bool: Some(|_, r| Ok(value(r) != (0.0, 0.0))),
        new: Some(new),
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("conjugate", "$self, /", |vm, args| {
            let (re, im) = value(args.get(0));
            give(vm, (re, -im))
        }),
        NativeDef::class_method("from_number", "$type, number, /", from_number),
        NativeDef::method("__complex__", "$self, /", |vm, args| {
            let c = value(args.get(0));
            give(vm, c)
        }),
        NativeDef::method("__getnewargs__", "$self, /", |vm, args| {
            let (re, im) = value(args.get(0));
            let (re, im) = (vm.new_float(re)?, vm.new_float(im)?);
            vm.new_pair(re, im)
        }),
        NativeDef::method("__format__", "$self, format_spec, /", format),
        NativeDef::method("__sizeof__", "$self, /", |vm, _| vm.new_int(32)),
    ],
    getset: &[
        GetSetDef::write("real", |vm, r| vm.new_float(value(r).0), crate::types::slice::read_only),
        GetSetDef::write("imag", |vm, r| vm.new_float(value(r).1), crate::types::slice::read_only),
    ],
    ..TypeDef::EMPTY
};

/// The number behind a complex or an instance of a subclass.
fn value(r: Ref<'_>) -> Complex {
    complex_of(base_value(r)).unwrap_or((f64::NAN, f64::NAN))
}

fn give(vm: &Vm, (re, im): Complex) -> PyResult {
    Ok(new_complex(vm.heap(), re, im)?)
}

/// As `repr` writes one part: without `.0`.
fn part(x: f64) -> String {
    let text = float_repr(x);
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

fn repr(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let (re, im) = value(r);
    let text = if re == 0.0 && re.is_sign_positive() {
        format!("{}j", part(im))
    } else {
        let sign = if im.is_nan() || im.is_sign_positive() { "+" } else { "" };
        format!("({}{sign}{}j)", part(re), part(im))
    };
    vm.new_str(&text)
}

fn hash(_vm: &mut Vm, r: Ref<'_>) -> PyResult<i64> {
    let (re, im) = value(r);
    let identity = r.value().bits();
    let h = hash_float(re, identity).wrapping_add(1_000_003i64.wrapping_mul(hash_float(im, identity)));
    Ok(if h == -1 { -2 } else { h })
}

fn richcompare(_vm: &mut Vm, op: CmpOp, a: Ref<'_>, b: Ref<'_>) -> PyResult {
    if !matches!(op, CmpOp::Eq | CmpOp::Ne) {
        return not_implemented();
    }
    let (c, other) = if complex_of(base_value(a)).is_some() { (a, b) } else { (b, a) };
    let (re, im) = value(c);
    let equal = if let Some(d) = complex_of(base_value(other)) {
        d == (re, im)
    } else if let Some(x) = float_of(base_value(other)) {
        x == re && im == 0.0
    } else if let Some(n) = num_of(other) {
        im == 0.0 && cmp_int_float(&n, re).is_some_and(std::cmp::Ordering::is_eq)
    } else {
        return not_implemented();
    };
    Ok(owned_bool(equal == (op == CmpOp::Eq)))
}

/// An operand: real numbers keep to be told apart.
enum Operand {
    Real(f64),
    Complex(Complex),
}

fn operand(vm: &mut Vm, r: Ref<'_>) -> PyResult<Option<Operand>> {
    let v = base_value(r);
    if let Some(c) = complex_of(v) {
        return Ok(Some(Operand::Complex(c)));
    }
    if let Some(x) = float_of(v) {
        return Ok(Some(Operand::Real(x)));
    }
    Ok(match num_of(v) {
        Some(Num::Small(n)) => Some(Operand::Real(n as f64)),
        Some(Num::Big(n)) => {
            let x = to_f64(&n);
            if x.is_infinite() {
                return Err(vm.overflow_error("int too large to convert to float"));
            }
            Some(Operand::Real(x))
        }
        None => None,
    })
}

fn binary(vm: &mut Vm, op: BinOp, a: Ref<'_>, b: Ref<'_>) -> PyResult {
    use Operand::{Complex as C, Real as R};
    if op == BinOp::Pow {
        let (Some(x), Some(y)) = (operand(vm, a)?, operand(vm, b)?) else { return not_implemented() };
        let whole = |o| match o {
            R(x) => (x, 0.0),
            C(c) => c,
        };
        return pow(vm, whole(x), whole(y));
    }
    let (Some(x), Some(y)) = (operand(vm, a)?, operand(vm, b)?) else { return not_implemented() };
    let result = match (op, x, y) {
        (BinOp::Add, C(x), C(y)) => (x.0 + y.0, x.1 + y.1),
        (BinOp::Add, C(x), R(y)) => (x.0 + y, x.1),
        (BinOp::Add, R(x), C(y)) => (x + y.0, y.1),
        (BinOp::Sub, C(x), C(y)) => (x.0 - y.0, x.1 - y.1),
        (BinOp::Sub, C(x), R(y)) => (x.0 - y, x.1),
        (BinOp::Sub, R(x), C(y)) => (x - y.0, -y.1),
        (BinOp::Mul, C(x), C(y)) => mul(x, y),
        (BinOp::Mul, C(x), R(y)) => (x.0 * y, x.1 * y),
        (BinOp::Mul, R(x), C(y)) => (x * y.0, x * y.1),
        (BinOp::TrueDiv, _, C((0.0, 0.0)) | R(0.0)) => {
            return Err(vm.raise(Exc::ZeroDivisionError, "division by zero"));
        }
        (BinOp::TrueDiv, C(x), C(y)) => div(x, y),
        (BinOp::TrueDiv, C(x), R(y)) => (x.0 / y, x.1 / y),
        (BinOp::TrueDiv, R(x), C(y)) => real_div(x, y),
        _ => return not_implemented(),
    };
    give(vm, result)
}

/// ±1 for an infinity, else ±0.
fn boxed(x: f64) -> f64 {
    (if x.is_infinite() { 1.0f64 } else { 0.0 }).copysign(x)
}

fn mul((mut a, mut b): Complex, (mut c, mut d): Complex) -> Complex {
    let (ac, bd, ad, bc) = (a * c, b * d, a * d, b * c);
    let r = (ac - bd, ad + bc);
    if !(r.0.is_nan() && r.1.is_nan()) {
        return r;
    }
    // Infinities that were computed as NaN are recovered.
    let calm = |x: f64| if x.is_nan() { 0.0f64.copysign(x) } else { x };
    let mut again = false;
    if a.is_infinite() || b.is_infinite() {
        (a, b, c, d) = (boxed(a), boxed(b), calm(c), calm(d));
        again = true;
    }
    if c.is_infinite() || d.is_infinite() {
        (c, d, a, b) = (boxed(c), boxed(d), calm(a), calm(b));
        again = true;
    }
    if !again && [ac, bd, ad, bc].iter().any(|x| x.is_infinite()) {
        (a, b, c, d) = (calm(a), calm(b), calm(c), calm(d));
        again = true;
    }
    if again { (f64::INFINITY * (a * c - b * d), f64::INFINITY * (a * d + b * c)) } else { r }
}

fn div(a: Complex, b: Complex) -> Complex {
    let r = if b.0.abs() >= b.1.abs() {
        let ratio = b.1 / b.0;
        let denom = b.0 + b.1 * ratio;
        ((a.0 + a.1 * ratio) / denom, (a.1 - a.0 * ratio) / denom)
    } else if b.1.abs() >= b.0.abs() {
        let ratio = b.0 / b.1;
        let denom = b.0 * ratio + b.1;
        ((a.0 * ratio + a.1) / denom, (a.1 * ratio - a.0) / denom)
    } else {
        (f64::NAN, f64::NAN)
    };
    if !(r.0.is_nan() && r.1.is_nan()) {
        return r;
    }
    let finite = |c: Complex| c.0.is_finite() && c.1.is_finite();
    let infinite = |c: Complex| c.0.is_infinite() || c.1.is_infinite();
    if infinite(a) && finite(b) {
        let (x, y) = (boxed(a.0), boxed(a.1));
        (f64::INFINITY * (x * b.0 + y * b.1), f64::INFINITY * (y * b.0 - x * b.1))
    } else if infinite(b) && finite(a) {
        let (x, y) = (boxed(b.0), boxed(b.1));
        (0.0 * (a.0 * x + a.1 * y), 0.0 * (a.1 * x - a.0 * y))
    } else {
        r
    }
}

fn real_div(a: f64, b: Complex) -> Complex {
    let r = if b.0.abs() >= b.1.abs() {
        let ratio = b.1 / b.0;
        let denom = b.0 + b.1 * ratio;
        (a / denom, (-a * ratio) / denom)
    } else if b.1.abs() >= b.0.abs() {
        let ratio = b.0 / b.1;
        let denom = b.0 * ratio + b.1;
        ((a * ratio) / denom, -a / denom)
    } else {
        (f64::NAN, f64::NAN)
    };
    if r.0.is_nan() && r.1.is_nan() && a.is_finite() && (b.0.is_infinite() || b.1.is_infinite()) {
        let (x, y) = (boxed(b.0), boxed(b.1));
        return (0.0 * (a * x), 0.0 * (-a * y));
    }
    r
}

/// `a ** b`
pub(crate) fn pow(vm: &mut Vm, a: Complex, b: Complex) -> PyResult {
    let small_power = b.1 == 0.0 && b.0 == b.0.floor() && b.0.abs() <= 100.0;
    let zero_to_negative = a == (0.0, 0.0) && b != (0.0, 0.0) && (b.1 != 0.0 || b.0 < 0.0);
    if zero_to_negative {
        return Err(vm.raise(Exc::ZeroDivisionError, "zero to a negative or complex power"));
    }
    let r = if small_power {
        let n = b.0 as i32;
        let p = power_by_squaring(a, n.unsigned_abs());
        if n < 0 { div((1.0, 0.0), p) } else { p }
    } else if a == (0.0, 0.0) {
        (0.0, 0.0)
    } else {
        let size = a.0.hypot(a.1);
        let angle = a.1.atan2(a.0);
        let (mut len, mut phase) = (size.powf(b.0), angle * b.0);
        if b.1 != 0.0 {
            len *= (-angle * b.1).exp();
            phase += b.1 * size.ln();
        }
        (len * phase.cos(), len * phase.sin())
    };
    if r.0.is_infinite() || r.1.is_infinite() {
        return Err(vm.overflow_error("complex exponentiation"));
    }
    give(vm, r)
}

fn power_by_squaring(x: Complex, n: u32) -> Complex {
    let (mut r, mut p, mut mask) = ((1.0, 0.0), x, 1u32);
    while mask <= n {
        if n & mask != 0 {
            r = mul(r, p);
        }
        mask <<= 1;
        p = mul(p, p);
    }
    r
}

fn unary(vm: &mut Vm, op: UnaryOp, a: Ref<'_>) -> PyResult {
    let (re, im) = value(a);
    match op {
        UnaryOp::Neg => give(vm, (-re, -im)),
        UnaryOp::Pos => give(vm, (re, im)),
        UnaryOp::Abs => {
            let size = re.hypot(im);
            if size.is_infinite() && re.is_finite() && im.is_finite() {
                return Err(vm.overflow_error("absolute value too large"));
            }
            vm.new_float(size)
        }
        UnaryOp::Invert => not_implemented(),
    }
}

fn format(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let (c, spec) = (args.get(0), args.get(1));
    if as_str(spec).is_none() {
        let class = vm.type_name(spec);
        return Err(vm.type_error(&format!("__format__() argument must be str, not {class}")));
    }
    if str_bytes(spec).is_empty() {
        return vm.str(c);
    }
    crate::format::format_complex(vm, c, spec)
}

// ---- construction

fn new(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let class = TypeRef::new(args.get(0))
        .ok_or_else(|| vm.type_error("complex.__new__(X): X is not a type object"))?;
    let given = args.rest(1);
    if given.len() + args.kwnames.len() > 2 {
        let n = given.len() + args.kwnames.len();
        return Err(vm.type_error(&format!("complex() takes at most 2 arguments ({n} given)")));
    }
    for name in args.kwnames {
        let text = str_bytes(*name);
        let position = [&b"real"[..], b"imag"].iter().position(|n| *n == text);
        match position {
            None => {
                let name = vm.text_of(*name);
                return Err(vm.unknown_keyword("complex", &name, ["real", "imag"].into_iter()));
            }
            Some(i) if i < given.len() => {
                let name = vm.text_of(*name);
                return Err(vm.type_error(&format!(
                    "argument for complex() given by name ('{name}') and position ({})",
                    i + 1
                )));
            }
            Some(_) => {}
        }
    }
    let real = given.first().copied().or_else(|| args.kw("real"));
    let imag = given.get(1).copied().or_else(|| args.kw("imag"));
    let value = match (real, imag) {
        (Some(x), None) if given.len() == 1 => single(vm, x)?,
        (real, imag) => {
            let re = component(vm, real, "real")?;
            let im = component(vm, imag, "imag")?;
            let (re, im) = match (re, im) {
                (Operand::Real(re), Operand::Real(im)) => (re, im),
                (Operand::Complex(c), _) if imag.is_none() => c,
                (Operand::Complex(c), Operand::Real(im)) => (c.0, c.1 + im),
                (Operand::Real(re), Operand::Complex(d)) => (re - d.1, d.0),
                (Operand::Complex(c), Operand::Complex(d)) => (c.0 - d.1, c.1 + d.0),
            };
            give(vm, (re, im))?
        }
    };
    vm.wrap_new(class, value)
}

/// `complex(x)`
fn single(vm: &mut Vm, x: Ref<'_>) -> PyResult {
    if as_str(x).is_some() {
        let text = text_argument(vm, x)?.unwrap_or_default();
        return match parse(&text) {
            Some(c) => give(vm, c),
            None => Err(vm.value_error("complex() arg is a malformed string")),
        };
    }
    if vm.class_of(x) == vm.types().complex {
        return Ok(x.owned());
    }
    if let Some(c) = special_complex(vm, x)? {
        return give(vm, c);
    }
    let slots = vm.class_of(x).slots();
    if slots.float.is_none() && slots.index.is_none() {
        let class = vm.type_name(x);
        return Err(vm.type_error(&format!("complex() argument must be a string or a number, not {class}")));
    }
    let re = vm.as_f64(x)?;
    give(vm, (re, 0.0))
}

/// What `__complex__` gives, or the value of a complex number.
pub(crate) fn special_complex(vm: &mut Vm, x: Ref<'_>) -> PyResult<Option<Complex>> {
    if let Some(c) = complex_of(x) {
        return Ok(Some(c));
    }
    if float_of(base_value(x)).is_some() || num_of(x).is_some() {
        return Ok(None);
    }
    let name = vm.names().__complex__;
    let Some(c): Option<Owned> = vm.call_special(x, name, &[])? else { return Ok(None) };
    match complex_of(base_value(c.as_ref())) {
        Some(z) => {
            if !c.as_ref().is_exact(Layout::Complex) {
                let class = vm.type_name(c.as_ref());
                let message = format!(
                    "__complex__ returned non-complex (type {class}).  The ability to return an instance of a strict subclass of complex is deprecated, and may be removed in a future version of Python."
                );
                vm.warn(Exc::DeprecationWarning, &message)?;
            }
            Ok(Some(z))
        }
        None => {
            let class = vm.type_name(c.as_ref());
            Err(vm.type_error(&format!("__complex__ returned non-complex (type {class})")))
        }
    }
}

fn component(vm: &mut Vm, x: Option<Ref<'_>>, name: &str) -> PyResult<Operand> {
    let Some(x) = x else { return Ok(Operand::Real(0.0)) };
    // An imaginary part is never asked for `__complex__`.
    let whole = if name == "real" { special_complex(vm, x)? } else { complex_of(base_value(x)) };
    if let Some(c) = whole {
        let class = vm.type_name(x);
        let message = format!("complex() argument '{name}' must be a real number, not {class}");
        vm.warn(Exc::DeprecationWarning, &message)?;
        return Ok(Operand::Complex(c));
    }
    let slots = vm.class_of(x).slots();
    if slots.float.is_none() && slots.index.is_none() {
        let class = vm.type_name(x);
        return Err(vm.type_error(&format!("complex() argument '{name}' must be a real number, not {class}")));
    }
    Ok(Operand::Real(vm.as_f64(x)?))
}

fn from_number(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let x = args.get(1);
    let c = if x.is_exact(Layout::Complex) {
        x.owned()
    } else {
        let c = match special_complex(vm, x)? {
            Some(c) => c,
            None => (vm.as_f64(x)?, 0.0),
        };
        give(vm, c)?
    };
    match TypeRef::new(args.get(0)) {
        Some(class) if class != vm.types().complex => vm.call(class.as_ref(), &[c.as_ref()]),
        _ => Ok(c),
    }
}

/// `1+2j`, `1`, `2j`, `+j`, perhaps in parentheses; `None` when malformed.
fn parse(text: &[u8]) -> Option<Complex> {
    let mut text = trim(text);
    if let [b'(', inner @ .., b')'] = text {
        text = trim(inner);
    }
    let sign_only = |t: &[u8]| match t {
        b"" | b"+" => Some(1.0),
        b"-" => Some(-1.0),
        t if t.iter().any(u8::is_ascii_whitespace) => None,
        t => parse_decimal(t),
    };
    let real = |t: &[u8]| if t.iter().any(u8::is_ascii_whitespace) { None } else { parse_decimal(t) };
    let Some((b'j' | b'J', front)) = text.split_last() else { return Some((real(text)?, 0.0)) };
    // The sign between the parts: the last one that does not belong to an exponent.
    let split = (1..front.len())
        .rev()
        .find(|&i| matches!(front[i], b'+' | b'-') && !matches!(front[i - 1], b'e' | b'E'));
    match split {
        Some(at) => Some((real(&front[..at])?, sign_only(&front[at..])?)),
        None => Some((0.0, sign_only(front)?)),
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn text() {
        assert_eq!(parse(b" ( 1+2j ) "), Some((1.0, 2.0)));
        assert_eq!(parse(b"1e5-infj"), Some((1e5, f64::NEG_INFINITY)));
        assert_eq!(parse(b"-j"), Some((0.0, -1.0)));
        assert_eq!(parse(b"1e-5j"), Some((0.0, 1e-5)));
        assert_eq!(parse(b"1+"), None);
        assert_eq!(parse(b"1 + 2j"), None);
        assert_eq!(parse(b""), None);
    }
}
