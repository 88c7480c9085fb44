//! Constructors: `bytes(…)`, `bytearray(…)`, `fromhex`.

use super::codecs;
use super::container::{self, copy_of, exact};
use crate::args::Args;
use crate::class::TypeRef;
use crate::exceptions::Exc;
use crate::text::as_str;
use crate::types::str::build::TextBuf;
use crate::types::str::index::is_index;
use crate::types::str::str_arg;
use crate::{PyResult, Vm};
use hognose_object::{Owned, Ref, ValueExt, int};
use num_traits::ToPrimitive;

/// `bytes.__new__`
pub fn new_bytes(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let Some(class) = TypeRef::new(args.get(0)) else {
        return Err(vm.type_error("bytes.__new__(X): X is not a type object"));
    };
    let value = contents(vm, args, "bytes")?;
    if class == vm.types().bytes { Ok(value) } else { vm.wrap_new(class, value) }
}

/// `bytearray.__new__`
pub fn new_array(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let Some(class) = TypeRef::new(args.get(0)) else {
        return Err(vm.type_error("bytearray.__new__(X): X is not a type object"));
    };
    let object = vm.alloc_for(class)?;
    container::change(vm, object.as_ref(), |data, _| {
        // An empty instance is all zero; an empty vector has a dangling buffer.
        std::mem::forget(std::mem::take(data));
    })?;
    Ok(object)
}

/// `bytearray.__init__`
pub fn init_array(vm: &mut Vm, args: &Args<'_>) -> PyResult<()> {
    let value = contents(vm, args, "bytearray")?;
    container::check_resizable(vm, args.get(0))?;
    container::change(vm, args.get(0), |data, heap| {
        data.truncate(0);
        data.extend_from_slice(heap, exact(value.as_ref()))
    })??;
    Ok(())
}

/// What the arguments describe, as an exact bytes object.
fn contents(vm: &mut Vm, args: &Args<'_>, name: &str) -> PyResult {
    let bound = vm.bind(args, name, "source=b'', encoding='utf-8', errors='strict'")?;
    let (source, encoding, errors) = (bound.pos[0], bound.pos[1], bound.pos[2]);
    let mut names = ["utf-8".to_string(), "strict".to_string()];
    for (i, (what, given)) in [("encoding", encoding), ("errors", errors)].into_iter().enumerate() {
        if let Some(r) = given {
            let what = format!("{name}() argument '{what}'");
            names[i] = str_arg(vm, r, &what)?.to_lossy().into_owned();
        }
    }
    let Some(source) = source else {
        if encoding.is_some() || errors.is_some() {
            let what = if encoding.is_some() { "encoding" } else { "errors" };
            return Err(vm.type_error(&format!("{what} without a string argument")));
        }
        return vm.new_bytes(b"");
    };
    if as_str(source).is_some() {
        if encoding.is_none() {
            return Err(vm.type_error("string argument without an encoding"));
        }
        return codecs::encode(vm, source, &names[0], &names[1]);
    }
    if encoding.is_some() || errors.is_some() {
        let what = if encoding.is_some() { "encoding" } else { "errors" };
        return Err(vm.type_error(&format!("{what} without a string argument")));
    }
    from_object(vm, source, name)
}

/// `bytes(x)` for anything but a str.
pub fn from_object(vm: &mut Vm, source: Ref<'_>, name: &str) -> PyResult {
    if source.is_exact(hognose_object::Layout::Bytes) {
        return Ok(source.owned());
    }
    if name == "bytes"
        && let Some(b) = special_bytes(vm, source)?
    {
        return Ok(b);
    }
    if is_index(vm, source) {
        match vm.index_isize(source, false) {
            Ok(n) if n < 0 => return Err(vm.value_error("negative count")),
            Ok(n) => {
                let mut w = container::BytesWriter::new(vm, n as usize)?;
                w.fill(0, n as usize);
                return Ok(w.finish());
            }
            Err(e) if vm.raised_is(&e, Exc::TypeError) => vm.discard(e),
            Err(e) => return Err(e),
        }
    }
    if let Some(b) = copy_of(vm, source)? {
        return Ok(b);
    }
    let slots = vm.class_of(source).slots();
    if slots.iter.is_none() && slots.getitem.is_none() {
        let class = vm.type_name(source);
        return Err(vm.type_error(&format!("cannot convert '{class}' object to {name}")));
    }
    let message =
        if name == "bytes" { "bytes must be in range(0, 256)" } else { "byte must be in range(0, 256)" };
    let buf = collect(vm, source, message)?;
    buf.to_bytes(vm)
}

