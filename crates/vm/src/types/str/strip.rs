//! Taking away at the ends, and filling up to a width.

use super::build::{StrWriter, TextBuf};
use super::index::{self, char_before, char_from};
use super::{given, str_arg, this, unchanged, unicode};
use crate::args::Args;
use crate::text::as_str;
use crate::{PyResult, Vm};
use hognose_object::Ref;
use hognose_object::str::{StrRef, code_points};

/// Which ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ends {
    Left,
    Right,
    Both,
}

fn strip_ends(vm: &mut Vm, args: &Args<'_>, name: &str, ends: Ends) -> PyResult {
    let s = this(vm, args.get(0))?;
    let chars = match given(args, 1) {
        None => None,
        Some(r) => match as_str(r) {
            Some(c) => Some(c),
            None => return Err(vm.type_error(&format!("{name} arg must be None or str"))),
        },
    };
    let bytes = s.as_bytes();
    let range = match chars {
        None => stripped(bytes, ends, unicode::is_space),
        Some(set) if set.is_ascii() => {
            let set = AsciiSet::new(set.as_bytes());
            stripped(bytes, ends, |c| set.has(c))
        }
        Some(set) => stripped(bytes, ends, |c| code_points(set.as_bytes()).any(|x| x == c)),
    };
    if range.len() == bytes.len() {
        return Ok(unchanged(args.get(0)));
    }
    vm.new_str_bytes(&bytes[range])
}

fn stripped(bytes: &[u8], ends: Ends, gone: impl Fn(u32) -> bool) -> std::ops::Range<usize> {
    let (mut start, mut end) = (0, bytes.len());
    if ends != Ends::Right {
        while let Some((c, next)) = char_from(bytes, start)
            && gone(c)
        {
            start = next;
        }
    }
    if ends != Ends::Left {
        while end > start
            && let Some((c, at)) = char_before(bytes, end)
            && gone(c)
        {
            end = at;
        }
    }
    start..end
}

struct AsciiSet(u128);

impl AsciiSet {
    fn new(bytes: &[u8]) -> AsciiSet {
        AsciiSet(bytes.iter().fold(0, |set, &b| set | 1 << (b & 127)))
    }

    fn has(&self, c: u32) -> bool {
        c < 128 && self.0 >> c & 1 != 0
    }
}

/// `s.strip(chars)`
pub fn strip(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    strip_ends(vm, args, "strip", Ends::Both)
}

/// `s.lstrip(chars)`
pub fn lstrip(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    strip_ends(vm, args, "lstrip", Ends::Left)
}

/// `s.rstrip(chars)`
pub fn rstrip(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    strip_ends(vm, args, "rstrip", Ends::Right)
}

/// `s.removeprefix(prefix)`
pub fn removeprefix(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let s = this(vm, args.get(0))?;
    let x = str_arg(vm, args.get(1), "removeprefix() argument")?;
    match s.as_bytes().strip_prefix(x.as_bytes()) {
        Some(rest) if rest.len() < s.as_bytes().len() => vm.new_str_bytes(rest),
        _ => Ok(unchanged(args.get(0))),
    }
}

/// `s.removesuffix(suffix)`
pub fn removesuffix(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let s = this(vm, args.get(0))?;
    let x = str_arg(vm, args.get(1), "removesuffix() argument")?;
    match s.as_bytes().strip_suffix(x.as_bytes()) {
        Some(rest) if rest.len() < s.as_bytes().len() => vm.new_str_bytes(rest),
        _ => Ok(unchanged(args.get(0))),
    }
}

/// Text with `left` and `right` fill characters around.
fn padded(vm: &mut Vm, r: Ref<'_>, left: usize, right: usize, fill: &[u8]) -> PyResult {
    let s = this(vm, r)?;
    let count = left.checked_add(right).ok_or_else(hognose_object::OutOfMemory::huge)?;
    if count == 0 {
        return Ok(unchanged(r));
    }
    let added = index::repeated(fill.len(), count)?;
    let bytes = s.as_bytes().len().checked_add(added).ok_or_else(hognose_object::OutOfMemory::huge)?;
    let mut w = StrWriter::new(vm, bytes, s.char_len() + count)?;
    w.repeat(fill, left);
    w.push(s.as_bytes());
    w.repeat(fill, right);
    w.finish(vm)
}

/// What is missing to the width, and the fill character.
fn width<'a>(vm: &mut Vm, args: &Args<'a>) -> PyResult<(StrRef<'a>, usize, &'a [u8])> {
    let s = this(vm, args.get(0))?;
    let width = index::ssize(vm, args.get(1))?;
    let fill = match args.opt(2) {
        None => &b" "[..],
        Some(r) => match as_str(r) {
            Some(c) if c.char_len() == 1 => c.as_bytes(),
            Some(_) => {
                return Err(vm.type_error("The fill character must be exactly one character long"));
            }
            None => {
                let class = vm.type_name(r);
                let message = format!("The fill character must be a unicode character, not {class}");
                return Err(vm.type_error(&message));
            }
        },
    };
    Ok((s, (width.max(0) as usize).saturating_sub(s.char_len()), fill))
}

/// `s.center(width, fillchar)`
pub fn center(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let (s, margin, fill) = width(vm, args)?;
    let left = margin / 2 + (margin & (s.char_len() + margin) & 1);
    padded(vm, args.get(0), left, margin - left, fill)
}

/// `s.ljust(width, fillchar)`
pub fn ljust(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let (_, margin, fill) = width(vm, args)?;
    padded(vm, args.get(0), 0, margin, fill)
}

/// `s.rjust(width, fillchar)`
pub fn rjust(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let (_, margin, fill) = width(vm, args)?;
    padded(vm, args.get(0), margin, 0, fill)
}

/// `s.zfill(width)`
pub fn zfill(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let (s, zeros, _) = width(vm, args)?;
    if zeros == 0 {
        return Ok(unchanged(args.get(0)));
    }
    let text = s.as_bytes();
    let sign = usize::from(matches!(text.first(), Some(b'+' | b'-')));
    let bytes = text.len().checked_add(zeros).ok_or_else(hognose_object::OutOfMemory::huge)?;
    let mut w = StrWriter::new(vm, bytes, s.char_len() + zeros)?;
    w.push(&text[..sign]);
    w.repeat(b"0", zeros);
    w.push(&text[sign..]);
    w.finish(vm)
}

/// `s.expandtabs(tabsize)`
pub fn expandtabs(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let s = this(vm, args.get(0))?;
    let tabsize = match args.opt(1) {
        Some(r) => vm.index_i32(r)?,
        None => 8,
    };
    let text = s.as_bytes();
    if !text.contains(&b'\t') {
        return Ok(unchanged(args.get(0)));
    }
    let mut out = TextBuf::new();
    expand(vm, &mut out, text, tabsize)?;
    out.to_str(vm)
}

/// Appends text with its tabs expanded; columns count characters.
pub fn expand(vm: &Vm, out: &mut TextBuf, text: &[u8], tabsize: i32) -> PyResult<()> {
    let (size, mut column) = (tabsize.max(0) as usize, 0);
    for (k, piece) in text.split(|&b| b == b'\t').enumerate() {
        if k > 0 && size > 0 {
            let n = size - column % size;
            out.repeat(vm, b" ", n)?;
            column += n;
        }
        out.push(vm, piece)?;
        match piece.iter().rposition(|&b| b == b'\n' || b == b'\r') {
            Some(at) => column = hognose_object::str::count_chars(&piece[at + 1..]),
            None => column += hognose_object::str::count_chars(piece),
        }
    }
    Ok(())
}
