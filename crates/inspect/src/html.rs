//! Self-contained pages: the flame view, and the whole report. No network, no library: one script for both.

use crate::dominators::Dominators;
use crate::graph::Graph;
use crate::paths::Paths;
use crate::profile::{Node, Profile};
use serde_json::{Value as Json, json};

const SCRIPT: &str = include_str!("page.js");
const STYLE: &str = include_str!("page.css");

fn tree_json(n: &Node) -> Json {
    let (name, file, line) = n.frame.as_ref().map_or_else(
        || ("all".to_string(), String::new(), 0),
        |f| (f.function.clone(), crate::findings::short_file(&f.file), f.line),
    );
    json!({"n": name, "f": file, "l": line, "b": n.bytes, "k": n.blocks,
           "c": n.children.iter().map(tree_json).collect::<Vec<_>>()})
}

/// What the pages show.
fn data(g: &Graph, everything: bool) -> Json {
    let p = Profile::new(g);
    let about = g.about("script").as_str().unwrap_or("").to_string();
    let mut out = json!({
        "script": about, "tree": tree_json(&p.tree()), "peak": g.fact("watched_peak"),
        "peakSeconds": g.fact("watched_peak_nanos") as f64 / 1e9,
        "live": g.fact("watched_live"), "moments": g.moments,
    });
    if !everything {
        return out;
    }
    let mut lines = p.by_line();
    lines.sort_by_key(|l| std::cmp::Reverse(l.1.peak_bytes));
    let lines = lines.iter().take(200).map(|(f, u)| {
        json!([
            u.peak_bytes,
            u.live_bytes,
            u.total_bytes,
            u.total_blocks,
            format!("{}:{}", crate::findings::short_file(&f.file), f.line),
            f.function
        ])
    });
    let d = Dominators::new(g);
    let paths = Paths::new(g);
    let mut holders: Vec<u32> = (0..g.len() as u32).filter(|&v| d.is_reachable(v)).collect();
    holders.sort_by_key(|&v| std::cmp::Reverse(d.retained[v as usize]));
    let holders =
        holders.into_iter().filter(|&v| g.class(v) != "module").take(100).map(|v| {
            json!([d.retained[v as usize], g.bytes[v as usize], g.describe(v), paths.expression(g, v)])
        });
    let classes = crate::report::by_class(g);
    let classes = classes.iter().take(100).map(|(c, n, b)| json!([b, n, c]));
    let pages = g.pages.iter().take(20_000).map(|p| json!([p.pages, p.family, p.block_bytes, p.live_bytes]));
    out["lines"] = Json::Array(lines.collect());
    out["holders"] = Json::Array(holders.collect());
    out["classes"] = Json::Array(classes.collect());
    out["pages"] = Json::Array(pages.collect());
    out["rss"] = Json::String(crate::report::rss(g, &crate::text::View::default()));
    out
}

fn page(title: &str, data: &Json) -> String {
    // A text must not be able to end the script.
    let data = data.to_string().replace("</", "<\\/");
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>\n<style>{STYLE}</style></head>\n\
         <body><main id=\"page\"></main>\n<script>const DATA = {data};\n{SCRIPT}</script></body></html>\n"
    )
}

/// The flame view: peak, live and total, with zoom and search.
pub fn flame_page(g: &Graph) -> String {
    page("Hognose flame view", &data(g, false))
}

/// Everything on one page: flame view, timeline, map of pages, tables, retention paths.
pub fn report_page(g: &Graph) -> String {
    page("Hognose memory report", &data(g, true))
}
