//! `str`: immutable text.
//!
//!   build    writers for results        case       lower, title, fold …       predicates  isalpha …
//!   index    bytes and characters       find       find, count, replace …     strip       strip, justify …
//!   unicode  classes and mappings       split      split, join, partition …   translate   translate, maketrans
//!   repr     `repr`                     iter       iterators                  tables      Unicode data
//!
//! Methods work on WTF-8 bytes; where all is ASCII (known from two lengths) byte and character offsets agree. A subclass
//! instance holds an exact str: [`this`] finds it. What changes nothing gives that exact str back.

pub mod build;
mod case;
pub(crate) mod find;
pub mod index;
mod iter;
mod predicates;
pub mod repr;
pub(crate) mod split;
mod strip;
mod tables;
mod translate;
pub mod unicode;

pub use iter::{ASCII_ITER, AsciiIter, ITER, StrIter};

use crate::args::{Args, NativeDef};
use crate::class::{TypeRef, base_value};
use crate::define::TypeDef;
use crate::text::as_str;
use crate::type_slots::{BinOp, CmpOp, Slots};
use crate::types::bytes::codecs;
use crate::{PyResult, Vm};
use build::StrWriter;
use hognose_object::str::StrRef;
use hognose_object::{Layout, NOT_IMPLEMENTED, Owned, Ref, ValueExt, owned_bool};
use index::{Subscript, place};

/// The type.
pub static TYPE: TypeDef = TypeDef {
    name: "str",
    layout: Layout::Str,
    doc: DOC,
    slots: Slots {
        repr: Some(repr::slot),
        str: Some(str_slot),
        hash: Some(hash),
        iter: Some(iter::iter),
        richcompare: Some(richcompare),
        len: Some(len),
        getitem: Some(getitem),
        contains: Some(find::contains),
        binary: Some(binary),
        binary_ops: BinOp::Add.bit() | BinOp::Mul.bit() | BinOp::Mod.bit(),
        new: Some(new),
        ..Slots::NONE
    },
    methods: METHODS,
    ..TypeDef::EMPTY
};

const DOC: &str = "str(object='') -> str\nstr(bytes_or_buffer[, encoding[, errors]]) -> str\n\nCreate a new string object from \
the given object. If encoding or\nerrors is specified, then the object must expose a data buffer\nthat will be decoded \
using the given encoding and error handler.\nOtherwise, returns the result of object.__str__() (if defined)\nor \
repr(object).\nencoding defaults to 'utf-8'.\nerrors defaults to 'strict'.";

