//! The module `_codecs`: the registry of codecs and error handlers, and the machine's codecs as functions.
//!
//!   registry  search functions ─► cache name → codec        handlers.rs  the error handlers as functions
//!   convert.rs  encode and decode functions, which say how much they took      charmap.rs  tables
//!   utf7.rs     UTF-7                                        escape.rs   bytes as in source code
//!
//! The registry's lists and dicts are in the module's namespace under names that are not identifiers.

mod charmap;
mod convert;
mod escape;
mod handlers;
mod utf7;

use crate::prelude::{Args, Exc, NativeDef, Owned, PyResult, Ref, Vm, as_str, base_value, new_module};
use hognose_vm::tuple_items;

const FUNCTIONS: &[NativeDef] = &[
    NativeDef::function("register", "search_function, /", |vm, a| {
        if !is_callable(vm, a.get(0)) {
            return Err(vm.type_error("argument must be callable"));
        }
        let list = part(vm, SEARCH)?;
        vm.call_method(list.as_ref(), "append", &[a.get(0)])
    }),
    NativeDef::function("unregister", "search_function, /", |vm, a| {
        let list = part(vm, SEARCH)?;
        if vm.contains(list.as_ref(), a.get(0))? {
            vm.call_method(list.as_ref(), "remove", &[a.get(0)])?;
            let cache = part(vm, CACHE)?;
            vm.call_method(cache.as_ref(), "clear", &[])?;
        }
        Ok(vm.none())
    }),
    NativeDef::function("lookup", "encoding, /", |vm, a| {
        let name = name_argument(vm, a.get(0), "lookup() argument")?;
        lookup(vm, &name)
    }),
    NativeDef::function("encode", "obj, encoding='utf-8', errors='strict'", |vm, a| run(vm, a, 0)),
    NativeDef::function("decode", "obj, encoding='utf-8', errors='strict'", |vm, a| run(vm, a, 1)),
    NativeDef::function("register_error", "errors, handler, /", |vm, a| {
        let name = name_argument(vm, a.get(0), "register_error() argument 1")?;
        if !is_callable(vm, a.get(1)) {
            return Err(vm.type_error("handler must be callable"));
        }
        let dict = part(vm, HANDLERS)?;
        let key = vm.new_str(&name)?;
        vm.dict_set(dict.as_ref(), key.as_ref(), a.get(1))?;
        Ok(vm.none())
    }),
    NativeDef::function("_unregister_error", "errors, /", |vm, a| {
        let name = name_argument(vm, a.get(0), "_unregister_error() argument")?;
        if handlers::NAMES.contains(&name.as_str()) {
            return Err(vm.value_error(&format!("cannot un-register built-in error handler '{name}'")));
        }
        let dict = part(vm, HANDLERS)?;
        let key = vm.new_str(&name)?;
        Ok(hognose_vm::owned_bool(vm.dict_del(dict.as_ref(), key.as_ref())?.is_some()))
    }),
    NativeDef::function("lookup_error", "name, /", |vm, a| {
        let name = name_argument(vm, a.get(0), "lookup_error() argument")?;
        lookup_error(vm, &name)
    }),
];

const SEARCH: &str = "search functions";
const CACHE: &str = "codec cache";
const HANDLERS: &str = "error handlers";

/// Makes the module.
pub fn make(vm: &mut Vm) -> PyResult {
    let module = new_module(vm, "_codecs", "", FUNCTIONS)?;
    let none = vm.none();
    vm.module_set(module.as_ref(), "__doc__", none)?;
    for table in [convert::FUNCTIONS, charmap::FUNCTIONS, escape::FUNCTIONS, utf7::FUNCTIONS] {
        vm.add_functions(module.as_ref(), table)?;
    }
    charmap::register(vm)?;
    let list = vm.new_list(Vec::new())?;
    vm.module_set(module.as_ref(), SEARCH, list)?;
    let cache = vm.new_dict()?;
    vm.module_set(module.as_ref(), CACHE, cache)?;
    let dict = handlers::table(vm)?;
    vm.module_set(module.as_ref(), HANDLERS, dict)?;
    Ok(module)
}

fn part(vm: &mut Vm, name: &str) -> PyResult {
    let module = vm.import_dotted("_codecs")?;
    let found = match vm.module_dict(module.as_ref()) {
        Some(dict) => vm.dict_get_name(dict.as_ref(), name)?,
        None => None,
    };
    found.ok_or_else(|| vm.runtime_error("the module _codecs was taken apart"))
}

