//! `tzinfo`, the base of all time zones, and `timezone`, the one with a fixed offset.

use super::arguments::not_datetime;
use super::delta::{self, DAY_US, Delta, delta_of};
use super::moment::{DateTime, shifted};
use super::set_constants;
use crate::prelude::{
    Args, CmpOp, Exc, NativeDef, Owned, PyResult, Ref, Slots, TypeDef, TypeFlags, ValueExt, Vm, as_str,
    instance, none, not_implemented, owned_bool, payload, trace_fields,
};

/// Payload of `tzinfo` and the classes derived from it in Python.
pub(super) struct TzInfo;
trace_fields!(TzInfo {});

/// Payload of `timezone`.
pub(super) struct TimeZone {
    /// A timedelta.
    pub offset: Owned,
    /// A str, if one was given.
    pub name: Option<Owned>,
}
trace_fields!(TimeZone { offset, name });

macro_rules! abstract_method {
    ($name:literal) => {
        NativeDef::method($name, "$self, dt, /", |vm, _| {
            let message = concat!("a tzinfo subclass must implement ", $name, "()");
            Err(vm.raise(Exc::NotImplementedError, message))
        })
    };
}

static BASE: TypeDef = TypeDef {
    name: "datetime.tzinfo",
    doc: "Abstract base class for time zone info objects.",
    flags: TypeFlags::BASE_TYPE,
    slots: Slots { new: Some(|vm, a| instance(vm, a.get(0), TzInfo)), ..Slots::NONE },
    methods: &[
        abstract_method!("tzname"),
        abstract_method!("utcoffset"),
        abstract_method!("dst"),
        NativeDef::method("fromutc", "$self, dt, /", from_utc),
        NativeDef::method("__reduce__", "$self, /", reduce),
    ],
    ..TypeDef::EMPTY
};

static FIXED: TypeDef = TypeDef {
    name: "datetime.timezone",
    doc: "Fixed offset from UTC implementation of tzinfo.",
    slots: Slots {
        new: Some(new),
        repr: Some(repr),
        str: Some(name),
        hash: Some(|vm, r| {
            let d = offset(r);
            delta::hash(vm, d)
        }),
        richcompare: Some(|_, op, a, b| {
            if payload::<TimeZone>(b).is_none() || !matches!(op, CmpOp::Eq | CmpOp::Ne) {
                return Ok(not_implemented());
            }
            Ok(owned_bool((offset(a) == offset(b)) == (op == CmpOp::Eq)))
        }),
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("tzname", "$self, dt, /", |vm, a| {
            check_moment(vm, a, "tzname")?;
            name(vm, a.get(0))
        }),
        NativeDef::method("utcoffset", "$self, dt, /", |vm, a| {
            check_moment(vm, a, "utcoffset")?;
            Ok(payload::<TimeZone>(a.get(0)).map_or_else(none, |z| z.offset.clone()))
        }),
        NativeDef::method("dst", "$self, dt, /", |vm, a| {
            check_moment(vm, a, "dst")?;
            Ok(none())
        }),
        NativeDef::method("fromutc", "$self, dt, /", |vm, a| {
            check_own(vm, a)?;
            shifted(vm, a.get(1), offset(a.get(0)), 1)
        }),
        NativeDef::method("__getinitargs__", "$self, /", |vm, a| {
            let Some(z) = payload::<TimeZone>(a.get(0)) else { return Ok(none()) };
            vm.new_tuple(std::iter::once(z.offset.clone()).chain(z.name.clone()).collect())
        }),
    ],
    ..TypeDef::EMPTY
};

pub(super) fn register(vm: &mut Vm) -> PyResult<()> {
    let base = vm.add_native_type::<TzInfo>(&BASE)?;
    let class = vm.add_native_subtype::<TimeZone>(&FIXED, base)?;
    let mut make = |minutes: i64| {
        let d = Delta::from_seconds(vm, minutes * 60)?;
        fixed(vm, d, None)
    };
    let (utc, most, least) = (make(0)?, make(24 * 60 - 1)?, make(1 - 24 * 60)?);
    set_constants(vm, class, [("utc", utc), ("min", least), ("max", most)])
}

