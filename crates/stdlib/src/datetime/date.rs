//! `date`.

use super::arguments::{Parameters, checked_day, class_of, int_arg, int_or, is_exact, pickled, reduced};
use super::calendar::{Clock, DAY_NAMES, Day, MAX_ORDINAL, MONTH_NAMES};
use super::delta::{self, DAY_US, delta_of, ordered};
use super::moment::DateTime;
use super::text::{self, Shown, call_class};
use super::{iso, local, set_constants};
use crate::prelude::{
    Args, BinOp, GetSetDef, NativeDef, PyResult, Ref, Slots, TypeDef, TypeFlags, ValueExt, Vm, base_value,
    instance, not_implemented, payload, trace_fields,
};

/// Payload of `date`.
pub(super) struct Date(pub Day);
trace_fields!(Date {});

const UNCHANGED: &str = "$self, /, year=unchanged, month=unchanged, day=unchanged";

static TYPE: TypeDef = TypeDef {
    name: "datetime.date",
    doc: "date(year, month, day) --> date object",
    flags: TypeFlags::BASE_TYPE,
    slots: Slots {
        new: Some(new),
        repr: Some(|vm, r| {
            let (d, class) = (day(vm, r)?, vm.type_name(r));
            vm.new_str(&format!("{class}({}, {}, {})", d.year, d.month, d.day))
        }),
        str: Some(|vm, r| vm.call_method(r, "isoformat", &[])),
        hash: Some(|vm, r| {
            let d = day(vm, r)?;
            let state = vm.new_bytes(&state(d))?;
            vm.hash(state.as_ref())
        }),
        richcompare: Some(|_, op, a, b| match (payload::<Date>(a), payload::<Date>(b)) {
            (Some(a), Some(b)) => Ok(ordered(op, a.0.cmp(&b.0))),
            _ => Ok(not_implemented()),
        }),
        binary: Some(binary),
        binary_ops: BinOp::Add.bit() | BinOp::Sub.bit(),
        ..Slots::NONE
    },
    methods: &[
        NativeDef::class_method("fromtimestamp", "$type, timestamp, /", from_timestamp),
        NativeDef::class_method("fromordinal", "$type, ordinal, /", |vm, a| {
            let n = int_arg(vm, a.get(1))?;
            if n < 1 {
                return Err(vm.value_error("ordinal must be >= 1"));
            }
            new_day(vm, a.get(0), Day::from_ordinal(n))
        }),
        NativeDef::class_method("fromisoformat", "$type, string, /", from_iso),
        NativeDef::class_method("fromisocalendar", "$type, /, year, week, day", |vm, a| {
            let parts = iso::from_calendar(vm, [a.get(1), a.get(2), a.get(3)])?;
            new_of(vm, a.get(0), parts)
        }),
        NativeDef::class_method("strptime", "$type, string, format, /", |vm, a| {
            text::strptime(vm, a, "_strptime_datetime_date")
        }),
        NativeDef::class_method("today", "$type, /", today),
        NativeDef::method("ctime", "$self, /", |vm, a| {
            let d = day(vm, a.get(0))?;
            vm.new_str(&ctime(d, Clock::default()))
        }),
        NativeDef::method("strftime", "$self, /, format", strftime),
        NativeDef::method("__format__", "$self, format, /", text::format),
        NativeDef::method("timetuple", "$self, /", |vm, a| {
            let d = day(vm, a.get(0))?;
            text::struct_time(vm, d, Clock::default(), -1)
        }),
        NativeDef::method("isocalendar", "$self, /", |vm, a| {
            let (year, week, weekday) = day(vm, a.get(0))?.iso();
            super::week::make(vm, [year, week, weekday])
        }),
        NativeDef::method("isoformat", "$self, /", |vm, a| {
            let d = day(vm, a.get(0))?;
            vm.new_str(&text::day_text(d))
        }),
        NativeDef::method("isoweekday", "$self, /", |vm, a| {
            let n = day(vm, a.get(0))?.weekday() + 1;
            vm.new_int(n)
        }),
        NativeDef::method("toordinal", "$self, /", |vm, a| {
            let n = day(vm, a.get(0))?.ordinal();
            vm.new_int(n)
        }),
        NativeDef::method("weekday", "$self, /", |vm, a| {
            let n = day(vm, a.get(0))?.weekday();
            vm.new_int(n)
        }),
        NativeDef::method("replace", UNCHANGED, replace),
        NativeDef::method("__replace__", UNCHANGED, replace),
        NativeDef::method("__reduce__", "$self, /", |vm, a| {
            let d = day(vm, a.get(0))?;
            reduced(vm, a.get(0), &state(d), None)
        }),
    ],
    getset: &[
        GetSetDef::read("year", |vm, r| {
            let n = day(vm, r)?.year;
            vm.new_int(i64::from(n))
        }),
        GetSetDef::read("month", |vm, r| {
            let n = day(vm, r)?.month;
            vm.new_int(i64::from(n))
        }),
        GetSetDef::read("day", |vm, r| {
            let n = day(vm, r)?.day;
            vm.new_int(i64::from(n))
        }),
    ],
    ..TypeDef::EMPTY
};

