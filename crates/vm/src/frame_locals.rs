//! Locals of a frame by name, for reading and writing: what stands behind `frame.f_locals` of a function.
//!
//!   frame object ─┬─ registers of the running call, or the values saved at its end
//!                 └─ extra: [names the code does not have, values that were replaced …]
//!
//! A value replaced from outside stays alive as long as the frame object: the instruction being executed may be
//! reading the register without a count of its own.
#![allow(unsafe_code, reason = "reads and writes registers of frames")]

use crate::{PyResult, Vm};
use hognose_object::code::{CodeObj, CodePtr};
use hognose_object::list::ListRef;
use hognose_object::objects::{CellObj, FrameObj};
use hognose_object::tuple::{TupleObj, TupleRef};
use hognose_object::{Layout, Owned, Ref, Value, ValueExt};

/// Place of a local variable.
#[derive(Clone, Copy)]
struct Place {
    at: *mut Value,
    cell: bool,
}

impl Vm {
    /// Does the frame belong to a function, whose variables are registers?
    pub(crate) fn frame_is_optimized(&self, frame: Ref<'_>) -> bool {
        // SAFETY: callers pass frame objects.
        unsafe {
            let f = frame.value().header().cast::<FrameObj>();
            let code = (*f).code.header().cast::<CodeObj>();
            (*f).namespace.is_null() && code.table().flags.has(hognose_bytecode::CodeFlags::OPTIMIZED)
        }
    }

    /// The place of a variable of the frame's code; `None`: it has no such variable (or no place any more).
    fn local_place(&mut self, frame: Ref<'_>, name: Ref<'_>) -> PyResult<Option<Place>> {
        // SAFETY: callers pass frame objects; registers of a running frame and saved values lie where they say.
        unsafe {
            let f = frame.value().header().cast::<FrameObj>();
            let code = (*f).code.header().cast::<CodeObj>();
            let names = Ref::from_value((*code).varnames).owned();
            let mut index = None;
            for (i, n) in TupleRef::new(names.as_ref()).map_or(&[][..], |t| t.items()).iter().enumerate() {
                if n.is(name) || self.equal(*n, name)? {
                    index = Some(i);
                    break;
                }
            }
            let Some(i) = index.filter(|_| !crate::text::str_bytes(name).starts_with(b".")) else {
                return Ok(None);
            };
            let registers = match self.running_frame(frame) {
                Some(fp) => (*fp).base,
                None if (*f).locals.is_null() => return Ok(None),
                None => {
                    let items = TupleRef::new(Ref::from_value((*f).locals)).map_or(0, |t| t.items().len());
                    if i >= items {
                        return Ok(None);
                    }
                    TupleObj::items((*f).locals.header())
                }
            };
            let data = code.table();
            let cell = data.cellvars.contains(&(i as u16)) || data.freevars.contains(&(i as u16));
            Ok(Some(Place { at: registers.add(i), cell }))
        }
    }

    /// A variable's value; `Err` of the outer kind only: unbound and unknown are `None`.
    pub(crate) fn frame_local(&mut self, frame: Ref<'_>, name: Ref<'_>) -> PyResult<Option<Owned>> {
        if let Some(p) = self.local_place(frame, name)? {
            // SAFETY: the place was just found.
            let v = unsafe { content(p) };
            // SAFETY: the place owns its value.
            return Ok((!v.is_null()).then(|| unsafe { Ref::from_value(v).owned() }));
        }
        match self.frame_extra(frame, false)? {
            Some(extra) => self.dict_get(extra.as_ref(), name),
            None => Ok(None),
        }
    }

    /// Is it a variable of the code that has a place?
    pub(crate) fn is_frame_local(&mut self, frame: Ref<'_>, name: Ref<'_>) -> PyResult<bool> {
        Ok(self.local_place(frame, name)?.is_some())
    }

    /// Stores a variable; names the code does not have are kept beside.
    pub(crate) fn set_frame_local(&mut self, frame: Ref<'_>, name: Ref<'_>, v: Ref<'_>) -> PyResult<()> {
        let Some(p) = self.local_place(frame, name)? else {
            let Some(extra) = self.frame_extra(frame, true)? else { return Ok(()) };
            return self.dict_set(extra.as_ref(), name, v);
        };
        self.frame_extra(frame, true)?;
        // SAFETY: the place was just found; nothing ran since but an allocation. The old value goes to the list.
        unsafe {
            let mut at = p.at;
            if p.cell && (*at).is_exact(Layout::Cell) {
                at = &raw mut (*(*at).header().cast::<CellObj>()).content;
            }
            let old = Owned::from_value(std::mem::replace(&mut *at, v.owned().into_value()));
            let f = frame.value().header().cast::<FrameObj>();
            if !old.is_null()
                && let Some(list) = ListRef::new(Ref::from_value((*f).extra))
            {
                list.push(&mut self.heap, old)?;
            }
        }
        Ok(())
    }

    /// The dict of names the code does not have.
    pub(crate) fn frame_extra(&mut self, frame: Ref<'_>, make: bool) -> PyResult<Option<Owned>> {
        let f = frame.value().header().cast::<FrameObj>();
        // SAFETY: callers pass frame objects, which own their fields.
        unsafe {
            if (*f).extra.is_null() {
                if !make {
                    return Ok(None);
                }
                let dict = self.new_dict()?;
                let list = self.new_list(vec![dict])?;
                (*f).extra = list.into_value();
            }
            Ok(self.items_of(Ref::from_value((*f).extra)).into_iter().next())
        }
    }

    /// All variables of a function's frame as a new dict.
    pub(crate) fn frame_snapshot(&mut self, frame: Ref<'_>) -> PyResult {
        let dict = self.frame_locals(frame)?;
        if let Some(extra) = self.frame_extra(frame, false)? {
            self.dict_merge(dict.as_ref(), extra.as_ref(), false)?;
        }
        Ok(dict)
    }
}

/// The value in a place, NULL when there is none.
unsafe fn content(p: Place) -> Value {
    // SAFETY: by the caller, the place is of a live frame object or running frame.
    unsafe {
        let v = *p.at;
        if p.cell && v.is_exact(Layout::Cell) { (*v.header().cast::<CellObj>()).content } else { v }
    }
}
