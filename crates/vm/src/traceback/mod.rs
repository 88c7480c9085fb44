//! How uncaught exceptions look: the text CPython 3.14 prints for them.
//!
//!   mod.rs     what is captured of an exception and its relatives, then their order and frames
//!   render.rs  chains and exception groups as text            carets.rs  the ~~~^^^ below source lines
//!   syntax.rs  the place of a SyntaxError                     suggest.rs "Did you mean"
//!   source.rs  source lines
//!
//! Capturing first and rendering afterwards keeps the two loops free of recursion: causes, contexts and group members
//! wait in a queue, so a long chain needs no native stack.

mod carets;
mod render;
mod source;
pub mod suggest;
mod syntax;

use crate::exceptions::Exc;
use crate::text::as_str;
use crate::types::exceptions::fields::{self, Field};
use crate::types::exceptions::group;
use crate::types::traceback as tb;
use crate::{PyResult, Vm};
use hognose_object::list::ListRef;
use hognose_object::str::StrRef;
use hognose_object::{Layout, Owned, Ref, ValueExt};
use source::Sources;
use std::collections::HashMap;

/// One frame of a traceback as it is shown.
struct FrameText {
    filename: String,
    line: u32,
    name: String,
    /// Source lines with their underlining, or nothing.
    source: String,
}

/// What is shown of one exception.
struct Captured {
    /// Class name with module.
    class: String,
    /// `str(exc)` and hints.
    text: String,
    /// Lines of notes.
    notes: Vec<String>,
    frames: Vec<FrameText>,
    syntax: Option<syntax::SyntaxText>,
    suppress_context: bool,
    cause: Option<usize>,
    context: Option<usize>,
    /// Members of a group.
    members: Option<Vec<usize>>,
}

/// At most this many exceptions of one chain are shown.
const MAX_EXCEPTIONS: usize = 20_000;

/// The text of an uncaught exception: traceback, message, notes, and its chain.
pub fn format_exception(vm: &mut Vm, exc: Ref<'_>) -> Vec<u8> {
    let mut all = Vec::new();
    let mut sources = Sources::new(vm.library());
    let mut seen: HashMap<u64, Owned> = HashMap::new();
    let mut queue = Vec::new();
    let mut add = |vm: &mut Vm, all: &mut Vec<Captured>, queue: &mut Vec<(usize, Owned)>, exc: Owned| {
        let captured = capture(vm, exc.as_ref(), &mut sources);
        all.push(captured);
        queue.push((all.len() - 1, exc));
        all.len() - 1
    };
    seen.insert(exc.value().bits(), exc.owned());
    add(vm, &mut all, &mut queue, exc.owned());
    while let Some((i, e)) = queue.pop() {
        let mut found = Vec::new();
        for field in [Field::Cause, Field::Context] {
            let next = fields::get(e.as_ref(), field).filter(|n| !n.as_ref().is_none());
            let fresh = next.filter(|n| !seen.contains_key(&n.value().bits()) && all.len() < MAX_EXCEPTIONS);
            let index = fresh.map(|n| {
                seen.insert(n.value().bits(), n.clone());
                add(vm, &mut all, &mut found, n)
            });
            match field {
                Field::Cause => all[i].cause = index,
                _ => all[i].context = index,
            }
        }
        if group::is_group(vm, e.as_ref()) {
            let members = match group::members(vm, e.as_ref()) {
                Ok(members) => members,
                Err(r) => {
                    vm.discard(r);
                    Vec::new()
                }
            };
            let mut indices = Vec::new();
            for member in members {
                if all.len() < MAX_EXCEPTIONS {
                    seen.insert(member.value().bits(), member.clone());
                    indices.push(add(vm, &mut all, &mut found, member));
                }
            }
            all[i].members = Some(indices);
        }
        queue.extend(found);
    }
    render::render(&all)
}

/// Prints an uncaught exception to `sys.stderr`.
pub fn print_exception(vm: &mut Vm, exc: Ref<'_>) {
    let text = format_exception(vm, exc);
    write_stderr(vm, &text);
}

