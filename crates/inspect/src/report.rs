//! The one-page report, the table of lines, and where the bytes of the process are.
//!
//! Invariant: the parts shown for the resident size sum to it; what no part explains is called that.

use crate::dominators::Dominators;
use crate::findings::short_file;
use crate::graph::{Frame, Graph, Use};
use crate::paths::Paths;
use crate::profile::Profile;
use crate::text::{Table, View, bytes_text, count_text, json_text, share};
use serde_json::json;
use std::collections::{BTreeMap, HashMap};

/// Source lines of a file, as far as it can be read.
fn source(files: &mut HashMap<String, Vec<String>>, file: &str, line: u32) -> String {
    let lines = files.entry(file.to_string()).or_insert_with(|| {
        std::fs::read(file).map_or_else(
            |_| Vec::new(),
            |b| String::from_utf8_lossy(&b).lines().map(str::to_string).collect(),
        )
    });
    lines.get((line as usize).wrapping_sub(1)).cloned().unwrap_or_default()
}

/// The lines that held most at the peak.
fn top_lines<'a>(p: &Profile<'a>) -> Vec<(&'a Frame, Use)> {
    let mut lines = p.by_line();
    lines.sort_by(|a, b| b.1.peak_bytes.cmp(&a.1.peak_bytes).then(a.0.line.cmp(&b.0.line)));
    lines.retain(|l| l.1.peak_bytes > 0);
    lines
}

/// Objects and bytes by class, most bytes first.
pub(crate) fn by_class(g: &Graph) -> Vec<(&str, u64, u64)> {
    let mut classes: HashMap<u32, (u64, u64)> = HashMap::new();
    for v in 0..g.len() {
        let e = classes.entry(g.kind[v]).or_default();
        e.0 += 1;
        e.1 += g.bytes[v];
    }
    let mut by_name: HashMap<&str, (u64, u64)> = HashMap::new();
    for (kind, (n, b)) in classes {
        let e = by_name.entry(g.kinds.get(kind as usize).map_or("?", |k| &k.class)).or_default();
        e.0 += n;
        e.1 += b;
    }
    let mut rows: Vec<(&str, u64, u64)> = by_name.into_iter().map(|(c, (n, b))| (c, n, b)).collect();
    rows.sort_by(|a, b| b.2.cmp(&a.2).then(a.0.cmp(b.0)));
    rows
}

/// `report`: one page about a dump.
pub fn report(g: &Graph, view: &View) -> String {
    let p = Profile::new(g);
    let sum = p.sum();
    let lines = top_lines(&p);
    let classes = by_class(g);
    let d = Dominators::new(g);
    let paths = Paths::new(g);
    let mut holders: Vec<u32> =
        (0..g.len() as u32).filter(|&v| d.retained[v as usize] * 50 > d.retained[g.len()]).collect();
    holders.sort_by_key(|&v| (std::cmp::Reverse(d.retained[v as usize]), v));
    holders.retain(|&v| !g.roots.iter().any(|r| r.node == v) && g.class(v) != "module");
    if view.json {
        return report_json(g, &sum, &lines, &classes);
    }
    let mut files = HashMap::new();
    let mut out = String::new();
    let seconds = g.fact("watched_peak_nanos") as f64 / 1e9;
    let at = g.place(g.fact("watched_peak_site") as u32);
    let at = at.map_or_else(String::new, |f| format!(" ({}:{} {})", short_file(&f.file), f.line, f.function));
    out.push_str(&format!(
        "peak {} at {seconds:.2} s{at}\nnow {}   allocated {} in {} blocks\n\n",
        bytes_text(g.fact("watched_peak")),
        bytes_text(g.fact("watched_live")),
        bytes_text(sum.total_bytes),
        count_text(sum.total_blocks)
    ));
    let mut t = Table::new(&["live at peak", "", "blocks", "line"]);
    for (f, u) in &lines {
        let text = source(&mut files, &f.file, f.line);
        let line = format!("{}:{}   {}", short_file(&f.file), f.line, text.trim());
        t.row(vec![
            bytes_text(u.peak_bytes),
            share(u.peak_bytes, sum.peak_bytes),
            count_text(u.peak_blocks),
            line,
        ]);
    }
    out.push_str(&t.text(view));
    let mut t = Table::new(&["live now", "", "objects", "class"]);
    let all: u64 = classes.iter().map(|c| c.2).sum();
    for (class, n, b) in &classes {
        t.row(vec![bytes_text(*b), share(*b, all), count_text(*n), (*class).to_string()]);
    }
    out.push('\n');
    out.push_str(&t.text(view));
    let mut t = Table::new(&["retains now", "", "held by"]);
    for v in holders {
        let r = d.retained[v as usize];
        t.row(vec![
            bytes_text(r),
            share(r, d.retained[g.len()]),
            format!("{}   {}", paths.expression(g, v), g.describe(v)),
        ]);
    }
    out.push('\n');
    out.push_str(&t.text(&View { rows: view.rows.min(6), ..*view }));
    out.push('\n');
    out.push_str(&rss(g, view));
    out.push_str(&hints(g, &sum, &classes));
    out
}

