//! The command line and the environment variables that belong to it.

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
    Run(Options),
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
  -B -E -I -s -S -u -q   accepted as Python does; no effect yet
  -X tracemalloc[=N]  trace allocations from the start, with N calling lines
  -X OPT, -W ARG    others are accepted as Python does; no effect yet
  -h, --help        show this text
  -V, --version     show the version

environment:
  PYTHONPATH        directories to search for modules, separated by ':'
  PYTHONHASHSEED    seed of string hashing: 'random' or a number
  PYTHONTRACEMALLOC  as -X tracemalloc=N
  PYTHONMALLOCSTATS  print the heap's use by size class at the end
  HOGNOSE_MAX_HEAP  as --max-heap
  HOGNOSE_GC_STRESS for developers: '1' collects garbage at every chance

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

/// Reads the command line.
pub fn parse(args: &[String]) -> Result<Action, String> {
    let mut max_heap = match std::env::var("HOGNOSE_MAX_HEAP") {
        Ok(text) if !text.is_empty() => Some(size(&text)?),
        _ => None,
    };
    let mut trace_frames = match std::env::var("PYTHONTRACEMALLOC") {
        Ok(text) if !text.is_empty() => frames(&text, "PYTHONTRACEMALLOC: invalid number of frames")?,
        _ => None,
    };
    let mut dump_on_limit = None;
    let mut rest = args.iter().skip(1);
    let mut program = None;
    let mut argv = Vec::new();
    let mut stdlib = None;
    while let Some(arg) = rest.next() {
        let mut value =
            |name: &str| rest.next().cloned().ok_or_else(|| format!("argument expected for {name}"));
        match arg.as_str() {
            "-h" | "--help" | "-?" => return Ok(Action::Print(HELP.into())),
            "-V" | "--version" => return Ok(Action::Print(version())),
            "--max-heap" => max_heap = Some(size(&value("--max-heap")?)?),
            "--stdlib" => stdlib = Some(value("--stdlib")?),
            "-c" => {
                program = Some(Program::Code(value("-c")?));
                argv.push("-c".to_string());
            }
            "-m" => {
                program = Some(Program::Module(value("-m")?));
                argv.push("-m".to_string());
            }
            "--mem-dump-on-limit" => dump_on_limit = Some(value("--mem-dump-on-limit")?),
            "-X" => trace_frames = trace_option(&value("-X")?)?.or(trace_frames),
            "-W" => drop(value(arg)?),
            "-" => {
                program = Some(Program::Stdin);
                argv.push("-".to_string());
            }
            a if a.starts_with("--max-heap=") => max_heap = Some(size(&a["--max-heap=".len()..])?),
            a if a.starts_with("--stdlib=") => stdlib = Some(a["--stdlib=".len()..].to_string()),
            a if a.starts_with("-X") => trace_frames = trace_option(&a[2..])?.or(trace_frames),
            a if a.starts_with("-W") => {}
            "-B" | "-E" | "-I" | "-s" | "-S" | "-u" | "-q" | "-b" | "-P" => {}
            a if a.starts_with('-') => return Err(format!("unknown option {a}")),
            a => {
                program = Some(Program::File(a.to_string()));
                argv.push(a.to_string());
            }
        }
        if program.is_some() {
            break;
        }
    }
    argv.extend(rest.cloned());
    if argv.is_empty() {
        argv.push(String::new());
    }
    Ok(Action::Run(Options {
        program: program.unwrap_or(Program::Stdin),
        argv,
        max_heap,
        hash_seed: hash_seed()?,
        stdlib,
        python_path: python_path(),
        gc_stress: std::env::var_os("HOGNOSE_GC_STRESS").is_some_and(|v| v == "1"),
        trace_frames,
        dump_on_limit,
        malloc_stats: std::env::var_os("PYTHONMALLOCSTATS").is_some_and(|v| !v.is_empty()),
    }))
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

fn python_path() -> Vec<String> {
    match std::env::var("PYTHONPATH") {
        Ok(text) => text.split(':').filter(|p| !p.is_empty()).map(str::to_string).collect(),
        Err(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::size;

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
