//! Items and slices of a mapping.

use super::{Map, this, writable};
use crate::prelude::{Owned, PyResult, Ref, Vm, base_value, is_int};
use hognose_vm::object::bytes::bytes_of;

/// The positions a subscript names: an index, or those of a slice.
fn places(vm: &mut Vm, m: &Map, key: Ref<'_>) -> PyResult<Result<usize, Vec<usize>>> {
    if is_int(base_value(key)) || vm.class_of(key).slots().index.is_some() {
        let i = vm.index_isize(key, false)?;
        let i = if i < 0 { i + m.size.get() as isize } else { i };
        return match usize::try_from(i).ok().filter(|i| *i < m.size.get()) {
            Some(i) => Ok(Ok(i)),
            None => Err(vm.index_error("mmap index out of range")),
        };
    }
    if vm.class_of(key) != vm.types().slice {
        return Err(vm.type_error("mmap indices must be integers"));
    }
    let n = vm.new_int(m.size.get() as i64)?;
    let fitted = vm.call_method(key, "indices", &[n.as_ref()])?;
    let parts: Vec<Owned> = vm.items_of(fitted.as_ref());
    let mut numbers = [0isize; 3];
    for (to, part) in numbers.iter_mut().zip(&parts) {
        *to = vm.index_isize(part.as_ref(), false)?;
    }
    let [start, stop, step] = numbers;
    vm.heap().charge_external(m.size.get())?;
    vm.heap().discharge_external(m.size.get());
    let mut out = Vec::new();
    let mut i = start;
    while step > 0 && i < stop || step < 0 && i > stop {
        out.push(i as usize);
        i += step;
    }
    Ok(Err(out))
}

pub(super) fn getitem(vm: &mut Vm, r: Ref<'_>, key: Ref<'_>) -> PyResult {
    let m = this(vm, r)?;
    let at = places(vm, m, key)?;
    let m = this(vm, r)?;
    match at {
        Ok(i) => vm.new_int(i64::from(m.bytes().get(i).copied().unwrap_or(0))),
        Err(list) => {
            let picked: Vec<u8> = list.iter().filter_map(|i| m.bytes().get(*i).copied()).collect();
            vm.new_bytes(&picked)
        }
    }
}

pub(super) fn setitem(vm: &mut Vm, r: Ref<'_>, key: Ref<'_>, value: Option<Ref<'_>>) -> PyResult<()> {
    writable(vm, r)?;
    let Some(value) = value else {
        return Err(vm.type_error("mmap object doesn't support item deletion"));
    };
    let m = this(vm, r)?;
    match places(vm, m, key)? {
        Ok(i) => {
            if !is_int(base_value(value)) && vm.class_of(value).slots().index.is_none() {
                return Err(vm.type_error("mmap item value must be an int"));
            }
            let b = vm.index_isize(value, true)?;
            let Ok(b) = u8::try_from(b) else {
                return Err(vm.value_error("mmap item value must be in range(0, 256)"));
            };
            let m = this(vm, r)?;
            if i < m.size.get() {
                m.store(i, &[b]);
            }
            Ok(())
        }
        Err(list) => {
            let data = vm.bytes_like(value)?;
            let data = bytes_of(data.as_ref()).unwrap_or(&[]);
            let m = this(vm, r)?;
            if data.len() != list.len() {
                return Err(vm.index_error("mmap slice assignment is wrong size"));
            }
            for (i, b) in list.iter().zip(data).filter(|(i, _)| **i < m.size.get()) {
                m.store(*i, &[*b]);
            }
            Ok(())
        }
    }
}
