//! Answers about the graph: who holds an object, what grew between two dumps, what is duplicated, which cycles there
//! are, and what retains how much.
//!
//! Every answer is a text that fits the terminal, or JSON with the same content.

use crate::dominators::Dominators;
use crate::graph::{Graph, NONE, NodeId};
use crate::paths::Paths;
use crate::text::{Table, View, bytes_text, count_text, cut, json_text, share};
use serde_json::json;
use std::collections::HashMap;

/// `why`: the objects that `what` names (a class, part of a text, or an address in hexadecimal), those that retain most
/// first, each with the path that keeps it alive.
pub fn why(g: &Graph, what: &str, view: &View) -> String {
    let d = Dominators::new(g);
    let p = Paths::new(g);
    let mut found = named(g, what);
    found.sort_by_key(|&v| std::cmp::Reverse(d.retained[v as usize]));
    let all: u64 = found.iter().map(|&v| g.bytes[v as usize]).sum();
    // Objects of one class held along the same path shape are one row.
    let mut groups: HashMap<String, (NodeId, u64, u64)> = HashMap::new();
    for &v in &found {
        let shape = shape_of(&p, g, v);
        let e = groups.entry(shape).or_insert((v, 0, 0));
        e.1 += 1;
        e.2 += d.retained[v as usize];
    }
    let mut groups: Vec<(NodeId, u64, u64)> = groups.into_values().collect();
    groups.sort_by_key(|&(v, _, b)| (std::cmp::Reverse(b), v));
    if view.json {
        let rows = groups.iter().take(view.rows).map(|&(v, n, retained)| {
            let steps = p.steps(g, v).into_iter().map(|s| {
                json!({"name": s.name, "object": g.describe(s.node), "address": g.address[s.node as usize] * 8})
            });
            json!({"object": g.describe(v), "objects": n, "retained": retained, "path": p.expression(g, v),
                   "steps": steps.collect::<Vec<_>>(), "allocated": place_text(g, v)})
        });
        return json_text(&json!({"found": found.len(), "bytes": all, "paths": rows.collect::<Vec<_>>()}));
    }
    if found.is_empty() {
        return format!("no object matches '{what}' (try a class name, a part of a string, or 0xADDRESS)\n");
    }
    let mut out = String::new();
    for &(v, n, retained) in groups.iter().take(view.rows.min(5)) {
        let others =
            if n > 1 { format!(" (1 of {}; all share this path)", count_text(n)) } else { String::new() };
        out.push_str(&cut(
            &format!("{}{others}      retains {}", g.describe(v), bytes_text(retained)),
            view.width,
        ));
        out.push('\n');
        out.push_str(&path_text(g, &p, &d, v, view));
        out.push('\n');
    }
    out.push_str(&format!("{} objects, {} of their own\n", count_text(found.len() as u64), bytes_text(all)));
    out
}

/// Objects that a word names.
fn named(g: &Graph, what: &str) -> Vec<NodeId> {
    if let Some(at) = what.strip_prefix("0x").and_then(|h| u64::from_str_radix(h, 16).ok()) {
        return g.address.binary_search(&(at / 8)).map_or_else(|_| Vec::new(), |i| vec![i as u32]);
    }
    let all = 0..g.len() as u32;
    let by_class: Vec<NodeId> = all.clone().filter(|&v| g.class(v) == what).collect();
    if !by_class.is_empty() {
        return by_class;
    }
    let p = what.as_bytes();
    all.filter(|&v| !p.is_empty() && g.raw_preview(v).windows(p.len()).any(|w| w == p)).collect()
}

/// The path without its indices.
fn shape_of(p: &Paths, g: &Graph, v: NodeId) -> String {
    let mut out = String::new();
    for s in p.steps(g, v) {
        out.push_str(if s.name.starts_with('[') { "[…]" } else { &s.name });
        out.push_str(g.class(s.node));
    }
    out
}

fn place_text(g: &Graph, v: NodeId) -> Option<String> {
    let f = g.place(g.site[v as usize])?;
    Some(format!("{}:{} in {}()", short_file(&f.file), f.line, f.function))
}

/// The last two parts of a file's path.
pub(crate) fn short_file(file: &str) -> String {
    let parts: Vec<&str> = file.rsplit('/').take(2).collect();
    match parts.as_slice() {
        [name, ..] if file.starts_with('/') => (*name).to_string(),
        [name, folder] => format!("{folder}/{name}"),
        _ => file.to_string(),
    }
}

