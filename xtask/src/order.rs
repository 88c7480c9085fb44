//! The functions that a start runs, for the linker: `cargo xtask order`.
//!
//! ```text
//! valgrind --tool=callgrind  BINARY -c pass          first: what every start runs
//!                            BINARY PROGRAM …        then: what small programs run beside it
//!   └─► names of functions ──► crates/cli/startup.order ──► crates/cli/build.rs ──► linker
//! ```
//! A name holds a hash over the compiler and the dependencies: after a change of either the list is written anew.
//! Invariant: every name in the list is one of the binary it was made from, and none is there twice.

use crate::ChoreResult;
use std::collections::{BTreeSet, HashSet};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

/// Programs whose functions follow those of a bare start.
const PROGRAMS: [&str; 2] = ["examples/memory_tour.py", "benchmarks/fib.py"];

/// The share of the list's names, in percent, that a binary must have for the list to serve it.
const FRESH: usize = 80;

#[derive(clap::Args)]
pub struct Options {
    /// Only says how many names of the list are still in the binary, and fails when they are few.
    #[arg(long)]
    check: bool,
    /// A release build of `hognose`, with its symbols.
    #[arg(long)]
    hognose: PathBuf,
}

/// Writes the list, or checks it.
///
/// # Errors
/// When valgrind or the binary is missing or fails.
pub fn run(root: &Path, options: &Options) -> ChoreResult {
    let hognose = crate::find_program(&options.hognose)?;
    let list = root.join("crates/cli/startup.order");
    let known = symbols(&hognose)?;
    if options.check {
        let text = std::fs::read_to_string(&list).map_err(|e| format!("{}: {e}", list.display()))?;
        let (names, found) =
            text.lines().fold((0, 0), |(n, f), l| (n + 1, f + usize::from(known.contains(l))));
        println!("{found} of {names} functions of {} are in {}", list.display(), hognose.display());
        return Ok(if found * 100 >= names * FRESH { ExitCode::SUCCESS } else { ExitCode::FAILURE });
    }
    let mut order: Vec<String> = Vec::new();
    let mut seen = HashSet::new();
    let mut runs: Vec<Vec<PathBuf>> = vec![vec!["-c".into(), "pass".into()]];
    runs.extend(PROGRAMS.iter().map(|p| vec![root.join(p)]));
    for arguments in &runs {
        for name in functions_run(root, &hognose, arguments)? {
            if known.contains(&name) && seen.insert(name.clone()) {
                order.push(name);
            }
        }
    }
    std::fs::write(&list, order.join("\n") + "\n").map_err(|e| format!("{}: {e}", list.display()))?;
    println!("{} functions", order.len());
    Ok(ExitCode::SUCCESS)
}

/// The names of the functions in a binary.
fn symbols(binary: &Path) -> Result<BTreeSet<String>, String> {
    let output = Command::new("nm").arg(binary).output().map_err(|e| format!("nm: {e}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let names = text.lines().filter_map(|l| match l.split_whitespace().collect::<Vec<_>>()[..] {
        [_, "t" | "T", name] => Some(name.to_owned()),
        _ => None,
    });
    Ok(names.collect())
}

/// The mangled names of the functions that a run enters, sorted.
fn functions_run(root: &Path, hognose: &Path, arguments: &[PathBuf]) -> Result<BTreeSet<String>, String> {
    let out = root.join("target/order.callgrind");
    let status = Command::new("valgrind")
        .args(["--tool=callgrind", "--demangle=no", "-q"])
        .arg(format!("--callgrind-out-file={}", out.display()))
        .arg(hognose)
        .args(arguments)
        .stdout(Stdio::null())
        .status()
        .map_err(|e| format!("valgrind: {e}"))?;
    if !status.success() {
        return Err(format!("valgrind {} {arguments:?}: {status}", hognose.display()));
    }
    let text = std::fs::read_to_string(&out).map_err(|e| format!("{}: {e}", out.display()))?;
    // `fn=(12) name` or `cfn=(12) name`, and `name'2` for a function that calls itself.
    let names = text
        .lines()
        .filter_map(|l| l.trim_start_matches('c').strip_prefix("fn=("))
        .filter_map(|l| l.split_once(") "))
        .map(|(_, name)| name.split('\'').next().unwrap_or(name).to_owned());
    Ok(names.collect())
}
