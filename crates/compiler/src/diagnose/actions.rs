//! Errors of matched rules: their places, and what CPython calls the expressions in them.
//!
//! ```text
//! Action { verb, args, text } + bound spans ─► range of tokens ─► CompileError
//! ```
//! Invariant: an action that does not raise makes its rule fail, without trying its other alternatives.

use super::literals;
use super::matcher::{Bound, Match, Matcher, Span, Stop};
use super::rules::Action;
use super::token::{Kind, Token, range};
use crate::error::{CompileError, ErrorKind};
use crate::parse_error::expr_name;
use ruff_python_ast::{CmpOp, Expr, Mod};
use ruff_python_parser::{parse_expression, parse_parenthesized_expression_range};
use ruff_text_size::{Ranged, TextRange};

/// What a target is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Target {
    Assign,
    For,
    Delete,
}

impl Matcher<'_> {
    /// Does what an alternative says about its match, which ends before token `end`.
    pub(super) fn act(&mut self, action: &Action, bound: &Bound, end: usize) -> Match {
        let first = action.args.first().map_or((0, 0), |a| span(bound, *a));
        let text = |m: &Self| m.fill_in(&action.text, bound);
        let stop = match action.verb.as_str() {
            "at" => self.raise(&text(self), self.node(first)),
            "range" => {
                let last = action.args.get(1).map_or(first, |b| span(bound, *b));
                self.raise(&text(self), self.node(first).cover(self.node(last)))
            }
            "from" => {
                let start = self.node(first).start().to_usize();
                match self.raise(&text(self), range(start, self.last().end.max(start))) {
                    Stop::Error(mut e) => {
                        // The reference counts from 0 here, and a newline is one more.
                        let newline = self.last().kind == Kind::Newline && self.last().end > start;
                        e.end_col -= i32::from(!newline);
                        Stop::Error(e)
                    }
                    other => other,
                }
            }
            "here" => self.raise_at(ErrorKind::Syntax, &text(self), self.last()),
            "indent" => self.raise_at(ErrorKind::Indentation, &text(self), self.last()),
            "next" => {
                let token = self.token(end)?;
                self.raise_at(ErrorKind::Syntax, &text(self), token)
            }
            "after" => {
                let node = self.node(first).end().to_usize();
                let start = self.source[..node].char_indices().next_back().map_or(0, |(i, _)| i);
                match self.raise(&text(self), range(start, start)) {
                    Stop::Error(mut e) => {
                        e.end_col = 0;
                        Stop::Error(e)
                    }
                    other => other,
                }
            }
            verb => return self.special(verb, bound, &action.text, end),
        };
        Err(stop)
    }

    fn special(&mut self, verb: &str, bound: &Bound, text: &str, end: usize) -> Match {
        let (a, b) = (span(bound, 'a'), span(bound, 'b'));
        match verb {
            "target" => self.target(a, Target::Assign, text),
            "target_for" => self.target(a, Target::For, text),
            "target_del" => self.target(a, Target::Delete, text),
            "comma" => {
                let nested =
                    end.checked_sub(1).and_then(|i| self.tokens.list.get(i)).is_some_and(|t| t.level > 0);
                if !nested || self.is_legacy(a) {
                    return Ok(None);
                }
                let message = "invalid syntax. Perhaps you forgot a comma?";
                Err(self.raise(message, self.node(a).cover(self.node(b))))
            }
            "legacy" if self.is_legacy(a) => {
                let name = self.span_text(a).to_string();
                let message = format!("Missing parentheses in call to '{name}'. Did you mean {name}(...)?");
                Err(self.raise(&message, self.node(a).cover(self.node(b))))
            }
            "bare_generator" => {
                let arguments = self.arguments(a);
                let Some((positional, _)) = arguments.filter(|(p, _)| p.len() > 1) else { return Ok(None) };
                let Some(last) = positional.last() else { return Ok(None) };
                Err(self.raise("Generator expression must be parenthesized", last.cover(self.node(b))))
            }
            "argument_order" => {
                let unpacks = self.arguments(a).is_some_and(|(_, unpacks)| unpacks);
                let more = if unpacks { " unpacking" } else { "" };
                let message = format!("positional argument follows keyword argument{more}");
                Err(self.raise_at(ErrorKind::Syntax, &message, self.last()))
            }
            "real" | "imaginary" => {
                if self.span_text(a).ends_with(['j', 'J']) == (verb == "imaginary") {
                    return Ok(Some(end));
                }
                Err(self.raise(&format!("{verb} number required in complex literal"), self.node(a)))
            }
            "conversion" => self.conversion(a, b, end),
            "strings" => {
                let tokens = self.tokens.list.get(a.0..a.1).unwrap_or_default();
                match literals::check(self.source, tokens) {
                    Some(e) if e.line == 0 => Err(self.raise_at(ErrorKind::Syntax, &e.message, self.last())),
                    Some(e) => Err(Stop::Error(Box::new(e))),
                    None => Ok(Some(end)),
                }
            }
            _ => Ok(None),
        }
    }

    fn target(&self, a: Span, kind: Target, text: &str) -> Match {
        let Some(e) = self.parse(a) else {
            let starred = kind == Target::Delete && self.span_text(a).starts_with('*');
            let stop = || self.raise(&format!("{text} starred"), self.node(a));
            return if starred { Err(stop()) } else { Ok(None) };
        };
        let Some(wrong) = invalid_target(&e, kind) else { return Ok(None) };
        Err(self.raise(&format!("{text} {}", expr_name(wrong)), wrong.range()))
    }

    fn conversion(&self, a: Span, b: Span, end: usize) -> Match {
        let (mark, name) = (self.tokens.list[a.0], self.tokens.list[b.0]);
        let template = self.tokens.list[..a.0].iter().rev().find_map(|t| match t.kind {
            Kind::Start(template) => Some(template),
            _ => None,
        });
        let letter = if template == Some(true) { 't' } else { 'f' };
        if mark.end != name.start {
            let message =
                format!("{letter}-string: conversion type must come right after the exclamation mark");
            return Err(self.raise(&message, range(mark.start, name.end)));
        }
        let text = self.span_text(b);
        if matches!(text, "s" | "r" | "a") {
            return Ok(Some(end));
        }
        let message =
            format!("{letter}-string: invalid conversion character '{text}': expected 's', 'r', or 'a'");
        Err(self.raise(&message, range(name.start, name.end)))
    }

    fn is_legacy(&self, a: Span) -> bool {
        a.1 == a.0 + 1 && matches!(self.span_text(a), "print" | "exec")
    }

    fn span_text(&self, s: Span) -> &str {
        let (start, end) = self.bytes(s);
        self.source.get(start..end).unwrap_or("")
    }

    /// First byte and end of a span.
    fn bytes(&self, s: Span) -> (usize, usize) {
        let start = self.tokens.list.get(s.0).map_or(0, |t| t.start);
        let end = s.1.checked_sub(1).and_then(|i| self.tokens.list.get(i)).map_or(start, |t| t.end);
        (start, end.max(start))
    }

    fn parse(&self, s: Span) -> Option<Expr> {
        let (start, end) = self.bytes(s);
        let parsed = parse_parenthesized_expression_range(self.source, range(start, end)).ok()?;
        Some(*parsed.into_syntax().body)
    }

    /// Place of a span, without the parentheses around it.
    fn node(&self, s: Span) -> TextRange {
        let (start, end) = self.bytes(s);
        let text = self.source.get(start..end).unwrap_or("");
        if s.1 > s.0 + 1
            && (text.starts_with('(') || text.ends_with(')'))
            && let Some(e) = self.parse(s)
        {
            return e.range();
        }
        range(start, end)
    }

    /// Places of the positional arguments, and whether there is `**`.
    fn arguments(&self, a: Span) -> Option<(Vec<TextRange>, bool)> {
        let (start, end) = self.bytes(a);
        let text = format!("f({}\n)", self.source.get(start..end)?);
        let Mod::Expression(parsed) = Mod::Expression(parse_expression(&text).ok()?.into_syntax()) else {
            return None;
        };
        let Expr::Call(call) = *parsed.body else { return None };
        let places = call.arguments.args.iter().map(|e| {
            let r = e.range();
            range(r.start().to_usize() + start - 2, r.end().to_usize() + start - 2)
        });
        Some((places.collect(), call.arguments.keywords.iter().any(|k| k.arg.is_none())))
    }

    /// The last token read.
    pub(super) fn last(&self) -> Token {
        self.tokens.list[self.fill.saturating_sub(1).min(self.tokens.list.len().saturating_sub(1))]
    }

    fn fill_in(&self, text: &str, bound: &Bound) -> String {
        let mut filled = text.to_string();
        for (name, s) in bound {
            if filled.contains(&format!("{{{name}}}")) {
                let starred = self.span_text(*s).starts_with('*');
                let other = if starred { "starred" } else { "expression" };
                let what = self.parse(*s).map_or(other, |e| expr_name(&e));
                filled = filled.replace(&format!("{{{name}}}"), what);
            }
            filled = filled.replace(&format!("{{{name}.text}}"), self.span_text(*s));
            if filled.contains(".line}") {
                let line = self.source[..self.bytes(*s).0].matches('\n').count() + 1;
                filled = filled.replace(&format!("{{{name}.line}}"), &line.to_string());
            }
        }
        filled
    }

    /// Place of a token.
    pub(super) fn range_of(&self, token: Token) -> TextRange {
        range(token.start, token.end)
    }

    /// A SyntaxError; an empty range is a character wide.
    pub(super) fn raise(&self, message: &str, at: TextRange) -> Stop {
        let mut e = CompileError::at(ErrorKind::Syntax, message, self.source, at);
        if e.end_line > e.line {
            let width = e.text.as_ref().map_or(0, |t| t.chars().count() as i32);
            e.end_col = e.end_col.min(width + 1);
        }
        if at.is_empty() {
            (e.end_line, e.end_col) = (e.line, e.col as i32 + 1);
        }
        Stop::Error(Box::new(e))
    }

    pub(super) fn raise_at(&self, kind: ErrorKind, message: &str, token: Token) -> Stop {
        if matches!(token.kind, Kind::Indent | Kind::Dedent | Kind::EndMarker) {
            let mut e = self.indentation(message, token);
            e.kind = kind;
            return Stop::Error(Box::new(e));
        }
        match self.raise(message, self.range_of(token)) {
            Stop::Error(mut e) => {
                e.kind = kind;
                // A newline behind a comment begins with the comment.
                e.end_col += i32::from(token.kind == Kind::Newline && token.end > token.start);
                Stop::Error(e)
            }
            other => other,
        }
    }

    /// An IndentationError at a token that has no text.
    pub(super) fn indentation(&self, message: &str, token: Token) -> CompileError {
        let mut at = token.start;
        if token.kind == Kind::EndMarker {
            at = self.source.strip_suffix('\n').unwrap_or(self.source).len();
        }
        let mut e = CompileError::at(ErrorKind::Indentation, message, self.source, range(at, at));
        if token.kind != Kind::EndMarker {
            e.col = e.col.saturating_sub(1);
        }
        e.end_col = -1;
        e
    }
}

fn span(bound: &Bound, name: char) -> Span {
    bound.iter().find(|(n, _)| *n == name).map_or((0, 0), |(_, s)| *s)
}

/// The first part of a target that cannot be one.
fn invalid_target(e: &Expr, kind: Target) -> Option<&Expr> {
    match e {
        Expr::List(l) => l.elts.iter().find_map(|e| invalid_target(e, kind)),
        Expr::Tuple(t) => t.elts.iter().find_map(|e| invalid_target(e, kind)),
        Expr::Starred(s) if kind != Target::Delete => invalid_target(&s.value, kind),
        Expr::Compare(c) if kind == Target::For => {
            if c.ops.first() == Some(&CmpOp::In) {
                invalid_target(&c.left, kind)
            } else {
                None
            }
        }
        Expr::Name(_) | Expr::Subscript(_) | Expr::Attribute(_) => None,
        _ => Some(e),
    }
}
