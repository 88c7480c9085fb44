//! Packs the pure-Python library, and the code of its files, into one archive, which `src/library` embeds
//! (`src/library/layout.rs` says how it is laid out).

#[path = "src/library/layout.rs"]
mod layout;

use flate2::{Compression, write::DeflateEncoder};
use hognose_bytecode::{StringTable, pack as pack_code};
use hognose_compiler::Options;
use layout::{HEADER, RECORD, ROOT};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Folders that need what there will not be (a graphical toolkit), and the tests of the library.
const LEFT_OUT: [&str; 8] =
    ["idlelib", "tkinter", "turtledemo", "lib2to3", "test", "tests", "idle_test", "__pycache__"];
/// Modules written for another implementation.
const FOREIGN: [&str; 4] = ["_dummy_os.py", "_dummy_thread.py", "dummy_threading.py", "turtle.py"];

/// Lines of the library that name another implementation where CPython's name CPython: places of installed packages.
const PATCHES: [(&str, &str, &str); 3] = [
    ("site.py", "return 'RustPython'", "return 'Python'"),
    ("site.py", "/lib/rustpython{version[0]}", "/lib/python{version[0]}"),
    ("sysconfig/__init__.py", "return 'RustPython'", "return 'Python'"),
];

fn main() {
    let root = Path::new(rustpython_pylib::LIB_PATH);
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=src/library/layout.rs");
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
    let files: Vec<Vec<u8>> = names.iter().map(|n| read(root, n)).collect();
    let (strings, code) = compile(names, &files);
    let packed: Vec<Vec<u8>> = files.iter().map(|f| deflate(f)).collect();
    let mut name_at = HEADER + names.len() * RECORD;
    let mut data_at = name_at + names.iter().map(String::len).sum::<usize>();
    let strings_at = data_at + packed.iter().map(Vec::len).sum::<usize>();
    let mut code_at = strings_at + strings.len();
    let mut out = b"HOGLIB02".to_vec();
    let number = |out: &mut Vec<u8>, n: usize| out.extend((n as u32).to_le_bytes());
    number(&mut out, names.len());
    number(&mut out, strings_at);
    for (i, name) in names.iter().enumerate() {
        let (len, data, code) = (files[i].len(), packed[i].len(), code[i].len());
        for n in [name_at, name.len(), data_at, data, len, code_at, code] {
            number(&mut out, n);
        }
        name_at += name.len();
        data_at += data;
        code_at += code;
    }
    names.iter().for_each(|n| out.extend(n.as_bytes()));
    packed.iter().for_each(|data| out.extend(data));
    out.extend(strings);
    code.iter().for_each(|code| out.extend(code));
    out
}

fn read(root: &Path, name: &str) -> Vec<u8> {
    let bytes = std::fs::read(root.join(name)).expect("a listed file can be read");
    let patches = PATCHES.iter().filter(|(file, ..)| *file == name);
    patches.fold(bytes, |bytes, (_, old, new)| {
        let text = String::from_utf8(bytes).expect("a patched file is UTF-8");
        assert!(text.contains(old), "{name}: nothing to patch");
        text.replace(old, new).into_bytes()
    })
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).expect("memory takes what is written");
    encoder.finish().expect("memory takes what is written")
}

/// The table of strings, and the code of each file; files that do not compile (templates) have none.
fn compile(names: &[String], files: &[Vec<u8>]) -> (Vec<u8>, Vec<Vec<u8>>) {
    let compiled: Vec<_> = names
        .iter()
        .zip(files)
        .map(|(name, file)| {
            let source = std::str::from_utf8(file).ok()?;
            let options = Options { filename: format!("{ROOT}/{name}"), ..Options::default() };
            hognose_compiler::compile(source, &options).ok()
        })
        .collect();
    let mut strings = StringTable::default();
    for code in compiled.iter().flatten() {
        pack_code(code, &mut strings);
    }
    // A second time, with short numbers for the frequent strings.
    let mut strings = strings.by_use();
    let code =
        compiled.iter().map(|c| c.as_ref().map_or_else(Vec::new, |c| pack_code(c, &mut strings))).collect();
    (strings.finish(), code)
}
