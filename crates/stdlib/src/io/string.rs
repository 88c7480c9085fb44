//! `StringIO`: a text stream in memory.
//!
//!   text  | · · · · · · |      `at` is the position in characters, `byte` the same place in bytes
//!
//! Invariant: `byte` is the offset of character `at` when `at <= chars`, else the length of the text. Sequential reading
//! and writing keep both without looking at the text in front.

use super::base::{Bases, STREAM};
use super::newline::{Lines, Translator, check};
use super::{add, closed_error, size_argument};
use crate::prelude::{
    Args, GetSetDef, Layout, NativeDef, Owned, PyResult, Ref, Slots, Trace, TypeDef, ValueExt, Vm, as_str,
    owned_bool, payload,
};
use crate::support::integer_or_none;
use hognose_vm::heap::HeapVec;
use std::cell::RefCell;

struct State {
    text: HeapVec<u8>,
    chars: usize,
    at: usize,
    byte: usize,
    closed: bool,
    ready: bool,
    /// `newline` argument.
    newline: Option<String>,
    lines: Lines,
}

struct Text {
    state: RefCell<State>,
    translator: RefCell<Option<Translator>>,
}

// SAFETY: holds no references to objects.
#[allow(unsafe_code, reason = "says what it holds outside")]
unsafe impl Trace for Text {
    fn trace(&self, _visit: &mut dyn FnMut(hognose_vm::Value)) {}
    fn external_bytes(&self) -> usize {
        self.state.try_borrow().map_or(0, |s| s.text.capacity())
    }
}

static TYPE: TypeDef = TypeDef {
    name: "_io.StringIO",
    layout: Layout::Native,
    flags: STREAM,
    doc: "Text I/O implementation using an in-memory buffer.\n\nThe initial_value argument sets the value of object.  \
          The newline\nargument is like the one of TextIOWrapper's constructor.",
    slots: Slots { new: Some(new), init: Some(init), next: Some(next), iter: Some(iter), ..Slots::NONE },
    methods: &[
        NativeDef::method("getvalue", "$self, /", |vm, a| {
            let t = open(vm, a.get(0))?;
            let s = t.state.borrow();
            vm.new_str_bytes(&s.text)
        }),
        NativeDef::method("tell", "$self, /", |vm, a| {
            let t = open(vm, a.get(0))?;
            let at = t.state.borrow().at;
            vm.new_int(at as i64)
        }),
        NativeDef::method("read", "$self, size=-1, /", |vm, a| {
            let n = size_argument(vm, a.opt(1))?;
            let t = open(vm, a.get(0))?;
            read(vm, t, n)
        }),
        NativeDef::method("readline", "$self, size=-1, /", |vm, a| {
            let n = size_argument(vm, a.opt(1))?;
            let t = open(vm, a.get(0))?;
            line(vm, t, n)
        }),
        NativeDef::method("write", "$self, s, /", |vm, a| {
            let t = open(vm, a.get(0))?;
            let Some(s) = as_str(a.get(1)) else {
                let class = vm.type_name(a.get(1));
                return Err(vm.type_error(&format!("string argument expected, got '{class}'")));
            };
            let n = s.char_len();
            if n > 0 {
                write(vm, t, a.get(1))?;
            }
            vm.new_int(n as i64)
        }),
        NativeDef::method("seek", "$self, pos, whence=0, /", seek),
        NativeDef::method("truncate", "$self, pos=None, /", truncate),
        NativeDef::method("close", "$self, /", |vm, a| {
            if let Some(t) = payload::<Text>(a.get(0)) {
                let old = {
                    let mut s = t.state.borrow_mut();
                    s.closed = true;
                    (s.chars, s.at, s.byte) = (0, 0, 0);
                    std::mem::take(&mut s.text)
                };
                drop(old);
            }
            Ok(vm.none())
        }),
        NativeDef::method("seekable", "$self, /", yes),
        NativeDef::method("readable", "$self, /", yes),
        NativeDef::method("writable", "$self, /", yes),
        NativeDef::method("__getstate__", "$self, /", getstate),
        NativeDef::method("__setstate__", "$self, state, /", setstate),
    ],
    getset: &[
        GetSetDef::read("closed", |vm, r| match payload::<Text>(r) {
            Some(t) if !t.state.borrow().ready => Err(uninitialized(vm)),
            Some(t) => Ok(owned_bool(t.state.borrow().closed)),
            None => Ok(owned_bool(true)),
        }),
        GetSetDef::read("line_buffering", |vm, r| {
            open(vm, r)?;
            Ok(owned_bool(false))
        }),
        GetSetDef::read("newlines", |vm, r| {
            let t = open(vm, r)?;
            let translator = t.translator.borrow();
            match translator.as_ref() {
                Some(tr) => tr.newlines(vm),
                None => Ok(vm.none()),
            }
        }),
    ],
};

