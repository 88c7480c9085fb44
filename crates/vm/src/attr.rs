//! Attributes: lookup through classes and shapes, storing, deleting, and what inline caches may remember.
//!
//! An instance's attributes lie in slots behind its fixed part, at places its *shape* (the kind in the header) names.
//! When it has more attributes than slots, or somebody asks for `__dict__`, it gets a dict in its first slot instead.
//!
//! Caches rely on a class not changing. Looking a name up marks it in every class of the mro (`cached_names`, a
//! Bloom filter); changing a marked name in one of them starts a new *epoch*, which makes all caches stale.
#![allow(unsafe_code, reason = "reads and writes attribute slots and caches by address")]

use crate::args::{Binding, NativeDef};
use crate::class::TypeRef;
use crate::exceptions::Exc;
use crate::run::cache_word;
use crate::{PyResult, Vm};
use hognose_bytecode::Insn;
use hognose_object::dict::DictRef;
use hognose_object::function::NativeFunctionObj;
use hognose_object::objects::{BoundMethodObj, MemberObj, ModuleObj};
use hognose_object::str::StrRef;
use hognose_object::types::TypeObj;
use hognose_object::{Layout, Owned, Ref, Value, ValueExt};

/// What an attribute cache remembers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum How {
    /// A slot at an offset (and the kind after storing, when storing adds it).
    Slot = 1,
    /// A function of the class.
    Method = 2,
}

/// What a site that sees many kinds finds without a full lookup: kind and name lead to what an inline cache would hold.
#[derive(Clone, Copy)]
struct SiteEntry {
    kind: u32,
    epoch: u32,
    name: Value,
    words: [Insn; 2],
}

const SITES: usize = 512;
const CACHE_SIZE: usize = 1024;

#[derive(Clone, Copy)]
struct CacheEntry {
    class: *mut TypeObj,
    name: Value,
    epoch: u32,
    value: Value,
}

/// Results of class lookups, by class and name.
pub(crate) struct MethodCache {
    lookups: Box<[CacheEntry]>,
    loads: Box<[SiteEntry]>,
    stores: Box<[SiteEntry]>,
}

impl MethodCache {
    pub fn new() -> MethodCache {
        let none =
            CacheEntry { class: std::ptr::null_mut(), name: Value::NULL, epoch: 0, value: Value::NULL };
        let word = Insn { op: 0, a: 0, b: 0, c: 0 };
        let site = SiteEntry { kind: u32::MAX, epoch: 0, name: Value::NULL, words: [word; 2] };
        MethodCache {
            lookups: vec![none; CACHE_SIZE].into_boxed_slice(),
            loads: vec![site; SITES].into_boxed_slice(),
            stores: vec![site; SITES].into_boxed_slice(),
        }
    }
}

fn name_bit(name: Ref<'_>) -> u64 {
    1 << (name.value().bits() >> 4 & 63)
}

impl Vm {
    /// `name` as an interned exact string; TypeError when it is no string.
    pub(crate) fn attr_name(&mut self, name: Ref<'_>) -> PyResult {
        let exact = crate::class::base_value(name);
        if StrRef::new(exact).is_none() {
            let class = self.type_name(name);
            return Err(self.type_error(&format!("attribute name must be string, not '{class}'")));
        }
        Ok(self.intern_object(exact))
    }

    /// The attribute `name` (interned) of a class or its bases, borrowed from the class dict.
    #[inline]
    pub(crate) fn lookup<'a>(&mut self, class: TypeRef<'a>, name: Ref<'_>) -> Option<Ref<'a>> {
        let i = (class.ptr().addr() >> 4 ^ name.value().bits() as usize >> 3) & (CACHE_SIZE - 1);
        let e = &self.method_cache.lookups[i];
        if e.class == class.ptr() && e.name == name.value() && e.epoch == self.epoch {
            // SAFETY: the class (or a base) holds the value for as long as the epoch lasts.
            return (!e.value.is_null()).then(|| unsafe { Ref::from_value(e.value) });
        }
        self.lookup_slow(class, name, i)
    }

