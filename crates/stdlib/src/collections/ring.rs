//! The storage of a deque: a ring in a list object of the guest, so that its memory counts like any other.
//!
//!   buf: | c | d | – | – | a | b |      head = 4, len = 4; item i is at (head + i) mod capacity
//!
//! Places that hold no item hold None. `changes` counts modifications, for iterators.

use crate::prelude::{BinOp, ListRef, Owned, PyResult, Vm, none, trace_fields};
use std::cell::{Cell, RefCell};

/// Payload of `deque`.
pub(super) struct Deque {
    /// The list; its length is the capacity.
    buf: RefCell<Owned>,
    head: Cell<usize>,
    pub(super) len: Cell<usize>,
    pub(super) maxlen: Cell<Option<usize>>,
    pub(super) changes: Cell<u64>,
}
trace_fields!(Deque { buf });

impl Deque {
    pub(super) fn capacity(&self) -> usize {
        ListRef::new(self.buf.borrow().as_ref()).map_or(0, ListRef::len)
    }

    pub(super) fn touch(&self) {
        self.changes.set(self.changes.get() + 1);
    }

    pub(super) fn place(&self, i: usize, capacity: usize) -> usize {
        let at = self.head.get() + i;
        if at >= capacity { at - capacity } else { at }
    }

    pub(super) fn len(&self) -> usize {
        self.len.get()
    }

    /// Item `i`.
    pub(super) fn get(&self, i: usize) -> Option<Owned> {
        if i >= self.len.get() {
            return None;
        }
        let buf = self.buf.borrow();
        let list = ListRef::new(buf.as_ref())?;
        list.get(self.place(i, list.len()))
    }

    /// Puts `x` where item `i` is; gives what was there. The place must exist.
    pub(super) fn put(&self, vm: &mut Vm, i: usize, x: Owned) -> Option<Owned> {
        let buf = self.buf.borrow().clone();
        let list = ListRef::new(buf.as_ref())?;
        let at = self.place(i, list.len());
        (at < list.len()).then(|| list.replace(vm.heap_mut(), at, x))
    }

    pub(super) fn swap(&self, vm: &mut Vm, i: usize, j: usize) {
        if let (Some(a), Some(b)) = (self.get(i), self.get(j)) {
            self.put(vm, i, b);
            self.put(vm, j, a);
        }
    }

    /// Makes room for one more.
    pub(super) fn grow(&self, vm: &mut Vm) -> PyResult<()> {
        let (n, capacity) = (self.len.get(), self.capacity());
        if n < capacity {
            return Ok(());
        }
        let size = vm.new_int((capacity * 2).max(8) as i64)?;
        let one = vm.new_list(vec![none()])?;
        let new = vm.binary_op(BinOp::Mul, one.as_ref(), size.as_ref())?;
        if let Some(list) = ListRef::new(new.as_ref()) {
            for i in 0..n {
                if let Some(x) = self.get(i) {
                    list.replace(vm.heap_mut(), i, x);
                }
            }
        }
        let old = self.buf.replace(new);
        self.head.set(0);
        drop(old);
        Ok(())
    }

    pub(super) fn push_back(&self, vm: &mut Vm, x: Owned) -> PyResult<()> {
        if self.maxlen.get() == Some(0) {
            return Ok(());
        }
        self.touch();
        if self.maxlen.get() == Some(self.len.get()) {
            drop(self.pop_front(vm));
        }
        self.grow(vm)?;
        let n = self.len.get();
        self.len.set(n + 1);
        self.put(vm, n, x);
        Ok(())
    }

    pub(super) fn push_front(&self, vm: &mut Vm, x: Owned) -> PyResult<()> {
        if self.maxlen.get() == Some(0) {
            return Ok(());
        }
        self.touch();
        if self.maxlen.get() == Some(self.len.get()) {
            drop(self.pop_back(vm));
        }
        self.grow(vm)?;
        let head = self.head.get();
        self.head.set(if head == 0 { self.capacity() - 1 } else { head - 1 });
        self.len.set(self.len.get() + 1);
        self.put(vm, 0, x);
        Ok(())
    }

    pub(super) fn pop_back(&self, vm: &mut Vm) -> Option<Owned> {
        let n = self.len.get().checked_sub(1)?;
        self.touch();
        let x = self.put(vm, n, none());
        self.len.set(n);
        x
    }

    pub(super) fn pop_front(&self, vm: &mut Vm) -> Option<Owned> {
        let n = self.len.get().checked_sub(1)?;
        self.touch();
        let x = self.put(vm, 0, none());
        self.head.set(self.place(1, self.capacity()));
        self.len.set(n);
        x
    }

    pub(super) fn clear(&self, vm: &mut Vm) -> PyResult<()> {
        let empty = vm.new_list(Vec::new())?;
        self.touch();
        self.head.set(0);
        self.len.set(0);
        let old = self.buf.replace(empty);
        drop(old);
        Ok(())
    }

    pub(super) fn rotate(&self, vm: &mut Vm, n: isize) {
        let len = self.len.get();
        if len < 2 {
            return;
        }
        let by = n.rem_euclid(len as isize) as usize;
        // The shorter way round.
        if by <= len / 2 {
            for _ in 0..by {
                if let Some(x) = self.pop_back(vm) {
                    let head = self.head.get();
                    self.head.set(if head == 0 { self.capacity() - 1 } else { head - 1 });
                    self.len.set(self.len.get() + 1);
                    self.put(vm, 0, x);
                }
            }
        } else {
            for _ in 0..len - by {
                if let Some(x) = self.pop_front(vm) {
                    let n = self.len.get();
                    self.len.set(n + 1);
                    self.put(vm, n, x);
                }
            }
        }
    }
}

/// A new one without items.
pub(super) fn empty(vm: &mut Vm, maxlen: Option<usize>) -> PyResult<Deque> {
    let buf = vm.new_list(Vec::new())?;
    Ok(Deque {
        buf: RefCell::new(buf),
        head: Cell::new(0),
        len: Cell::new(0),
        maxlen: Cell::new(maxlen),
        changes: Cell::new(0),
    })
}
