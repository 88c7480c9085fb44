//! `re.Pattern`, its scanners, and the searches that give matches.

use super::found;
use super::machine::Finish;
use super::program::Program;
use super::search::{Finder, Subject};
use super::translate::{Refused, translate};
use crate::prelude::{
    Args, CLASS_GETITEM, CmpOp, GetSetDef, NativeDef, Owned, PyResult, Ref, Slots, TypeDef, TypeFlags,
    ValueExt, Vm, none, not_implemented, owned_bool, payload, trace_fields,
};
use hognose_vm::heap::HeapVec;
use std::cell::{Cell, OnceCell};

/// Payload of `re.Pattern`.
pub(super) struct Pattern {
    pub source: Owned,
    pub flags: i64,
    pub groups: usize,
    /// Name → number.
    pub group_index: Owned,
    /// Number → name: a tuple.
    pub index_group: Owned,
    /// `Some(true)`: for str; absent: for both.
    for_str: Option<bool>,
    words: HeapVec<u32>,
    /// Programs for bytes and for str, made when first needed.
    programs: [OnceCell<Program>; 2],
}
trace_fields!(Pattern { source, group_index, index_group });

/// Payload of `_sre.SRE_Scanner`.
struct Scanner {
    pattern: Owned,
    subject: Subject,
    end: usize,
    at: Cell<usize>,
    /// The last match was empty: the next one must not be, there.
    advance: Cell<bool>,
    done: Cell<bool>,
    busy: Cell<bool>,
    /// A byte offset and its character index.
    known: Cell2,
    pos: usize,
    endpos: usize,
    /// Objects of `finditer` are iterators over `search`.
    iterates: bool,
}
trace_fields!(Scanner { pattern, subject });
trace_fields!(Subject { object, data });

type Cell2 = Cell<(usize, usize)>;

/// The iterator of `finditer`: a scanner of its own.
struct Finds {
    scanner: Scanner,
}
trace_fields!(Finds { scanner });

static PATTERN: TypeDef = TypeDef {
    name: "re.Pattern",
    doc: "Compiled regular expression object.",
    flags: TypeFlags::DISALLOW_INSTANTIATION | TypeFlags::HAS_WEAKREF,
    slots: Slots { repr: Some(repr), hash: Some(hash), richcompare: Some(richcompare), ..Slots::NONE },
    methods: &[
        NativeDef::method("match", SEARCH, |vm, a| one(vm, a, How::Match)),
        NativeDef::method("fullmatch", SEARCH, |vm, a| one(vm, a, How::Full)),
        NativeDef::method("search", SEARCH, |vm, a| one(vm, a, How::Search)),
        NativeDef::method("sub", "$self, /, repl, string, count=0", |vm, a| {
            super::substitute::sub(vm, a).map(|r| r.0)
        }),
        NativeDef::method("subn", "$self, /, repl, string, count=0", |vm, a| {
            let (text, n) = super::substitute::sub(vm, a)?;
            let n = vm.new_int(n as i64)?;
            vm.new_pair(text, n)
        }),
        NativeDef::method("findall", SEARCH, findall),
        NativeDef::method("split", "$self, /, string, maxsplit=0", split),
        NativeDef::method("finditer", SEARCH, |vm, a| scanner(vm, a, true)),
        NativeDef::method("scanner", SEARCH, |vm, a| scanner(vm, a, false)),
        NativeDef::method("__copy__", "$self, /", |_, a| Ok(a.get(0).owned())),
        NativeDef::method("__deepcopy__", "$self, memo, /", |_, a| Ok(a.get(0).owned())),
        CLASS_GETITEM,
    ],
    getset: &[
        GetSetDef::read("pattern", |vm, r| Ok(this(vm, r)?.source.clone())),
        GetSetDef::read("flags", |vm, r| {
            let n = this(vm, r)?.flags;
            vm.new_int(n)
        }),
        GetSetDef::read("groups", |vm, r| {
            let n = this(vm, r)?.groups;
            vm.new_int(n as i64)
        }),
        GetSetDef::read("groupindex", |vm, r| {
            let p = this(vm, r)?;
            vm.new_mappingproxy(p.group_index.as_ref())
        }),
    ],
    ..TypeDef::EMPTY
};

const SEARCH: &str = "$self, /, string, pos=0, endpos=sys.maxsize";