    #[inline(never)]
    fn lookup_slow<'a>(&mut self, class: TypeRef<'a>, name: Ref<'_>, slot: usize) -> Option<Ref<'a>> {
        let bit = name_bit(name);
        let mut found = Value::NULL;
        let mut complete = true;
        if class.mro().is_null() {
            complete = false;
            found = class.dict().get_str(name).map_or(Value::NULL, |v| v.value());
        }
        for base in class.mro_items() {
            // SAFETY: the class is alive.
            unsafe { (*base.ptr()).cached_names |= bit };
            if found.is_null()
                && let Some(v) = base.dict().get_str(name)
            {
                found = v.value();
            }
        }
        if complete {
            self.method_cache.lookups[slot] =
                CacheEntry { class: class.ptr(), name: name.value(), epoch: self.epoch, value: found };
        }
        // SAFETY: the dict of a living class holds it.
        (!found.is_null()).then(|| unsafe { Ref::from_value(found) })
    }

    /// A name in a class has changed: caches that may rely on it become stale.
    pub(crate) fn type_modified(&mut self, class: TypeRef<'_>, name: Ref<'_>) {
        // SAFETY: the class is alive.
        let marked = unsafe { (*class.ptr()).cached_names & name_bit(name) != 0 };
        if marked {
            self.new_epoch();
        }
    }

    /// All caches become stale.
    pub(crate) fn new_epoch(&mut self) {
        self.epoch = self.epoch.wrapping_add(1).max(1);
    }

    // ---- getting

    /// `getattr(r, name)`
    pub fn get_attr(&mut self, r: Ref<'_>, name: Ref<'_>) -> PyResult {
        let name = self.attr_name(name)?;
        self.get_attr_interned(r, name.as_ref())
    }

    pub(crate) fn get_attr_interned(&mut self, r: Ref<'_>, name: Ref<'_>) -> PyResult {
        match self.class_of(r).slots().getattro {
            Some(f) => f(self, r, name),
            None => self.generic_get_attr(r, name),
        }
    }

    /// `object.__getattribute__`
    pub fn generic_get_attr(&mut self, r: Ref<'_>, name: Ref<'_>) -> PyResult {
        match self.generic_get_attr_opt(r, name)? {
            Some(v) => Ok(v),
            None => Err(self.attribute_error(r, name)),
        }
    }

    /// As `object.__getattribute__`, but absence is no error.
    pub(crate) fn generic_get_attr_opt(&mut self, r: Ref<'_>, name: Ref<'_>) -> PyResult<Option<Owned>> {
        let class = self.class_of(r);
        let found = self.lookup(class, name);
        if let Some(v) = found
            && self.is_data_descriptor(v)
        {
            let v = v.owned();
            return self.bind_attribute(v, r, class).map(Some);
        }
        if let Some(v) = self.instance_get(r, name) {
            return Ok(Some(v));
        }
        match found {
            Some(v) => {
                let v = v.owned();
                self.bind_attribute(v, r, class).map(Some)
            }
            None => Ok(None),
        }
    }

    pub(crate) fn is_data_descriptor(&self, v: Ref<'_>) -> bool {
        match v.layout_of() {
            Some(Layout::Member) => true,
            Some(Layout::Function | Layout::NativeFunction) | None => false,
            _ => self.class_of(v).slots().descr_set.is_some(),
        }
    }

    /// What a value found in `class` becomes when read through `r`.
    pub(crate) fn bind_attribute(&mut self, v: Owned, r: Ref<'_>, class: TypeRef<'_>) -> PyResult {
        match v.as_ref().layout_of() {
            Some(Layout::Function) => self.new_bound_method(v.as_ref(), r),
            Some(Layout::NativeFunction) => self.bind_native_function(v, r, class),
            Some(Layout::Member) => self.member_get(v.as_ref(), r),
            None => Ok(v),
            _ => match self.class_of(v.as_ref()).slots().descr_get {
                Some(f) => f(self, v.as_ref(), r, class.as_ref()),
                None => Ok(v),
            },
        }
    }

