//! Built-in functions that compile, run and import.

use crate::args::Args;
use crate::class::base_value;
use crate::exceptions::Exc;
use crate::text::{as_str, str_bytes};
use crate::{PyResult, Raised, Vm};
use hognose_compiler::{Mode, Options};
use hognose_object::bytes::bytes_of;
use hognose_object::{Layout, Owned, Ref, ValueExt};

/// Flags of `compile()` that change nothing here: those of `__future__` and of the tokenizer.
const ACCEPTED_FLAGS: i32 = 0x01FF_0000 | 0x7000 | 0x0200 | 0x10;
/// `__future__.annotations.compiler_flag`
const FUTURE_ANNOTATIONS: i32 = 0x0100_0000;
/// `ast.PyCF_ONLY_AST`
const ONLY_AST: i32 = 0x400;

pub(super) fn import(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let name = args.get(0);
    if as_str(name).is_none() {
        return Err(vm.type_error("module name must be a string"));
    }
    let level = match args.opt(4) {
        Some(n) => vm.index_i32(n)?,
        None => 0,
    };
    if level < 0 {
        return Err(vm.value_error("level must be >= 0"));
    }
    let globals = args.opt(1).filter(|g| !g.is_none());
    let fromlist = args.opt(3).unwrap_or(Ref::from_immediate(hognose_object::NONE));
    vm.import_name(name, globals, fromlist, level as usize)
}

pub(super) fn breakpoint(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let sys = vm.sys_dict().owned();
    let Some(hook) = vm.dict_get_name(sys.as_ref(), "breakpointhook")? else {
        return Err(vm.runtime_error("lost sys.breakpointhook"));
    };
    let kw: Vec<(Ref<'_>, Ref<'_>)> =
        args.kwnames.iter().copied().zip(args.kwvalues.iter().copied()).collect();
    vm.call_kw(hook.as_ref(), args.pos, &kw)
}

// ---- source text

/// UnicodeEncodeError for the first surrogate of a text that must be UTF-8.
pub(crate) fn surrogates_not_allowed(vm: &mut Vm, text: Ref<'_>) -> Raised {
    let at = as_str(text).and_then(|s| s.chars().position(|c| (0xD800..0xE000).contains(&c))).unwrap_or(0);
    let made = (|| -> PyResult<Vec<Owned>> {
        Ok(vec![
            vm.new_str("utf-8")?,
            text.owned(),
            vm.new_int(at as i64)?,
            vm.new_int(at as i64 + 1)?,
            vm.new_str("surrogates not allowed")?,
        ])
    })();
    match made {
        Ok(args) => vm.raise_with(Exc::UnicodeEncodeError, args),
        Err(e) => e,
    }
}

/// The text of a source argument; `None` when it is neither text nor bytes.
fn source_text(vm: &mut Vm, source: Ref<'_>) -> PyResult<Option<String>> {
    let text = if let Some(s) = as_str(source) {
        match s.to_str() {
            Some(text) => text.to_owned(),
            None => return Err(surrogates_not_allowed(vm, source)),
        }
    } else {
        let bytes = if let Some(b) = bytes_of(base_value(source)) {
            b.to_vec()
        } else if source.has_layout(Layout::ByteArray) || vm.class_of(source).name() == "memoryview" {
            let class = vm.types().bytes;
            let copy = vm.call(class.as_ref(), &[source])?;
            bytes_of(copy.as_ref()).unwrap_or(&[]).to_vec()
        } else {
            return Ok(None);
        };
        decode_source(vm, bytes)?
    };
    if text.contains('\0') {
        return Err(vm.raise(Exc::SyntaxError, "source code string cannot contain null bytes"));
    }
    Ok(Some(text))
}

/// Decodes source bytes by their byte order mark or encoding comment.
fn decode_source(vm: &mut Vm, mut bytes: Vec<u8>) -> PyResult<String> {
    if bytes.starts_with(b"\xef\xbb\xbf") {
        bytes.drain(..3);
    }
    let encoding = declared_encoding(&bytes);
    let normal = encoding.to_ascii_lowercase().replace('_', "-");
    match normal.as_str() {
        "utf-8" | "utf8" | "ascii" | "us-ascii" => match String::from_utf8(bytes) {
            Ok(text) => Ok(text),
            Err(e) => {
                let at = e.utf8_error().valid_up_to();
                let bytes = e.into_bytes();
                let line = bytes[..at].iter().filter(|&&b| b == b'\n').count() + 1;
                Err(vm.raise(
                    Exc::SyntaxError,
                    &format!(
                        "(unicode error) 'utf-8' codec can't decode byte 0x{:02x} on line {line}",
                        bytes.get(at).copied().unwrap_or(0)
                    ),
                ))
            }
        },
        "latin-1" | "iso-8859-1" | "latin1" | "iso8859-1" => Ok(bytes.iter().map(|&b| b as char).collect()),
        _ => {
            let source = vm.new_bytes(&bytes)?;
            let name = vm.new_str(&encoding)?;
            match vm.call_method(source.as_ref(), "decode", &[name.as_ref()]) {
                Ok(text) => Ok(String::from_utf8_lossy(str_bytes(text.as_ref())).into_owned()),
                Err(e) if vm.raised_is(&e, Exc::LookupError) => {
                    vm.discard(e);
                    Err(vm.raise(Exc::SyntaxError, &format!("unknown encoding: {encoding}")))
                }
                Err(e) => Err(e),
            }
        }
    }
}

