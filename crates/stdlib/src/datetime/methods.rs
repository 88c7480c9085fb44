//! Methods of `datetime`.

use super::arguments::{check_text, check_zone, class_of, int_arg, int_or, reduced};
use super::calendar::{Clock, Day};
use super::date::day_of;
use super::delta::Delta;
use super::moment::{DateTime, new_of, split, state, this};
use super::text::{self, zone_or_none};
use super::time::Time;
use super::{date, iso, local, moment, zone};
use crate::prelude::{Args, Exc, NativeDef, Owned, PyResult, Ref, ValueExt, Vm, as_str, none, payload};
use std::cell::Cell;

const UNCHANGED: &str = "$self, /, year=unchanged, month=unchanged, day=unchanged, hour=unchanged, minute=unchanged, second=unchanged, microsecond=unchanged, tzinfo=unchanged, *, fold=unchanged";

pub(super) const METHODS: &[NativeDef] = &[
    NativeDef::class_method("now", "$type, /, tz=None", |vm, a| {
        let zone = zone_or_none(a.opt(1));
        check_zone(vm, zone.as_ref())?;
        let (t, us) = local::now(vm)?;
        in_zone(vm, a.get(0), t, us, zone)
    }),
    NativeDef::class_method("utcnow", "$type, /", |vm, a| {
        let message = "datetime.datetime.utcnow() is deprecated and scheduled for removal in a future version. Use timezone-aware objects to represent datetimes in UTC: datetime.datetime.now(datetime.UTC).";
        vm.warn(Exc::DeprecationWarning, message)?;
        let (t, us) = local::now(vm)?;
        from_moment(vm, a.get(0), t, us, none(), false)
    }),
    NativeDef::class_method("fromtimestamp", "$type, /, timestamp, tz=None", |vm, a| {
        let zone = zone_or_none(a.opt(2));
        check_zone(vm, zone.as_ref())?;
        let (t, us) = local::timestamp_arg(vm, a.get(1))?;
        in_zone(vm, a.get(0), t, us, zone)
    }),
    NativeDef::class_method("utcfromtimestamp", "$type, timestamp, /", |vm, a| {
        let message = "datetime.datetime.utcfromtimestamp() is deprecated and scheduled for removal in a future version. Use timezone-aware objects to represent datetimes in UTC: datetime.datetime.fromtimestamp(timestamp, datetime.UTC).";
        vm.warn(Exc::DeprecationWarning, message)?;
        let (t, us) = local::timestamp_arg(vm, a.get(1))?;
        from_moment(vm, a.get(0), t, us, none(), false)
    }),
    NativeDef::class_method("strptime", "$type, string, format, /", |vm, a| {
        text::strptime(vm, a, "_strptime_datetime_datetime")
    }),
    NativeDef::class_method("combine", "$type, /, date, time, tzinfo=unchanged", combine),
    NativeDef::class_method("fromisoformat", "$type, string, /", from_iso),
    NativeDef::method("date", "$self, /", |vm, a| {
        let day = this(vm, a.get(0))?.day;
        vm.new_native(date::Date(day))
    }),
    NativeDef::method("time", "$self, /", |vm, a| time_of(vm, a.get(0), false)),
    NativeDef::method("timetz", "$self, /", |vm, a| time_of(vm, a.get(0), true)),
    NativeDef::method("ctime", "$self, /", |vm, a| {
        let d = this(vm, a.get(0))?;
        vm.new_str(&date::ctime(d.day, d.clock))
    }),
    NativeDef::method("timetuple", "$self, /", |vm, a| {
        let d = this(vm, a.get(0))?;
        let dst = zone::offset_of(vm, d.zone.as_ref(), "dst", a.get(0))?;
        let dst = dst.map_or(-1, |d| i64::from(d != Delta::ZERO));
        text::struct_time(vm, d.day, d.clock, dst)
    }),
    NativeDef::method("utctimetuple", "$self, /", |vm, a| {
        let d = this(vm, a.get(0))?;
        let offset = d.offset(vm, a.get(0))?.unwrap_or(Delta::ZERO);
        let (day, clock) = split(vm, d.total() - offset.total())?;
        text::struct_time(vm, day, clock, 0)
    }),
    NativeDef::method("timestamp", "$self, /", timestamp),
    NativeDef::method("isoformat", "$self, /, sep='T', timespec='auto'", isoformat),
    NativeDef::method("utcoffset", "$self, /", |vm, a| {
        let d = this(vm, a.get(0))?;
        zone::ask(vm, d.zone.as_ref(), "utcoffset", a.get(0))
    }),
    NativeDef::method("dst", "$self, /", |vm, a| {
        let d = this(vm, a.get(0))?;
        zone::ask(vm, d.zone.as_ref(), "dst", a.get(0))
    }),
    NativeDef::method("tzname", "$self, /", |vm, a| {
        let d = this(vm, a.get(0))?;
        zone::ask_name(vm, d.zone.as_ref(), a.get(0))
    }),
    NativeDef::method("replace", UNCHANGED, replace),
    NativeDef::method("__replace__", UNCHANGED, replace),
    NativeDef::method("astimezone", "$self, /, tz=None", as_timezone),
    NativeDef::method("__reduce_ex__", "$self, proto, /", |vm, a| {
        let protocol = int_arg(vm, a.get(1))?;
        reduce(vm, a.get(0), protocol)
    }),
    NativeDef::method("__reduce__", "$self, /", |vm, a| reduce(vm, a.get(0), 2)),
];

