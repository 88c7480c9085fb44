//! The parser's errors in CPython's words.
//!
//! The parser names what it expected; CPython says "invalid syntax" unless one of its special rules finds a better text. What
//! such a rule covers is translated here, everything else is "invalid syntax" at the parser's place.

use crate::error::{CompileError, ErrorKind, place};
use ruff_python_ast::Expr;
use ruff_python_ast::token::TokenKind;
use ruff_python_parser::{
    InterpolatedStringErrorType, LexicalErrorType, ParseError, ParseErrorType, parse_expression,
};
use ruff_text_size::{TextRange, TextSize};

/// Texts of the parser that are CPython's own but for the first letter and the quotes.
const SAME: [&str; 6] = [
    "Only single target",
    "Cannot have both 'except' and 'except*'",
    "Expected one or more exception types",
    "Trailing comma not allowed",
    "Positional patterns cannot follow keyword patterns",
    "Multiple exception types must be parenthesized when using",
];

/// Keywords of statements that need a colon.
const COMPOUND: [&str; 14] = [
    "if", "elif", "else", "for", "while", "def", "class", "with", "try", "except", "finally", "async",
    "match", "case",
];

/// Translates an error.
pub(crate) fn from_parser(source: &str, e: &ParseError) -> CompileError {
    use ErrorKind::{Indentation, Syntax};
    if let Some((at, message)) = bracket(source, e) {
        return CompileError::at(Syntax, message, source, TextRange::at(at, TextSize::from(1)));
    }
    let own = e.error.to_string();
    let line = place(source, e.location.start()).0;
    let (kind, message): (_, String) = match &e.error {
        ParseErrorType::Lexical(l) => return lexical(source, e, l),
        ParseErrorType::UnexpectedIndentation => (Indentation, "unexpected indent".into()),
        ParseErrorType::FStringError(f) => (Syntax, interpolated("f", f, source, e)),
        ParseErrorType::TStringError(f) => (Syntax, interpolated("t", f, source, e)),
        _ if own.starts_with("Expected an indented block") => {
            (Indentation, indented_block(&own, source, line))
        }
        _ => (
            Syntax,
            plain(source, e, &own).or_else(|| digits(source, e)).unwrap_or_else(|| "invalid syntax".into()),
        ),
    };
    let mut range = e.location;
    if range.is_empty() || source.get(range.to_std_range()).is_some_and(|t| t.starts_with('\n')) {
        range = TextRange::at(range.start(), TextSize::from(1));
    }
    let mut error = CompileError::at(kind, message, source, e.location);
    if range != e.location {
        (error.end_line, error.end_col) = (error.line, error.col as i32 + 1);
    }
    error
}

fn lexical(source: &str, e: &ParseError, l: &LexicalErrorType) -> CompileError {
    let line = place(source, e.location.start()).0;
    let text = source.get(e.location.to_std_range()).unwrap_or("");
    let (kind, message) = match l {
        LexicalErrorType::IndentationError => {
            (ErrorKind::Indentation, "unindent does not match any outer indentation level".to_string())
        }
        LexicalErrorType::UnclosedStringError => {
            let triple = text.contains("'''") || text.contains("\"\"\"");
            let last = place(source, e.location.end()).0;
            let (what, line) = if triple { ("triple-quoted string", last) } else { ("string", line) };
            (ErrorKind::Syntax, format!("unterminated {what} literal (detected at line {line})"))
        }
        LexicalErrorType::InvalidByteLiteral => {
            (ErrorKind::Syntax, "bytes can only contain ASCII literal characters".to_string())
        }
        LexicalErrorType::LineContinuationError => {
            (ErrorKind::Syntax, "unexpected character after line continuation character".to_string())
        }
        LexicalErrorType::FStringError(f) => (ErrorKind::Syntax, interpolated("f", f, source, e)),
        LexicalErrorType::TStringError(f) => (ErrorKind::Syntax, interpolated("t", f, source, e)),
        LexicalErrorType::UnrecognizedToken { tok } if !tok.is_ascii() => {
            (ErrorKind::Syntax, format!("invalid character '{tok}' (U+{:04X})", *tok as u32))
        }
        LexicalErrorType::OtherError(m) => (ErrorKind::Syntax, number(m, source, e)),
        LexicalErrorType::Eof => (ErrorKind::Syntax, "unexpected EOF while parsing".to_string()),
        _ => (ErrorKind::Syntax, digits(source, e).unwrap_or_else(|| "invalid syntax".to_string())),
    };
    CompileError::at(kind, message, source, e.location)
}

