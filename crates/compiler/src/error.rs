//! Errors of compilation, with CPython's messages where the parser's own differ.

use ruff_python_parser::{LexicalErrorType, ParseError, ParseErrorType};
use ruff_text_size::{TextRange, TextSize};

/// Which exception it becomes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ErrorKind {
    /// SyntaxError.
    Syntax,
    /// IndentationError.
    Indentation,
    /// TabError.
    Tab,
    /// A construct that cannot be executed yet: SyntaxError that says so.
    Unsupported,
    /// Too large for the instruction format; handled by compiling again in wide form.
    TooLarge,
    /// MemoryError.
    Memory,
    /// RecursionError.
    Recursion,
}

/// Why source does not compile, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompileError {
    /// Which exception.
    pub kind: ErrorKind,
    /// Its text.
    pub message: String,
    /// First line, from 1; 0 when unknown.
    pub line: u32,
    /// First column in characters, from 1.
    pub col: u32,
    /// Last line.
    pub end_line: u32,
    /// Column after the last character.
    pub end_col: u32,
    /// Text of the first line.
    pub text: Option<String>,
}

impl CompileError {
    /// An error without a place.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        CompileError { kind, message: message.into(), line: 0, col: 0, end_line: 0, end_col: 0, text: None }
    }

    /// A SyntaxError at a range of the source.
    pub fn at(kind: ErrorKind, message: impl Into<String>, source: &str, range: TextRange) -> Self {
        let (line, col, text) = place(source, range.start());
        let (end_line, end_col, _) = place(source, range.end());
        CompileError { kind, message: message.into(), line, col, end_line, end_col, text: Some(text) }
    }
}

fn place(source: &str, at: TextSize) -> (u32, u32, String) {
    let at = at.to_usize().min(source.len());
    let before = source.get(..at).unwrap_or(source);
    let start = before.rfind('\n').map_or(0, |i| i + 1);
    let line = before.bytes().filter(|&b| b == b'\n').count() as u32 + 1;
    let col = before[start..].chars().count() as u32 + 1;
    let text = source[start..].lines().next().unwrap_or("").to_string();
    (line, col, text)
}

/// The parser's error in CPython's words.
pub(crate) fn from_parser(source: &str, e: &ParseError) -> CompileError {
    use ErrorKind::{Indentation, Syntax};
    let own = e.error.to_string();
    let (kind, message) = match &e.error {
        ParseErrorType::Lexical(LexicalErrorType::IndentationError) => {
            (Indentation, "unindent does not match any outer indentation level".into())
        }
        ParseErrorType::UnexpectedIndentation => (Indentation, "unexpected indent".into()),
        _ if own.starts_with("Expected an indented block") => (Indentation, lower_first(&own)),
        ParseErrorType::Lexical(LexicalErrorType::UnclosedStringError) => {
            let line = place(source, e.location.start()).0;
            (Syntax, format!("unterminated string literal (detected at line {line})"))
        }
        ParseErrorType::OtherError(_) => (Syntax, lower_first(&own)),
        _ => match unclosed_bracket(source, e) {
            Some((at, message)) => {
                return CompileError::at(Syntax, message, source, TextRange::at(at, TextSize::from(1)));
            }
            None if own.contains("unexpected EOF") => (Syntax, "invalid syntax".into()),
            None => (Syntax, "invalid syntax".into()),
        },
    };
    CompileError::at(kind, message, source, e.location)
}

fn lower_first(s: &str) -> String {
    let mut chars = s.chars();
    chars.next().map_or_else(String::new, |c| c.to_lowercase().chain(chars).collect()).replace('`', "'")
}

/// If the error is at the end of the source inside a bracket, that bracket.
fn unclosed_bracket(source: &str, e: &ParseError) -> Option<(TextSize, String)> {
    let mut open = Vec::new();
    crate::scan::brackets(source, |at, b| {
        if matches!(b, b'(' | b'[' | b'{') {
            open.push((at, b));
        } else {
            open.pop();
        }
    });
    let &(at, b) = open.last()?;
    let at_end = source[e.location.start().to_usize().min(source.len())..].trim().is_empty();
    at_end.then(|| (TextSize::try_from(at).unwrap_or_default(), format!("'{}' was never closed", b as char)))
}
