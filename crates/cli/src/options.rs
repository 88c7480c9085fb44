//! The command line and the environment variables that belong to it.

use hognose::StartFlags;

/// What to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Program {
    /// A file.
    File(String),
    /// `-c CODE`
    Code(String),
    /// `-m MODULE`
    Module(String),
    /// `-`, or nothing: source on standard input.
    Stdin,
}

/// How to run it.
#[derive(Debug, Clone)]
pub struct Options {
    /// The program.
    pub program: Program,
    /// `sys.argv`
    pub argv: Vec<String>,
    /// `sys.orig_argv`
    pub orig_argv: Vec<String>,
    /// `sys.flags`
    pub flags: StartFlags,
    /// `sys.warnoptions`
    pub warn_options: Vec<String>,
    /// `sys._xoptions`
    pub x_options: Vec<(String, Option<String>)>,
    /// Byte limit of the heap.
    pub max_heap: Option<usize>,
    /// PYTHONHASHSEED
    pub hash_seed: Option<u32>,
    /// `--stdlib`: where the pure-Python library is, when not in the binary.
    pub stdlib: Option<String>,
    /// PYTHONPATH
    pub python_path: Vec<String>,
    /// Collect garbage at every chance.
    pub gc_stress: bool,
    /// Pages or charges until one is refused, for tests; 0: none is.
    pub fail_alloc: u64,
    /// `-X tracemalloc`: frames kept of each allocation.
    pub trace_frames: Option<usize>,
    /// `--mem-dump-on-limit`
    pub dump_on_limit: Option<String>,
    /// PYTHONMALLOCSTATS: print the heap's use at the end.
    pub malloc_stats: bool,
}

/// What the command line asks for.
#[derive(Debug)]
pub enum Action {
    /// Run a program.
    Run(Box<Options>),
    /// Print a text.
    Print(String),
}

const HELP: &str = "\
hognose: Python 3.14 whose memory you can see, bound and trust

usage: hognose [OPTIONS] FILE [ARG ...]     run a program
       hognose [OPTIONS] -c CODE [ARG ...]  run a line of code
       hognose [OPTIONS] -m MODULE [ARG ...] run a module
       hognose [OPTIONS] -                  run the program on standard input
       hognose mem COMMAND ...              see where memory goes ('hognose mem --help')

options:
  --max-heap SIZE   bytes the program's memory may take (64M, 2G, 500000);
                    beyond it allocation raises MemoryError, which can be caught
  --mem-dump-on-limit FILE
                    write the heap to FILE when the limit is reached (see 'mem')
  --stdlib FOLDER   take the standard library's Python files from there
  -W ARG            warning control, as Python's
  -X tracemalloc[=N]  trace allocations from the start, with N calling lines
  -X OPT            shown in sys._xoptions
  -O, -OO           drop assert statements, and docstrings
  -B                do not write cache files of imported modules
  -E, -I            ignore the environment; -I: and the program's folder
  -P                do not look for modules in the program's folder
  -s, -S            without the user's packages; without any installed packages
  -u -q -b -v -d -i   shown in sys.flags
  -h, --help        show this text
  -V, --version     show the version

environment:
  PYTHONPATH        directories to search for modules, separated by ':'
  PYTHONHASHSEED    seed of string hashing: 'random' or a number
  PYTHONTRACEMALLOC  as -X tracemalloc=N
  PYTHONMALLOCSTATS  print the heap's use by size class at the end
  HOGNOSE_MAX_HEAP  as --max-heap
  HOGNOSE_GC_STRESS for developers: '1' collects garbage at every chance
  HOGNOSE_FAIL_ALLOC for developers: 'N' refuses the Nth request for pages

example:
  hognose --max-heap 256M app.py --verbose";

/// A size like `32M`: digits and an optional unit (K, M, G, T; powers of 1024).
pub fn size(text: &str) -> Result<usize, String> {
    let wrong = || format!("'{text}' is no size (try 64M or 2G)");
    let trimmed = text.trim().trim_end_matches(['B', 'b']).trim_end_matches(['i', 'I']);
    let (digits, shift) = match trimmed.chars().last() {
        Some('k' | 'K') => (&trimmed[..trimmed.len() - 1], 10),
        Some('m' | 'M') => (&trimmed[..trimmed.len() - 1], 20),
        Some('g' | 'G') => (&trimmed[..trimmed.len() - 1], 30),
        Some('t' | 'T') => (&trimmed[..trimmed.len() - 1], 40),
        _ => (trimmed, 0),
    };
    let n: usize = digits.parse().map_err(|_| wrong())?;
    n.checked_shl(shift).filter(|b| b >> shift == n && n > 0).ok_or_else(wrong)
}

