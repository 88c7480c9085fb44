//! `datetime`: a day and a time of day. What it is; what can be done with it is in methods.rs.

use super::arguments::{
    Parameters, check_zone, checked_clock, checked_day, checked_fold, class_of, clock_attributes, int_or,
    is_exact, is_zone, pickled,
};
use super::calendar::{Clock, Day, MAX_ORDINAL};
use super::date::Date;
use super::delta::{self, DAY_US, Delta, delta_of, ordered};
use super::methods::METHODS;
use super::text::{self, call_class};
use super::{local, set_constants, time, zone};
use crate::prelude::{
    Args, BinOp, CmpOp, Owned, PyResult, Ref, Slots, TypeDef, TypeFlags, ValueExt, Vm, instance, none,
    not_implemented, owned_bool, payload, trace_fields,
};
use std::cell::Cell;

/// Payload of `datetime`.
pub(super) struct DateTime {
    pub day: Day,
    pub clock: Clock,
    pub fold: Cell<bool>,
    /// A tzinfo or None.
    pub zone: Owned,
}
trace_fields!(DateTime { zone });

static TYPE: TypeDef = TypeDef {
    name: "datetime.datetime",
    doc: "datetime(year, month, day[, hour[, minute[, second[, microsecond[,tzinfo]]]]])\n\nThe year, month and day arguments are required. tzinfo may be None, or an\ninstance of a tzinfo subclass. The remaining arguments may be ints.",
    flags: TypeFlags::BASE_TYPE,
    slots: Slots {
        new: Some(new),
        repr: Some(repr),
        str: Some(|vm, r| {
            let space = vm.new_str(" ")?;
            vm.call_method(r, "isoformat", &[space.as_ref()])
        }),
        hash: Some(hash),
        richcompare: Some(compare),
        binary: Some(binary),
        binary_ops: BinOp::Add.bit() | BinOp::Sub.bit(),
        ..Slots::NONE
    },
    methods: METHODS,
    getset: clock_attributes!(this),
    ..TypeDef::EMPTY
};

pub(super) fn register(vm: &mut Vm) -> PyResult<()> {
    let Some(date) = vm.native_class::<Date>() else { return Ok(()) };
    let class = vm.add_native_subtype::<DateTime>(&TYPE, date)?;
    let mut make = |day, clock| vm.new_native(plain(day, clock));
    let first = make(Day::from_ordinal(1), Clock::default())?;
    let last = make(Day::from_ordinal(MAX_ORDINAL), Clock { hour: 23, minute: 59, second: 59, us: 999_999 })?;
    let step = delta::from_us(vm, 1)?;
    set_constants(vm, class, [("min", first), ("max", last), ("resolution", step)])
}

fn plain(day: Day, clock: Clock) -> DateTime {
    DateTime { day, clock, fold: Cell::new(false), zone: none() }
}

pub(super) fn this<'a>(vm: &mut Vm, r: Ref<'a>) -> PyResult<&'a DateTime> {
    payload::<DateTime>(r).ok_or_else(|| vm.type_error("a datetime is required"))
}

impl DateTime {
    /// Microseconds since the begin of year 1, by the clocks.
    pub fn total(&self) -> i128 {
        i128::from(local::seconds_of(self.day, self.clock)) * 1_000_000 + i128::from(self.clock.us)
    }

    /// Year to microsecond.
    pub fn parts(&self) -> [i64; 7] {
        join(self.day, self.clock)
    }

    /// Offset from UTC.
    pub fn offset(&self, vm: &mut Vm, r: Ref<'_>) -> PyResult<Option<Delta>> {
        zone::offset_of(vm, self.zone.as_ref(), "utcoffset", r)
    }

    /// The same with another fold, as a plain datetime.
    fn with_fold(&self, vm: &mut Vm, fold: bool) -> PyResult {
        vm.new_native(DateTime {
            fold: Cell::new(fold),
            zone: self.zone.clone(),
            ..plain(self.day, self.clock)
        })
    }

    /// The offset with the other fold.
    fn other_offset(&self, vm: &mut Vm) -> PyResult<Option<Delta>> {
        let other = self.with_fold(vm, !self.fold.get())?;
        zone::offset_of(vm, self.zone.as_ref(), "utcoffset", other.as_ref())
    }
}

