//! `make_scanner`: the reader.
//!
//! Nested values are read by recursion, which checks the native stack at each level.

use super::{char_index, decode_error, found, str_arg, text, two_args};
use crate::prelude::{
    Args, GetSetDef, ListRef, Owned, PyResult, Ref, Slots, TypeDef, TypeFlags, TypeRef, ValueExt, Vm,
    instance, none, owned_bool, payload, trace_fields,
};
use hognose_vm::StrRef;

/// Payload of `_json.Scanner`.
struct Scanner {
    strict: bool,
    object_hook: Owned,
    object_pairs_hook: Owned,
    parse_float: Owned,
    parse_int: Owned,
    parse_constant: Owned,
}
trace_fields!(Scanner { object_hook, object_pairs_hook, parse_float, parse_int, parse_constant });

macro_rules! member {
    ($($name:ident),*) => {
        &[
            GetSetDef::read("strict", |_, r| Ok(owned_bool(payload::<Scanner>(r).is_some_and(|s| s.strict)))),
            $(GetSetDef::read(stringify!($name), |_, r| {
                Ok(payload::<Scanner>(r).map_or_else(none, |s| s.$name.clone()))
            }),)*
        ]
    };
}

static TYPE: TypeDef = TypeDef {
    name: "_json.Scanner",
    doc: "JSON scanner object",
    flags: TypeFlags::BASE_TYPE,
    slots: Slots { new: Some(new), call: Some(call), ..Slots::NONE },
    getset: member!(object_hook, object_pairs_hook, parse_float, parse_int, parse_constant),
    ..TypeDef::EMPTY
};

pub(super) fn register(vm: &mut Vm, module: Ref<'_>) -> PyResult<()> {
    let class = vm.add_native_type::<Scanner>(&TYPE)?;
    vm.module_set(module, "make_scanner", class.owned())
}

fn new(vm: &mut Vm, a: &Args<'_>) -> PyResult {
    let bound = vm.bind(a, "make_scanner", "context")?;
    let Some(context) = bound.pos.first().copied().flatten() else { return Ok(none()) };
    let strict = vm.get_attr_name(context, "strict")?;
    let scanner = Scanner {
        strict: vm.is_true(strict.as_ref())?,
        object_hook: vm.get_attr_name(context, "object_hook")?,
        object_pairs_hook: vm.get_attr_name(context, "object_pairs_hook")?,
        parse_float: vm.get_attr_name(context, "parse_float")?,
        parse_int: vm.get_attr_name(context, "parse_int")?,
        parse_constant: vm.get_attr_name(context, "parse_constant")?,
    };
    instance(vm, a.get(0), scanner)
}

/// `scanner(string, idx)`
fn call(vm: &mut Vm, a: &Args<'_>) -> PyResult {
    let (doc, idx) = two_args(vm, a, "scan_once", "string, idx")?;
    let idx = vm.index_isize(idx, false)?;
    let s = str_arg(vm, doc)?;
    let Some(scanner) = payload::<Scanner>(a.get(0)) else { return Ok(none()) };
    let Ok(idx) = usize::try_from(idx) else { return Err(vm.value_error("idx cannot be negative")) };
    if idx >= s.char_len() {
        let idx = vm.new_int(idx as i64)?;
        return Err(vm.stop_iteration(Some(idx)));
    }
    let keys = vm.new_dict()?;
    let is = |r: &Owned, class: TypeRef<'_>| r.as_ref().is(class.as_ref());
    let reading = Reading {
        by: scanner,
        given: doc,
        doc: s,
        text: s.as_bytes(),
        keys,
        plain_int: is(&scanner.parse_int, vm.types().int),
        plain_float: is(&scanner.parse_float, vm.types().float),
    };
    let (value, next) = reading.value(vm, s.byte_offset(idx))?;
    found(vm, s, value, next)
}

/// One document being read.
struct Reading<'a> {
    by: &'a Scanner,
    /// The document as it was given, for messages.
    given: Ref<'a>,
    doc: StrRef<'a>,
    text: &'a [u8],
    /// Keys seen, so that equal ones are one object.
    keys: Owned,
    plain_int: bool,
    plain_float: bool,
}

/// A value, and where reading goes on.
type Read = PyResult<(Owned, usize)>;

