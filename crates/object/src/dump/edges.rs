//! What an object refers to, and what each reference is called.
//!
//! Every child that `trace` visits is visited here once, in the same number; labels are a help for the reader.
#![allow(unsafe_code, reason = "reads objects through raw headers")]

use super::PREVIEW;
use crate::code::CodeObj;
use crate::dict::DictObj;
use crate::generator::GeneratorObj;
use crate::layouts::Layout;
use crate::list::ListObj;
use crate::objects as o;
use crate::slots::fixed_size;
use crate::tuple::TupleObj;
use crate::types::TypeObj;
use hognose_heap::{Header, Heap, Value};

/// What a reference is called.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Label<'a> {
    /// Nothing in particular.
    None,
    /// An item of a sequence.
    Index(usize),
    /// The attribute in the slot at this byte offset.
    Slot(usize),
    /// A field: index into [`FIELDS`].
    Field(usize),
    /// A key of a dictionary.
    Key,
    /// The value under the key visited last.
    Value,
    /// The value under this int.
    IntKey(i64),
    /// A variable.
    Variable(&'a str),
}

impl Label<'_> {
    /// As an integer; a variable is named by the number of its text.
    pub fn encode(self, text: u64) -> u64 {
        match self {
            Label::None => 0,
            Label::Index(i) => (i as u64) << 3 | 1,
            Label::Slot(offset) => (offset as u64 / 8) << 3 | 2,
            Label::Field(i) => (i as u64) << 3 | 3,
            Label::Key => 4,
            Label::Value => 5,
            Label::IntKey(n) => ((n << 1 ^ n >> 63) as u64) << 3 | 6,
            Label::Variable(_) => text << 3 | 7,
        }
    }
}

/// Names of fields.
pub const FIELDS: &[&str] = &[
    "__code__",
    "__globals__",
    "__defaults__",
    "__kwdefaults__",
    "__closure__",
    "__name__",
    "__qualname__",
    "__doc__",
    "__dict__",
    "__annotations__",
    "__annotate__",
    "__module__",
    "__type_params__",
    "__func__",
    "__self__",
    "cell_contents",
    "__bases__",
    "__mro__",
    "__class__",
    "args",
    "__traceback__",
    "__context__",
    "__cause__",
    "tb_next",
    "tb_frame",
    "f_code",
    "f_back",
    "f_locals",
    "f_globals",
    "start",
    "stop",
    "step",
    "co_consts",
    "co_names",
    "co_filename",
    "__objclass__",
    "<value>",
    "gi_frame",
    "<iterated>",
];

/// Index of a name that is in [`FIELDS`].
const fn field(name: &str) -> usize {
    let mut i = 0;
    while i < FIELDS.len() {
        let (a, b) = (FIELDS[i].as_bytes(), name.as_bytes());
        let mut same = a.len() == b.len();
        let mut j = 0;
        while same && j < b.len() {
            same = a[j] == b[j];
            j += 1;
        }
        if same {
            return i;
        }
        i += 1;
    }
    panic!("no such field");
}

macro_rules! fields {
    ($visit:ident, $o:expr, $($member:ident = $name:literal),* $(,)?) => {{
        $( if (*$o).$member.is_ptr() { $visit(Label::Field(const { field($name) }), (*$o).$member); } )*
    }};
}

