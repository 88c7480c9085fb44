//! A look at the source before parsing: the parser recurses natively, so nesting is bounded here.

use crate::error::{CompileError, ErrorKind};
use ruff_text_size::{TextRange, TextSize};

/// Brackets CPython accepts inside each other.
const MAX_BRACKETS: usize = 200;
/// Indentation levels CPython accepts.
const MAX_INDENTS: usize = 100;
/// Sources less deep than this are compiled on the caller's stack.
pub(crate) const SHALLOW: usize = 60;
/// Deeper chains of operators are refused.
const MAX_DEPTH: usize = 20_000;

/// Calls `f(offset, bracket)` for every bracket outside strings and comments (f-strings count as strings).
pub(crate) fn brackets(source: &str, mut f: impl FnMut(usize, u8)) {
    let bytes = source.as_bytes();
    let mut i = 0;
    while i < bytes.len() {
        match bytes[i] {
            b'#' => i = skip_line(bytes, i),
            q @ (b'"' | b'\'') => i = skip_string(bytes, i, q),
            b @ (b'(' | b'[' | b'{' | b')' | b']' | b'}') => {
                f(i, b);
                i += 1;
            }
            _ => i += 1,
        }
    }
}

fn skip_line(bytes: &[u8], i: usize) -> usize {
    bytes[i..].iter().position(|&b| b == b'\n').map_or(bytes.len(), |n| i + n)
}

fn skip_string(bytes: &[u8], start: usize, quote: u8) -> usize {
    let triple = bytes[start..].starts_with(&[quote; 3]);
    let mut i = start + if triple { 3 } else { 1 };
    while i < bytes.len() {
        match bytes[i] {
            b'\\' => i += 1,
            b'\n' if !triple => return i,
            b if b == quote && (!triple || bytes[i..].starts_with(&[quote; 3])) => {
                return i + if triple { 3 } else { 1 };
            }
            _ => {}
        }
        i += 1;
    }
    bytes.len()
}

/// Bounds nesting; gives an upper bound of how deep the syntax tree can be.
pub(crate) fn check(source: &str) -> Result<usize, CompileError> {
    let mut depth = 0usize;
    let mut deepest = 0;
    let mut too_deep = None;
    brackets(source, |at, b| {
        if matches!(b, b'(' | b'[' | b'{') {
            depth += 1;
            deepest = deepest.max(depth);
            if depth > MAX_BRACKETS && too_deep.is_none() {
                too_deep = Some(at);
            }
        } else {
            depth = depth.saturating_sub(1);
        }
    });
    if let Some(at) = too_deep {
        let at = TextRange::at(TextSize::try_from(at).unwrap_or_default(), TextSize::from(1));
        return Err(CompileError::at(ErrorKind::Syntax, "too many nested parentheses", source, at));
    }
    let chain = longest_chain(source);
    if chain > MAX_DEPTH {
        return Err(CompileError::new(ErrorKind::Recursion, "maximum recursion depth exceeded during compilation"));
    }
    let indents = indentation(source);
    if indents > MAX_INDENTS {
        return Err(CompileError::new(ErrorKind::Indentation, "too many levels of indentation"));
    }
    Ok(deepest + chain + indents)
}

/// The most operator-like characters and words in one statement: chains of them nest the tree.
fn longest_chain(source: &str) -> usize {
    let (mut longest, mut here) = (0, 0);
    for line in source.split_inclusive('\n') {
        let operators = line.bytes().filter(|b| b"+-*/%@&|^~.<>=([:".contains(b)).count();
        let words = ["not ", "lambda", " if ", " and ", " or ", "await ", "elif "];
        let keywords: usize = words.iter().map(|w| line.matches(w).count()).sum();
        let joined = line.trim_end().ends_with(['\\', '(', ',', '+', '[']) || line.trim_start().starts_with("elif");
        here += operators + keywords;
        longest = longest.max(here);
        if !joined {
            here = 0;
        }
    }
    longest
}

/// Depth of the deepest indentation, counting each line deeper than the one before as a level.
fn indentation(source: &str) -> usize {
    let mut levels: Vec<usize> = vec![0];
    let mut deepest = 0;
    for line in source.lines() {
        let body = line.trim_start_matches([' ', '\t']);
        if body.is_empty() || body.starts_with('#') {
            continue;
        }
        let width = line.len() - body.len();
        while levels.last().is_some_and(|&l| l > width) {
            levels.pop();
        }
        if levels.last().is_some_and(|&l| l < width) {
            levels.push(width);
        }
        deepest = deepest.max(levels.len() - 1);
    }
    deepest
}
