//! Python 3.14 for Rust programs: interpreters with a hard memory limit, as many to a process as you like.
//!
//! ```
//! use hognose::Interpreter;
//!
//! let mut python = Interpreter::builder().max_heap(64 << 20).build().expect("memory to start");
//! python.run("x = sum(n * n for n in range(10))", "<example>").expect("no exception");
//! assert_eq!(python.eval_text("x").expect("no exception"), "285");
//! ```

mod memory;
mod site;

pub use hognose_inspect as inspect;

pub use hognose_vm::StartFlags;
use hognose_vm::compiler::Mode;
use hognose_vm::object::Owned;
use hognose_vm::{Exc, Interrupt, Vm, VmConfig};
pub use site::Site;

/// Why a program ended early.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// An exception that was not caught: its rendering as Python prints it.
    Exception(String),
    /// `SystemExit`: the exit code, and a message for standard error.
    Exit(i32, Option<String>),
    /// `KeyboardInterrupt` was not caught: its rendering.
    Interrupted(String),
    /// `MemoryError` at the heap's limit was not caught: its rendering.
    OutOfMemory(String),
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Error::Exception(text) | Error::Interrupted(text) | Error::OutOfMemory(text) => f.write_str(text),
            Error::Exit(code, _) => write!(f, "exit with code {code}"),
        }
    }
}

impl std::error::Error for Error {}

/// Options of an interpreter; see [`Interpreter::builder`].
#[derive(Clone, Debug, Default)]
pub struct Builder {
    config: VmConfig,
    path: Vec<String>,
    stdlib: Option<String>,
    trace_frames: Option<usize>,
    site: Vec<String>,
    site_start: Option<Site>,
    program_path: Option<String>,
}

impl Builder {
    /// Bytes the interpreter's heap may take. Beyond it allocation raises MemoryError; the heap stays usable.
    pub fn max_heap(mut self, bytes: usize) -> Self {
        self.config.max_heap = Some(bytes);
        self
    }

    /// Seed of the string hash; by default it is random. 0 gives the same hashes in every process.
    pub fn hash_seed(mut self, seed: u32) -> Self {
        self.config.hash_seed = Some(seed);
        self
    }

    /// `sys.argv`
    pub fn argv(mut self, argv: Vec<String>) -> Self {
        self.config.argv = argv;
        self
    }

    /// `sys.executable`
    pub fn executable(mut self, path: String) -> Self {
        self.config.executable = path;
        self
    }

    /// Adds a directory to `sys.path`.
    pub fn path(mut self, directory: String) -> Self {
        self.path.push(directory);
        self
    }

    /// Takes the pure-Python part of the standard library from a folder instead of from this program.
    pub fn stdlib(mut self, folder: String) -> Self {
        self.stdlib = Some(folder);
        self
    }

    /// Notes where each block is allocated, with this many calling lines, from the start: as `-X tracemalloc=N`.
    pub fn trace_allocations(mut self, frames: usize) -> Self {
        self.trace_frames = Some(frames);
        self
    }

    /// Writes a dump of the heap to a file when the limit is reached for the first time.
    pub fn dump_on_limit(mut self, path: String) -> Self {
        self.config.on_limit = Some((dump_at_limit, path));
        self
    }

    /// Adds a directory to the end of `sys.path`, after the standard library: where installed packages are.
    pub fn site(mut self, directory: String) -> Self {
        self.site.push(directory);
        self
    }

    /// What is done before the program for people and installed packages; by default nothing is.
    pub fn site_start(mut self, what: Site) -> Self {
        self.site_start = Some(what);
        self
    }

    /// The program's own directory, which comes first in `sys.path`.
    pub fn program_path(mut self, directory: String) -> Self {
        self.program_path = Some(directory);
        self
    }

    /// What `sys.flags` shows, and what it turns on.
    pub fn flags(mut self, flags: StartFlags) -> Self {
        self.config.flags = flags;
        self
    }

    /// `sys.warnoptions`: filters as for Python's option `-W`.
    pub fn warn_options(mut self, options: Vec<String>) -> Self {
        self.config.warn_options = options;
        self
    }

