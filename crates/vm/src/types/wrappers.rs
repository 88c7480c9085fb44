//! Special methods of built-in types, generated from their slots: `list.__len__` calls the slot `len`.
//!
//! The function finds the slot through its owner (the class it was defined on), so calling `list.__len__` on an
//! instance of a subclass uses the list's own.
#![allow(unsafe_code, reason = "reads the owner of the native function called")]

use crate::args::{Args, NativeDef};
use crate::class::TypeRef;
use crate::type_slots::{BinOp, CmpOp, Slots, UnaryOp};
use crate::{PyResult, Vm};
use hognose_object::function::NativeFunctionObj;
use hognose_object::{Layout, NONE, NOT_IMPLEMENTED, Owned, Ref, Value, none, owned_bool};

/// Slots of the class a wrapper was defined on.
fn slots<'a>(args: &Args<'a>) -> &'a Slots {
    let f = args.callee.value().header().cast::<NativeFunctionObj>();
    // SAFETY: wrappers are called as native functions, which own their class.
    let owner = unsafe { Ref::<'a>::from_value((*f).owner) };
    TypeRef::new(owner).map_or(&Slots::NONE, TypeRef::slots)
}

fn missing(vm: &mut Vm) -> crate::Raised {
    vm.type_error("operation not supported by this type")
}

macro_rules! unary {
    ($($id:ident $name:literal $slot:ident;)*) => { $(
        static $id: NativeDef = NativeDef::wrapper($name, "$self, /", |vm, a| match slots(a).$slot {
            Some(f) => f(vm, a.get(0)),
            None => Err(missing(vm)),
        });
    )* };
}

unary! {
    REPR "__repr__" repr;
    STR "__str__" str;
    ITER "__iter__" iter;
    INT "__int__" int;
    FLOAT "__float__" float;
    INDEX "__index__" index;
    AWAIT "__await__" await_;
    AITER "__aiter__" aiter;
    ANEXT "__anext__" anext;
}

static HASH: NativeDef = NativeDef::wrapper("__hash__", "$self, /", |vm, a| match slots(a).hash {
    Some(f) => {
        let h = f(vm, a.get(0))?;
        vm.new_int(h)
    }
    None => Err(missing(vm)),
});
static NEXT: NativeDef = NativeDef::wrapper("__next__", "$self, /", |vm, a| match slots(a).next {
    Some(f) => match f(vm, a.get(0))? {
        Some(v) => Ok(v),
        None => Err(vm.stop_iteration(None)),
    },
    None => Err(missing(vm)),
});
static LEN: NativeDef = NativeDef::wrapper("__len__", "$self, /", |vm, a| match slots(a).len {
    Some(f) => {
        let n = f(vm, a.get(0))?;
        vm.new_int(n as i64)
    }
    None => Err(missing(vm)),
});
static BOOL: NativeDef = NativeDef::wrapper("__bool__", "$self, /", |vm, a| match slots(a).bool {
    Some(f) => f(vm, a.get(0)).map(owned_bool),
    None => Err(missing(vm)),
});
static GETITEM: NativeDef =
    NativeDef::wrapper("__getitem__", "$self, key, /", |vm, a| match slots(a).getitem {
        Some(f) => f(vm, a.get(0), a.get(1)),
        None => Err(missing(vm)),
    });
/// Lists, dicts and sets have these as methods, which is visible in their types and messages.
static AS_METHODS: [NativeDef; 2] = [
    NativeDef::method("__getitem__", "$self, key, /", GETITEM.func),
    NativeDef::method("__contains__", "$self, key, /", CONTAINS.func),
];

/// Slots of types with this layout that are methods in place of wrappers.
pub(crate) fn as_methods(layout: Layout) -> &'static [NativeDef] {
    match layout {
        Layout::List => &AS_METHODS[..1],
        Layout::Dict => &AS_METHODS,
        Layout::Set | Layout::FrozenSet => &AS_METHODS[1..],
        _ => &[],
    }
}

static SETITEM: NativeDef =
    NativeDef::wrapper("__setitem__", "$self, key, value, /", |vm, a| match slots(a).setitem {
        Some(f) => f(vm, a.get(0), a.get(1), Some(a.get(2))).map(|()| none()),
        None => Err(missing(vm)),
    });