fn path_text(g: &Graph, p: &Paths, d: &Dominators, v: NodeId, view: &View) -> String {
    let steps = p.steps(g, v);
    if steps.is_empty() {
        return "  reached from nowhere: garbage that waits for the collector\n".into();
    }
    let mut out = String::new();
    let last = steps.len() - 1;
    for (i, s) in steps.iter().enumerate() {
        let head = match i {
            0 => "  root   ",
            i if i == last => "  ╰→ ",
            _ => "  ├─ ",
        };
        let place = place_text(g, s.node).map_or_else(String::new, |t| format!("   {t}"));
        let entries = g.children(s.node).count();
        let size = if i > 0 && entries > 8 {
            format!(", {} references", count_text(entries as u64))
        } else {
            String::new()
        };
        let retained = bytes_text(d.retained[s.node as usize]);
        let line = format!("{head}{}   {}{size}, retains {retained}{place}", s.name, g.describe(s.node));
        out.push_str(&cut(&line, view.width));
        out.push('\n');
    }
    out
}

/// `tree`: what retains most, and what of that each part retains.
pub fn tree(g: &Graph, depth: usize, view: &View) -> String {
    let d = Dominators::new(g);
    let p = Paths::new(g);
    let (at, list) = d.children();
    let total = d.retained[g.len()];
    let mut rows = Vec::new();
    let mut todo = vec![(g.len() as u32, 0usize)];
    while let Some((v, level)) = todo.pop() {
        if v as usize != g.len() {
            rows.push((v, level));
        }
        if level > depth || rows.len() > 40 * view.rows {
            continue;
        }
        let mut below: Vec<NodeId> = list[at[v as usize] as usize..at[v as usize + 1] as usize].to_vec();
        below.sort_by_key(|&c| std::cmp::Reverse(d.retained[c as usize]));
        let most = if level == 0 { view.rows } else { 3 };
        below.retain(|&c| d.retained[c as usize] * 100 >= total);
        todo.extend(below.into_iter().take(most).rev().map(|c| (c, level + 1)));
    }
    if view.json {
        let rows = rows.iter().map(|&(v, level)| {
            json!({"level": level, "object": g.describe(v), "class": g.class(v), "path": p.expression(g, v),
                   "retained": d.retained[v as usize], "bytes": g.bytes[v as usize], "allocated": place_text(g, v)})
        });
        return json_text(&json!({"reachable": total, "rows": rows.collect::<Vec<_>>()}));
    }
    let mut out =
        format!("{} reachable in {} objects; each retains:\n", bytes_text(total), count_text(g.len() as u64));
    for (v, level) in rows {
        let retained = d.retained[v as usize];
        let line = format!(
            "{:>10} {:>4}  {}{}   {}",
            bytes_text(retained),
            share(retained, total),
            "  ".repeat(level - 1),
            p.expression(g, v),
            g.describe(v)
        );
        out.push_str(&cut(&line, view.width));
        out.push('\n');
    }
    out
}

/// `leaks`: what grew from one dump to another by class and line, and containers that hold more than before; for a
/// single dump the containers that hold most.
pub fn leaks(before: Option<&Graph>, g: &Graph, view: &View) -> String {
    let d = Dominators::new(g);
    let p = Paths::new(g);
    let (old, new) = (before.map(groups_of).unwrap_or_default(), groups_of(g));
    let mut grown: Vec<(&(String, String), i64, i64)> = new
        .iter()
        .map(|(k, &(n, b))| {
            let (n0, b0) = old.get(k).copied().unwrap_or_default();
            (k, n as i64 - n0 as i64, b as i64 - b0 as i64)
        })
        .filter(|r| r.2 > 0)
        .collect();
    grown.sort_by(|a, b| b.2.cmp(&a.2).then(a.0.cmp(b.0)));
    let points = accumulation_points(before, g, &d, &p, view.rows);
    if view.json {
        let classes = grown
            .iter()
            .take(view.rows)
            .map(|((class, line), n, b)| json!({"class": class, "line": line, "objects": n, "bytes": b}));
        let points = points.iter().map(|(path, v, n, n0)| {
            json!({"path": path, "object": g.describe(*v), "entries": n, "before": n0, "retained": d.retained[*v as usize]})
        });
        return json_text(
            &json!({"grown": classes.collect::<Vec<_>>(), "accumulate": points.collect::<Vec<_>>()}),
        );
    }
    let what = if before.is_some() { "more than in the first dump" } else { "alive" };
    let mut t = Table::new(&["bytes", "objects", "class", "line"]);
    for ((class, line), n, b) in &grown {
        t.row(vec![bytes_text(*b as u64), count_text((*n).max(0) as u64), class.clone(), line.clone()]);
    }
    let mut out = format!("{what}:\n{}\naccumulation points:\n", t.text(view));
    let mut t = Table::new(&["retains", "entries", "before", "path"]);
    for (path, v, n, n0) in points {
        let before = if before.is_some() { count_text(n0 as u64) } else { "–".into() };
        t.row(vec![bytes_text(d.retained[v as usize]), count_text(n as u64), before, path]);
    }
    out.push_str(&t.text(view));
    out
}

