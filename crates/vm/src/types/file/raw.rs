//! Bytes of a file with a buffer for each direction.
//!
//!   file position = end of `read_buffer` = start of `write_buffer`; at most one of them holds anything
//!
//! Invariant: bytes before `read_at` were consumed, bytes behind it were read ahead.
#![allow(unsafe_code, reason = "descriptors given as numbers become files")]

use crate::Vm;
use crate::stdio::Stream;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::fd::{AsRawFd, FromRawFd, IntoRawFd};

const CHUNK: usize = 16 << 10;

/// Where the bytes are.
pub(crate) enum Backend {
    /// A standard stream of the machine.
    Std(Stream),
    /// An open file.
    File(File),
    /// Nothing any more.
    Closed,
}

/// State of a binary file.
pub(crate) struct Raw {
    pub(crate) backend: Backend,
    read_buffer: Vec<u8>,
    read_at: usize,
    write_buffer: Vec<u8>,
    /// Write at once.
    unbuffered: bool,
    /// Close the descriptor in the end?
    close_fd: bool,
}

impl Drop for Raw {
    fn drop(&mut self) {
        if let Backend::File(file) = &mut self.backend
            && !self.write_buffer.is_empty()
        {
            // As CPython: errors while a file dies unclosed are lost.
            let _ = file.write_all(&self.write_buffer);
        }
        self.forget_backend();
    }
}

impl Raw {
    pub(crate) fn new(backend: Backend, unbuffered: bool, close_fd: bool) -> Raw {
        Raw { backend, read_buffer: Vec::new(), read_at: 0, write_buffer: Vec::new(), unbuffered, close_fd }
    }

    /// The file with this descriptor.
    pub(crate) fn from_fd(fd: i32) -> File {
        // SAFETY: the program vouches for the descriptor it names, as for any operation of `os`; whether it is
        // closed with the object is the program's choice (`closefd`).
        unsafe { File::from_raw_fd(fd) }
    }

    fn forget_backend(&mut self) {
        if let Backend::File(file) = std::mem::replace(&mut self.backend, Backend::Closed)
            && !self.close_fd
        {
            let _ = file.into_raw_fd();
        }
    }

    pub(crate) fn is_closed(&self) -> bool {
        matches!(self.backend, Backend::Closed)
    }

    pub(crate) fn fd(&self) -> Option<i32> {
        match &self.backend {
            Backend::Std(s) => Some(s.fd()),
            Backend::File(f) => Some(f.as_raw_fd()),
            Backend::Closed => None,
        }
    }

    /// Bytes read ahead.
    pub(crate) fn ahead(&self) -> &[u8] {
        &self.read_buffer[self.read_at..]
    }

    /// Consumes `n` bytes of [`Raw::ahead`].
    pub(crate) fn consume(&mut self, n: usize) {
        self.read_at = (self.read_at + n).min(self.read_buffer.len());
    }

    /// Puts bytes back in front of those read ahead.
    pub(crate) fn unread(&mut self, bytes: &[u8]) {
        self.read_buffer.splice(..self.read_at, bytes.iter().copied());
        self.read_at = 0;
    }

    /// Reads more ahead; `false` at the end of the file.
    pub(crate) fn fill(&mut self, vm: &mut Vm) -> io::Result<bool> {
        self.flush(vm)?;
        if self.read_at > 0 {
            self.read_buffer.drain(..self.read_at);
            self.read_at = 0;
        }
        let old = self.read_buffer.len();
        self.read_buffer.resize(old + CHUNK, 0);
        let space = &mut self.read_buffer[old..];
        let result = loop {
            let result = match &mut self.backend {
                Backend::Std(_) => vm.stdio().read(space),
                Backend::File(f) => f.read(space),
                Backend::Closed => Ok(0),
            };
            match result {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                other => break other,
            }
        };
        self.read_buffer.truncate(old + result.as_ref().map_or(0, |n| *n));
        Ok(result? > 0)
    }

    /// Reads `n` bytes, or all, into memory the heap has admitted.
    pub(crate) fn read(&mut self, vm: &mut Vm, n: Option<usize>) -> io::Result<Vec<u8>> {
        let want = n.unwrap_or(usize::MAX);
        let mut out = Vec::new();
        let mut charged = 0;
        let result = loop {
            let take = self.ahead().len().min(want - out.len());
            if vm.heap().charge_external(take).is_err() {
                break Err(io::ErrorKind::OutOfMemory.into());
            }
            charged += take;
            out.extend_from_slice(&self.ahead()[..take]);
            self.consume(take);
            if out.len() == want {
                break Ok(out);
            }
            match self.fill(vm) {
                Ok(true) => {}
                Ok(false) => break Ok(out),
                Err(e) => break Err(e),
            }
        };
        vm.heap().discharge_external(charged);
        result
    }

