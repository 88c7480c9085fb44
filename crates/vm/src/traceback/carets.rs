//! The underlining below a source line: which part of a range raised, found by parsing the range's text.
//!
//! ```text
//!     x = a[0][1]
//!         ~~~~^^^        binary operators, brackets and call parentheses are marked, their operands get `~`
//! ```

use super::source::{char_offset, dedent, display_width};
use ruff_python_ast::{Expr, Stmt};
use ruff_text_size::{Ranged, TextSize};

/// A place in the lines of a segment: line from 0, column in characters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct At {
    line: usize,
    col: usize,
}

/// The marked part of a segment.
#[derive(Clone, Copy, Debug)]
struct Anchors {
    left: At,
    right: At,
}

/// The range of an instruction in the source lines of its frame.
pub(super) struct Span<'a> {
    /// The source lines, first to last, as they are.
    pub lines: &'a [String],
    /// First column in bytes.
    pub col: usize,
    /// Column after the last, in bytes of the last line.
    pub end_col: usize,
}

/// Longer ranges are shown without a closer look.
const MAX_SEGMENT: usize = 16 << 10;
const MAX_NESTING: usize = 60;

/// Could the parser recurse too deeply on this text? Errs on the safe side.
fn is_too_deep(text: &str) -> bool {
    let (mut depth, mut deepest, mut run, mut longest) = (0usize, 0usize, 0usize, 0usize);
    for b in text.bytes() {
        match b {
            b'(' | b'[' | b'{' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            b'-' | b'+' | b'~' | b'*' => run += 1,
            _ if b.is_ascii_whitespace() => {}
            _ => run = 0,
        }
        longest = longest.max(run);
    }
    let words = text.split(|c: char| !c.is_alphanumeric() && c != '_');
    let nesting_words = words.filter(|w| matches!(*w, "not" | "lambda" | "if" | "await" | "else")).count();
    text.len() > MAX_SEGMENT || deepest > MAX_NESTING || longest > MAX_NESTING || nesting_words > MAX_NESTING
}

fn parse(text: &str) -> Option<Vec<Stmt>> {
    if is_too_deep(text) {
        return None;
    }
    ruff_python_parser::parse_module(text).ok().map(|p| p.into_syntax().body.to_vec())
}

struct Segment<'a> {
    text: &'a str,
    lines: Vec<Vec<char>>,
}

impl Segment<'_> {
    /// Where a byte of the parsed text (two bytes longer at the front) lies.
    fn at(&self, offset: TextSize) -> Option<At> {
        let before = self.text.get(..offset.to_usize().checked_sub(2)?)?;
        let start = before.rfind('\n').map_or(0, |i| i + 1);
        Some(At { line: before.matches('\n').count(), col: before[start..].chars().count() })
    }

    fn char_at(&self, at: At) -> Option<char> {
        self.lines.get(at.line)?.get(at.col).copied()
    }

    /// `at`, or the next place that has a character.
    fn valid(&self, mut at: At) -> Option<At> {
        while at.line < self.lines.len() && at.col >= self.lines[at.line].len() {
            at = At { line: at.line + 1, col: 0 };
        }
        (at.line < self.lines.len()).then_some(at)
    }

    /// The first character from `at` on, comments and backslashes skipped, that satisfies `stop`.
    fn find(&self, at: At, stop: impl Fn(char) -> bool) -> Option<At> {
        let mut at = self.valid(at)?;
        loop {
            let c = self.char_at(at)?;
            at = match c {
                '\\' | '#' => self.valid(At { line: at.line + 1, col: 0 })?,
                c if stop(c) => return Some(at),
                _ => self.valid(At { line: at.line, col: at.col + 1 })?,
            };
        }
    }
}

/// The operator, index or argument list of the expression that `segment` is.
fn anchors(segment: &str) -> Option<Anchors> {
    let body = parse(&format!("(\n{segment}\n)"))?;
    let [Stmt::Expr(statement)] = body.as_slice() else { return None };
    let lines = segment.split('\n').map(|l| l.chars().collect()).collect();
    let s = Segment { text: segment, lines };
    match &*statement.value {
        Expr::BinOp(e) => {
            let left = s.find(s.at(e.left.end())?, |c| !c.is_whitespace() && c != ')')?;
            let mut right = At { line: left.line, col: left.col + 1 };
            let operand = s.at(e.right.start())?;
            if (operand.line > left.line || right.col < operand.col)
                && s.char_at(right).is_some_and(|c| !c.is_whitespace() && c != '\\' && c != '#')
            {
                right.col += 1;
            }
            Some(Anchors { left, right })
        }
        Expr::Subscript(e) => {
            let left = s.find(s.at(e.value.end())?, |c| c == '[')?;
            Some(Anchors { left, right: s.at(e.end())? })
        }
        Expr::Call(e) => {
            let left = s.find(s.at(e.func.end())?, |c| c == '(')?;
            Some(Anchors { left, right: s.at(e.end())? })
        }
        _ => None,
    }
}

