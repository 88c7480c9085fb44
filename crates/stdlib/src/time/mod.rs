//! The module `time`: clocks, sleeping, and the calendar of the C library.
//!
//!   mod.rs      clocks, sleep, the module
//!   convert.rs  struct_time: from and to timestamps and text
//!   clock.rs    the system
//!
//! Invariant: clocks are read as whole nanoseconds; floats are made last.

pub(crate) mod clock;
mod convert;

pub(crate) use convert::seconds_argument;

use crate::support;
use hognose_vm::{Args, Exc, NativeDef, Owned, PyResult, Raised, Ref, TypeRef, Vm};
use num_bigint::BigInt;
use num_traits::ToPrimitive;
use std::time::{Duration, Instant};

static FUNCTIONS: &[NativeDef] = &[
    NativeDef::function("time", "", |vm, _| seconds(vm, libc::CLOCK_REALTIME)),
    NativeDef::function("time_ns", "", |vm, _| nanoseconds(vm, libc::CLOCK_REALTIME)),
    NativeDef::function("monotonic", "", |vm, _| seconds(vm, libc::CLOCK_MONOTONIC)),
    NativeDef::function("monotonic_ns", "", |vm, _| nanoseconds(vm, libc::CLOCK_MONOTONIC)),
    NativeDef::function("perf_counter", "", |vm, _| seconds(vm, libc::CLOCK_MONOTONIC)),
    NativeDef::function("perf_counter_ns", "", |vm, _| nanoseconds(vm, libc::CLOCK_MONOTONIC)),
    NativeDef::function("process_time", "", |vm, _| seconds(vm, libc::CLOCK_PROCESS_CPUTIME_ID)),
    NativeDef::function("process_time_ns", "", |vm, _| nanoseconds(vm, libc::CLOCK_PROCESS_CPUTIME_ID)),
    NativeDef::function("thread_time", "", |vm, _| seconds(vm, libc::CLOCK_THREAD_CPUTIME_ID)),
    NativeDef::function("thread_time_ns", "", |vm, _| nanoseconds(vm, libc::CLOCK_THREAD_CPUTIME_ID)),
    NativeDef::function("clock_gettime", "clk_id, /", |vm, args| {
        let id = vm.index_i32(args.get(0))?;
        seconds(vm, id)
    }),
    NativeDef::function("clock_gettime_ns", "clk_id, /", |vm, args| {
        let id = vm.index_i32(args.get(0))?;
        nanoseconds(vm, id)
    }),
    NativeDef::function("clock_getres", "clk_id, /", clock_getres),
    NativeDef::function("get_clock_info", "name, /", get_clock_info),
    NativeDef::function("sleep", "seconds, /", sleep),
    NativeDef::function("gmtime", "*args", convert::gmtime),
    NativeDef::function("localtime", "*args", convert::localtime),
    NativeDef::function("mktime", "time_tuple, /", convert::mktime),
    NativeDef::function("asctime", "time_tuple=<unrepresentable>, /", convert::asctime),
    NativeDef::function("ctime", "*args", convert::ctime),
    NativeDef::function("strftime", "*args", convert::strftime),
    NativeDef::function("strptime", "data_string, format='%a %b %d %H:%M:%S %Y', /", convert::strptime),
    NativeDef::function("tzset", "", tzset),
];

const CLOCKS: &[(&str, i32)] = &[
    ("CLOCK_REALTIME", libc::CLOCK_REALTIME),
    ("CLOCK_MONOTONIC", libc::CLOCK_MONOTONIC),
    ("CLOCK_PROCESS_CPUTIME_ID", libc::CLOCK_PROCESS_CPUTIME_ID),
    ("CLOCK_THREAD_CPUTIME_ID", libc::CLOCK_THREAD_CPUTIME_ID),
    ("CLOCK_MONOTONIC_RAW", libc::CLOCK_MONOTONIC_RAW),
    ("CLOCK_BOOTTIME", libc::CLOCK_BOOTTIME),
    ("CLOCK_TAI", libc::CLOCK_TAI),
];

/// Makes the module.
pub fn make(vm: &mut Vm) -> PyResult {
    let doc = "This module provides various functions to manipulate time values.";
    let module = support::module(vm, "time", doc, FUNCTIONS)?;
    for &(name, id) in CLOCKS {
        let id = vm.new_int(i64::from(id))?;
        support::set(vm, &module, name, id)?;
    }
    let class = convert::class(vm)?.owned();
    support::set(vm, &module, "struct_time", class)?;
    let items = vm.new_int(11)?;
    support::set(vm, &module, "_STRUCT_TM_ITEMS", items)?;
    set_zone(vm, &module)?;
    Ok(module)
}

/// `timezone`, `altzone`, `daylight` and `tzname`, from the offsets in January and in July.
fn set_zone(vm: &mut Vm, module: &Owned) -> PyResult<()> {
    const YEAR: i64 = (365 * 24 + 6) * 3600;
    clock::read_zone();
    let now = clock::read(libc::CLOCK_REALTIME).unwrap_or(0) / 1_000_000_000;
    let start = (now as i64) / YEAR * YEAR;
    let zone = |t: i64| match clock::break_down(t, true) {
        Ok(b) => (-b.tm.tm_gmtoff, b.zone),
        Err(_) => (0, "UTC".to_owned()),
    };
    let (january, july) = (zone(start), zone(start + YEAR / 2));
    let daylight = january.0 != july.0;
    // In the south summer is in January.
    let (standard, summer) = if january.0 < july.0 { (july, january) } else { (january, july) };
    for (name, value) in [("timezone", standard.0), ("altzone", summer.0), ("daylight", i64::from(daylight))]
    {
        let value = vm.new_int(value)?;
        support::set(vm, module, name, value)?;
    }
    let (a, b) = (vm.new_str(&standard.1)?, vm.new_str(&summer.1)?);
    let names = vm.new_pair(a, b)?;
    support::set(vm, module, "tzname", names)
}

