//! The built-in exception classes by name, and raising them.

use crate::class::TypeRef;
use crate::types::exceptions::fields;
use crate::{PyResult, Raised, Vm};
use hognose_object::{Owned, Ref};

macro_rules! exceptions {
    ($($name:ident < $base:ident),* $(,)?) => {
        /// A built-in exception class.
        #[allow(missing_docs, reason = "the names are Python's")]
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[repr(u16)]
        pub enum Exc { $($name,)* }

        /// Each class with its base, in an order in which bases come first. `BaseException` is its own base here.
        pub(crate) const EXCEPTIONS: &[(Exc, &str, Exc)] = &[$((Exc::$name, stringify!($name), Exc::$base),)*];
    };
}

exceptions! {
    BaseException < BaseException,
    SystemExit < BaseException,
    KeyboardInterrupt < BaseException,
    GeneratorExit < BaseException,
    BaseExceptionGroup < BaseException,
    Exception < BaseException,
    ArithmeticError < Exception,
    FloatingPointError < ArithmeticError,
    OverflowError < ArithmeticError,
    ZeroDivisionError < ArithmeticError,
    AssertionError < Exception,
    AttributeError < Exception,
    BufferError < Exception,
    EOFError < Exception,
    ImportError < Exception,
    ModuleNotFoundError < ImportError,
    LookupError < Exception,
    IndexError < LookupError,
    KeyError < LookupError,
    MemoryError < Exception,
    NameError < Exception,
    UnboundLocalError < NameError,
    OSError < Exception,
    BlockingIOError < OSError,
    ChildProcessError < OSError,
    ConnectionError < OSError,
    BrokenPipeError < ConnectionError,
    ConnectionAbortedError < ConnectionError,
    ConnectionRefusedError < ConnectionError,
    ConnectionResetError < ConnectionError,
    FileExistsError < OSError,
    FileNotFoundError < OSError,
    InterruptedError < OSError,
    IsADirectoryError < OSError,
    NotADirectoryError < OSError,
    PermissionError < OSError,
    ProcessLookupError < OSError,
    TimeoutError < OSError,
    ReferenceError < Exception,
    RuntimeError < Exception,
    NotImplementedError < RuntimeError,
    PythonFinalizationError < RuntimeError,
    RecursionError < RuntimeError,
    StopAsyncIteration < Exception,
    StopIteration < Exception,
    SyntaxError < Exception,
    IndentationError < SyntaxError,
    TabError < IndentationError,
    _IncompleteInputError < SyntaxError,
    SystemError < Exception,
    TypeError < Exception,
    ValueError < Exception,
    UnicodeError < ValueError,
    UnicodeDecodeError < UnicodeError,
    UnicodeEncodeError < UnicodeError,
    UnicodeTranslateError < UnicodeError,
    Warning < Exception,
    BytesWarning < Warning,
    DeprecationWarning < Warning,
    EncodingWarning < Warning,
    FutureWarning < Warning,
    ImportWarning < Warning,
    PendingDeprecationWarning < Warning,
    ResourceWarning < Warning,
    RuntimeWarning < Warning,
    SyntaxWarning < Warning,
    UnicodeWarning < Warning,
    UserWarning < Warning,
    ExceptionGroup < BaseExceptionGroup,
}

impl Vm {
    /// Raises a built-in exception with a message.
    #[cold]
    pub fn raise(&mut self, e: Exc, message: &str) -> Raised {
        match self.new_str(message).and_then(|m| self.new_exception(e, vec![m])) {
            Ok(exc) => self.raise_object(exc),
            Err(r) => r,
        }
    }

    /// Raises a built-in exception with these arguments.
    #[cold]
    pub fn raise_with(&mut self, e: Exc, args: Vec<Owned>) -> Raised {
        let refs: Vec<Ref<'_>> = args.iter().map(Owned::as_ref).collect();
        self.raise_of(e, &refs)
    }

    /// Makes an exception object; attributes that derive from arguments (`OSError.errno`) are set as its class does.
    pub fn new_exception(&mut self, e: Exc, args: Vec<Owned>) -> PyResult {
        let refs: Vec<Ref<'_>> = args.iter().map(Owned::as_ref).collect();
        self.new_exception_of(e, &refs)
    }

