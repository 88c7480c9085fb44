//! The type `code`.
//!
//! Register code is not CPython's bytecode: `co_code` shows our instruction words, and positions count one step of
//! `co_lasti` as two bytes, so that `tb_lasti // 2` indexes `co_positions()` as `traceback` expects.
#![allow(unsafe_code, reason = "fields are reached through raw headers")]

use crate::args::{Args, GetSetDef, NativeDef};
use crate::define::TypeDef;
use crate::type_slots::{CmpOp, Slots};
use crate::{PyResult, Vm};
use hognose_bytecode::{Code, Position};
use hognose_object::code::{CodeObj, CodePtr};
use hognose_object::{Layout, NOT_IMPLEMENTED, Owned, Ref, Value, ValueExt, none, owned_bool};
use std::hash::{Hash, Hasher};
use std::rc::Rc;

/// `code`
pub static TYPE: TypeDef = TypeDef {
    name: "code",
    layout: Layout::Code,
    doc: "Create a code object.  Not for mere mortals.",
    slots: Slots { repr: Some(repr), hash: Some(hash), richcompare: Some(compare), ..Slots::NONE },
    methods: &[
        NativeDef::method("co_positions", "$self, /", co_positions),
        NativeDef::method("co_lines", "$self, /", co_lines),
        NativeDef::method("replace", "$self, /, *args, **changes", super::code_replace::replace),
        NativeDef::method("__replace__", "$self, /, *args, **changes", super::code_replace::replace),
    ],
    getset: &[
        GetSetDef::read("co_name", |_, r| Ok(child(r, |c| c.name))),
        GetSetDef::read("co_qualname", |_, r| Ok(child(r, |c| c.qualname))),
        GetSetDef::read("co_filename", |_, r| Ok(child(r, |c| c.filename))),
        GetSetDef::read("co_firstlineno", |vm, r| number(vm, r, |d| i64::from(d.first_line))),
        GetSetDef::read("co_argcount", |vm, r| number(vm, r, |d| i64::from(d.argcount))),
        GetSetDef::read("co_posonlyargcount", |vm, r| number(vm, r, |d| i64::from(d.posonlyargcount))),
        GetSetDef::read("co_kwonlyargcount", |vm, r| number(vm, r, |d| i64::from(d.kwonlyargcount))),
        GetSetDef::read("co_nlocals", |vm, r| number(vm, r, |d| local_registers(d).len() as i64)),
        GetSetDef::read("co_flags", |vm, r| number(vm, r, |d| i64::from(d.flags.0))),
        GetSetDef::read("co_stacksize", |vm, r| {
            number(vm, r, |d| i64::from(d.nregs - d.nlocals.min(d.nregs)))
        }),
        GetSetDef::read("co_varnames", |vm, r| register_names(vm, r, local_registers)),
        GetSetDef::read("co_cellvars", |vm, r| register_names(vm, r, |d| d.cellvars.clone())),
        GetSetDef::read("co_freevars", |vm, r| register_names(vm, r, |d| d.freevars.clone())),
        GetSetDef::read("co_names", |vm, r| array(vm, r, |c| (c.names, c.names_len))),
        GetSetDef::read("co_consts", |vm, r| array(vm, r, |c| (c.consts, c.consts_len))),
        GetSetDef::read("co_code", co_code),
        GetSetDef::read("_co_code_adaptive", co_code),
        GetSetDef::read("co_lnotab", |vm, _| vm.new_bytes(b"")),
        GetSetDef::read("co_linetable", |vm, _| vm.new_bytes(b"")),
        GetSetDef::read("co_exceptiontable", |vm, _| vm.new_bytes(b"")),
    ],
    ..TypeDef::EMPTY
};

fn obj(r: Ref<'_>) -> Option<*mut CodeObj> {
    r.has_layout(Layout::Code).then(|| r.value().header().cast())
}

/// The compiler's data behind a code object, complete.
pub fn data_of(r: Ref<'_>) -> Option<Rc<Code>> {
    // SAFETY: the layout was checked.
    obj(r).and_then(|c| unsafe {
        match &(*c).origin {
            Some(packed) => packed.code(),
            None => Some(c.table().clone()),
        }
    })
}

fn child(r: Ref<'_>, field: fn(&CodeObj) -> Value) -> Owned {
    let Some(c) = obj(r) else { return none() };
    // SAFETY: the layout was checked; the code owns what its fields hold.
    unsafe {
        let v = field(&*c);
        if v.is_null() { none() } else { Ref::from_value(v).owned() }
    }
}

fn number(vm: &mut Vm, r: Ref<'_>, f: fn(&Code) -> i64) -> PyResult {
    let n = data_of(r).map_or(0, |d| f(&d));
    vm.new_int(n)
}

/// Registers of `co_varnames`: parameters and other locals, not cells made here nor free variables.
fn local_registers(d: &Code) -> Vec<u16> {
    let arguments = d.argument_count();
    (0..d.nlocals)
        .filter(|i| usize::from(*i) < arguments || !(d.cellvars.contains(i) || d.freevars.contains(i)))
        .collect()
}

