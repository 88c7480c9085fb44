//! Tokens as the reference grammar sees them, with the errors of the text itself.
//!
//! ```text
//! source ─► Lexer { mode stack: code | f-string text } ─► [Token] + how it ended
//! ```
//! Runs only for sources the parser refused. Invariant: tokens are in source order; after [`End::Error`] there are none.

use super::number;
use crate::error::{CompileError, ErrorKind};
use ruff_text_size::{TextRange, TextSize};

/// Brackets inside each other.
const MAX_BRACKETS: usize = 200;
/// Indentation levels.
const MAX_INDENTS: usize = 100;

/// What a token is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    Name,
    Number,
    String,
    /// Begin, text and end of an f-string (`true`: t-string).
    Start(bool),
    Middle(bool),
    Stop(bool),
    Op,
    Newline,
    Indent,
    Dedent,
    EndMarker,
}

/// A token: bytes `start..end` of the source.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Token {
    pub kind: Kind,
    pub start: usize,
    pub end: usize,
    /// Open brackets after it.
    pub level: usize,
}

/// How the tokens end.
pub(crate) enum End {
    /// With the end marker.
    Done,
    /// Inside a bracket opened at this offset.
    Unclosed(usize),
    /// With an error; `true` if it outranks an error of the grammar before it.
    Error(Box<CompileError>, bool),
}

/// All tokens of a source.
pub(crate) struct Tokens {
    pub list: Vec<Token>,
    pub end: End,
    /// The innermost bracket open at the end, outside f-strings.
    pub open: Option<usize>,
}

/// An f-string being read.
pub(super) struct Mode {
    pub(super) quote: u8,
    pub(super) size: usize,
    pub(super) raw: bool,
    pub(super) template: bool,
    pub(super) start: usize,
    /// Brackets open inside it.
    pub(super) depth: usize,
    /// Depths at which replacement fields began.
    pub(super) fields: Vec<usize>,
    pub(super) in_text: bool,
    pub(super) in_spec: bool,
}

pub(super) struct Lexer<'a> {
    pub source: &'a str,
    pub bytes: &'a [u8],
    pub pos: usize,
    pub(super) tokens: Vec<Token>,
    pub(super) brackets: Vec<(usize, u8)>,
    indents: Vec<(usize, usize)>,
    pub(super) modes: Vec<Mode>,
}

/// Why reading stopped.
pub(super) type Stop = End;
pub(super) type Lex<T> = Result<T, Stop>;

/// Reads all tokens.
pub(crate) fn tokenize(source: &str) -> Tokens {
    let mut lexer = Lexer {
        source,
        bytes: source.as_bytes(),
        pos: 0,
        tokens: Vec::new(),
        brackets: Vec::new(),
        indents: vec![(0, 0)],
        modes: Vec::new(),
    };
    let end = match lexer.run() {
        Ok(()) => End::Done,
        Err(stop) => stop,
    };
    let open = lexer.brackets.last().filter(|_| lexer.modes.is_empty()).map(|b| b.0);
    Tokens { list: lexer.tokens, end, open }
}

