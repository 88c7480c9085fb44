//! Arguments of the constructors and the checks of fields, with CPython's words.

use super::calendar::{Clock, Day, MAX_YEAR, MIN_YEAR, days_in_month};
use super::zone::TzInfo;
use crate::prelude::{Args, PyResult, Raised, Ref, TypeRef, ValueExt, Vm, as_str, str_bytes};
use num_traits::ToPrimitive;

/// The parameters of a constructor.
pub(super) struct Parameters<const N: usize> {
    /// How messages call it.
    pub function: &'static str,
    pub names: [&'static str; N],
    /// How many must be given.
    pub required: usize,
    /// How many may be given by position.
    pub positional: usize,
}

fn plural(n: usize) -> &'static str {
    if n == 1 { "" } else { "s" }
}

impl<const N: usize> Parameters<N> {
    /// The arguments after the class, each in its place.
    pub fn bind<'a>(&self, vm: &mut Vm, a: &Args<'a>) -> PyResult<[Option<Ref<'a>>; N]> {
        let (pos, function) = (a.rest(1), self.function);
        let (n, all) = (pos.len(), pos.len() + a.kwnames.len());
        if all > N {
            let what = if n == 0 { "keyword " } else { "" };
            let message = format!("{function} takes at most {N} {what}argument{} ({all} given)", plural(N));
            return Err(vm.type_error(&message));
        }
        if n > self.positional {
            let most = self.positional;
            let s = plural(most);
            let message = format!("{function} takes at most {most} positional argument{s} ({n} given)");
            return Err(vm.type_error(&message));
        }
        let mut out = [None; N];
        for (place, r) in out.iter_mut().zip(pos) {
            *place = Some(*r);
        }
        let mut wrong = None;
        for (&name, &value) in a.kwnames.iter().zip(a.kwvalues) {
            match self.names.iter().position(|k| k.as_bytes() == str_bytes(name)) {
                Some(i) if out[i].is_none() => out[i] = Some(value),
                Some(i) => {
                    let name = self.names[i];
                    wrong = wrong.or(Some(format!(
                        "argument for {function} given by name ('{name}') and position ({})",
                        i + 1
                    )));
                }
                None => {
                    let name = vm.text_of(name);
                    let function = if function == "function" { "this function" } else { function };
                    wrong = wrong.or(Some(format!("{function} got an unexpected keyword argument '{name}'")));
                }
            }
        }
        if let Some(i) = (0..self.required).find(|&i| out[i].is_none()) {
            // What is wrong before it is said first.
            for r in out[..i].iter().flatten() {
                int_arg(vm, *r)?;
            }
            let name = self.names[i];
            let message = format!("{function} missing required argument '{name}' (pos {})", i + 1);
            return Err(vm.type_error(&message));
        }
        match wrong {
            Some(message) => Err(vm.type_error(&message)),
            None => Ok(out),
        }
    }
}

/// A C `int`.
pub(super) fn int_arg(vm: &mut Vm, r: Ref<'_>) -> PyResult<i64> {
    if let Some(n) = r.value().as_int()
        && i32::try_from(n).is_ok()
    {
        return Ok(n);
    }
    let n = vm.index_bigint(r)?;
    match n.to_i64() {
        None => Err(vm.overflow_error("Python int too large to convert to C long")),
        Some(n) if n > i64::from(i32::MAX) => {
            Err(vm.overflow_error("signed integer is greater than maximum"))
        }
        Some(n) if n < i64::from(i32::MIN) => Err(vm.overflow_error("signed integer is less than minimum")),
        Some(n) => Ok(n),
    }
}

/// [`int_arg`], or what holds when it was not given.
pub(super) fn int_or(vm: &mut Vm, r: Option<Ref<'_>>, default: i64) -> PyResult<i64> {
    r.map_or(Ok(default), |r| int_arg(vm, r))
}

/// A day that exists.
pub(super) fn checked_day(vm: &mut Vm, year: i64, month: i64, day: i64) -> PyResult<Day> {
    if !(MIN_YEAR..=MAX_YEAR).contains(&year) {
        return Err(vm.value_error(&format!("year must be in {MIN_YEAR}..{MAX_YEAR}, not {year}")));
    }
    if !(1..=12).contains(&month) {
        return Err(vm.value_error(&format!("month must be in 1..12, not {month}")));
    }
    let last = days_in_month(year, month);
    if !(1..=last).contains(&day) {
        let message = format!("day {day} must be in range 1..{last} for month {month} in year {year}");
        return Err(vm.value_error(&message));
    }
    Ok(Day { year: year as i32, month: month as u8, day: day as u8 })
}

/// A time of day that exists, from hour, minute, second and microsecond.
pub(super) fn checked_clock(vm: &mut Vm, parts: [i64; 4]) -> PyResult<Clock> {
    const LIMITS: [(&str, i64); 4] = [("hour", 23), ("minute", 59), ("second", 59), ("microsecond", 999_999)];
    for (n, (name, most)) in parts.into_iter().zip(LIMITS) {
        if !(0..=most).contains(&n) {
            return Err(vm.value_error(&format!("{name} must be in 0..{most}, not {n}")));
        }
    }
    let [hour, minute, second, us] = parts;
    Ok(Clock { hour: hour as u8, minute: minute as u8, second: second as u8, us: us as u32 })
}