fn register_names(vm: &mut Vm, r: Ref<'_>, which: fn(&Code) -> Vec<u16>) -> PyResult {
    let Some(data) = data_of(r) else { return vm.new_tuple(Vec::new()) };
    let names = which(&data).into_iter().filter_map(|i| data.varnames.get(usize::from(i)));
    let names = names.map(|n| vm.intern(n)).collect::<PyResult<Vec<_>>>()?;
    vm.new_tuple(names)
}

fn array(vm: &mut Vm, r: Ref<'_>, f: fn(&CodeObj) -> (*mut Value, u32)) -> PyResult {
    let Some(c) = obj(r) else { return vm.new_tuple(Vec::new()) };
    vm.load_body(c)?;
    // SAFETY: the layout was checked; the code owns its arrays and what they hold.
    let items = unsafe {
        let (base, len) = f(&*c);
        (0..len as usize).map(|i| Ref::from_value(*base.add(i)).owned()).collect()
    };
    vm.new_tuple(items)
}

fn co_code(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let Some(data) = data_of(r) else { return vm.new_bytes(b"") };
    let bytes: Vec<u8> =
        data.insns.iter().flat_map(|i| [i.op, i.a, i.b, i.c]).flat_map(u16::to_le_bytes).collect();
    vm.new_bytes(&bytes)
}

fn iterator(vm: &mut Vm, items: Vec<Owned>) -> PyResult {
    let list = vm.new_list(items)?;
    vm.iter(list.as_ref())
}

fn co_positions(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let Some(data) = data_of(args.get(0)) else { return iterator(vm, Vec::new()) };
    let mut items = Vec::with_capacity(data.insns.len());
    let mut last: Option<(Position, Owned)> = None;
    for pc in 0..data.insns.len() {
        let p = data.position_at(pc as u32);
        let tuple = match &last {
            Some((q, tuple)) if *q == p => tuple.clone(),
            _ => {
                let int =
                    |vm: &Vm, n: u32, known: bool| if known { vm.new_int(i64::from(n)) } else { Ok(none()) };
                let (line, cols) = (p.line != 0, p.col != 0 || p.end_col != 0);
                let fields = vec![
                    int(vm, p.line, line)?,
                    int(vm, p.end_line, line)?,
                    int(vm, p.col, line && cols)?,
                    int(vm, p.end_col, line && cols)?,
                ];
                vm.new_tuple(fields)?
            }
        };
        items.push(tuple.clone());
        last = Some((p, tuple));
    }
    iterator(vm, items)
}

fn co_lines(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let Some(data) = data_of(args.get(0)) else { return iterator(vm, Vec::new()) };
    let mut ranges: Vec<(u32, u32, u32)> = Vec::new();
    for pc in 0..data.insns.len() as u32 {
        let line = data.position_at(pc).line;
        match ranges.last_mut() {
            Some(r) if r.2 == line => r.1 = pc + 1,
            _ => ranges.push((pc, pc + 1, line)),
        }
    }
    let mut items = Vec::with_capacity(ranges.len());
    for (start, end, line) in ranges {
        let line = if line == 0 { none() } else { vm.new_int(i64::from(line))? };
        let (start, end) = (vm.new_int(i64::from(start) * 2)?, vm.new_int(i64::from(end) * 2)?);
        items.push(vm.new_tuple(vec![start, end, line])?);
    }
    iterator(vm, items)
}

fn repr(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let name = child(r, |c| c.name);
    let filename = child(r, |c| c.filename);
    let (name, filename) = (vm.text_of(name.as_ref()), vm.text_of(filename.as_ref()));
    let line = data_of(r).map_or(0, |d| d.first_line);
    let at = r.value().bits();
    vm.new_str(&format!("<code object {name} at {at:#x}, file \"{filename}\", line {line}>"))
}

fn same(a: &Code, b: &Code) -> bool {
    a.name == b.name
        && a.first_line == b.first_line
        && (a.argcount, a.posonlyargcount, a.kwonlyargcount)
            == (b.argcount, b.posonlyargcount, b.kwonlyargcount)
        && a.flags == b.flags
        && a.insns == b.insns
        && a.names == b.names
        && a.varnames == b.varnames
        && a.positions == b.positions
        && a.handlers == b.handlers
        && a.consts == b.consts
}

fn compare(_vm: &mut Vm, op: CmpOp, a: Ref<'_>, b: Ref<'_>) -> PyResult {
    let (Some(x), Some(y)) = (data_of(a), data_of(b)) else {
        return Ok(Owned::from_immediate(NOT_IMPLEMENTED));
    };
    let equal = Rc::ptr_eq(&x, &y) || same(&x, &y);
    match op {
        CmpOp::Eq => Ok(owned_bool(equal)),
        CmpOp::Ne => Ok(owned_bool(!equal)),
        _ => Ok(Owned::from_immediate(NOT_IMPLEMENTED)),
    }
}

fn hash(_vm: &mut Vm, r: Ref<'_>) -> PyResult<i64> {
    let mut h = std::hash::DefaultHasher::new();
    if let Some(d) = data_of(r) {
        (&d.name, d.first_line, d.argcount, d.flags.0, &d.names, &d.varnames, d.consts.len()).hash(&mut h);
        d.insns.iter().for_each(|i| (i.op, i.a, i.b, i.c).hash(&mut h));
    }
    let n = h.finish() as i64;
    Ok(if n == -1 { -2 } else { n })
}
