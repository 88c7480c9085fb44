//! Making classes and instances.
//!
//! A class is made bare (layout, slots, bases) and then filled with its methods; instances are laid out as
//!
//!   | header | fixed part of the layout | `__slots__` members | attribute slots … |
//!                                        ^fixed                ^attrs_offset (classes whose instances have a `__dict__`)
#![allow(unsafe_code, reason = "writes type objects and fresh instances")]

use super::property::GetSet;
use super::wrappers;
use crate::args::{Binding, NativeDef};
use crate::class::TypeRef;
use crate::define::TypeDef;
use crate::slot_calls;
use crate::type_slots::{BinOp, Slots, slots_of};
use crate::{PyResult, Vm};
use hognose_object::function::NativeFunctionObj;
use hognose_object::list::ListObj;
use hognose_object::native::{NativeHeader, Trace, alloc_native};
use hognose_object::slots::{alloc_with_slots, fixed_size};
use hognose_object::tuple::{TupleRef, tuple_from_refs};
use hognose_object::types::{TypeFlags, TypeObj};
use hognose_object::{Layout, Owned, Ref, Value, ValueExt};

/// What a new class is made of.
pub(crate) struct NewClass {
    pub name: Owned,
    pub bases: Vec<Owned>,
    /// Its namespace, owned by the class from then on.
    pub dict: Owned,
    pub metaclass: Owned,
    /// Names of `__slots__`, when it has them.
    pub slots: Option<Vec<Owned>>,
    pub flags: u32,
}

/// Attribute slots a class begins with when nothing is known of its instances.
const MIN_CAPACITY: u16 = 2;
/// Most attribute slots; objects with more attributes have a dict.
const MAX_CAPACITY: u16 = 40;

impl Vm {
    // ---- built-in classes

