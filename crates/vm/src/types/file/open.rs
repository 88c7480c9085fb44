//! `open()`: modes, and what is made from them.

use super::binary::BinFile;
use super::raw::{Backend, Raw};
use super::text::{Newline, TextFile};
use super::{os_error, unsupported};
use crate::args::Args;
use crate::builtins::fs_path;
use crate::text::{as_str, str_bytes};
use crate::types::int::number::num_of;
use crate::{PyResult, Vm};
use hognose_object::{Owned, Ref, ValueExt};
use std::ffi::OsStr;
use std::fs::{File, OpenOptions};
use std::os::unix::ffi::OsStrExt;

#[derive(Default)]
struct Mode {
    creating: bool,
    reading: bool,
    writing: bool,
    appending: bool,
    updating: bool,
    binary: bool,
}

fn parse_mode(vm: &mut Vm, text: &str) -> PyResult<Mode> {
    let mut mode = Mode::default();
    let (mut is_text, mut seen) = (false, String::new());
    for c in text.chars() {
        let place = match c {
            'x' => &mut mode.creating,
            'r' => &mut mode.reading,
            'w' => &mut mode.writing,
            'a' => &mut mode.appending,
            '+' => &mut mode.updating,
            't' => &mut is_text,
            'b' => &mut mode.binary,
            _ => return Err(vm.value_error(&format!("invalid mode: '{text}'"))),
        };
        if seen.contains(c) {
            return Err(vm.value_error(&format!("invalid mode: '{text}'")));
        }
        *place = true;
        seen.push(c);
    }
    if is_text && mode.binary {
        return Err(vm.value_error("can't have text and binary mode at once"));
    }
    let kinds = [mode.creating, mode.reading, mode.writing, mode.appending];
    if kinds.iter().filter(|&&k| k).count() != 1 {
        return Err(vm.value_error("must have exactly one of create/read/write/append mode"));
    }
    Ok(mode)
}

/// A str argument that may be None or absent.
fn optional_text(vm: &mut Vm, r: Option<Ref<'_>>, name: &str) -> PyResult<Option<String>> {
    let Some(r) = r.filter(|r| !r.is_none()) else { return Ok(None) };
    match as_str(r) {
        Some(s) => Ok(Some(s.to_lossy().into_owned())),
        None => {
            let class = vm.type_name(r);
            Err(vm.type_error(&format!("open() argument '{name}' must be str or None, not {class}")))
        }
    }
}

/// `open(file, mode, buffering, encoding, errors, newline, closefd, opener)`
pub(crate) fn open(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let text_mode = match args.opt(1) {
        Some(m) if as_str(m).is_none() => {
            let class = vm.type_name(m);
            return Err(vm.type_error(&format!("open() argument 'mode' must be str, not {class}")));
        }
        Some(m) => String::from_utf8_lossy(str_bytes(m)).into_owned(),
        None => "r".to_owned(),
    };
    let buffering = match args.opt(2) {
        Some(n) => vm.index_i32(n)?,
        None => -1,
    };
    let encoding = optional_text(vm, args.opt(3), "encoding")?;
    let errors = optional_text(vm, args.opt(4), "errors")?;
    let newline = optional_text(vm, args.opt(5), "newline")?;
    let close_fd = match args.opt(6) {
        Some(c) => vm.is_true(c)?,
        None => true,
    };
    let opener = args.opt(7).filter(|o| !o.is_none());
    // The kind of argument is checked before the mode.
    let target = Target::of(vm, args.get(0))?;
    let mode = parse_mode(vm, &text_mode)?;
    if mode.binary {
        for (given, name) in [(&encoding, "encoding"), (&errors, "errors"), (&newline, "newline")] {
            if given.is_some() {
                let article = if name == "encoding" { "an" } else { "a" };
                let article = if name == "errors" { "an" } else { article };
                return Err(vm.value_error(&format!("binary mode doesn't take {article} {name} argument")));
            }
        }
    }
    let file = open_file(vm, args.get(0), target, &mode, close_fd, opener)?;
    if !mode.binary && buffering == 0 {
        return Err(vm.value_error("can't have unbuffered text I/O"));
    }
    let raw = Raw::new(Backend::File(file), buffering == 0, close_fd);
    let readable = mode.reading || mode.updating;
    let writable = !mode.reading || mode.updating;
    let raw_mode = raw_mode(&mode);
    let buffer = BinFile::new(raw, args.get(0).owned(), raw_mode, readable, writable);
    let buffer = vm.new_native(buffer)?;
    if mode.binary {
        return Ok(buffer);
    }
    let newline = match newline.as_deref() {
        None => Newline::Universal,
        Some("") => Newline::Any,
        Some("\n") => Newline::Lf,
        Some("\r") => Newline::Cr,
        Some("\r\n") => Newline::CrLf,
        Some(other) => return Err(vm.value_error(&format!("illegal newline value: {other}"))),
    };
    let by_line = buffering == 1 || (buffering < 0 && is_terminal(vm, buffer.as_ref()));
    let file = TextFile::new(buffer, encoding, errors, newline, text_mode, by_line);
    vm.new_native(file)
}

