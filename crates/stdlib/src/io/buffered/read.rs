//! Reading through a buffer.

use super::{Buffered, is_closed, opened, this, write};
use crate::io::{file, size_argument, unsupported};
use crate::prelude::{Args, Exc, Owned, PyResult, Ref, ValueExt, Vm};
use crate::support::integer_or_none;
use hognose_vm::object::bytes::bytes_of;

/// Reads once from the raw stream into a fresh bytes object; none when that would block.
pub(super) fn raw_read(vm: &mut Vm, raw: &Owned, n: usize) -> PyResult<Option<Owned>> {
    if let Some(f) = file::exact(vm, raw.as_ref()) {
        file::check_readable(vm, f)?;
        let data = file::read(vm, f, n)?;
        return Ok((!data.as_ref().is_none()).then_some(data));
    }
    let room = vm.new_bytearray_zeroed(n)?;
    let view = vm.memoryview_of(room.as_ref())?;
    let got = vm.call_method(raw.as_ref(), "readinto", &[view.as_ref()])?;
    if got.as_ref().is_none() {
        return Ok(None);
    }
    let count = match vm.index_isize(got.as_ref(), false) {
        Ok(count) => count,
        Err(e) => {
            let cause = vm.catch(e);
            let text = vm.new_str("raw readinto() failed")?;
            let error = vm.new_exception(Exc::OSError, vec![text])?;
            let name = vm.intern("__cause__")?;
            vm.set_attr(error.as_ref(), name.as_ref(), Some(cause.as_ref()))?;
            return Err(vm.raise_object(error));
        }
    };
    let all = vm.bytes_view(room.as_ref()).unwrap_or(&[]);
    match usize::try_from(count).ok().and_then(|c| all.get(..c)) {
        Some(b) => vm.new_bytes(b).map(Some),
        None => {
            let text = format!(
                "raw readinto() returned invalid length {count} (should have been between 0 and {n})"
            );
            Err(vm.raise(Exc::OSError, &text))
        }
    }
}

/// Takes up to `n` bytes of what was read ahead.
fn take(vm: &mut Vm, b: &Buffered, n: usize) -> PyResult {
    let ahead = b.ahead.borrow();
    let at = b.taken.get();
    let end = at.saturating_add(n).min(ahead.len());
    let out = vm.new_bytes(&ahead[at..end])?;
    b.taken.set(end);
    Ok(out)
}

/// Reads ahead once more behind what is there; 0: the end, none: it would block.
pub(super) fn fill(vm: &mut Vm, b: &Buffered, raw: &Owned) -> PyResult<Option<usize>> {
    write::flush_pending(vm, b, raw)?;
    let room = b.size.get().saturating_sub(b.rest_len()).max(1);
    let Some(data) = raw_read(vm, raw, room)? else { return Ok(None) };
    let data = bytes_of(data.as_ref()).unwrap_or(&[]);
    let mut ahead = b.ahead.borrow_mut();
    let taken = b.taken.replace(0);
    let len = ahead.len();
    if taken > 0 {
        ahead.copy_within(taken.., 0);
        ahead.truncate(len - taken);
    }
    ahead.extend_from_slice(vm.heap(), data)?;
    Ok(Some(data.len()))
}

fn check_reads(vm: &mut Vm, b: &Buffered) -> PyResult<()> {
    if b.readable.get() { Ok(()) } else { Err(unsupported(vm, "read")) }
}

pub(super) fn read(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let r = args.get(0);
    let n = integer_or_none(vm, args.opt(1))?.unwrap_or(-1);
    if n < -1 {
        return Err(vm.value_error("read length must be non-negative or -1"));
    }
    let (b, raw) = opened(vm, r, "read of closed file")?;
    check_reads(vm, b)?;
    match usize::try_from(n) {
        Ok(n) if n <= b.rest_len() => take(vm, b, n),
        Ok(n) => b.exclusively(vm, r, |vm| read_exactly(vm, b, &raw, n)),
        Err(_) => b.exclusively(vm, r, |vm| read_all(vm, b, &raw)),
    }
}

