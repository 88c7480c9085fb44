//! The type `Pickler`, and the functions `dump` and `dumps`.
//!
//! A [`Pickler`] is what lasts between two calls of `dump`; a [`Saver`] is one of those calls. `dump` and `dumps` use
//! both without making an object of them.

use super::memo::Memo;
use super::output::{Output, write_method};
use super::proxies::{Keeper, PicklerMemoProxy, keeper, set_memo};
use super::save::Saver;
use super::{get_assigned, op, pickling_error, protocol, set_assigned};
use crate::prelude::{
    Args, GetSetDef, NativeDef, Owned, PyResult, Ref, Slots, TupleRef, TypeDef, TypeFlags, ValueExt, Vm,
    instance, none, trace_fields,
};
use hognose_vm::DictRef;
use hognose_vm::object::int::new_bigint;
use num_bigint::BigInt;
use std::cell::{Cell, RefCell};

/// Payload of `_pickle.Pickler`.
#[derive(Default)]
pub(super) struct Pickler {
    pub(super) memo: RefCell<Memo>,
    /// The file's `write`; absent before `__init__`.
    write: RefCell<Option<Owned>>,
    dispatch_table: RefCell<Option<Owned>>,
    buffer_callback: RefCell<Option<Owned>>,
    /// What was assigned to `persistent_id`.
    persistent_id: RefCell<Option<Owned>>,
    proto: Cell<i64>,
    bin: Cell<i64>,
    fast: Cell<i64>,
    fix_imports: Cell<bool>,
    running: Cell<bool>,
}

trace_fields!(Pickler { memo, write, dispatch_table, buffer_callback, persistent_id });

static TYPE: TypeDef = TypeDef {
    name: "_pickle.Pickler",
    doc: "This takes a binary file for writing a pickle data stream.\n\nThe optional *protocol* argument tells the pickler to use the given\nprotocol; supported protocols are 0, 1, 2, 3, 4 and 5.  The default\nprotocol is 5.",
    flags: TypeFlags::BASE_TYPE,
    slots: Slots {
        new: Some(|vm, a| instance(vm, a.get(0), Pickler::default())),
        init: Some(init),
        getattro: Some(getattro),
        setattro: Some(setattro),
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("dump", "$self, obj, /", dump_method),
        NativeDef::method("clear_memo", "$self, /", |vm, a| {
            let old = this(vm, a.get(0))?.memo.take();
            drop(old);
            Ok(none())
        }),
        NativeDef::method("persistent_id", "$self, obj, /", |_, _| Ok(none())),
    ],
    getset: &[
        GetSetDef::write(
            "memo",
            |vm, r| vm.new_native(PicklerMemoProxy { owner: r.owned() }),
            set_memo::<PicklerMemoProxy>,
        ),
        GetSetDef::write(
            "bin",
            |vm, r| number(vm, r, |p| &p.bin),
            |vm, r, v| set_number(vm, r, v, |p| &p.bin),
        ),
        GetSetDef::write(
            "fast",
            |vm, r| number(vm, r, |p| &p.fast),
            |vm, r, v| set_number(vm, r, v, |p| &p.fast),
        ),
        GetSetDef::write(
            "dispatch_table",
            |vm, r| {
                let found = this(vm, r)?.dispatch_table.borrow().clone();
                found.map_or_else(|| Err(no_attribute(vm, r, "dispatch_table")), Ok)
            },
            |vm, r, v| {
                let old = this(vm, r)?.dispatch_table.replace(v.map(Ref::owned));
                if v.is_none() && old.is_none() {
                    return Err(no_attribute(vm, r, "dispatch_table"));
                }
                Ok(())
            },
        ),
    ],
    ..TypeDef::EMPTY
};

pub(super) fn register(vm: &mut Vm, module: Ref<'_>) -> PyResult<()> {
    let class = vm.add_native_type::<Pickler>(&TYPE)?;
    vm.module_set(module, "Pickler", class.owned())
}

fn this<'a>(vm: &mut Vm, r: Ref<'a>) -> PyResult<&'a Pickler> {
    keeper(vm, r)
}

