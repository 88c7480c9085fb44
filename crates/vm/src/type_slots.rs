//! Type slots: what the machine calls to operate on an object of a type, CPython's `tp_*`, `nb_*`, `sq_*`.
//!
//! A built-in type gives native functions; a class that defines the special method in Python gets a function that looks
//! the method up (see slot_calls.rs). A missing slot means that the operation is not supported.

use crate::{Args, PyResult, Vm};
use hognose_object::types::TypeObj;
use hognose_object::{Owned, Ref};

/// Binary operators.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
#[allow(missing_docs, reason = "the names are the operators'")]
pub enum BinOp {
    Add,
    Sub,
    Mul,
    TrueDiv,
    FloorDiv,
    Mod,
    And,
    Or,
    Xor,
    LShift,
    RShift,
    Pow,
    MatMul,
    DivMod,
}

/// How many there are.
pub const BINOPS: usize = BinOp::DivMod as usize + 1;

impl BinOp {
    /// All of them, by number.
    pub const ALL: [BinOp; BINOPS] = {
        use BinOp::*;
        [Add, Sub, Mul, TrueDiv, FloorDiv, Mod, And, Or, Xor, LShift, RShift, Pow, MatMul, DivMod]
    };

    /// The mask bit for [`Slots::binary_ops`].
    pub const fn bit(self) -> u32 {
        1 << self as u32
    }

    /// As written.
    pub const fn symbol(self) -> &'static str {
        ["+", "-", "*", "/", "//", "%", "&", "|", "^", "<<", ">>", "** or pow()", "@", "divmod()"]
            [self as usize]
    }

    /// The special methods: plain, reflected, in-place.
    pub const fn methods(self) -> [&'static str; 3] {
        [
            ["__add__", "__radd__", "__iadd__"],
            ["__sub__", "__rsub__", "__isub__"],
            ["__mul__", "__rmul__", "__imul__"],
            ["__truediv__", "__rtruediv__", "__itruediv__"],
            ["__floordiv__", "__rfloordiv__", "__ifloordiv__"],
            ["__mod__", "__rmod__", "__imod__"],
            ["__and__", "__rand__", "__iand__"],
            ["__or__", "__ror__", "__ior__"],
            ["__xor__", "__rxor__", "__ixor__"],
            ["__lshift__", "__rlshift__", "__ilshift__"],
            ["__rshift__", "__rrshift__", "__irshift__"],
            ["__pow__", "__rpow__", "__ipow__"],
            ["__matmul__", "__rmatmul__", "__imatmul__"],
            ["__divmod__", "__rdivmod__", ""],
        ][self as usize]
    }
}

/// Comparison operators.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
#[allow(missing_docs, reason = "the names are the operators'")]
pub enum CmpOp {
    Lt,
    Le,
    Eq,
    Ne,
    Gt,
    Ge,
}

impl CmpOp {
    /// All of them, by number.
    pub const ALL: [CmpOp; 6] = [CmpOp::Lt, CmpOp::Le, CmpOp::Eq, CmpOp::Ne, CmpOp::Gt, CmpOp::Ge];

    /// As written.
    pub const fn symbol(self) -> &'static str {
        ["<", "<=", "==", "!=", ">", ">="][self as usize]
    }

    /// The special method.
    pub const fn method(self) -> &'static str {
        ["__lt__", "__le__", "__eq__", "__ne__", "__gt__", "__ge__"][self as usize]
    }

    /// With the operands exchanged.
    pub const fn swapped(self) -> CmpOp {
        [CmpOp::Gt, CmpOp::Ge, CmpOp::Eq, CmpOp::Ne, CmpOp::Lt, CmpOp::Le][self as usize]
    }

    /// What it says of an ordering.
    pub fn holds(self, o: std::cmp::Ordering) -> bool {
        match self {
            CmpOp::Lt => o.is_lt(),
            CmpOp::Le => o.is_le(),
            CmpOp::Eq => o.is_eq(),
            CmpOp::Ne => o.is_ne(),
            CmpOp::Gt => o.is_gt(),
            CmpOp::Ge => o.is_ge(),
        }
    }
}

/// Unary operators.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
#[allow(missing_docs, reason = "the names are the operators'")]
pub enum UnaryOp {
    Neg,
    Pos,
    Invert,
    Abs,
}

impl UnaryOp {
    /// The special method.
    pub const fn method(self) -> &'static str {
        ["__neg__", "__pos__", "__invert__", "__abs__"][self as usize]
    }

    /// As error messages name it.
    pub const fn text(self) -> &'static str {
        ["unary -", "unary +", "unary ~", "abs()"][self as usize]
    }
}

