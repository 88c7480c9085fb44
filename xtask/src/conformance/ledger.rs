//! The ledger: for each test module what passed, what failed, and what kept it from running.
//!
//!   test_abc: 76 passed, 0 failed, 0 skipped
//!   test_x: 10 passed, 1 failed, 2 skipped; stopped: time limit in Class.test_b
//!       Class.test_a
//!   test_y: not importable: ModuleNotFoundError: No module named '_y'
//!
//! Invariant: [`Ledger::parse`] of [`Ledger::text`] is the same ledger, and its first line is the sum of its entries.

use std::collections::{BTreeMap, BTreeSet};

/// All modules.
#[derive(Default)]
pub(super) struct Ledger {
    pub entries: BTreeMap<String, Entry>,
}

/// What became of one module's tests.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Entry {
    pub passed: usize,
    pub skipped: usize,
    /// Names without the module's.
    pub failed: BTreeSet<String>,
    /// Why it ended early, and in which test.
    pub stopped: Option<String>,
    /// Why there are no tests of it.
    pub unusable: Option<String>,
}

impl Entry {
    /// A module that could not be run.
    pub(super) fn unusable(why: &str) -> Entry {
        Entry { unusable: Some(why.to_owned()), ..Entry::default() }
    }

    /// Reads what the runner wrote; `end`: what ended the process before it was done.
    pub(super) fn of_report(text: &str, end: Option<&str>) -> Entry {
        let mut entry = Entry::default();
        let (mut done, mut running) = (false, None);
        for line in text.lines() {
            let (kind, rest) = line.split_once(' ').unwrap_or((line, ""));
            let name = short(rest);
            match kind {
                "start" => running = Some(name),
                "pass" => entry.passed += 1,
                "skip" => entry.skipped += 1,
                "fail" | "error" => {
                    entry.failed.insert(name);
                }
                "noimport" => return Entry::unusable(&format!("not importable: {}", plain(rest))),
                "skipmodule" => return Entry::unusable(&format!("skipped: {}", plain(rest))),
                "done" => done = true,
                _ => {}
            }
        }
        if !done {
            let why = end.unwrap_or("ended");
            entry.stopped = Some(match running {
                Some(test) => format!("{why} in {test}"),
                None => format!("{why} while it was imported"),
            });
        }
        entry
    }

    /// The entry's first line.
    pub(super) fn line(&self, name: &str) -> String {
        if let Some(why) = &self.unusable {
            return format!("{name}: {why}");
        }
        let stopped = self.stopped.as_ref().map_or_else(String::new, |s| format!("; stopped: {s}"));
        let (passed, failed, skipped) = (self.passed, self.failed.len(), self.skipped);
        format!("{name}: {passed} passed, {failed} failed, {skipped} skipped{stopped}")
    }
}

/// `test.test_abc.TestABC.test_x` without the module.
fn short(id: &str) -> String {
    let rest = id.strip_prefix("test.").map_or(id, |r| r.split_once('.').map_or(r, |(_, rest)| rest));
    plain(rest)
}

/// Addresses vary from run to run.
fn plain(text: &str) -> String {
    let mut pieces = text.split("0x");
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let rest = piece.trim_start_matches(|c: char| c.is_ascii_hexdigit());
        out.push_str(if piece.len() - rest.len() > 5 { "0x…" } else { "0x" });
        out.push_str(if piece.len() - rest.len() > 5 { rest } else { piece });
    }
    out
}

impl Ledger {
    /// The ledger as text, the summary first.
    pub(super) fn text(&self, summary: &str) -> String {
        let mut out = format!("{summary}\n");
        for (name, entry) in &self.entries {
            out.push_str(&entry.line(name));
            out.push('\n');
            for test in &entry.failed {
                out.push_str(&format!("    {test}\n"));
            }
        }
        out
    }

    /// Reads it.
    ///
    /// # Errors
    /// Where the text is not of this form.
    pub(super) fn parse(text: &str) -> Result<Ledger, String> {
        let mut ledger = Ledger::default();
        let mut current: Option<(String, Entry, usize)> = None;
        for (i, line) in text.lines().enumerate().skip(1).filter(|(_, l)| !l.is_empty()) {
            let wrong = |what: &str| format!("ledger.txt:{}: {what}", i + 1);
            if let Some(test) = line.strip_prefix("    ") {
                let (_, entry, _) = current.as_mut().ok_or_else(|| wrong("a test without a module"))?;
                entry.failed.insert(test.to_owned());
                continue;
            }
            ledger.close(current.take())?;
            let (name, rest) = line.split_once(": ").ok_or_else(|| wrong("no module"))?;
            let (entry, failed) = parse_entry(rest).ok_or_else(|| wrong("not an entry"))?;
            current = Some((name.to_owned(), entry, failed));
        }
        ledger.close(current)?;
        Ok(ledger)
    }

    fn close(&mut self, entry: Option<(String, Entry, usize)>) -> Result<(), String> {
        let Some((name, entry, failed)) = entry else { return Ok(()) };
        if entry.failed.len() != failed {
            return Err(format!("ledger.txt: {name}: {failed} failed, {} listed", entry.failed.len()));
        }
        match self.entries.insert(name.clone(), entry) {
            Some(_) => Err(format!("ledger.txt: {name} twice")),
            None => Ok(()),
        }
    }
}

/// The entry of a line, and how many failures are to be listed.
fn parse_entry(rest: &str) -> Option<(Entry, usize)> {
    if rest.starts_with("not importable: ") || rest.starts_with("skipped: ") {
        return Some((Entry::unusable(rest), 0));
    }
    let (counts, stopped) = match rest.split_once("; stopped: ") {
        Some((counts, why)) => (counts, Some(why.to_owned())),
        None => (rest, None),
    };
    let mut numbers = counts.split(", ").zip([" passed", " failed", " skipped"]);
    let mut next = || numbers.next().and_then(|(part, word)| part.strip_suffix(word)?.parse::<usize>().ok());
    let (passed, failed, skipped) = (next()?, next()?, next()?);
    Some((Entry { passed, skipped, stopped, ..Entry::default() }, failed))
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPORT: &str = "start test.test_x.A.test_a\npass test.test_x.A.test_a\nstart test.test_x.A.test_b\n\
                          fail test.test_x.A.test_b\nstart test.test_x.A.test_c\n";

    #[test]
    fn reports_are_counted() {
        let e = Entry::of_report(REPORT, Some("time limit"));
        assert_eq!(
            e.line("test_x"),
            "test_x: 1 passed, 1 failed, 0 skipped; stopped: time limit in A.test_c"
        );
        let e = Entry::of_report("noimport ModuleNotFoundError: No module named '_x'", None);
        assert_eq!(e.line("t"), "t: not importable: ModuleNotFoundError: No module named '_x'");
    }

    #[test]
    fn what_is_written_is_read() {
        let mut ledger = Ledger::default();
        ledger.entries.insert("test_x".into(), Entry::of_report(REPORT, Some("signal 9")));
        ledger.entries.insert("test_y".into(), Entry::of_report("noimport X", None));
        let again = Ledger::parse(&ledger.text("1 of 9\n")).unwrap();
        assert_eq!(again.entries, ledger.entries);
        assert!(Ledger::parse("1 of 9\n\ntest_x: 1 passed, 1 failed, 0 skipped\n").is_err());
    }

    #[test]
    fn addresses_are_hidden() {
        assert_eq!(plain("<f at 0x7f00aa11> and 0x10"), "<f at 0x…> and 0x10");
    }
}
