//! `open()` and its relatives, and the standard streams.

use super::{DEFAULT_BUFFER, Io, ask, buffered, file, text};
use crate::prelude::{Args, Exc, Owned, PyResult, Ref, ValueExt, Vm, as_str, base_value, is_int};
use hognose_vm::Stream;

struct Mode {
    raw: String,
    reading: bool,
    updating: bool,
    binary: bool,
}

fn parse_mode(vm: &mut Vm, mode: &str) -> PyResult<Mode> {
    let bad = |vm: &mut Vm| vm.value_error(&format!("invalid mode: '{mode}'"));
    let mut seen = String::new();
    for c in mode.chars() {
        if !"xrwa+tb".contains(c) || seen.contains(c) {
            return Err(bad(vm));
        }
        seen.push(c);
    }
    let has = |c: char| seen.contains(c);
    if has('t') && has('b') {
        return Err(vm.value_error("can't have text and binary mode at once"));
    }
    if "xrwa".chars().filter(|c| has(*c)).count() != 1 {
        return Err(vm.value_error("must have exactly one of create/read/write/append mode"));
    }
    let raw = ['x', 'r', 'w', 'a', '+'].into_iter().filter(|c| has(*c)).collect();
    Ok(Mode { raw, reading: has('r'), updating: has('+'), binary: has('b') })
}

/// The path of a file argument: an object with `__fspath__` becomes its text.
fn path_or_fd(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    if as_str(r).is_some() || crate::host::is_bytes(r) || is_int(base_value(r)) {
        return Ok(r.owned());
    }
    let name = vm.intern("__fspath__")?;
    if let Some(p) = vm.call_special(r, name.as_ref(), &[])? {
        if as_str(p.as_ref()).is_none() && !crate::host::is_bytes(p.as_ref()) {
            let (class, got) = (vm.type_name(r), vm.type_name(p.as_ref()));
            let text = format!("expected {class}.__fspath__() to return str or bytes, not {got}");
            return Err(vm.type_error(&text));
        }
        return Ok(p);
    }
    if vm.class_of(r).slots().index.is_some() {
        return vm.index(r);
    }
    let class = vm.type_name(r);
    Err(vm.type_error(&format!("expected str, bytes or os.PathLike object, not {class}")))
}

pub(super) fn open(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let mode_text = match args.opt(1) {
        Some(m) => match as_str(m) {
            Some(s) => s.to_lossy().into_owned(),
            None => {
                let class = vm.type_name(m);
                return Err(vm.type_error(&format!("open() argument 'mode' must be str, not {class}")));
            }
        },
        None => "r".to_owned(),
    };
    let buffering = crate::host::int_or(vm, args.opt(2), -1)?;
    for (i, name) in [(3, "'encoding'"), (4, "'errors'"), (5, "'newline'")] {
        super::text_or_none(vm, args.opt(i), "open", name)?;
    }
    let close_fd = crate::host::flag(vm, args.opt(6), true)?;
    let target = path_or_fd(vm, args.get(0))?;
    let mode = parse_mode(vm, &mode_text)?;
    let given = |i: usize| args.opt(i).filter(|v| !v.is_none());
    if mode.binary {
        for (i, text) in [
            (3, "binary mode doesn't take an encoding argument"),
            (4, "binary mode doesn't take an errors argument"),
            (5, "binary mode doesn't take a newline argument"),
        ] {
            if given(i).is_some() {
                return Err(vm.value_error(text));
            }
        }
        if buffering == 1 {
            let text = "line buffering (buffering=1) isn't supported in binary mode, the default buffer size will \
                        be used";
            vm.warn(Exc::RuntimeWarning, text)?;
        }
    }
    let Some(class) = vm.state::<Io>().file else {
        return Err(vm.runtime_error("the module _io is not complete"));
    };
    let raw_mode = vm.new_str(&mode.raw)?;
    let close_fd = hognose_vm::owned_bool(close_fd);
    let opener = args.opt(7).map_or_else(|| vm.none(), |o| o.owned());
    let raw =
        vm.call(class.as_ref(), &[target.as_ref(), raw_mode.as_ref(), close_fd.as_ref(), opener.as_ref()])?;
    match layers(vm, args, &raw, &mode, buffering, &mode_text) {
        Ok(stream) => Ok(stream),
        Err(e) => {
            // What was opened is closed again; the first error counts.
            let error = vm.catch(e);
            if let Err(second) = vm.call_method(raw.as_ref(), "close", &[]) {
                vm.discard(second);
            }
            Err(vm.raise_object(error))
        }
    }
}

