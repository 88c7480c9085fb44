//! From offsets to lines and columns.
//!
//! Source written from a tree has marks: an offset stands for the place the tree gives for it.

use crate::tree::Mark;
use hognose_bytecode::Position;
use ruff_text_size::TextRange;
use std::sync::Arc;

/// Where lines start, and for source written from a tree where its parts come from.
pub(crate) struct Lines(Vec<u32>, Arc<[Mark]>);

impl Lines {
    pub fn new(source: &str, marks: &Arc<[Mark]>) -> Lines {
        let mut starts = vec![0];
        let bytes = source.as_bytes();
        for (i, &b) in bytes.iter().enumerate() {
            if b == b'\n' || (b == b'\r' && bytes.get(i + 1) != Some(&b'\n')) {
                starts.push(i as u32 + 1);
            }
        }
        Lines(starts, marks.clone())
    }

    /// Line (from 1) and column of an offset.
    #[inline]
    pub fn place(&self, offset: u32) -> (u32, u32) {
        if self.1.is_empty() { self.written(offset) } else { self.marked(offset) }
    }

    /// The original place of what was written at this line and column (in characters, from 1).
    pub fn original(&self, line: u32, col: u32) -> (u32, u32) {
        let start = (line as usize).checked_sub(1).and_then(|i| self.0.get(i)).copied().unwrap_or(0);
        let (line, col) = self.marked(start + col.saturating_sub(1));
        (line, col + 1)
    }

    #[cold]
    fn marked(&self, offset: u32) -> (u32, u32) {
        let next = self.1.partition_point(|m| m.at <= offset);
        self.1.get(next.saturating_sub(1)).map_or((1, 0), |m| (m.line, m.col))
    }

    /// Do places come from a tree?
    pub fn are_marked(&self) -> bool {
        !self.1.is_empty()
    }

    /// Line and column in the text itself.
    fn written(&self, offset: u32) -> (u32, u32) {
        let line = self.0.partition_point(|&s| s <= offset).max(1);
        (line as u32, offset - self.0[line - 1])
    }

    pub fn position(&self, pc: u32, range: TextRange) -> Position {
        let (line, col) = self.place(range.start().into());
        let (end_line, end_col) = self.place(range.end().into());
        Position { pc, line, end_line, col, end_col }
    }
}
