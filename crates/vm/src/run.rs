//! The dispatch loop.
//!
//! One `match` over the operations; the frame's pc, registers and constants are locals of the loop. What is common and
//! quick is done here, everything else in `slow` functions that are never inlined. A handler that fails leaves the
//! labelled block `'fail`, behind which the unwinder finds a handler or leaves the loop.
//!
//! Conventions: `pc` points behind the instruction being executed; `save!` writes the instruction's own address to the
//! frame before anything that may look at it (calls, errors, finalizers).
#![allow(unsafe_code, reason = "registers, instructions and caches are raw memory checked by Code::verify")]

use crate::attr::How;
use crate::frame::{Frame, Ret, frame_flags};
use crate::slow;
use crate::type_slots::{BinOp, CmpOp, UnaryOp};
use crate::{PyResult, Raised, Vm};
use hognose_bytecode::{Insn, Op};
use hognose_object::code::CodeObj;
use hognose_object::dict::DictObj;
use hognose_object::function::NativeFunctionObj;
use hognose_object::generator::GeneratorObj;
use hognose_object::list::ListObj;
use hognose_object::objects::{CellObj, FunctionObj, ListIterObj, RangeIterObj};
use hognose_object::tuple::TupleObj;
use hognose_object::{FALSE, Header, Layout, NONE, Owned, Ref, TRUE, Value, bool_value};

/// How to enter the loop.
pub(crate) enum Start {
    /// At the topmost frame's saved instruction.
    Normal,
    /// Behind the topmost frame's saved instruction (a generator is resumed; the value is in place).
    After,
    /// With an exception raised at the topmost frame's saved instruction.
    Raise(Raised),
}

/// How the topmost frame left the loop.
pub(crate) enum Outcome {
    Return(Owned),
    Yield(Owned),
}

const KIND_FUNCTION: u32 = Layout::Function.kind();
const LAYOUT_NATIVE: u32 = Layout::NativeFunction as u32;
const KIND_LIST: u32 = Layout::List.kind();
const KIND_TUPLE: u32 = Layout::Tuple.kind();
const KIND_GENERATOR: u32 = Layout::Generator.kind();
const KIND_LIST_ITER: u32 = Layout::ListIter.kind();
const KIND_RANGE_ITER: u32 = Layout::RangeIter.kind();

/// Kind of an object, 0xffff_ffff for immediates.
#[inline(always)]
unsafe fn kind_of(v: Value) -> u32 {
    // SAFETY: a register holds a live object.
    if v.is_ptr() { unsafe { (*v.header()).kind() } } else { u32::MAX }
}

#[inline(always)]
fn both_ints(x: Value, y: Value) -> bool {
    ((x.bits().wrapping_sub(1)) | (y.bits().wrapping_sub(1))) & 3 == 0
}

#[inline(always)]
fn both_floats(x: Value, y: Value) -> bool {
    x.bits() & y.bits() & 2 != 0
}

/// Runs the topmost frame until it returns, yields or raises.
pub(crate) fn run(vm: &mut Vm, start: Start) -> PyResult<Outcome> {
    // SAFETY: the caller pushed a frame whose registers are in place.
    unsafe { run_loop(vm, start) }
}