/// Visits the references of a live object with their labels.
///
/// # Safety
/// `h` must be a live object of `heap`.
pub unsafe fn for_each_edge(heap: &Heap, h: *mut Header, visit: &mut dyn FnMut(Label<'_>, Value)) {
    // SAFETY: by the caller; each struct is the one of the layout.
    unsafe {
        let layout = Layout::of_kind((*h).kind());
        match layout {
            Layout::Instance => {}
            Layout::List => {
                let l = h.cast::<ListObj>();
                items(words((*l).buf, (*l).len), visit);
                items(
                    std::slice::from_raw_parts(
                        if (*l).len == 0 { std::ptr::dangling() } else { (*l).buf },
                        (*l).len,
                    ),
                    visit,
                );
            }
            Layout::Tuple => {
                let t = hognose_heap::Ref::from_value(Value::from_ptr(h));
                if let Some(t) = crate::tuple::TupleRef::new(t) {
                    let first = TupleObj::items(h);
                    items(std::slice::from_raw_parts(first, t.items().len()), visit);
                }
            }
            Layout::Dict | Layout::Set | Layout::FrozenSet => {
                entries(h.cast(), layout == Layout::Dict, visit)
            }
            Layout::Generator => generator(h.cast(), visit),
            Layout::Native | Layout::ByteArray => {
                // Slots of subclasses come last and need no name here.
                heap.trace(Value::from_ptr(h), &mut |v| visit(Label::None, v));
                return;
            }
            _ => fixed(heap, h, layout, visit),
        }
        if (*h).kind() >> 6 >= 64 && has_slots(layout) {
            slots(heap, h, fixed_part(layout), visit);
        }
    }
}

fn has_slots(layout: Layout) -> bool {
    !matches!(layout, Layout::Generator | Layout::Code | Layout::NativeFunction | Layout::Tuple)
}

/// Bytes before the slots.
fn fixed_part(layout: Layout) -> usize {
    match layout {
        Layout::Wrapped => 8,
        Layout::Range => size_of::<o::RangeObj>(),
        Layout::Slice => size_of::<o::SliceObj>(),
        Layout::Function => size_of::<o::FunctionObj>(),
        Layout::BoundMethod => size_of::<o::BoundMethodObj>(),
        Layout::Cell => size_of::<o::CellObj>(),
        Layout::Frame => size_of::<o::FrameObj>(),
        Layout::Traceback => size_of::<o::TracebackObj>(),
        Layout::ListIter => size_of::<o::ListIterObj>(),
        Layout::RangeIter => size_of::<o::RangeIterObj>(),
        Layout::Member => size_of::<o::MemberObj>(),
        _ => fixed_size(layout),
    }
}

/// Words of an array that may be absent when it is empty.
unsafe fn words<'a>(p: *mut Value, n: usize) -> &'a [Value] {
    // SAFETY: by the caller: `n` initialised words, owned by a live object.
    if n == 0 { &[] } else { unsafe { std::slice::from_raw_parts(p, n) } }
}

fn items(items: &[Value], visit: &mut dyn FnMut(Label<'_>, Value)) {
    for (i, v) in items.iter().enumerate() {
        if v.is_ptr() {
            visit(Label::Index(i), *v);
        }
    }
}

unsafe fn entries(d: *mut DictObj, has_values: bool, visit: &mut dyn FnMut(Label<'_>, Value)) {
    // SAFETY: the caller's table is alive; entries below `entries_len` are initialised.
    unsafe {
        for i in 0..(*d).entries_len as usize {
            let e = *(*d).entries.add(i);
            if e.key.is_null() {
                continue;
            }
            if e.key.is_ptr() {
                visit(if has_values { Label::Key } else { Label::None }, e.key);
            }
            if has_values && e.value.is_ptr() {
                let label = match e.key.as_int() {
                    Some(n) => Label::IntKey(n),
                    None if e.key.is_ptr() => Label::Value,
                    None => Label::None,
                };
                visit(label, e.value);
            }
        }
    }
}

unsafe fn generator(g: *mut GeneratorObj, visit: &mut dyn FnMut(Label<'_>, Value)) {
    // SAFETY: the caller's generator is alive and keeps its function, which keeps its code.
    unsafe {
        fields!(
            visit,
            g,
            func = "__func__",
            name = "__name__",
            qualname = "__qualname__",
            handled = "__context__"
        );
        fields!(visit, g, frame = "gi_frame", extra = "<value>");
        if (*g).registers.is_null() {
            return;
        }
        let code = (*(*g).func.header().cast::<o::FunctionObj>()).code.header().cast::<CodeObj>();
        for i in 0..usize::from((*g).live) {
            let v = *(*g).registers.add(i);
            if v.is_ptr() {
                let data: &std::rc::Rc<hognose_bytecode::Code> = &(*code).data;
                visit(data.varnames.get(i).map_or(Label::None, |n| Label::Variable(n)), v);
            }
        }
    }
}

unsafe fn slots(heap: &Heap, h: *mut Header, fixed: usize, visit: &mut dyn FnMut(Label<'_>, Value)) {
    // SAFETY: behind the fixed part every word to the end of the block is a value.
    unsafe {
        for offset in (fixed..heap.block_size(h.cast())).step_by(8) {
            let v = h.cast::<u8>().add(offset).cast::<Value>().read();
            if v.is_ptr() {
                visit(Label::Slot(offset), v);
            }
        }
    }
}

unsafe fn fixed(heap: &Heap, h: *mut Header, layout: Layout, visit: &mut dyn FnMut(Label<'_>, Value)) {
    // SAFETY: the layout says which struct it is.
    unsafe {
        match layout {
            Layout::Cell => fields!(visit, h.cast::<o::CellObj>(), content = "cell_contents"),
            Layout::Function => {
                let f = h.cast::<o::FunctionObj>();
                fields!(visit, f, code = "__code__", globals = "__globals__", defaults = "__defaults__");
                fields!(visit, f, kwdefaults = "__kwdefaults__", closure = "__closure__", name = "__name__");
                fields!(visit, f, qualname = "__qualname__", doc = "__doc__", dict = "__dict__");
                fields!(visit, f, annotations = "__annotations__", annotate = "__annotate__");
                fields!(visit, f, module = "__module__", type_params = "__type_params__");
            }
            Layout::BoundMethod => {
                fields!(visit, h.cast::<o::BoundMethodObj>(), func = "__func__", receiver = "__self__");
            }
            Layout::Range => {
                fields!(visit, h.cast::<o::RangeObj>(), start = "start", stop = "stop", step = "step")
            }
            Layout::Slice => {
                fields!(visit, h.cast::<o::SliceObj>(), start = "start", stop = "stop", step = "step")
            }
            Layout::Module => fields!(visit, h.cast::<o::ModuleObj>(), dict = "__dict__", name = "__name__"),
            Layout::Exception => {
                let e = h.cast::<o::ExceptionObj>();
                fields!(visit, e, args = "args", traceback = "__traceback__", context = "__context__");
                fields!(visit, e, cause = "__cause__");
            }
            Layout::Traceback => {
                fields!(visit, h.cast::<o::TracebackObj>(), next = "tb_next", frame = "tb_frame")
            }
            Layout::ListIter => fields!(visit, h.cast::<o::ListIterObj>(), list = "<iterated>"),
            Layout::Member => fields!(
                visit,
                h.cast::<o::MemberObj>(),
                name = "__name__",
                owner = "__objclass__",
                doc = "__doc__"
            ),
            Layout::Frame => {
                let f = h.cast::<o::FrameObj>();
                fields!(
                    visit,
                    f,
                    code = "f_code",
                    func = "__func__",
                    globals = "f_globals",
                    namespace = "f_locals"
                );
                fields!(visit, f, back = "f_back", locals = "f_locals", extra = "<value>");
            }
            Layout::Wrapped | Layout::RangeIter => {}
            Layout::Type => {
                let t = h.cast::<TypeObj>();
                fields!(visit, t, name = "__name__", qualname = "__qualname__", bases = "__bases__");
                fields!(visit, t, mro = "__mro__", dict = "__dict__", module = "__module__");
                fields!(visit, t, self_ref = "__class__");
            }
            Layout::Code => code(h.cast(), visit),
            _ => heap.trace(Value::from_ptr(h), &mut |v| visit(Label::None, v)),
        }
    }
}

unsafe fn code(c: *mut CodeObj, visit: &mut dyn FnMut(Label<'_>, Value)) {
    // SAFETY: the caller's code object is alive.
    unsafe {
        let consts = words((*c).consts, (*c).consts_len as usize);
        let names = words((*c).names, (*c).names_len as usize);
        for v in consts.iter().filter(|v| v.is_ptr()) {
            visit(Label::Field(const { field("co_consts") }), *v);
        }
        for v in names.iter().filter(|v| v.is_ptr()) {
            visit(Label::Field(const { field("co_names") }), *v);
        }
        fields!(visit, c, name = "__name__", qualname = "__qualname__", filename = "co_filename");
        fields!(visit, c, varnames = "co_names");
    }
}

/// A short text for an object: contents of strings and numbers, names of functions, classes and modules; and whether
/// it was cut.
///
/// # Safety
/// `h` must be a live object.
pub unsafe fn preview<'a>(h: *mut Header) -> (std::borrow::Cow<'a, [u8]>, bool) {
    use std::borrow::Cow;
    // SAFETY: by the caller; names are strings owned by the object.
    unsafe {
        let v = hognose_heap::Ref::from_value(Value::from_ptr(h));
        let name = |v: Value| match crate::str::StrRef::new(hognose_heap::Ref::from_value(v)) {
            Some(s) if v.is_ptr() => s.as_bytes(),
            _ => &[][..],
        };
        let bytes: &[u8] = match Layout::of_kind((*h).kind()) {
            Layout::Str => name(v.value()),
            Layout::Bytes => crate::bytes::bytes_of(v).unwrap_or(&[]),
            Layout::Function => name((*h.cast::<o::FunctionObj>()).qualname),
            Layout::Code => name((*h.cast::<CodeObj>()).qualname),
            Layout::Type => name((*h.cast::<TypeObj>()).qualname),
            Layout::Module => name((*h.cast::<o::ModuleObj>()).name),
            Layout::NativeFunction => name((*h.cast::<crate::function::NativeFunctionObj>()).name),
            Layout::Generator => name((*h.cast::<GeneratorObj>()).qualname),
            _ => return (Cow::Borrowed(&[]), false),
        };
        (Cow::Borrowed(&bytes[..bytes.len().min(PREVIEW)]), bytes.len() > PREVIEW)
    }
}
