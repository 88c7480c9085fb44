//! Strings and the text of f-strings.
//!
//! ```text
//! f" text { code : spec } text "      text: in_text      spec: in_text and in_spec      code: read as everywhere
//! ```
//! Invariant: the innermost mode belongs to the f-string the lexer is in, and leaves the stack with its closing quotes.

use super::token::{Kind, Lex, Lexer, Mode, Stop};

impl Lexer<'_> {
    pub(super) fn string(&mut self, start: usize) -> Lex<()> {
        let quote = self.peek(0);
        let triple = self.bytes[self.pos..].starts_with(&[quote; 3]);
        let size = if triple { 3 } else { 1 };
        self.pos += size;
        let mut escaped_quote = false;
        loop {
            let c = self.peek(0);
            if self.pos >= self.bytes.len() || (!triple && matches!(c, b'\n' | b'\r')) {
                return Err(self.unterminated(start, quote, triple, escaped_quote));
            }
            if c == quote && (!triple || self.bytes[self.pos..].starts_with(&[quote; 3])) {
                self.pos += size;
                self.push(Kind::String, start, self.pos);
                return Ok(());
            }
            self.pos += 1;
            if c == b'\\' && self.pos < self.bytes.len() {
                escaped_quote |= self.peek(0) == quote;
                self.pos += if self.bytes[self.pos..].starts_with(b"\r\n") { 2 } else { 1 };
            }
        }
    }

    fn unterminated(&mut self, start: usize, quote: u8, triple: bool, escaped: bool) -> Stop {
        let at_end = triple || self.pos >= self.bytes.len();
        let line = if at_end { self.last_line() } else { self.line_of(self.pos) };
        self.pos = start + 1;
        let size = if triple { 3 } else { 1 };
        if let Some(m) = self.modes.last().filter(|m| m.quote == quote && m.size == size) {
            return self.error(&format!("{}-string: expecting '}}'", m.letter()));
        }
        let hint = if escaped && !triple { "; perhaps you escaped the end quote?" } else { "" };
        let what = if triple { "triple-quoted string" } else { "string" };
        self.error(&format!("unterminated {what} literal (detected at line {line}){hint}"))
    }

    fn last_line(&self) -> usize {
        self.line_of(self.source.trim_end_matches('\n').len().max(self.source.len().saturating_sub(1)))
    }

    pub(super) fn begin_text(&mut self, start: usize, prefix: &str) -> Lex<()> {
        let quote = self.peek(0);
        let size = if self.bytes[self.pos..].starts_with(&[quote; 3]) { 3 } else { 1 };
        self.pos += size;
        let template = prefix.contains('t');
        self.push(Kind::Start(template), start, self.pos);
        if self.modes.len() >= 149 {
            return Err(self.error("too many nested f-strings"));
        }
        self.modes.push(Mode {
            quote,
            size,
            raw: prefix.contains('r'),
            template,
            start,
            depth: 0,
            fields: Vec::new(),
            in_text: true,
            in_spec: false,
        });
        Ok(())
    }

    /// Text of an f-string up to its end or the next replacement field.
    pub(super) fn text(&mut self) -> Lex<()> {
        let start = self.pos;
        let Some(m) = self.modes.last() else { return Ok(()) };
        let (quote, size, raw, template, spec) =
            (m.quote, m.size, m.raw, m.template, m.in_spec && !m.fields.is_empty());
        let (depth, began) = (m.depth, m.start);
        let close = vec![quote; size];
        loop {
            let c = self.peek(0);
            let end = self.pos >= self.bytes.len();
            if end || (size == 1 && matches!(c, b'\n' | b'\r')) {
                let letter = if template { 't' } else { 'f' };
                if spec && !end {
                    let rest = format!("format specifiers for single quoted {letter}-strings");
                    let message = format!("{letter}-string: newlines are not allowed in {rest}");
                    return Err(self.error_before(self.pos + 1, &message));
                }
                let line = if end { self.last_line() } else { self.line_of(self.pos) };
                self.pos = began + 1;
                let what = if size == 3 { "triple-quoted " } else { "" };
                let message = format!("unterminated {what}{letter}-string literal (detected at line {line})");
                return Err(self.error(&message));
            }
            if self.bytes[self.pos..].starts_with(&close) {
                if self.pos > start {
                    self.push(Kind::Middle(template), start, self.pos);
                }
                let at = self.pos;
                self.pos += size;
                self.modes.pop();
                self.push(Kind::Stop(template), at, self.pos);
                return Ok(());
            }
            match c {
                b'{' if self.peek(1) == b'{' && !spec => self.pos += 2,
                b'}' if self.peek(1) == b'}' && !spec && depth == 0 => self.pos += 2,
                b'{' | b'}' => {
                    if self.pos > start {
                        self.push(Kind::Middle(template), start, self.pos);
                    }
                    if c == b'{' {
                        self.begin_field()?;
                    }
                    self.leave_text();
                    return Ok(());
                }
                b'\\' => self.escape(raw),
                _ => self.pos += 1,
            }
        }
    }

    fn escape(&mut self, raw: bool) {
        self.pos += 1;
        match self.peek(0) {
            b'{' | b'}' => {}
            b'N' if !raw && self.peek(1) == b'{' => {
                let rest = &self.bytes[self.pos..];
                let stop = rest.iter().position(|b| matches!(b, b'}' | b'\n' | b'"' | b'\''));
                self.pos += stop.map_or(rest.len(), |n| n + usize::from(rest[n] == b'}'));
            }
            b'\r' if self.peek(1) == b'\n' => self.pos += 2,
            _ if self.pos < self.bytes.len() => self.pos += 1,
            _ => {}
        }
    }

    fn begin_field(&mut self) -> Lex<()> {
        let Some(m) = self.modes.last_mut() else { return Ok(()) };
        let (depth, letter) = (m.depth, m.letter());
        m.fields.push(depth);
        if m.fields.len() >= 4 {
            self.pos += 1;
            return Err(self.error(&format!("{letter}-string: expressions nested too deeply")));
        }
        Ok(())
    }

    fn leave_text(&mut self) {
        if let Some(m) = self.modes.last_mut() {
            (m.in_text, m.in_spec) = (false, false);
        }
    }
}