/// What is known after some of the arguments.
#[derive(Default)]
struct Reading {
    flags: StartFlags,
    max_heap: Option<usize>,
    stdlib: Option<String>,
    dump_on_limit: Option<String>,
    trace_frames: Option<usize>,
    warn: Vec<String>,
    x: Vec<(String, Option<String>)>,
    program: Option<Program>,
    argv: Vec<String>,
}

/// Reads the command line.
pub fn parse(args: &[String]) -> Result<Action, String> {
    let mut r = Reading {
        max_heap: match std::env::var("HOGNOSE_MAX_HEAP") {
            Ok(text) if !text.is_empty() => Some(size(&text)?),
            _ => None,
        },
        ..Reading::default()
    };
    let mut rest = args.iter().skip(1);
    while let Some(arg) = rest.next() {
        match arg.as_str() {
            "-h" | "--help" | "-?" => return Ok(Action::Print(HELP.into())),
            "-V" | "--version" => return Ok(Action::Print(version())),
            "-" => {
                r.program = Some(Program::Stdin);
                r.argv.push("-".to_string());
            }
            a if a.starts_with("--") => {
                let (name, value) = match a.split_once('=') {
                    Some((name, value)) => (name, Some(value.to_string())),
                    None => (a, None),
                };
                let value = match value {
                    Some(v) => v,
                    None => rest.next().cloned().ok_or_else(|| format!("argument expected for {name}"))?,
                };
                match name {
                    "--max-heap" => r.max_heap = Some(size(&value)?),
                    "--stdlib" => r.stdlib = Some(value),
                    "--mem-dump-on-limit" => r.dump_on_limit = Some(value),
                    _ => return Err(format!("unknown option {name}")),
                }
            }
            a if a.starts_with('-') => short_options(&mut r, &a[1..], &mut rest)?,
            a => {
                r.program = Some(Program::File(a.to_string()));
                r.argv.push(a.to_string());
            }
        }
        if r.program.is_some() {
            break;
        }
    }
    r.argv.extend(rest.cloned());
    if r.argv.is_empty() {
        r.argv.push(String::new());
    }
    finish(r, args)
}

/// Letters after one dash; those with an argument take the rest of the word, or the next one.
fn short_options<'a>(
    r: &mut Reading,
    letters: &'a str,
    rest: &mut impl Iterator<Item = &'a String>,
) -> Result<(), String> {
    for (i, c) in letters.char_indices() {
        let after = &letters[i + c.len_utf8()..];
        let mut value = || match after {
            "" => rest.next().cloned().ok_or_else(|| format!("argument expected for -{c}")),
            text => Ok(text.to_string()),
        };
        let f = &mut r.flags;
        match c {
            'c' => {
                r.program = Some(Program::Code(value()?));
                r.argv.push("-c".to_string());
                return Ok(());
            }
            'm' => {
                r.program = Some(Program::Module(value()?));
                r.argv.push("-m".to_string());
                return Ok(());
            }
            'W' => {
                r.warn.push(value()?);
                return Ok(());
            }
            'X' => {
                let text = value()?;
                r.trace_frames = trace_option(&text)?.or(r.trace_frames);
                let (name, v) = match text.split_once('=') {
                    Some((name, v)) => (name.to_string(), Some(v.to_string())),
                    None => (text, None),
                };
                f.dev_mode |= name == "dev";
                f.utf8_mode |= name == "utf8";
                r.x.push((name, v));
                return Ok(());
            }
            'B' => f.dont_write_bytecode = true,
            'E' => f.ignore_environment = true,
            'I' => {
                f.isolated = true;
                (f.ignore_environment, f.no_user_site, f.safe_path) = (true, true, true);
            }
            's' => f.no_user_site = true,
            'S' => f.no_site = true,
            'P' => f.safe_path = true,
            'u' => f.unbuffered = true,
            'q' => f.quiet += 1,
            'b' => f.bytes_warning += 1,
            'd' => f.debug += 1,
            'i' => f.inspect += 1,
            'v' => f.verbose = f.verbose.saturating_add(1),
            'O' => f.optimize = (f.optimize + 1).min(2),
            'x' | 'R' => {}
            _ => return Err(format!("unknown option -{c}")),
        }
    }
    Ok(())
}

