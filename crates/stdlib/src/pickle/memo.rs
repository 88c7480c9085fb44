//! What a pickler has seen: objects by identity, with their numbers.
//!
//!   items   (object, number) in order of arrival; keeps each object alive, so an address names one object only
//!   slots   position in `items` + 1, open addressing by address; a power of two, at most two thirds full
//!
//! Invariant: `charge` covers the capacity of both.

use crate::prelude::{Owned, PyResult, Ref, Vm, trace_fields};
use hognose_vm::heap::Charge;

#[derive(Default)]
pub(super) struct Memo {
    items: Vec<(Owned, usize)>,
    slots: Vec<u32>,
    charge: Option<Charge>,
}

trace_fields!(Memo { items });

const FIRST_SLOTS: usize = 64;

impl Memo {
    pub(super) fn len(&self) -> usize {
        self.items.len()
    }

    /// The slot of an address: where it is or where it belongs.
    fn slot(&self, bits: u64) -> usize {
        let mask = self.slots.len() - 1;
        let mut i = (bits >> 3).wrapping_mul(0x9E37_79B9_7F4A_7C15) as usize >> 16 & mask;
        loop {
            match self.slots[i] {
                0 => return i,
                n if self.items[n as usize - 1].0.value().bits() == bits => return i,
                _ => i = (i + 1) & mask,
            }
        }
    }

    /// The number of an object.
    pub(super) fn get(&self, r: Ref<'_>) -> Option<usize> {
        if self.slots.is_empty() {
            return None;
        }
        match self.slots[self.slot(r.value().bits())] {
            0 => None,
            n => Some(self.items[n as usize - 1].1),
        }
    }

    /// Gives an object a number.
    pub(super) fn set(&mut self, vm: &Vm, r: Ref<'_>, number: usize) -> PyResult<()> {
        if (self.items.len() + 1) * 3 > self.slots.len() * 2 {
            self.grow(vm)?;
        }
        let i = self.slot(r.value().bits());
        match self.slots[i] {
            0 => {
                self.items.push((r.owned(), number));
                self.slots[i] = self.items.len() as u32;
            }
            n => self.items[n as usize - 1].1 = number,
        }
        Ok(())
    }

    #[cold]
    fn grow(&mut self, vm: &Vm) -> PyResult<()> {
        let slots = (self.slots.len() * 2).max(FIRST_SLOTS);
        if slots > 1 << 31 {
            return Err(hognose_vm::heap::OutOfMemory::huge().into());
        }
        let items = slots * 2 / 3 + 1;
        let bytes = slots * size_of::<u32>() + items * size_of::<(Owned, usize)>();
        let charge = Charge::new(vm.heap(), bytes)?;
        self.items.reserve_exact(items - self.items.len());
        self.slots = vec![0; slots];
        self.charge = Some(charge);
        for n in 0..self.items.len() {
            let i = self.slot(self.items[n].0.value().bits());
            self.slots[i] = n as u32 + 1;
        }
        Ok(())
    }

    pub(super) fn copy(&self, vm: &Vm) -> PyResult<Memo> {
        let mut made = Memo::default();
        for (object, number) in &self.items {
            made.set(vm, object.as_ref(), *number)?;
        }
        Ok(made)
    }

    /// Entry `i` in order of arrival.
    pub(super) fn entry(&self, i: usize) -> Option<(Owned, usize)> {
        self.items.get(i).map(|(o, n)| (o.clone(), *n))
    }
}