/// Errors of number literals.
fn number(own: &str, source: &str, e: &ParseError) -> String {
    let start = usize::from(e.location.start());
    let text = source.get(start..).unwrap_or("").trim_start();
    let rest: String = text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    if own.contains("leading zeros") || (rest.starts_with('0') && rest.chars().all(|c| c.is_ascii_digit())) {
        let zeros = "leading zeros in decimal integer literals are not permitted";
        return format!("{zeros}; use an 0o prefix for octal integers");
    }
    let kind = match rest.get(..2).map(str::to_ascii_lowercase).as_deref() {
        Some("0x") => "hexadecimal",
        Some("0o") => "octal",
        Some("0b") => "binary",
        _ => "decimal",
    };
    if own.to_lowercase().contains("decimal") || own.to_lowercase().contains("digit") {
        return format!("invalid {kind} literal");
    }
    digits(source, e).unwrap_or_else(|| "invalid syntax".into())
}

/// The number the error is in, if it is one that cannot be read.
fn digits(source: &str, e: &ParseError) -> Option<String> {
    let at = usize::from(e.location.start()).min(source.len());
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let start = source.get(..at)?.rfind(|c| !word(c)).map_or(0, |i| i + 1);
    let token: String = source.get(start..)?.chars().take_while(|c| word(*c)).collect();
    let (radix, kind) = match token.get(..2).map(str::to_ascii_lowercase).as_deref() {
        Some("0x") => (16, "hexadecimal"),
        Some("0o") => (8, "octal"),
        Some("0b") => (2, "binary"),
        _ => (10, "decimal"),
    };
    if !token.starts_with(|c: char| c.is_ascii_digit())
        || (radix == 10 && at == start && !token.ends_with(['e', 'E']))
    {
        return None;
    }
    let wrong = token.get(2..).unwrap_or("").chars().find(|c| c.is_ascii_digit() && !c.is_digit(radix));
    Some(match wrong {
        Some(c) if radix != 10 => format!("invalid digit '{c}' in {kind} literal"),
        _ => format!("invalid {kind} literal"),
    })
}

fn interpolated(prefix: &str, f: &InterpolatedStringErrorType, source: &str, e: &ParseError) -> String {
    let line = place(source, e.location.end()).0;
    match f {
        InterpolatedStringErrorType::SingleRbrace => format!("{prefix}-string: single '}}' is not allowed"),
        InterpolatedStringErrorType::UnclosedLbrace => format!("{prefix}-string: expecting '}}'"),
        InterpolatedStringErrorType::UnterminatedString => {
            format!("unterminated {prefix}-string literal (detected at line {line})")
        }
        InterpolatedStringErrorType::UnterminatedTripleQuotedString => {
            format!("unterminated triple-quoted {prefix}-string literal (detected at line {line})")
        }
        InterpolatedStringErrorType::LambdaWithoutParentheses => {
            format!("{prefix}-string: lambda expressions are not allowed without parentheses")
        }
        InterpolatedStringErrorType::InvalidConversionFlag => {
            let text = source.get(e.location.to_std_range()).unwrap_or("");
            if text.chars().next().is_none_or(|c| !c.is_alphabetic()) {
                return format!("{prefix}-string: missing conversion character");
            }
            format!("{prefix}-string: invalid conversion character '{text}': expected 's', 'r', or 'a'")
        }
        InterpolatedStringErrorType::ConversionFlagNotImmediatelyAfterExclamation => {
            format!("{prefix}-string: conversion type must come right after the exclamation mark")
        }
        InterpolatedStringErrorType::NewlineInFormatSpec => {
            format!(
                "{prefix}-string: newlines are not allowed in format specifiers for single quoted {prefix}-strings"
            )
        }
    }
}

