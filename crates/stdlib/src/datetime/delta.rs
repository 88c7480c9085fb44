//! `timedelta`: a whole number of microseconds, kept as days, seconds and microseconds.
//!
//! Invariant: `0 <= seconds < 86400`, `0 <= us < 1000000`, `|days| <= 999999999`.

use super::arguments::Parameters;
use super::set_constants;
use crate::prelude::{
    Args, BinOp, CmpOp, GetSetDef, NativeDef, Owned, PyResult, Ref, Slots, TupleRef, TypeDef, TypeFlags,
    TypeRef, UnaryOp, Vm, base_value, instance, is_int, not_implemented, owned_bool, payload, trace_fields,
};
use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{Signed, ToPrimitive, Zero};

/// Payload of `timedelta`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Delta {
    pub days: i32,
    pub seconds: i32,
    pub us: i32,
}
trace_fields!(Delta {});

/// Microseconds of a day.
pub(super) const DAY_US: i128 = 86_400_000_000;
const TOO_LARGE: &str = "Python int too large to convert to C int";

impl Delta {
    pub const ZERO: Delta = Delta { days: 0, seconds: 0, us: 0 };

    /// As microseconds.
    pub fn total(self) -> i128 {
        i128::from(self.days) * DAY_US + i128::from(self.seconds) * 1_000_000 + i128::from(self.us)
    }

    /// Whole seconds, rounded down.
    pub fn whole_seconds(self) -> i64 {
        i64::from(self.days) * 86400 + i64::from(self.seconds)
    }

    /// From microseconds.
    pub fn from_us(vm: &mut Vm, us: i128) -> PyResult<Delta> {
        let Ok(days) = i32::try_from(us.div_euclid(DAY_US)) else {
            return Err(vm.overflow_error(TOO_LARGE));
        };
        if days.abs() > 999_999_999 {
            return Err(vm.overflow_error(&format!("days={days}; must have magnitude <= 999999999")));
        }
        let rest = us.rem_euclid(DAY_US);
        Ok(Delta { days, seconds: (rest / 1_000_000) as i32, us: (rest % 1_000_000) as i32 })
    }

    /// From whole seconds.
    pub fn from_seconds(vm: &mut Vm, seconds: i64) -> PyResult<Delta> {
        Delta::from_us(vm, i128::from(seconds) * 1_000_000)
    }
}

/// A timedelta of that many microseconds.
pub(super) fn from_us(vm: &mut Vm, us: i128) -> PyResult {
    let d = Delta::from_us(vm, us)?;
    vm.new_native(d)
}

/// `r` as a timedelta.
pub(super) fn delta_of(r: Ref<'_>) -> Option<Delta> {
    payload::<Delta>(r).copied()
}

static TYPE: TypeDef = TypeDef {
    name: "datetime.timedelta",
    doc: "Difference between two datetime values.\n\ntimedelta(days=0, seconds=0, microseconds=0, milliseconds=0, minutes=0, hours=0, weeks=0)\n\nAll arguments are optional and default to 0.\nArguments may be integers or floats, and may be positive or negative.",
    flags: TypeFlags::BASE_TYPE,
    slots: Slots {
        new: Some(new),
        repr: Some(repr),
        str: Some(|vm, r| {
            let d = this(vm, r)?;
            vm.new_str(&text(d))
        }),
        hash: Some(|vm, r| {
            let d = this(vm, r)?;
            hash(vm, d)
        }),
        richcompare: Some(|_, op, a, b| match (delta_of(a), delta_of(b)) {
            (Some(a), Some(b)) => Ok(owned_bool(op.holds(a.cmp(&b)))),
            _ => Ok(not_implemented()),
        }),
        bool: Some(|vm, r| Ok(this(vm, r)? != Delta::ZERO)),
        unary: Some(|vm, op, r| {
            let d = this(vm, r)?;
            match op {
                UnaryOp::Neg => from_us(vm, -d.total()),
                UnaryOp::Pos => vm.new_native(d),
                UnaryOp::Abs => from_us(vm, d.total().abs()),
                UnaryOp::Invert => Ok(not_implemented()),
            }
        }),
        binary: Some(binary),
        binary_ops: BinOp::Add.bit()
            | BinOp::Sub.bit()
            | BinOp::Mul.bit()
            | BinOp::TrueDiv.bit()
            | BinOp::FloorDiv.bit()
            | BinOp::Mod.bit()
            | BinOp::DivMod.bit(),
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("total_seconds", "$self, /", |vm, a| {
            let us = this(vm, a.get(0))?.total();
            quotient(vm, us, 1_000_000)
        }),
        NativeDef::method("__reduce__", "$self, /", |vm, a| {
            let (d, class) = (this(vm, a.get(0))?, vm.class_of(a.get(0)).owned());
            let parts = parts(vm, d)?;
            vm.new_pair(class, parts)
        }),
    ],
    getset: &[
        GetSetDef::read("days", |vm, r| {
            let n = this(vm, r)?.days;
            vm.new_int(i64::from(n))
        }),
        GetSetDef::read("seconds", |vm, r| {
            let n = this(vm, r)?.seconds;
            vm.new_int(i64::from(n))
        }),
        GetSetDef::read("microseconds", |vm, r| {
            let n = this(vm, r)?.us;
            vm.new_int(i64::from(n))
        }),
    ],
    ..TypeDef::EMPTY
};

