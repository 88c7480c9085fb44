//! Newline translation: what reads lines, and `IncrementalNewlineDecoder`.

use super::add;
use crate::prelude::{
    Args, GetSetDef, NativeDef, Owned, PyResult, Ref, Slots, TypeDef, TypeFlags, ValueExt, Vm, as_str,
    payload, trace_fields,
};
use std::cell::{Cell, RefCell};

/// Kinds of newlines seen, as bits.
pub(super) const SEEN_CR: u8 = 1;
const SEEN_LF: u8 = 2;
const SEEN_CRLF: u8 = 4;

/// Translation of a text that comes in pieces.
pub(super) struct Translator {
    translate: Cell<bool>,
    pending_cr: Cell<bool>,
    pub seen: Cell<u8>,
}

impl Translator {
    pub fn new(translate: bool) -> Translator {
        Translator { translate: Cell::new(translate), pending_cr: Cell::new(false), seen: Cell::new(0) }
    }

    pub fn pending(&self) -> bool {
        self.pending_cr.get()
    }

    pub fn set_pending(&self, on: bool) {
        self.pending_cr.set(on);
    }

    /// The next piece; a `\r` at its end waits for what follows unless this is the last one.
    pub fn feed(&self, vm: &mut Vm, text: Ref<'_>, last: bool) -> PyResult {
        let input = as_str(text).map_or(&[][..], |s| s.as_bytes());
        let pending = self.pending_cr.get();
        if !pending && !input.contains(&b'\r') {
            if input.contains(&b'\n') {
                self.seen.set(self.seen.get() | SEEN_LF);
            }
            return Ok(crate::prelude::base_value(text).owned());
        }
        let mut owned = Vec::with_capacity(input.len() + 1);
        if pending && (last || !input.is_empty()) {
            owned.push(b'\r');
            self.pending_cr.set(false);
        }
        owned.extend_from_slice(input);
        if !last && owned.last() == Some(&b'\r') {
            owned.pop();
            self.pending_cr.set(true);
        }
        let mut out = Vec::with_capacity(owned.len());
        let (mut i, mut seen) = (0, self.seen.get());
        while i < owned.len() {
            match owned[i] {
                b'\r' if owned.get(i + 1) == Some(&b'\n') => {
                    seen |= SEEN_CRLF;
                    if !self.translate.get() {
                        out.push(b'\r');
                    }
                    out.push(b'\n');
                    i += 1;
                }
                b'\r' => {
                    seen |= SEEN_CR;
                    out.push(if self.translate.get() { b'\n' } else { b'\r' });
                }
                b'\n' => {
                    seen |= SEEN_LF;
                    out.push(b'\n');
                }
                b => out.push(b),
            }
            i += 1;
        }
        self.seen.set(seen);
        vm.new_str_bytes(&out)
    }

    /// `newlines`: None, a str or a tuple of those seen.
    pub fn newlines(&self, vm: &mut Vm) -> PyResult {
        let mut out = Vec::new();
        for (bit, text) in [(SEEN_CR, "\r"), (SEEN_LF, "\n"), (SEEN_CRLF, "\r\n")] {
            if self.seen.get() & bit != 0 {
                out.push(vm.new_str(text)?);
            }
        }
        match out.len() {
            0 => Ok(vm.none()),
            1 => Ok(out.remove(0)),
            _ => vm.new_tuple(out),
        }
    }

    pub fn reset(&self) {
        self.pending_cr.set(false);
        self.seen.set(0);
    }
}

/// `IncrementalNewlineDecoder`: a decoder around another one (or none) that translates newlines.
struct NewlineDecoder {
    decoder: RefCell<Owned>,
    translator: Translator,
}
trace_fields!(NewlineDecoder { decoder });

static TYPE: TypeDef = TypeDef {
    name: "_io.IncrementalNewlineDecoder",
    flags: TypeFlags::BASE_TYPE,
    doc: "Codec used when reading a file in universal newlines mode.\n\nIt wraps another incremental decoder, \
          translating \\r\\n and \\r into \\n.  It also records the types of newlines encountered.  When used with\n\
          translate=False, it ensures that the newline sequence is returned in\none piece. When used with \
          decoder=None, it expects unicode strings as\ndecode input and translates newlines without first invoking an \
          external\ndecoder.",
    slots: Slots { new: Some(new), init: Some(init), ..Slots::NONE },
    methods: &[
        NativeDef::method("decode", "$self, input, final=False", decode),
        NativeDef::method("getstate", "$self, /", getstate),
        NativeDef::method("setstate", "$self, state, /", setstate),
        NativeDef::method("reset", "$self, /", |vm, a| {
            let d = this(vm, a.get(0))?;
            d.translator.reset();
            let inner = d.decoder.borrow().clone();
            if inner.as_ref().is_none() {
                Ok(vm.none())
            } else {
                vm.call_method(inner.as_ref(), "reset", &[])
            }
        }),
    ],
    getset: &[GetSetDef::read("newlines", |vm, r| {
        let d = this(vm, r)?;
        d.translator.newlines(vm)
    })],
    ..TypeDef::EMPTY
};

pub(super) fn register(vm: &mut Vm, module: &Owned) -> PyResult<()> {
    let class = vm.add_native_type::<NewlineDecoder>(&TYPE)?;
    add(vm, module, class)
}

fn this<'a>(vm: &mut Vm, r: Ref<'a>) -> PyResult<&'a NewlineDecoder> {
    match payload::<NewlineDecoder>(r) {
        Some(d) if d.decoder.borrow().is_null() => {
            Err(vm.value_error("IncrementalNewlineDecoder.__init__() not called"))
        }
        Some(d) => Ok(d),
        None => Err(vm.type_error("an IncrementalNewlineDecoder is required")),
    }
}

