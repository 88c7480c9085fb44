//! Integer constants of `resource`.

use crate::host::ints;

/// Names the C library has, with its values.
pub(super) const SYSTEM: &[(&str, i64)] = ints![
    RLIMIT_AS,
    RLIMIT_CORE,
    RLIMIT_CPU,
    RLIMIT_DATA,
    RLIMIT_FSIZE,
    RLIMIT_MEMLOCK,
    RLIMIT_MSGQUEUE,
    RLIMIT_NICE,
    RLIMIT_NOFILE,
    RLIMIT_NPROC,
    RLIMIT_RSS,
    RLIMIT_RTPRIO,
    RLIMIT_RTTIME,
    RLIMIT_SIGPENDING,
    RLIMIT_STACK,
    RLIM_INFINITY,
    RUSAGE_CHILDREN,
    RUSAGE_SELF,
    RUSAGE_THREAD,
];

/// The others.
pub(super) const OTHER: &[(&str, i64)] = &[("RLIMIT_OFILE", 7)];
