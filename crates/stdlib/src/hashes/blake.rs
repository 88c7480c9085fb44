//! The types `blake2b` and `blake2s` and their many parameters.

use super::blake_core::{Blake2b, Blake2s};
use super::{feed, hex, the_data};
use crate::prelude::{
    Args, Exc, GetSetDef, NativeDef, Owned, PyResult, Ref, Slots, TypeDef, TypeFlags, Vm, buffer, bytes_arg,
    none, payload,
};
use hognose_vm::Trace;
use hognose_vm::object::Value;
use num_traits::ToPrimitive;
use std::cell::RefCell;

#[derive(Clone)]
enum State {
    B(Blake2b),
    S(Blake2s),
}

impl State {
    fn add(&mut self, bytes: &[u8]) {
        match self {
            State::B(s) => s.add(bytes),
            State::S(s) => s.add(bytes),
        }
    }

    fn finish(self) -> Vec<u8> {
        match self {
            State::B(s) => s.finish(),
            State::S(s) => s.finish(),
        }
    }
}

/// Payload; `B`: BLAKE2b.
struct Blake<const B: bool> {
    state: RefCell<State>,
    size: usize,
}

// SAFETY: a hash state holds no references.
#[allow(unsafe_code, reason = "no references to list")]
unsafe impl<const B: bool> Trace for Blake<B> {
    fn trace(&self, _visit: &mut dyn FnMut(Value)) {}
}

const SIGNATURE: &str = "data=b'', /, *, digest_size=64, key=b'', salt=b'', person=b'', fanout=1, depth=1, leaf_size=0, \
                         node_offset=0, node_depth=0, inner_size=0, last_node=False, usedforsecurity=True, string=None";

impl<const B: bool> Blake<B> {
    const NAME: &'static str = if B { "blake2b" } else { "blake2s" };
    const MAX: usize = if B { 64 } else { 32 };

    const TYPE: TypeDef = TypeDef {
        name: if B { "_blake2.blake2b" } else { "_blake2.blake2s" },
        doc: "Return a new BLAKE2 hash object.",
        flags: TypeFlags::BASE_TYPE,
        slots: Slots { new: Some(new::<B>), ..Slots::NONE },
        methods: &[
            NativeDef::method("copy", "$self, /", |vm, a| {
                let h = this::<B>(vm, a.get(0))?;
                let state = h.state.borrow().clone();
                vm.new_native(Blake::<B> { state: RefCell::new(state), size: h.size })
            }),
            NativeDef::method("digest", "$self, /", |vm, a| {
                let state = this::<B>(vm, a.get(0))?.state.borrow().clone();
                vm.new_bytes(&state.finish())
            }),
            NativeDef::method("hexdigest", "$self, /", |vm, a| {
                let state = this::<B>(vm, a.get(0))?.state.borrow().clone();
                vm.new_str(&hex(&state.finish()))
            }),
            NativeDef::method("update", "$self, data, /", |vm, a| {
                let h = this::<B>(vm, a.get(0))?;
                feed(vm, a.get(1), |bytes| h.state.borrow_mut().add(bytes))?;
                Ok(none())
            }),
        ],
        getset: &[
            GetSetDef::read("block_size", |vm, _| vm.new_int(2 * Self::MAX as i64)),
            GetSetDef::read("digest_size", |vm, r| {
                let n = this::<B>(vm, r)?.size;
                vm.new_int(n as i64)
            }),
            GetSetDef::read("name", |vm, _| vm.new_str(Self::NAME)),
        ],
        ..TypeDef::EMPTY
    };
}

fn this<'a, const B: bool>(vm: &mut Vm, r: Ref<'a>) -> PyResult<&'a Blake<B>> {
    payload::<Blake<B>>(r).ok_or_else(|| vm.type_error("a hash object is required"))
}

/// A number within bounds; `message` when it is not.
fn number(
    vm: &mut Vm,
    r: Option<Ref<'_>>,
    default: usize,
    low: usize,
    high: usize,
    message: &str,
) -> PyResult<usize> {
    let Some(r) = r else { return Ok(default) };
    let n = i64::from(vm.index_i32(r)?);
    match usize::try_from(n) {
        Ok(n) if (low..=high).contains(&n) => Ok(n),
        _ => Err(vm.value_error(message)),
    }
}

fn wide(vm: &mut Vm, r: Option<Ref<'_>>, bits: u32, message: &str) -> PyResult<u64> {
    let Some(r) = r else { return Ok(0) };
    let n = vm.index_bigint(r)?;
    if n.sign() == num_bigint::Sign::Minus {
        return Err(vm.value_error("Cannot convert negative int"));
    }
    match n.to_u64() {
        Some(n) if bits == 64 || n >> bits == 0 => Ok(n),
        _ => Err(vm.raise(Exc::OverflowError, message)),
    }
}

