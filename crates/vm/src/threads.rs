//! Threads of a machine: real threads of the system that take turns, one at a time.
//!
//!   running thread ── allow_threads, safe point ──► Saved { frames, exceptions, stack limit } ──► Vm::threads.parked
//!                         │ Turn: held = false, the machine's address                                │
//!   waiting thread ◄──────┘ held = true ◄────────────────── its own Saved goes back into the machine ◄┘
//!
//! Who has the turn has the machine: `&mut Vm` is handed over whole. A waiting thread asks for the turn after the
//! switch interval by a bit of the interrupt word, so a program with one thread pays nothing.
//! Invariant: while `held`, exactly one thread uses the machine; the state of all others lies in `parked`.
#![allow(unsafe_code, reason = "hands the machine from thread to thread")]

use crate::exceptions::Exc;
use crate::frame::{Frame, FrameStack};
use crate::{PyResult, Vm};
use hognose_object::{Owned, Ref, Value};
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// KeyboardInterrupt is wanted.
pub(crate) const INTERRUPT: u32 = 1;
/// Another thread waits for its turn.
pub(crate) const SWITCH: u32 = 2;
/// A signal came that Python code handles.
pub(crate) const SIGNAL: u32 = 4;
/// Address space for the values of a thread's frames.
const THREAD_VALUES: usize = 16 << 20;
/// Native stack of a thread unless the program sets another size.
const NATIVE_STACK: usize = 16 << 20;
/// Charged to the heap for each thread: what its stacks take at least.
const THREAD_CHARGE: usize = 64 << 10;
/// The main thread looks this often for an interrupt while it waits.
const LOOK: Duration = Duration::from_millis(20);

/// What threads of one machine share.
pub(crate) struct Turn {
    state: Mutex<TurnState>,
    /// The turn was given up, or taken.
    changed: Condvar,
    /// An interrupt that another thread than the main one found.
    interrupt: AtomicBool,
    /// As `interrupt`, for signals that Python code handles.
    signal: AtomicBool,
}

struct TurnState {
    held: bool,
    /// The machine is gone: threads that wait never return.
    closed: bool,
    waiting: usize,
    /// How often the turn was taken.
    taken: u64,
    interval: Duration,
    vm: *mut Vm,
}

// SAFETY: the address is used by the thread that has the turn only.
unsafe impl Send for TurnState {}

/// State of a thread that does not have the turn.
pub(crate) struct Saved {
    raised: Value,
    handled: Value,
    frames: FrameStack,
    stack_limit: usize,
    repr_running: HashSet<u64>,
    context: Owned,
}

impl Saved {
    /// Its frames.
    pub fn frames(&self) -> &FrameStack {
        &self.frames
    }
}

/// The machine's view of its threads.
pub(crate) struct Threads {
    pub turn: Arc<Turn>,
    pub parked: HashMap<u64, Saved>,
    /// Threads beside the main one.
    pub others: usize,
    /// Identity of the thread that runs the machine for its host.
    pub main: u64,
    pub stack_size: usize,
    /// Called with a thread's identity when it ends.
    pub at_end: Vec<fn(&mut Vm, u64)>,
}

impl Default for Threads {
    fn default() -> Threads {
        let state = TurnState {
            held: true,
            closed: false,
            waiting: 0,
            taken: 0,
            interval: Duration::from_millis(5),
            vm: std::ptr::null_mut(),
        };
        let turn = Turn {
            state: Mutex::new(state),
            changed: Condvar::new(),
            interrupt: AtomicBool::new(false),
            signal: AtomicBool::new(false),
        };
        Threads {
            turn: Arc::new(turn),
            parked: HashMap::new(),
            others: 0,
            main: current_ident(),
            stack_size: 0,
            at_end: Vec::new(),
        }
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        self.turn.lock().closed = true;
    }
}

/// Identity of the calling thread, `threading.get_ident()`.
pub fn current_ident() -> u64 {
    // SAFETY: no preconditions.
    unsafe { libc::pthread_self() as u64 }
}