    /// A Python function or callable bound to a receiver.
    pub fn new_bound_method(&mut self, func: Ref<'_>, receiver: Ref<'_>) -> PyResult {
        let kind = Layout::BoundMethod.kind();
        let h = self.heap.alloc_traced(kind, size_of::<BoundMethodObj>())?;
        // SAFETY: a fresh block of that size.
        unsafe {
            let m = h.cast::<BoundMethodObj>();
            (*m).func = func.owned().into_value();
            (*m).receiver = receiver.owned().into_value();
            Ok(Owned::from_value(Value::from_ptr(h)))
        }
    }

    pub(crate) fn bind_native_function(&mut self, v: Owned, r: Ref<'_>, class: TypeRef<'_>) -> PyResult {
        let f = v.value().header().cast::<NativeFunctionObj>();
        // SAFETY: the layout was checked; `def` is static data.
        let (def, bound) = unsafe { (&*(*f).def.cast::<NativeDef>(), !(*f).receiver.is_null()) };
        let receiver = match def.binding {
            _ if bound => return Ok(v),
            Binding::Function | Binding::Static => return Ok(v),
            Binding::Method | Binding::SlotWrapper if r.is_null() => return Ok(v),
            Binding::Method | Binding::SlotWrapper => r,
            Binding::Class => class.as_ref(),
        };
        // SAFETY: the function owns its class.
        let owner = unsafe { Ref::from_value((*f).owner).owned() };
        self.new_native_function(def, Some(receiver), Some(owner.as_ref()), None)
    }

    /// The value of an instance attribute, not looking at its class.
    pub(crate) fn instance_get(&mut self, r: Ref<'_>, name: Ref<'_>) -> Option<Owned> {
        let kind = r.object_kind()?;
        if kind & 63 == Layout::Module as u32 {
            return self.module_dict(r).and_then(|d| DictRef::new(d.as_ref()).and_then(|d| d.get_str(name)));
        }
        let shape = self.shapes.get(kind);
        if shape.attrs_offset == 0 {
            return self
                .function_dict(r)
                .and_then(|d| DictRef::new(d.as_ref()).and_then(|d| d.get_str(name)));
        }
        // SAFETY: the shape says where the object's attributes lie.
        unsafe {
            let slots = r.value().header().cast::<u8>().add(shape.attrs_offset as usize).cast::<Value>();
            if shape.is_dict {
                return DictRef::new(Ref::from_value(*slots)).and_then(|d| d.get_str(name));
            }
            let i = shape.find(name.value())?;
            let v = *slots.add(i);
            (!v.is_null()).then(|| Ref::from_value(v).owned())
        }
    }

    fn function_dict(&self, r: Ref<'_>) -> Option<Owned> {
        if !r.is_exact(Layout::Function) {
            return None;
        }
        let f = r.value().header().cast::<hognose_object::objects::FunctionObj>();
        // SAFETY: the layout was checked; the function owns its dict.
        unsafe { (!(*f).dict.is_null()).then(|| Ref::from_value((*f).dict).owned()) }
    }

    /// Namespace of a module.
    pub fn module_dict(&self, r: Ref<'_>) -> Option<Owned> {
        if !r.has_layout(Layout::Module) {
            return None;
        }
        // SAFETY: the layout was checked; the module owns its dict.
        let d = unsafe { Ref::from_value((*r.value().header().cast::<ModuleObj>()).dict) };
        (!d.is_null()).then(|| d.owned())
    }