    /// A built-in class without methods. `base` is absent for `object` only.
    pub(crate) fn bare_class(
        &mut self,
        def: &'static TypeDef,
        base: Option<TypeRef<'static>>,
    ) -> PyResult<TypeRef<'static>> {
        let (module, name) = def.name.rsplit_once('.').map_or((None, def.name), |(m, n)| (Some(m), n));
        let h = self.heap.alloc_traced(Layout::Type.kind(), size_of::<TypeObj>())?;
        let t = h.cast::<TypeObj>();
        // SAFETY: a fresh block, every field of which is written by `init_type`.
        unsafe {
            let name = self.immortal_name(name)?;
            let module = match module {
                Some(m) => self.immortal_name(m)?.value(),
                None => Value::NULL,
            };
            self.init_type(t, name.owned(), base)?;
            (*t).module = module;
            (*t).layout = def.layout;
            (*t).wrapped = def.layout;
            (*t).flags = def.flags | base.map_or(0, |b| (*b.ptr()).flags & INHERITED);
            if is_base_layout(def.layout) && def.name != "bool" {
                (*t).flags |= TypeFlags::BASE_TYPE;
            }
            if def.layout == Layout::Exception {
                (*t).flags |= TypeFlags::IS_EXCEPTION | TypeFlags::HAS_DICT;
            }
            let derives_object = base.is_some_and(|b| b.base().is_none());
            if derives_object && def.slots.new.is_none() && !makes_plain_instances(def.layout) {
                // What `object.__new__` makes would lack this layout's fields.
                (*t).flags |= TypeFlags::DISALLOW_INSTANTIATION;
            }
            let items: Vec<Ref<'_>> = std::iter::once(Ref::from_value(Value::from_ptr(h)))
                .chain(base.into_iter().flat_map(TypeRef::mro_items).map(TypeRef::as_ref))
                .collect();
            (*t).mro = tuple_from_refs(&self.heap, &items)?.into_value();
            let bases: Vec<Ref<'_>> = base.iter().map(|b| b.as_ref()).collect();
            (*t).bases = tuple_from_refs(&self.heap, &bases)?.into_value();
            let class = TypeRef::from_ptr(t);
            if let Some(b) = base {
                *slots_mut(t) = *b.slots();
                if def.slots.richcompare.is_some() {
                    (*slots_mut(t)).hash = None;
                }
            }
            self.merge_slots(class, &def.slots);
            self.builtin_kind(t, def)?;
            (*h).set_rc(hognose_heap::IMMORTAL | 1 << 30);
            Ok(class)
        }
    }

    /// Gives a built-in class the kind of its instances.
    unsafe fn builtin_kind(&mut self, t: *mut TypeObj, def: &TypeDef) -> PyResult<()> {
        // SAFETY: the class is alive.
        unsafe {
            let layout = def.layout;
            let taken = self.shapes.has_builtin(layout);
            let own_kind = matches!(layout, Layout::Native | Layout::Instance | Layout::Wrapped) || taken;
            if layout == Layout::Exception {
                (*t).root_kind = 0;
                return Ok(());
            }
            if !own_kind {
                self.shapes.set_builtin(layout, t);
                (*t).root_kind = layout.kind();
            } else {
                let kind = self.shapes.add(t, layout, 0, 0, false, Vec::new());
                (*t).root_kind = kind.ok_or(hognose_object::OutOfMemory { requested: 0 })?;
            }
            Ok(())
        }
    }

    /// Fields every new class begins with.
    unsafe fn init_type(&mut self, t: *mut TypeObj, name: Owned, base: Option<TypeRef<'_>>) -> PyResult<()> {
        // SAFETY: the caller's block is fresh: fields are written, not assigned.
        unsafe {
            let v = Value::NULL;
            let empty =
                [&raw mut (*t).bases, &raw mut (*t).mro, &raw mut (*t).module, &raw mut (*t).self_ref];
            for place in empty {
                place.write(v);
            }
            (*t).qualname = name.clone().into_value();
            (*t).name = name.into_value();
            (*t).dict = v;
            (*t).base = base.map_or(std::ptr::null_mut(), TypeRef::ptr);
            (*t).flags = 0;
            (*t).layout = Layout::Instance;
            (*t).wrapped = Layout::Instance;
            (*t).nmembers = 0;
            (*t).capacity = 0;
            (*t).shape_count = 0;
            (*t).root_kind = 0;
            (*t).dict_kind = 0;
            (*t).version = 0;
            (*t).cached_names = 0;
            (*t).payload_bytes = base.map_or(0, |b| (*b.ptr()).payload_bytes);
            (&raw mut (*t).subclasses).write(hognose_heap::HeapVec::new());
            let bytes = size_of::<Slots>();
            (*t).slots = self.heap.alloc_buffer(bytes)?.cast();
            (*t).slots_bytes = bytes as u32;
            *slots_mut(t) = Slots::NONE;
            (*t).dict = hognose_object::dict::new_dict(&self.heap)?.into_value();
            Ok(())
        }
    }

    /// Adds the slots a definition gives to those inherited.
    pub(crate) unsafe fn merge_slots(&mut self, class: TypeRef<'_>, own: &Slots) {
        // SAFETY: the class is alive; nobody reads its slots meanwhile.
        let s = unsafe { &mut *slots_mut(class.ptr()) };
        macro_rules! take {
            ($($f:ident)*) => { $( if own.$f.is_some() { s.$f = own.$f; } )* };
        }
        take! {
            repr str hash call getattro setattro iter next richcompare len getitem setitem contains binary inplace
            unary bool int float index descr_get descr_set new init await_ aiter anext
        }
        if own.binary.is_some() {
            s.binary_ops = own.binary_ops;
        }
        if own.inplace.is_some() {
            s.inplace_ops = own.inplace_ops;
        }
    }

    /// Fills a built-in class with methods, wrappers of its slots, and attributes.
    pub(crate) fn fill_class(&mut self, class: TypeRef<'static>, def: &'static TypeDef) -> PyResult<()> {
        for d in wrappers::for_slots(&def.slots) {
            self.add_native(class, d)?;
        }
        for d in wrappers::as_methods(def.layout) {
            self.add_native(class, d)?;
        }
        for d in def.methods {
            self.add_native(class, d)?;
        }
        if class == self.types.object {
            for d in super::object::attribute_methods() {
                self.add_native(class, d)?;
            }
        }
        for g in def.getset {
            let name = self.immortal_name(g.name)?;
            let d = self.new_native(GetSet { owner: class.owned(), def: g })?;
            class.dict().set_str(&mut self.heap, name, d)?;
        }
        if def.slots.hash.is_none() && def.slots.richcompare.is_some() {
            let name = self.names.__hash__;
            class.dict().set_str(&mut self.heap, name, hognose_object::none())?;
        }
        let doc_key = self.names.__doc__;
        if class.dict().get_str(doc_key).is_none() {
            let doc = if def.doc.is_empty() { self.none() } else { self.new_str(def.doc)? };
            class.dict().set_str(&mut self.heap, doc_key, doc)?;
        }
        Ok(())
    }

    fn add_native(&mut self, class: TypeRef<'static>, def: &'static NativeDef) -> PyResult<()> {
        let name = self.immortal_name(def.name)?;
        let f = match def.binding {
            Binding::Static => {
                self.new_native_function(def, Some(class.as_ref()), Some(class.as_ref()), None)?
            }
            _ => self.new_native_function(def, None, Some(class.as_ref()), None)?,
        };
        if def.name == "__new__" {
            // The receiver of `__new__` is for looks only.
            let o = f.value().header().cast::<NativeFunctionObj>();
            // SAFETY: a fresh native function.
            unsafe { drop(Owned::from_value(std::mem::replace(&mut (*o).receiver, Value::NULL))) };
        }
        class.dict().set_str(&mut self.heap, name, f)?;
        Ok(())
    }

    /// A native function object.
    pub(crate) fn new_native_function(
        &mut self,
        def: &'static NativeDef,
        receiver: Option<Ref<'_>>,
        owner: Option<Ref<'_>>,
        module: Option<Ref<'_>>,
    ) -> PyResult {
        let class = match def.binding {
            Binding::Method | Binding::Class if receiver.is_none() => self.types.method_descriptor,
            Binding::SlotWrapper if receiver.is_none() => self.types.wrapper_descriptor,
            Binding::SlotWrapper => self.types.method_wrapper,
            _ => self.types.builtin_function,
        };
        // SAFETY: built-in types live as long as the machine.
        let kind = unsafe { (*class.ptr()).root_kind };
        let h = self.heap.alloc_traced(kind, size_of::<NativeFunctionObj>())?;
        let own = |r: Option<Ref<'_>>| r.map_or(Value::NULL, |r| r.owned().into_value());
        // SAFETY: a fresh block, every field of which is written.
        unsafe {
            let f = h.cast::<NativeFunctionObj>();
            (*f).receiver = own(receiver);
            (*f).name = Value::NULL;
            (*f).owner = own(owner);
            (*f).module = own(module);
            (*f).def = std::ptr::from_ref(def).cast();
            (*f).receiver_kind = u32::MAX;
            Ok(Owned::from_value(Value::from_ptr(h)))
        }
    }

    // ---- classes of programs

    /// Makes a class: layout, members, mro, slots. `__set_name__` and `__init_subclass__` are the caller's.
    pub(crate) fn make_class(&mut self, new: NewClass) -> PyResult {
        let meta = TypeRef::new(new.metaclass.as_ref()).expect("a metaclass is a class");
        let bases: Vec<TypeRef<'_>> = new.bases.iter().filter_map(|b| TypeRef::new(b.as_ref())).collect();
        let base = self.best_base(&bases)?;
        let kind = self.instance_kind(meta)?;
        let own_slots = self.meta_slots(meta);
        let o = alloc_with_slots(&self.heap, kind, size_of::<TypeObj>(), own_slots)?;
        let t = o.value().header().cast::<TypeObj>();
        // SAFETY: a fresh block; every field is written before anything else runs.
        unsafe {
            self.init_type(t, new.name, Some(base))?;
            drop(Owned::from_value(std::mem::replace(&mut (*t).dict, new.dict.into_value())));
            let refs: Vec<Ref<'_>> = new.bases.iter().map(Owned::as_ref).collect();
            (*t).bases = tuple_from_refs(&self.heap, &refs)?.into_value();
            (*t).flags = new.flags | TypeFlags::HEAP_TYPE;
            for b in &bases {
                (*t).flags |= (*b.ptr()).flags & INHERITED_BY_PROGRAMS;
            }
            (*t).layout =
                if base.layout().is_wrapped_by_subclasses() { Layout::Wrapped } else { base.layout() };
            (*t).wrapped = base.value_layout();
            (*t).nmembers = (*base.ptr()).nmembers;
            let class = TypeRef::from_ptr(t);
            let mro = super::type_::compute_mro(self, class, &bases)?;
            (*t).mro = mro.into_value();
            let members = new.slots.as_deref().unwrap_or(&[]);
            self.add_members(class, members)?;
            (*t).capacity = self.attribute_capacity(class, &bases);
            for b in &bases {
                (*b.ptr()).subclasses.push(&self.heap, t)?;
            }
            self.first_slots(class)?;
        }
        Ok(o)
    }

    fn meta_slots(&self, meta: TypeRef<'_>) -> usize {
        // SAFETY: the class is alive.
        unsafe { usize::from((*meta.ptr()).nmembers) + usize::from((*meta.ptr()).capacity) }
    }

    /// Attribute slots for new instances: what methods assign through `self`, and the bases'.
    fn attribute_capacity(&mut self, class: TypeRef<'_>, bases: &[TypeRef<'_>]) -> u16 {
        if !class.has(TypeFlags::HAS_DICT) {
            return 0;
        }
        let name = self.names.__static_attributes__;
        let own = class.dict().get_str(name);
        let own = own.as_ref().and_then(|t| TupleRef::new(t.as_ref())).map_or(0, |t| t.items().len());
        // SAFETY: bases are alive.
        let inherited = bases.iter().map(|b| unsafe { (*b.ptr()).capacity }).max().unwrap_or(0);
        let inherited = inherited.saturating_sub(1);
        // One more than known: attributes set from outside are common, and the block often has the room anyway.
        (own as u16 + 1).saturating_add(inherited).clamp(MIN_CAPACITY, MAX_CAPACITY)
    }

    /// The base whose layout the instances extend.
    pub(crate) fn best_base<'a>(&mut self, bases: &[TypeRef<'a>]) -> PyResult<TypeRef<'a>> {
        let mut best: Option<TypeRef<'a>> = None;
        for &b in bases {
            if !b.has(TypeFlags::BASE_TYPE) {
                let name = self.class_name(b);
                return Err(self.type_error(&format!("type '{name}' is not an acceptable base type")));
            }
            let Some(current) = best else {
                best = Some(b);
                continue;
            };
            let (x, y) = (solid(current), solid(b));
            if x == y || x.is_subclass_of(y) {
                continue;
            }
            if y.is_subclass_of(x) {
                best = Some(b);
            } else {
                return Err(self.type_error("multiple bases have instance lay-out conflict"));
            }
        }
        best.ok_or_else(|| self.type_error("a class needs a base"))
    }

    /// Descriptors for `__slots__`.
    fn add_members(&mut self, class: TypeRef<'_>, names: &[Owned]) -> PyResult<()> {
        use hognose_object::objects::MemberObj;
        for name in names {
            let fixed = self.fixed_bytes(class);
            // SAFETY: the class is being made; the member object is fresh.
            unsafe {
                let t = class.ptr();
                let offset = fixed + usize::from((*t).nmembers) * 8;
                (*t).nmembers += 1;
                let kind = Layout::Member.kind();
                let m = alloc_with_slots(&self.heap, kind, size_of::<MemberObj>(), 0)?;
                let o = m.value().header().cast::<MemberObj>();
                (*o).name = name.clone().into_value();
                (*o).owner = class.owned().into_value();
                (*o).doc = Value::NULL;
                (*o).offset = offset as u32;
                (*o).flags = 0;
                class.dict().set_str(&mut self.heap, name.as_ref(), m)?;
            }
        }
        Ok(())
    }

    /// Bytes before the first member of an instance.
    pub(crate) fn fixed_bytes(&self, class: TypeRef<'_>) -> usize {
        let fixed = fixed_size(class.layout());
        if class.layout() == Layout::Native {
            // SAFETY: the class is alive.
            return fixed + unsafe { (*class.ptr()).payload_bytes } as usize;
        }
        fixed
    }

    /// Recomputes slots and flags from what the mro defines.
    pub(crate) fn update_slots(&mut self, class: TypeRef<'_>) -> PyResult<()> {
        let mut slots = class.base().map_or(Slots::NONE, |b| *b.slots());
        (slots.binary_ops, slots.inplace_ops) = (0, 0);
        (slots.binary, slots.inplace) = (None, None);
        let mut names: Vec<&str> = slot_calls::SLOT_NAMES.to_vec();
        for op in BinOp::ALL {
            names.extend(op.methods().into_iter().filter(|n| !n.is_empty()));
        }
        let empty = Slots::NONE;
        let mut seen = [false; 6];
        for name in names {
            let key = self.immortal_name(name)?;
            let Some(owner) = defining_class(class, key) else {
                if !name.starts_with("__get") && !is_shared(name) {
                    slot_calls::install(&mut slots, name, Some(&empty));
                }
                continue;
            };
            let native = if owner.is_heap_type() { None } else { Some(owner.slots()) };
            // Several names may share a slot: a Python definition of one of them decides.
            let group = match name {
                "__lt__" | "__le__" | "__eq__" | "__ne__" | "__gt__" | "__ge__" => Some(&mut seen[5]),
                "__getattribute__" | "__getattr__" => Some(&mut seen[0]),
                "__setattr__" | "__delattr__" => Some(&mut seen[1]),
                "__setitem__" | "__delitem__" => Some(&mut seen[2]),
                "__set__" | "__delete__" => Some(&mut seen[3]),
                "__neg__" | "__pos__" | "__invert__" | "__abs__" => Some(&mut seen[4]),
                _ => None,
            };
            match group {
                Some(done) if *done => continue,
                Some(done) => *done = native.is_none(),
                None => {}
            }
            if native.is_none() {
                let hash_none = name == "__hash__" && {
                    let v = owner.dict().get_str(key);
                    v.is_some_and(|v| v.as_ref().is_none())
                };
                if hash_none {
                    slots.hash = None;
                    continue;
                }
            }
            slot_calls::install(&mut slots, name, native);
        }
        // SAFETY: the class is alive; its slots are replaced as a whole.
        unsafe {
            *slots_mut(class.ptr()) = slots;
            self.update_flags(class);
        }
        Ok(())
    }

    unsafe fn update_flags(&mut self, class: TypeRef<'_>) {
        let del = self.names.__del__;
        let has_del = defining_class(class, del).is_some();
        let plain_meta = {
            let meta = self.class_of(class.as_ref());
            let call = self.names.__call__;
            meta == self.types.type_ || defining_class(meta, call).is_some_and(|c| !c.is_heap_type())
        };
        let object_new = self.types.object.slots().new;
        let same_new = match (class.slots().new, object_new) {
            (Some(a), Some(b)) => std::ptr::fn_addr_eq(a, b),
            _ => false,
        };
        // SAFETY: the class is alive.
        unsafe {
            let t = class.ptr();
            (*t).flags &= !(TypeFlags::HAS_FINALIZER | TypeFlags::PLAIN_NEW);
            if has_del {
                (*t).flags |= TypeFlags::HAS_FINALIZER;
            }
            let plain = same_new && plain_meta && (*t).layout == Layout::Instance;
            if plain && (*t).flags & (TypeFlags::ABSTRACT | TypeFlags::DISALLOW_INSTANTIATION) == 0 {
                (*t).flags |= TypeFlags::PLAIN_NEW;
            }
        }
    }

    // ---- instances

    /// Kind for new instances of a class, made on first use.
    pub(crate) fn instance_kind(&mut self, class: TypeRef<'_>) -> PyResult<u32> {
        let t = class.ptr();
        // SAFETY: the class is alive.
        unsafe {
            if (*t).root_kind == 0 {
                let has_dict = class.has(TypeFlags::HAS_DICT);
                let fixed = self.fixed_bytes(class) + usize::from((*t).nmembers) * 8;
                let offset = if has_dict { fixed as u32 } else { 0 };
                if has_dict && (*t).capacity == 0 {
                    (*t).capacity = MIN_CAPACITY;
                }
                let kind = self.shapes.add(t, (*t).layout, offset, (*t).capacity, false, Vec::new());
                (*t).root_kind = kind.ok_or(hognose_object::OutOfMemory { requested: 0 })?;
            }
            Ok((*t).root_kind)
        }
    }

    /// More attributes than slots were seen: later instances get more.
    pub(crate) unsafe fn learn_capacity(&mut self, class: *mut TypeObj) {
        // SAFETY: the class is alive.
        unsafe {
            let more = ((*class).capacity * 2).clamp(4, MAX_CAPACITY);
            if more > (*class).capacity && (*class).flags & TypeFlags::IS_TYPE == 0 {
                (*class).capacity = more;
                (*class).root_kind = 0;
            }
        }
    }

    /// An instance without attributes of a class with layout `Instance`.
    #[inline]
    pub(crate) fn new_instance(&mut self, class: TypeRef<'_>) -> PyResult {
        let kind = self.instance_kind(class)?;
        // SAFETY: the class is alive.
        let (n, finalizer) = unsafe {
            let t = class.ptr();
            (
                usize::from((*t).nmembers) + usize::from((*t).capacity),
                (*t).flags & TypeFlags::HAS_FINALIZER != 0,
            )
        };
        let o = alloc_with_slots(&self.heap, kind, 8, n)?;
        if finalizer {
            // SAFETY: a fresh object.
            unsafe { (*o.value().header()).set_flag(hognose_heap::flags::HAS_FINALIZER) };
        }
        Ok(o)
    }

    /// An empty instance of a class whose layout can be extended: exact or derived list, dict, set, bytearray,
    /// exception, module, plain object.
    pub fn alloc_for(&mut self, class: TypeRef<'_>) -> PyResult {
        let kind = self.instance_kind(class)?;
        let layout = class.layout();
        // SAFETY: the class is alive.
        let n = unsafe { usize::from((*class.ptr()).nmembers) + usize::from((*class.ptr()).capacity) };
        let o = alloc_with_slots(&self.heap, kind, fixed_size(layout), n)?;
        let h = o.value().header();
        // SAFETY: a fresh object; zero is not a valid empty state for these fields.
        unsafe {
            match layout {
                Layout::List => {
                    let l = h.cast::<ListObj>();
                    (*l).buf = std::ptr::dangling_mut();
                }
                Layout::ByteArray => {
                    let b = h.cast::<hognose_object::bytes::ByteArrayObj>();
                    (&raw mut (*b).data).write(hognose_heap::HeapVec::new());
                }
                Layout::Exception => {
                    let e = h.cast::<hognose_object::objects::ExceptionObj>();
                    (*e).args = self.empty_tuple.owned().into_value();
                    if (*e).args.is_null() {
                        (*e).args = self.new_tuple(Vec::new())?.into_value();
                    }
                    (*e).traceback = Value::NULL;
                    (*e).context = Value::NULL;
                    (*e).cause = Value::NULL;
                }
                Layout::Module => {
                    let m = h.cast::<hognose_object::objects::ModuleObj>();
                    (*m).dict = Value::NULL;
                    (*m).name = Value::NULL;
                }
                Layout::Wrapped => h.cast::<Value>().add(1).write(Value::NULL),
                _ => {}
            }
            if class.has(TypeFlags::HAS_FINALIZER) {
                (*h).set_flag(hognose_heap::flags::HAS_FINALIZER);
            }
        }
        Ok(o)
    }

    /// `value` itself when `class` is its exact type, else an instance of the subclass that holds it.
    pub fn wrap_new(&mut self, class: TypeRef<'_>, value: Owned) -> PyResult {
        if class.layout() != Layout::Wrapped {
            return Ok(value);
        }
        let o = self.alloc_for(class)?;
        // SAFETY: a fresh wrapped instance; the value moves in.
        unsafe { o.value().header().cast::<Value>().add(1).write(value.into_value()) };
        Ok(o)
    }

    /// A native object of the registered type of `T`.
    pub fn new_native<T: Trace + 'static>(&mut self, payload: T) -> PyResult {
        let Some(&kind) = self.native_kinds.get(&std::any::TypeId::of::<T>()) else {
            let name = std::any::type_name::<T>();
            return Err(self.raise(crate::Exc::SystemError, &format!("native type {name} is not registered")));
        };
        Ok(alloc_native(&self.heap, kind, 0, payload)?)
    }

    /// A native object of a class derived from (or being) the registered type of `T`.
    pub fn new_native_of<T: Trace + 'static>(&mut self, class: TypeRef<'_>, payload: T) -> PyResult {
        let kind = self.instance_kind(class)?;
        // SAFETY: the class is alive.
        let n = unsafe { usize::from((*class.ptr()).nmembers) + usize::from((*class.ptr()).capacity) };
        let o = alloc_native(&self.heap, kind, n, payload)?;
        if class.has(TypeFlags::HAS_FINALIZER) {
            // SAFETY: a fresh object.
            unsafe { (*o.value().header()).set_flag(hognose_heap::flags::HAS_FINALIZER) };
        }
        Ok(o)
    }
}