fn new(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let fresh = NewlineDecoder { decoder: RefCell::new(Owned::null()), translator: Translator::new(false) };
    crate::prelude::instance(vm, args.get(0), fresh)
}

fn init(vm: &mut Vm, args: &Args<'_>) -> PyResult<()> {
    let bound = vm.bind(args, "IncrementalNewlineDecoder", "decoder, translate, errors='strict'")?;
    let Some(d) = payload::<NewlineDecoder>(args.get(0)) else { return Ok(()) };
    let (Some(decoder), Some(translate)) = (bound.pos[0], bound.pos[1]) else { return Ok(()) };
    let translate = vm.is_true(translate)?;
    d.decoder.replace(decoder.owned());
    d.translator.translate.set(translate);
    d.translator.reset();
    Ok(())
}

fn decode(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let d = this(vm, args.get(0))?;
    let last = crate::host::flag(vm, args.opt(2), false)?;
    let inner = d.decoder.borrow().clone();
    let text = if inner.as_ref().is_none() {
        args.get(1).owned()
    } else {
        let flag = hognose_vm::owned_bool(last);
        vm.call_method(inner.as_ref(), "decode", &[args.get(1), flag.as_ref()])?
    };
    if as_str(text.as_ref()).is_none() {
        let class = vm.type_name(text.as_ref());
        let text = format!("decoder should return a string result, not '{class}'");
        return Err(vm.type_error(&text));
    }
    d.translator.feed(vm, text.as_ref(), last)
}

fn getstate(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    use num_traits::ToPrimitive;
    let d = this(vm, args.get(0))?;
    let inner = d.decoder.borrow().clone();
    let (buffer, flag) = if inner.as_ref().is_none() {
        (vm.new_bytes(b"")?, 0u64)
    } else {
        let state = vm.call_method(inner.as_ref(), "getstate", &[])?;
        match hognose_vm::tuple_items(state.as_ref()) {
            [b, f] => {
                let f = vm.index_bigint(*f)?;
                (b.owned(), f.to_u64().unwrap_or(0))
            }
            _ => return Err(vm.type_error("illegal decoder state")),
        }
    };
    let flag = flag << 1 | u64::from(d.translator.pending());
    let flag = vm.new_bigint(&num_bigint::BigInt::from(flag))?;
    vm.new_pair(buffer, flag)
}

fn setstate(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    use num_traits::ToPrimitive;
    let d = this(vm, args.get(0))?;
    if !args.get(1).is_exact(hognose_vm::Layout::Tuple) {
        return Err(vm.type_error("state argument must be a tuple"));
    }
    let [buffer, flag] = hognose_vm::tuple_items(args.get(1)) else {
        return Err(vm.type_error("setstate(): illegal state argument"));
    };
    if !hognose_vm::is_int(*flag) {
        return Err(vm.type_error("setstate(): illegal state argument"));
    }
    let flag = vm.index_bigint(*flag)?.to_u64().unwrap_or(0);
    d.translator.set_pending(flag & 1 == 1);
    let inner = d.decoder.borrow().clone();
    if inner.as_ref().is_none() {
        return Ok(vm.none());
    }
    let flag = vm.new_bigint(&num_bigint::BigInt::from(flag >> 1))?;
    let state = vm.new_pair(buffer.owned(), flag)?;
    vm.call_method(inner.as_ref(), "setstate", &[state.as_ref()])
}

/// How lines end when a text is read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Lines {
    /// At `\n`.
    Lf,
    /// At `\n`, `\r` and `\r\n`.
    Universal,
    /// At `\r`.
    Cr,
    /// At `\r\n`.
    CrLf,
}

impl Lines {
    /// For a `newline` argument; the second says whether `\n` is what all become.
    pub fn of(newline: Option<&str>) -> (Lines, bool) {
        match newline {
            None => (Lines::Lf, true),
            Some("") => (Lines::Universal, false),
            Some("\r") => (Lines::Cr, false),
            Some("\r\n") => (Lines::CrLf, false),
            _ => (Lines::Lf, false),
        }
    }

    /// Length of the first line of the text with its end; none when the text has no complete line.
    pub fn end(self, text: &[u8]) -> Option<usize> {
        match self {
            Lines::Lf => text.iter().position(|&b| b == b'\n').map(|i| i + 1),
            Lines::Cr => text.iter().position(|&b| b == b'\r').map(|i| i + 1),
            Lines::CrLf => text.windows(2).position(|w| w == b"\r\n").map(|i| i + 2),
            Lines::Universal => {
                let i = text.iter().position(|&b| b == b'\n' || b == b'\r')?;
                Some(if text[i] == b'\r' && text.get(i + 1) == Some(&b'\n') { i + 2 } else { i + 1 })
            }
        }
    }
}

/// Checks a `newline` argument.
pub(super) fn check(vm: &mut Vm, newline: Option<Ref<'_>>, function: &str) -> PyResult<Option<String>> {
    let Some(r) = newline.filter(|n| !n.is_none()) else { return Ok(None) };
    let Some(s) = as_str(r) else {
        let class = vm.type_name(r);
        let text = format!("{function}() argument 'newline' must be str or None, not {class}");
        return Err(vm.type_error(&text));
    };
    let text = s.to_lossy().into_owned();
    if matches!(text.as_str(), "" | "\n" | "\r" | "\r\n") {
        return Ok(Some(text));
    }
    let shown = vm.repr_text(r)?;
    Err(vm.value_error(&format!("illegal newline value: {shown}")))
}
