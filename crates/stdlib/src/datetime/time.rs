//! `time`: a time of day.

use super::arguments::{
    Parameters, check_text, check_zone, checked_clock, checked_fold, class_of, clock_attributes, int_or,
    is_exact, is_zone, pickled, reduced,
};
use super::calendar::Clock;
use super::delta::{self, Delta, ordered};
use super::text::{self, Shown, call_class, no_zone};
use super::{iso, set_constants, zone};
use crate::prelude::{
    Args, CmpOp, NativeDef, Owned, PyResult, Ref, Slots, TypeDef, TypeFlags, ValueExt, Vm, base_value,
    instance, none, not_implemented, owned_bool, payload, trace_fields,
};
use std::cell::Cell;

/// Payload of `time`.
pub(super) struct Time {
    pub clock: Clock,
    pub fold: Cell<bool>,
    /// A tzinfo or None.
    pub zone: Owned,
}
trace_fields!(Time { zone });

const UNCHANGED: &str = "$self, /, hour=unchanged, minute=unchanged, second=unchanged, microsecond=unchanged, tzinfo=unchanged, *, fold=unchanged";

static TYPE: TypeDef = TypeDef {
    name: "datetime.time",
    doc: "time([hour[, minute[, second[, microsecond[, tzinfo]]]]]) --> a time object\n\nAll arguments are optional. tzinfo may be None, or an instance of\na tzinfo subclass. The remaining arguments may be ints.",
    flags: TypeFlags::BASE_TYPE,
    slots: Slots {
        new: Some(new),
        repr: Some(repr),
        str: Some(|vm, r| vm.call_method(r, "isoformat", &[])),
        hash: Some(hash),
        richcompare: Some(compare),
        ..Slots::NONE
    },
    methods: &[
        NativeDef::class_method("strptime", "$type, string, format, /", |vm, a| {
            text::strptime(vm, a, "_strptime_datetime_time")
        }),
        NativeDef::class_method("fromisoformat", "$type, string, /", from_iso),
        NativeDef::method("isoformat", "$self, /, timespec='auto'", isoformat),
        NativeDef::method("strftime", "$self, /, format", strftime),
        NativeDef::method("__format__", "$self, format, /", text::format),
        NativeDef::method("utcoffset", "$self, /", |vm, a| {
            let t = this(vm, a.get(0))?;
            zone::ask(vm, t.zone.as_ref(), "utcoffset", no_zone())
        }),
        NativeDef::method("dst", "$self, /", |vm, a| {
            let t = this(vm, a.get(0))?;
            zone::ask(vm, t.zone.as_ref(), "dst", no_zone())
        }),
        NativeDef::method("tzname", "$self, /", |vm, a| {
            let t = this(vm, a.get(0))?;
            zone::ask_name(vm, t.zone.as_ref(), no_zone())
        }),
        NativeDef::method("replace", UNCHANGED, replace),
        NativeDef::method("__replace__", UNCHANGED, replace),
        NativeDef::method("__reduce_ex__", "$self, proto, /", |vm, a| {
            let protocol = super::arguments::int_arg(vm, a.get(1))?;
            reduce(vm, a.get(0), protocol)
        }),
        NativeDef::method("__reduce__", "$self, /", |vm, a| reduce(vm, a.get(0), 2)),
    ],
    getset: clock_attributes!(this),
    ..TypeDef::EMPTY
};

pub(super) fn register(vm: &mut Vm) -> PyResult<()> {
    let class = vm.add_native_type::<Time>(&TYPE)?;
    let mut make = |clock| vm.new_native(Time { clock, fold: Cell::new(false), zone: none() });
    let first = make(Clock::default())?;
    let last = make(Clock { hour: 23, minute: 59, second: 59, us: 999_999 })?;
    let step = delta::from_us(vm, 1)?;
    set_constants(vm, class, [("min", first), ("max", last), ("resolution", step)])
}

fn this<'a>(vm: &mut Vm, r: Ref<'a>) -> PyResult<&'a Time> {
    payload::<Time>(r).ok_or_else(|| vm.type_error("a time is required"))
}