fn no_attribute(vm: &mut Vm, r: Ref<'_>, name: &str) -> crate::prelude::Raised {
    match vm.new_str(name) {
        Ok(name) => vm.attribute_error(r, name.as_ref()),
        Err(e) => e,
    }
}

fn number(vm: &mut Vm, r: Ref<'_>, of: fn(&Pickler) -> &Cell<i64>) -> PyResult {
    let n = of(this(vm, r)?).get();
    vm.new_int(n)
}

fn set_number(vm: &mut Vm, r: Ref<'_>, v: Option<Ref<'_>>, of: fn(&Pickler) -> &Cell<i64>) -> PyResult<()> {
    let Some(v) = v else { return Err(vm.type_error("can't delete numeric/char attribute")) };
    let n = vm.ssize_arg(v)? as i64;
    of(this(vm, r)?).set(n);
    Ok(())
}

// ---- attributes

fn getattro(vm: &mut Vm, r: Ref<'_>, name: Ref<'_>) -> PyResult {
    let assigned = &this(vm, r)?.persistent_id;
    get_assigned(vm, r, name, b"persistent_id", assigned)
}

fn setattro(vm: &mut Vm, r: Ref<'_>, name: Ref<'_>, value: Option<Ref<'_>>) -> PyResult<()> {
    let assigned = &this(vm, r)?.persistent_id;
    set_assigned(vm, r, (name, value), b"persistent_id", assigned)
}

impl Keeper for Pickler {
    type Memo = Memo;
    const NAME: &str = "a Pickler";
    fn memo(&self) -> &RefCell<Memo> {
        &self.memo
    }
    fn copy_memo(&self, vm: &mut Vm) -> PyResult<Memo> {
        self.memo.borrow().copy(vm)
    }
    /// `{id(object): (number, object)}`
    fn show_memo(&self, vm: &mut Vm, into: Ref<'_>) -> PyResult<()> {
        let mut i = 0;
        loop {
            let Some((object, number)) = self.memo.borrow().entry(i) else { return Ok(()) };
            i += 1;
            let key = new_bigint(vm.heap(), &BigInt::from(object.value().bits()))?;
            let number = vm.new_int(number as i64)?;
            let pair = vm.new_pair(number, object)?;
            vm.dict_set(into, key.as_ref(), pair.as_ref())?;
        }
    }
    fn read_memo(vm: &mut Vm, dict: DictRef<'_>) -> PyResult<Memo> {
        let mut memo = Memo::default();
        let mut at = 0;
        while let Some((i, _, value)) = dict.next_entry(at) {
            at = i + 1;
            let items = TupleRef::new(value.as_ref()).map_or(&[][..], |t| t.items());
            let &[number, object] = items else {
                return Err(vm.type_error("'memo' values must be 2-item tuples"));
            };
            let number = vm.index_isize(number, false)?;
            memo.set(vm, object, usize::try_from(number).unwrap_or(usize::MAX))?;
        }
        Ok(memo)
    }
}

// ---- construction

/// Sets up a pickler; `file` absent: for `dumps`.
fn prepare(vm: &mut Vm, p: &Pickler, file: Option<Ref<'_>>, rest: [Option<Ref<'_>>; 3]) -> PyResult<()> {
    let [proto, fix_imports, callback] = rest;
    let proto = protocol(vm, proto)?;
    let fix_imports = fix_imports.map_or(Ok(true), |r| vm.is_true(r))?;
    p.proto.set(proto);
    p.bin.set(i64::from(proto > 0));
    p.fix_imports.set(fix_imports && proto < 3);
    if let Some(file) = file {
        let write = write_method(vm, file)?;
        drop(p.write.replace(Some(write)));
    }
    let callback = callback.filter(|c| !c.is_none());
    if callback.is_some() && proto < 5 {
        return Err(vm.value_error("buffer_callback needs protocol >= 5"));
    }
    drop(p.buffer_callback.replace(callback.map(Ref::owned)));
    Ok(())
}

const ALREADY: &str = "Pickler object is already used";