static DELITEM: NativeDef =
    NativeDef::wrapper("__delitem__", "$self, key, /", |vm, a| match slots(a).setitem {
        Some(f) => f(vm, a.get(0), a.get(1), None).map(|()| none()),
        None => Err(missing(vm)),
    });
static CONTAINS: NativeDef =
    NativeDef::wrapper("__contains__", "$self, key, /", |vm, a| match slots(a).contains {
        Some(f) => f(vm, a.get(0), a.get(1)).map(owned_bool),
        None => Err(missing(vm)),
    });
static CALL: NativeDef =
    NativeDef::wrapper("__call__", "$self, *args, **kwargs", |vm, a| match slots(a).call {
        Some(f) => f(vm, a),
        None => Err(missing(vm)),
    });
static INIT: NativeDef =
    NativeDef::wrapper("__init__", "$self, *args, **kwargs", |vm, a| match slots(a).init {
        Some(f) => f(vm, a).map(|()| none()),
        None => Err(missing(vm)),
    });
static NEW: NativeDef = NativeDef::static_method("__new__", "*args, **kwargs", new);
static GETATTRIBUTE: NativeDef =
    NativeDef::wrapper("__getattribute__", "$self, name, /", |vm, a| match slots(a).getattro {
        Some(f) => {
            let name = vm.attr_name(a.get(1))?;
            f(vm, a.get(0), name.as_ref())
        }
        None => {
            let name = vm.attr_name(a.get(1))?;
            vm.generic_get_attr(a.get(0), name.as_ref())
        }
    });
static SETATTR: NativeDef =
    NativeDef::wrapper("__setattr__", "$self, name, value, /", |vm, a| set_attr(vm, a, Some(a.get(2))));
static DELATTR: NativeDef =
    NativeDef::wrapper("__delattr__", "$self, name, /", |vm, a| set_attr(vm, a, None));
static GET: NativeDef =
    NativeDef::wrapper("__get__", "$self, instance, owner=None, /", |vm, a| match slots(a).descr_get {
        Some(f) => {
            let null = Ref::from_immediate(Value::NULL);
            let owner = a.opt(2).filter(|o| o.value() != NONE);
            let obj = if a.get(1).value() == NONE { null } else { a.get(1) };
            if obj.is_null() && owner.is_none() {
                return Err(vm.type_error("__get__(None, None) is invalid"));
            }
            let class = match owner {
                Some(o) => o.owned(),
                None => vm.class_of(obj).owned(),
            };
            f(vm, a.get(0), obj, class.as_ref())
        }
        None => Err(missing(vm)),
    });
static SET: NativeDef =
    NativeDef::wrapper("__set__", "$self, instance, value, /", |vm, a| match slots(a).descr_set {
        Some(f) => f(vm, a.get(0), a.get(1), Some(a.get(2))).map(|()| none()),
        None => Err(missing(vm)),
    });
static DELETE: NativeDef =
    NativeDef::wrapper("__delete__", "$self, instance, /", |vm, a| match slots(a).descr_set {
        Some(f) => f(vm, a.get(0), a.get(1), None).map(|()| none()),
        None => Err(missing(vm)),
    });

fn set_attr(vm: &mut Vm, a: &Args<'_>, value: Option<Ref<'_>>) -> PyResult {
    let name = vm.attr_name(a.get(1))?;
    match slots(a).setattro {
        Some(f) => f(vm, a.get(0), name.as_ref(), value)?,
        None => vm.generic_set_attr(a.get(0), name.as_ref(), value)?,
    }
    Ok(none())
}

fn new(vm: &mut Vm, a: &Args<'_>) -> PyResult {
    let f = a.callee.value().header().cast::<NativeFunctionObj>();
    // SAFETY: called as a native function, which owns its class.
    let owner = unsafe { Ref::from_value((*f).owner) };
    let Some(owner) = TypeRef::new(owner) else { return Err(missing(vm)) };
    let name = vm.class_name(owner);
    let Some(&first) = a.pos.first() else {
        return Err(vm.type_error(&format!("{name}.__new__(): not enough arguments")));
    };
    let Some(class) = TypeRef::new(first) else {
        let given = vm.type_name(first);
        return Err(vm.type_error(&format!("{name}.__new__(X): X is not a type object ({given})")));
    };
    if !class.is_subclass_of(owner) {
        let sub = vm.class_name(class);
        return Err(vm.type_error(&format!("{name}.__new__({sub}): {sub} is not a subtype of {name}")));
    }
    match owner.slots().new {
        Some(f) => f(vm, a),
        None => Err(missing(vm)),
    }
}

