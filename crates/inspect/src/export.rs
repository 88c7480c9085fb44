//! Files for tools people have: Chrome DevTools, pprof, speedscope, and anything that eats folded stacks.

use crate::graph::{Graph, NONE};
use crate::profile::{Measure, Profile};
use serde_json::json;
use std::collections::HashMap;
use std::io::{self, Write};

/// What to write.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Export {
    HeapSnapshot,
    Pprof,
    Speedscope,
    Folded,
    Html,
}

/// Writes a dump in another format.
///
/// # Errors
/// When the writer fails.
pub fn write_export(g: &Graph, what: Export, measure: Measure, out: &mut dyn Write) -> io::Result<()> {
    match what {
        Export::HeapSnapshot => heap_snapshot(g, out),
        Export::Pprof => crate::pprof::write(g, out),
        Export::Speedscope => speedscope(g, out),
        Export::Folded => folded(g, measure, out),
        Export::Html => out.write_all(crate::html::report_page(g).as_bytes()),
    }
}

/// `outer;inner bytes` for each stack.
fn folded(g: &Graph, measure: Measure, out: &mut dyn Write) -> io::Result<()> {
    let p = Profile::new(g);
    let mut rows: Vec<String> = Vec::new();
    for (site, u) in g.uses.iter().filter(|(_, u)| measure.bytes(u) > 0) {
        let stack: Vec<String> = p.stack(*site).iter().map(|f| frame_name(f).replace(';', ":")).collect();
        let stack = if stack.is_empty() { "<runtime>".into() } else { stack.join(";") };
        rows.push(format!("{stack} {}\n", measure.bytes(u)));
    }
    rows.sort_unstable();
    rows.iter().try_for_each(|r| out.write_all(r.as_bytes()))
}

fn frame_name(f: &crate::graph::Frame) -> String {
    format!("{} ({}:{})", f.function, crate::findings::short_file(&f.file), f.line)
}

/// One profile for each measure.
fn speedscope(g: &Graph, out: &mut dyn Write) -> io::Result<()> {
    let p = Profile::new(g);
    let frames: Vec<_> =
        g.frames.iter().map(|f| json!({"name": frame_name(f), "file": f.file, "line": f.line})).collect();
    let profiles = Measure::ALL.map(|m| {
        let mut samples: Vec<Vec<u32>> = Vec::new();
        let mut weights: Vec<u64> = Vec::new();
        for (site, u) in g.uses.iter().filter(|(_, u)| m.bytes(u) > 0) {
            samples.push(stack_ids(g, *site));
            weights.push(m.bytes(u));
        }
        let end: u64 = weights.iter().sum();
        json!({"type": "sampled", "name": format!("{} bytes", m.name()), "unit": "bytes", "startValue": 0,
               "endValue": end, "samples": samples, "weights": weights})
    });
    let _ = p;
    let file = json!({"$schema": "https://www.speedscope.app/file-format-schema.json", "name": "hognose heap",
                      "exporter": "hognose", "activeProfileIndex": 0, "shared": {"frames": frames}, "profiles": profiles});
    serde_json::to_writer(out, &file).map_err(io::Error::other)
}

/// Frame numbers of a site, the outermost first.
fn stack_ids(g: &Graph, site: u32) -> Vec<u32> {
    let mut ids = Vec::new();
    let mut at = site;
    while let Some(s) = g.sites.get(&at) {
        ids.push(s.frame);
        if s.parent >= at {
            break;
        }
        at = s.parent;
    }
    ids.reverse();
    ids
}

/// Texts numbered as they come.
#[derive(Default)]
struct Strings {
    ids: HashMap<String, usize>,
    list: Vec<String>,
}

impl Strings {
    fn id(&mut self, text: String) -> usize {
        if let Some(&i) = self.ids.get(&text) {
            return i;
        }
        self.list.push(text.clone());
        self.ids.insert(text, self.list.len() - 1);
        self.list.len() - 1
    }
}

/// V8's format: flat arrays of nodes and edges. Node 0 is the root, above one node for each kind of root.
fn heap_snapshot(g: &Graph, out: &mut dyn Write) -> io::Result<()> {
    const NODE_TYPES: &str = r#"["hidden","array","string","object","code","closure","regexp","number","native","synthetic","concatenated string","sliced string","symbol","bigint"]"#;
    let mut strings = Strings::default();
    strings.id(String::new());
    let held = g.held_outside();
    let root_edges = g.roots.len() + held.len();
    let edges_total = g.to.iter().filter(|&&t| t != NONE).count() + root_edges;
    write!(
        out,
        r#"{{"snapshot":{{"meta":{{"node_fields":["type","name","id","self_size","edge_count","trace_node_id","detachedness"],"node_types":[{NODE_TYPES},"string","number","number","number","number","number"],"edge_fields":["type","name_or_index","to_node"],"edge_types":[["context","element","property","internal","hidden","shortcut","weak"],"string_or_number","node"],"trace_function_info_fields":["function_id","name","script_name","script_id","line","column"],"trace_node_fields":["id","function_info_index","count","size","children"],"sample_fields":["timestamp_us","last_assigned_id"],"location_fields":["object_index","script_id","line","column"]}},"node_count":{},"edge_count":{edges_total},"trace_function_count":0}},"#,
        g.len() + 1
    )?;
    let root_name = strings.id("(GC roots)".into());
    write!(out, "\"nodes\":[9,{root_name},1,0,{root_edges},0,0")?;
    for v in 0..g.len() as u32 {
        let (kind, name) = snapshot_node(g, v);
        let name = strings.id(name);
        let edges = g.children(v).count();
        write!(out, ",\n{kind},{name},{},{},{edges},0,0", v as usize * 2 + 3, g.bytes[v as usize])?;
    }
    write!(out, "],\n\"edges\":[")?;
    let mut first = true;
    let mut edge = |out: &mut dyn Write, kind: u8, name: usize, to: u32| {
        let comma = if std::mem::take(&mut first) { "" } else { ",\n" };
        write!(out, "{comma}{kind},{name},{}", (to as usize + 1) * 7)
    };
    for r in &g.roots {
        let name = strings.id(r.name.clone());
        edge(out, 2, name, r.node)?;
    }
    let other = strings.id("held by the interpreter".into());
    for v in held {
        edge(out, 3, other, v)?;
    }
    for v in 0..g.len() as u32 {
        for at in g.edges(v).filter(|&at| g.to[at] != NONE) {
            let label = g.label[at];
            if label & 7 == 1 {
                edge(out, 1, (label >> 3) as usize, g.to[at])?;
            } else {
                let name = g.edge_name(v, at);
                let name = strings.id(name.trim_start_matches('.').to_string());
                edge(out, 2, name, g.to[at])?;
            }
        }
    }
    write!(
        out,
        "],\n\"trace_function_infos\":[],\"trace_tree\":[],\"samples\":[],\"locations\":[],\n\"strings\":"
    )?;
    serde_json::to_writer(&mut *out, &strings.list).map_err(io::Error::other)?;
    write!(out, "}}")
}

/// Type number and name of a node.
fn snapshot_node(g: &Graph, v: u32) -> (u8, String) {
    match g.class(v) {
        "str" | "bytes" => (2, g.preview(v)),
        "list" | "tuple" | "dict" | "set" => (3, g.class(v).to_string()),
        "function" => (5, g.preview(v)),
        "code" => (4, g.preview(v)),
        "int" | "float" => (7, g.class(v).to_string()),
        "type" => (3, format!("class {}", g.preview(v))),
        class => (3, class.to_string()),
    }
}
