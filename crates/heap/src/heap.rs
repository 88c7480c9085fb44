//! The heap record and its owner.
//!
//!   reservation (aligned to its largest size)
//!   | Record | page indices | PageMeta for every page … | page | page | … never used … |
//!    ^base    ^fixed offset  ^fixed offset               ^first_page     ^frontier
//!
//! Everything is reached through the record at the base, which any object's address leads to. [`Heap`] itself has
//! no bytes: it is a place at the base, so that `&mut Heap` can serve as a capability ("may change objects")
//! without claiming the record, which is also reached through objects' addresses ([`Heap::of`]).
//! Invariant: see [`Heap::verify`].
#![allow(unsafe_code, reason = "owns the reservation")]

use crate::cycle::Cycle;
use crate::drop::{NO_TURN, Watched};
use crate::header::Header;
use crate::meta::{NO_PAGE, PageMeta};
use crate::observe::Observe;
use crate::os;
use crate::pace::Pace;
use crate::runs::{BINS, HUGE_FROM};
use crate::size_class::{FAMILIES, PAGE, PAGE_SHIFT};
use crate::value::Value;
use std::cell::{Cell, RefCell};
use std::ptr::null_mut;

/// The limit is reached, or the system has no more memory.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OutOfMemory {
    /// Bytes asked for.
    pub requested: usize,
}

impl OutOfMemory {
    /// A request whose size does not even fit a word.
    pub const fn huge() -> OutOfMemory {
        OutOfMemory { requested: usize::MAX }
    }
}

impl std::fmt::Display for OutOfMemory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "out of memory: {} bytes asked for", self.requested)
    }
}
impl std::error::Error for OutOfMemory {}

/// What the heap must know of one layout (the low 6 bits of a kind).
pub struct KindVTable {
    /// For reports.
    pub name: &'static str,
    /// May objects of it hold references? Others live on pages the collector never looks at.
    pub traced: bool,
    /// Visits each owned child once.
    pub trace: unsafe fn(*mut Header, &mut dyn FnMut(Value)),
    /// For layouts that may be long: visits children from the given number on, a bounded number of them, and gives the
    /// number to go on from; 0 after the last. `None`: `trace` is never long.
    pub trace_part: Option<unsafe fn(*mut Header, usize, &mut dyn FnMut(Value)) -> usize>,
    /// Releases children and out-of-line buffers, not the block. The child released last dies first.
    /// One with many children may release a part of them after a successful [`Heap::postpone`]; it is called again.
    pub drop: unsafe fn(*mut Header, &Heap),
    /// Bytes of out-of-line buffers.
    pub buffers: unsafe fn(*mut Header) -> usize,
}

/// How to make a heap.
pub struct Config {
    /// Bytes it may have committed at any time; `None`: what the system gives.
    pub limit: Option<usize>,
    /// Part of the limit kept back for handling the error when it is reached.
    pub reserve: usize,
    /// Layouts, indexed by `kind & 63`.
    pub vtables: &'static [KindVTable],
}

/// What a page holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Family {
    /// Objects that may hold references.
    Traced = 0,
    /// Objects without references.
    Leaf = 1,
    /// Out-of-line buffers, without headers.
    Buffer = 2,
}

impl Family {
    /// All of them; ORDER: Family.
    pub const ALL: [Family; FAMILIES] = [Family::Traced, Family::Leaf, Family::Buffer];
}

/// Bytes for the record; the page indices follow.
pub(crate) const RECORD_BYTES: usize = 16 << 10;
/// Bytes of page indices: one for every page of the largest reservation.
const INDEX_BYTES: usize = os::ALIGN / PAGE;
const METAS_AT: usize = RECORD_BYTES + INDEX_BYTES;

/// The current page of one class and family.
pub(crate) struct Slot {
    /// First of its free blocks.
    pub free: Cell<*mut u8>,
    /// Its number.
    pub active: Cell<u32>,
    /// First of the other pages with free blocks.
    pub partial: Cell<u32>,
}

