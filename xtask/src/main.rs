//! Project chores: `cargo xtask tidy`, `cargo xtask codegen`, `cargo xtask bench`, `cargo xtask golden`,
//! `cargo xtask conformance`.
//!
//! ```text
//! tidy/    style that a compiler does not check       bench/   time and memory against other interpreters
//! golden   golden files from the reference interpreter      codegen   generated sources
//! miri     the heap's tests under Miri
//! order    functions of a start, for the linker
//! torture  every program while memory fails and garbage is collected all the time
//! ```
//! Invariant: a chore that finds something wrong exits with 1 and has said where.

mod bench;
mod codegen_size_classes;
mod conformance;
mod golden;
mod miri;
mod order;
mod programs;
mod tidy;
mod torture;

use clap::{Parser, Subcommand};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The chores of this workspace.
#[derive(Parser)]
#[command(name = "cargo xtask", disable_version_flag = true)]
struct Cli {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Checks module docs, SAFETY notes, sizes, the crate graph and banned text.
    Tidy {
        /// Writes today's sizes to xtask/tidy-ratchet.txt.
        #[arg(long)]
        bless: bool,
    },
    /// Checks that generated sources are current, or writes them.
    Codegen {
        /// Writes them.
        #[arg(long)]
        bless: bool,
    },
    /// Measures time, or with the word `memory` first peak memory, against other interpreters.
    Bench(bench::Options),
    /// Runs the reference's own tests and compares with the ledger.
    Conformance(conformance::Options),
    /// Writes the golden files of tests/ with the reference interpreter.
    Golden(golden::Options),
    /// Runs the heap's tests under Miri, where the toolchain has it.
    Miri(miri::Options),
    /// Writes the list of functions that the linker puts side by side for a start (needs valgrind).
    Order(order::Options),
    /// Runs the programs of tests/ while requests for memory fail, or garbage is collected all the time.
    Torture(torture::Options),
}

/// What a chore comes back with; an error is a message for the person who ran it.
type ChoreResult = Result<ExitCode, String>;

fn main() -> ExitCode {
    let root = workspace_root();
    let result = match Cli::parse().chore {
        Chore::Tidy { bless } => tidy::run(&root, bless),
        Chore::Codegen { bless } => std::env::set_current_dir(&root)
            .map_err(|e| e.to_string())
            .and_then(|()| codegen_size_classes::run(bless))
            .map(|()| ExitCode::SUCCESS),
        Chore::Bench(options) => bench::run(&root, &options),
        Chore::Conformance(options) => conformance::run(&root, &options),
        Chore::Golden(options) => golden::run(&root, &options),
        Chore::Miri(options) => miri::run(&root, &options),
        Chore::Order(options) => order::run(&root, &options),
        Chore::Torture(options) => torture::run(&root, &options),
    };
    result.unwrap_or_else(|message| {
        eprintln!("error: {message}");
        ExitCode::FAILURE
    })
}

fn workspace_root() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap_or(package).to_owned()
}

/// The program a person named: a path, or a bare name that is looked up in `PATH`.
fn find_program(name: &Path) -> Result<PathBuf, String> {
    let bare = name.components().count() == 1 && !name.exists();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).map(|dir| dir.join(name)).find(|p| bare && p.is_file());
    let path = found.unwrap_or_else(|| name.to_owned());
    if !path.is_file() {
        return Err(format!("there is no program {}", name.display()));
    }
    // Not canonical: an interpreter finds its environment by the link it was started through.
    std::path::absolute(&path).map_err(|e| format!("{}: {e}", name.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_found_by_name_and_by_path() {
        assert!(find_program(Path::new("sh")).unwrap().is_absolute());
        assert_eq!(find_program(Path::new("/bin/sh")).unwrap(), Path::new("/bin/sh"));
        assert!(find_program(Path::new("no-such-program")).is_err());
    }
}
