//! `hognose mem check`: a gate on memory for CI. Counts of bytes are the same in every run of a deterministic program,
//! so the gate needs no tolerance.

use super::commands::Common;
use hognose::inspect::{Graph, bytes_text};
use std::process::ExitCode;

/// What must hold.
pub(super) struct Bounds {
    pub(super) limit: Option<usize>,
    pub(super) live: Option<usize>,
    pub(super) baseline: Option<String>,
    pub(super) growth: u64,
}

/// Compares a run with its bounds.
pub(super) fn check(g: &Graph, common: &Common, bounds: &Bounds) -> Result<ExitCode, String> {
    let (peak, live) = (g.fact("watched_peak"), g.fact("watched_live"));
    let mut failures = Vec::new();
    let mut over = |what: &str, found: u64, most: u64| {
        if found > most {
            failures.push(format!("{what} is {found} bytes ({}), {most} are allowed", bytes_text(found)));
        }
    };
    if let Some(most) = bounds.limit {
        over("the peak", peak, most as u64);
    }
    if let Some(most) = bounds.live {
        over("what is alive at the end", live, most as u64);
    }
    let mut before = None;
    if let Some(path) = &bounds.baseline {
        match std::fs::read_to_string(path) {
            Ok(text) => {
                let old: serde_json::Value =
                    serde_json::from_str(&text).map_err(|e| format!("{path}: {e}"))?;
                let old = old["peak"].as_u64().ok_or_else(|| format!("{path}: no peak in it"))?;
                over("the peak", peak, old + bounds.growth);
                before = Some(old);
            }
            Err(_) => {
                let text = serde_json::json!({"peak": peak, "live": live}).to_string() + "\n";
                std::fs::write(path, text).map_err(|e| format!("{path}: {e}"))?;
            }
        }
    }
    let ok = failures.is_empty();
    if common.json {
        let result = serde_json::json!({"ok": ok, "peak": peak, "live": live, "baseline": before, "failures": failures});
        common.write((result.to_string() + "\n").as_bytes())?;
    } else {
        let verdict = if ok { "ok" } else { "FAILED" };
        let mut text = format!("{verdict}: peak {peak} bytes, {live} alive at the end\n");
        failures.iter().for_each(|f| text.push_str(&format!("  {f}\n")));
        common.write(text.as_bytes())?;
    }
    Ok(if ok { ExitCode::SUCCESS } else { ExitCode::from(super::EXIT_CHECK) })
}
