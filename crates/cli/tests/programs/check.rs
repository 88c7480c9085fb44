//! The verdict on one run: golden files against what the interpreter printed.
//!
//! Standard output and the exit code always count; standard error counts where a golden file for it exists.
//! Invariant: the complaint alone is enough to see what went wrong: differences first, then the other stream's end.

use crate::corpus::{Corpus, Program};
use crate::ledger::Ledger;
use crate::run::{Outcome, TIME_LIMIT, hide_addresses};
use libtest_mimic::{Failed, Trial};
use similar::TextDiff;
use std::fmt::Write as _;

/// Lines of a difference that are shown.
const DIFF_LINES_MAX: usize = 80;
/// Last lines of standard error shown when the exit code is not the expected one.
const TAIL_LINES: usize = 15;

/// Compares a run with the golden files.
///
/// # Errors
/// A readable account of every difference.
pub fn compare(program: &Program, outcome: &Outcome) -> Result<(), String> {
    let golden =
        |suffix: &str| program.read_beside(suffix).map_err(|e| format!("cannot read the golden file: {e}"));
    let Some(stdout) = golden("out")? else {
        return Err("no golden file: write it with `cargo xtask golden`".to_owned());
    };
    let code = match golden("exit")? {
        Some(text) => {
            text.trim().parse().map_err(|_| format!("the .exit file says {text:?}, not a number"))?
        }
        None => 0,
    };
    let mut complaint = String::new();
    if outcome.timed_out {
        _ = writeln!(complaint, "stopped after {} s", TIME_LIMIT.as_secs());
    } else if outcome.code != code {
        _ = writeln!(complaint, "exit code {}, expected {code}", describe(outcome.code));
    }
    complaint += &diff("stdout", &stdout, &outcome.stdout);
    match golden("err")? {
        Some(stderr) => complaint += &diff("stderr", &stderr, &outcome.stderr),
        None if !complaint.is_empty() => complaint += &tail("stderr", &outcome.stderr),
        None => {}
    }
    if complaint.is_empty() { Ok(()) } else { Err(complaint) }
}

fn describe(code: i32) -> String {
    if code < 0 { format!("{code} (killed by signal {})", -code) } else { code.to_string() }
}

fn diff(stream: &str, expected: &str, actual: &str) -> String {
    let expected = hide_addresses(expected);
    if expected == actual {
        return String::new();
    }
    let diff = TextDiff::from_lines(expected.as_str(), actual);
    let text = diff
        .unified_diff()
        .context_radius(3)
        .header(&format!("{stream} expected"), &format!("{stream} actual"))
        .to_string();
    let total = text.lines().count();
    let mut shown: String = text.split_inclusive('\n').take(DIFF_LINES_MAX).collect();
    if total > DIFF_LINES_MAX {
        _ = writeln!(shown, "… {} more lines", total - DIFF_LINES_MAX);
    }
    shown
}

fn tail(stream: &str, text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    if lines.is_empty() {
        return String::new();
    }
    let from = lines.len().saturating_sub(TAIL_LINES);
    format!("{stream} ended with\n  {}\n", lines[from..].join("\n  "))
}

/// Tests of the runner itself; this target has its own `main`, so `#[test]` would never run.
pub fn self_tests() -> Vec<Trial> {
    vec![
        Trial::test("runner/diff_shows_the_line", || {
            ensure(diff("stdout", "a\nb\n", "a\nc\n").contains("-b\n+c\n"), "the changed line")?;
            ensure(diff("stdout", "a\n", "a\n").is_empty(), "equal texts differ in nothing")
        }),
        Trial::test("runner/addresses_are_hidden", || {
            ensure(
                hide_addresses("<a at 0x7fB0> at 0xg <b at 0x1>") == "<a at 0x…> at 0xg <b at 0x…>",
                "both",
            )?;
            ensure(hide_addresses("0x10 at 0") == "0x10 at 0", "numbers stay")
        }),
        Trial::test("runner/ledger_wants_reasons", || {
            let (ledger, complaints) =
                Ledger::parse("# head\n\nbasic/a.py # slow\nbasic/b\nbasic/a # again\n");
            ensure(ledger.names().collect::<Vec<_>>() == ["basic/a", "basic/b"], "both names")?;
            ensure(ledger.reason("basic/b") == Some(""), "an entry without a reason is still an entry")?;
            ensure(complaints.len() == 2, "no reason, and listed twice")
        }),
        Trial::test("runner/corpus_finds_strays", corpus_finds_strays),
    ]
}

fn corpus_finds_strays() -> Result<(), Failed> {
    let root = std::env::temp_dir().join(format!("hognose-corpus-{}", std::process::id()));
    std::fs::create_dir_all(root.join("a/_support"))?;
    for file in ["a/x.py", "a/x.out", "a/y.err", "a/_support/z.py", "failures.txt"] {
        std::fs::write(root.join(file), "")?;
    }
    let corpus = Corpus::read(&root)?;
    std::fs::remove_dir_all(&root)?;
    ensure(corpus.programs.len() == 1 && corpus.programs[0].name == "a/x", "one program, support left out")?;
    ensure(corpus.strays == ["a/y.err"], "the golden file of no program")
}

fn ensure(holds: bool, what: &str) -> Result<(), Failed> {
    if holds { Ok(()) } else { Err(Failed::from(what)) }
}