impl Turn {
    fn lock(&self) -> MutexGuard<'_, TurnState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the turn; gives the machine.
    fn take(&self, flag: &AtomicU32) -> *mut Vm {
        let mut s = self.lock();
        s.waiting += 1;
        while s.held && !s.closed {
            let (before, interval) = (s.taken, s.interval);
            let (guard, timeout) =
                self.changed.wait_timeout(s, interval).unwrap_or_else(PoisonError::into_inner);
            s = guard;
            if timeout.timed_out() && s.held && s.taken == before {
                flag.fetch_or(SWITCH, Ordering::Relaxed);
            }
        }
        if s.closed {
            drop(s);
            // The heap is gone, and with it what this thread's native frames refer to: they must not be left.
            loop {
                std::thread::park();
            }
        }
        s.waiting -= 1;
        s.held = true;
        s.taken += 1;
        let vm = s.vm;
        drop(s);
        self.changed.notify_all();
        vm
    }

    /// Gives the turn up; with `insist`, until another thread that waits has taken it.
    fn give(&self, vm: *mut Vm, insist: bool) {
        let mut s = self.lock();
        s.vm = vm;
        s.held = false;
        let before = s.taken;
        self.changed.notify_all();
        while insist && s.waiting > 0 && s.taken == before && !s.closed {
            s = self.changed.wait(s).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// A value that may go to another thread of the same machine: it is used by whoever has the turn.
struct Handed<T>(T);

// SAFETY: see the type; `start_thread` unpacks it after taking the turn.
unsafe impl<T> Send for Handed<T> {}

/// Takes the turn back, whatever happens.
struct Away<'a>(&'a mut Vm);

impl Drop for Away<'_> {
    fn drop(&mut self) {
        let vm = &mut *self.0;
        let (turn, flag) = (vm.threads.turn.clone(), vm.interrupt.flag());
        turn.take(&flag);
        vm.restore_thread();
    }
}

impl Vm {
    /// Learns where the current thread's stack ends. Call after moving the machine to another thread.
    pub fn measure_stack(&mut self) {
        self.threads.main = crate::threads::current_ident();
        self.measure_stack_of_thread();
    }

    pub(crate) fn measure_stack_of_thread(&mut self) {
        // SAFETY: asks about the current thread; the attribute object is destroyed again.
        unsafe {
            let mut attr: libc::pthread_attr_t = std::mem::zeroed();
            if libc::pthread_getattr_np(libc::pthread_self(), &raw mut attr) == 0 {
                let (mut base, mut size) = (std::ptr::null_mut(), 0);
                libc::pthread_attr_getstack(&raw const attr, &raw mut base, &raw mut size);
                libc::pthread_attr_destroy(&raw mut attr);
                self.stack_limit = base.addr() + (size / 8).clamp(64 << 10, 512 << 10);
            }
        }
    }

    /// Runs `f` while other threads of the machine may run. `f` must not touch objects except through bytes that
    /// the caller keeps alive and unchanged.
    pub fn allow_threads<R>(&mut self, f: impl FnOnce() -> R + Send) -> R {
        if self.threads.others == 0 || self.finalizing {
            return f();
        }
        self.give_turn(false);
        let away = Away(self);
        let r = f();
        drop(away);
        r
    }

    /// Waits until `poll(at most this long)` gives something or the deadline is past (then `None`); other threads may
    /// run meanwhile, and an interrupt of the main thread raises KeyboardInterrupt.
    pub fn wait_for<R: Send>(
        &mut self,
        deadline: Option<Instant>,
        mut poll: impl FnMut(Duration) -> Option<R> + Send,
    ) -> PyResult<Option<R>> {
        let main = self.is_main_thread();
        loop {
            let (flag, turn) = (self.interrupt.flag(), self.threads.turn.clone());
            let found = self.allow_threads(|| {
                loop {
                    let left = deadline.map(|d| d.saturating_duration_since(Instant::now()));
                    let longest = if main { LOOK } else { Duration::from_secs(3600) };
                    if let Some(r) = poll(left.map_or(longest, |l| l.min(longest))) {
                        return Some(Some(r));
                    }
                    if left.is_some_and(|l| l.is_zero()) {
                        return Some(None);
                    }
                    let asked = flag.load(Ordering::Relaxed) & !SWITCH != 0;
                    if main
                        && (asked
                            || turn.interrupt.load(Ordering::Relaxed)
                            || turn.signal.load(Ordering::Relaxed))
                    {
                        return None;
                    }
                }
            });
            match found {
                Some(r) => return Ok(r),
                None => self.check_interrupt()?,
            }
        }
    }