#[allow(unused_assignments, reason = "the state is loaded as a whole")]
unsafe fn run_loop(vm: &mut Vm, start: Start) -> PyResult<Outcome> {
    // SAFETY: for the whole loop: `Code::verify` checked registers, constants, names and jump targets; the depth
    // discipline of the compiler says which registers hold owned values; frames and objects reached are alive.
    unsafe {
        let mut fp: *mut Frame = vm.frames.top();
        let mut base: *mut Value;
        let mut consts: *const Value;
        let mut nlocals: u16;
        let mut pc: *const Insn;
        let interrupt: *const std::sync::atomic::AtomicU32 = std::sync::Arc::as_ptr(&vm.interrupt.0);

        macro_rules! load_frame {
            () => {{
                fp = vm.frames.running();
                base = (*fp).base;
                let code: *mut CodeObj = (*fp).code;
                consts = (*code).consts;
                nlocals = (*code).nlocals;
                pc = (*fp).pc;
            }};
        }
        load_frame!();
        let mut raised: Option<Raised> = match start {
            Start::Normal => None,
            Start::After => {
                pc = pc.add(1);
                None
            }
            Start::Raise(e) => Some(e),
        };
        let mut reraise = false;

        loop {
            'fail: {
                macro_rules! reg {
                    ($i:expr) => {
                        *base.add($i as usize)
                    };
                }
                macro_rules! save {
                    () => {
                        (*fp).pc = pc.sub(1)
                    };
                }
                macro_rules! release {
                    ($v:expr) => {{
                        let v: Value = $v;
                        if v.is_ptr() && (*v.header()).decref() {
                            save!();
                            slow::release(vm, v.header());
                        }
                    }};
                }
                // Releases a consumed operand: only temporaries are.
                macro_rules! consume {
                    ($i:expr) => {{
                        if $i >= nlocals {
                            release!(reg!($i));
                        }
                    }};
                }
                macro_rules! set_local {
                    ($i:expr, $v:expr) => {{
                        let new: Value = $v;
                        let old = std::mem::replace(&mut reg!($i), new);
                        release!(old);
                    }};
                }
                macro_rules! jump {
                    ($offset:expr) => {{
                        let offset = $offset as isize;
                        pc = pc.offset(offset);
                        if offset < 0 {
                            if (*interrupt).load(std::sync::atomic::Ordering::Relaxed) != 0
                                || vm.heap.gc_requested()
                            {
                                let at = pc;
                                pc = pc.offset(-offset);
                                save!();
                                pc = at;
                                if let Err(e) = vm.safepoint() {
                                    raised = Some(e);
                                    // The frame's saved pc is the jump itself.
                                    break 'fail;
                                }
                            }
                        }
                        continue;
                    }};
                }
                macro_rules! fail {
                    ($e:expr) => {{
                        raised = Some($e);
                        break 'fail;
                    }};
                }
                macro_rules! check {
                    ($e:expr) => {
                        match $e {
                            Ok(v) => v,
                            Err(e) => fail!(e),
                        }
                    };
                }
                // Operands of a slow call, borrowed from registers.
                macro_rules! r {
                    ($i:expr) => {
                        Ref::from_value(reg!($i))
                    };
                }
                // Arithmetic: ints, floats, else the slow path, which consumes operands and gives the result.
                macro_rules! arith {
                    ($insn:ident, $local:expr, $inplace:expr, $op:expr, $int:expr, $float:expr) => {{
                        let (x, y) = (reg!($insn.b), reg!($insn.c));
                        let fast: Option<Value> = if both_ints(x, y) {
                            let int: fn(Value, Value) -> Option<Value> = $int;
                            int(x, y)
                        } else if both_floats(x, y) {
                            let float: fn(f64, f64) -> Option<f64> = $float;
                            float(x.float_unchecked(), y.float_unchecked()).and_then(Value::from_float)
                        } else {
                            None
                        };
                        if let Some(v) = fast {
                            if $local {
                                set_local!($insn.a, v);
                            } else {
                                reg!($insn.a) = v;
                            }
                            continue;
                        }
                        save!();
                        let v = check!(slow::binary(vm, base, *$insn, $op, $inplace, $local, nlocals));
                        if $local {
                            set_local!($insn.a, v);
                        } else {
                            reg!($insn.a) = v;
                        }
                        continue;
                    }};
                }
                macro_rules! add_int {
                    ($insn:ident, $local:expr, $n:expr, $op:expr) => {{
                        let x = reg!($insn.b);
                        let n = $n;
                        let mut fast = None;
                        if x.is_int() {
                            let (s, o) = (x.bits() as i64).overflowing_add(n << 2);
                            if !o {
                                fast = Some(Value::immediate_from_bits(s as u64));
                            }
                        } else if x.is_float() {
                            fast = Value::from_float(x.float_unchecked() + n as f64);
                        }
                        let v = match fast {
                            Some(v) => v,
                            None => {
                                save!();
                                check!(slow::binary_int(vm, base, *$insn, $op, nlocals))
                            }
                        };
                        if $local {
                            set_local!($insn.a, v);
                        } else {
                            reg!($insn.a) = v;
                        }
                        continue;
                    }};
                }
                // Stores an immediate into a list; else only loads it, for the SetItem that follows.
                macro_rules! set_immediate {
                    ($insn:ident, $v:expr) => {{
                        let v: Value = $v;
                        let next = *pc;
                        let (o, k) = (reg!(next.a), reg!(next.b));
                        if k.is_int() && kind_of(o) == KIND_LIST {
                            let l = o.header().cast::<ListObj>();
                            let i = k.int_unchecked();
                            if (i as u64) < (*l).len as u64 {
                                let old = (*l).buf.add(i as usize).replace(v);
                                pc = pc.add(1);
                                release!(old);
                                consume!(next.a);
                                continue;
                            }
                        }
                        reg!($insn.a) = v;
                        continue;
                    }};
                }
                macro_rules! generic_binary {
                    ($insn:ident, $local:expr, $inplace:expr, $op:expr) => {
                        arith!($insn, $local, $inplace, $op, |_, _| None, |_, _| None)
                    };
                }
                macro_rules! compare_value {
            ($insn:ident, $cmp:tt, $op:expr) => {{
                let (x, y) = (reg!($insn.b), reg!($insn.c));
                if both_ints(x, y) {
                    reg!($insn.a) = bool_value((x.bits() as i64) $cmp (y.bits() as i64));
                    continue;
                }
                if both_floats(x, y) {
                    reg!($insn.a) = bool_value(x.float_unchecked() $cmp y.float_unchecked());
                    continue;
                }
                save!();
                let v = check!(slow::compare(vm, base, $insn.b, $insn.c, $op, nlocals));
                reg!($insn.a) = v;
                continue;
            }};
        }
                macro_rules! compare_jump {
            ($insn:ident, $cmp:tt, $op:expr, $when:expr) => {{
                let (x, y) = (reg!($insn.a), reg!($insn.b));
                let holds = if both_ints(x, y) {
                    (x.bits() as i64) $cmp (y.bits() as i64)
                } else if both_floats(x, y) {
                    x.float_unchecked() $cmp y.float_unchecked()
                } else {
                    save!();
                    check!(slow::compare_bool(vm, base, $insn.a, $insn.b, $op, nlocals))
                };
                if holds == $when {
                    jump!($insn.c as i16);
                } else {
                    continue;
                }
            }};
        }
                macro_rules! compare_jump_int {
            ($insn:ident, $cmp:tt, $op:expr, $when:expr) => {{
                let x = reg!($insn.a);
                let y = Value::from_i32(i32::from($insn.b as i16));
                let holds = if x.is_int() {
                    (x.bits() as i64) $cmp (y.bits() as i64)
                } else {
                    save!();
                    check!(slow::compare_int(vm, base, $insn.a, y, $op, nlocals))
                };
                if holds == $when {
                    jump!($insn.c as i16);
                } else {
                    continue;
                }
            }};
        }
                macro_rules! truth {
                    ($i:expr) => {{
                        let v = reg!($i);
                        if v == TRUE {
                            true
                        } else if v == FALSE || v == NONE {
                            false
                        } else {
                            save!();
                            check!(slow::truth(vm, r!($i)))
                        }
                    }};
                }
                // A global or builtin by its cache, counted; steps over the cache.
                macro_rules! load_global {
                    ($insn:ident) => {{
                        let (c0, c1) = (*pc, *pc.add(1));
                        let globals = (*fp).globals;
                        let mut v = Value::NULL;
                        if (*globals).version == cache_lo(c0) && cache_lo(c0) != 0 {
                            if cache_lo(c1) == 0 {
                                v = (*(*globals).entries.add(cache_hi(c0) as usize)).value;
                            } else {
                                let builtins = vm.builtins.value().header().cast::<DictObj>();
                                if (*builtins).version == cache_lo(c1) {
                                    v = (*(*builtins).entries.add(cache_hi(c1) as usize)).value;
                                }
                            }
                        }
                        if v.is_null() {
                            save!();
                            v = check!(slow::load_global(vm, fp, $insn.bc(), pc.cast_mut()));
                        } else {
                            v.incref();
                        }
                        pc = pc.add(2);
                        v
                    }};
                }
                // An attribute by its cache, counted; steps over the cache. The operand is consumed.
                macro_rules! load_attr {
                    ($insn:ident) => {{
                        let o = reg!($insn.b);
                        let (c0, c1) = (*pc, *pc.add(1));
                        let mut v = Value::NULL;
                        if o.is_ptr()
                            && (*o.header()).kind() | (How::Slot as u32) << 24 == cache_lo(c0)
                            && cache_hi(c0) == vm.epoch
                        {
                            v = *o.header().cast::<u8>().add(cache_lo(c1) as usize).cast::<Value>();
                        }
                        if v.is_null() {
                            save!();
                            match check!(slow::load_attr(vm, fp, o, $insn.c, pc.cast_mut())) {
                                Some(found) => v = found,
                                None => {
                                    // A property: its getter runs in this loop.
                                    load_frame!();
                                    continue;
                                }
                            }
                        } else {
                            v.incref();
                        }
                        pc = pc.add(2);
                        if $insn.b >= nlocals && o.is_ptr() && (*o.header()).decref() {
                            (*fp).pc = pc.sub(3);
                            slow::release(vm, o.header());
                        }
                        v
                    }};
                }
                // Enters a Python function whose arguments lie in its registers.
                macro_rules! enter {
                    ($func:expr, $argbase:expr, $nargs:expr, $dest:expr, $ret:expr) => {{
                        let func: *mut FunctionObj = $func;
                        let code = (*func).code.header().cast::<CodeObj>();
                        let argbase: *mut Value = $argbase;
                        save!();
                        if !vm.frame_fits(argbase, (*code).nregs) {
                            let e = slow::stack_full(vm);
                            fail!(e);
                        }
                        let n = (*code).nlocals;
                        let mut i = $nargs as usize;
                        while i < usize::from(n) {
                            argbase.add(i).write(Value::NULL);
                            i += 1;
                        }
                        if !(*func).closure.is_null() {
                            slow::load_closure(func, argbase);
                        }
                        fp = vm.push_frame(func, argbase, $dest, $ret);
                        base = argbase;
                        consts = (*code).consts;
                        nlocals = n;
                        pc = (*code).insns;
                        continue;
                    }};
                }

                // Ends the frame with a result.
                macro_rules! leave {
                    ($v:expr) => {{
                        let v: Value = $v;
                        if (*fp).flags & frame_flags::FRAME_OBJ != 0 {
                            save!();
                            vm.detach_frame_object(fp);
                        }
                        let mut i = usize::from(nlocals);
                        while i > 0 {
                            i -= 1;
                            let old = *base.add(i);
                            if old.is_ptr() && (*old.header()).decref() {
                                base.add(i).write(Value::NULL);
                                save!();
                                slow::release(vm, old.header());
                            }
                            // Not seen again: a frame object was detached before.
                        }
                        if (*fp).is_plain() {
                            let dest = (*fp).dest;
                            vm.frames.pop();
                            fp = fp.sub(1);
                            base = (*fp).base;
                            let code = (*fp).code;
                            consts = (*code).consts;
                            nlocals = (*code).nlocals;
                            // Behind a Call or CallKw and its cache word.
                            pc = (*fp).pc.add(2);
                            let callee = *dest;
                            *dest = v;
                            if callee.is_ptr() && (*callee.header()).decref() {
                                slow::release(vm, callee.header());
                            }
                            continue;
                        }
                        save!();
                        match slow::leave(vm, fp, v) {
                            slow::Left::Continue => {
                                load_frame!();
                                pc = pc.add(1 + hognose_bytecode::OPS[usize::from((*pc).op)].caches);
                                continue;
                            }
                            slow::Left::Jump => {
                                load_frame!();
                                let insn = *pc;
                                pc = pc.add(1);
                                jump!(insn.c as i16);
                            }
                            slow::Left::Out(v) => return Ok(Outcome::Return(v)),
                            slow::Left::Failed(e) => {
                                load_frame!();
                                pc = pc.add(1);
                                fail!(e);
                            }
                        }
                    }};
                }
                if raised.is_some() {
                    break 'fail;
                }
                loop {
                    // Operands are read where they are used: word loads beat shifting a copy apart.
                    let insn: &Insn = &*pc;
                    pc = pc.add(1);
                    // SAFETY: the loader verified every operation number.
                    let op: Op = std::mem::transmute::<u16, Op>(insn.op);
                    match op {
                        Op::Nop | Op::Ext => continue,

                        // ---- moving values
                        Op::LoadConst => {
                            let v = *consts.add(insn.bc() as usize);
                            v.incref();
                            reg!(insn.a) = v;
                            continue;
                        }
                        Op::LoadConstL => {
                            let v = *consts.add(insn.bc() as usize);
                            v.incref();
                            set_local!(insn.a, v);
                            continue;
                        }
                        Op::LoadSpecialValue => {
                            reg!(insn.a) = Value::special(u32::from(insn.b) + 1);
                            continue;
                        }
                        Op::LoadSpecialValueL => {
                            set_local!(insn.a, Value::special(u32::from(insn.b) + 1));
                            continue;
                        }
                        Op::LoadInt => {
                            reg!(insn.a) = Value::from_i32(insn.bc());
                            continue;
                        }
                        Op::LoadIntL => {
                            set_local!(insn.a, Value::from_i32(insn.bc()));
                            continue;
                        }
                        Op::Copy => {
                            let v = reg!(insn.b);
                            v.incref();
                            reg!(insn.a) = v;
                            continue;
                        }
                        Op::CopyUnpack => {
                            let v = reg!(insn.b);
                            let next = *pc;
                            let n = usize::from(next.c);
                            if kind_of(v) == KIND_TUPLE && (*v.header().cast::<TupleObj>()).len == n {
                                let items = TupleObj::items(v.header());
                                let to = base.add(usize::from(next.a) + n);
                                for i in 0..n {
                                    let item = *items.add(i);
                                    item.incref();
                                    to.sub(i + 1).write(item);
                                }
                                pc = pc.add(1);
                                continue;
                            }
                            v.incref();
                            reg!(insn.a) = v;
                            continue;
                        }
                        Op::SetItemInt => set_immediate!(insn, Value::from_i32(insn.bc())),
                        Op::SetItemSpecial => set_immediate!(insn, Value::special(u32::from(insn.b) + 1)),
                        Op::CopyL => {
                            let v = reg!(insn.b);
                            v.incref();
                            set_local!(insn.a, v);
                            continue;
                        }
                        Op::Move => {
                            reg!(insn.a) = reg!(insn.b);
                            continue;
                        }
                        Op::MoveL => {
                            set_local!(insn.a, reg!(insn.b));
                            continue;
                        }
                        Op::Release => {
                            release!(reg!(insn.a));
                            continue;
                        }
                        Op::SwapTemps => {
                            std::ptr::swap(base.add(insn.a as usize), base.add(insn.b as usize));
                            continue;
                        }
                        Op::ClearTemp => {
                            reg!(insn.a) = Value::NULL;
                            continue;
                        }
                        Op::CheckLocal => {
                            if reg!(insn.a).is_null() {
                                save!();
                                fail!(slow::unbound_local(vm, fp, insn.bc()));
                            }
                            continue;
                        }
                        Op::DelLocal => {
                            if reg!(insn.a).is_null() {
                                save!();
                                fail!(slow::unbound_local(vm, fp, insn.bc()));
                            }
                            set_local!(insn.a, Value::NULL);
                            continue;
                        }
                        Op::ClearLocal => {
                            set_local!(insn.a, Value::NULL);
                            continue;
                        }

                        // ---- cells
                        Op::MakeCell => {
                            save!();
                            let cell = check!(slow::new_cell(vm, reg!(insn.a)));
                            reg!(insn.a) = cell;
                            continue;
                        }
                        Op::LoadDeref | Op::LoadDerefL => {
                            let v = (*reg!(insn.b).header().cast::<CellObj>()).content;
                            if v.is_null() {
                                save!();
                                fail!(slow::unbound_cell(vm, fp, *insn));
                            }
                            v.incref();
                            if op == Op::LoadDeref {
                                reg!(insn.a) = v;
                            } else {
                                set_local!(insn.a, v);
                            }
                            continue;
                        }
                        Op::StoreDeref => {
                            let v = reg!(insn.b);
                            if insn.b < nlocals {
                                v.incref();
                            }
                            let cell = reg!(insn.a).header().cast::<CellObj>();
                            let old = std::mem::replace(&mut (*cell).content, v);
                            release!(old);
                            continue;
                        }
                        Op::DelDeref => {
                            let cell = reg!(insn.a).header().cast::<CellObj>();
                            let old = std::mem::replace(&mut (*cell).content, Value::NULL);
                            if old.is_null() {
                                save!();
                                fail!(slow::unbound_cell(vm, fp, Insn { b: insn.a, ..*insn }));
                            }
                            release!(old);
                            continue;
                        }

                        // ---- names
                        Op::LoadGlobal => {
                            let v = load_global!(insn);
                            reg!(insn.a) = v;
                            continue;
                        }
                        Op::LoadGlobalCall => {
                            let v = load_global!(insn);
                            reg!(insn.a) = v;
                            reg!(insn.a + 1) = Value::NULL;
                            pc = pc.add(1);
                            continue;
                        }
                        Op::LoadGlobalL => {
                            let v = load_global!(insn);
                            let old = std::mem::replace(&mut reg!(insn.a), v);
                            release!(old);
                            continue;
                        }
                        Op::StoreGlobal => {
                            let c0 = *pc;
                            let globals = (*fp).globals;
                            let v = reg!(insn.a);
                            if insn.a < nlocals {
                                v.incref();
                            }
                            if (*globals).version == cache_lo(c0) && cache_lo(c0) != 0 {
                                let place = &raw mut (*(*globals).entries.add(cache_hi(c0) as usize)).value;
                                let old = place.replace(v);
                                release!(old);
                            } else {
                                save!();
                                check!(slow::store_global(vm, fp, insn.bc(), v, pc.cast_mut()));
                            }
                            pc = pc.add(2);
                            continue;
                        }
                        Op::DelGlobal => {
                            save!();
                            check!(slow::del_global(vm, fp, insn.bc()));
                            continue;
                        }
                        Op::LoadName | Op::LoadNameL => {
                            save!();
                            let v = check!(slow::load_name(vm, fp, insn.bc()));
                            pc = pc.add(2);
                            if op == Op::LoadName {
                                reg!(insn.a) = v;
                            } else {
                                set_local!(insn.a, v);
                            }
                            continue;
                        }
                        Op::StoreName => {
                            save!();
                            check!(slow::store_name(vm, fp, insn.bc(), r!(insn.a)));
                            consume!(insn.a);
                            continue;
                        }
                        Op::DelName => {
                            save!();
                            check!(slow::del_name(vm, fp, insn.bc()));
                            continue;
                        }
                        Op::LoadFromDictOrGlobals => {
                            save!();
                            let v = check!(slow::load_from_dict_or_globals(vm, fp, r!(insn.b), insn.c));
                            consume!(insn.b);
                            reg!(insn.a) = v;
                            continue;
                        }
                        Op::LoadFromDictOrDeref => {
                            save!();
                            let v = check!(slow::load_from_dict_or_deref(vm, fp, r!(insn.a), *insn));
                            consume!(insn.a);
                            reg!(insn.a) = v;
                            continue;
                        }
                        Op::LoadClassDeref => {
                            save!();
                            let v = check!(slow::load_class_deref(vm, fp, *insn));
                            reg!(insn.a) = v;
                            continue;
                        }
                        Op::LoadLocals => {
                            save!();
                            let v = check!(vm.locals_of(fp));
                            reg!(insn.a) = v.into_value();
                            continue;
                        }
                        Op::LoadBuildClass => {
                            save!();
                            let v = check!(slow::load_build_class(vm));
                            reg!(insn.a) = v;
                            continue;
                        }
                        Op::LoadCommonConstant => {
                            save!();
                            let v = check!(slow::common_constant(vm, insn.b));
                            reg!(insn.a) = v;
                            continue;
                        }
                        Op::SetupAnnotations => {
                            save!();
                            check!(slow::setup_annotations(vm, fp));
                            continue;
                        }

                        // ---- attributes
                        Op::LoadAttr => {
                            let v = load_attr!(insn);
                            reg!(insn.a) = v;
                            continue;
                        }
                        Op::LoadAttrL => {
                            let v = load_attr!(insn);
                            let old = std::mem::replace(&mut reg!(insn.a), v);
                            release!(old);
                            continue;
                        }
                        Op::StoreAttr => {
                            let o = reg!(insn.a);
                            let (c0, c1) = (*pc, *pc.add(1));
                            if o.is_ptr()
                                && (*o.header()).kind() | (How::Slot as u32) << 24 == cache_lo(c0)
                                && cache_hi(c0) == vm.epoch
                            {
                                let v = reg!(insn.b);
                                if insn.b < nlocals {
                                    v.incref();
                                }
                                let place =
                                    o.header().cast::<u8>().add(cache_lo(c1) as usize).cast::<Value>();
                                let old = place.replace(v);
                                if cache_hi(c1) != 0 {
                                    (*o.header()).set_kind(cache_hi(c1));
                                }
                                pc = pc.add(2);
                                if old.is_ptr() && (*old.header()).decref() {
                                    (*fp).pc = pc.sub(3);
                                    slow::release(vm, old.header());
                                }
                                if insn.a >= nlocals && (*o.header()).decref() {
                                    (*fp).pc = pc.sub(3);
                                    slow::release(vm, o.header());
                                }
                                continue;
                            }
                            save!();
                            check!(slow::store_attr(vm, fp, *insn, base, pc.cast_mut(), nlocals));
                            pc = pc.add(2);
                            continue;
                        }
                        Op::DelAttr => {
                            save!();
                            check!(slow::del_attr(vm, fp, r!(insn.a), insn.c));
                            consume!(insn.a);
                            continue;
                        }
                        Op::LoadMethod => {
                            let o = reg!(insn.b);
                            let (c0, c1) = (*pc, *pc.add(1));
                            if o.is_ptr()
                                && (*o.header()).kind() | (How::Method as u32) << 24 == cache_lo(c0)
                                && cache_hi(c0) == vm.epoch
                            {
                                let f = cache_value(c1);
                                f.incref();
                                if insn.b < nlocals {
                                    o.incref();
                                }
                                reg!(insn.a) = f;
                                reg!(insn.a + 1) = o;
                                pc = pc.add(2);
                                continue;
                            }
                            save!();
                            check!(slow::load_method(vm, fp, *insn, base, pc.cast_mut(), nlocals));
                            pc = pc.add(2);
                            continue;
                        }
                        Op::LoadSuperAttr => {
                            save!();
                            check!(slow::load_super(vm, fp, base, *insn, false));
                            continue;
                        }
                        Op::LoadSuperMethod => {
                            save!();
                            check!(slow::load_super(vm, fp, base, *insn, true));
                            continue;
                        }
                        Op::LoadSpecialMethod => {
                            save!();
                            check!(slow::load_special(vm, base, *insn));
                            continue;
                        }
                        Op::LoadWith => {
                            save!();
                            check!(slow::load_with(vm, base, *insn));
                            continue;
                        }

                        // ---- subscripts
                        Op::GetItem | Op::GetItemL => {
                            let (o, k) = (reg!(insn.b), reg!(insn.c));
                            if k.is_int() && o.is_ptr() {
                                let kind = (*o.header()).kind();
                                let mut i = k.int_unchecked();
                                let (items, len) = if kind == KIND_LIST {
                                    let l = o.header().cast::<ListObj>();
                                    ((*l).buf, (*l).len as i64)
                                } else if kind == KIND_TUPLE {
                                    (TupleObj::items(o.header()), (*o.header().cast::<TupleObj>()).len as i64)
                                } else {
                                    (std::ptr::null_mut(), 0)
                                };
                                if i < 0 {
                                    i += len;
                                }
                                if (i as u64) < len as u64 {
                                    let v = *items.add(i as usize);
                                    v.incref();
                                    consume!(insn.b);
                                    if op == Op::GetItem {
                                        reg!(insn.a) = v;
                                    } else {
                                        set_local!(insn.a, v);
                                    }
                                    continue;
                                }
                            }
                            save!();
                            let v = check!(slow::get_item(vm, base, *insn, nlocals));
                            if op == Op::GetItem {
                                reg!(insn.a) = v;
                            } else {
                                set_local!(insn.a, v);
                            }
                            continue;
                        }
                        Op::GetItemI | Op::GetItemIL => {
                            let o = reg!(insn.b);
                            let mut i = i64::from(insn.c as i16);
                            let kind = kind_of(o);
                            let (items, len) = if kind == KIND_TUPLE {
                                (TupleObj::items(o.header()), (*o.header().cast::<TupleObj>()).len as i64)
                            } else if kind == KIND_LIST {
                                let l = o.header().cast::<ListObj>();
                                ((*l).buf, (*l).len as i64)
                            } else {
                                (std::ptr::null_mut(), 0)
                            };
                            if i < 0 {
                                i += len;
                            }
                            let v = if (i as u64) < len as u64 {
                                let v = *items.add(i as usize);
                                v.incref();
                                v
                            } else {
                                save!();
                                let key = Ref::from_value(Value::from_i32(i32::from(insn.c as i16)));
                                check!(vm.get_item(r!(insn.b), key)).into_value()
                            };
                            consume!(insn.b);
                            if op == Op::GetItemI {
                                reg!(insn.a) = v;
                            } else {
                                set_local!(insn.a, v);
                            }
                            continue;
                        }
                        Op::SetItem => {
                            let (o, k) = (reg!(insn.a), reg!(insn.b));
                            if k.is_int() && kind_of(o) == KIND_LIST {
                                let l = o.header().cast::<ListObj>();
                                let len = (*l).len as i64;
                                let mut i = k.int_unchecked();
                                if i < 0 {
                                    i += len;
                                }
                                if (i as u64) < len as u64 {
                                    let v = reg!(insn.c);
                                    if insn.c < nlocals {
                                        v.incref();
                                    }
                                    let old = (*l).buf.add(i as usize).replace(v);
                                    release!(old);
                                    consume!(insn.a);
                                    continue;
                                }
                            }
                            save!();
                            check!(slow::set_item(vm, base, *insn, nlocals));
                            continue;
                        }
                        Op::DelItem => {
                            save!();
                            check!(vm.set_item(r!(insn.a), r!(insn.b), None));
                            consume!(insn.b);
                            consume!(insn.a);
                            continue;
                        }
                        Op::GetSlice => {
                            save!();
                            let next = *pc;
                            let o = reg!(next.b);
                            if let Some(v) = check!(slow::quick_slice(vm, r!(next.b), base, *insn)) {
                                pc = pc.add(1);
                                if next.b >= nlocals {
                                    release!(o);
                                }
                                if next.a < nlocals {
                                    set_local!(next.a, v);
                                } else {
                                    reg!(next.a) = v;
                                }
                                continue;
                            }
                            let v = check!(slow::build_slice(vm, base, *insn));
                            reg!(insn.a) = v;
                            continue;
                        }
                        Op::BuildSlice => {
                            save!();
                            let v = check!(slow::build_slice(vm, base, *insn));
                            reg!(insn.a) = v;
                            continue;
                        }

                        // ---- building
                        Op::BuildList => {
                            save!();
                            let v = check!(slow::build_list(vm, base, *insn));
                            reg!(insn.a) = v;
                            continue;
                        }
                        Op::BuildTuple => {
                            let n = usize::from(insn.c);
                            if n == 0 {
                                reg!(insn.a) = vm.empty_tuple.value();
                                continue;
                            }
                            save!();
                            let h = match TupleObj::alloc_raw(&vm.heap, n) {
                                Ok(h) => h,
                                Err(e) => fail!(e.into()),
                            };
                            let items = TupleObj::items(h);
                            let from = base.add(usize::from(insn.b));
                            for i in 0..n {
                                items.add(i).write(*from.add(i));
                            }
                            reg!(insn.a) = Value::from_ptr(h);
                            continue;
                        }
                        Op::BuildSet => {
                            save!();
                            let v = check!(slow::build_set(vm, base, *insn));
                            reg!(insn.a) = v;
                            continue;
                        }
                        Op::BuildMap => {
                            save!();
                            let v = check!(slow::build_map(vm, base, *insn));
                            reg!(insn.a) = v;
                            continue;
                        }
                        Op::BuildString => {
                            save!();
                            let v = check!(slow::build_string(vm, base, *insn));
                            reg!(insn.a) = v;
                            continue;
                        }
                        Op::ListAppend => {
                            let l = reg!(insn.a).header().cast::<ListObj>();
                            let v = reg!(insn.b);
                            if let Err(e) = ListObj::push(l, &vm.heap, v) {
                                save!();
                                fail!(e.into());
                            }
                            if insn.b < nlocals {
                                v.incref();
                            }
                            continue;
                        }
                        Op::SetAdd => {
                            save!();
                            check!(vm.set_add(r!(insn.a), r!(insn.b)));
                            consume!(insn.b);
                            continue;
                        }
                        Op::MapAdd => {
                            save!();
                            check!(vm.dict_set(r!(insn.a), r!(insn.b), r!(insn.c)));
                            consume!(insn.c);
                            consume!(insn.b);
                            continue;
                        }
                        Op::ListExtend => {
                            save!();
                            check!(slow::list_extend(vm, r!(insn.a), r!(insn.b)));
                            consume!(insn.b);
                            continue;
                        }
                        Op::SetUpdate => {
                            save!();
                            check!(slow::set_update(vm, r!(insn.a), r!(insn.b)));
                            consume!(insn.b);
                            continue;
                        }
                        Op::DictUpdate => {
                            save!();
                            check!(slow::dict_update(vm, r!(insn.a), r!(insn.b)));
                            consume!(insn.b);
                            continue;
                        }
                        Op::DictMerge => {
                            save!();
                            check!(slow::dict_merge(vm, r!(insn.a), r!(insn.b), r!(insn.c)));
                            consume!(insn.b);
                            continue;
                        }
                        Op::ListToTuple => {
                            save!();
                            let v = check!(slow::list_to_tuple(vm, r!(insn.b)));
                            consume!(insn.b);
                            reg!(insn.a) = v;
                            continue;
                        }

                        // ---- operators
                        Op::Add => arith!(insn, false, false, BinOp::Add, int_add, |x, y| Some(x + y)),
                        Op::AddL => arith!(insn, true, false, BinOp::Add, int_add, |x, y| Some(x + y)),
                        Op::IAdd => arith!(insn, false, true, BinOp::Add, int_add, |x, y| Some(x + y)),
                        Op::IAddL => arith!(insn, true, true, BinOp::Add, int_add, |x, y| Some(x + y)),
                        Op::Sub => arith!(insn, false, false, BinOp::Sub, int_sub, |x, y| Some(x - y)),
                        Op::SubL => arith!(insn, true, false, BinOp::Sub, int_sub, |x, y| Some(x - y)),
                        Op::ISub => arith!(insn, false, true, BinOp::Sub, int_sub, |x, y| Some(x - y)),
                        Op::ISubL => arith!(insn, true, true, BinOp::Sub, int_sub, |x, y| Some(x - y)),
                        Op::Mul => arith!(insn, false, false, BinOp::Mul, int_mul, |x, y| Some(x * y)),
                        Op::MulL => arith!(insn, true, false, BinOp::Mul, int_mul, |x, y| Some(x * y)),
                        Op::IMul => arith!(insn, false, true, BinOp::Mul, int_mul, |x, y| Some(x * y)),
                        Op::IMulL => arith!(insn, true, true, BinOp::Mul, int_mul, |x, y| Some(x * y)),
                        Op::TrueDiv => arith!(insn, false, false, BinOp::TrueDiv, int_truediv, float_div),
                        Op::TrueDivL => arith!(insn, true, false, BinOp::TrueDiv, int_truediv, float_div),
                        Op::ITrueDiv => arith!(insn, false, true, BinOp::TrueDiv, int_truediv, float_div),
                        Op::ITrueDivL => arith!(insn, true, true, BinOp::TrueDiv, int_truediv, float_div),
                        Op::FloorDiv => {
                            arith!(insn, false, false, BinOp::FloorDiv, int_floordiv, |_, _| None)
                        }
                        Op::FloorDivL => {
                            arith!(insn, true, false, BinOp::FloorDiv, int_floordiv, |_, _| None)
                        }
                        Op::IFloorDiv => {
                            arith!(insn, false, true, BinOp::FloorDiv, int_floordiv, |_, _| None)
                        }
                        Op::IFloorDivL => {
                            arith!(insn, true, true, BinOp::FloorDiv, int_floordiv, |_, _| None)
                        }
                        Op::Mod => arith!(insn, false, false, BinOp::Mod, int_mod, |_, _| None),
                        Op::ModL => arith!(insn, true, false, BinOp::Mod, int_mod, |_, _| None),
                        Op::IMod => arith!(insn, false, true, BinOp::Mod, int_mod, |_, _| None),
                        Op::IModL => arith!(insn, true, true, BinOp::Mod, int_mod, |_, _| None),
                        Op::And => arith!(insn, false, false, BinOp::And, int_and, |_, _| None),
                        Op::AndL => arith!(insn, true, false, BinOp::And, int_and, |_, _| None),
                        Op::IAnd => arith!(insn, false, true, BinOp::And, int_and, |_, _| None),
                        Op::IAndL => arith!(insn, true, true, BinOp::And, int_and, |_, _| None),
                        Op::Or => arith!(insn, false, false, BinOp::Or, int_or, |_, _| None),
                        Op::OrL => arith!(insn, true, false, BinOp::Or, int_or, |_, _| None),
                        Op::IOr => arith!(insn, false, true, BinOp::Or, int_or, |_, _| None),
                        Op::IOrL => arith!(insn, true, true, BinOp::Or, int_or, |_, _| None),
                        Op::Xor => arith!(insn, false, false, BinOp::Xor, int_xor, |_, _| None),
                        Op::XorL => arith!(insn, true, false, BinOp::Xor, int_xor, |_, _| None),
                        Op::IXor => arith!(insn, false, true, BinOp::Xor, int_xor, |_, _| None),
                        Op::IXorL => arith!(insn, true, true, BinOp::Xor, int_xor, |_, _| None),
                        Op::LShift => arith!(insn, false, false, BinOp::LShift, int_lshift, |_, _| None),
                        Op::LShiftL => arith!(insn, true, false, BinOp::LShift, int_lshift, |_, _| None),
                        Op::ILShift => arith!(insn, false, true, BinOp::LShift, int_lshift, |_, _| None),
                        Op::ILShiftL => arith!(insn, true, true, BinOp::LShift, int_lshift, |_, _| None),
                        Op::RShift => arith!(insn, false, false, BinOp::RShift, int_rshift, |_, _| None),
                        Op::RShiftL => arith!(insn, true, false, BinOp::RShift, int_rshift, |_, _| None),
                        Op::IRShift => arith!(insn, false, true, BinOp::RShift, int_rshift, |_, _| None),
                        Op::IRShiftL => arith!(insn, true, true, BinOp::RShift, int_rshift, |_, _| None),
                        Op::Pow => generic_binary!(insn, false, false, BinOp::Pow),
                        Op::PowL => generic_binary!(insn, true, false, BinOp::Pow),
                        Op::IPow => generic_binary!(insn, false, true, BinOp::Pow),
                        Op::IPowL => generic_binary!(insn, true, true, BinOp::Pow),
                        Op::MatMul => generic_binary!(insn, false, false, BinOp::MatMul),
                        Op::MatMulL => generic_binary!(insn, true, false, BinOp::MatMul),
                        Op::IMatMul => generic_binary!(insn, false, true, BinOp::MatMul),
                        Op::IMatMulL => generic_binary!(insn, true, true, BinOp::MatMul),
                        Op::AddI | Op::IAddI => add_int!(insn, false, i64::from(insn.c as i16), op),
                        Op::AddIL | Op::IAddIL => add_int!(insn, true, i64::from(insn.c as i16), op),
                        Op::SubI | Op::ISubI => add_int!(insn, false, -i64::from(insn.c as i16), op),
                        Op::SubIL | Op::ISubIL => add_int!(insn, true, -i64::from(insn.c as i16), op),
                        Op::Neg => {
                            let x = reg!(insn.b);
                            let fast = if x.is_int() {
                                Value::from_int(-x.int_unchecked())
                            } else if x.is_float() {
                                Value::from_float(-x.float_unchecked())
                            } else {
                                None
                            };
                            let v = match fast {
                                Some(v) => v,
                                None => {
                                    save!();
                                    check!(slow::unary(vm, base, *insn, UnaryOp::Neg, nlocals))
                                }
                            };
                            reg!(insn.a) = v;
                            continue;
                        }
                        Op::Pos => {
                            save!();
                            let v = check!(slow::unary(vm, base, *insn, UnaryOp::Pos, nlocals));
                            reg!(insn.a) = v;
                            continue;
                        }
                        Op::Invert => {
                            save!();
                            let v = check!(slow::unary(vm, base, *insn, UnaryOp::Invert, nlocals));
                            reg!(insn.a) = v;
                            continue;
                        }
                        Op::Not => {
                            let t = truth!(insn.b);
                            consume!(insn.b);
                            reg!(insn.a) = bool_value(!t);
                            continue;
                        }

                        // ---- comparisons
                        Op::Lt => compare_value!(insn, <, CmpOp::Lt),
                        Op::Le => compare_value!(insn, <=, CmpOp::Le),
                        Op::Eq => compare_value!(insn, ==, CmpOp::Eq),
                        Op::Ne => compare_value!(insn, !=, CmpOp::Ne),
                        Op::Gt => compare_value!(insn, >, CmpOp::Gt),
                        Op::Ge => compare_value!(insn, >=, CmpOp::Ge),
                        Op::Is | Op::IsNot => {
                            let same = reg!(insn.b) == reg!(insn.c);
                            consume!(insn.c);
                            consume!(insn.b);
                            reg!(insn.a) = bool_value(same == (op == Op::Is));
                            continue;
                        }
                        Op::In | Op::NotIn => {
                            save!();
                            let found = check!(slow::contains(vm, base, insn.b, insn.c, nlocals));
                            reg!(insn.a) = bool_value(found == (op == Op::In));
                            continue;
                        }
                        Op::JLtT => compare_jump!(insn, <, CmpOp::Lt, true),
                        Op::JLtF => compare_jump!(insn, <, CmpOp::Lt, false),
                        Op::JLeT => compare_jump!(insn, <=, CmpOp::Le, true),
                        Op::JLeF => compare_jump!(insn, <=, CmpOp::Le, false),
                        Op::JEqT => compare_jump!(insn, ==, CmpOp::Eq, true),
                        Op::JEqF => compare_jump!(insn, ==, CmpOp::Eq, false),
                        Op::JNeT => compare_jump!(insn, !=, CmpOp::Ne, true),
                        Op::JNeF => compare_jump!(insn, !=, CmpOp::Ne, false),
                        Op::JGtT => compare_jump!(insn, >, CmpOp::Gt, true),
                        Op::JGtF => compare_jump!(insn, >, CmpOp::Gt, false),
                        Op::JGeT => compare_jump!(insn, >=, CmpOp::Ge, true),
                        Op::JGeF => compare_jump!(insn, >=, CmpOp::Ge, false),
                        Op::JLtIT => compare_jump_int!(insn, <, CmpOp::Lt, true),
                        Op::JLtIF => compare_jump_int!(insn, <, CmpOp::Lt, false),
                        Op::JLeIT => compare_jump_int!(insn, <=, CmpOp::Le, true),
                        Op::JLeIF => compare_jump_int!(insn, <=, CmpOp::Le, false),
                        Op::JEqIT => compare_jump_int!(insn, ==, CmpOp::Eq, true),
                        Op::JEqIF => compare_jump_int!(insn, ==, CmpOp::Eq, false),
                        Op::JNeIT => compare_jump_int!(insn, !=, CmpOp::Ne, true),
                        Op::JNeIF => compare_jump_int!(insn, !=, CmpOp::Ne, false),
                        Op::JGtIT => compare_jump_int!(insn, >, CmpOp::Gt, true),
                        Op::JGtIF => compare_jump_int!(insn, >, CmpOp::Gt, false),
                        Op::JGeIT => compare_jump_int!(insn, >=, CmpOp::Ge, true),
                        Op::JGeIF => compare_jump_int!(insn, >=, CmpOp::Ge, false),
                        Op::JIsT | Op::JIsF => {
                            let same = reg!(insn.a) == reg!(insn.b);
                            consume!(insn.b);
                            consume!(insn.a);
                            if same == (op == Op::JIsT) {
                                jump!(insn.c as i16);
                            } else {
                                continue;
                            }
                        }
                        Op::JInT | Op::JInF => {
                            save!();
                            let found = check!(slow::contains(vm, base, insn.a, insn.b, nlocals));
                            if found == (op == Op::JInT) {
                                jump!(insn.c as i16);
                            } else {
                                continue;
                            }
                        }
                        Op::Jump => jump!(insn.bc()),
                        Op::JTrue => {
                            let t = truth!(insn.a);
                            consume!(insn.a);
                            if t {
                                jump!(insn.bc());
                            } else {
                                continue;
                            }
                        }
                        Op::JFalse => {
                            let t = truth!(insn.a);
                            consume!(insn.a);
                            if t {
                                continue;
                            } else {
                                jump!(insn.bc());
                            }
                        }
                        Op::JTrueKeep | Op::JFalseKeep => {
                            let t = truth!(insn.a);
                            if t == (op == Op::JTrueKeep) {
                                jump!(insn.bc());
                            } else {
                                consume!(insn.a);
                                continue;
                            }
                        }
                        Op::JNone | Op::JNotNone => {
                            let is_none = reg!(insn.a) == NONE;
                            consume!(insn.a);
                            if is_none == (op == Op::JNone) {
                                jump!(insn.bc());
                            } else {
                                continue;
                            }
                        }
                        Op::JNull => {
                            if reg!(insn.a).is_null() {
                                jump!(insn.bc());
                            } else {
                                continue;
                            }
                        }

                        // ---- iteration
                        Op::GetIter => {
                            save!();
                            let v = check!(slow::get_iter(vm, r!(insn.b)));
                            consume!(insn.b);
                            reg!(insn.a) = v;
                            continue;
                        }
                        Op::ForIter
                        | Op::ForIterL
                        | Op::ForIterRange
                        | Op::ForIterRangeL
                        | Op::ForIterList
                        | Op::ForIterListL => {
                            let it = reg!(insn.a);
                            let kind = kind_of(it);
                            let local = insn.b < nlocals;
                            if kind == KIND_RANGE_ITER {
                                let ri = it.header().cast::<RangeIterObj>();
                                if (*ri).left > 0 {
                                    (*ri).left -= 1;
                                    let n = (*ri).next;
                                    (*ri).next = n.wrapping_add((*ri).step);
                                    let v = Value::immediate_from_bits((n << 2) as u64 | 1);
                                    if local {
                                        set_local!(insn.b, v);
                                    } else {
                                        reg!(insn.b) = v;
                                    }
                                    jump!(insn.c as i16);
                                }
                                release!(it);
                                continue;
                            }
                            if kind == KIND_LIST_ITER {
                                let li = it.header().cast::<ListIterObj>();
                                if !(*li).list.is_null() {
                                    let h = (*li).list.header();
                                    let (items, len) = if (*h).kind() == KIND_TUPLE {
                                        (TupleObj::items(h), (*h.cast::<TupleObj>()).len)
                                    } else {
                                        ((*h.cast::<ListObj>()).buf, (*h.cast::<ListObj>()).len)
                                    };
                                    let i = (*li).index;
                                    if i < len {
                                        (*li).index = i + 1;
                                        let v = *items.add(i);
                                        v.incref();
                                        if local {
                                            set_local!(insn.b, v);
                                        } else {
                                            reg!(insn.b) = v;
                                        }
                                        jump!(insn.c as i16);
                                    }
                                    // An exhausted iterator lets its list go.
                                    let list = std::mem::replace(&mut (*li).list, Value::NULL);
                                    release!(list);
                                }
                                release!(it);
                                continue;
                            }
                            save!();
                            if kind == KIND_GENERATOR {
                                let g = it.header().cast::<GeneratorObj>();
                                if slow::can_resume(g) {
                                    check!(slow::resume(vm, g, NONE, Ret::ForIter));
                                    load_frame!();
                                    pc = pc.add(1);
                                    continue;
                                }
                            }
                            match check!(vm.next(Ref::from_value(it))) {
                                Some(v) => {
                                    let v = v.into_value();
                                    if local {
                                        set_local!(insn.b, v);
                                    } else {
                                        reg!(insn.b) = v;
                                    }
                                    jump!(insn.c as i16);
                                }
                                None => {
                                    release!(it);
                                    continue;
                                }
                            }
                        }
                        Op::GetYieldFromIter => {
                            save!();
                            let v = check!(slow::yield_from_iter(vm, fp, r!(insn.b)));
                            consume!(insn.b);
                            reg!(insn.a) = v;
                            continue;
                        }
                        Op::GetAwaitable => {
                            save!();
                            let v = check!(slow::get_awaitable(vm, r!(insn.b), insn.c));
                            consume!(insn.b);
                            reg!(insn.a) = v;
                            continue;
                        }
                        Op::GetAIter => {
                            save!();
                            let v = check!(slow::get_aiter(vm, r!(insn.b)));
                            consume!(insn.b);
                            reg!(insn.a) = v;
                            continue;
                        }
                        Op::GetANext => {
                            save!();
                            let v = check!(slow::get_anext(vm, r!(insn.b)));
                            reg!(insn.a) = v;
                            continue;
                        }
                        Op::EndAsyncFor => {
                            save!();
                            if check!(slow::end_async_for(vm, base, *insn)) {
                                jump!(insn.bc());
                            }
                            reraise = true;
                            let e = slow::reraise(vm, reg!(insn.a));
                            reg!(insn.a) = Value::NULL;
                            fail!(e);
                        }

                        // ---- calls
                        Op::Call | Op::CallPy | Op::CallNative => {
                            let a = base.add(usize::from(insn.a));
                            let callee = *a;
                            let has_self = !(*a.add(1)).is_null();
                            let argbase = a.add(2 - usize::from(has_self));
                            let n = insn.b + u16::from(has_self);
                            let kind = kind_of(callee);
                            if kind == KIND_FUNCTION {
                                let func = callee.header().cast::<FunctionObj>();
                                let code = (*func).code.header().cast::<CodeObj>();
                                if (*code).is_simple && (*code).argcount == n {
                                    enter!(func, argbase, n, a, Ret::Call);
                                }
                                save!();
                                check!(slow::bind_call(vm, func, argbase, n, &[]));
                                vm.push_frame(func, argbase, a, Ret::Call);
                                load_frame!();
                                continue;
                            }
                            save!();
                            if kind & 63 == LAYOUT_NATIVE {
                                let f = callee.header().cast::<NativeFunctionObj>();
                                let v = check!(slow::call_native(vm, f, a, argbase, n));
                                pc = pc.add(1);
                                *a = v;
                                continue;
                            }
                            match check!(slow::call_other(vm, a, insn.b)) {
                                slow::Called::Value(v) => {
                                    pc = pc.add(1);
                                    *a = v;
                                    continue;
                                }
                                slow::Called::Again => {
                                    pc = pc.sub(1);
                                    continue;
                                }
                                slow::Called::Pushed => {
                                    load_frame!();
                                    continue;
                                }
                            }
                        }
                        Op::CallKw => {
                            save!();
                            let names = Ref::from_value(*consts.add(usize::from(insn.c)));
                            match check!(slow::call_kw(vm, base, *insn, names)) {
                                slow::Called::Value(v) => {
                                    pc = pc.add(1);
                                    reg!(insn.a) = v;
                                    continue;
                                }
                                slow::Called::Again => {
                                    pc = pc.sub(1);
                                    continue;
                                }
                                slow::Called::Pushed => {
                                    load_frame!();
                                    continue;
                                }
                            }
                        }
                        Op::CallEx => {
                            save!();
                            match check!(slow::call_ex(vm, base, *insn)) {
                                slow::Called::Value(v) => {
                                    reg!(insn.a) = v;
                                    continue;
                                }
                                _ => {
                                    load_frame!();
                                    continue;
                                }
                            }
                        }
                        Op::MakeFunction => {
                            save!();
                            let flags = (*pc).a;
                            let code = *consts.add(insn.bc() as usize);
                            let v = check!(slow::make_function(
                                vm,
                                fp,
                                base.add(usize::from(insn.a)),
                                code,
                                flags
                            ));
                            reg!(insn.a) = v;
                            pc = pc.add(1);
                            continue;
                        }
                        Op::Return => {
                            let v = reg!(insn.a);
                            // A local is about to die: its value moves out.
                            reg!(insn.a) = Value::NULL;
                            leave!(v);
                        }
                        Op::ReturnSpecial => leave!(Value::special(u32::from(insn.a) + 1)),

                        // ---- generators and coroutines
                        Op::ReturnGenerator => {
                            save!();
                            let g = check!(slow::return_generator(vm, fp));
                            match slow::leave(vm, fp, g) {
                                slow::Left::Out(v) => return Ok(Outcome::Return(v)),
                                slow::Left::Failed(e) => {
                                    load_frame!();
                                    pc = pc.add(1);
                                    fail!(e);
                                }
                                _ => {
                                    load_frame!();
                                    pc = pc.add(1 + hognose_bytecode::OPS[usize::from((*pc).op)].caches);
                                    continue;
                                }
                            }
                        }
                        Op::Yield => {
                            save!();
                            let v = if insn.c & 2 == 0 {
                                let v = reg!(insn.b);
                                if insn.b < nlocals {
                                    v.incref();
                                }
                                v
                            } else {
                                check!(slow::yield_value(vm, fp, *insn, nlocals))
                            };
                            let ret = (*fp).ret;
                            slow::suspend(vm, fp, *insn);
                            match ret {
                                Ret::ForIter => {
                                    load_frame!();
                                    let insn = *pc;
                                    pc = pc.add(1);
                                    if insn.b < nlocals {
                                        set_local!(insn.b, v);
                                    } else {
                                        reg!(insn.b) = v;
                                    }
                                    jump!(insn.c as i16);
                                }
                                Ret::Send => {
                                    load_frame!();
                                    let insn = *pc;
                                    pc = pc.add(1);
                                    reg!(insn.b) = v;
                                    continue;
                                }
                                _ => return Ok(Outcome::Yield(Owned::from_value(v))),
                            }
                        }
                        Op::Send => {
                            save!();
                            let it = reg!(insn.a);
                            if kind_of(it) == KIND_GENERATOR {
                                let g = it.header().cast::<GeneratorObj>();
                                if slow::can_resume(g) && slow::plain_generator(g) {
                                    let v = std::mem::replace(&mut reg!(insn.b), Value::NULL);
                                    check!(slow::resume(vm, g, v, Ret::Send));
                                    load_frame!();
                                    pc = pc.add(1);
                                    continue;
                                }
                            }
                            if kind_of(it) == KIND_LIST_ITER && reg!(insn.b) == NONE {
                                let item = slow::list_iter_next(it.header().cast());
                                if item.is_null() {
                                    reg!(insn.b) = NONE;
                                    reg!(insn.a) = Value::NULL;
                                    release!(it);
                                    jump!(insn.c as i16);
                                }
                                reg!(insn.b) = item;
                                continue;
                            }
                            match check!(slow::send(vm, Ref::from_value(it), r!(insn.b))) {
                                slow::Sent::Yielded(v) => {
                                    let old = std::mem::replace(&mut reg!(insn.b), v);
                                    release!(old);
                                    continue;
                                }
                                slow::Sent::Returned(v) => {
                                    let old = std::mem::replace(&mut reg!(insn.b), v);
                                    release!(old);
                                    reg!(insn.a) = Value::NULL;
                                    release!(it);
                                    jump!(insn.c as i16);
                                }
                            }
                        }

                        // ---- exceptions
                        Op::Raise => {
                            save!();
                            let e = slow::raise(vm, base, *insn);
                            reraise = insn.b == 0;
                            fail!(e);
                        }
                        Op::Reraise => {
                            save!();
                            let exc = reg!(insn.a);
                            if insn.a < nlocals {
                                exc.incref();
                            } else {
                                reg!(insn.a) = Value::NULL;
                            }
                            reraise = true;
                            fail!(slow::reraise(vm, exc));
                        }
                        Op::PushExc => {
                            let exc = reg!(insn.a);
                            exc.incref();
                            reg!(insn.a + 1) = std::mem::replace(&mut vm.handled, exc);
                            continue;
                        }
                        Op::PopExc => {
                            let previous = if insn.b & 1 != 0 && (*fp).flags & frame_flags::GENERATOR != 0 {
                                // Whoever resumed the generator last, not who did when the handler began.
                                let own = reg!(insn.a + 1);
                                let outer = (*fp).outer_handled;
                                outer.incref();
                                release!(own);
                                outer
                            } else {
                                reg!(insn.a + 1)
                            };
                            let handled = std::mem::replace(&mut vm.handled, previous);
                            reg!(insn.a + 1) = Value::NULL;
                            let exc = std::mem::replace(&mut reg!(insn.a), Value::NULL);
                            release!(handled);
                            release!(exc);
                            continue;
                        }
                        Op::CheckExcMatch => {
                            save!();
                            let m = check!(slow::exc_match(vm, r!(insn.b), r!(insn.c)));
                            consume!(insn.c);
                            reg!(insn.a) = bool_value(m);
                            continue;
                        }
                        Op::CheckEgMatch => {
                            save!();
                            check!(slow::eg_match(vm, base, *insn, nlocals));
                            continue;
                        }
                        Op::PrepReraiseStar => {
                            save!();
                            let v = check!(crate::types::exceptions::group::prep_reraise_star(
                                vm,
                                r!(insn.b),
                                r!(insn.c)
                            ));
                            consume!(insn.c);
                            consume!(insn.b);
                            reg!(insn.a) = v.into_value();
                            continue;
                        }
                        Op::PushExcTriple => {
                            save!();
                            slow::exc_triple(vm, base, *insn);
                            continue;
                        }

                        // ---- unpacking
                        Op::UnpackSequence | Op::UnpackRev => {
                            let o = reg!(insn.b);
                            let n = usize::from(insn.c);
                            if kind_of(o) == KIND_TUPLE && (*o.header().cast::<TupleObj>()).len == n {
                                let items = TupleObj::items(o.header());
                                let unique = insn.b >= nlocals;
                                for i in 0..n {
                                    let v = *items.add(i);
                                    v.incref();
                                    let at = if op == Op::UnpackSequence { i } else { n - 1 - i };
                                    *base.add(usize::from(insn.a) + at) = v;
                                }
                                if unique && (*o.header()).decref() {
                                    save!();
                                    slow::release(vm, o.header());
                                }
                                continue;
                            }
                            save!();
                            check!(slow::unpack(vm, base, *insn, op == Op::UnpackRev, nlocals));
                            continue;
                        }
                        Op::UnpackEx | Op::UnpackExRev => {
                            save!();
                            check!(slow::unpack_ex(vm, base, *insn, op == Op::UnpackExRev, nlocals));
                            continue;
                        }

                        // ---- pattern matching
                        Op::MatchSequence => {
                            reg!(insn.a) = bool_value(slow::match_sequence(vm, r!(insn.b)));
                            continue;
                        }
                        Op::MatchMapping => {
                            reg!(insn.a) = bool_value(slow::match_mapping(vm, r!(insn.b)));
                            continue;
                        }
                        Op::MatchKeys => {
                            save!();
                            let v = check!(slow::match_keys(vm, r!(insn.b), r!(insn.c)));
                            consume!(insn.c);
                            reg!(insn.a) = v;
                            continue;
                        }
                        Op::MatchClass => {
                            save!();
                            let npos = (*pc).a;
                            let v = check!(slow::match_class(
                                vm,
                                r!(insn.b),
                                r!(insn.c),
                                r!(insn.c + 1),
                                usize::from(npos)
                            ));
                            release!(reg!(insn.c + 1));
                            release!(reg!(insn.c));
                            reg!(insn.a) = v;
                            pc = pc.add(1);
                            continue;
                        }
                        Op::GetLen => {
                            save!();
                            let n = check!(vm.len(r!(insn.b)));
                            reg!(insn.a) = Value::immediate_from_bits((n as u64) << 2 | 1);
                            continue;
                        }

                        // ---- formatting
                        Op::FormatSimple => {
                            save!();
                            let v = check!(slow::format_simple(vm, r!(insn.b)));
                            consume!(insn.b);
                            reg!(insn.a) = v;
                            continue;
                        }
                        Op::FormatWithSpec => {
                            save!();
                            let v = check!(vm.format(r!(insn.b), r!(insn.c))).into_value();
                            consume!(insn.c);
                            consume!(insn.b);
                            reg!(insn.a) = v;
                            continue;
                        }
                        Op::ConvertValue => {
                            save!();
                            let v = check!(slow::convert(vm, r!(insn.b), insn.c));
                            consume!(insn.b);
                            reg!(insn.a) = v;
                            continue;
                        }
                        Op::BuildInterpolation => {
                            save!();
                            let v = check!(slow::build_interpolation(vm, base, *insn));
                            reg!(insn.a) = v;
                            continue;
                        }
                        Op::BuildTemplate => {
                            save!();
                            let v = check!(slow::build_template(vm, base, *insn));
                            reg!(insn.a) = v;
                            continue;
                        }

                        // ---- imports
                        Op::ImportName => {
                            save!();
                            let v = check!(slow::import_name(vm, fp, base, *insn));
                            reg!(insn.a) = v;
                            continue;
                        }
                        Op::ImportFrom => {
                            save!();
                            let v = check!(slow::import_from(vm, fp, r!(insn.b), insn.c));
                            reg!(insn.a) = v;
                            continue;
                        }
                        Op::ImportStar => {
                            save!();
                            check!(slow::import_star(vm, fp, r!(insn.a)));
                            consume!(insn.a);
                            continue;
                        }

                        Op::Intrinsic1 => {
                            save!();
                            let v = check!(slow::intrinsic1(vm, fp, r!(insn.b), insn.c));
                            consume!(insn.b);
                            reg!(insn.a) = v;
                            continue;
                        }
                        Op::Intrinsic2 => {
                            save!();
                            let v = check!(slow::intrinsic2(vm, r!(insn.b), r!(insn.b + 1), insn.c));
                            release!(reg!(insn.b + 1));
                            release!(reg!(insn.b));
                            reg!(insn.a) = v;
                            continue;
                        }
                        Op::PrintExpr => {
                            save!();
                            check!(slow::print_expr(vm, r!(insn.a)));
                            consume!(insn.a);
                            continue;
                        }
                    }
                }
            }
            // An exception: find its handler.
            let e = raised.take().unwrap_or_else(Raised::new);
            match crate::unwind::unwind(vm, e, std::mem::take(&mut reraise)) {
                Ok(()) => load_frame!(),
                Err(e) => return Err(e),
            }
        }
    }
}

