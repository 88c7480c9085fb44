//! The size ratchet, `xtask/tidy-ratchet.txt`: what was too long when the limit came may shrink, never grow.
//!
//! ```text
//! file crates/object/src/dict.rs 565
//! fn crates/vm/src/dispatch.rs Vm::run any       any: exempt, written by hand, kept by --bless
//! ```
//! Invariant: `judge` finds nothing right after `blessed` was written.

use super::{FILE_LINES_MAX, FN_LINES_MAX, Finding};
use std::collections::BTreeMap;
use std::fmt::Write as _;

const HEAD: &str = "\
# Files over 500 lines and functions over 70: they may shrink, never grow. `cargo xtask tidy --bless` writes this.
# `any` in place of a number exempts a function for good; only a person writes that.
";

/// The length of a file or a function.
#[derive(Debug, PartialEq, Eq)]
pub struct Measured {
    key: String,
    path: String,
    line: usize,
    lines: usize,
    limit: usize,
}

impl Measured {
    /// A file.
    pub fn file(path: &str, lines: usize) -> Self {
        Measured { key: format!("file {path}"), path: path.to_owned(), line: 1, lines, limit: FILE_LINES_MAX }
    }

    /// A function; `name` has its scope: `Heap::alloc`.
    pub fn function(path: &str, name: &str, line: usize, lines: usize) -> Self {
        Measured { key: format!("fn {path} {name}"), path: path.to_owned(), line, lines, limit: FN_LINES_MAX }
    }

    fn subject(&self) -> &str {
        match self.key.strip_prefix("fn ").and_then(|rest| rest.split_once(' ')) {
            Some((_, name)) => name,
            None => "the file",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Allowed {
    Lines(usize),
    Any,
}

/// What is allowed above the limits.
#[derive(Debug, Default)]
pub struct Ratchet(BTreeMap<String, Allowed>);

/// The comparison of today's sizes with the ratchet.
#[derive(Debug, Default)]
pub struct Verdict {
    /// New or grown offenders.
    pub findings: Vec<Finding>,
    /// Entries that can be lowered or dropped.
    pub notes: Vec<String>,
}

impl Ratchet {
    /// Reads the file; the second half are lines that make no sense.
    pub fn parse(text: &str) -> (Ratchet, Vec<(usize, String)>) {
        let mut ratchet = Ratchet::default();
        let mut complaints = Vec::new();
        for (i, line) in text.lines().enumerate().filter(|(_, l)| !l.is_empty() && !l.starts_with('#')) {
            let parsed = line.rsplit_once(' ').and_then(|(key, n)| {
                let allowed = if n == "any" { Allowed::Any } else { Allowed::Lines(n.parse().ok()?) };
                Some((key.to_owned(), allowed))
            });
            match parsed {
                Some((key, allowed)) => _ = ratchet.0.insert(key, allowed),
                None => {
                    complaints.push((i + 1, format!("not `file PATH LINES` or `fn PATH NAME LINES`: {line}")))
                }
            }
        }
        (ratchet, complaints)
    }

    /// Compares.
    pub fn judge(&self, measured: &[Measured]) -> Verdict {
        let mut verdict = Verdict::default();
        let longest = longest_by_key(measured);
        for m in longest.values().filter(|m| m.lines > m.limit) {
            let (lines, subject) = (m.lines, m.subject());
            let what = match self.0.get(&m.key) {
                None => format!("{subject} has {lines} lines, the limit is {}", m.limit),
                Some(Allowed::Lines(n)) if lines > *n => format!("{subject} grew from {n} to {lines} lines"),
                Some(_) => continue,
            };
            verdict.findings.push(Finding::new(&m.path, m.line, what));
        }
        for (key, allowed) in &self.0 {
            let Allowed::Lines(n) = allowed else { continue };
            let now = longest.get(key.as_str()).filter(|m| m.lines > m.limit).map(|m| m.lines);
            match now {
                None => {
                    verdict.notes.push(format!("`{key} {n}` is no longer needed: cargo xtask tidy --bless"))
                }
                Some(now) if now < *n => {
                    verdict.notes.push(format!("`{key} {n}` shrank to {now}: cargo xtask tidy --bless"));
                }
                Some(_) => {}
            }
        }
        verdict
    }

    /// The file's text for today's sizes.
    pub fn blessed(&self, measured: &[Measured]) -> String {
        let mut text = HEAD.to_owned();
        for (key, m) in longest_by_key(measured) {
            if self.0.get(key) == Some(&Allowed::Any) {
                _ = writeln!(text, "{key} any");
            } else if m.lines > m.limit {
                _ = writeln!(text, "{key} {}", m.lines);
            }
        }
        text
    }
}

/// Two functions of one name and scope share an entry: the longer one counts.
fn longest_by_key(measured: &[Measured]) -> BTreeMap<&str, &Measured> {
    let mut longest: BTreeMap<&str, &Measured> = BTreeMap::new();
    for m in measured {
        let entry = longest.entry(&m.key).or_insert(m);
        if m.lines > entry.lines {
            *entry = m;
        }
    }
    longest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(ratchet: &str, measured: &[Measured]) -> (Vec<String>, usize) {
        let (ratchet, complaints) = Ratchet::parse(ratchet);
        assert!(complaints.is_empty());
        let verdict = ratchet.judge(measured);
        (verdict.findings.iter().map(ToString::to_string).collect(), verdict.notes.len())
    }

    #[test]
    fn new_offenders_fail() {
        let found = judged("", &[Measured::file("a.rs", 501), Measured::function("a.rs", "S::f", 9, 71)]);
        let expected = [
            "a.rs:1: the file has 501 lines, the limit is 500",
            "a.rs:9: S::f has 71 lines, the limit is 70",
        ];
        assert_eq!(found, (expected.map(str::to_owned).to_vec(), 0));
        assert_eq!(judged("", &[Measured::file("a.rs", 500)]), (vec![], 0));
    }

    #[test]
    fn known_offenders_may_not_grow() {
        let ratchet = "# head\nfile a.rs 600\nfn a.rs f 80\n";
        assert_eq!(
            judged(ratchet, &[Measured::file("a.rs", 600), Measured::function("a.rs", "f", 1, 80)]),
            (vec![], 0)
        );
        let (found, notes) =
            judged(ratchet, &[Measured::file("a.rs", 601), Measured::function("a.rs", "f", 1, 79)]);
        assert_eq!(found, ["a.rs:1: the file grew from 600 to 601 lines"]);
        assert_eq!(notes, 1, "the function shrank");
    }

    #[test]
    fn mended_and_gone_entries_are_noted() {
        assert_eq!(judged("file a.rs 600\nfile gone.rs 700\n", &[Measured::file("a.rs", 9)]), (vec![], 2));
    }

    #[test]
    fn exempt_functions_stay_exempt() {
        let measured = [Measured::function("a.rs", "run", 1, 2000)];
        let (ratchet, _) = Ratchet::parse("fn a.rs run any\n");
        assert!(ratchet.judge(&measured).findings.is_empty());
        assert!(ratchet.blessed(&measured).ends_with("fn a.rs run any\n"));
    }

    #[test]
    fn blessing_satisfies() {
        let measured =
            [Measured::file("a.rs", 501), Measured::function("a.rs", "f", 1, 90), Measured::file("b.rs", 9)];
        let text = Ratchet::default().blessed(&measured);
        assert_eq!(judged(&text, &measured), (vec![], 0));
        assert!(!text.contains("b.rs"));
    }

    #[test]
    fn senseless_lines_are_reported() {
        assert_eq!(Ratchet::parse("file a.rs\n").1[0].0, 1);
    }
}
