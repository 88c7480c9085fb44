//! Searching, replacing, stripping and translating bytes.

use super::build::byte_of;
use super::container::{self, Maker, make, not_bytes, operand, plain};
use crate::args::Args;
use crate::class::base_value;
use crate::types::str::find::{count_bytes, find_bytes, rfind_bytes};
use crate::types::str::index::{self, Bounds, is_index, ssize};
use crate::{PyResult, Raised, Vm};
use hognose_object::tuple::TupleRef;
use hognose_object::{Owned, Ref, ValueExt, owned_bool};
use memchr::memmem;

/// What is searched for: bytes or one byte.
enum Needle {
    Bytes(Owned),
    Byte(u8),
}

impl Needle {
    fn read(vm: &mut Vm, r: Ref<'_>, wrong: fn(&mut Vm, Ref<'_>) -> Raised) -> PyResult<Needle> {
        if let Some(b) = container::copy_of(vm, r)? {
            return Ok(Needle::Bytes(b));
        }
        if is_index(vm, r) {
            return byte_of(vm, r, "byte must be in range(0, 256)").map(Needle::Byte);
        }
        Err(wrong(vm, r))
    }

    fn with<R>(&self, f: impl FnOnce(&[u8]) -> R) -> R {
        match self {
            Needle::Bytes(b) => f(container::exact(b.as_ref())),
            Needle::Byte(b) => f(&[*b]),
        }
    }
}

#[cold]
fn wrong_needle(vm: &mut Vm, r: Ref<'_>) -> Raised {
    let class = vm.type_name(r);
    vm.type_error(&format!("argument should be integer or bytes-like object, not '{class}'"))
}

fn data<'x>(vm: &'x Vm, r: Ref<'x>) -> &'x [u8] {
    plain(vm.heap(), r).unwrap_or(&[])
}

fn search(vm: &mut Vm, args: &Args<'_>, f: fn(&[u8], &[u8]) -> Option<usize>) -> PyResult<Option<usize>> {
    let needle = Needle::read(vm, args.get(1), wrong_needle)?;
    let bounds = Bounds::read(vm, args.opt(2), args.opt(3))?;
    let bytes = data(vm, args.get(0));
    Ok(bounds.fit(bytes.len()).and_then(|range| {
        let start = range.start;
        needle.with(|x| f(&bytes[range], x)).map(|at| start + at)
    }))
}

fn position(vm: &mut Vm, found: Option<usize>) -> PyResult {
    vm.new_int(found.map_or(-1, |i| i as i64))
}

fn required(vm: &mut Vm, found: Option<usize>) -> PyResult {
    match found {
        Some(i) => vm.new_int(i as i64),
        None => Err(vm.value_error("subsection not found")),
    }
}

/// `b.find(sub, start, end)`
pub fn find(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let found = search(vm, args, find_bytes)?;
    position(vm, found)
}

/// `b.rfind(sub, start, end)`
pub fn rfind(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let found = search(vm, args, rfind_bytes)?;
    position(vm, found)
}

/// `b.index(sub, start, end)`
pub fn index(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let found = search(vm, args, find_bytes)?;
    required(vm, found)
}

/// `b.rindex(sub, start, end)`
pub fn rindex(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let found = search(vm, args, rfind_bytes)?;
    required(vm, found)
}

/// `b.count(sub, start, end)`
pub fn count(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let needle = Needle::read(vm, args.get(1), wrong_needle)?;
    let bounds = Bounds::read(vm, args.opt(2), args.opt(3))?;
    let bytes = data(vm, args.get(0));
    let n = bounds.fit(bytes.len()).map_or(0, |range| {
        let part = &bytes[range];
        needle.with(|x| if x.is_empty() { part.len() + 1 } else { count_bytes(part, x) })
    });
    vm.new_int(n as i64)
}

/// `x in b`
pub fn contains(vm: &mut Vm, r: Ref<'_>, item: Ref<'_>) -> PyResult<bool> {
    let needle = Needle::read(vm, item, not_bytes)?;
    let bytes = data(vm, r);
    Ok(needle.with(|x| find_bytes(bytes, x).is_some()))
}

fn affix(vm: &mut Vm, args: &Args<'_>, name: &str, f: fn(&[u8], &[u8]) -> bool) -> PyResult {
    let bounds = Bounds::read(vm, args.opt(2), args.opt(3))?;
    let test = |vm: &mut Vm, x: &Owned| {
        let bytes = data(vm, args.get(0));
        bounds.fit(bytes.len()).is_some_and(|range| f(&bytes[range], data(vm, x.as_ref())))
    };
    if let Some(choices) = TupleRef::new(base_value(args.get(1))) {
        for &choice in choices.items() {
            let x = operand(vm, choice)?;
            if test(vm, &x) {
                return Ok(owned_bool(true));
            }
        }
        return Ok(owned_bool(false));
    }
    match container::copy_of(vm, args.get(1))? {
        Some(x) => Ok(owned_bool(test(vm, &x))),
        None => {
            let class = vm.type_name(args.get(1));
            let message = format!("{name} first arg must be bytes or a tuple of bytes, not {class}");
            Err(vm.type_error(&message))
        }
    }
}