/// One operand, a value.
pub type UnarySlot = fn(&mut Vm, Ref<'_>) -> PyResult;
/// Two operands, a value.
pub type BinarySlot = fn(&mut Vm, Ref<'_>, Ref<'_>) -> PyResult;
/// A class and arguments (`__new__`); or an object and arguments (`__call__`): the first positional one is it.
pub type CallSlot = fn(&mut Vm, &Args<'_>) -> PyResult;

/// The slots of a type.
#[derive(Clone, Copy, Default)]
pub struct Slots {
    /// `__repr__`
    pub repr: Option<UnarySlot>,
    /// `__str__`
    pub str: Option<UnarySlot>,
    /// `__hash__`
    pub hash: Option<fn(&mut Vm, Ref<'_>) -> PyResult<i64>>,
    /// `__call__`: `pos[0]` is the object called.
    pub call: Option<CallSlot>,
    /// `__getattribute__` where it is not the generic one.
    pub getattro: Option<BinarySlot>,
    /// `__setattr__`, `__delattr__` (value absent) where not generic.
    pub setattro: Option<fn(&mut Vm, Ref<'_>, Ref<'_>, Option<Ref<'_>>) -> PyResult<()>>,
    /// `__iter__`
    pub iter: Option<UnarySlot>,
    /// `__next__`: `None` when exhausted (no StopIteration object is made).
    pub next: Option<fn(&mut Vm, Ref<'_>) -> PyResult<Option<Owned>>>,
    /// `__lt__` …: may give NotImplemented.
    pub richcompare: Option<fn(&mut Vm, CmpOp, Ref<'_>, Ref<'_>) -> PyResult>,
    /// `__len__`
    pub len: Option<fn(&mut Vm, Ref<'_>) -> PyResult<usize>>,
    /// `__getitem__`
    pub getitem: Option<BinarySlot>,
    /// `__setitem__`, `__delitem__` (value absent)
    pub setitem: Option<fn(&mut Vm, Ref<'_>, Ref<'_>, Option<Ref<'_>>) -> PyResult<()>>,
    /// `__contains__`
    pub contains: Option<fn(&mut Vm, Ref<'_>, Ref<'_>) -> PyResult<bool>>,
    /// `__add__` … and their reflected forms: either operand is of the type; may give NotImplemented.
    pub binary: Option<fn(&mut Vm, BinOp, Ref<'_>, Ref<'_>) -> PyResult>,
    /// Which operators `binary` knows, as bits.
    pub binary_ops: u32,
    /// `__iadd__` …: may give NotImplemented.
    pub inplace: Option<fn(&mut Vm, BinOp, Ref<'_>, Ref<'_>) -> PyResult>,
    /// Which operators `inplace` knows, as bits.
    pub inplace_ops: u32,
    /// `__neg__` …
    pub unary: Option<fn(&mut Vm, UnaryOp, Ref<'_>) -> PyResult>,
    /// `__bool__`
    pub bool: Option<fn(&mut Vm, Ref<'_>) -> PyResult<bool>>,
    /// `__int__`
    pub int: Option<UnarySlot>,
    /// `__float__`
    pub float: Option<UnarySlot>,
    /// `__index__`
    pub index: Option<UnarySlot>,
    /// `__get__(descriptor, instance or NULL, class)`
    pub descr_get: Option<fn(&mut Vm, Ref<'_>, Ref<'_>, Ref<'_>) -> PyResult>,
    /// `__set__(descriptor, instance, value)`, `__delete__` (value absent)
    pub descr_set: Option<fn(&mut Vm, Ref<'_>, Ref<'_>, Option<Ref<'_>>) -> PyResult<()>>,
    /// `__new__`: `pos[0]` is the class.
    pub new: Option<CallSlot>,
    /// `__init__`: `pos[0]` is the object.
    pub init: Option<fn(&mut Vm, &Args<'_>) -> PyResult<()>>,
    /// `__await__`
    pub await_: Option<UnarySlot>,
    /// `__aiter__`
    pub aiter: Option<UnarySlot>,
    /// `__anext__`
    pub anext: Option<UnarySlot>,
}

impl Slots {
    /// No slots.
    pub const NONE: Slots = Slots {
        repr: None,
        str: None,
        hash: None,
        call: None,
        getattro: None,
        setattro: None,
        iter: None,
        next: None,
        richcompare: None,
        len: None,
        getitem: None,
        setitem: None,
        contains: None,
        binary: None,
        binary_ops: 0,
        inplace: None,
        inplace_ops: 0,
        unary: None,
        bool: None,
        int: None,
        float: None,
        index: None,
        descr_get: None,
        descr_set: None,
        new: None,
        init: None,
        await_: None,
        aiter: None,
        anext: None,
    };
}

/// The slots of a class.
#[inline(always)]
#[allow(unsafe_code, reason = "the type's table is opaque to the object crate")]
pub fn slots_of(t: &TypeObj) -> &Slots {
    // SAFETY: every type the machine makes gets a boxed `Slots`, freed only with the machine.
    unsafe { &*t.slots.cast::<Slots>() }
}
