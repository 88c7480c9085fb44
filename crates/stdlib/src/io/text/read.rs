//! Reading text: chunks, characters, lines.

use super::{Wrapper, opened, this};
use crate::io::newline::Lines;
use crate::io::{buffered, size_argument, unsupported};
use crate::prelude::{Args, Exc, Owned, PyResult, Ref, ValueExt, Vm, as_str};
use hognose_vm::object::bytes::bytes_of;

/// Decodes a piece and translates its newlines.
pub(super) fn decode(vm: &mut Vm, w: &Wrapper, input: Ref<'_>, last: bool) -> PyResult {
    let (decoder, translator, errors) =
        w.part(|s| (s.decoder.clone(), s.translator.clone(), s.errors_text.clone()));
    let text = decoder.decode(vm, input, last, &errors)?;
    match translator {
        Some(t) => t.feed(vm, text.as_ref(), last),
        None => Ok(text),
    }
}

/// Adds text behind what was decoded.
fn add_decoded(vm: &mut Vm, w: &Wrapper, text: &Owned) -> PyResult<()> {
    let bytes = as_str(text.as_ref()).map_or(&[][..], |s| s.as_bytes());
    let mut decoded = w.decoded.borrow_mut();
    let used = w.used.get();
    if used == decoded.len() {
        decoded.truncate(0);
        w.used.set(0);
    }
    decoded.extend_from_slice(vm.heap(), bytes)?;
    Ok(())
}

/// Reads and decodes one chunk, which replaces what was decoded; false at the end.
pub(super) fn read_chunk(vm: &mut Vm, w: &Wrapper, hint: usize) -> PyResult<bool> {
    if w.part(|s| s.decoder.is_none()) {
        return Err(unsupported(vm, "not readable"));
    }
    let before = if w.telling.get() {
        let (decoder, translator) = w.part(|s| (s.decoder.clone(), s.translator.clone()));
        Some(decoder.state(vm, translator.as_deref())?)
    } else {
        None
    };
    let n = w.chunk.get().max(hint);
    let buffer = w.buffer();
    let input = match buffered::exact(vm, buffer.as_ref()) {
        Some(b) => buffered::read_once(vm, buffer.as_ref(), b, n)?,
        None => {
            let n = vm.new_int(n as i64)?;
            let name = if w.has_read1.get() { "read1" } else { "read" };
            let input = vm.call_method(buffer.as_ref(), name, &[n.as_ref()])?;
            if bytes_of(input.as_ref()).is_none() {
                if !vm.is_bytes_like(input.as_ref()) {
                    let class = vm.type_name(input.as_ref());
                    let text = format!(
                        "underlying {name}() should have returned a bytes-like object, not '{class}'"
                    );
                    return Err(vm.type_error(&text));
                }
                vm.bytes_like(input.as_ref())?
            } else {
                input
            }
        }
    };
    let empty = bytes_of(input.as_ref()).is_none_or(<[u8]>::is_empty);
    let text = decode(vm, w, input.as_ref(), empty)?;
    add_decoded(vm, w, &text)?;
    let got = as_str(text.as_ref()).is_some_and(|t| !t.as_bytes().is_empty());
    if let Some((held, flags)) = before {
        let next = crate::io::base::join(vm, &[held, input])?;
        w.set_snapshot(Some((flags, next)));
    }
    Ok(!empty || got)
}

/// Bytes of the first `n` characters.
fn prefix(text: &[u8], n: usize) -> (usize, usize) {
    let mut chars = 0;
    for (i, b) in text.iter().enumerate() {
        if b & 0xC0 != 0x80 {
            if chars == n {
                return (i, chars);
            }
            chars += 1;
        }
    }
    (text.len(), chars)
}

/// Takes up to `n` characters of what was decoded: the text, its length in characters.
fn take(vm: &mut Vm, w: &Wrapper, n: usize) -> PyResult<(Owned, usize)> {
    let decoded = w.decoded.borrow();
    let used = w.used.get();
    let rest = &decoded[used..];
    let (bytes, chars) = prefix(rest, n);
    let text = vm.new_str_bytes(&rest[..bytes])?;
    w.used.set(used + bytes);
    Ok((text, chars))
}