/// Year to microsecond.
pub(super) fn join(d: Day, c: Clock) -> [i64; 7] {
    let [hour, minute, second, us] = time::parts(c);
    [d.year.into(), d.month.into(), d.day.into(), hour, minute, second, us]
}

fn new(vm: &mut Vm, a: &Args<'_>) -> PyResult {
    const PARAMETERS: Parameters<9> = Parameters {
        function: "function",
        names: ["year", "month", "day", "hour", "minute", "second", "microsecond", "tzinfo", "fold"],
        required: 3,
        positional: 8,
    };
    let state = a.opt(1).filter(|_| a.pos.len() <= 3 && a.kwnames.is_empty());
    if let Some(s) = pickled(vm, state, 10, "datetime", |s| (1..=12).contains(&(s[2] & 0x7f)))? {
        let zone = text::zone_or_none(a.opt(2));
        if !is_zone(vm, zone.as_ref()) {
            return Err(vm.type_error("bad tzinfo state arg"));
        }
        let day = Day { year: i32::from(s[0]) << 8 | i32::from(s[1]), month: s[2] & 0x7f, day: s[3] };
        let (clock, _) = time::clock_of(&s[4..]);
        let fold = Cell::new(s[2] & 0x80 != 0);
        return instance(vm, a.get(0), DateTime { day, clock, fold, zone });
    }
    let given = PARAMETERS.bind(vm, a)?;
    let mut parts = [0; 7];
    for (n, r) in parts.iter_mut().zip(given) {
        *n = int_or(vm, r, 0)?;
    }
    let fold = int_or(vm, given[8], 0)?;
    let zone = given[7].map_or_else(none, |z| z.owned());
    let made = checked(vm, parts, zone, fold)?;
    instance(vm, a.get(0), made)
}

fn checked(vm: &mut Vm, parts: [i64; 7], zone: Owned, fold: i64) -> PyResult<DateTime> {
    let [year, month, day, hour, minute, second, us] = parts;
    let day = checked_day(vm, year, month, day)?;
    let clock = checked_clock(vm, [hour, minute, second, us])?;
    let fold = checked_fold(vm, fold)?;
    check_zone(vm, zone.as_ref())?;
    Ok(DateTime { day, clock, fold: Cell::new(fold), zone })
}

/// A datetime of a class, made by calling it if it is a derived one.
pub(super) fn new_of(vm: &mut Vm, class: Ref<'_>, parts: [i64; 7], zone: Owned, fold: i64) -> PyResult {
    if is_exact::<DateTime>(vm, class) {
        let made = checked(vm, parts, zone, fold)?;
        return vm.new_native(made);
    }
    let fold = checked_fold(vm, fold)?;
    let made = call_class(vm, class, &parts, Some(zone.as_ref()))?;
    if let Some(d) = payload::<DateTime>(made.as_ref())
        && fold
    {
        d.fold.set(true);
    }
    Ok(made)
}

/// The parts of a moment given in microseconds since the begin of year 1.
pub(super) fn split(vm: &mut Vm, total: i128) -> PyResult<(Day, Clock)> {
    let days = total.div_euclid(DAY_US);
    if !(1..=i128::from(MAX_ORDINAL)).contains(&days) {
        return Err(vm.overflow_error("date value out of range"));
    }
    let us = total.rem_euclid(DAY_US);
    let clock = Clock::new((us / 1_000_000) as i64, (us % 1_000_000) as u32);
    Ok((Day::from_ordinal(days as i64), clock))
}

/// A datetime of the same class and zone, later by `sign * delta`.
pub(super) fn shifted(vm: &mut Vm, r: Ref<'_>, delta: Delta, sign: i128) -> PyResult {
    let d = this(vm, r)?;
    let (day, clock) = split(vm, d.total() + sign * delta.total())?;
    let class = class_of(vm, r);
    new_of(vm, class, join(day, clock), d.zone.clone(), 0)
}