/// What `__bytes__` gives, if the class has it.
pub fn special_bytes(vm: &mut Vm, r: Ref<'_>) -> PyResult<Option<Owned>> {
    if super::container::plain(vm.heap(), r).is_some() && crate::class::base_value(r).is(r) {
        return Ok(None);
    }
    let name = vm.names().__bytes__;
    let Some(b) = vm.call_special(r, name, &[])? else { return Ok(None) };
    if hognose_object::bytes::bytes_of(crate::class::base_value(b.as_ref())).is_none() {
        let class = vm.type_name(b.as_ref());
        return Err(vm.type_error(&format!("__bytes__ returned non-bytes (type {class})")));
    }
    Ok(Some(crate::class::base_value(b.as_ref()).owned()))
}

/// The bytes an iterable of ints yields.
pub fn collect(vm: &mut Vm, source: Ref<'_>, message: &str) -> PyResult<TextBuf> {
    let mut it = vm.iterate(source)?;
    let mut buf = TextBuf::new();
    while let Some(x) = it.next(vm)? {
        let b = byte_of(vm, x.as_ref(), message)?;
        buf.push_byte(vm, b)?;
    }
    Ok(buf)
}

/// An int in `range(256)`; ValueError with this message otherwise.
pub fn byte_of(vm: &mut Vm, r: Ref<'_>, message: &str) -> PyResult<u8> {
    let n = vm.index(r)?;
    match int::bigint_of(n.as_ref()).and_then(|n| n.to_u8()) {
        Some(b) => Ok(b),
        None => Err(vm.value_error(message)),
    }
}

/// `bytes.fromhex(string)`
pub fn fromhex(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let source = args.get(1);
    let owned;
    let text = if let Some(s) = as_str(source) {
        s.as_bytes()
    } else {
        let Some(b) = copy_of(vm, source)? else {
            let class = vm.type_name(source);
            return Err(vm.type_error(&format!("fromhex() argument must be str or bytes-like, not {class}")));
        };
        owned = b;
        exact(owned.as_ref())
    };
    let mut out = TextBuf::new();
    let digit = |i: usize| text.get(i).and_then(|&b| (b as char).to_digit(16)).map(|d| d as u8);
    let mut i = 0;
    while i < text.len() {
        if matches!(text[i], b' ' | 9..=13) {
            i += 1;
            continue;
        }
        let (Some(high), Some(low)) = (digit(i), digit(i + 1)) else {
            return Err(bad_hex(vm, text, if digit(i).is_none() { i } else { i + 1 }));
        };
        out.push_byte(vm, high << 4 | low)?;
        i += 2;
    }
    let value = out.to_bytes(vm)?;
    let class = args.get(0);
    if class.is(vm.types().bytes.as_ref()) {
        return Ok(value);
    }
    if class.is(vm.types().bytearray.as_ref()) {
        return container::new_array(vm, exact(value.as_ref()));
    }
    vm.call(class, &[value.as_ref()])
}

fn bad_hex(vm: &mut Vm, text: &[u8], at: usize) -> crate::Raised {
    if at >= text.len() {
        return vm.value_error("fromhex() arg must contain an even number of hexadecimal digits");
    }
    let at = hognose_object::str::count_chars(&text[..at]);
    vm.value_error(&format!("non-hexadecimal number found in fromhex() arg at position {at}"))
}