pub(super) fn checked_fold(vm: &mut Vm, fold: i64) -> PyResult<bool> {
    match fold {
        0 | 1 => Ok(fold == 1),
        _ => Err(vm.value_error(&format!("fold must be either 0 or 1, not {fold}"))),
    }
}

/// Is it None or an instance of tzinfo?
pub(super) fn is_zone(vm: &Vm, r: Ref<'_>) -> bool {
    r.is_none() || vm.native_class::<TzInfo>().is_some_and(|c| vm.is_instance(r, c))
}

/// A `tzinfo` argument.
pub(super) fn check_zone(vm: &mut Vm, r: Ref<'_>) -> PyResult<()> {
    if is_zone(vm, r) {
        return Ok(());
    }
    let class = vm.type_name(r);
    let message = format!("tzinfo argument must be None or of a tzinfo subclass, not type '{class}'");
    Err(vm.type_error(&message))
}

/// A text argument.
pub(super) fn check_text(vm: &mut Vm, r: Ref<'_>, what: &str) -> PyResult<()> {
    if as_str(r).is_some() {
        return Ok(());
    }
    let class = if r.is_none() { "None".to_owned() } else { vm.type_name(r) };
    Err(vm.type_error(&format!("{what} must be str, not {class}")))
}

/// Is `r` the class of `T` itself, not one derived from it?
pub(super) fn is_exact<T: crate::prelude::Trace + 'static>(vm: &Vm, r: Ref<'_>) -> bool {
    vm.native_class::<T>().is_some_and(|c| c.as_ref().is(r))
}

/// The bytes of a pickled state: bytes, or a str that stands for them (as pickles of Python 2 have it).
pub(super) fn pickled(
    vm: &mut Vm,
    r: Option<Ref<'_>>,
    size: usize,
    what: &str,
    is_sane: fn(&[u8]) -> bool,
) -> PyResult<Option<Vec<u8>>> {
    let Some(r) = r else { return Ok(None) };
    if let Some(s) = as_str(r) {
        if s.char_len() != size {
            return Ok(None);
        }
        let chars: Vec<u32> = s.chars().collect();
        let low: Vec<u8> = chars.iter().map(|&c| u8::try_from(c).unwrap_or(0)).collect();
        if !is_sane(&low) {
            return Ok(None);
        }
        if chars.iter().any(|&c| c > 0xff) {
            let message = format!(
                "Failed to encode latin1 string when unpickling a {what} object. \
                 pickle.load(data, encoding='latin1') is assumed."
            );
            return Err(vm.value_error(&message));
        }
        return Ok(Some(low));
    }
    let bytes = crate::prelude::buffer::exact(crate::prelude::base_value(r));
    Ok((bytes.len() == size && is_sane(bytes)).then(|| bytes.to_vec()))
}

/// TypeError: what is given must be a datetime.
#[cold]
pub(super) fn not_datetime(vm: &mut Vm, function: &str, r: Ref<'_>) -> Raised {
    let class = vm.type_name(r);
    vm.type_error(&format!("{function}(dt) argument must be a datetime instance or None, not {class}"))
}

/// The class of an object, as an object.
pub(super) fn class_of<'a>(vm: &Vm, r: Ref<'a>) -> Ref<'a> {
    let class: TypeRef<'a> = vm.class_of(r);
    class.as_ref()
}

/// `(class, (state,))`, or `(class, (state, zone))` where there is a zone: what `__reduce__` of these types gives.
pub(super) fn reduced(vm: &mut Vm, r: Ref<'_>, state: &[u8], zone: Option<Ref<'_>>) -> PyResult {
    let mut args = vec![vm.new_bytes(state)?];
    args.extend(zone.filter(|z| !z.is_none()).map(Ref::owned));
    let (class, args) = (vm.class_of(r).owned(), vm.new_tuple(args)?);
    vm.new_pair(class, args)
}

/// The attributes of what has `clock`, `zone` and `fold`; `$this` gets at it.
macro_rules! clock_attributes {
    ($this:path) => {
        &[
            clock_attributes!($this, "hour", hour),
            clock_attributes!($this, "minute", minute),
            clock_attributes!($this, "second", second),
            clock_attributes!($this, "microsecond", us),
            crate::prelude::GetSetDef::read("tzinfo", |vm, r| Ok($this(vm, r)?.zone.clone())),
            crate::prelude::GetSetDef::read("fold", |vm, r| {
                let fold = $this(vm, r)?.fold.get();
                vm.new_int(i64::from(fold))
            }),
        ]
    };
    ($this:path, $name:literal, $field:ident) => {
        crate::prelude::GetSetDef::read($name, |vm, r| {
            let n = $this(vm, r)?.clock.$field;
            vm.new_int(i64::from(n))
        })
    };
}
pub(super) use clock_attributes;