type Groups = HashMap<(String, String), (u64, u64)>;

/// Objects and bytes by class and line.
fn groups_of(g: &Graph) -> Groups {
    let mut out = Groups::new();
    let mut by_number: HashMap<(u32, u32), (u64, u64)> = HashMap::new();
    for v in 0..g.len() {
        let frame = g.sites.get(&g.site[v]).map_or(u32::MAX, |s| s.frame);
        let e = by_number.entry((g.kind[v], frame)).or_default();
        e.0 += 1;
        e.1 += g.bytes[v];
    }
    for ((kind, frame), (n, b)) in by_number {
        let class = g.kinds.get(kind as usize).map_or("?", |k| &k.class).to_string();
        let line = g
            .frames
            .get(frame as usize)
            .map_or_else(String::new, |f| format!("{}:{}", short_file(&f.file), f.line));
        let e = out.entry((class, line)).or_default();
        e.0 += n;
        e.1 += b;
    }
    out
}

/// Containers by path with their entries now and before, those that retain most first.
fn accumulation_points(
    before: Option<&Graph>,
    g: &Graph,
    d: &Dominators,
    p: &Paths,
    most: usize,
) -> Vec<(String, NodeId, usize, usize)> {
    let is_container =
        |g: &Graph, v: NodeId| matches!(g.class(v), "dict" | "list" | "set" | "deque" | "OrderedDict");
    let mut all: Vec<NodeId> = (0..g.len() as u32)
        .filter(|&v| {
            g.edges(v).len() >= 16
                && is_container(g, v)
                && d.is_reachable(v)
                && !g.roots.iter().any(|r| r.node == v)
        })
        .collect();
    all.sort_by_key(|&v| std::cmp::Reverse(d.retained[v as usize]));
    let old: HashMap<String, usize> = before.map_or_else(HashMap::new, |b| {
        let paths = Paths::new(b);
        let containers = (0..b.len() as u32).filter(|&v| is_container(b, v) && b.edges(v).len() >= 2);
        containers.take(200_000).map(|v| (paths.expression(b, v), entries_of(b, v))).collect()
    });
    let mut out = Vec::new();
    for v in all.into_iter().take(if before.is_some() { 20_000 } else { most }) {
        let path = p.expression(g, v);
        let (n, n0) = (entries_of(g, v), old.get(&path).copied().unwrap_or(0));
        if n > n0 {
            out.push((path, v, n, n0));
        }
        if out.len() == most {
            break;
        }
    }
    out
}

/// Entries of a container that are objects.
fn entries_of(g: &Graph, v: NodeId) -> usize {
    let keys = g.edges(v).filter(|&at| g.label[at] == 4).count();
    if keys > 0 { keys } else { g.edges(v).len() }
}

/// `dup`: texts that exist more than once.
pub fn duplicates(g: &Graph, view: &View) -> String {
    let mut groups: HashMap<(&str, &[u8], u64, u64), (NodeId, u64)> = HashMap::new();
    for v in 0..g.len() as u32 {
        let class = g.class(v);
        if matches!(class, "str" | "bytes") {
            let key = (class, g.raw_preview(v), g.hash(v), g.bytes[v as usize]);
            groups.entry(key).or_insert((v, 0)).1 += 1;
        }
    }
    let wasted = |v: NodeId, n: u64| (n - 1) * g.bytes[v as usize];
    let mut rows: Vec<(NodeId, u64)> = groups.into_values().filter(|r| r.1 > 1).collect();
    rows.sort_by_key(|&(v, n)| (std::cmp::Reverse(wasted(v, n)), v));
    let all: u64 = rows.iter().map(|&(v, n)| wasted(v, n)).sum();
    if view.json {
        let list = rows.iter().take(view.rows).map(|&(v, n)| {
            json!({"object": g.describe(v), "copies": n, "wasted": wasted(v, n), "line": place_text(g, v)})
        });
        return json_text(&json!({"wasted": all, "groups": rows.len(), "rows": list.collect::<Vec<_>>()}));
    }
    let mut t = Table::new(&["wasted", "copies", "object"]);
    for &(v, n) in &rows {
        let place = place_text(g, v).map_or_else(String::new, |p| format!("   {p}"));
        t.row(vec![bytes_text(wasted(v, n)), count_text(n), format!("{}{place}", g.describe(v))]);
    }
    format!("{} in copies of texts that exist already\n{}", bytes_text(all), t.text(view))
}