static METHODS: &[NativeDef] = &[
    NativeDef::method("encode", "$self, encoding='utf-8', errors='strict'", encode),
    NativeDef::method("replace", "$self, old, new, /, count=-1", find::replace),
    NativeDef::method("split", "$self, sep=None, maxsplit=-1", split::split),
    NativeDef::method("rsplit", "$self, sep=None, maxsplit=-1", split::rsplit),
    NativeDef::method("join", "$self, iterable, /", split::join),
    NativeDef::method("capitalize", "$self, /", case::capitalize),
    NativeDef::method("casefold", "$self, /", case::casefold),
    NativeDef::method("title", "$self, /", case::title),
    NativeDef::method("center", "$self, width, fillchar=' ', /", strip::center),
    NativeDef::method("count", "$self, sub, start=None, end=None, /", find::count),
    NativeDef::method("expandtabs", "$self, tabsize=8", strip::expandtabs),
    NativeDef::method("find", "$self, sub, start=None, end=None, /", find::find),
    NativeDef::method("partition", "$self, sep, /", split::partition),
    NativeDef::method("index", "$self, sub, start=None, end=None, /", find::index),
    NativeDef::method("ljust", "$self, width, fillchar=' ', /", strip::ljust),
    NativeDef::method("lower", "$self, /", case::lower),
    NativeDef::method("lstrip", "$self, chars=None, /", strip::lstrip),
    NativeDef::method("rfind", "$self, sub, start=None, end=None, /", find::rfind),
    NativeDef::method("rindex", "$self, sub, start=None, end=None, /", find::rindex),
    NativeDef::method("rjust", "$self, width, fillchar=' ', /", strip::rjust),
    NativeDef::method("rstrip", "$self, chars=None, /", strip::rstrip),
    NativeDef::method("rpartition", "$self, sep, /", split::rpartition),
    NativeDef::method("splitlines", "$self, keepends=False", split::splitlines),
    NativeDef::method("strip", "$self, chars=None, /", strip::strip),
    NativeDef::method("swapcase", "$self, /", case::swapcase),
    NativeDef::method("translate", "$self, table, /", translate::translate),
    NativeDef::method("upper", "$self, /", case::upper),
    NativeDef::method("startswith", "$self, prefix, start=None, end=None, /", find::startswith),
    NativeDef::method("endswith", "$self, suffix, start=None, end=None, /", find::endswith),
    NativeDef::method("removeprefix", "$self, prefix, /", strip::removeprefix),
    NativeDef::method("removesuffix", "$self, suffix, /", strip::removesuffix),
    NativeDef::method("isascii", "$self, /", predicates::isascii),
    NativeDef::method("islower", "$self, /", predicates::islower),
    NativeDef::method("isupper", "$self, /", predicates::isupper),
    NativeDef::method("istitle", "$self, /", predicates::istitle),
    NativeDef::method("isspace", "$self, /", predicates::isspace),
    NativeDef::method("isdecimal", "$self, /", predicates::isdecimal),
    NativeDef::method("isdigit", "$self, /", predicates::isdigit),
    NativeDef::method("isnumeric", "$self, /", predicates::isnumeric),
    NativeDef::method("isalpha", "$self, /", predicates::isalpha),
    NativeDef::method("isalnum", "$self, /", predicates::isalnum),
    NativeDef::method("isidentifier", "$self, /", predicates::isidentifier),
    NativeDef::method("isprintable", "$self, /", predicates::isprintable),
    NativeDef::method("zfill", "$self, width, /", strip::zfill),
    NativeDef::method("format", "$self, /, *args, **kwargs", crate::format::template::format),
    NativeDef::method("format_map", "$self, mapping, /", crate::format::template::format_map),
    NativeDef::method("__format__", "$self, format_spec, /", format_method),
    NativeDef::static_method(
        "maketrans",
        "$type, x, y=<unrepresentable>, z=<unrepresentable>, /",
        translate::maketrans,
    ),
    NativeDef::method("__sizeof__", "$self, /", sizeof),
    NativeDef::method("__getnewargs__", "$self, /", getnewargs),
];

/// The exact str behind a receiver.
#[inline]
pub(crate) fn this<'a>(vm: &mut Vm, r: Ref<'a>) -> PyResult<StrRef<'a>> {
    match as_str(r) {
        Some(s) => Ok(s),
        None => {
            let class = vm.type_name(r);
            Err(vm.type_error(&format!("descriptor requires a 'str' object but received a '{class}'")))
        }
    }
}

/// The receiver as an exact str, when a method has nothing to change.
#[inline]
pub(crate) fn unchanged(r: Ref<'_>) -> Owned {
    base_value(r).owned()
}

/// An argument that must be a str, as `name() argument n must be str, not X`.
pub(crate) fn str_arg<'a>(vm: &mut Vm, r: Ref<'a>, what: &str) -> PyResult<StrRef<'a>> {
    match as_str(r) {
        Some(s) => Ok(s),
        None => {
            let class = vm.type_name(r);
            Err(vm.type_error(&format!("{what} must be str, not {class}")))
        }
    }
}

fn str_slot(_vm: &mut Vm, r: Ref<'_>) -> PyResult {
    Ok(unchanged(r))
}

fn hash(vm: &mut Vm, r: Ref<'_>) -> PyResult<i64> {
    let secret = vm.hash_secret;
    Ok(this(vm, r)?.hash(secret))
}

fn len(vm: &mut Vm, r: Ref<'_>) -> PyResult<usize> {
    Ok(this(vm, r)?.char_len())
}

