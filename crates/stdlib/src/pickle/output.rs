//! Bytes on their way out, in frames from protocol 4 on.
//!
//!   | … | FRAME | length: 8 bytes | contents … |
//!         ^frame_start (set while a frame is open)
//!
//! A frame is closed at an instruction's boundary once it holds 64 KiB; one too short to be worth its header loses it.

use super::op;
use crate::prelude::{Owned, PyResult, Ref, Vm};
use hognose_vm::heap::{HeapVec, OutOfMemory};

const HEADER: usize = 9;
const SIZE_MIN: usize = 4;
/// Contents of a frame that make it be closed; longer strings go past the buffer.
pub(super) const SIZE_TARGET: usize = 64 * 1024;

pub(super) struct Output {
    buf: HeapVec<u8>,
    framing: bool,
    frame_start: Option<usize>,
    /// The file's `write`, absent when everything stays here.
    file: Option<Owned>,
}

impl Output {
    pub(super) fn new(file: Option<Owned>) -> Output {
        Output { buf: HeapVec::new(), framing: false, frame_start: None, file }
    }

    pub(super) fn set_framing(&mut self, on: bool) {
        self.framing = on;
    }

    #[inline]
    pub(super) fn write(&mut self, vm: &Vm, bytes: &[u8]) -> Result<(), OutOfMemory> {
        if self.framing && self.frame_start.is_none() {
            self.frame_start = Some(self.buf.len());
            self.buf.extend_from_slice(vm.heap(), &[0; HEADER])?;
        }
        self.buf.extend_from_slice(vm.heap(), bytes)
    }

    /// One instruction without argument.
    #[inline]
    pub(super) fn op(&mut self, vm: &Vm, op: u8) -> Result<(), OutOfMemory> {
        self.write(vm, &[op])
    }

    pub(super) fn commit_frame(&mut self) {
        let Some(start) = self.frame_start.take() else { return };
        let size = self.buf.len() - start - HEADER;
        if size >= SIZE_MIN {
            self.buf[start] = op::FRAME;
            self.buf[start + 1..start + HEADER].copy_from_slice(&(size as u64).to_le_bytes());
        } else {
            self.buf.copy_within(start + HEADER.., start);
            self.buf.truncate(start + size);
        }
    }

    /// Between two objects: closes a frame that is full.
    #[inline]
    pub(super) fn boundary(&mut self, vm: &mut Vm) -> PyResult<()> {
        match self.frame_start {
            Some(start) if self.buf.len() - start - HEADER >= SIZE_TARGET => {
                self.commit_frame();
                self.flush(vm)
            }
            _ => Ok(()),
        }
    }

    /// Hands the file what was written.
    pub(super) fn flush(&mut self, vm: &mut Vm) -> PyResult<()> {
        let Some(file) = &self.file else { return Ok(()) };
        let bytes = vm.new_bytes(&self.buf)?;
        self.buf.truncate(0);
        let file = file.clone();
        vm.call(file.as_ref(), &[bytes.as_ref()])?;
        Ok(())
    }

    /// A string with its header; long ones stand outside frames and go to the file as they are. `object` is what the
    /// file is given.
    pub(super) fn long_bytes(
        &mut self,
        vm: &mut Vm,
        header: &[u8],
        data: &[u8],
        object: impl FnOnce(&mut Vm) -> PyResult,
    ) -> PyResult<()> {
        if data.len() < SIZE_TARGET {
            self.write(vm, header)?;
            return Ok(self.write(vm, data)?);
        }
        self.commit_frame();
        let framing = std::mem::replace(&mut self.framing, false);
        self.write(vm, header)?;
        if let Some(file) = self.file.clone() {
            self.flush(vm)?;
            let object = object(vm)?;
            vm.call(file.as_ref(), &[object.as_ref()])?;
        } else {
            self.write(vm, data)?;
        }
        self.framing = framing;
        Ok(())
    }

    /// Everything as a bytes object.
    pub(super) fn to_bytes(&self, vm: &mut Vm) -> PyResult {
        vm.new_bytes(&self.buf)
    }
}

/// The file's `write` method.
pub(super) fn write_method(vm: &mut Vm, file: Ref<'_>) -> PyResult {
    let name = vm.intern("write")?;
    match vm.get_attr_opt(file, name.as_ref())? {
        Some(f) => Ok(f),
        None => Err(vm.type_error("file must have a 'write' attribute")),
    }
}