impl Vm {
    /// Completes a built-in class whose instances may have attributes, weak references or a finalizer.
    pub(crate) fn finish_native_class(&mut self, class: TypeRef<'static>) {
        let del = self.names.__del__;
        let has_del = defining_class(class, del).is_some();
        // SAFETY: the class lives as long as the machine, and has no instances yet.
        unsafe {
            let t = class.ptr();
            if has_del {
                (*t).flags |= TypeFlags::HAS_FINALIZER;
            }
            if (*t).flags & TypeFlags::HAS_DICT != 0 {
                // Their kind is made with the first instance, when the size of the payload is known.
                (*t).root_kind = 0;
            }
        }
    }
}

/// May `object.__new__` serve classes of this layout?
fn makes_plain_instances(layout: Layout) -> bool {
    matches!(layout, Layout::Instance | Layout::Exception)
}

/// Flags that built-in classes take from their base.
const INHERITED: u32 = TypeFlags::IS_EXCEPTION | TypeFlags::IS_TYPE | TypeFlags::HAS_DICT;
/// Flags that all classes take from their bases.
const INHERITED_BY_PROGRAMS: u32 =
    INHERITED | TypeFlags::SEQUENCE | TypeFlags::MAPPING | TypeFlags::HAS_WEAKREF;

const _: () = assert!(size_of::<NativeHeader>() == 16);

