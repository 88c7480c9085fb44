//! Starts in virtual environments and with folders of packages: what `sys.path` is, and when the module `site` runs.
//!
//! Invariant: each test has a folder of its own, and no variable of the test's environment reaches the command.

use std::path::{Path, PathBuf};
use std::process::Command;

const PACKAGES: &str = "lib/python3.14/site-packages";

fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).unwrap();
    path
}

fn write(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

/// Standard output of a command, which must succeed.
fn output(command: &Path, variables: &[(&str, &Path)], args: &[&str]) -> String {
    let mut command = Command::new(command);
    for name in ["VIRTUAL_ENV", "PYTHONPATH", "PYTHONUSERBASE", "PYTHONNOUSERSITE"] {
        command.env_remove(name);
    }
    let empty = Path::new(env!("CARGO_TARGET_TMPDIR")).join("nobody");
    let out = command.env("HOME", empty).envs(variables.iter().copied()).args(args).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap()
}

fn hognose() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_hognose"))
}

#[test]
fn names_for_people_are_there_unless_refused() {
    let code = "print(type(exit), repr(quit), hasattr(__builtins__, 'license')); exit(0)";
    let text = output(hognose(), &[], &["-c", code]);
    assert_eq!(text, "<class '_sitebuiltins.Quitter'> Use quit() or Ctrl-D (i.e. EOF) to exit True\n");
    assert_eq!(output(hognose(), &[], &["-S", "-c", "print('exit' in dir(__builtins__))"]), "False\n");
}

#[test]
fn virtual_environments() {
    let env = folder("site-env");
    output(hognose(), &[], &["-m", "venv", "--without-pip", env.to_str().unwrap()]);
    let python = env.join("bin/python");
    write(&env.join(PACKAGES).join("found.py"), "x = 1");
    let code = "import sys, found; print(sys.prefix, sys.prefix != sys.base_prefix, sys.executable); \
                print(sys.path[-1], 'site' in sys.modules)";
    let expected = format!(
        "{} True {}\n{} False\n",
        env.display(),
        python.display(),
        env.join("lib/python3.14/site-packages").display()
    );
    assert_eq!(output(&python, &[], &["-c", code]), expected);

    let elsewhere = folder("site-elsewhere");
    write(
        &env.join(PACKAGES).join("more.pth"),
        &format!("{}\nimport sys; sys.seen = 1\n", elsewhere.display()),
    );
    write(&env.join(PACKAGES).join("sitecustomize.py"), "print('customized')");
    let code = "import sys; print(sys.path[0] == '', sys.path[-1], sys.seen)";
    let expected = format!("customized\nTrue {} 1\n", elsewhere.display());
    assert_eq!(output(&python, &[], &["-c", code]), expected);
    let code = "import sys; print(any('packages' in p for p in sys.path))";
    assert_eq!(output(&python, &[], &["-S", "-c", code]), "False\n");
}

#[test]
fn packages_of_the_user() {
    let base = folder("site-user");
    write(&base.join(PACKAGES).join("theirs.py"), "");
    let code = "import sys; print(any(p.endswith('site-packages') for p in sys.path))";
    let variables = [("PYTHONUSERBASE", base.as_path())];
    assert_eq!(output(hognose(), &variables, &["-c", code]), "True\n");
    for refused in ["-s", "-I", "-S", "-E"] {
        assert_eq!(output(hognose(), &variables, &[refused, "-c", code]), "False\n", "{refused}");
    }
    let shown = output(hognose(), &variables, &["-m", "site", "--user-site"]);
    assert_eq!(shown.trim_end(), base.join(PACKAGES).to_str().unwrap());
}