// ---- cache words

/// Low half of a cache word.
#[inline(always)]
pub(crate) fn cache_lo(w: Insn) -> u32 {
    u32::from(w.op) | u32::from(w.a) << 16
}

/// High half of a cache word.
#[inline(always)]
pub(crate) fn cache_hi(w: Insn) -> u32 {
    u32::from(w.b) | u32::from(w.c) << 16
}

/// A cache word from its halves.
#[inline(always)]
pub(crate) fn cache_word(lo: u32, hi: u32) -> Insn {
    Insn { op: lo as u16, a: (lo >> 16) as u16, b: hi as u16, c: (hi >> 16) as u16 }
}

/// A value in a cache word.
#[inline(always)]
pub(crate) unsafe fn cache_value(w: Insn) -> Value {
    let bits = u64::from(cache_lo(w)) | u64::from(cache_hi(w)) << 32;
    Value::from_ptr(std::ptr::with_exposed_provenance_mut::<Header>(bits as usize))
}

// ---- int operations on tagged words

#[inline(always)]
fn int_add(x: Value, y: Value) -> Option<Value> {
    let (s, o) = (x.bits() as i64 - 1).overflowing_add(y.bits() as i64);
    if o { None } else { Some(Value::immediate_from_bits(s as u64)) }
}