pub(super) fn register(vm: &mut Vm, module: &Owned, bases: &Bases) -> PyResult<()> {
    let class = vm.add_native_subtype::<Text>(&TYPE, bases.text)?;
    add(vm, module, class)
}

fn empty() -> State {
    State {
        text: HeapVec::new(),
        chars: 0,
        at: 0,
        byte: 0,
        closed: false,
        ready: false,
        newline: Some("\n".to_owned()),
        lines: Lines::Lf,
    }
}

fn new(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let fresh = Text { state: RefCell::new(empty()), translator: RefCell::new(None) };
    crate::prelude::instance(vm, args.get(0), fresh)
}

fn init(vm: &mut Vm, args: &Args<'_>) -> PyResult<()> {
    let bound = vm.bind(args, "StringIO", r"initial_value='', newline='\n'")?;
    let Some(t) = payload::<Text>(args.get(0)) else { return Ok(()) };
    let newline = match bound.pos.get(1).copied().flatten() {
        None => Some("\n".to_owned()),
        Some(n) if n.is_none() => None,
        Some(n) if as_str(n).is_none() => {
            let class = vm.type_name(n);
            return Err(vm.type_error(&format!("newline must be str or None, not {class}")));
        }
        Some(n) => check(vm, Some(n), "StringIO")?,
    };
    let value = bound.pos[0].filter(|v| !v.is_none());
    if let Some(v) = value
        && as_str(v).is_none()
    {
        let class = vm.type_name(v);
        return Err(vm.type_error(&format!("initial_value must be str or None, not {class}")));
    }
    setup(t, newline);
    if let Some(v) = value {
        write(vm, t, v)?;
    }
    let mut s = t.state.borrow_mut();
    (s.at, s.byte) = (0, 0);
    Ok(())
}

fn setup(t: &Text, newline: Option<String>) {
    let (lines, translate) = Lines::of(newline.as_deref());
    let universal = translate || lines == Lines::Universal;
    t.translator.replace(universal.then(|| Translator::new(translate)));
    let mut fresh = empty();
    (fresh.newline, fresh.lines, fresh.ready) = (newline, lines, true);
    t.state.replace(fresh);
}

fn uninitialized(vm: &mut Vm) -> hognose_vm::Raised {
    vm.value_error("I/O operation on uninitialized object")
}

fn open<'a>(vm: &mut Vm, r: Ref<'a>) -> PyResult<&'a Text> {
    let Some(t) = payload::<Text>(r) else { return Err(vm.type_error("a StringIO is required")) };
    let (ready, closed) = {
        let s = t.state.borrow();
        (s.ready, s.closed)
    };
    if !ready {
        return Err(uninitialized(vm));
    }
    if closed { Err(closed_error(vm)) } else { Ok(t) }
}

fn yes(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    open(vm, args.get(0))?;
    Ok(owned_bool(true))
}

/// Bytes of the first `n` characters.
fn prefix(text: &[u8], n: usize) -> usize {
    let mut left = n;
    for (i, b) in text.iter().enumerate() {
        if b & 0xC0 != 0x80 {
            if left == 0 {
                return i;
            }
            left -= 1;
        }
    }
    text.len()
}

/// Number of characters.
fn count(text: &[u8]) -> usize {
    text.iter().filter(|b| **b & 0xC0 != 0x80).count()
}

impl State {
    fn is_ascii(&self) -> bool {
        self.chars == self.text.len()
    }

    /// Moves to a character.
    fn move_to(&mut self, at: usize) {
        self.byte = if at >= self.chars {
            self.text.len()
        } else if self.is_ascii() {
            at
        } else {
            prefix(&self.text, at)
        };
        self.at = at;
    }