fn tzset(vm: &mut Vm, _args: &Args<'_>) -> PyResult {
    let modules = vm.modules().owned();
    if let Some(module) = vm.dict_get_name(modules.as_ref(), "time")? {
        set_zone(vm, &module)?;
    }
    Ok(vm.none())
}

/// OSError for a failed system call.
pub(crate) fn os_error(vm: &mut Vm, e: &std::io::Error) -> Raised {
    let code = e.raw_os_error().unwrap_or(0);
    let text = e.to_string();
    let text = text.strip_suffix(&format!(" (os error {code})")).unwrap_or(&text).to_owned();
    let made = (|| -> PyResult<Vec<Owned>> { Ok(vec![vm.new_int(i64::from(code))?, vm.new_str(&text)?]) })();
    match made {
        Ok(args) => vm.raise_with(Exc::OSError, args),
        Err(e) => e,
    }
}

fn read_clock(vm: &mut Vm, id: i32) -> PyResult<i128> {
    clock::read(id).map_err(|e| os_error(vm, &e))
}

/// Seconds as a float: whole part and fraction are converted apart only when that loses nothing.
fn as_seconds(ns: i128) -> f64 {
    ns as f64 / 1e9
}

fn seconds(vm: &mut Vm, id: i32) -> PyResult {
    let ns = read_clock(vm, id)?;
    vm.new_float(as_seconds(ns))
}

fn nanoseconds(vm: &mut Vm, id: i32) -> PyResult {
    let ns = read_clock(vm, id)?;
    vm.new_bigint(&BigInt::from(ns))
}

fn clock_getres(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let id = vm.index_i32(args.get(0))?;
    match clock::resolution(id) {
        Ok(ns) => vm.new_float(as_seconds(ns)),
        Err(e) => Err(os_error(vm, &e)),
    }
}

fn get_clock_info(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let name = vm.expect_str(args.get(0), "get_clock_info() argument 1")?.into_owned();
    let (id, shown) = match name.as_str() {
        "time" => (libc::CLOCK_REALTIME, "clock_gettime(CLOCK_REALTIME)"),
        "monotonic" | "perf_counter" => (libc::CLOCK_MONOTONIC, "clock_gettime(CLOCK_MONOTONIC)"),
        "process_time" => (libc::CLOCK_PROCESS_CPUTIME_ID, "clock_gettime(CLOCK_PROCESS_CPUTIME_ID)"),
        "thread_time" => (libc::CLOCK_THREAD_CPUTIME_ID, "clock_gettime(CLOCK_THREAD_CPUTIME_ID)"),
        _ => return Err(vm.value_error("unknown clock")),
    };
    let resolution = clock::resolution(id).unwrap_or(1);
    let real = id == libc::CLOCK_REALTIME;
    let implementation = vm.new_str(shown)?;
    let resolution = vm.new_float(as_seconds(resolution))?;
    let fields = vec![
        ("implementation", implementation),
        ("monotonic", hognose_vm::owned_bool(!real)),
        ("adjustable", hognose_vm::owned_bool(real)),
        ("resolution", resolution),
    ];
    let class = namespace_class(vm)?;
    hognose_vm::namespace::make(vm, class, fields)
}

/// The class of `get_clock_info()`'s result, made on first use; built-in classes live as long as the machine.
#[derive(Default)]
struct NamespaceClass(Option<TypeRef<'static>>);

fn namespace_class(vm: &mut Vm) -> PyResult<TypeRef<'static>> {
    if let Some(class) = vm.state::<NamespaceClass>().0 {
        return Ok(class);
    }
    let class = hognose_vm::namespace::make_class(vm)?;
    vm.state::<NamespaceClass>().0 = Some(class);
    Ok(class)
}

/// A duration argument in nanoseconds, rounded up.
fn duration(vm: &mut Vm, r: Ref<'_>) -> PyResult<i64> {
    let too_large = |vm: &mut Vm| vm.overflow_error("timestamp out of range for C PyTime_t");
    if let Some(x) = vm.float_of(r) {
        if x.is_nan() {
            return Err(vm.value_error("Invalid value NaN (not a number)"));
        }
        let ns = (x * 1e9).ceil();
        return if ns.abs() < 9.2e18 { Ok(ns as i64) } else { Err(too_large(vm)) };
    }
    if vm.int_of(r).is_none() && vm.class_of(r).slots().index.is_none() {
        let class = vm.type_name(r);
        return Err(vm.type_error(&format!("'{class}' object cannot be interpreted as an integer or float")));
    }
    let n = vm.index_bigint(r)?;
    match n.to_i64().and_then(|n| n.checked_mul(1_000_000_000)) {
        Some(ns) => Ok(ns),
        None => Err(too_large(vm)),
    }
}

/// Sleeps in short stretches, so that an interrupt ends it.
fn sleep(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let ns = duration(vm, args.get(0))?;
    let Ok(ns) = u64::try_from(ns) else {
        return Err(vm.value_error("sleep length must be non-negative"));
    };
    if ns == 0 {
        vm.allow_threads(std::thread::yield_now);
        return Ok(vm.none());
    }
    let deadline = Instant::now().checked_add(Duration::from_nanos(ns));
    vm.wait_for(deadline, |longest| {
        std::thread::sleep(longest);
        None::<()>
    })?;
    Ok(vm.none())
}