    /// `sys._xoptions`
    pub fn x_options(mut self, options: Vec<(String, Option<String>)>) -> Self {
        self.config.x_options = options;
        self
    }

    /// `sys.orig_argv`
    pub fn orig_argv(mut self, argv: Vec<String>) -> Self {
        self.config.orig_argv = argv;
        self
    }

    /// `sys.prefix` and `sys.base_prefix`, which differ in a virtual environment. By default both are the directory above
    /// that of the executable.
    pub fn prefix(mut self, directory: String, base: String) -> Self {
        self.config.prefix = Some((directory, base));
        self
    }

    /// `sys._base_executable`, when it is not the executable: the command that a virtual environment's stands for.
    pub fn base_executable(mut self, path: String) -> Self {
        self.config.base_executable = Some(path);
        self
    }

    /// Starts the interpreter.
    ///
    /// # Errors
    /// When the system or the limit does not give the memory to start.
    pub fn build(self) -> Result<Interpreter, Error> {
        let out_of_memory = |_| Error::Exception("MemoryError: not enough memory to start".into());
        let mut vm = Vm::new(self.config).map_err(out_of_memory)?;
        let mut path = self.path;
        // Importlib itself comes from the library in any case.
        vm.set_library(&hognose_stdlib::library::EMBEDDED);
        path.push(self.stdlib.unwrap_or_else(|| hognose_stdlib::library::ROOT.to_string()));
        path.extend(self.site);
        hognose_stdlib::register(&mut vm);
        vm.add_native_module("hognose.memory", memory::make);
        vm.add_native_module("memory_profiler", memory::make_profiler);
        if let Some(frames) = self.trace_frames {
            hognose_stdlib::tracemalloc::start_tracing(&mut vm, frames);
        }
        let mut python = Interpreter { vm, main: Owned::null() };
        python.start(&path, self.site_start, self.program_path.as_deref())?;
        Ok(python)
    }
}

/// Writes the heap down where the limit was met. A file that cannot be written is no reason to lose the MemoryError.
fn dump_at_limit(vm: &Vm, path: &str) {
    if let Ok(file) = std::fs::File::create(path) {
        let mut out = std::io::BufWriter::new(file);
        let _ = vm.dump_heap(&mut out, "{}");
    }
}

/// One Python interpreter.
///
/// Everything it allocates lies in its own heap, which is returned to the system when the interpreter is dropped.
pub struct Interpreter {
    // Dropped before the machine it belongs to.
    main: Owned,
    vm: Box<Vm>,
}

impl Interpreter {
    /// Options for a new interpreter.
    pub fn builder() -> Builder {
        Builder::default()
    }

    fn start(&mut self, path: &[String], site: Option<Site>, first: Option<&str>) -> Result<(), Error> {
        self.vm.measure_stack();
        let vm = &mut self.vm;
        let made = vm.make_main(path).and_then(|main| {
            if let Some(what) = site {
                site::start(vm, what)?;
            }
            if let Some(directory) = first {
                vm.lead_path(directory)?;
            }
            Ok(main)
        });
        match made {
            Ok(main) => {
                self.main = main;
                Ok(())
            }
            Err(e) => Err(self.error(e)),
        }
    }

    /// A handle that stops the running program with KeyboardInterrupt, from any thread or signal handler.
    pub fn interrupt_handle(&self) -> Interrupt {
        self.vm.interrupt_handle()
    }

    /// The machine, for what this interface does not offer.
    pub fn vm(&mut self) -> &mut Vm {
        &mut self.vm
    }

    /// Notes the site of every allocation from now on: its line, and the lines of up to `depth - 1` callers.
    pub fn watch(&mut self, depth: usize) {
        self.vm.watch_allocations(depth);
    }

