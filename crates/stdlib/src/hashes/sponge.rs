//! SHAKE: results of any length.

use super::{feed, hex, the_data};
use crate::prelude::{Args, Exc, GetSetDef, NativeDef, PyResult, Ref, Slots, TypeDef, Vm, none, payload};
use digest::{ExtendableOutput, Update, XofReader};
use hognose_vm::Trace;
use hognose_vm::object::Value;
use std::cell::RefCell;

/// One of the two.
#[derive(Clone)]
enum State {
    S128(sha3::Shake128),
    S256(sha3::Shake256),
}

/// Payload; `N`: the strength.
struct Shake<const N: usize> {
    state: RefCell<State>,
}

// SAFETY: a hash state holds no references.
#[allow(unsafe_code, reason = "no references to list")]
unsafe impl<const N: usize> Trace for Shake<N> {
    fn trace(&self, _visit: &mut dyn FnMut(Value)) {}
}

impl State {
    fn add(&mut self, bytes: &[u8]) {
        match self {
            State::S128(s) => s.update(bytes),
            State::S256(s) => s.update(bytes),
        }
    }

    fn read(self, out: &mut [u8]) {
        match self {
            State::S128(s) => s.finalize_xof().read(out),
            State::S256(s) => s.finalize_xof().read(out),
        }
    }
}

impl<const N: usize> Shake<N> {
    const NAME: &'static str = if N == 128 { "shake_128" } else { "shake_256" };

    const TYPE: TypeDef = TypeDef {
        name: if N == 128 { "_sha3.shake_128" } else { "_sha3.shake_256" },
        slots: Slots {
            new: Some(|vm, a| {
                let b = vm.bind(a, Self::NAME, "data=b'', /, *, usedforsecurity=True, string=None")?;
                let mut state =
                    if N == 128 { State::S128(Default::default()) } else { State::S256(Default::default()) };
                if let Some(data) = the_data(vm, b.pos[0], b.pos[2])? {
                    feed(vm, data, |bytes| state.add(bytes))?;
                }
                vm.new_native(Shake::<N> { state: RefCell::new(state) })
            }),
            ..Slots::NONE
        },
        methods: &[
            NativeDef::method("copy", "$self, /", |vm, a| {
                let state = this::<N>(vm, a.get(0))?.state.borrow().clone();
                vm.new_native(Shake::<N> { state: RefCell::new(state) })
            }),
            NativeDef::method("digest", "$self, /, length", |vm, a| {
                let out = read::<N>(vm, a)?;
                vm.new_bytes(&out)
            }),
            NativeDef::method("hexdigest", "$self, /, length", |vm, a| {
                let out = read::<N>(vm, a)?;
                vm.new_str(&hex(&out))
            }),
            NativeDef::method("update", "$self, data, /", |vm, a| {
                let h = this::<N>(vm, a.get(0))?;
                feed(vm, a.get(1), |bytes| h.state.borrow_mut().add(bytes))?;
                Ok(none())
            }),
        ],
        getset: &[
            GetSetDef::read("block_size", |vm, _| vm.new_int(if N == 128 { 168 } else { 136 })),
            GetSetDef::read("digest_size", |vm, _| vm.new_int(0)),
            GetSetDef::read("name", |vm, _| vm.new_str(Self::NAME)),
            GetSetDef::read("_capacity_bits", |vm, _| vm.new_int(2 * N as i64)),
            GetSetDef::read("_rate_bits", |vm, _| vm.new_int(1600 - 2 * N as i64)),
            GetSetDef::read("_suffix", |vm, _| vm.new_bytes(b"\x1f")),
        ],
        ..TypeDef::EMPTY
    };
}

fn this<'a, const N: usize>(vm: &mut Vm, r: Ref<'a>) -> PyResult<&'a Shake<N>> {
    payload::<Shake<N>>(r).ok_or_else(|| vm.type_error("a hash object is required"))
}

/// The length asked for, which CPython bounds, too.
fn read<const N: usize>(vm: &mut Vm, a: &Args<'_>) -> PyResult<hognose_vm::heap::HeapVec<u8>> {
    let n = vm.index_isize(a.get(1), true)?;
    let Ok(n) = usize::try_from(n) else {
        return Err(vm.raise(Exc::ValueError, "Cannot convert negative int"));
    };
    if n >= 1 << 29 {
        return Err(vm.raise(Exc::ValueError, "length is too large"));
    }
    let mut out = hognose_vm::heap::HeapVec::new();
    out.reserve(vm.heap(), n)?;
    for _ in 0..n {
        out.push(vm.heap(), 0)?;
    }
    let state = this::<N>(vm, a.get(0))?.state.borrow().clone();
    state.read(&mut out);
    Ok(out)
}

pub(super) fn register(vm: &mut Vm, module: Ref<'_>) -> PyResult<()> {
    let class = vm.add_native_type::<Shake<128>>(const { &Shake::<128>::TYPE })?;
    vm.module_set(module, "shake_128", class.owned())?;
    let class = vm.add_native_type::<Shake<256>>(const { &Shake::<256>::TYPE })?;
    vm.module_set(module, "shake_256", class.owned())
}