static SCANNER: TypeDef = TypeDef {
    name: "_sre.SRE_Scanner",
    flags: TypeFlags::DISALLOW_INSTANTIATION,
    methods: &[
        NativeDef::method("match", "$self, /", |vm, a| scan(vm, a.get(0), How::Match)),
        NativeDef::method("search", "$self, /", |vm, a| scan(vm, a.get(0), How::Search)),
    ],
    getset: &[GetSetDef::read("pattern", |vm, r| match payload::<Scanner>(r) {
        Some(s) => Ok(s.pattern.clone()),
        None => Err(vm.type_error("a scanner is required")),
    })],
    ..TypeDef::EMPTY
};

static FINDS: TypeDef = TypeDef {
    name: "callable_iterator",
    flags: TypeFlags::DISALLOW_INSTANTIATION,
    slots: Slots {
        iter: Some(|_, r| Ok(r.owned())),
        next: Some(|vm, r| {
            let Some(f) = payload::<Finds>(r) else { return Ok(None) };
            let m = f.scanner.next(vm, How::Search)?;
            Ok((!m.as_ref().is_none()).then_some(m))
        }),
        ..Slots::NONE
    },
    ..TypeDef::EMPTY
};

pub(super) fn register(vm: &mut Vm) -> PyResult<()> {
    vm.add_native_type::<Pattern>(&PATTERN)?;
    vm.add_native_type::<Scanner>(&SCANNER)?;
    vm.add_native_type::<Finds>(&FINDS)?;
    Ok(())
}

pub(super) fn this<'a>(vm: &mut Vm, r: Ref<'a>) -> PyResult<&'a Pattern> {
    payload::<Pattern>(r).ok_or_else(|| vm.type_error("a compiled pattern is required"))
}

/// `_sre.compile(pattern, flags, code, groups, groupindex, indexgroup)`
pub(super) fn compile(vm: &mut Vm, a: &Args<'_>) -> PyResult {
    let flags = i64::from(vm.index_i32(a.get(1))?);
    let code = a.get(2);
    let mut words = HeapVec::new();
    for item in vm.collect(code)? {
        let n = vm.index(item.as_ref())?;
        match hognose_vm::object::int::small_int_of(n.as_ref()).and_then(|n| u32::try_from(n).ok()) {
            Some(w) => words.push(vm.heap(), w)?,
            None => return Err(vm.overflow_error("regular expression code size limit exceeded")),
        }
    }
    let groups = usize::try_from(vm.ssize_arg(a.get(3))?).unwrap_or(usize::MAX);
    if groups > 0x3fff_ffff {
        return Err(vm.runtime_error("invalid SRE code"));
    }
    let source = a.get(0);
    let for_str = if source.is_none() {
        None
    } else {
        match Subject::new(vm, source)? {
            Some(s) => Some(s.is_str),
            None => return Err(not_text(vm, source)),
        }
    };
    let p = Pattern {
        source: source.owned(),
        flags,
        groups,
        group_index: a.get(4).owned(),
        index_group: a.get(5).owned(),
        for_str,
        words,
        programs: [OnceCell::new(), OnceCell::new()],
    };
    // Whether the code makes sense is told at once.
    p.program(vm, for_str.unwrap_or(true))?;
    vm.new_native(p)
}

fn not_text(vm: &mut Vm, r: Ref<'_>) -> hognose_vm::Raised {
    let class = vm.type_name(r);
    vm.type_error(&format!("expected string or bytes-like object, got '{class}'"))
}

impl Pattern {
    /// The program for subjects of this kind.
    pub fn program(&self, vm: &mut Vm, for_str: bool) -> PyResult<&Program> {
        let cell = &self.programs[usize::from(for_str)];
        if let Some(p) = cell.get() {
            return Ok(p);
        }
        vm.check_native_stack()?;
        let made = translate(vm.heap(), &self.words, self.groups as u32, for_str);
        match made {
            Ok(p) => Ok(cell.get_or_init(|| p)),
            Err(Refused::Memory(e)) => Err(e.into()),
            Err(Refused::Invalid) => Err(vm.runtime_error("invalid SRE code")),
            Err(Refused::Deep) => Err(vm.recursion_error("")),
        }
    }

    /// A subject of the right kind.
    pub fn subject(&self, vm: &mut Vm, r: Ref<'_>) -> PyResult<Subject> {
        let Some(s) = Subject::new(vm, r)? else { return Err(not_text(vm, r)) };
        match self.for_str {
            Some(true) if !s.is_str => {
                Err(vm.type_error("cannot use a string pattern on a bytes-like object"))
            }
            Some(false) if s.is_str => {
                Err(vm.type_error("cannot use a bytes pattern on a string-like object"))
            }
            _ => Ok(s),
        }
    }

