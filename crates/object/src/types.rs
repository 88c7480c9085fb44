//! Type objects: name, bases, method resolution order, namespace, and how their instances are laid out.
#![allow(unsafe_code, reason = "objects are reached through raw headers")]

use crate::layouts::Layout;
use crate::slots::{drop_slots, trace_slots};
use hognose_heap::{Header, Heap, HeapVec, Ref, Value};

/// A class. Fields of type `Value` are owned and NULL when absent.
#[repr(C)]
pub struct TypeObj {
    /// Count, kind (its metaclass), flags.
    pub header: Header,
    /// `__name__`.
    pub name: Value,
    /// `__qualname__`.
    pub qualname: Value,
    /// `__bases__`, a tuple.
    pub bases: Value,
    /// `__mro__`, a tuple beginning with the class itself (that one reference is owned, too).
    pub mro: Value,
    /// The namespace, a dict.
    pub dict: Value,
    /// The base that decides the layout: first along the chain to `object` (borrowed from `bases`).
    pub base: *mut TypeObj,
    /// Properties, see [`TypeFlags`].
    pub flags: u32,
    /// Layout of instances.
    pub layout: Layout,
    /// For `Layout::Wrapped`: the layout of the value in the first slot.
    pub wrapped: Layout,
    /// Slots of `__slots__`, inherited ones included.
    pub nmembers: u16,
    /// Attribute slots to give to new instances.
    pub capacity: u16,
    /// Shapes made so far.
    pub shape_count: u16,
    /// Kind of new instances without attributes; 0: not made yet.
    pub root_kind: u32,
    /// Kind of instances whose attributes are in a dict; 0: not made yet.
    pub dict_kind: u32,
    /// Changes when a lookup on the class may give another result; 0: not cached anywhere.
    pub version: u32,
    /// Bloom filter of names that inline caches rely on.
    pub cached_names: u64,
    /// Direct subclasses (borrowed: a subclass removes itself when it dies).
    pub subclasses: HeapVec<*mut TypeObj>,
    /// The machine's slot table: a heap buffer of [`TypeObj::slots_bytes`] bytes.
    pub slots: *mut (),
    /// Size of the slot table.
    pub slots_bytes: u32,
    /// Number of payload bytes of native instances (layout `Native`), else 0.
    pub payload_bytes: u32,
    /// `__module__` of a built-in type, else NULL.
    pub module: Value,
    /// The class itself once more (CPython's count of a class includes its own caches).
    pub self_ref: Value,
}

/// Bits of [`TypeObj::flags`].
pub struct TypeFlags;
#[allow(missing_docs, reason = "the names say it")]
impl TypeFlags {
    pub const HEAP_TYPE: u32 = 1;
    pub const IMMUTABLE: u32 = 2;
    pub const BASE_TYPE: u32 = 4;
    pub const HAS_DICT: u32 = 8;
    pub const HAS_WEAKREF: u32 = 16;
    pub const HAS_FINALIZER: u32 = 32;
    pub const HAS_GETATTR: u32 = 64;
    pub const HAS_GETATTRIBUTE: u32 = 128;
    pub const HAS_SETATTR: u32 = 256;
    pub const ABSTRACT: u32 = 512;
    pub const SEQUENCE: u32 = 1 << 10;
    pub const MAPPING: u32 = 1 << 11;
    pub const HAS_EQ: u32 = 1 << 12;
    pub const HAS_HASH: u32 = 1 << 13;
    pub const DISALLOW_INSTANTIATION: u32 = 1 << 14;
    pub const IS_EXCEPTION: u32 = 1 << 15;
    pub const IS_TYPE: u32 = 1 << 16;
    pub const PLAIN_NEW: u32 = 1 << 17;
}

impl TypeObj {
    /// Visits the owned children.
    ///
    /// # Safety
    /// `h` must be a live type.
    pub unsafe fn trace(h: *mut Header, visit: &mut dyn FnMut(Value)) {
        let o = h.cast::<TypeObj>();
        // SAFETY: by the caller.
        unsafe {
            for v in [(*o).name, (*o).qualname, (*o).bases, (*o).mro, (*o).dict, (*o).module, (*o).self_ref] {
                if v.is_ptr() {
                    visit(v);
                }
            }
            trace_slots(h, size_of::<TypeObj>(), visit);
        }
    }

    /// Releases the owned children.
    ///
    /// # Safety
    /// `h` must be a live type, not used afterwards.
    pub unsafe fn drop(h: *mut Header, heap: &Heap) {
        let o = h.cast::<TypeObj>();
        // SAFETY: by the caller.
        unsafe {
            TypeObj::forget_subclass(o);
            drop_slots(h, size_of::<TypeObj>());
            for v in [(*o).self_ref, (*o).module, (*o).mro, (*o).bases, (*o).dict, (*o).qualname, (*o).name] {
                v.decref();
            }
            drop(std::mem::take(&mut (*o).subclasses));
            if !(*o).slots.is_null() {
                heap.free_buffer((*o).slots.cast(), (*o).slots_bytes as usize);
            }
        }
    }

    /// Takes a dying class out of its bases' lists.
    unsafe fn forget_subclass(o: *mut TypeObj) {
        // SAFETY: bases are alive while the class owns the tuple.
        unsafe {
            if let Some(bases) = crate::tuple::TupleRef::new(Ref::from_value((*o).bases)) {
                for base in bases.items() {
                    let base = base.value().header().cast::<TypeObj>();
                    (*base).remove_subclass(o);
                }
            }
        }
    }

    /// Takes a class off the list of subclasses.
    pub fn remove_subclass(&mut self, c: *mut TypeObj) {
        if let Some(i) = self.subclasses.iter().position(|&s| std::ptr::eq(s, c)) {
            self.subclasses[i..].rotate_left(1);
            self.subclasses.truncate(self.subclasses.len() - 1);
        }
    }

    /// The class as a value.
    pub fn value(&self) -> Value {
        Value::from_ptr(std::ptr::from_ref(self).cast_mut().cast())
    }

    /// Are these bits set?
    #[inline(always)]
    pub fn has(&self, bits: u32) -> bool {
        self.flags & bits == bits
    }

    /// Is `other` this class or one of its bases?
    pub fn is_subclass_of(&self, other: *const TypeObj) -> bool {
        if std::ptr::eq(self, other) {
            return true;
        }
        // SAFETY: the class owns its mro; a class under construction has none.
        let mro = unsafe { Ref::from_value(self.mro) };
        crate::tuple::TupleRef::new(mro)
            .is_some_and(|t| t.items().iter().any(|c| std::ptr::eq(c.value().header().cast(), other)))
    }
}
