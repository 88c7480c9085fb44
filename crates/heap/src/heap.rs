//! The heap record and its owner.
//!
//!   reservation (aligned to its largest size)
//!   | Heap record | PageMeta for every page … | page | page | … never used … |
//!    ^base                                     ^first_page     ^frontier
//!
//! Everything is reached through the record at the base, which any object's address leads to.
//! Invariant: see [`Heap::verify`](Heap::verify).
#![allow(unsafe_code, reason = "owns the reservation")]

use crate::header::Header;
use crate::os;
use crate::runs::Runs;
use crate::size_class::{CLASSES, PAGE};
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
    /// Releases children and out-of-line buffers, not the block. The child released last dies first.
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

/// Number of families.
pub const FAMILIES: usize = 3;

/// State of a page, 32 bytes outside the page itself.
#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct PageMeta {
    /// Free blocks (linked through their second word); empty while the page is active.
    pub free: *mut u8,
    pub nfree: u16,
    pub capacity: u16,
    pub class: u8,
    pub family: u8,
    pub state: PageState,
    pub listed: bool,
    /// For a run: pages it has (first page only). For a listed page: neighbours in the list of its class.
    pub next: u32,
    pub prev: u32,
    pub run_bytes: u64,
}

const _: () = assert!(size_of::<PageMeta>() == 40 || size_of::<PageMeta>() == 32);

/// What a page is used for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum PageState {
    Free = 0,
    Small = 1,
    RunStart = 2,
    RunRest = 3,
}

pub(crate) const NO_PAGE: u32 = u32::MAX;
pub(crate) const RECORD_BYTES: usize = 64 << 10;

/// The private heap of one interpreter. Single-threaded: it may move between threads while nobody uses it.
pub struct Heap {
    /// First free block of the active page of each family and class.
    pub(crate) free: [[Cell<*mut u8>; CLASSES]; FAMILIES],
    pub(crate) active: [[Cell<u32>; CLASSES]; FAMILIES],
    pub(crate) partial: [[Cell<u32>; CLASSES]; FAMILIES],
    pub(crate) base: *mut u8,
    pub(crate) metas: *mut PageMeta,
    pub(crate) first_page: u32,
    pub(crate) frontier: Cell<u32>,
    pub(crate) end_page: u32,
    pub(crate) size: usize,
    pub(crate) runs: RefCell<Runs>,
    pub(crate) vtables: &'static [KindVTable],
    /// Bytes of pages in use, by family.
    pub(crate) page_bytes: [Cell<usize>; FAMILIES],
    pub(crate) external: Cell<usize>,
    pub(crate) peak: Cell<usize>,
    pub(crate) limit: Cell<usize>,
    pub(crate) reserve: Cell<usize>,
    pub(crate) reserve_released: Cell<bool>,
    // Dead list and finalization, see drop.rs.
    pub(crate) dead: Cell<*mut Header>,
    pub(crate) draining: Cell<bool>,
    pub(crate) pending: Cell<*mut Header>,
    // Collection, see collect.rs.
    pub(crate) gc_enabled: Cell<bool>,
    pub(crate) gc_requested: Cell<bool>,
    pub(crate) gc_next: Cell<usize>,
    pub(crate) collections: Cell<u64>,
    pub(crate) pages_made: Cell<u64>,
    pub(crate) blocks_activated: Cell<u64>,
    pub(crate) user_data: Cell<*mut ()>,
    pub(crate) stack: Cell<(*mut u8, usize)>,
}

/// Owns a heap; dropping it returns every byte without looking at any object.
pub struct HeapBox(*mut Heap);

// SAFETY: the heap has no thread-local or shared state; moving the owner moves everything.
unsafe impl Send for HeapBox {}

/// Collect when this many bytes were added since the last collection, at least.
pub(crate) const GC_MIN_BYTES: usize = 6 << 20;

