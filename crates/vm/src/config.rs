//! What a machine is made with, and the handle by which it is interrupted from outside.

use crate::Vm;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;

/// What `sys.flags` shows of the command line.
#[derive(Clone, Copy, Debug, Default)]
pub struct StartFlags {
    /// `-d`
    pub debug: u8,
    /// `-i`
    pub inspect: u8,
    /// `-O`, `-OO`
    pub optimize: u8,
    /// `-B`
    pub dont_write_bytecode: bool,
    /// `-s`
    pub no_user_site: bool,
    /// `-S`
    pub no_site: bool,
    /// `-E`
    pub ignore_environment: bool,
    /// `-v`
    pub verbose: u8,
    /// `-b`
    pub bytes_warning: u8,
    /// `-q`
    pub quiet: u8,
    /// `-I`
    pub isolated: bool,
    /// `-X dev`
    pub dev_mode: bool,
    /// `-X utf8`
    pub utf8_mode: bool,
    /// `-P`
    pub safe_path: bool,
    /// `-u`
    pub unbuffered: bool,
}

/// How to make a machine.
#[derive(Clone, Debug, Default)]
pub struct VmConfig {
    /// Byte limit of the heap.
    pub max_heap: Option<usize>,
    /// Key of the string hash; `None`: random.
    pub hash_seed: Option<u32>,
    /// `sys.argv`.
    pub argv: Vec<String>,
    /// `sys.executable`.
    pub executable: String,
    /// Called once, when the limit is reached for the first time, with the text that goes with it.
    pub on_limit: Option<(fn(&Vm, &str), String)>,
    /// `sys.flags`.
    pub flags: StartFlags,
    /// `sys.warnoptions`
    pub warn_options: Vec<String>,
    /// `sys._xoptions`
    pub x_options: Vec<(String, Option<String>)>,
    /// `sys.orig_argv`
    pub orig_argv: Vec<String>,
    /// `sys._base_executable`, when it is not `executable`.
    pub base_executable: Option<String>,
    /// `sys.prefix` and `sys.base_prefix`.
    pub prefix: Option<(String, String)>,
    /// First entry of `sys.path`: where the program is.
    pub path0: Option<String>,
}

/// Requests to the running program, set from anywhere: see [`Interrupt`].
#[derive(Clone, Default)]
pub struct Interrupt(pub(crate) Arc<AtomicU32>);

impl Interrupt {
    /// KeyboardInterrupt at the next back-edge or call. Safe to call from a signal handler.
    pub fn interrupt(&self) {
        self.0.fetch_or(crate::threads::INTERRUPT, std::sync::atomic::Ordering::Relaxed);
    }

    /// What a handler of signals that Python code handles sets in the flag; the hook of
    /// [`Vm::set_signal_hook`] runs then.
    pub fn signal_bit() -> u32 {
        crate::threads::SIGNAL
    }

    /// The flag itself, for signal handlers that may only touch an atomic.
    pub fn flag(&self) -> Arc<AtomicU32> {
        self.0.clone()
    }
}
