//! Containers on their way out, in batches of a thousand.
//!
//! Saving an item may run Python code that changes the container: items are owned before they are saved, and sizes are
//! looked at again afterwards.

use super::save::Saver;
use super::{class_text, noted, op, pickling_error};
use crate::prelude::{ListRef, Owned, PyResult, Ref, TupleRef, Vm, payload};
use hognose_vm::DictRef;

const BATCH: usize = 1000;

/// `when serializing T item …`
fn item_note(vm: &mut Vm, of: Ref<'_>, i: usize) -> String {
    format!("when serializing {} item {i}", class_text(vm, of))
}

impl Saver<'_> {
    pub(super) fn save_tuple(&mut self, vm: &mut Vm, obj: Ref<'_>) -> PyResult<()> {
        let items = TupleRef::new(obj).map_or(&[][..], |t| t.items());
        let n = items.len();
        if n == 0 {
            let empty: &[u8] = if self.bin { &[op::EMPTY_TUPLE] } else { &[op::MARK, op::TUPLE] };
            return Ok(self.out.write(vm, empty)?);
        }
        let small = n <= 3 && self.proto >= 2;
        if !small {
            self.out.op(vm, op::MARK)?;
        }
        for (i, item) in items.iter().enumerate() {
            let done = self.save(vm, *item, true);
            noted(vm, done, |vm| item_note(vm, obj, i))?;
        }
        // An item led back here: what lies on the stack is thrown away for the tuple that exists already.
        let known = self.memo.borrow().get(obj);
        if let Some(number) = known {
            if !small && self.bin {
                self.out.op(vm, op::POP_MARK)?;
            } else {
                for _ in 0..n + usize::from(!small) {
                    self.out.op(vm, op::POP)?;
                }
            }
            return self.write_get(vm, number);
        }
        self.out.op(vm, if small { [op::TUPLE1, op::TUPLE2, op::TUPLE3][n - 1] } else { op::TUPLE })?;
        self.memoize(vm, obj)
    }

    /// A list or dict: an empty one (`short`, or a mark and `long`), which the memo gets, then what `fill` adds.
    fn save_container(
        &mut self,
        vm: &mut Vm,
        obj: Ref<'_>,
        (short, long): (u8, u8),
        fill: impl FnOnce(&mut Self, &mut Vm) -> PyResult<()>,
    ) -> PyResult<()> {
        if self.fast {
            self.fast_enter(vm, obj)?;
        }
        let empty: &[u8] = if self.bin { &[short] } else { &[op::MARK, long] };
        self.out.write(vm, empty)?;
        self.memoize(vm, obj)?;
        fill(self, vm)?;
        if self.fast {
            self.fast_leave();
        }
        Ok(())
    }

    pub(super) fn save_list(&mut self, vm: &mut Vm, obj: Ref<'_>) -> PyResult<()> {
        self.save_container(vm, obj, (op::EMPTY_LIST, op::LIST), |s, vm| {
            let Some(list) = ListRef::new(obj).filter(|list| !list.is_empty()) else { return Ok(()) };
            if s.proto > 0 {
                return s.save_list_items(vm, list);
            }
            let it = vm.iter(obj)?;
            s.append_items(vm, it.as_ref(), obj)
        })
    }

    fn save_list_items(&mut self, vm: &mut Vm, list: ListRef<'_>) -> PyResult<()> {
        let mut at = 0;
        let one = list.len() == 1;
        while at < list.len() || at == 0 {
            if !one {
                self.out.op(vm, op::MARK)?;
            }
            let end = at + BATCH;
            while at < end
                && let Some(item) = list.get(at)
            {
                let done = self.save(vm, item.as_ref(), true);
                noted(vm, done, |vm| item_note(vm, list.as_ref(), at))?;
                at += 1;
                if one {
                    return Ok(self.out.op(vm, op::APPEND)?);
                }
            }
            self.out.op(vm, op::APPENDS)?;
            if at == 0 {
                break;
            }
        }
        Ok(())
    }

    /// Items of an iterator, for the list-like object `of`.
    pub(super) fn append_items(&mut self, vm: &mut Vm, it: Ref<'_>, of: Ref<'_>) -> PyResult<()> {
        let mut at = 0;
        let mut save = |s: &mut Self, vm: &mut Vm, item: Owned| {
            let done = s.save(vm, item.as_ref(), true);
            noted(vm, done, |vm| item_note(vm, of, at))?;
            at += 1;
            PyResult::Ok(())
        };
        if self.proto == 0 {
            while let Some(item) = vm.next(it)? {
                save(self, vm, item)?;
                self.out.op(vm, op::APPEND)?;
            }
            return Ok(());
        }
        loop {
            let Some(first) = vm.next(it)? else { return Ok(()) };
            let Some(second) = vm.next(it)? else {
                save(self, vm, first)?;
                return Ok(self.out.op(vm, op::APPEND)?);
            };
            self.out.op(vm, op::MARK)?;
            save(self, vm, first)?;
            let (mut n, mut next) = (1, Some(second));
            while let Some(item) = next.take() {
                save(self, vm, item)?;
                n += 1;
                if n < BATCH {
                    next = vm.next(it)?;
                }
            }
            self.out.op(vm, op::APPENDS)?;
            if n < BATCH {
                return Ok(());
            }
        }
    }

    pub(super) fn save_dict(&mut self, vm: &mut Vm, obj: Ref<'_>) -> PyResult<()> {
        self.save_container(vm, obj, (op::EMPTY_DICT, op::DICT), |s, vm| {
            let Some(dict) = DictRef::new(obj).filter(|dict| !dict.is_empty()) else { return Ok(()) };
            if s.proto > 0 {
                return s.save_dict_items(vm, dict);
            }
            let items = vm.call_method(obj, "items", &[])?;
            let it = vm.iter(items.as_ref())?;
            s.set_items(vm, it.as_ref(), obj)
        })
    }

    fn save_pair(&mut self, vm: &mut Vm, key: Ref<'_>, value: Ref<'_>, of: Ref<'_>) -> PyResult<()> {
        self.save(vm, key, true)?;
        let done = self.save(vm, value, true);
        noted(vm, done, |vm| {
            let class = class_text(vm, of);
            match vm.repr_text(key) {
                Ok(key) => format!("when serializing {class} item {key}"),
                Err(e) => {
                    vm.discard(e);
                    format!("when serializing {class} item")
                }
            }
        })
    }

    fn save_dict_items(&mut self, vm: &mut Vm, dict: DictRef<'_>) -> PyResult<()> {
        let size = dict.len();
        let mut at = 0;
        loop {
            if size > 1 {
                self.out.op(vm, op::MARK)?;
            }
            let mut n = 0;
            while n < BATCH
                && let Some((i, key, value)) = dict.next_entry(at)
            {
                at = i + 1;
                self.save_pair(vm, key.as_ref(), value.as_ref(), dict.as_ref())?;
                n += 1;
                if size == 1 {
                    return Ok(self.out.op(vm, op::SETITEM)?);
                }
            }
            self.out.op(vm, op::SETITEMS)?;
            if dict.len() != size {
                return Err(vm.runtime_error("dictionary changed size during iteration"));
            }
            if n < BATCH {
                return Ok(());
            }
        }
    }

    fn next_pair(&mut self, vm: &mut Vm, it: Ref<'_>) -> PyResult<Option<Owned>> {
        let Some(pair) = vm.next(it)? else { return Ok(None) };
        match TupleRef::new(pair.as_ref()).map(|t| t.items().len()) {
            Some(2) => Ok(Some(pair)),
            _ => Err(vm.type_error("dict items iterator must return 2-tuples")),
        }
    }

    /// Pairs of an iterator, for the dict-like object `of`.
    pub(super) fn set_items(&mut self, vm: &mut Vm, it: Ref<'_>, of: Ref<'_>) -> PyResult<()> {
        let save = |s: &mut Self, vm: &mut Vm, pair: Owned| match hognose_vm::tuple_items(pair.as_ref()) {
            &[key, value] => s.save_pair(vm, key, value, of),
            _ => Ok(()),
        };
        if self.proto == 0 {
            while let Some(pair) = self.next_pair(vm, it)? {
                save(self, vm, pair)?;
                self.out.op(vm, op::SETITEM)?;
            }
            return Ok(());
        }
        loop {
            let Some(first) = self.next_pair(vm, it)? else { return Ok(()) };
            let Some(second) = self.next_pair(vm, it)? else {
                save(self, vm, first)?;
                return Ok(self.out.op(vm, op::SETITEM)?);
            };
            self.out.op(vm, op::MARK)?;
            save(self, vm, first)?;
            let (mut n, mut next) = (1, Some(second));
            while let Some(pair) = next.take() {
                save(self, vm, pair)?;
                n += 1;
                if n < BATCH {
                    next = self.next_pair(vm, it)?;
                }
            }
            self.out.op(vm, op::SETITEMS)?;
            if n < BATCH {
                return Ok(());
            }
        }
    }

    /// `(class, ([items],))` for protocols that know no sets.
    fn save_set_reduced(&mut self, vm: &mut Vm, obj: Ref<'_>, class: Owned) -> PyResult<()> {
        let items = vm.to_list(obj)?;
        let args = vm.new_tuple(vec![items])?;
        let value = vm.new_pair(class, args)?;
        self.save_reduce(vm, value.as_ref(), obj)
    }

    /// The members from `at` on, at most a batch unless `all`; gives where it stopped and how many they were.
    fn save_members(
        &mut self,
        vm: &mut Vm,
        set: DictRef<'_>,
        mut at: usize,
        most: usize,
    ) -> PyResult<(usize, usize)> {
        let mut n = 0;
        while n < most
            && let Some(i) = set.next_used(at)
            && let Some(key) = set.key_at(i)
        {
            at = i + 1;
            let done = self.save(vm, key.as_ref(), true);
            noted(vm, done, |vm| format!("when serializing {} element", class_text(vm, set.as_ref())))?;
            n += 1;
        }
        Ok((at, n))
    }

    pub(super) fn save_set(&mut self, vm: &mut Vm, obj: Ref<'_>) -> PyResult<()> {
        if self.proto < 4 {
            let class = vm.types().set.owned();
            return self.save_set_reduced(vm, obj, class);
        }
        self.out.op(vm, op::EMPTY_SET)?;
        self.memoize(vm, obj)?;
        let Some(set) = DictRef::new_set(obj) else { return Ok(()) };
        let size = set.len();
        if size == 0 {
            return Ok(());
        }
        let mut at = 0;
        loop {
            self.out.op(vm, op::MARK)?;
            let n;
            (at, n) = self.save_members(vm, set, at, BATCH)?;
            self.out.op(vm, op::ADDITEMS)?;
            if set.len() != size {
                return Err(vm.runtime_error("set changed size during iteration"));
            }
            if n < BATCH {
                return Ok(());
            }
        }
    }

    pub(super) fn save_frozenset(&mut self, vm: &mut Vm, obj: Ref<'_>) -> PyResult<()> {
        if self.proto < 4 {
            let class = vm.types().frozenset.owned();
            return self.save_set_reduced(vm, obj, class);
        }
        self.out.op(vm, op::MARK)?;
        if let Some(set) = DictRef::new_set(obj) {
            self.save_members(vm, set, 0, usize::MAX)?;
        }
        let known = self.memo.borrow().get(obj);
        if let Some(number) = known {
            self.out.op(vm, op::POP_MARK)?;
            return self.write_get(vm, number);
        }
        self.out.op(vm, op::FROZENSET)?;
        self.memoize(vm, obj)
    }

    pub(super) fn save_picklebuffer(&mut self, vm: &mut Vm, obj: Ref<'_>) -> PyResult<()> {
        if self.proto < 5 {
            return Err(pickling_error(vm, "PickleBuffer can only be pickled with protocol >= 5"));
        }
        let Some(b) = payload::<super::buffer::PickleBuffer>(obj) else { return Ok(()) };
        // A view of its own: the callback may release the buffer's.
        let view = b.view(vm)?;
        let view = vm.memoryview_of(view.as_ref())?;
        if !super::buffer::is_contiguous(vm, view.as_ref())? {
            let message = "PickleBuffer can not be pickled when pointing to a non-contiguous buffer";
            return Err(pickling_error(vm, message));
        }
        let readonly = vm.get_attr_name(view.as_ref(), "readonly")?.value() == hognose_vm::TRUE;
        let mut in_band = true;
        if let Some(f) = self.buffer_callback.clone() {
            let answer = vm.call(f.as_ref(), &[obj])?;
            in_band = vm.is_true(answer.as_ref())?;
        }
        if !in_band {
            self.out.op(vm, op::NEXT_BUFFER)?;
            if readonly {
                self.out.op(vm, op::READONLY_BUFFER)?;
            }
            return Ok(());
        }
        let raw = super::buffer::raw(vm, view.as_ref())?;
        let copy = vm.call_method(raw.as_ref(), "tobytes", &[])?;
        let bytes = crate::prelude::buffer::exact(copy.as_ref());
        if readonly { self.save_bytes_data(vm, bytes, obj) } else { self.save_bytearray_data(vm, bytes, obj) }
    }
}
