//! What changes an array: items stored, inserted and removed, slices assigned, arrays joined.

use super::item::{is_text, store, width};
use super::{Array, make_array, place, this};
use crate::prelude::{BinOp, Exc, Layout, PyResult, Ref, ValueExt, Vm, buffer, not_implemented, payload};
use buffer::TypedBuffer;
use hognose_vm::object::str::code_points;

/// BufferError while somebody looks at the bytes.
pub(super) fn check_resizable(vm: &mut Vm, a: &TypedBuffer) -> PyResult<()> {
    if let Err(e) = buffer::check_resizable(vm, a.bytes.as_ref()) {
        vm.discard(e);
        return Err(vm.raise(Exc::BufferError, "cannot resize an array that is exporting buffers"));
    }
    Ok(())
}

/// Replaces the bytes `from..to` by others.
pub(super) fn splice(vm: &mut Vm, r: Ref<'_>, from: usize, to: usize, new: &[u8]) -> PyResult<()> {
    let a = this(vm, r)?;
    if to.saturating_sub(from) != new.len() {
        check_resizable(vm, a)?;
    }
    buffer::change(vm, a.bytes.as_ref(), |data, heap| {
        let to = to.min(data.len());
        let from = from.min(to);
        let old = to - from;
        if new.len() > old {
            let more = new.len() - old;
            data.extend_from_slice(heap, &new[..more])?;
            data[to..].rotate_right(more);
        } else if new.len() < old {
            data.copy_within(to.., from + new.len());
            let n = data.len() - (old - new.len());
            data.truncate(n);
        }
        data[from..from + new.len()].copy_from_slice(new);
        Ok::<(), hognose_vm::heap::OutOfMemory>(())
    })??;
    Ok(())
}

/// Appends bytes.
pub(super) fn add_bytes(vm: &mut Vm, r: Ref<'_>, bytes: &[u8]) -> PyResult<()> {
    let n = this(vm, r)?.bytes_len(vm);
    splice(vm, r, n, n, bytes)
}

/// Appends the contents of a bytes-like object, which must be whole items.
pub(super) fn add_whole_items(vm: &mut Vm, r: Ref<'_>, bytes: Ref<'_>) -> PyResult<()> {
    let n = width(this(vm, r)?.code);
    let bytes = crate::prelude::bytes_arg(vm, bytes)?;
    let bytes = buffer::exact(bytes.as_ref());
    if !bytes.len().is_multiple_of(n) {
        return Err(vm.value_error("bytes length not a multiple of item size"));
    }
    add_bytes(vm, r, bytes)
}

/// Appends characters.
pub(super) fn add_text(vm: &mut Vm, r: Ref<'_>, text: &[u8]) -> PyResult<()> {
    let mut out = hognose_vm::TextBuf::new();
    for c in code_points(text) {
        out.push(vm, &c.to_le_bytes())?;
    }
    add_bytes(vm, r, out.as_bytes())
}

/// Appends one value.
pub(super) fn add_item(vm: &mut Vm, r: Ref<'_>, value: Ref<'_>) -> PyResult<()> {
    let code = this(vm, r)?.code;
    let raw = store(vm, code, value)?;
    add_bytes(vm, r, &raw[..width(code)])
}

/// Appends the items of an iterable.
pub(super) fn add_items(vm: &mut Vm, r: Ref<'_>, items: Ref<'_>) -> PyResult<()> {
    let mut it = vm.iterate(items)?;
    while let Some(x) = it.next(vm)? {
        add_item(vm, r, x.as_ref())?;
    }
    Ok(())
}

/// Appends an array of the same kind or the items of an iterable.
pub(super) fn extend(vm: &mut Vm, r: Ref<'_>, items: Ref<'_>) -> PyResult<()> {
    let Some(other) = payload::<TypedBuffer>(items) else { return add_items(vm, r, items) };
    if other.code != this(vm, r)?.code {
        return Err(vm.type_error("can only extend with array of same kind"));
    }
    let bytes = other.copy_bytes(vm, 0, usize::MAX)?;
    add_bytes(vm, r, buffer::exact(bytes.as_ref()))
}

/// `a[key] = value`, `del a[key]`
pub(super) fn setitem(vm: &mut Vm, r: Ref<'_>, key: Ref<'_>, value: Option<Ref<'_>>) -> PyResult<()> {
    if key.is_exact(Layout::Slice) {
        return set_slice(vm, r, key, value);
    }
    let Some(i) = place(vm, r, key)? else {
        return Err(vm.index_error("array assignment index out of range"));
    };
    let code = this(vm, r)?.code;
    let n = width(code);
    match value {
        None => splice(vm, r, i * n, i * n + n, &[]),
        Some(v) => {
            let raw = store(vm, code, v)?;
            if i >= this(vm, r)?.len(vm) {
                return Err(vm.index_error("array assignment index out of range"));
            }
            splice(vm, r, i * n, i * n + n, &raw[..n])
        }
    }
}

