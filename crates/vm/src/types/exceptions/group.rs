//! `BaseExceptionGroup` and `ExceptionGroup`, and what `except*` needs.
//!
//! Splitting keeps the tree: a group's match is a group of its members' matches, made by `derive`, with the original's
//! traceback, context, cause and notes.

use super::base;
use super::fields::{self, Field};
use crate::args::{Args, NativeDef};
use crate::class::{TypeRef, base_value};
use crate::define::TypeDef;
use crate::exceptions::Exc;
use crate::text::as_str;
use crate::type_slots::Slots;
use crate::{PyResult, Vm};
use hognose_object::list::ListRef;
use hognose_object::tuple::TupleRef;
use hognose_object::{Layout, Owned, Ref, ValueExt, none};
use std::collections::HashSet;

/// `BaseExceptionGroup`
pub static GROUP: TypeDef = TypeDef {
    name: "BaseExceptionGroup",
    layout: Layout::Exception,
    doc: "A combination of multiple unrelated exceptions.",
    slots: Slots { new: Some(new), init: Some(base::init), repr: Some(repr), str: Some(str), ..Slots::NONE },
    methods: &[
        NativeDef::method("derive", "$self, excs, /", derive),
        NativeDef::method("split", "$self, matcher_value, /", split),
        NativeDef::method("subgroup", "$self, matcher_value, /", subgroup),
        NativeDef::class_method("__class_getitem__", "$type, item, /", class_getitem),
    ],
    ..TypeDef::EMPTY
};

fn class_getitem(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    vm.new_generic_alias(args.get(0), args.get(1))
}

fn new(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let n = args.rest(1).len();
    let [message, exceptions] = args.rest(1) else {
        let text = format!("BaseExceptionGroup.__new__() takes exactly 2 arguments ({n} given)");
        return Err(vm.type_error(&text));
    };
    if as_str(*message).is_none() {
        let class = vm.type_name(*message);
        let text = format!("BaseExceptionGroup.__new__() argument 1 must be str, not {class}");
        return Err(vm.type_error(&text));
    }
    let sequence = vm.class_of(*exceptions).slots().getitem.is_some() && !exceptions.has_layout(Layout::Dict);
    if !sequence {
        return Err(vm.type_error("second argument (exceptions) must be a sequence"));
    }
    let items = vm.collect(*exceptions)?;
    if items.is_empty() {
        return Err(vm.value_error("second argument (exceptions) must be a non-empty sequence"));
    }
    let mut has_base = false;
    for (i, item) in items.iter().enumerate() {
        if !fields::is_exception(item.as_ref()) {
            let text = format!("Item {i} of second argument (exceptions) is not an exception");
            return Err(vm.value_error(&text));
        }
        has_base |= !vm.is_instance(item.as_ref(), vm.exc_class(Exc::Exception));
    }
    let Some(class) = args.opt(0).and_then(TypeRef::new) else {
        return Err(vm.type_error("BaseExceptionGroup.__new__(X): X is not a type object"));
    };
    let class = group_class(vm, class, has_base)?;
    let exc = fields::alloc(vm, class)?;
    fields::set_args(vm, exc.as_ref(), args.rest(1))?;
    fields::store(vm, exc.as_ref(), "message", *message)?;
    let items = vm.new_tuple(items)?;
    fields::store(vm, exc.as_ref(), "exceptions", items.as_ref())?;
    Ok(exc)
}

/// The class to make: BaseExceptionGroup becomes ExceptionGroup when no member is a bare BaseException.
fn group_class<'a>(vm: &mut Vm, class: TypeRef<'a>, has_base: bool) -> PyResult<TypeRef<'a>> {
    if class == vm.exc_class(Exc::BaseExceptionGroup) {
        return Ok(if has_base { class } else { vm.exc_class(Exc::ExceptionGroup) });
    }
    if has_base && class == vm.exc_class(Exc::ExceptionGroup) {
        return Err(vm.type_error("Cannot nest BaseExceptions in an ExceptionGroup"));
    }
    if has_base && class.is_subclass_of(vm.exc_class(Exc::Exception)) {
        let name = class.name();
        return Err(vm.type_error(&format!("Cannot nest BaseExceptions in '{name}'")));
    }
    Ok(class)
}

