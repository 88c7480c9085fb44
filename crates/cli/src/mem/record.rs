//! Runs a program with its allocations watched and writes its heap down when it has ended.
#![allow(unsafe_code, reason = "redirects a file descriptor while the program runs")]

use super::commands::Common;
use super::process;
use crate::options::{Action, parse};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};

/// Runs `common.target`; gives the file with the dump (a temporary one unless `to` is given) and the exit code.
pub(super) fn run(common: &Common, depth: usize, to: Option<PathBuf>) -> Result<(PathBuf, ExitCode), String> {
    let mut args = vec!["hognose".to_string()];
    if let Some(limit) = common.max_heap {
        args.extend(["--max-heap".into(), limit.to_string()]);
    }
    args.push(common.target.clone());
    args.extend(common.args.iter().cloned());
    let Action::Run(options) = parse(&args)? else { return Err("nothing to run".into()) };
    let path =
        to.unwrap_or_else(|| std::env::temp_dir().join(format!("hognose-{}.heap", std::process::id())));
    let saved = common.json.then(stdout_to_stderr);
    let failure: Arc<Mutex<Option<String>>> = Arc::default();
    let (out, noted) = (path.clone(), Arc::clone(&failure));
    let script = std::fs::canonicalize(&common.target).unwrap_or_else(|_| common.target.clone().into());
    let code = crate::on_large_stack(move || {
        let after = |python: &mut hognose::Interpreter| {
            let about = process::about(python, &script.to_string_lossy());
            let written = std::fs::File::create(&out).and_then(|f| {
                let mut f = std::io::BufWriter::with_capacity(256 << 10, f);
                python.dump(&mut f, &about)
            });
            if let Err(e) = written
                && let Ok(mut place) = noted.lock()
            {
                *place = Some(format!("{}: {e}", out.display()));
            }
        };
        crate::run_with(&options, |python| python.watch(depth), after)
    });
    if let Some(fd) = saved {
        restore_stdout(fd);
    }
    let failed = failure.lock().map(|f| f.clone()).unwrap_or_default();
    match failed {
        Some(message) => Err(message),
        None if !path.exists() => Err("the program did not start".into()),
        None => Ok((path, code)),
    }
}

/// Lets what the program prints go to standard error; gives what to restore.
fn stdout_to_stderr() -> i32 {
    // SAFETY: duplicates descriptors of this process.
    unsafe {
        let saved = libc::dup(1);
        libc::dup2(2, 1);
        saved
    }
}

fn restore_stdout(saved: i32) {
    // SAFETY: `saved` was made by `stdout_to_stderr`.
    unsafe {
        libc::dup2(saved, 1);
        libc::close(saved);
    }
}
