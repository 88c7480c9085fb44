//! All tokens of a source, comments and blank lines included: what the module `tokenize` shows.
//!
//! The lexer that diagnoses errors gives the tokens of the grammar; between them is only space, in which comments and
//! line ends are looked for.

use crate::diagnose::token::{End, Kind, tokenize};
use crate::error::CompileError;

/// What a lexeme is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "the names are those of the module token")]
pub enum LexemeKind {
    Name,
    Number,
    String,
    Op,
    Newline,
    Indent,
    Dedent,
    EndMarker,
    Comment,
    Nl,
    FStringStart,
    FStringMiddle,
    FStringEnd,
    TStringStart,
    TStringMiddle,
    TStringEnd,
}

/// A lexeme: bytes `start..end` of the source.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Lexeme {
    /// What it is.
    pub kind: LexemeKind,
    /// First byte.
    pub start: usize,
    /// Byte after the last.
    pub end: usize,
}

/// The lexemes of a source up to its end or to the first error, and that error.
pub fn lexemes(source: &str) -> (Vec<Lexeme>, Option<CompileError>) {
    let tokens = tokenize(source);
    let mut out = Vec::new();
    let mut at = 0;
    for (i, t) in tokens.list.iter().enumerate() {
        let kind = match t.kind {
            Kind::Name => LexemeKind::Name,
            Kind::Number => LexemeKind::Number,
            Kind::String => LexemeKind::String,
            Kind::Op => LexemeKind::Op,
            Kind::Start(false) => LexemeKind::FStringStart,
            Kind::Middle(false) => LexemeKind::FStringMiddle,
            Kind::Stop(false) => LexemeKind::FStringEnd,
            Kind::Start(true) => LexemeKind::TStringStart,
            Kind::Middle(true) => LexemeKind::TStringMiddle,
            Kind::Stop(true) => LexemeKind::TStringEnd,
            Kind::Newline => {
                at = logical_end(source, at, t.start, &mut out);
                continue;
            }
            Kind::Indent | Kind::Dedent => {
                // The place is that of the token that follows on the line.
                let next =
                    tokens.list[i + 1..].iter().find(|n| !matches!(n.kind, Kind::Indent | Kind::Dedent));
                let next = next.map_or(source.len(), |n| n.start);
                at = between(source, at, next, &mut out);
                if t.kind == Kind::Indent {
                    let line = source[..next].rfind('\n').map_or(0, |n| n + 1);
                    out.push(Lexeme { kind: LexemeKind::Indent, start: line, end: next });
                } else {
                    out.push(Lexeme { kind: LexemeKind::Dedent, start: next, end: next });
                }
                continue;
            }
            Kind::EndMarker => {
                between(source, at, source.len(), &mut out);
                out.push(Lexeme { kind: LexemeKind::EndMarker, start: source.len(), end: source.len() });
                at = source.len();
                continue;
            }
        };
        between(source, at, t.start, &mut out);
        out.push(Lexeme { kind, start: t.start, end: t.end });
        at = t.end;
    }
    let error = match tokens.end {
        End::Done => None,
        End::Unclosed(_) => {
            Some(CompileError::new(crate::error::ErrorKind::Syntax, "unexpected EOF in multi-line statement"))
        }
        End::Error(e, _) => Some(*e),
    };
    (out, error)
}

/// Comments and line ends between two tokens; gives where the space ends.
fn between(source: &str, from: usize, to: usize, out: &mut Vec<Lexeme>) -> usize {
    let bytes = source.as_bytes();
    let mut at = from.min(to);
    while at < to {
        match bytes[at] {
            b'#' => {
                let end = line_end(bytes, at).min(to);
                out.push(Lexeme { kind: LexemeKind::Comment, start: at, end });
                at = end;
            }
            b'\\' => at = after_line(bytes, line_end(bytes, at)),
            b'\r' | b'\n' => {
                let end = after_line(bytes, at);
                out.push(Lexeme { kind: LexemeKind::Nl, start: at, end });
                at = end;
            }
            _ => at += 1,
        }
    }
    at.max(from)
}

/// The end of a logical line: perhaps a comment, then NEWLINE.
fn logical_end(source: &str, from: usize, start: usize, out: &mut Vec<Lexeme>) -> usize {
    let bytes = source.as_bytes();
    let mut at = between(source, from, start, out).max(start);
    if bytes.get(at) == Some(&b'#') {
        let end = line_end(bytes, at);
        out.push(Lexeme { kind: LexemeKind::Comment, start: at, end });
        at = end;
    }
    let end = after_line(bytes, at);
    out.push(Lexeme { kind: LexemeKind::Newline, start: at, end });
    end
}

fn line_end(bytes: &[u8], at: usize) -> usize {
    bytes[at..].iter().position(|b| matches!(b, b'\n' | b'\r')).map_or(bytes.len(), |n| at + n)
}

fn after_line(bytes: &[u8], at: usize) -> usize {
    if bytes[at..].starts_with(b"\r\n") { at + 2 } else { (at + 1).min(bytes.len()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_blank_lines_are_there() {
        let source = "# c\nif x:  # d\n    y\n\nz";
        let (list, error) = lexemes(source);
        assert!(error.is_none());
        let shown: Vec<(LexemeKind, &str)> = list.iter().map(|l| (l.kind, &source[l.start..l.end])).collect();
        use LexemeKind::*;
        let expected = [
            (Comment, "# c"),
            (Nl, "\n"),
            (Name, "if"),
            (Name, "x"),
            (Op, ":"),
            (Comment, "# d"),
            (Newline, "\n"),
            (Indent, "    "),
            (Name, "y"),
            (Newline, "\n"),
            (Nl, "\n"),
            (Dedent, ""),
            (Name, "z"),
            (Newline, ""),
            (EndMarker, ""),
        ];
        assert_eq!(shown, expected);
    }
}