/// Is it an exception group?
pub fn is_group(vm: &Vm, r: Ref<'_>) -> bool {
    fields::is_exception(r) && vm.is_instance(r, vm.exc_class(Exc::BaseExceptionGroup))
}

/// The members of a group.
pub fn members(vm: &mut Vm, group: Ref<'_>) -> PyResult<Vec<Owned>> {
    match fields::load(vm, group, "exceptions")? {
        Some(t) => Ok(vm.items_of(t.as_ref())),
        None => Ok(Vec::new()),
    }
}

fn message(vm: &mut Vm, group: Ref<'_>) -> PyResult {
    match fields::load(vm, group, "message")? {
        Some(m) => Ok(m),
        None => vm.new_str(""),
    }
}

fn repr(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let name = vm.type_name(r);
    let message = message(vm, r)?;
    let message = vm.repr(message.as_ref())?;
    let args = fields::args(vm, r);
    let given = TupleRef::new(args.as_ref()).and_then(|t| t.items().get(1).copied());
    let shown = match given {
        Some(g) if ListRef::new(g).is_some() => {
            let items = members(vm, r)?;
            vm.new_list(items)?
        }
        Some(g) if !base_value(g).is_exact(Layout::Tuple) => g.owned(),
        _ => {
            let items = members(vm, r)?;
            vm.new_tuple(items)?
        }
    };
    let shown = vm.repr(shown.as_ref())?;
    let (m, s) = (crate::text::str_bytes(message.as_ref()), crate::text::str_bytes(shown.as_ref()));
    vm.new_str_bytes(&[name.as_bytes(), b"(", m, b", ", s, b")"].concat())
}

fn str(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let message = message(vm, r)?;
    let n = members(vm, r)?.len();
    let plural = if n == 1 { "" } else { "s" };
    let tail = format!(" ({n} sub-exception{plural})");
    vm.new_str_bytes(&[crate::text::str_bytes(message.as_ref()), tail.as_bytes()].concat())
}

/// `BaseExceptionGroup.derive`: a group of other members under the same message.
fn derive(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let message = message(vm, args.get(0))?;
    let class = vm.exc_class(Exc::BaseExceptionGroup);
    vm.call(class.as_ref(), &[message.as_ref(), args.get(1)])
}