/// `timezone.utc`
pub(super) fn utc(vm: &mut Vm) -> PyResult {
    match vm.native_class::<TimeZone>() {
        Some(class) => Ok(vm.dict_get_name(class.dict().as_ref(), "utc")?.unwrap_or_else(none)),
        None => Ok(none()),
    }
}

/// A timezone, whatever its offset.
pub(super) fn fixed(vm: &mut Vm, offset: Delta, name: Option<Owned>) -> PyResult {
    let offset = vm.new_native(offset)?;
    vm.new_native(TimeZone { offset, name })
}

/// A timezone as calling the class makes it.
pub(super) fn checked(vm: &mut Vm, offset: Owned, name: Option<Owned>) -> PyResult {
    let d = delta_of(offset.as_ref()).unwrap_or(Delta::ZERO);
    if name.is_none() && d == Delta::ZERO {
        return utc(vm);
    }
    check_range(vm, offset.as_ref(), d)?;
    vm.new_native(TimeZone { offset, name })
}

fn check_range(vm: &mut Vm, r: Ref<'_>, d: Delta) -> PyResult<()> {
    if d.total().abs() < DAY_US {
        return Ok(());
    }
    let shown = vm.repr_text(r)?;
    let message = format!(
        "offset must be a timedelta strictly between -timedelta(hours=24) and timedelta(hours=24), not {shown}"
    );
    Err(vm.value_error(&message))
}

fn new(vm: &mut Vm, a: &Args<'_>) -> PyResult {
    let bound = vm.bind(a, "timezone", "offset, name=<unrepresentable>")?;
    let (offset, name) = (bound.pos.first().copied().flatten(), bound.pos.get(1).copied().flatten());
    let Some(offset) = offset else { return Ok(none()) };
    if delta_of(offset).is_none() {
        let class = if offset.is_none() { "None".into() } else { vm.type_name(offset) };
        let message = format!("timezone() argument 1 must be datetime.timedelta, not {class}");
        return Err(vm.type_error(&message));
    }
    if let Some(n) = name {
        super::arguments::check_text(vm, n, "timezone() argument 2")?;
    }
    checked(vm, offset.owned(), name.map(|n| n.owned()))
}

/// The offset of a timezone.
fn offset(r: Ref<'_>) -> Delta {
    payload::<TimeZone>(r).and_then(|z| delta_of(z.offset.as_ref())).unwrap_or(Delta::ZERO)
}

fn repr(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let Some(z) = payload::<TimeZone>(r) else { return Ok(none()) };
    if utc(vm)?.as_ref().is(r) {
        return vm.new_str("datetime.timezone.utc");
    }
    let (class, offset) = (vm.type_name(r), vm.repr_text(z.offset.as_ref())?);
    let Some(name) = &z.name else { return vm.new_str(&format!("{class}({offset})")) };
    let name = vm.repr(name.as_ref())?;
    let mut out = format!("{class}({offset}, ").into_bytes();
    out.extend_from_slice(crate::prelude::str_bytes(name.as_ref()));
    out.push(b')');
    vm.new_str_bytes(&out)
}

/// The name given, or `UTC+01:00`.
fn name(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    if let Some(name) = payload::<TimeZone>(r).and_then(|z| z.name.clone()) {
        return Ok(name);
    }
    let d = offset(r);
    if d == Delta::ZERO {
        return vm.new_str("UTC");
    }
    vm.new_str(&format!("UTC{}", super::text::offset_text(d, ":")))
}

fn check_moment(vm: &mut Vm, a: &Args<'_>, function: &str) -> PyResult<()> {
    let r = a.get(1);
    if r.is_none() || payload::<DateTime>(r).is_some() { Ok(()) } else { Err(not_datetime(vm, function, r)) }
}

