//! Every program of `tests/` under conditions that bring faults out: `cargo xtask torture`.
//!
//! ```text
//! stress  HOGNOSE_GC_STRESS=1   a collection or a slice of one at every safe point   the output must stay the same
//! fail    HOGNOSE_FAIL_ALLOC=k  the k-th request for memory is refused                any end but a crash will do
//! ```
//! Programs run as in the tests; what `tests/failures.txt` lists is left out.
//! Invariant: a program that ends by a signal (other than its test expects), a panic or not at all is a finding,
//! whatever it printed.

use crate::ChoreResult;
use crate::programs::corpus::{Corpus, Program};
use crate::programs::ledger::Ledger;
use crate::programs::run::run_with;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

/// A program that runs longer than this hangs.
const PATIENCE: Duration = Duration::from_secs(120);

#[derive(clap::Args)]
pub struct Options {
    /// Only programs whose names contain this.
    #[arg(long, default_value = "")]
    filter: String,
    /// Requests to refuse: one run for each.
    #[arg(long, value_delimiter = ',', default_value = "1,2,3,5,8,13,21,34,55,89,144")]
    fail: Vec<u64>,
    /// Leaves out the runs that collect all the time.
    #[arg(long)]
    no_stress: bool,
    /// The interpreter to torture.
    #[arg(long)]
    hognose: PathBuf,
}

/// Runs everything.
///
/// # Errors
/// When the programs or the interpreter cannot be found.
pub fn run(root: &Path, options: &Options) -> ChoreResult {
    let hognose = crate::find_program(&options.hognose)?;
    let corpus = Corpus::read(&root.join("tests")).map_err(|e| format!("tests: {e}"))?;
    let (known, _) =
        Ledger::parse(&std::fs::read_to_string(root.join("tests/failures.txt")).unwrap_or_default());
    let wanted = |p: &&Program| known.reason(&p.name).is_none() && p.name.contains(&options.filter);
    let (mut runs, mut programs, mut findings) = (0, 0, 0);
    for program in corpus.programs.iter().filter(wanted) {
        programs += 1;
        let mut settings: Vec<(&str, String)> =
            options.fail.iter().map(|k| ("HOGNOSE_FAIL_ALLOC", k.to_string())).collect();
        if !options.no_stress {
            settings.push(("HOGNOSE_GC_STRESS", "1".to_owned()));
        }
        for (variable, value) in settings {
            runs += 1;
            let what = torture(&hognose, program, variable, &value);
            if let Some(what) = what.map_err(|e| format!("{}: {e}", program.name))? {
                findings += 1;
                println!("{}: {variable}={value}: {what}", program.name);
            }
        }
    }
    println!("{runs} runs of {programs} programs, {findings} findings");
    Ok(if findings == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What went wrong, if something did.
fn torture(hognose: &Path, program: &Program, variable: &str, value: &str) -> io::Result<Option<String>> {
    let outcome = run_with(hognose, program, &[(variable, value)], PATIENCE)?;
    let beside = |what: &str| program.read_beside(what).map(Option::unwrap_or_default);
    if outcome.timed_out {
        return Ok(Some("does not end".to_owned()));
    }
    if outcome.code < 0 {
        let expected = beside("exit")?.trim().starts_with('-');
        return Ok((!expected).then(|| format!("killed by a signal: {}", last_line(&outcome.stderr))));
    }
    if outcome.code == 101 || outcome.stderr.contains("panicked at") {
        return Ok(Some(format!("panicked: {}", last_line(&outcome.stderr))));
    }
    if variable == "HOGNOSE_GC_STRESS" {
        let (golden, output) = (beside("out")?, outcome.stdout);
        if golden != output {
            let line = golden.lines().zip(output.lines()).position(|(a, b)| a != b);
            return Ok(Some(format!("output differs from line {}", line.map_or(0, |n| n + 1))));
        }
    }
    Ok(None)
}

fn last_line(text: &str) -> &str {
    text.lines().rev().find(|l| !l.trim().is_empty()).unwrap_or("")
}
