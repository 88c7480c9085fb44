//! Names the machine itself uses, interned once and immortal.
#![allow(unsafe_code, reason = "a table of words that are filled in later")]

use crate::type_slots::{BinOp, CmpOp, UnaryOp};
use crate::{PyResult, Vm};
use hognose_object::{Ref, Value};

macro_rules! names {
    ($($id:ident)*) => {
        /// Interned strings for well-known names.
        #[allow(missing_docs, reason = "each is the name it says")]
        pub struct Names { $(pub $id: Ref<'static>,)* }

        impl Names {
            pub(crate) fn new(vm: &mut Vm) -> PyResult<Names> {
                Ok(Names { $($id: vm.immortal_name(stringify!($id))?,)* })
            }
        }
    };
}

names! {
    __add__ __radd__ __iadd__ __sub__ __rsub__ __isub__ __mul__ __rmul__ __imul__ __truediv__ __rtruediv__ __itruediv__
    __floordiv__ __rfloordiv__ __ifloordiv__ __mod__ __rmod__ __imod__ __and__ __rand__ __iand__ __or__ __ror__ __ior__
    __xor__ __rxor__ __ixor__ __lshift__ __rlshift__ __ilshift__ __rshift__ __rrshift__ __irshift__ __pow__ __rpow__
    __ipow__ __matmul__ __rmatmul__ __imatmul__ __divmod__ __rdivmod__
    __abs__ __aenter__ __aexit__ __aiter__ __all__ __anext__ __annotate__ __annotate_func__ __annotations__ __args__
    __await__ __bases__ __bool__ __build_class__ __builtins__ __bytes__ __call__ __cause__ __class__ __class_getitem__
    __classcell__ __classdictcell__ __complex__ __contains__ __context__ __debug__ __del__ __delattr__ __delete__
    __delitem__ __dict__ __dir__ __doc__ __enter__ __eq__ __exit__ __file__ __float__ __format__ __ge__ __get__
    __getattr__ __getattribute__ __getitem__ __gt__ __hash__ __import__ __index__ __init__ __init_subclass__
    __instancecheck__ __int__ __invert__ __iter__ __le__ __len__ __length_hint__ __loader__ __lt__ __main__
    __match_args__ __missing__ __module__ __mro__ __mro_entries__ __name__ __ne__ __neg__ __new__ __next__
    __notes__ __orig_bases__ __package__ __path__ __pos__ __prepare__ __qualname__ __repr__ __reversed__ __round__
    __self__ __set__ __set_name__ __setattr__ __setitem__ __sizeof__ __slots__ __spec__ __static_attributes__
    __firstlineno__ __str__ __subclasscheck__ __subclasshook__ __traceback__ __trunc__ __type_params__ __weakref__
    __wrapped__ args builtins close code displayhook end errors excepthook file filename flush keys key big little
    lineno metaclass modules msg mro name name_from obj offset path print_file_and_line reverse send sep stderr stdout
    text throw unraisablehook value write end_lineno end_offset exceptions message getvalue read readline n start
    stop step encoding object reason default sys stdin ps1 ps2 fileno decode items values get
}

impl Names {
    /// The special methods of a binary operator: plain, reflected, in-place (for `divmod`, which has none, the plain one).
    #[inline]
    pub(crate) fn binary(&self, op: BinOp) -> [Ref<'static>; 3] {
        match op {
            BinOp::Add => [self.__add__, self.__radd__, self.__iadd__],
            BinOp::Sub => [self.__sub__, self.__rsub__, self.__isub__],
            BinOp::Mul => [self.__mul__, self.__rmul__, self.__imul__],
            BinOp::TrueDiv => [self.__truediv__, self.__rtruediv__, self.__itruediv__],
            BinOp::FloorDiv => [self.__floordiv__, self.__rfloordiv__, self.__ifloordiv__],
            BinOp::Mod => [self.__mod__, self.__rmod__, self.__imod__],
            BinOp::And => [self.__and__, self.__rand__, self.__iand__],
            BinOp::Or => [self.__or__, self.__ror__, self.__ior__],
            BinOp::Xor => [self.__xor__, self.__rxor__, self.__ixor__],
            BinOp::LShift => [self.__lshift__, self.__rlshift__, self.__ilshift__],
            BinOp::RShift => [self.__rshift__, self.__rrshift__, self.__irshift__],
            BinOp::Pow => [self.__pow__, self.__rpow__, self.__ipow__],
            BinOp::MatMul => [self.__matmul__, self.__rmatmul__, self.__imatmul__],
            BinOp::DivMod => [self.__divmod__, self.__rdivmod__, self.__divmod__],
        }
    }

    /// The special method of a comparison.
    #[inline]
    pub(crate) fn compare(&self, op: CmpOp) -> Ref<'static> {
        match op {
            CmpOp::Lt => self.__lt__,
            CmpOp::Le => self.__le__,
            CmpOp::Eq => self.__eq__,
            CmpOp::Ne => self.__ne__,
            CmpOp::Gt => self.__gt__,
            CmpOp::Ge => self.__ge__,
        }
    }

    /// The special method of a unary operator.
    pub(crate) fn unary(&self, op: UnaryOp) -> Ref<'static> {
        match op {
            UnaryOp::Neg => self.__neg__,
            UnaryOp::Pos => self.__pos__,
            UnaryOp::Invert => self.__invert__,
            UnaryOp::Abs => self.__abs__,
        }
    }
}

impl Names {
    /// Nothing yet.
    pub(crate) fn unset() -> Box<Names> {
        // Names consists of NULL references until `start` replaces it.
        // SAFETY: `Ref` is a transparent word; the NULL value is a valid one.
        unsafe {
            let mut names = Box::<Names>::new_uninit();
            let words = size_of::<Names>() / size_of::<Value>();
            let p = names.as_mut_ptr().cast::<Value>();
            for i in 0..words {
                p.add(i).write(Value::NULL);
            }
            names.assume_init()
        }
    }
}
