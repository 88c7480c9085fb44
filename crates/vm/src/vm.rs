//! The machine: one interpreter with its heap, its classes and its frame stack.
//!
//!   Vm ─┬─ heap      every object and buffer of the guest
//!       ├─ shapes    class and attribute layout behind each header's kind
//!       ├─ types, exc, names   what the machine knows by name
//!       ├─ frames, stack       Python calls (see frame.rs)
//!       └─ modules, builtins, weakrefs, interned, caches
//!
//! `&mut Vm` may run Python code, collect, and change objects. There is no global state: machines know nothing of each
//! other, and one may move between threads while nobody runs it.
#![allow(unsafe_code, reason = "owns the value stack and the raw exception slot")]

use crate::attr::MethodCache;
use crate::class::TypeRef;
use crate::config::{Interrupt, VmConfig};
use crate::exceptions::Exc;
use crate::frame::FrameStack;
use crate::names::Names;
use crate::types::Types;
use crate::weakref::WeakTable;
use crate::{PyResult, Raised};
use hognose_heap::Config;
use hognose_object::dict::DictRef;
use hognose_object::hash::HashSecret;
use hognose_object::shape::Shapes;
use hognose_object::str::{StrRef, new_str};
use hognose_object::{Heap, HeapBox, Owned, Ref, Value};
use std::any::{Any, TypeId};
use std::collections::{HashMap, HashSet};

/// Type ids are hashes already.
#[derive(Default)]
pub(crate) struct TypeIdHasher(u64);

impl std::hash::Hasher for TypeIdHasher {
    fn write(&mut self, bytes: &[u8]) {
        for &b in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(b);
        }
    }
    fn write_u64(&mut self, n: u64) {
        self.0 = n;
    }
    fn finish(&self) -> u64 {
        self.0
    }
}

pub(crate) type ByTypeId = std::hash::BuildHasherDefault<TypeIdHasher>;

/// One interpreter.
pub struct Vm {
    /// Exception in flight (owned), NULL when there is none or it is a MemoryError not made yet.
    pub(crate) raised: Value,
    /// Exception being handled (owned) or NULL.
    pub(crate) handled: Value,
    /// Inline caches made under another epoch are stale.
    pub(crate) epoch: u32,
    pub(crate) next_version: u32,
    /// Lookups that found a dict whose version may soon be restored.
    pub(crate) version_waits: u32,
    pub(crate) frames: FrameStack,
    pub(crate) heap: HeapBox,
    pub(crate) shapes: Shapes,
    pub(crate) types: Types,
    pub(crate) exc: Vec<TypeRef<'static>>,
    pub(crate) names: Box<Names>,
    pub(crate) interned: HashMap<Box<[u8]>, Value>,
    /// Latin-1 characters, then the empty string.
    pub(crate) chars: Vec<Ref<'static>>,
    /// Bytes objects of one byte.
    pub(crate) bytes: Vec<Ref<'static>>,
    pub(crate) empty_tuple: Ref<'static>,
    pub(crate) empty_bytes: Ref<'static>,
    pub(crate) native_kinds: HashMap<TypeId, u32, ByTypeId>,
    pub(crate) module_state: HashMap<TypeId, Box<dyn Any>, ByTypeId>,
    pub(crate) native_modules: HashMap<&'static str, fn(&mut Vm) -> PyResult>,
    pub(crate) library: Option<&'static dyn crate::Library>,
    /// `_frozen_importlib`, once it is needed.
    pub(crate) import_system: Owned,
    pub(crate) import_starting: bool,
    pub(crate) context: Owned,
    pub(crate) modules: Owned,
    pub(crate) builtins: Owned,
    pub(crate) sys: Owned,
    pub(crate) weakrefs: WeakTable,
    pub(crate) method_cache: MethodCache,
    pub(crate) unwind_cache: crate::unwind::UnwindCache,
    pub(crate) hash_secret: HashSecret,
    pub(crate) recursion_limit: usize,
    /// Lowest address the native stack may reach.
    pub(crate) stack_limit: usize,
    pub(crate) interrupt: Interrupt,
    pub(crate) gc: crate::gc::GcState,
    pub(crate) repr_running: HashSet<u64>,
    pub(crate) finalizing: bool,
    pub(crate) threads: crate::threads::Threads,
    pub(crate) config: VmConfig,
    /// What the heap's site hook is given.
    pub(crate) sites: Option<Box<crate::sites::SiteHook>>,
}

