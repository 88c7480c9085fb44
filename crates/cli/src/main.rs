//! The `hognose` command: runs Python programs.
//!
//!   hognose FILE [ARG …] · hognose -c CODE · hognose -m MODULE · hognose -      exit codes and texts as Python's
#![allow(unsafe_code, reason = "installs a signal handler")]

mod environment;
mod mem;
mod options;

use hognose::{Error, Interpreter, Site};
use options::{Options, Program, parse};
use std::io::{Read, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// Native stack for the interpreter: deep recursion through built-in functions becomes RecursionError well before it.
const STACK_BYTES: usize = 64 << 20;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args_os().map(|a| a.to_string_lossy().into_owned()).collect();
    if args.get(1).is_some_and(|a| a == "mem") {
        return mem::main(&args[1..]);
    }
    let options = match parse(&args) {
        Ok(options::Action::Run(o)) => o,
        Ok(options::Action::Print(text)) => {
            println!("{text}");
            return ExitCode::SUCCESS;
        }
        Err(message) => {
            eprintln!("hognose: {message}\nTry 'hognose --help'.");
            return ExitCode::from(2);
        }
    };
    on_large_stack(move || run(&options))
}

/// Exit code of a program that ended with a MemoryError at its heap's limit: the number of ENOMEM.
const EXIT_LIMIT: u8 = 12;

/// Runs the interpreter on a thread of its own.
fn on_large_stack(run: impl FnOnce() -> ExitCode + Send + 'static) -> ExitCode {
    let spawned = std::thread::Builder::new().stack_size(STACK_BYTES).spawn(run);
    leave_signals_to_others();
    match spawned.map(std::thread::JoinHandle::join) {
        Ok(Ok(code)) => code,
        _ => {
            eprintln!("hognose: cannot start the interpreter's thread");
            ExitCode::from(1)
        }
    }
}

/// Signals for the process go to the interpreter's thread: this one only waits for it.
fn leave_signals_to_others() {
    // SAFETY: changes the calling thread's own mask.
    unsafe {
        let mut all: libc::sigset_t = std::mem::zeroed();
        libc::sigfillset(&raw mut all);
        libc::pthread_sigmask(libc::SIG_BLOCK, &raw const all, std::ptr::null_mut());
    }
}

fn run(options: &Options) -> ExitCode {
    run_with(options, |_| {}, |_| {})
}

/// Runs a program; `before` and `after` see the interpreter right before and right after it.
fn run_with(
    options: &Options,
    before: impl FnOnce(&mut Interpreter),
    after: impl FnOnce(&mut Interpreter),
) -> ExitCode {
    let (source, filename, directory) = match load(options) {
        Ok(loaded) => loaded,
        Err((code, message)) => {
            eprintln!("{message}");
            return ExitCode::from(code);
        }
    };
    let mut python = match builder(options, directory).build() {
        Ok(p) => p,
        Err(e) => {
            eprintln!("hognose: {e}");
            return ExitCode::from(1);
        }
    };
    python.vm().heap().fail_allocation_after(options.fail_alloc);
    if options.gc_stress {
        python.vm().heap().set_gc_stress(true);
    }
    catch_interrupts(python.interrupt_handle().flag());
    before(&mut python);
    let result = match &options.program {
        Program::Module(name) => {
            let code = format!("import runpy; runpy._run_module_as_main({name:?})");
            python.run(&code, "<string>")
        }
        Program::File(path) if Path::new(path).is_dir() => {
            python.run("import runpy; runpy._run_module_as_main('__main__', False)", "<string>")
        }
        _ => python.run_file(source, &filename),
    };
    after(&mut python);
    let code = report(&mut python, result);
    python.finish();
    if options.malloc_stats {
        eprint!("{}", python.malloc_stats());
    }
    code
}

/// The interpreter that the options ask for.
fn builder(options: &Options, directory: String) -> hognose::Builder {
    let place = environment::find(options);
    let mut builder = Interpreter::builder()
        .argv(options.argv.clone())
        .executable(place.executable)
        .base_executable(place.base_executable)
        .prefix(place.prefix, place.base_prefix)
        .flags(options.flags)
        .warn_options(options.warn_options.clone())
        .x_options(options.x_options.clone())
        .orig_argv(options.orig_argv.clone());
    if let Some(limit) = options.max_heap {
        builder = builder.max_heap(limit);
    }
    if let Some(seed) = options.hash_seed {
        builder = builder.hash_seed(seed);
    }
    if let Some(folder) = &options.stdlib {
        builder = builder.stdlib(folder.clone());
    }
    if let Some(frames) = options.trace_frames {
        builder = builder.trace_allocations(frames);
    }
    if let Some(path) = &options.dump_on_limit {
        builder = builder.dump_on_limit(path.clone());
    }
    for d in &options.python_path {
        builder = builder.path(d.clone());
    }
    if !options.flags.safe_path {
        builder = builder.program_path(directory);
    }
    match (options.flags.no_site, place.needs_site) {
        (true, _) => builder,
        (false, true) => builder.site_start(Site::Module),
        (false, false) => {
            place.site.into_iter().fold(builder.site_start(Site::Names), hognose::Builder::site)
        }
    }
}