fn repr(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let (d, class) = (this(vm, r)?, vm.type_name(r));
    let parts = d.parts();
    let n = match d.clock {
        Clock { second: 0, us: 0, .. } => 5,
        Clock { us: 0, .. } => 6,
        _ => 7,
    };
    let parts: Vec<String> = parts[..n].iter().map(i64::to_string).collect();
    let mut out = format!("{class}({}", parts.join(", ")).into_bytes();
    if d.fold.get() {
        out.extend_from_slice(b", fold=1");
    }
    if !d.zone.as_ref().is_none() {
        let zone = vm.repr(d.zone.as_ref())?;
        out.extend_from_slice(b", tzinfo=");
        out.extend_from_slice(crate::prelude::str_bytes(zone.as_ref()));
    }
    out.push(b')');
    vm.new_str_bytes(&out)
}

/// The pickled state.
pub(super) fn state(d: &DateTime) -> [u8; 10] {
    let mut out = [0; 10];
    out[..4].copy_from_slice(&super::date::state(d.day));
    out[4..].copy_from_slice(&time::state(d.clock));
    out
}

fn hash(vm: &mut Vm, r: Ref<'_>) -> PyResult<i64> {
    let d = this(vm, r)?;
    let offset = if d.fold.get() {
        let first = d.with_fold(vm, false)?;
        d.offset(vm, first.as_ref())?
    } else {
        d.offset(vm, r)?
    };
    match offset {
        None => {
            let state = vm.new_bytes(&state(d))?;
            vm.hash(state.as_ref())
        }
        Some(offset) => {
            let d = Delta::from_us(vm, d.total() - offset.total())?;
            delta::hash(vm, d)
        }
    }
}

fn compare(vm: &mut Vm, op: CmpOp, a: Ref<'_>, b: Ref<'_>) -> PyResult {
    let (Some(x), Some(y)) = (payload::<DateTime>(a), payload::<DateTime>(b)) else {
        return Ok(not_implemented());
    };
    let shown = (x.day, x.clock).cmp(&(y.day, y.clock));
    if x.zone.as_ref().is(y.zone.as_ref()) {
        return Ok(ordered(op, shown));
    }
    let (p, q) = (x.offset(vm, a)?, y.offset(vm, b)?);
    let order = match (p, q) {
        _ if p == q => shown,
        (Some(p), Some(q)) => (x.total() - p.total()).cmp(&(y.total() - q.total())),
        _ if matches!(op, CmpOp::Eq | CmpOp::Ne) => return Ok(owned_bool(op == CmpOp::Ne)),
        _ => return Err(vm.type_error("can't compare offset-naive and offset-aware datetimes")),
    };
    // Moments in a fold or a gap equal none of another zone.
    if order.is_eq()
        && matches!(op, CmpOp::Eq | CmpOp::Ne)
        && (x.other_offset(vm)? != p || y.other_offset(vm)? != q)
    {
        return Ok(owned_bool(op == CmpOp::Ne));
    }
    Ok(ordered(op, order))
}

fn binary(vm: &mut Vm, op: BinOp, a: Ref<'_>, b: Ref<'_>) -> PyResult {
    match (payload::<DateTime>(a), payload::<DateTime>(b)) {
        (Some(x), Some(y)) if op == BinOp::Sub => {
            let us = difference(vm, (x, a), (y, b))?;
            delta::from_us(vm, us)
        }
        (Some(_), None) => match delta_of(b) {
            Some(d) => shifted(vm, a, d, if op == BinOp::Sub { -1 } else { 1 }),
            None => Ok(not_implemented()),
        },
        (None, Some(_)) if op == BinOp::Add => match delta_of(a) {
            Some(d) => shifted(vm, b, d, 1),
            None => Ok(not_implemented()),
        },
        _ => Ok(not_implemented()),
    }
}

/// Microseconds from the second to the first.
pub(super) fn difference(
    vm: &mut Vm,
    (x, a): (&DateTime, Ref<'_>),
    (y, b): (&DateTime, Ref<'_>),
) -> PyResult<i128> {
    let shown = x.total() - y.total();
    if x.zone.as_ref().is(y.zone.as_ref()) {
        return Ok(shown);
    }
    match (x.offset(vm, a)?, y.offset(vm, b)?) {
        (None, None) => Ok(shown),
        (Some(p), Some(q)) => Ok(shown - p.total() + q.total()),
        _ => Err(vm.type_error("can't subtract offset-naive and offset-aware datetimes")),
    }
}
