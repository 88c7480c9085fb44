//! The module `_random`: the Mersenne twister.
//!
//! MT19937: 624 words of state, regenerated all at once when used up; `index` is the next word to give out.

use crate::prelude::{
    Args, NativeDef, Owned, PyResult, Ref, Slots, TypeDef, TypeFlags, Vm, base_value, instance, is_int,
    new_module, none, payload, trace_fields,
};
use hognose_vm::object::ValueExt;
use hognose_vm::object::bytes::bytes_of;
use std::cell::{Cell, RefCell};

const N: usize = 624;
const M: usize = 397;

/// Makes the module `_random`.
pub fn make_native(vm: &mut Vm) -> PyResult {
    let module =
        new_module(vm, "_random", "Module implements the Mersenne Twister random number generator.", &[])?;
    let class = vm.add_native_type::<Twister>(&TYPE)?;
    vm.module_set(module.as_ref(), "Random", class.owned())?;
    Ok(module)
}

struct Twister {
    words: RefCell<[u32; N]>,
    index: Cell<usize>,
}
trace_fields!(Twister {});

static TYPE: TypeDef = TypeDef {
    name: "_random.Random",
    doc: "Random() -> create a random number generator with its own internal state.",
    flags: TypeFlags::BASE_TYPE,
    slots: Slots { new: Some(new), ..Slots::NONE },
    methods: &[
        NativeDef::method("random", "$self, /", |vm, a| {
            let t = twister(vm, a.get(0))?;
            let (x, y) = (u64::from(t.next() >> 5), u64::from(t.next() >> 6));
            vm.new_float((x * 67_108_864 + y) as f64 * (1.0 / 9_007_199_254_740_992.0))
        }),
        NativeDef::method("seed", "$self, n=None, /", |vm, a| {
            let t = twister(vm, a.get(0))?;
            seed(vm, t, a.opt(1))?;
            Ok(none())
        }),
        NativeDef::method("getstate", "$self, /", getstate),
        NativeDef::method("setstate", "$self, state, /", setstate),
        NativeDef::method("getrandbits", "$self, k, /", getrandbits),
    ],
    ..TypeDef::EMPTY
};

fn twister<'a>(vm: &mut Vm, r: Ref<'a>) -> PyResult<&'a Twister> {
    payload::<Twister>(r).ok_or_else(|| vm.type_error("a Random object is required"))
}

impl Twister {
    fn next(&self) -> u32 {
        if self.index.get() >= N {
            self.regenerate();
        }
        let i = self.index.get();
        self.index.set(i + 1);
        let mut y = self.words.borrow()[i];
        y ^= y >> 11;
        y ^= (y << 7) & 0x9d2c_5680;
        y ^= (y << 15) & 0xefc6_0000;
        y ^ (y >> 18)
    }

    fn regenerate(&self) {
        let mut w = self.words.borrow_mut();
        for i in 0..N {
            let y = (w[i] & 0x8000_0000) | (w[(i + 1) % N] & 0x7fff_ffff);
            let mix = if y & 1 == 0 { 0 } else { 0x9908_b0df };
            w[i] = w[(i + M) % N] ^ (y >> 1) ^ mix;
        }
        self.index.set(0);
    }

    fn init(&self, s: u32) {
        let mut w = self.words.borrow_mut();
        w[0] = s;
        for i in 1..N {
            let before = w[i - 1];
            w[i] = 1_812_433_253_u32.wrapping_mul(before ^ (before >> 30)).wrapping_add(i as u32);
        }
        self.index.set(N);
    }

    fn init_by_array(&self, key: &[u32]) {
        self.init(19_650_218);
        let mut w = self.words.borrow_mut();
        let (mut i, mut j) = (1, 0);
        for _ in 0..N.max(key.len()) {
            let before = w[i - 1];
            w[i] = (w[i] ^ (before ^ (before >> 30)).wrapping_mul(1_664_525))
                .wrapping_add(key[j])
                .wrapping_add(j as u32);
            i += 1;
            j += 1;
            if i >= N {
                w[0] = w[N - 1];
                i = 1;
            }
            if j >= key.len() {
                j = 0;
            }
        }
        for _ in 1..N {
            let before = w[i - 1];
            w[i] = (w[i] ^ (before ^ (before >> 30)).wrapping_mul(1_566_083_941)).wrapping_sub(i as u32);
            i += 1;
            if i >= N {
                w[0] = w[N - 1];
                i = 1;
            }
        }
        w[0] = 0x8000_0000;
    }
}

/// Bytes from the operating system.
fn entropy(vm: &mut Vm, n: usize) -> PyResult<Vec<u8>> {
    use std::io::Read;
    let mut out = vec![0; n];
    match std::fs::File::open("/dev/urandom").and_then(|mut f| f.read_exact(&mut out)) {
        Ok(()) => Ok(out),
        Err(_) => Err(vm.raise(crate::prelude::Exc::OSError, "no source of randomness")),
    }
}

