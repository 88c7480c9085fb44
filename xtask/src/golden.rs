//! Golden files of the programs in `tests/`, written by the reference interpreter.
//!
//! Invariant: what is written is reproducible: a program whose two runs differ, or that prints where the reference
//! interpreter is installed, is refused.

use crate::ChoreResult;
use crate::programs::corpus::{self, Corpus, Program};
use crate::programs::run::{self, Outcome};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{fs, io};

#[derive(clap::Args)]
pub struct Options {
    /// Only programs whose name contains this.
    #[arg(long, default_value = "")]
    filter: String,
    /// The reference interpreter.
    #[arg(long)]
    reference: PathBuf,
}

/// Rewrites the golden files.
///
/// # Errors
/// When the corpus cannot be read or the reference cannot be found.
pub fn run(root: &Path, options: &Options) -> ChoreResult {
    let reference = crate::find_program(&options.reference)?;
    let corpus = Corpus::read(&root.join("tests")).map_err(|e| format!("tests: {e}"))?;
    let (mut written, mut current, mut by_hand, mut refused) = (0, 0, 0, 0);
    for program in corpus.programs.iter().filter(|p| p.name.contains(&options.filter)) {
        match regenerate(program, &reference) {
            Ok(Done::Written) => {
                println!("wrote {}", program.name);
                written += 1;
            }
            Ok(Done::Current) => current += 1,
            Ok(Done::ByHand) => by_hand += 1,
            Err(why) => {
                println!("tests/{}.py:1: {why}", program.name);
                refused += 1;
            }
        }
    }
    for stray in &corpus.strays {
        println!("tests/{stray}: belongs to no program");
    }
    println!("{written} written, {current} unchanged, {by_hand} written by hand, {refused} refused");
    Ok(if refused == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

enum Done {
    Written,
    Current,
    ByHand,
}

fn regenerate(program: &Program, reference: &Path) -> Result<Done, String> {
    if program.is_own_golden().map_err(|e| e.to_string())? {
        return Ok(Done::ByHand);
    }
    let run = || run::run(reference, program).map_err(|e| format!("cannot run: {e}"));
    let outcome = run()?;
    if outcome.timed_out {
        return Err(format!("still running after {} s", run::TIME_LIMIT.as_secs()));
    }
    if outcome.code < 0 {
        return Err(format!("the reference was killed by signal {}", -outcome.code));
    }
    if run()? != outcome {
        return Err("two runs differ: addresses, times or random numbers in the output".to_owned());
    }
    names_the_machine(&outcome, reference)?;
    let mut changed = false;
    for (suffix, text) in golden_texts(outcome) {
        changed |= write(&program.beside(suffix), text).map_err(|e| format!(".{suffix}: {e}"))?;
    }
    Ok(if changed { Done::Written } else { Done::Current })
}

/// Suffix and text of each golden file; `None` where there must be no file.
fn golden_texts(outcome: Outcome) -> [(&'static str, Option<String>); 3] {
    let Outcome { stdout, stderr, code, .. } = outcome;
    let some = |text: String, wanted: bool| wanted.then_some(text);
    let has_stderr = !stderr.is_empty();
    [
        (corpus::GOLDEN[0], Some(stdout)),
        (corpus::GOLDEN[1], some(stderr, has_stderr)),
        (corpus::GOLDEN[2], some(format!("{code}\n"), code != 0)),
    ]
}

/// Golden files must not depend on where the reference interpreter is.
fn names_the_machine(outcome: &Outcome, reference: &Path) -> Result<(), String> {
    let reference = reference.canonicalize().unwrap_or_else(|_| reference.to_owned());
    let install = reference.parent().and_then(Path::parent).unwrap_or(&reference);
    let install = install.to_string_lossy();
    for (stream, text) in [("stdout", &outcome.stdout), ("stderr", &outcome.stderr)] {
        if let Some(line) = text.lines().find(|l| l.contains(&*install)) {
            return Err(format!("{stream} names the place of the reference interpreter: {}", line.trim()));
        }
    }
    Ok(())
}

fn write(path: &Path, text: Option<String>) -> io::Result<bool> {
    match (fs::read(path), text) {
        (Ok(old), Some(new)) if old == new.as_bytes() => Ok(false),
        (_, Some(new)) => fs::write(path, new).map(|()| true),
        (Ok(_), None) => fs::remove_file(path).map(|()| true),
        (Err(_), None) => Ok(false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(stderr: &str, code: i32) -> Outcome {
        Outcome { stdout: "x\n".into(), stderr: stderr.into(), code, timed_out: false }
    }

    #[test]
    fn quiet_success_has_one_golden_file() {
        let texts = golden_texts(outcome("", 0));
        assert_eq!(texts.map(|(_, t)| t), [Some("x\n".to_owned()), None, None]);
    }

    #[test]
    fn failure_has_all_three() {
        let texts = golden_texts(outcome("boom\n", 1));
        assert_eq!(texts[1], ("err", Some("boom\n".to_owned())));
        assert_eq!(texts[2], ("exit", Some("1\n".to_owned())));
    }

    #[test]
    fn install_paths_are_refused() {
        let reference = Path::new("/opt/python/bin/python3");
        assert!(names_the_machine(&outcome("File \"/opt/python/lib/x.py\"", 1), reference).is_err());
        assert!(names_the_machine(&outcome("File \"x.py\"", 1), reference).is_ok());
    }
}