/// The environment says what the command line did not, unless it is to be ignored.
fn finish(mut r: Reading, args: &[String]) -> Result<Action, String> {
    let ignore = r.flags.ignore_environment;
    let variable = |name: &str| std::env::var(name).ok().filter(|v| !ignore && !v.is_empty());
    r.flags.dont_write_bytecode |= variable("PYTHONDONTWRITEBYTECODE").is_some();
    r.flags.no_user_site |= variable("PYTHONNOUSERSITE").is_some();
    r.flags.safe_path |= variable("PYTHONSAFEPATH").is_some();
    r.flags.unbuffered |= variable("PYTHONUNBUFFERED").is_some();
    r.flags.dev_mode |= variable("PYTHONDEVMODE").is_some();
    let trace_frames = match variable("PYTHONTRACEMALLOC") {
        Some(text) => frames(&text, "PYTHONTRACEMALLOC: invalid number of frames")?,
        None => None,
    };
    let mut warn_options = Vec::new();
    if r.flags.dev_mode {
        warn_options.push("default".to_string());
    }
    if let Some(text) = variable("PYTHONWARNINGS") {
        warn_options.extend(text.split(',').map(str::to_string));
    }
    warn_options.extend(r.warn);
    if r.flags.bytes_warning > 0 {
        let action = if r.flags.bytes_warning > 1 { "error" } else { "default" };
        warn_options.push(format!("{action}::BytesWarning"));
    }
    let python_path = variable("PYTHONPATH").map_or_else(Vec::new, |text| {
        text.split(':').filter(|p| !p.is_empty()).map(str::to_string).collect()
    });
    Ok(Action::Run(Box::new(Options {
        program: r.program.unwrap_or(Program::Stdin),
        argv: r.argv,
        orig_argv: args.to_vec(),
        max_heap: r.max_heap,
        hash_seed: if ignore { None } else { hash_seed()? },
        stdlib: r.stdlib,
        flags: r.flags,
        warn_options,
        x_options: r.x,
        python_path,
        gc_stress: std::env::var_os("HOGNOSE_GC_STRESS").is_some_and(|v| v == "1"),
        fail_alloc: std::env::var("HOGNOSE_FAIL_ALLOC").ok().and_then(|v| v.parse().ok()).unwrap_or(0),
        trace_frames: r.trace_frames.or(trace_frames),
        dump_on_limit: r.dump_on_limit,
        malloc_stats: std::env::var_os("PYTHONMALLOCSTATS").is_some_and(|v| !v.is_empty()),
    })))
}

/// Frames of `-X tracemalloc[=N]`; `None`: another option, or 0.
fn trace_option(option: &str) -> Result<Option<usize>, String> {
    match option.strip_prefix("tracemalloc") {
        Some("") => Ok(Some(1)),
        Some(n) if n.starts_with('=') => frames(&n[1..], "-X tracemalloc=NFRAME: invalid number of frames"),
        _ => Ok(None),
    }
}

fn frames(text: &str, complaint: &str) -> Result<Option<usize>, String> {
    match text.trim().parse::<usize>() {
        Ok(0) => Ok(None),
        Ok(n) if n <= 65535 => Ok(Some(n)),
        _ => Err(complaint.to_string()),
    }
}

fn version() -> String {
    format!("Python 3.14.10 (Hognose {})", env!("CARGO_PKG_VERSION"))
}

fn hash_seed() -> Result<Option<u32>, String> {
    match std::env::var("PYTHONHASHSEED") {
        Ok(text) if !text.is_empty() && text != "random" => text.parse().map(Some).map_err(|_| {
            "PYTHONHASHSEED must be \"random\" or an integer in range [0; 4294967295]".to_string()
        }),
        _ => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::{Action, Options, parse, size};

    fn options(args: &[&str]) -> Options {
        let args: Vec<String> =
            std::iter::once("hognose").chain(args.iter().copied()).map(str::to_string).collect();
        match parse(&args) {
            Ok(Action::Run(o)) => *o,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn letters_may_stand_together() {
        let o = options(&["-Bsc", "pass", "-x"]);
        assert!(o.flags.dont_write_bytecode && o.flags.no_user_site);
        assert_eq!(o.argv, ["-c", "-x"]);
        assert!(options(&["-I", "f.py"]).flags.safe_path);
        assert_eq!(options(&["-Werror", "-W", "ignore", "f.py"]).warn_options, ["error", "ignore"]);
        assert_eq!(options(&["-X", "a=b", "-"]).x_options, [("a".to_string(), Some("b".to_string()))]);
    }

    #[test]
    fn sizes() {
        assert_eq!(size("32M"), Ok(32 << 20));
        assert_eq!(size("1GiB"), Ok(1 << 30));
        assert_eq!(size("500000"), Ok(500_000));
        assert!(size("x").is_err());
        assert!(size("0").is_err());
        assert!(size("99999999999T").is_err());
    }
}