fn new(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let t = Twister { words: RefCell::new([0; N]), index: Cell::new(N) };
    // Subclasses seed in `__init__`; an argument is theirs as well.
    let plain = vm.native_class::<Twister>().is_some_and(|c| c.as_ref().is(args.get(0)));
    let given = args.rest(1).first().copied().filter(|_| plain);
    seed(vm, &t, given)?;
    instance(vm, args.get(0), t)
}

fn seed(vm: &mut Vm, t: &Twister, arg: Option<Ref<'_>>) -> PyResult<()> {
    let Some(arg) = arg.filter(|r| !r.is_none()) else {
        let bytes = entropy(vm, N * 4)?;
        let key: Vec<u32> = words(&bytes);
        t.init_by_array(&key);
        return Ok(());
    };
    let n = if is_int(base_value(arg)) {
        let exact = vm.index(arg)?;
        vm.unary_op(crate::prelude::UnaryOp::Abs, exact.as_ref())?
    } else {
        let h = vm.hash(arg)? as u64;
        let (low, high) = (vm.new_int((h & 0xffff_ffff) as i64)?, vm.new_int((h >> 32) as i64)?);
        let by = vm.new_int(32)?;
        let high = vm.binary_op(crate::prelude::BinOp::LShift, high.as_ref(), by.as_ref())?;
        vm.binary_op(crate::prelude::BinOp::Or, high.as_ref(), low.as_ref())?
    };
    let bits = vm.call_method(n.as_ref(), "bit_length", &[])?;
    let bits = vm.index_isize(bits.as_ref(), true)? as usize;
    let size = vm.new_int((bits.div_ceil(32).max(1) * 4) as i64)?;
    let little = vm.intern("little")?;
    let bytes = vm.call_method(n.as_ref(), "to_bytes", &[size.as_ref(), little.as_ref()])?;
    let key = words(bytes_of(bytes.as_ref()).unwrap_or(&[0; 4]));
    t.init_by_array(&key);
    Ok(())
}

fn words(bytes: &[u8]) -> Vec<u32> {
    bytes.as_chunks::<4>().0.iter().map(|c| u32::from_le_bytes(*c)).collect()
}

fn getrandbits(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let t = twister(vm, args.get(0))?;
    let k = vm.index_isize(args.get(1), false)?;
    if k < 0 {
        return Err(vm.value_error("Cannot convert negative int"));
    }
    let mut k = k as usize;
    if k == 0 {
        return vm.new_int(0);
    }
    if k <= 32 {
        return vm.new_int(i64::from(t.next() >> (32 - k)));
    }
    // A bytes object of that size first, so that the limit holds.
    let size = vm.new_int((k.div_ceil(32) * 4) as i64)?;
    let class = vm.types().bytes;
    drop(vm.call(class.as_ref(), &[size.as_ref()])?);
    let mut bytes = Vec::new();
    while k > 0 {
        let w = t.next();
        bytes.extend_from_slice(&(if k < 32 { w >> (32 - k) } else { w }).to_le_bytes());
        k = k.saturating_sub(32);
    }
    let (bytes, little) = (vm.new_bytes(&bytes)?, vm.intern("little")?);
    let int = vm.types().int;
    vm.call_method(int.as_ref(), "from_bytes", &[bytes.as_ref(), little.as_ref()])
}

fn getstate(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let t = twister(vm, args.get(0))?;
    let words = *t.words.borrow();
    let mut out: Vec<Owned> = Vec::with_capacity(N + 1);
    for w in words {
        out.push(vm.new_int(i64::from(w))?);
    }
    out.push(vm.new_int(t.index.get() as i64)?);
    vm.new_tuple(out)
}

fn setstate(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let t = twister(vm, args.get(0))?;
    let state = args.get(1);
    if !base_value(state).has_layout(crate::prelude::Layout::Tuple) {
        return Err(vm.type_error("state vector must be a tuple"));
    }
    let items = vm.items_of(state);
    if items.len() != N + 1 {
        return Err(vm.value_error("state vector is the wrong size"));
    }
    let mut new = [0u32; N + 1];
    for (w, x) in new.iter_mut().zip(&items) {
        let n = vm.index_isize(x.as_ref(), true)?;
        match u32::try_from(n) {
            Ok(n) => *w = n,
            Err(_) => return Err(vm.overflow_error("can't convert negative value to unsigned int")),
        }
    }
    let index = new[N] as usize;
    if index > N {
        return Err(vm.value_error("invalid state"));
    }
    t.words.borrow_mut().copy_from_slice(&new[..N]);
    t.index.set(index);
    Ok(none())
}
