//! Bytes on their way in: all there from the start, or read from a file as they are needed.
//!
//!   data │ taken … │ at … │ what is left │       `peeked`: how much of `taken` the file does not yet know of
//!
//! A file that has `peek` is looked into ahead; what was taken of that is read from it afterwards, so that it stands
//! behind the pickle in the end.

use super::unpickling_error;
use crate::prelude::{Exc, Owned, PyResult, Raised, Ref, Vm, base_value, buffer, bytes_arg};
use hognose_vm::object::bytes::bytes_of;

const PREFETCH: usize = 128 * 1024;
/// Largest piece of a long string that is asked for at once.
const CHUNK: usize = 1 << 20;

/// The methods of a file.
#[derive(Clone)]
pub(super) struct FileMethods {
    pub(super) read: Owned,
    pub(super) readline: Owned,
    pub(super) peek: Option<Owned>,
    pub(super) readinto: Option<Owned>,
}

pub(super) struct Input {
    data: Owned,
    at: usize,
    /// From here on the file stands before what was looked at.
    peeked: Option<usize>,
    file: Option<FileMethods>,
    /// What is left of the frame that is open.
    frame: Option<usize>,
}

#[cold]
fn truncated(vm: &mut Vm) -> Raised {
    unpickling_error(vm, "pickle data was truncated")
}

impl Input {
    /// A bytes-like object.
    pub(super) fn bytes(vm: &mut Vm, data: Ref<'_>) -> PyResult<Input> {
        let data = bytes_arg(vm, data)?;
        Ok(Input { data, at: 0, peeked: None, file: None, frame: None })
    }

    pub(super) fn file(vm: &mut Vm, file: FileMethods) -> PyResult<Input> {
        let data = vm.new_bytes(b"")?;
        Ok(Input { data, at: 0, peeked: None, file: Some(file), frame: None })
    }

    fn all(&self) -> &[u8] {
        buffer::exact(self.data.as_ref())
    }

    /// A frame of `n` bytes begins here.
    pub(super) fn open_frame(&mut self, vm: &mut Vm, n: usize) -> PyResult<()> {
        if self.frame.is_some_and(|left| left > 0) {
            return Err(unpickling_error(vm, "beginning of a new frame before end of current frame"));
        }
        self.frame = None;
        self.need(vm, n)?;
        self.at -= n;
        self.frame = Some(n);
        Ok(())
    }

    /// Takes `n` bytes of the frame that is open, in which all of them must lie.
    #[inline]
    fn claim(&mut self, vm: &mut Vm, n: usize) -> PyResult<()> {
        let Some(left) = self.frame else { return Ok(()) };
        if left == 0 {
            self.frame = None;
        } else if n > left {
            return Err(unpickling_error(vm, "pickle exhausted before end of frame"));
        } else {
            self.frame = Some(left - n);
        }
        Ok(())
    }

    /// One byte; `None` at the end.
    #[inline]
    pub(super) fn byte_or_end(&mut self, vm: &mut Vm) -> PyResult<Option<u8>> {
        self.claim(vm, 1)?;
        if let Some(&b) = self.all().get(self.at) {
            self.at += 1;
            return Ok(Some(b));
        }
        if self.file.is_none() || self.fill(vm, Some(1))? < 1 {
            return Ok(None);
        }
        self.at = 1;
        Ok(self.all().first().copied())
    }

    /// Calls `f` with the next `n` bytes.
    #[inline]
    pub(super) fn take<R>(
        &mut self,
        vm: &mut Vm,
        n: usize,
        f: impl FnOnce(&mut Vm, &[u8]) -> PyResult<R>,
    ) -> PyResult<R> {
        let start = self.need(vm, n)?;
        match buffer::exact(self.data.as_ref()).get(start..start + n) {
            Some(b) => f(vm, b),
            None => Err(truncated(vm)),
        }
    }

    /// Sees to it that `n` bytes are there and takes them; gives where they begin.
    #[inline]
    fn need(&mut self, vm: &mut Vm, n: usize) -> PyResult<usize> {
        self.claim(vm, n)?;
        let left = self.all().len() - self.at;
        if n > left {
            self.extend(vm, n)?;
        }
        self.at += n;
        Ok(self.at - n)
    }

    #[cold]
    fn extend(&mut self, vm: &mut Vm, n: usize) -> PyResult<()> {
        if self.file.is_none() {
            return Err(truncated(vm));
        }
        let rest = vm.new_bytes(&self.all()[self.at..])?;
        let have = buffer::exact(rest.as_ref()).len();
        if have == 0 || self.peeked.is_some() {
            // What was only looked at is read again.
            if self.fill(vm, Some(n))? < n {
                return Err(truncated(vm));
            }
            return Ok(());
        }
        if self.fill(vm, Some(n - have))? < n - have {
            return Err(truncated(vm));
        }
        let mut joined = hognose_vm::TextBuf::new();
        joined.push(vm, buffer::exact(rest.as_ref()))?;
        joined.push(vm, self.all())?;
        self.data = joined.to_bytes(vm)?;
        Ok(())
    }

