//! `re.Match`.

use super::pattern::{Pattern, this as pattern_of};
use super::search::{Finder, Subject};
use crate::prelude::{
    Args, CLASS_GETITEM, Exc, GetSetDef, NativeDef, Owned, PyResult, Ref, Slots, TupleRef, TypeDef,
    TypeFlags, Vm, none, payload, trace_fields,
};
use hognose_vm::heap::HeapVec;
use hognose_vm::{StrRef, base_value};

const UNSET: (usize, usize) = (usize::MAX, usize::MAX);

/// Payload of `re.Match`.
pub(super) struct Match {
    pattern: Owned,
    subject: Subject,
    /// The whole match, in bytes.
    whole: (usize, usize),
    /// Groups from 1 on.
    groups: HeapVec<(usize, usize)>,
    last: usize,
    pos: usize,
    endpos: usize,
    /// A byte offset near the match and its character index.
    known: (usize, usize),
}
trace_fields!(Match { pattern, subject });

static TYPE: TypeDef = TypeDef {
    name: "re.Match",
    doc: "The result of re.match() and re.search().\nMatch objects always have a boolean value of True.",
    flags: TypeFlags::DISALLOW_INSTANTIATION,
    slots: Slots { repr: Some(repr), getitem: Some(group_by), ..Slots::NONE },
    methods: &[
        NativeDef::method("group", "$self, /, *args", group),
        NativeDef::method("start", "$self, group=0, /", |vm, a| {
            let (from, _) = span_of(vm, a)?;
            vm.new_int(from)
        }),
        NativeDef::method("end", "$self, group=0, /", |vm, a| {
            let (_, to) = span_of(vm, a)?;
            vm.new_int(to)
        }),
        NativeDef::method("span", "$self, group=0, /", |vm, a| {
            let (from, to) = span_of(vm, a)?;
            pair(vm, from, to)
        }),
        NativeDef::method("groups", "$self, /, default=None", groups),
        NativeDef::method("groupdict", "$self, /, default=None", groupdict),
        NativeDef::method("expand", "$self, /, template", |vm, a| {
            let m = this(vm, a.get(0))?;
            let t = super::template::compile(vm, m.pattern.as_ref(), a.get(1))?;
            super::template::expand(vm, t.as_ref(), &m.subject, &|g| m.group(g))
        }),
        NativeDef::method("__copy__", "$self, /", |_, a| Ok(a.get(0).owned())),
        NativeDef::method("__deepcopy__", "$self, memo, /", |_, a| Ok(a.get(0).owned())),
        CLASS_GETITEM,
    ],
    getset: &[
        GetSetDef::read("string", |vm, r| Ok(this(vm, r)?.subject.object.clone())),
        GetSetDef::read("re", |vm, r| Ok(this(vm, r)?.pattern.clone())),
        GetSetDef::read("pos", |vm, r| {
            let n = this(vm, r)?.pos;
            vm.new_int(n as i64)
        }),
        GetSetDef::read("endpos", |vm, r| {
            let n = this(vm, r)?.endpos;
            vm.new_int(n as i64)
        }),
        GetSetDef::read("lastindex", |vm, r| match this(vm, r)?.last {
            0 => Ok(none()),
            n => vm.new_int(n as i64),
        }),
        GetSetDef::read("lastgroup", |vm, r| {
            let m = this(vm, r)?;
            let names = pattern_of(vm, m.pattern.as_ref())?.index_group.clone();
            let name = TupleRef::new(names.as_ref()).and_then(|t| t.items().get(m.last).map(|n| n.owned()));
            Ok(if m.last == 0 { none() } else { name.unwrap_or_else(none) })
        }),
        GetSetDef::read("regs", |vm, r| {
            let m = this(vm, r)?;
            let mut all = Vec::with_capacity(m.groups.len() + 1);
            for g in 0..=m.groups.len() {
                let (from, to) = m.span(g);
                all.push(pair(vm, from, to)?);
            }
            vm.new_tuple(all)
        }),
    ],
    ..TypeDef::EMPTY
};

pub(super) fn register(vm: &mut Vm) -> PyResult<()> {
    vm.add_native_type::<Match>(&TYPE)?;
    Ok(())
}

fn this<'a>(vm: &mut Vm, r: Ref<'a>) -> PyResult<&'a Match> {
    payload::<Match>(r).ok_or_else(|| vm.type_error("a match object is required"))
}

fn pair(vm: &mut Vm, from: i64, to: i64) -> PyResult {
    let (a, b) = (vm.new_int(from)?, vm.new_int(to)?);
    vm.new_pair(a, b)
}

/// The match a finder has just found.
pub(super) fn new(
    vm: &mut Vm,
    pattern: Ref<'_>,
    s: &Subject,
    f: &Finder<'_>,
    (pos, endpos): (usize, usize),
    known: (usize, usize),
) -> PyResult {
    let n = pattern_of(vm, pattern)?.groups;
    let mut groups = HeapVec::new();
    if n > 0 {
        groups.reserve(vm.heap(), n)?;
    }
    for g in 1..=n {
        groups.push(vm.heap(), f.group(g).unwrap_or(UNSET))?;
    }
    let subject = Subject { object: s.object.clone(), data: s.data.clone(), ..*s };
    let last = f.last_group();
    vm.new_native(Match {
        pattern: pattern.owned(),
        subject,
        whole: f.span,
        groups,
        last,
        pos,
        endpos,
        known,
    })
}