    /// Reads to the end of a line `end` says (length of the line within the bytes; `None`: not complete yet; the
    /// second argument says that no more will come).
    pub(crate) fn read_line(
        &mut self,
        vm: &mut Vm,
        limit: usize,
        end: impl Fn(&[u8], bool) -> Option<usize>,
    ) -> io::Result<Vec<u8>> {
        let mut last = false;
        loop {
            let ahead = self.ahead();
            let length = end(ahead, last).or(last.then_some(ahead.len()));
            if let Some(n) = length.or((ahead.len() >= limit).then_some(limit)) {
                let line = ahead[..n.min(limit)].to_vec();
                self.consume(line.len());
                return Ok(line);
            }
            last = !self.fill(vm)?;
        }
    }

    /// Writes bytes, through the buffer.
    pub(crate) fn write(&mut self, vm: &mut Vm, bytes: &[u8]) -> io::Result<()> {
        match &mut self.backend {
            Backend::Std(Stream::Out) => return vm.stdout().write(bytes),
            Backend::Std(_) => return vm.stdio().write_err(bytes),
            Backend::File(file) => {
                let ahead = self.read_buffer.len() - self.read_at;
                if ahead > 0 {
                    file.seek(SeekFrom::Current(-(ahead as i64)))?;
                }
                self.read_buffer.clear();
                self.read_at = 0;
                if self.unbuffered || bytes.len() >= CHUNK {
                    let waiting = std::mem::take(&mut self.write_buffer);
                    file.write_all(&waiting)?;
                    return file.write_all(bytes);
                }
            }
            Backend::Closed => return Ok(()),
        }
        self.write_buffer.extend_from_slice(bytes);
        if self.write_buffer.len() >= CHUNK { self.flush(vm) } else { Ok(()) }
    }

    /// Writes what is buffered.
    pub(crate) fn flush(&mut self, vm: &mut Vm) -> io::Result<()> {
        match &mut self.backend {
            Backend::Std(Stream::Out) => vm.stdout().flush(),
            Backend::File(file) if !self.write_buffer.is_empty() => {
                let waiting = std::mem::take(&mut self.write_buffer);
                file.write_all(&waiting)
            }
            _ => Ok(()),
        }
    }

    /// The position as the program sees it.
    pub(crate) fn tell(&mut self) -> io::Result<u64> {
        let waiting = self.write_buffer.len() as u64;
        let ahead = self.ahead().len() as u64;
        match &mut self.backend {
            Backend::File(f) => Ok((f.stream_position()? + waiting).saturating_sub(ahead)),
            _ => Err(io::Error::from_raw_os_error(libc::ESPIPE)),
        }
    }

    pub(crate) fn seek(&mut self, vm: &mut Vm, to: SeekFrom) -> io::Result<u64> {
        self.flush(vm)?;
        let to = match to {
            SeekFrom::Current(n) => SeekFrom::Current(n.saturating_sub(self.ahead().len() as i64)),
            other => other,
        };
        match &mut self.backend {
            Backend::File(f) => {
                let at = f.seek(to)?;
                self.read_buffer.clear();
                self.read_at = 0;
                Ok(at)
            }
            _ => Err(io::Error::from_raw_os_error(libc::ESPIPE)),
        }
    }

    pub(crate) fn truncate(&mut self, vm: &mut Vm, size: u64) -> io::Result<()> {
        self.flush(vm)?;
        match &mut self.backend {
            Backend::File(f) => f.set_len(size),
            _ => Err(io::Error::from_raw_os_error(libc::EINVAL)),
        }
    }

    pub(crate) fn is_seekable(&mut self) -> bool {
        match &mut self.backend {
            Backend::File(f) => f.stream_position().is_ok(),
            _ => false,
        }
    }

    pub(crate) fn is_terminal(&self, vm: &mut Vm) -> bool {
        match &self.backend {
            Backend::Std(s) => vm.stdio().is_terminal(*s),
            Backend::File(f) => io::IsTerminal::is_terminal(f),
            Backend::Closed => false,
        }
    }

    /// Writes what is buffered and lets go of the file.
    pub(crate) fn close(&mut self, vm: &mut Vm) -> io::Result<()> {
        let result = self.flush(vm);
        self.write_buffer = Vec::new();
        self.read_buffer = Vec::new();
        self.read_at = 0;
        self.forget_backend();
        result
    }
}