    /// Is this the thread that runs the machine for its host?
    pub fn is_main_thread(&self) -> bool {
        self.threads.others == 0 || current_ident() == self.threads.main
    }

    /// Identity of the main thread.
    pub fn main_thread(&self) -> u64 {
        self.threads.main
    }

    /// Threads beside the main one.
    pub fn thread_count(&self) -> usize {
        self.threads.others
    }

    /// Identities of the threads that do not have the turn.
    pub fn parked_threads(&self) -> Vec<u64> {
        self.threads.parked.keys().copied().collect()
    }

    /// Calls `f` with the identity of each thread that ends.
    pub fn at_thread_end(&mut self, f: fn(&mut Vm, u64)) {
        if !self.threads.at_end.iter().any(|g| std::ptr::fn_addr_eq(*g, f)) {
            self.threads.at_end.push(f);
        }
    }

    /// Bytes of native stack for new threads; 0: the usual.
    pub fn thread_stack_size(&self) -> usize {
        self.threads.stack_size
    }

    /// Sets [`Vm::thread_stack_size`].
    pub fn set_thread_stack_size(&mut self, bytes: usize) {
        self.threads.stack_size = bytes;
    }

    /// How long a thread runs while others wait: `sys.setswitchinterval()`.
    pub fn set_switch_interval(&mut self, interval: Duration) {
        self.threads.turn.lock().interval = interval.max(Duration::from_micros(1));
    }

    /// In the child of a fork only the calling thread is left.
    pub fn forget_other_threads(&mut self) {
        self.threads.parked.clear();
        self.threads.others = 0;
        self.threads.main = current_ident();
        let interval = self.threads.turn.lock().interval;
        let fresh = Threads::default();
        // Replacing the shared part leaves the old one to nobody: no thread waits for it here.
        self.threads.turn = fresh.turn.clone();
        std::mem::forget(fresh);
        self.threads.turn.lock().interval = interval;
    }

    /// Takes the state of this thread out of the machine and gives the turn up.
    fn give_turn(&mut self, insist: bool) {
        let saved = Saved {
            raised: std::mem::replace(&mut self.raised, Value::NULL),
            handled: std::mem::replace(&mut self.handled, Value::NULL),
            frames: std::mem::replace(&mut self.frames, FrameStack::none()),
            stack_limit: std::mem::replace(&mut self.stack_limit, 0),
            repr_running: std::mem::take(&mut self.repr_running),
            context: std::mem::replace(&mut self.context, Owned::null()),
        };
        self.threads.parked.insert(current_ident(), saved);
        let turn = self.threads.turn.clone();
        turn.give(self, insist);
    }

    /// Puts the state of this thread, which has just taken the turn, into the machine.
    fn restore_thread(&mut self) {
        if let Some(saved) = self.threads.parked.remove(&current_ident()) {
            self.raised = saved.raised;
            self.handled = saved.handled;
            self.frames = saved.frames;
            self.stack_limit = saved.stack_limit;
            self.repr_running = saved.repr_running;
            self.context = saved.context;
            self.frames.set_limit(self.recursion_limit);
        }
        if self.is_main_thread() && self.threads.turn.interrupt.swap(false, Ordering::Relaxed) {
            self.interrupt.0.fetch_or(INTERRUPT, Ordering::Relaxed);
        }
        if self.is_main_thread() && self.threads.turn.signal.swap(false, Ordering::Relaxed) {
            self.interrupt.0.fetch_or(SIGNAL, Ordering::Relaxed);
        }
    }

    /// Another thread waits: lets it run.
    #[cold]
    pub(crate) fn switch_threads(&mut self) {
        if self.threads.others == 0 || self.finalizing {
            return;
        }
        self.give_turn(true);
        drop(Away(self));
    }

    /// An interrupt found by a thread that must not have it.
    pub(crate) fn pass_interrupt_on(&mut self, asked: u32) {
        if asked & INTERRUPT != 0 {
            self.threads.turn.interrupt.store(true, Ordering::Relaxed);
        }
        if asked & SIGNAL != 0 {
            self.threads.turn.signal.store(true, Ordering::Relaxed);
        }
    }