/// What stands on the raw file.
fn layers(vm: &mut Vm, args: &Args<'_>, raw: &Owned, mode: &Mode, buffering: i32, text: &str) -> PyResult {
    let terminal = if buffering < 0 { ask(vm, raw.as_ref(), "_isatty_open_only")? } else { false };
    let line_buffering = buffering == 1 && !mode.binary || buffering < 0 && terminal;
    let size = match buffering {
        0 => {
            if !mode.binary {
                return Err(vm.value_error("can't have unbuffered text I/O"));
            }
            return Ok(raw.clone());
        }
        n if n > 1 => n as usize,
        _ => {
            let block = vm.get_attr_name(raw.as_ref(), "_blksize")?;
            let block = vm.index_isize(block.as_ref(), false)?;
            (block.max(1) as usize).clamp(DEFAULT_BUFFER, 8 << 20)
        }
    };
    let (reads, writes) = match (mode.updating, mode.reading) {
        (true, _) => (true, true),
        (false, reading) => (reading, !reading),
    };
    let buffer = buffered::make(vm, raw, reads, writes, size)?;
    if mode.binary {
        return Ok(buffer);
    }
    let Some(class) = vm.state::<Io>().text else { return Ok(buffer) };
    let none = vm.none();
    let or_none = |i: usize| args.opt(i).unwrap_or(none.as_ref());
    let by_line = hognose_vm::owned_bool(line_buffering);
    let parts = [buffer.as_ref(), or_none(3), or_none(4), or_none(5), by_line.as_ref()];
    let stream = vm.call(class.as_ref(), &parts)?;
    let (name, value) = (vm.intern("mode")?, vm.new_str(text)?);
    vm.set_attr(stream.as_ref(), name.as_ref(), Some(value.as_ref()))?;
    Ok(stream)
}

pub(super) fn open_code(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    if as_str(args.get(0)).is_none() {
        let class = vm.type_name(args.get(0));
        return Err(vm.type_error(&format!("open_code() argument 'path' must be str, not {class}")));
    }
    let mode = vm.new_str("rb")?;
    let io = vm.import_dotted("_io")?;
    vm.call_method(io.as_ref(), "open", &[args.get(0), mode.as_ref()])
}

pub(super) fn text_encoding(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    if let Some(level) = args.opt(1) {
        vm.index_i32(level)?;
    }
    if args.get(0).is_none() { vm.new_str("locale") } else { Ok(args.get(0).owned()) }
}

/// `sys.stdin`, `sys.stdout`, `sys.stderr` and their originals.
pub(super) fn std_streams(vm: &mut Vm) -> PyResult<()> {
    let sys = vm.sys_dict().owned();
    for (stream, name, original) in [
        (Stream::In, "stdin", "__stdin__"),
        (Stream::Out, "stdout", "__stdout__"),
        (Stream::Err, "stderr", "__stderr__"),
    ] {
        let raw = file::std_file(vm, stream)?;
        let buffer = buffered::make(vm, &raw, stream == Stream::In, stream != Stream::In, 8192)?;
        let Some(class) = vm.state::<Io>().text else { return Ok(()) };
        let encoding = vm.new_str("utf-8")?;
        let errors = vm.new_str(if stream == Stream::Err { "backslashreplace" } else { "strict" })?;
        let none = vm.none();
        let newline = if stream == Stream::In { none } else { vm.new_str("\n")? };
        let by_line = stream == Stream::Err || vm.stdio().is_terminal(stream);
        let by_line = hognose_vm::owned_bool(by_line);
        let parts = [buffer.as_ref(), encoding.as_ref(), errors.as_ref(), newline.as_ref(), by_line.as_ref()];
        let object = vm.call(class.as_ref(), &parts)?;
        let (key, mode) = (vm.intern("mode")?, vm.new_str(if stream == Stream::In { "r" } else { "w" })?);
        vm.set_attr(object.as_ref(), key.as_ref(), Some(mode.as_ref()))?;
        text::mark_std(vm, object.as_ref(), stream);
        vm.dict_set_name(sys.as_ref(), name, object.clone())?;
        vm.dict_set_name(sys.as_ref(), original, object)?;
    }
    Ok(())
}