/// Reads `n` bytes, fewer at the end; None when nothing is there yet.
fn read_exactly(vm: &mut Vm, b: &Buffered, raw: &Owned, n: usize) -> PyResult {
    let mut parts = vec![take(vm, b, n)?];
    let mut have = bytes_of(parts[0].as_ref()).map_or(0, <[u8]>::len);
    write::flush_pending(vm, b, raw)?;
    b.forget_ahead();
    let mut blocked = false;
    while have < n {
        let want = n - have;
        // Whole blocks go to the result directly, the rest through the buffer.
        let direct = want - want % b.size.get();
        let part = if direct > 0 {
            raw_read(vm, raw, direct)?
        } else {
            match fill(vm, b, raw)? {
                Some(_) => Some(take(vm, b, want)?),
                None => None,
            }
        };
        let Some(part) = part else {
            blocked = true;
            break;
        };
        let got = bytes_of(part.as_ref()).map_or(0, <[u8]>::len);
        if got == 0 {
            break;
        }
        have += got;
        parts.push(part);
    }
    if have == 0 && blocked {
        return Ok(vm.none());
    }
    crate::io::base::join(vm, &parts)
}

fn read_all(vm: &mut Vm, b: &Buffered, raw: &Owned) -> PyResult {
    let mut parts = vec![take(vm, b, usize::MAX)?];
    write::flush_pending(vm, b, raw)?;
    b.forget_ahead();
    let first_len = bytes_of(parts[0].as_ref()).map_or(0, <[u8]>::len);
    let rest = if let Some(f) = file::exact(vm, raw.as_ref()) {
        file::check_readable(vm, f)?;
        Some(file::read_all(vm, f)?)
    } else {
        let name = vm.intern("readall")?;
        match vm.get_attr_opt(raw.as_ref(), name.as_ref())? {
            Some(f) => Some(vm.call(f.as_ref(), &[])?),
            None => None,
        }
    };
    if let Some(rest) = rest {
        if rest.as_ref().is_none() {
            return if first_len == 0 { Ok(rest) } else { Ok(parts.remove(0)) };
        }
        if bytes_of(rest.as_ref()).is_none() {
            return Err(vm.type_error("readall() should return bytes"));
        }
        if first_len == 0 {
            return Ok(rest);
        }
        parts.push(rest);
        return crate::io::base::join(vm, &parts);
    }
    let mut have = first_len;
    loop {
        let part = vm.call_method(raw.as_ref(), "read", &[])?;
        if part.as_ref().is_none() {
            return if have == 0 { Ok(part) } else { crate::io::base::join(vm, &parts) };
        }
        let Some(n) = bytes_of(part.as_ref()).map(<[u8]>::len) else {
            return Err(vm.type_error("read() should return bytes"));
        };
        if n == 0 {
            return crate::io::base::join(vm, &parts);
        }
        have += n;
        parts.push(part);
    }
}

pub(super) fn peek(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let r = args.get(0);
    let (b, raw) = opened(vm, r, "peek of closed file")?;
    if let Some(n) = args.opt(1) {
        vm.index_isize(n, false)?;
    }
    check_reads(vm, b)?;
    b.exclusively(vm, r, |vm| {
        if b.rest_len() == 0 {
            fill(vm, b, &raw)?;
        }
        let ahead = b.ahead.borrow();
        vm.new_bytes(&ahead[b.taken.get()..])
    })
}

pub(super) fn read1(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let r = args.get(0);
    let n = match args.opt(1) {
        Some(n) => vm.index_isize(n, false)?,
        None => -1,
    };
    let (b, raw) = opened(vm, r, "read of closed file")?;
    check_reads(vm, b)?;
    let n = usize::try_from(n).unwrap_or(b.size.get());
    if n == 0 {
        return vm.new_bytes(b"");
    }
    ahead_or_raw(vm, r, b, &raw, n)
}

/// Up to `n` bytes: what was read ahead, or else what one read of the raw stream gives.
fn ahead_or_raw(vm: &mut Vm, r: Ref<'_>, b: &Buffered, raw: &Owned, n: usize) -> PyResult {
    if b.rest_len() > 0 {
        return take(vm, b, n);
    }
    b.exclusively(vm, r, |vm| {
        write::flush_pending(vm, b, raw)?;
        b.forget_ahead();
        match raw_read(vm, raw, n)? {
            Some(data) => Ok(data),
            None => vm.new_bytes(b""),
        }
    })
}

