//! `reconfigure()`: another encoding, newline or buffering for an open stream.

use super::codec::{self, Native};
use super::{Encoder, Wrapper, this, write_newline};
use crate::io::newline::{Lines, Translator, check};
use crate::io::{text_or_none, unsupported};
use crate::prelude::{Args, PyResult, ValueExt, Vm, as_str};
use std::rc::Rc;

pub(super) fn reconfigure(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let r = args.get(0);
    let w = this(vm, r)?;
    let given = |i: usize| args.opt(i).filter(|v| !v.is_none());
    let newline = args.opt(3);
    let encoding = text_or_none(vm, args.opt(1), "reconfigure", "'encoding'")?;
    let errors = text_or_none(vm, args.opt(2), "reconfigure", "'errors'")?;
    let read_something = w.part(|s| s.snapshot.is_some()) || !w.decoded.borrow().is_empty();
    if read_something && (encoding.is_some() || errors.is_some() || newline.is_some()) {
        let text = "It is not possible to set the encoding or newline of stream after the first read";
        return Err(unsupported(vm, text));
    }
    let newline_text = match newline {
        Some(n) => Some(check(vm, Some(n), "reconfigure")?),
        None => None,
    };
    let line_buffering = match given(4) {
        Some(v) => vm.is_true(v)?,
        None => w.line_buffering.get(),
    };
    let write_through = match given(5) {
        Some(v) => vm.is_true(v)?,
        None => w.write_through.get(),
    };
    vm.call_method(r, "flush", &[])?;
    if encoding.is_some() || errors.is_some() || newline.is_some() {
        change(vm, w, encoding, errors, newline_text)?;
    }
    w.line_buffering.set(line_buffering);
    w.write_through.set(write_through);
    Ok(vm.none())
}

fn change(
    vm: &mut Vm,
    w: &Wrapper,
    encoding: Option<String>,
    errors: Option<String>,
    newline: Option<Option<String>>,
) -> PyResult<()> {
    let (old_encoding, old_errors, buffer) =
        w.part(|s| (s.encoding.clone(), s.errors_text.to_string(), s.buffer.clone()));
    let errors_text = match (&errors, &encoding) {
        (Some(e), _) => e.clone(),
        (None, Some(_)) => "strict".to_owned(),
        (None, None) => old_errors,
    };
    let encoding = match encoding {
        Some(e) if e == "locale" => "UTF-8".to_owned(),
        Some(e) => e,
        None => vm.text_of(old_encoding.as_ref()),
    };
    let (reads, writes) = w.part(|s| (!s.decoder.is_none(), !matches!(s.encoder, Encoder::None)));
    let errors = vm.new_str(&errors_text)?;
    let (decoder, encoder) = codec::make(vm, &encoding, &errors, reads, writes)?;
    if w.seekable.get() && writes {
        let at = vm.call_method(buffer.as_ref(), "tell", &[])?;
        if vm.index_bigint(at.as_ref())? != num_bigint::BigInt::ZERO {
            encoder.set_start(vm, false)?;
        }
    }
    // The machine's own streams know UTF-8 only.
    w.direct.set(w.direct.get() && Native::find(&encoding) == Some(Native::Utf8) && newline.is_none());
    let encoding = vm.new_str(&encoding)?;
    let old = {
        let mut state = w.state.borrow_mut();
        let Some(s) = state.as_mut() else { return Ok(()) };
        if let Some(newline) = newline {
            let (lines, translate) = Lines::of(newline.as_deref());
            let universal = reads && (translate || lines == Lines::Universal);
            s.translator = universal.then(|| Rc::new(Translator::new(translate)));
            s.lines = lines;
            s.write_newline = write_newline(newline.as_deref());
        }
        s.errors_text = errors_text.as_str().into();
        (
            std::mem::replace(&mut s.encoding, encoding),
            std::mem::replace(&mut s.errors, errors),
            std::mem::replace(&mut s.decoder, Rc::new(decoder)),
            std::mem::replace(&mut s.encoder, encoder),
        )
    };
    drop(old);
    debug_assert!(as_str(w.part(|s| s.errors.clone()).as_ref()).is_some());
    Ok(())
}