/// CPython names the line of the statement: the last one with code before the error.
fn indented_block(own: &str, source: &str, line: u32) -> String {
    let code = |l: &&str| !l.trim().is_empty() && !l.trim_start().starts_with('#');
    let before: Vec<&str> = source.lines().take(line.saturating_sub(1) as usize).collect();
    let last = before.iter().rposition(code).map_or(line, |i| i as u32 + 1);
    let text = own.strip_prefix("Expected").unwrap_or(own).replace('`', "'");
    format!("expected{text} on line {last}")
}

fn plain(source: &str, e: &ParseError, own: &str) -> Option<String> {
    use ParseErrorType as P;
    let text = match &e.error {
        P::PositionalAfterKeywordArgument => "positional argument follows keyword argument",
        P::PositionalAfterKeywordUnpacking => "positional argument follows keyword argument unpacking",
        P::InvalidArgumentUnpackingOrder => "iterable argument unpacking follows keyword argument unpacking",
        P::UnparenthesizedGeneratorExpression => "Generator expression must be parenthesized",
        P::IterableUnpackingInComprehension => "iterable unpacking cannot be used in comprehension",
        P::ParamAfterVarKeywordParam => "arguments cannot follow var-keyword argument",
        P::NonDefaultParamAfterDefaultParam => "parameter without a default follows parameter with a default",
        P::ExpectedKeywordParam => "named arguments must follow bare *",
        P::VarParameterWithDefault => "var-positional argument cannot have default value",
        P::InvalidStarredExpressionUsage => "cannot use starred expression here",
        P::InvalidAnnotatedAssignmentTarget => "illegal target for annotation",
        P::InvalidMatchPatternTarget => "cannot use '_' as a target",
        P::InvalidAssignmentTarget => return assignment(source, e.location),
        P::InvalidDeleteTarget => return Some(format!("cannot delete {}", target_kind(source, e.location)?)),
        P::InvalidNamedAssignmentTarget => {
            return Some(format!(
                "cannot use assignment expressions with {}",
                target_kind(source, e.location)?
            ));
        }
        P::InvalidAugmentedAssignmentTarget => {
            let kind = target_kind(source, e.location)?;
            return Some(format!("'{kind}' is an illegal expression for augmented assignment"));
        }
        P::ExpectedToken { expected: TokenKind::Colon, found } => {
            let line = place(source, e.location.start()).2;
            let first =
                line.trim_start().split(|c: char| !c.is_alphanumeric()).next().unwrap_or("").to_string();
            let ends = matches!(found, TokenKind::Newline | TokenKind::EndOfFile);
            if !ends {
                return statement_rule(source, e);
            }
            return COMPOUND.contains(&first.as_str()).then(|| "expected ':'".into());
        }
        P::ExpectedToken { .. } => return statement_rule(source, e),
        P::OtherError(_) if own.starts_with("Expected `except` or `finally`") => {
            "expected 'except' or 'finally' block"
        }
        P::OtherError(_) if SAME.iter().any(|s| own.starts_with(s)) => return Some(lower_first(own)),
        P::SimpleStatementsOnSameLine => return statement_rule(source, e),
        _ => return None,
    };
    Some(text.into())
}

/// `print x` and `if x = 1`.
fn statement_rule(source: &str, e: &ParseError) -> Option<String> {
    let line = place(source, e.location.start()).2;
    let words = line.trim_start();
    for f in ["print", "exec"] {
        if words
            .strip_prefix(f)
            .is_some_and(|rest| rest.starts_with(' ') && !rest.trim_start().starts_with('='))
        {
            return Some(format!("Missing parentheses in call to '{f}'. Did you mean {f}(...)?"));
        }
    }
    let found = source.get(usize::from(e.location.start())..).unwrap_or("");
    let assigns = found.starts_with('=') && !found.starts_with("==");
    let condition = ["if ", "elif ", "while "].iter().any(|k| words.starts_with(k));
    (assigns && condition).then(|| "invalid syntax. Maybe you meant '==' or ':=' instead of '='?".into())
}

