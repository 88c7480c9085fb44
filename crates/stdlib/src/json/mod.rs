//! The module `_json`: what `json` does most, reading and writing text.
//!
//!   scan.rs    text ─► values       (make_scanner)
//!   encode.rs  values ─► text       (make_encoder)
//!   text.rs    strings, both ways   (scanstring, encode_basestring…)
//!
//! Invariant: places in a text are byte offsets here and become character indices only where Python sees them.

mod encode;
mod scan;
mod text;

use crate::prelude::{Args, NativeDef, Owned, PyResult, Raised, Ref, Vm, as_str, base_value, new_module};
use hognose_vm::StrRef;

/// Order matters: see [`Quoting`].
static FUNCTIONS: [NativeDef; 3] = [
    NativeDef::function("encode_basestring", "object, /", |vm, a| text::encode(vm, a, false)),
    NativeDef::function("encode_basestring_ascii", "object, /", |vm, a| text::encode(vm, a, true)),
    NativeDef::function("scanstring", "*args", text::scanstring),
];

/// How strings are written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Quoting {
    /// By `encode_basestring`.
    Plain,
    /// By `encode_basestring_ascii`.
    Ascii,
    /// By some function of the program's.
    Call,
}

impl Quoting {
    /// What the function given as encoder does.
    fn of(encoder: Ref<'_>) -> Quoting {
        match hognose_vm::native_def(encoder) {
            Some(d) if std::ptr::eq(d, &raw const FUNCTIONS[0]) => Quoting::Plain,
            Some(d) if std::ptr::eq(d, &raw const FUNCTIONS[1]) => Quoting::Ascii,
            _ => Quoting::Call,
        }
    }
}

/// Makes the module.
pub fn make(vm: &mut Vm) -> PyResult {
    let module = new_module(vm, "_json", "json speedups\n", &FUNCTIONS)?;
    scan::register(vm, module.as_ref())?;
    encode::register(vm, module.as_ref())?;
    Ok(module)
}

/// JSONDecodeError; `at` is a byte offset into the document, or -1 before its begin.
#[cold]
fn decode_error(vm: &mut Vm, message: &str, doc: Ref<'_>, at: isize) -> Raised {
    let at = match (usize::try_from(at), as_str(doc)) {
        (Ok(at), Some(s)) => char_index(s, at) as i64,
        _ => at as i64,
    };
    let made = vm.import_dotted("json.decoder").and_then(|module| {
        let class = vm.get_attr_name(module.as_ref(), "JSONDecodeError")?;
        let (message, at) = (vm.new_str(message)?, vm.new_int(at)?);
        vm.call(class.as_ref(), &[message.as_ref(), doc, at.as_ref()])
    });
    match made {
        Ok(exc) => vm.raise_object(exc),
        Err(e) => e,
    }
}

/// The index of the character at a byte offset.
fn char_index(s: StrRef<'_>, byte: usize) -> usize {
    s.char_index(byte.min(s.as_bytes().len()))
}

/// An argument that must be a str: the exact one in it.
fn str_arg<'a>(vm: &mut Vm, r: Ref<'a>) -> PyResult<StrRef<'a>> {
    match StrRef::new(base_value(r)) {
        Some(s) => Ok(s),
        None => {
            let class = vm.type_name(r);
            Err(vm.type_error(&format!("first argument must be a string, not {class}")))
        }
    }
}

/// What was read, and where reading goes on.
fn found(vm: &mut Vm, doc: StrRef<'_>, value: Owned, next: usize) -> PyResult {
    let next = vm.new_int(char_index(doc, next) as i64)?;
    vm.new_pair(value, next)
}

/// The only argument of `scanner(string, idx)` and the like, by position or by name.
fn two_args<'a>(
    vm: &mut Vm,
    a: &Args<'a>,
    name: &str,
    sig_text: &'static str,
) -> PyResult<(Ref<'a>, Ref<'a>)> {
    let bound = vm.bind(a, name, sig_text)?;
    match bound.pos[..] {
        [Some(first), Some(second)] => Ok((first, second)),
        _ => Err(vm.type_error(&format!("{name}() takes exactly 2 arguments"))),
    }
}
