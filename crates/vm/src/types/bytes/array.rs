//! What only bytearrays can: change.

use super::build::{self, byte_of};
use super::container::{self, change, check_resizable, copy_of, exact, plain};
use crate::args::Args;
use crate::type_slots::BinOp;
use crate::types::str::index::{self, Subscript, is_index, place, ssize};
use crate::{PyResult, Vm};
use hognose_heap::HeapVec;
use hognose_object::{Heap, NOT_IMPLEMENTED, OutOfMemory, Owned, Ref, none};

const RANGE: &str = "byte must be in range(0, 256)";

fn len(vm: &Vm, r: Ref<'_>) -> usize {
    plain(vm.heap(), r).map_or(0, <[u8]>::len)
}

/// Replaces `count` bytes from `start` on.
fn splice(
    data: &mut HeapVec<u8>,
    heap: &Heap,
    start: usize,
    count: usize,
    new: &[u8],
) -> Result<(), OutOfMemory> {
    let (old, tail) = (data.len(), start + count);
    if new.len() > count {
        let more = new.len() - count;
        data.reserve(heap, more)?;
        for _ in 0..more {
            data.push(heap, 0)?;
        }
        data.copy_within(tail..old, tail + more);
    } else {
        data.copy_within(tail..old, start + new.len());
        data.truncate(old - count + new.len());
    }
    data[start..start + new.len()].copy_from_slice(new);
    Ok(())
}

/// `a[key] = value`, `del a[key]`
pub fn setitem(vm: &mut Vm, r: Ref<'_>, key: Ref<'_>, value: Option<Ref<'_>>) -> PyResult<()> {
    let slice = match index::subscript(vm, key)? {
        Subscript::At(i) => return set_one(vm, r, i, value),
        Subscript::Slice(slice) => slice,
        Subscript::Other => {
            let class = vm.type_name(key);
            let message = format!("bytearray indices must be integers or slices, not {class}");
            return Err(vm.type_error(&message));
        }
    };
    let new = match value {
        Some(v) => new_items(vm, v)?,
        None => vm.new_bytes(b"")?,
    };
    let new = exact(new.as_ref());
    let f = slice.fit(len(vm, r));
    if f.step == 1 {
        if f.count != new.len() {
            check_resizable(vm, r)?;
        }
        return Ok(change(vm, r, |data, heap| splice(data, heap, f.start, f.count, new))??);
    }
    if value.is_none() || (new.is_empty() && f.count > 0) {
        return delete_steps(vm, r, f);
    }
    if new.len() != f.count {
        let message =
            format!("attempt to assign bytes of size {} to extended slice of size {}", new.len(), f.count);
        return Err(vm.value_error(&message));
    }
    change(vm, r, |data, _| {
        for (i, &b) in f.indices().zip(new) {
            data[i] = b;
        }
    })
}

fn set_one(vm: &mut Vm, r: Ref<'_>, i: isize, value: Option<Ref<'_>>) -> PyResult<()> {
    if place(i, len(vm, r)).is_none() {
        return Err(vm.index_error("bytearray index out of range"));
    }
    let byte = match value {
        Some(v) => Some(byte_of(vm, v, RANGE)?),
        None => None,
    };
    // `__index__` may have changed the length.
    let Some(at) = place(i, len(vm, r)) else {
        return Err(vm.index_error("bytearray index out of range"));
    };
    match byte {
        Some(b) => change(vm, r, |data, _| data[at] = b),
        None => {
            check_resizable(vm, r)?;
            Ok(change(vm, r, |data, heap| splice(data, heap, at, 1, &[]))??)
        }
    }
}

fn delete_steps(vm: &mut Vm, r: Ref<'_>, f: index::Fitted) -> PyResult<()> {
    if f.count == 0 {
        return Ok(());
    }
    check_resizable(vm, r)?;
    let step = f.step.unsigned_abs();
    let last = f.start.wrapping_add_signed(f.step.wrapping_mul(f.count as isize - 1));
    let first = f.start.min(last);
    change(vm, r, |data, _| {
        let (mut to, n) = (first, data.len());
        for from in first..n {
            let k = from - first;
            if !(k.is_multiple_of(step) && k / step < f.count) {
                data[to] = data[from];
                to += 1;
            }
        }
        data.truncate(to);
    })
}

/// What is assigned to a slice, as exact bytes.
fn new_items(vm: &mut Vm, v: Ref<'_>) -> PyResult {
    if let Some(b) = copy_of(vm, v)? {
        return Ok(b);
    }
    let slots = vm.class_of(v).slots();
    let iterable = slots.iter.is_some() || slots.getitem.is_some();
    if !iterable || is_index(vm, v) || crate::text::as_str(v).is_some() {
        let message = "can assign only bytes, buffers, or iterables of ints in range(0, 256)";
        return Err(vm.type_error(message));
    }
    let buf = build::collect(vm, v, RANGE)?;
    buf.to_bytes(vm)
}

/// `a += b`, `a *= n`
pub fn inplace(vm: &mut Vm, op: BinOp, a: Ref<'_>, b: Ref<'_>) -> PyResult {
    match op {
        BinOp::Add => {
            let Some(new) = copy_of(vm, b)? else {
                let (x, y) = (vm.type_name(b), vm.type_name(a));
                return Err(vm.type_error(&format!("can't concat {x} to {y}")));
            };
            append_all(vm, a, exact(new.as_ref()))?;
        }
        BinOp::Mul if is_index(vm, b) => {
            let n = vm.index_isize(b, false)?.max(0) as usize;
            let old = len(vm, a);
            let total = index::repeated(old, n)?;
            if total != old {
                check_resizable(vm, a)?;
            }
            change(vm, a, |data, heap| {
                if total <= old {
                    data.truncate(total);
                    return Ok(());
                }
                data.reserve(heap, total - old)?;
                for i in 0..total - old {
                    let b = data[i];
                    data.push(heap, b)?;
                }
                Ok::<(), OutOfMemory>(())
            })??;
        }
        _ => return Ok(Owned::from_immediate(NOT_IMPLEMENTED)),
    }
    Ok(a.owned())
}

