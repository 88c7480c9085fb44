//! The module `_io`: files and streams in memory.
//!
//!   TextIOWrapper ──► BufferedReader · Writer · Random ──► FileIO ──► system, or a standard stream of the machine
//!   StringIO   BytesIO   BufferedRWPair   IncrementalNewlineDecoder   and the bases _IOBase … _TextIOBase
//!
//!   base.rs     the four abstract bases               file.rs      FileIO
//!   bytes.rs    BytesIO                               string.rs    StringIO
//!   buffered/   the buffered classes                  newline.rs   newline translation
//!   text/       TextIOWrapper                         open.rs      open() and its relatives
//!
//! A stream calls what lies below through methods, so that Python classes can stand anywhere; where it is one of our own
//! exact types the call is direct. Buffers are in the heap.
//! Invariant: no borrow of a stream's state is held while Python code may run.

mod base;
mod buffered;
mod bytes;
mod file;
mod newline;
mod open;
mod string;
mod text;

use crate::prelude::{Exc, NativeDef, Owned, PyResult, Ref, TypeRef, ValueExt, Vm, as_str, new_module};
use crate::support::integer_or_none;
use hognose_vm::Raised;

/// Classes the streams know of each other.
#[derive(Default)]
pub(crate) struct Io {
    pub unsupported: Option<TypeRef<'static>>,
    pub file: Option<TypeRef<'static>>,
    pub reader: Option<TypeRef<'static>>,
    pub writer: Option<TypeRef<'static>>,
    pub random: Option<TypeRef<'static>>,
    pub text: Option<TypeRef<'static>>,
}

/// `io.DEFAULT_BUFFER_SIZE`
pub(crate) const DEFAULT_BUFFER: usize = 128 << 10;

const FUNCTIONS: &[NativeDef] = &[
    NativeDef::function(
        "open",
        "file, mode='r', buffering=-1, encoding=None, errors=None, newline=None, closefd=True, opener=None",
        open::open,
    ),
    NativeDef::function("open_code", "path", open::open_code),
    NativeDef::function("text_encoding", "encoding, stacklevel=2, /", open::text_encoding),
];

/// Makes the module, and the standard streams with it.
pub fn make(vm: &mut Vm) -> PyResult {
    let doc = "The io module provides the Python interfaces to stream handling. The\nbuiltin open function is defined \
               in this module.";
    let module = new_module(vm, "_io", doc, FUNCTIONS)?;
    let size = vm.new_int(DEFAULT_BUFFER as i64)?;
    vm.module_set(module.as_ref(), "DEFAULT_BUFFER_SIZE", size)?;
    let blocking = vm.exc_class(Exc::BlockingIOError).owned();
    vm.module_set(module.as_ref(), "BlockingIOError", blocking)?;
    let (os, value) = (vm.exc_class(Exc::OSError), vm.exc_class(Exc::ValueError));
    let unsupported = vm.new_static_class("io", "UnsupportedOperation", &[os.as_ref(), value.as_ref()])?;
    vm.module_set(module.as_ref(), "UnsupportedOperation", unsupported.owned())?;
    vm.state::<Io>().unsupported = Some(unsupported);
    let bases = base::register(vm, &module)?;
    file::register(vm, &module, &bases)?;
    bytes::register(vm, &module, &bases)?;
    buffered::register(vm, &module, &bases)?;
    newline::register(vm, &module)?;
    string::register(vm, &module, &bases)?;
    text::register(vm, &module, &bases)?;
    Ok(module)
}

/// Makes `open` and the standard streams known to the machine.
pub fn start(vm: &mut Vm) -> PyResult<()> {
    let module = vm.import_dotted("_io")?;
    let open = vm.get_attr_name(module.as_ref(), "open")?;
    let builtins = vm.builtins().owned();
    vm.dict_set_name(builtins.as_ref(), "open", open)?;
    open::std_streams(vm)
}

/// `io.UnsupportedOperation`
#[cold]
pub(crate) fn unsupported(vm: &mut Vm, text: &str) -> Raised {
    let made = vm.new_str(text).and_then(|t| match vm.state::<Io>().unsupported {
        Some(class) => vm.call(class.as_ref(), &[t.as_ref()]),
        None => vm.new_exception(Exc::OSError, vec![t]),
    });
    match made {
        Ok(e) => vm.raise_object(e),
        Err(e) => e,
    }
}

/// ValueError: the stream is closed.
#[cold]
pub(crate) fn closed_error(vm: &mut Vm) -> Raised {
    vm.value_error("I/O operation on closed file.")
}

/// Adds a class to the module.
fn add(vm: &mut Vm, module: &Owned, class: TypeRef<'static>) -> PyResult<()> {
    let name = class.name();
    vm.module_set(module.as_ref(), &name, class.owned())
}

/// A size argument: `None` for None and negative numbers.
pub(crate) fn size_argument(vm: &mut Vm, r: Option<Ref<'_>>) -> PyResult<Option<usize>> {
    Ok(integer_or_none(vm, r)?.and_then(|n| usize::try_from(n).ok()))
}

/// Is the attribute `name` of `r` true?
pub(crate) fn truth(vm: &mut Vm, r: Ref<'_>, name: &str) -> PyResult<bool> {
    let v = vm.get_attr_name(r, name)?;
    vm.is_true(v.as_ref())
}

/// Does the method `name` of `r` say yes?
pub(crate) fn ask(vm: &mut Vm, r: Ref<'_>, name: &str) -> PyResult<bool> {
    let v = vm.call_method(r, name, &[])?;
    vm.is_true(v.as_ref())
}

/// `<_io.Name name='x'>` or without a name.
pub(crate) fn named_repr(vm: &mut Vm, r: Ref<'_>, extra: &str) -> PyResult {
    let class = vm.class_of(r);
    let class = vm.qualified_name(class)?;
    if !vm.repr_enter(r) {
        return Err(vm.runtime_error(&format!("reentrant call inside {class}.__repr__")));
    }
    let name = vm.intern("name")?;
    let result = match vm.get_attr_opt(r, name.as_ref()) {
        Ok(Some(n)) => vm.repr_text(n.as_ref()).map(|n| format!("<{class} name={n}{extra}>")),
        Ok(None) => Ok(format!("<{class}{extra}>")),
        Err(e) if vm.raised_is(&e, Exc::ValueError) => {
            vm.discard(e);
            Ok(format!("<{class}{extra}>"))
        }
        Err(e) => Err(e),
    };
    vm.repr_leave(r);
    vm.new_str(&result?)
}

/// A str argument, or None.
pub(crate) fn text_or_none(
    vm: &mut Vm,
    r: Option<Ref<'_>>,
    function: &str,
    name: &str,
) -> PyResult<Option<String>> {
    let Some(r) = r.filter(|r| !r.is_none()) else { return Ok(None) };
    match as_str(r) {
        Some(s) => {
            let text = s.to_lossy().into_owned();
            if text.contains('\0') {
                return Err(vm.value_error("embedded null character"));
            }
            Ok(Some(text))
        }
        None => {
            let class = vm.type_name(r);
            Err(vm.type_error(&format!("{function}() argument {name} must be str or None, not {class}")))
        }
    }
}