fn new(vm: &mut Vm, a: &Args<'_>) -> PyResult {
    const PARAMETERS: Parameters<6> = Parameters {
        function: "function",
        names: ["hour", "minute", "second", "microsecond", "tzinfo", "fold"],
        required: 0,
        positional: 5,
    };
    let state = a.opt(1).filter(|_| a.pos.len() <= 3 && a.kwnames.is_empty());
    if let Some(s) = pickled(vm, state, 6, "time", |s| s[0] & 0x7f < 24)? {
        let zone = text::zone_or_none(a.opt(2));
        if !is_zone(vm, zone.as_ref()) {
            return Err(vm.type_error("bad tzinfo state arg"));
        }
        let (clock, fold) = clock_of(&s);
        return instance(vm, a.get(0), Time { clock, fold: Cell::new(fold), zone });
    }
    let [hour, minute, second, us, zone, fold] = PARAMETERS.bind(vm, a)?;
    let mut parts = [0; 4];
    for (n, r) in parts.iter_mut().zip([hour, minute, second, us]) {
        *n = int_or(vm, r, 0)?;
    }
    let fold = int_or(vm, fold, 0)?;
    let zone = zone.map_or_else(none, |z| z.owned());
    let made = checked(vm, parts, zone, fold)?;
    instance(vm, a.get(0), made)
}

/// The time of day, and fold, in a pickled state.
pub(super) fn clock_of(s: &[u8]) -> (Clock, bool) {
    let us = u32::from(s[3]) << 16 | u32::from(s[4]) << 8 | u32::from(s[5]);
    (Clock { hour: s[0] & 0x7f, minute: s[1], second: s[2], us }, s[0] & 0x80 != 0)
}

/// The pickled state.
pub(super) fn state(c: Clock) -> [u8; 6] {
    [c.hour, c.minute, c.second, (c.us >> 16) as u8, (c.us >> 8) as u8, c.us as u8]
}

fn checked(vm: &mut Vm, parts: [i64; 4], zone: Owned, fold: i64) -> PyResult<Time> {
    let clock = checked_clock(vm, parts)?;
    let fold = checked_fold(vm, fold)?;
    check_zone(vm, zone.as_ref())?;
    Ok(Time { clock, fold: Cell::new(fold), zone })
}

/// A time of a class, made by calling it if it is a derived one.
fn new_of(vm: &mut Vm, class: Ref<'_>, parts: [i64; 4], zone: Owned, fold: i64) -> PyResult {
    if is_exact::<Time>(vm, class) {
        let made = checked(vm, parts, zone, fold)?;
        return vm.new_native(made);
    }
    let fold = checked_fold(vm, fold)?;
    let made = call_class(vm, class, &parts, Some(zone.as_ref()))?;
    if let Some(t) = payload::<Time>(made.as_ref()) {
        t.fold.set(fold);
    }
    Ok(made)
}

/// Hour, minute, second, microsecond.
pub(super) fn parts(c: Clock) -> [i64; 4] {
    [c.hour.into(), c.minute.into(), c.second.into(), c.us.into()]
}

/// `, tzinfo=…, fold=1)` of a repr.
fn repr(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let (t, class) = (this(vm, r)?, vm.type_name(r));
    let Clock { hour, minute, second, us } = t.clock;
    let mut out = format!("{class}({hour}, {minute}");
    if us != 0 {
        out.push_str(&format!(", {second}, {us}"));
    } else if second != 0 {
        out.push_str(&format!(", {second}"));
    }
    let mut out = out.into_bytes();
    if !t.zone.as_ref().is_none() {
        let zone = vm.repr(t.zone.as_ref())?;
        out.extend_from_slice(b", tzinfo=");
        out.extend_from_slice(crate::prelude::str_bytes(zone.as_ref()));
    }
    out.extend_from_slice(if t.fold.get() { b", fold=1)" } else { b")" });
    vm.new_str_bytes(&out)
}