pub(super) fn register(vm: &mut Vm) -> PyResult<()> {
    let class = vm.add_native_type::<Delta>(&TYPE)?;
    let least = vm.new_native(Delta { days: -999_999_999, seconds: 0, us: 0 })?;
    let most = vm.new_native(Delta { days: 999_999_999, seconds: 86399, us: 999_999 })?;
    let step = vm.new_native(Delta { days: 0, seconds: 0, us: 1 })?;
    set_constants(vm, class, [("min", least), ("max", most), ("resolution", step)])
}

fn this(vm: &mut Vm, r: Ref<'_>) -> PyResult<Delta> {
    delta_of(r).ok_or_else(|| vm.type_error("a timedelta is required"))
}

/// Days, seconds and microseconds as a tuple.
fn parts(vm: &mut Vm, d: Delta) -> PyResult {
    let numbers = [d.days, d.seconds, d.us].map(|n| vm.new_int(i64::from(n)));
    vm.new_tuple(numbers.into_iter().collect::<PyResult<Vec<Owned>>>()?)
}

/// The hash of a timedelta.
pub(super) fn hash(vm: &mut Vm, d: Delta) -> PyResult<i64> {
    let parts = parts(vm, d)?;
    vm.hash(parts.as_ref())
}

fn repr(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let (d, class) = (this(vm, r)?, vm.type_name(r));
    let all = [("days", d.days), ("seconds", d.seconds), ("microseconds", d.us)];
    let shown: Vec<String> =
        all.iter().filter(|(_, n)| *n != 0).map(|(name, n)| format!("{name}={n}")).collect();
    let shown = if shown.is_empty() { "0".to_owned() } else { shown.join(", ") };
    vm.new_str(&format!("{class}({shown})"))
}

/// `1 day, 2:03:04.000005`
fn text(d: Delta) -> String {
    let days = match d.days {
        0 => String::new(),
        1 | -1 => format!("{} day, ", d.days),
        n => format!("{n} days, "),
    };
    let us = if d.us == 0 { String::new() } else { format!(".{:06}", d.us) };
    format!("{days}{}:{:02}:{:02}{us}", d.seconds / 3600, d.seconds / 60 % 60, d.seconds % 60)
}

fn new(vm: &mut Vm, a: &Args<'_>) -> PyResult {
    const PARAMETERS: Parameters<7> = Parameters {
        function: "__new__()",
        names: ["days", "seconds", "microseconds", "milliseconds", "minutes", "hours", "weeks"],
        required: 0,
        positional: 7,
    };
    let given = PARAMETERS.bind(vm, a)?;
    const UNITS: [(usize, i128); 7] = [
        (2, 1),
        (3, 1000),
        (1, 1_000_000),
        (4, 60_000_000),
        (5, 3_600_000_000),
        (0, DAY_US),
        (6, 7 * DAY_US),
    ];
    let (mut total, mut fraction) = (0i128, 0f64);
    for (i, unit) in UNITS {
        let Some(r) = given[i] else { continue };
        let value = base_value(r);
        let part = if is_int(value) {
            vm.int_of(value).and_then(|n| n.to_i128()).and_then(|n| n.checked_mul(unit))
        } else if let Some(x) = vm.float_of(r) {
            if !x.is_finite() {
                // Raises what int() of it raises.
                vm.int_from_f64(x)?;
            }
            let (whole, rest) = (x.trunc(), x.fract() * unit as f64);
            fraction += rest.fract();
            let whole = (whole.abs() < 1e25).then_some(whole as i128);
            whole.and_then(|n| n.checked_mul(unit)).and_then(|n| n.checked_add(rest.trunc() as i128))
        } else {
            let (name, class) = (PARAMETERS.names[i], vm.type_name(r));
            let message = format!("unsupported type for timedelta {name} component: {class}");
            return Err(vm.type_error(&message));
        };
        match part.and_then(|p| total.checked_add(p)) {
            Some(t) => total = t,
            None => return Err(vm.overflow_error(TOO_LARGE)),
        }
    }
    let d = Delta::from_us(vm, total + round_beside(total, fraction))?;
    instance(vm, a.get(0), d)
}

/// `fraction` rounded so that `total + fraction` is even when it lies half way.
fn round_beside(total: i128, fraction: f64) -> i128 {
    let mut whole = fraction.round();
    if (whole - fraction).abs() == 0.5 {
        let odd = f64::from(u8::from(total & 1 != 0));
        whole = 2.0 * ((fraction + odd) * 0.5).round() - odd;
    }
    whole as i128
}

