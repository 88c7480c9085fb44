//! Writing text, and the standard streams, which write to the machine's buffer directly.

use super::{Wrapper, opened};
use crate::io::{buffered, unsupported};
use crate::prelude::{Args, Owned, PyResult, Ref, Vm, as_str, base_value, payload};
use hognose_vm::Stream;

/// Makes a stream one of the machine's own.
pub(in crate::io) fn mark_std(vm: &mut Vm, r: Ref<'_>, stream: Stream) {
    if let Some(w) = payload::<Wrapper>(r) {
        w.std.set(Some(stream));
        w.direct.set(stream != Stream::In);
        if stream == Stream::Out {
            vm.set_own_stdout(r, w.direct.clone());
        }
    }
}

/// Gives the buffer below what is pending.
pub(super) fn flush_pending(vm: &mut Vm, w: &Wrapper) -> PyResult<()> {
    if w.pending.borrow().is_empty() {
        return Ok(());
    }
    let data = {
        let mut pending = w.pending.borrow_mut();
        let data = vm.new_bytes(&pending)?;
        pending.truncate(0);
        data
    };
    let buffer = w.buffer();
    give(vm, &buffer, &data)
}

fn give(vm: &mut Vm, buffer: &Owned, data: &Owned) -> PyResult<()> {
    match buffered::exact(vm, buffer.as_ref()) {
        Some(b) if buffered::can_write(b) => {
            buffered::check_open(vm, b)?;
            buffered::write_bytes(vm, buffer.as_ref(), b, data).map(drop)
        }
        _ => vm.call_method(buffer.as_ref(), "write", &[data.as_ref()]).map(drop),
    }
}

pub(super) fn write(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let r = args.get(0);
    let text = args.get(1);
    let Some(s) = as_str(text) else {
        let class = vm.type_name(text);
        return Err(vm.type_error(&format!("write() argument must be str, not {class}")));
    };
    let n = s.char_len();
    if let Some(w) = payload::<Wrapper>(r).filter(|w| w.direct.get()) {
        write_direct(vm, w, text)?;
        return vm.new_int(n as i64);
    }
    let w = opened(vm, r)?;
    write_text(vm, w, text)?;
    vm.new_int(n as i64)
}

/// To a standard stream of the machine.
fn write_direct(vm: &mut Vm, w: &Wrapper, text: Ref<'_>) -> PyResult<()> {
    let s = as_str(text).ok_or_else(|| vm.type_error("a str is required"))?;
    let encoded;
    let bytes = if s.to_str().is_some() {
        s.as_bytes()
    } else {
        let errors = w.part(|s| s.errors_text.clone());
        encoded = vm.encode(base_value(text), "utf-8", &errors)?;
        hognose_vm::object::bytes::bytes_of(encoded.as_ref()).unwrap_or(&[])
    };
    let result = match w.std.get() {
        Some(Stream::Err) => vm.stdio().write_err(bytes),
        _ => vm.stdout().write(bytes),
    };
    if let Err(e) = result {
        return Err(vm.os_error(&e, None));
    }
    if w.std.get() == Some(Stream::Out)
        && (w.write_through.get()
            || w.line_buffering.get() && bytes.iter().any(|b| matches!(b, b'\n' | b'\r')))
        && let Err(e) = vm.stdout().flush()
    {
        return Err(vm.os_error(&e, None));
    }
    Ok(())
}

fn write_text(vm: &mut Vm, w: &Wrapper, text: Ref<'_>) -> PyResult<()> {
    let (encoder, errors, newline) = w.part(|s| (s.encoder.clone(), s.errors_text.clone(), s.write_newline));
    if matches!(encoder, super::Encoder::None) {
        return Err(unsupported(vm, "not writable"));
    }
    let s = as_str(text).ok_or_else(|| vm.type_error("a str is required"))?;
    let bytes = s.as_bytes();
    let has_lf = (newline.is_some() || w.line_buffering.get()) && bytes.contains(&b'\n');
    let flush = w.line_buffering.get() && (has_lf || bytes.contains(&b'\r'));
    let translated = match newline {
        Some(nl) if has_lf => {
            let mut out = Vec::with_capacity(bytes.len() + 16);
            for &b in bytes {
                if b == b'\n' { out.extend_from_slice(nl.as_bytes()) } else { out.push(b) }
            }
            Some(vm.new_str_bytes(&out)?)
        }
        _ => None,
    };
    let text = translated.as_ref().map_or(base_value(text), |t| t.as_ref());
    let data = encoder.encode(vm, text, &errors)?;
    let data = hognose_vm::object::bytes::bytes_of(data.as_ref()).unwrap_or(&[]);
    let chunk = w.chunk.get();
    if w.pending.borrow().len() + data.len() > chunk && !w.pending.borrow().is_empty() {
        flush_pending(vm, w)?;
    }
    if data.len() >= chunk {
        let data = vm.new_bytes(data)?;
        let buffer = w.buffer();
        give(vm, &buffer, &data)?;
    } else {
        w.pending.borrow_mut().extend_from_slice(vm.heap(), data)?;
    }
    if w.pending.borrow().len() >= chunk || flush || w.write_through.get() {
        flush_pending(vm, w)?;
    }
    if flush {
        let buffer = w.buffer();
        vm.call_method(buffer.as_ref(), "flush", &[])?;
    }
    w.forget_decoded();
    w.set_snapshot(None);
    let (decoder, translator) = w.part(|s| (s.decoder.clone(), s.translator.clone()));
    if !decoder.is_none() {
        decoder.reset(vm, translator.as_deref())?;
    }
    Ok(())
}
