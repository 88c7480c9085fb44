//! The table that tells the heap how to trace and drop each layout.

#![allow(unsafe_code, reason = "vtable functions take raw headers")]

use crate::dict::DictObj;
use crate::layouts::{LAYOUTS, Layout};
use crate::list::ListObj;
use crate::objects::*;
use crate::slots::{drop_slots, trace_slots};
use crate::tuple::TupleObj;
use hognose_heap::{Header, Heap, KindVTable, Value};

unsafe fn trace_nothing(_: *mut Header, _: &mut dyn FnMut(Value)) {}
unsafe fn drop_nothing(_: *mut Header, _: &Heap) {}
unsafe fn no_buffers(_: *mut Header) -> usize {
    0
}
unsafe fn trace_instance(h: *mut Header, visit: &mut dyn FnMut(Value)) {
    // SAFETY: the vtable's caller gives a live instance.
    unsafe { trace_slots(h, 8, visit) }
}
unsafe fn drop_instance(h: *mut Header, _: &Heap) {
    // SAFETY: the vtable's caller gives a dying instance.
    unsafe { drop_slots(h, 8) }
}

const fn traced(
    name: &'static str,
    trace: unsafe fn(*mut Header, &mut dyn FnMut(Value)),
    drop: unsafe fn(*mut Header, &Heap),
    buffers: unsafe fn(*mut Header) -> usize,
) -> KindVTable {
    KindVTable { name, traced: true, trace, trace_part: None, drop, buffers }
}

const fn leaf(name: &'static str) -> KindVTable {
    KindVTable {
        name,
        traced: false,
        trace: trace_nothing,
        trace_part: None,
        drop: drop_nothing,
        buffers: no_buffers,
    }
}

/// A layout that may have very many children.
const fn long(
    vtable: KindVTable,
    trace_part: unsafe fn(*mut Header, usize, &mut dyn FnMut(Value)) -> usize,
) -> KindVTable {
    KindVTable { trace_part: Some(trace_part), ..vtable }
}

macro_rules! small {
    ($t:ident, $name:literal) => {
        traced($name, $t::trace, $t::drop, no_buffers)
    };
}

/// ORDER: Layout.
pub static VTABLES: [KindVTable; LAYOUTS] = [
    traced("instance", trace_instance, drop_instance, no_buffers),
    traced("wrapped", trace_instance, drop_instance, no_buffers),
    leaf("int"),
    leaf("float"),
    leaf("complex"),
    leaf("str"),
    leaf("bytes"),
    traced(
        "bytearray",
        crate::bytes::ByteArrayObj::trace,
        crate::bytes::ByteArrayObj::drop,
        crate::bytes::ByteArrayObj::buffers,
    ),
    long(traced("list", ListObj::trace, ListObj::drop, ListObj::buffers), ListObj::trace_part),
    long(traced("tuple", TupleObj::trace, TupleObj::drop, no_buffers), TupleObj::trace_part),
    long(traced("dict", DictObj::trace, DictObj::drop, DictObj::buffers), DictObj::trace_part),
    long(traced("set", DictObj::trace, DictObj::drop, DictObj::buffers), DictObj::trace_part),
    long(traced("frozenset", DictObj::trace, DictObj::drop, DictObj::buffers), DictObj::trace_part),
    small!(RangeObj, "range"),
    small!(SliceObj, "slice"),
    small!(FunctionObj, "function"),
    small!(BoundMethodObj, "method"),
    traced(
        "native",
        crate::native::NativeHeader::trace,
        crate::native::NativeHeader::drop,
        crate::native::NativeHeader::buffers,
    ),
    traced("type", crate::types::TypeObj::trace, crate::types::TypeObj::drop, no_buffers),
    small!(ModuleObj, "module"),
    small!(CellObj, "cell"),
    traced("code", crate::code::CodeObj::trace, crate::code::CodeObj::drop, crate::code::CodeObj::buffers),
    small!(FrameObj, "frame"),
    traced(
        "generator",
        crate::generator::GeneratorObj::trace,
        crate::generator::GeneratorObj::drop,
        crate::generator::GeneratorObj::buffers,
    ),
    small!(ExceptionObj, "exception"),
    small!(TracebackObj, "traceback"),
    traced(
        "builtin_function",
        crate::function::NativeFunctionObj::trace,
        crate::function::NativeFunctionObj::drop,
        no_buffers,
    ),
    small!(ListIterObj, "list_iterator"),
    small!(RangeIterObj, "range_iterator"),
    small!(MemberObj, "member_descriptor"),
];

const _: () = assert!(Layout::Member as usize + 1 == VTABLES.len());