fn init(vm: &mut Vm, a: &Args<'_>) -> PyResult<()> {
    let b = vm.bind(a, "Pickler", "file, protocol=None, fix_imports=True, buffer_callback=None")?;
    let p = this(vm, a.get(0))?;
    if p.running.get() {
        return Err(vm.runtime_error(ALREADY));
    }
    drop(p.write.take());
    let Some(file) = b.pos[0] else {
        return Err(vm.type_error("Pickler() missing required argument 'file' (pos 1)"));
    };
    prepare(vm, p, Some(file), [b.pos[1], b.pos[2], b.pos[3]])?;
    p.fast.set(0);
    drop(p.memo.take());
    let name = vm.intern("dispatch_table")?;
    // A class may define it.
    let table = vm.get_attr_opt(a.get(0), name.as_ref())?;
    drop(p.dispatch_table.replace(table));
    Ok(())
}

// ---- dumping

fn dump_method(vm: &mut Vm, a: &Args<'_>) -> PyResult {
    let (me, obj) = (a.get(0), a.get(1));
    let p = this(vm, me)?;
    if p.running.get() {
        return Err(vm.runtime_error(ALREADY));
    }
    let write = p.write.borrow().clone();
    if write.is_none() {
        let class = vm.type_name(me);
        let message = format!("Pickler.__init__() was not called by {class}.__init__()");
        return Err(pickling_error(vm, &message));
    }
    p.running.set(true);
    let done = dump_with(vm, p, Some(me), write, obj);
    p.running.set(false);
    done?;
    Ok(none())
}

/// One `dump`; `me` absent: the pickler is no object.
fn dump_with(
    vm: &mut Vm,
    p: &Pickler,
    me: Option<Ref<'_>>,
    write: Option<Owned>,
    obj: Ref<'_>,
) -> PyResult<Output> {
    let (mut persistent_id, mut reducer_override) = (None, None);
    if let Some(me) = me {
        let plain = vm.native_class::<Pickler>().is_some_and(|c| c == vm.class_of(me));
        if !plain || p.persistent_id.borrow().is_some() {
            let (name, other) = (vm.intern("persistent_id")?, vm.intern("reducer_override")?);
            persistent_id = vm.get_attr_opt(me, name.as_ref())?;
            reducer_override = vm.get_attr_opt(me, other.as_ref())?;
        }
    }
    let mut s = Saver {
        memo: &p.memo,
        out: Output::new(write),
        proto: p.proto.get(),
        bin: p.bin.get() != 0,
        fast: p.fast.get() != 0,
        fix_imports: p.fix_imports.get(),
        persistent_id,
        reducer_override,
        dispatch_table: p.dispatch_table.borrow().clone(),
        buffer_callback: p.buffer_callback.borrow().clone(),
        common_table: None,
        extensions: None,
        nesting: 0,
        inside: Vec::new(),
    };
    if s.proto >= 2 {
        s.out.write(vm, &[op::PROTO, s.proto as u8])?;
    }
    s.out.set_framing(s.proto >= 4);
    s.save(vm, obj, true)?;
    s.out.op(vm, op::STOP)?;
    s.out.commit_frame();
    s.out.set_framing(false);
    s.out.flush(vm)?;
    Ok(s.out)
}

/// `dump(obj, file, protocol=None, *, fix_imports=True, buffer_callback=None)`
pub(super) fn dump(vm: &mut Vm, a: &Args<'_>) -> PyResult {
    let p = Pickler::default();
    prepare(vm, &p, Some(a.get(1)), [a.opt(2), a.opt(3), a.opt(4)])?;
    let write = p.write.borrow().clone();
    dump_with(vm, &p, None, write, a.get(0))?;
    Ok(none())
}

/// `dumps(obj, protocol=None, *, fix_imports=True, buffer_callback=None)`
pub(super) fn dumps(vm: &mut Vm, a: &Args<'_>) -> PyResult {
    let p = Pickler::default();
    prepare(vm, &p, None, [a.opt(1), a.opt(2), a.opt(3)])?;
    let out = dump_with(vm, &p, None, None, a.get(0))?;
    out.to_bytes(vm)
}