    /// Takes bytes behind the position, which are whole characters.
    fn take(&mut self, vm: &Vm, bytes: usize) -> PyResult {
        let data = self.text.get(self.byte..self.byte + bytes).unwrap_or(&[]);
        let out = vm.new_str_bytes(data)?;
        self.at += if self.is_ascii() { data.len() } else { count(data) };
        self.byte += bytes;
        Ok(out)
    }

    fn rest(&self) -> &[u8] {
        if self.at > self.chars { &[] } else { self.text.get(self.byte..).unwrap_or(&[]) }
    }

    /// Overwrites and appends at the position, filling a gap with NUL.
    fn put(
        &mut self,
        heap: &hognose_vm::heap::Heap,
        new: &[u8],
    ) -> Result<(), hognose_vm::heap::OutOfMemory> {
        if self.at > self.chars {
            let gap = self.at - self.chars;
            self.text.reserve(heap, gap)?;
            for _ in 0..gap {
                self.text.push(heap, 0)?;
            }
            self.chars = self.at;
            self.byte = self.text.len();
        }
        let n = count(new);
        let tail = self.text.len() - self.byte;
        if tail == 0 {
            self.text.extend_from_slice(heap, new)?;
            self.chars += n;
        } else {
            let over_bytes = prefix(&self.text[self.byte..], n);
            let over_chars = count(&self.text[self.byte..self.byte + over_bytes]);
            if new.len() > over_bytes {
                let more = new.len() - over_bytes;
                self.text.reserve(heap, more)?;
                for _ in 0..more {
                    self.text.push(heap, 0)?;
                }
                let end = self.text.len() - more;
                self.text.copy_within(self.byte + over_bytes..end, self.byte + new.len());
            } else {
                let end = self.text.len();
                self.text.copy_within(self.byte + over_bytes..end, self.byte + new.len());
                self.text.truncate(end - (over_bytes - new.len()));
            }
            self.text[self.byte..self.byte + new.len()].copy_from_slice(new);
            self.chars += n - over_chars;
        }
        self.at += n;
        self.byte += new.len();
        Ok(())
    }
}

fn write(vm: &mut Vm, t: &Text, text: Ref<'_>) -> PyResult<()> {
    let decoded = match t.translator.borrow().as_ref() {
        Some(tr) => tr.feed(vm, text, true)?,
        None => crate::prelude::base_value(text).owned(),
    };
    let bytes = as_str(decoded.as_ref()).map_or(&[][..], |s| s.as_bytes());
    let mut state = t.state.borrow_mut();
    let new = match state.newline.as_deref() {
        Some(nl @ ("\r" | "\r\n")) if bytes.contains(&b'\n') => {
            let extra = if nl.len() == 2 { bytes.iter().filter(|b| **b == b'\n').count() } else { 0 };
            vm.heap().charge_external(bytes.len() + extra)?;
            let mut out = Vec::with_capacity(bytes.len() + extra);
            for &b in bytes {
                if b == b'\n' { out.extend_from_slice(nl.as_bytes()) } else { out.push(b) }
            }
            Some(out)
        }
        _ => None,
    };
    let result = state.put(vm.heap(), new.as_deref().unwrap_or(bytes));
    if let Some(new) = new {
        vm.heap().discharge_external(new.len());
    }
    Ok(result?)
}

fn read(vm: &mut Vm, t: &Text, n: Option<usize>) -> PyResult {
    let mut s = t.state.borrow_mut();
    let ascii = s.is_ascii();
    let rest = s.rest();
    let bytes = match n {
        None => rest.len(),
        Some(n) if ascii => n.min(rest.len()),
        Some(n) => prefix(rest, n),
    };
    if bytes == 0 {
        return vm.new_str("");
    }
    s.take(vm, bytes)
}

fn line(vm: &mut Vm, t: &Text, limit: Option<usize>) -> PyResult {
    let mut s = t.state.borrow_mut();
    let ascii = s.is_ascii();
    let rest = s.rest();
    let mut bytes = s.lines.end(rest).unwrap_or(rest.len());
    if let Some(limit) = limit {
        bytes = bytes.min(if ascii { limit } else { prefix(rest, limit) });
    }
    if bytes == 0 {
        return vm.new_str("");
    }
    s.take(vm, bytes)
}

