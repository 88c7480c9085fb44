//! What threads wait for, outside of the machine; and what the system knows of a thread.
#![allow(unsafe_code, reason = "calls functions of the C library")]

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A flag that threads wait for: a lock is taken while it is set, a thread runs while it is set.
#[derive(Default)]
pub(super) struct Signal {
    set: Mutex<bool>,
    cleared: Condvar,
}

impl Signal {
    fn lock(&self) -> MutexGuard<'_, bool> {
        self.set.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Is it set?
    pub fn is_set(&self) -> bool {
        *self.lock()
    }

    /// Sets it if it is clear.
    pub fn try_set(&self) -> bool {
        !std::mem::replace(&mut *self.lock(), true)
    }

    fn wait_clear(&self, longest: Duration) -> MutexGuard<'_, bool> {
        let guard = self.lock();
        if !*guard {
            return guard;
        }
        self.cleared.wait_timeout(guard, longest).unwrap_or_else(PoisonError::into_inner).0
    }

    /// Waits until it is clear and sets it; gives up after a while.
    pub fn set_within(&self, longest: Duration) -> bool {
        !std::mem::replace(&mut *self.wait_clear(longest), true)
    }

    /// Waits until it is clear; gives up after a while.
    pub fn is_clear_within(&self, longest: Duration) -> bool {
        !*self.wait_clear(longest)
    }

    /// Clears it; `false`: it was clear. One waiting thread is woken, or all.
    pub fn clear(&self, all: bool) -> bool {
        let was = std::mem::replace(&mut *self.lock(), false);
        if all {
            self.cleared.notify_all();
        } else {
            self.cleared.notify_one();
        }
        was
    }
}

/// The system's number of the calling thread.
pub(super) fn native_id() -> i64 {
    // SAFETY: no preconditions.
    i64::from(unsafe { libc::gettid() })
}

/// Name of the calling thread as the system shows it.
pub(super) fn thread_name() -> String {
    let mut buffer = [0u8; 64];
    // SAFETY: the function writes at most the given number of bytes, a terminating zero among them.
    unsafe { libc::pthread_getname_np(libc::pthread_self(), buffer.as_mut_ptr().cast(), buffer.len()) };
    let end = buffer.iter().position(|b| *b == 0).unwrap_or(0);
    String::from_utf8_lossy(&buffer[..end]).into_owned()
}

/// Names the calling thread; what is too long is cut.
pub(super) fn set_thread_name(name: &str) {
    let mut end = name.len().min(super::NAME_MAX);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    let Ok(name) = std::ffi::CString::new(&name[..end]) else { return };
    // SAFETY: a string that ends in zero.
    unsafe { libc::pthread_setname_np(libc::pthread_self(), name.as_ptr()) };
}