    /// Starts a thread that runs `body` when it gets its turn, and `last` when nothing of it is left in the machine.
    /// Gives its identity.
    ///
    /// # Errors
    /// RuntimeError when the system or the limit does not allow it.
    pub fn start_thread(
        &mut self,
        body: Box<dyn FnOnce(&mut Vm)>,
        last: Box<dyn FnOnce() + Send>,
    ) -> PyResult<u64> {
        use std::os::unix::thread::JoinHandleExt;
        if self.finalizing {
            return Err(
                self.raise(Exc::PythonFinalizationError, "can't create new thread at interpreter shutdown")
            );
        }
        let refused = |vm: &mut Vm| vm.runtime_error("can't start new thread");
        self.heap.charge_external(THREAD_CHARGE)?;
        let frames = match FrameStack::with_values(&self.heap, THREAD_VALUES) {
            Ok(frames) => frames,
            Err(_) => {
                self.heap.discharge_external(THREAD_CHARGE);
                return Err(refused(self));
            }
        };
        let stack = if self.threads.stack_size == 0 { NATIVE_STACK } else { self.threads.stack_size };
        let (turn, flag) = (self.threads.turn.clone(), self.interrupt.flag());
        let handed = Handed((body, frames));
        self.threads.others += 1;
        let spawned = std::thread::Builder::new().stack_size(stack).spawn(move || {
            let handed = handed;
            let vm = turn.take(&flag);
            // SAFETY: this thread has the turn, and with it the machine.
            let vm = unsafe { &mut *vm };
            let Handed((body, frames)) = handed;
            vm.run_thread(body, frames);
            last();
            turn.give(vm, false);
        });
        match spawned {
            Ok(handle) => Ok(handle.as_pthread_t()),
            Err(_) => {
                // The closure was dropped by the attempt; the range is given back with the heap.
                self.threads.others -= 1;
                self.heap.discharge_external(THREAD_CHARGE);
                Err(refused(self))
            }
        }
    }

    /// A thread's life between taking the turn for the first time and giving it up for ever.
    fn run_thread(&mut self, body: Box<dyn FnOnce(&mut Vm)>, frames: FrameStack) {
        self.raised = Value::NULL;
        self.handled = Value::NULL;
        self.frames = frames;
        self.frames.set_limit(self.recursion_limit);
        self.repr_running.clear();
        self.measure_stack_of_thread();
        body(self);
        for f in self.threads.at_end.clone() {
            f(self, current_ident());
        }
        for slot in [&mut self.raised, &mut self.handled] {
            // SAFETY: the slots own what they hold.
            drop(unsafe { Owned::from_value(std::mem::replace(slot, Value::NULL)) });
        }
        drop(std::mem::replace(&mut self.context, Owned::null()));
        self.finish_deaths();
        let frames = std::mem::replace(&mut self.frames, FrameStack::none());
        frames.give_back(&self.heap);
        self.heap.discharge_external(THREAD_CHARGE);
        self.threads.others -= 1;
    }

    /// The stack a frame lies on, among those of all threads.
    pub(crate) fn stack_of_frame(&self, fp: *mut Frame) -> &FrameStack {
        let other = self.threads.parked.values().map(|s| &s.frames);
        other.into_iter().find(|s| s.holds(fp)).unwrap_or(&self.frames)
    }

    /// Frame object of what a thread that waits is executing.
    pub fn parked_frame(&mut self, ident: u64) -> PyResult<Option<Owned>> {
        let Some(fp) = self.threads.parked.get(&ident).map(|s| s.frames.top()) else { return Ok(None) };
        // SAFETY: the thread cannot run while this one has the turn.
        if fp.is_null() { Ok(None) } else { unsafe { self.frame_object(fp).map(Some) } }
    }

    /// The exception that a waiting thread is handling.
    pub fn parked_exception(&self, ident: u64) -> Option<Owned> {
        let handled = self.threads.parked.get(&ident)?.handled;
        // SAFETY: the slot owns it.
        (!handled.is_null()).then(|| unsafe { Ref::from_value(handled).owned() })
    }
}