fn append_all(vm: &mut Vm, r: Ref<'_>, new: &[u8]) -> PyResult<()> {
    if new.is_empty() {
        return Ok(());
    }
    check_resizable(vm, r)?;
    Ok(change(vm, r, |data, heap| data.extend_from_slice(heap, new))??)
}

/// `a.append(item)`
pub fn append(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let b = byte_of(vm, args.get(1), RANGE)?;
    append_all(vm, args.get(0), &[b])?;
    Ok(none())
}

/// `a.extend(iterable)`
pub fn extend(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let source = args.get(1);
    let new = match copy_of(vm, source)? {
        Some(b) => b,
        None => {
            if crate::text::as_str(source).is_some() {
                return Err(vm.type_error("expected iterable of integers; got: 'str'"));
            }
            let slots = vm.class_of(source).slots();
            if slots.iter.is_none() && slots.getitem.is_none() {
                let class = vm.type_name(source);
                return Err(vm.type_error(&format!("can't extend bytearray with {class}")));
            }
            let buf = build::collect(vm, source, RANGE)?;
            buf.to_bytes(vm)?
        }
    };
    append_all(vm, args.get(0), exact(new.as_ref()))?;
    Ok(none())
}

/// `a.insert(index, item)`
pub fn insert(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let i = ssize(vm, args.get(1))?;
    let b = byte_of(vm, args.get(2), RANGE)?;
    let r = args.get(0);
    check_resizable(vm, r)?;
    let n = len(vm, r);
    let at = if i < 0 { (i + n as isize).max(0) as usize } else { (i as usize).min(n) };
    change(vm, r, |data, heap| splice(data, heap, at, 0, &[b]))??;
    Ok(none())
}

/// `a.pop(index=-1)`
pub fn pop(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let i = match args.opt(1) {
        Some(r) => ssize(vm, r)?,
        None => -1,
    };
    let r = args.get(0);
    let n = len(vm, r);
    if n == 0 {
        return Err(vm.index_error("pop from empty bytearray"));
    }
    let Some(at) = place(i, n) else { return Err(vm.index_error("pop index out of range")) };
    check_resizable(vm, r)?;
    let b = change(vm, r, |data, heap| {
        let b = data[at];
        splice(data, heap, at, 1, &[]).map(|()| b)
    })??;
    vm.new_int(i64::from(b))
}

/// `a.remove(value)`
pub fn remove(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let b = byte_of(vm, args.get(1), RANGE)?;
    let r = args.get(0);
    match plain(vm.heap(), r).and_then(|data| memchr::memchr(b, data)) {
        Some(at) => {
            check_resizable(vm, r)?;
            change(vm, r, |data, heap| splice(data, heap, at, 1, &[]))??;
            Ok(none())
        }
        None => Err(vm.value_error("value not found in bytearray")),
    }
}

/// `a.clear()`
pub fn clear(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    check_resizable(vm, args.get(0))?;
    let old = change(vm, args.get(0), |data, _| std::mem::take(data))?;
    drop(old);
    Ok(none())
}

/// `a.copy()`
pub fn copy(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let data = plain(vm.heap(), args.get(0)).unwrap_or(&[]);
    container::new_array(vm, data)
}

/// `a.reverse()`
pub fn reverse(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    change(vm, args.get(0), |data, _| data.reverse())?;
    Ok(none())
}

/// `a.resize(size)`
pub fn resize(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let n = ssize(vm, args.get(1))?;
    let Ok(n) = usize::try_from(n) else {
        return Err(vm.value_error(&format!("Can only resize to positive sizes, got {n}")));
    };
    check_resizable(vm, args.get(0))?;
    change(vm, args.get(0), |data, heap| {
        data.truncate(n);
        data.reserve(heap, n - data.len())?;
        while data.len() < n {
            data.push(heap, 0)?;
        }
        Ok::<(), OutOfMemory>(())
    })??;
    Ok(none())
}

/// `a.__alloc__()`
pub fn alloc(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let n = change(vm, args.get(0), |data, _| data.capacity())?;
    vm.new_int(n as i64)
}

/// `a.__reduce__()`: pickles as Latin-1 text.
pub fn reduce(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let r = args.get(0);
    let data = plain(vm.heap(), r).unwrap_or(&[]);
    let mut text = crate::types::str::build::TextBuf::new();
    for &b in data {
        text.push_char(vm, u32::from(b))?;
    }
    let items = vec![text.to_str(vm)?, vm.new_str("latin-1")?];
    reduced(vm, r, items)
}

/// `a.__reduce_ex__(protocol)`
pub fn reduce_ex(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let protocol = match args.opt(1) {
        Some(r) => vm.index_i32(r)?,
        None => 0,
    };
    if protocol < 3 {
        return reduce(vm, args);
    }
    let data = plain(vm.heap(), args.get(0)).unwrap_or(&[]);
    let items = vec![vm.new_bytes(data)?];
    reduced(vm, args.get(0), items)
}

fn reduced(vm: &mut Vm, r: Ref<'_>, items: Vec<Owned>) -> PyResult {
    let class = vm.class_of(r).owned();
    let arguments = vm.new_tuple(items)?;
    let name = vm.names().__dict__;
    let state = vm.get_attr_opt(r, name)?.unwrap_or_else(none);
    vm.new_tuple(vec![class, arguments, state])
}
