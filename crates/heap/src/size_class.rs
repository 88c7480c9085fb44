//! Size classes: 8-byte steps to 80, then about 12 % apart to 8 KiB, and what is derived from them.
//!
//! The sizes are generated together with their goal, see `xtask/src/codegen_size_classes.rs`. Requests above
//! [`MAX_SMALL`] take whole pages.
//!
//! A page's *index* is one byte that says what lies on it:
//!   `0..36` traced, `36..72` leaf, `72..108` buffer blocks of class `index % 36`; `108..111` a run of that family;
//!   [`INDEX_NONE`] nothing, or the rest of a run.

pub use crate::size_class_table::SIZES;

/// Bytes of a page.
pub const PAGE: usize = 16 << 10;
/// log2 of [`PAGE`].
pub(crate) const PAGE_SHIFT: u32 = 14;
/// Largest request served from a shared page.
pub const MAX_SMALL: usize = 8192;
/// Number of classes.
pub const CLASSES: usize = SIZES.len();
/// Number of families; ORDER: Family.
pub(crate) const FAMILIES: usize = 3;
/// First index of runs; one per family.
pub(crate) const INDEX_RUN: u8 = (CLASSES * FAMILIES) as u8;
/// Index of a page on which no block begins.
pub(crate) const INDEX_NONE: u8 = 255;

/// Class of each multiple of 8 up to [`MAX_SMALL`].
static CLASS_OF: [u8; MAX_SMALL / 8 + 1] = {
    let mut table = [0; MAX_SMALL / 8 + 1];
    let (mut class, mut i) = (0, 0);
    while i < table.len() {
        while (SIZES[class] as usize) < i * 8 {
            class += 1;
        }
        table[i] = class as u8;
        i += 1;
    }
    table
};

/// The class for `size <= MAX_SMALL` bytes.
#[inline(always)]
pub const fn class_of(size: usize) -> usize {
    if size <= 80 { size.div_ceil(8).saturating_sub(2) } else { CLASS_OF[size.div_ceil(8)] as usize }
}

/// Facts about the pages with one index.
#[derive(Clone, Copy)]
pub(crate) struct Class {
    /// Bytes of a block; 0 for runs.
    pub size: u16,
    /// Blocks on a page; 1 for runs.
    pub capacity: u16,
    /// `offset / size == ((offset / 8) * reciprocal) >> 21` for every offset in a page.
    pub reciprocal: u32,
}

/// By page index; every byte has a row, so that look-ups need no bounds check.
pub(crate) static CLASS: [Class; 256] = {
    let mut table = [Class { size: 0, capacity: 1, reciprocal: 0 }; 256];
    let mut i = 0;
    while i < CLASSES * FAMILIES {
        let size = SIZES[i % CLASSES];
        let capacity = (PAGE / size as usize) as u16;
        table[i] = Class { size, capacity, reciprocal: (1u32 << 21).div_ceil(size as u32 / 8) };
        i += 1;
    }
    table
};

/// Number of the block that begins `offset` bytes into a page with this index; 0 for runs.
#[inline(always)]
pub(crate) fn block_number(index: u8, offset: usize) -> usize {
    ((offset as u32 / 8 * CLASS[usize::from(index)].reciprocal) >> 21) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_fit_and_waste_is_bounded() {
        for size in 0..=MAX_SMALL {
            let class = class_of(size);
            let block = usize::from(SIZES[class]);
            assert!(block >= size, "{size}");
            assert!(class == 0 || usize::from(SIZES[class - 1]) < size, "{size} fits a smaller class");
            assert!(
                size <= 80 || (block - size) * if class == CLASSES - 1 { 3 } else { 4 } <= block + 32,
                "{size} in {block}"
            );
        }
        for size in SIZES {
            assert!((PAGE % usize::from(size)) * 50 <= PAGE, "tail of {size}");
        }
    }

    #[test]
    fn division_is_exact() {
        for (index, &size) in SIZES.iter().enumerate() {
            for offset in (0..PAGE).step_by(8) {
                assert_eq!(block_number(index as u8, offset), offset / usize::from(size), "{offset}/{size}");
            }
        }
        assert_eq!(block_number(INDEX_RUN, 8), 0);
    }
}
