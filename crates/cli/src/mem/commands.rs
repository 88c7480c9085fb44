//! The commands of `hognose mem` and their options.

use clap::{Args, Parser, Subcommand, ValueEnum};
use hognose::inspect::{Export, Measure, View};
use std::io::Write;

const AFTER: &str = "\
examples:
  hognose mem report app.py --verbose      one page: peak, lines, types, holders, RSS
  hognose mem lines app.py:load            the lines of a function with exact bytes
  hognose mem flame app.py -o out.html     peak, live and total by call path
  hognose mem dump app.py -o app.heap      keep the heap at the program's end
  hognose mem why app.heap Session         what keeps these objects alive
  hognose mem leaks app.heap --since old.heap
  hognose mem check --limit 20M app.py     for CI: fails when the peak is higher";

/// See where a program's memory goes.
#[derive(Parser, Debug)]
#[command(name = "hognose mem", after_help = AFTER, max_term_width = 100)]
pub(super) struct Mem {
    #[command(subcommand)]
    pub(super) command: Command,
}

/// What every command takes.
#[derive(Args, Debug, Clone)]
pub(super) struct Common {
    /// A program, or a dump of a heap.
    #[arg(value_name = "SCRIPT-or-DUMP")]
    pub(super) target: String,
    /// JSON on standard output; the program's own output goes to standard error.
    #[arg(long)]
    pub(super) json: bool,
    /// Most rows of each table.
    #[arg(long, value_name = "N", default_value_t = 12)]
    pub(super) rows: usize,
    /// Where to write instead of standard output.
    #[arg(short, long, value_name = "FILE")]
    pub(super) output: Option<String>,
    /// Byte limit of the program's heap.
    #[arg(long, value_name = "SIZE", value_parser = crate::options::size)]
    pub(super) max_heap: Option<usize>,
    /// Arguments of the program.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARG")]
    pub(super) args: Vec<String>,
}

impl Common {
    /// How to show results.
    pub(super) fn view(&self) -> View {
        let width = if self.output.is_some() { 160 } else { super::process::terminal_width() };
        View { width, rows: self.rows.max(1), json: self.json }
    }

    /// Writes a result where it should go.
    pub(super) fn write(&self, text: &[u8]) -> Result<(), String> {
        match &self.output {
            Some(path) => std::fs::write(path, text).map_err(|e| format!("{path}: {e}")),
            // A reader that went away is no error.
            None => {
                let _ = std::io::stdout().write_all(text);
                Ok(())
            }
        }
    }
}

#[derive(Subcommand, Debug)]
pub(super) enum Command {
    /// One page: the peak and its lines, types, what holds most, where RSS is, hints.
    Report {
        #[command(flatten)]
        common: Common,
        /// Write a page with flame view, timeline and map of pages instead.
        #[arg(long, value_name = "FILE")]
        html: Option<String>,
    },
    /// memory_profiler's table with exact bytes, for functions named, marked @profile, or all of the script.
    /// Mem usage: heap when the line allocated last; increment: most bytes of the line alive at a time;
    /// occurrences: blocks allocated.
    Lines {
        #[command(flatten)]
        common: Common,
        /// Only this function (may be repeated; or write SCRIPT:FUNCTION).
        #[arg(long, value_name = "NAME")]
        function: Vec<String>,
    },
    /// A page that shows peak, live and total bytes by call path.
    Flame {
        #[command(flatten)]
        common: Common,
    },
    /// Keep the heap at the end of the program in a file.
    Dump {
        #[command(flatten)]
        common: Common,
    },
    /// What keeps objects alive. The first ARG names them: a class, part of a string, or an address (0x…).
    Why {
        #[command(flatten)]
        common: Common,
    },
    /// What retains most memory, and which parts of it.
    Tree {
        #[command(flatten)]
        common: Common,
        /// Levels below the first.
        #[arg(long, default_value_t = 2)]
        levels: usize,
    },
    /// What grew since an earlier dump, and containers that accumulate.
    Leaks {
        #[command(flatten)]
        common: Common,
        /// The earlier dump.
        #[arg(long, value_name = "DUMP")]
        since: Option<String>,
    },
    /// Strings and bytes that exist more than once.
    Dup {
        #[command(flatten)]
        common: Common,
    },
    /// Objects that refer to each other in a circle, garbage first.
    Cycles {
        #[command(flatten)]
        common: Common,
    },
    /// Where the bytes of the process are.
    Rss {
        #[command(flatten)]
        common: Common,
    },
    /// Write the dump for another tool.
    Export {
        #[command(flatten)]
        common: Common,
        #[command(flatten)]
        to: Format,
        /// Which bytes folded stacks count.
        #[arg(long, value_enum, default_value_t = Which::Peak)]
        measure: Which,
    },
    /// For CI: fails when the program needs more memory than it may.
    Check {
        #[command(flatten)]
        common: Common,
        /// Most bytes alive at a time.
        #[arg(long, value_name = "SIZE", value_parser = crate::options::size)]
        limit: Option<usize>,
        /// Most bytes alive at the end.
        #[arg(long, value_name = "SIZE", value_parser = crate::options::size)]
        live: Option<usize>,
        /// File with the numbers of an earlier run; made when it does not exist.
        #[arg(long, value_name = "FILE")]
        baseline: Option<String>,
        /// Bytes the peak may be above the baseline.
        #[arg(long, value_name = "BYTES", default_value_t = 0)]
        growth: u64,
    },
}

#[derive(ValueEnum, Clone, Copy, Debug)]
pub(super) enum Which {
    Peak,
    Live,
    Total,
}

impl Which {
    pub(super) fn measure(self) -> Measure {
        match self {
            Which::Peak => Measure::Peak,
            Which::Live => Measure::Live,
            Which::Total => Measure::Total,
        }
    }
}

/// Exactly one of these.
#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
pub(super) struct Format {
    /// Chrome DevTools' heap snapshot.
    #[arg(long)]
    heapsnapshot: bool,
    /// pprof's profile.proto, gzip-compressed.
    #[arg(long)]
    pprof: bool,
    /// speedscope's JSON.
    #[arg(long)]
    speedscope: bool,
    /// Folded stacks.
    #[arg(long)]
    folded: bool,
    /// One self-contained page.
    #[arg(long)]
    html: bool,
}

impl Format {
    pub(super) fn export(&self) -> Export {
        match self {
            Format { heapsnapshot: true, .. } => Export::HeapSnapshot,
            Format { pprof: true, .. } => Export::Pprof,
            Format { speedscope: true, .. } => Export::Speedscope,
            Format { folded: true, .. } => Export::Folded,
            _ => Export::Html,
        }
    }
}
