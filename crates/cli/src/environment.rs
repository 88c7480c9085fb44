//! Virtual environments: where installed packages are.
//!
//! An environment is a folder with a file `pyvenv.cfg`: the one above the executable's folder, or that of VIRTUAL_ENV.

use std::path::{Path, PathBuf};

/// Root of the environment the command runs in.
pub fn root() -> Option<String> {
    let beside = std::env::args_os().next().and_then(|name| above(Path::new(&name)));
    let given = std::env::var_os("VIRTUAL_ENV").map(PathBuf::from);
    let found = [beside, given].into_iter().flatten().find(|p| p.join("pyvenv.cfg").is_file())?;
    Some(found.to_string_lossy().into_owned())
}

/// The folder above that of a command given by its path.
fn above(command: &Path) -> Option<PathBuf> {
    if command.components().count() < 2 {
        return None;
    }
    let command = std::path::absolute(command).ok()?;
    command.parent()?.parent().map(Path::to_owned)
}

/// Folder of installed packages below a root.
pub fn site_packages(root: &str) -> String {
    format!("{root}/lib/python3.14/site-packages")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_are_two_levels_up() {
        assert_eq!(above(Path::new("/env/bin/hognose")), Some(PathBuf::from("/env")));
        assert_eq!(above(Path::new("hognose")), None);
    }
}