/// `a / b` as a float, correctly rounded.
fn quotient(vm: &mut Vm, a: i128, b: i128) -> PyResult {
    const EXACT: i128 = 1 << 53;
    if a.abs() <= EXACT && b.abs() <= EXACT && b != 0 {
        return vm.new_float(a as f64 / b as f64);
    }
    let (a, b) = (vm.new_bigint(&BigInt::from(a))?, vm.new_bigint(&BigInt::from(b))?);
    vm.binary_op(BinOp::TrueDiv, a.as_ref(), b.as_ref())
}

/// `a / b` as the nearest whole number, the even one of two.
fn divide_nearest(a: &BigInt, b: &BigInt) -> BigInt {
    let (q, r) = a.div_mod_floor(b);
    let twice = r * 2;
    let order = if b.is_negative() { b.cmp(&twice) } else { twice.cmp(b) };
    if order.is_gt() || (order.is_eq() && q.is_odd()) { q + 1 } else { q }
}

fn binary(vm: &mut Vm, op: BinOp, a: Ref<'_>, b: Ref<'_>) -> PyResult {
    match (delta_of(a), delta_of(b)) {
        (Some(x), Some(y)) => both(vm, op, x.total(), y.total()),
        (Some(d), None) => with_number(vm, op, d.total(), b),
        (None, Some(d)) if op == BinOp::Mul => with_number(vm, op, d.total(), a),
        _ => Ok(not_implemented()),
    }
}

#[cold]
fn division_by_zero(vm: &mut Vm) -> PyResult {
    Err(vm.raise(crate::prelude::Exc::ZeroDivisionError, "division by zero"))
}

fn both(vm: &mut Vm, op: BinOp, x: i128, y: i128) -> PyResult {
    let divides = matches!(op, BinOp::TrueDiv | BinOp::FloorDiv | BinOp::Mod | BinOp::DivMod);
    if divides && y == 0 {
        return division_by_zero(vm);
    }
    match op {
        BinOp::Add => from_us(vm, x + y),
        BinOp::Sub => from_us(vm, x - y),
        BinOp::TrueDiv => quotient(vm, x, y),
        BinOp::FloorDiv => vm.new_bigint(&BigInt::from(Integer::div_floor(&x, &y))),
        BinOp::Mod => from_us(vm, x.mod_floor(&y)),
        BinOp::DivMod => {
            let (q, r) = x.div_mod_floor(&y);
            let (q, r) = (vm.new_bigint(&BigInt::from(q))?, from_us(vm, r)?);
            vm.new_pair(q, r)
        }
        _ => Ok(not_implemented()),
    }
}

/// Scales by an int or a float.
fn with_number(vm: &mut Vm, op: BinOp, us: i128, number: Ref<'_>) -> PyResult {
    if !matches!(op, BinOp::Mul | BinOp::TrueDiv | BinOp::FloorDiv) {
        return Ok(not_implemented());
    }
    let value = base_value(number);
    if is_int(value) {
        let n = vm.int_of(value).unwrap_or_default();
        if op != BinOp::Mul && n.is_zero() {
            return division_by_zero(vm);
        }
        let result = match op {
            // A product with more digits than any timedelta has is not computed.
            BinOp::Mul if us != 0 && n.bits() > 128 => return Err(vm.overflow_error(TOO_LARGE)),
            BinOp::Mul => n * us,
            BinOp::FloorDiv => BigInt::from(us).div_floor(&n),
            _ => divide_nearest(&BigInt::from(us), &n),
        };
        return from_big(vm, &result);
    }
    if vm.float_of(number).is_none() || op == BinOp::FloorDiv {
        return Ok(not_implemented());
    }
    let (mut top, mut bottom) = ratio(vm, number)?;
    if op == BinOp::TrueDiv {
        std::mem::swap(&mut top, &mut bottom);
    }
    if bottom.is_zero() {
        return division_by_zero(vm);
    }
    from_big(vm, &divide_nearest(&(top * us), &bottom))
}

/// A float as a fraction, as its `as_integer_ratio` says.
fn ratio(vm: &mut Vm, number: Ref<'_>) -> PyResult<(BigInt, BigInt)> {
    let pair = vm.call_method(number, "as_integer_ratio", &[])?;
    let Some(t) = TupleRef::new(base_value(pair.as_ref())) else {
        let class = vm.type_name(pair.as_ref());
        let message =
            format!("unexpected return type from as_integer_ratio(): expected tuple, not '{class}'");
        return Err(vm.type_error(&message));
    };
    let &[top, bottom] = t.items() else {
        return Err(vm.value_error("as_integer_ratio() must return a 2-tuple"));
    };
    Ok((vm.index_bigint(top)?, vm.index_bigint(bottom)?))
}

fn from_big(vm: &mut Vm, us: &BigInt) -> PyResult {
    match us.to_i128() {
        Some(us) => from_us(vm, us),
        None => Err(vm.overflow_error(TOO_LARGE)),
    }
}

/// The class.
pub(super) fn class(vm: &Vm) -> Option<TypeRef<'static>> {
    vm.native_class::<Delta>()
}

/// Compares as `op` says.
pub(super) fn ordered(op: CmpOp, order: std::cmp::Ordering) -> Owned {
    owned_bool(op.holds(order))
}
