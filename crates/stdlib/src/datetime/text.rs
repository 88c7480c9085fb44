//! Dates and times as text: ISO 8601 and `strftime`.

use super::calendar::{Clock, Day};
use super::delta::Delta;
use super::zone::{ask_name, offset_of};
use crate::prelude::{Owned, PyResult, Ref, ValueExt, Vm, as_str, none, str_bytes};
use hognose_vm::TextBuf;

/// `+01:00`, with seconds and microseconds if there are any.
pub(super) fn offset_text(d: Delta, separator: &str) -> String {
    let (sign, us) = if d.days < 0 { ('-', -d.total()) } else { ('+', d.total()) };
    let (seconds, us) = (us / 1_000_000, us % 1_000_000);
    let mut out = format!("{sign}{:02}{separator}{:02}", seconds / 3600, seconds / 60 % 60);
    if seconds % 60 != 0 || us != 0 {
        out.push_str(&format!("{separator}{:02}", seconds % 60));
    }
    if us != 0 {
        out.push_str(&format!(".{us:06}"));
    }
    out
}

/// `2020-02-29`
pub(super) fn day_text(d: Day) -> String {
    format!("{:04}-{:02}-{:02}", d.year, d.month, d.day)
}

/// `01:02:03.000004` as detailed as `timespec` (a str argument) says.
pub(super) fn clock_text(vm: &mut Vm, c: Clock, timespec: Option<Ref<'_>>) -> PyResult<String> {
    let Clock { hour, minute, second, us } = c;
    let spec: &[u8] = timespec.map_or(b"auto", str_bytes);
    let spec = match spec {
        b"auto" if us == 0 => &b"seconds"[..],
        b"auto" => &b"microseconds"[..],
        other => other,
    };
    Ok(match spec {
        b"hours" => format!("{hour:02}"),
        b"minutes" => format!("{hour:02}:{minute:02}"),
        b"seconds" => format!("{hour:02}:{minute:02}:{second:02}"),
        b"milliseconds" => format!("{hour:02}:{minute:02}:{second:02}.{:03}", us / 1000),
        b"microseconds" => format!("{hour:02}:{minute:02}:{second:02}.{us:06}"),
        _ => return Err(vm.value_error("Unknown timespec value")),
    })
}

/// The offset of `zone` at `moment` as text; empty when there is none.
pub(super) fn zone_text(vm: &mut Vm, zone: Ref<'_>, moment: Ref<'_>, separator: &str) -> PyResult<String> {
    let offset = offset_of(vm, zone, "utcoffset", moment)?;
    Ok(offset.map_or_else(String::new, |d| offset_text(d, separator)))
}

/// What `strftime` formats.
pub(super) struct Shown<'a> {
    /// A time tuple.
    pub tuple: Owned,
    /// The day, for years of fewer than four digits.
    pub day: Option<Day>,
    pub us: u32,
    /// The zone, and what it is asked about.
    pub zone: Ref<'a>,
    pub moment: Ref<'a>,
}

/// `object.strftime(format)`: what the C library does not know is filled in before it is asked.
pub(super) fn strftime(vm: &mut Vm, shown: &Shown<'_>, format: Ref<'_>) -> PyResult {
    let mut out = TextBuf::new();
    let mut rest = str_bytes(format);
    while let Some(at) = memchr::memchr(b'%', rest) {
        out.push(vm, &rest[..at])?;
        let directive = rest.get(at + 1).copied();
        let colon = directive == Some(b':') && rest.get(at + 2) == Some(&b'z');
        let length = if colon { 3 } else { 2 };
        let replaced = match directive {
            _ if colon => Some(zone_text(vm, shown.zone, shown.moment, ":")?),
            Some(c) => replacement(vm, shown, c, &mut out)?,
            None => None,
        };
        let end = (at + length).min(rest.len());
        match replaced {
            Some(text) => out.push(vm, text.as_bytes())?,
            None => out.push(vm, &rest[at..end])?,
        }
        rest = &rest[end..];
    }
    out.push(vm, rest)?;
    let time = vm.import_dotted("time")?;
    let format = out.to_str(vm)?;
    vm.call_method(time.as_ref(), "strftime", &[format.as_ref(), shown.tuple.as_ref()])
}

