//! What native modules need to deal with the system: paths, its errors, buffers, waiting, and classes with bases.
//!
//! Invariant: nothing here keeps a borrow of guest memory while Python code may run.
#![allow(unsafe_code, reason = "lends the memory of a fresh bytes object")]

use crate::class::{TypeRef, base_value};
use crate::define::TypeDef;
use crate::exceptions::Exc;
use crate::types::bytes::container;
use crate::types::memoryview::MemoryView;
use crate::{PyResult, Raised, Vm};
use hognose_object::bytes::{BytesObj, bytes_of};
use hognose_object::native::{Trace, payload};
use hognose_object::{Layout, Owned, Ref, none};
use std::io;

/// What runs Python's signal handlers, once a module has installed it.
#[derive(Default)]
pub(crate) struct SignalHook(pub(crate) Option<fn(&mut Vm) -> PyResult<()>>);

impl Vm {
    // ---- paths

    /// A path argument (str, bytes, or an object with `__fspath__`) as bytes.
    pub fn fs_path(&mut self, r: Ref<'_>) -> PyResult<Vec<u8>> {
        crate::builtins::fs_path(self, r)
    }

    /// Text of a name the system gave: bytes that are not UTF-8 become lone surrogates.
    pub fn fs_str(&self, bytes: &[u8]) -> PyResult {
        if std::str::from_utf8(bytes).is_ok() {
            return self.new_str_bytes(bytes);
        }
        let mut out = Vec::with_capacity(bytes.len());
        for chunk in bytes.utf8_chunks() {
            out.extend_from_slice(chunk.valid().as_bytes());
            for &b in chunk.invalid() {
                hognose_object::str::push_code_point(&mut out, 0xDC00 | u32::from(b));
            }
        }
        self.new_str_bytes(&out)
    }

    /// Bytes of a str that names something of the system: the opposite of [`Vm::fs_str`].
    pub fn fs_bytes(&self, s: crate::StrRef<'_>) -> Vec<u8> {
        crate::types::file::path_bytes(s)
    }

    // ---- errors of the system

    /// OSError, or the subclass that stands for its number.
    pub fn os_error(&mut self, e: &io::Error, filename: Option<Ref<'_>>) -> Raised {
        self.os_error2(e, filename, None)
    }

    /// As [`Vm::os_error`], with a second file name.
    pub fn os_error2(&mut self, e: &io::Error, first: Option<Ref<'_>>, second: Option<Ref<'_>>) -> Raised {
        if e.kind() == io::ErrorKind::OutOfMemory && e.raw_os_error().is_none() {
            return hognose_object::OutOfMemory::huge().into();
        }
        let code = e.raw_os_error().unwrap_or(0);
        let text = e.to_string();
        let text = text.strip_suffix(&format!(" (os error {code})")).unwrap_or(&text).to_owned();
        let made =
            (|| -> PyResult<Vec<Owned>> { Ok(vec![self.new_int(i64::from(code))?, self.new_str(&text)?]) })();
        match made {
            Ok(mut args) => {
                args.extend(first.map(|f| f.owned()));
                if let Some(second) = second {
                    args.push(none());
                    args.push(second.owned());
                }
                self.raise_with(Exc::OSError, args)
            }
            Err(e) => e,
        }
    }

    /// Repeats a call the system may interrupt; Python's signal handlers run in between.
    pub fn retry<T>(
        &mut self,
        filename: Option<Ref<'_>>,
        mut f: impl FnMut() -> io::Result<T>,
    ) -> PyResult<T> {
        loop {
            match self.blocking(&mut f) {
                Ok(x) => return Ok(x),
                Err(e) if e.kind() == io::ErrorKind::Interrupted => self.check_interrupt()?,
                Err(e) => return Err(self.os_error(&e, filename)),
            }
        }
    }

    /// Runs something that may wait and touches no object; other threads may run meanwhile.
    pub fn blocking<R>(&mut self, f: impl FnOnce() -> R) -> R {
        /// Pointers to the caller's own memory do not leave the thread: the call runs where it was made.
        struct Here<F>(F);
        // SAFETY: `allow_threads` calls on the current thread.
        unsafe impl<F> Send for Here<F> {}
        let here = Here(f);
        self.allow_threads(move || {
            let whole = here;
            (whole.0)()
        })
    }

