//! The type `Unpickler`, and the functions `load` and `loads`.
//!
//! An [`Unpickler`] is what lasts between two calls of `load`; a [`Loader`] is one of those calls. `load` and `loads`
//! use both without making an object of them.

use super::input::{FileMethods, Input};
use super::load::Loader;
use super::proxies::{Keeper, UnpicklerMemoProxy, keeper, set_memo};
use super::stack::{Memo, Stack};
use super::{get_assigned, set_assigned, unpickling_error};
use crate::prelude::{
    Args, GetSetDef, NativeDef, Owned, PyResult, Ref, Slots, TypeDef, TypeFlags, ValueExt, Vm, as_str,
    base_value, instance, is_int, trace_fields,
};
use hognose_vm::DictRef;
use std::cell::{Cell, RefCell};

/// Payload of `_pickle.Unpickler`.
#[derive(Default)]
pub(super) struct Unpickler {
    pub(super) memo: RefCell<Memo>,
    /// What was assigned to `persistent_load`.
    persistent_load: RefCell<Option<Owned>>,
    /// `read`, `readline`, `peek`, `readinto` of the file; NULLs for absent ones; empty before `__init__`.
    file: RefCell<Vec<Owned>>,
    /// An iterator of out-of-band buffers.
    pub(super) buffers: RefCell<Option<Owned>>,
    pub(super) encoding: RefCell<String>,
    pub(super) errors: RefCell<String>,
    pub(super) fix_imports: Cell<bool>,
    pub(super) proto: Cell<u8>,
    running: Cell<bool>,
}

trace_fields!(Unpickler { memo, persistent_load, file, buffers });

static TYPE: TypeDef = TypeDef {
    name: "_pickle.Unpickler",
    doc: "This takes a binary file for reading a pickle data stream.\n\nThe protocol version of the pickle is detected automatically, so no\nprotocol argument is needed.  Bytes past the pickled object's\nrepresentation are ignored.",
    flags: TypeFlags::BASE_TYPE,
    slots: Slots {
        new: Some(|vm, a| instance(vm, a.get(0), Unpickler::default())),
        init: Some(init),
        getattro: Some(getattro),
        setattro: Some(setattro),
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("load", "$self, /", load_method),
        NativeDef::method("find_class", "$self, module_name, global_name, /", |vm, a| {
            let u = this(vm, a.get(0))?;
            super::load_object::find_class(vm, u, a.get(1), a.get(2))
        }),
        NativeDef::method("persistent_load", "$self, pid, /", |vm, _| {
            let message = "A load persistent id instruction was encountered, but no persistent_load function was specified.";
            Err(unpickling_error(vm, message))
        }),
    ],
    getset: &[GetSetDef::write(
        "memo",
        |vm, r| vm.new_native(UnpicklerMemoProxy { owner: r.owned() }),
        set_memo::<UnpicklerMemoProxy>,
    )],
    ..TypeDef::EMPTY
};

pub(super) fn register(vm: &mut Vm, module: Ref<'_>) -> PyResult<()> {
    let class = vm.add_native_type::<Unpickler>(&TYPE)?;
    vm.module_set(module, "Unpickler", class.owned())
}

fn this<'a>(vm: &mut Vm, r: Ref<'a>) -> PyResult<&'a Unpickler> {
    keeper(vm, r)
}

// ---- attributes

fn getattro(vm: &mut Vm, r: Ref<'_>, name: Ref<'_>) -> PyResult {
    let assigned = &this(vm, r)?.persistent_load;
    get_assigned(vm, r, name, b"persistent_load", assigned)
}

fn setattro(vm: &mut Vm, r: Ref<'_>, name: Ref<'_>, value: Option<Ref<'_>>) -> PyResult<()> {
    let assigned = &this(vm, r)?.persistent_load;
    set_assigned(vm, r, (name, value), b"persistent_load", assigned)
}

impl Keeper for Unpickler {
    type Memo = Memo;
    const NAME: &str = "an Unpickler";
    fn memo(&self) -> &RefCell<Memo> {
        &self.memo
    }
    fn copy_memo(&self, vm: &mut Vm) -> PyResult<Memo> {
        self.memo.borrow().copy(vm)
    }
    /// `{number: object}`
    fn show_memo(&self, vm: &mut Vm, into: Ref<'_>) -> PyResult<()> {
        let mut at = 0;
        loop {
            let Some((number, object)) = self.memo.borrow().next(at) else { return Ok(()) };
            at = number + 1;
            let key = vm.new_int(number as i64)?;
            vm.dict_set(into, key.as_ref(), object.as_ref())?;
        }
    }
    fn read_memo(vm: &mut Vm, dict: DictRef<'_>) -> PyResult<Memo> {
        let mut memo = Memo::default();
        let mut at = 0;
        while let Some((i, key, value)) = dict.next_entry(at) {
            at = i + 1;
            if !is_int(base_value(key.as_ref())) {
                return Err(vm.type_error("memo key must be integers"));
            }
            let Ok(n) = usize::try_from(vm.index_isize(key.as_ref(), false)?) else {
                return Err(vm.value_error("memo key must be positive integers."));
            };
            memo.set(vm, n, value)?;
        }
        Ok(memo)
    }
}

// ---- construction