impl Reading<'_> {
    fn byte(&self, at: usize) -> Option<u8> {
        self.text.get(at).copied()
    }

    /// The first place from `at` on that is not white space.
    fn skip(&self, mut at: usize) -> usize {
        while matches!(self.byte(at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            at += 1;
        }
        at
    }

    fn error<T>(&self, vm: &mut Vm, message: &str, at: usize) -> PyResult<T> {
        Err(decode_error(vm, message, self.given, at as isize))
    }

    /// No value begins at `at`.
    #[cold]
    fn stop(&self, vm: &mut Vm, at: usize) -> Read {
        let at = vm.new_int(char_index(self.doc, at) as i64)?;
        Err(vm.stop_iteration(Some(at)))
    }

    fn value(&self, vm: &mut Vm, at: usize) -> Read {
        let word = |w: &str| self.text[at..].starts_with(w.as_bytes());
        match self.byte(at) {
            Some(b'"') => text::scan(vm, self.given, self.text, at + 1, self.by.strict),
            Some(b'{') => {
                vm.check_native_stack()?;
                self.object(vm, at + 1)
            }
            Some(b'[') => {
                vm.check_native_stack()?;
                self.array(vm, at + 1)
            }
            Some(b'n') if word("null") => Ok((none(), at + 4)),
            Some(b't') if word("true") => Ok((owned_bool(true), at + 4)),
            Some(b'f') if word("false") => Ok((owned_bool(false), at + 5)),
            Some(b'N') if word("NaN") => self.constant(vm, "NaN", at),
            Some(b'I') if word("Infinity") => self.constant(vm, "Infinity", at),
            Some(b'-') if word("-Infinity") => self.constant(vm, "-Infinity", at),
            Some(b'-' | b'0'..=b'9') => self.number(vm, at),
            _ => self.stop(vm, at),
        }
    }

    fn constant(&self, vm: &mut Vm, name: &str, at: usize) -> Read {
        let text = vm.intern(name)?;
        let value = vm.call(self.by.parse_constant.as_ref(), &[text.as_ref()])?;
        Ok((value, at + name.len()))
    }

    /// The end of the digits from `at` on.
    fn digits(&self, mut at: usize) -> usize {
        while self.byte(at).is_some_and(|b| b.is_ascii_digit()) {
            at += 1;
        }
        at
    }

    fn number(&self, vm: &mut Vm, start: usize) -> Read {
        let first = start + usize::from(self.byte(start) == Some(b'-'));
        let mut end = match self.byte(first) {
            Some(b'0') => first + 1,
            Some(b'1'..=b'9') => self.digits(first),
            _ => return self.stop(vm, start),
        };
        let mut is_float = false;
        if self.byte(end) == Some(b'.') && self.digits(end + 1) > end + 1 {
            is_float = true;
            end = self.digits(end + 1);
        }
        if matches!(self.byte(end), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(self.byte(end + 1), Some(b'-' | b'+')));
            let from = end + 1 + sign;
            if self.digits(from) > from {
                is_float = true;
                end = self.digits(from);
            }
        }
        let text = &self.text[start..end];
        let ascii = std::str::from_utf8(text).unwrap_or("0");
        if is_float && self.plain_float {
            return Ok((vm.new_float(ascii.parse().unwrap_or(f64::NAN))?, end));
        }
        if !is_float
            && self.plain_int
            && let Ok(n) = ascii.parse::<i64>()
        {
            return Ok((vm.new_int(n)?, end));
        }
        let text = vm.new_str_bytes(text)?;
        let parse = if is_float { &self.by.parse_float } else { &self.by.parse_int };
        Ok((vm.call(parse.as_ref(), &[text.as_ref()])?, end))
    }

    fn array(&self, vm: &mut Vm, at: usize) -> Read {
        let list = vm.new_list(Vec::new())?;
        let mut at = self.skip(at);
        if self.byte(at) == Some(b']') {
            return Ok((list, at + 1));
        }
        loop {
            let (item, next) = self.value(vm, at)?;
            if let Some(l) = ListRef::new(list.as_ref()) {
                l.push(vm.heap_mut(), item)?;
            }
            match self.separator(vm, next, b']', "Illegal trailing comma before end of array")? {
                (true, end) => return Ok((list, end)),
                (false, next) => at = next,
            }
        }
    }

    /// Past a comma and white space, or (`true`) past the closing bracket.
    fn separator(&self, vm: &mut Vm, at: usize, close: u8, trailing: &str) -> PyResult<(bool, usize)> {
        let comma = self.skip(at);
        match self.byte(comma) {
            Some(b) if b == close => Ok((true, comma + 1)),
            Some(b',') => {
                let next = self.skip(comma + 1);
                if self.byte(next) == Some(close) {
                    return self.error(vm, trailing, comma);
                }
                Ok((false, next))
            }
            _ => self.error(vm, "Expecting ',' delimiter", comma),
        }
    }

    fn object(&self, vm: &mut Vm, at: usize) -> Read {
        let in_pairs = !self.by.object_pairs_hook.as_ref().is_none();
        let all = if in_pairs { vm.new_list(Vec::new())? } else { vm.new_dict()? };
        let mut at = self.skip(at);
        let mut end = (self.byte(at) == Some(b'}')).then_some(at + 1);
        while end.is_none() {
            let (key, next) = self.key(vm, at)?;
            let (value, next) = self.value(vm, next)?;
            if let Some(l) = ListRef::new(all.as_ref()) {
                let pair = vm.new_pair(key, value)?;
                l.push(vm.heap_mut(), pair)?;
            } else {
                vm.dict_set(all.as_ref(), key.as_ref(), value.as_ref())?;
            }
            match self.separator(vm, next, b'}', "Illegal trailing comma before end of object")? {
                (true, next) => end = Some(next),
                (false, next) => at = next,
            }
        }
        let hook = if in_pairs { &self.by.object_pairs_hook } else { &self.by.object_hook };
        let value = if hook.as_ref().is_none() { all } else { vm.call(hook.as_ref(), &[all.as_ref()])? };
        Ok((value, end.unwrap_or(at)))
    }

    /// A key, and where its value begins.
    fn key(&self, vm: &mut Vm, at: usize) -> Read {
        if self.byte(at) != Some(b'"') {
            return self.error(vm, "Expecting property name enclosed in double quotes", at);
        }
        let (key, next) = text::scan(vm, self.given, self.text, at + 1, self.by.strict)?;
        let key = match vm.dict_get(self.keys.as_ref(), key.as_ref())? {
            Some(k) => k,
            None => {
                vm.dict_set(self.keys.as_ref(), key.as_ref(), key.as_ref())?;
                key
            }
        };
        let colon = self.skip(next);
        if self.byte(colon) != Some(b':') {
            return self.error(vm, "Expecting ':' delimiter", colon);
        }
        Ok((key, self.skip(colon + 1)))
    }
}