/// `cycles`: groups of objects that refer to each other in a circle, garbage first.
pub fn cycles(g: &Graph, view: &View) -> String {
    let d = Dominators::new(g);
    let mut found = components(g);
    let size = |c: &[NodeId]| c.iter().map(|&v| g.bytes[v as usize]).sum::<u64>();
    // The machine's own classes and modules are cycles of no interest.
    found.retain(|c| !c.iter().all(|&v| g.is_immortal(v)) && !c.iter().any(|&v| g.class(v) == "module"));
    let garbage = |c: &[NodeId]| c.iter().all(|&v| !d.is_reachable(v) || held_only_by_itself(g, c));
    found.sort_by_key(|c| (!garbage(c), std::cmp::Reverse(size(c)), c[0]));
    let dead: Vec<&Vec<NodeId>> = found.iter().filter(|c| garbage(c)).collect();
    let dead_bytes: u64 = dead.iter().map(|c| size(c)).sum();
    if view.json {
        let rows = found.iter().take(view.rows).map(
            |c| json!({"objects": c.len(), "bytes": size(c), "garbage": garbage(c), "cycle": circle(g, c)}),
        );
        return json_text(&json!({"cycles": found.len(), "garbage": dead.len(), "garbage_bytes": dead_bytes,
                                 "rows": rows.collect::<Vec<_>>()}));
    }
    let mut out = format!(
        "{} cycles, {} of them garbage that waits for the collector ({})\n",
        count_text(found.len() as u64),
        count_text(dead.len() as u64),
        bytes_text(dead_bytes)
    );
    let mut t = Table::new(&["bytes", "objects", "state", "cycle"]);
    for c in &found {
        let state = if garbage(c) { "garbage" } else { "alive" };
        t.row(vec![bytes_text(size(c)), count_text(c.len() as u64), state.into(), circle(g, c)]);
    }
    out.push_str(&t.text(view));
    out
}

/// Do all counts come from within?
fn held_only_by_itself(g: &Graph, c: &[NodeId]) -> bool {
    let mut inside: HashMap<NodeId, u32> = c.iter().map(|&v| (v, 0)).collect();
    for &v in c {
        for t in g.children(v) {
            if let Some(n) = inside.get_mut(&t) {
                *n += 1;
            }
        }
    }
    c.iter().all(|v| inside[v] >= g.count[*v as usize])
}

/// The shortest way round from the first object, as a text.
fn circle(g: &Graph, c: &[NodeId]) -> String {
    let start = c.iter().copied().min_by_key(|&v| (g.class(v) == "dict", v)).unwrap_or(c[0]);
    let inside: std::collections::HashSet<NodeId> = c.iter().copied().collect();
    let mut from: HashMap<NodeId, (NodeId, usize)> = HashMap::new();
    let mut queue = std::collections::VecDeque::from([start]);
    while let Some(v) = queue.pop_front() {
        for at in g.edges(v) {
            let t = g.to[at];
            if t == start {
                let mut steps = vec![g.edge_name(v, at)];
                let mut u = v;
                while u != start {
                    let (w, at) = from[&u];
                    steps.push(g.edge_name(w, at));
                    u = w;
                }
                steps.reverse();
                return format!("{}{} is itself", g.describe(start), steps.concat());
            }
            if t != NONE && inside.contains(&t) && !from.contains_key(&t) {
                from.insert(t, (v, at));
                queue.push_back(t);
            }
        }
    }
    g.describe(start)
}

/// Strongly connected components of more than one object, and objects that refer to themselves (Tarjan, without
/// recursion).
fn components(g: &Graph) -> Vec<Vec<NodeId>> {
    let n = g.len();
    let (mut index, mut low) = (vec![NONE; n], vec![0u32; n]);
    let mut on_stack = vec![false; n];
    let (mut stack, mut out, mut next) = (Vec::new(), Vec::new(), 0u32);
    let mut calls: Vec<(NodeId, usize)> = Vec::new();
    for start in 0..n as u32 {
        if index[start as usize] != NONE {
            continue;
        }
        calls.push((start, g.edges(start).start));
        while let Some(&(v, at)) = calls.last() {
            let i = v as usize;
            if index[i] == NONE {
                (index[i], low[i], on_stack[i]) = (next, next, true);
                next += 1;
                stack.push(v);
            }
            if at < g.edges(v).end {
                if let Some(top) = calls.last_mut() {
                    top.1 += 1;
                }
                let t = g.to[at];
                if t == NONE {
                    continue;
                }
                if index[t as usize] == NONE {
                    calls.push((t, g.edges(t).start));
                } else if on_stack[t as usize] {
                    low[i] = low[i].min(index[t as usize]);
                }
                continue;
            }
            calls.pop();
            if let Some(&(up, _)) = calls.last() {
                low[up as usize] = low[up as usize].min(low[i]);
            }
            if low[i] == index[i] {
                let mut c = Vec::new();
                while let Some(w) = stack.pop() {
                    on_stack[w as usize] = false;
                    c.push(w);
                    if w == v {
                        break;
                    }
                }
                if c.len() > 1 || g.children(v).any(|t| t == v) {
                    c.sort_unstable();
                    out.push(c);
                }
            }
        }
    }
    out
}