/// A part of the subject; None for a group that took no part.
pub(super) fn part(vm: &mut Vm, s: &Subject, span: Option<(usize, usize)>) -> PyResult {
    let Some((from, to)) = span else { return Ok(none()) };
    let data = s.data.as_ref();
    if let Some(text) = StrRef::new(data) {
        let bytes = text.as_bytes();
        if to - from == bytes.len() && s.object.as_ref().is(data) {
            return Ok(data.owned());
        }
        return vm.new_str_bytes(&bytes[from..to]);
    }
    if s.object.as_ref().is(data) || base_value(s.object.as_ref()).is(data) {
        let bytes = s.bytes();
        if to - from == bytes.len() && s.object.as_ref().is(data) {
            return Ok(data.owned());
        }
        return vm.new_bytes(&bytes[from..to]);
    }
    // Something that may have changed since: what is there now.
    let now = hognose_vm::buffer::copy_of(vm, s.object.as_ref())?;
    let now = now.as_ref().map_or(&[][..], |o| hognose_vm::buffer::exact(o.as_ref()));
    let to = to.min(now.len());
    vm.new_bytes(&now[from.min(to)..to])
}

/// As [`part`], but empty for a group that took no part.
pub(super) fn part_or_empty(vm: &mut Vm, s: &Subject, span: Option<(usize, usize)>) -> PyResult {
    part(vm, s, Some(span.unwrap_or((0, 0))))
}

impl Match {
    fn group(&self, g: usize) -> Option<(usize, usize)> {
        if g == 0 {
            return Some(self.whole);
        }
        self.groups.get(g - 1).copied().filter(|s| *s != UNSET)
    }

    /// In characters; -1 for groups that took no part.
    fn span(&self, g: usize) -> (i64, i64) {
        match self.group(g) {
            None => (-1, -1),
            Some((from, to)) => {
                let start = self.subject.index(from, self.known);
                (start as i64, self.subject.index(to, (from, start)) as i64)
            }
        }
    }
}

/// The number of the group a key means.
fn index(vm: &mut Vm, m: &Match, key: Ref<'_>) -> PyResult<usize> {
    let n = if hognose_vm::is_int(base_value(key)) || vm.class_of(key).slots().index.is_some() {
        usize::try_from(vm.index_isize(key, true)?).ok()
    } else {
        let names = pattern_of(vm, m.pattern.as_ref())?.group_index.clone();
        match vm.dict_get(names.as_ref(), key) {
            Ok(Some(n)) => usize::try_from(vm.index_isize(n.as_ref(), true)?).ok(),
            Ok(None) => None,
            Err(e) if vm.raised_is(&e, Exc::TypeError) => {
                vm.discard(e);
                None
            }
            Err(e) => return Err(e),
        }
    };
    match n {
        Some(n) if n <= m.groups.len() => Ok(n),
        _ => Err(vm.index_error("no such group")),
    }
}

fn group_by(vm: &mut Vm, r: Ref<'_>, key: Ref<'_>) -> PyResult {
    let m = this(vm, r)?;
    let g = index(vm, m, key)?;
    part(vm, &m.subject, m.group(g))
}

fn group(vm: &mut Vm, a: &Args<'_>) -> PyResult {
    match a.rest(1) {
        [] => {
            let m = this(vm, a.get(0))?;
            part(vm, &m.subject, Some(m.whole))
        }
        [one] => group_by(vm, a.get(0), *one),
        keys => {
            let mut out = Vec::with_capacity(keys.len());
            for &k in keys {
                out.push(group_by(vm, a.get(0), k)?);
            }
            vm.new_tuple(out)
        }
    }
}

fn span_of(vm: &mut Vm, a: &Args<'_>) -> PyResult<(i64, i64)> {
    let m = this(vm, a.get(0))?;
    let g = match a.opt(1) {
        Some(key) => index(vm, m, key)?,
        None => 0,
    };
    Ok(m.span(g))
}

fn group_or(vm: &mut Vm, m: &Match, g: usize, default: Option<Ref<'_>>) -> PyResult {
    match m.group(g) {
        None => Ok(default.map_or_else(none, |d| d.owned())),
        span => part(vm, &m.subject, span),
    }
}

fn groups(vm: &mut Vm, a: &Args<'_>) -> PyResult {
    let m = this(vm, a.get(0))?;
    let mut out = Vec::with_capacity(m.groups.len());
    for g in 1..=m.groups.len() {
        out.push(group_or(vm, m, g, a.opt(1))?);
    }
    vm.new_tuple(out)
}

fn groupdict(vm: &mut Vm, a: &Args<'_>) -> PyResult {
    let m = this(vm, a.get(0))?;
    let p: &Pattern = pattern_of(vm, m.pattern.as_ref())?;
    let names = p.group_index.clone();
    let out = vm.new_dict()?;
    let keys = vm.collect(names.as_ref())?;
    for key in keys {
        let g = index(vm, m, key.as_ref())?;
        let v = group_or(vm, m, g, a.opt(1))?;
        vm.dict_set(out.as_ref(), key.as_ref(), v.as_ref())?;
    }
    Ok(out)
}

fn repr(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let m = this(vm, r)?;
    let (from, to) = m.span(0);
    let text = part(vm, &m.subject, Some(m.whole))?;
    let text = vm.repr_text(text.as_ref())?;
    vm.new_str(&format!("<re.Match object; span=({from}, {to}), match={text:.50}>"))
}