impl Vm {
    /// A new interpreter with the built-in types, `builtins` and nothing else.
    ///
    /// # Errors
    /// When the system or the limit does not give the memory to start.
    pub fn new(config: VmConfig) -> Result<Box<Vm>, hognose_object::OutOfMemory> {
        let limit = config.max_heap;
        let reserve = limit.map_or(0, |l| (l / 64).clamp(64 << 10, 1 << 20));
        let heap = HeapBox::new(Config { limit, reserve, vtables: &hognose_object::vtables::VTABLES })?;
        let frames = FrameStack::new(&heap)?;
        let hash_secret = match config.hash_seed {
            Some(0) => HashSecret(0, 0),
            Some(seed) => HashSecret(u64::from(seed).wrapping_mul(0x9E37_79B9_7F4A_7C15), u64::from(seed)),
            None => random_secret(),
        };
        let unset = || Owned::null();
        // SAFETY: NULL is no object.
        let null_ref = Ref::from_immediate(Value::NULL);
        let mut vm = Box::new(Vm {
            raised: Value::NULL,
            handled: Value::NULL,
            epoch: 1,
            next_version: 1,
            version_waits: 0,
            frames,
            heap,
            shapes: Shapes::new(),
            types: Types::unset(),
            exc: Vec::new(),
            names: Names::unset(),
            interned: HashMap::new(),
            chars: Vec::new(),
            bytes: Vec::new(),
            empty_tuple: null_ref,
            empty_bytes: null_ref,
            native_kinds: HashMap::default(),
            module_state: HashMap::default(),
            native_modules: HashMap::new(),
            library: None,
            import_system: unset(),
            import_starting: false,
            context: unset(),
            modules: unset(),
            builtins: unset(),
            sys: unset(),
            weakrefs: WeakTable::default(),
            method_cache: MethodCache::new(),
            unwind_cache: crate::unwind::UnwindCache::default(),
            hash_secret,
            recursion_limit: 1000,
            stack_limit: 0,
            interrupt: Interrupt::default(),
            gc: crate::gc::GcState::default(),
            repr_running: HashSet::new(),
            finalizing: false,
            threads: crate::threads::Threads::default(),
            config,
            sites: None,
        });
        vm.install_site_hook();
        vm.measure_stack();
        vm.start().map_err(|_| hognose_object::OutOfMemory { requested: 0 })?;
        Ok(vm)
    }

    fn start(&mut self) -> PyResult<()> {
        self.make_shared_strings()?;
        let names = Names::new(self)?;
        *self.names = names;
        crate::types::start(self)?;
        crate::modules::start(self)
    }

    fn make_shared_strings(&mut self) -> PyResult<()> {
        for c in 0..256u32 {
            let mut bytes = Vec::new();
            hognose_object::str::push_code_point(&mut bytes, c);
            let s = self.immortal_name_bytes(&bytes)?;
            self.chars.push(s);
        }
        let empty = self.immortal_name_bytes(b"")?;
        self.chars.push(empty);
        Ok(())
    }

    /// The heap, for allocation and reading.
    #[inline(always)]
    pub fn heap(&self) -> &Heap {
        &self.heap
    }

    /// The heap, for changing objects.
    #[inline(always)]
    pub fn heap_mut(&mut self) -> &mut Heap {
        &mut self.heap
    }

    /// Handle through which other threads and signal handlers stop the program.
    pub fn interrupt_handle(&self) -> Interrupt {
        self.interrupt.clone()
    }

