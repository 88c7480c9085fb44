//! Compiles every source below the folder named by `HOGNOSE_LIB` and checks the code; does nothing without it.
//! Files that are no valid Python on purpose must give an error, never a panic.

use hognose_bytecode::{Code, Const};
use hognose_compiler::{ErrorKind, Options, compile};
use std::path::{Path, PathBuf};

fn sources(dir: &Path, out: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(dir) else { return };
    for e in entries.flatten() {
        let path = e.path();
        if path.is_dir() {
            sources(&path, out);
        } else if path.extension().is_some_and(|x| x == "py") {
            out.push(path);
        }
    }
}

fn verify(code: &Code) -> Result<(), String> {
    code.verify()?;
    code.verify_temporaries()?;
    code.verify_bound()?;
    for c in &code.consts {
        if let Const::Code(inner) = c {
            verify(inner)?;
        }
    }
    Ok(())
}

#[test]
fn compiles_a_library() {
    let Ok(root) = std::env::var("HOGNOSE_LIB") else { return };
    let mut files = Vec::new();
    sources(Path::new(&root), &mut files);
    files.sort();
    let mut problems = Vec::new();
    for path in &files {
        let Ok(text) = std::fs::read_to_string(path) else { continue };
        let options = Options { filename: path.display().to_string(), ..Options::default() };
        match compile(&text, &options) {
            Ok(code) => {
                if let Err(e) = verify(&code) {
                    problems.push(format!("{}: {e}", path.display()));
                }
            }
            Err(e) => {
                let bad =
                    path.components().any(|c| c.as_os_str() == "tokenizedata" || c.as_os_str() == "data")
                        || path.file_name().is_some_and(|n| n.to_string_lossy().starts_with("bad"));
                if !bad || matches!(e.kind, ErrorKind::TooLarge | ErrorKind::Unsupported) {
                    problems.push(format!("{}:{}: {}", path.display(), e.line, e.message));
                }
            }
        }
    }
    eprintln!("{} files", files.len());
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}