fn short(vm: &mut Vm, r: Option<Ref<'_>>, most: usize, what: &str) -> PyResult<Option<Owned>> {
    let Some(r) = r else { return Ok(None) };
    let b = bytes_arg(vm, r)?;
    if buffer::exact(b.as_ref()).len() > most {
        return Err(vm.value_error(&format!("maximum {what} length is {most} bytes")));
    }
    Ok(Some(b))
}

fn new<const B: bool>(vm: &mut Vm, a: &Args<'_>) -> PyResult {
    let b = vm.bind(a, Blake::<B>::NAME, SIGNATURE)?;
    let max = Blake::<B>::MAX;
    let title = if B { "Blake2b" } else { "Blake2s" };
    let data = the_data(vm, b.pos[0], b.pos[13])?;
    let size = match b.pos[1] {
        None => max,
        Some(r) => {
            let n = vm.index_i32(r)?;
            match usize::try_from(n) {
                Ok(n) if (1..=max).contains(&n) => n,
                _ => {
                    let message =
                        format!("digest_size for {title} must be between 1 and {max} bytes, here it is {n}");
                    return Err(vm.value_error(&message));
                }
            }
        }
    };
    let salt = short(vm, b.pos[3], max / 4, "salt")?;
    let person = short(vm, b.pos[4], max / 4, "person")?;
    let fanout = number(vm, b.pos[5], 1, 0, 255, "fanout must be between 0 and 255")?;
    let depth = number(vm, b.pos[6], 1, 1, 255, "depth must be between 1 and 255")?;
    let leaf = wide(vm, b.pos[7], 32, "leaf_size is too large")?;
    let offset = wide(vm, b.pos[8], if B { 64 } else { 48 }, "node_offset is too large")?;
    let node_depth = number(vm, b.pos[9], 0, 0, 255, "node_depth must be between 0 and 255")?;
    let inner = number(vm, b.pos[10], 0, 0, max, &format!("inner_size must be between 0 and is {max}"))?;
    let key = short(vm, b.pos[2], max, "key")?;
    let last_node = match b.pos[11] {
        Some(r) => vm.is_true(r)?,
        None => false,
    };
    let contents =
        |o: &Option<Owned>| o.as_ref().map_or_else(Vec::new, |o| buffer::exact(o.as_ref()).to_vec());
    let (key, salt, person) = (contents(&key), contents(&salt), contents(&person));
    let mut p = [0u8; 64];
    (p[0], p[1], p[2], p[3]) = (size as u8, key.len() as u8, fanout as u8, depth as u8);
    p[4..8].copy_from_slice(&(leaf as u32).to_le_bytes());
    p[8..16].copy_from_slice(&offset.to_le_bytes());
    let tail = if B { 16 } else { 14 };
    (p[tail], p[tail + 1]) = (node_depth as u8, inner as u8);
    let (at, step) = if B { (32, 16) } else { (16, 8) };
    p[at..at + salt.len()].copy_from_slice(&salt);
    p[at + step..at + step + person.len()].copy_from_slice(&person);
    let mut state = if B {
        let mut s = Blake2b::new(&p, last_node);
        s.add_key(&key);
        State::B(s)
    } else {
        let mut first = [0; 32];
        first.copy_from_slice(&p[..32]);
        let mut s = Blake2s::new(&first, last_node);
        s.add_key(&key);
        State::S(s)
    };
    if let Some(data) = data {
        feed(vm, data, |bytes| state.add(bytes))?;
    }
    crate::prelude::instance(vm, a.get(0), Blake::<B> { state: RefCell::new(state), size })
}

pub(super) fn register(vm: &mut Vm, module: Ref<'_>) -> PyResult<()> {
    let b = vm.add_native_type::<Blake<true>>(const { &Blake::<true>::TYPE })?;
    let s = vm.add_native_type::<Blake<false>>(const { &Blake::<false>::TYPE })?;
    for (class, prefix, sizes) in [(b, "BLAKE2B", [64, 64, 16, 16]), (s, "BLAKE2S", [32, 32, 8, 8])] {
        let names = ["MAX_DIGEST_SIZE", "MAX_KEY_SIZE", "PERSON_SIZE", "SALT_SIZE"];
        for (name, n) in names.into_iter().zip(sizes) {
            let n = vm.new_int(n)?;
            vm.module_set(module, &format!("{prefix}_{name}"), n.clone())?;
            let key = vm.intern(name)?;
            class.dict().set_str(vm.heap_mut(), key.as_ref(), n)?;
        }
    }
    vm.module_set(module, "blake2b", b.owned())?;
    vm.module_set(module, "blake2s", s.owned())
}