fn is_terminal(vm: &mut Vm, buffer: Ref<'_>) -> bool {
    hognose_object::native::payload::<BinFile>(buffer).is_some_and(|b| b.is_terminal(vm))
}

fn raw_mode(mode: &Mode) -> &'static str {
    match (mode.creating, mode.appending, mode.reading, mode.updating) {
        (true, _, _, false) => "xb",
        (true, _, _, true) => "xb+",
        (_, true, _, false) => "ab",
        (_, true, _, true) => "ab+",
        (_, _, true, false) => "rb",
        (_, _, _, true) => "rb+",
        _ => "wb",
    }
}

enum Target {
    Fd(i32),
    Path(Vec<u8>),
}

impl Target {
    fn of(vm: &mut Vm, r: Ref<'_>) -> PyResult<Target> {
        if num_of(r).is_some() {
            let fd = vm.index_i32(r)?;
            if fd < 0 {
                return Err(vm.value_error("negative file descriptor"));
            }
            return Ok(Target::Fd(fd));
        }
        let path = fs_path(vm, r)?;
        if path.contains(&0) {
            return Err(vm.value_error("embedded null byte"));
        }
        Ok(Target::Path(path))
    }
}

fn open_file(
    vm: &mut Vm,
    name: Ref<'_>,
    target: Target,
    mode: &Mode,
    close_fd: bool,
    opener: Option<Ref<'_>>,
) -> PyResult<File> {
    let path = match target {
        Target::Fd(fd) => {
            let file = Raw::from_fd(fd);
            return match file.metadata() {
                Ok(_) => Ok(file),
                Err(e) => {
                    // A descriptor that is not open is not closed.
                    let _ = std::os::fd::IntoRawFd::into_raw_fd(file);
                    Err(os_error(vm, &e, Some(name)))
                }
            };
        }
        Target::Path(path) => path,
    };
    if !close_fd {
        return Err(vm.value_error("Cannot use closefd=False with file name"));
    }
    if let Some(opener) = opener {
        let fd = open_with(vm, name, mode, opener)?;
        return Ok(Raw::from_fd(fd));
    }
    let mut options = OpenOptions::new();
    options
        .read(mode.reading || mode.updating)
        .write(mode.writing || mode.creating || (mode.reading && mode.updating))
        .append(mode.appending)
        .truncate(mode.writing)
        .create(mode.writing || mode.appending)
        .create_new(mode.creating);
    let opened = options.open(OsStr::from_bytes(&path)).and_then(|f| {
        let directory = f.metadata()?.is_dir();
        if directory { Err(std::io::Error::from_raw_os_error(libc::EISDIR)) } else { Ok(f) }
    });
    opened.map_err(|e| os_error(vm, &e, Some(name)))
}

fn open_with(vm: &mut Vm, name: Ref<'_>, mode: &Mode, opener: Ref<'_>) -> PyResult<i32> {
    let access = match (mode.reading, mode.updating) {
        (_, true) => libc::O_RDWR,
        (true, false) => libc::O_RDONLY,
        _ => libc::O_WRONLY,
    };
    let more = match mode {
        Mode { creating: true, .. } => libc::O_EXCL | libc::O_CREAT,
        Mode { writing: true, .. } => libc::O_CREAT | libc::O_TRUNC,
        Mode { appending: true, .. } => libc::O_APPEND | libc::O_CREAT,
        _ => 0,
    };
    let flags = vm.new_int(i64::from(access | more | libc::O_CLOEXEC))?;
    let fd: Owned = vm.call(opener, &[name, flags.as_ref()])?;
    if num_of(fd.as_ref()).is_none() {
        return Err(vm.type_error("expected integer from opener"));
    }
    let fd = vm.index_i32(fd.as_ref())?;
    if fd < 0 {
        return Err(unsupported(vm, &format!("opener returned {fd}")));
    }
    Ok(fd)
}