/// Writes to `sys.stderr`; to the process's error stream when that does not work.
pub fn write_stderr(vm: &mut Vm, text: &[u8]) {
    let sys = vm.sys_dict().owned();
    let stderr = vm.dict_get_name(sys.as_ref(), "stderr");
    let written = stderr.and_then(|stderr| {
        let Some(stderr) = stderr else { return Ok(false) };
        if stderr.as_ref().is_none() {
            return Ok(true);
        }
        let text = vm.new_str_bytes(text)?;
        vm.call_method(stderr.as_ref(), "write", &[text.as_ref()])?;
        vm.call_method(stderr.as_ref(), "flush", &[])?;
        Ok(true)
    });
    match written {
        Ok(true) => return,
        Ok(false) => {}
        Err(e) => vm.discard(e),
    }
    vm.write_stderr(text);
}

/// The text for an exception that cannot be raised: `Exception ignored in …`, its traceback and message. Plain as
/// CPython's: lines are not underlined, and there are no notes, chains and groups.
fn format_unraisable(vm: &mut Vm, exc: Ref<'_>, message: Option<&str>, object: Option<Ref<'_>>) -> Vec<u8> {
    let mut out = Vec::new();
    match object.filter(|o| !o.is_none() && !o.is_null()) {
        Some(object) => {
            let shown = match vm.repr(object) {
                Ok(s) => text_of_str(s.as_ref()).unwrap_or_default(),
                Err(e) => {
                    vm.discard(e);
                    "<object repr() failed>".to_owned()
                }
            };
            out.extend_from_slice(
                format!("{}: {shown}\n", message.unwrap_or("Exception ignored in")).as_bytes(),
            );
        }
        None => {
            if let Some(message) = message {
                out.extend_from_slice(format!("{message}:\n").as_bytes());
            }
        }
    }
    let frames = frames(fields::get(exc, Field::Traceback), &mut Sources::new(vm.library()), false);
    if !frames.is_empty() {
        out.extend_from_slice(b"Traceback (most recent call last):\n");
        out.extend_from_slice(render::stack_text(&frames).as_bytes());
    }
    let (class, text) = (class_text(vm, exc), safe_text(vm, exc, "exception", Vm::str));
    out.extend_from_slice(format!("{class}: {text}\n").as_bytes());
    out
}

/// Prints an exception that cannot be raised (from `__del__`, callbacks) to `sys.stderr`.
pub fn print_unraisable(vm: &mut Vm, exc: Ref<'_>, message: Option<&str>, object: Option<Ref<'_>>) {
    let text = format_unraisable(vm, exc, message, object);
    write_stderr(vm, &text);
}

/// The closest of some names to a wrong one.
pub fn suggestion<'a>(wrong: &str, candidates: impl Iterator<Item = &'a str>) -> Option<String> {
    suggest::closest(candidates, wrong).map(str::to_owned)
}

fn capture(vm: &mut Vm, exc: Ref<'_>, sources: &mut Sources) -> Captured {
    let mut c = Captured {
        class: class_text(vm, exc),
        text: safe_text(vm, exc, "exception", Vm::str),
        notes: notes(vm, exc),
        frames: frames(fields::get(exc, Field::Traceback), sources, true),
        syntax: None,
        suppress_context: fields::suppress_context(exc),
        cause: None,
        context: None,
        members: None,
    };
    if vm.is_instance(exc, vm.exc_class(Exc::SyntaxError)) {
        c.syntax = syntax::capture(vm, exc);
    } else {
        add_hint(vm, exc, &mut c.text);
    }
    c
}

fn add_hint(vm: &mut Vm, exc: Ref<'_>, text: &mut String) {
    let is = |vm: &Vm, e: Exc| vm.is_instance(exc, vm.exc_class(e));
    if !is(vm, Exc::NameError) && !is(vm, Exc::AttributeError) && !is(vm, Exc::ImportError) {
        return;
    }
    let hint = suggest::for_exception(vm, exc);
    if let Some(hint) = &hint {
        text.push_str(&format!(". Did you mean: '{hint}'?"));
    }
    if is(vm, Exc::NameError)
        && let Ok(Some(name)) = fields::load(vm, exc, "name")
        && let Some(name) = as_str(name.as_ref()).and_then(|s| s.to_str())
        && crate::stdlib_names::STDLIB_MODULE_NAMES.binary_search(&name).is_ok()
    {
        let start = if hint.is_some() { " Or did" } else { ". Did" };
        text.push_str(&format!("{start} you forget to import '{name}'?"));
    }
}

