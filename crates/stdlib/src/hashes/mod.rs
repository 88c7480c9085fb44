//! The modules `_md5`, `_sha1`, `_sha2`, `_sha3` and `_blake2`: each algorithm a type of its own around a state.
//!
//!   Hash<A> ─ A: Algorithm ─┬─ RustCrypto's digests        blake.rs  BLAKE2 with all its parameters
//!                           └─ sponge.rs: SHAKE

mod blake;
mod blake_core;
mod sponge;

use crate::prelude::{
    Args, GetSetDef, NativeDef, PyResult, Raised, Ref, Slots, TypeDef, TypeFlags, Vm, as_str, buffer,
    new_module, none, payload,
};
use digest::Digest;
use hognose_vm::Trace;
use hognose_vm::heap::Charge;
use hognose_vm::object::Value;
use std::cell::RefCell;

/// A hash function with a fixed result.
trait Algorithm: Clone + 'static {
    const NAME: &'static str;
    const TYPE_NAME: &'static str;
    const BLOCK: i64;
    const SIZE: i64;
    fn start() -> Self;
    fn add(&mut self, bytes: &[u8]);
    fn finish(self) -> Vec<u8>;
}

macro_rules! algorithms {
    ($($digest:ty, $name:literal, $type:literal, $block:literal;)*) => { $(
        impl Algorithm for $digest {
            const NAME: &'static str = $name;
            const TYPE_NAME: &'static str = $type;
            const BLOCK: i64 = $block;
            const SIZE: i64 = <<$digest as digest::OutputSizeUser>::OutputSize as digest::typenum::Unsigned>::I64;
            fn start() -> Self {
                <$digest as Digest>::new()
            }
            fn add(&mut self, bytes: &[u8]) {
                Digest::update(self, bytes);
            }
            fn finish(self) -> Vec<u8> {
                self.finalize().to_vec()
            }
        }
    )* };
}

algorithms! {
    md5::Md5, "md5", "_md5.md5", 64;
    sha1::Sha1, "sha1", "_sha1.sha1", 64;
    sha2::Sha224, "sha224", "_sha2.SHA224Type", 64;
    sha2::Sha256, "sha256", "_sha2.SHA256Type", 64;
    sha2::Sha384, "sha384", "_sha2.SHA384Type", 128;
    sha2::Sha512, "sha512", "_sha2.SHA512Type", 128;
    sha3::Sha3_224, "sha3_224", "_sha3.sha3_224", 144;
    sha3::Sha3_256, "sha3_256", "_sha3.sha3_256", 136;
    sha3::Sha3_384, "sha3_384", "_sha3.sha3_384", 104;
    sha3::Sha3_512, "sha3_512", "_sha3.sha3_512", 72;
}

/// Payload of a hash object.
struct Hash<A> {
    /// Boxed, because some are aligned to more than a block of the heap is.
    state: RefCell<Box<A>>,
    /// For the box.
    _charge: Charge,
}

// SAFETY: a hash state holds no references.
#[allow(unsafe_code, reason = "no references to list")]
unsafe impl<A> Trace for Hash<A> {
    fn trace(&self, _visit: &mut dyn FnMut(Value)) {}
}

