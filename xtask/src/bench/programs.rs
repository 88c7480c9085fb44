//! Which programs there are to measure.
//!
//! Invariant: programs run in the order of their names, from their own folder.

use std::fs;
use std::path::{Path, PathBuf};

/// One program.
pub struct Program {
    /// File name without `.py`.
    pub name: String,
    /// File name.
    pub file: String,
    /// Folder it runs in.
    pub dir: PathBuf,
}

/// The programs of a folder, or those of them that are named.
///
/// # Errors
/// When the folder cannot be read or a name is not there.
pub fn read(dir: &Path, only: &[String]) -> Result<Vec<Program>, String> {
    let entries = fs::read_dir(dir).map_err(|e| format!("{}: {e}", dir.display()))?;
    let mut programs: Vec<Program> = entries
        .filter_map(|entry| {
            let file = entry.ok()?.file_name().into_string().ok()?;
            let name = file.strip_suffix(".py")?.to_owned();
            Some(Program { name, file, dir: dir.to_owned() })
        })
        .collect();
    programs.sort_by(|a, b| a.name.cmp(&b.name));
    if let Some(missing) = only.iter().find(|name| !programs.iter().any(|p| p.name == **name)) {
        let names: Vec<&str> = programs.iter().map(|p| p.name.as_str()).collect();
        return Err(format!("there is no program {missing}; there are {}", names.join(", ")));
    }
    programs.retain(|p| only.is_empty() || only.contains(&p.name));
    Ok(programs)
}
