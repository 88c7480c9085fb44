//! Long tables piece by piece: what the collector and a bounded drop do with them.
#![allow(unsafe_code, reason = "entries are a raw buffer")]

use super::{DYING, DictObj, EMPTY};
use crate::slots::{PART, trace_slots};
use hognose_heap::{Header, Value};

impl DictObj {
    /// Visits keys and values of a part of the entries.
    ///
    /// # Safety
    /// `h` must be a live dict or set.
    pub unsafe fn trace_part(h: *mut Header, from: usize, visit: &mut dyn FnMut(Value)) -> usize {
        // SAFETY: by the caller.
        unsafe {
            let o = h.cast::<DictObj>();
            if from == 0 {
                trace_slots(h, size_of::<DictObj>(), visit);
            }
            let (values, len) = (Self::has_values(o), (*o).entries_len as usize);
            let end = len.min(from.saturating_add(PART));
            for i in from..end {
                let e = *(*o).entries.add(i);
                if e.key.is_ptr() {
                    visit(e.key);
                }
                if values && e.value.is_ptr() {
                    visit(e.value);
                }
            }
            if end < len { end } else { 0 }
        }
    }

    /// Releases the next part of the entries of a dying table, the first first; what is released becomes a hole.
    pub(super) unsafe fn drop_part(o: *mut DictObj) {
        // SAFETY: the caller's table is dying and has a part to go.
        unsafe {
            let values = Self::has_values(o);
            // From now on `version` counts the entries released; `used` says so.
            let from = if (*o).used == DYING { (*o).version as usize } else { 0 };
            ((*o).used, (*o).version) = (DYING, (from + PART) as u32);
            for i in (from..from + PART).rev() {
                let e = std::mem::replace(&mut *(*o).entries.add(i), EMPTY);
                if values {
                    e.value.decref();
                }
                e.key.decref();
            }
        }
    }
}