/// `f() = 1`: CPython guesses at a comparison unless the target is part of something else.
fn assignment(source: &str, range: TextRange) -> Option<String> {
    let kind = target_kind(source, range)?;
    let after = source.get(usize::from(range.end())..).unwrap_or("").trim_start_matches([' ', ')']);
    let plain = after.starts_with('=') && !after.starts_with("==");
    let keeps = ["None", "True", "False", "comparison", "conditional expression", "lambda", "tuple", "list"];
    let line = place(source, range.start()).2;
    let alone = source
        .get(usize::from(range.start())..)
        .is_some_and(|t| line.trim_start_matches([' ', '(']).starts_with(t.lines().next().unwrap_or("?")));
    if plain && alone && !keeps.contains(&kind) {
        return Some(format!("cannot assign to {kind} here. Maybe you meant '==' instead of '='?"));
    }
    if kind == "yield expression" {
        return Some("assignment to yield expression not possible".into());
    }
    Some(format!("cannot assign to {kind}"))
}

/// What CPython calls the expression at a range.
fn target_kind(source: &str, range: TextRange) -> Option<&'static str> {
    let text = source.get(range.to_std_range())?;
    if text.starts_with('*') {
        return Some("starred");
    }
    let parsed = parse_expression(&format!("({text}\n)")).ok()?;
    Some(expr_name(&parsed.into_syntax().body))
}

/// What CPython calls an expression.
pub(crate) fn expr_name(e: &Expr) -> &'static str {
    match e {
        Expr::Call(_) => "function call",
        Expr::NumberLiteral(_) | Expr::StringLiteral(_) | Expr::BytesLiteral(_) => "literal",
        Expr::NoneLiteral(_) => "None",
        Expr::BooleanLiteral(b) => {
            if b.value {
                "True"
            } else {
                "False"
            }
        }
        Expr::EllipsisLiteral(_) => "ellipsis",
        Expr::BinOp(_) | Expr::UnaryOp(_) | Expr::BoolOp(_) => "expression",
        Expr::Compare(_) => "comparison",
        Expr::Lambda(_) => "lambda",
        Expr::If(_) => "conditional expression",
        Expr::Dict(_) => "dict literal",
        Expr::Set(_) => "set display",
        Expr::ListComp(_) => "list comprehension",
        Expr::SetComp(_) => "set comprehension",
        Expr::DictComp(_) => "dict comprehension",
        Expr::Generator(_) => "generator expression",
        Expr::Yield(_) | Expr::YieldFrom(_) => "yield expression",
        Expr::Await(_) => "await expression",
        Expr::FString(_) => "f-string expression",
        Expr::TString(_) => "t-string expression",
        Expr::Named(_) => "named expression",
        Expr::Tuple(_) => "tuple",
        Expr::List(_) => "list",
        Expr::Attribute(_) => "attribute",
        Expr::Subscript(_) => "subscript",
        Expr::Name(_) => "name",
        Expr::Starred(_) => "starred",
        _ => "expression",
    }
}

fn lower_first(s: &str) -> String {
    let mut chars = s.chars();
    chars.next().map_or_else(String::new, |c| c.to_lowercase().chain(chars).collect()).replace('`', "'")
}

/// A bracket that is never closed, if the error is at the end, or that closes nothing, if the error is there.
fn bracket(source: &str, e: &ParseError) -> Option<(TextSize, String)> {
    let (mut open, mut wrong) = (Vec::new(), None);
    crate::scan::brackets(source, |at, b| {
        let pair = match b {
            b')' => b'(',
            b']' => b'[',
            b'}' => b'{',
            _ => return open.push((at, b)),
        };
        let message = match open.pop() {
            Some((_, o)) if o == pair => return,
            Some((opened, o)) => {
                let offset = TextSize::try_from(opened).unwrap_or_default();
                let (line, here) =
                    (place(source, offset).0, place(source, TextSize::try_from(at).unwrap_or_default()).0);
                let on = if line == here { String::new() } else { format!(" on line {line}") };
                format!(
                    "closing parenthesis '{}' does not match opening parenthesis '{}'{on}",
                    b as char, o as char
                )
            }
            None => format!("unmatched '{}'", b as char),
        };
        wrong.get_or_insert((TextSize::try_from(at).unwrap_or_default(), message));
    });
    let start = usize::from(e.location.start()).min(source.len());
    if let Some((at, message)) = wrong {
        return (usize::from(at) >= start && usize::from(at) <= usize::from(e.location.end()))
            .then_some((at, message));
    }
    let &(at, b) = open.last()?;
    let at_end = source.get(start..).is_none_or(|t| t.trim().is_empty());
    at_end.then(|| (TextSize::try_from(at).unwrap_or_default(), format!("'{}' was never closed", b as char)))
}
