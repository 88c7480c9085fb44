//! What is known about a page, kept outside of it: 32 bytes, and one byte of index in a table of its own.
//!
//!   used for    | free, nfree, trip …        | next / prev                 | extra
//!   small page  | its free blocks            | neighbours in partial list  | first count of a trial (collect.rs)
//!   run, first  | –                          | pages of the run / –        | first count of a trial
//!   free, first | –                          | neighbours in its bin       | pages of the free run
//!   free, last  | –                          | – / first page of the run   |
//!
//! Metadata of pages at or above the frontier is zero and untouched: a page that was never used costs nothing.

/// State of a page. See the module's table.
#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct PageMeta {
    /// Free blocks, linked through their second words; empty while the page is active.
    pub free: *mut u8,
    /// Number of them.
    pub nfree: u16,
    /// `nfree` at which something happens: the page becomes allocatable again, or free.
    pub trip: u16,
    /// Blocks that exist: an active page is carved piece by piece, so that unused tails are never touched.
    /// Free run, first page: whole huge pages at its end that were given back.
    pub carved: u16,
    /// Blocks in use when the page was last activated: what lies on it beyond these is young.
    pub base_live: u16,
    pub next: u32,
    pub prev: u32,
    pub extra: u32,
    /// Free run, first page: how many of its pages may hold memory (runs.rs keeps the total far below 2^16).
    pub dirty: u16,
    pub state: PageState,
    pub bits: u8,
}

const _: () = assert!(size_of::<PageMeta>() == 32);

/// On a partial list.
pub(crate) const LISTED: u8 = 1;
/// May hold objects that no collection has seen.
pub(crate) const YOUNG: u8 = 2;
/// Survived a minor collection as a young page already.
pub(crate) const AGED: u8 = 4;
/// A collection in slices looks at it (cycle/tables.rs).
pub(crate) const IN_CYCLE: u8 = 8;

/// What a page is used for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum PageState {
    Free = 0,
    Small = 1,
    RunStart = 2,
    RunRest = 3,
}

/// No page: the end of a list.
pub(crate) const NO_PAGE: u32 = u32::MAX;
/// Value of `extra` outside a trial.
pub(crate) const NO_COUNTS: u32 = u32::MAX;

impl PageMeta {
    /// Fresh metadata for a page in this state.
    pub fn new(state: PageState) -> PageMeta {
        PageMeta {
            free: std::ptr::null_mut(),
            nfree: 0,
            trip: 0,
            carved: 0,
            base_live: 0,
            next: NO_PAGE,
            prev: NO_PAGE,
            extra: NO_COUNTS,
            dirty: 0,
            state,
            bits: 0,
        }
    }
}