/// The state of a heap. The slots come first: their addresses are the shortest.
#[doc(hidden)]
#[repr(C)]
pub struct Record {
    /// By page index. Rows of runs and free pages never match an active page.
    pub(crate) slots: [Slot; 256],
    pub(crate) bins: [Cell<u32>; BINS],
    pub(crate) base: *mut u8,
    pub(crate) first_page: u32,
    pub(crate) frontier: Cell<u32>,
    pub(crate) end_page: u32,
    /// Pages from here on were not offered huge pages yet.
    pub(crate) huge_from: Cell<u32>,
    pub(crate) size: usize,
    pub(crate) vtables: &'static [KindVTable],
    /// Bytes of pages in use, by family.
    pub(crate) page_bytes: [Cell<usize>; FAMILIES],
    /// Free pages below the frontier, and how many of them may hold memory.
    pub(crate) free_pages: Cell<usize>,
    pub(crate) dirty_pages: Cell<usize>,
    // Limits, see limit.rs.
    pub(crate) external: Cell<usize>,
    pub(crate) peak: Cell<usize>,
    pub(crate) limit: Cell<usize>,
    pub(crate) reserve: Cell<usize>,
    pub(crate) reserve_released: Cell<bool>,
    /// Allocations until one fails on purpose; 0: never.
    pub(crate) fail_after: Cell<u64>,
    // Dead list and finalization, see drop.rs.
    pub(crate) dead: Cell<*mut Header>,
    /// Deaths are being worked on, or wait for the embedder: new ones only join the list.
    pub(crate) draining: Cell<bool>,
    pub(crate) pending: Cell<*mut Header>,
    pub(crate) watched: RefCell<Watched>,
    /// Head of the dead list at which the next watched object has its turn; an impossible one if none waits.
    pub(crate) watched_turn: Cell<*mut Header>,
    /// Dead lists whose turn comes in slices, see drop.rs.
    pub(crate) deferred: RefCell<Vec<*mut Header>>,
    pub(crate) has_deferred: Cell<bool>,
    pub(crate) cycle: RefCell<Option<Box<Cycle>>>,
    pub(crate) pace: Pace,
    pub(crate) pages_made: Cell<u64>,
    pub(crate) purged_bytes: Cell<u64>,
    pub(crate) user_data: Cell<*mut ()>,
    pub(crate) stacks: RefCell<Vec<(*mut u8, usize)>>,
    pub(crate) observe: Observe,
}

/// The private heap of one interpreter. Single-threaded: it may move between threads while nobody uses it.
pub struct Heap {
    // No bytes; not `Send` or `Sync`; changed behind shared references, and aliased behind exclusive ones, so that
    // the compiler must not conclude anything from a reference to it.
    _nothing: std::cell::UnsafeCell<(std::marker::PhantomData<*mut ()>, std::marker::PhantomPinned)>,
}

const _: () = assert!(size_of::<Heap>() == 0);

impl std::ops::Deref for Heap {
    type Target = Record;
    #[inline(always)]
    fn deref(&self) -> &Record {
        let base = std::ptr::from_ref(self).addr();
        // SAFETY: a `Heap` exists only at the base of a reservation, where the record is; its provenance was
        // exposed in `HeapBox::new`, and it is changed through cells only.
        unsafe { &*std::ptr::with_exposed_provenance(base) }
    }
}

/// Owns a heap; dropping it returns every byte without looking at any object.
pub struct HeapBox(*mut Heap);

// SAFETY: the heap has no thread-local or shared state; moving the owner moves everything.
unsafe impl Send for HeapBox {}

impl HeapBox {
    /// A new empty heap.
    ///
    /// # Errors
    /// When the system refuses even a small address range.
    pub fn new(config: Config) -> Result<HeapBox, OutOfMemory> {
        // Address space is free; twice the limit leaves room for fragmentation.
        let want =
            config.limit.map_or(os::ALIGN, |l| l.saturating_mul(2).saturating_add(256 << 20).min(os::ALIGN));
        let want = want.next_multiple_of(2 << 20);
        let (base, size) = os::reserve(want, 64 << 20).ok_or(OutOfMemory { requested: want })?;
        let pages = size / PAGE;
        let first_page = (METAS_AT + pages * size_of::<PageMeta>()).div_ceil(PAGE) as u32;
        const { assert!(size_of::<Record>() <= RECORD_BYTES) };
        let record = Record {
            slots: std::array::from_fn(|_| Slot {
                free: Cell::new(null_mut()),
                active: Cell::new(NO_PAGE),
                partial: Cell::new(NO_PAGE),
            }),
            bins: std::array::from_fn(|_| Cell::new(NO_PAGE)),
            base,
            first_page,
            frontier: Cell::new(first_page),
            end_page: pages as u32,
            huge_from: Cell::new(first_page + HUGE_FROM),
            size,
            vtables: config.vtables,
            page_bytes: std::array::from_fn(|_| Cell::new(0)),
            free_pages: Cell::new(0),
            dirty_pages: Cell::new(0),
            external: Cell::new(0),
            peak: Cell::new(0),
            limit: Cell::new(config.limit.unwrap_or(usize::MAX)),
            reserve: Cell::new(config.reserve),
            reserve_released: Cell::new(false),
            fail_after: Cell::new(0),
            dead: Cell::new(null_mut()),
            draining: Cell::new(false),
            pending: Cell::new(null_mut()),
            watched: RefCell::new(Watched::default()),
            watched_turn: Cell::new(NO_TURN),
            deferred: RefCell::new(Vec::new()),
            has_deferred: Cell::new(false),
            cycle: RefCell::new(None),
            pace: Pace::new(),
            pages_made: Cell::new(0),
            purged_bytes: Cell::new(0),
            user_data: Cell::new(null_mut()),
            stacks: RefCell::default(),
            observe: Observe::new(),
        };
        // SAFETY: the record fits before the page indices, and the memory is ours and writable.
        unsafe { base.cast::<Record>().write(record) };
        // The one pointer that is found again from bare addresses.
        let _ = base.expose_provenance();
        Ok(HeapBox(base.cast()))
    }
}

