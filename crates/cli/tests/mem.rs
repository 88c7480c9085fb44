//! `hognose mem` as a user runs it: commands, JSON, exports, exit codes.
//!
//! Each test runs the built command on a small program in a folder of its own.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

const PROGRAM: &str = "\
class Node:
    def __init__(self, name):
        self.name = name


CACHE = {}


def fill(n):
    for i in range(n):
        CACHE['key%d' % i] = Node('node number %d' % i)


fill(500)
ring = Node('ring')
ring.me = ring
del ring
twice = [str(10 ** 10) + '!' for _ in range(50)]
print('the program speaks')
";

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("hognose-mem-{}-{name}", std::process::id()));
        fs::create_dir_all(&path).expect("a temporary folder");
        fs::write(path.join("app.py"), PROGRAM).expect("the folder takes files");
        Folder(path)
    }

    fn run(&self, args: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_hognose"))
            .arg("mem")
            .args(args)
            .current_dir(&self.0)
            .env("PYTHONHASHSEED", "0")
            .env("COLUMNS", "90")
            .output()
            .expect("the command runs")
    }

    fn text(&self, args: &[&str]) -> String {
        let out = self.run(args);
        assert!(out.status.success(), "{args:?}: {}", String::from_utf8_lossy(&out.stderr));
        String::from_utf8_lossy(&out.stdout).into_owned()
    }

    fn json(&self, args: &[&str]) -> serde_json::Value {
        serde_json::from_str(&self.text(args)).unwrap_or_else(|e| panic!("{args:?}: {e}"))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn reports_fit_the_terminal_and_name_the_line() {
    let f = Folder::new("report");
    for command in ["report", "tree", "leaks", "dup", "cycles", "rss"] {
        let text = f.text(&[command, "app.py"]);
        assert!(text.starts_with("the program speaks\n"), "{command}");
        let widest = text.lines().map(|l| l.chars().count()).max().unwrap_or(0);
        assert!(widest <= 90, "{command} is {widest} wide");
    }
    let report = f.json(&["report", "app.py", "--json"]);
    let top = &report["lines"][0];
    assert_eq!((top["line"].as_u64(), top["function"].as_str()), (Some(11), Some("fill")));
    assert!(report["peak"].as_u64() >= report["live"].as_u64());
}

#[test]
fn why_names_variables_keys_and_attributes() {
    let f = Folder::new("why");
    let text = f.text(&["why", "app.py", "node number 77"]);
    for part in ["root   module __main__", "[\"CACHE\"]", "[\"key77\"]", ".name", "app.py:11 in fill()"] {
        assert!(text.contains(part), "{part} in:\n{text}");
    }
    let json = f.json(&["why", "app.py", "--json", "node number 77"]);
    assert_eq!(json["paths"][0]["path"], "__main__.CACHE[\"key77\"].name");
}

#[test]
fn cycles_and_duplicates_are_found() {
    let f = Folder::new("findings");
    let cycles = f.json(&["cycles", "app.py", "--json"]);
    assert_eq!((cycles["garbage"].as_u64(), cycles["rows"][0]["objects"].as_u64()), (Some(1), Some(1)));
    let dup = f.json(&["dup", "app.py", "--json"]);
    assert_eq!(
        (dup["rows"][0]["object"].as_str(), dup["rows"][0]["copies"].as_u64()),
        (Some("str \"10000000000!\""), Some(50))
    );
}

#[test]
fn growth_between_two_dumps() {
    let f = Folder::new("leaks");
    f.text(&["dump", "app.py", "-o", "old.heap"]);
    fs::write(f.0.join("app.py"), PROGRAM.replace("fill(500)", "fill(900)")).expect("written");
    f.text(&["dump", "app.py", "-o", "new.heap"]);
    let leaks = f.json(&["leaks", "new.heap", "--since", "old.heap", "--json"]);
    let node =
        leaks["grown"].as_array().expect("rows").iter().find(|r| r["class"] == "Node").expect("nodes grew");
    assert_eq!(node["objects"], 400);
    let point = &leaks["accumulate"][0];
    assert_eq!(
        (point["path"].as_str(), point["entries"].as_u64(), point["before"].as_u64()),
        (Some("__main__.CACHE"), Some(900), Some(500))
    );
}

#[test]
fn checks_are_exact_and_fail_with_their_own_code() {
    let f = Folder::new("check");
    let first = f.json(&["check", "app.py", "--json", "--baseline", "base.json"]);
    let second = f.json(&["check", "app.py", "--json", "--baseline", "base.json", "--growth", "0"]);
    assert_eq!(first["peak"], second["peak"], "the peak is the same in every run");
    let out = f.run(&["check", "app.py", "--limit", "20K"]);
    assert_eq!(out.status.code(), Some(3), "{}", String::from_utf8_lossy(&out.stdout));
}

#[test]
fn exports_are_what_they_say() {
    let f = Folder::new("export");
    f.text(&["dump", "app.py", "-o", "x.heap"]);
    let snapshot = f.json(&["export", "x.heap", "--heapsnapshot"]);
    let count = |what: &str| snapshot["snapshot"][what].as_u64().expect("a number") as usize;
    let list = |what: &str| snapshot[what].as_array().expect("a list");
    assert_eq!(
        (list("nodes").len(), list("edges").len()),
        (count("node_count") * 7, count("edge_count") * 3)
    );
    let edges: u64 = list("nodes").iter().skip(4).step_by(7).filter_map(serde_json::Value::as_u64).sum();
    assert_eq!(edges as usize, count("edge_count"));
    let profile = f.json(&["export", "app.py", "--json", "--speedscope"]);
    let sampled = &profile["profiles"][0];
    let sum: u64 =
        sampled["weights"].as_array().expect("weights").iter().filter_map(serde_json::Value::as_u64).sum();
    assert_eq!(sampled["endValue"].as_u64(), Some(sum));
    let folded = f.text(&["export", "app.py", "--json", "--folded", "--measure", "live"]);
    assert!(folded.lines().any(|l| l.starts_with("<module> (app.py:14);fill (app.py:11) ")), "{folded}");
    f.text(&["export", "app.py", "--pprof", "-o", "p.gz"]);
    assert_eq!(fs::read(f.0.join("p.gz")).expect("written")[..2], [0x1f, 0x8b]);
    f.text(&["flame", "app.py", "-o", "f.html"]);
    f.text(&["report", "app.py", "--html", "r.html"]);
    for page in ["f.html", "r.html"] {
        let html = fs::read_to_string(f.0.join(page)).expect("written");
        assert!(
            !html.contains("http://www.w3.org/1999") && !html.contains("src=") && html.contains("\"fill\"")
        );
    }
}

#[test]
fn a_program_may_fail() {
    let f = Folder::new("fail");
    fs::write(f.0.join("app.py"), "x = [1] * 100\nraise SystemExit(7)\n").expect("written");
    assert_eq!(f.run(&["report", "app.py"]).status.code(), Some(7));
    assert_eq!(f.run(&["report", "nothing.py"]).status.code(), Some(1));
    fs::write(f.0.join("bad.heap"), b"HOGHEAP\x01 and then nothing good").expect("written");
    assert_eq!(f.run(&["report", "bad.heap"]).status.code(), Some(1));
    assert_eq!(f.run(&["report"]).status.code(), Some(2));
}