macro_rules! compare {
    ($($id:ident $op:ident;)*) => { $(
        static $id: NativeDef = NativeDef::wrapper(CmpOp::$op.method(), "$self, value, /", |vm, a| {
            match slots(a).richcompare {
                Some(f) => f(vm, CmpOp::$op, a.get(0), a.get(1)),
                None => Err(missing(vm)),
            }
        });
    )* };
}
compare! { LT Lt; LE Le; EQ Eq; NE Ne; GT Gt; GE Ge; }

macro_rules! unary_ops {
    ($($id:ident $op:ident;)*) => { $(
        static $id: NativeDef = NativeDef::wrapper(UnaryOp::$op.method(), "$self, /", |vm, a| {
            match slots(a).unary {
                Some(f) => f(vm, UnaryOp::$op, a.get(0)),
                None => Err(missing(vm)),
            }
        });
    )* };
}
unary_ops! { NEG Neg; POS Pos; INVERT Invert; ABS Abs; }

macro_rules! binary {
    ($($plain:ident $reflected:ident $inplace:ident $op:ident;)*) => {
        $(
            static $plain: NativeDef = NativeDef::wrapper(BinOp::$op.methods()[0], "$self, value, /", |vm, a| {
                binary(vm, a, BinOp::$op, false)
            });
            static $reflected: NativeDef = NativeDef::wrapper(BinOp::$op.methods()[1], "$self, value, /", |vm, a| {
                binary(vm, a, BinOp::$op, true)
            });
            static $inplace: NativeDef = NativeDef::wrapper(BinOp::$op.methods()[2], "$self, value, /", |vm, a| {
                match slots(a).inplace {
                    Some(f) => {
                        let r = f(vm, BinOp::$op, a.get(0), a.get(1))?;
                        if r.value() == NOT_IMPLEMENTED && matches!(BinOp::$op, BinOp::Mul) {
                            return sequence_operand(vm, BinOp::$op, a.get(0), a.get(1), r);
                        }
                        Ok(r)
                    }
                    None => Err(missing(vm)),
                }
            });
        )*
        /// Wrappers of each operator, by number.
        static OPERATORS: &[[&NativeDef; 3]] = &[$([&$plain, &$reflected, &$inplace],)*];
    };
}
binary! {
    ADD RADD IADD Add;
    SUB RSUB ISUB Sub;
    MUL RMUL IMUL Mul;
    TRUEDIV RTRUEDIV ITRUEDIV TrueDiv;
    FLOORDIV RFLOORDIV IFLOORDIV FloorDiv;
    MOD RMOD IMOD Mod;
    AND RAND IAND And;
    OR ROR IOR Or;
    XOR RXOR IXOR Xor;
    LSHIFT RLSHIFT ILSHIFT LShift;
    RSHIFT RRSHIFT IRSHIFT RShift;
    POW RPOW IPOW Pow;
    MATMUL RMATMUL IMATMUL MatMul;
    DIVMOD RDIVMOD IDIVMOD DivMod;
}

fn binary(vm: &mut Vm, a: &Args<'_>, op: BinOp, reflected: bool) -> PyResult {
    let Some(f) = slots(a).binary else { return Err(missing(vm)) };
    let (x, y) = if reflected { (a.get(1), a.get(0)) } else { (a.get(0), a.get(1)) };
    let r = f(vm, op, x, y)?;
    if r.value() == NOT_IMPLEMENTED && matches!(op, BinOp::Add | BinOp::Mul) {
        return sequence_operand(vm, op, a.get(0), a.get(1), r);
    }
    Ok(r)
}

