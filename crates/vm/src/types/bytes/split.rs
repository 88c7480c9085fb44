//! Splitting and joining bytes.

use super::container::{self, Maker, make, operand, plain};
use crate::args::Args;
use crate::types::str::find::{find_bytes, rfind_bytes};
use crate::types::str::index::ssize;
use crate::types::str::split::{as_sequence, sequence_items};
use crate::{PyResult, Vm};
use hognose_object::{Layout, Owned, Ref, ValueExt};

fn data<'x>(vm: &'x Vm, r: Ref<'x>) -> &'x [u8] {
    plain(vm.heap(), r).unwrap_or(&[])
}

fn is_space(b: u8) -> bool {
    matches!(b, 9..=13 | b' ')
}

/// Separator (none: white space) and most splits.
fn options(vm: &mut Vm, args: &Args<'_>) -> PyResult<(Option<Owned>, usize)> {
    let limit = match args.opt(2) {
        Some(r) => ssize(vm, r)?,
        None => -1,
    };
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let Some(sep) = args.opt(1).filter(|r| !r.is_none()) else { return Ok((None, limit)) };
    let sep = operand(vm, sep)?;
    if data(vm, sep.as_ref()).is_empty() {
        return Err(vm.value_error("empty separator"));
    }
    Ok((Some(sep), limit))
}

fn piece(vm: &Vm, r: Ref<'_>, bytes: &[u8], whole: usize) -> PyResult {
    if bytes.len() == whole && r.is_exact(Layout::Bytes) { Ok(r.owned()) } else { make(vm, r, bytes) }
}

/// `b.split(sep, maxsplit)`
pub fn split(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let (sep, limit) = options(vm, args)?;
    let r = args.get(0);
    let bytes = data(vm, r);
    let (mut list, mut at) = (Vec::new(), 0);
    if let Some(sep) = &sep {
        let sep = data(vm, sep.as_ref());
        while list.len() < limit
            && let Some(found) = find_bytes(&bytes[at..], sep)
        {
            list.push(make(vm, r, &bytes[at..at + found])?);
            at += found + sep.len();
        }
        list.push(piece(vm, r, &bytes[at..], bytes.len())?);
        return vm.new_list(list);
    }
    loop {
        at += bytes[at..].iter().take_while(|b| is_space(**b)).count();
        if at == bytes.len() {
            break;
        }
        if list.len() == limit {
            list.push(piece(vm, r, &bytes[at..], bytes.len())?);
            break;
        }
        let end = at + bytes[at..].iter().take_while(|b| !is_space(**b)).count();
        list.push(piece(vm, r, &bytes[at..end], bytes.len())?);
        at = end;
    }
    vm.new_list(list)
}

trait TrimEnd {
    /// Without white space (vertical tabs included) at the end.
    fn trim_ascii_end_vt(&self) -> &[u8];
}

impl TrimEnd for [u8] {
    fn trim_ascii_end_vt(&self) -> &[u8] {
        let n = self.iter().rev().take_while(|b| is_space(**b)).count();
        &self[..self.len() - n]
    }
}

/// `b.rsplit(sep, maxsplit)`
pub fn rsplit(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let (sep, limit) = options(vm, args)?;
    let r = args.get(0);
    let bytes = data(vm, r);
    let (mut list, mut end) = (Vec::new(), bytes.len());
    if let Some(sep) = &sep {
        let sep = data(vm, sep.as_ref());
        while list.len() < limit
            && let Some(at) = rfind_bytes(&bytes[..end], sep)
        {
            list.push(make(vm, r, &bytes[at + sep.len()..end])?);
            end = at;
        }
        list.push(piece(vm, r, &bytes[..end], bytes.len())?);
    } else {
        loop {
            end = bytes[..end].trim_ascii_end_vt().len();
            if end == 0 {
                break;
            }
            if list.len() == limit {
                list.push(piece(vm, r, &bytes[..end], bytes.len())?);
                break;
            }
            let start = end - bytes[..end].iter().rev().take_while(|b| !is_space(**b)).count();
            list.push(piece(vm, r, &bytes[start..end], bytes.len())?);
            end = start;
        }
    }
    list.reverse();
    vm.new_list(list)
}

/// `b.splitlines(keepends)`
pub fn splitlines(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let keep = match args.opt(1) {
        Some(r) => vm.is_true(r)?,
        None => false,
    };
    let r = args.get(0);
    let bytes = data(vm, r);
    let (mut list, mut start) = (Vec::new(), 0);
    while start < bytes.len() {
        let line = bytes[start..].iter().take_while(|b| !matches!(b, b'\n' | b'\r')).count() + start;
        let end = match bytes[line..] {
            [b'\r', b'\n', ..] => line + 2,
            [] => line,
            _ => line + 1,
        };
        list.push(piece(vm, r, &bytes[start..if keep { end } else { line }], bytes.len())?);
        start = end;
    }
    vm.new_list(list)
}

fn parts(vm: &mut Vm, args: &Args<'_>, f: fn(&[u8], &[u8]) -> Option<usize>, last: bool) -> PyResult {
    let r = args.get(0);
    let sep = operand(vm, args.get(1))?;
    let (bytes, x) = (data(vm, r), data(vm, sep.as_ref()));
    if x.is_empty() {
        return Err(vm.value_error("empty separator"));
    }
    let items = match f(bytes, x) {
        Some(at) => {
            let middle = if r.has_layout(Layout::ByteArray) || !sep.as_ref().is_exact(Layout::Bytes) {
                make(vm, r, x)?
            } else {
                sep.clone()
            };
            vec![make(vm, r, &bytes[..at])?, middle, make(vm, r, &bytes[at + x.len()..])?]
        }
        None => {
            let (whole, a, b) = (container::unchanged(vm, r)?, make(vm, r, b"")?, make(vm, r, b"")?);
            if last { vec![a, b, whole] } else { vec![whole, a, b] }
        }
    };
    vm.new_tuple(items)
}

/// `b.partition(sep)`
pub fn partition(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    parts(vm, args, find_bytes, false)
}

/// `b.rpartition(sep)`
pub fn rpartition(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    parts(vm, args, rfind_bytes, true)
}

/// `b.join(iterable)`
pub fn join(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let seq = as_sequence(vm, args.get(1))?;
    let r = args.get(0);
    let heap = vm.heap();
    let items = sequence_items(heap, seq.as_ref()).unwrap_or(&[]);
    let (mut size, mut wrong) = (0usize, None);
    for (i, &item) in items.iter().enumerate() {
        match container::view(heap, item) {
            Some(b) => size = size.saturating_add(b.len()),
            None => {
                wrong = Some(i);
                break;
            }
        }
    }
    if let Some(i) = wrong {
        let class = vm.type_name(items[i]);
        let message = format!("sequence item {i}: expected a bytes-like object, {class} found");
        return Err(vm.type_error(&message));
    }
    if let [one] = items
        && one.is_exact(Layout::Bytes)
        && !r.has_layout(Layout::ByteArray)
    {
        return Ok(one.owned());
    }
    let sep = data(vm, r);
    size = size.saturating_add(sep.len().saturating_mul(items.len().saturating_sub(1)));
    let mut w = Maker::new(vm, r, size)?;
    for (i, &item) in items.iter().enumerate() {
        if i > 0 {
            w.push(vm, sep)?;
        }
        w.push(vm, container::view(heap, item).unwrap_or(&[]))?;
    }
    w.finish(vm)
}
