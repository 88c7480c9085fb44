//! Every program of `tests/` under conditions that bring faults out: `cargo xtask torture`.
//!
//! ```text
//! stress  HOGNOSE_GC_STRESS=1   a collection or a slice of one at every safe point   the output must stay the same
//! fail    HOGNOSE_FAIL_ALLOC=k  the k-th request for memory is refused                any end but a crash will do
//! ```
//! Arguments and input are those of the tests; what `tests/failures.txt` lists is left out.
//! Invariant: a program that ends by a signal (other than its test expects), a panic or not at all is a finding,
//! whatever it printed.

use crate::ChoreResult;
use std::ffi::OsStr;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

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
    let hognose = std::path::absolute(&hognose).map_err(|e| e.to_string())?;
    let mut programs = Vec::new();
    collect(&root.join("tests"), &mut programs)?;
    programs.sort();
    let known = std::fs::read_to_string(root.join("tests/failures.txt")).unwrap_or_default();
    programs.retain(|p| {
        !known.lines().any(|l| p.with_extension("").ends_with(l.split_whitespace().next().unwrap_or("-")))
    });
    let (mut runs, mut findings) = (0, 0);
    for program in &programs {
        let name = program.strip_prefix(root).unwrap_or(program).display().to_string();
        if !name.contains(&options.filter) {
            continue;
        }
        let mut settings: Vec<(&str, String)> =
            options.fail.iter().map(|k| ("HOGNOSE_FAIL_ALLOC", k.to_string())).collect();
        if !options.no_stress {
            settings.push(("HOGNOSE_GC_STRESS", "1".to_owned()));
        }
        for (variable, value) in settings {
            runs += 1;
            if let Some(what) = torture(&hognose, program, variable, &value)? {
                findings += 1;
                println!("{name}: {variable}={value}: {what}");
            }
        }
    }
    println!("{runs} runs of {} programs, {findings} findings", programs.len());
    Ok(if findings == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Programs have their golden output beside them.
fn collect(dir: &Path, programs: &mut Vec<PathBuf>) -> Result<(), String> {
    for entry in std::fs::read_dir(dir).map_err(|e| format!("{}: {e}", dir.display()))? {
        let path = entry.map_err(|e| e.to_string())?.path();
        if path.is_dir() {
            collect(&path, programs)?;
        } else if path.extension() == Some(OsStr::new("py")) && path.with_extension("out").is_file() {
            programs.push(path);
        }
    }
    Ok(())
}

/// What went wrong, if something did.
fn torture(hognose: &Path, program: &Path, variable: &str, value: &str) -> Result<Option<String>, String> {
    let dir = program.parent().unwrap_or(Path::new("."));
    let beside = |what: &str| std::fs::read_to_string(program.with_extension(what)).unwrap_or_default();
    let input = program.with_extension("in");
    let stdin = if input.is_file() {
        Stdio::from(std::fs::File::open(&input).map_err(|e| e.to_string())?)
    } else {
        Stdio::null()
    };
    let child = Command::new(hognose)
        .args(beside("args").lines())
        .arg(program.file_name().unwrap_or_default())
        .current_dir(dir)
        .env(variable, value)
        .envs([
            ("PYTHONHASHSEED", "0"),
            ("PYTHONDONTWRITEBYTECODE", "1"),
            ("PYTHON_COLORS", "0"),
            ("LC_ALL", "C.UTF-8"),
        ])
        .stdin(stdin)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|e| format!("{}: {e}", hognose.display()))?;
    let Some((code, output, errors)) = wait(child)? else { return Ok(Some("does not end".to_owned())) };
    let code = match code {
        None if beside("exit").trim().starts_with('-') => return Ok(None),
        None => return Ok(Some(format!("killed by a signal: {}", last_line(&errors)))),
        Some(code) => code,
    };
    if code == 101 || errors.contains("panicked at") {
        return Ok(Some(format!("panicked: {}", last_line(&errors))));
    }
    if variable == "HOGNOSE_GC_STRESS" {
        let golden = beside("out");
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

/// Exit code, output and errors; `None` when patience ends.
fn wait(mut child: Child) -> Result<Option<(Option<i32>, String, String)>, String> {
    let (mut out, mut err) = (child.stdout.take(), child.stderr.take());
    let reader = |stream: Option<Box<dyn Read + Send>>| {
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            if let Some(mut stream) = stream {
                // A pipe that breaks gives what came before.
                let _ = stream.read_to_end(&mut bytes);
            }
            String::from_utf8_lossy(&bytes).into_owned()
        })
    };
    let out = reader(out.take().map(|s| Box::new(s) as Box<dyn Read + Send>));
    let err = reader(err.take().map(|s| Box::new(s) as Box<dyn Read + Send>));
    let begin = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().map_err(|e| e.to_string())? {
            break status;
        }
        if begin.elapsed() > PATIENCE {
            child.kill().map_err(|e| e.to_string())?;
            child.wait().map_err(|e| e.to_string())?;
            return Ok(None);
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    let text = |thread: std::thread::JoinHandle<String>| thread.join().unwrap_or_default();
    Ok(Some((status.code(), text(out), text(err))))
}