#[inline(always)]
fn int_sub(x: Value, y: Value) -> Option<Value> {
    let (s, o) = (x.bits() as i64).overflowing_sub(y.bits() as i64 - 1);
    if o { None } else { Some(Value::immediate_from_bits(s as u64)) }
}

#[inline(always)]
fn int_mul(x: Value, y: Value) -> Option<Value> {
    let (p, o) = (x.bits() as i64 - 1).overflowing_mul(y.int_unchecked());
    if o { None } else { Some(Value::immediate_from_bits(p as u64 | 1)) }
}

#[inline(always)]
fn int_truediv(x: Value, y: Value) -> Option<Value> {
    let (a, b) = (x.int_unchecked(), y.int_unchecked());
    const EXACT: i64 = 1 << 53;
    if b == 0 || a.abs() > EXACT || b.abs() > EXACT {
        return None;
    }
    Value::from_float(a as f64 / b as f64)
}

#[inline(always)]
fn float_div(x: f64, y: f64) -> Option<f64> {
    if y == 0.0 { None } else { Some(x / y) }
}

#[inline(always)]
fn int_floordiv(x: Value, y: Value) -> Option<Value> {
    let (a, b) = (x.int_unchecked(), y.int_unchecked());
    if b == 0 {
        return None;
    }
    let q = a / b;
    Value::from_int(if a % b != 0 && (a < 0) != (b < 0) { q - 1 } else { q })
}