fn is_callable(vm: &mut Vm, r: Ref<'_>) -> bool {
    use hognose_vm::{Layout, ValueExt};
    vm.class_of(r).slots().call.is_some()
        || [Layout::Function, Layout::NativeFunction, Layout::BoundMethod, Layout::Type]
            .iter()
            .any(|l| r.has_layout(*l))
}

/// A str argument as text.
fn name_argument(vm: &mut Vm, r: Ref<'_>, what: &str) -> PyResult<String> {
    let name = vm.expect_str(r, what)?.into_owned();
    if name.contains('\0') {
        return Err(vm.value_error("embedded null character"));
    }
    Ok(name)
}

/// Case and spaces do not matter in names.
fn normal(name: &str) -> String {
    name.chars().map(|c| if c == ' ' { '-' } else { c.to_ascii_lowercase() }).collect()
}

pub(super) fn lookup(vm: &mut Vm, name: &str) -> PyResult {
    let key = vm.new_str(&normal(name))?;
    let cache = part(vm, CACHE)?;
    if let Some(found) = vm.dict_get(cache.as_ref(), key.as_ref())? {
        return Ok(found);
    }
    let list = part(vm, SEARCH)?;
    if vm.len(list.as_ref())? == 0 {
        // The library's search function registers itself.
        vm.import_dotted("encodings")?;
    }
    for f in vm.collect(list.as_ref())? {
        let found = vm.call(f.as_ref(), &[key.as_ref()])?;
        if hognose_vm::ValueExt::is_none(found.as_ref()) {
            continue;
        }
        if tuple_items(base_value(found.as_ref())).len() != 4 {
            return Err(vm.type_error("codec search functions must return 4-tuples"));
        }
        vm.dict_set(cache.as_ref(), key.as_ref(), found.as_ref())?;
        return Ok(found);
    }
    Err(vm.raise(Exc::LookupError, &format!("unknown encoding: {name}")))
}

pub(super) fn lookup_error(vm: &mut Vm, name: &str) -> PyResult {
    let dict = part(vm, HANDLERS)?;
    let key = vm.new_str(name)?;
    match vm.dict_get(dict.as_ref(), key.as_ref())? {
        Some(f) => Ok(f),
        None => Err(vm.raise(Exc::LookupError, &format!("unknown error handler name '{name}'"))),
    }
}

/// `encode(obj, encoding, errors)` and `decode(…)`
fn run(vm: &mut Vm, args: &Args<'_>, which: usize) -> PyResult {
    let function = ["encode", "decode"][which];
    let encoding = match args.opt(1) {
        Some(e) => name_argument(vm, e, &format!("{function}() argument 'encoding'"))?,
        None => "utf-8".to_owned(),
    };
    let errors = args.opt(2);
    if let Some(e) = errors {
        name_argument(vm, e, &format!("{function}() argument 'errors'"))?;
    }
    let info = lookup(vm, &encoding)?;
    let Some(f) = tuple_items(base_value(info.as_ref())).get(which).map(|f| f.owned()) else {
        return Err(vm.type_error("codec search functions must return 4-tuples"));
    };
    let mut given: Vec<Ref<'_>> = vec![args.get(0)];
    given.extend(errors);
    let result = match vm.call(f.as_ref(), &given) {
        Ok(result) => result,
        Err(e) => return Err(note(vm, e, function, &encoding)),
    };
    match tuple_items(base_value(result.as_ref())) {
        [value, _] => Ok(value.owned()),
        _ => Err(vm.type_error(&format!("{function}r must return a tuple (object, integer)"))),
    }
}

/// The error says in a note which codec it comes from.
fn note(vm: &mut Vm, e: hognose_vm::Raised, function: &str, encoding: &str) -> hognose_vm::Raised {
    let exc = vm.catch(e);
    let what = if function == "encode" { "encoding" } else { "decoding" };
    let text = vm.new_str(&format!("{what} with '{encoding}' codec failed"));
    if let Ok(text) = text
        && let Err(e) = vm.call_method(exc.as_ref(), "add_note", &[text.as_ref()])
    {
        vm.discard(e);
    }
    vm.raise_object(exc)
}

/// The characters of a str argument.
fn chars_of(r: Ref<'_>) -> Vec<u32> {
    as_str(r).map_or_else(Vec::new, |s| s.chars().collect())
}

/// A pair of a result and a count.
fn with_count(vm: &mut Vm, value: Owned, n: usize) -> PyResult {
    let n = vm.new_int(n as i64)?;
    vm.new_pair(value, n)
}