    /// Says what to run when a signal handler has asked for it (see [`crate::Interrupt::signal_bit`]).
    pub fn set_signal_hook(&mut self, hook: fn(&mut Vm) -> PyResult<()>) {
        self.state::<SignalHook>().0 = Some(hook);
    }

    // ---- buffers

    /// The contiguous bytes of a bytes-like object, while nothing changes.
    pub fn bytes_view<'x>(&'x self, r: Ref<'x>) -> Option<&'x [u8]> {
        container::view(self.heap(), r)
    }

    /// A bytes-like argument as an exact bytes object.
    pub fn bytes_like(&mut self, r: Ref<'_>) -> PyResult {
        match container::copy_of(self, r)? {
            Some(b) => Ok(b),
            None => {
                let class = self.types.bytes;
                let name = self.intern("__buffer__")?;
                if self.find_special(r, name.as_ref())?.is_some() || self.type_name(r) == "array" {
                    return self.call(class.as_ref(), &[r]);
                }
                Err(container::not_bytes(self, r))
            }
        }
    }

    /// Is it something with bytes inside?
    pub fn is_bytes_like(&mut self, r: Ref<'_>) -> bool {
        self.bytes_view(r).is_some() || payload::<MemoryView>(r).is_some() || self.type_name(r) == "array"
    }

    /// Number of bytes of a writable buffer; TypeError: `what` must be one.
    pub fn writable_len(&mut self, r: Ref<'_>, what: &str) -> PyResult<usize> {
        if hognose_object::ValueExt::has_layout(r, Layout::ByteArray) {
            return Ok(container::plain(self.heap(), r).map_or(0, <[u8]>::len));
        }
        if let Some(m) = payload::<MemoryView>(r) {
            m.check(self)?;
            if !m.is_readonly() {
                return Ok(m.byte_len());
            }
        } else if matches!(self.type_name(r).as_str(), "array" | "mmap") {
            let view = self.memoryview_of(r)?;
            return self.writable_len(view.as_ref(), what);
        }
        let class = self.type_name(r);
        Err(self.type_error(&format!("{what} must be read-write bytes-like object, not {class}")))
    }

    /// Stores bytes into a writable buffer, which is known to have the room.
    pub fn store_bytes(&mut self, r: Ref<'_>, at: usize, bytes: &[u8]) -> PyResult<()> {
        let full = |vm: &mut Vm| vm.raise(Exc::BufferError, "the buffer has become smaller");
        if let Some(m) = payload::<MemoryView>(r) {
            let base = m.check(self)?;
            let Some(start) = m.contiguous_start() else {
                return Err(self.raise(Exc::BufferError, "memoryview: underlying buffer is not C-contiguous"));
            };
            return self.store_bytes(base.as_ref(), start + at, bytes);
        }
        if !hognose_object::ValueExt::has_layout(r, Layout::ByteArray) {
            let view = self.memoryview_of(r)?;
            if payload::<MemoryView>(view.as_ref())
                .is_some_and(|m| m.check(self).is_ok_and(|b| !b.as_ref().is(r)))
            {
                return self.store_bytes(view.as_ref(), at, bytes);
            }
            return Err(container::not_bytes(self, r));
        }
        let stored = container::change(self, r, |data, _| match data.get_mut(at..at + bytes.len()) {
            Some(place) => {
                place.copy_from_slice(bytes);
                true
            }
            None => false,
        })?;
        if stored { Ok(()) } else { Err(full(self)) }
    }

    /// A bytearray of `size` zeros.
    pub fn new_bytearray_zeroed(&mut self, size: usize) -> PyResult {
        let mut data = hognose_heap::HeapVec::new();
        data.reserve(self.heap(), size)?;
        let zeros = [0u8; 1024];
        let mut left = size;
        while left > 0 {
            let n = left.min(zeros.len());
            data.extend_from_slice(self.heap(), &zeros[..n])?;
            left -= n;
        }
        container::array_from(self, data)
    }

    /// Changes the contents of a bytearray; `f` must not look at it in another way.
    pub fn bytearray_edit<R>(
        &mut self,
        r: Ref<'_>,
        f: impl FnOnce(&mut hognose_heap::HeapVec<u8>, &hognose_heap::Heap) -> R,
    ) -> PyResult<R> {
        container::change(self, r, f)
    }