pub(super) fn register(vm: &mut Vm) -> PyResult<()> {
    let class = vm.add_native_type::<Date>(&TYPE)?;
    let first = vm.new_native(Date(Day::from_ordinal(1)))?;
    let last = vm.new_native(Date(Day::from_ordinal(MAX_ORDINAL)))?;
    let step = delta::from_us(vm, DAY_US)?;
    set_constants(vm, class, [("min", first), ("max", last), ("resolution", step)])
}

/// The day of a date or a datetime.
pub(super) fn day_of(r: Ref<'_>) -> Option<Day> {
    payload::<Date>(r).map(|d| d.0).or_else(|| payload::<DateTime>(r).map(|d| d.day))
}

fn day(vm: &mut Vm, r: Ref<'_>) -> PyResult<Day> {
    day_of(r).ok_or_else(|| vm.type_error("a date is required"))
}

/// The pickled state.
pub(super) fn state(d: Day) -> [u8; 4] {
    [(d.year >> 8) as u8, d.year as u8, d.month, d.day]
}

/// `Sat Feb 29 01:02:03 2020`
pub(super) fn ctime(d: Day, c: Clock) -> String {
    let (weekday, month) = (DAY_NAMES[d.weekday() as usize], MONTH_NAMES[usize::from(d.month) - 1]);
    let (hour, minute, second) = (c.hour, c.minute, c.second);
    format!("{weekday} {month} {:2} {hour:02}:{minute:02}:{second:02} {:04}", d.day, d.year)
}

fn new(vm: &mut Vm, a: &Args<'_>) -> PyResult {
    const PARAMETERS: Parameters<3> =
        Parameters { function: "function", names: ["year", "month", "day"], required: 3, positional: 3 };
    let only = a.opt(1).filter(|_| a.pos.len() == 2 && a.kwnames.is_empty());
    if let Some(s) = pickled(vm, only, 4, "date", |s| (1..=12).contains(&s[2]))? {
        let d = Day { year: i32::from(s[0]) << 8 | i32::from(s[1]), month: s[2], day: s[3] };
        return instance(vm, a.get(0), Date(d));
    }
    let given = PARAMETERS.bind(vm, a)?;
    let mut parts = [0; 3];
    for (n, r) in parts.iter_mut().zip(given) {
        *n = int_or(vm, r, 0)?;
    }
    let d = checked_day(vm, parts[0], parts[1], parts[2])?;
    instance(vm, a.get(0), Date(d))
}

