//! Searching and replacing. Substrings of WTF-8 are found as bytes; only the answer is counted in characters.

use super::build::StrWriter;
use super::index::{self, Bounds, byte_offset};
use super::{str_arg, this, unchanged};
use crate::args::Args;
use crate::text::as_str;
use crate::{PyResult, Vm};
use hognose_object::str::{StrRef, count_chars};
use hognose_object::tuple::TupleRef;
use hognose_object::{Owned, Ref, owned_bool};
use memchr::memmem;

/// First occurrence.
#[inline]
pub fn find_bytes(hay: &[u8], needle: &[u8]) -> Option<usize> {
    match *needle {
        [] => Some(0),
        [b] => memchr::memchr(b, hay),
        _ => memmem::find(hay, needle),
    }
}

/// Last occurrence.
pub fn rfind_bytes(hay: &[u8], needle: &[u8]) -> Option<usize> {
    match *needle {
        [] => Some(hay.len()),
        [b] => memchr::memrchr(b, hay),
        _ => memmem::rfind(hay, needle),
    }
}

/// Occurrences that do not overlap, of something not empty.
pub fn count_bytes(hay: &[u8], needle: &[u8]) -> usize {
    match *needle {
        [b] => memchr::memchr_iter(b, hay).count(),
        _ => memmem::find_iter(hay, needle).count(),
    }
}

/// The part of a text that bounds select, and where it begins: characters and bytes.
struct Part<'a> {
    bytes: &'a [u8],
    chars: usize,
    first: usize,
}

fn part<'a>(s: StrRef<'a>, bounds: Bounds) -> Option<Part<'a>> {
    let range = bounds.fit(s.char_len())?;
    let (a, b) = (byte_offset(s, range.start), byte_offset(s, range.end));
    Some(Part { bytes: &s.as_bytes()[a..b], chars: range.len(), first: range.start })
}

type Search = fn(&[u8], &[u8]) -> Option<usize>;

fn search(vm: &mut Vm, args: &Args<'_>, name: &str, f: Search) -> PyResult<Option<usize>> {
    let s = this(vm, args.get(0))?;
    let Some(needle) = as_str(args.get(1)) else {
        return Err(wrong_argument(vm, args.get(1), name));
    };
    if args.pos.len() <= 2 {
        let at = f(s.as_bytes(), needle.as_bytes());
        return Ok(at.map(|at| s.char_index(at)));
    }
    let bounds = Bounds::read(vm, args.opt(2), args.opt(3))?;
    Ok(part(s, bounds).and_then(|p| {
        let at = f(p.bytes, needle.as_bytes())?;
        Some(p.first + if s.is_ascii() { at } else { count_chars(&p.bytes[..at]) })
    }))
}

#[cold]
fn wrong_argument(vm: &mut Vm, r: Ref<'_>, name: &str) -> crate::Raised {
    let class = vm.type_name(r);
    vm.type_error(&format!("{name}() argument 1 must be str, not {class}"))
}

fn position(vm: &mut Vm, found: Option<usize>) -> PyResult {
    vm.new_int(found.map_or(-1, |i| i as i64))
}

fn required(vm: &mut Vm, found: Option<usize>) -> PyResult {
    match found {
        Some(i) => vm.new_int(i as i64),
        None => Err(vm.value_error("substring not found")),
    }
}

/// `s.find(sub, start, end)`
pub fn find(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let found = search(vm, args, "find", find_bytes)?;
    position(vm, found)
}

/// `s.rfind(sub, start, end)`
pub fn rfind(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let found = search(vm, args, "rfind", rfind_bytes)?;
    position(vm, found)
}

/// `s.index(sub, start, end)`
pub fn index(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let found = search(vm, args, "index", find_bytes)?;
    required(vm, found)
}

/// `s.rindex(sub, start, end)`
pub fn rindex(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let found = search(vm, args, "rindex", rfind_bytes)?;
    required(vm, found)
}

/// `s.count(sub, start, end)`
pub fn count(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let s = this(vm, args.get(0))?;
    let Some(needle) = as_str(args.get(1)) else {
        return Err(wrong_argument(vm, args.get(1), "count"));
    };
    let bounds = Bounds::read(vm, args.opt(2), args.opt(3))?;
    let n = part(s, bounds).map_or(0, |p| match needle.as_bytes() {
        [] => p.chars + 1,
        needle => count_bytes(p.bytes, needle),
    });
    vm.new_int(n as i64)
}

/// `sub in s`
pub fn contains(vm: &mut Vm, r: Ref<'_>, item: Ref<'_>) -> PyResult<bool> {
    let s = this(vm, r)?;
    match as_str(item) {
        Some(x) => Ok(find_bytes(s.as_bytes(), x.as_bytes()).is_some()),
        None => {
            let class = vm.type_name(item);
            Err(vm.type_error(&format!("'in <string>' requires string as left operand, not {class}")))
        }
    }
}

