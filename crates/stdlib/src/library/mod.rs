//! The pure-Python part of the standard library, carried in the binary.
//!
//! Its files appear below [`ROOT`], a folder that exists nowhere else: modules have names like `ROOT/json/decoder.py`,
//! and whoever asks for their source (tracebacks, `inspect`, `linecache`) gets it from here.
//!
//! Invariant: nothing is unpacked before it is asked for, and files are unpacked one by one.

mod archive;
mod layout;

use archive::Archive;
use hognose_vm::{Library, Packed};
pub use layout::ROOT;

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

    fn code(&self, path: &str, filename: &str) -> Option<Packed> {
        ARCHIVE.code(ARCHIVE.find(path)?, filename)
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

    #[test]
    fn code_is_what_the_source_compiles_to() {
        let mut n = 0;
        for i in 0..ARCHIVE.len() {
            let record = ARCHIVE.record(i).unwrap();
            let Some(packed) = ARCHIVE.code(record, "f.py") else { continue };
            n += 1;
            let code = packed.code().unwrap();
            let source = String::from_utf8(ARCHIVE.read(record).unwrap()).unwrap();
            let options = hognose_vm::compiler::Options { filename: "f.py".into(), ..Default::default() };
            assert!(*code == *hognose_vm::compiler::compile(&source, &options).unwrap(), "record {i}");
            assert_eq!(code.verify(), Ok(()));
            let (body, items) = packed.body().unwrap();
            assert_eq!(items.len(), code.consts.len());
            for p in &code.positions {
                assert_eq!(body.position_at(p.pc), *p);
            }
        }
        assert!(n > 500, "{n} files");
    }
}
