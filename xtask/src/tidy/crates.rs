//! The crate graph: which crate may depend on which.
//!
//! ```text
//! cli ─► hognose ─► stdlib ─► vm ─► compiler ─► bytecode
//!            ├─────────────► vm ─► object ───► bytecode, heap
//!            └─► inspect ─────────► object, heap
//! ```
//! Invariant: an edge that is not in `ALLOWED` fails, dev-dependencies included: a new edge is a decision.

use super::Finding;
use std::fs;
use std::path::Path;

/// Folder name → the crates of the workspace it may use.
const ALLOWED: [(&str, &[&str]); 9] = [
    ("cli", &["hognose"]),
    ("hognose", &["inspect", "stdlib", "vm"]),
    // Its build script compiles the library.
    ("stdlib", &["vm", "compiler", "bytecode"]),
    ("vm", &["object", "compiler", "heap", "bytecode"]),
    ("compiler", &["bytecode"]),
    ("object", &["heap", "bytecode"]),
    ("inspect", &["heap", "object"]),
    ("heap", &[]),
    ("bytecode", &[]),
];

/// Reads every `crates/*/Cargo.toml`.
///
/// # Errors
/// When the folder cannot be listed.
pub fn check(root: &Path) -> Result<Vec<Finding>, String> {
    let mut findings = Vec::new();
    let entries = fs::read_dir(root.join("crates")).map_err(|e| format!("crates: {e}"))?;
    for entry in entries {
        let entry = entry.map_err(|e| format!("crates: {e}"))?;
        let Ok(folder) = entry.file_name().into_string() else { continue };
        let path = format!("crates/{folder}/Cargo.toml");
        if let Ok(manifest) = fs::read_to_string(root.join(&path)) {
            findings.extend(check_manifest(&path, &folder, &manifest));
        }
    }
    Ok(findings)
}

fn check_manifest(path: &str, folder: &str, manifest: &str) -> Vec<Finding> {
    let Some((_, allowed)) = ALLOWED.iter().find(|(name, _)| *name == folder) else {
        return vec![Finding::new(path, 1, format!("the crate graph does not know {folder}"))];
    };
    let table: toml::Table = match manifest.parse() {
        Ok(table) => table,
        Err(e) => return vec![Finding::new(path, 1, format!("does not parse: {}", e.message()))],
    };
    let mut findings = Vec::new();
    for name in dependencies(&table) {
        let Some(target) = folder_of(&name) else { continue };
        if !allowed.contains(&target) {
            let line = manifest.lines().position(|l| l.contains(&name)).map_or(1, |i| i + 1);
            let list = if allowed.is_empty() { "nothing".to_owned() } else { allowed.join(", ") };
            let what = format!("{folder} may not depend on {target}; it may use {list}");
            findings.push(Finding::new(path, line, what));
        }
    }
    findings
}

/// Package names of all dependencies, whatever their section.
fn dependencies(table: &toml::Table) -> Vec<String> {
    const SECTIONS: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];
    let mut names = Vec::new();
    let mut add = |holder: &toml::Table| {
        for section in SECTIONS.iter().filter_map(|s| holder.get(*s)?.as_table()) {
            for (name, value) in section {
                let package = value.get("package").and_then(toml::Value::as_str);
                names.push(package.unwrap_or(name).to_owned());
            }
        }
    };
    add(table);
    for target in
        table.get("target").and_then(toml::Value::as_table).into_iter().flat_map(toml::Table::values)
    {
        target.as_table().into_iter().for_each(&mut add);
    }
    names
}

/// The folder of a workspace crate, `None` for crates from elsewhere.
fn folder_of(package: &str) -> Option<&str> {
    if package == "hognose" { Some(package) } else { package.strip_prefix("hognose-") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaints(folder: &str, manifest: &str) -> Vec<String> {
        check_manifest("C", folder, manifest).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn listed_edges_pass() {
        let manifest = "[dependencies]\nhognose-heap.workspace = true\nlibc = \"0.2\"\n";
        assert!(complaints("vm", manifest).is_empty());
    }

    #[test]
    fn other_edges_fail_with_their_line() {
        let found = complaints("heap", "[dependencies]\nlibc = \"0.2\"\nhognose-object.workspace = true\n");
        assert_eq!(found, ["C:3: heap may not depend on object; it may use nothing"]);
    }

    #[test]
    fn no_section_hides_an_edge() {
        assert_eq!(complaints("vm", "[dev-dependencies]\nhognose = \"*\"\n").len(), 1);
        assert_eq!(
            complaints("vm", "[target.'cfg(unix)'.build-dependencies]\nhognose-stdlib = \"*\"\n").len(),
            1
        );
        assert_eq!(
            complaints("vm", "[dependencies]\nh = { package = \"hognose\", path = \"x\" }\n").len(),
            1
        );
    }

    #[test]
    fn unknown_crates_fail() {
        assert_eq!(complaints("new", ""), ["C:1: the crate graph does not know new"]);
    }
}
