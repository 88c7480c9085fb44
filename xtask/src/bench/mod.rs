//! Time and memory of the programs in `benchmarks/`, Hognose against other interpreters.
//!
//! ```text
//! process.rs  one run: wall time, peak memory, output     programs.rs  what to run
//! table.rs    medians, ratios, geometric means, JSON          heap.rs     the heap and its collector alone
//! ```
//! Runs are interleaved (program by program, round by round, one interpreter after the other), so that whatever
//! else the machine does hits all of them alike.
//! Invariant: a figure is shown only for a program whose output was the same under every interpreter.

mod heap;
mod process;
mod programs;
mod table;

use crate::ChoreResult;
use process::Run;
use programs::Program;
use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use table::{Measurement, Row};

/// Runs of `-c pass` that give the start-up figures.
const STARTUP_RUNS: usize = 20;
/// How Hognose is called in tables.
const OURS: &str = "hognose";

#[derive(clap::Args)]
pub struct Options {
    /// Only programs with these names, separated by commas.
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    only: Vec<String>,
    /// Runs of each program under each interpreter.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..))]
    runs: u16,
    /// Also writes the figures to this file.
    #[arg(long)]
    json: Option<PathBuf>,
    /// The Hognose to measure; without it the release build is brought up to date and used.
    #[arg(long)]
    hognose: Option<PathBuf>,
    /// Leaves Hognose out: compares the other interpreters with each other.
    #[arg(long, conflicts_with = "hognose")]
    no_hognose: bool,
    /// Interpreters to compare with: `PATH` or `NAME=PATH`, after an optional `memory` for the memory programs, or
    /// `heap` for allocators and the collector.
    #[arg(value_name = "[memory|heap] INTERPRETER", required = true)]
    interpreters: Vec<String>,
}

/// An interpreter with the name that tables show.
struct Interpreter {
    name: String,
    path: PathBuf,
}

