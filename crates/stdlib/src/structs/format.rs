//! Formats: an order and alignment, then counted codes.

use hognose_vm::heap::{Heap, HeapVec, OutOfMemory};

/// One code with its count.
#[derive(Clone, Copy)]
pub(super) struct Field {
    pub code: u8,
    /// Bytes of one.
    pub size: usize,
    /// How many; for `s` and `p` the bytes of the one value.
    pub count: usize,
    pub offset: usize,
}

/// A format, read.
pub(super) struct Layout {
    pub fields: HeapVec<Field>,
    pub size: usize,
    /// Values it takes.
    pub values: usize,
    pub big: bool,
}

/// Why a format cannot be read.
pub(super) enum Bad {
    Text(&'static str),
    Memory(OutOfMemory),
}

fn size_of(code: u8, native: bool) -> Option<usize> {
    Some(match code {
        b'x' | b'c' | b'b' | b'B' | b'?' | b's' | b'p' => 1,
        b'h' | b'H' | b'e' => 2,
        b'i' | b'I' | b'f' => 4,
        b'l' | b'L' => {
            if native {
                8
            } else {
                4
            }
        }
        b'q' | b'Q' | b'd' | b'F' => 8,
        b'D' => 16,
        b'n' | b'N' | b'P' if native => 8,
        _ => return None,
    })
}

fn align_of(code: u8, size: usize) -> usize {
    match code {
        b'F' => 4,
        b'D' => 8,
        _ => size,
    }
}

/// Reads a format.
pub(super) fn parse(heap: &Heap, text: &[u8]) -> Result<Layout, Bad> {
    let (native, big, aligned, mut rest) = match text {
        [b'@', rest @ ..] => (true, false, true, rest),
        [b'=', rest @ ..] => (false, false, false, rest),
        [b'<', rest @ ..] => (false, false, false, rest),
        [b'>' | b'!', rest @ ..] => (false, true, false, rest),
        _ => (true, false, true, text),
    };
    let mut l = Layout { fields: HeapVec::new(), size: 0, values: 0, big };
    while let Some((&c, after)) = rest.split_first() {
        rest = after;
        if c.is_ascii_whitespace() || c == 0x0b {
            continue;
        }
        let (mut code, mut count) = (c, 1usize);
        if c.is_ascii_digit() {
            count = usize::from(c - b'0');
            loop {
                let Some((&d, after)) = rest.split_first() else {
                    return Err(Bad::Text("repeat count given without format specifier"));
                };
                rest = after;
                if !d.is_ascii_digit() {
                    code = d;
                    break;
                }
                let next = count.checked_mul(10).and_then(|n| n.checked_add(usize::from(d - b'0')));
                count = next.filter(|&n| n <= isize::MAX as usize).ok_or(too_long_text())?;
            }
        }
        let size = size_of(code, native).ok_or(Bad::Text("bad char in struct format"))?;
        if aligned {
            let align = align_of(code, size);
            l.size = l.size.checked_next_multiple_of(align).ok_or(too_long_text())?;
        }
        let all = size.checked_mul(count).and_then(|n| n.checked_add(l.size));
        let end = all.filter(|&n| n <= isize::MAX as usize).ok_or(too_long_text())?;
        match code {
            b'x' => {}
            b's' | b'p' => l.values += 1,
            _ => l.values = l.values.checked_add(count).ok_or(too_long_text())?,
        }
        if code != b'x' && (count > 0 || matches!(code, b's' | b'p')) {
            l.fields.push(heap, Field { code, size, count, offset: l.size }).map_err(Bad::Memory)?;
        }
        l.size = end;
    }
    Ok(l)
}

fn too_long_text() -> Bad {
    Bad::Text("total struct size too long")
}
