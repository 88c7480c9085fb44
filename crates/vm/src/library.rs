//! What the machine knows of the library that a host carries along: a read-only tree of source files.
//!
//! Invariant: file names of library modules are the library's root, `/`, and a name the library knows.

use crate::Vm;
use hognose_bytecode::Packed;

/// A tree of source files outside the file system. Names are relative to the root, with `/`.
pub trait Library: Sync {
    /// The folder in which the files appear to be.
    fn root(&self) -> &'static str;
    /// Is there a file of this name?
    fn exists(&self, path: &str) -> bool;
    /// A file's bytes.
    fn read(&self, path: &str) -> Option<Vec<u8>>;
    /// A file's code, if it was compiled ahead; `filename` becomes its `co_filename`.
    fn code(&self, path: &str, filename: &str) -> Option<Packed> {
        let _ = (path, filename);
        None
    }
    /// Names in a folder (`""`: the root).
    fn list(&self, folder: &str) -> Vec<String>;
}

impl Vm {
    /// Makes modules of a library importable: its root ends `sys.path`.
    pub fn set_library(&mut self, library: &'static dyn Library) {
        self.library = Some(library);
    }

    /// The library, if the host carries one.
    pub fn library(&self) -> Option<&'static dyn Library> {
        self.library
    }

    /// Bytes of a library file by its full name.
    pub fn library_file(&self, path: &str) -> Option<Vec<u8>> {
        let library = self.library?;
        library.read(relative(library, path)?)
    }
}

/// The part of a path below the library's root (empty for the root).
pub(crate) fn relative<'a>(library: &dyn Library, path: &'a str) -> Option<&'a str> {
    let rest = path.strip_prefix(library.root())?;
    if rest.is_empty() { Some(rest) } else { rest.strip_prefix('/') }
}