    /// The empty tuple.
    pub fn empty_tuple(&self) -> Ref<'static> {
        self.empty_tuple
    }

    /// `sys.modules`.
    pub fn modules(&self) -> Ref<'_> {
        self.modules.as_ref()
    }

    /// The namespace of `builtins`.
    pub fn builtins(&self) -> Ref<'_> {
        self.builtins.as_ref()
    }

    /// The `sys` module's namespace.
    pub fn sys_dict(&self) -> Ref<'_> {
        self.sys.as_ref()
    }

    /// What the machine was started with.
    pub fn config(&self) -> &VmConfig {
        &self.config
    }

    /// Is the interpreter being shut down?
    pub fn is_finalizing(&self) -> bool {
        self.finalizing
    }

    /// Names the machine knows.
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// The built-in types.
    pub fn types(&self) -> &Types {
        &self.types
    }

    /// A built-in exception class.
    pub fn exc_class(&self, e: Exc) -> TypeRef<'static> {
        self.exc[e as usize]
    }

    /// Registers a native module: `import name` calls `make` once, which gives the module object.
    pub fn add_native_module(&mut self, name: &'static str, make: fn(&mut Vm) -> PyResult) {
        self.native_modules.insert(name, make);
    }

    /// State of a native module, made on first use. It must not hold references to objects.
    pub fn state<T: Any + Default>(&mut self) -> &mut T {
        let boxed = self.module_state.entry(TypeId::of::<T>()).or_insert_with(|| Box::new(T::default()));
        boxed.downcast_mut().expect("the key is the type")
    }

    /// The context that `contextvars` calls current, NULL before the first.
    pub fn current_context(&self) -> Ref<'_> {
        self.context.as_ref()
    }

    /// Makes another context the current one; gives the former.
    pub fn replace_context(&mut self, context: Owned) -> Owned {
        std::mem::replace(&mut self.context, context)
    }

    /// `sys.getrecursionlimit()`.
    pub fn recursion_limit(&self) -> usize {
        self.recursion_limit
    }

    /// `sys.setrecursionlimit()`; `false`: lower than the current depth.
    pub fn set_recursion_limit(&mut self, n: usize) -> bool {
        if n <= self.frames.len() {
            return false;
        }
        self.recursion_limit = n.min(crate::frame::MAX_FRAMES);
        self.frames.set_limit(self.recursion_limit);
        true
    }

    // ---- interned strings

    /// The interned string with this text; identical for equal texts while it lives.
    pub fn intern(&mut self, text: &str) -> PyResult {
        self.intern_bytes(text.as_bytes())
    }

    pub(crate) fn intern_bytes(&mut self, bytes: &[u8]) -> PyResult {
        if let Some(&v) = self.interned.get(bytes) {
            // SAFETY: the table holds only living strings: death removes them (gc.rs).
            return Ok(unsafe { Ref::from_value(v) }.owned());
        }
        let s = new_str(&self.heap, bytes)?;
        self.make_interned(s.as_ref());
        Ok(s)
    }

    /// Interns an existing exact string: gives the one to use instead.
    pub fn intern_object(&mut self, s: Ref<'_>) -> Owned {
        let Some(text) = StrRef::new(s) else { return s.owned() };
        if let Some(&v) = self.interned.get(text.as_bytes()) {
            // SAFETY: as above.
            return unsafe { Ref::from_value(v) }.owned();
        }
        self.make_interned(s);
        s.owned()
    }

    fn make_interned(&mut self, s: Ref<'_>) {
        let Some(text) = StrRef::new(s) else { return };
        text.hash(self.hash_secret);
        self.interned.insert(text.as_bytes().into(), s.value());
        // SAFETY: a live object; its death now passes through the machine.
        unsafe {
            (*s.value().header()).set_flag(crate::gc::INTERNED | hognose_heap::flags::HAS_WEAKREF);
        }
    }

    /// Is it an interned string?
    pub fn is_interned(&self, s: Ref<'_>) -> bool {
        // SAFETY: a live object.
        StrRef::new(s).is_some() && unsafe { (*s.value().header()).has_flag(crate::gc::INTERNED) }
    }

    pub(crate) fn immortal_name(&mut self, text: &str) -> PyResult<Ref<'static>> {
        self.immortal_name_bytes(text.as_bytes())
    }

    pub(crate) fn immortal_name_bytes(&mut self, bytes: &[u8]) -> PyResult<Ref<'static>> {
        let s = self.intern_bytes(bytes)?;
        Ok(self.make_immortal(s))
    }

    /// Makes an object live as long as the machine.
    pub(crate) fn make_immortal(&mut self, o: Owned) -> Ref<'static> {
        let v = o.into_value();
        // SAFETY: the reference is given up for ever; the count sticks from now on.
        unsafe {
            if v.is_ptr() {
                (*v.header()).set_rc(hognose_heap::IMMORTAL | 1 << 30);
            }
            Ref::from_value(v)
        }
    }

    // ---- the exception in flight

    /// Raises an exception object.
    pub fn raise_object(&mut self, exc: Owned) -> Raised {
        self.clear_raised();
        self.set_context(exc.as_ref());
        self.raised = exc.into_value();
        Raised::new()
    }

    /// The exception being handled becomes the `__context__` of a new one; a chain that would close is cut.
    fn set_context(&mut self, exc: Ref<'_>) {
        use hognose_object::objects::ExceptionObj;
        use hognose_object::{Layout, ValueExt};
        let handled = self.handled;
        if handled.is_null() || handled == exc.value() || !exc.has_layout(Layout::Exception) {
            return;
        }
        // SAFETY: exceptions own their contexts; the handled one is owned by the machine.
        unsafe {
            let mut o = handled.header().cast::<ExceptionObj>();
            loop {
                let next = (*o).context;
                if next.is_null() {
                    break;
                }
                if next == exc.value() {
                    (*o).context = Value::NULL;
                    drop(Owned::from_value(next));
                    break;
                }
                o = next.header().cast();
            }
            let e = exc.value().header().cast::<ExceptionObj>();
            let new = Ref::from_value(handled).owned().into_value();
            drop(Owned::from_value(std::mem::replace(&mut (*e).context, new)));
        }
    }

    fn clear_raised(&mut self) {
        let old = std::mem::replace(&mut self.raised, Value::NULL);
        if !old.is_null() {
            // SAFETY: the slot owned it.
            drop(unsafe { Owned::from_value(old) });
        }
    }

    /// Catches what `raised` announced.
    pub fn catch(&mut self, raised: Raised) -> Owned {
        let _ = raised;
        let v = std::mem::replace(&mut self.raised, Value::NULL);
        if v.is_null() {
            return self.make_memory_error();
        }
        // SAFETY: the slot owned it.
        unsafe { Owned::from_value(v) }
    }

    /// Drops the exception in flight.
    pub fn discard(&mut self, raised: Raised) {
        let _ = raised;
        self.clear_raised();
    }

    /// Is the exception in flight an instance of this built-in class?
    pub fn raised_is(&mut self, raised: &Raised, e: Exc) -> bool {
        let _ = raised;
        if self.raised.is_null() {
            return e == Exc::MemoryError || e == Exc::Exception || e == Exc::BaseException;
        }
        // SAFETY: the slot owns it.
        self.is_instance(unsafe { Ref::from_value(self.raised) }, self.exc[e as usize])
    }

    // ---- small conveniences

    /// Stores into a namespace dict under an identifier.
    pub fn dict_set_name(&mut self, dict: Ref<'_>, name: &str, value: Owned) -> PyResult<()> {
        let key = self.intern(name)?;
        let dict = DictRef::new(dict).ok_or_else(|| self.type_error("a namespace must be a dict"))?;
        Ok(dict.set_str(&mut self.heap, key.as_ref(), value)?)
    }

    /// Reads from a namespace dict.
    pub fn dict_get_name(&mut self, dict: Ref<'_>, name: &str) -> PyResult<Option<Owned>> {
        let key = self.intern(name)?;
        Ok(DictRef::new(dict).and_then(|d| d.get_str(key.as_ref())))
    }

    /// Marks an object as being shown; `false`: it is already, print `...`. Pair with [`Vm::repr_leave`].
    pub fn repr_enter(&mut self, r: Ref<'_>) -> bool {
        self.repr_running.insert(r.value().bits())
    }

    /// The object is shown.
    pub fn repr_leave(&mut self, r: Ref<'_>) {
        self.repr_running.remove(&r.value().bits());
    }

    /// RecursionError when the native stack is nearly used up; call before recursing natively.
    #[inline]
    pub fn check_native_stack(&mut self) -> PyResult<()> {
        let marker = 0u8;
        let here = std::ptr::from_ref(std::hint::black_box(&marker)).addr();
        if here < self.stack_limit { Err(self.recursion_error("")) } else { Ok(()) }
    }
}

fn random_secret() -> HashSecret {
    let mut key = [0u64; 2];
    // SAFETY: fills the buffer; on failure (never seen for 16 bytes) the address space layout still varies the key.
    unsafe { libc::getrandom(key.as_mut_ptr().cast(), 16, 0) };
    HashSecret(key[0] ^ std::ptr::from_ref(&key).addr() as u64, key[1])
}
