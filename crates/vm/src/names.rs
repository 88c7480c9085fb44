//! Names the machine itself uses, interned once and immortal.

use crate::{PyResult, Vm};
use hognose_object::Ref;

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
