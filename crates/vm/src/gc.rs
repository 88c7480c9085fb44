//! Death and collection: what the machine does when objects with finalizers or weak references die, and the driver of
//! the heap's cycle detector.
//!
//! The heap frees everything else by itself. An object that needs the machine waits (`next_pending`); the machine runs
//! `__del__`, clears weak references, calls their callbacks, and gives it back (`finish_pending`).
#![allow(unsafe_code, reason = "reads headers of dying objects")]

mod debug;

use crate::class::TypeRef;
use crate::exceptions::Exc;
use crate::types::structseq;
use crate::{PyResult, Raised, Vm};
use hognose_heap::{Due, flags};
use hognose_object::code::CodePtr;
use hognose_object::types::TypeObj;
use hognose_object::{Layout, Owned, Ref, Value, ValueExt};
use std::collections::HashSet;

crate::structseq! {
    UNRAISABLE_ARGS = "UnraisableHookArgs",
    "UnraisableHookArgs\n\nType used to pass arguments to sys.unraisablehook.", 5;
    0 exc_type, 1 exc_value, 2 exc_traceback, 3 err_msg, 4 object
}

/// The class of [`UNRAISABLE_ARGS`], made when first needed.
#[derive(Default)]
struct UnraisableClass(Option<TypeRef<'static>>);

/// Header flag of interned strings.
pub(crate) const INTERNED: u32 = flags::USER0;

/// `gc.DEBUG_STATS`: each collection tells what it did.
const DEBUG_STATS: i64 = 1;
/// `gc.DEBUG_COLLECTABLE`: the objects found are listed.
const DEBUG_COLLECTABLE: i64 = 2;
/// `gc.DEBUG_SAVEALL`: garbage is not freed but kept in `gc.garbage`.
const DEBUG_SAVEALL: i64 = 32;

/// State of the `gc` module.
#[derive(Default)]
pub struct GcState {
    /// `gc.callbacks`: a list once somebody asked.
    pub callbacks: Option<Owned>,
    /// `gc.garbage`
    pub garbage: Option<Owned>,
    /// `gc.get_debug()`
    pub debug: i64,
    /// `gc.get_freeze_count()`
    pub frozen: usize,
    /// Collections, objects collected, uncollectable, by generation.
    pub stats: [[u64; 3]; 3],
    /// Found so far by the collection in slices under way.
    cycle_found: usize,
    running: bool,
    finishing: bool,
}

impl Vm {
    /// Handles all objects that wait for their finalizers or weak references.
    #[inline(never)]
    pub(crate) fn finish_deaths(&mut self) {
        if self.gc.finishing && self.frames.len() >= self.recursion_limit {
            return;
        }
        while let Some(death) = self.heap.next_pending() {
            let object = death.object.as_ref();
            self.before_death(object);
            self.heap.finish_pending(death);
        }
    }

    fn before_death(&mut self, object: Ref<'_>) {
        let h = object.value().header();
        // SAFETY: the pending object is alive with one reference.
        unsafe {
            if (*h).has_flag(INTERNED) {
                self.forget_interned(object);
                (*h).clear_flag(flags::HAS_WEAKREF);
                return;
            }
            if (*h).has_flag(flags::HAS_FINALIZER) && !(*h).has_flag(flags::FINALIZED) {
                (*h).set_flag(flags::FINALIZED);
                (*h).clear_flag(flags::HAS_FINALIZER);
                self.run_finalizer(object);
                if (*h).rc() > 1 {
                    // Resurrected: its weak references stay.
                    return;
                }
            }
            if (*h).has_flag(flags::HAS_WEAKREF) {
                (*h).clear_flag(flags::HAS_WEAKREF);
                self.clear_weakrefs(object);
            }
        }
    }

    fn forget_interned(&mut self, s: Ref<'_>) {
        let bytes = crate::text::str_bytes(s);
        if self.interned.get(bytes).is_some_and(|v| *v == s.value()) {
            self.interned.remove(bytes);
        }
    }

    /// Runs `__del__`; what it raises is reported and dropped. The exception in flight is kept.
    fn run_finalizer(&mut self, object: Ref<'_>) {
        let in_flight = std::mem::replace(&mut self.raised, Value::NULL);
        if object.has_layout(Layout::Generator) {
            self.finalize_generator(object);
        } else {
            let name = self.names.__del__;
            let del = self.find_special(object, name);
            let result = match del {
                Ok(Some((f, bound))) => {
                    let args: &[Ref<'_>] = if bound { &[] } else { &[object] };
                    self.call(f.as_ref(), args).map(drop).map_err(|e| (e, Some(f)))
                }
                Ok(None) => Ok(()),
                Err(e) => Err((e, None)),
            };
            if let Err((e, f)) = result {
                let f = f.as_ref().map(Owned::as_ref);
                self.write_unraisable_in(e, "Exception ignored while calling deallocator ", f);
            }
        }
        // SAFETY: whatever was raised meanwhile was reported; the slot is given back what it held.
        unsafe { drop(Owned::from_value(std::mem::replace(&mut self.raised, in_flight))) };
    }

    /// After a native call that may have killed objects: runs what waits, keeping the call's own outcome.
    #[cold]
    #[inline(never)]
    pub(crate) fn run_pending(&mut self, r: PyResult) -> PyResult {
        match r {
            Ok(v) => {
                self.finish_deaths();
                Ok(v)
            }
            Err(e) => {
                let in_flight = std::mem::replace(&mut self.raised, Value::NULL);
                self.finish_deaths();
                // SAFETY: the slot is given back what it held.
                unsafe { drop(Owned::from_value(std::mem::replace(&mut self.raised, in_flight))) };
                Err(e)
            }
        }
    }

    /// KeyboardInterrupt when one was asked for: for native code that waits.
    pub fn check_interrupt(&mut self) -> PyResult<()> {
        let asked = self.interrupt.0.swap(0, std::sync::atomic::Ordering::Relaxed);
        if asked & crate::threads::SWITCH != 0 {
            self.switch_threads();
        }
        if asked & !crate::threads::SWITCH == 0 {
            return Ok(());
        }
        if !self.is_main_thread() {
            self.pass_interrupt_on(asked);
            return Ok(());
        }
        if asked & crate::Interrupt::signal_bit() != 0
            && let Some(hook) = self.state::<crate::host::SignalHook>().0
        {
            hook(self)?;
        }
        if asked & crate::threads::INTERRUPT != 0 {
            return Err(self.raise_with(Exc::KeyboardInterrupt, Vec::new()));
        }
        Ok(())
    }

    /// What happens between instructions: interrupts, requested collections, waiting deaths.
    #[cold]
    #[inline(never)]
    pub(crate) fn safepoint(&mut self) -> PyResult<()> {
        self.check_interrupt()?;
        if self.heap.gc_requested() && !self.gc.running {
            self.collect_automatically()?;
        }
        if self.heap.has_pending() {
            self.finish_deaths();
        }
        Ok(())
    }

    fn collect_automatically(&mut self) -> PyResult<()> {
        let in_flight = std::mem::replace(&mut self.raised, Value::NULL);
        let r = match self.heap.gc_due() {
            Due::Slice => self.run_slice(),
            Due::All => self.run_collection(true, 2),
            _ => self.run_collection(true, 0),
        };
        if let Err(e) = r {
            // No memory for the collector's table: the program meets the limit by itself soon enough.
            self.discard(e);
        }
        self.raised = in_flight;
        Ok(())
    }

    /// `gc.collect(generation)`: number of unreachable objects found.
    pub fn collect_garbage(&mut self, generation: usize) -> PyResult<usize> {
        if self.gc.running {
            return Ok(0);
        }
        self.finish_drops();
        let r = self.run_collection(false, generation.min(2));
        self.finish_drops();
        r
    }

    /// Frees what was left of large structures.
    fn finish_drops(&mut self) {
        while !self.heap.finish_drops() && self.heap.has_pending() {
            self.finish_deaths();
        }
    }

    /// A slice of the work that is left for safe points. All slices of a collection are one for the program.
    fn run_slice(&mut self) -> PyResult<usize> {
        self.gc.running = true;
        let (was, before) = (self.heap.cycle_running(), self.heap.gc_counters().cycles);
        let r = self.collect_now(true);
        let begun = self.heap.gc_counters().cycles != before;
        if begun {
            self.gc.cycle_found = 0;
            self.call_gc_callbacks("start", 2, 0);
        }
        self.gc.cycle_found += *r.as_ref().unwrap_or(&0);
        self.gc.running = false;
        if (was || begun) && !self.heap.cycle_running() {
            let n = self.gc.cycle_found;
            let row = &mut self.gc.stats[2];
            (row[0], row[1]) = (row[0] + 1, row[1] + n as u64);
            if self.gc.debug & DEBUG_STATS != 0 {
                self.write_gc_text(&format!("gc: done, {n} unreachable, 0 uncollectable, in slices\n"));
            }
            self.call_gc_callbacks("stop", 2, n);
        }
        r
    }

    fn run_collection(&mut self, automatic: bool, generation: usize) -> PyResult<usize> {
        self.gc.running = true;
        self.call_gc_callbacks("start", generation, 0);
        let begin = std::time::Instant::now();
        if self.gc.debug & DEBUG_STATS != 0 {
            self.show_generations(generation);
        }
        let r = self.collect_now(automatic);
        self.gc.running = false;
        let n = *r.as_ref().unwrap_or(&0);
        if self.gc.debug & DEBUG_STATS != 0 {
            let seconds = begin.elapsed().as_secs_f64();
            self.write_gc_text(&format!(
                "gc: done, {n} unreachable, 0 uncollectable, {seconds:.4}s elapsed\n"
            ));
        }
        let row = &mut self.gc.stats[generation];
        row[0] += 1;
        row[1] += n as u64;
        self.call_gc_callbacks("stop", generation, n);
        r
    }

    fn collect_now(&mut self, automatic: bool) -> PyResult<usize> {
        let set =
            if automatic { self.heap.find_unreachable_auto()? } else { self.heap.find_unreachable()? };
        let set = self.spare_used_classes(set);
        if set.is_empty() {
            return Ok(0);
        }
        if self.gc.debug & DEBUG_COLLECTABLE != 0 {
            self.show_collectable(&set);
        }
        // Weak references to the garbage are cleared before any finalizer runs, so that none can resurrect by them.
        let needs = |o: &Owned, flag: u32| {
            // SAFETY: the handle keeps the object alive.
            unsafe { (*o.value().header()).has_flag(flag) }
        };
        let weak: Vec<Owned> = set.iter().filter(|o| needs(o, flags::HAS_WEAKREF)).cloned().collect();
        let doomed: HashSet<u64> =
            if weak.is_empty() { HashSet::new() } else { set.iter().map(|o| o.value().bits()).collect() };
        for o in &weak {
            self.clear_weakrefs_of_garbage(o.as_ref(), &doomed);
        }
        let seen = !weak.is_empty();
        drop(weak);
        let mut finalized = false;
        for o in &set {
            if needs(o, flags::HAS_FINALIZER) && !needs(o, flags::FINALIZED) {
                // SAFETY: the handle keeps the object alive.
                unsafe { (*o.value().header()).set_flag(flags::FINALIZED) };
                finalized = true;
                self.run_finalizer(o.as_ref());
            }
        }
        let set = if finalized { self.heap.retest_unreachable(set) } else { set };
        let n = set.iter().filter(|o| self.counts_as_object(o.as_ref())).count();
        if self.gc.debug & DEBUG_SAVEALL != 0
            && let Some(garbage) = self.gc.garbage.clone()
            && let Some(list) = hognose_object::list::ListRef::new(garbage.as_ref())
        {
            for o in set {
                list.push(&mut self.heap, o)?;
            }
            return Ok(n);
        }
        self.retire_classes(&set);
        if seen || finalized {
            self.heap.reclaim(set);
        } else {
            self.heap.reclaim_unseen(set);
        }
        self.finish_deaths();
        Ok(n)
    }

    /// Objects that CPython's collector would have tracked and counted.
    fn counts_as_object(&self, r: Ref<'_>) -> bool {
        // SAFETY: callers pass live objects.
        let hidden = unsafe { (*r.value().header()).has_flag(flags::USER1) };
        !hidden && !matches!(r.layout_of(), Some(Layout::NativeFunction | Layout::Member))
    }

    /// Instances hold no reference to their class. A class that is unreachable otherwise but has living instances
    /// outside the garbage is spared, with all it refers to.
    fn spare_used_classes(&mut self, set: Vec<Owned>) -> Vec<Owned> {
        if !set.iter().any(|o| o.as_ref().has_layout(Layout::Type)) {
            return set;
        }
        let doomed: HashSet<u64> = set.iter().map(|o| o.value().bits()).collect();
        let mut used: HashSet<*mut TypeObj> = HashSet::new();
        let shapes = &self.shapes;
        self.heap.for_each_object(&mut |v| {
            // SAFETY: the walk shows live objects.
            let kind = unsafe { (*v.header()).kind() };
            if kind >> 6 >= 64 && !doomed.contains(&v.bits()) {
                used.insert(shapes.class(kind));
            }
        });
        let is_used = |o: &&Owned| used.contains(&o.value().header().cast::<TypeObj>());
        let mut gray: Vec<Value> = set.iter().filter(is_used).map(Owned::value).collect();
        let mut spared: HashSet<u64> = gray.iter().map(|v| v.bits()).collect();
        while let Some(v) = gray.pop() {
            self.heap.trace(v, &mut |child| {
                if doomed.contains(&child.bits()) && spared.insert(child.bits()) {
                    gray.push(child);
                }
            });
        }
        set.into_iter().filter(|o| !spared.contains(&o.value().bits())).collect()
    }

    /// Classes about to be freed: their shapes go, and caches that may mention them.
    fn retire_classes(&mut self, set: &[Owned]) {
        let mut any = false;
        for o in set {
            if o.as_ref().has_layout(Layout::Type) {
                any = true;
                self.shapes.remove_class(o.value().header().cast());
            }
        }
        if any {
            self.new_epoch();
        }
    }

    fn call_gc_callbacks(&mut self, phase: &str, generation: usize, collected: usize) {
        let Some(list) = self.gc.callbacks.clone() else { return };
        let callbacks = self.items_of(list.as_ref());
        if callbacks.is_empty() {
            return;
        }
        let info = || -> PyResult<(Owned, Owned)> {
            let dict = self.new_dict()?;
            for (k, n) in [("generation", generation), ("collected", collected), ("uncollectable", 0)] {
                let v = self.new_int(n as i64)?;
                self.dict_set_name(dict.as_ref(), k, v)?;
            }
            Ok((self.new_str(phase)?, dict))
        };
        let mut info = info;
        match info() {
            Ok((phase, dict)) => {
                for f in callbacks {
                    if let Err(e) = self.call(f.as_ref(), &[phase.as_ref(), dict.as_ref()]) {
                        self.write_unraisable_in(
                            e,
                            "Exception ignored while calling GC callback ",
                            Some(f.as_ref()),
                        );
                    }
                }
            }
            Err(e) => self.discard(e),
        }
    }

    /// Living instances of exactly this class.
    pub fn instances_of(&self, class: TypeRef<'_>) -> usize {
        let mut n = 0;
        let shapes = &self.shapes;
        self.heap.for_each_object(&mut |v| {
            // SAFETY: the walk shows live objects.
            let kind = unsafe { if (*v.header()).has_flag(flags::DEAD) { 0 } else { (*v.header()).kind() } };
            n += usize::from(kind >> 6 >= 64 && std::ptr::eq(shapes.class(kind), class.ptr()));
        });
        n
    }

    /// State of the `gc` module.
    pub fn gc_state(&mut self) -> &mut GcState {
        &mut self.gc
    }

    // ---- exceptions nobody can catch

    /// Reports an exception through `sys.unraisablehook`: `what` and the repr of `object` make the message.
    pub fn write_unraisable_in(&mut self, raised: Raised, what: &str, object: Option<Ref<'_>>) {
        let exc = self.catch(raised);
        self.add_current_place(exc.as_ref());
        let mut message = what.trim_end().to_string();
        if let Some(o) = object {
            match self.repr_text(o) {
                Ok(text) => message = format!("{what}{text}"),
                Err(e) => {
                    self.discard(e);
                    message = format!("{what}<object repr() failed>");
                }
            }
        }
        let sys = self.sys.as_ref().owned();
        let hook = if sys.is_null() { Ok(None) } else { self.dict_get_name(sys.as_ref(), "unraisablehook") };
        let hook = match hook {
            Ok(hook) => hook.filter(|h| !h.as_ref().is_none()),
            Err(e) => {
                self.discard(e);
                None
            }
        };
        let args = hook.and_then(|hook| match self.unraisable_args(exc.as_ref(), &message) {
            Ok(args) => Some((hook, args)),
            Err(e) => {
                self.discard(e);
                None
            }
        });
        let Some((hook, args)) = args else {
            return crate::traceback::print_unraisable(self, exc.as_ref(), Some(&message), None);
        };
        if let Err(e) = self.call(hook.as_ref(), &[args.as_ref()]) {
            let exc = self.catch(e);
            let message = Some("Exception ignored in sys.unraisablehook");
            crate::traceback::print_unraisable(self, exc.as_ref(), message, Some(hook.as_ref()));
        }
    }

    /// The argument of `sys.unraisablehook`.
    fn unraisable_args(&mut self, exc: Ref<'_>, message: &str) -> PyResult {
        let tb = exc.value().header().cast::<hognose_object::objects::ExceptionObj>();
        // SAFETY: exceptions caught are exception objects.
        let tb = unsafe { (*tb).traceback };
        // SAFETY: the exception owns its traceback.
        let tb = if tb.is_null() { self.none() } else { unsafe { Ref::from_value(tb) }.owned() };
        let class = match self.state::<UnraisableClass>().0 {
            Some(class) => class,
            None => {
                let class = structseq::make_class(self, &UNRAISABLE_ARGS)?;
                self.state::<UnraisableClass>().0 = Some(class);
                class
            }
        };
        let values = vec![self.class_of(exc).owned(), exc.owned(), tb, self.new_str(message)?, self.none()];
        structseq::make(self, class, &UNRAISABLE_ARGS, values)
    }

    /// A RuntimeWarning for which nothing can be filtered yet: printed to stderr.
    pub(crate) fn warn_runtime(&mut self, message: &str) {
        let place = match self.frame_at(0) {
            // SAFETY: the topmost frame is live.
            Some(fp) => unsafe {
                let data = (*fp).code.table().clone();
                let pc = (*fp).pc.offset_from((*(*fp).code).insns) as u32;
                format!("{}:{}: ", data.filename, data.position_at(pc).line)
            },
            None => "sys:1: ".into(),
        };
        let text = format!("{place}RuntimeWarning: {message}\n");
        self.write_stderr(text.as_bytes());
    }
}