/// Source bytes, file name as tracebacks show it, and the directory that leads `sys.path`.
fn load(options: &Options) -> Result<(Vec<u8>, String, String), (u8, String)> {
    match &options.program {
        Program::File(path) if Path::new(path).is_dir() => {
            let absolute = std::path::absolute(path).unwrap_or_else(|_| path.into());
            Ok((Vec::new(), path.clone(), absolute.to_string_lossy().into_owned()))
        }
        Program::File(path) => {
            let bytes = std::fs::read(path).map_err(|e| {
                let code = e.raw_os_error().unwrap_or(0);
                let text = e.to_string();
                let text = text.split(" (os error").next().unwrap_or("cannot be read").to_string();
                (2, format!("hognose: can't open file '{path}': [Errno {code}] {text}"))
            })?;
            let directory =
                Path::new(path).parent().map_or_else(String::new, |d| d.to_string_lossy().into_owned());
            let absolute = std::fs::canonicalize(path).ok();
            let shown = absolute.map_or_else(|| path.clone(), |p| p.to_string_lossy().into_owned());
            let directory = match Path::new(&shown).parent() {
                Some(d) => d.to_string_lossy().into_owned(),
                None => directory,
            };
            Ok((bytes, shown, directory))
        }
        Program::Code(code) => Ok((format!("{code}\n").into_bytes(), "<string>".into(), String::new())),
        Program::Stdin => {
            let mut bytes = Vec::new();
            std::io::stdin()
                .read_to_end(&mut bytes)
                .map_err(|e| (1, format!("hognose: standard input: {e}")))?;
            Ok((bytes, "<stdin>".into(), String::new()))
        }
        Program::Module(_) => {
            let here =
                std::env::current_dir().map_or_else(|_| String::new(), |d| d.to_string_lossy().into_owned());
            Ok((Vec::new(), "<string>".into(), here))
        }
    }
}

/// Prints what an ended program leaves to say; gives its exit code.
fn report(python: &mut Interpreter, result: Result<(), Error>) -> ExitCode {
    let _ = python.vm().stdout().flush();
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(Error::Exit(code, message)) => {
            if let Some(m) = message {
                eprintln!("{m}");
            }
            ExitCode::from(code as u8)
        }
        Err(Error::Exception(text)) => {
            let _ = std::io::stderr().write_all(text.as_bytes());
            ExitCode::from(1)
        }
        Err(Error::OutOfMemory(text)) => {
            let _ = std::io::stderr().write_all(text.as_bytes());
            ExitCode::from(EXIT_LIMIT)
        }
        Err(Error::Interrupted(text)) => {
            let _ = std::io::stderr().write_all(text.as_bytes());
            python.finish();
            die_by_interrupt()
        }
    }
}

static INTERRUPT: OnceLock<std::sync::Arc<AtomicU32>> = OnceLock::new();

extern "C" fn on_interrupt(_: libc::c_int) {
    if let Some(flag) = INTERRUPT.get() {
        flag.store(1, Ordering::Relaxed);
    }
}

/// Ctrl-C raises KeyboardInterrupt in the program.
fn catch_interrupts(flag: std::sync::Arc<AtomicU32>) {
    if INTERRUPT.set(flag).is_ok() {
        // SAFETY: the handler only stores to an atomic.
        unsafe {
            let mut action: libc::sigaction = std::mem::zeroed();
            action.sa_sigaction = on_interrupt as *const () as usize;
            libc::sigaction(libc::SIGINT, &raw const action, std::ptr::null_mut());
            libc::signal(libc::SIGPIPE, libc::SIG_IGN);
        }
    }
}

/// A program that did not catch KeyboardInterrupt dies by the signal, as shells expect.
fn die_by_interrupt() -> ExitCode {
    // SAFETY: restores the default action and raises the signal.
    unsafe {
        libc::signal(libc::SIGINT, libc::SIG_DFL);
        libc::kill(libc::getpid(), libc::SIGINT);
    }
    ExitCode::from(130)
}
