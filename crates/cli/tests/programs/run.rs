//! Running one program under one interpreter, with a time limit and bounded output.
//!
//! The working directory is the program's own folder and the interpreter gets the bare file name. Interpreters
//! put the absolute path into tracebacks all the same, so the folder is removed from what they print:
//! golden files hold `File "loops.py", line 3` on every machine. Addresses in a `repr` are hidden likewise.
//! Invariant: when `run` returns, the child has been reaped.

use super::corpus::Program;
use std::fs;
use std::io::{self, Read};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Longest run of one program.
pub const TIME_LIMIT: Duration = Duration::from_secs(20);
/// Most bytes kept of one stream; a program that prints more meets a closed pipe.
const OUTPUT_BYTES_MAX: u64 = 16 << 20;
/// Longest wait for a stream to end once the child is gone: a grandchild may still hold the pipe.
const DRAIN_LIMIT: Duration = Duration::from_secs(2);

/// What a run left behind.
#[derive(Debug, PartialEq, Eq, Clone)]
pub struct Outcome {
    /// Standard output, normalised.
    pub stdout: String,
    /// Standard error, normalised.
    pub stderr: String,
    /// Exit code; a signal counts as its negative number.
    pub code: i32,
    /// The program was stopped at the time limit.
    pub timed_out: bool,
}

/// Runs `program` with `interpreter`.
///
/// # Errors
/// When the interpreter cannot be started or an input file cannot be read.
pub fn run(interpreter: &Path, program: &Program) -> io::Result<Outcome> {
    run_with(interpreter, program, &[], TIME_LIMIT)
}

/// Runs `program` with more variables in its environment and a time limit of its own.
///
/// # Errors
/// As [`run`].
pub fn run_with(
    interpreter: &Path,
    program: &Program,
    variables: &[(&str, &str)],
    limit: Duration,
) -> io::Result<Outcome> {
    let dir = program.source.parent().unwrap_or(Path::new(".")).canonicalize()?;
    let file = program.source.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    let stdin = match fs::File::open(program.beside("in")) {
        Ok(f) => Stdio::from(f),
        Err(_) => Stdio::null(),
    };
    let mut command = Command::new(interpreter);
    command.args(program.args()?).arg(file).current_dir(&dir);
    for (key, _) in std::env::vars_os() {
        if key.to_string_lossy().starts_with("PYTHON") {
            command.env_remove(key);
        }
    }
    command.env("PYTHONHASHSEED", "0").env("PYTHONDONTWRITEBYTECODE", "1").env("PYTHON_COLORS", "0");
    command.env("LC_ALL", "C.UTF-8").env("NO_COLOR", "1").env("COLUMNS", "80");
    command.envs(variables.iter().copied());
    command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn()?;
    let stdout = drain(child.stdout.take());
    let stderr = drain(child.stderr.take());
    let (status, timed_out) = wait(&mut child, limit)?;
    let prefix = format!("{}/", dir.display());
    let text = |stream: JoinHandle<Vec<u8>>| {
        let deadline = Instant::now() + DRAIN_LIMIT;
        while !stream.is_finished() && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(1));
        }
        let bytes = if stream.is_finished() { stream.join().unwrap_or_default() } else { Vec::new() };
        hide_addresses(&String::from_utf8_lossy(&bytes).replace(&prefix, ""))
    };
    Ok(Outcome { stdout: text(stdout), stderr: text(stderr), code: code_of(status), timed_out })
}

/// `<object object at 0x7f12ab>` becomes `<object object at 0x…>`.
pub fn hide_addresses(text: &str) -> String {
    const MARK: &str = " at 0x";
    let mut pieces = text.split(MARK);
    let mut hidden = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        hidden.push_str(MARK);
        let rest = piece.trim_start_matches(|c: char| c.is_ascii_hexdigit());
        if rest.len() < piece.len() {
            hidden.push('…');
        }
        hidden.push_str(rest);
    }
    hidden
}

fn drain(stream: Option<impl Read + Send + 'static>) -> JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(stream) = stream {
            // What came before an error is still worth comparing.
            let _ = stream.take(OUTPUT_BYTES_MAX).read_to_end(&mut bytes);
        }
        bytes
    })
}

fn wait(child: &mut Child, limit: Duration) -> io::Result<(ExitStatus, bool)> {
    let deadline = Instant::now() + limit;
    let mut pause = Duration::from_micros(500);
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok((status, false));
        }
        if Instant::now() >= deadline {
            child.kill()?;
            return Ok((child.wait()?, true));
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(20));
    }
}

fn code_of(status: ExitStatus) -> i32 {
    status.code().unwrap_or_else(|| -status.signal().unwrap_or(0))
}
