//! The guide's programs, run: what the pages show is what is printed.
//!
//!   ```python        a program            ```output        what it prints
//!   ```console       `$ hognose …`, and what that prints, in a folder with the page's named programs (`file=NAME`)
//!
//! `UPDATE_GOLDEN=1` writes the pages anew.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn hognose(folder: &Path, args: &[&str]) -> String {
    let out = Command::new(env!("CARGO_BIN_EXE_hognose"))
        .args(args)
        .current_dir(folder)
        .env("PYTHONHASHSEED", "0")
        .env("COLUMNS", "100")
        .output()
        .expect("the command runs");
    let text = String::from_utf8_lossy(&out.stdout).into_owned() + &String::from_utf8_lossy(&out.stderr);
    let folder = folder.canonicalize().expect("there").to_string_lossy().into_owned() + "/";
    hide_addresses(&text.replace(&folder, ""))
}

/// `list#1f30` as `list#…`: addresses differ from run to run.
fn hide_addresses(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('#') {
        let (head, tail) = rest.split_at(at + 1);
        out.push_str(head);
        let end = tail.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(tail.len());
        if end >= 1 && head.len() > 1 && !head[..at].ends_with(' ') {
            out.push('…');
            rest = &tail[end..];
        } else {
            rest = tail;
        }
    }
    out + rest
}

/// A page with its outputs as they are now.
fn refreshed(page: &str, folder: &Path) -> String {
    let mut out = String::new();
    let mut lines = page.lines();
    let mut printed = String::new();
    while let Some(line) = lines.next() {
        out.push_str(line);
        out.push('\n');
        let Some(info) = line.strip_prefix("```").filter(|i| !i.is_empty()) else { continue };
        let body: Vec<&str> = lines.by_ref().take_while(|l| *l != "```").collect();
        match info.split(' ').next().unwrap_or("") {
            "python" => {
                let name = info.split("file=").nth(1).unwrap_or("program.py");
                fs::write(folder.join(name), body.join("\n") + "\n").expect("the folder takes files");
                printed = hognose(folder, &[name]);
                out.push_str(&(body.join("\n") + "\n"));
            }
            "output" => out.push_str(&printed),
            "console" => {
                let command = body.first().and_then(|c| c.strip_prefix("$ hognose ")).expect("a command");
                let args: Vec<&str> = command.split(' ').collect();
                out.push_str(&format!("$ hognose {command}\n{}", hognose(folder, &args)));
            }
            _ => out.push_str(&(body.join("\n") + "\n")),
        }
        if !out.ends_with('\n') {
            out.push('\n');
        }
        out.push_str("```\n");
    }
    out
}

#[test]
fn pages_show_what_happens() {
    let guide = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/guide");
    let folder = std::env::temp_dir().join(format!("hognose-guide-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a temporary folder");
    let update = std::env::var_os("UPDATE_GOLDEN").is_some();
    let mut pages: Vec<PathBuf> =
        fs::read_dir(&guide).expect("the guide").flatten().map(|e| e.path()).collect();
    pages.sort();
    let mut drifted = Vec::new();
    for path in pages {
        let page = fs::read_to_string(&path).expect("a page");
        let now = refreshed(&page, &folder);
        if now == page {
            continue;
        }
        if update {
            fs::write(&path, now).expect("the guide takes files");
        } else {
            let changed = now.lines().zip(page.lines()).find(|(a, b)| a != b);
            drifted.push(format!("{}: now and then: {changed:?}", path.display()));
        }
    }
    let _ = fs::remove_dir_all(&folder);
    assert!(drifted.is_empty(), "pages drifted (UPDATE_GOLDEN=1 writes them anew):\n{}", drifted.join("\n"));
}
