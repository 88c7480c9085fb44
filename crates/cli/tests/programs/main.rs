//! Every program of `tests/` under the built interpreter, compared with its golden files.
//!
//! ```text
//! corpus.rs  what there is   run.rs     one program, one interpreter
//! check.rs   the verdict     ledger.rs  the programs that are known to fail
//! ```
//! Each program is a test of its own: `cargo test --test programs basic/` selects by name, and so does
//! `HOGNOSE_TEST_FILTER=basic/`. `HOGNOSE_TEST_BINARY` runs another interpreter than the one just built.
//! Invariant: nothing in the corpus goes unused: stray golden files and stale ledger lines are failures too.

mod check;
mod corpus;
mod ledger;
mod run;

use corpus::{Corpus, Program};
use ledger::Ledger;
use libtest_mimic::{Arguments, Failed, Trial};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

/// Programs run at the same time.
const THREADS: usize = 2;

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    arguments.test_threads.get_or_insert(THREADS);
    match trials() {
        Ok((trials, known)) => {
            let conclusion = libtest_mimic::run(&arguments, trials);
            if known > 0 && !arguments.list && !arguments.exact {
                println!("{known} of these are expected to fail: tests/failures.txt\n");
            }
            conclusion.exit_code()
        }
        Err(e) => {
            eprintln!("the corpus cannot be read: {e}");
            ExitCode::FAILURE
        }
    }
}

fn corpus_root() -> PathBuf {
    let workspace = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    workspace.canonicalize().unwrap_or(workspace).join("tests")
}

fn binary() -> PathBuf {
    std::env::var_os("HOGNOSE_TEST_BINARY")
        .map_or_else(|| PathBuf::from(env!("CARGO_BIN_EXE_hognose")), PathBuf::from)
}

/// All tests, and how many programs of them are in the ledger.
fn trials() -> std::io::Result<(Vec<Trial>, usize)> {
    let root = corpus_root();
    let corpus = Corpus::read(&root)?;
    let text = match std::fs::read_to_string(root.join("failures.txt")) {
        Ok(text) => text,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(e) => return Err(e),
    };
    let (ledger, complaints) = Ledger::parse(&text);
    let bookkeeping = bookkeeping(&corpus, &ledger, complaints);
    let filter = std::env::var("HOGNOSE_TEST_FILTER").unwrap_or_default();
    let known = ledger.names().filter(|name| name.contains(&filter)).count();
    let ledger = Arc::new(ledger);
    let mut trials: Vec<Trial> = corpus
        .programs
        .into_iter()
        .filter(|p| p.name.contains(&filter))
        .map(|p| {
            let ledger = Arc::clone(&ledger);
            Trial::test(p.name.clone(), move || verdict(&p, &ledger))
        })
        .collect();
    trials.push(Trial::test("corpus", move || match bookkeeping.as_slice() {
        [] => Ok(()),
        complaints => Err(Failed::from(complaints.join("\n"))),
    }));
    trials.extend(check::self_tests());
    Ok((trials, known))
}

fn verdict(program: &Program, ledger: &Ledger) -> Result<(), Failed> {
    let outcome = run::run(&binary(), program).map_err(|e| format!("cannot run: {e}"))?;
    let result = check::compare(program, &outcome);
    match (result, ledger.reason(&program.name)) {
        (Ok(()), None) | (Err(_), Some(_)) => Ok(()),
        (Err(complaint), None) => Err(Failed::from(complaint)),
        (Ok(()), Some(reason)) => {
            let message = format!("passes, but tests/failures.txt expects a failure ({reason})");
            Err(Failed::from(format!("{message}\nremove {} from the ledger", program.name)))
        }
    }
}

/// What is wrong with the corpus as a whole.
fn bookkeeping(corpus: &Corpus, ledger: &Ledger, mut complaints: Vec<String>) -> Vec<String> {
    for stray in &corpus.strays {
        complaints.push(format!("tests/{stray}: belongs to no program"));
    }
    for name in ledger.names() {
        if !corpus.programs.iter().any(|p| p.name == name) {
            complaints.push(format!("tests/failures.txt: there is no program {name}"));
        }
    }
    complaints
}
