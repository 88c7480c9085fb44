//! The unpickler's stack, and its memo: both grow with what the bytes say and are charged for it.
//!
//!   items │ … │ … mark … │ … │       marks: where each MARK was; nothing below the last one may be taken (the fence)
//!   memo: a vector for numbers near to each other, a dict of the heap for the rest

use super::unpickling_error;
use crate::prelude::{Owned, PyResult, Raised, Vm, trace_fields};
use hognose_vm::DictRef;
use hognose_vm::heap::Charge;

/// A vector whose room is charged to the heap before it is taken.
pub(super) struct Charged<T> {
    items: Vec<T>,
    charge: Option<Charge>,
}

impl<T> Default for Charged<T> {
    fn default() -> Self {
        Charged { items: Vec::new(), charge: None }
    }
}

impl<T> Charged<T> {
    #[inline]
    pub(super) fn push(&mut self, vm: &Vm, x: T) -> PyResult<()> {
        if self.items.len() == self.items.capacity() {
            self.grow(vm)?;
        }
        self.items.push(x);
        Ok(())
    }

    #[cold]
    fn grow(&mut self, vm: &Vm) -> PyResult<()> {
        let room = (self.items.len() * 2).max(32);
        let charge = Charge::new(vm.heap(), room * size_of::<T>())?;
        self.items.reserve_exact(room - self.items.len());
        self.charge = Some(charge);
        Ok(())
    }
}

/// Values and marks.
#[derive(Default)]
pub(super) struct Stack {
    values: Charged<Owned>,
    marks: Charged<usize>,
}

impl Stack {
    #[inline]
    pub(super) fn push(&mut self, vm: &Vm, v: Owned) -> PyResult<()> {
        self.values.push(vm, v)
    }

    pub(super) fn len(&self) -> usize {
        self.values.items.len()
    }

    fn fence(&self) -> usize {
        self.marks.items.last().copied().unwrap_or(0)
    }

    #[cold]
    pub(super) fn underflow(&self, vm: &mut Vm) -> Raised {
        let marked = !self.marks.items.is_empty();
        unpickling_error(vm, if marked { "unexpected MARK found" } else { "unpickling stack underflow" })
    }

    #[inline]
    pub(super) fn pop(&mut self, vm: &mut Vm) -> PyResult {
        if self.len() <= self.fence() {
            return Err(self.underflow(vm));
        }
        self.values.items.pop().ok_or_else(|| self.underflow(vm))
    }

    /// The value on top.
    #[inline]
    pub(super) fn top(&self, vm: &mut Vm) -> PyResult {
        match self.values.items.last() {
            Some(v) if self.len() > self.fence() => Ok(v.clone()),
            _ => Err(self.underflow(vm)),
        }
    }

    pub(super) fn mark(&mut self, vm: &Vm) -> PyResult<()> {
        let n = self.len();
        self.marks.push(vm, n)
    }

    /// Takes the last mark off.
    pub(super) fn unmark(&mut self, vm: &mut Vm) -> PyResult<usize> {
        self.marks.items.pop().ok_or_else(|| unpickling_error(vm, "could not find MARK"))
    }

    /// Is the last mark right on top?
    pub(super) fn mark_on_top(&self) -> bool {
        self.marks.items.last() == Some(&self.len())
    }

    /// The values from `at` on.
    pub(super) fn take_from(&mut self, vm: &mut Vm, at: usize) -> PyResult<Vec<Owned>> {
        if at > self.len() || at < self.fence() {
            return Err(self.underflow(vm));
        }
        Ok(self.values.items.drain(at..).collect())
    }

    /// The value that `n - 1` others lie below.
    pub(super) fn at(&self, vm: &mut Vm, n: usize) -> PyResult {
        match n.checked_sub(1).and_then(|i| self.values.items.get(i)) {
            Some(v) if n > self.fence() => Ok(v.clone()),
            _ => Err(self.underflow(vm)),
        }
    }
}

/// Numbered values.
#[derive(Default)]
pub(super) struct Memo {
    dense: Charged<Option<Owned>>,
    /// `{number: value}` of those too far out.
    sparse: Option<Owned>,
    used: usize,
}

trace_fields!(Memo { dense, sparse });
// SAFETY: forwards to what is inside.
#[allow(unsafe_code, reason = "forwards to what is inside")]
unsafe impl<T: crate::prelude::Trace> crate::prelude::Trace for Charged<T> {
    fn trace(&self, visit: &mut dyn FnMut(hognose_vm::Value)) {
        self.items.trace(visit);
    }
}

/// How far beyond the end a number may lie and still extend the vector.
const GAP_MAX: usize = 1024;

impl Memo {
    /// How many numbers have values.
    pub(super) fn len(&self) -> usize {
        self.used
    }

    #[inline]
    pub(super) fn get(&self, vm: &mut Vm, n: usize) -> PyResult<Option<Owned>> {
        if let Some(v) = self.dense.items.get(n) {
            return Ok(v.clone());
        }
        let Some(sparse) = &self.sparse else { return Ok(None) };
        let key = vm.new_int(n as i64)?;
        vm.dict_get(sparse.as_ref(), key.as_ref())
    }

    /// Gives back the value that was there before.
    #[inline]
    pub(super) fn set(&mut self, vm: &mut Vm, n: usize, v: Owned) -> PyResult<Option<Owned>> {
        if let Some(place) = self.dense.items.get_mut(n) {
            let old = place.replace(v);
            self.used += usize::from(old.is_none());
            return Ok(old);
        }
        if n - self.dense.items.len() < GAP_MAX && self.sparse.is_none() {
            while self.dense.items.len() < n {
                self.dense.push(vm, None)?;
            }
            self.dense.push(vm, Some(v))?;
            self.used += 1;
            return Ok(None);
        }
        self.set_sparse(vm, n, v)
    }

    #[cold]
    fn set_sparse(&mut self, vm: &mut Vm, n: usize, v: Owned) -> PyResult<Option<Owned>> {
        let key = vm.new_int(n as i64)?;
        let sparse = match &self.sparse {
            Some(d) => d.clone(),
            None => {
                let d = vm.new_dict()?;
                self.sparse = Some(d.clone());
                d
            }
        };
        let old = vm.dict_get(sparse.as_ref(), key.as_ref())?;
        self.used += usize::from(old.is_none());
        vm.dict_set(sparse.as_ref(), key.as_ref(), v.as_ref())?;
        Ok(old)
    }

    pub(super) fn copy(&self, vm: &mut Vm) -> PyResult<Memo> {
        let mut made = Memo::default();
        let mut at = 0;
        while let Some((n, v)) = self.next(at) {
            at = n + 1;
            made.set(vm, n, v)?;
        }
        Ok(made)
    }

    /// The first value with a number of at least `at`.
    pub(super) fn next(&self, at: usize) -> Option<(usize, Owned)> {
        let dense = self.dense.items.iter().enumerate().skip(at);
        if let Some((n, v)) = dense.filter_map(|(n, v)| v.as_ref().map(|v| (n, v))).next() {
            return Some((n, v.clone()));
        }
        let sparse = DictRef::new(self.sparse.as_ref()?.as_ref())?;
        let mut best: Option<(usize, Owned)> = None;
        let mut i = 0;
        while let Some((found, key, v)) = sparse.next_entry(i) {
            i = found + 1;
            let n = crate::prelude::small_int_of(key.as_ref()).map_or(0, |n| n as usize);
            if n >= at && best.as_ref().is_none_or(|(b, _)| n < *b) {
                best = Some((n, v));
            }
        }
        best
    }
}