    pub(crate) fn member_get(&mut self, member: Ref<'_>, r: Ref<'_>) -> PyResult {
        if r.is_null() {
            return Ok(member.owned());
        }
        let m = member.value().header().cast::<MemberObj>();
        // SAFETY: the layout was checked; the member owns name and class.
        let (owner, offset, name) =
            unsafe { (Ref::from_value((*m).owner), (*m).offset, Ref::from_value((*m).name).owned()) };
        self.check_member(member, owner, r, name.as_ref())?;
        // SAFETY: instances of the owner have a slot there.
        let v = unsafe { *r.value().header().cast::<u8>().add(offset as usize).cast::<Value>() };
        if v.is_null() {
            return Err(self.attribute_error(r, name.as_ref()));
        }
        // SAFETY: the object owns it.
        Ok(unsafe { Ref::from_value(v).owned() })
    }

    fn check_member(&mut self, _member: Ref<'_>, owner: Ref<'_>, r: Ref<'_>, name: Ref<'_>) -> PyResult<()> {
        if TypeRef::new(owner).is_some_and(|t| self.is_instance(r, t)) {
            return Ok(());
        }
        let (n, class) = (self.text_of(name), self.type_name(r));
        let owner = TypeRef::new(owner).map_or_else(String::new, TypeRef::name);
        Err(self.type_error(&format!(
            "descriptor '{n}' for '{owner}' objects doesn't apply to a '{class}' object"
        )))
    }

    /// The special method `name` of the class of `r`: the callable, and whether it is bound already.
    pub fn find_special(&mut self, r: Ref<'_>, name: Ref<'_>) -> PyResult<Option<(Owned, bool)>> {
        let class = self.class_of(r);
        let Some(v) = self.lookup(class, name) else { return Ok(None) };
        let v = v.owned();
        match v.as_ref().layout_of() {
            Some(Layout::Function) => Ok(Some((v, false))),
            Some(Layout::NativeFunction) => {
                let f = v.value().header().cast::<NativeFunctionObj>();
                // SAFETY: the layout was checked; `def` is static data.
                let binding = unsafe { (*(*f).def.cast::<NativeDef>()).binding };
                match binding {
                    Binding::Method | Binding::SlotWrapper => Ok(Some((v, false))),
                    _ => self.bind_attribute(v, r, class).map(|v| Some((v, true))),
                }
            }
            _ => self.bind_attribute(v, r, class).map(|v| Some((v, true))),
        }
    }

    // ---- setting

    /// `setattr(r, name, value)`, or `delattr` when the value is absent.
    pub fn set_attr(&mut self, r: Ref<'_>, name: Ref<'_>, value: Option<Ref<'_>>) -> PyResult<()> {
        let name = self.attr_name(name)?;
        match self.class_of(r).slots().setattro {
            Some(f) => f(self, r, name.as_ref(), value),
            None => self.generic_set_attr(r, name.as_ref(), value),
        }
    }

    /// `object.__setattr__`, `object.__delattr__`
    pub fn generic_set_attr(&mut self, r: Ref<'_>, name: Ref<'_>, value: Option<Ref<'_>>) -> PyResult<()> {
        let class = self.class_of(r);
        let found = self.lookup(class, name).map(|v| v.owned());
        if let Some(d) = &found {
            let d = d.as_ref();
            if d.is_exact(Layout::Member) {
                return self.member_set(d, r, value);
            }
            if !d.is_exact(Layout::Function)
                && !d.has_layout(Layout::NativeFunction)
                && let Some(f) = self.class_of(d).slots().descr_set
            {
                return f(self, d, r, value);
            }
        }
        match value {
            Some(v) if self.instance_set(r, name, v)? => Ok(()),
            None if self.instance_del(r, name)? => Ok(()),
            _ => Err(self.cannot_set(r, name, found.is_some())),
        }
    }

    #[cold]
    fn cannot_set(&mut self, r: Ref<'_>, name: Ref<'_>, found: bool) -> crate::Raised {
        let (class, n) = (self.type_name(r), self.text_of(name));
        let has_dict = self.has_instance_dict(r);
        let message = if found && !has_dict {
            format!("'{class}' object attribute '{n}' is read-only")
        } else if has_dict {
            format!("'{class}' object has no attribute '{n}'")
        } else {
            format!("'{class}' object has no attribute '{n}' and no __dict__ for setting new attributes")
        };
        self.attribute_error_with(&message, r, name)
    }