fn report_json(g: &Graph, sum: &Use, lines: &[(&Frame, Use)], classes: &[(&str, u64, u64)]) -> String {
    let lines = lines.iter().take(200).map(|(f, u)| {
        json!({"file": f.file, "line": f.line, "function": f.function, "peak_bytes": u.peak_bytes, "peak_blocks": u.peak_blocks,
               "live_bytes": u.live_bytes, "live_blocks": u.live_blocks, "total_bytes": u.total_bytes, "total_blocks": u.total_blocks})
    });
    let classes = classes.iter().take(200).map(|(c, n, b)| json!({"class": c, "objects": n, "bytes": b}));
    json_text(&json!({
        "peak": g.fact("watched_peak"), "peak_seconds": g.fact("watched_peak_nanos") as f64 / 1e9,
        "live": g.fact("watched_live"), "total_bytes": sum.total_bytes, "total_blocks": sum.total_blocks,
        "lines": lines.collect::<Vec<_>>(), "classes": classes.collect::<Vec<_>>(), "memory": memory_json(g),
    }))
}

/// What the reader might do next.
fn hints(g: &Graph, sum: &Use, classes: &[(&str, u64, u64)]) -> String {
    let mut out = String::new();
    let (live, all) = (g.fact("watched_live"), g.fact("watched_peak"));
    if live * 2 > all && all > 1 << 20 {
        out.push_str("hint: most of the peak is alive at the end: `tree` shows who holds it\n");
    }
    if sum.total_bytes > 20 * all.max(1) {
        out.push_str("hint: much was allocated for a short time: `flame`, total, shows where\n");
    }
    if classes.iter().take(3).any(|c| c.0 == "str" && c.2 > 1 << 20) {
        out.push_str("hint: strings are among the largest classes: `dup` shows repeated ones\n");
    }
    out
}

/// Facts about the process's memory: name, bytes.
fn memory_parts(g: &Graph) -> Vec<(&'static str, u64)> {
    let about = |name: &str| g.about(name).as_u64().unwrap_or(0);
    let (live, free, pages) = (g.fact("live"), g.fact("free_in_pages"), g.fact("free_pages"));
    let mut parts = vec![
        ("live", live),
        ("free in pages", free),
        ("free pages", pages),
        ("page tables", g.fact("metadata")),
    ];
    let rss = about("rss");
    if rss > 0 {
        for (name, key) in
            [("code", "rss_files"), ("frames and registers", "rss_stacks"), ("watching", "watching")]
        {
            parts.push((name, if key == "watching" { g.fact("watching_bytes") } else { about(key) }));
        }
        let sum: u64 = parts.iter().map(|p| p.1).sum();
        parts.push(("runtime and libraries", rss.saturating_sub(sum)));
    }
    parts
}

fn memory_json(g: &Graph) -> serde_json::Value {
    let parts: BTreeMap<&str, u64> = memory_parts(g).into_iter().collect();
    json!({"rss": g.about("rss"), "heap_resident": g.about("rss_heap"), "parts": parts, "limit": g.fact("limit"),
           "external": g.fact("external"), "committed": g.fact("committed")})
}