fn iter(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    open(vm, r)?;
    Ok(r.owned())
}

fn next(vm: &mut Vm, r: Ref<'_>) -> PyResult<Option<Owned>> {
    let t = open(vm, r)?;
    // A subclass may have a `readline` of its own.
    let l = if vm.class_of(r).is_heap_type() {
        let l = vm.call_method(r, "readline", &[])?;
        if as_str(l.as_ref()).is_none() {
            let class = vm.type_name(l.as_ref());
            let text = format!("readline() should have returned a str object, not '{class}'");
            return Err(vm.raise(crate::prelude::Exc::OSError, &text));
        }
        l
    } else {
        line(vm, t, None)?
    };
    Ok(as_str(l.as_ref()).is_some_and(|l| !l.as_bytes().is_empty()).then_some(l))
}

fn seek(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let to = vm.index_isize(args.get(1), false)?;
    let whence = crate::host::int_or(vm, args.opt(2), 0)?;
    let t = open(vm, args.get(0))?;
    let at = match whence {
        0 if to < 0 => return Err(vm.value_error(&format!("Negative seek position {to}"))),
        0 => to as usize,
        1 | 2 if to != 0 => {
            return Err(vm.raise(crate::prelude::Exc::OSError, "Can't do nonzero cur-relative seeks"));
        }
        1 => t.state.borrow().at,
        2 => t.state.borrow().chars,
        _ => return Err(vm.value_error(&format!("Invalid whence ({whence}, should be 0, 1 or 2)"))),
    };
    t.state.borrow_mut().move_to(at);
    vm.new_int(at as i64)
}

fn truncate(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let t = open(vm, args.get(0))?;
    let size = integer_or_none(vm, args.opt(1))?.unwrap_or(t.state.borrow().at as isize);
    let Ok(size) = usize::try_from(size) else {
        return Err(vm.value_error(&format!("Negative size value {size}")));
    };
    let mut s = t.state.borrow_mut();
    if size < s.chars {
        let at = s.at;
        s.move_to(size);
        let byte = s.byte;
        s.text.truncate(byte);
        s.chars = size;
        s.move_to(at);
    }
    drop(s);
    vm.new_int(size as i64)
}

fn getstate(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let t = open(vm, args.get(0))?;
    let (value, newline, at) = {
        let s = t.state.borrow();
        (vm.new_str_bytes(&s.text)?, s.newline.clone(), s.at)
    };
    let newline = match newline {
        Some(n) => vm.new_str(&n)?,
        None => vm.none(),
    };
    let at = vm.new_int(at as i64)?;
    let dict = match vm.instance_dict(args.get(0))? {
        Some(d) if vm.len(d.as_ref())? > 0 => vm.call_method(d.as_ref(), "copy", &[])?,
        _ => vm.none(),
    };
    vm.new_tuple(vec![value, newline, at, dict])
}

fn setstate(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let (r, state) = (args.get(0), args.get(1));
    let [value, newline, at, dict, ..] = hognose_vm::tuple_items(state) else {
        let (class, got) = (vm.type_name(r), vm.type_name(state));
        return Err(vm.type_error(&format!("{class}.__setstate__ argument should be 4-tuple, got {got}")));
    };
    let t = open(vm, r)?;
    let Some(text) = as_str(*value) else {
        let got = vm.type_name(*value);
        return Err(vm.type_error(&format!("first item of state should be a str, got a {got}")));
    };
    let newline = check(vm, Some(*newline), "StringIO")?;
    if !hognose_vm::is_int(crate::prelude::base_value(*at)) {
        let got = vm.type_name(*at);
        return Err(vm.type_error(&format!("third item of state must be an integer, got {got}")));
    }
    let at = vm.index_isize(*at, false)?;
    let Ok(at) = usize::try_from(at) else {
        return Err(vm.value_error("position value cannot be negative"));
    };
    setup(t, newline);
    {
        let mut s = t.state.borrow_mut();
        s.put(vm.heap(), text.as_bytes())?;
        s.move_to(at);
    }
    super::bytes::set_dict(vm, r, *dict, "fourth")?;
    Ok(vm.none())
}