impl<A: Algorithm> Hash<A> {
    const METHODS: &'static [NativeDef] = &[
        NativeDef::method("copy", "$self, /", |vm, a| {
            let state = this::<A>(vm, a.get(0))?.state.borrow().clone();
            new_hash(vm, state)
        }),
        NativeDef::method("digest", "$self, /", |vm, a| {
            let state = this::<A>(vm, a.get(0))?.state.borrow().clone();
            vm.new_bytes(&state.finish())
        }),
        NativeDef::method("hexdigest", "$self, /", |vm, a| {
            let state = this::<A>(vm, a.get(0))?.state.borrow().clone();
            vm.new_str(&hex(&state.finish()))
        }),
        NativeDef::method("update", "$self, obj, /", |vm, a| {
            let h = this::<A>(vm, a.get(0))?;
            feed(vm, a.get(1), |bytes| h.state.borrow_mut().add(bytes))?;
            Ok(none())
        }),
    ];

    const GETSET: &'static [GetSetDef] = &[
        GetSetDef::read("block_size", |vm, _| vm.new_int(A::BLOCK)),
        GetSetDef::read("digest_size", |vm, _| vm.new_int(A::SIZE)),
        GetSetDef::read("name", |vm, _| vm.new_str(A::NAME)),
    ];

    /// SHA-3 types are called to make an object, the others have functions for that.
    const TYPE: TypeDef = TypeDef {
        name: A::TYPE_NAME,
        flags: TypeFlags::DISALLOW_INSTANTIATION,
        methods: Self::METHODS,
        getset: Self::GETSET,
        ..TypeDef::EMPTY
    };

    const CALLED_TYPE: TypeDef = TypeDef {
        name: A::TYPE_NAME,
        slots: Slots {
            new: Some(|vm, a| {
                let b = vm.bind(a, A::NAME, "data=b'', /, *, usedforsecurity=True, string=None")?;
                make_hash::<A>(vm, b.pos[0], b.pos[2])
            }),
            ..Slots::NONE
        },
        methods: Self::METHODS,
        getset: Self::GETSET,
        ..TypeDef::EMPTY
    };

    const TYPE_REF: &'static TypeDef = &Self::TYPE;
    const CALLED_TYPE_REF: &'static TypeDef = &Self::CALLED_TYPE;
}

fn this<'a, A: Algorithm>(vm: &mut Vm, r: Ref<'a>) -> PyResult<&'a Hash<A>> {
    payload::<Hash<A>>(r).ok_or_else(|| vm.type_error("a hash object is required"))
}

/// `md5(data=b"", *, usedforsecurity=True, string=None)`
fn function<A: Algorithm>(vm: &mut Vm, a: &Args<'_>) -> PyResult {
    make_hash::<A>(vm, a.opt(0), a.opt(2))
}

fn make_hash<A: Algorithm>(vm: &mut Vm, data: Option<Ref<'_>>, string: Option<Ref<'_>>) -> PyResult {
    let mut state = A::start();
    if let Some(data) = the_data(vm, data, string)? {
        feed(vm, data, |bytes| state.add(bytes))?;
    }
    new_hash(vm, Box::new(state))
}

fn new_hash<A: Algorithm>(vm: &mut Vm, state: Box<A>) -> PyResult {
    let charge = Charge::new(vm.heap(), size_of::<A>())?;
    vm.new_native(Hash { state: RefCell::new(state), _charge: charge })
}

/// What is to be hashed at once: given as `data` or as `string`.
fn the_data<'a>(vm: &mut Vm, data: Option<Ref<'a>>, string: Option<Ref<'a>>) -> PyResult<Option<Ref<'a>>> {
    use crate::prelude::ValueExt;
    match (data, string.filter(|s| !s.is_none())) {
        (Some(_), Some(_)) => Err(vm.type_error(
            "'data' and 'string' are mutually exclusive and support for 'string' keyword parameter is slated \
             for removal in a future version.",
        )),
        (data, string) => Ok(data.or(string)),
    }
}

/// Gives the contents of a bytes-like object to `f`.
fn feed(vm: &mut Vm, r: Ref<'_>, f: impl FnOnce(&[u8])) -> PyResult<()> {
    if as_str(r).is_some() {
        return Err(vm.type_error("Strings must be encoded before hashing"));
    }
    if let Some(bytes) = buffer::view(vm.heap(), r) {
        f(bytes);
        return Ok(());
    }
    match buffer::copy_of(vm, r)? {
        Some(b) => {
            f(buffer::exact(b.as_ref()));
            Ok(())
        }
        None => Err(no_buffer(vm)),
    }
}

#[cold]
fn no_buffer(vm: &mut Vm) -> Raised {
    vm.type_error("object supporting the buffer API required")
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes.iter().flat_map(|b| [b >> 4, b & 15]).map(|d| char::from(DIGITS[usize::from(d)])).collect()
}

const SIGNATURE: &str = "data=b'', *, usedforsecurity=True, string=None";

