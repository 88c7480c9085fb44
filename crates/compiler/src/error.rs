//! Errors of compilation and their places: lines from 1, columns in characters from 1.

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
    /// Column after the last character; 0 or -1 when unknown, as the reference shows it.
    pub end_col: i32,
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
        let end_col = end_col as i32;
        CompileError { kind, message: message.into(), line, col, end_line, end_col, text: Some(text) }
    }
}

/// Line, column and text of the line of an offset.
pub(crate) fn place(source: &str, at: TextSize) -> (u32, u32, String) {
    let at = at.to_usize().min(source.len());
    let before = source.get(..at).unwrap_or(source);
    let start = before.rfind('\n').map_or(0, |i| i + 1);
    let line = before.bytes().filter(|&b| b == b'\n').count() as u32 + 1;
    let col = before[start..].chars().count() as u32 + 1;
    let text = source[start..].lines().next().unwrap_or("").to_string();
    (line, col, text)
}
