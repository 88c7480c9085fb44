//! What is wrong with source the parser refused, in the reference's words and at its place.
//!
//! ```text
//! token.rs    source to tokens: text.rs strings, number.rs numbers
//! grammar.rs  the grammar         rules.rs     grammar text to rules     matcher.rs  tokens against rules
//! actions.rs  errors of rules     literals.rs  contents of strings
//! ```
//! Errors of the text itself come first where they are read first; an error of the grammar yields to an error of the text
//! further on. Invariant: slow and exact; nothing here runs for source that compiles.

mod actions;
mod grammar;
mod literals;
mod matcher;
mod number;
mod rules;
mod text;
pub(crate) mod token;

use crate::Mode;
use crate::error::{CompileError, ErrorKind};
use matcher::{Match, Matcher, Stop};
use rules::Grammar;
use token::{End, Kind, Tokens, range};

/// Stack for matching; taken only as far as it is used.
const STACK: usize = 128 << 20;

/// Finds the error; `None` if the grammar finds nothing wrong or gives up.
pub(crate) fn find(source: &str, mode: Mode) -> Option<CompileError> {
    std::thread::scope(|s| {
        let thread = std::thread::Builder::new().stack_size(STACK);
        thread.spawn_scoped(s, || search(source, mode)).ok()?.join().ok()?
    })
}

fn search(source: &str, mode: Mode) -> Option<CompileError> {
    let mut tokens = token::tokenize(source);
    if mode == Mode::Eval {
        drop_last_newline(source, &mut tokens);
    }
    let grammar = Grammar::load();
    let mut m = Matcher::new(source, &tokens, &grammar);
    let run = |m: &mut Matcher<'_>| -> Match { if mode == Mode::Eval { m.expression() } else { m.module() } };
    let found = match run(&mut m) {
        Ok(Some(_)) => return None,
        Ok(None) => {
            let last = m.fill.saturating_sub(1);
            m.wrong = true;
            match run(&mut m) {
                Ok(_) => Ok(last),
                Err(stop) => Err(stop),
            }
        }
        Err(stop) => Err(stop),
    };
    match found {
        Err(Stop::TooMuch) => None,
        Err(Stop::Tokens) => Some(match &tokens.end {
            End::Error(e, _) => (**e).clone(),
            End::Unclosed(at) => with_newline(&m, unclosed(source, *at), mode),
            End::Done => return None,
        }),
        Err(Stop::Error(e)) => Some(later(source, &tokens, &m).unwrap_or_else(|| with_newline(&m, *e, mode))),
        Ok(last) => {
            let (e, generic) = plain(&m, last, mode)?;
            let later = if generic { later(source, &tokens, &m) } else { None };
            Some(later.unwrap_or_else(|| with_newline(&m, e, mode)))
        }
    }
}

/// The text of the line the tokenizer is in has its newline; statements get one if there is none.
fn with_newline(m: &Matcher<'_>, mut e: CompileError, mode: Mode) -> CompileError {
    let source = m.source;
    let lines = |end: usize| source[..end].matches('\n').count() as u32 + 1;
    let whole = source.strip_suffix('\n').unwrap_or(source).len();
    let read = match (&m.tokens.end, m.tokens.list.len() == m.fill) {
        (End::Unclosed(_), true) if e.end_col == 0 => lines(whole),
        _ => lines(m.last().end.min(whole)),
    };
    let last = mode == Mode::Eval && !source.ends_with('\n') && e.line == lines(whole);
    if let Some(t) = e.text.as_mut().filter(|t| !t.ends_with('\n') && e.line >= read && !last) {
        t.push('\n');
    }
    e
}

/// An expression does not get a newline it does not have.
fn drop_last_newline(source: &str, tokens: &mut Tokens) {
    let at = tokens.list.len().saturating_sub(2);
    if tokens.list.get(at).is_some_and(|t| t.kind == Kind::Newline && t.start >= source.len()) {
        tokens.list.remove(at);
    }
}

/// A bracket that is still open where the text ends.
fn unclosed(source: &str, at: usize) -> CompileError {
    let bracket = source.get(at..=at).unwrap_or("(");
    let message = format!("'{bracket}' was never closed");
    let mut e = CompileError::at(ErrorKind::Syntax, message, source, range(at, at));
    e.end_col = 0;
    e
}

/// An error of the text after an error of the grammar outranks it.
fn later(source: &str, tokens: &Tokens, m: &Matcher<'_>) -> Option<CompileError> {
    match &tokens.end {
        End::Error(e, true) => Some((**e).clone()),
        _ => {
            let at = tokens.open?;
            let last = tokens.list.get(m.fill.saturating_sub(1))?;
            let line = |at: usize| source[..at.min(source.len())].matches('\n').count();
            (line(last.start) > line(at)).then(|| unclosed(source, at))
        }
    }
}

/// "invalid syntax" at a token, or its indentation.
fn plain(m: &Matcher<'_>, last: usize, mode: Mode) -> Option<(CompileError, bool)> {
    let token = *m.tokens.list.get(last)?;
    match token.kind {
        Kind::Indent => Some((m.indentation("unexpected indent", token), false)),
        Kind::Dedent => Some((m.indentation("unexpected unindent", token), false)),
        Kind::EndMarker => {
            let at = m.source.strip_suffix('\n').unwrap_or(m.source).len();
            let at = if mode == Mode::Eval { m.source.trim_end_matches('\n').len() } else { at };
            let mut e = CompileError::at(ErrorKind::Syntax, "invalid syntax", m.source, range(at, at));
            if m.source.is_empty() {
                (e.line, e.end_line) = (0, 0);
            }
            (e.col, e.end_col) = (0, 0);
            Some((e, true))
        }
        _ => match m.raise_at(ErrorKind::Syntax, "invalid syntax", token) {
            Stop::Error(e) => Some((*e, true)),
            _ => None,
        },
    }
}
