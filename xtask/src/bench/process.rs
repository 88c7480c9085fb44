//! One run of one interpreter: wall time, peak memory, output.
//!
//! ```text
//! this thread      spawn ──────────── wait ─► wall time
//! watcher            ├─ read VmHWM every 2 ms ─┤
//! two readers        ├─ stdout, stderr ────────┤
//! ```
//! Peak memory is `VmHWM` from `/proc/PID/status`. `ru_maxrss` would be simpler and wrong: a child inherits the
//! peak of the process that forked it. A high-water mark loses nothing between two readings, only what the last
//! 2 ms before the exit added; the programs keep their data alive longer than that.
//! Invariant: the watcher never delays the wait, so it does not show in the time.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

const WATCH_INTERVAL: Duration = Duration::from_millis(2);
/// Longest run; an interpreter that hangs must not hang the comparison.
const TIME_LIMIT: Duration = Duration::from_secs(120);

/// What one run gave.
#[derive(Debug)]
pub struct Run {
    /// From before the start to after the end.
    pub seconds: f64,
    /// Peak resident memory, 0 if the process was gone before the first reading.
    pub rss_kib_max: u64,
    /// Standard output.
    pub stdout: String,
    /// Why the run does not count.
    pub failure: Option<String>,
}

/// Runs an interpreter in a folder.
///
/// # Errors
/// When it cannot be started.
pub fn run(interpreter: &Path, args: &[&str], dir: &Path) -> Result<Run, String> {
    let error = |e: std::io::Error| format!("{}: {e}", interpreter.display());
    let mut command = Command::new(interpreter);
    command.args(args).current_dir(dir).env("PYTHONHASHSEED", "0").env("PYTHONDONTWRITEBYTECODE", "1");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let start = Instant::now();
    let mut child = command.spawn().map_err(error)?;
    let pid = child.id();
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let watcher = scope.spawn(|| watch(pid, TIME_LIMIT, &done));
        let stdout = scope.spawn(|| read_all(stdout));
        let stderr = scope.spawn(|| read_all(stderr));
        let status = child.wait();
        let seconds = start.elapsed().as_secs_f64();
        done.store(true, Ordering::Release);
        watcher.thread().unpark();
        let status = status.map_err(error)?;
        let (rss_kib_max, stopped) = watcher.join().unwrap_or_default();
        let (stdout, stderr) = (stdout.join().unwrap_or_default(), stderr.join().unwrap_or_default());
        let failure = (!status.success()).then(|| {
            let last = stderr.lines().last().unwrap_or("and said nothing");
            let why = if stopped { "stopped at the time limit".to_owned() } else { status.to_string() };
            format!("failed ({why}): {last}")
        });
        Ok(Run { seconds, rss_kib_max, stdout, failure })
    })
}

/// The peak in KiB, and whether the process had to be stopped.
fn watch(pid: u32, limit: Duration, done: &AtomicBool) -> (u64, bool) {
    let status_file = format!("/proc/{pid}/status");
    let (mut peak, mut stopped) = (0, false);
    let start = Instant::now();
    while !done.load(Ordering::Acquire) {
        if let Some(kib) = fs::read_to_string(&status_file).ok().and_then(|s| peak_of(&s)) {
            peak = peak.max(kib);
        }
        if start.elapsed() > limit && !stopped {
            // The owner of the child is waiting for it, so the number still belongs to it.
            stopped = Command::new("kill").args(["-9", &pid.to_string()]).status().is_ok_and(|s| s.success());
        }
        thread::park_timeout(WATCH_INTERVAL);
    }
    (peak, stopped)
}

fn peak_of(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

fn read_all(stream: Option<impl Read>) -> String {
    let mut bytes = Vec::new();
    if let Some(mut stream) = stream {
        // What came before an error is still worth showing.
        let _ = stream.read_to_end(&mut bytes);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peak_is_read_from_the_status_file() {
        assert_eq!(peak_of("Name:\tx\nVmPeak:\t   99 kB\nVmHWM:\t   5120 kB\n"), Some(5120));
        assert_eq!(peak_of("Name:\tzombie\n"), None);
    }

    #[test]
    fn a_run_is_measured() {
        let run = run(Path::new("/bin/sh"), &["-c", "sleep 0.05; echo hi"], Path::new("/")).unwrap();
        assert_eq!(run.stdout, "hi\n");
        assert!(run.seconds >= 0.05 && run.failure.is_none());
        assert!(run.rss_kib_max > 100);
    }

    #[test]
    fn a_run_that_hangs_is_stopped() {
        let mut child = Command::new("sleep").arg("60").spawn().unwrap();
        let (pid, done) = (child.id(), AtomicBool::new(false));
        thread::scope(|scope| {
            let watcher = scope.spawn(|| watch(pid, Duration::from_millis(20), &done));
            assert!(!child.wait().unwrap().success());
            done.store(true, Ordering::Release);
            assert!(watcher.join().unwrap().1);
        });
    }

    #[test]
    fn failures_say_what_happened() {
        let run = run(Path::new("/bin/sh"), &["-c", "echo boom >&2; exit 3"], Path::new("/")).unwrap();
        assert_eq!(run.failure.unwrap(), "failed (exit status: 3): boom");
        assert!(super::run(Path::new("/no/such"), &[], Path::new("/")).is_err());
    }
}