/// Is the statement `return f(…)` or `x = …(…)` whose call is the whole range? Then carets would say nothing.
fn is_plain_call(lines: &[String], start: usize, end: usize) -> Option<bool> {
    let text = lines.join("\n");
    let body = parse(&text)?;
    let value = match body.first() {
        None => return Some(true),
        Some(Stmt::Return(r)) => match r.value.as_deref() {
            Some(Expr::Call(c)) if c.func.is_name_expr() => c,
            _ => return Some(false),
        },
        Some(Stmt::Assign(a)) => match (&*a.value, a.targets.as_slice()) {
            (Expr::Call(c), [Expr::Name(_)]) => c,
            _ => return Some(false),
        },
        Some(_) => return Some(false),
    };
    let last_start = text.rfind('\n').map_or(0, |i| i + 1);
    let end_matches = value.end().to_usize().checked_sub(last_start) == Some(end);
    Some(value.start().to_usize() == start && end_matches)
}

/// One line of the picture: what decides which character stands where.
struct Picture {
    lines: Vec<String>,
    start_col: usize,
    end_col: usize,
    anchors: Option<(At, At)>,
    show: bool,
}

impl Picture {
    fn put_line(&self, i: usize, out: &mut Vec<String>) {
        let line = &self.lines[i];
        out.push(line.clone());
        if !self.show {
            return;
        }
        let spaces = line.chars().count() - line.trim_start().chars().count();
        let last = i == self.lines.len() - 1;
        let n = if last { self.end_col } else { display_width(line, line.chars().count()) };
        let mut carets = String::with_capacity(n);
        for col in 0..n {
            let here = At { line: i, col };
            carets.push(if col < spaces || (i == 0 && col < self.start_col) {
                ' '
            } else {
                match self.anchors {
                    Some((left, right)) if here >= left && here < right => '^',
                    Some(_) => '~',
                    None => '^',
                }
            });
        }
        out.push(carets);
    }
}

/// The source lines of a frame with their underlining, indented by four.
pub(super) fn underline(span: &Span<'_>) -> String {
    let mut lines = span.lines.to_vec();
    let (Some(first), Some(last)) = (span.lines.first(), span.lines.last()) else { return String::new() };
    let (start, end) = (char_offset(first, span.col), char_offset(last, span.end_col));
    dedent(&mut lines);
    let removed = first.chars().count() - lines[0].chars().count();
    let (start, end) = (start.saturating_sub(removed), end.saturating_sub(removed));
    let n = lines.len();
    let skip = |s: &str, k: usize| s.char_indices().nth(k).map_or(s.len(), |(i, _)| i);
    let joined = lines.join("\n");
    let tail = lines[n - 1].len() - skip(&lines[n - 1], end);
    let segment = joined.get(skip(&joined, start)..joined.len() - tail).unwrap_or("");
    let found = anchors(segment);
    let before = &lines[0][..skip(&lines[0], start)];
    let after = &lines[n - 1][skip(&lines[n - 1], end)..];
    let show = match is_plain_call(&lines, start, end) {
        Some(true) => false,
        _ => found.is_some() || !before.trim_start().is_empty() || !after.trim_end().is_empty(),
    };
    let mut significant = vec![0, n - 1];
    let on_screen = |at: At| {
        let col = if at.line == 0 { at.col + start } else { at.col };
        At { line: at.line, col: lines.get(at.line).map_or(col, |l| display_width(l, col)) }
    };
    if let Some(a) = found {
        for at in [a.left, a.right] {
            significant.extend([at.line.wrapping_sub(1), at.line, at.line + 1]);
        }
    }
    significant.retain(|&i| i < n);
    significant.sort_unstable();
    significant.dedup();
    let picture = Picture {
        start_col: display_width(&lines[0], start),
        end_col: display_width(&lines[n - 1], end),
        anchors: found.map(|a| (on_screen(a.left), on_screen(a.right))),
        show,
        lines,
    };
    indent(&picture, &significant)
}

fn indent(picture: &Picture, significant: &[usize]) -> String {
    let mut out = Vec::new();
    for (k, &i) in significant.iter().enumerate() {
        if k > 0 {
            match i - significant[k - 1] {
                2 => picture.put_line(i - 1, &mut out),
                gap if gap > 2 => out.push(format!("...<{} lines>...", gap - 1)),
                _ => {}
            }
        }
        picture.put_line(i, &mut out);
    }
    dedent(&mut out);
    out.iter().map(|l| format!("    {l}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::{Span, underline};

    fn show(line: &str, col: usize, end_col: usize) -> String {
        underline(&Span { lines: &[line.to_owned()], col, end_col })
    }

    #[test]
    fn operators_brackets_and_calls() {
        assert_eq!(show("    x = 1 / 0", 8, 13), "    x = 1 / 0\n        ~~^~~\n");
        assert_eq!(show("a[0][1]", 0, 7), "    a[0][1]\n    ~~~~^^^\n");
        assert_eq!(show("f(x)", 0, 4), "    f(x)\n    ~^^^\n");
        assert_eq!(show("y = f(x)", 4, 8), "    y = f(x)\n");
        assert_eq!(show("raise ValueError", 0, 16), "    raise ValueError\n");
        assert_eq!(show("x = a.b.c", 4, 9), "    x = a.b.c\n        ^^^^^\n");
    }
}
