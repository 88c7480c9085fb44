//! Packs the pure-Python library into one archive, which `src/library` embeds.
//!
//!   | magic | count | record … | names | files, each deflated by itself |
//!   record: name offset, name length, data offset, packed length, length: five little-endian u32, sorted by name
//!
//! Invariant: offsets count from the start of the archive, and records are sorted by the bytes of their names.

use flate2::{Compression, write::DeflateEncoder};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Folders that need what there will not be (a graphical toolkit), and the tests of the library.
const LEFT_OUT: [&str; 8] =
    ["idlelib", "tkinter", "turtledemo", "lib2to3", "test", "tests", "idle_test", "__pycache__"];
/// Modules written for another implementation.
const FOREIGN: [&str; 4] = ["_dummy_os.py", "_dummy_thread.py", "dummy_threading.py", "turtle.py"];

fn main() {
    let root = Path::new(rustpython_pylib::LIB_PATH);
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed={}", root.display());
    let mut names = Vec::new();
    walk(root, root, &mut names);
    names.sort();
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets OUT_DIR")).join("library.bin");
    let archive = pack(root, &names);
    std::fs::write(&out, archive).expect("OUT_DIR can be written");
}

/// Names of the files to pack, relative to the root, with `/`.
fn walk(root: &Path, folder: &Path, names: &mut Vec<String>) {
    let entries = std::fs::read_dir(folder).expect("the library's folder can be listed");
    for entry in entries {
        let path = entry.expect("the library's folder can be listed").path();
        let Some(last) = path.file_name().and_then(|n| n.to_str()) else { continue };
        if path.is_dir() {
            if !LEFT_OUT.contains(&last) {
                walk(root, &path, names);
            }
        } else if last.ends_with(".py") && !FOREIGN.contains(&last) {
            let relative = path.strip_prefix(root).expect("below the root");
            names.push(relative.to_string_lossy().replace('\\', "/"));
        }
    }
}

fn pack(root: &Path, names: &[String]) -> Vec<u8> {
    let mut packed = Vec::new();
    for name in names {
        let bytes = std::fs::read(root.join(name)).expect("a listed file can be read");
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(&bytes).expect("memory takes what is written");
        packed.push((bytes.len(), encoder.finish().expect("memory takes what is written")));
    }
    let mut name_at = 12 + names.len() * 20;
    let mut data_at = name_at + names.iter().map(String::len).sum::<usize>();
    let mut out = b"HOGLIB01".to_vec();
    let number = |out: &mut Vec<u8>, n: usize| out.extend((n as u32).to_le_bytes());
    number(&mut out, names.len());
    for (name, (len, data)) in names.iter().zip(&packed) {
        for n in [name_at, name.len(), data_at, data.len(), *len] {
            number(&mut out, n);
        }
        name_at += name.len();
        data_at += data.len();
    }
    names.iter().for_each(|n| out.extend(n.as_bytes()));
    packed.iter().for_each(|(_, data)| out.extend(data));
    out
}