impl std::ops::Deref for HeapBox {
    type Target = Heap;
    #[inline(always)]
    fn deref(&self) -> &Heap {
        // SAFETY: the record lives as long as the box.
        unsafe { &*self.0 }
    }
}

impl std::ops::DerefMut for HeapBox {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut Heap {
        // SAFETY: as above; a `Heap` has no bytes, so this claims none.
        unsafe { &mut *self.0 }
    }
}

impl Drop for HeapBox {
    fn drop(&mut self) {
        // SAFETY: nobody else has the heap; tables outside the reservation are dropped before it goes.
        unsafe {
            let record = self.0.cast::<Record>();
            let (base, size) = ((*record).base, (*record).size);
            let stacks = (*record).stacks.take();
            record.drop_in_place();
            for (stack, bytes) in stacks {
                os::unmap_range(stack, bytes);
            }
            os::unmap(base, size);
        }
    }
}

impl Heap {
    /// The heap an object belongs to.
    ///
    /// # Safety
    /// `p` must point into a heap that outlives the use of the result.
    #[inline(always)]
    pub unsafe fn of<'a>(p: *const u8) -> &'a Heap {
        let base = p.addr() & !(os::ALIGN - 1);
        // SAFETY: reservations are aligned, the record is at the base, its provenance was exposed.
        unsafe { &*std::ptr::with_exposed_provenance::<Heap>(base) }
    }

    /// Number of the page an address of this heap lies on.
    #[inline(always)]
    pub(crate) fn page_of(&self, p: *const u8) -> u32 {
        ((p.addr() & (os::ALIGN - 1)) >> PAGE_SHIFT) as u32
    }

    #[inline(always)]
    pub(crate) fn page_address(&self, page: u32) -> *mut u8 {
        // SAFETY: inside the reservation.
        unsafe { self.base.add(page as usize * PAGE) }
    }

    #[inline(always)]
    pub(crate) fn meta(&self, page: u32) -> *mut PageMeta {
        // SAFETY: one entry exists for every page of the reservation.
        unsafe { self.base.add(METAS_AT).cast::<PageMeta>().add(page as usize) }
    }

    /// What lies on a page that has ever been in use; see size_class.rs.
    #[inline(always)]
    pub(crate) fn index_of(&self, page: u32) -> u8 {
        let base = std::ptr::with_exposed_provenance::<u8>(std::ptr::from_ref(self).addr());
        // SAFETY: a `Heap` lies at the base; one byte exists for every page of the largest reservation.
        unsafe { base.add(RECORD_BYTES + page as usize).read() }
    }

    pub(crate) fn set_index(&self, page: u32, index: u8) {
        debug_assert!(page >= self.first_page && page < self.end_page);
        // SAFETY: as above.
        unsafe { self.base.add(RECORD_BYTES + page as usize).write(index) }
    }

    /// Does the address lie in this heap?
    pub fn owns(&self, p: *const u8) -> bool {
        p.addr().wrapping_sub(self.base.addr()) < self.size
    }

    /// The vtable for a kind.
    #[inline(always)]
    pub fn vtable(&self, kind: u32) -> &'static KindVTable {
        &self.vtables[(kind & 63) as usize]
    }

    /// A pointer for the embedder's own use.
    #[inline(always)]
    pub fn user_data(&self) -> *mut () {
        self.user_data.get()
    }

    /// Sets [`Heap::user_data`].
    pub fn set_user_data(&self, p: *mut ()) {
        self.user_data.set(p);
    }

    /// An address range for a register stack of the embedder's; freed with the heap or before.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn reserve_stack(&self, bytes: usize) -> Result<*mut Value, OutOfMemory> {
        let p = os::map_range(bytes);
        if p.is_null() {
            return Err(OutOfMemory { requested: bytes });
        }
        self.stacks.borrow_mut().push((p, bytes));
        Ok(p.cast())
    }

    /// Gives a register stack back that nobody uses any more.
    pub fn release_stack(&self, stack: *mut Value) {
        let mut stacks = self.stacks.borrow_mut();
        if let Some(i) = stacks.iter().position(|(p, _)| *p == stack.cast()) {
            let (p, bytes) = stacks.swap_remove(i);
            // SAFETY: the range was mapped here and is forgotten now.
            unsafe { os::unmap_range(p, bytes) };
        }
    }
}
