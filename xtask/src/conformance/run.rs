//! One test module in a process of its own.
//!
//! Invariant: a run ends within its time limit, with all processes it started.

use super::ledger::Entry;
use std::fs;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const RUNNER: &str = include_str!("runner.py");
const HEAP_LIMIT: &str = "1G";

/// What all runs share.
pub(super) struct Place {
    /// Our interpreter.
    pub hognose: PathBuf,
    /// The reference's folder `test`.
    pub tests: PathBuf,
    /// Where runs may write.
    pub work: PathBuf,
    /// Time for one module.
    pub limit: Duration,
}

impl Place {
    /// Makes a folder in which `test` is the reference's package, and nothing else is.
    pub(super) fn prepare(&self) -> Result<(), String> {
        let text = |e: std::io::Error| format!("{}: {e}", self.work.display());
        let path = self.work.join("path");
        fs::create_dir_all(&path).map_err(text)?;
        let link = path.join("test");
        if link.is_symlink() {
            fs::remove_file(&link).map_err(text)?;
        }
        std::os::unix::fs::symlink(&self.tests, &link).map_err(text)?;
        fs::write(self.work.join("runner.py"), RUNNER).map_err(text)
    }

    /// Runs a module's tests.
    pub(super) fn run(&self, name: &str) -> Entry {
        let folder = self.work.join("run").join(name);
        let report = self.work.join(format!("{name}.report"));
        let _ = fs::remove_file(&report);
        if let Err(e) = fs::create_dir_all(&folder) {
            return Entry::unusable(&format!("{}: {e}", folder.display()));
        }
        let output = fs::File::create(self.work.join(format!("{name}.log")));
        let Ok((out, err)) = output.and_then(|f| Ok((f.try_clone()?, f))) else {
            return Entry::unusable("no file for its output");
        };
        let mut command = Command::new(&self.hognose);
        command
            .args(["--max-heap", HEAP_LIMIT, "-B"])
            .arg(self.work.join("runner.py"))
            .arg(&report)
            .arg(name);
        for (key, _) in std::env::vars_os() {
            if key.to_string_lossy().starts_with("PYTHON") {
                command.env_remove(key);
            }
        }
        command.env("PYTHONPATH", self.work.join("path")).env("PYTHONHASHSEED", "0");
        command.env("LC_ALL", "C.UTF-8").env("NO_COLOR", "1").env("PYTHONDONTWRITEBYTECODE", "1");
        command.current_dir(&folder).stdin(Stdio::null()).stdout(out).stderr(err).process_group(0);
        let end = match command.spawn() {
            Ok(mut child) => wait(&mut child, self.limit),
            Err(e) => Some(format!("cannot start: {e}")),
        };
        let _ = fs::remove_dir_all(&folder);
        Entry::of_report(&fs::read_to_string(&report).unwrap_or_default(), end.as_deref())
    }
}

/// Waits; gives what ended the process when that was not itself.
fn wait(child: &mut Child, limit: Duration) -> Option<String> {
    let deadline = Instant::now() + limit;
    let end = loop {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => break None,
            Ok(Some(status)) => {
                use std::os::unix::process::ExitStatusExt;
                break Some(status.signal().map_or_else(
                    || format!("exit code {}", status.code().unwrap_or(-1)),
                    |s| format!("signal {s}"),
                ));
            }
            Ok(None) if Instant::now() >= deadline => break Some("time limit".to_owned()),
            Ok(None) => std::thread::sleep(Duration::from_millis(20)),
            Err(e) => break Some(e.to_string()),
        }
    };
    // Whatever it left running goes with it: they are all in one process group.
    let group = format!("-{}", child.id());
    let _ = Command::new("kill").args(["-9", "--", &group]).stderr(Stdio::null()).status();
    let _ = child.wait();
    end
}
