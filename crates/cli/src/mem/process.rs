//! Facts about the process and the terminal.
#![allow(unsafe_code, reason = "asks the terminal for its width")]

use std::io::{IsTerminal, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Does the file begin like a dump?
pub(super) fn is_dump(path: &str) -> bool {
    let mut head = [0; 7];
    let read = std::fs::File::open(path).and_then(|mut f| f.read_exact(&mut head));
    read.is_ok() && &head == b"HOGHEAP"
}

/// Columns of the terminal; 100 where there is none.
pub(super) fn terminal_width() -> usize {
    if let Some(n) = std::env::var("COLUMNS").ok().and_then(|c| c.parse().ok()).filter(|&n| n >= 40) {
        return n;
    }
    // SAFETY: the call fills the struct or fails.
    let columns = unsafe {
        let mut size: libc::winsize = std::mem::zeroed();
        if libc::ioctl(1, libc::TIOCGWINSZ, &raw mut size) == 0 { usize::from(size.ws_col) } else { 0 }
    };
    if columns >= 40 { columns } else { 100 }
}

/// Does `work`; when it takes more than a second and somebody watches, says for how long.
pub(super) fn with_progress<T>(what: &'static str, work: impl FnOnce() -> T) -> T {
    if !std::io::stderr().is_terminal() {
        return work();
    }
    let done = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&done);
    let ticker = std::thread::spawn(move || {
        let begin = Instant::now();
        let mut shown = false;
        while !seen.load(Ordering::Relaxed) {
            std::thread::sleep(Duration::from_millis(100));
            if begin.elapsed() > Duration::from_secs(1) {
                eprint!("\r{what} … {:.0} s", begin.elapsed().as_secs_f64());
                shown = true;
            }
        }
        if shown {
            eprint!("\r{:40}\r", "");
        }
    });
    let result = work();
    done.store(true, Ordering::Relaxed);
    let _ = ticker.join();
    result
}

/// Names of functions marked `@profile` in a script.
pub(super) fn marked_functions(path: &str) -> Vec<String> {
    let Ok(text) = std::fs::read_to_string(path) else { return Vec::new() };
    let mut out = Vec::new();
    let mut marked = false;
    for line in text.lines().map(str::trim_start) {
        let definition = line.strip_prefix("async ").unwrap_or(line).strip_prefix("def ");
        if line.starts_with("@profile") || line.starts_with("@memory_profiler.profile") {
            marked = true;
        } else if let Some(rest) = definition
            && std::mem::take(&mut marked)
        {
            out.extend(rest.split('(').next().map(|n| n.trim().to_string()));
        }
    }
    out
}

/// Resident bytes of the process by what they are for, as a JSON object.
pub(super) fn about(python: &mut hognose::Interpreter, script: &str) -> String {
    let heap = python.heap_range();
    let (mut all, mut in_heap, mut files, mut stacks) = (0u64, 0u64, 0u64, 0u64);
    let text = std::fs::read_to_string("/proc/self/smaps").unwrap_or_default();
    let (mut range, mut path) = (0..0, String::new());
    for line in text.lines() {
        if let Some(rss) = line.strip_prefix("Rss:") {
            let bytes = rss.trim().trim_end_matches(" kB").trim().parse::<u64>().unwrap_or(0) * 1024;
            all += bytes;
            if heap.contains(&range.start) {
                in_heap += bytes;
            } else if path.starts_with('/') {
                files += bytes;
            } else if path == "[stack]" || python.is_stack(range.start) {
                stacks += bytes;
            }
        } else if let Some((from, to)) = line.split(' ').next().and_then(|r| r.split_once('-'))
            && let (Ok(from), Ok(to)) = (usize::from_str_radix(from, 16), usize::from_str_radix(to, 16))
        {
            range = from..to;
            path = line.split_whitespace().nth(5).unwrap_or("").to_string();
        }
    }
    serde_json::json!({"script": script, "rss": all, "rss_heap": in_heap, "rss_files": files, "rss_stacks": stacks})
        .to_string()
}
