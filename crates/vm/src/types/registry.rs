//! The table of built-in types and the order in which they are made.
#![allow(unsafe_code, reason = "classes are made before anything can hold them")]

use super::make::NewClass;
use crate::class::TypeRef;
use crate::define::TypeDef;
use crate::exceptions::{EXCEPTIONS, Exc};
use crate::{PyResult, Vm};
use hognose_object::dict::DictRef;
use hognose_object::native::Trace;
use hognose_object::types::TypeFlags;
use hognose_object::{Layout, Ref, Value};
use std::any::TypeId;

macro_rules! types {
    ($($field:ident)*) => {
        /// Built-in types the machine knows by name.
        #[allow(missing_docs, reason = "the names are the types'")]
        pub struct Types {
            $(pub $field: TypeRef<'static>,)*
            /// `object.__getattribute__`
            pub(crate) object_getattribute: Ref<'static>,
            /// MemoryError for when not even one can be made.
            pub(crate) last_memory_error: Ref<'static>,
        }

        impl Types {
            /// NULL everywhere until `start`.
            pub(crate) fn unset() -> Types {
                let null = Ref::from_immediate(Value::NULL);
                // SAFETY: a NULL class; `start` replaces it before anything asks.
                let t = unsafe { TypeRef::from_ptr(Value::NULL.header().cast()) };
                Types { $($field: t,)* object_getattribute: null, last_memory_error: null }
            }
        }
    };
}

types! {
    object type_ int bool float complex str bytes bytearray list tuple dict set frozenset range slice function method
    builtin_function method_wrapper method_descriptor wrapper_descriptor module cell code frame generator coroutine async_generator
    none_type ellipsis not_implemented super_ property classmethod staticmethod base_exception member_descriptor
    getset_descriptor traceback memoryview mappingproxy namespace
}

/// Makes all built-in types and fills `builtins` with those that have a name there.
pub(crate) fn start(vm: &mut Vm) -> PyResult<()> {
    bootstrap(vm)?;
    basic_types(vm)?;
    native_types(vm)?;
    exceptions(vm)?;
    let tuple = vm.new_tuple(Vec::new())?;
    vm.empty_tuple = vm.make_immortal(tuple);
    let bytes = vm.new_bytes(b"")?;
    vm.empty_bytes = vm.make_immortal(bytes);
    for b in 0..=255u8 {
        let one = hognose_object::bytes::new_bytes(&vm.heap, &[b])?;
        let one = vm.make_immortal(one);
        vm.bytes.push(one);
    }
    let key = vm.names.__getattribute__;
    let object = vm.types.object;
    if let Some(f) = vm.lookup(object, key) {
        // SAFETY: `object` lives as long as the machine and holds it.
        vm.types.object_getattribute = unsafe { Ref::from_value(f.value()) };
    }
    let e = vm.new_exception(Exc::MemoryError, Vec::new())?;
    vm.types.last_memory_error = vm.make_immortal(e);
    Ok(())
}

/// `object` and `type`, each of which needs the other.
fn bootstrap(vm: &mut Vm) -> PyResult<()> {
    let object = vm.bare_class(&super::object::TYPE, None)?;
    vm.types.object = object;
    let type_ = vm.bare_class(&super::type_::TYPE, Some(object))?;
    vm.types.type_ = type_;
    // The empty tuple, str and dict have to exist as classes before methods can be named.
    let defs: [(&'static TypeDef, fn(&mut crate::types::Types) -> &mut TypeRef<'static>); 7] = [
        (&super::tuple::TYPE, |t| &mut t.tuple),
        (&super::str::TYPE, |t| &mut t.str),
        (&super::dict::DICT, |t| &mut t.dict),
        (&super::function::FUNCTION, |t| &mut t.function),
        (&super::method::BUILTIN_FUNCTION, |t| &mut t.builtin_function),
        (&super::method::METHOD_WRAPPER, |t| &mut t.method_wrapper),
        (&super::property::GETSET, |t| &mut t.getset_descriptor),
    ];
    for (def, place) in defs {
        let class = vm.bare_class(def, Some(object))?;
        *place(&mut vm.types) = class;
    }
    vm.native_kind::<super::property::GetSet>(vm.types.getset_descriptor);
    vm.types.method_descriptor = vm.bare_class(&super::method::METHOD_DESCRIPTOR, Some(object))?;
    vm.types.wrapper_descriptor = vm.bare_class(&super::method::WRAPPER_DESCRIPTOR, Some(object))?;
    let dict = vm.new_dict()?;
    vm.builtins = dict;
    vm.fill_class(object, &super::object::TYPE)?;
    vm.fill_class(type_, &super::type_::TYPE)?;
    for (def, place) in defs {
        let class = *place(&mut vm.types);
        vm.fill_class(class, def)?;
    }
    let (m, w) = (vm.types.method_descriptor, vm.types.wrapper_descriptor);
    vm.fill_class(m, &super::method::METHOD_DESCRIPTOR)?;
    vm.fill_class(w, &super::method::WRAPPER_DESCRIPTOR)?;
    for class in [vm.types.object, vm.types.type_, vm.types.tuple, vm.types.str, vm.types.dict] {
        vm.export(class)?;
    }
    Ok(())
}

fn basic_types(vm: &mut Vm) -> PyResult<()> {
    macro_rules! make {
        ($($field:ident: $def:expr;)*) => { $(
            vm.types.$field = vm.add_type(&$def, None)?;
        )* };
    }
    make! {
        int: super::int::TYPE;
        float: super::float::TYPE;
        complex: super::complex::TYPE;
        bytes: super::bytes::BYTES;
        bytearray: super::bytes::BYTEARRAY;
        list: super::list::TYPE;
        set: super::set::SET;
        frozenset: super::set::FROZENSET;
        range: super::range::TYPE;
        slice: super::slice::TYPE;
        method: super::method::METHOD;
        module: super::module::TYPE;
        cell: super::function::CELL;
        code: super::code::TYPE;
        frame: super::frame::TYPE;
        generator: crate::generator::TYPE;
        traceback: super::traceback::TYPE;
        member_descriptor: super::property::MEMBER;
        none_type: super::singletons::NONE_TYPE;
        ellipsis: super::singletons::ELLIPSIS;
        not_implemented: super::singletons::NOT_IMPLEMENTED;
    }
    let int = vm.types.int;
    vm.types.bool = vm.add_type(&super::bool::TYPE, Some(int))?;
    let names = [
        vm.types.int,
        vm.types.float,
        vm.types.complex,
        vm.types.bytes,
        vm.types.bytearray,
        vm.types.list,
        vm.types.set,
        vm.types.frozenset,
        vm.types.range,
        vm.types.slice,
        vm.types.bool,
    ];
    for class in names {
        vm.export(class)?;
    }
    vm.add_type(&super::iterators::LIST_ITER, None)?;
    vm.add_type(&super::iterators::RANGE_ITER, None)?;
    vm.types.coroutine = vm.add_generator_type(&crate::async_gen::COROUTINE)?;
    vm.types.async_generator = vm.add_generator_type(&crate::async_gen::ASYNC_GENERATOR)?;
    Ok(())
}

fn native_types(vm: &mut Vm) -> PyResult<()> {
    vm.types.super_ = vm.add_native_type::<super::super_::Super>(&super::super_::TYPE)?;
    vm.types.property = vm.add_native_type::<super::property::Property>(&super::property::PROPERTY)?;
    vm.types.classmethod =
        vm.add_native_type::<super::property::ClassMethod>(&super::property::CLASSMETHOD)?;
    vm.types.staticmethod =
        vm.add_native_type::<super::property::StaticMethod>(&super::property::STATICMETHOD)?;
    wrap_static_methods(vm)?;
    let exported = [vm.types.super_, vm.types.property, vm.types.classmethod, vm.types.staticmethod];
    for class in exported {
        vm.export(class)?;
    }
    super::natives::register(vm)
}

/// Static methods of types that were made before `staticmethod` was.
fn wrap_static_methods(vm: &mut Vm) -> PyResult<()> {
    let name = vm.intern("maketrans")?;
    for class in [vm.types.bytes, vm.types.bytearray, vm.types.str] {
        let Some(f) = class.dict().get_str(name.as_ref()) else { continue };
        let wrapped = vm.new_native(super::property::StaticMethod::new(f))?;
        class.dict().set_str(&mut vm.heap, name.as_ref(), wrapped)?;
    }
    Ok(())
}

fn exceptions(vm: &mut Vm) -> PyResult<()> {
    for &(e, name, base) in EXCEPTIONS {
        let class = if e == Exc::BaseException {
            vm.add_type(&super::exceptions::BASE, None)?
        } else {
            let mut bases = vec![vm.exc[base as usize]];
            if e == Exc::ExceptionGroup {
                bases.push(vm.exc[Exc::Exception as usize]);
            }
            vm.add_exception(name, super::exceptions::extra(e), &bases)?
        };
        vm.exc.push(class);
        vm.export(class)?;
    }
    vm.types.base_exception = vm.exc[0];
    super::exceptions::finish(vm)?;
    let os_error = vm.exc[Exc::OSError as usize];
    let builtins = vm.builtins.as_ref().owned();
    for alias in ["IOError", "EnvironmentError"] {
        vm.dict_set_name(builtins.as_ref(), alias, os_error.owned())?;
    }
    Ok(())
}

impl Vm {
    /// Makes a built-in type with one base (`object` when absent) and registers its layout.
    pub(crate) fn add_type(
        &mut self,
        def: &'static TypeDef,
        base: Option<TypeRef<'static>>,
    ) -> PyResult<TypeRef<'static>> {
        let base = base.unwrap_or(self.types.object);
        let class = self.bare_class(def, Some(base))?;
        self.fill_class(class, def)?;
        Ok(class)
    }

    /// Makes the type of native objects with payload `T`.
    pub fn add_native_type<T: Trace + 'static>(
        &mut self,
        def: &'static TypeDef,
    ) -> PyResult<TypeRef<'static>> {
        let class = self.add_type(def, None)?;
        self.native_kind::<T>(class);
        Ok(class)
    }

    /// The class of native objects with payload `T`, if it was made.
    pub fn native_class<T: Trace + 'static>(&self) -> Option<TypeRef<'static>> {
        let kind = *self.native_kinds.get(&TypeId::of::<T>())?;
        // SAFETY: built-in types live as long as the machine.
        Some(unsafe { TypeRef::from_ptr(self.shapes.class(kind)) })
    }

    pub(crate) fn native_kind<T: Trace + 'static>(&mut self, class: TypeRef<'static>) {
        // SAFETY: the class is alive.
        unsafe {
            (*class.ptr()).payload_bytes = (size_of::<T>() as u32 + 7) & !7;
            self.native_kinds.insert(TypeId::of::<T>(), (*class.ptr()).root_kind);
        }
    }

    fn add_exception(
        &mut self,
        name: &'static str,
        extra: Option<&'static TypeDef>,
        bases: &[TypeRef<'static>],
    ) -> PyResult<TypeRef<'static>> {
        let qualname = self.new_str(name)?;
        let dict = self.new_dict()?;
        let class = self.make_class(NewClass {
            name: qualname,
            bases: bases.iter().map(|b| b.owned()).collect(),
            dict,
            metaclass: self.types.type_.owned(),
            slots: None,
            flags: TypeFlags::BASE_TYPE | TypeFlags::HAS_DICT | TypeFlags::IMMUTABLE,
        })?;
        // SAFETY: a living class, from now on for ever.
        let class = unsafe { TypeRef::from_ptr(self.make_immortal(class).value().header().cast()) };
        // SAFETY: as above.
        unsafe { (*class.ptr()).flags &= !TypeFlags::HEAP_TYPE };
        if let Some(def) = extra {
            // SAFETY: as above.
            unsafe { self.merge_slots(class, &def.slots) };
            self.fill_class(class, def)?;
        }
        Ok(class)
    }

    /// Adds a class to `builtins`.
    pub(crate) fn export(&mut self, class: TypeRef<'static>) -> PyResult<()> {
        let builtins = self.builtins.as_ref().owned();
        let name = self.intern_object(class.name_ref());
        let dict = DictRef::new(builtins.as_ref());
        if let Some(d) = dict {
            d.set_str(&mut self.heap, name.as_ref(), class.owned())?;
        }
        Ok(())
    }

    /// Coroutines and async generators share the generator's layout under kinds of their own.
    fn add_generator_type(&mut self, def: &'static TypeDef) -> PyResult<TypeRef<'static>> {
        let class = self.add_type(def, None)?;
        debug_assert!(class.layout() == Layout::Generator);
        Ok(class)
    }
}