/// A date of a class, made by calling it if it is a derived one.
fn new_of(vm: &mut Vm, class: Ref<'_>, parts: [i64; 3]) -> PyResult {
    if is_exact::<Date>(vm, class) {
        let d = checked_day(vm, parts[0], parts[1], parts[2])?;
        return vm.new_native(Date(d));
    }
    call_class(vm, class, &parts, None)
}

fn new_day(vm: &mut Vm, class: Ref<'_>, d: Day) -> PyResult {
    new_of(vm, class, [i64::from(d.year), i64::from(d.month), i64::from(d.day)])
}

fn from_timestamp(vm: &mut Vm, a: &Args<'_>) -> PyResult {
    if a.get(1).is_none() {
        return Err(vm.type_error("'NoneType' object cannot be interpreted as an integer"));
    }
    let t = crate::time::seconds_argument(vm, Some(a.get(1)))?;
    let [year, month, day, ..] = local::break_down(vm, t, true)?;
    new_of(vm, a.get(0), [year, month, day])
}

fn today(vm: &mut Vm, a: &Args<'_>) -> PyResult {
    if is_exact::<Date>(vm, a.get(0)) {
        let (t, _) = local::now(vm)?;
        let [year, month, day, ..] = local::break_down(vm, t, true)?;
        return new_of(vm, a.get(0), [year, month, day]);
    }
    let time = vm.import_dotted("time")?;
    let now = vm.call_method(time.as_ref(), "time", &[])?;
    vm.call_method(a.get(0), "fromtimestamp", &[now.as_ref()])
}

fn from_iso(vm: &mut Vm, a: &Args<'_>) -> PyResult {
    let written = iso::argument(vm, a.get(1))?;
    match iso::date(written).filter(|_| matches!(written.len(), 7 | 8 | 10)) {
        Some(w) => new_of(vm, a.get(0), [w.year, w.month, w.day]),
        None => Err(iso::invalid(vm, a.get(1))),
    }
}

fn strftime(vm: &mut Vm, a: &Args<'_>) -> PyResult {
    super::arguments::check_text(vm, a.get(1), "strftime() argument 1")?;
    let r = a.get(0);
    let tuple = vm.call_method(r, "timetuple", &[])?;
    let moment = payload::<DateTime>(r);
    let zone = moment.map_or(text::no_zone(), |m| m.zone.as_ref());
    let us = moment.map_or(0, |m| m.clock.us);
    let shown = Shown { tuple, day: day_of(r), us, zone, moment: r };
    text::strftime(vm, &shown, base_value(a.get(1)))
}

fn replace(vm: &mut Vm, a: &Args<'_>) -> PyResult {
    let d = day(vm, a.get(0))?;
    let old = [i64::from(d.year), i64::from(d.month), i64::from(d.day)];
    let mut parts = old;
    for (i, n) in parts.iter_mut().enumerate() {
        *n = int_or(vm, a.opt(i + 1), old[i])?;
    }
    let class = class_of(vm, a.get(0));
    new_of(vm, class, parts)
}

fn binary(vm: &mut Vm, op: BinOp, a: Ref<'_>, b: Ref<'_>) -> PyResult {
    let (date, other) = match (payload::<Date>(a), payload::<Date>(b)) {
        (Some(x), Some(y)) if op == BinOp::Sub => {
            let days = x.0.ordinal() - y.0.ordinal();
            return delta::from_us(vm, i128::from(days) * DAY_US);
        }
        (Some(_), None) => (a, b),
        (None, Some(_)) if op == BinOp::Add => (b, a),
        _ => return Ok(not_implemented()),
    };
    let (Some(d), Some(delta)) = (day_of(date), delta_of(other)) else { return Ok(not_implemented()) };
    let days = i64::from(delta.days);
    let n = d.ordinal() + if op == BinOp::Add { days } else { -days };
    if !(1..=MAX_ORDINAL).contains(&n) {
        return Err(vm.overflow_error("date value out of range"));
    }
    let class = class_of(vm, date);
    new_day(vm, class, Day::from_ordinal(n))
}
