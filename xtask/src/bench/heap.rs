//! The heap alone against other allocators, and the collector in Python programs.
//!
//! ```text
//! alloc_bench ALLOCATOR STREAM   a process for each pair, round by round          one figure
//! benchmarks/heap/NAME.py        under Hognose and each interpreter, in turns     lines "what: figure unit"
//! ```
//! Medians are shown. Invariant: a figure that could not be had is a dash, never a guess.

use super::{Interpreter, Options, progress};
use crate::ChoreResult;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// Figures by row, then by column.
type Figures = BTreeMap<(usize, usize), Vec<f64>>;

/// Measures and prints.
///
/// # Errors
/// When something cannot be built, found or started.
pub(super) fn run(root: &Path, options: &Options, interpreters: &[Interpreter]) -> ChoreResult {
    let wanted = |name: &str| options.only.is_empty() || options.only.iter().any(|n| n == name);
    let bench = build_example(root)?;
    let list = figure_lines(&bench, &[])?;
    let [allocators, streams] = list.as_slice() else { return Err("alloc_bench lists nothing".to_owned()) };
    let allocators: Vec<&str> = allocators.split_whitespace().collect();
    let streams: Vec<&str> = streams.split_whitespace().filter(|s| wanted(s)).collect();
    let mut figures = Figures::new();
    let mut rows: Vec<String> = Vec::new();
    for (row, stream) in streams.iter().enumerate() {
        rows.push((*stream).to_owned());
        for _ in 0..options.runs {
            for (column, allocator) in allocators.iter().enumerate() {
                progress(&format!("{stream} {allocator}"));
                let lines = figure_lines(&bench, &[*allocator, *stream])?;
                let mut words = lines.first().map(String::as_str).unwrap_or("").split_whitespace();
                note(&mut figures, row, column, words.next());
                if let Some(unit) = words.next() {
                    rows[row] = format!("{stream}, {unit}");
                }
            }
        }
    }
    progress("");
    if !rows.is_empty() {
        print_table(&rows, &allocators, &figures);
    }
    for program in programs(&root.join("benchmarks/heap"), &wanted)? {
        run_program(&program, options.runs, interpreters)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn note(figures: &mut Figures, row: usize, column: usize, word: Option<&str>) {
    if let Some(x) = word.and_then(|w| w.parse().ok()) {
        figures.entry((row, column)).or_default().push(x);
    }
}

/// A program prints lines `what: figure unit`; lines of the same name belong together.
fn run_program(program: &Path, runs: u16, interpreters: &[Interpreter]) -> Result<(), String> {
    let name = program.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let (mut rows, mut figures) = (Vec::<String>::new(), Figures::new());
    for _ in 0..runs {
        for (column, interpreter) in interpreters.iter().enumerate() {
            progress(&format!("{name} {}", interpreter.name));
            for line in figure_lines(&interpreter.path, &[&program.to_string_lossy()])? {
                let Some((what, rest)) = line.split_once(": ") else { continue };
                let mut words = rest.split_whitespace();
                let figure = words.next();
                let label = format!("{name}: {what}, {}", words.next().unwrap_or(""));
                let row = rows.iter().position(|r| *r == label).unwrap_or_else(|| {
                    rows.push(label);
                    rows.len() - 1
                });
                note(&mut figures, row, column, figure);
            }
        }
    }
    progress("");
    let names: Vec<&str> = interpreters.iter().map(|i| i.name.as_str()).collect();
    print_table(&rows, &names, &figures);
    Ok(())
}

fn programs(dir: &Path, wanted: &dyn Fn(&str) -> bool) -> Result<Vec<PathBuf>, String> {
    let entries = std::fs::read_dir(dir).map_err(|e| format!("{}: {e}", dir.display()))?;
    let mut list: Vec<PathBuf> = entries
        .filter_map(|e| Some(e.ok()?.path()))
        .filter(|p| p.extension().is_some_and(|x| x == "py"))
        .filter(|p| wanted(&p.file_stem().unwrap_or_default().to_string_lossy()))
        .collect();
    list.sort();
    Ok(list)
}

/// Lines of what a program prints.
fn figure_lines(program: &Path, args: &[&str]) -> Result<Vec<String>, String> {
    let out = Command::new(program).args(args).output().map_err(|e| format!("{}: {e}", program.display()))?;
    if !out.status.success() {
        let errors = String::from_utf8_lossy(&out.stderr).into_owned();
        return Err(format!("{} {}: {errors}", program.display(), args.join(" ")));
    }
    Ok(String::from_utf8_lossy(&out.stdout).lines().map(str::to_owned).collect())
}

/// The median of a column of figures.
fn median(xs: &[f64]) -> f64 {
    let mut xs = xs.to_vec();
    xs.sort_by(f64::total_cmp);
    xs[xs.len() / 2]
}

fn print_table(rows: &[String], columns: &[&str], figures: &Figures) {
    let wide = rows.iter().map(String::len).max().unwrap_or(0);
    print!("{:wide$}", "");
    columns.iter().for_each(|c| print!("{c:>14}"));
    println!();
    for (row, label) in rows.iter().enumerate() {
        print!("{label:wide$}");
        for column in 0..columns.len() {
            match figures.get(&(row, column)) {
                Some(xs) => print!("{:>14.2}", median(xs)),
                None => print!("{:>14}", "-"),
            }
        }
        println!();
    }
    println!();
}

fn build_example(root: &Path) -> Result<PathBuf, String> {
    let what = ["--package", "hognose-heap", "--example", "alloc_bench"];
    super::build_release(root, &what, "examples/alloc_bench")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_and_dashes() {
        let mut figures = Figures::new();
        for word in ["3", "1", "-", "2"] {
            note(&mut figures, 0, 0, Some(word));
        }
        assert_eq!(median(&figures[&(0, 0)]), 2.0);
        assert_eq!(figures.len(), 1);
    }
}