    /// A line with its end.
    pub(super) fn line(&mut self, vm: &mut Vm) -> PyResult {
        let found = self.all().get(self.at..).and_then(|rest| rest.iter().position(|&b| b == b'\n'));
        if let Some(n) = found {
            self.claim(vm, n + 1)?;
            let line = vm.new_bytes(&self.all()[self.at..=self.at + n])?;
            self.at += n + 1;
            return Ok(line);
        }
        if self.file.is_none() {
            return Err(truncated(vm));
        }
        let n = self.fill(vm, None)?;
        if n == 0 || self.all().last() != Some(&b'\n') {
            return Err(truncated(vm));
        }
        self.claim(vm, n)?;
        self.at = n;
        Ok(self.data.clone())
    }

    /// Tells the file what was taken of what was looked at.
    pub(super) fn skip_consumed(&mut self, vm: &mut Vm) -> PyResult<()> {
        let Some(known) = self.peeked.take() else { return Ok(()) };
        let consumed = self.at - known;
        if consumed > 0
            && let Some(file) = self.file.clone()
        {
            let n = vm.new_int(consumed as i64)?;
            vm.call(file.read.as_ref(), &[n.as_ref()])?;
        }
        self.peeked = None;
        Ok(())
    }

    /// Reads at least `n` bytes, if there are so many, or a line, in place of what is here; gives how many there are.
    #[cold]
    fn fill(&mut self, vm: &mut Vm, n: Option<usize>) -> PyResult<usize> {
        self.skip_consumed(vm)?;
        let Some(file) = self.file.clone() else { return Ok(0) };
        let Some(n) = n else {
            let data = vm.call(file.readline.as_ref(), &[])?;
            return self.set(vm, data);
        };
        if let Some(peek) = file.peek.filter(|_| n < PREFETCH) {
            let size = vm.new_int(PREFETCH as i64)?;
            match vm.call(peek.as_ref(), &[size.as_ref()]) {
                Ok(data) => {
                    let got = self.set(vm, data)?;
                    self.peeked = Some(0);
                    if n <= got {
                        return Ok(got);
                    }
                }
                Err(e) if vm.raised_is(&e, Exc::NotImplementedError) => {
                    vm.discard(e);
                    if let Some(f) = &mut self.file {
                        f.peek = None;
                    }
                }
                Err(e) => return Err(e),
            }
        }
        let size = vm.new_int(n as i64)?;
        let data = vm.call(file.read.as_ref(), &[size.as_ref()])?;
        self.peeked = None;
        self.set(vm, data)
    }

    fn set(&mut self, vm: &mut Vm, data: Owned) -> PyResult<usize> {
        self.data = bytes_arg(vm, data.as_ref())?;
        self.at = 0;
        self.peeked = None;
        Ok(self.all().len())
    }

    /// `n` bytes as a bytearray: read in pieces, so that a size that lies costs
    /// nothing.
    pub(super) fn take_bytearray(&mut self, vm: &mut Vm, n: usize) -> PyResult {
        let left = self.all().len() - self.at;
        if self.file.is_none() && n > left {
            return Err(truncated(vm));
        }
        if n <= left {
            return self.take(vm, n, |vm, b| buffer::new_array(vm, b));
        }
        self.claim(vm, n)?;
        let made = {
            let at = self.at;
            self.at = self.all().len();
            let rest = vm.new_bytes(&self.all()[at..])?;
            buffer::new_array(vm, buffer::exact(rest.as_ref()))?
        };
        self.skip_consumed(vm)?;
        let mut have = left;
        while have < n {
            let step = (n - have).min(CHUNK);
            let got = self.read_piece(vm, step)?;
            let piece = buffer::exact(got.as_ref());
            if piece.len() < step {
                return Err(truncated(vm));
            }
            vm.bytearray_edit(made.as_ref(), |data, heap| data.extend_from_slice(heap, piece))??;
            have += step;
        }
        Ok(made)
    }

    /// `n` bytes of the file, past the buffer.
    fn read_piece(&mut self, vm: &mut Vm, n: usize) -> PyResult {
        let Some(file) = self.file.clone() else { return Err(truncated(vm)) };
        let Some(readinto) = file.readinto else {
            let size = vm.new_int(n as i64)?;
            let data = vm.call(file.read.as_ref(), &[size.as_ref()])?;
            if bytes_of(base_value(data.as_ref())).is_none() {
                let class = vm.class_of(data.as_ref());
                let class = vm.repr_text(class.as_ref())?;
                return Err(vm.value_error(&format!("read() returned non-bytes object ({class})")));
            }
            return Ok(base_value(data.as_ref()).owned());
        };
        let room = vm.new_bytearray_zeroed(n)?;
        let view = vm.memoryview_of(room.as_ref())?;
        let got = vm.call(readinto.as_ref(), &[view.as_ref()])?;
        let got = vm.index_isize(got.as_ref(), false)?;
        if got < 0 {
            return Err(vm.value_error("readinto() returned negative size"));
        }
        vm.call_method(view.as_ref(), "release", &[])?;
        let copy = bytes_arg(vm, room.as_ref())?;
        vm.new_bytes(buffer::exact(copy.as_ref()).get(..got as usize).unwrap_or(&[]))
    }

    /// `n` bytes as an object.
    pub(super) fn take_bytes(&mut self, vm: &mut Vm, n: usize) -> PyResult {
        let left = self.all().len() - self.at;
        if n <= left || self.file.is_none() || n < CHUNK {
            return self.take(vm, n, |vm, b| vm.new_bytes(b));
        }
        let array = self.take_bytearray(vm, n)?;
        bytes_arg(vm, array.as_ref())
    }
}