/// `fix_imports`, `encoding`, `errors`, `buffers`.
fn prepare(vm: &mut Vm, u: &Unpickler, options: [Option<Ref<'_>>; 4]) -> PyResult<()> {
    let [fix_imports, encoding, errors, buffers] = options;
    let fix_imports = fix_imports.map_or(Ok(true), |r| vm.is_true(r))?;
    u.fix_imports.set(fix_imports);
    let text = |vm: &mut Vm, r: Option<Ref<'_>>, default: &str, what: &str| -> PyResult<String> {
        let Some(r) = r else { return Ok(default.to_string()) };
        match as_str(r) {
            Some(s) if !s.as_bytes().contains(&0) => Ok(s.to_lossy().into_owned()),
            Some(_) => Err(vm.value_error("embedded null character")),
            None => {
                let class = vm.type_name(r);
                Err(vm.type_error(&format!("argument '{what}' must be str, not {class}")))
            }
        }
    };
    let encoding = text(vm, encoding, "ASCII", "encoding")?;
    let errors = text(vm, errors, "strict", "errors")?;
    u.encoding.replace(encoding);
    u.errors.replace(errors);
    let buffers = match buffers.filter(|b| !b.is_none()) {
        Some(b) => Some(vm.iter(b)?),
        None => None,
    };
    drop(u.buffers.replace(buffers));
    Ok(())
}

fn file_methods(vm: &mut Vm, file: Ref<'_>) -> PyResult<FileMethods> {
    let mut found = [const { None }; 4];
    for (place, name) in found.iter_mut().zip(["peek", "readinto", "read", "readline"]) {
        let name = vm.intern(name)?;
        *place = vm.get_attr_opt(file, name.as_ref())?;
    }
    let [peek, readinto, read, readline] = found;
    match (read, readline) {
        (Some(read), Some(readline)) => Ok(FileMethods { read, readline, peek, readinto }),
        _ => Err(vm.type_error("file must have 'read' and 'readline' attributes")),
    }
}

const ALREADY: &str = "Unpickler object is already used";

fn init(vm: &mut Vm, a: &Args<'_>) -> PyResult<()> {
    let b =
        vm.bind(a, "Unpickler", "file, *, fix_imports=True, encoding='ASCII', errors='strict', buffers=()")?;
    let u = this(vm, a.get(0))?;
    if u.running.get() {
        return Err(vm.runtime_error(ALREADY));
    }
    let Some(file) = b.pos[0] else {
        return Err(vm.type_error("Unpickler() missing required argument 'file' (pos 1)"));
    };
    drop(u.file.take());
    let m = file_methods(vm, file)?;
    prepare(vm, u, [b.pos[1], b.pos[2], b.pos[3], b.pos[4]])?;
    let opt = |o: Option<Owned>| o.unwrap_or_else(Owned::null);
    drop(u.file.replace(vec![m.read, m.readline, opt(m.peek), opt(m.readinto)]));
    drop(u.memo.take());
    u.proto.set(0);
    Ok(())
}

// ---- loading

fn load_method(vm: &mut Vm, a: &Args<'_>) -> PyResult {
    let me = a.get(0);
    let u = this(vm, me)?;
    if u.running.get() {
        return Err(vm.runtime_error(ALREADY));
    }
    let file = u.file.borrow().clone();
    let Ok([read, readline, peek, readinto]) = <[Owned; 4]>::try_from(file) else {
        let class = vm.type_name(me);
        let message = format!("Unpickler.__init__() was not called by {class}.__init__()");
        return Err(unpickling_error(vm, &message));
    };
    let opt = |o: Owned| (!o.is_null()).then_some(o);
    let input = Input::file(vm, FileMethods { read, readline, peek: opt(peek), readinto: opt(readinto) })?;
    u.running.set(true);
    let loaded = load_with(vm, u, Some(me), input);
    u.running.set(false);
    loaded
}

/// One `load`; `me` absent: the unpickler is no object.
fn load_with(vm: &mut Vm, u: &Unpickler, me: Option<Ref<'_>>, input: Input) -> PyResult {
    let (mut persistent_load, mut find_class) = (None, None);
    if let Some(me) = me {
        let name = vm.intern("persistent_load")?;
        persistent_load = vm.get_attr_opt(me, name.as_ref())?;
        if vm.native_class::<Unpickler>().is_none_or(|c| c != vm.class_of(me)) {
            find_class = Some(vm.get_attr_name(me, "find_class")?);
        }
    }
    u.proto.set(0);
    let mut l = Loader { u, input, stack: Stack::default(), persistent_load, find_class };
    l.run(vm)
}

/// `load(file, *, fix_imports=True, encoding='ASCII', errors='strict', buffers=())`
pub(super) fn load(vm: &mut Vm, a: &Args<'_>) -> PyResult {
    let u = Unpickler::default();
    let methods = file_methods(vm, a.get(0))?;
    prepare(vm, &u, [a.opt(1), a.opt(2), a.opt(3), a.opt(4)])?;
    let input = Input::file(vm, methods)?;
    load_with(vm, &u, None, input)
}

/// `loads(data, /, *, fix_imports=True, encoding='ASCII', errors='strict', buffers=())`
pub(super) fn loads(vm: &mut Vm, a: &Args<'_>) -> PyResult {
    let u = Unpickler::default();
    let input = Input::bytes(vm, a.get(0))?;
    prepare(vm, &u, [a.opt(1), a.opt(2), a.opt(3), a.opt(4)])?;
    load_with(vm, &u, None, input)
}
