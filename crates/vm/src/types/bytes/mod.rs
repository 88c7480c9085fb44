//! `bytes` and `bytearray`: one implementation over both, told apart by the receiver.
//!
//!   container  where the bytes are, results of the receiver's type     search   find, count, replace, strip …
//!   build      constructors                                            split    split, join, partition
//!   array      what only bytearrays can                                text     case, predicates, hex, repr …
//!   iter       iterators                                               codecs   encodings and error handlers

mod array;
mod build;
pub mod codecs;
pub mod container;
mod iter;
mod search;
mod split;
pub mod text;

pub use build::special_bytes;
pub use container::{copy_of, exact, view};
pub use iter::{ARRAY_ITER, ArrayIter, BYTES_ITER, BytesIter};

use crate::args::{Args, NativeDef};
use crate::define::TypeDef;
use crate::type_slots::{BinOp, CmpOp, Slots};
use crate::types::str::index::{self, Subscript, place};
use crate::{PyResult, Vm};
use container::{Maker, make, plain};
use hognose_object::{Layout, NOT_IMPLEMENTED, Owned, Ref, ValueExt, owned_bool};

macro_rules! methods {
    ($($own:expr),* $(,)?) => { &[
        NativeDef::method("capitalize", "$self, /", text::capitalize),
        NativeDef::method("center", "$self, width, fillchar=b' ', /", text::center),
        NativeDef::method("count", "$self, sub, start=None, end=None, /", search::count),
        NativeDef::method("decode", "$self, encoding='utf-8', errors='strict'", decode),
        NativeDef::method("endswith", "$self, suffix, start=None, end=None, /", search::endswith),
        NativeDef::method("expandtabs", "$self, tabsize=8", text::expandtabs),
        NativeDef::method("find", "$self, sub, start=None, end=None, /", search::find),
        NativeDef::class_method("fromhex", "$type, string, /", build::fromhex),
        NativeDef::method("hex", "$self, sep=<unrepresentable>, bytes_per_sep=1", text::hex),
        NativeDef::method("index", "$self, sub, start=None, end=None, /", search::index),
        NativeDef::method("isalnum", "$self, /", text::isalnum),
        NativeDef::method("isalpha", "$self, /", text::isalpha),
        NativeDef::method("isascii", "$self, /", text::isascii),
        NativeDef::method("isdigit", "$self, /", text::isdigit),
        NativeDef::method("islower", "$self, /", text::islower),
        NativeDef::method("isspace", "$self, /", text::isspace),
        NativeDef::method("istitle", "$self, /", text::istitle),
        NativeDef::method("isupper", "$self, /", text::isupper),
        NativeDef::method("join", "$self, iterable_of_bytes, /", split::join),
        NativeDef::method("ljust", "$self, width, fillchar=b' ', /", text::ljust),
        NativeDef::method("lower", "$self, /", text::lower),
        NativeDef::method("lstrip", "$self, bytes=None, /", search::lstrip),
        NativeDef::static_method("maketrans", "$type, frm, to, /", search::maketrans),
        NativeDef::method("partition", "$self, sep, /", split::partition),
        NativeDef::method("removeprefix", "$self, prefix, /", search::removeprefix),
        NativeDef::method("removesuffix", "$self, suffix, /", search::removesuffix),
        NativeDef::method("replace", "$self, old, new, count=-1, /", search::replace),
        NativeDef::method("rfind", "$self, sub, start=None, end=None, /", search::rfind),
        NativeDef::method("rindex", "$self, sub, start=None, end=None, /", search::rindex),
        NativeDef::method("rjust", "$self, width, fillchar=b' ', /", text::rjust),
        NativeDef::method("rpartition", "$self, sep, /", split::rpartition),
        NativeDef::method("rsplit", "$self, sep=None, maxsplit=-1", split::rsplit),
        NativeDef::method("rstrip", "$self, bytes=None, /", search::rstrip),
        NativeDef::method("split", "$self, sep=None, maxsplit=-1", split::split),
        NativeDef::method("splitlines", "$self, keepends=False", split::splitlines),
        NativeDef::method("startswith", "$self, prefix, start=None, end=None, /", search::startswith),
        NativeDef::method("strip", "$self, bytes=None, /", search::strip),
        NativeDef::method("swapcase", "$self, /", text::swapcase),
        NativeDef::method("title", "$self, /", text::title),
        NativeDef::method("translate", "$self, table, /, delete=b''", search::translate),
        NativeDef::method("upper", "$self, /", text::upper),
        NativeDef::method("zfill", "$self, width, /", text::zfill),
        NativeDef::method("__sizeof__", "$self, /", sizeof),
        $($own),*
    ] };
}