/// The moment of a timestamp, by the clocks here (`local`) or in UTC.
fn from_moment(vm: &mut Vm, class: Ref<'_>, t: i64, us: u32, zone: Owned, local: bool) -> PyResult {
    let parts = local::break_down(vm, t, local)?;
    let fold = local && local::is_fold(vm, t, parts)?;
    let [year, month, day, hour, minute, second] = parts;
    new_of(vm, class, [year, month, day, hour, minute, second, us.into()], zone, fold.into())
}

/// The moment of a timestamp in a zone; without one: by the clocks here.
fn in_zone(vm: &mut Vm, class: Ref<'_>, t: i64, us: u32, zone: Owned) -> PyResult {
    if zone.as_ref().is_none() {
        return from_moment(vm, class, t, us, zone, true);
    }
    let utc = from_moment(vm, class, t, us, zone.clone(), false)?;
    vm.call_method(zone.as_ref(), "fromutc", &[utc.as_ref()])
}

fn combine(vm: &mut Vm, a: &Args<'_>) -> PyResult {
    let Some(day) = day_of(a.get(1)) else {
        let class = vm.type_name(a.get(1));
        return Err(vm.type_error(&format!("combine() argument 1 must be datetime.date, not {class}")));
    };
    let Some(t) = payload::<Time>(a.get(2)) else {
        let class = vm.type_name(a.get(2));
        return Err(vm.type_error(&format!("combine() argument 2 must be datetime.time, not {class}")));
    };
    let zone = a.opt(3).map_or_else(|| t.zone.clone(), |z| z.owned());
    new_of(vm, a.get(0), moment::join(day, t.clock), zone, t.fold.get().into())
}

fn from_iso(vm: &mut Vm, a: &Args<'_>) -> PyResult {
    let text = iso::argument(vm, a.get(1))?;
    let at = if text.len() < 7 { None } else { iso::separator(text) };
    let Some(at) = at.filter(|&at| at <= text.len()) else { return Err(iso::invalid(vm, a.get(1))) };
    let (Some(mut day), rest) = (iso::date(&text[..at]), &text[at..]) else {
        return Err(iso::invalid(vm, a.get(1)));
    };
    let mut t = iso::WrittenTime::default();
    if !rest.is_empty() {
        // Any one character separates.
        let width = match rest[0] {
            0..0x80 => 1,
            0x80..0xe0 => 2,
            0xe0..0xf0 => 3,
            _ => 4,
        };
        match iso::time(rest.get(width..).unwrap_or(&[])) {
            Some(found) => t = found,
            None => return Err(iso::invalid(vm, a.get(1))),
        }
    }
    let zone = t.zone(vm)?;
    if t.wrap(vm)? {
        day = day.next();
    }
    let [hour, minute, second, us] = t.parts;
    new_of(vm, a.get(0), [day.year, day.month, day.day, hour, minute, second, us], zone, 0)
}

fn time_of(vm: &mut Vm, r: Ref<'_>, with_zone: bool) -> PyResult {
    let d = this(vm, r)?;
    let zone = if with_zone { d.zone.clone() } else { none() };
    vm.new_native(Time { clock: d.clock, fold: Cell::new(d.fold.get()), zone })
}

fn timestamp(vm: &mut Vm, a: &Args<'_>) -> PyResult {
    let d = this(vm, a.get(0))?;
    if d.zone.as_ref().is_none() {
        let t = local::moment_of(vm, local::seconds_of(d.day, d.clock), d.fold.get())?;
        return vm.new_float((t - local::EPOCH) as f64 + f64::from(d.clock.us) / 1e6);
    }
    let us = since_epoch(vm, d, a.get(0))?;
    let delta = Delta::from_us(vm, us)?;
    let delta = vm.new_native(delta)?;
    vm.call_method(delta.as_ref(), "total_seconds", &[])
}