/// What the text layer reads: as `read1(n)`, for an exact stream.
pub(in crate::io) fn read_once(vm: &mut Vm, r: Ref<'_>, b: &Buffered, n: usize) -> PyResult {
    let raw = b.raw();
    if is_closed(vm, &raw)? {
        return Err(vm.value_error("read of closed file"));
    }
    check_reads(vm, b)?;
    ahead_or_raw(vm, r, b, &raw, n)
}

pub(super) fn readinto(vm: &mut Vm, args: &Args<'_>, once: bool) -> PyResult {
    let (r, into) = (args.get(0), args.get(1));
    let (b, raw) = opened(vm, r, "readinto of closed file")?;
    let name = if once { "readinto1() argument" } else { "readinto() argument" };
    let room = vm.writable_len(into, name)?;
    check_reads(vm, b)?;
    let mut done = 0;
    if b.rest_len() > 0 {
        let data = take(vm, b, room)?;
        let data = bytes_of(data.as_ref()).unwrap_or(&[]);
        vm.store_bytes(into, 0, data)?;
        done = data.len();
    }
    if done >= room || (once && done > 0) {
        return vm.new_int(done as i64);
    }
    b.exclusively(vm, r, |vm| {
        write::flush_pending(vm, b, &raw)?;
        b.forget_ahead();
        while done < room {
            let want = room - done;
            let part = if want >= b.size.get() || (once && done == 0) {
                raw_read(vm, &raw, want)?
            } else {
                match fill(vm, b, &raw)? {
                    Some(_) => Some(take(vm, b, want)?),
                    None => None,
                }
            };
            let Some(part) = part else {
                if done == 0 {
                    return Ok(vm.none());
                }
                break;
            };
            let part = bytes_of(part.as_ref()).unwrap_or(&[]);
            if part.is_empty() {
                break;
            }
            vm.store_bytes(into, done, part)?;
            done += part.len();
            if once {
                break;
            }
        }
        vm.new_int(done as i64)
    })
}

pub(super) fn readline(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let limit = size_argument(vm, args.opt(1))?;
    line(vm, args.get(0), limit)
}

/// The next line, up to `limit` bytes.
fn line(vm: &mut Vm, r: Ref<'_>, limit: Option<usize>) -> PyResult {
    let (b, raw) = opened(vm, r, "readline of closed file")?;
    check_reads(vm, b)?;
    let limit = limit.unwrap_or(usize::MAX);
    let (mut parts, mut have): (Vec<Owned>, usize) = (Vec::new(), 0);
    loop {
        let (n, ended) = {
            let ahead = b.ahead.borrow();
            let rest = &ahead[b.taken.get()..];
            let rest = &rest[..rest.len().min(limit - have)];
            match rest.iter().position(|&c| c == b'\n') {
                Some(i) => (i + 1, true),
                None => (rest.len(), false),
            }
        };
        if n > 0 {
            let part = take(vm, b, n)?;
            have += n;
            if ended && parts.is_empty() {
                return Ok(part);
            }
            parts.push(part);
        }
        if ended || have >= limit {
            break;
        }
        let filled = b.exclusively(vm, r, |vm| fill(vm, b, &raw))?;
        if filled.unwrap_or(0) == 0 {
            break;
        }
    }
    if parts.is_empty() {
        return vm.new_bytes(b"");
    }
    crate::io::base::join(vm, &parts)
}

pub(super) fn next(vm: &mut Vm, r: Ref<'_>) -> PyResult<Option<Owned>> {
    let l = if vm.class_of(r).is_heap_type() {
        this(vm, r)?;
        let l = vm.call_method(r, "readline", &[])?;
        if bytes_of(crate::prelude::base_value(l.as_ref())).is_none() {
            let class = vm.type_name(l.as_ref());
            let text = format!("readline() should have returned a bytes object, not '{class}'");
            return Err(vm.raise(Exc::OSError, &text));
        }
        l
    } else {
        line(vm, r, None)?
    };
    Ok((vm.len(l.as_ref())? > 0).then_some(l))
}
