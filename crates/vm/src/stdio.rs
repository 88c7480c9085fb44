//! The three standard streams of a machine: buffered output, unbuffered errors, input by lines.
//!
//!   print ─► Output{buffer} ─► sink (the process's stdout, or whatever the host gave)
//!
//! Invariant: output is flushed before anything is written to the error stream and before input is waited for, so a
//! reader of both sees them in the order in which they were written.

use crate::Vm;
use std::io::{self, BufRead, IsTerminal, Read, Write};

/// Output is written when this much has been collected.
const BUFFER: usize = 32 << 10;

/// A buffered output.
pub struct Output {
    sink: Box<dyn Write + Send>,
    buffer: Vec<u8>,
    /// Write at each end of a line.
    by_line: bool,
    is_terminal: bool,
}

impl Output {
    fn new(sink: Box<dyn Write + Send>, is_terminal: bool) -> Output {
        Output { sink, buffer: Vec::new(), by_line: is_terminal, is_terminal }
    }

    /// Adds text, and writes when the buffer is full or (to a terminal) a line is complete.
    ///
    /// # Errors
    /// When the sink fails; what it did not take is lost, as with CPython's.
    #[inline]
    pub fn write(&mut self, text: &[u8]) -> io::Result<()> {
        self.buffer.extend_from_slice(text);
        if self.buffer.len() >= BUFFER || (self.by_line && text.contains(&b'\n')) {
            return self.flush();
        }
        Ok(())
    }

    /// Writes what has been collected.
    ///
    /// # Errors
    /// When the sink fails.
    pub fn flush(&mut self) -> io::Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let text = std::mem::take(&mut self.buffer);
        let result = self.sink.write_all(&text).and_then(|()| self.sink.flush());
        self.buffer = text;
        self.buffer.clear();
        result
    }

    /// Is it a terminal?
    pub fn is_terminal(&self) -> bool {
        self.is_terminal
    }
}

/// The standard streams of one machine.
pub struct Stdio {
    /// Standard output.
    pub out: Output,
    err: Box<dyn Write + Send>,
    input: Box<dyn BufRead + Send>,
    err_is_terminal: bool,
    in_is_terminal: bool,
}

impl Default for Stdio {
    fn default() -> Self {
        let input = Box::new(io::BufReader::new(io::stdin()));
        Stdio {
            out: Output::new(Box::new(io::stdout()), io::stdout().is_terminal()),
            err: Box::new(io::stderr()),
            input,
            err_is_terminal: io::stderr().is_terminal(),
            in_is_terminal: io::stdin().is_terminal(),
        }
    }
}

impl Drop for Stdio {
    fn drop(&mut self) {
        // Nobody is left to hear of an error.
        let _ = self.out.flush();
    }
}

/// One of the standard streams.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stream {
    /// `sys.stdin`
    In,
    /// `sys.stdout`
    Out,
    /// `sys.stderr`
    Err,
}

impl Stream {
    /// Its file descriptor.
    pub fn fd(self) -> i32 {
        self as i32
    }

    /// Its `name`.
    pub fn name(self) -> &'static str {
        ["<stdin>", "<stdout>", "<stderr>"][self as usize]
    }
}

impl Stdio {
    /// Writes to the error stream, at once, after what waits in the output.
    ///
    /// # Errors
    /// When the stream fails.
    pub fn write_err(&mut self, text: &[u8]) -> io::Result<()> {
        let _ = self.out.flush();
        self.err.write_all(text)?;
        self.err.flush()
    }

    /// Is it a terminal?
    pub fn is_terminal(&self, stream: Stream) -> bool {
        match stream {
            Stream::In => self.in_is_terminal,
            Stream::Out => self.out.is_terminal,
            Stream::Err => self.err_is_terminal,
        }
    }

    /// Reads some bytes of input; 0: end of input.
    ///
    /// # Errors
    /// When the stream fails.
    pub fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let _ = self.out.flush();
        self.input.read(into)
    }

    /// Reads a line with its end; empty: end of input.
    ///
    /// # Errors
    /// When the stream fails.
    pub fn read_line(&mut self) -> io::Result<Vec<u8>> {
        let _ = self.out.flush();
        let mut line = Vec::new();
        self.input.read_until(b'\n', &mut line)?;
        Ok(line)
    }
}

/// The object that is the machine's own standard output, by address, and whether it still is.
#[derive(Default)]
struct OwnStdout(Option<(u64, std::rc::Rc<std::cell::Cell<bool>>)>);

impl Vm {
    /// Says which object stands for standard output: while `direct` is true, `print` writes to the buffer below it.
    pub fn set_own_stdout(
        &mut self,
        object: hognose_object::Ref<'_>,
        direct: std::rc::Rc<std::cell::Cell<bool>>,
    ) {
        self.state::<OwnStdout>().0 = Some((object.value().bits(), direct));
    }

    /// Can text for this object go to the buffer of standard output directly?
    pub(crate) fn is_own_stdout(&mut self, object: hognose_object::Ref<'_>) -> bool {
        let own = &self.state::<OwnStdout>().0;
        own.as_ref().is_some_and(|(bits, direct)| *bits == object.value().bits() && direct.get())
    }

    /// Writes to standard error; there is nobody to tell when that fails.
    pub fn write_stderr(&mut self, text: &[u8]) {
        let _ = self.stdio().write_err(text);
    }

    /// The standard streams.
    pub fn stdio(&mut self) -> &mut Stdio {
        self.state::<Stdio>()
    }

    /// Buffered standard output.
    pub fn stdout(&mut self) -> &mut Output {
        &mut self.stdio().out
    }

    /// Sends standard output somewhere else.
    pub fn set_stdout(&mut self, sink: Box<dyn Write + Send>) {
        let _ = self.stdout().flush();
        *self.stdout() = Output::new(sink, false);
    }

    /// Sends the error stream somewhere else.
    pub fn set_stderr(&mut self, sink: Box<dyn Write + Send>) {
        let stdio = self.stdio();
        stdio.err = sink;
        stdio.err_is_terminal = false;
    }

    /// Reads standard input from somewhere else.
    pub fn set_stdin(&mut self, source: Box<dyn Read + Send>) {
        let stdio = self.stdio();
        stdio.input = Box::new(io::BufReader::new(source));
        stdio.in_is_terminal = false;
    }
}
