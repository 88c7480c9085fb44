//! `hognose mem`: runs a program with its allocations watched, or reads a dump, and shows where memory goes.
//!
//!   SCRIPT ─► record.rs: run watched, dump at its end ─┐
//!   DUMP ──────────────────────────────────────────────┴─► hognose::inspect ─► text, JSON, page or export
//!
//! The program's own output stays on standard output; with `--json` it goes to standard error, so that what is on
//! standard output is JSON and nothing else.

mod check;
mod commands;
mod process;
mod record;

use clap::Parser;
use commands::{Command, Common};
use hognose::inspect::{Export, Graph, Measure, View, bytes_text};
use std::io::Write;
use std::process::ExitCode;

/// Exit code of a failed `check`.
pub(crate) const EXIT_CHECK: u8 = 3;

/// Runs the command; `args` begins with `mem`.
pub(crate) fn main(args: &[String]) -> ExitCode {
    let args = std::iter::once("hognose mem".to_string()).chain(args.iter().skip(1).cloned());
    let cli = match commands::Mem::try_parse_from(args) {
        Ok(cli) => cli,
        Err(e) => {
            let code = if e.use_stderr() { 2 } else { 0 };
            let _ = e.print();
            return ExitCode::from(code);
        }
    };
    match run(cli.command) {
        Ok(code) => code,
        Err(message) => {
            eprintln!("hognose mem: {message}");
            ExitCode::from(1)
        }
    }
}

/// What to look at, and the exit code of the program if one ran.
struct Looked {
    graph: Graph,
    code: ExitCode,
}

fn look(common: &Common, depth: usize) -> Result<Looked, String> {
    let (bytes, code) = if process::is_dump(&common.target) {
        (None, ExitCode::SUCCESS)
    } else {
        let (path, code) = record::run(common, depth, None)?;
        (Some(path), code)
    };
    let path = bytes.as_deref().unwrap_or(common.target.as_ref());
    let graph = process::with_progress("reading the dump", || read(path));
    if let Some(temporary) = &bytes {
        let _ = std::fs::remove_file(temporary);
    }
    Ok(Looked { graph: graph?, code })
}

fn read(path: &std::path::Path) -> Result<Graph, String> {
    let file = std::fs::File::open(path).map_err(|e| format!("{}: {e}", path.display()))?;
    Graph::read(file).map_err(|e| format!("{}: {e}", path.display()))
}

fn run(command: Command) -> Result<ExitCode, String> {
    let show = |common: &Common, depth: usize, text: &dyn Fn(&Graph, &View) -> String| {
        let looked = look(common, depth)?;
        let view = common.view();
        let text = process::with_progress("looking", || text(&looked.graph, &view));
        common.write(text.as_bytes())?;
        Ok(looked.code)
    };
    use hognose::inspect as i;
    match command {
        Command::Report { common, html } => match html {
            None => show(&common, 1, &|g, v| i::report(g, v)),
            Some(path) => {
                let looked = look(&common, 64)?;
                std::fs::write(&path, i::report_page(&looked.graph)).map_err(|e| format!("{path}: {e}"))?;
                eprintln!("wrote {path}");
                Ok(looked.code)
            }
        },
        Command::Lines { mut common, function } => {
            let mut wanted = function;
            if let Some((file, name)) = common.target.clone().rsplit_once(':') {
                wanted.push(name.to_string());
                common.target = file.to_string();
            }
            if wanted.is_empty() {
                wanted = process::marked_functions(&common.target);
            }
            show(&common, 1, &|g, v| i::lines(g, &wanted, v))
        }
        Command::Flame { common } => {
            let looked = look(&common, 128)?;
            let path = common.output.clone().unwrap_or_else(|| "flame.html".into());
            std::fs::write(&path, i::flame_page(&looked.graph)).map_err(|e| format!("{path}: {e}"))?;
            eprintln!("wrote {path}");
            Ok(looked.code)
        }
        Command::Dump { common } => {
            let path = common.output.clone().unwrap_or_else(|| "program.heap".into());
            let (_, code) = record::run(&common, 1, Some(path.clone().into()))?;
            let size = std::fs::metadata(&path).map_or(0, |m| m.len());
            eprintln!("wrote {path} ({})", bytes_text(size));
            Ok(code)
        }
        Command::Why { mut common } => {
            if common.args.is_empty() {
                return Err(
                    "why: name the objects after the file: a class, part of a string, or 0xADDRESS".into()
                );
            }
            let what = common.args.remove(0);
            show(&common, 1, &|g, v| i::why(g, &what, v))
        }
        Command::Tree { common, levels } => show(&common, 1, &|g, v| i::tree(g, levels, v)),
        Command::Leaks { common, since } => {
            let before = since.map(|p| read(p.as_ref())).transpose()?;
            show(&common, 1, &|g, v| i::leaks(before.as_ref(), g, v))
        }
        Command::Dup { common } => show(&common, 1, &|g, v| i::duplicates(g, v)),
        Command::Cycles { common } => show(&common, 1, &|g, v| i::cycles(g, v)),
        Command::Rss { common } => show(&common, 1, &|g, v| i::rss(g, v)),
        Command::Export { common, to, measure } => export(&common, to.export(), measure.measure()),
        Command::Check { common, limit, live, baseline, growth } => {
            let looked = look(&common, 1)?;
            check::check(&looked.graph, &common, &check::Bounds { limit, live, baseline, growth })
        }
    }
}

fn export(common: &Common, what: Export, measure: Measure) -> Result<ExitCode, String> {
    let looked = look(common, 128)?;
    let result = match &common.output {
        Some(path) => std::fs::File::create(path).and_then(|f| {
            let mut out = std::io::BufWriter::new(f);
            hognose::inspect::write_export(&looked.graph, what, measure, &mut out)?;
            out.flush()
        }),
        None => hognose::inspect::write_export(&looked.graph, what, measure, &mut std::io::stdout().lock()),
    };
    result.map_err(|e| format!("export: {e}"))?;
    Ok(looked.code)
}