/// The argument of `fromutc` must be a datetime of this zone.
fn check_own<'a>(vm: &mut Vm, a: &Args<'a>) -> PyResult<&'a DateTime> {
    match payload::<DateTime>(a.get(1)) {
        None => Err(vm.type_error("fromutc: argument must be a datetime")),
        Some(d) if !d.zone.as_ref().is(a.get(0)) => Err(vm.value_error("fromutc: dt.tzinfo is not self")),
        Some(d) => Ok(d),
    }
}

/// `tzinfo.fromutc`: right for zones whose standard offset does not change.
fn from_utc(vm: &mut Vm, a: &Args<'_>) -> PyResult {
    let d = check_own(vm, a)?;
    let zone = d.zone.as_ref();
    let Some(offset) = offset_of(vm, zone, "utcoffset", a.get(1))? else {
        return Err(vm.value_error("fromutc: non-None utcoffset() result required"));
    };
    let Some(dst) = offset_of(vm, zone, "dst", a.get(1))? else {
        return Err(vm.value_error("fromutc: non-None dst() result required"));
    };
    let standard = Delta::from_us(vm, offset.total() - dst.total())?;
    let result = shifted(vm, a.get(1), standard, 1)?;
    let Some(dst) = offset_of(vm, zone, "dst", result.as_ref())? else {
        let message = "fromutc: tz.dst() gave inconsistent results; cannot convert";
        return Err(vm.value_error(message));
    };
    if dst == Delta::ZERO { Ok(result) } else { shifted(vm, result.as_ref(), dst, 1) }
}

fn reduce(vm: &mut Vm, a: &Args<'_>) -> PyResult {
    let r = a.get(0);
    let key = vm.intern("__getinitargs__")?;
    let args = match vm.get_attr_opt(r, key.as_ref())? {
        Some(f) => vm.call(f.as_ref(), &[])?,
        None => vm.empty_tuple().owned(),
    };
    let state = vm.call_method(r, "__getstate__", &[])?;
    let class = vm.class_of(r).owned();
    vm.new_tuple(vec![class, args, state])
}

/// What a zone's `utcoffset` or `dst` says of `moment`: a timedelta, or None.
pub(super) fn ask(vm: &mut Vm, zone: Ref<'_>, method: &str, moment: Ref<'_>) -> PyResult {
    if zone.is_none() {
        return Ok(none());
    }
    if let Some(z) = payload::<TimeZone>(zone) {
        return Ok(if method == "utcoffset" { z.offset.clone() } else { none() });
    }
    let found = vm.call_method(zone, method, &[moment])?;
    if found.as_ref().is_none() {
        return Ok(found);
    }
    let Some(d) = delta_of(found.as_ref()) else {
        let class = vm.type_name(found.as_ref());
        let message = format!("tzinfo.{method}() must return None or timedelta, not '{class}'");
        return Err(vm.type_error(&message));
    };
    check_range(vm, found.as_ref(), d)?;
    Ok(found)
}

/// [`ask`], as a number.
pub(super) fn offset_of(
    vm: &mut Vm,
    zone: Ref<'_>,
    method: &str,
    moment: Ref<'_>,
) -> PyResult<Option<Delta>> {
    let found = ask(vm, zone, method, moment)?;
    Ok(delta_of(found.as_ref()))
}

/// What a zone's `tzname` says of `moment`: a str, or None.
pub(super) fn ask_name(vm: &mut Vm, zone: Ref<'_>, moment: Ref<'_>) -> PyResult {
    if zone.is_none() {
        return Ok(none());
    }
    let found = vm.call_method(zone, "tzname", &[moment])?;
    if found.as_ref().is_none() || as_str(found.as_ref()).is_some() {
        return Ok(found);
    }
    let class = vm.type_name(found.as_ref());
    Err(vm.type_error(&format!("tzinfo.tzname() must return None or a string, not '{class}'")))
}