    /// [`Vm::new_exception`] with borrowed arguments.
    fn new_exception_of(&mut self, e: Exc, args: &[Ref<'_>]) -> PyResult {
        let class: TypeRef<'static> = self.exc[e as usize];
        // The class of StopIteration holds the default of `value`: without arguments `__init__` has nothing to do.
        if self.is_plain_exception(class) || e == Exc::StopIteration && args.is_empty() {
            return self.plain_exception(class, args);
        }
        self.call(class.as_ref(), args)
    }

    /// Does calling the class make an exception as `BaseException.__new__` does?
    pub(crate) fn makes_plain_exceptions(&self, class: TypeRef<'_>) -> bool {
        let base = self.types.base_exception.slots().new;
        let plain_meta = self.class_of(class.as_ref()) == self.types.type_;
        plain_meta && matches!((class.slots().new, base), (Some(a), Some(b)) if std::ptr::fn_addr_eq(a, b))
    }

    /// Is `__init__` that of BaseException, which does no more than `__new__` did?
    pub(crate) fn inits_plain_exceptions(&self, class: TypeRef<'_>) -> bool {
        let base = self.types.base_exception.slots().init;
        matches!((class.slots().init, base), (Some(a), Some(b)) if std::ptr::fn_addr_eq(a, b))
    }

    /// Does calling the class do no more than keep the arguments?
    pub(crate) fn is_plain_exception(&self, class: TypeRef<'_>) -> bool {
        self.makes_plain_exceptions(class) && self.inits_plain_exceptions(class)
    }

    /// What calling such a class gives.
    pub(crate) fn plain_exception(&mut self, class: TypeRef<'_>, args: &[Ref<'_>]) -> PyResult {
        let exc = self.alloc_for(class)?;
        if !args.is_empty() {
            let args = hognose_object::tuple::tuple_from_refs(&self.heap, args)?;
            fields::set(exc.as_ref(), fields::Field::Args, Some(args));
        }
        Ok(exc)
    }

    /// Raises a built-in exception with borrowed arguments: the way of those that programs catch all the time.
    fn raise_of(&mut self, e: Exc, args: &[Ref<'_>]) -> Raised {
        match self.new_exception_of(e, args) {
            Ok(exc) => self.raise_object(exc),
            Err(r) => r,
        }
    }

    /// TypeError
    #[cold]
    pub fn type_error(&mut self, message: &str) -> Raised {
        self.raise(Exc::TypeError, message)
    }

    /// ValueError
    #[cold]
    pub fn value_error(&mut self, message: &str) -> Raised {
        self.raise(Exc::ValueError, message)
    }

    /// IndexError
    #[cold]
    pub fn index_error(&mut self, message: &str) -> Raised {
        self.raise(Exc::IndexError, message)
    }

    /// OverflowError
    #[cold]
    pub fn overflow_error(&mut self, message: &str) -> Raised {
        self.raise(Exc::OverflowError, message)
    }

    /// RuntimeError
    #[cold]
    pub fn runtime_error(&mut self, message: &str) -> Raised {
        self.raise(Exc::RuntimeError, message)
    }

    /// KeyError with the key as argument.
    #[cold]
    pub fn key_error(&mut self, key: Ref<'_>) -> Raised {
        let key = key.owned();
        self.raise_of(Exc::KeyError, &[key.as_ref()])
    }

    /// AttributeError `'{type}' object has no attribute '{name}'` with `name` and `obj` set.
    #[cold]
    pub fn attribute_error(&mut self, obj: Ref<'_>, name: Ref<'_>) -> Raised {
        let class = self.type_name(obj);
        let attr = self.text_of(name);
        let message = match TypeRef::new(obj) {
            Some(t) => format!("type object '{}' has no attribute '{attr}'", t.name()),
            None => format!("'{class}' object has no attribute '{attr}'"),
        };
        self.attribute_error_with(&message, obj, name)
    }

    /// AttributeError with this message, `name` and `obj` set.
    #[cold]
    pub fn attribute_error_with(&mut self, message: &str, obj: Ref<'_>, name: Ref<'_>) -> Raised {
        let raised = self.raise(Exc::AttributeError, message);
        let exc = self.catch(raised);
        let (n, o) = (self.names.name, self.names.obj);
        for (key, value) in [(n, name), (o, obj)] {
            if let Err(r) = self.set_attr(exc.as_ref(), key, Some(value)) {
                return r;
            }
        }
        self.raise_object(exc)
    }

    /// NameError with `name` set.
    #[cold]
    pub fn name_error(&mut self, e: Exc, message: &str, name: Ref<'_>) -> Raised {
        let raised = self.raise(e, message);
        let exc = self.catch(raised);
        let key = self.names.name;
        if let Err(r) = self.set_attr(exc.as_ref(), key, Some(name)) {
            return r;
        }
        self.raise_object(exc)
    }

    /// RecursionError; `what` like `" while calling a Python object"`.
    #[cold]
    pub fn recursion_error(&mut self, what: &str) -> Raised {
        // Building the exception needs a little stack of its own.
        let (limit, frames) = (self.stack_limit, self.recursion_limit);
        self.stack_limit = limit.saturating_sub(48 << 10);
        self.frames.set_limit(frames + 50);
        let r = self.raise(Exc::RecursionError, &format!("maximum recursion depth exceeded{what}"));
        self.stack_limit = limit;
        self.frames.set_limit(frames);
        r
    }

    /// StopIteration(value)
    #[cold]
    pub fn stop_iteration(&mut self, value: Option<Owned>) -> Raised {
        match value {
            Some(v) => self.raise_of(Exc::StopIteration, &[v.as_ref()]),
            None => self.raise_of(Exc::StopIteration, &[]),
        }
    }

    pub(crate) fn make_memory_error(&mut self) -> Owned {
        self.heap.release_reserve();
        match self.explained_memory_error() {
            Ok(exc) => exc,
            Err(r) => {
                // Not even that: the object kept for this case.
                let _ = r;
                self.types.last_memory_error.owned()
            }
        }
    }
}
