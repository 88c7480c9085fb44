//! `struct_time`, and its conversion from and to timestamps and text.

use super::{clock, os_error};
use hognose_vm::structseq;
use hognose_vm::{Args, Exc, Owned, PyResult, Ref, TextBuf, TypeRef, ValueExt, Vm, base_value, str_bytes};
use num_traits::ToPrimitive;

hognose_vm::structseq! {
    STRUCT_TIME = "time.struct_time",
    "The time value as returned by gmtime(), localtime(), and strptime(), and\n \
     accepted by asctime(), mktime() and strftime().  May be considered as a\n \
     sequence of 9 integers.\n\n \
     Note that several fields' values are not the same as those defined by\n \
     the C language standard for struct tm.  For example, the value of the\n \
     field tm_year is the actual year, not year - 1900.  See individual\n \
     fields' descriptions for details.", 9;
    0 tm_year, 1 tm_mon, 2 tm_mday, 3 tm_hour, 4 tm_min, 5 tm_sec, 6 tm_wday, 7 tm_yday, 8 tm_isdst,
    9 tm_zone, 10 tm_gmtoff
}

/// The class, made on first use; built-in classes live as long as the machine.
#[derive(Default)]
struct TimeClass(Option<TypeRef<'static>>);

pub(super) fn class(vm: &mut Vm) -> PyResult<TypeRef<'static>> {
    if let Some(class) = vm.state::<TimeClass>().0 {
        return Ok(class);
    }
    let class = structseq::make_class(vm, &STRUCT_TIME)?;
    vm.state::<TimeClass>().0 = Some(class);
    Ok(class)
}

fn struct_time(vm: &mut Vm, t: &clock::Broken) -> PyResult {
    let tm = &t.tm;
    let numbers = [
        i64::from(tm.tm_year) + 1900,
        i64::from(tm.tm_mon) + 1,
        i64::from(tm.tm_mday),
        i64::from(tm.tm_hour),
        i64::from(tm.tm_min),
        i64::from(tm.tm_sec),
        i64::from((tm.tm_wday + 6) % 7),
        i64::from(tm.tm_yday) + 1,
        i64::from(tm.tm_isdst),
    ];
    let mut values = numbers.iter().map(|&n| vm.new_int(n)).collect::<PyResult<Vec<Owned>>>()?;
    values.push(vm.new_str(&t.zone)?);
    values.push(vm.new_int(tm.tm_gmtoff)?);
    let class = class(vm)?;
    structseq::make(vm, class, &STRUCT_TIME, values)
}

/// A timestamp argument, rounded down; absent: now.
pub(crate) fn seconds_argument(vm: &mut Vm, r: Option<Ref<'_>>) -> PyResult<i64> {
    let Some(r) = r.filter(|r| !r.is_none()) else {
        let now = clock::read(libc::CLOCK_REALTIME).unwrap_or(0);
        return Ok(now.div_euclid(1_000_000_000) as i64);
    };
    const RANGE: &str = "timestamp out of range for platform time_t";
    if let Some(x) = vm.float_of(r) {
        if x.is_nan() {
            return Err(vm.value_error("Invalid value NaN (not a number)"));
        }
        let x = x.floor();
        return if x.abs() < 9.2e18 { Ok(x as i64) } else { Err(vm.overflow_error(RANGE)) };
    }
    let n = vm.index_bigint(r)?;
    match n.to_i64() {
        Some(n) => Ok(n),
        None => Err(vm.overflow_error(RANGE)),
    }
}

fn broken(vm: &mut Vm, seconds: i64, local: bool) -> PyResult<clock::Broken> {
    clock::break_down(seconds, local).map_err(|e| os_error(vm, &e))
}