/// Microseconds from the begin of 1970 in UTC to an aware datetime.
fn since_epoch(vm: &mut Vm, d: &DateTime, r: Ref<'_>) -> PyResult<i128> {
    let Some(offset) = d.offset(vm, r)? else {
        return Err(vm.type_error("can't subtract offset-naive and offset-aware datetimes"));
    };
    Ok(d.total() - offset.total() - i128::from(local::EPOCH) * 1_000_000)
}

fn isoformat(vm: &mut Vm, a: &Args<'_>) -> PyResult {
    let d = this(vm, a.get(0))?;
    let mut out = text::day_text(d.day).into_bytes();
    match a.opt(1) {
        None => out.push(b'T'),
        Some(r) => match as_str(r) {
            Some(s) if s.char_len() == 1 => out.extend_from_slice(s.as_bytes()),
            Some(s) => {
                let n = s.char_len();
                let message =
                    format!("isoformat() argument 1 must be a unicode character, not a string of length {n}");
                return Err(vm.type_error(&message));
            }
            None => {
                let class = vm.type_name(r);
                let message = format!("isoformat() argument 1 must be a unicode character, not {class}");
                return Err(vm.type_error(&message));
            }
        },
    }
    if let Some(spec) = a.opt(2) {
        check_text(vm, spec, "isoformat() argument 2")?;
    }
    out.extend_from_slice(text::clock_text(vm, d.clock, a.opt(2))?.as_bytes());
    out.extend_from_slice(text::zone_text(vm, d.zone.as_ref(), a.get(0), ":")?.as_bytes());
    vm.new_str_bytes(&out)
}

fn replace(vm: &mut Vm, a: &Args<'_>) -> PyResult {
    let d = this(vm, a.get(0))?;
    let old = d.parts();
    let mut parts = old;
    for (i, n) in parts.iter_mut().enumerate() {
        *n = int_or(vm, a.opt(i + 1), old[i])?;
    }
    let zone = a.opt(8).map_or_else(|| d.zone.clone(), |z| z.owned());
    let fold = int_or(vm, a.opt(9), i64::from(d.fold.get()))?;
    let class = class_of(vm, a.get(0));
    new_of(vm, class, parts, zone, fold)
}

/// The system's zone at a timestamp.
fn zone_here(vm: &mut Vm, timestamp: i64) -> PyResult {
    let (offset, name) = local::zone_at(vm, timestamp)?;
    let offset = Delta::from_seconds(vm, offset)?;
    zone::fixed(vm, offset, Some(name))
}

/// The system's zone when clocks here show `d`.
fn zone_of_clocks(vm: &mut Vm, d: &DateTime) -> PyResult {
    let (t, fold) = (local::seconds_of(d.day, d.clock), d.fold.get());
    let (mut at, other) = (local::moment_of(vm, t, fold)?, local::moment_of(vm, t, !fold)?);
    if other != at && (other > at) == fold {
        at = other;
    }
    zone_here(vm, at - local::EPOCH)
}

fn as_timezone(vm: &mut Vm, a: &Args<'_>) -> PyResult {
    let d = this(vm, a.get(0))?;
    let to = zone_or_none(a.opt(1));
    check_zone(vm, to.as_ref())?;
    let own = if d.zone.as_ref().is_none() { zone_of_clocks(vm, d)? } else { d.zone.clone() };
    if own.as_ref().is(to.as_ref()) {
        return Ok(a.get(0).owned());
    }
    let offset = match zone::offset_of(vm, own.as_ref(), "utcoffset", a.get(0))? {
        Some(offset) => offset,
        None => {
            let here = zone_of_clocks(vm, d)?;
            if here.as_ref().is(to.as_ref()) {
                return Ok(a.get(0).owned());
            }
            zone::offset_of(vm, here.as_ref(), "utcoffset", a.get(0))?.unwrap_or(Delta::ZERO)
        }
    };
    let us = d.total() - offset.total();
    let (day, clock): (Day, Clock) = split(vm, us)?;
    let to = match to.as_ref().is_none() {
        true => zone_here(vm, us.div_euclid(1_000_000) as i64 - local::EPOCH)?,
        false => to,
    };
    let class = class_of(vm, a.get(0));
    let utc = new_of(vm, class, moment::join(day, clock), to.clone(), 0)?;
    vm.call_method(to.as_ref(), "fromutc", &[utc.as_ref()])
}

fn reduce(vm: &mut Vm, r: Ref<'_>, protocol: i64) -> PyResult {
    let d = this(vm, r)?;
    let mut state = state(d);
    if protocol > 3 && d.fold.get() {
        state[2] |= 0x80;
    }
    reduced(vm, r, &state, Some(d.zone.as_ref()))
}
