//! The corpus: which programs there are, and the files that belong to each.
//!
//! ```text
//! tests/basic/loops.py        the program          tests/basic/loops.args   extra interpreter arguments, one a line
//! tests/basic/loops.out       standard output      tests/basic/loops.in     standard input
//! tests/basic/loops.err       standard error       tests/basic/loops.exit   exit code when it is not 0
//! ```
//! A file or folder whose name starts with `_` holds modules that programs import: it is not a program.
//! Invariant: names are relative to the corpus, use `/` and come sorted, so that lists and ledgers are stable.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The files that the reference interpreter writes.
pub const GOLDEN: [&str; 3] = ["out", "err", "exit"];
/// The files that the author of a program writes.
pub const INPUT: [&str; 2] = ["args", "in"];

/// One program of the corpus.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// Path below the corpus without the suffix: `basic/loops`.
    pub name: String,
    /// The `.py` file.
    pub source: PathBuf,
}

impl Program {
    /// The file beside the program with another suffix.
    pub fn beside(&self, suffix: &str) -> PathBuf {
        self.source.with_extension(suffix)
    }

    /// The text of a file beside the program, `None` when there is none.
    ///
    /// # Errors
    /// When the file exists but cannot be read.
    pub fn read_beside(&self, suffix: &str) -> io::Result<Option<String>> {
        match fs::read(self.beside(suffix)) {
            Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(e),
        }
    }

    /// The extra arguments for the interpreter, which come before the program's name.
    ///
    /// # Errors
    /// When the file exists but cannot be read.
    pub fn args(&self) -> io::Result<Vec<String>> {
        let text = self.read_beside("args")?.unwrap_or_default();
        Ok(text.lines().map(str::trim).filter(|l| !l.is_empty()).map(str::to_owned).collect())
    }

    /// Whether the golden files were written by hand: `# golden: hognose` on the first line.
    ///
    /// # Errors
    /// When the source cannot be read.
    #[allow(dead_code, reason = "only the regeneration of golden files asks")]
    pub fn is_own_golden(&self) -> io::Result<bool> {
        let source = fs::read(&self.source)?;
        let first = source.split(|&b| b == b'\n').next().unwrap_or_default();
        Ok(String::from_utf8_lossy(first).trim() == "# golden: hognose")
    }
}

/// What a walk over the corpus found.
#[derive(Debug, Default)]
pub struct Corpus {
    /// The programs, sorted by name.
    pub programs: Vec<Program>,
    /// Golden and input files that belong to no program.
    pub strays: Vec<String>,
}

impl Corpus {
    /// Reads the folder; one that does not exist is an empty corpus.
    ///
    /// # Errors
    /// When a folder cannot be read.
    pub fn read(root: &Path) -> io::Result<Corpus> {
        let mut corpus = Corpus::default();
        let mut sidecars = Vec::new();
        if root.is_dir() {
            corpus.walk(root, "", &mut sidecars)?;
        }
        corpus.programs.sort_by(|a, b| a.name.cmp(&b.name));
        let known = |stem: &str| corpus.programs.binary_search_by(|p| p.name.as_str().cmp(stem)).is_ok();
        let mut strays: Vec<String> =
            sidecars.into_iter().filter(|(stem, _)| !known(stem)).map(|(_, file)| file).collect();
        strays.sort();
        corpus.strays = strays;
        Ok(corpus)
    }

    fn walk(&mut self, dir: &Path, prefix: &str, sidecars: &mut Vec<(String, String)>) -> io::Result<()> {
        for entry in fs::read_dir(dir)? {
            let entry = entry?;
            let Ok(file) = entry.file_name().into_string() else { continue };
            if file.starts_with(['_', '.']) {
                continue;
            }
            let kind = entry.file_type()?;
            if kind.is_dir() {
                self.walk(&entry.path(), &format!("{prefix}{file}/"), sidecars)?;
                continue;
            }
            let Some((stem, suffix)) = file.rsplit_once('.') else { continue };
            let name = format!("{prefix}{stem}");
            if suffix == "py" {
                self.programs.push(Program { name, source: entry.path() });
            } else if GOLDEN.contains(&suffix) || INPUT.contains(&suffix) {
                sidecars.push((name, format!("{prefix}{file}")));
            }
        }
        Ok(())
    }
}
