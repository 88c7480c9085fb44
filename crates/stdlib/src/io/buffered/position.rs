//! Positions: where the raw stream stands, and where the program is.

use super::{Buffered, opened, write};
use crate::io::{ask, file, unsupported};
use crate::prelude::{Args, Exc, Owned, PyResult, ValueExt, Vm};

fn raw_position(vm: &mut Vm, at: &Owned) -> PyResult<i64> {
    let n = crate::host::int64(vm, at.as_ref())?;
    if n < 0 {
        let text = format!("Raw stream returned invalid position {n}");
        return Err(vm.raise(Exc::OSError, &text));
    }
    Ok(n)
}

fn raw_tell(vm: &mut Vm, raw: &Owned) -> PyResult<i64> {
    if let Some(f) = file::exact(vm, raw.as_ref()) {
        let _ = f;
        let f = file::opened(vm, raw.as_ref())?;
        return file::seek(vm, f, 0, libc::SEEK_CUR);
    }
    let at = vm.call_method(raw.as_ref(), "tell", &[])?;
    raw_position(vm, &at)
}

pub(super) fn raw_seek(vm: &mut Vm, raw: &Owned, to: i64, whence: i32) -> PyResult<i64> {
    if file::exact(vm, raw.as_ref()).is_some() {
        let f = file::opened(vm, raw.as_ref())?;
        return file::seek(vm, f, to, whence);
    }
    let (to, whence) = (vm.new_int(to)?, vm.new_int(i64::from(whence))?);
    let at = vm.call_method(raw.as_ref(), "seek", &[to.as_ref(), whence.as_ref()])?;
    raw_position(vm, &at)
}

/// Where the program is.
pub(super) fn tell(vm: &mut Vm, b: &Buffered, raw: &Owned) -> PyResult<i64> {
    let at = raw_tell(vm, raw)?;
    let at = at - b.rest_len() as i64 + b.pending_len() as i64;
    Ok(at.max(0))
}

pub(super) fn seek(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let r = args.get(0);
    let whence = crate::host::int_or(vm, args.opt(2), 0)?;
    if !(0..=2).contains(&whence) && whence != libc::SEEK_DATA && whence != libc::SEEK_HOLE {
        return Err(vm.value_error(&format!("whence value {whence} unsupported")));
    }
    let (b, raw) = opened(vm, r, "seek of closed file")?;
    if !ask(vm, raw.as_ref(), "seekable")? {
        return Err(unsupported(vm, "File or stream is not seekable."));
    }
    let to = file::position(vm, args.get(1))?;
    let rest = b.rest_len() as i64;
    if whence != 2 && b.readable.get() && rest > 0 {
        // Within what was read ahead nothing needs to be asked of the raw stream but where it is.
        let at = tell(vm, b, &raw)?;
        let offset = if whence == 0 { to.checked_sub(at) } else { Some(to) };
        if let Some(offset) = offset.filter(|o| *o >= -(b.taken.get() as i64) && *o <= rest && whence < 2) {
            b.taken.set(b.taken.get().wrapping_add_signed(offset as isize));
            return vm.new_int(at + offset);
        }
    }
    b.exclusively(vm, r, |vm| {
        write::flush_pending(vm, b, &raw)?;
        let to = if whence == 1 { to - b.rest_len() as i64 } else { to };
        let at = raw_seek(vm, &raw, to, whence)?;
        b.forget_ahead();
        vm.new_int(at)
    })
}

pub(super) fn truncate(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let r = args.get(0);
    let (b, raw) = opened(vm, r, "truncate of closed file")?;
    if !b.writable.get() {
        return Err(unsupported(vm, "truncate"));
    }
    let none = vm.none();
    let size = args.opt(1).unwrap_or(none.as_ref());
    b.exclusively(vm, r, |vm| {
        write::flush_pending(vm, b, &raw)?;
        write::rewind(vm, b, &raw)?;
        let size = match size {
            s if s.is_none() => {
                let at = raw_tell(vm, &raw)?;
                vm.new_int(at)?
            }
            s => s.owned(),
        };
        vm.call_method(raw.as_ref(), "truncate", &[size.as_ref()])
    })
}
