//! The heap's tests under Miri: `cargo xtask miri`.
//!
//! ```text
//! cargo miri test -p hognose-heap --features plain     strict provenance, where the toolchain has Miri
//! cargo test      -p hognose-heap --features plain     the same program without it, elsewhere
//! ```
//! Miri cannot follow memory mappings, so feature `plain` takes a heap's memory from Rust's allocator.
//! Invariant: what ran is said.

use crate::ChoreResult;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

#[derive(clap::Args)]
pub struct Options {
    /// Only tests whose names contain this.
    #[arg(default_value = "")]
    filter: String,
}

/// Runs the tests.
///
/// # Errors
/// When cargo cannot be started.
pub fn run(root: &Path, options: &Options) -> ChoreResult {
    let cargo = || {
        let mut command = Command::new("cargo");
        command.current_dir(root);
        command
    };
    let quiet = cargo().args(["miri", "--version"]).stdout(Stdio::null()).stderr(Stdio::null()).status();
    let miri = quiet.is_ok_and(|status| status.success());
    let mut command = cargo();
    if miri {
        command.arg("miri").env("MIRIFLAGS", "-Zmiri-strict-provenance -Zmiri-disable-isolation");
    } else {
        println!("this toolchain has no Miri: the tests run on the same memory without it");
    }
    command.args(["test", "--package", "hognose-heap", "--features", "plain", &options.filter]);
    let status = command.status().map_err(|e| format!("cargo: {e}"))?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