    pub(crate) fn member_set(&mut self, member: Ref<'_>, r: Ref<'_>, value: Option<Ref<'_>>) -> PyResult<()> {
        let m = member.value().header().cast::<MemberObj>();
        // SAFETY: the layout was checked; the member owns name and class.
        let (owner, offset, flags, name) = unsafe {
            (Ref::from_value((*m).owner), (*m).offset, (*m).flags, Ref::from_value((*m).name).owned())
        };
        self.check_member(member, owner, r, name.as_ref())?;
        if flags & 1 != 0 {
            return Err(self.raise(Exc::AttributeError, "readonly attribute"));
        }
        let new = value.map_or(Value::NULL, |v| v.owned().into_value());
        // SAFETY: instances of the owner have a slot there, owned by the object.
        let old =
            unsafe { r.value().header().cast::<u8>().add(offset as usize).cast::<Value>().replace(new) };
        if value.is_none() && old.is_null() {
            let n = self.text_of(name.as_ref());
            return Err(self.raise(Exc::AttributeError, &n));
        }
        // SAFETY: taken out of the slot.
        drop(unsafe { Owned::from_value(old) });
        Ok(())
    }

    /// Can instances of this class have attributes of their own?
    pub(crate) fn has_instance_dict(&self, r: Ref<'_>) -> bool {
        match r.object_kind() {
            Some(kind) => {
                kind & 63 == Layout::Module as u32
                    || r.is_exact(Layout::Function)
                    || self.shapes.get(kind).attrs_offset != 0
            }
            None => false,
        }
    }

    /// Stores an instance attribute; `false`: the object cannot have one.
    pub(crate) fn instance_set(&mut self, r: Ref<'_>, name: Ref<'_>, value: Ref<'_>) -> PyResult<bool> {
        let Some(kind) = r.object_kind() else { return Ok(false) };
        if let Some(d) = self.own_dict(r, true)? {
            self.dict_set(d.as_ref(), name, value)?;
            return Ok(true);
        }
        let shape = self.shapes.get(kind);
        if shape.attrs_offset == 0 {
            return Ok(false);
        }
        let h = r.value().header();
        if let Some(i) = shape.find(name.value()) {
            let at = shape.offset(i);
            // SAFETY: the shape names the slot, which the object owns.
            let old = unsafe { h.cast::<u8>().add(at).cast::<Value>().replace(value.owned().into_value()) };
            // SAFETY: taken out of the slot.
            drop(unsafe { Owned::from_value(old) });
            return Ok(true);
        }
        let next = self.shapes.next(kind, name.value()).or_else(|| self.extend_shape(kind, name));
        if let Some(next) = next {
            let shape = self.shapes.get(next);
            let at = shape.offset(shape.names.len() - 1);
            // SAFETY: the slot is within the capacity, empty until now.
            unsafe {
                h.cast::<u8>().add(at).cast::<Value>().write(value.owned().into_value());
                (*h).set_kind(next);
            }
            return Ok(true);
        }
        let class = self.shapes.class(kind);
        // SAFETY: classes outlive their instances.
        unsafe { self.learn_capacity(class) };
        let d = self.make_instance_dict(r)?;
        self.dict_set(d.as_ref(), name, value)?;
        Ok(true)
    }

    fn extend_shape(&mut self, kind: u32, name: Ref<'_>) -> Option<u32> {
        let class = self.shapes.class(kind);
        // SAFETY: classes outlive their instances.
        unsafe {
            if usize::from((*class).shape_count) >= hognose_object::shape::MAX_SHAPES_PER_CLASS {
                return None;
            }
            // Shapes compare names by address: a name in a shape lives for ever.
            if !(*name.value().header()).is_immortal() {
                let held = name.owned();
                self.make_immortal(held);
            }
            let next = self.shapes.extend(kind, name.value())?;
            (*class).shape_count += 1;
            Some(next)
        }
    }