/// `bytes`
pub static BYTES: TypeDef = TypeDef {
    name: "bytes",
    layout: Layout::Bytes,
    doc: "bytes(iterable_of_ints) -> bytes\nbytes(string, encoding[, errors]) -> bytes\nbytes(bytes_or_buffer) -> immutable \
copy of bytes_or_buffer\nbytes(int) -> bytes object of size given by the parameter initialized with null bytes\nbytes() -> \
empty bytes object\n\nConstruct an immutable array of bytes from:\n  - an iterable yielding integers in range(256)\n  - a \
text string encoded using the specified encoding\n  - any object implementing the buffer API.\n  - an integer",
    slots: Slots {
        repr: Some(text::repr_bytes),
        hash: Some(hash),
        iter: Some(iter::iter_bytes),
        richcompare: Some(richcompare),
        len: Some(len),
        getitem: Some(getitem),
        contains: Some(search::contains),
        binary: Some(binary),
        binary_ops: BinOp::Add.bit() | BinOp::Mul.bit() | BinOp::Mod.bit(),
        new: Some(build::new_bytes),
        ..Slots::NONE
    },
    methods: methods![
        NativeDef::method("__getnewargs__", "$self, /", getnewargs),
        NativeDef::method("__bytes__", "$self, /", bytes_method),
        NativeDef::method("__buffer__", "$self, flags, /", buffer),
    ],
    ..TypeDef::EMPTY
};

/// `bytearray`
pub static BYTEARRAY: TypeDef = TypeDef {
    name: "bytearray",
    layout: Layout::ByteArray,
    doc: "bytearray(iterable_of_ints) -> bytearray\nbytearray(string, encoding[, errors]) -> bytearray\nbytearray(bytes_or_\
buffer) -> mutable copy of bytes_or_buffer\nbytearray(int) -> bytes array of size given by the parameter initialized with \
null bytes\nbytearray() -> empty bytes array\n\nConstruct a mutable bytearray object from:\n  - an iterable yielding \
integers in range(256)\n  - a text string encoded using the specified encoding\n  - a bytes or a buffer object\n  - any \
object implementing the buffer API.\n  - an integer",
    slots: Slots {
        repr: Some(text::repr_array),
        iter: Some(iter::iter_array),
        richcompare: Some(richcompare),
        len: Some(len),
        getitem: Some(getitem),
        setitem: Some(array::setitem),
        contains: Some(search::contains),
        binary: Some(binary),
        binary_ops: BinOp::Add.bit() | BinOp::Mul.bit() | BinOp::Mod.bit(),
        inplace: Some(array::inplace),
        inplace_ops: BinOp::Add.bit() | BinOp::Mul.bit(),
        new: Some(build::new_array),
        init: Some(build::init_array),
        ..Slots::NONE
    },
    methods: methods![
        NativeDef::method("append", "$self, item, /", array::append),
        NativeDef::method("clear", "$self, /", array::clear),
        NativeDef::method("copy", "$self, /", array::copy),
        NativeDef::method("extend", "$self, iterable_of_ints, /", array::extend),
        NativeDef::method("insert", "$self, index, item, /", array::insert),
        NativeDef::method("pop", "$self, index=-1, /", array::pop),
        NativeDef::method("remove", "$self, value, /", array::remove),
        NativeDef::method("resize", "$self, size, /", array::resize),
        NativeDef::method("reverse", "$self, /", array::reverse),
        NativeDef::method("__alloc__", "$self, /", array::alloc),
        NativeDef::method("__reduce__", "$self, /", array::reduce),
        NativeDef::method("__reduce_ex__", "$self, proto=0, /", array::reduce_ex),
        NativeDef::method("__buffer__", "$self, flags, /", buffer),
    ],
    ..TypeDef::EMPTY
};

fn hash(vm: &mut Vm, r: Ref<'_>) -> PyResult<i64> {
    let bytes = plain(vm.heap(), r).unwrap_or(&[]);
    Ok(hognose_object::hash::hash_bytes(vm.hash_secret, bytes))
}

fn len(vm: &mut Vm, r: Ref<'_>) -> PyResult<usize> {
    Ok(plain(vm.heap(), r).map_or(0, <[u8]>::len))
}

fn richcompare(vm: &mut Vm, op: CmpOp, a: Ref<'_>, b: Ref<'_>) -> PyResult {
    let heap = vm.heap();
    match (view(heap, a), view(heap, b)) {
        (Some(x), Some(y)) => Ok(owned_bool(op.holds(x.cmp(y)))),
        _ => Ok(Owned::from_immediate(NOT_IMPLEMENTED)),
    }
}

