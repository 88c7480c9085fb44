//! A look at the tokens before parsing: parser and compiler recurse natively, so nesting is bounded here.
//!
//! ```text
//! statement: a + f(b, c * [d]) …     a frame for each open bracket:
//!   frame { operators, deepest bracket inside, deepest element }
//! ```
//! An element's tree is at most as deep as its operators and its deepest bracket together.
//! Invariant: [`check`] never gives less than the depth of the syntax tree.

use crate::error::{CompileError, ErrorKind};
use ruff_python_ast::token::TokenKind;
use ruff_python_parser::{Mode, lexer};
use ruff_text_size::{TextRange, TextSize};
use std::borrow::Cow;

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

/// Text of an expression without its comments.
pub(crate) fn without_comments(text: &str) -> Cow<'_, str> {
    if !text.contains('#') {
        return Cow::Borrowed(text);
    }
    let bytes = text.as_bytes();
    let (mut out, mut i, mut from) = (String::new(), 0, 0);
    while i < bytes.len() {
        match bytes[i] {
            b'#' => {
                out.push_str(text.get(from..i).unwrap_or(""));
                i = skip_line(bytes, i);
                from = i;
            }
            q @ (b'"' | b'\'') => i = skip_string(bytes, i, q),
            _ => i += 1,
        }
    }
    out.push_str(text.get(from..).unwrap_or(""));
    Cow::Owned(out)
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

/// What is known of an open bracket, or of the statement outside all brackets.
#[derive(Default)]
struct Frame {
    /// Operators of this element.
    operators: usize,
    /// Lambdas since the bracket opened: a comma does not end them.
    lambdas: usize,
    /// Deepest bracket in this element.
    inner: usize,
    /// Deepest element so far.
    deepest: usize,
}

impl Frame {
    /// Ends an element.
    fn element(&mut self) {
        self.deepest = self.deepest.max(self.operators + self.lambdas + self.inner);
        (self.operators, self.inner) = (0, 0);
    }
}

/// Bounds nesting; gives an upper bound of how deep the syntax tree can be.
pub(crate) fn check(source: &str) -> Result<usize, CompileError> {
    let (brackets, indents, depth) = measure(source);
    limits(source, brackets, indents, depth)?;
    Ok(depth + 4 * indents)
}

/// Most open brackets, most indentation, an upper bound of the tree's depth.
fn measure(source: &str) -> (usize, usize, usize) {
    let mut frames = vec![Frame::default()];
    let (mut deepest, mut indents, mut most_indents, mut most_brackets) = (0, 0usize, 0, 0);
    let mut lexer = lexer::lex(source, Mode::Module);
    loop {
        let kind = lexer.next_token();
        let Some(frame) = frames.last_mut() else { break };
        match kind {
            TokenKind::EndOfFile => break,
            TokenKind::Lpar | TokenKind::Lsqb | TokenKind::Lbrace => {
                frames.push(Frame::default());
                most_brackets = most_brackets.max(frames.len() - 1);
            }
            TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace => close(&mut frames),
            TokenKind::Comma | TokenKind::Semi => frame.element(),
            TokenKind::Newline => {
                while frames.len() > 1 {
                    close(&mut frames);
                }
                if let Some(f) = frames.last_mut() {
                    f.element();
                    deepest = deepest.max(f.deepest);
                    *f = Frame::default();
                }
            }
            TokenKind::Indent => {
                indents += 1;
                most_indents = most_indents.max(indents);
            }
            TokenKind::Dedent => indents = indents.saturating_sub(1),
            TokenKind::Lambda => frame.lambdas += 1,
            TokenKind::Name | TokenKind::Int | TokenKind::Float | TokenKind::Complex | TokenKind::String => {}
            TokenKind::NonLogicalNewline | TokenKind::Comment => {}
            _ => frame.operators += 1,
        }
    }
    while frames.len() > 1 {
        close(&mut frames);
    }
    if let Some(f) = frames.last_mut() {
        f.element();
        deepest = deepest.max(f.deepest);
    }
    (most_brackets, most_indents, deepest)
}

fn close(frames: &mut Vec<Frame>) {
    if frames.len() < 2 {
        return;
    }
    let Some(mut f) = frames.pop() else { return };
    f.element();
    if let Some(outer) = frames.last_mut() {
        outer.inner = outer.inner.max(f.deepest + 1);
        outer.operators += 1;
    }
}

/// Depth of the syntax tree of a text that was written from a tree: brackets are not the program's.
///
/// # Errors
/// When it is too deep for the stack.
pub(crate) fn depth(source: &str) -> Result<usize, CompileError> {
    let (_, indents, depth) = measure(source);
    limits(source, 0, 0, depth / 2)?;
    Ok(depth + 4 * indents)
}

fn limits(source: &str, brackets_deep: usize, indents: usize, depth: usize) -> Result<(), CompileError> {
    if brackets_deep > MAX_BRACKETS {
        let at = TextRange::at(TextSize::try_from(too_deep(source)).unwrap_or_default(), TextSize::from(1));
        return Err(CompileError::at(ErrorKind::Syntax, "too many nested parentheses", source, at));
    }
    if indents >= MAX_INDENTS {
        return Err(CompileError::new(ErrorKind::Indentation, "too many levels of indentation"));
    }
    if depth > MAX_DEPTH {
        return Err(CompileError::new(
            ErrorKind::Recursion,
            "maximum recursion depth exceeded during compilation",
        ));
    }
    Ok(())
}

/// Where the first bracket too many is.
fn too_deep(source: &str) -> usize {
    let (mut depth, mut found) = (0usize, None);
    brackets(source, |at, b| {
        if matches!(b, b'(' | b'[' | b'{') {
            depth += 1;
            if depth > MAX_BRACKETS && found.is_none() {
                found = Some(at);
            }
        } else {
            depth = depth.saturating_sub(1);
        }
    });
    found.unwrap_or(0)
}

/// May a name begin with this character?
pub(crate) fn starts_name(c: char) -> bool {
    c == '_' || unicode_ident::is_xid_start(c)
}

/// May a name go on with this character?
pub(crate) fn continues_name(c: char) -> bool {
    unicode_ident::is_xid_continue(c)
}

/// Is there something to see? (Spaces other than the plain one, controls, formats, private use: no.)
pub(crate) fn printable(c: char) -> bool {
    let format = matches!(c, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}');
    let private = matches!(c, '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..);
    c == ' ' || !(c.is_control() || c.is_whitespace() || format || private)
}
