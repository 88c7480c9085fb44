//! Where the command is, and where installed packages are.
//!
//! ```text
//!  PREFIX/bin/hognose                   PREFIX is the root of the installation
//!  ENV/bin/hognose + ENV/pyvenv.cfg     ENV is a virtual environment; `home` in the file says where the command really is
//!  …/lib/python3.14/site-packages       packages of a root, and of the user (~/.local)
//! ```
//! Most starts find no packages, or plain folders of them. Only when there is more to do (`.pth` files, `sitecustomize`)
//! the library's module `site` is run at start.

use crate::options::Options;
use std::path::{Path, PathBuf};

/// What the start has to know.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Environment {
    /// `sys.executable`: the command as it was called, links not followed.
    pub executable: String,
    /// `sys._base_executable`
    pub base_executable: String,
    /// `sys.prefix`
    pub prefix: String,
    /// `sys.base_prefix`
    pub base_prefix: String,
    /// Folders of packages that exist.
    pub site: Vec<String>,
    /// Is there something only the module `site` can do?
    pub needs_site: bool,
}

/// Looks around.
pub fn find(options: &Options) -> Environment {
    let real = std::env::current_exe().and_then(std::fs::canonicalize).unwrap_or_default();
    let called = called().unwrap_or_else(|| real.clone());
    let ignore = options.flags.ignore_environment;
    let variable =
        |name: &str| std::env::var_os(name).filter(|v| !ignore && !v.is_empty()).map(PathBuf::from);
    let beside =
        called.parent().and_then(|bin| [Some(bin), bin.parent()].into_iter().flatten().find_map(config));
    let config = beside.or_else(|| variable("VIRTUAL_ENV").as_deref().and_then(config));
    let base = root_of(&real);
    let prefix = config.as_ref().map_or_else(|| base.clone(), |c| c.root.clone());
    let mut roots = vec![packages(&prefix)];
    if config.as_ref().is_some_and(|c| c.with_system) {
        roots.push(packages(&base));
    }
    let closed = config.as_ref().is_some_and(|c| !c.with_system);
    if !options.flags.no_user_site && !closed && is_own_process() {
        let base = variable("PYTHONUSERBASE")
            .or_else(|| std::env::var_os("HOME").map(|home| Path::new(&home).join(".local")));
        roots.splice(0..0, base.map(|b| packages(&b)));
    }
    let mut site = Vec::new();
    let mut needs_site = false;
    if !options.flags.no_site {
        for root in roots {
            if let Ok(entries) = std::fs::read_dir(&root) {
                let mut names = entries.flatten().map(|e| e.file_name());
                needs_site |= names.any(|n| is_for_site(&n.to_string_lossy()));
                site.push(root.to_string_lossy().into_owned());
            }
        }
        needs_site |= options.python_path.iter().any(|folder| {
            let has = |name: &str| Path::new(folder).join(name).exists();
            CUSTOMIZERS.iter().any(|c| has(&format!("{c}.py")) || has(c) || has(&format!("{c}.pyc")))
        });
    }
    let text = |p: &Path| p.to_string_lossy().into_owned();
    Environment {
        executable: text(&called),
        base_executable: text(if config.is_some() { &real } else { &called }),
        prefix: text(&prefix),
        base_prefix: text(&base),
        site,
        needs_site,
    }
}

/// Modules that `site` imports.
const CUSTOMIZERS: [&str; 2] = ["sitecustomize", "usercustomize"];

/// Does this entry of a folder of packages ask for `site`?
fn is_for_site(name: &str) -> bool {
    name.ends_with(".pth") && !name.starts_with('.')
        || CUSTOMIZERS.contains(&name.split('.').next().unwrap_or(""))
}

/// The command as it was called: by a path, or found in PATH.
fn called() -> Option<PathBuf> {
    let name = PathBuf::from(std::env::args_os().next()?);
    if name.components().count() > 1 {
        return std::path::absolute(name).ok();
    }
    let path = std::env::var_os("PATH")?;
    let found = std::env::split_paths(&path).map(|d| d.join(&name)).find(|p| p.is_file())?;
    std::path::absolute(found).ok()
}

/// The folder above the command's.
fn root_of(command: &Path) -> PathBuf {
    command.parent().and_then(Path::parent).map_or_else(PathBuf::new, Path::to_owned)
}

/// Folder of packages below a root.
fn packages(root: &Path) -> PathBuf {
    root.join("lib/python3.14/site-packages")
}

/// Does the process act for the user who started it?
#[allow(unsafe_code, reason = "asks for the ids of the process")]
fn is_own_process() -> bool {
    // SAFETY: these calls only return numbers.
    unsafe { libc::getuid() == libc::geteuid() && libc::getgid() == libc::getegid() }
}

/// A virtual environment.
struct Config {
    root: PathBuf,
    with_system: bool,
}

/// The environment in a folder.
fn config(root: &Path) -> Option<Config> {
    let text = std::fs::read_to_string(root.join("pyvenv.cfg")).ok()?;
    Some(Config {
        root: root.to_owned(),
        with_system: value(&text, "include-system-site-packages") == Some("true"),
    })
}

/// The value of a key in the text of `pyvenv.cfg`.
fn value<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    let pairs = text.lines().filter_map(|l| l.split_once('='));
    pairs.filter(|(k, _)| k.trim().eq_ignore_ascii_case(key)).map(|(_, v)| v.trim()).next_back()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_are_two_levels_up() {
        assert_eq!(root_of(Path::new("/env/bin/hognose")), PathBuf::from("/env"));
        assert_eq!(root_of(Path::new("hognose")), PathBuf::new());
    }

    #[test]
    fn entries_for_site() {
        for name in ["a.pth", "sitecustomize.py", "usercustomize"] {
            assert!(is_for_site(name), "{name}");
        }
        for name in [".hidden.pth", "attrs", "mysitecustomize.py"] {
            assert!(!is_for_site(name), "{name}");
        }
    }

    #[test]
    fn values_of_the_configuration() {
        let text = "home = /usr/bin\nInclude-System-Site-Packages = true\n";
        assert_eq!(value(text, "include-system-site-packages"), Some("true"));
        assert_eq!(value(text, "version"), None);
    }
}
