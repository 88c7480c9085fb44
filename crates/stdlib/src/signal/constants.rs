//! Numbers of signals and what goes with them.

use crate::host::ints;

/// Names the C library has, with its values.
pub(super) const SYSTEM: &[(&str, i64)] = ints![
    ITIMER_PROF,
    ITIMER_REAL,
    ITIMER_VIRTUAL,
    SIGABRT,
    SIGALRM,
    SIGBUS,
    SIGCHLD,
    SIGCONT,
    SIGFPE,
    SIGHUP,
    SIGILL,
    SIGINT,
    SIGIO,
    SIGIOT,
    SIGKILL,
    SIGPIPE,
    SIGPOLL,
    SIGPROF,
    SIGPWR,
    SIGQUIT,
    SIGSEGV,
    SIGSTKFLT,
    SIGSTOP,
    SIGSYS,
    SIGTERM,
    SIGTRAP,
    SIGTSTP,
    SIGTTIN,
    SIGTTOU,
    SIGURG,
    SIGUSR1,
    SIGUSR2,
    SIGVTALRM,
    SIGWINCH,
    SIGXCPU,
    SIGXFSZ,
    SIG_BLOCK,
    SIG_SETMASK,
    SIG_UNBLOCK,
];

/// The others.
pub(super) const OTHER: &[(&str, i64)] = &[("SIGRTMIN", 34), ("SIGRTMAX", 64), ("NSIG", 65), ("SIGCLD", 17)];