    fn instance_del(&mut self, r: Ref<'_>, name: Ref<'_>) -> PyResult<bool> {
        let Some(kind) = r.object_kind() else { return Ok(false) };
        if let Some(d) = self.own_dict(r, false)? {
            return Ok(self.dict_del(d.as_ref(), name)?.is_some());
        }
        let shape = self.shapes.get(kind);
        if shape.attrs_offset == 0 || shape.find(name.value()).is_none() {
            return Ok(false);
        }
        // Order of insertion matters from here on: a dict keeps it.
        let d = self.make_instance_dict(r)?;
        Ok(self.dict_del(d.as_ref(), name)?.is_some())
    }

    /// The dict that holds an object's attributes, if it has one now (functions get theirs when `make`).
    fn own_dict(&mut self, r: Ref<'_>, make: bool) -> PyResult<Option<Owned>> {
        if let Some(d) = self.module_dict(r) {
            return Ok(Some(d));
        }
        if r.is_exact(Layout::Function) {
            let f = r.value().header().cast::<hognose_object::objects::FunctionObj>();
            // SAFETY: the layout was checked; the function owns its dict.
            unsafe {
                if (*f).dict.is_null() && make {
                    (*f).dict = self.new_dict()?.into_value();
                }
            }
            return Ok(self.function_dict(r));
        }
        let Some(kind) = r.object_kind() else { return Ok(None) };
        let shape = self.shapes.get(kind);
        if !shape.is_dict {
            return Ok(None);
        }
        // SAFETY: a dictionary shape has a dict in the first slot.
        unsafe {
            let slot = r.value().header().cast::<u8>().add(shape.attrs_offset as usize).cast::<Value>();
            Ok(Some(Ref::from_value(*slot).owned()))
        }
    }

    /// `__dict__` of an object: from now on its attributes live there. `None`: it has none.
    pub fn instance_dict(&mut self, r: Ref<'_>) -> PyResult<Option<Owned>> {
        if let Some(d) = self.own_dict(r, true)? {
            return Ok(Some(d));
        }
        match r.object_kind() {
            Some(kind) if self.shapes.get(kind).attrs_offset != 0 => self.make_instance_dict(r).map(Some),
            _ => Ok(None),
        }
    }

    /// Replaces an object's `__dict__`.
    pub(crate) fn set_instance_dict(&mut self, r: Ref<'_>, dict: Ref<'_>) -> PyResult<bool> {
        if r.is_exact(Layout::Function) {
            let f = r.value().header().cast::<hognose_object::objects::FunctionObj>();
            // SAFETY: the layout was checked; ownership of the old dict moves out.
            unsafe {
                let old = std::mem::replace(&mut (*f).dict, dict.owned().into_value());
                drop(Owned::from_value(old));
            }
            return Ok(true);
        }
        if self.instance_dict(r)?.is_none() || r.has_layout(Layout::Module) {
            return Ok(false);
        }
        let kind = r.object_kind().unwrap_or(0);
        let offset = self.shapes.get(kind).attrs_offset as usize;
        // SAFETY: a dictionary shape has a dict in the first slot.
        unsafe {
            let slot = r.value().header().cast::<u8>().add(offset).cast::<Value>();
            drop(Owned::from_value(slot.replace(dict.owned().into_value())));
        }
        Ok(true)
    }

    /// Moves attributes from slots to a dict.
    fn make_instance_dict(&mut self, r: Ref<'_>) -> PyResult {
        let dict = self.new_dict()?;
        let kind = r.object_kind().unwrap_or(0);
        let shape = self.shapes.get(kind);
        let (class, offset) = (shape.class, shape.attrs_offset as usize);
        let names = shape.names.clone();
        let dict_kind = self.dict_shape(class, kind)?;
        // SAFETY: the slots belong to the object; each value moves into the dict.
        unsafe {
            let slots = r.value().header().cast::<u8>().add(offset).cast::<Value>();
            for (i, &name) in names.iter().enumerate() {
                let v = slots.add(i).replace(Value::NULL);
                if !v.is_null() {
                    let v = Owned::from_value(v);
                    self.dict_set(dict.as_ref(), Ref::from_value(name), v.as_ref())?;
                }
            }
            slots.write(dict.as_ref().owned().into_value());
            (*r.value().header()).set_kind(dict_kind);
        }
        Ok(dict)
    }

