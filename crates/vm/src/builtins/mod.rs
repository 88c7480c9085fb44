//! The functions of the module `builtins`.
//!
//!   numbers.rs     abs bin divmod hex oct pow round sum
//!   iteration.rs   aiter all anext any iter len max min next sorted, and the iterator types they need
//!   objects.rs     attributes, identity, classes, conversions to text, namespaces
//!   source.rs      compile eval exec __import__ breakpoint
//!   io.rs          input open print
//!
//! Invariant: each checks its own arguments beyond their number, which the signature says.

mod io;
mod iteration;
mod numbers;
mod objects;
mod source;

pub(crate) use io::fs_path;
pub(crate) use iteration::{ANEXT_TYPE, AnextAwaitable};

use crate::args::NativeDef;

/// All of them.
pub static FUNCTIONS: &[NativeDef] = &[
    NativeDef::function(
        "__import__",
        "name, globals=None, locals=None, fromlist=(), level=0",
        source::import,
    ),
    NativeDef::function("abs", "x, /", numbers::abs),
    NativeDef::function("aiter", "async_iterable, /", iteration::aiter),
    NativeDef::function("all", "iterable, /", iteration::all),
    NativeDef::function("anext", "aiterator, default=<unrepresentable>, /", iteration::anext),
    NativeDef::function("any", "iterable, /", iteration::any),
    NativeDef::function("ascii", "obj, /", objects::ascii),
    NativeDef::function("bin", "number, /", numbers::bin),
    NativeDef::function("breakpoint", "*args, **kws", source::breakpoint),
    NativeDef::function("callable", "obj, /", objects::callable),
    NativeDef::function("chr", "i, /", objects::chr),
    NativeDef::function(
        "compile",
        "source, filename, mode, flags=0, dont_inherit=False, optimize=-1, *, _feature_version=-1",
        source::compile,
    ),
    NativeDef::function("delattr", "obj, name, /", objects::delattr),
    NativeDef::function("dir", "object=<unrepresentable>, /", objects::dir),
    NativeDef::function("divmod", "x, y, /", numbers::divmod),
    NativeDef::function("eval", "source, /, globals=None, locals=None", source::eval),
    NativeDef::function("exec", "source, /, globals=None, locals=None, *, closure=None", source::exec),
    NativeDef::function("format", "value, format_spec='', /", objects::format),
    NativeDef::function("getattr", "object, name, default=<unrepresentable>, /", objects::getattr),
    NativeDef::function("globals", "", objects::globals),
    NativeDef::function("hasattr", "obj, name, /", objects::hasattr),
    NativeDef::function("hash", "obj, /", objects::hash),
    NativeDef::function("hex", "number, /", numbers::hex),
    NativeDef::function("id", "obj, /", objects::id),
    NativeDef::function("input", "prompt='', /", io::input),
    NativeDef::function("isinstance", "obj, class_or_tuple, /", objects::isinstance),
    NativeDef::function("issubclass", "cls, class_or_tuple, /", objects::issubclass),
    NativeDef::function("iter", "object, sentinel=<unrepresentable>, /", iteration::iter),
    NativeDef::function("len", "obj, /", iteration::len),
    NativeDef::function("locals", "", objects::locals),
    NativeDef::function("max", "*args, key=None, default=None", iteration::max),
    NativeDef::function("min", "*args, key=None, default=None", iteration::min),
    NativeDef::function("next", "iterator, default=<unrepresentable>, /", iteration::next),
    NativeDef::function("oct", "number, /", numbers::oct),
    NativeDef::function("ord", "character, /", objects::ord),
    NativeDef::function("pow", "base, exp, mod=None", numbers::pow),
    NativeDef::function("print", "*args, sep=' ', end='\\n', file=None, flush=False", io::print),
    NativeDef::function("repr", "obj, /", objects::repr),
    NativeDef::function("round", "number, ndigits=None", numbers::round),
    NativeDef::function("setattr", "obj, name, value, /", objects::setattr),
    NativeDef::function("sorted", "*args, **kwargs", iteration::sorted),
    NativeDef::function("sum", "iterable, /, start=0", numbers::sum),
    NativeDef::function("vars", "object=<unrepresentable>, /", objects::vars),
];