fn richcompare(_vm: &mut Vm, op: CmpOp, a: Ref<'_>, b: Ref<'_>) -> PyResult {
    let (Some(x), Some(y)) = (as_str(a), as_str(b)) else {
        return Ok(Owned::from_immediate(NOT_IMPLEMENTED));
    };
    let holds = match op {
        CmpOp::Eq | CmpOp::Ne => {
            let equal = hognose_object::str::str_eq(x.as_ref().value(), y.as_ref().value());
            equal == (op == CmpOp::Eq)
        }
        // WTF-8 sorts like code points.
        _ => op.holds(x.as_bytes().cmp(y.as_bytes())),
    };
    Ok(owned_bool(holds))
}

fn getitem(vm: &mut Vm, r: Ref<'_>, key: Ref<'_>) -> PyResult {
    let s = this(vm, r)?;
    match index::subscript(vm, key)? {
        Subscript::At(i) => match place(i, s.char_len()) {
            Some(i) if s.is_ascii() => vm.new_str_bytes(&s.as_bytes()[i..=i]),
            Some(i) => {
                let (bytes, at) = (s.as_bytes(), index::byte_offset(s, i));
                let end = index::char_from(bytes, at).map_or(at, |(_, end)| end);
                vm.new_str_bytes(&bytes[at..end])
            }
            None => Err(vm.index_error("string index out of range")),
        },
        Subscript::Slice(slice) => slice_str(vm, s, slice.fit(s.char_len())),
        Subscript::Other => {
            let class = vm.type_name(key);
            Err(vm.type_error(&format!("string indices must be integers, not '{class}'")))
        }
    }
}

fn slice_str(vm: &mut Vm, s: StrRef<'_>, f: index::Fitted) -> PyResult {
    let bytes = s.as_bytes();
    if f.count == 0 {
        return vm.new_str_bytes(b"");
    }
    if f.step == 1 {
        if f.count == s.char_len() {
            return Ok(s.as_ref().owned());
        }
        if s.is_ascii() {
            return vm.new_str_bytes(&bytes[f.start..f.start + f.count]);
        }
        let (a, b) = (index::byte_offset(s, f.start), index::byte_offset(s, f.start + f.count));
        return vm.new_str_bytes(&bytes[a..b]);
    }
    if s.is_ascii() {
        let mut w = StrWriter::new(vm, f.count, f.count)?;
        f.indices().for_each(|i| w.push(&bytes[i..=i]));
        return w.finish(vm);
    }
    // Two walks: one measures, one copies.
    let mut total = 0;
    each_char(s, f, |c| total += c.len());
    let mut w = StrWriter::new(vm, total, f.count)?;
    each_char(s, f, |c| w.push(c));
    w.finish(vm)
}

/// The bytes of each character a slice selects.
fn each_char(s: StrRef<'_>, f: index::Fitted, mut visit: impl FnMut(&[u8])) {
    let bytes = s.as_bytes();
    let mut at = index::byte_offset(s, f.start);
    for k in 0..f.count {
        let end = index::char_from(bytes, at).map_or(at, |(_, end)| end);
        visit(&bytes[at..end]);
        if k + 1 == f.count {
            break;
        }
        for _ in 0..f.step.unsigned_abs() {
            at = if f.step > 0 {
                index::char_from(bytes, at).map_or(at, |(_, end)| end)
            } else {
                index::char_before(bytes, at).map_or(0, |(_, start)| start)
            };
        }
    }
}

fn binary(vm: &mut Vm, op: BinOp, a: Ref<'_>, b: Ref<'_>) -> PyResult {
    match (op, as_str(a), as_str(b)) {
        (BinOp::Add, Some(x), Some(y)) => concat(vm, x, y),
        (BinOp::Mod, Some(_), _) => crate::format::percent(vm, a, b),
        (BinOp::Mul, Some(x), None) if index::is_index(vm, b) => {
            let n = vm.index_isize(b, false)?;
            repeat(vm, x, n)
        }
        (BinOp::Mul, None, Some(y)) if index::is_index(vm, a) => {
            let n = vm.index_isize(a, false)?;
            repeat(vm, y, n)
        }
        _ => Ok(Owned::from_immediate(NOT_IMPLEMENTED)),
    }
}

/// `a + b`
pub(crate) fn concat(vm: &mut Vm, a: StrRef<'_>, b: StrRef<'_>) -> PyResult {
    if a.as_bytes().is_empty() {
        return Ok(b.as_ref().owned());
    }
    if b.as_bytes().is_empty() {
        return Ok(a.as_ref().owned());
    }
    Ok(hognose_object::str::concat_with_room(vm.heap(), a, b)?)
}