impl Lexer<'_> {
    fn run(&mut self) -> Lex<()> {
        let mut line_start = true;
        loop {
            if self.modes.last().is_some_and(|m| m.in_text) {
                self.text()?;
                continue;
            }
            if line_start && self.brackets.is_empty() && self.modes.is_empty() {
                if self.blank_line()? {
                    continue;
                }
                self.indentation()?;
            }
            line_start = false;
            self.skip_space()?;
            let Some(&c) = self.bytes.get(self.pos) else { return self.finish() };
            match c {
                b'#' | b'\r' | b'\n' => {
                    let start = self.pos;
                    if c == b'#' {
                        self.skip_comment();
                    }
                    let end = self.pos;
                    if end < self.bytes.len() {
                        self.newline();
                    }
                    if self.brackets.is_empty() {
                        if self.tokens.last().is_some_and(|t| !matches!(t.kind, Kind::Newline)) {
                            self.push(Kind::Newline, start, end);
                        }
                        line_start = true;
                    }
                }
                _ => self.token(c)?,
            }
        }
    }

    pub(super) fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.pos + ahead).copied().unwrap_or(0)
    }

    pub(super) fn push(&mut self, kind: Kind, start: usize, end: usize) {
        let level = self.brackets.len();
        self.tokens.push(Token { kind, start, end, level });
    }

    fn newline(&mut self) {
        self.pos += if self.bytes[self.pos..].starts_with(b"\r\n") { 2 } else { 1 };
    }

    fn skip_comment(&mut self) {
        while !matches!(self.peek(0), b'\n' | b'\r') && self.pos < self.bytes.len() {
            self.pos += 1;
        }
    }

    /// A line with nothing but space and a comment is no line.
    fn blank_line(&mut self) -> Lex<bool> {
        let rest = &self.bytes[self.pos..];
        let space = rest.iter().take_while(|b| matches!(b, b' ' | b'\t' | 0x0c)).count();
        match rest.get(space) {
            Some(b'#') => {
                self.pos += space;
                self.skip_comment();
            }
            Some(b'\r' | b'\n') => self.pos += space,
            _ => return Ok(false),
        }
        if self.pos < self.bytes.len() {
            self.newline();
        }
        Ok(true)
    }

    fn indentation(&mut self) -> Lex<()> {
        let (mut col, mut alt, mut continued) = (0, 0, None);
        loop {
            match self.peek(0) {
                b' ' => (col, alt) = (col + 1, alt + 1),
                b'\t' => (col, alt) = ((col / 8 + 1) * 8, alt + 1),
                0x0c => (col, alt) = (0, 0),
                b'\\' => {
                    continued = continued.filter(|&c| c > 0).or(Some(col));
                    self.continuation()?;
                    continue;
                }
                _ => break,
            }
            self.pos += 1;
        }
        if self.pos >= self.bytes.len() {
            return Ok(());
        }
        if let Some(c) = continued.filter(|&c| c > 0) {
            (col, alt) = (c, c);
        }
        let (top, top_alt) = self.indents.last().copied().unwrap_or((0, 0));
        if col > top {
            if self.indents.len() >= MAX_INDENTS {
                return Err(self.line_error(ErrorKind::Indentation, "too many levels of indentation"));
            }
            if alt <= top_alt {
                return Err(self.tab_error());
            }
            self.indents.push((col, alt));
            self.push(Kind::Indent, self.pos, self.pos);
            return Ok(());
        }
        while self.indents.last().is_some_and(|&(c, _)| col < c) {
            self.indents.pop();
            self.push(Kind::Dedent, self.pos, self.pos);
        }
        let (top, top_alt) = self.indents.last().copied().unwrap_or((0, 0));
        if col != top {
            let dedents = self.tokens.iter().rev().take_while(|t| t.kind == Kind::Dedent).count();
            self.tokens.truncate(self.tokens.len() - dedents);
            return Err(self.dedent_error());
        }
        if alt == top_alt { Ok(()) } else { Err(self.tab_error()) }
    }

    fn tab_error(&self) -> Stop {
        self.line_error(ErrorKind::Tab, "inconsistent use of tabs and spaces in indentation")
    }

    /// An error of a whole line: at its first column.
    fn line_error(&self, kind: ErrorKind, message: &str) -> Stop {
        let start = self.source[..self.pos].rfind('\n').map_or(0, |i| i + 1);
        let mut e = CompileError::at(kind, message, self.source, range(start, start));
        e.end_col = 0;
        e.text = e.text.map(|t| t + "\n");
        End::Error(Box::new(e), false)
    }

    /// Points behind the line.
    fn dedent_error(&self) -> Stop {
        let rest = &self.source[self.pos..];
        let end = self.pos + rest.find('\n').unwrap_or(rest.len());
        let message = "unindent does not match any outer indentation level";
        let mut e = CompileError::at(ErrorKind::Indentation, message, self.source, range(end, end));
        e.end_col = -1;
        e.text = e.text.map(|t| t + "\n");
        End::Error(Box::new(e), false)
    }

    fn skip_space(&mut self) -> Lex<()> {
        loop {
            match self.peek(0) {
                b' ' | b'\t' | 0x0c => self.pos += 1,
                b'\\' => self.continuation()?,
                _ => return Ok(()),
            }
        }
    }

    fn continuation(&mut self) -> Lex<()> {
        let at = self.pos + 1;
        if !matches!(self.peek(1), b'\r' | b'\n') {
            if at >= self.bytes.len() {
                return Err(self.end_of_input());
            }
            let message = "unexpected character after line continuation character";
            let mut e = CompileError::at(ErrorKind::Syntax, message, self.source, range(at, at));
            e.end_col = 0;
            e.text = e.text.map(|t| t + "\n");
            return Err(End::Error(Box::new(e), false));
        }
        self.pos = at;
        self.newline();
        if self.pos >= self.bytes.len() { Err(self.end_of_input()) } else { Ok(()) }
    }

    fn end_of_input(&self) -> Stop {
        if let Some(&(at, _)) = self.brackets.last() {
            return End::Unclosed(at);
        }
        let at = self.source.strip_suffix('\n').unwrap_or(self.source).len();
        let message = "unexpected EOF while parsing";
        let mut e = CompileError::at(ErrorKind::Syntax, message, self.source, range(at, at));
        e.end_col = -1;
        e.text = e.text.map(|t| t + "\n");
        End::Error(Box::new(e), false)
    }

    fn finish(&mut self) -> Lex<()> {
        if let Some(&(at, _)) = self.brackets.last() {
            return Err(End::Unclosed(at));
        }
        let end = self.bytes.len();
        if self.tokens.last().is_some_and(|t| !matches!(t.kind, Kind::Newline | Kind::Dedent)) {
            self.push(Kind::Newline, end, end);
        }
        for _ in 1..self.indents.len() {
            self.push(Kind::Dedent, end, end);
        }
        self.push(Kind::EndMarker, end, end);
        Ok(())
    }

    fn token(&mut self, c: u8) -> Lex<()> {
        let start = self.pos;
        if c == b'_' || c.is_ascii_alphabetic() || c >= 128 {
            return self.name_or_string();
        }
        if c.is_ascii_digit() || (c == b'.' && self.peek(1).is_ascii_digit()) {
            number::number(self)?;
            self.push(Kind::Number, start, self.pos);
            return Ok(());
        }
        if matches!(c, b'"' | b'\'') {
            return self.string(start);
        }
        self.operator(c)
    }

    fn name_or_string(&mut self) -> Lex<()> {
        let start = self.pos;
        let word = |b: u8| b == b'_' || b.is_ascii_alphanumeric() || b >= 128;
        let len = self.bytes[start..].iter().take_while(|b| word(**b)).count();
        let text = &self.source[start..start + len];
        self.pos = start + len;
        if matches!(self.peek(0), b'"' | b'\'') && len <= 2 {
            let prefix = text.to_ascii_lowercase();
            match prefix.as_str() {
                "f" | "t" | "fr" | "rf" | "tr" | "rt" => return self.begin_text(start, &prefix),
                "r" | "u" | "b" | "br" | "rb" => return self.string(start),
                _ => {}
            }
        }
        if matches!(self.peek(0), b'"' | b'\'') {
            self.prefixes(start, text)?;
        }
        if !text.is_ascii() {
            self.identifier(start, text)?;
        }
        self.push(Kind::Name, start, self.pos);
        Ok(())
    }

    /// Prefixes of strings that exclude each other.
    fn prefixes(&self, start: usize, text: &str) -> Lex<()> {
        let text = text.to_ascii_lowercase();
        let repeated = text.char_indices().any(|(i, c)| text[..i].contains(c));
        if repeated || text.contains(|c| !"bruft".contains(c)) {
            return Ok(());
        }
        for pair in ["ub", "ur", "uf", "ut", "bf", "bt", "ft"] {
            if pair.chars().all(|c| text.contains(c)) {
                let (a, b) = pair.split_at(1);
                let message = format!("'{a}' and '{b}' prefixes are incompatible");
                return Err(self.error_range(start, self.pos, &message));
            }
        }
        Ok(())
    }

    /// Characters that no name may have.
    fn identifier(&mut self, start: usize, text: &str) -> Lex<()> {
        for (i, c) in text.char_indices() {
            let ok = if i == 0 { crate::scan::starts_name(c) } else { crate::scan::continues_name(c) };
            if ok {
                continue;
            }
            self.pos = start + i + c.len_utf8();
            let message = if crate::scan::printable(c) {
                format!("invalid character '{c}' (U+{:04X})", c as u32)
            } else {
                format!("invalid non-printable character U+{:04X}", c as u32)
            };
            return Err(self.error(&message));
        }
        Ok(())
    }

    /// A SyntaxError at the character just read.
    pub(super) fn error(&self, message: &str) -> Stop {
        self.error_before(self.pos, message)
    }

    /// A SyntaxError at the character before an offset.
    pub(super) fn error_before(&self, end: usize, message: &str) -> Stop {
        let end = end.min(self.source.len());
        let start = self.source[..end].char_indices().next_back().map_or(0, |(i, _)| i);
        let mut e = CompileError::at(ErrorKind::Syntax, message, self.source, range(start, start));
        (e.end_line, e.end_col) = (e.line, e.col as i32);
        // Inside f-strings the reference does not look for errors further on.
        End::Error(Box::new(e), self.modes.is_empty())
    }

    pub(super) fn error_range(&self, start: usize, end: usize, message: &str) -> Stop {
        End::Error(
            Box::new(CompileError::at(ErrorKind::Syntax, message, self.source, range(start, end))),
            true,
        )
    }

    pub(super) fn line_of(&self, at: usize) -> usize {
        self.bytes[..at.min(self.bytes.len())].iter().filter(|&&b| b == b'\n').count() + 1
    }

    fn operator(&mut self, c: u8) -> Lex<()> {
        let start = self.pos;
        if c == b':' && self.modes.last().is_some_and(|m| m.fields.last().is_some_and(|d| d + 1 == m.depth)) {
            self.pos += 1;
            self.push(Kind::Op, start, self.pos);
            if let Some(m) = self.modes.last_mut() {
                (m.in_text, m.in_spec) = (true, true);
            }
            return Ok(());
        }
        const LONG: [&str; 25] = [
            "<>", "**=", "//=", ">>=", "<<=", "...", "!=", "%=", "&=", "**", "*=", "+=", "-=", "->", "//",
            "/=", ":=", "<<", "<=", "==", ">=", ">>", "@=", "^=", "|=",
        ];
        if let Some(op) = LONG.iter().find(|op| self.bytes[start..].starts_with(op.as_bytes())) {
            self.pos += op.len();
            self.push(Kind::Op, start, self.pos);
            return Ok(());
        }
        self.pos += 1;
        match c {
            b'(' | b'[' | b'{' => {
                if self.brackets.len() >= MAX_BRACKETS {
                    return Err(self.error("too many nested parentheses"));
                }
                self.brackets.push((start, c));
                if let Some(m) = self.modes.last_mut() {
                    m.depth += 1;
                }
            }
            b')' | b']' | b'}' => self.close(start, c)?,
            _ if c.is_ascii_control() => {
                return Err(self.error(&format!("invalid non-printable character U+{c:04X}")));
            }
            _ => {}
        }
        self.push(Kind::Op, start, self.pos);
        Ok(())
    }

    fn close(&mut self, at: usize, c: u8) -> Lex<()> {
        let shown = c as char;
        if let Some(m) = self.modes.last().filter(|m| m.depth == 0 && c == b'}') {
            let message = format!("{}-string: single '}}' is not allowed", m.letter());
            return Err(self.error(&message));
        }
        let Some((opened, open)) = self.brackets.pop() else {
            return Err(self.error(&format!("unmatched '{shown}'")));
        };
        if !matches!((open, c), (b'(', b')') | (b'[', b']') | (b'{', b'}')) {
            if let Some(m) = self.modes.last()
                && open == b'{'
                && m.fields.last().is_some_and(|&d| d + 1 == m.depth)
            {
                let message = format!("{}-string: unmatched '{shown}'", m.letter());
                return Err(self.error(&message));
            }
            let (line, here) = (self.line_of(opened), self.line_of(at));
            let on = if line == here { String::new() } else { format!(" on line {line}") };
            return Err(self.error(&format!(
                "closing parenthesis '{shown}' does not match opening parenthesis '{}'{on}",
                open as char
            )));
        }
        let Some(m) = self.modes.last_mut() else { return Ok(()) };
        if m.depth == 0 {
            let message = format!("{}-string: unmatched '{shown}'", m.letter());
            return Err(self.error(&message));
        }
        m.depth -= 1;
        if c == b'}' && m.fields.last() == Some(&m.depth) {
            m.fields.pop();
            m.in_text = true;
            m.in_spec = !m.fields.is_empty();
        }
        Ok(())
    }
}

impl Mode {
    pub(super) fn letter(&self) -> char {
        if self.template { 't' } else { 'f' }
    }
}

/// A range from byte offsets.
pub(super) fn range(start: usize, end: usize) -> TextRange {
    let size = |n: usize| TextSize::try_from(n).unwrap_or_default();
    TextRange::new(size(start), size(end.max(start)))
}