/// What selects the exceptions of a split.
enum Matcher<'a> {
    /// A class or a tuple of classes.
    Types(Ref<'a>),
    /// A function.
    Predicate(Ref<'a>),
    /// These very objects.
    Instances(&'a HashSet<u64>),
}

fn is_exception_class(vm: &Vm, r: Ref<'_>) -> bool {
    TypeRef::new(r).is_some_and(|t| t.is_subclass_of(vm.exc_class(Exc::BaseException)))
}

impl<'a> Matcher<'a> {
    fn new(vm: &mut Vm, r: Ref<'a>) -> PyResult<Matcher<'a>> {
        if is_exception_class(vm, r) {
            return Ok(Matcher::Types(r));
        }
        if let Some(t) = TupleRef::new(base_value(r)) {
            if t.items().iter().all(|c| is_exception_class(vm, *c)) {
                return Ok(Matcher::Types(base_value(r)));
            }
        } else if TypeRef::new(r).is_none() && vm.class_of(r).slots().call.is_some() {
            return Ok(Matcher::Predicate(r));
        }
        Err(vm.type_error(
            "expected an exception type, a tuple of exception types, or a callable (other than a class)",
        ))
    }

    fn matches(&self, vm: &mut Vm, exc: Ref<'_>) -> PyResult<bool> {
        match self {
            Matcher::Types(class) => Ok(given_matches(vm, exc, *class)),
            Matcher::Predicate(f) => {
                let r = vm.call(*f, &[exc])?;
                vm.is_true(r.as_ref())
            }
            Matcher::Instances(ids) => Ok(ids.contains(&exc.value().bits())),
        }
    }
}

/// Is the exception an instance of the class or of one in the tuple? `__subclasscheck__` is not asked.
pub fn given_matches(vm: &Vm, exc: Ref<'_>, class: Ref<'_>) -> bool {
    match TupleRef::new(base_value(class)) {
        Some(t) => t.items().iter().any(|c| given_matches(vm, exc, *c)),
        None => TypeRef::new(class).is_some_and(|c| vm.is_instance(exc, c)),
    }
}

/// The part of `exc` that matches and, when wanted, the rest.
fn split_tree(
    vm: &mut Vm,
    exc: Ref<'_>,
    matcher: &Matcher<'_>,
    want_rest: bool,
) -> PyResult<(Option<Owned>, Option<Owned>)> {
    vm.check_native_stack()?;
    if matcher.matches(vm, exc)? {
        return Ok((Some(exc.owned()), None));
    }
    if !is_group(vm, exc) {
        return Ok((None, want_rest.then(|| exc.owned())));
    }
    let (mut matched, mut rest) = (Vec::new(), Vec::new());
    for member in members(vm, exc)? {
        let (m, r) = split_tree(vm, member.as_ref(), matcher, want_rest)?;
        matched.extend(m);
        rest.extend(r);
    }
    let matched = subset(vm, exc, matched)?;
    let rest = if want_rest { subset(vm, exc, rest)? } else { None };
    Ok((matched, rest))
}

/// A group of some members of `orig`, made by its `derive`; nothing for no members.
fn subset(vm: &mut Vm, orig: Ref<'_>, excs: Vec<Owned>) -> PyResult<Option<Owned>> {
    if excs.is_empty() {
        return Ok(None);
    }
    let list = vm.new_list(excs)?;
    let group = vm.call_method(orig, "derive", &[list.as_ref()])?;
    if !is_group(vm, group.as_ref()) {
        return Err(vm.type_error("derive must return an instance of BaseExceptionGroup"));
    }
    if let Some(tb) = fields::get(orig, Field::Traceback) {
        fields::set(group.as_ref(), Field::Traceback, Some(tb));
    }
    fields::set_context(group.as_ref(), fields::get(orig, Field::Context));
    fields::set_cause(group.as_ref(), fields::get(orig, Field::Cause));
    let name = vm.names().__notes__;
    if let Some(notes) = vm.get_attr_opt(orig, name)?
        && (ListRef::new(notes.as_ref()).is_some() || notes.as_ref().is_exact(Layout::Tuple))
    {
        let items = vm.items_of(notes.as_ref());
        let copy = vm.new_list(items)?;
        vm.set_attr(group.as_ref(), name, Some(copy.as_ref()))?;
    }
    Ok(Some(group))
}

fn split(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let matcher = Matcher::new(vm, args.get(1))?;
    let (matched, rest) = split_tree(vm, args.get(0), &matcher, true)?;
    vm.new_pair(matched.unwrap_or_else(none), rest.unwrap_or_else(none))
}

fn subgroup(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let matcher = Matcher::new(vm, args.get(1))?;
    Ok(split_tree(vm, args.get(0), &matcher, false)?.0.unwrap_or_else(none))
}

// ---- except*

fn check_star_type(vm: &mut Vm, class: Ref<'_>) -> PyResult<()> {
    let mut classes = vec![class.owned()];
    if let Some(t) = TupleRef::new(base_value(class)) {
        classes = t.items().iter().map(|c| c.owned()).collect();
    }
    for class in classes {
        if !is_exception_class(vm, class.as_ref()) {
            let text = "catching classes that do not inherit from BaseException is not allowed";
            return Err(vm.type_error(text));
        }
        let group = vm.exc_class(Exc::BaseExceptionGroup);
        if TypeRef::new(class.as_ref()).is_some_and(|c| c.is_subclass_of(group)) {
            let text = "catching ExceptionGroup with except* is not allowed. Use except instead.";
            return Err(vm.type_error(text));
        }
    }
    Ok(())
}

/// What an `except* class` clause takes of the exception, and what it leaves; None for nothing.
pub fn check_eg_match(vm: &mut Vm, exc: Ref<'_>, class: Ref<'_>) -> PyResult<(Owned, Owned)> {
    check_star_type(vm, class)?;
    if exc.is_none() {
        return Ok((none(), none()));
    }
    if given_matches(vm, exc, class) {
        if is_group(vm, exc) {
            return Ok((exc.owned(), none()));
        }
        let wrapped = make_group(vm, vec![exc.owned()])?;
        return Ok((wrapped, none()));
    }
    if !is_group(vm, exc) {
        return Ok((none(), exc.owned()));
    }
    let pair = vm.call_method(exc, "split", &[class])?;
    let name = vm.type_name(exc);
    let Some(t) = TupleRef::new(base_value(pair.as_ref())) else {
        let got = vm.type_name(pair.as_ref());
        return Err(vm.type_error(&format!("{name}.split must return a tuple, not {got}")));
    };
    match t.items() {
        [matched, rest, ..] => Ok((matched.owned(), rest.owned())),
        short => {
            let n = short.len();
            let text = format!("{name}.split must return a 2-tuple, got tuple of size {n}");
            Err(vm.type_error(&text))
        }
    }
}

fn make_group(vm: &mut Vm, excs: Vec<Owned>) -> PyResult {
    let class = vm.exc_class(Exc::ExceptionGroup);
    let base = vm.exc_class(Exc::Exception);
    let all_exceptions = excs.iter().all(|e| vm.is_instance(e.as_ref(), base));
    let class = if all_exceptions { class } else { vm.exc_class(Exc::BaseExceptionGroup) };
    let (message, list) = (vm.new_str("")?, vm.new_list(excs)?);
    vm.call(class.as_ref(), &[message.as_ref(), list.as_ref()])
}

/// Do two groups come from the same one? Splitting copies these fields, so they are the same objects then.
fn same_origin(vm: &mut Vm, a: Ref<'_>, b: Ref<'_>) -> PyResult<bool> {
    let name = vm.names().__notes__;
    let notes = |vm: &mut Vm, r: Ref<'_>| -> PyResult<Vec<u64>> {
        let notes = vm.get_attr_opt(r, name)?;
        let items = notes.map(|n| vm.items_of(n.as_ref())).unwrap_or_default();
        Ok(items.iter().map(|i| i.value().bits()).collect())
    };
    let (na, nb) = (notes(vm, a)?, notes(vm, b)?);
    let same = |f: Field| {
        let bits = |r: Ref<'_>| fields::get(r, f).map(|o| o.value().bits());
        bits(a) == bits(b)
    };
    Ok(na == nb && same(Field::Traceback) && same(Field::Context) && same(Field::Cause))
}

fn collect_leaves(vm: &mut Vm, exc: Ref<'_>, ids: &mut HashSet<u64>) -> PyResult<()> {
    vm.check_native_stack()?;
    if is_group(vm, exc) {
        for member in members(vm, exc)? {
            collect_leaves(vm, member.as_ref(), ids)?;
        }
    } else {
        ids.insert(exc.value().bits());
    }
    Ok(())
}

/// What a `try` with `except*` clauses raises at its end: `list` holds what the clauses raised and the unhandled
/// rest; parts of `orig` among them are put together again. None when nothing is left.
pub fn prep_reraise_star(vm: &mut Vm, orig: Ref<'_>, list: Ref<'_>) -> PyResult {
    let excs: Vec<Owned> = vm.items_of(list);
    if !is_group(vm, orig) {
        // One bare exception was caught: at most one clause ran.
        return Ok(excs.into_iter().next().unwrap_or_else(none));
    }
    let (mut raised, mut reraised) = (Vec::new(), Vec::new());
    for exc in excs {
        if exc.as_ref().is_none() {
            continue;
        }
        let ours = is_group(vm, exc.as_ref()) && same_origin(vm, exc.as_ref(), orig)?;
        if ours { &mut reraised } else { &mut raised }.push(exc);
    }
    let mut leaves = HashSet::new();
    for exc in &reraised {
        collect_leaves(vm, exc.as_ref(), &mut leaves)?;
    }
    let rebuilt = split_tree(vm, orig, &Matcher::Instances(&leaves), false)?.0;
    raised.extend(rebuilt);
    match raised.len() {
        0 => Ok(none()),
        1 => Ok(raised.remove(0)),
        _ => make_group(vm, raised),
    }
}
