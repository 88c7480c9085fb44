//! Style that a compiler does not check.
//!
//! ```text
//! source.rs  one Rust file: module docs, SAFETY notes, unsafe opt-in, unfinished code, function lengths
//! text.rs    any text file: machine paths, open ends without a page    crates.rs   the crate graph
//! ratchet.rs sizes above the limit may shrink, never grow
//! ```
//! Invariant: every finding reads `path:line: what`, so an editor can jump to it.

mod crates;
mod ratchet;
mod source;
mod text;

use crate::ChoreResult;
use ratchet::{Measured, Ratchet};
use std::fmt;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

/// Most lines of a file.
pub const FILE_LINES_MAX: usize = 500;
/// Most lines of a function, signature and closing brace included.
pub const FN_LINES_MAX: usize = 70;
const RATCHET: &str = "xtask/tidy-ratchet.txt";
/// Suffixes of the files that are read; files without a suffix are read in `.ci` only.
const SUFFIXES: [&str; 7] = ["rs", "toml", "md", "py", "sh", "yml", "txt"];

/// Something to mend.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    path: String,
    line: usize,
    what: String,
}

impl Finding {
    fn new(path: &str, line: usize, what: impl Into<String>) -> Self {
        Finding { path: path.to_owned(), line, what: what.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.what)
    }
}

/// Runs every check.
///
/// # Errors
/// When a file cannot be read or the ratchet cannot be written.
pub fn run(root: &Path, bless: bool) -> ChoreResult {
    let mut paths = Vec::new();
    walk(root, "", &mut paths).map_err(|e| format!("cannot list the workspace: {e}"))?;
    paths.sort();
    let mut findings = Vec::new();
    let mut measured = Vec::new();
    for path in &paths {
        let bytes = fs::read(root.join(path)).map_err(|e| format!("{path}: {e}"))?;
        let text = String::from_utf8_lossy(&bytes);
        check_file(root, path, &text, &mut findings, &mut measured);
    }
    findings.extend(crates::check(root)?);
    let old = fs::read_to_string(root.join(RATCHET)).unwrap_or_default();
    let (ratchet, complaints) = Ratchet::parse(&old);
    findings.extend(complaints.into_iter().map(|(line, what)| Finding::new(RATCHET, line, what)));
    if bless {
        fs::write(root.join(RATCHET), ratchet.blessed(&measured)).map_err(|e| format!("{RATCHET}: {e}"))?;
        println!("wrote {RATCHET}");
    } else {
        let verdict = ratchet.judge(&measured);
        findings.extend(verdict.findings);
        for note in verdict.notes {
            println!("note: {note}");
        }
    }
    findings.sort();
    for finding in &findings {
        println!("{finding}");
    }
    println!("tidy: {} files, {} to mend", paths.len(), findings.len());
    Ok(if findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn check_file(
    root: &Path,
    path: &str,
    text: &str,
    findings: &mut Vec<Finding>,
    measured: &mut Vec<Measured>,
) {
    let mut tests = Vec::new();
    if path.ends_with(".rs") {
        let report = source::check(path, text);
        findings.extend(report.findings);
        measured.extend(report.measured);
        tests = report.test_lines;
    }
    let page_exists = |page: &str| root.join(page).is_file();
    findings.extend(text::check(path, text, &tests, &page_exists));
}

fn walk(dir: &Path, prefix: &str, paths: &mut Vec<String>) -> std::io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        let path = format!("{prefix}{name}");
        let hidden = name.starts_with('.') && name != ".ci";
        if hidden || name == "target" || name == "__pycache__" {
            continue;
        }
        if entry.file_type()?.is_dir() {
            walk(&entry.path(), &format!("{path}/"), paths)?;
        } else if name.rsplit_once('.').map_or(prefix == ".ci/", |(_, s)| SUFFIXES.contains(&s)) {
            paths.push(path);
        }
    }
    Ok(())
}
