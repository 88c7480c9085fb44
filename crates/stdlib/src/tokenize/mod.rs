//! The module `_tokenize`: tokens as `tokenize` shows them.
//!
//! The source is read whole from `readline` when the iterator is made; tokens then come one by one.

use crate::prelude::{
    Args, Exc, Owned, PyResult, Ref, Slots, TypeDef, Vm, new_module, none, payload, trace_fields,
};
use hognose_vm::compiler::tokens::{Lexeme, LexemeKind, lexemes};
use std::cell::Cell;

/// Makes the module `_tokenize`.
pub fn make(vm: &mut Vm) -> PyResult {
    let module = new_module(vm, "_tokenize", "", &[])?;
    let class = vm.add_native_type::<Tokens>(&TYPE)?;
    vm.module_set(module.as_ref(), "TokenizerIter", class.owned())?;
    Ok(module)
}

struct Tokens {
    source: String,
    list: Vec<Lexeme>,
    /// Bytes at which lines begin.
    lines: Vec<usize>,
    at: Cell<usize>,
    error: Option<(String, u32, u32)>,
    failed: Cell<bool>,
}
trace_fields!(Tokens {});

static TYPE: TypeDef = TypeDef {
    name: "_tokenize.TokenizerIter",
    slots: Slots { new: Some(new), iter: Some(|_, r| Ok(r.owned())), next: Some(next), ..Slots::NONE },
    ..TypeDef::EMPTY
};

fn new(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let bound = vm.bind(args, "tokenizeriter", "readline, /, *, encoding=None, extra_tokens=False")?;
    let Some(readline) = bound.pos[0] else { return Ok(none()) };
    let encoding = bound.pos[1].filter(|e| hognose_vm::as_str(*e).is_some()).map(|e| vm.text_of(e));
    let source = read_all(vm, readline, encoding.as_deref())?;
    vm.heap().charge_external(source.len().saturating_mul(8))?;
    vm.heap().discharge_external(source.len().saturating_mul(8));
    let (list, error) = lexemes(&source);
    let starts = source.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(i, _)| i + 1);
    let lines = std::iter::once(0).chain(starts).collect();
    let error = error.map(|e| (e.message.clone(), e.line, e.col));
    vm.new_native(Tokens { source, list, lines, at: Cell::new(0), error, failed: Cell::new(false) })
}

/// All lines, as text.
fn read_all(vm: &mut Vm, readline: Ref<'_>, encoding: Option<&str>) -> PyResult<String> {
    let mut source = String::new();
    loop {
        let line = match vm.call(readline, &[]) {
            Ok(line) => line,
            Err(e) if vm.raised_is(&e, Exc::StopIteration) => {
                vm.discard(e);
                break;
            }
            Err(e) => return Err(e),
        };
        let text: Owned = match encoding {
            Some(name) => {
                let name = vm.new_str(name)?;
                vm.call_method(line.as_ref(), "decode", &[name.as_ref()])?
            }
            None => line,
        };
        if hognose_vm::as_str(text.as_ref()).is_none() {
            let class = vm.type_name(text.as_ref());
            return Err(vm.type_error(&format!("readline() returned a non-string object ({class})")));
        }
        let text = vm.text_of(text.as_ref());
        if text.is_empty() {
            break;
        }
        vm.heap().charge_external(source.len() + text.len())?;
        vm.heap().discharge_external(source.len() + text.len());
        source.push_str(&text);
    }
    Ok(source)
}

/// Its number in the module `token`.
fn number(kind: LexemeKind) -> i64 {
    match kind {
        LexemeKind::EndMarker => 0,
        LexemeKind::Name => 1,
        LexemeKind::Number => 2,
        LexemeKind::String => 3,
        LexemeKind::Newline => 4,
        LexemeKind::Indent => 5,
        LexemeKind::Dedent => 6,
        LexemeKind::Op => 55,
        LexemeKind::FStringStart => 59,
        LexemeKind::FStringMiddle => 60,
        LexemeKind::FStringEnd => 61,
        LexemeKind::TStringStart => 62,
        LexemeKind::TStringMiddle => 63,
        LexemeKind::TStringEnd => 64,
        LexemeKind::Comment => 65,
        LexemeKind::Nl => 66,
    }
}

impl Tokens {
    /// Line from 1 and column in characters.
    fn place(&self, at: usize) -> (usize, usize) {
        let line = self.lines.partition_point(|&s| s <= at).max(1);
        let start = self.lines[line - 1];
        (line, self.source.get(start..at).map_or(0, |s| s.chars().count()))
    }

    /// The physical lines from that of `start` to that of `end`.
    fn text_of_lines(&self, start: usize, end: usize) -> &str {
        let (first, last) = (self.place(start).0, self.place(end).0);
        let end = self.lines.get(last).copied().unwrap_or(self.source.len());
        self.source.get(self.lines[first - 1]..end).unwrap_or("")
    }
}

fn next(vm: &mut Vm, r: Ref<'_>) -> PyResult<Option<Owned>> {
    let Some(t) = payload::<Tokens>(r) else { return Ok(None) };
    let Some(lexeme) = t.list.get(t.at.get()).copied() else { return finish(vm, t) };
    t.at.set(t.at.get() + 1);
    let text = t.source.get(lexeme.start..lexeme.end).unwrap_or("");
    let (mut start, mut end) = (t.place(lexeme.start), t.place(lexeme.end));
    let mut line = t.text_of_lines(lexeme.start, lexeme.end.max(lexeme.start + 1) - 1);
    match lexeme.kind {
        LexemeKind::Newline | LexemeKind::Nl => end = (start.0, start.1 + 1),
        LexemeKind::EndMarker => {
            let rows = t.lines.len() - usize::from(t.source.is_empty() || t.source.ends_with('\n'));
            (start, end, line) = ((rows + 1, 0), (rows + 1, 0), "");
        }
        LexemeKind::Dedent => line = t.text_of_lines(lexeme.start, lexeme.start),
        _ => {}
    }
    let kind = vm.new_int(number(lexeme.kind))?;
    let (text, line) = (vm.new_str(text)?, vm.new_str(line)?);
    let pair = |p: (usize, usize)| -> PyResult {
        let (row, col) = (vm.new_int(p.0 as i64)?, vm.new_int(p.1 as i64)?);
        vm.new_pair(row, col)
    };
    let (start, end) = (pair(start)?, pair(end)?);
    vm.new_tuple(vec![kind, text, start, end, line]).map(Some)
}

/// After the last token: the error that ended them, once.
fn finish(vm: &mut Vm, t: &Tokens) -> PyResult<Option<Owned>> {
    let Some((message, line, col)) = t.error.as_ref().filter(|_| !t.failed.replace(true)) else {
        return Ok(None);
    };
    let place = vec![
        vm.new_str("<string>")?,
        vm.new_int(i64::from(*line))?,
        vm.new_int(i64::from(*col))?,
        none(),
        vm.new_int(i64::from(*line))?,
        vm.new_int(i64::from(*col))?,
    ];
    let (message, place) = (vm.new_str(message)?, vm.new_tuple(place)?);
    Err(vm.raise_with(Exc::SyntaxError, vec![message, place]))
}
