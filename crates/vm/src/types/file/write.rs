//! Text files: writing, positions, settings, and the standard streams.

use super::binary::{self, BinFile, position};
use super::raw::{Backend, Raw};
use super::text::{Newline, TextFile, Unit, opened, this, unit_of};
use super::{os_error, unsupported};
use crate::args::Args;
use crate::builtins::surrogates_not_allowed;
use crate::class::base_value;
use crate::stdio::Stream;
use crate::text::as_str;
use crate::{PyResult, Vm};
use hognose_object::bytes::bytes_of;
use hognose_object::str::{StrRef, code_points};
use hognose_object::{Ref, ValueExt, none};
use std::io::SeekFrom;

pub(super) fn write(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    write_text(vm, args.get(0), args.get(1))
}

fn write_text(vm: &mut Vm, r: Ref<'_>, text: Ref<'_>) -> PyResult {
    let Some(s) = as_str(text) else {
        let class = vm.type_name(text);
        return Err(vm.type_error(&format!("write() argument must be str, not {class}")));
    };
    let (f, b) = opened(vm, r)?;
    if !b.writable {
        return Err(unsupported(vm, "not writable"));
    }
    let mut bytes = encoded(vm, f, b, text, s)?;
    let ending: Option<&[u8]> = match f.newline {
        Newline::Cr => Some(b"\r"),
        Newline::CrLf => Some(b"\r\n"),
        _ => None,
    };
    if let Some(ending) = ending.filter(|_| bytes.contains(&b'\n')) {
        bytes = bytes.split(|&c| c == b'\n').collect::<Vec<_>>().join(ending).into();
    }
    let by_line = f.by_line.get() && (bytes.contains(&b'\n') || bytes.contains(&b'\r'));
    b.with(vm, |raw, vm| {
        raw.write(vm, &bytes)?;
        if by_line { raw.flush(vm) } else { Ok(()) }
    })?;
    vm.new_int(s.char_len() as i64)
}

fn encoded<'a>(
    vm: &mut Vm,
    f: &TextFile,
    b: &BinFile,
    text: Ref<'a>,
    s: StrRef<'a>,
) -> PyResult<std::borrow::Cow<'a, [u8]>> {
    let unit = unit_of(&f.encoding.borrow());
    if (s.is_ascii() && unit != Unit::Other) || (unit == Unit::Utf8 && s.to_str().is_some()) {
        return Ok(s.as_bytes().into());
    }
    if f.std == Some(Stream::Err) && unit == Unit::Utf8 {
        return Ok(backslashed(s).into_bytes().into());
    }
    let (mut encoding, errors) = f.codec(vm)?;
    let name = f.encoding.borrow().to_ascii_lowercase().replace('_', "-");
    // The mark at the start of the file is written once.
    if let Some(plain) = [("utf-16", "utf-16-le"), ("utf-32", "utf-32-le"), ("utf-8-sig", "utf-8")]
        .iter()
        .find(|(with_mark, _)| *with_mark == name)
        && b.raw.borrow_mut().tell().is_ok_and(|at| at > 0)
    {
        encoding = vm.new_str(plain.1)?;
    }
    let bytes = vm.call_method(base_value(text), "encode", &[encoding.as_ref(), errors.as_ref()])?;
    Ok(bytes_of(bytes.as_ref()).unwrap_or(&[]).to_vec().into())
}

/// Surrogates as `\udcxx`.
fn backslashed(s: StrRef<'_>) -> String {
    let mut out = String::new();
    for c in code_points(s.as_bytes()) {
        match char::from_u32(c) {
            Some(c) => out.push(c),
            None => out.push_str(&format!("\\u{c:04x}")),
        }
    }
    out
}

/// Writes a str to a standard stream of the machine.
pub(crate) fn write_std(vm: &mut Vm, stream: Stream, text: Ref<'_>) -> PyResult<()> {
    let Some(s) = as_str(text) else { return Ok(()) };
    let result = match (s.is_ascii() || s.to_str().is_some(), stream) {
        (true, Stream::Out) => vm.stdout().write(s.as_bytes()),
        (true, _) => vm.stdio().write_err(s.as_bytes()),
        (false, Stream::Out) => return Err(surrogates_not_allowed(vm, text)),
        (false, _) => vm.stdio().write_err(backslashed(s).as_bytes()),
    };
    result.map_err(|e| os_error(vm, &e, None))
}