    /// Kind of instances of `class` whose attributes are in a dict.
    fn dict_shape(&mut self, class: *mut TypeObj, from: u32) -> PyResult<u32> {
        // SAFETY: the class is alive.
        unsafe {
            if (*class).dict_kind == 0 {
                let s = self.shapes.get(from);
                let (offset, capacity) = (s.attrs_offset, s.capacity);
                let layout = Layout::of_kind(from);
                let kind = self.shapes.add(class, layout, offset, capacity, true, Vec::new());
                (*class).dict_kind = match kind {
                    Some(k) => k,
                    None => return Err(self.raise(Exc::MemoryError, "too many classes")),
                };
            }
            Ok((*class).dict_kind)
        }
    }

    // ---- inline caches

    fn site(kind: u32, name: Ref<'_>) -> usize {
        (kind as usize >> 6 ^ name.value().bits() as usize >> 4) & (SITES - 1)
    }

    /// The cache words another site (or this one, earlier) made for loading `name` of objects of this kind.
    #[inline]
    pub(crate) fn known_site(&self, r: Ref<'_>, name: Ref<'_>) -> Option<[Insn; 2]> {
        let kind = r.object_kind()?;
        let e = &self.method_cache.loads[Self::site(kind, name)];
        (e.kind == kind && e.name == name.value() && e.epoch == self.epoch).then_some(e.words)
    }

    /// The same for storing.
    #[inline]
    pub(crate) fn known_store(&self, r: Ref<'_>, name: Ref<'_>) -> Option<[Insn; 2]> {
        let kind = r.object_kind()?;
        let e = &self.method_cache.stores[Self::site(kind, name)];
        (e.kind == kind && e.name == name.value() && e.epoch == self.epoch).then_some(e.words)
    }

    /// Remembers the cache words just made for loading.
    unsafe fn remember_site(&mut self, kind: u32, name: Ref<'_>, cache: *mut Insn) {
        // SAFETY: the caller's cache words.
        let words = unsafe { [*cache, *cache.add(1)] };
        self.method_cache.loads[Self::site(kind, name)] =
            SiteEntry { kind, epoch: self.epoch, name: name.value(), words };
    }

    /// Fills the cache of a `LoadAttr` where that is possible.
    pub(crate) unsafe fn cache_load(&mut self, r: Ref<'_>, name: Ref<'_>, cache: *mut Insn) {
        let Some(kind) = r.object_kind() else { return };
        if kind & 63 == Layout::Module as u32 || kind & 63 == Layout::Type as u32 {
            return;
        }
        let class = self.class_of(r);
        if class.slots().getattro.is_some() {
            return;
        }
        let found = self.lookup(class, name);
        let offset = match found {
            Some(m) if m.is_exact(Layout::Member) => {
                let m = m.value().header().cast::<MemberObj>();
                // SAFETY: the layout was checked; the member owns its class.
                unsafe {
                    let owner = TypeRef::new(Ref::from_value((*m).owner));
                    owner.filter(|o| class.is_subclass_of(*o)).map(|_| (*m).offset as usize)
                }
            }
            Some(v) if self.is_data_descriptor(v) => None,
            _ => {
                let shape = self.shapes.get(kind);
                if shape.attrs_offset == 0 || shape.is_dict {
                    None
                } else {
                    shape.find(name.value()).map(|i| shape.offset(i))
                }
            }
        };
        if let Some(offset) = offset {
            // SAFETY: the caller's cache words.
            unsafe {
                cache.write(cache_word(kind | (How::Slot as u32) << 24, self.epoch));
                cache.add(1).write(cache_word(offset as u32, 0));
                self.remember_site(kind, name, cache);
            }
        }
    }

