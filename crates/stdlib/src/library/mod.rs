//! The pure-Python part of the standard library, carried in the binary.
//!
//! Its files appear below [`ROOT`], a folder that exists nowhere else: modules have names like `ROOT/json/decoder.py`,
//! and whoever asks for their source (tracebacks, `inspect`, `linecache`) gets it from here.
//!
//! Invariant: nothing is unpacked before it is asked for, and files are unpacked one by one.

mod archive;

use archive::Archive;
use hognose_vm::Library;

/// Folder in which the library's modules appear to be.
pub const ROOT: &str = "/hognose/lib/python3.14";

static ARCHIVE: Archive = Archive(include_bytes!(concat!(env!("OUT_DIR"), "/library.bin")));

/// The library of this binary.
pub struct Embedded;

/// What [`crate::register`] gives the machine.
pub static EMBEDDED: Embedded = Embedded;

impl Library for Embedded {
    fn root(&self) -> &'static str {
        ROOT
    }

    fn exists(&self, path: &str) -> bool {
        ARCHIVE.find(path).is_some()
    }

    fn read(&self, path: &str) -> Option<Vec<u8>> {
        ARCHIVE.read(ARCHIVE.find(path)?)
    }

    fn list(&self, folder: &str) -> Vec<String> {
        ARCHIVE.children(folder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_found_and_read() {
        let source = EMBEDDED.read("keyword.py").unwrap();
        assert!(String::from_utf8(source).unwrap().contains("kwlist"));
        assert!(EMBEDDED.exists("json/__init__.py"));
        assert!(!EMBEDDED.exists("json"));
        assert!(EMBEDDED.read("no/such.py").is_none());
    }

    #[test]
    fn folders_are_listed() {
        let json = EMBEDDED.list("json");
        assert!(json.contains(&"decoder.py".to_owned()) && json.contains(&"__init__.py".to_owned()));
        let top = EMBEDDED.list("");
        assert!(top.contains(&"json".to_owned()) && top.contains(&"os.py".to_owned()));
        assert!(EMBEDDED.list("nothing").is_empty());
    }

    #[test]
    fn every_file_is_whole() {
        let mut n = 0;
        for i in 0..ARCHIVE.len() {
            assert!(ARCHIVE.read(ARCHIVE.record(i).unwrap()).is_some(), "record {i}");
            n += 1;
        }
        assert!(n > 500, "{n} files");
    }
}
