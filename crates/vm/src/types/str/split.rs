//! Splitting and joining.

use super::build::StrWriter;
use super::find::{find_bytes, rfind_bytes};
use super::index::{self, char_before, char_from};
use super::{given, this, unchanged, unicode};
use crate::args::Args;
use crate::exceptions::Exc;
use crate::text::as_str;
use crate::{PyResult, Vm};
use hognose_object::list::ListRef;
use hognose_object::str::StrRef;
use hognose_object::tuple::TupleRef;
use hognose_object::{Heap, Owned, Ref, ValueExt};
use memchr::memmem;

/// Separator (none: white space) and most splits.
fn options<'a>(vm: &mut Vm, args: &Args<'a>) -> PyResult<(Option<&'a [u8]>, usize)> {
    let limit = match args.opt(2) {
        Some(r) => index::ssize(vm, r)?,
        None => -1,
    };
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let Some(sep) = given(args, 1) else { return Ok((None, limit)) };
    let Some(sep) = as_str(sep) else {
        let class = vm.type_name(sep);
        return Err(vm.type_error(&format!("must be str or None, not {class}")));
    };
    if sep.as_bytes().is_empty() {
        return Err(vm.value_error("empty separator"));
    }
    Ok((Some(sep.as_bytes()), limit))
}

/// The pieces as a list; a piece that is all of the text is the text itself.
struct Pieces<'a> {
    whole: Ref<'a>,
    text: &'a [u8],
    list: Vec<Owned>,
}