pub(super) fn writelines(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let mut lines = vm.iterate(args.get(1))?;
    while let Some(line) = lines.next(vm)? {
        write_text(vm, args.get(0), line.as_ref())?;
    }
    Ok(none())
}

pub(super) fn flush(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let (_, b) = opened(vm, args.get(0))?;
    b.with(vm, |raw, vm| raw.flush(vm))?;
    Ok(none())
}

pub(super) fn close(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    if let Some(b) = this(args.get(0)).and_then(TextFile::bin).filter(|b| !b.is_closed()) {
        b.with(vm, |raw, vm| raw.close(vm))?;
    }
    Ok(none())
}

// ---- positions

pub(super) fn seek(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let (f, b) = opened(vm, args.get(0))?;
    let target = position(vm, args.get(1))?;
    let whence = match args.opt(2) {
        Some(w) => vm.index_i32(w)?,
        None => 0,
    };
    if !b.raw.borrow_mut().is_seekable() {
        return Err(unsupported(vm, "underlying stream is not seekable"));
    }
    let to = match whence {
        0 if target < 0 => return Err(vm.value_error(&format!("negative seek position {target}"))),
        0 => SeekFrom::Start(target.unsigned_abs()),
        1 if target != 0 => return Err(unsupported(vm, "can't do nonzero cur-relative seeks")),
        2 if target != 0 => return Err(unsupported(vm, "can't do nonzero end-relative seeks")),
        1 => SeekFrom::Current(0),
        2 => SeekFrom::End(0),
        _ => return Err(vm.value_error(&format!("invalid whence ({whence}, should be 0, 1 or 2)"))),
    };
    let at = b.with(vm, |raw, vm| raw.seek(vm, to))?;
    if f.unit() == Unit::Transcoded {
        f.unit.set(Unit::Other as u8);
    }
    vm.new_int(at as i64)
}

pub(super) fn tell(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let (_, b) = opened(vm, args.get(0))?;
    if !b.raw.borrow_mut().is_seekable() {
        return Err(unsupported(vm, "underlying stream is not seekable"));
    }
    let at = b.with(vm, |raw, _| raw.tell())?;
    vm.new_int(at as i64)
}

pub(super) fn truncate(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let (_, b) = opened(vm, args.get(0))?;
    binary::truncate_file(vm, b, args.opt(1))
}

pub(super) fn reconfigure(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let (f, b) = opened(vm, args.get(0))?;
    b.with(vm, |raw, vm| raw.flush(vm))?;
    let given = |i: usize| args.opt(i).filter(|r| !r.is_none());
    if let Some(encoding) = given(1) {
        let encoding = vm.expect_str(encoding, "reconfigure() argument 'encoding'")?.into_owned();
        f.unit.set(unit_of(&encoding) as u8);
        *f.encoding.borrow_mut() = encoding;
        if given(2).is_none() {
            *f.errors.borrow_mut() = "strict".to_owned();
        }
    }
    if let Some(errors) = given(2) {
        let errors = vm.expect_str(errors, "reconfigure() argument 'errors'")?.into_owned();
        *f.errors.borrow_mut() = errors;
    }
    if let Some(by_line) = given(4) {
        let by_line = vm.is_true(by_line)?;
        f.by_line.set(by_line);
    }
    Ok(none())
}

/// A standard stream as an object.
pub(super) fn std_file(vm: &mut Vm, stream: Stream) -> PyResult {
    let name = vm.new_str(stream.name())?;
    let reads = stream == Stream::In;
    let raw = Raw::new(Backend::Std(stream), false, false);
    let buffer = vm.new_native(BinFile::new(raw, name, if reads { "rb" } else { "wb" }, reads, !reads))?;
    let errors = if stream == Stream::Err { "backslashreplace" } else { "strict" };
    let mode = if reads { "r" } else { "w" };
    let by_line = stream == Stream::Err || vm.stdio().is_terminal(stream);
    let mut file = TextFile::new(
        buffer,
        Some("utf-8".to_owned()),
        Some(errors.to_owned()),
        Newline::Universal,
        mode.to_owned(),
        by_line,
    );
    file.std = Some(stream);
    vm.new_native(file)
}
