//! Integer constants of `select`.

use crate::host::ints;

/// Names the C library has, with its values.
pub(super) const SYSTEM: &[(&str, i64)] = ints![
    EPOLLERR,
    EPOLLET,
    EPOLLEXCLUSIVE,
    EPOLLHUP,
    EPOLLIN,
    EPOLLMSG,
    EPOLLONESHOT,
    EPOLLOUT,
    EPOLLPRI,
    EPOLLRDBAND,
    EPOLLRDHUP,
    EPOLLRDNORM,
    EPOLLWAKEUP,
    EPOLLWRBAND,
    EPOLLWRNORM,
    EPOLL_CLOEXEC,
    PIPE_BUF,
    POLLERR,
    POLLHUP,
    POLLIN,
    POLLNVAL,
    POLLOUT,
    POLLPRI,
    POLLRDBAND,
    POLLRDHUP,
    POLLRDNORM,
    POLLWRBAND,
    POLLWRNORM,
];

/// The others.
pub(super) const OTHER: &[(&str, i64)] = &[("POLLMSG", 1024)];