    /// Fills the cache of a `StoreAttr`; called before storing.
    pub(crate) unsafe fn cache_store(&mut self, r: Ref<'_>, name: Ref<'_>, cache: *mut Insn) {
        let Some(kind) = r.object_kind() else { return };
        let class = self.class_of(r);
        if class.slots().setattro.is_some() || matches!(r.layout_of(), Some(Layout::Module | Layout::Type)) {
            return;
        }
        let found = self.lookup(class, name);
        let (offset, after) = match found {
            Some(m) if m.is_exact(Layout::Member) => {
                let m = m.value().header().cast::<MemberObj>();
                // SAFETY: the layout was checked; the member owns its class.
                unsafe {
                    let owner = TypeRef::new(Ref::from_value((*m).owner));
                    if (*m).flags & 1 != 0 || !owner.is_some_and(|o| class.is_subclass_of(o)) {
                        return;
                    }
                    ((*m).offset as usize, 0)
                }
            }
            Some(v) if self.is_data_descriptor(v) => return,
            _ => {
                let shape = self.shapes.get(kind);
                if shape.attrs_offset == 0 || shape.is_dict {
                    return;
                }
                if let Some(i) = shape.find(name.value()) {
                    (shape.offset(i), 0)
                } else {
                    let next = self.shapes.next(kind, name.value()).or_else(|| self.extend_shape(kind, name));
                    let Some(next) = next else { return };
                    let shape = self.shapes.get(next);
                    (shape.offset(shape.names.len() - 1), next)
                }
            }
        };
        let words =
            [cache_word(kind | (How::Slot as u32) << 24, self.epoch), cache_word(offset as u32, after)];
        self.method_cache.stores[Self::site(kind, name)] =
            SiteEntry { kind, epoch: self.epoch, name: name.value(), words };
        // SAFETY: the caller's cache words.
        unsafe {
            cache.write(words[0]);
            cache.add(1).write(words[1]);
        }
    }

    /// Looks a method up for a call without making a bound method: the function to call with `r` as first argument
    /// (cached when possible), or `None`: use `get_attr`.
    pub(crate) unsafe fn find_method(
        &mut self,
        r: Ref<'_>,
        name: Ref<'_>,
        cache: *mut Insn,
    ) -> PyResult<Option<Owned>> {
        let class = self.class_of(r);
        if class.slots().getattro.is_some() {
            return Ok(None);
        }
        let Some(f) = self.lookup(class, name) else { return Ok(None) };
        let plain = f.is_exact(Layout::Function)
            || f.has_layout(Layout::NativeFunction) && {
                let n = f.value().header().cast::<NativeFunctionObj>();
                // SAFETY: the layout was checked; `def` is static data.
                unsafe {
                    matches!((*(*n).def.cast::<NativeDef>()).binding, Binding::Method | Binding::SlotWrapper)
                        && (*n).receiver.is_null()
                }
            };
        if !plain {
            return Ok(None);
        }
        let f = f.owned();
        let Some(kind) = r.object_kind() else { return Ok(Some(f)) };
        let shape = self.shapes.get(kind);
        let hidden = shape.attrs_offset != 0 && (shape.is_dict || shape.find(name.value()).is_some())
            || kind & 63 == Layout::Module as u32;
        if hidden {
            return Ok(if self.instance_get(r, name).is_some() { None } else { Some(f) });
        }
        let bits = f.value().header().expose_provenance() as u64;
        // SAFETY: the caller's cache words; the class keeps the function alive while the epoch lasts.
        unsafe {
            cache.write(cache_word(kind | (How::Method as u32) << 24, self.epoch));
            cache.add(1).write(cache_word(bits as u32, (bits >> 32) as u32));
            self.remember_site(kind, name, cache);
        }
        Ok(Some(f))
    }
}