fn repeat(vm: &mut Vm, s: StrRef<'_>, n: isize) -> PyResult {
    if n <= 0 || s.as_bytes().is_empty() {
        return vm.new_str_bytes(b"");
    }
    if n == 1 {
        return Ok(s.as_ref().owned());
    }
    let total = index::repeated(s.as_bytes().len(), n as usize)?;
    let mut w = StrWriter::new(vm, total, s.char_len() * n as usize)?;
    w.repeat(s.as_bytes(), n as usize);
    w.finish(vm)
}

fn new(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let class = args.get(0);
    let Some(class) = TypeRef::new(class) else {
        return Err(vm.type_error("str.__new__(X): X is not a type object"));
    };
    if let ([_, object], []) = (args.pos, args.kwnames) {
        let s = vm.str(*object)?;
        return subclass_of_str(vm, class, s);
    }
    let given = args.rest(1).len() + args.kwnames.len();
    if given > 3 {
        return Err(vm.type_error(&format!("str expected at most 3 arguments, got {given}")));
    }
    let bound = vm.bind(args, "str", "object='', encoding='utf-8', errors='strict'")?;
    let (encoding, errors) = (bound.pos[1], bound.pos[2]);
    for (name, given) in [("encoding", encoding), ("errors", errors)] {
        if let Some(r) = given {
            str_arg(vm, r, &format!("str() argument '{name}'"))?;
        }
    }
    let s = match bound.pos[0] {
        None => vm.new_str_bytes(b"")?,
        Some(object) if encoding.is_none() && errors.is_none() => vm.str(object)?,
        Some(object) => {
            let encoding = encoding.map_or("utf-8".into(), |r| text_of_arg(r));
            let errors = errors.map_or("strict".into(), |r| text_of_arg(r));
            decode_object(vm, object, &encoding, &errors)?
        }
    };
    subclass_of_str(vm, class, s)
}

fn subclass_of_str(vm: &mut Vm, class: TypeRef<'_>, s: Owned) -> PyResult {
    if class == vm.types().str {
        return Ok(s);
    }
    let base = base_value(s.as_ref()).owned();
    vm.wrap_new(class, base)
}

fn text_of_arg(r: Ref<'_>) -> String {
    as_str(r).map_or_else(String::new, |s| s.to_lossy().into_owned())
}

fn decode_object(vm: &mut Vm, object: Ref<'_>, encoding: &str, errors: &str) -> PyResult {
    if as_str(object).is_some() {
        return Err(vm.type_error("decoding str is not supported"));
    }
    let Some(bytes) = crate::types::bytes::copy_of(vm, object)? else {
        let class = vm.type_name(object);
        return Err(vm.type_error(&format!("decoding to str: need a bytes-like object, {class} found")));
    };
    let view = crate::types::bytes::exact(bytes.as_ref());
    codecs::decode(vm, view, encoding, errors)
}

fn encode(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    this(vm, args.get(0))?;
    let mut names = ["utf-8".to_string(), "strict".to_string()];
    for (i, name) in ["encoding", "errors"].into_iter().enumerate() {
        if let Some(r) = args.opt(i + 1) {
            names[i] = str_arg(vm, r, &format!("encode() argument '{name}'"))?.to_lossy().into_owned();
        }
    }
    codecs::encode(vm, args.get(0), &names[0], &names[1])
}

fn format_method(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    str_arg(vm, args.get(1), "__format__() argument")?;
    crate::format::format_str(vm, args.get(0), args.get(1))
}

fn sizeof(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let r = args.get(0);
    let n = if r.value().is_ptr() { vm.heap().block_size(r.value().header().cast()) } else { 0 };
    vm.new_int(n as i64)
}

fn getnewargs(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    // CPython gives a copy; the same text serves.
    let s = unchanged(args.get(0));
    vm.new_tuple(vec![s])
}

/// `None` or absent.
pub(crate) fn given<'a>(args: &Args<'a>, i: usize) -> Option<Ref<'a>> {
    args.opt(i).filter(|r| !r.is_none())
}