/// What stands for a directive; `None`: the C library knows better. Zone names go into `out` as they are.
fn replacement(vm: &mut Vm, shown: &Shown<'_>, directive: u8, out: &mut TextBuf) -> PyResult<Option<String>> {
    let old = shown.day.filter(|d| d.year < 1000);
    Ok(Some(match (directive, old) {
        (b'f', _) => format!("{:06}", shown.us),
        (b'z', _) => zone_text(vm, shown.zone, shown.moment, "")?,
        (b'Z', _) => {
            let name = ask_name(vm, shown.zone, shown.moment)?;
            if !name.as_ref().is_none() {
                let (percent, two) = (vm.intern("%")?, vm.intern("%%")?);
                let name = vm.call_method(name.as_ref(), "replace", &[percent.as_ref(), two.as_ref()])?;
                if as_str(name.as_ref()).is_none() {
                    return Err(vm.type_error("tzname.replace() did not return a string"));
                }
                out.push(vm, str_bytes(name.as_ref()))?;
            }
            String::new()
        }
        (b'Y', Some(d)) => format!("{:04}", d.year),
        (b'G', Some(d)) => format!("{:04}", d.iso().0),
        (b'C', Some(d)) => format!("{:02}", d.year / 100),
        (b'F', Some(d)) => day_text(d),
        _ => return Ok(None),
    }))
}

/// `object.__format__(spec)`
pub(super) fn format(vm: &mut Vm, a: &crate::prelude::Args<'_>) -> PyResult {
    super::arguments::check_text(vm, a.get(1), "__format__() argument 1")?;
    if str_bytes(a.get(1)).is_empty() {
        return vm.str(a.get(0));
    }
    vm.call_method(a.get(0), "strftime", &[a.get(1)])
}

/// A `struct_time`.
pub(super) fn struct_time(vm: &mut Vm, day: Day, c: Clock, dst: i64) -> PyResult {
    let parts = [
        i64::from(day.year),
        i64::from(day.month),
        i64::from(day.day),
        i64::from(c.hour),
        i64::from(c.minute),
        i64::from(c.second),
        day.weekday(),
        day.of_year(),
        dst,
    ];
    let parts = number_tuple(vm, &parts)?;
    let time = vm.import_dotted("time")?;
    vm.call_method(time.as_ref(), "struct_time", &[parts.as_ref()])
}

/// A tuple of ints.
pub(super) fn number_tuple(vm: &mut Vm, numbers: &[i64]) -> PyResult {
    let items = numbers.iter().map(|&n| vm.new_int(n)).collect::<PyResult<Vec<Owned>>>()?;
    vm.new_tuple(items)
}

/// The arguments of a call of a class derived in Python: numbers, then (unless NULL) a zone.
pub(super) fn call_class(vm: &mut Vm, class: Ref<'_>, numbers: &[i64], zone: Option<Ref<'_>>) -> PyResult {
    let mut args = numbers.iter().map(|&n| vm.new_int(n)).collect::<PyResult<Vec<Owned>>>()?;
    args.extend(zone.map(|z| z.owned()));
    let args: Vec<Ref<'_>> = args.iter().map(Owned::as_ref).collect();
    vm.call(class, &args)
}

/// `class.strptime(text, format)` by the library's `_strptime`.
pub(super) fn strptime(vm: &mut Vm, a: &crate::prelude::Args<'_>, function: &str) -> PyResult {
    super::arguments::check_text(vm, a.get(1), "strptime() argument 1")?;
    super::arguments::check_text(vm, a.get(2), "strptime() argument 2")?;
    let module = vm.import_dotted("_strptime")?;
    vm.call_method(module.as_ref(), function, &[a.get(0), a.get(1), a.get(2)])
}

/// No zone, and what a zone is asked about when there is no moment.
pub(super) fn no_zone() -> Ref<'static> {
    Ref::from_immediate(hognose_vm::NONE)
}

/// `None` for no zone, in arguments.
pub(super) fn zone_or_none(r: Option<Ref<'_>>) -> Owned {
    r.map_or_else(none, |r| r.owned())
}