    /// A finder over `s` up to a byte offset.
    pub fn finder<'a>(&'a self, vm: &mut Vm, s: &'a Subject, end: usize) -> PyResult<Finder<'a>> {
        let p = self.program(vm, s.is_str)?;
        Finder::new(vm, p, &s.bytes()[..end], s.utf8, self.groups)
    }
}

/// `pos` and `endpos` as character indices within the subject.
fn bounds(vm: &mut Vm, a: &Args<'_>, len: usize) -> PyResult<(usize, usize)> {
    let pos = match a.opt(2) {
        Some(r) => usize::try_from(vm.ssize_arg(r)?).unwrap_or(0),
        None => 0,
    };
    let end = match a.opt(3) {
        Some(r) => usize::try_from(vm.ssize_arg(r)?).unwrap_or(0),
        None => len,
    };
    Ok((pos.min(len), end.min(len)))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum How {
    Match,
    Full,
    Search,
}

fn run(vm: &mut Vm, f: &mut Finder<'_>, how: How, at: usize, advance: bool) -> PyResult<bool> {
    match how {
        How::Search => f.search(vm, at, advance),
        How::Full => f.match_at(vm, at, Finish::AtEnd),
        How::Match => f.match_at(vm, at, if advance { Finish::Advanced } else { Finish::Anywhere }),
    }
}

fn one(vm: &mut Vm, a: &Args<'_>, how: How) -> PyResult {
    let p = this(vm, a.get(0))?;
    let s = p.subject(vm, a.get(1))?;
    let (pos, endpos) = bounds(vm, a, s.len())?;
    if pos > endpos {
        return Ok(none());
    }
    let (from, to) = (s.offset(pos), s.offset(endpos));
    let mut f = p.finder(vm, &s, to)?;
    if !run(vm, &mut f, how, from, false)? {
        return Ok(none());
    }
    found::new(vm, a.get(0), &s, &f, (pos, endpos), (from, pos))
}

fn findall(vm: &mut Vm, a: &Args<'_>) -> PyResult {
    let p = this(vm, a.get(0))?;
    let s = p.subject(vm, a.get(1))?;
    let (pos, endpos) = bounds(vm, a, s.len())?;
    let out = vm.new_list(Vec::new())?;
    if pos > endpos {
        return Ok(out);
    }
    let (mut at, to) = (s.offset(pos), s.offset(endpos));
    let mut f = p.finder(vm, &s, to)?;
    let mut advance = false;
    while f.search(vm, at, advance)? {
        let item = match p.groups {
            0 => found::part(vm, &s, Some(f.span))?,
            1 => found::part_or_empty(vm, &s, f.group(1))?,
            n => {
                let mut items = Vec::with_capacity(n);
                for g in 1..=n {
                    items.push(found::part_or_empty(vm, &s, f.group(g))?);
                }
                vm.new_tuple(items)?
            }
        };
        push(vm, &out, item)?;
        advance = f.span.0 == f.span.1;
        at = f.span.1;
    }
    Ok(out)
}

fn push(vm: &mut Vm, list: &Owned, item: Owned) -> PyResult<()> {
    if let Some(l) = hognose_vm::ListRef::new(list.as_ref()) {
        l.push(vm.heap_mut(), item)?;
    }
    Ok(())
}

fn split(vm: &mut Vm, a: &Args<'_>) -> PyResult {
    let p = this(vm, a.get(0))?;
    let most = match a.opt(2) {
        Some(r) => vm.ssize_arg(r)?,
        None => 0,
    };
    let s = p.subject(vm, a.get(1))?;
    let out = vm.new_list(Vec::new())?;
    let end = s.bytes().len();
    let mut f = p.finder(vm, &s, end)?;
    let (mut last, mut at, mut advance, mut n) = (0, 0, false, 0);
    while (most == 0 || n < most) && f.search(vm, at, advance)? {
        let item = found::part(vm, &s, Some((last, f.span.0)))?;
        push(vm, &out, item)?;
        for g in 1..=p.groups {
            let item = found::part(vm, &s, f.group(g))?;
            push(vm, &out, item)?;
        }
        n += 1;
        advance = f.span.0 == f.span.1;
        at = f.span.1;
        last = at;
    }
    let item = found::part(vm, &s, Some((last, end)))?;
    push(vm, &out, item)?;
    Ok(out)
}

fn scanner(vm: &mut Vm, a: &Args<'_>, iterates: bool) -> PyResult {
    let p = this(vm, a.get(0))?;
    let subject = p.subject(vm, a.get(1))?;
    let (pos, endpos) = bounds(vm, a, subject.len())?;
    let (at, end) = (subject.offset(pos), subject.offset(endpos));
    let scanner = Scanner {
        pattern: a.get(0).owned(),
        subject,
        end,
        at: Cell::new(at),
        advance: Cell::new(false),
        done: Cell::new(pos > endpos),
        busy: Cell::new(false),
        known: Cell::new((at, pos)),
        pos,
        endpos,
        iterates,
    };
    if scanner.iterates { vm.new_native(Finds { scanner }) } else { vm.new_native(scanner) }
}

fn scan(vm: &mut Vm, r: Ref<'_>, how: How) -> PyResult {
    match payload::<Scanner>(r) {
        Some(s) => s.next(vm, how),
        None => Err(vm.type_error("a scanner is required")),
    }
}

impl Scanner {
    fn next(&self, vm: &mut Vm, how: How) -> PyResult {
        if self.busy.replace(true) {
            return Err(vm.value_error("regular expression scanner already executing"));
        }
        let r = self.find(vm, how);
        self.busy.set(false);
        r
    }

    fn find(&self, vm: &mut Vm, how: How) -> PyResult {
        if self.done.get() {
            return Ok(none());
        }
        let p = this(vm, self.pattern.as_ref())?;
        let mut f = p.finder(vm, &self.subject, self.end)?;
        if !run(vm, &mut f, how, self.at.get(), self.advance.get())? {
            self.done.set(true);
            return Ok(none());
        }
        let (from, to) = f.span;
        let known = (from, self.subject.index(from, self.known.get()));
        self.known.set(known);
        self.advance.set(from == to);
        self.at.set(to);
        found::new(vm, self.pattern.as_ref(), &self.subject, &f, (self.pos, self.endpos), known)
    }
}

const FLAG_NAMES: &[(i64, &str)] = &[
    (2, "re.IGNORECASE"),
    (4, "re.LOCALE"),
    (8, "re.MULTILINE"),
    (16, "re.DOTALL"),
    (64, "re.VERBOSE"),
    (128, "re.DEBUG"),
    (256, "re.ASCII"),
];

fn repr(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let p = this(vm, r)?;
    let mut flags = p.flags;
    // What is usual for its kind is not said.
    if p.for_str == Some(true) && flags & (4 | 32 | 256) == 32 {
        flags &= !32;
    }
    let text: String = vm.repr_text(p.source.as_ref())?.chars().take(200).collect();
    let mut names: Vec<String> = Vec::new();
    for &(bit, name) in FLAG_NAMES {
        if flags & bit != 0 {
            names.push(name.into());
            flags &= !bit;
        }
    }
    if flags != 0 {
        names.push(format!("{flags:#x}"));
    }
    let rest = if names.is_empty() { String::new() } else { format!(", {}", names.join("|")) };
    vm.new_str(&format!("re.compile({text}{rest})"))
}

fn hash(vm: &mut Vm, r: Ref<'_>) -> PyResult<i64> {
    let p = this(vm, r)?;
    let mut h = vm.hash(p.source.as_ref())? ^ p.flags ^ (p.groups as i64) << 7;
    for &w in p.words.iter() {
        h = h.wrapping_mul(1_000_003) ^ i64::from(w);
    }
    Ok(if h == -1 { -2 } else { h })
}

fn richcompare(vm: &mut Vm, op: CmpOp, a: Ref<'_>, b: Ref<'_>) -> PyResult {
    let (Some(x), Some(y)) = (payload::<Pattern>(a), payload::<Pattern>(b)) else {
        return Ok(not_implemented());
    };
    if op != CmpOp::Eq && op != CmpOp::Ne {
        return Ok(not_implemented());
    }
    let same = a.is(b)
        || (x.flags == y.flags
            && x.for_str == y.for_str
            && x.groups == y.groups
            && *x.words == *y.words
            && vm.equal(x.source.as_ref(), y.source.as_ref())?);
    Ok(owned_bool(same == (op == CmpOp::Eq)))
}