fn hash(vm: &mut Vm, r: Ref<'_>) -> PyResult<i64> {
    let t = this(vm, r)?;
    match zone::offset_of(vm, t.zone.as_ref(), "utcoffset", no_zone())? {
        None => {
            let state = vm.new_bytes(&state(t.clock))?;
            vm.hash(state.as_ref())
        }
        Some(offset) => {
            let us = i128::from(t.clock.seconds()) * 1_000_000 + i128::from(t.clock.us);
            let d = Delta::from_us(vm, us - offset.total())?;
            delta::hash(vm, d)
        }
    }
}

fn compare(vm: &mut Vm, op: CmpOp, a: Ref<'_>, b: Ref<'_>) -> PyResult {
    let (Some(x), Some(y)) = (payload::<Time>(a), payload::<Time>(b)) else { return Ok(not_implemented()) };
    if x.zone.as_ref().is(y.zone.as_ref()) {
        return Ok(ordered(op, x.clock.cmp(&y.clock)));
    }
    let p = zone::offset_of(vm, x.zone.as_ref(), "utcoffset", no_zone())?;
    let q = zone::offset_of(vm, y.zone.as_ref(), "utcoffset", no_zone())?;
    match (p, q) {
        _ if p == q => Ok(ordered(op, x.clock.cmp(&y.clock))),
        (Some(p), Some(q)) => {
            let key = |c: Clock, offset: Delta| (c.seconds() - offset.whole_seconds(), c.us);
            Ok(ordered(op, key(x.clock, p).cmp(&key(y.clock, q))))
        }
        _ if matches!(op, CmpOp::Eq | CmpOp::Ne) => Ok(owned_bool(op == CmpOp::Ne)),
        _ => Err(vm.type_error("can't compare offset-naive and offset-aware times")),
    }
}

fn from_iso(vm: &mut Vm, a: &Args<'_>) -> PyResult {
    let written = iso::argument(vm, a.get(1))?;
    let rest = written.strip_prefix(b"T").unwrap_or(written);
    let Some(mut t) = iso::time(rest) else { return Err(iso::invalid(vm, a.get(1))) };
    t.wrap(vm)?;
    let zone = t.zone(vm)?;
    new_of(vm, a.get(0), t.parts, zone, 0)
}

fn isoformat(vm: &mut Vm, a: &Args<'_>) -> PyResult {
    let t = this(vm, a.get(0))?;
    if let Some(spec) = a.opt(1) {
        check_text(vm, spec, "isoformat() argument 1")?;
    }
    let clock = text::clock_text(vm, t.clock, a.opt(1))?;
    let offset = text::zone_text(vm, t.zone.as_ref(), no_zone(), ":")?;
    vm.new_str(&(clock + &offset))
}

fn strftime(vm: &mut Vm, a: &Args<'_>) -> PyResult {
    check_text(vm, a.get(1), "strftime() argument 1")?;
    let t = this(vm, a.get(0))?;
    let [hour, minute, second, _] = parts(t.clock);
    let tuple = text::number_tuple(vm, &[1900, 1, 1, hour, minute, second, 0, 1, -1])?;
    let shown = Shown { tuple, day: None, us: t.clock.us, zone: t.zone.as_ref(), moment: no_zone() };
    text::strftime(vm, &shown, base_value(a.get(1)))
}

fn replace(vm: &mut Vm, a: &Args<'_>) -> PyResult {
    let t = this(vm, a.get(0))?;
    let old = parts(t.clock);
    let mut new = old;
    for (i, n) in new.iter_mut().enumerate() {
        *n = int_or(vm, a.opt(i + 1), old[i])?;
    }
    let zone = a.opt(5).map_or_else(|| t.zone.clone(), |z| z.owned());
    let fold = int_or(vm, a.opt(6), i64::from(t.fold.get()))?;
    let class = class_of(vm, a.get(0));
    new_of(vm, class, new, zone, fold)
}

fn reduce(vm: &mut Vm, r: Ref<'_>, protocol: i64) -> PyResult {
    let t = this(vm, r)?;
    let mut state = state(t.clock);
    if protocol > 3 && t.fold.get() {
        state[0] |= 0x80;
    }
    reduced(vm, r, &state, Some(t.zone.as_ref()))
}