/// Text of a str as standard error shows it: surrogates are escaped.
fn shown(s: StrRef<'_>) -> String {
    match s.to_str() {
        Some(text) => text.to_owned(),
        None => s.chars().fold(String::new(), |mut out, c| {
            match char::from_u32(c) {
                Some(c) => out.push(c),
                None => out.push_str(&format!("\\u{c:04x}")),
            }
            out
        }),
    }
}

fn text_of_str(r: Ref<'_>) -> Option<String> {
    as_str(r).map(shown)
}

fn safe_text(vm: &mut Vm, r: Ref<'_>, what: &str, f: fn(&mut Vm, Ref<'_>) -> PyResult) -> String {
    match f(vm, r) {
        Ok(s) => text_of_str(s.as_ref()).unwrap_or_default(),
        Err(e) => {
            vm.discard(e);
            let name = if what == "__notes__" { "repr" } else { "str" };
            format!("<{what} {name}() failed>")
        }
    }
}

fn class_text(vm: &mut Vm, exc: Ref<'_>) -> String {
    let class = vm.class_of(exc);
    let qualname = text_of_str(class.qualname_ref()).unwrap_or_default();
    let module = match vm.class_module(class) {
        Ok(m) => m.as_ref().and_then(|m| text_of_str(m.as_ref())),
        Err(e) => {
            vm.discard(e);
            None
        }
    };
    match module.as_deref() {
        Some("__main__" | "builtins") => qualname,
        Some(m) => format!("{m}.{qualname}"),
        None => format!("<unknown>.{qualname}"),
    }
}

fn notes(vm: &mut Vm, exc: Ref<'_>) -> Vec<String> {
    let name = vm.names().__notes__;
    let notes = match vm.get_attr_opt(exc, name) {
        Ok(Some(notes)) if !notes.as_ref().is_none() => notes,
        Ok(_) => return Vec::new(),
        Err(e) => {
            let error = vm.catch(e);
            let text = safe_text(vm, error.as_ref(), "__notes__", Vm::repr);
            return vec![format!("Ignored error getting __notes__: {text}")];
        }
    };
    let sequence = ListRef::new(notes.as_ref()).is_some() || notes.as_ref().has_layout(Layout::Tuple);
    if !sequence {
        return vec![safe_text(vm, notes.as_ref(), "__notes__", Vm::repr)];
    }
    let mut out = Vec::new();
    for note in vm.items_of(notes.as_ref()) {
        let text = safe_text(vm, note.as_ref(), "note", Vm::str);
        out.extend(text.split('\n').map(str::to_owned));
    }
    out
}

fn frames(traceback: Option<Owned>, sources: &mut Sources, underlined: bool) -> Vec<FrameText> {
    let mut out: Vec<FrameText> = Vec::new();
    // Endless recursion repeats one place: its picture is made once.
    let mut last_place = None;
    for level in tb::levels(traceback) {
        let Some(info) = tb::code_info(level.frame.as_ref()) else { continue };
        let p = info.data.position_at(level.pc);
        let line = if p.line == 0 { level.line } else { p.line };
        let place = (std::rc::Rc::as_ptr(&info.data), level.pc);
        let source = match out.last() {
            Some(f) if last_place == Some(place) => f.source.clone(),
            _ if p.line == 0 => String::new(),
            _ if underlined => source_text(sources, &info.filename, p),
            _ => match sources.range(&info.filename, line, line).first().map(|l| l.trim()) {
                Some(text) if !text.is_empty() => format!("    {text}\n"),
                _ => String::new(),
            },
        };
        last_place = Some(place);
        out.push(FrameText { filename: info.filename, line, name: info.name, source });
    }
    out
}

fn source_text(sources: &mut Sources, filename: &str, p: hognose_bytecode::Position) -> String {
    if sources.lines(filename).is_empty() {
        return String::new();
    }
    let lines = sources.range(filename, p.line, p.end_line);
    if lines.iter().all(|l| l.trim().is_empty()) {
        return String::new();
    }
    if p.col == 0 && p.end_col == 0 {
        return format!("    {}\n", lines[0].trim());
    }
    carets::underline(&carets::Span { lines: &lines, col: p.col as usize, end_col: p.end_col as usize })
}