/// In CPython, concatenation and repetition are no number slots: called directly, they complain about the operand
/// instead of giving NotImplemented. `not_implemented` is given back for what is no sequence.
fn sequence_operand(
    vm: &mut Vm,
    op: BinOp,
    own: Ref<'_>,
    other: Ref<'_>,
    not_implemented: Owned,
) -> PyResult {
    let layout = vm.class_of(own).value_layout();
    if !matches!(layout, Layout::List | Layout::Tuple | Layout::Str | Layout::Bytes | Layout::ByteArray) {
        return Ok(not_implemented);
    }
    if op == BinOp::Mul {
        vm.index_isize(other, false)?;
        return Ok(not_implemented);
    }
    Err(vm.cannot_concatenate(layout, own, other))
}

/// `__pow__` and `__rpow__` may have the modulus as one argument more.
static POW3: NativeDef =
    NativeDef::wrapper("__pow__", "$self, value, mod=None, /", |vm, a| power(vm, a, false));
static RPOW3: NativeDef =
    NativeDef::wrapper("__rpow__", "$self, value, mod=None, /", |vm, a| power(vm, a, true));

fn power(vm: &mut Vm, a: &Args<'_>, reflected: bool) -> PyResult {
    let Some(modulus) = a.opt(2).filter(|m| m.value() != NONE) else {
        return binary(vm, a, BinOp::Pow, reflected);
    };
    let (x, y) = if reflected { (a.get(1), a.get(0)) } else { (a.get(0), a.get(1)) };
    let is_int = |r: Ref<'_>| hognose_object::int::is_int(crate::class::base_value(r));
    if is_int(x) && is_int(y) && is_int(modulus) {
        return super::int::ops::pow_mod(vm, x, y, modulus);
    }
    match vm.class_of(a.get(0)).value_layout() {
        Layout::Float => {
            Err(vm.type_error("pow() 3rd argument not allowed unless all arguments are integers"))
        }
        Layout::Complex => Err(vm.value_error("complex modulo")),
        _ => Ok(Owned::from_immediate(NOT_IMPLEMENTED)),
    }
}

/// The wrappers for all slots a definition has.
pub(crate) fn for_slots(s: &Slots) -> Vec<&'static NativeDef> {
    let mut out: Vec<&'static NativeDef> = Vec::new();
    let mut add = |present: bool, defs: &[&'static NativeDef]| {
        if present {
            out.extend_from_slice(defs);
        }
    };
    add(s.repr.is_some(), &[&REPR]);
    add(s.str.is_some(), &[&STR]);
    add(s.hash.is_some(), &[&HASH]);
    add(s.call.is_some(), &[&CALL]);
    add(s.getattro.is_some(), &[&GETATTRIBUTE]);
    add(s.setattro.is_some(), &[&SETATTR, &DELATTR]);
    add(s.iter.is_some(), &[&ITER]);
    add(s.next.is_some(), &[&NEXT]);
    add(s.richcompare.is_some(), &[&LT, &LE, &EQ, &NE, &GT, &GE]);
    add(s.len.is_some(), &[&LEN]);
    add(s.getitem.is_some(), &[&GETITEM]);
    add(s.setitem.is_some(), &[&SETITEM, &DELITEM]);
    add(s.contains.is_some(), &[&CONTAINS]);
    add(s.unary.is_some(), &[&NEG, &POS, &INVERT, &ABS]);
    add(s.bool.is_some(), &[&BOOL]);
    add(s.int.is_some(), &[&INT]);
    add(s.float.is_some(), &[&FLOAT]);
    add(s.index.is_some(), &[&INDEX]);
    add(s.descr_get.is_some(), &[&GET]);
    add(s.descr_set.is_some(), &[&SET, &DELETE]);
    add(s.new.is_some(), &[&NEW]);
    add(s.init.is_some(), &[&INIT]);
    add(s.await_.is_some(), &[&AWAIT]);
    add(s.aiter.is_some(), &[&AITER]);
    add(s.anext.is_some(), &[&ANEXT]);
    for op in BinOp::ALL {
        let [mut plain, mut reflected, inplace] = OPERATORS[op as usize];
        if op == BinOp::Pow {
            (plain, reflected) = (&POW3, &RPOW3);
        }
        add(s.binary_ops & op.bit() != 0, &[plain, reflected]);
        add(s.inplace_ops & op.bit() != 0, &[inplace]);
    }
    out
}

/// `object`'s own generic attribute access.
pub(crate) static OBJECT_ATTRIBUTES: &[&NativeDef] = &[&GETATTRIBUTE, &SETATTR, &DELATTR];
