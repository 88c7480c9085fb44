//! Exception classes: what each built-in class adds to `BaseException`.
//!
//!   base.rs    BaseException              simple.rs  StopIteration, SystemExit, KeyError, ImportError, NameError …
//!   os.rs      OSError                    syntax.rs  SyntaxError
//!   unicode.rs UnicodeError's subclasses  group.rs   exception groups and what `except*` needs
//!   fields.rs  access to the object
//!
//! The machine makes a class for each row of `exceptions::EXCEPTIONS` from [`BASE`] or [`extra`], then calls
//! [`finish`].

mod base;
pub mod fields;
pub mod group;
mod os;
mod simple;
mod syntax;
mod unicode;

pub use base::BASE;

use crate::define::TypeDef;
use crate::exceptions::{EXCEPTIONS, Exc};
use crate::{PyResult, Vm};
use hognose_object::{Ref, none};

/// What a class has besides what it inherits; `None`: nothing.
pub fn extra(e: Exc) -> Option<&'static TypeDef> {
    Some(match e {
        Exc::BaseException => &BASE,
        Exc::BaseExceptionGroup => &group::GROUP,
        Exc::StopIteration => &simple::STOP_ITERATION,
        Exc::SystemExit => &simple::SYSTEM_EXIT,
        Exc::KeyError => &simple::KEY_ERROR,
        Exc::ImportError => &simple::IMPORT_ERROR,
        Exc::NameError => &simple::NAME_ERROR,
        Exc::AttributeError => &simple::ATTRIBUTE_ERROR,
        Exc::OSError => &os::OS_ERROR,
        Exc::SyntaxError => &syntax::SYNTAX_ERROR,
        Exc::UnicodeDecodeError => &unicode::DECODE,
        Exc::UnicodeEncodeError => &unicode::ENCODE,
        Exc::UnicodeTranslateError => &unicode::TRANSLATE,
        _ => return None,
    })
}

/// The documentation of classes without a definition of their own.
fn plain_doc(e: Exc) -> &'static str {
    match e {
        Exc::Exception => "Common base class for all non-exit exceptions.",
        Exc::ArithmeticError => "Base class for arithmetic errors.",
        Exc::AssertionError => "Assertion failed.",
        Exc::BufferError => "Buffer error.",
        Exc::EOFError => "Read beyond end of file.",
        Exc::FloatingPointError => "Floating-point operation failed.",
        Exc::GeneratorExit => "Request that a generator exit.",
        Exc::IndexError => "Sequence index out of range.",
        Exc::KeyboardInterrupt => "Program interrupted by user.",
        Exc::LookupError => "Base class for lookup errors.",
        Exc::MemoryError => "Out of memory.",
        Exc::ModuleNotFoundError => "Module not found.",
        Exc::NotImplementedError => "Method or function hasn't been implemented yet.",
        Exc::OverflowError => "Result too large to be represented.",
        Exc::RecursionError => "Recursion limit exceeded.",
        Exc::ReferenceError => "Weak ref proxy used after referent went away.",
        Exc::RuntimeError => "Unspecified run-time error.",
        Exc::StopAsyncIteration => "Signal the end from iterator.__anext__().",
        Exc::SystemError => {
            "Internal error in the Python interpreter.\n\nPlease report this to the Python maintainer, along with \
             the traceback,\nthe Python version, and the hardware/OS platform and version."
        }
        Exc::TypeError => "Inappropriate argument type.",
        Exc::UnboundLocalError => "Local name referenced but not bound to a value.",
        Exc::UnicodeError => "Unicode related error.",
        Exc::ValueError => "Inappropriate argument value (of correct type).",
        Exc::ZeroDivisionError => "Second argument to a division or modulo operation was zero.",
        Exc::Warning => "Base class for warning categories.",
        _ => "",
    }
}

/// Built-in attributes by class; instances that do not store them read the class's `None`.
const ATTRIBUTES: &[(Exc, &[&str])] = &[
    (Exc::StopIteration, &["value"]),
    (Exc::SystemExit, &["code"]),
    (Exc::ImportError, &["msg", "name", "path", "name_from"]),
    (Exc::NameError, &["name"]),
    (Exc::AttributeError, &["name", "obj"]),
    (Exc::OSError, &["errno", "strerror", "filename", "filename2"]),
    (
        Exc::SyntaxError,
        &[
            "msg",
            "filename",
            "lineno",
            "offset",
            "text",
            "end_lineno",
            "end_offset",
            "print_file_and_line",
            "_metadata",
        ],
    ),
    (Exc::UnicodeError, &["encoding", "object", "start", "end", "reason"]),
    (Exc::BaseExceptionGroup, &["message", "exceptions"]),
    (Exc::BlockingIOError, &["characters_written"]),
];

/// Stores documentation and the defaults of the built-in attributes into the classes.
pub fn finish(vm: &mut Vm) -> PyResult<()> {
    for &(e, _, _) in EXCEPTIONS {
        let text = plain_doc(e);
        if extra(e).is_none() && !text.is_empty() {
            let (class, text) = (vm.exc_class(e), vm.new_str(text)?);
            vm.dict_set_name(class.dict().as_ref(), "__doc__", text)?;
        }
    }
    for &(class, names) in ATTRIBUTES {
        if matches!(class, Exc::UnicodeError | Exc::BlockingIOError) {
            continue;
        }
        let class = vm.exc_class(class);
        for name in names {
            vm.dict_set_name(class.dict().as_ref(), name, none())?;
        }
    }
    Ok(())
}

/// Is `name` an attribute the class of `exc` stores by itself?
fn is_builtin_attribute(vm: &Vm, exc: Ref<'_>, name: &[u8]) -> bool {
    ATTRIBUTES.iter().any(|(class, names)| {
        names.iter().any(|n| n.as_bytes() == name) && vm.is_instance(exc, vm.exc_class(*class))
    })
}