fn set_slice(vm: &mut Vm, r: Ref<'_>, key: Ref<'_>, value: Option<Ref<'_>>) -> PyResult<()> {
    let raw = vm.slice_unpack(key)?;
    let a = this(vm, r)?;
    let n = width(a.code);
    let new = match value {
        None => vm.new_bytes(b"")?,
        Some(v) => match payload::<TypedBuffer>(v) {
            Some(other) if other.code == a.code => other.copy_bytes(vm, 0, usize::MAX)?,
            Some(_) => return Err(vm.type_error("bad argument type for built-in operation")),
            None => {
                let class = vm.type_name(v);
                let message = format!("can only assign array (not \"{class}\") to array slice");
                return Err(vm.type_error(&message));
            }
        },
    };
    let new = buffer::exact(new.as_ref());
    let b = raw.bounds(a.len(vm));
    let first = usize::try_from(b.start).unwrap_or(0);
    if b.step == 1 {
        return splice(vm, r, first * n, (first + b.count) * n, new);
    }
    let places = (0..b.count).map(|k| usize::try_from(b.start + k as isize * b.step).unwrap_or(0));
    if value.is_some() {
        let count = new.len() / n;
        if count != b.count {
            let len = b.count;
            let message = format!("attempt to assign array of size {count} to extended slice of size {len}");
            return Err(vm.value_error(&message));
        }
        for (k, i) in places.enumerate() {
            splice(vm, r, i * n, i * n + n, &new[k * n..k * n + n])?;
        }
        return Ok(());
    }
    if b.count == 0 {
        return Ok(());
    }
    check_resizable(vm, a)?;
    let (low, step) = {
        let last = usize::try_from(b.start + (b.count as isize - 1) * b.step).unwrap_or(0);
        (first.min(last), b.step.unsigned_abs())
    };
    let count = b.count;
    buffer::change(vm, a.bytes.as_ref(), |data, _| {
        // Items are kept in order; those to go are every `step`-th from `low` on.
        let items = data.len() / n;
        let mut to = low;
        for i in low..items {
            let gone = (i - low).is_multiple_of(step) && (i - low) / step < count;
            if !gone {
                data.copy_within(i * n..i * n + n, to * n);
                to += 1;
            }
        }
        data.truncate(to * n);
    })
}

/// `a + b`, `a * n`
pub(super) fn binary(vm: &mut Vm, op: BinOp, a: Ref<'_>, b: Ref<'_>) -> PyResult {
    if op == BinOp::Add {
        let Some(x) = payload::<TypedBuffer>(a) else { return Ok(not_implemented()) };
        let Some(y) = payload::<TypedBuffer>(b) else {
            let class = vm.type_name(b);
            return Err(vm.type_error(&format!("can only append array (not \"{class}\") to array")));
        };
        if x.code != y.code {
            return Err(vm.type_error("bad argument type for built-in operation"));
        }
        let first = x.copy_bytes(vm, 0, usize::MAX)?;
        let made = make_array(vm, x.code, buffer::exact(first.as_ref()))?;
        extend(vm, made.as_ref(), b)?;
        return Ok(made);
    }
    let (array, times) = if payload::<TypedBuffer>(a).is_some() { (a, b) } else { (b, a) };
    let Some(x) = payload::<TypedBuffer>(array) else { return Ok(not_implemented()) };
    let Some(n) = times_of(vm, times)? else { return Ok(not_implemented()) };
    let bytes = x.copy_bytes(vm, 0, usize::MAX)?;
    let made = make_array(vm, x.code, &[])?;
    repeat_into(vm, made.as_ref(), buffer::exact(bytes.as_ref()), n)?;
    Ok(made)
}

fn times_of(vm: &mut Vm, r: Ref<'_>) -> PyResult<Option<usize>> {
    if !crate::prelude::is_int(crate::prelude::base_value(r)) && vm.class_of(r).slots().index.is_none() {
        let class = vm.type_name(r);
        return Err(vm.type_error(&format!("can't multiply sequence by non-int of type '{class}'")));
    }
    Ok(Some(usize::try_from(vm.index_isize(r, false)?).unwrap_or(0)))
}

fn repeat_into(vm: &mut Vm, r: Ref<'_>, bytes: &[u8], times: usize) -> PyResult<()> {
    let total = bytes.len().checked_mul(times).ok_or_else(hognose_vm::heap::OutOfMemory::huge)?;
    let a = this(vm, r)?;
    buffer::change(vm, a.bytes.as_ref(), |data, heap| {
        data.reserve(heap, total)?;
        for _ in 0..if bytes.is_empty() { 0 } else { times } {
            data.extend_from_slice(heap, bytes)?;
        }
        Ok::<(), hognose_vm::heap::OutOfMemory>(())
    })??;
    Ok(())
}

/// `a += b`, `a *= n`
pub(super) fn inplace(vm: &mut Vm, op: BinOp, a: Ref<'_>, b: Ref<'_>) -> PyResult {
    if op == BinOp::Add {
        if payload::<TypedBuffer>(b).is_none() {
            let class = vm.type_name(b);
            return Err(vm.type_error(&format!("can only extend array with array (not \"{class}\")")));
        }
        extend(vm, a, b)?;
        return Ok(a.owned());
    }
    let Some(n) = times_of(vm, b)? else { return Ok(not_implemented()) };
    let x = this(vm, a)?;
    let bytes = x.copy_bytes(vm, 0, usize::MAX)?;
    match n {
        0 => splice(vm, a, 0, usize::MAX, &[])?,
        1 => {}
        _ => {
            check_resizable(vm, x)?;
            repeat_into(vm, a, buffer::exact(bytes.as_ref()), n - 1)?;
        }
    }
    Ok(a.owned())
}

/// Must it hold characters?
pub(super) fn check_text(vm: &mut Vm, r: Ref<'_>, name: &str) -> PyResult<()> {
    if is_text(this(vm, r)?.code) {
        return Ok(());
    }
    Err(vm.value_error(&format!("{name}() may only be called on unicode type arrays ('u' or 'w')")))
}