/// `rss`: where the bytes of the process are, and how much of the heap's resident memory is explained.
pub fn rss(g: &Graph, view: &View) -> String {
    if view.json {
        return json_text(&memory_json(g));
    }
    let rss = g.about("rss").as_u64().unwrap_or(0);
    let parts = memory_parts(g);
    let text: Vec<String> =
        parts.iter().filter(|p| p.1 > 0).map(|(n, b)| format!("{n} {}", bytes_text(*b))).collect();
    let whole = if rss > 0 { format!("RSS {} = ", bytes_text(rss)) } else { "heap = ".into() };
    let mut out = String::new();
    let mut line = whole;
    for (i, part) in text.iter().enumerate() {
        let joined = if i == 0 { part.clone() } else { format!(" + {part}") };
        if line.chars().count() + joined.chars().count() > view.width {
            out.push_str(&line);
            out.push_str("\n     ");
            line = String::new();
        }
        line.push_str(&joined);
    }
    out.push_str(&line);
    out.push('\n');
    let resident = g.about("rss_heap").as_u64().unwrap_or(0);
    if resident > 0 {
        let explained = g.fact("live") + g.fact("free_in_pages") + g.fact("free_pages") + g.fact("metadata");
        let percent = explained as f64 * 100.0 / resident as f64;
        out.push_str(&format!("the heap explains {percent:.1} % of its {} resident\n", bytes_text(resident)));
    }
    out
}

/// `lines`: memory_profiler's table with exact bytes. `wanted`: names of functions; empty: all of files outside
/// libraries.
pub fn lines(g: &Graph, wanted: &[String], view: &View) -> String {
    let p = Profile::new(g);
    let script = g.about("script").as_str().unwrap_or("").to_string();
    type Rows<'a> = BTreeMap<u32, (&'a Frame, Use)>;
    let mut functions: BTreeMap<(&str, u32, &str), Rows<'_>> = BTreeMap::new();
    for (f, u) in p.by_line() {
        let of_script = script.is_empty() || f.file == script;
        let asked = wanted.iter().any(|w| w == &f.function || f.function.ends_with(&format!(".{w}")));
        if asked || (wanted.is_empty() && of_script) {
            functions.entry((&f.file, f.first_line, &f.function)).or_default().insert(f.line, (f, u));
        }
    }
    if view.json {
        let rows = functions.values().flat_map(|rows| rows.values()).map(|(f, u)| {
            json!({"file": f.file, "function": f.function, "line": f.line, "usage": u.heap_bytes, "increment": u.most_bytes,
                   "occurrences": u.total_blocks, "peak": u.peak_bytes, "live": u.live_bytes, "total": u.total_bytes})
        });
        return json_text(&json!({"lines": rows.collect::<Vec<_>>()}));
    }
    let mut files = HashMap::new();
    let mut out = String::new();
    for ((file, first, function), rows) in &functions {
        out.push_str(&format!("Filename: {file}\nFunction: {function}\n\n"));
        out.push_str("Line #        Mem usage        Increment  Occurrences   Line Contents\n");
        out.push_str("====================================================================\n");
        let last = rows.keys().next_back().copied().unwrap_or(*first);
        let begin =
            if *function == "<module>" { rows.keys().next().copied().unwrap_or(1) } else { (*first).max(1) };
        for line in begin..=last {
            let contents = source(&mut files, file, line);
            let row = match rows.get(&line) {
                Some((_, u)) => format!(
                    "{line:>6} {:>16} {:>16} {:>12}   {contents}",
                    count_text(u.heap_bytes),
                    count_text(u.most_bytes),
                    count_text(u.total_blocks)
                ),
                None if *function == "<module>" => continue,
                None => format!("{line:>6} {:>16} {:>16} {:>12}   {contents}", "", "", ""),
            };
            out.push_str(&crate::text::cut(row.trim_end(), view.width.max(90)));
            out.push('\n');
        }
        out.push_str("\n\n");
    }
    if functions.is_empty() {
        out.push_str("no allocation was noted in these functions\n");
    }
    out
}