fn affix(vm: &mut Vm, args: &Args<'_>, name: &str, f: fn(&[u8], &[u8]) -> bool) -> PyResult {
    let s = this(vm, args.get(0))?;
    // The usual call: one string, no bounds.
    if let [_, x] = args.pos
        && let Some(x) = StrRef::new(*x)
    {
        return Ok(owned_bool(f(s.as_bytes(), x.as_bytes())));
    }
    let bounds = Bounds::read(vm, args.opt(2), args.opt(3))?;
    let part = part(s, bounds);
    let test = |x: StrRef<'_>| part.as_ref().is_some_and(|p| f(p.bytes, x.as_bytes()));
    if let Some(x) = as_str(args.get(1)) {
        return Ok(owned_bool(test(x)));
    }
    let Some(choices) = TupleRef::new(crate::class::base_value(args.get(1))) else {
        let class = vm.type_name(args.get(1));
        let message = format!("{name} first arg must be str or a tuple of str, not {class}");
        return Err(vm.type_error(&message));
    };
    for &choice in choices.items() {
        let Some(x) = as_str(choice) else {
            let class = vm.type_name(choice);
            return Err(vm.type_error(&format!("tuple for {name} must only contain str, not {class}")));
        };
        if test(x) {
            return Ok(owned_bool(true));
        }
    }
    Ok(owned_bool(false))
}

/// `s.startswith(prefix, start, end)`
pub fn startswith(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    affix(vm, args, "startswith", |s, x| s.starts_with(x))
}

/// `s.endswith(suffix, start, end)`
pub fn endswith(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    affix(vm, args, "endswith", |s, x| s.ends_with(x))
}

/// `s.replace(old, new, count=-1)`
pub fn replace(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let s = this(vm, args.get(0))?;
    let old = str_arg(vm, args.get(1), "replace() argument 1")?;
    let new = str_arg(vm, args.get(2), "replace() argument 2")?;
    let limit = match args.opt(3) {
        Some(r) => index::ssize(vm, r)?,
        None => -1,
    };
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    match replaced(vm, s, old, new, limit)? {
        Some(r) => Ok(r),
        None => Ok(unchanged(args.get(0))),
    }
}

/// Texts up to this many bytes are searched byte by byte: setting up a vector search takes longer.
const SHORT: usize = 32;

/// How `replace` looks for what it replaces.
#[allow(clippy::large_enum_variant, reason = "lives on the stack for one search")]
enum Searcher<'n> {
    Byte(u8),
    Text(memmem::Finder<'n>),
}

fn replaced(
    vm: &mut Vm,
    s: StrRef<'_>,
    old: StrRef<'_>,
    new: StrRef<'_>,
    limit: usize,
) -> PyResult<Option<Owned>> {
    let (text, from, to) = (s.as_bytes(), old.as_bytes(), new.as_bytes());
    if limit == 0 || from == to {
        return Ok(None);
    }
    if from.is_empty() {
        return interleave(vm, s, new, limit.min(s.char_len() + 1)).map(Some);
    }
    // One searcher serves to count and to copy.
    let searcher = match *from {
        [b] => Searcher::Byte(b),
        _ => Searcher::Text(memmem::Finder::new(from)),
    };
    let n = match &searcher {
        Searcher::Byte(b) if text.len() <= SHORT => text.iter().filter(|&x| x == b).count(),
        Searcher::Byte(b) => memchr::memchr_iter(*b, text).count(),
        Searcher::Text(finder) => finder.find_iter(text).count(),
    };
    let n = n.min(limit);
    if n == 0 {
        return Ok(None);
    }
    let kept = text.len() - n * from.len();
    let added = index::repeated(to.len(), n)?;
    let bytes = kept.checked_add(added).ok_or_else(hognose_object::OutOfMemory::huge)?;
    let chars = s.char_len() - n * old.char_len() + n * new.char_len();
    let mut w = StrWriter::new(vm, bytes, chars)?;
    let mut done = 0;
    let mut put = |at: usize| {
        w.push(&text[done..at]);
        w.push(to);
        done = at + from.len();
    };
    match &searcher {
        Searcher::Byte(b) if text.len() <= SHORT => {
            (0..text.len()).filter(|&i| text[i] == *b).take(n).for_each(&mut put);
        }
        Searcher::Byte(b) => memchr::memchr_iter(*b, text).take(n).for_each(&mut put),
        Searcher::Text(finder) => finder.find_iter(text).take(n).for_each(&mut put),
    }
    w.push(&text[done..]);
    w.finish(vm).map(Some)
}

/// `new` before each of the first `n` characters, and at the end if `n` reaches so far.
fn interleave(vm: &mut Vm, s: StrRef<'_>, new: StrRef<'_>, n: usize) -> PyResult {
    let (text, to) = (s.as_bytes(), new.as_bytes());
    let added = index::repeated(to.len(), n)?;
    let bytes = text.len().checked_add(added).ok_or_else(hognose_object::OutOfMemory::huge)?;
    let mut w = StrWriter::new(vm, bytes, s.char_len() + n * new.char_len())?;
    let mut at = 0;
    for _ in 0..n {
        w.push(to);
        if let Some((_, end)) = index::char_from(text, at) {
            w.push(&text[at..end]);
            at = end;
        }
    }
    w.push(&text[at..]);
    w.finish(vm)
}