impl HeapBox {
    /// A new empty heap.
    ///
    /// # Errors
    /// When the system refuses even a small address range.
    pub fn new(config: Config) -> Result<HeapBox, OutOfMemory> {
        let want = config.limit.map_or(os::ALIGN, |l| (l.saturating_mul(2) + (256 << 20)).next_multiple_of(2 << 20));
        let (base, size) = os::reserve(want, 64 << 20).ok_or(OutOfMemory { requested: want })?;
        let pages = size / PAGE;
        let metas_end = RECORD_BYTES + pages * size_of::<PageMeta>();
        let first_page = metas_end.div_ceil(PAGE) as u32;
        let heap = base.cast::<Heap>();
        let record = Heap {
            free: std::array::from_fn(|_| std::array::from_fn(|_| Cell::new(null_mut()))),
            active: std::array::from_fn(|_| std::array::from_fn(|_| Cell::new(NO_PAGE))),
            partial: std::array::from_fn(|_| std::array::from_fn(|_| Cell::new(NO_PAGE))),
            base,
            // SAFETY: inside the reservation.
            metas: unsafe { base.add(RECORD_BYTES).cast() },
            first_page,
            frontier: Cell::new(first_page),
            end_page: pages as u32,
            size,
            runs: RefCell::new(Runs::default()),
            vtables: config.vtables,
            page_bytes: std::array::from_fn(|_| Cell::new(0)),
            external: Cell::new(0),
            peak: Cell::new(0),
            limit: Cell::new(config.limit.unwrap_or(usize::MAX)),
            reserve: Cell::new(config.reserve),
            reserve_released: Cell::new(false),
            dead: Cell::new(null_mut()),
            draining: Cell::new(false),
            pending: Cell::new(null_mut()),
            gc_enabled: Cell::new(true),
            gc_requested: Cell::new(false),
            gc_next: Cell::new(GC_MIN_BYTES),
            collections: Cell::new(0),
            pages_made: Cell::new(0),
            blocks_activated: Cell::new(0),
            user_data: Cell::new(null_mut()),
            stack: Cell::new((null_mut(), 0)),
        };
        const { assert!(size_of::<Heap>() <= RECORD_BYTES) };
        // SAFETY: the record fits before the metadata, and the memory is ours and writable.
        unsafe { heap.write(record) };
        // The one pointer that is found again from bare addresses: see `Heap::of`.
        let _ = base.expose_provenance();
        Ok(HeapBox(heap))
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
        // SAFETY: as above. `&mut Heap` is a capability token (it excludes readers of mutable objects); all
        // state is in cells, so `Heap::of` seen meanwhile reads nothing through a conflicting plain borrow.
        unsafe { &mut *self.0 }
    }
}

impl Drop for HeapBox {
    fn drop(&mut self) {
        // SAFETY: nobody else has the heap; tables outside the reservation are dropped before it goes.
        unsafe {
            let (base, size) = ((*self.0).base, (*self.0).size);
            let (stack, bytes) = (*self.0).stack.get();
            self.0.drop_in_place();
            if !stack.is_null() {
                os::unmap(stack, bytes);
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

    #[inline(always)]
    pub(crate) fn meta(&self, page: u32) -> *mut PageMeta {
        // SAFETY: one entry exists for every page of the reservation.
        unsafe { self.metas.add(page as usize) }
    }

    #[inline(always)]
    pub(crate) fn page_of(&self, p: *const u8) -> u32 {
        ((p.addr() - self.base.addr()) / PAGE) as u32
    }

    #[inline(always)]
    pub(crate) fn page_address(&self, page: u32) -> *mut u8 {
        // SAFETY: inside the reservation.
        unsafe { self.base.add(page as usize * PAGE) }
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

    /// Bytes committed: pages in use, large blocks, external charges.
    pub fn bytes_used(&self) -> usize {
        self.page_bytes.iter().map(Cell::get).sum::<usize>() + self.external.get()
    }

    /// Largest value of [`Heap::bytes_used`] so far.
    pub fn peak_bytes(&self) -> usize {
        self.peak.get().max(self.bytes_used())
    }

    /// Starts a new peak.
    pub fn reset_peak(&self) {
        self.peak.set(self.bytes_used());
    }

    /// The byte limit.
    pub fn limit(&self) -> Option<usize> {
        (self.limit.get() != usize::MAX).then(|| self.limit.get())
    }

    /// Changes the byte limit; a limit below the bytes in use only refuses new memory.
    pub fn set_limit(&self, limit: Option<usize>) {
        self.limit.set(limit.unwrap_or(usize::MAX));
    }

    /// Lets the reserve be used: call when the limit was reached, while the error is handled.
    pub fn release_reserve(&self) {
        self.reserve_released.set(true);
    }

    /// Keeps the reserve back again.
    pub fn restore_reserve(&self) {
        self.reserve_released.set(false);
    }

    /// Would `bytes` more go over the limit?
    pub(crate) fn admit(&self, bytes: usize) -> Result<(), OutOfMemory> {
        let limit = self.limit.get();
        if limit == usize::MAX {
            return Ok(());
        }
        let kept = if self.reserve_released.get() { 0 } else { self.reserve.get() };
        let used = self.bytes_used();
        if used.saturating_add(bytes) > limit.saturating_sub(kept) {
            return Err(OutOfMemory { requested: bytes });
        }
        Ok(())
    }

    /// Counts memory that a library allocates elsewhere on the guest's behalf; call before allocating it.
    ///
    /// # Errors
    /// When it would go over the limit.
    pub fn charge_external(&self, bytes: usize) -> Result<(), OutOfMemory> {
        self.admit(bytes)?;
        self.external.set(self.external.get() + bytes);
        self.peak.set(self.peak_bytes());
        Ok(())
    }

    /// Takes back a charge.
    pub fn discharge_external(&self, bytes: usize) {
        self.external.set(self.external.get().saturating_sub(bytes));
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

    /// One address range for the embedder's register stack; taken once, freed with the heap.
    ///
    /// # Errors
    /// When the system refuses, or it was taken already.
    pub fn reserve_stack(&self, bytes: usize) -> Result<*mut Value, OutOfMemory> {
        let p = if self.stack.get().0.is_null() { os::map_range(bytes) } else { null_mut() };
        if p.is_null() {
            return Err(OutOfMemory { requested: bytes });
        }
        self.stack.set((p, bytes));
        Ok(p.cast())
    }
}
