//! The module `_datetime`: dates, times, and what lies between them.
//!
//!   calendar.rs  days as numbers            delta.rs    timedelta
//!   local.rs     the system's clock         date.rs     date          week.rs  isocalendar()
//!   iso.rs       reading ISO 8601           time.rs     time
//!   text.rs      writing, strftime          moment.rs   datetime      methods.rs  its methods
//!   arguments.rs constructors' arguments    zone.rs     tzinfo, timezone
//!
//! Invariant: fields of a date or time are in range, except where a pickle says otherwise. A derived class is never
//! bypassed: what computes a new value of its kind calls it.

mod arguments;
mod calendar;
mod date;
mod delta;
mod iso;
mod local;
mod methods;
mod moment;
mod text;
mod time;
mod week;
mod zone;

use crate::prelude::{Owned, PyResult, TypeRef, Vm, new_module};

/// Makes the module. Its classes are made once: who imports it again finds the same ones.
pub fn make(vm: &mut Vm) -> PyResult {
    let module = new_module(vm, "_datetime", "Fast implementation of the datetime module.", &[])?;
    if delta::class(vm).is_none() {
        delta::register(vm)?;
        zone::register(vm)?;
        date::register(vm)?;
        time::register(vm)?;
        moment::register(vm)?;
    }
    let classes = [
        ("timedelta", delta::class(vm)),
        ("tzinfo", vm.native_class::<zone::TzInfo>()),
        ("timezone", vm.native_class::<zone::TimeZone>()),
        ("date", vm.native_class::<date::Date>()),
        ("time", vm.native_class::<time::Time>()),
        ("datetime", vm.native_class::<moment::DateTime>()),
    ];
    for (name, class) in classes {
        if let Some(class) = class {
            vm.module_set(module.as_ref(), name, class.owned())?;
        }
    }
    let utc = zone::utc(vm)?;
    vm.module_set(module.as_ref(), "UTC", utc)?;
    for (name, year) in [("MINYEAR", calendar::MIN_YEAR), ("MAXYEAR", calendar::MAX_YEAR)] {
        let year = vm.new_int(year)?;
        vm.module_set(module.as_ref(), name, year)?;
    }
    Ok(module)
}

/// Class attributes.
fn set_constants<const N: usize>(
    vm: &mut Vm,
    class: TypeRef<'static>,
    constants: [(&str, Owned); N],
) -> PyResult<()> {
    for (name, value) in constants {
        vm.dict_set_name(class.dict().as_ref(), name, value)?;
    }
    Ok(())
}