/// The slots of a class, to be written.
unsafe fn slots_mut(t: *mut TypeObj) -> *mut Slots {
    // SAFETY: every class has a slot table of its own.
    unsafe {
        debug_assert!(!std::ptr::eq(slots_of(&*t), &Slots::NONE));
        (*t).slots.cast()
    }
}

/// Layouts whose built-in types programs may derive from.
fn is_base_layout(layout: Layout) -> bool {
    use Layout::{
        ByteArray, Bytes, Complex, Dict, Exception, Float, FrozenSet, Int, List, Module, Set, Str, Tuple,
    };
    matches!(
        layout,
        Int | Float
            | Complex
            | Str
            | Bytes
            | ByteArray
            | List
            | Tuple
            | Dict
            | Set
            | FrozenSet
            | Exception
            | Module
    )
}

/// The nearest class along the chain of bases that adds something to the layout.
fn solid(class: TypeRef<'_>) -> TypeRef<'_> {
    let mut c = class;
    while let Some(b) = c.base() {
        // SAFETY: both are alive.
        let members = unsafe { (*c.ptr()).nmembers != (*b.ptr()).nmembers };
        let payload = c.layout() == Layout::Native && b.layout() != Layout::Native;
        let wraps = c.value_layout() != b.value_layout();
        if members
            || payload
            || wraps && !(c.layout() == Layout::Exception && b.layout() == Layout::Exception)
        {
            return c;
        }
        c = b;
    }
    c
}

/// The first class of the mro that has the name in its dict.
pub(crate) fn defining_class<'a>(class: TypeRef<'a>, name: Ref<'_>) -> Option<TypeRef<'a>> {
    class.mro_items().find(|c| c.dict().get_str(name).is_some())
}

/// Names whose absence says nothing about the slot, because another name shares it.
fn is_shared(name: &str) -> bool {
    matches!(
        name,
        "__delattr__"
            | "__setattr__"
            | "__delitem__"
            | "__delete__"
            | "__lt__"
            | "__le__"
            | "__ne__"
            | "__gt__"
            | "__ge__"
            | "__eq__"
            | "__neg__"
            | "__pos__"
            | "__invert__"
            | "__abs__"
            | "__set__"
            | "__setitem__"
    )
}
