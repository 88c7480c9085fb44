//! `_csv.Dialect`.

use super::{error, registry};
use crate::prelude::{
    Exc, GetSetDef, NativeDef, Owned, PyResult, Ref, Slots, TypeDef, TypeFlags, ValueExt, Vm, as_str,
    base_value, is_int, none, owned_bool, payload, str_bytes, trace_fields,
};
use hognose_vm::object::str::{code_points, push_code_point};

/// Payload of `Dialect`.
#[derive(Clone)]
pub(super) struct Dialect {
    pub delimiter: u32,
    pub quote: Option<u32>,
    pub escape: Option<u32>,
    /// A str.
    pub terminator: Owned,
    pub quoting: u8,
    pub double_quote: bool,
    pub skip_space: bool,
    pub strict: bool,
}
trace_fields!(Dialect { terminator });

/// `quoting`
pub(super) const ALL: u8 = 1;
pub(super) const NONNUMERIC: u8 = 2;
pub(super) const NONE: u8 = 3;
pub(super) const STRINGS: u8 = 4;
pub(super) const NOTNULL: u8 = 5;

static TYPE: TypeDef = TypeDef {
    name: "_csv.Dialect",
    doc: "CSV dialect\n\nThe Dialect type records CSV dialect options.",
    flags: TypeFlags::BASE_TYPE,
    slots: Slots {
        new: Some(|vm, a| {
            let class = a.get(0);
            let d = get(vm, a.pos.get(1).copied().filter(|d| !d.is_none()), a.kwnames, a.kwvalues)?;
            if vm.native_class::<Dialect>().is_some_and(|c| c.as_ref().is(class)) {
                return Ok(d);
            }
            let Some(inner) = payload::<Dialect>(d.as_ref()) else { return Ok(d) };
            crate::prelude::instance(vm, class, inner.clone())
        }),
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("__reduce__", "$self, /", |vm, a| no_pickle(vm, a.get(0))),
        NativeDef::method("__reduce_ex__", "$self, protocol, /", |vm, a| no_pickle(vm, a.get(0))),
    ],
    getset: &[
        GetSetDef::read("delimiter", |vm, r| {
            let c = this(vm, r)?.delimiter;
            char_or_none(vm, Some(c))
        }),
        GetSetDef::read("quotechar", |vm, r| {
            let c = this(vm, r)?.quote;
            char_or_none(vm, c)
        }),
        GetSetDef::read("escapechar", |vm, r| {
            let c = this(vm, r)?.escape;
            char_or_none(vm, c)
        }),
        GetSetDef::read("lineterminator", |vm, r| Ok(this(vm, r)?.terminator.clone())),
        GetSetDef::read("quoting", |vm, r| {
            let n = this(vm, r)?.quoting;
            vm.new_int(i64::from(n))
        }),
        GetSetDef::read("doublequote", |vm, r| Ok(owned_bool(this(vm, r)?.double_quote))),
        GetSetDef::read("skipinitialspace", |vm, r| Ok(owned_bool(this(vm, r)?.skip_space))),
        GetSetDef::read("strict", |vm, r| Ok(owned_bool(this(vm, r)?.strict))),
    ],
    ..TypeDef::EMPTY
};

pub(super) fn register(vm: &mut Vm, module: Ref<'_>) -> PyResult<()> {
    let class = vm.add_native_type::<Dialect>(&TYPE)?;
    vm.module_set(module, "Dialect", class.owned())
}

fn no_pickle(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let class = vm.type_name(r);
    Err(vm.type_error(&format!("cannot pickle '{class}' object")))
}

pub(super) fn this<'a>(vm: &mut Vm, r: Ref<'a>) -> PyResult<&'a Dialect> {
    payload::<Dialect>(r).ok_or_else(|| vm.type_error("a Dialect is required"))
}

fn char_or_none(vm: &mut Vm, c: Option<u32>) -> PyResult {
    let Some(c) = c else { return Ok(none()) };
    let mut text = Vec::new();
    push_code_point(&mut text, c);
    vm.new_str_bytes(&text)
}

/// A registered dialect.
pub(super) fn by_name(vm: &mut Vm, name: Ref<'_>) -> PyResult {
    let all = registry(vm)?;
    match vm.dict_get(all.as_ref(), name)? {
        Some(d) => Ok(d),
        None => Err(error(vm, "unknown dialect")),
    }
}

const NAMES: [&str; 8] = [
    "delimiter",
    "doublequote",
    "escapechar",
    "lineterminator",
    "quotechar",
    "quoting",
    "skipinitialspace",
    "strict",
];