    /// BufferError while somebody looks at the bytearray through a memoryview.
    pub fn check_resizable(&mut self, r: Ref<'_>) -> PyResult<()> {
        container::check_resizable(self, r)
    }

    /// `memoryview(r)`
    pub fn memoryview_of(&mut self, r: Ref<'_>) -> PyResult {
        crate::types::memoryview::of(self, r)
    }

    /// A bytes object filled by `f`, which says how much of the room it used.
    pub fn read_bytes<E>(
        &mut self,
        room: usize,
        f: impl FnOnce(&mut Vm, &mut [u8]) -> Result<usize, E>,
    ) -> PyResult<Result<Owned, E>> {
        let mut writer = container::BytesWriter::new(self, room)?;
        writer.fill(0, room);
        let object = writer.finish();
        // SAFETY: a fresh object nobody else has seen; its contents follow the fixed part.
        let space = unsafe {
            let data = object.value().header().cast::<u8>().add(size_of::<BytesObj>());
            std::slice::from_raw_parts_mut(data, room)
        };
        match f(self, space) {
            Ok(n) if n >= room && room > 1 => Ok(Ok(object)),
            Ok(n) => {
                let used = bytes_of(object.as_ref()).and_then(|b| b.get(..n)).unwrap_or(&[]);
                self.new_bytes(used).map(Ok)
            }
            Err(e) => Ok(Err(e)),
        }
    }

    // ---- codecs of the machine

    /// `s.encode(encoding, errors)`
    pub fn encode(&mut self, s: Ref<'_>, encoding: &str, errors: &str) -> PyResult {
        crate::types::bytes::codecs::encode(self, base_value(s), encoding, errors)
    }

    /// `bytes.decode(encoding, errors)`; the bytes must not be a bytearray's.
    pub fn decode(&mut self, bytes: &[u8], encoding: &str, errors: &str) -> PyResult {
        crate::types::bytes::codecs::decode(self, bytes, encoding, errors)
    }

    // ---- numbers

    /// The value of a complex number, or what `__complex__` gives; `None` for what has neither.
    pub fn special_complex(&mut self, r: Ref<'_>) -> PyResult<Option<(f64, f64)>> {
        crate::types::complex::special_complex(self, r)
    }

    // ---- classes

    /// A built-in type that extends another one.
    pub fn add_subtype(
        &mut self,
        def: &'static TypeDef,
        base: TypeRef<'static>,
    ) -> PyResult<TypeRef<'static>> {
        let class = self.add_type(def, Some(base))?;
        self.finish_native_class(class);
        Ok(class)
    }

    /// A built-in type of native objects with payload `T` that extends another one. Several may share a payload:
    /// make their instances with `new_native_of`.
    pub fn add_native_subtype<T: Trace + 'static>(
        &mut self,
        def: &'static TypeDef,
        base: TypeRef<'static>,
    ) -> PyResult<TypeRef<'static>> {
        let class = self.add_type(def, Some(base))?;
        self.native_kind::<T>(class);
        self.finish_native_class(class);
        Ok(class)
    }

    /// As [`Vm::new_class`]; the class lives as long as the machine.
    pub fn new_static_class(
        &mut self,
        module: &str,
        name: &str,
        bases: &[Ref<'_>],
    ) -> PyResult<TypeRef<'static>> {
        let class = self.new_class(module, name, bases)?;
        let class = self.make_immortal(class);
        TypeRef::new(class).ok_or_else(|| self.type_error("a class is required"))
    }

    /// A class as `type(name, bases, {})` makes it, in a module.
    pub fn new_class(&mut self, module: &str, name: &str, bases: &[Ref<'_>]) -> PyResult {
        let bases = self.new_tuple(bases.iter().map(|b| b.owned()).collect())?;
        let (name, dict) = (self.new_str(name)?, self.new_dict()?);
        let module = self.new_str(module)?;
        self.dict_set_name(dict.as_ref(), "__module__", module)?;
        let meta = self.types.type_;
        self.call(meta.as_ref(), &[name.as_ref(), bases.as_ref(), dict.as_ref()])
    }
}