#[inline(always)]
fn int_mod(x: Value, y: Value) -> Option<Value> {
    let (a, b) = (x.int_unchecked(), y.int_unchecked());
    if b == 0 {
        return None;
    }
    let r = a % b;
    Value::from_int(if r != 0 && (r < 0) != (b < 0) { r + b } else { r })
}

#[inline(always)]
fn int_and(x: Value, y: Value) -> Option<Value> {
    Some(Value::immediate_from_bits(x.bits() & y.bits()))
}

#[inline(always)]
fn int_or(x: Value, y: Value) -> Option<Value> {
    Some(Value::immediate_from_bits(x.bits() | y.bits()))
}

#[inline(always)]
fn int_xor(x: Value, y: Value) -> Option<Value> {
    Some(Value::immediate_from_bits((x.bits() ^ y.bits()) | 1))
}

#[inline(always)]
fn int_lshift(x: Value, y: Value) -> Option<Value> {
    let (a, n) = (x.int_unchecked(), y.int_unchecked());
    if !(0..62).contains(&n) {
        return None;
    }
    let r = a << n;
    if r >> n == a { Value::from_int(r) } else { None }
}

#[inline(always)]
fn int_rshift(x: Value, y: Value) -> Option<Value> {
    let n = y.int_unchecked();
    if n < 0 {
        return None;
    }
    Value::from_int(x.int_unchecked() >> n.min(63))
}