/// The encoding an `# -*- coding: … -*-` comment in the first two lines names.
fn declared_encoding(bytes: &[u8]) -> String {
    for line in bytes.split(|&b| b == b'\n').take(2) {
        let text = line.trim_ascii_start();
        if !text.starts_with(b"#") {
            if text.is_empty() {
                continue;
            }
            break;
        }
        let Some(at) = text.windows(6).position(|w| w == b"coding") else { continue };
        let rest = &text[at + 6..];
        let Some((b':' | b'=', rest)) = rest.split_first() else { continue };
        let name: String = rest
            .trim_ascii_start()
            .iter()
            .map(|&b| b as char)
            .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
            .collect();
        if !name.is_empty() {
            return name;
        }
    }
    "utf-8".to_owned()
}

// ---- compile

pub(super) fn compile(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let filename = super::io::fs_path(vm, args.get(1))?;
    let filename = String::from_utf8_lossy(&filename).into_owned();
    if as_str(args.get(2)).is_none() {
        let class = vm.type_name(args.get(2));
        return Err(vm.type_error(&format!("compile() argument 'mode' must be str, not {class}")));
    }
    let flags = match args.opt(3) {
        Some(n) => vm.index_i32(n)?,
        None => 0,
    };
    let optimize = match args.opt(5) {
        Some(n) => vm.index_i32(n)?,
        None => -1,
    };
    if flags & !(ACCEPTED_FLAGS | ONLY_AST) != 0 {
        return Err(vm.value_error("compile(): unrecognised flags"));
    }
    if !(-1..=2).contains(&optimize) {
        return Err(vm.value_error("compile(): invalid optimize value"));
    }
    let mode = match str_bytes(args.get(2)) {
        b"exec" => Mode::Module,
        b"eval" => Mode::Eval,
        b"single" => Mode::Single,
        b"func_type" if flags & ONLY_AST == 0 => {
            return Err(vm.value_error("compile() mode 'func_type' requires flag PyCF_ONLY_AST"));
        }
        _ if flags & ONLY_AST != 0 => {
            return Err(vm.value_error("compile() mode must be 'exec', 'eval', 'single' or 'func_type'"));
        }
        _ => return Err(vm.value_error("compile() mode must be 'exec', 'eval' or 'single'")),
    };
    let options = hognose_compiler::Options {
        filename,
        mode,
        namespace: true,
        optimize: u8::try_from(optimize).unwrap_or(0),
        future_annotations: flags & FUTURE_ANNOTATIONS != 0,
        ..Default::default()
    };
    if vm.is_ast_node(args.get(0))? {
        if flags & ONLY_AST != 0 {
            return vm.copy_nodes(args.get(0), mode);
        }
        return vm.compile_nodes(args.get(0), &options);
    }
    match source_text(vm, args.get(0))? {
        Some(text) if flags & ONLY_AST != 0 => vm.parse_to_nodes(&text, &options),
        Some(text) => vm.compile_with(&text, &options),
        None => Err(vm.type_error("compile() arg 1 must be a string, bytes or AST object")),
    }
}

// ---- eval, exec

/// Does it look like a mapping (has `__getitem__`)?
fn is_mapping(vm: &Vm, r: Ref<'_>) -> bool {
    vm.class_of(r).slots().getitem.is_some()
}

/// Globals and locals to run in: those given or the caller's.
fn namespaces(
    vm: &mut Vm,
    globals: Option<Ref<'_>>,
    locals: Option<Ref<'_>>,
) -> PyResult<(Owned, Option<Owned>)> {
    let locals = locals.map(|l| l.owned());
    let (globals, locals) = match globals {
        Some(g) => (g.owned(), locals),
        None => {
            let Some(g) = vm.current_globals() else {
                return Err(vm.raise(Exc::SystemError, "globals and locals cannot be NULL"));
            };
            let locals = match locals {
                Some(l) => Some(l),
                None => vm.current_locals()?.filter(|l| !l.as_ref().is(g.as_ref())),
            };
            (g, locals)
        }
    };
    // Running code needs a way to the built-in names.
    if vm.dict_get_name(globals.as_ref(), "__builtins__")?.is_none() {
        let modules = vm.modules().owned();
        let builtins = vm.dict_get_name(modules.as_ref(), "builtins")?;
        let builtins = builtins.unwrap_or_else(|| vm.builtins().owned());
        vm.dict_set_name(globals.as_ref(), "__builtins__", builtins)?;
    }
    Ok((globals, locals))
}