/// The dialect that an object or name and keywords describe.
pub(super) fn get(vm: &mut Vm, base: Option<Ref<'_>>, names: &[Ref<'_>], values: &[Ref<'_>]) -> PyResult {
    let base = match base {
        Some(b) if as_str(b).is_some() => Some(by_name(vm, b)?),
        Some(b) if b.is_none() => None,
        Some(b) => Some(b.owned()),
        None => None,
    };
    if let Some(b) = &base
        && names.is_empty()
        && payload::<Dialect>(b.as_ref()).is_some()
    {
        return Ok(b.clone());
    }
    let mut given: [Option<Owned>; 8] = Default::default();
    for (&name, value) in names.iter().zip(values) {
        let text = str_bytes(name);
        if text == b"dialect" {
            return get_with(vm, *value, names, values);
        }
        match NAMES.iter().position(|n| n.as_bytes() == text) {
            Some(i) => given[i] = Some(value.owned()),
            None => {
                let name = vm.text_of(name);
                let message = format!("this function got an unexpected keyword argument '{name}'");
                return Err(vm.type_error(&message));
            }
        }
    }
    if let Some(b) = &base {
        for (i, name) in NAMES.iter().enumerate() {
            if given[i].is_none() {
                let key = vm.intern(name)?;
                given[i] = vm.get_attr_opt(b.as_ref(), key.as_ref())?;
            }
        }
    }
    let d = read(vm, &given)?;
    check(vm, &d)?;
    vm.new_native(d)
}

/// `dialect` was given by keyword.
fn get_with(vm: &mut Vm, base: Ref<'_>, names: &[Ref<'_>], values: &[Ref<'_>]) -> PyResult {
    let rest: Vec<(Ref<'_>, Ref<'_>)> = names
        .iter()
        .copied()
        .zip(values.iter().copied())
        .filter(|(n, _)| str_bytes(*n) != b"dialect")
        .collect();
    let (names, values): (Vec<_>, Vec<_>) = rest.into_iter().unzip();
    get(vm, Some(base), &names, &values)
}

fn read(vm: &mut Vm, given: &[Option<Owned>; 8]) -> PyResult<Dialect> {
    let delimiter = match &given[0] {
        None => 44,
        Some(v) => one_char(vm, v.as_ref(), "delimiter", false)?.unwrap_or(44),
    };
    let truth = |vm: &mut Vm, i: usize, default: bool| match &given[i] {
        Some(v) => vm.is_true(v.as_ref()),
        None => Ok(default),
    };
    let double_quote = truth(vm, 1, true)?;
    let escape = match &given[2] {
        None => None,
        Some(v) => one_char(vm, v.as_ref(), "escapechar", true)?,
    };
    let terminator = match &given[3] {
        None => vm.new_str("\r\n")?,
        Some(v) if as_str(v.as_ref()).is_some() => base_value(v.as_ref()).owned(),
        Some(v) => {
            let class = vm.type_name(v.as_ref());
            return Err(vm.type_error(&format!("\"lineterminator\" must be a string, not {class}")));
        }
    };
    let quote = match &given[4] {
        None => Some(34),
        Some(v) => one_char(vm, v.as_ref(), "quotechar", true)?,
    };
    let quoting = match &given[5] {
        None if quote.is_none() => NONE,
        None => 0,
        Some(v) if is_int(base_value(v.as_ref())) => {
            let n = vm.index_i32(v.as_ref())?;
            match u8::try_from(n) {
                Ok(n @ 0..=5) => n,
                _ => return Err(vm.type_error("bad \"quoting\" value")),
            }
        }
        Some(v) => {
            let class = vm.type_name(v.as_ref());
            return Err(vm.type_error(&format!("\"quoting\" must be an integer, not {class}")));
        }
    };
    let skip_space = truth(vm, 6, false)?;
    let strict = truth(vm, 7, false)?;
    if quoting != NONE && quote.is_none() {
        return Err(vm.type_error("quotechar must be set if quoting enabled"));
    }
    Ok(Dialect { delimiter, quote, escape, terminator, quoting, double_quote, skip_space, strict })
}

fn one_char(vm: &mut Vm, r: Ref<'_>, name: &str, or_none: bool) -> PyResult<Option<u32>> {
    if or_none && r.is_none() {
        return Ok(None);
    }
    let what = if or_none { "a unicode character or None" } else { "a unicode character" };
    let Some(s) = as_str(r) else {
        let class = vm.type_name(r);
        return Err(vm.type_error(&format!("\"{name}\" must be {what}, not {class}")));
    };
    match s.char_len() {
        1 => Ok(Some(s.char_at(0))),
        n => Err(vm.type_error(&format!("\"{name}\" must be {what}, not a string of length {n}"))),
    }
}

/// Characters that cannot be told apart are refused.
fn check(vm: &mut Vm, d: &Dialect) -> PyResult<()> {
    let chars = [("delimiter", Some(d.delimiter)), ("escapechar", d.escape), ("quotechar", d.quote)];
    let mut bad = None;
    for (i, (name, c)) in chars.iter().enumerate() {
        let Some(c) = *c else { continue };
        if c == 10 || c == 13 || (c == 32 && i > 0 && d.skip_space) {
            bad = Some(format!("bad {name} value"));
        } else if code_points(str_bytes(d.terminator.as_ref())).any(|t| t == c) {
            bad = Some(format!("bad {name} or lineterminator value"));
        }
        if bad.is_some() {
            break;
        }
    }
    for (i, j) in [(0, 1), (0, 2), (1, 2)] {
        if bad.is_none() && chars[i].1.is_some() && chars[i].1 == chars[j].1 {
            bad = Some(format!("bad {} or {} value", chars[i].0, chars[j].0));
        }
    }
    match bad {
        Some(message) => Err(vm.raise(Exc::ValueError, &message)),
        None => Ok(()),
    }
}
