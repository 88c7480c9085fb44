//! Borrowed classes: reading what a type object says, and the class of any value.
#![allow(unsafe_code, reason = "reads type objects through raw pointers, since they change while borrowed")]

use crate::Vm;
use crate::type_slots::{Slots, slots_of};
use hognose_object::dict::DictRef;
use hognose_object::tuple::TupleRef;
use hognose_object::types::{TypeFlags, TypeObj};
use hognose_object::{Layout, Owned, Ref, Value, ValueExt};

/// A borrowed class.
#[derive(Clone, Copy)]
pub struct TypeRef<'a>(Ref<'a>);

impl PartialEq for TypeRef<'_> {
    fn eq(&self, other: &TypeRef<'_>) -> bool {
        self.0.is(other.0)
    }
}

impl<'a> TypeRef<'a> {
    /// `r` as a class.
    #[inline(always)]
    pub fn new(r: Ref<'a>) -> Option<TypeRef<'a>> {
        r.has_layout(Layout::Type).then_some(TypeRef(r))
    }

    /// The class at this address.
    ///
    /// # Safety
    /// It must be alive for `'a`.
    #[inline(always)]
    pub(crate) unsafe fn from_ptr(t: *mut TypeObj) -> TypeRef<'a> {
        // SAFETY: by the caller.
        TypeRef(unsafe { Ref::from_value(Value::from_ptr(t.cast())) })
    }

    /// As an object.
    #[inline(always)]
    pub fn as_ref(self) -> Ref<'a> {
        self.0
    }

    /// Another reference.
    pub fn owned(self) -> Owned {
        self.0.owned()
    }

    /// Its address.
    #[inline(always)]
    pub(crate) fn ptr(self) -> *mut TypeObj {
        self.0.value().header().cast()
    }

    #[inline(always)]
    fn obj(self) -> &'a TypeObj {
        // SAFETY: alive for 'a. Fields that change are copied out at once by the accessors.
        unsafe { &*self.ptr() }
    }

    /// Are these [`TypeFlags`] set?
    #[inline(always)]
    pub fn has(self, flags: u32) -> bool {
        self.obj().has(flags)
    }

    /// Its slots.
    #[inline(always)]
    pub fn slots(self) -> &'a Slots {
        slots_of(self.obj())
    }

    /// Layout of its instances.
    #[inline(always)]
    pub fn layout(self) -> Layout {
        self.obj().layout
    }

    /// For `Layout::Wrapped`: layout of the wrapped value; else the layout itself.
    pub fn value_layout(self) -> Layout {
        if self.obj().layout == Layout::Wrapped { self.obj().wrapped } else { self.obj().layout }
    }

    /// `__name__`.
    pub fn name(self) -> String {
        // SAFETY: the class owns its name.
        let name = unsafe { Ref::<'a>::from_value(self.obj().name) };
        String::from_utf8_lossy(crate::text::str_bytes(name)).into_owned()
    }

    /// `__name__` as an object.
    pub fn name_ref(self) -> Ref<'a> {
        // SAFETY: the class owns its name.
        unsafe { Ref::from_value(self.obj().name) }
    }

    /// `__qualname__` as an object.
    pub fn qualname_ref(self) -> Ref<'a> {
        // SAFETY: the class owns it.
        unsafe { Ref::from_value(self.obj().qualname) }
    }

    /// `__module__` of a built-in type, or NULL.
    pub fn module_ref(self) -> Ref<'a> {
        // SAFETY: the class owns it.
        unsafe { Ref::from_value(self.obj().module) }
    }

    /// `__bases__`.
    pub fn bases(self) -> Ref<'a> {
        // SAFETY: the class owns it.
        unsafe { Ref::from_value(self.obj().bases) }
    }

    /// `__mro__` (NULL while the class is made).
    pub fn mro(self) -> Ref<'a> {
        // SAFETY: the class owns it.
        unsafe { Ref::from_value(self.obj().mro) }
    }

    /// The classes of `__mro__`.
    pub fn mro_items(self) -> impl Iterator<Item = TypeRef<'a>> {
        let items = TupleRef::new(self.mro()).map_or(&[][..], |t| t.items());
        items.iter().filter_map(|&r| TypeRef::new(r))
    }

    /// Its namespace.
    #[inline(always)]
    pub fn dict(self) -> DictRef<'a> {
        // SAFETY: the class owns its dict.
        let dict = unsafe { Ref::from_value(self.obj().dict) };
        DictRef::new(dict).expect("a class has a dict")
    }

    /// The base that decides the layout; `None` for `object`.
    pub fn base(self) -> Option<TypeRef<'a>> {
        // SAFETY: owned through `bases`.
        (!self.obj().base.is_null()).then(|| unsafe { TypeRef::from_ptr(self.obj().base) })
    }

    /// Is it `other` or derived from it?
    #[inline]
    pub fn is_subclass_of(self, other: TypeRef<'_>) -> bool {
        self == other || self.obj().is_subclass_of(other.ptr())
    }

    /// Was it made by a `class` statement (or `type()`)?
    pub fn is_heap_type(self) -> bool {
        self.has(TypeFlags::HEAP_TYPE)
    }
}

impl Vm {
    /// The class of a value.
    #[inline(always)]
    pub fn class_of<'a>(&self, r: Ref<'a>) -> TypeRef<'a> {
        match r.object_kind() {
            // SAFETY: classes outlive their instances (see gc.rs).
            Some(kind) => unsafe { TypeRef::from_ptr(self.shapes.class(kind)) },
            None => self.class_of_immediate(r.value()),
        }
    }

    fn class_of_immediate<'a>(&self, v: Value) -> TypeRef<'a> {
        use hognose_object as o;
        let t = &self.types;
        let class = if v.is_int() {
            t.int
        } else if v.is_float() {
            t.float
        } else if v == o::TRUE || v == o::FALSE {
            t.bool
        } else if v == o::NONE {
            t.none_type
        } else if v == o::ELLIPSIS {
            t.ellipsis
        } else {
            t.not_implemented
        };
        // SAFETY: built-in types live as long as the machine.
        unsafe { TypeRef::from_ptr(class.ptr()) }
    }

    /// `isinstance(r, class)` without `__instancecheck__`.
    #[inline]
    pub fn is_instance(&self, r: Ref<'_>, class: TypeRef<'_>) -> bool {
        self.class_of(r).is_subclass_of(class)
    }
}

/// The value an object stands for: subclasses of int, float, complex, str, bytes and tuple hold theirs in a slot.
#[inline(always)]
pub fn base_value(r: Ref<'_>) -> Ref<'_> {
    if r.has_layout(Layout::Wrapped) {
        // SAFETY: the layout says that a value follows the header; the object owns it.
        unsafe { Ref::from_value(*r.value().header().cast::<Value>().add(1)) }
    } else {
        r
    }
}