/// Compiles source to be run at once; names are looked up in a namespace of their own where there is one.
fn compile_string(vm: &mut Vm, text: &str, mode: Mode, own_namespace: bool) -> PyResult {
    let filename = "<string>".to_owned();
    vm.compile_with(text, &Options { filename, mode, namespace: own_namespace, ..Options::default() })
}

fn has_free_variables(vm: &mut Vm, code: Ref<'_>) -> PyResult<usize> {
    let free = vm.get_attr_name(code, "co_freevars")?;
    vm.len(free.as_ref())
}

pub(super) fn eval(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let source = args.get(0);
    let (globals, locals) = (args.opt(1).filter(|g| !g.is_none()), args.opt(2).filter(|l| !l.is_none()));
    if locals.is_some_and(|l| !is_mapping(vm, l)) {
        return Err(vm.type_error("locals must be a mapping"));
    }
    if let Some(g) = globals.filter(|g| !g.has_layout(Layout::Dict)) {
        let message = if is_mapping(vm, g) {
            "globals must be a real dict; try eval(code, {}, mapping)"
        } else {
            "globals must be a dict"
        };
        return Err(vm.type_error(message));
    }
    let (globals, locals) = namespaces(vm, globals, locals)?;
    let code = if source.has_layout(Layout::Code) {
        if has_free_variables(vm, source)? > 0 {
            return Err(vm.type_error("code object passed to eval() may not contain free variables"));
        }
        source.owned()
    } else {
        match source_text(vm, source)? {
            Some(text) => {
                let text = text.trim_start_matches([' ', '\t']);
                compile_string(vm, text, Mode::Eval, locals.is_some())?
            }
            None => return Err(vm.type_error("eval() arg 1 must be a string, bytes or code object")),
        }
    };
    vm.eval_code(code.as_ref(), globals.as_ref(), locals.as_ref().map(Owned::as_ref))
}

pub(super) fn exec(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let source = args.get(0);
    let given = |i: usize| args.opt(i).filter(|r| !r.is_none());
    let (globals, locals, closure) = (given(1), given(2), given(3));
    if let Some(g) = globals.filter(|g| !g.has_layout(Layout::Dict)) {
        let class = vm.type_name(g);
        return Err(vm.type_error(&format!("exec() globals must be a dict, not {class}")));
    }
    if let Some(l) = locals.filter(|l| !is_mapping(vm, *l)) {
        let class = vm.type_name(l);
        return Err(vm.type_error(&format!("locals must be a mapping or None, not {class}")));
    }
    let (globals, locals) = namespaces(vm, globals, locals)?;
    let is_code = source.has_layout(Layout::Code);
    let code = if is_code {
        source.owned()
    } else {
        if closure.is_some() {
            return Err(vm.type_error("closure can only be used when source is a code object"));
        }
        match source_text(vm, source)? {
            Some(text) => compile_string(vm, &text, Mode::Module, true)?,
            None => return Err(vm.type_error("exec() arg 1 must be a string, bytes or code object")),
        }
    };
    let free = if is_code { has_free_variables(vm, code.as_ref())? } else { 0 };
    if free == 0 {
        if closure.is_some() {
            return Err(vm.type_error("cannot use a closure with this code object"));
        }
        vm.eval_code(code.as_ref(), globals.as_ref(), locals.as_ref().map(Owned::as_ref))?;
        return Ok(vm.none());
    }
    exec_closure(vm, code.as_ref(), globals.as_ref(), closure, free)
}

/// Code with free variables runs as a function with that closure.
fn exec_closure(
    vm: &mut Vm,
    code: Ref<'_>,
    globals: Ref<'_>,
    closure: Option<Ref<'_>>,
    free: usize,
) -> PyResult {
    let cells = closure.map_or(&[][..], crate::call::tuple_items);
    if cells.len() != free || cells.iter().any(|c| !c.has_layout(Layout::Cell)) {
        return Err(vm.type_error(&format!("code object requires a closure of exactly length {free}")));
    }
    let class = vm.types().function;
    let none = Ref::from_immediate(hognose_object::NONE);
    let closure = closure.unwrap_or(none);
    let function = vm.call(class.as_ref(), &[code, globals, none, none, closure])?;
    vm.call(function.as_ref(), &[])?;
    Ok(vm.none())
}

#[cfg(test)]
mod tests {
    use super::declared_encoding;

    #[test]
    fn encodings() {
        assert_eq!(declared_encoding(b"# -*- coding: latin-1 -*-\n"), "latin-1");
        assert_eq!(declared_encoding(b"#!/bin/x\n# vim: set fileencoding=ascii :\n"), "ascii");
        assert_eq!(declared_encoding(b"x = 1\n# coding: latin-1\n"), "utf-8");
    }
}
