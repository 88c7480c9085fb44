//! Writing through a buffer.

use super::position::raw_seek;
use super::{Buffered, opened};
use crate::io::{file, unsupported};
use crate::prelude::{Args, Exc, Owned, PyResult, Ref, ValueExt, Vm, as_str};
use hognose_vm::object::bytes::bytes_of;

/// Writes once to the raw stream; none when that would block.
fn raw_write(vm: &mut Vm, raw: &Owned, bytes: &Owned) -> PyResult<Option<usize>> {
    let data = bytes_of(bytes.as_ref()).unwrap_or(&[]);
    if let Some(f) = file::exact(vm, raw.as_ref()) {
        return file::write(vm, f, data);
    }
    let view = vm.memoryview_of(bytes.as_ref())?;
    let got = vm.call_method(raw.as_ref(), "write", &[view.as_ref()])?;
    if got.as_ref().is_none() {
        return Ok(None);
    }
    let n = vm.index_isize(got.as_ref(), false)?;
    match usize::try_from(n) {
        Ok(n) if n <= data.len() => Ok(Some(n)),
        _ => {
            let text = format!(
                "raw write() returned invalid length {n} (should have been between 0 and {})",
                data.len()
            );
            Err(vm.raise(Exc::OSError, &text))
        }
    }
}

/// BlockingIOError with the number of bytes taken.
fn would_block(vm: &mut Vm, taken: usize) -> hognose_vm::Raised {
    let made = (|| -> PyResult<Vec<Owned>> {
        Ok(vec![
            vm.new_int(i64::from(libc::EAGAIN))?,
            vm.new_str("write could not complete without blocking")?,
            vm.new_int(taken as i64)?,
        ])
    })();
    match made {
        Ok(args) => vm.raise_with(Exc::BlockingIOError, args),
        Err(e) => e,
    }
}

/// Writes what is pending; what was written is gone even when the rest fails.
pub(super) fn flush_pending(vm: &mut Vm, b: &Buffered, raw: &Owned) -> PyResult<()> {
    while b.pending_len() > 0 {
        let data = {
            let pending = b.pending.borrow();
            vm.new_bytes(&pending)?
        };
        let Some(n) = raw_write(vm, raw, &data)? else { return Err(would_block(vm, 0)) };
        let mut pending = b.pending.borrow_mut();
        let (n, len) = (n.min(pending.len()), pending.len());
        pending.copy_within(n.., 0);
        pending.truncate(len - n);
        drop(pending);
        // Python's signal handlers may want to end this.
        vm.check_interrupt()?;
    }
    Ok(())
}

/// Goes back to where the program is after reading ahead.
pub(super) fn rewind(vm: &mut Vm, b: &Buffered, raw: &Owned) -> PyResult<()> {
    let rest = b.rest_len();
    if rest > 0 {
        raw_seek(vm, raw, -(rest as i64), 1)?;
    }
    b.forget_ahead();
    Ok(())
}

pub(super) fn write(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let r = args.get(0);
    if as_str(args.get(1)).is_some() {
        let class = vm.type_name(args.get(1));
        return Err(vm.type_error(&format!("a bytes-like object is required, not '{class}'")));
    }
    let (b, _) = super::this(vm, r)?;
    if !b.writable.get() {
        return Err(unsupported(vm, "write"));
    }
    let data = vm.bytes_like(args.get(1))?;
    opened(vm, r, "write to closed file")?;
    let n = write_bytes(vm, r, b, &data)?;
    vm.new_int(n as i64)
}

/// Writes a bytes object.
pub(in crate::io) fn write_bytes(vm: &mut Vm, r: Ref<'_>, b: &Buffered, data: &Owned) -> PyResult<usize> {
    let bytes = bytes_of(data.as_ref()).unwrap_or(&[]);
    let raw = b.raw();
    // Standard streams have their buffer in the machine.
    let direct = file::exact(vm, raw.as_ref()).and_then(file::std_of).is_some();
    if direct {
        raw_write(vm, &raw, data)?;
        return Ok(bytes.len());
    }
    if b.rest_len() > 0 || b.taken.get() > 0 {
        b.exclusively(vm, r, |vm| rewind(vm, b, &raw))?;
    }
    let room = b.size.get().saturating_sub(b.pending_len());
    if bytes.len() <= room && bytes.len() < b.size.get() {
        b.pending.borrow_mut().extend_from_slice(vm.heap(), bytes)?;
        return Ok(bytes.len());
    }
    b.exclusively(vm, r, |vm| write_long(vm, b, &raw, data))
}

/// Writes more than the buffer has room for.
fn write_long(vm: &mut Vm, b: &Buffered, raw: &Owned, data: &Owned) -> PyResult<usize> {
    let bytes = bytes_of(data.as_ref()).unwrap_or(&[]);
    if let Err(e) = flush_pending(vm, b, raw) {
        if !vm.raised_is(&e, Exc::BlockingIOError) {
            return Err(e);
        }
        // As much as fits is taken.
        let room = b.size.get().saturating_sub(b.pending_len());
        let fits = room.min(bytes.len());
        b.pending.borrow_mut().extend_from_slice(vm.heap(), &bytes[..fits])?;
        if fits == bytes.len() {
            vm.discard(e);
            return Ok(fits);
        }
        vm.discard(e);
        return Err(would_block(vm, fits));
    }
    let mut at = 0;
    while bytes.len() - at > b.size.get() {
        let part = if at == 0 { data.clone() } else { vm.new_bytes(&bytes[at..])? };
        match raw_write(vm, raw, &part)? {
            Some(n) => at += n,
            None => {
                let fits = (bytes.len() - at).min(b.size.get());
                b.pending.borrow_mut().extend_from_slice(vm.heap(), &bytes[at..at + fits])?;
                return if at + fits == bytes.len() {
                    Ok(at + fits)
                } else {
                    Err(would_block(vm, at + fits))
                };
            }
        }
        vm.check_interrupt()?;
    }
    b.pending.borrow_mut().extend_from_slice(vm.heap(), &bytes[at..])?;
    Ok(bytes.len())
}