    /// Writes the whole heap to `out` for [`inspect`]; `about` is a JSON object kept with it. Gives the bytes written.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn dump(&self, out: &mut dyn std::io::Write, about: &str) -> std::io::Result<u64> {
        self.vm.dump_heap(out, about)
    }

    /// Addresses of the heap.
    pub fn heap_range(&self) -> std::ops::Range<usize> {
        self.vm.heap().range()
    }

    /// Does the address lie among frames and registers?
    pub fn is_stack(&self, address: usize) -> bool {
        self.vm.heap().is_stack(address)
    }

    /// What `sys._debugmallocstats()` prints.
    pub fn malloc_stats(&mut self) -> String {
        hognose_stdlib::sys::malloc_stats(&self.vm)
    }

    /// Runs source text in the module `__main__`.
    ///
    /// # Errors
    /// When an exception is not caught.
    pub fn run(&mut self, source: &str, filename: &str) -> Result<(), Error> {
        self.vm.measure_stack();
        let globals = self.main.clone();
        let r = self.vm.run_source(source, filename, globals.as_ref());
        match r {
            Ok(_) => Ok(()),
            Err(e) => Err(self.error(e)),
        }
    }

    /// Runs a file in `__main__`: `__file__` is set, and its bytes must be UTF-8.
    ///
    /// # Errors
    /// When an exception is not caught.
    pub fn run_file(&mut self, bytes: Vec<u8>, filename: &str) -> Result<(), Error> {
        self.vm.measure_stack();
        let globals = self.main.clone();
        let vm = &mut self.vm;
        let r = vm.decode_source(bytes, filename).and_then(|source| {
            let file = vm.new_str(filename)?;
            vm.dict_set_name(globals.as_ref(), "__file__", file)?;
            vm.run_source(&source, filename, globals.as_ref())
        });
        match r {
            Ok(_) => Ok(()),
            Err(e) => Err(self.error(e)),
        }
    }

    /// `str()` of an expression evaluated in `__main__`.
    ///
    /// # Errors
    /// When an exception is not caught.
    pub fn eval_text(&mut self, source: &str) -> Result<String, Error> {
        self.vm.measure_stack();
        let globals = self.main.clone();
        let vm = &mut self.vm;
        let r = vm.compile_source(source, "<string>", Mode::Eval).and_then(|code| {
            let v = vm.eval_code(code.as_ref(), globals.as_ref(), None)?;
            let s = vm.str(v.as_ref())?;
            Ok(String::from_utf8_lossy(hognose_vm::str_bytes(s.as_ref())).into_owned())
        });
        r.map_err(|e| self.error(e))
    }

    /// Ends the program as Python does: exit functions, then module globals, then what cycles are left; flushes output.
    pub fn finish(&mut self) {
        self.main = Owned::null();
        self.vm.finalize();
    }

    /// What an exception that nobody caught means.
    fn error(&mut self, raised: hognose_vm::Raised) -> Error {
        let vm = &mut self.vm;
        if vm.raised_is(&raised, Exc::SystemExit) {
            return Self::exit(vm, raised);
        }
        let interrupted = vm.raised_is(&raised, Exc::KeyboardInterrupt);
        let limit = vm.met_limit() && vm.raised_is(&raised, Exc::MemoryError);
        let exc = vm.catch(raised);
        let text = vm.render_uncaught(exc.as_ref());
        let text = String::from_utf8_lossy(&text).into_owned();
        match (interrupted, limit) {
            (true, _) => Error::Interrupted(text),
            (_, true) => Error::OutOfMemory(text),
            _ => Error::Exception(text),
        }
    }

    fn exit(vm: &mut Vm, raised: hognose_vm::Raised) -> Error {
        let exc = vm.catch(raised);
        let code = match vm.get_attr_name(exc.as_ref(), "code") {
            Ok(code) => code,
            Err(e) => {
                vm.discard(e);
                return Error::Exit(1, None);
            }
        };
        let code = code.as_ref();
        if code.value() == hognose_vm::object::NONE {
            return Error::Exit(0, None);
        }
        match hognose_vm::object::int::bigint_of(hognose_vm::base_value(code)) {
            Some(n) => Error::Exit(i32::try_from(n).unwrap_or(-1), None),
            None => {
                let text = vm.text_of(code);
                Error::Exit(1, Some(text))
            }
        }
    }
}