impl<'a> Pieces<'a> {
    fn new(s: StrRef<'a>) -> Pieces<'a> {
        Pieces { whole: s.as_ref(), text: s.as_bytes(), list: Vec::with_capacity(16) }
    }

    #[inline]
    fn push(&mut self, vm: &Vm, start: usize, end: usize) -> PyResult<()> {
        let piece = if end - start == self.text.len() {
            self.whole.owned()
        } else {
            vm.new_str_bytes(&self.text[start..end])?
        };
        self.list.push(piece);
        Ok(())
    }

    fn reversed(mut self) -> Vec<Owned> {
        self.list.reverse();
        self.list
    }
}

/// `s.split(sep, maxsplit)`
pub fn split(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let s = this(vm, args.get(0))?;
    let (sep, limit) = options(vm, args)?;
    let mut out = Pieces::new(s);
    match sep {
        Some(sep) => {
            let (mut start, len) = (0, s.as_bytes().len());
            let mut each = |at: usize| {
                let r = out.push(vm, start, at);
                start = at + sep.len();
                r
            };
            match *sep {
                [b] => memchr::memchr_iter(b, s.as_bytes()).take(limit).try_for_each(&mut each)?,
                _ => memmem::find_iter(s.as_bytes(), sep).take(limit).try_for_each(&mut each)?,
            }
            out.push(vm, start, len)?;
        }
        None if s.is_ascii() => split_ascii_space(vm, &mut out, limit)?,
        None => split_space(vm, &mut out, limit)?,
    }
    vm.new_list(out.list)
}

fn split_ascii_space(vm: &Vm, out: &mut Pieces<'_>, limit: usize) -> PyResult<()> {
    let text = out.text;
    let space = |i: usize| unicode::is_space(u32::from(text[i]));
    let (mut i, n) = (0, text.len());
    loop {
        while i < n && space(i) {
            i += 1;
        }
        if i == n {
            return Ok(());
        }
        if out.list.len() == limit {
            return out.push(vm, i, n);
        }
        let start = i;
        while i < n && !space(i) {
            i += 1;
        }
        out.push(vm, start, i)?;
    }
}

fn split_space(vm: &Vm, out: &mut Pieces<'_>, limit: usize) -> PyResult<()> {
    let text = out.text;
    let mut at = 0;
    loop {
        at = skip(text, at, true);
        if at == text.len() {
            return Ok(());
        }
        if out.list.len() == limit {
            return out.push(vm, at, text.len());
        }
        let start = at;
        at = skip(text, at, false);
        out.push(vm, start, at)?;
    }
}

/// The first place from `at` on that is not white space (or is).
fn skip(text: &[u8], mut at: usize, space: bool) -> usize {
    while let Some((c, end)) = char_from(text, at)
        && unicode::is_space(c) == space
    {
        at = end;
    }
    at
}

fn skip_back(text: &[u8], mut end: usize, space: bool) -> usize {
    while let Some((c, start)) = char_before(text, end)
        && unicode::is_space(c) == space
    {
        end = start;
    }
    end
}

/// `s.rsplit(sep, maxsplit)`
pub fn rsplit(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let s = this(vm, args.get(0))?;
    let (sep, limit) = options(vm, args)?;
    let (text, mut end) = (s.as_bytes(), s.as_bytes().len());
    let mut out = Pieces::new(s);
    if let Some(sep) = sep {
        while out.list.len() < limit
            && let Some(at) = rfind_bytes(&text[..end], sep)
        {
            out.push(vm, at + sep.len(), end)?;
            end = at;
        }
        out.push(vm, 0, end)?;
        return vm.new_list(out.reversed());
    }
    loop {
        end = skip_back(text, end, true);
        if end == 0 {
            break;
        }
        if out.list.len() == limit {
            out.push(vm, 0, end)?;
            break;
        }
        let start = skip_back(text, end, false);
        out.push(vm, start, end)?;
        end = start;
    }
    vm.new_list(out.reversed())
}

/// Ends a line?
pub fn is_line_end(c: u32) -> bool {
    matches!(c, 10..=13 | 28..=30 | 0x85 | 0x2028 | 0x2029)
}

/// `s.splitlines(keepends)`
pub fn splitlines(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let s = this(vm, args.get(0))?;
    let keep = match args.opt(1) {
        Some(r) => vm.is_true(r)?,
        None => false,
    };
    let text = s.as_bytes();
    let mut out = Pieces::new(s);
    let (mut start, mut at) = (0, 0);
    while let Some((c, end)) = char_from(text, at) {
        if !is_line_end(c) {
            at = end;
            continue;
        }
        let end = if c == 13 && text.get(end) == Some(&b'\n') { end + 1 } else { end };
        out.push(vm, start, if keep { end } else { at })?;
        (start, at) = (end, end);
    }
    if start < text.len() {
        out.push(vm, start, text.len())?;
    }
    vm.new_list(out.list)
}

fn parts(vm: &mut Vm, args: &Args<'_>, f: fn(&[u8], &[u8]) -> Option<usize>, last: bool) -> PyResult {
    let s = this(vm, args.get(0))?;
    let Some(sep) = as_str(args.get(1)) else {
        let class = vm.type_name(args.get(1));
        return Err(vm.type_error(&format!("must be str, not {class}")));
    };
    if sep.as_bytes().is_empty() {
        return Err(vm.value_error("empty separator"));
    }
    let text = s.as_bytes();
    let items = match f(text, sep.as_bytes()) {
        Some(at) => {
            let (before, after) = (&text[..at], &text[at + sep.as_bytes().len()..]);
            vec![vm.new_str_bytes(before)?, unchanged(args.get(1)), vm.new_str_bytes(after)?]
        }
        None => {
            let (whole, empty) = (unchanged(args.get(0)), vm.new_str_bytes(b"")?);
            let empty2 = empty.clone();
            if last { vec![empty, empty2, whole] } else { vec![whole, empty, empty2] }
        }
    };
    vm.new_tuple(items)
}

/// `s.partition(sep)`
pub fn partition(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    parts(vm, args, find_bytes, false)
}

/// `s.rpartition(sep)`
pub fn rpartition(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    parts(vm, args, rfind_bytes, true)
}

/// Items of an exact list or tuple (or a list subclass), while nothing changes.
pub fn sequence_items<'x>(heap: &'x Heap, r: Ref<'x>) -> Option<&'x [Ref<'x>]> {
    match TupleRef::new(r) {
        Some(t) => Some(t.items()),
        None => ListRef::new(r).map(|l| l.items(heap)),
    }
}

/// Any iterable as a list or tuple, for `join`.
pub fn as_sequence(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    use hognose_object::Layout;
    if r.is_exact(Layout::List) || r.is_exact(Layout::Tuple) {
        return Ok(r.owned());
    }
    let it = match vm.iter(r) {
        Ok(it) => it,
        Err(e) if vm.raised_is(&e, Exc::TypeError) => {
            vm.discard(e);
            return Err(vm.type_error("can only join an iterable"));
        }
        Err(e) => return Err(e),
    };
    vm.to_list(it.as_ref())
}

/// `s.join(iterable)`
pub fn join(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let sep = this(vm, args.get(0))?;
    let seq = as_sequence(vm, args.get(1))?;
    join_sequence(vm, sep, seq.as_ref())
}

fn join_sequence(vm: &mut Vm, sep: StrRef<'_>, seq: Ref<'_>) -> PyResult {
    let items = sequence_items(vm.heap(), seq).unwrap_or(&[]);
    let (mut bytes, mut chars, mut wrong) = (0usize, 0usize, None);
    for (i, &item) in items.iter().enumerate() {
        let Some(s) = as_str(item) else {
            wrong = Some(i);
            break;
        };
        bytes = bytes.saturating_add(s.as_bytes().len());
        chars = chars.saturating_add(s.char_len());
    }
    if let Some(i) = wrong {
        let class = vm.type_name(items[i]);
        return Err(vm.type_error(&format!("sequence item {i}: expected str instance, {class} found")));
    }
    let n = items.len();
    match items {
        [] => return vm.new_str_bytes(b""),
        [one] if StrRef::new(*one).is_some() => return Ok(one.owned()),
        _ => {}
    }
    bytes = bytes.saturating_add(sep.as_bytes().len().saturating_mul(n - 1));
    chars = chars.saturating_add(sep.char_len().saturating_mul(n - 1));
    let mut w = StrWriter::new(vm, bytes, chars)?;
    for (i, &item) in items.iter().enumerate() {
        if i > 0 {
            w.push(sep.as_bytes());
        }
        w.push(crate::text::str_bytes(item));
    }
    w.finish(vm)
}
