//! The reference implementation's own tests, run with our interpreter and our library.
//!
//! ```text
//!  tests/conformance/modules.txt ─► run.rs (a process per module, runner.py in it) ─► ledger.rs ─► tests/conformance/ledger.txt
//! ```
//! The test modules are the reference's: the package `test` is imported from where the reference is installed, everything
//! else from our library. Without a reference only the ledger's form is checked.
//! Invariant: the ledger is exact. A test that passes and is listed as failing is as much of a difference as the reverse.

mod ledger;
mod run;

use crate::ChoreResult;
use ledger::{Entry, Ledger};
use std::collections::VecDeque;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::time::Duration;

/// A line of modules.txt.
struct Module {
    name: String,
    /// A to D, by what the module needs in order to be imported.
    tier: String,
    /// Tests that apply to an implementation without CPython's internals; none where nobody has counted.
    applicable: usize,
}

const PARALLEL: usize = 2;

/// Options of the chore.
#[derive(clap::Args)]
pub struct Options {
    /// The reference interpreter, beside whose library its tests are.
    #[arg(long)]
    reference: Option<PathBuf>,
    /// Only these modules.
    #[arg(long, num_args = 1..)]
    module: Vec<String>,
    /// Writes what was found into the ledger.
    #[arg(long)]
    bless: bool,
    /// Seconds for one module.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Our interpreter.
    #[arg(long)]
    hognose: Option<PathBuf>,
}

/// Runs the tests and compares with the ledger.
///
/// # Errors
/// When a file of the corpus is missing or malformed, or our interpreter cannot be found.
pub fn run(root: &Path, options: &Options) -> ChoreResult {
    let folder = root.join("tests/conformance");
    let listed = modules(&folder.join("modules.txt"))?;
    let path = folder.join("ledger.txt");
    let text = fs::read_to_string(&path).unwrap_or_default();
    let mut ledger = Ledger::parse(&text)?;
    if let Some(stray) = ledger.entries.keys().find(|name| !listed.iter().any(|m| m.name == **name)) {
        return Err(format!("{}: {stray} is not in modules.txt", path.display()));
    }
    let (first, sums) = (text.lines().next().unwrap_or_default(), summary(&listed, &ledger));
    if !options.bless && first != sums.trim_end() {
        return Err(format!("{}:1: says {first}; its entries sum up to {sums}", path.display()));
    }
    let Some(reference) = &options.reference else {
        println!("no reference interpreter (--reference): only the ledger's form was checked. It records:");
        print!("{sums}");
        return Ok(ExitCode::SUCCESS);
    };
    let wanted: Vec<String> = match options.module.is_empty() {
        true => listed.iter().map(|m| m.name.clone()).collect(),
        false => options.module.clone(),
    };
    let place = run::Place {
        hognose: interpreter(root, options.hognose.as_deref())?,
        tests: tests_of(&crate::find_program(reference)?)?,
        work: root.join("target/conformance"),
        limit: Duration::from_secs(options.seconds),
    };
    let found = run_all(&place, wanted)?;
    let differences = found.iter().filter(|(name, new)| differs(name, ledger.entries.get(name), new)).count();
    for (name, entry) in found {
        ledger.entries.insert(name, entry);
    }
    let summary = summary(&listed, &ledger);
    print!("{summary}");
    if options.bless {
        fs::write(&path, ledger.text(&summary)).map_err(|e| format!("{}: {e}", path.display()))?;
        return Ok(ExitCode::SUCCESS);
    }
    if differences > 0 {
        println!("{differences} modules differ from {}; --bless accepts that", path.display());
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

fn run_all(place: &run::Place, wanted: Vec<String>) -> Result<Vec<(String, Entry)>, String> {
    place.prepare()?;
    let queue = Mutex::new(VecDeque::from(wanted));
    let found = Mutex::new(Vec::new());
    let next = || queue.lock().ok().and_then(|mut q| q.pop_front());
    std::thread::scope(|scope| {
        for _ in 0..PARALLEL {
            scope.spawn(|| {
                while let Some(name) = next() {
                    let entry = place.run(&name);
                    println!("{}", entry.line(&name));
                    if let Ok(mut found) = found.lock() {
                        found.push((name, entry));
                    }
                }
            });
        }
    });
    let mut found = found.into_inner().map_err(|e| e.to_string())?;
    found.sort();
    Ok(found)
}

/// Prints how a module differs from what the ledger says.
fn differs(name: &str, old: Option<&Entry>, new: &Entry) -> bool {
    let Some(old) = old else {
        println!("{name}: not in the ledger");
        return true;
    };
    if old == new {
        return false;
    }
    if old.line(name) != new.line(name) {
        println!("- {}\n+ {}", old.line(name), new.line(name));
    }
    for test in new.failed.difference(&old.failed) {
        println!("{name}: fails now: {test}");
    }
    for test in old.failed.difference(&new.failed) {
        println!("{name}: fails no more: {test}");
    }
    true
}

fn modules(path: &Path) -> Result<Vec<Module>, String> {
    let text = fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
    let lines = text.lines().filter(|l| !l.starts_with('#') && !l.trim().is_empty());
    lines
        .map(|line| match line.split_whitespace().collect::<Vec<_>>()[..] {
            [name, tier, count] => Ok(Module {
                name: name.to_owned(),
                tier: tier.to_owned(),
                applicable: count.parse().unwrap_or(0),
            }),
            _ => Err(format!("{}: not a name, a tier and a number: {line}", path.display())),
        })
        .collect()
}

/// How many of the tests that apply passed, in all and by tier. A module that runs more tests than apply counts only
/// those, one nobody has counted not at all.
fn summary(modules: &[Module], ledger: &Ledger) -> String {
    let sums = |tier: Option<&str>| {
        let chosen = modules.iter().filter(|m| tier.is_none_or(|t| m.tier == t));
        chosen.fold((0, 0), |(passed, all), m| {
            let ran = ledger.entries.get(&m.name).map_or(0, |e| e.passed);
            (passed + ran.min(m.applicable), all + m.applicable)
        })
    };
    let (passed, all) = sums(None);
    let tiers = ["A", "B", "C"].map(|t| {
        let (passed, all) = sums(Some(t));
        format!("tier {t}: {passed} of {all}")
    });
    format!("{passed} of {all} applicable tests passed ({})\n", tiers.join(", "))
}

/// The folder of the reference's package `test`.
fn tests_of(reference: &Path) -> Result<PathBuf, String> {
    let reference = reference.canonicalize().map_err(|e| format!("{}: {e}", reference.display()))?;
    let prefix = reference.parent().and_then(Path::parent).unwrap_or(&reference);
    let tests = prefix.join("lib/python3.14/test");
    if tests.join("support").is_dir() { Ok(tests) } else { Err(format!("there is no {}", tests.display())) }
}

/// The interpreter to test: the one given, or the newest built one.
fn interpreter(root: &Path, given: Option<&Path>) -> Result<PathBuf, String> {
    if let Some(path) = given {
        return crate::find_program(path);
    }
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let built = ["debug", "release"].map(|p| target.join(p).join("hognose"));
    let newest = built.into_iter().filter_map(|p| Some((p.metadata().ok()?.modified().ok()?, p))).max();
    newest.map(|(_, p)| p).ok_or_else(|| "build hognose-cli first, or give --hognose PATH".to_owned())
}