/// Measures and prints.
///
/// # Errors
/// When an interpreter or a program cannot be found or started.
pub fn run(root: &Path, options: &Options) -> ChoreResult {
    let (memory, others) = match options.interpreters.split_first() {
        Some((first, rest)) if first == "heap" => {
            let list = if options.no_hognose && rest.is_empty() {
                Vec::new()
            } else {
                interpreters(root, options, rest)?
            };
            return heap::run(root, options, &list);
        }
        Some((first, rest)) if first == "memory" => (true, rest),
        _ => (false, options.interpreters.as_slice()),
    };
    let interpreters = interpreters(root, options, others)?;
    let dir = root.join("benchmarks").join(if memory { "memory" } else { "" });
    let programs = programs::read(&dir, &options.only)?;
    let startup = startup(&interpreters)?;
    let mut rows = Vec::new();
    for program in &programs {
        progress(&program.name);
        rows.push(measure(program, &interpreters, options.runs.into())?);
    }
    progress("");
    let names: Vec<&str> = interpreters.iter().map(|i| i.name.as_str()).collect();
    let report = table::Report { names: &names, startup: &startup, rows: &rows };
    print!("{}", if memory { report.memory_text() } else { report.time_text() });
    if let Some(path) = &options.json {
        std::fs::write(path, report.json()).map_err(|e| format!("{}: {e}", path.display()))?;
    }
    let bad = rows.iter().any(|r| r.problem.is_some());
    Ok(if bad { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Shows what runs now, on a terminal only.
fn progress(what: &str) {
    if std::io::stderr().is_terminal() {
        eprint!("\r\x1b[K{what}");
    }
}

fn interpreters(root: &Path, options: &Options, others: &[String]) -> Result<Vec<Interpreter>, String> {
    let mut list = Vec::new();
    if !options.no_hognose {
        let path = match &options.hognose {
            Some(path) => crate::find_program(path)?,
            None => build(root)?,
        };
        list.push(Interpreter { name: OURS.to_owned(), path });
    }
    for other in others {
        let (name, path) = match other.split_once('=') {
            Some((name, path)) => (name.to_owned(), PathBuf::from(path)),
            None => {
                let path = PathBuf::from(other);
                let name = path.file_name().map_or(other.clone(), |n| n.to_string_lossy().into_owned());
                (name, path)
            }
        };
        let taken = list.iter().any(|i| i.name == name);
        let name = if taken { path.display().to_string() } else { name };
        let path = crate::find_program(&path)?;
        list.push(Interpreter { name, path });
    }
    if list.is_empty() {
        return Err("no interpreter to measure".to_owned());
    }
    Ok(list)
}

/// Builds the release binary and finds it.
fn build(root: &Path) -> Result<PathBuf, String> {
    build_release(root, &["--package", "hognose-cli", "--bin", "hognose"], "hognose")
}

/// Builds what `what` names in release mode; `made` is where it lies among the release artefacts.
fn build_release(root: &Path, what: &[&str], made: &str) -> Result<PathBuf, String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args(["build", "--release", "--quiet"])
        .args(what)
        .current_dir(root)
        .status()
        .map_err(|e| format!("cargo: {e}"))?;
    if !status.success() {
        return Err("the release build failed".to_owned());
    }
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    Ok(root.join(target).join("release").join(made))
}

/// Start-up of every interpreter: the median of many runs that do nothing.
fn startup(interpreters: &[Interpreter]) -> Result<Vec<Measurement>, String> {
    let mut runs: Vec<Vec<Run>> = interpreters.iter().map(|_| Vec::new()).collect();
    for _ in 0..STARTUP_RUNS {
        for (runs, interpreter) in runs.iter_mut().zip(interpreters) {
            runs.push(process::run(&interpreter.path, &["-c", "pass"], Path::new("."))?);
        }
    }
    Ok(runs.iter().map(|r| Measurement::of(r)).collect())
}

/// One program under every interpreter, round by round. An interpreter that failed once is not asked again.
fn measure(program: &Program, interpreters: &[Interpreter], rounds: usize) -> Result<Row, String> {
    let mut runs: Vec<Vec<Run>> = interpreters.iter().map(|_| Vec::new()).collect();
    let mut failures: BTreeMap<usize, String> = BTreeMap::new();
    for _ in 0..rounds {
        for (i, interpreter) in interpreters.iter().enumerate() {
            if failures.contains_key(&i) {
                continue;
            }
            let run = process::run(&interpreter.path, &[&program.file], &program.dir)?;
            match &run.failure {
                Some(why) => _ = failures.insert(i, format!("{} {why}", interpreter.name)),
                None => runs[i].push(run),
            }
        }
    }
    let outputs: Vec<&String> = runs.iter().flatten().map(|r| &r.stdout).collect();
    let differ = outputs.windows(2).any(|pair| pair[0] != pair[1]);
    let problem = match failures.into_values().next() {
        Some(failure) => Some(failure),
        None if differ => Some(disagreement(interpreters, &runs)),
        None => None,
    };
    let measured = runs.iter().map(|r| (!r.is_empty()).then(|| Measurement::of(r))).collect();
    Ok(Row { name: program.name.clone(), measured, problem })
}

/// What each interpreter printed first, on one line.
fn disagreement(interpreters: &[Interpreter], runs: &[Vec<Run>]) -> String {
    let shown: Vec<String> = interpreters
        .iter()
        .zip(runs)
        .filter_map(|(i, runs)| Some(format!("{} {:?}", i.name, runs.first()?.stdout.trim())))
        .collect();
    format!("outputs differ: {}", shown.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(name: &str, script: &str, paths: &[&str]) -> Row {
        let dir = std::env::temp_dir().join(format!("hognose-bench-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        std::fs::write(dir.join(format!("{name}.py")), script).unwrap();
        let programs = programs::read(&dir, &[]).unwrap();
        let interpreters: Vec<Interpreter> =
            paths.iter().map(|p| Interpreter { name: (*p).to_owned(), path: PathBuf::from(p) }).collect();
        let row = measure(&programs[0], &interpreters, 3).unwrap();
        std::fs::remove_dir_all(&dir).unwrap();
        row
    }

    #[test]
    fn equal_outputs_count() {
        let row = measured("equal", "echo 1\n", &["/bin/sh", "/bin/sh"]);
        assert_eq!((row.problem, row.measured.iter().flatten().count()), (None, 2));
    }

    #[test]
    fn different_outputs_are_a_problem() {
        let row = measured("different", "echo 1\n", &["/bin/sh", "/bin/cat"]);
        assert_eq!(row.problem.unwrap(), r#"outputs differ: /bin/sh "1", /bin/cat "echo 1""#);
    }

    #[test]
    fn failures_are_a_problem_and_have_no_figures() {
        let row = measured("failing", "echo boom >&2\nexit 3\n", &["/bin/sh", "/bin/cat"]);
        assert_eq!(row.problem.unwrap(), "/bin/sh failed (exit status: 3): boom");
        assert!(row.measured[0].is_none() && row.measured[1].is_some());
    }

    #[test]
    fn unknown_programs_are_named() {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../benchmarks/memory");
        let error = programs::read(&dir, &["nope".to_owned()]).err().unwrap();
        assert!(error.starts_with("there is no program nope; there are floats, "), "{error}");
    }
}
