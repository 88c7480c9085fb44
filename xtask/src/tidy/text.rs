//! Checks on the lines of any text file.
//!
//! Invariant: tests may name machine paths and nothing else may; an open end always has a page that explains it.

use super::Finding;
use std::ops::RangeInclusive;

/// First parts of absolute paths that belong to one machine.
const MACHINE_DIRS: [&str; 4] = ["tmp", "root", "work", "home"];
/// Spelled in two parts so that this file does not find itself.
const OPEN_END: &str = concat!("FIX", "ME");

/// Checks one file. `tests` are its lines that are test code; `page_exists` answers for `divergences/x.md`.
pub fn check(
    path: &str,
    text: &str,
    tests: &[RangeInclusive<usize>],
    page_exists: &dyn Fn(&str) -> bool,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    let test_file = path.starts_with("tests/")
        || ["/tests/", "/tests.rs", "_tests.rs"].iter().any(|part| path.contains(part));
    let lines: Vec<&str> = text.lines().collect();
    for (i, line) in lines.iter().enumerate() {
        let number = i + 1;
        if !test_file
            && !tests.iter().any(|t| t.contains(&number))
            && let Some(found) = machine_path(line)
        {
            findings.push(Finding::new(path, number, format!("a path of one machine: {found}")));
        }
        if line.contains(OPEN_END) {
            let next = lines.get(i + 1).copied().unwrap_or_default();
            match divergence_page(line).or_else(|| divergence_page(next)) {
                None => {
                    let what = format!("{OPEN_END} without its page in divergences/");
                    findings.push(Finding::new(path, number, what));
                }
                Some(page) if !page_exists(page) => {
                    findings.push(Finding::new(path, number, format!("there is no {page}")));
                }
                Some(_) => {}
            }
        }
    }
    findings
}

/// An absolute path below one of `MACHINE_DIRS`.
fn machine_path(line: &str) -> Option<&str> {
    for (at, _) in line.match_indices('/') {
        let starts = line[..at].chars().next_back().is_none_or(|c| !is_path_char(c) && c != '/' && c != '}');
        let rest = &line[at + 1..];
        let word = &rest[..rest.find(|c: char| !is_path_char(c)).unwrap_or(rest.len())];
        if starts && MACHINE_DIRS.contains(&word) {
            let end = rest.find(|c: char| !is_path_char(c) && c != '/').unwrap_or(rest.len());
            return Some(&line[at..=at + end]);
        }
    }
    None
}

fn is_path_char(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '~' | '*')
}

fn divergence_page(line: &str) -> Option<&str> {
    let from = line.find("divergences/")?;
    let rest = &line[from..];
    let to = rest.find(".md")?;
    Some(&rest[..to + ".md".len()])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaints(path: &str, text: &str) -> Vec<String> {
        check(path, text, &[], &|page| page == "divergences/a.md").iter().map(ToString::to_string).collect()
    }

    #[test]
    fn machine_paths_are_found_outside_tests() {
        assert_eq!(
            complaints("a.rs", "let x = \"/tmp/x.py\";\n"),
            ["a.rs:1: a path of one machine: /tmp/x.py"]
        );
        assert_eq!(complaints("a.md", "see /home\n").len(), 1);
        assert!(complaints("tests/a.py", "open('/tmp/x')\n").is_empty());
        assert!(complaints("crates/x/tests/a.rs", "open('/tmp/x')\n").is_empty());
        let inside = [RangeInclusive::new(1, 1)];
        assert!(check("a.rs", "\"/tmp/x\"\n", &inside, &|_| true).is_empty());
    }

    #[test]
    fn other_paths_pass() {
        for line in [
            "a/tmp/b",
            "https://x.org/home/",
            "/tmpfs",
            "/roots",
            "{root}/work",
            "framework/work",
            "/proc/self",
        ] {
            assert_eq!(machine_path(line), None, "{line}");
        }
    }

    #[test]
    fn open_ends_have_pages() {
        let line = |rest: &str| format!("// {OPEN_END}: wrong {rest}\n");
        assert_eq!(complaints("a.rs", &line("")).len(), 1);
        assert!(complaints("a.rs", &line("(divergences/a.md)")).is_empty());
        assert!(complaints("a.rs", &(line("") + "// see divergences/a.md\n")).is_empty());
        assert_eq!(complaints("a.rs", &line("divergences/b.md")), ["a.rs:1: there is no divergences/b.md"]);
    }
}
