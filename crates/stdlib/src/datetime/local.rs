//! The system's clock and its local time zone. Moments are seconds since the begin of year 1, or of 1970 (timestamps).

use super::calendar::{Clock, Day, MAX_YEAR, MIN_YEAR};
use crate::prelude::{Owned, PyResult, Ref, Vm};
use crate::time::{clock, os_error};
use num_traits::ToPrimitive;

/// The begin of 1970.
pub(super) const EPOCH: i64 = 719_163 * 86400;
/// No zone has ever been set back by more.
const MAX_FOLD: i64 = 24 * 3600;
const OUT_OF_RANGE: &str = "timestamp out of range for platform time_t";

/// Seconds since the begin of year 1.
pub(super) fn seconds_of(day: Day, c: Clock) -> i64 {
    day.ordinal() * 86400 + c.seconds()
}

/// Parts of a moment: year (which may be any), month, day, hour, minute, second.
pub(super) fn break_down(vm: &mut Vm, timestamp: i64, local: bool) -> PyResult<[i64; 6]> {
    let t = clock::break_down(timestamp, local).map_err(|e| os_error(vm, &e))?.tm;
    Ok([
        i64::from(t.tm_year) + 1900,
        i64::from(t.tm_mon) + 1,
        i64::from(t.tm_mday),
        i64::from(t.tm_hour),
        i64::from(t.tm_min),
        i64::from(t.tm_sec).min(59),
    ])
}

/// Offset of local time from UTC in seconds, and its name.
pub(super) fn zone_at(vm: &mut Vm, timestamp: i64) -> PyResult<(i64, Owned)> {
    let t = clock::break_down(timestamp, true).map_err(|e| os_error(vm, &e))?;
    let name = vm.new_str(&t.zone)?;
    Ok((t.tm.tm_gmtoff, name))
}

/// [`seconds_of`] the parts of a moment.
fn joined(vm: &mut Vm, parts: [i64; 6]) -> PyResult<i64> {
    let [year, month, day, hour, minute, second] = parts;
    if !(MIN_YEAR..=MAX_YEAR).contains(&year) {
        return Err(vm.value_error(&format!("year must be in {MIN_YEAR}..{MAX_YEAR}, not {year}")));
    }
    Ok(super::calendar::ordinal_of(year, month, day) * 86400 + hour * 3600 + minute * 60 + second)
}

/// What clocks show at a moment.
fn local(vm: &mut Vm, moment: i64) -> PyResult<i64> {
    let parts = break_down(vm, moment - EPOCH, true)?;
    joined(vm, parts)
}

/// The moment at which clocks show `t`; the later one of two when `fold`.
pub(super) fn moment_of(vm: &mut Vm, t: i64, fold: bool) -> PyResult<i64> {
    let a = local(vm, t)? - t;
    let u1 = t - a;
    let t1 = local(vm, u1)?;
    let b = if t1 == t {
        // A solution, but perhaps not the one that is asked for.
        let u2 = if fold { u1 + MAX_FOLD } else { u1 - MAX_FOLD };
        let b = local(vm, u2)? - u2;
        if a == b {
            return Ok(u1);
        }
        b
    } else {
        t1 - u1
    };
    let u2 = t - b;
    if local(vm, u2)? == t {
        return Ok(u2);
    }
    if t1 == t {
        return Ok(u1);
    }
    // Clocks never show it.
    Ok(if fold { u1.min(u2) } else { u1.max(u2) })
}

/// Are these parts of local time the second ones of their kind?
pub(super) fn is_fold(vm: &mut Vm, timestamp: i64, parts: [i64; 6]) -> PyResult<bool> {
    let shown = joined(vm, parts)?;
    let before = local(vm, EPOCH + timestamp - MAX_FOLD)?;
    let transition = shown - before - MAX_FOLD;
    Ok(transition < 0 && local(vm, EPOCH + timestamp + transition)? == shown)
}

/// A timestamp argument as seconds and microseconds, rounded to even.
pub(super) fn timestamp_arg(vm: &mut Vm, r: Ref<'_>) -> PyResult<(i64, u32)> {
    let Some(x) = vm.float_of(r) else {
        if vm.class_of(r).slots().index.is_none() {
            let class = vm.type_name(r);
            return Err(vm.type_error(&format!("argument must be int or float, not {class}")));
        }
        return match vm.index_bigint(r)?.to_i64() {
            Some(n) => Ok((n, 0)),
            None => Err(vm.overflow_error(OUT_OF_RANGE)),
        };
    };
    if x.is_nan() {
        return Err(vm.value_error("Invalid value NaN (not a number)"));
    }
    let (mut whole, mut us) = (x.trunc(), (x.fract() * 1e6).round_ties_even());
    if us >= 1e6 {
        (whole, us) = (whole + 1.0, us - 1e6);
    } else if us < 0.0 {
        (whole, us) = (whole - 1.0, us + 1e6);
    }
    // 2^63, the first number that does not fit.
    if !(-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&whole) {
        return Err(vm.overflow_error(OUT_OF_RANGE));
    }
    Ok((whole as i64, us as u32))
}

/// Now, as seconds and microseconds.
pub(super) fn now(vm: &mut Vm) -> PyResult<(i64, u32)> {
    let ns = clock::read(libc::CLOCK_REALTIME).map_err(|e| os_error(vm, &e))?;
    Ok((ns.div_euclid(1_000_000_000) as i64, (ns.rem_euclid(1_000_000_000) / 1000) as u32))
}