/// Counts arguments as CPython's format strings do; its message is not that of other functions.
fn check_count(vm: &mut Vm, name: &str, args: &Args<'_>, min: usize, max: usize) -> PyResult<()> {
    let n = args.pos.len();
    if (min..=max).contains(&n) {
        return Ok(());
    }
    let (bound, k) = if n < min { ("at least", min) } else { ("at most", max) };
    let plural = if k == 1 { "" } else { "s" };
    Err(vm.type_error(&format!("{name}() takes {bound} {k} argument{plural} ({n} given)")))
}

pub(super) fn gmtime(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    check_count(vm, "gmtime", args, 0, 1)?;
    let t = seconds_argument(vm, args.opt(0))?;
    let t = broken(vm, t, false)?;
    struct_time(vm, &t)
}

pub(super) fn localtime(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    check_count(vm, "localtime", args, 0, 1)?;
    let t = seconds_argument(vm, args.opt(0))?;
    let t = broken(vm, t, true)?;
    struct_time(vm, &t)
}

/// A time tuple as the C library has it.
fn time_tuple(vm: &mut Vm, r: Ref<'_>, function: &str) -> PyResult<(libc::tm, Option<String>)> {
    if !base_value(r).is_exact(hognose_vm::Layout::Tuple) {
        return Err(vm.type_error("Tuple or struct_time argument required"));
    }
    let items = vm.items_of(r);
    if items.len() != 9 {
        return Err(vm.type_error(&format!("{function}(): illegal time tuple argument")));
    }
    let mut n = [0i32; 9];
    for (place, item) in n.iter_mut().zip(&items) {
        *place = vm.index_i32(item.as_ref())?;
    }
    let Some(year) = n[0].checked_sub(1900) else { return Err(vm.overflow_error("year out of range")) };
    let mut tm = clock::empty();
    tm.tm_year = year;
    tm.tm_mon = n[1].wrapping_sub(1);
    tm.tm_mday = n[2];
    tm.tm_hour = n[3];
    tm.tm_min = n[4];
    tm.tm_sec = n[5];
    tm.tm_wday = n[6].wrapping_add(1) % 7;
    tm.tm_yday = n[7].wrapping_sub(1);
    tm.tm_isdst = n[8];
    let mut zone = None;
    let struct_class = class(vm)?;
    if vm.class_of(r) == struct_class {
        let offset = vm.get_attr_name(r, "tm_gmtoff")?;
        tm.tm_gmtoff = vm.int_of(offset.as_ref()).and_then(|n| n.to_i64()).unwrap_or(0);
        let name = vm.get_attr_name(r, "tm_zone")?;
        if !name.as_ref().is_none() {
            zone = Some(vm.text_of(name.as_ref()));
        }
    }
    Ok((tm, zone))
}

/// Checks what `strftime` would index tables with.
fn check_fields(vm: &mut Vm, tm: &mut libc::tm) -> PyResult<()> {
    // Zero stands for the first.
    if tm.tm_mon == -1 {
        tm.tm_mon = 0;
    }
    if tm.tm_mday == 0 {
        tm.tm_mday = 1;
    }
    if tm.tm_yday == -1 {
        tm.tm_yday = 0;
    }
    let ranges = [
        (tm.tm_mon, 0, 11, "month out of range"),
        (tm.tm_mday, 0, 31, "day of month out of range"),
        (tm.tm_hour, 0, 23, "hour out of range"),
        (tm.tm_min, 0, 59, "minute out of range"),
        (tm.tm_sec, 0, 61, "seconds out of range"),
        (tm.tm_wday, 0, i32::MAX, "day of week out of range"),
        (tm.tm_yday, 0, 365, "day of year out of range"),
    ];
    for (n, low, high, message) in ranges {
        if n < low || n > high {
            return Err(vm.value_error(message));
        }
    }
    Ok(())
}