/// A module with the constant all of them have.
fn start(vm: &mut Vm, name: &str, functions: &'static [NativeDef]) -> PyResult {
    let module = new_module(vm, name, "", functions)?;
    vm.module_set(module.as_ref(), "__doc__", none())?;
    let n = vm.new_int(2048)?;
    vm.module_set(module.as_ref(), "_GIL_MINSIZE", n)?;
    Ok(module)
}

fn add_type<A: Algorithm>(vm: &mut Vm, module: Ref<'_>, def: &'static TypeDef, name: &str) -> PyResult<()> {
    let class = vm.add_native_type::<Hash<A>>(def)?;
    vm.module_set(module, name, class.owned())
}

/// Makes the module `_md5`.
pub fn make_md5(vm: &mut Vm) -> PyResult {
    const FUNCTIONS: &[NativeDef] = &[NativeDef::function("md5", SIGNATURE, function::<md5::Md5>)];
    let m = start(vm, "_md5", FUNCTIONS)?;
    add_type::<md5::Md5>(vm, m.as_ref(), Hash::<md5::Md5>::TYPE_REF, "MD5Type")?;
    Ok(m)
}

/// Makes the module `_sha1`.
pub fn make_sha1(vm: &mut Vm) -> PyResult {
    const FUNCTIONS: &[NativeDef] = &[NativeDef::function("sha1", SIGNATURE, function::<sha1::Sha1>)];
    let m = start(vm, "_sha1", FUNCTIONS)?;
    add_type::<sha1::Sha1>(vm, m.as_ref(), Hash::<sha1::Sha1>::TYPE_REF, "SHA1Type")?;
    Ok(m)
}

/// Makes the module `_sha2`.
pub fn make_sha2(vm: &mut Vm) -> PyResult {
    const FUNCTIONS: &[NativeDef] = &[
        NativeDef::function("sha224", SIGNATURE, function::<sha2::Sha224>),
        NativeDef::function("sha256", SIGNATURE, function::<sha2::Sha256>),
        NativeDef::function("sha384", SIGNATURE, function::<sha2::Sha384>),
        NativeDef::function("sha512", SIGNATURE, function::<sha2::Sha512>),
    ];
    let m = start(vm, "_sha2", FUNCTIONS)?;
    add_type::<sha2::Sha224>(vm, m.as_ref(), Hash::<sha2::Sha224>::TYPE_REF, "SHA224Type")?;
    add_type::<sha2::Sha256>(vm, m.as_ref(), Hash::<sha2::Sha256>::TYPE_REF, "SHA256Type")?;
    add_type::<sha2::Sha384>(vm, m.as_ref(), Hash::<sha2::Sha384>::TYPE_REF, "SHA384Type")?;
    add_type::<sha2::Sha512>(vm, m.as_ref(), Hash::<sha2::Sha512>::TYPE_REF, "SHA512Type")?;
    Ok(m)
}

/// Makes the module `_sha3`.
pub fn make_sha3(vm: &mut Vm) -> PyResult {
    let m = start(vm, "_sha3", &[])?;
    let text = vm.new_str("RustCrypto")?;
    vm.module_set(m.as_ref(), "implementation", text)?;
    add_type::<sha3::Sha3_224>(vm, m.as_ref(), Hash::<sha3::Sha3_224>::CALLED_TYPE_REF, "sha3_224")?;
    add_type::<sha3::Sha3_256>(vm, m.as_ref(), Hash::<sha3::Sha3_256>::CALLED_TYPE_REF, "sha3_256")?;
    add_type::<sha3::Sha3_384>(vm, m.as_ref(), Hash::<sha3::Sha3_384>::CALLED_TYPE_REF, "sha3_384")?;
    add_type::<sha3::Sha3_512>(vm, m.as_ref(), Hash::<sha3::Sha3_512>::CALLED_TYPE_REF, "sha3_512")?;
    sponge::register(vm, m.as_ref())?;
    Ok(m)
}

/// Makes the module `_blake2`.
pub fn make_blake2(vm: &mut Vm) -> PyResult {
    let m = start(vm, "_blake2", &[])?;
    blake::register(vm, m.as_ref())?;
    Ok(m)
}