/// `b.startswith(prefix, start, end)`
pub fn startswith(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    affix(vm, args, "startswith", |s, x| s.starts_with(x))
}

/// `b.endswith(suffix, start, end)`
pub fn endswith(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    affix(vm, args, "endswith", |s, x| s.ends_with(x))
}

/// `b.removeprefix(prefix)`
pub fn removeprefix(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let x = operand(vm, args.get(1))?;
    match data(vm, args.get(0)).strip_prefix(data(vm, x.as_ref())) {
        Some(rest) if !data(vm, x.as_ref()).is_empty() => make(vm, args.get(0), rest),
        _ => container::unchanged(vm, args.get(0)),
    }
}

/// `b.removesuffix(suffix)`
pub fn removesuffix(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let x = operand(vm, args.get(1))?;
    match data(vm, args.get(0)).strip_suffix(data(vm, x.as_ref())) {
        Some(rest) if !data(vm, x.as_ref()).is_empty() => make(vm, args.get(0), rest),
        _ => container::unchanged(vm, args.get(0)),
    }
}

/// `b.replace(old, new, count=-1)`
pub fn replace(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let old = operand(vm, args.get(1))?;
    let new = operand(vm, args.get(2))?;
    let limit = match args.opt(3) {
        Some(r) => ssize(vm, r)?,
        None => -1,
    };
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let r = args.get(0);
    let (bytes, from, to) = (data(vm, r), data(vm, old.as_ref()), data(vm, new.as_ref()));
    let n = match from {
        [] => (bytes.len() + 1).min(limit),
        _ => count_bytes(bytes, from).min(limit),
    };
    if n == 0 || from == to {
        return container::unchanged(vm, r);
    }
    let added = index::repeated(to.len(), n)?;
    let mut w = Maker::new(vm, r, (bytes.len() - n * from.len()).saturating_add(added))?;
    let mut done = 0;
    if from.is_empty() {
        for i in 0..n {
            w.push(vm, to)?;
            done = (i + 1).min(bytes.len());
            w.push(vm, &bytes[i.min(bytes.len())..done])?;
        }
    } else {
        for at in memmem::find_iter(bytes, from).take(n) {
            w.push(vm, &bytes[done..at])?;
            w.push(vm, to)?;
            done = at + from.len();
        }
    }
    w.push(vm, &bytes[done..])?;
    w.finish(vm)
}

fn strip_ends(vm: &mut Vm, args: &Args<'_>, left: bool, right: bool) -> PyResult {
    let set = match args.opt(1).filter(|r| !r.is_none()) {
        Some(r) => Some(operand(vm, r)?),
        None => None,
    };
    let bytes = data(vm, args.get(0));
    let gone = |b: u8| match &set {
        Some(set) => data(vm, set.as_ref()).contains(&b),
        None => matches!(b, 9..=13 | b' '),
    };
    let start = if left { bytes.iter().take_while(|b| gone(**b)).count() } else { 0 };
    let rest = &bytes[start..];
    let cut = if right { rest.iter().rev().take_while(|b| gone(**b)).count() } else { 0 };
    if start + cut == 0 {
        return container::unchanged(vm, args.get(0));
    }
    make(vm, args.get(0), &rest[..rest.len() - cut])
}

/// `b.strip(bytes)`
pub fn strip(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    strip_ends(vm, args, true, true)
}

/// `b.lstrip(bytes)`
pub fn lstrip(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    strip_ends(vm, args, true, false)
}

/// `b.rstrip(bytes)`
pub fn rstrip(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    strip_ends(vm, args, false, true)
}

/// `b.translate(table, delete=b'')`
pub fn translate(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let mut map: [u8; 256] = std::array::from_fn(|i| i as u8);
    if !args.get(1).is_none() {
        let table = operand(vm, args.get(1))?;
        match data(vm, table.as_ref()).try_into() {
            Ok(table) => map = table,
            Err(_) => return Err(vm.value_error("translation table must be 256 characters long")),
        }
    }
    let mut gone = [false; 256];
    if let Some(r) = args.opt(2) {
        let delete = operand(vm, r)?;
        data(vm, delete.as_ref()).iter().for_each(|&b| gone[usize::from(b)] = true);
    }
    let bytes = data(vm, args.get(0));
    let kept = bytes.iter().filter(|&&b| !gone[usize::from(b)]).count();
    let mut w = Maker::new(vm, args.get(0), kept)?;
    for &b in bytes.iter().filter(|&&b| !gone[usize::from(b)]) {
        w.push(vm, &[map[usize::from(b)]])?;
    }
    w.finish(vm)
}

/// `bytes.maketrans(frm, to)`: static methods are given the class first.
pub fn maketrans(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let from = operand(vm, args.get(1))?;
    let to = operand(vm, args.get(2))?;
    let (x, y) = (data(vm, from.as_ref()), data(vm, to.as_ref()));
    if x.len() != y.len() {
        return Err(vm.value_error("maketrans arguments must have same length"));
    }
    let mut map: [u8; 256] = std::array::from_fn(|i| i as u8);
    x.iter().zip(y).for_each(|(&a, &b)| map[usize::from(a)] = b);
    vm.new_bytes(&map)
}