/// The time tuple given, or now.
fn tuple_or_now(vm: &mut Vm, r: Option<Ref<'_>>, function: &str) -> PyResult<(libc::tm, Option<String>)> {
    let (mut tm, zone) = match r {
        Some(r) => time_tuple(vm, r, function)?,
        None => {
            let now = seconds_argument(vm, None)?;
            let t = broken(vm, now, true)?;
            (t.tm, Some(t.zone))
        }
    };
    check_fields(vm, &mut tm)?;
    Ok((tm, zone))
}

pub(super) fn mktime(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let (tm, _) = time_tuple(vm, args.get(0), "mktime")?;
    match clock::timestamp(&tm) {
        Some(t) => vm.new_float(t as f64),
        None => Err(vm.overflow_error("mktime argument out of range")),
    }
}

fn ascii_time(vm: &Vm, tm: &libc::tm) -> PyResult {
    const DAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let day = DAYS.get(tm.tm_wday as usize).unwrap_or(&"");
    let month = MONTHS.get(tm.tm_mon as usize).unwrap_or(&"");
    vm.new_str(&format!(
        "{day} {month}{:3} {:02}:{:02}:{:02} {}",
        tm.tm_mday,
        tm.tm_hour,
        tm.tm_min,
        tm.tm_sec,
        i64::from(tm.tm_year) + 1900
    ))
}

pub(super) fn asctime(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let (tm, _) = tuple_or_now(vm, args.opt(0), "asctime")?;
    ascii_time(vm, &tm)
}

pub(super) fn ctime(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    check_count(vm, "ctime", args, 0, 1)?;
    let t = seconds_argument(vm, args.opt(0))?;
    let t = broken(vm, t, true)?;
    ascii_time(vm, &t.tm)
}

pub(super) fn strftime(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    check_count(vm, "strftime", args, 1, 2)?;
    vm.expect_str(args.get(0), "strftime() argument 1")?;
    let format = base_value(args.get(0)).owned();
    let (mut tm, zone) = tuple_or_now(vm, args.opt(1), "strftime")?;
    // Anything but -1, 0 and 1 confuses some libraries.
    tm.tm_isdst = tm.tm_isdst.clamp(-1, 1);
    let format = str_bytes(format.as_ref());
    let mut out = TextBuf::new();
    // The C library sees runs of ASCII only: what is not text in its encoding stays as it is.
    for run in format.chunk_by(|&a, &b| is_plain(a) == is_plain(b)) {
        if !run.first().is_some_and(|&b| is_plain(b)) {
            out.push(vm, run)?;
            continue;
        }
        let text = match &zone {
            // The name the tuple carries, not the current zone's.
            Some(zone) => clock::format(&replace_zone(run, zone), &tm),
            None => clock::format(run, &tm),
        };
        out.push(vm, String::from_utf8_lossy(&text).as_bytes())?;
    }
    out.to_str(vm)
}

fn is_plain(b: u8) -> bool {
    (1..0x80).contains(&b)
}

/// The format with `%Z` replaced.
fn replace_zone(format: &[u8], zone: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(format.len());
    let mut bytes = format.iter();
    while let Some(&c) = bytes.next() {
        if c != b'%' {
            out.push(c);
            continue;
        }
        match bytes.next() {
            Some(b'Z') => out.extend_from_slice(zone.replace('%', "%%").as_bytes()),
            Some(&c) => out.extend([b'%', c]),
            None => out.push(b'%'),
        }
    }
    out
}

/// Parsing is done in Python, by `_strptime`.
pub(super) fn strptime(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let builtins = vm.builtins().owned();
    let Some(import) = vm.dict_get_name(builtins.as_ref(), "__import__")? else {
        return Err(vm.raise(Exc::ImportError, "__import__ not found"));
    };
    let name = vm.new_str("_strptime")?;
    let module = vm.call(import.as_ref(), &[name.as_ref()])?;
    let given: Vec<Ref<'_>> = args.pos.iter().copied().filter(|r| !r.is_null()).collect();
    vm.call_method(module.as_ref(), "_strptime_time", &given)
}