fn getitem(vm: &mut Vm, r: Ref<'_>, key: Ref<'_>) -> PyResult {
    let is_array = r.has_layout(Layout::ByteArray);
    match index::subscript(vm, key)? {
        Subscript::At(i) => {
            let bytes = plain(vm.heap(), r).unwrap_or(&[]);
            match place(i, bytes.len()) {
                Some(i) => vm.new_int(i64::from(bytes[i])),
                None if is_array => Err(vm.index_error("bytearray index out of range")),
                None => Err(vm.index_error("index out of range")),
            }
        }
        Subscript::Slice(slice) => {
            let bytes = plain(vm.heap(), r).unwrap_or(&[]);
            let f = slice.fit(bytes.len());
            if f.step == 1 {
                if f.count == bytes.len() {
                    return container::unchanged(vm, r);
                }
                return make(vm, r, bytes.get(f.start..f.start + f.count).unwrap_or(&[]));
            }
            let mut w = Maker::new(vm, r, f.count)?;
            for i in f.indices() {
                w.push(vm, &bytes[i..=i])?;
            }
            w.finish(vm)
        }
        Subscript::Other => {
            let class = vm.type_name(key);
            let own = if is_array { "bytearray" } else { "byte" };
            Err(vm.type_error(&format!("{own} indices must be integers or slices, not {class}")))
        }
    }
}

fn binary(vm: &mut Vm, op: BinOp, a: Ref<'_>, b: Ref<'_>) -> PyResult {
    let (is_a, is_b) = (plain(vm.heap(), a).is_some(), plain(vm.heap(), b).is_some());
    match op {
        BinOp::Add if is_a => concat(vm, a, b),
        BinOp::Mod if is_a => crate::format::percent(vm, a, b),
        BinOp::Mul if is_a && index::is_index(vm, b) => {
            let n = vm.index_isize(b, false)?;
            repeat(vm, a, n)
        }
        BinOp::Mul if is_b && index::is_index(vm, a) => {
            let n = vm.index_isize(a, false)?;
            repeat(vm, b, n)
        }
        _ => Ok(Owned::from_immediate(NOT_IMPLEMENTED)),
    }
}

fn concat(vm: &mut Vm, a: Ref<'_>, b: Ref<'_>) -> PyResult {
    let heap = vm.heap();
    let (Some(x), Some(y)) = (plain(heap, a), view(heap, b)) else {
        return Ok(Owned::from_immediate(NOT_IMPLEMENTED));
    };
    if x.is_empty() && b.is_exact(Layout::Bytes) && !a.has_layout(Layout::ByteArray) {
        return Ok(b.owned());
    }
    if y.is_empty() && a.is_exact(Layout::Bytes) {
        return Ok(a.owned());
    }
    let mut w = Maker::new(vm, a, x.len().saturating_add(y.len()))?;
    w.push(vm, x)?;
    w.push(vm, y)?;
    w.finish(vm)
}

fn repeat(vm: &mut Vm, r: Ref<'_>, n: isize) -> PyResult {
    let bytes = plain(vm.heap(), r).unwrap_or(&[]);
    let n = n.max(0) as usize;
    if n == 1 && r.is_exact(Layout::Bytes) {
        return Ok(r.owned());
    }
    if bytes.is_empty() {
        return make(vm, r, b"");
    }
    let total = index::repeated(bytes.len(), n)?;
    let mut w = Maker::new(vm, r, total)?;
    w.repeat(vm, bytes, n)?;
    w.finish(vm)
}

fn decode(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let mut names = ["utf-8".to_string(), "strict".to_string()];
    for (i, name) in ["encoding", "errors"].into_iter().enumerate() {
        if let Some(r) = args.opt(i + 1) {
            let what = format!("decode() argument '{name}'");
            names[i] = crate::types::str::str_arg(vm, r, &what)?.to_lossy().into_owned();
        }
    }
    let Some(bytes) = copy_of(vm, args.get(0))? else { return Err(container::not_bytes(vm, args.get(0))) };
    codecs::decode(vm, exact(bytes.as_ref()), &names[0], &names[1])
}

fn getnewargs(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let b = container::unchanged(vm, args.get(0))?;
    vm.new_tuple(vec![b])
}

fn bytes_method(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    container::unchanged(vm, args.get(0))
}

fn buffer(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    vm.index_i32(args.get(1))?;
    crate::types::memoryview::of(vm, args.get(0))
}

fn sizeof(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let r = args.get(0);
    let mut n = 0;
    if r.value().is_ptr() {
        n = vm.heap().block_size(r.value().header().cast());
    }
    if r.has_layout(Layout::ByteArray) {
        n += container::change(vm, r, |data, _| data.capacity())?;
    }
    vm.new_int(n as i64)
}
