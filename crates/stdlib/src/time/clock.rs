//! The clocks and calendar functions of the system.
#![allow(unsafe_code, reason = "calls functions of the C library")]

use std::ffi::{CStr, c_char};
use std::io;

/// A broken-down time and its zone.
pub(crate) struct Broken {
    pub(crate) tm: libc::tm,
    pub(crate) zone: String,
}

/// The zone's name inside `tm`, copied.
fn zone_of(tm: &libc::tm) -> String {
    if tm.tm_zone.is_null() {
        return String::new();
    }
    // SAFETY: the C library has just set it to a string that lives until the zone rules change.
    unsafe { CStr::from_ptr(tm.tm_zone) }.to_string_lossy().into_owned()
}

/// Zeroed `struct tm`.
pub(super) fn empty() -> libc::tm {
    // SAFETY: integers and a pointer that may be null.
    unsafe { std::mem::zeroed() }
}

/// Reads a clock in nanoseconds.
pub(crate) fn read(id: i32) -> io::Result<i128> {
    let mut t = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: fills the struct; unknown clocks are refused.
    if unsafe { libc::clock_gettime(id, &raw mut t) } != 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(i128::from(t.tv_sec) * 1_000_000_000 + i128::from(t.tv_nsec))
}

/// The resolution of a clock in nanoseconds.
pub(super) fn resolution(id: i32) -> io::Result<i128> {
    let mut t = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: as above.
    if unsafe { libc::clock_getres(id, &raw mut t) } != 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(i128::from(t.tv_sec) * 1_000_000_000 + i128::from(t.tv_nsec))
}

/// Universal or local time of a timestamp.
pub(crate) fn break_down(seconds: i64, local: bool) -> io::Result<Broken> {
    let mut tm = empty();
    // SAFETY: both read the number and fill the struct.
    let filled = unsafe {
        if local {
            libc::localtime_r(&raw const seconds, &raw mut tm)
        } else {
            libc::gmtime_r(&raw const seconds, &raw mut tm)
        }
    };
    if filled.is_null() {
        return Err(io::Error::last_os_error());
    }
    let zone = zone_of(&tm);
    Ok(Broken { tm, zone })
}

/// The timestamp of a local time; `None` when there is none.
pub(super) fn timestamp(tm: &libc::tm) -> Option<i64> {
    let mut tm = *tm;
    tm.tm_wday = -1;
    // SAFETY: reads and normalises the struct.
    let t = unsafe { libc::mktime(&raw mut tm) };
    // -1 is an answer, too; only a failure leaves the weekday as it was.
    (t != -1 || tm.tm_wday != -1).then_some(t)
}

/// `strftime(format, tm)` for a format without NUL.
pub(super) fn format(format: &[u8], tm: &libc::tm) -> Vec<u8> {
    let mut pattern = format.to_vec();
    pattern.push(0);
    let mut size = 256.max(format.len() * 2);
    loop {
        let mut out = vec![0u8; size];
        // SAFETY: writes at most `size` bytes; the pattern ends in NUL.
        let n = unsafe {
            libc::strftime(out.as_mut_ptr().cast::<c_char>(), size, pattern.as_ptr().cast(), &raw const *tm)
        };
        // Zero: no room, or nothing to write.
        if n > 0 || size > 256 * format.len().max(1) {
            out.truncate(n);
            return out;
        }
        size *= 2;
    }
}

// SAFETY: declared by POSIX with this signature.
unsafe extern "C" {
    fn tzset();
}

/// Reads the zone rules again.
pub(super) fn read_zone() {
    // SAFETY: changes state of the C library that only its calendar functions use, under their lock.
    unsafe { tzset() }
}