pub(super) fn read(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let n = size_argument(vm, args.opt(1))?;
    let w = opened(vm, args.get(0))?;
    if w.part(|s| s.decoder.is_none()) {
        return Err(unsupported(vm, "not readable"));
    }
    super::write::flush_pending(vm, w)?;
    let Some(n) = n else {
        let buffer = w.buffer();
        let all = vm.call_method(buffer.as_ref(), "read", &[])?;
        if all.as_ref().is_none() {
            let text = vm.new_str("Read returned None.")?;
            return Err(vm.raise_with(Exc::BlockingIOError, vec![text]));
        }
        let all = vm.bytes_like(all.as_ref())?;
        let text = decode(vm, w, all.as_ref(), true)?;
        let (first, _) = take(vm, w, usize::MAX)?;
        w.forget_decoded();
        w.set_snapshot(None);
        return concat(vm, &[first, text]);
    };
    let (first, mut have) = take(vm, w, n)?;
    let mut parts = vec![first];
    while have < n {
        w.forget_decoded();
        if !read_chunk(vm, w, n - have)? {
            break;
        }
        let (part, chars) = take(vm, w, n - have)?;
        have += chars;
        parts.push(part);
    }
    concat(vm, &parts)
}

/// Texts as one.
fn concat(vm: &mut Vm, parts: &[Owned]) -> PyResult {
    let full: Vec<&Owned> =
        parts.iter().filter(|p| as_str(p.as_ref()).is_some_and(|s| !s.as_bytes().is_empty())).collect();
    match full.as_slice() {
        [] => vm.new_str(""),
        [one] => Ok((*one).clone()),
        many => {
            let list = vm.new_list(many.iter().map(|p| (*p).clone()).collect())?;
            let empty = vm.new_str("")?;
            vm.call_method(empty.as_ref(), "join", &[list.as_ref()])
        }
    }
}

pub(super) fn readline(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let limit = match args.opt(1).filter(|l| !l.is_none()) {
        Some(l) => usize::try_from(vm.index_isize(l, false)?).ok(),
        None => None,
    };
    let w = opened(vm, args.get(0))?;
    line(vm, w, limit)
}

/// The next line, up to `limit` characters. What was decoded is always of the last chunk, as the snapshot is.
fn line(vm: &mut Vm, w: &Wrapper, limit: Option<usize>) -> PyResult {
    if w.part(|s| s.decoder.is_none()) {
        return Err(unsupported(vm, "not readable"));
    }
    super::write::flush_pending(vm, w)?;
    let lines = w.part(|s| s.lines);
    let (mut parts, mut have, mut after_cr): (Vec<Owned>, usize, bool) = (Vec::new(), 0, false);
    loop {
        let (n, ended) = {
            let decoded = w.decoded.borrow();
            let rest = &decoded[w.used.get()..];
            let end = if after_cr && rest.first() == Some(&b'\n') { Some(1) } else { lines.end(rest) };
            match limit {
                None => (end.unwrap_or(rest.len()), end.is_some()),
                Some(limit) => {
                    let (bytes, chars) = prefix(rest, limit - have);
                    have += chars;
                    match end {
                        Some(end) if end <= bytes => (end, true),
                        _ => (bytes, have >= limit),
                    }
                }
            }
        };
        if n > 0 {
            let part = take_bytes(vm, w, n)?;
            if ended && parts.is_empty() {
                return Ok(part);
            }
            after_cr =
                lines == Lines::CrLf && as_str(part.as_ref()).is_some_and(|p| p.as_bytes().ends_with(b"\r"));
            parts.push(part);
        }
        if ended {
            break;
        }
        w.forget_decoded();
        if !read_chunk(vm, w, 0)? {
            w.set_snapshot(None);
            break;
        }
    }
    concat(vm, &parts)
}

/// Takes bytes of what was decoded, which are whole characters.
fn take_bytes(vm: &mut Vm, w: &Wrapper, n: usize) -> PyResult {
    let decoded = w.decoded.borrow();
    let used = w.used.get();
    let text = vm.new_str_bytes(&decoded[used..used + n])?;
    w.used.set(used + n);
    Ok(text)
}

pub(super) fn iter(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    opened(vm, r)?;
    Ok(r.owned())
}

pub(super) fn next(vm: &mut Vm, r: Ref<'_>) -> PyResult<Option<Owned>> {
    let w = this(vm, r)?;
    w.telling.set(false);
    let l = if vm.class_of(r).is_heap_type() {
        let l = vm.call_method(r, "readline", &[])?;
        if as_str(l.as_ref()).is_none() {
            let class = vm.type_name(l.as_ref());
            let text = format!("readline() should have returned a str object, not '{class}'");
            return Err(vm.raise(Exc::OSError, &text));
        }
        l
    } else {
        let w = opened(vm, r)?;
        line(vm, w, None)?
    };
    if as_str(l.as_ref()).is_some_and(|l| l.as_bytes().is_empty()) {
        w.set_snapshot(None);
        w.telling.set(w.seekable.get());
        return Ok(None);
    }
    Ok(Some(l))
}
