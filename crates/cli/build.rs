//! Asks the linker to put the functions that a start runs side by side, where it can.
//!
//! ```text
//! startup.order   names of functions, in order      (written by `cargo xtask order`)
//! ```
//! The kernel maps a program's code in blocks around each page that is touched. The 530 functions of a start lie
//! scattered over nearly every block of the file, so that a start mapped 4 MiB of code to run half a megabyte; side
//! by side they take 3 MiB less of resident memory.
//!
//! Invariant: a name that is not in the program is skipped by the linker, so an old list costs memory and never a
//! build; a linker that does not know the option is not given it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=startup.order");
    let env = |name: &str| std::env::var(name).unwrap_or_default();
    // A debug build has other functions; elsewhere the option has other names.
    if env("PROFILE") != "release" || env("CARGO_CFG_TARGET_OS") != "linux" {
        return;
    }
    let order = PathBuf::from(env("CARGO_MANIFEST_DIR")).join("startup.order");
    let options = [
        format!("-Wl,--symbol-ordering-file={}", order.display()),
        "-Wl,--no-warn-symbol-ordering".to_owned(),
    ];
    if order.is_file()
        && links(&options, Path::new(&env("OUT_DIR")), &env("RUSTC"), &env("RUSTC_LINKER"), &env("TARGET"))
    {
        for option in options {
            println!("cargo::rustc-link-arg-bins={option}");
        }
    }
}

/// Whether an empty program can be linked with `options`.
fn links(options: &[String], dir: &Path, rustc: &str, linker: &str, target: &str) -> bool {
    let source = dir.join("probe.rs");
    if std::fs::write(&source, "fn main() {}\n").is_err() {
        return false;
    }
    let mut command = Command::new(rustc);
    command.arg(&source).arg("-o").arg(dir.join("probe")).args(["--target", target]);
    if !linker.is_empty() {
        command.arg(format!("-Clinker={linker}"));
    }
    for option in options {
        command.arg(format!("-Clink-arg={option}"));
    }
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}
